"""Measure how long the tools for agents take: from the start of the process to the first answer, and later ones.

    python scripts/measure_agents.py INDEX [--runs N]

Prints, for each tool, the median and the longest of N calls with different arguments, in milliseconds. The client is
that of the SDK, over stdin and stdout.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from typing import Any

from mcp import Client, StdioServerParameters

TERMS = ("营商环境", "改革", "就业", "乡村振兴", "科技创新", "生态环境", "数字经济", "教育", "医疗", "交通")
"""The terms that are asked for: another term in each call, so that no answer is one that was kept."""


async def measure(index: str, runs: int) -> None:
    server = StdioServerParameters(command=sys.executable, args=["-I", "-m", "policysearch", "mcp", "-i", index])
    first = []
    for _ in range(3):
        began = time.perf_counter()
        async with Client(server) as client:
            await client.call_tool("search", {"query": TERMS[0]})
            first.append(time.perf_counter() - began)
    print(f"first answer   median {statistics.median(first):6.2f} s   longest {max(first):6.2f} s")
    async with Client(server) as client:
        await client.call_tool("coverage")
        await asyncio.sleep(3)  # until what makes many questions fast is loaded
        found = [await client.call_tool("search", {"query": term}) for term in TERMS]
        hits = [hit for one in found for hit in (one.structured_content or {})["hits"]]
        if not hits:
            raise SystemExit(f"'{index}' has no section with any of: {', '.join(TERMS)}.")
        for name, calls in calls_of(hits).items():
            times = []
            for number in range(runs):
                began = time.perf_counter()
                answer = await client.call_tool(name, calls[number % len(calls)])
                times.append(1000 * (time.perf_counter() - began))
                assert not answer.is_error, answer.content
            first_call, later = times[0], times[1:] or times
            print(
                f"{name:14} median {statistics.median(later):6.1f} ms  longest {max(later):6.1f} ms  "
                f"first of all {first_call:6.1f} ms"
            )


def calls_of(hits: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the arguments of the calls of each tool."""
    sections = list(dict.fromkeys(hit["section_id"] for hit in hits))
    documents = list(dict.fromkeys(name.rpartition("#")[0] for name in sections))
    return {
        "coverage": [{"filters": {"type": kind}} for kind in ("政府工作报告", "通知", "法律", "规划")],
        "search": [{"query": f"{a} {b}"} for a in TERMS for b in TERMS if a != b],
        "show": [{"id": name} for name in sections],
        "outline": [{"id": name} for name in documents],
        "count": [{"terms": [a[:2], b[:2]], "by": ["year"]} for a in TERMS for b in TERMS if a != b],
        "kwic": [{"phrase": term} for term in TERMS],
        "cite": [{"ids": [name]} for name in sections],
        "verify": [{"quote": hit["text"][:30]} for hit in hits],
        "targets": [{"indicators": ["GDP"], "filters": {"year": year}} for year in range(2015, 2026)],
        "compare": [{"a": a, "b": b} for a in sections for b in sections if a != b],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("index")
    parser.add_argument("--runs", type=int, default=10)
    given = parser.parse_args()
    asyncio.run(measure(given.index, given.runs))
