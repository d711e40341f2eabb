"""The notebook of the docs runs, cell by cell, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, command_environment

NOTEBOOK = ROOT / "docs" / "study.ipynb"

# Jupyter is not installed for tests: what a cell shows is its last expression
RUNNER = """
import ast, json, sys, types

def display(*shown):
    assert all(shown)

class SVG:
    def __init__(self, data):
        assert data.lstrip().startswith(b"<?xml")

ipython = types.ModuleType("IPython")
ipython.version_info = (9, 0)  # matplotlib looks at it
ipython.display = types.ModuleType("IPython.display")
ipython.display.display, ipython.display.SVG = display, SVG
sys.modules.update({"IPython": ipython, "IPython.display": ipython.display})
names = {"__name__": "__main__"}
shown = []
for source in json.load(sys.stdin):
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        shown.append([type(value).__name__, len(value) if hasattr(value, "__len__") else None])
panel = names["panel"]
print(json.dumps([shown, str(names["work"]), len(names["sheet"]), len(panel), sorted(set(panel.term))]))
"""


def test_the_notebook_goes_from_reports_to_a_figure(tmp_path: Path) -> None:
    for library in ("pandas", "matplotlib", "yaml"):
        pytest.importorskip(library)
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert all(not cell["outputs"] for cell in cells if cell["cell_type"] == "code")
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(sources),
        cwd=ROOT / "docs",
        env={**command_environment(), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown, work, coded, rows, concepts = json.loads(done.stdout)
    assert concepts == ["economy.digital", "economy.market", "society.care"]
    assert coded == 20
    assert rows == 3 * 9
    assert ["DataFrame", 9] in shown  # the reports
    assert all(size for kind, size in shown if kind == "DataFrame")
    assert (Path(work) / "figure.svg").read_text(encoding="utf-8").count("年份") == 1
    assert len((Path(work) / "to-code.csv").read_text(encoding="utf-8").splitlines()) >= 21
