"""A page of a concordance: only its lines are created, and the others are counted."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from policysearch.corpus.concordance import KwicLine, TermFinder, lines, reduced_phrase
from policysearch.corpus.lexicon import Lexicon
from policysearch.corpus.term_dictionary import dictionary_of
from policysearch.engines.protocol import JoinsTexts
from policysearch.engines.tree import And, Node
from policysearch.frozen import frozen

if TYPE_CHECKING:
    from policysearch.corpus.occurrences import Selecting
    from policysearch.engines.protocol import Engine
    from policysearch.query.filters import FilterValues

__all__ = ["ConcordancePage", "concordance_page"]

_AT_ONCE = 1_000_000  # characters


@frozen
class ConcordancePage:
    """Some lines of the concordance of a phrase.

    Attributes:
        total: Number of occurrences.
        distinct: Number of lines of the complete concordance: occurrences without folded duplicates.
        lines: The requested lines, by position.
    """

    total: int
    distinct: int
    lines: tuple[KwicLine, ...]


def concordance_page(
    index: Selecting,
    phrase: str,
    *,
    width: int,
    where: str | None,
    filters: Mapping[str, FilterValues] | None,
    offset: int,
    limit: int,
) -> ConcordancePage:
    """Return lines of the concordance of a literal phrase, as in ``kwic``, and their total number.

    Raises ``QueryError`` for a malformed query or an empty phrase, ``InputError`` for an invalid filter.
    """
    reduced = reduced_phrase(phrase)
    lexicon = Lexicon(dictionary_of([phrase]))
    node = And((lexicon.node(False), index.selection(where, filters, False, "fold")))
    found = lines(index.engine, TermFinder(lexicon, node, False, {}), width=width, folded=True)
    shown = tuple(islice(found, offset, offset + limit))
    total = _total(index.engine, node, reduced)
    return ConcordancePage(total, total - found.of_copies, shown)


def _total(engine: Engine, node: Node, reduced: str) -> int:
    if not isinstance(engine, JoinsTexts):
        return sum(text.count(reduced) for one in engine.texts(node) for text in one.reduced)
    total = 0
    for texts in engine.joined_texts(node, None, _AT_ONCE):
        encoding = "utf-16-le" if texts.codes.itemsize == 2 else "utf-32-le"
        total += texts.codes.tobytes().decode(encoding, "surrogatepass").count(reduced)
    return total
