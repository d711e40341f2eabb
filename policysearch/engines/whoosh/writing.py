"""Entries to a segment: the inversion of words and bigrams, in numpy."""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policysearch.engines.whoosh.files import RegionWriter
from policysearch.engines.whoosh.postings import MOST_SECTIONS, encode
from policysearch.engines.whoosh.texts import edits
from policysearch.entries import DocumentEntry, SectionEntry
from policysearch.folding import reduce, reduce_with_offsets
from policysearch.scoring import encode_length

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SegmentBuilder", "write_segment"]

# Document fields that filters ask for; each is kept as numbers of its distinct values.
COLUMNS = (
    "title",
    "type",
    "issuer",
    "document_number",
    "region",
    "city",
    "province",
    "level",
    "year",
    "status",
    "when",
)


class SegmentBuilder:
    """Gathers entries until they are worth a segment.

    Documents must come in order of their ids; then sections have the order
    of their ids too.
    """

    MOST_CHARACTERS = 5_000_000

    def __init__(self) -> None:
        self.documents: list[DocumentEntry] = []
        self.sections = 0
        self.characters = 0

    def fits(self, entry: DocumentEntry) -> bool:
        """Tell whether the segment has room for one more document."""
        size = sum(len(s.text) for s in entry.sections)
        return not self.documents or (
            self.sections + len(entry.sections) <= MOST_SECTIONS and self.characters + size <= self.MOST_CHARACTERS
        )

    def add(self, entry: DocumentEntry) -> None:
        """Take one more document."""
        self.documents.append(entry)
        self.sections += len(entry.sections)
        self.characters += sum(len(s.text) for s in entry.sections)


def _blob(pieces: Iterable[bytes]) -> tuple[bytes, bytes]:
    """Return the pieces joined, and where each begins (one more than there are pieces, as uint32)."""
    offsets = array("I", [0])
    out = bytearray()
    for piece in pieces:
        out += piece
        offsets.append(len(out))
    return bytes(out), offsets.tobytes()


def _invert(
    term: NDArray[np.int64], section: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return term, section and frequency of each posting, by term and section."""
    import numpy as np

    key = term << 16 | section
    key.sort()
    first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if len(key) else np.zeros(0, np.int64)
    frequency = np.diff(np.append(first, len(key)))
    unique = key[first]
    return unique >> 16, unique & 0xFFFF, frequency


def _write_words(out: RegionWriter, name: str, lists: Sequence[list[str]]) -> list[int]:
    """Write the lexicon and the postings of a field of words; return each section's length in words."""
    import numpy as np

    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    tokens = array("I")
    for words in lists:
        tokens.extend(map(numbers.__getitem__, words))
    lengths = [len(words) for words in lists]
    terms = sorted((word.encode("utf-8", "surrogatepass"), number) for word, number in numbers.items())
    rank = np.zeros(len(terms), np.int64)
    rank[[number for _, number in terms]] = np.arange(len(terms))
    section = np.repeat(np.arange(len(lists), dtype=np.int64), lengths)
    pointers, postings = encode(len(terms), *_invert(rank[np.frombuffer(tokens, np.uint32)], section))
    blob, offsets = _blob(word for word, _ in terms)
    out.region(f"{name}.terms", blob)
    out.region(f"{name}.offsets", offsets)
    out.region(f"{name}.pointers", pointers.tobytes())
    out.region(f"{name}.postings", postings.tobytes())
    return lengths


def is_han(codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of each code point whether it is a Han character; the same as ``resolution.HAN``."""
    found: NDArray[np.bool_] = (
        ((codes >= 0x3400) & (codes <= 0x4DBF))
        | ((codes >= 0x4E00) & (codes <= 0x9FFF))
        | (codes == 0x3007)
        | ((codes >= 0xF900) & (codes <= 0xFAFF))
        | ((codes >= 0x20000) & (codes <= 0x3FFFF))
    )
    return found


def _write_grams(out: RegionWriter, texts: Sequence[str]) -> list[int]:
    """Write all bigrams and single characters of the reduced texts; return each section's length in Han bigrams.

    A single character is a bigram whose second character is none (0), and
    has no frequency: it is there to be found, not to be ranked.
    """
    import numpy as np

    lengths = np.array([len(text) for text in texts], np.int64)
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    section = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
    same = section[1:] == section[:-1] if len(section) else np.zeros(0, bool)
    pairs = (codes[:-1] << 21 | codes[1:])[same]
    section_of_pair = section[:-1][same]
    parts = [_invert(pairs, section_of_pair)]
    single, where, _ = _invert(codes << 21, section)
    parts.append((single, where, np.ones(len(single), np.int64)))
    gram, section, frequency = (np.concatenate(p) for p in zip(*parts, strict=True))
    known, term = np.unique(gram, return_inverse=True)
    pointers, postings = encode(len(known), term.astype(np.int64), section, frequency)
    heads, starts = np.unique(known >> 21, return_index=True)
    out.region("grams.heads", heads.astype(np.uint32).tobytes())
    out.region("grams.starts", np.append(starts, len(known)).astype(np.uint32).tobytes())
    out.region("grams.seconds", (known & 0x1F_FFFF).astype(np.uint32).tobytes())
    out.region("grams.pointers", pointers.tobytes())
    out.region("grams.postings", postings.tobytes())
    han = is_han(codes)
    # only bigrams of Han characters are ranked by, and so only these make a section long
    both = (han[:-1] & han[1:])[same]
    ranked: list[int] = np.bincount(section_of_pair[both], minlength=len(texts)).tolist()
    return ranked


def _write_lengths(out: RegionWriter, name: str, lengths: list[int], first: Sequence[int]) -> list[int]:
    """Write the lengths of sections and documents; return how many sections have the field, documents, and the sum."""
    whole = [sum(lengths[a:b]) for a, b in pairwise(first)]
    out.region(f"{name}.lengths", array("I", lengths).tobytes())
    out.region(f"{name}.norms", bytes(map(encode_length, lengths)))
    out.region(f"{name}.document.norms", bytes(map(encode_length, whole)))
    return [len(lengths) - lengths.count(0), len(whole) - whole.count(0), sum(whole)]


def _records(document: DocumentEntry) -> Iterable[bytes]:
    """Yield each section's record: number, heading, level, page, and its path.

    A path is kept as three values: how many of its first entries an earlier
    section gives, how many sections back that one is, and the other entries.
    The section meant is the one that brought in the last of those entries, so
    a path is put together in as many steps as it has levels.
    """
    before: tuple[str, ...] = ()
    brought: list[int] = []
    for i, section in enumerate(document.sections):
        same = 0
        while same < min(len(before), len(section.path)) and before[same] == section.path[same]:
            same += 1
        back = i - brought[same - 1] if same else 0
        brought[same:] = [i] * (len(section.path) - same)
        before = section.path
        yield json.dumps(
            [section.number, section.heading, section.level, section.page, same, back, section.path[same:]],
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode("utf-8", "surrogatepass")


def when(fields: Mapping[str, Any]) -> str | None:
    """Return a document's date, or its year where that is all that is known."""
    date: str | None = fields["date"]
    return date or (str(fields["year"]) if fields["year"] is not None else None)


def _write_columns(out: RegionWriter, documents: Sequence[DocumentEntry]) -> None:
    values: dict[str, list[Any]] = {}
    for name in COLUMNS:
        codes = array("I")
        known: dict[Any, int] = {}
        for document in documents:
            value = when(document.fields) if name == "when" else document.fields[name]
            codes.append(known.setdefault(value, len(known)))
        values[name] = list(known)
        out.region(f"column.{name}", codes.tobytes())
    out.region("columns", json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def write_segment(path: Path, documents: Sequence[DocumentEntry]) -> tuple[int, int]:
    """Write a segment file, bring it to the disk, and return its size in bytes and its seal."""
    sections: list[SectionEntry] = [s for d in documents for s in d.sections]
    parts = sorted({s.part for s in sections})
    with RegionWriter(path) as out:
        for name, pieces in (
            ("text", (s.reduced.encode("utf-8", "surrogatepass") for s in sections)),
            ("edits", (edits(s.text, reduce_with_offsets(s.text)) for s in sections)),
            ("heading", (reduce(s.heading or "").encode("utf-8", "surrogatepass") for s in sections)),
            ("record", (record for d in documents for record in _records(d))),
            ("document.id", (d.document_id.encode("utf-8", "surrogatepass") for d in documents)),
            (
                "document",
                (
                    json.dumps(d.fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
                    for d in documents
                ),
            ),
        ):
            blob, offsets = _blob(pieces)
            out.region(name, blob)
            out.region(f"{name}.offsets", offsets)
        first = array("I", [0])
        for document in documents:
            first.append(first[-1] + len(document.sections))
        out.region("document.first", first.tobytes())
        out.region("section.start", array("I", [s.start for s in sections]).tobytes())
        out.region("section.part", bytes(parts.index(s.part) for s in sections))
        _write_columns(out, documents)
        words = _write_lengths(out, "words", _write_words(out, "words", [s.words for s in sections]), first)
        grams = _write_lengths(out, "grams", _write_grams(out, [s.reduced for s in sections]), first)
        return out.finish(
            {
                "sections": len(sections),
                "documents": len(documents),
                "characters": sum(len(s.text) for s in sections),
                "bytes": sum(len(s.text.encode("utf-8", "surrogatepass")) for s in sections),
                "parts": parts,
                "lengths": {"words": words, "grams": grams},
            }
        )
