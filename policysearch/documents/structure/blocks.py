"""The documents within a document: attachments, enclosures below a signature, tables of contents."""

from __future__ import annotations

import re

from policysearch.documents.structure.heads import Head, Lines
from policysearch.documents.structure.marks import mark_at
from policysearch.documents.structure.parts import is_glossary_heading
from policysearch.frozen import frozen
from policysearch.text.chinese import HAN
from policysearch.text.patterns import lazy_pattern

__all__ = ["ISSUER_ENDS", "Block", "blocks", "contents_lines", "is_date_line", "is_signed_date", "listed_names"]


@frozen
class Block:
    """Lines ``first`` to ``last`` (exclusive) with a numbering of their own.

    ``head`` is the attachment's title, above everything in the block; None for the document proper.
    """

    first: int
    last: int
    head: Head | None


_ATTACHMENT = lazy_pattern(
    r"(?P<number>附(?=[ \u3000]*[:：])"
    r"|附[ \u3000]*[件录表][ \u3000]*[一二三四五六七八九十\d０-９]{0,3}(?:[—－-]\d{1,2})?)"
    r"[ \u3000]*[:：．.]?(?P<title>.*)$"
)
_DATE = lazy_pattern(
    r"[(（]?(?:[12１２]\d{3}年(?:\d{1,2}|元)月\d{1,2}日"
    r"|(?:19|20)\d\d(?P<mark>[-/.])(?:1[0-2]|0?[1-9])(?P=mark)(?:3[01]|[12]\d|0?[1-9])"
    r"|[〇○O零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
    r"|(?:中[华華])?民[国國][\d一二三四五六七八九十百〇零]{1,6}年[\d一二三四五六七八九十]{1,2}月[\d一二三四五六七八九十]{1,3}日)[)）]?$"
)
ISSUER_ENDS = "政府|委员会|委|办公[厅室]|部|局|院|厅|署|会|中心|公司|处"
"""A pattern of the ends of the names of issuers below a text."""

_SIGNED = lazy_pattern(
    rf"[{HAN}]{{1,30}}(?:{ISSUER_ENDS})[ \u3000\t]+"
    r"(?=[\d〇○O零一二三四五六七八九 年月日元/.-]+$)"
)
_NOTE = lazy_pattern(
    r"[(（【].{2,40}[)）】]$|抄送|抄报|主送|印发|附[ \u3000]*[件录表]?[ \u3000]*[:：]"
    r"|公开(?:方式|属性|形式)|联系(?:人|电话|单位)|.{2,40}印发$"
)
_NUMBER = lazy_pattern(r"[〔\[【（(](?:19|20)\d\d[〕\]】）)] ?第? ?\d{1,5} ?号$")
_SENTENCE = lazy_pattern(r"[。；]$|如下[:：]$|^(?:现|为|根据|按照|经)[^，。]{2,30}，")
_FILE = lazy_pattern(r"\.(?:docx?|xlsx?|pptx?|pdf|wps|et|ofd|zip|rar|7z|jpe?g|png|txt|csv)$", re.I)
_NAME = lazy_pattern(r"《([^《》\n]{4,80})》|(?:印发|发布|批转|转发)([^《》，。\n]{4,60}?)的(?:通知|决定|公告|令)")

TITLE = 50
"""Maximum length of a line of an attachment's title, in characters."""

BODY_LINE = 40
"""Length from which a line counts as a sentence, in characters."""

NAMING = 6
"""Number of first paragraphs of a document that may name its enclosures."""

LISTED = 20
"""Maximum number of lines of a list of enclosures and the signature below it."""


def is_date_line(line: str) -> bool:
    """Return whether a line is a day and nothing else."""
    last = line[-1:]
    return (last in "日)）" or last.isdecimal()) and bool(_DATE.match("".join(line.split())))


def is_signed_date(line: str) -> bool:
    """Return whether a line is an issuer and a day: 某市教育局　　2024年1月5日."""
    issuer = _SIGNED.match(line)
    return issuer is not None and is_date_line(line[issuer.end() :])


def blocks(lines: Lines) -> list[Block]:
    """Return the document proper and its attachments, in order; together they contain all lines.

    A document that is enclosed without 附件 is below the signature, or has a title that the document names in 《》 and
    that is a line of its own.
    """
    starts: list[tuple[int, Head | None]] = [(0, None)]
    signed = listing = False
    body = _body(lines)
    names = _names(lines, body) if body < len(lines) else frozenset()
    appended = _appended(lines)
    amended = names | _amended(lines, appended)
    firsts = {name[0] for name in amended}
    for i in range(body + 1, len(lines)):
        if lines.size(i) > 80:
            continue
        head = _attachment(lines, i, signed or len(starts) > 1) or _issued(lines, i)
        if head is None and lines.text[lines.starts[i]] in firsts and i > starts[-1][0] + 1:
            head = _named(lines, i, names if lines.starts[i] < appended else amended)
        listing = signed and (lines.text[lines.starts[i]] == "附" or (listing and _is_name(lines, i)))
        if head is None and signed and not listing and not _NOTE.match(lines.line(i)):
            head = _enclosed(lines, i)
            signed = False
        if head:
            starts.append((i, head))
            signed = False
        elif (
            i - starts[-1][0] >= 4
            and is_date_line(lines.line(i))
            and lines.size(i - 1) <= 40
            and lines.text[lines.starts[i]] not in "(（"
        ):
            signed = True
    ends = [first for first, _ in starts[1:]] + [len(lines)]
    return [Block(first, last, head) for (first, head), last in zip(starts, ends, strict=True)]


def _is_name(lines: Lines, i: int) -> bool:
    """Return whether line ``i`` is a numbered name in a list of enclosures."""
    mark = lines.mark(i)
    return mark is not None and mark.style in ("digit_dot", "dun") and lines.size(i) <= TITLE


def _body(lines: Lines) -> int:
    """Return the first line that is a sentence: names of files and of enclosures may precede it."""
    for i in range(len(lines)):
        if lines.size(i) >= BODY_LINE or _SENTENCE.search(lines.line(i)):
            return i
    return len(lines)


def _names(lines: Lines, body: int) -> frozenset[str]:
    """Return the names in 《》 of the title and the first paragraphs, without white space; enclosures may have them."""
    end = lines.ends[min(body + NAMING, len(lines) - 1)]
    found = _NAME.finditer(lines.text, 0, min(end, lines.starts[body] + 3000))
    return frozenset(filter(None, ("".join((name[1] or name[2]).split()) for name in found)))


_AMENDING = lazy_pattern(r"关于修[改订正][^。]{2,200}?决定")
_APPENDED = lazy_pattern(r"本决定[^。\n]{0,60}重新(?:公布|发布|印发)[^。\n]{0,10}。")
_STATUTE = lazy_pattern(
    r"^[^\n《]{0,12}《([^《》\n]{4,60})》|^(?:[（(][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}、)"
    r"([^《》，。：\n]{3,50}(?:条例|办法|规定|细则|规则))(?:[（(][^（）()\n]{1,30}[)）])?$",
    re.M,
)


def _appended(lines: Lines) -> int:
    """Return the offset at which the statutes below a decision to amend them begin; 0 for any other document."""
    if "重新" not in lines.text or not _AMENDING.search(lines.text, 0, 400):
        return 0
    found = _APPENDED.search(lines.text)
    return found.end() if found else 0


def _amended(lines: Lines, end: int) -> frozenset[str]:
    """Return the names of the statutes that a decision to amend several of them names at the start of its points."""
    return frozenset("".join((name[1] or name[2]).split()) for name in _STATUTE.finditer(lines.text, 0, end))


def _named(lines: Lines, i: int, names: frozenset[str]) -> Head | None:
    """Return the head of a document whose title is one of ``names``, if a text follows it."""
    title = _title(lines, i)
    if title is None:
        return None
    written = "".join(lines.text[slice(*title)].split())
    if re.sub(r"[（(][^（）()]{1,12}[)）]$", "", written) not in names and written not in names:
        return None
    return _head_of(title) if _text_follows(lines, lines.at(title[1]) + 1) else None


def _head_of(title: tuple[int, int]) -> Head:
    return Head(title[0], title[1], "attachment", 0, None, title, 1, "attachment")


def _text_follows(lines: Lines, i: int) -> bool:
    """Return whether the lines from ``i`` are a document's: a sentence, or the first number or article."""
    for k in range(i, min(i + 4, len(lines))):
        if is_date_line(lines.line(k)) and k > i:
            return False
        mark = lines.mark(k)
        if lines.article(k) or (mark and mark.value == 1):
            return mark is None or mark.style not in ("digit_dot", "digit_paren", "digit_half", "circled")
        if lines.size(k) >= BODY_LINE or lines.line(k)[-1:] == "。":
            return True
    return False


def _attachment(lines: Lines, i: int, signed: bool) -> Head | None:
    """Return the head of an attachment that begins in line ``i``; None for a list of their names.

    ``signed``: whether a signature or an attachment precedes it: then one with a title may consist of short lines.
    """
    text, start = lines.text, lines.starts[i]
    if i == 0 or text[start : start + 1] != "附":
        return None
    found = _ATTACHMENT.match(text, start, lines.ends[i])
    if not found:
        return None
    closed = signed or _COMES_INTO_FORCE.search(text, lines.starts[i - 1], lines.ends[i - 1]) is not None
    if found["title"] and not (closed or text.startswith("附件", start)):
        return None
    number = (start, found.end("number"))
    if not found["title"].strip(" \u3000:："):
        if i + 1 == len(lines) or _lists_names(lines, i + 1):
            return None
        title = _title(lines, i + 1)
        return Head(start, title[1] if title else number[1], "attachment", 0, number, title, 1, "attachment")
    if found["title"][-1] in "。；;，,":
        return None
    alone = found["number"][-1:] in "件录表"  # 附件：甲方案 is mostly the list of enclosures
    follows = _body_follows(lines, i + 1) or (closed and _form_follows(lines, i + 1))
    if not follows and not (signed and not alone and _lines_follow(lines, i)):
        return None
    title = (found.start("title"), lines.ends[i])
    while title[0] < title[1] and text[title[0]] in " \u3000:：":
        title = (title[0] + 1, title[1])
    if mark_at(text, title[0], title[1]):
        return None
    return Head(start, title[1], "attachment", 0, number, title, 1, "attachment")


# how the last article of a statute ends
_COMES_INTO_FORCE = lazy_pattern(r"(?:施行|实施|执行|生效|废止|解释)。$")


def _form_follows(lines: Lines, i: int) -> bool:
    """Return whether a table or a form begins in line ``i``: cells, or a label to fill in."""
    return i < len(lines) and ("\t" in lines.line(i) or (lines.size(i) <= 20 and lines.line(i)[-1:] in "：:"))


def _issued(lines: Lines, i: int) -> Head | None:
    """Return the head of the next document of a gazette: its title, with its number below."""
    if lines.text[lines.ends[i - 1] - 1] not in "。）)日" or lines.size(i) < 8:
        return None
    title = _title(lines, i)
    below = lines.at(title[1]) + 1 if title else len(lines)
    if title is None or below == len(lines) or not _KIND.search(lines.text, *title):
        return None
    return _head_of(title) if lines.size(below) <= 30 and _NUMBER.search(lines.line(below)) else None


def listed_names(lines: Lines, first: int, last: int) -> set[int]:
    """Return the lines that are names of enclosures below 附件： and not headings."""
    found: set[int] = set()
    for i in range(first, last):
        if not lines.text.startswith("附", lines.starts[i]) or lines.size(i) > 80:
            continue
        match = _ATTACHMENT.match(lines.text, lines.starts[i], lines.ends[i])
        title = match["title"].strip(" \u3000:：") if match else ""
        if match is None or not ((title and mark_at(title, 0, len(title))) or _lists_names(lines, i + 1)):
            continue
        found.add(i)
        for k in range(i + 1, min(i + LISTED, last)):
            line = lines.line(k)
            if is_date_line(line) or len(line) > 80 or line[-1:] in "。：" or _ATTACHMENT.match(line):
                break
            found.add(k)
    return found


def _lists_names(lines: Lines, i: int) -> bool:
    """Return whether the lines from ``i`` are names of enclosures: short ones up to a signature's date, or of files."""
    if i >= len(lines):
        return False
    if _FILE.search(lines.line(i)):
        return True
    for k in range(i, min(i + LISTED, len(lines))):
        line = lines.line(k)
        if is_date_line(line):
            return k > i
        if lines.size(k) > TITLE or line[-1:] in "。；：:":
            return False
        if k > i and line.startswith("附"):
            return lines.mark(i) is not None
    return False


def _body_follows(lines: Lines, i: int) -> bool:
    """Return whether the lines from ``i`` are a document: a number from one, or a paragraph."""
    for k in range(i, min(i + 2, len(lines))):
        mark = lines.mark(k)
        if mark and mark.value == 1 and mark.style in ("dun", "paren", "chapter"):
            return True
        if lines.size(k) >= 60:
            return True
        if is_date_line(lines.line(k)) or lines.text.startswith("附", lines.starts[k]):
            return False
    return False


def _lines_follow(lines: Lines, i: int) -> bool:
    """Return whether the line after ``i`` is neither the name of another attachment nor a note to the document."""
    if _FILE.search(lines.line(i)) or i + 1 == len(lines):
        return False
    after = lines.line(i + 1)
    if i + 2 < len(lines) and is_date_line(lines.line(i + 2)):  # a signature
        return False
    return not (after[0] == "附" or _NOTE.match(after) or is_date_line(after) or lines.mark(i + 1))


def _title(lines: Lines, i: int) -> tuple[int, int] | None:
    """Return the span of a title in line ``i``, with the next line if it continues there."""
    line = lines.line(i)
    if len(line) > TITLE or line[-1:] in "。；;，,：:" or "\t" in line or _NUMBER.search(line) or lines.mark(i):
        return None
    end = lines.ends[i]
    for k in range(i + 1, min(i + 3, len(lines))):
        if not _goes_on(lines.line(k - 1), lines.line(k)) or lines.mark(k):
            break
        end = lines.ends[k]
    return lines.starts[i], end


_KIND = lazy_pattern(
    r"(?:方案|请示|函|汇报|公告|通告|通报|办法|规定|意见|通知|报告|名单|目录|表|图|解释|细则|条例|规划|计划|指标|坐标|做法|标准|规范"
    r"|清单|要点|制度|指南|说明|章程|公约|决定|纲要|预案|措施|分工|事项|大纲|规则|程序|职责|要求|样式"
    r"|式样)(?:[(（].{0,20}[)）])?$"
)


def _goes_on(line: str, after: str) -> bool:
    """Return whether a title in ``line`` continues in the line ``after``."""
    if len(after) > 40 or after[-1:] in "。；;：:，,":
        return False
    if after.startswith(("和", "与", "及", "的", "暨")):
        return True
    # the word for the kind may be divided: 若干措|施
    return not _KIND.search(line) and _KIND.search(line[-3:] + after if len(after) < 4 else after) is not None


def _enclosed(lines: Lines, i: int) -> Head | None:
    """Return the head of a document below the signature of another one, without 附件."""
    title = _title(lines, i)
    if title is None:
        return None
    after = lines.at(title[1]) + 1
    long_lines = sum(lines.size(k) >= 60 for k in range(after, min(after + 30, len(lines))))
    if long_lines < 2 and not _begins(lines, after) and not is_glossary_heading(lines.line(i)):
        return None
    return _head_of(title)


def _begins(lines: Lines, i: int) -> bool:
    """Return whether articles, or numbers from one, begin in the lines from ``i``."""
    for k in range(i, min(i + 30, len(lines))):
        if lines.article(k):
            return True
        mark = lines.mark(k) if k < i + 6 else None
        if mark and mark.value == 1 and mark.style in ("dun", "chapter", "book", "formal"):
            return True
    return False


_CONTENTS = lazy_pattern(r"目[ \u3000]*[录次]$")
_LEADERS = lazy_pattern(r"[ \t\u3000]+|[….·．—-]{2,}.*$|\d+$|[（(]\d+[)）]$")


def contents_lines(lines: Lines, first: int, last: int) -> set[int]:
    """Return the lines of a table of contents: its headings occur again further down."""
    for i in range(first, min(last, first + 60)):
        if lines.size(i) <= 6 and _CONTENTS.match(lines.line(i)):
            return set(range(i, _contents_end(lines, i + 1, last)))
        mark = lines.mark(i)
        if mark and mark.value == 1 and lines.size(i) <= 60:
            end = _contents_end(lines, i, last)
            return set(range(i, end)) if end - i >= 3 and _returns(lines, i, end, last) else set()
    return set()


def _entry(lines: Lines, i: int) -> str:
    """Return a line as an entry of a table of contents: without white space, leaders and page number."""
    return _LEADERS.sub("", lines.line(i)) if lines.size(i) <= 120 else lines.line(i)


def _contents_end(lines: Lines, i: int, last: int) -> int:
    """Return the line after the entries that begin in line ``i``."""
    if i >= last:
        return i
    opening = _entry(lines, i)
    for k in range(i + 1, last):
        if lines.size(k) > 60 or _entry(lines, k) == opening or lines.line(k)[-1:] in "。：:！":
            return k
    return last


def _returns(lines: Lines, first: int, end: int, last: int) -> bool:
    entries = {_entry(lines, i) for i in range(first, end)}
    again = {e for e in (_entry(lines, i) for i in range(end, last) if lines.size(i) <= 60) if e in entries}
    return 2 * len(again) > len(entries)
