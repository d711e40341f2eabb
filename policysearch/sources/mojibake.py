"""Texts that were decoded wrongly before they were saved: detected, and repaired where that is certain.

The wrong decoding is reversed line by line: the characters of a line are encoded to the bytes that they were read from,
and these are decoded as UTF-8. That the result is valid and common Chinese does not happen by chance. Bytes that the
wrong decoding could not read are lost and stay a gap.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from policysearch.errors import SourceError
from policysearch.sources.common_characters import common_gb, share_common, uncommon_character
from policysearch.sources.readers.reading import Note

__all__ = ["Repaired", "may_need_repair", "repair"]

_LOST = "\ufffd"
# U+FFFD U+FFFD in UTF-8, read as GBK.
_LOST_TWICE = "锟斤拷"
# A question mark that a program wrote for an invalid byte, next to a lost character.
_ASKED = re.compile("\ufffd+\\??")
# Length of a text, in characters, up to which every line is tried.
_SHORT = 20_000
# Minimum characters of a line that is repaired among correct ones, and of one that is tried at all.
_LEAST_ALONE, _LEAST = 8, 2
_LEAST_GBK = 4
# The share of common characters in repaired lines: real texts reach 0.95, and few lines less than 0.9.
_CONVINCING = 0.9
# The share of a line that may be lost.
_MOST_LOST = 0.25
# The share of a text that may be U+FFFD.
_MOST_OF_TEXT = 0.2
_MOST_NAMED = 5


class _Way(NamedTuple):
    """A kind of wrong decoding.

    Attributes:
        name: Its name: the encoding, and the one it was read as.
        signs: Matches nearly every text that was decoded so, and hardly any other.
        back: Returns the bytes that a line was decoded from; None when it was not decoded so.
        encoding: The encoding of these bytes.
    """

    name: str
    signs: tuple[str, ...]
    back: Callable[[str], bytes | None]
    encoding: str


def _as_gbk(line: str) -> bytes | None:
    """Return the bytes that were decoded as GBK, where 0x80 alone is the euro sign, as is the pair A2 E3."""
    try:
        raw = line.replace("€", "\x00").replace(_LOST, "\x01").encode("gb18030")
    except UnicodeEncodeError:
        return None
    if b"\x00" in raw:
        raw = re.sub(b"(?<=[\xe0-\xef])\x00", b"\x80", raw)
        raw = re.sub(b"([\xe0-\xef][\x80-\xbf])\x00(?=[\x80-\xbf]{2})", b"\\1\xa2\xe3", raw)
        raw = raw.replace(b"\x00", b"\x80")
    return raw.replace(b"\x01", b"\xff")


_FROM_1252 = {
    ord(bytes((byte,)).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


_NOT_LATIN = re.compile(f"[^\x00-\xff{''.join(map(chr, _FROM_1252))}]")


def _as_latin(line: str) -> bytes | None:
    """Return the bytes that were decoded as Latin-1 or Windows-1252."""
    return None if _NOT_LATIN.search(line) else line.translate(_FROM_1252).encode("latin-1")


_WAYS = (
    _Way("UTF-8 that was read as GBK", ("锛", "銆", "鐨", "€佺"), _as_gbk, "utf-8"),
    _Way("UTF-8 that was read as Latin", ("ï¼", "ã€", "ã\x80", "çš„"), _as_latin, "utf-8"),
    _Way("GBK that was read as Latin", ("£¬", "¡£", "µÄ", "¡¢"), _as_latin, "gb18030"),
)


_ANY_SIGN = re.compile("|".join(sign for way in _WAYS for sign in way.signs))


def may_need_repair(text: str) -> bool:
    """Return whether a large text may have been decoded wrongly before it was saved."""
    # most texts have none of the first characters, for which a search takes a tenth of the time
    return any(sign[0] in text and sign in text for way in _WAYS for sign in way.signs)


class Repaired(NamedTuple):
    """A text, repaired where that is certain, and a note about it."""

    text: str
    notes: tuple[Note, ...] = ()


def repair(text: str, *, corrupt: bool = False) -> Repaired:
    """Return a text with wrongly decoded lines repaired.

    The number of lines does not change. ``corrupt``: whether it has U+FFFD for bytes that are invalid now.

    Raises:
        SourceError: Too much of it is U+FFFD.
    """
    short, signed = len(text) <= _SHORT, _ANY_SIGN.search(text) is not None
    # In a line without uncommon characters, only a sign shows that it was decoded wrongly.
    # Trying all lines took a fifth of the time of reading and structuring statutes.
    is_doubtful = uncommon_character(common_gb()).search
    lines = text.split("\n") if signed or (short and is_doubtful(text)) else []
    doubtful = {number for number, line in enumerate(lines) if is_doubtful(line)}
    for way in _WAYS:
        with_sign = {number for number, line in enumerate(lines) if _has_sign(line, way)} if signed else set()
        if with_sign or (short and doubtful):
            repaired = _put_right(lines, way, sorted(doubtful | with_sign))
            if repaired is not None:
                return repaired
    return Repaired(text, () if corrupt else tuple(_told_losses(text)))


def _told_losses(text: str) -> Iterator[Note]:
    lost = text.count(_LOST) + 2 * text.count(_LOST_TWICE)
    if not lost:
        return
    wide = len(text) - len(text.encode("ascii", "ignore"))
    if lost >= 5 and lost > _MOST_OF_TEXT * wide:
        raise SourceError(
            f"It was decoded wrongly before it was saved (GBK as UTF-8): {lost} of its {wide} characters that are not "
            "ASCII are lost. Get another copy."
        )
    lines = [n for n, line in enumerate(text.split("\n"), 1) if _LOST in line or _LOST_TWICE in line]
    said = "A character was" if lost == 1 else f"{lost:,} characters were"
    yield Note("corrupt", f"{said} lost before it was saved: {_listed(lines)}.")


def _put_right(lines: list[str], way: _Way, tried: Sequence[int]) -> Repaired | None:
    """Return the text with the lines of ``tried`` repaired that were certainly decoded so; None without any."""
    better: dict[int, str] = {}
    repaired = 0
    for number in tried:
        found = _taken_back(lines[number], way)
        if found is not None and _wide(found) >= _LEAST:
            better[number] = found
            repaired += _wide(lines[number])
    if not better:
        return None
    if repaired < sum(map(_wide, lines)) / 2:  # a text that is correct except for a few lines
        better = {n: new for n, new in better.items() if new.count(_LOST) <= 1 and _wide(new) >= _LEAST_ALONE}
    else:
        for number, line in enumerate(lines):
            if number not in better and not line.isascii():
                found = _taken_back(line, way, sure=True)
                better.update({number: found} if found is not None else {})
    if not better:
        return None
    gaps = [number + 1 for number, new in better.items() if new.count(_LOST) > 0]
    said = f"It was {way.name} before it was saved; it is read as it was meant ({_count(len(better))})."
    if gaps:
        said += f" A few characters are lost: {_listed(sorted(gaps))}."
    left = [n for n, line in enumerate(lines, 1) if n - 1 not in better and any(sign in line for sign in way.signs)]
    if left:
        said += f" Left as they are, since they are not certain: {_listed(left)}."
    return Repaired("\n".join(better.get(n, line) for n, line in enumerate(lines)), (Note("repaired", said),))


def _taken_back(line: str, way: _Way, *, sure: bool = False) -> str | None:
    """Return a line as it was before the wrong decoding; None unless that is plausible.

    ``sure``: whether the lines around it were decoded wrongly.
    """
    raw = way.back(line)
    if raw is None:
        return None
    try:
        found = raw.decode(way.encoding)
    except UnicodeDecodeError as error:
        if error.start < len(raw) / 2 and not sure and not _has_sign(line, way):
            return None
        found = _ASKED.sub(_LOST, raw.decode(way.encoding, "replace"))
        few = found.count(_LOST) <= max(1, _wide(found) * _MOST_LOST)
        if not few or not (sure or _wide(found) >= _LEAST_ALONE or _has_sign(line, way)):
            return None
    if way.encoding == "gb18030" and (_wide(found) * 2 != _wide(line) or (not sure and _wide(found) < _LEAST_GBK)):
        return None  # nearly all bytes are GBK: each two must be a character of their own
    kept = found.replace(_LOST, "").removeprefix("\ufeff")
    if kept.isascii() or share_common(kept, common_gb()) < _CONVINCING:
        return None
    # a line that is as common unchanged was not decoded wrongly
    return found if share_common(line, common_gb()) < share_common(kept, common_gb()) or _has_sign(line, way) else None


def _has_sign(line: str, way: _Way) -> bool:
    return any(sign in line for sign in way.signs)


def _wide(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _count(lines: int) -> str:
    return f"{lines:,} line{'s' if lines > 1 else ''}"


def _listed(lines: list[int]) -> str:
    more = f" and {len(lines) - _MOST_NAMED:,} more" if len(lines) > _MOST_NAMED else ""
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines[:_MOST_NAMED]))}{more}"
