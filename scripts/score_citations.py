"""How often the article that is typed comes first: every article of the laws of an index, in several spellings.

    python scripts/score_citations.py INDEX [--every N]

Counted are the articles of documents of the types 法律, 行政法规, 地方性法规, 规章 and 司法解释 whose title, without
中华人民共和国, no other document has. Prints the share of first places for each spelling, and the misses.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator

from policysearch import Index, open_index
from policysearch.citation.cited_names import STATE, name_key
from policysearch.citation.section_marks import SectionMark, leading_mark, written

TYPES = frozenset(("法律", "行政法规", "地方性法规", "规章", "司法解释"))


def articles(index: Index) -> Iterator[tuple[str, SectionMark, set[str]]]:
    """Yield the title, the number and the section ids (several, where a number stands twice) of each article."""
    documents = [document for document, _ in index.engine.documents(index.selection())]
    titles = Counter(name_key(document["title"] or "") for document in documents)
    for document in documents:
        title = document["title"]
        if document["type"] not in TYPES or not title or titles[name_key(title)] > 1:
            continue
        found: dict[SectionMark, set[str]] = {}
        for section in index.engine.stored(index.engine.find_document(document["document_id"])):
            mark = leading_mark(section.number) if section.number else None
            if mark and mark.unit == "条":
                found.setdefault(mark, set()).add(section.section_id)
        for mark, ids in found.items():
            yield title, mark, ids


def spellings(title: str, mark: SectionMark) -> dict[str, str]:
    """Return the spellings of a citation, by their names."""
    short = title.removeprefix(STATE)
    digits = f"第{mark.value}条" + (f"之{mark.inserted}" if mark.inserted else "")
    return {
        "full title, numerals": f"{title}{written(mark)}",
        "full title, digits": f"{title}{digits}",
        "《title》, digits": f"《{title}》{digits}",
        "short title, numerals": f"{short}{written(mark)}",
        "short title, digits": f"{short}{digits}",
        "《short title》 numerals": f"《{short}》 {written(mark)}",
    }


def main() -> None:
    """Search for each article in each spelling."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("--every", type=int, default=1, help="only every Nth article")
    given = parser.parse_args()
    first: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    missed: list[str] = []
    with open_index(given.index) as index:
        for number, (title, mark, ids) in enumerate(articles(index)):
            if number % given.every:
                continue
            for name, query in spellings(title, mark).items():
                tried[name] += 1
                found = index.search(query, limit=1, count_exact=False)
                if found.hits and found.hits[0].section_id in ids:
                    first[name] += 1
                else:
                    missed.append(query)
    for name, many in tried.items():
        print(f"{first[name] / many:.4f}  {first[name]:6} of {many:6}  {name}")
    print("\n".join(missed[:20]))


if __name__ == "__main__":
    main()
