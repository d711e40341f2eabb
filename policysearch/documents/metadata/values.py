"""Collection of values of metadata, the most trusted first."""

from __future__ import annotations

from typing import Any

from policysearch.documents.metadata.record import FIELDS, Metadata
from policysearch.vocabulary import TYPES

__all__ = ["Values"]

_NOTHING: dict[str, Any] = {**dict.fromkeys(FIELDS), "type": TYPES[-1]}


class Values:
    """The values found so far; the first one of a field is kept."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.inferred: set[str] = set()

    def add(self, name: str, value: object, inferred: bool = False) -> None:
        if value in (None, "") or name in self.values:
            return
        self.values[name] = value
        if inferred:
            self.inferred.add(name)

    def put(self, name: str, value: object, inferred: bool) -> None:
        """Replace a value by its normal form."""
        self.values[name] = value
        if inferred:
            self.inferred.add(name)

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def metadata(self) -> Metadata:
        inferred = tuple(name for name in FIELDS if name in self.inferred)
        return Metadata(**{**_NOTHING, **self.values}, inferred=inferred)
