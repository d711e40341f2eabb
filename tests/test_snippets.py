"""Snippets: short, with the most matches that fit, cut where a sentence ends, and marked where something matched."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.query.marking import Marker
from policysearch.search.snippets import LENGTH, Snippet, Snippets
from policysearch.text.folding import reduce, reduce_text
from policysearch.text.shown import ShownText

SMALL = 12
"""Length of the snippets in tests by chance, so that texts need not be long."""


def snippet_of(text: str, literals: Sequence[str], length: int = LENGTH) -> tuple[Snippet, int]:
    return Snippets(Marker(literals=map(reduce, literals)), length).of(ShownText(text, reduce_text(text)))


def marked(snippet: Snippet) -> list[str]:
    return [snippet.text[a:b] for a, b in snippet.spans]


TEXTS = st.text(st.sampled_from("甲乙丙丁戊己aB1。，；\n 　“"), max_size=60)
LITERALS = st.lists(st.text(st.sampled_from("甲乙丙aB1"), min_size=1, max_size=4), min_size=1, max_size=3)


@given(TEXTS, LITERALS)
def test_a_snippet_is_a_part_of_the_text(text: str, literals: list[str]) -> None:
    snippet, _ = snippet_of(text, literals, SMALL)
    assert len(snippet.text) <= SMALL
    assert text[snippet.start : snippet.start + len(snippet.text)] == snippet.text
    ends = [offset for span in snippet.spans for offset in span]
    assert ends == sorted(ends)
    assert all(0 <= a < b <= len(snippet.text) for a, b in snippet.spans)


@given(TEXTS, LITERALS)
def test_spans_mark_what_matched_and_nothing_else(text: str, literals: list[str]) -> None:
    snippet, matches = snippet_of(text, literals, SMALL)
    wanted = {reduce(literal) for literal in literals}
    for piece in marked(snippet):
        # of a match that is longer than a snippet, the beginning is shown
        assert reduce(piece) in wanted or len(piece) == len(snippet.text) == SMALL
        assert piece == piece.strip()
    assert matches >= len(snippet.spans)
    assert bool(matches) == bool(snippet.spans) == any(literal in reduce_text(text) for literal in wanted)


@given(TEXTS, LITERALS)
def test_no_window_has_more_matches(text: str, literals: list[str]) -> None:
    whole, matches = snippet_of(text, literals, len(text) + 1)
    places = [(a + whole.start, b + whole.start) for a, b in whole.spans]
    assert len(places) == matches
    snippet, _ = snippet_of(text, literals, SMALL)
    windows = range(max(1, len(text) - SMALL + 1))
    most = max(sum(start <= a and b <= start + SMALL for a, b in places) for start in windows)
    assert len(snippet.spans) >= most


@pytest.mark.parametrize(
    ("text", "literals", "spans"),
    [
        pytest.param("推進營商環境優化", ["营商环境"], ["營商環境"], id="traditional"),
        pytest.param("增长 ８．１％ 左右", ["8.1%"], ["８．１％"], id="full width"),
        pytest.param("营商\n　　环境好", ["营商环境"], ["营商\n　　环境"], id="across a line break"),
        pytest.param("the GDP  Growth rate", ["gdp growth"], ["GDP  Growth"], id="spaces between letters"),
        pytest.param("不平衡不充分", ["衡不"], ["衡不"], id="inside a word"),
    ],
)
def test_matches_are_marked_as_they_stand(text: str, literals: list[str], spans: list[str]) -> None:
    snippet, _ = snippet_of(text, literals)
    assert marked(snippet) == spans


def test_the_closest_of_equal_windows_is_taken() -> None:
    text = "优化" + "一" * 90 + "环境。" + "二" * 200 + "。优化营商环境。" + "三" * 200
    snippet, _ = snippet_of(text, ["优化", "环境"])
    assert marked(snippet) == ["优化", "环境"]
    assert snippet.text.startswith("优化营商环境")


def test_where_a_group_stands_as_typed_its_words_are_not_marked() -> None:
    text = "优化服务，营商重商，环境更好。" + "一" * 200 + "。优化营商环境。" + "二" * 200
    marker = Marker([("优化营商环境", ("优化", "营商", "环境"))])
    snippet, matches = Snippets(marker).of(ShownText(text, text))
    assert marked(snippet) == ["优化营商环境"]
    assert matches == 1


def test_a_snippet_begins_and_ends_with_sentences() -> None:
    sentences = ["加强" + c * 30 + "。" for c in "一二三四五六七八"]
    sentences[4] = "持续优化营商环境。"
    snippet, _ = snippet_of("".join(sentences), ["营商环境"])
    assert snippet.text.startswith("持续优化营商环境。")
    assert snippet.text.endswith("。")
    assert len(snippet.text) > 60


def test_a_long_sentence_is_cut_at_a_comma() -> None:
    text = "，".join(c * 40 for c in "一二三") + "，持续优化营商环境，" + "，".join(c * 40 for c in "四五六")
    snippet, _ = snippet_of(text, ["营商环境"])
    assert snippet.text.startswith("持续优化营商环境")
    assert snippet.text.endswith("，")


def test_a_match_longer_than_a_snippet_shows_its_beginning() -> None:
    text = "前。" + "甲乙" * 100 + "。后"
    snippet, matches = snippet_of(text, ["甲乙" * 100])
    assert (snippet.text, snippet.spans, matches) == (("甲乙" * 100)[:LENGTH], ((0, LENGTH),), 1)


def test_without_a_match_the_beginning_is_shown() -> None:
    snippet, matches = snippet_of("第一句。" * 100, ["没有"])
    assert (snippet.start, snippet.spans, matches) == (0, (), 0)
    assert snippet.text.endswith("第一句。")


@pytest.mark.no_cover
def test_far_into_a_long_section_takes_no_time() -> None:
    text = "推进　各项工作\n" * 40_000 + "优化营商 環境。" + "推进　各项工作\n" * 10_000
    snippets = Snippets(Marker(literals=["营商环境"]))
    reduced = reduce(text)
    before = time.process_time()
    snippet, matches = snippets.of(ShownText(text, reduced))
    assert time.process_time() - before < 0.5
    assert (marked(snippet), matches) == (["营商 環境"], 1)
    assert snippet.start > 200_000


def test_many_matches_and_many_words_take_no_time() -> None:
    text = "".join(chr(0x4E00 + i % 5000) for i in range(200_000))
    literals = [chr(0x4E00 + i) + chr(0x4E01 + i) for i in range(0, 2000, 2)]
    before = time.process_time()
    _, matches = snippet_of(text, literals)
    assert time.process_time() - before < 2
    assert matches == 40 * 1000
