"""The documents of an index by the names and numbers used in references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from policysearch.citation.cited_names import (
    LEADS,
    SHORT_FORMS,
    STATE,
    amended_names,
    exact_names,
    name_key,
    part_of_code,
    without_issuer,
    without_place,
)
from policysearch.documents.metadata.document_numbers import normal_number
from policysearch.engines.protocol import Engine
from policysearch.engines.tree import MatchAll, Node
from policysearch.frozen import frozen
from policysearch.gazetteer.places import names_for_filter
from policysearch.text.folding import reduce
from policysearch.vocabulary import NATIONAL_LEADS

__all__ = ["Catalogue", "CatalogueEntry", "catalogue_of", "latest_first"]

_LONGEST_NAME = 80
_TAIL = 4
_STOPS = re.compile(r"[。;!?\n\x00]")
_NOT_IN_KEYS = re.compile(rf"\W|{STATE}")  # and other marks, which are rare in names
_MORE_LEFT_OUT = re.compile(rf"\(|{STATE}")


@frozen
class CatalogueEntry:
    """A document with a name.

    Attributes:
        document: Its metadata, by the names of ``Document``.
        within: Key of the name of the part that is meant, such as a text that a notice issues; None for the complete
            document.
        of_code: Whether it is one part of the named code.
        amends: Whether it is a decision to amend the named statute, whose new text it may contain.
    """

    document: Mapping[str, Any]
    within: str | None = None
    of_code: bool = False
    amends: bool = False

    @property
    def document_id(self) -> str:
        """Id of the document."""
        found: str = self.document["document_id"]
        return found


class Catalogue:
    """Documents by name, number, and (work reports) place and year."""

    def __init__(self, documents: Iterable[Mapping[str, Any]]) -> None:
        self._exact: dict[str, list[CatalogueEntry]] = {}
        self._amending: dict[str, list[CatalogueEntry]] = {}
        self._without_issuer: dict[str, list[CatalogueEntry]] = {}
        self._without_place: dict[str, list[CatalogueEntry]] = {}
        self._numbers: dict[str, list[CatalogueEntry]] = {}
        self._reports: list[CatalogueEntry] = []
        for document in documents:
            self._enter(document)

    def _enter(self, document: Mapping[str, Any]) -> None:
        title = document["title"]
        if title:
            code = part_of_code(name_key(title))
            for key, within in exact_names(title):
                if len(key) > 1:
                    self._exact.setdefault(key, []).append(CatalogueEntry(document, within, of_code=key == code))
            for key in amended_names(title):
                self._amending.setdefault(key, []).append(CatalogueEntry(document, key, amends=True))
                self._exact.setdefault(key, [])
            for shorter, known in ((without_issuer, self._without_issuer), (without_place, self._without_place)):
                short = shorter(title)
                if short and len(short) > 3:
                    known.setdefault(short, []).append(CatalogueEntry(document))
        if document["document_number"]:
            self._numbers.setdefault(reduce(document["document_number"]), []).append(CatalogueEntry(document))
        if document["type"] == "政府工作报告":
            self._reports.append(CatalogueEntry(document))

    @cached_property
    def _lengths(self) -> Mapping[str, Sequence[int]]:
        """The lengths of the known names, and of their short forms, by their last four characters."""
        found: dict[str, set[int]] = {}
        full_forms = tuple(SHORT_FORMS.values())
        for key in self._exact:
            found.setdefault(key[-_TAIL:], set()).add(len(key))
            if key.startswith(full_forms):
                for short, full in SHORT_FORMS.items():
                    if key.startswith(full):
                        shorter = short + key[len(full) :]
                        for one in (shorter, short[:-1]):  # 民诉第六十四条
                            found.setdefault(one[-_TAIL:], set()).add(len(one))
        return {tail: tuple(lengths) for tail, lengths in found.items()}

    def _lengths_before(self, folded: str, end: int) -> list[int]:
        """Return the lengths, greatest first, of the known names that may end at a place, by their last characters."""
        tail = folded[max(0, end - _TAIL) : end]
        return sorted((size for at in range(len(tail) - 1) for size in self._lengths.get(tail[at:], ())), reverse=True)

    def named(self, name: str, *, placeless: bool = False) -> tuple[CatalogueEntry, ...]:
        """Return the documents with this name, latest first, then by id.

        If no document has exactly this name, issuers before 关于 are ignored; with ``placeless``, then also the place
        that a title begins with.
        """
        key = self._known(name_key(name))
        found = self._exact.get(key) or self._without_issuer.get(key)
        if not found and (short := without_issuer(name)):  # the reference names the issuer, the title does not
            found = self._exact.get(short)
        if not found and placeless:
            found = self._without_place.get(key)
        return latest_first((*(found or ()), *self._amending.get(key, ())))

    def amending(self, title: str) -> tuple[CatalogueEntry, ...]:
        """Return the decisions to amend the document with this title, latest first."""
        return latest_first(self._amending.get(name_key(title), ())) if self._amending else ()

    def numbered(self, number: str) -> tuple[CatalogueEntry, ...]:
        """Return the documents with this document number, in any spelling, latest first."""
        return latest_first(self._numbers.get(reduce(normal_number(number) or number), ()))

    def reports(self, place: str | None, year: int | None) -> tuple[CatalogueEntry, ...]:
        """Return the work reports of a place and a year; None for any."""
        return latest_first(
            one
            for one in self._reports
            if (year is None or one.document["year"] == year) and (place is None or _is_of(one.document, place))
        )

    def knows(self, key: str) -> bool:
        """Return whether a document certainly has the name with this key."""
        key = self._known(key)
        return bool(self._exact.get(key) or key in self._amending)

    def _known(self, key: str) -> str:
        """Return a key, or the one that it abbreviates: 刑事诉讼法解释 for 刑诉法解释."""
        if key in self._exact:
            return key
        law, _, rest = key.partition("法")
        full = SHORT_FORMS.get(f"{law}法")
        return full + rest if full else key

    def name_before(self, folded: str, end: int, aliases: Mapping[str, str]) -> int | None:
        """Return the start of the longest known name that ends at ``end`` of a folded text, None when there is none.

        A name that continues to the left, as 劳动合同法 does from 合同法, is not the shorter one.
        """
        lengths = self._lengths_before(folded, end)
        told = folded[max(0, end - _TAIL) : end].isalnum()  # the last characters must be those of the key
        if aliases:
            lengths = sorted({*lengths, *map(len, aliases)}, reverse=True)
        if told and not lengths:
            return None
        first: int = max(0, end - _LONGEST_NAME)
        for stop in _STOPS.finditer(folded, first, end):
            first = stop.end()
        left_out = [found.end() for found in _NOT_IN_KEYS.finditer(folded, first, end)]
        if told and not _MORE_LEFT_OUT.search(folded, first, end):
            first = max(first, end - lengths[0] - len(left_out))
        # a key from which nothing is omitted is as long as the name
        plain = max(first, left_out[-1]) if left_out else first
        starts: list[int] = [*range(first, min(plain, end - 1))]
        starts += [end - size for size in lengths if plain <= end - size < end - 1]
        for start in starts:
            if folded[start] in " \t\u3000" or not _may_lead(folded[max(0, start - 2) : start]):
                continue
            key = name_key(folded[start:end])
            if self.knows(key) or key in aliases:
                return start
        return None

    def number_before(self, folded: str, end: int, rest: str) -> int | None:
        """Return the start of the longest code that ends at ``end`` and with ``rest`` is a known document number."""
        for start in range(max(0, end - 40), end):
            code = folded[start:end]
            if code[0].isalnum() and reduce(normal_number(code + rest) or "") in self._numbers:
                return start
        return None


@lru_cache(maxsize=65_536)
def _may_lead(two: str) -> bool:
    """Return whether a name without marks may follow these characters."""
    return LEADS.search(two) is not None


def _is_of(document: Mapping[str, Any], place: str) -> bool:
    if place in NATIONAL_LEADS:
        return bool(document["level"] == "国家" or document["region"] == "全国")
    region: str | None = document["region"]
    return region is not None and (region in _names(place) or region[:-1] == place)


@lru_cache(maxsize=256)
def _names(place: str) -> frozenset[str]:
    return names_for_filter(place) or frozenset((place,))


def latest_first(entries: Iterable[CatalogueEntry]) -> tuple[CatalogueEntry, ...]:
    """Return entries by the dates of the documents (or years), latest first, statutes before decisions, then by id."""
    by_id = sorted(entries, key=lambda one: (one.amends, one.document_id))
    return tuple(sorted(by_id, key=lambda one: one.document["date"] or str(one.document["year"] or ""), reverse=True))


def catalogue_of(engine: Engine, node: Node | None = None) -> Catalogue:
    """Return the catalogue of the documents with a section that ``node`` selects, of all documents without ``node``."""
    return Catalogue(document for document, _ in engine.documents(node or MatchAll()))
