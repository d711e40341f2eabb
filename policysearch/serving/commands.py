"""The commands as a server uses them: their parameters, and their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from policysearch.frozen import frozen

if TYPE_CHECKING:
    from policysearch.index import Index

__all__ = ["AnswerTooLargeError", "CommandAnswer", "Commands", "Parameter", "Values"]

T = TypeVar("T")

Values = Mapping[str, Sequence[str]]
"""Parameters of a request by name, each with all its values."""


class AnswerTooLargeError(Exception):
    """The output of a command is longer than was allowed."""


@frozen
class Parameter:
    """A parameter of a command, as its options and arguments declare it.

    Attributes:
        name: The long name of the option, or the name of the argument.
        help: Its description.
        kind: ``string``, ``integer``, ``number`` or ``boolean``.
        choices: The values that it takes; empty for any.
        multiple: Whether it may be given several times.
        required: Whether it must be given.
        default: The value where it is not given; None for none.
        minimum: The least number, or None.
        maximum: The greatest number, or None.
        alias: Another name of it, empty for none.
    """

    name: str
    help: str
    kind: str = "string"
    choices: tuple[str, ...] = ()
    multiple: bool = False
    required: bool = False
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    alias: str = ""


@frozen
class CommandAnswer:
    """The answer of a command.

    Attributes:
        status: Its exit status: 0 for done or found, 1 for a negative answer, 2 for an answer that is only a part.
        body: What it wrote to stdout.
        notes: What it wrote to stderr, by line.
        found: What the index returned to it, in order.
    """

    status: int
    body: bytes
    notes: tuple[str, ...]
    found: tuple[Any, ...]

    def value(self, *kinds: type[T]) -> T:
        """Return the last value of one of these types that the index returned."""
        return next(one for one in reversed(self.found) if isinstance(one, kinds))


class Commands(Protocol):
    """The commands that may be asked for over a network: they read an index, and no file."""

    @property
    def names(self) -> Sequence[str]:
        """The names of the commands."""

    def help(self, name: str) -> str:
        """Return the description of a command, one sentence."""

    def parameters(self, name: str) -> Sequence[Parameter]:
        """Return the parameters of a command, arguments first."""

    def run(
        self,
        name: str,
        values: Values,
        index: Index,
        location: str,
        *,
        most: int,
        lines: int | None = None,
    ) -> CommandAnswer:
        """Answer as the command line does, byte for byte.

        Args:
            name: The command.
            values: Its parameters. A value of one that the command line reads from a file is the content of the file.
            index: The open index, which stays open.
            location: Where it is.
            most: The greatest number of bytes of an answer; ``AnswerTooLargeError`` is raised for more.
            lines: Stop after so many lines, without an error.

        Raises ``QueryError`` and ``InputError`` for what the command line refuses.
        """
