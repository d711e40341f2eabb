"""Generations on a cluster: the published one, its description, and obsolete ones."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policysearch.engines.opensearch.bulk import write_all
from policysearch.engines.opensearch.cluster import Cluster, ClusterRefusedError, MissingError, dumps
from policysearch.engines.opensearch.mapping import FORMAT, Names, mappings
from policysearch.errors import IndexUnusableError, PolicySearchError
from policysearch.files.json_bytes import packed, unpacked
from policysearch.frozen import frozen
from policysearch.text.folding import FINGERPRINT

__all__ = [
    "Generation",
    "decoded",
    "encoded",
    "find_published",
    "gone",
    "make_index",
    "missing",
    "numbers_on",
    "overtaken",
    "read_generation",
    "read_part",
    "refuse_unmarked",
    "write_meta",
]

_PIECE = 1_000_000  # characters
_PARTS = ("description", "duplicates", "state")


@frozen
class Generation:
    """A published generation.

    Attributes:
        names: The names of its indices.
        before: The number of the generation that it replaced, 0 for none.
        description: Versions, fingerprints, roots and counts of the index.
        parts: For each part of its metadata: number of pieces, size in bytes, and checksum.
    """

    names: Names
    before: int
    description: Mapping[str, Any]
    parts: Mapping[str, Sequence[int]]


def find_published(cluster: Cluster) -> Names | None:
    """Return the indices that the alias points to, or None when there is no such alias.

    Raises ``IndexUnusableError`` when the name is in use for something else.
    """
    name = cluster.name
    try:
        found = cluster.request("GET", f"/_alias/{name}")
    except MissingError:
        return None
    known = [number for index in found if (number := Names.number_of(name, index))]
    if len(found) != 1 or len(known) != 1:
        raise IndexUnusableError(
            f"'{name}' points to {', '.join(sorted(found)[:3]) or 'nothing'}, which this program did not create. "
            "Choose another name for the index."
        )
    return Names(name, known[0])


def no_index(cluster: Cluster) -> IndexUnusableError:
    """Return the error that there is no index at the address."""
    return IndexUnusableError(
        f"No index at '{cluster.address}'. Build one with: policysearch index --index {cluster.address} FOLDER"
    )


def numbers_on(cluster: Cluster) -> dict[int, list[str]]:
    """Return the generations on the cluster, complete or not, each with the names of its indices."""
    listed = cluster.request(
        "GET", f"/_cat/indices/{cluster.name}-g*", format="json", h="index", expand_wildcards="all"
    )
    found: dict[int, list[str]] = {}
    for one in listed:
        number = Names.number_of(cluster.name, one["index"])
        if number is not None:
            found.setdefault(number, []).append(one["index"])
    return found


def read_generation(cluster: Cluster, names: Names) -> Generation:
    """Return a generation's description. Raises ``IndexUnusableError`` when it cannot be used."""
    head = cluster.request("GET", f"/{names.meta}/_doc/head")["_source"]
    if head.get("format") != FORMAT or head.get("folding") != FINGERPRINT:
        raise IndexUnusableError(
            f"The index at '{cluster.address}' was built by another version of this program. "
            f"Build it again with: policysearch index --index {cluster.address} --rebuild"
        )
    try:
        if "description" in head:
            description = decoded([head["description"]], head["parts"]["description"], names.meta)
        else:
            description = read_part(cluster, names, head["parts"], "description")
        return Generation(names, head["before"], description, head["parts"])
    except (KeyError, TypeError, ValueError) as error:
        raise corrupt_index(names.meta, f"its description could not be decoded ({error})") from error


def missing(cluster: Cluster, names: Names) -> IndexUnusableError | None:
    """Return the error that an index of a generation is missing on the cluster, or None when none is."""
    try:
        found = cluster.request("GET", f"/{','.join(names.all)}/_alias", ignore_unavailable=True)
    except MissingError:
        found = {}
    lost = [index for index in names.all if index not in found]
    return (
        corrupt_index("' and '".join(lost), "missing on the cluster, though it is part of the index") if lost else None
    )


def gone(cluster: Cluster, names: Names, error: MissingError) -> IndexUnusableError:
    """Return the error that an index or entry of an open generation is missing, or that the generation was removed."""
    reason: IndexUnusableError | None
    if find_published(cluster) == names:
        reason = missing(cluster, names) or error
    else:
        reason = IndexUnusableError(
            f"The index at '{cluster.address}' was removed, or updated more than once, since it was opened. "
            "Open it again, or run the command again."
        )
    if reason is not error:
        reason.__cause__ = error
    return reason


def corrupt_index(index: str, why: str) -> IndexUnusableError:
    """Return the error that an index is corrupt."""
    return IndexUnusableError(
        f"'{index}' is corrupt: {why}. Build the index again with: policysearch index --rebuild FOLDER"
    )


def read_part(cluster: Cluster, names: Names, parts: Mapping[str, Sequence[int]], part: str) -> Any:
    """Return one part of a generation's metadata: ``description``, ``duplicates`` or ``state``."""
    pieces = []
    try:
        about = parts[part]
        for number in range(about[0]):
            try:
                one = cluster.request("GET", f"/{names.meta}/_doc/{part}-{number}")
            except MissingError as error:
                raise corrupt_index(names.meta, f"piece {number} of its {part} is missing") from error
            pieces.append(one["_source"]["data"])
    except (LookupError, TypeError, ValueError) as error:
        raise corrupt_index(names.meta, f"its {part} could not be decoded ({error})") from error
    return decoded(pieces, about, names.meta)


def encoded(content: Any) -> tuple[list[str], tuple[int, int, int]]:
    """Return JSON, which may have bytes, in pieces of ASCII, and their number, size and checksum for ``decoded``."""
    data = zlib.compress(packed(content))
    text = b64encode(data).decode()
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    return pieces, (len(pieces), len(data), zlib.crc32(data))


def decoded(pieces: Sequence[str], about: Sequence[int], index: str) -> Any:
    """Return the value. Raises ``IndexUnusableError`` when the pieces do not match their checksum."""
    try:
        _, size, checksum = about
        data = b64decode("".join(pieces), validate=True)
        if len(data) != size or zlib.crc32(data) != checksum:
            raise ValueError("the checksum does not match")
        return unpacked(zlib.decompress(data))
    except (TypeError, ValueError, zlib.error, RecursionError) as error:
        raise corrupt_index(index, str(error)) from error


def make_index(cluster: Cluster, names: Names, index: str, body: Mapping[str, Any], clone_of: str = "") -> None:
    """Create an index with the mark of a build. Raises ``PolicySearchError`` when another build created it."""
    path = f"/{clone_of}/_clone/{index}" if clone_of else f"/{index}"
    try:
        cluster.request("PUT", path, {**body, "aliases": {names.mark(index): {}}}, seconds=300.0)
    except ClusterRefusedError as error:
        if "already exists" not in str(error):
            raise
        # a retry after a lost response?
        refuse_unmarked(cluster, names, index)


def refuse_unmarked(cluster: Cluster, names: Names, index: str) -> None:
    """Raise ``PolicySearchError`` unless an index has the mark of this build."""
    try:
        cluster.request("GET", f"/{index}/_alias/{names.mark(index)}")
    except MissingError as error:
        raise overtaken(cluster) from error


def overtaken(cluster: Cluster) -> PolicySearchError:
    """Return the error that another build took over the index."""
    return PolicySearchError(
        f"Another process wrote the index at '{cluster.address}' meanwhile. The index it published is intact; run "
        "the command again."
    )


def write_meta(cluster: Cluster, generation: Generation, duplicates: Mapping[str, str], state: Any) -> None:
    """Create the index of a generation's metadata."""
    names = generation.names
    body = {"settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}, "mappings": mappings("meta")}
    make_index(cluster, names, names.meta, body)
    parts: dict[str, Sequence[int]] = {}
    head: dict[str, Any] = {"format": FORMAT, "folding": FINGERPRINT, "before": generation.before, "parts": parts}
    head["build"] = names.token

    def operations() -> Iterator[str]:
        for part, content in zip(_PARTS, (generation.description, duplicates, state), strict=True):
            pieces, parts[part] = encoded(content)
            if part == "description" and len(pieces) == 1:
                head["description"] = pieces[0]
            for number, piece in enumerate(pieces):
                yield _operation(names.mark(names.meta), f"{part}-{number}", {"data": piece})
        yield _operation(names.mark(names.meta), "head", head)

    written = write_all(cluster, operations())
    cluster.request("POST", f"/{names.meta}/_refresh")
    if cluster.totals(names.meta, [{"match_all": {}}]) != [written]:
        raise corrupt_index(names.meta, "an entry written just now could not be read back")


def _operation(index: str, name: str, body: Mapping[str, Any]) -> str:
    return f"{dumps({'index': {'_index': index, '_id': name, 'require_alias': True}})}\n{dumps(body)}\n"
