"""The records of many documents: packed in blocks, they come back as they were; corrupt ones are refused."""

from __future__ import annotations

import json
import random
from base64 import b64decode, b64encode
from typing import Any

import pytest

from policysearch.citation.versions import VersionRecord
from policysearch.documents.removals import RemovedCount
from policysearch.indexing.document_records import DocumentRecord, Documents


def some_records(count: int, *, keyed: bool = True) -> list[DocumentRecord]:
    chance = random.Random(count)

    def hashed(size: int) -> str:
        return chance.randbytes(size).hex()

    version = VersionRecord("某某条例", "2020-01-01", "2020-02-01", None, None, "有效", "0a" * 9)
    return [
        DocumentRecord(
            f"甲 \ud800.jsonl#r{number}",
            chance.randrange(1, 5),
            chance.randrange(1 << 20),
            chance.randrange(1 << 40),
            hashed(16),
            hashed(8),
            hashed(4 * chance.randrange(4)),
            version if chance.random() < 0.1 else None,
            hashed(8) if keyed and chance.random() < 0.9 else "",
            {"markup": RemovedCount(1, 2, 0)} if chance.random() < 0.1 else {},
        )
        for number in range(count)
    ]


def stored(documents: Documents) -> Any:
    return json.loads(json.dumps(documents.to_state()))


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_records_come_back(count: int) -> None:
    records = some_records(count)
    documents = Documents.from_state(stored(Documents(records)))
    assert list(documents) == records
    assert len(documents) == count
    assert documents == Documents(records)
    assert Documents(records[: count // 2]).followed_by(records[count // 2 :]) == documents
    extended = Documents(records[: count // 3])
    extended.extend(Documents(records[count // 3 :]))
    assert extended == documents
    assert documents.sections == sum(one.sections for one in records)
    assert documents.characters == sum(one.characters for one in records)
    assert documents.bytes == sum(one.bytes for one in records)
    assert documents.versions == sum(one.version is not None for one in records)
    assert [documents[number] for number in range(0, count, 250)] == records[::250]


def test_many_records_take_little_room() -> None:
    records = [one._replace(longest_sentences=one.text_hash[:8], title_hash="0" * 16) for one in some_records(5000)]
    assert len(json.dumps(stored(Documents(records)))) < 70 * len(records)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda block: block[:-9], id="truncated"),
        pytest.param(lambda block: block + b"more", id="longer"),
        pytest.param(lambda block: b"", id="empty"),
    ],
)
def test_corrupt_blocks_are_refused(change: Any) -> None:
    state = stored(Documents(some_records(1000)))
    state["blocks"] = [b64encode(change(b64decode(block))).decode() for block in state["blocks"]]
    with pytest.raises(ValueError, match="expected"):
        Documents.from_state(state)


@pytest.mark.parametrize(
    "state",
    [
        {"blocks": ["!"], "rest": []},
        {"blocks": [1], "rest": []},
        {"blocks": []},
        {"blocks": [], "rest": [["a.txt", 1]]},
        [["a.txt", 1, 1, 1, 1, "", ""]],
        None,
    ],
)
def test_other_values_are_refused(state: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        Documents.from_state(state)
