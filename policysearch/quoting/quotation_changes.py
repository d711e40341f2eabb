"""The steps from a quotation to the place that it is compared with, over what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from policysearch.quoting.alignment import Change, Comparable, changes_between, comparable
from policysearch.quoting.claims import parts_of
from policysearch.quoting.evidence import Found
from policysearch.quoting.note_marks import with_the_rest
from policysearch.quoting.omissions import LEFT_OUT_AT_END, LEFT_OUT_AT_START, inserts_meaning
from policysearch.quoting.quoted import END_MARKS
from policysearch.text.folding import fold

__all__ = ["quotation_changes"]

_MOST_HIDDEN = 100  # characters shown at each end of words that an ellipsis leaves out


def quotation_changes(found: Found) -> tuple[Change, ...]:
    """Return the steps from a quotation to the place found, with the omitted text between its parts."""
    quoted = found.quoted
    return with_the_rest(_changes(quoted.claim, found), quoted.whole_claim, quoted.left_out)


def _changes(claim: str, found: Found) -> tuple[Change, ...]:
    if len(found.passages) == 1 and not any(found.hidden):
        return changes_between(claim, _end_left_out(claim), found.passages[0])
    spans = parts_of(claim) if len(found.passages) > 1 else [_without_ends(claim)]
    out: list[Change] = []
    at = 0
    for i, ((start, end), passage) in enumerate(zip(spans, found.passages, strict=False)):
        out += _gap(claim[at:start], found.hidden[i], last=not i)
        part = claim[start:end]
        out += changes_between(part, _end_left_out(part), passage)
        at = end
    out += _gap(claim[at:], found.hidden[-1], last=True)
    return tuple(out)


def _gap(written: str, hidden: str, *, last: bool) -> Iterator[Change]:
    """Yield the step over an ellipsis or an insertion, to the words left out if they change what the source says."""
    if len(hidden) > 2 * _MOST_HIDDEN:
        hidden = f"{hidden[:_MOST_HIDDEN]}……{hidden[-_MOST_HIDDEN:]}"
    if hidden:
        yield Change("replace" if written else "insert", written, hidden)
    elif inserts_meaning(fold(written)):
        yield Change("delete", written, "")
    elif written or not last:
        yield Change("equal", written, "" if last else "……")


def _without_ends(claim: str) -> tuple[int, int]:
    """Return the span of a claim between the ellipses at its ends."""
    start = LEFT_OUT_AT_START.match(claim)
    end = LEFT_OUT_AT_END.search(claim)
    return start.end() if start else 0, end.start() if end else len(claim)


def _end_left_out(claim: str) -> Comparable:
    """Return a claim without the marks at its end, which are not compared."""
    whole = comparable(claim)
    size = len(whole.text.rstrip(END_MARKS))
    return Comparable(whole.text[:size], whole.offsets[:size])
