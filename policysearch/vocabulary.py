"""The controlled vocabulary, declared once: fields, filters, and fields with a fixed set of values.

Options, help texts, the query language, topics, tables and engines use these
declarations. A filter added to ``FILTERS`` becomes an option of every command
with filters, a field of the query language and of JSON topics, a column of the
index and, if declared so, a field to list and to count by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policysearch.frozen import frozen

__all__ = [
    "COUNT_FIELDS",
    "DOCUMENT_FIELDS",
    "DOCUMENT_SORTS",
    "FACET_FIELDS",
    "FILTERS",
    "FILTER_COLUMNS",
    "GROUPS",
    "LEVELS",
    "LIST_FIELDS",
    "MATCH_MODES",
    "NAMES_FIELD",
    "NATION",
    "NATIONAL_LEADS",
    "PARTS",
    "PLACES",
    "SORTS",
    "STATUSES",
    "TEXT_FIELDS",
    "TWINS",
    "TYPES",
    "Filterable",
    "alternatives",
    "field_order",
    "fields_named",
    "filter_named",
    "meanings",
]

TYPES = (
    "政府工作报告",
    "通知",
    "意见",
    "决定",
    "批复",
    "规划",
    "法律",
    "行政法规",
    "地方性法规",
    "规章",
    "规范性文件",
    "司法解释",
    "报告",
    "公报",
    "公告",
    "通告",
    "通报",
    "令",
    "函",
    "方案",
    "其他",
)
"""Types of documents; the last is any other."""

LEVELS = ("国家", "省级", "地级", "县级")
"""Levels of government, from the highest."""

STATUSES = ("有效", "已修改", "已废止", "尚未生效")
"""Statuses of validity."""

PARTS = ("preamble", "review", "plan", "targets", "self_building", "glossary", "body", "attachment")
"""Parts of a document that a section belongs to."""

DOCUMENT_FIELDS = (
    "document_id",
    "title",
    "type",
    "issuer",
    "document_number",
    "region",
    "region_code",
    "city",
    "province",
    "level",
    "year",
    "date",
    "speaker",
    "status",
    "version",
    "effective",
    "expires",
    "url",
    "source",
    "encoding",
    "sha256",
    "duplicate_of",
    "inferred",
)
"""The metadata fields of a document, in the order of every output."""

MATCH_MODES = ("auto", "all", "any", "exact")
"""Matching modes of a query."""

SORTS = ("score", "date", "-date", "year", "-year", "document")
"""Orders of hits; a minus means latest first."""

DOCUMENT_SORTS = ("document", "date", "-date", "year", "-year", "title", "-sections")
"""Orders of documents; a minus means latest or largest first."""

GROUPS = ("section", "document")
"""Units of a hit."""

DUPLICATES = ("fold", "show", "hide")
"""Treatments of sections of documents with equal text: show the first for all; show all; ignore copies."""

TEXT_FIELDS = ("heading", "title")
"""Text fields of the query language."""

TWINS = {"标题": "title"}
"""The Chinese names of the text fields."""


NAMES_FIELD = "names"
"""The field of the query language that matches any of the names of a thing."""


@frozen
class Filterable:
    """A filter.

    Attributes:
        name: The name, as in ``--name VALUE`` and ``name:VALUE``.
        help: Help text, which follows "Filter by".
        kind: How its values are compared: ``value`` (equal when folded), ``place`` (any name of it), ``bodies``
            (a list with an equal item), ``years`` (ranges), ``since``, ``until`` or ``as-of`` (a day; options only),
            ``documents`` (a pattern of ids and paths), ``latest`` (true or false).
        field: The document's field that is compared; ``part`` is a field of sections, ``when`` the date, or the year
            when there is no date.
        twin: The Chinese name, for the query language.
        values: All values, if they are a fixed set.
        short: Other names of these values, each with the values that it stands for.
        list_by: Whether documents can be listed by it.
        count_by: Whether terms can be counted by it.
    """

    name: str
    help: str
    kind: str
    field: str
    twin: str = ""
    values: tuple[str, ...] = ()
    short: Mapping[str, tuple[str, ...]] = {}
    list_by: bool = True
    count_by: bool = False


def alternatives(values: Sequence[str], word: str = "or") -> str:
    """Return values joined for a sentence: A, B or C."""
    return f" {word} ".join(filter(None, (", ".join(values[:-1]), values[-1])))


def _stand_for(names: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Return each short name with the values that it stands for."""
    found: dict[str, tuple[str, ...]] = {}
    for value, short in names.items():
        for name in short.split():
            found[name] = (*found.get(name, ()), value)
    return found


_SHORT_TYPES = _stand_for(
    {
        "政府工作报告": "工作报告",
        "法律": "法",
        "行政法规": "法规 条例",
        "地方性法规": "法规 条例 地方法规",
        "规章": "部门规章 地方政府规章",
        "规范性文件": "规范",
        "司法解释": "解释",
        "规划": "纲要 规划纲要",
        "令": "命令",
        "方案": "实施方案 工作方案",
    }
)

_SHORT_LEVELS = _stand_for(
    {
        "国家": "国 全国 中央 国家级",
        "省级": "省 自治区 直辖市",
        "地级": "市 州 盟 地市 地市级 市级 地级市",
        "县级": "县 区 旗 县区 区县 区级 县级市",
    }
)

_SHORT_STATUSES = _stand_for(
    {"有效": "现行 现行有效", "已修改": "修改 修订 已修订", "已废止": "废止 失效 已失效", "尚未生效": "未生效"}
)

_SHORT_PARTS = _stand_for(
    {
        "preamble": "序言 前言 导言 开头",
        "review": "回顾 工作回顾 总结",
        "plan": "计划 安排 工作安排 重点工作 任务 部署",
        "targets": "目标 预期目标 主要预期目标 主要目标",
        "self_building": "自身建设 政府自身建设 政府建设",
        "glossary": "名词解释 术语 注释 名词",
        "body": "正文",
        "attachment": "附件 附录",
    }
)

FILTERS = (
    Filterable("region", "place, by its full or a short name", "place", "region", "地区", count_by=True),
    Filterable("city", "city or prefecture, with everything under it", "place", "city", "城市", count_by=True),
    Filterable("province", "province, with everything under it", "place", "province", "省份", count_by=True),
    Filterable(
        "level", f"level: {alternatives(LEVELS)}", "value", "level", "级别", LEVELS, _SHORT_LEVELS, count_by=True
    ),
    Filterable("year", "year: 2023, or years: 2020..2024", "years", "year", "年份", count_by=True),
    Filterable("since", "date, from this day on: 2023, 2023-01 or 2023-01-31", "since", "when", list_by=False),
    Filterable("until", "date, up to this day", "until", "when", list_by=False),
    Filterable("type", f"type: {alternatives(TYPES)}", "value", "type", "类型", TYPES, _SHORT_TYPES, count_by=True),
    Filterable("issuer", "issuer (发文机关)", "bodies", "issuer", "发文机关", count_by=True),
    Filterable(
        "number", "document number (发文字号), in any spelling", "value", "document_number", "文号", list_by=False
    ),
    Filterable(
        "part",
        f"part of the document: {alternatives(PARTS)}",
        "value",
        "part",
        "部分",
        PARTS,
        _SHORT_PARTS,
        count_by=True,
    ),
    Filterable(
        "status",
        f"status: {alternatives(STATUSES)}",
        "value",
        "status",
        "状态",
        STATUSES,
        _SHORT_STATUSES,
        count_by=True,
    ),
    Filterable(
        "latest",
        "validity: no version that another one superseded",
        "latest",
        "status",
        "",
        ("true", "false"),
        list_by=False,
    ),
    Filterable(
        "as-of", "validity: in force on this day, as far as the collection tells", "as-of", "when", list_by=False
    ),
    Filterable(
        "document", "id or path of the document, a pattern with * and ?", "documents", "document_id", list_by=False
    ),
)
"""All filters. A filter on a field that is not yet a column of the index needs a new index format."""

_BY_NAME = {one.name: one for one in FILTERS}

PLACES = tuple(one.field for one in FILTERS if one.kind == "place")
"""Fields whose values are places, narrowest first."""

NATION = "全国"
"""The value for the place of national documents, which have none, in groups by place."""

NATIONAL_LEADS = ("", "国务院", "全国", "国家", "中央")
"""The words that stand before the name of a national document instead of a place."""

FILTER_COLUMNS = tuple(
    name for name in DOCUMENT_FIELDS if name in {one.field for one in FILTERS if one.kind != "documents"}
)
"""Fields of documents that filters compare."""

FACET_FIELDS = tuple(one.field for one in FILTERS if one.list_by)
"""Fields by whose values an answer can be counted."""

LIST_FIELDS = (*FACET_FIELDS, "encoding")
"""Fields by whose values documents can be listed."""

COUNT_FIELDS = (*(one.field for one in FILTERS if one.count_by), "month", "document")
"""Fields by whose values terms can be counted; a document's is its id."""


def filter_named(name: str) -> Filterable | None:
    """Return the filter with this name, or None."""
    return _BY_NAME.get(name) or _BY_NAME.get(name.replace("_", "-"))


def fields_named(listed: str) -> list[str]:
    """Return the fields of a list separated by commas, by their names or their Chinese twins; other names as they are.

    >>> fields_named("省份，year,month")
    ['province', 'year', 'month']
    """
    fields = {one.twin: one.field for one in FILTERS if one.twin}
    return [fields.get(name, name) for name in map(str.strip, listed.replace("，", ",").split(","))]


def field_order(name: str, value: Any) -> tuple[int, Any]:
    """Return the sort key of a value of a field: fixed values are in their declared order, before any other.

    >>> sorted(["省级", "国家", "县级"], key=lambda level: field_order("level", level))
    ['国家', '省级', '县级']
    """
    declared = filter_named(name)
    fixed = declared.values if declared else ()
    return (fixed.index(value) if value in fixed else len(fixed), value)


def meanings(declared: Filterable, value: str) -> tuple[str, ...]:
    """Return the values of a fixed set that a reduced value names, itself or by another name; () for none."""
    if value in declared.values:
        return (value,)
    return declared.short.get(value, ())
