"""An exact phrase is never missed and never false: the search against a scan of every section's text."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import ALL, Run

from policysearch import open_index
from policysearch.engines.opening import open_store
from policysearch.engines.tree import MatchAll
from policysearch.index import Index
from policysearch.indexing.refresh import refresh
from policysearch.text.folding import BORDER, fold, reduce, reduce_text
from policysearch.text.folding_table import COMPARED, WRITTEN

NAMED = [
    "营商环境",
    "市场化法治化国际化营商环境",
    "国际陆港区",
    "BDO",
    "R&D",
    "2024 年",
    "12345",
    "PM_2.5",
    "“放管服”",
    "三",
]
"""Phrases that engines miss: of several words, of letters, digits, marks, a single character."""

Texts = Mapping[str, str]


def shown_texts(index: Index) -> Texts:
    """Return every section's text as ``show --format json`` prints it, by section id."""
    texts = {}
    for document, _ in index.engine.documents(MatchAll()):
        shown = index.show(document["document_id"])
        assert shown is not None
        texts.update({section["section_id"]: section["text"] for section in shown.to_dict()["sections"]})
    return texts


class Both:
    """An index, and the reduced texts of all its sections."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.texts = shown_texts(index)
        self.reduced = {section: reduce_text(text) for section, text in self.texts.items()}

    def scan(self, phrase: str) -> dict[str, int]:
        """Return the sections that hold a phrase, and how often, found by looking."""
        wanted = reduce(phrase)
        return {section: text.count(wanted) for section, text in self.reduced.items() if wanted in text}

    def search(self, phrase: str) -> dict[str, int]:
        found = self.index.search(phrase, exact=True, limit=None, duplicates="show")
        assert found.total == len(found.hits)
        return {hit.section_id: hit.matches for hit in found.hits}


@pytest.fixture(scope="module")
def samples(samples_index: Path) -> Iterator[Both]:
    with open_index(samples_index) as index:
        yield Both(index)


@pytest.fixture(scope="module")
def reports(reports_index: Path) -> Iterator[Both]:
    with open_index(reports_index) as index:
        yield Both(index)


def random_phrases(texts: Texts, count: int, seed: int) -> Iterator[str]:
    """Yield ``count`` substrings of 1 to 12 characters, of texts chosen by their length."""
    chosen = random.Random(seed)
    names = sorted(texts)
    lengths = [len(texts[name]) for name in names]
    while count:
        text = texts[chosen.choices(names, lengths)[0]]
        start = chosen.randrange(len(text))
        phrase = text[start : start + chosen.randint(1, 12)]
        if reduce(phrase) and BORDER not in reduce_text(phrase):
            count -= 1
            yield phrase


OTHER_FORMS: dict[str, list[str]] = {}
for _written, _compared in zip(WRITTEN, COMPARED, strict=True):
    if unicodedata.category(_written) != "Cc":  # which a query drops
        OTHER_FORMS.setdefault(_compared, []).append(_written)


def respelled(phrase: str, chosen: random.Random) -> str:
    """Return a phrase written with other characters that are the same to a search, and with spaces put in."""
    out = []
    for character in fold(phrase):
        out.append(chosen.choice([character, *OTHER_FORMS.get(character, ())]))
        if not (character.isascii() and character.isalnum()):
            out.append(chosen.choice(["", "", "", " ", "　", "\n"]))
    return "".join(out)


def disagreements(both: Both, phrases: Sequence[str]) -> list[str]:
    return [phrase for phrase in phrases if both.search(phrase) != both.scan(phrase)]


@pytest.mark.parametrize("phrase", NAMED)
def test_named_phrase_in_the_reports(reports: Both, phrase: str) -> None:
    assert reports.scan(phrase) != {}
    assert reports.search(phrase) == reports.scan(phrase)


def test_random_phrases_of_the_samples(samples: Both) -> None:
    phrases = list(random_phrases(samples.texts, 3000 if ALL else 300, seed=1))
    assert disagreements(samples, phrases) == []
    assert all(map(samples.scan, phrases))


def test_random_phrases_of_the_reports(reports: Both) -> None:
    phrases = list(random_phrases(reports.texts, 3000 if ALL else 300, seed=2))
    assert disagreements(reports, phrases) == []
    assert all(map(reports.scan, phrases))


@pytest.mark.parametrize(
    ("written", "same"),
    [
        pytest.param("營商環境", "营商环境", id="traditional"),
        pytest.param("２０２４年", "2024年", id="full width"),
        pytest.param("2024 年", "2024年", id="space before a character"),
        pytest.param("「放管服」", "“放管服”", id="other quotes"),
        pytest.param("放\n管　服", "放管服", id="white space inside"),
    ],
)
def test_spellings_find_the_same(samples: Both, written: str, same: str) -> None:
    assert samples.search(written) == samples.search(same) == samples.scan(same) != {}


def test_random_phrases_in_other_spellings(samples: Both) -> None:
    chosen = random.Random(3)
    for phrase in random_phrases(samples.texts, 3000 if ALL else 300, seed=3):
        written = respelled(phrase, chosen)
        assert samples.search(written) == samples.scan(phrase), written


def test_phrases_that_stand_nowhere(samples: Both) -> None:
    """Two pieces of the texts joined: they seldom occur, and are found only where they do."""
    first = random_phrases(samples.texts, 300, seed=4)
    second = random_phrases(samples.texts, 300, seed=5)
    phrases = [a[-2:] + b[:2] for a, b in zip(first, second, strict=True) if reduce(a[-2:] + b[:2])]
    assert disagreements(samples, phrases) == []


def test_phrases_do_not_reach_over_the_end_of_a_section(samples: Both) -> None:
    names = list(samples.reduced)
    borders = [samples.reduced[a][-3:] + samples.reduced[b][:3] for a, b in pairwise(names)]
    assert disagreements(samples, borders) == []


def test_quotes_ask_for_the_same_as_the_option(samples: Both) -> None:
    for phrase in random_phrases(samples.texts, 100, seed=6):
        escaped = "".join("\\" + c if c in '\\"*?' else c for c in phrase)
        found = samples.index.search(f'"{escaped}"', limit=None, duplicates="show")
        assert {hit.section_id: hit.matches for hit in found.hits} == samples.scan(phrase), phrase


@pytest.mark.parametrize("phrase", NAMED)
def test_named_phrase_through_the_command(reports: Both, reports_index: Path, run: Run, phrase: str) -> None:
    done = run("search", "-i", reports_index, "--exact", phrase, "--format", "jsonl", "--limit", "100000")
    hits = [json.loads(line) for line in done.stdout.splitlines()]
    assert {hit["section_id"]: hit["matches"] for hit in hits} == reports.scan(phrase)
    assert (done.returncode, done.stderr) == (0, "")


def test_sections_are_shown_as_they_are_searched(samples: Both, samples_index: Path, run: Run) -> None:
    document = next(iter(samples.texts)).rpartition("#")[0]
    done = run("show", "-i", samples_index, document, "--format", "json")
    for section in json.loads(done.stdout)["sections"]:
        assert section["text"] == samples.texts[section["section_id"]]


@pytest.mark.skipif(not ALL, reason="3,000 phrases over all of the reference corpus: scripts/test --all")
def test_random_phrases_of_the_whole_reference_corpus(reference: Path, tmp_path: Path) -> None:
    account = refresh(open_store(tmp_path), [reference / "corpus", reference / "reports"], jobs=2)
    assert account.documents > 7000
    with open_index(tmp_path) as index:
        both = Both(index)
        assert disagreements(both, NAMED) == []
        phrases = list(random_phrases(both.texts, 3000, seed=7))
        assert disagreements(both, phrases) == []
        chosen = random.Random(8)
        for phrase in phrases[:300]:
            assert both.search(respelled(phrase, chosen)) == both.scan(phrase), phrase
