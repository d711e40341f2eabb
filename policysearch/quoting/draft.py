"""Drafts: the text to be verified."""

from __future__ import annotations

from pathlib import Path

from policysearch.errors import InputError, SourceError
from policysearch.frozen import frozen
from policysearch.text.characters import normalize

__all__ = ["Draft", "draft_of", "read_draft"]

_AS_WRITTEN = frozenset((".md", ".markdown", ".txt", ".text", ""))
_SIGNED = (b"%PDF", b"PK\x03\x04")


@frozen
class Draft:
    """A text to be verified.

    Attributes:
        name: Its name in results; None for a text without one.
        text: Its text, normalized as sources are. Markdown and plain text are kept completely, so that lines are those
            of the file; of other formats it is the text that the reader returns, without navigation and page marks.
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
    from policysearch.documents.document import FailedDocument, documents_in

    texts = []
    try:
        for document in documents_in(data, Path(name).name, "draft", "", encoding=encoding):
            if isinstance(document, FailedDocument):
                raise InputError(f"'{name}': {document.reason}")
            texts.append(document.text)
    except SourceError as error:
        raise InputError(f"'{name}': {error}") from error
    return Draft(name, "\n\n".join(texts))
