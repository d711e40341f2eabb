#!/usr/bin/env python3
"""Write policysearch/text/folding_table.py: which character is compared as which other one.

    .venv/bin/pip install 'policysearch[dev]'
    .venv/bin/python scripts/make_folding_table.py

The table is kept as data, so that the same text folds alike whatever Unicode
version a Python carries. Its parts, applied one after the other until nothing
changes any more:

1. the NFKC form where it is a single character (Unicode Standard Annex 15);
2. the lower-case form where it is a single character;
3. the first simplified form of OpenCC (t2s, Apache License 2.0);
4. the characters that official texts use for one another (below).
"""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from importlib.metadata import version
from pathlib import Path

import opencc

OUTPUT = Path(__file__).resolve().parent.parent / "policysearch" / "text" / "folding_table.py"

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
}


def single(text: str, otherwise: str) -> str:
    return text if len(text) == 1 else otherwise


def step(character: str, simplify: opencc.OpenCC) -> str:
    if character in SPECIAL:
        return SPECIAL[character]
    if character.isspace():
        return character if character == "\n" else " "
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


def table() -> tuple[str, str]:
    simplify = opencc.OpenCC("t2s")
    changed = []
    for code in range(sys.maxunicode + 1):
        if 0xD800 <= code <= 0xDFFF:
            continue
        character = chr(code)
        folded = fold(character, simplify)
        if folded != character:
            changed.append((character, folded))
    return "".join(a for a, _ in changed), "".join(b for _, b in changed)


def literal(name: str, text: str) -> str:
    lines = [text[i : i + 60] for i in range(0, len(text), 60)]
    body = "\n".join(f"    {line!a}" for line in lines)
    return f"{name} = (\n{body}\n)\n"


def main() -> None:
    written, compared = table()
    fingerprint = hashlib.sha256(f"{written}\n{compared}".encode()).hexdigest()[:16]
    OUTPUT.write_text(
        '"""Made by scripts/make_folding_table.py; do not edit.\n\n'
        f"{len(written)} characters and what each is compared as, from Unicode {unicodedata.unidata_version} and\n"
        f'OpenCC {version("opencc")} (character table t2s, Apache License 2.0).\n"""\n\n'
        f'FINGERPRINT = "{fingerprint}"\n\n' + literal("WRITTEN", written) + "\n" + literal("COMPARED", compared),
        encoding="utf-8",
    )
    print(f"{len(written)} characters, fingerprint {fingerprint}")


if __name__ == "__main__":
    main()
