"""Requirements: setup.cfg has the supported versions, requirements.lock those of tests and CI."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import pytest
from conftest import ALL, ROOT, SOURCES
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

CONFIG = configparser.ConfigParser()
CONFIG.read(ROOT / "setup.cfg", encoding="utf-8")
EXTRAS = dict(CONFIG["options.extras_require"])
PYTHONS = [
    line.split()[-1]
    for line in CONFIG["metadata"]["classifiers"].splitlines()
    if re.search(r"Python :: 3\.\d+$", line.strip())
]


def requirements(text: str) -> list[Requirement]:
    return [Requirement(line) for line in text.splitlines() if line.strip()]


def direct() -> Iterator[Requirement]:
    """Yield the requirements in setup.cfg to run, test and develop; not the package itself, whose extras these are."""
    for text in (CONFIG["options"]["install_requires"], *EXTRAS.values()):
        yield from (one for one in requirements(text) if one.name != "policysearch")


@dataclass
class Locked:
    """A line of the lock file.

    Attributes:
        hashes: One for each file of this version.
        wanted_by: What it is there for.
    """

    requirement: Requirement
    hashes: list[str] = field(default_factory=list)
    wanted_by: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> Version:
        (pin,) = self.requirement.specifier
        assert pin.operator == "=="
        return Version(pin.version)

    def is_for(self, python: str, platform: str, patch: str = "1") -> bool:
        marker = self.requirement.marker
        of = {"python_version": python, "python_full_version": f"{python}.{patch}", "sys_platform": platform}
        of |= {"implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": ""}
        return marker is None or marker.evaluate(of)


def locked() -> list[Locked]:
    found: list[Locked] = []
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        said = line.rstrip(" \\").strip()
        if not line.startswith((" ", "#")):
            found.append(Locked(Requirement(said)))
        elif said.startswith("--hash=sha256:"):
            found[-1].hashes.append(said.rpartition(":")[2])
        elif said.startswith("#"):
            found[-1].wanted_by.append(said.removeprefix("#").strip().removeprefix("via").strip())
    return found


LOCKED = locked()


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_holds_what_setup_asks_for(python: str, platform: str) -> None:
    """Repair it with scripts/lock."""
    pins: dict[str, Locked] = {}
    for one in LOCKED:
        if one.is_for(python, platform):
            assert one.name not in pins, f"{one.name} twice"
            pins[one.name] = one
    for wanted in direct():
        pin = pins[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(pin.version), f"{wanted} is locked as {pin.version}"


def test_every_locked_file_has_its_hash() -> None:
    for one in LOCKED:
        assert one.hashes, one.name
        assert all(re.fullmatch("[0-9a-f]{64}", said) for said in one.hashes), one.name


def test_nothing_is_locked_that_nobody_asks_for() -> None:
    ours = {one.name for one in LOCKED if any("policysearch" in by for by in one.wanted_by)}
    assert ours == {canonicalize_name(one.name) for one in direct()}
    assert all(one.wanted_by for one in LOCKED)
    # and what this environment's packages ask for is locked with them
    major, minor, patch = sys.version_info[:3]
    pins = {one.name: one for one in LOCKED if one.is_for(f"{major}.{minor}", sys.platform, str(patch))}
    for pin in pins.values():
        try:
            found = metadata.distribution(pin.name)
        except metadata.PackageNotFoundError:
            continue
        if Version(found.version) != pin.version:
            continue  # this environment was made otherwise
        for wanted in map(Requirement, found.requires or ()):
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)].version), f"{pin.name}: {wanted}"


def test_what_users_install_has_an_upper_bound() -> None:
    for one in direct():
        assert any(said.operator in ("<", "==") for said in one.specifier), f"{one} takes any version to come"


def test_all_is_every_extra_for_users() -> None:
    (itself,) = requirements(EXTRAS["all"])
    assert itself.name == "policysearch"
    assert itself.extras == set(EXTRAS) - {"all", "dev"}
    assert any(one.name == "policysearch" and one.extras == {"all"} for one in requirements(EXTRAS["dev"]))


def test_the_oldest_python_is_the_one_that_is_required() -> None:
    wanted = SpecifierSet(CONFIG["options"]["python_requires"])
    assert [wanted.contains(python) for python in ("3.9", *PYTHONS)] == [False, *[True] * len(PYTHONS)]


# installed


def find_python(version: str) -> str:
    """Return a Python of this version, as ``scripts/test`` finds it; the test is skipped where there is none."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" == version:
        return sys.executable
    wanted = f"import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for found in (shutil.which(f"python{version}"), *sorted(pyenv.glob(f"{version}*/bin/python3"))):
        # a launcher of pyenv's is on the path whether there is one behind it or not
        if found and not subprocess.run([found, "-I", "-c", wanted], capture_output=True).returncode:
            return str(found)
    pytest.skip(f"no Python {version} was found")


def test_the_scripts_name_the_versions_they_find() -> None:
    told = subprocess.run(
        ["bash", "-c", '. "$0" && found_versions', ROOT / "scripts/environment.sh"], capture_output=True, text=True
    )
    versions = told.stdout.split()
    assert [version for version in PYTHONS if version in versions] == versions
    for version in versions:
        try:
            find_python(version)
        except pytest.skip.Exception:
            pytest.fail(f"the tests do not find Python {version}, scripts/test does")


@pytest.mark.skipif(not ALL, reason="slow, and needs the network; scripts/test --all")
@pytest.mark.parametrize("version", PYTHONS)
def test_it_is_installed_from_the_lock_and_runs(version: str, tmp_path: Path) -> None:
    """As on a machine that has nothing but this Python."""
    python = find_python(version)
    copy = tmp_path / "copy"
    names = ("policysearch", "scripts", "setup.cfg", "pyproject.toml", "requirements.lock", "README.md", "LICENSE")
    for name in names:
        of = ROOT / name
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(of, copy / name, ignore=ignored) if of.is_dir() else shutil.copy(of, copy)
    path = tmp_path / "bin"
    path.mkdir()
    (path / "python3").symlink_to(python)
    environment = {"PATH": f"{path}:/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}

    def run(*arguments: str | Path) -> str:
        done = subprocess.run(arguments, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=1800)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("bash", "-c", '. "$0/scripts/environment.sh" && environment test dev', copy)
    own = copy / ".venv" / "bin" / "python"
    patch = run(own, "--version").removeprefix(f"Python {version}.").strip()
    assert patch.isdigit()
    run(own, "-m", "pip", "check")
    freeze = run(own, "-m", "pip", "freeze", "--all", "--exclude", "pip", "--exclude", "policysearch").splitlines()
    installed = {canonicalize_name(one.partition("==")[0]): Version(one.partition("==")[2]) for one in freeze}
    assert installed == {one.name: one.version for one in LOCKED if one.is_for(version, sys.platform, patch)}
    strict = (own, "-I", "-W", "error::DeprecationWarning:policysearch", "-m", "policysearch")
    index = tmp_path / "index"
    run(*strict, "index", "-q", SOURCES, "-i", index)
    assert "营商环境" in run(*strict, "search", "营商环境", "-i", index)
    assert run(*strict, "count", "营商环境", "--by", "year", "--format", "csv", "-i", index).count("\n") > 1
    run(*strict, "check", "-i", index)
