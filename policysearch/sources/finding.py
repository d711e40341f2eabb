"""Sources in folders: every file below a root, and the ids of the documents in them.

Ids (of sources, and of the documents in them): the path below the root with
``/``; a record or an archive member follows after one ``#``; a record of a
collection in an archive is ``a.zip#b.csv/3``. So an id contains at most one ``#``, until a section's number is added.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from policysearch.errors import InputError
from policysearch.frozen import frozen
from policysearch.sources.ignoring import FileSelection
from policysearch.sources.leftovers import LOCKS

__all__ = [
    "SIDECAR_NAMES",
    "Source",
    "UnreadableSource",
    "Walked",
    "document_id",
    "encode_id",
    "find_sources",
    "holds_index",
    "is_passed_over",
]

SIDECAR_NAMES = frozenset({"metadata.csv", "metadata.yaml", "metadata.yml"})
"""Files with metadata of other sources, which are not sources themselves."""

# Files that Windows and macOS create in folders and archives.
_SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
_INDEX = ("CURRENT", b"policysearch index ")  # a file of every index folder, and its first bytes
_TO_ENCODE = re.compile("[#%\\s\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Source(NamedTuple):
    """One file below a root.

    Attributes:
        place: Its path, as a string.
        source_id: Its path below the root, percent-encoded.
        root: The folder that the id starts from.
        size: In bytes.
        mtime_ns: Time of its last change, in nanoseconds since 1970.
    """

    place: str
    source_id: str
    root: Path
    size: int
    mtime_ns: int

    @property
    def path(self) -> Path:
        """Its path, created on demand: most sources are only compared with the index's record of them."""
        return Path(self.place)


@frozen
class UnreadableSource:
    """Something below a root that cannot be read as a file or listed as a folder.

    Attributes:
        path: Its path.
        source_id: Its path below the root, percent-encoded.
        root: The folder that the id starts from.
        reason: The reason, and what to do about it.
    """

    path: Path
    source_id: str
    root: Path
    reason: str


@dataclass(slots=True)
class Walked:
    """The files and folders other than sources that a walk found.

    Attributes:
        indexes: Folders that contain an index of this program, which are not searched.
        ignored: Number of files and folders ignored because of patterns.
        devices: The device number of the root, and of each folder below it that is on another file system than its
            parent.
    """

    indexes: list[Path] = field(default_factory=list)
    ignored: int = 0
    devices: dict[str, int] = field(default_factory=dict)


def encode_id(text: str) -> str:
    """Percent-encode ``#``, ``%``, white space and controls, as UTF-8.

    Bytes of a file name that are not UTF-8 (surrogates to Python) are encoded unchanged.

    >>> encode_id("报告 #1/50%.txt")
    '报告%20%231/50%25.txt'
    """
    return _TO_ENCODE.sub(_percent, text)


def _percent(found: re.Match[str]) -> str:
    character = found[0]
    errors = "surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass"
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", errors))


def document_id(source_id: str, record: str | None) -> str:
    """Return the id of a document: of the source, and of the record or member in it, if any.

    >>> document_id("a.csv", "3"), document_id("a.txt", None)
    ('a.csv#3', 'a.txt')
    """
    return source_id if record is None else f"{source_id}#{encode_id(record)}"


def is_passed_over(name: str) -> bool:
    """Return whether a file or folder of this name is hidden, a lock, a sidecar or created by the system.

    Of these, locks and the like in a folder are sources all the same, which are skipped with a reason (``leftovers``).
    """
    return name.startswith((".", "~$")) or name in SIDECAR_NAMES or name.lower() in _SYSTEM_NAMES


def holds_index(folder: str | Path) -> bool:
    """Return whether a folder contains an index of this program, whose files are never sources."""
    name, head = _INDEX
    try:
        handle = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.read(handle, len(head)) == head
    except OSError:
        return False
    finally:
        os.close(handle)


def find_sources(
    root: Path,
    *,
    follow_links: bool = False,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    index: Path | None = None,
    walked: Walked | None = None,
) -> Iterator[Source | UnreadableSource]:
    """Yield every file below ``root``, or ``root`` itself when it is a file, in order of id (code points).

    Links to files below the root are followed; links to folders below it are
    not, since what is in them has its own ids. Links out of the root are
    followed with ``follow_links``, each folder once, and otherwise reported.
    Folders that contain an index are not searched, nor are the files and folders that a ``.policyignore`` in the root
    or a folder below it names (see ``ignoring``). A root that is a file is a source whatever its name.

    Args:
        root: A folder or a file.
        follow_links: Whether to follow links out of the root.
        include: Patterns as in gitignore; if there are any, only files that match one of them are sources.
        exclude: Patterns of files and folders to ignore; they take precedence over ``.policyignore``.
        index: The folder of the index that is being built, which may still be empty.
        walked: Receives the files and folders that are not sources.

    Raises:
        InputError: There is nothing at ``root``, it is in ``index`` or itself an index, or a pattern cannot be used.
    """
    try:
        status = root.stat()
    except OSError as error:
        raise InputError(
            f"Cannot read '{root}': {error.strerror or error}. Give an existing file or folder."
        ) from error
    _refuse_index(root, index)
    walked = Walked() if walked is None else walked
    walked.devices[str(root)] = status.st_dev
    if stat.S_ISDIR(status.st_mode):
        yield from _Walk(root, follow_links, FileSelection(include, exclude), index, walked).sources()
    else:
        yield _source(str(root), encode_id(root.name), root.parent, status)


def _refuse_index(root: Path, index: Path | None) -> None:
    """Raise ``InputError`` when a root is part of an index."""
    real = root.resolve()
    own = None if index is None else _identity(index)
    inside = own is not None and own in map(_identity, (real, *real.parents))
    if inside or holds_index(real if real.is_dir() else real.parent):
        raise InputError(
            f"'{root}' is part of an index, whose files are not sources. "
            "Name a folder of documents, or another folder for the index with: --index FOLDER"
        )


def _identity(path: Path) -> tuple[int, int] | None:
    """Return the identity of a file or folder (device and inode), or None when it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _source(place: str, source_id: str, root: Path, status: os.stat_result) -> Source | UnreadableSource:
    if not stat.S_ISREG(status.st_mode):
        return UnreadableSource(Path(place), source_id, root, "It is neither a file nor a folder.")
    return Source(place, source_id, root, status.st_size, status.st_mtime_ns)


class _Walk:
    """One pass over the folders below a root."""

    def __init__(
        self, root: Path, follow_links: bool, selection: FileSelection, index: Path | None, met: Walked
    ) -> None:
        self._root = root
        self._real_root = os.path.realpath(root)
        self._follow_links = follow_links
        self._selection = selection
        self._index = None if index is None else _identity(index)
        self._met = met
        self._device = met.devices[str(root)]
        self._walked: set[tuple[int, int]] = set()

    def sources(self) -> Iterator[Source | UnreadableSource]:
        stack: list[Iterator[tuple[str, os.DirEntry[str]]]] = []
        opened = self._list(str(self._root), "")
        while True:
            if isinstance(opened, UnreadableSource):
                yield opened
            else:
                stack.append(opened)
            while stack and (entry := next(stack[-1], None)) is None:
                stack.pop()
            if not stack:
                return
            assert entry is not None
            name, found = entry
            opened = iter(())
            kind = self._kind(found, name)
            if isinstance(kind, UnreadableSource):
                yield kind
            elif kind == "folder":
                opened = self._list(found.path, name)
            elif kind == "file":
                yield self._file(found, name)

    def _list(self, folder: str, name: str) -> Iterator[tuple[str, os.DirEntry[str]]] | UnreadableSource:
        """Return the entries of a folder with their names below the root, in order of their ids."""
        try:
            status = os.stat(folder)
            identity = (status.st_dev, status.st_ino)
            if identity in self._walked:
                return iter(())
            self._walked.add(identity)
            if status.st_dev != self._device and os.stat(os.path.dirname(folder)).st_dev != status.st_dev:
                self._met.devices[folder] = status.st_dev
            with os.scandir(folder) as entries:
                visible = [entry for entry in entries if not is_passed_over(entry.name) or _is_lock(entry)]
            if identity == self._index or (any(e.name == _INDEX[0] for e in visible) and holds_index(folder)):
                self._met.indexes.append(Path(folder))
                return iter(())
        except OSError as error:
            return self._unreadable(
                Path(folder), name or ".", f"Its folder cannot be listed: {error.strerror or error}."
            )
        self._selection.enter(folder, name)
        named = [(name + entry.name + ("/" if _is_folder(entry) else ""), entry) for entry in visible]
        wanted = [pair for pair in named if not self._selection.passes_over(pair[0])]
        self._met.ignored += len(named) - len(wanted)
        return iter(sorted(wanted, key=lambda pair: encode_id(pair[0])))

    def _kind(self, entry: os.DirEntry[str], name: str) -> str | UnreadableSource:
        """Return ``folder``, ``file``, empty for a link whose target has its own id, or why it cannot be read."""
        if not entry.is_symlink():
            return "folder" if name.endswith("/") else "file"
        if not os.path.exists(entry.path):
            return self._unreadable(Path(entry.path), name, "It is a link whose target does not exist.")
        target = os.path.realpath(entry.path)
        inside = target == self._real_root or target.startswith(self._real_root.rstrip(os.sep) + os.sep)
        if name.endswith("/"):
            if inside:
                return ""
            if self._follow_links:
                return "folder"
        elif inside or self._follow_links:
            return "" if holds_index(os.path.dirname(target)) else "file"
        reason = f"It is a link out of the folder, to '{target}'. Add that place as a root of its own."
        return self._unreadable(Path(entry.path), name, reason)

    def _file(self, entry: os.DirEntry[str], name: str) -> Source | UnreadableSource:
        try:
            return _source(entry.path, encode_id(name), self._root, entry.stat())
        except OSError as error:
            return self._unreadable(Path(entry.path), name, f"It cannot be read: {error.strerror or error}.")

    def _unreadable(self, path: Path, name: str, reason: str) -> UnreadableSource:
        return UnreadableSource(path, encode_id(name.rstrip("/")), self._root, reason)


def _is_lock(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a file that an office program left; it is reported as skipped."""
    # a link is the lock of an editor, and its target the name of a user
    return entry.name.startswith(LOCKS) and not entry.is_symlink() and not _is_folder(entry)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
