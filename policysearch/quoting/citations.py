"""Citations between the documents of an index: each reference, its target, and their relation."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from policysearch.citation.catalogue import Catalogue
from policysearch.citation.cited_names import exact_names, name_key, without_issuer, without_place
from policysearch.citation.led_names import led_names
from policysearch.citation.queries import Citation, QueryReader
from policysearch.citation.references import Reference, read_references
from policysearch.citation.resolving import ReferenceResolver
from policysearch.citation.section_marks import SectionMark, written
from policysearch.citation.versions import Versions
from policysearch.engines.protocol import Engine, Stored
from policysearch.engines.tree import And, Contains, MatchAll, Node, OfDocuments, Or
from policysearch.errors import InputError
from policysearch.frozen import asdict, frozen
from policysearch.query.filters import id_matches
from policysearch.quoting.relations import is_document, relations
from policysearch.text.folding import expect_texts, fold, reduce

__all__ = ["COLUMNS", "CitationReader", "CitationTarget", "Citations", "Mention"]


@frozen
class Mention:
    """A place where a document cites another one.

    Attributes:
        section_id: The section that contains it.
        cited: The cited name as written, without its marks, or the document number.
        article: The numbers of the cited part, as usually written: 第三十九条第二款; None for the complete document.
        relation: 依据, 修改, 废止, 转发, 印发 or 引用 (any other).
        document_id: The cited document, the latest version if none is named; None if the index has none, or several
            that are not versions of one another.
        sentence: The sentence, on one line.
        start: Offset of the reference in the section's text, in characters.
        end: Its end.
    """

    section_id: str
    cited: str
    article: str | None
    relation: str
    document_id: str | None
    sentence: str
    start: int
    end: int

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        return asdict(self)


_MOST_KNOWN = 20_000  # number of references whose documents are cached

COLUMNS = Mention.__match_args__


class Citations(tuple[Mention, ...]):
    """The citations of an index or a part of it, in order of section ids and places."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"citations": [one.to_dict() for one in self]}

    def to_frame(self) -> Any:
        """Return the citations as a pandas ``DataFrame``. Raises ``ImportError`` when pandas is not installed."""
        import pandas

        return pandas.DataFrame([one.to_dict() for one in self], columns=list(COLUMNS))


class CitationTarget:
    """The target of citations: documents, optionally with a number in them; or a name without a document in the index.

    Attributes:
        document_ids: Versions and copies of the document; empty if it is not in the index.
        names: The keys of its names.
        number: Its document number, reduced, or None.
        marks: The number in it, outermost first; empty for the complete document.
    """

    def __init__(
        self, document_ids: Collection[str], names: Collection[str], number: str | None, marks: Sequence[SectionMark]
    ) -> None:
        self.document_ids = frozenset(document_ids)
        self.names = frozenset(names)
        self.number = number
        self.marks = tuple(marks)

    def holds(self, reference: Reference, document_id: str | None, key: str | None) -> bool:
        """Return whether a reference cites it, given the document that it means and the key of its name."""
        if self.marks and not _is_within(self.marks, reference.marks):
            return False
        if self.document_ids:
            return document_id in self.document_ids
        if self.number is not None:
            return reference.number is not None and reduce(reference.number) == self.number
        return key in self.names

    def candidates(self) -> Node:
        """Return a tree that selects at least one section of each document that cites it."""
        tails: dict[Node, None] = {Contains(name[-4:]): None for name in self.names if len(name) > 1}
        if self.number is not None:
            tails[Contains(f"{re.findall('[0-9]+', self.number)[-1:] and re.findall('[0-9]+', self.number)[-1]}号")] = (
                None
            )
        return Or(tuple(tails)) if tails else MatchAll()


def _is_within(wanted: Sequence[SectionMark], marks: Sequence[SectionMark]) -> bool:
    """Return whether a number is another one or is below it, ignoring chapters above an article."""
    at = next((i for i, mark in enumerate(wanted) if mark.unit == "条"), 0)
    part = tuple(wanted[at:])
    return any(tuple(marks[i : i + len(part)]) == part for i in range(len(marks)))


class CitationReader:
    """Reads the citations in one open index.

    Args:
        engine: The open index.
        catalogue: Its documents, to which references are resolved.
    """

    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._resolver = ReferenceResolver(engine, catalogue)
        self._versions = Versions(engine.description.get("versions", ()))
        self._known: dict[tuple[Any, ...], tuple[str | None, str | None]] = {}

    def target(self, name: str) -> CitationTarget:
        """Return the target that a reference names, or a name as ``find`` reads it.

        Raises ``InputError`` for anything else, and if it fits several documents.
        """
        keys = self._engine.find_document(name) or self._engine.find_document(name.rpartition("#")[0])
        if keys:
            (first,) = self._engine.stored(keys[:1])
            return self._target_of(first.document, self._marks_of(name, keys))
        references = read_references(name, self._catalogue)
        reference = references[0] if references else Reference("title", 0, len(name), name, name)
        if not references or (reference.start, reference.end) != (0, len(name)):
            # the reference is the beginning of something else: 反洗钱法(2006-10-31)第六条
            cited = QueryReader(self._engine).read(name.split(), names=True)
            if isinstance(cited, Citation):
                return self._target_of(cited.document, cited.numbers[0] if cited.numbers else ())
        resolution = self._resolver.resolve(reference)
        if resolution.verdict == "ambiguous":
            ids = ", ".join(sorted(resolution.document_ids)[:10])
            raise InputError(f"'{name}' fits several documents; give the id of one: {ids}.")
        if resolution.cited:
            return self._target_of(resolution.cited[0].entry.document, reference.marks)
        if not references and not is_document(name):
            raise InputError(f"'{name}' is not an id, name or number of a document.")
        number = reduce(reference.number) if reference.number else None
        return CitationTarget((), [key for key, _ in exact_names(reference.name or "")], number, reference.marks)

    def _marks_of(self, name: str, keys: Sequence[Any]) -> tuple[SectionMark, ...]:
        from policysearch.citation.section_marks import leading_mark

        document, _, ordinal = name.rpartition("#")
        if not (document and ordinal.isascii() and ordinal.isdigit() and 1 <= int(ordinal) <= len(keys)):
            return ()
        (section,) = self._engine.stored([keys[int(ordinal) - 1]])
        mark = leading_mark(section.number) if section.number else None
        if mark is None:
            raise InputError(f"The section '{name}' has no number that could be cited; give the document's id.")
        return (mark,)

    def _target_of(self, document: Mapping[str, Any], marks: Sequence[SectionMark]) -> CitationTarget:
        document_id = document["document_id"]
        ids = {*self._versions.ids(document_id), document["duplicate_of"] or document_id}
        ids |= {copy for copy, first in self._engine.duplicates.items() if first in ids}
        title = document["title"] or ""
        names = [key for key, _ in exact_names(title)] if title else []
        names += [key for key in (without_issuer(title), without_place(title)) if key] if title else []
        number = document["document_number"]
        # a decision to amend it that contains its new text
        ids |= {one.document_id for one in self._catalogue.amending(title)} if title else set()
        return CitationTarget(ids, names, reduce(number) if number else None, marks)

    def read(
        self,
        node: Node,
        *,
        of: str | None = None,
        to: CitationTarget | None = None,
        document: Sequence[str] = (),
    ) -> Iterator[Mention]:
        """Yield the citations in the sections that ``node`` selects, in order of their ids and places.

        Args:
            node: Selects the sections.
            of: Only those in the document or section with this id.
            to: Only citations of this target.
            document: Only those in documents whose ids match one of these patterns.
        """
        if of is None:
            expect_texts()
        else:
            node = And((node, OfDocuments(frozenset((self._document_of(of),)))))
        if to is not None:
            holding = {one["document_id"] for one, _ in self._engine.documents(to.candidates())}
            node = And((node, OfDocuments(frozenset(holding))))
        if document:
            every = map(str, self._engine.values("document_id"))
            node = And((node, OfDocuments(frozenset(one for one in every if id_matches(one, document)))))
        for document_id, sections in groupby(self._engine.stream(node), lambda one: one.document["document_id"]):
            chosen = list(sections)
            whole = chosen
            if len(chosen) < chosen[0].last:
                whole = list(self._engine.stored(self._engine.find_document(document_id)))
            wanted = {one.ordinal for one in chosen if of in (None, document_id, one.section_id)}
            yield from (cites for ordinal, cites in self._in_document(whole, to) if ordinal in wanted)

    def _document_of(self, name: str) -> str:
        document, _, ordinal = name.rpartition("#")
        for one in (name, document if ordinal.isdigit() else ""):
            if one and self._engine.find_document(one):
                return one
        raise InputError(f"There is no section or document '{name}'. List the documents with: policysearch list")

    def _in_document(self, sections: Sequence[Stored], to: CitationTarget | None) -> Iterator[tuple[int, Mention]]:
        """Yield the citations of a document, each with the number of its section."""
        text = "".join(section.text for section in sections)
        starts = [section.start - sections[0].start for section in sections]
        folded = fold(text)
        read = read_references(text, self._catalogue)
        read = sorted([*read, *led_names(text, folded, read)], key=lambda one: (one.start, one.end))
        references = self._edges(text, read)
        own = sections[0].document
        own_name = name_key(own["title"] or "").removeprefix("中华民国")
        for reference, (relation, start, end) in zip(references, relations(folded, references), strict=True):
            document_id = self._document_id(reference, own["document_id"])
            if self._is_own(document_id, own) and relation not in ("印发", "转发"):
                continue
            if own_name and reference.text[0] not in "《〈" and own_name == _key_of(reference):
                continue
            if to is not None and not to.holds(reference, document_id, _key_of(reference)):
                continue
            at = bisect_right(starts, reference.start) - 1
            section = sections[at]
            article = "".join(map(written, reference.marks)) or None
            sentence = " ".join(text[start:end].split())
            cited = "".join((reference.name or reference.number or reference.text).split("\n"))
            place = (reference.start - starts[at], reference.end - starts[at])
            yield section.ordinal, Mention(section.section_id, cited, article, relation, document_id, sentence, *place)

    @staticmethod
    def _edges(text: str, references: Sequence[Reference]) -> list[Reference]:
        """Return the references that name a document: a title and the number after it are one."""
        out: list[Reference] = []
        before: Reference | None = None
        for one in references:
            if one.kind == "document_number":
                drop = (
                    before is not None
                    and before.kind != "document_number"
                    and bool(_ITS_NUMBER.fullmatch(text, before.end, one.start))
                ) or _is_issue(text, one)
                drop = drop or (before is not None and one.end <= before.end)
                drop = drop or bool(_OF_WHAT_FOLLOWS.match(text, one.end))
            elif one.kind == "article" and "\n" in one.text:
                # a title with the heading below it, a heading with its first article
                drop = one.marks[0].unit in ("编", "分编", "章", "节")
                drop = drop or (one.text[0] not in "《〈" and bool(_OPENS_ARTICLE.search(text, one.start, one.end + 1)))
            elif one.kind == "name" or (one.kind == "report" and one.text[0] not in "《〈"):
                drop = one.defines or _has_own_line(text, one)  # a title
            else:
                drop = one.defines or (
                    one.kind == "title"
                    and not is_document(one.name or "")
                    and not _STANDARD_BEHIND.match(text, one.end)
                )
                drop = drop or bool(_GOES_ON_AS_ITSELF.match(text, one.end) and _has_own_line(text, one))
            if not drop:
                out.append(one)
            before = one
        return out

    def _is_own(self, document_id: str | None, own: Mapping[str, Any]) -> bool:
        if document_id is None:
            return False
        return (
            document_id == own["document_id"]
            or document_id in (own["duplicate_of"], self._engine.duplicates.get(document_id))
            or self._engine.duplicates.get(document_id) == own["document_id"]
        )

    def _document_id(self, reference: Reference, own: str) -> str | None:
        """Return the id of the document that a reference in the document ``own`` means, None if it is uncertain.

        A decision to amend a statute that contains the new text means the document that it amends.
        """
        means, amended = self._means(reference)
        return amended if means == own and amended else means

    def _means(self, reference: Reference) -> tuple[str | None, str | None]:
        """Return the id of the document that a reference means; of a decision, also that of what it amends."""
        key = (reference.kind, reference.name, reference.number, reference.year, reference.place, reference.marks)
        try:
            return self._known[key]
        except KeyError:
            resolution = self._resolver.resolve(reference)
            certain = resolution.verdict in ("found", "superseded", "not_found") and resolution.cited
            entries = [one.entry for one in resolution.cited] if certain else []
            amended = next((one.document_id for one in entries if not one.amends), None)
            found = (entries[0].document_id, amended if entries[0].amends else None) if entries else (None, None)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = found
            return found


_STANDARD_BEHIND = re.compile(r"\s*[（(]\s*[A-Z]{2,4}\d{0,2}(?:[/／][TZ])?\s*\d{2,}")  # （GB/T 1234-2010）
_OPENS_ARTICLE = re.compile(r"\n第[^\n]*[\s\u3000]$")
_OF_WHAT_FOLLOWS = re.compile(r"[ \t\u3000]*[)）]?(?:公布|发布|颁布|印发|修订)的?《")
_GOES_ON_AS_ITSELF = re.compile(r"\s*\n\s*本")  # the title of an enclosed text
_TITLED = re.compile(r"^[^《》。]*(?:通知|意见|决定|办法|公告|批复|方案|规定|函)$")
_ITS_NUMBER = re.compile(r"\s*[（(][^（）()《》。]{0,30}")
_ISSUED_BEHIND = re.compile(r"\s*[)）]?\s*(?:公布|发布|颁布|通过|修[订正])")


def _is_issue(text: str, one: Reference) -> bool:
    """Return whether a document number is that of the document itself: it is on a line of its own."""
    around = _rest_of_line(text, one)
    if around is None:
        return False
    before, behind = around[0].strip(" \t\u3000（(〔["), around[1]
    if not behind.strip(_BRACKETS) and (not before.strip(_BRACKETS) or _TITLED.search(before)):
        return True
    return "令" in one.text and bool(_ISSUED_BEHIND.match(behind)) and "《" not in before and len(before) < 40


_BRACKETS = " \t\u3000（(〔[）)〕]#*"
_LONGEST_LINE = 300  # characters before and after: a longer line is not a title


def _has_own_line(text: str, one: Reference) -> bool:
    """Return whether a reference is a complete line, except for brackets."""
    around = _rest_of_line(text, one)
    return around is not None and not "".join(around).strip(_BRACKETS)


def _rest_of_line(text: str, one: Reference) -> tuple[str, str] | None:
    """Return the text before and after a reference in its line, None in a long one."""
    first, last = max(0, one.start - _LONGEST_LINE), one.end + _LONGEST_LINE
    begin, end = text.rfind("\n", first, one.start), text.find("\n", one.end, last)
    if (begin < 0 < first) or (end < 0 and last < len(text)):
        return None
    return text[begin + 1 : one.start], text[one.end : len(text) if end < 0 else end]


def _key_of(reference: Reference) -> str | None:
    return name_key(reference.name) if reference.name else None
