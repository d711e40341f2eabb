"""How well documents are read, by checks that need no marks: what two sources of a fact say is compared.

A part of ``score_structure.py``. Any folder will do. A check that does not
hold is not a fault in every case (a law is cited at the start of a line, a
file is named after the day of its download), but where many fail, a kind of
document is read badly.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from policysearch.documents.document import Document, FailedDocument, read_documents
from policysearch.documents.metadata.dates import parse_date
from policysearch.errors import NoDocumentError, PolicySearchError
from policysearch.sources import reader
from policysearch.sources.finding import Source, document_id, find_sources
from policysearch.sources.readers.reading import Reading

__all__ = ["CHECKS", "Read", "Share", "compare", "documents_below", "table"]

LONG = 5_000
"""Characters of a section that is too long to be one."""


class Share(NamedTuple):
    """How many of how many."""

    hit: int = 0
    whole: int = 0

    def __add__(self, other: tuple[int, ...]) -> Share:  # type: ignore[override]
        return Share(self.hit + other[0], self.whole + other[1])

    def __str__(self) -> str:
        return f"{self.hit:,}/{self.whole:,} ({self.hit / self.whole:.1%})" if self.whole else ""


class Read(NamedTuple):
    """A document, and what its source states beside the text: values by the names of fields."""

    document: Document
    stated: dict[str, list[str]]


_ARTICLE = re.compile(
    r"^[ \t\u3000#*]*(第[ ]?[〇零一二三四五六七八九十百千\d]{1,7}[ ]?[条條](?:之[一二三四五六七八九十]{1,3})?)"
    r"(?![第的规規和及、，至或所中款项項])",
    re.M,
)
_STOP = "。！？；：:;!?…."
_CLOSERS = "”’」』）)】》〉\"'"


def articles(read: Read) -> Share:
    """Article lines (第…条) that are sections, in documents with three or more."""
    lines = Counter("".join(found[1].split()) for found in _ARTICLE.finditer(read.document.text))
    if lines.total() < 3:
        return Share()
    sections = Counter("".join((one.number or "").split()) for one in read.document.sections)
    return Share((lines & sections).total(), lines.total())


def made_up_articles(read: Read) -> Share:
    """Sections numbered 第…条 that begin no line of their own, of all of these."""
    lines = Counter("".join(found[1].split()) for found in _ARTICLE.finditer(read.document.text))
    numbers = ("".join((one.number or "").split()) for one in read.document.sections)
    sections = Counter(one for one in numbers if re.fullmatch(r"第.+[条條](?:之.+)?", one))
    return Share((sections - lines).total(), sections.total())


def long_sections(read: Read) -> Share:
    """Sections of more than 5,000 characters, of all."""
    lengths = [len(one.text) for one in read.document.sections]
    return Share(sum(one > LONG for one in lengths), len(lengths))


def headings_after_open_lines(read: Read) -> Share:
    """Headings without a number that stand after a line that seems to go on, of all of these: pieces of a sentence."""
    found = after_open = 0
    before = None
    for section in read.document.sections:
        if section.heading and not section.number:
            found += 1
            last = before.text.rstrip().rpartition("\n")[2] if before is not None and _has_body(before.text) else ""
            bare = last.rstrip(_CLOSERS + " \t\u3000")
            after_open += len(last) >= 15 and bool(bare) and bare[-1] not in _STOP and "\t" not in last
        before = section
    return Share(after_open, found)


def _has_body(text: str) -> bool:
    return "\n" in text.strip()


def dates_of_names(read: Read) -> Share:
    """File names that hold a day and documents whose date it is; the day may be that of another event."""
    stem = Path(read.document.document_id.partition("#")[0]).stem
    named = re.search(r"(?<!\d)(?:19|20)\d\d[-.年]\d{1,2}[-.月]\d{1,2}日?(?!\d)", stem)
    date = parse_date(named[0]) if named else None
    return Share() if date is None else Share(read.document.date == date, 1)


def stated_titles(read: Read) -> Share:
    """Titles that the source states (front matter, header tables, ``<meta>`` …) and documents that have one of them."""
    titles = {_squash(one) for one in read.stated.get("title", ())}
    found = _squash(read.document.title or "")
    return Share(any(found and (found in one or one in found) for one in titles), 1) if titles else Share()


def stated_dates(read: Read) -> Share:
    """Days of issue that the source states, and documents that have one of them; without those of publication."""
    dates = {date for one in read.stated.get("date", ()) if (date := parse_date(one))}
    return Share(read.document.date in dates, 1) if dates else Share()


def stated_addresses(read: Read) -> Share:
    """Addresses that the source states, and documents that have one of them."""
    addresses = {one for one in read.stated.get("url", ()) if one.startswith("http")}
    return Share(read.document.url in addresses, 1) if addresses else Share()


def _squash(text: str) -> str:
    return "".join(text.split())


CHECKS: dict[str, Callable[[Read], Share]] = {
    "article lines found": articles,
    "articles without a line": made_up_articles,
    "sections over 5,000 characters": long_sections,
    "headings after open lines": headings_after_open_lines,
    "date of the file's name": dates_of_names,
    "stated title": stated_titles,
    "stated date": stated_dates,
    "stated address": stated_addresses,
}
"""The columns of the table; a function that is added here adds one."""


def documents_below(folders: Iterable[Path], failed: Counter[str] | None = None) -> Iterator[Read]:
    """Yield the documents of all sources below some folders; ``failed`` counts what gave none, by what became of it."""
    failed = Counter() if failed is None else failed
    for folder in folders:
        for source in find_sources(folder):
            if not isinstance(source, Source):
                failed["failed"] += 1
                continue
            try:
                stated = _stated(source)
                for one in read_documents(source.path, source.source_id):
                    if isinstance(one, FailedDocument):
                        failed["skipped" if one.skipped else "failed"] += 1
                    else:
                        yield Read(one, stated.get(one.document_id, {}))
            except NoDocumentError:
                failed["skipped"] += 1
            except PolicySearchError:
                failed["failed"] += 1


def _stated(source: Source) -> dict[str, dict[str, list[str]]]:
    """Return the metadata that a source states of each of its documents, by their ids."""
    found: dict[str, dict[str, list[str]]] = {}
    for reading in reader.read(source.path):
        if isinstance(reading, Reading):
            values = found.setdefault(document_id(source.source_id, reading.record), {})
            for one in reading.statements:
                values.setdefault(one.name, []).append(one.value)
    return found


def compare(documents: Iterable[Read]) -> dict[str, dict[str, Share]]:
    """Return the sums of each check by the kinds of documents (their types), the most frequent kind first."""
    sums: dict[str, dict[str, Share]] = defaultdict(lambda: dict.fromkeys((*CHECKS, ""), Share()))
    for read in documents:
        for name, check in CHECKS.items():
            sums[read.document.type][name] += check(read)
        sums[read.document.type][""] += (1, 1)
    return dict(sorted(sums.items(), key=lambda item: (-item[1][""].whole, item[0])))


def table(folders: Iterable[Path]) -> list[str]:
    """Return the lines of a Markdown table: a row a kind, and one for all."""
    failed = Counter[str]()
    kinds = compare(documents_below(folders, failed))
    whole = {name: sum((one[name] for one in kinds.values()), Share()) for name in (*CHECKS, "")}
    rows = [(kind, one) for kind, one in kinds.items()] + [("**all**", whole)]
    lines = [
        f"| kind | documents | {' | '.join(CHECKS)} |",
        "| --- | ---: |" + " ---: |" * len(CHECKS),
    ]
    lines += [f"| {kind} | {one[''].whole:,} | {' | '.join(str(one[name]) for name in CHECKS)} |" for kind, one in rows]
    if failed:
        lines += [
            "",
            "Not among them: " + ", ".join(f"{count:,} {what}" for what, count in sorted(failed.items())) + ".",
        ]
    return lines
