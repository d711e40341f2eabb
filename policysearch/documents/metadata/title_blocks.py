"""The title block: the lines at the head of a document, and the title among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, Protocol

from policysearch.documents.metadata.dates import half_width
from policysearch.documents.metadata.document_numbers import number_in_line, special_region_of_number
from policysearch.documents.metadata.enactments import begins_note
from policysearch.documents.metadata.issuers import ISSUED_BY, is_body, issuer_in_title
from policysearch.documents.metadata.orders import order_at
from policysearch.sources.readers.reading import Reading
from policysearch.text.chinese import HAN, has_han
from policysearch.text.folding import fold
from policysearch.text.patterns import lazy_pattern

__all__ = [
    "BARE_REPORT",
    "LONGEST_LINE",
    "LONG_LINE",
    "CleanedText",
    "TitleBlock",
    "find_title",
    "is_official_title",
    "lone_title",
    "plain",
    "report_titles",
    "squash",
    "title_block",
]

BARE_REPORT = lazy_pattern(r"政府工作报告(?:摘要|全文|\([^()]*\)|（[^（）]*）)?")

_SALUTATION = lazy_pattern(r"各位代表|各位委员")
_NUMBER = r"〇零一二三四五六七八九十百千\d"
_BODY_LINE = lazy_pattern(rf"第[一1] ?[条章编篇]|第[{_NUMBER}]{{1,7}}条(?![例令])|[一1][、.．](?!\d)|\([一1]\)|目 ?录$")
_ADDRESSEE = lazy_pattern(r"[^。]*(?:政府|部门|单位|机构|[省市区县州旗盟局厅部委办院会]|同志)\)?[:：]$")
_LABEL = lazy_pattern(
    r"(?:来源|发布|发文|成文|索引|索取|作者|责任编辑|编辑|阅读|字体|字号|分享|打印|下载|主题|标题|文号|有效|分类|信息)[^:：]{0,6}(?:[:：]|$)|"
    r"(?:发布|发文|成文|印发)?(?:时间|日期)|(?:发布|发文|制定)机[关构]|浏览|点击|当前|首页|记者|您|【|\[|新华社|本报"
)
_NAVIGATION = lazy_pattern(
    r"点击|查阅|更多|首页|当前位置|登录|注册|无障碍|搜索|客户端|扫一扫|下载|打印|关闭|收藏|门户网站|www\.|http"
)
# 附件1, 大纲1: the name of a document among others, not its title
_LABEL_LINE = lazy_pattern(r"\w{2}\W*[\d一二三四五六七八九十]{0,2}\W*$")
# ...的通知国发〔2023〕1号, with nothing between title and number
_GLUED_NUMBER = lazy_pattern(
    r"(?<=通知|意见|决定|批复|公告|通告|通报|复函|办法|规定|细则|条例|方案|措施|决议|规划|计划|要点|日\)|日）)"
    rf"(?!的|实施|工作)(?=[{HAN}]{{1,10}}[〔\[(（【](?:19|20)\d\d[〕\])）】] ?第?\d{{1,5}} ?号)"
)
# …的通知（2023年3月22日）各有关单位：, with nothing between the day and the addressees
_GLUED_DAY = lazy_pattern(rf"([(（]\s*(?:19|20)\d\d ?年 ?\d{{1,2}} ?月 ?\d{{1,2}} ?日\s*[)）])(?=[{HAN}])")
_BLOCK_LINES = 80
_BLOCK_CHARACTERS = 6000
LONG_LINE = 150
LONGEST_LINE = 60  # maximum length of a title that is recognized by its place only, in characters

_TITLE_END = lazy_pattern(
    r"(?:通知|意见|决定|批复|规划|纲要|公报|报告|复函|函|通报|公告|通告|命令|令|答复|请示|纪要|议案|决议|方案|办法|规定|条例|细则|"
    r"规则|章程|解释|法|法典|措施|计划|要点|标准|目录|大纲|指南|准则|规程|规范|制度|预案|白皮书|清单|倡议书|公开信|说明)"
    r"(?:[(（〔【][^()（）]{1,20}[)）〕】])?$"
)
_REPORT_TITLE = lazy_pattern(
    r"(?:[—\-–－]?\d{1,3}[—\-–－]|[^。]{0,100}[】电讯])?(?P<title>(?P<front>[^,。:;!?《》“”]{0,30}?)政府工作报告"
    r"(?:摘要|全文|\((?:摘要|全文|节选|摘登|征求意见稿|草案)[^()]{0,10}\))?)(?=$|[—\-–－(]|\d{4}年)"
)
_NO_REPORT_TITLE = lazy_pattern(
    r"[>›»|/\\]|首页|公开|点击|查阅|更多|相关|会议|大会|关于|作$|的$|做$|解读|[省市州县区旗]长|主席|总理"
)


# 法規名稱：某某法, as databases print a statute
_TITLE_ROW = lazy_pattern(r"\s*(?:公文|文件)?(?:[标標][ \u3000]*[题題]|名[ \u3000]*[称稱])[ \u3000]*\t+")
_TITLE_LABEL = lazy_pattern(r"(?:(?:法[规規律]|文件|公文)名[称稱]|(?:公文|文件)?[标標] ?[题題])\s*[:：]\s*(?=\S)")
# 1. 某市人民政府关于某事的通知: a document from a collection with numbers
_LIST_NUMBER = lazy_pattern(r"\d{1,3} ?[.．、] ?(?!\d)|[(（][一二三四五六七八九十]{1,3}[)）] ?")
# The end of a line after which a title continues.
_GOES_ON = lazy_pattern(rf"[{HAN}]{{6}}.*(?:[年和与及的、]|《[^》]*|“[^”]*)$")
_AFTER = r"(?:[(（〔【][^()（）]{1,20}[)）〕】])?$"
# 关于 requires a word after 的, or a kind of letter; …关于全面推行某制度 continues in the next line.
_ABOUT = lazy_pattern(r"关于|印发|转发|批转")
_WHOLE = lazy_pattern(
    r"(?:通知|意见|决定|批复|公报|报告|函|通报|公告|通告|令|答复|请示|纪要|议案|决议|建议|解释)"
    rf"{_AFTER}|的[{HAN}]{{2,8}}{_AFTER}"
)
_STATUTE = lazy_pattern(rf"(?:法|法典|条例|规定|办法|细则|规则|章程|规程|准则|规划|纲要|[{HAN}]编){_AFTER}")
_NUMBERED = lazy_pattern(r"[一二三四五六七八九十\d]{1,3}[、.．]|[(（][一二三四五六七八九十\d]{1,3}[)）]")
_DAY_AFTER = lazy_pattern(r"[(（]\s*((?:19|20)\d\d ?年 ?\d{1,2} ?月 ?\d{1,2} ?日)\s*[)）]$")
_DAY_ALONE = lazy_pattern(r"[〇○零一二三四五六七八九\d]{4}年[一二三四五六七八九十\d]{1,2}月.{1,3}日")
_OPEN_DAY = lazy_pattern(r"[(（]\s*(?:19|20)\d\d ?年[\d 月]{0,8}$")
_STOP = lazy_pattern("[。:：;；]")
_SENTENCE = lazy_pattern(r"(?:为|根据|按照|依据|近日|日前|现将|经|自)[^，,]{0,80}[，,]")


class CleanedText(Protocol):
    """The parts of a cleaned text that are needed here.

    ``head`` and ``tail`` are its first and last lines with the text that cleaning removed there, since navigation and
    footers show whose page it was.
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
        lines: Its lines, with each run of white space as one space.
        opening: At most 400 characters of the text after it, where a report states in whose name it is given.
    """

    lines: tuple[str, ...]
    opening: str

    @property
    def joined(self) -> str:
        """All lines without white space, in half width."""
        return half_width(squash("".join(self.lines)))


def squash(text: str) -> str:
    """Return the text without white space."""
    return "".join(text.split())


@lru_cache(maxsize=64)  # several rules read the same few lines
def plain(line: str) -> str:
    """Return a line folded, without white space."""
    return fold(squash(line))


def title_block(cleaned: CleanedText) -> TitleBlock:
    """Return the lines at the head of a text up to its salutation, first heading or first long paragraph."""
    beginning = cleaned.text[:_BLOCK_CHARACTERS]
    seen = set(cleaned.head)
    lines: list[str] = []
    titled = False
    raws = _labelled((*cleaned.head, *(line for line in beginning.split("\n") if line not in seen)))
    for at, raw in enumerate(raws):
        if "\t" in raw and (row := _TITLE_ROW.match(raw)):
            raw = raw[row.end() :]
        line = " ".join(raw[:_BLOCK_CHARACTERS].replace("<U+00A0>", " ").split())
        gap = "\n" if len(line) <= LONG_LINE else " "
        if "号" in line:
            line = _GLUED_NUMBER.sub(gap, line)
        if "日" in line:
            line = _GLUED_DAY.sub(r"\1\n", line, count=1)
        if not has_han(line):
            continue
        salutation = _SALUTATION.search(line[:800])
        if salutation:
            line = line[: salutation.start()]
        elif begins_note(line):
            lines.append(line)
            continue
        elif not titled and (label := _TITLE_LABEL.match(line)):
            line = line[label.end() :]
        elif not titled and (number := _list_number(line, raws[at + 1 : at + 3])):
            line = line[number:]
        elif _BODY_LINE.match(half_width(line[:20])):
            if not titled and len(line) <= 12 and line[0] in "(（":
                continue
            break
        titled = titled or any(map(_may_begin_title, line.split("\n")))
        lines.extend(piece for part in line.split("\n") for piece in _pieces(part) if piece)
        addressed = len(line) > 4 and line[-1] in ":：" and _ADDRESSEE.match(line) and not _LABEL.match(line)
        if salutation or addressed or len(line) > LONG_LINE or len(lines) > _BLOCK_LINES:
            break
    first = _SALUTATION.search(beginning)
    start = first.start() if first else 0
    return TitleBlock(tuple(lines), beginning[start : start + 400])


_BARE_LABEL = lazy_pattern(rf"[•▪●\s]*((?! )[{HAN} ]{{2,9}}[:：])\s*")


def _labelled(raws: Sequence[str]) -> list[str]:
    """Return the lines without blank ones; a label on a line of its own (发文日期：) is joined with its value."""
    lines: list[str] = []
    label = ""
    for raw in filter(str.strip, raws):
        bare = _BARE_LABEL.fullmatch(raw[:40]) if raw[:40].rstrip()[-1:] in (":", "：") else None
        if bare and _LABEL.match(squash(bare[1])):
            label = bare[1]
        else:
            lines.append(label + raw.strip() if label else raw)
            label = ""
    return lines


def _pieces(line: str) -> Iterator[str]:
    """Yield a line; of one that contains a complete text, the words at its start."""
    if len(line) <= LONG_LINE:
        yield line
        return
    for word in line[:2000].split(" "):
        if len(word) > LONG_LINE or "。" in word:
            return
        yield word


def report_titles(lines: Sequence[str]) -> Iterator[str]:
    """Yield the titles of a work report in these lines, without white space, page mark and date."""
    for line in lines:
        if "政" not in line:
            continue
        squashed = squash(line)
        match = _REPORT_TITLE.match(half_width(squashed)) if "政府工作报告" in squashed else None
        if match and not _NO_REPORT_TITLE.search(match["front"]):
            yield squashed[match.start("title") : match.end("title")]


def find_title(block: TitleBlock, reading: Reading) -> str | None:
    """Return the title in the text, or None.

    The longest title of a work report has precedence, then the first heading marked by the format, then lines in the
    form of a title.
    """
    reports = list(report_titles(block.lines))
    full = [title for title in reports if not BARE_REPORT.fullmatch(title)]
    title = (
        next(iter(full + reports), None)
        or _of_special_region(block.lines[:6])
        or _marked_title(reading)
        or _title_lines(block.lines[:40])
        or _first_line(block)
    )
    return title + _stage_below(title, block.lines[:40]) if title else None


# The stage or version of a text, on a line of its own below its title
_STAGE = lazy_pattern(
    r"[(（](?:试行|暂行|征求意见稿|公开征求意见稿|草案|草案征求意见稿|送审稿|报批稿|讨论稿|修订稿|修订草案|修订|修订版|修订征求意见稿"
    r"|(?:19|20)\d\d年?(?:修订|修正|修改|版|本|修订版|修订本|修正本))[)）]"
)


def _stage_below(title: str, lines: Sequence[str]) -> str:
    """Return the stage or version that is the line below a title, else nothing."""
    if not any(map(_STAGE.fullmatch, map(squash, lines))):
        return ""
    whole = squash(title)
    for above, below in pairwise(lines):
        if _STAGE.fullmatch(squash(below)) and whole.endswith(squash(above)) and len(squash(above)) > 1:
            return squash(below)
    return ""


def _of_special_region(lines: Sequence[str]) -> str | None:
    """Return the title below the number of a statute of Macao, or next to the chapter of one of Hong Kong."""
    for at, line in enumerate(lines):
        if (number := number_in_line(line)) and special_region_of_number(number):
            same = line[line.find("《") :] if "《" in line else ""
            near = (same, *lines[at + 1 : at + 2], *reversed(lines[:at]))
            title = next(filter(_TITLE_OF_REGION.fullmatch, near), None)
            return _IN_MARKS.sub(r"\1", title) if title else None
    return None


_IN_MARKS = lazy_pattern(r"^《([^《》]+)》$")
_TITLE_OF_REGION = lazy_pattern(r"[^(（\[第][^。，；：:]{2,60}[^。，；：:(（]")


@lru_cache(maxsize=256)
def is_official_title(title: str) -> bool:
    """Return whether a title is that of an official document: it names the issuer or the subject, and the kind of
    document."""
    squashed = plain(title)
    kind = _WHOLE.search(squashed) or _ABOUT.search(squashed) or _STATUTE.search(squashed)
    whole = kind and _TITLE_END.search(squashed) and not _NUMBERED.match(squashed)
    return len(squashed) > 7 and bool(whole) and not _is_other(squashed)


def _marked_title(reading: Reading) -> str | None:
    """Return the heading that the format marks at the head of a text, with the part of a code named below it."""
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
    """Return the first line, or several lines, in the form of an official document's title."""
    below_order = 0
    for at, line in enumerate(lines):
        if order := order_at(lines, at):
            below_order = at + order.size
        if _STOP.search(line):
            continue
        squashed = plain(line)
        if at < below_order or _is_other(squashed) or number_in_line(line) or begins_note(line):
            continue
        if dated := _dated_title(lines[at : at + 4]):
            return dated
        if at and _begun(lines[at - 1], line):
            line = lines[at - 1] + line
        if opened := _OPEN_DAY.search(line):
            line = line[: opened.start()]
            squashed = plain(line)
        if _TITLE_END.search(squashed) and len(squashed) > 3 and _closed(line):
            if _goes_on(line, lines[at + 1 : at + 2]):
                line += lines[at + 1]
            return line if len(squashed) > 7 or " " not in line else squash(line)
        if (ISSUED_BY.search(squashed) or is_body(line)) and (title := _joined(lines[at : at + 8])):
            return title
    return None


def _begun(before: str, line: str) -> bool:
    """Return whether a line continues a title from the line before: inside a phrase, or the name of a body."""
    if _is_other(squash(before)) or begins_note(before):
        return False
    if _GOES_ON.search(before):
        return True
    cut = len(before) > 14 and not is_body(before) and not before.endswith("文件")
    return bool(cut and _ABOUT.search(line) and not _ABOUT.search(before) and issuer_in_title(before + line))


def _list_number(line: str, after: Sequence[str]) -> int:
    """Return the length of the number before a title, also one confirmed by a day in brackets further down; or 0."""
    match = _LIST_NUMBER.match(line)
    if match is None:
        return 0
    title = line[match.end() :].partition("\n")[0]
    begins = _may_begin_title(title) or (len(title) > 14 and bool(_dated_title([title, *after])))
    return match.end() if begins else 0


def _may_begin_title(line: str) -> bool:
    """Return whether a line is or begins a title: it names a subject, or ends like a title."""
    if _STOP.search(line):
        return False
    squashed = plain(line)
    if _is_other(squashed) or len(squashed) < 6:
        return False
    return bool(_ABOUT.search(squashed) or _TITLE_END.search(squashed) or _DAY_AFTER.search(line))


def _full(line: str) -> bool:
    """Return whether a line may have been broken: it is long, or ends inside the day in brackets."""
    return len(line) >= 14 or bool(_OPEN_DAY.search(line))


def _dated_title(lines: Sequence[str]) -> str | None:
    """Return a title over several lines that ends with the day of issue in brackets: …重点任务（2023年6月, 30日）."""
    whole = ""
    for at, line in enumerate(lines):
        if _is_other(squash(line)) or (at and not _full(lines[at - 1])) or (at and line[0] in "(（"):
            return None
        whole += line
        if _DAY_AFTER.search(whole):
            return whole if at else None
        if at == 0 and _TITLE_END.search(plain(line)) and not _goes_on(line, lines[1:2]):
            return None
    return None


def _goes_on(title: str, after: Sequence[str]) -> bool:
    """Return whether a line that could be a title is the start of one that ends in the line after it."""
    if not after or not _ABOUT.search(title) or _WHOLE.search(squash(title)):
        return False
    squashed = plain(after[0])
    rest = _is_other(squashed) or number_in_line(after[0]) or begins_note(after[0]) or is_body(after[0])
    return not rest and 4 <= len(squashed) <= 60 and bool(_TITLE_END.search(squashed)) and not _ABOUT.search(squashed)


def _closed(title: str) -> bool:
    """Return whether every 《 and （ in a title is closed: one that ends inside continues in the next line."""
    return title.count("《") <= title.count("》") and title.count("（") <= title.count("）")


def _is_other(squashed: str) -> bool:
    marks = _STOP.search(squashed) or _LABEL.match(squashed) or _NAVIGATION.search(squashed)
    return bool(marks or _SENTENCE.match(squashed))


def _joined(lines: Sequence[str]) -> str | None:
    """Return a title over several lines."""
    title = ""
    for line in lines:
        if _is_other(squash(line)) or number_in_line(line) or begins_note(line) or len(title) + len(line) > 160:
            return None
        if _DAY_ALONE.fullmatch(squash(line)):  # below a signature
            return None
        if title.endswith(line):
            continue
        gap = " " if title and (is_body(line) or (is_body(title) and issuer_in_title(line))) else ""
        title += gap + (squash(line) if re.fullmatch(r"(?:. )+.", line) else line)
        if opened := _OPEN_DAY.search(title):
            whole = title[: opened.start()]
            return whole if _TITLE_END.search(plain(whole)) else None
        if _TITLE_END.search(plain(title)) and _closed(title):
            return title
    return None


_NO_TITLE_ENDS = "。;；:：,，、!！"
_NO_TITLE = lazy_pattern(rf"[{_NO_TITLE_ENDS}]$|^[(（—\-–●◆■]|\d$|[的和与及]$|关于$")
_LONGEST_HEADLINE = 40  # maximum length of one with three clauses, in characters
_INNER = frozenset(",，、:：!！?？)）》〉”’]］}】%％")  # no title begins with these


def _is_of_text(line: str) -> bool:
    """Return whether a line is part of a text and no title: by its sentences or clauses, or cut at its start."""
    clauses = line.count("，") + line.count(",") > (1 if len(line) > _LONGEST_HEADLINE else 2)
    return clauses or "；" in line or ";" in line or "。" in line or "应当" in line or line[0] in _INNER


_BARE_NUMBER = lazy_pattern(r"(?:(?:19|20)\d\d年)?第\d{1,5}号")


def _first_line(block: TitleBlock) -> str | None:
    """Return the first line, if it is short enough for a title and not part of a text."""
    lines = block.lines[:3]
    for line in lines:
        squashed = squash(line)
        if len(squashed) > LONGEST_LINE and line is lines[-1]:
            return None
        if _LABEL.match(squashed) or _NAVIGATION.search(squashed) or _LABEL_LINE.match(squashed):
            continue
        if _BARE_NUMBER.fullmatch(squashed):
            continue
        wrong = _NO_TITLE.search(squashed) or _is_of_text(squashed) or not _closed(squashed)
        other = wrong or is_body(line) or number_in_line(line)
        return line if 4 <= len(squashed) <= LONGEST_LINE and not other else None
    return None


_LAST_OF_TITLES = frozenset("知见定复划要报告函令示案议法例则程释典施点准录纲南范度书单信明)）〕】")
"""The last characters of the matches of ``_TITLE_END``."""


def lone_title(text: str) -> str | None:
    """Return the title that ``find_title`` finds in a text of one line without numbers and days, by a few tests.

    The result is empty if only the rules can decide: the line has the form of a title, or a part of it may be one.
    """
    last = fold(text[-1])
    if text[-1] in _NO_TITLE_ENDS or (last not in _LAST_OF_TITLES and "年" not in text and _is_of_text(text.lstrip())):
        return None
    line = " ".join(text.split())
    if _list_number(line, ()) or _TITLE_LABEL.match(line) or ("年" in line and _OPEN_DAY.search(line)):
        return ""
    if not has_han(line) or _BODY_LINE.match(half_width(line[:20])):
        return None
    if last in _LAST_OF_TITLES and _TITLE_END.search(plain(line)) and not _STOP.search(line):
        return ""
    return _first_line(TitleBlock((line,), ""))
