"""The real command in a process of its own: bad input, exit statuses, streams, formats, and a changing index."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, Write, build_index, command_environment

from policysearch.engines.whoosh.generations import FORMAT
from policysearch.output.terminal import width

Done = subprocess.CompletedProcess[str]

REPORT = "2024年竹榭市政府工作报告\n\n一、优化营商环境\n深化“放管服”改革。\n二、推进乡村振兴\n修建农村公路12公里。\n"
NOTICE = "关于做好防汛工作的通知\n\n一、落实责任\n各镇要落实防汛责任。\n二、加强值守\n做好应急值守。\n"


def assert_refused(done: Done, *expected: str, status: int = 2) -> None:
    """Assert that a command said what is wrong on stderr, and nothing else anywhere."""
    assert "Traceback" not in done.stderr
    for words in expected:
        assert words in done.stderr
    assert done.stdout == ""
    assert done.returncode == status


def index(run: Run, *arguments: str | Path, status: int = 0) -> dict[str, Any]:
    """Run ``index`` and return its account."""
    done = run("index", *arguments, "--format", "json")
    assert done.returncode == status, done.stderr
    account: dict[str, Any] = json.loads(done.stdout)
    return account


def states(account: dict[str, Any]) -> dict[str, str]:
    return {source["source"]: source["state"] for source in account["sources"]}


def found_ids(run: Run, *arguments: str | Path) -> list[str]:
    """Run ``search`` and return the ids of the hits."""
    done = run("search", *arguments, "--format", "jsonl")
    assert done.returncode == (0 if done.stdout else 1), done.stderr
    return [json.loads(line)["section_id"] for line in done.stdout.splitlines()]


# bad input


def test_a_missing_folder(run: Run) -> None:
    assert_refused(run("index", "nowhere"), "Error: There is no file or folder 'nowhere'")


def test_nothing_to_index(run: Run) -> None:
    assert_refused(run("index"), "Error: There is nothing to index", "policysearch index FOLDER")


def test_an_empty_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("index", "empty")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "no sources; the index has 0 documents, 0 sections, 0 characters\n"
    done = run("search", "营商环境")
    assert (done.stdout, done.returncode) == ("", 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(run: Run, write: Write) -> None:
    write("docs/a.txt", REPORT)
    write("docs/b.txt", NOTICE).chmod(0)
    done = run("index", "docs")
    assert "b.txt: It cannot be" in done.stderr
    assert "1 added, 1 failed; the index has 1 document," in done.stdout
    assert done.returncode == 2


def test_what_cannot_be_read_does_not_stop_the_rest(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    (tmp_path / "docs/gone.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "docs/pipe.txt")
    write("docs/nothing.txt", "")
    write("docs/program.txt", bytes(range(256)) * 40)
    write("docs/folder.txt/b.txt", NOTICE)
    done = run("index", "docs")
    said = dict(line.split(": ", 1) for line in done.stderr.splitlines())
    assert set(said) == {"gone.txt", "pipe.txt", "program.txt"}
    assert said["gone.txt"] == "It is a link whose target does not exist."
    assert said["pipe.txt"] == "It is neither a file nor a folder."
    assert "2 added, 3 failed; the index has 2 documents" in done.stdout
    assert done.returncode == 2
    assert found_ids(run, "放管服") == ["a.txt#2"]
    assert found_ids(run, "应急值守") == ["folder.txt/b.txt#3"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x7fELF\x02\x01\x01" + bytes(200), id="program"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), id="old Word document"),
        pytest.param(bytes(range(256)) * 4, id="every byte"),
    ],
)
def test_a_binary_file_with_a_name_of_text(run: Run, write: Write, content: bytes) -> None:
    write("docs/report.txt", content)
    done = run("index", "docs")
    assert done.stderr.startswith("report.txt: It ")
    assert "Traceback" not in done.stderr
    assert "1 failed; the index has 0 documents" in done.stdout
    assert done.returncode == 2


def test_a_picture_with_a_name_of_text_is_skipped(run: Run, write: Write) -> None:
    write("docs/report.txt", b"\x89PNG\r\n\x1a\n" + bytes(200))
    done = run("index", "docs")
    assert done.returncode == 0
    assert "list --skipped" in done.stdout
    assert "report.txt" in run("list", "--skipped").stdout


def test_an_encoding_that_is_none(run: Run, write: Write) -> None:
    write("docs/a.txt", REPORT)
    assert_refused(run("index", "docs", "--encoding", "latin-99"), "Error:", "latin-99")


def test_a_root_that_the_index_does_not_know(run: Run, write: Write) -> None:
    write("docs/a.txt", REPORT)
    index(run, "docs")
    assert_refused(run("index", "--remove", "other"), "'other' is not a root of this index", "docs")


@pytest.mark.parametrize("arguments", [[""], ["--remove", ""], ["--moved", "", "docs"]])
def test_an_empty_path_is_not_the_current_folder(run: Run, write: Write, arguments: list[str]) -> None:
    write("docs/a.txt", REPORT)
    index(run, "docs")
    assert_refused(run("index", *arguments), "The path of a root is empty")
    assert run("info").stdout.startswith("1 document,")


def test_a_root_that_was_moved_and_is_given_again(run: Run, write: Write) -> None:
    write("docs/a.txt", REPORT)
    index(run, "docs")
    path = write("new/a.txt", REPORT)
    shutil.rmtree(path.parent.parent / "docs")
    assert_refused(run("index", "new"), "docs' no longer exists", "policysearch index --moved")


def test_the_same_id_in_two_roots(run: Run, write: Write) -> None:
    write("one/a.txt", REPORT)
    write("two/a.txt", NOTICE)
    assert_refused(run("index", "one", "two"), "The id 'a.txt' is in two roots")
    assert_refused(run("search", "放管服"), "No index")


@pytest.mark.parametrize(
    ("query", "message", "mark"),
    [
        pytest.param([""], "Error: The query is empty", "", id="empty"),
        pytest.param([], "Error: The query is empty", "", id="no query"),
        pytest.param(['优化 "营商环境'], 'Error: Expected a closing "', "       ^", id="unclosed quote"),
        pytest.param(["优化", "（环境"], "Error: Expected a closing bracket", "       ^", id="unclosed bracket"),
        pytest.param(["year:去年"], "Error: Expected a year such as 2023", "       ^", id="a year that is none"),
        pytest.param(["level:镇级"], "Error: Unknown level '镇级'", "        ^", id="a level that is none"),
    ],
)
def test_a_query_that_is_none(run: Run, samples_index: Path, query: list[str], message: str, mark: str) -> None:
    done = run("search", "-i", samples_index, *query)
    assert_refused(done, message)
    assert done.stderr.splitlines()[2:] == ([mark] if mark else [])  # below the message and the query


def test_bytes_that_are_no_utf8(samples_index: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "policysearch", "search", "-i", str(samples_index), b"\xd3\xaa\xc9\xcc"],
        env=command_environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert b"not valid UTF-8" in done.stderr
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize("command", [["search", "营商环境"], ["show", "a.txt#1"], ["info"]])
def test_no_index(run: Run, command: list[str]) -> None:
    assert_refused(run(*command), "Error: No index at 'index'", "policysearch index")


def reheaded(folder: Path, head: str) -> None:
    """Give an index's ``CURRENT`` another first line."""
    path = folder / "CURRENT"
    path.write_bytes(head.encode() + b"\n" + path.read_bytes().partition(b"\n")[2])


@pytest.mark.parametrize("command", [["search", "营商环境"], ["info"], ["index", "docs"]])
def test_an_index_of_another_version(run: Run, write: Write, tmp_path: Path, command: list[str]) -> None:
    write("docs/a.txt", REPORT)
    index(run, "docs")
    body = (tmp_path / "index/CURRENT").read_bytes().partition(b"\n")[2]
    reheaded(tmp_path / "index", f"policysearch index 999 {zlib.crc32(body):08x}")
    assert_refused(run(*command), "has format 999", "policysearch index --rebuild")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"something else\n", id="another file"),
        pytest.param(b"policysearch index %d 00000000\n{}" % FORMAT, id="wrong checksum"),
        pytest.param(b"\xff\x00" * 100, id="noise"),
    ],
)
def test_a_damaged_index(run: Run, write: Write, damage: bytes) -> None:
    write("docs/a.txt", REPORT)
    index(run, "docs")
    write("index/CURRENT", damage)
    assert_refused(run("search", "营商环境"), "is corrupt", "policysearch index --rebuild")


@pytest.mark.parametrize("cut", [0, 1, 0.5, -1])
def test_a_segment_cut_short(run: Run, write: Write, tmp_path: Path, cut: float) -> None:
    write("docs/a.txt", REPORT)
    index(run, "docs")
    (segment,) = (tmp_path / "index").glob("*.segment")
    data = segment.read_bytes()
    segment.write_bytes(data[: int(len(data) * cut) if cut == 0.5 else int(cut)])
    assert_refused(run("search", "营商环境"), "Error:", "policysearch index --rebuild")


@pytest.mark.parametrize("current", [b"noise", b"policysearch index 999 00000000\n{}"])
def test_an_index_that_cannot_be_used_is_built_again(run: Run, write: Write, tmp_path: Path, current: bytes) -> None:
    write("docs/a.txt", REPORT)
    index(run, "docs")
    write("index/CURRENT", current)
    for state in (tmp_path / "index").glob("sources-*.json"):
        state.unlink()  # so that what its roots were cannot be known
    assert_refused(run("index", "--rebuild"), "policysearch index --rebuild FOLDER")
    assert states(index(run, "docs", "--rebuild")) == {"a.txt": "added"}
    assert found_ids(run, "放管服") == ["a.txt#2"]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--nothing"], id="long option"),
        pytest.param(["-x"], id="short option"),
        pytest.param(["-qn", "3"], id="bundle"),
        pytest.param(["-nope"], id="a word after a minus"),
        pytest.param(["--limit", "many"], id="a limit that is none"),
        pytest.param(["--format", "xml"], id="a format that is none"),
        pytest.param(["--format", "trec", "--sort", "date"], id="a run in another order"),
    ],
)
def test_an_option_that_is_none(run: Run, samples_index: Path, arguments: list[str]) -> None:
    assert_refused(run("search", "-i", samples_index, "营商环境", *arguments), "Error:")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["count", "改革", "--where", "市场", "--where", "环境"], "--where was given twice. Join the queries with AND"),
        (["list", "--where", "市场", "--where", "环境"], "--where was given twice."),
        (["keywords", "--where", "市场", "--against", "改革", "--against", "环境"], "--against was given twice."),
        (
            ["kwic", "改革", "--columns", "title", "--columns", "year"],
            "--columns was given twice. Give all names in one",
        ),
        (["kwic", "改革", "--format", "csv", "--code", "a", "--code", "b"], "--code was given twice."),
        (["count", "--terms", "a.txt", "--terms", "b.txt"], "--terms was given twice. Put all terms into one file."),
        (["count", "改革", "--value", "documents"], "add --wide year or --wide term."),
        (["count", "改革", "--wide", "term", "--dispersion"], "--dispersion adds columns to rows"),
        (["count", "改革", "--chart", "lines"], "--chart is an option of a plot; add --plot FILE."),
        (["count", "改革", "--size", "12x6"], "--size is an option of a plot"),
        (["count", "改革", "--dpi", "100"], "--dpi is an option of a plot"),
        (["count", "改革", "--title", "改革"], "--title is an option of a plot"),
        (["count", "改革", "--font", "Foo"], "--font is an option of a plot"),
    ],
)
def test_an_option_without_effect_is_refused(
    run: Run, write: Write, samples_index: Path, arguments: list[str], said: str
) -> None:
    for name in ("a.txt", "b.txt"):
        write(name, "改革\n")
    assert_refused(run(*arguments, "-i", samples_index), said)


@pytest.mark.parametrize("typed", [("-n", "2"), ("-n2",), ("--limit=2",), ("-q", "-n", "2"), ("-w", "-n2")])
def test_short_options_are_the_long_ones(run: Run, samples_index: Path, typed: tuple[str, ...]) -> None:
    long = [{"-q": "--quiet", "-w": "--word"}.get(one, one) for one in typed if one in ("-q", "-w")]
    expected = run("search", "--index", samples_index, "营商环境", "--limit", "2", *long)
    done = run("search", f"-i{samples_index}", "营商环境", *typed)
    assert (done.returncode, done.stdout, done.stderr) == (expected.returncode, expected.stdout, expected.stderr)
    assert_refused(run("search", "营商环境", "-n"), "-n takes a value (INTEGER), but nothing follows.")


def test_a_command_that_is_none(run: Run) -> None:
    assert_refused(run("serach", "营商环境"), "No such command 'serach'")
    assert_refused(run("quote", "营商环境"), "No such command 'quote'. The commands are: index, ")


# streams


def test_exit_statuses(run: Run, samples_index: Path) -> None:
    found = run("search", "-i", samples_index, "营商环境")
    assert (found.returncode, found.stderr) == (0, "")
    nothing = run("search", "-i", samples_index, "--exact", "渔业补贴贷款")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    section = json.loads(run("search", "-i", samples_index, "营商环境", "-n1", "--format", "jsonl").stdout)
    assert run("show", "-i", samples_index, section["section_id"]).returncode == 0
    unknown = run("show", "-i", samples_index, "nowhere.txt#1")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "nowhere.txt#1" in unknown.stderr


def test_a_search_that_is_relaxed_says_so(run: Run, samples_index: Path) -> None:
    done = run("search", "-i", samples_index, "竹榭水库 专精特新", "--format", "json")
    assert json.loads(done.stdout)["relaxed"] is True
    assert done.stderr.startswith("No section has all of these words")
    done = run("search", "-i", samples_index, "竹榭水库 专精特新", "--match", "all")
    assert (done.returncode, done.stdout) == (1, "")
    done = run("search", "-q", "-i", samples_index, "竹榭水库 专精特新")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_relaxed_search_suggests_the_filter(run: Run, samples_index: Path) -> None:
    done = run("search", "-i", samples_index, "松岑县 专精特新 竹榭水库")
    assert "region:松岑县" in done.stderr


def test_a_closed_pipe_is_quiet(samples_index: Path) -> None:
    for output_format in ("text", "jsonl", "csv"):
        arguments = ("search", "-i", str(samples_index), "-n", "1000", "--format", output_format, "的")
        command = shlex.join([sys.executable, "-m", "policysearch", *arguments])
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command} | head -c 1"],
            env=command_environment(),
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_any_locale_will_do(run: Run, samples_index: Path, locale: str) -> None:
    arguments = ("search", "-i", samples_index, "營商環境", "-疫情", "region:松岑县")
    done = run(*arguments, locale=locale)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run(*arguments).stdout
    assert "营商环境" in done.stdout


def test_paths_in_any_locale(run: Run, write: Write) -> None:
    write("文件/报告.txt", REPORT)
    index(run, "文件")
    done = run("search", "放管服", locale="C")
    assert "报告.txt#2" in done.stdout


ESCAPE = "\x1b["


def test_output_is_plain_unless_it_is_asked_for(run: Run, samples_index: Path) -> None:
    arguments = ("search", "-i", samples_index, "营商环境")
    plain = run(*arguments)
    assert ESCAPE not in plain.stdout
    assert run(*arguments, NO_COLOR="1").stdout == plain.stdout
    colored = run(*arguments, "--color", "always", NO_COLOR="1")
    assert re.search("\x1b\\[1;31m营商环境\x1b\\[0m", colored.stdout)
    assert re.sub("\x1b\\[[0-9;]*m", "", colored.stdout) == plain.stdout
    assert ESCAPE not in run(*arguments, "--color", "never").stdout
    assert ESCAPE not in run(*arguments, "--color", "always", "--format", "json").stdout


@pytest.mark.parametrize("query", ["营商环境", "的", "乡村振兴 项目", "year:2023"])
def test_text_is_at_most_eighty_columns_wide(run: Run, samples_index: Path, query: str) -> None:
    done = run("search", "-i", samples_index, "-n", "100", query, COLUMNS="200")
    assert done.stdout
    # an id is never cut, so that it can be copied
    long = [line for line in done.stdout.splitlines() if width(line) > 80 and "#" not in line]
    assert long == []


def test_formats_agree(run: Run, samples_index: Path) -> None:
    def search(output_format: str) -> str:
        options = ("--duplicates", "fold", "--format", output_format, "-n", "7")
        done = run("search", "-i", samples_index, "优化 营商环境", *options)
        assert done.returncode == 0
        return done.stdout

    whole = json.loads(search("json"))
    hits = whole["hits"]
    assert (whole["query"], whole["match"], whole["relaxed"]) == ("优化 营商环境", "all", False)
    assert whole["total"] >= len(hits) == 7
    assert [json.loads(line) for line in search("jsonl").splitlines()] == hits
    for output_format, delimiter in (("csv", ","), ("tsv", "\t")):
        rows = list(csv.DictReader(io.StringIO(search(output_format)), delimiter=delimiter))
        assert list(rows[0]) == [*hits[0], "total_exact"]
        for row, hit in zip(rows, hits, strict=True):
            cells = {
                **hit,
                "path": " / ".join(hit["path"]),
                "snippet": hit["snippet"]["text"]
                if delimiter == ","
                else re.sub(r"[\n\t]+", " ", hit["snippet"]["text"]),
                "exact": str(hit["exact"]).lower(),
                "latest": None if hit["latest"] is None else str(hit["latest"]).lower(),
                "duplicates": " ".join(hit["duplicates"]),
                "total_exact": whole["total_exact"],
            }
            assert row == {name: "" if cell is None else str(cell) for name, cell in cells.items()}
    run_lines = [line.split(" ") for line in search("trec").splitlines()]
    assert [line[:4] + line[5:] for line in run_lines] == [
        ["1", "Q0", hit["section_id"], str(hit["rank"]), "policysearch"] for hit in hits
    ]
    scores = [float(line[4]) for line in run_lines]
    assert scores == sorted(set(scores), reverse=True)
    text = search("text")
    assert [hit["section_id"] for hit in hits] == re.findall(r"^    (\S+#\d+)", text, re.MULTILINE)


# filters


def test_filters_are_options_and_part_of_the_query(run: Run, samples_index: Path) -> None:
    base = ("-i", samples_index, "-n", "1000")
    by_option = found_ids(run, *base, "营商环境", "--region", "松岑县", "--year", "2024")
    assert by_option == found_ids(run, *base, "营商环境 region:松岑 year:2024")
    rows = run("search", *base, "营商环境", "--region", "松岑县", "--year", "2024", "--format", "csv").stdout
    values = {(row["region"], row["year"]) for row in csv.DictReader(io.StringIO(rows))}
    assert values == {("松岑县", "2024")}


def test_a_repeated_filter_means_either(run: Run, samples_index: Path) -> None:
    base = ("-i", samples_index, "-n", "1000", "营商环境", "--type", "政府工作报告")
    first = found_ids(run, *base, "--year", "2022")
    second = found_ids(run, *base, "--year", "2023")
    both = found_ids(run, *base, "--year", "2022", "--year", "2023")
    assert first
    assert second
    assert sorted(both) == sorted(first + second)
    assert sorted(found_ids(run, *base, "--year", "2022..2023")) == sorted(both)


def test_limit_and_offset_are_pages_of_one_list(run: Run, samples_index: Path) -> None:
    whole = found_ids(run, "-i", samples_index, "营商环境", "-n", "1000")
    pages = [
        found_ids(run, "-i", samples_index, "营商环境", "-n", "20", "--offset", str(at))
        for at in range(0, len(whole), 20)
    ]
    assert [name for page in pages for name in page] == whole


# an index that changes


def test_new_changed_gone_and_unchanged_sources(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    b = write("docs/b.txt", NOTICE)
    assert states(index(run, "docs")) == {"a.txt": "added", "b.txt": "added"}
    first = index(run)
    assert states(first) == {"a.txt": "unchanged", "b.txt": "unchanged"}

    os.utime(b, ns=(1, 1))
    assert states(index(run)) == {"a.txt": "unchanged", "b.txt": "unchanged"}, "touched, but equal"

    write("docs/a.txt", REPORT.replace("公路12公里", "公路20公里"))
    write("docs/c.txt", NOTICE.replace("防汛", "防火"))
    b.unlink()
    account = index(run)
    assert states(account) == {"a.txt": "changed", "b.txt": "removed", "c.txt": "added"}
    assert account["documents"] == 2
    assert found_ids(run, "--exact", "20公里") == ["a.txt#3"]
    assert found_ids(run, "--exact", "12公里") == []
    assert found_ids(run, "--exact", "防汛") == []
    assert found_ids(run, "--exact", "防火责任") == ["c.txt#2"]


def test_an_index_that_changed_answers_as_a_fresh_one(run: Run, write: Write) -> None:
    write("docs/a.txt", NOTICE)
    write("docs/b.txt", NOTICE + "三、加强巡查\n营商环境。\n")
    index(run, "docs")
    write("docs/a.txt", REPORT)
    write("docs/c.txt", REPORT.replace("乡村", "城乡"))
    index(run)
    index(run, "docs", "-i", "fresh")
    for query in ("营商环境", "落实责任", "公路"):
        answers = [run("search", query, "--format", "json", "-i", folder).stdout for folder in ("index", "fresh")]
        assert answers[0] == answers[1] != ""


def test_roots_are_added_and_removed(run: Run, write: Write) -> None:
    write("one/a.txt", REPORT)
    write("two/b.txt", NOTICE)
    index(run, "one")
    account = index(run, "two")
    assert (states(account), account["documents"]) == ({"b.txt": "added"}, 2)
    assert found_ids(run, "放管服") == ["a.txt#2"]
    account = index(run, "--remove", "one")
    assert (states(account), account["documents"]) == ({"a.txt": "removed"}, 1)
    assert found_ids(run, "--match", "all", "放管服") == []
    assert found_ids(run, "应急值守") == ["b.txt#3"]


def test_a_source_that_failed_is_tried_again(run: Run, write: Write) -> None:
    write("docs/a.txt", REPORT)
    write("docs/b.txt", b"\x00\x01\x02" * 400)
    assert states(index(run, "docs", status=2)) == {"a.txt": "added", "b.txt": "failed"}
    assert states(index(run, status=2)) == {"a.txt": "unchanged", "b.txt": "failed"}
    write("docs/b.txt", NOTICE)
    assert states(index(run)) == {"a.txt": "unchanged", "b.txt": "added"}


def test_a_source_that_can_no_longer_be_read_is_out(run: Run, write: Write) -> None:
    write("docs/a.txt", REPORT)
    write("docs/b.txt", NOTICE)
    index(run, "docs")
    write("docs/b.txt", b"\x00\x01\x02" * 400)
    assert states(index(run, status=2)) == {"a.txt": "unchanged", "b.txt": "failed"}
    assert found_ids(run, "--match", "all", "应急值守") == []


def test_a_record_that_fails_is_named(run: Run, write: Write) -> None:
    write("docs/a.jsonl", '{"id": "x", "text": "优化营商环境。"}\n{"id": "y"}\n')
    done = run("index", "docs")
    assert "a.jsonl#y" in done.stderr
    assert done.returncode == 2
    assert found_ids(run, "营商环境") == ["a.jsonl#x#1"]


def test_the_account_names_every_source(run: Run, write: Write) -> None:
    write("docs/a.txt", REPORT)
    write("docs/b.txt", REPORT)
    account = index(run, "docs")
    assert set(account) >= {"generation", "documents", "sections", "characters", "sources"}
    a, b = account["sources"]
    assert (a["source"], a["state"], a["documents"], a["encoding"]) == ("a.txt", "added", 1, "utf-8")
    assert (a["duplicate_of"], b["duplicate_of"]) == (None, "a.txt")
    assert account["sections"] == a["sections"] + b["sections"]


def test_show_gives_a_document_back(run: Run, write: Write) -> None:
    write("docs/a.txt", REPORT)
    index(run, "docs")
    shown = json.loads(run("show", "a.txt", "--format", "json").stdout)
    assert "".join(section["text"] for section in shown["sections"]).split() == REPORT.split()
    section = json.loads(run("show", "a.txt#2", "--format", "json").stdout)
    assert section["text"].startswith("一、优化营商环境")
    assert (section["before"], section["after"]) == ("a.txt#1", "a.txt#3")


def test_outline_needs_no_index(run: Run, write: Write) -> None:
    write("a.txt", REPORT)
    done = run("outline", "a.txt", "--format", "json")
    outline = json.loads(done.stdout)
    assert outline["document"]["title"] == "2024年竹榭市政府工作报告"
    assert [section["heading"] for section in outline["sections"]][1:] == ["优化营商环境", "推进乡村振兴"]
    assert_refused(run("outline", "nowhere.txt"), "nowhere.txt")


def test_the_index_can_be_named_in_the_environment(run: Run, samples_index: Path) -> None:
    assert run("info", POLICYSEARCH_INDEX=str(samples_index)).returncode == 0


@pytest.mark.parametrize("command", ["index", "search", "show", "outline", "info"])
def test_help(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: policysearch {command} ")


def test_what_holds_no_document_is_skipped_and_has_not_failed(run: Run, write: Write) -> None:
    write("docs/a.txt", REPORT)
    write("docs/picture.png", b"\x89PNG\r\n\x1a\n" + bytes(100))
    write("docs/empty.txt", "")
    write("docs/blank.md", " \n\n")
    write("docs/crawl.log", "GET / 200")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("b.txt", NOTICE)
        archive.writestr("b.jpg", b"\xff\xd8\xff")
    write("docs/packed.zip", packed.getvalue())
    done = run("index", "docs")
    assert (done.returncode, done.stderr) == (0, "")
    assert "skipped 5 sources that contain no document: policysearch list --skipped" in done.stdout
    assert "picture.png" not in done.stdout
    assert "skipped   picture.png: It is an image" in run("index", "-v").stdout
    account = index(run)
    assert states(account) == {
        "a.txt": "unchanged", "packed.zip": "unchanged",
        "picture.png": "skipped", "empty.txt": "skipped", "blank.md": "skipped", "crawl.log": "skipped",
    }  # fmt: skip
    generation = account["generation"]
    listed = json.loads(run("list", "--skipped", "--format", "json").stdout)
    assert [(one["source"], one["state"]) for one in listed] == [
        (name, "skipped") for name in ("blank.md", "crawl.log", "empty.txt", "packed.zip#b.jpg", "picture.png")
    ]
    assert run("list", "--failed").stdout == "0 sources\n"
    assert run("check").returncode == 0
    assert index(run)["generation"] == generation
    write("docs/a.txt", "")
    done = run("index")
    assert (done.returncode, done.stderr) == (0, "a.txt: It no longer contains any document.\n")
    assert found_ids(run, "--match", "all", "放管服") == []


def test_only_new_failures_are_printed_in_full(run: Run, write: Write) -> None:
    write("docs/a.txt", REPORT)
    write("docs/b.pdf", b"%PDF-1.7 nothing follows")
    first = run("index", "docs")
    assert first.returncode == 2
    assert first.stderr.startswith("b.pdf: ")
    write("docs/c.rtf", "{\\rtf1")
    second = run("index")
    assert second.returncode == 2
    assert [line.partition(":")[0] for line in second.stderr.splitlines()] == [
        "c.rtf",
        "1 source that failed before for the same reason",
    ]
    assert len(run("index", "--verbose").stderr.splitlines()) == 2
    assert [line.partition(":")[0] for line in run("list", "--failed").stdout.splitlines()] == [
        "b.pdf",
        "c.rtf",
        "2 failed",
    ]
    assert run("list", "--failed", "--skipped").returncode == 2


@pytest.mark.parametrize(
    "command",
    [
        ["kwic", "营商环境"],
        ["kwic", "营商环境", "--sort", "left"],
        ["list"],
        ["list", "--by", "type"],
    ],
    ids=" ".join,
)
def test_the_first_lines_of_a_list(run: Run, samples_index: Path, command: list[str]) -> None:
    def lines(*further: str) -> list[str]:
        done = run(*command, "-i", samples_index, "--format", "csv", *further)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    every = lines()
    assert len(every) > 3
    assert lines("-n", "2") == every[:3]
    assert lines("--limit", "0") == every[:1]


def test_a_list_that_was_cut_says_of_how_many(run: Run, samples_index: Path) -> None:
    places = run("kwic", "营商环境", "-i", samples_index).stdout.splitlines()
    cut = run("kwic", "营商环境", "-n", "2", "-i", samples_index).stdout.splitlines()
    assert cut == [*cut[:2], f"2 of {places[-1]}"]
    documents = run("list", "-i", samples_index).stdout.splitlines()
    assert run("list", "-n", "1", "-i", samples_index).stdout.splitlines()[-1] == f"1 of {documents[-1]}"


def test_a_query_may_begin_with_any_character(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", "植树\ue000优化环境。\n优化林木。\n")
    index = build_index(tmp_path / "docs", tmp_path / "index")
    for typed in (["\ue000优化"], ["--", "\ue000优化"]):
        counted = json.loads(run("count", "-i", index, "--format", "json", *typed).stdout)
        assert [(one["term"], one["occurrences"]) for one in counted["rows"]] == [("\ue000优化", 1)]
        found = json.loads(run("search", "-i", index, "--exact", "--format", "json", *typed).stdout)
        assert (found["query"], found["total"]) == ("\ue000优化", 1)
    assert json.loads(run("count", "-i", index, "--format", "json", "优化").stdout)["rows"][0]["occurrences"] == 2
