"""Measure the served pages under load: readers who each ask for a page a second, over pages of every kind.

    python scripts/load_pages.py INDEX [--minutes N] [--readers N] [--alone]

Starts the real command on a free port and asks it over loopback, each reader on a connection of its own, for pages
whose terms, documents and years come from the index. Prints for each kind of page how many answers there were, the
median, the 95th percentile and the longest in milliseconds, and the greatest size in kB, uncompressed; then errors,
memory (without mapped files), processor time, and the time from the start of the process to the first page.
``--alone`` asks for one page after another instead, which tells what a page costs. The exit status is 1 when an answer
was an error.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

TERMS = (
    *(
        "营商环境",
        "数字经济",
        "乡村振兴",
        "科技创新",
        "生态环境",
        "就业",
        "养老服务",
        "医疗保险",
        "义务教育",
        "交通运输",
    ),
    *(
        "劳动合同",
        "知识产权",
        "行政处罚",
        "土地使用权",
        "食品安全",
        "安全生产",
        "税收优惠",
        "政府采购",
        "公共服务",
        "城镇化",
    ),
    *(
        "固定资产投资",
        "财政收入",
        "粮食产量",
        "污染防治",
        "城市管理",
        "依法行政",
        "个人信息",
        "网络安全",
        "法律责任",
        "审判",
    ),
)
QUESTIONS = (
    "怎样推进养老服务高质量发展",
    "用人单位可以解除劳动合同吗",
    "企业如何申请税收优惠",
    "污染环境要承担什么责任",
)
DRAFT = "根据《中华人民共和国劳动合同法》第三十九条规定，“劳动者有下列情形之一的，用人单位可以解除劳动合同”。"
ASKED = 997
"""The seed: the same pages in the same order in every run."""


class Pages:
    """The pages that readers ask for, made from what an index has."""

    def __init__(self, get: Any) -> None:
        hits = [hit for term in TERMS for hit in json.loads(get("/api/v1/search", q=term, limit=20))["hits"]]
        if not hits:
            raise SystemExit("The index has no section with any of the terms that are asked for.")
        self.sections = [hit["section_id"] for hit in hits]
        self.documents = list(dict.fromkeys(hit["document_id"] for hit in hits))
        self.years = [row["year"] for row in json.loads(get("/api/v1/values", by="year")) if row["year"]]
        self.random = random.Random(ASKED)

    def __iter__(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield kinds of pages with their addresses, each kind in turn; most readers search and read."""
        pick = self.random.choice
        for number in cycle(range(24)):
            term, other, year = pick(TERMS), pick(TERMS), pick(self.years)
            section, document = pick(self.sections), pick(self.documents)
            yield (
                ("search", "/", {"q": term}),
                ("reader", "/show", {"id": section, "q": term}),
                ("search, two words", "/", {"q": f"{term} {other}"}),
                ("section", "/show", {"id": section}),
                ("search, filtered", "/", {"q": term, "year": year}),
                ("reader", "/show", {"id": section, "q": term}),
                ("search, phrase", "/", {"q": f'"{term}"', "offset": 10}),
                ("count", "/count", {"term": [term, other], "by": "year"}),
                ("search", "/", {"q": term}),
                ("document", "/show", {"id": document}),
                ("question", "/", {"q": pick(QUESTIONS)}),
                ("concordance", "/kwic", {"phrase": term}),
                ("search, by document", "/", {"q": term, "group": "document"}),
                ("reader", "/show", {"id": section, "q": other}),
                ("trend", "/trend", {"term": [term, other]}),
                ("search", "/", {"q": term, "sort": "-date"}),
                ("documents", "/list", {"year": year}),
                ("reader", "/show", {"id": section, "q": term}),
                ("targets", "/targets", {"indicator": "GDP", "year": year}),
                pick(
                    (
                        ("collocates", "/collocates", {"phrase": term}),
                        ("key words", "/keywords", {"type": pick(("通知", "法律", "政府工作报告"))}),
                        ("words", "/words", {}),
                        ("compare", "/compare", {"a": section, "b": pick(self.sections)}),
                    )
                ),
                ("search, nothing found", "/", {"q": f"{term}魑魅"}),
                ("verify", "/verify", {"draft": DRAFT}),
                ("home", "/", {}),
                ("about", "/about", {}),
            )[number]


class Figures:
    """Measurements by kind of page."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.times: dict[str, list[float]] = defaultdict(list)
        self.sizes: dict[str, int] = defaultdict(int)
        self.errors: list[str] = []

    def keep(self, kind: str, seconds: float, size: int, error: str | None) -> None:
        with self.lock:
            self.times[kind].append(1000 * seconds)
            self.sizes[kind] = max(self.sizes[kind], size)
            if error:
                self.errors.append(error)

    def print(self) -> None:
        print(f"{'page':24}{'answers':>9}{'median':>9}{'p95':>9}{'longest':>9}{'kB':>7}")
        for kind, times in [
            *sorted(self.times.items()),
            ("all", [one for all_ in self.times.values() for one in all_]),
        ]:
            p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
            size = self.sizes[kind] if kind in self.sizes else max(self.sizes.values())
            median, longest = statistics.median(times), max(times)
            print(f"{kind:24}{len(times):9}{median:9.1f}{p95:9.1f}{longest:9.1f}{size / 1000:7.0f}")
        print(f"{len(self.errors)} errors")
        for error in self.errors[:20]:
            print(f"  {error}")


def main() -> int:
    """Serve, ask, and print what was measured."""
    from serving import running_server

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("index", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--alone", action="store_true", help="one page after another, 96 pages")
    given = parser.parse_args()
    began = time.perf_counter()
    with running_server(given.index) as address:
        where = urlsplit(address)
        listening, port = time.perf_counter() - began, int(where.port or 0)

        def get(path: str, **parameters: Any) -> bytes:
            return _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=60), path, parameters)[1]

        get("/")
        print(f"start to first page {time.perf_counter() - began:.2f} s (listening after {listening:.2f} s)")
        server = _listener(port)
        _wait_until_prepared(server)
        pages, figures = Pages(get), Figures()
        memory = [_memory(server)]
        used = _seconds(server)
        if given.alone:
            asked = iter(pages)
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            for _ in range(96):
                _measure(connection, next(asked), figures)
        else:
            memory += _load(given, port, pages, figures, server)
        memory.append(_memory(server))
        figures.print()
        print(f"memory {', '.join(f'{one:.0f}' for one in memory)} MB; processor {_seconds(server) - used:.1f} s")
    return 1 if figures.errors else 0


def _load(given: argparse.Namespace, port: int, pages: Pages, figures: Figures, server: int) -> list[float]:
    """Let readers ask, and return the memory at every tenth of the time."""
    asked, lock = iter(pages), threading.Lock()
    end = time.monotonic() + 60 * given.minutes

    def read(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        due = time.monotonic() + number / given.readers
        while due < end:
            time.sleep(max(0.0, due - time.monotonic()))
            with lock:
                page = next(asked)
            _measure(connection, page, figures)
            due += 1

    readers = [threading.Thread(target=read, args=(number,)) for number in range(given.readers)]
    for reader in readers:
        reader.start()
    memory = []
    for _ in range(9):
        time.sleep(6 * given.minutes)
        memory.append(_memory(server))
    for reader in readers:
        reader.join()
    return memory


def _measure(connection: http.client.HTTPConnection, page: tuple[str, str, dict[str, Any]], figures: Figures) -> None:
    kind, path, parameters = page
    began = time.perf_counter()
    try:
        status, body = _ask(connection, path, parameters)
        while status == 202:  # worked on: a browser asks again by itself
            time.sleep(3)
            status, body = _ask(connection, path, parameters)
        error = None if status == 200 else f"{status} {path} {parameters}"
    except OSError as failed:
        connection.close()
        body, error = b"", f"{failed!r} {path} {parameters}"
    figures.keep(kind, time.perf_counter() - began, len(body), error)


def _ask(connection: http.client.HTTPConnection, path: str, parameters: dict[str, Any]) -> tuple[int, bytes]:
    query = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
    connection.request("GET", path + query, headers={"Accept-Language": "zh-CN"})
    answered = connection.getresponse()
    return answered.status, answered.read()


def _listener(port: int) -> int:
    """Return the process that was started to listen on a port."""
    found = subprocess.run(
        ["pgrep", "-P", str(os.getpid()), "-f", "policysearch serve"], capture_output=True, text=True
    )
    return int(found.stdout.split()[0])


def _wait_until_prepared(process: int) -> None:
    """Return when a process that has loaded what many questions need is at rest."""
    time.sleep(2)
    used = -1.0
    while _seconds(process) - used > 0.05:
        used = _seconds(process)
        time.sleep(1)


def _memory(process: int) -> float:
    """Return the resident memory of a process in MB, without the pages of the index's files."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return int(lines["RssAnon"].split()[0]) / 1024


def _seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    raise SystemExit(main())
