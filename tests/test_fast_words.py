"""Words cut with rjieba are those of the plain analyzer; and rjieba is not used where they would not be."""

from __future__ import annotations

import configparser
import random
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from conftest import ALL, SOURCES
from hypothesis import given
from test_tokens import TEXTS, USER_WORDS, documents_of

from policysearch.text import fast_words
from policysearch.text.analyzer import Analyzer
from policysearch.text.dictionary import UserWord, WordDictionary, finalseg, keep_words, load_dictionary
from policysearch.text.folding import fold
from policysearch.text.unknown_words import cut_unknown

pytest.importorskip("rjieba")

MORE_USER_WORDS = [*USER_WORDS, UserWord("gdp", 3), UserWord("ai", 1), UserWord("c++17", 5), UserWord("5g基站", 9)]
LATIN = ("COVID-19", "3.6.3", "GB3838-2002", "0.10g", "3-5年", "R&D", "AT&T", "C++", "2023", "8.1%", "AI", "a", "-")


class Two:
    """The plain analyzer and one that uses rjieba from its first word on."""

    def __init__(self, dictionary: WordDictionary) -> None:
        self.plain = Analyzer(dictionary, fast=False)
        analyzer = self.plain
        fast = fast_words.load_fast_words(dictionary, analyzer._search_words, analyzer._unknown_words)
        assert fast is not None
        self.fast = Analyzer(dictionary)
        self.fast._fast = fast

    def differing(self, texts: Iterable[str]) -> list[str]:
        """Return the texts that the two cut differently."""
        folded = list(map(fold, texts))
        every = zip(folded, self.plain.words_of_each(folded), self.fast.words_of_each(folded), strict=True)
        return [text for text, words, same in every if words != same]


@pytest.fixture(scope="module")
def two() -> Two:
    return Two(load_dictionary())


@pytest.fixture(scope="module")
def with_user_words() -> Two:
    return Two(load_dictionary(MORE_USER_WORDS))


@given(text=TEXTS)
def test_words_of_any_text(two: Two, with_user_words: Two, text: str) -> None:
    assert not two.differing([text])
    assert not with_user_words.differing([text])


def test_the_string_that_the_rounded_model_cuts_otherwise(two: Two) -> None:
    import rjieba

    text = "霎蹦嗣歌经遑"
    assert not two.differing([text])
    assert rjieba.cut(text) != two.plain.words(text)  # with its own model


def made(dictionary: WordDictionary, count: int, seed: int) -> list[str]:
    """Return strings of words of the dictionary, their beginnings and ends, other characters and Latin pieces."""
    rng = random.Random(seed)
    words = list(dictionary.frequencies)
    found = []
    for _ in range(count):
        pieces = []
        for _ in range(rng.randint(1, 7)):
            word = words[int(rng.random() * len(words))]
            at = rng.randint(0, len(word))
            unusual = "".join(chr(rng.randint(0x4E00, 0x9FFF)) for _ in range(rng.randint(1, 4)))
            pieces.append(rng.choice((word, word, word[:at], word[at:], unusual, rng.choice(LATIN), "，", "\n", "〇")))
        found.append("".join(pieces))
    return found


def test_words_and_pairs_of_the_dictionary_and_made_strings(two: Two, with_user_words: Two) -> None:
    dictionary = two.plain.dictionary
    words = list(dictionary.frequencies)
    rng = random.Random(3)
    count = 100_000 if ALL else 2_000
    pairs = [rng.choice(words) + rng.choice(words) for _ in range(count)]
    assert not two.differing(words if ALL else words[:: len(words) // 4_000])
    assert not two.differing(pairs)
    assert not two.differing(made(dictionary, 2 * count, 4))
    assert not with_user_words.differing(made(with_user_words.plain.dictionary, count, 5))


def test_long_runs(two: Two) -> None:
    text = "".join(re.findall("[一-鿕]+", "".join(made(two.plain.dictionary, 20_000 if ALL else 800, 6))))
    assert len(text) > (100_000 if ALL else 4_000)
    assert not two.differing([text])


def test_samples_and_reference(two: Two, with_user_words: Two) -> None:
    texts = [document.text for document in documents_of(SOURCES)]
    assert not two.differing(texts)
    assert not with_user_words.differing(texts)


def test_reference(two: Two, reference: Path) -> None:
    files = sorted(path for path in reference.joinpath("corpus" if ALL else "reports").rglob("*.txt"))
    assert not two.differing(path.read_bytes().decode("utf-8", "replace") for path in files)


@given(text=TEXTS)
def test_the_model_for_unknown_words_is_jiebas(text: str) -> None:
    folded = "".join(re.findall(r"[一-鿕a-zA-Z0-9+#&._%\-]+", fold(text)))
    assert cut_unknown(folded) == list(finalseg().cut(folded))


def test_the_model_for_unknown_words_is_jiebas_for_unusual_characters() -> None:
    rng = random.Random(7)
    for _ in range(20_000 if ALL else 2_000):
        text = "".join(chr(rng.randint(0x4E00, 0x9FD5)) for _ in range(rng.randint(1, 9)))
        assert cut_unknown(text) == list(finalseg().cut(text)), text


def test_the_extra_requires_the_version_that_is_used() -> None:
    setup = configparser.ConfigParser()
    setup.read(Path(__file__).parent.parent / "setup.cfg", encoding="utf-8")
    assert f"rjieba == {fast_words.VERSION}" in setup["options.extras_require"]["fast"]


def test_it_begins_after_some_text(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    analyzer = Analyzer(two.plain.dictionary)
    analyzer.words("优化营商环境")
    assert analyzer._fast is None  # loading takes longer than a small update
    monkeypatch.setattr(analyzer, "_slow", 1)
    text = "优化营商环境，2023年增长8.1%"
    assert analyzer.words(text) == two.plain.words(text)
    assert analyzer._fast is not None


def test_loading_it_computes_no_weights_and_fills_no_other_dictionary(two: Two) -> None:
    dictionary = two.plain.dictionary
    keep_words(dictionary.fingerprint, lambda: dictionary)
    script = """
import sys
from policysearch.text.analyzer import Analyzer
from policysearch.text.dictionary import load_dictionary
analyzer = Analyzer(load_dictionary(), many=True)
print(analyzer.words_of_each(["优化营商环境"]), analyzer._fast is not None, analyzer._weights, "rjieba" in sys.modules)
import rjieba
print(rjieba.cut("优化营商环境"))
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == [
        "[['优化', '营商', '环境']] True None False",
        "['优化', '营商', '环境']",
    ]


def loaded(two: Two) -> fast_words.FastWords | None:
    fast_words._available.cache_clear()
    analyzer = two.plain
    return fast_words.load_fast_words(analyzer.dictionary, analyzer._search_words, analyzer._unknown_words)


def fail(*arguments: Any) -> Any:
    raise OSError("no such instruction")


@pytest.mark.parametrize(
    ("name", "broken", "said"),
    [
        ("words", lambda self, text: list(text), "cuts '"),
        ("__init__", fail, "fails here (OSError: no such instruction)"),
    ],
)
def test_it_is_not_used_where_it_cuts_otherwise(
    two: Two, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, broken: Any, said: str
) -> None:
    monkeypatch.setattr(fast_words.FastWords, name, broken)
    assert loaded(two) is None
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_another_version_is_not_used(
    two: Two, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0.3.0")
    assert loaded(two) is None
    assert (
        f"rjieba 0.3.0 is not used, because it was not compared with jieba; install rjieba=={fast_words.VERSION}."
        in (capsys.readouterr().err)
    )
    fast_words._available.cache_clear()


def test_single_letters_of_a_user_dictionary_are_left_to_jieba(two: Two, capsys: pytest.CaptureFixture[str]) -> None:
    dictionary = load_dictionary([UserWord("a", 10**12), UserWord("ab", 1)])
    analyzer = Analyzer(dictionary, fast=False)
    assert fast_words.load_fast_words(dictionary, analyzer._search_words, analyzer._unknown_words) is None
    assert "the dictionary has a single letter or digit" in capsys.readouterr().err
