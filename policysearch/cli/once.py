"""Options that are given once at most: of two values click would take the last one in silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = ["JOINED_BY_OPERATORS", "Once", "where_option"]

F = TypeVar("F", bound=Callable[..., Any])


class Once(click.Option):
    """An option that is an error if it is given twice.

    Args:
        declared: As for ``click.Option``.
        instead: The sentence that says how to give several values.
        attributes: As for ``click.Option``.
    """

    def __init__(self, *declared: Any, instead: str, **attributes: Any) -> None:
        super().__init__(*declared, **{**attributes, "multiple": True})
        self._instead = instead

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Return the value; None without one."""
        values = super().process_value(ctx, value)
        if not isinstance(values, tuple):
            return values
        if len(values) > 1:
            raise click.UsageError(f"{self.opts[-1]} was given twice. {self._instead}", ctx)
        return values[0] if values else None


JOINED_BY_OPERATORS = "Join the queries with AND or OR, each in brackets."


def where_option(described: str) -> Callable[[F], F]:
    """Return a decorator that adds ``--where``."""
    return click.option("--where", metavar="QUERY", cls=Once, instead=JOINED_BY_OPERATORS, help=described)
