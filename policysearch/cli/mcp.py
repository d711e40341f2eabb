"""mcp: read-only tools for language-model agents."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from policysearch.cli.options import index_option, note, quiet_option
from policysearch.cli.serve import serve_pages, serving_options
from policysearch.errors import InputError

if TYPE_CHECKING:
    from policysearch.serving.app import Addition
    from policysearch.serving.site import Site

__all__ = ["command"]

PATH = "/mcp"
"""Path of the tools over HTTP."""


@click.command()
@click.option(
    "--http", is_flag=True, help="Serve over HTTP at /mcp, together with the pages, instead of stdin and stdout."
)
@click.option("--skill", is_flag=True, help="Print a page that tells agents in a shell how to use the commands.")
@serving_options
@index_option
@quiet_option
def command(http: bool, skill: bool, index_folder: str, quiet: bool, **options: Any) -> int:
    """Serve read-only tools for agents, by the Model Context Protocol.

    Over stdin and stdout, or with --http over HTTP. Needs the extra mcp; --http needs web too.
    """
    if skill:
        from importlib.resources import files

        sys.stdout.write((files("policysearch.serving.agents") / "skill.md").read_text(encoding="utf-8"))
        return 0
    import policysearch

    try:
        from policysearch.serving.agents import tool_server
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] == "policysearch":
            raise
        raise InputError(
            f"Tools for agents need the package {error.name}. Install it with: pip install 'policysearch[mcp]'"
        ) from None
    if http:

        def added(site: Site) -> Addition:
            from policysearch.serving.app import Addition

            answering, running = tool_server.over_http(site.served, site.workers, policysearch.__version__)
            return Addition({PATH: answering}, running)

        serve_pages(index_folder=index_folder, quiet=quiet, add=added, **options)
        return 0
    from policysearch.serving.served import Served

    served = Served(index_folder)
    _end_with_signals()
    if sys.stdin.isatty():
        note("Waiting for messages of an agent on stdin; an agent starts this command itself (Ctrl-C to stop).", quiet)
    tool_server.run_stdio(served, policysearch.__version__)
    return 0


def _end_with_signals() -> None:
    """End the process with SIGINT, SIGTERM and SIGHUP: a thread reads stdin, which no exception can interrupt."""

    def end(number: int, frame: FrameType | None) -> None:
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)
