"""Plain text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from policysearch.errors import SourceError
from policysearch.frozen import replace
from policysearch.sources.encodings import Decoded
from policysearch.sources.readers.fields import named_fields
from policysearch.sources.readers.markup import is_marked_up, with_breaks
from policysearch.sources.readers.reading import Reading, Removed, undecodable
from policysearch.sources.readers.saved_heads import take_saved_head
from policysearch.text.characters import holds_text, split_dropped

__all__ = ["read_text"]

_MOST_TAGS = 4  # a text with fewer may speak of them


def read_text(decoded: Decoded) -> Iterator[Reading]:
    """Yield one reading; form feeds, as ``pdftotext`` writes them, begin pages. A text with tags is read as a page.

    The head that a reader service puts above a page (``Title:``, ``URL Source:`` …) becomes ``fields`` and
    ``statements``, except one with Chinese text that nothing follows: it is the text.

    Raises:
        SourceError: There is only white space.
    """
    if is_marked_up(decoded.text, _MOST_TAGS):
        from policysearch.sources.readers.html.page_reader import read_html

        yield from read_html(replace(decoded, text=with_breaks(decoded.text)))
        return
    head, length = take_saved_head(decoded.text)
    if length and not decoded.text[length:].strip() and holds_text(decoded.text):
        head, length = (), 0
    pages = decoded.text[length:].split("\f")
    if not pages[-1].strip():
        pages[-2:] = ["".join(pages[-2:])]
    cleaned = [split_dropped(page) for page in pages]
    text = "".join(part for part, _ in cleaned)
    if not text.strip():
        raise SourceError("It contains no text.")
    offsets = list(accumulate((len(part) for part, _ in cleaned[:-1]), initial=0))
    out = "".join(dropped for _, dropped in cleaned)
    removed = [Removed(split_dropped(decoded.text[:length])[0], "front matter", 1)] if length else []
    removed += [Removed(out, "control character")] if out else []
    yield Reading(
        text=text,
        fields=named_fields((one.name, one.value) for one in head),
        statements=head,
        pages=tuple(offsets) if len(offsets) > 1 else (),
        removed=(*removed, *undecodable(decoded.broken)),
        encoding=decoded.encoding,
        confidence=decoded.confidence,
    )
