"""The groups of a count: their values, what is told of them, and their sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from policysearch.corpus.counts import PLACE_LEVELS, About
from policysearch.frozen import frozen
from policysearch.vocabulary import LEVELS, NATION, PLACES

__all__ = ["GROUP_BYTES", "GroupSizes", "about", "group_columns", "group_value", "sizes_of"]

GROUP_BYTES = 500
"""Approximate size in memory of the values of a group and what is told of it."""


@frozen
class GroupSizes:
    """The groups of a selection, independent of terms.

    Attributes:
        by: The fields of the groups.
        documents: Number of documents.
        repeats: Number of documents that repeat the text of another.
        groups: The numbers of documents, sections and Han characters of each group, in order of appearance.
    """

    by: tuple[str, ...]
    documents: int
    repeats: int
    groups: Mapping[tuple[Any, ...], tuple[int, int, int]]

    @property
    def size(self) -> int:
        """Approximate size in memory in bytes."""
        return GROUP_BYTES * len(self.groups)

    def by_fewer(self, by: tuple[str, ...]) -> GroupSizes | None:
        """Return the groups by some of the fields; None where these do not tell them."""
        if not set(by) <= set(self.by) or "part" in self.by:  # a document may be in the groups of several parts
            return None
        told = any(name in by for name in (*PLACES, "document"))
        if told and (_place_fields(by), "document" in by) != (_place_fields(self.by), "document" in self.by):
            return None
        places = [self.by.index(name) for name in by]
        groups: dict[tuple[Any, ...], tuple[int, int, int]] = {}
        for key, (documents, sections, characters) in self.groups.items():
            wider = (*(key[place] for place in places), key[-1] if told else About())
            known = groups.get(wider, (0, 0, 0))
            groups[wider] = (known[0] + documents, known[1] + sections, known[2] + characters)
        return GroupSizes(by, self.documents, self.repeats, groups)


def _place_fields(by: Sequence[str]) -> list[str]:
    """Return the fields of places, narrowest first: groups have the code and level of the first that is known."""
    return [name for name in PLACES if name in by]


def group_columns(by: Sequence[str]) -> tuple[str, ...]:
    """Return the columns (see ``SectionTable``) that hold the values of groups and what is told of them."""
    own = {"month": ("when",), "document": ("title",), "part": ()}
    names = [field for name in by for field in own.get(name, (name,))]
    more = ("region_code", "level") if _place_fields(by) else ()
    return tuple(dict.fromkeys((*names, *more)))


def group_value(name: str, document: Mapping[str, Any], part: str) -> Any:
    """Return the value of a field of a count for a section in a part of a document."""
    if name == "part":
        return part
    if name == "month":  # a date may be a year alone
        return date[:7] if (date := document["date"]) and len(date) > 6 else None
    value = document["document_id" if name == "document" else name]
    return NATION if value is None and name in PLACES and document.get("level") == LEVELS[0] else value


def about(by: Sequence[str], document: Mapping[str, Any]) -> About:
    """Return the metadata of the group of a document."""
    title = document.get("title") if "document" in by else None
    fields = _place_fields(by)
    if not fields:
        return About(title=title)
    kind = next((one for one in fields if document[one] is not None), None)
    code, level = document.get("region_code"), document.get("level")
    if kind is None:
        return About(None, level if level == LEVELS[0] else None, title)
    if kind != "region":  # the place that contains the document's own one
        from policysearch.gazetteer.places import place_named

        level = PLACE_LEVELS[kind]
        found = place_named(document[kind], level)
        code, level = (found.code, found.level) if found else (None, level)
    return About(code, level, title)


def sizes_of(
    documents: Iterable[tuple[Mapping[str, Any], int, int]],
    by: tuple[str, ...],
    duplicates: bool,
    accepts: Callable[[Mapping[str, Any]], bool] | None,
) -> GroupSizes:
    """Return the groups of documents, given the metadata of each and its numbers of sections and of Han characters.

    They are not groups by part. The arguments are those of ``counting.count``.
    """
    counted = repeats = 0
    groups: dict[tuple[Any, ...], tuple[int, int, int]] = {}
    for document, sections, characters in documents:
        if accepts is not None and not accepts(document):
            continue
        repeated = document["duplicate_of"] is not None
        repeats += repeated
        if repeated and not duplicates:
            continue
        counted += 1
        key = (*(group_value(name, document, "") for name in by), about(by, document))
        known = groups.get(key, (0, 0, 0))
        groups[key] = (known[0] + 1, known[1] + sections, known[2] + characters)
    return GroupSizes(by, counted, repeats, groups)
