"""Runs many command lines of the program, each in a process of its own that begins where everything is loaded.

Reads a list of lists of arguments from stdin as JSON, runs each in the current
folder, and prints a list of (exit status, what it said on stderr); a status
below zero is the signal that ended it, -14 that it took too long.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import tempfile

from policysearch.cli.command_names import COMMANDS
from policysearch.cli.main import main

SECONDS = 100


def run(arguments: list[str]) -> tuple[int, str]:
    """Run one and return its exit status and its errors."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as written:
        child = os.fork()
        if not child:
            signal.alarm(SECONDS)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(written.fileno(), 1)
            os.dup2(said.fileno(), 2)
            status = 99
            try:
                status = main(arguments)
                sys.stdout.flush()
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        said.seek(0)
        return os.waitstatus_to_exitcode(ended), said.read().decode(errors="replace")


if __name__ == "__main__":
    for name in COMMANDS:
        importlib.import_module(f"policysearch.cli.{name}")
    for name in (
        "indexing.refresh",
        "indexing.checking",
        "documents.document",
        "sources.readers",
        "corpus.counting",
        "corpus.concordance",
        "search.batch",
        "index",
    ):
        importlib.import_module(f"policysearch.{name}")
    lines = json.load(sys.stdin)
    json.dump([run(line) for line in lines], sys.stdout)
