"""Messages in Chinese: every one that a person can meet in the browser has a wording, and values stay as they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import build_index
from hypothesis import given
from hypothesis import strategies as st
from serving import Client, client_of

import policysearch
from policysearch.serving import problems
from policysearch.serving.commands import AnswerTooLargeError
from policysearch.serving.messages import in_chinese
from policysearch.serving.work import BusyError, TimeLimitError, WaitingError

PACKAGE = Path(policysearch.__file__).parent
READ = ("query", "search", "corpus", "quoting", "citation", "serving")
"""The folders whose messages can come from a request."""

NEVER_ON_A_PAGE = (
    # files, arguments of Python, options that no page and no request has
    *("corpus/dictionary", "corpus/term_dictionary", "quoting/acceptance", "quoting/draft", "serving/agents"),
    *("serving/server", "corpus/panels", "corpus/statistics/matrix", "search/topics", "query/filters.py:The filter {"),
    *(
        "corpus/asking.py:Give terms",
        "corpus/occurrences.py:Give terms",
        "corpus/statistics/collocates.py:min_together",
    ),
    *("corpus/asking.py:Dispersion", "corpus/occurrences.py:Dispersion", "corpus/asking.py:Unknown value of"),
    *("corpus/occurrences.py:Unknown value of", "corpus/statistics/strings.py:{", "corpus/lexicon.py:'{entry"),
    *("corpus/lexicon.py:'{rule", "corpus/targets/indicators.py:The indicator", "quoting/sides.py:'{path}': {"),
    *("corpus/statistics/keywords.py:Key words cannot", "corpus/statistics/strings.py: after X must"),
)


def messages() -> Iterator[tuple[str, str]]:
    """Yield the literal messages of errors, each with its file; values are in braces."""
    for folder in READ:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and node.args:
                    called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                    if called in ("QueryError", "InputError", "_fail"):
                        said = literal(node.args[0])
                        if said:
                            yield path.relative_to(PACKAGE).as_posix(), said


def literal(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(literal, node.values))
    if isinstance(node, ast.FormattedValue):
        name = ast.unparse(node.value)
        text = {
            "AS_IT_IS": "To search for the characters literally, use --plain (in Python plain=True).",
            "hint": "",
            "what": " after X",
        }
        return text.get(name, "" if name == "concept" else "{" + name + "}")
    if isinstance(node, ast.IfExp):
        return literal(node.body)
    return ""


ON_PAGES = [one for one in messages() if not any(f"{one[0]}:{one[1]}".startswith(never) for never in NEVER_ON_A_PAGE)]


@pytest.mark.parametrize(("path", "said"), ON_PAGES, ids=[f"{path}:{said[:40]}" for path, said in ON_PAGES])
def test_a_message_has_a_wording(path: str, said: str) -> None:
    assert in_chinese(said) is not None, said


def test_every_problem_has_a_wording() -> None:
    for problem in vars(problems).values():
        if isinstance(problem, problems.Problem):
            assert in_chinese(problem.detail)
    for error in (AnswerTooLargeError(), TimeLimitError(), BusyError(), WaitingError(), ValueError()):
        assert in_chinese(problems.problem_of(error).detail)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "Expected a closing bracket for the one here. To search for the characters literally, use --plain "
            "(in Python plain=True).",
            "这个左括号后面缺少右括号。要查找这些字符本身，请勾选“不用运算符”。",
        ),
        (
            "Unknown type '通之'. Did you mean 通知? Expected one of: 通知, 法律.",
            "类型（type）没有“通之”；是否为“通知”？可用的有：通知, 法律。",
        ),
        (
            "Expected a year such as 2023, or years such as 2020..2024, not '2023-01'. For months and days there are "
            "since and until.",
            "“2023-01”不是年份；请写成 2023，或 2020..2024 这样的范围。"
            "到月、到日请用起始日期（since）和截止日期（until）。",
        ),
        ("There is no section or document '{x} 甲. 乙'.", "没有编号为“{x} 甲. 乙”的文件或节。"),
    ],
)
def test_values_stay_as_they_are(said: str, expected: str) -> None:
    assert in_chinese(said) == expected


@given(st.text(max_size=200), st.text(min_size=1, max_size=60))
def test_any_text_is_taken(other: str, value: str) -> None:
    in_chinese(other)
    told = in_chinese(f"No document of the index has the name '{value}'.")
    assert told is not None
    assert value in told


def test_pages_say_it_in_the_language_of_the_reader(samples_index: Path) -> None:
    with client_of(samples_index) as client:
        for path, chinese, english in (
            ("/?q=(环境", "缺少右括号", "Expected a closing bracket"),
            ("/?q=环境&year=去年", "不是年份", "Expected a year such as"),
            ("/show?id=没有", "没有编号为“没有”的文件或节", "There is no section or document"),
            ("/nowhere", "这个地址没有内容", "There is nothing at this address"),
            ("/count?term=环境&by=颜色", "不能按“颜色”分组", "Unknown group"),
            ("/compare?a=没有&b=也没有", "不是文库中文件的编号、名称或条文", "is not a file, nor an id"),
            ("/kwic?phrase=环境&width=x", "须是整数", "is not a valid integer"),
        ):
            said = client.get(path)
            assert said.status_code in (400, 404)
            assert chinese in said.text, path
            assert english in said.text, path  # as it is, for whoever can use it
            other = client.get(path, headers={"accept-language": "en"}).text
            assert english in other
            assert chinese not in other
            if path.startswith("/show"):
                told = client.get("/api/v1" + path).json()["detail"]
                assert english in told


def test_what_else_can_be_asked_is_offered_as_links(tmp_path: Path) -> None:
    root = tmp_path / "texts"
    root.mkdir()
    (root / "2021年澜泽市政府工作报告.txt").write_text("一、营商环境\n持续优化营商环境。\n", encoding="utf-8")
    (root / "2022年澜泽市政府工作报告.txt").write_text("一、营商环境\n继续优化营商环境。\n", encoding="utf-8")
    with client_of(build_index(root, tmp_path / "index")) as client:
        page = client.get("/?q=营商环境&type=通知").text
        assert "没有文件的类型是“通知”。" in page
        links = links_of(client, page)
        assert any("type=" not in one for one in links)
        assert "去掉一项筛选后有结果：" in page
        assert "Without --" not in page
        assert "No document has" not in page


def links_of(client: Client, page: str) -> list[str]:
    import re

    return re.findall(r'href="(/\?q=[^"]*)"', page)
