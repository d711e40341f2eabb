"""The analyzer's dictionary: jieba's words with their frequencies, folded.

The dictionary has two forms: a mapping in memory for building an index, which
looks up every character of the corpus several times, and a marisa trie that is
read in place, so that a search loads nothing. Both are created once from
jieba's own file; the trie is cached in the user's own cache folder, named
after its fingerprint.
"""

from __future__ import annotations

import contextlib
import re
import struct
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import log
from pathlib import Path
from typing import Any, NamedTuple

from policysearch.errors import IndexUnusableError, InputError
from policysearch.files.cache import cache_folder, read_cached, write_cached
from policysearch.files.regular import read_regular
from policysearch.text import folding
from policysearch.text.characters import normalize
from policysearch.text.folding import fold

__all__ = [
    "TrieWords",
    "UserWord",
    "WordDictionary",
    "base_fingerprint",
    "cached_words",
    "dictionary_fingerprint",
    "dictionary_path",
    "finalseg",
    "load_dictionary",
    "open_words",
    "read_user_words",
    "refuse_unusable",
    "suggest_frequency",
]


class UserWord(NamedTuple):
    """A word of a user dictionary, folded, and its frequency."""

    word: str
    frequency: int


@lru_cache(maxsize=1)
def _jieba() -> Any:
    """Import jieba without setuptools, which it imports (75 ms) but does not need."""
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
    """Return jieba's model for words outside the dictionary."""
    return _jieba().finalseg


def dictionary_path() -> Path:
    """Return the path of jieba's dictionary."""
    return Path(_jieba().__file__).with_name("dict.txt")


@lru_cache(maxsize=1)
def base_fingerprint() -> str:
    """Return the fingerprint of jieba, its dictionary and the fold table, which determine the words of an index."""
    digest = _digest(dictionary_path().read_bytes())[:16]
    return f"jieba {_jieba().__version__}, dictionary {digest}, folding {folding.FINGERPRINT}"


def _digest(data: bytes) -> str:
    import hashlib  # 3 ms, which a search does not need

    return hashlib.sha256(data).hexdigest()


class WordDictionary:
    """All words with their frequencies, in memory.

    Attributes:
        frequencies: Frequency of each folded word, at least 1.
        prefixes: Prefixes of words, one a line; may include words.
        total: Sum of all frequencies before folding, as in jieba.
        fingerprint: Equal for equal contents and the same jieba.
    """

    def __init__(self, frequencies: dict[str, int], prefixes: str, total: int, fingerprint: str) -> None:
        self.frequencies = frequencies
        self.prefixes = prefixes
        self.total = total
        self.fingerprint = fingerprint

    def weights(self) -> dict[str, float | None]:
        """Return each word's log probability, and None for each prefix that is not a word."""
        logtotal = log(self.total)
        weights: dict[str, float | None] = dict.fromkeys(self.prefixes.split("\n"))
        of = {frequency: log(frequency) - logtotal for frequency in set(self.frequencies.values())}  # which are few
        weights.update(zip(self.frequencies, map(of.__getitem__, self.frequencies.values()), strict=True))
        return weights


def load_dictionary(user_words: Iterable[UserWord] = ()) -> WordDictionary:
    """Return jieba's dictionary, folded, with ``user_words`` added or replaced."""
    frequencies, prefixes, total = _folded()
    added = sorted(set(user_words))
    for word, frequency in added:
        frequencies[word] = frequency
        total += frequency
    prefixes = "\n".join((prefixes, *(word[:end] for word, _ in added for end in range(1, len(word)))))
    return WordDictionary(frequencies, prefixes, total, dictionary_fingerprint(added))


_Folded = tuple[dict[str, int], str, int]


def _folded() -> _Folded:
    """Return jieba's dictionary, folded, the prefixes of its words, and the sum of its frequencies before folding.

    This takes several times as long as reading the result, and every worker of
    every build would wait for it; so the result is cached.
    """

    def make() -> bytes:
        frequencies, prefixes, total = _fold_dictionary()
        numbers = _FOLDED.pack(total, len(frequencies)) + array("Q", frequencies.values()).tobytes()
        return numbers + "\n".join((*frequencies, prefixes)).encode()

    data = _in_cache(f"dictionary-{_LAYOUT}-{_digest(base_fingerprint().encode())[:24]}.words", make)
    total, count = _FOLDED.unpack_from(data)
    frequencies = array("Q", bytes(data[_FOLDED.size : _FOLDED.size + 8 * count]))
    words = str(data[_FOLDED.size + 8 * count :], "utf-8").split("\n", count)
    prefixes = words.pop()
    return dict(zip(words, frequencies, strict=True)), prefixes, total


def _fold_dictionary() -> _Folded:
    frequencies: dict[str, int] = {}
    total = 0
    with dictionary_path().open(encoding="utf-8") as lines:
        for line in lines:
            word, count, _ = line.split(" ", 2)
            frequency = int(count)
            total += frequency
            word = fold(word)
            if frequency > frequencies.get(word, 0):
                frequencies[word] = frequency
    prefixes = {word[:end] for word in frequencies for end in range(1, len(word))}
    return frequencies, "\n".join(sorted(prefixes - frequencies.keys())), total


def dictionary_fingerprint(user_words: Iterable[UserWord] = ()) -> str:
    """Return the fingerprint of jieba's dictionary with ``user_words``, without loading it."""
    added = sorted(set(user_words))
    if not added:
        return base_fingerprint()
    listed = "\n".join(f"{w} {f}" for w, f in added)
    return f"{base_fingerprint()}, user words {_digest(listed.encode('utf-8', 'surrogatepass'))[:16]}"


_MOST_KNOWN = 10_000  # cached lookups


class TrieWords:
    """A dictionary that is read in place from the bytes of its file."""

    def __init__(self, data: memoryview) -> None:
        import marisa_trie

        total, self._longest, values, words, size = _TRIE.unpack_from(data)
        at = _TRIE.size + 8 * values
        self._values = data[_TRIE.size : at].cast("Q")
        self._value_of = data[at : at + size * words].cast("H" if size == 2 else "I")
        self._trie = marisa_trie.Trie()
        self._trie.map(data[_aligned(at + size * words) :])
        self._data = data  # keeps the buffer alive, which the trie refers to
        self._logtotal = log(total)
        self.floor = -self._logtotal
        self._known: dict[str, float | None] = {}

    def __contains__(self, word: str) -> bool:
        return self.get(word) is not None

    def get(self, word: str) -> float | None:
        """Return the word's log probability, or None when it is not in the dictionary."""
        try:
            return self._known[word]
        except KeyError:
            found = self._trie.get(word)
            weight = None if found is None else log(self._values[self._value_of[found]]) - self._logtotal
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[word] = weight
            return weight

    def prefixes(self, text: str) -> list[str]:
        """Return the words that are prefixes of ``text``, shortest first."""
        found: list[str] = self._trie.prefixes(text[: self._longest])
        return found


def _trie_of(dictionary: WordDictionary) -> bytes:
    """Return the file of a dictionary: its frequencies, the number of the one that each word has, and the trie."""
    import marisa_trie

    frequencies = dictionary.frequencies
    trie = marisa_trie.Trie(frequencies)
    values = array("Q", sorted(set(frequencies.values())))  # some thousands
    number_of = {frequency: number for number, frequency in enumerate(values)}
    value_of = array("H" if len(values) <= 1 << 16 else "I", [0]) * len(frequencies)
    for word, frequency in frequencies.items():
        value_of[trie[word]] = number_of[frequency]
    longest = max(map(len, frequencies))
    head = _TRIE.pack(dictionary.total, longest, len(values), len(frequencies), value_of.itemsize)
    data = head + values.tobytes() + value_of.tobytes()
    return data + bytes(_aligned(len(data)) - len(data)) + bytes(trie.tobytes())


def _aligned(place: int) -> int:
    """Return the place from which the trie, which is made of numbers of 64 bits, can be read in place."""
    return place + -place % 8


_TRIE = struct.Struct("=5Q")  # sum of frequencies, longest word, numbers of frequencies and of words, bytes for each
_TRIE_LAYOUT = 2  # version of the layout of a trie's file
_LAYOUT = 1  # version of the cache file's layout
_FOLDED = struct.Struct("<QQ")  # sum of frequencies, number of words; followed by frequencies, words and prefixes
_LONGEST_NAME = 150  # characters of a fingerprint in a file's name
_LARGEST_CACHED = 2**27  # bytes: a larger file cannot be a cached dictionary


def keep_words(fingerprint: str, make: Callable[[], WordDictionary]) -> None:
    """Cache the trie of a dictionary for searches, if the cache folder is writable.

    ``make`` is called only when it is missing or corrupt.
    """
    _words(fingerprint, make)


def _words(fingerprint: str, make: Callable[[], WordDictionary]) -> memoryview:
    return _in_cache(_words_name(fingerprint), lambda: _trie_of(make()))


def _words_name(fingerprint: str) -> str:
    """Return the name of the cached file: with the fingerprint itself, or with its hash if it is not one of ours."""
    plain = fingerprint.replace(",", "").replace(" ", "").replace(".", "")
    if len(fingerprint) < _LONGEST_NAME and plain.isascii() and plain.isalnum():
        name = fingerprint.replace(", ", "-").replace(" ", "_")
    else:
        name = _digest(fingerprint.encode("utf-8", "surrogatepass"))[:24]
    return f"words-{_TRIE_LAYOUT}-{name}.marisa"


def clear_cache() -> None:
    """Remove the temporary files of killed processes from the cache folder."""
    from policysearch.files.atomic import clear

    with contextlib.suppress(OSError):
        clear(cache_folder())


def _in_cache(name: str, make: Callable[[], bytes]) -> memoryview:
    """Return a cached file; if it is missing or corrupt, call ``make`` and cache the result.

    A cache folder that is full, not writable or occupied by other files only
    costs the time of ``make``. The file is read here and never passed to a
    library, where a failure could be an exception of its own or a signal.
    """
    path = None
    with contextlib.suppress(OSError):
        path = cache_folder() / name
        return read_cached(path, _LARGEST_CACHED)
    data = make()
    if path is not None:
        with contextlib.suppress(OSError):
            write_cached(path, data)
    return memoryview(data)


def cached_words(fingerprint: str) -> TrieWords | None:
    """Open the dictionary with a fingerprint for in-place lookups; None when it is not cached, or corrupt."""
    with contextlib.suppress(OSError):
        return TrieWords(read_cached(cache_folder() / _words_name(fingerprint), _LARGEST_CACHED))
    return None


def open_words(fingerprint: str, user_words: Iterable[UserWord]) -> TrieWords:
    """Open the dictionary of an index for in-place lookups.

    It is rebuilt when the cached file is missing or corrupt. Raises
    ``IndexUnusableError`` when the installed jieba differs from the one that
    the index was built with.
    """

    def here() -> WordDictionary:
        dictionary = load_dictionary(user_words)
        if dictionary.fingerprint != fingerprint:
            raise IndexUnusableError(
                f"The index was built with another dictionary ({fingerprint}; here: {dictionary.fingerprint}). "
                "Build it again with: policysearch index --rebuild"
            )
        return dictionary

    return TrieWords(_words(fingerprint, here))


# user dictionaries

# compiled when a dictionary is read: no search reads one
_ENTRY = r"(?P<word>.+?)(?:\s+(?P<frequency>-?[0-9]+))?(?:\s+(?P<tag>[a-zA-Z]+))?"
_NO_WORD = r"[^一-鿕a-zA-Z0-9+#&._%\-]"
_LARGEST = 16_000_000  # bytes; jieba's own has five million
_LONGEST_WORD = 40
_MOST_FREQUENT = 10**12
_MOST_NAMED = 5


def read_user_words(path: Path) -> list[UserWord]:
    """Read a user dictionary in jieba's format: a line is a word, a frequency or none, and a tag or none.

    Words are folded; of repeated words the last line counts. A word without a
    frequency gets the smallest one that prevents it from being split.

    Raises ``InputError`` that names the lines jieba cannot use: it splits a text
    at every character other than Han characters, letters, digits and ``+#&._%-``,
    so that a word with any other character would never be found.
    """
    try:
        text = read_regular(path, _LARGEST).decode("utf-8-sig")
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
        entries.pop(word, None)  # the position of the last line counts
        entries[word] = frequency
    if wrong:
        more = f" And {len(wrong) - _MOST_NAMED} more." if len(wrong) > _MOST_NAMED else ""
        raise InputError(
            f"The dictionary '{path}' has words that cannot be used: {'; '.join(wrong[:_MOST_NAMED])}.{more}"
        )
    return _with_frequencies(entries)


def _user_entry(line: str) -> tuple[str, int | None]:
    """Return the word and the frequency of a line. Raises ``ValueError`` that says what is wrong."""
    found = re.fullmatch(_ENTRY, line)
    if found is None:  # pragma: no cover (any line that is not empty is an entry)
        raise ValueError(f"'{line}' is not a word")
    word = fold(normalize(found["word"]))
    if not any(map(str.isalnum, word)):
        raise ValueError(f"'{found['word']}' has no letter, digit or Han character")
    border = re.search(_NO_WORD, word)
    if border:
        where = "white space" if border[0].isspace() else f"'{found['word'][border.start()]}'"
        raise ValueError(f"'{found['word']}' would never be found, because texts are split at {where}")
    if len(word) > _LONGEST_WORD:
        raise ValueError(f"'{found['word']}' has {len(word)} characters, and a word has at most {_LONGEST_WORD}")
    frequency = int(found["frequency"]) if found["frequency"] else None
    if frequency is not None and not 1 <= frequency <= _MOST_FREQUENT:
        raise ValueError(f"the frequency of '{found['word']}' must be a number from 1 to {_MOST_FREQUENT}")
    return word, frequency


def refuse_unusable(words: Iterable[UserWord]) -> None:
    """Raise ``ValueError`` unless all words are in the form returned by ``read_user_words``."""
    for word, frequency in words:
        if not 1 <= len(word) <= _LONGEST_WORD or re.search(_NO_WORD, word) or not 1 <= frequency <= _MOST_FREQUENT:
            raise ValueError(f"'{word}' is not a word")


def _with_frequencies(entries: Mapping[str, int | None]) -> list[UserWord]:
    """Return the words with a frequency for each, computed as in jieba: one by one, each depending on the previous."""
    if None not in entries.values():
        return [UserWord(word, frequency) for word, frequency in entries.items() if frequency]
    dictionary = load_dictionary()
    known, total = dict(dictionary.frequencies), dictionary.total
    words = []
    for word, given in entries.items():
        frequency = given or suggest_frequency(word, known, total)
        known[word] = frequency
        total += frequency
        words.append(UserWord(word, frequency))
    return words


def suggest_frequency(word: str, known: Mapping[str, int], total: int) -> int:
    """Return the smallest frequency that prevents ``word`` from being split, as in jieba's suggest_freq.

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
    """Yield the words of a segmentation; single letters and digits join their neighbours, as in jieba."""
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
