"""The README says what the program does."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from conftest import ROOT, command_environment

from policysearch.cli.main import COMMANDS
from policysearch.search.hits import hit_columns

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_helps_and_outputs_are_those_of_the_program() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/update_readme.py"), "--check"],
        env=command_environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_it_opens_with_the_two_commands() -> None:
    block = README.partition("```sh\n")[2].partition("```")[0]
    assert [line.split()[0] for line in block.splitlines()] == ["scripts/search", "scripts/test"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_there(command: str) -> None:
    assert f"\n### policysearch {command}\n" in README


@pytest.mark.parametrize("field", hit_columns(True))
def test_every_field_is_explained(field: str) -> None:
    fields = README.partition("## Output")[2].partition("## Dependencies")[0]
    rows = [row for row in fields.splitlines() if row.startswith("| `")]
    assert any(f"`{field}`" in row.split("|")[1] for row in rows)


def test_every_dependency_has_its_reason() -> None:
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    required = setup.partition("install_requires =")[2].partition("\n\n")[0]
    table = README.partition("## Dependencies")[2].lower()
    for line in required.strip().splitlines():
        name = re.split("[ =>]", line.strip())[0]
        assert f"[{name}](https://pypi.org/project/{name}/)" in table


def test_every_link_leads_somewhere() -> None:
    for page in (
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/library.md",
        "index/README.md",
    ):
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert ((ROOT / page).parent / target).exists(), f"{page}: {target}"
