"""CURRENT and the account of sources, forged under right checksums: an answer that was right before, or status 2."""

from __future__ import annotations

import copy
import json
import math
import random
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import ALL, FIGURES, command_environment

from policysearch.engines.opening import open_store
from policysearch.engines.whoosh.generations import FORMAT
from policysearch.files.json_bytes import packed, unpacked
from policysearch.indexing.refresh import refresh

pytestmark = pytest.mark.one_python

SERVER = """
import json, os, sys, tempfile, traceback
from policysearch.cli.main import main
import policysearch.search.batch, policysearch.indexing.checking, policysearch.indexing.refresh
import policysearch.index, policysearch.text.analyzer
import policysearch.engines.whoosh.engine, policysearch.engines.whoosh.store, policysearch.engines.whoosh.segment_writer
import policysearch.cli.search, policysearch.cli.index, policysearch.cli.check, jieba.finalseg, marisa_trie

for line in sys.stdin:
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    child = os.fork()
    if not child:
        os.dup2(out.fileno(), 1), os.dup2(err.fileno(), 2)
        status = 99
        try:
            status = main(json.loads(line))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    said = []
    for stream in (out, err):
        stream.seek(0)
        said.append(stream.read().decode("utf-8", "replace"))
        stream.close()
    print(json.dumps([os.waitstatus_to_exitcode(status), *said]), flush=True)
"""


class Said(NamedTuple):
    """The output of a command."""

    status: int
    out: str
    err: str


Ask = Callable[..., Said]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Return a function that runs a command in a process that has loaded everything."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=tmp_path_factory.mktemp("nowhere"),
        env=command_environment(POLICYSEARCH_DEBUG="1"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as server:

        def asked(*arguments: str | Path) -> Said:
            assert server.stdin
            assert server.stdout
            server.stdin.write(json.dumps([str(one) for one in arguments]) + "\n")
            server.stdin.flush()
            return Said(*json.loads(server.stdout.readline()))

        yield asked
        assert server.stdin
        server.stdin.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of sources, and an index of two segments, of one of which a document was removed."""
    folder = tmp_path_factory.mktemp("forged")
    docs = folder / "docs"
    docs.mkdir()
    for number in range(6):
        lines = "".join(f"第{i}条 修建公路{number}{i}公里。\n" for i in range(8))
        (docs / f"{number}.txt").write_text(f"关于第{number}件事的通知\n\n{lines}")
    (docs / "copy.txt").write_text((docs / "5.txt").read_text())
    refresh(open_store(folder / "index"), [docs])
    (docs / "0.txt").unlink()
    (docs / "new.txt").write_text("关于做好防汛工作的通知\n\n一、落实责任\n各镇要落实防汛责任，守好公路。\n")
    refresh(open_store(folder / "index"))
    assert len(list((folder / "index").glob("*.segment"))) == 2
    return folder


VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 7, 2**31, 2**53, 2**63, -(2**70), 10**30, 0.5, 1e308, math.nan, math.inf),
    *("", "x", "1", "a\0b", "\ud800", "\udcff", "../x", "/no/such", ".", "x" * 1000, "utf-7", "\x1b[31m"),
    *([], [[]], [0, 1], ["x", 1], {}, {"x": 1}, {"": {}}, [[[[[[]]]]]]),
)
BYTES = (b"", b"\0", b"\xff" * 4, b"\xff" * 8, bytes(64))


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where every value of some JSON stands."""
    yield path
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from paths_in(value[key], (*path, key))


def forged(value: Any, path: tuple[Any, ...], chance: random.Random) -> Any:
    """Return a copy that is another in one place."""
    value = copy.deepcopy(value)
    if not path:
        return chance.choice(VALUES)
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    key, old = path[-1], holder[path[-1]]
    kind = chance.choice(["another", "another", "near", "gone", "more", "twice"])
    if kind == "another":
        holder[key] = chance.choice(VALUES)
    elif kind == "near":
        if isinstance(old, (int, float)):
            holder[key] = old + chance.choice([-1, 1, 0.5])
        elif isinstance(old, str):
            holder[key] = chance.choice([old + "x", old[1:], old.upper(), old[::-1]])
        elif isinstance(old, bytes):  # numbers of sources
            holder[key] = chance.choice([old[::-1], old[:-1], old + old, b"\xff" * len(old), bytes(len(old)), *BYTES])
        elif isinstance(old, list):
            holder[key] = chance.choice([old[::-1], old[:-1], old + old])
        else:
            holder[key] = [old]
    elif kind == "gone":
        del holder[key]
    elif isinstance(holder, list):
        holder.insert(chance.randrange(len(holder) + 1), copy.deepcopy(old) if kind == "twice" else VALUES[0])
    elif kind == "twice":
        holder[key + "x"] = copy.deepcopy(old)
    else:
        holder[chance.choice(["x", "generation", "segments", "roots"])] = chance.choice(VALUES)
    return value


def write_current(folder: Path, fields: Any) -> None:
    body = json.dumps(fields).encode()
    (folder / "CURRENT").write_bytes(f"policysearch index {FORMAT} {zlib.crc32(body):08x}\n".encode() + body)


def forge(folder: Path, what: str, fields: Any, number: int, chance: random.Random) -> str:
    """Forge one value of ``CURRENT`` or of the account of sources; return which."""
    path = folder / fields["state"][0]
    contents = fields if what == "CURRENT" else unpacked(path.read_bytes())
    places = list(paths_in(contents))
    # each place in turn, so that none is left out
    place = places[number % len(places)]
    made = forged(contents, place, chance)
    if what == "CURRENT":
        write_current(folder, made)
    else:
        data = packed(made)
        path.write_bytes(data)
        write_current(folder, {**fields, "state": [path.name, len(data), zlib.crc32(data)]})
    return f"{what} number {number}, {place}: {(folder / 'CURRENT').read_bytes()[:200]!r}"


QUESTIONS = (
    ("search", "公路", "--format", "json", "-n", "1000"),
    ("search", "防汛责任落实公路", "--format", "csv", "--match", "any", "--explain", "--format", "json"),
    ("count", "公路", "--by", "document"),
    ("kwic", "防汛"),
    ("show", "new.txt"),
    ("list",),
    ("info", "--format", "json"),
    ("info",),
)
SAME = 5  # the first of them, whose answers nothing that is forged may change


@pytest.mark.parametrize("what", ["CURRENT", "account"])
def test_a_forgery_is_refused_or_harmless(ask: Ask, whole: Path, tmp_path: Path, what: str) -> None:
    good = whole / "index"
    right = [ask(*question, "-i", good) for question in QUESTIONS]
    assert [said.status for said in right] == [0] * len(right)
    assert ask("check", "-i", good).status == 0
    fields = json.loads((good / "CURRENT").read_bytes().partition(b"\n")[2])
    chance = random.Random(14)
    tries = 300 if ALL else 5
    refused = 0
    for number in range(tries):
        folder = tmp_path / f"{number}"
        shutil.copytree(good, folder)
        case = forge(folder, what, fields, number if ALL else chance.randrange(10**6), chance)

        def asked(*arguments: str | Path, folder: Path = folder, case: str = case) -> Said:
            said = ask(*arguments, "-i", folder)
            assert "Traceback" not in said.err, (case, arguments, said.err)
            assert said.status in (0, 1, 2), (case, arguments, said)
            assert "\x1b" not in said.out + said.err, (case, arguments, said)
            return said

        whole_before = same = True
        for question, expected in zip(QUESTIONS, right, strict=True):
            said = asked(*question)
            assert said.status in (0, 2), (case, question, said)
            whole_before &= said.status == 0
            if said.status == 0 and question in QUESTIONS[:SAME]:
                same &= said.out == expected.out
        # only CURRENT tells, without reading everything, which documents are equal and where the sources were
        assert same or any(f"'{key}'" in case for key in ("duplicates", "equal", "roots")), case
        checked = asked("check")
        assert (whole_before and same) or checked.status in (1, 2), (case, checked)
        updated = asked("index")
        assert updated.status in (0, 2), (case, updated)
        refused += updated.status == 2
        if updated.status == 0:  # then the index is as the sources say
            assert asked(*QUESTIONS[0]).out == right[0].out, (case, updated)
        mended = asked("index", "--rebuild", whole / "docs")
        assert mended.status == 0, (case, mended)
        assert asked(*QUESTIONS[0]).out == right[0].out, case
        assert asked("check").status == 0, case
        shutil.rmtree(folder)
    FIGURES.append(f"forgeries of {what}: {tries}, {refused} of them refused by index")


def test_a_repair_mends_a_forged_account(ask: Ask, whole: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(whole / "index", tmp_path / "index"))
    fields = json.loads((folder / "CURRENT").read_bytes().partition(b"\n")[2])
    state = unpacked((folder / fields["state"][0]).read_bytes())
    data = packed({**state, "sources": None})
    (folder / fields["state"][0]).write_bytes(data)
    write_current(folder, {**fields, "state": [fields["state"][0], len(data), zlib.crc32(data)]})
    found = ask("check", "-i", folder)
    assert (found.status, "manifest is corrupt" in found.out) == (1, True)
    assert ask("check", "--repair", "-i", folder).status == 0
    assert ask("check", "-i", folder).status == 0
