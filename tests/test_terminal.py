"""Text for people: safe to print, and never wider than the screen."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.output.terminal import caret, printable, width, wrap

PIECES = st.sampled_from([*"，。、（）《》“” \t营商环境", "GDP", "2024", "e\u0301", "ｆｕｌｌ", "—", "…"])
LINES = st.one_of(st.text(st.characters(exclude_characters="\n")), st.lists(PIECES, max_size=200).map("".join)).map(
    printable
)
ESCAPES = re.compile("\x1b\\[[0-9;]*m")


@pytest.mark.parametrize(
    ("text", "columns"),
    [("营商环境", 8), ("GDP", 3), ("（ＧＤＰ）", 10), ("2024年", 6), ("", 0), ("e\u0301", 1), ("·", 1)],
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


@given(LINES, st.integers(2, 100))
def test_lines_fit_the_columns(text: str, columns: int) -> None:
    assert all(width(line) <= columns for line in wrap(text, columns))


@given(LINES, st.integers(2, 100))
def test_wrapping_loses_nothing_but_spaces(text: str, columns: int) -> None:
    assert "".join("".join(wrap(text, columns)).split()) == "".join(text.split())


@given(LINES, st.integers(2, 100), st.data())
def test_marks_stand_around_their_spans(text: str, columns: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    lines = wrap(text, columns, [(start, end)], ("\x1b[1m", "\x1b[0m"))
    assert [ESCAPES.sub("", line) for line in lines] == wrap(text, columns)
    marked = "".join(re.findall("\x1b\\[1m(.*?)\x1b\\[0m", "".join(lines), re.DOTALL))
    assert "".join(marked.split()) == "".join(text[start:end].split())


def test_lines_break_beside_punctuation_as_is_usual() -> None:
    assert wrap("深化改革，优化环境", 8) == ["深化改", "革，优化", "环境"]
    assert wrap("印发《条例》", 6) == ["印发", "《条", "例》"]


def test_the_last_line_has_more_than_one_character() -> None:
    assert wrap("深化改革优化环境激发活力。", 20) == ["深化改革优化环境激发", "活力。"]
    assert wrap("深化改革优化环境激发活。", 20) == ["深化改革优化环境", "激发活。"]
    assert wrap("深化改革优化环境激发", 20) == ["深化改革优化环境激发"]


def test_words_of_letters_stay_whole_where_they_fit() -> None:
    assert wrap("增加 investment 和 GDP", 12) == ["增加", "investment", "和 GDP"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\x1b[31mb", "a\\x1b[31mb", id="escape sequence"),
        pytest.param("a\u202eb", "a\\u202eb", id="direction of writing"),
        pytest.param("a\udcffb", "a\\xffb", id="a byte that is no UTF-8"),
        pytest.param("a\rb\x07", "a\\x0db\\x07", id="carriage return and bell"),
        pytest.param("营商\n环境\t", "营商\n环境\t", id="line breaks and tabs stay"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(exclude_categories=[])))
def test_what_is_printable_steers_no_terminal(text: str) -> None:
    shown = printable(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert printable(shown) == shown


@pytest.mark.parametrize(
    ("query", "position", "lines"),
    [
        pytest.param("a b", 2, ["  a b", "    ^"], id="letters"),
        pytest.param("经济 “营商", 3, ["  经济 “营商", "       ^"], id="two columns a character"),
        pytest.param("经济", 2, ["  经济", "      ^"], id="at the end"),
        pytest.param("a\nb", 2, ["  a b", "    ^"], id="line break"),
    ],
)
def test_caret(query: str, position: int, lines: list[str]) -> None:
    assert caret(query, position).split("\n") == lines
