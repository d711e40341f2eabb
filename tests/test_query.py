"""The query language: each row of its table, and that nothing else is understood as something else."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ALL
from hypothesis import given
from hypothesis import strategies as st

from policysearch import open_index
from policysearch.errors import QueryError
from policysearch.index import Index
from policysearch.query.parser import literal, parse
from policysearch.query.syntax import (
    AllOf,
    AnyOf,
    Expression,
    Filter,
    Group,
    InField,
    Measured,
    Near,
    NoneOf,
    Phrase,
    Within,
)
from policysearch.vocabulary import FILTERS


def said(expression: Expression) -> str:
    """Return an expression in one plain notation, so that the tests can be read."""
    match expression:
        case Group(text):
            return text
        case Phrase():
            return "".join(["<", *(piece + wildcard for piece, wildcard in expression.pieces), ">"])
        case AllOf(children):
            return f"all({', '.join(map(said, children))})"
        case AnyOf(children):
            return f"any({', '.join(map(said, children))})"
        case NoneOf(child):
            return f"not({said(child)})"
        case Near(places, distances):
            first, *rest = map(said, places)
            return first + "".join(f" ~{d} {place}" for d, place in zip(distances, rest, strict=True))
        case Within(unit, child):
            return f"{unit}({said(child)})"
        case Measured(child, comparison, _):
            ends = "[]" if comparison.low_included and comparison.high_included else "()"
            bounds = f"{ends[0]}{comparison.low}, {comparison.high}{ends[1]}"
            return f"measured({said(child)}, {comparison.dimension} {bounds})"
        case InField(field, child):
            return f"{field}:{said(child)}"
        case Filter("year", _, _, low, high):
            return f"year={low or ''}..{high or ''}"
        case Filter(field, value):
            return f"{field}={value}"


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        pytest.param("营商环境", "营商环境", id="one group"),
        pytest.param("优化 营商环境", "all(优化, 营商环境)", id="juxtaposition"),
        pytest.param("优化　营商环境", "all(优化, 营商环境)", id="wide space"),
        pytest.param("优化 AND 营商环境", "all(优化, 营商环境)", id="AND"),
        pytest.param("优化 ＡＮＤ 营商环境", "all(优化, 营商环境)", id="full-width AND"),
        pytest.param('"营商环境"', "<营商环境>", id="straight quotes"),
        pytest.param("“营商环境”", "<营商环境>", id="curly quotes"),
        pytest.param("＂营商环境＂", "<营商环境>", id="full-width quotes"),
        pytest.param("「营商环境」", "<营商环境>", id="corner quotes"),
        pytest.param("『营商环境』", "<营商环境>", id="double corner quotes"),
        pytest.param("「“放管服”改革」", '<"放管服"改革>', id="quotes of another kind inside"),
        pytest.param("“深化“放管服”改革”", '<深化"放管服"改革>', id="a quote ends at the mark that pairs with it"),
        pytest.param("碳达峰 OR 碳中和", "any(碳达峰, 碳中和)", id="OR"),
        pytest.param("碳达峰 | 碳中和", "any(碳达峰, 碳中和)", id="bar"),
        pytest.param("碳达峰｜碳中和", "any(碳达峰, 碳中和)", id="full-width bar"),
        pytest.param("经济 -疫情", "all(经济, not(疫情))", id="minus"),
        pytest.param("经济 －疫情", "all(经济, not(疫情))", id="full-width minus"),
        pytest.param("经济 NOT 疫情", "all(经济, not(疫情))", id="NOT"),
        pytest.param("经济 AND NOT 疫情", "all(经济, not(疫情))", id="AND NOT"),
        pytest.param("-疫情", "not(疫情)", id="nothing but minus"),
        pytest.param("NOT NOT 疫情", "疫情", id="twice not"),
        pytest.param("(碳达峰 OR 碳中和) 行动", "all(any(碳达峰, 碳中和), 行动)", id="brackets"),
        pytest.param("（碳达峰 OR 碳中和）行动", "all(any(碳达峰, 碳中和), 行动)", id="full-width brackets"),
        pytest.param("-(甲 乙)", "not(all(甲, 乙))", id="minus before a bracket"),
        pytest.param("heading:营商环境", "heading:营商环境", id="heading"),
        pytest.param("title：“工作报告”", "title:<工作报告>", id="title, full-width colon, quoted"),
        pytest.param("region:乌海市 营商环境", "all(region=乌海市, 营商环境)", id="region"),
        pytest.param("province:新疆", "province=新疆", id="filter alone"),
        pytest.param("year:2023", "year=2023..2023", id="year"),
        pytest.param("year:2020..2024", "year=2020..2024", id="years"),
        pytest.param("year:2020..", "year=2020..", id="years from"),
        pytest.param("year:..2024", "year=..2024", id="years up to"),
        pytest.param("year:２０２３年", "year=2023..2023", id="full-width year"),
        pytest.param("number:国发〔2023〕1号", "number=国发〔2023〕1号", id="document number"),
        pytest.param("number:国发(2023)1号", "number=国发(2023)1号", id="document number with round brackets"),
        pytest.param("句(优化 环境)", "sentence(all(优化, 环境))", id="one sentence"),
        pytest.param("段（优化 环境）", "paragraph(all(优化, 环境))", id="one paragraph"),
        pytest.param("量(增长 >=5.5%)", "measured(<增长>, % [5.5, None])", id="a quantity"),
        pytest.param(
            "量（增长＞５％）", "measured(<增长>, % (5, None))", id="a quantity in full width, without a space"
        ),
        pytest.param("量(增长 <= 5%)", "measured(<增长>, % [None, 5])", id="a space behind the sign"),
        pytest.param("量(增长 5%)", "measured(<增长>, % [5, 5])", id="a quantity itself"),
        pytest.param("量(就业 50..70人)", "measured(<就业>, 人 [50, 70])", id="a range of quantities"),
        pytest.param("量(甲 “乙 丙” >1)", "measured(all(<甲>, <乙丙>), None (1, None))", id="several terms"),
        pytest.param(
            "量((甲 OR 乙) -丙 1..)", "measured(all(any(<甲>, <乙>), not(<丙>)), None [1, None])", id="a tree"
        ),
        pytest.param("量(国发(2023)1号 >1)", "measured(<国发(2023)1号>, None (1, None))", id="brackets in the term"),
        pytest.param("-量(甲 <0) year:2023", "all(not(measured(<甲>, None (None, 0))), year=2023..2023)", id="NOT"),
        pytest.param("数量(5)", "数量(5)", id="量 in a word"),
        pytest.param("量 (甲)", "all(量, 甲)", id="量 with a space is a word"),
        pytest.param("句 (优化)", "all(句, 优化)", id="句 with a space is a word"),
        pytest.param("优化 ~10 环境", "优化 ~10 环境", id="near"),
        pytest.param("优化 ～１０ 环境", "优化 ~10 环境", id="full-width near"),
        pytest.param("甲 ~1 乙 ~2 “丙”", "甲 ~1 乙 ~2 <丙>", id="a chain"),
        pytest.param('"优化*环境"', "<优化*环境>", id="star"),
        pytest.param('"优?环境"', "<优?环境>", id="question mark"),
        pytest.param(r'"优化\*环境"', "<优化*环境>", id="escaped star, no wildcard"),
        pytest.param(r"优化\ 环境", "优化 环境", id="escaped space"),
        pytest.param(r"\-疫情", "-疫情", id="escaped minus"),
        pytest.param("优化*环境", "优化*环境", id="a star outside quotes is itself"),
        pytest.param("12:30", "12:30", id="a time is a word"),
        pytest.param("http://example.com", "http://example.com", id="an address is a word"),
        pytest.param("来源:国务院", "来源:国务院", id="only the named fields are fields"),
        pytest.param("PM_2.5", "PM_2.5", id="letters, digits and marks"),
        pytest.param("5G-A", "5G-A", id="a minus inside a group is itself"),
        pytest.param("R&D", "R&D", id="ampersand"),
        pytest.param("and or not", "all(and, or, not)", id="operators are upper case"),
        pytest.param("国发(2023)1号", "国发(2023)1号", id="brackets inside a group belong to it"),
    ],
)
def test_meaning(query: str, meaning: str) -> None:
    assert said(parse(query)) == meaning


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        pytest.param("甲 OR 乙 丙", "any(甲, all(乙, 丙))", id="AND before OR"),
        pytest.param("甲 乙 OR 丙 AND 丁", "any(all(甲, 乙), all(丙, 丁))", id="AND before OR, twice"),
        pytest.param("甲 乙 ~3 丙", "all(甲, 乙 ~3 丙)", id="near before AND"),
        pytest.param("NOT 甲 OR 乙", "any(not(甲), 乙)", id="NOT before OR"),
        pytest.param("-甲 乙", "all(not(甲), 乙)", id="NOT before AND"),
        pytest.param("甲 (乙 OR 丙)", "all(甲, any(乙, 丙))", id="brackets first"),
    ],
)
def test_precedence(query: str, meaning: str) -> None:
    assert said(parse(query)) == meaning


@pytest.mark.parametrize("field", [one.name for one in FILTERS if one.kind not in ("since", "until", "as-of")])
def test_every_filter_has_a_name(field: str) -> None:
    value = {"level": "县级", "type": "通知", "part": "plan", "status": "有效", "latest": "true"}.get(field, "2023")
    expression = parse(f"{field}:{value}")
    assert isinstance(expression, Filter)
    assert (expression.field, expression.value) == (field, value)


@pytest.mark.parametrize(
    ("query", "position", "expected"),
    [
        pytest.param("", 0, "empty", id="nothing"),
        pytest.param(" 　\n", 0, "empty", id="white space"),
        pytest.param('经济 "营商环境', 3, 'closing "', id="straight quote not closed"),
        pytest.param("经济 “营商环境", 3, "closing ”", id="curly quote not closed"),
        pytest.param("“营商环境」", 0, "closing ”", id="closed by another kind"),
        pytest.param("营商环境”", 4, "not opened", id="quote not opened"),
        pytest.param('""', 1, "text between the quotes", id="nothing quoted"),
        pytest.param('"*"', 1, "text between the quotes", id="nothing but a star"),
        pytest.param("(甲 乙", 0, "closing bracket", id="bracket not closed"),
        pytest.param("甲 乙）", 3, "not opened", id="bracket not opened"),
        pytest.param("()", 1, "word or a phrase", id="empty brackets"),
        pytest.param("AND", 0, "before AND", id="AND alone"),
        pytest.param("甲 AND", 5, "after AND", id="nothing after AND"),
        pytest.param("OR 甲", 0, "before OR", id="nothing before OR"),
        pytest.param("甲 OR OR 乙", 5, "before OR", id="OR twice"),
        pytest.param("甲 |", 3, "word or a phrase", id="nothing after the bar"),
        pytest.param("NOT", 3, "after NOT", id="NOT alone"),
        pytest.param("-", 1, "word or a phrase", id="minus alone"),
        pytest.param("~5 甲", 0, "before ~5", id="nothing before near"),
        pytest.param("甲 ~5", 4, "after ~5", id="nothing after near"),
        pytest.param("甲 ~ 乙", 3, "number after ~", id="near without a number"),
        pytest.param("甲 ~x 乙", 3, "number after ~", id="near with no number"),
        pytest.param("(甲 乙) ~5 丙", 0, "both sides of ~", id="near a bracket"),
        pytest.param("year:二三", 5, "a year such as 2023", id="no year"),
        pytest.param("甲 year:23", 7, "a year such as 2023", id="short year"),
        pytest.param("year:2024..2020", 5, "earlier year first", id="years backwards"),
        pytest.param("year:..", 5, "before or after", id="years without any"),
        pytest.param("region:", 7, "value after region:", id="nothing after a field"),
        pytest.param("region: 乌海市", 8, "right after region:", id="space after a field"),
        pytest.param("region:(甲)", 7, "value after region:", id="bracket after a field"),
        pytest.param("句(year:2023)", 2, "inside 句", id="filter in a sentence"),
        pytest.param("句(甲", 0, "closing bracket", id="sentence not closed"),
        pytest.param("甲 量(甲 >5%", 3, "closing bracket", id="quantity not closed"),
        pytest.param("量(甲)", 3, "a comparison after the word", id="no comparison"),
        pytest.param("量(甲 乙)", 4, "a comparison after the word", id="a word for a comparison"),
        pytest.param("量(甲 >多)", 4, "a comparison after the word", id="a comparison without a number"),
        pytest.param("量(甲 7..5%)", 4, "a comparison after the word", id="a range backwards"),
        pytest.param("量(>5%)", 5, "before this bracket", id="no term"),
        pytest.param("量(year:2023 >5%)", 2, "inside 句", id="filter beside a quantity"),
        pytest.param('heading:"甲*乙"', 8, "Wildcards", id="wildcard in a heading"),
        pytest.param("甲 - 乙", 3, "right after -", id="space after a minus"),
        pytest.param(" ".join("甲" * 1001), 2000, "at most 1000", id="too many words"),
        pytest.param("甲 ~1 " * 9 + "乙", 42, "At most 8", id="too many nears"),
        pytest.param("句(" + "甲 " * 8 + ")", 16, "At most 8", id="too many words in a sentence"),
        pytest.param('"' + "甲*" * 9 + '"', 0, "At most 8", id="too many stars"),
        pytest.param("heading:甲 " * 9, 80, "At most 8", id="too many headings"),
        pytest.param("甲\\", 2, "after the backslash", id="backslash at the end"),
        pytest.param("甲\ud800", 1, "UTF-8", id="a byte that is no UTF-8"),
        pytest.param("(" * 101 + "甲", 100, "nested", id="too many brackets"),
        pytest.param("甲" * 5_001, 5_000, "at most 5000", id="too long"),
    ],
)
def test_error_names_the_place(query: str, position: int, expected: str) -> None:
    with pytest.raises(QueryError, match=expected.replace("(", r"\(")) as caught:
        parse(query)
    assert caught.value.position == position
    assert caught.value.query == query


@pytest.mark.parametrize("query", ['优化 "营商', "(甲 OR", "NOT", "a*b?", "year:2023", "-甲", "“甲”", "\\"])
def test_literally_nothing_has_a_meaning(query: str) -> None:
    phrase = literal(query)
    assert isinstance(phrase, Phrase)
    assert not phrase.wild


def test_an_empty_literal_query_is_an_error() -> None:
    with pytest.raises(QueryError, match="empty"):
        literal(" \n")


def test_characters_without_width_are_dropped() -> None:
    assert said(parse("营\u200b商\ufeff环\ufe0f境")) == "营商环境"


PIECES = [
    *'"“”「」『』＂()（）|｜-－~～\\*?:： 　\n',
    *(
        "AND",
        "OR",
        "NOT",
        "ＡＮＤ",
        "~10",
        "~",
        "句(",
        "段（",
        "量(",
        " >=5%)",
        " 50..70万人",
        "year:",
        "year:2020..2024",
        "region:乌海",
        "heading:",
    ),
    *("营商环境", "优化", "a", "12:30", "国发〔2023〕1号", "\u200b", "\ud800", "\x00", "é"),
]


def refusal(query: str, read: Callable[[str], object]) -> QueryError | None:
    """Return why a query is refused, None when it is read."""
    try:
        read(query)
    except QueryError as error:
        return error
    return None


def assert_understood_or_refused(query: str) -> None:
    for read in (parse, literal):
        error = refusal(query, read)
        if error is None:
            assert said(read(query))
        else:
            assert 0 <= error.position <= len(error.query)
            assert str(error)


@given(st.one_of(st.text(st.characters(exclude_categories=[])), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_any_query_is_understood_or_refused(query: str) -> None:
    assert_understood_or_refused(query)


def test_a_seeded_storm_of_queries_is_understood_or_refused() -> None:
    random_ = random.Random(20240)
    for _ in range(100_000 if ALL else 10_000):
        assert_understood_or_refused("".join(random_.choices(PIECES, k=random_.randint(1, 12))))


@given(st.lists(st.sampled_from(["优化", "营商环境", "a", "12:30", "5G-A"]), min_size=1, max_size=6))
def test_groups_keep_their_places(groups: list[str]) -> None:
    query = " ".join(groups)
    expression = parse(query)
    found = expression.children if isinstance(expression, AllOf) else (expression,)
    for group in found:
        assert isinstance(group, Group)
        assert query[group.position :].startswith(group.text)


@pytest.fixture(scope="module")
def samples(samples_index: Path) -> Iterator[Index]:
    with open_index(samples_index) as index:
        yield index


WORDS = st.sampled_from([*PIECES, "环境", "政府", "的", "level:市", "type:通知", "number:1", "part:plan"])


@given(st.lists(WORDS, min_size=1, max_size=8), st.sampled_from(["auto", "all", "any", "exact"]))
def test_any_query_gives_hits_or_is_refused(samples: Index, pieces: list[str], match: str) -> None:
    query = " ".join(pieces)
    error = refusal(query, lambda query: samples.search(query, match=match))
    if error is not None:
        assert 0 <= error.position <= len(error.query)
        return
    found = samples.search(query, match=match, limit=20)
    assert len(found.hits) == min(found.total if found.distinct is None else found.distinct, 20)
    assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    for hit in found.hits:
        shown = samples.show(hit.section_id)
        assert shown is not None
        snippet = hit.snippet
        assert shown.stored[0].text[snippet.start :].startswith(snippet.text)
        places = [offset for span in snippet.spans for offset in span]
        assert places == sorted(places)
        assert all(0 <= offset <= len(snippet.text) for offset in places)
        assert hit.matches >= len(snippet.spans)
