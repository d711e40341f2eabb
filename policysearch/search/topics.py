"""Topics: numbered queries, read from a file.

Topics are lines of UTF-8 in one of three formats. The suffix of the file's name
determines which: ``.jsonl`` and ``.ndjson`` for JSON Lines, ``.tsv`` for an id, a
tab and a query. With any other name the first non-empty line determines it: it
starts with ``{``, or it has a tab, or else each line is a query and its number
the id. Empty lines, a byte order mark and Windows line ends are ignored.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from policysearch.errors import InputError
from policysearch.frozen import frozen
from policysearch.query.filters import truth_as_typed
from policysearch.vocabulary import FILTERS, filter_named

__all__ = ["BrokenTopic", "Topic", "Topics", "topic_of"]

_MOST_IDS = 100_000  # in memory, about 15 MB


@frozen
class Topic:
    """One numbered query of a batch.

    Attributes:
        topic_id: The id, unique in the batch.
        query: The query as typed.
        filters: Its own filters, which replace the batch's filters of the same name.
        line: Its line number, from 1.
    """

    topic_id: str
    query: str
    filters: Mapping[str, Sequence[str]]
    line: int


@frozen
class BrokenTopic:
    """A malformed line, or a topic with a malformed query.

    Attributes:
        line: The line number, from 1.
        reason: The error, and what was expected.
        query: The malformed query, or None.
        position: The offset of the error in it, in characters, or None.
    """

    line: int
    reason: str
    query: str | None = None
    position: int | None = None


class Topics:
    """Reads topics, one line at a time. It can be iterated over once.

    Attributes:
        digest: SHA-256 of the bytes read so far.
        count: Number of topics read, without malformed ones.
    """

    def __init__(self, lines: Iterable[bytes], name: str = "") -> None:
        self._lines = lines
        self._form = _form_of_name(name)
        self._ids: _Ids | None = None
        self._digest = sha256()
        self.count = 0

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[Topic | BrokenTopic]:
        for number, data in enumerate(self._lines, 1):
            self._digest.update(data)
            if number == 1 and data.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise InputError("The topics are in UTF-16. Save them as UTF-8.")
            try:
                line = data.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError:
                yield BrokenTopic(number, "it is not UTF-8; save the topics as UTF-8")
                continue
            if line.strip():
                topic = self._topic(line, number)
                self.count += isinstance(topic, Topic)
                yield topic

    def _topic(self, line: str, number: int) -> Topic | BrokenTopic:
        if self._form is None:
            self._form = "json" if line.lstrip().startswith("{") else "table" if "\t" in line else "plain"
        if self._form == "plain":
            if "\t" in line:
                return BrokenTopic(number, "it has a tab and the first line has none; expected one query per line")
            return Topic(str(number), line.strip(), {}, number)
        topic = _of_json(line, number) if self._form == "json" else _of_table(line, number)
        if isinstance(topic, Topic):
            self._ids = self._ids or _Ids()
            first = self._ids.first_line(topic.topic_id, number)
            if first != number:
                return BrokenTopic(number, f"the id '{topic.topic_id}' is already on line {first}")
        return topic


def _form_of_name(name: str) -> str | None:
    ending = os.path.splitext(name)[1].lower()
    return {".jsonl": "json", ".ndjson": "json", ".tsv": "table"}.get(ending)


def topic_of(given: object, number: int) -> Topic | BrokenTopic:
    """Return a topic given as a pair of id and query; ``number`` is its place, from 1.

    Raises ``InputError`` for anything else.
    """
    if isinstance(given, (Topic, BrokenTopic)):
        return given
    if isinstance(given, (tuple, list)) and len(given) == 2 and all(isinstance(one, str) for one in given):
        return Topic(given[0], given[1], {}, number)
    raise InputError(f"Topic {number} is not a pair of an id and a query, both texts.")


def _of_table(line: str, number: int) -> Topic | BrokenTopic:
    topic_id, tab, query = line.partition("\t")
    if not tab:
        return BrokenTopic(number, "expected an id, a tab and a query")
    if not topic_id.strip():
        return BrokenTopic(number, "the id before the tab is empty")
    return Topic(topic_id.strip(), query.strip(), {}, number)


def _of_json(line: str, number: int) -> Topic | BrokenTopic:
    expected = 'expected a JSON object such as {"id": "1", "query": "营商环境", "region": "乌海市"}'
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return BrokenTopic(number, expected)
    if not isinstance(fields, dict):
        return BrokenTopic(number, expected)
    topic_id = fields.pop("id", None)
    query = fields.pop("query", "" if fields else None)  # filters alone are a query
    if isinstance(topic_id, int) and not isinstance(topic_id, bool):
        topic_id = str(topic_id)
    if not isinstance(topic_id, str) or not topic_id.strip() or not isinstance(query, str):
        return BrokenTopic(number, f"its id or its query is missing or not a text; {expected}")
    filters = {}
    for name, given in fields.items():
        if filter_named(name) is None:
            known = ", ".join(one.name for one in FILTERS)
            return BrokenTopic(number, f"unknown filter '{name}'; expected id, query or one of: {known}")
        given = truth_as_typed(name, given)
        several = given if isinstance(given, list) else [given]
        if any(isinstance(one, bool) or not isinstance(one, (str, int)) for one in several):
            return BrokenTopic(number, f"the filter {name} must be a text, a number or a list of these")
        filters[name] = tuple(map(str, several))
    return Topic(topic_id.strip(), query.strip(), filters, number)


class _Ids:
    """Records the first line of each id: the latest ids in memory, the others in temporary files."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._others: list[_PutAway | dict[str, int]] = []

    def first_line(self, topic_id: str, line: int) -> int:
        """Return the first line with this id, which is ``line`` when it is new."""
        for some in (self._last, *self._others):
            found = some.get(topic_id)
            if found is not None:
                return found
        self._last[topic_id] = line
        if len(self._last) >= _MOST_IDS:
            import sqlite3

            try:
                self._others.append(_PutAway(self._last))
            except sqlite3.Error:  # no space on disk: keep them in memory
                self._others.append(self._last)
            self._last = {}
        return line


class _PutAway:
    """Ids in a temporary file that is written once, so that later failures do not affect it."""

    def __init__(self, lines: Mapping[str, int]) -> None:
        import sqlite3

        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = 20"):
            self._file.execute(f"PRAGMA {pragma}")
        self._file.execute("CREATE TABLE seen (id BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._file.execute("BEGIN")
        rows = sorted((_key(topic_id), line) for topic_id, line in lines.items())
        self._file.executemany("INSERT INTO seen VALUES (?, ?)", rows)
        self._file.execute("COMMIT")

    def get(self, topic_id: str) -> int | None:
        """Return the line of an id, or None."""
        found = self._file.execute("SELECT line FROM seen WHERE id = ?", (_key(topic_id),)).fetchone()
        return None if found is None else int(found[0])

    def __del__(self) -> None:
        self._file.close()


def _key(topic_id: str) -> bytes:
    return topic_id.encode("utf-8", "surrogatepass")
