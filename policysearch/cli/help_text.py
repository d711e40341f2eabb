"""Help texts wrapped by display width: click counts a Chinese character as one column instead of two."""

from __future__ import annotations

from collections.abc import Iterable

import click

from policysearch.text.width import columns_of

__all__ = ["HelpContext"]

_SECOND = "\ue001"  # placeholder for the second column of a wide character while click wraps the lines


def _spread(text: str) -> str:
    return text if text.isascii() else "".join(one + _SECOND * (columns_of(one) - 1) for one in text)


class _Formatter(click.HelpFormatter):
    def write_text(self, text: str) -> None:
        super().write_text(_spread(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(_spread(name), _spread(said)) for name, said in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        return super().getvalue().replace(_SECOND, "")


class HelpContext(click.Context):
    """The context of a command with correctly wrapped help."""

    formatter_class = _Formatter
