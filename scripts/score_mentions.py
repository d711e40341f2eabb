"""Print how well the citations command agrees with citations that were read by hand.

    python scripts/score_mentions.py [--misses]

tests/data/citations-gold.csv has records of the statutes in the reference
corpus (bench-stard-dev), each with the places in it where another document is
named, and in which relation, as ids and numbers only: record, start, end,
number of the relation. A record without a citation has a row without places.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import policysearch
from policysearch.quoting.relations import RELATIONS

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "tests" / "data" / "citations-gold.csv"

Place = tuple[int, int]


class Score(NamedTuple):
    """How well the citations that were found agree with those read by hand.

    Attributes:
        citations: How many were read by hand.
        precision: Share of those found that are right.
        recall: Share of those read by hand that were found.
        relations: Share of those found rightly that have the right relation.
        misses: What was not found, found wrongly, or has another relation: record, place, what.
    """

    citations: int
    precision: float
    recall: float
    relations: float
    misses: tuple[tuple[str, Place, str], ...]


def read_gold(path: Path = GOLD) -> dict[str, dict[Place, str]]:
    """Return the relation of each place, by record."""
    gold: dict[str, dict[Place, str]] = defaultdict(dict)
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            places = gold[row["record"]]
            if row["start"]:
                places[int(row["start"]), int(row["end"])] = RELATIONS[int(row["relation"])]
    return gold


def write_records(reference: Path, folder: Path, wanted: set[str]) -> Path:
    """Write the records of the reference corpus that the gold is of as a collection; return its path."""
    path = folder / "records.jsonl"
    with (
        (reference / "corpus" / "bench-stard-dev" / "corpus.jsonl").open(encoding="utf-8") as lines,
        path.open("w", encoding="utf-8") as out,
    ):
        for record in map(json.loads, lines):
            if record["id"] in wanted:
                fields = {"id": record["id"], "title": record["name"], "text": record["content"]}
                out.write(json.dumps(fields, ensure_ascii=False) + "\n")
    return path


def found_in(index: policysearch.Index) -> Iterator[tuple[str, Place, str]]:
    """Yield each citation of an index: record, place in its text, relation."""
    starts = {}
    for document in index.documents(duplicates="show"):
        shown = index.show(document.document_id)
        assert shown is not None
        starts.update({section.section_id: section.start for section in shown.stored})
    for one in index.citations():
        record = one.section_id.partition("#")[2].partition("#")[0]
        start = starts[one.section_id]
        yield record, (one.start + start, one.end + start), one.relation


def score(reference: Path, folder: Path) -> Score:
    """Return the score, given the reference corpus and an empty folder."""
    gold = read_gold()
    policysearch.index_sources(write_records(reference, folder, set(gold)), folder / "index")
    with policysearch.open_index(folder / "index") as index:
        found: dict[str, dict[Place, str]] = defaultdict(dict)
        for record, place, relation in found_in(index):
            found[record][place] = relation
    wanted = sum(map(len, gold.values()))
    right = sum(place in found[record] for record, places in gold.items() for place in places)
    same = sum(found[record].get(place) == what for record, places in gold.items() for place, what in places.items())
    misses = [
        (record, place, f"{gold[record].get(place, 'nothing')} → {found[record].get(place, 'nothing')}")
        for record in sorted(gold)
        for place in sorted({*gold[record], *found[record]})
        if gold[record].get(place) != found[record].get(place)
    ]
    return Score(wanted, right / sum(map(len, found.values())), right / wanted, same / right, tuple(misses))


def main() -> None:
    """Print the score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="print what is not as it was read by hand")
    misses = parser.parse_args().misses
    reference = Path(os.environ.get("POLICYSEARCH_REFERENCE", ROOT.parent / "shared"))
    if not (reference / "corpus" / "bench-stard-dev").is_dir():
        raise SystemExit(f"There is no reference corpus at '{reference}'; name it in POLICYSEARCH_REFERENCE.")
    with tempfile.TemporaryDirectory() as folder:
        found = score(reference, Path(folder))
    print(f"citations {found.citations}, precision {found.precision:.3f}, recall {found.recall:.3f}", end=", ")
    print(f"relations {found.relations:.3f}")
    if misses:
        for record, (start, end), what in found.misses:
            print(f"{record} {start}-{end}: {what}")


if __name__ == "__main__":
    main()
