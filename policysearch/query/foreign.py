"""Detection of operators of other search programs, and of malformed ones, which are read as text here."""

from __future__ import annotations

from collections.abc import Iterator

from policysearch.query.parser import parse
from policysearch.query.syntax import AllOf, AnyOf, Expression, Group, InField, Near, NoneOf, Phrase, Within
from policysearch.text.folding import fold
from policysearch.text.patterns import lazy_pattern

__all__ = ["remarks"]

# most queries have none of these characters and words
_CHARACTERS = frozenset("&＆<＜>＞=＝/／:：^~～*＊+＋!！－–—―−‐‑‒‘’'aeonwAEONWａｅｏｎｗＡＥＯＮＷ")
_WORDS = frozenset(("和", "与", "且", "并且", "或", "或者", "非", "不含"))

# patterns of folded groups, each with the syntax to use instead
_FORMS = (
    (lazy_pattern(r"&+|.+&&.+"), "adjacent words must all match; the operator is AND"),
    (lazy_pattern(r"and|or|not"), "operators are upper case: AND, OR, NOT"),
    (lazy_pattern("|".join(_WORDS)), "adjacent words must all match; other operators are OR and NOT"),
    (lazy_pattern(r'"[^"]+"?|[^"]+"'), "an exact phrase has double quotes, as in “优化环境”"),
    (lazy_pattern(r"--?[a-z]+"), "options begin with - of half width"),
    (lazy_pattern(r"-[^-]+"), "to exclude a word, write -X, of half width, or NOT X"),
    (lazy_pattern(r"(?:near|adj|within|same|onear)(?:[/:~]?[0-9]+)?"), "for proximity, write A ~10 B"),
    (lazy_pattern(r"/.+/[a-z]*"), "regular expressions are not supported; in quotes, * and ? are wildcards"),
    (
        lazy_pattern(r"[a-z_]+(?:>=|<=|<>|!=|==|>|<|=).+"),
        "filters have a colon: year:2021..",
    ),
    (
        lazy_pattern(r"[^<>=]+(?:>=|<=|<>|!=|==|>|<|=)[^<>=]+"),
        "comparisons are not supported; a range of years is year:2021..",
    ),
    (lazy_pattern(r"(?:>=|<=|<>|!=|==|>|<|=).*"), "comparisons are not supported; a range of years is year:2021.."),
    (lazy_pattern(r"[a-z_]+:(?!//).+"), "unknown field"),
    (lazy_pattern(r"[\u4e00-\u9fff]{1,4}:.+"), "unknown field"),
    (lazy_pattern(r"\+.+"), "adjacent words must all match, without a sign"),
    (lazy_pattern(r"!.+"), "to exclude a word, write -X or NOT X"),
    (lazy_pattern(r".+\^[0-9.]+"), "weights are not supported"),
    (lazy_pattern(r".+~[0-9.]*"), "for proximity, write A ~10 B, with spaces"),
    (lazy_pattern(r".*(?:\w\*|\*\w).*"), "the wildcard is * of half width in quotes, as in “优化*环境”"),
)
_APART = lazy_pattern(r"(?<![^\s(（-])([句段量])\s+[(（]")
_WIDE_OPTION = lazy_pattern(r"(?<!\S)－{1,2}[A-Za-z]+")


def remarks(query: str) -> tuple[str, ...]:
    """Return a remark for each group of a query that looks like another program's operator, or like a malformed one.

    Raises ``QueryError``, as ``parse`` does.
    """
    apart = _APART.findall(query)
    if not (apart or _CHARACTERS.intersection(query) or _WORDS.intersection(query.split())):
        return ()
    found = []
    for text in dict.fromkeys(_groups(parse(query))):
        folded = fold(text)
        instead = next((said for form, said in _FORMS if form.fullmatch(folded)), None)
        if instead is not None:
            found.append(f"Read as text, not as an operator: {text} ({instead}).")
        elif text in apart:
            found.append(f"Read as text, not as an operator: {text} (write {text}(…), without a space).")
    for option in _WIDE_OPTION.findall(query):
        found.append(f"Read as NOT, not as an option: {option} (options begin with - of half width).")
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
        case Phrase(text) if "＊" in text:
            yield text
        case _:
            return
