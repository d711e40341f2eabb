"""Saved web pages and fragments of them to lines: the main content, not the navigation around it.

Extractors made for news drop short paragraphs, tables and signatures. Here nothing of the main
content is dropped, and what stands outside it is named in ``removed``. So is text in elements that
a browser does not show as text; scripts, styles and comments are no text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from typing import Any

from policysearch.errors import SourceError
from policysearch.sources.encodings import Decoded
from policysearch.sources.readers.fields import field_name, named_fields
from policysearch.sources.readers.html_fields import byline, meta_columns, title
from policysearch.sources.readers.lines import LineWriter
from policysearch.sources.readers.reading import Reading, undecodable
from policysearch.text.characters import holds_text

__all__ = ["READER_VERSION", "declared_encoding", "looks_like_html", "read_html"]

READER_VERSION = 2

# libxml2 stops, without saying so, at 2,048 elements within each other.
_DEEPEST = 2_000
# Of one tag, that are kept.
_MOST_ATTRIBUTES = 1_000
# The main content is the innermost container with this share of the page's sentences.
_MAIN_SHARE = 0.9
# What a header table holds at most, in characters and in elements.
_HEADER_TABLE_LENGTH = 1_500
_HEADER_TABLE_ELEMENTS = 500


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_BLOCKS = _names(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section summary table tbody td"
    " tfoot th thead tr ul ucapcontent ucaptitle"
)
_CONTAINERS = _names("article body center div form html main section td ucapcontent")
_UNSEEN = _names("audio canvas embed head iframe map noscript object script style svg template video")
_CODE = _names("head script style template")
_CONTROLS = _names("button input option select textarea")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}

_SENTENCE_MARK = re.compile("[，。；、！？]")
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
_BOILERPLATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:bdshare\w*|bdsharebuttonbox|breadcrumbs?|copyright|crumbs?|fontsize|footer|menu|nav|navigation"
    r"|pagenav|pager|pagination|qrcode|recommend|related|share|sharebox|sidebar|toolbar)(?:$|[\s_-])",
    re.I,
)
_BOILERPLATE_WORDS = re.compile(
    "来源|发布日期|发布时间|浏览|访问量|点击|字号|字体|分享|打印|关闭|位置|首页|版权|备案|ICP|上一|下一|主办|承办|扫一扫|无障碍"
)
_WHITE = re.compile("[ \t\n\r\f\xa0]+")
# A line break of the file between two Chinese characters is no space.
_SOFT_BREAK = re.compile("(?<=[\u2e80-\uffef])[ \t]*[\r\n][ \t\r\n]*(?=[\u2e80-\uffef])")
_CHARSET = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w-]+)|<\?xml[^>]{0,100}?encoding=["']([\w-]+)""", re.I
)
_HTML_START = re.compile(
    rb"\s*(?:<!--[^>]{0,500}-->\s*)*<(?:!doctype\s+html|html|head|body|meta|title|div|table|p|style|script)[\s>/]",
    re.I,
)
_LABELLED = re.compile(r"([^：:]{2,12})[：:](.*)", re.S)


def looks_like_html(data: bytes) -> bool:
    """Whether the first bytes are those of a web page."""
    return _HTML_START.match(data[:4096].removeprefix(b"\xef\xbb\xbf")) is not None


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding that the page says it is in, if it does."""
    found = _CHARSET.search(data[:4096])
    return (found[1] or found[2]).decode("ascii") if found else None


def read_html(decoded: Decoded) -> Iterator[Reading]:
    """Yield one reading: blocks and ``<br>`` are lines, rows of tables lines with tabs.

    Fields come from a header table (索引号, 发文字号 …), which is left out of the
    text, then from ``<meta>``, then from ``<title>``.

    Raises:
        SourceError: There is no text, or elements stand in each other more than 2,000 deep.
    """
    root = _parse(decoded.text)
    page = _measure(root)
    writer = LineWriter()
    for place in undecodable(decoded.broken):
        writer.leave_out(place.text, place.reason)
    _write(root, page, writer)
    fields = {
        **named_fields(meta_columns(root, decoded.text)),
        **named_fields(byline(writer)),
        **named_fields(page.header),
    }
    if "title" not in fields and (stated := title(root, writer)):
        fields["title"] = stated
    yield writer.reading(fields, encoding=decoded.encoding, confidence=decoded.confidence)


def _parse(text: str) -> Any:
    from lxml import etree

    data = text.replace("\0", "").encode("utf-8", "replace") or b" "
    builder = _Builder() if len(data) > _MOST_ATTRIBUTES and _has_wide_tag(data) else None
    parser = _parser(builder)
    try:
        parser.feed(data)
        root = parser.close()
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise SourceError("It holds no text.")
    return root


def _parser(target: Any) -> Any:
    from lxml import etree

    return etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True, target=target
    )


class _WideTagError(Exception):
    """A tag has more attributes than are kept."""


class _Widths:
    """Looks at the number of attributes only, which costs a tenth of the time that reading the page takes."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if len(attributes) > _MOST_ATTRIBUTES:
            raise _WideTagError

    def close(self) -> None:
        pass


def _has_wide_tag(data: bytes) -> bool:
    from lxml import etree

    parser = _parser(_Widths())
    try:
        parser.feed(data)
        parser.close()
    except _WideTagError:
        return True
    except etree.XMLSyntaxError:  # it has no tag at all
        pass
    return False


class _Builder:
    """Makes the tree with the first attributes of each tag, since libxml2 goes over all to add another."""

    def __init__(self) -> None:
        from lxml import etree

        builder = self._builder = etree.TreeBuilder()
        self.end, self.data, self.close = builder.end, builder.data, builder.close

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._builder.start(tag, dict(islice(attributes.items(), _MOST_ATTRIBUTES)))


@dataclass(slots=True)
class _Frame:
    """What is known of an element while it is being measured, in characters.

    ``prose`` is text with sentence marks, ``plain`` any text but links;
    ``core_…`` what of it is not in elements that look like navigation.
    """

    prose: int = 0
    plain: int = 0
    core_prose: int = 0
    core_plain: int = 0
    elements: int = 1
    cells: int = 0
    rows: int = 0
    longest_cell: int = 0
    nested: bool = False


@dataclass(slots=True)
class _Page:
    """What the first pass finds: which element is the content and which are to be left out."""

    main: Any = None
    header: list[tuple[str, str]] = field(default_factory=list)
    header_elements: set[Any] = field(default_factory=set)
    data_tables: set[Any] = field(default_factory=set)
    boilerplate: set[Any] = field(default_factory=set)


def _measure(root: Any) -> _Page:
    page = _Page()
    frames = _frames(root)
    size = _measure_of(frames[root])
    needed = _MAIN_SHARE * size(frames[root])
    unfolded = _hidden_prose(frames) < frames[root].prose / 5
    for element, frame in frames.items():  # inner elements come before outer ones
        if page.main is None and element.tag in _CONTAINERS and size(frame) >= needed:
            page.main = element
        if element.tag == "table" and _is_data_table(frame):
            page.data_tables.add(element)
        hidden_text = not unfolded and frame.prose > 0 and _is_hidden(element)
        if _may_be_left_out(element) and frame.plain < frames[root].plain / 5 and not hidden_text:
            page.boilerplate.add(element)
    page.main = _with_plain_surroundings(root if page.main is None else page.main)
    _find_header_tables(frames, page)
    return page


def _hidden_prose(frames: dict[Any, _Frame]) -> int:
    """Characters of prose that the page hides; where they are many, it folds up its own text."""
    hidden = {element: frame.prose for element, frame in frames.items() if frame.prose and _is_hidden(element)}
    return sum(
        prose for element, prose in hidden.items() if not any(outer in hidden for outer in element.iterancestors())
    )


def _measure_of(whole: _Frame) -> Callable[[_Frame], int]:
    """What the main content of this page is found by: its sentences, unless it has hardly any."""
    prose, plain = attrgetter("core_prose"), attrgetter("core_plain")
    if whole.core_plain < whole.plain * 0.3:
        prose, plain = attrgetter("prose"), attrgetter("plain")
    return prose if prose(whole) >= max(60, plain(whole) // 10) else plain


def _frames(root: Any) -> dict[Any, _Frame]:
    """Measure every element, each after those within it."""
    from lxml import etree

    measured: dict[Any, _Frame] = {}
    stack = [_Frame()]
    links = unseen = aside = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if event == "start":
            stack.append(_Frame())
            if len(stack) > _DEEPEST:
                raise SourceError(f"Its elements stand in each other more than {_DEEPEST} deep; it is no document.")
            links += tag == "a"
            unseen += tag in _UNSEEN or tag in _CONTROLS
            aside += _may_be_left_out(element)
            if not links and not unseen:
                _count(element.text, stack[-1], core=not aside)
            continue
        links -= tag == "a"
        unseen -= tag in _UNSEEN or tag in _CONTROLS
        frame = measured[element] = stack.pop()
        _add_to_outer(tag, frame, stack[-1])
        aside -= _may_be_left_out(element)
        if element is not root and not links and not unseen:
            _count(element.tail, stack[-1], core=not aside)
    return measured


def _count(text: str | None, frame: _Frame, *, core: bool) -> None:
    if not text or text.isspace():
        return
    length = len(text.strip())
    prose = length if _SENTENCE_MARK.search(text) else 0
    frame.plain += length
    frame.prose += prose
    if core:
        frame.core_plain += length
        frame.core_prose += prose


def _add_to_outer(tag: str, frame: _Frame, outer: _Frame) -> None:
    outer.prose += frame.prose
    outer.plain += frame.plain
    outer.core_prose += frame.core_prose
    outer.core_plain += frame.core_plain
    outer.elements += frame.elements
    if tag == "table":
        outer.nested = True
        return
    outer.nested |= frame.nested
    outer.cells += frame.cells + (tag in ("td", "th"))
    outer.rows += frame.rows + (tag == "tr")
    outer.longest_cell = max(outer.longest_cell, frame.longest_cell, frame.plain if tag in ("td", "th") else 0)


def _is_data_table(frame: _Frame) -> bool:
    """Not one that only places things on the page: it has columns, and no cell is most of it."""
    if frame.nested or frame.cells <= max(frame.rows, 1):
        return False
    return frame.longest_cell < 400 or frame.longest_cell < frame.plain * 0.6


def _may_be_left_out(element: Any) -> bool:
    if element.tag in ("nav", "footer"):
        return True
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return _is_hidden(element) or (len(names) > 1 and _BOILERPLATE_CLASS.search(names) is not None)


def _is_hidden(element: Any) -> bool:
    return element.get("hidden") is not None or _HIDDEN.search(element.get("style", "")) is not None


def _with_plain_surroundings(main: Any) -> Any:
    """Widen the main content over titles, signatures and dates in elements beside it."""
    while (outer := main.getparent()) is not None and main.tag != "body":
        for beside in outer:
            if beside is main or beside.tag in _UNSEEN:
                continue
            text = "".join(beside.itertext())
            if len(text) > 5_000 or _BOILERPLATE_WORDS.search(text) or next(beside.iter("a"), None) is not None:
                return main
        main = outer
    return main


def _find_header_tables(frames: dict[Any, _Frame], page: _Page) -> None:
    """Find the outermost elements that hold labels and their values and nothing else."""
    found: dict[Any, None] = {}
    for element, frame in frames.items():
        small = 10 <= frame.plain <= _HEADER_TABLE_LENGTH and frame.elements <= _HEADER_TABLE_ELEMENTS
        if small and element.tag in ("table", "ul", "dl", "div") and _header_pairs(element) is not None:
            found[element] = None
    outermost = [element for element in found if not any(outer in found for outer in element.iterancestors())]
    for element in outermost:
        page.header += _header_pairs(element) or []
    page.header_elements = set(outermost)


def _header_pairs(element: Any) -> list[tuple[str, str]] | None:
    """Return the labels and values of a header table; None when it is something else."""
    pairs: list[tuple[str, str]] = []
    label = ""
    loose = len("".join("".join(element.itertext()).split()))
    for item in _items(element):
        loose -= len("".join(item.split()))
        stated = _LABELLED.fullmatch(item)
        if stated and field_name(stated[1]):
            label = stated[1] if not stated[2].strip() else ""
            pairs.append((stated[1], stated[2].strip()))
        elif field_name(item) and len(item) <= 12:
            label = item
            pairs.append((item, ""))
        elif label:
            pairs[-1] = (label, item)
            label = ""
        else:
            loose += len(item)
    named = {field_name(name) for name, value in pairs if value}
    known = named & {"document_number", "index_number", "issuer", "date", "publish_date", "subject", "title"}
    size = sum(len(name) + len(value) for name, value in pairs)
    if len(known) < 3 or not known & {"document_number", "index_number"} or loose > size / 4:
        return None
    return [(_WHITE.sub("", name.replace("\u3000", "")).strip("：:"), value) for name, value in pairs]


def _items(element: Any) -> Iterator[str]:
    """The texts of the cells or items within, in order; a label in an element of its own apart."""
    for leaf in [each for each in element.iter(*_ITEMS) if not _has_item(each)] or [element]:
        text = _text_of(leaf)
        stated = _LABELLED.fullmatch(text)
        label = "" if (stated and field_name(stated[1])) or not len(leaf) else _text_of(leaf[0])
        if label and field_name(label) and text.startswith(label):
            yield label
            text = text[len(label) :].strip()
        if text:
            yield text


_ITEMS = ("td", "th", "li", "dt", "dd", "p", "div")


def _has_item(element: Any) -> bool:
    return any(each is not element for each in element.iter(*_ITEMS))


def _text_of(element: Any) -> str:
    return _WHITE.sub(" ", "".join(element.itertext())).strip()


class _Line:
    """The line being put together, and where finished lines go."""

    def __init__(self, writer: LineWriter) -> None:
        self.writer = writer
        self.parts: list[str] = []
        self.level: int | None = None
        self.cells: list[str] | None = None
        self.outside: list[str] = []
        self.reason = ""

    def add(self, text: str | None, *, preformatted: bool = False) -> None:
        if not text:
            return
        if preformatted:
            first, *others = text.split("\n")
            self.parts.append(first)
            for other in others:
                self.end()
                self.parts.append(other)
        else:
            self.parts.append(_WHITE.sub(" ", _SOFT_BREAK.sub("", text)) if "\n" in text else _WHITE.sub(" ", text))

    def end(self) -> None:
        if not self.parts:
            return
        text = _WHITE.sub(" ", "".join(self.parts)).strip()
        self.parts = []
        if not text:
            return
        if self.reason:
            self.outside.append(text)
        elif self.cells is not None:
            self.cells[-1:] = [f"{self.cells[-1]} {text}".strip() if self.cells else text]
        else:
            self.writer.line(text, self.level)

    def end_row(self) -> None:
        self.end()
        if self.cells is not None and any(self.cells):
            self.writer.line("\t".join(self.cells).rstrip("\t"))
        if self.cells is not None:
            self.cells = []

    def switch(self, reason: str) -> None:
        """From here on, lines are left out for ``reason``, or kept when it is empty."""
        self.end()
        if reason != self.reason and self.outside:
            self.writer.leave_out("\n".join(self.outside), self.reason)
            self.outside = []
        self.reason = reason


def _write(root: Any, page: _Page, writer: LineWriter) -> None:
    from lxml import etree

    line = _Line(writer)
    line.switch("navigation")
    reasons = ["navigation"]
    walk = etree.iterwalk(root, events=("start", "end"))
    pre = 0
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if tag in _UNSEEN:
                walk.skip_subtree()
                if tag not in _CODE and holds_text(unseen := _unseen_text(element)):
                    writer.leave_out(unseen, "not shown")
                continue
            reason = _reason(element, page, reasons[-1])
            reasons.append(reason)
            if reason != line.reason:
                line.switch(reason)
            _open(tag, element, page, line)
            pre += tag == "pre"
            line.add(element.text, preformatted=pre > 0)
            continue
        if tag not in _UNSEEN:
            pre -= tag == "pre"
            _close(tag, element, page, line)
            reasons.pop()
            if reasons and reasons[-1] != line.reason:
                line.switch(reasons[-1])
        if element is not root:
            line.add(element.tail, preformatted=pre > 0)
    line.end()
    line.switch("")


def _unseen_text(element: Any) -> str:
    """The text within an element that is no content, a piece a line, without code."""
    pieces = element.xpath("descendant::text()[not(ancestor::script or ancestor::style or ancestor::template)]")
    return "\n".join(" ".join(piece.split()) for piece in pieces if piece.strip())


def _reason(element: Any, page: _Page, outer: str) -> str:
    """Why the element is left out, or an empty string."""
    if element in page.header_elements:
        return "navigation"
    if element is page.main:
        return ""
    if element in page.boilerplate or element.tag in _CONTROLS:
        return outer or "navigation"
    return outer


def _open(tag: str, element: Any, page: _Page, line: _Line) -> None:
    if tag == "br":
        line.end()
        return
    if tag not in _BLOCKS:
        return
    line.end()
    line.level = _HEADINGS.get(tag, line.level)
    if line.reason:
        return
    if element in page.data_tables:
        line.cells = []
    elif tag in ("td", "th") and line.cells is not None:
        line.cells.append("")


def _close(tag: str, element: Any, page: _Page, line: _Line) -> None:
    if tag not in _BLOCKS:
        return
    line.end()
    if tag in _HEADINGS:
        line.level = None
    if tag == "tr":
        line.end_row()
    if element in page.data_tables:
        line.end_row()
        line.cells = None
