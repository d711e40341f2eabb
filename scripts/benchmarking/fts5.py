"""SQLite's FTS5 over single characters: what a well-known engine without words and without checking the text does."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def _spaced(text: str) -> str:
    from policysearch.text.folding import reduce

    return " ".join(reduce(text))


def _phrase(text: str) -> str:
    return '"' + _spaced(text).replace('"', " ") + '"'


def build(sections: str, file: str) -> dict[str, Any]:
    """Index sections, JSON objects on lines, into a file that is not there."""
    database = sqlite3.connect(file)
    database.execute("CREATE VIRTUAL TABLE sections USING fts5(id UNINDEXED, text)")
    with database, open(sections, encoding="utf-8") as lines:
        read = (json.loads(line) for line in lines)
        database.executemany("INSERT INTO sections VALUES (?, ?)", ((one["id"], _spaced(one["text"])) for one in read))
    database.execute("INSERT INTO sections(sections) VALUES ('optimize')")
    database.commit()
    database.close()
    return {"bytes": Path(file).stat().st_size}


def batch(file: str, queries: str) -> dict[str, Any]:
    """Mixed queries, the words of each as phrases that must all be there: how many, and ten with snippets."""
    mixed = json.loads(Path(queries).read_text(encoding="utf-8"))["mixed"]
    database = sqlite3.connect(file)
    begun, cpu = time.perf_counter(), time.process_time()
    for query in mixed:
        asked = " AND ".join(map(_phrase, query.split()))
        total = database.execute("SELECT count(*) FROM sections WHERE sections MATCH ?", (asked,)).fetchone()[0]
        best = "SELECT id, rank, snippet(sections, 1, '[', ']', '…', 60) FROM sections WHERE sections MATCH ?"
        json.dumps([total, database.execute(f"{best} ORDER BY rank LIMIT 10", (asked,)).fetchall()])
    return {"queries": len(mixed), "wall": time.perf_counter() - begun, "cpu": time.process_time() - cpu}


def phrases(file: str, queries: str) -> dict[str, Any]:
    """Exact phrases, the ids of all sections that have them."""
    drawn = json.loads(Path(queries).read_text(encoding="utf-8"))["phrases"]
    database = sqlite3.connect(file)
    begun, cpu = time.perf_counter(), time.process_time()
    hits = 0
    for phrase in drawn:
        found = database.execute("SELECT id FROM sections WHERE sections MATCH ?", (_phrase(phrase),))
        hits += len(found.fetchall())
    return {"hits": hits, "wall": time.perf_counter() - begun, "cpu": time.process_time() - cpu}


def main(arguments: Sequence[str]) -> None:
    """``build SECTIONS FILE``, ``batch FILE QUERIES`` or ``phrases FILE QUERIES``: print what was measured as JSON."""
    name, *rest = arguments
    commands: dict[str, Callable[..., dict[str, Any]]] = {"build": build, "batch": batch, "phrases": phrases}
    print(json.dumps(commands[name](*rest)))


if __name__ == "__main__":
    main(sys.argv[1:])
