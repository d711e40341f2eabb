"""The order of hits: three ways to compute it give the same floats or the same order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import build_index
from pyroaring import BitMap

from policysearch import Index, open_index
from policysearch.engines.opening import open_store
from policysearch.engines.tree import Contains, MatchAll, ScoredGroup, Term
from policysearch.engines.whoosh.engine import WhooshEngine
from policysearch.engines.whoosh.live_segment import LiveSegment
from policysearch.engines.whoosh.ranking import PlainRanker, Weights
from policysearch.engines.whoosh.ranking_numpy import ArrayRanker, ArrayTerms
from policysearch.engines.whoosh.segment_reader import GRAMS, WORDS
from policysearch.indexing.refresh import refresh
from policysearch.query.parser import parse
from policysearch.search.hits import Hit, HitId
from policysearch.search.options import SearchOptions

pytestmark = pytest.mark.one_python

QUERIES = ("营商环境", "优化 营商环境", "数字经济 专精特新", "乡村振兴 产业 发展", "养老服务体系建设如何推进")


@pytest.fixture(scope="module")
def engine(samples_index: Path) -> WhooshEngine:
    engine = open_index(samples_index).engine
    assert isinstance(engine, WhooshEngine)
    return engine


def groups_of(engine: WhooshEngine, text: str) -> tuple[ScoredGroup, ...]:
    return open_index(engine.folder)._resolver.resolve(parse(text), "all").groups


def terms_of(engine: WhooshEngine, text: str) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(term for group in groups_of(engine, text) for term in group.terms))


@pytest.mark.parametrize("text", [*QUERIES, "发", "的 发展", "，，发展", "经济经济 经济"])
def test_plain_and_array_ranking_give_the_same_floats(engine: WhooshEngine, text: str) -> None:
    groups = groups_of(engine, text)
    sections = engine._weights(groups, engine._typed(groups, documents=False), 100.0, documents=False)
    documents = engine._weights(groups, engine._typed(groups, documents=True), 0.0, documents=True)
    for live in (*engine._live, LiveSegment(engine._live[0].data, [0, 2])):
        plain, arrays = PlainRanker(live), ArrayRanker(live)
        for group in sections.groups:
            assert plain.sections_having(group.text) == arrays.sections_having(group.text)
            assert plain.documents_having(group.text) == arrays.documents_having(group.text)
        for wanted in (live.all, live.select(Contains("发展")), BitMap(list(live.all)[::3])):
            for count in (None, 0, 1, 10):
                assert plain.sections(wanted, sections, count) == arrays.sections(wanted, sections, count)
                assert plain.documents(wanted, sections, documents, count) == arrays.documents(
                    wanted, sections, documents, count
                )


@pytest.mark.parametrize("text", ["发", "的", "发展", "经济", "高质量发展"])
def test_the_best_of_many_sections_are_found_among_few(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr("policysearch.engines.whoosh.ranking._MANY", 0)
    weights = Weights((engine._weighted_group(text, documents=False),), (100.0,))
    for live in (*engine._live, LiveSegment(engine._live[0].data, [0, 2])):
        plain, arrays = PlainRanker(live), ArrayRanker(live)
        for wanted in (live.all, live.with_text(text), BitMap(list(live.with_text(text))[::3])):
            for count in (1, 2, 10):
                assert plain.sections(wanted, weights, count) == arrays.sections(wanted, weights, count)
        assert len(plain._contenders(live.with_text(text), weights, 1)) < len(live.with_text(text))


@pytest.mark.parametrize("kind", [PlainRanker, ArrayRanker])
def test_a_text_is_not_found_in_the_halves_of_characters(tmp_path: Path, kind: type[PlainRanker]) -> None:
    text, straddling = "乜乙乚", "尀奎婎乎"
    assert text.encode("utf-16-le") in straddling.encode("utf-16-le")
    papers = tmp_path / "papers"
    papers.mkdir()
    for name, written in (
        ("a", f"{text}和{text}。"),
        ("b", f"乜乙。乙乚。{straddling}。"),
        ("c", f"{straddling}{text}。"),
    ):
        (papers / f"{name}.txt").write_text(written, encoding="utf-8")
    with open_index(build_index(papers, tmp_path / "index")) as index:
        assert isinstance(index.engine, WhooshEngine)
        (live,) = index.engine._live
        assert kind(live).sections_having(text) == len(live.with_text(text)) == 2
        assert index.ids(text, exact=True) == ["a.txt#1", "c.txt#1"]


def test_terms_are_looked_up_alike(engine: WhooshEngine) -> None:
    for live in (*engine._live, LiveSegment(engine._live[0].data, [0, 2])):
        arrays = ArrayTerms(live)
        for field in (WORDS, GRAMS):
            for term in (*live.data.terms(field), "没有", "没有这个词"):
                held = sorted((section, f) for f, sections in live.postings(field, term) for section in sections)
                found = (numbers.tolist() for numbers in arrays.postings(field, term))
                assert sorted(zip(*found, strict=True)) == held
                assert live.document_frequency(field, term) == arrays.document_frequency(field, term) == len(held)
                assert live.sections_with(field, term) == arrays.sections_with(field, term)


@pytest.mark.parametrize("sort", ["date", "-date", "year", "-year"])
@pytest.mark.parametrize("grouped", [False, True])
def test_plain_and_array_ranking_sort_alike(engine: WhooshEngine, sort: str, grouped: bool) -> None:
    for live in (*engine._live, LiveSegment(engine._live[0].data, [0, 2])):
        plain, arrays = PlainRanker(live), ArrayRanker(live)
        ranks = engine._ranks(live, sort)
        for wanted in (live.all, live.select(Contains("发展")), BitMap()):
            for count in (None, 0, 1, 10):
                assert plain.by_column(wanted, ranks, count, grouped) == arrays.by_column(wanted, ranks, count, grouped)


def test_a_few_sections_score_as_they_do_among_many(engine: WhooshEngine) -> None:
    groups = groups_of(engine, "优化 营商环境 发展")
    weighted = engine._weights(groups, engine._typed(groups, documents=False), 100.0, documents=False)
    for live in engine._live:
        whole = {best.section: best.score for best in ArrayRanker(live).sections(live.all, weighted, None)}
        some = BitMap(random.Random(1).sample(list(live.all), 5))
        found = {best.section: best.score for best in PlainRanker(live).sections(some, weighted, None)}
        assert found == {section: whole[section] for section in some}


def test_a_group_is_one_term_where_it_stands_as_typed_and_its_words_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    texts = ["低空经济低空经济。", "低空飞行，发展经济。", "低空经济，经济。", "没有别的。"]
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    refresh(open_store(tmp_path / "index"), [folder])
    with open_index(tmp_path / "index") as index:
        found = index.search("低空经济", explain=True)
        assert [hit.exact for hit in found.hits] == [True, True, False]
        assert (found.total, found.total_exact) == (3, 2)
        assert found.explanation is not None
        scored = [[part.term.field for part in told.parts if part.frequency] for told in found.explanation.hits]
        assert scored[:2] == [["text"], ["text"]]
        assert set(scored[2]) == {"words", "grams"}
        places = [part for told in found.explanation.hits for part in told.parts if part.term.field == "text"]
        assert [(part.frequency, part.document_frequency) for part in places] == [(2, 2), (1, 2), (0, 2)]
        for hit, told in zip(found.hits, found.explanation.hits, strict=True):
            assert hit.score == pytest.approx(told.score, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "typed", "places"), [("的的的的", "的的的", 2), ("经济经济经济", "经济经济", 2), ("的的", "的", 2)]
)
def test_overlapping_places_all_count_for_the_score(tmp_path: Path, text: str, typed: str, places: int) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "a.txt").write_text(f"说明{text}完毕。", encoding="utf-8")
    refresh(open_store(tmp_path / "index"), [folder])
    with open_index(tmp_path / "index") as index:
        engine = index.engine
        assert isinstance(engine, WhooshEngine)
        (live,) = engine._live
        assert list(live.places(typed).values()) == [places]
        assert ArrayRanker(live)._places(typed)[1].tolist() == [places]


def test_removed_documents_count_nowhere(engine: WhooshEngine) -> None:
    whole = engine._live[0]
    partly = LiveSegment(whole.data, [0, 2])
    gone = [s for s in whole.all if whole.data.document_of(s) in (0, 2)]
    assert gone
    assert not partly.all & BitMap(gone)
    assert partly.select(MatchAll()) == partly.all
    for name in (WORDS, GRAMS):
        sections, documents, total = whole.lengths(name)
        lengths = whole.data.lengths[name]
        assert partly.lengths(name) == (
            sections - sum(lengths[s] > 0 for s in gone),
            documents - 2,
            total - sum(lengths[s] for s in gone),
        )
    for text in ("发展", "发", "营商环境"):
        assert partly.select(Contains(text)) == whole.select(Contains(text)) & partly.all


def test_a_section_that_is_only_a_heading_stands_after_those_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    text = "某县政府工作报告\n\n一、植树造林\n\n二、植树造林工作\n\n植树造林工作有序开展，全年完成任务，群众满意。\n"
    (folder / "报告.txt").write_text(text, encoding="utf-8")
    refresh(open_store(tmp_path / "index"), [folder])
    hits = open_index(tmp_path / "index").search("植树造林").hits
    assert [hit.heading for hit in hits] == ["植树造林工作", "植树造林"]


def names(index: Index, limit: int | None, offset: int = 0) -> Iterator[HitId]:
    return index.search_names("优化营商环境", SearchOptions(limit, offset, duplicates="show"))[1]


@pytest.mark.parametrize("document_frequency", [0, 9, 25, 60, 200, 300])
def test_the_first_hits_are_those_of_all_however_many_hold_the_group(tmp_path: Path, document_frequency: int) -> None:
    # 化营 stands in all of them, and so nothing but a look tells where the group stands as it was typed
    rng = random.Random(document_frequency)
    texts = ["绿化营区，优化政务服务，改善营商环境" + "，持续改进" * rng.randrange(9) + "。" for _ in range(300)]
    for at in rng.sample(range(300), document_frequency):
        texts[at] = "绿化营区，优化营商环境" + "，持续改进" * rng.randrange(9) + "。"
    folder = tmp_path / "papers"
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    refresh(open_store(tmp_path / "index"), [folder])
    with open_index(tmp_path / "index") as index:
        for _ in range(2):  # without numpy, then with it
            whole = [*names(index, limit=None)]
            assert len(whole) == 300
            for count in (1, 2, 3, 10, 30, 99):
                assert [*names(index, limit=count)] == whole[:count]
            assert [*names(index, limit=5, offset=5)] == whole[5:10]
            index.prepare()


@pytest.mark.parametrize("sort", ["score", "date", "-year", "document"])
@pytest.mark.parametrize("group", ["section", "document"])
def test_equal_hits_of_several_segments_are_in_order_of_their_ids(tmp_path: Path, sort: str, group: str) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    names = [f"{number:02d}" for number in range(72)]
    random.Random(1).shuffle(names)
    for several in (names[:60], names[60:70], names[70:]):  # so different in size that they are not joined
        for name in several:
            year = f"{2020 + int(name) % 3}年" if int(name) % 4 else ""
            (folder / f"{name}.txt").write_text(f"某县{year}工作报告\n\n优化营商环境。\n", encoding="utf-8")
        refresh(open_store(tmp_path / "index"), [folder])
    with open_index(tmp_path / "index") as index:
        assert isinstance(index.engine, WhooshEngine)
        assert len(index.engine._live) == 3
        hits = index.search("营商环境", limit=None, sort=sort, group=group, duplicates="show").hits
        assert len(hits) == 72

        def order(hit: Hit) -> tuple[object, ...]:
            value = {"score": -hit.score, "date": hit.date or "9", "-year": -(hit.year or 0), "document": 0}[sort]
            return value, hit.document_id

        assert [hit.document_id for hit in hits] == [hit.document_id for hit in sorted(hits, key=order)]
        assert len({order(hit)[0] for hit in hits}) < 5
        page = index.search("营商环境", limit=20, offset=30, sort=sort, group=group, duplicates="show").hits
        assert [hit.document_id for hit in page] == [hit.document_id for hit in hits[30:50]]


@pytest.mark.parametrize("several", [False, True], ids=["one segment", "two segments"])
def test_a_year_alone_counts_from_its_first_day_in_every_order(tmp_path: Path, several: bool) -> None:
    days = {"a": "2023", "b": "2023-05-01", "c": "2023-02-03", "d": "2024-01-02", "e": "2024", "f": "2022-12-31"}
    folder = tmp_path / "papers"
    folder.mkdir()
    rows = [f"{name}.txt,{name},{day[:4]},{day if '-' in day else '-'}\n" for name, day in days.items()]
    (folder / "metadata.csv").write_text("source,title,year,date\n" + "".join(rows), encoding="utf-8")
    for names in ("ab", "cdef") if several else ("abcdef",):
        for name in names:
            (folder / f"{name}.txt").write_text(f"优化营商环境{name}。\n", encoding="utf-8")
        refresh(open_store(tmp_path / "index"), [folder])
    with open_index(tmp_path / "index", prepare=False) as index:
        for sort, order in (("date", "facbed"), ("-date", "debcaf")):
            for _ in range(6):  # the later ones with numpy
                for group in ("section", "document"):
                    found = index.search("优化", sort=sort, group=group, duplicates="show").hits
                    assert "".join(hit.title or "" for hit in found) == order, (sort, group)
            assert "".join(row.title or "" for row in index.documents(sort=sort)) == order
            lines = index.kwic("优化", sort=sort, duplicates="show").lines
            assert "".join(line.title or "" for line in lines) == order


@pytest.mark.parametrize("sort", ["date", "-date", "year", "-year", "document"])
def test_a_document_is_shown_by_its_best_section_in_any_order(tmp_path: Path, sort: str) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for name in ("ab", "cde"):  # two segments
        for year, one in enumerate(name, start=2020):
            text = f"某县{year}年工作报告\n\n一、回顾\n谈到优化。另有多项工作。\n二、计划\n优化环境，优化服务。\n"
            (folder / f"{one}.txt").write_text(text, encoding="utf-8")
        refresh(open_store(tmp_path / "index"), [folder])
    with open_index(tmp_path / "index", prepare=False) as index:
        for _ in range(6):  # the later ones with numpy
            for query in ("优化", "优化 -不在", "优化 OR 计划"):
                by_score = index.search(query, group="document", limit=None, duplicates="show")
                best = {hit.document_id: hit.section_id for hit in by_score.hits}
                assert all(name.endswith("#3") for name in best.values())
                found = index.search(query, group="document", limit=None, sort=sort, duplicates="show")
                assert {hit.document_id: hit.section_id for hit in found.hits} == best
                assert [(hit.score, hit.sections) for hit in found.hits] == [(0.0, 2)] * 5
                page = index.search(query, group="document", limit=2, offset=1, sort=sort, duplicates="show")
                assert [hit.section_id for hit in page.hits] == [hit.section_id for hit in found.hits[1:3]]


@pytest.mark.parametrize("text", ["的", "优化度", "的的的", "的一的"])
def test_more_places_than_postings_have_score_alike(tmp_path: Path, text: str) -> None:
    long = f"第一条　{'的' * 70_000}。\n第二条　{'的一' * 40_000}{'的二' * 40_000}。\n第三条　{'优化度' * 70_000}。\n"
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "a.txt").write_text(f"某某条例\n\n{long}第四条　优化度的说法，的的的。\n", encoding="utf-8")
    with open_index(build_index(tmp_path / "sources", tmp_path / "index"), prepare=False) as index:
        plain = [index.search(text, exact=True, group=group) for group in ("section", "document")]
    with open_index(tmp_path / "index") as index:
        arrays = [index.search(text, exact=True, group=group) for group in ("section", "document")]
    for one, other in zip(plain, arrays, strict=True):
        assert [(hit.section_id, hit.score) for hit in one.hits] == [(hit.section_id, hit.score) for hit in other.hits]
        assert one.total == other.total > 0
        assert all(hit.score > 0 for hit in one.hits)
