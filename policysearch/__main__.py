"""``python -m policysearch`` is the command, and so is what is installed.

``python -m`` has Python look for every module in the current folder first. So
``run`` takes that out of the path before it imports anything that could be
found there; ``python -I -m policysearch`` has it not put there at all.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["run"]


def run() -> "NoReturn":
    """Run the program and end with its exit status."""
    from policysearch.parallel.import_path import safe_path

    sys.path[:] = safe_path()
    import signal

    # before the command minds signals, and after it has ended, they end the process without a word
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # numpy's library for matrices, which nothing here asks, would keep threads busy for a moment in each process
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from policysearch.cli.main import main

        status = main()
    except Exception as error:
        # where a part of the program cannot be loaded, as when a package that it needs is missing or damaged
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
    sys.exit(status)


if __name__ == "__main__":
    run()
