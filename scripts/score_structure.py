"""Print a Markdown table: how well outline finds what the reference corpus marks.

    python scripts/score_structure.py > docs/structure-scores.md

Runs the scorer of the reference corpus (the folder in POLICYSEARCH_REFERENCE,
by default ../shared) on this checkout. With ``--broken`` the table tells of
clean documents whose lines were broken again (``broken_lines.py``).
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


def reference() -> Path:
    """Return the folder of the reference corpus; it may not be there."""
    return Path(os.environ.get("POLICYSEARCH_REFERENCE", ROOT.parent / "shared")).resolve()


def scores(marks: str, documents: str) -> list[dict[str, Any]]:
    """Return what the scorer says of each document in one set."""
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


def table() -> list[str]:
    """Return the lines of the table."""
    lines = [
        "| document | headings | F1 | levels | optional | metadata | boilerplate | kept | articles |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for marks, documents in SETS:
        results = scores(marks, documents)
        lines += [row(r["id"], [r]) for r in results]
        lines.append(row(f"**{marks}**", results))
    return lines


if __name__ == "__main__":
    if not (reference() / "gold" / "score.py").exists():
        sys.exit(f"No reference corpus in '{reference()}'. Name its folder in POLICYSEARCH_REFERENCE.")
    if sys.argv[1:] == ["--broken"]:
        import broken_lines

        print("\n".join(broken_lines.table(reference())))
    else:
        print("\n".join(table()))
