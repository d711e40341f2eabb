"""Output on a terminal: lines that fit, nothing repeated, no word or number cut, no column without a use."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import time
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

import pytest
from conftest import Run, Write, build_index, command_environment
from terminals import hear_signals, read_terminal

from policysearch.cli.command_names import COMMANDS
from policysearch.cli.waiting import waiting
from policysearch.output.terminal import width, wrap

ESCAPE = re.compile("\x1b\\[[0-9;]*m")

LONG = "关于进一步优化营商环境更好服务市场主体持续激发市场活力和社会创造力若干措施的通知"
OFFICES = "海岬省商务厅、海岬省财政厅、海岬省交通运输厅、海岬省文化和旅游厅、海岬省市场监督管理局、海岬省税务局"


def seen(columns: int, *arguments: str | Path, **environment: str) -> str:
    """Return the final screen of a command on a terminal with so many columns."""
    main, side = pty.openpty()
    ioctl(side, TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    command = [sys.executable, "-m", "policysearch", *map(str, arguments)]
    environment = {**command_environment(), "TERM": "xterm", **environment}
    with subprocess.Popen(command, stdin=side, stdout=side, stderr=subprocess.STDOUT, env=environment) as running:
        written = read_terminal(main, side, running)
    assert running.returncode in (0, 1), written
    return written.decode().replace("\r\n", "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of documents with long titles, paths, headings and issuers, of which some say nothing of themselves."""
    root = tmp_path_factory.mktemp("documents")
    body = "各县要优化营商环境。营商环境是生产力，年均增长7.1%，2021-2025年翻一番。\n" * 3
    long = root / ("很长的文件夹名称" * 4) / f"{LONG}(2023-05-01).txt"
    long.parent.mkdir()
    long.write_text(f"{LONG}\n\n海政发〔2023〕5号\n\n一、{LONG}\n\n{body}\n二、{LONG}\n\n{body}", encoding="utf-8")
    for year in (2022, 2023):
        for place in ("海岬省", "丘陵市"):
            text = f"{year}年{place}政府工作报告\n\n一、{year - 1}年工作回顾\n\n{body}\n二、{year}年工作\n\n{body}"
            (root / f"{place}{year}.txt").write_text(text, encoding="utf-8")
    (root / "无题.txt").write_text("渡口收费。\n" * 3, encoding="utf-8")
    rows = f"file,issuer,year\n无题.txt,{OFFICES},\n海岬省2022.txt,海岬省人民政府,2022\n"
    (root / "metadata.csv").write_text(rows, encoding="utf-8")
    return build_index(root, tmp_path_factory.mktemp("long"))


COMMAND_LINES = [
    ["search", "营商环境"],
    ["search", "营商环境", "--facets", "issuer,year"],
    ["search", "year:2023"],
    ["count", "营商环境", "--by", "document"],
    ["count", "营商环境", "增长", "--by", "region,year"],
    ["kwic", "营商环境"],
    ["list"],
    ["list", "--by", "issuer"],
    ["matrix", "营商环境", "--by", "document"],
    ["count", "营商环境", "增长", "--by", "document", "--sort", "-occurrences"],
    ["count", "营商环境", "--by", "region,year", "--wide", "year"],
    ["words", "-n", "5"],
    ["info", "-v"],
    ["compare", "海岬省2022.txt", "海岬省2023.txt"],
]


@pytest.mark.parametrize("arguments", COMMAND_LINES, ids=" ".join)
@pytest.mark.parametrize("columns", [60, 80, 160])
def test_lines_fit_the_terminal(folder: Path, columns: int, arguments: list[str]) -> None:
    lines = ESCAPE.sub("", seen(columns, *arguments, "-i", folder)).splitlines()
    # an id or a path is not divided: it is there to be copied
    assert [
        line for line in lines if width(line) > columns and not re.match(r" *('|/)?[^ ]*\.txt(#\d+)?'?$", line)
    ] == []


def test_colour_is_for_terminals_that_want_it(folder: Path) -> None:
    assert "\x1b[1;31m营商环境" in seen(80, "search", "营商环境", "-i", folder)
    assert "\x1b" not in seen(80, "search", "营商环境", "-i", folder, NO_COLOR="1")
    assert "\x1b" not in seen(80, "search", "营商环境", "-i", folder, TERM="dumb")


def test_texts_stand_beside_each_other_on_a_wide_terminal(folder: Path) -> None:
    arguments = ("compare", "海岬省2022.txt", "海岬省2023.txt", "-i", folder)
    wide = ESCAPE.sub("", seen(160, *arguments))
    assert re.search(r"^2022年海岬省政府工作报告 {20,}2023年海岬省政府工作报告$", wide, re.MULTILINE)
    assert "- 2022年海岬省政府工作报告\n+ 2023年" in ESCAPE.sub("", seen(120, *arguments))


def test_a_group_is_said_once(run: Run, folder: Path) -> None:
    lines = run("count", "营商环境", "增长", "--by", "region,year", "-i", folder).stdout.splitlines()
    assert lines[0].split()[:3] == ["region", "year", "term"]
    named = [line for line in lines if "海岬省" in line]
    assert len(named) == 1
    at = lines.index(named[0])
    assert lines[at].split()[1:3] == ["2022", "营商环境"]
    assert lines[at + 1].split()[0] == "增长"
    assert lines[at + 2].split()[:2] == ["2023", "营商环境"]
    assert any(line.startswith("(none)") for line in lines)
    # a value that is not known is no repetition, and in the other formats every row has its groups
    rows = run("count", "营商环境", "增长", "--by", "region,year", "-i", folder, "--format", "csv").stdout.splitlines()
    assert sum(row.startswith("海岬省,") for row in rows) == 4


def test_a_single_term_is_a_heading(run: Run, folder: Path) -> None:
    lines = run("count", "营商环境", "--by", "year", "-i", folder).stdout.splitlines()
    assert lines[0] == "营商环境"
    assert "term" not in lines[1]
    assert "营商环境" not in "".join(lines[1:])


def test_no_column_has_one_document_in_every_row(run: Run, folder: Path) -> None:
    for command in (("count", "营商环境", "--by", "document"), ("matrix", "营商环境", "--by", "document")):
        assert "1/1" not in (text := run(*command, "-i", folder).stdout)
        assert "documents" not in text.splitlines()[1]
    assert "documents_in_group" in run("matrix", "营商环境", "-i", folder, "--format", "csv").stdout


def test_tables_of_counts_have_no_columns_that_describe_their_groups(run: Run, folder: Path) -> None:
    for arguments in (("--sort", "-occurrences"), ("--wide", "term"), ("--wide", "year")):
        command = ("count", "营商环境", "增长", "--by", "region,year", *arguments, "-i", folder)
        text = run(*command).stdout
        assert "region" in text.split()
        assert not {"level", "code"} & set(text.split())
        assert "region_code" in run(*command, "--format", "csv").stdout.splitlines()[0]
    lines = run("count", "营商环境", "增长", "--by", "region,year", "--wide", "year", "-i", folder).stdout.splitlines()
    assert len([line for line in lines if line.startswith("海岬省")]) == 1  # which has two rows


def test_filters_alone_match_no_place(run: Run, folder: Path) -> None:
    text = run("search", "--year", "2023", "-i", folder).stdout
    assert " matches" not in text
    assert " matches" in run("search", "营商环境", "--year", "2023", "-i", folder).stdout


def test_large_figures_are_grouped(run: Run, write: Write, tmp_path: Path) -> None:
    write("documents/甲.txt", "关于渡口的通知\n\n" + "".join(f"第{n}条 渡口。\n" for n in range(1, 1201)))
    index = build_index(tmp_path / "documents", tmp_path / "index")
    found = json.loads(run("search", "渡口", "-i", index, "--format", "json").stdout)
    assert found["total"] > 1000
    assert f"1-10 of {found['total']:,} sections\n" in run("search", "渡口", "-i", index).stdout


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("年均增长7.1%左右", 11, ["年均增长", "7.1%左右"]),
        ("规划2021-2025年", 12, ["规划", "2021-2025年"]),
        ("增长4.5%—5%左右", 8, ["增长", "4.5%—5%", "左右"]),
        ("共1,234,567人", 8, ["共", "1,234,56", "7人"]),
        ("/home/me/documents/reports", 20, ["/home/me/documents/", "reports"]),
    ],
)
def test_numbers_and_paths_are_divided_where_people_would(text: str, columns: int, lines: list[str]) -> None:
    assert wrap(text, columns) == lines


def test_roots_stand_on_lines_of_their_own(run: Run, write: Write, tmp_path: Path) -> None:
    names = ["first-root-" + "a" * 20, "second-root-" + "b" * 20]
    for name in names:
        write(f"{name}/甲{name[0]}.txt", f"关于渡口的通知\n\n渡口{name}。\n")
    assert run("index", *names).returncode == 0
    text = run("info").stdout
    assert all(re.search(rf"(?:^|[ /]){name}$", text, re.MULTILINE) for name in names)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_the_terminal(command: str) -> None:
    text = seen(80, command, "--help")
    options = text[: text.index("Examples:")] if "Examples:" in text else text
    assert [line for line in options.splitlines() if width(line) > 80] == []
    assert "\ue001" not in text


def test_help_names_every_command_once_and_fits(run: Run) -> None:
    lines = run("--help").stdout.splitlines()
    named = [line.split()[0] for line in lines if line.startswith("  ") and line.split()[0] in COMMANDS]
    assert named == list(COMMANDS)
    assert all(width(line) <= 80 for line in lines)
    assert "  policysearch index FOLDER" in lines


def test_an_outline_has_headings_and_fits(run: Run, write: Write) -> None:
    text = f"{LONG}\n\n一、{LONG}\n\n渡口收费。\n\n渡口" + "收费" * 100 + "。\n"
    lines = run("outline", write("甲.txt", text)).stdout.splitlines()
    assert "section  characters  heading" in lines
    assert all(width(line) <= 80 for line in lines if not line.startswith("  sha256"))
    body = lines[lines.index("section  characters  heading") + 1 :]
    assert LONG in "".join(line[21:] for line in body).replace(" ", "")  # a heading is whole, on several lines


def test_nothing_found_is_said_once(run: Run, folder: Path) -> None:
    done = run("search", "营商环境", "--region", "火星市", "-i", folder)
    assert done.stderr.count("Nothing found") == 1
    assert re.search(r"\nWithout --region: [0-9]+ sections\.\n", done.stderr)


def test_a_page_behind_the_last_hit_says_how_many_there_are(run: Run, folder: Path, tmp_path: Path) -> None:
    for option in (("--offset", "5000"), ("-n", "0")):
        done = run("search", "营商环境", *option, "-i", folder)
        assert done.returncode == 0
        assert re.fullmatch(r"none of [0-9]+ sections\n", done.stdout)
    (tmp_path / "topics.txt").write_text("营商环境\n没有的词\n", encoding="utf-8")
    text = run("batch", "topics.txt", "-n", "1", "--group", "document", "-i", folder).stdout
    assert "1 of 5 documents\n" in text
    assert text.count("Nothing found.") == 1
    assert "none of 5 documents\n" in run("search", "营商环境", "-n", "0", "--group", "document", "-i", folder).stdout


def test_ranks_of_three_figures_stand_apart(run: Run, write: Write, tmp_path: Path) -> None:
    write("documents/甲.txt", "关于渡口的通知\n\n" + "".join(f"第{n}条 渡口。\n" for n in range(1, 121)))
    index = build_index(tmp_path / "documents", tmp_path / "index")
    lines = run("search", "渡口", "--offset", "99", "-n", "1", "-i", index).stdout.splitlines()
    assert re.match(r"100\. \S", lines[0])
    assert all(re.match(r" {5}\S", line) for line in lines[1:3])


def test_a_section_that_is_a_heading_is_printed_once(run: Run, write: Write, tmp_path: Path) -> None:
    write(
        "documents/甲.txt",
        "关于渡口的通知\n\n一、渡口管理\n\n（一）收费\n\n按规定收费，不得多收。\n\n（二）检查\n\n每年检查。\n",
    )
    index = build_index(tmp_path / "documents", tmp_path / "index")
    lines = run("search", "渡口管理", "-n", "1", "-i", index).stdout.splitlines()
    assert [line.strip() for line in lines[:2]] == ["1.  关于渡口的通知", "一、渡口管理"]
    assert "#" in lines[2]


def test_neighbours_stand_below_each_other_where_they_are_long(folder: Path) -> None:
    names = seen(80, "list", "-i", folder).splitlines()
    long = next(name for name in names if LONG[:5] in name and name.startswith(("\x1b", "'", "很")))
    name = ESCAPE.sub("", long).strip("'")
    lines = ESCAPE.sub("", seen(80, "show", f"{name}#2", "-i", folder)).splitlines()
    assert [line.split()[0] for line in lines[-2:]] == ["before:", "after:"]


def test_a_silence_is_explained_and_leaves_no_trace() -> None:
    out = io.StringIO()
    with waiting("Counting", stream=out, patience=0.01) as clear:
        while "Counting … (0 s)" not in out.getvalue():
            time.sleep(0.001)
        clear()
    assert out.getvalue().endswith("\r\x1b[K")
    for quiet, patience in ((True, 0.0), (False, 100.0)):
        silent = io.StringIO()
        with waiting("Counting", quiet, silent, patience):
            pass
        assert silent.getvalue() == ""


def test_a_silence_ends_with_an_error() -> None:
    out = io.StringIO()
    with pytest.raises(KeyError), waiting("Counting", stream=out, patience=100.0):
        raise KeyError
    assert out.getvalue() == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_waiting_for_an_agent_is_said_and_ends_with_a_signal(folder: Path, number: signal.Signals) -> None:
    pytest.importorskip("mcp")
    main, side = pty.openpty()
    command = [sys.executable, "-m", "policysearch", "mcp", "-i", str(folder)]
    with subprocess.Popen(
        command, stdin=side, stdout=side, stderr=side, env=command_environment(), preexec_fn=hear_signals
    ) as running:
        os.close(side)
        said = b""
        try:
            while b"Ctrl-C to stop" not in said:
                said += os.read(main, 1 << 16)
            time.sleep(0.5)  # until it reads
            running.send_signal(number)
            assert running.wait(timeout=60) == 128 + number
        finally:
            running.kill()
    os.close(main)
