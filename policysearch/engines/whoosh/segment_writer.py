"""Building of a segment from document entries: the inversion of words and bigrams, in numpy.

Each document is converted to its final form at once, so that a build needs
little more memory than the segment it is about to write.
"""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import count
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from policysearch.engines.entries import STORED_FIELDS, DocumentEntry, SectionEntry
from policysearch.engines.scoring import LENGTHS
from policysearch.engines.tree import when
from policysearch.engines.whoosh.encoded_texts import encode_text
from policysearch.engines.whoosh.pieces import PiecesWriter
from policysearch.engines.whoosh.postings import MOST_COUNTED, MOST_SECTIONS, encode_postings, keys
from policysearch.engines.whoosh.region_file import RegionWriter
from policysearch.engines.whoosh.segment_reader import OF_TEXT, SECTION_NUMBERS
from policysearch.engines.whoosh.stored_names import stored_names, stored_title
from policysearch.engines.whoosh.text_edits import edits
from policysearch.text.chinese import HAN_RANGES
from policysearch.text.code_points import are_within, code_points
from policysearch.text.folding import reduce
from policysearch.vocabulary import FILTER_COLUMNS

__all__ = [
    "COLUMNS",
    "SegmentBuilder",
    "write_first",
    "write_grams",
    "write_ids",
    "write_lengths",
    "write_metadata",
    "write_words",
]

COLUMNS = (*FILTER_COLUMNS, "when")
"""Document fields stored as columns of numbered distinct values, with a number for each distinct row of metadata."""

Numbers = NDArray[np.int64]


class _Table:
    """A table of distinct values, and the number of its value for each document."""

    def __init__(self) -> None:
        self.codes = array("I")
        self.known: dict[Any, int] = {}

    def add(self, value: Any) -> None:
        self.codes.append(self.known.setdefault(value, len(self.known)))


class _Words:
    """The words of all sections, as numbers."""

    def __init__(self) -> None:
        # not its own __len__: that reference cycle kept the words of hundreds of segments until they were collected
        self._numbers: defaultdict[str, int] = defaultdict(count().__next__)
        self._tokens = array("I")
        self.lengths = array("I")

    def add(self, words: Sequence[str]) -> None:
        self._tokens.extend(map(self._numbers.__getitem__, words))
        self.lengths.append(len(words))

    def write(self, out: RegionWriter) -> None:
        terms = sorted((_bytes(word), number) for word, number in self._numbers.items())
        rank = np.zeros(len(terms), np.int64)
        rank[[number for _, number in terms]] = np.arange(len(terms))
        section = np.repeat(np.arange(len(self.lengths)), np.array(self.lengths))
        key = keys(*_invert(rank[np.frombuffer(self._tokens, np.uint32)], section))
        write_words(out, [word for word, _ in terms], key)


def write_words(out: RegionWriter, words: Sequence[bytes], key: Numbers) -> None:
    """Write the words and their postings, given by ``postings.keys``; each has one, and they are in order."""
    pointers, postings = encode_postings(len(words), key)
    out.region("words.terms", b"".join(words))
    out.region("words.terms.offsets", np.cumsum([0, *map(len, words)]).astype(np.uint32).tobytes())
    out.region("words.pointers", pointers.tobytes())
    out.region("words.postings", postings.tobytes())


class _Grams:
    """The bigrams of all reduced texts, inverted piece by piece.

    A bigram is a number: its first character times 2 ** 21 plus its second;
    the last character of a text has none (0) after it. So every character of a text begins exactly one bigram, a border
    too, which no query contains.
    """

    _PIECE = 300_000  # characters inverted at a time

    def __init__(self) -> None:
        self.lengths = array("I")
        self._texts: list[str] = []
        self._pending = 0
        self._sections = 0
        self._postings: list[Numbers] = []  # gram * 2 ** 16 + section
        self._frequencies: list[NDArray[np.uint16]] = []

    def add(self, text: str) -> None:
        self._texts.append(text)
        self._pending += len(text)
        if self._pending >= self._PIECE:
            self._invert()

    def _invert(self) -> None:
        texts, self._texts, self._pending = self._texts, [], 0
        sizes = np.array([len(text) for text in texts], np.int64)
        codes = code_points("".join(texts)).astype(np.int64)
        section = np.repeat(np.arange(len(texts), dtype=np.int64), sizes)
        following = np.append(codes[1:], 0)
        ends = np.cumsum(sizes)[sizes > 0] - 1
        following[ends] = 0
        han = are_within(codes, HAN_RANGES)
        # only bigrams of Han characters are used for ranking, so only these count in a section's length
        both = han & np.append(han[1:], False)
        both[ends] = False
        self.lengths.extend(np.bincount(section[both], minlength=len(texts)).tolist())
        gram, where, frequency = _invert(codes << 21 | following, section)
        self._postings.append(gram << 16 | where + self._sections)
        self._frequencies.append(np.minimum(frequency, MOST_COUNTED).astype(np.uint16))
        self._sections += len(texts)

    def write(self, out: RegionWriter) -> None:
        if self._texts:
            self._invert()
        posting = np.concatenate(self._postings) if self._postings else np.zeros(0, np.int64)
        frequencies = np.concatenate(self._frequencies) if self._frequencies else np.zeros(0, np.uint16)
        self._postings, self._frequencies = [], []
        order = np.argsort(posting, kind="stable")  # fast on presorted pieces
        posting, frequencies = posting[order], frequencies[order]
        del order
        gram = posting >> 16
        new = np.concatenate(([True], gram[1:] != gram[:-1])) if len(gram) else np.zeros(0, bool)
        known = gram[new]
        del gram
        write_grams(out, known, keys(np.cumsum(new) - 1, posting & 0xFFFF, frequencies.astype(np.int64)))


def write_grams(out: RegionWriter, grams: Numbers, key: Numbers) -> None:
    """Write the bigrams and their postings, given by ``postings.keys``; each has one, and they are in order."""
    pointers, postings = encode_postings(len(grams), key)
    heads, starts = np.unique(grams >> 21, return_index=True)
    out.region("grams.heads", heads.astype(np.uint32).tobytes())
    out.region("grams.starts", np.append(starts, len(grams)).astype(np.uint32).tobytes())
    # every character of a text begins a bigram, so the second one of each is given by its rank among the first ones
    second = grams & 0x1F_FFFF
    ranks = np.where(second, np.searchsorted(heads, second) + 1, 0)
    out.numbers("grams.seconds", array("I", ranks.astype(np.uint32).tobytes()))
    out.region("grams.pointers", pointers.tobytes())
    out.region("grams.postings", postings.tobytes())


class SegmentBuilder:
    """Collects documents until they fill a segment.

    Documents must be added in order of their ids; then sections are in order
    of their ids too.
    """

    MOST_CHARACTERS = 1500000

    def __init__(self) -> None:
        self.documents = 0
        self._last = ""
        self._characters = 0
        self._bytes = 0
        self._first = array("I", [0])
        self._numbers = array("I")  # as many of each section as there are ``SECTION_NUMBERS``
        self._parts: dict[str, int] = {}
        self._part_numbers = array("I")
        self._bare = array("I")
        self._text = bytearray()
        self._text_offsets = array("I", [0])
        self._pieces = {name: PiecesWriter() for name in ("edits", "heading", "names")}
        self._ids: list[str] = []
        self._rows = _Table()
        self._titles = _Table()
        self._words = _Words()
        self._grams = _Grams()

    def fits(self, entry: DocumentEntry) -> bool:
        """Return whether one more document fits into this segment."""
        size = sum(len(s.text) for s in entry.sections)
        return not self.documents or (
            entry.document_id > self._last
            and self._first[-1] + len(entry.sections) <= MOST_SECTIONS
            and self._characters + size <= self.MOST_CHARACTERS
        )

    def add(self, entry: DocumentEntry) -> None:
        """Add a document."""
        self.documents += 1
        self._last = entry.document_id
        self._first.append(self._first[-1] + len(entry.sections))
        self._ids.append(entry.document_id)
        self._rows.add(_row_values(entry))
        self._titles.add(stored_title(entry.fields["title"], entry.sections))
        pieces = self._pieces
        for section, above, own in zip(entry.sections, *_paths(entry.sections), strict=True):
            self._characters += len(section.text)
            self._bytes += len(_bytes(section.text))
            self._numbers.extend((section.start, section.page or 0, *above, section.level))
            self._part_numbers.append(self._parts.setdefault(section.part, len(self._parts)))
            if section.only_heading:
                self._bare.append(len(self._part_numbers) - 1)
            self._text += encode_text(section.compared.text)
            self._text_offsets.append(len(self._text))
            pieces["edits"].add(edits(section.text, section.compared))
            pieces["heading"].add(_bytes(reduce(section.heading)) if section.heading else b"")
            pieces["names"].add(stored_names(section.number, section.heading, own))
            self._words.add(section.words)
            self._grams.add(section.compared.text)

    def write(self, path: Path) -> tuple[int, int]:
        """Write the segment's file, sync it to disk, and return its size in bytes and its seal."""
        with RegionWriter(path) as out:
            out.region("text", self._text)
            out.region("text.offsets", self._text_offsets.tobytes())
            for name, pieces in self._pieces.items():
                pieces.write(out, name)
            write_ids(out, self._ids)
            write_first(out, self._first)
            for at, name in enumerate(SECTION_NUMBERS):
                out.numbers(f"section.{name}", self._numbers[at :: len(SECTION_NUMBERS)])
            out.numbers("section.part", self._part_numbers)
            out.region("section.bare", self._bare.tobytes())
            out.numbers("document.row", self._rows.codes)
            out.numbers("column.title", self._titles.codes)
            columns = {}
            for name, values in zip(COLUMNS, zip(*map(_columns, self._rows.known), strict=True), strict=True):
                column = _Table()
                for value in values:
                    column.add(value)
                out.numbers(f"column.{name}", column.codes)
                columns[name] = list(column.known)
            write_metadata(out, list(map(_row, self._rows.known)), list(self._titles.known), columns)
            self._words.write(out)
            self._grams.write(out)
            return out.finish(
                {
                    "sections": self._first[-1],
                    "documents": self.documents,
                    "characters": self._characters,
                    "bytes": self._bytes,
                    "parts": list(self._parts),
                    "fields": STORED_FIELDS,
                    "rows": len(self._rows.known),
                    "titles": len(self._titles.known),
                    "lengths": {
                        "words": write_lengths(out, "words", self._words.lengths, self._first),
                        "grams": write_lengths(out, "grams", self._grams.lengths, self._first),
                    },
                }
            )


def write_first(out: RegionWriter, first: Sequence[int]) -> None:
    """Write the number of each document's first section, and of the end, unless every document has one section."""
    if first[-1] >= len(first):
        out.region("document.first", array("I", first).tobytes())


def write_ids(out: RegionWriter, ids: Sequence[str]) -> None:
    """Write the ids of documents, which are in order: their common prefix, and the rest of each."""
    prefix = ids[0]
    while not ids[-1].startswith(prefix):
        prefix = prefix[:-1]
    rest = [_bytes(one[len(prefix) :]) for one in ids]
    out.region("document.prefix", _bytes(prefix))
    out.region("document.id", b"".join(rest))
    out.region("document.id.offsets", np.cumsum([0, *map(len, rest)]).astype(np.uint32).tobytes())


def write_metadata(
    out: RegionWriter, rows: Sequence[bytes], titles: Sequence[Any], columns: Mapping[str, Sequence[Any]]
) -> None:
    """Write the distinct values of metadata: rows, titles, and those of the columns."""
    _write_each(out, "rows", rows)
    _write_each(out, "titles", [_json(title) + b"," for title in titles])
    out.region("columns", _json(columns))


def _write_each(out: RegionWriter, name: str, values: Sequence[bytes]) -> None:
    pieces = PiecesWriter()
    for value in values:
        pieces.add(value)
    pieces.write(out, name)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _json(value: Any) -> bytes:
    return _bytes(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


_ROW = tuple(name for name in STORED_FIELDS if name not in ("document_id", "title"))
_BITS = tuple(1 << STORED_FIELDS.index(name) for name in _ROW)
_SHA256 = _ROW.index("sha256")
_of_row, _of_filters = itemgetter(*_ROW), itemgetter(*FILTER_COLUMNS)


def _row_values(entry: DocumentEntry) -> tuple[Any, ...]:
    """Return the metadata without id and title.

    So records of a collection without metadata of their own share one row.
    """
    row: tuple[Any, ...] = _of_row(entry.fields)
    if len(entry.sections) == 1:  # the same encoding as that of records
        text = _bytes(entry.sections[0].text)
        if sha256(text).hexdigest() == row[_SHA256]:
            return (*row[:_SHA256], OF_TEXT, *row[_SHA256 + 1 :])
    return row


def _columns(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the values of ``COLUMNS``, given those of a row."""
    fields = dict(zip(_ROW, values, strict=True))
    return (*_of_filters(fields), when(fields))


def _row(values: tuple[Any, ...]) -> bytes:
    """Return these values without nulls; the bits of the first number show which fields there are."""
    held = [(bit, value) for bit, value in zip(_BITS, values, strict=True) if value is not None]
    return _json([sum(bit for bit, _ in held), *(value for _, value in held)])


def _invert(term: Numbers, section: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return term, section and frequency of each posting, in order of term and section; sections are in order."""
    key = term << 16 | section
    if len(key):
        for digit in range(1, 1 + (int(key.max()).bit_length() - 1) // 16):
            # by radix, since the last two bytes are in order: a fifth of the time of numpy's general sort
            key = key.take(key.view(np.uint16)[digit::4].argsort(kind="stable"))
    first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if len(key) else np.zeros(0, np.int64)
    frequency = np.diff(np.append(first, len(key)))
    unique = key[first]
    return unique >> 16, unique & 0xFFFF, frequency


def write_lengths(
    out: RegionWriter, name: Literal["words", "grams"], lengths: array[int], first: Sequence[int]
) -> list[int]:
    """Write the lengths of sections and documents; return the number of each with the field, and the sum."""
    of_sections = np.frombuffer(lengths, np.uint32)
    of_documents = np.diff(np.concatenate(([0], np.cumsum(of_sections, dtype=np.int64)))[np.asarray(first)])
    # as in ``scoring.encode_length``: the greatest byte whose length is not greater
    norms, whole = (
        (np.searchsorted(LENGTHS, one, "right") - 1).astype(np.uint8) for one in (of_sections, of_documents)
    )
    out.numbers(f"{name}.lengths", lengths)
    out.region(f"{name}.norms", norms.tobytes())
    if not np.array_equal(whole, norms):
        out.region(f"{name}.document.norms", whole.tobytes())
    return [int(np.count_nonzero(of_sections)), int(np.count_nonzero(of_documents)), int(of_documents.sum())]


def _paths(sections: Sequence[SectionEntry]) -> tuple[list[tuple[int, int]], list[tuple[str, ...]]]:
    """Return each section's path in two parts: a reference to an earlier section, and its own entries.

    The reference is the distance to the earlier section and the length of the
    shared prefix. It is to the section that introduced the last entry of that
    prefix, so a path is assembled in at most as many steps as it has levels.
    """
    if len(sections) == 1:  # the same encoding as that of records
        return [(0, 0)], [sections[0].path]
    before: tuple[str, ...] = ()
    brought: list[int] = []
    above = []
    for i, section in enumerate(sections):
        same = 0
        while same < min(len(before), len(section.path)) and before[same] == section.path[same]:
            same += 1
        above.append((i - brought[same - 1] if same else 0, same))
        brought[same:] = [i] * (len(section.path) - same)
        before = section.path
    return above, [section.path[same:] for section, (_, same) in zip(sections, above, strict=True)]
