"""The interface of the commands for a server: their parameters and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from policysearch.frozen import frozen

if TYPE_CHECKING:
    from policysearch.index import Index

__all__ = ["OFF", "AnswerTooLargeError", "CommandAnswer", "Commands", "Parameter", "Values"]

T = TypeVar("T")

Values = Mapping[str, Sequence[str]]
"""Parameters of a request by name, each with all its values."""

OFF = frozenset(("0", "false", "no", "off"))
"""The values of a parameter, in lower case, that switch an option off."""


class AnswerTooLargeError(Exception):
    """The output of a command exceeds the limit."""


@frozen
class Parameter:
    """A parameter of a command, as its options and arguments declare it.

    Attributes:
        name: The long name of the option, or the name of the argument.
        help: Its description.
        kind: ``string``, ``integer``, ``number`` or ``boolean``.
        choices: The values that it accepts; empty for any.
        multiple: Whether it may be given several times.
        required: Whether it must be given.
        default: Its default value, or None.
        minimum: The least number, or None.
        maximum: The greatest number, or None.
        alias: An alternative name, or empty.
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
        status: Its exit status: 0 for done or found, 1 for a negative answer, 2 for a partial answer.
        body: The bytes that it wrote to stdout.
        notes: The lines that it wrote to stderr.
        found: The values that the index returned to it, in order.
    """

    status: int
    body: bytes
    notes: tuple[str, ...]
    found: tuple[Any, ...]

    def value(self, *kinds: type[T]) -> T:
        """Return the last value of one of these types that the index returned."""
        return next(one for one in reversed(self.found) if isinstance(one, kinds))


class Commands(Protocol):
    """The commands that are available over a network: they read an index, and no file."""

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
        """Return the answer of the command line, byte for byte.

        Args:
            name: The command.
            values: Its parameters. For an option that names a file at the command line, the value is the content of the
                file.
            index: The open index, which stays open.
            location: Its location.
            most: Maximum size of an answer in bytes; ``AnswerTooLargeError`` is raised beyond it.
            lines: Number of lines after which to stop without an error.

        Raises ``QueryError`` and ``InputError`` as the command line does.
        """
