"""A dictionary compiled for matching: which places of a section's reduced text count for which concept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from policysearch.corpus.term_dictionary import Dictionary, Entry, periods_meet
from policysearch.engines.tree import And, Contains, MatchAll, Node, Or, Range, when
from policysearch.errors import InputError, QueryError
from policysearch.frozen import frozen
from policysearch.query.lexer import wildcard_phrase
from policysearch.query.matching import Span, Text, literals, merge_spans, occurrences, wild_spans
from policysearch.query.syntax import Phrase, normalize_query
from policysearch.text.folding import reduce
from policysearch.text.whole_words import may_be_inside

__all__ = ["Lexicon", "Rule"]

_MOST_SELECTED = 100  # number of terms by which sections are selected; with more, every section is read


@frozen
class Rule:
    """The places of one term that count.

    Attributes:
        text: The reduced term; of a pattern, its literal pieces, joined.
        phrase: The pattern; None for a literal term.
        without: Reduced strings inside which the term is not counted.
        valid: The dates of documents in which it is; None for all.
    """

    text: str
    phrase: Phrase | None
    without: tuple[str, ...]
    valid: Range | None

    @property
    def plain(self) -> bool:
        """Whether it is a literal term that counts everywhere."""
        return self.phrase is None and not self.without and self.valid is None

    def holds_for(self, document: Mapping[str, Any]) -> bool:
        """Return whether the term counts in a document; one without a date or a year is in no period."""
        return self.valid is None or self.valid.covers(when(document))

    def spans(self, text: Text) -> list[Span]:
        """Return the places of the term that count in a text, left to right, without overlaps.

        Places inside longer words and numbers are left out with ``text.word``.
        """
        if self.phrase is None:
            found = text.occurrences(self.text)
        elif all(piece in text.reduced for piece in literals(self.phrase)):
            found = wild_spans(self.phrase, text)
        else:
            found = []
        return merge_spans(self._counting(found, text.reduced)) if found else []

    def _counting(self, spans: list[Span], reduced: str) -> Iterable[Span]:
        around = [span for longer in self.without for span in occurrences(longer, reduced)]
        if not around:
            return spans
        return (one for one in spans if not any(start <= one[0] and one[1] <= end for start, end in around))


class Lexicon:
    """The rules of a dictionary: literal terms first, then patterns.

    Args:
        dictionary: The dictionary.
        longest: Whether at each place only the longest term counts, so that no term can stand for two concepts.

    Attributes:
        concepts: The concepts.
        rules: The rules.
        owners: For each rule, the numbers of the concepts that count it, and its weight for each.
        weighted: Whether the dictionary gives weights.

    Raises ``InputError`` for an empty dictionary or term, and for a term that would count twice for one concept.
    """

    def __init__(self, dictionary: Dictionary, longest: bool = False) -> None:
        self.concepts = dictionary.concepts
        self.weighted = dictionary.weighted
        at = {concept: number for number, concept in enumerate(self.concepts)}
        owners: dict[Rule, dict[int, float]] = {}
        for entry in dictionary.entries:
            own = owners.setdefault(_rule(entry), {})
            weight = 1.0 if entry.weight is None else entry.weight
            if own.setdefault(at[entry.concept], weight) != weight:
                raise InputError(f"'{entry.term}' has two weights in '{entry.concept}'.")
            if longest and len(own) > 1:
                self._refuse_two(list(own), entry.term)
        if not owners:
            raise InputError("No term to count. Give terms, or a file of terms.")
        self._refuse_twice(owners, longest)
        self.rules = tuple(sorted(owners, key=lambda rule: rule.phrase is not None))
        self.owners = tuple(tuple(owners[rule].items()) for rule in self.rules)

    def _refuse_two(self, own: Sequence[int], term: str) -> None:
        both = "' and '".join(self.concepts[number] for number in own)
        raise InputError(
            f"'{both}' both have the term '{term}'; with longest, each place can count for only one concept."
        )

    def _refuse_twice(self, owners: Mapping[Rule, Mapping[int, float]], longest: bool) -> None:
        """Raise an error for rules of one text with different conditions that can be true in one document."""
        same: dict[tuple[str, Any], list[Rule]] = {}
        for rule in owners:
            before = same.setdefault((rule.text, rule.phrase and rule.phrase.pieces), [])
            for other in before:
                both = owners[rule].keys() & owners[other].keys()
                if periods_meet(rule.valid, other.valid) and (both or longest):
                    if not both:
                        self._refuse_two([*owners[other], *owners[rule]], rule.text)
                    concept = self.concepts[min(both)]
                    raise InputError(
                        f"'{rule.text}' occurs twice in '{concept}', with conditions that can hold together."
                    )
            before.append(rule)

    @cached_property
    def plain(self) -> bool:
        """Whether all rules are literal terms that count everywhere."""
        return all(rule.plain for rule in self.rules)

    @cached_property
    def literal(self) -> int:
        """The number of literal rules, which precede the others."""
        return sum(rule.phrase is None for rule in self.rules)

    @cached_property
    def dated(self) -> bool:
        """Whether the date of a document matters."""
        return any(rule.valid is not None for rule in self.rules)

    @property
    def may_be_inside(self) -> bool:
        """Whether a term can match inside a longer word or number."""
        return any(may_be_inside(rule.text) for rule in self.rules)

    def owned(self, concept: int) -> tuple[int, ...]:
        """Return the numbers of the rules of a concept."""
        return tuple(at for at, own in enumerate(self.owners) if any(number == concept for number, _ in own))

    def node(self, word: bool = False, rules: Sequence[int] | None = None) -> Node:
        """Return a tree that selects a superset of the sections in which a rule (one of ``rules``) matches."""
        chosen = self.rules if rules is None else [self.rules[at] for at in rules]
        if len(chosen) > _MOST_SELECTED:
            return MatchAll()
        nodes = tuple(dict.fromkeys(_selects(rule, word) for rule in chosen))
        return nodes[0] if len(nodes) == 1 else Or(nodes)

    def spans(
        self,
        reduced: str,
        show: Callable[[], str],
        document: Mapping[str, Any],
        word: bool = False,
        rules: Sequence[int] | None = None,
    ) -> list[tuple[int, int, int]]:
        """Return start, end and rule of each place that counts in a section, in this order.

        Args:
            reduced: The section's reduced text.
            show: Returns its text as shown.
            document: The document's metadata.
            word: Whether places inside longer words or numbers do not count.
            rules: The numbers of the rules; None for all.
        """
        text = Text(reduced, show, word)
        found = []
        for at in range(len(self.rules)) if rules is None else rules:
            rule = self.rules[at]
            if rule.holds_for(document):
                found += [(start, end, at) for start, end in rule.spans(text)]
        return sorted(found)


def _rule(entry: Entry) -> Rule:
    normal = _normalized(entry.term)
    phrase = wildcard_phrase(normal) if entry.pattern else None
    if phrase is not None and not phrase.wild:
        normal, phrase = phrase.text, None
    reduced = reduce(normal) if phrase is None else "".join(literals(phrase))
    if not reduced:
        concept = f" of '{entry.concept}'" if entry.concept != entry.term else ""
        raise InputError(f"The term {entry.term!r}{concept} is empty." if entry.term else "A term is empty.")
    without = {reduce(_normalized(longer)) for longer in entry.without} - {""}
    return Rule(reduced, phrase, tuple(sorted(without)), entry.valid)


def _normalized(term: str) -> str:
    """Return a term, or a text in which it does not count, without the characters that texts do not have either."""
    try:
        return normalize_query(term)
    except QueryError as error:
        raise InputError(f"The term {term!r} is not valid UTF-8.") from error


def _selects(rule: Rule, word: bool) -> Node:
    if rule.phrase is None:
        return Contains(rule.text, whole=word and may_be_inside(rule.text))
    return And(tuple(map(Contains, literals(rule.phrase))))
