"""Evaluation of a query tree on one segment. Sets of sections are Roaring bitmaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain, compress
from typing import Any, Protocol, TypeVar

from pyroaring import BitMap

from policysearch.engines.protocol import headed, may_begin_in_number, stands_whole
from policysearch.engines.tree import (
    And,
    Contains,
    Listed,
    MatchAll,
    Node,
    Not,
    OfDocuments,
    Or,
    Range,
    ValueIn,
    Verified,
)
from policysearch.engines.whoosh.encoded_texts import decode_text, encode_text, stands_in
from policysearch.engines.whoosh.postings import MOST_COUNTED, PostingRun, group_bitmap, sections_by_places
from policysearch.engines.whoosh.segment_reader import GRAMS, WORDS, Segment
from policysearch.text.folding import may_overlap, reduce

__all__ = ["MOST_GRAMS", "Kept", "LiveSegment", "Terms"]

MOST_GRAMS = 6
"""Number of the rarest bigrams of a text by which the sections are chosen that may have it."""

_FEW = 50  # number of sections below which verifying texts is faster than reading another bigram
_MOST_KEPT = 2_000_000  # maximum size of the cache in numbers of two bytes and more

K = TypeVar("K")
V = TypeVar("V")


class Terms(Protocol):
    """Looks up the terms of one segment."""

    def document_frequency(self, field: str, term: str) -> int:
        """Return the number of live sections that contain a term."""

    def sections_with(self, field: str, term: str) -> BitMap:
        """Return the live sections that contain a term, as a bitmap."""


class LiveSegment:
    """A segment in one generation, without the documents that were removed since it was written.

    Attributes:
        data: The segment file.
        removed: Numbers of the removed documents.
        all: The live sections, as a bitmap.
        arrays: The numpy term lookup, once it exists.
        counts: The counts of its sections, likewise; see ``section_tables``.
        known_texts: Cached live sections that have a text.
        known_counts: Cached frequencies of strings in all sections.
        known_characters: The same of characters, as arrays, once they were counted.
    """

    def __init__(self, segment: Segment, removed: Iterable[int]) -> None:
        self.data = segment
        self.removed = frozenset(removed)
        self.all = BitMap(range(segment.sections))
        for document in self.removed:
            self.all.remove_range(segment.first[document], segment.first[document + 1])
        self._whole = not self.removed
        self.known_texts = Kept[str, BitMap]()
        self._of_known = Kept[frozenset[str], BitMap]()
        self._places = Kept[str, dict[int, int]]()
        self._postings = Kept[tuple[str, str], list[tuple[int, BitMap]]]()
        self._by_places = Kept[str, list[tuple[int, BitMap]]]()
        self._known_groups = Kept[tuple[str, str], list[PostingRun]]()
        self.known_counts = Kept[str, int]()
        self.known_characters: Any = None
        self.arrays: Terms | None = None
        self.counts: Any = None

    @property
    def terms(self) -> Terms:
        """The term lookup."""
        return self.arrays or self

    @property
    def live_documents(self) -> list[int]:
        """The live documents, in order."""
        return [d for d in range(self.data.documents) if d not in self.removed]

    def lengths(self, field: str) -> tuple[int, int, int]:
        """Return the numbers of live sections and live documents that have a field, and the sum of its lengths."""
        sections, documents, total = self.data.figures["lengths"][field]
        lengths = self.data.lengths[field] if self.removed else ()
        for document in self.removed:
            gone = lengths[self.data.first[document] : self.data.first[document + 1]]
            sections -= sum(map(bool, gone))
            documents -= any(gone)
            total -= sum(gone)
        return sections, documents, total

    def documents_with(self, sections: BitMap) -> set[int]:
        """Return the documents of some sections."""
        document_of = self.data.document_numbers
        return {document_of[s] for s in sections}

    @cached_property
    def parts(self) -> Mapping[str, BitMap]:
        """The live sections of each part."""
        every, codes = range(self.data.sections), self.data.parts.tobytes()
        found = {}
        for code, name in enumerate(self.data.figures["parts"]):
            of_part = codes.translate(bytes(code) + b"\1" + bytes(255 - code))
            found[name] = BitMap(compress(every, of_part)) & self.all
        return found

    # selecting sections

    def postings(self, field: str, term: str) -> list[tuple[int, BitMap]]:
        """Return (frequency, live sections) for each frequency of a term, ascending."""
        key = (field, term)
        found = self._postings.get(key)
        if found is None:
            found = [(g.frequency, group_bitmap(g, self.data.file.map)) for g in self.groups(field, term)]
            if not self._whole:
                found = [(f, live) for f, bitmap in found if (live := bitmap & self.all)]
            self._postings.keep(key, found, sum([len(sections) for _, sections in found]))
        return found

    def groups(self, field: str, term: str) -> list[PostingRun]:
        """Return a term's postings, including removed sections."""
        key = (field, term)
        found = self._known_groups.get(key)
        if found is None:
            found = self.data.groups(field, term)
            self._known_groups.keep(key, found, 20 * len(found))
        return found

    def document_frequency(self, field: str, term: str) -> int:
        """Return the number of live sections that contain a term."""
        if self._whole:
            return sum([group.size for group in self.groups(field, term)])
        return sum([len(sections) for _, sections in self.postings(field, term)])

    def sections_with(self, field: str, term: str) -> BitMap:
        """Return the live sections that contain a term, as a bitmap."""
        return BitMap.union(*[sections for _, sections in self.postings(field, term)], BitMap())

    def places(self, text: str) -> dict[int, int]:
        """Return the live sections that have a text as typed, and its number of places, with overlaps.

        Those with many places are first.
        """
        found = self._places.get(text)
        if found is None:
            found = {s: places for places, sections in reversed(self.by_places(text)) for s in sections}
            self._places.keep(text, found, 10 * len(found))
        return found

    def having(self, text: str) -> int:
        """Return the number of ``places``."""
        if len(text) == 2:
            return self.document_frequency(GRAMS, text)
        return sum([len(sections) for _, sections in self.by_places(text)])

    def places_in(self, sections: BitMap, text: str) -> dict[int, int]:
        """Return ``places`` of some sections that have the text."""
        return {s: places for places, having in self.by_places(text) for s in having & sections}

    def by_places(self, text: str) -> list[tuple[int, BitMap]]:
        """Return (places, live sections) for each number of ``places``, ascending."""
        if len(text) == 2:
            return self.postings(GRAMS, text)
        found = self._by_places.get(text)
        if found is None:
            if len(text) == 1:
                runs = chain.from_iterable(self.data.groups_beginning(text))
                found = sections_by_places(runs, self.data.file.map)
                if not self._whole:
                    found = [(places, live) for places, sections in found if (live := sections & self.all)]
            else:
                found = self._places_of_string(text)
            found = _at_most_counted(found)
            size = sum([len(sections) for _, sections in found])
            self._by_places.keep(text, found, size)
            if text not in self.known_texts:
                self.known_texts.keep(text, BitMap.union(*[sections for _, sections in found], BitMap()), size)
        return found

    def _places_of_string(self, text: str) -> list[tuple[int, BitMap]]:
        """Return the same for a text of three characters or more.

        It occurs at most as often as each of its bigrams, and at least as often as the word of that form. The texts of
        the sections for which these differ are read.
        """
        unsure = self.known_texts.get(text)
        if unsure is None:
            unsure = self._candidates(text, None)[0]
        found: dict[int, BitMap] = {}
        words = [] if may_overlap(text) else self.postings(WORDS, text)
        for gram in dict.fromkeys(text[i : i + 2] for i in range(len(text) - 1)) if words else ():
            of_gram = dict(self.postings(GRAMS, gram))
            for places, sections in words:
                if places in of_gram and places < MOST_COUNTED:
                    sure = sections & of_gram[places] & unsure
                    found[places] = found.get(places, BitMap()) | sure
                    unsure = unsure - sure
        read: dict[int, list[int]] = {}
        for s, places in zip(unsure, self.counts_in(unsure, text), strict=True):
            if places:
                read.setdefault(places, []).append(s)
        for places, some in read.items():
            found[places] = found.get(places, BitMap()) | BitMap(some)
        return sorted((places, sections) for places, sections in found.items() if sections)

    def counts_in(self, sections: BitMap | Sequence[int], text: str) -> list[int]:
        """Return the number of places of a text of three characters or more in each section, with overlaps."""
        if not sections:
            return []
        encoded = encode_text(text)
        if may_overlap(text) or self.may_straddle(encoded):
            return [_overlapping(self.data.reduced(s), text) for s in sections]
        # without decoding the texts: in a third of the time
        file = self.data.file.map
        start, offsets = self.data.text_offsets
        return [file[start + offsets[s] : start + offsets[s + 1]].count(encoded) for s in sections]

    def may_straddle(self, encoded: bytes) -> bool:
        """Return whether an encoded text of three characters or more may begin in the second byte of a character.

        Then the characters of the other text after that one consist of the bytes of this one from its second one on.
        """
        within = decode_text(encoded[1:-1])
        # no pair begins with half of a character
        return any("\ud800" <= c <= "\udfff" for c in within) or self.data.pointer(GRAMS, within[:2]) is not None

    def with_text(self, text: str) -> BitMap:
        """Return the live sections that have ``text``, which the caller must not change."""
        found = self.known_texts.get(text)
        if found is None:
            found = self._with_texts([text], None)
            self.known_texts.keep(text, found, len(found))
        return found

    def _with_texts(self, texts: Sequence[str], among: BitMap | None) -> BitMap:
        """Return the live sections, of some or of all for None, that contain all of some texts.

        Texts are verified last, on the sections that may contain all of them.
        """
        found = among
        unsure = []
        # single characters last: they are in many bigrams
        for text in sorted(texts, key=len, reverse=True):
            if (known := self.known_texts.get(text)) is not None:
                found = known if found is None else found & known
            elif found is not None and len(found) < self._cost(text):
                unsure.append(text)
            else:
                found, sure = self._candidates(text, found)
                if not sure:
                    unsure.append(text)
            if not found:
                return BitMap()
        if found is None:
            return self.all
        for text in unsure:
            found = self._holding_text(text, found)
        return found

    def _cost(self, text: str) -> int:
        """Return the number of sections whose texts can be verified in the time of looking up a text."""
        return _FEW if len(text) > 2 else 0 if len(text) == 2 else 2 * len(self.data.grams_beginning(text))

    def _candidates(self, text: str, among: BitMap | None) -> tuple[BitMap, bool]:
        """Return the sections that may contain ``text``, by its rarest bigrams, and whether they certainly do."""
        if len(text) < 3:
            found = self.terms.sections_with(GRAMS, text) if len(text) == 2 else self._beginning_a_gram(text)
            return found if among is None else found & among, True
        counts = []
        for gram in sorted({text[i : i + 2] for i in range(len(text) - 1)}):
            count = self.terms.document_frequency(GRAMS, gram)
            if not count:
                return BitMap(), True
            counts.append((count, gram))
        for _, gram in sorted(counts)[:MOST_GRAMS]:
            if among is not None and len(among) < _FEW:
                break
            more = self.terms.sections_with(GRAMS, gram)
            among = more if among is None else among & more
        assert among is not None  # a text of three characters has bigrams
        return among, False

    def _beginning_a_gram(self, character: str) -> BitMap:
        groups = [
            group_bitmap(g, self.data.file.map) for groups in self.data.groups_beginning(character) for g in groups
        ]
        found = BitMap.union(*groups) if groups else BitMap()
        return found if self._whole else found & self.all

    def _holding_text(self, text: str, sections: BitMap) -> BitMap:
        """Return those of some live sections that contain ``text``."""
        sure = self.terms.sections_with(WORDS, text) & sections  # one of their words: no need to verify the text
        wanted = encode_text(text)
        file = self.data.file.map  # mmap's own ``find`` compares byte by byte before Python 3.12
        start, offsets = self.data.text_offsets
        more = [s for s in sections - sure if stands_in(file[start + offsets[s] : start + offsets[s + 1]], wanted)]
        return sure | BitMap(more)

    def select(self, node: Node) -> BitMap:
        """Return the live sections that ``node`` selects, as a bitmap that the caller must not change."""
        match node:
            case Contains(text, field, True) as whole:
                return self._standing_whole(whole, self.select(Contains(text, field)))
            case Contains(text, "text"):
                return self.with_text(text)
            case Contains(text, "heading"):
                return self._with_heading(text)
            case Contains(text, _):
                return self._with_title(text)
            case And(children):
                return self._select_all(children)
            case Or(children):
                return BitMap.union(*map(self.select, children)) if children else BitMap()
            case Not(child):
                return self.all - self.select(child)
            case MatchAll():
                return self.all
            case ValueIn("part", values):
                return BitMap.union(*[sections for name, sections in self.parts.items() if name in values], BitMap())
            case ValueIn(field, values):
                return self._of_documents(field, lambda value: value in values)
            case Range(field, _, _):
                return self._of_documents(field, node.covers)
            case OfDocuments(document_ids):
                return self._of(document_ids)
            case Listed(names):
                found = {name: self.data.find_document(name) for name, _ in names}
                first = self.data.first
                # a removed copy of a document may have fewer sections than the one in another segment
                held = [(d, at) for name, at in names if (d := found[name]) is not None and d not in self.removed]
                return BitMap([first[d] + at - 1 for d, at in held if first[d] + at <= first[d + 1]])
            case Verified(candidates, test):
                return BitMap([s for s in self.select(candidates) if self._passes(test, s)])

    def _of(self, document_ids: frozenset[str]) -> BitMap:
        """Return the live sections of some documents."""
        found = self._of_known.get(document_ids)
        if found is None:
            found = BitMap()
            for name in document_ids:
                document = self.data.find_document(name)
                if document is not None:
                    found.add_range(self.data.first[document], self.data.first[document + 1])
            found &= self.all
            self._of_known.keep(document_ids, found, len(document_ids))
        return found

    def _select_all(self, children: Sequence[Node]) -> BitMap:
        texts = [child.text for child in children if isinstance(child, Contains) and _is_text(child)]
        found = None
        if len(texts) > 1:
            found = self._with_texts(texts, None)
            children = [child for child in children if not _is_text(child)]
        # nodes that need the text are evaluated last, when few sections are left
        for child in sorted(children, key=_is_verified):
            if found is not None and not found:
                break
            if isinstance(child, Not) and found is not None:
                found = found - self.select(child.child)
                continue
            if isinstance(child, Verified) and found is not None:
                some = found & self.select(child.candidates)
                found = BitMap([s for s in some if self._passes(child.test, s)])
                continue
            if isinstance(child, Contains) and child.whole and found is not None:
                found = self._standing_whole(child, found & self.select(Contains(child.text, child.field)))
                continue
            more = self.select(child)
            found = more if found is None else found & more
        return self.all if found is None else found

    def _standing_whole(self, node: Contains, sections: BitMap) -> BitMap:
        """Return those of some sections with a text in which it occurs as whole words."""
        if node.field == "title":
            whole = self._of_documents("title", lambda value: isinstance(value, str) and _is_whole(node.text, value))
            return sections & whole
        if node.field == "heading":
            headings = ((s, headed(*self.data.record(s)[:2])) for s in sections)
            return BitMap([s for s, heading in headings if _is_whole(node.text, heading)])
        return BitMap([s for s in sections if self._passes(partial(stands_whole, node.text), s)])

    def _passes(self, test: Callable[[str, Callable[[], str]], bool], section: int) -> bool:
        reduced = self.data.reduced(section)
        return test(reduced, lambda: self.data.shown(section, reduced).text)

    def _with_heading(self, text: str) -> BitMap:
        """Return the live sections with a text in their number and heading."""
        data = self.data
        found = self.with_text(text)
        having = BitMap([s for s in data.among_headed(found) if text in data.heading(s)])
        if not may_begin_in_number(text):
            return having
        more = data.among_named(found - having)
        return having | BitMap([s for s in more if text in reduce(headed(*data.record(s)[:2]))])

    def _with_title(self, text: str) -> BitMap:
        """Return the live sections of documents with a text in their titles."""
        data = self.data
        values, codes = data.stored_titles
        found = self._of_codes(codes, {i for i, title in enumerate(self._titles) if text in title})
        lengths = [value if isinstance(value, int) else 0 for value in values]
        if not any(lengths):
            return found
        # a text that begins with its document's title, stored as a length, does so when both are reduced too
        own = ((s, lengths[codes[data.document_of(s)]]) for s in self.with_text(text))
        return found | BitMap([s for s, length in own if length and text in reduce(data.title_of(s, length))])

    @cached_property
    def _titles(self) -> list[str]:
        """The reduced titles that are stored as texts, by code; folded together, which is several times as fast."""
        titles = [value if isinstance(value, str) else "" for value in self.data.stored_titles[0]]
        reduced = reduce("\0".join(titles)).split("\0")
        return reduced if len(reduced) == len(titles) else list(map(reduce, titles))

    def _of_documents(self, field: str, wanted: Callable[[Any], bool]) -> BitMap:
        """Return the live sections of documents with a wanted value in a column."""
        values, numbers = self.data.column(field)
        return self._of_codes(numbers, {i for i, value in enumerate(values) if wanted(value)})

    def _of_codes(self, numbers: Iterable[int], codes: set[int]) -> BitMap:
        """Return the live sections of documents with one of some values, given the number of each document's."""
        found = BitMap()
        if codes:
            first = self.data.first
            for document, code in enumerate(numbers):
                if code in codes:
                    found.add_range(first[document], first[document + 1])
        return found if self._whole else found & self.all


def _is_text(node: Node) -> bool:
    return isinstance(node, Contains) and node.field == "text" and not node.whole


def _is_verified(node: Node) -> bool:
    return isinstance(node, Verified) or (isinstance(node, Contains) and node.whole)


def _is_whole(text: str, shown: str) -> bool:
    return stands_whole(text, reduce(shown), lambda: shown)


def _overlapping(within: str, wanted: str) -> int:
    """Return the number of places of a text, overlapping ones included."""
    count = 0
    at = within.find(wanted)
    while at >= 0:
        count += 1
        at = within.find(wanted, at + 1)
    return count


def _at_most_counted(by_places: list[tuple[int, BitMap]]) -> list[tuple[int, BitMap]]:
    """Return sections by their places, ascending, with the greatest number that postings have for all greater ones."""
    few = [one for one in by_places if one[0] < MOST_COUNTED]
    many = [sections for _, sections in by_places[len(few) :]]
    return [*few, (MOST_COUNTED, BitMap.union(*many))] if many else few


class Kept(dict[K, V]):
    """A cache, which is cleared when it exceeds its size."""

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self._most = most
        self._weight = 0

    def keep(self, key: K, found: V, numbers: int) -> None:
        """Cache a value of a size given in numbers."""
        self._weight += 50 + numbers
        if self._weight > self._most:
            self.clear()
            self._weight = 50 + numbers
        self[key] = found
