"""Verification of drafts: verdicts on each quotation, article, document number and title."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from policysearch.citation.article_parts import parts_at
from policysearch.citation.catalogue import Catalogue, CatalogueEntry
from policysearch.citation.publications import Publications
from policysearch.citation.queries import QueryReader
from policysearch.citation.references import Reference, read_references
from policysearch.citation.resolving import Cited, ReferenceResolver, Resolution
from policysearch.citation.section_marks import written
from policysearch.engines.protocol import Engine
from policysearch.engines.tree import Node
from policysearch.frozen import frozen, replace
from policysearch.query.filters import id_matches
from policysearch.quoting.alignment import notable_changes
from policysearch.quoting.claims import (
    MIN_LENGTH,
    Quotation,
    blanked,
    find_quotations,
    is_term,
    length_of,
    source_of,
)
from policysearch.quoting.draft import Draft, draft_of
from policysearch.quoting.evidence import NEAR, WORTH_NAMING, Evidence, Found
from policysearch.quoting.figures import StatedFigure, compare_figure, has_figure, stated_figures
from policysearch.quoting.note_marks import readings_of, with_spaces
from policysearch.quoting.own_text import documents_like
from policysearch.quoting.quotation_changes import quotation_changes
from policysearch.quoting.quoted import Quoted
from policysearch.quoting.reference_claims import DraftLines, ReferenceClaims, with_section
from policysearch.quoting.verdicts import COLUMNS, Claim
from policysearch.search.naming import find

__all__ = ["Verification", "Verifier"]

_MOST_LOOKED_AT = 20  # maximum number of places word for word that are tested for the same spelling


@frozen
class Verification:
    """The verification of a draft; iterating over it yields the claims.

    Attributes:
        draft: The draft's name, None for a text without one.
        text: The draft as it was read; offsets of claims refer to it.
        documents: Number of documents searched.
        failed_sources: Number of sources of the index that could not be read, completely or in part.
        generation: The generation of the index.
        left_out: Ids of documents that are the draft itself, or nearly, and are not used as evidence.
        claims: In the order of the draft.
        uncompared: The quotations and figures that could not be compared, since no source in the index that the
            sentence names says anything of the kind, in the order of the draft; their verdict is ``not_compared``.
        not_compared: Their number, and that of the short quotations without a figure.
    """

    draft: str | None
    text: str
    documents: int
    failed_sources: int
    generation: int
    left_out: tuple[str, ...]
    claims: tuple[Claim, ...]
    uncompared: tuple[Claim, ...] = ()
    not_compared: int = 0

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims)

    def __len__(self) -> int:
        return len(self.claims)

    def marked(self) -> list[Claim]:
        """Return the claims and the uncompared ones, in the order of the draft."""
        return sorted((*self.claims, *self.uncompared), key=_place)

    def raised(self, strict: bool = False) -> tuple[Claim, ...]:
        """Return the claims that need attention; ``strict`` as in ``Claim.raises``."""
        return tuple(claim for claim in self.claims if claim.raises(strict))

    def summary(self, strict: bool = False) -> str:
        """Return, in one line, the numbers of claims and of those that need attention, and of the documents."""
        documents = f"{self.documents} {'document' if self.documents == 1 else 'documents'}"
        claims = f"{len(self)} {'claim' if len(self) == 1 else 'claims'}, {len(self.raised(strict))} to look at"
        failed = self.failed_sources
        unread = f"; {failed} {'source' if failed == 1 else 'sources'} could not be read" if failed else ""
        claims += f", {self.not_compared} not compared" if self.not_compared else ""
        return f"{claims}; searched: {documents} of generation {self.generation}{unread}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "draft": self.draft,
            "documents": self.documents,
            "failed_sources": self.failed_sources,
            "generation": self.generation,
            "left_out": list(self.left_out),
            "not_compared": self.not_compared,
            "uncompared": [claim.to_dict() for claim in self.uncompared],
            "claims": [claim.to_dict() for claim in self.claims],
        }

    def to_frame(self) -> Any:
        """Return the claims as a pandas ``DataFrame``. Raises ``ImportError`` when pandas is not installed."""
        import pandas

        return pandas.DataFrame([claim.to_dict() for claim in self.claims], columns=[*COLUMNS, "changes"])


class Verifier:
    """Verifies drafts against the sections of one open index that ``node`` selects.

    ``document``: patterns of ids of documents, of which one must match; all documents without any. ``paths``: whether a
    name may be the path of a source.
    """

    def __init__(self, engine: Engine, node: Node, document: Sequence[str] = (), *, paths: bool = True) -> None:
        self._engine = engine
        self._paths = paths
        documents = [one for one, _ in engine.documents(node) if id_matches(one["document_id"], document)]
        self._selected = frozenset(one["document_id"] for one in documents)
        self._only = self._selected if document else None
        self._node = node
        self._documents = len(documents)
        self.catalogue = Catalogue(documents)
        self._publications = Publications(documents)
        self._resolver = ReferenceResolver(engine, self.catalogue)
        self._references = ReferenceClaims(self._resolver)

    def verify(self, draft: Draft, *, min_length: int = MIN_LENGTH) -> Verification:
        """Return the claims of a draft with their verdicts."""
        titles = read_references(draft.text, Catalogue(()), names=False)
        every = find_quotations(draft.text, min_length=1, titles=titles)
        short = [one for one in every if length_of(one.claim) < min_length]
        quotations = [one for one in every if length_of(one.claim) >= min_length and not is_term(draft.text, one)]
        prose = blanked(draft.text, quotations)
        prose = with_spaces(prose)
        references = self._publications.read(prose, read_references(prose, self.catalogue, following=True))
        left_out = documents_like(draft.text, quotations, self._engine, self._node)
        evidence = Evidence(self._engine, self._node, self._resolver, frozenset(left_out), self._only)
        ends = [one.end for one in references]
        lines = DraftLines(draft.text)
        figures = [one for one in short if has_figure(one.claim)]
        claims = []
        for one in (*quotations, *figures):
            named = source_of(prose, one, references, ends)
            whole, source = _as_written(draft.text, named), self._source(named)
            if length_of(one.claim) < min_length:
                claims.append(self._short(one, whole, _of_one_report(named, source), evidence, lines))
            else:
                claims.append(self._quote(one, whole, source, evidence, lines))
        read: dict[str, Any] = {}
        for stated in stated_figures(prose, references, short):
            if made := self._figure(draft.text, stated, lines, read):
                claims.append(made)
        claims += self._references.claims(draft.text, prose, references, lines)
        claims.sort(key=_place)
        return self._verification(draft, left_out, claims, len(short) - len(figures))

    def verify_quote(self, quote: str, of: str | None = None) -> Verification:
        """Return the verdict on one quotation of any length, attributed to the document that ``of`` names.

        ``of`` is a reference as in a draft, or a name as ``find`` reads it.
        """
        evidence = Evidence(self._engine, self._node, self._resolver, only=self._only)
        draft = draft_of(quote)
        text = draft.text.strip()
        resolution = None if of is None else self._named(of)
        claim = self._quote(Quotation(text, 0, len(text), 0, len(text)), of, resolution, evidence, None)
        return self._verification(replace(draft, text=text), (), [replace(claim, start=0, end=len(text), line=1)])

    def _verification(
        self, draft: Draft, left_out: Sequence[str], claims: Sequence[Claim], short: int = 0
    ) -> Verification:
        about = self._engine.description
        uncompared = [claim for claim in claims if claim.verdict == "not_compared"]
        return Verification(
            draft.name,
            draft.text,
            self._documents,
            about.get("failed", 0),
            about["generation"],
            tuple(left_out),
            tuple(claim for claim in claims if claim.verdict != "not_compared"),
            tuple(uncompared),
            short + len(uncompared),
        )

    def _named(self, name: str) -> Resolution:
        """Return the meaning of a name: a reference as in a draft, unless it is the beginning of something else."""
        text = draft_of(name).text
        references = self._publications.read(text, read_references(text, self.catalogue))
        resolution = self._resolver.resolve(
            references[0] if references else Reference("title", 0, len(name), name, name)
        )
        if references and (references[0].start, references[0].end) == (0, len(text)):
            return resolution
        reader = QueryReader(self._engine, self._node, paths=self._paths)
        meant = find(self._engine, reader, name)  # 反洗钱法(2006-10-31) is not 反洗钱法
        document_id = meant.view.document["document_id"] if meant.view else None
        if meant.view is None or document_id not in self._selected:
            return resolution
        if meant.others and resolution.cited and resolution.cited[0].entry.document_id == document_id:
            return resolution  # with the other versions
        view, sections = meant.view, meant.view.stored
        return Resolution(
            "found", (Cited(CatalogueEntry(view.document), True, lambda: sections),), lambda: next(iter(sections), None)
        )

    # quotations

    def _source(self, named: Sequence[Sequence[Reference]]) -> Resolution | None:
        """Return the documents that some references in a draft name, of which each names one; None without any."""
        several = []
        for references in named:
            resolutions = [self._resolver.resolve(reference) for reference in references]
            several.append(next((one for one in resolutions if one.cited), resolutions[0]))
        if len(several) < 2:
            return next(iter(several), None)
        return Resolution("found", tuple(chain.from_iterable(one.cited for one in several)))

    def _quote(
        self,
        one: Quotation,
        named: str | None,
        resolution: Resolution | None,
        evidence: Evidence,
        lines: DraftLines | None,
    ) -> Claim:
        """Return the verdict on a quotation attributed to the document that is named, if one is.

        If it is not word for word, its marks of Markdown may belong to the source.
        """
        line = lines.of(one.start) if lines else None
        made = Claim("quote", one.claim, one.start, one.end, line, "not_found", attributed_to=named)
        claim = self._best_reading(made, resolution, evidence)
        if one.with_marks is not None and _rank(claim):
            as_written = self._best_reading(replace(made, claim=one.with_marks), resolution, evidence)
            if as_written.verdict in _WORD_FOR_WORD and _rank(as_written) < _rank(claim):
                return as_written
        return claim

    def _best_reading(self, made: Claim, resolution: Resolution | None, evidence: Evidence) -> Claim:
        best: Claim | None = None
        for reading, left_out in readings_of(made.claim):
            quoted = Quoted.of(reading, made.claim, tuple(left_out))
            if not quoted.text:
                continue
            if resolution is None:
                claim = self._unattributed(made, quoted, evidence)
            else:
                claim = self._attributed(made, quoted, evidence, resolution)
            if best is None or _rank(claim) <= _rank(best):
                best = claim
            if _rank(claim) == 0:
                break
        return best or made

    def _short(
        self, one: Quotation, named: str | None, resolution: Resolution | None, evidence: Evidence, lines: DraftLines
    ) -> Claim:
        """Return the verdict on a quoted figure that is too short to be compared with any but the named source."""
        made = Claim("quote", one.claim, one.start, one.end, lines.of(one.start), "not_compared", attributed_to=named)
        quoted = Quoted.of(one.claim)
        if resolution is None or not resolution.cited or not quoted.text:
            return made
        right = [found for found in evidence.in_cited(resolution.cited, quoted, whole_figures=True) if found.cited]
        if right:
            return replace(self._word_for_word(made, right), attribution="right")
        near = evidence.near_in_cited(resolution.cited, quoted)
        claim = replace(made, verdict="not_found")
        return self._with_source(claim, near, "not_found") if near and WORTH_NAMING <= near.similarity < 1 else claim

    def _figure(self, text: str, stated: StatedFigure, lines: DraftLines, read: dict[str, Any]) -> Claim | None:
        """Return the verdict on a figure next to the name of a source; None if that is not in the index."""
        resolution = self._source(stated.named)
        if resolution is None or not resolution.cited:
            return None
        written, named = text[stated.start : stated.end], _as_written(text, stated.named)
        made = Claim("figure", written, stated.start, stated.end, lines.of(stated.start), "not_compared")
        made = replace(made, attributed_to=named)
        resolution = _of_one_report(stated.named, resolution)
        found = compare_figure(stated, resolution, read) if resolution else None
        if found is None:
            return made
        made = replace(with_section(made, found.section, self._resolver), source_text=found.sentence)
        if found.equal:
            return replace(made, verdict="found", attribution="right")
        return replace(made, verdict="differs", attribution="right", notable=(f"{written} → {found.figure}",))

    def _unattributed(self, made: Claim, quoted: Quoted, evidence: Evidence) -> Claim:
        exact = evidence.exact(quoted)
        near = [] if exact else evidence.near(quoted)
        exact = exact or [one for one in near if one.similarity == 1]
        if exact:
            return self._word_for_word(made, exact)
        return self._not_word_for_word(made, quoted, near[0] if near else None)

    def _word_for_word(self, made: Claim, exact: Sequence[Found]) -> Claim:
        latest = [one for one in exact if self._is_latest(one)]
        if latest and all(one.misleads for one in latest[:_MOST_LOOKED_AT]):
            return self._different(made, latest[0])
        latest = [one for one in latest[:_MOST_LOOKED_AT] if not one.misleads] or latest
        best = next((one for one in latest[:_MOST_LOOKED_AT] if one.verbatim), (latest or exact)[0])
        verdict = ("verbatim" if best.verbatim else "folded") if latest else "superseded"
        return self._with_source(made, best, verdict)

    def _is_latest(self, found: Found) -> bool:
        latest = self._resolver.latest(found.document)
        return bool(latest["document_id"] == found.document["document_id"])

    def _attributed(self, made: Claim, quoted: Quoted, evidence: Evidence, resolution: Resolution) -> Claim:
        there = evidence.in_cited(resolution.cited, quoted)
        right = [one for one in there if one.cited]
        if right:
            return replace(self._word_for_word(made, right), attribution="right")
        exact = there or evidence.exact(quoted)
        own = None if exact else evidence.near_in_cited(resolution.cited, quoted)
        if own and own.cited and own.similarity == 1:  # except for marks of notes
            return replace(self._word_for_word(made, [own]), attribution="right")
        near = [] if exact else evidence.near(quoted)
        exact = exact or [one for one in near if one.similarity == 1]
        if exact:
            same = [one for one in exact if one.document["document_id"] in resolution.document_ids]
            best = (same or exact)[0]
            where = _other_part(best, resolution.cited)
            return replace(self._with_source(made, best, "elsewhere"), attribution="other", notable=where)
        best_near = near[0] if near else None
        if own and (own.similarity >= NEAR or best_near is None or own.similarity >= best_near.similarity):
            claim = self._not_word_for_word(made, quoted, own)
            attribution = "right" if own.cited else "other"
            return replace(claim, attribution=attribution) if claim.section_id else claim
        claim = self._not_word_for_word(made, quoted, best_near)
        if not resolution.cited and claim.verdict == "not_found":
            return replace(claim, verdict="not_in_collection")
        return replace(claim, attribution="other") if claim.section_id else claim

    def _not_word_for_word(self, made: Claim, quoted: Quoted, near: Found | None) -> Claim:
        if near is None or near.similarity < WORTH_NAMING:
            return made
        if near.similarity < NEAR:
            return self._with_source(made, near, "not_found")
        return self._different(made, near)

    def _different(self, made: Claim, found: Found) -> Claim:
        """Return the verdict on a quotation that differs from its source, or whose ellipsis changes what that says."""
        changes = quotation_changes(found)
        return replace(
            self._with_source(made, found, "differs"),
            source_text="".join(step.b for step in changes),
            changes=changes,
            notable=notable_changes(changes),
        )

    def _with_source(self, made: Claim, found: Found, verdict: str) -> Claim:
        return replace(
            with_section(made, found.section, self._resolver),
            verdict=verdict,
            source_text="……".join(passage.written for passage in found.passages),
            similarity=round(found.similarity, 4) if found.similarity < 1 else 1.0,
        )


_WORD_FOR_WORD = ("verbatim", "folded", "superseded", "elsewhere")


def _rank(claim: Claim) -> int:
    """Return the rank of the verdict on a reading of a quotation: the first one that is word for word is the best."""
    if claim.verdict in _WORD_FOR_WORD:
        return max(0, _WORD_FOR_WORD.index(claim.verdict) - 1)
    return 9 if claim.verdict != "differs" else 8


def _other_part(found: Found, cited: Sequence[Cited]) -> tuple[str, ...]:
    """Return, if a quotation is in another part of the cited article, the cited part and that: 第二款 → 第一款."""
    for one in cited:
        if one.below and any(section.section_id == found.section.section_id for section in one.sections):
            section = found.section
            part = parts_at(section.text, section.text.find(found.passages[0].written.split("\n")[0]))
            named = "、".join("".join(map(written, marks)) for marks in one.below)
            return (f"{named} → {part}",) if part else ()
    return ()


def _place(claim: Claim) -> tuple[int, int]:
    return claim.start or 0, claim.end or 0


def _as_written(text: str, named: Sequence[Sequence[Reference]]) -> str | None:
    """Return the names of the sources of a quotation as a draft has them, None without any."""
    return text[named[0][0].start : named[-1][0].end] if named else None


def _of_one_report(named: Sequence[Sequence[Reference]], resolution: Resolution | None) -> Resolution | None:
    """Return the documents that are named, None if a work report is named that may be any of several.

    Without a place, the nation's report is meant; one of hundreds would have any figure.
    """
    if not resolution or not any(one.kind == "report" for several in named for one in several):
        return resolution
    reports = {(cited.entry.document["region"], cited.entry.document["year"]) for cited in resolution.cited}
    if len(reports) <= len(named):
        return resolution
    national = tuple(cited for cited in resolution.cited if cited.entry.document["level"] == "国家")
    years = {cited.entry.document["year"] for cited in national}
    return Resolution("found", national) if len(years) == 1 else None
