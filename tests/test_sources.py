from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from policysearch.errors import InputError
from policysearch.sources.finding import Source, UnreadableSource, document_id, encode_id, find_sources


def ids(root: Path, *, follow_links: bool = False) -> list[str]:
    return [source.source_id for source in find_sources(root, follow_links=follow_links)]


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("一", encoding="utf-8")


def test_sources_come_in_order_of_their_ids(tmp_path: Path) -> None:
    make(tmp_path, "b/2.txt", "b.txt", "b-1.txt", "a.md", "b/1/x.txt", "青山.txt", "b 1.txt", "b!.txt")
    found = ids(tmp_path)
    assert found == sorted(found)
    assert set(found) == {
        "a.md",
        "b%201.txt",
        "b!.txt",
        "b-1.txt",
        "b.txt",
        "b/1/x.txt",
        "b/2.txt",
        "青山.txt",
    }


def test_a_source_knows_its_file(tmp_path: Path) -> None:
    make(tmp_path, "甲/乙.txt")
    (source,) = find_sources(tmp_path)
    status = (tmp_path / "甲/乙.txt").stat()
    assert source == Source(str(tmp_path / "甲/乙.txt"), "甲/乙.txt", tmp_path, status.st_size, status.st_mtime_ns)


def test_a_file_given_alone_has_its_folder_as_root(tmp_path: Path) -> None:
    make(tmp_path, "甲/乙.txt", "甲/丙.txt")
    (source,) = find_sources(tmp_path / "甲/乙.txt")
    assert (source.source_id, source.root) == ("乙.txt", tmp_path / "甲")


def test_hidden_files_and_sidecars_are_no_sources_but_unknown_kinds_and_locks_are(tmp_path: Path) -> None:
    make(tmp_path, ".git/x.txt", ".hidden.txt", "~$a.docx", "metadata.csv", "x/metadata.yaml", "metadata.yml")
    make(tmp_path, "Thumbs.db", "a.xlsx", "noending", "metadata.txt", ".~lock.b.odt#", "~$folder/b.txt", ".DS_Store")
    (tmp_path / ".#c.txt").symlink_to("user@host.1")
    assert ids(tmp_path) == [".~lock.b.odt%23", "a.xlsx", "metadata.txt", "noending", "~$a.docx"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("~$通知.docx", "lock file"),
        ("~$通知.xlsx", "lock file"),
        (".~lock.通知.odt#", "lock file"),
        (".~通知.docx", "temporary file"),
        ("._通知.docx", "macOS"),
        (".通知.txt.swp", None),
        ("~WRL0001.tmp", "temporary file"),
        ("通知.tmp", "temporary file"),
        ("通知.docx.crdownload", "unfinished download"),
        ("通知.pdf.part", "unfinished download"),
        ("通知.txt~", "backup"),
        ("#通知.txt#", "backup"),
    ],
)
def test_what_programs_leave_next_to_documents_is_skipped_with_its_reason(
    tmp_path: Path, run: Run, name: str, reason: str | None
) -> None:
    make(tmp_path, "文件/通知.txt")
    (tmp_path / "文件" / name).write_text("关于做好工作的通知\n\n一、工作\n", encoding="utf-8")
    (tmp_path / "文件" / "~通知.txt").write_text("关于做好工作的通知\n\n一、工作\n", encoding="utf-8")
    (tmp_path / "文件" / "报告.txt.bak.txt").write_text("一、做好工作\n", encoding="utf-8")
    done = run("index", "-i", tmp_path / "index", "--format", "json", tmp_path / "文件")
    told = {one["source"]: (one["state"], one["reason"]) for one in json.loads(done.stdout)["sources"]}
    assert done.returncode == 0
    assert {state for name, (state, _) in told.items() if name in ("通知.txt", "~通知.txt", "报告.txt.bak.txt")} == {
        "added"
    }
    state, why = told.pop(encode_id(name), ("", ""))
    assert (state == "skipped") == (reason is not None)
    assert (reason or "") in why
    assert len(told) == 3
    listed = run("list", "-i", tmp_path / "index", "--skipped").stdout
    assert (f"{encode_id(name)}: " in listed) == (reason is not None)


def test_a_missing_root_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Give an existing file or folder"):
        ids(tmp_path / "missing")


def test_a_link_out_of_the_root_is_reported_and_followed_on_request(tmp_path: Path) -> None:
    make(tmp_path, "root/a.txt", "other/b.txt", "other/deep/c.txt")
    (tmp_path / "root/link").symlink_to(tmp_path / "other")
    (tmp_path / "root/b.txt").symlink_to(tmp_path / "other/b.txt")
    found = list(find_sources(tmp_path / "root"))
    assert [type(each) for each in found] == [Source, UnreadableSource, UnreadableSource]
    assert isinstance(found[1], UnreadableSource)
    assert "link out of the folder" in found[1].reason
    followed = ids(tmp_path / "root", follow_links=True)
    assert followed == ["a.txt", "b.txt", "link/b.txt", "link/deep/c.txt"]


def test_a_link_to_a_file_inside_is_a_source_and_one_to_a_folder_inside_is_not(tmp_path: Path) -> None:
    make(tmp_path, "x/a.txt")
    (tmp_path / "b.txt").symlink_to("x/a.txt")
    (tmp_path / "y").symlink_to("x")
    assert ids(tmp_path) == ["b.txt", "x/a.txt"]


@pytest.mark.parametrize("follow_links", [False, True])
def test_cycles_of_links_end(tmp_path: Path, follow_links: bool) -> None:
    make(tmp_path, "root/a.txt", "out/b.txt")
    (tmp_path / "root/self").symlink_to(".")
    (tmp_path / "root/up").symlink_to("..")
    (tmp_path / "out/back").symlink_to(tmp_path / "root")
    (tmp_path / "root/loop").symlink_to("loop")
    found = list(find_sources(tmp_path / "root", follow_links=follow_links))
    assert {each.source_id for each in found} >= {"a.txt", "loop"}
    assert len(found) < 10


def test_a_broken_link_and_a_pipe_are_reported(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to("nowhere.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    reasons = [each.reason for each in find_sources(tmp_path) if isinstance(each, UnreadableSource)]
    assert len(reasons) == 2
    assert "does not exist" in reasons[0]
    assert "neither" in reasons[1]


def test_a_folder_that_cannot_be_listed_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.txt", "locked/b.txt", "z.txt")
    scandir = os.scandir

    def refuse(folder: str) -> object:
        if folder.endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    found = list(find_sources(tmp_path))
    assert [each.source_id for each in found] == ["a.txt", "locked", "z.txt"]
    assert isinstance(found[1], UnreadableSource)
    assert "Permission denied" in found[1].reason


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_utf8_is_encoded_byte_by_byte(tmp_path: Path) -> None:
    name = "报告".encode("gbk") + b".txt"
    try:
        Path(os.fsdecode(bytes(tmp_path) + b"/" + name)).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system refuses such names")
    assert ids(tmp_path) == ["%B1%A8%B8%E6.txt"]


def test_folders_nested_deeper_than_the_stack_are_walked(tmp_path: Path) -> None:
    depth = 1100
    here = os.getcwd()
    os.chdir(tmp_path)
    try:
        for _ in range(depth):
            os.mkdir("d")
            os.chdir("d")
        Path("a.txt").write_text("一", encoding="utf-8")
    finally:
        os.chdir(here)
    found = list(find_sources(tmp_path))
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)  # deeper than pytest can remove
    assert len(found) == 1


@pytest.mark.parametrize(
    ("source_id", "record", "expected"),
    [
        pytest.param("a.txt", None, "a.txt", id="one document"),
        pytest.param("a.csv", "3", "a.csv#3", id="record number"),
        pytest.param("a.jsonl", "x #1", "a.jsonl#x%20%231", id="record id with marks"),
        pytest.param("a.zip", "甲/b.csv/3", "a.zip#甲/b.csv/3", id="record in a member"),
    ],
)
def test_document_ids(source_id: str, record: str | None, expected: str) -> None:
    assert document_id(source_id, record) == expected


@given(st.text(), st.text())
def test_encoded_ids_hold_no_space_or_mark_and_stay_distinct(one: str, other: str) -> None:
    encoded = encode_id(one)
    assert not set(encoded) & set("# \t\n\u3000")
    assert (encoded == encode_id(other)) == (one == other)
