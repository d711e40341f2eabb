"""Texts whose lines are broken: by chance, after clauses, at one width, as a PDF's text is extracted."""

from __future__ import annotations

import os
import random
import re
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from own_texts import broken_by_chance

from policysearch.documents.cleaning.breaks import Ending, breaks_in, ending
from policysearch.documents.cleaning.clean import clean
from policysearch.documents.cleaning.joining import joined
from policysearch.documents.cleaning.lines import read_lines
from policysearch.documents.sections import Section, split_sections
from policysearch.sources.readers.reading import Reading

REFERENCE = Path(os.environ.get("POLICYSEARCH_REFERENCE", ROOT.parent / "shared"))

BODIES = (
    "各乡镇要把冬季供暖放在突出位置，对热源、管网和换热站逐一检查，检查结果于十月底前报县住房建设局。"
    "供热单位应当储备足够的燃料，储备量不少于十五天，并且与运输企业签订协议；有困难的，由县财政给予贴息。",
    "县教育局负责学校的供暖设施，在开学之前完成锅炉年检、管道保温和室温监测，任何学校不得在气温低于零度时停暖。"
    "偏远教学点可以使用电暖器，线路改造的费用列入当年预算，具体标准另行通知。",
    "畜牧部门要指导养殖户加固棚圈，备足饲草饲料，遇到大风降雪时及时转移牲畜，减少损失。"
    "受灾户的救助资金通过一卡通发放，发放名单在村务公开栏公示七天，群众对名单有异议的可以向乡镇人民政府反映。",
    "交通部门要在积雪路段设置警示标志，配备铲雪机械和融雪材料，保证主要道路在雪停之后六小时内通行。"
    "客运企业不得在结冰路段超速行驶，驾驶员每天行车前应当检查轮胎和制动，检查记录保存三个月以备查验。",
)
DOCUMENT = [
    "青石县人民政府关于做好冬季保障工作的通知",
    "青政发〔2021〕7号",
    "各乡镇人民政府，县政府各部门：",
    f"冬季临近，{BODIES[1]}现就有关事项通知如下：",
    "一、提早做好准备",
    BODIES[0],
    f"（一）检修设施。{BODIES[1]}",
    f"（二）储备物资。{BODIES[2]}",
    "二、把安全责任落实到每一个单位和每一个岗位，坚决防止事故",
    BODIES[3],
    f"（一）公路。{BODIES[3]}",
    f"（二）校园。{BODIES[1]}{BODIES[2]}",
    "三、加强督促检查",
    f"{BODIES[2]}{BODIES[0]}",
    "青石县人民政府",
    "2021年10月8日",
]


def by_chance(line: str, chance: random.Random) -> list[str]:
    return broken_by_chance(line, chance, 20, 34)


def after_clauses(line: str, chance: random.Random) -> list[str]:
    return re.findall(r".*?[，、；：](?=.)|.+", line)


def at_one_width(line: str, chance: random.Random) -> list[str]:
    return [line[at : at + 28] for at in range(0, len(line), 28)]


def as_printed(line: str, chance: random.Random) -> list[str]:
    printed = [line[:30], *(line[at : at + 32] for at in range(30, len(line), 32))]
    return [
        piece
        for text in printed
        for piece in (re.findall(r".*?[，、。；](?=.)|.+", text) if chance.random() < 0.4 else [text])
    ]


WAYS = (by_chance, after_clauses, at_one_width, as_printed)


def text_of(source: str) -> list[str]:
    return clean(Reading(source)).text.split("\n")


def outline(source: str) -> list[tuple[int, str]]:
    found = split_sections("d", clean(Reading(source)).text)
    return [(s.level, "".join(f"{s.number or ''}{s.heading or ''}".split())) for s in found if s.number or s.heading]


def broken(way: Callable[[str, random.Random], list[str]], seed: int) -> list[str]:
    chance = random.Random(seed)
    return [piece for line in DOCUMENT for piece in (way(line, chance) if len(line) > 34 else [line])]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_lines_that_were_broken_are_whole_again(way: Callable[[str, random.Random], list[str]], seed: int) -> None:
    pieces = broken(way, seed)
    again = text_of("\n".join(pieces))
    assert [line for line in again if line.startswith(("一、", "二、", "三、"))] == [DOCUMENT[n] for n in (4, 8, 12)]
    if way is not as_printed:
        assert outline("\n".join(pieces)) == outline("\n".join(DOCUMENT))
    wrong = len(set(again) ^ set(DOCUMENT))
    # a sentence that ends with a line cannot always be told from a paragraph
    assert wrong <= (12 if way is as_printed else 3), again


def test_page_marks_between_broken_lines_leave_them_whole() -> None:
    pieces = broken(at_one_width, 1)
    pages = [[*pieces[at : at + 9], f"— {at // 9 + 1} —"] for at in range(0, len(pieces), 9)]
    assert outline("\n".join(line for page in pages for line in page)) == outline("\n".join(DOCUMENT))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_heading_without_number_comes_from_a_broken_line(
    way: Callable[[str, random.Random], list[str]],
) -> None:
    for seed in range(20):
        found = split_sections("d", clean(Reading("\n".join(broken(way, seed)))).text)
        assert [s.heading for s in found if s.heading and not s.number] == []


def test_headings_on_lines_of_their_own_stay_so_among_lines_broken_by_chance() -> None:
    heads = [
        f"（{'一二三四五六'[n]}）{text}"
        for n, text in enumerate(
            (
                "完善城镇供水设施，提升供水保障能力",
                "整治农村道路隐患，改善群众出行条件",
                "发展特色种植产业，增加农民经营收入",
                "健全基层医疗网络，方便群众就近就医",
                "扩大学前教育资源，缓解入园困难问题",
                "推进文化设施建设，丰富群众业余生活",
            )
        )
    ]
    lines = ["某县工作安排", "一、主要任务", *(line for n, head in enumerate(heads) for line in (head, BODIES[n % 4]))]
    chance = random.Random(3)
    pieces = [piece for line in lines for piece in (by_chance(line, chance) if len(line) > 34 else [line])]
    assert [line for line in text_of("\n".join(pieces)) if line.startswith("（")] == heads


CONTEXT = "\n".join(broken(by_chance, 1)[3:-2])


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        pytest.param(["任务应当在6", "月底前完成。"], "任务应当在6月底前完成。", id="a number and its unit"),
        pytest.param(["全县投入资金1.5万", "元用于救助。"], "全县投入资金1.5万元用于救助。", id="an amount"),
        pytest.param(
            ["按照《某县供暖管理", "办法》的规定执行。"], "按照《某县供暖管理办法》的规定执行。", id="a title"
        ),
        pytest.param(["提供“一站式”", "，方便办事。"], "提供“一站式”，方便办事。", id="a mark that begins no line"),
        pytest.param(
            ["违反本办法第", "十二条规定的，给予警告。"], "违反本办法第十二条规定的，给予警告。", id="an article"
        ),
    ],
)
def test_signs_that_a_line_goes_on(lines: list[str], whole: str) -> None:
    assert whole in text_of("\n".join([CONTEXT, "结束了。", *lines]))


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["青石县第一人民医院门诊部", "青石县第二人民医院门诊部"], id="names"),
        pytest.param(["责任单位：县水务局", "配合单位：县财政局"], id="labels"),
        pytest.param(["办公室设在县住房建设局。", "办公电话由县住房建设局公布。"], id="sentences"),
        pytest.param(["青石县住房和城乡建设局", "2021年10月8日"], id="a signature"),
        pytest.param(["县住房建设局\t二百吨", "县教育局\t一百吨"], id="rows"),
    ],
)
def test_lines_that_stand_for_themselves_among_broken_ones(lines: list[str]) -> None:
    found = text_of("\n".join([CONTEXT, "结束了。", *lines]))
    assert [line for line in found if line in lines] == lines


def test_an_unbroken_text_stays_as_it_is() -> None:
    assert text_of("\n".join(DOCUMENT)) == DOCUMENT
    assert breaks_in(DOCUMENT) is None


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (
            ["青石县人民政府关于推行执法公示制度", "执法记录制度的实施意见"],
            "青石县人民政府关于推行执法公示制度执法记录制度的实施意见",
        ),
        (
            ["青石县人民政府办公室关于印发《青石县", "冬季供暖应急", "预案》的通知"],
            "青石县人民政府办公室关于印发《青石县冬季供暖应急预案》的通知",
        ),
        (["关于加强冬季供暖的", "通知"], "关于加强冬季供暖的通知"),
    ],
)
def test_a_title_over_several_lines_is_whole(lines: list[str], title: str) -> None:
    rest = ["青政发〔2021〕7号", "各乡镇人民政府：", f"{BODIES[0]}", "一、工作", BODIES[1]]
    result = clean(Reading("\n".join([*lines, *rest])))
    assert result.text.split("\n") == [title, *rest]
    assert result.head[0] == title


def test_a_title_and_what_stands_below_it_are_apart() -> None:
    lines = ["青石县人民政府", "关于加强冬季供暖工作的通知", "（征求意见稿）", "各乡镇人民政府：", BODIES[0]]
    assert text_of("\n".join(lines)) == lines


def test_a_note_of_a_law_over_several_lines_is_whole() -> None:
    note = [
        "（2019年3月1日青石市第九届人民代表大会常务委员会第八次会议通过",
        "2019年5月6日某某省第十三届人民代表大会",
        "常务委员会第三次会议批",
        "准）",
    ]
    articles = ["第一条 为了保护水源，制定本条例。", "第二条 本条例适用于本市。", "第三条 市水务部门主管。"]
    result = text_of("\n".join(["青石市水源保护条例", *note, *articles]))
    assert result[0] == "青石市水源保护条例"
    assert result[1].startswith(f"{note[0]} 2019年5月6日")
    assert result[1].endswith("第三次会议批准）")
    assert result[2:] == articles


def test_a_signature_and_its_date_on_two_pages_are_lines_of_one_section() -> None:
    pages = ["通知", "各乡镇人民政府：", "现通知如下。", "一、值守", BODIES[0], "— 1 —", "二、保障", BODIES[1]]
    lines = [*pages, "青石县人民政府", "— 2 —", "2021年10月8日", "— 3 —"]
    found = split_sections("d", clean(Reading("\n".join(lines))).text)
    assert found[-1].text == "青石县人民政府\n2021年10月8日"
    assert (found[-1].number, found[-1].heading) == (None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("检查到位。", Ending.STOP),
        ("检查到位。（县水务局负责）", Ending.STOP),
        ("他说：“检查到位。”", Ending.STOP),
        ("包括水源、", Ending.CLAUSE),
        ("（一）检查水源；", Ending.SEMICOLON),
        ("通知如下：", Ending.COLON),
        ("县水务局（以下简称水务局）", Ending.OPEN),
        ("做好“三农”", Ending.OPEN),
    ],
)
def test_how_a_line_ends(text: str, expected: Ending) -> None:
    assert ending(text) is expected


LINE_PIECES = st.sampled_from(
    [
        *(
            "一、",
            "（一）",
            "1.",
            "第一条 ",
            "第十二条规定",
            "附件",
            "一是",
            "——",
            "。",
            "，",
            "；",
            "：",
            "、",
            "（",
            "）",
        ),
        *("《", "》", "“", "”", "关于", "的通知", "2021年10月8日", "通过", "各乡镇人民政府：", "6", "月", "\t", "的"),
        "推进供水工程建设",
        "群众生活水平稳步提高并且",
    ]
)
BROKEN = st.lists(st.one_of(LINE_PIECES, LINE_PIECES, st.just("\n"), st.text(max_size=8)), max_size=120).map("".join)


@settings(max_examples=400, deadline=None)
@given(BROKEN, st.sets(st.integers(0, 40), max_size=4), st.sets(st.integers(0, 40), max_size=4), st.booleans())
def test_joining_only_removes_line_breaks(text: str, fixed: set[int], paged: set[int], among: bool) -> None:
    lines = read_lines(f"{CONTEXT}\n{text}" if among else text)
    result, starts, joins = joined(lines, fixed, paged)
    assert len(starts) == len(lines) + 1
    assert all(result[start : start + len(line.text)] == line.text for start, line in zip(starts, lines, strict=False))
    for (start, after), line, joins_it in zip(pairwise(starts), lines, joins[1:], strict=False):
        gap = result[start + len(line.text) : after]
        assert gap in (("", " ") if joins_it else ("\n",))
    assert not any(joins[n] or joins[n + 1 : n + 2] == [True] for n in fixed if n < len(lines))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("（", id="brackets"),
        pytest.param("《关于", id="titles that never end"),
        pytest.param("关于推进，。供水", id="titles in sentences"),
        pytest.param("工程建设。推进供水，", id="clauses"),
        pytest.param("工程建设。推进供水工程建设和供暖", id="open lines"),
        pytest.param("（一）推进供水工程建设和供暖工程建设", id="headings"),
        pytest.param("2021年3月1日在青石县第一次会议上", id="notes"),
        pytest.param("1.1", id="numbers"),
    ],
)
@pytest.mark.no_cover
def test_joining_takes_time_in_proportion(line: str) -> None:
    begin = time.process_time()
    for source in ("\n".join([line] * 20_000), line * 30_000):
        text, _, _ = joined(read_lines(source), set(), set())
        assert "".join(text.split()) == source.replace("\n", "")
    assert time.process_time() - begin < 20


@pytest.mark.skipif(not (REFERENCE / "corpus").is_dir(), reason="no reference corpus here")
@pytest.mark.no_cover
def test_clean_documents_that_are_broken_again_are_read_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import broken_lines

    rows = [line.strip("| ").split(" | ") for line in broken_lines.table(REFERENCE, least=5)[2:]]
    assert len(rows) == 4 * len(broken_lines.WAYS)
    for way, kind, count, *values in rows:
        if way == "after sentences":  # whose paragraphs nothing tells
            assert float(values[2]) == 1
            assert kind == "others" or float(values[0]) >= 0.95
            continue
        few = int(count) < 10  # whose share moves by much with one heading
        narrow = (0.97, 0.95, 0.97) if kind.startswith("statutes") else (0.75, 0.95, 0.95)
        floors = (
            narrow
            if "narrow" in way
            else (0.85, 0.9, 0.95)
            if way == "as printed"
            else (0.9, 0.95, 0.96)
            if few
            else (0.95, 0.95, 0.97)
        )
        held = [float(value) >= floor for value, floor in zip(values, floors, strict=True)]
        assert int(count) == 0 or all(held), (way, kind, values)
    sys.modules.pop("broken_lines", None)


def test_sections_of_a_broken_text_hold_whole_words() -> None:
    found: tuple[Section, ...] = split_sections("d", clean(Reading("\n".join(broken(by_chance, 2)))).text)
    for words in ("换热站逐一检查", "电暖器，线路改造的费用", "遇到大风降雪时及时转移牲畜"):
        assert any(words in section.text for section in found)
