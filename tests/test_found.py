"""Inputs that once broke a law, found by scripts/fuzz, and a few new ones on every run."""

from __future__ import annotations

import random
from pathlib import Path

from conftest import ALL, ROOT
from laws import LAWS

FOUND = ROOT / "tests/data/found"


def test_what_was_found_stays_mended(tmp_path: Path) -> None:
    for path in sorted(FOUND.glob("*")):
        LAWS[path.name.partition("-")[0]](path.suffix, path.read_bytes(), tmp_path)


def test_damage_by_more_than_a_bit(tmp_path: Path) -> None:
    chance = random.Random(11)
    for _ in range(500 if ALL else 20):
        LAWS["index"]("", chance.randbytes(64), tmp_path)
