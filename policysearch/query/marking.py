"""The matches of a query in a text, for counting and highlighting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from policysearch.query.matching import Requirements, Span, Text, marked, merge_spans, occurrences, wild_spans
from policysearch.query.syntax import Measured, Near, Phrase, Within
from policysearch.text.whole_words import may_be_inside

__all__ = ["Marker"]

_HEAVY = 100


class Marker:
    """Finds the matches of a query in a text, for counting and highlighting.

    Attributes:
        groups: Each group as typed, and its words of several characters, all reduced. In a text that contains the group
            as typed, only its own places count; in others those of its words.
        literals: Reduced texts, all of whose places count.
        verified: Expressions other than literals (wildcards, proximity, one sentence), whose satisfying places count.
        requirements: The requirements of a group.
        word: Whether places inside longer words and numbers do not count.
        may_be_inside: Whether such places are possible.
        heavy: Reduced texts that a snippet shows before all others.
    """

    def __init__(
        self,
        groups: Iterable[tuple[str, tuple[str, ...]]] = (),
        literals: Iterable[str] = (),
        verified: Sequence[Phrase | Near | Within | Measured] = (),
        requirements: Requirements | None = None,
        word: bool = False,
        heavy: Iterable[str] = (),
    ) -> None:
        self.heavy = tuple(heavy)
        self.groups = tuple(groups)
        self.literals = tuple(literals)
        self.verified = tuple(verified)
        self.requirements = requirements or (lambda group: ())
        self.word = word
        texts = [*self.literals, *(text for typed, words in self.groups for text in (typed, *words))]
        self.may_be_inside = bool(self.verified) or any(map(may_be_inside, texts))

    def spans(self, reduced: str, show: Callable[[], str]) -> list[Span]:
        """Return the non-overlapping matches in the reduced text, left to right: the longest at each place.

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
        return merge_spans(spans)

    def _whole_spans(self, text: Text) -> list[Span]:
        """Return ``spans`` without the places inside longer words and numbers."""
        spans = [span for literal in self.literals for span in text.occurrences(literal)]
        for typed, words in self.groups:
            spans += text.occurrences(typed) or [span for word in words for span in text.occurrences(word)]
        for one in self.verified:
            spans += wild_spans(one, text) if isinstance(one, Phrase) else marked(one, text, self.requirements)
        return merge_spans(spans)

    @cached_property
    def weights(self) -> dict[str, int]:
        """The weight of a match of each text, if not 1: a group as typed weighs as much as all its words."""
        weights = {text: len(words) for text, words in self.groups if len(words) > 1}
        return weights | dict.fromkeys(self.heavy, _HEAVY)
