"""index: build or refresh the index, with a report on every source."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import click

from policysearch.cli.destination import on_terminal
from policysearch.cli.hints import hinted
from policysearch.cli.options import PROCESSES, TIMEOUT, WAIT, index_option, note, quiet_option, terminal_columns
from policysearch.engines.opening import open_store

__all__ = ["command"]


@click.command()
@click.argument("roots", nargs=-1, type=click.Path())
@click.option(
    "--remove",
    multiple=True,
    type=click.Path(),
    metavar="ROOT",
    help="Remove a root. Repeatable.",
)
@click.option(
    "--allow-removals",
    is_flag=True,
    help="Proceed even if more than half of a root's documents, and more than ten, have vanished.",
)
@click.option("--rebuild", is_flag=True, help="Read every source again, changed or not.")
@click.option(
    "-j",
    "--jobs",
    type=PROCESSES,
    default=None,
    help="Worker processes.  [default: one per processor, as far as memory allows]",
)
@click.option(
    "--encoding", metavar="E", help="Encoding of the roots' text files, such as gb18030.  [default: detected]"
)
@click.option("--text-field", metavar="NAME", help="Column with the text, in tables and JSON Lines.")
@click.option(
    "--include",
    multiple=True,
    metavar="GLOB",
    help="Read only files that match, as in gitignore: '*.html', 'laws/**'. Repeatable.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="GLOB",
    help="Leave files and folders out, as a .policyignore file in the root does. Repeatable.",
)
@click.option(
    "--moved",
    nargs=2,
    multiple=True,
    type=click.Path(),
    metavar="OLD NEW",
    help="A root, or a folder with roots in it, is at NEW now; its documents are kept. Repeatable.",
)
@click.option("--follow-links", is_flag=True, help="Follow symbolic links out of a root.")
@click.option(
    "--dictionary",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="User dictionary in jieba's format, for the entire index; an empty file removes it.",
)
@click.option(
    "--wait",
    "wait_seconds",
    type=WAIT,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the index lock.",
)
@click.option(
    "--timeout",
    "seconds",
    type=TIMEOUT,
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="Time limit for reading one source; one that takes longer fails.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)
@click.option("-v", "--verbose", is_flag=True, help="Name every source that was skipped, and every one that failed.")
@index_option
@quiet_option
def command(
    roots: tuple[str, ...],
    remove: tuple[str, ...],
    allow_removals: bool,
    rebuild: bool,
    jobs: int | None,
    encoding: str | None,
    text_field: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    moved: tuple[tuple[str, str], ...],
    follow_links: bool,
    dictionary: Path | None,
    wait_seconds: float,
    seconds: float,
    output_format: str,
    verbose: bool,
    index_folder: str,
    quiet: bool,
) -> int:
    """Add or refresh ROOTS (folders or files); other roots stay unchanged.

    Without ROOTS: refresh all roots of the index, or add sources/ if it has
    none. New, changed and deleted sources are detected.
    """
    import policysearch

    if not roots and not remove and not moved and not open_store(index_folder).exists():
        roots = ("sources",)
        if not Path(roots[0]).is_dir():
            raise policysearch.InputError(
                "There is nothing to index. Name a folder of documents, as in: policysearch index FOLDER"
            )
    with _progress(quiet) as progress:
        say = progress.say if progress else partial(note, quiet=quiet)
        account = policysearch.index_sources(
            roots,
            index_folder,
            remove=remove,
            rebuild=rebuild,
            jobs=jobs,
            encoding=encoding,
            text_field=text_field,
            follow_links=follow_links,
            include=include,
            exclude=exclude,
            moved=moved,
            dictionary=dictionary,
            allow_removals=allow_removals,
            wait_seconds=wait_seconds,
            seconds=seconds,
            waiting=lambda holder: say(f"Waiting for {holder}, which is writing the index …"),
            noticed=say,
            progress=progress,
        )
    from policysearch.output.index import write_account

    out = sys.stdout if output_format == "json" else hinted(sys.stdout)
    write_account(account, output_format, out, hinted(sys.stderr), quiet, verbose)
    return 2 if account.failed else 0


def _progress(quiet: bool) -> Any:
    """Return a context manager that yields a line of progress, or None if none is shown."""
    if quiet or not on_terminal():
        return nullcontext(None)
    from policysearch.output.progress import ProgressLine

    return ProgressLine(sys.stderr, terminal_columns())
