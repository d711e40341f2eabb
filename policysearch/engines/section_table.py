"""Selected sections of a part of an index as arrays, for counts that need not read their texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policysearch.engines.joined_texts import Numbers
from policysearch.frozen import frozen

__all__ = ["SectionTable"]


@frozen
class SectionTable:
    """The selected sections of one part of an index, in order of documents, and what is known of all its documents.

    Attributes:
        documents: The document of each section, as a number in this part, ascending; documents are numbered in order
            of their ids.
        parts: The part of each section, as a number of ``part_names``.
        part_names: The names of parts.
        repeats: For each document, selected or not, whether it has the same text as an earlier one.
        document_id: Returns the id of a document.
        column: Returns the values of a field, and the number of its value for each document. Fields are those of
            filters, ``title``, ``region_code``, and ``when`` (see ``tree.when``).
        characters: Returns the number of Han characters of each section.
        places: Returns the sections that contain a string, as indices of ``documents``, ascending, and its number of
            places in each, without those that overlap an earlier one.
    """

    documents: Numbers
    parts: NDArray[Any]
    part_names: Sequence[str]
    repeats: NDArray[np.bool_]
    document_id: Callable[[int], str]
    column: Callable[[str], tuple[Sequence[Any], NDArray[Any]]]
    characters: Callable[[], Numbers]
    places: Callable[[str], tuple[Numbers, Numbers]]
