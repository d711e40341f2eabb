"""Markdown: marks are removed, every character of the text is kept.

Line based on purpose: a parser of CommonMark such as markdown-it-py takes the numbers of lists for
marks (25 digits gone from one of 128 statutes), indented lines for code, and drops link definitions.
Official texts need none of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from policysearch.sources.encodings import Decoded
from policysearch.sources.readers.fields import field_statements, named_fields
from policysearch.sources.readers.line_writer import LineWriter
from policysearch.sources.readers.reading import Reading, undecodable
from policysearch.sources.readers.saved_heads import take_saved_head
from policysearch.sources.readers.tables import CELL_SEPARATOR, row_line
from policysearch.text.characters import holds_text, split_dropped
from policysearch.text.patterns import lazy_pattern
from policysearch.text.superscripts import superscript

__all__ = ["read_markdown"]

_FRONT_MATTER_END = lazy_pattern(r"^(?:---|\.\.\.)[ \t]*$", re.M)
_FRONT_MATTER_LINE = lazy_pattern(r"([^\s:：#-][^:：]{0,60})[:：](?:[ \t]+|$)(.*)")
_ATX = lazy_pattern(r" {0,3}(#{1,6})(?:[ \t\u3000]+|(?=[^\x00-~]))(.*)")
_SETEXT = lazy_pattern(r" {0,3}(?:={2,}|-{3,})[ \t]*")
_RULE = lazy_pattern(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_FENCE = lazy_pattern(r" {0,3}(```+|~~~+)")
_TABLE_RULE = lazy_pattern(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_QUOTE = lazy_pattern(r" {0,3}>[> ]*")
_BULLET = lazy_pattern(r"([ \t]*)[*+](?=[ \t])")
_CELL_END = lazy_pattern(r"(?<!\\)\|")

_MARKS = frozenset("*_`[<\\!~")
# Most lines have no mark at all: they are text, whatever the lines around them are.
_ORDINARY = lazy_pattern(r"\u3000*[^\s\x00-~][^\t|*_`\[<\\!~]*")
_IMAGE = lazy_pattern(r"!\[([^\[\]\n]*)\]\([^()\n]*\)")
_LINK = lazy_pattern(r"\[([^\[\]\n]*)\]\(((?:https?:|ftp:|mailto:|[./#]|[\w%-]+[./])[^()\s]*)(?:\s+\"[^\"\n]*\")?\)")
_AUTOLINK = lazy_pattern(r"<((?:https?|ftp)://[^<>\s]*)>")
_STRONG = lazy_pattern(r"\*\*\*([^*\n]+)\*\*\*|\*\*([^*\n]+)\*\*|(?<![0-9A-Za-z_])__([^_\n]+)__(?![0-9A-Za-z_])")
_EMPHASIS = lazy_pattern(r"(?<![0-9A-Za-z*\\])\*(?![\s*])([^*\n]+)(?<![\s\\])\*(?![0-9A-Za-z*])")
_STRUCK = lazy_pattern(r"~~([^~\n]+)~~")
_CODE = lazy_pattern(r"(`+)([^`\n]+)\1")
_BREAK = lazy_pattern(r"<br[ \t]*/?>", re.I)
# Placeholders for the end of a row or of a lone cell, and of a paragraph, until lines are written.
_APART, _ENDED = _ENDS = "\f\v"
_NO_ENDS = str.maketrans("", "", _ENDS)
_BLOCK_END = lazy_pattern("(?=[\f\v])")
_ROW_TAG = lazy_pattern(r"</tr>|</t[dh]>(?![^\n<]*<t[dh])", re.I)
_PARAGRAPH_TAG = lazy_pattern(r"</p>", re.I)
_ITEM = lazy_pattern(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_CELL_TAG = lazy_pattern(r"</t[dh]>(?=[^\n<]*<t[dh])", re.I)
_TAG = lazy_pattern(
    r"</?(?:a|b|big|center|div|em|font|hr|i|img|p|small|span|strong|sub|sup|table|tbody|td|th|thead|tr|u)"
    r"(?:[ \t][^<>\n]*)?/?>",
    re.I,
)
_RAISED = lazy_pattern(r"<sup(?:[ \t][^<>\n]*)?>([^\n]{0,200}?)</sup>", re.I)
_DESCRIBED = lazy_pattern(r"""\balt[ \t]*=[ \t]*["']([^"'<>\n]*)""", re.I)
_ESCAPE = lazy_pattern(r"\\([!-/:-@\[-`{-~])")


def read_markdown(decoded: Decoded) -> Iterator[Reading]:
    """Yield one reading: headings from ``#`` and underlines, tables as lines with tabs.

    Front matter, and the head that a reader service puts above a page
    (``Title:``, ``URL Source:`` …), become ``fields`` and ``statements``; comments, rules, image and link targets
    are removed and listed in ``removed``, except text in comments and descriptions of images, which stay. Quotation
    marks, list numbers and line breaks stay as they are. A key of front matter that comes again
    is text, and so are front matter and a head with Chinese text when nothing follows them.

    Raises:
        SourceError: There are only white space and marks.
    """
    text, dropped = split_dropped(decoded.text)
    writer = _new_writer(decoded, dropped)
    columns, again, body = _take_front_matter(text, writer)
    head, length = take_saved_head(body)
    writer.leave_out(body[:length], "front matter")
    # an empty line, so that neither is read as part of the other
    body = "\n".join((*again, "", body[length:])) if again else body[length:]
    _write_lines(_take_comments(body, writer).split("\n"), writer)
    if (columns or head) and writer.is_empty and holds_text(text):
        columns, head = [], ()
        writer = _new_writer(decoded, dropped)
        _write_lines(_take_comments(text, writer).split("\n"), writer)
    fields = named_fields([*columns, *((one.name, one.value) for one in head)])
    yield writer.reading(
        fields,
        (*field_statements(columns, "front matter"), *head),
        encoding=decoded.encoding,
        confidence=decoded.confidence,
    )


def _new_writer(decoded: Decoded, dropped: str) -> LineWriter:
    writer = LineWriter()
    writer.leave_out_characters(dropped)
    for place in undecodable(decoded.broken):
        writer.leave_out(place.text, place.reason)
    return writer


def _take_front_matter(text: str, writer: LineWriter) -> tuple[list[tuple[str, str]], list[str], str]:
    """Split off a block between ``---`` lines at the very start that contains ``key: value`` lines.

    Returns:
        The keys with their values; the lines of the block that are text, since a key has one value: those of a key that
        comes again, and comments with Chinese text; the text below the block.
    """
    if not text.startswith("---\n"):
        return [], [], text
    end = _FRONT_MATTER_END.search(text, 4)
    if end is None:
        return [], [], text
    columns: dict[str, str] = {}
    taken: list[str] = []
    again: list[str] = []
    name = ""
    lines = taken
    for line in text[4 : end.start()].split("\n"):
        item = line.strip()
        stated = _FRONT_MATTER_LINE.fullmatch(line)
        if stated:
            name = stated[1].strip()
            lines = again if name in columns else taken
            lines.append(line)
            columns.setdefault(name, _scalar(stated[2]))
        elif columns and item.startswith("- "):
            lines.append(line)
            if lines is taken:
                columns[name] = "、".join(filter(None, (columns[name], _scalar(item[2:]))))
        elif not item or item.startswith("#"):
            (again if holds_text(item) else taken).append(line)
        else:
            return [], [], text
    if not columns:
        return [], [], text
    writer.leave_out("\n".join(taken), "front matter")
    return list(columns.items()), again, text[end.end() :].lstrip("\n")


def _scalar(written: str) -> str:
    value = written.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    if value.startswith("[") and value.endswith("]"):
        return "、".join(_scalar(item) for item in value[1:-1].split(",") if item.strip())
    return "" if value in ("null", "~", "|", ">") else value


def _take_comments(text: str, writer: LineWriter) -> str:
    """Remove ``<!-- -->``, with its line if it is alone on it; an unclosed one stays.

    Only the marks of a comment with text are removed.
    """
    kept: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        end += 3
        kept.append(text[at:start])
        if holds_text(text[start:end]):
            writer.leave_out("<!-- -->", "markup")
            kept.append(text[start + 4 : end - 3])
            at = end
            continue
        writer.leave_out(text[start:end], "markup")
        own_line = (start == 0 or text[start - 1] == "\n") and text.startswith("\n", end)
        at = end + own_line
    return "".join((*kept, text[at:]))


def _write_lines(lines: list[str], writer: LineWriter) -> None:
    if lines and not lines[-1]:
        lines.pop()
    fence = ""
    in_table = in_item = False
    before = ""
    for line, after in zip(lines, [*lines[1:], ""], strict=False):
        if not fence and _ORDINARY.fullmatch(line):
            if in_item and line[0] != "\u3000" and not before.strip():
                writer.edge(sure=True)
                in_item = False
            in_table = False
            writer.normal_line(line, _underlined(line, after))
            before = line
            continue
        if not (line or fence):
            in_table = False
            writer.edge()
            writer.normal_line(line)
            before = line
            continue
        opened = _FENCE.match(line)
        # a fence closed on the same line is inline code
        if opened and (line.strip() == fence if fence else opened[1] not in line[opened.end() :]):
            fence = "" if fence else opened[1]
            named = line[opened.end() :].strip()
            if holds_text(named):
                writer.leave_out(opened[0], "markup")
                writer.edge()
                writer.line(named)
            else:
                writer.leave_out(line, "markup")
            writer.edge()
        elif fence:
            writer.line(line)
        elif in_table and "|" in line:
            if not _TABLE_RULE.fullmatch(line):
                writer.row(_table_row(line, writer))
        elif "|" in line and "|" in after and _TABLE_RULE.fullmatch(after):
            in_table = True
            in_item = False
            writer.row(_table_row(line, writer))
        else:
            in_table = False
            begins = _ITEM.match(line) is not None and not _RULE.fullmatch(line)
            ends = in_item and not before.strip() and not line[:1].isspace() and line.strip() != ""
            if begins or ends:
                writer.edge(sure=True)
                in_item = begins
            elif not line.strip():
                writer.edge()
            _write_line(line, before, after, writer)
        before = line


def _write_line(line: str, before: str, after: str, writer: LineWriter) -> None:
    line = _QUOTE.sub("", line, count=1) if line.lstrip(" ").startswith(">") else line
    heading = _ATX.fullmatch(line)
    if heading:
        writer.line(_plain(_without_closing_marks(heading[2]), writer).translate(_NO_ENDS), level=len(heading[1]))
    elif (_SETEXT.fullmatch(line) and _may_be_underlined(before)) or (
        line[:8].strip()[:1] in ("-", "*", "_") and _RULE.fullmatch(line)
    ):
        writer.leave_out(line, "markup")
        writer.edge()
    else:
        level = _underlined(line, after)
        text = _plain(_BULLET.sub(r"\1-", line, count=1) if _BULLET.match(line) else line.replace("\t", " "), writer)
        for number, block in enumerate(_split_blocks(text)):
            if number:
                writer.edge(block[:1] == _APART)
            block = block.lstrip(_ENDS)
            if block.strip() or not number:
                writer.line(block, level, cells=CELL_SEPARATOR in block)


def _underlined(line: str, after: str) -> int | None:
    """Return the level of a heading that the line after it underlines; None if the line is not a heading."""
    if _SETEXT.fullmatch(after) and _may_be_underlined(line):
        return 1 if "=" in after else 2
    return None


def _split_blocks(text: str) -> list[str]:
    """Return a line in pieces, each after the first preceded by the placeholder of the block that ended there."""
    return _BLOCK_END.split(text) if _ENDS[0] in text or _ENDS[1] in text else [text]


def _may_be_underlined(line: str) -> bool:
    """Return whether a rule below a line makes it a heading; below a sentence it is a divider."""
    line = line.strip()
    return 0 < len(line) <= 60 and line[0] not in "#>|-*+<`" and line[-1] not in "。；：，,;:"


def _without_closing_marks(heading: str) -> str:
    heading = heading.strip()
    bare = heading.rstrip("#")
    return bare.rstrip() if bare != heading and bare.endswith((" ", "\t")) else heading


def _table_row(line: str, writer: LineWriter) -> str:
    cells = _CELL_END.split(line.strip().removeprefix("|"))
    if cells and not cells[-1].strip():
        cells.pop()
    texts = (_plain(cell.strip().replace(CELL_SEPARATOR, " "), writer) for cell in cells)
    return row_line(_BLOCK_END.sub(CELL_SEPARATOR, text).translate(_NO_ENDS).rstrip() for text in texts)


def _plain(line: str, writer: LineWriter) -> str:
    """Return ``line`` without the marks of emphasis, links, code and HTML."""
    if _MARKS.isdisjoint(line):
        return line
    if "](" in line:
        line = _IMAGE.sub(partial(_image, writer), line)
        for target in _LINK.finditer(line):
            writer.leave_out(target[0][len(target[1]) + 3 : -1], "link")
        line = _LINK.sub(r"\1", line)
    if "<" in line:
        line = _RAISED.sub(lambda raised: superscript(_TAG.sub("", raised[1])), line)
        line = _TAG.sub(_tag, _CELL_TAG.sub(CELL_SEPARATOR, _block_ends(_AUTOLINK.sub(r"\1", line))))
    line = _CODE.sub(r"\2", line)
    if "*" in line or "__" in line:
        line = _STRONG.sub(lambda found: found[1] or found[2] or found[3], line)
        line = _EMPHASIS.sub(r"\1", line)
    line = _STRUCK.sub(r"\1", line)
    return _ESCAPE.sub(r"\1", line)


def _block_ends(line: str) -> str:
    line = _ROW_TAG.sub(_APART, _PARAGRAPH_TAG.sub(_ENDED, line))
    return _BREAK.sub("\n", line)


def _image(writer: LineWriter, image: re.Match[str]) -> str:
    """Return the replacement of an image: its description, if that is text."""
    described = image[1] if holds_text(image[1]) else ""
    writer.leave_out(image[0][2 + len(image[1]) :] if described else image[0], "image")
    return described


def _tag(tag: re.Match[str]) -> str:
    """Return the replacement of an HTML tag: nothing, or the description of an image."""
    return " ".join(filter(holds_text, _DESCRIBED.findall(tag[0])))
