"""The forms in which a segment stores the names of documents and sections, most of which follow from other values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from policysearch.text.folding import reduce

if TYPE_CHECKING:
    from policysearch.engines.entries import SectionEntry

__all__ = ["names_of", "stored_names", "stored_title", "title_in"]

_decode = json.JSONDecoder().raw_decode  # json.loads does more work for every hit


def stored_title(title: str | None, sections: Sequence[SectionEntry]) -> str | int | None:
    """Return a document's title, or its length if the text of the only section begins with it, as in most records.

    The reduced text has to begin with the reduced title, so that only sections with a text can have it in the title.
    """
    if title and len(sections) == 1:
        text, reduced = sections[0].text, sections[0].compared.text
        if title == title_in(text, len(title)) and (title == text or reduced.startswith(reduce(title))):
            return len(title)
    return title


def title_in(text: str, length: int) -> str:
    """Return the title of so many characters with which a text begins, where it may have wider or more spaces."""
    return " ".join(text[: 2 * length].split())[:length]


def stored_names(number: str | None, heading: str | None, own: tuple[str, ...]) -> bytes:
    """Return a section's number and heading separated by a tab, and its own path entries.

    The own entry is nearly always number and heading joined, and is left out
    then. An empty value means that there are none; any other case is JSON.
    """
    if number is None and heading is None and not own:
        return b""
    said = f"{number or ''}\t{heading or ''}"
    if said[0] == "[" or names_of(said) != (number, heading, own):
        return json.dumps([number, heading, own], ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )
    return said.encode("utf-8", "surrogatepass")


def names_of(names: str) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Return a section's number, heading, and own path entries from that form."""
    if not names:
        return None, None, ()
    if names[0] == "[":
        number, heading, own = _decode(names)[0]
        return number, heading, tuple(own)
    number, _, heading = names.partition("\t")
    return number or None, heading or None, (number + heading,)
