"""Conversion of JSON to values of known types, with a check of its shape."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

__all__ = ["shaped"]

T = TypeVar("T")
_Shape = Callable[[Any], Any]


def shaped(kind: type[T], value: Any) -> T:
    """Convert a JSON value to a dataclass.

    The annotated types of its fields, at any depth, may be plain ones, ``Any``, unions with ``None``, lists, dicts with
    string keys, tuples, named tuples, dataclasses, and classes with ``from_state``. Fields of a dataclass with a
    default may be missing; integers have 64 bits at most, and other numbers are finite.

    Raises ``ValueError`` for a value of another shape or with further fields.
    """
    found: T = _shape(kind)(value)  # type: ignore[arg-type]
    return found


@lru_cache(maxsize=64)
def _shape(kind: Any) -> _Shape:
    if kind is Any:
        return lambda value: value
    if kind is int:
        return _whole
    if kind is float:
        return _number
    if hasattr(kind, "from_state"):
        made: _Shape = kind.from_state
        return made
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _either([_shape(part) for part in parts])
    if origin is list:
        return _list(_shape(parts[0]))
    if origin is dict and parts[0] is str:
        return _dict(_shape(parts[1]))
    if origin is tuple and parts[-1] is Ellipsis:
        several = _list(_shape(parts[0]))
        return lambda value: tuple(several(value))
    if origin is tuple:
        return _tuple(tuple, [_shape(part) for part in parts])
    if is_dataclass(kind):
        return _fields(kind)
    if issubclass(kind, tuple):
        return _tuple(lambda values: kind(*values), [_shape(hint) for hint in get_type_hints(kind).values()])
    return _exactly(kind)


def _exactly(kind: type) -> _Shape:
    def shape(value: Any) -> Any:
        if type(value) is not kind:  # True is not a number
            raise ValueError(f"{kind.__name__} expected")
        return value

    return shape


def _whole(value: Any) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**64:
        raise ValueError("whole number expected")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("number expected")
    return float(value)


def _either(shapes: list[_Shape]) -> _Shape:
    def shape(value: Any) -> Any:
        for one in shapes[:-1]:
            try:
                return one(value)
            except ValueError:
                pass
        return shapes[-1](value)

    return shape


def _list(inner: _Shape) -> _Shape:
    whole = _exactly(list)
    return lambda value: [inner(one) for one in whole(value)]


def _dict(inner: _Shape) -> _Shape:
    whole = _exactly(dict)
    return lambda value: {name: inner(one) for name, one in whole(value).items()}


def _tuple(make: Callable[[Any], Any], inner: list[_Shape]) -> _Shape:
    whole = _exactly(list)
    return lambda value: make([shape(one) for shape, one in zip(inner, whole(value), strict=True)])


def _fields(kind: Any) -> _Shape:
    hints = get_type_hints(kind)
    shapes = {field.name: _shape(hints[field.name]) for field in fields(kind)}
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}

    def shape(value: Any) -> Any:
        if type(value) is not dict or not needed <= value.keys() <= shapes.keys():
            raise ValueError(f"{kind.__name__} expected")
        return kind(**{name: shapes[name](one) for name, one in value.items()})

    return shape
