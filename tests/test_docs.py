"""The README and the pages of docs/ say what the program does."""

from __future__ import annotations

import doctest
import importlib
import itertools
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT, command_environment

import policysearch
from policysearch.cli.command_names import COMMANDS
from policysearch.search.hits import hit_columns

DOCS = ROOT / "docs"
READMES = sorted(ROOT.glob("README*.md"))
PAGES = (*ROOT.glob("*.md"), *DOCS.glob("*.md"), ROOT / "index" / "README.md")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def test_helps_and_outputs_are_those_of_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(ROOT / "scripts/update_docs.py"), "--check"],
        env=command_environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_it_opens_with_the_two_commands_and_is_short(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    block = text.partition("```sh\n")[2].partition("```")[0]
    assert [line.split()[0] for line in block.splitlines()] == ["scripts/search", "scripts/test"]
    assert len(text.splitlines()) <= 180


TWINS = [
    page.with_name(page.name.replace(".zh.", ".")) for page in (*READMES, *DOCS.glob("*.md")) if ".zh." in page.name
]


def twin_of(page: Path) -> Path:
    return page.with_name(page.name.replace(".md", ".zh.md"))


def blocks_of(page: Path) -> Iterator[tuple[str, ...]]:
    """Yield the blocks of a page by their kind, with what does not depend on its language."""
    lines = iter(page.read_text(encoding="utf-8").splitlines())
    before = ""
    for line in lines:
        kind = re.match(r"#+ |```\w+|\| |- |\d+\. |!\[|\*\*|", line)
        assert kind is not None
        if line.startswith("```"):
            code = itertools.takewhile(lambda one: one != "```", lines)
            yield (line, *(re.sub(r"(^|\s+)# .*", "", one) for one in code))
        elif line.startswith("|"):
            yield ("row", *re.findall(r"`[^`]+`", line.replace("\\|", "").split("|")[1]))
        elif kind[0] or (line and not before and not line.startswith(("<", " "))):
            yield (kind[0],)
        before = line


def numbers_of(page: Path) -> set[str]:
    """Return the numbers in the prose of a page."""
    prose = re.sub(
        r"```.*?```|`[^`]*`|\]\([^)]*\)|^\d+\.", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    # English pages write .6, Chinese ones 0.6
    return set(re.findall(r"\d+(?:[,.]\d+)*", re.sub(r"(?<![\w.])\.(?=\d)", "0.", prose)))


def names_of(page: Path) -> set[str]:
    """Return the commands, options, fields and values that a page names; a placeholder is in capitals or Chinese."""
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    spans = " ".join(re.findall(r"`([^`]+)`", prose))
    return set(re.findall(r"[-.\w]*[a-z][-.\w]*", spans, re.ASCII))


def links_of(page: Path) -> set[str]:
    """Return the targets of the links of a page, without its twin; those with a twin by their English names."""
    links = re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    own = (page.name, twin_of(page).name, page.name.replace(".zh.", "."))
    return {link.replace(".zh.", ".") for link in links if link not in own}


@pytest.mark.parametrize("page", TWINS, ids=lambda path: path.name)
def test_a_page_and_its_chinese_twin_are_in_step(page: Path) -> None:
    twin = twin_of(page)
    assert list(blocks_of(twin)) == list(blocks_of(page))
    assert numbers_of(twin) == numbers_of(page)
    assert names_of(twin) == names_of(page)
    assert links_of(twin) == links_of(page)


@pytest.mark.parametrize("page", TWINS, ids=lambda path: path.name)
def test_a_page_and_its_chinese_twin_link_to_each_other(page: Path) -> None:
    twin = twin_of(page)
    assert f"]({twin.name})" in page.read_text(encoding="utf-8")
    text = twin.read_text(encoding="utf-8")
    assert f"]({page.name})" in text
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert (
            link == page.name or not link.endswith(".md") or ".zh." in link or not twin_of(twin.parent / link).exists()
        ), link


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_there(command: str) -> None:
    assert f"\n## policysearch {command}\n" in text_of("docs/commands.md")


@pytest.mark.parametrize("field", hit_columns(True))
def test_every_field_is_explained(field: str) -> None:
    rows = [row for row in text_of("docs/outputs.md").splitlines() if row.startswith("| `")]
    assert any(f"`{field}`" in row.split("|")[1] for row in rows)


def test_every_dependency_has_its_reason() -> None:
    setup = text_of("setup.cfg")
    required = setup.partition("install_requires =")[2].partition("\n\n")[0]
    table = text_of("docs/dependencies.md").lower()
    for line in required.strip().splitlines():
        name = re.split("[ =>]", line.strip())[0]
        assert f"[{name}](https://pypi.org/project/{name}/)" in table


def test_every_page_is_reached_from_the_readme_and_the_site() -> None:
    site = text_of("mkdocs.yml")
    for page in DOCS.glob("*.md"):
        assert page.name in site, page.name
        if page.stem not in ("index", "reference") and ".zh" not in page.stem:
            assert f"docs/{page.name}" in text_of("README.md"), page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_site_builds(tmp_path: Path) -> None:
    mkdocs = shutil.which("mkdocs", path=str(Path(sys.executable).parent))
    if mkdocs is None:
        pytest.skip("mkdocs is not installed: pip install 'policysearch[dev]'")
    done = subprocess.run(
        [mkdocs, "build", "--strict", "--quiet", "--site-dir", tmp_path / "site"],
        cwd=ROOT,
        env=command_environment(NO_MKDOCS_2_WARNING="1", TMPDIR=str(tmp_path)),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    reference = (tmp_path / "site" / "reference.html").read_text(encoding="utf-8")
    for name in policysearch.__all__:
        assert name.startswith("__") or re.search(rf'id="policysearch\.[\w.]*\b{name}"', reference), name


def test_the_dictionaries_of_the_page_are_read() -> None:
    pytest.importorskip("yaml")
    blocks = re.findall(r"```(text|yaml)\n(.*?)```", text_of("docs/dictionaries.md"), re.DOTALL)
    read = [policysearch.read_dictionary(block.encode().splitlines(), f"a.{kind}") for kind, block in blocks]
    assert [one.concepts for one in read] == [
        ("改革", "双碳"),
        ("印度", "市场主体"),
        ("economy.growth", "economy.trade"),
    ]
    assert [(one.term, one.since, one.until) for one in read[1].entries[1:]] == [
        ("市场主体", None, "2022-10"),
        ("经营主体", "2022-11", None),
    ]


MODULES = sorted(one.name for one in pkgutil.walk_packages(policysearch.__path__, "policysearch."))


def test_examples_in_docstrings_hold() -> None:
    tried = 0
    for name in MODULES:
        if name.endswith("__main__"):
            continue
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:  # of an extra that is not installed
            if (error.name or "").startswith("policysearch"):
                raise
            continue
        results = doctest.testmod(module)
        assert not results.failed, name
        tried += results.attempted
    assert tried > 50
