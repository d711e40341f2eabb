"""``python -m policysearch`` is the command, and so is what is installed."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

__all__ = ["run"]


def run() -> NoReturn:
    """Run the program and end with its exit status."""
    # before the command minds signals, and after it has ended, they end the process without a word
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # numpy's library for matrices, which nothing here asks, would keep threads busy for a moment in each process
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from policysearch.cli import main

    status = main()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    sys.exit(status)


if __name__ == "__main__":
    run()
