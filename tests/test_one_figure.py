"""One term has one figure: what a search says of it is what a count says, whatever jieba makes of it."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from conftest import ALL, FIGURES, Run
from hypothesis import given
from hypothesis import strategies as st

from policysearch import open_index
from policysearch.engines.opening import open_store
from policysearch.engines.tree import MatchAll
from policysearch.errors import QueryError
from policysearch.index import Index
from policysearch.indexing.refresh import refresh

TERMS = 500
IN_PIECES = 100
"""How many of them jieba cuts into pieces, at least."""


def drawn_terms(index: Index, seed: int, count: int = TERMS) -> list[str]:
    """Return terms of the texts; a fifth of them at least are such as jieba cuts into pieces."""
    draw = random.Random(seed)
    texts = [section.reduced for section in index.engine.stream(MatchAll()) if len(section.reduced) > 10]
    terms: dict[str, None] = {}
    pieces = 0
    while len(terms) < count or pieces < count * IN_PIECES // TERMS:
        text = draw.choice(texts)
        start = draw.randrange(len(text))
        term = text[start : start + draw.choice((1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 8, 12))]
        if not term.isalnum() or term in terms or term[0] in "句段":
            continue
        cut = len(index._resolver.cut(term)) > 1
        if len(terms) >= count and not cut:
            continue
        pieces += cut
        terms[term] = None
    return list(terms)


def assert_one_figure(
    index: Index, terms: Sequence[str], part: str | None = None, modes: Sequence[str] = ("auto",)
) -> int:
    """Hold a search for each term against a count of it; return how many sections have a term's words apart."""
    apart = 0
    where, filters = (None, {}) if part is None else (f"part:{part}", {"part": [part]})
    for term, counted in zip(terms, index.count(list(terms), where=where), strict=True):
        for match in modes:
            found = index.search(term, match=match, limit=None, filters=filters, duplicates="show")
            assert found.total_exact == counted.sections, (term, match)
            exact = [hit for hit in found.hits if hit.exact]
            assert len(exact) == found.total_exact, (term, match)
            assert len(exact) <= found.total, (term, match)
            assert sum(hit.matches for hit in exact) == counted.occurrences, (term, match)
            apart += found.match == "all" and found.total - len(exact)
    return apart


def test_a_search_and_a_count_give_one_figure(samples_index: Path) -> None:
    with open_index(samples_index) as index:
        terms = drawn_terms(index, 1)
        apart = assert_one_figure(index, terms)
        assert_one_figure(index, terms[:20], modes=("all", "any", "exact"))
        assert_one_figure(index, terms[:20], "plan")
    assert apart
    FIGURES.append(f"{len(terms)} terms have one figure in search and count; {apart} sections have their words apart")


@pytest.mark.skipif(not ALL, reason="only with --all")
def test_in_the_reference_corpus_too(reference: Path, tmp_path: Path) -> None:
    refresh(open_store(tmp_path / "index"), [reference / "reports"])
    with open_index(tmp_path / "index") as index:
        terms = [*drawn_terms(index, 2), "低空经济", "碳达峰", "碳中和", "城投债"]
        assert assert_one_figure(index, terms, modes=("auto", "any"))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("three")
    (folder / "papers").mkdir()
    texts = {
        "a": "发展低空经济，低空经济是新的增长点。",
        "b": "低空飞行带动经济。",
        "c": "经济增长，与低空无关；低空经济除外。",
        "d": "没有别的。",
    }
    for name, text in texts.items():
        (folder / "papers" / f"{name}.txt").write_text(text, encoding="utf-8")
    refresh(open_store(folder / "index"), [folder / "papers"])
    with open_index(folder / "index") as index:
        yield index


def test_marks_and_matches_are_of_the_whole_group_where_it_stands(three: Index) -> None:
    found = three.search("低空经济")
    assert (found.total, found.total_exact) == (3, 2)
    told = [(hit.document_id, hit.exact, hit.matches) for hit in found.hits]
    assert told == [("a.txt", True, 2), ("c.txt", True, 1), ("b.txt", False, 2)]
    marked = [[hit.snippet.text[a:b] for a, b in hit.snippet.spans] for hit in found.hits]
    assert marked == [["低空经济", "低空经济"], ["低空经济"], ["低空", "经济"]]


@pytest.mark.parametrize("match", ["auto", "all", "any", "exact"])
def test_what_is_left_out_is_the_group_as_typed(three: Index, match: str) -> None:
    for query in ("经济 -低空经济", "经济 NOT 低空经济"):
        found = three.search(query, match=match)
        assert [hit.document_id for hit in found.hits] == ["b.txt"]
        assert found.total_exact == found.total == 1


def test_filters_alone_are_exact(three: Index) -> None:
    found = three.search("NOT 没有", match="all")
    assert found.total_exact == found.total == 3
    assert all(hit.exact for hit in found.hits)


def test_the_figure_can_be_left_out(three: Index) -> None:
    found = three.search("低空经济", count_exact=False)
    assert found.total_exact is None
    assert [hit.exact for hit in found.hits] == [True, True, False]


@given(
    st.lists(st.sampled_from(["低空经济", "经济", "低空", "增长点", "没有", "的", "OR", "-飞行", "“新的”"]), min_size=1)
)
def test_no_more_have_it_as_typed_than_match(three: Index, parts: list[str]) -> None:
    query = " ".join(parts).removeprefix("OR ").removesuffix(" OR")
    try:
        found = three.search(query)
    except QueryError:
        return
    assert found.total_exact is not None
    assert found.total_exact <= found.total
    exact = three.search(query, match="exact", limit=None)
    assert exact.total == exact.total_exact == found.total_exact
    assert {hit.section_id for hit in found.hits if hit.exact} == {hit.section_id for hit in exact.hits}


def test_every_format_has_it(run: Run, samples_index: Path, tmp_path: Path) -> None:
    with open_index(samples_index) as index:
        found = index.search("优化营商环境")
    assert found.total_exact is not None
    assert 0 < found.total_exact < found.total
    asked = ("search", "-i", samples_index, "优化营商环境")
    told = json.loads(run(*asked, "--format", "json").stdout)
    assert told["total_exact"] == found.total_exact
    assert [hit["exact"] for hit in told["hits"]] == [hit.exact for hit in found.hits]
    assert json.loads(run(*asked, "--format", "json", "--no-exact").stdout)["total_exact"] is None
    head, *rows = csv.reader(io.StringIO(run(*asked, "--format", "csv").stdout))
    assert head[-1] == "total_exact"
    assert {row[-1] for row in rows} == {str(found.total_exact)}
    assert "total_exact" not in run(*asked, "--format", "jsonl").stdout
    rest = found.total - found.total_exact
    assert f"{found.total_exact} sections have 优化营商环境; {rest} more have its words apart" in run(*asked).stdout
    topics = tmp_path / "topics.txt"
    topics.write_text("优化营商环境\n没有这个词\n", encoding="utf-8")
    batch = ("batch", topics, "-i", samples_index)
    told = [json.loads(line) for line in run(*batch, "--format", "jsonl").stdout.splitlines()]
    assert [one["total_exact"] for one in told] == [found.total_exact, 0]
    first, *_, last = run(*batch, "--format", "tsv").stdout.splitlines()
    assert first.endswith("\ttotal_exact")
    assert last.endswith("\t0")
    told = [json.loads(line) for line in run(*batch, "--format", "jsonl", "--no-exact").stdout.splitlines()]
    assert [one["total_exact"] for one in told] == [None, None]


def test_a_question_says_how_many_have_all_its_words(run: Run, samples_index: Path) -> None:
    done = run("search", "-i", samples_index, "怎样优化营商环境才能促进县域经济高质量发展", "--format", "json")
    told = json.loads(done.stdout)
    assert (told["match"], told["relaxed"], told["read_as"]) == ("any", False, {"kind": "question"})
    assert done.stderr.startswith("Read as a question")
    assert done.stderr.rstrip().endswith("all of them.")
    assert run("search", "-i", samples_index, "优化营商环境", "--format", "json").stderr == ""
