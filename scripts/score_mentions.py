"""Print how well the citations command agrees with citations that were read by hand.

    python scripts/score_mentions.py [--misses]

Two sets, each with the places in documents of the reference corpus where another document is named, and in which
relation, as ids and numbers only: document, start, end, number of the relation. A document without a citation has a
row without places.

- statutes: tests/data/citations-gold.csv, by which the rules were made: records of bench-stard-dev.
- kinds: tests/data/citations-kinds.csv, drawn at random with a fixed seed from folders with other kinds of documents,
  and read by hand before the program had read them. A document is a record of bench-ncp-dev, or a file by its folder
  and its number there, in order of names, from 0; of notices-ragged the first 10,000 characters.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import policysearch
from policysearch.quoting.relations import RELATIONS

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "tests" / "data" / "citations-gold.csv"
KINDS = ROOT / "tests" / "data" / "citations-kinds.csv"
POLICIES = "bench-ncp-dev"

Place = tuple[int, int]


class Score(NamedTuple):
    """How well the citations that were found agree with those read by hand.

    Attributes:
        citations: How many were read by hand.
        precision: Share of those found that are right.
        recall: Share of those read by hand that were found.
        relations: Share of those found rightly that have the right relation.
        misses: What was not found, found wrongly, or has another relation: document, place, what.
    """

    citations: int
    precision: float
    recall: float
    relations: float
    misses: tuple[tuple[str, Place, str], ...]


def read_gold(path: Path = GOLD) -> dict[str, dict[Place, str]]:
    """Return the relation of each place, by document."""
    gold: dict[str, dict[Place, str]] = defaultdict(dict)
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            places = gold[row["document"]]
            if row["start"]:
                places[int(row["start"]), int(row["end"])] = RELATIONS[int(row["relation"])]
    return gold


def write_records(path: Path, records: Iterable[dict[str, str]]) -> None:
    """Write records as a collection."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")


def read_records(path: Path) -> Iterator[dict[str, str]]:
    """Yield the records of a collection of the reference corpus."""
    yield from map(json.loads, path.read_text(encoding="utf-8").split("\n")[:-1])


def copy_statutes(corpus: Path, sources: Path, wanted: Iterable[str]) -> dict[str, str]:
    """Copy statutes to a folder of sources; return the name of each document in the gold, by its id."""
    names = set(wanted)
    records = read_records(corpus / "bench-stard-dev" / "corpus.jsonl")
    fields = [{"id": one["id"], "title": one["name"], "text": one["content"]} for one in records if one["id"] in names]
    write_records(sources / "statutes.jsonl", fields)
    return {f"statutes.jsonl#{name}": name for name in names}


def copy_kinds(corpus: Path, sources: Path, wanted: Iterable[str]) -> dict[str, str]:
    """Copy documents of other kinds to a folder of sources; return the name of each document in the gold, by its id."""
    records = {one["id"]: one for one in read_records(corpus / POLICIES / "docs.jsonl")}
    names = {}
    for name in wanted:
        folder, _, which = name.rpartition("/")
        if folder == POLICIES:
            write_records(sources / folder / f"{which}.jsonl", [{"id": which, "text": records[which]["text"]}])
            names[f"{folder}/{which}.jsonl#{which}"] = name
            continue
        path = sorted((corpus / folder).iterdir())[int(which)]
        (sources / folder).mkdir(parents=True, exist_ok=True)
        copy = sources / folder / path.name
        if folder == "notices-ragged":
            copy.write_text(path.read_text(encoding="utf-8")[:10_000], encoding="utf-8")
        else:
            shutil.copy(path, copy)
        names[f"{folder}/{path.name}{'#1' if path.suffix == '.json' else ''}"] = name
    return names


SETS = {"statutes": (GOLD, copy_statutes), "kinds": (KINDS, copy_kinds)}


def found_in(index: policysearch.Index) -> Iterator[tuple[str, Place, str]]:
    """Yield each citation of an index: id of the document, place in its text, relation."""
    sections = {}
    for document in index.documents(duplicates="show"):
        shown = index.show(document.document_id)
        assert shown is not None
        sections.update({section.section_id: (document.document_id, section.start) for section in shown.stored})
    for one in index.citations():
        document_id, start = sections[one.section_id]
        yield document_id, (one.start + start, one.end + start), one.relation


def score(reference: Path, folder: Path, name: str = "statutes") -> Score:
    """Return the score of a set, given the reference corpus and an empty folder."""
    path, copy = SETS[name]
    gold = read_gold(path)
    names = copy(reference / "corpus", folder / "sources", gold)
    policysearch.index_sources(folder / "sources", folder / "index")
    with policysearch.open_index(folder / "index") as index:
        found: dict[str, dict[Place, str]] = defaultdict(dict)
        for document_id, place, relation in found_in(index):
            found[names[document_id]][place] = relation
    wanted = sum(map(len, gold.values()))
    right = sum(place in found[one] for one, places in gold.items() for place in places)
    same = sum(found[one].get(place) == what for one, places in gold.items() for place, what in places.items())
    misses = [
        (one, place, f"{gold[one].get(place, 'nothing')} → {found[one].get(place, 'nothing')}")
        for one in sorted(gold)
        for place in sorted({*gold[one], *found[one]})
        if gold[one].get(place) != found[one].get(place)
    ]
    return Score(wanted, right / sum(map(len, found.values())), right / wanted, same / right, tuple(misses))


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="print what is not as it was read by hand")
    misses = parser.parse_args().misses
    reference = Path(os.environ.get("POLICYSEARCH_REFERENCE", ROOT.parent / "shared"))
    if not (reference / "corpus" / "bench-stard-dev").is_dir():
        raise SystemExit(f"There is no reference corpus at '{reference}'; name it in POLICYSEARCH_REFERENCE.")
    for name in SETS:
        with tempfile.TemporaryDirectory() as folder:
            found = score(reference, Path(folder), name)
        print(f"{name}: citations {found.citations}, precision {found.precision:.3f}", end=", ")
        print(f"recall {found.recall:.3f}, relations {found.relations:.3f}")
        if misses:
            for one, (start, end), what in found.misses:
                print(f"{one} {start}-{end}: {what}")


if __name__ == "__main__":
    main()
