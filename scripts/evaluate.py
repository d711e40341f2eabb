"""Answer the judged questions of the reference corpus with the real program, and print how well as a Markdown table.

    python scripts/evaluate.py

Each set is indexed by ``policysearch index`` into a temporary folder and asked
by ``policysearch batch``; the two baselines are BM25 over the same index and
come from the library. The reference corpus is the folder in
POLICYSEARCH_REFERENCE, by default ../shared. Needs ir-measures.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import ir_measures
import numpy as np
from ir_measures import RR, Qrel, ScoredDoc, Success, nDCG

if TYPE_CHECKING:
    from policysearch.index import Index

ROOT = Path(__file__).resolve().parent.parent
SETS = (("NCP-dev", "bench-ncp-dev/docs.jsonl"), ("STARD-dev", "bench-stard-dev/corpus.jsonl"))
"""The name of each set of questions, and its documents, below ``corpus`` of the reference."""

MEASURES = (Success @ 1, Success @ 10, RR @ 10, nDCG @ 10)
MATCHES = ("any", "auto")
DEPTH = 100
"""How many documents are asked for."""

RESAMPLES = 10_000
SEED = 0

Answers = Mapping[str, Sequence[str]]
"""Ids of questions, and the ids of the documents found, best first."""


@dataclass(frozen=True)
class Judged:
    """A set of questions, and the documents that answer each.

    Attributes:
        documents: The file of the documents.
        questions: By their ids, as asked, in the order of the file.
        relevant: The ids of the right documents, by the ids of questions.
    """

    documents: Path
    questions: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]

    def first(self, count: int) -> Judged:
        """Return the set with its first ``count`` questions only."""
        some = dict(list(self.questions.items())[:count])
        return Judged(self.documents, some, {name: self.relevant[name] for name in some})


def reference() -> Path:
    """Return the folder of the reference corpus; it may not be there."""
    return Path(os.environ.get("POLICYSEARCH_REFERENCE") or ROOT.parent / "shared").resolve()


def judged(documents: Path) -> Judged:
    """Read the questions and judgements that lie beside the file of the documents."""
    questions = dict(_columns(documents.parent / "queries.tsv", 2))
    relevant: dict[str, set[str]] = {name: set() for name in questions}
    for question, _, document, grade in _columns(documents.parent / "qrels.tsv", 4):
        if int(grade) > 0:
            relevant[question].add(document)
    return Judged(documents, questions, {name: frozenset(ids) for name, ids in relevant.items()})


def _columns(path: Path, count: int) -> Iterable[list[str]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n").split("\t", count - 1)


def own_id(document_id: str) -> str:
    """Return the id that a document has in the judgements."""
    return document_id.rpartition("#")[2]


# rankings


def of_program(one: Judged, index: Path, match: str) -> Answers:
    """Return the hits of ``policysearch batch``, in the order it is ranked."""
    topics, run = index.with_suffix(".tsv"), index.with_suffix(".run")
    lines = (f"{name}\t{question}\n" for name, question in one.questions.items())
    topics.write_text("".join(lines), encoding="utf-8")
    options = ["--plain", "--match", match, "--group", "document", "--format", "trec", "-n", str(DEPTH)]
    program("batch", topics, *options, "-i", index, "-o", run)
    found: dict[str, list[str]] = {name: [] for name in one.questions}
    for line in run.read_text(encoding="utf-8").splitlines():
        question, _, document, rank, _, _ = line.split()
        found[question].append(own_id(document))
        assert len(found[question]) == int(rank)
    return found


def of_library(one: Judged, index: Index) -> dict[str, Answers]:
    """Return the best ten of what ``of_program`` finds, for each of ``MATCHES``, without writing a run.

    A question that ``auto`` answered as ``any`` does is asked once.
    """
    answers: dict[str, dict[str, list[str]]] = {match: {} for match in MATCHES}
    for name, question in one.questions.items():
        # as in a run, which names every document that is found
        ask = partial(index.search, question, plain=True, group="document", duplicates="show")
        auto = ask(match="auto")
        loose = auto
        if auto.match != "any":
            loose = ask(match="any")
        for match, found in (("auto", auto), ("any", loose)):
            answers[match][name] = [own_id(hit.document_id) for hit in found.hits]
    return {**answers}


def of_bm25(one: Judged, index: Index, fields: Iterable[str]) -> Answers:
    """Return the hits of BM25 alone, over the terms of some fields (``words``, ``grams``), each of weight 1."""
    return {name: _bm25(index, question, frozenset(fields)) for name, question in one.questions.items()}


def _bm25(index: Index, query: str, fields: frozenset[str]) -> list[str]:
    from policysearch.engines.protocol import Request
    from policysearch.engines.tree import Contains, Or, ScoredGroup, Term

    read = index.search(query, plain=True, match="any", limit=1, explain=True).explanation
    assert read is not None
    terms = tuple(Term(part.term.field, part.term.text) for part in read.terms if part.term.field in fields)
    node = Or(tuple(Contains(term.text) for term in terms))
    answer = index.engine.search(Request(node, (ScoredGroup("", terms),), limit=DEPTH, group="document"))
    return [own_id(index.engine.name(ranked.key)[0]) for ranked in answer.hits]


def program(*arguments: str | Path) -> None:
    """Run ``policysearch`` of this checkout. Raises ``CalledProcessError`` when it fails."""
    command = [sys.executable, "-I", "-m", "policysearch", *map(str, arguments)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


# measures


def measured(one: Judged, answers: Answers) -> dict[str, list[float]]:
    """Return each measure's value for every question, in the order of the questions.

    ir-measures is given 1/rank for a score: evaluators order a run by its
    scores and some hold them in single precision, where different scores may
    come out equal and be put in the order of ids instead.
    """
    judgements = [Qrel(name, document, 1) for name, ids in one.relevant.items() for document in ids]
    run = [
        ScoredDoc(name, document, 1 / rank)
        for name, documents in answers.items()
        for rank, document in enumerate(documents, 1)
    ]
    values = {str(measure): dict.fromkeys(one.questions, 0.0) for measure in MEASURES}
    for metric in ir_measures.iter_calc(list(MEASURES), judgements, run):
        values[str(metric.measure)][metric.query_id] = metric.value
    return {name: list(by_question.values()) for name, by_question in values.items()}


def mean(values: Sequence[float]) -> float:
    """Return the mean."""
    return sum(values) / len(values)


def difference(values: Sequence[float], baseline: Sequence[float]) -> str:
    """Return the mean difference and its 95 % interval, by a bootstrap over questions (paired percentiles)."""
    differences = np.array(values) - np.array(baseline)
    drawn = np.random.default_rng(SEED).integers(len(differences), size=(RESAMPLES, len(differences)))
    low, high = np.percentile(differences[drawn].mean(axis=1), [2.5, 97.5])
    return f"{differences.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


# the table


def rows(label: str, one: Judged, index: Path) -> Iterable[str]:
    """Yield the rows of one set whose documents are indexed already."""
    from policysearch import open_index

    with open_index(index) as opened:
        rankings = {
            "words alone": of_bm25(one, opened, ["words"]),
            "words + bigrams": of_bm25(one, opened, ["words", "grams"]),
        }
    baselines = list(rankings)
    rankings.update({f"`--match {match}`": of_program(one, index, match) for match in MATCHES})
    values = {name: measured(one, answers) for name, answers in rankings.items()}
    main = str(RR @ 10)
    for name in rankings:
        cells = [f"{mean(values[name][str(measure)]):.3f}" for measure in MEASURES]
        cells += ["" if name in baselines else difference(values[name][main], values[b][main]) for b in baselines]
        yield " | ".join([f"| {label} ({len(one.questions)})", name, *cells]) + " |"


def main() -> None:
    """Index, ask, measure, print."""
    sys.path.insert(0, str(ROOT))
    print("| questions | ranking | success@1 | success@10 | MRR@10 | nDCG@10 | MRR@10 − words | MRR@10 − both |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for label, documents in SETS:
            one = judged(reference() / "corpus" / documents)
            index = Path(folder) / label
            program("index", "-q", one.documents, "-i", index)
            for row in rows(label, one, index):
                print(row, flush=True)


if __name__ == "__main__":
    main()
