"""The index opened with Whoosh: it answers as an ordinary index of Whoosh's would, and as the program does."""

from __future__ import annotations

import doctest
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import whoosh_conformance as conformance
from conftest import ALL, ROOT, SOURCES, command_environment
from hypothesis import given
from hypothesis import strategies as st
from whoosh import highlight, query
from whoosh import scoring as whoosh_scoring
from whoosh.fields import TEXT
from whoosh.index import Index as WhooshIndex
from whoosh.matching import ReadTooFar
from whoosh.qparser import QueryParser
from whoosh.searching import Searcher
from whoosh.writing import AsyncWriter, BufferedWriter, IndexingError

import policysearch
from policysearch import InputError, PolicySearchError, open_index, open_whoosh
from policysearch.engines.opening import open_store
from policysearch.engines.protocol import Request
from policysearch.engines.tree import Contains, Or, ScoredGroup, Term
from policysearch.engines.whoosh.engine import WhooshEngine
from policysearch.engines.whoosh.segment_reader import GRAMS, WORDS
from policysearch.engines.whoosh.whoosh_bridge import LuceneBM25, exact, matcher, terms
from policysearch.indexing.refresh import refresh
from policysearch.search.hits import hit_columns
from policysearch.vocabulary import DOCUMENT_FIELDS

pytestmark = pytest.mark.one_python


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with a history: two segments, and documents that were removed since."""
    place = tmp_path_factory.mktemp("whoosh")
    sources = place / "sources"
    shutil.copytree(SOURCES, sources)
    texts = sorted(path for path in sources.rglob("*.txt"))
    late = {path: path.read_bytes() for path in texts[::5]}
    for path in late:
        path.unlink()
    refresh(open_store(place / "index"), [sources])
    for path, content in late.items():
        path.write_bytes(content)
    texts[1].unlink()
    texts[7].unlink()
    refresh(open_store(place / "index"), [sources])
    segments = engine_of(place / "index").segments
    assert len(segments) > 1
    assert any(live.removed for live in segments)
    return place / "index"


def engine_of(folder: Path) -> WhooshEngine:
    engine = open_index(folder, prepare=False).engine
    assert isinstance(engine, WhooshEngine)
    return engine


@pytest.fixture(scope="module")
def index(folder: Path) -> Any:
    return open_whoosh(folder)


@pytest.fixture(scope="module")
def ordinary(index: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An index of the same sections that Whoosh wrote."""
    return conformance.write_ordinary(index, tmp_path_factory.mktemp("ordinary"))


def index_of(tmp_path: Path, *texts: str) -> Any:
    """Return an index of some texts, a document each."""
    sources = tmp_path / "papers"
    sources.mkdir()
    for number, text in enumerate(texts):
        (sources / f"{number}.txt").write_text(text, encoding="utf-8")
    refresh(open_store(tmp_path / "index"), [sources])
    return open_whoosh(tmp_path / "index")


# the same answers


def test_it_answers_as_an_index_that_whoosh_wrote(index: Any, ordinary: Any) -> None:
    asked, wrong = conformance.compare(index, ordinary, rounds=10 if ALL else 1)
    assert wrong == []
    assert asked >= conformance.QUERIES


SCORED = ("Term", "And", "Or", "Or with minmatch", "Not", "AndNot", "AndMaybe", "nested")


@pytest.mark.parametrize("size", [1, 4])
def test_leaving_blocks_out_changes_no_answer(
    folder: Path, ordinary: Any, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "BLOCK", size)
    monkeypatch.setattr(matcher, "BLOCK", size)
    index = open_whoosh(folder)
    asked = 0
    for case in conformance.cases(index, seed=size):
        if case.kind in SCORED:
            asked += 1
            assert (
                conformance.differences(case, conformance.answer(index, case), conformance.answer(ordinary, case)) == []
            )
    assert asked >= 5 * len(SCORED)


OTHERS = os.environ.get("POLICYSEARCH_WHOOSH_PYTHONS", "")
"""The Pythons of environments with another Whoosh and what the program requires, separated as in PATH."""


@pytest.mark.parametrize("python", OTHERS.split(os.pathsep))
def test_it_answers_as_every_other_whoosh_that_is_installed(folder: Path, python: str, tmp_path: Path) -> None:
    if not python:
        pytest.skip("no environment with another Whoosh (see POLICYSEARCH_WHOOSH_PYTHONS)")
    done = subprocess.run(
        [python, "-W", "ignore", str(ROOT / "tests/whoosh_conformance.py"), str(folder), str(tmp_path)],
        env=command_environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.fullmatch(r"\s*Whoosh ([0-9.]+): ([0-9]+) queries, 0 answered differently\n", done.stdout)
    assert found, done.stdout
    assert found[1] != "2.7.4"
    assert int(found[2]) >= conformance.QUERIES


def test_history_changes_nothing(index: Any, folder: Path, tmp_path: Path) -> None:
    refresh(open_store(tmp_path / "index"), [folder.parent / "sources"])
    fresh = open_whoosh(tmp_path / "index")
    with index.reader() as ours, fresh.reader() as theirs:
        assert list(ours.all_terms()) == list(theirs.all_terms())
        assert list(ours.all_stored_fields()) == list(theirs.all_stored_fields())
        for field in ("text", "heading", "title", "grams"):
            assert ours.field_length(field) == theirs.field_length(field)
    wanted = query.Or([query.Term("text", "发展"), query.Term("text", "营商")])
    for weighting in (whoosh_scoring.BM25F, LuceneBM25):
        with index.searcher(weighting=weighting) as ours, fresh.searcher(weighting=weighting) as theirs:
            assert ours.search(wanted, limit=None).top_n == theirs.search(wanted, limit=None).top_n


QUERIES = ("营商环境", "优化 营商环境", "数字经济 专精特新", "乡村振兴 产业 发展")


@pytest.mark.parametrize("text", QUERIES)
def test_the_programs_weighting_gives_the_programs_scores(index: Any, folder: Path, text: str) -> None:
    searching = open_index(folder)
    grams = [pair for word in text.split() for pair in map("".join, pairwise(word))]
    words = [term for word in text.split() for term in searching._resolver.cut(word)]
    asked = [*(Term(GRAMS, gram, 0.4) for gram in dict.fromkeys(grams)), *(Term(WORDS, word) for word in words)]
    engine = searching.engine
    node = Or(tuple(Contains(gram) for gram in grams))
    answer = engine.search(Request(node, (ScoredGroup("", tuple(asked)),), limit=None))
    ours = {section_id(engine, hit.key): hit.score for hit in answer.hits}
    assert ours
    names = {WORDS: "text", GRAMS: "grams"}
    wanted = query.Or([query.Term(names[term.field], term.text, boost=term.weight) for term in asked])
    with index.searcher(weighting=LuceneBM25()) as searcher:
        found = searcher.search(wanted, limit=None)
        theirs = {hit["section_id"]: hit.score for hit in found}
        for name, score in ours.items():
            assert theirs[name] == pytest.approx(score, rel=1e-9)
        for limit in (1, 3, 10, 25):
            assert searcher.search(wanted, limit=limit).top_n == found.top_n[:limit]


def section_id(engine: Any, key: Any) -> str:
    document, number = engine.name(key)
    return f"{document}#{number}"


@pytest.mark.parametrize("text", ["营商环境", "发展", "优化营商环境", "的", "——", "全面"])
def test_a_phrase_scores_as_the_program_scores_it(index: Any, folder: Path, text: str) -> None:
    wanted = open_index(folder).search(f'"{text}"', limit=None).hits
    assert wanted
    with index.searcher(weighting=LuceneBM25()) as searcher:
        found = searcher.search(QueryParser("text", index.schema).parse(f'"{text}"'), limit=None)
        assert [(hit["section_id"], hit.score) for hit in found] == [(hit.section_id, hit.score) for hit in wanted]


def test_places_of_a_phrase_that_overlap_count(tmp_path: Path) -> None:
    index = index_of(tmp_path, "众人人人人有责。\n", "人人有责，人人尽责。\n")
    wanted = open_index(tmp_path / "index").search('"人人"').hits
    with index.searcher(weighting=LuceneBM25()) as searcher:
        found = searcher.search(exact("人人"))
        assert [(hit["section_id"], hit.score) for hit in found] == [(hit.section_id, hit.score) for hit in wanted]
        assert [marked(hit) for hit in found] == [["人人人人"], ["人人", "人人"]]


def test_the_programs_weighting_works_on_an_ordinary_index(ordinary: Any) -> None:
    wanted = query.Or([query.Term("text", "发展"), query.Term("text", "营商")])
    with ordinary.searcher(weighting=LuceneBM25()) as searcher:
        found = searcher.search(wanted, limit=None)
        assert len(found) > 20
        assert searcher.search(wanted, limit=10).top_n == found.top_n[:10]


# phrases and marks


@pytest.mark.parametrize("text", ["营商环境", "优化营商环境", "——", "的", "〔2023〕", "Ｘ", "没有这个说法"])
def test_a_phrase_is_found_wherever_it_stands(index: Any, folder: Path, text: str) -> None:
    wanted = [hit.section_id for hit in open_index(folder).search(text, exact=True, limit=None, sort="document").hits]
    parsed = QueryParser("text", index.schema).parse(f'"{text}"')
    with index.searcher() as searcher:
        for asked in (parsed, exact(text), query.Or([parsed, query.Term("text", "没有这个词")])):
            found = searcher.search(asked, limit=None)
            assert [searcher.stored_fields(docnum)["section_id"] for docnum in sorted(found.docs())] == wanted
        assert sorted(searcher.docs_for_query(parsed)) == sorted(found.docs())
    # a phrase that the program asks for is one term in any searcher
    with Searcher(index.reader()) as searcher:
        assert len(searcher.search(exact(text), limit=None)) == len(wanted)


@pytest.mark.parametrize(("field", "text"), [("heading", "工作"), ("heading", "营商环境"), ("title", "政府工作")])
def test_phrases_of_headings_and_titles(index: Any, folder: Path, field: str, text: str) -> None:
    found = open_index(folder).search(f'{field}:"{text}"', limit=None, sort="document").hits
    assert found
    asked = QueryParser(field, index.schema).parse(f'"{text}"')
    with index.searcher() as searcher:
        results = searcher.search(asked, limit=None)
        numbers = sorted(results.docs())
        assert [searcher.stored_fields(i)["section_id"] for i in numbers] == [hit.section_id for hit in found]
        assert all(marked(hit, field) for hit in results)


def marked(hit: Any, field: str = "text") -> list[str]:
    hit.results.formatter = highlight.HtmlFormatter(tagname="b")
    return re.findall("<b[^>]*>(.*?)</b>", hit.highlights(field, top=99), re.DOTALL)


@pytest.mark.parametrize(
    ("asked", "marks"),
    [
        ("社会主义", ["社會主義"]),
        ("主义", ["主義", "主义"]),
        ('"和 谐社"', ["和 諧 社"]),
        ('"，社会"', ["， 社會"]),
        ("ｇｄｐ", ["GDP"]),
        ('"gdp growth"', ["GDP  Growth"]),
        ("主义 社会主义", ["社會主義", "主义"]),
    ],
)
@pytest.mark.parametrize("before", ["", "远" * 40_000])
def test_marks_are_the_right_characters(tmp_path: Path, asked: str, marks: list[str], before: str) -> None:
    text = f"{before}。建設， 社會主義和 諧 社会，唯物主义。GDP  Growth 5.5%。\n"
    index = index_of(tmp_path, text)
    with index.searcher() as searcher:
        parsed = QueryParser("text", index.schema).parse(asked)
        (hit,) = searcher.search(parsed, limit=3)
        assert marked(hit) == marks
        (hit,) = searcher.search(parsed, limit=3, terms=True)
        hit.results.fragmenter = highlight.PinpointFragmenter(charlimit=None)
        assert set(marked(hit)) >= {max(marks, key=len)}


def test_a_longer_word_is_marked_whole(index: Any) -> None:
    words = ["营商", "环境", "优化"]
    with index.searcher() as searcher:
        for hit in searcher.search(query.And([query.Term("text", word) for word in words]), limit=5):
            for mark in marked(hit):
                assert set(mark) <= set("".join(words))
                assert len(mark) >= 2


# what it is


def test_it_is_whooshs_index_of_the_contracts_fields(index: Any, folder: Path) -> None:
    assert isinstance(index, WhooshIndex)
    names = set(index.schema.names())
    assert {"text", "heading", "title", "section_id", *DOCUMENT_FIELDS} <= names
    computed = {
        "rank",
        "score",
        "matches",
        "snippet",
        "duplicates",
        "cited",
        "citation",
        "latest",
        "superseded_by",
        "exact",
        "total_exact",
    }
    assert {name.partition(".")[0] for name in hit_columns(False)} - computed <= names
    with index.reader() as reader:
        sections = open_index(folder).info["sections"]
        assert reader.doc_count() == reader.doc_count_all() == index.doc_count() == sections
        for stored in reader.all_stored_fields():
            assert stored["document_id"] in stored["section_id"]
            assert set(stored) <= names
            assert None not in stored.values()


def test_the_lexicon_is_in_order_and_of_live_sections_only(index: Any) -> None:
    with index.reader() as reader:
        found = list(reader.all_terms())
        assert found == sorted(set(found))
        assert {field for field, _ in found} <= set(reader.indexed_field_names())
        chance = random.Random(1)
        for field, term in chance.sample(found, 500):
            info = reader.term_info(field, term)
            numbers = list(reader.postings(field, term).all_ids())
            assert numbers == sorted(set(numbers))
            assert info.doc_frequency() == reader.doc_frequency(field, term) == len(numbers) > 0
            assert (info.min_id(), info.max_id()) == (numbers[0], numbers[-1])
            assert next(reader.terms_from(field, term)) == (field, term)
        assert ("text", "没有这个词") not in reader
        assert ("text", b"\x80") not in reader
        assert ("grams", "营商环") not in reader
        assert ("nothing", "x") not in reader


@given(data=st.data())
def test_a_matcher_never_leaves_its_postings(index: Any, data: st.DataObject) -> None:
    reader = index.reader()
    numbers = list(reader.postings("text", "发展").all_ids())
    here = reader.postings("text", "发展")
    at = 0
    for step in data.draw(st.lists(st.one_of(st.none(), st.integers(-1, len(reader.sections) + 1)), max_size=12)):
        if at >= len(numbers):
            for move in (here.next, lambda: here.skip_to(3)):
                with pytest.raises(ReadTooFar):
                    move()
            assert here.id() == numbers[-1]
            break
        if step is None:
            here.next()
            at += 1
        else:
            here.skip_to(step)
            while at < len(numbers) and numbers[at] < step:
                at += 1
        assert here.is_active() == (at < len(numbers))
        if at < len(numbers):
            assert here.id() == here.copy().id() == numbers[at]
            assert here.value_as("frequency") == len(here.value_as("characters")) == len(here.spans())


# generations, errors, fences


def test_a_newer_generation_is_seen(tmp_path: Path) -> None:
    index = index_of(tmp_path, "甲县优化营商环境。\n")
    searcher = index.searcher()
    assert index.up_to_date()
    assert searcher.up_to_date()
    assert index.refresh() is index
    assert searcher.refresh() is searcher
    (tmp_path / "papers/later.txt").write_text("乙县优化营商环境。\n", encoding="utf-8")
    refresh(open_store(tmp_path / "index"), [tmp_path / "papers"])
    assert not index.up_to_date()
    assert not searcher.up_to_date()
    wanted = query.Term("text", "营商")
    assert len(searcher.search(wanted)) == 1
    assert len(searcher.refresh().search(wanted)) == 2
    assert len(index.searcher().search(wanted)) == 2
    assert not index.is_empty()
    assert index.last_modified() > 0


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda index: index.writer(), id="writer"),
        pytest.param(lambda index: AsyncWriter(index), id="AsyncWriter"),
        pytest.param(lambda index: BufferedWriter(index, period=None), id="BufferedWriter"),
        pytest.param(lambda index: index.optimize(), id="optimize"),
        pytest.param(lambda index: index.add_field("more", TEXT), id="add_field"),
        pytest.param(lambda index: index.delete_by_term("text", "发展"), id="delete_by_term"),
        pytest.param(lambda index: index.delete_by_query(query.Every()), id="delete_by_query"),
    ],
)
def test_writing_says_which_command_does_it(index: Any, write: Callable[[Any], object]) -> None:
    with pytest.raises(PolicySearchError, match="policysearch index FOLDER") as raised:
        write(index)
    assert isinstance(raised.value, IndexingError)


def test_a_cluster_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cluster"):
        open_whoosh("opensearch+http://127.0.0.1:9/x")
    with pytest.raises(policysearch.IndexUnusableError, match="policysearch index FOLDER"):
        open_whoosh(tmp_path)


def test_the_pages_examples_give_what_they_say(
    samples_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index").symlink_to(samples_index)
    monkeypatch.chdir(tmp_path)
    found = doctest.testfile(str(ROOT / "docs/whoosh.md"), module_relative=False, encoding="utf-8")
    assert found.attempted > 10
    assert found.failed == 0


def test_an_index_without_sections_can_be_asked(tmp_path: Path) -> None:
    index = index_of(tmp_path)
    assert index.is_empty()
    with index.searcher() as searcher:
        for asked in (query.Every(), query.Term("text", "发展"), exact("发展"), query.Prefix("heading", "发")):
            assert len(searcher.search(asked, sortedby="year", groupedby="region")) == 0


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    index_of(tmp_path, "甲县优化营商环境，优化营商环境。\n", "乙县优化营商环境。\n")
    segment = engine_of(tmp_path / "index").segments[0].data.file
    start, end = segment.span("words.postings")
    content = bytearray(segment.path.read_bytes())
    content[start:end] = b"\xff" * (end - start)
    segment.path.write_bytes(content)
    index = open_whoosh(tmp_path / "index")
    with pytest.raises(policysearch.IndexUnusableError, match="corrupt"), index.searcher() as searcher:
        searcher.search(query.Term("text", "营商"))


PROBE = """
import sys
import policysearch
from whoosh import query, highlight, sorting
from whoosh.qparser import QueryParser
policysearch.open_whoosh(sys.argv[1])
sys.addaudithook(lambda event, _: sys.exit("something was unpickled") if event == "pickle.find_class" else None)
index = policysearch.open_whoosh(sys.argv[1])
with index.searcher() as searcher:
    asked = QueryParser("text", index.schema).parse('发展 OR "营商环境"')
    hits = searcher.search(asked, groupedby="region", terms=True)
    print(len(hits) > 10, len(hits[0].highlights("text")) > 5)
"""


def test_nothing_is_unpickled(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROBE, str(folder)],
        env=command_environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert (done.stdout, done.returncode) == ("True True\n", 0), done.stderr
