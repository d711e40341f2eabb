"""A request: its parameters, its language, the index that answers it, and links that preserve its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from policysearch.errors import InputError
from policysearch.frozen import frozen
from policysearch.serving.commands import CommandAnswer
from policysearch.serving.language import LANGUAGES, Wording
from policysearch.serving.messages import in_chinese
from policysearch.serving.served import OpenGeneration
from policysearch.serving.site import Site

__all__ = ["Asked", "Reply", "parameters_of"]

T = TypeVar("T")

_MOST_FIELDS = 2_000
OWN = frozenset(("lang",))
"""Parameters of pages, which are not passed to commands."""


@frozen
class Reply:
    """An answer to a request.

    Attributes:
        body: Its content.
        type: Its media type.
        status: The HTTP status.
        headers: Further headers.
    """

    body: bytes
    type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = {}


def parameters_of(query: bytes | str) -> list[tuple[str, str]]:
    """Return the parameters of a query string or of a form; a byte that is not UTF-8 becomes a lone surrogate.

    Raises ``InputError`` for too many.
    """
    text = query.decode("utf-8", "surrogateescape") if isinstance(query, bytes) else query
    try:
        return parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise InputError(f"Too many parameters; at most {_MOST_FIELDS} are read.") from error


class Asked:
    """A request to a page.

    Attributes:
        site: The values that all requests share.
        generation: The generation of the index that answers.
        path: The path, below the prefix.
        parameters: The parameters, in order.
        language: ``zh`` or ``en``.
        t: The wordings of the language.
    """

    def __init__(
        self, site: Site, generation: OpenGeneration, path: str, parameters: Sequence[tuple[str, str]], language: str
    ) -> None:
        self.site = site
        self.generation = generation
        self.index = generation.index
        self.path = path
        self.parameters = [one for one in parameters if one[0] not in OWN]
        self.language = language
        self.t = Wording(language)

    def get(self, name: str, default: str = "") -> str:
        """Return the last value of a parameter."""
        return next((value for given, value in reversed(self.parameters) if given == name), default)

    def all(self, name: str) -> list[str]:
        """Return the values of a parameter that are not empty."""
        return [value for given, value in self.parameters if given == name and value]

    def number(self, name: str, default: int) -> int:
        """Return a parameter as a number from 0. Raises ``InputError`` if it is not one."""
        given = self.get(name)
        if not given:
            return default
        if not (given.isascii() and given.isdigit() and len(given) < 10):
            raise InputError(f"Invalid value for '{name}': {given!r} is not a number from 0.")
        return int(given)

    def values(self, *without: str, **more: str | Iterable[str]) -> dict[str, list[str]]:
        """Return the parameters for a command, without empty ones and those in ``without``, and with ``more``."""
        found: dict[str, list[str]] = {}
        for name, value in self.parameters:
            if value and name not in without:
                found.setdefault(name, []).append(value)
        for name, one in more.items():
            found[name.replace("_", "-")] = [one] if isinstance(one, str) else list(one)
        return found

    def run(self, command: str, values: Mapping[str, Sequence[str]], lines: int | None = None) -> CommandAnswer:
        """Run a command; see ``serving.commands.Commands``."""
        location, most = self.site.served.location, self.site.limits.answer
        return self.site.commands.run(command, values, self.index, location, most=most, lines=lines)

    def value(self, command: str, kind: type[T], values: Mapping[str, Sequence[str]]) -> T:
        """Run a command for the value that the index returns to it; the command stops where it begins to write it."""
        return self.run(command, {**values, "format": ["json"]}, lines=0).value(kind)

    def formats(self, command: str) -> Sequence[str]:
        """Return the formats of a command."""
        return next((one.choices for one in self.site.commands.parameters(command) if one.name == "format"), ())

    def url(self, path: str, fragment: str = "", **parameters: Any) -> str:
        """Return the address of a page; parameters of None are omitted, lists are repeated."""
        return address(self.site.root, path, parameters.items(), fragment)

    def section_url(self, section_id: str, **parameters: Any) -> str:
        """Return the address of a section in the reader."""
        return self.url("/show", f"s{section_id.rpartition('#')[2]}", id=section_id, **parameters)

    def here(self, path: str | None = None, fragment: str = "", **changed: Any) -> str:
        """Return the address of this page with changed parameters: None removes one, a list repeats it."""
        names = {name.replace("_", "-"): value for name, value in changed.items()}
        kept = [(name, value) for name, value in self.parameters if value and name not in names]
        return address(self.site.root, self.path if path is None else path, [*kept, *names.items()], fragment)

    def said(self, message: str) -> str:
        """Return a message of the program in the language of the page, if there is a wording."""
        return (in_chinese(message) or message) if self.language == "zh" else message

    def static(self, name: str) -> str:
        """Return the address of a file of the pages."""
        return f"{self.site.root}/static/{name}?v={self.site.build}"

    def page(self, template: str, status: int = 200, **values: Any) -> Reply:
        """Return a page rendered from a template."""
        made = self.site.templates.get_template(template).render(
            asked=self, t=self.t, url=self.url, here=self.here, html_lang=LANGUAGES[self.language], **values
        )
        return Reply(made.encode("utf-8", "replace"), status=status)


def address(root: str, path: str, parameters: Iterable[tuple[str, Any]], fragment: str = "") -> str:
    """Return an address with its parameters."""
    pairs: list[tuple[str, str]] = []
    for name, value in parameters:
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is not None and one != "":
                pairs.append((name.replace("_", "-"), str(one)))
    query = urlencode(pairs, quote_via=quote, safe="", errors="surrogateescape")
    return f"{root}{path}{'?' + query if query else ''}{'#' + fragment if fragment else ''}"
