"""Status 1 is a negative answer and never a failure; whatever is typed, no traceback is seen."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import ALL, FIGURES, ROOT, Run, Write, command_environment
from crashes import NOTICE, REPORT

from policysearch import IndexClosedError, InputError, PolicySearchError, QueryError, open_index
from policysearch.engines.opening import open_store
from policysearch.indexing.refresh import refresh
from policysearch.parallel.workers import run_tasks
from policysearch.search.batch import in_processes
from policysearch.search.topics import Topic
from policysearch.vocabulary import FILTERS

pytestmark = pytest.mark.one_python

FAULT = "This is a bug in the program."


def words(text: str) -> list[str]:
    """Return the words between white space."""
    return text.split()


LARGE = (str(10**20), str(10**22), str(-(10**22)), str(2**31), str(2**63), str(2**64), "9" * 5000, "1000000001")
NUMBERS = (
    *words("0 1 -1 -0 2 10 7 1024 1000000 1000000000 1e5 0.5 1.0 nan -nan inf -inf 1e300 1e-300 5e-324 1e999"),
    *("1_0", "１０", "٣", "一", "0x10", " 7 ", "+3", ""),
    *LARGE,
)
FEW = ("1", "2", "3", "0", "-1", "nan", "", *LARGE)
QUERIES = (
    *words('营商环境 改革 “放管服”改革 ( ) “ - -- * "*" ? \\ year:2024 year:20..99999999999 year: 句(改革 的 １２ 段('),
    *words("heading:改革 number:〔〕 region:x %s {} a=b ~ / .."),
    *(
        "公路 改革",
        "改革 ~3 公路",
        "NOT 改革",
        "A OR",
        " ",
        "\t",
        "\n",
        "a" * 6000,
        "改革\u0300",
        "\U0010ffff",
        "\x1b[31m",
    ),
    *("" + before + number + after for number in LARGE for before, after in (("改革 ~", " 公路"), ("year:", ""))),
)
VALUES = (*words("2024 2024.. 2020..2024 2024..2020 9999-99-99 2024-02-30 0000 .... 2024-1 报告 国家 body"), *LARGE)
ENCODINGS = (
    *words("utf-8 gb18030 idna hex unicode_escape rot13 undefined zlib utf-7 cp65001 utf-16 mbcs punycode"),
    *("raw-unicode-escape", "", "\t", "编码", "x" * 300),
)
FILES = (
    *words(
        ". docs docs/a.txt docs/none.txt topics.txt words.txt empty none/x /dev/null /dev/full /dev/zero /proc/self/mem"
    ),
    *("", "x" * 300, "\udcff.txt", "http://h/n"),
)
OUTPUTS = (*words("out.csv out.json out.svg out.png out.exe out none/out.csv empty /dev/null /dev/full ~ s3://b/n"), "")
INDEXES = (
    *words("none ./index docs/a.txt topics.txt empty opensearch://h/x http://h/n s3://b/n file:///tmp/x"),
    *words("opensearch+http:// opensearch+https:/// opensearch+ftp://h/n opensearch+https://h:99999/n"),
    *("opensearch+http://127.0.0.1:1/n", "opensearch+https://[::1/n", "", "x" * 300),
)
FORMATS = ("text", "json", "jsonl", "csv", "tsv", "trec")
SEARCH: dict[str, Sequence[str]] = {
    "-n": NUMBERS,
    "--offset": NUMBERS,
    "--match": ("auto", "all", "any", "exact", "x"),
    "--sort": ("score", "date", "-date", "year", "-year", "document"),
    "--group": ("section", "document"),
    "--format": FORMATS,
    "--tag": QUERIES,
    "--exact": (),
    "--explain": (),
}
OUTPUT: dict[str, Sequence[str]] = {"-o": OUTPUTS, "--format": FORMATS, "--raw": (), "--bom": ()}
OPTIONS: dict[str, dict[str, Sequence[str]]] = {
    "search": SEARCH,
    "batch": {**SEARCH, **OUTPUT, "-j": FEW, "--manifest": OUTPUTS},
    "count": {
        **OUTPUT,
        "--terms": FILES,
        "--by": ("year", "region", "document", "year,type", ",", *QUERIES),
        "--where": QUERIES,
        "--longest": (),
        "--no-duplicates": (),
        "--fill": (),
    },
    "kwic": {
        **OUTPUT,
        "--width": NUMBERS,
        "--sort": ("position", "left", "right"),
        "--sample": NUMBERS,
        "--seed": NUMBERS,
        "--where": QUERIES,
    },
    "list": {**OUTPUT, "--by": ("year", "type", "region", "x")},
    "show": {"--format": FORMATS},
    "outline": {"--format": FORMATS, "--removed": (), "--encoding": ENCODINGS, "--text-field": QUERIES},
    "info": {"--format": FORMATS},
    "check": {"--phrases": FEW, "--seed": NUMBERS, "--wait": NUMBERS, "--format": FORMATS},
    "index": {
        "--remove": FILES,
        "--rebuild": (),
        "-j": FEW,
        "--encoding": ENCODINGS,
        "--text-field": QUERIES,
        "--dictionary": FILES,
        "--wait": FEW,
        "--timeout": NUMBERS,
        "--format": FORMATS,
        "--follow-links": (),
    },
}
SELECTING = [f"--{one.name}" for one in FILTERS]
ARGUMENTS: dict[str, Sequence[str]] = {
    **dict.fromkeys(("search", "count", "kwic"), QUERIES),
    **dict.fromkeys(("batch", "outline"), FILES),
    "index": ("docs", "docs", "docs/a.txt", "none", "empty", "/dev/null", ""),
    "show": ("a.txt", "a.txt#1", "a.txt#99999999999999999999", "a.txt#x", "#", "##", "", *QUERIES),
}
"""The commands that are tried; only ``OUTPUTS`` and the indexes in the test's own folder are ever written to."""


def lines(chance: random.Random) -> Iterator[list[str]]:
    """Yield command lines without end; most of them make sense in part."""
    while True:
        command = chance.choice([*OPTIONS, "search", "kwic", "count"])
        known = OPTIONS[command]
        line = [command]
        for name in chance.sample(sorted(known), k=min(len(known), chance.randint(0, 3))):
            line += [name, chance.choice(known[name])] if known[name] else [name]
        if command in ("search", "batch", "count", "kwic", "list") and chance.random() < 0.4:
            line += [chance.choice(SELECTING), chance.choice((*VALUES, *QUERIES))]
        if command in ARGUMENTS:
            some = (0, 1, 1, 1, 2) if command in ("search", "count", "kwic", "index") else (1,)
            line += chance.choices(ARGUMENTS[command], k=chance.choice(some))
        if command != "outline":
            line += ["-i", chance.choice(INDEXES) if chance.random() < 0.15 else f"index-{command}"]
        if chance.random() < 0.02:
            line.append("-\udcff\udcfe")  # bytes that are no UTF-8
        yield line


def run_all(folder: Path, some: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/command_lines.py")],
        cwd=folder,
        input=json.dumps(some),
        env=command_environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return [(status, said) for status, said in json.loads(done.stdout)]


def place(write: Write, tmp_path: Path) -> None:
    """Make what the command lines speak of."""
    write("docs/a.txt", REPORT)
    write("docs/b.txt", NOTICE)
    write("docs/c.csv", "id,text,title\n1,深化改革。,甲\n2,修建公路。,乙\n")
    write("topics.txt", "改革\n公路 改革\n(\n")
    write("words.txt", "乡村公路 5\n")
    (tmp_path / "empty").mkdir()
    for command in OPTIONS:
        refresh(open_store(tmp_path / f"index-{command}"), [tmp_path / "docs"])


def test_no_command_line_ends_in_a_traceback(write: Write, tmp_path: Path) -> None:
    place(write, tmp_path)
    chance = random.Random(None if ALL else 14)
    some = [line for _, line in zip(range(1500 if ALL else 120), lines(chance), strict=False)]
    wrong = [
        (line, status, said)
        for line, (status, said) in zip(some, run_all(tmp_path, some), strict=True)
        if status not in (0, 1, 2) or "Traceback" in said or FAULT in said or (status == 1 and "Error" in said)
    ]
    assert wrong == []
    FIGURES.append(f"command lines of any words: {len(some)}")
    assert not [path.name for path in tmp_path.iterdir() if ":" in path.name]


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e300", "-1", "0", "1000001", "x"])
def test_a_timeout_that_no_clock_can_be_set_to_is_refused(run: Run, write: Write, tmp_path: Path, value: str) -> None:
    write("docs/a.txt", REPORT)
    done = run("index", "docs", "--timeout", value)
    assert (done.returncode, "'--timeout'" in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "改革", "-n", str(10**22)),
        ("search", "改革", "--offset", str(10**22)),
        ("kwic", "改革", "--width", str(10**20)),
        ("kwic", "改革", "--sample", str(10**22)),
        ("kwic", "改革", "--seed", str(10**22)),
        ("check", "--phrases", str(10**22)),
        ("check", "--wait", "nan"),
        ("batch", "topics.txt", "--jobs", str(10**22)),
        ("index", "--jobs", str(10**22)),
        ("index", "--wait", "inf"),
    ],
    ids=" ".join,
)
def test_a_number_that_is_too_large_is_refused_by_name(
    run: Run, write: Write, samples_index: Path, arguments: Sequence[str]
) -> None:
    write("topics.txt", "改革\n")
    done = run(*arguments, "-i", samples_index)
    assert (done.returncode, f"'{arguments[-2]}'" in done.stderr) == (2, True), done.stderr


def test_the_largest_numbers_work(run: Run, samples_index: Path, write: Write) -> None:
    write("topics.txt", "改革\n")
    most = str(10**9)
    for arguments in (
        ("search", "改革", "-n", most, "--offset", "1"),
        ("batch", "topics.txt", "-n", most, "--jobs", "1024"),
        ("kwic", "改革", "--width", "1000000", "--format", "csv"),
        ("kwic", "改革", "--sample", most, "--seed", str(-(2**63))),
    ):
        done = run(*arguments, "-i", samples_index)
        assert (done.returncode, done.stderr) == (0, ""), arguments
    assert run("search", "改革", "--offset", most, "-i", samples_index).returncode == 0
    write("docs/a.txt", REPORT)
    assert run("index", "docs", "--timeout", "1000000", "--wait", "1000000", "--jobs", "1024").returncode == 0


@pytest.mark.parametrize(
    "address", ["opensearch://h:9200/n", "https://h/n", "x-y://z", "OpenSearch+https://h/n", "s3://a/b"]
)
def test_an_address_of_another_kind_is_no_folder(run: Run, write: Write, tmp_path: Path, address: str) -> None:
    write("docs/a.txt", REPORT)
    for command in (("index", "docs"), ("search", "改革"), ("check",), ("info",)):
        done = run(*command, "-i", address)
        assert done.returncode == 2
        assert (
            f"'{address}' is not a location of an index: expected a folder, or opensearch+https://HOST:9200/NAME."
            in done.stderr
        )
    assert [path.name for path in tmp_path.iterdir()] == ["docs"]
    with pytest.raises(InputError, match="is not a location of an index"):
        open_index("http:/h/n")  # as a Path has it


# what nobody foresaw

BROKEN = """
import sys
import {module} as module
def broken(*arguments, **options):
    raise {error}
module.{name} = broken
"""


def broken(write: Write, module: str, name: str, error: str) -> str:
    """Make a function of the program raise an error in the main process; return the PYTHONPATH that does so."""
    path = write("broken/sitecustomize.py", BROKEN.format(module=module, name=name, error=error))
    return f"{path.parent}:{ROOT}"


@pytest.mark.parametrize("error", ["ValueError('an odd\\nvalue')", "RecursionError", "SystemExit(1)", "AssertionError"])
def test_what_nobody_foresaw_is_said_in_a_line_and_is_status_2(
    run: Run, write: Write, samples_index: Path, error: str
) -> None:
    path = broken(write, "policysearch.corpus.listing", "documents", error)
    done = run("list", "-i", samples_index, PYTHONPATH=path)
    assert (done.returncode, done.stdout) == (2, "")
    assert FAULT in done.stderr
    assert "CONTRIBUTING.md" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    done = run("list", "-i", samples_index, PYTHONPATH=path, POLICYSEARCH_DEBUG="1")
    assert done.returncode == 2
    assert "Traceback (most recent call last)" in done.stderr
    assert "broken/sitecustomize.py" in done.stderr


def test_a_part_that_cannot_be_loaded_is_status_2(run: Run, write: Write, samples_index: Path) -> None:
    path = write("broken/click.py", "raise ImportError('it is corrupt')\n").parent
    done = run("list", "-i", samples_index, PYTHONPATH=f"{path}:{ROOT}")
    assert (done.returncode, done.stderr) == (2, "Error: A part of the program cannot be loaded: it is corrupt\n")
    write("broken/click.py", "1 / 0\n")
    done = run("list", "-i", samples_index, PYTHONPATH=f"{path}:{ROOT}")
    assert (done.returncode, "Traceback" in done.stderr, FAULT in done.stderr) == (2, False, True)


class OddError(Exception):
    """Cannot be made from its message."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} {other}")


def odd(items: Any, *others: Any) -> Any:
    """Raise an error in another process."""
    if items == ["query"]:
        raise QueryError("It is none.", "(", 1)
    if items == ["closed"]:
        raise IndexClosedError
    raise OddError("very", "odd")


def test_errors_of_another_process_are_raised_here_whatever_they_are_made_of() -> None:
    with pytest.raises(RuntimeError, match="OddError: very odd"):
        list(run_tasks(odd, [[1]], prepared=int, processes=1, seconds=60))
    for kind, message in (("query", "It is none"), ("closed", "The index is closed")):
        with pytest.raises(PolicySearchError, match=message):
            list(run_tasks(odd, [[kind]], prepared=int, processes=1, seconds=60))
    with pytest.raises(RuntimeError, match="OddError: very odd"):
        list(in_processes(odd, [Topic("1", "x", {}, 1)], 2))
