"""Messages for a user who typed something other than was meant: the next command, ready to paste."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from conftest import Run, Write, build_index

from policysearch.cli.command_names import COMMANDS

pytestmark = pytest.mark.one_python


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (("-i", "my index", "search", "营商环境"), "policysearch search -i 'my index' 营商环境"),
        (("--index=here", "count", "营商环境", "--by", "year"), "policysearch count --index=here 营商环境 --by year"),
        (("-n", "3", "search", "优化 环境"), "policysearch search -n 3 '优化 环境'"),
    ],
)
def test_options_before_the_command_are_put_behind_it(run: Run, typed: tuple[str, ...], line: str) -> None:
    done = run(*typed)
    assert done.returncode == 2
    assert done.stderr.endswith(f"Error: The command comes before its options: {line}\n")


def test_an_unknown_option_without_a_command_is_an_error_as_before(run: Run) -> None:
    done = run("-x", "nothing")
    assert (done.returncode, "No such option '-x'" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("search", "To exclude a word, write: NOT z; to search for it literally, put -- before the query."),
        ("count", "To take it literally, put -- before it."),
        ("kwic", "To take it literally, put -- before it."),
    ],
)
def test_an_unknown_short_option_is_a_word_to_exclude_only_in_a_query(run: Run, command: str, hint: str) -> None:
    done = run(command, "营商环境", "-z")
    assert done.returncode == 2
    assert done.stderr.endswith(f"Error: Unknown option '-z'. {hint}\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["search", "营商环境", "-n", "3..5"], "'3..5' is not a valid integer.\n"),
        (["index", "--timeout", "soon"], "'soon' is not a valid number of seconds.\n"),
        (["count", "--terms", "."], "'.' is a folder. Give one file.\n"),
        (["batch", "."], "'.' is a folder. Give one file.\n"),
    ],
)
def test_a_value_of_another_kind_is_an_error_that_names_the_kind(run: Run, arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.endswith(said)


def test_a_query_without_a_command_is_answered_with_the_command(run: Run) -> None:
    assert "To search for it: policysearch search 营商环境 '优化 环境'\n" in run("营商环境", "优化 环境").stderr


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("search", "--facets", "-n", "2", "营商环境"), "--facets takes a value (FIELDS), but '-n' is another option."),
        (("search", "营商环境", "--facets"), "--facets takes a value (FIELDS), but nothing follows."),
        (("list", "--title", "--by=year"), "--title takes a value (TEXT), but '--by=year' is another option."),
        (("index", "--moved", "here", "--rebuild"), "--moved takes a value (OLD NEW), but '--rebuild' is another"),
        (
            ("search", "--facets", "营商环境"),
            "Unknown facet '营商环境'; expected one of: ",
        ),
    ],
)
def test_a_forgotten_value_is_named(run: Run, typed: tuple[str, ...], said: str) -> None:
    done = run(*typed)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("list", "渡口"), "Words of a title are given with --title."),
        (("citations", "渡口法"), "A document is given with --of or --to."),
        (("export", "my.sqlite"), "A file is given with --sqlite, a folder with --parquet."),
        (("verify", "渡口应当收费"), "There is no file '渡口应当收费'. A quotation is checked with --quote TEXT."),
        (("outline", "甲/乙.txt"), "For a document of the index: policysearch outline --document 甲/乙.txt"),
        (("outline", "."), "'.' is a folder. Give one file."),
    ],
)
def test_what_was_typed_without_its_option_is_answered_with_the_option(
    run: Run, typed: tuple[str, ...], said: str
) -> None:
    done = run(*typed)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"{said}\n")


def test_names_of_files_are_answered_with_the_command_for_them(run: Run, write: Write) -> None:
    path = write("documents/甲.txt", "关于渡口的通知\n\n渡口收费。\n")
    assert run("index", "documents").returncode == 0
    for name in ("甲.txt", str(path)):
        assert f"policysearch show {name}\n" in run("search", name).stderr
    assert "policysearch index documents/\n" in run("search", "documents/").stderr
    for words in ("收费/缴费", "星际旅行"):
        assert "policysearch" not in run("search", words).stderr


def test_fields_have_chinese_names_in_options_too(run: Run, samples_index: Path) -> None:
    for chinese, english in (("省份，年份", "province,year"), ("地区", "region")):
        answers = [
            run("count", "环境", "--by", by, "--format", "csv", "-i", samples_index) for by in (chinese, english)
        ]
        assert answers[0].stdout == answers[1].stdout
        assert answers[0].stdout.startswith(english)
    facets = json.loads(run("search", "环境", "--facets", "类型", "--format", "json", "-i", samples_index).stdout)
    assert list(facets["facets"]) == ["type"]
    assert "Unknown group ''" in run("count", "环境", "--by", "年份，", "-i", samples_index).stderr


def test_values_may_begin_with_a_minus(run: Run, samples_index: Path) -> None:
    done = run("search", "营商环境", "--sort", "-date", "-i", samples_index)
    assert (done.returncode, done.stderr) == (0, "")
    assert run("count", "营商环境", "--where", "-疫情", "-i", samples_index).returncode == 0


def test_commands_to_type_next_name_the_index_that_was_given(run: Run, write: Write, tmp_path: Path) -> None:
    write("documents/甲.txt", "关于渡口的通知\n\n渡口 收费。\n")
    write("documents/乙.pdf", b"%PDF-1.4 broken")
    assert run("index", "documents", "-i", "my index").returncode == 2
    cases = [
        (("show", "nothing"), "policysearch list"),
        (("kwic", "渡口", "收费"), "policysearch kwic"),
        (("index",), "policysearch list"),
        (("keywords", "--where", "没有"), "policysearch list"),
        (("reuse", "--of", "没有"), "policysearch list"),
    ]
    for arguments, hint in cases:
        for option in (("-i", "my index"), ("--index=my index",)):
            done = run(*arguments, *option)
            assert f"{hint} -i 'my index'" in done.stdout + done.stderr, arguments
        done = run(*arguments, POLICYSEARCH_INDEX="my index")  # which holds for the next command as well
        assert hint in done.stdout + done.stderr
        assert "-i 'my index'" not in done.stdout + done.stderr
    write("documents/甲.txt", "关于渡口的通知\n\n渡口 不收费。\n")
    assert "Refresh it with: policysearch index -i 'my index'\n" in run("check", "-i", "my index").stdout
    assert "Build one with: policysearch index -i nowhere FOLDER\n" in run("search", "a", "-i", "nowhere").stderr


def test_usage_stays_as_it_is(run: Run, samples_index: Path) -> None:
    done = run("search", "-i", samples_index, "--sort", "colour", "x")
    assert done.stderr.startswith("Usage: policysearch search [OPTIONS]")
    assert f"policysearch search -i {samples_index}" not in done.stderr


def test_an_empty_index_says_so_in_every_command(run: Run, tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    index = build_index(tmp_path / "documents", tmp_path / "index")
    said = f"The index '{index}' has no documents. Add some with: policysearch index -i {index} FOLDER\n"
    for arguments in (("search", "营商环境"), ("count", "营商环境"), ("kwic", "营商环境"), ("list",), ("words",)):
        done = run(*arguments, "-i", index)
        assert done.stderr == said, arguments
        assert run(*arguments, "-q", "-i", index).stderr == ""
    assert run("info", "-i", index).stderr == ""


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("养老服务 year>2022", "养老服务 year:2023.."),
        ("养老服务 year >= 2022", "养老服务 year:2022.."),
        ("养老服务 年份<2024年", "养老服务 year:..2023"),
        ("year<=2022 养老服务", "year:..2022 养老服务"),
        ("养老服务 year=2022", "养老服务 year:2022"),
    ],
)
def test_a_comparison_of_years_is_answered_with_the_whole_filter(
    run: Run, samples_index: Path, typed: str, suggested: str
) -> None:
    done = run("search", "-i", samples_index, typed)
    last = done.stderr.splitlines()[-1]
    assert re.search(r"Did you mean(?: \([0-9]+ sections?\))?: (.*)", last)[1] == suggested  # type: ignore[index]
    assert run("search", "-q", "-i", samples_index, *shlex.split(suggested)).returncode == 0


def test_other_comparisons_are_not_taken_apart(run: Run, samples_index: Path) -> None:
    done = run("search", "-i", samples_index, "营商环境 price>2022")
    assert "Did you mean" not in done.stderr


def test_every_command_is_one_that_may_be_hinted() -> None:
    from policysearch.cli.hints import with_index
    from policysearch.cli.session import GIVEN_INDEX

    token = GIVEN_INDEX.set("here")
    try:
        for name in COMMANDS:
            assert with_index(f"Run: policysearch {name}, then go.") == f"Run: policysearch {name} -i here, then go."
            assert with_index(f"policysearch {name} --index x") == f"policysearch {name} --index x"
        assert with_index("/opt/policysearch list and my-policysearch list") == (
            "/opt/policysearch list and my-policysearch list"
        )
    finally:
        GIVEN_INDEX.reset(token)


@pytest.mark.parametrize("term", ["优化,环境", "优化、环境", "“优化”", "优化 OR 环境", "year:2023", "-环境"])
@pytest.mark.parametrize("command", ["count", "trend", "matrix", "kwic", "collocates"])
def test_a_term_that_was_meant_as_a_query_is_named_where_it_does_not_occur(
    run: Run, samples_index: Path, command: str, term: str
) -> None:
    said = f"Read literally, and not found: {term}. "
    assert said in run(command, term, "-i", samples_index).stderr
    assert said not in run(command, term, "-i", samples_index, "-q").stderr


def test_a_term_that_occurs_or_is_no_query_is_not_named(run: Run, samples_index: Path) -> None:
    for term in ("月球基地", "“放管服”", "环境，"):
        assert "Read literally" not in run("count", term, "-i", samples_index).stderr


def test_topics_in_csv_are_told_from_a_table(run: Run, samples_index: Path, tmp_path: Path) -> None:
    for name, told in (("topics.csv", True), ("topics.tsv", False)):
        (tmp_path / name).write_text("1\t环境\n", encoding="utf-8")
        said = run("batch", name, "-i", samples_index).stderr
        assert (f"'{name}' is read as lines, each a query; columns are separated by a tab: id, query." in said) is told
