"""Topics to a run: many queries, each with an id, answered in their order.

Topics are lines of UTF-8, one of three forms. The ending of the file's name
says which: ``.jsonl`` and ``.ndjson`` JSON lines, ``.tsv`` an id, a tab and a
query. With any other name the first line that is not empty says it: it begins
with ``{``, or it has a tab, or else each line is a query and its number the
id. Empty lines, a byte order mark and Windows line ends do no harm.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from policysearch.errors import InputError, PolicySearchError, QueryError
from policysearch.hits import FILTER_OPTIONS, Found, Hit, Named, Searcher
from policysearch.values import changed, value

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

__all__ = ["Answered", "BrokenTopic", "Topic", "Topics", "answers", "corpus_hash", "in_processes"]

_TASK_TOPICS = 16
_MOST_TOGETHER = 1_000  # hits of a topic, its page and those before, for several topics to be answered together
_AHEAD = 4  # tasks that wait for each process
_MOST_IDS = 100_000  # in memory, for which they take 15 MB


@value
class Topic:
    """One numbered query of a batch.

    Attributes:
        topic_id: Unique in the batch.
        query: As typed.
        filters: Its own filters; they take the place of the batch's of the same name.
        line: The line it stands on, from 1.
    """

    topic_id: str
    query: str
    filters: Mapping[str, Sequence[str]]
    line: int


@value
class BrokenTopic:
    """A line that no topic could be read from, or whose query cannot be understood.

    Attributes:
        line: From 1.
        reason: What is wrong, and what was expected.
        query: The query and the place in it that is at fault, where it is one.
        position: As above, in characters; else None.
    """

    line: int
    reason: str
    query: str | None = None
    position: int | None = None


@value
class Answered:
    """A topic and what it found.

    Attributes:
        hits: Those of ``found``; or, asked for lazily or by name, hits that come one at a time, while ``found`` has
            none.
    """

    topic: Topic
    found: Found
    hits: Iterable[Hit] | Iterable[Named]


class Topics:
    """Reads topics, one line at a time. Iterate over it once.

    Attributes:
        digest: SHA-256 of the bytes read so far.
        count: How many topics were read, broken ones left out.
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
                yield BrokenTopic(number, "it is not UTF-8")
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
                return BrokenTopic(number, "it has a tab and the first line has none; expected one query a line")
            return Topic(str(number), line.strip(), {}, number)
        topic = _of_json(line, number) if self._form == "json" else _of_table(line, number)
        if isinstance(topic, Topic):
            self._ids = self._ids or _Ids()
            first = self._ids.first_line(topic.topic_id, number)
            if first != number:
                return BrokenTopic(number, f"the id '{topic.topic_id}' stands on line {first} already")
        return topic


def _form_of_name(name: str) -> str | None:
    ending = os.path.splitext(name)[1].lower()
    return {".jsonl": "json", ".ndjson": "json", ".tsv": "table"}.get(ending)


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
    topic_id, query = fields.pop("id", None), fields.pop("query", None)
    if isinstance(topic_id, int) and not isinstance(topic_id, bool):
        topic_id = str(topic_id)
    if not isinstance(topic_id, str) or not topic_id.strip() or not isinstance(query, str):
        return BrokenTopic(number, f"its id or its query is missing or no text; {expected}")
    filters = {}
    for name, given in fields.items():
        if name not in FILTER_OPTIONS:
            known = ", ".join(FILTER_OPTIONS)
            return BrokenTopic(number, f"there is no filter '{name}'; beside id and query there are: {known}")
        several = given if isinstance(given, list) else [given]
        if any(isinstance(one, bool) or not isinstance(one, (str, int)) for one in several):
            return BrokenTopic(number, f"the filter {name} must be a text, a number or a list of these")
        filters[name] = tuple(map(str, several))
    return Topic(topic_id.strip(), query.strip(), filters, number)


class _Ids:
    """Remembers ids and where each stood first: the last of them in memory, the others in temporary files."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._others: list[_PutAway | dict[str, int]] = []

    def first_line(self, topic_id: str, line: int) -> int:
        """Return the line that this id stood on first, which is ``line`` when it is new."""
        for some in (self._last, *self._others):
            found = some.get(topic_id)
            if found is not None:
                return found
        self._last[topic_id] = line
        if len(self._last) >= _MOST_IDS:
            import sqlite3

            try:
                self._others.append(_PutAway(self._last))
            except sqlite3.Error:  # there is no room: they stay in memory
                self._others.append(self._last)
            self._last = {}
        return line


class _PutAway:
    """Ids in a temporary file, which is written once: what fails later costs nothing of what is in it."""

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
        """Return the line of an id, None when it is not among these."""
        found = self._file.execute("SELECT line FROM seen WHERE id = ?", (_key(topic_id),)).fetchone()
        return None if found is None else int(found[0])

    def __del__(self) -> None:
        self._file.close()


def _key(topic_id: str) -> bytes:
    return topic_id.encode("utf-8", "surrogatepass")


def answers(
    searcher: Searcher,
    topics: Iterable[Topic | BrokenTopic],
    options: Mapping[str, Any],
    lazily: bool = False,
    named: bool = False,
) -> Iterator[Answered | BrokenTopic]:
    """Answer topics in their order; ``options`` are those of ``Searcher.search``, for the others see ``Answered``.

    Sixteen topics are read before the first of them is answered, where that
    takes little memory: neither explanations nor more than 1,000 hits.
    """
    if named:
        options = {name: option for name, option in options.items() if name != "explain"}
    limit, offset = options.get("limit", 10), options.get("offset", 0)
    # what is kept of a topic until it is its turn must be little
    few = limit is not None and limit + offset <= _MOST_TOGETHER and not options.get("explain")
    at_once = _TASK_TOPICS if few else 1
    ahead = iter(topics)
    while some := list(islice(ahead, at_once)):
        queries = [
            (topic.query, {**options, "filters": {**options.get("filters", {}), **topic.filters}})
            for topic in some
            if isinstance(topic, Topic)
        ]
        found = iter(searcher.search_several(queries, named))
        for topic in some:
            yield topic if isinstance(topic, BrokenTopic) else _answered(topic, next(found), lazily or named)


def _answered(topic: Topic, found: tuple[Found, Iterator[Any]] | QueryError, lazily: bool) -> Answered | BrokenTopic:
    if isinstance(found, QueryError):
        return BrokenTopic(topic.line, str(found), found.query, found.position)
    if lazily:
        return Answered(topic, *found)
    hits = tuple(found[1])
    return Answered(topic, changed(found[0], hits=hits), hits)


def corpus_hash(searcher: Searcher) -> str:
    """Return a SHA-256 over the ids and hashes of all documents, in order."""
    digest = sha256()
    for document, _ in searcher.engine.documents(searcher.selection()):
        line = f"{document['document_id']}\t{document['sha256']}\n"
        digest.update(line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


# several processes

T = TypeVar("T")


def in_processes(
    work: Callable[[Sequence[Topic | BrokenTopic]], T], topics: Iterable[Topic | BrokenTopic], jobs: int
) -> Generator[T, None, None]:
    """Yield what ``work`` makes of the topics, some at a time, in their order.

    However many topics there are, only so many are read ahead as keep the
    processes busy.

    Args:
        work: Called in the processes, so it must be fit to be sent there.
        topics: Read as they are needed.
        jobs: How many processes at most, as some have nothing to do where there are few topics; with one, all is done
            in this one.

    Raises what ``work`` raises, and ``PolicySearchError`` when a process ends before its work is done.
    """
    ahead = iter(topics)
    tasks = iter(lambda: list(islice(ahead, _TASK_TOPICS)), [])
    if jobs == 1:
        yield from map(work, tasks)
        return
    from concurrent.futures import ThreadPoolExecutor

    # a thread waits for each process; so a process that is ended in the middle of a word ends the waiting too
    workers: list[_Worker] = []
    threads = ThreadPoolExecutor(jobs)
    free = SimpleQueue[_Worker]()

    def in_one(task: list[Topic | BrokenTopic]) -> T:
        worker = free.get()
        try:
            made: T = worker(task)
            return made
        finally:
            free.put(worker)

    waiting: deque[Future[T]] = deque()
    try:
        while True:
            # a process for each task, until there are as many as were asked for
            while len(workers) < jobs or len(waiting) < jobs * _AHEAD:
                task = next(tasks, None)
                if task is None:
                    break
                if len(workers) < jobs:
                    try:
                        workers.append(_Worker(work))
                        free.put(workers[-1])
                    except OSError:  # the system gives no more; those that are there do it all
                        if not workers:
                            raise
                        jobs = len(workers)
                waiting.append(threads.submit(in_one, task))
            if not waiting:
                return
            yield waiting.popleft().result()
    finally:
        for worker in workers:
            worker.kill()
        threads.shutdown(wait=True, cancel_futures=True)
        for worker in workers:
            worker.end()


class _Worker:
    """A process that does work, one task at a time."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        from policysearch.processes import Process

        self._process = Process(partial(_serve, work))

    def __call__(self, task: Any) -> Any:
        try:
            self._process.connection.send(task)
            made, error = self._process.connection.recv()
        except (EOFError, OSError) as lost:
            raise PolicySearchError("A process of the batch ended early; run it again with fewer --jobs.") from lost
        if error is not None:
            raise error
        return made

    def kill(self) -> None:
        """End the process at once; who waits for it hears so."""
        self._process.kill()

    def end(self) -> None:
        """Let go of the process."""
        self._process.end()


def _serve(work: Callable[[Any], Any], connection: Connection) -> None:
    """Do task after task until there are no more."""
    from policysearch.processes import sendable

    while True:
        task = connection.recv()
        try:
            made: tuple[Any, Exception | None] = (work(task), None)
        except Exception as error:
            made = (None, sendable(error))
        connection.send(made)
