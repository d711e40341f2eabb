"""Plain queries: every character as it is, no error but for an empty one, else the same answers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ALL, Run
from hypothesis import given
from hypothesis import strategies as st

from policysearch import open_index
from policysearch.engines.tree import MatchAll
from policysearch.errors import QueryError
from policysearch.index import Index
from policysearch.query.foreign import remarks
from policysearch.query.parser import parse, parse_plain
from policysearch.query.syntax import AllOf, Group
from policysearch.search.hits import Hits


@pytest.fixture(scope="module")
def samples(samples_index: Path) -> Iterator[Index]:
    with open_index(samples_index) as index:
        yield index


def same(found: Hits) -> tuple[object, ...]:
    return found.match, found.relaxed, found.total, found.total_exact, found.read_as, found.hits


PASTED = (
    *(
        "重点企业有哪些？”",
        "“重点企业",
        "企业（试行",
        "企业）的",
        "优化\\\u200b",
        "优化 \\",
        "年份：",
        "heading:",
        "AND",
        "A OR",
    ),
    *(
        "句(",
        "~10",
        "--limit",
        "-",
        "|",
        '"',
        "「",
        "优化 ~ 环境",
        "year:abc",
        "(((",
        "\ud800企业",
        "NOT",
        "region:x y:z",
    ),
)


@pytest.mark.parametrize("query", PASTED)
def test_whatever_is_pasted_is_no_error(samples: Index, query: str) -> None:
    for match in ("auto", "all", "any", "exact"):
        samples.search(query, plain=True, match=match)


@given(st.text())
def test_any_text_but_an_empty_one_is_read(text: str) -> None:
    try:
        expression = parse_plain(text)
    except QueryError as error:
        assert "empty" in str(error)  # noqa: PT017 - or there is none
        return
    for group in expression.children if isinstance(expression, AllOf) else (expression,):
        assert isinstance(group, Group)
        assert group.reduced


@pytest.mark.parametrize("query", ["", "  ", "\u200b", "\u3000\n"])
def test_an_empty_query_is_one(samples: Index, query: str) -> None:
    with pytest.raises(QueryError, match="empty"):
        samples.search(query, plain=True)


def test_text_without_operators_is_answered_alike(samples: Index) -> None:
    draw = random.Random(3)
    texts = [section.reduced for section in samples.engine.stream(MatchAll())]
    for _ in range(1_000 if ALL else 150):
        words = []
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            text = draw.choice(texts)
            start = draw.randrange(max(1, len(text)))
            words.append("".join(c for c in text[start : start + draw.choice((2, 3, 4, 6, 12, 20))] if c.isalnum()))
        query = " ".join(word for word in words if word and word[0] not in "句段") or "发展"
        match = draw.choice(("auto", "auto", "all", "any"))
        assert same(samples.search(query, match=match)) == same(samples.search(query, match=match, plain=True)), query


def test_operators_are_characters(samples: Index) -> None:
    assert parse_plain("优化 OR -环境") == AllOf((Group("优化", 0), Group("OR", 3), Group("-环境", 6)))
    assert samples.search("优化 OR 没有这个词", match="all").total > 0
    assert samples.search("优化 OR 没有这个词", match="all", plain=True).total == 0


@pytest.mark.parametrize("query", ["重点企业”", "“重点企业", "(优化", "优化)", "优化\\", "「", "“”"])
def test_an_error_of_quotes_or_brackets_names_the_way_out(query: str) -> None:
    with pytest.raises(QueryError, match="--plain"):
        parse(query)


def test_a_batch_of_plain_questions_is_auto(run: Run, samples_index: Path, tmp_path: Path) -> None:
    topics = tmp_path / "topics.txt"
    topics.write_text("怎样“优化营商环境”才能促进县域经济高质量发展？\n优化”\n", encoding="utf-8")
    asked = ("batch", topics, "-i", samples_index, "--format", "jsonl")
    assert run(*asked).returncode == 2
    done = run(*asked, "--plain")
    assert done.returncode == 0
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["match"], first["read_as"]) == ("any", {"kind": "question"})
    assert (second["match"], second["read_as"]) == ("all", None)
    held = [json.loads(line)["match"] for line in run(*asked, "--plain", "--match", "all").stdout.splitlines()]
    assert held == ["all", "all"]
    with open_index(samples_index) as index:
        (answered,) = index.batch([("1", "怎样“优化营商环境”才能促进县域经济高质量发展？")], plain=True)
        assert answered.found.read_as == {"kind": "question"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "query",
    [
        *(
            "增长>=5%",
            "year>2020",
            "year=2023",
            "优化 && 环境",
            "优化 NEAR 环境",
            "优化 near/5 环境",
            "/营商.*/",
            "作者:张三",
        ),
        *("foo:bar", "关键词：经济", "优化 and 环境", "+优化", "优化^2", "优化*"),
        *("优化 –环境", "优化 —n 2", "‘优化环境’", "‘优化 环境", "“优＊环境”", "优化 或 环境", "优化　和　环境"),
        *("句 (优化 环境)", "段　（优化 环境）", "量 (发展)", "发展 (句 (优化))", "-句 (优化)"),
    ],
)
def test_another_tools_operator_is_named(run: Run, samples_index: Path, query: str) -> None:
    (said,) = remarks(query)
    assert said.startswith("Read as text, not as an operator: ")
    done = run("search", "-i", samples_index, query, "-n", "1")
    assert said in done.stderr
    assert said not in run("search", "-i", samples_index, query, "-n", "1", "--plain").stderr
    assert said not in run("search", "-i", samples_index, query, "-n", "1", "-q").stderr


@pytest.mark.parametrize(
    "query",
    [
        "12:30",
        *("句(优化 环境)", "句 优化 (环境)", "语句 (优化)", "“句 (优化)”", "段 OR (优化)"),
        "http://www.gov.cn/a",
        "GDP",
        "国发〔2023〕1号",
        "碳达峰、碳中和",
        "A股",
        "5%",
        "C++",
        "——优化",
        "优化和环境",
        "-环境 优化",
    ],
)
def test_plain_words_are_not(query: str) -> None:
    assert remarks(query) == ()


def test_a_wide_minus_before_letters_is_told_from_an_option(run: Run, samples_index: Path) -> None:
    done = run("search", "-i", samples_index, "优化 －n 2", "-n", "1")
    assert "Read as NOT, not as an option: －n (options begin with - of half width).\n" in done.stderr


@pytest.mark.parametrize(
    ("twin", "name"),
    [
        *(("地区:澜泽市", "region:澜泽市"), ("城市：澜泽", "city:澜泽"), ("省份:云麓", "province:云麓")),
        *(("级别：县级", "level:县级"), ("年份:2022..2024", "year:2022..2024"), ("类型：通知", "type:通知")),
        *(
            ("标题:报告", "title:报告"),
            ("文号：国发〔2023〕1号", "number:国发〔2023〕1号"),
            ("发文机关:云麓省", "issuer:云麓省"),
        ),
        *(("部分：plan", "part:plan"), ("状态:有效", "status:有效"), ("标题：“工作报告”", "title:“工作报告”")),
    ],
)
def test_fields_have_chinese_names(samples: Index, twin: str, name: str) -> None:
    one, other = samples.search(twin), samples.search(name)
    assert (one.total, one.hits) == (other.total, other.hits)
