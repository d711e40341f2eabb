"""Conditions of a dictionary on matches: exclusions, periods of validity, patterns; for a batch of documents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from policysearch.corpus.lexicon import Lexicon
from policysearch.corpus.term_matcher import TermMatcher, utf8
from policysearch.engines.protocol import DocumentTexts, Engine
from policysearch.engines.tree import And, OfDocuments
from policysearch.query.matching import Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Truths = NDArray[np.bool_]

__all__ = ["Conditions"]


class Conditions:
    """The conditions of a dictionary.

    Args:
        engine: The open index, for texts as shown where line breaks or white space matter.
        lexicon: The dictionary.
        word: Whether patterns do not match inside longer words or numbers.
    """

    def __init__(self, engine: Engine, lexicon: Lexicon, word: bool) -> None:
        self.engine = engine
        self.lexicon = lexicon
        self.word = word
        literal = lexicon.rules[: lexicon.literal]
        longer = sorted({text for rule in literal for text in rule.without})
        # every place of a longer string counts, even if it overlaps another one
        self.matchers = [TermMatcher([text], longest=False, every=True) for text in longer]
        self.excluding = [[at for at, rule in enumerate(literal) if text in rule.without] for text in longer]

    def on(self, encoded: bytes, ends: Numbers, batch: Sequence[DocumentTexts]) -> _OnBatch:
        """Return the conditions on a batch; the arguments are those of ``Inside.of`` and the ends of the sections."""
        return _OnBatch(self, encoded, ends, batch)


class _OnBatch:
    def __init__(self, conditions: Conditions, encoded: bytes, ends: Numbers, batch: Sequence[DocumentTexts]) -> None:
        self._conditions = conditions
        self._encoded = encoded
        self._ends = ends
        self._batch = batch

    def ruled_out(self, start: Numbers, end: Numbers, term: Numbers) -> Truths:
        """Return, for each match, whether it is excluded or its term not valid in its document."""
        import numpy as np

        out = self._not_valid(start, term)
        for matcher, excluding in zip(self._conditions.matchers, self._conditions.excluding, strict=True):
            longer_start, longer_end, _ = matcher.all_matches(self._encoded)
            if not len(longer_start):
                continue
            size = int(longer_end[0] - longer_start[0])
            concerned = np.flatnonzero(np.isin(term, excluding))
            # a longer string that contains a match begins between so many bytes before its end, and its start
            first = np.searchsorted(longer_start, end[concerned] - size)
            last = np.searchsorted(longer_start, start[concerned], side="right")
            out[concerned[first < last]] = True
        return out

    def _not_valid(self, start: Numbers, term: Numbers) -> Truths:
        import numpy as np

        lexicon = self._conditions.lexicon
        out = np.zeros(len(start), bool)
        if not lexicon.dated:
            return out
        document = np.searchsorted(self._last_of, np.searchsorted(self._ends, start), side="right")
        for at, rule in enumerate(lexicon.rules[: lexicon.literal]):
            if rule.valid is not None:
                holds = np.array([rule.holds_for(one.document) for one in self._batch], bool)
                own = np.flatnonzero(term == at)
                out[own] = ~holds[document[own]]
        return out

    @property
    def _last_of(self) -> list[int]:
        return list(accumulate(len(one.reduced) for one in self._batch))

    def of_patterns(self) -> tuple[Numbers, Numbers, Numbers] | None:
        """Return start, end and rule of the matches of patterns, all of which count; None without patterns."""
        import numpy as np

        lexicon = self._conditions.lexicon
        patterns = range(lexicon.literal, len(lexicon.rules))
        if not patterns:
            return None
        found: list[tuple[int, int, int]] = []
        number = 0
        for one in self._batch:
            wanted = [at for at in patterns if lexicon.rules[at].holds_for(one.document)]
            for place, reduced in enumerate(one.reduced):
                before = int(self._ends[number - 1]) + 1 if number else 0
                text = Text(reduced, lambda one=one, place=place: self._shown(one, place), self._conditions.word)  # type: ignore[misc]
                for at in wanted:
                    for start, end in lexicon.rules[at].spans(text):
                        first = before + len(utf8(reduced[:start]))
                        found.append((first, first + len(utf8(reduced[start:end])), at))
                number += 1
        numbers = np.array(sorted(found), np.int64).reshape(-1, 3)
        return numbers[:, 0], numbers[:, 1], numbers[:, 2]

    def _shown(self, document: DocumentTexts, place: int) -> str:
        return self._texts[document.document["document_id"], document.ordinals[place]]

    @cached_property
    def _texts(self) -> dict[tuple[str, int], str]:
        """Return the texts as shown of the sections in which patterns may match, with one request."""
        lexicon = self._conditions.lexicon
        documents = OfDocuments(frozenset(one.document["document_id"] for one in self._batch))
        node = And((documents, lexicon.node(rules=range(lexicon.literal, len(lexicon.rules)))))
        stream = self._conditions.engine.stream(node)
        return {(section.document["document_id"], section.ordinal): section.text for section in stream}
