"""A sentence to the statements in it: of which indicator it says what.

Reports state aims in clauses of one form: words that lead up to it, the
indicator, words between, and a quantity, as in 力争全市地区生产总值实际增长5.5%左右.
What may lead up and what may stand between are closed classes of words, so
that a clause about something else (民间投资增长8%) is not taken for one about the
indicator before it. A list may leave the verb out; 分别 deals several quantities
out to several indicators; a clause without an indicator goes on about the one
before (达到309亿元); and 力争 adds to an aim what would be better.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from policysearch.corpus.targets.indicators import NEIGHBOURS, Indicators, Mention
from policysearch.frozen import changed, value
from policysearch.text.quantities import PERCENT, POINTS, Quantity, quantities

__all__ = ["Statement", "statements"]

_PLACE = r"全[省市区县州盟旗国疆港]|全自治[区州县]|[我本][省市区县州盟旗国]|地方级?|[省市州区县盟]级|[省市区州县盟]?本级|全国|国家|区域|地区|社会"
_LEAD = re.compile(
    r"(?:[、和与及并且,以也]|\(?[一二三四五六七八九十]+(?:[、)]|要?是)|\d{1,2}[.、)]|[-·●■◆★*]+|\([^()]*\)"
    r"|.*?(?:目标|指标)(?:初步|分别|建议|拟)?(?:安排|设定|确定|定)?(?:是|为|:)"
    r'|今年|明年|全年|本年度?|年内|当年|到?\d{4}年(?:底|末|度)?|到?本?世纪末|同时|其中|预计|"?十[一-龥]五"?(?:时期|期间|末)?|五年'
    r"|(?:今后|未来)[一-龥\d]年|期间|时期"
    rf"|{_PLACE}"
    r"|(?:必须|需要|继续|基本|尽力|要|将)?(?:确保|力争|努力|争取|实现|推动|促进|保持|保证|稳定|做到|达到|完成|推进|力促|力保|带动|预期|计划)"
    r"|使|让|把|将|要|应|须|必须|建议|我们|经济社会发展|发展|主要|预期|目标|指标|任务|是|为|分别|的|在|上|方面|具体|即|年均|平均|约束性|项目)*"
)
_BETWEEN = (
    r"总量|总额|总值|总规模|规模|增速|增幅|涨幅|升幅|降幅|上涨幅度|增长幅度|下降幅度|增长速度|增长率|总指数|指数|总水平|水平|人数|人口|比重"
    r"|占比|比例|比率|指标|预期目标|目标值?|预期|总体|整体|累计|强度|增量"
    r"|平均每年|每年|年均|年平均|全年|今年|力争|争取|努力|确保|预计|计划|安排|拟|设定|确定|定为|定在|定"
    r"|(?:比|较)(?:上年|上一?年|去年|同期|上年同期|\d{4}年)|同比|按?同口径|按?可比口径|按?可比价格?|按?不变价格?|按?现行?价格?|计算|名义|实际"
    r"|(?:扣除|剔除)[^,;。:]{1,12}?因素(?:影响)?后?(?:,|的影响)?"
    r"|增长|增加|增产|增至|上升|上涨|提高|提升|递增|增|下降|降低|减少|回落|下滑|压减|翻|控制|保持|维持|稳定|稳|达到|达|完成|实现|突破|超过|处于|位于|降|减"
    r"|分别|均|都|各|再|新|也|将|要|必须|应|可|仍|继续|基本|平稳|稳步|进一步|合理|左右|合计|总共"
    r"|为|是|在|到|至|于|以|有|的|了|从|由|区间|年|[:\"]|\([^()]{0,20}\)"
)
_GLUE = re.compile(rf"(?:{_BETWEEN})*")
_NOUN_TAIL = re.compile(r"(?:增速|增幅|涨幅|升幅|降幅|指数|总水平|水平|人数|比重|占比|强度|增长率|增长速度|上涨幅度|\([^()]{0,20}\))*")
_BREAK = re.compile(r"[,;:。!?]")
_CONJUNCTION = re.compile("以及|[、和与及]")
_MORE_PARTS = re.compile(
    rf"{_NOUN_TAIL.pattern}(?P<parts>(?:(?:以及|[、和与及])[^、和与及,;。:\d]{{2,20}}?)+)分别(?:{_BETWEEN})*"
)
_LIST_GAP = re.compile(r"[、,和与及]{1,2}|以及|,?并")
_STRETCH = re.compile("力争|争取|冲刺|努力|奋力|奔着")
_FLOOR = re.compile("确保|保底|力保")
_BETTER = re.compile(
    r"[,、;]?(?P<words>(?:并?在?(?:实际)?(?:工作|执行)(?:中|过程中))?,?(?:还?要?)?(?:全力|奋力|努力|尽力|力争|争取|尽最大努力)+(?:以?取得|实现|争取|达到|做到|更高)*"
    r"(?:更好|更高|更快|好)(?:的)?(?:结果|成绩|成效|水平|速度|一些)?)"
)
_BASIS = re.compile(r"同口径|可比口径|可比价格?|不变价格?|现行?价格?|名义|实际|(?:扣除|剔除)[^,;。:]{1,12}?因素(?:影响)?|年均|平均每年|每年")
_GROWTH = re.compile("增|升|涨|提高|扩大|翻|下降|降低|减少|回落|下滑|压减|降幅|降|减")
_TO = re.compile("(?:到|至|达|为|在)$")
_FROM = re.compile("[从由]$")
_COMPARED_WITH = re.compile("从|由")


@value
class Statement:
    """What a sentence says of one indicator.

    Attributes:
        indicator: The indicator's name.
        as_written: Where its name stands, as offsets in the reduced text.
        start: Where the statement begins: at the indicator, or at what goes on about it.
        end: Where it ends.
        figure: ``growth``, ``level``, ``share`` or ``change``.
        quantity: What is aimed at, None where words say it.
        words: These words, else those that make the operator.
        basis: 同口径, 实际, 年均 and the like, joined by 、; None without.
        stretch: What would be better, as written; None without.
        better: The quantity in it, None without.
        rule: The form it was read by: ``clause``, ``list``, ``respectively``, ``continued`` or ``words``.
    """

    indicator: str
    as_written: tuple[int, int]
    start: int
    end: int
    figure: str
    quantity: Quantity | None
    words: str
    basis: str | None
    stretch: str | None
    better: Quantity | None
    rule: str


@value
class _Subject:
    """Indicators that a quantity is stated of.

    Attributes:
        names: For each part of the list its indicator, None for one that is not known, with its place.
        between: What stands between the last of them and the quantity.
    """

    names: tuple[tuple[str | None, int, int], ...]
    between: str


def statements(text: str, start: int, end: int, indicators: Indicators, words: bool) -> list[Statement]:
    """Return what a sentence states, left to right.

    Args:
        text: A reduced text.
        start: Where the sentence begins.
        end: Where it ends, its end mark included.
        indicators: What to look for.
        words: Whether clauses without a quantity (进出口稳中向好) state something too.
    """
    mentions = _with_neighbours(text, start, end, indicators)
    if not mentions:
        return []
    reading = _Reading(text, start, mentions, indicators)
    found = quantities(text, start, end)
    for at, quantity in enumerate(found):
        reading.add(quantity, found[at + 1 :])
    read = reading.statements
    if words:
        read += _in_words(text, start, end, mentions, found, indicators)
    return sorted(read, key=lambda one: (one.start, one.as_written))


def _with_neighbours(text: str, start: int, end: int, indicators: Indicators) -> list[Mention]:
    mentions = indicators.mentions(text, start, end)
    for name, (neighbour, bare) in NEIGHBOURS.items():
        for one in neighbour.finditer(text, start, end):
            for found in bare.finditer(text, one.end(), end):
                if text[found.start() - 1] in ",、;和" and not any(m.start <= found.start() < m.end for m in mentions):
                    mentions.append(Mention(found.start(), found.end(), name))
    return sorted(mentions, key=lambda one: one.start)


class _Reading:
    """One sentence, read quantity by quantity."""

    def __init__(self, text: str, start: int, mentions: Sequence[Mention], indicators: Indicators) -> None:
        self.statements: list[Statement] = []
        self._text = text
        self._floor = start  # behind the quantity before
        self._mentions = mentions
        self._indicators = indicators
        self._subject: _Subject | None = None
        self._dealt: list[tuple[str | None, int, int]] = []  # what 分别 has still to deal out to
        self._dealing: list[Statement] = []

    def add(self, quantity: Quantity, following: Sequence[Quantity]) -> None:
        """Read the next quantity, with what stands before it."""
        start = self._clause_start(quantity)
        subject = self._subject_before(start, quantity)
        gap = self._text[self._floor : quantity.start]
        if subject is not None:
            self._end_of_dealing()
            self._subject = subject
            if not _FROM.search(subject.between):
                self._state(subject, quantity, following)
        elif not self._goes_on(gap, quantity, following):
            self._end_of_dealing()
            self._subject = None
        self._floor = quantity.end
        if not following:
            self._end_of_dealing()

    def _clause_start(self, quantity: Quantity) -> int:
        start = self._floor
        for found in _BREAK.finditer(self._text, self._floor, quantity.start):
            # a comma inside 扣除价格因素,实际 or after a bare subject is none
            if found[0] != ":" or not self._ends_bare(start, found.start()):
                start = found.end()
        return start

    def _ends_bare(self, start: int, end: int) -> bool:
        return any(start <= one.start and one.end == end for one in self._mentions)

    def _subject_before(self, start: int, quantity: Quantity) -> _Subject | None:
        """Return what the clause that leads up to a quantity speaks of, None where that is no indicator alone."""
        inside = [one for one in self._mentions if one.start >= start and one.end <= quantity.start]
        if not inside:
            return self._before_a_comma(start, quantity)
        return self._subject_of(start, inside, quantity.start)

    def _before_a_comma(self, start: int, quantity: Quantity) -> _Subject | None:
        """Read 城镇和农村居民人均收入,扣除价格因素,分别实际增长…: the subject stands alone before a comma."""
        text = self._text
        if start == self._floor or text[start - 1] != "," or not _GLUE.fullmatch(text, start, quantity.start):
            return None
        before = start - 1
        earlier = max([self._floor, *(one.end() for one in _BREAK.finditer(text, self._floor, before))])
        inside = [one for one in self._mentions if one.start >= earlier and one.end <= before]
        if not inside and earlier > self._floor and text[earlier - 1] == ",":
            # one step further, over 扣除价格因素
            if not _GLUE.fullmatch(text, earlier, before):
                return None
            before = earlier - 1
            earlier = max([self._floor, *(one.end() for one in _BREAK.finditer(text, self._floor, before))])
            inside = [one for one in self._mentions if one.start >= earlier and one.end <= before]
        if not inside or not _NOUN_TAIL.fullmatch(text, inside[-1].end, before):
            return None
        subject = self._subject_of(earlier, inside, before)
        return None if subject is None else changed(subject, between=text[inside[-1].end : quantity.start])

    def _subject_of(self, start: int, inside: Sequence[Mention], end: int) -> _Subject | None:
        text = self._text
        last = inside[-1]
        unknown: list[tuple[str | None, int, int]] = []
        if not _GLUE.fullmatch(text, last.end, end):
            found = _MORE_PARTS.fullmatch(text, last.end, end)
            if found is None:
                return None
            # 一般公共预算收入、税收收入分别…: the second part is not known, but has its share
            unknown = [(None, end, end) for _ in _CONJUNCTION.finditer(found["parts"])]
        names: list[tuple[str | None, int, int]] = [*unknown, (last.name, last.start, last.end)]
        at = last.start
        while not _LEAD.fullmatch(text, start, at) or _ends_in_a_list(text, start, at, inside):
            # 城镇调查失业率、居民消费价格涨幅: a list; what is not known is a part of it too
            found = _last_conjunction(text, start, at)
            if found is None:
                return None
            begin, finish = found
            lead = text[finish:at]
            if not _LEAD.fullmatch(lead):
                return None
            known = [one for one in inside if one.end <= begin and _NOUN_TAIL.fullmatch(text, one.end, begin)]
            if known:
                one = known[-1]
                names.append((one.name, one.start, one.end))
                at = one.start
                continue
            previous = _last_conjunction(text, start, begin)
            part = (previous[1] if previous else start, begin)
            names.append((self._with_shared_head(part, last), *part))
            at = part[0]
            if previous is None:
                break
        return _Subject(tuple(reversed(names)), text[last.end : end])

    def _with_shared_head(self, part: tuple[int, int], last: Mention) -> str | None:
        """Return the indicator that a part of a list is with the end of the last: 城镇 in 城镇和农村居民收入."""
        text = self._text
        head = text[last.start : last.end]
        for begin in range(*part):
            for cut in range(1, len(head)):
                found = self._indicators.only(text[begin : part[1]] + head[cut:])
                if found and _LEAD.fullmatch(text, part[0], begin):
                    return found
        return None

    def _state(self, subject: _Subject, quantity: Quantity, following: Sequence[Quantity]) -> None:
        between = subject.between
        if "分别" in between or "分别" in self._text[max(self._floor, subject.names[0][1] - 8) : subject.names[0][1]]:
            names = list(subject.names)
            if len(names) == 1:
                names = self._town_and_country(names[0])
            if len(names) > 1:
                self._dealt = names[1:]
                self._dealing = [self._statement(names[0], quantity, between, "respectively")]
                return
        known = [one for one in subject.names if one[0] is not None]
        for name in known:
            rule = "list" if len(known) > 1 else "clause"
            self.statements.append(self._statement(name, quantity, between, rule))

    def _town_and_country(self, one: tuple[str | None, int, int]) -> list[tuple[str | None, int, int]]:
        """Return the two that 城乡居民 stands for."""
        name, start, end = one
        # the form may begin at 居民, with 城乡 before it
        text = self._text[max(self._floor, start - 2) : end]
        if "城乡" not in text:
            return [one]
        rest = text.partition("城乡")[2]
        two = [self._indicators.only(word + rest) for word in ("城镇", "农村")]
        return [(two[0], start, end), (two[1], start, end)] if all(two) else [one]

    def _goes_on(self, gap: str, quantity: Quantity, following: Sequence[Quantity]) -> bool:
        """Read a quantity without an indicator of its own; tell whether it belongs to the one before."""
        if self._dealing and _LIST_GAP.match(gap):
            lead = _LIST_GAP.sub("", gap, count=1)
            last = self._dealing[-1].quantity
            if self._dealt and _GLUE.fullmatch(lead) and not _STRETCH.search(lead):
                if last is not None and last.dimension == quantity.dimension:
                    self._dealing.append(self._statement(self._dealt.pop(0), quantity, lead, "respectively"))
                    return True
                return False
            if self._dealt:
                return False
        if self._subject is None or not _GLUE.fullmatch(gap.lstrip(",、")):
            return False
        self._end_of_dealing()
        if "分别" in gap:
            return self._deals_out_again(gap.lstrip(",、"), quantity, following)
        if not self.statements and not _FROM.search(self._subject.between):
            return False
        if _FROM.search(self._subject.between):  # 从4万亿元增加到5万亿元
            self._subject = changed(self._subject, between=gap)
            self._state(self._subject, quantity, ())
            return True
        before = self.statements[-1]
        lead = gap.lstrip(",、")
        name = (before.indicator, *before.as_written)
        new = changed(self._statement(name, quantity, lead, "continued"), start=quantity.start - len(lead))
        if new.figure == before.figure and before.quantity and before.quantity.dimension == quantity.dimension:
            if _STRETCH.search(lead) or _FLOOR.search(lead):
                self.statements[-1] = _stretched(before, new, self._text, bool(_FLOOR.search(lead)))
                return True
            return bool(gap.strip(",、"))
        if not lead and quantity.dimension == before.quantity.dimension if before.quantity else False:
            return False
        self.statements.append(new)
        return True

    def _deals_out_again(self, lead: str, quantity: Quantity, following: Sequence[Quantity]) -> bool:
        """Read 城镇9422元,农村2936元,分别增长7.7%和6.8%: the quantities go to as many statements before."""
        many, end = 1, quantity.end
        for one in following:
            gap = self._text[end : one.start]
            if one.dimension != quantity.dimension or not (_LIST_GAP.match(gap) and len(gap) <= 6):
                break
            many, end = many + 1, one.end
        names = list(dict.fromkeys((one.indicator, *one.as_written) for one in self.statements))[-many:]
        if len(names) < many:
            return False
        self._dealt = list(names[1:])
        start = quantity.start - len(lead)
        self._dealing = [changed(self._statement(names[0], quantity, lead, "continued"), start=start)]
        return True

    def _statement(self, name: tuple[str | None, int, int], quantity: Quantity, between: str, rule: str) -> Statement:
        indicator, start, end = name
        basis = [one[0] for one in _BASIS.finditer(self._text, max(self._floor, start - 12) if rule != "continued" else quantity.start - len(between), quantity.start)]
        return Statement(
            indicator or "",
            (start, end),
            start,
            quantity.end,
            self._figure(indicator or "", (start, end), quantity, between),
            quantity,
            quantity.words,
            "、".join(dict.fromkeys(basis)) or None,
            *self._better(quantity),
            rule,
        )

    def _better(self, quantity: Quantity) -> tuple[str | None, None]:
        found = _BETTER.match(self._text, quantity.end)
        return (found["words"] if found else None), None

    def _figure(self, indicator: str, place: tuple[int, int], quantity: Quantity, between: str) -> str:
        written = self._text[place[0] : place[1]]
        goes = _GROWTH.search(between) and not _TO.search(between)
        usual = self._indicators.per_cent(indicator)
        if quantity.dimension == POINTS:
            return "change"
        if quantity.dimension == PERCENT:
            if usual == "share":
                is_share = re.search("强度|占|相当于|与", written) or re.search("强度|比重|占比|比例", between)
                return "share" if is_share or not goes else "growth"
            if re.search("比重|占比", between):
                return "share"
            if usual == "level":
                return "change" if goes and re.search("降|减|回落|提高|上升", between) else "level"
            return "growth"
        if goes and re.search("增加|增产|净增|减少|提高", between) and indicator != "城镇新增就业":
            return "change"
        return "level"

    def _end_of_dealing(self) -> None:
        """Keep what 分别 dealt out, if it came out even; an operator at the end holds for all."""
        dealt, self._dealing = self._dealing, []
        if self._dealt or not dealt:
            self._dealt = []
            return
        last = dealt[-1].quantity
        for one in dealt:
            quantity = one.quantity
            if quantity and last and quantity.operator == "exact" and last.operator in ("about", "at_least", "at_most"):
                if self._text[last.end - len(last.words) : last.end] == last.words:
                    quantity = changed(quantity, operator=last.operator, words=last.words)
                    one = changed(one, quantity=quantity, words=last.words)
            if one.indicator:
                self.statements.append(one)


def _ends_in_a_list(text: str, start: int, at: int, inside: Sequence[Mention]) -> bool:
    """Tell whether another indicator of the same list stands before ``at``."""
    return any(start <= one.start and one.end <= at for one in inside) and _last_conjunction(text, start, at) is not None


def _last_conjunction(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the last word such as 和 stands between ``start`` and ``end``, with more than it before it."""
    last = None
    for found in _CONJUNCTION.finditer(text, start, end):
        if found.start() > start:
            last = found.span()
    return last


def _stretched(before: Statement, new: Statement, text: str, new_is_floor: bool) -> Statement:
    """Return an aim with what would be better; the later one is the aim itself where 确保 says so."""
    aim, better = (new, before) if new_is_floor else (before, new)
    said = _STRETCH.search(text, better.start, better.end)
    words = text[said.start() if said else better.start : better.end]
    return changed(
        before,
        end=new.end,
        quantity=aim.quantity,
        words=aim.words,
        stretch=words,
        better=better.quantity,
    )


_CLAUSE = re.compile(r"[^,;。!?:]+")


def _in_words(
    text: str, start: int, end: int, mentions: Sequence[Mention], found: Sequence[Quantity], indicators: Indicators
) -> list[Statement]:
    """Return the aims that clauses state without a quantity."""
    out = []
    for clause in _CLAUSE.finditer(text, start, end):
        if any(clause.start() <= one.number_start < clause.end() for one in found):
            continue
        inside = [one for one in mentions if clause.start() <= one.start and one.end <= clause.end()]
        if not inside or not _LEAD.fullmatch(text, clause.start(), inside[0].start):
            continue
        one = inside[0]
        words = text[one.end : clause.end()]
        if not 1 < len(words) <= 30 or _GLUE.fullmatch(words) or _CONJUNCTION.match(words):
            continue
        words = re.sub("^(?:涨幅|增速|增幅|指数|总水平)(?=.)", "", words)
        figure = "level" if indicators.per_cent(one.name) == "level" else "growth"
        out.append(
            Statement(
                one.name, (one.start, one.end), one.start, clause.end(), figure, None, words, None, None, None, "words"
            )
        )
    return out
