"""Folding and reducing: what is the same to a search, and the way back to the text as shown."""

from __future__ import annotations

import itertools
import re
import struct
import unicodedata
from pathlib import Path

import jieba
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from policysearch.engines.whoosh.text_edits import EditedText, edits
from policysearch.text.folding import (
    BORDER,
    Reduced,
    fold,
    offsets_of,
    reduce,
    reduce_folded,
    reduce_text,
    reduce_with_offsets,
)

# Any text, and texts made of what folding is about.
PIECES = st.sampled_from(
    [
        *" \t\n\r　\xa0\u2003",
        *("\n\n", "\n \n", " \t"),
        *"aZ09ａＺ０９",
        *"营商環境國发號",
        *"，。；：！？（）〔〕【】[]“”「」『』\"'＂",
        *"—–-－·•・",
        *"〇○…㎡ﬁ½İ㈠⼯𠮷é",
        *("2023 年", "GDP 增长", "R&D 投入"),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join))


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        pytest.param("營商環境", "营商环境", id="traditional"),
        pytest.param("ＧＤＰ２０２３", "gdp2023", id="full-width letters and digits"),
        pytest.param("国发〔2023〕1号", "国发(2023)1号", id="document number, tortoise shell brackets"),
        pytest.param("国发[2023]1号", "国发(2023)1号", id="document number, square brackets"),
        pytest.param("国发【2023】1号", "国发(2023)1号", id="document number, lenticular brackets"),
        pytest.param("“放管服”", '"放管服"', id="curly quotes"),
        pytest.param("「放管服」『放管服』", '"放管服""放管服"', id="corner quotes"),
        pytest.param("《条例》", "《条例》", id="title marks stay"),
        pytest.param("二○二三", "二〇二三", id="circle for zero"),
        pytest.param("８．１％", "8.1%", id="full-width number"),
        pytest.param("⼯作", "工作", id="Kangxi radical"),
        pytest.param("…㎡½㈠ﬁİ", "…㎡½㈠ﬁİ", id="what would grow longer stays"),
        pytest.param("m²、10⁻³、①②㊀", "m²、10⁻³、①②㊀", id="superscripts and circled numbers stay"),
        pytest.param("CO₂和PM₂.₅", "co2和pm2.5", id="subscripts"),
        pytest.param("附件︰巿政府", "附件:市政府", id="look-alikes"),
        pytest.param("瞭解藉助甚麼答覆計畫執著", "了解借助什么答复计划执着", id="simplified by the word"),
    ],
)
def test_fold(written: str, compared: str) -> None:
    assert fold(written) == compared


APART = [
    "像象",
    "坐座",
    "呆待",
    "帐账",
    "做作",
    "分份",
    "它他",
    "那哪",
    "即既",
    "未末",
    "己已",
    "订定",
    "辩辨",
    "辩辫",
    "带戴",
    "蓝篮",
    "拆折",
    "治冶",
    "侯候",
    "晴睛",
    "赔陪",
    "燥躁",
    "刺剌",
    "拨拔",
    "历厉",
    "记计",
    "权全",
    "制治",
    "征证",
    "后侯",
]
"""Characters that are taken for one another, but are not the same in two scripts."""


@pytest.mark.parametrize("pair", APART)
def test_characters_that_make_different_words_stay_apart(pair: str) -> None:
    assert fold(pair[0]) != fold(pair[1])


def classes() -> list[str]:
    """Return the classes that docs/folding.md lists."""
    _, _, listed = (ROOT / "docs" / "folding.md").read_text("utf-8").partition("represents it:\n")
    return listed.split()


def test_the_listed_classes_are_those_of_the_table() -> None:
    assert len(classes()) > 50
    for one in classes():
        assert 2 <= len(one) <= 4
        assert set(map(fold, one)) == {one[0]}


def test_words_of_traditional_texts_are_found_by_their_simplified_spelling(reference: Path) -> None:
    """The conversion of whole phrases by OpenCC contains no word more often than the folded text does."""
    opencc = pytest.importorskip("opencc")
    folder = reference / "corpus" / "laws-traditional"
    if not folder.is_dir():
        pytest.skip(f"no traditional texts at '{folder}'")
    written = "".join(path.read_text("utf-8") for path in sorted(folder.iterdir()))
    folded = fold(written)
    simplified = opencc.OpenCC("t2s").convert(written)
    # most words are not in it: their pairs of characters tell that sooner
    held = {*simplified, *map("".join, itertools.pairwise(simplified))}
    dictionary = Path(jieba.__file__).parent / "dict.txt"
    words = [line.partition(" ")[0] for line in dictionary.read_text("utf-8").splitlines()]
    pairs = ((word, (*word, *map("".join, itertools.pairwise(word)))) for word in words)
    standing = [word for word, parts in pairs if held.issuperset(parts) and word in simplified]
    assert len(standing) > 5_000
    assert [word for word in standing if folded.count(fold(word)) < simplified.count(word)] == []


@pytest.mark.parametrize("dash", list("-‐‑‒–—―−－"))
def test_dashes_are_one(dash: str) -> None:
    assert fold(dash) == "-"


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        pytest.param("2023 年", "2023年", id="between a digit and a character"),
        pytest.param("营商\n环境", "营商环境", id="line break in a word"),
        pytest.param("  营商　环境\t", "营商环境", id="at the ends, and the wide space"),
        pytest.param("GDP \n Growth", "gdp growth", id="one between letters"),
        pytest.param("1 000", "1 000", id="one between digits"),
        pytest.param("ＧＤＰ　Growth", "gdp growth", id="between full-width letters too"),
        pytest.param("R & D", "r&d", id="none beside a mark"),
        pytest.param("é a", "éa", id="only ASCII letters keep theirs"),
        pytest.param(" \n　", "", id="nothing but white space"),
    ],
)
def test_reduce(written: str, compared: str) -> None:
    assert reduce(written) == compared


@given(TEXTS)
def test_folding_keeps_the_length_and_changes_nothing_twice(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_reducing_changes_nothing_twice(text: str) -> None:
    assert reduce(reduce(text)) == reduce(text)
    assert reduce_folded(fold(text)) == reduce(text)


@given(TEXTS)
def test_white_space_is_left_out_except_between_ascii_letters_and_digits(text: str) -> None:
    reduced = reduce(text)
    for i, character in enumerate(reduced):
        if character.isspace():
            around = reduced[i - 1 : i] + reduced[i + 1 : i + 2]
            assert character == " "
            assert len(around) == 2
            assert around.isascii()
            assert around.isalnum()
    assert "".join(reduced.split()) == "".join(fold(text).split())


@given(TEXTS)
def test_a_border_is_kept_where_a_text_has_an_empty_line_or_a_tab(text: str) -> None:
    blocks = [block for block in re.split("\t|\n\\s*\n", text) if block.strip()]
    reduced = reduce_text(text)
    assert reduced == BORDER.join(map(reduce, blocks))
    assert reduce(text).replace(" ", "") == reduced.replace(" ", "").replace(BORDER, "")


@given(TEXTS)
def test_offsets_belong_to_the_reduced_text(text: str) -> None:
    assert reduce_with_offsets(text).text == reduce_text(text)


@given(TEXTS, st.data())
def test_spans_lead_back_to_the_text(text: str, data: st.DataObject) -> None:
    reduced = reduce_with_offsets(text)
    if not reduced.text:
        return
    start = data.draw(st.integers(0, len(reduced.text) - 1))
    end = data.draw(st.integers(start + 1, len(reduced.text)))
    back = text[slice(*reduced.spans([(start, end)])[0])]
    assert reduce_text(back) == reduced.text[start:end].strip(" " + BORDER)
    if not reduced.text[start:end].isspace():
        assert fold(back)[:1] == reduced.text[start] or reduced.text[start] in (" ", BORDER)


def starts_of(reduced: Reduced) -> list[int]:
    """Return where each character of a reduced text stands in the original."""
    return [start for start, _ in reduced.spans([(i, i + 1) for i in range(len(reduced.text))])]


@given(TEXTS)
def test_places_in_the_text_rise(text: str) -> None:
    reduced = reduce_with_offsets(text)
    starts = starts_of(reduced)
    assert starts == sorted(set(starts))
    assert all(0 <= start < len(text) for start in starts)


@given(TEXTS, st.data())
def test_a_stored_text_comes_back_as_it_was(text: str, data: st.DataObject) -> None:
    reduced = reduce_with_offsets(text)
    restored = EditedText(reduced.text, edits(text, reduced))
    assert restored.text == text
    assert starts_of(restored.way_back) == starts_of(reduced)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text) + 2))
    assert restored.part(start, end) == text[start:end]


@given(st.text(st.characters(exclude_categories=[])))
def test_a_stored_text_with_lone_surrogates_comes_back_too(text: str) -> None:
    reduced = reduce_with_offsets(text)
    restored = EditedText(reduced.text, edits(text, reduced))
    assert restored.text == text
    assert starts_of(restored.way_back) == starts_of(reduced)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=3))
def test_damaged_edits_are_refused_or_give_some_text(text: str, damages: list[tuple[int, int]]) -> None:
    reduced = reduce_with_offsets(text)
    data = bytearray(edits(text, reduced) or b"\0\0\0")
    for place, byte in damages:
        data[place % len(data)] = byte
    try:
        restored = EditedText(reduced.text, bytes(data))
    except (ValueError, IndexError, struct.error):
        return
    assert isinstance(restored.text, str)
    assert isinstance(restored.part(3, 9), str)


def test_ordinary_punctuation_costs_nothing_to_store() -> None:
    text = "优化“营商环境”，深化（放管服）改革；推动——发展：好！"
    reduced = reduce_with_offsets(text)
    assert edits(text, reduced) == b""


def test_every_character_folds_to_one_that_folds_to_itself() -> None:
    every = "".join(map(chr, range(0x110000)))
    folded = fold(every)
    assert len(folded) == len(every)
    assert fold(folded) == folded


def test_single_character_compatibility_forms_fold_with_what_they_stand_for() -> None:
    """Wherever NFKC gives one character, both fold to the same; for Unicode 14, which the table was made from."""
    later = {*range(0x1E030, 0x1E06E), *range(0x1CCD6, 0x1CCFA), *range(0xA7F1, 0xA7F5)}
    differing = []
    for code in range(0x110000):
        character = chr(code)
        form = unicodedata.decomposition(character).partition(" ")[0]
        if form == "<super>" or (form == "<circle>" and unicodedata.numeric(character, None) is not None):
            assert fold(character) == character
            continue
        normal = unicodedata.normalize("NFKC", character)
        same = len(normal) != 1 or fold(character) == fold(normal)
        if not same and code not in later:
            differing.append(f"U+{code:04X} {character} {normal}")
    assert differing == []


@given(st.text("a1 \n\u3000营Ａ，.", max_size=40))
def test_offsets_are_found_without_folding_the_text(text: str) -> None:
    whole = reduce_with_offsets(text)
    found = offsets_of(text, whole.text)
    assert starts_of(found) == starts_of(whole)
