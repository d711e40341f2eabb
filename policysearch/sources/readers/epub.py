"""E-books (EPUB): the pages in the order of the spine, each read as a web page."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from policysearch.errors import SourceError
from policysearch.frozen import replace
from policysearch.sources.encodings import Decoded
from policysearch.sources.readers.docx import parse_xml
from policysearch.sources.readers.html.page_reader import read_html
from policysearch.sources.readers.reading import Reading, StatedField
from policysearch.sources.readers.several import one_of
from policysearch.sources.readers.zipped import is_bomb, open_zip, read_member

__all__ = ["CONTAINER", "read_epub"]

CONTAINER = "META-INF/container.xml"
"""The member of an e-book that lists the others."""

_PART_LIMIT = 64 * 2**20
_MOST_PAGES = 20_000


def read_epub(data: bytes, decoding: Callable[[bytes], Decoded]) -> Iterator[Reading]:
    """Yield one reading, with the headings of all pages; ``decoding`` returns the text of a page.

    Raises:
        SourceError: It is corrupt, protected, packed like a bomb, or contains no text.
    """
    with open_zip(data) as archive:
        container = _xml(archive, CONTAINER)
        packages = [one.get("full-path", "") for one in _all(container, "rootfile")]
        if not packages:
            raise SourceError("It is a corrupt e-book: its contents are not listed. Get another copy.")
        package = _xml(archive, packages[0])
        readings = list(_pages(archive, package, posixpath.dirname(packages[0]), decoding, len(data)))
    if not readings:
        raise SourceError("It contains no text, or is protected against copying.")
    whole = one_of(readings)
    title = next((" ".join((one.text or "").split()) for one in _all(package, "title")), "")
    stated = (StatedField("title", title, "properties"),) if title else ()
    # the metadata of single pages is not that of the book
    yield replace(whole, fields={"title": title} if title else {}, statements=stated)


def _pages(
    archive: zipfile.ZipFile, package: Any, folder: str, decoding: Callable[[bytes], Decoded], packed: int
) -> Iterator[Reading]:
    places = {one.get("id", ""): one.get("href", "") for one in _all(package, "item")}
    order = [places.get(one.get("idref", ""), "") for one in _all(package, "itemref")]
    size = 0
    for href in list(dict.fromkeys(filter(None, order)))[:_MOST_PAGES]:
        name = posixpath.normpath(posixpath.join(folder, unquote(href)))
        try:
            page = read_member(archive, archive.getinfo(name), _PART_LIMIT)
        except KeyError:
            continue
        size += len(page)
        if is_bomb(size, packed):
            raise SourceError("It is packed like a decompression bomb (more than 200 to 1); it is not read.")
        try:
            yield from read_html(decoding(page))
        except SourceError:
            continue  # a cover, or another picture


def _xml(archive: zipfile.ZipFile, name: str) -> Any:
    try:
        return parse_xml(read_member(archive, archive.getinfo(name), _PART_LIMIT), name)
    except KeyError as error:
        raise SourceError(f"It is corrupt: it has no '{name}'. Get another copy.") from error


def _all(root: Any, name: str) -> Iterator[Any]:
    """Yield the elements of this name in any namespace."""
    yield from root.iter(f"{{*}}{name}")
