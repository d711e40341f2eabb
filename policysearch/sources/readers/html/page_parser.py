"""The bytes of a page to a tree of its elements, in time linear in its size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from policysearch.errors import SourceError

__all__ = ["parse_page"]

# Where libxml2 stops reading, although pages continue: the tag is made one that it passes over.
_END_OF_PAGE = re.compile(rb"</(?=(?:html|body)[\s/>])", re.I)
# Of one tag, that are kept.
_MOST_ATTRIBUTES = 1_000


def parse_page(text: str) -> Any:
    """Return the root element of a page, which ends with the text. Raises ``SourceError`` when there is none."""
    from lxml import etree

    data = _END_OF_PAGE.sub(b"</x-", text.replace("\0", "").encode("utf-8", "replace")) or b" "
    builder = _Builder() if len(data) > _MOST_ATTRIBUTES and _has_wide_tag(data) else None
    parser = _parser(builder)
    try:
        parser.feed(data)
        root = parser.close()
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise SourceError("It contains no text.")
    return root


def _parser(target: Any) -> Any:
    from lxml import etree

    return etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True, target=target
    )


class _WideTagError(Exception):
    """A tag has more attributes than are kept."""


class _Widths:
    """Looks at the number of attributes only, which costs a tenth of the time that reading the page takes."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if len(attributes) > _MOST_ATTRIBUTES:
            raise _WideTagError

    def close(self) -> None:
        pass


def _has_wide_tag(data: bytes) -> bool:
    from lxml import etree

    parser = _parser(_Widths())
    try:
        parser.feed(data)
        parser.close()
    except _WideTagError:
        return True
    except etree.XMLSyntaxError:  # it has no tag at all
        pass
    return False


class _Builder:
    """Makes the tree with the first attributes of each tag, since libxml2 goes over all to add another."""

    def __init__(self) -> None:
        from lxml import etree

        builder = self._builder = etree.TreeBuilder()
        self.end, self.data, self.close = builder.end, builder.data, builder.close

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._builder.start(tag, dict(islice(attributes.items(), _MOST_ATTRIBUTES)))
