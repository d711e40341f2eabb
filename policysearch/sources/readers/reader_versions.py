"""The versions of the readers: a source that was read by an older one is read again."""

from __future__ import annotations

__all__ = ["READER_VERSIONS"]

READER_VERSIONS: dict[str, int] = {
    "archive": 1,
    "csv": 2,
    "docx": 6,
    "epub": 1,
    "html": 6,
    "jsonl": 4,
    "mail": 1,
    "markdown": 7,
    "office": 1,
    "ofd": 1,
    "pdf": 2,
    "text": 5,
    "word XML": 2,
    "workbook": 2,
}
"""The version of each reader, raised with every change to what it reads.

They are together here, not in the modules of the readers: an update needs all of them, but seldom all readers.
"""
