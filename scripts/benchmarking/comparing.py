"""Measurements side by side: other engines over the same records, and policysearch over several sizes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarking.measuring import COLD, FLOOR, added, disk, turns
from benchmarking.peers import FAST, PEERS, command
from benchmarking.workspace import Workspace, noted

__all__ = ["COMPARISONS"]

_INSTALLED = ("tantivy",)  # from the package index; Groonga is its own package of Debian
_COUNTED = "发展"  # counted, and listed with its contexts


def peers(ws: Workspace) -> dict[str, Any]:
    """Other engines, and policysearch with files and with one file of records, with and without the extra ``fast``."""
    texts = ws.texts(ws.settings.megabytes)
    records, count = _records(ws)
    if ws.settings.install:
        _install(ws)
    skipped: dict[str, str] = {}
    engines: dict[str, Any] = {}

    def has(what: str, name: str) -> bool:
        lacking: str = ws.answer("peers", "missing", what)
        if lacking:
            ws.say(f"skipped: {name}, for want of {lacking}")
            skipped[name] = lacking
        return not lacking

    for name in PEERS:
        if has(name, name):
            folder = _empty(ws)
            ws.say(name)
            built = ws.module("peers", "build", name, records, folder, watch=True)
            engines[name] = {"build": noted([built]), "disk": disk(folder), **_asked(ws, name, folder, records)}
    sources = {"files": (texts, ws.sections), f"one file of {count:,} records": (records, records)}
    for what, (source, units) in sources.items():
        asked = False
        for extra, without in ((FAST, None), (f"without {FAST}", ws.without_fast)):
            name = f"policysearch, {what}, {extra}"
            if extra == FAST and not has(FAST, name):
                continue
            ws.say(name)
            folder = _empty(ws)
            built = ws.build(source, folder, 1, without)
            engines[name] = {"build": noted([built]), "disk": disk(folder)}
            if not asked:  # the index is the same
                engines[name] |= _asked(ws, "policysearch", folder, units)
                asked = True
    _empty(ws).rmdir()
    with records.open(encoding="utf-8") as lines:
        size = sum(len(json.loads(line)["text"].encode("utf-8", "surrogatepass")) for line in lines)
    cut = noted([ws.module("stock", "cut", records)])
    return {"records": count, "bytes": size, "cut": cut, "engines": engines, "skipped": skipped}


def _empty(ws: Workspace) -> Path:
    folder = ws.folder / "peer"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _records(ws: Workspace) -> tuple[Path, int]:
    """Return a file of short records, the lines of the corpus's sections, and their number."""
    path = ws.sections.with_name("records.jsonl")
    count = 0
    with ws.sections.open(encoding="utf-8") as sections, path.open("w", encoding="utf-8") as out:
        for section in sections:
            for line in filter(None, map(str.strip, json.loads(section)["text"].split("\n"))):
                count += 1
                out.write(json.dumps({"id": f"r{count}", "text": line}, ensure_ascii=False) + "\n")
    return path, count


def _install(ws: Workspace) -> None:
    """Install what is missing of the package index into a folder of the workspace; say so where that fails."""
    if not ws.packages.is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(ws.packages), *_INSTALLED]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode:
            ws.say(f"cannot install {', '.join(_INSTALLED)}: {done.stderr.decode(errors='replace').strip()[-200:]}")


def _asked(ws: Workspace, name: str, folder: Path, units: Path) -> dict[str, Any]:
    """Ask an engine for all that its row has."""
    found = ws.folder / "found.json"
    runs = [ws.module("peers", "ask", name, folder, ws.queries, found, watch=True) for _ in range(ws.settings.rounds)]
    program, arguments = command(name, folder, COLD[0])
    cold = [ws.run(*arguments, program=program) for _ in range(ws.settings.cold_rounds + 1)][1:]
    judged = ws.answer("ours", "judge", ws.queries, units, found)
    found.unlink()
    return {"asked": [json.loads(one.out) for one in runs], "memory": max(one.peak for one in runs)} | {
        "cold": noted(cold),
        "phrases": judged,
    }


def sizes(ws: Workspace) -> dict[str, Any]:
    """Corpora of several sizes: building, searching, counting, listing, adding."""
    return {f"{size:g}": _size(ws, size) for size in ws.settings.sizes}


def _size(ws: Workspace, size: float) -> dict[str, Any]:
    texts, index = ws.texts(size), ws.folder / f"ours-{size:g}"
    queries = ws.queries
    ws.say(f"build of {size:g} MB")
    built = ws.build(texts, index, ws.settings.jobs)
    about = json.loads(ws.run("-m", "policysearch", "info", "-i", index, "--format", "json").out)
    search = ("-m", "policysearch", "search", "-i", index, "--format", "json", "-n", "10")
    commands: dict[str, Sequence[object]] = {
        "floor": ("-c", FLOOR),
        "phrase": (*search, "--exact", COLD[-1]),
        "character": (*search, "--exact", COLD[2]),
        "words": (*search, COLD[0]),
    }
    ws.say(f"searching {size:g} MB")
    rounds = ws.settings.rounds
    out = {
        "build": noted([built]),
        "text": ws.made(texts)["bytes"],
        "about": {name: about[name] for name in ("documents", "sections")},
        "disk": disk(index),
        "cold": turns(ws, commands, ws.settings.cold_rounds),
    }
    asked = [
        ws.module("peers", "ask", "policysearch", index, queries, ws.folder / "found.json", watch=True)
        for _ in range(rounds)
    ]
    out["asked"], out["memory"] = [json.loads(one.out) for one in asked], max(one.peak for one in asked)
    out["hits"] = sum(map(len, json.loads((ws.folder / "found.json").read_text(encoding="utf-8")).values()))
    for name, rest in (("count", ("--by", "year")), ("kwic", ())):
        taken = [
            ws.run("-m", "policysearch", name, _COUNTED, "-i", index, "--format", "csv", *rest, watch=True)
            for _ in range(rounds)
        ]
        out[name] = {**noted(taken), "lines": taken[0].out.count("\n")}
    return {**out, "adding": added(ws, size, 1)}


COMPARISONS: dict[str, Callable[[Workspace], dict[str, Any]]] = {"peers": peers, "sizes": sizes}
