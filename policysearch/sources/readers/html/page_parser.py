"""Parsing of a page to a tree of its elements, in time linear in its size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from policysearch.errors import SourceError

__all__ = ["parse_page"]

# Tags at which libxml2 stops, although pages continue: they are replaced by one that it ignores.
_END_OF_PAGE = re.compile(rb"</(?=(?:html|body)[\s/>])", re.I)
# Maximum number of attributes of one tag that are kept.
_MOST_ATTRIBUTES = 1_000


def parse_page(text: str) -> Any:
    """Return the root element of a page. Raises ``SourceError`` when there is none."""
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
    """Counts attributes only, in a tenth of the time of reading the page."""

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
    """Builds the tree with the first attributes of each tag, since libxml2 scans all of them to add another."""

    def __init__(self) -> None:
        from lxml import etree

        builder = self._builder = etree.TreeBuilder()
        self.end, self.data, self.close = builder.end, builder.data, builder.close

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._builder.start(tag, dict(islice(attributes.items(), _MOST_ATTRIBUTES)))
