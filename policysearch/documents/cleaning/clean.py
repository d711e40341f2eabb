"""A reading to clean text: whole paragraphs, one a line, and an account of what was taken out."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from policysearch.documents.cleaning.repeated_body import find_copies
from policysearch.sources.readers.reading import HeadingLine, Reading, Removed
from policysearch.text.characters import holds_text

__all__ = ["Cleaned", "clean"]

TITLE_LINES = 40
"""How many lines at each end of a text are looked at for navigation and handed to the metadata stage."""

LONGEST_TITLE_LINE = 400
"""Lines handed to the metadata stage are cut to this many characters."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One text without page marks, navigation, repeats and broken lines.

    Attributes:
        text: Paragraphs, each one line, without indents and empty lines;
            white space that is dropped so is not accounted for.
        headings: Lines the format marks as headings, offsets into ``text``.
        pages: Offset in ``text`` of the first character of each page.
        removed: What was left out: by the reader, then markup, page marks
            and lines, each in the order of the source.
        head: The first lines as they stood, those left out included.
        tail: The last lines likewise.
    """

    text: str
    headings: tuple[HeadingLine, ...] = ()
    pages: tuple[int, ...] = ()
    removed: tuple[Removed, ...] = ()
    head: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()


def clean(reading: Reading) -> Cleaned:
    """Return the text of ``reading`` as whole paragraphs, with what was removed and why.

    Only form and place decide: navigation and footers are looked for among
    the first and last lines, page marks where their numbers rise. Any other
    rule takes nothing that stands once: only copies, and marks without text.
    """
    markup = _edited(reading.text, _markup(reading.text) or _spaced_out(reading.text))
    marks = _edited(markup.text, _page_marks(markup.text))
    lines = _lines(marks.text)
    _drop_running_heads(lines, [marks.moved(markup.moved(page)) for page in reading.pages])
    _drop_repeated_body(lines)
    _drop_navigation(lines)
    _drop_footer(lines)
    if all(line.reason for line in lines):
        _keep(lines)
    fixed = {_line_at(lines, marks.moved(markup.moved(heading.start))) for heading in reading.headings}
    text, starts = _joined(lines, fixed)

    def moved(offset: int) -> int:
        return _paragraph_offset(lines, starts, marks.moved(markup.moved(offset)))

    edits = (
        *(Removed(piece.text, piece.reason, offset) for offset, piece in markup.removed),
        *(Removed(piece.text, piece.reason, markup.source(offset)) for offset, piece in marks.removed),
        *(Removed(line.text, line.reason, markup.source(marks.source(line.start))) for line in lines if line.reason),
    )
    kept = [h for h in reading.headings if _kept(lines, marks.moved(markup.moved(h.start)))]
    shown = [line.text[:LONGEST_TITLE_LINE] for line in lines]
    return Cleaned(
        text=text,
        headings=tuple(HeadingLine(moved(h.start), h.level) for h in kept),
        pages=tuple(moved(page) for page in reading.pages),
        removed=(*reading.removed, *_numbered(edits, reading.text)),
        head=tuple(shown[:TITLE_LINES]),
        tail=tuple(shown[-TITLE_LINES:]),
    )


def _numbered(pieces: Sequence[Removed], text: str) -> Iterator[Removed]:
    """Yield the pieces with numbers of lines for what they have: offsets into ``text``."""
    if not pieces:
        return
    ends = [found.start() for found in re.finditer("\n", text)]
    for piece in pieces:
        yield Removed(piece.text, piece.reason, bisect_left(ends, piece.line or 0) + 1)


# Edits inside lines: markup left by scrapers, page marks.


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    replacement: str
    removed: Removed | None


@dataclass(frozen=True, slots=True)
class _Edited:
    text: str
    old: tuple[int, ...]
    new: tuple[int, ...]
    removed: tuple[tuple[int, Removed], ...]  # each with its offset in the old text

    def source(self, offset: int) -> int:
        """Return where the character at ``offset`` of the new text was in the old one."""
        at = bisect_right(self.new, offset) - 1
        return self.old[at] + offset - self.new[at]

    def moved(self, offset: int) -> int:
        """Return where the character at ``offset`` of the old text is in the new one."""
        at = bisect_right(self.old, offset) - 1
        if at < 0:
            return offset
        end = self.new[at + 1] if at + 1 < len(self.new) else len(self.text)
        return min(self.new[at] + offset - self.old[at], end)


def _edited(text: str, edits: Sequence[_Edit]) -> _Edited:
    if not edits:
        return _Edited(text, (0,), (0,), ())
    pieces: list[str] = []
    old, new = [0], [0]
    length = at = 0
    for edit in edits:
        kept = text[at : edit.start]
        pieces += [kept, edit.replacement]
        length += len(kept) + len(edit.replacement)
        at = max(at, edit.end)
        old.append(at)
        new.append(length)
    pieces.append(text[at:])
    removed = tuple((text.index(e.removed.text, e.start), e.removed) for e in edits if e.removed)
    return _Edited("".join(pieces), tuple(old), tuple(new), removed)


_LITERAL_SPACE = re.compile(r"(?:<U\+(?:00A0|3000|2002|2003|200B|FEFF)>)+")
_COMMENT = re.compile(r"<!--[^<>]{0,2000}-->|<!--|-->")


def _markup(text: str) -> list[_Edit]:
    """Return edits for characters spelled out (``<U+00A0>``) and comments of a page's source.

    A comment with text in it only loses its marks: it may be anything.
    """
    edits = []
    if "<U+" in text:
        edits += [_Edit(m.start(), m.end(), " ", Removed(m.group(), "markup")) for m in _LITERAL_SPACE.finditer(text)]
    if "<!--" in text or "-->" in text:
        for found in _COMMENT.finditer(text):
            start, end = found.span()
            spans = [(start, start + 4), (end - 3, end)] if holds_text(found[0]) else [(start, end)]
            edits += [_Edit(a, b, "", Removed(text[a:b], "markup")) for a, b in spans]
        edits.sort(key=lambda edit: edit.start)
        edits = [e for e, before in zip(edits, [None, *edits], strict=False) if not before or before.end <= e.start]
    return edits


_SINGLE_SPACE = re.compile(r"(?<=[^\s]) (?=[^\s])")


def _spaced_out(text: str) -> list[_Edit]:
    """Return edits for a text with a space after every character, as some converters write it."""
    if 5 * text.count(" ") < 2 * len(text):
        return []
    return [_Edit(m.start(), m.end(), "", None) for m in _SINGLE_SPACE.finditer(text)]


_INDENT = " \t\u3000\xa0"
_DASHES = "—–―‐‑─━－-"
_DASHED_MARK = re.compile(rf"[{_DASHES}]{{1,2}}[ \u3000]?(\d{{1,4}})[ \u3000]?[{_DASHES}]{{1,2}}[ \t\u3000]*")
_WORDED_MARK = re.compile(
    r"^[ \t\u3000]*(?:第[ \u3000]?(\d{1,4})[ \u3000]?页(?:[ \u3000,，/／]*共[ \u3000]?\d{1,4}[ \u3000]?页)?"
    r"|(\d{1,4})[ \u3000]?[/／][ \u3000]?\d{1,4}|[Pp]age[ ]?(\d{1,4})(?: of \d{1,4})?)[ \t\u3000]*$",
    re.M,
)
_BARE_MARK = re.compile(r"^[ \t\u3000]*[·.]?(\d{1,4})[·.]?[ \t\u3000]*$", re.M)
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")

LEAST_PAGE = 150
"""Characters there must be, on average, between two bare numbers for them to be page marks."""


def _page_marks(text: str) -> list[_Edit]:
    """Return edits for page marks: numbers in page form that rise by one through the text."""
    spans: list[tuple[int, int]] = []
    dashed = [(m.start(), m.end(), int(m[1])) for m in _DASHED_MARK.finditer(text)]
    spans += _rising(_placed(text, dashed), least=1 if _ends_with(text, dashed) else 2)
    worded = [(m.start(), m.end(), int(m[1] or m[2] or m[3])) for m in _WORDED_MARK.finditer(text)]
    spans += _rising(worded, least=2 if len(worded) > 1 else 1)
    if not spans:
        bare = [(m.start(), m.end(), int(m[1])) for m in _BARE_MARK.finditer(text)]
        found = _rising(bare, least=3)
        if found and found[-1][0] - found[0][0] >= LEAST_PAGE * len(found):
            spans += found
    return [_page_edit(text, start, end) for start, end in sorted(spans)]


def _ends_with(text: str, marks: list[tuple[int, int, int]]) -> bool:
    """Tell whether a single mark stands alone on the first or last line."""
    if len(marks) != 1:
        return False
    start, end, _ = marks[0]
    return (not text[:start].strip() and text[end : end + 1] == "\n") or (
        not text[end:].strip() and text[start - 1 : start] == "\n"
    )


def _placed(text: str, marks: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return the dashed marks at a line's start or end, and all of them where they are many."""
    edged = [
        (start, end, number)
        for start, end, number in marks
        if text[end : end + 1] in ("\n", "") or text[max(0, start - 60) : start].rstrip(_INDENT)[-1:] in ("\n", "")
    ]
    return marks if len(marks) >= 3 and len(_rising(marks, least=3)) > len(edged) else edged


def _rising(marks: list[tuple[int, int, int]], least: int) -> list[tuple[int, int]]:
    """Return the spans of marks in runs whose numbers rise by one: of the longest, if it has ``least``,
    and of others that have three (a text printed twice carries two series).
    """
    open_runs: dict[int, deque[list[tuple[int, int]]]] = {}
    runs: list[list[tuple[int, int]]] = []
    for start, end, number in marks:
        before = open_runs.get(number - 1)
        if before:
            run = before.popleft()
        else:
            run = []
            runs.append(run)
        run.append((start, end))
        open_runs.setdefault(number, deque()).append(run)
    best = max(runs, key=len, default=[])
    if len(best) < least:
        return []
    return sorted(span for run in runs if run is best or len(run) >= 3 for span in run)


_SPACE = " \t\u3000\xa0\n"
_CLOSERS = "”’」』）)】》〉\"'"
_STOPS = frozenset("。！？!?；;：:…")
_MARK = re.compile(
    r"[（(〔\[［]?[ \u3000]*[〇零一二三四五六七八九十百]{1,4}[ \u3000]*[）)〕\]］、．.]"
    r"|第[ ]?[〇零一二三四五六七八九十百千\d]{1,7}[ ]?[编章节条部分款]"
    r"|[（(\[［][ ]?\d{1,3}[ ]?[）)\]］]|\d{1,3}[、．.)）](?!\d)|[一二三四五六七八九十]{1,3}[是要]"
    r"|[①-⑳⑴-⒇㈠-㈩⒈-⒛]"
    r"|附件|附录|附表|目[ \u3000]*录|名词解释|注释|各位代表|——|●|◆|■|□|★|▲"
)


def _page_edit(text: str, start: int, end: int) -> _Edit:
    """Return the edit that takes out one page mark and the line breaks around it.

    Text that goes on after the mark is joined without anything between.
    """
    removed = Removed(text[start:end].strip(), "page mark")
    before = start
    while before and text[before - 1] in _SPACE:
        before -= 1
    after = end
    while after < len(text) and text[after] in _SPACE:
        after += 1
    if not before or after == len(text):
        return _Edit(before, after, "", removed)
    if "\n" not in text[before:after]:
        return _Edit(start, end, "", removed)
    left = text[text.rfind("\n", 0, before) + 1 : before]
    right_end = text.find("\n", after)
    right = text[after : right_end if right_end >= 0 else len(text)]
    return _Edit(before, after, "" if _goes_on(left.strip(), right) else "\n", removed)


def _goes_on(left: str, right: str) -> bool:
    """Tell whether ``right`` continues the unfinished line ``left`` of the page before."""
    if left.rstrip(_CLOSERS)[-1:] in _STOPS or _MARK.match(right):
        return False
    if left[-1:] in "，,、（(“《":
        return True
    sentence = max(left.rfind(stop) for stop in "。；！？")
    if sentence >= 0:
        return not _MARK.match(left, sentence + 1)
    if len(left) > 45 or not _MARK.match(left):
        return len(left) > 45 or "。" in right or len(right) < 45
    return len(right) <= 30 and right[-1:] not in _STOPS


# Lines


@dataclass(slots=True)
class _Line:
    """One line that is not empty: its text without white space at the ends."""

    start: int
    text: str
    indented: bool
    after_blank: bool
    reason: str = ""


def _lines(text: str) -> list[_Line]:
    lines = []
    start = 0
    blank = False
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            lead = len(raw) - len(raw.lstrip())
            lines.append(_Line(start + lead, stripped, lead > 0, blank))
        blank = not stripped
        start += len(raw) + 1
    return lines


def _line_at(lines: list[_Line], offset: int) -> int:
    """Return the number of the first line that begins at ``offset`` or after it."""
    return bisect_left(lines, offset, key=lambda line: line.start)


def _kept(lines: list[_Line], offset: int) -> bool:
    at = _line_at(lines, offset)
    return at < len(lines) and not lines[at].reason


def _paragraph_offset(lines: list[_Line], starts: list[int], offset: int) -> int:
    """Return where the character at ``offset`` before joining stands afterwards.

    For one that was dropped it is the place of the next one kept.
    """
    at = bisect_right(lines, offset, key=lambda line: line.start) - 1
    if at < 0:
        return 0
    line = lines[at]
    if line.reason or offset - line.start >= len(line.text):
        return starts[at + 1]
    return starts[at] + offset - line.start


# Boilerplate


_PAGE_NUMBER = re.compile(
    rf"^[ \t\u3000·.{_DASHES}]*(\d{{1,4}})(?=[ \t\u3000·.{_DASHES}])|(?<!\d)(\d{{1,4}})[页 \t\u3000·.{_DASHES}]*$"
)


def _drop_running_heads(lines: list[_Line], pages: list[int]) -> None:
    """Mark headers and footers: first or last lines that return on most pages, with the page's number or without."""
    if len(pages) < 3:
        return
    firsts = [_line_at(lines, page) for page in pages]
    bounds = list(zip(firsts, [*firsts[1:], len(lines)], strict=True))
    for place in (0, -1):
        edge = [lines[a if place == 0 else b - 1] for a, b in bounds if b - a > 2]
        forms: dict[str, list[tuple[int, _Line]]] = {}
        for line in edge:
            if len(line.text) > 60 or line.text[-1] in "。；！？":
                continue
            number = _PAGE_NUMBER.search(line.text)
            form = _PAGE_NUMBER.sub("", line.text, count=1)
            forms.setdefault(form, []).append((int(number[1] or number[2]) if number else 0, line))
        for found in forms.values():
            numbers = [number for number, _ in found]
            same = len(set(numbers)) == 1
            if len(found) < 3 or 2 * len(found) <= len(edge) or not (same or _rise(numbers)):
                continue
            for _, line in found:
                line.reason = "page mark"


def _rise(numbers: list[int]) -> bool:
    """Tell whether numbers rise as those of pages do: from each to the next, by one or a few."""
    return all(0 < after - before <= 4 for before, after in pairwise(numbers))


def _drop_repeated_body(lines: list[_Line]) -> None:
    """Mark every copy but the first of a body that a scraper saved several times."""
    left = [line for line in lines if not line.reason]
    copies = find_copies([line.text for line in left])
    if copies is None:
        return
    for number, line in enumerate(left[copies.start :], copies.start):
        line.reason = "navigation" if number in copies.glued else "repeated body"


_STATED = re.compile(r"[（(\[【]?\s*([^\s:：]{1,8})\s*[:：]")


def _recurs(text: str, lines: Sequence[_Line]) -> bool:
    """Tell whether a line begins with a label (``来源：``) as more lines do than a page has: the document's own."""
    stated = _STATED.match(text)
    if stated is None:
        return False
    found = (line for line in lines if line.text.startswith(stated[0]) and not line.reason)
    return sum(1 for _ in islice(found, 3)) == 3


_NAVIGATION = re.compile(
    r"^(?:您?(?:现在|当前|所在)?的?(?:所在)?位置[:： ]|首页\s*[>›»＞]|.{0,12}[>›»＞]{1,2}.{0,12}[>›»＞]"
    r"|点击查阅|[【\[（(]?\s*字[ 　]*[号体]"
    r"|(?:打印|下载|全屏|收藏|分享|加大|还原|减小|放大|缩小|默认|关闭|返回|复制链接|导出|纠错|朗读"
    r"|语音播报|繁體|简体|English)(?:本页|窗口|到|至|首页|顶部)?[:：]?$"
    r"|(?:大|中|小|超大|[【】\[\]|｜×+\-]|A[+\-]?)$|(?:大\s*中\s*小)|(?:浏览|点击|阅读|访问"
    r"|浏览次)(?:次数|量|数|率)?[:：]?\s*\d*\s*次?$"
    r"|扫一扫|扫描二维码|(?:打开|关注)?(?:微信|(?:新浪)?微博|QQ空间)(?:公众号|好友|朋友圈|扫一扫)?[:：]?$"
    r"|无障碍(?:浏览|阅读|模式|版)?$|长者模式$|登录$|注册$|手机(?:版|浏览)|网站(?:首页|地图|标识码)"
    r"|上一[篇条页][:：]?|下一[篇条页][:：]?)"
)
_SOURCE_LINE = re.compile(
    r"^(?:(?:信息|文章|稿件|新闻)?来源\s*[:：].{0,40}|稿源[:：].{0,30}|(?:发布|发表|更新|成稿"
    r"|上传)?(?:时间|日期)\s*[:：].{0,60}"
    r"|20\d\d[-年/.]\d{1,2}[-月/.]\d{1,2}日?\s+\d{1,2}[:：时]\d{1,2}.{0,40}|(?:作者|编辑|责任编辑|责编"
    r"|审核|校对|供稿|记者|发布(?:机构|者|人)|信息员)\s*[:：].{0,30}"
    r"|新华社.{2,8}[0-9０-９]{1,2}月[0-9０-９]{1,2}日电|.{0,12}(?:门户网站|网)\s+www\..{0,80}"
    r"|索\s*引\s*号[:：].{0,40})$"
)
_CAPTION = re.compile(
    r"(?:记者|通讯员|摄影)[^。]{0,20}摄[）)]?$|记者(?:[ \u3000]+[\u4e00-\u9fff]{2,4})+$"
    r"|[（(]?(?:资料图片?|图片来源[:：].{0,20})[）)]?$"
)
_BODY_START = re.compile(
    r"(?:各位(?:代表|委员|同志)|同志们)[:：，,!！]?|[一二三四五六七八九十]{1,3}、"
    r"|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十百]{1,5}[编章节条]"
)


def _drop_navigation(lines: list[_Line]) -> None:
    """Mark navigation, buttons, source lines and captions above the body."""
    label = False
    for line in lines[:TITLE_LINES]:
        text = line.text
        if line.reason:
            continue
        if _BODY_START.match(text):
            break
        if (
            (label and len(text) <= 12)
            or (len(text) <= 90 and text[-1] not in "。；，" and _NAVIGATION.match(text))
            or (len(text) <= 120 and _SOURCE_LINE.match(text))
            or (len(text) <= 160 and _CAPTION.search(text))
        ):
            line.reason = "" if _recurs(text, lines) else "navigation"
        elif len(text) >= 60:
            break
        label = bool(line.reason) and re.fullmatch(r"(?:信息|文章)?来源\s*[:：]", text) is not None


_FOOTER = re.compile(
    r"^(?:相关(?:解读|报道|链接|文章|新闻|阅读|稿件|推荐|信息|政策|资讯)[:：]?|上一[篇条页]|下一[篇条页]"
    r"|[（(\[【]?\s*责任?编辑?\s*[:：]|(?:[\[【\]】\s]*(?:打印|关闭)(?:本?页|窗口)?)+[\[【\]】\s]*$"
    r"|【?\s*E-?mail\s*推荐|版权所有|Copyright|©|.{0,20}ICP备|.{0,20}公?网安备|.{0,30}网站标识码"
    r"|主办(?:单位)?\s*[:：]|承办(?:单位)?\s*[:：]|.{2,24}\s主办|技术支持"
    r"|(?:联系)?地址\s*[:：].{0,40}(?:邮编|电话|邮政编码)|转载链接|原文(?:链接|地址)|扫一扫|扫描二维码"
    r"|【?字[ 　]*[号体]|分享(?:到|至)?[:：]?$|网站地图|联系我们|网站.{0,12}(?:举报|维护)"
    r"|收藏$|返回(?:首页|顶部)|[【】）)]$|<!--|-->|\[\s*(?:打印|关闭)\s*\]|来源\s*[:：].{0,30}$|(?:作者"
    r"|编辑|责编)\s*[:：].{0,20}$)",
    re.I,
)
_CONTACT = re.compile(r"^(?:主办(?:单位)?\s*[:：]|承办(?:单位)?\s*[:：]|(?:联系)?地址\s*[:：])")
_BARE_LINK = re.compile(r"^\S{0,8}https?://\S+$")

FOOTER_LINES = 80
"""How many of the last lines may belong to a footer."""


def _drop_footer(lines: list[_Line]) -> None:
    """Mark what stands below the body, from the first line in a footer's form to the end.

    Addresses and hosts alone make no footer: guides and forms end with them too.
    """
    left = [line for line in lines if not line.reason][-FOOTER_LINES:]
    start = len(left)
    sentences = 0
    sure = False
    for at in range(len(left) - 1, -1, -1):
        text = left[at].text
        if text[-1] not in "。；，" and (_FOOTER.match(text) or _BARE_LINK.match(text)) and not _recurs(text, lines):
            start = at
            sure = sure or not _CONTACT.match(text)
        elif len(text) >= 80 or (_MARK.match(text) and not text.startswith("各位")) or _looks_kept(text):
            break
        elif text[-1] in "。！？":
            sentences += 1
            if sentences > 1:
                break
    for line in left[start:] if sure else ():
        line.reason = "footer"


def _looks_kept(text: str) -> bool:
    """Tell whether a short last line is part of the document: a signature, a date, a note of issue."""
    return bool(
        re.search(
            r"\d{4}年\d{1,2}月\d{1,2}日$|[〇○一二三四五六七八九]{4}年.{2,6}日$|印发$|^[（(].{2,20}[）)]$",
            text,
        )
    )


def _keep(lines: list[_Line]) -> None:
    """Take back every removal: what has nothing but the forms of navigation is the document."""
    for line in lines:
        line.reason = ""


# Joining


def _joined(lines: list[_Line], fixed: set[int]) -> tuple[str, list[int]]:
    """Return the kept lines as paragraphs and where each line now begins.

    The list has one more entry than there are lines: the length of the text.
    A line that was dropped has the place of the next one kept.
    """
    width = _wrap_width([line for line in lines if not line.reason])
    indents = sum(line.indented for line in lines) / (len(lines) or 1)
    starts: list[int] = []
    pieces: list[str] = []
    length = 0
    before: _Line | None = None
    before_fixed = False
    for i, line in enumerate(lines):
        if line.reason:
            starts.append(-1)
            continue
        if before is not None:
            free = not before_fixed and i not in fixed and "\t" not in before.text and "\t" not in line.text
            joined = free and (_wrapped(before, line, width, indents) if width else _cut(before.text, line.text))
            glue = _glue(before.text, line.text) if joined else "\n"
            pieces.append(glue)
            length += len(glue)
        starts.append(length)
        pieces.append(line.text)
        length += len(line.text)
        before, before_fixed = line, i in fixed
    starts.append(length)
    for i in range(len(lines) - 1, -1, -1):
        if starts[i] < 0:
            starts[i] = starts[i + 1]
    return "".join(pieces), starts


def _glue(left: str, right: str) -> str:
    """Return what stands between two parts of a broken line: a space between Latin words."""
    return " " if left[-1].isascii() and left[-1].isalpha() and right[0].isascii() and right[0].isalpha() else ""


NARROWEST, WIDEST = 20, 90
"""Characters between which the lines of a wrapped text are wide."""


def _wrap_width(lines: Sequence[_Line]) -> int:
    """Return the width at which the lines of a text were broken, in characters, or 0.

    A text is taken for wrapped when many of its lines have the length of its
    longest ones, most of those do not end where a sentence does, and there
    are sentences at all: lines of a list are not joined.
    """
    if len(lines) < 6:
        return 0
    lengths = sorted(len(line.text) for line in lines)
    widest = lengths[int(len(lengths) * 0.95)]
    if not NARROWEST <= widest <= WIDEST:
        return 0
    full = [line for line in lines if widest - 3 <= len(line.text) <= widest + 3]
    open_ended = sum(line.text.rstrip(_CLOSERS)[-1:] not in _STOPS for line in full)
    sentences = sum("。" in line.text for line in lines)
    if len(full) < 0.35 * len(lines) or open_ended < 0.6 * len(full) or 8 * sentences < len(lines):
        return 0
    return widest


_UNIT = re.compile(r"第[〇零一二三四五六七八九十百千\d]{1,7}(?:条(?:之[一二三四五六七八九十]{1,3})?|[编章节])[ \u3000]")


def _wrapped(before: _Line, line: _Line, width: int, indents: float) -> bool:
    """Tell whether ``line`` continues ``before`` in a text broken at ``width``."""
    ends = before.text.rstrip(_CLOSERS)[-1:] in _STOPS
    if (line.indented and indents < 0.6) or _UNIT.match(line.text):
        return False
    full = len(before.text) >= width - 4
    if not full:
        return before.text[-1] in "，,、"
    if ends:
        return indents >= 0.05 and not line.indented and not _MARK.match(line.text)
    return indents >= 0.05 or not _MARK.match(line.text) or not _closed(before.text)


def _closed(text: str) -> bool:
    """Tell whether a full line without a stop may be a whole heading."""
    return _MARK.match(text) is not None and "。" not in text


def _cut(left: str, right: str) -> bool:
    """Tell whether a paragraph was cut in two: an unfinished sentence, and its end on the next line."""
    if left[-1] in _STOPS or len(left) < 40 or left.rstrip(_CLOSERS)[-1:] in _STOPS:
        return False
    stop = max(left.rfind("。"), left.rfind("；"), left.rfind("！"))
    if stop < 0 and left[-1] not in "，,、":
        return False
    if _MARK.match(left[stop + 1 :].lstrip()) or _MARK.match(right):
        return False
    return "。" in right and right.rstrip(_CLOSERS)[-1:] in _STOPS
