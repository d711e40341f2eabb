"""The contents of an index in a few lines, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from policysearch.output.terminal import counted, printable, wrap

if TYPE_CHECKING:
    from policysearch.index import Index
    from policysearch.indexing.maintenance import UnusedSource

__all__ = ["detail_lines", "info_lines"]

_MOST = 10  # values of a field, and sources that failed


def info_lines(index: Index, failed: Sequence[UnusedSource], columns: int) -> Iterator[str]:
    """Yield how much the index has, from when, where and of which types, from which roots, and what failed."""
    info = index.info
    counts = (counted(info["documents"], "document"), counted(info["sections"], "section"))
    size = f"{info['bytes'] / 1_000_000:,.1f} MB of text"
    yield f"{', '.join(counts)}, {counted(info['characters'], 'character')}, {size}; generation {info['generation']}"
    rows = {field: index.values(field) for field in ("region", "year", "type")}
    dates = sorted(filter(None, index.engine.values("when")))
    lines = {"dates": f"{dates[0]} to {dates[-1]}" if dates else ""}
    for field, label in (("region", "places"), ("year", "years"), ("type", "types")):
        known = [one for one in rows[field] if one.value is not None]
        known.sort(key=lambda one: -one.documents)
        shown = ", ".join(f"{one.value} ({one.documents:,})" for one in known[:_MOST])
        more = f" and {len(known) - _MOST} more" if len(known) > _MOST else ""
        lines[label] = shown + more
    lines["roots"] = ", ".join(info["roots"])
    for label, said in lines.items():
        if said:
            yield from _labelled(label, said, columns)
    if failed:
        yield f"{counted(len(failed), 'source')} could not be read:"
        for source in failed[:_MOST]:
            yield from _labelled("", f"{source.source}: {source.reason}", columns)
        if len(failed) > _MOST:
            yield f"  and {len(failed) - _MOST} more: policysearch list --failed"


def _labelled(label: str, said: str, columns: int) -> Iterator[str]:
    first, *rest = wrap(printable(said).replace("\n", " "), columns - 8) or [""]
    yield f"{label:<8}{first}"
    yield from (f"{'':<8}{line}" for line in rest)


def detail_lines(info: Mapping[str, Any]) -> Iterator[str]:
    """Yield everything that the index records of itself, a name and its value a line."""
    for name, value in info.items():
        if isinstance(value, dict):
            value = "; ".join(f"{key} {part}" for key, part in value.items() if part not in ([], {}))
        elif isinstance(value, list):
            value = ", ".join(map(str, value))
        yield printable(f"{name:<12} {value}")
