"""The dispersion of terms over the documents of a group."""

from __future__ import annotations

from array import array
from math import fsum
from typing import Any

from policysearch.corpus.counts import About, Counted, Counts
from policysearch.corpus.statistics.measures import proportion_deviation
from policysearch.frozen import replace

__all__ = ["dispersed"]


def dispersed(counts: Counts, fill: bool = False) -> Counts:
    """Return the counts of groups with their dispersion, given the counts of their documents.

    The parts of a group are its documents; their sizes are numbers of Han characters.

    Args:
        counts: By the fields that make the groups, and last by ``document``.
        fill: Whether combinations of values without documents get rows, of NA.
    """
    parts: dict[tuple[Any, ...], list[Counted]] = {}
    for key, one in counts.groups.items():
        *values, _, about = key
        parts.setdefault((*values, about._replace(title=None)), []).append(one)
    groups = {key: _together(some, len(counts.terms)) for key, some in parts.items()}
    spread = {
        key: tuple(
            (
                sum(one.occurrences[at] > 0 for one in some),
                proportion_deviation((one.occurrences[at], one.characters) for one in some),
            )
            for at in range(len(counts.terms))
        )
        for key, some in parts.items()
    }
    if not groups and len(counts.by) == 1:
        groups, spread = {(About(),): _together([], len(counts.terms))}, {(About(),): ((0, None),) * len(counts.terms)}
    return replace(counts, by=counts.by[:-1], groups=groups, filled=fill, spread=spread)


def _together(parts: list[Counted], terms: int) -> Counted:
    found: dict[str, Any] = {
        name: array("q", [sum(getattr(one, name)[at] for one in parts) for at in range(terms)])
        for name in ("occurrences", "sections_with", "documents_with")
    }
    found.update({name: sum(getattr(one, name) for one in parts) for name in ("documents", "sections", "characters")})
    if parts and parts[0].weighted is not None:
        weighted = (fsum(one.weighted[at] for one in parts if one.weighted is not None) for at in range(terms))
        found["weighted"] = tuple(weighted)
    return Counted(**found)
