"""Whatever is typed: hits or an error that points into the query, and never a long wait."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from conftest import ALL

from policysearch import open_index
from policysearch.engines.opening import open_store
from policysearch.engines.tree import MatchAll
from policysearch.errors import QueryError
from policysearch.index import Index
from policysearch.indexing.refresh import refresh

LONGEST = 5.0 if not ALL else 10.0
"""Seconds of processor time that a query may take: several times what is usual, since a busy machine counts more."""


@pytest.fixture(scope="module")
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The whole reference corpus when everything is asked for, else the samples."""
    if ALL:
        reference: Path = request.getfixturevalue("reference")
        folder = tmp_path_factory.mktemp("reference")
        refresh(open_store(folder), [reference / "corpus", reference / "reports"], jobs=2)
    else:
        folder = request.getfixturevalue("samples_index")
    with open_index(folder) as index:
        index.search("营商环境")  # the dictionary is opened once
        yield index


OPERATORS = [
    *'"“”「」『』＂()（）|｜-－~～\\*?:： 　\n',
    *(
        "AND",
        "OR",
        "NOT",
        " ＡＮＤ ",
        " ~10 ",
        " ～3 ",
        "~",
        "句(",
        "段（",
        "量(",
        " >5%)",
        " ..3万人)",
        " OR ",
        " NOT ",
        "year:",
        "year:2020..2024",
    ),
    *(
        "region:",
        "province:新疆",
        "heading:",
        "title:",
        "level:县级",
        "type:通知",
        "part:plan",
        "number:",
        "status:有效",
    ),
    *(
        "..",
        "2023",
        "a",
        "GDP",
        "12:30",
        "〔2023〕1号",
        "\u200b",
        "\ud800",
        "\x00",
        "\ufeff",
        "é",
        "𠮷",
        "İ",
        "ﬁ",
        "\U000e0041",
    ),
]


def refusal(index: Index, query: str, match: str, exact: bool) -> QueryError | None:
    try:
        found = index.search(query, match=match, exact=exact)
    except QueryError as error:
        return error
    assert found.distinct is not None
    assert len(found.hits) == min(found.distinct, 10)
    return None


def answer(index: Index, query: str, match: str, exact: bool = False) -> None:
    before = time.process_time()
    error = refusal(index, query, match, exact)
    assert time.process_time() - before < LONGEST, query[:200]
    if error is not None:
        assert 0 <= error.position <= len(error.query), query
        assert str(error)


@pytest.mark.no_cover
def test_random_strings(index: Index) -> None:
    chosen = random.Random(20241)
    texts = [section.text for section in index.engine.stream(MatchAll())]
    for _ in range(100_000 if ALL else 3_000):
        pieces = []
        for _ in range(chosen.choice([1, 2, 4, 8, 8, 16, 40])):
            kind = chosen.random()
            if kind < 0.5:
                pieces.append(chosen.choice(OPERATORS))
            elif kind < 0.9:
                text = chosen.choice(texts)
                start = chosen.randrange(len(text))
                pieces.append(text[start : start + chosen.randint(1, 6)])
            else:
                pieces.append(chr(chosen.randrange(0x110000)))
        match = chosen.choice(["auto", "auto", "all", "any", "exact"])
        answer(index, "".join(pieces), match, exact=chosen.random() < 0.1)


COMMON = "的和在是一有不了中人大上国发展"


@pytest.mark.parametrize("match", ["auto", "any", "exact"])
@pytest.mark.parametrize(
    "query",
    [
        pytest.param("的", id="one frequent character"),
        pytest.param(" ".join(COMMON), id="frequent characters"),
        pytest.param("的 ~0 的", id="near itself"),
        pytest.param(" ~5 ".join("的" * 9), id="a long chain"),
        pytest.param(" ~5 ".join(COMMON[:9]), id="a chain of frequent characters"),
        pytest.param(" ".join(["的 ~10 和", "在 ~3 是"] * 4), id="many chains"),
        pytest.param('"的*和"', id="star between frequent characters"),
        pytest.param('"' + "的*" * 8 + '的"', id="many stars"),
        pytest.param('"' + "的*" * 80 + '的"', id="too many stars"),
        pytest.param('"的' + "?" * 8 + '"', id="many question marks"),
        pytest.param('"?的"', id="a question mark first"),
        pytest.param('"*"', id="nothing but a star"),
        pytest.param(" OR ".join(f'"{a}*{b}"' for a in COMMON[:2] for b in COMMON[7:11]), id="stars, either"),
        pytest.param(" OR ".join(chr(0x4E00 + 7 * i) for i in range(980)), id="a thousand OR"),
        pytest.param(" ".join(chr(0x4E00 + 2 * i) for i in range(999)), id="a thousand words"),
        pytest.param(" ".join("-" + chr(0x4E00 + 2 * i) for i in range(999)), id="a thousand NOT"),
        pytest.param("营商环境优化改革" * 624, id="one long group"),
        pytest.param("的" * 5000, id="one long group of one character"),
        pytest.param('"' + "营商环境优化改革" * 620 + '"', id="a long phrase"),
        pytest.param("a" * 5000, id="a long word of letters"),
        pytest.param("a " * 999, id="many letters"),
        pytest.param("(" * 100 + "的" + ")" * 100, id="deep brackets"),
        pytest.param("(" * 4000, id="brackets that do not close"),
        pytest.param("a(b" * 1600, id="brackets inside groups"),
        pytest.param("“" * 2500 + "”" * 2500, id="deep quotes"),
        pytest.param("NOT " * 1200 + "的", id="not not"),
        pytest.param("句(-的)", id="a sentence without"),
        pytest.param("-句(的 和)", id="no sentence with"),
        pytest.param("句(" + " OR ".join(COMMON[:7]) + ")", id="many words in a sentence"),
        pytest.param("句(" * 7 + "的" + ")" * 7, id="sentences in sentences"),
        pytest.param("段(-句(" * 3 + "的" + "))" * 3, id="sentences in paragraphs"),
        pytest.param("段(" + " OR ".join(["的 ~5 和 ~3 在"]) + ")", id="near in a paragraph"),
        pytest.param("句(" + "营商环境" * 1200 + ")", id="a long group in a sentence"),
        pytest.param(" ".join(["量(的 >5%)"] * 4), id="many quantities"),
        pytest.param("量(-的 <0)", id="a quantity beside anything"),
        pytest.param(" ".join(["heading:的"] * 8), id="many headings"),
        pytest.param(" OR ".join(["title:的"] * 8), id="many titles"),
        pytest.param("heading:" + "营商环境" * 34, id="a long heading"),
        pytest.param("title:" + "营商环境" * 34, id="a long title"),
        pytest.param("民法典第三条 " * 700, id="a list of citations"),
        pytest.param("国办发〔2018〕126号 " * 350, id="a list of document numbers"),
        pytest.param("的" + " 第三条、第四条" * 550, id="a list of numbers"),
        pytest.param("云麓省 条例 " * 480 + "第三条", id="many words before a number"),
        pytest.param(" ".join(["region:北京"] * 500), id="many places"),
        pytest.param(" OR ".join("province:" + chr(0x4E00 + i) for i in range(350)), id="many places, either"),
    ],
)
@pytest.mark.no_cover
def test_the_worst_queries_take_no_time(index: Index, query: str, match: str) -> None:
    answer(index, query, match)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["改 " * 3000, "民法典第三条 " * 2000, "（一）" * 5000, "国发2023年1号 " * 1500])
def test_a_long_name_takes_no_time(index: Index, name: str) -> None:
    before = time.process_time()
    assert index.find(name).view is None
    assert time.process_time() - before < LONGEST


def test_a_query_that_would_be_too_long_with_filters_is_answered_without_them(index: Index) -> None:
    year = next(fields["year"] for fields, _ in index.engine.documents(MatchAll()) if fields["year"])
    assert index.search(f"{year}年没有的词").suggestion == f"year:{year} 没有的词"
    assert index.search(f"{year}年没有的词 " * 450).suggestion is None


@pytest.mark.no_cover
def test_a_pasted_chapter_takes_no_time(index: Index) -> None:
    texts = (section.reduced for section in index.engine.stream(MatchAll()))
    pasted = "".join(c for text in islice(texts, 300) for c in text if "一" <= c <= "龥")[:5000]
    for group in ("section", "document"):
        before = time.process_time()
        assert index.search(pasted, match="any", group=group).total
        assert time.process_time() - before < 2 * LONGEST
    told = index.search(pasted, match="any", explain=True, limit=1).explanation
    assert told is not None
    assert 500 < len(told.terms) <= 1000


@pytest.mark.parametrize("text", ["的" * 100_000, "营商环境" * 25_000, "a1 " * 30_000, "()" * 50_000])
@pytest.mark.no_cover
def test_a_long_exact_query_takes_no_time(index: Index, text: str) -> None:
    answer(index, text, "auto", exact=True)
