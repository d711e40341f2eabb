"""Detection of operators of other search programs, which are read as text here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policysearch.query.parser import parse
from policysearch.query.syntax import AllOf, AnyOf, Expression, Group, InField, Near, NoneOf, Phrase, Within
from policysearch.text.folding import fold

__all__ = ["remarks"]

# patterns of folded groups, each with the syntax to use instead
_FORMS = (
    (re.compile(r"&+|.+&&.+"), "adjacent words must all match; the operator is AND"),
    (re.compile(r"and|or|not"), "operators are upper case: AND, OR, NOT"),
    (re.compile(r"(?:near|adj|within|same|onear)(?:[/:~]?[0-9]+)?"), "for proximity, write A ~10 B"),
    (re.compile(r"/.+/[a-z]*"), "regular expressions are not supported; in quotes, * and ? are wildcards"),
    (
        re.compile(r"[a-z_]+(?:>=|<=|<>|!=|==|>|<|=).+"),
        "filters have a colon: year:2021..",
    ),
    (
        re.compile(r"[^<>=]+(?:>=|<=|<>|!=|==|>|<|=)[^<>=]+"),
        "comparisons are not supported; a range of years is year:2021..",
    ),
    (re.compile(r"(?:>=|<=|<>|!=|==|>|<|=).*"), "comparisons are not supported; a range of years is year:2021.."),
    (re.compile(r"[a-z_]+:(?!//).+"), "unknown field"),
    (re.compile(r"[\u4e00-\u9fff]{1,4}:.+"), "unknown field"),
    (re.compile(r"\+.+"), "adjacent words must all match, without a sign"),
    (re.compile(r"!.+"), "to exclude a word, write -X or NOT X"),
    (re.compile(r".+\^[0-9.]+"), "weights are not supported"),
    (re.compile(r".+~[0-9.]*"), "for proximity, write A ~10 B, with spaces"),
    (re.compile(r".*(?:\w\*|\*\w).*"), "* is a wildcard only in quotes, as in “优化*环境”"),
)


def remarks(query: str) -> tuple[str, ...]:
    """Return a remark for each group of a query that looks like another program's operator.

    Raises ``QueryError``, as ``parse`` does.
    """
    expression = parse(query)
    found = []
    for text in dict.fromkeys(_groups(expression)):
        folded = fold(text)
        instead = next((said for form, said in _FORMS if form.fullmatch(folded)), None)
        if instead is not None:
            found.append(f"Read as text, not as an operator: {text} ({instead}).")
    return tuple(found)


def _groups(expression: Expression) -> Iterator[str]:
    match expression:
        case Group(text):
            yield text
        case AllOf(children) | AnyOf(children) | Near(children, _):
            for child in children:
                yield from _groups(child)
        case NoneOf(child) | Within(_, child) | InField(_, child):
            yield from _groups(child)
        case Phrase() | _:
            return
