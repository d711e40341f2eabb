"""Measure building and searching, compared with the stock recipe and with lower bounds, and print Markdown tables.

    apt-get install groonga-bin
    python scripts/benchmark.py [FOLDER] [--keep DIR] [--only ROWS] [--sizes 16,100,1000]

FOLDER contains real documents, by default the reference corpus (corpus/ in
POLICYSEARCH_REFERENCE, or in ../shared); further text is generated from it
(``benchmarking/corpus.py``). The stock recipe is
jieba.analyse.ChineseAnalyzer in a Whoosh TEXT field. Other engines are
installed from the package index into DIR; missing ones are named and left out.
Each measurement runs in a process of its own, in turns; medians are printed.
Trust the ratios, and CPU rather than wall time if the machine has other work.
The tables of docs/benchmark.md are from runs of this script.

With --keep, corpora, indexes and outcomes stay in DIR, and a run that was
stopped continues with --resume; --print prints the table again, whatever
version of the program its rows are of, and names those of another.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarking import table
from benchmarking.comparing import COMPARISONS
from benchmarking.measuring import FORM, MEASUREMENTS
from benchmarking.processes import ROOT
from benchmarking.workspace import Settings, Workspace

ROWS = {**MEASUREMENTS, **COMPARISONS}


def machine() -> str:
    """Return the machine in one line."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(": ")[2] for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0] if names else model
    return f"{platform.system()}, {model}, {os.cpu_count()} processors, Python {platform.python_version()}"


def program() -> str:
    """Return a fingerprint of what is measured: the package's sources."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "policysearch").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


NOTES = """
## Method

Each measurement runs in a process of its own, and the measurements that are compared take turns. Figures are
medians of {rounds} runs; of batches, of three times as many; of cold searches, of {cold_rounds}. Files are in the
page cache. If a figure is double, the first is wall time and the second is CPU time of all processes; both must
reach the target.

- *Corpus*: {megabytes:g} MB; *grown* {growth:g} MB; *large* {large:g} MB. Each is the beginning of the next. Real
  documents come first, then generated ones: clauses that occur in one document only are replaced by halves of two
  others, so that no text occurs twice (`scripts/benchmarking/corpus.py`). The first table shows how repetitive the
  texts are.
- *Stock recipe*: `jieba.analyse.ChineseAnalyzer` in a Whoosh TEXT field, with stored text and Whoosh's highlighter.
  It gets the sections; reading files and dividing documents is included in the time of policysearch only.
- *Build*: with rjieba, the extra `fast`, unless a row says otherwise.
- *Cutting alone*: `jieba.cut_for_search` over the texts of the sections, without storing anything.
- *Memory*: the peak of the resident memory of all processes of a build together; the private part is in brackets.
  The rest are pages of files, mostly of the index, which the system takes back when it needs them.
- *Cold*: one search in a new process, with JSON of ten hits with snippets, compared with a process that only
  imports click.
- *Warm*: {queries} queries after {queries} others, in one process.
- *Whoosh over the same segments*: `policysearch.open_whoosh`, with Whoosh's parser, searcher and highlighter and
  the program's scoring formula.
- *Batch*: in one process, after the index was opened by the library. Half of the queries are single words, three
  tenths are pairs of words of a section, and the rest are compounds, all drawn at random from the texts; JSON of
  ten hits with snippets. The queries are passed to `Index.batch` together, or to `Index.search` one by one. The
  first pass also loads what opening does not load, including jieba if a word is not in the dictionary's file; the
  second pass repeats the queries.
- *Exact phrases*: 4 to 20 characters of any kind, drawn at random; the ids of all hits, by `Index.ids`.
- *Compared with other engines*: the sections of the corpus are divided into lines, and each line is a record. All
  engines get these records, one at a time in one thread, and the same queries: ten hits with the engine's own ranking
  and snippets, all words required, as JSON. Builds are measured once. Cold is one query in a new process, for Groonga
  and policysearch by their own commands; warm is one query after {queries} others. Phrases are the *exact phrases*.
  Recall is the share of the records with a phrase, as written, that are found. Precision is the share of the found
  records that contain it, except for script and width. Both are means over the phrases. tantivy comes from the
  package index, Groonga from Debian; missing engines are named.
- *By size*: corpora of {sizes} MB, each the beginning of the next, with the same queries, drawn from the first; a
  batch is passed together. `count` and `kwic` are commands that write CSV.
- *Records*: lines of the corpus in pieces of 56 characters, up to 100,000, in one JSON Lines file. The same text, one
  piece per line, in ten files shows the cost of a record in addition to its text. *At the end* and *anywhere*: the
  positions of new lines in the file.
- *Updates*: each adds {update_share:.2%} of {updated:g} MB as new documents, with the ordinary command. Then the
  index is compared with one that was built from all documents at once.
"""


def preface(about: Mapping[str, Any]) -> Iterator[str]:
    """Yield the description of the machine and the data."""
    made = about["made"]
    yield "# Benchmark"
    yield ""
    yield f"{about['when']}, {about['machine']}. Made by `python scripts/benchmark.py`."
    yield ""
    yield (
        f"The corpus has {made['bytes'] / 1e6:.1f} MB of text in {made['documents']:,} documents; "
        f"{made['originals']:,} are real ({made['original_bytes'] / 1e6:.1f} MB)."
    )
    yield ""
    yield "| text | MB | clauses | share of distinct ones | distinct pairs of Han characters |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name, what in (("original", "real documents"), ("made", "made of them"), ("whole", "the corpus")):
        one = made[name]
        distinct = f"{one['distinct']:.3f}"
        yield f"| {what} | {one['megabytes']:.1f} | {one['clauses']:,} | {distinct} | {one['pairs']:,} |"
    yield ""


def strangers(kept: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for rows that another version of the program, or other settings, gave."""
    for name, one in kept["outcomes"].items():
        if one["of"].get("form") != FORM:
            yield f"Measured by another version of this script, and left out: {name} ({one['when']})."
        elif one["of"] != kept["about"]["of"]:
            yield f"Measured with another version of the program or other settings: {name} ({one['when']})."


def printed(kept: Mapping[str, Any]) -> str:
    """Return the whole document."""
    outcomes = {name: one["outcome"] for name, one in kept["outcomes"].items() if one["of"].get("form") == FORM}
    of = kept["about"]["of"]
    lines = [*preface(kept["about"])]
    if "peers" in outcomes:
        lines += ["## Compared with other engines", "", *table.peers(outcomes["peers"]), ""]
    if "sizes" in outcomes:
        lines += ["## By size", "", *table.sizes(outcomes["sizes"]), ""]
    if MEASUREMENTS.keys() & outcomes:
        lines += ["## Compared with targets", "", *table.markdown(outcomes)]
    lines += (f"\n{said}" for said in strangers(kept))
    return "\n".join(lines) + "\n" + NOTES.format(**{**of, "sizes": ", ".join(f"{size:g}" for size in of["sizes"])})


def write_json(path: Path, value: Any) -> None:
    """Write a file in one step, so that a run that is stopped leaves the last one."""
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    beside.replace(path)


def measure(settings: Settings, only: list[str], resume: bool) -> dict[str, Any]:
    """Measure, and keep outcomes as they come."""
    workspace = Workspace(settings)
    path = workspace.folder / "outcomes.json"
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"outcomes": {}}
    chosen = {name: value for name, value in asdict(settings).items() if not isinstance(value, Path)}
    of = json.loads(json.dumps({"form": FORM, "program": program(), **chosen}))
    made = workspace.made(workspace.texts(settings.megabytes))
    kept["about"] = {"when": datetime.date.today().isoformat(), "machine": machine(), "made": made, "of": of}
    for name in only:
        if resume and kept["outcomes"].get(name, {}).get("of") == of:
            continue
        workspace.say(f"== {name}")
        outcome = ROWS[name](workspace)
        when = datetime.datetime.now().isoformat(timespec="seconds")
        kept["outcomes"][name] = {"when": when, "of": of, "outcome": outcome}
        write_json(path, kept)
    return kept


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], epilog=f"ROWS are some of: {', '.join(ROWS)}"
    )
    reference = Path(os.environ.get("POLICYSEARCH_REFERENCE") or ROOT.parent / "shared") / "corpus"
    parser.add_argument("folder", nargs="?", type=Path, default=reference, help="real documents")
    parser.add_argument("--megabytes", type=float, default=16, help="size of the corpus, in 10^6 bytes of text")
    parser.add_argument("--growth", type=float, help="size of the grown one; default: ten times that")
    parser.add_argument("--large", type=float, default=200, help="size of the one that is added to")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured")
    parser.add_argument("--cold-rounds", type=int, help="how often cold searches are; default: five times as often")
    parser.add_argument("--updates", type=int, default=200, help="small updates, one after another")
    parser.add_argument("--updated", type=float, help="size of the corpus that they are made to; default: --megabytes")
    parser.add_argument("--update-share", type=float, default=0.01, help="share of it that each of them adds")
    parser.add_argument("--queries", type=int, default=200, help="mixed queries that are drawn")
    parser.add_argument("--phrases", type=int, default=300, help="exact phrases that are drawn")
    parser.add_argument(
        "--sizes", default="16,100", help="sizes of the corpora that are measured side by side, with commas between"
    )
    parser.add_argument("--jobs", type=int, help="workers of their builds; default: as the command chooses")
    parser.add_argument("--no-install", action="store_true", help="use other engines only where they are installed")
    parser.add_argument("--only", metavar="ROWS", help="measure only these, by name, with commas between")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep everything in DIR, and use what is there")
    parser.add_argument("--resume", action="store_true", help="leave out what this version has measured in DIR")
    parser.add_argument("--print", action="store_true", help="measure nothing, print what has an outcome in DIR")
    arguments = parser.parse_args()
    only = arguments.only.split(",") if arguments.only else list(ROWS)
    unknown = [name for name in only if name not in ROWS]
    if unknown:
        parser.error(f"there are no rows {', '.join(unknown)}; there are {', '.join(ROWS)}")
    if arguments.print:
        if not arguments.keep:
            parser.error("--print needs --keep")
        kept = json.loads((arguments.keep / "outcomes.json").read_text(encoding="utf-8"))
        sys.stdout.write(printed(kept))
        return
    if not arguments.folder.is_dir():
        parser.error(f"there is no folder '{arguments.folder}'; name one that holds documents")
    with tempfile.TemporaryDirectory() as temporary:
        settings = Settings(
            reference=arguments.folder.resolve(),
            folder=arguments.keep or Path(temporary),
            megabytes=arguments.megabytes,
            growth=arguments.growth or 10 * arguments.megabytes,
            large=arguments.large,
            rounds=arguments.rounds,
            cold_rounds=arguments.cold_rounds or 5 * arguments.rounds,
            queries=arguments.queries,
            phrases=arguments.phrases,
            updates=arguments.updates,
            updated=arguments.updated or arguments.megabytes,
            update_share=arguments.update_share,
            sizes=tuple(map(float, arguments.sizes.split(","))),
            jobs=arguments.jobs,
            install=not arguments.no_install,
        )
        kept = measure(settings, only, arguments.resume)
    sys.stdout.write(printed(kept))


if __name__ == "__main__":
    main()
