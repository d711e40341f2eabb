"""Output of verdicts on drafts, in every format of the verify command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from policysearch.output.json import dump
from policysearch.output.terminal import Style, printable, shortened, width, wrap
from policysearch.text.shell import pasted

if TYPE_CHECKING:
    from policysearch.output.rendering import Rendering
    from policysearch.quoting.verdicts import Claim
    from policysearch.quoting.verification import Verification

__all__ = ["FORMATS", "write_verifications"]

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx", "html")


def write_verifications(
    found: Sequence[Verification], stream: TextIO, rendering: Rendering, *, strict: bool = False
) -> None:
    """Write verifications: json an object for each draft, jsonl, csv and tsv a line for each claim, html a page."""
    if rendering.format == "text":
        for one in found:
            _write_text(one, stream, Style(rendering.color), rendering.columns, strict)
    elif rendering.format == "html":
        from policysearch.output.verify_page import page

        stream.write(page(found, strict))
    elif rendering.format == "json":
        stream.writelines(dump(one.to_dict()) + "\n" for one in found)
    elif rendering.format == "jsonl":
        stream.writelines(dump({"draft": one.draft, **claim.to_dict()}) + "\n" for one in found for claim in one)
    else:
        from policysearch.quoting.verdicts import COLUMNS

        table = rendering.table(stream, ("draft", *COLUMNS, "changes"))
        for one in found:
            for claim in one:
                fields = claim.to_dict()
                cells = {
                    "path": " / ".join(claim.path),
                    "notable": "; ".join(claim.notable),
                    "changes": dump(fields["changes"]) if claim.changes else "",
                }
                row = {"draft": one.draft, **fields, **cells}
                lines = ("claim", "source_text", "title", "path", "attributed_to")
                table.row({**row, **{name: row[name] and " ".join(str(row[name]).split()) for name in lines}})


def _write_text(found: Verification, stream: TextIO, style: Style, columns: int, strict: bool) -> None:
    for claim in found.marked():
        stream.writelines(line.rstrip() + "\n" for line in _claim(found, claim, style, columns, strict))
    stream.write(f"{style.dim}{printable(found.summary(strict))}{style.end}\n")


def _claim(found: Verification, claim: Claim, style: Style, columns: int, strict: bool) -> Iterator[str]:
    place = "quotation" if found.draft is None else f"{found.draft}:{claim.line}"
    mark = style.mark if claim.raises(strict) else style.bold
    verdict = claim.verdict + (" (accepted)" if claim.accepted else "")
    said = _short(claim.claim, columns - width(printable(place)) - len(verdict) - 4)
    yield f"{style.dim}{printable(place)}{style.end}  {mark}{verdict}{style.end}  {said}"
    if claim.section_id and (claim.raises(strict) or claim.kind in ("quote", "figure")):
        near = f"most similar passage, similarity {claim.similarity:.2f}" if claim.resembles else None
        about = " · ".join(filter(None, (near, claim.title, claim.date, claim.status, " › ".join(claim.path))))
        name = printable(pasted(claim.section_id))
        about = printable(" ".join(about.split()))
        beside = width(name) + width(about) + 6 <= columns
        yield f"    {style.dim}{name}{style.end}" + (f"  {about}" if beside else "")
        if not beside:
            yield f"    {shortened(about, columns - 4)}"
    if claim.superseded_by and claim.raises(strict):
        yield f"    superseded by {printable(pasted(claim.superseded_by))}"
    named = claim.attributed_to if claim.attributed_to and claim.attributed_to not in claim.claim else None
    if named and claim.raises(strict) and claim.attribution != "right":
        yield f"    said to be of {_short(named, columns - 18)}"
    if not claim.raises(strict):
        return
    if claim.notable:
        yield f"    {style.bold}{printable('; '.join(claim.notable))}{style.end}"
    if claim.changes:
        for name, side in (("draft ", "a"), ("source", "b")):
            text, spans = _sided(claim, side)
            marks = (style.mark, style.end) if style.mark else ("[", "]")
            lines = wrap(printable(text), max(20, columns - 12), spans, marks)
            yield from (f"    {name if i == 0 else '      '}  {line}" for i, line in enumerate(lines))
    elif claim.source_text and claim.kind in ("quote", "figure"):
        lines = wrap(printable(" ".join(claim.source_text.split())), max(20, columns - 12))
        yield from (f"    {'source' if i == 0 else '      '}  {line}" for i, line in enumerate(lines))


def _sided(claim: Claim, side: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the claim or its source on one line, and the spans of it that differ."""
    text = ""
    spans = []
    for change in claim.changes:
        piece = "".join((change.a if side == "a" else change.b).split("\n"))
        if change.op != "equal" and piece:
            spans.append((len(text), len(text) + len(piece)))
        text += piece
    return text, spans


def _short(text: str, columns: int) -> str:
    return shortened(printable(" ".join(text.split())), max(20, columns))
