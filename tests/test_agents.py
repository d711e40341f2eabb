"""Tools for agents: what they quote can be replayed, nothing is cut silently, and no input gets more than an error."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SOURCES, Run, build_index, command_environment
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("mcp")
pytest.importorskip("jinja2")

import jsonschema
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError
from serving import as_spelt, misspelt

import policysearch
from policysearch.serving.agents.schemas import TOOLS
from policysearch.serving.agents.tool_server import Answering
from policysearch.serving.agents.tools import Tools
from policysearch.serving.served import Served
from policysearch.serving.work import Workers

Call = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="module")
def answering(samples_index: Path) -> Iterator[Answering]:
    """The tools over the samples, without a transport."""
    served = Served(str(samples_index))
    yield Answering(served, Workers(2, 60, 8), prepare=False)
    served.close()


def called(answering: Answering, name: str, **arguments: Any) -> dict[str, Any]:
    """Return the structured result of a tool, which must not be an error and must be of its schema."""
    result = asyncio.run(answering.call(name, arguments))
    assert not result.is_error, result.content
    answer = result.structured_content
    assert isinstance(answer, dict)
    jsonschema.validate(answer, next(tool.result for tool in TOOLS if tool.name == name))
    assert json.loads(result.content[0].text) == answer  # type: ignore[union-attr]
    return answer


def refused(answering: Answering, name: str, **arguments: Any) -> str:
    """Return the message of an error of a tool."""
    result = asyncio.run(answering.call(name, arguments))
    assert result.is_error
    said: str = result.content[0].text  # type: ignore[union-attr]
    assert "Traceback" not in said
    return said


def quotations(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every quotation in an answer."""
    if isinstance(value, dict):
        if {"citation", "section_id", "start", "text", "sha256"} <= value.keys() and value["start"] is not None:
            yield value
        for one in value.values():
            yield from quotations(one)
    elif isinstance(value, list):
        for one in value:
            yield from quotations(one)


ASKED = (
    ("search", {"query": "优化 营商环境", "limit": 20}),
    ("search", {"query": "怎样才能进一步优化营商环境减轻企业负担促进就业", "filters": {"year": [2023, 2024]}}),
    ("kwic", {"phrase": "营商环境", "limit": 20, "width": 80}),
    ("targets", {"filters": {"year": "2024"}, "kinds": ["target", "actual"]}),
    ("verify", {"quote": "地区生产总值增长6%左右"}),
    ("verify", {"text": "《云麓省优化营商环境条例》第五条规定，主管部门“负责组织、指导、协调和监督检查”。"}),
)


@pytest.mark.parametrize(("name", "arguments"), [pytest.param(*one, id=one[0]) for one in ASKED])
def test_what_a_tool_quotes_can_be_replayed(answering: Answering, name: str, arguments: dict[str, Any]) -> None:
    found = list(quotations(called(answering, name, **arguments)))
    assert found
    for quotation in found:
        text = quotation["text"]
        assert quotation["sha256"] == hashlib.sha256(text.encode()).hexdigest()
        assert quotation["citation"].startswith(("《", "云麓", "澜泽", "松岑")), quotation["citation"]
        piece = called(
            answering, "show", id=quotation["section_id"], offset=quotation["start"], limit=max(1, len(text))
        )
        assert (piece["text"], piece["end"]) == (text, quotation["end"])
        assert piece["sha256"] == quotation["sha256"]


def test_hits_are_those_of_the_library(answering: Answering, samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        expected = index.search("改革 region:云麓省", limit=None)
    found: list[str] = []
    offset: int | None = 0
    while offset is not None:
        answer = called(answering, "search", query="改革", filters={"region": "云麓省"}, limit=7, offset=offset)
        found += [hit["section_id"] for hit in answer["hits"]]
        assert answer["total"] == expected.total
        offset = answer["next"]
    assert found == [hit.section_id for hit in expected]


@pytest.mark.parametrize("limit", [97, 20_000])
def test_pieces_of_a_text_are_the_text(answering: Answering, samples_index: Path, limit: int) -> None:
    with policysearch.open_index(samples_index) as index:
        document = index.documents()[0].document_id
        view = index.show(document)
    assert view is not None
    whole = "".join(section["text"] for section in view.sections)
    text = ""
    offset: int | None = 0
    while offset is not None:
        piece = called(answering, "show", id=document, offset=offset, limit=limit)
        assert piece["truncated"] == (piece["next"] is not None) == (piece["end"] < len(whole))
        assert (piece["start"], piece["length"]) == (len(text), len(whole))
        text += piece["text"]
        for section in piece["sections"]:
            own = called(answering, "show", id=section["section_id"], limit=20_000)
            assert whole[section["start"] : section["end"]] == own["text"]
        offset = piece["next"]
    assert text == whole


def test_an_outline_is_whole_and_its_pages_follow(answering: Answering, samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        document = index.documents()[0].document_id
        view = index.show(document)
    assert view is not None
    pages = []
    offset: int | None = 0
    while offset is not None:
        page = called(answering, "outline", id=f"{document}#1", limit=3, offset=offset)
        pages += page["sections"]
        offset = page["next"]
    assert [one["section_id"] for one in pages] == [section["section_id"] for section in view.sections]
    assert [one["length"] for one in pages] == [len(section["text"]) for section in view.sections]


def test_figures_are_those_of_the_library(answering: Answering, samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        counts = list(index.count(["营商环境", "改革"], by=["year"], where="优化").rows())
        total = index.kwic("营商环境").total
    answer = called(answering, "count", terms=["营商环境", "改革"], by=["year"], where="优化")
    assert answer["rows"] == counts
    assert called(answering, "kwic", phrase="营商环境", limit=1)["occurrences"] == total


def test_coverage_tells_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    for year in (2019, 2022):
        head = f"{year}年青禾市政府工作报告\n（{year}年1月8日在青禾市第三届人民代表大会上）\n市长　王一\n"
        (sources / f"{year}.txt").write_text(head + "一、工作回顾\n经济平稳。\n二、工作安排\n优化营商环境。\n", "utf-8")
    (sources / "broken.docx").write_bytes(b"PK\x03\x04 not a document")
    (sources / "picture.png").write_bytes(b"\x89PNG")
    policysearch.index_sources(sources, tmp_path / "index")
    served = Served(str(tmp_path / "index"))
    with contextlib.closing(served):
        tools = Answering(served, Workers(2, 60, 8), prepare=False)
        covered = called(tools, "coverage")
        nothing = called(tools, "search", query="“月球基地”", filters={"year": 2022})
    assert covered["searched"] == {"documents": 2, "sections": 6, "generation": 1, "failed_sources": 1}
    assert covered["values"]["year"] == [{"value": 2019, "documents": 1}, {"value": 2022, "documents": 1}]
    assert covered["missing_reports"] == [{"region": "青禾市", "years": [2020, 2021]}]
    assert [one["source"] for one in covered["failed"]] == ["broken.docx"]
    assert covered["skipped"] == 1
    assert str(tmp_path) not in json.dumps(covered)
    assert (nothing["total"], nothing["hits"]) == (0, [])
    assert nothing["searched"]["documents"] == 1
    assert "Not found in 1 document, " in nothing["note"]
    assert "1 source could not be read" in nothing["note"]
    assert "未找到" in nothing["note"]


def test_citations_are_text_and_csl(answering: Answering) -> None:
    found = called(answering, "search", query="“负责组织、指导、协调和监督检查”", limit=1)["hits"][0]
    (cited,) = called(answering, "cite", ids=[found["section_id"]])["citations"]
    assert cited["citation"] == found["citation"]
    assert cited["csl"]["type"] == "legislation"
    assert called(answering, "show", id=found["section_id"])["sha256"] == cited["sha256"]


def test_a_comparison_names_both_sides(answering: Answering, samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        reports = [one.document_id for one in index.documents(filters={"type": "政府工作报告", "region": "澜泽市"})]
    a, b, *_ = reports
    answer = called(answering, "compare", a=a, b=b, limit=50)
    assert answer["total"] == sum(many for state, many in answer["states"].items() if state != "same")
    for change in answer["changes"]:
        for side in ("a", "b"):
            if change[side] is not None:
                text = "".join(step[side] for step in change["changes"])
                assert hashlib.sha256(text.encode()).hexdigest() == change[side]["sha256"]


HOSTILE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("nothing", {}, "Unknown tool"),
    ("search", {}, "'query' is a required property"),
    ("search", {"query": "(营商"}, "At character 0 of '(营商'"),
    ("search", {"query": ""}, "empty"),
    ("search", {"query": "营商", "limit": 10**9}, "'limit'"),
    ("search", {"query": "营商", "limit": -1}, "'limit'"),
    ("search", {"query": "营商", "limit": "many"}, "'limit'"),
    ("search", {"query": "营商", "offset": True}, "'offset'"),
    ("show", {"id": "x.txt", "offset": 10**40}, "There is no section"),
    ("search", {"query": "营商", "filters": {"region": ["市" * 3_000]}}, "longer than 2000"),
    ("search", {"query": "营商", "secret": 1}, "secret"),
    ("search", {"query": "营" * 5_000}, "'query' of search: longer than 2000"),
    ("search", {"query": ["营商"]}, "'query'"),
    ("search", {"query": "营商", "filters": {"planet": "x"}}, "Unknown filter 'planet'"),
    ("search", {"query": "营商", "filters": {"year": {"a": 1}}}, "filter 'year'"),
    ("search", {"query": "营商", "filters": {"year": "soon"}}, "year"),
    ("search", {"query": "营商", "filters": "year:2024"}, "'filters'"),
    ("search", {"query": "营商", "facets": ["planet"]}, "planet"),
    ("coverage", {"filters": {"planet": 1}}, "planet"),
    ("show", {"id": "no/such#1"}, "There is no section or document 'no/such#1' among the 20 documents"),
    ("show", {"id": "../../etc/passwd"}, "There is no section"),
    ("outline", {"id": "\ud800"}, "There is no section"),
    ("cite", {"ids": []}, "'ids'"),
    ("kwic", {"phrase": " "}, "empty"),
    ("count", {"terms": ["营商"], "by": ["planet"]}, "planet"),
    ("verify", {}, "either text"),
    ("verify", {"text": "“营商环境”", "quote": "营商环境"}, "either text"),
    ("compare", {"a": "/etc/passwd", "b": "/etc/passwd"}, "'/etc/passwd'"),
    ("targets", {"indicators": ["月球"]}, "月球"),
)


@pytest.mark.parametrize(("name", "arguments", "says"), HOSTILE)
def test_bad_arguments_get_a_clear_error(
    answering: Answering, samples_index: Path, name: str, arguments: dict[str, Any], says: str
) -> None:
    said = refused(answering, name, **arguments)
    assert says in said
    assert len(said) <= 1_000
    assert str(samples_index) not in said


def test_no_tool_reads_a_file(answering: Answering, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("第一条　秘密。\n", "utf-8")
    path = str(tmp_path / "secret.txt")
    for name, arguments in (("compare", {"a": path, "b": path}), ("show", {"id": path}), ("outline", {"id": path})):
        assert "秘密" not in refused(answering, name, **arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("show", {"id": "{}"}),
        ("outline", {"id": "{}"}),
        ("cite", {"ids": ["{}"]}),
        ("compare", {"a": "{}", "b": "{}"}),
        ("verify", {"quote": "优化营商环境", "source": "{}"}),
        ("verify", {"text": "见{}，“优化营商环境应当坚持”。"}),
        ("search", {"query": "{}"}),
        ("search", {"query": "({}"}),
        ("count", {"terms": ["{}"]}),
    ],
)
def test_no_tool_tells_whether_a_path_is_one_of_the_sources(
    answering: Answering, name: str, arguments: dict[str, Any]
) -> None:
    folder = str(SOURCES)
    for below in ("/法规/云麓省优化营商环境条例.md", ""):
        answers = []
        for one in (folder, misspelt(folder)):
            given = json.loads(json.dumps(arguments, ensure_ascii=False).replace("{}", one + below))
            said = asyncio.run(answering.call(name, given)).content[0].text  # type: ignore[union-attr]
            answers.append(as_spelt(re.sub("[0-9a-f]{64}", "", said), folder))  # hashes are of the path too
        assert answers[0] == answers[1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20), st.lists, max_leaves=4
)


@given(st.sampled_from(TOOLS), st.data())
def test_any_arguments_get_an_answer_or_an_error(answering: Answering, tool: Any, data: st.DataObject) -> None:
    names = st.sampled_from([*tool.arguments["properties"], "x"])
    arguments = data.draw(st.dictionaries(names, JSON | st.dictionaries(st.text(max_size=8), JSON, max_size=2)))
    result = asyncio.run(answering.call(tool.name, arguments))
    said = result.content[0].text  # type: ignore[union-attr]
    assert said
    said.encode()
    assert "bug in the program" not in said


@given(st.text(max_size=40))
def test_any_query_gets_an_answer_or_an_error(answering: Answering, query: str) -> None:
    result = asyncio.run(answering.call("search", {"query": query, "limit": 2}))
    assert "bug in the program" not in result.content[0].text  # type: ignore[union-attr]


def test_a_new_generation_is_taken_up(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "a.txt").write_text("关于优化营商环境的通知\n优化营商环境。\n", "utf-8")
    served = Served(str(build_index(sources, tmp_path / "index")))
    with contextlib.closing(served):
        tools = Answering(served, Workers(2, 60, 8), prepare=False)
        assert called(tools, "coverage")["searched"]["documents"] == 1
        (sources / "b.txt").write_text("关于稳定就业的通知\n稳定就业。\n", "utf-8")
        build_index(sources, tmp_path / "index")
        served._looked = 0  # as if it had not looked for a while
        assert called(tools, "coverage")["searched"]["documents"] == 2
        assert called(tools, "search", query="稳定就业")["total"] == 1


def test_schemas_are_small_and_sound() -> None:
    told = [
        {
            "name": tool.name,
            "description": tool.description,
            "inputSchema": tool.arguments,
            "outputSchema": tool.result,
            "annotations": {"readOnlyHint": True},
        }
        for tool in TOOLS
    ]
    assert len(json.dumps(told, ensure_ascii=False).encode()) <= 12_000
    for tool in TOOLS:
        jsonschema.Draft202012Validator.check_schema(tool.arguments)
        jsonschema.Draft202012Validator.check_schema(tool.result)
        assert hasattr(Tools, tool.name)
    page = (ROOT / "docs/agents.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| ", page, re.MULTILINE))
    assert {name: set(re.findall(r"`(\w+)`", row)) for name, row in rows.items()} == {
        tool.name: set(tool.arguments["properties"]) for tool in TOOLS
    }


# the transports


@contextlib.asynccontextmanager
async def over_stdio(index: Path) -> AsyncIterator[Client]:
    environment = command_environment()
    server = StdioServerParameters(
        command=sys.executable, args=["-I", "-m", "policysearch", "mcp", "-i", str(index)], env=dict(environment)
    )
    async with Client(server) as client:
        yield client


@contextlib.asynccontextmanager
async def over_http(index: Path) -> AsyncIterator[Client]:
    process = subprocess.Popen(
        [sys.executable, "-I", "-m", "policysearch", "mcp", "--http", "--port", "0", "-i", str(index)],
        env=command_environment(),
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stderr is not None
        address = re.search(r"http://\S+/", process.stderr.readline())
        assert address
        async with Client(address[0] + "mcp") as client:
            yield client
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.mark.parametrize("transport", [over_stdio, over_http])
def test_a_client_of_the_sdk_works_through(samples_index: Path, transport: Callable[[Path], Any]) -> None:
    async def work() -> None:
        async with transport(samples_index) as client:
            assert client.server_info.name == "policysearch"
            assert client.server_info.version == policysearch.__version__
            assert "verify every quotation" in client.instructions
            assert "引文先核对" in client.instructions
            tools = (await client.list_tools()).tools
            assert [tool.name for tool in tools] == [tool.name for tool in TOOLS]
            assert all(tool.annotations.read_only_hint for tool in tools)
            assert (await client.call_tool("coverage")).structured_content["searched"]["documents"] == 20
            hit = (await client.call_tool("search", {"query": "优化 营商环境"})).structured_content["hits"][0]
            shown = (await client.call_tool("show", {"id": hit["section_id"]})).structured_content
            assert shown["text"][hit["start"] : hit["end"]] == hit["text"]
            checked = await client.call_tool("verify", {"quote": hit["text"], "source": hit["citation"]})
            assert checked.structured_content["claims"][0]["verdict"] == "verbatim"
            for name, arguments, says in HOSTILE[1:6]:
                with contextlib.suppress(MCPError):
                    refusal = await client.call_tool(name, arguments)
                    assert refusal.is_error
                    assert says in refusal.content[0].text
            assert not (await client.call_tool("cite", {"ids": [hit["section_id"]]})).is_error

    asyncio.run(work())


def test_broken_messages_do_not_end_the_server(samples_index: Path) -> None:
    def message(number: int, method: str, **parameters: Any) -> bytes:
        return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}).encode()

    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    lines = [
        message(1, "initialize", **about),
        b'{"jsonrpc": "2.0", "method": "notifications/initialized"}',
        b"{broken",
        b"\xff\xfe\x00",
        message(2, "tools/call", name="show", arguments={"id": "\ud800"}),
        message(3, "tools/call", name="search", arguments=[1]),
        message(4, "tools/call", name="search", arguments={"query": "\0\x1b[31m\u202e营商环境"}),
    ]
    process = subprocess.Popen(
        [sys.executable, "-I", "-m", "policysearch", "mcp", "-i", str(samples_index)],
        env=command_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"\n".join(lines) + b"\n")
    process.stdin.flush()
    answers: dict[int, Any] = {}
    while 4 not in answers:
        answer = json.loads(process.stdout.readline())
        answers[answer.get("id")] = answer
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"Traceback" not in said
    assert answers[3]["error"]["code"] == -32602
    assert "\x1b" not in answers[4]["result"]["content"][0]["text"]


def test_the_page_for_agents_is_one_file(run: Run) -> None:
    page = ROOT / "docs/skill.md"
    assert os.path.samefile(page, ROOT / "policysearch/serving/agents/skill.md")
    done = run("mcp", "--skill")
    assert (done.returncode, done.stdout) == (0, page.read_text(encoding="utf-8"))
    from policysearch.cli.command_names import COMMANDS

    named = set(re.findall(r"policysearch (\w+)", done.stdout)) - {"in"}
    assert named <= COMMANDS.keys()


def test_a_missing_index_is_an_error(run: Run) -> None:
    done = run("mcp", "-i", "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere" in done.stderr


def test_without_the_sdk_the_extra_is_named(samples_index: Path) -> None:
    code = "import sys; sys.modules['mcp'] = None; from policysearch.cli.main import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "mcp", "-i", str(samples_index)],
        env=command_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 2
    assert "pip install 'policysearch[mcp]'" in done.stderr
