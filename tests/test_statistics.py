"""Corpus statistics: figures are those of count and of published examples, with real indexes and the real command."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from conftest import Run, build_index
from hypothesis import example, given
from hypothesis import strategies as st

from policysearch import open_index
from policysearch.corpus.counting import count
from policysearch.corpus.statistics import measures, neighbourhood, posting_words, string_counter, window_text
from policysearch.corpus.statistics.collocates import collocates
from policysearch.corpus.statistics.dispersion import dispersed
from policysearch.corpus.statistics.keywords import keywords
from policysearch.corpus.statistics.ngrams import ngrams
from policysearch.corpus.statistics.selection import Selection
from policysearch.corpus.statistics.string_counter import StringCounter
from policysearch.corpus.statistics.tally import tally
from policysearch.corpus.statistics.window_text import WindowText
from policysearch.engines.joined_texts import JoinedTexts
from policysearch.engines.protocol import DocumentTexts, JoinsTexts, KeepsFrequencies
from policysearch.engines.tree import Contains, MatchAll, Node
from policysearch.engines.whoosh import edited_lines
from policysearch.engines.whoosh.text_edits import EditedText, edits
from policysearch.errors import InputError, QueryError
from policysearch.frozen import replace
from policysearch.index import Index
from policysearch.text.code_points import code_points
from policysearch.text.folding import reduce, reduce_with_offsets
from policysearch.text.shown import ShownText


def report(year: int, place: str, *parts: str) -> tuple[str, str]:
    """Return the name of a work report, and its text: a heading and a paragraph in turn."""
    title = f"{year}年{place}政府工作报告"
    return f"{title}.txt", "\n\n".join([title, *parts]) + "\n"


REPORTS = dict(
    [
        report(
            2023,
            "云岭省",
            "一、2023年工作安排",
            "优化营商环境，发展数字经济。数字经济要做大做强。人人参与，天天向上。",
            "二、改革",
            "深化改革，优化营商环境！改革不停步；市场主体增加。",
        ),
        report(
            2024,
            "云岭省",
            "一、2024年工作安排",
            "发展新质生产力，培育新质生产力，让新质生产力落地。优化营商环境要见效。",
            "二、改革",
            "新质生产力与改革同行，数字经济稳步增长。",
        ),
        report(
            2024,
            "松岑市",
            "一、2024年工作安排",
            "加快新质生产力布局。因地制宜发展新质生产力。",
            "二、环境",
            "持续优化营商环境\n生态环境改善。优质服务不断线。",
        ),
        report(
            2024,
            "竹源县",
            "一、2024年工作安排",
            "以新质生产力为引领，新质生产力带动产业升级。",
            "二、环境",
            "优化营商环境，优化政务环境。产业升级加快。",
        ),
        report(2026, "竹源县", "一、2026年工作安排", "产业升级取得成效，改革深化。"),
    ]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("statistics")
    for name, text in REPORTS.items():
        (root / name).write_text(text, encoding="utf-8")
    return build_index(root, tmp_path_factory.mktemp("statistics-index"))


@pytest.fixture
def index(folder: Path) -> Iterator[Index]:
    with open_index(folder) as opened:
        yield opened


class WithoutPostings:
    """An engine of which only texts can be asked, as one on a cluster."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        if name in ("frequencies", "joined_texts"):
            raise AttributeError(name)
        return getattr(self._engine, name)


@pytest.fixture
def by_texts(index: Index, monkeypatch: pytest.MonkeyPatch) -> Index:
    """The same index with an engine that keeps no frequencies."""
    monkeypatch.setattr(index, "engine", WithoutPostings(index.engine))
    assert not isinstance(index.engine, KeepsFrequencies)
    return index


# measures


@pytest.mark.parametrize(
    ("together", "first", "second", "neither", "published"),
    [
        # T. Dunning (1993), table 1, and what scipy.stats.chi2_contingency(lambda_="log-likelihood") gives of it
        pytest.param(110, 2442, 111, 29114, 270.721876936225, id="the swiss"),
        pytest.param(29, 13, 123, 31612, 263.89662606755917, id="can be"),
        pytest.param(31, 23, 139, 31584, 256.8365015793119, id="previous year"),
        pytest.param(10, 0, 3, 31764, 167.22980391051257, id="mineral water"),
        pytest.param(76, 104, 2476, 29121, 157.2123731721048, id="at the"),
    ],
)
def test_log_likelihood_is_the_published_one(
    together: int, first: int, second: int, neither: int, published: float
) -> None:
    total = together + first + second + neither
    found = measures.log_likelihood(together, together + first, together + second, total)
    assert found == pytest.approx(published, rel=1e-9)


@pytest.mark.parametrize(
    ("statistic", "p"),
    [(0.5, 0.47950012218695337), (3.841458820694124, 0.05), (50, 1.537459794428033e-12), (700, 2.990226975124623e-154)],
)
def test_p_is_that_of_chi_square(statistic: float, p: float) -> None:
    assert measures.p_value(statistic) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(
    ("counts", "ratio", "low", "high"),
    [
        # statsmodels.stats.contingency_tables.Table2x2: log_riskratio and its interval, in bits
        pytest.param((120, 10000, 40, 12000), 1.84799690655495, 1.333166254190132, 2.362827558919768, id="more often"),
        pytest.param((5, 1000, 9, 1500), -0.2630344058337938, -1.8359809913823852, 1.3099121797147975, id="unsure"),
        pytest.param((40, 12000, 120, 10000), -1.84799690655495, -2.362827558919768, -1.333166254190132, id="less"),
    ],
)
def test_log_ratio_and_its_bound_are_those_of_a_relative_risk(
    counts: tuple[int, int, int, int], ratio: float, low: float, high: float
) -> None:
    bound = low if low > 0 else high if high < 0 else 0.0
    assert measures.log_ratio(*counts) == pytest.approx(ratio, rel=1e-9)
    assert measures.log_ratio_conservative(*counts) == pytest.approx(bound, rel=1e-9)


def test_a_count_of_zero_is_half_a_place_in_a_ratio_and_no_text_is_no_ratio() -> None:
    assert measures.log_ratio(8, 1000, 0, 1000) == pytest.approx(4)
    assert measures.log_ratio(8, 1000, 0, 0) is None
    assert measures.log_ratio_conservative(8, 0, 1, 5) is None


def test_log_dice_is_14_for_two_that_stand_only_together_and_one_less_for_half_of_that() -> None:
    assert measures.log_dice(20, 20, 20) == 14
    assert measures.log_dice(10, 20, 20) == 13
    assert measures.log_dice(0, 20, 20) is None


def test_deviation_of_proportions_is_that_of_gries() -> None:
    # S. Th. Gries (2008): five parts of 9, 10, 10, 10 and 11 words, in which "a" stands 1, 2, 3, 4 and 5 times
    parts = [(1, 9), (2, 10), (3, 10), (4, 10), (5, 11)]
    assert measures.proportion_deviation(parts) == pytest.approx(0.18, abs=1e-12)
    assert measures.proportion_deviation([(0, 5), (0, 6)]) is None


# counting


class Texts:
    """Stands for an engine that has these documents."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._documents = documents

    def texts(self, node: Node) -> Iterator[DocumentTexts]:
        for at, sections in enumerate(self._documents):
            known = {"document_id": f"d{at}", "duplicate_of": None}
            reduced = tuple(map(reduce, sections))
            yield DocumentTexts(known, ("body",) * len(reduced), reduced, line_breaks=partial(no_breaks, reduced))


def no_breaks(texts: Sequence[str]) -> Sequence[Sequence[int]]:
    """Return the line breaks of texts that have none."""
    return [()] * len(texts)


def selection_of(documents: Sequence[Sequence[str]]) -> Selection:
    return Selection(Texts(documents), MatchAll())  # type: ignore[arg-type]


FEW = st.text("人民天1", min_size=1, max_size=12)
DOCUMENTS = st.lists(st.lists(FEW, min_size=1, max_size=3), min_size=1, max_size=6)


@given(DOCUMENTS, st.sets(st.text("人民天1", min_size=1, max_size=5), max_size=12), st.integers(1, 2))
def test_many_strings_are_counted_as_count_does(documents: list[list[str]], strings: set[str], jobs: int) -> None:
    selection = selection_of(documents)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(string_counter, "_PIECE", 5)
        found = tally(selection, StringCounter(sorted(strings)), jobs)
    scanned = [reduce(text) for sections in documents for text in sections]
    assert found.occurrences.tolist() == [sum(text.count(one) for text in scanned) for one in sorted(strings)]
    having = [sum(any(one in reduce(t) for t in sections) for sections in documents) for one in sorted(strings)]
    assert found.documents.tolist() == having
    if strings:
        counts = count(selection.engine, MatchAll(), sorted(strings))
        assert [one.occurrences for one in counts] == found.occurrences.tolist()
        assert (counts.documents, counts.sections, counts.characters) == tuple(
            getattr(found.totals, name) for name in ("documents", "sections", "characters")
        )


@given(st.lists(st.text("人民天x，", min_size=1, max_size=20), min_size=1, max_size=5))
def test_ngrams_are_maximal_and_counted_at_all_places(texts: list[str]) -> None:
    found = ngrams(selection_of([[text] for text in texts]), None, 2)
    runs = [run for text in texts for run in re.findall(r"[^\W_]{2,}", reduce(text))]
    places = Counter(run[i:j] for run in runs for i in range(len(run)) for j in range(i + 1, len(run) + 1))
    strings = {found.string(at): int(found.first[at]) for at in range(len(found.start))}
    for string, times in strings.items():
        assert len(string) >= 2
        assert times == places[string] >= 2
        longer = [n for one, n in places.items() if len(one) == len(string) + 1 and string in one]
        assert max(longer, default=0) < math.ceil(0.9 * times)


@example("1\n1")
@given(st.text("人a 1\n\r\t。, \u3000", max_size=30))
def test_line_breaks_are_the_same_with_and_without_the_text(text: str) -> None:
    reduced = reduce_with_offsets(text)
    edited = EditedText(reduced.text, edits(text, reduced))
    assert edited.text == text
    assert edited.line_breaks == ShownText(text, reduced.text).line_breaks


@pytest.mark.parametrize("at_once", [2, 4_000])
@given(texts=st.lists(st.text("人a 1\n\r\t。,é\ud800😀\u3000", max_size=300), max_size=5))
def test_line_breaks_of_many_texts_are_those_of_each(texts: list[str], at_once: int) -> None:
    reduced = [reduce_with_offsets(text) for text in texts]
    held = [edits(text, one) for text, one in zip(texts, reduced, strict=True)]
    ends = np.cumsum([0, *map(len, held)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edited_lines, "_AT_ONCE", at_once)
        before, place = edited_lines.edited_lines(memoryview(b"".join(held)), ends)
    assert len(before) == len(texts) + 1
    assert len(place) == before[-1]
    for number, (one, piece) in enumerate(zip(reduced, held, strict=True)):
        found = place[before[number] : before[number + 1]].tolist()
        assert found == sorted(found)
        assert {at for at in found if at < len(one.text)} == set(EditedText(one.text, piece).line_breaks)


@pytest.mark.parametrize("characters", [1, 40, 10_000])
def test_joined_texts_are_those_of_the_documents(tmp_path: Path, characters: int) -> None:
    texts = dict(REPORTS, **{"a.txt": "一、改革\n😀开放\n𠀀改革。\n\n二、发展\n开放。", "b.txt": "没有"})
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with open_index(build_index(tmp_path, tmp_path / "index")) as index:
        for node in (MatchAll(), Contains("改革"), Contains("长江大桥")):
            for accepts in (None, lambda document: document["document_id"] != "b.txt"):
                expected = Counter(
                    (document.reduced, tuple(tuple(one) for one in document.line_breaks()))
                    for document in index.engine.texts(node)
                    if accepts is None or accepts(document.document)
                )
                found: Counter[Any] = Counter()
                assert isinstance(index.engine, JoinsTexts)
                for joined in index.engine.joined_texts(node, accepts, characters):
                    found.update(documents_of(joined))
                assert found == expected


def documents_of(joined: JoinedTexts) -> Iterator[tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]]:
    """Yield the sections' texts of each document, and their line breaks."""
    lines = joined.lines()
    text = "".join(map(chr, joined.codes.tolist()))
    sections = []
    for start, size in zip(joined.starts.tolist(), joined.sizes.tolist(), strict=True):
        assert text[start + size] == "\0"
        inside = lines[(lines >= start) & (lines < start + size)] - start
        sections.append((text[start : start + size], tuple(inside.tolist())))
    assert sum(joined.documents) == len(sections)
    assert joined.document_sizes.sum() == len(text)
    for many in joined.documents.tolist():
        own, sections = sections[:many], sections[many:]
        yield tuple(one for one, _ in own), tuple(places for _, places in own)


# words and key words


@pytest.mark.parametrize("unit", ["word", "ngram"])
def test_key_words_have_the_figures_of_count(index: Index, unit: str) -> None:
    found = index.keywords(where="year:2024", unit=unit, min_documents=1, limit=None)
    assert found
    a, b = (index.count([one.term for one in found], where=where) for where in ("year:2024", "-year:2024"))
    assert [one.occurrences for one in found] == [one.occurrences for one in a]
    assert [one.reference for one in found] == [one.occurrences for one in b]
    assert [one.documents for one in found] == [one.documents for one in a]
    assert [one.reference_documents for one in found] == [one.documents for one in b]
    assert [one.per_10000 for one in found] == [one.per_10000 for one in a]
    totals = found.totals()
    assert (totals["characters"], totals["reference_characters"]) == (a.characters, b.characters)
    for one in found:
        both = one.occurrences + one.reference
        statistic = measures.log_likelihood(one.occurrences, both, a.characters, a.characters + b.characters)
        assert one.log_likelihood == statistic
    assert [(-one.log_likelihood, one.term) for one in found] == sorted((-o.log_likelihood, o.term) for o in found)


def test_a_repeated_string_comes_out_whole(index: Index) -> None:
    terms = [one.term for one in index.keywords(where="year:2024", unit="ngram")]
    assert terms[0] == "新质生产力"
    assert not {"质生产力", "新质生产", "生产力"} & set(terms)
    assert "优化营商环境" in [one.term for one in index.words(unit="ngram", min_documents=4)]


def test_a_string_that_is_seldom_cut_as_a_word_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("中国发展很快。中国发展很好。国发文件。中国发展。中国发展。", encoding="utf-8")
    with open_index(build_index(tmp_path, tmp_path / "index")) as index:
        words = {one.term: one.occurrences for one in index.words()}
    assert words["中国"] == words["发展"] == 4
    assert "国发" not in words


def test_negative_key_words_are_what_is_said_less_often(index: Index) -> None:
    more = index.keywords(where="year:2023", against="year:2024", min_documents=1, limit=None)
    less = index.keywords(where="year:2024", against="year:2023", min_documents=1, limit=None, negative=True)
    assert [one.term for one in more] == [one.term for one in less]
    assert all(one.log_ratio is not None and one.log_ratio < 0 for one in less)


def test_key_words_by_documents_compare_documents(index: Index) -> None:
    (found,) = [one for one in index.keywords(where="year:2024", by="documents") if one.term == "环境"]
    assert (found.documents, found.reference_documents) == (3, 1)
    assert found.log_likelihood == measures.log_likelihood(3, 4, 3, 5)


def test_min_documents_and_stop_leave_out_terms(index: Index) -> None:
    every = {one.term for one in index.words()}
    frequent = index.words(min_documents=4)
    assert {one.term for one in frequent} < every
    assert min(one.documents for one in frequent) >= 4
    assert {one.term for one in index.words(stop=["營商", "2024"])} == every - {"营商", "2024"}


def test_where_there_are_few_documents_a_key_word_is_in_all_of_them(index: Index) -> None:
    documents = len(index.documents(filters={"year": 2024}))
    assert documents
    found = index.keywords(where="year:2024", against="year:2023", min_documents=documents + 5, limit=None)
    assert len(found)
    assert {one.documents for one in found} == {documents}


def test_the_limit_cuts_the_same_list(index: Index) -> None:
    for unit in ("word", "ngram"):
        whole = [*index.words(unit=unit, limit=None)]
        assert [*index.words(unit=unit, limit=5)] == whole[:5]
        assert index.words(unit=unit, limit=0) == replace(index.words(unit=unit, limit=None), terms=())
        sides = index.keywords(where="year:2024", unit=unit)
        assert index.keywords(where="year:2024", unit=unit, limit=0) == replace(sides, terms=())


def test_any_number_of_jobs_gives_the_same(index: Index) -> None:
    for jobs in (1, 2, 5):
        assert index.words(jobs=jobs) == index.words()
        assert index.keywords(where="year:2024", jobs=jobs) == index.keywords(where="year:2024")


def test_an_engine_without_postings_gives_the_same(folder: Path, by_texts: Index) -> None:
    with open_index(folder) as index:
        for options in (
            {},
            {"where": "改革"},
            {"where": "NOT 改革"},
            {"document": ["2024*"]},
            {"filters": {"level": "县级"}},
        ):
            assert by_texts.words(limit=None, **options) == index.words(limit=None, **options)
            asked: dict[str, Any] = {"min_together": 1, "limit": None, **options}
            assert by_texts.collocates("营商环境", **asked) == index.collocates("营商环境", **asked)
        assert by_texts.keywords(where="year:2024") == index.keywords(where="year:2024")
        for limit in (1, 3):
            few = index.collocates("环境", min_together=1, limit=limit)
            assert few.terms == index.collocates("环境", min_together=1, limit=None).terms[:limit]


def test_a_string_that_begins_in_the_middle_of_a_stored_character_is_no_place(tmp_path: Path) -> None:
    text, string = "兑剓呕六卑啒乔兑剓呕", "兑剓呕"
    assert text.encode("utf-16-le").count(string.encode("utf-16-le")) == 3
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with open_index(build_index(tmp_path, tmp_path / "index")) as index:
        assert isinstance(index.engine, KeepsFrequencies)
        assert index.engine.frequencies(MatchAll()).of([string, "六卑啒乔"]) == [2, 1]


def test_removed_documents_are_not_counted(tmp_path: Path) -> None:
    root = tmp_path / "sources"
    root.mkdir()
    for name, text in REPORTS.items():
        (root / name).write_text(text, encoding="utf-8")
    folder = build_index(root, tmp_path / "index")
    (root / "2024年松岑市政府工作报告.txt").unlink()
    build_index(root, folder)
    fresh = build_index(root, tmp_path / "fresh")
    with open_index(folder) as updated, open_index(fresh) as new:
        assert updated.words(limit=None) == new.words(limit=None)
        assert updated.collocates("环境", min_together=1) == new.collocates("环境", min_together=1)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="nothing to compare"),
        pytest.param({"where": "year:1990"}, id="an empty selection"),
        pytest.param({"where": "year:2024", "against": "year:1990"}, id="an empty reference"),
        pytest.param({"where": "year:2024", "unit": "line"}, id="an unknown unit"),
        pytest.param({"where": "year:2024", "by": "year"}, id="an unknown basis"),
        pytest.param({"where": "year:2024", "min_documents": 0}, id="no document"),
        pytest.param({"where": "year:2024", "limit": -1}, id="less than none"),
    ],
)
def test_what_cannot_be_compared_is_an_error(index: Index, options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        index.keywords(**options)


@pytest.mark.parametrize("patterns", [["2024*"], ["2024*松岑*", "2023*"]])
def test_documents_alone_are_compared_with_all_others(
    index: Index, run: Run, folder: Path, patterns: list[str]
) -> None:
    alone = index.keywords(document=patterns)
    assert alone == index.keywords(where=" OR ".join(f"document:{one}" for one in patterns))
    assert (alone.overlap, alone.terms != ()) == (0, True)
    assert alone.selection.documents + alone.reference.documents == index.count("改革").documents
    options = [part for one in patterns for part in ("--document", one)]
    done = run("keywords", *options, "--format", "json", "-i", folder)
    assert [row["term"] for row in json.loads(done.stdout)["rows"]] == [one.term for one in alone.terms]


def test_overlapping_sides_are_told(index: Index) -> None:
    assert index.keywords(where="year:2024", against="year:2024 OR year:2023").overlap > 0
    assert index.keywords(where="year:2024", against="year:2023").overlap == 0
    chosen = index.keywords(where="year:2024", against="type:政府工作报告", document="2024*松岑*")
    assert chosen.overlap == chosen.selection.sections > 0
    within = index.keywords(filters={"year": "2024"}, document=["*云岭*"])
    assert (within.selection.documents, within.reference.documents, within.overlap) == (1, 1, 0)
    selection = Selection(index.engine, MatchAll())
    assert keywords(selection, selection).terms == ()  # nothing is said more often than by itself


# collocates


def sentences_with(index: Index, phrase: str) -> list[str]:
    texts = [section.text for section in index.engine.stream(MatchAll())]
    pieces = [reduce(piece) for text in texts for piece in re.split(r"(?<=[。！？；])|\n", text)]
    return [piece for piece in pieces if phrase in piece]


def test_collocates_stand_in_the_sentences_of_the_phrase(index: Index) -> None:
    found = index.collocates("营商环境", min_together=1)
    windows = [sentence.replace("营商环境", "\0") for sentence in sentences_with(index, "营商环境")]
    characters = index.count("环境").characters
    assert found.occurrences == sum(window.count("\0") for window in windows) == 5
    size = found.window_characters
    assert size == sum(len(re.findall(r"[一-鿿]", window)) for window in windows)
    assert {"优化", "持续", "见效"} <= {one.term for one in found}
    for one in found:
        (anywhere,) = [row.occurrences or 0 for row in index.count(one.term)]
        assert one.together == sum(window.count(one.term) for window in windows) == one.left + one.right
        assert one.expected == pytest.approx(size * anywhere / characters, rel=1e-12)
        assert one.mi == pytest.approx(math.log2(one.together / one.expected), rel=1e-9)
        assert one.log_dice == measures.log_dice(one.together, found.occurrences, anywhere)
        assert one.log_likelihood == measures.log_likelihood(one.together, size, anywhere, characters)
    assert [(-(one.log_dice or 0), one.term) for one in found] == sorted((-(o.log_dice or 0), o.term) for o in found)


def test_collocates_know_the_side_of_the_nearest_phrase(tmp_path: Path) -> None:
    text = "发展经济，经济发展，改革开放与发展。\n开放。改革发展"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with open_index(build_index(tmp_path, tmp_path / "index")) as index:
        sides = {one.term: (one.left, one.right) for one in index.collocates("发展", min_together=1)}
        near = {one.term: (one.left, one.right) for one in index.collocates("发展", window=3, min_together=1)}
    # the first 经济 stands behind the first 发展, the second before the second one
    assert sides["经济"] == (1, 1)
    assert sides["改革"] == (1, 1)
    assert sides["开放"] == (1, 0)
    assert near["开放"] == (1, 1)  # a window of characters continues after the end of a sentence
    assert "发展" not in sides


@pytest.mark.parametrize("first", [1, 20])
def test_the_first_collocates_are_the_first_of_all(index: Index, first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbourhood, "_SHARE", first)
    monkeypatch.setattr(neighbourhood, "_LOWER", 2)
    for window in ("sentence", 20):
        every = index.collocates("发展", window=window, limit=None, min_together=1)
        assert len(every.terms) > 5
        for limit in (0, 1, 3, 10):
            some = index.collocates("发展", window=window, limit=limit, min_together=1)
            assert some.terms == every.terms[:limit]


WORDS = [a + b for a in "甲乙丙丁" for b in ("", "甲", "乙", "丁", "甲乙", "甲甲", "甲乙甲")]


@pytest.mark.parametrize("most_counted", [0, 1_000_000])
@given(
    st.lists(st.lists(st.tuples(st.sampled_from("甲乙丙\0"), st.booleans()), max_size=60), max_size=3),
    st.integers(1, 3),
)
def test_the_frequency_of_a_word_is_bounded_by_its_pairs(
    most_counted: int, marked: list[list[tuple[str, bool]]], least: int
) -> None:
    texts = ["".join([character for character, _ in one]) for one in marked]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window_text, "_MOST_COUNTED", most_counted)
        patch.setattr(window_text, "_PIECE", 7)
        patch.setattr(window_text, "_WORDS", 5)
        codes = [np.frombuffer(f"{text}\0".encode("utf-16-le"), "<u2") for text in texts]
        sides = [np.array([*[side for _, side in one], False]) for one in marked]
        held = WindowText(codes, sides, least)
        lengths = np.array([len(word) for word in WORDS])
        most = held.at_most(code_points("".join(WORDS)), lengths).tolist()
        pairs = [word for word in WORDS if len(set(word)) == len(word) == 2]
        beside = held.beside(code_points("".join(pairs))).tolist()
    for word, bound in zip(WORDS, most, strict=True):
        times = sum(text.count(word) for text in texts)
        assert times <= bound or (bound < least and times < least)
        if len(set(word)) == len(word) < 3 and times >= least:
            assert times == bound
            if word in pairs:
                on_the_side = sum(
                    one[at][1] for one, text in zip(marked, texts, strict=True) for at in places_of(word, text)
                )
                assert beside[pairs.index(word)] == on_the_side


def places_of(word: str, text: str) -> list[int]:
    return [one.start() for one in re.finditer(word, text)]


@pytest.mark.parametrize(("phrase", "window"), [("发展", "sentence"), ("的", "sentence"), ("改革的", 4), ("的", 1)])
def test_collocates_are_those_of_each_sentence(tmp_path: Path, phrase: str, window: str | int) -> None:
    random = Random(1)
    pieces = [
        "发展",
        "改革",
        "经济",
        "的",
        "天天",
        "在",
        "数字经济",
        "，",
        "。",
        "！",
        "；",
        "\n",
        "高质量",
        "改革的",
        "国",
    ]
    for name in range(6):
        text = "\n\n".join("".join(random.choices(pieces, k=90)) for _ in range(5))
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    with open_index(build_index(tmp_path, tmp_path / "index")) as index:
        found = index.collocates(phrase, window=window, limit=None, min_together=1)
        texts = [section.text for section in index.engine.stream(MatchAll())]
    if window == "sentence":
        texts = [piece for text in texts for piece in re.split(r"(?<=[。！？；])|\n", text)]
    hidden: list[tuple[str, list[int]]] = []  # the windows without the phrase, and where it was
    for text in map(reduce, texts):
        for start, end, nodes in windows_of(text, phrase, window):
            hidden.append((re.sub(phrase, "\0" * len(phrase), text[start:end]), nodes))
    assert len(found) > 5
    for one in found:
        left = together = 0
        for text, nodes in hidden:
            for place in re.finditer(re.escape(one.term), text):
                gaps = [(max(node - place.end(), place.start() - node - len(phrase)), node) for node in nodes]
                together += 1
                left += min(gaps)[1] >= place.end()
        assert (one.together, one.left, one.right) == (together, left, together - left)


@given(DOCUMENTS, st.sampled_from(["人", "天天", "人民", "民天"]), st.sampled_from(["sentence", 1, 3]), st.data())
def test_collocates_are_those_of_windows_read_one_by_one(
    documents: list[list[str]], phrase: str, window: str | int, data: st.DataObject
) -> None:
    texts = [reduce(text) for sections in documents for text in sections]
    strings = {text[i:j] for text in texts for i in range(len(text)) for j in range(i + 1, min(i + 5, len(text) + 1))}
    cut = {string: sum(text.count(string) for text in texts) for string in strings}
    limit, least = data.draw(st.sampled_from([None, 1, 3])), data.draw(st.integers(1, 2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbourhood, "cut_words", lambda selection: cut)
        found = collocates(selection_of(documents), phrase, window=window, limit=limit, min_together=least)
    together: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for text in texts:
        for start, end, nodes in windows_of(text, phrase, window):
            hidden = re.sub(phrase, "\0" * len(phrase), text[start:end])
            for string in strings - {phrase}:
                for one in re.finditer(re.escape(string), hidden):
                    together[string] += 1
                    gaps = [(max(node - one.end(), one.start() - node - len(phrase)), node) for node in nodes]
                    left[string] += min(gaps)[1] >= one.end()
    expected = {string: (times, left[string]) for string, times in together.items() if times >= least}
    assert {one.term: (one.together, one.left) for one in found if limit is None} == (expected if limit is None else {})
    for one in found:
        assert (one.together, one.left) == expected[one.term]
    best = sorted(expected, key=lambda word: (-2 * expected[word][0] / (found.occurrences + cut[word]), word))
    assert [one.term for one in found] == best[:limit]


def windows_of(text: str, phrase: str, window: str | int) -> Iterator[tuple[int, int, list[int]]]:
    """Yield start and end of each window of a text, and the places of the phrase inside, from its start."""
    nodes = [one.start() for one in re.finditer(phrase, text)]
    whole = window == "sentence"  # these texts are of one sentence
    spans = [
        (0 if whole else max(0, at - int(window)), len(text) if whole else at + len(phrase) + int(window))
        for at in nodes
    ]
    while spans:
        (start, end), many = spans[0], 1
        while many < len(spans) and spans[many][0] <= end:
            end, many = spans[many][1], many + 1
        yield start, end, [at - start for at in nodes[:many]]
        spans, nodes = spans[many:], nodes[many:]


def test_a_phrase_that_stands_nowhere_has_no_collocates(index: Index) -> None:
    found = index.collocates("长江大桥")
    assert (found.terms, found.occurrences) == ((), 0)
    with pytest.raises(QueryError):
        index.collocates(" ")
    with pytest.raises(InputError):
        index.collocates("环境", window="paragraph")
    with pytest.raises(InputError):
        index.collocates("环境", window=0)


# dispersion, trend, matrix


def test_dispersion_adds_to_what_count_says(index: Index) -> None:
    plain = index.count(["改革", "数字经济", "长江"], by="level")
    spread = index.count(["改革", "数字经济", "长江"], by="level", dispersion=True)
    rows = list(spread.rows())
    assert [{name: row[name] for name in plain.columns} for row in rows] == list(plain.rows())
    assert [row["range"] for row in rows] == [row["documents"] for row in rows]
    assert all((row["dp"] is None) == (row["occurrences"] == 0) for row in rows)
    each = index.count("改革", by="document")
    expected = measures.proportion_deviation([(one.occurrences or 0, one.characters) for one in each])
    (nothing,) = index.count("改革", filters={"year": "1850"}, dispersion=True).rows()
    assert (nothing["range"], nothing["dp"]) == (None, None)
    (whole,) = index.count("改革", dispersion=True).rows()
    assert whole["dp"] == expected
    assert next(dispersed(each).rows()) == whole
    with pytest.raises(InputError, match="document"):
        index.count("改革", by="document", dispersion=True)


def test_a_trend_has_every_year_and_names_the_first(index: Index) -> None:
    rows = {row["year"]: row for row in index.trend("新质生产力").rows()}
    assert list(rows) == [2023, 2024, 2025, 2026]
    assert (rows[2023]["places"], rows[2023]["places_in_year"], rows[2023]["share"]) == (0, 1, 0.0)
    assert (rows[2024]["places"], rows[2024]["places_in_year"], rows[2024]["share"]) == (3, 3, 1.0)
    assert (rows[2025]["places"], rows[2025]["share"], rows[2025]["occurrences"]) == (None, None, None)
    assert rows[2025]["documents_in_year"] == 0
    first = rows[2024]
    assert (first["first_date"], first["first_documents"]) == ("2024", 3)
    assert first["first_sentence"] == "发展新质生产力，培育新质生产力，让新质生产力落地。"
    assert index.show(first["first_section_id"]) is not None
    assert [row["first_date"] for row in rows.values()] == [None, "2024", None, None]


def test_a_trend_counts_a_renamed_place_once(tmp_path: Path) -> None:
    for year, place in ((2009, "襄樊市"), (2010, "襄樊市"), (2010, "襄阳市"), (2010, "宜昌市"), (2012, "襄阳市")):
        name, report_text = report(year, place, "一、工作", f"发展数字经济{'。' * (year == 2010)}")
        (tmp_path / name).write_text(report_text, encoding="utf-8")
    with open_index(build_index(tmp_path, tmp_path / "index")) as index:
        rows = {row["year"]: row for row in index.trend("数字经济").rows()}
        assert [rows[year]["places_in_year"] for year in (2009, 2010, 2012)] == [1, 2, 1]
        assert (rows[2010]["places"], rows[2010]["documents"], rows[2010]["share"]) == (2, 3, 1.0)


@pytest.mark.parametrize(
    ("term", "text", "sentence"),
    [
        ("数字经济", "大力推进数字经\n济发展，提升质量。继续。", "大力推进数字经济发展，提升质量。"),
        ("质量。继续", "推进改革。提升质量。继续发展；稳步。", "提升质量。继续发展；"),
    ],
)
def test_the_first_sentence_has_the_whole_term(tmp_path: Path, term: str, text: str, sentence: str) -> None:
    name, report_text = report(2024, "松岑市", "一、工作", text)
    (tmp_path / name).write_text(report_text, encoding="utf-8")
    with open_index(build_index(tmp_path, tmp_path / "index")) as index:
        (row,) = index.trend(term).rows()
        (line,) = index.kwic(term, sentence=True).lines
        assert row["first_sentence"] == line.sentence == sentence


def test_a_trend_of_a_concept_counts_each_of_its_terms(index: Index) -> None:
    rows = [row for row in index.trend({"改": ["改革", "深化"]}).rows() if row["year"] == 2026]
    assert [(row["term"], row["occurrences"], row["documents"]) for row in rows] == [("改", 2, 1)]


def test_a_term_inside_a_longer_word_is_left_out_of_trends_and_matrices(tmp_path: Path) -> None:
    for year, text in ((2023, "MAIL与DAILY。"), (2024, "DAILY与AI。AI同行。")):
        name, report_text = report(year, "松岑市", "一、工作", text)
        (tmp_path / name).write_text(report_text, encoding="utf-8")
    with open_index(build_index(tmp_path, tmp_path / "index")) as index:
        for word in (False, True):
            counted = [one.occurrences for one in index.count("AI", by="year", word=word)]
            assert counted == ([0, 2] if word else [2, 3])
            rows = list(index.trend("AI", word=word).rows())
            assert [row["occurrences"] for row in rows] == counted
            assert [row["first_date"] for row in rows] == ([None, "2024"] if word else ["2023", None])
            assert rows[word]["first_sentence"] == ("DAILY与AI。" if word else "MAIL与DAILY。")
            assert [row["AI"] for row in index.matrix("AI", by="year", word=word).rows()] == counted


def test_a_matrix_has_a_row_for_each_document_and_a_column_for_each_term(index: Index) -> None:
    found = index.matrix(["改革", "环境"])
    counts = index.count(["改革", "环境"], by="document")
    assert found.columns == ("document", "documents_in_group", "characters", "改革", "环境")
    assert [row["改革"] for row in found.rows()] == [one.occurrences for one in counts if one.term == "改革"]
    wide = index.matrix("改革", by=["year", "level"], fill=True, value="per_10000")
    places = index.matrix("改革", by=["region", "year"])
    assert places.columns[:6] == ("region", "year", "region_code", "level", "documents_in_group", "characters")
    assert {row["region"]: row["level"] for row in places.rows()}["云岭省"] == "省级"
    assert [row["改革"] is None for row in wide.rows()] == [row["documents_in_group"] == 0 for row in wide.rows()]
    with pytest.raises(InputError):
        index.matrix("改革", value="share")
    with pytest.raises(InputError, match="characters"):
        index.matrix(["characters"])


def test_tables_become_frames(index: Index) -> None:
    pandas = pytest.importorskip("pandas")
    for table in (index.words(), index.keywords(where="year:2024"), index.collocates("环境", min_together=1)):
        frame = table.to_frame()
        assert isinstance(frame, pandas.DataFrame)
        assert list(frame.columns) == list(table.columns)
        assert len(frame) == len(table)
        assert "<table>" in table._repr_html_()
    assert list(index.trend("改革").to_frame()["year"]) == [2023, 2024, 2025, 2026]
    assert len(index.matrix("改革").to_frame()) == 5


# the commands


COLUMNS = {
    "keywords": "term,occurrences,reference,documents,reference_documents,per_10000,log_likelihood,p,log_ratio,"
    "log_ratio_conservative",
    "words": "term,occurrences,documents,per_10000",
    "collocates": "term,together,expected,log_dice,log_likelihood,mi,left,right",
}


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["keywords", "--where", "year:2024", "--against", "year:2023"], id="keywords"),
        pytest.param(["keywords", "--year", "2024", "--unit", "ngram"], id="keywords of a filter"),
        pytest.param(["words", "--document", "2024*", "-n", "3"], id="words"),
        pytest.param(["collocates", "营商环境", "--min-together", "1", "--window", "4"], id="collocates"),
    ],
)
def test_all_formats_have_the_same_rows(folder: Path, run: Run, arguments: list[str]) -> None:
    outputs = {
        name: run(*arguments, "-i", folder, "--format", name) for name in ("csv", "tsv", "json", "jsonl", "text")
    }
    assert {done.returncode for done in outputs.values()} == {0}
    assert outputs["csv"].stdout.splitlines()[0] == COLUMNS[arguments[0]]
    rows = list(csv.DictReader(io.StringIO(outputs["csv"].stdout)))
    assert rows
    assert list(csv.DictReader(io.StringIO(outputs["tsv"].stdout), delimiter="\t")) == rows
    told = json.loads(outputs["json"].stdout)
    assert [json.loads(line) for line in outputs["jsonl"].stdout.splitlines()] == told["rows"]
    assert [{name: str(cell) for name, cell in row.items()} for row in told["rows"]] == rows
    assert all(row["term"] in outputs["text"].stdout for row in rows)


def test_a_missing_report_is_na(folder: Path, run: Run) -> None:
    for arguments, name in ((["trend", "改革"], "share"), (["matrix", "改革", "--by", "year,level", "--fill"], "改革")):
        rows = list(csv.DictReader(io.StringIO(run(*arguments, "-i", folder, "--format", "csv").stdout)))
        missing = [row for row in rows if row.get("documents_in_year", row.get("documents_in_group")) == "0"]
        assert missing
        assert {row[name] for row in missing} == {"NA"}
    spread = run("count", "长江", "--dispersion", "-i", folder, "--format", "csv").stdout.splitlines()
    assert spread[0].endswith("per_10000,range,dp")
    assert spread[1].endswith(",0,NA")


def test_the_manifest_says_what_a_word_is(folder: Path, run: Run, tmp_path: Path) -> None:
    stop = tmp_path / "stop.txt"
    stop.write_text("发展\n改革\n", encoding="utf-8")
    manifest = tmp_path / "run.json"
    done = run("words", "-i", folder, "--stop", stop, "--manifest", manifest)
    assert done.returncode == 0
    assert not {"发展", "改革"} & {line.split()[0] for line in done.stdout.splitlines()}
    made_of = json.loads(manifest.read_text(encoding="utf-8"))
    assert "analyzer" in made_of["definitions"]["word"]
    assert made_of["options"]["stop"] == ["发展", "改革"]
    assert made_of["totals"]["documents"] == 5
    assert run("count", "改革", "-i", folder, "--manifest", manifest, "--document", "2024*").returncode == 0
    assert json.loads(manifest.read_text(encoding="utf-8"))["options"]["document"] == ["2024*"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["keywords"], "--against", id="nothing to compare"),
        pytest.param(["keywords", "--where", "year:1990"], "no sections", id="nothing selected"),
        pytest.param(["keywords", "--where", "(改革"], "^", id="a query that is none"),
        pytest.param(["collocates", "环境", "--window", "line"], "sentence", id="a window that is none"),
        pytest.param(["collocates"], "PHRASE", id="no phrase"),
        pytest.param(["trend"], "No term", id="no term"),
        pytest.param(["matrix", "改革", "--by", "colour"], "colour", id="a field that is none"),
        pytest.param(["count", "改革", "--by", "document", "--dispersion"], "document", id="dispersion of documents"),
    ],
)
def test_what_cannot_be_done_is_said_and_ends_with_2(folder: Path, run: Run, arguments: list[str], said: str) -> None:
    done = run(*arguments, "-i", folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("limit", [0, 1, 7, 30, 10_000])
@pytest.mark.parametrize("min_documents", [1, 2, 4])
def test_the_most_frequent_words_are_those_of_all_words(folder: Path, limit: int, min_documents: int) -> None:
    with open_index(folder) as index:
        whole = index.words(limit=None, min_documents=min_documents, stop=["发展"])
        some = index.words(limit=limit, min_documents=min_documents, stop=["发展"])
    assert some.terms == whole.terms[:limit]
    assert some.totals() == whole.totals()


@pytest.mark.parametrize("first", [1, 4])
@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize(
    "asked",
    [
        {"where": "year:2024"},
        {"where": "year:2024", "against": "year:2026"},
        {"where": "year:2023 OR year:2024", "against": "year:2024 OR year:2026"},
        {"where": "改革"},
        {"filters": {"year": ["2024"]}},
        {"where": "产业升级", "stop": ["升级"], "min_documents": 1},
    ],
    ids=["rest", "against", "overlap", "sections", "filter", "stop"],
)
def test_the_first_key_words_are_those_of_all_words(
    index: Index, asked: dict[str, Any], negative: bool, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting_words, "_FIRST", first)
    whole = index.keywords(limit=None, negative=negative, **asked)
    for limit in (1, 3, 30):
        some = index.keywords(limit=limit, negative=negative, **asked)
        assert some.terms == whole.terms[:limit]
        assert some.totals() == whole.totals()


def test_pairs_and_documents_are_counted_in_the_selected_sections(folder: Path) -> None:
    with open_index(folder) as index:
        assert isinstance(index.engine, KeepsFrequencies)
        for node in (MatchAll(), Contains("改革")):
            frequencies = index.engine.frequencies(node)
            texts = [document.reduced for document in index.engine.texts(node)]
            strings = ["改革", "人人", "产业", "业升", "产业升级", "营商环境", "。", "改", "长江", "龘龘"]
            held = [sum(any(string in text for text in sections) for sections in texts) for string in strings]
            assert frequencies.documents(strings) == held
            pairs = sorted({ord(one[0]) << 32 | ord(one[1]) for one in strings if len(one) > 1})
            places = Counter(
                text[at : at + 2] for sections in texts for text in sections for at in range(len(text) - 1)
            )
            assert frequencies.pairs(np.array(pairs, np.int64)).tolist() == [
                places[(chr(pair >> 32) + chr(pair & 0xFFFF_FFFF)).rstrip("\0")] for pair in pairs
            ]


def test_wanted_words_are_those_of_all_words(folder: Path) -> None:
    with open_index(folder) as index:
        assert isinstance(index.engine, KeepsFrequencies)
        for node in (MatchAll(), Contains("改革")):
            frequencies = index.engine.frequencies(node)
            words = frequencies.words()
            asked: list[str] = []

            def with_market(codes: Any, lengths: Any, asked: list[str] = asked) -> Any:
                text, ends = "".join(map(chr, codes)), np.cumsum(lengths).tolist()
                asked += [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
                return np.array(["市" in word for word in asked])

            assert frequencies.words(with_market) == {word: count for word, count in words.items() if "市" in word}
            assert words.keys() <= set(asked)
            assert frequencies.words(lambda codes, lengths: np.zeros(len(lengths), bool)) == {}
