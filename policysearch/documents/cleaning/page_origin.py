"""Lines that state where a page is from: its origin, its date, who made it, how often it was read."""

from __future__ import annotations

from collections.abc import Sequence

from policysearch.documents.cleaning.lines import Line
from policysearch.text.chinese import HAN
from policysearch.text.patterns import lazy_pattern

__all__ = ["recurs", "states_makers", "states_origin"]

_STATED = lazy_pattern(r"[（(\[【]?\s*([^\s:：]{1,8})\s*[:：]")
_DAY = r"20\d\d[-年/.]\d{1,2}[-月/.]\d{1,2}日?"
_WRITER = "作者|(?:责任|网络|值班)?编辑|责编"
_MAKER = f"{_WRITER}|审核|校对|供稿|记者|发布(?:机构|者|人)|信息员"
_ORIGIN = lazy_pattern(
    r"(?:(?:信息|文章|稿件|新闻)?来源\s*[:：].{0,40}|稿源[:：].{0,30}"
    r"|(?:发布|发表|更新|成稿|上传)(?:时间|日期)\s*[:：](?:\s*\d.{0,58})?"
    rf"|(?:时间|日期)\s*[:：]\s*(?:{_DAY}(?:\s+\d{{1,2}}[:：时]\d.{{0,40}})?)?"
    rf"|{_DAY}\s+\d{{1,2}}[:：时]\d{{1,2}}.{{0,40}}|(?:{_MAKER})\s*[:：].{{0,30}}"
    r"|新华社.{2,8}[0-9０-９]{1,2}月[0-9０-９]{1,2}日电|.{0,12}(?:门户网站|网)\s+www\..{0,80}"
    r"|索\s*引\s*号[:：].{0,40})$"
)
_MAKERS = lazy_pattern(
    rf"[（(\[【]?\s*(?:(?:信息|文章|稿件|新闻|本文|内容)?(?:来源|稿源)\s*[:：].{{0,40}}|(?:{_WRITER})\s*[:：].{{0,20}}"
    r"|责任?编辑?\s*[:：].{0,60}|(?:浏览|阅读|访问|点击)(?:次数|量)\s*[:：][\d\s,，\-次]*)$"
)
# Not of a page: a sentence or a question, or the duties of an editor.
_SAID = lazy_pattern("[。；！？;!?]|的|负责|应当|如何|是否|什么|怎么|哪些|百分之|[%％]")
_BY_NAME = lazy_pattern(rf"[（(\[【]?\s*(?:{_MAKER})\s*[:：]")
# Labels of a meeting or an event, whose time is no date of a page.
_EVENT = lazy_pattern(
    r"(?:会议|活动|培训|报名|考试|开标|评审)?(?:地点|地址|主题|议题|内容|方式|对象|主持人?|出席|列席|参加|参会|与会|人员|嘉宾"
    rf"|联系人|电话|要求|名称|单位|范围|议程)[{HAN}]{{0,6}}\s*[:：]"
)


def states_origin(lines: Sequence[Line], at: int) -> bool:
    """Return whether a line above the body states the origin, the date or the makers of a page.

    A time next to a place or a subject is that of a meeting.
    """
    text = lines[at].text
    if len(text) > 120 or not _ORIGIN.match(text) or _SAID.search(text):
        return False
    neighbours = (lines[n].text for n in (at - 1, at + 1) if 0 <= n < len(lines))
    return not any(map(_EVENT.match, neighbours))


def states_makers(text: str) -> bool:
    """Return whether a line below the body states the origin or the makers of a page, or how often it was read."""
    return _MAKERS.match(text) is not None and _SAID.search(text) is None


def recurs(text: str, lines: Sequence[Line]) -> bool:
    """Return whether a line begins with a label (``来源：``) as more lines do than a page has: the document's own.

    A page may state its origin twice, and names its makers once.
    """
    stated = _STATED.match(text)
    if stated is None:
        return False
    found = [line.text for line in lines if line.text.startswith(stated[0]) and not line.reason]
    return len(found) >= 3 or (len(set(found)) == 2 and _BY_NAME.match(text) is not None)
