"""The commands for a server: parameters by their long names, output as the bytes of the command line."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from policysearch.cli.once import Once
from policysearch.cli.session import SESSION, Session
from policysearch.errors import InputError
from policysearch.serving.commands import OFF, AnswerTooLargeError, CommandAnswer, Parameter, Values
from policysearch.vocabulary import FILTERS

if TYPE_CHECKING:
    from policysearch.index import Index

__all__ = ["CommandLine"]

_MODULES = {"values": "list"}
_ASKED = (
    "search",
    "batch",
    "count",
    "matrix",
    "trend",
    "words",
    "collocates",
    "keywords",
    "kwic",
    "targets",
    "verify",
    "compare",
    "citations",
    "reuse",
    "list",
    "values",
    "show",
    "outline",
    "info",
)
"""Commands that only read an index."""

_OFFERED = frozenset(
    (
        *(one.name for one in FILTERS),
        *(
            "where",
            "format",
            "raw",
            "bom",
            "tag",
            "limit",
            "offset",
            "match",
            "exact",
            "word",
            "plain",
            "sort",
            "group",
        ),
        *("no-exact", "explain", "duplicates", "facets", "cite", "full", "terms", "patterns", "depth", "expand", "by"),
        *(
            "longest",
            "no-duplicates",
            "fill",
            "nonzero",
            "wide",
            "value",
            "dispersion",
            "unit",
            "min-documents",
            "stop",
        ),
        *("window", "min-together", "against", "negative", "width", "sample", "seed", "sentence", "columns", "code"),
        *("indicator", "indicators", "kind", "everywhere", "quote", "of", "to", "in", "min-length", "strict", "title"),
        *("versions", "skipped", "failed", "near-duplicates", "context", "verbose", "document"),
    )
)
"""Options that may be given over a network: they name no file on the machine, and only affect the answer."""

_NAMED = {"name": "id", "file": "", "drafts": "draft", "sides": ""}
"""The names of arguments in requests, if they differ; empty for an argument that names files."""

_ON = frozenset(("1", "true", "yes", "on"))


class _Enough(Exception):  # noqa: N818
    """Raised when the requested number of lines has been written."""


class _Bounded(io.BytesIO):
    def __init__(self, most: int, lines: int | None) -> None:
        super().__init__()
        self._left = most
        self._lines = lines

    def write(self, data: Any, /) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise AnswerTooLargeError
        written = super().write(data)
        if self._lines is not None:
            self._lines -= bytes(data).count(b"\n")
            if self._lines <= 0:
                raise _Enough
        return written


class CommandLine:
    """The commands of the command line, for ``serving``; see ``serving.commands.Commands``."""

    @property
    def names(self) -> Sequence[str]:
        """The names of the commands."""
        from policysearch.cli.command_names import COMMANDS

        return [name for name in _ASKED if _MODULES.get(name, name) in COMMANDS]

    def help(self, name: str) -> str:
        """Return the description of a command, one sentence."""
        from policysearch.cli.command_names import COMMANDS

        return "List the values of a field." if name == "values" else COMMANDS[name]

    def parameters(self, name: str) -> Sequence[Parameter]:
        """Return the parameters of a command, arguments first."""
        return _parameters(name)

    def run(
        self, name: str, values: Values, index: Index, location: str, *, most: int, lines: int | None = None
    ) -> CommandAnswer:
        """Answer as the command line does; see ``serving.commands.Commands``."""
        buffer = _Bounded(most, lines)
        # the streams of the command line have the same encoding, errors and line ends
        out = io.TextIOWrapper(buffer, encoding="utf-8", errors="surrogateescape", newline="\n", write_through=True)
        session = Session(index, out, _as_bytes("\n".join(values.get("draft", ()))))
        arguments = [f"--index={location}", *_arguments(name, values)]
        token = SESSION.set(session)
        try:
            command = _command(name)
            with command.make_context(name, arguments) as context:
                status = command.invoke(context)
            out.flush()
        except _Enough:
            status = 0
        except click.ClickException as error:
            raise InputError(error.format_message()) from None
        finally:
            SESSION.reset(token)
        body = buffer.getvalue()
        return CommandAnswer(status if isinstance(status, int) else 0, body, tuple(session.notes), tuple(session.found))


def _as_bytes(draft: str) -> bytes:
    """Return a draft as it was sent: in any encoding, or a file of Word."""
    try:
        return draft.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate in JSON
        return draft.encode("utf-8", "surrogatepass")


@cache
def _command(name: str) -> click.Command:
    command: click.Command = import_module(f"policysearch.cli.{_MODULES.get(name, name)}").command
    return command


@cache
def _offered(name: str) -> dict[str, click.Parameter]:
    """Return the parameters of a command, arguments first, by their names in a request."""
    return dict(sorted(_all_offered(name), key=lambda one: isinstance(one[1], click.Option)))


def _all_offered(name: str) -> Iterator[tuple[str, click.Parameter]]:
    for one in _command(name).params:
        if one.name is None or isinstance(one.type, click.Path):
            continue
        if isinstance(one, click.Option):
            called = next(option for option in one.opts if option.startswith("--"))[2:]
            if called in _OFFERED and one.name != "plot_title":  # a plot is a file
                yield called, one
        elif _NAMED.get(one.name, one.name):
            yield _NAMED.get(one.name, one.name), one
        elif one.name == "sides":
            yield from (("a", one), ("b", one))


@cache
def _parameters(name: str) -> tuple[Parameter, ...]:
    return tuple(_parameter(name, called, one) for called, one in _offered(name).items())


def _parameter(command: str, called: str, one: click.Parameter) -> Parameter:
    kind, least, most = "string", None, None
    if isinstance(one.type, (click.IntRange, click.FloatRange)):
        kind = "integer" if isinstance(one.type, click.IntRange) else "number"
        least, most = one.type.min, one.type.max
    if not isinstance(one, click.Option):
        many = one.nargs == -1 and called not in ("a", "b", "draft")
        alias = "q" if called in ("query", "term", "phrase") else ""
        texts = {"topics": "The topics, one per line: id, tab, query; or a query alone; or a JSON object."}
        return Parameter(called, texts.get(called, f"The {called}."), multiple=many, required=one.required, alias=alias)
    if one.is_flag:
        kind = "boolean"
    choices = tuple(map(str, one.type.choices)) if isinstance(one.type, click.Choice) else ()
    several = one.multiple and not isinstance(one, Once)
    default = (
        None if one.multiple or callable(one.default) or not isinstance(one.default, (str, int, float)) else one.default
    )
    if called == "format":
        default = "json"
    needed = command == "values" and called == "by"
    return Parameter(called, one.help or "", kind, choices, several, needed, default, least, most)


def _arguments(name: str, values: Values) -> list[str]:
    """Return the parameters of a request as they are typed at the command line."""
    offered = _offered(name)
    aliases = {one.alias: one.name for one in _parameters(name) if one.alias}
    options: list[str] = []
    words: list[str] = []
    sides: dict[str, str] = {}
    for asked, given in values.items():
        called = aliases.get(asked, asked)
        one = offered.get(called)
        if one is None:
            raise InputError(f"Unknown parameter '{asked}'; expected one of: {', '.join(offered)}.")
        if called in ("a", "b"):
            sides[called] = given[-1]
        elif called == "draft":
            words = ["-"]
        elif not isinstance(one, click.Option):
            words += given
        elif one.is_flag:
            options += [f"--{called}"] if _is_on(asked, given[-1]) else []
        else:
            options += [f"--{called}={value}" for value in given if value]
    if sides:
        words = [sides[side] for side in sorted(sides)]
    if name == "values" and not any(option.startswith("--by=") for option in options):
        raise InputError("Missing parameter 'by', the field whose values are listed.")
    return [*options, "--", *words]


def _is_on(name: str, value: str) -> bool:
    if value.lower() in _ON or not value:
        return True
    if value.lower() in OFF:
        return False
    raise InputError(f"Invalid value for '{name}': {value!r} is neither true nor false.")
