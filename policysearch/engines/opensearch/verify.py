"""Whether what a cluster holds is what was written to it; all of it is read."""

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

_MOST = 20  # documents named


def damage(cluster: Cluster, generation: Generation) -> Iterator[str]:
    """Yield what of a generation is not as it was written: what, where, and what to do next."""
    names = generation.names
    for index in names.all:
        health = cluster.health(index)
        if health["status"] == "red":
            yield (
                f"'{index}' has {health['unassigned_shards']} shards that are on no node. Bring the nodes back, or "
                "restore a snapshot, or build again with: policysearch index --rebuild FOLDER"
            )
            return
    for kind in KINDS:
        index = getattr(names, kind)
        (found,) = cluster.totals(index, [{"match_all": {}}])
        if found != generation.description.get(kind):
            yield _wrong(index, f"it has {found} {kind} instead of {generation.description.get(kind)}")
    wrong = 0
    try:
        for document_id, told, found_digest in _digests(cluster, generation):
            if told != found_digest:
                wrong += 1
                if wrong <= _MOST:
                    yield _wrong(names.sections, f"'{document_id}' is not as it was written")
    except (LookupError, TypeError, ValueError) as error:
        yield _wrong(names.sections, f"it or '{names.documents}' has an entry of another form ({error!r})")
    if wrong > _MOST:
        yield _wrong(names.sections, f"{wrong - _MOST} more documents are not as they were written")
    for part in ("duplicates", "state"):
        try:
            read_part(cluster, names, generation.parts, part)
        except NoAnswerError:
            raise
        except IndexUnusableError as error:
            yield str(error)


def _wrong(index: str, why: str) -> str:
    return f"'{index}' is damaged: {why}. Mend the index with: policysearch check --repair"


def _digests(cluster: Cluster, generation: Generation) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield, for each document that has a section or metadata, the digest it was written with and the one it has."""
    names = generation.names
    sections = _section_digests(cluster, names.sections)
    held = next(sections, None)
    order = [{"document_id": "asc"}]
    for hits in pages(cluster, names.documents, {"match_all": {}}, order, ["metadata", "account"], 500):
        for hit in hits:
            key = hit["sort"][0]
            while held is not None and held[0] < key:
                yield text_of_key(held[0]), None, ""
                held = next(sections, None)
            told = hit["_source"]["account"]["digest"]
            if held is None or held[0] != key:
                yield text_of_key(key), told, None
                continue
            held[1].update(digest_of(hit["_source"]["metadata"]))
            yield text_of_key(key), told, held[1].hexdigest()
            held = next(sections, None)
    while held is not None:
        yield text_of_key(held[0]), None, ""
        held = next(sections, None)


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
