"""The library does all that commands do, with the same answers, from any thread; and the shell's part."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import ALL, FIGURES, Run, Write, build_index, command_environment

import policysearch
from policysearch.corpus.counts import Count
from policysearch.frozen import replace
from policysearch.index import Index
from policysearch.search.hits import Hit, Hits
from policysearch.search.snippets import Snippet
from policysearch.search.topics import BrokenTopic

# the same answers


def test_values_are_what_the_commands_write(run: Run, samples_index: Path) -> None:
    def command(*arguments: str) -> Any:
        return json.loads(run(*arguments, "--format", "json", "-i", samples_index).stdout)

    with policysearch.open_index(samples_index) as index:
        assert index.search("营商环境").to_dict() == command("search", "营商环境")
        assert index.count(["改革"], by=["year"]).to_dict() == command("count", "改革", "--by", "year")
        assert index.kwic("改革", sort="left").to_dict() == command("kwic", "改革", "--sort", "left")
        assert [one.to_dict() for one in index.documents()] == command("list")


def test_values_are_frozen_and_fit_for_json(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        found = index.search("营商环境")
        values: list[Any] = [found, found.hits[0], index.kwic("改革").lines[0], index.documents()[0]]
        values += [index.values("year")[0], index.count(["改革"], by=["year"])]
        assert index.count(["改革"], by=["year"]) == values[-1]
        for one in values:
            json.dumps(one.to_dict())
            with pytest.raises(AttributeError, match="frozen"):
                one.title = "other"
        assert isinstance(next(iter(index.count(["改革"]))), Count)


# threads

QUESTIONS = [
    "营商环境",
    "养老服务",
    "改革 创新",
    '"高质量发展"',
    "year:2024 就业",
    "句(改革 开放)",
    "优化 ~10 环境",
    "水库 OR 数字",
]


def answers(index: Any, question: str) -> tuple[Any, ...]:
    return (
        index.search(question, match="all", limit=None),
        index.count(["改革", "发展"], by=["region"], where=question).to_dict(),
        index.kwic("发展", where=question),
        index.values("type"),
    )


def test_threads_may_share_an_index(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        expected = [answers(index, question) for question in QUESTIONS]
    with policysearch.open_index(samples_index) as index, ThreadPoolExecutor(8) as threads:
        # all that is made lazily is made at once, and again and again
        asked = QUESTIONS * 6
        given = list(threads.map(lambda question: answers(index, question), asked))
    assert given == expected * 6


# closed

USES: dict[str, Callable[[Index], Any]] = {
    "search": lambda index: index.search("改革"),
    "search for nothing": lambda index: index.search("没有这个词的"),
    "a bad search": lambda index: index.search('"改革'),
    "search_lazily": lambda index: index.search_lazily("改革"),
    "search_names": lambda index: index.search_names("改革"),
    "ids": lambda index: index.ids("改革"),
    "search_several": lambda index: index.search_several([("改革", policysearch.SearchOptions())]),
    "selection": lambda index: index.selection(),
    "show": lambda index: index.show("no such"),
    "batch": lambda index: index.batch([]),
    "count": lambda index: index.count(["改革"]),
    "kwic": lambda index: index.kwic("改革"),
    "kwic_lines": lambda index: index.kwic_lines("改革"),
    "documents": lambda index: index.documents(),
    "values": lambda index: index.values("year"),
    "info": lambda index: index.info,
    "prepare": lambda index: index.prepare(),
    "with": lambda index: index.__enter__(),
    "verify": lambda index: index.engine.verify(),
}


@pytest.mark.parametrize("use", USES)
def test_a_closed_index_says_so(samples_index: Path, use: str) -> None:
    for asked_before in (False, True):
        index = policysearch.open_index(samples_index)
        if asked_before:
            with contextlib.suppress(policysearch.QueryError):
                USES[use](index)
        index.close()
        index.close()
        with pytest.raises(policysearch.IndexClosedError, match=r"is closed. Open it again"):
            USES[use](index)


def test_an_index_of_nothing_is_closed_too(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    index = policysearch.open_index(build_index(tmp_path / "docs", tmp_path / "index"))
    assert index.search("改革").total == 0
    index.close()
    with pytest.raises(policysearch.IndexClosedError):
        index.search("改革")


def test_hits_that_were_not_taken_are_gone(samples_index: Path) -> None:
    index = policysearch.open_index(samples_index)
    found, hits = index.search_lazily("改革", policysearch.SearchOptions(limit=None))
    _, begun = index.search_lazily("改革", policysearch.SearchOptions(limit=None))
    lines = index.kwic_lines("改革")
    next(begun), next(lines)
    index.close()
    assert found.total > 20
    for left in (hits, begun, lines):
        with pytest.raises(policysearch.IndexClosedError):
            list(left)


@pytest.mark.parametrize("prepare", [False, True])
def test_closing_while_others_search(samples_index: Path, prepare: bool) -> None:
    with policysearch.open_index(samples_index) as index:
        expected = {question: answers(index, question) for question in QUESTIONS}
    tries = 100 if ALL else 8
    ends = {"answered": 0, "refused": 0}
    chance = random.Random(4)
    for number in range(tries):
        index = policysearch.open_index(samples_index, prepare=prepare)
        ready = threading.Barrier(5)

        def ask(index: Index = index, number: int = number, ready: threading.Barrier = ready) -> None:
            ready.wait()
            with contextlib.suppress(policysearch.IndexClosedError):
                for question in (QUESTIONS * 100)[number:]:
                    assert answers(index, question) == expected[question]
                    ends["answered"] += 1
            ends["refused"] += 1

        with ThreadPoolExecutor(4) as threads:
            asked = [threads.submit(ask) for _ in range(4)]
            ready.wait()
            time.sleep(chance.choice([0, 0.001, 0.02, 0.2]))
            index.close()
        for one in asked:
            one.result()
    assert ends["refused"] == 4 * tries
    FIGURES.append(f"indexes closed while four threads search: {tries}, {ends['answered']} answers before")


# what is easily mistaken


def test_filters_take_one_value_or_many(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        one = index.search("发展", filters={"region": "云麓省"})
        assert one.total
        assert one == index.search("发展", filters={"region": ["云麓省"]})
        years = index.search("发展", filters={"year": 2023})
        assert years.total
        assert years == index.search("发展", filters={"year": ["2023"]})
        assert index.search("发展", filters={"year": [2022, "2023"]}).total > years.total
        assert index.documents(filters={"year": 2023}) == index.documents(filters={"year": "2023"})


@pytest.mark.parametrize("values", [None, True, 1.5, [None], [["2023"]], object()])
def test_what_is_no_value_of_a_filter_is_an_error(samples_index: Path, values: Any) -> None:
    with policysearch.open_index(samples_index) as index, pytest.raises(policysearch.InputError, match="region"):
        index.search("发展", filters={"region": values})


def test_one_term_is_counted_whole(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        assert index.count("经济") == index.count(["经济"])
        assert index.count({"经济": "经济"}).terms == ("经济",)
        (whole,), (concept,) = index.count("经济"), index.count({"词": "经济"})
        assert whole.occurrences == concept.occurrences
        assert index.count("经济", by="year") == index.count(["经济"], by=["year"])


@pytest.mark.parametrize(
    "options",
    [
        *({"limit": -1}, {"offset": -1}, {"limit": 1.5}, {"offset": None}, {"match": "some"}, {"sort": "size"}),
        *({"group": "place"}, {"filters": {"place": "云麓省"}}, {"filters": {"regions": ["云麓省"]}}),
    ],
)
def test_options_that_cannot_be_are_errors(samples_index: Path, options: dict[str, Any]) -> None:
    with policysearch.open_index(samples_index) as index:
        with pytest.raises(policysearch.InputError):
            index.search("发展", **options)
        with pytest.raises(policysearch.InputError):
            list(index.batch([("1", "发展")], **options))


def test_orders_and_fields_that_are_none_are_errors(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        for ask in (
            lambda: index.kwic("发展", sort="size"),
            lambda: index.kwic("发展", sample=-1),
            lambda: index.count("发展", by="place"),
            lambda: index.values("place"),
        ):
            with pytest.raises(policysearch.InputError):
                ask()


# notebooks


def test_hits_are_shown_with_marks_and_nothing_else_of_html() -> None:
    fields: dict[str, Any] = dict.fromkeys(Hit.__match_args__)
    snippet = Snippet("a<b 改革 & 改革", ((4, 6), (9, 11)), 0)
    fields.update(rank=1, score=1.0, section_id="a&b#1", title="<script>", path=("一、<i>",), snippet=snippet)
    shown = Hits('"<b>"', "all", False, 1, (Hit(**fields),))._repr_html_()  # type: ignore[attr-defined,unused-ignore]
    assert "a&lt;b <mark>改革</mark> &amp; <mark>改革</mark>" in shown
    assert "<script>" not in shown
    assert "<b>&quot;" not in shown
    assert "&quot;&lt;b&gt;&quot;" in shown


def test_everything_has_a_table_for_notebooks(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        for one in (index.count(["改革"], by=["region"]), index.kwic("改革"), index.documents()):
            assert one._repr_html_().startswith("<table>")


def test_frames_have_the_columns_of_the_tables(run: Run, samples_index: Path) -> None:
    pytest.importorskip("pandas")
    with policysearch.open_index(samples_index) as index:
        frames = {
            ("kwic", "改革"): index.kwic("改革", duplicates="show").to_frame(),
            ("list",): index.documents(duplicates="show").to_frame(),
            ("search", "改革"): (hits := index.search("改革", duplicates="show")).to_frame(),
            ("search", "改革", "--group", "document", "--duplicates", "fold"): index.search(
                "改革", group="document"
            ).to_frame(),
        }
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    for arguments, frame in frames.items():
        table = run(*arguments, "--format", "csv", "-i", samples_index).stdout
        assert ",".join(frame.columns) == table.splitlines()[0]
        assert len(frame) == len(list(csv.DictReader(io.StringIO(table))))


def test_every_answer_with_rows_has_a_frame(samples_index: Path, tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    (tmp_path / "甲.txt").write_text("甲市通告\n\n一、改革\n", encoding="utf-8")
    account = policysearch.index_sources([tmp_path], tmp_path / "index")
    assert list(account.to_frame()["source"]) == ["甲.txt"]
    with policysearch.open_index(samples_index) as index:
        answers: dict[str, Any] = {
            "hits": index.search("改革", limit=5),
            "counts": index.count(["改革"], by=["region"]),
            "panel": policysearch.panel(index.count(["改革"], by=["region", "year"]), wide="year"),
            "concordance": index.kwic("改革"),
            "listing": index.documents(),
            "values": index.values("year"),
            "targets": index.targets(),
            "words": index.words(limit=5),
            "keywords": index.keywords(where="year:2024"),
            "collocates": index.collocates("改革", min_together=1),
            "trend": index.trend("改革"),
            "matrix": index.matrix("改革"),
            "comparison": index.compare(*[row.document_id for row in index.documents()][:2]),
            "verification": index.verify("《云麓省优化营商环境条例》第三条规定了改革。"),
        }
        for name, answer in answers.items():
            frame = answer.to_frame()
            assert len(frame) > 0, name
            assert len(frame.columns) == len(set(frame.columns)), name


# the shell


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_installed(run: Run, shell: str) -> None:
    done = run(_POLICYSEARCH_COMPLETE=f"{shell}_source")
    assert done.returncode == 0
    assert "_POLICYSEARCH_COMPLETE=" in done.stdout


def test_completion_knows_commands_options_and_choices(run: Run) -> None:
    def completed(words: str, at: int) -> str:
        return run(_POLICYSEARCH_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(at)).stdout

    assert {"batch", "count", "kwic", "list", "search"} <= {
        line.partition(",")[2] for line in completed("policysearch ", 1).splitlines()
    }
    assert "--no-duplicates" in completed("policysearch count --no", 2)
    assert "right" in completed("policysearch kwic --sort ", 3)


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_output_is_utf_8_whatever_the_locale(run: Run, samples_index: Path, locale: str) -> None:
    for arguments in (("count", "营商环境"), ("kwic", "营商环境", "--sample", "2"), ("list", "--by", "region")):
        done = run(*arguments, "-i", samples_index, locale=locale)
        assert done.returncode == 0
        assert done.stdout == run(*arguments, "-i", samples_index).stdout
        assert "\0" not in done.stdout


@pytest.mark.parametrize("arguments", [("count", "改革"), ("kwic", "改革"), ("list",), ("list", "--by", "type")])
def test_tables_begin_with_a_byte_order_mark_when_asked(
    run: Run, samples_index: Path, arguments: tuple[str, ...]
) -> None:
    done = run(*arguments, "--format", "csv", "--bom", "-i", samples_index)
    assert done.stdout.startswith("\ufeff")
    assert done.stdout[1:] == run(*arguments, "--format", "csv", "-i", samples_index).stdout


def test_no_cell_becomes_a_formula_unless_asked(run: Run, write: Write, tmp_path: Path) -> None:
    write("sources/a.txt", "松岑县通告\n\n=1+1 改革 @SUM(1)\n")
    index = build_index(tmp_path / "sources", tmp_path / "index")
    for extra, expected in (((), "'=1+1"), (("--raw",), "=1+1")):
        done = run("count", "=1+1", "--format", "csv", *extra, "-i", index)
        assert next(csv.DictReader(io.StringIO(done.stdout)))["term"] == expected


@pytest.mark.parametrize("arguments", [("kwic", "的"), ("list",), ("count", "的", "--by", "document")])
def test_a_closed_pipe_is_quiet(samples_index: Path, arguments: tuple[str, ...]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "policysearch", *arguments, "--format", "jsonl", "-i", str(samples_index)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=command_environment("C"),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stderr.readlines()
        assert process.wait(60) == 0


@pytest.mark.parametrize("command", ["search", "batch", "count", "kwic", "list"])
def test_filters_are_shared(run: Run, command: str) -> None:
    shown = run(command, "--help").stdout
    for name in ("region", "city", "province", "level", "year", "since", "until", "type", "issuer", "number", "status"):
        assert f"--{name}" in shown


@pytest.mark.parametrize("group", ["section", "document"])
@pytest.mark.parametrize("query", ["营商环境", "养老服务体系建设如何推进", '"发展"', "没有的词 发展"])
def test_names_of_hits_are_those_of_whole_hits(samples_index: Path, query: str, group: str) -> None:
    with policysearch.open_index(samples_index) as index:
        found = index.search(query, limit=None, group=group)
        named, hits = index.search_names(query, policysearch.SearchOptions(limit=None, group=group))
        assert named.total == found.total > 0
        assert [(h.rank, h.score, h.document_id, h.section_id) for h in hits] == [
            (h.rank, h.score, h.document_id, h.section_id) for h in found.hits
        ]


@pytest.mark.parametrize("duplicates", ["show", "fold", "hide"])
@pytest.mark.parametrize("group", ["section", "document"])
@pytest.mark.parametrize("query", ["营商环境", "养老服务体系建设如何推进", '"发展"', "没有的词 发展", "没有这个词的"])
def test_ids_are_those_of_all_hits(samples_index: Path, query: str, group: str, duplicates: str) -> None:
    options: dict[str, Any] = {"group": group, "duplicates": duplicates}
    with policysearch.open_index(samples_index) as index:
        hits = index.search(query, limit=None, sort="document", **options).hits
        ids = index.ids(query, **options)
    assert ids == [hit.document_id if group == "document" else hit.section_id for hit in hits]


@pytest.mark.parametrize("bad", [{"match": "no"}, {"group": "no"}, {"duplicates": "no"}])
def test_ids_refuse_unknown_options(samples_index: Path, bad: dict[str, Any]) -> None:
    with policysearch.open_index(samples_index) as index, pytest.raises(policysearch.InputError, match="'no'"):
        index.ids("改革", **bad)


def test_the_command_prints_ids(run: Run, samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        ids = index.ids("发展", filters={"year": "2023"})
    assert len(ids) > 10
    done = run("search", "发展", "--year", "2023", "--format", "ids", "-i", samples_index)
    assert (done.returncode, done.stdout.splitlines()) == (0, ids)
    relaxed = run("search", "没有的词 发展", "--format", "ids", "-i", samples_index)
    assert relaxed.stdout
    assert "No section has all of these words" in relaxed.stderr
    nothing = run("search", "没有的词 发展", "--match", "all", "--format", "ids", "-i", samples_index)
    assert (nothing.returncode, nothing.stdout) == (1, "")
    for more in (("-n", "3"), ("--offset", "3"), ("--sort", "date"), ("--explain",)):
        refused = run("search", "发展", "--format", "ids", *more, "-i", samples_index)
        assert (refused.returncode, refused.stdout) == (2, "")


@pytest.mark.parametrize(
    "options",
    [
        {"match": "all"},
        {"match": "auto", "explain": True},
        {"match": "any", "group": "document", "offset": 3},
        {"match": "all", "limit": None, "sort": "-date", "filters": {"year": ["2023"]}},
        {"match": "all", "exact": True, "limit": 0},
    ],
)
def test_a_batch_answers_as_if_asked_one_by_one(samples_index: Path, options: dict[str, Any]) -> None:
    queries = [
        "营商环境",
        "养老服务体系建设如何推进",
        '"发展',
        "没有的词 发展",
        "region:云麓市 优化营商环境",
        "",
        "三",
    ] * 6
    with policysearch.open_index(samples_index) as index:

        def asked(query: str) -> Hits | tuple[str, int | None]:
            try:
                return index.search(query, **{"duplicates": "show", **options})
            except policysearch.QueryError as error:
                return str(error), error.position

        alone = [asked(query) for query in queries]
        assert (
            sum(isinstance(one, Hits) and one.total > 0 for one in alone)
            > 6
            <= sum(isinstance(one, tuple) for one in alone)
        )
        topics = [(str(number), query) for number, query in enumerate(queries)]
        for lazily in (False, True):
            answered: list[Hits | tuple[str, int | None]] = []
            for one in index.batch(topics, lazily=lazily, **options):
                if isinstance(one, BrokenTopic):
                    answered.append((one.reason, one.position))
                else:
                    hits = tuple(one.hits)
                    assert lazily or hits == one.found.hits
                    answered.append(replace(one.found, hits=hits))
            assert answered == alone
