"""The Whoosh schema of the index, derived from the program's own declaration of each field."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints

from whoosh import fields, formats

from policysearch.documents.document import Document
from policysearch.engines.whoosh.segment_reader import FIELDS, WORDS
from policysearch.engines.whoosh.whoosh_bridge.analysis import GramAnalyzer, WordAnalyzer
from policysearch.text.folding import reduce
from policysearch.vocabulary import DOCUMENT_FIELDS

__all__ = [
    "POSTED",
    "RECORD_FIELDS",
    "TEXT",
    "DateField",
    "ExactText",
    "TypedWord",
    "WordField",
    "document_fields",
    "make_schema",
]

TEXT = "text"

POSTED = {TEXT if name == WORDS else name: name for name in FIELDS}
"""The Whoosh fields with postings in the segments, and their names there."""

RECORD_FIELDS = ("number", "heading", "depth", "path", "start", "page")
"""The fields of ``Segment.record``, in order; a section's level is ``depth``, since ``level`` is its document's."""

_EXACT = b"\xff"  # never part of UTF-8


class ExactText(str):
    """A reduced text as a term: it matches its characters anywhere in a field, regardless of word boundaries."""

    __slots__ = ()


class TypedWord(str):
    """A word of a quoted phrase.

    Attributes:
        phrase: The complete phrase, reduced, with punctuation, which none of its words contains.
    """

    phrase: str

    def __new__(cls, text: str, phrase: str = "") -> TypedWord:
        """Return the word."""
        word = super().__new__(cls, text)
        word.phrase = phrase
        return word


class WordField(fields.TEXT):  # type: ignore[misc]
    """A text field of words that also supports exact phrases."""

    def __init__(self, analyzer: WordAnalyzer, *, stored: bool = True, sortable: bool = False) -> None:
        super().__init__(analyzer=analyzer, chars=True, stored=stored, sortable=sortable)

    def to_bytes(self, value: Any) -> bytes:
        """Return a term in the encoding of the index."""
        if isinstance(value, (list, tuple)):
            value = value[0]
        if isinstance(value, bytes):
            return value
        encoded: bytes = value.encode("utf-8", "surrogatepass")
        return _EXACT + encoded if isinstance(value, ExactText) else encoded

    def from_bytes(self, value: bytes) -> str:
        """Return a term as text."""
        if value.startswith(_EXACT):
            return ExactText(value[len(_EXACT) :].decode("utf-8", "surrogatepass"))
        return value.decode("utf-8", "surrogatepass")

    def process_text(self, qstring: str, mode: str = "", **options: Any) -> Iterator[str]:
        """Yield the words of unquoted text."""
        return (token.text for token in self.analyzer(qstring, mode=mode, **options))

    def tokenize(self, value: str, **options: Any) -> Iterator[Any]:
        """Yield the tokens of a text; those of a quoted phrase refer to the phrase."""
        phrase = reduce(value) if options.get("mode") == "query" else ""
        token = None
        for token in self.analyzer(value, **options):
            if phrase:
                token.text = TypedWord(token.text, phrase)
            yield token
        if phrase and token is None:  # only punctuation
            for token in self.analyzer(value, tokenize=False, **options):
                token.text = TypedWord(token.text, phrase)
                yield token


class GramField(fields.FieldType):  # type: ignore[misc]
    """Pairs of characters, for ranking."""

    def __init__(self) -> None:
        super().__init__(formats.Frequency(), GramAnalyzer(), scorable=True)

    def to_bytes(self, value: Any) -> bytes:
        """Return a term in the encoding of the index."""
        if isinstance(value, (list, tuple)):
            value = value[0]
        return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")

    def from_bytes(self, value: bytes) -> str:
        """Return a term as text."""
        return value.decode("utf-8", "surrogatepass")


class DateField(fields.DATETIME):  # type: ignore[misc]
    """A day, one term for each."""

    def __init__(self) -> None:
        super().__init__(stored=True, sortable=True)
        self.shift_step = 0

    @staticmethod
    def value(date: str) -> datetime.datetime | None:
        """Return the day of an ISO date, or None when it is not a date."""
        try:
            return datetime.datetime.fromisoformat(date)
        except ValueError:
            return None


def _keywords() -> Any:
    return fields.KEYWORD(stored=True, commas=True)


def _number() -> Any:
    return fields.NUMERIC(stored=True, sortable=True, shift_step=0)


def _id(unique: bool = False) -> Any:
    return fields.ID(stored=True, sortable=True, unique=unique)


def document_fields() -> Mapping[str, Any]:
    """Return the fields that a section takes from its document, without ``title``."""
    kinds = get_type_hints(Document)
    made: dict[str, Any] = {}
    for name in DOCUMENT_FIELDS:
        kind = str(kinds[name])
        if name == "date":
            made[name] = DateField()
        elif "tuple" in kind:
            made[name] = _keywords()
        elif "int" in kind or "float" in kind:
            made[name] = _number()
        elif name != "title":
            made[name] = _id()
    return made


def make_schema(analyzer: WordAnalyzer) -> Any:
    """Return the fields of the index."""
    posted = {name: GramField() for name in POSTED if name != TEXT}
    return fields.Schema(
        text=WordField(analyzer),
        heading=WordField(analyzer),
        title=WordField(analyzer, sortable=True),
        section_id=_id(unique=True),
        number=_id(),
        path=_keywords(),
        depth=_number(),
        part=_id(),
        page=_number(),
        start=_number(),
        **document_fields(),
        **posted,
    )
