"""Entry point of ``python -m policysearch`` and of the installed command.

``python -m`` puts the current folder first on the import path. So ``run``
removes it before importing anything that could be found there; with
``python -I -m policysearch`` it is never added.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["run"]


def run() -> "NoReturn":
    """Run the program and exit with its status."""
    import gc

    # a command makes few reference cycles: looking for them at every 700 objects is 5 % of a cold search
    gc.set_threshold(100_000)
    from policysearch.parallel.import_path import safe_path

    sys.path[:] = safe_path()
    import signal

    # before the command installs its handlers, and after it has finished, signals end the process silently
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # numpy's matrix library, which is not used here, would start threads in each process
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from policysearch.cli.main import main

        status = main()
    except Exception as error:
        # a part of the program cannot be loaded, for example because a dependency is missing or corrupt
        from policysearch.errors import unforeseen

        status = 2
        said = (
            f"A part of the program cannot be loaded: {error}" if isinstance(error, ImportError) else unforeseen(error)
        )
        if sys.stderr is not None:
            sys.stderr.write(f"Error: {said}\n")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    _end(status)


def _end(status: int) -> "NoReturn":
    """Exit as Python does, but without tearing down modules, which takes 14 % of a cold search."""
    import atexit
    import threading

    if threading.active_count() == 1:  # else Python waits for the others
        atexit._run_exitfuncs()
        try:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
        except (OSError, ValueError):
            pass  # Python reports which stream it was
        else:
            os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    run()
