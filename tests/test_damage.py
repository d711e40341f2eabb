"""Damage is noticed: what is cut, missing, longer or foreign when the index is opened, a flipped bit by check.

A search over damage ends with an answer or with ``IndexUnusableError``.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ALL, FIGURES, SOURCES, Run, Write, command_environment

from policysearch import IndexUnusableError, open_index
from policysearch.engines.opening import open_store
from policysearch.engines.whoosh.generations import FORMAT
from policysearch.errors import InputError
from policysearch.index import Index
from policysearch.indexing.checking import check
from policysearch.indexing.refresh import refresh
from policysearch.output.json import dump

pytestmark = pytest.mark.one_python


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two generations: with a segment that has removed documents, and one without."""
    folder = tmp_path_factory.mktemp("whole")
    docs = folder / "docs"
    for name in ("政府工作报告", "法规", "通知"):
        shutil.copytree(SOURCES / name, docs / name)
    refresh(open_store(folder / "index"), [docs])
    (docs / "new.txt").write_text("关于做好防汛工作的通知\n\n一、落实责任\n各镇要落实防汛责任，优化营商环境。\n")
    next(docs.glob("政府工作报告/*.txt")).unlink()
    refresh(open_store(folder / "index"))
    assert len(list((folder / "index").glob("*.segment"))) == 2
    return folder / "index"


@pytest.fixture
def index(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "index"))


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name != "LOCK")


def ask(folder: Path) -> None:
    """Ask an index for everything that it can answer, and write it out."""
    with open_index(folder) as index:
        for question in QUESTIONS:
            question(index)


def statistics(index: Index) -> None:
    """Ask for what is counted in postings and in joined texts."""
    index.words(limit=20)
    index.collocates("发展", min_together=1)
    with contextlib.suppress(InputError):  # damage may leave a side without sections
        index.keywords(where="发展")


QUESTIONS: tuple[Callable[[Index], Any], ...] = (
    lambda index: dump(index.search("营商环境", limit=1000).to_dict()),
    lambda index: dump(index.search("优化 政务 服务", limit=1000, match="any").to_dict()),
    lambda index: dump(index.search("“人民政府” year:2020..2024 region:松岑县", limit=1000).to_dict()),
    lambda index: dump(
        index.search("heading:环境 OR title:报告 OR 句(经济 发展) OR 推进 ~10 建设", limit=1000).to_dict()
    ),
    lambda index: dump(index.search("的 -发展", limit=1000, sort="-date", group="document").to_dict()),
    lambda index: index.count(["营商环境", "的"], by=["region", "year", "part"]),
    lambda index: index.kwic("发展", sort="right"),
    statistics,
    lambda index: [dump(one.to_dict()) for one in index.documents(duplicates="show")],
    lambda index: index.values("type"),
    lambda index: [
        dump(shown.to_dict()) for d in index.documents(duplicates="show") if (shown := index.show(d.document_id))
    ],
    lambda index: dump(index.info),
)


def refused(folder: Path) -> str:
    with pytest.raises(IndexUnusableError) as raised:
        open_index(folder)
    return str(raised.value)


# refused when opened


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda data: data[:-1], id="cut by a byte"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut in half"),
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data + b"\0", id="longer by a byte"),
        pytest.param(lambda data: data * 2, id="twice"),
        pytest.param(lambda data: bytes(len(data)), id="zeros of the same size"),
        pytest.param(lambda data: b"\xff" * len(data), id="ones of the same size"),
        pytest.param(None, id="missing"),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2], ids=["first segment", "second segment", "CURRENT"])
def test_a_file_that_is_another(index: Path, place: int, harm: Callable[[bytes], bytes] | None) -> None:
    path = sorted(files_of(index), key=lambda p: p.name == "CURRENT")[place if place < 2 else -1]
    if harm is None:
        path.unlink()
    else:
        path.write_bytes(harm(path.read_bytes()))
    said = refused(index)
    assert "is corrupt" in said or "No index" in said
    assert "policysearch" in said


def test_a_segment_of_another_generation_with_the_same_size(write: Write, tmp_path: Path) -> None:
    made: dict[int, Path] = {}  # a segment of each size
    for number in range(10, 40):
        write(f"{number}/a.txt", f"通知\n\n一、公路{number}公里\n")
        refresh(open_store(tmp_path / f"{number}.index"), [tmp_path / str(number)])
        (mine,) = (tmp_path / f"{number}.index").glob("*.segment")
        other = made.setdefault(mine.stat().st_size, mine)
        if other != mine:
            break
    shutil.copy(other, mine)
    assert "differs from the one that this generation was published with" in refused(mine.parent)


def test_a_pipe_or_a_folder_in_place_of_a_file(index: Path) -> None:
    for path in files_of(index):
        if path.name.startswith("sources-"):
            continue
        kept = path.read_bytes()
        for make in (os.mkfifo, os.mkdir):
            path.unlink()
            make(path)
            assert refused(index)
            os.rmdir(path) if path.is_dir() else path.unlink()
            path.write_bytes(kept)
    ask(index)


# found by check


def flips(count: int, sizes: dict[str, int]) -> Iterator[tuple[str, int, int]]:
    """Yield places (file, byte, mask) over all files, the small ones as often as the large ones."""
    chance = random.Random(7)
    for _ in range(count):
        name = chance.choice(sorted(sizes))
        # half of them near an end, where what steers the rest stands
        size = sizes[name]
        at = chance.randrange(size) if chance.random() < 0.5 else (chance.randrange(-min(size, 4000), 0) % size)
        yield name, at, chance.choice([1 << chance.randrange(8), 0xFF, chance.randrange(1, 256)])


def test_a_flipped_bit_anywhere_is_found_and_harmless(whole: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "index"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answered = 0
    for name, at, mask in flips(2000 if ALL else 30, {p.name: p.stat().st_size for p in files_of(folder)}):
        path = folder / name
        with path.open("r+b") as file:
            file.seek(at)
            (byte,) = file.read(1)
            file.seek(at)
            file.write(bytes([byte ^ mask]))
        what = f"{name} at {at} of {path.stat().st_size} with {mask:#x}"
        assert open_store(folder).damage(), what
        began = time.monotonic()
        try:
            ask(folder)
            answered += 1
        except IndexUnusableError:
            pass
        except Exception as error:
            raise AssertionError(f"{what}: {type(error).__name__}: {error}") from error
        assert time.monotonic() - began < 20, what
        with path.open("r+b") as file:
            file.seek(at)
            file.write(bytes([byte]))
    assert open_store(folder).damage() == ()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 300_000, "kilobytes"
    FIGURES.append(f"damages found by check: {2000 if ALL else 30}, and searched without harm: as many")
    assert answered > 0, "the most are in texts and postings, and are not noticed by every question"


def test_check_says_what_is_damaged(index: Path) -> None:
    segment = max(index.glob("*.segment"), key=lambda p: p.stat().st_size)
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    found = check(open_store(index), lambda: open_index(index).engine)
    (said,) = found.damage
    assert segment.name in said
    assert "checksums are wrong" in said
    assert found.documents == 0


# an index that somebody made


def forge(folder: Path, **changes: Any) -> None:
    """Give CURRENT other contents under a right checksum."""
    fields = {**current(folder), **changes}
    body = json.dumps(fields).encode()
    (folder / "CURRENT").write_bytes(f"policysearch index {FORMAT} {zlib.crc32(body):08x}\n".encode() + body)


def current(folder: Path) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads((folder / "CURRENT").read_bytes().partition(b"\n")[2])
    return fields


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"name": "../elsewhere.segment"}, id="a path"),
        pytest.param({"name": "/etc/passwd"}, id="an absolute path"),
        pytest.param({"name": 7}, id="no name"),
        pytest.param({"size": -1}, id="a negative size"),
        pytest.param({"size": 2**63}, id="a huge size"),
        pytest.param({"size": "1"}, id="no size"),
        pytest.param({"seal": None}, id="no seal"),
        pytest.param({"removed": [10**6]}, id="a document that is not there"),
        pytest.param({"removed": [-1]}, id="a negative document"),
        pytest.param({"removed": "0"}, id="no documents"),
        pytest.param({"removed": [True]}, id="a truth"),
    ],
)
def test_a_forged_segment(index: Path, change: dict[str, Any]) -> None:
    fields = current(index)
    fields["segments"][0].update(change)
    forge(index, **fields)
    assert refused(index)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"segments": {"name": 1}}, id="segments that are none"),
        pytest.param({"segments": None}, id="no segments"),
        pytest.param({"number": "1"}, id="a number that is none"),
        pytest.param({"state": ["../state.json", 0, 0]}, id="a state elsewhere"),
        pytest.param({"description": 7}, id="no description"),
        pytest.param({"duplicates": 7}, id="no duplicates"),
    ],
)
def test_a_forged_generation(index: Path, change: dict[str, Any]) -> None:
    forge(index, **change)
    assert refused(index)


def test_nesting_without_end(index: Path) -> None:
    body = b'{"number": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    (index / "CURRENT").write_bytes(b"policysearch index %d %08x\n" % (FORMAT, zlib.crc32(body)) + body)
    assert refused(index)


def test_a_link_in_place_of_the_lock_leads_nowhere(index: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    (index / "LOCK").unlink()
    (index / "LOCK").symlink_to(mine)
    with pytest.raises(Exception, match="Cannot write the index"):
        refresh(open_store(index))
    (index / "LOCK").unlink()
    (index / "CURRENT.new").symlink_to(mine)
    refresh(open_store(index), rebuild=True)
    assert mine.read_text() == "mine"


SEARCH = """
import sys
from policysearch.cli.main import main
sys.exit(main(["search", "-i", sys.argv[1], "--format", "json", "营商环境"]))
"""


def test_a_damaged_file_of_words_is_made_again(whole: Path, tmp_path: Path) -> None:
    def search() -> str:
        return subprocess.run(
            [sys.executable, "-c", SEARCH, str(whole)],
            env=command_environment(XDG_CACHE_HOME=str(tmp_path)),
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=120,
        ).stdout

    expected = search()
    # one that is looked up in place, and one that it is made of
    good = {path: path.read_bytes() for path in (tmp_path / "policysearch").iterdir()}
    assert len(good) == 2
    chance = random.Random(3)
    for i in range(40 if ALL else 2):
        for path, bytes_ in good.items():
            data = bytearray(bytes_)
            if i % 4 == 0:
                data = data[: chance.randrange(len(data))]
            else:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            path.write_bytes(data)
        assert search() == expected
        assert {path: path.read_bytes() for path in (tmp_path / "policysearch").iterdir()} == good
    FIGURES.append(f"damages of the files of words: {2 * (40 if ALL else 2)}")


def test_damage_is_not_copied_when_segments_are_merged(run: Run, write: Write, tmp_path: Path) -> None:
    for number in (20, 4):
        lines = "".join(f"第{i}条 修路{i}公里。\n" for i in range(number))
        write(f"docs/{number}.txt", f"关于{number}件事的通知\n\n{lines}")
        refresh(open_store(tmp_path / "index"), [tmp_path / "docs"])
    folder = tmp_path / "index"
    assert len(list(folder.glob("*.segment"))) == 2
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write("docs/8.txt", "关于8件事的通知\n\n" + "".join(f"第{i}条 植树{i}棵。\n" for i in range(8)))
    damaged = sorted(folder.glob("*.segment"))
    chance = random.Random(5)
    for _ in range(200 if ALL else 20):
        path = chance.choice(damaged)
        data = bytearray(before[path.name])
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        with pytest.raises(IndexUnusableError, match=re.escape(path.name)):
            refresh(open_store(folder))
        assert {p.name: p.read_bytes() for p in folder.iterdir()} == {**before, path.name: bytes(data), "LOCK": b""}
        path.write_bytes(before[path.name])
    path.write_bytes(data)
    assert run("index").returncode == 2
    assert run("check", "--repair").returncode == 0
    assert run("search", "植树").returncode == 0
    FIGURES.append(f"damages that an update would have copied: {200 if ALL else 20}")


def test_an_update_does_not_trust_damaged_ids(write: Write, tmp_path: Path) -> None:
    for number in range(3):
        write(f"docs/{number}.txt", f"关于第{number}件事的通知\n\n一、修路{number}公里\n")
    refresh(open_store(tmp_path / "index"), [tmp_path / "docs"])
    (path,) = (tmp_path / "index").glob("*.segment")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"0.txt1.txt2.txt", b"0.txt1.tyt2.txt"))
    write("docs/1.txt", "关于第一件事的通知\n\n一、植树\n")
    with pytest.raises(IndexUnusableError, match="checksums are wrong"):  # else both texts would be answers
        refresh(open_store(tmp_path / "index"))
