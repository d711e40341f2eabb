"""The command in the process of another program: `main` says what the command says in a process of its own."""

from __future__ import annotations

import contextvars
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SOURCES, Run, Write

from policysearch.cli.main import main

pytestmark = pytest.mark.one_python

DRAFT = """# 关于优化营商环境的报告

《中华人民共和国民法典》第一条规定：“深化‘放管服’改革，推动高质量发展。”2023年全市地区生产总值增长5.5%左右。
按照“持续优化营商环境”的要求，落实国办发〔2018〕126号。
"""
PAGE = """<html><body><div>当前位置：首页 > 通知</div><h1>关于修建公路的通知</h1>
<p>一、修建公路</p><p>加快修建农村公路，改善出行条件，打通断头路。</p>
<p>打印本页 关闭窗口</p><p>责任编辑：某某</p></body></html>"""
LINES = (
    "search 营商环境 --explain",
    "search 营商环境 --facets year,type --facets region",
    "search 营商环境 --format csv",
    "search 营商环境 -n 2 --format json",
    "search 量子鸭嘴兽议定书 --year 1949",
    "search 营商环境 year:1949",
    "search 营商環境",
    "search (",
    "batch topics.txt",
    "batch topics.txt --format trec",
    "count 发展 改革 --by year --dispersion",
    "count 发展 --by region,year --wide year --format csv",
    "kwic 改革 -n 5 --sentence",
    "keywords --where type:政府工作报告 --against type:通知 -n 10",
    "collocates 发展 -n 10",
    "trend 营商环境 改革",
    "words -n 10",
    "words --unit ngram -n 10 --format csv",
    "matrix 发展 改革 --by document",
    "targets --year 2023..2026",
    "targets --format json",
    "verify draft.md",
    "verify draft.md --format json",
    "verify draft.md --format html",
    "citations --to 2024年松岑县人民政府工作报告",
    "citations",
    "reuse --of 2024年松岑县人民政府工作报告",
    "reuse --of 2024年松岑县人民政府工作报告 --format csv",
    "compare draft.md draft.md",
    "compare draft.md newer.md",
    "compare draft.md newer.md --format csv",
    "compare draft.md newer.md --format html",
    "list",
    "list --by year",
    "list --title 报告 --sort -date",
    "list --near-duplicates",
    "info",
    "info --verbose",
    "info --format json",
    "check",
    "show @1",
    "show 政府工作报告/2024年松岑县政府工作报告.txt#16 --context 1",
    "show 政府工作报告/2024年松岑县政府工作报告.txt#16 --cite",
    "show 政府工作报告/2024年松岑县政府工作报告.txt --format csl",
    "outline --document 政府工作报告/2024年松岑县政府工作报告.txt",
    "outline --document 政府工作报告/2024年松岑县政府工作报告.txt --format json",
    "outline page.html --removed",
    "outline draft.md --format json",
    "search --help",
    "--help",
    "search --nonsense",
    "nonsense",
)


@pytest.fixture
def as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Undo what the program makes of its process, which another program would have to do too."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    hook = sys.unraisablehook
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    yield
    sys.unraisablehook = hook
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("as_it_was")
def test_main_says_what_the_command_says(run: Run, write: Write, capfd: pytest.CaptureFixture[str]) -> None:
    write("draft.md", DRAFT)
    write(
        "newer.md",
        DRAFT.replace("推动高质量发展", "推动高水平开放").replace("增长5.5%", "增长6%") + "\n二、修建公路。\n",
    )
    write("page.html", PAGE)
    write("topics.txt", "营商环境\n(\n发展 改革\n")
    for command in ("index", "index", "index --rebuild --format json"):
        line = (*command.split(), *([str(SOURCES)] if "--rebuild" not in command else []), "-i")
        status = contextvars.copy_context().run(main, [*line, "within"])
        capfd.readouterr()
        assert status == run(*line, "alone").returncode == 0
    for command in LINES:
        arguments = [*command.split(), *([] if command.endswith(("--help", "nonsense")) else ["-i", "within"])]
        done = run(*arguments)
        status = contextvars.copy_context().run(main, arguments)
        said = capfd.readouterr()
        assert (status, said.out, said.err) == (done.returncode, done.stdout, done.stderr), command
