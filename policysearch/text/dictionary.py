"""The words that the analyzer knows and how frequent they are: jieba's dictionary, folded.

Two forms of the same dictionary: a plain mapping for building an index, where
every character of the corpus is looked up several times, and a file that is
looked up in place (a marisa trie), so that a search loads nothing. The file is
kept in the user's own cache folder and named after its fingerprint.
Both are made once from the file that comes with jieba.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import re
import struct
import sys
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import log
from pathlib import Path
from typing import Any, NamedTuple

from policysearch.errors import IndexUnusableError, InputError
from policysearch.text import folding
from policysearch.text.characters import clean
from policysearch.text.folding import fold

__all__ = [
    "Dictionary",
    "TrieWords",
    "UserWord",
    "base_fingerprint",
    "finalseg",
    "fingerprint",
    "load",
    "open_words",
    "read_user_words",
    "suggest_frequency",
]


class UserWord(NamedTuple):
    """A word of a user dictionary, folded, and its frequency."""

    word: str
    frequency: int


@lru_cache(maxsize=1)
def _jieba() -> Any:
    """Import jieba, without the setuptools part that it tries first and does not need (75 ms)."""
    absent = "pkg_resources" not in sys.modules
    if absent:
        sys.modules["pkg_resources"] = None  # type: ignore[assignment]
    try:
        import jieba
        import jieba.finalseg
    finally:
        if absent:
            del sys.modules["pkg_resources"]
    return jieba


@lru_cache(maxsize=1)
def finalseg() -> Any:
    """Return jieba's model for words that no dictionary has."""
    return _jieba().finalseg


def _dictionary_path() -> Path:
    return Path(_jieba().__file__).with_name("dict.txt")


@lru_cache(maxsize=1)
def base_fingerprint() -> str:
    """Return what the words of an index depend on: jieba, its dictionary, the fold table."""
    digest = hashlib.sha256(_dictionary_path().read_bytes()).hexdigest()[:16]
    return f"jieba {_jieba().__version__}, dictionary {digest}, folding {folding.FINGERPRINT}"


class Dictionary:
    """All words with their frequencies, in memory.

    Attributes:
        frequencies: Folded word to frequency, at least 1.
        beginnings: What words begin with, where that is no word itself; there may be words among it.
        total: Sum of all frequencies, as jieba counts it: before folding.
        fingerprint: Equal for equal contents made by the same jieba.
    """

    def __init__(self, frequencies: dict[str, int], beginnings: Sequence[str], total: int, fingerprint: str) -> None:
        self.frequencies = frequencies
        self.beginnings = beginnings
        self.total = total
        self.fingerprint = fingerprint

    def weights(self) -> dict[str, float | None]:
        """Return each word's log probability, and None for each beginning of a word that is none itself."""
        logtotal = log(self.total)
        weights: dict[str, float | None] = dict.fromkeys(self.beginnings)
        weights.update({word: log(frequency) - logtotal for word, frequency in self.frequencies.items()})
        return weights


def load(user_words: Iterable[UserWord] = ()) -> Dictionary:
    """Return jieba's dictionary, folded, with ``user_words`` added or replaced."""
    frequencies, beginnings, total = _folded()
    added = sorted(set(user_words))
    for word, frequency in added:
        frequencies[word] = frequency
        beginnings += [word[:end] for end in range(1, len(word))]
        total += frequency
    return Dictionary(frequencies, beginnings, total, fingerprint(added))


_Folded = tuple[dict[str, int], list[str], int]


def _folded() -> _Folded:
    """Return jieba's dictionary, folded, what its words begin with, and the sum of its frequencies before folding.

    This takes several times as long as reading, and every process of every
    build would wait for it; so it is kept beside the words for queries.
    """

    def make(path: str) -> None:
        frequencies, beginnings, total = _fold_dictionary()
        with open(path, "wb") as file:
            file.write(_FOLDED.pack(total, len(frequencies)) + array("Q", frequencies.values()).tobytes())
            file.write("\n".join((*frequencies, *beginnings)).encode())

    path = _in_cache(f"dictionary-{_LAYOUT}-{_digest(base_fingerprint())}.words", make)
    try:
        data = path.read_bytes()[: -_SEAL.size] if path else b""
    except OSError:  # somebody emptied the folder
        data = b""
    if not data:
        return _fold_dictionary()
    total, count = _FOLDED.unpack_from(data)
    frequencies = array("Q", data[_FOLDED.size : _FOLDED.size + 8 * count])
    words = data[_FOLDED.size + 8 * count :].decode().split("\n")
    return dict(zip(words[:count], frequencies, strict=True)), words[count:], total


def _fold_dictionary() -> _Folded:
    frequencies: dict[str, int] = {}
    total = 0
    with _dictionary_path().open(encoding="utf-8") as lines:
        for line in lines:
            word, count, _ = line.split(" ", 2)
            frequency = int(count)
            total += frequency
            word = fold(word)
            if frequency > frequencies.get(word, 0):
                frequencies[word] = frequency
    beginnings = {word[:end] for word in frequencies for end in range(1, len(word))}
    return frequencies, sorted(beginnings - frequencies.keys()), total


def fingerprint(user_words: Iterable[UserWord] = ()) -> str:
    """Return the fingerprint of jieba's dictionary with ``user_words``, without loading it."""
    added = sorted(set(user_words))
    if not added:
        return base_fingerprint()
    listed = "\n".join(f"{w} {f}" for w, f in added)
    return (
        f"{base_fingerprint()}, user words {hashlib.sha256(listed.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    )


def cache_folder() -> Path:
    """Return this user's own cache folder for the program, made if need be; nobody else may write there."""
    base = os.environ.get("XDG_CACHE_HOME")
    if not base:
        base = os.path.expanduser("~/Library/Caches") if sys.platform == "darwin" else os.path.expanduser("~/.cache")
    folder = Path(base) / "policysearch"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.stat()
    if state.st_uid != os.getuid() or state.st_mode & 0o022:
        raise PermissionError(f"{folder} can be written by others")
    return folder


_MOST_KNOWN = 10_000  # words that were looked up, kept for the next time
_TOTAL = "\n"  # stands for the sum of all frequencies in the trie; no word holds a line break


class TrieWords:
    """A dictionary that is looked up in its file, in place."""

    def __init__(self, trie: Any) -> None:
        self._trie = trie
        self._logtotal = log(trie[_TOTAL][0][0])
        self.floor = -self._logtotal
        self._known: dict[str, float | None] = {}

    def weight(self, word: str) -> float | None:
        """Return the word's log probability, None when it is no word."""
        try:
            return self._known[word]
        except KeyError:
            found = self._trie.get(word)
            weight = log(found[0][0]) - self._logtotal if found else None
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[word] = weight
            return weight

    def beginnings(self, text: str) -> list[str]:
        """Return the words that ``text`` begins with, shortest first."""
        found: list[str] = sorted(self._trie.prefixes(text))
        return found


def _make_trie(dictionary: Dictionary) -> Any:
    import marisa_trie

    items = [(w, (f,)) for w, f in dictionary.frequencies.items()]
    items.append((_TOTAL, (dictionary.total,)))
    return marisa_trie.RecordTrie("<Q", items)


_LAYOUT = 1  # of a folded dictionary's file
_FOLDED = struct.Struct("<QQ")  # sum of frequencies, number of words; their frequencies, words, beginnings follow
_SEAL = struct.Struct("<I8s")  # crc32 of all before it
_SEAL_MAGIC = b"words\x00\x001"


def save_trie(fingerprint: str, make: Callable[[], Dictionary]) -> Path | None:
    """Keep a dictionary where searches look words up in place; None when there is no place for it.

    ``make`` is called only when the file is not there, or is damaged.
    """
    return _in_cache(f"words-{_digest(fingerprint)}.marisa", lambda path: _make_trie(make()).save(path))


def clear_cache() -> None:
    """Remove what processes left in the cache folder that were killed."""
    from policysearch.atomic_files import clear

    with contextlib.suppress(OSError):
        clear(cache_folder())


def _digest(fingerprint: str) -> str:
    return hashlib.sha256(fingerprint.encode()).hexdigest()[:24]


def _in_cache(name: str, make: Callable[[str], None]) -> Path | None:
    """Return a file of the cache folder, sealed; None when there is no place for it.

    ``make`` writes it to the path it is given, when it is not there or is damaged.
    """
    try:
        path = cache_folder() / name
        if _is_whole(path):
            return path
        from policysearch.atomic_files import create

        handle, draft = create(path.parent)
        try:
            with open(handle, "r+b") as file:  # it is known to be written as long as it is open
                make(str(draft))
                seal = _SEAL.pack(zlib.crc32(file.read()), _SEAL_MAGIC)
                file.write(seal)
                file.flush()
                os.replace(draft, path)
        except BaseException:
            draft.unlink()
            raise
    except OSError:
        return None
    return path


def _is_whole(path: Path) -> bool:
    """Whether a file of words is as it was written; looking a word up in a damaged one could end the process."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            crc, magic = _SEAL.unpack_from(data, len(data) - _SEAL.size)
            with memoryview(data) as view, view[: -_SEAL.size] as written:
                return bool(magic == _SEAL_MAGIC and zlib.crc32(written) == crc)
    except (OSError, ValueError, struct.error):
        return False


def open_words(fingerprint: str, user_words: Iterable[UserWord]) -> TrieWords:
    """Open the dictionary of an index for looking up words in place.

    The file is made anew when the cache folder does not have it whole. Raises
    ``IndexUnusableError`` when the installed jieba is not the one that the
    index was built with.
    """
    import marisa_trie

    def here() -> Dictionary:
        dictionary = load(user_words)
        if dictionary.fingerprint != fingerprint:
            raise IndexUnusableError(
                f"The index was built with another dictionary ({fingerprint}; here: {dictionary.fingerprint}). "
                "Build it again with: policysearch index --rebuild"
            )
        return dictionary

    path = save_trie(fingerprint, here)
    if path is None:
        return TrieWords(_make_trie(here()))
    trie = marisa_trie.RecordTrie("<Q")
    trie.mmap(str(path))
    return TrieWords(trie)


# a user's words

_ENTRY = re.compile(r"(?P<word>.+?)(?:\s+(?P<frequency>-?[0-9]+))?(?:\s+(?P<tag>[a-zA-Z]+))?")
_NO_WORD = re.compile(r"[^一-鿕a-zA-Z0-9+#&._%\-]")
_LONGEST_WORD = 40
_MOST_FREQUENT = 10**12
_MOST_NAMED = 5


def read_user_words(path: Path) -> list[UserWord]:
    """Read a user dictionary in jieba's format: a line is a word, a frequency or none, and a tag or none.

    Words are folded; of a word that stands twice the last line counts. A word
    without a frequency gets the least that keeps it whole.

    Raises ``InputError`` that names lines for what jieba could not use: it
    cuts a text at every character that is no Han character, letter, digit or
    one of ``+#&._%-``, so that a word with another one would never be found.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"The dictionary '{path}' cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        where = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"The dictionary '{path}' is not UTF-8 in line {where}. Save it as UTF-8.") from error
    entries: dict[str, int | None] = {}
    wrong = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            word, frequency = _user_entry(line.strip())
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
            continue
        entries.pop(word, None)  # the place of the last line counts
        entries[word] = frequency
    if wrong:
        more = f" And {len(wrong) - _MOST_NAMED} more." if len(wrong) > _MOST_NAMED else ""
        raise InputError(
            f"The dictionary '{path}' has words that cannot be used: {'; '.join(wrong[:_MOST_NAMED])}.{more}"
        )
    return _with_frequencies(entries)


def _user_entry(line: str) -> tuple[str, int | None]:
    """Return the word and the frequency of a line. Raises ``ValueError`` that says what is wrong."""
    found = _ENTRY.fullmatch(line)
    if found is None:  # pragma: no cover (any line that is not empty is an entry)
        raise ValueError(f"'{line}' is no word")
    word = fold(clean(found["word"]))
    if not any(map(str.isalnum, word)):
        raise ValueError(f"'{found['word']}' has no letter, digit or Han character")
    border = _NO_WORD.search(word)
    if border:
        where = "white space" if border[0].isspace() else f"'{found['word'][border.start()]}'"
        raise ValueError(f"'{found['word']}' would never be found, because texts are cut at {where}")
    if len(word) > _LONGEST_WORD:
        raise ValueError(f"'{found['word']}' has {len(word)} characters, and a word has at most {_LONGEST_WORD}")
    frequency = int(found["frequency"]) if found["frequency"] else None
    if frequency is not None and not 1 <= frequency <= _MOST_FREQUENT:
        raise ValueError(f"the frequency of '{found['word']}' must be a number from 1 to {_MOST_FREQUENT}")
    return word, frequency


def _with_frequencies(entries: Mapping[str, int | None]) -> list[UserWord]:
    """Return the words with a frequency for each, found as jieba does: one after the other, each knowing the last."""
    if None not in entries.values():
        return [UserWord(word, frequency) for word, frequency in entries.items() if frequency]
    dictionary = load()
    known, total = dict(dictionary.frequencies), dictionary.total
    words = []
    for word, given in entries.items():
        frequency = given or suggest_frequency(word, known, total)
        known[word] = frequency
        total += frequency
        words.append(UserWord(word, frequency))
    return words


def suggest_frequency(word: str, known: Mapping[str, int], total: int) -> int:
    """Return the least frequency that keeps ``word`` whole wherever its parts would be cut, as jieba's suggest_freq.

    Args:
        word: Folded, one run of characters.
        known: Frequencies of words.
        total: Their sum.
    """
    logtotal = log(total)
    size = len(word)
    best = [0.0] * (size + 1)
    ends = [0] * size
    for at in range(size - 1, -1, -1):
        choices = [(log(known[word[at:end]]) - logtotal + best[end], end) for end in range(at + 1, size + 1)
                   if word[at:end] in known]  # fmt: skip
        best[at], ends[at] = max(choices, default=(best[at + 1] - logtotal, at + 1))
    frequency = 1.0
    for part in _parts(word, ends):
        frequency *= known.get(part, 1) / float(total)
    return max(int(frequency * total) + 1, known.get(word, 1))


def _parts(word: str, ends: Sequence[int]) -> Iterator[str]:
    """Yield the words of a cut; letters and digits that stand alone are one with their neighbours, as in jieba."""
    at, alone = 0, ""
    while at < len(word):
        part = word[at : ends[at]]
        at = ends[at]
        if len(part) == 1 and part.isascii() and part.isalnum():
            alone += part
            continue
        if alone:
            yield alone
            alone = ""
        yield part
    if alone:
        yield alone
