#!/usr/bin/env python3
"""Measure how long it takes to name near-duplicates among many made-up documents, and how much memory.

    .venv/bin/python scripts/measure_near_duplicates.py [DOCUMENTS]

The documents are forms: of 60 sentences, 40 are drawn from 2,000 that all
share, among them the longest, and 20 are their own. Every fiftieth is the one before it with
two sentences changed. The seconds are those of this program, without making
the texts.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Iterator
from typing import Any

from policysearch.engines.protocol import DocumentTexts
from policysearch.engines.tree import OfDocuments
from policysearch.indexing.document_records import Documents
from policysearch.indexing.near_duplicates import longest_sentences, may_be_near, near_duplicates_among
from policysearch.indexing.record_columns import DocumentRecord
from policysearch.indexing.records import text_hash
from policysearch.indexing.source_records import SourceRecord

SHARED, OWN, POOL, EVERY = 40, 20, 2_000, 50
CHARACTERS = "县市发展建设工作推进项目企业投资改革创新农业生态保护教育医疗服务水平提升加快完善"


class MadeUp:
    """An engine of made-up documents."""

    def __init__(self, count: int) -> None:
        self.count = count
        draw = random.Random(1)
        self._pool = ["".join(draw.choices(CHARACTERS, k=draw.randint(15, 90))) for _ in range(POOL)]

    def text(self, number: int) -> str:
        """Return a document's text; each can be made by itself."""
        copied = number % EVERY == EVERY - 1
        draw = random.Random(number - copied)
        sentences = draw.sample(self._pool, SHARED)
        sentences += ["".join(draw.choices(CHARACTERS, k=draw.randint(10, 60))) for _ in range(OWN)]
        draw.shuffle(sentences)
        if copied:
            sentences[3], sentences[17] = f"改动{number}之一", f"改动{number}之二"
        return "。".join(sentences) + "。"

    def texts(self, node: OfDocuments) -> Iterator[DocumentTexts]:
        """Yield documents in order of their ids."""
        for number in range(self.count):
            name = f"{number:07d}.txt"
            if name in node.document_ids:
                yield DocumentTexts(
                    {"document_id": name, "source": name, "title": None}, ("body",), (self.text(number),)
                )


def main(documents: int = 100_000) -> None:
    """Print what was measured."""
    engine: Any = MadeUp(documents)
    records = {}
    sketching = making = 0.0
    characters = 0
    for number in range(documents):
        begun = time.process_time()
        text = engine.text(number)
        made = time.process_time()
        name = f"{number:07d}.txt"
        longest = longest_sentences([text])
        sketching += time.process_time() - made
        making += made - begun
        characters += len(text)
        records[name] = SourceRecord(
            "/", documents=Documents([DocumentRecord(name, 1, len(text), 1, text_hash(name), "", longest)])
        )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    chosen = may_be_near(records, ())
    choosing = time.process_time() - begun
    begun = time.process_time()
    found = near_duplicates_among(engine, chosen)
    comparing = time.process_time() - begun - making * len(chosen) / documents
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{documents:,} documents, {characters:,} characters, {len(found):,} near-duplicates named")
    print(f"while they are read: {sketching:.1f} s; choosing {len(chosen):,} of them: {choosing:.1f} s")
    print(f"comparing these: {comparing:.1f} s; memory beside the records: {(peak - before) / 1024:.0f} MB")
    remembered = sum(len(one.documents[0].longest_sentences) for one in records.values())
    print(f"remembered: {remembered / documents:.0f} bytes a document")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
