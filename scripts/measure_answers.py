#!/usr/bin/env python3
"""Measure on an open index the answers that have a limit at 100 MB: facets, words, collocates, drafts, citations.

    python scripts/measure_answers.py INDEX [--ngrams]

Prints CPU seconds of this process, first and second time. A draft of 100 pages is made of paragraphs of the index, 300
of them quoted. N-grams take a minute.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

from policysearch import Index, open_index

FIELDS = ("region", "province", "year", "type", "part", "level")
PAGE = 800  # characters
PAGES = 100
QUOTED = 3  # a page
SHARE = 20  # one document of so many is read for citations


def draft(index: Index) -> str:
    """Return a draft of 100 pages, with three quotations a page of sections all over the index."""
    stream = index.engine.stream(index.selection())
    long = (one for one in stream if len(one.text) > 200 and not set(one.text) & set("“”‘’「」『』\"'"))
    pages = []
    for number, section in enumerate(islice(long, 0, PAGES * 100, 100)):
        text = "".join(section.text.split())
        quoted = "".join(f"文中写道：“{text[at * 40 : at * 40 + 30]}”。" for at in range(QUOTED))
        pages.append(f"第{number}页。{quoted}{'本页其余是自己的话。' * (PAGE // 10)}")
    return "\n\n".join(pages)


def took(name: str, ask: Callable[[], Any], times: int = 2) -> None:
    """Ask, and print the CPU seconds of each time."""
    seconds = []
    for _ in range(times):
        began = time.process_time()
        ask()
        seconds.append(time.process_time() - began)
    print(f"| {name} | {' / '.join(f'{one:.3f}' for one in seconds)} |", flush=True)


def main() -> None:
    """Measure, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("--ngrams", action="store_true", help="n-grams too")
    given = parser.parse_args()
    with open_index(given.index) as index:
        print(
            f"{index.info['bytes'] / 1e6:.1f} MB, {index.info['documents']:,} documents\n\n| | CPU s |\n| --- | ---: |"
        )
        for query in ("营商环境", "发展", "规定", "的"):
            took(f"search {query}", lambda query=query: index.search(query))  # type: ignore[misc]
            took(f"the same with facets of six fields: {query}", lambda query=query: index.search(query, facets=FIELDS))  # type: ignore[misc]
        took("words", index.words)
        for phrase in ("营商环境", "数字经济", "改革", "发展"):
            took(f"collocates {phrase}", lambda phrase=phrase: index.collocates(phrase))  # type: ignore[misc]
        text = draft(index)
        took("verify a short draft", lambda: index.verify("文中写道：“这里什么也没有引用过呢”。"))
        took(f"verify {PAGES} pages with {PAGES * QUOTED} quotations", lambda: index.verify(text))
        names = sorted(map(str, index.engine.values("document_id")))[::SHARE]
        took(f"citations of {len(names):,} documents", lambda: index.citations(document=names), 1)
        if given.ngrams:
            took("n-grams", lambda: index.words(unit="ngram"), 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    print(f"| peak, MB | {peak:.0f} |")


if __name__ == "__main__":
    main()
