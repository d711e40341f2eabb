#!/usr/bin/env python3
"""Write policysearch/text/folding_table.py and docs/folding.md: which character is compared as which other one.

    .venv/bin/pip install opencc==1.4.2
    .venv/bin/python scripts/make_folding_table.py

The table is kept as data, so that the same text folds alike whatever Unicode
version a Python carries. Its parts, applied one after the other until nothing
changes any more:

1. the NFKC form where it is a single character (Unicode Standard Annex 15), but for superscripts and circled numbers;
2. the lower-case form where it is a single character;
3. the first simplified form of OpenCC (t2s, Apache License 2.0);
4. the characters that official texts use for one another (below);
5. one character of each class of characters whose simplified form depends on the word.

The classes come from OpenCC's tables of characters and variants, and from the rows of its tables of phrases that differ
in script only. Two characters are in one class when at most five pairs of words of jieba's dictionary (of two
characters or more, frequency 10 or more) become equal by it; a class has at most four.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import combinations
from pathlib import Path

import jieba
import opencc

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "policysearch" / "text" / "folding_table.py"
PAGE = ROOT / "docs" / "folding.md"

MOST_EQUAL = 5
"""How many pairs of dictionary words may become equal by two characters of one class."""

MOST_IN_CLASS = 4
LEAST_FREQUENCY = 10
"""Of the words of the dictionary that are looked at."""

LEAST_ROWS = 5
"""In how many phrases two characters must stand for one another that no table of characters has: single rows are names
and slips of the tables."""

VARIANTS = {"甚": "什"}
"""甚麼 is 什么; OpenCC has no row for it."""

# Hyphens, dashes, minus signs, and the box-drawing line that older texts use as a dash.
DASHES = "-\u058a\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\u2501\u2e3a\u2e3b\ufe31\ufe32\ufe58\ufe63\uff0d"
# Dots that stand between the parts of a name.
DOTS = "·\u0387\u2022\u2027\u2219\u22c5\u2e31\u30fb\uff65"
# Unicode's Quotation_Mark property (PropList.txt), which has 「」『』 but not 《》.
QUOTES = (
    "\"'\u00ab\u00bb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a\u2e42\u300c\u300d\u300e\u300f"
    "\u301d\u301e\u301f\ufe41\ufe42\ufe43\ufe44\uff02\uff07\uff62\uff63"
)
SPECIAL = {
    **dict.fromkeys(DASHES, "-"),
    **dict.fromkeys(DOTS, "·"),
    **dict.fromkeys(QUOTES, '"'),
    **dict.fromkeys("(（[［〔﹝【", "("),
    **dict.fromkeys(")）]］〕﹞】", ")"),
    "○": "〇",
    "◯": "〇",
    "︰": ":",
    "巿": "市",
}


def single(text: str, otherwise: str) -> str:
    return text if len(text) == 1 else otherwise


def is_kept(character: str) -> bool:
    """Return whether a compatibility form is not what it looks like: m² is not m2, and ① is not 1."""
    form = unicodedata.decomposition(character).partition(" ")[0]
    return form == "<super>" or (form == "<circle>" and unicodedata.numeric(character, None) is not None)


def step(character: str, simplify: opencc.OpenCC) -> str:
    if character in SPECIAL:
        return SPECIAL[character]
    if character.isspace():
        return character if character in "\n\t" else " "  # lines and cells end there
    if is_kept(character):
        return character
    folded = single(unicodedata.normalize("NFKC", character), character)
    folded = single(folded.lower(), folded)
    folded = single(simplify.convert(folded), folded)
    return SPECIAL.get(folded, folded)


def fold(character: str, simplify: opencc.OpenCC) -> str:
    for _ in range(8):
        folded = step(character, simplify)
        if folded == character:
            return folded
        character = folded
    raise AssertionError(f"folding U+{ord(character):04X} does not come to rest")


def rows(table: str) -> Iterator[tuple[str, list[str]]]:
    """Yield a written form and the forms it is converted to, for each row of a table of OpenCC."""
    package = Path(opencc.__file__).parent / "clib"
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "table.txt"
        source = package / "share" / "opencc" / f"{table}.ocd2"
        command = [package / "bin" / "opencc_dict", "-i", source, "-f", "ocd2", "-t", "text", "-o", text]
        subprocess.run(list(map(str, command)), check=True)
        for line in text.read_text("utf-8").splitlines():
            written, _, forms = line.partition("\t")
            yield written, forms.split(" ")


def pairs(folded: Callable[[str], str]) -> set[tuple[str, str]]:
    """Return the pairs of folded characters of which one is written for the other."""

    def pair(a: str, b: str) -> tuple[str, str]:
        first, second = sorted((folded(a), folded(b)))
        return first, second

    found = {pair(a, b) for a, b in VARIANTS.items()}
    for table in ("TSCharacters", "TWVariantsRev", "HKVariantsRev"):
        found |= {pair(written, form) for written, forms in rows(table) for form in forms if len(form) == 1}
    counts: Counter[tuple[str, str]] = Counter()
    for table in ("TSPhrases", "STPhrases", "TWVariantsRevPhrases", "HKVariantsRevPhrases"):
        for written, forms in rows(table):
            for form in forms:
                if len(form) == len(written):
                    counts.update({pair(a, b) for a, b in zip(written, form, strict=True)})
    found |= {one for one, count in counts.items() if count >= LEAST_ROWS}
    return {(a, b) for a, b in found if a != b}


def classes(folded: Callable[[str], str]) -> list[str]:
    """Return the classes, each with the character first that most words of the dictionary have."""
    dictionary = Path(jieba.__file__).parent / "dict.txt"
    by_character: defaultdict[str, set[str]] = defaultdict(set)
    weight: Counter[str] = Counter()
    for line in dictionary.read_text("utf-8").splitlines():
        word, frequency, _ = line.split(" ")
        if int(frequency) >= LEAST_FREQUENCY:
            word = "".join(map(folded, word))
            for character in set(word):
                by_character[character].add(word)
                weight[character] += int(frequency)

    def equal(a: str, b: str) -> int:
        kept: defaultdict[str, set[str]] = defaultdict(set)
        for word in by_character[a] | by_character[b]:
            if len(word) > 1:
                kept[word.replace(b, a)].add(word)
        return sum(len(words) * (len(words) - 1) // 2 for words in kept.values())

    found: dict[str, frozenset[str]] = {}
    for a, b in sorted(pairs(folded), key=lambda one: (equal(*one), one)):
        together = found.get(a, frozenset(a)) | found.get(b, frozenset(b))
        if len(together) <= MOST_IN_CLASS and all(equal(c, d) <= MOST_EQUAL for c, d in combinations(together, 2)):
            found.update(dict.fromkeys(together, together))
    return sorted("".join(sorted(one, key=lambda c: (-weight[c], c))) for one in set(found.values()))


def table() -> tuple[str, str, list[str]]:
    """Return the characters that change, what each is compared as, and the classes."""
    simplify = opencc.OpenCC("t2s")
    folded = {
        chr(code): fold(chr(code), simplify) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF
    }
    together = classes(lambda character: folded[character])
    first = {character: one[0] for one in together for character in one}
    changed = [(a, c) for a, b in folded.items() if (c := first.get(b, b)) != a]
    return "".join(a for a, _ in changed), "".join(b for _, b in changed), together


def literal(name: str, text: str) -> str:
    lines = [text[i : i + 60] for i in range(0, len(text), 60)]
    body = "\n".join(f"    {line!a}" for line in lines)
    return f"{name} = (\n{body}\n)\n"


PROSE = """# Characters that are compared as equal

Before a query is compared with a text, each character of both is replaced by one character ("folding"). The
replacement never changes the number of characters, so offsets point into the original text.
`scripts/make_folding_table.py` writes the table and this page, which describes the parts of the table that may
surprise.

- Full-width, Kangxi and other compatibility forms become the ordinary characters, and capital letters become small
  ones. The various dashes become one, and so do the middle dots, the brackets and the quotation marks. Subscripts
  become digits (CO₂ equals CO2). Superscripts and circled numbers do not: m² does not equal m2, nor ① 1.
- A traditional character becomes its simplified form, the first one that OpenCC gives.
- If the simplified form depends on the word, all forms that may be meant belong to one class and are equal: 了解
  finds 瞭解, 借助 finds 藉助, and 计划 finds 計畫. Two characters are in one class only if this makes at most five
  pairs of words in jieba's dictionary equal (words of two characters or more, frequency 10 or more). A class has at
  most four characters. So 想像 and 想象 remain different, as do 座席 and 坐席.

The classes; the first character of each represents it:
"""


def page(together: list[str]) -> str:
    lines = [PROSE]
    for at in range(0, len(together), 12):
        lines.append(" ".join(together[at : at + 12]) + "  ")
    return "\n".join(lines) + "\n"


def main() -> None:
    written, compared, together = table()
    fingerprint = hashlib.sha256(f"{written}\n{compared}".encode()).hexdigest()[:16]
    OUTPUT.write_text(
        '"""Made by scripts/make_folding_table.py; do not edit.\n\n'
        f"{len(written)} characters and what each is compared as, from Unicode {unicodedata.unidata_version} and\n"
        f'OpenCC {version("opencc")} (tables of characters, variants and phrases, Apache License 2.0).\n"""\n\n'
        f'FINGERPRINT = "{fingerprint}"\n\n' + literal("WRITTEN", written) + "\n" + literal("COMPARED", compared),
        encoding="utf-8",
    )
    PAGE.write_text(page(together), encoding="utf-8")
    print(f"{len(written)} characters, {len(together)} classes, fingerprint {fingerprint}")


if __name__ == "__main__":
    main()
