"""The encoding of texts in the index: no analyzer changes them, and a phrase is a run of bigrams."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from policysearch.engines.opensearch.encoding import (
    all_grams,
    first_of_gram,
    grams,
    han_characters,
    key,
    text_of_key,
    token,
    tokens,
)
from policysearch.text.code_points import code_points, han_table
from policysearch.text.folding import reduce

ANY = st.text(st.characters(), max_size=40) | st.text("\ud7ff\ud800\udfff\ue000a 一\U00020000", max_size=12)
FEW = st.text("ab 一二\ud7ff\udc80\U00020000", max_size=12)
REDUCED = (ANY | FEW).map(reduce)

# Character.isWhitespace of Java, which the whitespace analyzer divides at
JAVA_SPACES = {*map(chr, (*range(9, 14), *range(28, 33), 0x1680, *range(0x2000, 0x2007), *range(0x2008, 0x200B)))}
JAVA_SPACES |= {"\u2028", "\u2029", "\u205f", "\u3000"}


def valid(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


@given(ANY, ANY)
def test_keys_are_valid_come_back_and_keep_the_order(one: str, other: str) -> None:
    assert valid(key(one))
    assert text_of_key(key(one)) == one
    first, second = (key(text).encode() for text in (one, other))
    assert (first < second) == (one < other)


@given(st.lists(st.text(st.characters(), min_size=1, max_size=400), max_size=5))
def test_terms_are_tokens_of_their_own(terms: list[str]) -> None:
    reduced = [one for one in map(reduce, terms) if one]
    made = [token(one) for one in reduced]
    assert len(set(made)) == len(set(reduced))
    for one in made:
        assert valid(one)
        assert not set(one) & JAVA_SPACES
        assert len(one.encode("utf-16-le")) // 2 <= 255
    assert tokens(reduced).split(" ") == (made or [""])


@given(REDUCED)
def test_every_character_begins_one_bigram(reduced: str) -> None:
    made = all_grams(reduced)
    assert len(made) == len(reduced)
    for character, gram in zip(reduced, made, strict=True):
        assert valid(gram)
        assert not set(gram) & JAVA_SPACES
        for other in {*reduced, "a", "\ud7ff", " "}:
            assert gram.startswith(first_of_gram(other)) == (other == character)


@given(REDUCED, REDUCED, st.data())
def test_a_phrase_stands_where_its_bigrams_stand(text: str, other: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    for phrase in (text[start : start + data.draw(st.integers(2, 6))], other[:3]):
        if len(phrase) < 2:
            continue
        wanted, held = all_grams(phrase, end=False), all_grams(text)
        places = range(len(held) - len(wanted) + 1)
        assert any(held[at : at + len(wanted)] == wanted for at in places) == (phrase in text)


def test_only_bigrams_of_han_characters_are_ranked_by() -> None:
    assert grams("中国gdp增长3%一") == ["中国", "增长"]
    assert grams("一a二〇〇三") == ["二〇", "〇〇", "〇三"]


@given(st.text(st.characters() | st.sampled_from("一〇々〡\u3400\U00020000")))
def test_han_characters_are_those_that_counts_in_texts_find(text: str) -> None:
    assert han_characters(text) == int(han_table()[code_points(text)].sum())
