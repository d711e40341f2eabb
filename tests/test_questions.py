"""Questions: words that only ask are neither scored nor marked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import build_index

import policysearch

ASKING = ("谁", "什么", "哪些", "怎么", "如何", "有没有", "多少", "吗", "怎样", "是否")
TEXTS = {
    "问答.txt": """云麓省政务服务问答

一、常见问题

谁可以？什么时候？哪些人？怎么办？如何办？有没有？多少？是吗？怎样？是否？为什么？谁，什么，哪些，怎么，如何，有没有，多少，吗。
""",
    "补贴.txt": """云麓省人民政府关于就业补贴的意见

云政发〔2021〕7号

各市人民政府：

一、申请补贴

企业向人力资源部门申请就业补贴，由财政部门负责审核。

二、执法

谁执法谁普法。

云麓省人民政府
2021年6月1日
""",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[policysearch.Index]:
    sources = tmp_path_factory.mktemp("questions")
    for name, text in TEXTS.items():
        (sources / name).write_text(text, encoding="utf-8")
    with policysearch.open_index(str(build_index(sources, tmp_path_factory.mktemp("index") / "index"))) as opened:
        yield opened


@pytest.mark.parametrize(
    "query",
    [
        "企业如何申请就业补贴由谁负责审核多少",
        "哪些企业怎么申请就业补贴吗",
        "有没有企业申请就业补贴什么部门审核",
        "谁 负责 审核 旅游 补贴",
        "旅游补贴怎样申请",
        "企业是否有旅游补贴",
    ],
)
def test_words_that_only_ask_are_neither_scored_nor_marked(index: policysearch.Index, query: str) -> None:
    answer = index.search(query, explain=True)
    assert answer.match == "any"
    assert answer.hits[0].document_id == "补贴.txt"
    for hit in answer.hits:
        marked = [hit.snippet.text[start:end] for start, end in hit.snippet.spans]
        assert not [text for text in marked if any(word in text for word in ASKING)]
        if hit.document_id == "问答.txt":
            assert (hit.score, hit.matches) == (0, 0)
    assert answer.explanation is not None
    assert not [one.term.text for one in answer.explanation.terms if any(word in one.term.text for word in ASKING)]
    # which sections are found is as with any of all its words
    assert {hit.section_id for hit in index.search(query, limit=None)} == {
        hit.section_id for hit in index.search(query, match="any", limit=None)
    }


@pytest.mark.parametrize("query", ["如何", "谁 多少", "谁执法谁普法", "如何办"])
def test_such_words_are_searched_for_where_they_are_all_that_is_asked_for(
    index: policysearch.Index, query: str
) -> None:
    answer = index.search(query)
    assert answer.hits[0].matches > 0
    assert answer.hits[0].score > 0


@pytest.mark.parametrize("query", ["无此词 。", "补贴 ！", "无此词 OR ？", "year:2024 ， 。"])
def test_punctuation_does_not_ask(index: policysearch.Index, query: str) -> None:
    relaxed = index.search(query, limit=None, plain=True)
    wanted = index.search(query, match="any", limit=None, plain=True)
    assert [(hit.section_id, hit.score, hit.matches) for hit in relaxed.hits] == [
        (hit.section_id, hit.score, hit.matches) for hit in wanted.hits
    ]
    assert relaxed.relaxed
    assert min(hit.score * hit.matches for hit in relaxed.hits) > 0


def test_other_modes_take_every_word(index: policysearch.Index) -> None:
    marked = {
        hit.snippet.text[start:end] for hit in index.search("谁 旅游", match="any") for start, end in hit.snippet.spans
    }
    assert marked == {"谁"}
    assert index.search("“如何办”").total == 1
