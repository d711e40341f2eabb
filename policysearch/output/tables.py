"""Rows to CSV and TSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from policysearch.output.terminal import printable

__all__ = ["TableWriter", "plain"]

# A cell that begins so is run as a formula by spreadsheet programs, some of which read full width as half width.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_LONE = re.compile("[\ud800-\udfff]")


def plain(value: Any, raw: bool = False) -> str:
    """Return a cell: nothing for None, floats in full, true or false, or text.

    Text that a spreadsheet would take for a formula gets an apostrophe in
    front, and what could steer a terminal is shown as \\x1b, unless ``raw``.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)
    if raw:
        return _LONE.sub("\ufffd", value)  # no file can hold it
    return printable("'" + value if value.startswith(_FORMULA) else value)


class TableWriter:
    """Writes rows, under a head of column names unless that is somewhere else."""

    def __init__(
        self,
        stream: TextIO,
        columns: Sequence[str],
        *,
        tabs: bool = False,
        raw: bool = False,
        bom: bool = False,
        head: bool = True,
    ) -> None:
        if bom:
            stream.write("\ufeff")
        self._columns = columns
        self._raw = raw
        self._writer = csv.writer(stream, delimiter="\t" if tabs else ",", lineterminator="\n")
        if head:
            self._writer.writerow(columns)

    def row(self, values: Mapping[str, Any]) -> None:
        """Write one row; what it does not name is empty."""
        self._writer.writerow([plain(values.get(name), self._raw) for name in self._columns])

    def rows(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write many rows."""
        for row in rows:
            self.row(row)
