"""Words and marks at the starts and ends of lines that show whether lines continue."""

from __future__ import annotations

from policysearch.text.patterns import lazy_pattern

__all__ = [
    "ABOUT",
    "BODY",
    "BODY_TEXT",
    "BRACKET",
    "CLOSED_BY",
    "COMMA",
    "CUT_TITLE",
    "DAY",
    "EVENT",
    "EVENT_BEGINS",
    "EVENT_ENDS",
    "INTRODUCES",
    "IN_BRACKETS",
    "LABEL",
    "MARKS",
    "MEASURE",
    "NEVER_FIRST",
    "NUMBER_END",
    "OFFICIAL_END",
    "OPENERS",
    "OPEN_WORD",
    "PHRASE",
    "PIECE_BEGINS",
    "PIECE_ENDS",
    "REFERENCE",
    "STANDS",
    "STANDS_ALONE",
    "STOP",
    "UNITS",
    "WEAK",
]

EVENT = lazy_pattern(r"[（(]?(?:19|20)\d\d年\d{1,2}月\d{1,2}日[^，。]{2,}|[（(]?根据")
EVENT_ENDS = lazy_pattern(r"(?:通过|修[正订改]|批准|公布|发布|施行)[）)]?$")
EVENT_BEGINS = lazy_pattern(r"(?:19|20)\d\d年|根据|自")

PIECE_ENDS = frozenset("，、。；：”》）】！？,;:")
PIECE_BEGINS = frozenset("“《（【”，。、；")
NEVER_FIRST = frozenset("，。、；：！？）》”’】〉」』％!?;%")
OPENERS = "（(《“〔【[「『"
CLOSED_BY = dict(zip(OPENERS, ("）)", "）)", *"》”〕】]」』"), strict=True))
BRACKET = lazy_pattern(r"[（()）《》“”〔〕【】\[\]「」『』]")
WEAK = lazy_pattern(r"[一二三四五六七八九十]{1,3}[是要]|——")
REFERENCE = lazy_pattern(r"[、，,。；;：:）)》”的和或至及与所中之起]|规定|款|项|第|明确|确定|修改")
UNITS = frozenset(("book", "subbook", "chapter", "section", "article"))
OPEN_WORD = lazy_pattern(r"(?:[的和与及或暨至第、《（“〔【]|关于|以及|根据|按照|依照|印发|[^\d][\d.]*\d ?)$")
IN_BRACKETS = lazy_pattern(r"[（(][^（）()。]{2,30}[）)]")
MEASURE = lazy_pattern(
    r"[年月日时分秒个项件人次户家名批套台条公亩吨米元万亿千百倍%％‰‐℃位所座处里种类届期级号页周天岁层栋株头只辆艘场份]"
)
INTRODUCES = lazy_pattern(
    r"(?:机构|政府|委员会|部门|单位|[局厅办委校企]|代表|委员|同志们?|公司|学院)[:：]$|下列|以下|如下"
)
LABEL = lazy_pattern(r"[^，。；：:]{2,14}[:：]")
NUMBER_END = lazy_pattern(r"\d[余多万亿千百 ]?$")
STANDS = lazy_pattern(
    r"(?:\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?日|[〇○零一二三四五六七八九]{4}年.{1,3}月.{1,3}日"
    r"|(?:中[华華])?民[国國].{1,8}年.{1,4}月.{1,5}日)[)）]?$"
    r"|[（(]此件|抄送|主送|公开方式|[^，。]{2,12}[〔\[（(【 ](?:19|20)\d\d[〕\])）】 ] ?第? ?\d{1,5} ?号"
    r"|.{2,30}(?:印发|签发)$|各位(?:代表|委员|同志)"
)
STANDS_ALONE = lazy_pattern(
    r"\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?日|[^，。]{2,12}[〔\[（(【 ](?:19|20)\d\d[〕\])）】 ] ?第? ?\d{1,5} ?号"
)
PHRASE = lazy_pattern("[。，；：]")
MARKS = lazy_pattern("[，。；]")
COMMA = lazy_pattern("[，、]")
STOP = lazy_pattern("[。！？]")
BODY_TEXT = lazy_pattern("[。；，]|[:：]$")
DAY = lazy_pattern(r"\d{1,2} ?[月日]")
BODY = lazy_pattern(r".{2,30}(?:政府|办公[室厅]|委员会|[厅局委部院])(?:[（(]代章[）)])?$")
ABOUT = lazy_pattern(r"关于|印发|转发|批转")
CUT_TITLE = lazy_pattern(r"关\|于|印\|发|转\|发|批\|转|[〔\[(（【](?:19|20)\d\d[〕\])）】]\|第?\d{1,5} ?号$")
OFFICIAL_END = lazy_pattern(
    r"(?:的|》)(?:[^的》]{0,6})?(?:通知|意见|决定|批复|公报|报告|复函|函|通报|公告|通告|命令|令|答复|请示|议案|决议|规定|办法|解释|说明|措施|方案|条例"
    r"|通知书|建议|倡议书|公开信)(?:[(（〔【][^()（）]{1,20}[)）〕】])?$"
)
