"""Bytes to text: which character encoding, how sure, and what could not be read.

UTF-8 and byte order marks are certain. Otherwise GB18030 and Big5 are both
tried and judged by how much of what they give is what such texts are made
of: the common characters that each standard puts first (GB 2312 level 1,
Big5 level 1), its punctuation, ASCII.

General detectors find the same encodings (of 240 snippets of 20 and 200
characters, charset-normalizer missed one and chardet none) in 3 and 15 to 40
times the time, and do not tell which bytes could not be read.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from functools import cache

from policysearch.errors import InputError, SourceError

__all__ = ["Decoded", "count_controls", "decode", "is_binary", "known_encoding"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
# Only ever add to what the narrower one reads: GB18030 reads all of GBK and GB 2312, Microsoft's code
# page all of Big5.
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "big5": "cp950"}

_ADVICE = "If you know its encoding, give it: --encoding gb18030 (or big5, utf-16 …)."

# At most this share of what is not ASCII may be unreadable: one broken byte in two hundred characters
# is a corrupt copy, more is another encoding or no text.
_BROKEN_SHARE = 0.005
# No text needs more than this share of control characters; ETX-like bytes in scraped text stay far below.
_CONTROL_SHARE = 0.01
# Below this share of common characters no reading is called text. Real texts reach 0.95 in the right
# encoding; a wrong one stays below 0.7.
_CONVINCING = 0.8
# What the choice is made on, in bytes, and the pieces in which the rest is checked, in characters.
_SAMPLE = 64_000
_BLOCK = 2_000

_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 26, 27})
_HIGH = bytes(range(128, 256))
_REPLACED = "\ufffd"
_WIDE_BYTE = re.compile(b"[\x80-\xff]")
# ASCII, ideographic spaces and the lines that tables are drawn with say nothing about the encoding.
_NO_EVIDENCE = re.compile("[\x00-~\u3000\u2500-\u257f]+")
_MULTIBYTE = frozenset({"shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949", "johab", "hz"})


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and how it was got from bytes.

    Attributes:
        text: Without a byte order mark; U+FFFD where bytes could not be read.
        encoding: The narrowest of utf-8, gb2312, gbk, gb18030, big5, utf-16 … that reads the bytes,
            or the one that was asked for.
        confidence: How sure that is, 0 to 1; 1 when it was asked for.
        broken: The places that could not be read, each with the characters
            around it, the first twenty.
    """

    text: str
    encoding: str
    confidence: float
    broken: tuple[str, ...] = ()


def decode(data: bytes, encoding: str | None = None, *, declared: str | None = None) -> Decoded:
    """Return the text of ``data``.

    ``encoding`` is obeyed; ``declared`` (what a page says of itself, often
    wrongly) only breaks ties. A few broken bytes, and a character cut off at
    the end, become U+FFFD and are named in ``broken``.

    Raises:
        SourceError: It is not text, or in an unknown encoding.
        InputError: There is no such ``encoding``.
    """
    if encoding is not None:
        return _decode_as_told(data, known_encoding(encoding))
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _decode_in(data[len(bom) :], name, 1.0)
    if b"\0" in data:
        wide = _decode_wide(data)
        if wide is not None:
            return wide
    _refuse_binary(data)
    return _decode_utf8(data) or _decode_chinese(data, declared)


# Of names on the network and of Python's source; they cannot leave out what they cannot read.
_NOT_OF_FILES = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})


def known_encoding(name: str) -> str:
    """Return Python's name for the text encoding ``name``.

    Raises:
        InputError: There is none.
    """
    try:
        codec = codecs.lookup(name)
        "".encode(codec.name)  # refuses codecs between bytes, such as base64
        if codec.name in _NOT_OF_FILES:
            raise LookupError(name)
    except (LookupError, ValueError) as error:
        raise InputError(f"There is no encoding '{name}'. Known are utf-8, gb18030, big5, utf-16 …") from error
    return codec.name


def _decode_as_told(data: bytes, name: str) -> Decoded:
    if not name.startswith(("utf-16", "utf-32")):
        _refuse_binary(data)
    decoded = _decode_in(data, name, 1.0)
    return replace(decoded, text=decoded.text.removeprefix("\ufeff"), encoding=name.removesuffix("-sig"))


def _decode_in(data: bytes, name: str, confidence: float) -> Decoded:
    """Decode in a given encoding; SourceError when too much cannot be read."""
    reader = _SUPERSETS.get(name, name)
    try:
        text = data.decode(reader)
    except UnicodeDecodeError:
        text = data.decode(reader, "replace")
    except (ValueError, LookupError, TypeError) as error:
        raise SourceError(f"It cannot be decoded as {name}: {error}. {_ADVICE}") from error
    return _judged(data, text, name, confidence)


def _judged(data: bytes, text: str, name: str, confidence: float) -> Decoded:
    if _REPLACED not in text:
        return Decoded(text, name, confidence)
    broken = text.count(_REPLACED) - _own_replacements(data, name)
    if broken <= 0:
        return Decoded(text, name, confidence)
    wide = max(len(text) - _ascii_count(text), 1)
    # A cut at the very end is a truncated copy, however short the text.
    cut_off = text.endswith(_REPLACED) and text.find(_REPLACED) >= len(text) - 3
    if broken / wide > _BROKEN_SHARE and not cut_off:
        line = text.count("\n", 0, text.find(_REPLACED)) + 1
        raise SourceError(
            f"It cannot be read as {name}: {broken} of {wide} characters are broken, "
            f"the first in line {line}. It may be corrupt, mix encodings or be in another one. {_ADVICE}"
        )
    return Decoded(text, name, confidence * (1 - broken / wide), _broken_places(text))


def _own_replacements(data: bytes, name: str) -> int:
    """How many U+FFFD the bytes themselves spell."""
    try:
        spelled = _REPLACED.encode(_SUPERSETS.get(name, name))
    except UnicodeEncodeError:
        return 0
    return data.count(spelled)


def _broken_places(text: str) -> tuple[str, ...]:
    places: list[str] = []
    start = text.find(_REPLACED)
    while start >= 0 and len(places) < 20:
        end = start
        while text.startswith(_REPLACED, end):
            end += 1
        places.append(text[max(start - 8, 0) : end + 8])
        start = text.find(_REPLACED, end)
    return tuple(places)


def _ascii_count(text: str) -> int:
    return len(text.encode("ascii", "ignore"))


def count_controls(data: bytes) -> int:
    """Return how many of some bytes are control characters that text does not have."""
    return len(data) - len(data.translate(None, _CONTROLS))


def is_binary(size: int, controls: int) -> bool:
    """Return whether so many bytes with so many of these are too many for text."""
    return controls > max(size * _CONTROL_SHARE, 3)


def _refuse_binary(data: bytes) -> None:
    if is_binary(len(data), count_controls(data)):
        raise SourceError("It is binary data, not text. If it is a document, give it the ending of its format.")


def _decode_wide(data: bytes) -> Decoded | None:
    """UTF-16 without a mark: the byte order that gives common characters, if one does."""
    sample = data[: _SAMPLE // 2 * 2]
    scores = {
        name: _share_common(sample.decode(name, "replace"), _common_anywhere()) for name in ("utf-16-le", "utf-16-be")
    }
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < _CONVINCING or scores[best] - min(scores.values()) < 0.3:
        return None
    return _decode_in(data, best, scores[best])


def _decode_utf8(data: bytes) -> Decoded | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _decode_broken_utf8(data, error)
    if text.isascii() or len(data) > 4096 or any(character > "\u2000" for character in text):
        return Decoded(text, "utf-8", 1.0)
    # A handful of GBK characters can pass for Latin, Greek or Hebrew letters in UTF-8.
    chinese = _share_common(data.decode("gb18030", "replace"), _common_gb())
    return None if chinese > 0.9 else Decoded(text, "utf-8", 0.6)


def _decode_broken_utf8(data: bytes, error: UnicodeDecodeError) -> Decoded | None:
    around = data[max(error.start - _SAMPLE, 0) : error.start + _SAMPLE]
    if not _mostly_utf8(around.decode("utf-8", "replace")):
        only_cut_off = error.end == len(data) and error.reason == "unexpected end of data"
        if not (only_cut_off and error.start):
            return None
    text = data.decode("utf-8", "replace")
    return _judged(data, text, "utf-8", 1.0)


def _mostly_utf8(text: str) -> bool:
    """Return whether four characters were read for each that was not: other encodings hardly give one."""
    broken = text.count(_REPLACED)
    return len(text) - _ascii_count(text) - broken >= 4 * broken


def _decode_chinese(data: bytes, declared: str | None) -> Decoded:
    sample = _sample(data)
    shares = {
        "gb18030": _share_common(sample.decode("gb18030", "replace"), _common_gb()),
        "big5": _share_common(sample.decode("cp950", "replace"), _common_big5()),
    }
    if max(shares.values()) < _CONVINCING:
        shares["gb18030"] = _share_traditional(sample)
    codec = _declared_codec(declared)
    best = max(shares, key=lambda name: (round(shares[name], 1), name == codec, shares[name], name == "gb18030"))
    if shares[best] < _CONVINCING:
        return _decode_otherwise(data, codec)
    # Each character by which one reading is better than the other makes the guess surer.
    evidence = (shares[best] - min(shares.values())) * _wide_bytes(sample) / 4
    confidence = round(shares[best] * (1 - 0.5 ** (1 + min(evidence, 60))), 3)
    decoded = _decode_in(data, best, confidence)
    if best == "gb18030" and not decoded.broken:
        decoded = replace(decoded, encoding=_narrowest_gb(data))
    if decoded.encoding != "gb2312":  # whose gaps leave no room for other Chinese
        _refuse_mixed(decoded.text, best)
    return decoded


def _decode_otherwise(data: bytes, codec: str | None) -> Decoded:
    """Neither UTF-8 nor Chinese: what the page declares, unless that would read anything."""
    if codec not in (None, "utf-8", "gb18030", "big5"):
        assert codec is not None
        if codec in _MULTIBYTE or _wide_bytes(data) < len(data) / 5:
            return _decode_in(data, codec, 0.5)
    raise SourceError(f"Its encoding is not recognised: it mixes several, is corrupt, or is not text. {_ADVICE}")


def _refuse_mixed(text: str, name: str) -> None:
    """UTF-8 bytes are nearly always valid GBK too, so a mixture shows only as uncommon characters."""
    for start in range(0, len(text), _BLOCK):
        block = text[start : start + _BLOCK]
        narrow = _ascii_count(block)
        known = max(len(block.encode(codec, "ignore")) for codec in ("gb2312", "cp950"))
        if len(block) - narrow >= 40 and (known - narrow) / 2 < 0.6 * (len(block) - narrow):
            line = text.count("\n", 0, start) + 1
            raise SourceError(
                f"It begins as {name}, but what follows line {line} is not: "
                f"it mixes encodings or is corrupt. Save it in one encoding. {_ADVICE}"
            )


def _declared_codec(declared: str | None) -> str | None:
    """The codec a page declares, the Chinese ones under the names of the two that are tried."""
    try:
        name = known_encoding(declared) if declared else None
    except InputError:
        return None
    if name in ("gb2312", "gbk", "gb18030"):
        return "gb18030"
    return "big5" if name in ("big5", "cp950", "big5hkscs") else name


def _narrowest_gb(data: bytes) -> str:
    for name in ("gb2312", "gbk"):
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return "gb18030"


def _sample(data: bytes) -> bytes:
    """The part that is judged: it begins where ASCII ends, so that no character is cut there."""
    found = _WIDE_BYTE.search(data)
    start = found.start() if found else 0
    return data[start : start + _SAMPLE]


def _wide_bytes(data: bytes) -> int:
    return len(data) - len(data.translate(None, _HIGH))


def _share_traditional(sample: bytes) -> float:
    """GBK holds the traditional characters too; they are judged only where nothing else convinces."""
    return _share_common(sample.decode("gb18030", "replace"), _common_anywhere())


def _share_common(text: str, common: frozenset[str]) -> float:
    """The share of common characters among those that are not ASCII; 0 when there are none."""
    wide = _NO_EVIDENCE.sub("", text)
    if not wide:
        return 1.0 if text else 0.0
    return sum(map(common.__contains__, wide)) / len(wide)


@cache
def _common_gb() -> frozenset[str]:
    """GB 2312 rows 1-3 (punctuation, numbers, full-width ASCII) and 16-87 (its 6,763 characters).

    Not its kana, Greek, Cyrillic and phonetic rows: Big5 text falls there.
    """
    rows = (0xA1, 0xA3, *range(0xB0, 0xF8))
    return _characters("gb2312", rows, range(0xA1, 0xFF)) | _characters("gbk", (0xA2,), range(0xA1, 0xFF))


@cache
def _common_big5() -> frozenset[str]:
    """Big5 rows A1-A3 (punctuation, full-width ASCII) and A4-C6 (the 5,401 characters of level 1)."""
    return _characters("big5", range(0xA1, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF)))


@cache
def _common_anywhere() -> frozenset[str]:
    return _common_gb() | _common_big5()


def _characters(name: str, rows: range | tuple[int, ...], cells: range | tuple[int, ...]) -> frozenset[str]:
    table = b"".join(bytes((row, cell)) for row in rows for cell in cells)
    return frozenset(table.decode(name, "ignore")) - frozenset(map(chr, range(128)))
