"""What the topics of a batch found, in every format of the batch command; each topic is written by itself."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

from policysearch.output.found import HIT_COLUMNS, dump, write_found, write_run
from policysearch.output.terminal import Style, printable

if TYPE_CHECKING:
    from policysearch.hits import Found

__all__ = ["FORMATS", "BatchWriter"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "trec")
_TOPIC_COLUMNS = ("topic_id", "query", "total", "relaxed")


class BatchWriter:
    """Writes topics in one format.

    The whole is ``head``, every topic's text with ``between`` between them,
    and ``tail``; so the topics may be written in different processes.
    """

    def __init__(
        self,
        output_format: str,
        *,
        color: bool = False,
        columns: int = 80,
        tag: str = "policysearch",
        grouped: bool = False,
        raw: bool = False,
        bom: bool = False,
    ) -> None:
        self.format = output_format
        self._color = color
        self._columns = columns
        self._tag = tag
        self._grouped = grouped
        self._raw = raw
        self._bom = bom

    @property
    def _names(self) -> tuple[str, ...]:
        return (*_TOPIC_COLUMNS, *HIT_COLUMNS, *(("sections",) if self._grouped else ()))

    @property
    def head(self) -> str:
        """What comes first."""
        if self.format == "json":
            return "["
        if self.format in ("csv", "tsv"):
            from policysearch.output.tables import TableWriter

            out = io.StringIO()
            TableWriter(out, self._names, tabs=self.format == "tsv", bom=self._bom)
            return out.getvalue()
        return ""

    @property
    def between(self) -> str:
        """What stands between two topics."""
        return ",\n" if self.format == "json" else ""

    @property
    def tail(self) -> str:
        """What comes last."""
        return "]\n" if self.format == "json" else ""

    def topic(self, topic_id: str, found: Found) -> str:
        """Return what is written of a topic."""
        if self.format == "json":
            return dump(_fields(topic_id, found))
        if self.format == "jsonl":
            return dump(_fields(topic_id, found)) + "\n"
        out = io.StringIO()
        if self.format in ("csv", "tsv"):
            self._rows(topic_id, found, out)
        elif self.format == "trec":
            write_run(found, topic_id, self._tag, out, self._grouped)
        else:
            style = Style(self._color)
            out.write(f"{style.bold}[{printable(topic_id)}] {printable(found.query)}{style.end}\n\n")
            write_found(found, "text", out, color=self._color, columns=self._columns)
            out.write("\n" if found.hits else "Nothing found.\n\n")
        return out.getvalue()

    def _rows(self, topic_id: str, found: Found, out: TextIO) -> None:
        from policysearch.output.tables import TableWriter, hit_row

        topic: Mapping[str, Any] = {
            "topic_id": topic_id,
            "query": found.query,
            "total": found.total,
            "relaxed": found.relaxed,
        }
        table = TableWriter(out, self._names, tabs=self.format == "tsv", raw=self._raw, head=False)
        for hit in found.hits:
            table.row({**hit_row(hit.to_dict()), **topic})
        if not found.hits:
            table.row(topic)


def _fields(topic_id: str, found: Found) -> dict[str, Any]:
    return {"topic_id": topic_id, **found.to_dict()}
