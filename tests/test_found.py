"""Inputs that once broke a law, found by scripts/fuzz, and a few new ones on every run."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from conftest import ALL, ROOT
from laws import LAWS

FOUND = sorted((ROOT / "tests/data/found").glob("*"))


@pytest.mark.parametrize("path", FOUND, ids=[path.name for path in FOUND])
def test_what_was_found_stays_mended(path: Path, tmp_path: Path) -> None:
    LAWS[path.name.partition("-")[0]](path.suffix, path.read_bytes(), tmp_path)


def test_damage_by_more_than_a_bit(tmp_path: Path) -> None:
    chance = random.Random(11)
    for _ in range(500 if ALL else 20):
        LAWS["index"]("", chance.randbytes(64), tmp_path)
