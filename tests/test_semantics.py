"""The meaning of queries, implemented a second time in the plainest way and compared with the search.

The evaluator here knows only what the query language says and what ``show``
prints. It does not read queries: random trees are made first, and written
down in the query language for the search to read.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import ALL
from hypothesis import assume, given
from hypothesis import strategies as st

from policysearch import index_sources, open_index
from policysearch.engines.tree import MatchAll
from policysearch.errors import QueryError
from policysearch.index import Index
from policysearch.query.matching import Text, wild_holds, wild_spans
from policysearch.query.parser import parse
from policysearch.query.syntax import Phrase
from policysearch.text.folding import fold

MARKS = "。!?;"  # folded
LETTERS = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")


# texts


@cache
def compared(text: str) -> list[tuple[str, int]]:
    """Return the characters of a text that count, folded, each with its offset; a space between letters counts.

    A border, an empty line or a tab, is a line feed.
    """
    folded = fold(text)
    kept = [(c, i) for i, c in enumerate(folded) if not c.isspace()]
    out: list[tuple[str, int]] = []
    for character, offset in kept:
        gap = folded[out[-1][1] + 1 : offset] if out else ""
        if "\t" in gap or gap.count("\n") > 1:
            out.append(("\n", out[-1][1] + 1))
        elif gap and out[-1][0] in LETTERS and character in LETTERS:
            out.append((" ", out[-1][1] + 1))
        out.append((character, offset))
    return out


@cache
def plain(text: str) -> str:
    return "".join(character for character, _ in compared(text))


def of_query(text: str) -> str:
    """Return the characters of a query that count: no white space in it is a border."""
    return plain(" ".join(text.split()))


@dataclass(frozen=True)
class Piece:
    """A section's text, or a sentence or a line of it.

    Attributes:
        shown: Its characters.
        start: Where it begins in the section.
    """

    shown: str
    start: int

    @property
    def characters(self) -> list[tuple[str, int]]:
        return compared(self.shown)

    def parts(self, ends: str) -> list[Piece]:
        """Return the pieces between certain characters, each with the one that ends it, empty ones left out."""
        out = []
        start = 0
        for i, character in enumerate(self.shown, 1):
            if fold(character) in ends or character == "\n" or i == len(self.shown):
                out.append(Piece(self.shown[start:i], self.start + start))
                start = i
        return [piece for piece in out if plain(piece.shown)]


Place = tuple[int, int]
"""Where something stands in the compared characters of a piece."""


# what is asked


@dataclass(frozen=True)
class Word:
    """A group; ``pieces`` are the words it is cut into, in order."""

    text: str
    pieces: tuple[str, ...]

    @property
    def required(self) -> list[tuple[str, ...]]:
        """The requirements on a text: one text of each row; no row where it must have the group as typed."""
        if all(len(piece) == 1 for piece in self.pieces):
            return []
        rows: list[tuple[str, ...]] = []
        left = plain(self.text)
        before = ""
        for i, piece in enumerate(self.pieces):
            skipped, left = left[: left.index(piece)], left[left.index(piece) + len(piece) :]
            before = skipped[-1:] or before
            after = self.pieces[i + 1] if i + 1 < len(self.pieces) and left.startswith(self.pieces[i + 1]) else left[:1]
            if len(piece) > 1:
                rows.append((piece,))
            elif piece not in "的和与及等在":
                rows.append(tuple(text for text in (before + piece, piece + after) if len(text) > 1))
            before = piece
        return rows


@dataclass(frozen=True)
class Quoted:
    """Literal text and wildcards in turn: ``("优化", "*", "环境")``; a wildcard is an item that is ``*`` or ``?``."""

    items: tuple[str, ...]
    wild: tuple[bool, ...]


@dataclass(frozen=True)
class Combined:
    """``all``, ``any`` or ``not``."""

    kind: str
    children: tuple[Any, ...]


@dataclass(frozen=True)
class Unit:
    ends: str
    child: Any


@dataclass(frozen=True)
class Close:
    places: tuple[Word | Quoted, ...]
    distances: tuple[int, ...]


@dataclass(frozen=True)
class Field:
    name: str
    child: Word | Quoted


@dataclass(frozen=True)
class Value:
    """A filter: ``test`` takes what ``show`` says of the document and the section."""

    name: str
    typed: str
    test: Callable[[Mapping[str, Any], Mapping[str, Any]], bool]

    def __hash__(self) -> int:
        return hash((self.name, self.typed))


def stands(phrase: str, characters: Sequence[tuple[str, int]]) -> list[Place]:
    text = "".join(c for c, _ in characters)
    wanted = of_query(phrase)
    return [(i, i + len(wanted)) for i in range(len(text)) if text.startswith(wanted, i)]


def quoted_places(quoted: Quoted, piece: Piece) -> list[Place]:
    """Return all places of a phrase: a star is tried at every length."""
    characters = piece.characters
    if not any(quoted.wild):
        return stands("".join(quoted.items), characters)
    asked = list(zip(quoted.items, quoted.wild, strict=True))
    # a star at either end, with nothing beyond it, asks for nothing
    while asked[-1] == ("*", True) or not plain(asked[-1][0]):
        asked.pop()
    while asked[0] == ("*", True) or not plain(asked[0][0]):
        asked.pop(0)
    out = []
    for start in range(len(characters)):
        ends = {start}
        for item, wild in asked:
            if not wild:
                literal = of_query(item)
                text = "".join(c for c, _ in characters)
                ends = {end + len(literal) for end in ends if text.startswith(literal, end)}
            elif item == "?":
                ends = {end + 1 for end in ends if end < len(characters) and characters[end][0] != "\n"}
            else:
                ends = {
                    end + length
                    for end in ends
                    for length in range(21)
                    if end + length <= len(characters) and in_one_sentence(characters, end, end + length, piece)
                }
        out += [(start, end) for end in ends if end > start]
    return out


def in_one_sentence(characters: Sequence[tuple[str, int]], start: int, end: int, piece: Piece) -> bool:
    """Return whether no sentence ends in a gap and no border stands there, nor a line ends in it or at its ends."""
    if any(c in MARKS + "\n" for c, _ in characters[start:end]):
        return False
    low = characters[start - 1][1] + 1 if start else 0
    high = characters[end][1] if end < len(characters) else len(piece.shown)
    return "\n" not in piece.shown[low:high]


def places_of(operand: Word | Quoted, piece: Piece) -> list[Place]:
    if isinstance(operand, Word):
        return stands(operand.text, piece.characters)
    return quoted_places(operand, piece)


def close(asked: Close, piece: Piece) -> bool:
    """Return whether there is one place of each operand, each near the one before."""
    characters = piece.characters
    reached = places_of(asked.places[0], piece)
    for operand, distance in zip(asked.places[1:], asked.distances, strict=True):
        gaps = {there: [between(here, there, characters) for here in reached] for there in places_of(operand, piece)}
        reached = [there for there, some in gaps.items() if any(gap is not None and gap <= distance for gap in some)]
    return bool(reached)


def between(one: Place, other: Place, characters: Sequence[tuple[str, int]]) -> int | None:
    """Return how many characters lie between two places, spaces left out; None when they overlap."""
    first, second = sorted((one, other))
    if first[1] > second[0]:
        return None
    return sum(c not in " \n" for c, _ in characters[first[1] : second[0]])


@dataclass(frozen=True)
class Section:
    """A section as ``show --format json`` prints it."""

    document: Mapping[str, Any]
    fields: Mapping[str, Any]

    @property
    def piece(self) -> Piece:
        return Piece(self.fields["text"], 0)

    @property
    def headed(self) -> str:
        """Its number and heading."""
        return f"{self.fields['number'] or ''}{self.fields['heading'] or ''}"

    @property
    def order(self) -> tuple[str, int]:
        document, _, number = self.fields["section_id"].rpartition("#")
        return document, int(number)


def selects(asked: Any, section: Section, piece: Piece, match: str) -> bool:
    """Return whether a section is what is asked for, under ``all``, ``any`` or ``exact``."""
    strict = "exact" if match == "exact" else "all"
    match asked:
        case Word(text, pieces):
            rows = [] if match == "exact" else asked.required
            if not rows:
                return plain(text) in plain(piece.shown)
            if match == "any":
                return any(one in plain(piece.shown) for one in pieces if len(one) > 1)
            return all(any(one in plain(piece.shown) for one in row) for row in rows)
        case Quoted():
            return bool(quoted_places(asked, piece))
        case Combined("not", (child,)):
            return not selects(child, section, piece, "exact")
        case Combined("any", children):
            return any(selects(child, section, piece, match) for child in children)
        case Combined("all", children):
            return selects_all(children, section, piece, match)
        case Unit(ends, child):
            return any(selects(child, section, part, strict) for part in piece.parts(ends))
        case Close():
            return close(asked, piece)
        case Field(name, child):
            text = section.headed if name == "heading" else section.document["title"]
            return selects(child, section, Piece(text or "", 0), match)
        case Value(_, _, test):
            return test(section.document, section.fields)
    raise TypeError(asked)


def selects_all(children: Sequence[Any], section: Section, piece: Piece, match: str) -> bool:
    """All of these; a repeated filter means either; with ``any``, one of those that ask for words is enough."""
    filters: dict[str, list[bool]] = {}
    wanted, needed = [], []
    for child in children:
        found = selects(child, section, piece, match)
        if isinstance(child, Value):
            filters.setdefault(child.name, []).append(found)
        elif asks_for_words(child):
            wanted.append(found)
        else:
            needed.append(found)
    enough = any(wanted) if match == "any" and wanted else all(wanted)
    return enough and all(needed) and all(map(any, filters.values()))


def asks_for_words(asked: Any) -> bool:
    match asked:
        case Word() | Quoted() | Close():
            return True
        case Combined("not", _) | Value():
            return False
        case Combined(_, children):
            return any(map(asks_for_words, children))
        case Unit(_, child):
            return asks_for_words(child)
        case Field(name, _):
            return name == "heading"
    raise TypeError(asked)


# the same, written down


def escaped(text: str, marks: str) -> str:
    return "".join("\\" + c if c in marks else c for c in text)


PAIRS = [('"', '"'), ("“", "”"), ("「", "」"), ("『", "』"), ("＂", "＂")]


def written(asked: Any, chosen: random.Random, top: bool = True) -> str:
    """Return a query in the query language, in one of its spellings."""
    match asked:
        case Word(text, _):
            marks = '\\"“”「」『』＂()（）|｜ \n\t　:：' + ("-－~～" if text[0] in "-－~～" else "")
            out = escaped(text, marks)
            return "\\" + out if out in ("AND", "OR", "NOT") or (out == text and out[0] in "句段") else out
        case Quoted(items, wild):
            opening, closing = chosen.choice(PAIRS)
            marks = "\\*?" + opening + closing
            inside = "".join(i if w else escaped(i, marks) for i, w in zip(items, wild, strict=True))
            return opening + inside + closing
        case Combined("not", (child,)):
            inner = written(child, chosen, False)
            return chosen.choice(["-", "－", "NOT ", "ＮＯＴ　"]) + inner
        case Combined(kind, children):
            between = [" AND ", " ", "　", " ＡＮＤ "] if kind == "all" else [" OR ", " | ", "｜", " ＯＲ "]
            parts = [written(child, chosen, False) for child in children]
            out = parts[0] + "".join(chosen.choice(between) + part for part in parts[1:])
            opening, closing = chosen.choice([("(", ")"), ("（", "）")])
            return out if top and chosen.random() < 0.8 else f"{opening}{out}{closing}"
        case Unit(ends, child):
            opening, closing = chosen.choice([("(", ")"), ("（", "）")])
            return f"{'句' if ends else '段'}{opening}{written(child, chosen)}{closing}"
        case Close(places, distances):
            parts = [written(place, chosen) for place in places]
            tilde = chosen.choice("~～")
            out = parts[0] + "".join(f" {tilde}{d} {part}" for d, part in zip(distances, parts[1:], strict=True))
            return f"({out})" if not top else out
        case Field(name, child):
            return name + chosen.choice(":：") + written(child, chosen)
        case Value(name, typed, _):
            return f"{name}{chosen.choice(':：')}{written(Quoted((typed,), (False,)), chosen)}"
    raise TypeError(asked)


# random questions


class Corpus:
    """An index, what it shows, and words to ask for."""

    def __init__(self, index: Index, most_sections: int = 10**9) -> None:
        self.index = index
        self.sections: list[Section] = []
        for document, _ in index.engine.documents(MatchAll()):
            shown = index.show(document["document_id"])
            assert shown is not None
            plain_values = shown.to_dict()
            self.sections += [Section(plain_values["document"], fields) for fields in plain_values["sections"]]
        self.sections.sort(key=lambda section: section.order)
        self.texts = [section.fields["text"] for section in self.sections]

    def cut(self, text: str) -> tuple[str, ...]:
        return tuple(self.index._resolver.cut(plain(text)))

    def phrase(self, chosen: random.Random, longest: int = 8) -> str:
        while True:
            text = chosen.choice(self.texts)
            start = chosen.randrange(len(text))
            phrase: str = text[start : start + chosen.randint(1, longest)]
            if plain(phrase):
                return phrase

    def word(self, chosen: random.Random) -> Word:
        if chosen.random() < 0.5:
            # a word that stands in the texts, so that there is something to find
            words = self.cut(self.phrase(chosen, 12)) or ("环境",)
            text = chosen.choice(words)
        else:
            text = "".join(self.phrase(chosen, 6).split()) or "的"
        return Word(text, self.cut(text))

    def quoted(self, chosen: random.Random) -> Quoted:
        phrase = self.phrase(chosen, 25)
        if len(phrase) < 4 or chosen.random() < 0.5:
            return Quoted((phrase[:8] if plain(phrase[:8]) else phrase,), (False,))
        items: list[str] = []
        wild: list[bool] = []
        at = 0
        while at < len(phrase):
            take = chosen.randint(1, 4)
            items.append(phrase[at : at + take])
            wild.append(False)
            at += take
            if at < len(phrase):
                star = chosen.random() < 0.7
                items.append("*" if star else "?")
                wild.append(True)
                at += chosen.randint(0, 6) if star else 1
        if not any(plain(i) for i, w in zip(items, wild, strict=True) if not w):
            return Quoted(("的",), (False,))
        return Quoted(tuple(items), tuple(wild))

    def leaf(self, chosen: random.Random) -> Word | Quoted:
        return self.word(chosen) if chosen.random() < 0.65 else self.quoted(chosen)

    def asked(self, chosen: random.Random, depth: int, fields: bool = True) -> Any:
        """Return a random question; inside a sentence there are no fields."""
        kinds = ["leaf"] * 4 + ["close", "not"] + (["all", "any"] * 3 + ["unit"] * 2 if depth else [])
        kind = chosen.choice(kinds + (["field", "value", "value"] if fields else []))
        if kind == "close":
            many = chosen.choice([2, 2, 2, 3])
            return Close(
                tuple(self.leaf(chosen) for _ in range(many)),
                tuple(chosen.choice([0, 1, 3, 10, 40]) for _ in range(many - 1)),
            )
        if kind == "not":
            child = self.asked(chosen, depth - 1, fields) if depth else self.leaf(chosen)
            return Combined("not", (child,)) if not is_not(child) else child
        if kind in ("all", "any"):
            many = chosen.randint(2, 3)
            children = [self.asked(chosen, depth - 1, fields) for _ in range(many)]
            return Combined(kind, tuple(children))
        if kind == "unit":
            return Unit(chosen.choice([MARKS, ""]), self.asked(chosen, depth - 1, fields=False))
        if kind == "field":
            name = chosen.choice(["heading", "title"])
            texts = [s.headed if name == "heading" else s.document["title"] for s in self.sections]
            text = chosen.choice([text for text in texts if text])
            start = chosen.randrange(len(text))
            part = "".join(text[start : start + chosen.randint(1, 5)].split()) or text.strip()[0]
            exact = chosen.random() < 0.5
            return Field(name, Quoted((part,), (False,)) if exact else Word(part, self.cut(part)))
        if kind == "value":
            return self.value(chosen)
        return self.leaf(chosen)

    def value(self, chosen: random.Random) -> Value:
        names = ["level", "type", "part", "year", "issuer", "number", "region", "province", "city", "status"]
        name = chosen.choice(names)
        field = {"number": "document_number"}.get(name, name)
        if name == "part":
            typed = chosen.choice([s.fields["part"] for s in self.sections])
            return Value(name, typed, lambda document, section: section["part"] == typed)
        values = sorted({s.document[field] for s in self.sections if s.document[field] is not None})
        if not values:
            return Value("part", "glossary", lambda document, section: section["part"] == "glossary")
        picked = chosen.choice(values)
        if name == "year":
            low, high = sorted((picked, chosen.choice(values)))
            typed = chosen.choice([f"{low}..{high}", f"{low}..", f"..{high}"])
            least = None if typed.startswith("..") else low
            most = None if typed.endswith("..") else high
            return Value(name, typed, lambda document, section: in_range(document["year"], least, most))
        full = str(picked)
        typed = full
        if name in ("region", "province", "city") and chosen.random() < 0.5:
            typed = re.sub("(?<=..)[省市县]$", "", full)
        return Value(name, typed, lambda document, section: same(document[field], full, typed))


def same(value: Any, full: str, typed: str) -> bool:
    """Return whether a value is the full name, or the typed one with or without the word for what it is."""
    return value is not None and plain(str(value)) in {
        plain(full),
        *(plain(typed) + k for k in ["", *"省市县区州盟旗"]),
    }


def in_range(year: int | None, low: int | None, high: int | None) -> bool:
    return year is not None and (low is None or low <= year) and (high is None or year <= high)


def is_not(asked: Any) -> bool:
    return isinstance(asked, Combined) and asked.kind == "not"


# the tests


@pytest.fixture(scope="module")
def samples(samples_index: Path) -> Iterator[Corpus]:
    with open_index(samples_index) as index:
        yield Corpus(index)


@pytest.fixture(scope="module")
def reports(reports_index: Path) -> Iterator[Corpus]:
    with open_index(reports_index) as index:
        yield Corpus(index)


def expected(corpus: Corpus, asked: Any, match: str) -> list[str]:
    return [s.fields["section_id"] for s in corpus.sections if selects(asked, s, s.piece, match)]


def hold(corpus: Corpus, asked: Any, query: str, match: str, chosen: random.Random) -> int:
    """Hold one search against what is expected; return how many sections it found."""
    wanted = expected(corpus, asked, match)
    found = corpus.index.search(query, match=match, limit=None, duplicates="show")
    assert sorted(hit.section_id for hit in found.hits) == sorted(wanted), query
    assert found.total == len(wanted)
    order = [(-hit.score, section_order(hit.section_id)) for hit in found.hits]
    assert order == sorted(order), query
    limit = chosen.randint(0, 7)
    pages = [
        corpus.index.search(query, match=match, limit=limit, offset=offset, duplicates="show")
        for offset in range(0, min(found.total, limit * 3), limit or 1)
    ]
    assert all(page.total == found.total for page in pages)
    assert [hit for page in pages for hit in page.hits] == list(found.hits[: limit * 3])
    documents = corpus.index.search(query, match=match, limit=None, group="document", duplicates="show")
    assert documents.total == len({name.rpartition("#")[0] for name in wanted}) == len(documents.hits)
    assert sum(hit.sections or 0 for hit in documents.hits) == len(wanted)
    scores = [hit.score for hit in documents.hits]
    assert scores == sorted(scores, reverse=True)
    return len(wanted)


def section_order(section_id: str) -> tuple[str, int]:
    document, _, number = section_id.rpartition("#")
    return document, int(number)


def costs_too_much(query: str) -> bool:
    with suppress(QueryError):
        parse(query)
        return False
    with pytest.raises(QueryError, match="At most 8"):
        parse(query)
    return True


def storm(corpus: Corpus, count: int, seed: int, depth: int) -> None:
    chosen = random.Random(seed)
    something = 0
    for _ in range(count):
        asked = corpus.asked(chosen, depth)
        query = written(asked, chosen)
        if costs_too_much(query):
            continue
        match = chosen.choice(["all", "all", "any", "exact"])
        something += bool(hold(corpus, asked, query, match, chosen))
    # most questions find something, or the test would say little
    assert something > count / 3


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.no_cover
def test_queries_mean_what_they_say(samples: Corpus, depth: int) -> None:
    storm(samples, 1000 if ALL else 60, seed=depth, depth=depth)


@pytest.mark.skipif(not ALL, reason="the same over the reference reports: scripts/test --all")
def test_queries_mean_what_they_say_in_the_reports(reports: Corpus) -> None:
    storm(reports, 500, seed=10, depth=2)


def test_auto_is_all_or_else_any(samples: Corpus) -> None:
    chosen = random.Random(4)
    relaxed = 0
    for _ in range(300 if ALL else 40):
        asked = Combined("all", tuple(samples.word(chosen) for _ in range(chosen.randint(2, 4))))
        found = samples.index.search(written(asked, chosen), limit=None, duplicates="show")
        wanted = expected(samples, asked, "all")
        typed = [expected(samples, word, "exact") for word in asked.children]
        many = [len({piece for piece in word.pieces if len(piece) > 1}) for word in asked.children]
        question = any(count >= 5 and not where for count, where in zip(many, typed, strict=True))
        assert found.read_as == ({"kind": "question"} if question else None)
        if question:
            wanted = []
        assert found.relaxed == (not wanted and not question and found.match == "any")
        found_any = expected(samples, asked, "any")
        assert {hit.section_id for hit in found.hits} == set(wanted or found_any)
        exact = expected(samples, asked, "exact")
        assert found.total_exact == len(exact)
        assert {hit.section_id for hit in found.hits if hit.exact} == set(exact)
        relaxed += found.relaxed
    assert relaxed


@pytest.mark.parametrize(
    "query",
    ["丒丒", "丒丒 丑丑", "丒丒 OR 丑丑", "“丒丒”", "句(丒丒 发展)", "段(丒丒 发展)", "量(丒丒 >5)", "丒丒 ~3 发展"],
)
def test_an_answer_without_hits_is_not_relaxed(samples: Corpus, query: str) -> None:
    found = samples.index.search(query)
    assert (found.match, found.relaxed, found.total) == ("all", False, 0)


def test_sections_with_more_exact_groups_come_first(samples: Corpus) -> None:
    chosen = random.Random(5)
    for _ in range(300 if ALL else 40):
        texts = ["".join(samples.phrase(chosen, 6).split()) or "的" for _ in range(chosen.randint(1, 3))]
        words = [Word(text, samples.cut(text)) for text in texts]
        found = samples.index.search(
            " ".join(written(word, chosen) for word in words), match="all", limit=None, duplicates="show"
        )
        many = [word for word in set(words) if word.pieces != (plain(word.text),)]
        text_of = {s.fields["section_id"]: plain(s.fields["text"]) for s in samples.sections}
        whole = [sum(plain(word.text) in text_of[hit.section_id] for word in many) for hit in found.hits]
        assert whole == sorted(whole, reverse=True), texts


def test_matches_are_places_that_do_not_overlap(samples: Corpus) -> None:
    chosen = random.Random(6)
    for _ in range(300 if ALL else 40):
        phrases = [samples.phrase(chosen, 5) for _ in range(chosen.randint(1, 3))]
        query = " OR ".join(written(Quoted((phrase,), (False,)), chosen) for phrase in phrases)
        wanted = sorted({plain(phrase) for phrase in phrases}, key=len, reverse=True)
        scan = re.compile("|".join(map(re.escape, wanted)))
        for hit in samples.index.search(query, limit=20).hits:
            text = next(s.fields["text"] for s in samples.sections if s.fields["section_id"] == hit.section_id)
            assert hit.matches == len(scan.findall(plain(text))), query
            marked = [plain(hit.snippet.text[a:b]) for a, b in hit.snippet.spans]
            assert marked
            assert set(marked) <= set(wanted), query


@pytest.mark.parametrize(
    ("texts", "query", "marked"),
    [
        pytest.param(
            "优化一二三四五环境优化营商环境一二三四五优化", "优化 ~4 环境", ["环境", "优化", "环境"], id="near"
        ),
        pytest.param("优化。环境。优化环境。", "句(优化 环境)", ["优化", "环境"], id="sentence"),
        pytest.param("甲乙一二丙，甲乙丙", '"甲*丙"', ["甲乙一二丙", "甲乙丙"], id="star"),
        pytest.param("甲乙甲乙甲", '"甲乙甲"', ["甲乙甲"], id="a phrase over itself"),
        pytest.param("甲乙丙丁", '"甲乙" OR "乙丙" OR "丙丁"', ["甲乙", "丙丁"], id="overlapping phrases"),
    ],
)
def test_what_is_marked(tmp_path: Path, texts: str, query: str, marked: list[str]) -> None:
    from conftest import build_index

    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "一.txt").write_text(texts, encoding="utf-8")
    with open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        (hit,) = index.search(query).hits
        assert [hit.snippet.text[a:b] for a, b in hit.snippet.spans] == marked
        assert hit.matches == len(marked)


def test_a_query_without_words_scores_nothing_and_is_in_order_of_ids(samples: Corpus) -> None:
    for query in ("-疫情", "year:2023", "part:plan -环境", "NOT (优化 OR 环境)", "region:松岑县 year:2022..2024"):
        found = samples.index.search(query, limit=None)
        assert found.hits
        assert all(hit.score == 0 for hit in found.hits)
        order = [section_order(hit.section_id) for hit in found.hits]
        assert order == sorted(order)


@given(
    st.lists(st.sampled_from(["甲", "乙", "丙", "*", "?", " "]), min_size=1, max_size=6).map("".join),
    st.lists(st.sampled_from(["甲", "乙", "丙", "。", "\n", " ", "a b", "丁" * 9]), max_size=30).map("".join),
)
def test_whether_wildcards_stand_in_a_text_is_whether_they_have_a_place(typed: str, shown: str) -> None:
    assume(typed.strip("*? "))
    (phrase,) = (parse(f'"{typed}"'),)
    assert isinstance(phrase, Phrase)
    assert wild_holds(phrase, Text.of(shown)) == bool(wild_spans(phrase, Text.of(shown)))


NUMBERED = """关于印发竹榭市水利发展规划的通知

各镇人民政府：
现将规划印发给你们。

竹榭市人民政府
2024年3月1日

竹榭市水利发展规划

第一篇 发展基础
已有成效。
第一章 建设成就
成就不少。
第一节 水库除险
除险加固。
专栏1 重点水库名录
名录如下。
第二篇 主要任务
任务不少。
"""
FORMAL = """关于做好秋收工作的意见

壹、总体要求
要求如下。
貳、主要任务
任务如下。
參、保障措施
(壹)加强领导
领导有力。
"""


def test_a_heading_is_found_from_wherever_in_its_number(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "plan.txt").write_text(NUMBERED, encoding="utf-8")
    (tmp_path / "docs" / "formal.txt").write_text(FORMAL, encoding="utf-8")
    index_sources([tmp_path / "docs"], index=tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        sections = Corpus(index).sections
        numbers = {section.fields["number"] for section in sections}
        assert numbers >= {"第一篇", "专栏1", "貳、", "參、"}, numbers
        for section in sections:
            headed = plain(section.headed)
            for start in range(len(headed)):
                found = index.search(f'heading:"{headed[start : start + 4]}"', limit=None)
                assert section.fields["section_id"] in {hit.section_id for hit in found.hits}, headed[start:]
