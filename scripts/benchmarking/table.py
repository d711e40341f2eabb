"""Outcomes to Markdown: every row with what it is held against, what it is to reach, and whether it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarking.measuring import COLD

__all__ = ["Row", "markdown", "peers", "rows", "sizes"]

Outcome = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Attributes:
        what: What is measured.
        value: What came out, with its unit.
        beside: What it is held against, with its unit; or empty.
        figures: What the target speaks of, the value itself or its ratio to the other; both by wall and by CPU where
            there are two; none where there is nothing to compare.
        target: What the figures are to reach, all of them.
        least: Whether the target is the least, else the most.
    """

    what: str
    value: str
    beside: str = ""
    figures: tuple[float, ...] = ()
    target: float | None = None
    least: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether the target was reached; None where there is none."""
        if not self.figures or self.target is None:
            return None
        return all(figure >= self.target if self.least else figure <= self.target for figure in self.figures)

    def __str__(self) -> str:
        figures = " / ".join(map(_short, self.figures))
        target = "" if self.target is None else f"{'≥' if self.least else '≤'} {_short(self.target)}"
        reached = {True: "yes", False: "**no**", None: ""}[self.reached]
        return f"| {self.what} | {self.value} | {self.beside} | {figures} | {target} | {reached} |"


_CLOCKS = ("wall", "cpu")
_BATCH = (1_500, 2_000)  # queries a second, in the first and the second pass


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _ms(*seconds: float) -> str:
    return " / ".join(f"{one * 1000:.{1 if one < 0.02 else 0}f}" for one in seconds) + " ms"


def _s(*seconds: float) -> str:
    return " / ".join(f"{one:.{2 if one < 10 else 1}f}" for one in seconds) + " s"


def _medians(outcome: Outcome) -> tuple[float, float]:
    """Return the medians of a command's runs, by wall and by CPU."""
    return median(outcome["wall"]), median(outcome["cpu"])


def _ratios(these: Sequence[float], those: Sequence[float]) -> tuple[float, ...]:
    return tuple(this / that for this, that in zip(these, those, strict=True))


def markdown(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| what | measured | compared with | figure | target | reached |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    yield from map(str, rows(outcomes))


def peers(outcome: Outcome) -> Iterator[str]:
    """Yield a table with a line for each engine."""
    size = outcome["bytes"] / 1e6
    yield (
        f"{size:.1f} MB of text in {outcome['records']:,} records; of files, the unit of retrieval is the section. "
        f"`jieba.cut_for_search` alone takes {_medians(outcome['cut'])[1] / size:.2f} CPU s/MB."
    )
    yield ""
    yield (
        "| | build CPU s/MB | memory of it, MB | index / text | cold ms, wall / CPU | warm median ms | "
        "batch queries a CPU s, first / second pass | ids of all phrases, CPU s | phrase recall / precision | "
        "memory, MB |"
    )
    yield "| --- |" + " ---: |" * 9
    for name, one in outcome["engines"].items():
        cpu = _medians(one["build"])[1]
        cells = [f"{cpu / size:.2f}", f"{max(one['build']['peak']):.0f}", f"{one['disk'] / 1e6 / size:.2f}"]
        cells += _searched(one) if "asked" in one else ["–"] * 6
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""
    yield from (f"Skipped: {name}, for want of {what}." for name, what in outcome["skipped"].items())


def _searched(one: Outcome) -> list[str]:
    asked = one["asked"]
    warm = median(median(run["seconds"]) for run in asked) * 1000
    found = one["phrases"]
    return [
        " / ".join(f"{seconds * 1000:,.0f}" for seconds in _medians(one["cold"])),
        f"{warm:.2f}",
        _rates(asked),
        f"{median(run['phrases']['cpu'] for run in asked):.2f}",
        f"{found['recall']:.4f} / {found['precision']:.4f}",
        f"{one['memory']:.0f}",
    ]


def _rates(asked: Sequence[Outcome]) -> str:
    """Return the queries a CPU second of both passes."""
    passes = ([run["passes"][number] for run in asked] for number in (0, 1))
    return " / ".join(f"{median(one['queries'] / one['cpu'] for one in runs):,.0f}" for runs in passes)


def sizes(outcome: Outcome) -> Iterator[str]:
    """Yield a table with a column for each size of the corpus."""
    columns = [dict(_sized(one)) for one in outcome.values()]
    for number, what in enumerate(columns[0]):
        yield f"| {what} | " + " | ".join(column[what] for column in columns) + " |"
        if not number:
            yield "| --- |" + " ---: |" * len(columns)


def _sized(one: Outcome) -> Iterator[tuple[str, str]]:
    text, asked, build = one["text"] / 1e6, one["asked"], one["build"]
    wall, cpu = _medians(build)
    yield "text, MB", f"{text:,.0f}"
    yield "documents", f"{one['about']['documents']:,}"
    yield "sections", f"{one['about']['sections']:,}"
    yield "build, wall / CPU s", f"{wall:,.0f} / {cpu:,.0f}"
    yield "build, CPU s/MB", f"{cpu / text:.2f}"
    yield "build, peak memory of all processes (private), MB", f"{max(build['peak']):.0f} ({max(build['own']):.0f})"
    yield "index, MB", f"{one['disk'] / 1e6:,.0f}"
    yield "index / text", f"{one['disk'] / 1e6 / text:.2f}"
    floor = _medians(one["cold"]["floor"])
    yield "importing click, wall / CPU", _ms(*floor)
    cold = {"phrase": f"exact {COLD[-1]}", "character": f"exact {COLD[2]}", "words": f"words {COLD[0]}"}
    for name, what in cold.items():
        took = _medians(one["cold"][name])
        yield f"cold, {what}, wall / CPU", _ms(*took)
        yield f"cold, {what}, times the import, CPU", f"{took[1] / floor[1]:.2f}"
        yield f"cold, {what}, peak memory, MB", f"{max(one['cold'][name]['peak']):.0f}"
    yield "warm query by words, 10 hits with snippets, median", _ms(median(median(run["seconds"]) for run in asked))
    yield "batch, queries a CPU s, first / second pass", _rates(asked)
    yield "ids of all exact phrases, CPU", _s(median(run["phrases"]["cpu"] for run in asked))
    yield "these ids", f"{one['hits']:,}"
    yield "these in one process, peak memory, MB", f"{one['memory']:.0f}"
    for name, what in (("count", "count 发展 --by year"), ("kwic", "kwic 发展")):
        yield f"{what}, wall / CPU", _s(*_medians(one[name]))
        yield f"{what}, lines", f"{one[name]['lines']:,}"
        yield f"{what}, peak memory, MB", f"{max(one[name]['peak']):.0f}"
    more, nothing = (_medians(one["adding"][name]) for name in ("added", "nothing"))
    yield "adding 1 %, wall / CPU", _s(*more)
    yield "adding 1 %, share of the build's CPU", f"{more[1] / cpu:.4f}"
    yield "adding 1 %, peak memory, MB", f"{max(one['adding']['added']['peak']):.0f}"
    yield "adding nothing, wall / CPU", _s(*nothing)


def rows(outcomes: Mapping[str, Outcome]) -> Iterator[Row]:
    """Yield the rows of all that was measured."""
    for name, make in _ROWS.items():
        if name in outcomes:
            yield from make(outcomes[name], outcomes)


def _batch(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    together = outcome["inside"]["together"]
    queries = together[0]["queries"]
    for way, how in (("together", ""), ("alone", ", one by one")):
        runs = outcome["inside"][way]
        for number, name in enumerate(("first", "second")):
            rates = tuple(queries / median(one["passes"][number][clock] for one in runs) for clock in _CLOCKS)
            what = f"batch of {queries} mixed queries, after opening, {name} pass{how}"
            value = " / ".join(f"{rate:,.0f}" for rate in rates) + " queries/s"
            target = _BATCH[number] if way == "together" else None
            yield Row(what, value, f"{runs[0]['found']} have hits", rates, target, least=True)
    opening = (median(one["opening"][clock] for one in together) for clock in _CLOCKS)
    yield Row("opening an index for many questions, imports included", _ms(*opening))
    many, one = (_medians(outcome["command"][name]) for name in ("many", "one"))
    value = " / ".join(f"{(queries - 1) / max(1e-9, m - o):,.0f}" for m, o in zip(many, one, strict=True))
    yield Row(
        "that batch as a command, minus a command with one query", f"{value} queries/s", f"{_s(*many)} less {_s(*one)}"
    )


def _phrases(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    inside = outcome["inside"]
    count = inside[0]["phrases"]
    for number, name in enumerate(("first", "second")):
        seconds = tuple(median(one["passes"][number][clock] for one in inside) for clock in _CLOCKS)
        what = f"ids of {count} exact phrases, after opening, {name} pass"
        yield Row(what, _s(*seconds), f"{inside[0]['hits']:,} ids", seconds, 0.15 * count / 300)
    shown = tuple(median(one["shown"][clock] for one in inside) for clock in _CLOCKS)
    what = "the same as hits, with metadata and snippets, as JSON, after both"
    yield Row(what, _s(*shown), "", shown, 0.4 * count / 300)
    for name in ("recall", "precision"):
        worst = min(one[name] for one in inside)
        yield Row(
            f"their {name}, compared with a scan of the reduced texts", f"{worst:.4f}", "", (worst,), 1.0, least=True
        )


def _warm(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    for name in ("median", "p95"):
        ours, stock = (median(run[name] for run in outcome[who]) for who in ("shown", "stock"))
        what = f"warm query by words, 10 hits with snippets, {name}"
        yield Row(what, _ms(ours), f"stock recipe {_ms(stock)}", (ours / stock,), 1 / 3)
    for way, what in (("shown", "with snippets"), ("named", "by id and score")):
        ours, whoosh = (median(run["median"] for run in outcome[who]) for who in (way, f"whoosh {way}"))
        beside = f"Whoosh over the same segments {_ms(whoosh)}"
        yield Row(f"the same, compared with Whoosh, 10 hits {what}, median", _ms(ours), beside, (ours / whoosh,))


def _cold(outcome: Outcome, target: float | None, size: str) -> Iterator[Row]:
    floor = _medians(outcome["floor"])
    for query in COLD:
        took = _medians(outcome[f"exact {query}"])
        beside = f"importing click {_ms(*floor)}"
        yield Row(f"cold exact search, {size}, {query}", _ms(*took), beside, _ratios(took, floor), target)
    for query in COLD:
        exact, words = (_medians(outcome[f"{how} {query}"]) for how in ("exact", "words"))
        more = tuple((w - e) * 1000 for w, e in zip(words, exact, strict=True))
        what = f"cold search by words, {size}, {query}, ms more than exact"
        yield Row(what, _ms(*words), f"exact {_ms(*exact)}", more, 30)


def _cold_small(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    yield from _cold(outcome, 1.6, "the corpus")
    words, stock = (_medians(outcome[name]) for name in (f"words {COLD[0]}", "stock"))
    yield Row(f"cold search by words, {COLD[0]}", _ms(*words), f"stock recipe {_ms(*stock)}", _ratios(words, stock))
    yield Row("starting Python", _ms(*_medians(outcome["python"])))


def _cold_large(outcome: Outcome, outcomes: Mapping[str, Outcome]) -> Iterator[Row]:
    yield from _cold(outcome, None, "the large corpus")
    for query in COLD if "cold" in outcomes else ():
        large, small = (_medians(one[f"exact {query}"]) for one in (outcome, outcomes["cold"]))
        what = f"cold exact search, the large corpus compared with the corpus, {query}"
        yield Row(what, _ms(*large), _ms(*small), _ratios(large, small), 1.3)


def _options(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    plain = median(run["plain"] for run in outcome["inside"])
    for name in outcome["inside"][0]:
        if name != "plain":
            took = median(run[name] for run in outcome["inside"])
            yield Row(f"queries by words with {name}", _ms(took), f"without {_ms(plain)}", (took / plain,), 2)


def _builds(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    cut, one, two, stock = (outcome[name] for name in ("cut", "jobs 1", "jobs 2", "stock"))
    (one_wall, one_cpu), (two_wall, two_cpu) = map(_medians, (one, two))
    cut_cpu, stock_cpu, plain_cpu = (_medians(outcome[name])[1] for name in ("cut", "stock", "plain"))
    beside = f"jieba.cut_for_search alone {_s(cut_cpu)}"
    yield Row("build, one process, CPU", _s(one_cpu), beside, (one_cpu / cut_cpu,), 0.85)
    yield Row(
        "the same, compared with the stock recipe", _s(one_cpu), f"stock recipe {_s(stock_cpu)}", (one_cpu / stock_cpu,)
    )
    yield Row("the same without rjieba", _s(plain_cpu), beside, (plain_cpu / cut_cpu,), 1.4)
    yield Row("build, two workers, wall", _s(two_wall), f"one {_s(one_wall)}", (two_wall / one_wall,), 0.6)
    yield Row("build, two workers, CPU", _s(two_cpu), f"one {_s(one_cpu)}", (two_cpu / one_cpu,))
    yield from _memory("the corpus", two)
    third = max(0.0, max(outcome["jobs 3"]["peak"]) - max(two["peak"]))
    what = "build, peak memory, added by a third worker, MB"
    yield Row(what, f"{third:.0f} MB", _largest(outcome["jobs 3"]), (third,), 200)
    beside = f"stock recipe {max(stock['peak']):.0f}, cutting alone {max(cut['peak']):.0f}"
    yield Row("build, one process, peak memory", f"{max(one['peak']):.0f} MB", beside)


def _memory(size: str, outcome: Outcome) -> Iterator[Row]:
    most, own = max(outcome["peak"]), max(outcome["own"])
    beside = f"private {own:.0f}; {_largest(outcome)}"
    yield Row(f"build, peak memory, two workers, {size}, MB", f"{most:.0f} MB", beside, (most,), 600)


def _largest(outcome: Outcome) -> str:
    """Say how large each process was in the run that has the most, and how much of it was private."""
    runs: Sequence[Sequence[tuple[float, float]]] = outcome["largest"]
    most = max(runs, key=lambda run: sum(resident for resident, _ in run), default=())
    return "largest processes " + ", ".join(f"{resident:.0f} ({private:.0f})" for resident, private in most)


def _size(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    ours, stock, text = (outcome[name] for name in ("ours", "stock", "text"))
    beside = f"texts {text / 1e6:.1f} MB; stock recipe {stock / text:.2f}"
    yield Row("index folder / bytes of the sections' texts", f"{ours / 1e6:.1f} MB", beside, (ours / text,), 2.0)


def _collection(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    count, text = outcome["records"], outcome["text"]
    names = ("cut", "few", "plain", "jobs 1", "jobs 2", "none")
    cut, few, plain, one, two, none = (_medians(outcome[name]) for name in names)
    what = f"JSON lines, {count:,} records of {text / count:.0f} bytes"
    beside = f"jieba.cut_for_search alone {_s(cut[1])}"
    yield Row(f"{what}: build, one worker, CPU", _s(one[1]), beside, (one[1] / cut[1],), 1.1)
    yield Row("the same without rjieba", _s(plain[1]), beside, (plain[1] / cut[1],), 1.6)
    more = (one[1] - few[1]) / count * 1e6
    beside = f"the same text in a few documents {_s(few[1])}"
    yield Row("a record, in addition to its text, µs of CPU", f"{more:.0f} µs", beside, (more,), 60)
    yield Row("build of these records, two workers, wall", _s(two[0]), f"one {_s(one[0])}", (two[0] / one[0],), 0.6)
    yield from _memory("these records", outcome["jobs 2"])
    ratio = outcome["disk"] / text
    yield Row("index folder / bytes of their texts", f"{outcome['disk'] / 1e6:.1f} MB", "", (ratio,), 2.6)
    more = (outcome["disk"] - outcome["few disk"]) / count
    yield Row("a record, in addition to its text, bytes of the index", f"{more:.0f}", "", (more,), 96)
    for name in ("at the end", "anywhere"):
        took = _medians(outcome[name])[1]
        beside = f"the build {_s(one[1])}; adding nothing {_s(none[1])}"
        yield Row(f"adding 1 % of records {name}, CPU", _s(took), beside, (took / one[1],), 0.05)


def _growth(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    small, grown = outcome["bytes"]
    times = outcome["bytes"][grown] / outcome["bytes"][small]
    these, those = (_medians(outcome["build"][name]) for name in (grown, small))
    what = f"growth, {times:.1f} times the text: build with two workers"
    yield Row(what, _s(*these), _s(*those), _ratios(these, those), 1.1 * times)
    for name in ("median", "mean"):
        this, that = (median(run[name] for run in outcome["asked"][size]) for size in (grown, small))
        yield Row(f"growth: query by words, {name}", _ms(this), _ms(that), (this / that,), 8)
    for query in COLD:
        these, those = (_medians(outcome["cold"][f"{query} {size}"]) for size in (grown, small))
        yield Row(f"growth: cold search by words, {query}", _ms(*these), _ms(*those), _ratios(these, those), 1.5)
    yield from _memory("the grown corpus", outcome["build"][grown])


def _large(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    built = _medians(outcome["build"])
    yield Row("build, two workers, the large corpus", _s(*built), f"{outcome['text'] / 1e6 / built[1]:.2f} MB a CPU s")
    yield from _memory("the large corpus", outcome["build"])
    figure = outcome["index"] / outcome["text"]
    beside = f"text {outcome['text'] / 1e6:.1f} MB"
    yield Row("index folder / text, the large corpus", f"{outcome['index'] / 1e6:.0f} MB", beside, (figure,), 2.0)


def _adding(outcome: Outcome, outcomes: Mapping[str, Outcome]) -> Iterator[Row]:
    full = outcome["full"] or outcomes.get("large", {}).get("build")
    added, nothing = (_medians(outcome[name]) for name in ("added", "nothing"))
    beside = f"nothing new {_s(*nothing)}"
    figures: tuple[float, ...] = ()
    if full:
        beside = f"full build, two workers, {_s(*_medians(full))}; {beside}"
        figures = _ratios(added, _medians(full))
    what = f"adding 1 % ({outcome['bytes'] / 1e6:.2f} MB) to the large corpus"
    yield Row(what, _s(*added), beside, figures, 0.03)
    yield Row("the same, peak memory", f"{max(outcome['added']['peak']):.0f} MB", _largest(outcome["added"]))


def _updates(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    count, taken = outcome["updates"], outcome["taken"]
    what = f"{count} updates of {outcome['each'] / 1e3:.0f} kB one after another, to {outcome['base'] / 1e6:.0f} MB"
    for number, name in enumerate(("first", "second")):
        updated, fresh = (
            tuple(median(run["passes"][number][clock] / run["queries"] for run in outcome[who]) for clock in _CLOCKS)
            for who in ("updated", "fresh")
        )
        beside = f"index built at once {_ms(*fresh)}"
        figures = _ratios(updated, fresh)
        yield Row(f"{what}: then a query of a batch, {name} pass", _ms(*updated), beside, figures, 1.3)
    same = len({run["answers"] for who in ("updated", "fresh") for run in outcome[who]}) == 1
    what = "the same: answers equal to those of an index built at once, byte for byte"
    yield Row(what, "yes" if same else "no", "", (float(same),), 1, least=True)
    tenth = max(1, count // 10)
    first, last = (median(taken["cpu"][part]) for part in (slice(tenth), slice(-tenth, None)))
    yield Row(
        "the same: CPU of an update, the last tenth compared with the first", _s(last), _s(first), (last / first,)
    )
    built, each = _medians(outcome["built"]), _medians(taken)
    yield Row("the same: an update compared with building at once", _s(*each), _s(*built), _ratios(each, built))
    updated, fresh = (outcome["disk"][name] / 1e6 for name in ("updated", "fresh"))
    beside = f"built at once {fresh:.1f} MB"
    yield Row("the same: index folder", f"{updated:.1f} MB", beside, (updated / fresh,))


_ROWS: Mapping[str, Callable[[Outcome, Mapping[str, Outcome]], Iterator[Row]]] = {
    "build": _builds,
    "size": _size,
    "cold": _cold_small,
    "large-cold": _cold_large,
    "warm": _warm,
    "batch": _batch,
    "phrases": _phrases,
    "growth": _growth,
    "options": _options,
    "large": _large,
    "adding": _adding,
    "updates": _updates,
    "collection": _collection,
}
