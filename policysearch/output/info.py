"""The contents of an index in a few lines, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from policysearch.output.terminal import counted, filled, printable, wrap

if TYPE_CHECKING:
    from policysearch.index import Index
    from policysearch.indexing.unused import UnusedSource

__all__ = ["detail_lines", "info_lines"]

_MOST = 10  # maximum number of values of a field, and of failed sources
_LABEL, _NAME = 8, 13  # width of names before values, in columns


def info_lines(index: Index, failed: Sequence[UnusedSource], columns: int) -> Iterator[str]:
    """Yield the sizes, dates, places, types and roots of the index, and the failed sources."""
    info = index.info
    counts = (counted(info["documents"], "document"), counted(info["sections"], "section"))
    yield from filled(
        (
            *(f"{one}," for one in counts),
            f"{counted(info['characters'], 'character')},",
            f"{_size(info['bytes'])} of text;",
            f"generation {info['generation']}",
        ),
        columns,
    )
    rows = {field: index.values(field) for field in ("region", "year", "type")}
    dates = sorted(filter(None, index.engine.values("when")))
    if dates:
        yield f"{'dates':<{_LABEL}}{dates[0]} to {dates[-1]}"
    for field, label in (("region", "places"), ("year", "years"), ("type", "types")):
        known = [one for one in rows[field] if one.value is not None]
        known.sort(key=lambda one: -one.documents)
        shown = [f"{printable(str(one.value))} ({one.documents:,})" for one in known[:_MOST]]
        if len(known) > _MOST:
            shown[-1] += f" and {len(known) - _MOST:,} more"
        yield from _labelled(label, [f"{one}," for one in shown[:-1]] + shown[-1:], columns)
    for at, root in enumerate(info["roots"]):
        yield from _labelled("" if at else "roots", wrap(_line(root), columns - _LABEL), columns)
    if failed:
        yield f"{counted(len(failed), 'source')} could not be read:"
        for source in failed[:_MOST]:
            yield from _labelled("", wrap(_line(f"{source.source}: {source.reason}"), columns - _LABEL), columns)
        if len(failed) > _MOST:
            yield f"  and {len(failed) - _MOST:,} more: policysearch list --failed"


def _size(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB" if size >= 100_000 else f"{size / 1_000:,.1f} kB"


def _line(text: str) -> str:
    return printable(text).replace("\n", " ")


def _labelled(label: str, pieces: Iterable[str], columns: int, wide: int = _LABEL) -> Iterator[str]:
    for at, line in enumerate(filled(pieces, columns - wide)):
        yield f"{'' if at else label:<{wide}}{line}"


def detail_lines(info: Mapping[str, Any], columns: int) -> Iterator[str]:
    """Yield all versions and fingerprints that the index records, by name."""
    for name, value in info.items():
        several = value if isinstance(value, dict) else {"": value}
        known = [_said(key, part).split() for key, part in several.items() if part not in ([], {})]
        for at, pieces in enumerate(known):
            yield from _labelled("" if at else name, pieces, columns, _NAME)


def _said(name: str, value: Any) -> str:
    if isinstance(value, dict):
        value = ", ".join(f"{key} {one}" for key, one in value.items())
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    return _line(f"{name} {value}".strip())
