"""Drafts: the text to be verified."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from policysearch.errors import InputError, SourceError
from policysearch.frozen import frozen
from policysearch.quoting.alignment import without_marks
from policysearch.quoting.claims import find_quotations
from policysearch.quoting.note_marks import readings_of
from policysearch.text.characters import normalize
from policysearch.text.folding import reduce

if TYPE_CHECKING:
    from policysearch.sources.readers.reading import Reading

__all__ = ["Draft", "draft_of", "read_draft"]

_AS_WRITTEN = frozenset((".md", ".markdown", ".txt", ".text", ""))
_Q = re.compile(rb"<(/?)q(?:\s[^>]*)?>", re.I)
_BLOCKQUOTE = re.compile(rb"<blockquote\b[^>]*>.*?</blockquote\s*>", re.I | re.S)
_BLOCK_START = re.compile(rb"<(?:blockquote|p|div|li|br|h[1-6]|tr)\b[^>]*>", re.I)
_SIGNED = (b"%PDF", b"PK\x03\x04")


@frozen
class Draft:
    """A text to be verified.

    Attributes:
        name: Its name in results; None for a text without one.
        text: Its text, normalized as sources are. Markdown and plain text are kept completely, so that lines are those
            of the file; of other formats it is the text without navigation and page marks, or with them if a quotation
            would lose a line.
    """

    name: str | None
    text: str


def draft_of(text: str, name: str | None = None) -> Draft:
    """Return a text as a draft."""
    return Draft(name, normalize(text))


def read_draft(data: bytes, name: str, *, encoding: str | None = None) -> Draft:
    """Return the draft in a file's bytes, read according to its suffix and its first bytes.

    Raises ``SourceError`` when it cannot be read, ``InputError`` for an unknown encoding.
    """
    from policysearch.sources.encodings import decode

    if Path(name).suffix.lower() in _AS_WRITTEN and not data.startswith(_SIGNED):
        try:
            return draft_of(decode(data, encoding).text, name)
        except SourceError as error:
            raise InputError(f"'{name}': {error}") from error
    from policysearch.sources.kinds import TEXT_ENDINGS
    from policysearch.sources.reader import read_bytes
    from policysearch.sources.readers.reading import FailedRecord

    texts = []
    if TEXT_ENDINGS.get(Path(name).suffix.lower()) == "html":
        data = _with_quotation_marks(data)
    try:
        for reading in read_bytes(data, Path(name).name, encoding=encoding):
            if isinstance(reading, FailedRecord):
                raise InputError(f"'{name}': {reading.reason}")
            texts.append(_text_of(reading))
    except SourceError as error:
        raise InputError(f"'{name}': {error}") from error
    return Draft(name, "\n\n".join(texts))


def _with_quotation_marks(page: bytes) -> bytes:
    """Return a page with the quotations of its elements marked in its text, as in plain text and Markdown."""
    page = _Q.sub(lambda tag: b"&#8221;" if tag[1] else b"&#8220;", page)
    return _BLOCKQUOTE.sub(lambda found: _BLOCK_START.sub(rb"\g<0>&gt; ", found[0]), page)


def _text_of(reading: Reading) -> str:
    """Return the text of a reading, cleaned as documents are if that leaves its quotations whole.

    Cleaning joins broken lines, but also removes page marks and navigation, by rules for documents that may fit lines
    of a quotation.
    """
    from policysearch.documents.cleaning.clean import clean

    cleaned = clean(reading).text
    if _shortest(cleaned) == _shortest(reading.text):
        return cleaned
    return reading.text


def _shortest(text: str) -> list[str]:
    """Return the quotations of a text as compared, without marks of notes and lines that may be page numbers."""
    return [without_marks(reduce(list(readings_of(one.claim))[-1][0])) for one in find_quotations(text)]
