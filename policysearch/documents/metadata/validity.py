"""The period in which a document is in force, if its own text states it."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator
from typing import NamedTuple

from policysearch.documents.metadata.dates import parse_date
from policysearch.text.chinese import HAN, read_numeral
from policysearch.text.folding import fold
from policysearch.text.patterns import lazy_pattern

__all__ = ["Validity", "read_validity"]


class Validity(NamedTuple):
    """The period in which a document is in force.

    Attributes:
        effective: The first day in ISO form, None if the text does not state it.
        expires: The last day, likewise.
    """

    effective: str | None = None
    expires: str | None = None


# One of these is in every statement, and in few other sentences; 起 only with _IN_FORCE behind it.
_KEYS = (
    *(
        "效期",
        "行期",
        "施期",
        "效至",
        "行至",
        "施至",
        "行日期",
        "施日期",
        "日施",
        "日生",
        "日执",
        "日執",
        "日实",
        "日實",
    ),
    *("后施", "后实", "后执", "后生", "後施", "後實"),
)
_IN_FORCE = lazy_pattern(r"[行施實效]")
_LONGEST_SENTENCE = 400  # characters

_DAY = (
    r"(?:(?:19|20)\d\d年\d{1,2}月\d{1,2}日"
    r"|[一二][〇○零oO0一二三四五六七八九]{3}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十廿]{1,4}日)"
)
_NUMERAL = r"(?:\d{1,3}|[一二三四五六七八九十两]{1,4})(?:\([一二三四五六七八九十两\d]{1,3}\))?"
_VERB = r"(?:施行|实施|执行|生效|实行|试行|暂行)"
_PERIOD = r"(?:有效|施行|实施|执行|试行|暂行)(?:期|时间)(?:限|间)?"
_KINDS = (
    "办法|规定|通知|意见|细则|方案|公告|通告|决定|条例|法|法律|法典|章程|标准|规则|制度|措施|政策|文件|预案|规划|计划|规范|指南|解释"
    "|批复|函|目录|清单|规程|准则|规章|法规|规例|批示|令|要点|纲要|公约|安排|协定|通报|指引|决议|条款|守则|修正案|修改文本|机制|大纲|基准|定额|限价|价格"
)
# The document itself: 本办法, 本实施细则（试行）, 上述规定
_OWN = lazy_pattern(
    rf"(?:本[{HAN}]{{0,10}}?|以上|上述)(?:{_KINDS})(?:\([^()]{{1,12}}\))?的?"
    rf"(?={_PERIOD}|{_VERB}|[自从于将至由一均印发公颁\d]|[一二]〇|$)"
)
_OWN_INSIDE = lazy_pattern(rf"本[{HAN}]{{0,10}}?(?:{_KINDS})(?:\([^()]{{1,12}}\))?(?=[自从]|有效期)")
_NUMBERING = lazy_pattern(
    r"(?:第[一二三四五六七八九十百千〇零\d]+条(?:之[一二三四五六七八九十])?|[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十\d]{1,3}\)|\d{1,2}[.、](?!\d))[:\s]*"
)
# Clauses before a statement that leave it one about the document.
_PROMULGATED = lazy_pattern(
    r"现(?:将|予|就|已|依法)?.{0,80}?(?:公布|发布|印发|颁布|下发|转发)|予以(?:公布|发布|印发|颁布)"
)
_NEUTRAL = lazy_pattern(
    rf"(?:业?已?经|报经|已由|请|特此|希).*|\(?(?:根据|经)?{_DAY}.*(?:通过|公布|发布|批准|修正|修订|颁布|制定|会议)"
)
_NOTE_EVENT = lazy_pattern(rf"(\(?(?:根据|经)?{_DAY}[^,]*?(?:通过|公布|发布|批准|修正|修订|颁布))(?=自{_DAY})")
_WORDS_BEFORE = lazy_pattern(r"(?:从|将|拟|一律|统一|均|并|且|其)*(?=\S)")
_EVENT = r"(?:正式|公开)?(?P<event>印发|发布|公布|公佈|下发|颁布|公告|发文|签发|通过|批准|签署)"
_EFFECTIVE = lazy_pattern(
    rf"[自从于]?(?:(?P<day>{_DAY})(?:[零0〇]时)?|(?:文件)?{_EVENT}(?:之?(?:(?P<next>次|翌|第二)日|日)|后|(?=\d)))起?"
    rf"(?:满?第?(?P<count>{_NUMERAL})(?P<unit>个?工作日|个?月|天|日)(?:之?后|起|后起)?)?(?:之?后)?,?(?:正式|开始)?"
    rf"(?:(?:试|暂|起)?{_VERB})(?=$|[,、()]|[至到]|(?:暂定)?(?:{_NUMERAL})年|有效|{_DAY})"
    rf"|(?:施行|实施|执行|生效|试行)(?:日期|时间)(?:为|是|:)?(?:自|从)?(?P<since>{_DAY})起?"
)
_TERM = lazy_pattern(
    rf"(?:{_PERIOD}(?:暂定为|暂定|定为|均为|为|是|:)?|(?P<verb>(?:暂定)?(?:试行|施行|执行|实施)?(?:暂定)?))"
    rf"(?:(?P<years>{_NUMERAL})年|(?P<half>半年)|(?P<months>{_NUMERAL})个月)(?=$|[,、()止]|至|后|期满|自)"
)
_UNTIL = lazy_pattern(
    rf"(?P<name>{_PERIOD}|{_VERB})?(?:暂定|延长|延续|截止|截|为)*[至到](?P<until>{_DAY})(?P<end>止|失效|废止|终止)?(?=$|[,、()]|自)"
    rf"|(?P<void>{_DAY})(?:起)?(?:自行|自动)?(?:废止|失效|停止执行|终止)"
)
_RANGE = lazy_pattern(
    rf"(?P<name>{_PERIOD})?(?:暂定为|为|是|:)?[自从]?(?P<since>{_DAY})(?:起|开始)?,?[至到—-](?P<until>{_DAY})止?"
    rf"(?P<verb>{_VERB}|有效)?(?=$|[,、()])"
)
_BARE, _NAMED = 1, 2  # how sure it is that a statement is about the document


class _Statement(NamedTuple):
    """A statement in a sentence about the document itself.

    Attributes:
        rank: ``_NAMED`` if it names the document, else ``_BARE``.
        effective: The first day; None if it does not state one, empty if it cannot be counted.
        expires: The last day, or None.
        term: Years and months in force, or None.
    """

    rank: int
    effective: str | None = None
    expires: str | None = None
    term: tuple[int, int] | None = None


def read_validity(text: str, date: str | None, changed: bool = False) -> Validity:
    """Return the first and the last day on which a document is in force.

    A sentence counts if it names the document (本办法) or nothing at all, and not if it is about a licence, a contract
    or another document, or is quoted. The last one counts of those that are equally explicit: a notice precedes the
    statute that it is enclosed with.

    Args:
        text: The document's text.
        date: Its date, from which days after its publication are counted; None if the text does not state it.
        changed: Whether it is the changed text of an earlier document, which came into force before that date.

    >>> read_validity("本办法自2020年3月1日起施行，有效期5年。", "2020-02-03")
    Validity(effective='2020-03-01', expires='2025-02-28')
    >>> read_validity("自发布之日起30日后施行。许可证有效期五年。", "2020-02-03")
    Validity(effective='2020-03-04', expires=None)
    """
    places = _places(text)
    if not places:  # as in nearly all short ones
        return Validity()
    effective = last = None
    for sentence, follows in _sentences(text, places):
        for one in _statements(sentence, None if changed else date, follows and effective is not None):
            if one.effective is not None and (effective is None or one.rank >= effective.rank):
                effective = one
            if (one.expires or one.term) and (last is None or one.rank >= last.rank):
                last = one
    expires = last.expires if last else None
    if last and last.term:
        stated = last if last.effective is not None else effective
        start = stated.effective if stated else date
        expires = _last_of_term(start, *last.term) if start else None
    return Validity(effective.effective or None if effective else None, expires)


def _places(text: str) -> list[int]:
    """Return the places of the keys in a text, in order; ``str.find`` takes a fifth of the time of one pattern."""
    found = []
    at = text.find("起")
    while at >= 0:
        if _IN_FORCE.search(text, at + 1, at + 12):
            found.append(at)
        at = text.find("起", at + 1)
    for key in _KEYS:
        at = text.find(key)
        while at >= 0:
            found.append(at)
            at = text.find(key, at + 1)
    return sorted(found)


def _sentences(text: str, places: list[int]) -> Iterator[tuple[str, bool]]:
    """Yield each sentence that may be a statement, and whether it follows another such in its paragraph.

    Sentences are folded and without white space; names in 《》 are empty. Sentences inside quotation marks are ignored.
    """
    done = before = -1
    line = opened = start = 0
    for at in places:
        if at < done:
            continue
        since = start
        start = max(text.rfind(stop, max(done, at - _LONGEST_SENTENCE, 0), at) for stop in "。；;\n") + 1
        done = min(
            (k for stop in "。；;\n" if (k := text.find(stop, at, at + _LONGEST_SENTENCE)) >= 0),
            default=min(at + _LONGEST_SENTENCE, len(text)),
        )
        start = start or max(since, at - _LONGEST_SENTENCE, 0)
        if (begins := text.rfind("\n", since, start) + 1) > 0:
            line = since = begins
            opened = 0
        opened += text.count("“", since, start) - text.count("”", since, start)
        if opened > 0:
            continue
        if start > line and text[start : start + 2] in ("上述", "以上"):  # of the measure in this paragraph alone
            continue
        sentence = fold("".join(text[start:done].split()))
        sentence = _QUOTED.sub("", _NAMES.sub("《》", sentence))
        yield sentence, before >= line
        before = done


_NAMES = lazy_pattern(r"《[^《》]*(?:《[^《》]*》[^《》]*)*》")
_QUOTED = lazy_pattern(r'"[^"]*"')
_FOR_COMMA = lazy_pattern(r"\((?=有效|试行期|执行|施行)|(?<=行)(?=有效期)")


def _statements(sentence: str, date: str | None, follows: bool) -> Iterator[_Statement]:
    """Yield the statements of a sentence, in order; a day and the term counted from it are one statement.

    ``follows``: whether the sentence before states the day from which the document is in force.
    """
    rank = _BARE  # 0 after a clause about something else
    begun = follows  # whether a term without a name may follow
    before: _Statement | None = None
    for clause in _clauses(sentence):
        rest = clause
        if own := _OWN.match(clause) or _OWN_INSIDE.search(clause):
            rank, rest = _NAMED, clause[own.end() :]
            if _PASSIVE.match(rest):
                continue
        elif _PROMULGATED.match(clause):
            rank, rest = _NAMED, ""
        elif _NEUTRAL.fullmatch(clause):
            rest = ""
        rest = _WORDS_BEFORE.sub("", rest, count=1)
        while rest and rank:
            found = _statement(rest, rank, begun, date)
            if found is None:
                rank = _BARE if own else 0
                break
            one, size = found
            if before and one.effective is None and before.effective is not None:
                one = one._replace(effective=before.effective)
            yield one
            before, begun = one, True
            rest = rest[size:]


_PASSIVE = lazy_pattern("由|已?[经印发公颁]")


def _clauses(sentence: str) -> list[str]:
    """Return the clauses of a sentence without its numbering."""
    plain = _NUMBERING.sub("", _FOR_COMMA.sub(",", sentence), count=1).lstrip("(")
    plain = _NOTE_EVENT.sub(r"\1,", _HEADING.sub("", plain, count=1))
    return _INSIDE.sub("起", plain).rstrip(")").split(",")


_HEADING = lazy_pattern(rf"[{HAN}]{{2,8}}:(?=[本自])")
_INSIDE = lazy_pattern(rf"起,(?=(?:正式|开始)?{_VERB})")


def _statement(clause: str, rank: int, begun: bool, date: str | None) -> tuple[_Statement, int] | None:
    """Return the statement that a clause begins with, and its length."""
    if found := _EFFECTIVE.match(clause):
        if found["day"] or found["since"]:
            return _Statement(rank, parse_date(found["day"] or found["since"]) or ""), found.end()
        if rank == _BARE and found["event"] in ("签发", "通过", "批准", "签署"):  # of a certificate
            return None
        return _Statement(rank, _counted(found, date) or ""), found.end()
    if (found := _RANGE.match(clause)) and (begun or found["verb"] or (found["name"] and _sure(found, rank))):
        return _Statement(rank, parse_date(found["since"]), parse_date(found["until"])), found.end()
    if (found := _UNTIL.match(clause)) and (begun or (found["name"] and _sure(found, rank))):
        return _Statement(rank, expires=parse_date(found["until"] or found["void"])), found.end()
    if (found := _TERM.match(clause)) and (begun or (found["verb"] is None and _sure(found, rank))):
        years, months = (_number(found[name]) for name in ("years", "months"))
        return _Statement(rank, term=(years, 6 if found["half"] else months)), found.end()
    return None


def _sure(found: re.Match[str], rank: int) -> bool:
    """Return whether a period is that of a document: a certificate, too, has one that is called 有效期."""
    return rank == _NAMED or not found[0].startswith("有效")


def _number(written: str | None) -> int:
    return read_numeral(written.partition("(")[0]) or 0 if written else 0


def _counted(found: re.Match[str], date: str | None) -> str | None:
    """Return a day that is stated as so many days or months after the publication of the document."""
    if not date or len(date) != 10 or "工作" in (found["unit"] or ""):
        return None
    count = _number(found["count"])
    if "月" in (found["unit"] or ""):
        return _months_after(date, count)
    day = datetime.date.fromisoformat(date) + datetime.timedelta(days=1 if found["next"] else count)
    return day.isoformat()


def _months_after(date: str, months: int) -> str | None:
    """Return the same day of the month a number of months later; the first of the next one if it does not exist."""
    year, month, day = map(int, date.split("-"))
    years, month = divmod(month - 1 + months, 12)
    if year + years > datetime.MAXYEAR:
        return None
    longest = calendar.monthrange(year + years, month + 1)[1]
    same = datetime.date(year + years, month + 1, min(day, longest))
    return (same + datetime.timedelta(days=1) if day > longest else same).isoformat()


def _last_of_term(start: str, years: int, months: int) -> str | None:
    """Return the last day of a term that begins on a day."""
    if len(start) != 10 or not (years or months):
        return None
    after = _months_after(start, 12 * years + months)
    return (datetime.date.fromisoformat(after) - datetime.timedelta(days=1)).isoformat() if after else None
