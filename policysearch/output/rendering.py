"""How a result is written: every option of an output but the result, as one value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

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
        columns: How wide text may be.
        raw: Whether cells of a table that a spreadsheet takes for formulas are left alone.
        bom: Whether a table begins with a byte order mark.
        tag: The name of a run.
        cite: Whether text names hits by their citations.
        full: Whether text has the complete sections.
    """

    format: str = "text"
    color: bool = False
    columns: int = 80
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
