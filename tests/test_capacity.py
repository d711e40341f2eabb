"""How many workers fit: fewer than processors where memory, or the limit of a container, is short."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policysearch.parallel import capacity
from policysearch.parallel.capacity import default_jobs, fitting, free_memory

MB = 1_000_000
NO_LIMIT_V1 = 9223372036854771712


def system(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def meminfo(available_kib: int) -> str:
    return f"MemTotal:       32000000 kB\nMemFree:          100000 kB\nMemAvailable:   {available_kib:8} kB\n"


def test_two_take_600_mb_and_each_further_one_200() -> None:
    assert [fitting(mb * MB) for mb in (0, 200, 599, 600, 799, 800, 1000, 16_000)] == [1, 1, 1, 2, 2, 3, 4, 79]


def test_what_the_kernel_calls_available(tmp_path: Path) -> None:
    root = system(tmp_path, {"proc/meminfo": meminfo(1_000), "proc/self/cgroup": "0::/\n"})
    assert free_memory(root) == 1_024_000


def test_the_limit_of_a_container(tmp_path: Path) -> None:
    root = system(
        tmp_path,
        {
            "proc/meminfo": meminfo(16_000_000),
            "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/memory.max": f"{1000 * MB}\n",
            "sys/fs/cgroup/memory.current": f"{700 * MB}\n",
            "sys/fs/cgroup/memory.stat": f"anon 1\nfile {500 * MB}\nactive_file 7\ninactive_file {400 * MB}\n",
        },
    )
    assert free_memory(root) == 700 * MB


def test_the_least_of_the_groups_on_the_way_up_counts(tmp_path: Path) -> None:
    stat = "inactive_file 0\n"
    root = system(
        tmp_path,
        {
            "proc/meminfo": meminfo(16_000_000),
            "proc/self/cgroup": "0::/user/build\n",
            "sys/fs/cgroup/user/build/memory.max": "max\n",
            "sys/fs/cgroup/user/build/memory.current": f"{100 * MB}\n",
            "sys/fs/cgroup/user/memory.max": f"{900 * MB}\n",
            "sys/fs/cgroup/user/memory.current": f"{850 * MB}\n",
            "sys/fs/cgroup/user/memory.stat": stat,
        },
    )
    assert free_memory(root) == 50 * MB


def test_groups_of_the_first_version(tmp_path: Path) -> None:
    """The path is that outside the container, where the group's own folder is the top one."""
    root = system(
        tmp_path,
        {
            "proc/meminfo": meminfo(16_000_000),
            "proc/self/cgroup": "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{512 * MB}\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{112 * MB}\n",
            "sys/fs/cgroup/memory/memory.stat": f"cache {60 * MB}\ntotal_inactive_file {50 * MB}\n",
        },
    )
    assert free_memory(root) == 450 * MB
    (root / "sys/fs/cgroup/memory/memory.limit_in_bytes").write_text(f"{NO_LIMIT_V1}\n")
    assert free_memory(root) == 16_000_000 * 1024


def test_a_group_that_is_over_its_limit_has_nothing_left(tmp_path: Path) -> None:
    root = system(
        tmp_path,
        {
            "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/memory.max": "100\n",
            "sys/fs/cgroup/memory.current": "200\n",
        },
    )
    assert free_memory(root) == 0


def test_a_system_that_tells_little_gives_half_of_its_memory(tmp_path: Path) -> None:
    half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    assert free_memory(tmp_path) == half


def test_there_are_no_more_workers_than_processors_or_memory_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    found = []
    for free in (10 * MB, 600 * MB, 1_100 * MB, 64_000 * MB, None):
        monkeypatch.setattr(capacity, "free_memory", lambda free=free: free)
        found.append(default_jobs())
    assert found == [1, 2, 4, 16, 16]
