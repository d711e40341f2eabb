"""Counts and trends: tables of groups and years with shaded cells, which link to their concordances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policysearch.corpus.counts import Count, Counts
from policysearch.corpus.statistics.trend import Trend
from policysearch.frozen import frozen
from policysearch.serving.asked import Asked, Reply, address
from policysearch.serving.pages.charts import Series, line_chart, shade_of
from policysearch.serving.pages.forms import active_filters, filter_fields, is_on, selection_of
from policysearch.vocabulary import COUNT_FIELDS, NATION, PLACES

__all__ = ["count_page", "trend_page"]

_CELLS = 1_200  # maximum number of cells of all tables of a page
_PRESETS = ("region,year", "province,year", "level,year", "type,year", "part,year")
_VALUES = ("occurrences", "per_10000", "sections", "documents")
_CARRIED = ("word", "patterns", "expand")
"""Options of a count that a cell passes to its concordance, besides the selection."""

_WILD = frozenset("*?[")


@frozen
class ShadedCell:
    """A cell of a table: its text, its shade and its link."""

    text: str
    shade: int
    url: str | None


@frozen
class Grid:
    """A table of rows and columns with shaded cells."""

    caption: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[ShadedCell, ...]], ...]
    total: int


def count_page(asked: Asked) -> Reply:
    """Answer ``/count``."""
    t = asked.t
    by = asked.get("by") or "region,year"
    value = asked.get("value") or "occurrences"
    presets = dict.fromkeys((*_PRESETS, *COUNT_FIELDS, by))
    choices = [(one, _named(t, one), one == by) for one in presets]
    values = [(one, t(one), one == value) for one in _VALUES]
    form: dict[str, Any] = {
        "bys": choices,
        "values": values,
        "fields": filter_fields(asked),
        "active": active_filters(asked),
    }
    if not asked.all("term") and not asked.all("terms") and not asked.all("q"):
        return asked.page("count.html", counts=None, grids=(), chart="", legend=(), **form)
    counts = asked.value("count", Counts, asked.values("format", by=by))
    rows = list(counts)
    links = _links(asked, counts.terms)
    grids = _grids(asked, counts, rows, value, links)
    chart, legend = _chart(asked, counts, rows, links)
    return asked.page("count.html", counts=counts, grids=grids, chart=chart, legend=legend, **form)


def _named(t: Any, by: str) -> str:
    return " × ".join(t(name) for name in by.split(","))


def _links(asked: Asked, terms: Iterable[str]) -> _Links:
    """Return the links to the concordances of terms that are their own concepts."""
    concepts = {line.partition("\t")[0] for text in asked.all("terms") for line in text.splitlines() if "\t" in line}
    terms = list(terms)
    return _Links(asked, set(terms) - concepts, len(terms))


def _grids(asked: Asked, counts: Counts, rows: Sequence[Count], value: str, links: _Links) -> list[Grid]:
    t, by = asked.t, counts.by
    if len(by) == 2 and by[1] == "year":
        of_term = ([row for row in rows if row.term == term] for term in counts.terms)
        return [_by_year(asked, by, some, value, links, len(counts.terms)) for some in of_term]
    cells: dict[tuple[Any, ...], dict[str, Count]] = {}
    for row in rows:
        cells.setdefault((row.group, row.region_code), {})[row.term] = row
    if by == ("year",):
        years = [group for group, _ in cells]
        columns = tuple(_label(t, "year", group[0]) for group in years)
        lines = [(term, [found[term] for found in cells.values()]) for term in counts.terms]
        return [_grid(asked, "", t("term"), columns, lines, by, value, links)]
    lines = [
        (
            " · ".join(_label(t, name, one) for name, one in zip(by, group, strict=True)),
            [found[term] for term in counts.terms],
        )
        for (group, _), found in cells.items()
    ]
    return [_grid(asked, "", _named(t, ",".join(by)) if by else "", counts.terms, lines, by, value, links)]


def _by_year(asked: Asked, by: Sequence[str], rows: Sequence[Count], value: str, links: _Links, tables: int) -> Grid:
    t = asked.t
    years = sorted({row.group[1] for row in rows}, key=lambda year: (year is None, year))
    lines: dict[tuple[Any, Any], dict[Any, Count]] = {}
    for row in rows:
        lines.setdefault((row.group[0], row.region_code), {})[row.group[1]] = row
    shown = [(_label(t, by[0], group), [found.get(year) for year in years]) for (group, _), found in lines.items()]
    columns = tuple(_label(t, "year", year) for year in years)
    return _grid(asked, rows[0].term if rows else "", t(by[0]), columns, shown, by, value, links, tables)


def _grid(
    asked: Asked,
    caption: str,
    corner: str,
    columns: Sequence[str],
    lines: Sequence[tuple[str, Sequence[Count | None]]],
    by: Sequence[str],
    value: str,
    links: _Links,
    tables: int = 1,
) -> Grid:
    most = max((_number(one, value) or 0 for _, row in lines for one in row), default=0)
    made = []
    for label, row in lines[: max(_CELLS // max(len(columns) * tables, 1), 10)]:
        cells = tuple(_cell(asked, one, by, value, most, links) for one in row)
        made.append((label, cells))
    return Grid(caption, corner, tuple(columns), tuple(made), len(lines))


def _number(row: Count | None, value: str) -> float | None:
    return None if row is None else getattr(row, value)


def _cell(asked: Asked, row: Count | None, by: Sequence[str], value: str, most: float, links: _Links) -> ShadedCell:
    number = _number(row, value)
    if row is None or number is None:
        return ShadedCell("", 0, None)
    text = f"{number:,.2f}" if isinstance(number, float) else f"{number:,}"
    url = None
    if row.occurrences and None not in row.group:
        url = links.to(row.term, dict(zip(by, row.group, strict=True)))
    return ShadedCell(text, shade_of(number, most), url)


class _Links:
    """Addresses of the concordances of cells and points; a page has hundreds, so each part is encoded once."""

    def __init__(self, asked: Asked, phrases: set[str], many: int) -> None:
        self._asked = asked
        self._phrases = phrases
        self._page = asked.url("/kwic")
        self._encoded: dict[tuple[str, str], str] = {}
        kept = {**selection_of(asked), **{name: asked.all(name) for name in _CARRIED}}
        self._carried = {name: address("", "", [(name, value)])[1:] for name, value in kept.items()}
        # a concordance has every place of a term, also those in a longer term
        self._none = is_on(asked, "longest") and many > 1
        # the reader marks the places of a literal term in all sections
        self._read = not (kept["where"] or kept["part"] or is_on(asked, "patterns") or is_on(asked, "expand"))

    def to(self, term: str, group: Mapping[str, Any]) -> str | None:
        """Return the address for a term in a group; None if no concordance has the places that were counted."""
        if term not in self._phrases or self._none:
            return None
        if "document" in group and self._read:
            word = "1" if is_on(self._asked, "word") else None
            return self._asked.url("/show", id=group["document"], q=term, exact="1", word=word)
        if "document" in group and _WILD & set(group["document"]):  # as a filter it is a pattern
            return None
        parts = dict(self._carried)
        for name, value in group.items():
            if name in PLACES and value == NATION:
                parts["level"] = self._part("level", "国家")
            else:
                parts[name] = self._part(name, str(value))
        return f"{self._page}?{'&'.join(filter(None, (self._part('phrase', term), *parts.values())))}"

    def _part(self, name: str, value: str) -> str:
        known = self._encoded.get((name, value))
        if known is None:
            known = self._encoded[name, value] = address("", "", [(name, value)])[1:]
        return known


def _joined(t: Any, by: Sequence[str], group: Sequence[Any]) -> str:
    return " · ".join(_label(t, name, one) for name, one in zip(by, group, strict=True))


def _label(t: Any, name: str, value: Any) -> str:
    said: str = t("unknown") if value is None else t.of(name, value)
    return said


def _chart(asked: Asked, counts: Counts, rows: Sequence[Count], links: _Links) -> tuple[Any, Sequence[str]]:
    """Return the chart of the rates by year, and the names of its lines."""
    if "year" not in counts.by:
        return "", ()
    place = counts.by.index("year")
    sums: dict[tuple[str, int], list[int]] = {}
    for row in rows:
        year = row.group[place]
        if year is not None and row.occurrences is not None:
            held = sums.setdefault((row.term, year), [0, 0])
            held[0] += row.occurrences
            held[1] += row.characters
    known = sorted({year for _, year in sums})
    if not known:
        return "", ()
    years = range(known[0], known[-1] + 1)

    def rate(term: str, year: int) -> float | None:
        occurrences, characters = sums.get((term, year), (0, 0))
        return 10_000 * occurrences / characters if characters else None

    series = [
        Series(
            term,
            tuple(rate(term, year) for year in years),
            tuple(links.to(term, {"year": year}) for year in years),
        )
        for term in counts.terms[:12]
    ]
    title = asked.t("chart_rate")
    return line_chart(series, list(years), title, lambda value: f"{value:,.4g}"), [one.label for one in series]


def trend_page(asked: Asked) -> Reply:
    """Answer ``/trend``."""
    t = asked.t
    form: dict[str, Any] = {"fields": filter_fields(asked), "active": active_filters(asked)}
    if not asked.all("term") and not asked.all("terms") and not asked.all("q"):
        return asked.page("trend.html", found=None, grid=None, chart="", legend=(), firsts=(), **form)
    found = asked.value("trend", Trend, asked.values("format"))
    links = _links(asked, found.counts.terms)
    years = sorted({row.year for row in found.terms if row.year is not None})
    having = sorted({row.year for row in found.terms if row.year is not None and row.documents_in_year})
    terms = list(dict.fromkeys(row.term for row in found.terms))
    cells = {(row.term, row.year): row for row in found.terms}
    rows, series = [], []
    for term in terms:
        line, urls = [], []
        for year in years:
            row = cells.get((term, year))
            said = row is not None and row.places is not None
            url = links.to(term, {"year": year}) if said and row and row.occurrences else None
            text = f"{row.places}/{row.places_in_year}" if row is not None and said else ""
            if year in having:  # the chart has all years
                line.append(ShadedCell(text, shade_of(row.share if row is not None else None, 1.0), url))
            urls.append(url)
        rows.append((term, tuple(line)))
        shares = tuple(cells[term, year].share if (term, year) in cells else None for year in years)
        series.append(Series(term, shares, tuple(urls)))
    grid = Grid("", t("term"), tuple(map(str, having)), tuple(rows), len(rows))
    chart = line_chart(series[:12], years, t("chart_share"), lambda value: f"{value:.0%}")
    firsts = [
        (
            row.term,
            row.first,
            asked.section_url(row.first.first_section_id, q=row.term, exact="1"),
        )
        for row in found.terms
        if row.first.first_section_id
    ]
    return asked.page(
        "trend.html",
        found=found,
        grid=grid,
        chart=chart,
        legend=[one.label for one in series[:12]],
        firsts=firsts,
        **form,
    )
