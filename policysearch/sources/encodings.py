"""Detection of character encodings, and decoding with an account of invalid bytes.

UTF-8 and byte order marks are certain. Otherwise GB18030 and Big5 are both
tried and judged by the share of typical characters in the result: the common characters that each standard lists first
(GB 2312 level 1, Big5 level 1), its punctuation, ASCII.

General detectors find the same encodings (of 240 snippets of 20 and 200
characters, charset-normalizer missed one and chardet none) in 3 and 15 to 40
times the time, and do not report which bytes are invalid.
"""

from __future__ import annotations

import codecs
import re
import threading
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, repeat
from typing import NamedTuple

from policysearch.errors import InputError, SourceError
from policysearch.frozen import frozen, replace
from policysearch.sources.common_characters import characters_of, common_anywhere, common_big5, common_gb, share_common

__all__ = [
    "Broken",
    "Decoded",
    "count_controls",
    "decode",
    "is_binary",
    "known_encoding",
]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
# Supersets of the narrower encodings: GB18030 of GBK and GB 2312, Microsoft's code page of Big5.
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "big5": "cp950"}

_ADVICE = "If you know its encoding, give it: --encoding gb18030 (or big5, utf-16 …)."

# At most this share of the characters that are not ASCII may be invalid: one invalid byte in two hundred characters is
# a corrupt copy, more is another encoding or not text. A short text may have a few places nevertheless.
_BROKEN_SHARE = 0.005
_FEW_PLACES, _FEW_SHARE = 8, 0.1
# No text needs more than this share of control characters; ETX-like bytes in scraped text stay far below.
_CONTROL_SHARE = 0.01
# Below this share of common characters no reading is called text. Real texts reach 0.95 in the right
# encoding; a wrong one stays below 0.7.
_CONVINCING = 0.8
# The sample by which an encoding is chosen, in bytes, and the blocks in which the rest is checked, in characters.
_SAMPLE = 64_000
_BLOCK = 2_000

_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 26, 27})
_HIGH = bytes(range(128, 256))
_REPLACED = "\ufffd"
# Placeholder for invalid bytes until they are counted: no encoding decodes to it.
_MARK = "\udc80"
_MARKS = re.compile(f"{_MARK}+")
_MOST_NAMED = 20
# Two thirds of the characters of official texts.
_FREQUENT = (
    "的一是在不了有和人这中大为上个国我以要时来用生到作地于出就分对成会可主发年动同工也能下过产种面而方后多定行学法所民得经"
    "十三之进着等部度家力水化高自二理小物现实加量都体制机当使点从业本性应开合其前外政四日社义事平形相全表与关各重新内数正明利"
    "比或质第向道变条结解问意建月公系情者最立代通并提直题党程展员革位入常文总次品式活设及管特件长求基资流路级统接知组计期根"
    "论运农指区强决任取据处即保治造规领导志增争济极交受联共权收证改清再转更单切教带安场身务具万每至达议报完类确科信节整元今集"
    "传土许步群广需段研界律织，。、；：（）“”〔〕《》"
)
_WIDE_RUN = re.compile(b"[\x80-\xff]+")
_WIDE_BYTE = re.compile(b"[\x80-\xff]")
_MULTIBYTE = frozenset({"shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949", "johab", "hz"})


class Broken(NamedTuple):
    """A place with invalid bytes.

    Attributes:
        text: The text there, with U+FFFD for lost characters, and the characters around it.
        line: The number of its line, from 1.
        offset: Offset of the first invalid byte in the file, from 0.
    """

    text: str
    line: int
    offset: int


@frozen
class Decoded:
    """A decoded text and its encoding.

    Attributes:
        text: Without a byte order mark; U+FFFD for invalid bytes.
        encoding: The narrowest of utf-8, gb2312, gbk, gb18030, big5, utf-16 … that reads the bytes,
            or the one that was given.
        confidence: Confidence in the encoding, 0 to 1; 1 when it was given.
        broken: The places with invalid bytes, in order, the first twenty.
        places: Number of all such places.
    """

    text: str
    encoding: str
    confidence: float
    broken: tuple[Broken, ...] = ()
    places: int = 0


def decode(data: bytes, encoding: str | None = None, *, declared: str | None = None) -> Decoded:
    """Return the text of ``data``.

    A given ``encoding`` is used; ``declared`` (by a page, often wrongly) only breaks ties. A few invalid bytes, and a
    character cut off at the end, become U+FFFD and are listed in ``broken``.

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


# Codecs of host names and of Python's source, which cannot replace invalid bytes.
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
        raise InputError(
            f"Unknown encoding '{name}'; expected a name such as utf-8, gb18030, big5 or utf-16."
        ) from error
    return codec.name


def _decode_as_told(data: bytes, name: str) -> Decoded:
    if not name.startswith(("utf-16", "utf-32")):
        _refuse_binary(data)
    decoded = _decode_in(data, name, 1.0)
    return replace(decoded, text=decoded.text.removeprefix("\ufeff"), encoding=name.removesuffix("-sig"))


def _decode_in(data: bytes, name: str, confidence: float) -> Decoded:
    """Decode in a given encoding; SourceError when too many bytes are invalid."""
    reader = _SUPERSETS.get(name, name)
    try:
        text, offsets = _marked(data, reader)
    except (ValueError, LookupError, TypeError) as error:
        raise SourceError(f"It cannot be decoded as {name}: {error}. {_ADVICE}") from error
    return _judged(text, offsets, name, confidence)


_collected = threading.local()


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Collect the offsets of invalid bytes: the error handler for decoding."""
    assert isinstance(error, UnicodeDecodeError)
    _collected.offsets.append(error.start)
    return _MARK, error.end


codecs.register_error("policysearch-mark", _mark)


def _marked(data: bytes, reader: str) -> tuple[str, list[int]]:
    """Return a text with a mark for each group of invalid bytes, and their offsets."""
    try:
        return data.decode(reader), []
    except UnicodeDecodeError:
        pass
    _collected.offsets = []
    text = data.decode(reader, "policysearch-mark")
    offsets: list[int] = _collected.offsets
    return _in_step(data, text, offsets) if reader == "gb18030" else (text, offsets)


def _in_step(data: bytes, text: str, offsets: list[int]) -> tuple[str, list[int]]:
    """Decode lines of GB18030 again in which a byte is wrong, missing or extra, so that the rest is out of step."""
    lines = text.split("\n")
    starts = [0, *(found.end() for found in re.finditer(b"\n", data)), len(data) + 1]
    if len(lines) != len(starts) - 1:
        return text, offsets
    new_offsets: list[int] = []
    at = 0
    for number in range(len(lines)):
        start, end = starts[number], starts[number + 1]
        own = at
        while at < len(offsets) and offsets[at] < end:
            at += 1
        better = _line_in_step(data[start : end - 1]) if at > own else None
        if better is None:
            new_offsets += offsets[own:at]
        else:
            lines[number] = better[0]
            new_offsets += [start + one for one in better[1]]
    return "\n".join(lines), new_offsets


def _line_in_step(line: bytes) -> tuple[str, list[int]] | None:
    """Return a line whose wide bytes are decoded in pairs without the extra ones, and the offsets of these.

    In a run with an odd number of wide bytes, the one is skipped whose omission gives the most common characters.
    None unless nearly all characters are common then.
    """
    weights = _pair_weights()
    parts: list[str] = []
    marks: list[int] = []
    pairs = good = at = 0
    for found in _WIDE_RUN.finditer(line):
        if found.start() < at:
            continue
        parts.append(line[at : found.start()].decode("ascii"))
        run, at = found[0], found.end()
        known = _decoded_run(run)
        if known is None and (known := _decoded_run(run + line[at : at + 1])) is not None:
            at += 1  # the second byte of a pair may be ASCII
        if known is not None:
            parts.append(known)
            continue
        before = [run[i : i + 2] for i in range(0, len(run) - 1, 2)]
        after = [run[i : i + 2] for i in range(1, len(run) - 1, 2)]
        left = len(before)
        if len(run) % 2:
            sums = list(accumulate(map(weights.get, before, repeat(0)), initial=0))
            sums_after = list(accumulate(map(weights.get, after, repeat(0)), initial=0))
            left = max(range(len(before) + 1), key=lambda k: (sums[k] + sums_after[-1] - sums_after[k], -k))
        for number, pair in enumerate((*before[:left], run[2 * left : 2 * left + 1], *after[left:])):
            if not pair:
                continue
            read = _decoded_run(pair) if len(pair) == 2 else None
            if read is None:
                marks.append(found.start() + 2 * number - (number > left))
            parts.append(_MARK if read is None else read)
            pairs += 1
            good += pair in weights
    if not marks or good + len(marks) < pairs * 0.9:
        return None
    return "".join((*parts, line[at:].decode("ascii"))), marks


def _decoded_run(run: bytes) -> str | None:
    try:
        return run.decode("gb18030")
    except UnicodeDecodeError:
        return None


def _judged(text: str, offsets: list[int], name: str, confidence: float) -> Decoded:
    """Return a text with U+FFFD in place of its marks.

    Raises ``SourceError`` when there are too many marks.
    """
    if not offsets:
        return Decoded(text, name, confidence)
    places = sum(1 for _ in _MARKS.finditer(text))
    wide = max(len(text) - _ascii_count(text), 1)
    share = len(offsets) / wide
    # A cut at the very end is a truncated copy, however short the text.
    cut_off = text.endswith(_MARK) and text.find(_MARK) >= len(text) - 3
    if share > _BROKEN_SHARE and not cut_off and not (places <= _FEW_PLACES and share <= _FEW_SHARE):
        line = text.count("\n", 0, text.find(_MARK)) + 1
        raise SourceError(
            f"It cannot be read as {name}: {len(offsets)} of {wide} characters cannot be decoded, "
            f"the first in line {line}. It may be corrupt, mix encodings or have another one. {_ADVICE}"
        )
    broken = tuple(_broken_places(text, offsets))
    return Decoded(text.replace(_MARK, _REPLACED), name, confidence * (1 - min(share, 1)), broken, places)


def _broken_places(text: str, offsets: list[int]) -> Iterator[Broken]:
    line, counted, passed = 1, 0, 0
    for found, _ in zip(_MARKS.finditer(text), range(_MOST_NAMED), strict=False):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        around = text[max(found.start() - 8, 0) : found.end() + 8].replace(_MARK, _REPLACED)
        yield Broken(around, line, offsets[passed])
        passed += len(found[0])


def _ascii_count(text: str) -> int:
    return len(text.encode("ascii", "ignore"))


def count_controls(data: bytes) -> int:
    """Return the number of control characters that do not occur in text."""
    return len(data) - len(data.translate(None, _CONTROLS))


def is_binary(size: int, controls: int) -> bool:
    """Return whether so many bytes have too many such control characters for text."""
    return controls > max(size * _CONTROL_SHARE, 3)


def _refuse_binary(data: bytes) -> None:
    if is_binary(len(data), count_controls(data)):
        raise SourceError("It is binary data, not text. If it is a document, give its name the suffix of its format.")


def _decode_wide(data: bytes) -> Decoded | None:
    """Decode UTF-16 without a byte order mark, in the byte order that gives common characters, if one does."""
    sample = data[: _SAMPLE // 2 * 2]
    scores = {
        name: share_common(sample.decode(name, "replace"), common_anywhere()) for name in ("utf-16-le", "utf-16-be")
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
    # A few GBK characters can be valid UTF-8 of Latin, Greek or Hebrew letters.
    chinese = share_common(data.decode("gb18030", "replace"), common_gb())
    return None if chinese > 0.9 else Decoded(text, "utf-8", 0.6)


def _decode_broken_utf8(data: bytes, error: UnicodeDecodeError) -> Decoded | None:
    around = data[max(error.start - _SAMPLE, 0) : error.start + _SAMPLE]
    if not _mostly_utf8(around.decode("utf-8", "replace")):
        only_cut_off = error.end == len(data) and error.reason == "unexpected end of data"
        if not (only_cut_off and error.start):
            return None
    return _judged(*_marked(data, "utf-8"), "utf-8", 1.0)


def _mostly_utf8(text: str) -> bool:
    """Return whether there are four decoded characters for each invalid one: other encodings hardly give one."""
    broken = text.count(_REPLACED)
    return len(text) - _ascii_count(text) - broken >= 4 * broken


def _decode_chinese(data: bytes, declared: str | None) -> Decoded:
    sample = _sample(data)
    shares = {
        "gb18030": share_common(_marked(sample, "gb18030")[0], common_gb()),
        "big5": share_common(sample.decode("cp950", "replace"), common_big5()),
    }
    if max(shares.values()) < _CONVINCING:
        shares["gb18030"] = _share_traditional(sample)
    codec = _declared_codec(declared)
    best = max(shares, key=lambda name: (round(shares[name], 1), name == codec, shares[name], name == "gb18030"))
    if shares[best] < _CONVINCING:
        return _decode_otherwise(data, codec)
    # Each character by which one decoding is better than the other raises the confidence.
    evidence = (shares[best] - min(shares.values())) * _wide_bytes(sample) / 4
    confidence = round(shares[best] * (1 - 0.5 ** (1 + min(evidence, 60))), 3)
    decoded = _decode_in(data, best, confidence)
    if best == "gb18030" and not decoded.broken:
        decoded = replace(decoded, encoding=_narrowest_gb(data))
    if decoded.encoding != "gb2312":  # whose gaps leave no space for other Chinese
        _refuse_mixed(decoded.text, best)
    return decoded


def _decode_otherwise(data: bytes, codec: str | None) -> Decoded:
    """Decode a text that is neither UTF-8 nor Chinese as the page declares, unless that encoding accepts any bytes."""
    if codec not in (None, "utf-8", "gb18030", "big5"):
        assert codec is not None
        if codec in _MULTIBYTE or _wide_bytes(data) < len(data) / 5:
            return _decode_in(data, codec, 0.5)
    raise SourceError(f"Its encoding is not recognised: it mixes several, is corrupt, or is not text. {_ADVICE}")


def _refuse_mixed(text: str, name: str) -> None:
    """Raise for a mixture of encodings: UTF-8 is nearly always valid GBK, so it shows only in uncommon characters."""
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
    """Return the codec that a page declares; for Chinese ones, the one of the two tried."""
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
    """Return the part by which the encoding is chosen; it begins where ASCII ends, so that no character is cut."""
    found = _WIDE_BYTE.search(data)
    start = found.start() if found else 0
    return data[start : start + _SAMPLE]


def _wide_bytes(data: bytes) -> int:
    return len(data) - len(data.translate(None, _HIGH))


def _share_traditional(sample: bytes) -> float:
    """Return the share of common characters, traditional ones included; used only where nothing else decides."""
    return share_common(sample.decode("gb18030", "replace"), common_anywhere())


@cache
def _pair_weights() -> dict[bytes, int]:
    """Return the common characters as pairs of bytes, with the weight of each as evidence that pairs are in step."""
    weights = {each.encode("gb18030"): 1 for each in common_gb()}
    first = characters_of("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF))
    weights.update((each.encode("gb18030"), 2) for each in first)
    weights.update((each.encode("gb18030"), 4) for each in _FREQUENT)
    return weights
