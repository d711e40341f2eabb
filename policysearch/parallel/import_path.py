"""The import path of this program, which never includes the current folder.

This module imports nothing that could itself come from that folder: ``sys`` is
part of the interpreter, and ``os`` was imported at startup. So there is no
``from __future__`` either.
"""

import os
import sys

__all__ = ["safe_path"]


def safe_path() -> list[str]:
    """Return ``sys.path`` without the entries that refer to the current folder.

    This excludes relative entries, the current folder by any name, and relative
    or empty entries of ``PYTHONPATH`` (which Python has made absolute by now).
    An entry stays when Python or this package is installed there, even if that
    is the current folder. A checkout of this package is not installed: its modules are found next to this one and need
    no entry.
    """
    entries = [entry for entry in sys.path if isinstance(entry, str) and os.path.isabs(entry)]
    refused = {os.path.realpath(entry) for entry in _relative_entries()}
    refused.update(map(os.path.realpath, _current_folder()))
    if refused.isdisjoint(map(os.path.realpath, entries)):
        return entries
    refused -= set(map(os.path.realpath, _installed()))
    return [entry for entry in entries if os.path.realpath(entry) not in refused]


def _relative_entries() -> list[str]:
    if sys.flags.ignore_environment:
        return []
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    # without a current folder no entry can refer to it
    return [os.path.join(here, entry) for entry in entries if not os.path.isabs(entry) for here in _current_folder()]


def _current_folder() -> list[str]:
    try:
        return [os.getcwd()]
    except OSError:  # the current folder was removed
        return []


def _installed() -> list[str]:
    """Return the folders of the standard library, of installed packages, and of this package if pip installed it."""
    library = os.path.dirname(os.__file__)
    found = [library, os.path.join(library, "lib-dynload")]
    site = sys.modules.get("site")
    if site is not None:
        found += site.getsitepackages()
        if site.ENABLE_USER_SITE:
            found.append(site.getusersitepackages())
    beside = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if any(name.startswith("policysearch-") and name.endswith(".dist-info") for name in os.listdir(beside)):
        found.append(beside)
    return found
