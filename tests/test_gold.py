"""Scores on documents marked by hand, and laws of the reference corpus; skipped where it is not there."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from policysearch.documents.document import Document, read_documents
from policysearch.documents.structure.marks import article_at

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = Path(os.environ.get("POLICYSEARCH_REFERENCE", ROOT.parent / "shared"))
pytestmark = [
    pytest.mark.skipif(not (REFERENCE / "gold").is_dir(), reason="no reference corpus here"),
    pytest.mark.one_python,
    pytest.mark.no_cover,
]

LAWS = sorted((REFERENCE / "corpus" / "laws-md").rglob("*.md"))


def the_document(path: Path) -> Document:
    (document,) = read_documents(path, path.name)
    assert isinstance(document, Document)
    return document


@pytest.mark.parametrize(("marks", "documents", "floor"), [("gold", "reports", 0.97), ("gold/more", "corpus", 0.95)])
def test_scores_do_not_fall(marks: str, documents: str, floor: float) -> None:
    specification = importlib.util.spec_from_file_location("scoring", ROOT / "scripts" / "score_structure.py")
    assert specification is not None
    assert specification.loader is not None
    scoring = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(scoring)
    results = scoring.scores(marks, documents)
    assert scoring.f1(results) >= floor
    assert min(scoring.f1([r]) for r in results) >= 0.9
    hit = sum(r["tp"] for r in results)
    assert sum(r["level_ok"] for r in results) >= 0.97 * hit
    assert [(r["id"], r["leaks"], r["lost"]) for r in results if r["leaks"] or r["lost"]] == []


@pytest.mark.parametrize("law", LAWS, ids=lambda path: path.stem)
def test_articles_run_without_gap_or_repeat(law: Path) -> None:
    written = re.findall(r"^第[一二三四五六七八九十百千零〇]+条(?!之)", law.read_text("utf-8"), re.M)
    document = the_document(law)
    marks = [article_at(s.number, 0, len(s.number)) for s in document.sections if s.number]
    articles = [mark for mark in marks if mark and not mark.again]
    assert len(articles) == len(written)
    assert all(after.value == before.value + 1 for before, after in pairwise(articles))


@pytest.mark.parametrize("year", sorted(p.stem for p in (REFERENCE / "corpus" / "gwr-national-gbk-raw").glob("*.txt")))
def test_a_scraped_report_gives_the_sections_of_the_clean_one(year: str) -> None:
    scraped, clean = (
        the_document(REFERENCE / "corpus" / folder / f"{year}.txt")
        for folder in ("gwr-national-gbk-raw", "gwr-national-utf8")
    )
    assert [(s.level, s.number, s.heading, s.part) for s in scraped.sections] == [
        (s.level, s.number, s.heading, s.part) for s in clean.sections
    ]


def test_the_table_of_scores_has_a_row_for_each_document() -> None:
    script = ROOT / "scripts" / "score_structure.py"
    printed = subprocess.run([sys.executable, script], capture_output=True, encoding="utf-8", check=True).stdout
    marked = [
        path.stem.split("_")[0] for folder in ("gold", "gold/more") for path in (REFERENCE / folder).glob("*.json")
    ]
    assert all(f"| {name} |" in printed for name in marked)
