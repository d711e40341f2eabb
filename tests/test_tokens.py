"""Words: exactly those that jieba finds with the same dictionary."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ALL, SOURCES
from hypothesis import given
from hypothesis import strategies as st

from policysearch.documents.document import Document, read_documents
from policysearch.text import analyzer as analyzing
from policysearch.text.analyzer import Analyzer, GradualAnalyzer, QueryAnalyzer, _SearchMode, is_word
from policysearch.text.dictionary import (
    TrieWords,
    UserWord,
    WordDictionary,
    _trie_of,
    dictionary_fingerprint,
    load_dictionary,
    open_words,
)
from policysearch.text.folding import reduce

USER_WORDS = [UserWord("竹榭水库", 50), UserWord("月月评", 20), UserWord("营商", 1)]


class Both:
    """Our analyzers and jieba's own tokenizer over one dictionary."""

    def __init__(self, user_words: list[UserWord]) -> None:
        import jieba

        jieba.setLogLevel(logging.WARNING)
        dictionary = load_dictionary(user_words)
        self.analyzer = Analyzer(dictionary)
        self.queries = QueryAnalyzer(dictionary.fingerprint, user_words)
        self.few = in_place(user_words)
        self.jieba = _jieba_with(dictionary)

    def search_words(self, text: str) -> list[str]:
        """The tokens of jieba's search mode for a text, line by line and cell by cell."""
        lines = map(reduce, text.replace("\t", "\n").split("\n"))
        return [word for line in lines for word in self.jieba.lcut_for_search(line) if is_word(word)]

    def words(self, reduced: str) -> list[str]:
        return [word for word in self.jieba.lcut(reduced) if is_word(word)]


def in_place(user_words: list[UserWord]) -> _SearchMode:
    """Return the analyzer of an index with little text."""
    open_words(dictionary_fingerprint(user_words), user_words)  # which caches the dictionary
    few = GradualAnalyzer(user_words)._few
    assert few is not None
    return few


def _jieba_with(dictionary: WordDictionary) -> Any:
    """Return jieba's tokenizer as it is after it has read this dictionary."""
    import jieba

    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ = dict(dictionary.frequencies)
    for word in dictionary.frequencies:
        for end in range(1, len(word)):
            tokenizer.FREQ.setdefault(word[:end], 0)
    tokenizer.total = dictionary.total
    tokenizer.initialized = True
    return tokenizer


@pytest.fixture(scope="module")
def both() -> Both:
    return Both([])


@pytest.fixture(scope="module")
def with_user_words() -> Both:
    return Both(USER_WORDS)


PIECES = st.sampled_from(
    [
        *("优化", "营商", "环境", "营商环境", "市场化", "法治化", "国际化", "的", "了", "和"),
        *("竹榭水库", "月月评", "研究生命起源", "南京市长江大桥", "沈砚秋"),
        *("国发〔２０２３〕１号", "GDP", "R&D", "PM2.5", "8.1%", "ａｂｃ", "12345", "a b", "5 G"),
        *"一、。（）“”·—〇𠮷é臺灣後 \n　",
    ]
)
# readers and the query drop controls; the dictionary's file could not be asked about them
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cc", "Cs"])),
    st.lists(PIECES).map("".join),
)


@given(text=TEXTS)
def test_words_of_a_text_are_jiebas(both: Both, text: str) -> None:
    assert both.analyzer.words(text) == both.few.words(text) == both.search_words(text)


@given(text=TEXTS)
def test_words_of_a_query_are_jiebas(both: Both, text: str) -> None:
    assert both.queries.cut(reduce(text)) == both.words(reduce(text))


@given(text=TEXTS)
def test_words_are_jiebas_with_words_of_the_user_too(with_user_words: Both, text: str) -> None:
    found = with_user_words.search_words(text)
    assert with_user_words.analyzer.words(text) == with_user_words.few.words(text) == found
    assert with_user_words.queries.cut(reduce(text)) == with_user_words.words(reduce(text))


@given(text=TEXTS)
def test_words_stand_in_the_reduced_text(both: Both, text: str) -> None:
    for line in text.split("\n"):
        assert all(word in reduce(line) for word in both.analyzer.words(line))


def documents_of(folder: Path) -> Iterator[Document]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for document in read_documents(path, path.name):
            if isinstance(document, Document):
                yield document


def test_words_of_the_samples_are_jiebas(both: Both) -> None:
    for document in documents_of(SOURCES):
        found = both.search_words(document.text)
        assert both.analyzer.words(document.text) == both.few.words(document.text) == found, document.document_id


def test_long_words_are_found_in_place(both: Both) -> None:
    long = [word for word in both.analyzer.dictionary.frequencies if len(word) > 4]
    assert max(map(len, long)) > 15
    words = open_words(dictionary_fingerprint(), ())
    for word in long[::20]:
        known = [word[:end] for end in range(1, len(word) + 1) if word[:end] in both.analyzer.dictionary.frequencies]
        assert words.prefixes(word + "的意见") == words.prefixes(word) == known


@pytest.mark.parametrize("distinct", [3, 70_000])
def test_frequencies_are_found_in_place(distinct: int) -> None:
    frequencies = {f"字{number:x}": 10**12 - number % distinct for number in range(70_000)}
    dictionary = WordDictionary(frequencies, "", sum(frequencies.values()), "made")
    words = TrieWords(memoryview(_trie_of(dictionary)))
    weights = dictionary.weights()
    assert all(words.get(word) == weights[word] for word in list(frequencies)[::7])
    assert words.get("字") is None
    assert words.prefixes("字1234567") == ["字1", "字12", "字123", "字1234"]


def test_little_text_needs_no_dictionary_in_memory(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "优化营商环境，研究生命起源。" * 1_000
    loaded: list[Iterable[UserWord]] = []

    def load(words: Iterable[UserWord]) -> WordDictionary:
        loaded.append(words)
        return load_dictionary(words)

    monkeypatch.setattr(analyzing, "load_dictionary", load)
    gradual = GradualAnalyzer()
    right = both.analyzer.words(text)
    for number in range(9):
        assert gradual.words_of_each([text]) == [right]
        assert len(loaded) == (number * len(text) + len(text) > analyzing._FEW)
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/none")
    assert GradualAnalyzer().words_of_each([text]) == [right]
    assert len(loaded) == 2, "without a cache it is loaded at once"


def test_words_of_the_reports_are_jiebas(both: Both, reference: Path) -> None:
    folder = reference / ("corpus" if ALL else "reports")
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in (".txt", ".md")]
    assert files
    for path in files:
        text = path.read_bytes().decode("gb18030" if "gbk" in path.parent.name else "utf-8", "replace")
        assert both.analyzer.words(text) == both.search_words(text), path.name


@pytest.mark.parametrize(
    ("token", "counts"),
    [("营", True), ("a", True), ("12%", True), ("，", False), ("-", False), ("%", False), ("é", True)],
)
def test_what_counts_as_a_word(token: str, counts: bool) -> None:
    assert is_word(token) is counts


def test_a_user_word_is_kept_whole(with_user_words: Both, both: Both) -> None:
    assert "竹榭水库" in with_user_words.analyzer.words("加强竹榭水库保护")
    assert "竹榭水库" not in both.analyzer.words("加强竹榭水库保护")
