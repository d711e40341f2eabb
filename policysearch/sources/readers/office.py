"""Old Word documents, RTF and OpenDocument texts: converted to DOCX by LibreOffice, and read as DOCX.

LibreOffice runs without a window, in a process of its own that ends with this one, with a profile of its own that
forbids macros and links, without a network where the system can shut it off, and several files at a start, since
starting takes longer than converting. The result is cached in the user's cache folder under the checksum of the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from multiprocessing.connection import Connection
from pathlib import Path, PurePosixPath

from policysearch.errors import SourceError
from policysearch.files.cache import cache_folder, read_cached, write_cached
from policysearch.files.regular import read_regular
from policysearch.frozen import replace
from policysearch.parallel.processes import Process
from policysearch.sources.kinds import OFFICE_ENDINGS
from policysearch.sources.readers.docx import is_main_part, read_docx
from policysearch.sources.readers.reader_versions import READER_VERSIONS
from policysearch.sources.readers.reading import Note, Reading

__all__ = ["convert_ahead", "convert_contents", "read_office"]

_WORD_STREAM = "WordDocument\0".encode("utf-16-le")

# Maximum size of a converted file, with pictures; the cached one has none.
_LARGEST = 2**28
_LARGEST_KEPT = 2**26
# Maximum number and size of the files of one start.
_MOST_FILES = 20
_MOST_BYTES = 2**26
# Seconds without a finished file. The first one includes the start.
_FILE_SECONDS = 60
# Number of starts without a result after which no more are tried.
_MOST_STARTS = 3
_MEMORY_LIMIT = 4 * 2**30
# Maximum size of the cache in bytes, and the size to which it is reduced then.
_CACHE_LIMIT, _CACHE_CUT = 2**28, 2**27

_ADVICE = (
    "Install LibreOffice, so that soffice is on the PATH, and index again; or convert it, for example with: "
    "soffice --headless --convert-to docx FILE"
)
# No macros, no active content, no following of links, a proxy that does not answer.
_SETTINGS = {
    "Office.Common/Security/Scripting": {
        "MacroSecurityLevel": "3",
        "DisableMacrosExecution": "true",
        "DisableActiveContent": "true",
        "BlockUntrustedRefererLinks": "true",
        "WarnSaveOrSendDoc": "false",
    },
    "Office.Common/Misc": {"FirstRun": "false", "UseLocking": "false"},
    "Office.Writer/Content/Update": {"Link": "0", "Field": "false", "Chart": "false"},
    "Office.Calc/Content/Update": {"Link": "2"},
    "Office.Recovery/RecoveryInfo": {"Enabled": "false"},
    "Inet/Settings": {
        "ooInetProxyType": "2",
        "ooInetHTTPProxyName": "127.0.0.1",
        "ooInetHTTPProxyPort": "9",
        "ooInetHTTPSProxyName": "127.0.0.1",
        "ooInetHTTPSProxyPort": "9",
    },
}

_made: dict[str, bytes | str] = {}
"""Files converted in advance and not read yet, or the reason for a failure, by key."""


def read_office(data: bytes, ending: str) -> Iterator[Reading]:
    """Yield the reading of ``read_docx`` for a document converted by LibreOffice, with a note on the conversion.

    Args:
        data: The document.
        ending: A value of ``OFFICE_ENDINGS``.

    Raises:
        SourceError: LibreOffice is not installed, cannot open it, or takes too long; or it contains no text.
    """
    if _soffice() is None:
        raise SourceError(f"It is an {_KINDS[ending]}. {_ADVICE}")
    key = _key(data)
    made = _made.pop(key, None) or _cached(key) or _convert({key: (data, ending)})[key]
    if isinstance(made, str):
        raise SourceError(made)
    for reading in read_docx(made):
        yield replace(reading, notes=(Note("converted", f"Converted from {ending} by LibreOffice."), *reading.notes))


_KINDS = {".doc": "old Word document (.doc, .wps)", ".rtf": "RTF document", ".odt": "OpenDocument text"}


def convert_ahead(paths: Iterable[Path]) -> None:
    """Convert some old Office documents that will be read next, several at a start."""

    def contents() -> Iterator[tuple[str, bytes]]:
        for path in paths:
            with contextlib.suppress(OSError):  # reported when it is read
                yield path.name, read_regular(path, _MOST_BYTES)

    convert_contents(contents())


def convert_contents(contents: Iterable[tuple[str, bytes]]) -> None:
    """Convert the old Office documents among some files, given their names and contents, several at a start."""
    if _soffice() is None:
        return
    waiting: dict[str, tuple[bytes, str]] = {}
    size = 0
    for name, data in contents:
        ending = OFFICE_ENDINGS[PurePosixPath(name).suffix.lower()]
        if not data.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf")) and not (ending == ".odt" and data.startswith(b"PK")):
            continue
        key = _key(data)
        if key in _made or key in waiting or _cached(key) is not None:
            continue
        if waiting and (len(waiting) == _MOST_FILES or size + len(data) > _MOST_BYTES):
            _made.update(_convert(waiting))
            waiting, size = {}, 0
        waiting[key] = data, ".rtf" if data.startswith(b"{\\rtf") else ending if ending == ".odt" else ".doc"
        size += len(data)
    if waiting:
        _made.update(_convert(waiting))


# the cache


@lru_cache(maxsize=1)
def _soffice() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


@lru_cache(maxsize=1)
def _version() -> str:
    """Return a text that differs for each version of LibreOffice."""
    program = Path(os.path.realpath(_soffice() or ""))
    about = program.with_name("versionrc")
    with contextlib.suppress(OSError):
        return about.read_text(encoding="utf-8", errors="replace")
    with contextlib.suppress(OSError):
        status = program.stat()
        return f"{program} {status.st_size} {status.st_mtime_ns}"
    return str(program)


def _key(data: bytes) -> str:
    return hashlib.sha256(
        hashlib.sha256(data).digest() + f"{READER_VERSIONS['office']} {_version()}".encode()
    ).hexdigest()


def _cached(key: str) -> bytes | None:
    with contextlib.suppress(OSError):
        path = cache_folder("converted") / f"{key[:32]}.docx"
        data = bytes(read_cached(path, _LARGEST_KEPT))
        os.utime(path)  # the least recently used go first
        return data
    return None


def _keep(made: Mapping[str, bytes | str]) -> None:
    """Put converted files into the cache, if it can be written, and remove the oldest where it grows too large."""
    with contextlib.suppress(OSError):
        folder = cache_folder("converted")
        for key, data in made.items():
            if isinstance(data, bytes) and len(data) < _LARGEST_KEPT:
                write_cached(folder / f"{key[:32]}.docx", data)
        with os.scandir(folder) as entries:
            files = [(one.stat().st_mtime, one.stat().st_size, one.path) for one in entries if one.name[:1] != "."]
        size = sum(length for _, length, _ in files)
        for _, length, path in sorted(files) if size > _CACHE_LIMIT else ():
            if size <= _CACHE_CUT:
                break
            os.unlink(path)
            size -= length


# conversion


def _convert(files: Mapping[str, tuple[bytes, str]]) -> dict[str, bytes | str]:
    """Return the conversion of each file, or the reason for its failure, by key; cache conversions."""
    made: dict[str, bytes | str] = {}
    by_filter: dict[str, dict[str, tuple[bytes, str]]] = {}
    for key, (data, ending) in files.items():
        by_filter.setdefault(_filter_of(data, ending), {})[key] = (data, ending)
    for name, some in by_filter.items():
        made.update(_convert_by(name, some))
    _keep(made)
    return made


def _filter_of(data: bytes, ending: str) -> str:
    """Return the filter for a file, since LibreOffice opens a file without a matching filter as plain text."""
    if ending == ".doc":
        at = data.find(_WORD_STREAM, 512)
        start = 512 * (1 + int.from_bytes(data[at + 116 : at + 120], "little")) if at >= 0 else len(data)
        # [MS-DOC] 2.5.2; the documents of Word 6 and 95 have other filters, which LibreOffice finds
        return "" if data[start : start + 2] == b"\xdc\xa5" else "MS Word 97"
    return {".rtf": "Rich Text Format", ".odt": "writer8"}[ending]


def _convert_by(name: str, files: Mapping[str, tuple[bytes, str]]) -> dict[str, bytes | str]:
    """Return the conversion of each file by a filter, or the reason for its failure."""
    made: dict[str, bytes | str] = {}
    with tempfile.TemporaryDirectory(prefix="policysearch-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        _write_profile(folder / "profile/user")
        (folder / "in").mkdir()
        (folder / "out").mkdir()
        left: dict[str, str] = {}  # by key: the name of the file there
        for number, (key, (data, ending)) in enumerate(files.items()):
            left[key] = f"{number:04d}"
            (folder / "in" / f"{left[key]}{ending}").write_bytes(data)
        fruitless = 0
        while left and fruitless < _MOST_STARTS:
            status, late = _run(folder, name, [f"{one}{files[key][1]}" for key, one in left.items()])
            done: dict[str, bytes | str] = {}
            for key, one in left.items():
                result = _result(folder / "out" / f"{one}.docx")
                if result is not None:
                    done[key] = result
            made.update(done)
            fruitless = 0 if done else fruitless + 1
            left = {key: one for key, one in left.items() if key not in done}
            if status == 0:
                reason = "LibreOffice cannot open it: it is corrupt, or has a password. Save it again, as DOCX."
                made.update(dict.fromkeys(left, reason))
                return made
            if left:
                culprit = next(iter(left))  # they are converted in this order
                made[culprit] = (
                    f"LibreOffice takes longer than {_FILE_SECONDS} seconds for it. Save it again, as DOCX."
                    if late
                    else "LibreOffice crashes on it. Save it again, as DOCX."
                )
                del left[culprit]
        made.update(dict.fromkeys(left, "LibreOffice does not work here. Try: soffice --headless --version"))
    return made


def _result(path: Path) -> bytes | None:
    """Return a converted file without its pictures; None when there is none, or only a part of it."""
    try:
        data = read_regular(path, _LARGEST)
        with (
            zipfile.ZipFile(io.BytesIO(data)) as archive,
            zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as kept,
        ):
            for member in archive.infolist():
                if member.filename.endswith((".xml", ".rels")):
                    kept.writestr(member.filename, archive.read(member))
            if not any(map(is_main_part, archive.namelist())):
                return None
        return out.getvalue()
    except (OSError, zipfile.BadZipFile, ValueError, EOFError):
        return None


def _run(folder: Path, name: str, names: Sequence[str]) -> tuple[int, bool]:
    """Convert files in the folder; return the exit status, and whether it was stopped because of the time limit."""
    out = folder / "out"
    process = Process(partial(_serve, _command(folder, name, names), str(folder)))
    try:
        since, before = time.monotonic(), -1
        while not process.connection.poll(0.2):
            done = len(os.listdir(out))
            if done != before:
                since, before = time.monotonic(), done
            if time.monotonic() - since > _FILE_SECONDS:
                return 1, True
        status = process.connection.recv()
        return status if isinstance(status, int) else 1, False
    except (EOFError, ConnectionResetError):
        return 1, False
    finally:
        process.end()


def _command(folder: Path, name: str, names: Sequence[str]) -> list[str]:
    return [
        *_without_network(),
        _soffice() or "soffice",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *("--headless", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard", "--nolockcheck"),
        *([f"--infilter={name}"] if name else []),
        *("--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder / "out")),
        *(str(folder / "in" / name) for name in names),
    ]


@lru_cache(maxsize=1)
def _without_network() -> tuple[str, ...]:
    """Return a command that runs another one without a network; empty if the system has none that may be used."""
    if shutil.which("unshare") is None:
        return ()
    for command in (("unshare", "--map-root-user", "--net"), ("unshare", "--net")):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            if subprocess.run([*command, "true"], capture_output=True, timeout=10, check=False).returncode == 0:
                return command
    return ()


def _write_profile(folder: Path) -> None:
    folder.mkdir(parents=True)
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, settings in _SETTINGS.items()
        for name, value in settings.items()
    )
    (folder / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry"'
        f' xmlns:xs="http://www.w3.org/2001/XMLSchema">{items}</oor:items>',
        encoding="utf-8",
    )


# in the process that starts LibreOffice, which leads its own process group


def _serve(command: list[str], folder: str, connection: Connection) -> None:
    """Run the command within limits, and send its exit status."""
    import resource

    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_LIMIT, _MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST, _LARGEST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": folder,
        "TMPDIR": folder,
        "LC_ALL": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
        **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9"),
    }
    done = subprocess.run(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    connection.send(done.returncode)
