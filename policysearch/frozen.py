"""Frozen values that cost next to nothing to define.

A frozen dataclass takes 0.6 ms to define and 9 ms to import the means for;
the forty on the way of a search would take longer than the search. ``value``
gives a class what is needed of them: ``__init__`` by position or name,
equality and hash by class and contents, ``repr``, pattern matching, and no
assignment afterwards. Type checkers see a frozen dataclass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["changed", "contents", "value"]

T = TypeVar("T")

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        """Do nothing: type checkers alone look at this."""
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


def _compiled_init(cls: type) -> Any:
    """Return an ``__init__`` as one would write it: three times as fast, and as long in the making as ten calls."""
    names: tuple[str, ...] = cls.__match_args__  # type: ignore[attr-defined]
    taken = ", ".join(f"{name}=defaults[{name!r}]" if name in cls.__dict__ else name for name in names)
    set_all = "".join(f"\n    own[{name!r}] = {name}" for name in names)
    made: dict[str, Any] = {"defaults": dict(cls.__dict__)}
    exec(f"def __init__(self, {taken}):\n    own = self.__dict__{set_all}", made)
    return made["__init__"]


def _bound(cls: type, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    names: tuple[str, ...] = cls.__match_args__  # type: ignore[attr-defined]
    given = dict(zip(names, args, strict=False))
    twice = given.keys() & named.keys()
    filled = {name: cls.__dict__[name] for name in names if name in cls.__dict__} | given | named
    if twice or len(args) > len(names) or filled.keys() != set(names):
        raise TypeError(f"{cls.__name__} takes {', '.join(names)}")
    return tuple(filled[name] for name in names)


def _eq(self: Any, other: object) -> bool:
    return type(self) is type(other) and contents(self) == contents(other)


def _hash(self: Any) -> int:
    return hash((type(self), *contents(self).values()))


def _repr(self: Any) -> str:
    listed = ", ".join(f"{name}={part!r}" for name, part in contents(self).items())
    return f"{type(self).__name__}({listed})"


def _frozen(self: Any, name: str, *_: Any) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen: cannot change '{name}'")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """Make a class of annotated fields a frozen value; a field's default is its value in the class."""
    # the class's own fields, as written: nothing is inherited, nothing evaluated
    setattr(cls, "__match_args__", tuple(cls.__annotations__))  # noqa: B010 - mypy holds it to be final
    cls.__init__ = _init  # type: ignore[method-assign]
    cls.__eq__ = _eq  # type: ignore[method-assign]
    cls.__hash__ = _hash  # type: ignore[method-assign]
    cls.__repr__ = _repr  # type: ignore[method-assign]
    cls.__setattr__ = _frozen  # type: ignore[method-assign]
    cls.__delattr__ = _frozen  # type: ignore[method-assign]
    return cls


def contents(one: Any) -> dict[str, Any]:
    """Return a value's fields, by name, in order."""
    own: dict[str, Any] = one.__dict__
    names = one.__match_args__
    # what __init__ set stands in this order, and before anything that was computed later
    return own.copy() if len(own) == len(names) else {name: own[name] for name in names}


def changed(one: T, **fields: Any) -> T:
    """Return a value like this one, with some fields changed."""
    return type(one)(**{**contents(one), **fields})
