"""Make the table of words whose usual writing differs from the folded one, from jieba's dictionary.

    python scripts/make_written_words.py

The table has, for each folded word, the most frequent writing that the dictionary has, where that is not the folded
word itself. Writings with traditional characters are left out, except those that GB 2312 has too.
"""

from __future__ import annotations

import re
from pathlib import Path

from policysearch.text.dictionary import dictionary_path
from policysearch.text.folding import fold
from policysearch.text.written_words import folded_characters

TABLE = Path(__file__).resolve().parent.parent / "policysearch" / "text" / "written_words.tsv"


def written_words() -> list[str]:
    """Return the words of the table, in order of their characters."""
    changed = folded_characters()
    either = "".join({*changed, *changed.values()})
    found: dict[str, tuple[int, str]] = {}
    for entry in re.finditer(rf"^(\S*[{either}]\S*) (\d+)", dictionary_path().read_text(encoding="utf-8"), re.M):
        word, frequency = entry[1], int(entry[2])
        folded = "".join([changed.get(one, one) for one in word])
        if fold(word) == folded:  # otherwise it has traditional characters
            found[folded] = max(found.get(folded, (0, folded)), (frequency, word))
    return sorted(word for folded, (_, word) in found.items() if word != folded)


def main() -> None:
    """Write the table."""
    head = (
        "# Words whose most frequent writing in jieba's dictionary (0.42.1, MIT) is not the folded one.\n"
        "# Made by scripts/make_written_words.py; do not edit.\n"
    )
    TABLE.write_text(head + "".join(f"{word}\n" for word in written_words()), encoding="utf-8")


if __name__ == "__main__":
    main()
