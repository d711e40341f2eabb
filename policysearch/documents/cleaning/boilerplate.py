"""Lines of the page, not of the document: running heads, copies, navigation above and footers below the text."""

from __future__ import annotations

import re
from itertools import islice, pairwise

from policysearch.documents.cleaning.edits import Edit
from policysearch.documents.cleaning.lines import MARK, Line, line_at
from policysearch.documents.cleaning.page_heads import (
    is_byline,
    mark_header_lines,
    mark_path,
    mark_repeated_titles,
)
from policysearch.documents.cleaning.page_marks import DASHES
from policysearch.documents.cleaning.page_origin import recurs, states_makers, states_origin
from policysearch.documents.cleaning.repeated_body import find_copies
from policysearch.sources.readers.reading import Removed
from policysearch.text.chinese import HAN
from policysearch.text.patterns import lazy_pattern

__all__ = [
    "TITLE_LINES",
    "drop_footer",
    "drop_navigation",
    "drop_repeated_body",
    "drop_running_heads",
    "glued_origin_edits",
    "keep",
]

TITLE_LINES = 40
"""Number of lines at each end of a text that are searched for navigation and passed to the metadata stage."""


_PAGE_NUMBER = lazy_pattern(
    rf"^[ \t\u3000·.{DASHES}]*(\d{{1,4}})(?=[ \t\u3000·.{DASHES}])|(?<!\d)(\d{{1,4}})[页 \t\u3000·.{DASHES}]*$"
)


def drop_running_heads(lines: list[Line], pages: list[int]) -> None:
    """Mark headers and footers: first or last lines that recur on most pages, with or without the page's number."""
    if len(pages) < 3:
        return
    begins = [line.start for line in lines]
    firsts = [line_at(begins, page) for page in pages]
    bounds = list(zip(firsts, [*firsts[1:], len(lines)], strict=True))
    for place in (0, -1):
        edge = [lines[a if place == 0 else b - 1] for a, b in bounds if b - a > 2]
        forms: dict[str, list[tuple[int, Line]]] = {}
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
    """Return whether numbers ascend like those of pages: from each to the next, by one or a few."""
    return all(0 < after - before <= 4 for before, after in pairwise(numbers))


def drop_repeated_body(lines: list[Line]) -> None:
    """Mark every copy but the first of a body that a scraper saved several times."""
    left = [line for line in lines if not line.reason]
    copies = find_copies([line.text for line in left])
    if copies is None:
        return
    for number, line in enumerate(left[copies.start :], copies.start):
        line.reason = "navigation" if number in copies.glued else "repeated body"


_NAVIGATION = lazy_pattern(
    r"^(?:您?(?:现在|当前|目前|所在)?的?(?:所在)?(?:的)?位置(?:[:： ]|$)"
    r"|(?:网站)?首页\s*(?:[>›»＞→/|｜\\]|-{1,2}|—|·|&gt;|::|$|政务|信息公开|[新要]闻|走进|机构)"
    # the places on a site, not the steps of a procedure: 申请 > 受理 > 审核, and no tags
    r"|(?=.{0,60}(?:[首主]页|政府|政务|信息|公开|公[告示]|通[知告]|文件|政策|法规|新闻|动态|栏目?|专[题栏]|解读|规划|计划"
    r"|数据|统计|机构|领导|工作|部门|资料|目录|要闻|报告|资讯|[中站]心?网))[^<]{0,12}[>›»＞]{1,2}[^<]{0,12}[>›»＞]"
    r"|点击查阅|[【\[（(]?\s*字[ 　]*[号体]"
    r"|(?:打印|下载|全屏|收藏|分享|加大|还原|减小|放大|缩小|默认|关闭|返回|复制链接|导出|纠错|朗读"
    r"|语音播报|繁體|简体|English)(?:本页|窗口|到|至|首页|顶部)?[:：]?$"
    r"|(?:大|中|小|超大|[【】\[\]|｜×+\-]|A[+\-]?)$|(?:大\s*中\s*小)|(?:浏览|点击|阅读|访问"
    r"|浏览次)(?:次数|量|数|率)?[:：]?\s*\d*\s*次?$"
    r"|扫一扫|扫描二维码|(?:打开|关注)?(?:微信|(?:新浪)?微博|QQ空间)(?:公众号|好友|朋友圈|扫一扫)?[:：]?$"
    r"|无障碍(?:浏览|阅读|模式|版)?$|长者模式$|登录$|注册$|手机(?:版|浏览)|网站(?:首页|地图|标识码)"
    r"|上一[篇条页][:：]?|下一[篇条页][:：]?"
    r"|(?:收听|听全文|语音朗读|朗读全文|关怀版|适老版|老年模式|简体版|繁体版|护眼模式|背景色|保存|翻译|播报|政务微信"
    r"|微信扫一扫|微信公众号|移动端|手机版|客户端)[:：]?(?:分享|浏览)?$|分享[到至][:：]?.{0,30}$)"
)
_CAPTION = lazy_pattern(
    rf"(?:记者|通讯员|摄影)[^。]{{0,20}}摄[）)]?$|记者(?:[ \u3000]+[{HAN}]{{2,4}})+$"
    r"|[（(]?(?:资料图片?|图片来源[:：].{0,20})[）)]?$"
)
_SENTENCE = lazy_pattern("[。！？；?!;]$|，.*[：:]$")
_LEAD = lazy_pattern(r"(?:20\d\d年)?\d{1,2}月\d{1,2}日|本报|新华社|.{0,10}讯")  # of news, above their origin
_BODY_START = lazy_pattern(
    r"(?:各位(?:代表|委员|同志)|同志们)[:：，,!！]?|[一二三四五六七八九十]{1,3}、"
    r"|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十百]{1,5}[编章节条]"
)


def drop_navigation(lines: list[Line]) -> list[tuple[str, str]]:
    """Mark navigation, buttons, source lines and captions above the body.

    Returns the labels and values of a header table among them.
    """
    head = lines[: next((n for n, line in enumerate(lines[:TITLE_LINES]) if _BODY_START.match(line.text)), TITLE_LINES)]
    pairs = mark_header_lines(head)
    mark_path(head)
    label = False
    for at, line in enumerate(lines[:TITLE_LINES]):
        text = line.text
        if line.reason:
            continue
        if _BODY_START.match(text):
            break
        if (
            (label and len(text) <= 12)
            or (len(text) <= 90 and text[-1] not in "。；，" and _NAVIGATION.match(text))
            or states_origin(lines, at)
            or is_byline(text)
            or (len(text) <= 160 and _CAPTION.search(text))
        ):
            line.reason = "" if recurs(text, lines) else "navigation"
        elif len(text) >= 60 or (_SENTENCE.search(text) and not _LEAD.match(text)):
            break  # the body begins: a line in the form of those above it is its own
        label = bool(line.reason) and re.fullmatch(r"(?:信息|文章)?来源\s*[:：]", text) is not None
    mark_repeated_titles(head)
    return pairs


_FOOTER = lazy_pattern(
    r"^(?:相关(?:解读|报道|链接|文章|新闻|阅读|稿件|推荐|信息|政策|资讯)[:：]?|上一[篇条页]|下一[篇条页]"
    r"|(?:[\[【\]】\s]*(?:打印|关闭)(?:本?页|窗口)?)+[\[【\]】\s]*$"
    r"|【?\s*E-?mail\s*推荐|版权所有|Copyright|©|.{0,20}ICP备|.{0,20}公?网安备|.{0,30}网站标识码"
    r"|主办(?:单位)?\s*[:：]|承办(?:单位)?\s*[:：]|.{2,24}\s主办|技术支持"
    r"|(?:联系)?地址\s*[:：].{0,40}(?:邮编|电话|邮政编码)|转载链接|原文(?:链接|地址)|扫一扫|扫描二维码"
    r"|【?字[ 　]*[号体]|分享(?:到|至)?[:：]?$|网站地图|联系我们|网站.{0,12}(?:举报|维护)"
    r"|收藏$|返回(?:首页|顶部)|[【】）)]$|<!--|-->|\[\s*(?:打印|关闭)\s*\]|您(?:访问的|即将|是第).{0,40}$|建议使用.{0,30}(?:浏览器|分辨率)"
    r"|(?:回到|返回)?(?:顶部|TOP)$|[\[【]?\s*(?:我要)?纠错\s*[\]】]?$|网站声明|隐私(?:声明|政策|保护)|友情链接"
    r"|关于我们|.{0,6}扫一扫.{0,20}$|Produced\s+By)",
    re.I,
)
# Part of a footer only directly above one, or as the last line: a document may contain such lines itself.
_BESIDE_FOOTER = lazy_pattern(
    r"(?:审核|校对|监制|编审|信息审核|信息员|供稿|撰稿|签发|(?:发布|发表|更新)(?:时间|日期))\s*[:：].{0,20}$"
)
_LAST = lazy_pattern(
    r"(?:(?:初审|复审|终审|[一二三]审)\s*[:：].{0,30}|(?:相关(?:附件|文件|文档|下载|专题)|附件下载)[:：>》]*)$"
)
_CONTACT = lazy_pattern(r"^(?:主办(?:单位)?\s*[:：]|承办(?:单位)?\s*[:：]|(?:联系)?地址\s*[:：])")
_REGISTERED = lazy_pattern("ICP备|网安备|网站标识码")
_BARE_LINK = lazy_pattern(r"^\S{0,8}https?://\S+$")

_GLUED_ORIGIN = lazy_pattern(
    r"(?<=[。！？”])[ \u3000]*[（(](?:信息|文章|稿件|新闻|本文)?(?:来源|稿源)[ ]?[:：][^（）()\n]{2,40}[）)]"
    r"[ \t\u3000]*(?=\n|$)"
)
_AFTER_BODY = 2_000
"""Characters that may follow the last paragraph of a body."""


def glued_origin_edits(text: str) -> list[Edit]:
    """Return an edit that removes an origin （来源：…） from the end of the last paragraph, if there is only one."""
    if "来源" not in text and "稿源" not in text:
        return []
    found = list(islice(_GLUED_ORIGIN.finditer(text), 2))
    if len(found) != 1 or len(text) - found[0].end() > _AFTER_BODY:
        return []
    return [Edit(found[0].start(), found[0].end(), "", Removed(found[0][0].strip(), "footer"))]


FOOTER_LINES = 80
"""Number of last lines that may belong to a footer."""


def drop_footer(lines: list[Line]) -> None:
    """Mark the footer: the lines below the body, from the first one in the form of a footer to the end.

    Addresses and hosts alone are not a footer: guides and forms end with them too.
    """
    left = [line for line in lines if not line.reason][-FOOTER_LINES:]
    start = len(left)
    sentences = below = 0  # of all lines looked at, and of those from ``start`` on
    sure = False
    for at in range(len(left) - 1, -1, -1):
        text = left[at].text
        if text[-1] not in "。；，" and (_FOOTER.match(text) or _BARE_LINK.match(text)) and not recurs(text, lines):
            start, below = at, sentences
            sure = sure or not _CONTACT.match(text) or _REGISTERED.search(text) is not None
        elif (sentences == below and states_makers(text) and not recurs(text, lines)) or (
            at == start - 1 and (_LAST.match(text) or (at + 1 < len(left) and _BESIDE_FOOTER.match(text)))
        ):
            start = at
            sure = True
        elif len(text) >= 80 or (MARK.match(text) and not text.startswith("各位")) or _looks_kept(text):
            break
        elif text[-1] in "。！？":
            sentences += 1
            if sentences > 1:
                break
    for line in left[start:] if sure else ():
        line.reason = "footer"


def _looks_kept(text: str) -> bool:
    """Return whether a short last line is part of the document: a signature, a date, a note of issue."""
    return bool(
        re.search(
            r"\d{4}年\d{1,2}月\d{1,2}日$|[〇○一二三四五六七八九]{4}年.{2,6}日$|印发$|^[（(].{2,20}[）)]$",
            text,
        )
    )


def keep(lines: list[Line]) -> None:
    """Undo all removals: a text that consists only of navigation is the document."""
    for line in lines:
        line.reason = ""
