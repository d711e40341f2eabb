"""Why a hit is where it is: the parts of a score add up to it, and say what stands in the texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from policysearch import open_index
from policysearch.engines.scoring import idf
from policysearch.index import Index
from policysearch.query.parser import parse
from policysearch.search.explanation import Explanation, read_as, tree_of


@pytest.fixture(scope="module")
def samples(samples_index: Path) -> Iterator[Index]:
    with open_index(samples_index) as index:
        yield index


def explained(index: Index, query: str, **options: Any) -> Explanation:
    found = index.search(query, explain=True, **options)
    assert found.explanation is not None
    assert [hit.section_id for hit in found.explanation.hits] == [hit.section_id for hit in found.hits]
    for hit, told in zip(found.hits, found.explanation.hits, strict=True):
        assert told.score == pytest.approx(hit.score, abs=1e-5)
    return found.explanation


@pytest.mark.parametrize("group", ["section", "document"])
@pytest.mark.parametrize("match", ["all", "any", "exact"])
@pytest.mark.parametrize(
    "query",
    [
        "营商环境",
        "优化营商环境 数字经济",
        '"营商环境" OR 水库保护',
        "句(优化 环境) -疫情",
        "优化 ~10 环境",
        "heading:工作 year:2022..2024",
        "怎样优化营商环境才能促进县域经济高质量发展和乡村振兴",
        "year:2023",
    ],
)
def test_parts_add_up_to_the_score(samples: Index, query: str, match: str, group: str) -> None:
    explained(samples, query, match=match, group=group, limit=80)
    explained(samples, query, match=match, group=group, limit=5, offset=48)


def test_terms_tell_how_many_hold_them(samples: Index) -> None:
    told = explained(samples, "竹榭水库")
    (word,) = [part for part in told.terms if part.term.text == "水库" and part.term.field == "words"]
    assert word.document_frequency == samples.search("水库", limit=0).total
    assert word.idf == pytest.approx(idf(samples.info["sections"], word.document_frequency), abs=0.05)


def test_exact_groups_are_named(samples: Index) -> None:
    told = explained(samples, "优化营商环境", limit=None)
    assert told.hits[0].exact == ("优化营商环境",)
    assert told.hits[0].exact_boost >= 100
    assert told.hits[-1].exact == ()


def test_words_of_each_group(samples: Index) -> None:
    told = explained(samples, "优化营商环境 “县域经济” -疫情防控")
    assert [group for group, _ in told.words] == ["优化营商环境", "疫情防控"]
    assert [words for _, words in told.words] == [("优化", "营商", "环境"), ()]


def test_nothing_scores_in_another_order(samples: Index) -> None:
    told = explained(samples, "营商环境", sort="date")
    assert told.terms == ()
    assert {hit.score for hit in told.hits} == {0}


@pytest.mark.parametrize(
    ("query", "reading"),
    [
        ("甲 乙 OR 丙", "((甲 AND 乙) OR 丙)"),
        ("-甲 “乙*丙”", "(NOT 甲 AND “乙*丙”)"),
        ("甲 ~3 乙 丙", "((甲 ~3 乙) AND 丙)"),
        ("量(甲 “乙” >=5%)", "量((“甲” AND “乙”) >=5%)"),
        ("句(甲 乙) 段(丙)", "(句(甲 AND 乙) AND 段(丙))"),
        ("heading:甲 year:2020.. region:乙", "(heading:甲 AND year:2020.. AND region:乙)"),
        ("year:2023", "year:2023"),
    ],
)
def test_a_reading_shows_every_operator(query: str, reading: str) -> None:
    assert read_as(parse(query)) == reading
    assert read_as(parse(reading)) == reading


def test_a_tree_is_plain(samples: Index) -> None:
    tree = tree_of(parse("甲 “乙” -(丙 OR heading:丁) 句(戊 ~2 己) year:2023"))
    assert json.loads(json.dumps(tree)) == tree
    assert [child["kind"] for child in tree["children"]] == ["group", "phrase", "not", "sentence", "filter"]


def test_json_has_a_further_key(samples_index: Path, run: Run) -> None:
    done = run("search", "-i", samples_index, "优化营商环境", "--format", "json", "--explain")
    plain = run("search", "-i", samples_index, "优化营商环境", "--format", "json")
    found = json.loads(done.stdout)
    told = found.pop("explain")
    assert found == json.loads(plain.stdout)
    assert list(told) == ["read_as", "tree", "words", "terms", "hits"]
    assert len(told["hits"]) == len(found["hits"])


def test_text_shows_the_reading_and_the_parts(samples_index: Path, run: Run) -> None:
    done = run("search", "-i", samples_index, "优化营商环境", "--explain", "-n", "1")
    assert "优化营商环境 → 优化 营商 环境" in done.stdout
    assert "Read as: 优化营商环境" in done.stdout
    assert "Term: word 营商: in " in done.stdout
    assert "Term: bigram 商环: in " in done.stdout


def test_other_formats_have_no_place_for_it(samples_index: Path, run: Run) -> None:
    done = run("search", "-i", samples_index, "优化", "--explain", "--format", "csv")
    assert done.returncode == 2
    assert "--explain" in done.stderr
