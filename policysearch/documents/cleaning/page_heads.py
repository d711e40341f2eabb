"""Lines of a page above its document: paths with one crumb per line, lines of labels, repeated titles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from policysearch.documents.cleaning.lines import MARK, Line
from policysearch.sources.readers.fields import field_name
from policysearch.text.chinese import HAN
from policysearch.text.patterns import lazy_pattern

__all__ = ["header_pairs", "is_byline", "mark_header_lines", "mark_path", "mark_repeated_titles"]

REASON = "navigation"

_SEPARATOR = lazy_pattern(r"(?:[>›»＞→▸▶/|｜\\]|&gt;|&raquo;){1,3}")
_LEADING = lazy_pattern(r"[>›»＞→▸▶]{1,3}\s*\S.{0,22}")
_TRAILING = lazy_pattern(r".{1,22}\S\s*[>›»＞→▸▶]{1,3}")
_FIRST_CRUMB = lazy_pattern(r"(?:.{0,12}位置\s*[:：]?\s*)?(?:网站|门户|返回|本站)?(?:首\s*页|主页|Home)$")
_LONGEST_CRUMB, _SHORT_CRUMB = 24, 12


def mark_path(head: Sequence[Line]) -> None:
    """Mark a path (首页 > 政务公开 > …) whose crumbs are on lines of their own.

    It has two separators, or one after 首页. The crumb after the last of them
    may be the document's title: it belongs to the path if it is short and a line follows that may be the title, or if
    it is repeated.
    """
    separators = [at for at, line in enumerate(head) if _separates(line.text)]
    for run in _runs(separators):
        first, last = run[0], run[-1]
        start = first
        if not _TRAILING.fullmatch(head[first].text) and first and len(head[first - 1].text) <= _LONGEST_CRUMB:
            start = first - 1
        if len(run) < 2 and not _FIRST_CRUMB.search(_crumb(head[start].text)):
            continue
        end = last + 1
        if end < len(head) and not _LEADING.fullmatch(head[last].text) and _ends_path(head, end):
            end += 1
        for line in head[start:end]:
            line.reason = line.reason or REASON


def _separates(text: str) -> bool:
    if len(text) > _LONGEST_CRUMB + 2:
        return False
    return any(form.fullmatch(text) for form in (_SEPARATOR, _LEADING, _TRAILING))


def _crumb(text: str) -> str:
    return text.rstrip(">›»＞→▸▶ \t\u3000")


def _runs(separators: Sequence[int]) -> Iterator[list[int]]:
    """Yield separators that belong to one path: there is at most one crumb between two of them."""
    run: list[int] = []
    for at in separators:
        if run and at - run[-1] > 2:
            yield run
            run = []
        run.append(at)
    if run:
        yield run


def _ends_path(head: Sequence[Line], at: int) -> bool:
    text = head[at].text
    rest = [line.text for line in head[at + 1 :]]
    if _squash(text) in map(_squash, rest):
        return True
    return len(text) <= _SHORT_CRUMB and bool(rest) and _may_be_title(rest[0])


_NO_TITLE = lazy_pattern(r"^(?:[—\-（(]|各位|(?:19|20)\d\d[-年/.]\d)|[。；：，！？:;,!?]$")
_HAN = lazy_pattern(f"[{HAN}]")


def _may_be_title(text: str) -> bool:
    return (
        len(text) <= 90
        and sum(1 for _ in _HAN.finditer(text)) >= 6
        and not _NO_TITLE.search(text)
        and not MARK.match(text)
        and not is_byline(text)
    )


def _squash(text: str) -> str:
    return "".join(text.split())


_BYLINE_START = lazy_pattern(
    r"[【\[（(]?\s*(?:(?:信息|文章|稿件|新闻|内容)?来\s*源|稿源|(?:发布|发文|更新|上传|成文|生成|公开)?(?:时间|日期)|(?:责任)?编辑"
    r"|责编|作者|发布(?:机构|单位|者|人|部门)|供稿|撰稿|审核|校对|浏览|点击|阅读|访问|字[号体]|分享|(?:19|20)\d\d[-年/.]\d)"
)
_BYLINE_ITEM = lazy_pattern(
    r"[\u4e00-\u9fff]{2,6}[ \u3000]?[:：]|(?:19|20)\d\d[-年/.] ?\d{1,2}[-月/.] ?\d{1,2}|[【\[（(](?:打印|关闭|收藏)"
)
_OF_A_PAGE = lazy_pattern(
    r"来\s*源|稿源|浏览|点击[数量率次]|阅读[数量次]|访问[数量次]|字[ \u3000]?[号体]|发布(?:时间|日期|机构|单位|者|人)"
    r"|责任编辑|责编|分享|打印|更新时间"
)


def is_byline(text: str) -> bool:
    """Return whether a line states only the origin, the publication date or the number of readers of a page.

    One such item alone is recognized by its form elsewhere; this is a line of several.
    """
    if len(text) > 160 or _BYLINE_START.match(text) is None or text[-1] in "。；，！？":
        return False
    return _OF_A_PAGE.search(text) is not None and "。" not in text and len(_BYLINE_ITEM.findall(text)) >= 2


_OTHER_LABELS = (
    "信息分类 公开形式 公开范围 公开方式 公开程序 公开时限 体裁分类 组配分类 服务对象 有效期 废止日期 失效日期"
    " 失效时间 内容概述 内容概况 效力状态 发布文号 公开责任部门 责任部门 公开目录 公开类别 信息类别 所属主题"
    " 文件状态 统一编号 登记号"
)
_LABELS = frozenset(_OTHER_LABELS.split())
_LABEL = r"[【\[]?([\u4e00-\u9fff](?:[ \u3000]{0,4}[\u4e00-\u9fff]){1,7})[】\]]?[ \u3000]?[:：]"
_LABELLED = lazy_pattern(_LABEL)
_NEXT_LABEL = lazy_pattern(rf"[\t\u3000 ]+(?={_LABEL})")
_LEAST_LABELS, _LONGEST_VALUE = 3, 90


def header_pairs(texts: Sequence[str]) -> tuple[list[tuple[str, str]], int]:
    """Return the labels and values at the start of some lines, and the number of these lines.

    Labels are those of the header tables of official sites; each is followed by its value, or has it on the next line.
    There must be three of them or more, with an index number (索引号), which never occurs in the text of a document;
    otherwise nothing and 0 are returned.
    """
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(texts):
        stated = list(_labelled(texts[at].strip()))
        if not stated or not all(field_name(label) or label in _LABELS for label, _ in stated):
            break
        at += 1
        label, value = stated[-1]
        after = texts[at].strip() if at < len(texts) else ""
        if not value and after and len(after) <= _LONGEST_VALUE and not _LABELLED.match(after):
            stated[-1] = (label, after)
            at += 1
        pairs += stated
    indexed = any(field_name(label) == "index_number" for label, _ in pairs)
    return (pairs, at) if indexed and len(pairs) >= _LEAST_LABELS else ([], 0)


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    """Yield the labels of a line and their values; none if it begins with something else.

    Each label ends in a colon, or is a cell of a row (索引号, tab, value).
    """
    cells = text.split("\t")
    if len(cells) > 1 and not _LABELLED.match(text):
        labels = [_squash(cell) for cell in cells[::2]]
        if all(field_name(label) or label in _LABELS for label in labels):
            yield from zip_longest(labels, map(str.strip, cells[1::2]), fillvalue="")
        return
    at = 0
    while at < len(text) and (label := _LABELLED.match(text, at)):
        after = _NEXT_LABEL.search(text, label.end())
        end = after.start() if after else len(text)
        yield _squash(label[1]), text[label.end() : end].strip()
        at = after.end() if after else end


def mark_header_lines(head: Sequence[Line]) -> list[tuple[str, str]]:
    """Mark the lines of a header table that was saved as text, and return its labels and values."""
    texts = [line.text for line in head]
    for at, text in enumerate(texts):
        if "\t" in text or _LABELLED.match(text):
            pairs, length = header_pairs(texts[at:])
            if length:
                for line in head[at : at + length]:
                    line.reason = line.reason or REASON
                return pairs
    return []


_NEAREST = 12
_TITLE_PARTS = lazy_pattern(r"\s*[|_｜]\s*|\s+[-–—]+\s+|(?<=[\u4e00-\u9fff）)])[-–—](?=[\u4e00-\u9fff])")


def mark_repeated_titles(head: Sequence[Line]) -> None:
    """Mark the title that a page puts above a document which begins with the same title, once or several times.

    The first one to three kept lines are removed if the same text occurs again within a few lines, divided into lines
    in any way; so is a page's title with the name of the site. The lines between them are not part of the document.
    """
    kept = [line for line in head if not line.reason]
    at = 0
    while at < _NEAREST and len(kept) - at >= 3:
        for length in (1, 2, 3):
            title = kept[at : at + length]
            if not _may_be_title("".join(line.text for line in title)):
                return
            if _stands_again("".join(line.text for line in title), kept[at + length : at + length + _NEAREST]):
                break
        else:
            return
        for line in title:
            line.reason = REASON
        at += length


def _stands_again(title: str, after: Sequence[Line]) -> bool:
    wanted = {_squash(title), *(_squash(part) for part in _TITLE_PARTS.split(title) if len(part) >= 8)}
    for at, line in enumerate(after):
        joined = ""
        for piece in after[at : at + 3]:
            joined += _squash(piece.text)
            if joined in wanted:
                return True
        if len(line.text) >= 60 or line.text[-1] in "。；：，！？:;" or MARK.match(line.text):
            return False
    return False
