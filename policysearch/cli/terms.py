"""Options of the commands that take terms: typed, or from a dictionary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policysearch.cli.once import Once
from policysearch.cli.options import LINES, Integers, note, tell_of_names
from policysearch.text.patterns import lazy_pattern

if TYPE_CHECKING:
    from policysearch.corpus.term_dictionary import Dictionary

__all__ = ["dictionary_options", "tell_of_absent", "terms_in_manifest", "terms_of_file", "terms_typed"]

F = TypeVar("F", bound=Callable[..., Any])

_NAMES = ("terms_file", "patterns", "depth", "expand")


def dictionary_options(function: F) -> F:
    """Add ``--terms``, ``--patterns``, ``--depth`` and ``--expand``: see ``terms_typed``."""
    for option in reversed(
        (
            click.option(
                "--terms",
                "terms_file",
                metavar="FILE",
                type=LINES,
                cls=Once,
                instead="Put all terms into one file.",
                help="Also count the terms of a dictionary (- is stdin). Each line is a term; or a concept, a tab and "
                "a term, optionally with a tab and a weight. FILE.yaml: terms below concepts.",
            ),
            click.option(
                "--patterns",
                is_flag=True,
                help="In terms, read * as up to 20 characters within a sentence and ? as one character.",
            ),
            click.option(
                "--depth",
                type=Integers(1, 20),
                metavar="N",
                help="Sum up concepts of a YAML dictionary that are deeper than N levels.",
            ),
            click.option(
                "--expand",
                is_flag=True,
                help="Also count the former and later names and abbreviations of each term, from the program's list: "
                "地区生产总值 for GDP, 市场主体 for 经营主体.",
            ),
        )
    ):
        function = option(function)
    return function


def terms_typed(typed: Sequence[str], options: dict[str, Any], quiet: bool) -> Dictionary:
    """Return the typed terms and those of a dictionary; remove those of ``dictionary_options`` from ``options``.

    Notes report terms that are read in an unexpected way.
    """
    from policysearch.corpus.term_dictionary import Dictionary, dictionary_of

    terms_file, patterns, depth, expand = (options.pop(name) for name in _NAMES)
    found = dictionary_of(typed)
    if terms_file is not None:
        of_file = terms_of_file(terms_file)
        found = Dictionary((*found.entries, *(of_file if depth is None else of_file.to_depth(depth)).entries))
    found = dictionary_of(found, patterns=patterns, expand=expand)
    tell_of_names(found.expanded, quiet)
    if expand and not found.expanded:
        note("No other name of these terms is known.", quiet)
    if found.wild:
        said = ", ".join(found.wild[:3]) + (" …" if len(found.wild) > 3 else "")
        note(f"* and ? are read literally in: {said} (as wildcards with --patterns).", quiet)
    return found


def terms_in_manifest(terms: Dictionary | None) -> dict[str, Any]:
    """Return the terms of a run for its manifest: with the order of the concepts, and with the names that were added.

    A manifest is written in the order of its keys, but rows and columns have the order of the concepts.
    """
    if terms is None:
        return {"terms": None}
    found: dict[str, Any] = {"terms": terms.to_dict(), "concepts": list(terms.concepts)}
    if terms.expanded:
        found["expanded"] = [{"term": term, "names": list(names)} for term, names in terms.expanded.items()]
        found["expanded_concepts"] = {concept: list(names) for concept, names in terms.expanded_concepts.items()}
    return found


# what is a list of terms or a query to its author: commas, quotation marks, operators, fields
_LIKE_A_QUERY = lazy_pattern(
    r"""[,，、;；|｜“”"「」『』‘’]|(?:^|\s)(?:OR|AND|NOT)\s|^[-－–—]|^[a-z\u4e00-\u9fff]{2,8}[:：]"""
)


def tell_of_absent(terms: Iterable[str], quiet: bool) -> None:
    """Print a note on terms that do not occur, and would not be literal in a query."""
    absent = [term for term in terms if _LIKE_A_QUERY.search(term)]
    if absent:
        note(
            f"Read literally, and not found: {', '.join(absent[:3])}{' …' * (len(absent) > 3)}. "
            "Quotation marks, commas and operators are ordinary characters in terms; separate terms by spaces.",
            quiet,
        )


def terms_of_file(file: Any) -> Dictionary:
    """Return the dictionary in an open file."""
    from policysearch.corpus.term_dictionary import read_dictionary
    from policysearch.files.regular import bounded_lines

    return read_dictionary(bounded_lines(file, file.name), file.name)
