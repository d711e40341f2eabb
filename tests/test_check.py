"""check: an index that is whole, one that its sources left behind, one that is corrupt, and their repair."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run, Write

from policysearch import IndexUnusableError, open_index
from policysearch.engines.opening import open_store, published_state
from policysearch.engines.whoosh.generations import FORMAT
from policysearch.files.json_bytes import packed, unpacked
from policysearch.indexing.checking import CheckReport, check
from policysearch.indexing.records import known_state
from policysearch.indexing.refresh import refresh
from policysearch.indexing.unused import unused_sources

pytestmark = pytest.mark.one_python

REPORT = "2024年竹榭市政府工作报告\n\n一、优化营商环境\n深化“放管服”改革。\n二、推进乡村振兴\n修建农村公路12公里。\n"
NOTICE = "关于做好防汛工作的通知\n\n一、落实责任\n各镇要落实防汛责任。\n二、加强值守\n做好应急值守。\n"


def checked(run: Run, *arguments: str, status: int = 0) -> dict[str, Any]:
    """Run ``check`` and return its account."""
    done = run("check", "--format", "json", *arguments)
    assert done.returncode == status, done.stderr
    account: dict[str, Any] = json.loads(done.stdout)
    assert account["clean"] == (status == 0)
    return account


def check_folder(folder: Path) -> CheckReport:
    return check(open_store(folder), lambda: open_index(folder).engine)


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)


def segment_of(tmp_path: Path) -> Path:
    (segment,) = (tmp_path / "index").glob("*.segment")
    return segment


def test_a_fresh_index_is_clean(run: Run, write: Write) -> None:
    write("docs/a.txt", REPORT)
    write("docs/b.txt", NOTICE)
    assert run("index", "docs").returncode == 0
    account = checked(run)
    assert (account["sources"], account["documents"], account["sections"], account["generation"]) == (2, 2, 6, 1)
    assert account["phrases"] == 6
    assert (account["damage"], account["differences"], account["outdated"]) == ([], [], [])
    assert account["roots"][0].endswith("docs")
    said = run("check")
    assert "The index is intact: generation 1, 2 documents, 6 sections" in said.stdout
    assert (said.returncode, said.stderr) == (0, "")
    assert run("check", "-q").stdout == ""


def test_the_samples_are_clean(samples_index: Path) -> None:
    found = check_folder(samples_index)
    assert found.clean
    assert found.phrases == 3 * found.documents > 0


def test_no_index(run: Run) -> None:
    done = run("check")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No index at 'index'" in done.stderr


def test_what_the_sources_say_otherwise(run: Run, write: Write, tmp_path: Path) -> None:
    for name in ("changed", "gone", "same", "touched", "replaced"):
        write(f"docs/{name}.txt", REPORT.replace("竹榭", name))
    write("docs/failed.txt", "Rar!")
    assert run("index", "docs").returncode == 2
    write("docs/changed.txt", REPORT)
    (tmp_path / "docs/gone.txt").unlink()
    write("docs/new.txt", NOTICE)
    os.utime(tmp_path / "docs/touched.txt", ns=(1, 1))
    # of the same size and time: only its bytes tell
    replaced = tmp_path / "docs/replaced.txt"
    status = replaced.stat()
    replaced.write_bytes(replaced.read_bytes().replace(b"12", b"21"))
    os.utime(replaced, ns=(status.st_atime_ns, status.st_mtime_ns))
    account = checked(run, status=1)
    assert account["damage"] == []
    assert {d["source"]: d["state"] for d in account["differences"]} == {
        "changed.txt": "changed",
        "gone.txt": "gone",
        "new.txt": "new",
        "replaced.txt": "changed",
    }
    reason = "It is a RAR archive. Unpack it, or pack it again as ZIP."
    assert account["failed"] == [{"source": "failed.txt", "state": "failed", "reason": reason}]
    said = run("check")
    assert f"failed   failed.txt: {reason}" in said.stdout
    assert "Refresh it with: policysearch index" in said.stdout
    checked(run, "--repair", status=0)
    (tmp_path / "docs/failed.txt").unlink()
    assert [d["state"] for d in checked(run, status=1)["differences"]] == ["gone"]
    checked(run, "--repair", status=0)
    checked(run)


def test_sources_that_could_not_be_read_are_nothing_to_mend(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    write("docs/picture.png", b"\x89PNG\r\n\x1a\n" + bytes(100))
    write("docs/table.xlsx", b"PK\x03\x04" + bytes(100))
    write("docs/empty.txt", "")
    write("docs/broken.pdf", b"%PDF-1.7 nothing follows")
    write("docs/records.csv", "id,text\n1,各镇要落实防汛责任，做好应急值守。\n1,又一遍\n")
    write("docs/metadata.csv", "source,year\na.txt,MMXX\n")
    os.mkfifo(tmp_path / "docs/pipe.txt")
    (tmp_path / "docs/gone.txt").symlink_to("nowhere.txt")
    (tmp_path / "docs/out.txt").symlink_to(write("mine.txt", NOTICE))
    done = run("index", "docs")
    assert done.returncode == 2
    failed = {line.partition(":")[0] for line in done.stderr.splitlines() if not line.startswith("metadata.csv")}
    assert {
        "table.xlsx",
        "broken.pdf",
        "records.csv",
        "pipe.txt",
        "gone.txt",
        "out.txt",
    } <= failed
    account = checked(run)
    assert account["differences"] == []
    assert {one["source"] for one in account["failed"]} == failed
    said = run("check")
    assert (said.returncode, said.stderr) == (0, "")
    assert f"except for {len(failed)} that could not be read" in said.stdout
    # once they are otherwise, there is something to mend
    write("docs/empty.txt", NOTICE)
    write("docs/picture.png", b"\x89PNG\r\n\x1a\n" + bytes(99))
    (tmp_path / "docs/pipe.txt").unlink()
    (tmp_path / "docs/a.txt").unlink()
    os.mkfifo(tmp_path / "docs/a.txt")
    account = checked(run, status=1)
    assert {d["source"]: d["state"] for d in account["differences"]} == {
        "a.txt": "failed",
        "empty.txt": "changed",
        "picture.png": "changed",
        "pipe.txt": "gone",
    }


def test_corrections_that_changed_are_noticed(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    write("docs/b.txt", NOTICE)
    assert run("index", "docs").returncode == 0
    write("docs/metadata.csv", "source,year\na.txt,2021\n")
    assert [(d["source"], d["state"]) for d in checked(run, status=1)["differences"]] == [("a.txt", "changed")]
    checked(run, "--repair")
    (tmp_path / "docs/metadata.csv").unlink()
    assert [d["source"] for d in checked(run, status=1)["differences"]] == ["a.txt"]


def test_a_root_that_is_gone(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    run("index", "docs")
    shutil.rmtree(tmp_path / "docs")
    account = checked(run, status=1)
    assert [d["state"] for d in account["differences"]] == ["failed", "vanished"]
    done = run("check", "--repair")
    assert done.returncode == 2
    assert "no longer exists" in done.stderr
    assert run("search", "放管服").returncode == 0


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_flipped_bit_is_found_and_repaired(run: Run, write: Write, tmp_path: Path, place: float) -> None:
    write("docs/a.txt", REPORT)
    run("index", "docs")
    segment = segment_of(tmp_path)
    flip(segment, int(segment.stat().st_size * place))
    (damage,) = checked(run, status=1)["damage"]
    assert segment.name in damage
    assert "check --repair" in damage
    done = run("check", "--repair")
    assert (done.returncode, "The index is intact" in done.stdout) == (0, True)
    assert "is corrupt" in done.stderr
    assert run("search", "放管服").returncode == 0
    assert segment not in list((tmp_path / "index").iterdir())


@pytest.mark.parametrize("name", ["CURRENT", "sources-*.json", "*.segment"])
@pytest.mark.parametrize("content", [None, b"", b"\x00" * 100])
def test_any_one_file_can_be_lost_and_made_again(
    run: Run, write: Write, tmp_path: Path, name: str, content: bytes | None
) -> None:
    write("docs/a.txt", REPORT)
    run("index", "docs")
    (path,) = (tmp_path / "index").glob(name)
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    if name == "CURRENT" and content is None:
        assert run("check").returncode == 2
        return
    assert checked(run, status=1)["damage"]
    checked(run, "--repair")
    assert run("search", "放管服").returncode == 0


def test_nothing_tells_the_roots_any_more(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    run("index", "docs")
    write("index/CURRENT", "noise")
    (state,) = (tmp_path / "index").glob("sources-*.json")
    state.unlink()
    done = run("check", "--repair")
    assert done.returncode == 2
    assert "policysearch index --rebuild FOLDER" in done.stderr
    assert run("index", "--rebuild", "docs").returncode == 0
    checked(run)


def test_user_words_and_options_survive_a_repair(write: Write, tmp_path: Path) -> None:
    from policysearch.text.dictionary import UserWord

    write("docs/a.txt", REPORT)
    folder = tmp_path / "index"
    refresh(open_store(folder), [tmp_path / "docs"], user_words=[UserWord("放管服改革", 7)])
    write("index/CURRENT", "noise")
    refresh(open_store(folder), rebuild=True)
    assert open_index(folder).info["analysis"]["user_words"] == [["放管服改革", 7]]


def test_an_index_of_another_format_is_recognised(run: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests/data/index-format-1", tmp_path / "index")
    for command in (["search", "营商环境"], ["info"], ["index"], ["list"]):
        done = run(*command)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"has format 1; this program reads format {FORMAT}" in done.stderr
        assert "policysearch index --rebuild" in done.stderr
    assert checked(run, status=1)["damage"][0].startswith("The index at 'index' has format 1")
    # nothing of it was touched, so that the program that made it can still use it
    kept = {path.name: path.read_bytes() for path in (ROOT / "tests/data/index-format-1").iterdir()}
    assert kept.items() <= {path.name: path.read_bytes() for path in (tmp_path / "index").iterdir()}.items()


def reroot(folder: Path, root: Path) -> None:
    """Make the stored index know another root."""
    state = (folder / "sources-1.json").read_bytes().replace(b"/srv/documents", str(root).encode())
    (folder / "sources-1.json").write_bytes(state)
    fields = json.loads((folder / "CURRENT").read_bytes().partition(b"\n")[2])
    fields["state"] = ["sources-1.json", len(state), zlib.crc32(state)]
    body = json.dumps(fields).encode()
    (folder / "CURRENT").write_bytes(b"policysearch index 1 %08x\n" % zlib.crc32(body) + body)


@pytest.mark.parametrize("command", [["index", "--rebuild"], ["check", "--repair"]])
def test_an_index_of_another_format_is_rebuilt_from_its_roots(
    run: Run, write: Write, tmp_path: Path, command: list[str]
) -> None:
    write("docs/a.txt", REPORT)
    shutil.copytree(ROOT / "tests/data/index-format-1", tmp_path / "index")
    reroot(tmp_path / "index", tmp_path / "docs")
    assert run(*command).returncode == 0
    assert checked(run)["documents"] == 1
    assert run("search", "放管服").returncode == 0
    left = {path.name for path in (tmp_path / "index").iterdir()}
    assert len(left) == 4
    assert not left & {"sources-1.json", "000001-0001-1.segment"}


def test_an_index_of_another_format_is_rebuilt_from_roots_that_are_named(
    run: Run, write: Write, tmp_path: Path
) -> None:
    write("docs/a.txt", REPORT)
    shutil.copytree(ROOT / "tests/data/index-format-1", tmp_path / "index")
    assert run("index", "--rebuild").returncode == 2  # its root is not there
    assert run("index", "--rebuild", "docs").returncode == 0
    checked(run)


def test_what_another_version_read_is_outdated(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("docs/a.txt", REPORT)
    refresh(open_store(tmp_path / "index"), [tmp_path / "docs"])
    monkeypatch.setattr("policysearch.documents.sections.STRUCTURE_VERSION", -1)
    found = check_folder(tmp_path / "index")
    assert not found.clean
    assert found.outdated[0].startswith("structure: ")


@pytest.mark.parametrize("roots", [("one",), ("one", "two")])
def test_the_manifest_leaves_out_what_is_usual(write: Write, tmp_path: Path, roots: tuple[str, ...]) -> None:
    """Values that most sources have are left out, and come back."""
    write("one/a.txt", REPORT)
    write("one/b.txt", NOTICE.encode("gb18030"))
    write("one/c.pdf", b"%PDF-1.4\nno document")
    write("one/d.zip", b"no archive")
    write("two/e.txt", NOTICE)
    refresh(open_store(tmp_path / "index"), [tmp_path / one for one in roots])
    state = published_state(tmp_path / "index")
    sources = state["sources"]
    assert sources["ids"] == ["a.txt", "b.txt", "c.pdf", "d.zip", "e.txt"][: 4 + len(roots) // 2]
    assert sources["others"].keys() == {"b.txt", "c.pdf", "d.zip"}
    assert sources["others"]["b.txt"]["encoding"] == "gb2312"
    known = known_state(state)
    records = known.records
    assert {source: (one.encoding, bool(one.reason)) for source, one in records.items() if source != "e.txt"} == {
        "a.txt": ("utf-8", False),
        "b.txt": ("gb2312", False),
        "c.pdf": (None, True),
        "d.zip": (None, True),
    }
    assert {one.root for one in records.values()} == {str(tmp_path / one) for one in roots}
    assert [len(one.documents) for one in records.values()] == [1, 1, 0, 0, 1][: len(records)]
    assert {one.source for one in unused_sources(tmp_path / "index", state="failed")} == {"c.pdf", "d.zip"}


def test_a_manifest_of_other_shape_is_refused(write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    write("docs/b.txt", NOTICE.encode("gb18030"))
    refresh(open_store(tmp_path / "index"), [tmp_path / "docs"])
    state = published_state(tmp_path / "index")
    sources = state["sources"]
    assert known_state(state).records.keys() == {"a.txt", "b.txt"}
    values: list[Any] = [None, {"root": "/"}, {"size": "7"}, {"x": 1}, {"notes": {}}]
    shapes: list[Any] = [
        *({"a.txt": None}, [], {}, None),
        *({**sources, name: sources[name][:-1]} for name in ("ids", "roots", "sizes", "times", "hashes", "documents")),
        *({**sources, name: None} for name in sources),
        {**sources, "ids": sources["ids"][::-1]},
        {**sources, "ids": ["a.txt", "a.txt"]},
        {**sources, "ids": ["a.txt", 7]},
        {**sources, "roots": b"\0\0\0\1" * 2},
        {**sources, "documents": [*sources["documents"], sources["documents"][0]]},
        *({**sources, "others": {"a.txt": value}} for value in values),
        {**sources, "others": {"c.txt": {}}},
    ]
    for wrong in shapes:
        with pytest.raises(IndexUnusableError, match="source manifest is corrupt"):
            known_state({**state, "sources": wrong})


def test_a_manifest_has_any_time_of_change(write: Write, tmp_path: Path) -> None:
    """Some file systems have times beyond 64 bits of nanoseconds."""
    write("docs/a.txt", REPORT)
    refresh(open_store(tmp_path / "index"), [tmp_path / "docs"])
    known = known_state(published_state(tmp_path / "index"))
    for time in (-(2**70), -1, 0, 2**63 - 1, 2**63, 2**70):
        known.records["a.txt"].mtime_ns = time
        assert known_state(unpacked(packed(known.to_state()))) == known
