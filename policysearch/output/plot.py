"""Plots of counts: years as lines, other groups as bars."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from policysearch.errors import InputError
from policysearch.output.terminal import printable, width

if TYPE_CHECKING:
    from policysearch.corpus.counts import Count, Counts

__all__ = ["ENDINGS", "draw_counts"]

ENDINGS = (".svg", ".png")

_MOST_LINES = 12
_MOST_BARS = 120
_MOST_GROUPS = 40
# Font families with Chinese characters on common systems; an SVG uses the viewer's own.
_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Serif CJK SC",
    "Songti SC",
    "SimSun",
    "AR PL UMing CN",
    "Droid Sans Fallback",
)
_RATE = "每万字次数"
_ENOUGH = "政府工作报告营商环境"


def draw_counts(counts: Counts, ending: str = ".svg") -> bytes:
    """Return a plot of the rates of a count; the same count gives the same bytes.

    Args:
        counts: Counts grouped by ``year``: a line for each term and for each value of the other groups.
            Other counts: bars.
        ending: ``.svg`` or ``.png``.

    Raises ``InputError``, with the reason, when it cannot be drawn.
    """
    if ending not in ENDINGS:
        raise InputError(f"A plot is written to a file that ends in .svg or .png, not in '{ending}'.")
    try:
        with _away_from_here():
            import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError("Plotting needs matplotlib. Install it with: pip install 'policysearch[plot]'") from error
    settings: Any = {
        "svg.fonttype": "none",  # text stays text
        "svg.hashsalt": "policysearch",
        "font.family": [*_FAMILIES, "sans-serif"] if ending == ".svg" else [_chinese_font(), "sans-serif"],
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with matplotlib.rc_context(settings), _no_talk_of_fonts():
        figure = _lines(counts, Figure()) if "year" in counts.by else _bars(counts, Figure())
        out = io.BytesIO()
        figure.savefig(out, format=ending[1:], dpi=150, metadata={"Date": None} if ending == ".svg" else None)
    return out.getvalue()


@contextmanager
def _away_from_here() -> Iterator[None]:
    """Import matplotlib from another folder, since it reads a ``matplotlibrc`` in the current one."""
    if "matplotlib" in sys.modules:
        yield
        return
    for name in ("MATPLOTLIBRC", "MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        if os.environ.get(name):  # settings that the user chose
            os.environ[name] = os.path.abspath(os.environ[name])
    here = os.open(".", getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC)
    try:
        os.chdir(os.path.dirname(os.path.abspath(__file__)))
        yield
    finally:
        os.fchdir(here)
        os.close(here)


def _no_talk_of_fonts() -> Any:
    """Suppress warnings about fonts: an SVG is drawn with the viewer's fonts."""
    import logging
    import warnings
    from contextlib import ExitStack

    stack = ExitStack()
    stack.enter_context(warnings.catch_warnings())
    warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
    logger = logging.getLogger("matplotlib.font_manager")
    stack.callback(logger.setLevel, logger.level)
    logger.setLevel(logging.CRITICAL)
    return stack


@lru_cache(maxsize=1)
def _chinese_font() -> str:
    """Return the name of an installed font with Chinese characters."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    known = {name: at for at, name in enumerate(_FAMILIES)}
    for font in sorted(manager.ttflist, key=lambda f: (known.get(f.name, len(known)), f.name, f.fname)):
        if font.name in known or _has_chinese(font.fname):
            return str(font.name)
    # the library caches its list of fonts, which lacks one installed since
    listed = {font.fname for font in manager.ttflist}
    for path in sorted(set(font_manager.findSystemFonts()) - listed):
        if _has_chinese(path):
            manager.addfont(path)
            return str(font_manager.FontProperties(fname=path).get_name())
    raise InputError(
        "No font with Chinese characters was found on this machine. "
        "Install one (Noto Sans CJK, for instance), or plot to a file that ends in .svg."
    )


def _has_chinese(path: str) -> bool:
    from matplotlib.ft2font import FT2Font

    try:
        characters = FT2Font(path).get_charmap()
    except (OSError, RuntimeError):
        return False
    # a last-resort font has one glyph for all characters
    return len({characters.get(ord(character), 0) for character in _ENOUGH} - {0}) == len(set(_ENOUGH))


def _lines(counts: Counts, figure: Any) -> Any:
    at = counts.by.index("year")
    years: set[int] = set()
    series: dict[str, dict[int, float]] = {}
    for one in counts:
        year = one.group[at]
        if year is None:
            continue
        years.add(year)
        name = _name((*one.group[:at], *one.group[at + 1 :]), one, len(counts.terms) > 1)
        rates = series.setdefault(name, {})
        if one.per_10000 is not None:
            rates[year] = one.per_10000
    if not years:
        raise InputError("There is nothing to plot: no document has a year.")
    if len(series) > _MOST_LINES:
        raise InputError(
            f"A plot of {len(series)} lines is unreadable; choose groups and terms for at most {_MOST_LINES}."
        )
    axes = _axes(figure, 3.6, 0.8, list(series))
    shown = range(min(years), max(years) + 1)
    for name, rates in series.items():
        # a year without documents is a gap in the line
        axes.plot(shown, [rates.get(year, float("nan")) for year in shown], marker="o", markersize=4, label=name)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(_RATE)
    axes.xaxis.get_major_locator().set_params(integer=True)
    if len(series) > 1:
        _legend(axes)
    return figure


def _bars(counts: Counts, figure: Any) -> Any:
    rows = list(counts)
    groups = list(dict.fromkeys(_name(one.group, one, not one.group) for one in rows))
    if not groups:
        raise InputError("There is nothing to plot: no document was selected.")
    if len(groups) > _MOST_GROUPS or len(rows) > _MOST_BARS:
        raise InputError(
            f"A plot of {len(groups)} groups and {len(rows)} bars is unreadable; "
            f"choose at most {_MOST_GROUPS} groups and {_MOST_BARS} bars."
        )
    terms = counts.terms if counts.by else ("",)
    thick = 0.8 / len(terms)
    height = max(1.0, 0.26 * len(groups) * max(1.0, len(terms) * 0.6))
    axes = _axes(figure, height, _inches(groups) + 0.2, list(terms))
    for at, term in enumerate(terms):
        rates = [one.per_10000 or 0.0 for one in rows if not counts.by or one.term == term]
        places = [place + (at - (len(terms) - 1) / 2) * thick for place in range(len(groups))]
        axes.barh(places, rates, height=thick, label=_text(term))
    axes.set_yticks(range(len(groups)), groups)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlabel(_RATE)
    if len(terms) > 1:
        _legend(axes)
    return figure


def _inches(names: Sequence[str]) -> float:
    """Return an estimate of the width of names in 10 point type; the font may not be installed here."""
    return max(map(width, names), default=0) * 5 / 72 + 0.1


def _axes(figure: Any, height: float, left: float, series: Sequence[str]) -> Any:
    """Return axes of this height in inches, with room for the names on both sides, and a legend if needed."""
    right = _inches(series) + 0.7 if len(series) > 1 else 0.2
    whole = (left + 5.0 + right, 0.3 + height + 0.6)
    figure.set_size_inches(*whole)
    axes = figure.add_axes((left / whole[0], 0.6 / whole[1], 5.0 / whole[0], height / whole[1]))
    if len(series) == 1 and series[0]:
        axes.set_title(series[0], loc="left")
    return axes


def _legend(axes: Any) -> None:
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _name(group: Sequence[Any], one: Count, with_term: bool) -> str:
    """Return the label of a line or a bar."""
    if not group and not with_term:
        return _text(one.term)
    parts = ["(无)" if part is None else str(part) for part in group]
    return _text(" ".join([*parts, one.term] if with_term else parts))


def _text(text: str) -> str:
    """Return text that matplotlib draws literally: ``$`` would start a formula, and controls are invalid in XML."""
    return printable(text).replace("$", r"\$")
