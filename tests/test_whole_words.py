"""With -w nothing is found inside a longer word or number, in any command; without it they tell how often it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from policysearch import open_index
from policysearch.corpus.counting import count
from policysearch.engines.opening import open_store
from policysearch.engines.protocol import DocumentTexts, Stored, passes
from policysearch.engines.tree import Contains, MatchAll, Node
from policysearch.index import Index
from policysearch.indexing.refresh import refresh
from policysearch.text.folding import reduce
from policysearch.text.whole_words import Surroundings


def inside(term: str, text: str) -> list[bool]:
    """Return of each place of a term whether it is inside a longer word or number."""
    reduced, wanted = reduce(text), reduce(term)
    surroundings = Surroundings(reduced, lambda: text)
    places = (found.start() for found in re.finditer(f"(?={re.escape(wanted)})", reduced))
    return [surroundings.inside_longer(at, at + len(wanted)) for at in places]


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        pytest.param("AI", "DAILY报告与AI应用、ＡＩ、AI-X", [True, False, False, False], id="a word"),
        pytest.param("5%", "15%、12.5%、5%、增5%", [True, True, False, False], id="a number with its sign"),
        pytest.param("12", "12.5，120，12。12；2012", [True, True, False, False, True], id="whole and decimal numbers"),
        pytest.param("000", "12,000人，１２，０００人", [True, True], id="thousands"),
        pytest.param("12", "12,000 12,00 12,0000", [True, False, False], id="a comma sets off three digits"),
        pytest.param("2023", "2022，2023，2024年", [False], id="numbers in a row"),
        pytest.param("300", "第5，300，12号", [False], id="a Chinese comma ends a number"),
        pytest.param("5G", "1. 5G基站\n2.\n5G", [False, False], id="white space ends a number"),
        pytest.param("5", "5G、A5、5km、5 km", [True, True, True, False], id="a word with digits"),
        pytest.param("5", "第5条，5.\n二、5", [False, False, False], id="a point at the end"),
        pytest.param("m", "m² m2 mα", [False, True, True], id="superscripts are no part of a word, Greek is"),
        pytest.param("ai", "é ai éai", [False, True], id="letters with accents"),
        pytest.param("经济", "经济A经济5", [False, False], id="Chinese has no such borders"),
        pytest.param("%", "5%", [False], id="what begins with a sign"),
    ],
)
def test_what_is_inside(term: str, text: str, expected: list[bool]) -> None:
    assert inside(term, text) == expected


class OneDocument:
    """Stands for an engine that has one document."""

    def __init__(self, *sections: str) -> None:
        self._sections = sections

    def texts(self, node: Node) -> Iterator[DocumentTexts]:
        many = range(1, len(self._sections) + 1)
        fields = {"document_id": "d", "duplicate_of": None}
        yield DocumentTexts(fields, ("body",) * len(many), tuple(map(reduce, self._sections)), tuple(many))

    def find_document(self, document_id: str) -> tuple[int, ...]:
        return tuple(range(len(self._sections)))

    def stored(self, keys: tuple[int, ...]) -> list[Stored]:
        return [_Shown(self._sections[key]) for key in keys]  # type: ignore[misc]


class _Shown:
    def __init__(self, text: str) -> None:
        self.text = text


def apart(term: str, text: str) -> int:
    """Return how many places of a term are in no longer word, without overlaps, left to right: the plain scan."""
    reduced, wanted = reduce(text), reduce(term)
    surroundings = Surroundings(reduced, lambda: text)
    free = found = 0
    for at in range(len(reduced)):
        if at >= free and reduced.startswith(wanted, at) and not surroundings.inside_longer(at, at + len(wanted)):
            found += 1
            free = at + len(wanted)
    return found


texts = st.lists(st.text("a5.,月 é，", max_size=25), min_size=1, max_size=5)
terms = st.lists(st.text("a5.月", min_size=1, max_size=4), min_size=1, max_size=5, unique=True)


@given(texts, terms)
def test_a_count_is_what_the_scan_gives(sections: list[str], wanted: list[str]) -> None:
    engine = OneDocument(*sections)
    counts = count(engine, MatchAll(), wanted, word=True)  # type: ignore[arg-type]
    rows = list(counts)
    assert [row.occurrences for row in rows] == [sum(apart(term, text) for text in sections) for term in wanted]
    assert [row.sections for row in rows] == [sum(bool(apart(term, text)) for text in sections) for term in wanted]
    assert counts.inside == 0
    plain = count(engine, MatchAll(), wanted)  # type: ignore[arg-type]
    every = [sum(reduce(text).count(reduce(term)) for text in sections) for term in wanted]
    assert [row.occurrences for row in plain] == every
    longest = count(engine, MatchAll(), wanted, word=True, longest=True)  # type: ignore[arg-type]
    assert all((a.occurrences or 0) <= (b.occurrences or 0) for a, b in zip(longest, rows, strict=True))


TEXTS = {
    "a.txt": "关于发展AI的意见\n\n一、DAILY报告与AI应用，增长5%，另增15%，占12.5%。\n\n"
    "二、1. 5G基站建设，共12,000个；AI5。",
    "b.txt": "每日简报\n\n一、EMAIL与DAILY，增长15%，应用很多。\n",
    "c.txt": "人工智能\n\n一、推广AI，应用5%。\n\n二、ABIC卡与IC卡。",
}
QUERIES = ("AI", "5%", "5G", "12", "000", "AI应用", "应用", "IC卡", "增长5%", "AI5")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("words")
    (folder / "papers").mkdir()
    for name, text in TEXTS.items():
        (folder / "papers" / name).write_text(text, encoding="utf-8")
    refresh(open_store(folder / "index"), [folder / "papers"])
    with open_index(folder / "index") as opened:
        yield opened


def test_search_count_and_kwic_have_one_figure(index: Index) -> None:
    for term, counted in zip(QUERIES, index.count(list(QUERIES), word=True), strict=True):
        found = index.search(term, word=True, limit=None)
        exact = [hit for hit in found.hits if hit.exact]
        assert found.total_exact == len(exact) == counted.sections, term
        assert sum(hit.matches for hit in exact) == counted.occurrences, term
        concordance = index.kwic(term, word=True)
        assert concordance.total == len(list(index.kwic_lines(term, word=True))) == counted.occurrences
        without = index.kwic(term)
        assert without.total - without.inside == counted.occurrences, term
        assert index.count([term]).inside == without.inside


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("AI", ["a.txt#1", "a.txt#2", "c.txt#2"]),
        ("AI应用", ["a.txt#2", "c.txt#2"]),
        ("-AI 一", ["b.txt#2"]),
        ("“AI应用”", ["a.txt#2"]),
        ("title:AI 一", ["a.txt#2"]),
        ("heading:DAILY", ["b.txt#2"]),
        ("heading:AIL", []),
        ("句(AI 5%)", ["a.txt#2", "c.txt#2"]),
        ("增长 ~0 5%", ["a.txt#2"]),
        ("“5*建设”", ["a.txt#3"]),
        ("“A?L*”", []),
        ("IC卡", ["c.txt#3"]),
        ("简报 OR AI", ["a.txt#1", "a.txt#2", "b.txt#1", "c.txt#2"]),
    ],
)
def test_every_kind_of_query_is_by_whole_words(index: Index, query: str, found: list[str]) -> None:
    asked = index.search(query, word=True, match="all", limit=None)
    assert sorted(hit.section_id for hit in asked.hits) == found
    assert asked.total == len(found)


@pytest.mark.parametrize("field", ["text", "heading", "title"])
@pytest.mark.parametrize("text", ["ai", "daily", "5%"])
def test_what_is_selected_passes(index: Index, field: str, text: str) -> None:
    node = Contains(text, field, whole=True)
    selected = [section.section_id for section in index.engine.stream(node)]
    assert selected == [one.section_id for one in index.engine.stream(MatchAll()) if passes(node, one)]


def test_the_commands_tell_of_places_inside_longer_words(run: Run, index: Index, tmp_path: Path) -> None:
    at = ("-i", index.engine.folder)  # type: ignore[attr-defined]
    topics = tmp_path / "topics.tsv"
    topics.write_text("1\tAI\n2\t5%\n", encoding="utf-8")
    concordance = index.kwic("AI")
    for arguments in (("count", "AI"), ("kwic", "AI"), ("kwic", "AI", "--format", "csv")):
        done = run(*arguments, *at)
        assert done.stderr == f"{concordance.inside} places are inside longer words or numbers; leave out with -w.\n"
        assert run(*arguments, *at, "-q").stderr == run(*arguments, *at, "-w").stderr == ""
    assert (
        run("count", "AI", *at, "--format", "json").stdout != run("count", "-w", "AI", *at, "--format", "json").stdout
    )
    many = f"{concordance.inside} matches are inside longer words or numbers; leave out with -w.\n"
    assert run("search", "AI", *at).stderr == many
    both = sum(index.kwic(term).inside for term in ("AI", "5%"))
    for jobs in ("1", "2"):
        done = run("batch", topics, *at, "--format", "jsonl", "-j", jobs)
        assert done.stderr == f"{both} matches are inside longer words or numbers; leave out with -w.\n"
        done = run("batch", topics, *at, "--format", "jsonl", "-j", jobs, "--word")
        totals = [json.loads(line)["total"] for line in done.stdout.splitlines()]
        assert (totals, done.stderr) == ([3, 2], "")
    assert run("search", "发展", *at).stderr == ""
