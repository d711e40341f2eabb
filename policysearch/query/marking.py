"""Where a query stands in a text, for counting its matches and for marking them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from policysearch.query.matching import Requirements, Span, Text, marked, merge, occurrences, wild_spans
from policysearch.query.syntax import Measured, Near, Phrase, Within
from policysearch.text.whole_words import may_be_inside

__all__ = ["Marker"]


class Marker:
    """Finds the places of a query in a text, for counting and for marking.

    Attributes:
        groups: Each group as typed, and its words of several characters, all reduced. Where the group stands in a text
            as typed, its places there count; elsewhere those of its words do.
        literals: Reduced texts, each of whose places counts.
        verified: What is no literal (wildcards, nearness, one sentence), of which the places count that make it hold.
        requirements: What a section must have of a group.
        word: Whether places inside longer words and numbers do not count.
        may_be_inside: Whether there may be such places.
    """

    def __init__(
        self,
        groups: Iterable[tuple[str, tuple[str, ...]]] = (),
        literals: Iterable[str] = (),
        verified: Sequence[Phrase | Near | Within | Measured] = (),
        requirements: Requirements | None = None,
        word: bool = False,
    ) -> None:
        self.groups = tuple(groups)
        self.literals = tuple(literals)
        self.verified = tuple(verified)
        self.requirements = requirements or (lambda group: ())
        self.word = word
        texts = [*self.literals, *(text for typed, words in self.groups for text in (typed, *words))]
        self.may_be_inside = bool(self.verified) or any(map(may_be_inside, texts))

    def spans(self, reduced: str, show: Callable[[], str]) -> list[Span]:
        """Return places in the reduced text that do not overlap, left to right: at each place the longest.

        ``show`` returns the text as shown.
        """
        if self.word and self.may_be_inside:
            return self._whole_spans(Text(reduced, show, word=True))
        if len(self.groups) == 1 and not self.literals and not self.verified:
            found = occurrences(self.groups[0][0], reduced, apart=True)
            if found:
                return found
        wanted = list(self.literals)
        for typed, words in self.groups:
            if typed in reduced:
                wanted.append(typed)
            else:
                wanted += words
        if len(wanted) == 1 and not self.verified:
            return occurrences(wanted[0], reduced, apart=True)
        spans = []
        for literal in dict.fromkeys(wanted):
            spans += occurrences(literal, reduced)
        if self.verified:
            text = Text(reduced, show)
            for one in self.verified:
                spans += wild_spans(one, text) if isinstance(one, Phrase) else marked(one, text, self.requirements)
        return merge(spans)

    def _whole_spans(self, text: Text) -> list[Span]:
        """Return what ``spans`` does, without the places that are inside longer words and numbers."""
        spans = [span for literal in self.literals for span in text.occurrences(literal)]
        for typed, words in self.groups:
            spans += text.occurrences(typed) or [span for word in words for span in text.occurrences(word)]
        for one in self.verified:
            spans += wild_spans(one, text) if isinstance(one, Phrase) else marked(one, text, self.requirements)
        return merge(spans)

    @cached_property
    def weights(self) -> dict[str, int]:
        """How much a match of a text says, where that is not 1: a group that stands whole as much as all its words."""
        return {text: len(words) for text, words in self.groups if len(words) > 1}
