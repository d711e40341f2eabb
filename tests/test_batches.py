"""Batches: topics in three forms, answers in their order, files that are whole."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, Write, command_environment

import policysearch
from policysearch.errors import InputError
from policysearch.search import batch as batches
from policysearch.search.batch import Answered, in_processes
from policysearch.search.topics import BrokenTopic, Topic, Topics


def read(text: str | bytes, name: str = "-") -> list[Topic | BrokenTopic]:
    return list(Topics(io.BytesIO(text.encode() if isinstance(text, str) else text), name))


def read_pairs(text: str | bytes, name: str = "-") -> list[tuple[str, str]]:
    return [(one.topic_id, one.query) if isinstance(one, Topic) else ("!", one.reason) for one in read(text, name)]


# topics


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param("-", "改革\n\n开放\n", [("1", "改革"), ("3", "开放")], id="plain lines"),
        pytest.param("-", "a\t改革\nb\t开放 创新\n", [("a", "改革"), ("b", "开放 创新")], id="ids"),
        pytest.param("-", '{"id": "a", "query": "改革"}\n', [("a", "改革")], id="JSON"),
        pytest.param("x.tsv", "a\t改革", [("a", "改革")], id="no line end at the end"),
        pytest.param("x.jsonl", '{"id": 7, "query": "改革"}', [("7", "改革")], id="a number as id"),
        pytest.param("x.jsonl", '{"id": "6", "type": "通知"}', [("6", "")], id="filters alone"),
        pytest.param("-", "\ufeffa\t改革\r\n\r\nb\t开放\r\n", [("a", "改革"), ("b", "开放")], id="from Windows"),
        pytest.param("x.txt", "", [], id="nothing"),
        pytest.param("-", "  改革  \n", [("1", "改革")], id="space around"),
    ],
)
def test_topics_are_read(name: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert read_pairs(text, name) == expected


@pytest.mark.parametrize(
    ("name", "text", "line", "said"),
    [
        pytest.param("-", "a\t改革\n开放\n", 2, "expected an id, a tab and a query", id="no tab"),
        pytest.param("x.tsv", "开放\n", 1, "expected an id, a tab and a query", id="no tab at all"),
        pytest.param("-", "改革\nb\t开放\n", 2, "the first line has none", id="a tab among plain lines"),
        pytest.param("-", "a\t改革\nb\t开\na\t放\n", 3, "the id 'a' is already on line 1", id="repeated id"),
        pytest.param("-", "a\t改革\n\t开放\n", 2, "the id before the tab is empty", id="empty id"),
        pytest.param("-", b"a\t\xb8\xc4\xb8\xef\n", 1, "not UTF-8; save the topics as UTF-8", id="GB18030"),
        pytest.param("x.jsonl", '["a", "改革"]', 1, "expected a JSON object", id="a list"),
        pytest.param("x.jsonl", '{"id": "a"', 1, "expected a JSON object", id="half an object"),
        pytest.param("x.jsonl", "[" * 100_000, 1, "expected a JSON object", id="deep nesting"),
        pytest.param("x.jsonl", '{"id": "a"}', 1, "its query is missing", id="no query"),
        pytest.param("x.jsonl", '{"id": "a", "query": null, "year": 2024}', 1, "its query is missing", id="null"),
        pytest.param(
            "x.jsonl", '{"id": "a", "query": "改革", "place": "乌海"}', 1, "unknown filter 'place'", id="filter"
        ),
        pytest.param("x.jsonl", '{"id": "a", "query": "改革", "year": {}}', 1, "the filter year must be", id="value"),
    ],
)
def test_a_broken_topic_is_named_and_the_others_are_read(name: str, text: str | bytes, line: int, said: str) -> None:
    broken = [one for one in read(text, name) if isinstance(one, BrokenTopic)]
    assert [one.line for one in broken] == [line]
    assert said in broken[0].reason
    assert len(read(text, name)) == len(text.splitlines())


def test_topics_in_utf_16_are_an_error() -> None:
    with pytest.raises(InputError, match="UTF-16"):
        read("a\t改革\n".encode("utf-16"))


def test_topics_are_read_as_they_are_needed() -> None:
    def lines() -> Iterator[bytes]:
        for number in range(10**9):
            taken.append(number)
            yield f"t{number}\t改革\n".encode()

    taken: list[int] = []
    answers = in_processes(len, Topics(lines()), 1)
    assert [next(answers), next(answers)] == [64, 64]
    answers.close()
    assert len(taken) < 200


def test_only_so_many_topics_are_read_ahead_for_processes() -> None:
    topics = (Topic(str(number), "改革", {}, number) for number in iter(range(10**9)))
    taken: list[int] = []

    def counted() -> Iterator[Topic]:
        for topic in topics:
            taken.append(topic.line)
            yield topic

    answers = in_processes(_ids, counted(), 2)
    first = [next(answers) for _ in range(3)]
    answers.close()
    assert first == [[str(number) for number in range(at, at + 16)] for at in (0, 16, 32)]
    assert len(taken) < 16 * batches._AHEAD * 2 + 100


def _ids(topics: Sequence[Topic | BrokenTopic]) -> list[str]:
    return [topic.topic_id for topic in topics if isinstance(topic, Topic)]


# the library


def test_filters_of_a_topic_take_the_place_of_the_batch_s(samples_index: Path) -> None:
    topics = read('{"id": "1", "query": "改革"}\n{"id": "2", "query": "改革", "year": [2022, "2023"]}\n')
    with policysearch.open_index(samples_index) as index:
        first, second = index.batch(topics, limit=None, filters={"year": ["2024"]})
    assert isinstance(first, Answered)
    assert isinstance(second, Answered)
    assert {hit.year for hit in first.found.hits} == {2024}
    assert {hit.year for hit in second.found.hits} == {2022, 2023}


def test_a_batch_answers_as_search_does(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        (one, broken) = index.batch([("a", "养老服务"), ("b", '"养老')])
        assert isinstance(one, Answered)
        assert one.found == index.search("养老服务", match="all", duplicates="show")
    assert isinstance(broken, BrokenTopic)
    assert (broken.line, broken.query, broken.position) == (2, '"养老', 0)


# the command

TOPICS = 'a\t营商环境\nb\t此语不存在于任何报告之中\nc\t"改革\nd\t改革 创新\n'


@pytest.fixture
def topics(write: Write) -> Path:
    return write("topics.tsv", TOPICS)


def test_broken_topics_are_named_and_the_others_run(run: Run, topics: Path, samples_index: Path) -> None:
    done = run("batch", topics, "--format", "jsonl", "-i", samples_index)
    assert [json.loads(line)["topic_id"] for line in done.stdout.splitlines()] == ["a", "b", "d"]
    assert f"{topics}, line 3: Expected a closing" in done.stderr
    assert done.returncode == 2


def test_a_batch_does_not_relax(run: Run, topics: Path, samples_index: Path) -> None:
    answers = [
        json.loads(s) for s in run("batch", topics, "--format", "jsonl", "-i", samples_index).stdout.splitlines()
    ]
    assert list(answers[0])[:5] == ["topic_id", "query", "match", "relaxed", "total"]
    assert {"total_exact", "read_as", "hits"} <= set(answers[0])
    assert {(one["match"], one["relaxed"]) for one in answers} == {("all", False)}


@pytest.mark.parametrize("topic", ['{"id": "6", "year": 2024}', '{"year": 2024, "id": "6", "query": ""}'])
def test_filters_alone_are_a_topic(run: Run, write: Write, samples_index: Path, topic: str) -> None:
    done = run("batch", write("topics.jsonl", topic + "\n"), "--format", "jsonl", "-i", samples_index)
    asked = run("search", "--year", "2024", "--format", "json", "--duplicates", "show", "-i", samples_index)
    assert done.returncode == 0
    assert json.loads(done.stdout)["total"] == json.loads(asked.stdout)["total"] > 0


def test_a_table_has_a_row_for_a_topic_without_hits(run: Run, topics: Path, samples_index: Path) -> None:
    done = run("batch", topics, "--format", "csv", "-n", "2", "-i", samples_index)
    table = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["topic_id"] for row in table] == ["a", "a", "b", "d", "d"]
    assert list(table[0])[:7] == ["topic_id", "query", "total", "relaxed", "rank", "score", "section_id"]
    (empty,) = (row for row in table if row["topic_id"] == "b")
    assert (empty["total"], empty["relaxed"], empty["section_id"]) == ("0", "false", "")


def test_json_is_one_list(run: Run, topics: Path, samples_index: Path) -> None:
    whole = json.loads(run("batch", topics, "--format", "json", "-i", samples_index).stdout)
    lines = run("batch", topics, "--format", "jsonl", "-i", samples_index).stdout.splitlines()
    assert whole == [json.loads(line) for line in lines]
    assert json.loads(run("batch", "/dev/null", "--format", "json", "-i", samples_index).stdout) == []


def test_a_run_file_has_six_columns_and_falling_scores(run: Run, write: Write, samples_index: Path) -> None:
    topics = write("topics.tsv", "a 1\t改革\nb\t发展\n")
    done = run("batch", topics, "--format", "trec", "--tag", "my run", "-n", "50", "-i", samples_index)
    table = [line.split() for line in done.stdout.splitlines()]
    assert {len(row) for row in table} == {6}
    assert {(row[1], row[5]) for row in table} == {("Q0", "my%20run")}
    for topic in ("a%201", "b"):
        scores = [float(row[4]) for row in table if row[0] == topic]
        assert scores
        assert all(before > after for before, after in pairwise(scores))
        assert [int(row[3]) for row in table if row[0] == topic] == list(range(1, len(scores) + 1))


def test_a_run_file_is_read_by_ir_measures(run: Run, topics: Path, samples_index: Path) -> None:
    ir_measures = pytest.importorskip("ir_measures")
    done = run("batch", topics, "-o", "run.trec", "-i", samples_index)
    assert done.stdout == ""
    scored = list(ir_measures.read_trec_run(str(topics.with_name("run.trec"))))
    judged = [ir_measures.Qrel("a", scored[0].doc_id, 1)]
    assert ir_measures.calc_aggregate([ir_measures.RR], judged, scored) == {ir_measures.RR: 1.0}


def test_a_run_file_is_in_order_of_score_only(run: Run, topics: Path, samples_index: Path) -> None:
    done = run("batch", topics, "--format", "trec", "--sort", "date", "-i", samples_index)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("ending", ["jsonl", "csv", "trec", "txt"])
def test_processes_give_the_same_bytes(run: Run, write: Write, samples_index: Path, ending: str) -> None:
    topics = write("many.txt", "".join(f"{word}\n" for word in ["改革", "发展", "营商环境", "服务", '"坏'] * 20))
    for jobs in (1, 2):
        done = run("batch", topics, "-j", str(jobs), "-o", f"{jobs}.{ending}", "-i", samples_index)
        assert done.returncode == 2
    one, two = (topics.with_name(f"{jobs}.{ending}").read_bytes() for jobs in (1, 2))
    assert one == two
    assert one


def test_the_ending_decides_the_format(run: Run, topics: Path, samples_index: Path) -> None:
    run("batch", topics, "-o", "out.json", "-i", samples_index)
    assert len(json.loads(topics.with_name("out.json").read_text(encoding="utf-8"))) == 3
    done = run("batch", topics, "-o", "out.dat", "-i", samples_index)
    assert done.returncode == 2
    assert "add --format" in done.stderr


def test_a_broken_run_leaves_what_was_there(run: Run, topics: Path, tmp_path: Path, samples_index: Path) -> None:
    (tmp_path / "out.csv").write_text("before")
    assert run("batch", topics, "-o", "out.csv", "-i", tmp_path / "no index").returncode == 2
    done = run("batch", topics, "-o", "out.csv", "--year", "never", "-i", samples_index)
    assert done.returncode == 2
    topics.write_bytes("a\t改革\n".encode("utf-16"))
    assert run("batch", topics, "-o", "out.csv", "-i", samples_index).returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "topics.tsv"]


def test_output_may_go_to_a_device(run: Run, topics: Path, samples_index: Path) -> None:
    done = run("batch", topics, "-o", "/dev/stdout", "--format", "jsonl", "-i", samples_index)
    assert len(done.stdout.splitlines()) == 3
    assert Path("/dev/stdout").exists()


def test_the_same_manifest_gives_the_same_bytes(run: Run, topics: Path, tmp_path: Path, samples_index: Path) -> None:
    for name in ("one", "two"):
        run("batch", topics, "-o", f"{name}.csv", "--manifest", f"{name}.json", "-i", samples_index)
    run("batch", topics, "-o", "three.csv", "--manifest", "three.json", "-n", "3", "-i", samples_index)
    manifests = {name: (tmp_path / f"{name}.json").read_bytes() for name in ("one", "two", "three")}
    assert manifests["one"] == manifests["two"] != manifests["three"]
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    made_of: dict[str, Any] = json.loads(manifests["one"])
    assert made_of["program"]["version"] == policysearch.__version__
    assert set(made_of["index"]) >= {"generation", "analysis", "corpus_sha256"}
    assert (made_of["topics"]["read"], made_of["topics"]["broken"]) == (4, 1)
    assert made_of["options"]["match"] == "all"


def test_topics_come_from_a_pipe_and_a_closed_pipe_is_quiet(samples_index: Path) -> None:
    topics = "".join(f"{number}\t改革\n" for number in range(3000)).encode()
    command = [sys.executable, "-m", "policysearch", "batch", "-", "--format", "jsonl", "-i", str(samples_index)]
    for jobs in ("1", "2"):
        with subprocess.Popen(
            [*command, "--jobs", jobs],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=command_environment("C"),
        ) as process:
            assert process.stdin and process.stdout and process.stderr  # noqa: PT018
            process.stdin.write(topics)
            process.stdin.close()
            assert json.loads(process.stdout.readline())["topic_id"] == "0"
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("options", "ahead"),
    [({}, 64), ({"limit": None}, 1), ({"limit": 10, "offset": 1_000}, 15), ({"limit": 500, "explain": True}, 1)],
)
def test_few_topics_are_read_ahead_where_much_is_kept_of_each(
    samples_index: Path, options: dict[str, Any], ahead: int
) -> None:
    read = []

    def topics() -> Iterator[tuple[str, str]]:
        for number in range(100):
            read.append(number)
            yield str(number), "发展"

    with policysearch.open_index(samples_index) as index:
        for number, _ in enumerate(index.batch(topics(), lazily=True, **options)):
            assert len(read) == min(100, (number // ahead + 1) * ahead)


def test_a_topic_that_is_no_pair_is_an_error(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        assert len(list(index.batch([["1", "养老"], ("2", "植树")]))) == 2  # type: ignore[list-item]
        for wrong in ("养老", ("1", "养老", "x"), {"1": "养老"}, None, ("1", 2)):
            with pytest.raises(InputError, match="Topic 2 is not a pair"):
                list(index.batch([("1", "养老"), wrong]))  # type: ignore[list-item]


def test_a_truth_value_of_json_is_one_of_latest() -> None:
    (topic,) = Topics([b'{"id": 1, "query": "\xe5\x85\xbb\xe8\x80\x81", "latest": true}'], "a.jsonl")
    assert isinstance(topic, Topic)
    assert topic.filters == {"latest": ("true",)}
