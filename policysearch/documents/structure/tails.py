"""Text without a heading that is a section of its own: thanks, targets, perorations."""

from __future__ import annotations

import re
from itertools import pairwise

from policysearch.documents.structure.blocks import ISSUER_ENDS, is_date_line, is_signed_date
from policysearch.documents.structure.heads import Head, Lines
from policysearch.text.patterns import lazy_pattern

__all__ = ["OF_THE_WHOLE", "with_rest", "with_signature", "with_tails"]

_YEAR = r"(?:[12]\d{3}年(?:以来)?|[一两三四五]年来|(?:过去|刚刚过去)的?[一两三四五]年|过去[^，,。]{0,6})"
_CUE = lazy_pattern(
    rf"各位(?:代表|委员)|同志们|{_YEAR}[，,]\s*我们|{_YEAR}[^。，,]{{0,6}}[，,][^。]{{0,12}}(?:始终|坚持)"
    rf"|在此[，,]|同时[，,]\s*我们|在?(?:充分)?肯定成绩|成绩(?:值得|来之不易)|在看到成绩"
    rf"|我们[也更]?[^，。]{{0,4}}清醒"
    r"|回顾(?:过去|一年|五年)|让我们|上述成绩|这些成绩|取得这些成绩|面对成绩|总结(?:一年|五年|过去)"
)
_OTHER_WORK = lazy_pattern(r"国防|双拥|退役军人|拥军|人民武装|民兵")
_OTHER_BODIES = lazy_pattern(r"工会|共青团|妇联|档案|气象|地方志|外事|侨|防震|民族|宗教|残疾人|科协|工商联|人民防空")
_CLOSING = lazy_pattern(
    r"让我们|携手|奋斗[！!。]?$|奋进[！!。]?$|共同谱写|再创"
    r"|(?:贡献|力量|篇章|局面|辉煌|胜利|未来|明天|成绩|答卷)[！!。]$"
)
_SUBMITTED = lazy_pattern(r"(?:以上|上述)[^，。]{0,12}报告[，,]|以上报告")
_S = r"\s*"  # there may be a line break within the words
_IS = r"(?:建议|初步|拟|暂|安排|确定|设定|定|如下|即|[，,\s]){0,4}?(?:是|为|如下|[:：])"
_TARGETS = lazy_pattern(
    rf"预{_S}期{_S}(?:发{_S}展{_S})?(?:目{_S}标|指{_S}标){_IS}|(?:发{_S}展|工{_S}作){_S}的?{_S}主{_S}要{_S}目{_S}标{_IS}"
)
_NEAR = 70  # number of characters in which a paragraph of targets states it
_FIGURE = lazy_pattern(r"[^。]{0,60}?\d")
_SALUTATION = lazy_pattern(r"各位(?:代表|委员|同志)|同志们")


def with_tails(lines: Lines, heads: list[Head], first: int, last: int, root: int, report: bool) -> list[Head]:
    """Return ``heads`` of one block with the sections that have no heading, in order.

    A paragraph whose words show that it belongs to the part rather than to its last child becomes a child of the part;
    ``root`` is the level of the block. Only reports have such paragraphs.
    """
    if not report:
        return heads
    parents, goes_on = _family(heads)
    added: list[Head] = []
    leaf = -1
    leaf_tail: Head | None = None
    after_targets = False
    reaching = -1  # the last line of the words that introduce targets
    for i in range(first, last):
        while leaf + 1 < len(heads) and heads[leaf + 1].start < lines.ends[i]:
            leaf += 1
            leaf_tail, after_targets = None, False
        if leaf >= 0 and heads[leaf].start >= lines.starts[i]:
            continue
        kind, start = _kind(lines, i, last)
        if i <= reaching:
            continue  # these words continue here
        if kind == "targets":
            reaching = lines.at(_stated(lines, start).end() - 1)
        if leaf < 0:
            if kind == "targets":
                leaf_tail = Head(start, start, "none", level=root + 1, part="targets")
                added.append(leaf_tail)
                after_targets = True
            elif after_targets:
                added.append(Head(lines.starts[i], lines.starts[i], "none", level=root + 1, part="plan"))
                after_targets = False
            continue
        if heads[leaf].part in ("glossary",):
            continue
        if leaf_tail is not None and leaf_tail.start == lines.starts[i - 1] and lines.size(i - 1) < 10:
            continue
        level = _tail_level(heads, parents, goes_on, leaf, kind, root, leaf_tail)
        if level is None and after_targets and leaf_tail is not None:
            level, kind, after_targets = leaf_tail.level, "rest", False
        elif level is None:
            continue
        part = {"targets": "targets", "closing": "body"}.get(kind)
        leaf_tail = Head(start, start, "none", level=level, part=part)
        added.append(leaf_tail)
        after_targets = kind == "targets" and lines.line(max(i, reaching))[-1:] not in ":："
    return sorted([*heads, *added], key=lambda head: head.start) if added else heads


def _family(heads: list[Head]) -> tuple[list[int], list[bool]]:
    """Return the parent of each head and whether a sibling comes after it."""
    parents = [-1] * len(heads)
    stack: list[int] = []
    for n, head in enumerate(heads):
        while stack and heads[stack[-1]].level >= head.level:
            stack.pop()
        parents[n] = stack[-1] if stack else -1
        stack.append(n)
    goes_on = [False] * len(heads)
    last: dict[int, int] = {}
    for n, parent in enumerate(parents):
        if parent in last:
            goes_on[last[parent]] = True
        last[parent] = n
    return parents, goes_on


def _kind(lines: Lines, i: int, last: int) -> tuple[str, int]:
    """Return the kind of a paragraph by its words, and its start: targets may start with one of its sentences."""
    start, end = lines.starts[i], lines.ends[i]
    near = min(len(lines.text), end + _NEAR)
    stated = _TARGETS.search(lines.text, start, near) if lines.text.find("标", start, near) >= 0 else None
    if stated and stated.start() < end:
        if stated.start() < start + _NEAR:
            return "targets", start
        # of a longer paragraph only the part from that sentence on, if it has figures
        if _FIGURE.match(lines.text, stated.end()):
            return "targets", max(start, lines.text.rfind("。", start, stated.start()) + 1)
    if i + 4 >= last and _SUBMITTED.match(lines.text, start, end):
        return "closing", start
    if _CUE.match(lines.text, start, end):
        below = lines.ends[i + 1] if end - start < 10 and i + 1 < last else end
        if _SALUTATION.match(lines.text, start) and i + 4 >= last and _CLOSING.search(lines.text, start, below):
            return "closing", start
        return "tail", start
    if _OTHER_WORK.search(lines.text, start, min(end, start + 120)) and _OTHER_BODIES.search(lines.text, start, end):
        return "other work", start
    return "", start


def _stated(lines: Lines, start: int) -> re.Match[str]:
    """Return the words that introduce targets, from the first place that has them."""
    found = _TARGETS.search(lines.text, start)
    assert found is not None
    return found


def _tail_level(
    heads: list[Head],
    parents: list[int],
    goes_on: list[bool],
    leaf: int,
    kind: str,
    root: int,
    tail: Head | None,
) -> int | None:
    """Return the level of the section without heading that a paragraph opens, or None."""
    if kind == "closing":
        return root + 1
    if kind == "targets":
        return heads[leaf].level + 1 if tail is None or tail.part == "targets" else tail.level
    if not kind:
        return None
    at = leaf
    while at >= 0 and not goes_on[at]:
        at = parents[at]
    if at == leaf:
        return tail.level if tail is not None else None
    if at >= 0:
        return heads[at].level + 1
    at = leaf
    while parents[at] >= 0:
        at = parents[at]
    return heads[at].level + 1 if at != leaf else None


OF_THE_WHOLE = lazy_pattern(
    r"特此|此复|专此|[妥当]否[，,]|以上(?:意见|报告|请示|规定|措施|事项|答复|方案|请|妥否)|(?:衷心|诚挚|再次)?感谢(?:您|贵|你们|各位)|(?:上述|以上)[^，。]{0,12}(?:施行|实施|执行)"
    r"|本(?:通知|意见|办法|决定|方案|公告|通告|批复|规划|措施|细则|规定|预案|指南|政策|文件|标准)[^，。]{0,16}(?:自|由|有效期)"
    r"|自[^，。]{2,24}起(?:施行|实施|执行|生效)|执行(?:中|过程中)(?:遇|如|有)|(?:业务)?联系(?:人|电话|单位|方式)"
)
"""Words of a paragraph below the last part that belongs to the document as a whole."""

_CLOSES_THE_WHOLE = lazy_pattern(r"特此|此复|专此|[妥当]否[，,]|以上|(?:衷心|诚挚|再次)?感谢")
_OF_THE_END = lazy_pattern(r"联系|咨询|附则|其[他它]|[实施][施行]|生效|执行|期限|有效|时效|效力|解释")
"""Words of a heading whose text is like the end of a document."""


def with_rest(lines: Lines, heads: list[Head], first: int, last: int, root: int) -> list[Head]:
    """Return ``heads`` with one more if the text after the last of them is not its own.

    It belongs to the document if its words show it, and to the parent if the last of several siblings of one sentence
    each has more lines than they.
    """
    if not heads:
        return heads
    head = heads[-1]
    begin = lines.at(head.end) + 1
    # a heading on a line of its own has at least one line of text, if it is none of a list of names
    own = named = False
    if head.heading and _has_own_line(lines, head):
        listed = len(heads) > 1 and heads[-2].level == head.level and heads[-2].end == head.start - 1
        own = not listed and lines.text[head.heading[0]] != "《"
        named = own and bool(_OF_THE_END.search(lines.text, *head.heading))
    for i in range(begin, last):
        found = OF_THE_WHOLE.match(lines.text, lines.starts[i], lines.ends[i])
        if own and not _CLOSES_THE_WHOLE.match(lines.text, lines.starts[i], lines.ends[i]):
            own = named or found is not None
        elif found:
            i = _signed_above(lines, i, begin)
            heads = [*heads, Head(lines.starts[i], lines.starts[i], "none", level=root + 1)]
            break
    added = [rest for rest in _below_sentences(lines, heads, last) if rest.start < heads[-1].start or heads[-1] is head]
    return sorted([*heads, *added], key=lambda head: head.start)


def _has_own_line(lines: Lines, head: Head) -> bool:
    """Return whether a heading stands on a line without text."""
    end = lines.ends[lines.at(head.end)]
    return head.heading is not None and not lines.text[head.end : end].strip(" \u3000:：")


def _signed_above(lines: Lines, i: int, begin: int) -> int:
    """Return the first line of the signature that ends above line ``i``, such as one with whom to call; else ``i``."""
    if i <= begin + 1 or not (lines.size(i - 1) <= 20 and is_date_line(lines.line(i - 1))):
        return i
    start = i - 1
    while start > begin and _is_signature(lines.line(start - 1)):
        start -= 1
    return start if start < i - 1 else i


def _below_sentences(lines: Lines, heads: list[Head], last: int) -> list[Head]:
    """Return where the text begins after siblings that are one complete sentence on one line each."""
    added: list[Head] = []
    run: list[Head] = []
    for head, after in pairwise([*heads, None]):
        if head is None:
            break
        if run and (run[-1].level != head.level or run[-1].style != head.style):
            run = []
        line = lines.at(head.end)
        end = lines.at(after.start) if after else last
        if (
            not head.number
            or head.inline
            or lines.text[lines.ends[line] - 1] not in "。；;"
            or (after is not None and after.level > head.level)
        ):
            run = []
            continue
        run.append(head)
        if end - line <= 1:
            continue
        ends = after is None or after.level < head.level or after.style != head.style
        if len(run) > 2 and ends and lines.text[lines.ends[line + 1] - 1] in "。：:":
            added.append(Head(lines.starts[line + 1], lines.starts[line + 1], "none", level=head.level))
        run = []
    return added


SIGNATURE_LINES = 15
"""Number of last lines of a document that are searched for its signature."""

_ENCLOSURES = lazy_pattern(r"附[ \u3000]*[件录表]?[ \u3000]*[:：]|(?:附件)?\d{1,2}[.．、:：]|附件\d")


_CLOSES = lazy_pattern(
    r"[抄分][送报]|主题词|(?:出席|列席|参加|参会|缺席|请假|记录)(?:人员?|单位|同志)?[:：]|公开(?:方式|属性|形式)|[（(]此件|[（(](?:主动|依申请|不予)公开|.{2,40}(?:秘书处|办公[厅室]|办|局|委)[^，。]{0,30}印发$"
)


_PRESENT = lazy_pattern(r"(?:出席|列席|参加|参会|缺席|请假)(?:人员?|单位|同志)?[:：]")
"""How the lists of names begin that end the minutes of a meeting."""


def with_signature(lines: Lines, heads: list[Head], first: int, last: int, root: int) -> list[Head]:
    """Return ``heads`` with one more for the end of a document: enclosures, issuer and date, notes of its issue."""
    if not heads:
        return heads
    after = lines.at(heads[-1].end) + (heads[-1].end > heads[-1].start)
    if after < last and _is_text_below(lines, heads[-1], after):
        after += 1
    after = max(first, after, last - SIGNATURE_LINES)
    dated = next((i for i in range(last - 1, after, -1) if lines.size(i) <= 20 and is_date_line(lines.line(i))), None)
    below = range(last - 1, after - 1, -1)
    signed = next((i for i in below if lines.size(i) <= 60 and is_signed_date(lines.line(i))), None)
    if signed is not None and (dated is None or dated < signed):
        dated = signed
    start = last if dated is None else dated
    while start > after and dated is not None and _is_signature(lines.line(start - 1)):
        start -= 1
    closing = next((i for i in range(after, start) if _CLOSES.match(lines.text, lines.starts[i], lines.ends[i])), None)
    if closing is not None and all(lines.size(i) <= 80 or _PRESENT.match(lines.line(i)) for i in range(closing, last)):
        start = closing
    if start == last or (start == dated != signed):
        return heads
    if heads[-1].start == lines.starts[start]:
        return heads
    return [*heads, Head(lines.starts[start], lines.starts[start], "none", level=root + 1)]


_ISSUER = lazy_pattern(rf".*(?:{ISSUER_ENDS}|办公?室?)(?:[（(].{{1,8}}[)）])?$")


def _is_text_below(lines: Lines, head: Head, i: int) -> bool:
    """Return whether line ``i`` is the first line of text below a heading on a line of its own."""
    line = lines.line(i)
    if head.style == "attachment" or not _has_own_line(lines, head):
        return False
    return not (_ENCLOSURES.match(line) or _CLOSES.match(line) or _ISSUER.match(line) or is_date_line(line))


def _is_signature(line: str) -> bool:
    return len(line) <= 60 and (_ENCLOSURES.match(line) is not None or line[-1:] not in "。；;：:，,！？")
