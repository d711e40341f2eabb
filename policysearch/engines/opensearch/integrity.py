"""Verification of an index on a cluster: reads every entry and compares checksums."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from policysearch.engines.opensearch.cluster import Cluster
from policysearch.engines.opensearch.encoding import digest_of, text_of_key
from policysearch.engines.opensearch.generations import Generation, read_part
from policysearch.engines.opensearch.mapping import KINDS
from policysearch.engines.opensearch.paging import BY_ID, pages
from policysearch.errors import IndexUnusableError, NoAnswerError

__all__ = ["damage"]

_MOST = 20  # maximum number of documents named


def damage(cluster: Cluster, generation: Generation) -> Iterator[str]:
    """Yield a message for each corrupt part of a generation: what, where, and what to do next."""
    names = generation.names
    for index in names.all:
        health = cluster.health(index)
        if health["status"] == "red":
            yield (
                f"'{index}' has {health['unassigned_shards']} unassigned shards. Bring the nodes back, "
                "restore a snapshot, or build the index again with: policysearch index --rebuild FOLDER"
            )
            return
    for kind in KINDS:
        index = getattr(names, kind)
        (found,) = cluster.totals(index, [{"match_all": {}}])
        if found != generation.description.get(kind):
            yield _wrong(index, f"it has {found} {kind} instead of {generation.description.get(kind)}")
    wrong = 0
    try:
        for document_id, recorded, found_digest in _digests(cluster, generation):
            if recorded != found_digest:
                wrong += 1
                if wrong <= _MOST:
                    yield _wrong(names.sections, f"the entries of '{document_id}' do not match their checksum")
    except (LookupError, TypeError, ValueError) as error:
        yield _wrong(names.sections, f"it or '{names.documents}' has an entry that could not be decoded ({error!r})")
    if wrong > _MOST:
        yield _wrong(names.sections, f"{wrong - _MOST} more documents do not match their checksum")
    for part in ("duplicates", "state"):
        try:
            read_part(cluster, names, generation.parts, part)
        except NoAnswerError:
            raise
        except IndexUnusableError as error:
            yield str(error)


def _wrong(index: str, why: str) -> str:
    return f"'{index}' is corrupt: {why}. Repair the index with: policysearch check --repair"


def _digests(cluster: Cluster, generation: Generation) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield, for each document with a section or metadata, the recorded digest and the digest of its entries."""
    names = generation.names
    sections = _section_digests(cluster, names.sections)
    current = next(sections, None)
    order = [{"document_id": "asc"}]
    for hits in pages(cluster, names.documents, {"match_all": {}}, order, ["metadata", "account"], 500):
        for hit in hits:
            key = hit["sort"][0]
            while current is not None and current[0] < key:
                yield text_of_key(current[0]), None, ""
                current = next(sections, None)
            recorded = hit["_source"]["account"]["digest"]
            if current is None or current[0] != key:
                yield text_of_key(key), recorded, None
                continue
            current[1].update(digest_of(hit["_source"]["metadata"]))
            yield text_of_key(key), recorded, current[1].hexdigest()
            current = next(sections, None)
    while current is not None:
        yield text_of_key(current[0]), None, ""
        current = next(sections, None)


def _section_digests(cluster: Cluster, index: str) -> Iterator[tuple[str, blake2b]]:
    key: str | None = None
    digest = blake2b(digest_size=16)
    for hits in pages(cluster, index, {"match_all": {}}, BY_ID, ["section", "metadata"], 500):
        for hit in hits:
            if hit["sort"][0] != key:
                if key is not None:
                    yield key, digest
                key, digest = hit["sort"][0], blake2b(digest_size=16)
            digest.update(digest_of(hit["_source"]["section"]))
            digest.update(digest_of(hit["_source"]["metadata"]))
    if key is not None:
        yield key, digest
