"""The implementation of the tools for agents; every quotation can be verified by its offsets and hash."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from policysearch.engines.protocol import Request, Stored, section_id
from policysearch.engines.tree import And, MatchAll
from policysearch.errors import InputError
from policysearch.output.terminal import counted
from policysearch.query.filters import truth_as_typed
from policysearch.vocabulary import NATION

if TYPE_CHECKING:
    from policysearch.index import Index

__all__ = ["Tools"]

Values = dict[str, Any]

_MOST_VALUES = 60  # maximum number of values of a field, in coverage
_KEPT = 8  # number of cached answers, for their next pages
_MOST_NAMED = 20  # maximum number of sources and places, in coverage
_COVERED = ("year", "type", "level", "province")
_REPORTS = "政府工作报告"
_CLAIMED = ("kind", "claim", "line", "verdict", "similarity", "status", "superseded_by", "attributed_to", "attribution")
_DOCUMENT = ("document_id", "title", "type", "issuer", "document_number", "region", "year", "date", "status", "url")


class Tools:
    """Answers the tools of ``schemas.TOOLS`` from one open index.

    Arguments are valid by their schemas. Every method raises ``InputError`` or ``QueryError`` if it cannot answer.

    Args:
        index: The open index.
        unread: Returns the sources that failed or were skipped, each as id and reason.
    """

    def __init__(self, index: Index, unread: Callable[[str], Sequence[tuple[str, str]]] = lambda state: ()) -> None:
        self.index = index
        self._unread = unread
        self._searched = lru_cache(64)(self._searched_now)
        self._covered = lru_cache(16)(self._covered_now)
        self._found = lru_cache(_KEPT)(self._found_now)

    # coverage

    def coverage(self, filters: Mapping[str, Any] | None = None) -> Values:
        """Return the coverage of the index, and its gaps."""
        return self._covered(_key(filters))

    def _covered_now(self, key: Any) -> Values:
        selected = self.index.selection(None, dict(key))
        reports: dict[str, set[int]] = {}
        of_reports = self.index.selection(None, {"type": _REPORTS})
        for document, _ in self.index.engine.documents(And((selected, of_reports))):
            if document["year"] is not None:
                reports.setdefault(document["region"] or NATION, set()).add(document["year"])
        searched = self._searched(key, None)
        values: Values = {}
        unknown: dict[str, int] = {}
        for field, tally in self.index.engine.facets(selected, _COVERED).items():
            known = [(value, documents) for value, (_, documents) in tally.items() if value is not None]
            if lacking := searched["documents"] - sum(documents for _, documents in known):
                unknown[field] = lacking
            known.sort(key=lambda one: (one[0] if field == "year" else -one[1], str(one[0])))
            shown = known[-_MOST_VALUES:] if field == "year" else known[:_MOST_VALUES]
            values[field] = [{"value": value, "documents": many} for value, many in shown]
            if len(known) > len(shown):
                values[f"more_{field}"] = len(known) - len(shown)
        failed = self._unread_sources["failed"]
        return {
            "searched": searched,
            "values": values,
            "unknown": unknown,
            "failed": [{"source": name, "reason": reason} for name, reason in failed[:_MOST_NAMED]],
            "skipped": len(self._unread_sources["skipped"]),
            "missing_reports": _missing(reports)[:_MOST_NAMED],
        }

    @cached_property
    def _unread_sources(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        return {state: self._unread(state) for state in ("failed", "skipped")}

    def _searched_now(self, key: Any, where: str | None) -> Values:
        info = self.index.info
        node = self.index.selection(where, dict(key))
        whole = node == MatchAll()
        totals = {
            unit: info[f"{unit}s"] if whole else self.index.engine.search(Request(node, limit=0, group=unit)).total
            for unit in ("document", "section")
        }
        return {
            "documents": totals["document"],
            "sections": totals["section"],
            "generation": info["generation"],
            "failed_sources": info.get("failed", 0),
        }

    def _over(self, filters: Mapping[str, Any] | None, where: str | None = None) -> Values:
        return self._searched(_key(filters), where)

    def _paged(self, over: Values, total: int, offset: int, shown: int, more: str | None = None) -> Values:
        following = offset + shown
        note = more if total else _nothing(over)
        return {
            "searched": over,
            "total": total,
            "next": following if shown and following < total else None,
            "note": note,
        }

    def _found_now(self, method: str, key: Any) -> Any:
        """Call a method of the index; ``filters`` among its arguments are as in ``_key``."""
        arguments = {name: list(value) if isinstance(value, tuple) else value for name, value in key}
        arguments["filters"] = dict(arguments.pop("filters"))
        return getattr(self.index, method)(**arguments)

    def _kept(self, method: str, filters: Mapping[str, Any] | None, **arguments: Any) -> Any:
        given = {name: tuple(value) if isinstance(value, list) else value for name, value in arguments.items()}
        return self._found(method, (*given.items(), ("filters", _Pairs(_key(filters)))))

    # texts

    def search(
        self,
        query: str,
        match: str = "auto",
        plain: bool = False,
        filters: Mapping[str, Any] | None = None,
        sort: str = "score",
        facets: Sequence[str] = (),
        limit: int = 10,
        offset: int = 0,
    ) -> Values:
        """Return the sections that match a query, best first."""
        found = self.index.search(
            query,
            match=match,
            plain=plain,
            filters=dict(_key(filters)),
            sort=sort,
            facets=facets,
            limit=limit,
            offset=offset,
        )
        note = None
        if found.all_words is not None:
            note = f"Read as a question: sections with any of its words; {found.all_words} have all. 按问题检索。"
        elif found.relaxed:
            note = "No section has all the words; these have some. 没有一节包含全部词语，以下只含部分。"
        if found.suggestion:
            note = f"{note or ''} Try: {found.suggestion}".strip()
        note = " ".join(filter(None, (*found.remarks, note))) or None
        distinct = found.total if found.distinct is None else found.distinct
        answer = {
            **self._paged(self._over(filters), distinct, offset, len(found.hits), note),
            "total": found.total,
            "total_exact": found.total_exact,
            "distinct": found.distinct,
            "match": found.match,
            "relaxed": found.relaxed,
            "read_as": None if found.read_as is None else dict(found.read_as),
            "hits": [self._hit(hit) for hit in found.hits],
        }
        return {**answer, **found.facets.to_dict()} if found.facets is not None else answer

    @staticmethod
    def _hit(hit: Any) -> Values:
        snippet = hit.snippet
        return {
            "rank": hit.rank,
            **_quotation(hit.citation, hit.section_id, snippet.start, snippet.text),
            "path": list(hit.path),
            "spans": [list(span) for span in snippet.spans],
            "matches": hit.matches,
            "exact": hit.exact,
            "duplicates": list(hit.duplicates or ()),
            "latest": hit.latest,
            "superseded_by": hit.superseded_by,
            **{name: getattr(hit, name) for name in ("title", "type", "region", "year", "date", "status", "part")},
        }

    def show(self, id: str, offset: int = 0, limit: int = 6000) -> Values:
        """Return a piece of the text of a section or a document."""
        stored, one = self._stored(id)
        texts = [section.text for section in stored]
        length = sum(map(len, texts))
        if offset > length or (offset == length and length):
            raise InputError(f"'{id}' has {length} characters: offset {offset} is beyond its end.")
        text = "".join(texts)[offset : offset + limit]
        end = offset + len(text)
        first, last = stored[0], stored[-1]
        name = first.document["document_id"]
        pieces = []
        at = 0
        for section, of in zip(stored, texts, strict=True):
            if at < end and at + len(of) > offset:
                pieces.append({"section_id": section.section_id, "start": at, "end": at + len(of)})
            at += len(of)
        return {
            "id": id,
            "citation": _citation(first) if one else _citation_of(first.document),
            "path": list(first.path) if one else [],
            "start": offset,
            "end": end,
            "length": length,
            "text": text,
            "sha256": _hash(text),
            "truncated": end < length,
            "next": end if end < length else None,
            "before": section_id(name, first.ordinal - 1) if one and first.ordinal > 1 else None,
            "after": section_id(name, last.ordinal + 1) if one and last.ordinal < last.last else None,
            "document": _about(first.document),
            "sections": pieces,
        }

    def outline(self, id: str, limit: int = 200, offset: int = 0) -> Values:
        """Return the sections of a document, without their texts."""
        stored, one = self._stored(id)
        if one:
            stored, _ = self._stored(stored[0].document["document_id"])
        shown = stored[offset : offset + limit]
        following = offset + len(shown)
        return {
            "document": _about(stored[0].document),
            "total": len(stored),
            "next": following if shown and following < len(stored) else None,
            "sections": [
                {
                    "section_id": section.section_id,
                    "path": list(section.path),
                    "level": section.level,
                    "part": section.part,
                    "length": len(section.text),
                }
                for section in shown
            ],
        }

    def _stored(self, name: str) -> tuple[tuple[Stored, ...], bool]:
        view = self.index.show(name)
        if view is None:
            info = self.index.info
            raise InputError(
                f"There is no section or document '{name[:200]}' among the {info['documents']} documents of generation "
                f"{info['generation']}. Take ids from search or outline. 没有这个编号。"
            )
        return view.stored, view.one

    # figures

    def count(
        self,
        terms: Sequence[str],
        by: Sequence[str] = (),
        where: str | None = None,
        filters: Mapping[str, Any] | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Values:
        """Return the numbers of occurrences of terms, by the values of fields."""
        counts = self._kept("count", filters, terms=list(terms), by=list(by), where=where)
        rows = list(counts.rows())
        shown = rows[offset : offset + limit]
        return {**self._paged(self._over(filters, where), len(rows), offset, len(shown)), "rows": shown}

    def kwic(
        self,
        phrase: str,
        width: int = 60,
        where: str | None = None,
        filters: Mapping[str, Any] | None = None,
        limit: int = 10,
        offset: int = 0,
    ) -> Values:
        """Return occurrences of a phrase in context."""
        from policysearch.corpus.concordance_page import concordance_page

        page: dict[str, Any] = {"width": width, "where": where, "offset": offset, "limit": limit}
        found = concordance_page(self.index, phrase, filters=dict(_key(filters)), **page)
        paged = self._paged(self._over(filters, where), found.distinct, offset, len(found.lines))
        lines = []
        for line in found.lines:
            text = line.left + line.match + line.right
            one, _ = self._stored(line.section_id)
            quoted = _quotation(_citation(one[0]), line.section_id, line.start - len(line.left), text)
            lines.append({**quoted, "left": line.left, "match": line.match, "right": line.right})
        return {**paged, "occurrences": found.total, "lines": lines}

    def targets(
        self,
        indicators: Sequence[str] = (),
        kinds: Sequence[str] = ("target",),
        where: str | None = None,
        filters: Mapping[str, Any] | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Values:
        """Return the targets that reports state."""
        wanted: Values = {"indicators": list(indicators), "kinds": list(kinds) or ["target"], "where": where}
        found = self._kept("targets", filters, **wanted)
        shown = found.rows[offset : offset + limit]
        rows = []
        for row in shown:
            one, _ = self._stored(row.section_id or "")
            quoted = _quotation(
                _citation(one[0]), row.section_id or "", row.start or 0, one[0].text[row.start : row.end]
            )
            rows.append({**row.to_dict(), **quoted})
        paged = self._paged(self._over(filters, where), len(found), offset, len(shown))
        return {**paged, "reports": found.reports, "elsewhere": found.elsewhere, "rows": rows}

    # quotations

    def cite(self, ids: Sequence[str]) -> Values:
        """Return the citations of sections or documents."""
        from policysearch.citation.citing import csl_item

        citations = []
        for name in ids:
            stored, one = self._stored(name)
            first = stored[0]
            text = "".join(section.text for section in stored)
            csl = csl_item(first.document, name, first.path if one else ())
            citation = _citation(first) if one else _citation_of(first.document)
            citations.append({"id": name, "citation": citation, "csl": csl, "length": len(text), "sha256": _hash(text)})
        return {"citations": citations}

    def verify(
        self,
        text: str | None = None,
        quote: str | None = None,
        source: str | None = None,
        filters: Mapping[str, Any] | None = None,
    ) -> Values:
        """Return the verdict on each quotation and reference of a draft, or on one quotation."""
        if (text is None) == (quote is None):
            raise InputError("Give either text (a draft) or quote (one quotation, with its source if it has one).")
        if quote is not None:
            found = self.index.verify_quote(quote, source, filters=dict(_key(filters)))
        else:
            found = self.index.verify(text or "", filters=dict(_key(filters)))
        over = {**self._over(filters), "documents": found.documents}
        missing = any(claim.verdict in ("not_found", "not_in_collection") for claim in found)
        note = _nothing(over) if missing else None
        if not len(found):
            note = "The draft has no quotation or reference that can be checked. 文稿中没有可核对的引文。"
        return {"searched": over, "note": note, "claims": [self._claim(claim) for claim in found]}

    def _claim(self, claim: Any) -> Values:
        about = {name: getattr(claim, name) for name in _CLAIMED}
        quoted: Values = dict.fromkeys(("citation", "section_id", "start", "end", "text", "sha256"))
        if claim.section_id is not None:
            one, _ = self._stored(claim.section_id)
            quoted = _found(one[0], claim.source_text)
        return {**about, **quoted, "changes": [change.to_dict() for change in claim.changes]}

    def compare(self, a: str, b: str, unchanged: bool = False, limit: int = 10, offset: int = 0) -> Values:
        """Return the change of each article of one text in another."""
        found = self._kept("compare", None, a=a, b=b, files=False)
        rows = [one for one in found if unchanged or one.state != "same" or one.a_number != one.b_number]
        shown = rows[offset : offset + limit]
        following = offset + len(shown)
        changes = []
        for row in shown:
            sides = {side: self._side(row, side) for side in ("a", "b")}
            changes.append({"state": row.state, **sides, "changes": [one.to_dict() for one in row.changes]})
        return {
            "a": found.a,
            "b": found.b,
            "states": dict(sorted(Counter(one.state for one in found).items())),
            "total": len(rows),
            "next": following if shown and following < len(rows) else None,
            "changes": changes,
        }

    def _side(self, row: Any, side: str) -> Values | None:
        name = getattr(row, f"{side}_section_id")
        if name is None:
            return None
        one, _ = self._stored(name)
        quoted = _found(one[0], "".join(getattr(change, side) for change in row.changes))
        del quoted["text"]  # it is in the changes
        return {**quoted, "number": getattr(row, f"{side}_number")}


class _Pairs(tuple[Any, ...]):
    """Filters as a key, distinct from lists of values."""

    __slots__ = ()


def _key(filters: Mapping[str, Any] | None) -> tuple[tuple[str, Any], ...]:
    """Return filters as a key of a cache. Raises ``InputError`` for an invalid value."""
    named = {}
    for name, value in sorted((filters or {}).items()):
        value = truth_as_typed(name, value)
        some = value if isinstance(value, list) else [value]
        if any(isinstance(one, bool) or not isinstance(one, str | int) for one in some):
            raise InputError(f"The filter '{name[:50]}' takes a text, a whole number, or a list of these.")
        named[name] = tuple(some)
    return tuple(named.items())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _quotation(citation: str, name: str, start: int, text: str) -> Values:
    return {
        "citation": citation,
        "section_id": name,
        "start": start,
        "end": start + len(text),
        "text": text,
        "sha256": _hash(text),
    }


def _found(stored: Stored, text: str | None) -> Values:
    """Return a quotation of a section; without offsets if the text does not occur in it in one piece."""
    quoted = _quotation(_citation(stored), stored.section_id, stored.text.find(text or ""), text or "")
    if not text:
        return {**quoted, **dict.fromkeys(("start", "end", "text", "sha256"))}
    return quoted if quoted["start"] >= 0 else {**quoted, "start": None, "end": None}


def _citation(stored: Stored) -> str:
    from policysearch.citation.citing import citation

    return citation(stored.document, stored.path)


def _citation_of(document: Mapping[str, Any]) -> str:
    from policysearch.citation.citing import citation

    return citation(document)


def _about(document: Mapping[str, Any]) -> Values:
    return {**{name: document.get(name) for name in _DOCUMENT}, "inferred": list(document.get("inferred") or ())}


def _nothing(over: Values) -> str:
    """Return a note on the documents to which "not found" applies."""
    documents, sections, failed = over["documents"], over["sections"], over["failed_sources"]
    unread = f"; {counted(failed, 'source')} could not be read" if failed else ""
    searched = f"{counted(documents, 'document')}, {counted(sections, 'section')}"
    return (
        f"Not found in {searched} (generation {over['generation']}{unread}). This says "
        "nothing of documents that are not indexed. "
        f"已检索 {documents} 篇、{sections} 节，未找到；未收录的文件不在此列。"
    )


def _missing(reports: Mapping[str, set[int]]) -> list[Values]:
    """Return the places whose work reports lack years between the first and the last, most missing first."""
    missing = {place: sorted(set(range(min(years), max(years))) - years) for place, years in reports.items()}
    in_order = sorted(missing.items(), key=lambda one: (-len(one[1]), one[0]))
    return [{"region": place, "years": absent} for place, absent in in_order if absent]
