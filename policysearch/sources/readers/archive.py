"""ZIP archives: each member is read as a source.

Members are read in memory, so their names never touch the disk.
"""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from policysearch.errors import NoDocumentError, SourceError
from policysearch.frozen import replace
from policysearch.sources.finding import is_passed_over
from policysearch.sources.kinds import may_be_office
from policysearch.sources.readers.office import convert_contents
from policysearch.sources.readers.reading import FailedRecord, Reading
from policysearch.sources.readers.zipped import MEMBER_LIMIT, is_bomb, open_zip, read_member

__all__ = ["read_archive"]

_DEEPEST = 1
_MEMBER_COUNT = 100_000
# The size of all members together, in bytes.
_TOTAL_LIMIT = 2 * 2**30
# The size of members that are converted in advance, in bytes.
_CONVERTED_LIMIT = 2**28
_UTF8_FLAG = 0x800

ReadMember = Callable[[bytes, str], Iterator[Reading | FailedRecord]]


def read_archive(data: bytes, read_one: ReadMember, *, depth: int) -> Iterator[Reading | FailedRecord]:
    """Yield the contents of each member, in the archive's order.

    ``record`` is the member's name; a record of a collection in the archive
    is ``name/record``. A member that cannot be read fails, the others do not.

    Raises:
        SourceError: It is corrupt, is nested too deeply, or has too many members or none.
    """
    if depth > _DEEPEST:
        raise SourceError("It is an archive in an archive in an archive. Unpack it and add the folder.")
    with open_zip(data) as archive:
        members = [member for member in archive.infolist() if not member.filename.endswith("/")]
        if len(members) > _MEMBER_COUNT:
            raise SourceError(f"It has more than {_MEMBER_COUNT} members. Unpack it and add the folder.")
        named = [(member_name(member), member) for member in members]
        named = [(name, member) for name, member in named if not _is_passed_over(name)]
        if not named:
            raise NoDocumentError("It is an archive without documents.")
        if sum(may_be_office(name) for name, _ in named) > 1:
            convert_contents(_office_members(archive, named))
        yield from _read_members(archive, named, read_one, len(data))


def _office_members(archive: zipfile.ZipFile, named: list[tuple[str, zipfile.ZipInfo]]) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of the members that may have to be converted, up to a limit."""
    left = _CONVERTED_LIMIT
    for name, member in named:
        if may_be_office(name):
            with contextlib.suppress(SourceError):  # reported when it is read
                content = read_member(archive, member, min(left, MEMBER_LIMIT))
                left -= len(content)
                yield name, content


def _read_members(
    archive: zipfile.ZipFile, named: list[tuple[str, zipfile.ZipInfo]], read_one: ReadMember, packed: int
) -> Iterator[Reading | FailedRecord]:
    total = 0
    seen: set[str] = set()
    for name, member in named:
        try:
            _refuse_name(name, seen)
            seen.add(name)
            if total > _TOTAL_LIMIT:
                raise SourceError("The archive unpacks to more than 2 GB. Unpack it and add the folder.")
            if is_bomb(total, packed):
                raise SourceError("The archive is packed like a decompression bomb; the rest of it is not read.")
            total += min(member.file_size, MEMBER_LIMIT)
            content = read_member(archive, member)
            for reading in read_one(content, name):
                if isinstance(reading, Reading) and reading.record is not None:
                    # members of nested archives count with their own size
                    total += len(reading.text)
                    if is_bomb(total, packed):
                        raise SourceError("It is packed like a decompression bomb; the rest of it is not read.")
                record = name if reading.record is None else f"{name}/{reading.record}"
                if record in seen and record != name:
                    yield FailedRecord(record, "The archive has a member of this name. Rename one of them.")
                    continue
                yield replace(reading, record=record)
        except SourceError as error:
            yield FailedRecord(name, str(error), skipped=isinstance(error, NoDocumentError))


def _refuse_name(name: str, seen: set[str]) -> None:
    if not name:
        raise SourceError("The archive is corrupt: this member has no name. Get another copy.")
    if name in seen:
        raise SourceError("The archive has this name more than once; only the first is read. Rename the others.")
    if name.startswith("/") or ".." in PurePosixPath(name).parts or name[1:2] == ":":
        raise SourceError("Its name points outside the archive. Pack it again with names below one folder.")


def member_name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; without the UTF-8 flag Chinese systems write GBK, others UTF-8."""
    name = member.filename
    if not member.flag_bits & _UTF8_FLAG:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                return raw.decode(encoding).replace("\\", "/")
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


def _is_passed_over(name: str) -> bool:
    return any(part not in (".", "..") and is_passed_over(part) for part in PurePosixPath(name).parts)
