"""The package as it is handed on: what the archives hold, one version everywhere, and the container."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest
import yaml
from conftest import ALL, ROOT, SOURCES, command_environment

import policysearch

NEEDED = {path.relative_to(ROOT).as_posix() for path in (ROOT / "policysearch").rglob("*") if path.is_file()}
NEEDED = {name for name in NEEDED if "__pycache__" not in name}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source archive, and the wheel that is built from it; without the network."""
    folder = tmp_path_factory.mktemp("archives")
    copy = folder / "copy"
    shutil.copytree(ROOT / "policysearch", copy / "policysearch", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    code = "import setuptools.build_meta as b, sys; print(getattr(b, 'build_' + sys.argv[1])(sys.argv[2]))"

    def built(kind: str, where: Path) -> Path:
        done = subprocess.run(
            [sys.executable, "-I", "-c", code, kind, str(folder)],
            cwd=where,
            env=command_environment(),
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=300,
        )
        return folder / done.stdout.splitlines()[-1]

    source = built("sdist", copy)
    with tarfile.open(source) as opened:
        opened.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    return source, built("wheel", unpacked)


def test_the_archives_hold_the_whole_package_and_nothing_else(archives: tuple[Path, Path]) -> None:
    source, wheel = archives
    with zipfile.ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
    assert held == NEEDED
    with tarfile.open(source) as archive:
        below = {name.partition("/")[2] for name in archive.getnames()}
    assert below >= NEEDED
    assert not {name for name in below if name.startswith(("tests", "sources", "index", "docs"))}


def test_the_version_is_one(archives: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(archives[1]) as opened:
        (name,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = opened.read(name).decode()
    assert f"\nVersion: {policysearch.__version__}\n" in metadata
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == policysearch.__version__
    assert (citation["cff-version"], citation["license"]) == ("1.2.0", "MIT")
    assert {"title", "message", "authors", "type"} <= citation.keys()


def test_issues_ask_for_what_is_needed() -> None:
    for template in (ROOT / ".github/ISSUE_TEMPLATE").iterdir():
        head, _, body = template.read_text(encoding="utf-8").removeprefix("---\n").partition("---\n")
        assert {"name", "about"} <= yaml.safe_load(head).keys()
        assert "policysearch info" in body
    assert "policysearch check" in (ROOT / ".github/ISSUE_TEMPLATE/bug.md").read_text(encoding="utf-8")


def test_every_extra_is_tried() -> None:
    """But those that change nothing that is printed where they are missing."""
    script = (ROOT / "scripts/try_extras.py").read_text(encoding="utf-8")
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8").partition("[options.extras_require]")[2]
    named = re.findall(r"^(\w+) =$", setup.partition("\n[")[0], re.MULTILINE)
    assert {name for name in named if f'"{name}": (' not in script} == {"all", "dev", "fast", "suggest"}


def container_tool() -> str:
    """Return a program that builds images and runs containers; the test is skipped where there is none."""
    for name in ("docker", "podman"):
        if shutil.which(name) and not subprocess.run([name, "info"], capture_output=True, timeout=60).returncode:
            return name
    pytest.skip("neither docker nor podman is found, or its service does not run")


@pytest.mark.skipif(not ALL, reason="slow, and needs the network; scripts/test --all")
def test_the_container_indexes_searches_and_serves(tmp_path: Path) -> None:
    tool = container_tool()
    image = "policysearch-test"

    def run(*arguments: str) -> str:
        done = subprocess.run([tool, *arguments], capture_output=True, encoding="utf-8", check=False, timeout=1800)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("build", "--tag", image, str(ROOT))
    try:
        mounts = ("--volume", f"{SOURCES}:/documents:ro", "--volume", f"{image}:/index")
        run("run", "--rm", *mounts, image, "index", "-q", "/documents")
        assert "营商环境" in run("run", "--rm", *mounts, image, "search", "营商环境")
        running = run("run", "--detach", "--publish", "127.0.0.1::8765", *mounts, image).strip()
        try:
            port = run("port", running, "8765").strip().rpartition(":")[2]
            info = None
            for _ in range(100):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/info", timeout=5) as answer:
                        info = json.load(answer)
                    break
                except (OSError, urllib.error.URLError):
                    subprocess.run(["sleep", "0.3"], check=True)
            assert info is not None
            assert info["documents"] == 20
        finally:
            run("rm", "--force", running)
    finally:
        run("volume", "rm", "--force", image)
