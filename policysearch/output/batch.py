"""Output of a batch, in every format of the batch command, one topic at a time."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from policysearch.frozen import replace
from policysearch.output.json import dump, escaped
from policysearch.output.rendering import Rendering
from policysearch.output.search import FORMATS as OF_SEARCH
from policysearch.output.search import run_lines, write_hits
from policysearch.output.terminal import Style, printable
from policysearch.search.hits import hit_columns

if TYPE_CHECKING:
    from policysearch.search.hits import Hit, Hits

__all__ = ["FORMATS", "BatchWriter"]

FORMATS = tuple(name for name in OF_SEARCH if name != "ids")
_AT_ONCE = 10  # hits converted to JSON
_TOPIC_COLUMNS = ("topic_id", "query", "total", "relaxed")


class BatchWriter:
    """Writes topics in one format.

    The output is ``head``, every topic's text with ``between`` between them, and
    ``tail``; so topics may be formatted in different processes. For a workbook
    (``xlsx``) each piece of a topic is a row as JSON, under ``columns``.

    Attributes:
        rendering: How they are written.

    ``grouped``: whether documents are ranked.
    """

    def __init__(self, rendering: Rendering, *, grouped: bool = False) -> None:
        self.rendering = rendering
        self._grouped = grouped

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a table."""
        return (*_TOPIC_COLUMNS, *hit_columns(self._grouped))

    @property
    def head(self) -> str:
        """The text before the first topic."""
        if self.rendering.format == "json":
            return "["
        if self.rendering.format in ("csv", "tsv"):
            out = io.StringIO()
            self.rendering.table(out, self.columns)
            return out.getvalue()
        return ""

    @property
    def between(self) -> str:
        """The text between two topics."""
        return ",\n" if self.rendering.format == "json" else ""

    @property
    def tail(self) -> str:
        """The text after the last topic."""
        return "]\n" if self.rendering.format == "json" else ""

    def topic(self, topic_id: str, found: Hits, hits: Iterable[Any]) -> Iterator[str]:
        """Yield the output of a topic as its hits arrive; ``trec`` needs only ``HitId`` hits."""
        if self.rendering.format in ("json", "jsonl"):
            yield from _object(topic_id, found, hits)
            if self.rendering.format == "jsonl":
                yield "\n"
        elif self.rendering.format == "xlsx":
            for cells in self._cells(topic_id, found, hits):
                yield dump([cells.get(name) for name in self.columns])
        elif self.rendering.format in ("csv", "tsv"):
            yield from self._rows(topic_id, found, hits)
        elif self.rendering.format == "trec":
            yield from run_lines(hits, topic_id, self.rendering.tag, self._grouped)
        else:
            yield self._text(topic_id, replace(found, hits=tuple(hits)))

    def _text(self, topic_id: str, found: Hits) -> str:
        out = io.StringIO()
        style = Style(self.rendering.color)
        out.write(f"{style.bold}[{printable(topic_id)}] {printable(found.query)}{style.end}\n\n")
        write_hits(found, out, self.rendering, grouped=self._grouped)
        out.write("\n" if found.total else "Nothing found.\n\n")
        return out.getvalue()

    def _cells(self, topic_id: str, found: Hits, hits: Iterable[Hit]) -> Iterator[Mapping[str, Any]]:
        """Yield the cells of each hit; only those of the topic if there is none."""
        topic: Mapping[str, Any] = {
            "topic_id": topic_id,
            "query": found.query,
            "total": found.total,
            "relaxed": found.relaxed,
            "total_exact": found.total_exact,
        }
        nothing = True
        for hit in hits:
            nothing = False
            yield {**hit.to_row(), **topic}
        if nothing:
            yield topic

    def _rows(self, topic_id: str, found: Hits, hits: Iterable[Hit]) -> Iterator[str]:
        out = io.StringIO()
        table = self.rendering.table(out, self.columns, head=False)
        for cells in self._cells(topic_id, found, hits):
            table.row(cells)
            yield out.getvalue()
            out.seek(0)
            out.truncate()


def _object(topic_id: str, found: Hits, hits: Iterable[Hit]) -> Iterator[str]:
    """Yield a topic as one JSON object, equal to ``Hits.to_dict``."""
    from policysearch.search.encoding import hit_json

    before, after = found.around_hits()
    explanation = after.pop("explain", None)
    yield dump({"topic_id": topic_id, **before, **after})[:-1] + ', "hits": ['
    between = ""
    ahead = iter(hits)
    while some := list(map(hit_json, islice(ahead, _AT_ONCE))):
        yield between + escaped(", ".join(some))
        between = ", "
    yield "]" if explanation is None else f'], "explain": {dump(explanation)}'
    yield "}"
