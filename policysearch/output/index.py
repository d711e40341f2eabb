"""Output of the report on every source, as text or JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from policysearch.output.json import dump
from policysearch.output.list import near_said
from policysearch.output.terminal import counted, printable

if TYPE_CHECKING:
    from policysearch.indexing.account import Account, SourceAccount

__all__ = ["write_account"]

_MOST_LISTED = 50


def write_account(
    account: Account, output_format: str, out: TextIO, err: TextIO, quiet: bool, verbose: bool = False
) -> None:
    """Write the report to ``out``, and failures to ``err``.

    Repeated failures for the same reason, and skipped sources, are counted in
    one line each, and listed only if ``verbose``.
    """
    new = [source for source in account.failed if verbose or not source.repeated]
    for source in new:
        err.write(printable(f"{source.source}: {source.reason}") + "\n")
    if len(account.failed) > len(new):
        still = len(account.failed) - len(new)
        err.write(f"{_sources(still)} that failed before for the same reason: policysearch list --failed\n")
    for said in () if quiet else (*account.notes, *_noted(account), *_notable(account)):
        err.write(printable(said) + "\n")
    if output_format == "json":
        out.write(dump(account.to_dict()) + "\n")
        return
    if quiet:
        return
    listed = [s for s in account.sources if s.state not in ("unchanged", "skipped") and (verbose or not s.repeated)]
    for source in listed[:_MOST_LISTED]:
        more = f"  {source.encoding}" if source.encoding not in (None, "utf-8") else ""
        if source.duplicate_of:
            more += f"  repeats {source.duplicate_of}"
        many = f"{source.sections:>6,} {'section ' if source.sections == 1 else 'sections'}" if source.sections else ""
        out.write(printable(f"{source.state:<9} {many:<15}  {source.source}{more}") + "\n")
    if len(listed) > _MOST_LISTED:
        out.write(f"… and {len(listed) - _MOST_LISTED:,} more; all of them with --format json\n")
    for said in _near(account):
        out.write(printable(said) + "\n")
    for source in account.skipped if verbose else ():
        out.write(printable(f"skipped   {source.source}: {source.reason}") + "\n")
    if (skipped := sum(source.skipped for source in account.sources)) and not verbose:
        verb = "contains no document" if skipped == 1 else "contain no document"
        out.write(f"skipped {_sources(skipped)} that {verb}: policysearch list --skipped\n")
    if converted := sum(_was_converted(source) for source in account.sources if source.state != "unchanged"):
        out.write(f"converted by LibreOffice: {_sources(converted)}\n")
    if removed := [f"{count.characters:,} as {rule}" for rule, count in account.removed.items() if count.characters]:
        out.write(f"characters removed from the text: {', '.join(removed)}\n")
    counts = Counter(source.state for source in account.sources)
    said = ", ".join(f"{counts[s]:,} {s}" for s in ("added", "changed", "unchanged", "removed", "failed") if counts[s])
    if account.passed_over:
        folders = f"folder{'s' if len(account.passed_over) > 1 else ''} of an index"
        said = f"{said or 'no sources'}, {len(account.passed_over)} {folders} skipped"
    if account.ignored:
        said = f"{said or 'no sources'}, {account.ignored:,} ignored by patterns"
    out.write(
        f"{said or 'no sources'}; the index has {counted(account.documents, 'document')}, "
        f"{counted(account.sections, 'section')}, {counted(account.characters, 'character')}\n"
    )


def _near(account: Account) -> Iterator[str]:
    """Yield a line for each document that is nearly equal to another one, if one of the two was read in this run."""
    read = {source.source for source in account.sources if source.state in ("added", "changed")}
    named = [
        one
        for one in account.near_duplicates
        # an id begins with that of its source, in which # is written as %23
        if read.intersection(name.partition("#")[0] for name in (one.document_id, one.near_duplicate_of))
    ]
    for one in named[:_MOST_LISTED]:
        yield f"{one.document_id} {near_said(one)}"
    if len(named) > _MOST_LISTED:
        yield f"… and {len(named) - _MOST_LISTED:,} more: policysearch list --near-duplicates"


def _sources(count: int) -> str:
    return f"{count:,} source{'' if count == 1 else 's'}"


def _was_converted(source: SourceAccount) -> bool:
    return any(note.kind == "converted" for note in source.notes)


def _noted(account: Account) -> Iterator[str]:
    """Yield a line for each source read in this run with corrupt bytes, or that was repaired."""
    noted = [
        f"{source.source}: {note.text}"
        for source in account.sources
        if source.state != "unchanged"
        for note in source.notes
        if note.kind != "converted"
    ]
    yield from noted[:_MOST_LISTED]
    if len(noted) > _MOST_LISTED:
        yield f"… and {len(noted) - _MOST_LISTED:,} more; all of them with --format json"


def _notable(account: Account) -> Iterator[str]:
    """Yield a line for each source read in this run whose removed text deserves a review."""
    named = [source for source in account.sources if source.notable and source.state != "unchanged"]
    for source in named[:_MOST_LISTED]:
        parts = [f"{source.removed[rule].characters:,} characters as {rule}" for rule in source.notable]
        lines = sum(source.removed[rule].unique_lines for rule in source.notable)
        lost = f"; lines that occur nowhere else: {lines:,}" if lines else ""
        yield f"{source.source}: removed from the text: {', '.join(parts)}{lost}"
    if len(named) > _MOST_LISTED:
        yield f"… and {len(named) - _MOST_LISTED:,} more sources"
    if named:
        yield "List every removed piece with: policysearch check --removed"
