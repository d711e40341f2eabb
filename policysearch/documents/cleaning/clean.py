"""Cleaning of a reading: complete paragraphs, one per line, and an account of the removed text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from policysearch.documents.cleaning.boilerplate import (
    TITLE_LINES,
    drop_footer,
    drop_navigation,
    drop_repeated_body,
    drop_running_heads,
    glued_origin_edits,
    keep,
)
from policysearch.documents.cleaning.edits import Edit, edited, markup_edits, spaced_out
from policysearch.documents.cleaning.joining import joined
from policysearch.documents.cleaning.lines import Line, line_at, paragraph_offset, read_lines
from policysearch.documents.cleaning.page_heads import mark_header_lines
from policysearch.documents.cleaning.page_marks import DASHES, page_mark_edits
from policysearch.frozen import frozen
from policysearch.sources.readers.bylines import byline_statements
from policysearch.sources.readers.fields import field_statements
from policysearch.sources.readers.reading import HeadingLine, Reading, Removed, StatedField
from policysearch.text.patterns import lazy_pattern

__all__ = ["Cleaned", "clean"]

LONGEST_TITLE_LINE = 400
"""Maximum length of lines passed to the metadata stage, in characters."""


@frozen
class Cleaned:
    """A text without page marks, navigation, repetitions and broken lines.

    Attributes:
        text: Paragraphs, each one line, without indents, with an empty line at each border and nowhere else; white
            space removed for this is not reported. A tab is between the cells of a row, or as in the source if that
            marks no cells.
        headings: Lines the format marks as headings, offsets into ``text``.
        pages: Offset in ``text`` of the first character of each page.
        removed: The removed pieces: by the reader, then markup, page marks and lines, each in the order of the source.
        head: The first lines before cleaning, removed ones included.
        tail: The last lines likewise.
        statements: The metadata that the reader found outside the text, then that of header tables and bylines removed
            here.
    """

    text: str
    headings: tuple[HeadingLine, ...] = ()
    pages: tuple[int, ...] = ()
    removed: tuple[Removed, ...] = ()
    head: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    statements: tuple[StatedField, ...] = ()


def clean(reading: Reading) -> Cleaned:
    """Return the text of ``reading`` as complete paragraphs, with the removed pieces and the rules.

    Only form and place decide: navigation and footers are searched for among the first and last lines, page marks where
    their numbers ascend. All other rules remove only copies, and marks without text.
    """
    if (one := _one_line(reading)) is not None:
        return one
    markup = edited(reading.text, markup_edits(reading.text) or spaced_out(reading.text))
    marks = edited(markup.text, _apart(page_mark_edits(markup.text), glued_origin_edits(markup.text)))
    lines = read_lines(marks.text)
    drop_running_heads(lines, [marks.moved(markup.moved(page)) for page in reading.pages])
    drop_repeated_body(lines)
    pairs = drop_navigation(lines)
    drop_footer(lines)
    if all(line.reason for line in lines):
        keep(lines)
    begins = [line.start for line in lines]
    for border in reading.borders or ():
        offset = marks.moved(markup.moved(border))
        at = line_at(begins, offset)
        # unless it is now inside another line
        if at < len(lines) and (begins[at] == offset or not marks.text[offset : begins[at]].strip()):
            lines[at].bordered = True
    fixed = [line_at(begins, marks.moved(markup.moved(heading.start))) for heading in reading.headings]
    ended = {*marks.new[1:], *(marks.moved(markup.moved(page)) for page in reading.pages)}
    text, starts, joins = joined(lines, set(fixed), {i for i, line in enumerate(lines) if line.start in ended})

    def moved(offset: int) -> int:
        return paragraph_offset(lines, begins, starts, marks.moved(markup.moved(offset)))

    edits = (
        *(Removed(piece.text, piece.reason, offset) for offset, piece in markup.removed),
        *(Removed(piece.text, piece.reason, markup.source(offset)) for offset, piece in marks.removed),
        *(Removed(line.text, line.reason, markup.source(marks.source(line.start))) for line in lines if line.reason),
    )
    kept = [h for h, at in zip(reading.headings, fixed, strict=True) if at < len(lines) and not lines[at].reason]
    shown = [i for i, joined_to in enumerate(joins) if lines[i].reason or not joined_to]
    return Cleaned(
        text=text,
        headings=tuple(HeadingLine(moved(h.start), h.level) for h in kept),
        pages=tuple(moved(page) for page in reading.pages),
        removed=(*reading.removed, *_numbered(edits, reading.text)),
        head=tuple(_shown(lines[i], text, starts[i]) for i in shown[:TITLE_LINES]),
        tail=tuple(_shown(lines[i], text, starts[i]) for i in shown[-TITLE_LINES:]),
        statements=(
            *reading.statements,
            *field_statements(pairs, "header table"),
            *byline_statements(_furniture(lines)),
        ),
    )


# Without any of these, no rule for a text of one line applies: each character of markup and of page marks, labels.
_MAY_BE_EDITED = lazy_pattern(f"[<> 页/／e源:：{DASHES}]")


def _one_line(reading: Reading) -> Cleaned | None:
    """Return a text of one line without edits, such as most records of a collection; None for others.

    Such a line is never removed, since it is the complete text. This takes a tenth of the time.
    """
    text = reading.text
    line = text.strip()
    if not line or "\n" in text or reading.headings or reading.pages or reading.borders:
        return None
    shown = (line[:LONGEST_TITLE_LINE],)
    if not _MAY_BE_EDITED.search(text):
        return Cleaned(line, removed=reading.removed, head=shown, tail=shown, statements=reading.statements)
    if markup_edits(text) or spaced_out(text) or page_mark_edits(text) or glued_origin_edits(text):
        return None
    pairs = mark_header_lines([Line(0, line, indented=False, after_blank=False)])
    statements = (*reading.statements, *field_statements(pairs, "header table"))
    return Cleaned(line, removed=reading.removed, head=shown, tail=shown, statements=statements)


def _shown(line: Line, text: str, start: int) -> str:
    """Return a line with the lines joined to it, cut to ``LONGEST_TITLE_LINE``."""
    shown = line.text if line.reason else text[start : start + LONGEST_TITLE_LINE].split("\n", 1)[0]
    return shown[:LONGEST_TITLE_LINE]


def _apart(edits: Sequence[Edit], others: Iterable[Edit]) -> list[Edit]:
    """Return edits in order, without those of ``others`` that touch one."""
    free = [other for other in others if not any(edit.start < other.end and other.start < edit.end for edit in edits)]
    return sorted((*edits, *free), key=lambda edit: edit.start)


def _furniture(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the lines removed above and below the body, a run as one piece, since a date may be below its label."""
    run: list[str] = []
    for line in lines:
        if line.reason in ("navigation", "footer"):
            run.append(line.text)
        elif run:
            yield "\n".join(run)
            run = []
    if run:
        yield "\n".join(run)


def _numbered(pieces: Sequence[Removed], text: str) -> Iterator[Removed]:
    """Yield the pieces with line numbers instead of offsets into ``text``."""
    at = ends = 0
    for piece in pieces:
        offset = piece.line or 0
        if offset < at:  # of another rule: each goes through the text once
            at = ends = 0
        ends += text.count("\n", at, offset)
        at = offset
        yield Removed(piece.text, piece.reason, ends + 1)
