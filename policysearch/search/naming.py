"""Resolution of names of sections and documents: an id, a citation, or a part of an id."""

from __future__ import annotations

import os
from urllib.parse import unquote

from policysearch.citation.queries import Citation, NotCited, QueryReader
from policysearch.engines.protocol import Engine
from policysearch.engines.tree import MatchAll
from policysearch.frozen import frozen
from policysearch.search.citable import with_article
from policysearch.search.hits import View
from policysearch.search.showing import found_by_id
from policysearch.search.tiers import others_named, unknown
from policysearch.sources.finding import encode_id
from policysearch.text.folding import reduce
from policysearch.text.shell import pasted

__all__ = ["Named", "find"]


@frozen
class Named:
    """The meaning of a name.

    Attributes:
        view: The section or sections, or the document; None if nothing has the name, or several documents have.
        remarks: Notices on how the name was read, and on missing or further documents.
        several: Ids of the documents that a part of an id fits, if there are several.
        others: Ids of the other documents that a citation fits, and of other versions, latest first.
    """

    view: View | None
    remarks: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def find(engine: Engine, reader: QueryReader, name: str) -> Named:
    """Return the meaning of a name.

    An id, with or without percent-encoding; the path of a source, if the reader reads paths; a citation; a part of one
    id; a citation that ends with the number of an article alone.
    """
    inside = _below_root(engine, name) if reader.paths else None
    for spelling in (*_spellings(name), *(_spellings(inside) if inside else ())):
        view = found_by_id(engine, spelling)
        if view is not None:
            return Named(view)
    if inside:  # a collection, whose documents have numbers
        return _by_part(engine, inside)
    groups = name.split()
    cited = reader.read(groups, names=True) if groups else None
    if isinstance(cited, Citation):
        return _of_citation(cited)
    found = _by_part(engine, name)
    if found.view is not None or found.several:
        return found
    article = with_article(groups)
    if article and cited is None:
        cited = reader.read(article, names=True)
    if isinstance(cited, Citation):
        return _of_citation(cited)
    return Named(None, (f"{unknown(cited)}.",)) if isinstance(cited, NotCited) else found


def _spellings(name: str) -> list[str]:
    """Return the ids that a name may mean, in encoded form."""
    document, mark, ordinal = name.rpartition("#")
    found = [name, encode_id(name), encode_id(unquote(name))]
    if mark:
        found += [f"{encode_id(document)}#{ordinal}", f"{encode_id(unquote(document))}#{ordinal}"]
    return list(dict.fromkeys(found))


def _below_root(engine: Engine, name: str) -> str | None:
    """Return the path below its root of a source whose path a name is, before a ``#`` with a number too."""
    if "/" not in name:
        return None
    path = os.path.abspath(name)
    for root in engine.description["roots"]:
        if path.startswith(os.path.join(root, "")):
            return os.path.relpath(path, root)
        if path.partition("#")[0] == root:  # a root that is one file
            return os.path.basename(path)
    return None


def _of_citation(citation: Citation) -> Named:
    view = View(citation.whole, one=len(citation.whole) == 1 and bool(citation.numbers))
    if citation.numbers:
        meant = ", ".join(pasted(section.section_id) for section in citation.sections)
    else:
        meant = pasted(citation.document_id)
    others = tuple(document["document_id"] for document, _ in citation.others)
    return Named(view, (f"'{citation.text}' is {meant}", *others_named(citation)), (), others)


def _by_part(engine: Engine, name: str) -> Named:
    """Return the document or section whose id contains the name."""
    document, mark, ordinal = name.rpartition("#")
    numbered = bool(mark) and ordinal.isascii() and ordinal.isdigit()
    wanted = reduce(document if numbered else name)
    if not wanted:
        return Named(None)
    ids = [str(one["document_id"]) for one, _ in engine.documents(MatchAll())]
    fitting = [one for one in ids if wanted in reduce(one) or wanted in reduce(unquote(one))]
    if len(fitting) != 1:
        return Named(None, (), tuple(fitting))
    whole = f"{fitting[0]}#{ordinal}" if numbered else fitting[0]
    view = found_by_id(engine, whole)
    return Named(view, (f"'{name}' is {pasted(whole)}",) if view else ())
