"""Output of hits, in every format of the search command."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TextIO

from policysearch.output.json import dump, escaped
from policysearch.output.terminal import STEERING, Style, counted, printable, shortened, width, wrap
from policysearch.search.hits import Hit, hit_columns
from policysearch.text.shell import pasted

if TYPE_CHECKING:
    from policysearch.output.rendering import Rendering
    from policysearch.search.facets import Facets
    from policysearch.search.hits import HitId, Hits

__all__ = ["FORMATS", "SEARCH_FORMATS", "run_lines", "write_hits"]

_MOST_VALUES = 20  # number of values of a facet in text
_RUNS = re.compile(r"\s+")

FORMATS = ("text", "json", "jsonl", "csv", "tsv", "xlsx", "trec", "ids")
SEARCH_FORMATS = (*FORMATS, "csl")


def write_hits(found: Hits, stream: TextIO, rendering: Rendering, *, grouped: bool = False) -> None:
    """Write the hits of one query; ``grouped``: whether documents are ranked."""
    if rendering.format == "json":
        stream.write(escaped(found.to_json()) + "\n")
    elif rendering.format == "jsonl":
        for hit in found.hits:
            stream.write(escaped(hit.to_json()) + "\n")
    elif rendering.format in ("csv", "tsv"):
        table = rendering.table(stream, hit_columns(grouped))
        table.rows({**hit.to_row(), "total_exact": found.total_exact} for hit in found.hits)
    elif rendering.format == "trec":
        stream.writelines(run_lines(found.hits, "1", rendering.tag, grouped))
    elif rendering.format == "csl":
        stream.write(dump([hit.to_csl() for hit in found.hits]) + "\n")
    else:
        _write_text(found, stream, rendering, grouped)


def run_lines(hits: Iterable[Hit] | Iterable[HitId], topic: str, tag: str, grouped: bool) -> Iterator[str]:
    """Yield lines of a run file: topic, Q0, id, rank, score, tag; white space and controls as %20.

    Scores have six decimals and descend strictly: equal ones are lowered by the smallest step.
    """
    topic, tag = _one_word(topic), _one_word(tag)
    before = math.inf
    for hit in hits:
        step = min(round(hit.score * 1_000_000), before - 1)
        before = step
        name = _one_word(hit.document_id if grouped else hit.section_id)
        yield f"{topic} Q0 {name} {hit.rank} {step / 1_000_000:.6f} {tag}\n"


def _one_word(text: str) -> str:
    if text.isprintable() and " " not in text:
        return text
    return "".join(_percent(c) if c.isspace() or STEERING.match(c) else c for c in text)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def _write_text(found: Hits, stream: TextIO, rendering: Rendering, grouped: bool) -> None:
    style, columns = Style(rendering.color), rendering.columns
    explanation = found.explanation
    if explanation is not None:
        from policysearch.output.explain import reading_lines

        stream.writelines(line + "\n" for line in (*reading_lines(explanation, found.match, columns), ""))
    for place, hit in enumerate(found.hits):
        for line in _hit_lines(hit, style, rendering):
            stream.write(line + "\n")
        if explanation is not None:
            from policysearch.output.explain import score_lines

            stream.writelines(
                f"    {style.dim}{line}{style.end}\n" for line in score_lines(explanation.hits[place], columns - 4)
            )
        stream.write("\n")
    if found.total:
        what = "document" if grouped else "section"
        many = found.total if found.distinct is None else found.distinct
        shown = "none of "
        if found.hits:
            first, last = found.hits[0].rank, found.hits[-1].rank
            page = f"{first:,}-{last:,}" if last > first else f"{first:,}"
            shown = "" if last - first + 1 == many else f"{page} of "
        copies = f" ({found.total:,} with copies)" if many < found.total else ""
        stream.write(f"{style.dim}{shown}{counted(many, what)}{copies}{style.end}\n")
        for line in _exact_lines(found, what, columns):
            stream.write(f"{style.dim}{line}{style.end}\n")
    if found.facets is not None:
        stream.writelines(line + "\n" for line in _facet_lines(found.facets, style, rendering.room))


def _facet_lines(facets: Facets, style: Style, columns: int) -> Iterator[str]:
    """Yield a table for each field, of the values with most sections."""
    for field, values in facets.values.items():
        shown = values[:_MOST_VALUES]
        names = [field, *(shortened(printable(str(one.value)), max(20, columns - 21)) for one in shown)]
        room = max(map(width, names))
        head, *rows = [name + " " * (room - width(name)) for name in names]
        yield ""
        yield f"{style.dim}{head}  {'sections':>8}  {'documents':>9}{style.end}"
        yield from (f"{row}  {one.sections:>8,}  {one.documents:>9,}" for row, one in zip(rows, shown, strict=True))
        if len(values) > len(shown):
            yield f"{style.dim}and {len(values) - len(shown):,} more{style.end}"


def _exact_lines(found: Hits, what: str, columns: int) -> list[str]:
    """Return a line with the number of exact hits, if there are other hits as well.

    There is no line if no hit is exact and a notice already says that no section has all the words.
    """
    exact = found.total_exact
    if exact is None or exact == found.total or (found.read_as or {}).get("kind") == "citation":
        return []
    if not exact and (found.relaxed or found.all_words is not None):
        return []
    having = f"{counted(exact, what)} have" if exact > 1 else f"{exact or 'No'} {what} has"
    rest = found.total - exact
    others = f"{rest:,}{' more' if exact else ''} {'has' if rest == 1 else 'have'}"
    typed, words = "it as typed", "some of its words" if found.match == "any" else "its words apart"
    if len(found.typed) == 1:
        (typed,) = found.typed
    return wrap(printable(f"{having} {typed}; {others} {words}"), columns)


def _hit_lines(hit: Hit, style: Style, rendering: Rendering) -> list[str]:
    """Return the lines of a hit: title, place and year, and heading path, or its citation; snippet; id."""
    columns = rendering.columns
    number = f"{hit.rank}. "
    indent = " " * max(4, len(number))
    room = columns - len(indent)
    title = hit.title or hit.document_id
    about = " ".join(str(v) for v in (hit.region, hit.year) if v is not None and str(v) not in title)
    named = hit.citation if rendering.cite else title + (f"  {about}" if about else "")
    lines = wrap(printable(named), room)
    lines = [f"{style.bold}{line}{style.end}" for line in lines]
    out = [f"{number:<4}{lines[0]}", *(indent + line for line in lines[1:])]
    shown = list(_lines(hit)) if rendering.full else [_one_line(hit)]
    path = () if rendering.cite else hit.path
    if path and [text for text, _ in shown] == [path[-1]]:  # only a heading
        path = path[:-1]
    if path:
        headings = printable(" › ".join(map(_shortened, path)))
        out += [f"{indent}{style.dim}{line}{style.end}" for line in wrap(headings, room)]
    for text, spans in shown:
        out += [indent + line for line in wrap(text, room, spans, (style.mark, style.end))]
    # filters alone match no place
    many = [counted(hit.matches, "match")] if hit.matches else []
    matches = ", ".join([*many, *([] if hit.sections is None else [counted(hit.sections, "section")])])
    name = printable(pasted(hit.section_id))
    gap = " " * max(2, room - width(name) - width(matches))
    if width(name) + width(matches) + 2 > room:
        out += [f"{indent}{style.dim}{line}{style.end}" for line in (name, matches) if line]
    else:
        out.append(f"{indent}{style.dim}{(name + gap + matches).rstrip()}{style.end}")
    if hit.superseded_by is not None:
        later = wrap(printable(f"superseded by {pasted(hit.superseded_by)}"), room)
        out += [f"{indent}{style.dim}{line}{style.end}" for line in later]
    if hit.duplicates:
        more = f" and {len(hit.duplicates) - 1} more" if len(hit.duplicates) > 1 else ""
        also = wrap(printable(f"the same as {pasted(hit.duplicates[0])}{more}"), room)
        out += [f"{indent}{style.dim}{line}{style.end}" for line in also]
    return out


def _shortened(heading: str) -> str:
    return heading if len(heading) <= 40 else heading[:39] + "…"


def _lines(hit: Hit) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Yield the lines of a snippet, without the empty ones, with the spans in each."""
    at = 0
    for line in hit.snippet.text.split("\n"):
        end = at + len(line)
        spans = [(max(a, at) - at, min(b, end) - at) for a, b in hit.snippet.spans if a < end and b > at]
        shown = printable(line)
        if shown.strip():
            yield shown, spans if shown == line else []
        at = end + 1


def _one_line(hit: Hit) -> tuple[str, list[tuple[int, int]]]:
    """Return the snippet with a space for each run of white space, dots where it is cut, and its spans shifted."""
    text = printable(hit.snippet.text)
    spans = list(hit.snippet.spans) if text == hit.snippet.text else []
    lead = "…" if hit.snippet.start > 0 else ""
    tail = "…" if hit.snippet.cut else ""
    gone = [place for run in _RUNS.finditer(text) for place in range(run.start() + 1, run.end())]
    shifted = [(a + len(lead) - bisect_left(gone, a), b + len(lead) - bisect_left(gone, b)) for a, b in spans]
    return lead + _RUNS.sub(" ", text) + tail, shifted
