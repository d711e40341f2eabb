"""The tools for agents: names, descriptions, arguments and results, as concise JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policysearch.frozen import frozen
from policysearch.vocabulary import COUNT_FIELDS, FACET_FIELDS, FILTERS, MATCH_MODES, SORTS

__all__ = ["LONGEST_DRAFT", "LONGEST_QUERY", "LONGEST_TEXT", "TOOLS", "Tool"]

LONGEST_TEXT = 20_000
"""Maximum number of characters that ``show`` returns at once."""

LONGEST_DRAFT = 100_000
"""Maximum number of characters of a draft."""

LONGEST_QUERY = 2_000
"""Maximum number of characters of any other text; not stated in the schemas, to keep them small."""

_MOST = 50

Schema = Mapping[str, Any]


@frozen
class Tool:
    """A tool.

    Attributes:
        name: Its name.
        description: A description of its function and result, for an agent.
        arguments: JSON Schema of its arguments.
        result: JSON Schema of its structured result.
    """

    name: str
    description: str
    arguments: Schema
    result: Schema


def _text(description: str = "", *, most: int | None = None) -> Schema:
    about = {"description": description} if description else {}
    return {"type": "string", **({"maxLength": most} if most else {}), **about}


def _number(least: int, most: int, default: int, description: str = "") -> Schema:
    about = {"description": description} if description else {}
    return {"type": "integer", "minimum": least, "maximum": most, "default": default, **about}


def _one_of(values: Any, default: str | None = None) -> Schema:
    return {"enum": list(values), **({"default": default} if default else {})}


def _list(items: Schema, most: int = _MOST, description: str = "", least: int = 0) -> Schema:
    about = {"description": description} if description else {}
    return {"type": "array", "items": items, "maxItems": most, **({"minItems": least} if least else {}), **about}


_ALL_FILTERS = {
    "type": "object",
    "description": "A value, or a list of which any will do, of each.",
    "propertyNames": {"enum": [one.name for one in FILTERS]},
}
_FILTERS = {"type": "object"}  # as in coverage
_PAGE = {"limit": _number(1, _MOST, 10), "offset": {"type": "integer", "minimum": 0}}
_WHERE = _text("Query: only in its sections.")

_KINDS: Mapping[str, Any] = {
    "text": {"type": "string"},
    "text?": {"type": ["string", "null"]},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "integer?": {"type": ["integer", "null"]},
    "boolean": {"type": "boolean"},
    "object": {"type": "object"},
    "objects": {"type": "array"},
    "texts": {"type": "array", "items": {"type": "string"}},
}


def _object(**kinds: Any) -> Schema:
    """Return the schema of an object; properties that may be null are not required, further ones are allowed."""
    properties = {name: _KINDS[kind] if isinstance(kind, str) else kind for name, kind in kinds.items()}
    required = [name for name, kind in kinds.items() if not str(kind).endswith("?")]
    return {"type": "object", "properties": properties, "required": required}


def _objects(**kinds: Any) -> Schema:
    """Return the schema of a list of objects, whose only required properties are those of a quotation."""
    schema = _object(**kinds)
    required = [name for name in schema["required"] if kinds.get(name) == _QUOTE.get(name, "")]
    items = {**schema, "required": required}
    if not required:
        del items["required"]
    return {"type": "array", "items": items}


_QUOTE = {
    "citation": "text",
    "section_id": "text",
    "start": "integer",
    "end": "integer",
    "text": "text",
    "sha256": "text",
}
"""A quotation: ``text`` is the section's text from ``start`` to ``end``; the hash is that of its UTF-8 bytes."""

_PAGED = {"searched": "object", "total": "integer", "next": "integer?", "note": "text?"}


def _arguments(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
    }


TOOLS = (
    Tool(
        "coverage",
        "What is indexed and what is missing: documents by year, type, level and province, unread sources, years "
        "without a work report. Call it first. 索引里有什么、缺什么；先调用。",
        _arguments(filters=_ALL_FILTERS),
        _object(
            searched=_object(documents="integer", sections="integer", generation="integer", failed_sources="integer"),
            values="object",
            unknown="object",
            failed="objects",
            skipped="integer",
            missing_reports="objects",
        ),
    ),
    Tool(
        "search",
        "Sections that match a query, best first, each with a verbatim excerpt. 检索章节。 Query language: "
        "优化 营商环境 (both), “营商环境” (exact), A OR B, -A, (…), heading:A, region:乌海市, year:2020..2024, "
        "句(A B), 段(A B), A ~10 B; "
        "plain: no operators.",
        _arguments(
            ("query",),
            query=_text(),
            match=_one_of(MATCH_MODES, "auto"),
            plain={"type": "boolean"},
            filters=_FILTERS,
            sort=_one_of(SORTS, "score"),
            facets=_list(_one_of(FACET_FIELDS), len(FACET_FIELDS), "Count all hits by these."),
            **_PAGE,
        ),
        _object(
            **_PAGED,
            match="text",
            relaxed="boolean",
            hits=_objects(**_QUOTE, rank="integer", matches="integer", exact="boolean"),
        ),
    ),
    Tool(
        "show",
        "Verbatim text of a section or document, with offsets. truncated: call again with offset = next. 逐字原文。",
        _arguments(
            ("id",),
            id=_text("Section id or document id."),
            offset=_PAGE["offset"],
            limit=_number(1, LONGEST_TEXT, 6_000, "Characters."),
        ),
        _object(
            id="text",
            citation="text",
            path="texts",
            start="integer",
            end="integer",
            length="integer",
            text="text",
            sha256="text",
            truncated="boolean",
            next="integer?",
            before="text?",
            after="text?",
            document="object",
            sections="objects",
        ),
    ),
    Tool(
        "outline",
        "The headings of a document with section ids. 文件结构。",
        _arguments(("id",), id=_text("Document id."), limit=_number(1, 500, 200), offset=_PAGE["offset"]),
        _object(
            document="object",
            total="integer",
            next="integer?",
            sections=_objects(section_id="text", path="texts", level="integer", part="text", length="integer"),
        ),
    ),
    Tool(
        "count",
        "Exact figures: occurrences, sections and documents of literal terms, by fields. 词频统计。",
        _arguments(
            ("terms",),
            terms=_list(_text(), least=1),
            by=_list(_one_of(COUNT_FIELDS), 3),
            where=_WHERE,
            filters=_FILTERS,
            limit=_number(1, 500, 100),
            offset=_PAGE["offset"],
        ),
        _object(
            **_PAGED,
            rows=_objects(
                term="text",
                occurrences="integer?",
                sections="integer?",
                documents="integer?",
            ),
        ),
    ),
    Tool(
        "kwic",
        "Every occurrence of a literal phrase in its context. 逐条语境。",
        _arguments(
            ("phrase",),
            phrase=_text(),
            width=_number(0, 400, 60, "Columns of context on each side."),
            where=_WHERE,
            filters=_FILTERS,
            **_PAGE,
        ),
        _object(**_PAGED, lines=_objects(**_QUOTE, left="text", match="text", right="text")),
    ),
    Tool(
        "cite",
        "How sections or documents are cited, as text and CSL-JSON. 引文格式。",
        _arguments(("ids",), ids=_list(_text(), least=1)),
        _object(citations=_objects(id="text", citation="text", csl="object", length="integer", sha256="text")),
    ),
    Tool(
        "verify",
        "Check quotations, articles and document numbers of a draft, or one quotation, against the documents, before "
        "quoting. Only verbatim and folded are word for word. 核对引文。",
        _arguments(
            text=_text("A draft.", most=LONGEST_DRAFT),
            quote=_text("Or one quotation…", most=LONGEST_TEXT),
            source=_text("…and the document that it is said to be from."),
            filters=_FILTERS,
        ),
        _object(
            searched="object",
            note="text?",
            claims=_objects(
                kind="text",
                claim="text",
                verdict="text",
                citation="text?",
                section_id="text?",
                start="integer?",
                end="integer?",
                text="text?",
                sha256="text?",
                changes="objects",
            ),
        ),
    ),
    Tool(
        "compare",
        "Two documents, sections or versions, article by article, by id or citation. 逐条比较。",
        _arguments(
            ("a", "b"),
            a=_text("Id or citation."),
            b=_text(),
            unchanged={"type": "boolean", "description": "Unchanged ones too."},
            **_PAGE,
        ),
        _object(
            a="text",
            b="text",
            states="object",
            total="integer",
            next="integer?",
            changes=_objects(
                state="text",
                a={"type": ["object", "null"]},
                b={"type": ["object", "null"]},
                changes="objects",
            ),
        ),
    ),
    Tool(
        "targets",
        "The targets that reports state: indicator, operator, value, unit, horizon. 目标值。",
        _arguments(
            indicators=_list(_text("地区生产总值 or GDP")),
            kinds=_list(_one_of(("target", "actual")), 2),
            where=_WHERE,
            filters=_FILTERS,
            limit=_number(1, 200, 50),
            offset=_PAGE["offset"],
        ),
        _object(
            **_PAGED,
            reports="integer",
            rows=_objects(**_QUOTE, indicator="text", operator="text", value={}, unit="text?", horizon="text"),
        ),
    ),
)
"""All tools, in the order in which an agent needs them."""
