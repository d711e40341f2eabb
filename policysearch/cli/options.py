"""Options and streams shared by the commands."""

from __future__ import annotations

import errno
import math
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click
from click.core import ParameterSource

from policysearch.cli.session import GIVEN_INDEX, SESSION, Content
from policysearch.vocabulary import DUPLICATES, FILTERS, GROUPS, SORTS

if TYPE_CHECKING:
    from policysearch.index import Index

__all__ = [
    "AMOUNT",
    "COLUMNS",
    "LINES",
    "PROCESSES",
    "READABLE",
    "SEED",
    "TIMEOUT",
    "WAIT",
    "Integers",
    "QueryCommand",
    "color_option",
    "completion",
    "counted_duplicates_option",
    "duplicates_of",
    "duplicates_option",
    "filter_options",
    "filters_of",
    "index_option",
    "note",
    "opened_index",
    "quiet_option",
    "screen",
    "search_options",
    "tell_of_emptiness",
    "tell_of_inside",
    "tell_of_names",
    "tell_of_names_in",
    "terminal_columns",
    "word_option",
]

F = TypeVar("F", bound=Callable[..., Any])


class Integers(click.IntRange):
    """Whole numbers of a range; what is typed is one of them, and not a range."""

    name = "integer"


class _Seconds(click.FloatRange):
    """A number of seconds up to a million (eleven days), which any timer accepts."""

    name = "number of seconds"

    def __init__(self, **limits: Any) -> None:
        super().__init__(max=1_000_000, **limits)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        if math.isnan(seconds):  # nan passes every range check
            self.fail("'nan' is not a number of seconds.", param, ctx)
        return seconds


class _Lines(click.File):
    """A text file, or ``-`` for stdin; anything but a regular file is refused, as it may block or never end.

    In a server the value is the text itself.
    """

    def __init__(self) -> None:
        super().__init__("rb")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if SESSION.get() is not None and isinstance(value, str):
            return Content("" if param is None else param.human_readable_name, value)
        if value == "-" or not isinstance(value, str):
            return super().convert(value, param, ctx)
        from policysearch.files.regular import open_regular

        try:
            file = open_regular(value)
        except OSError as error:
            if os.path.isdir(value):
                self.fail(f"'{value}' is a folder. Give one file.", param, ctx)
            hint = " To read from a pipe, write - for it." if error.errno == errno.EINVAL else ""
            self.fail(f"'{value}': {error.strerror}.{hint}", param, ctx)
        if ctx is not None:
            ctx.call_on_close(file.close)
        return file


READABLE = 120
"""Maximum width of running text, in columns; longer lines are hard to read."""

LINES = _Lines()
AMOUNT = Integers(0, 1_000_000_000)
COLUMNS = Integers(0, 1_000_000)
PROCESSES = Integers(1, 1024)
SEED = Integers(-(2**63), 2**63 - 1)
WAIT = _Seconds(min=0)
TIMEOUT = _Seconds(min=0, min_open=True)
"""The number types of options, limited to values that every command can handle."""


def _keep_index(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Remember an index given as an option, for suggested commands."""
    if SESSION.get() is None and ctx.get_parameter_source(str(param.name)) is ParameterSource.COMMANDLINE:
        GIVEN_INDEX.set(value)
    return value


def index_option(function: F) -> F:
    """Add ``--index``."""
    return click.option(
        "-i",
        "--index",
        "index_folder",
        metavar="DIR",
        default="index",
        envvar="POLICYSEARCH_INDEX",
        show_default=True,
        show_envvar=True,
        callback=_keep_index,
        help="The index: a folder, or opensearch+https://HOST:9200/NAME.",
    )(function)


def quiet_option(function: F) -> F:
    """Add ``--quiet``."""
    return click.option("-q", "--quiet", is_flag=True, help="Print only errors on stderr.")(function)


def color_option(function: F) -> F:
    """Add ``--color``."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Use bold and colour in text output; auto: on a terminal, unless NO_COLOR is set.",
    )(function)


def completion(what: str) -> Callable[[click.Context, click.Parameter, str], list[Any]]:
    """Return a shell completion by a function of ``cli.completion``, which is loaded on use."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        from policysearch.cli import completion

        found: list[Any] = getattr(completion, f"complete_{what}")(ctx, param, incomplete)
        return found

    return complete


def filter_options(function: F) -> F:
    """Add the filters."""
    for one in reversed(FILTERS):
        if one.kind == "latest":
            function = click.option(f"--{one.name}", is_flag=True, help=f"Filter by {one.help}.")(function)
            continue
        metavar = "PATTERN" if one.kind == "documents" else "VALUE"
        function = click.option(
            f"--{one.name}",
            multiple=True,
            metavar=metavar,
            help=f"Filter by {one.help}. Repeat for alternatives.",
            shell_complete=completion("filter"),
        )(function)
    return function


_FILTER_NAMES = frozenset(one.name.replace("-", "_") for one in FILTERS)


def filters_of(options: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """Return the filters among a command's options."""
    given = {one.name: options.get(one.name.replace("-", "_")) for one in FILTERS}
    return {name: ("true",) if values is True else values for name, values in given.items() if values}


def word_option(function: F) -> F:
    """Add ``--word``."""
    return click.option(
        "-w",
        "--word",
        is_flag=True,
        help="Do not match a term that begins or ends with a letter or digit inside a longer word or number: AI not in "
        "DAILY, 5% not in 15% or 12.5%.",
    )(function)


def counted_duplicates_option(function: F) -> F:
    """Add ``--duplicates``, for commands that count and show no section."""
    return click.option(
        "--duplicates",
        type=click.Choice(DUPLICATES),
        default="fold",
        show_default=True,
        help="hide: leave out documents with the same text as another; fold and show: count them too.",
    )(function)


def duplicates_option(default: str = "") -> Callable[[F], F]:
    """Return a decorator that adds ``--duplicates``; without a default, tables and run files show all, others fold."""
    said = default or "fold; show in csv, tsv, trec and ids"
    return click.option(
        "--duplicates",
        type=click.Choice(DUPLICATES),
        default=default or None,
        help="Treatment of documents with equal text. fold: show equal sections once; show: show all; "
        f"hide: leave the copies out of all figures.  [default: {said}]",
    )


def duplicates_of(chosen: str | None, output_format: str) -> str:
    """Return the treatment of duplicates in a format."""
    return chosen or ("show" if output_format in ("csv", "tsv", "trec", "ids") else "fold")


def tell_of_inside(inside: int, one: str, several: str, quiet: bool) -> None:
    """Print a note with the number of places inside longer words or numbers."""
    if inside:
        many = f"{inside} {one} is" if inside == 1 else f"{inside} {several} are"
        note(f"{many} inside longer words or numbers; leave out with -w.", quiet)


def tell_of_names(expanded: Mapping[str, Sequence[str]], quiet: bool) -> None:
    """Print a note with the other names that are searched for."""
    for name, others in expanded.items():
        note(f"{name}: also {', '.join(others)}" if others else f"{name}: no other name is known.", quiet)


def tell_of_names_in(where: str | None, quiet: bool) -> None:
    """Print the same note for a query."""
    if where is not None and "names" in where:
        from policysearch.query.parser import expanded_names, parse

        tell_of_names(expanded_names(parse(where)), quiet)


_SHARED = ("limit", "offset", "exact", "word", "plain", "sort", "group", "explain")


def search_options(function: F) -> F:
    """Add the options that search and batch share; the command gets them, and its filters, as ``SearchOptions``."""

    @wraps(function)
    def command(**given: Any) -> Any:
        from policysearch.search.options import SearchOptions

        filters = filters_of(given)
        given = {name: value for name, value in given.items() if name not in _FILTER_NAMES}
        shared = {name: given.pop(name) for name in _SHARED}
        options = SearchOptions(**shared, filters=filters, count_exact=not given.pop("no_exact"))
        return function(options=options, **given)

    added: Any = command
    for option in reversed(
        (
            click.option(
                "-n",
                "--limit",
                type=AMOUNT,
                default=10,
                show_default=True,
                help="Maximum number of hits.",
            ),
            click.option(
                "--offset",
                type=AMOUNT,
                default=0,
                show_default=True,
                help="Number of hits to skip.",
            ),
            click.option("--exact", is_flag=True, help="Match the entire query literally, as one phrase."),
            word_option,
            click.option(
                "--plain",
                is_flag=True,
                help="Read the query as plain text, without operators, fields or quotes.",
            ),
            click.option(
                "--sort",
                type=click.Choice(SORTS),
                default="score",
                show_default=True,
                help="Order of the hits; undated documents come last.",
            ),
            click.option(
                "--group",
                type=click.Choice(GROUPS),
                default="section",
                show_default=True,
                help="Unit of a hit; document: the best section of each document.",
            ),
            click.option(
                "--no-exact",
                is_flag=True,
                help="Do not compute total_exact, the number of hits of --match exact.",
            ),
            click.option(
                "--explain",
                is_flag=True,
                help="Explain how the query was parsed and how the scores were computed.",
            ),
        )
    ):
        added = option(added)
    return added  # type: ignore[no-any-return]


def screen(color: str) -> tuple[TextIO, bool, int]:
    """Return stdout, whether it has colour, and its width in columns (80 when it is not a terminal)."""
    session = SESSION.get()
    if session is not None:
        return session.out, False, 80
    out = sys.stdout
    terminal = out.isatty()
    if color == "always":
        colored = True
    else:
        colored = color == "auto" and terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    if not terminal:
        return out, colored, 80
    return out, colored, max(30, terminal_columns())


def terminal_columns() -> int:
    """Return the width of the terminal, 80 where it has none."""
    import shutil  # 2 % of a cold search, with the libraries of compression

    return shutil.get_terminal_size().columns or 80  # 0 before Python 3.11, where the terminal does not say


def note(message: str, quiet: bool = False) -> None:
    """Print a notice on stderr."""
    session = SESSION.get()
    if session is not None:
        session.notes.append(message)
    elif not quiet:
        from policysearch.output.terminal import printable

        if "policysearch " in message:
            from policysearch.cli.hints import with_index

            message = with_index(message)
        sys.stdout.flush()  # so that a note has the same place in a pipe as on a terminal
        print(printable(message), file=sys.stderr)


def opened_index(folder: str, *, prepare: bool = False) -> Index:
    """Open an index; ``prepare`` it for many queries."""
    import policysearch

    session = SESSION.get()
    index = policysearch.open_index(folder, prepare=prepare) if session is None else session.index
    asked = click.get_current_context(silent=True)
    if asked is not None and asked.info_name != "search":  # whose message says more
        quiet = bool(asked.params.get("quiet"))
        if asked.info_name == "info" or not tell_of_emptiness(index, folder, quiet):
            _tell_of_absent(index, filters_of(asked.params), quiet)
    return index


def tell_of_emptiness(index: Index, folder: str, quiet: bool) -> bool:
    """Print a note if an index has no documents; return whether it has none."""
    empty = not index.info["documents"]
    if empty:
        note(f"The index '{folder}' has no documents. Add some with: policysearch index FOLDER", quiet)
    return empty


def _tell_of_absent(index: Index, filters: dict[str, Sequence[str]], quiet: bool) -> None:
    """Print a note with the values of filters that no document has."""
    if filters and not quiet:
        from policysearch.cli.advising import absence
        from policysearch.search.options import SearchOptions

        for one in index.absent_values("", SearchOptions(filters=filters, group="document")):
            said = absence(one, "document")
            note(f"{said[0].upper()}{said[1:]}.")


class QueryCommand(click.Command):
    """A command whose arguments may start with a minus that means NOT.

    ``-`` before anything but an ASCII letter or digit belongs to the query.
    Short options cannot be bundled, so that a typo is an error instead of
    other options.
    """

    _KEEP = "\ue000"  # marks an argument that is not an option, while click parses the line

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Hide the query's arguments from the option parser."""
        options = [option for option in self.params if isinstance(option, click.Option)]
        takes_value = {name: not option.is_flag for option in options for name in option.opts}
        # click reads a short option only after a failed search for a long one, which imports difflib: 3 ms
        long = {name: option.opts[-1] for option in options for name in option.opts}
        kept: list[str] = []
        rest = iter(args)
        for argument in rest:
            if kept and takes_value.get(kept[-1]) and not kept[-1].startswith(self._KEEP):
                kept.append(argument)
            elif argument == "--":
                kept += [argument, *(self._KEEP + one if one.startswith(self._KEEP) else one for one in rest)]
            elif argument.startswith(self._KEEP):  # a text may begin with this character
                kept.append(self._KEEP + argument)
            elif argument[:1] != "-" or len(argument) == 1 or argument[:2] == "--" or argument in ctx.help_option_names:
                kept.append(argument)
            elif not (argument[1].isascii() and argument[1].isalnum()):
                kept.append(self._KEEP + argument)
            elif argument in takes_value:
                kept.append(long[argument])
            elif takes_value.get(argument[:2]):
                kept.append(f"{long[argument[:2]]}={argument[2:]}")
            else:
                hint = "To take it literally, put -- before it."
                if ctx.info_name == "search":  # whose arguments alone are a query
                    excluded = f"To exclude a word, write: NOT {argument[1:]};"
                    hint = f"{excluded} to search for it literally, put -- before the query."
                raise click.UsageError(f"Unknown option '{argument}'. {hint}", ctx)
        return super().parse_args(ctx, kept)

    @classmethod
    def query(cls, arguments: Sequence[str]) -> str:
        """Return the arguments as one query."""
        return " ".join(cls.typed(arguments))

    @classmethod
    def typed(cls, arguments: Sequence[str]) -> list[str]:
        """Return the arguments as they were typed."""
        return [argument.removeprefix(cls._KEEP) for argument in arguments]
