"""Excel workbooks: rows with numbers as numbers and texts as texts, and a second sheet with the manifest."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from policysearch.errors import InputError

__all__ = ["Workbook", "flat"]

_MOST_ROWS = 1_048_576  # rows of a sheet, the header included
_MOST_CHARACTERS = 32_767  # characters of a cell
_LONE = re.compile("[\ud800-\udfff]")
_WIDEST = 60  # width of columns in characters
_EXACT = 2**53  # greatest number that is exact in a workbook


class Workbook(io.StringIO):
    """Replaces a text stream in ``tables.TableWriter``.

    Raises ``InputError`` when XlsxWriter is not installed.
    """

    _book: Any = None

    def __init__(self) -> None:
        super().__init__()
        try:
            from xlsxwriter import Workbook as Book
        except ImportError:
            raise InputError(
                "Excel workbooks need the package XlsxWriter. Install it with: pip install 'policysearch[xlsx]'"
            ) from None
        from datetime import datetime

        self._bytes = io.BytesIO()
        # rows are not kept in memory; a time of creation would make equal tables differ
        self._book = Book(self._bytes, {"constant_memory": True, "nan_inf_to_errors": True})
        self._book.set_properties({"created": datetime(2000, 1, 1)})
        self._bold = self._book.add_format({"bold": True})
        self._table = self._book.add_worksheet("table")
        self._manifest: Mapping[str, Any] = {}
        self._next = 0
        self._columns: Sequence[str] = ()

    def head(self, columns: Sequence[str]) -> None:
        """Write the names of the columns."""
        self._columns = columns
        self._table.freeze_panes(1, 0)
        for at, name in enumerate(columns):
            self._table.set_column(at, at, min(_WIDEST, max(10, 2 * len(name))))
            self._table.write_string(0, at, _plain(name), self._bold)
        self._next = 1

    def row(self, cells: Sequence[Any]) -> None:
        """Write one row: None is an empty cell, and only numbers are numbers.

        Raises ``InputError`` beyond the limits of a sheet or a cell.
        """
        if self._next >= _MOST_ROWS:
            raise InputError(
                f"A sheet holds at most {_MOST_ROWS - 1} rows. Write a .csv file, or narrow the table down."
            )
        for at, cell in enumerate(cells):
            if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) <= _EXACT:
                self._table.write_number(self._next, at, cell)
            elif cell is not None:
                text = _plain(str(cell).lower() if isinstance(cell, bool) else str(cell))
                if len(text) > _MOST_CHARACTERS:
                    raise InputError(
                        f"Row {self._next}, '{self._columns[at]}': a cell holds at most {_MOST_CHARACTERS} characters. "
                        "Write a .csv file instead."
                    )
                self._table.write_string(self._next, at, text)
        self._next += 1

    def describe(self, manifest: Mapping[str, Any]) -> None:
        """Set the second sheet: a row for each entry, nested names joined by a point."""
        self._manifest = manifest

    def finished(self) -> bytes:
        """Return the file."""
        sheet = self._book.add_worksheet("manifest")
        sheet.set_column(0, 1, 40)
        for number, (name, value) in enumerate(flat(self._manifest)):
            sheet.write_string(number, 0, _plain(name))
            sheet.write_string(number, 1, _plain(value)[:_MOST_CHARACTERS])
        self._book.close()
        return self._bytes.getvalue()

    def close(self) -> None:
        """Remove the temporary files with the rows, finished or not."""
        if self._book is not None and not self._book.fileclosed:
            self._book.close()
        super().close()


def flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Return nested values by names joined by a point, as texts; other values are JSON."""
    if isinstance(value, Mapping) and value:
        return [one for key in sorted(value) for one in flat(value[key], f"{name}.{key}" if name else str(key))]
    return [(name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))]


def _plain(text: str) -> str:
    return _LONE.sub("\ufffd", text)
