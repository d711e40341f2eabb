"""The dictionary's part of segmentation in Rust (rjieba), with equal words: the extra ``fast``.

rjieba divides runs by the dictionary alone (``hmm=False``). Its model for
unknown words has rounded values and other rules for letters and digits, so
adjacent single characters are passed to jieba's own model. Segmentation takes 0.2 of the plain analyzer's time in this
way, and filling the dictionary 0.2 s, as much as the plain analyzer needs for half a megabyte; so ``Analyzer`` uses it
only after that. Equal words are shown by ``tests/test_fast_words.py`` and, over any folder, by
``scripts/compare_words.py``; and ``load_fast_words`` compares both for some strings before the first use, since it was
tested on a few platforms only.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from policysearch.text.dictionary import WordDictionary

__all__ = ["VERSION", "FastWords", "load_fast_words"]

VERSION = "0.2.2"
"""The only version that is used; the extra in ``setup.cfg`` requires it."""

_RUN = re.compile(r"[一-鿕a-zA-Z0-9+#&._%\-]+|\w")  # as the analyzer's, without characters that are not part of a word
_BETWEEN, _AFTER = ",;"  # between two runs, and after each text; in none
_NO_WORD = "\U0010fffd"  # in no run
_CACHE_LIMIT = 30_000

Cut = Callable[[str], list[str]]


class FastWords:
    """The words of texts in search mode, equal to those of the plain analyzer. Not thread-safe.

    Args:
        dictionary: The words and their frequencies.
        unknown: Returns the words of adjacent single characters of a run, in search mode.
    """

    def __init__(self, dictionary: WordDictionary, unknown: Cut) -> None:
        self._jieba = _rjieba().Jieba.empty()
        add = self._jieba.add_word
        for word, frequency in dictionary.frequencies.items():
            add(word, frequency, "")
        # rjieba sums the frequencies that it is given; jieba sums them before folding makes one word of two
        add(_NO_WORD, dictionary.total - sum(dictionary.frequencies.values()), "")
        # rjieba joins adjacent single letters and digits; they are never a complete word, which would be more probable
        self._latin = frozenset(word for word in dictionary.frequencies if word.isascii())
        if any(len(word) == 1 for word in self._latin):
            raise ValueError("the dictionary has a single letter or digit")
        self._unknown = unknown
        self._cache: dict[str, list[str]] = {}

    def words(self, texts: Iterable[str]) -> list[list[str]]:
        """Return the words of each of some folded texts in which white space ends a run."""
        cache, latin = self._cache, self._latin
        if len(cache) > _CACHE_LIMIT:
            cache.clear()
        found: list[list[str]] = []
        out: list[str] = []
        single = ""
        joined = "".join([_BETWEEN.join(_RUN.findall(text)) + _AFTER for text in texts])
        # one call for many short texts takes 0.55 of the time of one for each, and one for all runs of a text 0.6;
        # shorter words precede the word that contains them, so that adjacent single characters are adjacent here too
        for word in self._jieba.cut_for_search(joined, False):
            if len(word) > 1 and (not word.isascii() or word in latin):
                if single:
                    out += cache.get(single) or self._cut(single)
                    single = ""
                out.append(word)
            elif word != _BETWEEN and word != _AFTER:
                single += word
            else:
                if single:
                    out += cache.get(single) or self._cut(single)
                    single = ""
                if word == _AFTER:
                    found.append(out)
                    out = []
        return found

    def _cut(self, single: str) -> list[str]:
        found = self._unknown(single)
        if found:
            self._cache[single] = found
        return found


def _rjieba() -> Any:
    """Import the compiled module of rjieba without the package around it, which fills a dictionary that is not used.

    That takes 0.1 s and 24 MB in each worker.
    """
    from importlib.util import find_spec, module_from_spec

    spec = find_spec("rjieba")
    if spec is None:
        raise ImportError("it has no module")
    before = sys.modules.get("rjieba")
    sys.modules["rjieba"] = module_from_spec(spec)
    try:
        from rjieba import rjieba  # type: ignore[attr-defined]
    finally:
        del sys.modules["rjieba"]
        if before is not None:
            sys.modules["rjieba"] = before
    return rjieba


@lru_cache(maxsize=1)
def _available() -> bool:
    """Return whether the compared version of rjieba is installed; print a note when it is another one."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("rjieba")
    except PackageNotFoundError:
        return False
    if found != VERSION:
        _say(f"rjieba {found} is not used, because it was not compared with jieba; install rjieba=={VERSION}.")
    return found == VERSION


def load_fast_words(dictionary: WordDictionary, plain: Cut, unknown: Cut) -> FastWords | None:
    """Return a ``FastWords`` with the same words as ``plain``, or None when rjieba is missing or differs.

    Its version is checked, and some 200 strings are segmented by both; a line on stderr reports when it is not used.
    """
    if not _available():
        return None
    try:
        fast = FastWords(dictionary, unknown)
        texts = list(_strings(dictionary))
        wrong = next((text for text, words in zip(texts, fast.words(texts), strict=True) if words != plain(text)), None)
    except Exception as error:  # a binary that does not work on this platform
        _say(f"rjieba is not used, because it fails here ({type(error).__name__}: {error}).")
        return None
    if wrong is not None:
        _say(f"rjieba is not used, because it cuts '{wrong}' differently from jieba.")
        return None
    return fast


def _strings(dictionary: WordDictionary) -> Iterator[str]:
    """Yield the strings of the check: hard ones, then runs of words of the dictionary and other characters."""
    yield from ("霎蹦嗣歌经遑", "研究生命起源", "南京市长江大桥", "covid-19", "gb3838-2002", "的", "市场化法治化国际化")
    words = list(dictionary.frequencies)
    rng = random.Random(0)
    run = re.compile(r"[一-鿕a-z0-9+#&._%\-]+")
    latin = ("2023", "5.5%", "gdp", "a", "0.10g", "-", "3.6.3", "+")
    for _ in range(200):
        pieces = [words[int(rng.random() * len(words))] for _ in range(rng.randint(1, 6))]
        pieces += [chr(rng.randint(0x4E00, 0x9FD5)) for _ in range(rng.randint(0, 6))]
        pieces += [rng.choice(latin) for _ in range(rng.randint(0, 2))]
        rng.shuffle(pieces)
        yield "".join(run.findall("".join(pieces)))


def _say(message: str) -> None:
    sys.stderr.write(f"{message} Words are found with jieba alone, which is slower.\n")
