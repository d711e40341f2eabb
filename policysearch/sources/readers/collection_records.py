"""Functions shared by the readers of collections: the text field, ids of records, their metadata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from policysearch.errors import SourceError
from policysearch.frozen import replace
from policysearch.sources.encodings import Decoded
from policysearch.sources.readers.fields import field_statements, named_fields, plain_label
from policysearch.sources.readers.markup import is_marked_up, with_breaks
from policysearch.sources.readers.reading import FailedRecord, Reading, Removed
from policysearch.text.characters import normalize, split_dropped

__all__ = ["ID_FIELDS", "TEXT_FIELDS", "Records", "id_of", "no_text_column", "text_column"]

TEXT_FIELDS = (
    *("text", "content", "full_text", "正文", "全文", "内容", "body", "fulltext", "正文内容", "全文内容", "文件正文"),
    *("文件内容", "政策正文", "政策内容", "公文正文", "公文内容", "文章内容", "文本内容", "文本", "详细内容"),
    *("政策原文", "文件原文", "法规内容", "法规正文", "政策全文", "文件全文", "公文全文", "报告全文", "法规全文"),
    *("政策文本", "文件文本", "报告文本", "报告内容", "报告正文"),
)
_NAMED = 7  # of these, in messages
ID_FIELDS = ("id", "ID", "Id")


def text_column(columns: Sequence[str], text_field: str | None) -> str | None:
    """Return the column with the given name, or with the first usual one, in any spelling; None if there is none."""
    wanted = TEXT_FIELDS if text_field is None else (text_field,)
    found = next((name for name in wanted if name in columns), None)
    if found is None and text_field is None:
        spelt = {plain_label(column): column for column in reversed(columns)}
        found = next((spelt[name] for name in wanted if name in spelt), None)
    return found


def no_text_column(text_field: str | None) -> str:
    """Return the sentence that there is no such column, with the most usual names if none was given."""
    return f"No column is named {text_field or ', '.join(TEXT_FIELDS[:_NAMED])}."


def id_of(values: Mapping[str, str]) -> str:
    """Return the id that a record states, empty without one."""
    for name in ID_FIELDS:
        if values.get(name, "").strip():
            return normalize(values[name].strip())
    return ""


class Records:
    """Converts the records of one collection to readings and refuses repeated ids."""

    def __init__(self, decoded: Decoded | None, text_field: str | None, seen: Iterable[str] = ()) -> None:
        """``decoded`` is None for a format with an encoding of its own; ``seen`` are ids of records before these."""
        self._decoded = decoded
        self._asked_for = text_field
        self._text_fields: tuple[str, ...] = TEXT_FIELDS if text_field is None else (text_field,)
        self._seen = set(seen)

    def choose_text_field(self, columns: Iterable[str]) -> None:
        """Choose the column of the text.

        Raises:
            SourceError: There is none.
        """
        names = list(columns)
        found = text_column(names, self._asked_for)
        if found is None:
            listed = ", ".join(name[:40] for name in names[:12]) or "none"
            raise SourceError(f"{no_text_column(self._asked_for)} Its columns: {listed}. Name one: --text-field NAME.")
        self._text_fields = (found,)

    def record(self, number: int, values: Mapping[str, str], parts: str | None = None) -> Reading | FailedRecord:
        """Return the reading of one record, counted from 1; its text is in the first text field it has.

        Args:
            number: Number of the record, from 1.
            values: Its fields.
            parts: The longest field whose value was a list of parts; it is the text of a record that has no text field.
        """
        record_id = id_of(values) or str(number)
        if record_id in self._seen:
            return FailedRecord(
                record_id, f"Record {number} repeats the id of an earlier one; give it an id of its own."
            )
        self._seen.add(record_id)
        fields = (*self._text_fields, parts) if parts and self._asked_for is None else self._text_fields
        field = next((name for name in fields if values.get(name, "").strip()), None)
        if field is None:
            return FailedRecord(record_id, f"It has no text in {', '.join(self._text_fields[:_NAMED])}.")
        others = [(name, normalize(value)) for name, value in values.items() if name not in (field, *ID_FIELDS)]
        if is_marked_up(values[field]):
            return self._page(record_id, field, values[field], others)
        text, dropped = split_dropped(values[field])
        if not text.strip():
            return FailedRecord(record_id, f"It has no text in {field}.")
        return Reading(
            text=text,
            record=record_id,
            fields=named_fields(others) if others else {},
            statements=tuple(field_statements(others, "column")) if others else (),
            removed=(Removed(dropped, "control character"),) if dropped else (),
            encoding=self._decoded.encoding if self._decoded else None,
            confidence=self._decoded.confidence if self._decoded else None,
        )

    def _page(
        self, record_id: str, field: str, markup: str, others: Sequence[tuple[str, str]]
    ) -> Reading | FailedRecord:
        """Return the reading of a record whose text is a piece of a web page."""
        from policysearch.sources.readers.html.page_reader import read_html

        decoded = self._decoded or Decoded("", "utf-8", 1.0)
        try:
            (page,) = read_html(Decoded(with_breaks(markup), decoded.encoding, decoded.confidence))
        except SourceError:
            return FailedRecord(record_id, f"It has no text in {field}.")
        return replace(
            page,
            record=record_id,
            fields={**page.fields, **named_fields(others)},
            statements=(*field_statements(others, "column"), *page.statements),
            encoding=decoded.encoding if self._decoded else None,
            confidence=decoded.confidence if self._decoded else None,
        )
