"""The claims of a draft: what it states about the documents, with the verdict on each."""

from __future__ import annotations

from typing import Any

from policysearch.frozen import asdict, frozen
from policysearch.quoting.alignment import Change

__all__ = ["COLUMNS", "RAISING", "Claim"]

RAISING = ("differs", "elsewhere", "superseded", "not_found", "ambiguous")
"""Verdicts that need attention."""


@frozen
class Claim:
    """A statement of a draft about the documents, and its verdict.

    Attributes:
        kind: ``quote``, ``figure``, ``article``, ``document_number`` or ``title``.
        claim: As written, without its marks.
        start: Its offset in the draft, in characters.
        end: Its end.
        line: The line that it begins in, from 1.
        verdict: Of quotations: ``verbatim``; ``folded``: the same except for forms of characters and white space;
            ``differs``: the similarity to a passage is 0.85 or more; ``elsewhere``: word for word, but not in the named
            source; ``superseded``: no latest version has it word for word; ``not_found``. Of references: ``found``;
            ``not_found``: the document is in the index, but not the number; ``superseded``: an old version is named, or
            the latest no longer has the number; ``ambiguous``: it fits several documents. Of both:
            ``not_in_collection``: the named document is not in the index. Of short quotations of figures, and of
            figures: ``not_compared``.
        section_id: The section that it was compared with, or that is cited; for ``not_found`` the most similar one, if
            its similarity is 0.5 or more.
        title: That section's document's title.
        path: The section's path.
        date: Its document's date.
        status: The validity of its document, as stated there.
        superseded_by: Id of the version that superseded its document; None if there is none in the index.
        source_text: The text there; of an article its text.
        changes: The steps from the claim to the source; empty for a claim that does not differ.
        similarity: Similarity of a quotation and the source, 0 to 1; None for references.
        attributed_to: The named source of a quotation, or the target of a reference, as written.
        attribution: ``right``, ``other`` (it was found, but not there) or ``none`` (no source is named).
        notable: The changes in words, those of the meaning first; of a document number, the right number or title.
        accepted: Whether it was accepted and needs no attention.
    """

    kind: str
    claim: str
    start: int | None
    end: int | None
    line: int | None
    verdict: str
    section_id: str | None = None
    title: str | None = None
    path: tuple[str, ...] = ()
    date: str | None = None
    status: str | None = None
    superseded_by: str | None = None
    source_text: str | None = None
    changes: tuple[Change, ...] = ()
    similarity: float | None = None
    attributed_to: str | None = None
    attribution: str = "none"
    notable: tuple[str, ...] = ()
    accepted: bool = False

    @property
    def resembles(self) -> bool:
        """Return whether the section only has the most similar passage, and is not taken for the source."""
        return self.kind == "quote" and self.section_id is not None and self.verdict.startswith("not_")

    def raises(self, strict: bool = False) -> bool:
        """Return whether it needs attention; ``strict``: also if its source is not in the collection."""
        if self.accepted or self.kind == "title":
            return False
        return self.verdict in RAISING or (strict and self.verdict == "not_in_collection")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        fields = asdict(self)
        return {
            **fields,
            "path": list(self.path),
            "changes": [change.to_dict() for change in self.changes],
            "notable": list(self.notable),
        }


COLUMNS: tuple[str, ...] = tuple(name for name in Claim.__match_args__ if name != "changes")
