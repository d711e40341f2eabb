"""Documents that share nearly all of their sentences are all named, and none is hidden."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, Write
from hypothesis import given, settings
from hypothesis import strategies as st
from test_readers_docx import p, packed

import policysearch
from policysearch.engines.protocol import DocumentTexts
from policysearch.engines.tree import OfDocuments
from policysearch.indexing.document_records import Documents
from policysearch.indexing.duplicates import duplicates_in
from policysearch.indexing.near_duplicates import (
    NearDuplicate,
    compare_again,
    longest_sentences,
    may_be_near,
    near_duplicates_among,
    shared_hashes,
)
from policysearch.indexing.record_columns import DocumentRecord
from policysearch.indexing.records import text_hash
from policysearch.indexing.source_records import SourceRecord

pytestmark = pytest.mark.one_python

PLACES = ("松岑", "云麓", "澜泽", "竹榭", "枫溪", "雁屏", "鹭洲", "桐岭")


def report(sentences: int = 60) -> list[str]:
    """Paragraphs of a made-up report, of two sentences each, all different."""
    made = [
        f"{PLACES[n % 8]}县第{n}项工作按计划推进，完成投资{n * 37 + 11}万元，惠及{n * 91 + 5}户"
        for n in range(sentences)
    ]
    return [f"{one}。{other}；" for one, other in zip(made[::2], made[1::2], strict=True)]


def write_docx(path: Path, paragraphs: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed("".join(map(p, ("松岑县政府工作报告", *paragraphs)))))


def wrapped(paragraphs: Sequence[str], width: int = 34) -> str:
    """The same as text, with a line break after so many characters, as a program of 1998 would have it."""
    lines = [line[at : at + width] for line in paragraphs for at in range(0, len(line), width)]
    return "松岑县政府工作报告\n\n" + "\n".join(lines) + "\n"


def pairs(near: Sequence[NearDuplicate]) -> list[tuple[str, str]]:
    return [(one.document_id, one.near_duplicate_of) for one in near]


@pytest.fixture
def papers(tmp_path: Path, write: Write) -> Path:
    paragraphs = report()
    write_docx(tmp_path / "papers" / "a.docx", paragraphs)
    write("papers/b.txt", wrapped([*paragraphs[:-1], "本报告由县政府办公室校印。"]))
    write("papers/c.txt", wrapped([*paragraphs[:20], *(f"另有第{n}件事。" for n in range(40))]))
    write("papers/d.txt", "关于放假的通知\n\n放假三天。\n")
    return tmp_path / "papers"


def test_a_report_as_docx_and_as_text(papers: Path, tmp_path: Path) -> None:
    account = policysearch.index_sources(papers, tmp_path / "index", jobs=1)
    (one,) = account.near_duplicates
    assert (one.document_id, one.near_duplicate_of) == ("b.txt", "a.docx")
    assert 0.95 <= one.shared / one.sentences < 1
    assert policysearch.near_duplicates(tmp_path / "index") == account.near_duplicates
    assert account.to_dict()["near_duplicates"] == [one._asdict()]
    with policysearch.open_index(tmp_path / "index") as index:  # nothing is hidden
        assert {row.document_id for row in index.documents()} == {"a.docx", "b.txt", "c.txt", "d.txt"}
        assert all(row.duplicate_of is None for row in index.documents())


def test_the_commands_name_them(papers: Path, tmp_path: Path, run: Run) -> None:
    at = ("-i", tmp_path / "index")
    said = "b.txt shares 58 of 60 sentences with a.docx"
    assert said in run("index", papers, *at).stdout
    assert said not in run("index", *at).stdout  # neither was read now
    assert json.loads(run("index", *at, "--format", "json").stdout)["near_duplicates"]
    (row,) = csv.DictReader(io.StringIO(run("list", "--near-duplicates", *at, "--format", "csv").stdout))
    assert row == {"document_id": "b.txt", "near_duplicate_of": "a.docx", "shared": "58", "sentences": "60"}
    assert "shares 58 of 60 sentences with a.docx" in run("list", "--near-duplicates", *at).stdout
    done = run("list", "--near-duplicates", "--by", "year", *at)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--near-duplicates cannot be combined" in done.stderr


def test_updates_leave_no_trace(papers: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    policysearch.index_sources(papers, index, jobs=1)
    text = (papers / "b.txt").read_text(encoding="utf-8")
    (papers / "b.txt").unlink()
    assert policysearch.index_sources(index=index, jobs=1, allow_removals=True).near_duplicates == ()
    (papers / "a.txt").write_text(text, encoding="utf-8")
    assert pairs(policysearch.index_sources(index=index, jobs=1).near_duplicates) == [("a.txt", "a.docx")]
    policysearch.index_sources(papers, tmp_path / "fresh", jobs=1)
    assert policysearch.near_duplicates(index) == policysearch.near_duplicates(tmp_path / "fresh")


def test_copies_are_not_named_twice_and_records_only_with_equal_titles(tmp_path: Path, write: Write) -> None:
    text = wrapped(report())
    write("papers/a.txt", text)
    write("papers/b.txt", text)
    write("papers/c.txt", text.replace("完成投资11万元", "完成投资12万元"))
    other = "".join(report()).replace("完成投资11万元", "完成投资13万元")
    rows = [{"id": str(n), "title": title, "text": other + f"第{n}稿。"} for n, title in enumerate("甲乙甲")]
    write("papers/laws.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    policysearch.index_sources(tmp_path / "papers", tmp_path / "index", jobs=1)
    assert pairs(policysearch.near_duplicates(tmp_path / "index")) == [
        ("c.txt", "a.txt"),
        ("laws.jsonl#2", "laws.jsonl#0"),
    ]


class Texts:
    """An engine that has nothing but texts."""

    def __init__(self, documents: Mapping[str, set[str]]) -> None:
        self._documents = documents

    def texts(self, node: OfDocuments) -> Iterator[DocumentTexts]:
        for name in sorted(self._documents):
            if name in node.document_ids:
                document = {"document_id": name, "source": name, "title": None}
                yield DocumentTexts(document, ("body",), (joined(self._documents[name]),))


def joined(sentences: set[str]) -> str:
    return "。".join(sorted(sentences)) + "。"


def found_among(documents: Mapping[str, set[str]]) -> list[NearDuplicate]:
    engine: Any = Texts(documents)
    records = records_of(documents)
    return list(near_duplicates_among(engine, may_be_near(records, duplicates_in(records))))


def hashes_of(documents: Mapping[str, set[str]]) -> list[tuple[str, int]]:
    records = records_of(documents)
    return shared_hashes(records, duplicates_in(records))


def records_of(documents: Mapping[str, set[str]]) -> dict[str, SourceRecord]:
    records = {}
    for name, sentences in documents.items():
        longest = longest_sentences([joined(sentences)])
        own = DocumentRecord(name, 1, 1, 1, text_hash(repr(sorted(sentences))), "", longest)
        records[name] = SourceRecord("/papers", documents=Documents([own]))
    return records


def truth(documents: Mapping[str, set[str]]) -> list[NearDuplicate]:
    found = []
    for name, own in sorted(documents.items()):
        for other, theirs in sorted(documents.items()):
            longer = max(len(own), len(theirs))
            if other < name and own != theirs and len(own & theirs) >= 0.95 * longer:
                found.append(NearDuplicate(name, other, len(own & theirs), longer))
                break
    return found


@settings(deadline=None)
@given(st.data())
def test_what_is_found_is_what_comparing_every_two_finds(data: st.DataObject) -> None:
    base = {f"第{'长' * (n % 7)}{n}句" for n in range(data.draw(st.integers(1, 70)))}
    documents = {}
    for number in range(data.draw(st.integers(2, 6))):
        gone = data.draw(st.sets(st.sampled_from(sorted(base)), max_size=5))
        more = data.draw(st.sets(st.sampled_from(["甲", "乙乙", "丙丙丙丙丙丙丙丙丙丙丙丙", "丁", "戊戊"]), max_size=4))
        documents[f"{number}.txt"] = (base - gone) | more or {"空"}
    # a copy of the first with a text is named as such, and by no other name
    firsts: dict[str, set[str]] = {}
    for name, sentences in documents.items():
        if sentences not in firsts.values():
            firsts[name] = sentences
    assert found_among(documents) == truth(firsts)


@settings(deadline=None)
@given(st.data())
def test_an_update_finds_what_comparing_all_finds(data: st.DataObject) -> None:
    """Only documents that are connected to changed ones are compared again."""
    topics = [[f"{topic}第{'长' * (n % 5)}{n}句" for n in range(30)] for topic in "甲乙丙"]

    def drawn() -> set[str]:
        sentences = set(data.draw(st.sampled_from(topics)))
        gone = data.draw(st.sets(st.sampled_from(sorted(sentences)), max_size=2))
        return (sentences - gone) | data.draw(st.sets(st.sampled_from(["另一句", "又一长长长长长长长句"]), max_size=2))

    documents = {f"{number}.txt": drawn() for number in range(data.draw(st.integers(0, 7)))}
    near = found_among(documents)
    for _ in range(data.draw(st.integers(1, 3))):
        before, repeating = documents, duplicates_in(records_of(documents))
        documents = {}
        for number in range(9):
            name = f"{number}.txt"
            what = data.draw(st.sampled_from(["as it was", "as it was", "as it was", "new", "gone"]))
            if what == "new":
                documents[name] = drawn()
            elif what == "as it was" and name in before:
                documents[name] = before[name]
        changed = {name for name, own in documents.items() if own != before.get(name)} | repeating.keys()
        again, kept = compare_again(hashes_of(documents), changed, near)
        engine: Any = Texts(documents)
        near = sorted([*kept, *near_duplicates_among(engine, again)])
        assert near == found_among(documents)


def test_the_index_keeps_what_was_found(papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = tmp_path / "index"
    found = policysearch.index_sources(papers, index, jobs=1).near_duplicates

    def refused(*_: Any) -> Any:
        raise AssertionError("compared again")

    monkeypatch.setattr("policysearch.indexing.maintenance.near_duplicates_among", refused)
    monkeypatch.setattr("policysearch.indexing.refresh.near_duplicates_among", refused)
    assert policysearch.index_sources(index=index, jobs=1).near_duplicates == found
    assert policysearch.near_duplicates(index) == found
    (papers / "e.txt").write_text("关于开会的通知\n\n明天开会。\n", encoding="utf-8")
    assert policysearch.index_sources(index=index, jobs=1).near_duplicates == found
    (papers / "d.txt").unlink()
    assert policysearch.index_sources(index=index, jobs=1).near_duplicates == found


def test_what_could_not_be_compared_is_compared_next_time(
    papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"

    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as failing:
        failing.setattr("policysearch.indexing.near_duplicates.tempfile.TemporaryFile", full)
        with pytest.raises(policysearch.PolicySearchError, match="The index is complete"):
            policysearch.index_sources(papers, index, jobs=1)
        with policysearch.open_index(index) as opened:
            assert opened.info["documents"] == 4
    assert pairs(policysearch.near_duplicates(index)) == [("b.txt", "a.docx")]
    assert pairs(policysearch.index_sources(index=index, jobs=1).near_duplicates) == [("b.txt", "a.docx")]


def test_the_border_is_nineteen_in_twenty() -> None:
    base = {f"第{n}句" for n in range(100)}
    for changed, expected in ((5, ["b.txt"]), (6, [])):
        other = {one for one in base if int(one[1:-1]) >= changed} | {f"改{n}" for n in range(changed)}
        assert [one.document_id for one in found_among({"a.txt": base, "b.txt": other})] == expected


def test_nineteen_sentences_of_twenty_are_found_and_seventeen_of_eighteen_are_not() -> None:
    for size, expected in ((20, ["b.txt"]), (18, [])):
        base = {f"第{n}句" for n in range(size)}
        assert [one.document_id for one in found_among({"a.txt": base, "b.txt": base - {"第0句"}})] == expected
