"""The names that ``show`` accepts: ids, citations, parts of ids, hits of the last search."""

from __future__ import annotations

import json
import os
import pty
import shlex
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Run, build_index, command_environment
from hypothesis import given
from hypothesis import strategies as st
from terminals import read_terminal

import policysearch
from policysearch.text.shell import pasted

pytestmark = pytest.mark.one_python

LAW = "中华人民共和国{name}法\n\n第一章　总则\n\n第一条　为了{name}，制定本法。\n\n第二条　{name}适用本法。\n"
NOTICE = "云麓省人民政府关于做好{what}工作的通知\n\n云政发〔2022〕{number}号\n\n各市人民政府：\n\n请做好{what}工作。\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sources")
    for name, text in {
        "法律/渡船法(2019 修订).txt": LAW.format(name="渡船管理"),
        "法律/码头法#2.txt": LAW.format(name="码头管理"),
        "通知/防汛.txt": NOTICE.format(what="防汛", number=5),
        "通知/抗旱.txt": NOTICE.format(what="抗旱", number=6),
        **{f"通知/其他{n:02}.txt": NOTICE.format(what=f"第{n}次检查", number=n + 10) for n in range(12)},
    }.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return build_index(root, tmp_path_factory.mktemp("index"))


SHIP = "法律/渡船法(2019%20修订).txt"
WHARF = "法律/码头法%232.txt"


@pytest.mark.parametrize(
    ("name", "meant", "remarks"),
    [
        (SHIP, SHIP, 0),
        ("法律/渡船法(2019 修订).txt", SHIP, 0),
        ("法律/渡船法(2019 修订).txt#3", f"{SHIP}#3", 0),
        ("法律/码头法#2.txt", WHARF, 0),
        (f"{WHARF}#2", f"{WHARF}#2", 0),
        ("%E6%B3%95%E5%BE%8B/码头法%232.txt", WHARF, 0),
        ("渡船管理法第二条", f"{SHIP}#4", 1),
        ("《中华人民共和国渡船管理法》 第2条", f"{SHIP}#4", 1),
        ("渡船管理法 2", f"{SHIP}#4", 1),
        ("渡船管理法2", f"{SHIP}#4", 1),
        ("渡船管理法", SHIP, 1),
        ("云政发2022年5号", "通知/防汛.txt", 1),
        ("防汛", "通知/防汛.txt", 1),
        ("防汛.txt#1", "通知/防汛.txt#1", 1),
        ("渡船法(2019 修", SHIP, 1),
    ],
)
def test_a_name_means_one_thing(folder: Path, name: str, meant: str, remarks: int) -> None:
    with policysearch.open_index(folder) as index:
        named = index.find(name)
        assert named.view is not None
        assert len(named.remarks) == remarks
        assert all(pasted(meant) in remark for remark in named.remarks)
        shown = index.show(name)
        assert shown is not None
        assert shown.stored == named.view.stored
        assert (shown.stored[0].section_id if shown.one else shown.document["document_id"]) == meant
        assert index.show(meant) == shown


def test_a_part_of_one_id_precedes_the_number_of_an_article(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    for name in ("渡船管理法2.txt", "码头管理法.txt"):
        text = LAW.format(name=name[:4])
        (tmp_path / "sources" / name).write_text(text, encoding="utf-8")
    with policysearch.open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        for name, meant in (("渡船管理法2", "渡船管理法2.txt"), ("码头管理法2", "码头管理法.txt#4")):
            assert index.find(name).remarks[0].endswith(f" is {meant}"), name
        assert index.find("码头管理法9").remarks == ("'中华人民共和国码头管理法' (码头管理法.txt) has no 第九条.",)


def test_a_chapter_is_shown_with_its_articles(folder: Path) -> None:
    with policysearch.open_index(folder) as index:
        shown = index.show("渡船管理法第一章")
        assert shown is not None
        assert [one.number for one in shown.stored] == ["第一章", "第一条", "第二条"]
        assert not shown.one


def test_what_the_command_says(folder: Path, run: Run) -> None:
    def show(name: str) -> tuple[int, str, str]:
        done = run("show", "-i", folder, name)
        return done.returncode, done.stdout, done.stderr

    status, out, err = show("渡船管理法第二条")
    assert (status, err) == (0, f"'渡船管理法第二条' is '{SHIP}#4'\n")
    assert "渡船管理适用本法" in out
    assert show(SHIP)[2] == ""
    assert show("渡船管理法第九条")[::2] == (1, f"'中华人民共和国渡船管理法' ('{SHIP}') has no 第九条.\n")
    assert show("飞艇法第九条")[::2] == (1, "No document is called '飞艇法'.\n")
    status, out, err = show("没有")
    assert (status, out) == (1, "")
    assert err.startswith("There is no section or document '没有'.")
    status, out, err = show("通知/")
    assert (status, out) == (2, "")
    lines = err.splitlines()
    assert lines[0] == "Error: '通知/' is part of 14 ids; give one of them:"
    assert lines[1:11] == [f"通知/其他{n:02}.txt" for n in range(10)]
    assert lines[11] == "… and 4 more"
    status, _, err = show("@1")
    assert status == 2
    assert "where stdin is no terminal" in err


@pytest.mark.parametrize("relative", [False, True])
def test_the_path_of_a_source_is_a_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, relative: bool
) -> None:
    with policysearch.open_index(folder) as index:
        (root,) = index.engine.description["roots"]
        monkeypatch.chdir(Path(root).parent if relative else tmp_path)
        for path, meant in (("法律/渡船法(2019 修订).txt", SHIP), ("法律/码头法#2.txt", WHARF)):
            given = f"{Path(root).name}/{path}" if relative else f"{root}/{path}"
            shown = index.show(given)
            assert shown is not None
            assert shown.document["document_id"] == meant
            section = index.show(f"{given}#2")
            assert section is not None
            assert section.stored[0].section_id == f"{meant}#2"
        for other in (f"{root}/法律/无此法.txt", f"{root}x/法律/码头法#2.txt", root):
            assert index.find(other).view is None


def test_the_path_of_a_collection_means_its_only_record(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "台账.csv").write_text("标题,正文\n关于渡口的通知,渡口应当收费。\n", encoding="utf-8")
    with policysearch.open_index(build_index(sources, tmp_path / "index")) as index:
        assert index.find(str(sources / "台账.csv")).view is not None


def test_an_article_that_no_part_of_a_code_has(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    for part, numbers in {"航道": "四五", "码头": "八九"}.items():
        articles = "\n\n".join(f"第{n}条　{part}应当安全。" for n in numbers)
        title = f"中华人民共和国民法典{part}编"
        (sources / f"{part}.txt").write_text(f"{title}\n\n{articles}\n", encoding="utf-8")
    with policysearch.open_index(build_index(sources, tmp_path / "index")) as index:
        assert index.find("民法典第八条").view is not None
        assert index.find("民法典第一条").remarks == ("The parts of '民法典' in the index have no 第一条.",)
        answer = index.search("民法典第一条")
        assert answer.remarks == ("The parts of '民法典' in the index have no 第一条; read as words.",)
        with pytest.raises(policysearch.InputError, match="has no such number"):
            index.compare("民法典第一条", "民法典第八条")


def test_printed_ids_can_be_pasted_into_a_shell(folder: Path, run: Run) -> None:
    out = run("search", "-i", folder, "渡船管理适用").stdout
    (line,) = (line for line in out.splitlines() if "渡船法" in line)
    name = line.strip().rpartition("  ")[0].strip()
    shell = f"{shlex.quote(sys.executable)} -m policysearch show -i {shlex.quote(str(folder))} {name}"
    done = subprocess.run(["sh", "-c", shell], env=command_environment(), capture_output=True, check=False, timeout=120)
    assert done.returncode == 0
    assert done.stderr == b""


@given(st.text(min_size=1, max_size=20))
def test_a_shell_gives_back_what_is_pasted(name: str) -> None:
    # to a shell, # begins a comment only at the start of a word; shlex takes it for one anywhere
    assert shlex.split(pasted(name)) == [name]
    assert not pasted(name).startswith("#")


# the last search in this terminal


Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def typed(tmp_path: Path) -> Typed:
    """Return a function that runs commands in one session of a terminal, and gives the last status and all output."""

    def typed(*commands: str, **environment: str) -> tuple[int, str]:
        python = shlex.quote(sys.executable)
        script = "; ".join(f"{python} -m policysearch {command}" for command in commands)
        master, slave = pty.openpty()
        process = subprocess.Popen(
            ["sh", "-c", script],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=command_environment(XDG_CACHE_HOME=str(tmp_path / "cache"), TERM="dumb", **environment),
            start_new_session=True,
        )
        said = read_terminal(master, slave, process)
        return process.wait(timeout=120), said.decode("utf-8", "replace")

    return typed


def test_a_hit_of_the_last_search(folder: Path, typed: Typed, tmp_path: Path) -> None:
    index = shlex.quote(str(folder))
    with policysearch.open_index(folder) as opened:
        third = opened.search("工作").hits[2].section_id
    status, said = typed(f"search -i {index} 工作", f"show -i {index} @3")
    assert status == 0
    assert f"@3 is {third}" in said
    (kept,) = (tmp_path / "cache" / "policysearch" / "recent").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(json.loads(kept.read_text())["ids"]) == [str(rank) for rank in range(1, 11)]
    status, said = typed(f"search -i {index} 工作 -n 2", f"show -i {index} @3")
    assert status == 2
    assert "printed the hits 1 to 2" in said
    status, said = typed(f"search -i {index} 工作 --offset 10", f"show -i {index} @11")
    assert status == 0
    # another terminal, and no terminal at all
    status, said = typed(f"show -i {index} @3")
    assert status == 2
    assert "search first" in said
    status, said = typed(f"show -i {index} @3 < /dev/null")
    assert "where stdin is no terminal" in said
    # a pager reads the output
    status, said = typed(f"search -i {index} 工作 | cat", f"show -i {index} @3 | cat")
    assert status == 0
    assert f"@3 is {third}" in said


def test_a_hit_of_a_search_that_is_out_of_date(folder: Path, typed: Typed, tmp_path: Path) -> None:
    root = tmp_path / "sources"
    root.mkdir()
    (root / "a.txt").write_text(NOTICE.format(what="防汛", number=5), encoding="utf-8")
    own = build_index(root, tmp_path / "own")
    index = shlex.quote(str(own))
    other = shlex.quote(str(folder))
    status, said = typed(f"search -i {index} 防汛", f"show -i {other} @1")
    assert status == 2
    assert "in another index" in said
    (root / "b.txt").write_text(NOTICE.format(what="抗旱", number=6), encoding="utf-8")
    status, said = typed(f"search -i {index} 防汛", f"index -i {index}", f"show -i {index} @1")
    assert status == 2
    assert "the index has changed" in said
    # those of yesterday's terminals are deleted
    yesterday = time.time() - 25 * 3600
    for kept in (tmp_path / "cache" / "policysearch" / "recent").iterdir():
        os.utime(kept, (yesterday, yesterday))
    status, said = typed(f"search -i {index} 防汛")
    assert len(list((tmp_path / "cache" / "policysearch" / "recent").iterdir())) == 1
