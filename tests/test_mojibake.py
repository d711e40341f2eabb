"""Texts that were decoded wrongly before they were saved: detected, and repaired only where that is certain."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_texts import write_documents

from policysearch.errors import SourceError
from policysearch.sources.common_characters import common_gb, share_common, uncommon_character
from policysearch.sources.encodings import decode
from policysearch.sources.finding import Source, find_sources
from policysearch.sources.mojibake import repair
from policysearch.sources.reader import read_bytes
from policysearch.sources.readers.reading import Reading

REFERENCE = Path(os.environ.get("POLICYSEARCH_REFERENCE", Path(__file__).parents[2] / "shared"))
TEXT = (
    "青石县人民政府关于进一步优化营商环境的若干意见\n\n各乡镇人民政府，县直各部门：\n通知\n"
    "　　一、总体要求。坚持问题导向，深化“放管服”改革，加强监督检查，保护市场主体的合法权益，推动经济社会高质量发展。\n"
)


def browser_gbk(data: bytes) -> str:
    """Decode as browsers and Windows decode GBK: 0x80 is the euro sign."""
    out = ""
    while data:
        try:
            return out + data.decode("gb18030")
        except UnicodeDecodeError as error:
            out += data[: error.start].decode("gb18030")
            out += "€" if data[error.start] == 0x80 else "\ufffd"
            data = data[error.start + 1 :]
    return out


def windows(data: bytes) -> str:
    """Decode as Windows-1252, with controls where that has nothing."""
    return "".join(bytes((b,)).decode("cp1252") if b not in b"\x81\x8d\x8f\x90\x9d" else chr(b) for b in data)


@pytest.mark.parametrize(
    ("wrong", "way"),
    [
        (TEXT.encode().decode("latin-1"), "UTF-8 that was read as Latin"),
        (windows(TEXT.encode()), "UTF-8 that was read as Latin"),
        (TEXT.encode("gbk").decode("latin-1"), "GBK that was read as Latin"),
        (windows(TEXT.encode("gbk")), "GBK that was read as Latin"),
    ],
)
def test_what_lost_nothing_is_put_right(wrong: str, way: str) -> None:
    repaired = repair(wrong)
    assert repaired.text == TEXT
    assert [note.kind for note in repaired.notes] == ["repaired"]
    assert repaired.notes[0].text == f"It was {way} before it was saved; it is read as it was meant (4 lines)."


def test_what_was_lost_stays_a_gap_and_is_named() -> None:
    repaired = repair(browser_gbk(TEXT.encode()))
    assert repaired.text.count("\n") == TEXT.count("\n")
    assert "各乡镇人民政府，县直各部门：" in repaired.text
    assert "一、总体要求。坚持问题导向，深化“放管服”改革，加强监督检查" in repaired.text
    assert "UTF-8 that was read as GBK" in repaired.notes[0].text
    # a character is right, or a gap
    for was, now in zip(TEXT.split("\n"), repaired.text.split("\n"), strict=True):
        assert [a for a, b in zip(was, now, strict=False) if b != "\ufffd" and a != b] == []
    if "\ufffd" in repaired.text:
        assert "A few characters are lost" in repaired.notes[0].text


@given(st.lists(st.sampled_from([*TEXT.replace("\n", "")]), min_size=12, max_size=60).map("".join))
def test_a_repaired_character_is_the_right_one_or_a_gap(text: str) -> None:
    for wrong in (browser_gbk(text.encode()), text.encode().decode("gb18030", "replace"), windows(text.encode())):
        try:
            repaired = repair(wrong).text
        except SourceError:
            continue  # too much of it is lost
        if repaired != wrong:
            kept = iter(text)
            assert all(each in kept for each in repaired if each != "\ufffd"), (text, repaired)


def test_a_line_among_others_is_put_right() -> None:
    wrong = browser_gbk("县政府办公室要做好安全生产工作".encode())
    repaired = repair(TEXT * 3 + wrong + "\n")
    assert repaired.text.startswith(TEXT * 3 + "县政府办公室要做好安全生产工")
    assert "(1 line)" in repaired.notes[0].text


@pytest.mark.parametrize(
    "text",
    [
        "联通",
        "¨[À",
        "été à Genève",
        "涓涓细流，汇成江河。\n锛、銆二字不常用。\n",
        "Économie, été, forêt; où ça? £¬ ¡£",
        "中心小学鐨",
        "鍏",
        "",
        "ASCII only\n" * 9,
        "関係者は、必要な措置を講じる。",
        "優化營商環境，堅持問題導向。",
    ],
)
def test_what_is_as_it_should_be_stays(text: str) -> None:
    assert repair(text) == (text, ())


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=200))
def test_no_line_is_lost_or_made(text: str) -> None:
    assert repair(text).text.count("\n") == text.count("\n")


def test_what_is_lost_as_a_whole_is_refused_by_name() -> None:
    with pytest.raises(SourceError, match=r"GBK as UTF-8.*are lost"):
        repair(TEXT.encode("gbk").decode("utf-8", "replace"))
    with pytest.raises(SourceError, match="are lost"):
        list(read_bytes(("锟斤拷" * 40).encode(), "a.txt"))


def test_a_few_losses_are_named() -> None:
    repaired = repair(TEXT + "第锟斤拷条\n甲\ufffd乙\n")
    assert repaired.text == TEXT + "第锟斤拷条\n甲\ufffd乙\n"
    assert [note.text for note in repaired.notes] == ["3 characters were lost before it was saved: lines 6, 7."]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", TEXT),
        ("a.md", TEXT),
        ("a.html", f"<html><body><p>{TEXT}</p></body></html>"),
        ("a.csv", f'text\n"{TEXT}"\n'),
        ("a.eml", None),
    ],
)
def test_every_format_of_text_is_read_as_it_was_meant(name: str, data: str | None) -> None:
    wrong = TEXT.encode().decode("latin-1") if data is None else data.encode().decode("latin-1")
    head = "From: a\nMIME-Version: 1.0\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n" if data is None else ""
    (reading,) = read_bytes((head + wrong).encode(), name)
    assert isinstance(reading, Reading)
    assert "坚持问题导向，深化“放管服”改革" in reading.text
    assert [note.kind for note in reading.notes] == ["repaired"]


def test_a_large_text_as_it_should_be_costs_a_look(tmp_path: Path) -> None:
    documents = write_documents(tmp_path, 60)
    for path in documents.iterdir():
        text = path.read_text(encoding="utf-8")
        assert repair(text) == (text, ())


@pytest.mark.skipif(not REFERENCE.is_dir(), reason=f"no reference corpus at {REFERENCE}")
def test_no_text_of_the_reference_corpus_is_taken_for_one() -> None:
    looked = 0
    for folder in ("reports", "corpus"):
        for source in find_sources(REFERENCE / folder):
            assert isinstance(source, Source)
            try:
                decoded = decode(source.path.read_bytes())
            except SourceError:
                continue
            looked += 1
            assert repair(decoded.text).text == decoded.text, source.path
            # and line by line, as if each were a file
            for line in decoded.text.split("\n")[:300]:
                assert repair(line).text == line, source.path
    assert looked > 50


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]) | st.sampled_from("市政府，。—·銆a")))
def test_an_uncommon_character_is_what_makes_the_share_of_common_ones_less(text: str) -> None:
    uncommon = uncommon_character(common_gb()).search(text)
    assert (uncommon is not None) == (text != "" and share_common(text, common_gb()) < 1)
