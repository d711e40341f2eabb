"""The numbers that Word shows before paragraphs but does not store in the text.

ECMA-376, part 1, 17.9 (numbering) and 17.18.59 (ST_NumberFormat).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policysearch.frozen import frozen
from policysearch.text.chinese import write_numeral

__all__ = ["Numbering"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACEHOLDER = re.compile("%([1-9])")
_HEAVENLY_STEMS = "甲乙丙丁戊己庚辛壬癸"
_EARTHLY_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


@frozen
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int | None = None
    legal: bool = False


class Numbering:
    """Counts the paragraphs of every list of one document, in document order."""

    def __init__(self, root: Any, styles: Mapping[str, Any]) -> None:
        self._styles = styles
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()
        self._style_lists: dict[str, tuple[str, int]] = {}
        self._linked: dict[tuple[str, str], int] = {}
        self._overridden: set[tuple[str, int]] = set()
        if root is not None:
            self._load(root)

    def lists(self, paragraph: Any) -> bool:
        """Return whether ``paragraph`` is an item of a list, numbered or not."""
        num_id, depth = self._list_of(paragraph)
        return depth in self._levels.get(num_id, {})

    def next_number(self, paragraph: Any) -> str:
        """Count ``paragraph``; return its number with the separator, or an empty string."""
        num_id, depth = self._list_of(paragraph)
        levels = self._levels.get(num_id)
        if not levels or depth not in levels:
            return ""
        counts = self._count(num_id, depth, levels)
        level = levels[depth]
        if level.form in ("none", "bullet"):
            return ""
        text = _PLACEHOLDER.sub(lambda found: _written(int(found[1]) - 1, counts, levels, level.legal), level.text)
        if not text:
            return ""
        return text + (" " if level.suffix != "nothing" and text[-1].isalnum() else "")

    def _count(self, num_id: str, depth: int, levels: Mapping[int, _Level]) -> Mapping[int, int]:
        counts = self._counts.setdefault(self._abstract[num_id], {})
        if (num_id, depth) in self._overridden and (num_id, depth) not in self._started:
            counts.pop(depth, None)
        self._started.add((num_id, depth))
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [each for each in counts if each > depth]:
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or (restart != 0 and depth < restart):
                del counts[deeper]
        for outer in range(depth):
            if outer in levels:
                counts.setdefault(outer, levels[outer].start)
        return counts

    def _list_of(self, paragraph: Any) -> tuple[str, int]:
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        num_id, depth = self._style_list(_value(style, "val")) if style is not None else ("", 0)
        if own is not None:
            num_id = _child_value(own, "numId") or num_id
            depth = _number(_child_value(own, "ilvl"), depth)
        return num_id, depth

    def _style_list(self, style_id: str) -> tuple[str, int]:
        if style_id not in self._style_lists:
            self._style_lists[style_id] = self._find_style_list(style_id)
        return self._style_lists[style_id]

    def _find_style_list(self, style_id: str) -> tuple[str, int]:
        for style in _ancestry(style_id, self._styles):
            numbered = style.find(f"{_W}pPr/{_W}numPr")
            if numbered is None:
                continue
            num_id = _child_value(numbered, "numId")
            linked = self._linked.get((self._abstract.get(num_id, ""), _value(style, "styleId")))
            depth = _number(_child_value(numbered, "ilvl"), 0) if linked is None else linked
            return num_id, depth
        return "", 0

    def _load(self, root: Any) -> None:
        abstract = {_value(each, "abstractNumId"): each for each in root.iter(f"{_W}abstractNum")}
        by_style = {_child_value(each, "styleLink"): key for key, each in abstract.items()}
        for num in root.iter(f"{_W}num"):
            num_id, key = _value(num, "numId"), _child_value(num, "abstractNumId")
            link = _child_value(abstract[key], "numStyleLink") if key in abstract else ""
            key = by_style.get(link, key) if link else key
            if key not in abstract:
                continue
            self._abstract[num_id] = key
            self._levels[num_id] = {depth: _level(each) for depth, each in _levels(abstract[key])}
            for depth, each in _levels(abstract[key]):
                if style := _child_value(each, "pStyle"):
                    self._linked[key, style] = depth
            self._load_overrides(num, num_id)

    def _load_overrides(self, num: Any, num_id: str) -> None:
        for override in num.iter(f"{_W}lvlOverride"):
            depth = _number(_value(override, "ilvl"), 0)
            for _, each in _levels(override):
                self._levels[num_id][depth] = _level(each)
            start = override.find(f"{_W}startOverride")
            if start is not None:
                self._overridden.add((num_id, depth))
                old = self._levels[num_id].get(depth, _Level())
                self._levels[num_id][depth] = _Level(
                    _number(_value(start, "val"), 1), old.form, old.text, old.suffix, old.restart, old.legal
                )


def _levels(element: Any) -> Iterator[tuple[int, Any]]:
    for each in element.findall(f"{_W}lvl"):
        yield _number(_value(each, "ilvl"), 0), each


def _level(element: Any) -> _Level:
    form = element.find(f"{_W}numFmt")
    restart = _child_value(element, "lvlRestart")
    return _Level(
        start=_number(_child_value(element, "start"), 1),
        form="decimal" if form is None else _value(form, "val"),
        text=_child_value(element, "lvlText"),
        suffix=_child_value(element, "suff") or "tab",
        restart=_number(restart, 0) if restart else None,
        legal=element.find(f"{_W}isLgl") is not None,
    )


def _ancestry(style_id: str, styles: Mapping[str, Any]) -> Iterator[Any]:
    seen: set[str] = set()
    while style_id in styles and style_id not in seen:
        seen.add(style_id)
        yield styles[style_id]
        style_id = _child_value(styles[style_id], "basedOn")


def _value(element: Any, name: str) -> str:
    return str(element.get(f"{_W}{name}", ""))


def _child_value(element: Any, name: str) -> str:
    child = element.find(f"{_W}{name}")
    return "" if child is None else _value(child, "val")


def _number(written: str, otherwise: int) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 9 else otherwise


def _written(depth: int, counts: Mapping[int, int], levels: Mapping[int, _Level], legal: bool) -> str:
    level = levels.get(depth, _Level())
    value = counts.get(depth, level.start)
    return str(value) if legal else _formatted(value, level.form)


def _formatted(value: int, form: str) -> str:
    """Return ``value`` in one of Word's number formats; in digits for unknown ones."""
    if form in _CHINESE_FORMS:
        return write_numeral(value, formal=_CHINESE_FORMS[form])
    if form in _SEQUENCES:
        sequence = _SEQUENCES[form]
        return sequence[value - 1] if 1 <= value <= len(sequence) else str(value)
    if form in ("upperLetter", "lowerLetter"):
        letters = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1) if 0 < value < 1000 else str(value)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("upperRoman", "lowerRoman"):
        return _roman(value).upper() if form == "upperRoman" else _roman(value)
    if form == "decimalZero":
        return f"{value:02d}"
    if form in ("decimalFullWidth", "decimalFullWidth2"):
        return str(value).translate(_FULL_WIDTH)
    if form in ("taiwaneseDigital", "ideographDigital", "japaneseDigitalTenThousand"):
        return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(value))
    return str(value)


_CHINESE_FORMS = {
    "chineseCounting": False,
    "chineseCountingThousand": False,
    "taiwaneseCounting": False,
    "taiwaneseCountingThousand": False,
    "japaneseCounting": False,
    "chineseLegalSimplified": True,
    "ideographLegalTraditional": True,
}
_SEQUENCES = {
    "ideographTraditional": _HEAVENLY_STEMS,
    "ideographZodiac": _EARTHLY_BRANCHES,
    "decimalEnclosedCircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedCircleChinese": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedParen": "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇",
    "decimalEnclosedFullstop": "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛",
    "ideographEnclosedCircle": "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉",
}
_FULL_WIDTH = {ord("0") + digit: ord("０") + digit for digit in range(10)}


def _roman(value: int) -> str:
    if not 0 < value < 4000:
        return str(value)
    written = ""
    for worth, letters in _ROMAN:
        written += letters * (value // worth)
        value %= worth
    return written
