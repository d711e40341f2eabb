"""The values that all requests share: the index, the commands, the templates, the files of the pages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from policysearch.output.terminal import printable
from policysearch.serving.commands import Commands
from policysearch.serving.served import Served
from policysearch.serving.work import Workers
from policysearch.text.similar import sounds

__all__ = ["Limits", "Site"]

_HERE = Path(__file__).parent
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


class Limits:
    """Limits of a request.

    Attributes:
        seconds: Time limit of an answer.
        answer: Maximum size of an answer in bytes.
        draft: Maximum size of a draft in bytes.
        threads: Number of requests answered at the same time.
        waiting: Maximum number of waiting requests.
        patience: Seconds after which a page reports that its answer is in progress, and reloads.
        longest: Seconds that an API request waits in the queue.
    """

    seconds = 20.0
    answer = 64_000_000
    draft = 4_000_000
    threads = 6
    waiting = 200
    patience = 4.0
    longest = 120.0


class Site:
    """The values that all requests share.

    Attributes:
        served: The index.
        commands: The available commands.
        version: The version of the program.
        root: The prefix of every address, without a trailing slash.
        limits: Limits of a request.
        workers: The threads that answer.
        pages: The names of the pages.
        build: A tag of the program's version, by which pages of the same index may differ.
    """

    def __init__(
        self, served: Served, commands: Commands, version: str, root: str = "", limits: Limits | None = None
    ) -> None:
        self.served = served
        self.version = version
        self.commands = commands
        self.root = root.rstrip("/")
        self.limits = limits or Limits()
        self.pages: frozenset[str] = frozenset()
        self.workers = Workers(self.limits.threads, self.limits.seconds, self.limits.waiting)
        self.build = _build(version)

    def prepare(self) -> None:
        """Load what many requests need: the templates, the readings of characters for advice, and that of the index."""
        for name in self.templates.list_templates():
            self.templates.get_template(name)
        sounds("的")
        self.served.prepare()

    @cached_property
    def files(self) -> Mapping[str, tuple[bytes, str]]:
        """The files that the pages need: content and type, by name."""
        found = {}
        for path in sorted((_HERE / "static").iterdir()):
            if path.suffix in _TYPES:
                found[path.name] = (path.read_bytes(), _TYPES[path.suffix])
        return found

    @cached_property
    def templates(self) -> Environment:
        """The templates. Every text is HTML-escaped, and its control characters are shown as escapes."""
        return Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            auto_reload=False,
            finalize=_shown,
        )


def _shown(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _build(version: str) -> str:
    made = hashlib.sha256(version.encode())
    for path in sorted(_HERE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            made.update(path.read_bytes())
    return made.hexdigest()[:10]
