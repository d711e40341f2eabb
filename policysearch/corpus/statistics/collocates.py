"""Collocates: words near a phrase that are more frequent there than expected by chance."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from policysearch.corpus.statistics.measures import expected, log_dice, log_likelihood, mutual_information
from policysearch.corpus.statistics.selection import Selection, Totals
from policysearch.corpus.statistics.table import Table, first_as_written
from policysearch.errors import InputError
from policysearch.frozen import frozen

if TYPE_CHECKING:
    from policysearch.corpus.statistics.neighbourhood import Neighbourhood

__all__ = ["Collocate", "Collocates", "collocates"]


@frozen
class Collocate:
    """One word near a phrase.

    Attributes:
        term: The word in its usual writing, without white space; see ``written_words``.
        together: Number of its places in the windows.
        expected: The number expected by chance: see ``measures.expected``.
        log_dice: See ``measures.log_dice``; of ``together`` and of the frequencies of both in the selection.
        log_likelihood: See ``measures.log_likelihood``.
        mi: See ``measures.mutual_information``.
        left: Number of these places before the nearest phrase.
        right: Number of those after it.
    """

    term: str
    together: int
    expected: float
    log_dice: float | None
    log_likelihood: float
    mi: float | None
    left: int
    right: int


@frozen
class Collocates(Table):
    """Collocates by descending ``log_dice``, then by term.

    Attributes:
        phrase: The node, as given.
        window: ``sentence``, or the number of characters on each side.
        occurrences: Number of occurrences of the phrase in the selection.
        window_characters: Number of Han characters of all windows, without the phrase itself.
        selection: The totals of the selection.
        terms: The rows.
    """

    phrase: str
    window: str | int
    occurrences: int
    window_characters: int
    selection: Totals
    terms: tuple[Collocate, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as in every output."""
        return tuple(Collocate.__match_args__)

    def values(self) -> Sequence[Collocate]:
        """Return the rows."""
        return self.terms

    def totals(self) -> dict[str, Any]:
        """Return the totals of the selection as plain values for JSON."""
        counted = {name: getattr(self.selection, name) for name in ("documents", "sections", "characters")}
        about = {"phrase": self.phrase, "window": self.window, "occurrences": self.occurrences}
        return {**about, "window_characters": self.window_characters, **counted}


def collocates(
    selection: Selection,
    phrase: str,
    *,
    window: str | int = "sentence",
    limit: int | None = 100,
    min_together: int = 5,
    stop: Collection[str] = (),
    jobs: int = 1,
) -> Collocates:
    """Return the words in the windows around a literal phrase.

    A window is the sentence that contains the phrase, or so many characters on each side of it in its section; windows
    that touch or overlap are joined, and none contains the phrase itself. A table for the measures has the Han
    characters of all windows as its row, those of the selection as its total.

    Args:
        selection: The sections to read.
        phrase: A literal phrase.
        window: ``sentence``, or a number of folded characters.
        limit: Maximum number of words; None for all.
        min_together: Minimum number of places of a word in windows.
        stop: Words to exclude.
        jobs: Number of threads.

    Raises ``QueryError`` for an empty phrase, ``InputError`` for an invalid option.
    """
    if window != "sentence" and not (isinstance(window, int) and window > 0):
        raise InputError(f"A window is 'sentence' or a number of characters from 1, not {window!r}.")
    if min_together < 1 or (limit or 0) < 0:
        raise InputError("min_together must be a number from 1, and the limit one from 0.")
    from policysearch.corpus.statistics.neighbourhood import neighbourhood

    near = neighbourhood(selection, phrase, window, limit, min_together, stop, jobs)
    rows = [_row(near, at) for at in range(len(near.words))]
    return Collocates(
        phrase,
        window,
        near.occurrences,
        near.characters,
        near.totals,
        first_as_written(rows, lambda row: row.log_dice or 0.0, limit, selection),
    )


def _row(near: Neighbourhood, at: int) -> Collocate:
    together, left, anywhere = int(near.together[at]), int(near.left[at]), int(near.anywhere[at])
    # other characters may be more frequent than all Han characters together
    size = max(near.characters, together)
    total = max(near.totals.characters, size + anywhere - together)
    by_chance = expected(size, anywhere, total)
    return Collocate(
        near.words[at],
        together,
        by_chance,
        log_dice(together, near.occurrences, anywhere),
        log_likelihood(together, size, anywhere, total),
        mutual_information(together, by_chance),
        left,
        together - left,
    )
