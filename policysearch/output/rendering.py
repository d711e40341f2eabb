"""The options of an output, as one value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from policysearch.frozen import frozen

if TYPE_CHECKING:
    from policysearch.output.tables import TableWriter

__all__ = ["Rendering"]


@frozen
class Rendering:
    """The options of an output.

    Attributes:
        format: One of the command's formats.
        color: Whether text has bold and colour.
        columns: Maximum width of running text.
        room: Maximum width of tables: that of the terminal.
        raw: Whether cells that a spreadsheet reads as formulas are not escaped.
        bom: Whether a table begins with a byte order mark.
        tag: The name of a run.
        cite: Whether text names hits by their citations.
        full: Whether text has the complete sections.
    """

    format: str = "text"
    color: bool = False
    columns: int = 80
    room: int = 80
    raw: bool = False
    bom: bool = False
    tag: str = "policysearch"
    cite: bool = False
    full: bool = False

    def table(self, stream: TextIO, columns: Sequence[str], *, head: bool = True) -> TableWriter:
        """Return a writer of rows as CSV or TSV, under a header row unless that is written elsewhere."""
        from policysearch.output.tables import TableWriter

        bom = self.bom and head
        return TableWriter(stream, columns, tabs=self.format == "tsv", raw=self.raw, bom=bom, head=head)

    def records(
        self,
        stream: TextIO,
        whole: Callable[[], Any],
        rows: Iterable[Mapping[str, Any]],
        columns: Sequence[str],
        cells: Callable[[Any], Mapping[str, Any]] | None = None,
    ) -> None:
        """Write records as JSON, one per line (jsonl), or as a table.

        Args:
            stream: The stream to write to.
            whole: Returns the value that is written as json.
            rows: The records; read only by the other formats.
            columns: The columns of a table.
            cells: Returns the cells of a record in a table; by default its own.
        """
        from policysearch.output.json import dump

        if self.format == "json":
            stream.write(dump(whole()) + "\n")
        elif self.format == "jsonl":
            stream.writelines(dump(row) + "\n" for row in rows)
        else:
            self.table(stream, columns).rows(rows if cells is None else map(cells, rows))
