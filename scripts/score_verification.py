#!/usr/bin/env python3
"""Measures what `policysearch verify` tells of quotations that are true, altered, or said to be another year's.

    python3 scripts/score_verification.py [--seed N] [--count N] [--index DIR] [--show N]

Quotations of 12 to 60 characters are drawn from the documents of an index; half of them are altered: a digit changed,
a character replaced, swapped, dropped or added, 不 or 未 put in, 以上 and 以下 exchanged, two sentences spliced. What a
damage makes that stands in some document is drawn again. Without --index the reference corpus is indexed first.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from policysearch import Index, index_sources, open_index
from policysearch.engines.protocol import Stored
from policysearch.engines.tree import MatchAll
from policysearch.quoting.alignment import comparable, without_marks
from policysearch.quoting.verdicts import Claim
from policysearch.text.folding import reduce

ROOT = Path(__file__).parent.parent
REFERENCE = Path(os.environ.get("POLICYSEARCH_REFERENCE") or ROOT.parent / "shared").resolve()
FOLDERS = (
    *("laws-md", "gwr-docx", "gwr-csv", "state-council-html", "notices-ragged", "pages-local", "gwr-national-utf8"),
    *("gwr-county-gbk-raw",),
)
TRUE = ("verbatim", "folded", "superseded")  # word for word, perhaps in an old version only
DIGITS = "0123456789"
COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定"
)


class Drawn(NamedTuple):
    """A quotation and where it is from.

    Attributes:
        text: As the draft has it.
        original: As it stands in the source; two of them where they were spliced.
        damage: What was done to it; empty for nothing.
        document: Id of the document.
    """

    text: str
    original: tuple[str, ...]
    damage: str
    document: str


class Texts:
    """The documents of an index, as compared."""

    def __init__(self, index: Index) -> None:
        self.sections: list[Stored] = list(index.engine.stream(MatchAll()))
        self.compared = [without_marks(one.reduced) for one in self.sections]
        whole: dict[str, list[str]] = defaultdict(list)
        for one, text in zip(self.sections, self.compared, strict=True):
            whole[one.document["document_id"]].append(text)
        self.documents = {name: "".join(texts) for name, texts in whole.items()}
        self.all = "\n".join(self.documents.values())

    def stands(self, text: str) -> bool:
        return without_marks(reduce(text)).strip(ENDS) in self.all

    def documents_with(self, text: str) -> set[str]:
        wanted = without_marks(reduce(text)).strip(ENDS)
        return {name for name, whole in self.documents.items() if wanted in whole}


ENDS = "，。；：、！？,.;:!?…—-"
_PLAIN = re.compile(r"[“”‘’「」『』\"'《》〈〉\[\]〔〕【】…*_`>#\n\t]|\.\.\.|。。。")


def draw(chance: random.Random, sections: Sequence[Stored], weights: Sequence[int]) -> tuple[Stored, str]:
    """Return a piece of a section: mostly from the beginning of a clause, always within one line."""
    while True:
        (section,) = chance.choices(sections, weights)
        text = section.text
        size = chance.randint(12, 60)
        starts = [found.end() for found in re.finditer(r"[。，；：\n]", text)] if chance.random() < 0.7 else []
        start = chance.choice(starts) if starts else chance.randrange(max(1, len(text)))
        piece = text[start : start + size].strip()
        if not _PLAIN.search(piece) and 12 <= len(without_marks(reduce(piece)).strip(ENDS)) <= 60 and len(piece) >= 12:
            return section, piece


def inner(chance: random.Random, text: str, fitting: Callable[[str], bool]) -> int | None:
    """Return a place within a text, its ends left out, of a character that fits."""
    places = [i for i in range(1, len(text.rstrip(ENDS)) - 1) if fitting(text[i])]
    return chance.choice(places) if places else None


def is_han(character: str) -> bool:
    return "一" <= character <= "鿿"


def altered(chance: random.Random, text: str, other: str, kind: str) -> str | None:
    """Return a text with one damage, None where it has no place for that."""
    if kind == "digit":
        at = inner(chance, text, lambda c: c in DIGITS)
        return None if at is None else text[:at] + chance.choice(DIGITS.replace(text[at], "")) + text[at + 1 :]
    if kind == "bounds":
        found = list(re.finditer("以上|以下", text))
        if not found:
            return None
        one = chance.choice(found)
        return text[: one.start()] + ("以下" if one[0] == "以上" else "以上") + text[one.end() :]
    if kind == "splice":
        return text[: len(text) // 2] + other[len(other) // 2 :]
    at = inner(chance, text, is_han)
    if at is None:
        return None
    if kind == "replaced":
        return text[:at] + chance.choice(COMMON.replace(text[at], "")) + text[at + 1 :]
    if kind == "swapped":
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == "dropped":
        return text[:at] + text[at + 1 :]
    return text[:at] + (chance.choice("不未") if kind == "negated" else chance.choice(COMMON)) + text[at:]


KINDS = ("digit", "replaced", "swapped", "dropped", "added", "negated", "bounds", "splice")


def drawn(chance: random.Random, texts: Texts, count: int) -> Iterator[Drawn]:
    """Yield quotations, every second one altered, each kind of alteration in turn."""
    sections = [one for one in texts.sections if len(one.text) >= 30]
    weights = [len(one.text) for one in sections]
    for number in range(count):
        kind = KINDS[number // 2 % len(KINDS)] if number % 2 else ""
        while True:
            section, text = draw(chance, sections, weights)
            name = section.document["document_id"]
            if not kind:
                yield Drawn(text, (text,), "", name)
                break
            other = draw(chance, sections, weights)[1]
            made = altered(chance, text, other, kind)
            if made and not texts.stands(made) and comparable(made).text != comparable(text).text:
                yield Drawn(made, (text, other) if kind == "splice" else (text,), kind, name)
                break


def of_another_year(chance: random.Random, texts: Texts, count: int) -> Iterator[tuple[Drawn, str, str]]:
    """Yield quotations of work reports, each with the report that it is said to be of and the one that it is of."""
    reports: dict[str, dict[int, str]] = defaultdict(dict)
    for one in texts.sections:
        if one.document["type"] == "政府工作报告" and one.document["year"] and one.document["region"]:
            reports[one.document["region"]][one.document["year"]] = one.document["document_id"]
    pairs = [
        (place, year, other)
        for place, years in sorted(reports.items())
        for year in sorted(years)
        for other in sorted(years)
        if year != other
    ]
    by_document = defaultdict(list)
    for one in texts.sections:
        if len(one.text) >= 30:
            by_document[one.document["document_id"]].append(one)
    while count and pairs:
        place, year, other = chance.choice(pairs)
        sections = by_document[reports[place][year]]
        _, text = draw(chance, sections, [len(one.text) for one in sections])
        if reports[place][other] in texts.documents_with(text):
            continue
        named = "国务院" if place == "全国" else place
        count -= 1
        form = chance.choice(
            ("{year}年{place}政府工作报告", "《{year}年{place}政府工作报告》", "{place}{year}年《政府工作报告》")
        )
        yield (
            Drawn(text, (text,), "", reports[place][year]),
            form.format(year=other, place=named),
            form.format(year=year, place=named),
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="draws the same quotations for the same seed (default 1)")
    parser.add_argument("--count", type=int, default=2000, help="quotations (default 2000)")
    parser.add_argument("--index", type=Path, help="an index to measure on, instead of the reference corpus")
    parser.add_argument("--show", type=int, default=0, help="maximum number of wrong verdicts to print")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = options.index or Path(folder)
        if options.index is None:
            corpus = REFERENCE / "corpus"
            if not corpus.is_dir():
                print(f"There is no reference corpus at '{REFERENCE}'; see POLICYSEARCH_REFERENCE.", file=sys.stderr)
                return 2
            index_sources([str(REFERENCE / "reports"), *(str(corpus / name) for name in FOLDERS)], where)
        with open_index(where) as index:
            return measure(index, options.seed, options.count, options.show)


def measure(index: Index, seed: int, count: int, show: int) -> int:
    chance = random.Random(seed)
    texts = Texts(index)
    quotations = list(drawn(chance, texts, count))
    draft = "\n\n".join(f"第{number}处写道：“{one.text}”。" for number, one in enumerate(quotations, 1))
    index.verify("文中写道：“这里什么也没有引用过呢”。")
    began = time.process_time()
    answer = index.verify(draft)
    taken = time.process_time() - began
    claims = [claim for claim in answer if claim.kind == "quote"]
    print(f"seed {seed}, {len(quotations)} quotations, {len(claims)} claims, {answer.documents} documents")
    told: dict[str, Counter[str]] = defaultdict(Counter)
    sources: Counter[str] = Counter()
    wrong: list[tuple[str, Drawn, Claim | None]] = []
    by_start = {claim.claim: claim for claim in claims}
    for one in quotations:
        claim = by_start.get(one.text)
        kind = one.damage or "true"
        if claim is None:
            told[kind]["no claim"] += 1
            wrong.append((kind, one, None))
            continue
        told[kind][claim.verdict] += 1
        document = (claim.section_id or "").rpartition("#")[0]
        found = any(document in texts.documents_with(original) for original in one.original)
        sources[kind] += found
        fine = (claim.verdict in TRUE) is not bool(one.damage)
        if not fine or not found:
            wrong.append((kind, one, claim))
    for kind in ("true", *KINDS):
        many = sum(told[kind].values())
        if many:
            print(f"  {kind:9} {many:5}  source found {sources[kind] / many:.3f}  {dict(told[kind])}")
    damaged_ones = sum(sum(told[kind].values()) for kind in KINDS)
    missed = sum(told[kind][verdict] for kind in KINDS for verdict in TRUE)
    lost = sum(many for verdict, many in told["true"].items() if verdict not in TRUE)
    print(f"altered called verbatim, folded or superseded: {missed} of {damaged_ones}; true ones missed: {lost}")
    print(f"source found of altered: {sum(sources[kind] for kind in KINDS) / max(1, damaged_ones):.4f}")
    print(f"{1000 * taken / max(1, len(claims)):.2f} ms of CPU a claim")
    for kind, one, claim in wrong[:show]:
        print(
            kind,
            repr(one.text),
            one.document,
            claim and (claim.verdict, claim.similarity, claim.section_id, claim.source_text),
        )
    other_years(index, texts, chance, show)
    return 0


def other_years(index: Index, texts: Texts, chance: random.Random, show: int) -> None:
    several = list(of_another_year(chance, texts, 200))
    told = kept = 0
    for wrong in (True, False):
        for one, other, own in several:
            (claim,) = (c for c in index.verify(f"{other if wrong else own}提出：“{one.text}”。") if c.kind == "quote")
            fine = (
                (claim.verdict, claim.attribution) == ("elsewhere", "other")
                if wrong
                else claim.verdict in TRUE and claim.attribution == "right"
            )
            told, kept = told + (fine and wrong), kept + (fine and not wrong)
            if not fine and show:
                print(other if wrong else own, repr(one.text), claim.verdict, claim.attribution, claim.section_id)
    print(f"said to be of another year: told {told} of {len(several)}; said to be of the right one: kept {kept}")


if __name__ == "__main__":
    sys.exit(main())
