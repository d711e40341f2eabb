"""Detection of matches inside longer words or numbers, for the texts of a batch of documents."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from policysearch.engines.protocol import DocumentTexts, Engine
from policysearch.text.whole_words import Surroundings, in_word, may_be_inside

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Truths = NDArray[np.bool_]

__all__ = ["Inside"]


class Inside:
    """Tests matches of terms.

    Args:
        engine: The open index, for texts as shown where white space matters.
        terms: The reduced terms.

    Attributes:
        possible: Whether any term can match inside a longer word or number.
    """

    def __init__(self, engine: Engine, terms: Sequence[str]) -> None:
        import numpy as np

        self._engine = engine
        self.possible = any(map(may_be_inside, terms))
        self._left = np.array([in_word(term[0]) for term in terms], bool)
        self._right = np.array([in_word(term[-1]) for term in terms], bool)

    def of(
        self, text: bytes, documents: Sequence[DocumentTexts], start: Numbers, end: Numbers, term: Numbers
    ) -> Truths:
        """Return, for each match, whether it starts or ends inside a longer word or number.

        Args:
            text: The sections of the documents in UTF-8, with a zero byte between two.
            documents: The documents.
            start: Start of each match in ``text``.
            end: End of each match.
            term: The number of the term of each match.
        """
        import numpy as np

        inside = np.zeros(len(start), bool)
        if not len(start):
            return inside
        data = np.frombuffer(b"\0\0\0" + text + b"\0", np.uint8)
        before = _may_end_word(data[start + 2], data[start + 1], data[start])
        after = _may_begin_word(data[end + 3])
        unsure = np.flatnonzero((self._left[term] & before) | (self._right[term] & after))
        if not len(unsure):
            return inside
        borders = np.flatnonzero(data[3:-1] == 0)
        sections = np.searchsorted(borders, start[unsure])
        last_of = list(accumulate(len(one.reduced) for one in documents))
        document_of = np.searchsorted(last_of, sections, side="right").tolist()
        known = -1
        for i, section, at in zip(unsure.tolist(), sections.tolist(), document_of, strict=True):
            first = int(borders[section - 1]) + 1 if section else 0
            if section != known:
                known = section
                place = section - (last_of[at - 1] if at else 0)
                surroundings = self._surroundings(documents[at], place)
            begins, ends = (
                len(str(text[first:byte], "utf-8", "surrogatepass")) for byte in (int(start[i]), int(end[i]))
            )
            inside[i] = surroundings.inside_longer(begins, ends)
        return inside

    def _surroundings(self, document: DocumentTexts, place: int) -> Surroundings:
        def show() -> str:
            keys = self._engine.find_document(document.document["document_id"])
            (section,) = self._engine.stored([keys[document.ordinals[place] - 1]])
            return section.text

        return Surroundings(document.reduced[place], show)


def _characters(text: bytes) -> int:
    return len(str(text, "utf-8", "surrogatepass"))


def _may_begin_word(byte: NDArray[np.uint8]) -> Truths:
    """Return, for each byte, whether a letter, a digit, or a mark that may join two digits may start with it."""
    found: Truths = _is_ascii(byte) | ((byte >= 0xC2) & (byte <= 0xD4)) | (byte == 0xE1)
    return found


def _may_end_word(last: NDArray[np.uint8], second: NDArray[np.uint8], third: NDArray[np.uint8]) -> Truths:
    """Return the same for the last three bytes before each match."""
    two = (second >= 0xC2) & (second <= 0xD4)
    found: Truths = _is_ascii(last) | ((last >= 0x80) & (two | (third == 0xE1)))
    return found


def _is_ascii(byte: NDArray[np.uint8]) -> Truths:
    """Return, for each byte, whether it is a letter, a digit, a point or a comma."""
    digit = (byte >= ord("0")) & (byte <= ord("9"))
    letter = (byte >= ord("a")) & (byte <= ord("z"))
    joining = (byte == ord(".")) | (byte == ord(","))
    found: Truths = digit | letter | joining
    return found
