"""The source manifest: the index's records of its sources, stored next to the segments."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from policysearch.citation.versions import VersionGroup, VersionRecord, version_groups
from policysearch.documents import sections
from policysearch.errors import IndexUnusableError, InputError
from policysearch.gazetteer import places
from policysearch.indexing.near_duplicates import NearDuplicate
from policysearch.indexing.record_columns import TEXT_BYTES, TITLE_BYTES
from policysearch.indexing.shapes import shaped
from policysearch.indexing.source_records import SourceRecord, records_from_state, records_to_state
from policysearch.sources.readers.reader_versions import READER_VERSIONS
from policysearch.text.dictionary import UserWord, refuse_unusable
from policysearch.text.folding import reduce

__all__ = [
    "TITLE_DIGITS",
    "Known",
    "RootOptions",
    "known_state",
    "made_by",
    "move_roots",
    "plain_options",
    "refuse_other_account",
    "salvaged_state",
    "text_hash",
    "title_hash",
]


@dataclass(frozen=True, slots=True)
class RootOptions:
    """The options for finding and reading the sources of a root; stored in the index for later refreshes."""

    encoding: str | None = None
    text_field: str | None = None
    follow_links: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def reads_as(self, other: RootOptions) -> bool:
        """Return whether both read a source in the same way, regardless of which sources they include."""
        return (self.encoding, self.text_field) == (other.encoding, other.text_field)


def plain_options(options: RootOptions) -> dict[str, Any]:
    """Return the options as plain values that survive a round trip through JSON unchanged."""
    return {name: list(one) if isinstance(one, tuple) else one for name, one in asdict(options).items()}


@dataclass(slots=True)
class Known:
    """The source manifest of an index.

    Attributes:
        roots: The options of each root.
        records: The record of each source, by id.
        made_by: The versions and fingerprints that the index depends on.
        user_words: Words added to the dictionary.
        devices: The file systems of the roots, and the mount points below them.
        near: The near-duplicates, in order of their ids; None if they are unknown.
        versions: The groups of versions; None if they are not known yet.
        versions_hash: The hash of these in the state.
    """

    roots: dict[str, RootOptions] = field(default_factory=dict)
    records: dict[str, SourceRecord] = field(default_factory=dict)
    made_by: Any = None
    user_words: list[UserWord] = field(default_factory=list)
    devices: dict[str, int] = field(default_factory=dict)
    near: list[NearDuplicate] | None = None
    versions: list[VersionGroup] | None = field(default=None, compare=False)
    versions_hash: str = ""

    def totals(self) -> dict[str, int]:
        """Return the totals over all documents."""
        every = [record.documents for record in self.records.values()]
        return {
            "documents": sum(map(len, every)),
            "sections": sum(one.sections for one in every),
            "characters": sum(one.characters for one in every),
            "bytes": sum(one.bytes for one in every),
        }

    def description(self) -> dict[str, Any]:
        """Return the part that is published in the description of the generation, as JSON values."""
        return {
            **self.totals(),
            "analysis": {"fingerprint": self.made_by["analysis"], "user_words": [list(one) for one in self.user_words]},
            "made_by": self.made_by,
            "roots": list(self.roots),
            "reading": {
                path: plain_options(options) for path, options in self.roots.items() if options != RootOptions()
            },
            "failed": sum(record.reason is not None for record in self.records.values()),
            "versions": self.version_groups(),
        }

    def versioned(self) -> Iterator[tuple[str, VersionRecord]]:
        """Yield the ids of the documents that may have versions, with their records."""
        for record in self.records.values():
            if record.documents.versions:
                yield from record.documents.versioned()

    def version_groups(self) -> list[VersionGroup]:
        """Return the groups of versions, which are compared the first time."""
        if self.versions is None:
            self.versions = version_groups(self.versioned())
        return self.versions

    def to_state(self) -> dict[str, Any]:
        """Return the record as plain values for JSON."""
        return {
            "made_by": self.made_by,
            "roots": {path: plain_options(options) for path, options in self.roots.items()},
            "user_words": self.user_words,
            "devices": self.devices,
            "near": self.near,
            "versions": _hash_of(self.version_groups()),
            "sources": records_to_state(self.records, self.roots),
        }


def move_roots(known: Known, old: Path, new: Path) -> list[Path]:
    """Move the roots at or below ``old`` to ``new``, and return their new paths; ids do not change.

    Raises ``InputError`` when there is no such root, no file at a new path, or another root at it.
    """
    forms = {os.path.abspath(old), os.path.realpath(old)}
    moving = {
        root: os.path.normpath(os.path.join(os.path.realpath(new), os.path.relpath(root, form)))
        for form in forms
        for root in known.roots
        if Path(root).is_relative_to(form)
    }
    if not moving:
        roots = ", ".join(f"'{root}'" for root in known.roots) or "none"
        raise InputError(f"No root of this index is '{old}' or below it. It has: {roots}.")
    for place in moving.values():
        if not os.path.exists(place):
            raise InputError(f"There is no file or folder '{place}'. Give the place where '{old}' is now.")
        if place in known.roots and place not in moving:
            raise InputError(f"'{place}' is already a root of this index. Remove one of the two with: --remove")
    known.roots = {moving.get(root, root): options for root, options in known.roots.items()}
    for record in known.records.values():
        record.root = moving.get(record.root, record.root)
    # mounts at the old path do not apply to the new one
    known.devices = {path: number for path, number in known.devices.items() if not _is_below(path, moving)}
    return [Path(place) for place in moving.values()]


def _is_below(path: str, roots: Iterable[str]) -> bool:
    return any(Path(path).is_relative_to(root) for root in roots)


def known_state(state: Any) -> Known:
    """Return the manifest in a published state. Raises ``IndexUnusableError`` when it is corrupt."""
    try:
        parts = {name: state[name] for name in ("roots", "made_by", "user_words", "devices", "near")}
        known = shaped(Known, parts)
        known.records = records_from_state(state["sources"], known.roots)
        known.versions_hash = state["versions"]
        refuse_unusable(known.user_words)
        for path in (*known.roots, *known.devices):
            _refuse_relative(path)
        if not all(0 < one.shared <= one.sentences for one in known.near or ()):
            raise ValueError("numbers of sentences expected")
        return known
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise senseless_account() from error


def refuse_other_account(description: Mapping[str, Any], known: Known, *, whole: bool = False) -> None:
    """Raise ``IndexUnusableError`` when a source manifest contradicts the description of its index.

    The groups of versions are compared by their hash, and set in ``known``; ``whole``: they are found again.
    """
    if not whole:
        if _hash_of(description.get("versions")) != known.versions_hash:
            raise senseless_account()
        known.versions = description["versions"]
    try:
        described = known.description()
    except (KeyError, TypeError) as error:
        raise senseless_account() from error
    if any(description.get(name) != one for name, one in described.items()):
        raise senseless_account()


def _hash_of(groups: Any) -> str:
    said = json.dumps(groups, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[: 2 * TEXT_BYTES]


def senseless_account() -> IndexUnusableError:
    """Return the error that a source manifest is corrupt."""
    return IndexUnusableError(
        "The index's source manifest is corrupt. Build it again with: policysearch index --rebuild FOLDER"
    )


def _refuse_relative(path: str) -> None:
    """Raise ``ValueError`` unless a path can be that of a root."""
    if not os.path.isabs(path) or b"\0" in os.fsencode(path):
        raise ValueError(f"'{path}' is not a root")


def salvaged_state(accounts: Iterable[Any]) -> Known:
    """Return the roots of the first of these manifests that has any; they may be of any format."""
    options = {f.name for f in fields(RootOptions)}
    for account in accounts:
        try:
            roots = {
                path: {name: value for name, value in given.items() if name in options}
                for path, given in account["roots"].items()
            }
            known = shaped(Known, {"roots": roots, "user_words": account.get("user_words", [])})
            refuse_unusable(known.user_words)
            for path in known.roots:
                _refuse_relative(path)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        if roots:
            return known
    return Known()


def made_by(analysis: str) -> dict[str, Any]:
    """Return the versions and fingerprints that the contents of an index depend on."""
    return {
        "analysis": analysis,
        "readers": dict(READER_VERSIONS),
        "structure": sections.STRUCTURE_VERSION,
        "places": places.places_fingerprint(),
    }


def text_hash(reduced: str) -> str:
    """Return the hash of a document's text as ``reduce`` gives it, equal for those that compare as equal."""
    return hashlib.sha256(reduced.encode("utf-8", "surrogatepass")).hexdigest()[: 2 * TEXT_BYTES]


TITLE_DIGITS = 2 * TITLE_BYTES
"""Length of the hash of a title in hexadecimal."""


@lru_cache(maxsize=64)
def title_hash(title: str | None) -> str:
    """Return the same of a title, of 8 bytes."""
    return text_hash(reduce(title or ""))[:TITLE_DIGITS]
