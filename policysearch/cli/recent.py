"""The hits of the last search in this terminal, so that ``show @3`` prints the third one."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from policysearch.cli.session import in_terminal
from policysearch.engines.opening import is_address

if TYPE_CHECKING:
    from pathlib import Path

    from policysearch.index import Index
    from policysearch.search.hits import Hits

__all__ = ["keep_hits", "kept_hit"]

_KEPT = 24 * 60 * 60  # seconds
_MOST = 1_000
_MOST_BYTES = 1 << 20


def _file() -> Path:
    """Return the file of this terminal. Raises ``OSError`` when there is no cache folder to use."""
    from policysearch.files.cache import cache_folder

    terminal = os.ttyname(sys.stdin.fileno()).strip("/").replace("/", "-")
    return cache_folder("recent") / f"{terminal}-{os.getsid(0)}.json"


def keep_hits(index: Index, folder: str, found: Hits) -> None:
    """Store the ids of hits for ``show @N``, in a terminal only; ignore failures."""
    if not (found.hits and in_terminal()):
        return
    with suppress(OSError):
        path = _file()
        ids = {hit.rank: hit.section_id for hit in found.hits[:_MOST]}
        kept = {"index": _place(folder), "generation": index.info["generation"], "time": time.time(), "ids": ids}
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        # links are not followed, and nobody else may read the file
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "w", encoding="utf-8", errors="surrogatepass") as file:
            json.dump(kept, file)
        os.replace(draft, path)
        for old in path.parent.iterdir():
            if time.time() - old.lstat().st_mtime > _KEPT:
                old.unlink(missing_ok=True)


def kept_hit(index: Index, folder: str, rank: int) -> str:
    """Return the id of a hit of the last search. Raises ``click.ClickException`` when there is none."""
    if not in_terminal():
        raise click.ClickException(
            f"@{rank} names a hit of the last search in a terminal; where stdin is no terminal, give an id."
        )
    kept = {}
    with suppress(OSError, ValueError):
        path = _file()
        state = path.lstat()
        if state.st_uid == os.getuid() and not state.st_mode & 0o077 and state.st_size <= _MOST_BYTES:
            kept = json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
    ids = kept.get("ids") if isinstance(kept, dict) else None
    if not isinstance(ids, dict) or not ids or not 0 <= time.time() - kept.get("time", 0) <= _KEPT:
        raise click.ClickException(f"@{rank}: there was no search in this terminal since yesterday; search first.")
    if kept.get("index") != _place(folder):
        raise click.ClickException(f"@{rank}: the last search in this terminal was in another index, {kept['index']}.")
    if kept.get("generation") != index.info["generation"]:
        raise click.ClickException(f"@{rank}: the index has changed since the last search; search again.")
    found = ids.get(str(rank))
    if not isinstance(found, str):
        ranks = sorted(map(int, ids))
        raise click.ClickException(f"@{rank}: the last search printed the hits {ranks[0]} to {ranks[-1]}.")
    return found


def _place(folder: str) -> str:
    return folder if is_address(folder) else os.path.realpath(folder)
