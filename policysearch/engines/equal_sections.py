"""Folding of equal sections of documents with equal text, by comparing their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import Any

from policysearch.engines.protocol import Stored
from policysearch.engines.tree import And, Node, OfDocuments
from policysearch.frozen import frozen
from policysearch.text.folding import reduce_folded

__all__ = ["Folded", "SectionName", "fold_documents", "fold_equal"]

SectionName = tuple[str, int]
"""A document id, and the ordinal of a section."""


@frozen
class Folded:
    """The result of folding duplicate sections.

    Attributes:
        left_out: The sections that are hidden, because an equal one of an equal document is shown.
        copies: The hidden sections by the one that is shown, in order of their ids.
    """

    left_out: frozenset[SectionName]
    copies: Mapping[SectionName, tuple[SectionName, ...]]


def fold_equal(stream: Callable[[Node], Iterator[Stored]], duplicates: Mapping[str, str], node: Node) -> Folded:
    """Fold the duplicates among the sections that ``node`` selects.

    Of equal sections of documents with equal text the first in order of ids is
    shown. Within one document, the first of several equal ones is paired with
    the first in another document.

    Args:
        stream: Yields the sections that a tree selects in order of their ids; see ``Engine.stream``.
        duplicates: See ``Engine.duplicates``.
        node: The tree.
    """
    if not duplicates:
        return Folded(frozenset(), {})
    shown: dict[tuple[str, bytes, int], SectionName] = {}
    copies: dict[SectionName, list[SectionName]] = {}
    document = None
    times: dict[bytes, int] = {}
    for section in stream(And((node, _members(duplicates)))):
        name = (str(section.document["document_id"]), section.ordinal)
        if name[0] != document:
            document, times = name[0], {}
        compared = reduce_folded(section.reduced)  # without borders, which only some formats mark
        digest = blake2b(compared.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        times[digest] = times.get(digest, 0) + 1
        first = shown.setdefault((duplicates.get(document, document), digest, times[digest]), name)
        if first != name:
            copies.setdefault(first, []).append(name)
    left_out = frozenset(name for names in copies.values() for name in names)
    return Folded(left_out, {first: tuple(names) for first, names in copies.items()})


def fold_documents(
    documents: Callable[[Node], Iterator[tuple[Mapping[str, Any], int]]], duplicates: Mapping[str, str], node: Node
) -> dict[str, list[str]]:
    """Fold the duplicates among the documents with a section that ``node`` selects: return the first, and its copies.

    Args:
        documents: Yields documents in order of their ids; see ``Engine.documents``.
        duplicates: See ``Engine.duplicates``.
        node: The tree.
    """
    shown: dict[str, str] = {}
    copies: dict[str, list[str]] = {}
    for document, _ in documents(And((node, _members(duplicates)))):
        name = document["document_id"]
        first = shown.setdefault(duplicates.get(name, name), name)
        if first != name:
            copies.setdefault(first, []).append(name)
    return copies


def _members(duplicates: Mapping[str, str]) -> OfDocuments:
    return OfDocuments(frozenset(duplicates) | frozenset(duplicates.values()))
