"""Figures of counts: years as lines, many groups as small multiples or a heat map, other groups as bars."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from policysearch.errors import InputError
from policysearch.vocabulary import alternatives

if TYPE_CHECKING:
    from policysearch.corpus.counts import Counts

__all__ = ["DPI", "ENDINGS", "KINDS", "draw_counts"]

ENDINGS = (".svg", ".pdf", ".png")

KINDS = ("lines", "multiples", "heatmap", "bars")
"""Kinds of figures: lines in one plot, a plot for each group, groups × years, bars."""

DPI = 300
"""Default resolution of a PNG, in pixels per inch."""

_MOST_CENTIMETRES = 200.0
_INCH = 2.54


def draw_counts(
    counts: Counts,
    ending: str = ".svg",
    *,
    kind: str | None = None,
    size: tuple[float, float] | None = None,
    dpi: int = DPI,
    title: str | None = None,
    font: str | None = None,
) -> bytes:
    """Return a figure of the rates of a count: occurrences per 10,000 Han characters; equal counts give equal bytes.

    Series differ in line style and marker, bars in hatching, so that they can be distinguished without colour.

    Args:
        counts: Counts, by ``year`` for figures over time.
        ending: ``.svg``, ``.pdf`` or ``.png``.
        kind: One of ``KINDS``. None for bars without years; with years for lines if there are up to seven, else a plot
            for each group if there are up to twenty-four groups, else a heat map.
        size: Width and height in centimetres; None for one that fits.
        dpi: Resolution of a PNG.
        title: The title; None for the term, if there is only one.
        font: The name of an installed font; None for one with Chinese characters. An SVG names it, and is drawn with
            the viewer's fonts.

    Raises ``InputError`` when it cannot be drawn.
    """
    if ending not in ENDINGS:
        raise InputError(f"A plot is written to a file with the suffix {alternatives(ENDINGS)}, not '{ending}'.")
    if kind is not None and kind not in KINDS:
        raise InputError(f"Unknown kind of plot {kind!r}; expected one of: {', '.join(KINDS)}.")
    if size is not None and not all(1 <= side <= _MOST_CENTIMETRES for side in size):
        raise InputError(f"The sides of a plot are from 1 to {_MOST_CENTIMETRES:.0f} centimetres.")
    from policysearch.output.plot.fonts import FAMILIES, away_from_here, chinese_font, named_font, without_font_warnings

    try:
        with away_from_here():
            import matplotlib
    except ImportError as error:
        raise InputError("Plotting needs matplotlib. Install it with: pip install 'policysearch[plot]'") from error
    from policysearch.output.plot.charts import draw

    with without_font_warnings():
        if ending == ".svg":
            families = [*FAMILIES] if font is None else [font, *FAMILIES]
        else:
            families = [chinese_font() if font is None else named_font(font)]
        settings: Any = {
            "svg.fonttype": "none",  # text stays text, not paths
            "svg.hashsalt": "policysearch",
            "pdf.fonttype": 42,  # TrueType: journals refuse type 3 fonts
            "font.family": [*families, "sans-serif"],
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.linewidth": 0.6,
            "axes.titlesize": 9,
            "hatch.linewidth": 0.5,
            "axes.unicode_minus": False,
        }
        with matplotlib.rc_context(settings):
            inches = None if size is None else (size[0] / _INCH, size[1] / _INCH)
            figure = draw(counts, kind, inches, title)
            out = io.BytesIO()
            undated: dict[str, Any] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}
            figure.savefig(out, format=ending[1:], dpi=dpi, metadata=undated[ending])
    return out.getvalue()
