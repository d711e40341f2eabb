"""Advice on a query that finds nothing: other filter values, fewer filters, other spellings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from policysearch.engines.protocol import Engine, Request
from policysearch.engines.tree import MatchAll, Node, OfDocuments, Range, ValueIn
from policysearch.frozen import frozen, replace
from policysearch.gazetteer import places
from policysearch.query.filters import field_filter
from policysearch.query.resolution import Resolver
from policysearch.query.syntax import AllOf, AnyOf, Expression, Filter, Group, NoneOf, Phrase, normalize_query
from policysearch.text.folding import reduce
from policysearch.vocabulary import filter_named

__all__ = ["AbsentValue", "Advice", "absent_values", "advise", "with_value"]

_KINDS = ("value", "place", "bodies", "years", "documents")  # kinds of filters that compare values
_MOST = 3
_MOST_TRIED = 10  # number of values for which the hits of the query are counted
_ALIKE = 0.5  # share of equal characters (difflib's ratio) from which a value is offered

_ENGLISH = {
    "innermongolia": "内蒙古自治区",
    "tibet": "西藏自治区",
    "shaanxi": "陕西省",
    "hongkong": "香港特别行政区",
    "macau": "澳门特别行政区",
    "macao": "澳门特别行政区",
}
_ENGLISH_ENDING = re.compile(
    r"(?:province|municipality|city|county|district|prefecture|autonomousregion|shi|sheng|xian|qu)$"
)


@frozen
class AbsentValue:
    """A value of a filter that no document has.

    Attributes:
        filter: The name of the filter.
        value: The value: the full name of a known place, else as typed.
        nearest: Values that documents have, the nearest first, at most three; each with the number of hits of the query
            with this value. A place that only contains the one of the filter, and of which itself there are no
            documents, has the name of its filter before it: ``province:广东省``.
        typed: The value as typed in the query; empty for an option.
        position: Its offset in the query as normalized.
    """

    filter: str
    value: str
    nearest: tuple[tuple[str, int], ...]
    typed: str = ""
    position: int = 0


@frozen
class Advice:
    """Alternatives to a query.

    Attributes:
        absent: Values of its filters that no document has.
        without: If it has no hits: the names of filters of which each alone prevents hits, with the number of sections
            (documents, when grouped) found without that one. The name is empty for the number found without any filter,
            if no single filter is the reason.
        suggestions: The query with another value of a filter, or with another spelling of a group that does not occur,
            most likely first; at most three. All have hits.
        totals: The number of hits of each.
        by_sound: Whether spellings of the same sound were searched for, which needs pypinyin.
    """

    absent: tuple[AbsentValue, ...] = ()
    without: tuple[tuple[str, int], ...] = ()
    suggestions: tuple[str, ...] = ()
    totals: tuple[int, ...] = ()
    by_sound: bool = True


def advise(
    engine: Engine,
    resolver: Resolver,
    query: str,
    expression: Expression,
    total: Callable[[Expression], int],
    total_of: Callable[[str], int],
) -> Advice:
    """Return alternatives to a query that finds nothing, or no section with all its words.

    Args:
        query: The query as typed, to which offsets of groups refer.
        expression: The query as parsed, filters included.
        total: Returns the number of hits of an expression.
        total_of: Returns the number of hits of another query with the same options.
    """
    from policysearch.text.similar import has_sounds

    typed = normalize_query(query)
    absent = absent_values(engine, resolver, typed, expression, total)
    nearest = ((one, near) for one in absent for near, _ in one.nearest)
    others = (*filter(None, (with_value(typed, *one) for one in nearest)), *_spellings(engine, typed, expression))
    suggestions = [(one, many) for one in dict.fromkeys(others) if (many := total_of(one))][:_MOST]
    without: tuple[tuple[str, int], ...] = ()
    if not total(expression):
        without = tuple(_fewer_filters(expression, total))
    texts, totals = tuple(one for one, _ in suggestions), tuple(many for _, many in suggestions)
    return Advice(absent, without, texts, totals, has_sounds())


# filters


def absent_values(
    engine: Engine, resolver: Resolver, query: str, expression: Expression, total: Callable[[Expression], int]
) -> tuple[AbsentValue, ...]:
    """Return the values of filters in a query that no document has; arguments as in ``advise``."""

    def hits(one: Filter, other: Filter) -> int:
        return total(_instead(expression, one, other, absent))

    nearest = _Nearest(engine, resolver, hits)
    absent = [one for one in dict.fromkeys(_filters(expression)) if not nearest.stands(one)]
    return tuple(
        replace(nearest.of(one), typed=one.value, position=one.position)
        if one.position and query.startswith(one.value, one.position)  # no option
        else nearest.of(one)
        for one in absent
    )


def _instead(expression: Expression, one: Filter, other: Filter, absent: Sequence[Filter]) -> Expression:
    """Return an expression with a filter in place of another, without alternatives to it and other absent values."""
    match expression:
        case Filter():
            return other
        case AllOf(children) | AnyOf(children):
            kept: list[Expression] = []
            for child in children:
                if child == one:
                    kept.append(other)
                elif not isinstance(child, Filter):
                    kept.append(_instead(child, one, other, absent) if isinstance(child, (AllOf, AnyOf)) else child)
                elif child.field != one.field and child not in absent:
                    kept.append(child)
            return replace(expression, children=tuple(kept))
    return expression


def with_value(query: str, one: AbsentValue, near: str) -> str | None:
    """Return a query with another value in place of one of its filters that no document has; None for an option."""
    before, after = query[: one.position], query[one.position + len(one.typed) :]
    if not one.typed or any(map(str.isspace, near)):
        return None
    if ":" in near and one.filter != "document":  # the name of another filter
        before = before[: re.search(r"[^\s:：()（）]*[:：]$", before).start()]  # type: ignore[union-attr]
    return before + near + after


def _filters(expression: Expression) -> Iterator[Filter]:
    match expression:
        case Filter():
            yield expression
        case AllOf(children) | AnyOf(children):
            for child in children:
                yield from _filters(child)
        case NoneOf() | _:
            return


def _fewer_filters(expression: Expression, total: Callable[[Expression], int]) -> Iterator[tuple[str, int]]:
    """Yield each filter of the complete query without which there are hits, and their number."""
    children = expression.children if isinstance(expression, AllOf) else ()
    fields = dict.fromkeys(child.field for child in children if isinstance(child, Filter))
    some = False
    for field in fields:
        kept = tuple(one for one in children if not (isinstance(one, Filter) and one.field == field))
        if kept and (count := total(AllOf(kept))):
            some = True
            yield field, count
    kept = tuple(one for one in children if not isinstance(one, Filter))
    if len(fields) > 1 and kept and not some and (count := total(AllOf(kept))):
        yield "", count


class _Nearest:
    """Finds existing values that are near to one that no document has."""

    def __init__(self, engine: Engine, resolver: Resolver, hits: Callable[[Filter, Filter], int]) -> None:
        self._engine = engine
        self._resolver = resolver
        self._hits = hits  # the number of hits with another filter in place of the absent one

    def _documents(self, node: Node) -> int:
        return self._engine.search(Request(node, limit=0, group="document")).total

    def _having(self, one: Filter, values: Iterable[str], field: str | None = None) -> tuple[tuple[str, int], ...]:
        """Return the first values with which the query has hits, and their numbers."""
        found = []
        for value in islice(dict.fromkeys(values), _MOST_TRIED):
            many = self._hits(one, field_filter(field or one.field, value, value, 0))
            if many:
                found.append((value if field in (None, one.field) else f"{field}:{value}", many))
        return tuple(found[:_MOST])

    def stands(self, one: Filter) -> bool:
        """Return whether any document has a value of a filter."""
        declared = filter_named(one.field)
        if declared is None or declared.field == "part" or declared.kind not in _KINDS:
            return self._documents(self._resolver.node(one, "all")) > 0
        if declared.kind == "years":
            ranges = [Range("year", *ends) for ends in ((one.low, one.high), *one.others)]
            return any(each.covers(year) for each in ranges for year in self._resolver.field_values("year"))
        if declared.kind == "documents":
            return self._resolver.node(one, "all") != OfDocuments(frozenset())
        return self._resolver.filter_node(one.field, one.value) != ValueIn(declared.field, frozenset())

    def of(self, one: Filter) -> AbsentValue:
        """Return a filter whose value no document has, with the nearest values."""
        declared = filter_named(one.field)
        name, value = one.field, one.value
        if declared is not None and declared.kind not in _KINDS:
            return AbsentValue(name, value, ())
        if declared is None:
            name = "since" if one.high is None else "until" if one.low is None else "since, until"
            dates = sorted(filter(None, self._resolver.field_values("when")), reverse=one.high is None)
            ends = dates if one.high is None or one.low is None else ()
            return AbsentValue(name, str(one.low or one.high), self._on_days(one, ends))
        if declared.kind == "years":
            return AbsentValue(name, value, self._years(one))
        if declared.kind == "documents":
            return AbsentValue(name, value, self._having(one, self._ids(value)))
        if declared.values:
            found = self._engine.facets(MatchAll(), (declared.field,))[declared.field]
            order = sorted(found, key=lambda known: (-found[known][1], known))
            return AbsentValue(name, value, self._having(one, order))
        if declared.kind == "place":
            return self._place(one)
        stored = [known for known in self._resolver.field_values(declared.field) if isinstance(known, str)]
        near = _alike(value, stored)
        if declared.kind == "bodies":
            from policysearch.gazetteer.organs import full_names_of_organ

            full = [reduce(organ) for organ in full_names_of_organ(reduce(value))]
            meant = [known for organ in full for known in sorted(stored, key=len) if organ in reduce(known)]
            near = meant or [known for known in sorted(stored, key=len) if reduce(value) in reduce(known)] or near
        return AbsentValue(name, value, self._having(one, near))

    def _on_days(self, one: Filter, days: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """Return the first day from which, or to which, the query has hits, and their number."""
        for day in islice(dict.fromkeys(days), _MOST_TRIED):
            bounds = (day, None) if one.high is None else (None, day)
            if many := self._hits(one, Filter("when", day, 0, *bounds)):
                return ((day, many),)
        return ()

    def _years(self, one: Filter) -> tuple[tuple[str, int], ...]:
        """Return the nearest years before and after with hits, and their numbers."""
        years = sorted(self._resolver.field_values("year"))
        low, high = (one.low, one.high) if isinstance(one.low, int) or isinstance(one.high, int) else (None, None)
        below = [str(year) for year in reversed(years) if isinstance(low, int) and year < low]
        above = [str(year) for year in years if isinstance(high, int) and year > high]
        return (*self._having(one, below)[:1], *self._having(one, above)[:1])

    def _ids(self, pattern: str) -> list[str]:
        asked = re.sub(r"[*?]+", "", pattern)
        ids = sorted(self._resolver.field_values("document_id"))
        inside = [one for one in ids if asked and asked.casefold() in one.casefold()]
        folders = {one.rpartition("/")[0]: f"{one.rpartition('/')[0]}/*" for one in ids if "/" in one}
        near = _alike(asked.rstrip("/"), folders)
        return inside[:_MOST] or [folders[one] for one in near] or _alike(asked, ids)

    def _place(self, one: Filter) -> AbsentValue:
        name, known = self._known_places(one.value)
        stored = {field: self._resolver.field_values(field) for field in ("region", "city", "province")}
        exact = [place.name for place in known if place.name in stored[one.field]]
        if exact:
            return AbsentValue(one.field, one.value, self._having(one, exact))
        containing: list[tuple[str, int]] = []
        for above in {place.name: place for found in known for place in self._above(found)}.values():
            wider = "province" if above.level == "省级" else "city"
            containing += self._having(one, [above.name]) or self._having(one, [above.name], wider)
        if containing or known:
            return AbsentValue(one.field, name, tuple(dict.fromkeys(containing))[:_MOST])
        return AbsentValue(one.field, one.value, self._having(one, _places_alike(one.value, stored[one.field])))

    @staticmethod
    def _above(one: places.Place) -> Iterator[places.Place]:
        """Yield the city and the province that contain a place, the narrower first."""
        city, province = places.city_of(one), places.province_of(one)
        for above in (city, province):
            if above is not None and above != one:
                yield above

    @staticmethod
    def _known_places(value: str) -> tuple[str, list[places.Place]]:
        """Return the full name of a place typed in Chinese or in Latin letters, and the places of this name."""
        if value.isascii():
            typed = re.sub("[^a-z]", "", value.lower())
            bare = _ENGLISH_ENDING.sub("", typed)
            named = _ENGLISH.get(bare)
            found = list(places.lookup(named)) if named else _by_sound(typed, bare)
        else:
            named_so = places.places_for_filter(value)
            found = [one for one in named_so if one.until is None] or list(named_so)
        order = {"省级": 0, "地级": 1, "县级": 2}
        found.sort(key=lambda one: (order[one.level], one.code))
        return (found[0].name if found else value), found


def _by_sound(typed: str, bare: str) -> list[places.Place]:
    """Return the present places whose name or short name is pronounced as typed in Latin letters."""
    from policysearch.text.similar import sound_of_name

    found = []
    for one in places.all_places():
        if one.until is None and any(sound_of_name(name) in (typed, bare) for name in (one.name, *one.short_names)):
            found.append(one)
    highest = min((len(one.code.rstrip("0")) for one in found), default=0)
    return [one for one in found if len(one.code.rstrip("0")) <= highest + 1]


def _alike(value: str, known: Iterable[str]) -> list[str]:
    """Return the values with the most similar spelling, best first."""
    return _most_alike(value, ((one, (one,)) for one in known))


def _places_alike(value: str, known: Iterable[str]) -> list[str]:
    """Return the places with the most similar name, also by a short one, or by its sound, best first."""
    from policysearch.text.similar import sound_of_name

    def names(place: str) -> Iterator[str]:
        yield place
        for one in places.lookup(place):
            yield from one.short_names
        if len(place) > 2:
            yield place[:-1]

    sound = sound_of_name(reduce(value))
    found = {place: tuple(dict.fromkeys(names(place))) for place in known}
    sounding = [one for one in found if sound and sound_of_name(reduce(one)).startswith(sound)]
    return list(dict.fromkeys((*sounding, *_most_alike(value, found.items()))))


def _most_alike(value: str, known: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """Return the values one of whose names has the most similar spelling, best first."""
    from difflib import SequenceMatcher

    asked = reduce(value)
    scored = []
    for one, names in known:
        ratios = (SequenceMatcher(None, asked, reduce(name), autojunk=False).ratio() for name in names)
        if (ratio := max(ratios)) >= _ALIKE:
            scored.append((-ratio, one))
    return [one for _, one in sorted(scored)[:_MOST_TRIED]]


# spellings


def _spellings(engine: Engine, query: str, expression: Expression) -> tuple[str, ...]:
    """Return the query with corrections of the groups that do not occur; other groups get their most likely one."""
    groups = [one for one in _groups(expression) if one.reduced]
    if not groups:
        return ()
    from policysearch.search.spelling import LONGEST, Speller
    from policysearch.text.analyzer import QueryAnalyzer
    from policysearch.text.dictionary import UserWord

    analysis = engine.description["analysis"]
    words = (UserWord(word, frequency) for word, frequency in analysis["user_words"])
    speller = Speller(engine, QueryAnalyzer(analysis["fingerprint"], words))
    wrong = [one for one in groups if len(one.reduced) <= LONGEST and not speller.stands(one.reduced)][:_MOST]
    found = [(one, list(speller.corrections(one.reduced, _MOST))) for one in wrong]
    found = [one for one in found if one[1]]
    if not found:
        return ()
    found = [(one, [_as_typed(one, text) for text in texts]) for one, texts in found]
    most = max(len(texts) for _, texts in found)
    return tuple(
        _replaced(query, [(one, texts[min(at, len(texts) - 1)]) for one, texts in found]) for at in range(most)
    )


def _groups(expression: Expression) -> Iterator[Group]:
    """Yield the positive groups, and phrases as groups."""
    match expression:
        case Group():
            yield expression
        case Phrase(text, _, position) if not expression.wild:
            yield Group(text, position)
        case AllOf(children) | AnyOf(children):
            for child in children:
                yield from _groups(child)


def _as_typed(group: Group, corrected: str) -> str:
    """Return a correction of a reduced group with the characters that it keeps as they were typed."""
    typed, reduced = group.text, group.reduced
    if len(typed) != len(reduced):  # with spaces
        return corrected
    most = min(len(reduced), len(corrected))
    start = next((at for at in range(most) if reduced[at] != corrected[at]), most)
    end = next((at for at in range(most - start) if reduced[-1 - at] != corrected[-1 - at]), most - start)
    return typed[:start] + corrected[start : len(corrected) - end] + typed[len(typed) - end :]


def _replaced(query: str, changes: Sequence[tuple[Group, str]]) -> str:
    for group, text in sorted(changes, key=lambda one: -one[0].position):
        at = query.find(group.text, group.position)
        if at < 0:  # it was typed with escapes
            return " ".join(text for _, text in changes)
        query = query[:at] + text + query[at + len(group.text) :]
    return query
