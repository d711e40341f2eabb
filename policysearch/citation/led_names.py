"""Names of statutes without marks or a number, recognized by the words around them: 根据社会保险法有关规定."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policysearch.citation.cited_names import NAME_ENDS
from policysearch.citation.references import UNMISTAKABLE, Reference
from policysearch.text.chinese import HAN

__all__ = ["led_names"]

_LEADS = "根据|依照|依据|按照|遵照|违反|适用|执行|参照|符合|遵守|贯彻|实施|落实|触犯|出台|颁布|修订|宣传|除"
_LEAD = re.compile(rf"{_LEADS}|(?<![{HAN}])依(?![法照据])|》(?:、|以及|[和与及或])")
_LEADS_ON = re.compile(rf".*(?:{_LEADS})|好|有(?!线)|承担|修[改订正][前后]的?")
_NAME = re.compile(
    rf"(?P<name>(?:中华人民共和国)?(?:刑法|宪法|民法典?)|[{HAN}]{{2,18}}?(?:法典?|条例|通则))"
    r"(?![律院人官庭治制学典定令理草]|规(?!定)|[施适](?!行后)|案|法[庭院]|诉讼|的?(?:实施|颁布|起草|修改))"
)
_SAYS = re.compile(rf"(?<![{HAN}])(?=[{HAN}、]{{2,40}}(?:法|条例)(?:等(?:法律)?)?(?:另有|未作|没有|有)规定)")
_KNOWN = re.compile(
    rf"(?<![{HAN}]国)(?<!国家)({UNMISTAKABLE})(?![律学典家]|(?:宣誓|教育|精神|权威|日|意识|修正案|和法律委员会|实施|法[庭院]|诉讼)|案[^件])"
)
# 落实中央某某工作若干规定, 依據「某某作業要點」
_SOME = re.compile(
    rf"(?:{_LEADS})(?:了|好)?(?:党?中央|国务院|[省市]委|[省市]政府)?(?:关于)?"
    rf"(?P<name>(?!国家|有关|相关|上述|以下)[{HAN}]{{4,40}}?若干(?:规定|意见|措施|政策措施))(?![{HAN}])"
)
_CORNERED = re.compile("「[^「」\n]{4,60}」")
_LEADS_UP = re.compile(rf"(?:{_LEADS}|(?<![{HAN}])依)$")
_ENDS_AS_NAME = re.compile(rf"(?:{NAME_ENDS}|[通准]则|规程|标准|要点|纲领)$")
_SHORTEST = ("刑法", "宪法", "民法")
_AND = re.compile("、|以及|[和与及或]")
_NO_NAME = re.compile(
    "^(?:本|该|此|这|其|上述|前述|各|有关|相关|国际|现行|原|新|地方|下列|以下)|[的了是应将可谁和及在以且或]|进行"
    "|非法|普法|释法|纪法|经验法|本法|本条例|有关|相关|规定|其他|我国|一定|(?:办|方|依|合|违|执|司|立|做|看|用|算|疗|无|设|想|说|手|书|语|律)法$"
    "|^(?:国家|国际|国内|部门|行政|地方|法律|诉讼|实体|程序|上位|下位)(?:法|条例)$"
)


def led_names(text: str, folded: str, taken: Sequence[Reference]) -> Iterator[Reference]:
    """Yield references to statutes recognized by the words around them, and a few unambiguous names.

    Places of the references in ``taken`` are excluded.
    """
    places = bytearray(len(folded))
    for one in taken:
        places[one.start : one.end] = b"\1" * (one.end - one.start)
    for quoted in _CORNERED.finditer(text):
        start, end = quoted.span()
        if _LEADS_UP.search(folded, max(0, start - 4), start) and _ENDS_AS_NAME.search(folded, start + 1, end - 1):
            places[start:end] = b"\1" * (end - start)
            yield Reference("name", start, end, text[start:end], text[start + 1 : end - 1])
    for some in _SOME.finditer(folded):
        start, end = some.span("name")
        if not any(places[start:end]):
            places[start:end] = b"\1" * (end - start)
            yield Reference("name", start, end, text[start:end], text[start:end])
    leads = (*_LEAD.finditer(folded), *_SAYS.finditer(folded))
    for known in _KNOWN.finditer(folded):
        start, end = known.span(1)
        if not any(places[start:end]):
            places[start:end] = b"\1" * (end - start)
            yield Reference("name", start, end, text[start:end], text[start:end])
    for lead in leads:
        at = lead.end()
        while name := _NAME.match(folded, at):
            start, end = name.span("name")
            if more_lead := _LEADS_ON.match(name["name"]):
                start += more_lead.end()
            if (end - start < 3 and folded[start:end] not in _SHORTEST) or _NO_NAME.search(folded[start:end]):
                break
            if not (places[start] or places[end - 1]):
                places[start:end] = b"\1" * (end - start)
                yield Reference("name", start, end, text[start:end], text[start:end])
            more = _AND.match(folded, end)
            if not more:
                break
            at = more.end()
