"""A folder with all that is measured with: corpora, queries, indexes; made when first asked for, and kept."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarking.processes import PYTHON, ROOT, Took, run

__all__ = ["Settings", "Workspace", "noted"]

SEED = 1
ADDED = "more"  # folder of the documents that are added to a corpus


@dataclass(frozen=True, slots=True)
class Settings:
    """How large and how often.

    Attributes:
        reference: Where real documents are.
        folder: Where corpora, indexes and outcomes are kept.
        megabytes: Size of the corpus, in 10⁶ bytes.
        growth: Size of the grown one; ten times the first.
        large: Size of the one that is added to.
        rounds: How often builds and batches are measured.
        cold_rounds: How often cold searches are measured.
        queries: How many queries are drawn for a batch.
        phrases: How many exact phrases are drawn.
        updates: How many small updates are made one after another.
        updated: Size of the corpus that they are made to.
        update_share: What share of that each of them adds.
        sizes: Sizes of the corpora that are measured side by side.
        jobs: Workers of their builds; None: as the command chooses.
        install: Whether other engines may be installed from the package index, into the folder.
    """

    reference: Path
    folder: Path
    megabytes: float
    growth: float
    large: float
    rounds: int
    cold_rounds: int
    queries: int
    phrases: int
    updates: int
    updated: float
    update_share: float
    sizes: tuple[float, ...]
    jobs: int | None
    install: bool


class Workspace:
    """Makes what is missing of corpora and indexes, and runs what is measured."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._fit: set[Path] = set()  # indexes that this version made or brought up to date
        cache = str(self.folder / "cache")
        Path(cache).mkdir(exist_ok=True)
        self.packages = self.folder / "packages"  # of the package index, for other engines
        self._environment = {
            "XDG_CACHE_HOME": cache,
            "TMPDIR": cache,
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "scripts", self.packages))),
            "PYTHONHASHSEED": "0",
        }

    def say(self, text: str) -> None:
        """Tell how far it is."""
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)

    def run(
        self,
        *command: object,
        watch: bool = False,
        allowed: Sequence[int] = (0, 1),
        program: Sequence[str] = PYTHON,
        without: Path | None = None,
    ) -> Took:
        """Run Python, or another program, with these arguments.

        Modules in the folder ``without`` stand for those that are installed.
        """
        environment = dict(self._environment)
        if without:
            environment["PYTHONPATH"] = os.pathsep.join([str(without), environment["PYTHONPATH"]])
        return run([*map(str, command)], environment=environment, watch=watch, allowed=allowed, program=program)

    def module(self, name: str, *arguments: object, watch: bool = False) -> Took:
        """Run a module of this package."""
        return self.run("-m", f"benchmarking.{name}", *arguments, watch=watch, allowed=(0,))

    def answer(self, name: str, *arguments: object) -> Any:
        """Run a module of this package and return its output, which is JSON."""
        return json.loads(self.module(name, *arguments).out)

    def index_command(self, texts: Path, target: Path, jobs: int | None) -> list[object]:
        """Return the command that indexes a folder."""
        own = ["--jobs", jobs] if jobs else []
        return ["-m", "policysearch", "index", "-q", texts, "-i", target, *own]

    def build(self, texts: Path, target: Path, jobs: int | None, without: Path | None = None) -> Took:
        """Build the index of a folder, or a file, again."""
        self._fit.add(target)
        shutil.rmtree(target, ignore_errors=True)
        return self.run(*self.index_command(texts, target, jobs), watch=True, allowed=(0,), without=without)

    def texts(self, megabytes: float, *, skip: int = 0, name: str | None = None) -> Path:
        """Return a folder of documents, made where it is missing."""
        target = self.folder / f"texts-{name or f'{megabytes:g}'}"
        note = self.made_note(target)
        shutil.rmtree(target / ADDED, ignore_errors=True)  # where a run was stopped that added to it
        if not note.exists():
            self.say(f"making {target.name}")
            shutil.rmtree(target, ignore_errors=True)
            with_sections = name is None and megabytes == self.settings.megabytes
            sections = self.sections if with_sections else "-"
            arguments = (self.settings.reference, target, megabytes, SEED, skip, sections)
            note.write_text(self.module("corpus", *arguments).out)
        return target

    def made_note(self, texts: Path) -> Path:
        """Return the file that describes the generated texts."""
        return texts.with_name(f"{texts.name}.json")

    def made(self, texts: Path) -> dict[str, Any]:
        """Return the description of the generated texts."""
        made: dict[str, Any] = json.loads(self.made_note(texts).read_text())
        return made

    @property
    def sections(self) -> Path:
        """The sections of the first corpus, as JSON lines."""
        return self.folder / f"sections-{self.settings.megabytes:g}.jsonl"

    @property
    def queries(self) -> Path:
        """The queries drawn from the first corpus."""
        s = self.settings
        path = self.folder / f"queries-{s.megabytes:g}.json"
        if not path.exists():
            self.texts(s.megabytes)
            self.say("drawing queries")
            self.module("queries", self.sections, path, s.queries, s.phrases, SEED)
        return path

    def ours(self, megabytes: float) -> Path:
        """Return an index that this version of the program can use, built or brought up to date where need be."""
        texts, target = self.texts(megabytes), self.folder / f"ours-{megabytes:g}"
        if target not in self._fit:
            self.say(f"looking at {target.name}")
            try:
                self.run(*self.index_command(texts, target, None), allowed=(0,))
            except RuntimeError:  # another version made it
                self.build(texts, target, None)
            self._fit.add(target)
        return target

    @property
    def without_fast(self) -> Path:
        """A folder for Python's path with which rjieba cannot be imported."""
        folder = self.folder / "without"
        folder.mkdir(exist_ok=True)
        (folder / "rjieba.py").write_text('raise ImportError("left out, to measure without it")\n', encoding="utf-8")
        return folder

    def stock(self) -> Path:
        """Return the stock recipe's index."""
        target = self.folder / f"stock-{self.settings.megabytes:g}"
        if not (target / "done").exists():
            self.texts(self.settings.megabytes)
            self.say("building with the stock recipe")
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            took = self.module("stock", "build", self.sections, target, watch=True)
            (target / "done").write_text(json.dumps(noted([took])))
        return target


def noted(runs: Sequence[Took]) -> dict[str, Any]:
    """Return the times of runs: every value, in order of the runs."""
    rows = [asdict(one) for one in runs]
    return {name: [row[name] for row in rows] for name in ("wall", "cpu", "peak", "own", "largest")}
