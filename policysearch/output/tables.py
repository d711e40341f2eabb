"""CSV and TSV output."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from policysearch.output.terminal import printable
from policysearch.output.workbook import Workbook

__all__ = ["TableWriter", "encodable", "plain_cell"]

# Spreadsheet programs run a cell that starts like this as a formula; some read full width as half width.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_BREAKS = re.compile(r"[\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")  # a line of TSV must be a row for any program
_LONE = re.compile("[\ud800-\udfff]")


def plain_cell(value: Any, raw: bool = False) -> str:
    """Return a cell: empty for None, floats in full precision, true or false, or text.

    Unless ``raw``, text that a spreadsheet would run as a formula gets a leading
    apostrophe, and terminal control characters are escaped as \\x1b.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)
    if raw:
        return _LONE.sub("\ufffd", value)  # cannot be encoded
    return printable("'" + value if value.startswith(_FORMULA) else value)


def encodable(text: str) -> str:
    """Return a text with characters that UTF-8 cannot encode (of file names that are not UTF-8) as ``\\udc80``."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


class TableWriter:
    """Writes rows, under a header row unless that is written elsewhere.

    In TSV a line break or a tab in a cell is a space.
    """

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
        self._columns = columns
        self._raw = raw
        self._tabs = tabs
        self._workbook = stream if isinstance(stream, Workbook) else None
        if self._workbook is not None:
            self._workbook.head(columns)
            return
        if bom:
            stream.write("\ufeff")
        self._writer = csv.writer(stream, delimiter="\t" if tabs else ",", lineterminator="\n")
        if head:
            self._writer.writerow(self._cells(columns))

    def row(self, values: Mapping[str, Any]) -> None:
        """Write one row; missing columns are empty."""
        if self._workbook is not None:
            self._workbook.row([values.get(name) for name in self._columns])
            return
        self._writer.writerow(self._cells([values.get(name) for name in self._columns]))

    def _cells(self, values: Sequence[Any]) -> list[str]:
        cells = [plain_cell(value, self._raw) for value in values]
        return [_BREAKS.sub(" ", cell) for cell in cells] if self._tabs else cells

    def rows(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write many rows."""
        for row in rows:
            self.row(row)
