"""Batch search: the queries of topics, answered in order by one process or several."""

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
_TOGETHER = 64  # maximum number of topics that are answered together
_MOST_TOGETHER = 16_000  # maximum sum of their offsets and limits
_AHEAD = 4  # queued tasks per process


@frozen
class Answered:
    """A topic with its hits.

    Attributes:
        hits: The hits of ``found``; or a lazy iterator of hits, with ``found`` empty, if requested lazily or by name.
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
    """Answer topics in order, each with these options and its own filters; for ``lazily`` and names see ``Answered``.

    Up to 64 topics are read before the first of them is answered, as many as
    take little memory: with 16,000 hits and no explanations.
    """
    if named and options.explain:
        options = replace(options, explain=False)
    limit, offset = options.limit, options.offset
    at_once = 1
    # if they are not numbers, the first query raises the error
    if isinstance(limit, int) and isinstance(offset, int) and not options.explain:
        at_once = min(_TOGETHER, max(1, _MOST_TOGETHER // max(1, limit + offset)))
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


# worker processes

T = TypeVar("T")


def in_processes(
    work: Callable[[Sequence[Topic | BrokenTopic]], T], topics: Iterable[Topic | BrokenTopic], jobs: int
) -> Generator[T, None, None]:
    """Yield the results of ``work`` for batches of topics, in order.

    Only as many topics are read ahead as keep the processes busy.

    Args:
        work: Called in the worker processes; must be picklable.
        topics: The topics, read lazily.
        jobs: Maximum number of processes, not all of which are needed for few topics; 1 for this process alone.

    Raises the errors of ``work``, and ``PolicySearchError`` when a process dies before its work is done.
    """
    ahead = iter(topics)
    tasks = iter(lambda: list(islice(ahead, _TASK_TOPICS if jobs > 1 else _TOGETHER)), [])
    if jobs == 1:
        yield from map(work, tasks)
        return
    from concurrent.futures import ThreadPoolExecutor

    # a thread waits for each process, so that a process killed in the middle of a message ends the wait too
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
            # start a process for each task, up to the maximum
            while len(workers) < jobs or len(waiting) < jobs * _AHEAD:
                task = next(tasks, None)
                if task is None:
                    break
                if len(workers) < jobs:
                    try:
                        workers.append(_Worker(work))
                        free.put(workers[-1])
                    except OSError:  # no more processes available; use those that were started
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
    """A worker process that runs one task at a time."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        from policysearch.parallel.processes import Process

        self._process = Process(partial(_serve, work))

    def __call__(self, task: Any) -> Any:
        try:
            self._process.connection.send(task)
            made, error = self._process.connection.recv()
        except (EOFError, OSError) as lost:
            raise PolicySearchError(
                "A worker process of the batch died; run the command again with fewer --jobs."
            ) from lost
        if error is not None:
            raise error
        return made

    def kill(self) -> None:
        """Kill the process, which ends any wait for it."""
        self._process.kill()

    def end(self) -> None:
        """End the process."""
        self._process.end()


def _serve(work: Callable[[Any], Any], connection: Connection) -> None:
    """Run tasks until there are no more."""
    from policysearch.parallel.processes import sendable

    while True:
        task = connection.recv()
        try:
            made: tuple[Any, Exception | None] = (work(task), None)
        except Exception as error:
            made = (None, sendable(error))
        connection.send(made)
