"""Tables of statistics: rows under named columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeVar

from policysearch.corpus.statistics.selection import Selection
from policysearch.corpus.statistics.writings import writings
from policysearch.frozen import asdict, replace

__all__ = ["Table", "as_written_rows"]


class _OfTerm(Protocol):
    @property
    def term(self) -> str: ...


T = TypeVar("T", bound=_OfTerm)


def as_written_rows(rows: Sequence[T], *selections: Selection) -> tuple[T, ...]:
    """Return rows of a term each, with the ``term`` as it is written in the texts; see ``writings``."""
    found = writings(selections, [row.term for row in rows])
    return tuple(
        [row if found.get(row.term, row.term) == row.term else replace(row, term=found[row.term]) for row in rows]
    )


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
