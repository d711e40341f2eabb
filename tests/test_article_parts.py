"""Paragraphs, items and points of articles: where they are, and quotations that are said to be of another one."""

from __future__ import annotations

import pytest
from conftest import build_index

import policysearch
from policysearch.citation.article_parts import parts_at, parts_in
from policysearch.citation.section_marks import written

RULES = """云麓省湿地保护条例

（2019年3月28日云麓省第十一届人民代表大会常务委员会第三十次会议通过）

第一条　为了加强湿地保护，制定本条例。

第二条　任何单位和个人不得擅自开垦、填埋湿地。

县级以上人民政府应当建立湿地保护协调机制，统筹解决重大问题。

乡镇人民政府应当配合做好湿地巡护工作。

第三条　有下列情形之一的，由县级人民政府林业主管部门责令改正：

（一）擅自设立观光栈道的；

（二）向湿地排放未经处理的污水的，包括：

1．食品加工企业的工业废水；

2．养殖废水超过排放标准的；

（三）投放外来物种可能危害湿地生态的。

前款规定的行为造成严重后果的，处五万元以上二十万元以下罚款。

第四条　湿地公园应当公示下列信息：（一）开放时间和承载容量；（二）禁止游客从事的活动。

第五条　乡镇人民政府应当配合做好湿地巡护工作。
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> policysearch.Index:
    sources = tmp_path_factory.mktemp("sources")
    (sources / "条例.txt").write_text(RULES, encoding="utf-8")
    return policysearch.open_index(build_index(sources, tmp_path_factory.mktemp("index")))


NAME = "《云麓省湿地保护条例》"
PARAGRAPH = "县级以上人民政府应当建立湿地保护协调机制"
POLLUTION, SPECIES = "向湿地排放未经处理的污水的", "投放外来物种可能危害"
POINT, LATER, INLINE = "养殖废水超过排放标准的", "前款规定的行为造成严重后果的", "禁止游客从事的活动"


@pytest.mark.parametrize(
    ("cited", "quotation", "notable"),
    [
        ("第二条第一款", PARAGRAPH, "第一款 → 第二款"),
        ("第二条第三款", PARAGRAPH, "第三款 → 第二款"),
        ("第二条第一款和第三款", PARAGRAPH, "第一款 → 第二款"),
        ("第三条第一款第（三）项", POLLUTION, "第一款第（三）项 → 第一款第（二）项"),
        ("第三条第三项", POLLUTION, "第（三）项 → 第一款第（二）项"),
        ("第三条第（一）（三）项", POLLUTION, "第（一）项、第（三）项 → 第一款第（二）项"),
        ("第三条第二款", POLLUTION, "第二款 → 第一款第（二）项"),
        ("第三条第二项第1目", POINT, "第（二）项第一目 → 第一款第（二）项第二目"),
        ("第三条第一款", LATER, "第一款 → 第二款"),
        ("第四条第一项", INLINE, "第（一）项 → 第（二）项"),
        ("第三条", PARAGRAPH, None),
        ("第二条第九款", PARAGRAPH, None),
        ("第三条第二款第一项", "擅自设立观光栈道的", None),
    ],
)
def test_a_quotation_of_another_part_is_elsewhere(
    index: policysearch.Index, cited: str, quotation: str, notable: str | None
) -> None:
    for draft in (f"{NAME}{cited}规定：“{quotation}”", f"“{quotation}”（{NAME}{cited}）"):
        (claim,) = (claim for claim in index.verify(draft) if claim.kind == "quote")
        assert (claim.verdict, claim.attribution) == ("elsewhere", "other")
        assert claim.notable == ((notable,) if notable else ())


@pytest.mark.parametrize(
    ("cited", "quotation"),
    [
        ("第二条", PARAGRAPH),
        ("第二条第二款", PARAGRAPH),
        ("第2条第2款", PARAGRAPH),
        ("第二条第一款至第三款", PARAGRAPH),
        ("第二条第一款、第二款", PARAGRAPH),
        ("第一条至第三条", PARAGRAPH),
        ("第三条第一款", POLLUTION),
        ("第三条第二项", POLLUTION),
        ("第三条第一款第（二）项", POLLUTION),
        ("第三条第（一）（三）项", SPECIES),
        ("第三条第一款第一项、第三项", SPECIES),
        ("第三条第一款第一项至第三项", POLLUTION),
        ("第三条第一款第（一）项、第（二）项和第（三）项", SPECIES),
        ("第三条第（二）项", POINT),
        ("第三条第（二）项第2目", POINT),
        ("第三条第二款", LATER),
        ("第四条第二项", INLINE),
        ("第三条第一款第（三）项", "由县级人民政府林业主管部门责令改正：……（三）投放外来物种"),
        ("第二条第三款", "乡镇人民政府应当配合做好湿地巡护工作"),
        ("第五条", "乡镇人民政府应当配合做好湿地巡护工作"),
    ],
)
def test_a_quotation_of_the_cited_part_is_right(index: policysearch.Index, cited: str, quotation: str) -> None:
    for draft in (f"{NAME}{cited}规定：“{quotation}”", f"“{quotation}”（{NAME}{cited}）"):
        (claim,) = (claim for claim in index.verify(draft) if claim.kind == "quote")
        assert (claim.verdict, claim.attribution, claim.notable) == ("verbatim", "right", ())


def test_an_altered_quotation_is_attributed_to_its_part(index: policysearch.Index) -> None:
    altered = PARAGRAPH.replace("建立", "设立")
    for cited, attribution in (("第二条第二款", "right"), ("第二条第三款", "other")):
        (claim,) = (c for c in index.verify(f"{NAME}{cited}规定：“{altered}”") if c.kind == "quote")
        assert (claim.verdict, claim.attribution) == ("differs", attribution)


@pytest.mark.parametrize(
    ("cited", "verdict"),
    [
        ("第二条第三款", "found"),
        ("第二条第四款", "not_found"),
        ("第三条第一款第三项", "found"),
        ("第三条第二款第一项", "not_found"),
        ("第三条第（二）项第2目", "found"),
        ("第三条第（二）项第3目", "not_found"),
        ("第四条第（三）项", "not_found"),
    ],
)
def test_parts_that_an_article_has(index: policysearch.Index, cited: str, verdict: str) -> None:
    assert [claim.verdict for claim in index.verify(f"{NAME}{cited}")] == [verdict]


def test_parts_are_not_told_where_lines_are_broken() -> None:
    whole = "第九条　沿海地区应当合理安排养殖规模，控制养殖密度，防止海水富营养化，\n保护海洋环境。\n违者处罚。"
    assert parts_in(whole) == []
    assert [len(part.marks) for part in parts_in("第九条　甲。\n乙：\n1．丙；\n2．丁。\n戊。")] == [1, 1, 2, 2, 1]


def test_parts_cover_an_article() -> None:
    article = RULES[RULES.index("第三条") : RULES.index("第四条")]
    parts = parts_in(article)
    assert ["".join(map(written, part.marks)) for part in parts] == [
        "第一款",
        "第一款第（一）项",
        "第一款第（二）项",
        "第一款第（二）项第一目",
        "第一款第（二）项第二目",
        "第一款第（三）项",
        "第二款",
    ]
    assert "".join(article[part.start : part.end] for part in parts if len(part.marks) == 1) == article
    assert parts_at(article, article.index("食品")) == "第一款第（二）项第一目"
