"""Print a Markdown table: how well the table of targets agrees with aims that were read by hand.

    python scripts/score_targets.py [--misses]

Two sets are scored. That of the reference corpus (the folder in
POLICYSEARCH_REFERENCE, by default ../shared) has the passages of aims of
provincial reports: ten indicators, the aims for the year. That of this
repository (tests/data/targets-gold.csv) has national reports from 1988 to
2018, and reports of cities and counties: all indicators, all horizons, in the
passages of aims and elsewhere; it names documents of the reference corpus and
offsets in their texts, and repeats nothing of them. A figure agrees when the
report, the indicator, the kind of figure, the horizon and the numbers do; of
those that agree, the operator is right or not.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policysearch import open_index
from policysearch.corpus.targets.target_table import Target
from policysearch.engines.opening import open_store
from policysearch.indexing.refresh import refresh

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / "tests" / "data" / "targets-gold.csv"

Key = tuple[str, ...]


@dataclass
class Score:
    """The result of one set."""

    name: str
    reports: int
    seconds: float
    agreed: list[Key] = field(default_factory=list)
    missed: list[Key] = field(default_factory=list)
    extra: list[Key] = field(default_factory=list)
    operators: list[Key] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """F1 on figures."""
        return 2 * len(self.agreed) / (2 * len(self.agreed) + len(self.missed) + len(self.extra))

    @property
    def operator(self) -> float:
        """The share of the figures that agree whose operator is right."""
        return 1 - len(self.operators) / len(self.agreed)

    @property
    def output(self) -> float:
        """The share of the aims for the gross product that were found."""
        of_output = [key for key in (*self.agreed, *self.missed) if "地区生产总值" in key]
        return sum(key in self.agreed for key in of_output) / len(of_output)


def reference() -> Path:
    """Return the folder of the reference corpus; it may not be there."""
    return Path(os.environ.get("POLICYSEARCH_REFERENCE", ROOT.parent / "shared")).resolve()


def scores() -> Iterator[Score]:
    """Yield the score of each set."""
    folder = reference()
    given = _rows(folder / "gold" / "targets" / "targets.csv")
    yield _scored(
        "provincial reports 2025–2026",
        [folder / "corpus" / name for name in ("gwr-docx", "gwr-csv")],
        {(row["year"], row["region"], row["indicator"], row["figure"]): row for row in given if row["value"]},
        {row["indicator"] for row in given},
        own=False,
    )
    read = _rows(OWN)
    yield _scored(
        "national reports 1988–2018, cities, counties",
        [folder / "corpus" / "gwr-national-utf8", folder / "corpus" / "gwr-county-gbk-raw", folder / "reports"],
        {(Path(r["document"]).name, r["horizon"], r["indicator"], r["figure"]): r for r in read},
        None,
        own=True,
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _scored(
    name: str, roots: Sequence[Path], gold: Mapping[Key, Mapping[str, str]], indicators: set[str] | None, own: bool
) -> Score:
    with tempfile.TemporaryDirectory() as work:
        refresh(open_store(work), roots)
        with open_index(work) as index:
            begun = time.process_time()
            found = index.targets(everywhere=own)
            score = Score(name, found.reports, time.process_time() - begun)
    wanted = {key[0] for key in gold}
    mine: dict[Key, Target] = {}
    for one in found:
        document = (one.section_id or "").rpartition("#")[0]
        first = (document, one.horizon) if own else (str(one.year), str(one.region))
        if one.value is None or (indicators and one.indicator not in indicators) or first[0] not in wanted:
            continue
        if own or one.horizon == str(one.year):
            key: Key = (*first, one.indicator, str(one.figure))
            mine[key] = one
    for key, row in gold.items():
        other = mine.get(key)
        if other is None or not _same(row, other):
            score.missed.append(key)
            continue
        score.agreed.append(key)
        if other.operator != row["operator"]:
            score.operators.append(key)
    score.extra = [key for key in mine if key not in score.agreed]
    return score


def _same(row: Mapping[str, str], found: Target) -> bool:
    def number(text: str) -> float | None:
        return float(text) if text else None

    return (
        number(row["value"]) == found.value
        and number(row["value_high"]) == found.value_high
        and row["unit"] == found.unit
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--misses", action="store_true", help="print what does not agree, too")
    asked: Any = parser.parse_args(arguments)
    if not (reference() / "gold" / "targets").is_dir():
        print(f"There is no reference corpus at '{reference()}'; set POLICYSEARCH_REFERENCE.", file=sys.stderr)
        return 2
    results = list(scores())
    print("| set | reports | figures | agree | missed | extra | F1 | operator right | GDP found | CPU seconds |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for one in results:
        counts = (len(one.agreed) + len(one.missed), len(one.agreed), len(one.missed), len(one.extra))
        shares = (one.f1, one.operator, one.output)
        cells = [one.name, one.reports, *counts, *(f"{share:.3f}" for share in shares), f"{one.seconds:.2f}"]
        print(f"| {' | '.join(map(str, cells))} |")
    if asked.misses:
        for one in results:
            for what in ("missed", "extra", "operators"):
                for key in getattr(one, what):
                    print(f"{what}: {' '.join(key)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
