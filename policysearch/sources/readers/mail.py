"""Messages (EML) and pages saved as one file (MHT): their text and their attachments.

Both are MIME (RFC 2045, RFC 2557). Python's parser, which takes 10 ms to import, reads them; headers are cut off, since
it takes quadratic time for long ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from policysearch.errors import NoDocumentError, SourceError
from policysearch.frozen import replace
from policysearch.sources.encodings import Decoded, decode
from policysearch.sources.readers.html.page_reader import read_html
from policysearch.sources.readers.reading import FailedRecord, Note, Reading, Removed, StatedField
from policysearch.sources.readers.several import one_of
from policysearch.sources.readers.text import read_text
from policysearch.text.characters import normalize

if TYPE_CHECKING:
    from email.message import Message

__all__ = ["looks_like_mail", "read_mail"]

# Maximum length of a header, in characters.
_LONGEST_HEADER = 4_000
# Maximum nesting of messages, and number of the parts of one.
_DEEPEST = 4
_MOST_PARTS = 10_000
# Lines times boundaries: each line is compared with those of all parts around it.
_MOST_WORK = 50_000_000

_HEADER = re.compile(rb"([!-9;-~]{1,80}):([^\n]{0,1000})")
_TOLD = ("Subject", "From", "To", "Cc", "Date", "Snapshot-Content-Location", "Content-Location")
_RAW = re.compile("[\udc80-\udcff]")
_NAMES = re.compile(r"[\x00-\x1f/\\]+")

Part: TypeAlias = "Message[str, Any]"
Decode = Callable[[bytes, str | None], tuple[Decoded, tuple[Note, ...]]]
ReadMember = Callable[[bytes, str], Iterator[Reading | FailedRecord]]


def looks_like_mail(data: bytes) -> bool:
    """Return whether a file begins with the headers of a MIME message."""
    names = set()
    for line in data[:16_384].removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n"):
        if not line.strip():
            break
        if line[:1] in b" \t":
            continue
        found = _HEADER.match(line)
        if found is None:
            return False
        names.add(found[1].lower())
    if not names & {b"mime-version", b"content-type", b"received"}:
        return False
    return bool(names & {b"from", b"subject", b"date", b"received", b"content-location", b"content-type"})


def read_mail(data: bytes, decoding: Decode, read_one: ReadMember) -> Iterator[Reading | FailedRecord]:
    """Yield the text of a message, then its attachments, each as a file.

    Of several pages saved together (frames), the one with most text is read, and the others are listed in ``removed``;
    pictures and styles are not. Of alternatives the page is read, not the plain text. ``record`` is None for the
    message, else the name of the attachment.

    Args:
        data: The message.
        decoding: Returns the text of bytes and notes, given the encoding that is stated for them, if any.
        read_one: Reads an attachment, given its bytes and name.

    Raises:
        SourceError: It contains no text, or is nested too deeply.
    """
    if data.count(b"\n") * data.lower().count(b"boundary=") > _MOST_WORK:
        raise SourceError("It has too many parts for its length. Save its attachments as files.")
    try:
        message = _parsed(data)
        parts = _Parts(message)
    except RecursionError as error:
        raise SourceError("Its parts are nested too deeply. Save it again from the mail program.") from error
    yield from _read_message(message, parts, decoding, read_one, 0)


def _parsed(data: bytes) -> Part:
    from email.parser import BytesParser
    from email.policy import Compat32

    class Policy(Compat32):
        """Leaves headers as written, and cuts long ones off."""

        def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
            name, value = super().header_source_parse(sourcelines)
            return name, str(value)[:_LONGEST_HEADER]

        def header_fetch_parse(self, name: str, value: Any) -> Any:
            return value

    return BytesParser(policy=Policy()).parsebytes(data)


def _is_part(value: object) -> TypeGuard[Part]:
    from email.message import Message

    return isinstance(value, Message)


class _Parts:
    """The parts of a message, by their role."""

    def __init__(self, message: Part) -> None:
        self.attached: list[Part] = []
        self._left = _MOST_PARTS
        self.bodies = self._sort(message)  # for each text, its alternative parts

    def _sort(self, part: Part) -> list[list[Part]]:
        """Return the texts in a part, and collect the attachments."""
        self._left -= 1
        if self._left < 0:
            raise SourceError(f"It has more than {_MOST_PARTS:,} parts. Save its attachments as files.")
        kind = part.get_content_type()
        inner = part.get_payload()
        if kind == "message/rfc822":
            self.attached.append(part)
        elif isinstance(inner, list):
            bodies = [one for each in inner if _is_part(each) for one in self._sort(each)]
            if kind == "multipart/alternative" and bodies:
                pages = [one for one in bodies if one[0].get_content_type() == "text/html"]
                return [(pages or bodies)[-1]]
            if kind == "multipart/related" and bodies:
                return [[one for several in bodies for one in several]]
            return bodies
        elif _is_attached(part):
            self.attached.append(part)
        elif kind in ("text/html", "application/xhtml+xml", "text/plain"):
            return [[part]]
        return []


def _is_attached(part: Part) -> bool:
    disposition = str(part.get("content-disposition", "")).strip().lower()
    if disposition.startswith("attachment"):
        return True
    beside = part.get("content-id") is not None or part.get("content-location") is not None
    return bool(part.get_filename()) and not beside


def _read_message(
    message: Part, parts: _Parts, decoding: Decode, read_one: ReadMember, depth: int
) -> Iterator[Reading | FailedRecord]:
    texts: list[Reading] = []
    failures: list[str] = []
    for several in parts.bodies:
        try:
            texts.append(_body(several, decoding))
        except SourceError as error:
            failures.append(str(error))
    if texts:
        yield _with_headers(one_of(texts), message)
    elif not parts.attached:
        raise SourceError(failures[0]) if failures else NoDocumentError("It is a message without text.")
    names: set[str] = set()
    for part in parts.attached:
        name = _name_of(part, names)
        try:
            if part.get_content_type() == "message/rfc822":
                inner = part.get_payload(0)
                assert _is_part(inner)
                if depth == _DEEPEST:
                    raise SourceError("It is a message within many others. Save it as a file of its own.")
                found = _read_message(inner, _Parts(inner), decoding, read_one, depth + 1)
            else:
                found = read_one(_content(part), name)
            for one in found:
                yield replace(one, record=name if one.record is None else f"{name}/{one.record}")
        except SourceError as error:
            yield FailedRecord(name, str(error), skipped=isinstance(error, NoDocumentError))


def _body(several: list[Part], decoding: Decode) -> Reading:
    """Return the text of one of the parts; of pages, the one with most text.

    Raises ``SourceError`` when none has text.
    """
    found: list[Reading] = []
    failure: SourceError | None = None
    for part in several:
        try:
            decoded, notes = decoding(_content(part), part.get_content_charset())
            read = read_text if part.get_content_type() == "text/plain" else read_html
            found += [replace(reading, notes=notes) for reading in read(decoded)]
        except SourceError as error:
            failure = failure or error
    if not found:
        raise failure or SourceError("It contains no text.")
    main = max(found, key=lambda reading: len(reading.text))
    others = [Removed(reading.text, "not shown") for reading in found if reading is not main]
    return replace(main, removed=(*main.removed, *others))


def _content(part: Part) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _with_headers(reading: Reading, message: Part) -> Reading:
    """Return the reading with the metadata in the headers."""
    said = [(name, _header(message, name)) for name in _TOLD]
    told = dict(said)
    address = told["Snapshot-Content-Location"] or told["Content-Location"]
    stated = list(reading.statements)
    if address.startswith(("http://", "https://")) and not any(one.name == "url" for one in stated):
        stated.append(StatedField("url", address, "link"))
    if told["Subject"] and not any(one.name == "title" for one in stated):
        stated.append(StatedField("title", told["Subject"], "properties"))
    fields = {one.name: one.value for one in reversed(stated[len(reading.statements) :])}
    head = "\n".join(f"{name}: {value}" for name, value in said if value)
    return replace(
        reading,
        fields={**fields, **reading.fields},
        statements=tuple(stated),
        removed=(*((Removed(head, "navigation", 1),) if head else ()), *reading.removed),
    )


def _header(message: Part, name: str) -> str:
    return _unfolded(str(message.get(name, "")))


def _unfolded(value: str) -> str:
    """Return a header's text: words in RFC 2047's form, or bytes of an encoding that is recognised."""
    from email.header import decode_header

    parts: list[str] = []
    for said, charset in decode_header(value):
        if isinstance(said, str) and not _RAW.search(said):
            parts.append(said)  # ASCII, or already decoded (RFC 2231)
            continue
        raw = said if isinstance(said, bytes) else said.encode("utf-8", "surrogateescape")
        try:
            parts.append(raw.decode(charset) if charset else decode(raw).text)
        except (LookupError, ValueError, SourceError):
            parts.append(raw.decode("utf-8", "replace"))
    return " ".join(normalize("".join(parts)).split())


def _name_of(part: Part, taken: set[str]) -> str:
    """Return a unique name for an attachment, and add it to ``taken``."""
    stated = part.get_filename()
    if stated is None and part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0)
        stated = f"{_header(inner, 'Subject')[:60]}.eml" if _is_part(inner) else None
    name = _NAMES.sub("_", _unfolded(stated or "")).strip(" .") or "attachment"
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name} ({number})"
    taken.add(unique)
    return unique
