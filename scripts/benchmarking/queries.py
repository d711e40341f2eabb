"""Sections to queries drawn from them by chance: words, pairs of words, compounds, exact phrases."""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

__all__ = ["draw"]

_HAN = re.compile("[\u3400-\u9fff]+")


def draw(texts: Sequence[str], *, mixed: int, phrases: int, seed: int) -> dict[str, list[str]]:
    """Return queries, all of one kind different.

    ``mixed`` and ``warming`` are half words of two or more Han characters, three tenths pairs of words of one
    section, the rest compounds of two neighbouring words; ``words`` are words and pairs; ``phrases`` have 4 to 20
    characters of any kind. A text is drawn with a chance by its length.
    """
    import jieba

    jieba.setLogLevel(60)
    rng = random.Random(seed)
    weights = list(map(len, texts))

    def words() -> list[str]:
        text = rng.choices(texts, weights)[0]
        at = rng.randrange(max(1, len(text) - 200))
        return [run for run in jieba.lcut(text[at : at + 200]) if len(run) > 1 and _HAN.fullmatch(run)]

    def word() -> str:
        found = words()
        return rng.choice(found) if found else ""

    def pair() -> str:
        found = sorted(set(words()))
        return " ".join(rng.sample(found, 2)) if len(found) > 1 else ""

    def compound() -> str:
        text = rng.choices(texts, weights)[0]
        runs = [run for run in _HAN.findall(text) if len(run) >= 8]
        if not runs:
            return ""
        cut = jieba.lcut(rng.choice(runs))[1:-1]
        pairs = [a + b for a, b in pairwise(cut) if len(a) > 1 and len(b) > 1]
        return rng.choice(pairs) if pairs else ""

    def phrase() -> str:
        text = rng.choices(texts, weights)[0]
        length = rng.randint(4, 20)
        at = rng.randrange(max(1, len(text) - length))
        drawn = text[at : at + length].strip()
        return drawn if not re.search(r"[\n\t]", drawn) and len(_HAN.findall(drawn)) and len(drawn) >= 4 else ""

    def different(make: Callable[[], str], count: int, taken: set[str]) -> list[str]:
        out: list[str] = []
        for _ in range(200 * count):
            if len(out) == count:
                break
            made = make()
            if made and made not in taken:
                taken.add(made)
                out.append(made)
        return out

    taken: set[str] = set()
    sizes = (mixed // 2, mixed * 3 // 10, mixed - mixed // 2 - mixed * 3 // 10)
    drawn = {}
    for name in ("mixed", "warming"):
        drawn[name] = [
            q for make, count in zip((word, pair, compound), sizes, strict=True) for q in different(make, count, taken)
        ]
        rng.shuffle(drawn[name])
    drawn["words"] = different(word, mixed // 2, taken) + different(pair, mixed // 4, taken)
    drawn["phrases"] = different(phrase, phrases, set())
    return drawn


def main(arguments: Sequence[str]) -> None:
    """``SECTIONS TARGET MIXED PHRASES SEED``: draw from sections as JSON lines, write one JSON object."""
    sections, target, mixed, phrases, seed = arguments
    with open(sections, encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    drawn = draw(texts, mixed=int(mixed), phrases=int(phrases), seed=int(seed))
    Path(target).write_text(json.dumps(drawn, ensure_ascii=False, indent=0), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
