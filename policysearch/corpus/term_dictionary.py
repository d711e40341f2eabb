"""Dictionaries of terms: the terms of each concept, with weights, exclusions and periods of validity.

A dictionary is a TSV file or a YAML file (docs/dictionaries.md). The YAML form is that of quanteda: concepts with terms
or with further concepts below them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from policysearch.engines.tree import Range
from policysearch.errors import InputError, QueryError
from policysearch.frozen import frozen, replace
from policysearch.query.periods import day_of, lower_bound
from policysearch.query.syntax import normalize_query
from policysearch.text.characters import normalize
from policysearch.text.folding import reduce

__all__ = ["Dictionary", "Entry", "Terms", "dictionary_of", "periods_meet", "read_dictionary", "read_terms"]

_COLUMNS = ("concept", "term", "weight", "not", "since", "until")
_ATTRIBUTES = _COLUMNS[1:]
_POSITIONS = {1: _COLUMNS[1:2], 2: _COLUMNS[:2], 3: _COLUMNS[:3]}
_CELL = re.compile(r'(?:^|(?<=\t))(?: *"((?:[^"]|"")*)" *(?=\t|$)|([^\t]*))')
_DEEPEST = 20
_MOST_ENTRIES = 100_000


@frozen
class Entry:
    """A term of a concept.

    Attributes:
        concept: The concept; of one in a hierarchy, the names of its levels joined by a point.
        term: The term, literal, or a pattern.
        weight: The weight of an occurrence; None if the dictionary gives none, which counts as 1.
        without: Longer strings; an occurrence of the term inside one of these is not counted.
        since: First day, month or year (ISO) of documents in which the term counts, or None.
        until: Last one, included, or None.
        pattern: Whether ``*`` (up to 20 characters within a sentence) and ``?`` (one character) are wildcards.
        levels: The names of the concept's levels in a hierarchy, from the top; empty for a concept of one level.
        name_of: The term of the dictionary that this is or is another name of, if that one was expanded; else None.
    """

    concept: str
    term: str
    weight: float | None = None
    without: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    pattern: bool = False
    levels: tuple[str, ...] = ()
    name_of: str | None = None

    @property
    def valid(self) -> Range | None:
        """The dates of documents in which the term counts, the same as of the filters; None for all."""
        if not (self.since or self.until):
            return None
        return Range("when", self.since and lower_bound(self.since), self.until)

    def told(self) -> str | dict[str, Any]:
        """Return the term, or the term with its attributes, as plain values for JSON."""
        attributes = {
            "weight": self.weight,
            "not": list(self.without) or None,
            "since": self.since,
            "until": self.until,
            "pattern": self.pattern or None,
        }
        given = {name: value for name, value in attributes.items() if value is not None}
        return {"term": self.term, **given} if given else self.term


@frozen
class Dictionary:
    """Terms by concept.

    Attributes:
        entries: The entries, in order.
        expanded: The other names of terms that were added, by term; empty unless requested.
    """

    entries: tuple[Entry, ...]
    expanded: Mapping[str, tuple[str, ...]] = {}

    @property
    def concepts(self) -> tuple[str, ...]:
        """The concepts, in order of their first terms."""
        return tuple(dict.fromkeys(entry.concept for entry in self.entries))

    @property
    def expanded_concepts(self) -> Mapping[str, tuple[str, ...]]:
        """The other names that were added to the terms of a concept, by concept."""
        own: dict[str, dict[str, None]] = {}
        for entry in self.entries:
            if entry.name_of is not None:
                own.setdefault(entry.concept, {})[entry.name_of] = None
        found: dict[str, tuple[str, ...]] = {}
        for concept, terms in own.items():
            names = dict.fromkeys(name for term in terms for name in self.expanded.get(term, ()))
            found[concept] = tuple(name for name in names if name not in terms)
        return found

    @property
    def wild(self) -> tuple[str, ...]:
        """The terms with ``*`` or ``?`` that are read literally."""
        return tuple(entry.term for entry in self.entries if not entry.pattern and _is_wild(entry.term))

    @property
    def weighted(self) -> bool:
        """Whether it gives weights."""
        return any(entry.weight is not None for entry in self.entries)

    def to_depth(self, depth: int) -> Dictionary:
        """Return it with the concepts below a depth of the hierarchy (from 1) combined with those of that depth."""
        entries = (
            replace(one, concept=".".join(one.levels[:depth]), levels=one.levels[:depth]) if one.levels else one
            for one in self.entries
        )
        return replace(self, entries=tuple(entries))

    def with_other_names(self) -> Dictionary:
        """Return it with the former and later names and the abbreviations of each term in the list of names.

        See ``gazetteer.names``. Of names that contain another one only the contained one is kept, since it occurs at
        all of their places. A ministry (农业部) is not counted where the text has its departments (农业部门). A name
        that a concept has itself keeps the weight and the conditions that it has there.
        """
        from policysearch.gazetteer.names import not_inside, other_names

        entries: list[Entry] = []
        expanded: dict[str, tuple[str, ...]] = {}
        known: dict[tuple[str, str], list[Entry]] = {}
        for entry in self.entries:
            if not entry.pattern:
                known.setdefault((entry.concept, reduce(normalize(entry.term))), []).append(entry)
        for entry in self.entries:
            others = () if entry.pattern else tuple(one.name for one in other_names(entry.term))
            if not others:
                entries.append(entry)
                continue
            expanded[entry.term] = others
            texts = {entry.term: reduce(entry.term)}
            for name in others:
                own = known.setdefault((entry.concept, reduce(name)), [])
                if not any(_contradict(entry, one) for one in own):
                    own.append(entry)
                    texts[name] = reduce(name)
            for name, text in texts.items():
                if not any(other != text and other in text for other in texts.values()):
                    entries.append(
                        replace(entry, term=name, without=(*entry.without, *not_inside(name)), name_of=entry.term)
                    )
        return Dictionary(tuple(entries), expanded)

    def to_dict(self) -> dict[str, list[str | dict[str, Any]]]:
        """Return the terms of each concept as plain values for JSON; those with attributes as objects."""
        found: dict[str, list[str | dict[str, Any]]] = {}
        for entry in self.entries:
            found.setdefault(entry.concept, []).append(entry.told())
        return found


Terms: TypeAlias = "str | Sequence[str] | Mapping[str, str | Sequence[str]] | Dictionary"
"""A term, terms, the terms of each concept, or a dictionary."""


def dictionary_of(terms: Terms, *, patterns: bool = False, expand: bool = False) -> Dictionary:
    """Return terms as a dictionary; a term given alone is its own concept.

    Args:
        terms: A term, terms, the terms of each concept, or a dictionary.
        patterns: Whether ``*`` and ``?`` in terms are wildcards; a backslash makes them literal.
        expand: Whether to add the other names of terms: see ``Dictionary.with_other_names``.
    """
    found = terms if isinstance(terms, Dictionary) else Dictionary(tuple(_entries(terms)))
    if patterns:
        entries = (replace(one, pattern=one.pattern or _is_wild(one.term)) for one in found.entries)
        found = replace(found, entries=tuple(entries))
    return found.with_other_names() if expand else found


def _entries(terms: str | Sequence[str] | Mapping[str, str | Sequence[str]]) -> Iterator[Entry]:
    if not isinstance(terms, Mapping):
        terms = {term: [term] for term in ([terms] if isinstance(terms, str) else terms)}
    for concept, some in terms.items():
        for term in [some] if isinstance(some, str) else some:
            yield Entry(concept, term)


def read_dictionary(lines: Iterable[bytes], name: str) -> Dictionary:
    """Read a dictionary.

    A file whose name ends in ``.yaml`` or ``.yml`` is YAML: a mapping from concepts to a term, a list of terms, or
    further concepts. A term is a text, or a mapping of ``term`` and any of ``weight``, ``not``, ``since``, ``until``.

    Any other file has a term in each line; or a concept, a tab and a term; or these, another tab and a weight. A first
    line with the names of columns (``concept``, ``term``, ``weight``, ``not``, ``since``, ``until``; several texts of
    ``not`` separated by ``|``) gives others. Empty lines, lines that begin with ``#``, cells from one that begins with
    ``#``, a byte order mark and Windows line ends are ignored. A cell in straight quotation marks is read without them,
    as spreadsheet programs write it; a doubled mark in it is one.

    Args:
        lines: The lines of the file.
        name: Its name, for its format and for messages.

    Raises ``InputError`` for an invalid line, naming it.
    """
    read = _yaml_entries if name.lower().endswith((".yaml", ".yml")) else _tsv_entries
    return Dictionary(tuple(read(lines, name)))


def read_terms(lines: Iterable[bytes], name: str) -> dict[str, list[str]]:
    """Read the terms of each concept of a file, as ``read_dictionary`` does, without their attributes."""
    found: dict[str, list[str]] = {}
    for entry in read_dictionary(lines, name).entries:
        found.setdefault(entry.concept, []).append(entry.term)
    return found


def periods_meet(one: Range | None, other: Range | None) -> bool:
    """Return whether two periods have a day in common."""
    for first, second in ((one, other), (other, one)):
        if first is None or second is None or first.high is None or second.low is None:
            continue
        if not Range("when", None, first.high).covers(second.low):
            return False
    return True


def _contradict(one: Entry, other: Entry) -> bool:
    """Return whether two entries, of one term in one concept, differ for documents in which both count."""
    differ = any(getattr(one, name) != getattr(other, name) for name in ("weight", "without", "since", "until"))
    return differ and periods_meet(one.valid, other.valid)


def _is_wild(term: str) -> bool:
    """Return whether a term has a character that is a wildcard in patterns."""
    return any(mark in term for mark in "*?")


def _lines(lines: Iterable[bytes], name: str) -> Iterator[tuple[int, str]]:
    for number, data in enumerate(lines, 1):
        try:
            yield number, data.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
        except UnicodeDecodeError:
            raise InputError(f"'{name}', line {number}: not UTF-8. Save the file as UTF-8.") from None


# TSV


def _tsv_entries(lines: Iterable[bytes], name: str) -> Iterator[Entry]:
    columns: Sequence[str] | None = None
    first = True
    for number, line in _lines(lines, name):
        where = f"'{name}', line {number}"
        cells = _cells(line)
        if not any(cells):
            continue
        if first:
            first = False
            names = [cell.lower() for cell in cells]
            if len(names) > 1 and "term" in names and set(names) & set(_COLUMNS) - {"term"}:
                columns = _head(names, where)
                continue
        yield _tsv_entry(cells, columns, where)


def _cells(line: str) -> list[str]:
    """Return the cells of a line before its comment; quotation marks around one are those of spreadsheet programs."""
    found = _CELL.finditer(line)
    cells = [(one[2] if one[1] is None else one[1].replace('""', '"')).strip() for one in found]
    kept = next((at for at, cell in enumerate(cells) if cell.startswith("#")), len(cells))
    cells = [cell.removeprefix("\\") if cell.startswith("\\#") else cell for cell in cells[:kept]]
    while len(cells) > 2 and not cells[-1]:
        cells.pop()
    return cells


def _head(cells: Sequence[str], where: str) -> Sequence[str]:
    wrong = [cell for cell in cells if cell not in _COLUMNS or cells.count(cell) > 1]
    if wrong:
        raise InputError(f"{where}: unknown or repeated column '{wrong[0]}'; the columns are {', '.join(_COLUMNS)}.")
    return cells


def _tsv_entry(cells: Sequence[str], columns: Sequence[str] | None, where: str) -> Entry:
    if columns is None:
        columns = _POSITIONS.get(len(cells))
        if columns is None:
            raise InputError(
                f"{where}: expected a concept, a term and a weight at most, separated by tabs; for more, name the "
                f"columns in the first line: {', '.join(_COLUMNS)}."
            )
        if len(cells) > 1 and not (cells[0] and reduce(cells[1])):
            raise InputError(f"{where}: expected a concept, a tab and a term.")
    elif len(cells) > len(columns):
        raise InputError(f"{where}: there are more cells than columns.")
    fields = {column: cell for column, cell in zip(columns, cells, strict=False) if cell}
    return _entry(fields.get("concept"), fields, (fields.get("not") or "").split("|"), where)


def _entry(concept: str | None, fields: Mapping[str, str], without: Iterable[str], where: str) -> Entry:
    term = fields.get("term", "").strip()
    try:
        compared = reduce(normalize_query(term))
        excluded = tuple(text.strip() for text in without if reduce(normalize_query(text)))
    except QueryError as error:
        raise InputError(f"{where}: the term is not valid UTF-8.") from error
    if not compared:
        raise InputError(f"{where}: expected a term.")
    for text in excluded:
        longer = reduce(normalize_query(text))
        if not _is_wild(term) and (compared not in longer or compared == longer):
            raise InputError(
                f"{where}: '{text}' is not longer than '{term}' or does not contain it, so that it excludes nothing."
            )
    since, until = (_date(fields, side, where) for side in ("since", "until"))
    if since and until and until[: len(since)] < since[: len(until)]:
        raise InputError(f"{where}: '{term}' is valid since {since} and until {until}, which is earlier.")
    return Entry(concept or term, term, _weight(fields.get("weight"), where), excluded, since, until)


def _weight(written: str | None, where: str) -> float | None:
    if written is None:
        return None
    try:
        weight = float(written)
    except ValueError:
        weight = math.nan
    if not math.isfinite(weight):
        raise InputError(f"{where}: expected a number as weight, not '{written}'.")
    return weight


def _date(fields: Mapping[str, str], side: str, where: str) -> str | None:
    """Return a date in ISO form, read as by the filter of the same name."""
    date = fields.get(side)
    if date is None:
        return None
    try:
        return day_of(side, date)
    except QueryError as error:
        raise InputError(f"{where}: {error}") from error


# YAML


def _yaml_entries(lines: Iterable[bytes], name: str) -> Iterator[Entry]:
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise InputError(
            f"'{name}': a dictionary in YAML needs the package PyYAML. Install it with: "
            "pip install 'policysearch[yaml]', or write a TSV file instead."
        ) from error
    text = "\n".join(line for _, line in _lines(lines, name))
    try:
        # nodes suffice: no object is constructed, every scalar stays as written
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"'{name}': is not YAML ({' '.join(str(error).split())}).") from error
    found = []
    if root is not None:
        for entry in _Yaml(name).entries(root, ()):
            found.append(entry)
            if len(found) > _MOST_ENTRIES:
                raise InputError(f"'{name}': a dictionary has at most {_MOST_ENTRIES} terms.")
    return iter(found)


class _Yaml:
    """Reads the nodes of a YAML file."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _where(self, node: Any) -> str:
        return f"'{self._name}', line {node.start_mark.line + 1}"

    def entries(self, node: Any, path: tuple[str, ...]) -> Iterator[Entry]:
        """Yield the entries below a node; ``path`` names its concept."""
        if len(path) > _DEEPEST:
            raise InputError(f"{self._where(node)}: concepts are nested more than {_DEEPEST} levels deep.")
        if node.id == "scalar":
            yield self._term({"term": self._text(node)}, (), path, node)
        elif node.id == "sequence":
            if not node.value and path:
                raise InputError(f"{self._where(node)}: '{'.'.join(path)}' has no terms.")
            for item in node.value:
                if item.id == "sequence":
                    raise InputError(f"{self._where(item)}: expected a term, not a list in a list.")
                yield from self.entries(item, path)
        else:
            yield from self._mapping(node, path)

    def _mapping(self, node: Any, path: tuple[str, ...]) -> Iterator[Entry]:
        pairs: dict[str, Any] = {}
        for key, value in node.value:
            name = self._text(key).strip() if key.id == "scalar" else ""
            if not name:
                raise InputError(f"{self._where(key)}: expected the name of a concept.")
            if name in pairs:
                raise InputError(f"{self._where(key)}: '{name}' occurs twice; put its terms into one list.")
            pairs[name] = value
        if "term" in pairs:
            yield self._with_attributes(pairs, path, node)
            return
        for name, value in pairs.items():
            yield from self.entries(value, (*path, name))

    def _with_attributes(self, pairs: Mapping[str, Any], path: tuple[str, ...], node: Any) -> Entry:
        unknown = [name for name in pairs if name not in _ATTRIBUTES]
        if unknown:
            known = ", ".join(_ATTRIBUTES)
            raise InputError(f"{self._where(node)}: unknown key '{unknown[0]}' of a term; expected one of: {known}.")
        fields, without = {}, []
        for name, value in pairs.items():
            if name == "not":
                items = value.value if value.id == "sequence" else [value]
                without = [self._text(item) for item in items]
            else:
                fields[name] = self._text(value)
        return self._term(fields, without, path, node)

    def _term(self, fields: Mapping[str, str], without: Iterable[str], path: tuple[str, ...], node: Any) -> Entry:
        entry = _entry(".".join(path) or None, fields, without, self._where(node))
        return replace(entry, levels=path) if len(path) > 1 else entry

    def _text(self, node: Any) -> str:
        if node.id != "scalar":
            raise InputError(f"{self._where(node)}: expected a text.")
        return "" if node.tag.endswith(":null") and node.value in ("", "~") else str(node.value)
