"""A panel of places and years: how often a small dictionary's concepts stand in the texts.

    python scripts/examples/panel.py DICTIONARY.tsv PANEL.csv [INDEX]

Each line of the dictionary is a concept, a tab and a term. The panel has one
row for each region and year, and for each concept its rate for 10,000 Han
characters. A place without documents in a year is NA, which is not 0.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import policysearch
from policysearch.corpus.counts import Counts
from policysearch.corpus.term_dictionary import read_terms


def write_panel(counts: Counts, path: Path) -> None:
    """Write a row for each group and a column for each concept."""
    rows: dict[tuple[object, ...], dict[str, object]] = {}
    for one in counts:
        row = rows.setdefault(one.group, {**dict(zip(counts.by, one.group, strict=True))})
        row["documents"] = one.documents_in_group
        row["characters"] = one.characters
        row[one.term] = "NA" if one.per_10000 is None else f"{one.per_10000:.4f}"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, [*counts.by, "documents", "characters", *counts.terms])
        table.writeheader()
        table.writerows(rows.values())


def main(dictionary: str, panel: str, index: str = "index") -> None:
    """Count the dictionary's concepts by region and year."""
    with open(dictionary, "rb") as lines:
        concepts = read_terms(lines, dictionary)
    with policysearch.open_index(index) as opened:
        counts = opened.count(concepts, by=["region", "year"], longest=True, duplicates="hide", fill=True)
    write_panel(counts, Path(panel))


if __name__ == "__main__":
    main(*sys.argv[1:])
