"""A user's dictionary: which lines are words, how frequent they are, and what they change in an index."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import SOURCES, Run, Write

from policysearch import open_index
from policysearch.engines.opening import open_store
from policysearch.errors import InputError
from policysearch.index import Index
from policysearch.indexing.refresh import refresh
from policysearch.text.dictionary import (
    UserWord,
    _words_name,
    dictionary_fingerprint,
    load_dictionary,
    read_user_words,
)


def words_of(write: Write, content: str | bytes) -> list[tuple[str, int]]:
    return [(word.word, word.frequency) for word in read_user_words(write("words.txt", content))]


@pytest.mark.parametrize(
    ("line", "word", "frequency"),
    [
        pytest.param("竹榭水库 50", "竹榭水库", 50, id="frequency"),
        pytest.param("竹榭水库 50 ns", "竹榭水库", 50, id="frequency and tag"),
        pytest.param("竹榭水库\t50\tns", "竹榭水库", 50, id="tabs"),
        pytest.param("  竹榭水库　50\r", "竹榭水库", 50, id="other white space"),
        pytest.param("竹榭水庫 5", "竹榭水库", 5, id="traditional"),
        pytest.param("Ｒ＆Ｄ 5", "r&d", 5, id="full width"),
        pytest.param("5G-A 5", "5g-a", 5, id="dash"),
    ],
)
def test_a_line_is_a_word(write: Write, line: str, word: str, frequency: int) -> None:
    assert words_of(write, line + "\n") == [(word, frequency)]


def test_a_mark_at_the_beginning_and_empty_lines_are_left_out(write: Write) -> None:
    assert words_of(write, "\ufeff竹榭 5\n\n  \n月评 6\n".encode()) == [("竹榭", 5), ("月评", 6)]


def test_of_a_word_that_stands_twice_the_last_line_counts(write: Write) -> None:
    assert words_of(write, "竹榭 5\n月评 6\n竹榭 7\n") == [("月评", 6), ("竹榭", 7)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("竹榭 5\n云麓·松岑 3\n", "line 2: '云麓·松岑' would never be found.*at '·'", id="middle dot"),
        pytest.param("machine learning 3\n", "line 1: 'machine learning'.*white space", id="space"),
        pytest.param("（试行） 3\n", "line 1: '（试行）'.*'（'", id="brackets"),
        pytest.param("竹榭 0\n", "line 1: the frequency of '竹榭'", id="nought"),
        pytest.param("竹榭 -3\n", "line 1: the frequency of '竹榭'", id="negative"),
        pytest.param("竹榭 1.5\n", "line 1: '竹榭 1.5'.*white space", id="fraction"),
        pytest.param("++\n", "line 1: '\\+\\+' has no letter", id="nothing but marks"),
        pytest.param("竹" * 41, "line 1: .* at most 40", id="too long"),
        pytest.param("竹榭\n\xff".encode("latin-1", "replace"), "not UTF-8", id="not UTF-8"),
        pytest.param("竹榭 5\n".encode() + b"\xb5\xb5\n", "not UTF-8 in line 2", id="GB 18030"),
        pytest.param("甲·乙\n" * 9, "And 4 more", id="many"),
    ],
)
def test_what_is_no_word_is_refused_by_name(write: Write, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        words_of(write, content)


def test_a_dictionary_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_user_words(tmp_path / "none.txt")


def test_frequencies_are_those_that_jieba_suggests(write: Write) -> None:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    words = [
        "竹榭水库",
        "营商环境",
        "新质生产力",
        "放管服",
        "专精特新",
        "月月评",
        "5g",
        "r&d经费",
        "abc",
        "的",
        "竹榭水库管理所",
    ]
    dictionary = load_dictionary()
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ = dict(dictionary.frequencies)
    for word in dictionary.frequencies:
        for end in range(1, len(word)):
            tokenizer.FREQ.setdefault(word[:end], 0)
    tokenizer.total = dictionary.total
    tokenizer.initialized = True
    for word in words:
        tokenizer.add_word(word)
    found = words_of(write, "\n".join(words))
    assert found == [(word, tokenizer.FREQ[word]) for word in words]


WORDS = [UserWord("营商环境月月评", 1000), UserWord("竹榭水库", 1000)]


def index_with(folder: Path, words: Sequence[UserWord] | None) -> Path:
    refresh(open_store(folder), [SOURCES], user_words=words)
    return folder


def cut_by(index: Index, query: str) -> list[tuple[str, tuple[str, ...]]]:
    found = index.search(query, explain=True)
    assert found.explanation is not None
    return list(found.explanation.words)


def test_words_of_the_user_change_how_queries_are_cut_but_not_what_exact_queries_find(
    samples_index: Path, tmp_path: Path
) -> None:
    with open_index(samples_index) as without, open_index(index_with(tmp_path, WORDS)) as index:
        assert cut_by(without, "竹榭水库") == [("竹榭水库", ("竹榭", "水库"))]
        assert cut_by(index, "竹榭水库") == [("竹榭水库", ("竹榭水库",))]
        for phrase in ("竹榭", "榭水", "竹榭水库", "水库", "营商环境", "的", "2024年"):
            one, other = (
                {hit.section_id: hit.matches for hit in some.search(phrase, exact=True, limit=None).hits}
                for some in (without, index)
            )
            assert one == other != {}, phrase


def test_the_index_remembers_the_users_words(tmp_path: Path) -> None:
    index_with(tmp_path, WORDS)
    refresh(open_store(tmp_path))
    with open_index(tmp_path) as index:
        assert [tuple(word) for word in index.info["analysis"]["user_words"]] == sorted(WORDS)
    index_with(tmp_path, [])
    with open_index(tmp_path) as index:
        assert index.info["analysis"]["user_words"] == []


def test_the_command_takes_a_dictionary(run: Run, write: Write) -> None:
    write("sources/一.txt", "加强竹榭水库保护。")
    write("words.txt", "竹榭水库\n")
    done = run("index", "sources", "--dictionary", "words.txt", "-i", "index")
    assert (done.returncode, done.stderr) == (0, "")
    write("words.txt", "竹榭·水库\n")
    done = run("index", "sources", "--dictionary", "words.txt", "-i", "index")
    assert done.returncode == 2
    assert "line 1: '竹榭·水库'" in done.stderr


def test_the_cached_file_is_named_after_the_dictionary() -> None:
    """A fingerprint from an index, which may be forged, names no file elsewhere, and none of another dictionary."""
    plain, added = dictionary_fingerprint(), dictionary_fingerprint([UserWord("竹榭", 5)])
    forged = [
        "../../x",
        "a/b",
        "a\0b",
        "",
        "云",
        "x" * 300,
        plain.replace(", ", "-"),
        plain.replace(" ", "_"),
        "\ud800",
    ]
    names = [_words_name(one) for one in (plain, added, *forged)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"words-[\w.-]{1,200}\.marisa", name, re.ASCII) for name in names)
    assert "0.42.1" in names[0]
