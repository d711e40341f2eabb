"""Measure how building, searching and exhaustive output grow with the collection, and print a Markdown table.

    python scripts/scale.py [--index ADDRESS] FOLDER…

A column for each folder of documents. Without an address, the embedded engine in a temporary folder. An address is that
of an index to be made for this and taken away afterwards, as opensearch+http://localhost:9200/scale. Every measurement
is a process of its own; searches are run five times, and medians printed. Trust CPU before wall where the machine has
other work; the CPU is that of this program, not of a cluster.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5
_STATED = 15.0  # seconds after which OpenSearch has looked again at how large an index is
ALL = "1000000000"
WORDS = (
    "营商环境 优化 发展 企业 改革 乡村振兴 公路 项目 服务 数字经济 生态 保护 投资 增长 建设 就业 教育 医疗 农业 法治"
)

SEARCHES = {
    "one word": ["search", "营商环境"],
    "two words": ["search", "优化 营商环境"],
    "a phrase": ["search", "--exact", "优化营商环境"],
    "one character": ["search", "--exact", "的"],
    "in one sentence": ["search", "句(营商环境 满意度)"],
}
REST = {
    "batch of 20 words": ["batch", "TOPICS", "--format", "csv"],
    "all hits of a frequent word, by id": ["batch", "ONE", "-n", ALL, "--sort", "document", "--format", "csv"],
    "all hits of a frequent word, by score": ["batch", "ONE", "-n", ALL, "--format", "csv"],
    "count by year": ["count", "发展", "--by", "year", "--format", "csv"],
    "kwic": ["kwic", "发展", "--format", "csv"],
}


@dataclass
class Took:
    """The cost of one run: seconds of wall and of CPU, MB at the peak of its largest process, lines printed."""

    wall: float
    cpu: float
    peak: float
    lines: int


def run(*arguments: str) -> Took:
    """Run the command. Raises ``RuntimeError`` when it fails."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "policysearch", *arguments], cwd=ROOT, stdout=out, stderr=said
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode > 1:  # 1: nothing was found
            said.seek(0)
            raise RuntimeError(f"{arguments} failed:\n{said.read().decode(errors='replace')}")
        out.seek(0)
        lines = sum(1 for _ in out)
    peak = used.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return Took(wall, used.ru_utime + used.ru_stime, peak, lines)


def info(index: str) -> Mapping[str, Any]:
    """Return the description of an index."""
    command = [sys.executable, "-I", "-m", "policysearch", "info", "-i", index, "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    said: Mapping[str, Any] = json.loads(done.stdout)
    return said


def stored(index: str) -> Iterator[tuple[str, int]]:
    """Yield names and their bytes on disk; of OpenSearch, one copy of each of the newest generation's indices."""
    if "://" not in index:
        yield "index", sum(path.stat().st_size for path in Path(index).rglob("*") if path.is_file())
        return
    from urllib.request import urlopen

    time.sleep(_STATED)
    parts = urlsplit(index.removeprefix("opensearch+"))
    name = parts.path.strip("/")
    with urlopen(f"{parts.scheme}://{parts.netloc}/{name}-g*/_stats/store") as answer:
        indices = json.load(answer)["indices"]
    newest: dict[str, tuple[int, int]] = {}
    for index_name, about in indices.items():
        generation, _, kind = index_name.removeprefix(f"{name}-g").partition("-")
        size = int(about["primaries"]["store"]["size_in_bytes"])
        newest[kind] = max(newest.get(kind, (0, 0)), (int(generation), size))
    yield from ((kind, size) for kind, (_, size) in sorted(newest.items()))


def measure(folder: Path, index: str, scratch: Path) -> dict[str, str]:
    """Return the cells of one column."""
    many, one = scratch / "topics.txt", scratch / "one.txt"
    many.write_text("\n".join(WORDS.split()) + "\n", encoding="utf-8")
    one.write_text("发展\n", encoding="utf-8")
    files = {"TOPICS": str(many), "ONE": str(one)}
    build = run("index", "-q", "--rebuild", str(folder.resolve()), "-i", index)
    about = info(index)
    sections = about["sections"]
    cells = {
        "text, MB": f"{about['bytes'] / 1e6:.1f}",
        "documents": f"{about['documents']:,}",
        "sections": f"{sections:,}",
        "build, s": f"{build.wall:.1f}",
        "build, CPU s": f"{build.cpu:.1f}",
        "build, peak MB": f"{build.peak:.0f}",
    }
    for what, size in stored(index):
        cells[f"{what}, MB on disk"] = f"{size / 1e6:.1f}"
        cells[f"{what}, bytes on disk for a section"] = f"{size / sections:.0f}"
    for label, command in {**SEARCHES, **REST}.items():
        arguments = [files.get(word, word) for word in command]
        tries = [run(*arguments, "-i", index) for _ in range(ROUNDS if label in SEARCHES else 1)]
        cells[f"{label}: s"] = f"{statistics.median(took.wall for took in tries):.2f}"
        cells[f"{label}: peak MB"] = f"{statistics.median(took.peak for took in tries):.0f}"
        if label in REST:
            cells[f"{label}: lines"] = f"{tries[0].lines:,}"
    return cells


def table(columns: Sequence[Mapping[str, str]]) -> str:
    """Return the columns as a Markdown table, a row for each kind of figure."""
    lines = []
    for n, row in enumerate(columns[0]):
        lines.append(f"| {row} | " + " | ".join(column[row] for column in columns) + " |")
        if n == 0:
            lines.append("| --- |" + " ---: |" * len(columns))
    return "\n".join(lines)


def main() -> None:
    """Measure every folder, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="documents to index")
    parser.add_argument("--index", help="where; default: the embedded engine, in a temporary folder")
    arguments = parser.parse_args()
    columns = []
    for folder in arguments.folders:
        with tempfile.TemporaryDirectory() as name:
            columns.append(measure(folder, arguments.index or f"{name}/index", Path(name)))
    print(f"{platform.system()}, {os.cpu_count()} processors, Python {platform.python_version()}.\n\n{table(columns)}")


if __name__ == "__main__":
    main()
