"""What is measured: each measurement a method, its outcome plain values that JSON keeps."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarking.processes import ROOT, Took, run

__all__ = ["ABSENT", "COLD", "MEASUREMENTS", "Bench", "Settings"]

ABSENT = "量子鸭嘴兽议定书"  # no text has it
COLD = ("营商环境", "经济", "三", ABSENT, "优化营商环境")
FLOOR = "import click, whoosh.index, whoosh.qparser"
SEED = 1


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
        update_share: What share of the corpus each of them adds.
    """

    reference: Path
    folder: Path
    megabytes: float
    growth: float
    large: float
    rounds: int
    cold_rounds: int
    queries: int = 200
    phrases: int = 300
    updates: int = 200
    update_share: float = 0.01


class Bench:
    """Makes what is missing of corpora and indexes, and measures."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._fit: set[Path] = set()  # indexes that this version made or brought up to date
        cache = str(self.folder / "cache")
        Path(cache).mkdir(exist_ok=True)
        self._environment = {
            "XDG_CACHE_HOME": cache,
            "TMPDIR": cache,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "scripts")]),
            "PYTHONHASHSEED": "0",
        }

    # what is measured with

    def say(self, text: str) -> None:
        """Tell how far it is."""
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)

    def run(self, *command: object, watch: bool = False, allowed: Sequence[int] = (0, 1)) -> Took:
        """Run Python with these arguments."""
        return run([*map(str, command)], environment=self._environment, watch=watch, allowed=allowed)

    def module(self, name: str, *arguments: object, watch: bool = False) -> Took:
        """Run a module of this package."""
        return self.run("-m", f"benchmarking.{name}", *arguments, watch=watch, allowed=(0,))

    def answer(self, name: str, *arguments: object) -> Any:
        """Run a module of this package and return what it prints, which is JSON."""
        return json.loads(self.module(name, *arguments).out)

    def index_command(self, texts: Path, target: Path, jobs: int | None) -> list[object]:
        """Return the command that indexes a folder."""
        own = ["--jobs", jobs] if jobs else []
        return ["-m", "policysearch", "index", "-q", texts, "-i", target, *own]

    def build(self, texts: Path, target: Path, jobs: int | None) -> Took:
        """Index a folder anew."""
        self._fit.add(target)
        shutil.rmtree(target, ignore_errors=True)
        return self.run(*self.index_command(texts, target, jobs), watch=True, allowed=(0,))

    # what is measured on

    def texts(self, megabytes: float, *, skip: int = 0, name: str | None = None) -> Path:
        """Return a folder of documents, made where it is missing."""
        target = self.folder / f"texts-{name or f'{megabytes:g}'}"
        note = self.made_note(target)
        if not note.exists():
            self.say(f"making {target.name}")
            shutil.rmtree(target, ignore_errors=True)
            with_sections = name is None and megabytes == self.settings.megabytes
            sections = self.sections if with_sections else "-"
            arguments = (self.settings.reference, target, megabytes, SEED, skip, sections)
            note.write_text(self.module("corpus", *arguments).out)
        return target

    def made_note(self, texts: Path) -> Path:
        """Return the file that says what was made."""
        return texts.with_name(f"{texts.name}.json")

    def made(self, texts: Path) -> dict[str, Any]:
        """Return what was made."""
        noted: dict[str, Any] = json.loads(self.made_note(texts).read_text())
        return noted

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

    def stock(self) -> Path:
        """Return the stock recipe's index."""
        target = self.folder / f"stock-{self.settings.megabytes:g}"
        if not (target / "done").exists():
            self.texts(self.settings.megabytes)
            self.say("building with the stock recipe")
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            took = self.module("stock", "build", self.sections, target, watch=True)
            (target / "done").write_text(json.dumps(_taken([took])))
        return target

    # measurements

    def batch(self) -> dict[str, Any]:
        """Mixed queries, inside one process and with the command."""
        index = self.ours(self.settings.megabytes)
        inside = [self.answer("ours", "batch", index, self.queries, "mixed") for _ in range(self.settings.rounds)]
        mixed = json.loads(self.queries.read_text(encoding="utf-8"))["mixed"]
        many, one = self.folder / "many.txt", self.folder / "one.txt"
        many.write_text("\n".join(mixed) + "\n", encoding="utf-8")
        one.write_text(mixed[0] + "\n", encoding="utf-8")
        taken: dict[str, list[Took]] = {"many": [], "one": []}
        for _ in range(self.settings.rounds * 3):
            for name, topics in (("many", many), ("one", one)):
                command = ("-m", "policysearch", "batch", topics, "-i", index, "--format", "jsonl")
                taken[name].append(self.run(*command, allowed=(0,)))
        return {"inside": inside, "command": {name: _taken(runs) for name, runs in taken.items()}}

    def phrases(self) -> dict[str, Any]:
        """Exact phrases, all hits, held against a scan."""
        index = self.ours(self.settings.megabytes)
        rounds = range(self.settings.rounds)
        return {"inside": [self.answer("ours", "phrases", index, self.queries, self.sections) for _ in rounds]}

    def warm(self) -> dict[str, Any]:
        """Words after others, with snippets, beside the stock recipe."""
        index, stock = self.ours(self.settings.megabytes), self.stock()
        out: dict[str, list[dict[str, float]]] = {"ours": [], "stock": []}
        for _ in range(self.settings.rounds):
            for name, module, folder in (("ours", "ours", index), ("stock", "stock", stock)):
                seconds = self.answer(module, "ask", folder, self.queries, "warming", "mixed")["seconds"]
                out[name].append(_spread(seconds))
        return out

    def cold(self) -> dict[str, Any]:
        """Single searches, each in a process of its own."""
        commands = self._searches(self.ours(self.settings.megabytes))
        taken = self._turns(commands, self.settings.cold_rounds)
        stock = self.stock()
        module = ("-m", "benchmarking.stock", "search", stock, COLD[0])
        return {**taken, **self._turns({"stock": module}, self.settings.rounds)}

    def _searches(self, index: Path) -> dict[str, Sequence[object]]:
        search = ("-m", "policysearch", "search", "-i", index, "--format", "json", "-n", "10")
        return {
            "floor": ("-c", FLOOR),
            "python": ("-c", ""),
            **{f"exact {query}": (*search, "--exact", query) for query in COLD},
            **{f"words {query}": (*search, query) for query in COLD},
        }

    def _turns(self, commands: Mapping[str, Sequence[object]], rounds: int) -> dict[str, Any]:
        """Run commands in turn, once more than asked for: the first is for the page cache."""
        taken: dict[str, list[Took]] = {name: [] for name in commands}
        for n in range(rounds + (rounds > 1)):
            for name, command in commands.items():
                took = self.run(*command)
                if n or rounds == 1:
                    taken[name].append(took)
        return {name: _taken(runs) for name, runs in taken.items()}

    def options(self) -> dict[str, Any]:
        """Filters, sorting, grouping."""
        index = self.ours(self.settings.megabytes)
        return {
            "inside": [
                self.answer("ours", "options", index, self.queries)["seconds"] for _ in range(self.settings.rounds)
            ]
        }

    def builds(self) -> dict[str, Any]:
        """Building in one process, two and three, beside cutting the words alone and the stock recipe."""
        texts = self.texts(self.settings.megabytes)
        kept, scratch = self.folder / f"ours-{self.settings.megabytes:g}", self.folder / "scratch"
        taken: dict[str, list[Took]] = {"cut": [], "jobs 1": [], "jobs 2": [], "jobs 3": []}
        for n in range(self.settings.rounds):
            self.say(f"build {n + 1} of {self.settings.rounds}")
            taken["cut"].append(self.module("stock", "cut", self.sections))
            taken["jobs 1"].append(self.build(texts, scratch, 1))
            taken["jobs 2"].append(self.build(texts, kept, 2))
            if n == 0:
                taken["jobs 3"].append(self.build(texts, scratch, 3))
        shutil.rmtree(scratch)
        out = {name: _taken(runs) for name, runs in taken.items()}
        out["stock"] = json.loads((self.stock() / "done").read_text())
        return out

    def size(self) -> dict[str, Any]:
        """Bytes on disk."""
        index, stock = self.ours(self.settings.megabytes), self.stock()
        with self.sections.open(encoding="utf-8") as lines:
            texts = [json.loads(line)["text"] for line in lines]
        return {
            "text": sum(len(text.encode("utf-8", "surrogatepass")) for text in texts),
            "sections": len(texts),
            "ours": _disk(index),
            "stock": _disk(stock),
        }

    def fts5(self) -> dict[str, Any]:
        """SQLite's full-text index of single characters, which every Python has."""
        self.texts(self.settings.megabytes)
        file = self.folder / "fts5.sqlite"
        file.unlink(missing_ok=True)
        built = self.module("fts5", "build", self.sections, file)
        out: dict[str, Any] = {"build": _taken([built]), **json.loads(built.out), "batch": [], "phrases": []}
        for _ in range(self.settings.rounds):
            for name in ("batch", "phrases"):
                out[name].append(self.answer("fts5", name, file, self.queries))
        file.unlink()
        return out

    def grown(self) -> dict[str, Any]:
        """The corpus and the grown one, side by side."""
        base, grown = self.settings.megabytes, self.settings.growth
        out: dict[str, Any] = {"bytes": {}, "build": {}}
        for megabytes in (base, grown):
            texts, target = self.texts(megabytes), self.folder / f"ours-{megabytes:g}"
            self.say(f"build of {megabytes:g} MB")
            out["bytes"][f"{megabytes:g}"] = self.made(texts)["bytes"]
            rounds = self.settings.rounds if megabytes == base else 1
            out["build"][f"{megabytes:g}"] = _taken([self.build(texts, target, 2) for _ in range(rounds)])
        indexes = {f"{megabytes:g}": self.folder / f"ours-{megabytes:g}" for megabytes in (base, grown)}
        asked: dict[str, list[dict[str, float]]] = {name: [] for name in indexes}
        for _ in range(self.settings.rounds):
            for name, index in indexes.items():
                seconds = self.answer("ours", "ask", index, self.queries, "warming", "words")["seconds"]
                asked[name].append(_spread(seconds))
        searches = {
            f"{query} {name}": ("-m", "policysearch", "search", "-i", index, "--format", "json", "-n", "10", query)
            for name, index in indexes.items()
            for query in COLD
        }
        return {**out, "asked": asked, "cold": self._turns(searches, self.settings.cold_rounds)}

    def large(self) -> dict[str, Any]:
        """Building much: memory and time, then adding one document in a hundred."""
        size = self.settings.large
        texts, target = self.texts(size), self.folder / f"ours-{size:g}"
        note = target.with_name(f"{target.name}.build.json")
        self.say(f"build of {size:g} MB")
        built = self.build(texts, target, 2)
        note.write_text(json.dumps(_taken([built])))
        return {"build": _taken([built]), "text": self.made(texts)["bytes"], "index": _disk(target)}

    def large_cold(self) -> dict[str, Any]:
        """Single searches of much."""
        return self._turns(self._searches(self.ours(self.settings.large)), self.settings.cold_rounds)

    def adding(self) -> dict[str, Any]:
        """Adding one part in a hundred to much."""
        size = self.settings.large
        index, texts = self.ours(size), self.texts(size)
        more = self.texts(size / 100, skip=self.made(texts)["documents"], name=f"{size:g}-more")
        inside, copy = texts / "more", self.folder / "added"
        taken: dict[str, list[Took]] = {"added": [], "nothing": []}
        try:
            for n in range(self.settings.rounds):
                self.say(f"adding {n + 1} of {self.settings.rounds}")
                for name in taken:
                    shutil.rmtree(copy, ignore_errors=True)
                    shutil.copytree(index, copy)
                    if name == "added":
                        shutil.copytree(more, inside)
                    taken[name].append(self.run(*self.index_command(texts, copy, None), watch=True, allowed=(0,)))
                    shutil.rmtree(inside, ignore_errors=True)
        finally:
            shutil.rmtree(inside, ignore_errors=True)
            shutil.rmtree(copy, ignore_errors=True)
        note = index.with_name(f"{index.name}.build.json")
        built = json.loads(note.read_text()) if note.exists() else None
        return {
            "full": built,
            "bytes": self.made(more)["bytes"],
            **{name: _taken(runs) for name, runs in taken.items()},
        }

    def updates(self) -> dict[str, Any]:
        """Many small updates one after another, then the index beside one built at once."""
        s = self.settings
        base = self.texts(s.megabytes)
        each = s.megabytes * s.update_share
        more = self.texts(each * s.updates, skip=self.made(base)["documents"], name=f"{s.megabytes:g}-updates")
        root, updated, fresh = self.folder / "root", self.folder / "updated", self.folder / "fresh"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(base, root)
        self.build(root, updated, None)
        taken = []
        for n, group in enumerate(_parts(sorted(more.rglob("*.txt")), s.updates), 1):
            (root / f"update-{n:03d}").mkdir()
            for path in group:
                shutil.copy(path, root / f"update-{n:03d}" / path.name)
            taken.append(self.run(*self.index_command(root, updated, None), watch=True, allowed=(0,)))
            if n % 10 == 0:
                self.say(f"update {n} of {s.updates}")
        self.say("building at once what the updates gave")
        built = self.build(root, fresh, None)
        runs: dict[str, list[Any]] = {"updated": [], "fresh": []}
        for _ in range(s.rounds):
            for name, index in (("updated", updated), ("fresh", fresh)):
                runs[name].append(self.answer("ours", "batch", index, self.queries, "mixed"))
        out = {
            "updates": len(taken),
            "each": self.made(more)["bytes"] / len(taken),
            "taken": _taken(taken),
            "built": _taken([built]),
            "disk": {"updated": _disk(updated), "fresh": _disk(fresh)},
            **runs,
        }
        for path in (root, updated, fresh):
            shutil.rmtree(path)
        return out


MEASUREMENTS: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "batch": Bench.batch,
    "phrases": Bench.phrases,
    "warm": Bench.warm,
    "cold": Bench.cold,
    "options": Bench.options,
    "build": Bench.builds,
    "size": Bench.size,
    "fts5": Bench.fts5,
    "growth": Bench.grown,
    "large": Bench.large,
    "large-cold": Bench.large_cold,
    "adding": Bench.adding,
    "updates": Bench.updates,
}


def _taken(runs: Sequence[Took]) -> dict[str, Any]:
    """Return what runs took: every value, in order of the runs."""
    rows = [asdict(one) for one in runs]
    return {name: [row[name] for row in rows] for name in ("wall", "cpu", "peak", "own", "largest")}


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    return {
        "median": statistics.median(seconds),
        "p95": sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * 0.95))],
        "mean": statistics.fmean(seconds),
    }


def _disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != "done")


def _parts(paths: Sequence[Path], count: int) -> list[Sequence[Path]]:
    """Divide paths into so many parts of about equal bytes, none empty where there are enough paths."""
    total = sum(path.stat().st_size for path in paths)
    parts: list[list[Path]] = [[] for _ in range(count)]
    size = 0
    for path in paths:
        parts[min(count - 1, size * count // max(1, total))].append(path)
        size += path.stat().st_size
    return [part for part in parts if part]
