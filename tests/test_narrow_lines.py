"""Texts of columns and narrow pages, whose lines are shorter than many headings: 8 to 20 characters."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from own_texts import broken_by_chance

from policysearch.documents.cleaning.clean import clean
from policysearch.documents.cleaning.joining import joined
from policysearch.documents.cleaning.lines import read_lines
from policysearch.documents.document import Document, documents_of
from policysearch.sources.readers.reading import Reading

DOCUMENT = [
    "青石市人民政府办公室关于印发青石市城镇老旧小区改造三年行动计划（2021—2023年）的通知",
    "青政办发〔2021〕18号",
    "各县（市、区）人民政府，市政府各部门、各直属单位：",
    "《青石市城镇老旧小区改造三年行动计划（2021—2023年）》已经市政府同意，现印发给你们，请认真组织实施。",
    "青石市人民政府办公室",
    "2021年4月8日",
    "青石市城镇老旧小区改造三年行动计划",
    "（2021—2023年）",
    "为加快推进城镇老旧小区改造，改善居民居住条件，制定本行动计划。",
    "一、工作目标和总体要求",
    "到2023年底，完成2000年底前建成的老旧小区改造320个，惠及居民5.8万户，总投资不少于12.6亿元。",
    "二、重点任务",
    "（一）完善基础设施。改造供水、排水、供电、供气、供热、道路、消防、安防等基础设施，消除安全隐患。",
    "（二）提升公共服务。因地制宜建设养老、托育、助餐、便民市场等服务设施，有条件的可以加装电梯。",
    "（三）创新治理机制。引导居民成立业主委员会，协商确定物业管理模式，建立健全长效管护机制。",
    "三、2021年工作安排",
    "1.加强组织领导。成立市城镇老旧小区改造工作领导小组，统筹推进各项工作，办公室设在市住房和城乡建设局。",
    "2.加大资金支持。市、县财政每年安排专项资金，积极争取中央补助资金，鼓励社会资本参与。",
    "3.强化督导考核。每季度通报进展情况，对工作不力的予以约谈。",
]
HEADINGS = [
    "青石市城镇老旧小区改造三年行动计划",
    "一、工作目标和总体要求",
    "二、重点任务",
    "（一）完善基础设施",
    "（二）提升公共服务",
    "（三）创新治理机制",
    "三、2021年工作安排",
    "1.加强组织领导",
    "2.加大资金支持",
    "3.强化督导考核",
]


def by_chance(line: str, chance: random.Random) -> list[str]:
    return broken_by_chance(line, chance, 8, 20)


def at_width(line: str, width: int) -> list[str]:
    return [line[at : at + width] for at in range(0, len(line), width)]


def read(lines: list[str]) -> Document:
    (document,) = documents_of([Reading("\n".join(lines))], "a.txt", "0")
    assert isinstance(document, Document)
    return document


def headings(document: Document) -> list[str]:
    return [f"{s.number or ''}{s.heading or ''}" for s in document.sections if s.number or s.heading]


@pytest.mark.parametrize("width", [9, 10, 12, 14, 16])
def test_a_column_of_one_width(width: int) -> None:
    found = read([piece for line in DOCUMENT for piece in at_width(line, width)])
    assert headings(found) == HEADINGS
    assert (found.title, found.document_number, found.date) == (DOCUMENT[0], DOCUMENT[1], "2021-04-08")
    assert found.issuer == DOCUMENT[4]


@pytest.mark.parametrize("seed", range(8))
def test_pieces_of_any_length(seed: int) -> None:
    chance = random.Random(seed)
    found = read([piece for line in DOCUMENT for piece in by_chance(line, chance)])
    assert (found.title, found.document_number, found.date) == (DOCUMENT[0], DOCUMENT[1], "2021-04-08")
    right = sum(heading in headings(found) for heading in HEADINGS)
    # a heading of two clauses may end at either, and a sentence with its line
    assert right >= len(HEADINGS) - 2, headings(found)
    assert len(set(found.text.split("\n")) ^ set(DOCUMENT)) <= 12


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["青石市人民政府办公室关", "于做好防汛工作的通知"], id="关于 in two"),
        pytest.param(["青石市人民政", "府办公室关于做好防汛工作的通知"], id="the issuer in two"),
        pytest.param(["青石市人民政府关于做好防汛工作的通知", "青政发〔2021〕", "18号"], id="the number in two"),
    ],
)
def test_names_in_a_title_are_whole_in_any_text(lines: list[str]) -> None:
    found = read([*lines, "各县（市、区）人民政府：", "请认真做好防汛工作，确保安全度汛。", "青石市人民政府"])
    assert found.title in ("青石市人民政府办公室关于做好防汛工作的通知", "青石市人民政府关于做好防汛工作的通知")
    assert found.document_number == ("青政发〔2021〕18号" if len(lines) == 3 else None)


def test_parts_of_a_report_end_with_their_line() -> None:
    body = (
        "全市上下坚定信心、攻坚克难，经济运行稳中向好。改革开放取得突破，民生福祉持续增进，社会大局保持和谐稳定。"
        "主要指标好于预期，财政收入较快增长，居民收入稳步提高，城乡面貌发生新的变化，生态环境明显改善。"
    )
    report = ["青石市政府工作报告", "各位代表：", "2022年工作回顾", body, body, "2023年主要工作任务", body, body]
    chance = random.Random(1)
    found = read([piece for line in report for piece in by_chance(line, chance)])
    assert headings(found) == ["2022年工作回顾", "2023年主要工作任务"]


PIECES = st.sampled_from(
    ["供水工程建设", "一、推进供", "（一）落实", "。", "，", "2022年工作回顾", "（试行）", "关", "于印发", "《", "》"]
)


@settings(max_examples=150)
@given(st.lists(st.lists(PIECES, min_size=1, max_size=4).map("".join), max_size=60), st.booleans())
def test_joining_narrow_lines_only_removes_line_breaks(lines: list[str], among: bool) -> None:
    around = at_width("".join(DOCUMENT), 10) if among else []
    source = "\n".join([*around, *lines, *around])
    text, _, _ = joined(read_lines(source), set(), set())
    assert "".join(text.split()) == "".join(source.split())


@pytest.mark.parametrize(
    "line", ["一、推进供水工程建设，促", "供水工程。推进供水", "（一）推进供水工程建设", "（试行）", "关"]
)
@pytest.mark.no_cover
def test_narrow_lines_take_time_in_proportion(line: str) -> None:
    begin = time.process_time()
    clean(Reading("\n".join([line] * 15_000)))
    assert time.process_time() - begin < 20
