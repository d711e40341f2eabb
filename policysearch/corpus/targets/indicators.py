"""Indicators that targets are set for, and the forms of their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from policysearch.corpus.targets.word_classes import LEAD
from policysearch.errors import InputError
from policysearch.frozen import frozen
from policysearch.text.folding import reduce
from policysearch.text.quantities import PERCENT, POINTS

__all__ = ["INDICATORS", "NEIGHBOURS", "Indicator", "IndicatorMention", "Indicators"]

_GDP = "(?:地区|国内|国民)?(?:生产总值|gdp)"
_OF_GDP = f"(?:[全本]?[省市区县州国]|地区)?{_GDP}"
_RESEARCH = "(?:全社会)?(?:研究与?试验发展|研究与?开发|研发|r&d|科技研发)(?:\\(r&d\\))?"


_MONEY = ("元", "美元")
_PEOPLE = ("人", "个", "名", "人次")


@frozen
class Indicator:
    """An indicator.

    Attributes:
        name: Its name in tables.
        pattern: A regular expression for its forms in reduced text.
        per_cent: The kind of figure of a per cent value without a word of growth: ``growth``, ``level`` for an
            indicator that is itself a rate, or ``share``.
        measured_in: The dimensions that its amounts may have; None for any.
    """

    name: str
    pattern: str
    per_cent: str = "growth"
    measured_in: tuple[str, ...] | None = _MONEY


# Where two match at a place, the first one wins.
INDICATORS = (
    Indicator(
        "单位地区生产总值能耗",
        f"(?:单位|每?万元)(?:全?[省市区县州])?{_GDP}(?:综合)?(?:能耗|能源消耗|能源消费|能耗强度)量?|(?:地区)?(?:生产总值|gdp)能耗(?:强度)?|能耗强度|能源消费强度",
        measured_in=("吨标准煤",),
    ),
    Indicator(
        "单位地区生产总值二氧化碳排放",
        f"(?:单位|每?万元)(?:全?[省市区县州])?{_GDP}(?:二氧化碳|碳)排放[量强]?度?|(?:二氧化)?碳排放强度",
        measured_in=("吨",),
    ),
    Indicator(
        "研发经费投入",
        f"{_RESEARCH}(?:经费|资金)?(?:投入|支出)?(?:总?[量额])?(?:强度)?(?:应当?)?(?:占|相当于|与){_OF_GDP}的?(?:比重|比例|比率|之比|比)"
        f"|{_RESEARCH}(?:经费)?(?:投入|支出)?强度|(?:全社会)(?:研究与?试验发展|研发|r&d)(?:\\(r&d\\))?(?:经费|资金)?(?:投入|支出)?"
        f"|{_RESEARCH}(?:经费|资金)(?:投入|支出)?",
        "share",
    ),
    Indicator(
        "地区生产总值",
        f"{_GDP}|经济总量|(?:国民)?经济增长(?:率|速度)?|经济增速|经济(?=年均(?:增长|增速))|(?<![a-z])gdp(?![a-z])",
    ),
    Indicator(
        "居民消费价格",
        "(?:城市)?(?:居民)?消费(?:者)?(?:价格|物价)(?:总水平|总指数|指数)?|(?<![a-z])cpi(?![a-z])|物价(?:总水平)?(?=上?涨|控制)",
        measured_in=(),
    ),
    Indicator("城镇调查失业率", "城镇调查失业率|城镇失业率|调查失业率", "level", ()),
    Indicator("城镇登记失业率", "城镇登记失业率|登记失业率", "level", ()),
    Indicator(
        "城镇新增就业",
        "(?:城镇|城乡)?新增(?:城镇|城乡)?就业(?:人数|岗位|人口|人员)?|城镇就业(?:人数|岗位)?(?=新增|净增)",
        measured_in=_PEOPLE,
    ),
    Indicator("财政总收入", "(?:地方|公共)?财政总收入"),
    Indicator(
        "一般公共预算收入",
        "(?:地方级?)?(?:一般)?公共(?:财政)?预算收入|公共财政(?:预算)?收入|(?:地方级?)?(?:财政)?一般预算(?:内)?收入"
        "|(?:国家|国内|地方级?)?财政(?:预算)?收入",
    ),
    Indicator("固定资产投资", "(?:全社会)?固定资产投资(?:总额|完成额|额)?|(?<![一-龥])固投"),
    Indicator(
        "社会消费品零售总额",
        "社会消费品零售(?:总)?额|全社会消费品零售总?额|社消零(?:总?额)?|社零(?:总?额)?|社会商品零售总?额",
    ),
    Indicator(
        "进出口总额",
        "(?:外贸|对外贸易|货物贸易|货物|外贸货物)?进出口(?:贸易)?(?:总?[额值])?|(?:外贸|对外贸易)总[额值]",
    ),
    Indicator(
        "规模以上工业增加值",
        "规(?:模以)?上工业(?:企业)?(?:实现|完成)?(?:工业)?增加值|规模工业增加值|规(?:模以)?上工业(?=增长|增速)|工业增加值",
    ),
    Indicator(
        "粮食产量",
        "粮食(?:总|年)?产量?(?![业地区销能品购储])|粮食生产(?![能功保安责大主综者])",
        measured_in=("吨",),
    ),
    Indicator(
        "城镇居民人均可支配收入",
        "城[镇市](?:常住)?(?:居民)?人均(?:可支配|生活费)?收入|城[镇市](?:常住)?居民(?:可支配)?收入(?![比差倍分])",
    ),
    Indicator(
        "农村居民人均可支配收入",
        "农村(?:常住)?居民人均(?:可支配|纯)?收入|农牧?(?:村|区)?(?:居)?民人均(?:可支配|纯)?收入|农村(?:常住)?居民(?:可支配)?收入(?![比差倍分])|农牧?民收入",
    ),
    Indicator(
        "居民人均可支配收入",
        "(?:全体|城乡)?(?:常住)?居民人均(?:可支配)?收入|(?:全体|城乡)?(?:常住)?居民(?:可支配)?收入(?![比差倍分])",
    ),
)
"""The built-in indicators, in the default order of a table's columns."""

_CORES = """
    生产总值 gdp 经济总量 经济增 经济年均 能耗强度 消费强度 消耗强度 排放强度 研发 研究与 研究试验 研究开发
    r&d 消费价格 消费物价 消费者价格 消费者物价 cpi 物价 失业率 就业 财政收入 财政总收入 预算收入 预算内收入
    固定资产投资 固投 零售额 零售总额 社零 社消零 进出口 外贸总 对外贸易总 工业增 工业工业增 工业企业
    工业实现 工业完成 粮食 人均收入 可支配收入 纯收入 生活费收入 民收入
""".split()  # noqa: SIM905 (the lines are easier to read)
"""Every form contains one of these, which are found many times as fast as the forms."""

_BEGINNINGS = "单每万能碳二全研科r地国生g经城居消c物调登新财公一预固社外对货进规工粮农体乡常"
"""Every form starts with one of these characters; testing it avoids trying all forms."""

_MOST_AT_A_BEGINNING = 24

NEIGHBOURS = {"粮食产量": (re.compile("粮食(?:播种)?(?:种植)?面积"), re.compile("总?产量?(?![业能值品])"))}
"""Contexts in which a bare word means an indicator: after the area sown, 产量 is that of grain."""


@frozen
class IndicatorMention:
    """An occurrence of an indicator's name in a reduced text."""

    start: int
    end: int
    name: str


class Indicators:
    """The indicators of a table.

    Args:
        more: Further ones: names, and the literal terms of each. They precede the built-in ones; one with the name of
            a built-in one adds to its forms.
    """

    def __init__(self, more: Mapping[str, Sequence[str]] | None = None) -> None:
        self._known = {one.name: one for one in INDICATORS}
        own = []
        prefixes = set(_BEGINNINGS)
        for name, terms in (more or {}).items():
            forms = sorted(filter(None, map(reduce, terms)), key=lambda term: (-len(term), term))
            if not forms:
                raise InputError(f"The indicator '{name}' has no terms.")
            prefixes.update(form[0] for form in forms)
            own.append((name, "|".join(map(re.escape, forms))))
        self.names = tuple(dict.fromkeys([*(one.name for one in INDICATORS), *(name for name, _ in own)]))
        self._groups = [*own, *((one.name, one.pattern) for one in INDICATORS)]
        self._cores = re.compile("|".join([*(form for _, form in own), *_CORES]))
        first = re.escape("".join(sorted(prefixes)))
        forms_of_all = "|".join(f"({pattern})" for _, pattern in self._groups)
        # 地区生产总值(GDP): the short form in brackets is part of the name
        self._pattern = re.compile(f"(?=[{first}])(?:{forms_of_all})(?:\\((?:gdp|cpi|r&d)\\))?")

    def named(self, name: str) -> str:
        """Return the indicator of a name, or of any form of it. Raises ``InputError`` when there is none."""
        found = self._pattern.fullmatch(reduce(name))
        if name in self.names:
            return name
        if found is None:
            raise InputError(f"Unknown indicator '{name}'; expected one of: {', '.join(self.names)}.")
        return self._groups[(found.lastindex or 1) - 1][0]

    def per_cent(self, name: str) -> str:
        """Return the kind of figure of an indicator's per cent value without a word of growth."""
        known = self._known.get(name)
        return known.per_cent if known else "growth"

    def may_be_measured(self, name: str, dimension: str) -> bool:
        """Return whether an indicator may have a quantity of this dimension."""
        known = self._known.get(name)
        if known is None or known.measured_in is None or dimension in (PERCENT, POINTS):
            return True
        return dimension in known.measured_in

    def mentions(self, reduced: str, start: int = 0, end: int | None = None) -> list[IndicatorMention]:
        """Return the mentions of indicators in a part of a reduced text, left to right; they do not overlap."""
        end = len(reduced) if end is None else end
        if self._cores.search(reduced, start, end) is None:
            return []
        return list(self._mentions(reduced, start, end))

    def _mentions(self, reduced: str, start: int, end: int) -> Iterator[IndicatorMention]:
        for found in self._pattern.finditer(reduced, start, end):
            yield IndicatorMention(found.start(), found.end(), self._groups[(found.lastindex or 1) - 1][0])

    def begins(self, reduced: str, at: int) -> bool:
        """Return whether an indicator, with its lead-in words, starts at a place of a reduced text."""
        found = self._pattern.search(reduced, at, at + _MOST_AT_A_BEGINNING)
        return found is not None and LEAD.fullmatch(reduced, at, found.start()) is not None

    def any_in(self, reduced: str) -> bool:
        """Return whether a reduced text may contain any indicator."""
        return self._cores.search(reduced) is not None

    def only(self, text: str) -> str | None:
        """Return the indicator whose name a reduced text is, or None."""
        found = self._pattern.fullmatch(text)
        return self._groups[(found.lastindex or 1) - 1][0] if found else None

    def of(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the indicators of names, each once, in the order given."""
        return tuple(dict.fromkeys(map(self.named, names)))
