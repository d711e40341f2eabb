"""Topics and an index to a run: every topic answered, in their order, by one process or several."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from policysearch.errors import PolicySearchError, QueryError
from policysearch.frozen import frozen, replace
from policysearch.query.filters import FilterValues
from policysearch.search.hits import Hit, HitId, Hits
from policysearch.search.options import SearchOptions
from policysearch.search.searcher import Searcher
from policysearch.search.topics import BrokenTopic, Topic

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

__all__ = ["Answered", "answers", "corpus_hash", "in_processes"]

_TASK_TOPICS = 16
_MOST_TOGETHER = 1_000  # hits of a topic, its page and those before, for several topics to be answered together
_AHEAD = 4  # tasks that wait for each process


@frozen
class Answered:
    """A topic and what it found.

    Attributes:
        hits: Those of ``found``; or, asked for lazily or by name, hits that come one at a time, while ``found`` has
            none.
    """

    topic: Topic
    found: Hits
    hits: Iterable[Hit] | Iterable[HitId]


def answers(
    searcher: Searcher,
    topics: Iterable[Topic | BrokenTopic],
    options: SearchOptions,
    lazily: bool = False,
    named: bool = False,
) -> Iterator[Answered | BrokenTopic]:
    """Answer topics in their order, each with these options and its own filters; for the others see ``Answered``.

    Sixteen topics are read before the first of them is answered, where that
    takes little memory: neither explanations nor more than 1,000 hits.
    """
    if named and options.explain:
        options = replace(options, explain=False)
    limit, offset = options.limit, options.offset
    # what is kept of a topic until it is its turn must be little
    numbers = isinstance(limit, int) and isinstance(offset, int)  # if not, that is the first query's error
    few = numbers and (limit or 0) + offset <= _MOST_TOGETHER and not options.explain
    at_once = _TASK_TOPICS if few else 1
    ahead = iter(topics)
    while some := list(islice(ahead, at_once)):
        queries = [(one.query, _with_filters(options, one.filters)) for one in some if isinstance(one, Topic)]
        found = iter(searcher.search_several(queries, named))
        for topic in some:
            yield topic if isinstance(topic, BrokenTopic) else _answered(topic, next(found), lazily or named)


def _with_filters(options: SearchOptions, filters: Mapping[str, FilterValues]) -> SearchOptions:
    return replace(options, filters={**(options.filters or {}), **filters}) if filters else options


def _answered(topic: Topic, found: tuple[Hits, Iterator[Any]] | QueryError, lazily: bool) -> Answered | BrokenTopic:
    if isinstance(found, QueryError):
        return BrokenTopic(topic.line, str(found), found.query, found.position)
    if lazily:
        return Answered(topic, *found)
    hits = tuple(found[1])
    return Answered(topic, replace(found[0], hits=hits), hits)


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
        from policysearch.parallel.processes import Process

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
    from policysearch.parallel.processes import sendable

    while True:
        task = connection.recv()
        try:
            made: tuple[Any, Exception | None] = (work(task), None)
        except Exception as error:
            made = (None, sendable(error))
        connection.send(made)
