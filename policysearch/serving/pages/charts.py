"""Line charts as SVG, without scripts or inline styles."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from markupsafe import Markup, escape

from policysearch.frozen import frozen
from policysearch.output.terminal import printable

__all__ = ["COLORS", "Series", "line_chart", "shade_of"]

COLORS = 6
"""Number of colours of series; further series begin again."""

_HEIGHT = 260
_SHAPES = (("wide", 860, 14), ("narrow", 380, 6))  # class, width, and maximum number of labelled years
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 14, 30
SHADES = 5


@frozen
class Series:
    """A line of a chart.

    Attributes:
        label: Its name.
        points: The value of each year, or None.
        urls: The link of each point, or None.
    """

    label: str
    points: tuple[float | None, ...]
    urls: tuple[str | None, ...]


def shade_of(value: float | None, most: float) -> int:
    """Return the shade of a cell: from 0 for nothing to 5 for the greatest value."""
    if not value or not most:
        return 0
    return max(1, math.ceil(SHADES * value / most))


def line_chart(series: Sequence[Series], years: Sequence[int], title: str, show: Callable[[float], str]) -> Markup:
    """Return a chart of values by year, in two shapes of which a screen shows one; ``show`` formats a value."""
    values = [one for line in series for one in line.points if one is not None]
    if len(years) < 2 or not values:
        return Markup("")
    return Markup("").join(_drawn(shape, series, years, title, show, max(values)) for shape in _SHAPES)


def _drawn(
    shape: tuple[str, int, int],
    series: Sequence[Series],
    years: Sequence[int],
    title: str,
    show: Callable[[float], str],
    most: float,
) -> Markup:
    name, width, most_years = shape
    step = _step(most)
    top = max(step, math.ceil(most / step - 1e-9) * step)

    def x(at: int) -> float:
        return _LEFT + at * (width - _LEFT - _RIGHT) / (len(years) - 1)

    def y(value: float) -> float:
        return _TOP + (1 - value / top) * (_HEIGHT - _TOP - _BOTTOM)

    drawn = [f'<svg class="chart {name}" viewBox="0 0 {width} {_HEIGHT}" role="group" aria-label="{escape(title)}">']
    for number in range(round(top / step) + 1):
        at = y(number * step)
        drawn.append(f'<line class="axis" x1="{_LEFT}" x2="{width - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        drawn.append(f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{show(number * step)}</text>')
    every = math.ceil(len(years) / most_years)
    for at, year in enumerate(years):
        if at % every == 0:
            drawn.append(f'<text x="{x(at):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{year}</text>')
    for number, line in enumerate(series):
        color = number % COLORS
        for run in _runs(line.points):
            path = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in run)
            drawn.append(f'<polyline class="line series-{color}" points="{path}"/>')
        for at, value in enumerate(line.points):
            if value is not None:
                drawn.append(_dot(x(at), y(value), color, f"{line.label} {years[at]}: {show(value)}", line.urls[at]))
    return Markup("".join([*drawn, "</svg>"]))


def _dot(x: float, y: float, color: int, said: str, url: str | None) -> str:
    said = str(escape(printable(said)))
    dot = f'<circle class="dot fill-{color}" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{said}</title></circle>'
    return dot if url is None else f'<a href="{escape(url)}" aria-label="{said}">{dot}</a>'


def _runs(points: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Yield the parts of a line without gaps."""
    run: list[tuple[int, float]] = []
    for at, value in enumerate(points):
        if value is None:
            if len(run) > 1:
                yield run
            run = []
        else:
            run.append((at, value))
    if len(run) > 1:
        yield run


def _step(most: float) -> float:
    """Return a round distance of grid lines, for about four lines."""
    if most <= 0:
        return 1
    raw = most / 4
    power = 10.0 ** math.floor(math.log10(raw))
    return float(next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= raw - 1e-12))
