"""How well the first hits answer judged questions, by the measures of TREC.

    python scripts/examples/judge.py TOPICS.tsv JUDGEMENTS.qrels [INDEX]

TOPICS has an id, a tab and a question on each line; JUDGEMENTS are in TREC's
form: topic, 0, document id, grade. Needs ir-measures, which reads a run that
policysearch writes with --format trec as it is.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import ir_measures
from ir_measures import RR, R, Success, nDCG


def main(topics: str, judgements: str, index: str = "index") -> None:
    """Search for every question, and print each measure and its value."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder, "questions.run")
        command = ["batch", topics, "--match", "auto", "--group", "document", "--limit", "100", "--output", str(run)]
        subprocess.run([sys.executable, "-I", "-m", "policysearch", *command, "--index", index], check=True)
        hits = list(ir_measures.read_trec_run(str(run)))  # type: ignore[no-untyped-call]
    judged = list(ir_measures.read_trec_qrels(judgements))  # type: ignore[no-untyped-call]
    measures = [RR @ 10, Success @ 1, nDCG @ 10, R @ 100]
    values = ir_measures.calc_aggregate(measures, judged, hits)
    for measure in measures:
        print(f"{measure}\t{values[measure]:.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
