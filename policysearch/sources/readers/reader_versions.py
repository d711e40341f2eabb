"""The versions of the readers: a source that was read by an older one is read again."""

from __future__ import annotations

__all__ = ["READER_VERSIONS"]

READER_VERSIONS: dict[str, int] = {
    "archive": 1,
    "csv": 1,
    "docx": 5,
    "epub": 1,
    "html": 5,
    "jsonl": 3,
    "mail": 1,
    "markdown": 6,
    "office": 1,
    "ofd": 1,
    "pdf": 2,
    "text": 4,
    "word XML": 2,
    "workbook": 1,
}
"""The version of each reader, raised with every change to what it reads.

They are together here, not in the modules of the readers: an update needs all of them, but seldom all readers.
"""
