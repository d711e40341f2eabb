"""Parsing of a sentence into statements about indicators.

Reports state targets in clauses of one form: lead-in words, the indicator,
link words, and a quantity, as in 力争全市地区生产总值实际增长5.5%左右. Lead-in and link
words are closed classes, so that a clause about another subject (民间投资增长8%)
is not read as one about the preceding indicator. A list may omit the verb; 分别
distributes several quantities over several indicators; a clause without an
indicator continues the one before (达到309亿元); and 力争 adds a stretch target.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from policysearch.corpus.targets.indicators import NEIGHBOURS, IndicatorMention, Indicators
from policysearch.corpus.targets.statement import Statement, stated_in_words
from policysearch.corpus.targets.word_classes import BETWEEN, LEAD, NOUN_TAIL, YEAR
from policysearch.frozen import frozen, replace
from policysearch.text.quantities import PERCENT, POINTS, Quantity, quantities

__all__ = ["statements"]

_GLUE = re.compile(BETWEEN)
_NOUN_TAIL = re.compile(NOUN_TAIL)
_MOST_BETWEEN = 60
_MOST_BEFORE = 200
_BREAK = re.compile(r"[,;:。!?]")
_CONJUNCTION = re.compile("以及|[、和与及]")
_SHARE_OF = re.compile(rf"[、,](?:占|相当于)[^,;。、]{{0,8}}(?:生产总值|gdp)的?(?:比重|比例|比率|之比|比){BETWEEN}")
_GOES_ON_WITH = re.compile("达到|力争|争取|完成|确保|控制|实现|增长|保持|稳定|突破")
_MORE_PARTS = re.compile(rf"{NOUN_TAIL}(?P<parts>(?:(?:以及|[、和与及])[^、和与及,;。:\d]{{2,20}}?)+)分别{BETWEEN}")
_DEALT_OUT = re.compile(rf"(?P<parts>[^,;。:\d]{{4,80}}?)(?P<between>分别{BETWEEN})")
_LIST_GAP = re.compile(r"[、,和与及]{1,2}|以及|,?并")
_STRETCH = re.compile("力争|争取|冲刺|努力|奋力|奔着")
_ANOTHER_YEAR = re.compile(r"\d{4}年|今年")
_FLOOR = re.compile("确保|保底|力保")
_BETTER = re.compile(
    r"[,、;(]?(?P<words>(?:并?在?(?:实际)?(?:工作|执行)(?:中|过程中))?,?(?:还?要?)?(?:全力|奋力|努力|尽力|力争|争取|尽最大努力)+(?:以?取得|实现|争取|达到|做到|更高)*"
    r"(?:更好|更高|更快|好)(?:的)?(?:结果|成绩|成效|水平|速度|一些)?)"
)
_BASIS = re.compile(
    "同口径|可比口径|可比价格?|不变价格?|现行?价格?|名义|实际(?!工作|执行)|年均|平均每年|每年"
    "|(?:扣除|剔除)[^,;。:]{1,12}?因素(?:影响)?"
)
_SHARE = re.compile("强度|占|相当于|生产总值|gdp")
_GROWTH = re.compile("增|升|涨|提高|扩大|翻|下降|降低|减少|回落|下滑|压减|降幅|降|减")
_ASIDE = re.compile(r"\([^()]{1,20}\)")
_NAMED_YEAR = rf"(?:{YEAR}(?:底|末)?的?)?"
_TO = re.compile(f"(?:到|至|达|为|在){_NAMED_YEAR}$")
_FROM = re.compile(f"[从由]{_NAMED_YEAR}$")


@frozen
class _Subject:
    """The indicators that a quantity refers to.

    Attributes:
        names: For each part of the list its indicator, None for an unknown one, with its place.
        between: The text between the last of them and the quantity.
    """

    names: tuple[tuple[str | None, int, int], ...]
    between: str


def statements(text: str, start: int, end: int, indicators: Indicators, words: bool) -> list[Statement]:
    """Return the statements in a sentence, left to right.

    Args:
        text: A reduced text.
        start: Start of the sentence.
        end: End of the sentence, its end mark included.
        indicators: The indicators to search for.
        words: Whether clauses without a quantity (进出口稳中向好) count as statements too.
    """
    mentions = _with_neighbours(text, start, end, indicators)
    if not mentions and "分别" not in text[start:end]:
        return []
    reading = _Reading(text, start, mentions, indicators)
    inside = [(one.start, one.end) for one in mentions]
    found = [
        one for one in quantities(text, start, end) if not any(a <= one.number_start < b for a, b in inside)
    ]  # not the 万元 in 万元GDP能耗
    for at, quantity in enumerate(found):
        reading.add(quantity, found[at + 1 :])
    read = reading.statements
    if words:
        read += stated_in_words(text, start, end, mentions, found, read, indicators)
    return sorted(read, key=lambda one: (one.start, one.as_written))


def _with_neighbours(text: str, start: int, end: int, indicators: Indicators) -> list[IndicatorMention]:
    mentions = indicators.mentions(text, start, end)
    for name, (neighbour, bare) in NEIGHBOURS.items():
        for one in neighbour.finditer(text, start, end):
            for found in bare.finditer(text, one.end(), end):
                if text[found.start() - 1] in ",、;和" and not any(m.start <= found.start() < m.end for m in mentions):
                    mentions.append(IndicatorMention(found.start(), found.end(), name))
    return sorted(mentions, key=lambda one: one.start)


class _Reading:
    """One sentence, read quantity by quantity."""

    def __init__(self, text: str, start: int, mentions: Sequence[IndicatorMention], indicators: Indicators) -> None:
        self.statements: list[Statement] = []
        self._text = text
        self._floor = start  # after the previous quantity
        self._mentions = mentions
        self._indicators = indicators
        self._subject: _Subject | None = None
        self._dealt: list[tuple[str | None, int, int]] = []  # indicators that 分别 has not yet assigned a quantity to
        self._dealing: list[Statement] = []

    def add(self, quantity: Quantity, following: Sequence[Quantity]) -> None:
        """Read the next quantity, with the text before it."""
        start = self._clause_start(quantity)
        gap = self._text[self._floor : quantity.start].removeprefix("人民币")
        subject = None
        if not _SHARE_OF.fullmatch(gap):
            subject = self._subject_before(start, quantity) or self._by_parts(start, quantity, following)
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
            # a comma inside 扣除价格因素,实际 or after a bare subject does not separate clauses
            if found[0] != ":" or not self._ends_bare(start, found.start()):
                start = found.end()
        return start

    def _clause_before(self, at: int) -> int:
        """Return the start of the clause that contains ``at``."""
        return max([self._floor, *(one.end() for one in _BREAK.finditer(self._text, self._floor, at))])

    def _ends_bare(self, start: int, end: int) -> bool:
        return any(start <= one.start and one.end == end for one in self._mentions)

    def _subject_before(self, start: int, quantity: Quantity) -> _Subject | None:
        """Return the subject of the clause before a quantity, or None unless it consists of indicators."""
        inside = [one for one in self._mentions if one.start >= start and one.end <= quantity.start]
        if not inside:
            return self._before_a_comma(start, quantity)
        return self._subject_of(start, inside, quantity.start)

    def _by_parts(self, start: int, quantity: Quantity, following: Sequence[Quantity]) -> _Subject | None:
        """Read 分别 after a list whose parts share a prefix or a suffix.

        In 单位生产总值用水量、能耗、碳排放分别下降23%、15%、18% the parts share a prefix
        of the first; in 粮食、蔬菜产量分别增长5%和6% they share a suffix of the last.
        """
        found = _DEALT_OUT.fullmatch(self._text, start, quantity.start)
        if found is None:
            return None
        parts = [one.span() for one in re.finditer("(?:(?!以及)[^、和与及])+", found["parts"])]
        if len(parts) != 1 + len(self._run(quantity, following)) or len(parts) < 2:
            return None
        texts = [found["parts"][a:b] for a, b in parts]
        at = found.start("parts")
        names = tuple((self._part(text, texts), at + a, at + b) for text, (a, b) in zip(texts, parts, strict=True))
        return _Subject(names, found["between"]) if any(name for name, _, _ in names) else None

    def _part(self, part: str, parts: Sequence[str]) -> str | None:
        """Return the indicator that a part of a list names, alone or with the shared prefix or suffix."""
        bare = [part[at:] for at in range(len(part)) if LEAD.fullmatch(part, 0, at)]
        ends = [part + parts[-1][at:] for at in range(1, len(parts[-1]))]
        begins = [parts[0][:at] + part for at in range(len(parts[0]) - 1, 0, -1)]
        return next(filter(None, map(self._indicators.only, (*bare, *ends, *begins))), None)

    def _run(self, quantity: Quantity, following: Sequence[Quantity]) -> Sequence[Quantity]:
        """Return the quantities directly after one, joined by 、 or 和."""
        end = quantity.end
        for number, one in enumerate(following):
            gap = self._text[end : one.start]
            if len(gap) > 6 or not _LIST_GAP.match(gap):
                return following[:number]
            end = one.end
        return following

    def _before_a_comma(self, start: int, quantity: Quantity) -> _Subject | None:
        """Read 城镇和农村居民人均收入,扣除价格因素,分别实际增长…: the subject is alone before a comma."""
        text = self._text
        if start == self._floor or text[start - 1] != "," or not _GLUE.fullmatch(text, start, quantity.start):
            return None
        before = start - 1
        earlier = max([self._floor, *(one.end() for one in _BREAK.finditer(text, self._floor, before))])
        inside = [one for one in self._mentions if one.start >= earlier and one.end <= before]
        if not inside and earlier > self._floor and text[earlier - 1] == ",":
            # one step further, past 扣除价格因素
            if not _GLUE.fullmatch(text, earlier, before):
                return None
            before = earlier - 1
            earlier = max([self._floor, *(one.end() for one in _BREAK.finditer(text, self._floor, before))])
            inside = [one for one in self._mentions if one.start >= earlier and one.end <= before]
        if not inside:
            return None
        tail = text[inside[-1].end : before]
        if not _NOUN_TAIL.fullmatch(tail) and not _GOES_ON_WITH.match(text, start):
            return None
        subject = self._subject_of(earlier, inside, inside[-1].end)
        return None if subject is None else replace(subject, between=text[inside[-1].end : quantity.start])

    def _subject_of(self, start: int, inside: Sequence[IndicatorMention], end: int) -> _Subject | None:
        text = self._text
        last = inside[-1]
        unknown: list[tuple[str | None, int, int]] = []
        if end - last.end > _MOST_BETWEEN or last.start - start > _MOST_BEFORE:
            return None
        if not _GLUE.fullmatch(text, last.end, end):
            found = _MORE_PARTS.fullmatch(text, last.end, end)
            if found is None:
                return None
            # 一般公共预算收入、税收收入分别…: the second part is unknown, but takes a quantity
            unknown = [(None, end, end) for _ in _CONJUNCTION.finditer(found["parts"])]
        names: list[tuple[str | None, int, int]] = [*unknown, (last.name, last.start, last.end)]
        at = last.start
        while not LEAD.fullmatch(text, start, at) or _ends_in_a_list(text, start, at, inside):
            # 城镇调查失业率、居民消费价格涨幅: a list; an unknown name is a part of it too
            conjunction = _last_conjunction(text, start, at)
            if conjunction is None:
                return None
            begin, finish = conjunction
            lead = text[finish:at]
            if not LEAD.fullmatch(lead):
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

    def _with_shared_head(self, part: tuple[int, int], last: IndicatorMention) -> str | None:
        """Return the indicator that a part of a list names with the end of the last: 城镇 in 城镇和农村居民收入."""
        text = self._text
        head = text[last.start : last.end]
        for begin in range(*part):
            for cut in range(1, len(head)):
                found = self._indicators.only(text[begin : part[1]] + head[cut:])
                if found and LEAD.fullmatch(text, part[0], begin):
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
        known = [
            one for one in subject.names if one[0] and self._indicators.may_be_measured(one[0], quantity.dimension)
        ]
        for name in known:
            rule = "list" if len(known) > 1 else "clause"
            self.statements.append(self._statement(name, quantity, between, rule))

    def _town_and_country(self, one: tuple[str | None, int, int]) -> list[tuple[str | None, int, int]]:
        """Return the two indicators that 城乡居民 covers."""
        _, start, end = one
        # the form may start at 居民, with 城乡 before it
        text = self._text[max(self._floor, start - 2) : end]
        if "城乡" not in text:
            return [one]
        rest = text.partition("城乡")[2]
        two = [self._indicators.only(word + rest) for word in ("城镇", "农村")]
        return [(two[0], start, end), (two[1], start, end)] if all(two) else [one]

    def _goes_on(self, gap: str, quantity: Quantity, following: Sequence[Quantity]) -> bool:
        """Read a quantity without an indicator of its own; return whether it belongs to the one before."""
        if self._dealing and _LIST_GAP.match(gap):
            lead = _LIST_GAP.sub("", gap, count=1)
            if self._dealt and _GLUE.fullmatch(lead) and not _STRETCH.search(lead):
                self._dealing.append(self._statement(self._dealt.pop(0), quantity, lead, "respectively"))
                return True
            if self._dealt:
                return False
        if self.statements and self._subject is not None and _SHARE_OF.fullmatch(gap):
            before = self.statements[-1]
            new = self._statement((before.indicator, *before.as_written), quantity, "比重", "continued")
            self.statements.append(replace(new, start=quantity.start - len(gap) + 1, figure="share"))
            return True
        if self._subject is None or not _GLUE.fullmatch(gap.lstrip(",、(")):
            return False
        self._end_of_dealing()
        if "分别" in gap:
            return self._deals_out_again(gap.lstrip(",、"), quantity, following)
        if not self.statements and not _FROM.search(self._subject.between):
            return False
        if _FROM.search(self._subject.between):  # 从4万亿元增加到5万亿元
            self._subject = replace(self._subject, between=gap)
            self._state(self._subject, quantity, ())
            return True
        before = self.statements[-1]
        lead = gap.lstrip(",、(")
        if not self._indicators.may_be_measured(before.indicator, quantity.dimension):
            return False
        name = (before.indicator, *before.as_written)
        new = replace(self._statement(name, quantity, lead, "continued"), start=quantity.start - len(lead))
        if new.figure == before.figure and before.quantity and before.quantity.dimension == quantity.dimension:
            if _STRETCH.search(lead) or _FLOOR.search(lead):
                self.statements[-1] = _stretched(before, new, self._text, bool(_FLOOR.search(lead)))
                return True
            if not _ANOTHER_YEAR.search(lead):
                return bool(gap.strip(",、"))
        if not lead and quantity.dimension == before.quantity.dimension if before.quantity else False:
            return False
        self.statements.append(new)
        return True

    def _deals_out_again(self, lead: str, quantity: Quantity, following: Sequence[Quantity]) -> bool:
        """Read 城镇9422元,农村2936元,分别增长7.7%和6.8%: the quantities belong to the last statements before."""
        many = 1 + len(self._run(quantity, following))
        names = list(dict.fromkeys((one.indicator, *one.as_written) for one in self.statements))[-many:]
        if len(names) < many:
            return False
        self._dealt = list(names[1:])
        start = quantity.start - len(lead)
        self._dealing = [replace(self._statement(names[0], quantity, lead, "continued"), start=start)]
        return True

    def _statement(self, name: tuple[str | None, int, int], quantity: Quantity, between: str, rule: str) -> Statement:
        indicator, start, end = name
        begin = quantity.start - len(between) if rule == "continued" else self._clause_before(start)
        aside = _ASIDE.match(self._text, quantity.end)
        basis = [one[0] for one in _BASIS.finditer(self._text, begin, aside.end() if aside else quantity.start)]
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
                if goes and quantity.start - len(between) != place[1]:
                    return "growth"  # continued: 强度达到2.3%、增长10%
                is_share = re.search("强度|占|相当于|(?:生产总值|gdp)", written) or re.search(
                    "强度|比重|占比|比例", between
                )
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
        """Keep the assignments of 分别 if the numbers match; an operator at the end applies to all."""
        dealt, self._dealing = self._dealing, []
        if self._dealt or not dealt:
            self._dealt = []
            return
        last = dealt[-1].quantity
        shared = (
            last and last.operator in ("about", "at_least", "at_most") and self._text[: last.end].endswith(last.words)
        )
        for one in dealt:
            quantity = one.quantity
            if quantity and last and quantity.operator == "exact" and shared:
                quantity = replace(quantity, operator=last.operator, words=last.words)
                one = replace(one, quantity=quantity, words=last.words)
            if one.indicator and quantity and self._indicators.may_be_measured(one.indicator, quantity.dimension):
                self.statements.append(replace(one, basis=one.basis or dealt[0].basis))


def _ends_in_a_list(text: str, start: int, at: int, inside: Sequence[IndicatorMention]) -> bool:
    """Return whether the text before ``at`` has another indicator of the same list."""
    return (
        any(start <= one.start and one.end <= at for one in inside) and _last_conjunction(text, start, at) is not None
    )


def _last_conjunction(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the offset of the last word such as 和 between ``start`` and ``end`` that has text before it."""
    last = None
    for found in _CONJUNCTION.finditer(text, start, end):
        if found.start() > start:
            last = found.span()
    return last


def _stretched(before: Statement, new: Statement, text: str, new_is_floor: bool) -> Statement:
    """Return a target with its stretch target; after 确保 the later one is the target itself."""
    aim, better = (new, before) if new_is_floor else (before, new)
    said = _STRETCH.search(text, better.start, better.end)
    words = text[said.start() if said else better.start : better.end]
    return replace(
        before,
        end=new.end,
        quantity=aim.quantity,
        words=aim.words,
        stretch=words,
        better=better.quantity,
    )
