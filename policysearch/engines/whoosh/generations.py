"""The folder of an index: generations, published one at a time.

A generation is a list of immutable segment files, with the documents that were
removed from each since. One small file, ``CURRENT``, describes it; a rename
puts that in place after everything it names is on disk. Whatever happens
before the rename, the previous generation is still in use.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from policysearch.engines.whoosh.equal_documents import EqualDocuments
from policysearch.engines.whoosh.region_file import open_index_file, read_index_file, sync_folder
from policysearch.errors import IndexUnusableError, PolicySearchError, refuse_unreadable
from policysearch.files.json_bytes import packed, unpacked
from policysearch.frozen import frozen

if TYPE_CHECKING:
    from policysearch.engines.whoosh.live_segment import LiveSegment

__all__ = [
    "CURRENT",
    "FORMAT",
    "HEAD",
    "LARGEST",
    "STATE_MARK",
    "File",
    "Generation",
    "SegmentName",
    "make_folder",
    "other_equal",
    "publish",
    "read_current",
    "read_state",
    "refuse_other_counts",
    "salvage_states",
]

T = TypeVar("T")

FORMAT = 16
CURRENT = "CURRENT"
HEAD = b"policysearch index "
"""Magic of CURRENT, in every format."""
STATE_MARK = {"policysearch": "sources"}
"""Magic of a source manifest."""

File = tuple[str, int, int]
"""A written file: name, size in bytes, and seal (of a segment) or checksum."""

_SEGMENT = re.compile(r"[0-9a-z-]+\.segment")
_FILE = re.compile(r"[0-9A-Za-z.-]{1,255}")  # of any format, and of an interrupted first build
_STATE = re.compile(r"sources-([0-9]+)(?:-[0-9a-z]+)?\.json")
LARGEST = 2**30  # maximum size in bytes of a file that is read before its size has been verified


@frozen
class SegmentName:
    """One segment file of a generation.

    Attributes:
        name: The file in the index folder.
        size: Its size in bytes.
        seal: Its checksum, as ``RegionWriter.finish`` returned it.
        removed: Numbers of its documents that are no longer part of the index, ascending.
    """

    name: str
    size: int
    seal: int
    removed: tuple[int, ...] = ()


@frozen
class Generation:
    """One committed state of an index.

    Attributes:
        number: From 1, incremented by each build.
        segments: Its segments, in order of their names.
        description: Fingerprints, counts and options of the index, as JSON values.
        duplicates: The id of each document with the text of another one, and that one's id.
        equal: The same by their numbers.
        state: The source manifest's file, with its size and checksum.
        replaced: Files of earlier generations that may still exist and are to be removed.
    """

    number: int
    segments: tuple[SegmentName, ...]
    description: Mapping[str, Any]
    duplicates: Mapping[str, str]
    equal: EqualDocuments = EqualDocuments()
    state: File = ("", 0, 0)
    replaced: tuple[File, ...] = ()

    @property
    def files(self) -> tuple[File, ...]:
        """Its files: the segments and the source manifest."""
        return (*((s.name, s.size, s.seal) for s in self.segments), self.state)


def _no_index(folder: Path) -> IndexUnusableError:
    return IndexUnusableError(f"No index at '{folder}'. Build one with: policysearch index FOLDER")


def _damaged(path: Path, why: str) -> IndexUnusableError:
    return IndexUnusableError(
        f"'{path}' is corrupt: {why}. Build the index again with: policysearch index --rebuild FOLDER"
    )


def read_current(folder: Path) -> Generation:
    """Return the published generation. Raises ``IndexUnusableError`` when there is no usable one."""
    path = folder / CURRENT
    try:
        data = read_index_file(path, LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        raise _no_index(folder) from None
    except OSError as error:
        refuse_unreadable(path, error)
        raise IndexUnusableError(f"The index at '{folder}' cannot be read: {error.strerror or error}.") from error
    head, _, body = data.partition(b"\n")
    words = head.decode("ascii", "replace").split(" ")
    if not head.startswith(HEAD) or len(words) != 4 or not words[2].isdecimal():
        raise _damaged(path, "its header is wrong")
    if words[2] != str(FORMAT):
        raise IndexUnusableError(
            f"The index at '{folder}' has format {words[2][:20]}; this program reads format {FORMAT}. "
            "Build it again with: policysearch index --rebuild"
        )
    if words[3] != f"{zlib.crc32(body):08x}":
        raise _damaged(path, "its checksum is wrong")
    try:
        return _generation(json.loads(body))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(path, "its contents could not be decoded") from error


def _generation(fields: Any) -> Generation:
    """Return the generation in CURRENT; every value is validated, since a checksum can be forged."""
    segments = tuple(
        SegmentName(s["name"], count_of(s["size"]), count_of(s["seal"]), tuple(map(count_of, s["removed"])))
        for s in _exactly(list, fields["segments"])
    )
    name, size, crc = _exactly(list, fields["state"])
    state = _STATE.fullmatch(name)
    if not state or not all(_SEGMENT.fullmatch(s.name) for s in segments):
        raise ValueError("not the name of an index file")
    number = count_of(fields["number"])
    if int(state[1]) != number:
        raise ValueError("the source manifest of another generation")
    duplicates = _exactly(dict, fields["duplicates"])
    if not set(map(type, duplicates.values())) <= {str}:
        raise TypeError("no id")
    replaced = tuple((n, count_of(s), count_of(c)) for n, s, c in _exactly(list, fields.get("replaced", [])))
    if not all(_FILE.fullmatch(n) for n, _, _ in replaced):
        raise ValueError("not the name of an index file")
    account = (name, count_of(size), count_of(crc))
    equal = EqualDocuments(*(_counts(fields["equal"][kind]) for kind in ("alike", "others")))
    return Generation(number, segments, _described(fields["description"]), duplicates, equal, account, replaced)


def _counts(said: Any) -> Sequence[int]:
    """Return a list of counts, checked at once, which is ten times as fast as one by one."""
    numbers: list[int] = _exactly(list, said)
    if numbers and (set(map(type, numbers)) != {int} or min(numbers) < 0):
        raise ValueError("not counts")
    return tuple(numbers)


def _described(said: Any) -> Mapping[str, Any]:
    """Return a description whose parts have been checked to have the expected types."""
    analysis = _exactly(dict, said["analysis"])
    _exactly(str, analysis["fingerprint"])
    for word, frequency in _exactly(list, analysis["user_words"]):
        _exactly(str, word)
        count_of(frequency)
    for name in ("documents", "sections", "characters", "bytes", "failed"):
        count_of(said[name])
    for path in _exactly(list, said["roots"]):
        _exactly(str, path)
    for options in _exactly(dict, said["reading"]).values():
        _exactly(dict, options)
    _exactly(dict, said["made_by"])
    for group in _exactly(list, said["versions"]):
        for name, since, successor in _exactly(list, group):
            _exactly(str, name)
            _exactly(str, since)
            _exactly(type(None) if successor is None else str, successor)
    if "generation" in said:
        raise ValueError("a generation number in the description")
    description: Mapping[str, Any] = said
    return description


def _exactly(kind: type[T], value: Any) -> T:
    if type(value) is not kind:
        raise TypeError(f"no {kind.__name__}")
    return value


def count_of(number: Any) -> int:
    """Return ``number`` if it can be a size, a checksum or a number of things; raise ``ValueError`` otherwise."""
    if type(number) is not int or not 0 <= number < 2**63:
        raise ValueError("not a count")
    return number


def other_equal(folder: Path) -> IndexUnusableError:
    """Return the error that a generation has other groups of equal documents than its segments."""
    return _damaged(folder / CURRENT, "its documents with equal texts are not those of its segments")


def refuse_other_counts(folder: Path, description: Mapping[str, Any], segments: Iterable[LiveSegment]) -> None:
    """Raise ``IndexUnusableError`` when the counts of segments differ from the description of their generation."""
    documents = sections = 0
    for live in segments:
        documents += live.data.documents - len(live.removed)
        sections += len(live.all)
    if (documents, sections) != (description["documents"], description["sections"]):
        raise _damaged(
            folder / CURRENT,
            f"it lists {description['documents']} documents of {description['sections']} sections, but its segments "
            f"contain {documents} of {sections}",
        )


def make_folder(folder: Path) -> None:
    """Create a folder with its parents, and sync their entries to disk."""
    missing = [folder, *folder.parents]
    missing = missing[: next((i for i, path in enumerate(missing) if path.exists()), len(missing))]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def _write_synced(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def publish(folder: Path, generation: Generation, state: Mapping[str, Any], token: str) -> Generation:
    """Make ``generation`` the current one, in one atomic step; ``state`` is its source manifest.

    All its segment files are on disk already; ``token`` is the unique part of
    the names of this build's files. Returns the generation as published.
    """
    data = packed({**STATE_MARK, **state})
    name = f"sources-{generation.number}-{token}.json"
    _write_synced(folder / name, data)
    published = Generation(
        generation.number,
        generation.segments,
        generation.description,
        generation.duplicates,
        generation.equal,
        (name, len(data), zlib.crc32(data)),
        generation.replaced,
    )
    body = json.dumps(
        {
            "number": published.number,
            "segments": [
                {"name": s.name, "size": s.size, "seal": s.seal, "removed": s.removed} for s in published.segments
            ],
            "description": published.description,
            "duplicates": published.duplicates,
            "equal": {"alike": published.equal.alike, "others": published.equal.others},
            "state": published.state,
            "replaced": published.replaced,
        },
        ensure_ascii=False,
    ).encode("utf-8", "surrogatepass")
    new = folder / f"{CURRENT}-{token}.new"
    _write_synced(new, HEAD + f"{FORMAT} {zlib.crc32(body):08x}\n".encode() + body)
    # first the directory entries of the files that CURRENT names, then CURRENT itself
    sync_folder(folder)
    os.replace(new, folder / CURRENT)
    try:
        sync_folder(folder)
    except OSError as error:
        raise PolicySearchError(
            f"The index at '{folder}' is up to date, but syncing it to disk failed, and it may not survive a power "
            f"failure: {error.strerror or error}. Check the disk, then run: policysearch check"
        ) from error
    return published


def read_state(folder: Path, generation: Generation) -> Any:
    """Return the source manifest that was published with a generation."""
    name, size, crc = generation.state
    path = folder / name
    try:
        with open_index_file(path) as file:
            found = os.fstat(file.fileno()).st_size
            if found != size:
                raise _damaged(path, f"it has {found} bytes instead of {size}")
            data = file.read(size)
    except OSError as error:
        refuse_unreadable(path, error)
        raise _damaged(path, error.strerror or str(error)) from error
    if len(data) != size or zlib.crc32(data) != crc:
        raise _damaged(path, "its checksum is wrong")
    try:
        return unpacked(data)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "its contents could not be decoded") from error


def salvage_states(folder: Path) -> list[Any]:
    """Return the source manifests in a folder whose generation cannot be used, latest first.

    They may be of any format, and of interrupted builds.
    """
    named = [(int(found[1]), path) for path in folder.iterdir() if (found := _STATE.fullmatch(path.name))]
    states = []
    for _, path in sorted(named, reverse=True):
        with contextlib.suppress(OSError, ValueError, RecursionError):
            states.append(unpacked(read_index_file(path, LARGEST)))
    return states
