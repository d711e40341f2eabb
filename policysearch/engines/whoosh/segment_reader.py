"""Reading of a segment: its lexicons, postings, texts and records, all read in place."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from policysearch.engines.whoosh.encoded_texts import decode_text
from policysearch.engines.whoosh.pieces import Pieces
from policysearch.engines.whoosh.postings import PostingRun, read_groups
from policysearch.engines.whoosh.region_file import RegionFile
from policysearch.engines.whoosh.stored_names import names_of, title_in
from policysearch.engines.whoosh.text_edits import EditedText

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "FIELDS",
    "GRAMS",
    "OF_TEXT",
    "SECTION_NUMBERS",
    "WORDS",
    "Segment",
]

WORDS = "words"
GRAMS = "grams"
FIELDS = (WORDS, GRAMS)

SECTION_NUMBERS = ("start", "page", "back", "same", "level")
"""For each section: its offset in its document's text, in characters; its page, or 0; the distance to the section whose
path prefix it shares; the length of that prefix; its level."""

OF_TEXT = ""
"""Placeholder for a document's ``sha256`` if that is the hash of its text as shown, as for most records of a
collection; it is computed on demand."""

_MOST_PATHS = 5_000  # cached
_MOST_ROWS = 1_000  # cached too
_SKIPPED = 64  # one word of so many is cached
_decode = json.JSONDecoder().raw_decode  # json.loads does more work for every hit


class Segment:
    """One segment file, open for reading.

    Attributes:
        name: The file's name.
        sections: Number of sections, live or not.
        documents: Number of documents.
        figures: The figures that the writer recorded.
    """

    def __init__(self, path: Path, size: int, seal: int) -> None:
        self.name = path.name
        self.file = RegionFile(path, size, seal)
        self.figures = self.file.figures
        try:
            self.sections: int = self.figures["sections"]
            self.documents: int = self.figures["documents"]
            self._open()
        except (KeyError, ValueError, TypeError) as error:
            raise self.file.corrupt("its regions contradict one another") from error

    def _open(self) -> None:
        view = self.file.view
        self._text_start, _ = self.file.span("text")
        self._texts = view("text")
        self._text_offsets = view("text.offsets", "I")
        self._names = Pieces(self.file, "names", self.sections)
        self._numbers = [self.file.numbers(f"section.{name}", self.sections) for name in SECTION_NUMBERS]
        self.first: memoryview | range = (
            view("document.first", "I") if self.file.has("document.first") else range(self.sections + 1)
        )
        self.norms = {name: self.file.map[slice(*self.file.span(f"{name}.norms"))] for name in FIELDS}
        self._word_terms = view("words.terms")
        self._word_offsets = view("words.terms.offsets", "I")
        self._word_pointers = view("words.pointers", "I")
        self._heads = view("grams.heads", "I")
        self._starts = view("grams.starts", "I")
        self._gram_pointers = view("grams.pointers", "I")
        self.seconds = self.file.numbers("grams.seconds", len(self._gram_pointers))
        self._postings = {
            name: (view(f"{name}.postings", "H"), self.file.span(f"{name}.postings")[0]) for name in FIELDS
        }
        self._skip_index: list[bytes] = []
        self._paths: dict[tuple[int, int], tuple[str, ...]] = {}
        self._rows: dict[int, dict[str, Any]] = {}
        self._held: dict[int, list[str]] = {}  # few combinations of fields are not null
        self._of_documents: dict[str, memoryview] = {}
        counts = len(self._text_offsets) - 1, len(self.first) - 1
        if counts != (self.sections, self.documents) or not 0 <= self.figures["rows"] <= self.documents:
            raise ValueError("counts")

    # terms

    def build_skip_index(self) -> None:
        """Cache every 64th word, halving the steps of a binary search."""
        start, offsets = self.file.span("words.terms")[0], self._word_offsets
        self._skip_index = [
            self.file.map[start + offsets[i] : start + offsets[i + 1]]
            for i in range(0, len(self._word_pointers), _SKIPPED)
        ]

    def _word_pointer(self, word: str) -> int | None:
        wanted = word.encode("utf-8", "surrogatepass")
        signposts = self._skip_index
        file, (start, _), offsets = self.file.map, self.file.span("words.terms"), self._word_offsets
        low, high = 0, len(self._word_pointers)
        if signposts:
            high = min(high, bisect_right(signposts, wanted) * _SKIPPED)
            low = max(0, high - _SKIPPED)
        while low < high:
            middle = (low + high) // 2
            found = file[start + offsets[middle] : start + offsets[middle + 1]]
            if found < wanted:
                low = middle + 1
            elif found == wanted:
                return self._word_pointers[middle]
            else:
                high = middle
        return None

    def _gram_pointer(self, gram: str) -> int | None:
        second = 0
        if len(gram) > 1:
            second = bisect_left(self._heads, ord(gram[1])) + 1
            if second > len(self._heads) or self._heads[second - 1] != ord(gram[1]):
                return None
        held = self.grams_beginning(gram[0])
        at = bisect_left(self.seconds, second, held.start, held.stop)
        if at == held.stop or self.seconds[at] != second:
            return None
        return self._gram_pointers[at]

    def grams_beginning(self, character: str) -> range:
        """Return the numbers of the bigrams that start with a character."""
        at = bisect_left(self._heads, ord(character))
        if at == len(self._heads) or self._heads[at] != ord(character):
            return range(0)
        return range(self._starts[at], self._starts[at + 1])

    def groups_beginning(self, character: str) -> Iterator[list[PostingRun]]:
        """Yield the postings of each bigram that starts with a character."""
        for i in self.grams_beginning(character):
            yield read_groups(self._gram_pointers[i], *self._postings[GRAMS])

    def pointer(self, field: str, term: str) -> int | None:
        """Return the pointer to a term's postings, or None when no section contains it."""
        return self._word_pointer(term) if field == WORDS else self._gram_pointer(term)

    def groups(self, field: str, term: str) -> list[PostingRun]:
        """Return the postings of a term, empty when no section contains it."""
        pointer = self.pointer(field, term)
        return [] if pointer is None else read_groups(pointer, *self._postings[field])

    def terms(self, field: str, start: str = "") -> Iterator[str]:
        """Yield the field's terms in code point order, from the first that is not less than ``start``."""
        if field == WORDS:
            wanted = start.encode("utf-8", "surrogatepass")
            for i in range(
                bisect_left(range(len(self._word_pointers)), wanted, key=self._word), len(self._word_pointers)
            ):
                yield self._word(i).decode("utf-8", "surrogatepass")
        else:
            at = bisect_left(self._heads, ord(start[0])) if start else 0
            for i in range(at, len(self._heads)):
                for second in self.seconds[self._starts[i] : self._starts[i + 1]]:
                    gram = chr(self._heads[i]) + (chr(self._heads[second - 1]) if second else "")
                    if gram >= start:
                        yield gram

    @property
    def words(self) -> tuple[bytes, list[int]]:
        """All words in UTF-8, in order of their characters, joined, and the offset of each and of the end."""
        return bytes(self._word_terms), self._word_offsets.tolist()

    def _word(self, i: int) -> bytes:
        return bytes(self._word_terms[self._word_offsets[i] : self._word_offsets[i + 1]])

    @cached_property
    def lengths(self) -> dict[str, memoryview]:
        """The exact length of each field of every section."""
        return {name: self.file.numbers(f"{name}.lengths", self.sections) for name in FIELDS}

    @cached_property
    def bare(self) -> BitMap:
        """The sections that are only a heading."""
        return BitMap(array("I", bytes(self.file.view("section.bare"))))

    def ids(self, sections: Iterable[int]) -> list[tuple[str, list[str]]]:
        """Return the documents of some sections, given in order, each with the ids of its sections."""
        document_of, first, name_of = self.document_numbers, self.first, self.document_id
        found: list[tuple[str, list[str]]] = []
        at, before = -1, 0
        for section in sections:
            if document_of[section] != at:
                at = document_of[section]
                before = first[at] - 1
                name = name_of(at)
                ids: list[str] = []
                found.append((name, ids))
            ids.append(f"{name}#{section - before}")
        return found

    @cached_property
    def document_numbers(self) -> array[int]:
        """Each section's document."""
        first = list(self.first)
        # corrupt ones would allocate more memory than there is
        if first != sorted(first) or first[0] or first[-1] != self.sections:
            raise ValueError("the document offsets do not ascend")
        numbers = array("I")
        for document in range(self.documents):
            numbers.extend([document] * (first[document + 1] - first[document]))
        return numbers

    @cached_property
    def document_norms(self) -> dict[str, bytes]:
        """The length of each field of every document, as a byte of ``scoring.LENGTHS``."""
        regions = {name: f"{name}.document.norms" for name in FIELDS}
        return {
            name: self.file.map[slice(*self.file.span(region))] if self.file.has(region) else self.norms[name]
            for name, region in regions.items()
        }

    # texts

    @property
    def text_offsets(self) -> tuple[int, memoryview]:
        """The offset of the reduced texts in the file, and the offsets in them of each text and of the end."""
        return self._text_start, self._text_offsets

    def reduced(self, section: int) -> str:
        """Return the section's reduced text."""
        return decode_text(self._texts[self._text_offsets[section] : self._text_offsets[section + 1]])

    def reduced_texts(self, sections: Sequence[int]) -> tuple[str, ...]:
        """Return the reduced texts of sections; many of them in a third of the time that they take one by one."""
        texts, start, offsets = self.file.map, self._text_start, self._text_offsets
        encoded = [texts[start + offsets[section] : start + offsets[section + 1]] for section in sections]
        found = decode_text(b"\0\0".join(encoded)).split("\0")
        if len(found) != len(sections):
            raise ValueError("a text contains U+0000")
        return tuple(found)

    @cached_property
    def _edits(self) -> Pieces:
        return Pieces(self.file, "edits", self.sections)

    def shown(self, section: int, reduced: str) -> EditedText:
        """Return the section's text as shown, given its reduced text."""
        return EditedText(reduced, bytes(self._edits[section]))

    def line_breaks(self, section: int, reduced: str) -> Sequence[int]:
        """Return the ``line_breaks`` of the section's text as shown, given its reduced text."""
        edits = bytes(self._edits[section])
        return EditedText(reduced, edits).line_breaks if b"\n" in edits else ()

    @cached_property
    def all_line_breaks(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Line breaks of all texts: their number before each section, and the place of each; see ``edited_lines``."""
        from policysearch.engines.whoosh.edited_lines import edited_lines

        return edited_lines(self._edits.joined, self._edits.offsets)

    def contents(self) -> list[tuple[memoryview, NDArray[Any]]]:
        """Return, of texts, edits, names and headings, the pieces of all sections, joined, and the offset of each."""
        import numpy as np

        pieces = [(one.joined, one.offsets) for one in (self._edits, self._names, self._headings)]
        return [(self._texts, np.frombuffer(self._text_offsets, np.uint32).astype(np.int64)), *pieces]

    @cached_property
    def _headings(self) -> Pieces:
        return Pieces(self.file, "heading", self.sections)

    def heading(self, section: int) -> str:
        """Return the section's heading, reduced; empty when it has none."""
        return str(self._headings[section], "utf-8", "surrogatepass")

    def among_headed(self, sections: BitMap) -> BitMap:
        """Return some sections, without those that have no heading."""
        return self._headings.among(sections)

    def among_named(self, sections: BitMap) -> BitMap:
        """Return some sections, without those that have neither number nor heading."""
        return self._names.among(sections)

    # records

    def document_of(self, section: int) -> int:
        """Return the number of the section's document in this segment."""
        return bisect_right(self.first, section) - 1

    def by_document(self, sections: Iterable[int]) -> Iterator[tuple[int, list[int]]]:
        """Yield each document of some sections, which are in order, with its sections."""
        first = self.first
        number = end = 0
        own: list[int] = []
        for section in sections:
            if section >= end:
                yield from [(number, own)] if own else ()
                number = bisect_right(first, section, number) - 1
                end, own = first[number + 1], []
            own.append(section)
        if own:
            yield number, own

    @cached_property
    def _ids(self) -> tuple[str, memoryview, memoryview]:
        prefix = str(self.file.view("document.prefix"), "utf-8", "surrogatepass")
        return prefix, self.file.view("document.id"), self.file.view("document.id.offsets", "I")

    def document_id(self, document: int) -> str:
        """Return the document's id; a segment's documents are in order of their ids."""
        prefix, data, offsets = self._ids
        return prefix + str(data[offsets[document] : offsets[document + 1]], "utf-8", "surrogatepass")

    @property
    def document_ids(self) -> list[bytes]:
        """The ids of all documents, in UTF-8; four times as fast as one by one."""
        prefix, data, offsets = self._ids
        begin, every = prefix.encode("utf-8", "surrogatepass"), bytes(data)
        return [begin + every[start:end] for start, end in pairwise(offsets.tolist())]

    def find_document(self, document_id: str) -> int | None:
        """Return the number of the document with this id."""
        at = bisect_left(range(self.documents), document_id, key=self.document_id)
        return at if at < self.documents and self.document_id(at) == document_id else None

    @cached_property
    def _documents(self) -> tuple[memoryview, Pieces]:
        # verified: all code relies on the names and types of metadata, and the regions are small
        self.file.verify("document.row")
        self.file.verify("rows")
        return self.file.numbers("document.row", self.documents), Pieces(self.file, "rows", self.figures["rows"])

    @property
    def row_codes(self) -> memoryview:
        """For each document, the number of its row among ``rows``."""
        return self._documents[0]

    @property
    def rows(self) -> list[bytes]:
        """The distinct metadata of documents, without ids and titles, as stored."""
        return [bytes(self._documents[1][code]) for code in range(self.figures["rows"])]

    def decoded_rows(self) -> Iterator[dict[str, Any]]:
        """Yield ``rows`` as metadata by the names of all fields."""
        rows = self._documents[1]
        return (self._row(rows[code]) for code in range(self.figures["rows"]))

    @cached_property
    def _stored_titles(self) -> tuple[memoryview, Pieces]:
        self.file.verify("titles")
        return self.file.numbers("column.title", self.documents), Pieces(self.file, "titles", self.figures["titles"])

    def document(self, document: int) -> dict[str, Any]:
        """Return the document's metadata, whose values may be shared with other documents."""
        codes, rows = self._documents
        code = codes[document]
        row = self._rows.get(code)
        if row is None:
            if len(self._rows) >= _MOST_ROWS:
                self._rows.clear()
            row = self._rows[code] = self._row(rows[code])
        found = row.copy()
        found["document_id"] = self.document_id(document)
        codes, titles = self._stored_titles
        title = found["title"] = _decode(str(titles[codes[document]], "utf-8", "surrogatepass"))[0]
        if type(title) is int or found["sha256"] == OF_TEXT:
            section = self.first[document]  # the only one
            text = self.shown(section, self.reduced(section)).text
            if type(title) is int:
                found["title"] = title_in(text, title)
            if found["sha256"] == OF_TEXT:
                from hashlib import sha256  # which takes some milliseconds to import

                found["sha256"] = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return found

    def _row(self, row: memoryview) -> dict[str, Any]:
        """Return metadata by the names of all fields; the bits of the first number show which are not null."""
        held, *values = _decode(str(row, "utf-8", "surrogatepass"))[0]
        found = dict.fromkeys(self.figures["fields"])
        names = self._held.get(held)
        if names is None:
            names = self._held[held] = [name for at, name in enumerate(found) if held >> at & 1]
        found.update(zip(names, values, strict=True))
        return found

    def number(self, section: int) -> str | None:
        """Return the section's number as its document writes it."""
        return self._names_of(section)[0]

    def record(self, section: int) -> tuple[str | None, str | None, int, tuple[str, ...], int, int | None]:
        """Return the section's number, heading, level, path, offset in its document's text, and page."""
        start, page, back, same, level = self._numbers_of(section)
        number, heading, path = self._names_of(section)
        if same:
            key = (section - back, same)
            above = self._paths.get(key)  # neighbouring sections share the path above them
            if above is None:
                if len(self._paths) >= _MOST_PATHS:
                    self._paths.clear()
                above = self._paths[key] = self._beginning_of_path(*key)
            path = above + path
        return number, heading, level, path, start, page or None

    def _beginning_of_path(self, section: int, keep: int) -> tuple[str, ...]:
        """Return the first ``keep`` entries of the path of a section that introduced the last of them."""
        path: tuple[str, ...] = ()
        while keep:
            _, _, back, same, _ = self._numbers_of(section)
            own = self._names_of(section)[2]
            if not same < keep <= same + len(own):
                raise ValueError("a path with a wrong reference")
            path = own[: keep - same] + path
            section, keep = section - back, same
        return path

    def section_numbers(self, name: str) -> memoryview:
        """Return one of ``SECTION_NUMBERS`` of every section."""
        return self._numbers[SECTION_NUMBERS.index(name)]

    def _numbers_of(self, section: int) -> tuple[int, int, int, int, int]:
        if section < 0:
            raise ValueError("a path with a wrong reference")
        start, page, back, same, level = self._numbers
        return start[section], page[section], back[section], same[section], level[section]

    def _names_of(self, section: int) -> tuple[str | None, str | None, tuple[str, ...]]:
        return names_of(str(self._names[section], "utf-8", "surrogatepass"))

    @cached_property
    def parts(self) -> memoryview:
        """Each section's part, as a number of ``figures["parts"]``."""
        return self.file.numbers("section.part", self.sections)

    # columns

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        self.file.verify("columns")
        start, end = self.file.span("columns")
        values: dict[str, list[Any]] = json.loads(self.file.map[start:end].decode("utf-8", "surrogatepass"))
        titles = self._stored_titles[1].joined
        values["title"] = json.loads("[" + str(titles[: max(0, len(titles) - 1)], "utf-8", "surrogatepass") + "]")
        return values

    @property
    def stored_titles(self) -> tuple[list[Any], memoryview]:
        """The ``column`` of titles as stored: one with which the text of the only section begins is its length."""
        return self._columns["title"], self._stored_titles[0]

    def column_of_rows(self, name: str) -> tuple[list[Any], memoryview]:
        """Return the distinct values of a column, not of titles, and for each of ``rows`` the number of its value."""
        return self._columns[name], self.file.numbers(f"column.{name}", self.figures["rows"])

    def column(self, name: str) -> tuple[list[Any], memoryview]:
        """Return the distinct values of a column, and for each document the number of its value."""
        if name == "title":
            return self._titles
        values, codes = self.column_of_rows(name)
        if len(codes) < self.documents:  # which share rows; else their numbers are those of their rows
            codes = self._of_documents.get(name) or memoryview(array("I", map(codes.__getitem__, self.row_codes)))
            self._of_documents[name] = codes
        return values, codes

    @cached_property
    def _titles(self) -> tuple[list[str | None], memoryview]:
        values, codes = self.stored_titles
        known: dict[str | None, int] = {}
        numbers = array("I")
        for document, code in enumerate(codes):
            title = values[code]
            if type(title) is int:
                title = self.title_of(self.first[document], title)
            numbers.append(known.setdefault(title, len(known)))
        return list(known), memoryview(numbers)

    def title_of(self, section: int, length: int) -> str:
        """Return a title of so many characters with which the section's text begins."""
        return title_in(self.shown(section, self.reduced(section)).text, length)
