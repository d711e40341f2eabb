"""Collections read in portions: what is read is what the reader of the whole file reads, with any number of workers."""

from __future__ import annotations

import csv
import io
import json
import random
from array import array
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import policysearch
from policysearch.engines.opening import open_store
from policysearch.indexing import building
from policysearch.indexing.collections import Collection
from policysearch.indexing.document_records import Documents
from policysearch.indexing.records import known_state
from policysearch.parallel.workers import Ended, Lost, run_tasks
from policysearch.sources import portions
from policysearch.sources.finding import document_id
from policysearch.sources.known_records import KnownRecords
from policysearch.sources.portions import divided, read_portion
from policysearch.sources.reader import read_bytes
from policysearch.sources.readers.reading import FailedRecord, Reading

pytestmark = pytest.mark.one_python

WORDS = (
    "加强",
    "水利",
    "建设",
    "的",
    "意见",
    "2023年",
    "GDP",
    "，",
    "。",
    "\n",
    "通知",
    "河湖",
    "巡查",
    "　",
    "\u200b",
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide small collections too, and have workers read them."""
    monkeypatch.setattr(portions, "LEAST", 300)
    monkeypatch.setattr(portions, "_PORTION", 200)
    monkeypatch.setattr(building, "_ONE_PROCESS_BYTES", 0)


def in_portions(path: Path, **options: Any) -> list[Reading | FailedRecord]:
    found = divided(path, path.name, options.get("encoding"), options.get("text_field"))
    assert found is not None
    every = list(found.portions(KnownRecords()))
    assert len(every) > 1
    return [one for portion in every for one in read_portion(portion)]


def whole(path: Path, **options: Any) -> list[Reading | FailedRecord]:
    return list(read_bytes(path.read_bytes(), path.name, **options))


def sentence(rng: random.Random, size: int = 12) -> str:
    return "".join(rng.choice(WORDS) for _ in range(rng.randint(0, size)))


def table(rng: random.Random, rows: int, delimiter: str = ",") -> str:
    """Return a table with ids that repeat, rows of wrong lengths, empty rows, quotes, line breaks of all kinds."""
    out = io.StringIO()
    lines = csv.writer(out, delimiter=delimiter, lineterminator=rng.choice(("\n", "\r\n")))
    lines.writerow(("id", "title", "正文"))
    for number in range(rows):
        name = rng.choice((f"n{number}", f"n{rng.randint(0, rows)}", "", str(rng.randint(1, rows))))
        row = [name, sentence(rng, 3), sentence(rng, 30) + rng.choice(('"', "\r\n", "\n\n", "", delimiter))]
        lines.writerow(rng.choice((row, row, row, row, row[:2], [*row, "多"], [*row, ""], [], ["", " ", ""])))
    return out.getvalue()


def lines_of(rng: random.Random, rows: int) -> str:
    """Return JSON lines with the same, and with lines that are no objects."""
    out = ['{"id": "first", "text": "一"}']
    for number in range(rows):
        name: Any = rng.choice((f"n{number}", f"n{rng.randint(0, rows)}", None, rng.randint(1, rows), ""))
        value: Any = {"id": name, "标题": sentence(rng, 3), "text": rng.choice((sentence(rng, 30), None, ["一", "二"]))}
        if rng.random() < 0.2:
            del value["id"]
        out.append(
            rng.choice((*[json.dumps(value, ensure_ascii=False)] * 6, "", " 　", "[1]", "{", '"text"', "\ufeff{}"))
        )
    return rng.choice(("\n", "\r\n")).join(out) + rng.choice(("", "\n"))


@given(seed=st.integers(0, 10**9))
def test_portions_are_read_as_the_whole(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    rng = random.Random(seed)
    folder = tmp_path_factory.mktemp("portions")
    for name, text in (
        ("a.csv", table(rng, 40)),
        ("b.csv", "\ufeff" + table(rng, 40, ";")),
        ("c.tsv", table(rng, 40, "\t")),
        ("d.jsonl", lines_of(rng, 40)),
    ):
        path = folder / name
        path.write_bytes(text.encode())
        assert in_portions(path) == whole(path), (name, seed)


def test_a_table_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "id,text\n" + "".join(f"{n},加强水利建设\n" for n in range(60)) + '60,"' + "长" * 300, encoding="utf-8"
    )
    assert in_portions(path) == whole(path)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", ("id,text\n" + "1,水利\n" * 200).encode("gb18030")),
        ("a.csv", ("id,text\n" + "1,水利\0\n" * 200).encode()),
        ("a.csv", ("id,word\n" + "1,水利\n" * 200).encode()),
        ("a.csv", ("id,text\r" + "1,水利\r" * 200).encode()),
        ("a.csv", ("id,text\n" + "1,水利\n" * 200).encode() + b"\xff"),
        ("a.csv", b"id,text\n1,a\n"),
        ("a.jsonl", ("{\n" + '{"text": "水利"}\n' * 200).encode()),
        ("a.json", ('[{"text": "水利"}' + ',{"text": "水利"}\n' * 200 + "]").encode()),
        ("a.csv", b"%PDF-1.7\n" + b"1,2\n" * 200),
        ("a.txt", "水利\n".encode() * 200),
    ],
)
def test_what_cannot_be_divided_is_read_whole(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert divided(path, name, None, None) is None


def test_a_collection_that_changes_while_it_is_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(("id,text\n" + "1,水利\n" * 200).encode())
    found = divided(path, path.name, None, None)
    assert found is not None
    path.write_bytes(b"id,text\n" + b"\xff" * 2_000)
    with pytest.raises(policysearch.SourceError, match="changed while it was read"):
        list(found.portions(KnownRecords()))


# in an index


def records_of(folder: Path) -> dict[str, Documents]:
    current = open_store(folder).current()
    assert current is not None
    return {source: record.documents for source, record in known_state(current[1]).records.items()}


def segments(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in folder.glob("*.segment"))


def answers(folder: Path) -> list[Any]:
    with policysearch.open_index(folder) as index:
        queries = ("水利建设", "河湖 巡查", "意见", '"加强水利"', "通知")
        found = [index.search(query, limit=None).to_dict() for query in queries]
        return [*found, [one.to_dict() for one in index.documents(duplicates="show")]]


def build(root: Path, folder: Path, jobs: int = 2, **options: Any) -> policysearch.Account:
    return policysearch.index_sources(root, folder, jobs=jobs, **options)


def test_an_index_is_the_same_with_any_number_of_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    root.mkdir()
    rng = random.Random(5)
    (root / "a.csv").write_text(table(rng, 150), encoding="utf-8", newline="")
    (root / "b.jsonl").write_text(lines_of(rng, 150), encoding="utf-8", newline="")
    for number in range(6):
        (root / f"{number}.txt").write_text(sentence(rng, 200) + "水利", encoding="utf-8")
    accounts = [build(root, tmp_path / str(jobs), jobs) for jobs in (1, 2, 3)]
    assert accounts[0] == accounts[1] == accounts[2]
    assert segments(tmp_path / "1") == segments(tmp_path / "2") == segments(tmp_path / "3")
    monkeypatch.setattr(portions, "LEAST", 10**9)
    assert build(root, tmp_path / "whole") == accounts[0]
    assert answers(tmp_path / "whole") == answers(tmp_path / "1")
    without = {
        source: Documents(one._replace(key="", removed={}) for one in found)
        for source, found in records_of(tmp_path / "1").items()
    }
    assert without == records_of(tmp_path / "whole")
    assert policysearch.check_index(tmp_path / "2").clean


def read_again(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets the numbers of records that are read."""
    numbers: list[int] = []
    add = Collection.add

    def added(self: Collection, portion: Any, read: Any) -> None:
        numbers.extend(portion.numbers)
        add(self, portion, read)

    monkeypatch.setattr(Collection, "add", added)
    return numbers


def record(name: str, number: int) -> str:
    text = f"第{number}号：加强水利建设的意见，河湖巡查{number * 7}次。"
    return json.dumps(
        {"id": name, "title": f"通知{number}", "text": text} if name else {"text": text}, ensure_ascii=False
    )


def keyed(found: portions.Divided) -> tuple[array[int], list[str]]:
    """Return the keys and the ids of the documents of a collection."""
    keys, names = array("Q"), list[str]()
    for portion in found.portions(KnownRecords()):
        for key, reading in zip(portion.keys, read_portion(portion), strict=True):
            assert isinstance(reading, Reading)
            keys.append(int(key, 16))
            names.append(document_id("a", reading.record))
    return keys, names


def faultless(rng: random.Random, kind: str) -> str:
    """Return a collection in which no record fails, as a table or as JSON lines; it may not end where a record does."""
    rows = [(rng.choice(("", f"n{number}")), f"{number}号通知{sentence(rng, 20)}") for number in range(30)]
    if kind == "jsonl":
        lines = [json.dumps({"id": name, "text": text} if name else {"text": text}) for name, text in rows]
        return "\n".join(lines) + rng.choice(("\n", "", "\r\n", "\n \n\n"))
    out = io.StringIO()
    table = csv.writer(out, lineterminator=rng.choice(("\n", "\r\n")))
    table.writerow(("id", "text"))
    for name, text in rows:
        table.writerow((name, text + rng.choice(("", "\n", '"\n\n', ","))))
    return out.getvalue() + rng.choice(("", "", "\n", ",\n , \n", "x,字", 'x,"字\n', 'x,"字\n\n', 'x,"字""\n'))


@given(rng=st.randoms(use_true_random=False), kind=st.sampled_from(["csv", "jsonl"]))
def test_what_was_added_at_the_end_is_read_as_if_all_were_compared(
    tmp_path_factory: pytest.TempPathFactory, rng: random.Random, kind: str
) -> None:
    path = tmp_path_factory.mktemp("grown") / f"a.{kind}"
    mark = rng.choice(("", "\ufeff"))
    before = mark + faultless(rng, kind)
    path.write_bytes(before.encode())
    found = divided(path, "a", None, None)
    assert found is not None
    keys, names = keyed(found)
    more = rng.choice((lines_of(rng, 10) if kind == "jsonl" else table(rng, 10), faultless(rng, kind), "", "\n", '"\n'))
    path.write_bytes((before + more).encode())
    grown = divided(path, "a", None, None, (found.size, found.sha256))
    assert grown is not None
    assert grown.unchanged == found.size
    known, compared = KnownRecords(keys, names), KnownRecords(keys, names)
    assert list(grown.portions(known, grown=True)) == list(grown.portions(compared))
    assert known.numbers == compared.numbers
    other = divided(path, "a", None, None, (found.size, "0" * 64))
    assert other is not None
    assert (other.sha256, other.unchanged) == (grown.sha256, 0)


def test_of_a_collection_that_grew_at_its_end_only_the_end_is_read(tmp_path: Path) -> None:
    rng = random.Random(3)
    for kind in ("csv", "jsonl"):
        path = tmp_path / f"a.{kind}"
        rows = [("", f"{number}号通知{sentence(rng, 20)}".replace("\n", " ")) for number in range(30)]
        text = "".join(json.dumps({"text": text}) + "\n" for _, text in rows) if kind == "jsonl" else ""
        path.write_text(text or "".join(f"{name},{one}\n" for name, one in (("id", "text"), *rows)), encoding="utf-8")
        found = divided(path, "a", None, None)
        assert found is not None
        keys, names = keyed(found)
        with path.open("a", encoding="utf-8") as file:
            file.write('{"text": "新"}\n' if kind == "jsonl" else "n,新\n")
        grown = divided(path, "a", None, None, (found.size, found.sha256))
        assert grown is not None
        known = KnownRecords(keys, names)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(KnownRecords, "hold", lambda _, places, start, number: 1 // (places[start] < 0) - 1)
            (portion,) = grown.portions(known, grown=True)
        assert (portion.numbers, list(known.numbers)) == ([31], list(range(1, 31)))


@pytest.mark.parametrize("more", [0, 1, 9])
def test_control_characters_of_all_that_a_collection_has_are_counted(tmp_path: Path, more: int) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"id,text\na,{'水' * 95}\nb,\x01\x02\x03通知\n", encoding="utf-8")
    found = divided(path, "a", None, None)
    assert found is not None
    with path.open("a", encoding="utf-8") as file:
        file.write("c," + "\x04" * more + "新\n")
    for before in (None, (found.size, found.sha256)):
        assert (divided(path, "a", None, None, before) is None) is (more > 0)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "wrongly decoded"])
def test_a_collection_that_was_read_whole_and_grew_is_read_as_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    path = tmp_path / "root" / "a.jsonl"
    path.parent.mkdir()
    texts = ["one", *(f"{number}号通知，加强水利建设。" for number in range(40))]
    data = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    wrong = encoding == "wrongly decoded"
    path.write_bytes(data.encode().decode("latin-1").encode() if wrong else data.encode(encoding))
    with monkeypatch.context() as patched:
        patched.setattr(portions, "LEAST", 10**9)
        build(path.parent, tmp_path / "index")
    with path.open("a", encoding="utf-8") as file:
        file.write('{"text": "two"}\n')
    for name in ("index", "new"):
        assert build(path.parent, tmp_path / name).documents == 42
    assert answers(tmp_path / "index") == answers(tmp_path / "new")


def test_keys_that_no_reading_made_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + "".join(f"{number},{number}号通知\n" for number in range(30)), encoding="utf-8")
    found = divided(path, "a", None, None)
    assert found is not None
    keys, names = keyed(found)
    keys[1] = keys[0]  # no two records have the same
    grown = divided(path, "a", None, None, (found.size, found.sha256))
    assert grown is not None
    known = KnownRecords(keys, names)
    read = [number for portion in grown.portions(known, grown=True) for number in portion.numbers]
    assert (read, set(known.numbers)) == (list(range(1, 31)), {0})


@pytest.mark.parametrize("named", [True, False])
def test_a_collection_that_grew_is_read_as_far_as_it_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    lines = [record(f"n{number}" if named else "", number) for number in range(60)]
    (root / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    build(root, tmp_path / "index")
    numbers = read_again(monkeypatch)
    more = [record(f"m{number}" if named else "", 100 + number) for number in range(5)]
    if named:  # in any order; one is gone, one is changed
        lines = [*more[:3], *reversed(lines[1:40]), record("n40", 999), *lines[41:], *more[3:]]
    else:
        lines += more
    (root / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    account = build(root, tmp_path / "index")
    assert numbers == ([1, 2, 3, 43, 63, 64] if named else [61, 62, 63, 64, 65])
    assert [(one.state, one.documents) for one in account.sources] == [("changed", 64 if named else 65)]
    build(root, tmp_path / "fresh")
    assert answers(tmp_path / "index") == answers(tmp_path / "fresh")
    assert records_of(tmp_path / "index") == records_of(tmp_path / "fresh")
    assert policysearch.check_index(tmp_path / "index").clean


def test_records_that_repeat_an_id_fail_as_in_a_whole_reading(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    lines = [record(f"n{number}", number) for number in range(60)]
    (root / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    build(root, tmp_path / "index")
    lines = [record("n50", 777), *lines, lines[3]]
    (root / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    account, fresh = build(root, tmp_path / "index"), build(root, tmp_path / "fresh")
    (one,), (other,) = account.sources, fresh.sources
    assert one.reason == other.reason
    assert one.reason == (
        "a.jsonl#n50: Record 52 repeats the id of an earlier one; give it an id of its own. "
        "a.jsonl#n3: Record 62 repeats the id of an earlier one; give it an id of its own."
    )
    assert answers(tmp_path / "index") == answers(tmp_path / "fresh")


def test_options_and_corrections_read_every_record_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    root.mkdir()
    lines = [f"{n},加强水利建设{n}号通知,河湖巡查{n}次" for n in range(60)]
    (root / "a.csv").write_text("\n".join(["id,text,other", *lines]), encoding="utf-8")
    build(root, tmp_path / "index")
    numbers = read_again(monkeypatch)
    build(root, tmp_path / "index", text_field="other")
    assert len(numbers) == 60
    (root / "metadata.csv").write_text("document_id,title\na.csv#7,改正\n", encoding="utf-8")
    build(root, tmp_path / "index", text_field="other")
    assert len(numbers) == 120
    with policysearch.open_index(tmp_path / "index") as index:
        assert index.search("title:改正").hits[0].document_id == "a.csv#7"


def test_a_portion_that_is_lost_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.jsonl").write_text("\n".join(record("", number) for number in range(60)), encoding="utf-8")

    def losing(*arguments: Any, **options: Any) -> Iterator[Any]:
        with closing(run_tasks(*arguments, **options)) as ended:
            for one in ended:
                assert isinstance(one, Ended)
                first = one.items[0].portion.numbers[0] == 1
                yield Lost(one.items[0], "It took too long.") if first else one

    monkeypatch.setattr(building, "run_tasks", losing)
    (source,) = build(root, tmp_path / "index").sources
    assert source.reason is not None
    assert source.reason.startswith("a.jsonl, records 1 to ")
    assert 40 < source.documents < 60


def test_the_few_new_records_of_a_large_collection_need_no_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    lines = [record(f"n{number}", number) for number in range(60)]
    (root / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    build(root, tmp_path / "index")
    lines[7:7] = [record(f"m{number}", 100 + number) for number in range(2)]
    (root / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a worker was started")

    with monkeypatch.context() as patched:
        patched.setattr(building, "_ONE_PROCESS_BYTES", 1_000)  # below the size of the file
        patched.setattr(building, "run_tasks", refuse)
        (account,) = build(root, tmp_path / "index").sources
    assert (account.state, account.documents) == ("changed", 62)
    build(root, tmp_path / "fresh")
    assert answers(tmp_path / "index") == answers(tmp_path / "fresh")
    assert records_of(tmp_path / "index") == records_of(tmp_path / "fresh")


def test_a_portion_of_many_short_records_has_a_multiple(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "_PORTION", 150_000)
    path = tmp_path / "a.jsonl"
    lines = [json.dumps({"id": f"r{n}", "text": "农田水利" * 9}, ensure_ascii=False) for n in range(13_000)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = divided(path, "a.jsonl", None, None)
    assert found is not None
    sizes = [len(portion.numbers) for portion in found.portions(KnownRecords(), multiple=1000)]
    assert len(sizes) > 1
    assert not any(size % 1000 for size in sizes[:-1])
    # one of fewer records has no multiple to reach
    assert len(list(found.portions(KnownRecords(), multiple=20_000))) > 1
