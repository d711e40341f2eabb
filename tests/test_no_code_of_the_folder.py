"""No code of the folder runs: commands run where every module that they import has a namesake, and none is executed."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ALL, ROOT, SOURCES, Run, command_environment
from crashes import FAULTS, REPORT

from policysearch.parallel.import_path import safe_path

pytestmark = pytest.mark.one_python

TRIED = {"brotli", "brotlicffi", "org", "pkg_resources", "rnc2rng", "zstandard"}
"""Modules that libraries try to import and that may not be installed."""

MODULES = sorted(
    {*sys.stdlib_module_names, *importlib.metadata.packages_distributions(), *TRIED}
    | {"policysearch", "sitecustomize", "usercustomize", "__main__", "__init__"}
)
"""Every module that any process could import, and more."""

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("index", ".", "-i", "../index", "--jobs", "2", "--dictionary", "words.txt"),
    ("search", "-i", "../index", "公路 改革"),
    ("search", "-i", "../index", "公路改革与乡村振兴", "--format", "json", "--explain"),
    ("batch", "-i", "../index", "topics.txt", "--jobs", "2", "--format", "csv", "--manifest", "../manifest.json"),
    ("count", "-i", "../index", "改革", "--by", "year", "--plot", "../drawing.svg"),
    ("kwic", "-i", "../index", "公路"),
    ("list", "-i", "../index"),
    ("show", "-i", "../index", "a.txt"),
    ("info", "-i", "../index"),
    ("outline", "d.pdf"),
    ("outline", "d.docx"),
    ("check", "-i", "../index", "--repair"),
    ("index", "-i", "../index", "--rebuild"),
)
FEW = ("index .", "batch", "count", "outline d.pdf")
SOME = (*FEW, "search -i ../index 公路 改革", "kwic", "check")


def sources(folder: Path) -> None:
    """Put one source of each format into a folder."""
    folder.mkdir()
    for ending in ("txt", "md", "html"):
        (folder / f"a.{ending}").write_text(REPORT)
    for kind in ("pdf", "docx"):
        shutil.copy(next(SOURCES.rglob(f"*.{kind}")), folder / f"d.{kind}")
    (folder / "e.csv").write_text("title,text\n决定,深化改革。\n")
    (folder / "f.jsonl").write_text('{"text": "修建公路。"}\n')
    (folder / "metadata.yaml").write_text("a.txt: {year: 2024}\n")
    (folder / "topics.txt").write_text("改革\n公路 改革\n")
    (folder / "words.txt").write_text("乡村公路 5\n")


def namesakes(folder: Path, first: int) -> Path:
    """Give every module a namesake in a folder, files and packages in turn; return the file that each writes to."""
    ran = folder.parent / "ran"
    code = f"with open({str(ran)!r}, 'a') as file:\n    file.write(__file__ + '\\n')\n"
    for number, name in enumerate(MODULES, first):
        if number % 2 and not name.startswith("__"):
            (folder / name).mkdir()
            (folder / name / "__init__.py").write_text(code)
            (folder / name / "__main__.py").write_text(code)
        else:
            (folder / f"{name}.py").write_text(code)
    (folder / "evil.pth").write_text("import evil\n")
    os.mkfifo(folder / "matplotlibrc")  # reading it would take for ever
    return ran


def as_installed(tmp_path: Path) -> list[str]:
    script = tmp_path / "bin/policysearch"
    script.parent.mkdir()
    script.write_text("import sys\nfrom policysearch.__main__ import run\nsys.exit(run())\n")
    return [sys.executable, str(script)]


STARTS: dict[str, Callable[[Path], list[str]]] = {
    "as installed": as_installed,
    "python -I -m": lambda tmp_path: [sys.executable, "-I", "-m", "policysearch"],
    "python -m": lambda tmp_path: [sys.executable, "-m", "policysearch"],
}


def before_the_program(environment: dict[str, str]) -> set[str]:
    """Return the modules that Python itself imports, or looks for, before ``python -m`` runs a line of this program."""
    done = subprocess.run(
        [sys.executable, "-m", "shown"], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    return {*done.stdout.split(), "policysearch", "sitecustomize", "usercustomize"}


@pytest.mark.parametrize("first", [0, 1], ids=["", "the other way round"])
@pytest.mark.parametrize("start", STARTS)
def test_no_namesake_in_the_folder_is_executed(tmp_path: Path, start: str, first: int) -> None:
    if first and not ALL:
        pytest.skip("only with scripts/test --all")
    docs = tmp_path / "docs"
    sources(docs)
    ran = namesakes(docs, first)
    environment = command_environment()
    if start == "python -m":
        (tmp_path / "probe/shown").mkdir(parents=True)
        (tmp_path / "probe/shown/__init__.py").touch()
        (tmp_path / "probe/shown/__main__.py").write_text("import sys\nprint(*sys.modules)\n")
        for name in before_the_program({**environment, "PYTHONPATH": str(tmp_path / "probe")}):
            (docs / f"{name}.py").unlink(missing_ok=True)
            shutil.rmtree(docs / name, ignore_errors=True)
    if start == "python -I -m" and subprocess.run([sys.executable, "-I", "-c", "import policysearch"]).returncode:
        pytest.skip("the package is not installed")
    command = STARTS[start](tmp_path)
    for arguments in COMMANDS:
        if not ALL and not " ".join(arguments).startswith(SOME if start == "as installed" else FEW):
            continue
        done = subprocess.run(
            [*command, *arguments],
            cwd=docs,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert not ran.exists(), (arguments, ran.read_text())
        expected = 2 if arguments[0] == "index" else 0  # there are files of no kind
        assert done.returncode == expected, (arguments, done.stderr)
    assert (tmp_path / "drawing.svg").exists()


def test_every_module_that_is_imported_has_a_namesake(run: Run, tmp_path: Path) -> None:
    if not ALL:
        pytest.skip("only with scripts/test --all")
    docs = tmp_path / "docs"
    sources(docs)
    log = tmp_path / "modules"
    for arguments in COMMANDS:
        subprocess.run(
            [sys.executable, "-m", "policysearch", *arguments],
            cwd=docs,
            env=command_environment(PYTHONPATH=os.pathsep.join([str(FAULTS), str(ROOT)]), FAULT_MODULES=str(log)),
            capture_output=True,
            timeout=120,
            check=False,
        )
    imported = {name.partition(".")[0] for name in log.read_text().splitlines()}
    assert {"pypdfium2", "lxml", "matplotlib", "yaml", "numpy", "multiprocessing"} <= imported
    # what is made by a compiled module, or found by a finder of its own, is looked for in no folder
    made = ("_cython_", "cython_runtime", "__mp_main__", "__editable__", "_sysconfigdata")
    assert {name for name in imported if not name.startswith(made)} - set(MODULES) == set()


@pytest.mark.parametrize("path", ["", ".", ":", "{docs}", "{link}", ".:{root}", "docs", "../docs"])
def test_what_leads_to_the_current_folder_is_no_place_to_import_from(tmp_path: Path, path: str) -> None:
    docs = tmp_path / "docs"
    (docs / "docs").mkdir(parents=True)
    (tmp_path / "link").symlink_to(docs)
    shown = "import sys\nsys.path.append({root!r})\nfrom policysearch.parallel.import_path import safe_path\n"
    shown += "sys.path.remove({root!r})\nsys.path[:0] = ['', '.', 'docs']\nprint(*safe_path(), sep='\\n')\n"
    done = subprocess.run(
        [sys.executable, "-c", shown.format(root=str(ROOT))],
        cwd=docs,
        env={**os.environ, "PYTHONPATH": path.format(docs=docs, link=tmp_path / "link", root=ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    entries = done.stdout.splitlines()
    assert not [entry for entry in entries if not os.path.isabs(entry) or Path(entry).resolve().is_relative_to(docs)]
    assert (str(ROOT) in entries) == ("{root}" in path)
    assert any(Path(entry, "click").is_dir() for entry in entries)


def test_the_places_where_python_is_installed_stay_even_as_current_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import click

    for place in (Path(os.__file__).parent, Path(click.__file__).parent.parent):
        monkeypatch.chdir(place)
        assert str(place) in map(os.path.realpath, safe_path())


def test_a_checkout_works_as_current_folder_and_nothing_else_of_it_is_imported(tmp_path: Path) -> None:
    checkout, ran = tmp_path / "checkout", tmp_path / "ran"
    shutil.copytree(ROOT / "policysearch", checkout / "policysearch", ignore=shutil.ignore_patterns("__pycache__"))
    reader = checkout / "policysearch/sources/readers/pdf.py"
    reader.write_text(
        reader.read_text().replace(
            "\ndef extract_pages() -> None:", "\ndef extract_pages() -> None:\n    raise SystemExit(3)"
        )
    )
    for name in ("json", "click", "lxml", "pypdfium2", "dataclasses", "__future__", "resource", "subprocess"):
        (checkout / f"{name}.py").write_text(f"open({str(ran)!r}, 'a').write(__file__)\n")
    shutil.copy(next(SOURCES.rglob("*.pdf")), checkout / "d.pdf")
    done = subprocess.run(
        [sys.executable, "-m", "policysearch", "outline", "d.pdf"],
        cwd=checkout,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert not ran.exists(), ran.read_text()
    assert "Traceback" not in done.stderr
    # the process that reads PDF has its code from there too
    assert (done.returncode, "PDFium" in done.stderr) == (2, True), done.stderr
