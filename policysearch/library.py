"""An open index: everything that can be asked of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from policysearch.hits import Searcher

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Index"]


class Index(Searcher):
    """An index that is open for asking.

    Its answers do not change while it is open. It may be shared by threads.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index's files."""
        self.engine.close()

    @property
    def info(self) -> Mapping[str, Any]:
        """What the index is made of."""
        return self.engine.description
