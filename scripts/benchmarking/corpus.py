"""Any number of megabytes of policy documents: a folder's own, then new ones made of them.

A copy of a document would flatter every cache, so what is made is new text. A
document is taken as the pattern, and each of its lines stays a line; a clause
(a run of Han characters between other characters) that occurs in one document
only is replaced by the head of one such clause and the tail of another, from
documents of the same kind. Mostly the two cross at a character that they
share, so that pairs of neighbouring characters are such as are used, and new
ones come about as fast as in new text. Clauses that several documents have
(各位代表, 第三章, 以下简称) stay, and numbers change. That keeps the share of
distinct clauses near that of real text; ``Sample`` says how near.
"""

from __future__ import annotations

import json
import random
import re
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Original", "Sample", "documents", "make", "originals"]

_READ = frozenset({".txt", ".md", ".html", ".csv", ".docx", ".jsonl"})
_CLAUSE = re.compile("[\u3400-\u9fff]+")
_LEAD = re.compile(
    r"\s*(?:第[零〇一二三四五六七八九十百千]+[编章节条款项]|[零〇一二三四五六七八九十百]+、"
    r"|[（(][零〇一二三四五六七八九十百\d]+[)）]|\d+[.、．])?\s*"
)
_ARTICLE = re.compile(r"(.+?)(第[零〇一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十])?)$")
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_TITLE_LINES = 6
_TITLE_CHARACTERS = 40  # a longer line is no title
_SHORT = 4  # characters; a shorter clause is no clause of its own
_STRANGERS = 0.25  # of the clauses made: their halves share no character; pairs grow as in the reference corpus
_FEW = 2_000  # clauses; a kind with fewer draws on all kinds


@dataclass(frozen=True, slots=True)
class Original:
    """A document's text and what its kind is."""

    kind: str
    text: str


def originals(folder: Path) -> list[Original]:
    """Return the distinct documents of a folder, in an order that only depends on their names.

    Records that are single articles of a statute (by their titles) are put together to statutes.
    """
    from policysearch.documents.document import Document, read_documents
    from policysearch.errors import SourceError
    from policysearch.text.folding import reduce

    found: list[Original] = []
    statutes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _READ and path.stem != "queries"):
        place = path.relative_to(folder).parts[0]
        try:
            for document in read_documents(path, path.name):
                if not isinstance(document, Document):
                    continue
                article = _ARTICLE.match(document.title or "") if "#" in document.document_id else None
                if article:
                    kind = f"{place} 条"
                    statutes[kind, article[1]].append(f"{article[2]}\u3000{document.text.rstrip()}")
                else:
                    found.append(Original(f"{place} {document.type}", document.text))
        except SourceError as error:
            print(f"{path}: {error}", file=sys.stderr)
    found += [Original(kind, "\n".join([name, *articles]) + "\n") for (kind, name), articles in statutes.items()]
    return list({reduce(one.text): one for one in found}.values())


def documents(found: Sequence[Original], seed: int, skip: int = 0) -> Iterator[tuple[int, str]]:
    """Yield numbers and texts: the originals in an order of chance, then new documents without end.

    The same seed and number, the same document; the first ``skip`` are not made.
    """
    order = list(found)
    random.Random(seed).shuffle(order)
    yield from ((n, one.text) for n, one in enumerate(order) if n >= skip)
    holders = Counter(clause for one in found for clause in set(_CLAUSE.findall(one.text)))
    pools = _pools(found, holders)
    n = len(found)
    while True:
        random.Random(f"{seed} {n}").shuffle(order)
        for pattern in order:
            if n >= skip:
                yield n, _spliced(pattern.text, pools[pattern.kind], holders, random.Random(f"{seed} {n}"))
            n += 1


class _Pool:
    """Clauses that one document has, and where each character stands in them."""

    def __init__(self, clauses: Sequence[str]) -> None:
        self.clauses = clauses
        self.text = "\n".join(clauses)
        self.places: dict[str, array[int]] = defaultdict(lambda: array("I"))
        for place, character in enumerate(self.text):
            self.places[character].append(place)

    def splice(self, length: int, rng: random.Random) -> str:
        """Return a clause that is in none of the documents, if chance allows, of about this length."""
        best = ""
        for _ in range(6):
            head = self.clauses[int(rng.random() * len(self.clauses))]
            cut = rng.randint(len(head) // 3, len(head) * 2 // 3)
            places = self.places[head[cut]]
            crossing = rng.random() >= _STRANGERS
            place = int(rng.random() * len(self.text)) if not crossing else places[int(rng.random() * len(places))]
            end = self.text.find("\n", place)
            made = head[:cut] + self.text[place : end if end >= 0 else None]
            if made == head or len(made) <= cut:
                continue
            if abs(len(made) - length) <= max(1, length // 4):
                return made
            if not best or abs(len(made) - length) < abs(len(best) - length):
                best = made
        return best or self.clauses[0]


def _pools(found: Sequence[Original], holders: Counter[str]) -> dict[str, _Pool]:
    rare: dict[str, list[str]] = defaultdict(list)
    for one in found:
        rare[one.kind] += (c for c in _CLAUSE.findall(one.text) if len(c) >= _SHORT and holders[c] == 1)
    everything = _Pool([clause for clauses in rare.values() for clause in clauses] or ["无"])
    return {one.kind: everything for one in found} | {
        kind: _Pool(clauses) for kind, clauses in rare.items() if len(clauses) >= _FEW
    }


def _spliced(text: str, pool: _Pool, holders: Counter[str], rng: random.Random) -> str:
    """Return a new document after the pattern of ``text``; its title, and how its lines begin, stay."""

    def clause(found: re.Match[str]) -> str:
        old = found[0]
        return old if len(old) < _SHORT or holders[old] > 1 else pool.splice(len(old), rng)

    def number(found: re.Match[str]) -> str:
        old = found[0]
        if _YEAR.match(old):
            return old
        return "".join(str(rng.randint(not i and len(old) > 1, 9)) for i in range(len(old)))

    out = []
    in_title = True
    for n, line in enumerate(text.split("\n")):
        in_title = in_title and n < _TITLE_LINES and len(line) <= _TITLE_CHARACTERS
        if in_title:
            out.append(line)
            continue
        lead = _LEAD.match(line)
        at = lead.end() if lead else 0
        out.append(line[:at] + _NUMBER.sub(number, _CLAUSE.sub(clause, line[at:])))
    return "\n".join(out)


@dataclass(slots=True)
class Sample:
    """How repetitive some text is.

    Attributes:
        megabytes: 10⁶ bytes of it.
        clauses: Runs of Han characters between other characters.
        distinct: The share of them that differ.
        pairs: Distinct pairs of neighbouring Han characters.
    """

    megabytes: float
    clauses: int
    distinct: float
    pairs: int


class _Counting:
    def __init__(self) -> None:
        self.bytes = self.clauses = 0
        self.seen: set[str] = set()
        self.pairs: set[str] = set()

    def add(self, text: str, size: int) -> None:
        found = _CLAUSE.findall(text)
        self.bytes += size
        self.clauses += len(found)
        self.seen.update(found)
        for clause in found:
            self.pairs.update(map(str.__add__, clause, clause[1:]))

    def sample(self) -> Sample:
        return Sample(self.bytes / 1e6, self.clauses, len(self.seen) / max(1, self.clauses), len(self.pairs))


@dataclass(frozen=True, slots=True)
class Made:
    """The written collection.

    Attributes:
        bytes: UTF-8 bytes of all documents.
        documents: How many.
        originals: How many of them are the folder's own.
        original_bytes: Their bytes.
        original: How repetitive these are.
        made: How repetitive as much of new text is (or less, where there is less).
        whole: How repetitive everything is, in the first 16 MB.
    """

    bytes: int
    documents: int
    originals: int
    original_bytes: int
    original: Sample
    made: Sample
    whole: Sample


def make(
    reference: Path, target: Path, megabytes: float, *, seed: int = 1, skip: int = 0, sections: Path | None = None
) -> Made:
    """Write documents of so many 10⁶ bytes as ``000/000000.txt`` and on; ``skip`` leaves that many of the first out.

    A smaller corpus is the beginning of a larger one. With ``sections``, what policysearch divides them into is
    written there, a JSON object with ``id`` and ``text`` on each line.
    """
    found = originals(reference)
    if not found:
        raise SystemExit(f"There is nothing to read in '{reference}'.")
    own, new, whole = _Counting(), _Counting(), _Counting()
    total = count = real = 0
    out = sections.open("w", encoding="utf-8") if sections else None
    for n, text in documents(found, seed, skip):
        if total >= megabytes * 1e6:
            break
        data = text.encode("utf-8", "surrogatepass")
        total += len(data)
        count += 1
        name = f"{n // 1000:03d}/{n:06d}.txt"
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if n < len(found):
            real += 1
            own.add(text, len(data))
        elif new.bytes < max(own.bytes, 1e6):
            new.add(text, len(data))
        if whole.bytes < 16e6:
            whole.add(text, len(data))
        if out:
            for section_id, section in _sections(path, name):
                out.write(json.dumps({"id": section_id, "text": section}, ensure_ascii=False) + "\n")
    if out:
        out.close()
    return Made(total, count, real, own.bytes, own.sample(), new.sample(), whole.sample())


def _sections(path: Path, name: str) -> Iterator[tuple[str, str]]:
    from policysearch.documents.document import Document, read_documents

    for document in read_documents(path, name):
        if isinstance(document, Document):
            for number, section in enumerate(document.sections, 1):
                yield f"{document.document_id}#{number}", section.text


def main(arguments: Sequence[str]) -> None:
    """``REFERENCE TARGET MEGABYTES SEED SKIP SECTIONS|-``: make a corpus and print what was made as JSON."""
    reference, target, megabytes, seed, skip, sections = arguments
    made = make(
        Path(reference),
        Path(target),
        float(megabytes),
        seed=int(seed),
        skip=int(skip),
        sections=None if sections == "-" else Path(sections),
    )
    print(json.dumps(asdict(made)))


if __name__ == "__main__":
    main(sys.argv[1:])
