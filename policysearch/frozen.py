"""Frozen value classes that are cheap to define.

Defining a frozen dataclass takes 0.6 ms and importing ``dataclasses`` 9 ms;
for the forty classes that a search needs, that would take longer than the
search itself (measured: 40 classes of 25 fields in 0.4 ms here, 26-30 ms as
``NamedTuple``, 97-122 ms as dataclasses, 36-57 ms with msgspec, its import
included). ``frozen`` gives a class ``__init__`` by position or name, equality
and hash by class and contents, ``repr`` and pattern matching, and refuses
assignment. Type checkers see a frozen dataclass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["asdict", "frozen", "replace"]

T = TypeVar("T")

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        """Do nothing: only type checkers use it."""
        return lambda function: function


def _init(self: Any, *args: Any, **named: Any) -> None:
    cls = type(self)
    names = cls.__match_args__
    if named or len(args) != len(names):
        args = _bound(cls, args, named)
    self.__dict__.update(zip(names, args, strict=True))
    made = _made[cls] = _made.get(cls, 0) + 1
    if made == _MANY:
        cls.__init__ = _compiled_init(cls)


_MANY = 30
_made: dict[type, int] = {}


def _compiled_init(cls: Any) -> Any:
    """Return a compiled ``__init__``: three times as fast, with a compile time of about ten calls.

    A batch creates some fifty values per query and takes 7 % longer without it.
    """
    names: tuple[str, ...] = cls.__match_args__
    defaults = _defaults(cls)
    taken = ", ".join(f"{name}=defaults[{name!r}]" if name in defaults else name for name in names)
    set_all = "".join(f"\n    own[{name!r}] = {name}" for name in names)
    made: dict[str, Any] = {"defaults": defaults}
    exec(f"def __init__(self, {taken}):\n    own = self.__dict__{set_all}", made)
    return made["__init__"]


def _defaults(cls: Any) -> dict[str, Any]:
    return {name: getattr(cls, name) for name in cls.__match_args__ if hasattr(cls, name)}


def _bound(cls: Any, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """Return the arguments by position, with defaults filled in. Raises ``TypeError`` like a call."""
    names: tuple[str, ...] = cls.__match_args__
    given = dict(zip(names, args, strict=False))
    twice = given.keys() & named.keys()
    filled = _defaults(cls) | given | named
    if twice or len(args) > len(names) or filled.keys() != set(names):
        raise TypeError(f"{cls.__name__} takes {', '.join(names)}")
    return tuple(filled[name] for name in names)


def _eq(self: Any, other: object) -> bool:
    return type(self) is type(other) and asdict(self) == asdict(other)


def _hash(self: Any) -> int:
    return hash((type(self), *asdict(self).values()))


def _repr(self: Any) -> str:
    listed = ", ".join(f"{name}={part!r}" for name, part in asdict(self).items())
    return f"{type(self).__name__}({listed})"


def _refuse(self: Any, name: str, *_: Any) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen: cannot change '{name}'")


@dataclass_transform(frozen_default=True)
def frozen(cls: type[T]) -> type[T]:
    """Make a class of annotated fields a frozen value.

    The value of a field in the class is its default. The fields of a base class come first.
    """
    inherited: tuple[str, ...] = getattr(cls, "__match_args__", ())
    setattr(cls, "__match_args__", (*inherited, *cls.__annotations__))  # noqa: B010 - final for mypy
    cls.__init__ = _init  # type: ignore[method-assign]
    cls.__eq__ = _eq  # type: ignore[method-assign]
    cls.__hash__ = _hash  # type: ignore[method-assign]
    cls.__repr__ = _repr  # type: ignore[method-assign]
    cls.__setattr__ = _refuse  # type: ignore[method-assign]
    cls.__delattr__ = _refuse  # type: ignore[method-assign]
    return cls


def asdict(one: Any) -> dict[str, Any]:
    """Return the fields of a frozen value by name, in order; nested values are not converted."""
    own: dict[str, Any] = one.__dict__
    names = one.__match_args__
    # __init__ sets the fields in this order, before any cached attributes
    return own.copy() if len(own) == len(names) else {name: own[name] for name in names}


def replace(one: T, **fields: Any) -> T:
    """Return a copy of a frozen value with some fields replaced."""
    return type(one)(**{**asdict(one), **fields})
