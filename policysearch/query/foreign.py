"""What looks like an operator of another search program and is none here: said, since it is read as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policysearch.query.parser import parse
from policysearch.query.syntax import AllOf, AnyOf, Expression, Group, InField, Near, NoneOf, Phrase, Within
from policysearch.text.folding import fold

__all__ = ["remarks"]

# forms of folded groups, each with what is written here instead
_FORMS = (
    (re.compile(r"&+|.+&&.+"), "words side by side must all stand; to say so, write AND"),
    (re.compile(r"and|or|not"), "operators are in capitals: AND, OR, NOT"),
    (re.compile(r"(?:near|adj|within|same|onear)(?:[/:~]?[0-9]+)?"), "for nearness, write A ~10 B"),
    (re.compile(r"/.+/[a-z]*"), "there are no regular expressions; in quotes, * and ? stand for characters"),
    (
        re.compile(r"[a-z_]+(?:>=|<=|<>|!=|==|>|<|=).+"),
        "filters have a colon: year:2021..",
    ),
    (re.compile(r"[^<>=]+(?:>=|<=|<>|!=|==|>|<|=)[^<>=]+"), "there is no comparison in words; years are year:2021.."),
    (re.compile(r"(?:>=|<=|<>|!=|==|>|<|=).*"), "there is no comparison in words; years are year:2021.."),
    (re.compile(r"[a-z_]+:(?!//).+"), "there is no such field"),
    (re.compile(r"[\u4e00-\u9fff]{1,4}:.+"), "there is no such field"),
    (re.compile(r"\+.+"), "words side by side must all stand, without a sign"),
    (re.compile(r"!.+"), "to leave out what has it, write -X or NOT X"),
    (re.compile(r".+\^[0-9.]+"), "words have no weights of their own"),
    (re.compile(r".+~[0-9.]*"), "for nearness, write A ~10 B, with spaces"),
    (re.compile(r".*(?:\w\*|\*\w).*"), "* stands for characters only in quotes, as in “优化*环境”"),
)


def remarks(query: str) -> tuple[str, ...]:
    """Return, for each group of a query that looks like another program's operator, how it was read.

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
