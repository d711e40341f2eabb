"""Print a Markdown table: how well outline finds what the reference corpus marks.

    python scripts/score_structure.py

Runs the scorer of the reference corpus (the folder in POLICYSEARCH_REFERENCE,
by default ../shared) on this checkout; the last rows are sums by kind of
document. With ``--broken`` the table tells of clean documents whose lines were
broken again (``broken_lines.py``). With ``--unmarked FOLDER…`` it tells of the
documents below any folders, by checks that need no marks (``cross_checks.py``).
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SETS = (("gold", "reports"), ("gold/more", "corpus"))
"""Folders of marks and of the documents they mark, below the reference."""
REPORT = "政府工作报告"
"""The kind of documents whose marks name none."""


def reference() -> Path:
    """Return the folder of the reference corpus; it may not be there."""
    return Path(os.environ.get("POLICYSEARCH_REFERENCE", ROOT.parent / "shared")).resolve()


def scores(marks: str, documents: str) -> list[dict[str, Any]]:
    """Return the scores of each document in one set."""
    folder = reference()
    command = shlex.join([sys.executable, "-I", "-m", "policysearch"])
    with tempfile.TemporaryDirectory() as work:
        out = Path(work) / "scores.json"
        subprocess.run(
            [sys.executable, folder / "gold" / "score.py", "--json", out, folder / marks, folder / documents, command],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        found: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))["documents"]
    return found


def f1(results: list[dict[str, Any]]) -> float:
    """Return F1 of the required headings over all ``results``."""
    hit, extra, missed = (sum(r[name] for r in results) for name in ("tp", "fp", "fn"))
    return 2 * hit / (2 * hit + extra + missed) if hit else 0.0


def row(name: str, results: list[dict[str, Any]]) -> str:
    """Return one row of the table: a document, or the sum of several."""

    def total(key: str) -> int:
        return sum(r[key] for r in results)

    values = [value[0] for r in results for value in r["metadata"].values()]
    articles = total("article_count")
    cells = [
        name,
        str(total("tp") + total("fn")),
        f"{f1(results):.3f}",
        f"{total('level_ok')}/{total('tp')}",
        f"{total('optional_found')}/{total('optional')}",
        f"{values.count('ok')}/{len(values)}",
        str(sum(len(r["leaks"]) for r in results)),
        f"{total('keep') - sum(len(r['lost']) for r in results)}/{total('keep')}",
        f"{total('articles')}/{articles}" if articles else "",
    ]
    return "| " + " | ".join(cells) + " |"


def kind_of(marks: str, name: str) -> str:
    """Return the kind of a document, as its marks have it."""
    (path,) = (reference() / marks).glob(f"{name}*.json")
    metadata: dict[str, str | None] = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    return metadata.get("doc_type") or REPORT


def table() -> list[str]:
    """Return the lines of the table."""
    lines = [
        "| document | headings | F1 | levels | optional | metadata | boilerplate | kept | articles |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    kinds: dict[str, list[dict[str, Any]]] = {}
    for marks, documents in SETS:
        results = scores(marks, documents)
        lines += [row(r["id"], [r]) for r in results]
        lines.append(row(f"**{marks}**", results))
        for one in results:
            kinds.setdefault(kind_of(marks, one["id"]), []).append(one)
    lines += [row(f"**{kind}** ({len(results)})", results) for kind, results in kinds.items()]
    return lines


if __name__ == "__main__":
    if sys.argv[1:2] == ["--unmarked"]:
        import cross_checks

        folders = [Path(name) for name in sys.argv[2:]]
        if not folders or not all(folder.exists() for folder in folders):
            sys.exit("Name one or more folders of documents: score_structure.py --unmarked FOLDER…")
        print("\n".join(cross_checks.table(folders)))
        sys.exit()
    if not (reference() / "gold" / "score.py").exists():
        sys.exit(f"No reference corpus in '{reference()}'. Name its folder in POLICYSEARCH_REFERENCE.")
    if sys.argv[1:] == ["--broken"]:
        import broken_lines

        print("\n".join(broken_lines.table(reference())))
    else:
        print("\n".join(table()))
