"""Workbooks (XLSX, XLSB, XLS, ODS): a sheet with a text column is a collection, others are documents.

They are read with calamine, which reads all of them and only values, in a process of its own: it allocates the cells of
a sheet as a full rectangle, so that two cells far apart need more memory than a machine has.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from policysearch.errors import SourceError
from policysearch.frozen import replace
from policysearch.parallel import bootstrap
from policysearch.sources.encodings import Decoded
from policysearch.sources.readers.borders import stands_between
from policysearch.sources.readers.collection_records import Records, no_text_column, text_column
from policysearch.sources.readers.docx import parse_xml
from policysearch.sources.readers.fields import field_name
from policysearch.sources.readers.line_writer import LineWriter
from policysearch.sources.readers.reading import FailedRecord, Reading, Removed, StatedField
from policysearch.sources.readers.tables import CELL_SEPARATOR, Repeats, row_line
from policysearch.sources.readers.zipped import is_bomb
from policysearch.text.characters import normalize

__all__ = ["SPREADSHEET", "read_spreadsheet_xml", "read_tab_separated", "read_workbook"]

SPREADSHEET = b"urn:schemas-microsoft-com:office:spreadsheet"
"""The namespace of workbooks of Excel 2003 in one XML file."""

_SS = f"{{{SPREADSHEET.decode()}}}"
_DEFAULT_NAME = re.compile(r"(?:sheet|工作表|表)\s*\d*(?:\s*\(\d+\))?", re.I)
_MERGED = ("MergeDown", "MergeAcross")
# Limits in seconds and bytes; a sheet of a million rows takes half a minute and a gigabyte.
_FILE_SECONDS = 300
_PROCESSOR_SECONDS = 150
_MEMORY_LIMIT = 3 * 2**30
# The text of all sheets together, in characters.
_CHARACTER_LIMIT = 2**28
# The limits of every program that creates workbooks.
_MOST_ROWS, _MOST_COLUMNS = 2**20, 2**14
# Merged cells of one sheet; in further ones only the first cell has the text.
_MOST_MERGED = 200_000
# A table of documents has columns of some of these fields; an annex rarely has a cell of so many characters.
_OF_DOCUMENTS = {"title", "document_number", "issuer", "date", "publish_date", "effective_date", "url", "index_number"}
_LONG_CELL = 200
# Rows of a table that may precede the names of its columns: a title, a unit, an author.
_MOST_ABOVE = 10


def read_workbook(data: bytes, *, text_field: str | None) -> Iterator[Reading | FailedRecord]:
    """Yield the readings of the sheets in order: each row of a sheet with a text column, else the sheet.

    The text column is the one that ``text_field`` names, or one with a usual
    name, in one of the first ten rows with text; that row names the columns.
    In other sheets each row is a line, with tabs between its cells. A cell merged over rows is repeated in each of
    them. Numbers are as stored: 12.5 % is 0.125. ``record`` begins with the sheet's name if several sheets are not
    empty. Hidden sheets are skipped by name.

    Raises:
        SourceError: It is corrupt, has a password, is beyond the limits, or contains no text.
    """
    if importlib.util.find_spec("python_calamine") is None:
        raise SourceError(
            "Workbooks (.xlsx, .xls, .ods) need the package python-calamine: pip install 'policysearch[tables]'"
        )
    yield from _read(_sheets(data), text_field)


def read_spreadsheet_xml(data: bytes, *, text_field: str | None) -> Iterator[Reading | FailedRecord]:
    """Yield the sheets of a workbook of Excel 2003 in one XML file, as ``read_workbook`` does."""
    yield from _read(_xml_sheets(parse_xml(data, "the workbook"), len(data)), text_field)


def read_tab_separated(decoded: Decoded, *, text_field: str | None) -> Iterator[Reading | FailedRecord]:
    """Yield the readings of a text with tabs between cells, as programs export them under the name of a workbook."""
    rows = [(n, line.split("\t")) for n, line in enumerate(normalize(decoded.text).split("\n")) if line.strip()]
    for one in _read([_Sheet("", False, [], rows)], text_field):
        yield (
            replace(one, encoding=decoded.encoding, confidence=decoded.confidence) if isinstance(one, Reading) else one
        )


def _read(every: Iterable[_Sheet], text_field: str | None) -> Iterator[Reading | FailedRecord]:
    sheets = [sheet for sheet in every if sheet.rows]
    shown = [sheet for sheet in sheets if not sheet.hidden]
    if not shown:
        raise SourceError("All of its sheets are hidden. Show them, and save it." if sheets else "It contains no text.")
    for sheet in sheets:
        if sheet.hidden:
            yield FailedRecord(sheet.name, "It is a hidden sheet. Show it, and save the workbook.", skipped=True)
            continue
        alone = len(shown) == 1
        at, column = _text_column(sheet.rows, text_field)
        if column is None and (likely := _likely_text_column(sheet.rows)):
            reason = f"{no_text_column(text_field)} Its texts seem to be in '{likely}'. Name it: --text-field {likely}"
            if alone:
                raise SourceError(reason)
            yield FailedRecord(sheet.name, reason)
            continue
        if column is None:
            yield _document(sheet, None if alone else sheet.name)
            continue
        for found in _records(sheet, at, column):
            yield found if alone else replace(found, record=f"{sheet.name}/{found.record}")


@dataclass(slots=True)
class _Sheet:
    """A sheet: its rows that are not empty, with their numbers, and its merged cells (first and last row, column)."""

    name: str
    hidden: bool
    merged: list[tuple[int, int, int]]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def _sheets(data: bytes) -> Iterator[_Sheet]:
    try:
        child = subprocess.run(
            bootstrap.worker_command(__name__, "extract_rows"), input=data, capture_output=True, timeout=_FILE_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"Reading it takes longer than {_FILE_SECONDS} seconds. Split it.") from error
    if child.returncode:
        raise SourceError(
            "Reading it takes too much memory or time: its cells are too far apart, or it is packed like a "
            "decompression bomb. Copy its contents into a new workbook."
        )
    sheet: _Sheet | None = None
    for line in child.stdout.split(b"\n"):
        if not line:
            continue
        said = json.loads(line)
        if isinstance(said, list):
            assert sheet is not None
            number, cells = said
            sheet.rows.append((number, cells))
        elif "error" in said:
            raise SourceError(said["error"])
        else:
            if sheet is not None:
                yield _filled(sheet)
            sheet = _Sheet(normalize(said["sheet"]), said["hidden"], [(a, b, c) for a, b, c in said["merged"]])
    if sheet is not None:
        yield _filled(sheet)


def _xml_sheets(root: Any, packed: int) -> Iterator[_Sheet]:
    """Yield the sheets of a workbook in XML, whose rows and cells may skip others by their ``Index``."""
    size = 0
    for number, worksheet in enumerate(root.iter(f"{_SS}Worksheet"), 1):
        sheet = _Sheet(normalize(worksheet.get(f"{_SS}Name", f"Sheet{number}")), False, [])
        at = -1
        for row in worksheet.iter(f"{_SS}Row"):
            at = _index(row, at, _MOST_ROWS)
            cells: list[str] = []
            column = -1
            for cell in row.iter(f"{_SS}Cell"):
                column = _index(cell, column, _MOST_COLUMNS)
                cells += [""] * (column - len(cells))
                value = cell.find(f"{_SS}Data")
                cells.append("" if value is None else "".join(value.itertext()))
                down, across = (
                    int(s) if (s := cell.get(f"{_SS}{n}", "")).isdecimal() and len(s) < 8 else 0 for n in _MERGED
                )
                if down:
                    sheet.merged.append((at, at + down, column))
                column += across
            size += len(cells) + sum(map(len, cells))
            if is_bomb(size, packed):
                raise SourceError("Its cells are too far apart. Copy its contents into a new workbook.")
            if any(map(str.strip, cells)):
                sheet.rows.append((at, cells))
        yield _filled(sheet)


def _index(element: Any, before: int, most: int) -> int:
    """Return the number of a row or cell, from 0: the stated one, or the next one."""
    stated = element.get(f"{_SS}Index", "")
    number = int(stated) - 1 if stated.isdecimal() and len(stated) < 10 else before + 1
    if not before < number < most:
        raise SourceError("It is corrupt: the number of a row or a cell is out of range.")
    return number


def _filled(sheet: _Sheet) -> _Sheet:
    """Repeat merged cells in each of their rows, as far as ``Repeats`` allows."""
    if not sheet.merged:
        return sheet
    repeats = Repeats()
    waiting = sorted(sheet.merged, reverse=True)
    reaching: dict[int, tuple[int, str]] = {}  # by column: the last row, and the text
    for number, cells in sheet.rows:
        repeats.written("".join(cells))
        for column, (last, text) in tuple(reaching.items()):
            if last < number:
                del reaching[column]
            elif column < len(cells) and not cells[column] and repeats.allow(text):
                cells[column] = text
        while waiting and waiting[-1][0] <= number:
            first, last, column = waiting.pop()
            if first == number and last > number and column < len(cells) and cells[column]:
                reaching[column] = (last, cells[column])
    return sheet


def _text_column(rows: list[tuple[int, list[str]]], text_field: str | None) -> tuple[int, str | None]:
    """Return the index of the row that names the columns, and the name of the text column; None when there is none."""
    for at, (_, cells) in enumerate(rows[:_MOST_ABOVE]):
        columns = [_one_line(cell) for cell in cells]
        found = text_column(columns, text_field)
        if found is not None and (sum(map(bool, columns)) > 1 or len(rows) > at + 1):
            return at, found
    return 0, None


def _likely_text_column(rows: list[tuple[int, list[str]]]) -> str | None:
    """Return the column that has long texts in most rows of a table with columns of metadata, or None."""
    for at, (_, cells) in enumerate(rows[:_MOST_ABOVE]):
        columns = [_one_line(cell) for cell in cells]
        if len({field_name(column) for column in columns} & _OF_DOCUMENTS) < 2:
            continue
        below = [row for _, row in rows[at + 1 :]]
        for n, column in enumerate(columns):
            long = sum(n < len(row) and len(row[n]) >= _LONG_CELL for row in below)
            if column and field_name(column) is None and 2 * long > len(below):
                return column
    return None


def _records(sheet: _Sheet, at: int, column: str) -> Iterator[Reading | FailedRecord]:
    columns = [_one_line(cell) or _letters(n) for n, cell in enumerate(sheet.rows[at][1])]
    above = "\n".join(row_line(map(_one_line, cells)) for _, cells in sheet.rows[:at])
    records = Records(None, column)
    records.choose_text_field(columns)
    for number, (_, cells) in enumerate(sheet.rows[at + 1 :], 1):
        found = records.record(number, dict(zip(columns, cells, strict=False)))
        if above and isinstance(found, Reading):
            found, above = replace(found, removed=(Removed(above, "front matter", 1), *found.removed)), ""
        yield found
    if len(sheet.rows) == at + 1:
        yield FailedRecord("1", "It is a table without rows.")


def _document(sheet: _Sheet, record: str | None) -> Reading:
    writer = LineWriter()
    for _, cells in sheet.rows:
        writer.row(row_line(map(_one_line, cells)))
    stated = [StatedField("sheet", sheet.name, "properties")] if sheet.name else []
    fields = {}
    if sheet.name and not _DEFAULT_NAME.fullmatch(sheet.name) and sum(map(bool, sheet.rows[0][1])) > 1:
        fields = {"title": sheet.name}  # a table without a title begins with the names of its columns
        stated.append(StatedField("title", sheet.name, "properties"))
    return replace(writer.reading(fields, stated), record=record)


def _one_line(cell: str) -> str:
    """Return a cell on one line, with a tab at each border between its lines."""
    out = ""
    for line in filter(None, (" ".join(line.split()) for line in cell.split("\n"))):
        out += (CELL_SEPARATOR if stands_between(out, line) else " ") + line if out else line
    return out


def _letters(column: int) -> str:
    """Return the default name of a column.

    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


# in the child process


def extract_rows() -> None:
    """Read a workbook from standard input and write its rows as lines of JSON."""
    import resource

    data = sys.stdin.buffer.read()
    memory = _MEMORY_LIMIT + 4 * len(data)
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if sys.platform == "linux" and (most == resource.RLIM_INFINITY or most > memory):
        resource.setrlimit(resource.RLIMIT_AS, (memory, most))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_SECONDS, _PROCESSOR_SECONDS + 1))
    for said in _extracted(data):
        sys.stdout.write(json.dumps(said) + "\n")


def _extracted(data: bytes) -> Iterator[Any]:
    import io

    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    size = 0
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for about in workbook.sheets_metadata:
            if about.typ is not SheetTypeEnum.WorkSheet:
                continue  # a chart, or a macro
            sheet = workbook.get_sheet_by_name(about.name)
            ranges = (sheet.merged_cell_ranges or [])[:_MOST_MERGED]
            if sheet.end is not None and (sheet.end[0] >= _MOST_ROWS or sheet.end[1] >= _MOST_COLUMNS):
                yield {"error": f"It is corrupt: '{about.name}' has a cell beyond the limits of a sheet."}
                return
            left_edge = sheet.start[1] if sheet.start else 0  # rows are counted from the first, columns from there
            merged = [(first[0], last[0], first[1] - left_edge) for first, last in ranges if first[1] >= left_edge]
            yield {"sheet": about.name, "hidden": about.visible is not SheetVisibleEnum.Visible, "merged": merged}
            for number, row in enumerate(sheet.iter_rows()):
                cells = [_written(value) for value in row]
                if any(cells):
                    size += sum(map(len, cells))
                    if is_bomb(size, len(data)):
                        yield {"error": "It is packed like a decompression bomb (more than 200 to 1); it is not read."}
                        return
                    if size > _CHARACTER_LIMIT:
                        yield {"error": f"Its text up to row {number + 1} of '{about.name}' is too long. Split it."}
                        return
                    yield number, cells
    except PasswordError:
        yield {"error": "It is encrypted with a password. Save it without one."}
    except (CalamineError, OSError, ValueError) as error:
        yield {"error": f"It is a corrupt workbook: {error}. Open and save it again in Excel, WPS or LibreOffice."}


def _written(value: Any) -> str:
    """Return a value as usually displayed: whole numbers without a point, dates without a time of midnight."""
    import datetime

    if isinstance(value, str):
        return value if value.strip() else ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        return str(value.date() if value.time() == datetime.time() else value)
    return str(value)
