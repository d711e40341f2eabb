"""Documents that are versions of one another, and which of them is in force."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain, product
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from zlib import crc32

from policysearch.text.folding import reduce

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "VersionGroup",
    "VersionRecord",
    "Versions",
    "is_amendable",
    "is_latest",
    "sentence_hashes",
    "share_in_common",
    "version_groups",
    "version_groups_after",
    "version_record",
]

_AMENDABLE = frozenset(
    ("法律", "行政法规", "监察法规", "地方性法规", "规章", "部门规章", "司法解释", "规范性文件", "章程")
)
_AMENDABLE_TITLES = ("法", "法典", "条例", "规定", "办法", "细则", "规则", "章程", "解释")
_SENTENCE = r"[。;:!?]"
_LEAST_IN_COMMON = 0.3
_GRAM = 4
_KEPT = 64  # sentences
_TOLD_BY = 3
_LONG = 250  # characters
_LEAST_COMPARED = 8
_NO_HASH = 1 << 24  # more than any
_LOWEST = itemgetter(0)  # of a sentence's hashes
_MOST_VERSIONS = 200  # maximum number of documents with one name, since each is compared with each


VersionGroup: TypeAlias = list[list[str | None]]
"""A group of ``version_groups``."""


class VersionRecord(NamedTuple):
    """The values that determine whether a document is a version of another one.

    Attributes:
        name: The key of its name, without 中华人民共和国 and a version in brackets.
        date: Its date, ISO.
        effective: The day on which it came into force.
        region: Its place.
        issuer: Its issuer.
        status: Its status, where stated.
        sentences: Hashes of its sentences, see ``sentence_hashes``.
    """

    name: str
    date: str
    effective: str
    region: str | None
    issuer: str | None
    status: str | None
    sentences: str


def is_amendable(document: Mapping[str, Any]) -> bool:
    """Return whether a document is of an amendable type: statutes of all levels, 司法解释, 规范性文件, 章程."""
    if not document["title"]:
        return False
    if document["type"] != "其他":
        return document["type"] in _AMENDABLE
    title = reduce(document["title"])
    return any(end in title for end in _AMENDABLE_TITLES) and _name(title).endswith(_AMENDABLE_TITLES)


def _name(title: str) -> str:
    from policysearch.citation.cited_names import name_key

    return name_key(title)


def is_latest(document: Mapping[str, Any], superseded_by: str | None) -> bool | None:
    """Return whether a document is the latest version in the index; None if unknown.

    A validity stated by the document takes precedence. It is unknown for documents without versions, such as reports
    and notices, and for statutes without a date.
    """
    if document["status"] is not None:
        return document["status"] not in ("已修改", "已废止")
    if superseded_by is not None:
        return False
    return True if document["date"] and is_amendable(document) else None


def version_record(document: Mapping[str, Any], texts: Iterable[str]) -> VersionRecord | None:
    """Return the record of a document, given its metadata and its reduced sections.

    None for a document that cannot have versions: of another type, or without a date.
    """
    if not document["date"] or not is_amendable(document):
        return None
    return VersionRecord(
        _name(document["title"]),
        document["date"],
        max(document["date"], document["effective"] or ""),
        document["region"],
        document["issuer"],
        document["status"],
        sentence_hashes(texts),
    )


def sentence_hashes(texts: Iterable[str]) -> str:
    """Return the hashes of 64 of a document's sentences, given its reduced sections.

    A sentence is identified by the three lowest hashes of its runs of four characters: two sentences with one in
    common share many of these runs (min-wise hashing: Broder, "On the resemblance and containment of documents",
    1997). An amendment changes words in most sentences of a law. The sentences with the lowest hashes are kept, which
    are largely the same in two texts.
    """
    joined = "".join(texts)
    found = _told_of_long(joined) if len(joined) > _LONG else _told_of_short(joined)
    told = sorted(set(found))
    return "".join(f"{one:06x}" for sentence in told[:_KEPT] for one in sentence)


def _told_of_short(text: str) -> Iterator[tuple[int, ...]]:
    """Yield the lowest hashes of each sentence of a text that is so short that numpy would take longer."""
    for sentence in re.split(_SENTENCE, text):
        if len(sentence) >= 2 * _GRAM:
            data = sentence.encode("utf-32-le", "surrogatepass")
            runs = (data[at : at + 4 * _GRAM] for at in range(0, len(data) - 4 * (_GRAM - 1), 4))
            hashes = sorted({crc32(run) & 0xFFFFFF for run in runs})
            yield tuple(hashes[min(at, len(hashes) - 1)] for at in range(_TOLD_BY))


def _told_of_long(joined: str) -> Iterable[tuple[int, ...]]:
    import numpy as np

    spans: list[tuple[int, int]] = []  # spans of the runs of each sentence, by their first characters
    at = 0
    for sentence in re.split(_SENTENCE, joined):
        if len(sentence) >= 2 * _GRAM:
            spans.append((at, at + len(sentence) - _GRAM + 1))
        at += len(sentence) + 1
    if not spans:
        return ()
    # the lowest of each sentence, then the next ones: a seventh of the time of sets of crc32
    bounds = np.array(spans).ravel()
    hashes = np.append(_run_hashes(joined), _NO_HASH)[bounds[0] :]
    bounds -= bounds[0]
    sizes = np.diff(np.append(bounds, len(hashes)))
    lowest = [np.minimum.reduceat(hashes, bounds)]
    for _ in range(_TOLD_BY - 1):
        hashes = np.where(hashes == np.repeat(lowest[-1], sizes), _NO_HASH, hashes)
        following = np.minimum.reduceat(hashes, bounds)
        lowest.append(np.where(following == _NO_HASH, lowest[-1], following))
    return zip(*(one[::2].tolist() for one in lowest), strict=True)


def _run_hashes(text: str) -> NDArray[np.uint32]:
    """Return 24 bits of the CRC-32 of each run of four characters, in UTF-32, of a text of four or more.

    The CRC of a run is the XOR of that of zeros and the contributions of its bytes.
    """
    import numpy as np

    from policysearch.text.code_points import code_points

    characters = code_points(text).view(np.uint8).reshape(-1, 4)
    runs = len(characters) - _GRAM + 1
    found = np.full(runs, crc32(bytes(4 * _GRAM)), np.uint32)
    for at, byte in product(range(_GRAM), range(3)):
        found ^= np.take(_added(4 * at + byte), characters[at : at + runs, byte])
    return found & np.uint32(0xFFFFFF)


@cache
def _added(place: int) -> NDArray[np.uint32]:
    """Return the contribution of each byte value at a place of a run to the CRC-32 of zeros."""
    import numpy as np

    zeros = bytes(4 * _GRAM)
    runs = (zeros[:place] + bytes((byte,)) + zeros[place + 1 :] for byte in range(256))
    return np.array([crc32(run) ^ crc32(zeros) for run in runs], np.uint32)


def share_in_common(a: str, b: str) -> float:
    """Return the share of the sentences of the document with fewer that are recognized in the other one, 0 to 1.

    The arguments are their ``sentence_hashes``. It is an estimate for documents of more than 64 different sentences.
    """
    known = [_sentences(one) for one in (a, b)]
    highest = min([one[-1][0] for one in known if len(one) == _KEPT], default="g")
    fewer, more = sorted([one[: bisect_right(one, highest, key=_LOWEST)] for one in known], key=len)
    if len(fewer) < min(_LEAST_COMPARED, *map(len, known)):
        return 0.0  # the lengths are so different that few sentences are comparable
    hashes = set(chain.from_iterable(more))
    alike = sum(len(hashes.intersection(sentence)) * 2 > len(set(sentence)) for sentence in fewer)
    return alike / len(fewer) if fewer else 0.0


@lru_cache(maxsize=256)  # the documents of one name are compared with each other
def _sentences(hashes: str) -> list[list[str]]:
    every = [hashes[at : at + 6] for at in range(0, len(hashes), 6)]
    return [every[at : at + _TOLD_BY] for at in range(0, len(every), _TOLD_BY)]


def _are_versions(a: VersionRecord, b: VersionRecord) -> bool:
    """Return whether two documents of one name are versions of one another.

    They have the same issuer or place, different dates, and 30 % of their sentences in common.
    """
    if a.date == b.date or not (a.region == b.region or (a.issuer and a.issuer == b.issuer)):
        return False
    return share_in_common(a.sentences, b.sentences) >= _LEAST_IN_COMMON


def version_groups(records: Iterable[tuple[str, VersionRecord]]) -> list[VersionGroup]:
    """Return the groups of documents that are versions of one another, as JSON values, given their ids.

    A group is in the order of dates, then ids; groups are in the order of their first ids. A version consists of its
    id, the day from which it was in force, and the id of the version that superseded it or None.
    """
    named: dict[str, list[tuple[str, str, VersionRecord]]] = {}
    for document_id, record in records:
        named.setdefault(record.name, []).append((record.date, document_id, record))
    groups = []
    for several in named.values():
        if 1 < len(several) <= _MOST_VERSIONS:
            several.sort(key=lambda one: one[:2])
            groups += [_with_successors(group) for group in _connected(several) if len(group) > 1]
    return sorted(groups, key=lambda group: str(group[0][0]))


def version_groups_after(
    before: Iterable[VersionGroup], changed: Container[str], records: Iterable[tuple[str, VersionRecord]]
) -> list[VersionGroup]:
    """Return ``version_groups`` of records, given those before an update.

    Args:
        before: The groups before.
        changed: The names of which documents were added, changed or removed.
        records: All documents with a record, by their ids.
    """
    unchanged = set()
    anew = []
    for document_id, record in records:
        if record.name in changed:
            anew.append((document_id, record))
        else:
            unchanged.add(document_id)
    # all documents of a group have one name
    kept = [group for group in before if group[0][0] in unchanged]
    return sorted([*kept, *version_groups(anew)], key=lambda group: str(group[0][0]))


_Dated = tuple[str, str, VersionRecord]


def _connected(several: Sequence[_Dated]) -> list[list[_Dated]]:
    """Return the groups of documents that are connected by being versions of one another."""
    groups: list[list[_Dated]] = []
    for one in several:
        near = [group for group in groups if any(_are_versions(one[2], other[2]) for other in reversed(group))]
        merged = sorted([one, *(other for group in near for other in group)], key=lambda other: other[:2])
        groups = [*(group for group in groups if group not in near), merged]
    return groups


def _with_successors(group: Sequence[_Dated]) -> VersionGroup:
    """Return each version with the one that superseded it.

    A validity stated by a document takes precedence: one that is in force is not superseded, one that is not yet in
    force supersedes no other.
    """
    out: list[list[str | None]] = []
    for date, document_id, record in group:
        later = [one for one in group if one[0] > date and one[2].status != "尚未生效"]
        if not later or record.status in ("有效", "尚未生效"):
            out.append([document_id, record.effective, None])
            continue
        in_force = [one for one in later if one[2].status not in ("已修改", "已废止")]
        stated = [one for one in in_force if one[2].status == "有效"]
        fitting = stated or in_force or later
        out.append([document_id, record.effective, next(one[1] for one in fitting if one[0] == fitting[-1][0])])
    return out


class Versions:
    """The versions in an index, from the groups of ``version_groups``."""

    def __init__(self, groups: Iterable[Sequence[Sequence[str | None]]]) -> None:
        self._group_of: dict[str, tuple[tuple[str, str, str | None], ...]] = {}
        for group in groups:
            known = tuple((str(name), str(since), successor) for name, since, successor in group)
            self._group_of.update((name, known) for name, _, _ in known)

    def ids(self, document_id: str) -> tuple[str, ...]:
        """Return the ids of a document's versions, oldest first; only its own if there are no others."""
        return tuple(name for name, _, _ in self._group_of.get(document_id, ())) or (document_id,)

    def are_versions(self, a: str, b: str) -> bool:
        """Return whether two documents are versions of one another."""
        return self._group_of.get(a) is not None and self._group_of.get(a) is self._group_of.get(b)

    def superseded_by(self, document_id: str) -> str | None:
        """Return the id of the version that superseded a document, or None."""
        group = self._group_of.get(document_id, ())
        return next((successor for name, _, successor in group if name == document_id), None)

    def superseded(self) -> dict[str, str]:
        """Return the id of each superseded document, with that of the version that superseded it."""
        return {
            name: successor
            for group in self._group_of.values()
            for name, _, successor in group
            if successor is not None
        }

    def until(self, document_id: str) -> str | None:
        """Return the day from which a later version was in force instead of a document, or None."""
        group = self._group_of.get(document_id, ())
        at = next((at for at, one in enumerate(group) if one[0] == document_id), None)
        if at is None:
            return None
        return min((since for _, since, _ in group[at + 1 :] if since > group[at][1]), default=None)
