"""The kinds of figures, with matplotlib's axes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil, nan
from typing import TYPE_CHECKING, Any, TypeAlias

from policysearch.errors import InputError
from policysearch.frozen import frozen, replace
from policysearch.output.terminal import printable, width

if TYPE_CHECKING:
    from policysearch.corpus.counts import Count, Counts

__all__ = ["draw"]

_MOST_TOGETHER = 7  # default maximum of lines in one plot
_MOST_LINES = 12
_MOST_PLOTS = 24
_MOST_ROWS = 120
_MOST_MAPS = 4
_MOST_BARS = 120
_MOST_GROUPS = 40
_CENTIMETRES = 2.54  # of an inch
_WIDE = 16.0 / _CENTIMETRES  # width of a figure in inches: that of the text of a page
_LEAST = (0.5, 0.4)  # least width and height of the axes of a plot in inches
_LEAST_OF_MANY = 0.25  # the same of each of several
_LINE = 0.17  # height of a line of text in inches
_RATE = "每万字次数"
_YEAR = "年份"
_NOTHING = "无文件"
_NO_HAN = "无汉字"
_LEGEND = 0.22  # height of a line of a legend in inches

# from dark to light, so that they differ in grey too; each with another style and marker
_COLORS = ("#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")
_STYLES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 2.5)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "h", "p")
_GREYS = ("#333333", "#888888", "#bbbbbb", "#e0e0e0", "#ffffff", "#555555")
_HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "++++")

Rates: TypeAlias = "dict[int, float]"


@frozen
class _Panel:
    """Counts by year.

    Attributes:
        years: All years from the first to the last.
        groups: The names of groups, in order.
        terms: The terms.
        rates: The rates by year of each group and term; a year without documents has none.
    """

    years: Sequence[int]
    groups: Sequence[str]
    terms: Sequence[str]
    rates: dict[tuple[str, str], Rates]

    def values(self, group: str, term: str) -> list[float]:
        """Return the rate of each year, NaN for a gap."""
        found = self.rates.get((group, term), {})
        return [found.get(year, nan) for year in self.years]

    @property
    def most(self) -> float:
        """The greatest rate."""
        return max((rate for rates in self.rates.values() for rate in rates.values()), default=0.0)


def draw(counts: Counts, kind: str | None, size: tuple[float, float] | None, title: str | None) -> Any:
    """Return a figure; the arguments are those of ``draw_counts``, ``size`` in inches."""
    if "year" not in counts.by:
        if kind not in (None, "bars"):
            raise InputError(f"A plot of kind '{kind}' needs counts by year; add year to the fields to count by.")
        return _bars(counts, size, title)
    if kind == "bars":
        raise InputError("Bars are for counts without years; leave year out, or choose another kind of plot.")
    panel = _panel(counts)
    if not panel.years:
        raise InputError("There is nothing to plot: no document has a year.")
    series = len(panel.groups) * len(panel.terms)
    if kind is None:
        many_groups = "heatmap" if len(panel.groups) > _MOST_PLOTS else "multiples"
        kind = "lines" if series <= _MOST_TOGETHER or len(panel.groups) == 1 else many_groups
    if title is None and len(panel.terms) == 1:
        title = panel.terms[0]
    elif title is not None:
        title = _text(title)
    if kind == "lines":
        _refuse_more(series, _MOST_LINES, "lines", "Choose groups and terms, or --chart multiples or heatmap")
        return _lines(panel, size, title)
    if kind == "multiples":
        _refuse_more(len(panel.groups), 2 * _MOST_PLOTS, "plots", "Choose groups, or --chart heatmap")
        _refuse_more(len(panel.terms), _MOST_TOGETHER, "lines in a plot", "Choose terms")
        return _multiples(panel, size, title)
    _refuse_more(len(panel.groups), _MOST_ROWS, "rows", "Choose groups")
    _refuse_more(len(panel.terms), _MOST_MAPS, "maps", "Choose terms")
    return _heatmap(panel, size, title)


def _refuse_more(number: int, most: int, what: str, advice: str) -> None:
    if number > most:
        raise InputError(f"A plot of {number} {what} is unreadable; at most {most} are drawn. {advice}.")


def _panel(counts: Counts) -> _Panel:
    at = counts.by.index("year")
    # groups in their order, each with its years
    by = (*counts.by[:at], *counts.by[at + 1 :], "year")
    ordered = {(*key[:at], *key[at + 1 : -1], key[at], key[-1]): group for key, group in counts.groups.items()}
    every = [one for one in replace(counts, by=by, groups=ordered, nonzero=False) if one.group[-1] is not None]
    years = [one.group[-1] for one in every]
    rows = _standing(every, counts.nonzero, -1)
    label = _labels(rows, -1)
    groups: dict[str, None] = {}
    rates: dict[tuple[str, str], Rates] = {}
    for one in rows:
        group = label[_group(one, -1)]
        groups[group] = None
        own = rates.setdefault((group, _text(one.term)), {})
        if one.per_10000 is not None:
            own[one.group[-1]] = one.per_10000
    shown = range(min(years), max(years) + 1) if years else ()
    return _Panel(shown, list(groups), [_text(term) for term in counts.terms], rates)


# lines


def _lines(panel: _Panel, size: tuple[float, float] | None, title: str | None) -> Any:
    series = [(group, term) for group in panel.groups for term in panel.terms]
    names = [_series_name(panel, group, term) for group, term in series]
    labels = [] if len(series) == 1 else names
    right = _inches(labels) + 0.55 if labels else 0.15
    usual = (_WIDE, max(3.0, 0.9 + _LINE * 1.15 * len(labels)))
    whole = size or usual
    title = title and _wrapped(title, whole[0] - 0.7)
    figure, axes = _axes(size, usual, left=0.6, right=right, bottom=0.55, top=_head(title, 0.15))
    lasts = []
    for number, (group, term) in enumerate(series):
        values = panel.values(group, term)
        axes.plot(panel.years, values, **_style(number))
        known = [(year, value) for year, value in zip(panel.years, values, strict=True) if value == value]
        if known:
            lasts.append((known[-1], number))
    _years(axes, panel.years, whole[0] - 0.6 - right)
    axes.set_ylim(0, panel.most * 1.06 or 1)
    axes.set_ylabel(_RATE)
    if title:
        axes.set_title(title, loc="left", fontsize=10)
    if labels:
        _label_ends(figure, axes, lasts, labels, panel.years[-1])
    return figure


def _style(number: int) -> dict[str, Any]:
    return {
        "color": _COLORS[number % len(_COLORS)],
        "linestyle": _STYLES[number % len(_STYLES)],
        "marker": _MARKERS[number % len(_MARKERS)],
        "markersize": 3.8,
        "markerfacecolor": "white" if number % 2 else _COLORS[number % len(_COLORS)],
        "linewidth": 1.2,
        "clip_on": False,
    }


def _label_ends(
    figure: Any, axes: Any, lasts: Sequence[tuple[tuple[int, float], int]], names: Sequence[str], last_year: int
) -> None:
    """Write the name of each line after its end, shifted to avoid collisions; a thin line leads to it."""
    box = axes.get_position()
    inches = box.height * figure.get_figheight()
    top = axes.get_ylim()[1]
    gap = _LINE * top / inches
    wanted = sorted(((value, year, number) for (year, value), number in lasts), key=lambda one: (one[0], -one[2]))
    places: list[float] = []
    for value, _, _ in wanted:
        places.append(max(value, places[-1] + gap) if places else max(0.0, value))
    over = (places[-1] if places else 0) - top
    if over > 0:  # move down from the top as far as needed
        free = top
        for at in range(len(places) - 1, -1, -1):
            places[at] = min(places[at], free)
            free = places[at] - gap
    span = axes.get_xlim()[1] - axes.get_xlim()[0]
    here = last_year + 0.07 * span
    for (value, year, number), place in zip(wanted, places, strict=True):
        look = {**_style(number), "linestyle": "none"}
        line = {"color": look["color"], "linewidth": 0.4, "clip_on": False, "zorder": 1}
        axes.plot([year, here], [value, place], **line)
        axes.plot([here], [place], **look)
        axes.text(here + 0.022 * span, place, names[number], va="center", ha="left")


# small multiples


def _multiples(panel: _Panel, size: tuple[float, float] | None, title: str | None) -> Any:
    many = len(panel.groups)
    across = min(many, 4 if many > 9 else 3)
    down = ceil(many / across)
    left, bottom, wide = 0.55, 0.5, (size or (_WIDE, 0))[0] - 0.65
    title = title and _wrapped(title, wide)
    names, room, lines = _legend(panel.terms, wide) if len(panel.terms) > 1 else (panel.terms, 1, 0)
    head = _head(title, 0.08) + _LEGEND * lines + (0.08 if lines else 0)
    _refuse_small(size, 0.65 + across * (0.18 + _LEAST_OF_MANY), bottom + head + down * (0.36 + _LEAST_OF_MANY))
    whole = size or (_WIDE, head + 0.6 + 1.25 * down)
    figure = _figure(whole)
    high = whole[1] - bottom - head
    cell = (wide / across, high / down)
    first = None
    for number, group in enumerate(panel.groups):
        row, column = divmod(number, across)
        place = (
            (left + column * cell[0]) / whole[0],
            (bottom + (down - 1 - row) * cell[1] + 0.08) / whole[1],
            (cell[0] - 0.18) / whole[0],
            (cell[1] - 0.36) / whole[1],
        )
        axes = figure.add_axes(place)
        first = first or axes
        for at, term in enumerate(panel.terms):
            axes.plot(panel.years, panel.values(group, term), label=names[at], **_style(at))
        axes.set_ylim(0, panel.most * 1.06 or 1)
        axes.set_title(_fitting(group, cell[0] - 0.25), loc="left", pad=3)
        lowest = number + across >= many
        _years(axes, panel.years, cell[0] - 0.18, name=False, shown=lowest)
        if column:
            axes.tick_params(labelleft=False)
        labels = axes.get_xticklabels()
        if len(labels) > 1:  # inwards, away from those of the neighbours
            labels[0].set_horizontalalignment("left")
            labels[-1].set_horizontalalignment("right")
    figure.text((left + wide / 2) / whole[0], 0.09 / whole[1], _YEAR, ha="center", va="bottom")
    figure.text(0.06 / whole[0], (bottom + high / 2) / whole[1], _RATE, rotation=90, ha="left", va="center")
    if title:
        figure.text(left / whole[0], 1 - 0.08 / whole[1], title, ha="left", va="top", fontsize=10)
    if lines and first is not None:
        handles, shown = first.get_legend_handles_labels()
        corner = (left / whole[0], 1 - _head(title, 0.04) / whole[1])
        figure.legend(handles, shown, loc="upper left", bbox_to_anchor=corner, ncols=room, frameon=False, borderpad=0)
    return figure


# heat map


def _heatmap(panel: _Panel, size: tuple[float, float] | None, title: str | None) -> Any:
    maps, rows = len(panel.terms), len(panel.groups)
    left = _inches(panel.groups) + 0.15
    bar = 0.75  # with its numbers
    across = size[0] if size else max(_WIDE, left + bar + 1.4 * maps)
    title = title and _wrapped(title, across - left)
    head = _head(title, 0.1) + (0.25 if maps > 1 else 0)
    _refuse_small(size, left + bar + maps * (0.1 + _LEAST_OF_MANY), 0.6 + head + _LEAST[1])
    whole = size or (across, head + 0.6 + max(1.2, 0.19 * rows))
    figure = _figure(whole)
    wide = (whole[0] - left - bar - 0.1 * maps) / maps
    high = whole[1] - 0.6 - head
    shown = None
    for at, term in enumerate(panel.terms):
        place = ((left + at * (wide + 0.1)) / whole[0], 0.6 / whole[1], wide / whole[0], high / whole[1])
        axes = figure.add_axes(place)
        axes.set_facecolor("white")
        values = [panel.values(group, term) for group in panel.groups]
        # cells without documents are hatched, outside of the scale
        axes.fill_between(
            [panel.years[0] - 0.5, panel.years[-1] + 0.5], -0.5, rows - 0.5, hatch="/////", facecolor="white",
            edgecolor="#bbbbbb", linewidth=0, zorder=0,
        )  # fmt: skip
        edges = [year - 0.5 for year in (*panel.years, panel.years[-1] + 1)]
        shown = axes.pcolormesh(
            edges, [row - 0.5 for row in range(rows + 1)], values, cmap="YlGnBu", vmin=0, vmax=panel.most or 1,
            edgecolors="white", linewidth=0.5,
        )  # fmt: skip
        axes.set_ylim(rows - 0.5, -0.5)
        axes.set_xlim(edges[0], edges[-1])
        for side in axes.spines.values():
            side.set_visible(False)
        axes.tick_params(length=0)
        axes.set_yticks(range(rows), panel.groups if not at else [""] * rows)
        _years(axes, panel.years, wide)
        axes.set_xlim(edges[0], edges[-1])
        if maps > 1:
            axes.set_title(_fitting(term, wide), loc="left")
    place = ((whole[0] - bar + 0.1) / whole[0], 0.6 / whole[1], 0.12 / whole[0], high / whole[1])
    figure.colorbar(shown, cax=figure.add_axes(place), label=_RATE).outline.set_visible(False)
    if title:
        figure.text(left / whole[0], 1 - 0.08 / whole[1], title, ha="left", va="top", fontsize=10)
    if any(value != value for group in panel.groups for value in panel.values(group, panel.terms[0])):
        figure.text(0.08 / whole[0], 0.12 / whole[1], f"斜线：{_NOTHING}", ha="left", va="bottom", fontsize=7)
    return figure


# bars


def _bars(counts: Counts, size: tuple[float, float] | None, title: str | None) -> Any:
    # without groups, terms are
    every = list(replace(counts, nonzero=False))
    rows = (
        _standing(every, counts.nonzero)
        if counts.by
        else [one for one in every if one.occurrences or not counts.nonzero]
    )
    terms = [_text(term) for term in counts.terms] if counts.by else [""]
    label = _labels(rows)
    bars = {(label[_group(one)], _text(one.term)) if counts.by else (_text(one.term), ""): one for one in rows}
    groups = list(dict.fromkeys(group for group, _ in bars))
    if not groups:
        raise InputError("There is nothing to plot: no document was selected.")
    if len(groups) > _MOST_GROUPS or len(bars) > _MOST_BARS:
        raise InputError(
            f"A plot of {len(groups)} groups and {len(bars)} bars is unreadable; "
            f"choose at most {_MOST_GROUPS} groups and {_MOST_BARS} bars."
        )
    if title is None and len(terms) == 1:
        title = terms[0] or None
    elif title is not None:
        title = _text(title)
    legend = len(terms) > 1
    left = _inches(groups) + 0.2
    wide = (size or (_WIDE, 0))[0]
    title = title and _wrapped(title, wide - left)
    names, across, down = _legend(terms, wide - left) if legend else (terms, 1, 0)
    head = _head(title, 0.12) + _LEGEND * down
    height = max(0.8, 0.26 * len(groups) * max(1.0, len(terms) * 0.6))
    whole = size or (_WIDE, head + height + 0.55)
    figure, axes = _axes(size, whole, left=left, right=0.35, bottom=0.55, top=head)
    thick = 0.8 / len(terms)
    most = max((one.per_10000 or 0.0 for one in bars.values()), default=0.0)
    axes.set_xlim(0, most * 1.06 or 1)
    for at, term in enumerate(terms):
        places = [place + (at - (len(terms) - 1) / 2) * thick for place in range(len(groups))]
        look = {"color": _GREYS[at % len(_GREYS)], "hatch": _HATCHES[at % len(_HATCHES)], "edgecolor": "black"}
        rates = [bars[group, term].per_10000 for group in groups]
        lengths = [0.0 if rate is None else rate for rate in rates]
        drawn = axes.barh(places, lengths, height=thick * 0.92, label=names[at], **look, linewidth=0.5)
        if len(terms) == 1:
            labels = ["" if rate is None else f"{rate:.3g}" for rate in rates]
            axes.bar_label(drawn, labels, padding=2, fontsize=8)
        for group, place, rate in zip(groups, places, rates, strict=True):
            if rate is None:
                missing = _NO_HAN if bars[group, term].documents_in_group else _NOTHING
                axes.text(most * 0.01 or 0.01, place, missing, va="center", fontsize=7, color="#555555")
    axes.set_yticks(range(len(groups)), groups)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlabel(_RATE)
    if legend:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=across, frameon=False, borderaxespad=0.2)
    if title:
        figure.text(left / whole[0], 1 - 0.08 / whole[1], title, ha="left", va="top", fontsize=10)
    return figure


# shared


_Group: TypeAlias = "tuple[tuple[Any, ...], str | None, str | None]"
"""The values of a group, and the code and level of its place."""


def _group(one: Count, end: int | None = None) -> _Group:
    """Return the group of a row, by its values up to ``end``."""
    return tuple(one.group[:end]), one.region_code, one.level


def _standing(rows: Sequence[Count], nonzero: bool, end: int | None = None) -> list[Count]:
    """Return the rows; with ``nonzero``, without the groups in which no term occurs: an absent one is drawn as 0."""
    held = {_group(one, end) for one in rows if not nonzero or one.occurrences != 0}
    return [one for one in rows if _group(one, end) in held]


def _labels(rows: Sequence[Count], end: int | None = None) -> dict[_Group, str]:
    """Return the label of each group: its values, and where these are not unique the code and the level too."""
    groups = {_group(one, end): None for one in rows}
    parts = [(_name(values), code or "", level or "") for values, code, level in groups]
    same = [Counter(part[:size] for part in parts) for size in (1, 2)]
    sizes = [1 if same[0][part[:1]] == 1 else 2 if same[1][part[:2]] == 1 else 3 for part in parts]
    labels = [" ".join(filter(None, part[:size])) for part, size in zip(parts, sizes, strict=True)]
    return dict(zip(groups, labels, strict=True))


def _legend(names: Sequence[str], inches: float) -> tuple[list[str], int, int]:
    """Return names that fit into a legend of this width, and its numbers of columns and of lines."""
    fitting = [_fitting(name, inches - 0.6) for name in names]
    across = max(1, int(inches // (_inches(fitting) + 0.6)))
    return fitting, across, ceil(len(names) / across)


def _head(title: str | None, without: float) -> float:
    """Return the height of a title with its margins; ``without``: of the margin without one."""
    return 0.35 + 0.2 * title.count("\n") if title else without


def _wrapped(title: str, inches: float) -> str:
    """Return a title, in 10 point type, in lines of at most this width."""
    lines = [""]
    for character in title:
        if lines[-1] and _inches([lines[-1] + character]) * 10 / 9 > inches:
            before, space, word = lines[-1].rpartition(" ")
            breaks = space and (word + character).isascii() and character != " "  # not inside a word of letters
            lines[-1:] = [before, word] if breaks else [lines[-1], ""]
        lines[-1] += character
    return "\n".join(line.strip() for line in lines)


def _figure(whole: tuple[float, float]) -> Any:
    from matplotlib.figure import Figure

    return Figure(figsize=whole)


def _refuse_small(size: tuple[float, float] | None, width: float, height: float) -> None:
    """Raise ``InputError`` for a requested size, in inches, below the least width or height of a figure."""
    if size is None:
        return
    for name, side, least in (("width", size[0], width), ("height", size[1], height)):
        if side < least:
            given = "x".join(f"{inches * _CENTIMETRES:.4g}" for inches in size)
            raise InputError(
                f"A size of {given} cm leaves no room for the names and numbers of this plot; "
                f"give a {name} of at least {ceil(least * _CENTIMETRES)} cm."
            )


def _axes(
    size: tuple[float, float] | None,
    usual: tuple[float, float],
    *,
    left: float,
    right: float,
    bottom: float,
    top: float,
) -> tuple[Any, Any]:
    """Return a figure of this size in inches, or else of the usual one, and axes with these margins."""
    _refuse_small(size, left + right + _LEAST[0], bottom + top + _LEAST[1])
    whole = size or usual
    figure = _figure(whole)
    wide, high = max(_LEAST[0], whole[0] - left - right), max(_LEAST[1], whole[1] - bottom - top)
    return figure, figure.add_axes((left / whole[0], bottom / whole[1], wide / whole[0], high / whole[1]))


def _years(axes: Any, years: Sequence[int], inches: float, name: bool = True, shown: bool = True) -> None:
    """Set the axis of years: only integers, and as many as fit."""
    from matplotlib.ticker import FixedLocator

    room = max(1, int(inches / 0.42))
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if len(years) <= step * room or step == 100)
    ticks = [year for year in years if (year - years[-1]) % step == 0]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.set_xticks(ticks, [str(year) for year in ticks])
    if len(years) > 1:
        axes.set_xlim(years[0] - 0.02 * len(years), years[-1] + 0.02 * len(years))
    else:
        axes.set_xlim(years[0] - 0.5, years[0] + 0.5)
    axes.tick_params(labelbottom=shown)
    if name:
        axes.set_xlabel(_YEAR)


def _inches(names: Iterable[str]) -> float:
    """Return an estimate of the width of names in 9 point type; the font may not be installed here."""
    points = (4.6 * width(name) + 0.7 * sum(map(str.isascii, name)) for name in names)  # letters are wider than half
    return max(points, default=0) / 72 + 0.08


def _fitting(name: str, inches: float) -> str:
    """Return a name, shortened to fit."""
    while width(name) > 2 and _inches([name]) > inches:
        name = name[:-2] + "…" if name.endswith("…") else name[:-1] + "…"
    return name


def _series_name(panel: _Panel, group: str, term: str) -> str:
    if len(panel.groups) == 1 and (len(panel.terms) > 1 or not group):
        return term
    return " ".join(filter(None, (group, term if len(panel.terms) > 1 else "")))


def _name(group: Sequence[Any]) -> str:
    """Return the label of a group."""
    return _text(" ".join("(无)" if part is None else str(part) for part in group))


def _text(text: str) -> str:
    """Return text that matplotlib draws literally: ``$`` would start a formula, and controls are invalid in XML."""
    return printable(text).replace("$", r"\$")
