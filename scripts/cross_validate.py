"""Choose the weight of bigrams on part of the judged questions and measure it on the rest, as a Markdown table.

    python scripts/cross_validate.py

The questions of each set are put into folds by the document that answers them,
so that no document answers questions of two folds. For each fold the weight
with the best mean of MRR@10 over both sets, the fold left out, is chosen, and
the questions of the fold are scored with it. The reference corpus is found as
in ``evaluate.py``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluate import SETS, Judged, difference, judged, mean, own_id, program, reference

from policysearch import open_index
from policysearch.engines.protocol import Request
from policysearch.engines.tree import Contains, Or, ScoredGroup, Term

WEIGHTS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5)
"""The weights of a bigram beside a word that are tried."""

STATED = 0.7
"""The weight that the program uses."""

FOLDS = 10
DEPTH = 10


def folds(one: Judged) -> dict[str, int]:
    """Return the fold of each question: questions that share a right document are in one fold.

    The documents, joined where a question has several, go to the folds in
    turn, in the order of the questions.
    """
    leader: dict[str, str] = {}

    def leader_of(document: str) -> str:
        while leader.setdefault(document, document) != document:
            document = leader[document]
        return document

    for ids in one.relevant.values():
        first, *rest = sorted(ids)
        for other in rest:
            leader[leader_of(other)] = leader_of(first)
    numbers: dict[str, int] = {}
    for name in one.questions:
        numbers.setdefault(leader_of(min(one.relevant[name])), len(numbers))
    return {name: numbers[leader_of(min(one.relevant[name]))] % FOLDS for name in one.questions}


def reciprocal_ranks(one: Judged, index: Path) -> dict[float, dict[str, float]]:
    """Return, for each weight, the reciprocal rank of the first right document of each question; 0 after ten."""
    found: dict[float, dict[str, float]] = {weight: {} for weight in WEIGHTS}
    with open_index(index) as opened:
        for name, question in one.questions.items():
            read = opened.search(question, plain=True, match="any", limit=1, explain=True).explanation
            assert read is not None
            for weight in WEIGHTS:
                terms = tuple(
                    Term(part.term.field, part.term.text, 1.0 if part.term.field == "words" else weight)
                    for part in read.terms
                    if weight or part.term.field == "words"
                )
                words = tuple(Contains(term.text) for term in terms if term.field == "words")
                answer = opened.engine.search(
                    Request(Or(words), (ScoredGroup("", terms),), limit=DEPTH, group="document")
                )
                ids = [own_id(opened.engine.name(ranked.key)[0]) for ranked in answer.hits]
                ranks = (1 / rank for rank, document in enumerate(ids, 1) if document in one.relevant[name])
                found[weight][name] = next(ranks, 0.0)
    return found


def chosen(
    values: Mapping[str, Mapping[float, Mapping[str, float]]], parts: Mapping[str, Mapping[str, int]], left_out: int
) -> float:
    """Return the weight with the best mean over the sets, without one fold; the lowest of equals."""

    def quality(weight: float) -> float:
        return mean([_mean_without(values[label][weight], parts[label], left_out) for label in values])

    return max(WEIGHTS, key=quality)


def _mean_without(values: Mapping[str, float], part: Mapping[str, int], left_out: int) -> float:
    return mean([value for name, value in values.items() if part[name] != left_out])


def row(name: str, cells: Sequence[str]) -> str:
    """Return a row of the table."""
    return " | ".join([f"| {name}", *cells]) + " |"


def main() -> None:
    """Index, ask, choose, measure, print."""
    values: dict[str, dict[float, dict[str, float]]] = {}
    parts: dict[str, dict[str, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for label, documents in SETS:
            one = judged(reference() / "corpus" / documents)
            program("index", "-q", one.documents, "-i", Path(folder) / label)
            values[label] = reciprocal_ranks(one, Path(folder) / label)
            parts[label] = folds(one)
    print(row("weight of bigrams", [f"{label} MRR@10" for label in values]))
    print(row("---", ["---:" for _ in values]))
    for weight in WEIGHTS:
        print(row(f"{weight:g}", [f"{mean(list(values[label][weight].values())):.4f}" for label in values]))
    weights = [chosen(values, parts, fold) for fold in range(FOLDS)]
    cells = []
    for label, by_weight in values.items():
        left_out = [by_weight[weights[parts[label][name]]][name] for name in parts[label]]
        stated = [by_weight[STATED][name] for name in parts[label]]
        cells.append(f"{mean(left_out):.4f} ({difference(left_out, stated)} to {STATED:g})")
    print(row(f"chosen without the fold: {', '.join(f'{weight:g}' for weight in weights)}", cells))


if __name__ == "__main__":
    main()
