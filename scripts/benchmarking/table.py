"""Outcomes to Markdown: every row with what it is held against, what it is to reach, and whether it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarking.measuring import COLD

__all__ = ["Row", "markdown", "rows"]

Outcome = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Attributes:
        what: What is measured.
        value: What came out, with its unit.
        beside: What it is held against, with its unit; or empty.
        figure: What the target speaks of: the value itself or its ratio to the other; None where there is no target.
        target: What ``figure`` is to reach.
        least: Whether the target is the least, else the most.
    """

    what: str
    value: str
    beside: str = ""
    figure: float | None = None
    target: float | None = None
    least: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether the target was reached; None where there is none."""
        if self.figure is None or self.target is None:
            return None
        return self.figure >= self.target if self.least else self.figure <= self.target

    def __str__(self) -> str:
        figure = "" if self.figure is None else _short(self.figure)
        target = "" if self.target is None else f"{'≥' if self.least else '≤'} {_short(self.target)}"
        reached = {True: "yes", False: "**no**", None: ""}[self.reached]
        return f"| {self.what} | {self.value} | {self.beside} | {figure} | {target} | {reached} |"


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def _s(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def markdown(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| what | measured | beside | figure | to reach | reached |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    yield from map(str, rows(outcomes))


def rows(outcomes: Mapping[str, Outcome]) -> Iterator[Row]:
    """Yield the rows of all that was measured."""
    for name, make in _ROWS.items():
        if name in outcomes:
            yield from make(outcomes[name], outcomes)


def _batch(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    queries = outcome["inside"][0]["queries"]
    for number, name in enumerate(("first", "second")):
        for clock in ("wall", "cpu"):
            rate = queries / median(one["passes"][number][clock] for one in outcome["inside"])
            what = f"batch of {queries} mixed queries, after opening, {name} pass, {_clock(clock)}"
            yield Row(what, f"{rate:,.0f} queries/s", "", rate, 1000, least=True)
    command = outcome["command"]
    many, one = (median(command[name]["cpu"]) for name in ("many", "one"))
    rate = (queries - 1) / max(1e-9, many - one)
    yield Row("the same as a command, less one with one query, CPU", f"{rate:,.0f} queries/s", f"{_s(many)} in all")


def _phrases(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    inside = outcome["inside"]
    count = inside[0]["phrases"]
    for number, name in enumerate(("first", "second")):
        for clock in ("wall", "cpu"):
            seconds = median(one["passes"][number][clock] for one in inside)
            what = f"{count} exact phrases, all hits, after opening, {name} pass, {_clock(clock)}"
            yield Row(what, _s(seconds), f"{inside[0]['hits']:,} hits", seconds, 0.3 * count / 300)
    for name in ("recall", "precision"):
        worst = min(one[name] for one in inside)
        yield Row(f"their {name}, held against a scan of the reduced texts", f"{worst:.4f}", "", worst, 1.0, least=True)


def _warm(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    for name in ("median", "p95"):
        ours, stock = (median(run[name] for run in outcome[who]) for who in ("ours", "stock"))
        what = f"warm word query, 10 hits with snippets, {name}"
        yield Row(what, _ms(ours), f"stock recipe {_ms(stock)}", ours / stock, 1 / 3)


def _cold(outcome: Outcome, target: float, size: str) -> Iterator[Row]:
    for clock in ("wall", "cpu"):
        floor = median(outcome["floor"][clock])
        for query in COLD:
            took = median(outcome[f"exact {query}"][clock])
            what = f"cold exact search, {size}, {query}, {_clock(clock)}"
            yield Row(what, _ms(took), f"floor {_ms(floor)}", took / floor, target)
    for clock in ("wall", "cpu"):
        for query in COLD:
            exact, words = (median(outcome[f"{how} {query}"][clock]) for how in ("exact", "words"))
            what = f"cold word search, {size}, {query}, {_clock(clock)}, ms more than exact"
            yield Row(what, _ms(words), f"exact {_ms(exact)}", (words - exact) * 1000, 30)


def _cold_small(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    yield from _cold(outcome, 1.3, "the corpus")
    words, stock, python = (median(outcome[name]["wall"]) for name in (f"words {COLD[0]}", "stock", "python"))
    yield Row(f"cold word search, {COLD[0]}, wall", _ms(words), f"stock recipe {_ms(stock)}", words / stock)
    yield Row("Python that does nothing", _ms(python))


def _cold_large(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    yield from _cold(outcome, 2.5, "the large corpus")


def _options(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    plain = median(run["plain"] for run in outcome["inside"])
    for name in outcome["inside"][0]:
        if name != "plain":
            took = median(run[name] for run in outcome["inside"])
            yield Row(f"word queries with {name}", _ms(took), f"without {_ms(plain)}", took / plain, 2)


def _builds(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    cut, one, two, stock = (outcome[name] for name in ("cut", "jobs 1", "jobs 2", "stock"))
    cpu = {name: median(outcome[name]["cpu"]) for name in ("cut", "jobs 1", "jobs 2", "stock")}
    yield Row(
        "build, one process, CPU",
        _s(cpu["jobs 1"]),
        f"jieba.cut_for_search alone {_s(cpu['cut'])}",
        cpu["jobs 1"] / cpu["cut"],
        1.6,
    )
    yield Row(
        "build, one process, CPU", _s(cpu["jobs 1"]), f"stock recipe {_s(cpu['stock'])}", cpu["jobs 1"] / cpu["stock"]
    )
    yield Row("build, two workers, CPU", _s(cpu["jobs 2"]), f"one {_s(cpu['jobs 1'])}", cpu["jobs 2"] / cpu["jobs 1"])
    walls = [median(one["wall"]), median(two["wall"])]
    yield Row("build, two workers, wall", _s(walls[1]), f"one {_s(walls[0])}", walls[1] / walls[0], 0.6)
    yield from _memory("the corpus", two)
    three = max(outcome["jobs 3"]["peak"]) - max(two["peak"])
    yield Row(
        "build, peak memory of a third worker, MB", f"{three:.0f} MB", _largest(outcome["jobs 3"]), max(0.0, three), 200
    )
    yield Row("build, one process, peak memory", f"{max(one['peak']):.0f} MB", f"stock recipe {max(stock['peak']):.0f}")
    yield Row("jieba.cut_for_search alone, peak memory", f"{max(cut['peak']):.0f} MB")


def _memory(size: str, outcome: Outcome) -> Iterator[Row]:
    most, own = max(outcome["peak"]), max(outcome["own"])
    beside = f"private {own:.0f} MB; {_largest(outcome)}"
    yield Row(f"build, peak memory, two workers, {size}, MB", f"{most:.0f} MB", beside, most, 600)


def _largest(outcome: Outcome) -> str:
    """Say how large each process was in the run that has the most."""
    runs: Sequence[Sequence[float]] = outcome["largest"]
    return "each " + ", ".join(f"{most:.0f}" for most in max(runs, key=sum, default=()))


def _size(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    ours, stock, text = (outcome[name] for name in ("ours", "stock", "text"))
    beside = f"texts {text / 1e6:.1f} MB; stock recipe {stock / text:.2f}"
    yield Row("index folder / bytes of the sections' texts", f"{ours / 1e6:.1f} MB", beside, ours / text, 2.4)


def _growth(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    small, grown = outcome["bytes"]
    times = outcome["bytes"][grown] / outcome["bytes"][small]
    factor = times / 10
    for clock in ("cpu", "wall"):
        took = [median(outcome["build"][name][clock]) for name in (small, grown)]
        what = f"growth to {times:.1f} times the text: build, {_clock(clock)}"
        yield Row(what, _s(took[1]), _s(took[0]), took[1] / took[0], 11 * factor)
    for name in ("median", "mean"):
        took = [median(run[name] for run in outcome["asked"][size]) for size in (small, grown)]
        yield Row(f"growth: word query, {name}", _ms(took[1]), _ms(took[0]), took[1] / took[0], 8)
    for query in COLD:
        took = [median(outcome["cold"][f"{query} {size}"]["wall"]) for size in (small, grown)]
        yield Row(f"growth: cold start, {query}, wall", _ms(took[1]), _ms(took[0]), took[1] / took[0], 1.5)
    yield from _memory(f"{grown} MB", outcome["build"][grown])


def _large(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    yield from _memory("the large corpus", outcome["build"])
    beside = f"text {outcome['text'] / 1e6:.1f} MB"
    figure = outcome["index"] / outcome["text"]
    yield Row("index folder / text, the large corpus", f"{outcome['index'] / 1e6:.0f} MB", beside, figure, 2.4)


def _adding(outcome: Outcome, outcomes: Mapping[str, Outcome]) -> Iterator[Row]:
    full = outcome["full"] or outcomes.get("large", {}).get("build")
    for clock in ("cpu", "wall"):
        took, nothing = (median(outcome[name][clock]) for name in ("added", "nothing"))
        figure = took / median(full[clock]) if full else None
        what = f"adding 1 % ({outcome['bytes'] / 1e6:.1f} MB) to the large corpus, {_clock(clock)}"
        beside = (
            f"full build {_s(median(full[clock]))}; nothing new {_s(nothing)}" if full else f"nothing {_s(nothing)}"
        )
        yield Row(what, _s(took), beside, figure, 0.03)
    yield Row("adding 1 %, peak memory", f"{max(outcome['added']['peak']):.0f} MB", _largest(outcome["added"]))


def _updates(outcome: Outcome, _: Mapping[str, Outcome]) -> Iterator[Row]:
    count, taken = outcome["updates"], outcome["taken"]
    what = f"{count} updates, each of {outcome['each'] / 1e3:.0f} kB"
    for number, name in enumerate(("first", "second")):
        updated, fresh = (
            median(run["passes"][number]["cpu"] / run["queries"] for run in outcome[who])
            for who in ("updated", "fresh")
        )
        beside = f"built at once {_ms(fresh)}"
        yield Row(f"{what}: a query after them, {name} pass, CPU", _ms(updated), beside, updated / fresh, 1.3)
    same = len({run["answers"] for who in ("updated", "fresh") for run in outcome[who]}) == 1
    yield Row("the same: answers are the bytes of the index built at once", "yes" if same else "no", "", same, 1, True)
    tenth = max(1, count // 10)
    first, last = median(taken["cpu"][:tenth]), median(taken["cpu"][-tenth:])
    yield Row("the same: one update, CPU, the last tenth beside the first", _s(last), _s(first), last / first)
    built = median(outcome["built"]["cpu"])
    yield Row("the same: one update beside building at once, CPU", _s(median(taken["cpu"])), _s(built))
    disk = outcome["disk"]
    yield Row(
        "the same: index folder beside one built at once",
        f"{disk['updated'] / 1e6:.0f} MB",
        f"{disk['fresh'] / 1e6:.0f} MB",
        disk["updated"] / disk["fresh"],
    )


def _clock(name: str) -> str:
    return {"cpu": "CPU", "wall": "wall"}[name]


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
}
