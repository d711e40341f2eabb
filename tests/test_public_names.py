"""The public face: what it exports is what the reference page explains, with types and docstrings, and nothing else."""

from __future__ import annotations

import inspect
import pydoc
import re
import subprocess
import sys

import pytest
from conftest import ROOT, command_environment

import policysearch

PAGE = (ROOT / "docs/library.md").read_text(encoding="utf-8")


def documented() -> set[str]:
    """Return the names that the page has in the first column of a table, but methods."""
    tables = re.sub(r"## An open index\n.*?(?=\n## )", "", PAGE, flags=re.DOTALL)
    rows = [line.split("|")[1] for line in tables.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_the_reference_page_has_every_exported_name_and_no_other() -> None:
    assert documented() | {"Index", "__version__"} == set(policysearch.__all__)
    assert "`Index` is what" in PAGE
    assert "`__version__`" in PAGE


def test_the_reference_page_has_every_method_of_an_index() -> None:
    table = PAGE.partition("## An open index")[2].partition("\n## ")[0]
    named = {
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    internal = {"prepare", "selection", "refuse_when_closed", "closed", "engine", "reads_paths"}
    public = {name for name in dir(policysearch.Index) if not name.startswith("_")}
    assert named == public - internal


@pytest.mark.parametrize("name", [name for name in policysearch.__all__ if name != "__version__"])
def test_every_exported_name_has_types_and_a_docstring(name: str) -> None:
    found = getattr(policysearch, name)
    assert inspect.getdoc(found)
    if inspect.isfunction(found):
        signature = inspect.signature(found)
        assert signature.return_annotation is not inspect.Signature.empty
        assert all(one.annotation is not inspect.Parameter.empty for one in signature.parameters.values())


def test_internals_are_in_neither_dir_nor_help() -> None:
    assert {name for name in dir(policysearch) if not name.startswith("__")} | {"__version__"} == set(
        policysearch.__all__
    )
    said = pydoc.render_doc(policysearch, renderer=pydoc.plaintext)  # type: ignore[attr-defined]
    described = said.partition("\nCLASSES\n")[2] or said.partition("\nFUNCTIONS\n")[2]
    assert re.search(r"\n    index_sources\(", described)
    assert not re.search(r"\n    _[a-z]", described.partition("\nDATA\n")[0])


def test_importing_the_package_imports_nothing_else_and_names_come_when_asked_for() -> None:
    code = (
        "import sys, policysearch\n"
        "before = {name for name in sys.modules if name.startswith('policysearch')}\n"
        "policysearch.open_index\n"
        "after = {name for name in sys.modules if name.startswith('policysearch')}\n"
        "print(sorted(before), 'policysearch.index' in after, 'policysearch.documents' in after)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=command_environment(), capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "['policysearch'] True False\n"


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        policysearch.Nothing  # type: ignore[attr-defined]  # noqa: B018
