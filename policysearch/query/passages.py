"""How much of a question stands together: the best passage of a long section.

A long section that answers a question in one place is worth more than one
that has the same words here and there. The best candidates of a question are
therefore scored once more, by the passage of about 360 characters that alone
scores best; whole sentences, each passage half over the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policysearch.engines.scoring import K1, B

__all__ = ["CANDIDATES", "SHARE", "WORDS_OF_A_QUESTION", "best_passage"]

LENGTH = 360
"""Most reduced characters of a passage, unless one sentence has more."""

CANDIDATES = 50
"""How many of the best hits are looked at again."""

SHARE = 1.0
"""What the score of the best passage counts beside that of the whole."""

WORDS_OF_A_QUESTION = 5
"""From how many different words on a query is taken for a question."""

# LENGTH, CANDIDATES and SHARE are chosen on the judged questions of the reference corpus (docs/ranking.md).

_SENTENCE = re.compile("[^。!?;]*[。!?;]?")


def best_passage(reduced: str, terms: Sequence[tuple[str, float]], whole: float) -> float:
    """Return the score of the best passage of a section.

    Args:
        reduced: The section's reduced text.
        terms: Reduced terms and their weights.
        whole: What the section scores; a short section is its own passage.
    """
    if len(reduced) <= LENGTH:
        return whole
    here = [(term, weight) for term, weight in terms if term in reduced]
    best = 0.0
    for passage in _passages(reduced):
        norm = K1 * (1 - B + B * len(passage) / LENGTH)
        score = 0.0
        for term, weight in here:
            count = passage.count(term)
            if count:
                score += weight * count / (count + norm)
        best = max(best, score)
    return best


def _passages(text: str) -> Iterator[str]:
    ends = [found.end() for found in _SENTENCE.finditer(text) if found.end() > found.start()]
    starts = [0, *ends[:-1]]
    first = 0
    while True:
        last = first
        while last + 1 < len(ends) and ends[last + 1] - starts[first] <= LENGTH:
            last += 1
        yield text[starts[first] : ends[last]]
        if last + 1 == len(ends):
            return
        first = max(first + 1, (first + last + 1) // 2)
