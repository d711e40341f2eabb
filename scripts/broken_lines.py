"""Clean documents whose lines are broken again: how many breaks are repaired, how many headings are the same.

A part of ``score_structure.py``. Documents of the reference corpus are read
and cleaned; each paragraph of the clean text is broken again in one of the
ways in ``WAYS``, and that text is read as a plain text is. What stood at a
line's end in the clean text must stand there again, what was broken must be
whole, and the headings must be those of the clean text.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

from policysearch.documents.cleaning.clean import clean
from policysearch.documents.sections import split_sections
from policysearch.errors import PolicySearchError
from policysearch.sources import reader
from policysearch.sources.readers.reading import FailedRecord, Reading

__all__ = ["HELD_BACK", "WAYS", "table"]

FOLDERS = ("reports", *(f"corpus/{name}" for name in ("gwr-*", "state-council-html", "laws-md", "messy")))
HELD_BACK = 3
"""Each third document by name was not looked at while the rules were made."""
LEAST = 35
"""Characters of a paragraph from which it is broken."""
LEAST_OF = {"narrow, by chance": 21, "narrow, at one width": 13}
"""The same for lines that are shorter."""


class Score(NamedTuple):
    """Counts over one document or several: headings found, made up, missed; ends broken, joined; true ones, kept."""

    hit: int = 0
    extra: int = 0
    missed: int = 0
    broken: int = 0
    joined: int = 0
    true: int = 0
    kept: int = 0

    def row(self) -> list[str]:
        f1 = 2 * self.hit / ((2 * self.hit + self.extra + self.missed) or 1)
        return [f"{f1:.3f}", f"{self.joined / (self.broken or 1):.3f}", f"{self.kept / (self.true or 1):.3f}"]


def _by_chance(line: str, chance: random.Random, least: int = 20, most: int = 34) -> list[str]:
    pieces = []
    while len(line) > most + 1:
        size = chance.randint(least, most)
        pieces.append(line[:size])
        line = line[size:]
    return [*pieces, line]


def _narrow(line: str, chance: random.Random) -> list[str]:
    return _by_chance(line, chance, 8, 20)


def _column(line: str, chance: random.Random) -> list[str]:
    return _at_width(line, chance, 12)


def _after_sentences(line: str, chance: random.Random) -> list[str]:
    return re.findall(r".*?[。；](?=[^。；”’）)》])|.+", line)


def _after_clauses(line: str, chance: random.Random) -> list[str]:
    return re.findall(r".*?[，、；：](?=.)|.+", line)


def _at_width(line: str, chance: random.Random, width: int = 30) -> list[str]:
    return [line[at : at + width] for at in range(0, len(line), width)]


def _as_printed(line: str, chance: random.Random) -> list[str]:
    """Break a line as text extraction does: at the page's width, and now and then where a mark was set closer."""
    pieces = []
    for printed in [line[:38], *_at_width(line[38:], chance, 40)]:
        if chance.random() < 0.4:
            pieces += re.findall(r".*?[，、。；：”》](?=[^，、。；：”》])|.+", printed)
        elif printed:
            pieces.append(printed)
    return pieces


WAYS: dict[str, Callable[[str, random.Random], list[str]]] = {
    "by chance": _by_chance,
    "narrow, by chance": _narrow,
    "narrow, at one width": _column,
    "after sentences": _after_sentences,
    "after clauses": _after_clauses,
    "at one width": _at_width,
    "as printed": _as_printed,
}
_PAGED = ("at one width",)
_PAGE_LINES = 25


def documents(reference: Path) -> Iterator[tuple[str, str]]:
    """Yield name and clean text of each document that is clean: whose longest lines are paragraphs."""
    paths = [p for f in FOLDERS for folder in reference.glob(f) for p in sorted(folder.rglob("*")) if p.is_file()]
    for path in sorted(paths):
        try:
            for reading in reader.read_bytes(reader.content(path), path.name):
                if not isinstance(reading, FailedRecord):
                    text = clean(reading).text
                    if max(map(len, text.split("\n"))) > 100:
                        yield f"{path.relative_to(reference)}#{reading.record or ''}", text
        except PolicySearchError:
            continue


def _outline(text: str) -> Counter[str]:
    sections = split_sections("d", text)
    return Counter("".join(f"{s.number or ''}{s.heading or ''}".split()) for s in sections if s.number or s.heading)


def _ends(lines: list[str]) -> set[int]:
    """Return where lines end, as counts of characters other than white space before it."""
    return set(accumulate(len("".join(line.split())) for line in lines[:-1]))


def score(name: str, text: str, way: str) -> Score:
    """Break ``text`` in one way, read it again, and compare."""
    chance = random.Random(name)
    least = LEAST_OF.get(way, LEAST)
    lines = text.split("\n")
    pieces = [
        piece
        for line in lines
        for piece in (WAYS[way](line, chance) if len(line) >= least and "\t" not in line else [line])
    ]
    pages = [pieces[at : at + _PAGE_LINES] for at in range(0, len(pieces), _PAGE_LINES)] if way in _PAGED else [pieces]
    marked = [[*page, f"— {number} —"] if len(pages) > 1 else page for number, page in enumerate(pages, 1)]
    again = clean(Reading("\n".join(line for page in marked for line in page))).text
    true, found = _ends(lines), _ends(_aligned(again.split("\n"), text))
    broken = _ends(pieces) - true
    right, read = _outline(text), _outline(again)
    hit = sum((right & read).values())
    return Score(
        hit,
        sum(read.values()) - hit,
        sum(right.values()) - hit,
        len(broken),
        len(broken - found),
        len(true),
        len(true & found),
    )


def _aligned(lines: list[str], text: str) -> list[str]:
    """Return ``lines`` with what was left out of ``text``, so that places are the same in both."""
    whole = "".join(text.split())
    if len("".join("".join(lines).split())) == len(whole):
        return lines
    found, at = [], 0
    for line, after in pairwise([*lines, ""]):
        begin = "".join(after.split())[:20]
        size = len("".join(line.split()))
        place = whole.find(begin, at + size) if begin else len(whole)
        place = place if place >= 0 else at + size
        found.append(whole[at:place])
        at = place
    return found


def table(reference: Path, least: int = 1) -> list[str]:
    """Return the lines of a Markdown table: for each way and kind, the documents looked at and those held back.

    Args:
        reference: Folder of the reference corpus.
        least: Look at one of so many documents.
    """
    sums: dict[tuple[str, str, bool], list[Score]] = {}
    for number, (name, text) in enumerate(documents(reference)):
        if number % least:
            continue
        kind = "statutes" if "laws" in name else "others"
        for way in WAYS:
            sums.setdefault((way, kind, number % HELD_BACK == 0), []).append(score(name, text, way))
    lines = [
        "| lines broken | kind | documents | headings F1 | broken ends joined | true ends kept |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for way in WAYS:
        for kind in ("statutes", "others"):
            for held in (False, True):
                scores = sums.get((way, kind, held), [])
                total = Score(*map(sum, zip(*scores, strict=True)))
                name = f"{kind}, held back" if held else kind
                lines.append(f"| {way} | {name} | {len(scores)} | {' | '.join(total.row())} |")
    return lines
