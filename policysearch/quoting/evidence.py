"""Evidence for quotations in an index: the quoted passage, or the most similar one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, islice, pairwise
from typing import Any

from policysearch.citation.article_parts import cited_parts, parts_in
from policysearch.citation.resolving import Cited, ReferenceResolver
from policysearch.engines.protocol import Engine, Request, Stored
from policysearch.engines.tree import And, Contains, MatchAll, Node, Or, ScoredGroup, Term
from policysearch.frozen import frozen, replace
from policysearch.quoting.alignment import (
    ComparedPassage,
    closest,
    comparable,
    compared_passage,
    same_as_written,
    without_marks,
)
from policysearch.quoting.claims import parts_of
from policysearch.quoting.note_marks import may_have_notes, without_notes
from policysearch.quoting.omissions import (
    LEFT_OUT_AT_END,
    LEFT_OUT_AT_START,
    divides_number,
    hidden_after,
    hidden_before,
    hides_meaning,
    inserts_meaning,
)
from policysearch.quoting.over_sections import rows_of_sections
from policysearch.quoting.quoted import END_MARKS, Quoted

__all__ = ["NEAR", "WORTH_NAMING", "Evidence", "Found"]

NEAR = 0.85
"""Minimum similarity of the passage that a quotation is compared with."""

WORTH_NAMING = 0.5
"""Minimum similarity of the passage that is reported for a quotation that is not found."""

_MOST_EXACT = 200  # maximum number of sections that contain a quotation word for word
_MOST_RANKED = 50  # maximum number of sections that an engine returns for a near match
_MOST_NEAR = 8  # number of these that are aligned with a quotation
_MOST_PIECES = 12  # maximum number of pieces of a quotation, of which a section must contain at least one
_PIECE = 6
_LONG, _SURE = 300, 0.95
_MOST_RUNS = 100  # maximum number of pieces of a quotation that are counted
_MOST_WINDOWS = (
    20  # places of a quotation with an ellipsis that are looked at for one that leaves out nothing of weight
)
_RUN = 3  # length of the runs by which sections are compared before that
_KEPT_TEXTS = 64
_NEAR_AN_END = 4  # characters


@frozen
class Found:
    """A place that a quotation is compared with.

    Attributes:
        quoted: The quotation.
        sections: Consecutive sections, among them those that contain it.
        spans: The span of each part of the quotation in their joined compared texts.
        similarity: 1 if they are the same as compared, else less.
        cited: Whether it is at the place that the reference of the quotation names.
    """

    quoted: Quoted
    sections: tuple[Stored, ...]
    spans: tuple[tuple[int, int], ...]
    similarity: float
    cited: bool = False

    @property
    def document(self) -> Mapping[str, Any]:
        """The metadata of its document."""
        return self.sections[0].document

    @cached_property
    def passages(self) -> tuple[ComparedPassage, ...]:
        """The passages of the source, one for each part of the quotation, in order."""
        return tuple(compared_passage(self.sections, start, end) for start, end in self.spans)

    @property
    def section(self) -> Stored:
        """The section that it begins in."""
        return self.passages[0].sections[0]

    @property
    def verbatim(self) -> bool:
        """Return whether it is the same as written."""
        if self.similarity < 1:
            return False
        if len(self.spans) == 1 and (self.quoted.unbroken or len(self.quoted.parts) > 1):
            passage = self.passages[0].written
            written = self.quoted.written
            return same_as_written(written, passage) or same_as_written(written, without_notes(passage))
        return _all_verbatim(self.quoted, self.passages)

    @cached_property
    def hidden(self) -> tuple[str, ...]:
        """The words that an ellipsis leaves out and that change what is quoted, before each part and at the end.

        Empty texts where nothing of the kind is left out.
        """
        if self.quoted.unbroken:
            return ("",) * (len(self.spans) + 1)
        texts = [without_marks(one.reduced) for one in self.sections]
        borders = tuple(accumulate(map(len, texts)))
        text = "".join(texts)
        first, last = self.spans[0][0], self.spans[-1][1]
        before = hidden_before(text, first) if LEFT_OUT_AT_START.match(self.quoted.claim) else ""
        out = [self._as_written(first - len(before), first)]
        for (_, end), (start, _), gap in zip(self.spans, self.spans[1:], self.quoted.gaps, strict=False):
            changes = hides_meaning(text, end, start, borders) or inserts_meaning(gap)
            out.append(self._as_written(end, start) if changes else "")
        after = hidden_after(text, last) if LEFT_OUT_AT_END.search(self.quoted.claim) else ""
        return (*out, self._as_written(last, last + len(after)))

    def _as_written(self, start: int, end: int) -> str:
        return compared_passage(self.sections, start, end).written if end > start else ""

    @property
    def misleads(self) -> bool:
        """Whether what the quotation leaves out or inserts changes what it says."""
        if self.quoted.unbroken:
            return False
        return any(self.hidden) or any(map(inserts_meaning, self.quoted.gaps[: len(self.spans) - 1]))


class Evidence:
    """Searches for quotations in one open index.

    Args:
        engine: The open index.
        node: Selects the sections.
        resolver: Its documents.
        left_out: Ids of documents that are not used as evidence.
        only: Ids of the documents to search; None for all.
    """

    def __init__(
        self,
        engine: Engine,
        node: Node,
        resolver: ReferenceResolver,
        left_out: frozenset[str] = frozenset(),
        only: frozenset[str] | None = None,
    ) -> None:
        self._only = only
        self._engine = engine
        self._node = node
        self._resolver = resolver
        self._left_out = left_out
        self._texts: dict[str, str] = {}
        self._rows: tuple[str, list[tuple[Stored, ...]]] | None = None  # those of the last quotation

    def exact(self, quoted: Quoted) -> list[Found]:
        """Return the places with a quotation word for word, as compared; latest documents first, then by id."""
        for parts in quoted.whole:
            found: dict[str, Found] = {}
            for section in self._having(quoted.needles(parts)):
                document_id = section.document["document_id"]
                if document_id not in found:
                    place = self._in_sections((section,), parts, quoted) or (
                        self.in_document(section.document, quoted) if len(parts) > 1 else None
                    )
                    if place:
                        found[document_id] = place
            if found:
                return sorted(found.values(), key=_latest_first, reverse=True)
        over = [place for row in self._over_sections(quoted) if (place := self._in_rows(row, quoted))]
        return sorted(over, key=_latest_first, reverse=True)

    def _over_sections(self, quoted: Quoted) -> list[tuple[Stored, ...]]:
        """Return the rows of sections that may have a quotation over the end of one, at most one of each document."""
        if not quoted.parts:
            return []
        if self._rows is None or self._rows[0] != quoted.written:
            spans = parts_of(quoted.written)
            longest = max((quoted.written[start:end] for start, end in spans), key=len)
            rows: dict[str, tuple[Stored, ...]] = {}
            for name, first, last in rows_of_sections(self._engine, self._node, longest):
                if (
                    len(rows) >= _MOST_EXACT
                    or name in self._left_out
                    or (self._only is not None and name not in self._only)
                ):
                    continue
                sections = tuple(self._engine.stored(self._engine.find_document(name)[first - 1 : last]))
                if name not in rows or not self._in_rows(rows[name], quoted):
                    rows[name] = sections
            self._rows = quoted.written, list(rows.values())
        return self._rows[1]

    def _in_rows(self, row: Sequence[Stored], quoted: Quoted) -> Found | None:
        if len(quoted.parts) > 1:
            return self.in_document(row[0].document, quoted)
        return next(filter(None, (self._in_sections(row, parts, quoted) for parts in quoted.whole)), None)

    def near(self, quoted: Quoted) -> list[Found]:
        """Return the places most similar to a quotation, best first; equal as compared is similarity 1.

        If no similarity reaches ``NEAR``, the places with half of it word for word come first.
        """
        text = "".join(quoted.parts) if len(quoted.parts) > 1 else quoted.text
        middle = (len(text) + 1) // 2
        # a single change leaves one half unchanged
        halves = self._closest_in(self._with_pieces((text[:middle], text[middle:]), text), quoted)
        if halves and halves[0].similarity >= NEAR:
            return halves
        between_marks = [one for one in quoted.needles((quoted.text,)) if len(one) > _RUN]
        pieces = self._closest_in(self._with_pieces((*_pieces(text), *between_marks), text), quoted)
        if pieces and (not halves or pieces[0].similarity >= NEAR):
            return pieces
        over = filter(None, (self._best_in(row, quoted) for row in self._over_sections(quoted)[:_MOST_NEAR]))
        best = sorted(over, key=lambda one: -one.similarity)
        if best and best[0].similarity > max((one.similarity for one in (*halves, *pieces)), default=0):
            return best
        return halves

    def _closest_in(self, sections: Sequence[Stored], quoted: Quoted) -> list[Found]:
        """Return for each document the place in one of some sections most similar to a quotation, best first."""
        found: dict[str, Found] = {}
        for section in sections:
            document_id = section.document["document_id"]
            one = self._best_in((section,), quoted)
            if one is None or (one.similarity < 1 and _touches_an_end(one, section)):
                wider = self._best_in(self._around(section, len(quoted.text)), quoted)
                one = wider if wider and (one is None or wider.similarity > one.similarity) else one
            if one and len(quoted.parts) > 1 and one.similarity < 1:
                one = self.in_document(section.document, quoted) or one
            if one and (document_id not in found or one.similarity > found[document_id].similarity):
                found[document_id] = one
                if len(quoted.text) > _LONG and one.similarity >= _SURE:
                    break  # nothing is more similar, and each comparison takes long
        best = sorted(found.values(), key=_latest_first, reverse=True)
        return sorted(best, key=lambda one: -one.similarity)

    def in_document(self, document: Any, quoted: Quoted) -> Found | None:
        """Return the place in a document with a quotation word for word, also across sections."""
        sections = self._resolver.sections(document)
        text = self._text(document["document_id"], sections)
        for parts in quoted.whole:
            found = self._in_text(text, sections, parts, quoted)
            if found:
                return found
        return None

    def in_cited(self, cited: Iterable[Cited], quoted: Quoted, *, whole_figures: bool = False) -> list[Found]:
        """Return the places in cited documents with a quotation word for word, one each, in the order given.

        ``cited`` of a place is whether it begins in the cited sections. ``whole_figures``: figures at its ends are not
        parts of longer ones there.
        """
        if whole_figures:
            return [found for one in cited for found in self._whole_figures(one, quoted)]
        out = []
        for one in cited:
            if one.entry.document_id in self._left_out:
                continue
            within = _within(one)
            ways = (self._in_sections(one.sections, parts, quoted, within) for parts in quoted.whole if one.sections)
            found = next(filter(None, ways), None)
            if found:
                out.append(_cited(found) if _begins_in(found, within) else found)
                continue
            place = self.in_document(one.entry.document, quoted)
            if place:
                begins = {section.ordinal for section in one.sections}
                out.append(_cited(place) if place.section.ordinal in begins else place)
        return out

    def _whole_figures(self, cited: Cited, quoted: Quoted) -> Iterator[Found]:
        text = "".join(without_marks(one.reduced) for one in cited.sections)
        within = _within(cited)
        for spans in _following(text, (quoted.text,)):
            found = Found(quoted, cited.sections, spans, 1.0, cited=True)
            if _begins_in(found, within) and not any(divides_number(text, at) for at in spans[0]):
                yield found
                return

    def near_in_cited(self, cited: Iterable[Cited], quoted: Quoted) -> Found | None:
        """Return the place most similar to a quotation in the cited sections, or else in their documents."""
        best: Found | None = None
        for one in cited:
            if one.entry.document_id in self._left_out:
                continue
            for sections, is_cited in ((one.sections, True), (self._resolver.sections(one.entry.document), False)):
                found = self._best_in(sections, quoted) if sections else None
                if found and (best is None or found.similarity > best.similarity):
                    best = _cited(found) if is_cited and _begins_in(found, _within(one)) else found
                if best and best.similarity >= NEAR:
                    break
        return best

    # search

    def _having(self, needles: Sequence[str]) -> Iterator[Stored]:
        """Yield sections with the longest part, then with the others if nothing else is required of the document."""
        node = And((self._node, *map(Contains, needles)))
        answer = self._engine.search(Request(node, limit=_MOST_EXACT, sort="-date"))
        yield from self._admitted(self._engine.stored([hit.key for hit in answer.hits]))

    def _admitted(self, sections: Iterable[Stored]) -> list[Stored]:
        """Return the sections of documents that may be evidence."""
        return [one for one in sections if self._admits(one.document["document_id"])]

    def _admits(self, document_id: str) -> bool:
        return document_id not in self._left_out and (self._only is None or document_id in self._only)

    def _with_pieces(self, pieces: Iterable[str], text: str) -> list[Stored]:
        """Return the sections with a piece of a quotation, those with most of its short runs first."""
        wanted = tuple(dict.fromkeys(filter(None, pieces)))
        # a complete piece has a weight by its rarity; else pairs of characters have
        groups = tuple(ScoredGroup(piece, tuple(Term("grams", a + b) for a, b in pairwise(piece))) for piece in wanted)
        some = Or(tuple(map(Contains, wanted)))
        node: Node = some if isinstance(self._node, MatchAll) else And((self._node, some))
        answer = self._engine.search(Request(node, groups, limit=_MOST_RANKED))
        sections = self._admitted(self._engine.stored([hit.key for hit in answer.hits]))
        runs = [text[at : at + _RUN] for at in range(0, len(text) - _RUN + 1, 1 + len(text) // _MOST_RUNS)]
        sections.sort(key=lambda one: -sum(run in one.reduced for run in runs))
        return sections[:_MOST_NEAR]

    def _around(self, section: Stored, size: int) -> tuple[Stored, ...]:
        """Return a section with those before and after it, so many characters on each side and at least one."""
        sections = self._resolver.sections(section.document)
        first = last = section.ordinal - 1
        room = size
        while first and room > 0:
            first -= 1
            room -= len(sections[first].reduced)
        room = size
        while last + 1 < len(sections) and room > 0:
            last += 1
            room -= len(sections[last].reduced)
        return sections[first : last + 1]

    def _text(self, document_id: str, sections: Sequence[Stored]) -> str:
        found = self._texts.get(document_id)
        if found is None:
            if len(self._texts) >= _KEPT_TEXTS:
                self._texts.clear()
            found = self._texts[document_id] = "".join(without_marks(one.reduced) for one in sections)
        return found

    def _in_sections(
        self,
        sections: Sequence[Stored],
        parts: Sequence[str],
        quoted: Quoted,
        within: _Within | None = None,
    ) -> Found | None:
        text = "".join(without_marks(one.reduced) for one in sections)
        return self._in_text(text, sections, parts, quoted, within)

    def _in_text(
        self,
        text: str,
        sections: Sequence[Stored],
        parts: Sequence[str],
        quoted: Quoted,
        within: _Within | None = None,
    ) -> Found | None:
        """Return the place of a quotation in a text: one that begins in some spans, and omits nothing of weight."""
        best: Found | None = None
        rank = -1
        only_first = quoted.unbroken and within is None
        for spans in islice(_following(text, parts), 1 if only_first else _MOST_WINDOWS):
            found = Found(quoted, tuple(sections), spans, 1.0)
            here = 2 * _begins_in(found, within) + (not found.misleads)
            if here > rank:
                best, rank = found, here
            if rank == 3:
                break
        return best

    def _best_in(self, sections: Sequence[Stored], quoted: Quoted) -> Found | None:
        """Return the place in consecutive sections most similar to a quotation."""
        text = "".join(without_marks(one.reduced) for one in sections)
        exact = next((f for f in (self._in_text(text, sections, p, quoted) for p in quoted.whole) if f), None)
        if exact:
            return exact
        parts = quoted.parts if len(quoted.parts) > 1 else (quoted.text,)
        spans = []
        alike = at = total = 0.0
        for part in parts:
            place = closest(part, text[int(at) :])
            if place is None:
                return None
            start, end, similarity = place
            spans.append((int(at) + start, int(at) + end))
            alike += similarity * len(part)
            total += len(part)
            at += end
        found = Found(quoted, tuple(sections), tuple(spans), min(alike / total, 1 - 1e-9))
        return replace(found, similarity=1.0) if found.similarity >= NEAR and _only_notes_more(found, text) else found


def _only_notes_more(found: Found, text: str) -> bool:
    """Return whether a passage of a compared text is the same as a quotation except for marks of notes in it."""
    if not any(may_have_notes(text[start:end]) for start, end in found.spans):
        return False
    parts = found.quoted.parts if len(found.quoted.parts) > 1 else (found.quoted.text,)
    for part, passage in zip(parts, found.passages, strict=True):
        plain = without_notes(passage.written)
        if plain == passage.written or comparable(plain).text.rstrip(END_MARKS) != part.rstrip(END_MARKS):
            return False
    return True


def _pieces(text: str) -> Iterator[str]:
    """Yield pieces of a quotation, the last one up to its end."""
    size = max(2, min(_PIECE, len(text) // 3))
    last = max(0, len(text) - size)
    for at in (*range(0, last, max(size, last // _MOST_PIECES)), last):
        yield text[at : at + size]


@frozen
class _Within:
    """The cited parts of an article in the compared text of its sections, and the paragraphs that they are in."""

    spans: tuple[tuple[int, int], ...]
    paragraphs: tuple[tuple[int, int], ...]

    def has(self, found: Found) -> bool:
        """Return whether a quotation begins in one, or in its paragraph and reaches into it."""
        first, last = found.spans[0][0], found.spans[-1][1]
        return any(
            start <= first < end or (low <= first < high and first < end and start < last)
            for (start, end), (low, high) in zip(self.spans, self.paragraphs, strict=True)
        )


def _within(cited: Cited) -> _Within | None:
    """Return the cited parts of an article; None if all of it is cited, or if its parts cannot be told."""
    if not cited.below or not cited.sections:
        return None
    text = "".join(one.text for one in cited.sections)
    spans = cited_parts(text, cited.below)
    offsets = comparable(text).offsets
    if spans is None or len(offsets) != sum(len(without_marks(one.reduced)) for one in cited.sections):
        return None
    above = [(part.start, part.end) for part in parts_in(text) if len(part.marks) == 1]
    around = (next((one for one in above if one[0] <= start < one[1]), (start, end)) for start, end in spans)
    compared = [
        tuple((bisect_left(offsets, start), bisect_left(offsets, end)) for start, end in several)
        for several in (spans, around)
    ]
    return _Within(*compared)


def _begins_in(found: Found, within: _Within | None) -> bool:
    return within is None or within.has(found)


def _cited(found: Found) -> Found:
    return replace(found, cited=True)


def _touches_an_end(found: Found, section: Stored) -> bool:
    """Return whether a passage may continue in the next section, or begin in the one before."""
    size = len(without_marks(section.reduced))
    return found.spans[0][0] <= _NEAR_AN_END or found.spans[-1][1] >= size - _NEAR_AN_END


def _following(text: str, parts: Sequence[str]) -> Iterator[tuple[tuple[int, int], ...]]:
    """Yield the spans of parts that follow one another in a text, with as little as possible between them."""
    start = 0
    for part in parts[:-1]:
        start = text.find(part, start)
        if start < 0:
            return
        start += len(part)
    last = text.find(parts[-1], start) if parts else -1
    while last >= 0:
        spans = [(last, last + len(parts[-1]))]
        for part in reversed(parts[:-1]):
            at = text.rfind(part, 0, spans[0][0])
            spans.insert(0, (at, at + len(part)))
        yield tuple(spans)
        last = text.find(parts[-1], last + 1)


def _all_verbatim(quoted: Quoted, passages: Sequence[ComparedPassage]) -> bool:
    written = (quoted.written[a:b].strip(END_MARKS + " \t\n\u3000") for a, b in parts_of(quoted.written))
    kept = [one for one in written if comparable(one).text]
    return all(same_as_written(a, b.written.strip()) for a, b in zip(kept, passages, strict=False))


def _latest_first(found: Found) -> tuple[bool, str]:
    document = found.document
    return document["status"] != "已废止", document["date"] or str(document["year"] or "")
