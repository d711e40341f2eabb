"""题注: the lines under a statute's title that state who passed it, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from policysearch.documents.metadata.dates import REPUBLIC, find_dates, half_width
from policysearch.documents.metadata.document_numbers import normal_number
from policysearch.documents.metadata.issuers import is_body, split_bodies
from policysearch.documents.metadata.regions import makes_rules
from policysearch.text.chinese import HAN
from policysearch.text.folding import fold
from policysearch.text.patterns import lazy_pattern

__all__ = ["Enactment", "begins_note", "notes", "read_enactment", "version_in_title"]

NATIONAL_CONGRESS = "全国人民代表大会"

_VERB = lazy_pattern(r"通[过過]|修[订訂正改]|公布|[发發]布|[颁頒]布|批准|制定|[订訂]定|函[颁頒]")
_CHANGED = lazy_pattern(r"修[正订訂改]")
_NAMES = lazy_pattern(r"《.*?》")
_PUBLISHED = lazy_pattern(r"公布|发布|颁布")
_IN_FORCE = lazy_pattern(r"^\W*(?:起|开始)?\W*(?:施行|实施|生效|执行)")
# 2015年11月1日以后审理的案件 is not an event.
_SPAN = lazy_pattern(r"[之]?(?:以?[前后]|至|到|期间|起)")
_CONGRESS = lazy_pattern(
    rf"(?P<place>[{HAN}]{{1,20}}?)?第?[一二三四五六七八九十百\d]{{1,4}}届(?P<nation>全国)?(?:人民代表大?会|人大)(?P<standing>常务委员会|常委会)?"
)
_ORDER = lazy_pattern(
    rf"(?P<number>(?P<body>(?!、)[{HAN}、]{{2,40}}?)令"
    r"(?:[〔\[(【](?:19|20)\d\d[〕\])】])?第?[\d一二三四五六七八九十百〇零]{1,7}号)"
)
_MEETING = lazy_pattern(
    rf"^经?(?P<body>[{HAN}]{{2,30}}?)(?:第?[\d一二三四五六七八九十]{{1,4}}届)?"
    rf"第?[\d一二三四五六七八九十百]{{1,5}}次[{HAN}]{{0,6}}会议"
)
_ACT = lazy_pattern(
    rf"^(?P<body>[{HAN}、 ]{{2,40}}?)(?:令(?:修正|制定|訂定)?| ?(?:联合)?)(?P<verb>公布|发布|颁布|批准|制定)"
)
_COMMITTEE = lazy_pattern(r"(?:第[一二三四五六七八九十]+届)?(?:审判|检察)委员会$")


# 2001年6月13日国务院公布的《某条例》同时废止: the last article, which states what it repeals
_REPEALS = lazy_pattern(r"(?:同时|即行|予以|相应|一并)废止")


class Enactment(NamedTuple):
    """The enactment of a statute, from the lines under its title.

    Attributes:
        date: Day on which the present text was passed or last changed (if it was promulgated later, that day); never
            the day on which it came into force.
        issuer: The body that made the statute first, or None.
        number: Number of the latest order that promulgated it, or None.
        type: 法律, 行政法规, 地方性法规, 规章, 规范性文件 or 司法解释, as
            far as the bodies named decide it; else None.
        version: The year and kind of the latest change (2012年修正), or None.
    """

    date: str
    issuer: str | None
    number: str | None
    type: str | None
    version: str | None = None


class _Event(NamedTuple):
    date: str
    clause: str


_NOTE = lazy_pattern(
    rf"[(（]?\s*(?:根据|经|自)?\s*(?=(?:19|20)\d\d ?[年-]|[一二][一二三四五六七八九〇○零ＯO]{{3}} ?年|{REPUBLIC})"
)
_MAY_BEGIN_NOTE = lazy_pattern(r"\s*[(（\s根自经12１２一二中民]")
_CLOSED = lazy_pattern(
    r"(?:通[过過]|批准|修[订訂正改]|公布|[发發]布|[颁頒]布|制定|施行|[实實]施|[号號]|[订訂]定|函[颁頒]|[条條]文|全文.{0,8}[条條])[)）。]?$"
)
# The text after the date of a note: a body, its session or order, and its act.
_DONE = lazy_pattern(
    rf"(?:经|由|在)?[{HAN}、《〈]{{2,40}}?(?:第[一二三四五六七八九十百\d]+[届次]|令|《|大会|委员会|国务院|通过|公布|发布|批准|修[订正]|订定|函颁)"
    r"|.{2,40}字第\d+号令?"
)
_LONGEST_NOTE = 40


def begins_note(line: str) -> bool:
    """Return whether a line begins like a 题注: with a date, in brackets or bare, followed by an act.

    >>> begins_note("（2009年12月26日某大会通过"), begins_note("2023年1月6日")
    (True, False)
    """
    if not _MAY_BEGIN_NOTE.match(line):  # nearly all lines
        return False
    plain = half_width(line[:240]).strip()
    if not _NOTE.match(plain):
        return False
    first = next(find_dates(plain[:60]), None)
    return first is not None and bool(_DONE.match(fold("".join(plain[first.end : first.end + 160].split()))))


def notes(lines: Sequence[str]) -> list[str]:
    """Return the 题注 among some lines, each complete: one over several lines continues to its closing bracket, and one
    without brackets to a line that ends with an act.
    """
    found: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if not begins_note(line):
            continue
        bracketed = line[0] in "(（"
        end = min(len(lines), at + _LONGEST_NOTE)
        if bracketed:
            while at < end and _depth(line) > 0:
                line += lines[at].strip()
                at += 1
        elif len(line) < 120 and not _CLOSED.search(line) and at < end and _goes_on(lines[at]):
            line += lines[at].strip()
            at += 1
        if _VERB.search(line) and (bracketed or _CLOSED.search(line.rstrip(")）"))):
            found.append(line)
    return found


def _depth(line: str) -> int:
    return sum(character in "(（" for character in line) - sum(character in ")）" for character in line)


def _goes_on(line: str) -> bool:
    return len(line) <= 60 and not begins_note(line) and bool(_CLOSED.search(line.strip()))


def _events(lines: Iterable[str]) -> list[_Event]:
    """Return each date with the event of that day, in the order written."""
    found = []
    for line in lines:
        if not _VERB.search(line):
            continue
        if "废止" in line and line[0] not in "(（" and _REPEALS.search(_NAMES.sub("", line)):
            continue
        plain = "".join(half_width(line).split())
        dates = list(find_dates(plain))
        for at, stated in enumerate(dates):
            end = dates[at + 1].start if at + 1 < len(dates) else len(plain)
            clause = plain[stated.end : end].strip("(),;。根据")
            # 某院第1次会议、2023年2月27日某院第2次会议通过: the verb is that of both
            done = _VERB.search(clause) or clause.endswith("会议、")
            if not _IN_FORCE.match(clause) and not _SPAN.match(clause) and done:
                found.append(_Event(stated.date, clause))
    return found


def _body(clause: str) -> str | None:
    """Return the body that acts in a clause; several are joined by 、."""
    if congress := _CONGRESS.match(clause):
        place = NATIONAL_CONGRESS if congress["nation"] else f"{congress['place'] or ''}人民代表大会"
        standing = "常务委员会" if congress["standing"] else ""
        return place + standing if congress["nation"] or congress["place"] else None
    if _ORDER.match(clause):
        return "、".join(_plain_body(order["body"]) for order in _ORDER.finditer(clause))
    match = _MEETING.match(clause) or _ACT.match(clause)
    return _plain_body(match["body"]) or None if match else None


def _plain_body(body: str) -> str:
    """Return the name of a body without the state's name before it or its own committee after it."""
    plain = _COMMITTEE.sub("", body.strip("、")).removeprefix("中华人民共和国")
    return "、".join(split_bodies(plain)) if is_body(plain) else plain


def _version(events: Iterable[_Event]) -> str | None:
    """Return the year and kind of the latest change, ignoring names of decisions."""
    changes = [(event.date, kinds) for event in events if (kinds := _CHANGED.findall(_NAMES.sub("", event.clause)))]
    if not changes:
        return None
    date, kinds = max(changes)
    return f"{date[:4]}年{next((kind for kind in kinds if kind != '修改'), '修改')}"


_VERSION_IN_TITLE = lazy_pattern(r"[(（][ ]*((?:19|20)\d\d) ?年?[^()（）]{0,8}(修[正订改])[^()（）]{0,3}[)）]$")


def version_in_title(title: str) -> str | None:
    """Return the version that a title names in brackets.

    >>> version_in_title("某法（2018年修正）"), version_in_title("某法（2018修正本）"), version_in_title("某法（试行）")
    ('2018年修正', '2018年修正', None)
    """
    found = _VERSION_IN_TITLE.search(title)
    return f"{found[1]}年{found[2]}" if found else None


def _type_of(body: str, clause: str) -> str | None:
    if body.startswith(NATIONAL_CONGRESS):
        return "法律"
    if "人民代表大会" in body:
        return "地方性法规"
    if "最高人民法院" in clause or "最高人民检察院" in clause:
        return "司法解释"
    if body.endswith(("总统", "總統")):
        return "法律"
    if any(name.endswith("国务院") for name in body.split("、")):
        return "行政法规"
    if "令" in clause or "次" in clause:
        return "规章" if makes_rules(body.split("、")[0]) else "规范性文件"
    return None


def _issuer(events: list[_Event]) -> str | None:
    """Return the congress that passed the first version, else the body that promulgated it, else any body named."""
    acts = [(event.clause, body) for event in events if (body := _body(event.clause))]
    first = [(clause, body) for clause, body in acts if "修" not in clause]
    passed = [body for clause, body in first if "人民代表大会" in body and "批准" not in clause]
    published = [body for clause, body in first if _PUBLISHED.search(clause) and "公告" not in clause]
    changed = [body for clause, body in acts if "人民代表大会" in body and "批准" not in clause]
    return next(iter(passed or published or changed or [body for _, body in first or acts]), None)


def read_enactment(lines: Iterable[str]) -> Enactment | None:
    """Return the enactment stated under a title; None when no line states that something was passed or promulgated."""
    events = _events(lines)
    if not events:
        return None
    kinds = [kind for event in events if (body := _body(event.clause)) and (kind := _type_of(body, event.clause))]
    kinds.sort(key=("法律", "司法解释", "地方性法规", "行政法规", "规章", "规范性文件").index)
    orders = [order["number"] for event in sorted(events) if (order := _ORDER.search(event.clause))]
    numbers = [number for order in orders if (number := normal_number(order))]
    return Enactment(
        max(events).date,
        _issuer(events),
        numbers[-1] if numbers else None,
        kinds[0] if kinds else None,
        _version(events),
    )
