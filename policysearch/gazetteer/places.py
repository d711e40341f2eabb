"""Administrative divisions of China: names, short forms, and their hierarchy.

The table in ``places.tsv`` contains today's divisions from province to county
level and the names that went out of use since 2002. It is loaded on first use,
in a few milliseconds. The package cpca (0.5.5, of 2021)
gives the right code for 3,144 of these 3,598 names, and needs pandas.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from policysearch.text.folding import fold

__all__ = [
    "NATION",
    "Place",
    "abbreviated",
    "all_places",
    "city_of",
    "context_words",
    "full_name",
    "level_word",
    "lookup",
    "may_begin",
    "names_for_filter",
    "place",
    "place_named",
    "places_fingerprint",
    "places_for_filter",
    "places_in",
    "province_of",
]

NATION = "全国"
_NATION_NAMES = frozenset({"全国", "中国", "国家", "中华人民共和国", "中央"})

# The kind of a division, longest suffix first, and its level word in running text (全州, 我区, 本市).
_KINDS = (
    ("自治区", "区"),
    ("特别行政区", "区"),
    ("自治州", "州"),
    ("自治县", "县"),
    ("自治旗", "旗"),
    ("地区", "地区"),
    ("林区", "区"),
    ("特区", "区"),
    ("省", "省"),
    ("市", "市"),
    ("盟", "盟"),
    ("县", "县"),
    ("旗", "旗"),
    ("区", "区"),
)


# Characters of names that folding changes since they also stand for others: 沈阳 is 沉阳 in a folded text.
_UNFOLDED = str.maketrans({"沉": "沈", "干": "乾", "阪": "坂"})


class Place(NamedTuple):
    """One administrative division.

    Attributes:
        code: Six digits of GB/T 2260.
        name: Full official name.
        short_names: Shorter ways to write the name, the barest first.
        level: 省级, 地级 or 县级.
        parent: Code of the division directly above, None for a province.
        until: The last year whose table has the name; None for a name in use.
    """

    code: str
    name: str
    short_names: tuple[str, ...]
    level: str
    parent: str | None
    until: int | None


class _Table(NamedTuple):
    """The rows of the data file, indexed by code and by name.

    Rows are converted to places on demand: converting all of them costs more
    than the rest of loading.
    """

    rows: list[list[str]]
    by_code: dict[str, int]
    by_name: dict[str, list[int]]
    beginnings: frozenset[str]


def _data() -> bytes:
    return (Path(__file__).parent / "places.tsv").read_bytes()


@lru_cache(maxsize=1)
def _table() -> _Table:
    lines = _data().decode().split("\n")
    rows = [line.split("\t") for line in lines if line and line[0] != "#"]
    by_code: dict[str, int] = {}
    by_name: dict[str, list[int]] = {}
    for at, (code, name, _, short) in enumerate(rows):
        by_code.setdefault(code, at)
        for form in (name, *short.split()):
            by_name.setdefault(form, []).append(at)
    return _Table(rows, by_code, by_name, frozenset(name[:2] for name in by_name))


@lru_cache(maxsize=4096)
def _place_at(at: int) -> Place:
    code, name, gone, short = _table().rows[at]
    level = "省级" if code.endswith("0000") else "地级" if code.endswith("00") else "县级"
    return Place(code, name, tuple(short.split()), level, _parent(code), int(gone) if gone else None)


def _parent(code: str) -> str | None:
    if code.endswith("0000"):
        return None
    prefecture = code[:4] + "00"
    return prefecture if prefecture != code and prefecture in _table().by_code else code[:2] + "0000"


@lru_cache(maxsize=1)
def places_fingerprint() -> str:
    """Return a fingerprint of the table."""
    import hashlib

    return hashlib.sha256(_data()).hexdigest()[:16]


def all_places() -> tuple[Place, ...]:
    """Return every division: today's from provinces down, then former ones."""
    return tuple(map(_place_at, range(len(_table().rows))))


def place(code: str) -> Place | None:
    """Return the division with this code, or the last one that had it; None for an unknown code."""
    at = _table().by_code.get(code)
    return None if at is None else _place_at(at)


def lookup(name: str) -> tuple[Place, ...]:
    """Return the places with this full name or short form; names in use first, then by level, highest first.

    A name in traditional characters is found too, and a folded one.

    >>> [found.name for found in lookup("吉林")]
    ['吉林省', '吉林市']
    """
    name = "".join(name.split())
    known = _table().by_name
    return tuple(map(_place_at, known.get(name) or known.get(fold(name)) or known.get(name.translate(_UNFOLDED)) or ()))


@lru_cache(maxsize=1024)
def place_named(name: str, level: str) -> Place | None:
    """Return the place with exactly this name: one that still exists, and of this level, if there is one."""
    found = (one for one in lookup(name) if one.name == name)
    return min(found, key=lambda one: (one.until is not None, one.level != level, one.code), default=None)


def may_begin(text: str) -> bool:
    """Return whether a text may begin with a name or short form as written; called for every title and body."""
    return text[:2] in _table().beginnings


def level_word(one: Place) -> str:
    """Return the level word of a place in running text: 省, 市, 州, 地区, 盟, 县, 旗 or 区."""
    return next(word for ending, word in _KINDS if one.name.endswith(ending))


def _parents(one: Place) -> Iterator[Place]:
    above: Place | None = one
    while above is not None:
        yield above
        above = place(above.parent) if above.parent else None


_ABBREVIATIONS = (
    "11京 12津 13冀 14晋 15蒙 21辽 22吉 23黑 31沪 32苏 33浙 34皖 35闽 36赣 37鲁 41豫 42鄂 43湘 44粤 45桂 46琼 50渝 51川"
    " 51蜀 52黔 52贵 53滇 53云 54藏 61陕 61秦 62甘 62陇 63青 64宁 65新 71台 81港 82澳"
)
_ABBREVIATED = {entry[2]: f"{entry[:2]}0000" for entry in _ABBREVIATIONS.split()}


def abbreviated(character: str) -> Place | None:
    """The province that one character stands for, as in the numbers of its documents: 黔府发.

    >>> abbreviated("黔").name, abbreviated("国")
    ('贵州省', None)
    """
    code = _ABBREVIATED.get(character)
    return place(code) if code else None


def province_of(one: Place) -> Place:
    """Return the province-level division that contains a place, or the place itself if it is one."""
    return next(above for above in _parents(one) if above.level == "省级")


def city_of(one: Place) -> Place | None:
    """Return the prefecture-level division that contains a place, or is the place itself, or None."""
    return next((above for above in _parents(one) if above.level == "地级"), None)


def full_name(one: Place) -> str:
    """Return the name of a place preceded by those of the divisions above it, from the province down.

    >>> full_name(lookup("昌吉市")[0])
    '新疆维吾尔自治区昌吉回族自治州昌吉市'
    """
    return "".join(reversed([above.name for above in _parents(one)]))


def _split_names(value: str) -> Iterator[str]:
    """Yield the complete value, then the rest of it after each leading place name."""
    known = _table().by_name
    while value:
        yield value
        written = value.translate(_UNFOLDED)
        sizes = range(min(len(value) - 1, 16), 1, -1)
        size = next((size for size in sizes if value[:size] in known or written[:size] in known), 0)
        if not size:
            return
        value = value[size:]


def names_for_filter(value: str) -> frozenset[str]:
    """Return the full names that a filter value covers; empty when it names no known place.

    A name in use also covers the former names of the same division, and a former
    name covers the division's present one. A value may start with the names of
    the divisions above the place.

    >>> sorted(names_for_filter("吉林"))
    ['吉林市', '吉林省']
    """
    value = "".join(value.split())
    if value in _NATION_NAMES:
        return frozenset({NATION})
    found = places_for_filter(value)
    return frozenset({one.name for one in found} | _same_division(found)) if found else frozenset()


def places_for_filter(value: str) -> tuple[Place, ...]:
    """Return the places that a filter value names, as in ``names_for_filter``; the whole nation is none.

    >>> [full_name(one) for one in places_for_filter("北京市朝阳")]
    ['北京市朝阳区']
    """
    value = "".join(value.split())
    for rest in _split_names(value):
        if found := lookup(rest):
            above = {one.code for one in _last_named(value[: len(value) - len(rest)])}
            return tuple([one for one in found if above & {up.code for up in _parents(one)}]) or found
    return ()


def _same_division(found: Sequence[Place]) -> set[str]:
    """Return the present and former names of divisions."""
    codes = {one.code for one in found if one.until is None} or {one.code for one in found}
    return {row[1] for row in _table().rows if row[0] in codes}


def _last_named(names: str) -> tuple[Place, ...]:
    """Return the places of the last name in a sequence of place names."""
    rests = reversed(list(_split_names(names)))
    return next((found for rest in rests if (found := lookup(rest))), ())  # the 市 that remains of 北京市 is not a name


# Set phrases that start with the short form of a prefecture and do not refer to it.
_LONGER_PHRASES = frozenset({"长治久安", "大同世界", "中山先生", "日照时数", "日照时间"})


@lru_cache(maxsize=1)
def _scanner() -> tuple[re.Pattern[str], dict[str, tuple[int, ...]], frozenset[str]]:
    """Return a pattern for the first two characters of names, the lengths of names by these, and the names to count.

    Short forms of two characters at county level are mostly ordinary words
    (和平, 新城, 兴隆, 市中) and are left out, and so are 城区, 矿区 and 郊区.
    """
    names = set(_LONGER_PHRASES)
    for code, name, _, short in _table().rows:
        county = code[4:] != "00"
        names.update(form for form in (name, *short.split()) if len(form) > 2 or not county)
        if name[-1] != "区" or len(name) > 2:
            names.add(name)
    lengths: dict[str, set[int]] = {}
    for name in names:
        lengths.setdefault(name[:2], set()).add(len(name))
    firsts, seconds = ("".join(sorted({start[at] for start in lengths})) for at in (0, 1))
    return (
        re.compile(f"[{firsts}](?=[{seconds}])"),
        {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()},
        frozenset(names),
    )


def places_in(text: str) -> Counter[str]:
    """Count each name or short form in a text, the longest one at each position.

    The keys are forms as written; ``lookup`` returns their places. Takes one
    pass, in time linear in the length of the text.
    """
    beginning, lengths, names = _scanner()
    found: Counter[str] = Counter()
    after = 0
    for match in beginning.finditer(text):
        spot = match.start()
        if spot < after:
            continue
        for length in lengths.get(text[spot : spot + 2], ()):
            name = text[spot : spot + length]
            if name in names:
                if name not in _LONGER_PHRASES:
                    found[name] += 1
                after = spot + length
                break
    return found


# 我区 and 全州, but not 我省级, 全市场 or 全县域.
_CONTEXT_WORD = r"(全|我|本)(省|市(?!场)|州|县(?!域)|盟(?!友)|旗|地区|区(?!域|间))"


def context_words(text: str) -> Counter[str]:
    """Return how strongly a text uses 我省, 本市, 全县 and the like, by level word.

    我 and 本 count three times as much as 全, which is also used with the
    division above (全区 in the report of one of the region's cities).
    """
    counts: Counter[str] = Counter()
    for match in re.finditer(_CONTEXT_WORD, text):
        counts[match[2]] += 1 if match[1] == "全" else 3
    return counts
