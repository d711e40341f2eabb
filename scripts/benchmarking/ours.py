"""The measurements of policysearch inside one process, after an index was opened by the library."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the commands do

import policysearch
from policysearch.index import Index
from policysearch.search.batch import Answered
from policysearch.search.hits import Hits


def _drawn(queries: str, name: str) -> list[str]:
    drawn: list[str] = json.loads(Path(queries).read_text(encoding="utf-8"))[name]
    return drawn


def _timed(calls: Iterable[Callable[[], Any]]) -> dict[str, float]:
    """Return the wall and CPU seconds of some calls."""
    wall, cpu = time.perf_counter(), time.process_time()
    for call in calls:
        call()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def batch(folder: str, queries: str, asked: str, way: str = "together") -> dict[str, Any]:
    """Two passes over queries, all words, ten hits with snippets as JSON; what they give is hashed.

    ``way``: ``together`` hands all queries to ``Index.batch``; ``alone`` asks each by ``Index.search``.
    """
    mixed = _drawn(queries, asked)
    written: list[str] = []

    def answers(index: Index) -> Iterator[Hits]:
        if way == "alone":
            return (index.search(query, match="all", duplicates="show") for query in mixed)
        topics = ((str(number), query) for number, query in enumerate(mixed))
        return (one.found for one in index.batch(topics) if isinstance(one, Answered))

    def write(index: Index) -> None:
        written.extend(found.to_json() for found in answers(index))

    opened: list[Index] = []
    opening = _timed([lambda: opened.append(policysearch.open_index(folder))])
    with closing(opened[0]) as index:
        passes = [_timed([partial(write, index)]) for _ in range(2)]
        totals = [index.search(query, limit=0, match="all").total for query in mixed]
    return {
        "queries": len(mixed),
        "found": sum(map(bool, totals)),
        "opening": opening,
        "passes": passes,
        "answers": hashlib.sha256("".join(written).encode("utf-8", "surrogatepass")).hexdigest(),
    }


def ask(folder: str, queries: str, warming: str, asked: str, way: str = "shown") -> dict[str, Any]:
    """Seconds of each query after other queries to warm up.

    ``way``: ``shown`` is ten hits with snippets, ``named`` ten ids and scores; ``whoosh shown`` and ``whoosh named``
    are the same by Whoosh's parser, searcher and highlighter over the same segments.
    """
    shown = way.endswith("shown")
    answers = _through_whoosh(folder, shown) if way.startswith("whoosh") else _by_the_program(folder, shown)
    with closing(answers):
        next(answers)
        for query in _drawn(queries, warming):
            answers.send(query)
        seconds = []
        for query in _drawn(queries, asked):
            begun = time.perf_counter()
            answers.send(query)
            seconds.append(time.perf_counter() - begun)
    return {"seconds": seconds}


def _by_the_program(folder: str, shown: bool) -> Generator[str, str, None]:
    """Take queries and give answers; the first is none."""
    answer = ""
    with closing(policysearch.open_index(folder)) as index:
        while True:
            query = yield answer
            found: Any = index.search(query).to_dict() if shown else [*index.search_names(query)[1]]
            answer = json.dumps(found)


def _through_whoosh(folder: str, shown: bool) -> Generator[str, str, None]:
    """Take queries and give answers; the first is none."""
    from whoosh.qparser import QueryParser

    from policysearch.engines.whoosh.whoosh_bridge import LuceneBM25

    answer = ""
    index = policysearch.open_whoosh(folder)
    parser = QueryParser("text", index.schema)
    with index.searcher(weighting=LuceneBM25()) as searcher:
        while True:
            query = yield answer
            found = searcher.search(parser.parse(query), limit=10)
            if shown:
                hits = [{"id": h["section_id"], "score": h.score, "snippet": h.highlights("text")} for h in found]
                answer = json.dumps({"total": len(found), "hits": hits})
            else:
                answer = json.dumps(found.top_n)


def phrases(folder: str, queries: str, sections: str) -> dict[str, Any]:
    """The ids of all hits of exact phrases, in two passes, and whether they are those of a scan of the reduced texts.

    Then all hits once more, with metadata and snippets, as JSON.
    """
    drawn = _drawn(queries, "phrases")
    found: dict[str, set[str]] = {}

    def answer(index: Index, phrase: str) -> None:
        found[phrase] = set(index.ids(phrase, exact=True))

    def show(index: Index, phrase: str) -> str:
        return index.search(phrase, exact=True, limit=None).to_json()

    with closing(policysearch.open_index(folder)) as index:
        passes = [_timed(partial(answer, index, phrase) for phrase in drawn) for _ in range(2)]
        shown = _timed(partial(show, index, phrase) for phrase in drawn)
    truth = _scan(drawn, sections)
    right = sum(len(found[p] & truth[p]) for p in drawn)
    return {
        "phrases": len(drawn),
        "hits": sum(map(len, found.values())),
        "recall": right / max(1, sum(map(len, truth.values()))),
        "precision": right / max(1, sum(map(len, found.values()))),
        "passes": passes,
        "shown": shown,
    }


def _scan(drawn: Sequence[str], sections: str) -> dict[str, set[str]]:
    """Return the ids of the sections in whose reduced text each phrase stands."""
    from policysearch.text.folding import reduce, reduce_text

    ids, starts, texts, at = [], [], [], 0
    with open(sections, encoding="utf-8") as lines:
        for line in lines:
            section = json.loads(line)
            text = reduce_text(section["text"])
            ids.append(section["id"])
            starts.append(at)
            texts.append(text)
            at += len(text) + 1
    whole = "\n".join(texts)  # no reduced text has a line break
    out: dict[str, set[str]] = {}
    for phrase in drawn:
        reduced = reduce(phrase)
        held = out[phrase] = set()
        place = whole.find(reduced)
        while place >= 0:
            number = bisect_right(starts, place) - 1
            held.add(ids[number])
            place = whole.find(reduced, starts[number + 1]) if number + 1 < len(starts) else -1
    return out


def judge(queries: str, records: str, found: str) -> dict[str, Any]:
    """Hold the ids that phrases gave against scans: the means of their recall, and of the precision of those that hit.

    To be found is every record in which a phrase stands as it is written; right is what has it in its reduced text,
    which knows no script and no width.
    """
    drawn = _drawn(queries, "phrases")
    given = json.loads(Path(found).read_text(encoding="utf-8"))
    with open(records, encoding="utf-8") as lines:
        texts = {one["id"]: one["text"] for one in map(json.loads, lines)}
    reduced = _scan(drawn, records)
    hits = 0
    recall, precision = [], []
    for phrase in drawn:
        ids = {_record(name) for name in given[phrase]}
        hits += len(ids)
        written = {name for name, text in texts.items() if phrase in text}
        if written:
            recall.append(len(ids & written) / len(written))
        if ids:
            precision.append(len(ids & (reduced[phrase] | written)) / len(ids))
    return {"hits": hits, "recall": fmean(recall or [0.0]), "precision": fmean(precision or [0.0])}


def _record(name: str) -> str:
    """Return the id that a record has in its file: of a section of it, ``FILE.jsonl#ID#NUMBER``."""
    return name.partition(".jsonl#")[2].rpartition("#")[0] or name


def options(folder: str, queries: str) -> dict[str, Any]:
    """Wall seconds of the same words without options and with each filter, sorting and grouping, taking turns."""
    drawn = _drawn(queries, "words")
    with closing(policysearch.open_index(folder)) as index:
        chosen: dict[str, Mapping[str, Any]] = {"plain": {}}
        for name in ("year", "region", "type"):
            values = [v for v in index.values(name) if v.value is not None]
            if values:
                most = max(values, key=lambda v: v.sections)
                chosen[f"--{name} {most.value}"] = {"filters": {name: [str(most.value)]}}
        for sort in ("date", "-date", "year", "document"):
            chosen[f"--sort {sort}"] = {"sort": sort}
        chosen["--group document"] = {"group": "document"}
        seconds: dict[str, list[float]] = {name: [] for name in chosen}
        for turn in range(4):
            for query in drawn:
                for name, given in chosen.items():
                    begun = time.perf_counter()
                    json.dumps(index.search(query, match="all", **given).to_dict())
                    if turn:  # the first turn warms up
                        seconds[name].append(time.perf_counter() - begun)
    return {"seconds": {name: sum(taken) / len(taken) for name, taken in seconds.items()}}


def main(arguments: Sequence[str]) -> None:
    """``batch|ask|phrases|options FOLDER QUERIES …``, ``judge QUERIES …``: print what was measured as JSON."""
    name, *rest = arguments
    measured: Mapping[str, Callable[..., dict[str, Any]]] = {
        "batch": batch,
        "ask": ask,
        "phrases": phrases,
        "options": options,
        "judge": judge,
    }
    print(json.dumps(measured[name](*rest)))


if __name__ == "__main__":
    main(sys.argv[1:])
