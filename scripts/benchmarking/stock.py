"""The stock recipe: jieba.analyse.ChineseAnalyzer in a Whoosh TEXT field.

It is given sections ready-made, so reading and dividing documents is in
policysearch's time only.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path


def build(sections: str, folder: str) -> None:
    """Index sections, JSON objects on lines, into a folder that is empty."""
    from jieba.analyse import ChineseAnalyzer
    from whoosh.fields import ID, TEXT, Schema
    from whoosh.index import create_in

    schema = Schema(id=ID(stored=True, unique=True), text=TEXT(analyzer=ChineseAnalyzer(), stored=True))
    writer = create_in(folder, schema).writer(limitmb=256)
    with open(sections, encoding="utf-8") as lines:
        for line in lines:
            writer.add_document(**json.loads(line))
    writer.commit()


def search(folder: str, query: str) -> None:
    """Print the ids of ten hits."""
    from whoosh.index import open_dir
    from whoosh.qparser import QueryParser

    index = open_dir(folder)
    with index.searcher() as searcher:
        for hit in searcher.search(QueryParser("text", index.schema).parse(query), limit=10):
            print(hit.rank, hit.score, hit["id"])


def ask(folder: str, queries: str, warming: str, asked: str) -> None:
    """Answer queries with snippets, after others to warm up; print the seconds of each as JSON."""
    from whoosh.index import open_dir
    from whoosh.qparser import QueryParser

    drawn = json.loads(Path(queries).read_text(encoding="utf-8"))
    index = open_dir(folder)
    parser = QueryParser("text", index.schema)
    with index.searcher() as searcher:

        def answer(query: str) -> str:
            found = searcher.search(parser.parse(query), limit=10)
            return json.dumps(
                {
                    "total": len(found),
                    "hits": [{"id": hit["id"], "score": hit.score, "snippet": hit.highlights("text")} for hit in found],
                }
            )

        for query in drawn[warming]:
            answer(query)
        seconds = []
        for query in drawn[asked]:
            begun = time.perf_counter()
            answer(query)
            seconds.append(time.perf_counter() - begun)
    print(json.dumps({"seconds": seconds}))


def cut(sections: str) -> None:
    """Cut the sections' texts as the index of words needs them, and nothing else: the floor of any build by words."""
    import jieba

    jieba.setLogLevel(60)
    words = 0
    with open(sections, encoding="utf-8") as lines:
        for line in lines:
            words += len(jieba.lcut_for_search(json.loads(line)["text"]))
    print(words)


def main(arguments: Sequence[str]) -> None:
    """``build SECTIONS FOLDER``, ``search FOLDER QUERY``, ``ask FOLDER QUERIES WARMING ASKED`` or ``cut SECTIONS``."""
    name, *rest = arguments
    commands: dict[str, Callable[..., None]] = {"build": build, "search": search, "ask": ask, "cut": cut}
    commands[name](*rest)


if __name__ == "__main__":
    main(sys.argv[1:])
