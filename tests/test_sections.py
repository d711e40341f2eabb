"""The structure of official documents, pattern by pattern, and what holds for any text."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policysearch.documents.cleaning.clean import clean
from policysearch.documents.sections import Section, split_sections
from policysearch.sources.readers.reading import HeadingLine, Reading

BODY = (
    "全市上下齐心协力推进各项工作，农田水利建设取得新的进展，群众生活水平稳步提高，社会保持安定，"
    "市场供应充足，交通条件继续改善。"
)
OPENING = (
    "青原市政府工作报告\n2021年1月5日在青原市第三届人民代表大会第二次会议上\n"
    "各位代表：\n现在，我代表市人民政府报告工作。"
)


def sections(text: str) -> tuple[Section, ...]:
    return split_sections("d", text)


def outline(text: str) -> list[str]:
    """Return the sections that have a number or a heading, indented by level."""
    return [
        "  " * (s.level - 1) + f"{s.number or ''}|{s.heading or ''}" for s in sections(text) if s.number or s.heading
    ]


def text(*lines: str) -> str:
    """Return lines as a text; ``…`` is a paragraph."""
    return "\n".join(BODY if line == "…" else line for line in lines)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            ["一、农业", "（一）粮食。…", "（二）水利。…", "二、工业", "…"],
            ["一、|农业", "  （一）|粮食", "  （二）|水利", "二、|工业"],
            id="run-in under own line",
        ),
        pytest.param(
            ["(一)粮食", "…", "( 二)水利", "…", "(三) 林业", "…"],
            ["(一)|粮食", "( 二)|水利", "(三)|林业"],
            id="half width, stray spaces, without a level above",
        ),
        pytest.param(
            [
                "一、举措",
                "行动一：植树行动",
                "1.育苗。…",
                "2.栽植。…",
                "行动二：浇水行动",
                "1.打井。…",
                "2.引水。…",
                "二、要求",
                "…",
            ],
            [
                *("一、|举措", "  行动一：|植树行动", "    1.|育苗", "    2.|栽植"),
                *("  行动二：|浇水行动", "    1.|打井", "    2.|引水", "二、|要求"),
            ],
            id="tasks with a colon",
        ),
        pytest.param(
            ["一、农业", "1.粮食。…", "2.水利。…", "二、工业", "…"],
            ["一、|农业", "  1.|粮食", "  2.|水利", "二、|工业"],
            id="a level is skipped",
        ),
        pytest.param(
            ["1、农业", "（1）粮食。…", "（2）水利。…", "2、工业", "…"],
            ["1、|农业", "  （1）|粮食", "  （2）|水利", "2、|工业"],
            id="Arabic numbers outermost",
        ),
        pytest.param(
            ["第一部分　回顾", "一、农业", "…", "二、工业", "…", "第二部分　任务", "一、农业", "…"],
            ["第一部分|回顾", "  一、|农业", "  二、|工业", "第二部分|任务", "  一、|农业"],
            id="numbers restart in each part",
        ),
        pytest.param(
            ["一、农业", "…", "三、工业", "…", "三、商业", "…"],
            ["一、|农业", "三、|工业", "三、|商业"],
            id="a number is missing and one is twice",
        ),
        pytest.param(
            ["一、农业", "（一）粮食", "一、早稻。…", "二、晚稻。…", "（二）水利", "…", "二、工业", "…"],
            ["一、|农业", "  （一）|粮食", "    一、|早稻", "    二、|晚稻", "  （二）|水利", "二、|工业"],
            id="the outer style again in a list inside",
        ),
        pytest.param(
            ["一、2020年工作回顾", "…", "二、2021年工作安排", "…"],
            ["一、|2020年工作回顾", "二、|2021年工作安排"],
            id="a year after the number",
        ),
        pytest.param(
            ["1 总则", "1.1 目的", "…", "1.2 依据", "…", "2 组织", "2.1 机构", "2.1.1 办公室", "…", "3 附则", "…"],
            [
                *("1|总则", "  1.1|目的", "  1.2|依据"),
                *("2|组织", "  2.1|机构", "    2.1.1|办公室", "3|附则"),
            ],
            id="decimal numbers",
        ),
        pytest.param(
            ["一、任务", "（一）设施", "1.补短板。…", "2.强弱项。…", "专栏1 体育工程", "…", "（二）赛事", "…"],
            ["一、|任务", "  （一）|设施", "    1.|补短板", "    2.|强弱项", "    专栏1|体育工程", "  （二）|赛事"],
            id="a box of a plan",
        ),
        pytest.param(
            ["第一章", "农业", "…", "第二章", "工业", "…"],
            ["第一章|农业", "第二章|工业"],
            id="the title on the next line",
        ),
        pytest.param(["一", "…", "二", "…"], ["一|", "二|"], id="nothing but a numeral"),
        pytest.param(["㈠粮食。…", "㈡水利。…"], ["㈠|粮食", "㈡|水利"], id="numbers that are one character"),
    ],
)
def test_levels_come_from_nesting(lines: list[str], expected: list[str]) -> None:
    assert outline(text(*[line.replace("…", BODY) for line in lines])) == expected


def test_parts_without_numbers_stand_above_numbers() -> None:
    report = text(OPENING, "2020年工作回顾", "…", "一、农业", "…", "2021年重点工作", "…", "一、工业", "…")
    assert outline(report) == ["|2020年工作回顾", "  一、|农业", "|2021年重点工作", "  一、|工业"]


def test_heading_lines_of_two_tiers() -> None:
    report = text(
        OPENING, "2020年工作回顾", "…", "农业稳步发展", "…", "工业加快转型", "…", "2021年重点工作", "…", "抓好水利", "…"
    )
    assert outline(report) == [
        "|2020年工作回顾",
        "  |农业稳步发展",
        "  |工业加快转型",
        "|2021年重点工作",
        "  |抓好水利",
    ]


def test_sentences_on_lines_of_their_own_are_headings_when_they_are_many() -> None:
    pairs = [line for name in ("农业稳步发展。", "工业加快转型。", "商业日益繁荣。") for line in (name, BODY * 2)]
    assert outline(text(OPENING, "一、工作回顾", *pairs, "二、重点工作", "…")) == [
        "一、|工作回顾",
        "  |农业稳步发展",
        "  |工业加快转型",
        "  |商业日益繁荣",
        "二、|重点工作",
    ]


def test_first_sentences_head_paragraphs_only_in_company() -> None:
    alone = text(OPENING, "一、农业", f"粮食再获丰收。{BODY}", "…", "…", "二、工业", "…")
    assert outline(alone) == ["一、|农业", "二、|工业"]
    company = text(OPENING, "一、农业", f"粮食再获丰收。{BODY}", f"水利全面加强。{BODY}", "二、工业", "…")
    assert outline(company) == ["一、|农业", "  |粮食再获丰收", "  |水利全面加强", "二、|工业"]


def test_statements_are_no_headings() -> None:
    lines = [f"农业是发展的基础。{BODY}", f"我国农村人口众多。{BODY}", f"城镇新增就业3万人。{BODY}"]
    assert outline(text(OPENING, "一、农业", *lines)) == ["一、|农业"]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("国内生产总值增长3.5%", id="a decimal"),
        pytest.param("第三届人民代表大会", id="an ordinal"),
        pytest.param("图1 规划范围", id="a caption"),
        pytest.param("2021年3月4日", id="a date"),
        pytest.param("第二净水厂（一期）主体完工。", id="a bracketed number inside"),
        pytest.param("甲\t乙\t丙", id="a row of a table"),
    ],
)
def test_lines_that_are_no_headings(line: str) -> None:
    assert outline(text("一、农业", "…", line, "…", "二、工业", "…")) == ["一、|农业", "二、|工业"]


def test_items_that_end_in_semicolons_are_no_sections() -> None:
    items = ["（一）查验材料；", "（二）询问申请人；", "（三）其他职责。"]
    assert outline(text("一、职责", "登记机构履行下列职责：", *items, "二、期限", "…")) == ["一、|职责", "二、|期限"]


def test_provisions_are_numbered_without_heading() -> None:
    rules = ["对小型企业减半征收资源税。", "本公告所称企业，是指依法设立的单位。", "已征的税款予以退还。"]
    assert outline(text("关于税收的公告", "…", *(f"{'一二三'[n]}、{rule}" for n, rule in enumerate(rules)))) == [
        "一、|",
        "二、|",
        "三、|",
    ]


def test_a_colon_or_wide_space_ends_a_short_heading() -> None:
    assert outline(text(f"一、总体要求：{BODY[:-1]}，{BODY}", f"二、任务　{BODY[:-1]}，{BODY}")) == [
        "一、|总体要求",
        "二、|任务",
    ]


def test_headings_glued_to_their_body_end_as_their_siblings_do() -> None:
    glued = (
        "各位代表：现在报告工作。2020年工作回顾2020年是不平凡的一年，各项工作取得进展。"
        "一、聚力发展农业,粮食再获丰收坚持农业优先,推进水利建设。(一)粮食增产。全年粮食产量稳定，"
        "高标准农田面积继续扩大，良种覆盖面不断提高，农机作业更加普遍，农民种粮积极性得到保护，收入稳步增加。(二)水利加强。新建水库三座，灌溉条件得到明显改善。二、聚力发展工业,结构不断优化深入推进转型,建成园区两个。"
        "三、聚力发展商业,市场日益繁荣全面落实政策,促进消费回升，人民生活水平稳步提高。"
    )
    assert outline(glued) == [
        "|2020年工作回顾",
        "  一、|聚力发展农业,粮食再获丰收",
        "    (一)|粮食增产",
        "    (二)|水利加强",
        "  二、|聚力发展工业,结构不断优化",
        "  三、|聚力发展商业,市场日益繁荣",
    ]


def test_spaces_may_stand_for_line_breaks() -> None:
    flat = (
        f"关于水库的通知 各县人民政府： {BODY * 50} 一、明确范围 （一）大型水库。{BODY} （二）小型水库。{BODY} "
        f"二、落实责任 （三）加强领导。{BODY} （四）加强检查。{BODY}"
    )
    assert outline(flat) == [
        *("一、|明确范围", "  （一）|大型水库", "  （二）|小型水库"),
        *("二、|落实责任", "  （三）|加强领导", "  （四）|加强检查"),
    ]
    assert all(section.text for section in sections(flat))


def test_a_table_of_contents_is_not_the_body() -> None:
    contents = ["目　录", "一、农业……1", "二、工业……5"]
    found = sections(text("发展规划", *contents, "一、农业", "…", "二、工业", "…"))
    assert [(s.heading, len(s.text) > 40) for s in found if s.number] == [("农业", True), ("工业", True)]


def test_an_attachment_starts_its_own_numbers() -> None:
    notice = text(
        "关于水库管理的通知", "各县人民政府：", "…", "一、范围", "…", "二、要求", "…",
        "附件：1.水库名录", "2.管理办法", "青原市人民政府", "2021年3月4日", "（此件公开发布）",
        "附件1", "水库名录", "一、大型水库", "…", "附件2", "管理办法", "一、总则", "…",
    )  # fmt: skip
    assert outline(notice) == [
        "一、|范围",
        "二、|要求",
        "附件1|水库名录",
        "  一、|大型水库",
        "附件2|管理办法",
        "  一、|总则",
    ]
    assert sections(notice)[-1].path == ("附件2 管理办法", "一、总则")
    signature = next(s for s in sections(notice) if s.text.startswith("附件：1."))
    assert (signature.heading, signature.level) == (None, 1)


def test_what_follows_a_signature_is_a_document_of_its_own() -> None:
    notice = text(
        "关于印发办法的通知", "各县人民政府：", "…", "青原市人民政府", "二〇二一年三月四日",
        "青原市水库", "管理办法", "第一条　为了加强管理，制定本办法。", "第二条　本办法适用于全市。",
    )  # fmt: skip
    assert outline(notice) == ["|青原市水库管理办法", "  第一条|", "  第二条|"]


def test_each_term_of_a_glossary_is_a_section() -> None:
    report = text(
        OPENING,
        "一、工作回顾",
        "…",
        "名词解释",
        "1.三员：指护林员、护河员、护路员。",
        "2.“两保”工程:指保水保土。",
        "包括梯田。",
        "3.四好 指四项要求。",
    )
    assert outline(report)[1:] == ["|名词解释", "  1.|三员", "  2.|“两保”工程", "  3.|四好"]
    assert {s.part for s in sections(report)[-4:]} == {"glossary"}


STATUTE = [
    "水库管理条例", "（2020年3月4日青原市第二届人民代表大会常务委员会第五次会议通过）",
    "目　录", "第一章　总　则", "第二章　保护", "第一章　总　则",
    "第一条　为了加强管理，制定本条例。", "第二条 水库分为下列两类：", "（一）大型水库；", "（二）小型水库。",
    "第二章　保护", "第一节　一般规定", "第三条　禁止下列行为：", "（一）倾倒；", "依照本条例",
    "第二条规定分类的水库除外。", "第三条之一　水库应当划定范围。", "第四条【罚则】违反第三条规定的，给予处罚。",
]  # fmt: skip


def test_articles_are_the_sections_of_a_statute() -> None:
    assert outline(text(*STATUTE)) == [
        "第一章|总　则",
        "  第一条|",
        "  第二条|",
        "第二章|保护",
        "  第一节|一般规定",
        "    第三条|",
        "    第三条之一|",
        "    第四条|罚则",
    ]


def test_an_article_keeps_its_text_and_its_items() -> None:
    articles = {s.number: s for s in sections(text(*STATUTE))}
    assert articles["第二条"].text == "第二条 水库分为下列两类：\n（一）大型水库；\n（二）小型水库。\n"
    assert "第二条规定分类的水库除外" in articles["第三条"].text
    assert articles["第三条"].path == ("第二章 保护", "第一节 一般规定", "第三条")


def test_articles_are_found_when_line_breaks_are_lost() -> None:
    whole = text(*STATUTE[:2], *STATUTE[5:])
    joined = outline(whole.replace("\n", ""))
    assert [line.strip() for line in joined] == [line.strip() for line in outline(whole)]


def test_articles_of_a_text_broken_at_one_width() -> None:
    lines = [f"第{n}条　{BODY}" for n in "一二三四五六"]
    lines[2] = f"第三条　{BODY[:-1]}，违反的依照本条例第二条规定处理，并按照本条例第五条规定的期限公告。"
    broken = "\n".join(line[at : at + 24] for line in lines for at in range(0, len(line), 24))
    assert [s.number for s in sections(clean(Reading(broken)).text)] == [f"第{n}条" for n in "一二三四五六"]


def test_two_articles_make_a_statute() -> None:
    assert outline("附则\n第十条　本法所称水库，是指蓄水工程。\n第十一条　本法自公布之日起施行。") == [
        "|附则",
        "  第十条|",
        "  第十一条|",
    ]


def test_parts_of_a_report() -> None:
    report = text(
        OPENING, "一、2020年工作回顾", "…", "（一）加强政府自身建设。…", "（二）水利。…",
        "二、2021年工作安排", "…", "今年经济社会发展的主要预期目标是：产值增长5%。", "重点做好以下工作：",
        "（一）农业。…", "（二）全面加强政府自身建设。…", "各位代表！让我们携手前进，为建设美好家园而奋斗！",
        "名词解释", "1.三员：指护林员。",
    )  # fmt: skip
    assert [s.part for s in sections(report)] == [
        "preamble", "preamble", "review", "review", "review", "plan", "targets", "plan", "plan",
        "self_building", "body", "glossary", "glossary",
    ]  # fmt: skip


def test_other_documents_have_no_parts_of_reports() -> None:
    notice = text("关于水库的意见", "各县人民政府：", "…", "一、总体要求", "…", "二、重点任务", "…")
    assert [s.part for s in sections(notice)] == ["preamble", "preamble", "body", "body"]


def test_text_after_the_last_child_is_a_section_without_heading_below_the_part() -> None:
    report = text(
        OPENING, "一、工作回顾", "…", "（一）农业。…", "（二）水利。…",
        "各位代表！过去一年成绩来之不易。", "同时，我们也清醒地认识到存在的问题。",
        "二、工作安排", "…",
    )  # fmt: skip
    tails = [(s.level, s.heading, s.path) for s in sections(report) if s.text.startswith(("各位代表！", "同时"))]
    assert tails == [(2, None, ("一、工作回顾",))] * 2


def test_a_text_without_structure_is_groups_of_paragraphs() -> None:
    found = sections("\n".join([BODY * 5] * 20))
    assert all(s.heading is None and s.level == 1 and len(s.text) <= 1300 for s in found)
    assert len(found) > 5


def test_a_heading_without_body_is_kept() -> None:
    assert [s.text for s in sections("一、农业\n二、工业\n" + BODY)] == ["一、农业\n", "二、工业\n" + BODY]


def test_pages_are_counted_from_one() -> None:
    one, two = f"一、农业\n{BODY}\n", f"二、工业\n{BODY}\n"
    found = split_sections("d", one + two, pages=(0, len(one)))
    assert [s.page for s in found] == [1, 2]


def test_headings_of_the_format_are_headings() -> None:
    source = text("规划", "…", "发展思路", "总的来说", "…", "一、农业", "…")
    mark = HeadingLine(source.index("发展思路"), 2)
    assert [s.heading for s in split_sections("d", source, (mark,)) if s.heading] == ["发展思路", "农业"]


REPORT = text(
    OPENING, "2020年工作回顾", "…", "一、聚力发展农业", "…",
    f"（一）粮食增产,水利加强。{BODY}", f"（二）林业巩固。{BODY}",
    "二、聚力发展工业", "…", "2021年重点工作", "…", "一、抓好农业", "…", "二、抓好工业", "…",
    "各位代表！让我们一起奋斗！",
)  # fmt: skip
HALF = str.maketrans("，。；：！？（）", ",。;:!?()")


def plain(source: str) -> list[tuple[int, str]]:
    result = clean(Reading(source))
    found = split_sections("d", result.text)
    heads = [(s.level, f"{s.number or ''}{s.heading or ''}") for s in found if s.number or s.heading]
    return [(level, "".join(unicodedata.normalize("NFKC", head).split())) for level, head in heads]


def paged(source: str) -> str:
    size = 97
    cut = range(0, len(source), size)
    return "".join(f"{source[at : at + size]}\n—{n}—\n" for n, at in enumerate(cut, 1))


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda t: t.translate(HALF), id="half-width marks"),
        pytest.param(lambda t: "\n".join("　　" + line for line in t.split("\n")), id="ideographic indents"),
        pytest.param(lambda t: t.replace("\n", "\n\n"), id="empty lines"),
        pytest.param(paged, id="page marks anywhere"),
        pytest.param(lambda t: t.replace("（一）", "（ 一）"), id="space in brackets"),
        pytest.param(lambda t: "\n".join(" ".join(line) for line in t.split("\n")), id="spaced out"),
    ],
)
def test_a_mechanical_rewrite_gives_the_same_tree(rewrite) -> None:  # type: ignore[no-untyped-def]
    assert plain(rewrite(REPORT)) == plain(REPORT)


def test_numbers_are_found_when_all_line_breaks_are_lost() -> None:
    joined, whole = (
        [head[:3] for _, head in plain(source) if head.startswith(("一、", "二、", "("))]
        for source in (REPORT.replace("\n", ""), REPORT)
    )
    assert joined == whole


PIECES = st.sampled_from(
    [
        *(
            "一、",
            "二、",
            "三、",
            "（一）",
            "（二）",
            "(1)",
            "1.",
            "2.",
            "第一章 ",
            "第一条 ",
            "第二条 ",
            "第三条 ",
            "一是",
        ),
        *(
            "\n",
            "\n",
            "\n",
            "。",
            "：",
            "；",
            "，",
            "附件",
            "附件1\n",
            "名词解释\n",
            "目录\n",
            "各位代表！",
            "2021年3月4日\n",
        ),
        *("主要预期目标是：", "让我们", "——", "2020年工作回顾\n", BODY, "农业。", "\t"),
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=80).map("".join)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_laws_for_any_text(source: str) -> None:
    found = sections(source)
    assert "".join(s.text for s in found) == source
    at = 0
    open_level = 0
    for n, section in enumerate(found, 1):
        assert (section.section_id, section.start) == (f"d#{n}", at)
        assert section.text == source[section.start : section.end] != ""
        assert 1 <= section.level <= open_level + 1
        assert section.heading is None or section.heading.replace("\n", "") in section.text.replace("\n", "")
        assert section.number is None or section.number in section.text
        assert len(section.path) <= section.level
        at, open_level = section.end, section.level


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("推进发展取得成效" * 800_000, id="one line of 20 MB"),
        pytest.param("一、农业。（一）粮食" * 600_000, id="one line of numbers"),
        pytest.param("\n".join(f"{'一二三四五六七八九'[n % 9]}、标题" for n in range(100_000)), id="100,000 headings"),
        pytest.param("（" * 10_000 + "一" + "）" * 10_000, id="10,000 brackets"),
        pytest.param("第" + " " * 3_000_000 + "条", id="blanks inside a number"),
        pytest.param("1" * 3_000_000, id="one long number"),
    ],
)
@pytest.mark.no_cover
def test_hostile_texts_take_seconds(source: str) -> None:
    begin = time.process_time()
    result = clean(Reading(source))
    found = split_sections("d", result.text)
    assert "".join(s.text for s in found) == result.text
    assert time.process_time() - begin < 30


AIMS = (
    "主要预期目标建议为：地区生产总值增长6%左右。",
    "今年全市经济社会发展主要预期目标\n是：地区生产总值增长6%左右。",
    "今年全市经济社会发展主要预\n期目标是：地区生产总值增长6%左右。",
    "今年全市经济社会发展的\n主要预期目标\n是：地区生产总值增长6%左右。",
    "今年经济社会发展预期目标初步安排如下：地区生产总值增长6%左右。",
)


@pytest.mark.parametrize("passage", AIMS)
def test_the_passage_of_aims_is_found(passage: str) -> None:
    after = "重点做好六个方面工作：\n\n（一）扩大内需\n\n促进消费。\n"
    text = f"政府工作报告\n\n各位代表：\n\n一、二〇二四年工作安排\n\n{passage}\n\n{after}"
    sections = split_sections("甲", text)
    (aims,) = (one for one in sections if "增长6%" in one.text)
    assert aims.part == "targets"
    assert "预" in aims.text
    assert aims.heading is not None or "重点做好" not in aims.text
    assert "".join(one.text for one in sections) == text


def test_a_passage_of_aims_inside_a_paragraph_begins_with_its_sentence() -> None:
    before = "今年是起步之年，我们要坚持稳中求进、提质增效，着力稳就业、稳企业、稳市场、稳预期，确保良好开局。"
    aims = "主要预期目标是：地区生产总值增长5%以上，居民收入增长5%左右。"
    text = f"政府工作报告\n\n各位代表：\n\n一、今年工作安排\n\n{before}{before}{aims}\n\n（一）扩大内需\n\n促进消费。\n"
    (found,) = (one for one in split_sections("甲", text) if one.part == "targets")
    assert found.text.strip() == aims
