"""Files that programs leave next to documents: locks, backups, temporary files, unfinished downloads."""

from __future__ import annotations

from policysearch.errors import NoDocumentError

__all__ = ["LOCKS", "refuse_leftover"]

LOCKS = ("~$", ".~", "._", ".#", ".goutputstream-")
"""First characters of the names of files that office programs, editors and macOS keep next to a document."""

_UNFINISHED = (".crdownload", ".part", ".partial", ".download", ".opdownload", ".xltd", ".downloading")
_TEMPORARY = (".tmp", ".temp", ".swp", ".swo", ".lock", ".lck")


def refuse_leftover(name: str) -> None:
    """Raise ``NoDocumentError`` for a file whose name shows that it is not a document, whatever it contains."""
    base = name.rpartition("/")[2].lower()
    if base.startswith("~$") or (base.startswith(".~lock.") and base.endswith("#")):
        raise NoDocumentError("It is the lock file of a document that is open in an office program.")
    if base.startswith("._"):
        raise NoDocumentError("It contains properties of another file, which macOS stores so.")
    if base.endswith(_UNFINISHED):
        raise NoDocumentError("It is an unfinished download. Download the document again.")
    if base.startswith(LOCKS) or base.endswith(_TEMPORARY):
        raise NoDocumentError("It is a temporary file of a program. Rename it if it is a document.")
    if base.endswith("~") or (base.startswith("#") and base.endswith("#")):
        raise NoDocumentError("It is a backup of an editor. Rename it if it is a document.")
