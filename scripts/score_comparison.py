"""Print how often compare tells what an amending decision says, and how long it takes for a law of 120 articles.

    python scripts/score_comparison.py [--misses] [--seed N]

Each of twenty laws of the reference corpus is amended as decisions amend laws: articles are changed (a figure, a
phrase, a sentence more or less), deleted, put in, put elsewhere, split in two and merged; the articles behind are
renumbered, and references to them follow. What the decision names, article by article, is held against what
compare says of the two versions.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from policysearch.documents.document import FailedDocument, read_documents
from policysearch.quoting.comparison import Comparison, Unit, compare
from policysearch.text.chinese import read_numeral, write_numeral

ROOT = Path(__file__).resolve().parent.parent
LAWS = 20
_NUMBER = re.compile(r"第[一二三四五六七八九十百千零〇]+条")
_FIGURE = re.compile(r"[二三四五六七八九十]+(?=日|年|元|万元|倍|个月)")
_PHRASES = (
    ("应当", "可以"),
    ("县级以上", "设区的市级以上"),
    ("三十日", "六十日"),
    ("部门", "主管部门"),
    ("不得", "严禁"),
)


class Named(NamedTuple):
    """An article that a decision names.

    Attributes:
        state: What became of it, as compare calls it.
        a: Its number in the old version, 0 for a new one.
        b: Its number in the new one, 0 where it is gone.
    """

    state: str
    a: int
    b: int


class Amended(NamedTuple):
    """Two versions of a law, and the decision between them."""

    old: list[Unit]
    new: list[Unit]
    named: list[Named]
    untouched: list[tuple[int, int]]


def laws(folder: Path) -> Iterator[list[str]]:
    """Yield the bodies of the articles of each law with 25 to 130 articles, numbered from 1 without a gap."""
    for path in sorted(folder.rglob("*.md")):
        for document in read_documents(path):
            if isinstance(document, FailedDocument):
                continue
            articles = [one for one in document.sections if one.number and _NUMBER.fullmatch(one.number)]
            numbers = [read_numeral((one.number or "")[1:-1]) for one in articles]
            if 25 <= len(articles) <= 130 and numbers == list(range(1, len(articles) + 1)):
                yield [one.text.strip()[len(one.number or "") :].strip() for one in articles]


def amend(bodies: Sequence[str], others: Sequence[str], chance: random.Random) -> Amended:
    """Return a law and its amended version; new articles are of ``others``."""
    places = [at for at in range(2, len(bodies) - 1) if len(bodies[at]) > 40]
    chance.shuffle(places)
    many = max(1, len(bodies) // 12)
    plan: dict[int, str] = {}
    kinds = [*["changed"] * (3 * many), *["gone"] * many, *["split"] * many, *["merged"] * many, *["moved"] * many]
    for kind in kinds:
        for at in places:
            near = {at, at + 1} if kind == "merged" else {at}
            if near & plan.keys() or max(near) >= len(bodies) - 1:
                continue
            if kind == "split" and bodies[at].count("\n") < 1:
                continue
            if any(plan.get(one) == "merged" for one in (at - 1,)):
                continue
            plan[at] = kind
            if kind == "merged":
                plan[at + 1] = "with the one before"
            break
    made: list[tuple[list[int], str, str]] = []  # the old numbers, the text, the state
    named: list[Named] = []
    moving: list[tuple[int, str]] = []
    for at, body in enumerate(bodies):
        kind = plan.get(at, "")
        if kind == "gone":
            named.append(Named("gone", at + 1, 0))
        elif kind == "moved":
            moving.append((at, body))
        elif kind == "split":
            first, _, second = body.partition("\n")
            made += [([at], first.strip(), "split"), ([at], second.strip(), "split")]
        elif kind == "merged":
            made.append(([at, at + 1], f"{body}\n{bodies[at + 1]}", "merged"))
        elif kind == "changed":
            made.append(([at], changed(body, chance), "changed"))
        elif not kind:
            made.append(([at], body, ""))
    for at, body in moving:
        choices = [place for place in range(len(made)) if abs(made[place][0][0] - at) > 3 if made[place][0]]
        made.insert(chance.choice(choices or [len(made) - 1]), ([at], body, "moved"))
    for body in chance.sample(others, many):
        made.insert(chance.randrange(1, len(made)), ([], body, "new"))
    new_number = {old: place + 1 for place, (olds, _, _) in reversed(list(enumerate(made))) for old in olds}

    def renumbered(found: re.Match[str]) -> str:
        old = (read_numeral(found[0][1:-1]) or 0) - 1
        return f"第{write_numeral(new_number[old])}条" if old in new_number else found[0]

    new = []
    untouched = []
    for place, (olds, body, state) in enumerate(made):
        new.append(unit(place + 1, _NUMBER.sub(renumbered, body) if olds else body))
        if state:
            named += [Named(state, old + 1, place + 1) for old in olds] or [Named("new", 0, place + 1)]
        else:
            untouched.append((olds[0] + 1, place + 1))
    return Amended([unit(at + 1, body) for at, body in enumerate(bodies)], new, named, untouched)


def unit(number: int, body: str) -> Unit:
    """Return an article."""
    written = f"第{write_numeral(number)}条"
    return Unit(None, written, f"{written}　{body}\n", len(written) + 1)


def changed(body: str, chance: random.Random) -> str:
    """Return an article with a figure or a phrase changed, or a sentence more or less."""
    figures = list(_FIGURE.finditer(body))
    fitting = [pair for pair in _PHRASES if pair[0] in body]
    if figures and chance.random() < 0.5:
        figure = chance.choice(figures)
        other = chance.choice([one for one in ("二", "五", "七", "十五", "四十") if one != figure[0]])
        return body[: figure.start()] + other + body[figure.end() :]
    if fitting and chance.random() < 0.7:
        return body.replace(*chance.choice(fitting), 1)
    sentences = [one for one in re.split(r"(?<=。)", body) if one]
    if len(sentences) > 1 and chance.random() < 0.4:
        del sentences[chance.randrange(len(sentences))]
        return "".join(sentences)
    return f"{body}具体办法由国务院主管部门会同有关部门制定。"


def said(found: Comparison) -> set[Named]:
    """Return the state of each article in a comparison."""
    number = {None: 0}

    def value(written: str | None) -> int:
        return number[None] if written is None else read_numeral(written[1:-1]) or 0

    return {Named(one.state, value(one.a_number), value(one.b_number)) for one in found}


class Score(NamedTuple):
    """How a comparison agrees with decisions.

    Attributes:
        right: For each state, of each article that a decision names, whether it is reported as the decision says.
        untouched: Of each other article, whether it is reported as ``same`` or ``reference_only``.
        misses: Articles that were reported otherwise than the decision says, with the report.
        seconds: CPU time for two versions of a law of 120 articles.
    """

    right: dict[str, list[bool]]
    untouched: list[bool]
    misses: list[tuple[Named, list[Named]]]
    seconds: float

    @property
    def share(self) -> float:
        """Share of the named articles that are reported as the decision says."""
        every = [one for several in self.right.values() for one in several]
        return sum(every) / len(every)


def score(reference: Path, seed: int = 1) -> Score:
    """Return the score, given the reference corpus."""
    every = list(laws(reference / "corpus" / "laws-md"))
    chance = random.Random(seed)
    several = chance.sample(every, LAWS)
    others = [body for law in every if law not in several for body in law if 40 < len(body) < 300]
    right: dict[str, list[bool]] = {}
    untouched: list[bool] = []
    misses: list[tuple[Named, list[Named]]] = []
    for law in several:
        amended = amend(law, others, chance)
        told = said(compare(amended.old, amended.new, "old", "new"))
        for one in amended.named:
            right.setdefault(one.state, []).append(one in told)
            if one not in told:
                misses.append((one, [two for two in told if two.a == one.a != 0 or two.b == one.b != 0]))
        untouched += [
            any(Named(state, *pair) in told for state in ("same", "reference_only")) for pair in amended.untouched
        ]
    amended = amend([body for law in every for body in law][:120], others, chance)
    return Score(right, untouched, misses, min(_seconds(amended) for _ in range(5)))


def _seconds(amended: Amended) -> float:
    begun = time.process_time()
    compare(amended.old, amended.new, "old", "new")
    return time.process_time() - begun


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="print what was not told as the decision says it")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    reference = Path(os.environ.get("POLICYSEARCH_REFERENCE", ROOT.parent / "shared"))
    if not (reference / "corpus" / "laws-md").is_dir():
        raise SystemExit(f"There are no laws at '{reference}'; name the reference corpus in POLICYSEARCH_REFERENCE.")
    found = score(reference, arguments.seed)
    if arguments.misses:
        for one, near in found.misses:
            print(f"{one} told as {near}")
    print(f"{LAWS} pairs of versions, {sum(map(len, found.right.values()))} articles named: {found.share:.4f} as said")
    for state, several in sorted(found.right.items()):
        print(f"  {state}: {sum(several)} of {len(several)}")
    print(f"untouched, told same or reference_only: {sum(found.untouched)} of {len(found.untouched)}")
    print(f"a law of 120 articles: {1000 * found.seconds:.0f} ms")


if __name__ == "__main__":
    main()
