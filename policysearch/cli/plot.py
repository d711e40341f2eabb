"""Options of figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policysearch.cli.destination import WRITTEN, written_whole
from policysearch.cli.options import Integers
from policysearch.output.plot.drawing import DPI, KINDS

if TYPE_CHECKING:
    from policysearch.corpus.counts import Counts

__all__ = ["Plotting", "plot_options"]

F = TypeVar("F", bound=Callable[..., Any])


def _size(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[float, float] | None:
    """Return width and height in centimetres of 16x9."""
    if value is None:
        return None
    wide, _, high = value.lower().replace("×", "x").removesuffix("cm").partition("x")
    try:
        return float(wide), float(high)
    except ValueError:
        raise click.BadParameter(
            f"Expected a width and a height in centimetres, such as 16x9, not '{value}'.", ctx, param
        ) from None


def plot_options(function: F) -> F:
    """Add ``--plot`` and the options of figures: see ``Plotting``."""
    for option in reversed(
        (
            click.option(
                "--plot",
                metavar="FILE",
                type=WRITTEN,
                help="Plot the rates to FILE.svg, .pdf or .png: years as lines, small multiples or a heat map, other "
                "groups as bars.",
            ),
            click.option(
                "--chart",
                type=click.Choice(KINDS),
                help="Kind of plot.  [default: lines; with many groups multiples, with very many heatmap]",
            ),
            click.option("--size", callback=_size, metavar="WxH", help="Width and height of the plot in cm, as 16x9."),
            click.option(
                "--dpi",
                type=Integers(30, 1200),
                default=DPI,
                show_default=True,
                help="Resolution of a PNG, in pixels per inch.",
            ),
            click.option("--title", "plot_title", metavar="TEXT", help="Title of the plot.  [default: the only term]"),
            click.option("--font", metavar="NAME", help="Font of the plot.  [default: one with Chinese characters]"),
        )
    ):
        function = option(function)
    return function


class Plotting:
    """The requested plot, if there is one.

    Args:
        options: The options of the command, from which those of ``plot_options`` are removed.

    Attributes:
        asked: The options of the plot for the manifest; empty without a plot.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._path: Path | None = options.pop("plot")
        chart, title = options.pop("chart"), options.pop("plot_title")
        others = {name: options.pop(name) for name in ("size", "dpi", "font")}
        self._drawn: dict[str, Any] = {"kind": chart, "title": title, **others}
        self.asked: dict[str, Any] = {}
        if self._path is None:
            defaults = {"dpi": DPI}
            for name, value in {"chart": chart, "title": title, **others}.items():
                if value != defaults.get(name):
                    raise click.UsageError(f"--{name} is an option of a plot; add --plot FILE.")
        else:
            self.asked["plot"] = {"format": self._path.suffix.lower(), "chart": chart, "title": title, **others}

    def draw(self, counts: Counts) -> bool:
        """Write the plot, and return whether counts without a year are not in it."""
        if self._path is None:
            return False
        from policysearch.output.plot.drawing import draw_counts

        drawn = draw_counts(counts, self._path.suffix.lower(), **self._drawn)
        with written_whole(self._path) as stream:
            stream.buffer.write(drawn)
        if "year" not in counts.by:
            return False
        at = counts.by.index("year")
        return any(key[at] is None for key in counts.groups)
