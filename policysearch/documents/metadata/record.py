"""The metadata of a document, which documents and listings extend."""

from __future__ import annotations

from policysearch.frozen import frozen
from policysearch.vocabulary import DOCUMENT_FIELDS

__all__ = ["FIELDS", "Metadata"]


@frozen
class Metadata:
    """The metadata of a document; None where unknown.

    Attributes:
        title: Its title.
        type: One of ``vocabulary.TYPES``.
        issuer: Its issuer (发文机关), several joined by 、.
        document_number: Its number (发文字号) in its normal spelling: 国发〔2023〕1号.
        region: The full official name of the place itself.
        region_code: Its code of GB/T 2260, six digits.
        city: The city or prefecture that the place is or belongs to.
        province: Likewise the province.
        level: One of ``vocabulary.LEVELS``.
        year: Of a work report, the year that it plans; else the year of issue.
        date: The day of issue or delivery, ISO.
        speaker: The person who gave a report.
        status: One of ``vocabulary.STATUSES``.
        version: The version of a statute according to its title or the lines under it: 2012年修正.
        effective: The day on which it comes into force, ISO, if its text states it.
        expires: The last day on which it is in force, likewise.
        url: The address of its publication.
        inferred: Names of the fields whose value the text does not state: concluded from it, looked up in the table of
            places, or taken from the file's name. In the order of the fields.
    """

    title: str | None
    type: str
    issuer: str | None
    document_number: str | None
    region: str | None
    region_code: str | None
    city: str | None
    province: str | None
    level: str | None
    year: int | None
    date: str | None
    speaker: str | None
    status: str | None
    version: str | None
    effective: str | None
    expires: str | None
    url: str | None
    inferred: tuple[str, ...]


FIELDS = tuple(name for name in DOCUMENT_FIELDS if name in Metadata.__match_args__ and name != "inferred")
"""The fields that a document's text, or a correction, may state."""
