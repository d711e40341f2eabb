"""The ends of the shell: help, typos, completion of values, output for programs and for people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run, Write, build_index

from policysearch.cli.command_names import COMMANDS
from policysearch.cli.examples import EXAMPLES
from policysearch.output.terminal import counted


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_short_option_for_help_and_two_examples(run: Run, command: str) -> None:
    short, long = run(command, "-h"), run(command, "--help")
    assert short.returncode == 0
    assert short.stdout == long.stdout
    examples = short.stdout.partition("Examples:\n")[2].splitlines()
    assert len(examples) >= 2
    assert all(line.startswith(f"  policysearch {command}") for line in examples)
    assert set(EXAMPLES) == set(COMMANDS)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("index", "serve", "mcp")])
def test_options_of_examples_exist(run: Run, command: str, samples_index: Path) -> None:
    import shlex

    for line in EXAMPLES[command]:
        said = run(*shlex.split(line), POLICYSEARCH_INDEX=str(samples_index)).stderr
        assert "No such option" not in said
        assert "Invalid value for '--" not in said or "No such file" in said


@pytest.mark.parametrize(("typed", "meant"), [("serch", "search"), ("lst", "list"), ("kwci", "kwic")])
def test_a_mistyped_command_is_answered_with_the_nearest(run: Run, typed: str, meant: str) -> None:
    done = run(typed, "环境")
    assert done.returncode == 2
    assert f"No such command '{typed}'. Did you mean {meant}?" in done.stderr
    assert "--year" in run("search", "--yaer", "2020").stderr


def completed(run: Run, index: Path, words: str) -> list[str]:
    environment = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_POLICYSEARCH_COMPLETE": "bash_complete"}
    said = run(POLICYSEARCH_INDEX=str(index), **environment).stdout
    return [line.partition(",")[2] for line in said.splitlines() if line]


def test_values_are_completed_from_the_index(run: Run, samples_index: Path) -> None:
    assert completed(run, samples_index, "policysearch search --region 松") == ["松岑县"]
    assert "政府工作报告" in completed(run, samples_index, "policysearch search --type ")
    assert completed(run, samples_index, "policysearch list --part rev") == ["review"]
    assert "2023" in completed(run, samples_index, "policysearch count --year ")
    assert completed(run, samples_index, "policysearch count --by region,ye") == ["region,year"]
    assert "year" in completed(run, samples_index, "policysearch list --by ")
    assert completed(run, samples_index, "policysearch search --facets type,mo") == []
    ids = completed(run, samples_index, "policysearch show 通知/")
    assert ids
    assert all(one.startswith("通知/") for one in ids)
    assert f"{ids[0]}#2" in completed(run, samples_index, f"policysearch show {ids[0]}#")
    assert completed(run, samples_index / "none", "policysearch search --region 松") == []


def test_show_does_not_wrap_for_a_program(run: Run, samples_index: Path) -> None:
    hits = json.loads(run("search", "营商环境", "-i", samples_index, "--format", "json").stdout)["hits"]
    name = hits[0]["section_id"]
    text = json.loads(run("show", name, "-i", samples_index, "--format", "json").stdout)["text"]
    shown = run("show", name, "-i", samples_index).stdout.splitlines()
    assert max(map(len, text.splitlines())) > 60  # each takes two columns
    assert [line for line in map(str.strip, text.strip().splitlines()) if line not in shown] == []


def test_a_row_of_tsv_is_a_line(run: Run, write: Write, tmp_path: Path) -> None:
    text = "关于渡口的通知\n\n各县：\n\n一、渡口\n\n渡口一\t渡口二\n渡口三\u2028渡口四\n渡口五\n"
    write("documents/甲.txt", text)
    build_index(tmp_path / "documents", tmp_path / "index")
    for arguments in (("search", "渡口"), ("kwic", "渡口")):
        table = run(*arguments, "--format", "tsv").stdout
        lines = table.split("\n")
        assert len({line.count("\t") for line in lines if line}) == 1
        assert len(table.splitlines()) == len(lines) - 1
        assert '"' not in table


def test_info_is_for_people(run: Run, samples_index: Path, write: Write, tmp_path: Path) -> None:
    text = run("info", "-i", samples_index).stdout
    info = json.loads(run("info", "-i", samples_index, "--format", "json").stdout)
    assert text.startswith(f"{info['documents']} documents, {info['sections']} sections, ")
    assert " kB of text" in text
    assert {line.split()[0] for line in text.splitlines()} >= {"dates", "places", "years", "types", "roots"}
    assert info["analysis"]["fingerprint"] not in text
    assert info["analysis"]["fingerprint"] in " ".join(run("info", "--verbose", "-i", samples_index).stdout.split())
    write("documents/甲.txt", "关于渡口的通知\n\n渡口。\n")
    write("documents/乙.pdf", b"%PDF-1.4 broken")
    assert run("index", "documents").returncode == 2
    said = run("info").stdout
    assert said.startswith("1 document, ")
    assert "1 source could not be read:\n" in said
    assert "乙.pdf" in said


def test_counted() -> None:
    assert [counted(many, "match") for many in (0, 1, 2, 1000)] == [
        "0 matches",
        "1 match",
        "2 matches",
        "1,000 matches",
    ]


def test_terms_are_counted_by_issuer_status_and_month(run: Run, samples_index: Path) -> None:
    for field in ("issuer", "status", "month"):
        rows = json.loads(run("count", "营商环境", "--by", field, "-i", samples_index, "--format", "json").stdout)
        rows = rows if isinstance(rows, list) else rows["rows"]
        assert sum(row["occurrences"] for row in rows) > 0
        if field == "month":
            assert all(row[field] is None or (len(row[field]) == 7 and row[field][4] == "-") for row in rows)
