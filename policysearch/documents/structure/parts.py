"""Which part of a report a heading opens, by its words."""

from __future__ import annotations

import re

from policysearch.text.patterns import lazy_pattern

__all__ = ["is_glossary_heading", "is_part_heading", "part_of"]

_CN = "一二三四五六七八九十两"
_YEAR = (
    rf"(?:[12]\d{{3}}年(?:度)?|过去(?:的)?[{_CN}]?年(?:来)?|今后[{_CN}]年|未来[{_CN}]年|今年|去年|本届政府"
    rf"|“?十[{_CN}]?五”?(?:时期|期间)?)"
)
_PART = lazy_pattern(
    rf"(?:关于|对|一年来|{_YEAR})[^。；;，,]{{0,20}}(?:回顾|回眸|总结|成就|工作|任务|安排|部署|目标|建议"
    rf"|打算|设想|要求|计划|重点)"
    rf"|{_YEAR}[:：].{{2,20}}$"
    r"|.{0,12}(?:满意.{0,4}政府|工作回顾|重点工作|工作安排|工作部署|目标任务|自身建设|总体要求和.{0,10})$"
    r"|.{0,6}(?:名词|名称|术语|用语|词语|词汇)(?:解释|注释|说明).{0,4}$|注释$|注解$"
)
_GLOSSARY = lazy_pattern(
    r"[（(]?(?:附[:：件录]?[:：]?)?.{0,16}(?:名词|名称|术语|用语|词语|词汇)(?:解释|注释|说明).{0,6}$"
    r"|注释[:：]?$|注解[:：]?$"
)


def is_part_heading(line: str) -> bool:
    """Return whether a short line without a number has the words of a part's heading."""
    return bool(_PART.match(line)) and "政府工作报告" not in line


def is_glossary_heading(line: str) -> bool:
    return bool(_GLOSSARY.match(line))


_SELF = lazy_pattern(
    r"自身建设|(?:法治|服务型?|廉洁|廉政|效能|责任|阳光|为民|满意)型?政府(?:建设)?|政府(?:治理|作风|效能"
    r"|能力|服务管理)|政务?作风建设"
    r"|(?:建设|做|当好?).{0,8}(?:人民|群众).{0,2}满意.{0,4}政府|施政能力|(?:政府|依法)履职"
)
_TARGETS = lazy_pattern(r"预期目标(?:是|为)?$|主要目标$")
_MORE_THAN_TARGETS = lazy_pattern(r"要求|任务|工作")
_REVIEW = lazy_pattern(
    r"回顾|回眸|总结|成就|成绩|(?:过去|上)[^，,]{0,4}年|[一五]年来|工作情况|完成情况|执行情况|去年|收官|基本情况"
)
_PLAN = lazy_pattern(
    r"安排|部署|任务|重点工作|建议|目标|今年|今后|未来|奋力|计划|打算|总体要求|举措|思路|措施|考虑|工作$"
    r"|建设|政策取向|保持|推进|加快"
)


def part_of(heading: str, level: int, outer: str) -> str | None:
    """Return the part that a report's heading opens, or None if its words do not show it.

    Review and plan are parts of the complete report; ``outer`` is the part around a heading of ``level`` 2 or deeper.
    The text on the government itself belongs to the review if it looks back.
    """
    if is_glossary_heading(heading):
        return "glossary"
    if _REVIEW.search(heading) and level == 1 and not re.search(r"今后|未来", heading):
        return "review"
    if outer != "review" and _SELF.search(heading):
        return "self_building"
    if _TARGETS.search(heading) and not (level == 1 and _MORE_THAN_TARGETS.search(heading)):
        return "targets"
    return "plan" if level == 1 and _PLAN.search(heading) else None
