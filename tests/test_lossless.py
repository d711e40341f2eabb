"""No text is lost: what stands once is in a section, or named under navigation, page mark or footer."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from policysearch.documents.cleaning.clean import Cleaned, clean
from policysearch.documents.cleaning.repeated_body import find_copies
from policysearch.documents.document import Document, read_documents
from policysearch.errors import SourceError
from policysearch.frozen import asdict
from policysearch.sources.reader import read_bytes
from policysearch.sources.readers.reading import FURNITURE, Reading, Removed

HAN = re.compile("[\u4e00-\u9fff]")

BODY = [
    "申请人应当提交申请书、身份证明和有关材料，材料不全的，一次告知需要补正的全部内容。",
    "受理机关自收到申请之日起五个工作日内作出决定，情况复杂的，可以延长三个工作日。",
    "对决定不服的，可以自知道该决定之日起六十日内申请复议，或者在六个月内提起诉讼。",
    "办理过程中不得收取规定以外的任何费用，不得要求提供与办理无关的证明和其他材料。",
    "工作人员玩忽职守、滥用职权的，依法给予处分；构成犯罪的，依法追究其刑事责任。",
    "档案自办结之日起保存十年，涉及国家秘密、商业秘密和个人隐私的，依照有关规定办理。",
    "各县（市、区）可以结合本地实际制定实施细则，报市级主管部门备案后向社会公布施行。",
    "咨询可以到政务服务大厅综合窗口，也可以拨打服务热线，工作日均有专人接听和答复。",
    "年度考核结果作为评先评优的依据，连续两年不合格的，责令限期整改并予以通报批评。",
    "本部分内容由牵头单位会同有关部门负责解释，与上位规定不一致的，以上位规定为准，并及时修订完善。",
]
assert sum(map(len, BODY)) >= 400


def han(text: str) -> str:
    return "".join(HAN.findall(text))


NO_TEXT = ("not shown", "deleted in the document")
"""Content that a format itself declares not to be text; it is named."""


def assert_nothing_lost(source: Iterable[str], text: str, removed: Iterable[Removed]) -> None:
    """The law: a line of five Han characters or more that is unique is kept, or taken by one of three rules."""
    lines = [han(line) for line in source]
    times = Counter(lines)
    kept = han(text)
    taken = (*FURNITURE, *NO_TEXT)
    furniture = "\n".join(han(piece.text) for piece in removed if piece.reason in taken)
    for line in lines:
        if len(line) >= 5 and times[line] == 1:
            assert line in kept or line in furniture, line


def cleaned(lines: Iterable[str], pages: tuple[int, ...] = ()) -> Cleaned:
    text = "\n".join(lines)
    result = clean(Reading(text, pages=pages))
    assert_nothing_lost(text.split("\n"), result.text, result.removed)
    return result


# Documents that repeat themselves, and lose nothing


def chapters(count: int = 6) -> list[str]:
    names = ["采矿许可", "取水许可", "林木采伐", "食品经营", "户外广告", "道路占用", "养老机构", "民办学校"]
    lines = ["办事指南汇编"]
    for number in range(count):
        lines += [*BODY, f"{names[number]}每件收费{number + 4}00元。"]
    return lines


def headed_chapters() -> list[str]:
    lines = []
    for number, name in enumerate(["采矿", "取水", "采伐", "经营", "广告", "占道"], 1):
        lines += [f"第{number}章 {name}许可办理指南", *BODY]
    return lines


def forms() -> list[str]:
    lines = []
    for name in ["申请", "变更", "延续", "注销", "补办", "撤销"]:
        lines += [
            f"{name}登记表（样式）",
            "承办单位：",
            "地址：　　　电话：",
            "填写说明",
            *BODY,
            f"经办{name}的人员签字：",
        ]
    return lines


def statute() -> list[str]:
    numbers = "一二三四五六七八九"
    articles = [f"第{n}条 违反本条例第{numbers[-i]}条的，" + BODY[4] for i, n in enumerate(numbers, 1)]
    return ["某某条例", *BODY, *articles, *BODY]


def questions() -> list[str]:
    lines = ["常见问题解答"]
    for name in ["落户", "社保", "医保", "公积金", "居住证", "身份证", "护照", "驾照", "房产证", "营业执照"]:
        lines += [f"问：怎样申请办理{name}？", "答：" + BODY[0], *BODY[1:], "来源：政务服务大厅"]
    return lines


def glossary() -> list[str]:
    lines = [*BODY, "名词解释"]
    for name in ["营商环境", "数字经济", "放管服", "双随机", "网格化", "积分制", "容缺受理", "好差评"]:
        lines += [f"{name}指标说明", "来源：统计部门"]
    return lines


@pytest.mark.parametrize(
    "lines",
    [chapters(), headed_chapters(), forms(), statute(), questions(), glossary()],
    ids=["chapters", "chapters with headings", "forms", "statute", "questions", "glossary"],
)
def test_a_text_that_repeats_itself_is_whole(lines: list[str]) -> None:
    result = cleaned(lines)
    assert "".join(result.text.split()) == "".join("".join(lines).split())
    assert result.removed == ()


def test_a_large_text_of_one_block_and_lines_of_its_own_is_not_one_section(tmp_path: Path) -> None:
    file = tmp_path / "大.txt"
    lines = []
    for number in range(400):
        lines += [f"第{number + 1}条 第{number + 1}类事项每件收费{number}元。", *BODY]
    file.write_text("\n".join(lines), encoding="utf-8")
    (document,) = read_documents(file, "大.txt")
    assert isinstance(document, Document)
    assert len(document.sections) >= 400
    assert "每件收费399元" in document.text


# The copies of a scraper


def saved(body: list[str]) -> list[str]:
    """A page as a scraper saves it that takes the text of elements within each other, outer ones first."""
    glued = "   ".join(body[:2])
    return [*body, body[0], *body, *body[1:], *body[1:], glued, *body[2:], *body[3:], *body[-2:]]


PAGE = ["位置： 首页", "青石县工作总结", "【字体：大 中 小】", "目　录", *BODY, "（责任编辑：某某", "【E-mail推荐"]


def test_the_copies_of_a_scraper_are_taken_out() -> None:
    lines = saved(PAGE)
    assert find_copies(lines) is not None
    result = cleaned(lines)
    assert result.text.split("\n") == ["青石县工作总结", "目　录", *BODY]
    taken = Counter(piece.reason for piece in result.removed)
    assert taken["repeated body"] == len(lines) - len(PAGE) - 1
    assert [piece.text for piece in result.removed if piece.line == lines.index("   ".join(PAGE[:2])) + 1] == [
        "   ".join(PAGE[:2])
    ]


def test_the_last_copy_may_be_cut_off() -> None:
    lines = [*PAGE * 3, *PAGE[:7]]
    assert find_copies(lines) is not None


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(PAGE * 2, id="one copy"),
        pytest.param([*PAGE * 3, "最后说明收费标准的一行。"], id="something of its own at the end"),
        pytest.param([*PAGE * 2, "中间说明收费标准的一行。", *PAGE * 2], id="something of its own in between"),
        pytest.param(["编者说明", "编者按语", *BODY[5:], *BODY[:5] * 6], id="not from the start"),
        pytest.param(BODY[:2] * 6, id="a short block"),
        pytest.param([*BODY, *BODY[:5], *BODY[:5], *BODY[:5]], id="parts"),
        pytest.param([*BODY, *sorted(BODY), *BODY, *sorted(BODY)], id="another order"),
    ],
)
def test_anything_less_is_no_copy(lines: list[str]) -> None:
    assert find_copies(lines) is None
    assert all(piece.reason != "repeated body" for piece in cleaned(lines).removed)


OWN = st.text("甲乙丙丁戊己庚辛壬癸", min_size=5, max_size=60)


@given(st.lists(st.one_of(st.sampled_from(BODY), OWN), min_size=1, max_size=24), st.integers(1, 5), st.data())
def test_copies_with_anything_between_them_lose_nothing(body: list[str], times: int, data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from([body * times, saved([*PAGE[:4], *body])]))
    for _ in range(data.draw(st.integers(0, 3))):
        lines = list(lines)
        lines.insert(data.draw(st.integers(0, len(lines))), data.draw(st.one_of(OWN, st.sampled_from(PAGE))))
    cleaned(lines)
    found = find_copies(lines)
    if found is not None:
        first = set(lines[: found.start])
        assert all(line in first for i, line in enumerate(lines) if i >= found.start and i not in found.glued)


# Every rule


FURNISHED = st.sampled_from(
    [
        *PAGE,
        "当前位置：首页>>政务公开>>通知公告",
        "来源：",
        "来源：青石县人民政府办公室",
        "时间：二〇二一年三月四日上午",
        "微信办理：关注公众号后按提示提交材料",
        "（记者 某某 通讯员 某某某 摄）",
        "地址：青石县中山路一号 邮编：000000",
        "主办单位：青石县人民政府办公室",
        "相关解读：",
        "版权所有 青石县人民政府",
        "转载链接：http://www.example.cn/a.shtml",
        "采矿许可收费标准<!-- 每件四百元整 -->另行规定",
        "<!-- 本段文字尚未经过审核确认 -->",
        "<!--",
        "-->",
        "<U+00A0><U+00A0>各单位要加强组织领导",
        "—1—",
        "-2-各乡镇要落实工作责任",
        "第3页",
        "4",
        "青石县统计年鉴 1",
        "青石县统计年鉴 2",
        "",
        "　　一、总体工作要求",
        "还有一句没有写完的话，",
    ]
)


@given(st.lists(st.one_of(FURNISHED, st.sampled_from(BODY), OWN), max_size=60))
def test_no_rule_for_lines_loses_text(lines: list[str]) -> None:
    cleaned(lines)
    cleaned([line.replace("", " ").strip() for line in lines])


@given(st.lists(st.lists(st.one_of(FURNISHED, OWN), min_size=1, max_size=6), min_size=3, max_size=8), st.data())
def test_no_rule_for_pages_loses_text(pages: list[list[str]], data: st.DataObject) -> None:
    heads = data.draw(
        st.sampled_from(["青石县统计年鉴", "青石县统计年鉴 {}", "{} 青石县统计年鉴", "第{}类居民收入情况"])
    )
    pages = [[heads.format(n), *page] for n, page in enumerate(pages, 1)]
    starts = [sum(len(line) + 1 for page in pages[:n] for line in page) for n in range(len(pages))]
    cleaned([line for page in pages for line in page], tuple(starts))


def test_lines_on_top_of_pages_that_only_look_alike_are_kept() -> None:
    pages = [f"表{n}各区居民收入情况\n{BODY[0]}\n{BODY[1]}\n" for n in (3, 1, 9, 4)]
    starts = tuple(sum(map(len, pages[:n])) for n in range(4))
    assert clean(Reading("".join(pages), pages=starts)).removed == ()


MARKDOWN = st.sampled_from(
    [
        "{}",
        "# {}",
        "## {} ##",
        "> {}",
        "* {}",
        "1. {}",
        "**{}**",
        "~~{}~~",
        "`{}`",
        "```{}```",
        "~~~{}",
        "```{}",
        "```",
        "| {} | 二 |",
        "|---|---|",
        "---",
        "![{}](a.png)",
        "![图](b.png)",
        "[{}](http://example.cn/a)",
        "<!-- {} -->",
        "<!--{}",
        "-->",
        "<!-- x -->",
        '<font color="red">{}</font>',
        '<img src="a.png" alt="{}">',
        "<td>{}</td><td>二</td>",
        "\\*{}",
        "{}<br>{}",
        "title: {}",
    ]
)


@given(st.lists(st.tuples(MARKDOWN, st.one_of(OWN, st.sampled_from(BODY))), min_size=1, max_size=30))
def test_no_mark_of_markdown_loses_text(pieces: list[tuple[str, str]]) -> None:
    lines = [form.replace("{}", line) for form, line in pieces]
    try:
        (reading,) = read_bytes("\n".join(lines).encode(), "a.md")
    except SourceError:
        assert all(len(han(line)) < 5 for line in lines)
        return
    assert isinstance(reading, Reading)
    result = clean(reading)
    parts = [part for line in lines for part in line.split("<br>")]
    metadata = "".join(one.value for one in reading.statements)
    assert_nothing_lost(parts, f"{result.text}\n{metadata}", result.removed)


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
@pytest.mark.parametrize(
    ("head", "kept"),
    [
        (f"title: {BODY[0]}\ntitle: {BODY[1]}\n", f"title: {BODY[0]}\ntitle: {BODY[1]}\n"),
        (f"title: {BODY[0]}\nurl: http://a.cn\ntitle: {BODY[1]}\n", f"title: {BODY[1]}\n"),
    ],
    ids=["nothing but titles", "a title below the head"],
)
@pytest.mark.parametrize("below", ["", f"{BODY[2]}\n"])
def test_a_label_that_comes_again_is_text(name: str, head: str, kept: str, below: str) -> None:
    (reading,) = read_bytes((head + below).encode(), name)
    assert isinstance(reading, Reading)
    assert reading.text == kept + below


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_a_head_that_nothing_follows_is_the_text(name: str) -> None:
    same = f"title: {BODY[0]}\ntitle: {BODY[0]}\n"
    for text in (same, f"Title: {BODY[0]}\nURL Source: http://a.cn\n\nMarkdown Content:\n"):
        (reading,) = read_bytes(text.encode(), name)
        assert isinstance(reading, Reading)
        assert (reading.text, reading.statements) == (text, ())
    with pytest.raises(SourceError, match="no text"):
        list(read_bytes(b"Title: Not Found\nURL Source: http://a.cn\n\nMarkdown Content:\n", name))


def test_a_key_of_front_matter_that_comes_again_is_text() -> None:
    block = f"title: {BODY[0]}\n# {BODY[1]}\n# note\ntitle:\n- {BODY[2]}\nurl: http://a.cn"
    (reading,) = read_bytes(f"---\n{block}\n---\n{BODY[3]}\n".encode(), "a.md")
    assert isinstance(reading, Reading)
    assert reading.text == f"{BODY[1]}\ntitle:\n- {BODY[2]}\n\n{BODY[3]}\n"
    assert [(one.name, one.value) for one in reading.statements] == [("title", BODY[0]), ("url", "http://a.cn")]
    assert [piece.text for piece in reading.removed if piece.reason == "front matter"] == [
        f"title: {BODY[0]}\n# note\nurl: http://a.cn\n"
    ]
    for below in ("", "---\n", "![](a.png)\n"):
        (reading,) = read_bytes(f"---\ntitle: {BODY[0]}\n---\n{below}".encode(), "a.md")
        assert isinstance(reading, Reading)
        assert BODY[0] in reading.text
        assert reading.statements == ()


HTML = st.sampled_from(
    [
        "<p>{}</p>",
        "<h2>{}</h2>",
        "<div>{}</div>",
        "<li>{}</li>",
        '<div class="nav"><a href="/">{}</a></div>',
        '<div class="share">{}</div>',
        "<footer>{}</footer>",
        '<div style="display:none">{}</div>',
        "<p hidden>{}</p>",
        "<p>一<span hidden>{}</span></p>",
        "</html>{}",
        "</body></html><html><head><title>{}</title></head><body>",
        "<p>三<rt>{}</rt></p>",
        "<del>{}</del>",
        "<table><tr><td rowspan=3>{}</td><td>二</td></tr><tr><td>三</td></tr></table>",
        "<table><tr><td>{}</td><td>二</td></tr></table>",
        "<pre>{}</pre>",
        "<button>{}</button>",
        "<a>{}</a>",
        "<b>{}</b><br>",
        "<table><tr><td>索引号：</td><td>A-1</td></tr><tr><td>文号：</td><td>青政发〔2023〕5号</td></tr>"
        "<tr><td>发布机构：</td><td>{}</td></tr></table>",
    ]
)


@given(st.lists(st.tuples(HTML, st.one_of(OWN, st.sampled_from(BODY))), min_size=1, max_size=20))
def test_no_element_of_a_page_loses_text(pieces: list[tuple[str, str]]) -> None:
    html = (
        f"<html><body><p>{BODY[0]}</p>" + "".join(form.replace("{}", line) for form, line in pieces) + "</body></html>"
    )
    (reading,) = read_bytes(html.encode(), "a.html")
    assert isinstance(reading, Reading)
    result = clean(reading)
    assert_nothing_lost([line for _, line in pieces], result.text, result.removed)


def test_answers_that_a_page_folds_up_are_text() -> None:
    items = "".join(
        f'<h3>怎样办理{n}？</h3><div style="display:none"><p>{line}</p></div>' for n, line in enumerate(BODY)
    )
    (reading,) = read_bytes(f"<html><body><div>{items}</div></body></html>".encode(), "a.html")
    assert isinstance(reading, Reading)
    assert all(line in reading.text for line in BODY)


def test_text_that_a_browser_does_not_show_is_named() -> None:
    html = f"<html><body><div><p>{BODY[0]}</p><p>{BODY[1]}</p></div>"
    html += f"<noscript>{BODY[2]}<script>非文字内容</script></noscript>"
    (reading,) = read_bytes(html.encode(), "a.html")
    assert isinstance(reading, Reading)
    assert [(piece.reason, piece.text) for piece in reading.removed] == [("not shown", BODY[2])]


# What was removed, told


def test_lines_of_what_was_removed_are_those_of_the_source() -> None:
    lines = ["打印", "", "<U+00A0>各单位要加强组织领导", *BODY, "—1—", *BODY, "—2—", *BODY, "版权所有 青石县人民政府"]
    for piece in cleaned(lines).removed:
        assert piece.line is not None
        assert piece.text in lines[piece.line - 1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sources = tmp_path / "文件"
    sources.mkdir()
    (sources / "保存.txt").write_text("\n".join(saved(PAGE)), encoding="utf-8")
    (sources / "指南.txt").write_text("\n".join(chapters()), encoding="utf-8")
    (sources / "网页.txt").write_text("\n".join(["打印", "一、总体要求", *BODY]), encoding="utf-8")
    (sources / "说明.md").write_text(
        "\n".join(["---", f"title: {BODY[1]}", f"abstract: {BODY[2]}", "---", f"# {BODY[1]}", *(["正文如下。"] * 200)]),
        encoding="utf-8",
    )
    return sources


def test_index_names_the_sources_of_which_much_was_left_out(run: Run, folder: Path) -> None:
    done = run("index", folder)
    assert done.returncode == 0
    named = done.stderr.splitlines()
    assert [line.split(":")[0] for line in named] == [
        "保存.txt",
        "说明.md",
        "List every removed piece with",
    ]
    assert "characters as repeated body" in named[0]
    assert "lines that occur nowhere else: 1" in named[1]
    assert re.search(r"^characters removed from the text: .*as repeated body, .*as navigation", done.stdout, re.M)
    done = run("index", "--format", "json")
    assert not done.stderr  # nothing was read
    again = json.loads(done.stdout)
    found = {source["source"]: source for source in again["sources"]}
    assert found["指南.txt"]["removed"] == {}
    assert found["网页.txt"]["removed"] == {"navigation": {"pieces": 1, "characters": 2, "unique_lines": 0}}
    assert found["保存.txt"]["notable"] == ["repeated body"]
    assert found["网页.txt"]["notable"] == []
    for rule, count in again["removed"].items():
        for part, sum_ in count.items():
            assert sum_ == sum(source["removed"].get(rule, {}).get(part, 0) for source in again["sources"])


def test_check_and_outline_list_every_piece(run: Run, folder: Path) -> None:
    run("index", folder)
    wanted = {}
    for file in folder.iterdir():
        (document,) = read_documents(file, file.name)
        assert isinstance(document, Document)
        if document.removed:
            wanted[file.name] = [asdict(piece) for piece in document.removed]
    done = run("check", "--removed")
    assert done.returncode == 0
    assert "网页.txt (line 1): navigation: 打印" in done.stdout.splitlines()
    assert "  navigation: 打印" in run("outline", "--removed", folder / "网页.txt").stdout.splitlines()
    (folder / "指南.txt").write_text(" ", encoding="utf-8")
    (folder / "新的.txt").write_text("打印\n一、总体要求", encoding="utf-8")
    found = json.loads(run("check", "--removed", "--format", "json").stdout)
    assert found["removed"] == [
        {
            "source": name,
            "document_id": name,
            "removed": wanted.get(name, []),
            "reason": None if name in wanted else "It is empty.",
        }
        for name in sorted((*wanted, "指南.txt"))
    ]
