"""Measure how building and searching grow with the collection, and print a Markdown table.

    python scripts/scale.py [--index ADDRESS] [--megabytes 8,40,160] [FOLDER]

Without an address, the embedded engine in a temporary folder. An address is that of an index to be made for this, as
opensearch+http://localhost:9200/scale; take it away afterwards. The documents are those of FOLDER, by default the
reference corpus (POLICYSEARCH_REFERENCE, or ../shared), again under other names until there are as many megabytes
(10⁶ bytes of text). Every measurement is a process of its own; searches are run five times, and medians printed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

from benchmark import ROOT, Measured, disk, gather, machine

QUERIES = {
    "one word": ["search", "营商环境"],
    "two words": ["search", "优化 营商环境"],
    "a phrase": ["search", "--exact", "优化营商环境"],
    "one character": ["search", "--exact", "的"],
    "in one sentence": ["search", "句(营商环境 满意度)"],
}
ALL_OF = {
    "count, by year": ["count", "营商环境", "--by", "year", "--format", "csv"],
    "kwic": ["kwic", "营商环境", "--format", "csv"],
    "batch of 100 words": ["batch", "TOPICS", "--format", "csv"],
    "batch, all hits": ["batch", "ONE", "-n", "100000000", "--format", "csv"],
}


def stored_bytes(address: str, folder: Path) -> int:
    """Return what an index takes on disk; of OpenSearch, its primary shards."""
    if "://" not in address:
        return disk(folder)
    from urllib.request import urlopen

    parts = urlsplit(address.removeprefix("opensearch+"))
    name = parts.path.strip("/")
    asked = f"{parts.scheme}://{parts.netloc}/{name}*/_stats/store?expand_wildcards=all"
    with urlopen(asked) as answer:
        return int(json.load(answer)["_all"]["primaries"]["store"]["size_in_bytes"])


def topics(folder: Path, sections: Path) -> tuple[Path, Path]:
    """Write a hundred words drawn from the texts, and one word that stands in many; return both files."""
    texts = [json.loads(line)["text"] for line in sections.open(encoding="utf-8")]
    step = max(1, len(texts) // 500)
    words = [text[len(text) // 2 :][:2] for text in texts[::step]]
    words = [word for word in dict.fromkeys(words) if len(word) == 2 and word.isalpha() and not word.isascii()][:100]
    many, one = folder / "topics.txt", folder / "one.txt"
    many.write_text("\n".join(words) + "\n", encoding="utf-8")
    one.write_text("发展\n", encoding="utf-8")
    return many, one


def measure(folder: Path, source: Path, megabytes: float, address: str | None) -> dict[str, str]:
    """Return the cells of one column of the table."""
    texts, sections, place = folder / "texts", folder / "sections.jsonl", folder / "index"
    for path in (texts, place):
        path.mkdir()
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        size = pool.submit(gather, source, texts, sections, megabytes).result()
    files = dict(zip(("TOPICS", "ONE"), map(str, topics(folder, sections)), strict=True))
    index = address or str(place)
    program = ["-m", "policysearch"]
    build = Measured("build", [*program, "index", "-q", "--rebuild", str(texts), "-i", index])
    build.run()
    done = subprocess.run(
        [sys.executable, *program, "info", "-i", index, "--format", "json"], cwd=ROOT, capture_output=True, check=False
    )
    info = json.loads(done.stdout or "{}")
    count = sum(1 for _ in sections.open(encoding="utf-8"))
    stored = stored_bytes(index, place)
    cells = {
        "text, MB": f"{size / 1e6:.1f}",
        "documents": str(info.get("documents", len(os.listdir(texts)))),
        "sections": str(count),
        "build, s": f"{build.seconds[0]:.1f}",
        "build, CPU s of this program": f"{build.cpu[0]:.1f}",
        "build, peak MB of its largest process": f"{build.peak[0]:.0f}",
        "stored, MB": f"{stored / 1e6:.1f}",
        "stored, bytes a section": f"{stored / count:.0f}",
    }
    for label, command in {**QUERIES, **ALL_OF}.items():
        arguments = [files.get(one, one) for one in command]
        measured = Measured(label, [*program, *arguments, "-i", index])
        for _ in range(5 if label in QUERIES else 1):
            measured.run()
        cells[f"{label}, ms"] = f"{statistics.median(measured.seconds) * 1000:.0f}"
        cells[f"{label}, peak MB"] = f"{statistics.median(measured.peak):.0f}"
    return cells


def table(columns: Sequence[dict[str, str]]) -> str:
    """Return the columns as a Markdown table, a row for each kind of figure."""
    lines = []
    for n, row in enumerate(columns[0]):
        lines.append(f"| {row} | " + " | ".join(column[row] for column in columns) + " |")
        if n == 0:
            lines.append("| --- |" + " ---: |" * len(columns))
    return "\n".join(lines)


def main() -> None:
    """Measure every size, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reference = Path(os.environ.get("POLICYSEARCH_REFERENCE") or ROOT.parent / "shared")
    parser.add_argument("folder", nargs="?", type=Path, default=reference, help="what to index")
    parser.add_argument("--index", help="where; default: the embedded engine, in a temporary folder")
    parser.add_argument("--megabytes", default="8,40,160", help="sizes of the text, in 10^6 bytes, with commas")
    arguments = parser.parse_args()
    columns = []
    for megabytes in map(float, arguments.megabytes.split(",")):
        with tempfile.TemporaryDirectory() as name:
            os.environ["XDG_CACHE_HOME"] = os.environ["TMPDIR"] = name
            columns.append(measure(Path(name), arguments.folder, megabytes, arguments.index))
    print(f"{machine()}.\n\n{table(columns)}")


if __name__ == "__main__":
    main()
