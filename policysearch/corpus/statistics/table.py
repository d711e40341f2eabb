"""Tables of statistics: rows under named columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from policysearch.corpus.statistics.selection import Selection
from policysearch.corpus.statistics.writings import writings
from policysearch.frozen import asdict, replace

__all__ = ["Table", "first_as_written"]


class _OfTerm(Protocol):
    @property
    def term(self) -> str: ...


T = TypeVar("T", bound=_OfTerm)


def first_as_written(
    rows: Iterable[T], key: Callable[[T], float], limit: int | None, *selections: Selection
) -> tuple[T, ...]:
    """Return the first rows of a term each, with the ``term`` as it is written in the texts; see ``writings``.

    They are in order of ``key``, descending, then of terms.
    """
    ordered = sorted(rows, key=lambda row: (-key(row), row.term))
    end = len(ordered)
    if limit is not None and limit < end:
        # terms that are equal by the key are in another order when written
        end = next((at for at in range(limit, end) if key(ordered[at]) != key(ordered[limit - 1])), end) if limit else 0
    found = writings(selections, [row.term for row in ordered[:end]])
    written = [replace(row, term=found[row.term]) if row.term in found else row for row in ordered[:end]]
    return tuple(sorted(written, key=lambda row: (-key(row), row.term))[:limit])


class Table:
    """Rows of values, the same in every format."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as in every output."""
        raise NotImplementedError

    @property
    def measured(self) -> frozenset[str]:
        """Names of the columns whose None means not applicable (NA in tables), not unknown."""
        return frozenset(self.columns)

    @property
    def text_columns(self) -> tuple[str, ...]:
        """Names of the columns in text output."""
        return self.columns

    @property
    def row_names(self) -> tuple[str, ...]:
        """Names of the columns that name the rows."""
        return self.columns[:1]

    @property
    def term_columns(self) -> tuple[str, ...]:
        """Names of the columns that are terms."""
        return ()

    def values(self) -> Sequence[Any]:
        """Return the rows."""
        raise NotImplementedError

    def totals(self) -> dict[str, Any]:
        """Return the totals of the selection as plain values for JSON."""
        raise NotImplementedError

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each row as plain values by the names of ``columns``."""
        for one in self.values():
            yield asdict(one)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values())

    def __len__(self) -> int:
        return len(self.values())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {**self.totals(), "rows": list(self.rows())}

    def to_frame(self) -> Any:
        """Return the rows as a pandas ``DataFrame``. Raises ``ImportError`` when pandas is not installed."""
        import pandas

        return pandas.DataFrame(list(self.rows()), columns=list(self.columns))

    def _repr_html_(self) -> str:
        from policysearch.notebook import table

        return table(self.columns, self.rows())
