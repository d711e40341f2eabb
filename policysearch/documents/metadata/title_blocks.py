"""The title block: the lines at the head of a document, and the title among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from policysearch.documents.metadata.dates import HALF_WIDTH
from policysearch.documents.metadata.document_numbers import normal_number, number_in_line
from policysearch.documents.metadata.issuers import ISSUED_BY, is_body, issuer_in_title
from policysearch.sources.readers.reading import Reading
from policysearch.text.chinese import HAN
from policysearch.text.folding import fold

__all__ = [
    "BARE_REPORT",
    "CleanedText",
    "TitleBlock",
    "find_title",
    "order_head",
    "report_titles",
    "squash",
    "title_block",
]

BARE_REPORT = re.compile(r"政府工作报告(?:摘要|全文|\([^()]*\)|（[^（）]*）)?")

_HAN = re.compile(rf"[{HAN}]")
_SALUTATION = re.compile(r"各位代表|各位委员")
_BODY_LINE = re.compile(r"第[一1] ?[条章编篇]|[一1][、.．](?!\d)|\([一1]\)|目 ?录$")
_ADDRESSEE = re.compile(r"[^。]*(?:政府|部门|单位|机构|[省市区县州旗盟局厅部委办院会]|同志)\)?[:：]$")
_LABEL = re.compile(
    r"来源|时间|日期|发布|发文|成文|索引|索取|作者|责任编辑|编辑|浏览|点击|阅读|字体|字号|分享|打印|下载|当前|首页|"
    r"主题|标题|文号|有效|分类|信息|记者|您|【|\[|新华社|本报"
)
_NAVIGATION = re.compile(
    r"点击|查阅|更多|首页|当前位置|登录|注册|无障碍|搜索|客户端|扫一扫|下载|打印|关闭|收藏|门户网站|www\.|http"
)
# 附件1, 大纲1: what a document is called among others, not its title
_LABEL_LINE = re.compile(r"\w{2}\W*[\d一二三四五六七八九十]{0,2}\W*$")
# ...的通知国发〔2023〕1号, with nothing between title and number
_GLUED_NUMBER = re.compile(
    r"(?<=通知|意见|决定|批复|公告|通告|通报|复函)"
    rf"(?=[{HAN}]{{1,10}}[〔\[(（【](?:19|20)\d\d[〕\])）】] ?第?\d{{1,5}} ?号)"
)
_BLOCK_LINES = 80
_BLOCK_CHARACTERS = 6000
_LONG_LINE = 150

_TITLE_END = re.compile(
    r"(?:通知|意见|决定|批复|规划|纲要|公报|报告|复函|函|通报|公告|通告|命令|令|答复|请示|纪要|议案|决议|方案|办法|规定|条例|细则|"
    r"规则|章程|解释|法|法典|措施|计划|要点|标准|目录|大纲|指南|准则|规程|规范|制度|预案|白皮书|清单|倡议书|公开信|说明)"
    r"(?:[(（〔【][^()（）]{1,20}[)）〕】])?$"
)
_REPORT_TITLE = re.compile(
    r"(?:[—\-–－]?\d{1,3}[—\-–－]|[^。]{0,100}[】电讯])?(?P<title>(?P<front>[^,。:;!?《》“”]{0,30}?)政府工作报告"
    r"(?:摘要|全文|\((?:摘要|全文|节选|摘登|征求意见稿|草案)[^()]{0,10}\))?)(?=$|[—\-–－(]|\d{4}年)"
)
_NO_REPORT_TITLE = re.compile(
    r"[>›»|/\\]|首页|公开|点击|查阅|更多|相关|会议|大会|关于|作$|的$|做$|解读|[省市州县区旗]长|主席|总理"
)


_ORDER_HEAD = re.compile(rf"[{HAN}、]{{2,40}}(?:令|公告|通告)(?:\d{{4}}年)?第?[\d一二三四五六七八九十百〇零]{{1,7}}号")
# The end of a line that its title goes on after.
_GOES_ON = re.compile(rf"[{HAN}]{{6}}.*(?:[年和与及的、]|《[^》]*|“[^”]*)$")


class CleanedText(Protocol):
    """What is needed of a cleaned text.

    ``head`` and ``tail`` are its first and last lines with what cleaning
    took out there, since navigation and footers tell whose page it was.
    """

    @property
    def text(self) -> str: ...
    @property
    def head(self) -> Sequence[str]: ...
    @property
    def tail(self) -> Sequence[str]: ...


class TitleBlock(NamedTuple):
    """The lines before the body.

    Attributes:
        lines: Its lines, runs of white space closed to one space each.
        opening: At most 400 characters of what follows, where a report
            says in whose name it is given.
    """

    lines: tuple[str, ...]
    opening: str

    @property
    def joined(self) -> str:
        """All lines without white space, in half width."""
        return squash("".join(self.lines)).translate(HALF_WIDTH)


def squash(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())


def title_block(cleaned: CleanedText) -> TitleBlock:
    """The lines at the head of a text up to its salutation, first heading or first long paragraph."""
    beginning = cleaned.text[:_BLOCK_CHARACTERS]
    seen = set(cleaned.head)
    lines: list[str] = []
    for raw in (*cleaned.head, *(line for line in beginning.split("\n") if line not in seen)):
        line = " ".join(raw[:_BLOCK_CHARACTERS].replace("<U+00A0>", " ").split())
        line = _GLUED_NUMBER.sub(" ", line)
        if not _HAN.search(line):
            continue
        salutation = _SALUTATION.search(line[:800])
        if salutation:
            line = line[: salutation.start()]
        elif _BODY_LINE.match(line.translate(HALF_WIDTH)):
            break
        lines.extend(piece for piece in _pieces(line) if piece)
        addressed = len(line) > 4 and _ADDRESSEE.match(line) and not _LABEL.match(line)
        if salutation or addressed or len(line) > _LONG_LINE or len(lines) > _BLOCK_LINES:
            break
    first = _SALUTATION.search(beginning)
    start = first.start() if first else 0
    return TitleBlock(tuple(lines), beginning[start : start + 400])


def _pieces(line: str) -> Iterator[str]:
    """A line; of one that holds a whole text, the words at its head."""
    if len(line) <= _LONG_LINE:
        yield line
        return
    for word in line[:2000].split(" "):
        if len(word) > _LONG_LINE or "。" in word:
            return
        yield word


def report_titles(lines: Sequence[str]) -> Iterator[str]:
    """Titles of a work report in these lines, without white space, the page mark before or the date after."""
    for line in lines:
        squashed = squash(line)
        match = _REPORT_TITLE.match(squashed.translate(HALF_WIDTH))
        if match and not _NO_REPORT_TITLE.search(match["front"]):
            yield squashed[match.start("title") : match.end("title")]


def find_title(block: TitleBlock, reading: Reading) -> str | None:
    """The title as the text has it, or None.

    The longest title of a work report comes first, then what the format
    marks as the first heading, then lines that read like a title.
    """
    reports = list(report_titles(block.lines))
    full = [title for title in reports if not BARE_REPORT.fullmatch(title)]
    return (
        next(iter(full + reports), None)
        or _marked_title(reading)
        or _title_lines(block.lines[:40])
        or _first_line(block)
    )


def _marked_title(reading: Reading) -> str | None:
    """The heading that the format marks at the head of a text, with the part of a code named below it."""
    lines: list[str] = []
    for heading in reading.headings[:2]:
        if heading.start > 1000:
            break
        before = squash(reading.text[: heading.start]).replace("#", "")
        line = reading.text[heading.start : heading.start + 200].split("\n", 1)[0].strip("# \t　")
        if before != squash("".join(lines)) or (lines and not re.fullmatch(r".{1,20}编|附 ?则", line)):
            break
        if _LABEL_LINE.match(squash(line)):
            break
        lines.append(line)
    return "".join(lines) or None


def _title_lines(lines: Sequence[str]) -> str | None:
    """The first line, or lines together, that read like the title of an official document."""
    for at, line in enumerate(lines):
        squashed = fold(squash(line))
        if _is_other(squashed) or number_in_line(line) or order_head(lines[at : at + 2]):
            continue
        if at and _GOES_ON.search(lines[at - 1]) and not _is_other(squash(lines[at - 1])):
            line = lines[at - 1] + line
        if _TITLE_END.search(squashed) and len(squashed) > 3 and _closed(line):
            return line if len(squashed) > 7 or " " not in line else squash(line)
        if (ISSUED_BY.search(squashed) or is_body(line)) and (title := _joined(lines[at : at + 8])):
            return title
    return None


def order_head(lines: Sequence[str]) -> str | None:
    """The number over an order or a public notice, when two lines are its head: 某某令, 第1号."""
    whole = squash("".join(lines)).translate(HALF_WIDTH)
    return normal_number(whole) if len(lines) == 2 and _ORDER_HEAD.fullmatch(whole) else None


def _closed(title: str) -> bool:
    """Whether every 《 in a title has its 》: one that ends inside goes on in the next line."""
    return title.count("《") <= title.count("》")


def _is_other(squashed: str) -> bool:
    return bool(_LABEL.match(squashed) or _NAVIGATION.search(squashed) or re.search("[。:：;；]", squashed))


def _joined(lines: Sequence[str]) -> str | None:
    """One title that runs over several lines."""
    title = ""
    for line in lines:
        if _is_other(squash(line)) or number_in_line(line) or len(title) + len(line) > 160:
            return None
        if title.endswith(line):
            continue
        gap = " " if title and (is_body(line) or (is_body(title) and issuer_in_title(line))) else ""
        title += gap + (squash(line) if re.fullmatch(r"(?:. )+.", line) else line)
        if _TITLE_END.search(fold(squash(title))) and _closed(title):
            return title
    return None


def _first_line(block: TitleBlock) -> str | None:
    """The first line, when it is short enough for a title and no sentence."""
    for line in block.lines[:3]:
        squashed = squash(line)
        if _LABEL.match(squashed) or _NAVIGATION.search(squashed) or _LABEL_LINE.match(squashed):
            continue
        wrong = re.search(r"[。;；:：,，、!！]$|^[(（—\-–●◆■]|\d$|[的和与及]$|关于$", squashed)
        other = wrong or is_body(line) or number_in_line(line)
        return line if 4 <= len(squashed) <= 60 and not other else None
    return None
