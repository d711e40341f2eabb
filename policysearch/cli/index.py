"""index: sources to an index, with an account of every source."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from policysearch.cli.options import PROCESSES, TIMEOUT, WAIT, index_option, note, quiet_option
from policysearch.engines.opening import open_store

__all__ = ["command"]


@click.command()
@click.argument("roots", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--remove",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="ROOT",
    help="Take a root out. May be repeated.",
)
@click.option(
    "--allow-removals",
    is_flag=True,
    help="Go on when more than half of a root's documents, and more than ten, are gone.",
)
@click.option("--rebuild", is_flag=True, help="Read every source anew, whether it changed or not.")
@click.option(
    "-j",
    "--jobs",
    type=PROCESSES,
    default=None,
    help="Processes that read and cut.  [default: as many as there are processors, and memory for]",
)
@click.option("--encoding", metavar="E", help="Encoding of the roots' text files, such as gb18030; else it is guessed.")
@click.option("--text-field", metavar="NAME", help="Column of the text, in CSV and JSON lines.")
@click.option(
    "--include",
    multiple=True,
    metavar="GLOB",
    help="Read only files that match, as in gitignore: '*.html', 'laws/**'. May be repeated.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="GLOB",
    help="Leave files and folders out, as a .policyignore file in the root does. May be repeated.",
)
@click.option(
    "--moved",
    nargs=2,
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="OLD NEW",
    help="A root, or a folder with roots in it, is at NEW now; what was read is kept. May be repeated.",
)
@click.option("--follow-links", is_flag=True, help="Follow symbolic links out of a root.")
@click.option(
    "--dictionary",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Words of your own, in jieba's format, for all of the index; an empty file takes them out again.",
)
@click.option(
    "--wait",
    "wait_seconds",
    type=WAIT,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for another writer.",
)
@click.option(
    "--timeout",
    "seconds",
    type=TIMEOUT,
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the reading of one source may take; one that takes longer fails.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the account of every source.",
)
@click.option("-v", "--verbose", is_flag=True, help="Name every source that was skipped, and every one that failed.")
@index_option
@quiet_option
def command(
    roots: tuple[Path, ...],
    remove: tuple[Path, ...],
    allow_removals: bool,
    rebuild: bool,
    jobs: int | None,
    encoding: str | None,
    text_field: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    moved: tuple[tuple[Path, Path], ...],
    follow_links: bool,
    dictionary: Path | None,
    wait_seconds: float,
    seconds: float,
    output_format: str,
    verbose: bool,
    index_folder: str,
    quiet: bool,
) -> int:
    """Add or refresh ROOTS (folders or files) and leave others as they are.

    Without ROOTS: refresh all that the index knows, or add sources/ when it
    knows none. New, changed and gone sources are found.
    """
    import policysearch

    if not roots and not remove and not moved and not open_store(index_folder).exists():
        roots = (Path("sources"),)
        if not roots[0].is_dir():
            raise policysearch.InputError(
                "There is nothing to index: name a folder of documents, as in: policysearch index FOLDER"
            )
    with _progress(quiet) as progress:
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
            waiting=lambda holder: note(f"Waiting for {holder}, which is writing the index …", quiet),
            noticed=lambda said: note(said, quiet),
            progress=progress,
        )
    from policysearch.output.index import write_account

    write_account(account, output_format, sys.stdout, sys.stderr, quiet, verbose)
    return 2 if account.failed else 0


def _progress(quiet: bool) -> Any:
    """Return a context that gives a function of (bytes done, bytes in all), or None."""
    if quiet or not sys.stderr.isatty():
        return nullcontext(None)
    return _Bar()


class _Bar:
    """A progress bar on stderr that begins when the amount is known and leaves a clean line."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __enter__(self) -> _Bar:
        return self

    def __call__(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = click.progressbar(length=max(total, 1), label="Reading", file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(done - self._bar.pos)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()
