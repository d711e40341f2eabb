"""Documents of one name to versions of one another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from policysearch.citation.names import name_key

__all__ = ["are_versions", "may_be_versions", "share_in_common"]

_AMENDABLE = frozenset(
    ("法律", "行政法规", "监察法规", "地方性法规", "规章", "部门规章", "司法解释", "规范性文件", "章程")
)
_AMENDABLE_TITLE = re.compile(r"(?:法|法典|条例|规定|办法|细则|规则|章程|解释)$")
_SENTENCE = re.compile(r"[。;:!?]")
_LEAST_IN_COMMON = 0.3
_GRAM = 4


def may_be_versions(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Return whether two documents may be versions of one another by all but their texts.

    Both are of an amendable type (statutes of all levels, 司法解释, 规范性文件, 章程), have the same name less
    中华人民共和国 and a version in brackets, the same issuer or place, and dates that differ.
    """
    if not (_is_amendable(a) and _is_amendable(b)) or name_key(a["title"]) != name_key(b["title"]):
        return False
    if a["date"] is None or b["date"] is None or a["date"] == b["date"]:
        return False
    return bool(a["region"] == b["region"] or (a["issuer"] and a["issuer"] == b["issuer"]))


def _is_amendable(document: Mapping[str, Any]) -> bool:
    if not document["title"]:
        return False
    return document["type"] in _AMENDABLE or (
        document["type"] == "其他" and bool(_AMENDABLE_TITLE.search(name_key(document["title"])))
    )


def are_versions(
    a: Mapping[str, Any], b: Mapping[str, Any], texts: Callable[[Mapping[str, Any]], Sequence[str]]
) -> bool:
    """Return whether two documents are versions of one another: ``may_be_versions``, and texts that are alike.

    ``texts`` returns the reduced texts of a document's sections.
    """
    return may_be_versions(a, b) and share_in_common(texts(a), texts(b)) >= _LEAST_IN_COMMON


def share_in_common(a: Iterable[str], b: Iterable[str]) -> float:
    """Return which share of the shorter one's sentences can be recognised in the other, 0 to 1.

    A sentence is recognised when half of its runs of four characters stand in the other text: an amendment changes
    words in most sentences of a law.
    """
    texts = ["".join(a), "".join(b)]
    texts.sort(key=len)
    shorter, longer = texts
    known = {longer[i : i + _GRAM] for i in range(len(longer) - _GRAM + 1)}
    sentences = [one for one in _SENTENCE.split(shorter) if len(one) >= 2 * _GRAM]
    if not sentences:
        return 0.0
    alike = 0
    for one in sentences:
        grams = [one[i : i + _GRAM] for i in range(len(one) - _GRAM + 1)]
        alike += 2 * sum(gram in known for gram in grams) >= len(grams)
    return alike / len(sentences)
