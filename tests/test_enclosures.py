"""The surroundings of a document's own text: enclosures, signatures, notes of issue, text of the whole."""

from __future__ import annotations

import pytest

from policysearch.documents.cleaning.clean import clean
from policysearch.documents.sections import Section, split_sections
from policysearch.sources.readers.reading import Reading

BODY = "各地要严格执行值班制度，及时报送信息，妥善处置险情，确保人民群众生命财产安全，落实物资储备。"
HEAD = ["青石县人民政府关于做好防汛工作的通知", "青政发〔2021〕3号", "各乡镇人民政府：", "现就有关事项通知如下。"]
PARTS = ["一、加强值守", BODY, "二、强化保障", BODY]
SIGNED = ["青石县人民政府", "2021年5月6日"]


def sections(*lines: str) -> tuple[Section, ...]:
    return split_sections("d", clean(Reading("\n".join(lines))).text)


def outline(*lines: str) -> list[str]:
    found = (s for s in sections(*lines) if s.number or s.heading)
    return ["  " * (s.level - 1) + "".join(f"{s.number or ''}{s.heading or ''}".split()) for s in found]


def holder(found: tuple[Section, ...], words: str) -> Section:
    (section,) = (s for s in found if words in s.text)
    return section


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["附件：", "1.防汛责任人名单", "2.应急物资储备标准"], id="numbered below a colon"),
        pytest.param(["附件", "1.防汛责任人名单", "2.应急物资储备标准"], id="numbered without a colon"),
        pytest.param(["附件：1.防汛责任人名单", "2.应急物资储备标准"], id="from the same line on"),
        pytest.param(["附件：防汛责任人名单"], id="one"),
        pytest.param(["附件：", "防汛责任人名单.docx"], id="a file"),
        pytest.param(["附：", "防汛责任人名单"], id="附"),
    ],
)
def test_names_of_enclosures_and_the_signature_below_them_are_the_notices(names: list[str]) -> None:
    found = sections(*HEAD, *PARTS, *names, *SIGNED)
    assert {s.part for s in found} == {"preamble", "body"}
    last = holder(found, "2021年5月6日")
    assert (last.number, last.heading, last.level) == (None, None, 1)
    assert "青石县人民政府\n2021年5月6日" in last.text


def test_an_attachment_of_short_lines_whose_title_stands_with_its_number() -> None:
    tables = ["附件1：任务分工表", "任务一 水利局负责", "任务二 住建局负责", "附件2：指标", "用水总量 5万吨"]
    found = sections(*HEAD, *PARTS, *SIGNED, *tables)
    assert outline(*HEAD, *PARTS, *SIGNED, *tables)[-2:] == ["附件1任务分工表", "附件2指标"]
    assert holder(found, "任务二").part == holder(found, "用水总量").part == "attachment"
    assert holder(found, "2021年5月6日").part == "body"


@pytest.mark.parametrize(
    "names",
    [
        ["附件1：任务分工表", "附件2：指标"],
        ["附件1：任务分工表.docx", "附件2：指标.xlsx"],
        ["附件1：任务分工表", "抄送：县委办公室，县人大办公室。"],
        ["附件1：任务分工表", "（此件公开发布）"],
    ],
    ids=lambda names: names[-1],
)
def test_names_of_attachments_below_the_signature_are_no_attachments(names: list[str]) -> None:
    assert "attachment" not in {s.part for s in sections(*HEAD, *PARTS, *SIGNED, *names)}


@pytest.mark.parametrize("cut", ["措|施", "若|干措施", "条|例", "实施办|法"])
def test_the_title_of_an_attachment_whose_last_word_is_divided(cut: str) -> None:
    first, last = f"青石县促进民营经济高质量发展{'' if cut.startswith('若') else '的'}{cut}".split("|")
    found = sections(*HEAD, *SIGNED, "附件", first, last, "一、总则", BODY, "二、附则", BODY)
    assert "".join((holder(found, first).heading or "").split()).endswith(first + last)


def test_numbered_names_below_numbered_sentences_are_no_headings() -> None:
    lines = [
        "青石县人民政府公告",
        "现公告如下：",
        f"一、{BODY}",
        f"二、{BODY}",
        "特此公告。",
        "附件：",
        "1.水质标准",
        "2.收费表",
    ]
    found = sections(*lines, *SIGNED, "附件1", "水质标准", BODY)
    assert [s.number for s in found if s.number] == ["一、", "二、", "附件1"]
    assert holder(found, "2.收费表").text == "\n".join(["附件：", "1.水质标准", "2.收费表", *SIGNED, ""])


def test_an_enclosed_document_that_the_title_names_without_marks() -> None:
    title = "青石县人民政府办公室关于印发青石县防汛应急预案的通知"
    found = sections(
        title, HEAD[2], "经县政府同意，现印发给你们，请遵照执行。", "青石县防汛应急预案（试行）", *PLAN[1:]
    )
    assert [s.heading for s in found if s.part == "attachment" and s.level == 1] == ["青石县防汛应急预案（试行）"]


def test_a_list_of_names_is_an_attachment_without_a_sentence() -> None:
    found = sections(
        "关于公布名单的通知", "各单位：", "现将名单公布如下：", "附件", "先进单位名单", "县水务局", "县教育局"
    )
    assert [(s.number, s.heading) for s in found if s.part == "attachment"] == [("附件", "先进单位名单")]


def test_names_of_files_at_the_head_do_not_turn_a_notice_into_an_attachment() -> None:
    lines = [HEAD[0], HEAD[1], "附件", "防汛责任人名单.docx", *HEAD[2:], *PARTS]
    assert {s.part for s in sections(*lines)} == {"preamble", "body"}
    assert outline(*lines) == ["一、加强值守", "二、强化保障"]


def test_an_attachment_whose_text_follows_is_one() -> None:
    found = outline(
        *HEAD, *PARTS, "附件：防汛预案", *SIGNED, "附件", "防汛预案", BODY, "一、组织", BODY, "二、响应", BODY
    )
    assert found == ["一、加强值守", "二、强化保障", "附件防汛预案", "  一、组织", "  二、响应"]


PLAN = [
    "防汛应急预案",
    "为做好防汛工作，制定本预案。",
    "一、组织",
    "成立指挥部。",
    "二、响应",
    "（一）分级。分为三级。",
]
RULES = ["物资储备办法", "第一条 为储备物资，制定本办法。", "第二条 储备点由乡镇确定。", "第三条 每年检查。"]


def test_enclosed_documents_with_short_paragraphs_are_found_one_after_another() -> None:
    title = "青石县人民政府办公室关于印发防汛应急预案和物资储备办法的通知"
    named = "《防汛应急预案》和《物资储备办法》已经县政府同意，现印发给你们。"
    found = sections(title, HEAD[1], HEAD[2], named, *SIGNED, *PLAN, *RULES)
    assert [(s.level, s.number, s.heading) for s in found if s.part == "attachment" and (s.number or s.heading)] == [
        (1, None, "防汛应急预案"),
        (2, "一、", "组织"),
        (2, "二、", "响应"),
        (3, "（一）", "分级"),
        (1, None, "物资储备办法"),
        (2, "第一条", None),
        (2, "第二条", None),
        (2, "第三条", None),
    ]


def test_an_enclosed_document_is_found_by_its_number_below_a_signature() -> None:
    title = "青石县人民政府办公室关于印发防汛应急预案的通知"
    found = sections(title, HEAD[1], HEAD[2], "现印发给你们。", BODY, *SIGNED, "（此件公开发布）", *PLAN)
    assert [s.heading for s in found if s.part == "attachment" and s.level == 1] == ["防汛应急预案"]


def test_a_title_that_is_only_named_is_no_enclosed_document() -> None:
    lines = ["按照《防汛应急预案》的要求，现通知如下。", *PARTS, "参考文件", "防汛应急预案", *SIGNED]
    assert {s.part for s in sections(*HEAD[:3], *lines)} <= {"preamble", "body"}


@pytest.mark.parametrize(
    "notes",
    [
        ["公开方式：主动公开"],
        ["（此件公开发布）"],
        ["抄送：县委各部门，县人大常委会办公室，县政协办公室。", "青石县人民政府办公室 2021年5月7日印发"],
    ],
)
@pytest.mark.parametrize("signed", [SIGNED, []])
def test_notes_of_issue_are_a_tail_of_their_own(notes: list[str], signed: list[str]) -> None:
    found = sections(*HEAD, *PARTS, *signed, *notes)
    assert found[-1].text == "\n".join([*signed, *notes])
    assert (found[-1].number, found[-1].heading, found[-1].level, found[-1].part) == (None, None, 1, "body")


def test_notes_below_an_attachment_are_no_part_of_its_last_section() -> None:
    found = sections(*HEAD, *PARTS, *SIGNED, "附件", "防汛预案", BODY, "一、组织", BODY, "公开方式：主动公开")
    assert found[-1].text == "公开方式：主动公开"


def test_text_below_sentences_is_the_parents() -> None:
    days = ["一、元旦：1月1日放假，共1天。", "二、清明：4月5日放假，共1天。", "三、国庆：10月1日放假，共7天。"]
    rest = "节假日期间，各地各部门要妥善安排好值班和安全保卫工作，遇有重大突发事件及时报告。"
    found = sections(*HEAD, *days, rest, *SIGNED)
    section = holder(found, rest)
    assert (section.number, section.heading, section.level) == (None, None, 1)
    assert section.text == f"{rest}\n"


@pytest.mark.parametrize(
    "rest", ["本通知自2021年6月1日起施行，有效期三年。", "特此通知。", "以上意见如无不妥，请批转各地执行。"]
)
def test_text_that_speaks_of_the_whole_is_the_documents(rest: str) -> None:
    found = sections(*HEAD, "一、工作", f"（一）值守。{BODY}", f"（二）保障。{BODY}", BODY, rest, *SIGNED)
    section = holder(found, rest)
    assert (section.heading, section.level, section.text) == (None, 1, f"{rest}\n")


def test_a_part_with_two_paragraphs_keeps_both() -> None:
    found = sections(*HEAD, "一、值守", BODY, "二、保障", BODY, f"同时，{BODY}")
    assert found[-1].text == f"二、保障\n{BODY}\n同时，{BODY}"


def test_two_parts_of_one_kind_without_numbers() -> None:
    lines = [
        "关于供水建设",
        BODY,
        "一、水厂",
        BODY,
        "二、管网",
        BODY,
        "关于供热工作",
        BODY,
        "一、热源",
        BODY,
        "二、换热",
        BODY,
    ]
    expected = ["关于供水建设", "  一、水厂", "  二、管网", "关于供热工作", "  一、热源", "  二、换热"]
    assert outline("1984年政府工作报告", "各位代表：", BODY, *lines) == expected


@pytest.mark.parametrize(
    "rest", ["感谢您对我县防汛工作的关心和支持。", "妥否，请批示。", "以上答复如有不同意见，请及时反馈。"]
)
def test_thanks_and_requests_at_the_end_are_the_documents(rest: str) -> None:
    found = sections(*HEAD, *PARTS, rest, *SIGNED)
    section = holder(found, rest)
    assert (section.number, section.heading, section.level) == (None, None, 1)


def test_whom_to_call_below_a_signature_stands_with_it() -> None:
    contacts = ["联系人：县防汛办　罗成", "电　话：000-0000"]
    found = sections(*HEAD, *PARTS, *SIGNED, *contacts)
    assert found[-1].text == "\n".join([*SIGNED, *contacts])
    assert found[-2].text == f"二、强化保障\n{BODY}\n"


def test_who_was_present_at_a_meeting_is_no_part_of_its_last_point() -> None:
    present = [f"出席：{'常文谦、郑北山、' * 12}何敏", "列席：县财政局　高原", "分送：各参会单位。"]
    found = sections("关于水库加固工作的会议纪要", "会议研究了水库加固工作。现纪要如下：", *PARTS, *present)
    assert found[-1].text == "\n".join(present)
    assert (found[-1].heading, found[-1].level) == (None, 1)


def test_a_numbered_name_above_the_end_of_a_document_is_no_heading() -> None:
    lines = ["一、继续有效", "1.《绿化办法》（青政发〔2015〕8号）", "2.《救助办法》（青政发〔2017〕3号）", "二、废止"]
    lines += ["1.《殡葬规定》（青政发〔2009〕40号）", "本通知自公布之日起执行。"]
    assert outline(*HEAD, *lines, *SIGNED) == ["一、继续有效", "二、废止"]


@pytest.mark.parametrize(
    "last", ["以上报告，请予审议。", "各位代表，新的一年，我们将忠实履行职责，为青石发展作出新的贡献！"]
)
def test_what_ends_a_report_of_a_court_is_no_part_of_its_plan(last: str) -> None:
    lines = ["青石县人民法院工作报告", "各位代表：", "现在，我代表县人民法院向大会报告工作。", *PARTS]
    section = holder(sections(*lines, last), last)
    assert (section.number, section.heading, section.level) == (None, None, 1)
