"""Files below a root that are ignored: because of ``.policyignore`` files, or of given patterns.

Patterns are those of gitignore(5), matched by pathspec: later ones take precedence over earlier ones, ``!`` includes
again, files of inner folders take precedence over outer ones, and nothing is included again in an ignored folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from policysearch.errors import InputError
from policysearch.files.regular import open_regular

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

__all__ = ["IGNORE_FILE", "FileSelection"]

IGNORE_FILE = ".policyignore"

_LARGEST = 1_000_000  # bytes of such a file
_MOST_PATTERNS = 1_000
# The cost of matching is exponential in the number of stars in one name, and of ** in a path.
_MOST_STARS, _MOST_DOUBLE = 3, 2
_LONGEST = 1_000


class FileSelection:
    """Selects the sources of one root by their names."""

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        """Compile the given patterns. Raises ``InputError`` for a malformed one."""
        self._include = _spec(include, "--include") if include else None
        self._exclude = _spec(exclude, "--exclude") if exclude else None
        self._of_folders: dict[str, GitIgnoreSpec] = {}

    def enter(self, folder: str, name: str) -> None:
        """Read the patterns of a folder, whose name below the root ends with ``/`` (empty for the root).

        Raises ``InputError`` for an unreadable file or a malformed pattern.
        """
        place = os.path.join(folder, IGNORE_FILE)
        if os.path.lexists(place):
            self._of_folders[name] = _spec(_lines(place), f"'{place}'")

    def passes_over(self, name: str) -> bool:
        """Return whether a file or folder is ignored; a folder's name ends with ``/``."""
        passed = False
        if self._of_folders:
            at = 0
            while at >= 0:
                spec = self._of_folders.get(name[:at])
                if spec is not None and (stated := spec.check_file(name[at:]).include) is not None:
                    passed = stated
                at = name.find("/", at, len(name) - 1) + 1 or -1
        if self._exclude is not None and (stated := self._exclude.check_file(name).include) is not None:
            passed = stated
        if not passed and self._include is not None and not name.endswith("/"):
            return not self._include.match_file(name)
        return passed


def _lines(place: str) -> list[str]:
    try:
        with open_regular(place) as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise InputError(f"'{place}' is larger than 1 MB; expected patterns, one per line.")
        return data.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"'{place}' cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"'{place}' is not UTF-8. Save it as UTF-8.") from error


def _spec(patterns: Iterable[str], where: str) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    stated = [pattern for pattern in patterns if pattern.strip() and not pattern.startswith("#")]
    if len(stated) > _MOST_PATTERNS:
        raise InputError(f"{where} has more than {_MOST_PATTERNS:,} patterns. Name folders instead of files.")
    for pattern in stated:
        stars = max(part.count("*") for part in pattern.split("/"))
        if len(pattern) > _LONGEST or stars > _MOST_STARS or pattern.count("**") > _MOST_DOUBLE:
            raise InputError(
                f"{where}: the pattern '{pattern[:60]}' has more than {_MOST_STARS} stars in a name, more than "
                f"{_MOST_DOUBLE} times '**', or more than {_LONGEST:,} characters. Write it shorter."
            )
    try:
        return GitIgnoreSpec.from_lines(stated)
    except ValueError as error:
        raise InputError(f"{where}: {error}. Patterns are those of gitignore, such as '*.log' or 'drafts/'.") from error
