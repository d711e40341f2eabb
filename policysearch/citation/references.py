"""References in a text: articles of laws, document numbers, titles, work reports."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from policysearch.citation.catalogue import Catalogue
from policysearch.citation.cited_names import LEADS, NAME_ENDS, name_key, version_year
from policysearch.citation.section_marks import CHAIN, LIST_CHAIN, SectionMark, chain_marks
from policysearch.documents.metadata.document_numbers import normal_number
from policysearch.frozen import frozen, replace
from policysearch.gazetteer.places import names_for_filter
from policysearch.text.chinese import HAN, read_numeral
from policysearch.text.folding import fold

__all__ = ["UNMISTAKABLE", "Reference", "place_and_year", "read_references"]

_CHAIN = re.compile(CHAIN)
_LIST_CHAIN = re.compile(LIST_CHAIN)


@frozen
class Reference:
    """A place in a text that names a document, optionally with a section.

    Attributes:
        kind: ``article`` (a name with a number), ``document_number``, ``title`` (a name in 《》), ``name`` (without
            《》, of a document in the catalogue), ``report`` (a work report by place and year, also with a number).
        start: Its offset in the text, in characters; of a pronoun or a number in a row, the offset of that.
        end: Its end.
        text: As written.
        name: The name as written, without the marks around it; of a pronoun, the name that it refers to.
        number: The document number in its normal spelling.
        marks: The numbers of the section, outermost first.
        year: The year of the version, or of the report.
        place: The named place of a report, empty for the nation, None if none is named.
        defines: Whether the name is only defined as short for another.
    """

    kind: str
    start: int
    end: int
    text: str
    name: str | None = None
    number: str | None = None
    marks: tuple[SectionMark, ...] = ()
    year: int | None = None
    place: str | None = None
    defines: bool = False


_RANKS_BELOW = {"款": 6, "项": 7, "目": 8}
"""The levels below an article, outermost first."""

_LOOKED_BACK = 50  # number of references in which the name that a pronoun means is searched for
_ARTICLE_LINE = re.compile(r"^\s*第[一二三四五六七八九十百]+条", re.MULTILINE)
_BRACKET_END = re.compile(r"\([^()]{2,20}\)$")
_GAP = r"[ \t\u3000]*"
_ALIAS = re.compile(
    r'\((?:[^()]|\([^()]{0,20}\)){0,40}?(?:简称|统称|称为|称|下称)(?:为)?[:"《 ]*([^"》《()]{1,20})["》 ]*\)'
)
_YEAR_BEHIND = re.compile(
    r"\(((?:19|20)\d\d)(?:[-./]\d{1,2}(?:[-./]\d{1,2})?|年?(?:\d{1,2}月(?:\d{1,2}日)?)?)"
    r"(?:第?[^()]{0,3}次)?(?:修正|修订|修改|版|本|公布|通过|施行)?(?:本|版)?\)"
)
_YEAR_BEFORE = re.compile(r"((?:19|20)\d\d)年?(?:版|修正|修订|修改|公布|通过|施行|制定)?的?[ ]*$")
_BRACKET = re.compile(r"\([^()]{0,60}(?:\([^()]{0,40}\)[^()]{0,60}){0,3}\)")
_BETWEEN = re.compile(rf"{_GAP}(?:中的?|的|之)?{_GAP}")
_ROW = re.compile(rf"{_GAP}(?:(?:但书|前段|后段|各款|各项){{1,2}}{_GAP})?(?:[、,和与及或至到-]|以及|直至|或者){_GAP}")
_STANDS_ALONE = re.compile(rf'(?:[,。;:!?\0]"?|[本该同]条|其|依照|按照|根据|依据){_GAP}$')
_PRONOUN = re.compile(rf"(该|本|上述|前述|此|(?<!合)同|这一|这部|上引|前引)({NAME_ENDS})$")
_BARE = re.compile(rf"[{HAN}《》〈〉、()]{{2,40}}$")
_NUMBER = re.compile(
    r"(?:[({] *((?:19|20)\d\d) *年? *[)}]|(?<=告)[({] *((?:19|20)\d\d) *年|((?:19|20)\d\d) *年) *第? *([0-9]{1,5}) *号"
)
_UNMARKED_CODE = re.compile("[发函字规告复批电文释办]$")  # words that precede a year without brackets
_LEADS_TO_CODE = re.compile(
    "[的和与据照按于见由从了为还、 ]|落实|贯彻|执行|发布|印发|下发|出台|政府(?!令)|(?<=省)委|(?<=市)委"
)
_ORDER = re.compile(
    rf"([{HAN}、]{{2,40}}令)(?: *[({{]?((?:19|20)\d\d) *年? *[)}}]?)?"
    r" *第? *([0-9]{1,5}|[一二三四五六七八九十百零〇]{1,7}) *号"
)
_CODE = re.compile(rf"[A-Za-z{HAN}、 ]{{1,30}}$")
_REPORT = re.compile(r"政府工作报告")
_REPORT_YEAR = re.compile(r"((?:19|20)\d\d|[一二][〇零九]?[〇零一二三四五六七八九]{2,3}) *年度?")
_BARE_NAME_END = re.compile(
    rf"(?:{NAME_ENDS})(?!实施|典|[律院人官庭治制学]|规(?!定)|[{HAN}]{{0,6}}(?:解释|条例|办法|细则))"
)
_GENERIC = re.compile(rf"(?:实施|行动|工作|指导|若干|管理|暂行|总体|具体|有关)*(?:{NAME_ENDS})$")
# laws that are cited most, which are not the ends of other names
UNMISTAKABLE = (
    r"(?:中华人民共和国)?(?:刑法|宪法|民法典|(?:民事|刑事|行政)诉讼法|劳动合同法|企业破产法|企业所得税法|国家赔偿法|行政处罚法"
    r"|行政许可法|行政复议法|行政强制法|治安管理处罚法|道路交通安全法|反垄断法|反不正当竞争法|著作权法|商标法|专利法|海商法|票据法)"
)
"""A pattern for names of laws."""
_UNMISTAKABLE = re.compile(rf"{UNMISTAKABLE}$")


def read_references(text: str, catalogue: Catalogue, *, names: bool = True, following: bool = False) -> list[Reference]:
    """Return the references in a text, in order; none overlap except a report within a title.

    Names without 《》 are read before a number and, if ``names``, also if the catalogue contains them. A pronoun (该法,
    本条例) is read if only one name can be meant, else ignored.

    Args:
        text: As written. Characters to ignore may be replaced by ``\\0``.
        catalogue: Finds the starts of names without marks, and of codes of document numbers.
        names: Whether names without 《》 and without a number are read.
        following: Whether a number alone (第三款, 第十一条) after an article in its paragraph is of the same statute.
    """
    return _Reader(text, catalogue, following).read(names)


class _Reader:
    """Reads the references of one text."""

    def __init__(self, text: str, catalogue: Catalogue, following: bool = False) -> None:
        self._text = text
        self._following = following
        self._folded = fold(text)
        self._catalogue = catalogue
        self._aliases: dict[str, str] = {}
        self._taken = bytearray(len(text))
        self._statute = len(_ARTICLE_LINE.findall(text)) > 2
        self._named: list[Reference] = []  # titles, numbers and reports, in order
        self._ends: list[int] = []
        self._articles: list[Reference] = []
        self._absorbed: set[int] = set()  # starts of titles that are part of an article's reference

    def read(self, names: bool) -> list[Reference]:
        titles = list(self._titles())
        self._take(titles)
        numbers = [one for one in self._document_numbers() if not self._taken[one.start]]
        reports = list(self._reports(titles))
        covered = {one.start for one in titles for report in reports if report.start <= one.start < report.end}
        titles = [one for one in titles if one.start not in covered]
        self._take([*numbers, *reports])
        self._named = sorted([*titles, *numbers, *reports], key=lambda one: (one.start, one.end))
        self._ends = [one.end for one in self._named]
        self._add_articles()
        self._take(self._articles)
        kept = (one for one in self._named if one.kind == "document_number" or one.start not in self._absorbed)
        found = [*kept, *self._articles]
        if names:
            found += self._known_names()
        return sorted(found, key=lambda one: (one.start, one.end))

    def _take(self, references: Sequence[Reference]) -> None:
        for one in references:
            self._taken[one.start : one.end] = b"\1" * (one.end - one.start)

    # titles

    def _titles(self) -> Iterator[Reference]:
        folded = self._folded
        depth = start = 0
        for mark in re.finditer("[《》]", folded):
            if mark[0] == "《":
                if depth and mark.start() - start > 120:
                    depth = 0
                if not depth:
                    start = mark.start()
                depth += 1
            elif depth:
                depth -= 1
                if not depth and mark.end() - start > 3:
                    yield self._title(start, mark.end())

    def _title(self, start: int, end: int) -> Reference:
        name = self._text[start + 1 : end - 1]
        year = version_year(name)
        if year is None and not self._catalogue.knows(name_key(name)):  # 《某某法（2018-12-29）》
            edge, year = self._version_before(end - 1)
            name = self._text[start + 1 : edge]
        behind = _YEAR_BEHIND.match(self._folded, end)
        before = _YEAR_BEFORE.search(self._folded, max(0, start - 16), start)
        if year is None and (behind or before):
            year = int((behind or before)[1])  # type: ignore[index]
        bracket = _ALIAS.match(self._folded, end) or (behind and _ALIAS.match(self._folded, behind.end()))
        defines = False
        if bracket:
            self._aliases[name_key(bracket[1])] = name
        else:
            lead = self._folded[max(0, start - 12) : start]
            defines = bool(re.search(r'(?:以下|下文|\()[^()]{0,4}(?:简称|统称|称为|称|下称)为?[:"]?$|下称[:"]?$', lead))
        return Reference("title", start, end, self._text[start:end], self._aliased(name), year=year, defines=defines)

    def _aliased(self, name: str) -> str:
        key = name_key(name)
        return name if self._catalogue.knows(key) else self._aliases.get(key, name)

    # document numbers

    def _document_numbers(self) -> Iterator[Reference]:
        at = 0
        for order in _ORDER.finditer(self._folded):
            body = self._code(order[1])
            if order.start() and self._folded[order.start() - 1].isdigit():
                body = body.removeprefix("日")
            body = body.removeprefix("原")
            number = normal_number(f"{body}{(order[2] and order[2] + '年') or ''}第{order[3]}号") or normal_number(
                f"{body}〔{order[2]}〕{order[3]}号"
            )
            if number and len(body) > 2:
                start = order.start() + len(order[1]) - len(body)
                yield Reference("document_number", start, order.end(), self._text[start : order.end()], number=number)
        for found in _NUMBER.finditer(self._folded):
            run = _CODE.search(self._folded, max(at, found.start() - 30), found.start())
            at = found.end()
            if not run or run[0].rstrip().endswith("令"):
                continue
            year = found[1] or found[2] or found[3]
            bracketed = f"〔{year}〕{found[4]}号"
            known = self._catalogue.number_before(self._folded, found.start(), bracketed)
            code = self._folded[known : found.start()] if known is not None else self._code(run[0])
            code = code.strip()
            if known is None and found[3] and not _UNMARKED_CODE.search(code):
                continue
            notice = f"{code}{year}年第{found[4]}号" if code.endswith(("公告", "通告")) else None
            number = normal_number(notice or code + bracketed)
            if number and 1 < len(code.replace(" ", "")) <= 40:
                begin = self._folded.index(code, run.start() if known is None else known)
                yield Reference("document_number", begin, found.end(), self._text[begin : found.end()], number=number)

    @staticmethod
    def _code(run: str) -> str:
        """Return the end of a run that may be a code: after the last word that only introduces one."""
        run = run.strip().rpartition("中华人民共和国")[2]
        leads = [lead.end() for lead in _LEADS_TO_CODE.finditer(run) if lead.end() + 1 < len(run)]
        return run[leads[-1] :] if leads else run

    # work reports

    def _reports(self, titles: Sequence[Reference]) -> Iterator[Reference]:
        folded = self._folded
        for found in _REPORT.finditer(folded):
            start, end = found.span()
            title = next((one for one in titles if one.start < start and end <= one.end), None)
            if title and title.end > end + 1 + (folded[end : end + 2] == "摘要") * 2:
                continue  # a title that only mentions one
            if title:
                end = title.end
            first = max(0, start - 40)
            lead: str = _STOP_BEFORE.split(folded[first:start])[-1].rstrip("《").removesuffix("人民")
            if title and title.start > start - len(lead) - 1:
                lead = folded[max(first, title.start + 1) : start].removesuffix("人民")
                if not lead:  # 广东省2025年《政府工作报告》
                    lead = _STOP_BEFORE.split(folded[first : title.start])[-1]
            place, year, length = place_and_year(lead)
            if year is None and place is None:
                continue
            at = folded.rfind(lead, first, start) + len(lead) - length if length else start
            at = min(at, title.start) if title else at
            yield Reference("report", at, end, self._text[at:end], place=place, year=year)

    # articles

    def _add_articles(self) -> None:
        for one in self._named:
            listed = self._list_marks(one)
            if listed:
                self._put(listed)
                self._take([listed])  # 第四部分 is no other reference
        last: Reference | None = None
        for chain in _CHAIN.finditer(self._folded):
            start, end = chain.span()
            marks = chain_marks(chain[0])
            if self._taken[start] or not marks:
                continue
            one_more: Reference | None = None
            if last and _ROW.fullmatch(self._folded, last.end, start):
                one_more = self._with_marks_of(last, start, end, marks)
            elif marks[0].unit not in _RANKS_BELOW:
                one_more = self._with_name(start, end, marks)
            if self._following and not one_more:
                one_more = self._after_article(start, end, marks)
            if one_more:
                self._put(one_more)
            last = one_more

    def _put(self, one: Reference) -> None:
        self._absorbed.add(one.start)
        self._articles.append(one)

    def _after_article(self, start: int, end: int, marks: tuple[SectionMark, ...]) -> Reference | None:
        """Return a number alone as one of the statute of the article before it: 第十条规定，……。第十一条规定，……。"""
        last = next((one for one in self._before(start) if one.kind == "article"), None)
        if self._statute or not last or last.marks[0].unit != "条" or not self._is_alone(start):
            return None
        named = bisect_right(self._ends, start) - 1
        if "\n" in self._folded[last.end : start] or (named >= 0 and self._named[named].start >= last.end):
            return None
        return self._with_marks_of(last, start, end, marks) if marks[0].unit in ("条", *_RANKS_BELOW) else None

    def _with_marks_of(self, last: Reference, start: int, end: int, marks: tuple[SectionMark, ...]) -> Reference:
        """Return a number with the name of the article before it, and with its article if the number is below one."""
        if own := _RANKS_BELOW.get(marks[0].unit):
            marks = (*(mark for mark in last.marks if _RANKS_BELOW.get(mark.unit, 0) < own), *marks)
        return replace(last, start=start, end=end, text=self._text[start:end], marks=marks)

    def _is_alone(self, start: int) -> bool:
        return _STANDS_ALONE.search(self._folded, max(0, start - 8), start) is not None

    def _list_marks(self, title: Reference) -> Reference | None:
        """Return a title, a number or a report with the numbers after it: 三、（二）."""
        if title.defines:
            return None
        found = _LIST_CHAIN.match(self._folded, self._places_behind(title)[1])
        if not found or not found[0] or found[0].startswith("("):
            return None
        if title.kind == "report" and not found[0].startswith("第"):  # 政府工作报告 一、: a heading
            return None
        marks = chain_marks(found[0])
        whole = self._text[title.start : found.end()]
        if not marks:
            return None
        if title.kind == "report":
            return replace(title, end=found.end(), text=whole, name=title.text.strip("《》"), marks=marks)
        return replace(title, kind="article", end=found.end(), text=whole, marks=marks)

    def _behind(self, reference: Reference) -> int:
        """Return where the parts that belong to a name may begin: after brackets and 的."""
        at = reference.end
        while bracket := _BRACKET.match(self._folded, at):
            at = bracket.end()
        between = _BETWEEN.match(self._folded, at)
        return between.end() if between else at

    def _places_behind(self, reference: Reference) -> tuple[int, int]:
        """Return where the number of a section may begin: as ``_behind``, and after the rest of a citation, if any."""
        at = self._behind(reference)
        cited = None if reference.kind == "document_number" else _NUMBER_AND_DAY.match(self._folded, at)
        return at, cited.end() if cited else at

    def _with_name(self, start: int, end: int, marks: tuple[SectionMark, ...]) -> Reference | None:
        at = bisect_right(self._ends, start) - 1
        nearest = self._named[at] if at >= 0 else None
        titled = self._named[at - 1] if at > 0 else None
        numbered = nearest and nearest.kind == "document_number" and titled and titled.kind == "title"
        if titled and numbered and start in self._places_behind(titled):
            nearest = titled  # 《…》（国发〔2018〕41号）第五条
        if nearest and nearest.kind in ("title", "document_number") and start in self._places_behind(nearest):
            whole = self._text[nearest.start : end]
            return replace(nearest, kind="article", end=end, text=whole, marks=marks)
        if nearest and nearest.kind == "report" and start - nearest.end < 3:
            return None
        edge = start
        while edge and self._folded[edge - 1] in " \t\u3000":
            edge -= 1
        edge, year = self._version_before(edge)
        short = _ALIAS.fullmatch(self._folded, max(0, self._folded.rfind("(", 0, edge)), edge)
        if short:  # 某某法（以下简称本法）第五条
            edge = short.start()
        name_start = self._catalogue.name_before(self._folded, edge, self._aliases)
        if name_start is None:
            found = self._by_pronoun(start, end, marks, edge) or self._by_guess(start, end, marks, edge)
            if found and short and found.name:
                self._aliases[name_key(short[1])] = found.name
            return found
        if year is None and (stated := _YEAR_BEFORE.search(self._folded, max(0, name_start - 16), name_start)):
            year = int(stated[1])
        name = self._aliased(self._text[name_start:edge])
        if short:
            self._aliases[name_key(short[1])] = name
        return Reference("article", name_start, end, self._text[name_start:end], name, marks=marks, year=year)

    def _version_before(self, edge: int) -> tuple[int, int | None]:
        """Return where the version in brackets that ends at an offset begins, and its year; without one the offset."""
        bracket = _BRACKET_END.search(self._folded, max(0, edge - 22), edge)
        stated = bracket and _YEAR_BEHIND.fullmatch(bracket[0])
        return (bracket.start(), int(stated[1])) if bracket and stated else (edge, None)

    def _by_pronoun(self, start: int, end: int, marks: tuple[SectionMark, ...], edge: int) -> Reference | None:
        pronoun = _PRONOUN.search(self._folded, max(0, edge - 8), edge)
        if not pronoun:
            return None
        if (key := name_key(pronoun[0])) in self._aliases:  # 以下简称本法
            at = pronoun.start()
            return Reference("article", at, end, self._text[at:end], self._aliases[key], marks=marks)
        if pronoun[1] == "本" and self._statute:
            return None
        ends = ("法", "法典") if pronoun[2] == "法" else pronoun[2]  # 民法典 is 该法 too
        meant = [one for one in self._before(start) if one.name and name_key(one.name).endswith(ends)]
        if not meant:
            return None
        last = meant[0]
        begin = max(self._folded.rfind(mark, 0, last.start) for mark in "。\n")
        if len({name_key(one.name or "") for one in meant if one.start > begin}) > 1:
            return None  # two candidates in one sentence
        at = pronoun.start()
        return Reference("article", at, end, self._text[at:end], last.name, marks=marks, year=last.year)

    def _before(self, start: int) -> list[Reference]:
        """Return the last references that end before a place, nearest first."""
        at = bisect_right(self._ends, start)
        near = [*self._named[max(0, at - _LOOKED_BACK) : at], *self._articles[-_LOOKED_BACK:]]
        return sorted((one for one in near if one.end <= start), key=lambda one: one.end, reverse=True)

    def _by_guess(self, start: int, end: int, marks: tuple[SectionMark, ...], edge: int) -> Reference | None:
        run = _BARE.search(self._folded, max(0, edge - 40), edge)
        if not run or not re.search(rf"(?:{NAME_ENDS}|[通准]则|规程)$", run[0]) or _PRONOUN.search(run[0]):
            return None
        if shortest := _UNMISTAKABLE.search(run[0]):  # 不影响刑法第一百九十一条
            at = run.start() + shortest.start()
            return Reference("article", at, end, self._text[at:end], self._text[at:edge], marks=marks)
        name = run[0]
        at = run.start()
        for size in range(1, len(name) - 2):
            if LEADS.search(name[:size]) and not LEADS.search(name[: size + 1]):
                at = run.start() + size
        guess = self._text[at:edge]
        if (
            len(guess) < 3
            or marks[-1].unit == "附件"
            or not re.search("(?:法|法典|条例|规定|办法|[细通规准]则|规程|解释)$", self._folded[at:edge])
        ):
            return None
        return Reference("article", at, end, self._text[at:end], guess, marks=marks)

    def _known_names(self) -> Iterator[Reference]:
        for found in _BARE_NAME_END.finditer(self._folded):
            if self._taken[found.start()]:
                continue
            start = self._catalogue.name_before(self._folded, found.end(), self._aliases)
            if start is None or found.end() - start < 3 or any(self._taken[start : found.end()]):
                continue
            if not _GENERIC.fullmatch(self._folded, start, found.end()):
                name = self._aliased(self._text[start : found.end()])
                yield Reference("name", start, found.end(), self._text[start : found.end()], name)


# the parts of a citation between a title and a section: ，国办发〔2018〕126号，2018年12月24日，第二部分（三）
_NUMBER_AND_DAY = re.compile(
    rf"(?:,{_GAP}[{HAN}A-Za-z]{{2,20}}\((?:19|20)\d\d\)\d{{1,5}}号)?"
    rf"(?:,{_GAP}(?:19|20)\d\d年(?:\d{{1,2}}月(?:\d{{1,2}}日)?)?)?,{_GAP}(?=第)"
)
_STOP_BEFORE = re.compile(r'[。;!?:,，"()\n\x00》]')


# A place that is not in the table, after a year or a word that only introduces it.
_UNKNOWN_PLACE = re.compile(rf"(?:^|年度?|根据|[的和与在从对按据见])((?:(?![和与])[{HAN}]){{2,10}}?[省市县区州盟旗])$")


def place_and_year(lead: str) -> tuple[str | None, int | None, int]:
    """Return the place and the year at the end of the text before 政府工作报告, and their length."""
    rest = lead.rstrip(" 的《").removesuffix("人民政府")
    place: str | None = None
    year: int | None = None
    for _ in range(2):
        if year is None:
            found = _REPORT_YEAR.search(rest, max(0, len(rest) - 8))
            if found and found.end() == len(rest):
                year = read_numeral(found[1].replace(" ", ""))
                rest = rest[: found.start()].rstrip(" 的")
        if place is None:
            for size in range(min(14, len(rest)), 1, -1):
                name = rest[-size:]
                if name in ("国务院", "全国", "国家", "中央人民", "中央"):
                    place = ""
                elif names_for_filter(name.removesuffix("人民政府")):
                    place = name.removesuffix("人民政府")
                if place is not None:
                    rest = rest[:-size].rstrip(" 的")
                    break
            unknown = _UNKNOWN_PLACE.search(rest) if place is None else None
            if unknown:
                place = unknown[1]
                rest = rest[: unknown.start(1)].rstrip(" 的")
    return place, year, len(lead) - len(rest) if place is not None or year is not None else 0
