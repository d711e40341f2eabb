"""Places where a quotation may begin in one section or block and end in a later one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from policysearch.engines.protocol import Engine
from policysearch.engines.tree import And, Contains, Node
from policysearch.text.folding import BORDER, reduce

__all__ = ["rows_of_sections"]

_PIECE = 8
_FARTHEST = 8  # maximum number of sections between the first and the last piece of a quotation
_MAY_END = re.compile(
    r"[。;:!?(第]|[〇零一二三四五六七八九十百0-9][、.]"
)  # what is where one section ends or the next begins


def rows_of_sections(engine: Engine, node: Node, written: str) -> Iterator[tuple[str, int, int]]:
    """Yield the document and the ordinals of the first and the last section of each row that may have a quotation.

    One has a piece of its beginning, the other a piece of its end; any number of documents may have these. Nothing if
    it has no mark that can stand where sections or blocks meet.

    Args:
        engine: The open index.
        node: Selects the sections.
        written: The quotation as written.
    """
    text = reduce(written).replace(BORDER, "")
    if len(text) < 2 * _PIECE or not _MAY_END.search(text, 1, len(text) - 1):
        return
    # a border, or a quotation mark that the source has not, may be within one piece of each end
    for first, last in ((0, 0), (_PIECE, 0), (0, _PIECE), (_PIECE, _PIECE)):
        begin, end = text[first : first + _PIECE], text[len(text) - last - _PIECE : len(text) - last]
        if len(text) < 2 * _PIECE + first + last or '"' in begin + end:
            continue
        ends = _ordinals(engine, node, end)
        begins = _ordinals(engine, node, begin) if ends else {}
        rows = [
            (name, start, behind)
            for name, starts in begins.items()
            for start in starts
            for behind in [next((one for one in ends.get(name, ()) if start <= one <= start + _FARTHEST), 0)]
            if behind
        ]
        if rows:
            yield from rows
            return


def _ordinals(engine: Engine, node: Node, piece: str) -> dict[str, list[int]]:
    """Return the ordinals of the sections with a piece, by document."""
    found: dict[str, list[int]] = defaultdict(list)
    for section_id in engine.ids(And((node, Contains(piece)))):
        name, _, ordinal = section_id.rpartition("#")
        found[name].append(int(ordinal))
    return found
