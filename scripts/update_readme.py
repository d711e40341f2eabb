"""Write into the README what the program itself says: the help of every command, and what the examples print.

    python scripts/update_readme.py            # write
    python scripts/update_readme.py --check    # exit with 1 and show the difference when it is not up to date

Between <!-- help --> and <!-- end of help --> stands each command's --help.
In blocks fenced as console, what follows a line "$ policysearch …" or
"$ scripts/search …" is its output, on an index of sources/ made for it;
blocks fenced as pycon are sessions of Python.
"""

from __future__ import annotations

import argparse
import difflib
import doctest
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
_HELP = re.compile(r"(<!-- help -->\n).*?(<!-- end of help -->)", re.DOTALL)
_CONSOLE = re.compile(r"(```console\n)(.*?)(```)", re.DOTALL)
_PYTHON = re.compile(r"```pycon\n(.*?)```", re.DOTALL)


class Place:
    """A folder with the samples and an index of them, where commands are run as the README says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "sources", folder / "sources")
        program = folder / "bin" / "policysearch"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m policysearch "$@"\n')
        program.chmod(0o755)
        self._environment = {
            **os.environ,
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "80",
        }
        for name in ("POLICYSEARCH_INDEX", "NO_COLOR", "FORCE_COLOR"):
            self._environment.pop(name, None)

    def output(self, command: str) -> str:
        """Return what a command line prints, errors included."""
        done = subprocess.run(
            ["bash", "-c", command.replace("scripts/search", "policysearch search")],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())


def updated(readme: str, place: Place) -> str:
    """Return the README with all outputs as they are now."""

    def console(found: re.Match[str]) -> str:
        commands = [line for line in found[2].splitlines() if line.startswith("$ ")]
        return found[1] + "\n".join(f"{line}\n{place.output(line[2:])}" for line in commands) + found[3]

    return _HELP.sub(lambda found: found[1] + helps(place) + found[2], _CONSOLE.sub(console, readme))


def helps(place: Place) -> str:
    """Return the help of the program and of each command, as Markdown."""
    from policysearch.cli.main import COMMANDS

    pieces = [f"```text\n{place.output('policysearch --help')}```\n"]
    for command in COMMANDS:
        help_text = place.output(f"policysearch {command} --help")
        pieces.append(f"### policysearch {command}\n\n```text\n{help_text}```\n")
    return "\n".join(pieces)


def sessions_hold(readme: str, place: Place) -> bool:
    """Run the README's Python sessions in the place; doctest shows what differs."""
    session = "\n".join(_PYTHON.findall(readme))
    os.chdir(place.folder)
    test = doctest.DocTestParser().get_doctest(session, {}, "README", str(README), 0)
    return doctest.DocTestRunner().run(test).failed == 0


def main() -> int:
    """Write the README, or tell whether it is up to date."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when it is not up to date")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    before = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = f"{name}/cache"
        place = Place(Path(name))
        after = updated(before, place)
        sessions = sessions_hold(after, place)
        os.chdir(ROOT)
    if not arguments.check:
        README.write_text(after, encoding="utf-8")
    elif after != before:
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "README.md", "as it is now", lineterm="")
        print("\n".join(lines))
        print("The README is not up to date. Run: python scripts/update_readme.py")
        return 1
    return 0 if sessions else 1


if __name__ == "__main__":
    sys.exit(main())
