"""Which part of a report a heading opens, by its words."""

from __future__ import annotations

import re

__all__ = ["is_glossary_heading", "is_part_heading", "part_of"]

_YEAR = r"(?:[12]\d{3}年(?:度)?|过去(?:的)?[一二三四五六七八九十两]?年(?:来)?|今后[一二三四五六七八九十两]年|未来[一二三四五六七八九十两]年|今年|去年|本届政府|“?十[一二三四五六七八九]?五”?(?:时期|期间)?)"
_PART = re.compile(
    rf"(?:关于|对|一年来|{_YEAR})[^。；;，,]{{0,20}}(?:回顾|回眸|总结|成就|工作|任务|安排|部署|目标|建议|打算|设想|要求|计划|重点)"
    rf"|{_YEAR}[:：].{{2,20}}$"
    r"|.{0,12}(?:工作回顾|重点工作|工作安排|工作部署|目标任务|自身建设|总体要求和.{0,10})$"
    r"|.{0,6}(?:名词|名称|术语|用语|词语|词汇)(?:解释|注释|说明).{0,4}$|注释$|注解$"
)
_GLOSSARY = re.compile(r"[（(]?(?:附[:：件录]?[:：]?)?.{0,16}(?:名词|名称|术语|用语|词语|词汇)(?:解释|注释|说明).{0,6}$|注释[:：]?$|注解[:：]?$")


def is_part_heading(line: str) -> bool:
    """Tell whether a short line without a number has the words of a part's heading."""
    return bool(_PART.match(line)) and "政府工作报告" not in line


def is_glossary_heading(line: str) -> bool:
    return bool(_GLOSSARY.match(line))


_SELF = re.compile(r"(?:政府|自身|作风|廉政|效能|法治政府|服务型政府)[^，,]{0,6}建设|自身建设|(?:建设|做|当好?).{0,8}(?:人民|群众)满意.{0,4}政府|政府治理创新|施政能力|履职(?:能力|水平)")
_TARGETS = re.compile(r"预期目标|发展目标|主要目标|奋斗目标")
_REVIEW = re.compile(r"回顾|回眸|总结|成就|成绩|(?:过去|上)[^，,]{0,4}年|[一五]年来|工作情况|完成情况|去年|收官")
_PLAN = re.compile(r"安排|部署|任务|重点工作|建议|目标|今年|今后|未来|奋力|计划|打算|总体要求|要求|举措|思路|措施|主要工作|工作$|建设")


def part_of(heading: str, years: tuple[int, ...], level: int) -> str | None:
    """Return the part that a report's heading opens, or None where its words do not tell.

    ``years`` are those named in the outermost headings, in order: the
    earlier ones are looked back on, the last is planned.
    """
    if is_glossary_heading(heading):
        return "glossary"
    if _SELF.search(heading):
        return "self_building"
    if level > 2:
        return None
    if _REVIEW.search(heading) and not re.search(r"今后|未来", heading):
        return "review"
    if re.search(r"主要预期目标是?[:：]?$|预期目标是?$", heading):
        return "targets"
    if _PLAN.search(heading):
        return "plan"
    return None
