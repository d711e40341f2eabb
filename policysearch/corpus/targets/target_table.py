"""The targets of an index's reports as a table: one row per report, indicator, figure, horizon and kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from policysearch.corpus.targets.extraction import Said, read_statements
from policysearch.corpus.targets.indicators import Indicators
from policysearch.corpus.targets.target_periods import Period
from policysearch.engines.protocol import Engine, Stored
from policysearch.engines.tree import And, Node, ValueIn
from policysearch.errors import InputError
from policysearch.frozen import asdict, frozen
from policysearch.query.filters import id_matches

__all__ = ["COLUMNS", "FIGURES", "KINDS", "Target", "Targets", "targets"]

KINDS = ("target", "actual")
READ_AS_REPORTS = ("政府工作报告", "报告", "规划")
"""Types of documents that are read by default."""

FIGURES = ("growth", "level", "share", "change")


@frozen
class Target:
    """A target, or a result, that a report states for one indicator.

    Attributes:
        year: The year that the report plans.
        region: The report's place.
        region_code: Its code (GB/T 2260).
        level: 国家, 省级, 地级 or 县级.
        indicator: The indicator's name.
        indicator_as_written: Its name in the text; None without a statement.
        figure: ``growth`` (a rate of change), ``level``, ``share`` or ``change`` (an absolute change).
        operator: ``exact``, ``about``, ``at_least``, ``at_most``, ``range``, ``more_than``, ``words`` (no number), or
            ``none``: the report was read and states no target for its year.
        value: The number as written, without the unit; the lower end of a range.
        value_high: The upper end of a range.
        unit: As written, in half width: %, 万人, 亿斤.
        value_si: The number with 万 and 亿 multiplied out; per cent as per cent, 斤 in tonnes; negative for a
            decline.
        stretch: The stretch target as written: 力争达到8%.
        stretch_value: The number in it.
        horizon: The target year or years, ``2026`` or ``2026-2030``; for a result, the years that it covers.
        kind: ``target`` or ``actual``.
        basis: 同口径, 实际, 年均 and the like, joined by 、.
        words: The words of the operator (左右, 不低于); for ``words``, those of the target.
        section_id: The section's id.
        start: Start of the statement in the section's text, in characters.
        end: End of the statement.
        sentence: The sentence, on one line.
        rule: Its place (``passage``: the targets passage, or ``elsewhere``) and the grammar rule, joined by ``-``:
            ``clause``, ``list``, ``respectively`` (分别), ``continued`` (without the indicator), ``words``.
        also: Other places with the same statement: section id, ``:``, start, ``-``, end.
        written: The quantity as written, or the words.
    """

    year: int | None
    region: str | None
    region_code: str | None
    level: str | None
    indicator: str
    indicator_as_written: str | None
    figure: str | None
    operator: str
    value: int | float | None
    value_high: int | float | None
    unit: str | None
    value_si: int | float | None
    stretch: str | None
    stretch_value: int | float | None
    horizon: str
    kind: str
    basis: str | None
    words: str | None
    section_id: str | None
    start: int | None
    end: int | None
    sentence: str | None
    rule: str | None
    also: tuple[str, ...]
    written: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields of ``COLUMNS`` as plain values for JSON."""
        fields = asdict(self)
        del fields["written"]
        return {**fields, "also": list(self.also)}


COLUMNS: tuple[str, ...] = tuple(name for name in Target.__match_args__ if name != "written")


@frozen
class Targets:
    """A table of targets; iterating over it yields its rows.

    Attributes:
        rows: By year, region code (national reports first), document, indicator (as requested), horizon, figure, kind.
        indicators: The requested indicators, in this order.
        reports: Number of reports read.
        elsewhere: Number of targets for the year itself that were omitted because they are outside the targets
            passages.
    """

    rows: tuple[Target, ...]
    indicators: tuple[str, ...]
    reports: int
    elsewhere: int

    def __iter__(self) -> Iterator[Target]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        about = {"indicators": list(self.indicators), "reports": self.reports, "elsewhere": self.elsewhere}
        return {**about, "rows": [one.to_dict() for one in self.rows]}

    def to_frame(self, *, wide: bool = False) -> Any:
        """Return the rows, or those of ``wide``, as a pandas ``DataFrame``.

        Raises ``ImportError`` when pandas is not installed.
        """
        import pandas

        if wide:
            columns, rows = self.wide()
            return pandas.DataFrame(rows, columns=columns)
        return pandas.DataFrame([one.to_dict() for one in self.rows], columns=list(COLUMNS))

    def wide(self) -> tuple[list[str], list[dict[str, Any]]]:
        """Return column names and rows, one per report, horizon and kind.

        An indicator and figure has two columns: ``地区生产总值_growth`` with
        ``value_si``, and ``地区生产总值_growth_written`` with the quantity or the
        words as written.
        """
        about = ["year", "region", "region_code", "level", "horizon", "kind"]
        stated = {(one.indicator, one.figure) for one in self.rows}
        named = [f"{name}_{figure}" for name in self.indicators for figure in FIGURES if (name, figure) in stated]
        columns = [*about, *(column for name in named for column in (name, f"{name}_written"))]
        rows: dict[Any, dict[str, Any]] = {}
        has_row = {tuple(getattr(one, name) for name in about) for one in self.rows if one.section_id}
        for one in self.rows:
            values = tuple(getattr(one, name) for name in about)
            if one.section_id is None and values in has_row:  # an indicator without a target: its cells are empty
                continue
            row = rows.setdefault((_document(one), *values), dict(zip(about, values, strict=True)))
            if one.figure:
                name = f"{one.indicator}_{one.figure}"
                row[name], row[f"{name}_written"] = one.value_si, one.written
        return columns, list(rows.values())

    def _repr_html_(self) -> str:
        from policysearch.notebook import table

        shown = ("year", "region", "indicator", "figure", "operator", "value", "value_high", "unit", "horizon", "words")
        return table(shown, (one.to_dict() for one in self.rows))


def _document(one: Target) -> str:
    return one.section_id.rpartition("#")[0] if one.section_id else ""


def targets(
    engine: Engine,
    node: Node,
    *,
    names: Sequence[str] = (),
    more: Mapping[str, Sequence[str]] | None = None,
    kinds: Sequence[str] = ("target",),
    everywhere: bool = False,
    fill: bool = False,
    types: Sequence[str] | None = READ_AS_REPORTS,
    document: Sequence[str] = (),
) -> Targets:
    """Return the targets and results that the reports state for some indicators.

    A report is a document with a year that is not a duplicate of another. Of
    several statements on the same indicator, figure, horizon and kind, one in
    the targets passage wins, then a number over words, then a rate over 翻一番,
    then the first one. Targets for the year itself are read in the targets
    passage, and everywhere in a report without one; targets for several years
    everywhere.

    Args:
        engine: The open index.
        node: Selects the sections to read.
        names: Indicators, by any form of their names; empty for all.
        more: Further indicators, and the terms of each.
        kinds: ``target``, ``actual`` or both.
        everywhere: Whether targets for the year itself are also read outside the targets passages.
        fill: Whether an indicator without a target for the report's year gets a row of operator ``none``.
            Targets outside the targets passage count.
        types: Types of documents to read, None for all.
        document: Patterns (``*`` and ``?``) of document ids, of which any must match. Empty for all.

    Raises ``InputError`` for an unknown name or kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f"Unknown kind '{kind}'; expected one of: {', '.join(KINDS)}.")
    indicators = Indicators(more)
    wanted = indicators.of(names) or indicators.names
    order = {name: at for at, name in enumerate(wanted)}
    if types is not None:
        node = And((node, ValueIn("type", frozenset(types))))
    reports = elsewhere = 0
    rows: list[tuple[Any, Target]] = []
    for about, sections in groupby(engine.stream(node), key=lambda stored: stored.document["document_id"]):
        found = list(sections)
        report = found[0].document
        if not id_matches(about, document):
            continue
        if report["year"] is None or report["duplicate_of"] is not None:
            continue
        reports += 1
        made, left_out = _of_report(found, indicators, order, kinds, everywhere, fill)
        elsewhere += left_out
        rows += [(_in_order(one, about, order), one) for one in made]
    rows.sort(key=lambda row: row[0])
    return Targets(tuple(one for _, one in rows), wanted, reports, elsewhere)


def _in_order(one: Target, document: str, order: Mapping[str, int]) -> tuple[Any, ...]:
    figure = FIGURES.index(one.figure) if one.figure else -1
    return (
        one.year,
        one.region_code or "",
        document,
        order[one.indicator],
        one.horizon,
        figure,
        KINDS.index(one.kind),
    )


def _of_report(
    sections: Sequence[Stored],
    indicators: Indicators,
    order: Mapping[str, int],
    kinds: Sequence[str],
    everywhere: bool,
    fill: bool,
) -> tuple[list[Target], int]:
    """Return a report's rows, and the number of its targets omitted because they are outside its targets passage."""
    report = sections[0].document
    year: int = report["year"]
    annual = Period("target", year, year)
    everything = read_statements(sections, year, indicators)
    passage = {one.statement.indicator for one in everything if one.in_passage and one.period == annual}
    said = [one for one in everything if one.statement.indicator in order]
    groups: dict[tuple[str, str, Period], list[Said]] = {}
    for one in said:
        groups.setdefault((one.statement.indicator, one.statement.figure, one.period), []).append(one)
    rows: list[Target] = []
    left_out = 0
    for (indicator, _, period), group in groups.items():
        if period.kind not in kinds:
            continue
        if period == annual and not any(one.in_passage for one in group):
            filled = fill and indicator not in passage
            if passage and not everywhere and not filled:
                left_out += 1
                continue
        best, *others = sorted(group, key=_preferred)
        if best.statement.quantity is None and _has_number(groups, best):
            continue
        rows.append(_row(best, others))
    if fill and "target" in kinds:
        stated = {one.indicator for one in rows if one.horizon == annual.horizon and one.kind == "target"}
        rows += [_none(report, name, annual) for name in order if name not in stated]
    return rows, left_out


def _preferred(said: Said) -> tuple[bool, bool, bool]:
    quantity = said.statement.quantity
    return not said.in_passage, quantity is None, quantity is not None and quantity.unit in ("番", "倍")


def _has_number(groups: Mapping[tuple[str, str, Period], Sequence[Said]], words: Said) -> bool:
    """Return whether the passage has a number for an indicator as well as words."""
    return any(
        indicator == words.statement.indicator
        and period == words.period
        and any(one.statement.quantity is not None and one.in_passage for one in group)
        for (indicator, _, period), group in groups.items()
    )


def _row(said: Said, others: Iterable[Said]) -> Target:
    report = said.stored.document
    statement, quantity = said.statement, said.statement.quantity
    (written_at, sentence_at, name_at) = said.stored.shown.way_back.spans(
        [(statement.start, statement.end), said.sentence, statement.as_written]
    )
    unit = high = plain = written = None
    operator, number = "words", None
    if quantity is not None:
        operator, number, high, unit = quantity.operator, quantity.value, quantity.high, quantity.unit
        low, most = quantity.bounds
        plain = most if quantity.direction < 0 else low
        written = _part(said.stored, *said.stored.shown.way_back.spans([(quantity.start, quantity.end)])[0])
    return Target(
        report["year"],
        report["region"],
        report["region_code"],
        report["level"],
        statement.indicator,
        _part(said.stored, *name_at),
        statement.figure,
        operator,
        _number(number),
        _number(high),
        unit,
        _number(plain),
        statement.stretch,
        _number(statement.better.value if statement.better else None),
        said.period.horizon,
        said.period.kind,
        statement.basis,
        statement.words or None,
        said.stored.section_id,
        *written_at,
        _part(said.stored, *sentence_at),
        f"{'passage' if said.in_passage else 'elsewhere'}-{statement.rule}",
        tuple(_place(one) for one in others),
        written or statement.words,
    )


def _none(report: Mapping[str, Any], indicator: str, period: Period) -> Target:
    about = (report["year"], report["region"], report["region_code"], report["level"], indicator)
    empty = (None,) * 6
    return Target(*about, None, None, "none", *empty, period.horizon, period.kind, *empty, None, (), None)


def _place(said: Said) -> str:
    ((start, end),) = said.stored.shown.way_back.spans([(said.statement.start, said.statement.end)])
    return f"{said.stored.section_id}:{start}-{end}"


def _part(stored: Stored, start: int, end: int) -> str:
    """Return a part of a section's text on one line: a line break between Chinese characters is dropped."""
    pieces = stored.text[start:end].split()
    line = pieces[0] if pieces else ""
    for piece in pieces[1:]:
        line += (" " if line[-1].isascii() and piece[0].isascii() else "") + piece
    return line


def _number(number: Decimal | None) -> int | float | None:
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)
