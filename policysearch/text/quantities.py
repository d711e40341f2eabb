"""Quantities as Chinese official texts write them: 5.5%左右, 725亿斤以上, 百分之五至六, 翻一番, 下降3.4%.

Queries and the tables of targets share this parser. It works on reduced text
(``folding.reduce``), in which digits, per cent signs and dashes have one form
each and white space is removed, so that a number split by a line break is
joined.

A quantity is a number, or two that bound a range, with a unit; words around it
give its operator (约, 不低于, 以上, 左右, 以内) and direction (增长, 下降). A number
without a unit is not a quantity, nor is a date (2025年, 3月), an ordinal (第3) or
a part of a name (5G, PM2.5).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from policysearch.frozen import frozen, replace
from policysearch.text.chinese import read_numeral

__all__ = ["PERCENT", "POINTS", "Quantity", "QuantityCondition", "chinese_number", "quantities", "read_comparison"]

PERCENT, POINTS = "%", "百分点"

_UNITS: dict[str, tuple[str, str]] = {
    "%": (PERCENT, "1"),
    "‰": (PERCENT, "0.1"),
    "成": (PERCENT, "10"),
    "倍": (PERCENT, "100"),
    "番": (PERCENT, "0"),  # by ``_doubled``
    "个百分点": (POINTS, "1"),
    "个多百分点": (POINTS, "1"),
    "百分点": (POINTS, "1"),
    "吨": ("吨", "1"),
    "公吨": ("吨", "1"),
    "公斤": ("吨", "0.001"),
    "千克": ("吨", "0.001"),
    "斤": ("吨", "0.0005"),
    "担": ("吨", "0.05"),
    "吨标煤": ("吨标准煤", "1"),
    "吨标准煤": ("吨标准煤", "1"),
    "千米": ("公里", "1"),
    "公里": ("公里", "1"),
    "平方千米": ("平方公里", "1"),
    "平方公里": ("平方公里", "1"),
    "平米": ("平方米", "1"),
    "度电": ("千瓦时", "1"),
    "千瓦时": ("千瓦时", "1"),
    "千瓦": ("千瓦", "1"),
    "兆瓦": ("千瓦", "1000"),
    "吉瓦": ("千瓦", "1000000"),
    "标准箱": ("标箱", "1"),
}
"""The dimension of each unit, and its factor to the base unit of the dimension."""

_MORE_UNITS = """
    元 美元 欧元 日元 港元 港币 元/人 美元/人 卢布 英镑 亩 公顷 平方米 立方米 立方 升 米 里 海里 海里/时
    公里/小时 微克/立方米 毫克/升 毫米 厘米 克 人 人次 名 位 户 家 个 项 件 条 台 套 座 所 张 床 架 艘 次 种
    类 头 只 羽 株 棵 册 本 部 篇 处 批 对 支 辆 列 班 间 栋 幢 箱 标箱 票 单 起 例 门 宗 份 片 口 岁 周岁
    级 分 年 个月 天 小时 分钟 秒 瓦 度 场 所次 班次 架次 车次 吨公里 人公里 工日 平方英里 村 县 市 省 国 乡
    镇 届 轮 期 颗 枚 节 段 道 盏 根 吨/年
""".split()  # noqa: SIM905 (the lines are easier to read)
_UNITS.update({unit: (unit, "1") for unit in _MORE_UNITS})

_MULTIPLIERS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}

_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+|·\d+(?=%|个?百分点))?"
_HAN = r"[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?"
_MULTIPLIER = r"[十百千]?(?:万亿|[万亿])|[十百千](?=[元吨人户亩])"
_NOT_A_UNIT = r"(?!成[立为功本果员套长交就都效])(?!分[之别期类布])(?!年[代度级均])(?!国[家道有内际])(?!级[联别])"
_UNIT = _NOT_A_UNIT + "(?:" + "|".join(sorted(map(re.escape, _UNITS), key=lambda unit: (-len(unit), unit))) + ")"
_TO = r"(?:-{1,2}|~|至|到)"

_QUANTITY = re.compile(
    rf"(?P<negative>负|(?<![\d%a-z\-万亿元人吨])-)?"
    rf"(?:(?P<of>百|千)分之(?P<of_first>{_ARABIC}|{_HAN})(?:{_TO}(?:(?:百|千)分之)?(?P<of_second>{_ARABIC}|{_HAN}))?"
    rf"|(?<![\d.a-z第])(?P<first>{_ARABIC})(?P<big>亿(?=\d))?(?P<rest>(?<=亿)\d+(?:\.\d+)?)?(?P<more>[多余几]?)"
    rf"(?P<times>{_MULTIPLIER})?(?P<more_after>[多余]?)(?P<unit>{_UNIT})?"
    rf"(?:{_TO}(?P<second>{_ARABIC})(?P<times_of_second>{_MULTIPLIER})?(?P<unit_of_second>{_UNIT}))?"
    rf"|(?<![第百千万亿几数])(?P<han>{_HAN})(?P<han_more>[多余几]?)(?P<han_times>万亿|[万亿])?(?P<han_unit>{_UNIT})?"
    rf"(?:{_TO}(?P<han_second>{_HAN})(?P<han_unit_of_second>{_UNIT}))?)"
)

_SHARES_A_UNIT = re.compile(
    rf"(?:[、和与及]{_ARABIC}){{0,6}}[、和与及]{_ARABIC}(?P<times>{_MULTIPLIER})?(?P<unit>{_UNIT})"
)

_BEFORE = re.compile(
    "(?:(?P<at_least>不(?:得|能|应|会)?(?:低于|少于|小于|下于)|至少|最少|最低|大于等于|高于等于|大于或等于|≥|≧|>=)"
    "|(?P<at_most>不(?:得|能|应|会)?(?:高于|超过|超|多于|大于|突破)|低于|少于|小于|小于等于|至多|最多|最高|≤|≦|<=|<)"
    "|(?P<more_than>超过|超出|超|突破|高于|大于|多于|快于|逾|>)"
    "|(?P<about>大约|大概|大致|接近|将近|约为|约|近))(?:在|为)?$"
)
_AFTER = re.compile(
    "(?P<about>左右|上下)|(?P<at_least>[及或]?以上|之上)|(?P<at_most>[及或]?以[内下]|之[内下])|之间|(?P<more_than>多|余|有余)"
)
_UP = "增长|增加|上升|上涨|上浮|提高|提升|扩大|递增|增|涨|升"
_DOWN = "下降|降低|减少|回落|下滑|压减|压降|削减|缩减|缩小|收窄|下调|调减|负增长|降|减"
_RATE = "(?:幅度?|率|速度?)?(?:(?:分别|均|再|约|平均)?(?:了|达到?|为|是|定为|定在|在|控制在|保持在|稳定在)?)"
_DIRECTION = re.compile(
    rf"(?:(?P<down>{_DOWN})|(?P<up>{_UP}))"
    rf"(?:(?:幅度?|率|速度?|比例)(?:分别|均)?(?:为|是|达到?|定为|在|保持在|控制在|稳定在)?|了|达|再)?$"
)
_OF_A_PAIR = re.compile("[、,和与及以至]{1,2}$")

_TO_PATTERN = re.compile(_TO)
_UNITS_OF_ONE = ("%", "成", "番", "倍", "个百分点")  # 一个, 一次 are hardly ever quantities
_UNITS_OF_A_BARE_MULTIPLIER = ("元", "美元", "吨", "斤", "公斤", "亩", "人", "千瓦时")
_MOST_BEFORE = 12
_LONGEST_NUMERAL = 24
_TOO_MANY = (Decimal(10) ** 20, Decimal(20))
"""Numbers from here on do not occur as quantities; the second limit is for 翻番."""


@frozen
class Quantity:
    """A quantity with its place in a reduced text.

    Attributes:
        start: Offset of its first character, words such as 不低于 included.
        end: Offset after its last one, words such as 以上 included.
        number_start: Offset of the number itself.
        operator: ``exact``, ``about`` (左右, 约), ``at_least`` (以上, 不低于), ``at_most`` (以内, 低于), ``more_than``
            (超过, 多), or ``range``.
        value: The number as written, in units of ``unit``; the lower end of a range.
        high: The upper end of a range in the same unit, else None.
        unit: As written, with 万 and 亿: 亿斤, %, 个百分点, 番.
        dimension: Its dimension; quantities of one dimension can be compared: ``%``, ``百分点``, 吨, 人.
        factor: Factor that converts ``value`` to the base unit of the dimension.
        direction: -1 after words of decline (下降3%), 1 after words of growth, else 0.
        words: The words of the operator; empty for ``exact`` and ``range``.
    """

    start: int
    end: int
    number_start: int
    operator: str
    value: Decimal
    high: Decimal | None
    unit: str
    dimension: str
    factor: Decimal
    direction: int = 0
    words: str = ""

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The smallest and the greatest number, in the base unit; negative for a decline."""
        low, high = (self._plain(one) for one in (self.value, self.value if self.high is None else self.high))
        return (-high, -low) if self.direction < 0 else (low, high)

    def _plain(self, number: Decimal) -> Decimal:
        return _doubled(number) if self.unit == "番" else number * self.factor


def _doubled(times: Decimal) -> Decimal:
    """Return the growth in per cent of a number of doublings."""
    return (Decimal(2) ** times - 1) * 100


def quantities(reduced: str, start: int = 0, end: int | None = None) -> list[Quantity]:
    """Return the quantities in a part of a reduced text, left to right; they do not overlap.

    >>> [(q.operator, str(q.value), q.unit) for q in quantities("增长5.5%左右,粮食产量八千亿斤以上,就业50-70万人")]
    [('about', '5.5', '%'), ('at_least', '8000', '亿斤'), ('range', '50', '万人')]
    """
    part = reduced[start:end] if start or end is not None else reduced
    out: list[Quantity] = []
    at = 0
    while True:
        found = _QUANTITY.search(part, at)
        if found is None:
            break
        one = _read(found, part)
        if one is None:
            # after its first number, whose parts must not be read again
            at = max(found.end("first"), found.end("han"), found.start() + 1)
            continue
        out.append(_in_direction(one, part, out))
        at = out[-1].end
    if not start:
        return out
    return [
        replace(one, start=one.start + start, end=one.end + start, number_start=one.number_start + start) for one in out
    ]


@frozen
class _Numbers:
    """The numbers of a match: one, or two that may bound a range, each with its unit."""

    start: int
    end: int
    first: Decimal
    unit: str
    second: Decimal | None
    unit_of_second: str
    more: bool


def _read(found: re.Match[str], text: str) -> Quantity | None:
    """Return the quantity of a match, or None when it is not one."""
    way = _in_parts if found["of"] else _in_characters if found["han"] else _in_digits
    numbers = way(found)
    if numbers is None or (numbers.unit == "年" and numbers.first >= 1000):
        return None
    if max(numbers.first, numbers.second or 0) >= _TOO_MANY[numbers.unit == "番"]:
        return None
    return _made(numbers, text, found.start(), negative=bool(found["negative"]))


def _in_parts(found: re.Match[str]) -> _Numbers | None:
    """Read 百分之五, 千分之三."""
    unit = PERCENT if found["of"] == "百" else "‰"
    first = _number(found["of_first"])
    if first is None:
        return None
    return _Numbers(found.start("of"), found.end(), first, unit, _number(found["of_second"]), unit, False)


def _in_digits(found: re.Match[str]) -> _Numbers | None:
    """Read 5.5%, 50-70万人, 1亿2000万元; in 5、7个百分点 the first number has the unit of the last."""
    first, second = _number(found["first"]), _number(found["second"])
    times, unit = found["times"] or "", found["unit"]
    if first is None:
        return None
    if found["rest"]:
        if times != "万":
            return None
        first = first * 10**4 + Decimal(found["rest"])
    if unit is None and second is None:
        shared = _SHARES_A_UNIT.match(found.string, found.end())
        if shared is None or times:
            return None
        times, unit = shared["times"] or "", shared["unit"]
    unit_of_second = (found["times_of_second"] or "") + (found["unit_of_second"] or "")
    if unit is None:
        unit = found["unit_of_second"] if times else unit_of_second
    more = bool(found["more"] or found["more_after"])
    return _Numbers(found.start("first"), found.end(), first, times + unit, second, unit_of_second, more)


def _in_characters(found: re.Match[str]) -> _Numbers | None:
    """Read 八千亿斤, 三至五成; a final 万 or 亿 belongs to the unit."""
    unit, unit_of_second = found["han_unit"] or "", found["han_unit_of_second"] or ""
    if not (unit or unit_of_second):
        return None
    first, times = _without_multiplier(found["han"], unit or unit_of_second)
    times += found["han_times"] or ""
    second = None
    if found["han_second"]:
        second, times_of_second = _without_multiplier(found["han_second"], unit_of_second)
        if second is None:
            return None
        if not unit:
            unit, times = unit_of_second, times or times_of_second
        unit_of_second = times_of_second + unit_of_second
    if first is None or (found["han"] == "一" and unit not in _UNITS_OF_ONE):
        return None
    more = bool(found["han_more"])
    return _Numbers(found.start("han"), found.end(), first, times + unit, second, unit_of_second, more)


def _without_multiplier(numeral: str, unit: str) -> tuple[Decimal | None, str]:
    """Return the number before 万, 亿 or 万亿, and these."""
    times = re.search("(?:万亿|[万亿])$", numeral)
    bare = numeral[: times.start()] if times else numeral
    if not bare or bare[0] in "百千万亿":
        # 百万吨; but not 万元, 百家, 千亿级
        if len(numeral) < 2 or unit not in _UNITS_OF_A_BARE_MULTIPLIER:
            return None, ""
        bare = "一" + bare
    return chinese_number(bare), times[0] if times else ""


def _made(numbers: _Numbers, text: str, start: int, *, negative: bool) -> Quantity:
    first, second, end = numbers.first, numbers.second, numbers.end
    if negative:
        first, second = -first, None if second is None else -second
    dimension, factor = _measure(numbers.unit)
    high = None
    if second is not None:
        other, factor_of_second = _measure(numbers.unit_of_second)
        high = second * factor_of_second / factor if factor else second
        if other != dimension or high <= first or text[start - 1 : start] in ("从", "由", "自"):
            # 从5%到3% are two quantities; the second is read again
            high, end = None, _TO_PATTERN.search(text, numbers.start, end).start()  # type: ignore[union-attr]
    before = _BEFORE.search(text, max(0, start - _MOST_BEFORE), start)
    after = _AFTER.match(text, end)
    operator, words = ("more_than", "多") if numbers.more or numbers.unit == "个多百分点" else ("exact", "")
    said = {one.lastgroup: one[0] for one in (after, before) if one is not None and one.lastgroup}
    for name in ("about", "more_than", "at_most", "at_least"):  # the last match wins
        if name in said:
            operator, words = name, said[name]
    if high is not None:
        operator, words = "range", ""
    return Quantity(
        before.start() if before else start,
        after.end() if after else end,
        numbers.start,
        operator,
        first,
        high,
        numbers.unit,
        dimension,
        factor,
        0,
        words,
    )


def _in_direction(one: Quantity, text: str, before: Sequence[Quantity]) -> Quantity:
    said = _DIRECTION.search(text, max(0, one.start - _MOST_BEFORE), one.start)
    if said:
        return replace(one, direction=-1 if said["down"] else 1)
    if before and before[-1].dimension == one.dimension and before[-1].direction:
        between = text[before[-1].end : one.start]
        if between and len(between) <= 2 and _OF_A_PAIR.match(between):
            return replace(one, direction=before[-1].direction)
    return one


@lru_cache(maxsize=512)
def _measure(unit: str) -> tuple[str, Decimal]:
    """Return the dimension of a unit as written, and the factor to it; 万 and 亿 are part of the unit."""
    times = re.match("[十百千]?(?:万亿|[万亿])|[十百千](?![米克瓦])", unit)
    power = sum(_MULTIPLIERS[character] for character in times[0]) if times else 0
    dimension, factor = _UNITS.get(unit[times.end() :] if times else unit, ("", "1"))
    return dimension, Decimal(factor).scaleb(power)


def _number(text: str | None) -> Decimal | None:
    if text is None:
        return None
    if text[0].isascii():
        return Decimal(text.replace(",", "").replace("·", "."))
    return chinese_number(text)


def chinese_number(numeral: str) -> Decimal | None:
    """Return the number of a numeral in Chinese characters, or None when it is not one.

    >>> [str(chinese_number(one)) for one in ("三千二百", "一万五千", "五点五", "二〇三五", "十")]
    ['3200', '15000', '5.5', '2035', '10']
    """
    whole, point, fraction = numeral.partition("点")
    if point:
        head = chinese_number(whole)
        digits = [read_numeral(character) for character in fraction]
        if head is None or not digits or None in digits:
            return None
        return head + Decimal("0." + "".join(map(str, digits)))
    if not whole or len(whole) > _LONGEST_NUMERAL:
        return None
    for character, power in (("亿", 8), ("万", 4)):
        if character in whole:
            # 一万亿: it multiplies the number before
            before, _, after = whole.rpartition(character)
            high, low = chinese_number(before or "一"), chinese_number(after or "零")
            return None if high is None or low is None else high.scaleb(power) + low
    if len(whole) == 2 and not set(whole) - set("一二三四五六七八九"):
        return None  # 七八: an approximate number
    number = read_numeral(whole)
    return None if number is None else Decimal(number)


@frozen
class QuantityCondition:
    """The condition on a quantity in a query.

    Attributes:
        low: Lower bound, or None.
        high: Upper bound, or None.
        low_included: Whether ``low`` itself matches.
        high_included: Whether ``high`` itself matches.
        dimension: As in ``Quantity``; None, for any, when no unit was typed.
    """

    low: Decimal | None
    high: Decimal | None
    low_included: bool
    high_included: bool
    dimension: str | None

    def holds(self, quantity: Quantity) -> bool:
        """Return whether a quantity, or some number in its range, is within the bounds."""
        if self.dimension is not None and quantity.dimension != self.dimension:
            return False
        low, high = quantity.bounds
        if self.low is not None and not (high > self.low or (self.low_included and high == self.low)):
            return False
        return self.high is None or low < self.high or (self.high_included and low == self.high)


_COMPARISON = re.compile(r"(>=|≥|≧|=>|<=|≤|≦|=<|>|<|==?)?(.+)", re.DOTALL)
_BOUND = re.compile(
    rf"(?P<negative>[-负])?(?P<number>百分之(?P<of>{_ARABIC}|{_HAN})|{_ARABIC}|{_HAN})(?P<unit>.*)", re.DOTALL
)


def read_comparison(text: str) -> QuantityCondition | None:
    """Parse a comparison: ``>=5.5%``, ``<0``, ``50..70万人``, ``100亿元..`` or ``5%``; return None for anything else.

    A bound of a range without a unit takes that of the other.
    """
    found = _COMPARISON.fullmatch(re.sub("(?<![个多])百分点", "个百分点", text))
    if found is None:
        return None
    sign, rest = found[1], found[2]
    if ".." in rest:
        if sign:
            return None
        first, _, second = rest.partition("..")
        low, high = _bound(first), _bound(second)
        if (first and low is None) or (second and high is None) or (low is None and high is None):
            return None
        if low and high:
            low = _bound(first + _lacking(low, high)) if low[2] is None else low
            high = _bound(second + _lacking(high, low)) if high[2] is None and low else high
        if (first and low is None) or (second and high is None):
            return None
        units = {one[2] for one in (low, high) if one}
        if len(units) > 1 or (low and high and low[0] > high[0]):
            return None
        return QuantityCondition(low[0] if low else None, high[0] if high else None, True, True, units.pop())
    bound = _bound(rest)
    if bound is None:
        return None
    number, _, dimension = bound
    if sign in (None, "=", "=="):
        return QuantityCondition(number, number, True, True, dimension)
    included = len(sign) == 2 or sign in "≥≧≤≦"
    if ">" in sign or sign in "≥≧":
        return QuantityCondition(number, None, included, True, dimension)
    return QuantityCondition(None, number, True, included, dimension)


_Bound = tuple[Decimal, str, "str | None"]


def _lacking(bound: _Bound, other: _Bound) -> str:
    """Return the part of the other bound's unit that a bound lacks: 万人 in 50..70万人, 人 in 50万..70万人."""
    unit = other[1] if other[2] is not None else ""
    return re.sub(f"^(?:{_MULTIPLIER})", "", unit) if bound[1] else unit


def _bound(text: str) -> _Bound | None:
    """Return a typed number in its base unit, its unit as typed, and its dimension, None without a unit."""
    found = _BOUND.fullmatch(text)
    if found is None:
        return None
    unit = found["unit"]
    numeral = found["number"]
    if found["of"]:
        numeral, unit = found["of"], "%" + unit
    elif not numeral[0].isascii():
        times = re.search("(?:万亿|[万亿])$", numeral)
        if times and times.start():
            numeral, unit = numeral[: times.start()], times[0] + unit
    number = _number(numeral)
    dimension, factor = _measure(unit)
    if (
        number is None
        or number >= _TOO_MANY[unit == "番"]
        or (not dimension and not re.fullmatch(f"(?:{_MULTIPLIER})?", unit))
    ):
        return None
    plain = _doubled(number) if unit == "番" else number * factor
    return (-plain if found["negative"] else plain), unit, dimension or None
