"""The words of a selection, and the number of tokens of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from policysearch.corpus.statistics.selection import Selection
from policysearch.engines.protocol import Engine, KeepsFrequencies
from policysearch.errors import IndexUnusableError

__all__ = ["DEFINITIONS", "cut_words"]

DEFINITIONS = {
    "word": "A string that the analyzer of the index cut as a word, alone or inside a longer word, at half or more of "
    "the places where it occurs in the texts compared. It is counted at all of these places, as count does.",
    "ngram": "A string of 2 to 50 letters, digits and Han characters that occurs twice or more, is maximal (no "
    "character before or behind it is there at nine of ten of its places) and whose first and last character stand "
    "beside the rest at least four times as often as anywhere. It is counted as count does.",
}
"""The definition of each unit, for manifests."""


def cut_words(selection: Selection) -> Mapping[str, int]:
    """Return the words that the index's analyzer found in the selected sections, and the number of tokens of each.

    They are read from an engine that stores them; for others all texts are tokenized again, which takes half a second
    per megabyte.
    """
    engine = selection.engine
    if isinstance(engine, KeepsFrequencies):
        return engine.frequencies(selection.node, selection.accepting).words()
    analyzer = _analyzer(engine)
    found: Counter[str] = Counter()
    for section in selection.stored():
        found.update(analyzer.words(section.text))
    return found


def _analyzer(engine: Engine):  # type: ignore[no-untyped-def]
    from policysearch.text.analyzer import Analyzer
    from policysearch.text.dictionary import UserWord, load_dictionary

    analysis = engine.description["analysis"]
    dictionary = load_dictionary([UserWord(word, frequency) for word, frequency in analysis["user_words"]])
    if dictionary.fingerprint != analysis["fingerprint"]:
        raise IndexUnusableError(
            f"The index was built with another dictionary ({analysis['fingerprint']}; here: {dictionary.fingerprint}). "
            "Build it again with: policysearch index --rebuild"
        )
    return Analyzer(dictionary)
