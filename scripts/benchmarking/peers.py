"""Other engines, and policysearch, over the same records and behind the same methods.

Each is used as its documentation has it. Words are those of
jieba.cut_for_search, ten hits are the best by the engine's own ranking, and all
words of a query must be there. A phrase is what the engine offers for one: a
phrase of its words or bigrams; of tantivy's 2-grams, which have no positions,
all of them anywhere.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from benchmarking.processes import PYTHON

__all__ = ["FAST", "PEERS", "Peer", "command"]

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as policysearch's commands do


class Peer(Protocol):
    """An engine that is open for questions."""

    def __init__(self, folder: str) -> None:
        """Open what was built there."""

    @staticmethod
    def build(records: str, folder: str) -> None:
        """Index records, JSON objects with ``id`` and ``text`` on lines, into a folder that is empty."""

    def best(self, query: str) -> Any:
        """Return how many records match, and ten with snippets, as values that JSON has."""

    def ids(self, phrase: str) -> list[str]:
        """Return the ids of all records that have a phrase, as far as the engine can tell."""


def _records(path: str) -> Iterator[tuple[str, str]]:
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            yield one["id"], one["text"]


def _words(text: str) -> list[str]:
    import jieba

    jieba.setLogLevel(60)
    return [word for word in jieba.lcut_for_search(text) if not word.isspace()]


def _characters(text: str) -> list[str]:
    return list(text)


def _grams(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]


class _Sqlite:
    """SQLite's FTS5."""

    terms: Callable[[str], Sequence[str]]
    """Return the tokens of a text, in order."""

    def __init__(self, folder: str) -> None:
        self._database = sqlite3.connect(f"{folder}/records.sqlite")

    @classmethod
    def build(cls, records: str, folder: str) -> None:
        database = sqlite3.connect(f"{folder}/records.sqlite")
        database.execute("CREATE VIRTUAL TABLE records USING fts5(id UNINDEXED, text)")
        with database:
            rows = ((name, " ".join(cls.terms(text))) for name, text in _records(records))
            database.executemany("INSERT INTO records VALUES (?, ?)", rows)
        database.execute("INSERT INTO records(records) VALUES ('optimize')")
        database.commit()
        database.close()

    def best(self, query: str) -> Any:
        asked = " AND ".join(self._phrase(word) for part in query.split() for word in self._asked(part))
        total = self._database.execute("SELECT count(*) FROM records WHERE records MATCH ?", (asked,)).fetchone()
        best = "SELECT id, rank, snippet(records, 1, '[', ']', '…', 60) FROM records WHERE records MATCH ?"
        return [total, self._database.execute(f"{best} ORDER BY rank LIMIT 10", (asked,)).fetchall()]

    def ids(self, phrase: str) -> list[str]:
        asked = self._phrase(phrase)
        return [name for (name,) in self._database.execute("SELECT id FROM records WHERE records MATCH ?", (asked,))]

    def _asked(self, part: str) -> Sequence[str]:
        return [part]

    def _phrase(self, text: str) -> str:
        return '"' + " ".join(self.terms(text)).replace('"', " ") + '"'


class SqliteCharacters(_Sqlite):
    """Every character a term, a word a phrase of them."""

    terms = staticmethod(_characters)


class SqliteWords(_Sqlite):
    """jieba's words."""

    terms = staticmethod(_words)

    def _asked(self, part: str) -> Sequence[str]:
        return _words(part)


def _tantivy() -> Any:
    return import_module("tantivy")  # installed for this alone


class _Tantivy:
    """tantivy, one thread."""

    tokenizer = "whitespace"

    def __init__(self, folder: str) -> None:
        self._index = self._made(folder)
        self._index.reload()
        self._searcher = self._index.searcher()

    @classmethod
    def _made(cls, folder: str) -> Any:
        tantivy = _tantivy()
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        builder.add_text_field("text", stored=True, tokenizer_name=cls.tokenizer)
        index = tantivy.Index(builder.build(), path=folder)
        grams = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(2, 2, False)).build()
        index.register_tokenizer("grams", grams)
        return index

    @classmethod
    def build(cls, records: str, folder: str) -> None:
        tantivy = _tantivy()
        writer = cls._made(folder).writer(heap_size=256_000_000, num_threads=1)
        for name, text in _records(records):
            writer.add_document(tantivy.Document(id=[name], text=[cls._written(text)]))
        writer.commit()
        writer.wait_merging_threads()

    @staticmethod
    def _written(text: str) -> str:
        return text

    def _all(self, terms: Sequence[str]) -> Any:
        tantivy = _tantivy()
        parts = [
            (tantivy.Occur.Must, tantivy.Query.term_query(self._index.schema, "text", term))
            for term in dict.fromkeys(terms)
        ]
        return tantivy.Query.boolean_query(parts)

    def _best(self, query: Any) -> Any:
        tantivy = _tantivy()
        found = self._searcher.search(query, 10)
        snippets = tantivy.SnippetGenerator.create(self._searcher, query, self._index.schema, "text")
        hits = []
        for score, address in found.hits:
            document = self._searcher.doc(address)
            hits.append([document["id"][0], score, snippets.snippet_from_doc(document).to_html()])
        return [found.count, hits]

    def _ids(self, query: Any) -> list[str]:
        found = self._searcher.search(query, self._searcher.num_docs, count=False)
        return [self._searcher.doc(address)["id"][0] for _, address in found.hits]


class TantivyWords(_Tantivy):
    """jieba's words."""

    @staticmethod
    def _written(text: str) -> str:
        return " ".join(_words(text))

    def best(self, query: str) -> Any:
        return self._best(self._all(_words(query)))

    def ids(self, phrase: str) -> list[str]:
        tantivy = _tantivy()
        terms = _words(phrase)
        query = self._all(terms) if len(terms) < 2 else tantivy.Query.phrase_query(self._index.schema, "text", terms)
        return self._ids(query)


class TantivyGrams(_Tantivy):
    """Pairs of neighbouring characters."""

    tokenizer = "grams"

    def best(self, query: str) -> Any:
        return self._best(self._all([gram for part in query.split() for gram in _grams(part)]))

    def ids(self, phrase: str) -> list[str]:
        return self._ids(self._all(_grams(phrase)))


class Stock:
    """The stock recipe: jieba.analyse.ChineseAnalyzer in a Whoosh TEXT field."""

    def __init__(self, folder: str) -> None:
        from whoosh.index import open_dir
        from whoosh.qparser import QueryParser

        index = open_dir(folder)
        self._searcher = index.searcher()
        self._parser = QueryParser("text", index.schema)

    @staticmethod
    def build(records: str, folder: str) -> None:
        from benchmarking.stock import build

        build(records, folder)

    def best(self, query: str) -> Any:
        found = self._searcher.search(self._parser.parse(query), limit=10)
        return [len(found), [[hit["id"], hit.score, hit.highlights("text")] for hit in found]]

    def ids(self, phrase: str) -> list[str]:
        query = self._parser.parse('"' + phrase.replace('"', " ") + '"')
        return [self._searcher.stored_fields(number)["id"] for number in self._searcher.docs_for_query(query)]


class Groonga:
    """Groonga's bigrams, and its command over a pipe."""

    def __init__(self, folder: str) -> None:
        command = ["groonga", f"{folder}/records"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        self.helper = self._process.pid

    @staticmethod
    def build(records: str, folder: str) -> None:
        made = subprocess.Popen(
            ["groonga", "-n", f"{folder}/records"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, encoding="utf-8"
        )
        with made, made.stdin as to:  # type: ignore[union-attr]
            to.write("table_create Records TABLE_HASH_KEY ShortText\n")
            to.write("column_create Records text COLUMN_SCALAR Text\n")
            to.write("load --table Records\n[\n")
            for number, (name, text) in enumerate(_records(records)):
                to.write(("," if number else "") + json.dumps({"_key": name, "text": text}, ensure_ascii=False) + "\n")
            to.write("]\n")
            terms = "--default_tokenizer TokenBigramSplitSymbolAlphaDigit --normalizer NormalizerAuto"
            to.write(f"table_create Terms TABLE_PAT_KEY ShortText {terms}\n")
            to.write("column_create Terms places COLUMN_INDEX|WITH_POSITION Records text\n")
        if made.returncode:
            raise SystemExit(f"groonga ended with status {made.returncode}.")

    @staticmethod
    def selected(query: str) -> dict[str, str]:
        """Return the arguments of ``select`` for ten hits with snippets."""
        condition = " && ".join(f"text @ {json.dumps(part, ensure_ascii=False)}" for part in query.split())
        columns = {"output_columns": "_key,_score,snippet_html(text)", "sort_keys": "-_score", "limit": "10"}
        return {"table": "Records", "filter": condition, **columns}

    def _select(self, arguments: Mapping[str, str]) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        quoted = (
            f"--{name} '" + value.replace("\\", "\\\\").replace("'", "\\'") + "'" for name, value in arguments.items()
        )
        self._process.stdin.write(f"select {' '.join(quoted)}\n")
        self._process.stdin.flush()
        (status, *_), found = json.loads(self._process.stdout.readline())
        if status:
            raise SystemExit(f"groonga refused {arguments}: {found}")
        (total,), _, *hits = found[0]
        return [total, hits]

    def best(self, query: str) -> Any:
        return self._select(self.selected(query))

    def ids(self, phrase: str) -> list[str]:
        condition = f"text @ {json.dumps(phrase, ensure_ascii=False)}"
        found = self._select({"table": "Records", "filter": condition, "output_columns": "_key", "limit": "-1"})
        return [name for (name,) in found[1]]


class Ours:
    """policysearch, by its library; its command builds."""

    def __init__(self, folder: str) -> None:
        import policysearch

        self._index = policysearch.open_index(folder)

    @staticmethod
    def build(records: str, folder: str) -> None:
        raise NotImplementedError

    def best(self, query: str) -> Any:
        return self._index.search(query, match="all", duplicates="show").to_dict()

    def batch(self, queries: Sequence[str]) -> Iterator[Any]:
        """Yield the answers to queries that are handed over together."""
        from policysearch.search.batch import Answered

        topics = ((str(number), query) for number, query in enumerate(queries))
        return (one.found.to_dict() for one in self._index.batch(topics) if isinstance(one, Answered))

    def ids(self, phrase: str) -> list[str]:
        return self._index.ids(phrase, exact=True)


PEERS: Mapping[str, type[Peer]] = {
    "stock Whoosh + jieba": Stock,
    "tantivy + jieba": TantivyWords,
    "FTS5 + jieba": SqliteWords,
    "FTS5, characters": SqliteCharacters,
    "Groonga, bigrams": Groonga,
    "tantivy, 2-grams": TantivyGrams,
}
FAST = "extra fast"
_ALL: Mapping[str, type[Peer]] = {**PEERS, "policysearch": Ours}


def missing(name: str) -> str:
    """Return the part of an engine that is not installed, or an empty string."""
    from importlib.util import find_spec

    if name.startswith("Groonga"):
        return "" if shutil.which("groonga") else "the command groonga, of Debian's package groonga-bin"
    if name.startswith("tantivy"):
        return "" if find_spec("tantivy") else "the module tantivy, of the package index"
    if name == FAST:
        return "" if find_spec("rjieba") else "the module rjieba, of the extra fast"
    return ""


def command(name: str, folder: Path, query: str) -> tuple[Sequence[str], Sequence[object]]:
    """Return the program, and its arguments, that answer one query from a shell with ten hits and their snippets."""
    if name.startswith("Groonga"):
        arguments = [word for key, value in Groonga.selected(query).items() for word in (f"--{key}", value)]
        return ("groonga",), (folder / "records", "select", *arguments)
    if name == "policysearch":
        return PYTHON, ("-m", "policysearch", "search", query, "-i", folder, "--match", "all", "--format", "json")
    return PYTHON, ("-m", "benchmarking.peers", "best", name, folder, query)


def best(name: str, folder: str, query: str) -> None:
    """Answer one query."""
    print(json.dumps(_ALL[name](folder).best(query), ensure_ascii=False))


def ask(name: str, folder: str, queries: str, target: str) -> None:
    """Measure one process: opening, two passes over mixed queries, other queries one by one, all ids of phrases.

    What phrases gave is written to ``target``; all else is printed as JSON.
    """
    drawn: dict[str, list[str]] = json.loads(Path(queries).read_text(encoding="utf-8"))
    peer = _ALL[name](folder)

    def taken(begun: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
        helper = peer.helper if isinstance(peer, Groonga) else None
        wall, cpu = time.perf_counter(), time.process_time() + (_cpu(helper) if helper else 0.0)
        return wall - begun[0], cpu - begun[1]

    out: dict[str, Any] = {"passes": [], "seconds": []}
    for _ in range(2):
        begun = taken()
        answers = peer.batch(drawn["mixed"]) if isinstance(peer, Ours) else map(peer.best, drawn["mixed"])
        found = [json.dumps(answer, ensure_ascii=False) for answer in answers]
        wall, cpu = taken(begun)
        out["passes"].append({"wall": wall, "cpu": cpu, "queries": len(found)})
    for query in drawn["words"]:
        begun = taken()
        json.dumps(peer.best(query), ensure_ascii=False)
        out["seconds"].append(taken(begun)[0])
    begun = taken()
    ids = {phrase: peer.ids(phrase) for phrase in drawn["phrases"]}
    out["phrases"] = dict(zip(("wall", "cpu"), taken(begun), strict=True))
    Path(target).write_text(json.dumps(ids, ensure_ascii=False), encoding="utf-8")
    print(json.dumps(out))


def _cpu(pid: int) -> float:
    """Return the CPU seconds of another process, to 10 ms; 0 where there is no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str]) -> None:
    """``build NAME RECORDS FOLDER``, ``best NAME FOLDER QUERY``, ``ask NAME FOLDER QUERIES FILE``, ``missing NAME``."""
    what, name, *rest = arguments
    if what == "missing":
        print(json.dumps(missing(name)))
    elif what == "build":
        _ALL[name].build(*rest)
    elif what == "best":
        best(name, *rest)
    else:
        ask(name, *rest)


if __name__ == "__main__":
    main(sys.argv[1:])
