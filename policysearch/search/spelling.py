"""Corrections of a group of characters that does not occur in the index: similar groups that do.

A correction replaces one character by another (of the same sound, of similar shape, or any), removes one, adds one or
swaps two neighbours, and occurs in the index. Corrections are chosen by a score: the share of a correction among those
of the same place, how much more probable its words are by the dictionary than those of the group as typed, and whether
the characters sound or look alike. Words of the dictionary and names of places are not corrected. The numbers were
chosen on one half of the terms of ``scripts/measure_suggestions.py``, which reports on the other half.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from math import log
from typing import NamedTuple

from policysearch.engines.protocol import Engine, Request
from policysearch.engines.tree import And, Contains
from policysearch.gazetteer.places import lookup
from policysearch.text.analyzer import QueryAnalyzer
from policysearch.text.chinese import HAN, is_han
from policysearch.text.similar import similar_shape, sounds

__all__ = ["LONGEST", "Speller"]

LONGEST = 30
"""Maximum length of a group that is corrected, in characters; longer ones are not terms."""

_MOST_SECTIONS = 3_000  # maximum number of sections read for each place of a change
_MOST_JUDGED = 60
_WHOLE = 8  # maximum length of a group that is corrected as a whole; longer ones also in pieces
_WORD = 4  # maximum length of most words; looking for corrections of a longer text takes less than its lookup
_AROUND = 3  # number of characters of a piece on each side of a change

_SOUND, _SHAPE, _ANY = "sound", "shape", "any"
_LIKELY = {_SOUND: 3.0, _SHAPE: 2.5, _ANY: 0.0}

# For each length of the group (4: and longer) and kind of change: the minimum score, and the minimum gain in
# probability.
_LEAST = {
    (2, _SOUND): (4.5, 2.0),
    (2, _SHAPE): (5.0, 2.0),
    (3, _SOUND): (2.0, 0.0),
    (3, _SHAPE): (3.0, 0.0),
    (3, _ANY): (4.0, 3.0),
    (4, _SOUND): (0.0, -2.0),
    (4, _SHAPE): (0.0, -2.0),
    (4, _ANY): (1.5, 1.0),
}

_SURNAMES = frozenset(
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢"
    "汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚"
)


class _Correction(NamedTuple):
    score: float
    text: str
    kind: str
    gain: float


class Speller:
    """Corrects groups by the texts of one index.

    Args:
        engine: The open index.
        analyzer: The analyzer of its dictionary.
    """

    def __init__(self, engine: Engine, analyzer: QueryAnalyzer) -> None:
        self._engine = engine
        self._analyzer = analyzer

    def stands(self, text: str) -> bool:
        """Return whether a reduced text occurs in any section."""
        return self._engine.search(Request(Contains(text), limit=0)).total > 0

    def corrections(self, text: str, most: int = 3) -> tuple[str, ...]:
        """Return at most ``most`` corrections of a reduced text that does not occur, most likely first."""
        if not 1 < len(text) <= LONGEST or (len(text) <= _WORD and self._analyzer.knows(text)):
            return ()
        found = self._judged(text)
        if not found and len(text) > _WHOLE:
            found = sorted({one for start, end in self._pieces(text) for one in self._in_piece(text, start, end)})
            found.sort(key=lambda one: -one.score)
        if found and (self._analyzer.knows(text) or lookup(text)):  # last: loading the places takes 6 ms
            return ()
        return tuple(dict.fromkeys(one.text for one in found))[:most]

    def _judged(self, text: str) -> list[_Correction]:
        """Return the corrections that are likely enough, best first."""
        changes: dict[str, tuple[str, int, int]] = {}
        for at in range(len(text)):
            if not is_han(text[at]):
                continue
            standing = self._between(text[:at], text[at + 1 :])
            standing.pop(text[at], None)
            total = standing.total()
            alike = {one: self._kind(text[at], one) for one in standing}
            ranked = sorted(standing, key=lambda one: (alike[one] == _ANY, -standing[one], one))[:_MOST_JUDGED]
            for one in ranked:
                changes.setdefault(text[:at] + one + text[at + 1 :], (alike[one], standing[one], total))
        changes.update(self._moved(text))
        if not changes:
            return []  # without opening the dictionary: 4 % of a cold search for what is nowhere
        known = self._analyzer.log_probability(text)
        found = []
        for changed, (kind, count, total) in changes.items():
            gain = self._analyzer.log_probability(changed) - known + (len(changed) - len(text)) * _PER_CHARACTER
            score = _LIKELY[kind] + 0.7 * log(count + 0.5) + 0.6 * max(-6.0, min(gain, 12.0))
            score += 0.5 * log(count / (total + 1))
            if self._is_likely(text, changed, kind, score, gain):
                found.append(_Correction(score, changed, kind, gain))
        return sorted(found, key=lambda one: (-one.score, one.text))

    def _is_likely(self, text: str, changed: str, kind: str, score: float, gain: float) -> bool:
        size = min(len(text), 4)
        least = _LEAST.get((size, kind))
        if least is None or score < least[0] or gain < least[1]:
            return False
        word = size > 3 or self._analyzer.knows(changed)
        if size == 2:
            return word
        # one name is not corrected to another
        return word or kind != _ANY or text[0] not in _SURNAMES

    def _kind(self, typed: str, other: str) -> str:
        if sounds(typed) & sounds(other):
            return _SOUND
        return _SHAPE if similar_shape(typed, other) else _ANY

    def _between(self, before: str, after: str) -> Counter[str]:
        """Count the single Han characters between two texts, one of which may be empty."""
        found: Counter[str] = Counter()
        node = And(tuple(Contains(part) for part in (before, after) if part))
        if not self._engine.search(Request(node, limit=0)).total:
            return found
        form = re.compile(f"{re.escape(before)}([{HAN}]){re.escape(after)}")
        read = 0
        for document in self._engine.texts(node):
            for reduced in document.reduced:
                found.update(form.findall(reduced))
            read += len(document.reduced)
            if read > _MOST_SECTIONS:
                break
        return found

    def _moved(self, text: str) -> Iterator[tuple[str, tuple[str, int, int]]]:
        """Yield the texts in the index with a character more or less, or with two neighbours swapped."""
        size = len(text)
        if size > 3:
            swapped = (text[:at] + text[at + 1] + text[at] + text[at + 2 :] for at in range(size - 1))
            shorter = (text[:at] + text[at + 1 :] for at in range(1, size - 1))  # at the ends there is always more text
            for one in dict.fromkeys((*swapped, *shorter)):
                count = self._engine.search(Request(Contains(one), limit=0)).total if one != text else 0
                if count:
                    yield one, (_ANY, count, count)
        if size > 2:
            for at in range(1, size):
                standing = self._between(text[:at], text[at:])
                total = standing.total()
                for one, count in standing.most_common(3):
                    yield text[:at] + one + text[at:], (_ANY, count, total)

    def _pieces(self, text: str) -> list[tuple[int, int]]:
        """Return the pieces of a long text around each place where two characters are never adjacent in the index."""
        strange = [at for at in range(len(text) - 1) if not self.stands(text[at : at + 2])]
        changed = dict.fromkeys(place for at in strange for place in (at, at + 1))
        return [(max(0, at - _AROUND), min(len(text), at + _AROUND + 1)) for at in changed]

    def _in_piece(self, text: str, start: int, end: int) -> Sequence[_Correction]:
        found = self._judged(text[start:end])
        return [one._replace(text=text[:start] + one.text + text[end:]) for one in found]


_PER_CHARACTER = 6.0
"""The average decrease of the log probability of a text of known words per character."""
