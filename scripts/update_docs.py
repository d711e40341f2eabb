"""Write into the README and the pages of docs/ what the program itself says: helps, and what the examples print.

    python scripts/update_docs.py            # write
    python scripts/update_docs.py --check    # exit with 1 and show the difference when a page is not up to date

Between <!-- help --> and <!-- end of help --> stands each command's --help,
between <!-- names of values --> (or functions, or errors) and <!-- end of names -->
where the site takes their docstrings from. In blocks fenced as console, what follows a line "$ policysearch …" or
"$ scripts/search …" is its output, on an index of sources/ made for each
page; blocks fenced as pycon are sessions of Python, which are run and held to
what they show. Pages that run the same, as a page and its Chinese twin do, are
run once.
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
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").glob("*.md")))
_HELP = re.compile(r"(<!-- help -->\n).*?(<!-- end of help -->)", re.DOTALL)
_NAMES = re.compile(r"(<!-- names of (\w+) -->\n).*?(<!-- end of names -->)", re.DOTALL)
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
        """Return the output of a command line, errors included."""
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
        printed = done.stdout.replace(f"{self.folder}/", "/home/me/")
        return "".join(line.rstrip() + "\n" for line in printed.splitlines())


def runs_of(page: str) -> tuple[str, ...]:
    """Return the commands and the sessions of Python that a page runs; its Chinese twin runs the same."""
    blocks = "".join(block for _, block, _ in _CONSOLE.findall(page))
    return (*commands_of(blocks), *_PYTHON.findall(page))


def commands_of(block: str) -> list[str]:
    return [line for line in block.splitlines() if line.startswith("$ ")]


def updated(page: str, outputs: Sequence[str], place: Place) -> str:
    """Return a page with the outputs of its commands, in order, and with helps and names as they are now."""
    left = iter(outputs)

    def console(found: re.Match[str]) -> str:
        return found[1] + "\n".join(f"{line}\n{next(left)}" for line in commands_of(found[2])) + found[3]

    page = _HELP.sub(lambda found: found[1] + helps(place) + found[2], _CONSOLE.sub(console, page))
    return _NAMES.sub(lambda found: found[1] + names(found[2]) + found[3], page)


def names(kind: str) -> str:
    """Return directives that take the public functions, errors or values from their docstrings."""
    import policysearch

    lines = []
    for name in policysearch.__all__:
        value = getattr(policysearch, name)
        is_error = isinstance(value, type) and issubclass(value, Exception)
        is_kind = {"functions": not isinstance(value, type), "errors": is_error, "values": not is_error}[kind]
        if is_kind and isinstance(value, type) == (kind != "functions") and callable(value) and name != "Index":
            lines.append(f"\n::: {value.__module__}.{name}\n")
    return "".join(lines) + "\n"


def helps(place: Place) -> str:
    """Return the help of the program and of each command, as Markdown."""
    from policysearch.cli.command_names import COMMANDS

    pieces = [f"```text\n{place.output('policysearch --help')}```\n"]
    for command in COMMANDS:
        help_text = place.output(f"policysearch {command} --help")
        pieces.append(f"## policysearch {command}\n\n```text\n{help_text}```\n")
    return "\n".join(pieces)


def sessions_hold(name: str, page: str, place: Place) -> bool:
    """Run a page's Python sessions in the place; doctest shows what differs."""
    session = "\n".join(_PYTHON.findall(page))
    os.chdir(place.folder)
    test = doctest.DocTestParser().get_doctest(session, {}, name, name, 0)
    return doctest.DocTestRunner().run(test).failed == 0


def main() -> int:
    """Write the pages, or tell whether they are up to date."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when one is not up to date")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    whole = True
    outputs: dict[tuple[str, ...], list[str]] = {}
    for path in PAGES:
        before = path.read_text(encoding="utf-8")
        if not any(found.search(before) for found in (_HELP, _NAMES, _CONSOLE, _PYTHON)):
            continue
        name = path.relative_to(ROOT).as_posix()
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
            place = Place(Path(folder))
            runs = runs_of(before)
            if runs not in outputs:
                if "$ policysearch index " not in before:
                    place.output("policysearch index -q sources")
                outputs[runs] = [place.output(one[2:]) for one in runs if one.startswith("$ ")]
                whole &= sessions_hold(name, before, place)
                os.chdir(ROOT)
            after = updated(before, outputs[runs], place)
        if not arguments.check:
            path.write_text(after, encoding="utf-8")
        elif after != before:
            lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, "as it is now", lineterm="")
            print("\n".join(lines))
            print(f"{name} is not up to date. Run: python scripts/update_docs.py")
            whole = False
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
