"""Sections that an answer puts before its other hits: those that a citation means, the start of a named document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policysearch.engines.protocol import Stored
from policysearch.query.resolution import Resolved

__all__ = ["Raised", "SectionName", "section_name", "step_above"]

SectionName = tuple[str, int]
"""A document id, and the ordinal of a section."""


class Raised:
    """Sections in the order in which they precede the other hits, each with its label.

    Attributes:
        own: The sections with their labels, the first one first.
        step: The boost of a step: more than any score.

    Args:
        own: The sections.
        equal: Pairs of a section and an earlier one, of whose document it is a copy: both are on one step.
        step: The boost.
    """

    def __init__(
        self, own: Mapping[SectionName, str], equal: Iterable[tuple[SectionName, SectionName]], step: float
    ) -> None:
        self.own = own
        self.step = step
        self._steps = {name: len(own) + 1 - i for i, name in enumerate(own)}
        for copy, first in equal:
            self._steps[copy] = self._steps[first]

    def label(self, name: SectionName) -> str | None:
        """Return the label of a hit, None if it has none."""
        return self.own.get(name)

    def label_of(self, section: Stored) -> str | None:
        """Return ``label`` of a section."""
        return self.label(section_name(section.document, section))

    def steps(self, name: SectionName) -> int:
        """Return the number of steps from the other hits up to a hit."""
        return self._steps.get(name, 0)


def section_name(document: Mapping[str, Any], section: Any) -> SectionName:
    """Return the name of a section of a document."""
    return document["document_id"], section.ordinal


def step_above(resolved: Resolved) -> float:
    """Return a power of ten greater than any score with its boosts."""
    raising = sum(group.raises for group in resolved.groups)
    return float(resolved.exact_boost * 10 ** (1 + len(str(raising))))
