"""The records of many documents: packed in blocks, they come back as they were; corrupt ones are refused."""

from __future__ import annotations

import random
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.citation.versions import VersionRecord
from policysearch.documents.removals import RemovedCount
from policysearch.files.json_bytes import packed, unpacked
from policysearch.indexing.document_records import Documents
from policysearch.indexing.record_columns import DocumentRecord


def some_records(count: int, *, keyed: bool = True) -> list[DocumentRecord]:
    chance = random.Random(count)

    def hashed(size: int) -> str:
        return chance.randbytes(size).hex()

    version = VersionRecord("某某条例", "2020-01-01", "2020-02-01", None, None, "有效", "0a" * 9)
    texts = [hashed(16) for _ in range(count)]
    return [
        DocumentRecord(
            f"甲 \ud800.jsonl#r{number}",
            chance.randrange(1, 5),
            chance.randrange(1 << 20),
            chance.randrange(1 << 40),
            texts[number],
            chance.choice((hashed(8), "5" * 16, texts[number][:16])),
            hashed(4 * chance.randrange(4)),
            version if chance.random() < 0.1 else None,
            hashed(8) if keyed and chance.random() < 0.9 else "",
            {"markup": RemovedCount(1, 2, 0)} if chance.random() < 0.1 else {},
        )
        for number in range(count)
    ]


def stored(documents: Documents) -> Any:
    return unpacked(packed(documents.to_state()))


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_records_come_back(count: int) -> None:
    records = some_records(count)
    documents = Documents.from_state(stored(Documents(records)))
    assert list(documents) == records
    assert len(documents) == count
    assert documents == Documents(records)
    assert Documents(records[: count // 2]).followed_by(records[count // 2 :]) == documents
    for at in (count // 3, 0, 1000):
        extended = Documents(records[:at])
        extended.extend(Documents(records[at:]))
        assert extended == documents
        assert (extended.sections, extended.characters) == (documents.sections, documents.characters)
    assert documents.sections == sum(one.sections for one in records)
    assert documents.characters == sum(one.characters for one in records)
    assert documents.bytes == sum(one.bytes for one in records)
    assert documents.versions == sum(one.version is not None for one in records)
    assert [documents[number] for number in range(0, count, 250)] == records[::250]


# a seed, since Hypothesis refuses a test that draws thousands of numbers
@given(seed=st.integers(0, 1 << 32), count=st.sampled_from([0, 5, 999, 1000, 2100]))
@pytest.mark.no_cover
def test_records_are_merged_by_their_numbers(seed: int, count: int) -> None:
    chance = random.Random(seed)
    more = chance.randrange(1200)
    every = some_records(count + more)
    numbers = sorted(chance.sample(range(1, 2 * len(every) + 2), len(every)))
    if chance.random() < 0.5:  # the others at one place
        first = chance.randrange(count + 1)
        added = set(numbers[first : first + more])
    else:
        added = set(chance.sample(numbers, more))
    read = [(number, one) for number, one in zip(numbers, every, strict=True) if number in added]
    before = [(number, one) for number, one in zip(numbers, every, strict=True) if number not in added]
    gone = {number for number, _ in before if chance.random() < 0.1}
    kept = [0 if number in gone else number for number, _ in before]
    merged = Documents(one for _, one in before).merged(kept, read)
    expected = Documents(one for number, one in zip(numbers, every, strict=True) if number not in gone)
    assert merged == expected
    sums = (merged.sections, merged.characters, merged.bytes, merged.versions)
    assert sums == (expected.sections, expected.characters, expected.bytes, expected.versions)


def test_columns_are_those_of_the_records() -> None:
    records = some_records(2300)
    documents = Documents.from_state(stored(Documents(records)))
    assert documents.ids() == [one.document_id for one in records]
    assert list(documents.versioned()) == [(one.document_id, one.version) for one in records if one.version]
    assert list(documents.removed()) == [one.removed for one in records if one.removed]
    assert documents.keys() is None
    keyed = [one._replace(key="00" * 8 if number % 7 else one.text_hash[:16]) for number, one in enumerate(records)]
    assert list(Documents(keyed).keys() or ()) == [int(one.key, 16) for one in keyed]
    first = next(documents.blocks())
    assert list(first.text_numbers()) == [int(one.text_hash[:16], 16) for one in records[:1000]]
    hashes = [(one.document_id, one.longest_sentences) for one in records[:1000]]
    expected = {(name, int(one[at : at + 8], 16)) for name, one in hashes for at in range(0, len(one), 8)}
    names, numbers = first.sentence_numbers()
    assert len(names) == len(expected)
    assert set(zip(names, numbers, strict=True)) == expected


@pytest.mark.parametrize("sections", [1, 2])
def test_many_records_take_little_room(sections: int) -> None:
    records = [
        one._replace(sections=sections, longest_sentences=one.text_hash[:8], title_hash="5" * 16, bytes=one.characters)
        for one in some_records(5000)
    ]
    documents = Documents(records)
    assert len(packed(documents.to_state())) < 52 * len(records)  # 28 of them hashes, and some 8 the version of a tenth
    assert list(Documents.from_state(stored(documents))) == records


def forged(block: bytes, change: Any) -> bytes:
    """Return a block with another head, whose checksum is right."""
    reading = zlib.decompressobj()
    head = reading.decompress(block)
    return zlib.compress(change(head)) + reading.unused_data


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda block: block[:-9], id="truncated"),
        pytest.param(lambda block: block + b"more", id="longer"),
        pytest.param(lambda block: b"", id="empty"),
        pytest.param(lambda block: forged(block, lambda head: head[:-8]), id="fewer numbers"),
        pytest.param(lambda block: forged(block, lambda head: head.replace(b"[false,", b"[true ,")), id="single"),
        pytest.param(
            lambda block: forged(block, lambda head: head.replace(b"[false,", b"[0    ,")), id="a number for it"
        ),
        pytest.param(
            lambda block: forged(block, lambda head: head[:-16000] + b"\xff" * 8 + head[-15992:]), id="negative"
        ),
    ],
)
def test_corrupt_blocks_are_refused(change: Any) -> None:
    state = stored(Documents(some_records(1000)))
    state["blocks"] = list(map(change, state["blocks"]))
    with pytest.raises(ValueError, match="expected"):
        Documents.from_state(state)


@pytest.mark.parametrize(
    "state",
    [
        {"blocks": [b"!"], "rest": []},
        {"blocks": ["!"], "rest": []},
        {"blocks": [1], "rest": []},
        {"blocks": []},
        {"blocks": [], "rest": [["a.txt", 1]]},
        [["a.txt", 1, 1, 1, "00" * 15, "00" * 8, ""]],
        [["a.txt", 1, 1, 1, "00" * 16, "00" * 9, ""]],
        [["a.txt", 1, 1, 1, "00" * 16, "00" * 8, "00" * 5]],
        [["a.txt", 1, 1, 1, "00" * 16, "00" * 8, "", None, "00" * 7, {}]],
        [["a.txt", 1, 1, 1, 1, "", ""]],
        None,
    ],
)
def test_other_values_are_refused(state: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        Documents.from_state(state)
