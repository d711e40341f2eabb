"""Judged questions of the reference corpus: how high the right documents stand.

The floors in ``relevance/floors.json`` are MRR@10 as measured, rounded down at
the third decimal. Raise them when the ranking gets better on questions that it
was not fitted to (``scripts/cross_validate.py``).
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import ALL, ROOT, build_index

from policysearch import open_index

pytest.importorskip("ir_measures")

pytestmark = [pytest.mark.one_python, pytest.mark.no_cover]

FLOORS: dict[str, dict[str, float]] = json.loads((ROOT / "tests" / "relevance" / "floors.json").read_text("utf-8"))
FEW = ", first 100"
"""Ends the name of a set of which the quick tests ask the first 100 questions."""


@cache
def evaluate() -> ModuleType:
    """Return ``scripts/evaluate.py``."""
    specification = importlib.util.spec_from_file_location("evaluate", ROOT / "scripts" / "evaluate.py")
    assert specification is not None
    assert specification.loader is not None
    module = sys.modules["evaluate"] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=["NCP-dev", "STARD-dev"])
def asked(
    request: pytest.FixtureRequest, reference: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Any, Any]]:
    """Yield the name of a set in the floors, its judged questions, and an open index of its documents."""
    name = request.param
    documents = reference / "corpus" / dict(evaluate().SETS)[name]
    if not documents.is_file():
        pytest.skip(f"no judged questions at '{documents.parent}'")
    judged = evaluate().judged(documents)
    if name + FEW in FLOORS and not ALL:
        name, judged = name + FEW, judged.first(100)
    with open_index(build_index(documents, tmp_path_factory.mktemp("judged"))) as index:
        yield name, judged, index


def test_the_right_documents_do_not_sink(asked: tuple[str, Any, Any]) -> None:
    name, judged, index = asked
    answers = evaluate().of_library(judged, index)
    reached = {match: evaluate().mean(evaluate().measured(judged, found)["RR@10"]) for match, found in answers.items()}
    assert {match: value for match, value in reached.items() if value < FLOORS[name][match]} == {}


@pytest.mark.skipif(not ALL, reason="slow; scripts/test --all")
def test_the_program_answers_as_the_library_does(asked: tuple[str, Any, Any], tmp_path: Path) -> None:
    _, judged, index = asked
    some = judged.first(20)
    evaluate().program("index", "-q", judged.documents, "-i", tmp_path / "index")
    for match, found in evaluate().of_library(some, index).items():
        run = evaluate().of_program(some, tmp_path / "index", match)
        assert {question: documents[:10] for question, documents in run.items()} == found


def judged_by_hand(**relevant: str) -> Any:
    documents = {question: frozenset(ids.split()) for question, ids in relevant.items()}
    return evaluate().Judged(Path(), dict.fromkeys(relevant, ""), documents)


def test_measures_go_by_the_order_of_the_answers() -> None:
    judged = judged_by_hand(first="a", second="b", none="c", unanswered="d")
    answers = {"first": ["a", "b"], "second": ["z", "b", "a"], "none": ["a", "b"]}
    values = evaluate().measured(judged, answers)
    assert values["RR@10"] == [1, 0.5, 0, 0]
    assert values["Success@1"] == [1, 0, 0, 0]
    assert values["Success@10"] == [1, 1, 0, 0]
    assert values["nDCG@10"] == pytest.approx([1, 0.63093, 0, 0], abs=1e-5)


def test_a_hundred_answers_keep_their_order() -> None:
    ids = [f"{n:03d}" for n in range(100)]
    judged = judged_by_hand(**{f"q{n}": ids[n] for n in range(100)})
    values = evaluate().measured(judged, dict.fromkeys(judged.questions, ids))
    assert values["RR@10"] == pytest.approx([1 / (n + 1) if n < 10 else 0 for n in range(100)])


def test_a_difference_lies_in_its_interval() -> None:
    said = evaluate().difference([1, 1, 0.5, 1] * 50, [0.5, 1, 0.5, 0] * 50)
    assert said.startswith("+0.375 [+0.3")
    assert evaluate().difference([0.5, 1], [0.5, 1]) == "+0.000 [+0.000, +0.000]"
