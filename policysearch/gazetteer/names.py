"""Former names and abbreviations: which other names mean the same thing.

The list (``names.tsv``) has bodies, laws, plans, indicators, schemes and phrases, each with a date and a source. It is
read on first use.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from importlib import resources

from policysearch.frozen import frozen
from policysearch.text.folding import reduce

__all__ = ["Name", "OtherName", "all_names", "not_inside", "other_names"]

_SHORT = ("简称", "外文")
_LAW = "法规"
_STATE = "中华人民共和国"
# 农业部 is a ministry, 农业部门 is not
_NO_BODY = ("门", "署", "队", "分")


@frozen
class Name:
    """One row of the list.

    Attributes:
        kind: 机构, 法规, 规划, 指标, 制度, 提法; or 简称 or 外文, whose ``old`` is short for ``new``.
        old: The former or short name.
        new: The later or full one.
        date: The date of the source, or its month or year (ISO).
        source: The text that introduced the new name or abolished the old one; then in 【】 how the row was confirmed.
    """

    kind: str
    old: str
    new: str
    date: str
    source: str


@frozen
class OtherName:
    """Another name.

    Attributes:
        name: The name, as texts write it.
        because: The row of the list that it is from.
    """

    name: str
    because: Name


class _Names:
    """The list, by reduced names."""

    @cached_property
    def rows(self) -> tuple[Name, ...]:
        text = resources.files("policysearch.gazetteer").joinpath("names.tsv").read_text(encoding="utf-8")
        lines = (line for line in text.splitlines() if not line.startswith("#"))
        next(lines)  # the names of the columns
        return tuple(Name(*line.split("\t")) for line in lines)

    @cached_property
    def links(self) -> dict[str, list[tuple[str, Name]]]:
        """By reduced name: the kind of each link from it (``later``, ``former``, ``full``, ``short``), and its row."""
        found: dict[str, list[tuple[str, Name]]] = {}
        for row in self.rows:
            on, back = ("full", "short") if row.kind in _SHORT else ("later", "former")
            found.setdefault(_key(row.old), []).append((on, row))
            found.setdefault(_key(row.new), []).append((back, row))
        return found

    def follow(self, names: dict[str, Name | None], *kinds: str, once: bool = False) -> None:
        """Add the names that links of these kinds lead to, repeatedly unless ``once``."""
        waiting = list(names)
        while waiting:
            name = waiting.pop(0)
            for kind, row in self.links.get(_key(name), ()):
                other = row.new if kind in ("later", "full") else row.old
                if kind in kinds and all(_key(other) != _key(known) for known in names):
                    names[other] = row
                    if not once:
                        waiting.append(other)


_names = _Names()


def _key(name: str) -> str:
    return reduce(name).removeprefix("《").removesuffix("》").removeprefix(_STATE)


def all_names() -> tuple[Name, ...]:
    """Return the rows of the list."""
    return _names.rows


@lru_cache(maxsize=1024)
def other_names(name: str) -> tuple[OtherName, ...]:
    """Return the other names of a named body or place; none for a name that is not in the list.

    These are its full name; all its former names and all its later names, each chain followed to its end, but no other
    former name of a later one; and the abbreviations of all of these. A law is given as 中华人民共和国某法 and
    《某法》, since 合同法 also occurs in 劳动合同法.
    """
    known: dict[str, Name | None] = {name: None}
    _names.follow(known, "full", once=True)
    later, former = dict(known), dict(known)
    _names.follow(later, "later")
    _names.follow(former, "former")
    known.update({**later, **former})
    _names.follow(known, "short", once=True)
    found: dict[str, OtherName] = {}
    for other, row in known.items():
        if row is None:
            continue
        for written in (f"{_STATE}{other}", f"《{other}》") if row.kind == _LAW else (other,):
            if reduce(written) != reduce(name):
                found.setdefault(written, OtherName(written, row))
    return tuple(found.values())


def not_inside(name: str) -> tuple[str, ...]:
    """Return longer strings in which a name has another meaning: 农业部门 for 农业部."""
    return tuple(name + end for end in _NO_BODY) if name.endswith("部") else ()
