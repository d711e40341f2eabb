"""Members of ZIP files, read in memory and within limits."""

from __future__ import annotations

import io
import zipfile
import zlib

from policysearch.errors import SourceError

__all__ = ["MEMBER_LIMIT", "is_bomb", "open_zip", "read_member"]

# Maximum size of a member, in bytes. A work report is 50 KB of XML; a collection of a hundred thousand notices 300 MB.
MEMBER_LIMIT = 256 * 2**20
# Text compresses to a tenth at best, repetitive XML to a hundredth; a bomb to a thousandth.
_HIGHEST_RATIO = 200
_RATIO_FREE = 10 * 2**20


def is_bomb(unpacked: int, packed: int) -> bool:
    """Return whether a compression ratio is too high for text."""
    return unpacked > _RATIO_FREE and unpacked > _HIGHEST_RATIO * max(packed, 1)


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Return the archive in ``data``.

    Raises:
        SourceError: It is corrupt.
    """
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, EOFError) as error:
        raise SourceError(f"It is a corrupt ZIP file: {error}. Get another copy.") from error


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int = MEMBER_LIMIT) -> bytes:
    """Return the bytes of ``member``, without relying on the size stated in the archive.

    Raises:
        SourceError: It is larger than ``limit`` bytes, packed like a bomb, encrypted or corrupt.
    """
    if member.flag_bits & 1:
        raise SourceError("It is encrypted. Unpack it with its password and add the folder instead.")
    parts: list[bytes] = []
    size = 0
    try:
        with archive.open(member) as stream:
            while part := stream.read(2**20):
                size += len(part)
                parts.append(part)
                if size > limit:
                    raise SourceError(
                        f"It unpacks to more than {limit // 2**20} MB; unpack it and add the folder instead."
                    )
                if is_bomb(size, member.compress_size):
                    raise SourceError("It is packed like a decompression bomb (more than 200 to 1); it is not read.")
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
    ) as error:
        raise SourceError(f"It is corrupt or packed in a way that is not supported: {error}") from error
    return b"".join(parts)
