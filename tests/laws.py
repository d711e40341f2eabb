"""Properties that hold for any bytes: as a source, as a query, as damage to an index."""

from __future__ import annotations

import random
import shutil
from functools import lru_cache
from pathlib import Path

from conftest import SOURCES

from policysearch import IndexUnusableError, QueryError, SourceError, open_index
from policysearch.documents.document import FailedDocument, read_documents
from policysearch.engines.opening import open_store
from policysearch.indexing.refresh import refresh


def source(ending: str, data: bytes, folder: Path) -> None:
    """Reading fails as it should or gives documents whose sections are their texts."""
    path = folder / f"source{ending}"
    path.write_bytes(data)
    try:
        for document in read_documents(path, path.name):
            if isinstance(document, FailedDocument):
                assert document.reason
                continue
            assert "".join(s.text for s in document.sections) == document.text
            at = 0
            for section in document.sections:
                assert (section.start, section.end) == (at, at + len(section.text))
                at = section.end
            assert "\r" not in document.text
            assert "\0" not in document.text
    except SourceError:
        return


@lru_cache(maxsize=1)
def whole() -> Path:
    """Return an index of a few of the samples."""
    import tempfile

    folder = Path(tempfile.mkdtemp()) / "index"
    refresh(open_store(folder), [SOURCES / "法规", SOURCES / "通知"])
    return folder


def query(ending: str, data: bytes, folder: Path) -> None:
    """A query is answered, or refused with the place at fault."""
    text = data.decode("utf-8", "surrogatepass")
    with open_index(whole()) as index:
        for options in ({}, {"exact": True}, {"match": "any"}):
            refused = None
            try:
                index.search(text, **options)
            except QueryError as error:
                refused = error
            assert refused is None or 0 <= refused.position <= len(refused.query)


def index(ending: str, data: bytes, folder: Path) -> None:
    """A corrupt index is detected, and answers or refuses to."""
    chance = random.Random(data)
    harmed = folder / "index"
    shutil.rmtree(harmed, ignore_errors=True)
    shutil.copytree(whole(), harmed)
    path = chance.choice(sorted(p for p in harmed.iterdir() if p.name != "LOCK"))
    good = path.read_bytes()
    at = chance.randrange(len(good))
    bad = bytearray(good)
    bad[at : at + chance.randint(1, 16)] = data[: chance.randint(0, 32)]
    if bytes(bad) == good:
        return
    path.write_bytes(bad)
    assert open_store(harmed).damage()
    try:
        with open_index(harmed) as opened:
            for words in ("优化 政务服务", "“营商环境”", "heading:服务 OR year:2022", "的"):
                opened.search(words, limit=100).to_dict()
            opened.count(["服务"], by=["type", "part"])
            opened.documents()
    except IndexUnusableError:
        pass


LAWS = {"source": source, "query": query, "index": index}
