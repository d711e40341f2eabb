"""batch: run many queries from a file, in order."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from policysearch.cli.destination import OutputOptions, on_terminal, output_options
from policysearch.cli.manifest import keep_manifest, manifest_option
from policysearch.cli.options import (
    LINES,
    PROCESSES,
    duplicates_option,
    filter_options,
    index_option,
    note,
    opened_index,
    quiet_option,
    search_options,
    tell_of_inside,
)
from policysearch.cli.session import SESSION
from policysearch.frozen import asdict, replace
from policysearch.output.batch import FORMATS, BatchWriter
from policysearch.vocabulary import MATCH_MODES

if TYPE_CHECKING:
    from policysearch.index import Index
    from policysearch.output.workbook import Workbook
    from policysearch.search.batch import Answered
    from policysearch.search.options import SearchOptions
    from policysearch.search.topics import BrokenTopic, Topic

__all__ = ["command"]


@click.command()
@click.argument("topics", type=LINES)
@search_options
@click.option(
    "--match",
    type=click.Choice(MATCH_MODES),
    help="Matching mode. all: every word; any: at least one; exact: each group as a phrase; auto: all, or any if that "
    "finds nothing and for questions.  [default: all; with --plain auto]",
)
@duplicates_option("show")
@click.option("-j", "--jobs", type=PROCESSES, default=1, show_default=True, help="Number of worker processes.")
@click.option("--tag", default="policysearch", show_default=True, help="Tag of the run, with --format trec.")
@manifest_option
@output_options(*FORMATS)
@filter_options
@index_option
@quiet_option
def command(
    topics: BinaryIO,
    options: SearchOptions,
    match: str | None,
    duplicates: str,
    jobs: int,
    tag: str,
    manifest: Path | None,
    output: OutputOptions,
    index_folder: str,
    quiet: bool,
) -> int:
    """Run the queries in TOPICS, a file or - for stdin, in order.

    Each line is an id, a tab and a query; or a query alone, whose line number
    is the id; or a JSON object {"id", "query"}, which may include filters. The
    file's suffix (.tsv, .jsonl) or else its first line determines which.
    """
    from policysearch.files.regular import bounded_lines
    from policysearch.search.batch import in_processes
    from policysearch.search.topics import BrokenTopic, Topics

    options = replace(options, match=match or ("auto" if options.plain else "all"), duplicates=duplicates)
    reader = Topics(bounded_lines(topics, topics.name), topics.name)
    if topics.name.lower().endswith(".csv"):
        note(f"'{topics.name}' is read as lines, each a query; columns are separated by a tab: id, query.", quiet)
    broken = inside = 0
    with opened_index(index_folder) as index, output.opened() as to:
        if to.format == "trec" and options.sort != "score":
            raise click.UsageError("A run file is sorted by score; remove --sort.")
        if options.explain and to.format not in ("text", "json", "jsonl"):
            raise click.UsageError(f"--explain is not available in {to.format}; use --format text, json or jsonl.")
        if to.format == "trec" and not tag.strip():
            raise click.UsageError("The tag of a run file is empty; give one with: --tag NAME")
        if to.format == "trec":
            options = replace(options, count_exact=False)  # a run file cannot contain it
        writer = BatchWriter(
            replace(to.rendering, format="xlsx" if to.workbook else to.format, tag=tag),
            grouped=options.grouped,
        )
        # streamed if a single process does all the work
        work = partial(_written if jobs == 1 else _texts, index_folder, index.info["generation"], writer, options)
        to.stream.write(writer.head)
        write = to.stream.writelines
        if to.workbook is not None:
            to.workbook.head(writer.columns)
            write = partial(_write_rows, to.workbook)
        between = ""
        show_progress = not quiet and on_terminal() and (output.file is not None or not sys.stdout.isatty())
        with closing(in_processes(work, reader, jobs)) as answers, _progress(topics, show_progress) as progress:
            for one in (one for some in answers for one in some):
                progress()
                if isinstance(one, BrokenTopic):
                    broken += 1
                    _name(topics.name, one)
                    continue
                to.stream.write(between)
                write(one.pieces)
                inside += one.inside
                between = writer.between
        to.stream.write(writer.tail)
        run = {**asdict(options), "tag": tag}
        topics_read = {"sha256": reader.digest, "read": reader.count, "broken": broken}
        keep_manifest(to, manifest, index, run, topics=topics_read)
    tell_of_inside(inside, "match", "matches", quiet)
    return 2 if broken else 0


def _write_rows(workbook: Workbook, pieces: Iterable[str]) -> None:
    """Write rows that a ``BatchWriter`` gives as JSON."""
    import json

    for piece in pieces:
        workbook.row(json.loads(piece))


def _index(folder: str, generation: int) -> Index:
    session = SESSION.get()
    return _opened(folder, generation) if session is None else session.index


@lru_cache(maxsize=1)
def _opened(folder: str, generation: int) -> Index:
    from policysearch.errors import PolicySearchError

    index = opened_index(folder, prepare=True)
    if index.info["generation"] != generation:
        raise PolicySearchError("The index was updated while the batch started; run the command again.")
    return index


class _Written:
    """The output of a topic, in pieces, with the number of matches inside longer words or numbers.

    The matches are counted while the pieces are generated.
    """

    def __init__(self, writer: BatchWriter, answered: Answered) -> None:
        self.inside = 0
        hits: Iterable[Any] = answered.hits
        if writer.rendering.format != "trec":
            hits = self._counted(answered.hits)
        self.pieces: Iterable[str] = writer.topic(answered.topic.topic_id, answered.found, hits)

    def _counted(self, hits: Iterable[Any]) -> Iterator[Any]:
        for hit in hits:
            self.inside += hit.snippet.inside
            yield hit

    def made(self) -> _Written:
        """Generate all pieces, so that it can be sent to another process."""
        self.pieces = list(self.pieces)
        return self


def _written(
    folder: str,
    generation: int,
    writer: BatchWriter,
    options: SearchOptions,
    topics: Sequence[Topic | BrokenTopic],
) -> Iterator[_Written | BrokenTopic]:
    """Yield the output of each topic. Runs in any process; each opens the index once."""
    from policysearch.search.topics import BrokenTopic

    named = writer.rendering.format == "trec"
    for one in _index(folder, generation).batch(topics, lazily=True, named=named, **asdict(options)):
        yield one if isinstance(one, BrokenTopic) else _Written(writer, one)


def _texts(*arguments: Any) -> list[_Written | BrokenTopic]:
    """Return the same as a list that can be sent to another process."""
    from policysearch.search.topics import BrokenTopic

    return [one if isinstance(one, BrokenTopic) else one.made() for one in _written(*arguments)]


def _name(file: str, broken: BrokenTopic) -> None:
    from policysearch.output.terminal import caret, printable

    if SESSION.get() is not None:
        note(f"{file}, line {broken.line}: {broken.reason}")
        return
    clear = "\r\x1b[K" if on_terminal() else ""
    sys.stdout.flush()  # as in note
    print(f"{clear}{printable(f'{file}, line {broken.line}: {broken.reason}')}", file=sys.stderr)
    if broken.query is not None and broken.position is not None:
        print(caret(broken.query, broken.position), file=sys.stderr)


@contextmanager
def _progress(topics: BinaryIO, wanted: bool) -> Iterator[Any]:
    """Yield a function to call after each topic; show a progress bar if the number of topics is known."""
    if not (wanted and topics.seekable()):
        yield lambda: None
        return
    many = sum(1 for line in topics if line.strip())
    topics.seek(0)
    with click.progressbar(length=many, label="Topics", file=sys.stderr) as bar:
        yield partial(bar.update, 1)
