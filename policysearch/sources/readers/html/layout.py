"""The layout of a page: which of its elements is the main content, and which are navigation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from policysearch.errors import SourceError
from policysearch.sources.readers.html.header_table import header_tables
from policysearch.text.chinese import HAN
from policysearch.text.patterns import lazy_pattern

__all__ = ["CONTROLS", "UNSEEN", "Page", "measure", "names"]

# libxml2 silently stops at 2,048 nested elements.
_DEEPEST = 2_000
# The main content is the innermost container with this share of the page's sentences.
_MAIN_SHARE = 0.9


def names(listed: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(listed.split())


_CONTAINERS = names("article body center div form html main section td ucapcontent")
UNSEEN = names("audio canvas del embed head iframe map noscript object rp rt rtc script style svg template title video")
CONTROLS = names("button input option select textarea")

_SENTENCE_MARK = lazy_pattern("[，。；、！？]")
_HIDDEN = lazy_pattern(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_HAN = lazy_pattern(f"[{HAN}]")
# Maximum length of a sign that is hidden from screen readers, in characters.
_LONGEST_SIGN = 30
_BOILERPLATE_CLASS = lazy_pattern(
    r"(?:^|[\s_-])(?:bdshare\w*|bdsharebuttonbox|breadcrumbs?|copyright|crumbs?|fontsize|footer|menu|nav|navigation"
    r"|pagenav|pager|pagination|qrcode|recommend|related|share|sharebox|sidebar|toolbar)(?:$|[\s_-])",
    re.I,
)
_BOILERPLATE_WORDS = lazy_pattern(
    "来源|发布日期|发布时间|浏览|访问量|点击|字号|字体|分享|打印|关闭|位置|首页|版权|备案|ICP|上一|下一|主办|承办|扫一扫|无障碍"
)


@dataclass(slots=True)
class _Frame:
    """The measurements of an element, in characters.

    ``prose`` is text with sentence marks, ``plain`` any text except links; ``core_…`` is the part outside of elements
    that look like navigation (``aside``), ``hidden_…`` the part that the page hides.
    """

    prose: int = 0
    plain: int = 0
    core_prose: int = 0
    core_plain: int = 0
    hidden_prose: int = 0
    hidden_plain: int = 0
    hidden: bool = False
    aside: bool = False
    elements: int = 1
    cells: int = 0
    rows: int = 0
    longest_cell: int = 0
    nested: bool = False


@dataclass(slots=True)
class Page:
    """The result of the first pass: the content element and the elements to remove."""

    main: Any = None
    header: list[tuple[str, str]] = field(default_factory=list)
    header_elements: set[Any] = field(default_factory=set)
    data_tables: set[Any] = field(default_factory=set)
    boilerplate: set[Any] = field(default_factory=set)
    hidden: set[Any] = field(default_factory=set)


def measure(root: Any) -> Page:
    """Return the layout of a page. Raises ``SourceError`` when elements are nested more than 2,000 levels deep."""
    page = Page()
    frames = _frames(root)
    size = _measure_of(frames[root])
    needed = _MAIN_SHARE * size(frames[root])
    whole = frames[root]
    for element, frame in frames.items():  # inner elements come before outer ones
        if page.main is None and element.tag in _CONTAINERS and size(frame) >= needed:
            page.main = element
        if element.tag == "table" and _is_data_table(frame):
            page.data_tables.add(element)
        if (frame.hidden and not _is_folded(frame, whole)) or _is_sign(element, frame):
            page.hidden.add(element)
        elif frame.aside and not frame.hidden and frame.plain < whole.plain / 5:
            page.boilerplate.add(element)
    page.main = _with_plain_surroundings(root if page.main is None else page.main)
    measured = ((element, frame.plain, frame.elements) for element, frame in frames.items())
    page.header, page.header_elements = header_tables(measured)
    return page


def _is_folded(frame: _Frame, whole: _Frame) -> bool:
    """Return whether a hidden element is collapsed text: the page hides half of its own text or more."""
    folds = 2 * whole.hidden_prose >= whole.prose > 0 or 2 * whole.hidden_plain >= whole.plain > 0
    return folds and (frame.prose > 0 or 5 * frame.plain >= whole.plain)


def _is_sign(element: Any, frame: _Frame) -> bool:
    """Return whether an element is decoration: hidden from screen readers, short, and without a Han character."""
    if element.get("aria-hidden") != "true" or frame.plain > _LONGEST_SIGN or frame.elements > _LONGEST_SIGN:
        return False
    text = "".join(element.itertext())
    return len(text) <= _LONGEST_SIGN and _HAN.search(text) is None


def _measure_of(whole: _Frame) -> Callable[[_Frame], int]:
    """Return the measure for finding the main content: the page's sentences, unless it has hardly any."""
    prose, plain = attrgetter("core_prose"), attrgetter("core_plain")
    if whole.core_plain < whole.plain * 0.3:
        prose, plain = attrgetter("prose"), attrgetter("plain")
    return prose if prose(whole) >= max(60, plain(whole) // 10) else plain


def _frames(root: Any) -> dict[Any, _Frame]:
    """Measure every element, inner ones first."""
    from lxml import etree

    measured: dict[Any, _Frame] = {}
    stack = [_Frame()]
    links = unseen = aside = hidden = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if event == "start":
            frame = _Frame(hidden=_is_hidden(element))
            frame.aside = frame.hidden or _may_be_left_out(element)
            stack.append(frame)
            if len(stack) > _DEEPEST:
                raise SourceError(f"Its elements are nested more than {_DEEPEST} levels deep; it is not a document.")
            links += tag == "a"
            unseen += tag in UNSEEN or tag in CONTROLS
            aside += frame.aside
            hidden += frame.hidden
            if not links and not unseen:
                _count(element.text, frame, core=not aside, hidden=hidden > 0)
            continue
        links -= tag == "a"
        unseen -= tag in UNSEEN or tag in CONTROLS
        frame = measured[element] = stack.pop()
        _add_to_outer(tag, frame, stack[-1])
        aside -= frame.aside
        hidden -= frame.hidden
        if element is not root and not links and not unseen:
            _count(element.tail, stack[-1], core=not aside, hidden=hidden > 0)
    return measured


def _count(text: str | None, frame: _Frame, *, core: bool, hidden: bool) -> None:
    if not text or text.isspace():
        return
    length = len(text.strip())
    prose = length if _SENTENCE_MARK.search(text) else 0
    frame.plain += length
    frame.prose += prose
    if core:
        frame.core_plain += length
        frame.core_prose += prose
    if hidden:
        frame.hidden_plain += length
        frame.hidden_prose += prose


def _add_to_outer(tag: str, frame: _Frame, outer: _Frame) -> None:
    outer.prose += frame.prose
    outer.plain += frame.plain
    outer.core_prose += frame.core_prose
    outer.core_plain += frame.core_plain
    outer.hidden_prose += frame.hidden_prose
    outer.hidden_plain += frame.hidden_plain
    outer.elements += frame.elements
    if tag == "table":
        outer.nested = True
        return
    outer.nested |= frame.nested
    outer.cells += frame.cells + (tag in ("td", "th"))
    outer.rows += frame.rows + (tag == "tr" and frame.cells > 0)
    outer.longest_cell = max(outer.longest_cell, frame.longest_cell, frame.plain if tag in ("td", "th") else 0)


def _is_data_table(frame: _Frame) -> bool:
    """Return whether a table is not for layout: it has columns, and no cell is most of it."""
    if frame.nested or frame.cells <= max(frame.rows, 1):
        return False
    return frame.longest_cell < 400 or frame.longest_cell < frame.plain * 0.6


def _may_be_left_out(element: Any) -> bool:
    if element.tag in ("nav", "footer"):
        return True
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return len(names) > 1 and _BOILERPLATE_CLASS.search(names) is not None


def _is_hidden(element: Any) -> bool:
    stated = element.get("hidden")
    return (stated is not None and stated != "until-found") or _HIDDEN.search(element.get("style", "")) is not None


def _with_plain_surroundings(main: Any) -> Any:
    """Extend the main content to titles, signatures and dates in adjacent elements."""
    while (outer := main.getparent()) is not None and main.tag != "body":
        for beside in outer:
            if beside is main or beside.tag in UNSEEN:
                continue
            text = "".join(beside.itertext())
            if len(text) > 5_000 or _BOILERPLATE_WORDS.search(text) or next(beside.iter("a"), None) is not None:
                return main
        main = outer
    return main
