"""Time building an index and searching it cold, against the stock recipe, and print Markdown tables.

    python scripts/benchmark.py [FOLDER] [--megabytes N] [--rounds N] > docs/benchmark.md

The stock recipe is jieba.analyse.ChineseAnalyzer in a Whoosh TEXT field. It is
given the same sections ready-made, so reading and dividing documents is in
this program's time only. Every measurement is a process of its own; the
programs take turns, and medians are printed, so trust the ratios. FOLDER is
by default the reference corpus (POLICYSEARCH_REFERENCE, or ../shared).
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUERIES = ("营商环境", "优化 营商环境", "高质量发展")
PHRASE = "优化营商环境"

STOCK_BUILD = """
import json, sys
from jieba.analyse import ChineseAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in
schema = Schema(id=ID(stored=True, unique=True), text=TEXT(analyzer=ChineseAnalyzer(), stored=True))
writer = create_in(sys.argv[2], schema).writer(limitmb=256)
for line in open(sys.argv[1], encoding="utf-8"):
    writer.add_document(**json.loads(line))
writer.commit()
"""

STOCK_SEARCH = """
import sys
from whoosh.index import open_dir
from whoosh.qparser import QueryParser
index = open_dir(sys.argv[1])
with index.searcher() as searcher:
    for hit in searcher.search(QueryParser("text", index.schema).parse(sys.argv[2]), limit=10):
        print(hit.rank, hit.score, hit["id"])
"""

JIEBA_ALONE = """
import json, sys
import jieba
jieba.setLogLevel(60)
words = 0
for line in open(sys.argv[1], encoding="utf-8"):
    words += len(jieba.lcut_for_search(json.loads(line)["text"]))
print(words)
"""

FLOOR = "import click, whoosh.index, whoosh.qparser"


@dataclass
class Measured:
    """A command and what its runs took.

    Attributes:
        label: What the table calls it.
        command: Arguments after the Python executable.
        fresh: A folder that is emptied before each run.
        seconds: Wall time of each run.
        cpu: CPU seconds of each run, of all its processes.
        peak: Peak memory of each run's largest process, in MB.
    """

    label: str
    command: Sequence[str]
    fresh: Path | None = None
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Run once and note what it took. Raises ``RuntimeError`` when it fails."""
        if self.fresh:
            shutil.rmtree(self.fresh, ignore_errors=True)
            self.fresh.mkdir()
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", *self.command], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert process.stderr
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode > 1 or b"Traceback" in said:  # 1: a search found nothing
            raise RuntimeError(f"{self.label} failed:\n{said.decode(errors='replace')}")
        self.seconds.append(time.perf_counter() - begun)
        self.cpu.append(used.ru_utime + used.ru_stime)
        self.peak.append(used.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10))


def take_turns(commands: Sequence[Measured], rounds: int) -> None:
    """Run all commands in turn, ``rounds`` times."""
    for n in range(rounds):
        for command in commands:
            print(f"{n + 1}/{rounds} {command.label}", file=sys.stderr)
            command.run()


# what is indexed


def gather(folder: Path, target: Path, sections: Path, megabytes: float | None) -> int:
    """Write the documents of a folder as UTF-8 texts, and their sections as JSON lines; return their bytes.

    With ``megabytes`` (10⁶ bytes): so many, in random order, as fill it, again under other names when all are used.
    """
    sys.path.insert(0, str(ROOT))
    from policysearch.documents import Document, read_documents

    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    documents = [
        document
        for path in paths
        if path.suffix in (".txt", ".md", ".html", ".csv", ".docx", ".jsonl") and path.stem != "queries"
        for document in _readable(read_documents(path, path.name))
        if isinstance(document, Document) and document.text
    ]
    if not documents:
        raise SystemExit(f"There is nothing to read in '{folder}'.")
    random.Random(1).shuffle(documents)
    size = 0
    with sections.open("w", encoding="utf-8") as out:
        for n, document in enumerate(documents if megabytes is None else cycle(documents)):
            if megabytes is not None and size >= megabytes * 1e6:
                break
            text = document.text.encode("utf-8", "surrogatepass")
            (target / f"{n:06d}.txt").write_bytes(text)
            size += len(text)
            for number, section in enumerate(document.sections, 1):
                out.write(json.dumps({"id": f"{n:06d}#{number}", "text": section.text}) + "\n")
    return size


def _readable(documents: Iterator[object]) -> Iterator[object]:
    """Yield what can be read of a source."""
    from policysearch.errors import SourceError

    try:
        yield from documents
    except SourceError as error:
        print(error, file=sys.stderr)


# tables


def table(title: str, commands: Sequence[Measured], unit: str) -> Iterator[str]:
    """Yield a Markdown table; the first command is what the ratios compare with."""
    factor = 1000 if unit == "ms" else 1
    base = commands[0]
    yield f"| {title} | wall {unit} | CPU {unit} | peak MB | wall, of the first | CPU, of the first |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for one in commands:
        wall, cpu, peak = (statistics.median(values) for values in (one.seconds, one.cpu, one.peak))
        walls = wall / statistics.median(base.seconds)
        cpus = cpu / statistics.median(base.cpu)
        digits = 0 if unit == "ms" else 1
        yield (
            f"| {one.label} | {wall * factor:.{digits}f} | {cpu * factor:.{digits}f} | {peak:.0f} "
            f"| {walls:.2f} | {cpus:.2f} |"
        )


def machine() -> str:
    """Return the machine and the date in one line."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(": ")[2] for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0] if names else model
    today = datetime.date.today().isoformat()
    return f"{today}, {platform.system()}, {model}, {os.cpu_count()} processors, Python {platform.python_version()}"


def disk(folder: Path) -> int:
    """Return the bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Gather, build, search, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reference = Path(os.environ.get("POLICYSEARCH_REFERENCE") or ROOT.parent / "shared")
    parser.add_argument("folder", nargs="?", type=Path, default=reference, help="what to index")
    parser.add_argument("--megabytes", type=float, help="how much of it, in 10^6 bytes of text; default: all, once")
    parser.add_argument("--rounds", type=int, default=3, help="builds of each; searches are run five times as often")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CACHE_HOME"] = os.environ["TMPDIR"] = name
        texts, sections = folder / "texts", folder / "sections.jsonl"
        texts.mkdir()
        # in another process: a child's peak memory begins with that of its parent
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            size = pool.submit(gather, arguments.folder, texts, sections, arguments.megabytes).result()
        ours, stock = folder / "ours", folder / "stock"
        index = ["-m", "policysearch", "index", "-q", str(texts), "-i", str(ours)]
        builds = [
            Measured("stock recipe", ["-c", STOCK_BUILD, str(sections), str(stock)], fresh=stock),
            Measured("policysearch, one process", [*index, "--jobs", "1"], fresh=ours),
            Measured("policysearch, all processors", index, fresh=ours),
            Measured("jieba.cut_for_search alone", ["-c", JIEBA_ALONE, str(sections)]),
        ]
        take_turns(builds, arguments.rounds)
        search = ["-m", "policysearch", "search", "-i", str(ours), "--format", "json"]
        searches = [
            Measured(f"stock recipe: {QUERIES[0]}", ["-c", STOCK_SEARCH, str(stock), QUERIES[0]]),
            *(Measured(f"policysearch: {query}", [*search, query]) for query in QUERIES),
            Measured(f"policysearch: --exact {PHRASE}", [*search, "--exact", PHRASE, "-n", "10"]),
            Measured("floor: import click, whoosh.index, whoosh.qparser", ["-c", FLOOR]),
            Measured("floor: Python", ["-c", ""]),
        ]
        take_turns(searches, arguments.rounds * 5)
        count = sum(1 for _ in sections.open(encoding="utf-8"))
        print("# Benchmark\n")
        print(f"{machine()}.\n")
        print(f"{size / 1e6:.1f} MB of text in {len(os.listdir(texts))} documents and {count} sections; medians of")
        print(
            f"{arguments.rounds} builds and {arguments.rounds * 5} searches, each a process of its own, taking turns."
        )
        print(
            f"Index on disk: policysearch {disk(ours) / size:.2f} of the text, stock recipe {disk(stock) / size:.2f}."
        )
        print("The stock recipe's searches print ids only, this program's everything, with snippets.\n")
        print("\n".join(table("build", builds, "s")) + "\n")
        print("\n".join(table("cold search", searches, "ms")))


if __name__ == "__main__":
    main()
