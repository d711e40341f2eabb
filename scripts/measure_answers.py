#!/usr/bin/env python3
"""Measure on an open index the answers that have a limit at 100 MB: facets, words, collocates, drafts, citations.

    python scripts/measure_answers.py INDEX [--ngrams]

Prints CPU seconds of this process, first and second time. A draft of 100 pages is made of paragraphs of the index, 300
of them quoted. Claims are quotations of 14 to 60 characters from random sections (with a fixed seed): true ones, and
altered ones, with one character changed, two left out or some put in; CPU milliseconds a claim. N-grams take a minute.
"""

from __future__ import annotations

import argparse
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from random import Random
from typing import Any

from policysearch import Index, open_index

FIELDS = ("region", "province", "year", "type", "part", "level")
PAGE = 800  # characters
PAGES = 100
QUOTED = 3  # a page
CLAIMS = 60  # of each kind
SHARE = 20  # one document of so many is read for citations


def draft(index: Index) -> str:
    """Return a draft of 100 pages, with three quotations a page of sections all over the index."""
    stream = index.engine.stream(index.selection())
    long = (one for one in stream if len(one.text) > 200)
    pages = []
    for number, section in enumerate(islice(long, 0, PAGES * 100, 100)):
        text = "".join(section.text.split())
        quoted = "".join(f"文中写道：“{text[at * 40 : at * 40 + 30]}”。" for at in range(QUOTED))
        pages.append(f"第{number}页。{quoted}{'本页其余是自己的话。' * (PAGE // 10)}")
    return "\n\n".join(pages)


def claims(index: Index) -> tuple[list[str], list[str]]:
    """Return true quotations of an index, and altered ones."""
    random = Random(7)
    texts = [one.text for one in islice(index.engine.stream(index.selection()), 0, None, 97)]
    random.shuffle(texts)
    # a mark of a quotation would end it, or part it in two
    runs = (re.split(r"[“”‘’「」『』\"'《》\[\]〔〕…\s]+", text) for text in texts)
    found = []
    for run in (random.choice(long) for one in runs if (long := [part for part in one if len(part) >= 14])):
        size = min(len(run), random.randint(14, 60))
        start = random.randint(0, len(run) - size)
        found.append(run[start : start + size])
    return found[:CLAIMS], [altered(one, random) for one in found[CLAIMS : 2 * CLAIMS]]


def altered(quotation: str, random: Random) -> str:
    """Return a quotation with a character changed, two left out, or some put in."""
    at = random.randrange(3, len(quotation) - 4)
    kind = random.randrange(3)
    if kind == 0:
        other = random.choice([one for one in "的是在有和与一二三大小上下不" if one != quotation[at]])
        return quotation[:at] + other + quotation[at + 1 :]
    if kind == 1:
        return quotation[:at] + quotation[at + 2 :]
    return quotation[:at] + random.choice(("不", "应当", "全面", "3")) + quotation[at:]


def verified(index: Index, name: str, quotations: list[str]) -> None:
    """Verify one claim at a time; print the CPU milliseconds of each, first and second time, and the verdicts."""
    each, verdicts = [], Counter[str]()
    for _ in range(2):
        began = time.process_time()
        found = [index.verify(f"文中写道：“{one}”。").claims for one in quotations]
        each.append((time.process_time() - began) / len(quotations) * 1000)
        verdicts = Counter(claim.verdict for one in found for claim in one)
    told = ", ".join(f"{many} {verdict}" for verdict, many in sorted(verdicts.items()))
    print(f"| verify {name} claims, ms a claim ({told}) | {' / '.join(f'{one:.1f}' for one in each)} |", flush=True)


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
        for phrase in ("营商环境", "数字经济", "改革", "发展", "规定", "应当"):
            took(f"collocates {phrase}", lambda phrase=phrase: index.collocates(phrase))  # type: ignore[misc]
        text = draft(index)
        took("verify a short draft", lambda: index.verify("文中写道：“这里什么也没有引用过呢”。"))
        for name, quotations in zip(("true", "altered"), claims(index), strict=True):
            verified(index, name, quotations)
        took(f"verify {PAGES} pages with {PAGES * QUOTED} quotations", lambda: index.verify(text))
        names = sorted(map(str, index.engine.values("document_id")))[::SHARE]
        took(f"citations of {len(names):,} documents", lambda: index.citations(document=names), 1)
        if given.ngrams:
            took("n-grams", lambda: index.words(unit="ngram"), 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    print(f"| peak, MB | {peak:.0f} |")


if __name__ == "__main__":
    main()
