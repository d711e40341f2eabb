"""Clean text to sections: the structure of an official document."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Section"]


@dataclass(frozen=True, slots=True)
class Section:
    """One headed part of a document: the unit that is indexed, ranked and returned.

    Attributes:
        section_id: ``document_id#n``, n from 1 in document order.
        number: The number as written (``一、``, ``(一)``, ``第十二条``), or None.
        heading: The heading without its number, or None.
        level: Depth in the tree, from 1.
        path: Number and heading of each level from the outermost to this
            one, as written; an article is its number alone.
        part: preamble, review, plan, targets, self_building, glossary,
            body or attachment.
        start: Offset of the section's first character in the document's text.
        end: Offset just after its last character.
        page: The page it begins on, from 1, or None.
        text: ``document.text[start:end]``: heading and own text.
    """

    section_id: str
    number: str | None
    heading: str | None
    level: int
    path: tuple[str, ...]
    part: str
    start: int
    end: int
    page: int | None
    text: str
