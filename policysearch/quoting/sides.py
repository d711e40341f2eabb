"""The two sides of a comparison: a document or a section by id or citation, a file, the versions of a name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from policysearch.citation.catalogue import Catalogue
from policysearch.citation.queries import NotCited, QueryReader
from policysearch.citation.resolving import ReferenceResolver
from policysearch.citation.versions import Versions
from policysearch.engines.protocol import Engine, Stored
from policysearch.errors import InputError
from policysearch.quoting.comparison import Comparison, Unit, compare, units_of
from policysearch.search.naming import find

__all__ = ["compare_files", "compare_named", "compare_versions", "file_units", "meant_by"]


def stored_units(sections: Sequence[Stored]) -> list[Unit]:
    """Return the units of sections of an index."""
    return units_of([(one.section_id, one.number, one.text) for one in sections])


def file_units(path: str | Path, encoding: str | None = None) -> list[Unit]:
    """Return the units of a file, read like a source; of a collection those of all its documents.

    Raises ``InputError`` when it cannot be read.
    """
    from policysearch.documents.document import FailedDocument, read_documents
    from policysearch.errors import SourceError

    sections = []
    try:
        for document in read_documents(path, encoding=encoding):
            if isinstance(document, FailedDocument):
                raise InputError(f"'{path}': {document.reason}")
            sections += [(one.section_id, one.number, one.text) for one in document.sections]
    except SourceError as error:
        raise InputError(f"'{path}': {error}") from error
    return units_of(sections)


def compare_files(a: str | Path, b: str | Path, *, encoding: str | None = None) -> Comparison:
    """Compare two files article by article, or paragraph by paragraph.

    Raises ``InputError`` for a file that cannot be read.
    """
    return compare(file_units(a, encoding), file_units(b, encoding), str(a), str(b))


def meant_by(engine: Engine, reader: QueryReader, name: str, files: bool = False) -> tuple[str, tuple[Stored, ...]]:
    """Return the id and the sections of the document or the section that a name means, as ``find`` reads it.

    ``files``: whether it might have been a file; only the message of the error depends on that.

    Raises ``InputError`` if it means none, or several documents that are not versions of one another.
    """
    named = find(engine, reader, name)
    if named.several:
        raise InputError(f"'{name}' fits several ids: {', '.join(named.several[:10])}.")
    if named.view is None:
        cited = reader.read(name.split(), names=True)
        if isinstance(cited, NotCited) and cited.numbers:
            raise InputError(f"'{name}': the document is in the index, but it has no such number.")
        if files:
            raise InputError(f"'{name}' is not a file, nor an id or a citation of a document of the index.")
        raise InputError(f"There is no section or document '{name}'. List the documents with: policysearch list")
    document_id = named.view.document["document_id"]
    known = Versions(engine.description.get("versions", ()))
    if not all(known.are_versions(document_id, other) for other in named.others):
        ids = ", ".join(sorted((document_id, *named.others))[:10])
        raise InputError(f"'{name}' fits several documents; give the id of one: {ids}.")
    sections = named.view.stored
    return sections[0].section_id if len(sections) < sections[0].last else document_id, sections


def compare_named(
    engine: Engine,
    reader: QueryReader,
    a: str | Path,
    b: str | Path,
    encoding: str | None = None,
    files: bool = True,
) -> Comparison:
    """Compare the articles of the texts that ``a`` and ``b`` name: files, if allowed, or as in ``meant_by``."""

    def side(name: str | Path) -> tuple[str, list[Unit]]:
        if files and Path(name).is_file():
            return str(name), file_units(name, encoding)
        meant, sections = meant_by(engine, reader, str(name), files=True)
        return meant, stored_units(sections)

    (a_id, a_units), (b_id, b_units) = side(a), side(b)
    return compare(a_units, b_units, a_id, b_id)


def compare_versions(engine: Engine, reader: QueryReader, catalogue: Catalogue, name: str) -> tuple[Comparison, ...]:
    """Return the comparisons of each version of a document with the next one, oldest first.

    Raises ``InputError`` if there are fewer than two versions.
    """
    resolver = ReferenceResolver(engine, catalogue)
    named = next((one.document for one in catalogue.named(name)), None)
    if named is None:
        view = find(engine, reader, name).view
        if view is None:
            raise InputError(f"No document of the index has the name '{name}'.")
        named = view.document
    versions = sorted(resolver.versions(named), key=lambda one: one["date"] or "")
    versions = [one for at, one in enumerate(versions) if not at or one["date"] != versions[at - 1]["date"]]
    if len(versions) < 2:
        raise InputError(f"The index has only one version of '{name}': {named['document_id']}.")
    units = [(one["document_id"], stored_units(resolver.sections(one))) for one in versions]
    return tuple(compare(a, b, a_id, b_id) for (a_id, a), (b_id, b) in pairwise(units))
