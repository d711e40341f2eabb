"""量(term comparison): what a plain scan of sentences with the same reading of quantities finds, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ALL, build_index
from hypothesis import given
from hypothesis import strategies as st

from policysearch import open_index
from policysearch.engines.tree import MatchAll
from policysearch.index import Index
from policysearch.query.matching import Text, holds, marked
from policysearch.query.parser import parse
from policysearch.query.syntax import Measured
from policysearch.text.folding import fold, reduce, reduce_text
from policysearch.text.quantities import quantities, read_comparison

COMPARISONS = (
    *(
        ">=5%",
        ">5.5%",
        "<0",
        "<=-3%",
        "=5%",
        "5%..10%",
        "..3%",
        "100亿元..",
        "50..70万人",
        ">=1万人",
        ">=10个",
        "3个百分点",
    ),
    *(">1", "..0", "1..100", ">=50%", "<1000元", "=2万人", ">100万吨", "≥2个百分点"),
)


def sentences(shown: str) -> Iterator[str]:
    """Yield the sentences of a text, which end at 。！？； or a line break, as they are compared."""
    sentence = ""
    for character in shown:
        sentence += character
        if character == "\n" or fold(character) in "。!?;":
            yield reduce_text(sentence)
            sentence = ""
    yield reduce_text(sentence)


def scan(shown: str, term: str, comparison: str) -> bool:
    wanted = read_comparison(reduce(comparison))
    assert wanted is not None
    return any(
        reduce(term) in sentence and any(map(wanted.holds, quantities(sentence))) for sentence in sentences(shown)
    )


@pytest.fixture(scope="module")
def index(samples_index: Path) -> Iterator[Index]:
    with open_index(samples_index) as opened:
        yield opened


@pytest.mark.no_cover
def test_it_finds_what_a_scan_finds(index: Index) -> None:
    chosen = random.Random(21)
    stored = list(index.engine.stream(MatchAll()))
    found_some = 0
    for number in range(1000 if ALL else 150):
        text = chosen.choice(stored).text
        at = chosen.randrange(len(text))
        term = chosen.choice(["增长", "就业", "收入", "生产总值", "的", text[at : at + chosen.randint(1, 5)]])
        if not reduce(term) or set(fold(term)) & set('\\"()|*?~<>=-'):
            continue
        comparison = COMPARISONS[number % len(COMPARISONS)]
        truth = [one.section_id for one in stored if scan(one.text, term, comparison)]
        hits = index.search(f"量(“{term}” {comparison})", limit=None, sort="document", duplicates="show").hits
        assert [hit.section_id for hit in hits] == truth, (term, comparison)
        assert all(hit.matches for hit in hits)
        found_some += bool(truth)
    assert found_some > 30


PIECES = st.sampled_from(
    [*"。；，、\n 的", "增长", "增 长", "就业", "5%", "６％", "百分之七", "下降3%", "50万人", "2025年", "-1%"]
)
TEXTS = st.lists(PIECES, max_size=20).map("".join)


@given(TEXTS, st.sampled_from(["增长", "就业", "的", "5%"]), st.sampled_from(COMPARISONS))
def test_any_text_is_looked_at_as_a_scan_does(shown: str, term: str, comparison: str) -> None:
    expression = parse(f"量({term} {comparison})")
    assert isinstance(expression, Measured)
    text = Text.of(shown)
    found = scan(shown, term, comparison)
    assert holds(expression, text, lambda group: ()) == found
    places = marked(expression, text, lambda group: ())
    assert bool(places) == found
    assert all(0 <= start < end <= len(text.reduced) for start, end in places)


@given(TEXTS, st.sampled_from(COMPARISONS))
def test_it_stands_beside_other_conditions(shown: str, comparison: str) -> None:
    text = Text.of(shown)

    def asked(query: str) -> bool:
        return holds(parse(query), text, lambda group: ())

    one = asked(f"量(增长 {comparison})")
    assert asked(f"-量(增长 {comparison})") == (not one)
    assert asked(f"段(量(增长 {comparison}))") == one
    assert asked(f"句(量(增长 {comparison}))") == one
    assert asked(f"量(增长 {comparison}) OR 就业") == (one or "就业" in text.reduced)


def test_what_is_marked_and_counted(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    text = "收入增长6.5%，就业5万人。支出增长8%。收入下降2%；增长的收入有9%。"
    (tmp_path / "sources" / "一.txt").write_text(text, encoding="utf-8")
    with open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        (hit,) = index.search("量(收入 >=5%)").hits
        assert [hit.snippet.text[a:b] for a, b in hit.snippet.spans] == ["收入", "6.5%", "收入", "9%"]
        assert index.search("量(支出 >8%)").total == 0
        assert index.search("量(收入 <0)").total == 1
        assert [row.occurrences for row in index.count(["增长"], where="量(就业 >=5万人)")] == [3]
