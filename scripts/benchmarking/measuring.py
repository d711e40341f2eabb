"""The measurements: each one is a function, its outcome plain values that JSON keeps."""

from __future__ import annotations

import json
import shutil
import statistics
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarking.processes import Took
from benchmarking.workspace import ADDED, Workspace, noted

__all__ = ["COLD", "FLOOR", "FORM", "MEASUREMENTS", "added", "disk", "spread", "turns"]

FORM = 6  # of the outcomes that are kept; another one cannot be printed

ABSENT = "量子鸭嘴兽议定书"  # no text has it
COLD = ("营商环境", "经济", "三", ABSENT, "优化营商环境")
WAYS = ("shown", "named", "whoosh shown", "whoosh named")  # of ``ours.ask``
_RECORDS, _RECORD, _FEW = 101_000, 56, 10  # records, characters of each, documents with the same text
FLOOR = "import click"


def batch(ws: Workspace) -> dict[str, Any]:
    """Mixed queries, inside one process and with the command."""
    index = ws.ours(ws.settings.megabytes)
    inside: dict[str, list[Any]] = {"together": [], "alone": []}
    for _ in range(ws.settings.rounds * 3):
        for way, runs in inside.items():
            runs.append(ws.answer("ours", "batch", index, ws.queries, "mixed", way))
    mixed = json.loads(ws.queries.read_text(encoding="utf-8"))["mixed"]
    many, one = ws.folder / "many.txt", ws.folder / "one.txt"
    many.write_text("\n".join(mixed) + "\n", encoding="utf-8")
    one.write_text(mixed[0] + "\n", encoding="utf-8")
    taken: dict[str, list[Took]] = {"many": [], "one": []}
    for _ in range(ws.settings.rounds * 3):
        for name, topics in (("many", many), ("one", one)):
            command = ("-m", "policysearch", "batch", topics, "-i", index, "--format", "jsonl")
            taken[name].append(ws.run(*command, allowed=(0,)))
    return {"inside": inside, "command": {name: noted(runs) for name, runs in taken.items()}}


def phrases(ws: Workspace) -> dict[str, Any]:
    """Exact phrases, all hits, held against a scan."""
    index = ws.ours(ws.settings.megabytes)
    rounds = range(ws.settings.rounds)
    return {"inside": [ws.answer("ours", "phrases", index, ws.queries, ws.sections) for _ in rounds]}


def warm(ws: Workspace) -> dict[str, Any]:
    """Words after others, with snippets, beside the stock recipe and beside Whoosh over the same segments."""
    index, stock = ws.ours(ws.settings.megabytes), ws.stock()
    asked: dict[str, tuple[object, ...]] = {"stock": ("stock", "ask", stock, ws.queries, "warming", "mixed")}
    for way in WAYS:
        asked[way] = ("ours", "ask", index, ws.queries, "warming", "mixed", way)
    out: dict[str, list[dict[str, float]]] = {name: [] for name in asked}
    for _ in range(ws.settings.rounds):
        for name, (module, *arguments) in asked.items():
            out[name].append(spread(ws.answer(str(module), *arguments)["seconds"]))
    return out


def cold(ws: Workspace) -> dict[str, Any]:
    """Single searches, each in a process of its own."""
    commands = _searches(ws.ours(ws.settings.megabytes))
    taken = turns(ws, commands, ws.settings.cold_rounds)
    stock = ws.stock()
    module = ("-m", "benchmarking.stock", "search", stock, COLD[0])
    return {**taken, **turns(ws, {"stock": module}, ws.settings.rounds)}


def _searches(index: Path) -> dict[str, Sequence[object]]:
    search = ("-m", "policysearch", "search", "-i", index, "--format", "json", "-n", "10")
    return {
        "floor": ("-c", FLOOR),
        "python": ("-c", ""),
        **{f"exact {query}": (*search, "--exact", query) for query in COLD},
        **{f"words {query}": (*search, query) for query in COLD},
    }


def turns(ws: Workspace, commands: Mapping[str, Sequence[object]], rounds: int) -> dict[str, Any]:
    """Run commands in turn, once more than asked for: the first is for the page cache."""
    taken: dict[str, list[Took]] = {name: [] for name in commands}
    for n in range(rounds + (rounds > 1)):
        for name, command in commands.items():
            took = ws.run(*command)
            if n or rounds == 1:
                taken[name].append(took)
    return {name: noted(runs) for name, runs in taken.items()}


def options(ws: Workspace) -> dict[str, Any]:
    """Filters, sorting, grouping."""
    index = ws.ours(ws.settings.megabytes)
    return {"inside": [ws.answer("ours", "options", index, ws.queries)["seconds"] for _ in range(ws.settings.rounds)]}


def builds(ws: Workspace) -> dict[str, Any]:
    """Building in one process, with and without rjieba, in two and three, beside cutting alone and the stock recipe."""
    texts = ws.texts(ws.settings.megabytes)
    kept, scratch = ws.folder / f"ours-{ws.settings.megabytes:g}", ws.folder / "scratch"
    taken: dict[str, list[Took]] = {"cut": [], "plain": [], "jobs 1": [], "jobs 2": [], "jobs 3": []}
    for n in range(ws.settings.rounds):
        ws.say(f"build {n + 1} of {ws.settings.rounds}")
        taken["cut"].append(ws.module("stock", "cut", ws.sections))
        taken["plain"].append(ws.build(texts, scratch, 1, ws.without_fast))
        taken["jobs 1"].append(ws.build(texts, scratch, 1))
        taken["jobs 2"].append(ws.build(texts, kept, 2))
        if n == 0:
            taken["jobs 3"].append(ws.build(texts, scratch, 3))
    shutil.rmtree(scratch)
    out = {name: noted(runs) for name, runs in taken.items()}
    out["stock"] = json.loads((ws.stock() / "done").read_text())
    return out


def size(ws: Workspace) -> dict[str, Any]:
    """Bytes on disk."""
    index, stock = ws.ours(ws.settings.megabytes), ws.stock()
    with ws.sections.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    return {
        "text": sum(len(text.encode("utf-8", "surrogatepass")) for text in texts),
        "sections": len(texts),
        "ours": disk(index),
        "stock": disk(stock),
    }


def grown(ws: Workspace) -> dict[str, Any]:
    """The corpus and the grown one, side by side."""
    base, grown = ws.settings.megabytes, ws.settings.growth
    out: dict[str, Any] = {"bytes": {}, "build": {}}
    for megabytes in (base, grown):
        texts, target = ws.texts(megabytes), ws.folder / f"ours-{megabytes:g}"
        ws.say(f"build of {megabytes:g} MB")
        out["bytes"][f"{megabytes:g}"] = ws.made(texts)["bytes"]
        rounds = ws.settings.rounds if megabytes == base else 1
        out["build"][f"{megabytes:g}"] = noted([ws.build(texts, target, 2) for _ in range(rounds)])
    indexes = {f"{megabytes:g}": ws.folder / f"ours-{megabytes:g}" for megabytes in (base, grown)}
    asked: dict[str, list[dict[str, float]]] = {name: [] for name in indexes}
    for _ in range(ws.settings.rounds):
        for name, index in indexes.items():
            seconds = ws.answer("ours", "ask", index, ws.queries, "warming", "words")["seconds"]
            asked[name].append(spread(seconds))
    searches = {
        f"{query} {name}": ("-m", "policysearch", "search", "-i", index, "--format", "json", "-n", "10", query)
        for name, index in indexes.items()
        for query in COLD
    }
    return {**out, "asked": asked, "cold": turns(ws, searches, ws.settings.cold_rounds)}


def large(ws: Workspace) -> dict[str, Any]:
    """Building much: memory and time."""
    size = ws.settings.large
    texts, target = ws.texts(size), ws.folder / f"ours-{size:g}"
    note = target.with_name(f"{target.name}.build.json")
    ws.say(f"build of {size:g} MB")
    built = ws.build(texts, target, 2)
    note.write_text(json.dumps(noted([built])))
    return {"build": noted([built]), "text": ws.made(texts)["bytes"], "index": disk(target)}


def large_cold(ws: Workspace) -> dict[str, Any]:
    """Single searches of much."""
    return turns(ws, _searches(ws.ours(ws.settings.large)), ws.settings.cold_rounds)


def adding(ws: Workspace) -> dict[str, Any]:
    """Adding one part in a hundred to much."""
    index = ws.ours(ws.settings.large)
    note = index.with_name(f"{index.name}.build.json")
    built = json.loads(note.read_text()) if note.exists() else None
    return {"full": built, **added(ws, ws.settings.large, ws.settings.rounds)}


def added(ws: Workspace, size: float, rounds: int) -> dict[str, Any]:
    """Adding one part in a hundred, and nothing, to a copy of an index."""
    index, texts = ws.ours(size), ws.texts(size)
    more = ws.texts(size / 100, skip=ws.made(texts)["documents"], name=f"{size:g}-more")
    inside, copy = texts / ADDED, ws.folder / "added"
    taken: dict[str, list[Took]] = {"added": [], "nothing": []}
    try:
        for n in range(rounds):
            ws.say(f"adding {n + 1} of {rounds}")
            for name in taken:
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(index, copy)
                if name == "added":
                    shutil.copytree(more, inside)
                taken[name].append(ws.run(*ws.index_command(texts, copy, None), watch=True, allowed=(0,)))
                shutil.rmtree(inside, ignore_errors=True)
    finally:
        shutil.rmtree(inside, ignore_errors=True)
        shutil.rmtree(copy, ignore_errors=True)
    return {"bytes": ws.made(more)["bytes"], **{name: noted(runs) for name, runs in taken.items()}}


def updates(ws: Workspace) -> dict[str, Any]:
    """Many small updates one after another, then the index beside one built at once."""
    s = ws.settings
    base = ws.texts(s.updated)
    each = s.updated * s.update_share
    name = f"{s.updated:g}-{s.updates}-of-{each:g}"
    more = ws.texts(each * s.updates, skip=ws.made(base)["documents"], name=name)
    root, updated, fresh = ws.folder / "root", ws.folder / "updated", ws.folder / "fresh"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(base, root)
    ws.build(root, updated, None)
    taken = []
    for n, group in enumerate(_parts(sorted(more.rglob("*.txt")), s.updates), 1):
        (root / f"update-{n:03d}").mkdir()
        for path in group:
            shutil.copy(path, root / f"update-{n:03d}" / path.name)
        taken.append(ws.run(*ws.index_command(root, updated, None), watch=True, allowed=(0,)))
        if n % 10 == 0:
            ws.say(f"update {n} of {s.updates}")
    ws.say("building at once what the updates gave")
    built = ws.build(root, fresh, None)
    runs: dict[str, list[Any]] = {"updated": [], "fresh": []}
    for _ in range(s.rounds * 3):
        for name, index in (("updated", updated), ("fresh", fresh)):
            runs[name].append(ws.answer("ours", "batch", index, ws.queries, "mixed"))
    out = {
        "updates": len(taken),
        "base": ws.made(base)["bytes"],
        "each": ws.made(more)["bytes"] / len(taken),
        "taken": noted(taken),
        "built": noted([built]),
        "disk": {"updated": disk(updated), "fresh": disk(fresh)},
        **runs,
    }
    for path in (root, updated, fresh):
        shutil.rmtree(path)
    return out


def collection(ws: Workspace) -> dict[str, Any]:
    """One file of many short records, compared with the same text in a few documents; then with more records in it."""
    names = ("records", "few", "records-index", "few-index", "records-grown")
    folder, few, index, few_index, copy = (ws.folder / name for name in names)
    records = _records(ws.texts(ws.settings.megabytes))
    first = records[: len(records) * 100 // 101]
    for made in (folder, few):
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
    file = folder / "records.jsonl"
    file.write_text("".join(first), encoding="utf-8")
    each = -(-len(first) // _FEW)
    for n in range(_FEW):
        lines = [json.loads(line)["text"] for line in first[n * each : (n + 1) * each]]
        (few / f"{n}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    taken: dict[str, list[Took]] = {"cut": [], "plain": [], "jobs 1": [], "jobs 2": [], "few": []}
    for n in range(ws.settings.rounds):
        ws.say(f"collection {n + 1} of {ws.settings.rounds}")
        taken["cut"].append(ws.module("stock", "cut", file))
        taken["few"].append(ws.build(few, few_index, 1))
        taken["plain"].append(ws.build(folder, index, 1, ws.without_fast))
        taken["jobs 1"].append(ws.build(folder, index, 1))
        taken["jobs 2"].append(ws.build(folder, index, 2))
    anywhere = first.copy()
    for at, line in enumerate(records[len(first) :]):
        anywhere.insert(at * 101, line)
    for name, lines in (("at the end", records), ("anywhere", anywhere), ("none", first)):
        taken[name] = []
        for _ in range(ws.settings.rounds):
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(index, copy)
            file.write_text("".join(lines), encoding="utf-8")
            taken[name].append(ws.run(*ws.index_command(folder, copy, None), watch=True, allowed=(0,)))
    out = {
        "records": len(first),
        "text": sum(len(json.loads(line)["text"].encode("utf-8", "surrogatepass")) for line in first),
        "disk": disk(index),
        "few disk": disk(few_index),
        **{name: noted(runs) for name, runs in taken.items()},
    }
    for path in (folder, few, index, few_index, copy):
        shutil.rmtree(path)
    return out


def _records(texts: Path) -> list[str]:
    """Return pieces of lines as lines of JSON."""
    pieces = (
        line[at : at + _RECORD]
        for path in sorted(texts.rglob("*.txt"))
        for line in path.read_text(encoding="utf-8").split("\n")
        for at in range(0, len(line), _RECORD)
    )
    long = (piece for piece in pieces if len(piece.strip()) > _RECORD // 3)
    return [
        json.dumps({"id": f"r{n}", "text": piece}, ensure_ascii=False) + "\n"
        for n, piece in enumerate(islice(long, _RECORDS))
    ]


MEASUREMENTS: dict[str, Callable[[Workspace], dict[str, Any]]] = {
    "batch": batch,
    "phrases": phrases,
    "warm": warm,
    "cold": cold,
    "options": options,
    "build": builds,
    "size": size,
    "growth": grown,
    "large": large,
    "large-cold": large_cold,
    "adding": adding,
    "updates": updates,
    "collection": collection,
}


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Return median, 95th percentile and mean."""
    return {
        "median": statistics.median(seconds),
        "p95": sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * 0.95))],
        "mean": statistics.fmean(seconds),
    }


def disk(folder: Path) -> int:
    """Return the bytes that files take, without holes in them."""
    files = (path.stat() for path in folder.rglob("*") if path.is_file() and path.name != "done")
    return sum(min(one.st_size, one.st_blocks * 512) for one in files)


def _parts(paths: Sequence[Path], count: int) -> list[Sequence[Path]]:
    """Divide paths into so many parts of about equal bytes, none empty where there are enough paths."""
    total = sum(path.stat().st_size for path in paths)
    parts: list[list[Path]] = [[] for _ in range(count)]
    size = 0
    for path in paths:
        parts[min(count - 1, size * count // max(1, total))].append(path)
        size += path.stat().st_size
    return [part for part in parts if part]
