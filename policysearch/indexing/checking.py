"""Verification of an index: its integrity, and a comparison with its sources."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from policysearch.documents.metadata.corrections import Sidecars
from policysearch.engines.protocol import Engine, Request, Store
from policysearch.engines.tree import Contains, MatchAll
from policysearch.errors import IndexUnusableError, InputError, NoAnswerError
from policysearch.files.regular import digest
from policysearch.frozen import asdict, frozen
from policysearch.indexing.building import corrections_of, most_bytes
from policysearch.indexing.duplicates import duplicates_in
from policysearch.indexing.records import Known, known_state, made_by, refuse_other_account, text_hash
from policysearch.indexing.scanning import sidecars_of, sources_below
from policysearch.indexing.source_records import SourceRecord
from policysearch.indexing.vanished import losses
from policysearch.sources.finding import Source, UnreadableSource
from policysearch.text.dictionary import dictionary_fingerprint
from policysearch.text.folding import BORDER, reduce

__all__ = ["CheckReport", "Difference", "check"]

_PHRASE = (2, 24)  # reduced characters of a sampled phrase


@frozen
class Difference:
    """A difference between a source and the index, or a failed source.

    Attributes:
        source: The source's id.
        state: ``new``, ``changed``, ``gone``; ``vanished``: gone together with so many others, or with an entire
            file system, that a mount may be missing; or ``failed``: it cannot be read, entirely or in part.
        reason: Why it failed.
    """

    source: str
    state: str
    reason: str | None = None


@frozen
class CheckReport:
    """The report of a check.

    Attributes:
        generation: The number of the generation; None when the index cannot be opened.
        damage: A message for each corrupt part: what, where, and what to do next.
        outdated: The versions that the index was built with, where they differ from the installed ones.
        differences: Sources that differ from the index, in order of their ids.
        failed: Sources that failed, entirely or in part, when the index was built, and have not changed.
        roots: The roots that were compared.
        sources: Number of their sources.
        documents: Number of documents in the index.
        sections: Number of sections.
        characters: Number of characters of their texts.
        phrases: Number of phrases sampled from the documents and searched for.
        seed: The random seed of the sample.
    """

    generation: int | None
    damage: tuple[str, ...]
    outdated: tuple[str, ...]
    differences: tuple[Difference, ...]
    failed: tuple[Difference, ...]
    roots: tuple[str, ...]
    sources: int
    documents: int
    sections: int
    characters: int
    phrases: int
    seed: int

    @property
    def clean(self) -> bool:
        """Return whether there is nothing to repair."""
        return not (self.damage or self.outdated or self.differences)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values for JSON."""
        return {
            "clean": self.clean,
            **asdict(self),
            "damage": list(self.damage),
            "outdated": list(self.outdated),
            "differences": [asdict(one) for one in self.differences],
            "failed": [asdict(one) for one in self.failed],
            "roots": list(self.roots),
        }


def check(store: Store, open_engine: Callable[[], Engine], *, phrases: int = 3, seed: int = 0) -> CheckReport:
    """Check an index: its bytes, its counts and texts, its answers, and its sources.

    Every byte of the index and of its sources is read.

    Args:
        store: The store of the index.
        open_engine: Opens the published generation of ``store``.
        phrases: Number of phrases to search for in every document.
        seed: Random seed of the phrases.

    Raises:
        IndexUnusableError: There is no index, or it cannot be searched.
    """
    damage = list(store.damage())
    engine = known = None
    generation = None
    for _ in range(20):
        try:
            engine = open_engine()
            current = store.current()
        except IndexUnusableError as error:
            if not damage or isinstance(error, NoAnswerError):
                raise
            if str(error) not in damage:
                damage.append(str(error))
            break
        generation = engine.description["generation"]
        if current and current[0]["generation"] == generation:
            try:
                known = known_state(current[1])
                refuse_other_account(current[0], known, whole=True)
            except IndexUnusableError as error:
                damage.append(str(error))
            break
    if engine is None or known is None:
        return CheckReport(generation, tuple(damage), (), (), (), (), 0, 0, 0, 0, 0, seed)
    outdated = tuple(_outdated(known))
    differences, failed, sources = _compare(known, store.folder)
    contradictions = _Contents(engine, known, phrases, seed)
    if not damage:
        try:
            damage += contradictions.found()
        except NoAnswerError:
            raise
        except IndexUnusableError as error:
            damage.append(str(error))
    return CheckReport(
        generation,
        tuple(damage),
        outdated,
        differences,
        failed,
        tuple(known.roots),
        sources,
        contradictions.documents,
        contradictions.sections,
        contradictions.characters,
        contradictions.phrases,
        seed,
    )


def _outdated(known: Known) -> Iterator[str]:
    now = made_by(dictionary_fingerprint(known.user_words))
    before = known.made_by if isinstance(known.made_by, dict) else {}
    for name, one in now.items():
        if before.get(name) != one:
            yield f"{name}: {before.get(name)}; now {one}"


def _compare(known: Known, index: Path | None) -> tuple[tuple[Difference, ...], tuple[Difference, ...], int]:
    """Return the differences, the failed sources that have not changed, and the number of sources."""
    found: dict[str, Source | UnreadableSource] = {}
    corrections: dict[str, Sidecars] = {}
    differences = []
    failed = []
    for root, options in known.roots.items():
        try:
            for one in sources_below(root, options, index):
                found[one.source_id] = one
            corrections[root] = sidecars_of(root, options)
        except InputError as error:
            differences.append(Difference(root, "failed", str(error)))
    for source_id, one in found.items():
        record = known.records.get(source_id)
        if record is None:
            differences.append(Difference(source_id, "new"))
        elif not _is_as_known(one, record, corrections.get(record.root, Sidecars())):
            reason = one.reason if isinstance(one, UnreadableSource) else None
            differences.append(Difference(source_id, "failed" if reason else "changed", reason))
        elif record.reason is not None:
            failed.append(Difference(source_id, "failed", record.reason))
    vanished = {source for source, record in known.records.items() if record.root not in corrections}
    for loss in losses(known.records, found, tuple(corrections), known.devices):
        vanished.update(loss.sources)
    differences += [
        Difference(source, "vanished" if source in vanished else "gone")
        for source in known.records
        if source not in found
    ]
    return _ordered(differences), _ordered(failed), len(found)


def _ordered(differences: list[Difference]) -> tuple[Difference, ...]:
    return tuple(sorted(differences, key=lambda one: one.source))


def _is_as_known(one: Source | UnreadableSource, record: SourceRecord, sidecars: Sidecars) -> bool:
    """Return whether a source has not changed since the index was built; one that failed then still fails."""
    if isinstance(one, UnreadableSource):
        return record.reason is not None and not record.documents
    if record.corrections != corrections_of(sidecars, record):
        return False
    if record.sha256 is not None:
        return digest(one.path, most_bytes(one.path)) == record.sha256
    # it was not read
    return (record.reason is not None or bool(record.skipped)) and (record.size, record.mtime_ns) == (
        one.size,
        one.mtime_ns,
    )


class _Contents:
    """Compares the contents of an engine with the records of the sources."""

    def __init__(self, engine: Engine, known: Known, phrases: int, seed: int) -> None:
        self._engine = engine
        self._read = {one.document_id: one for record in known.records.values() for one in record.documents}
        self._duplicates = duplicates_in(known.records)
        self._wanted = phrases
        self._random = random.Random(seed)
        self.documents = self.sections = self.characters = self.phrases = 0

    def found(self) -> Iterator[str]:
        """Yield a message for each contradiction."""
        if self._engine.duplicates != self._duplicates:
            yield f"The index's list of documents with equal texts is not that of its sources. {_MEND}"
        said = self._engine.description
        document_id = None
        held: list[tuple[str, str]] = []
        for section in self._engine.stream(MatchAll()):
            if section.document["document_id"] != document_id:
                yield from self._document(document_id, held)
                document_id, held = section.document["document_id"], []
            held.append((section.text, section.reduced))
        yield from self._document(document_id, held)
        for missing in sorted(self._read):
            yield _wrong(missing, "it is not in the index")
        for name in ("documents", "sections", "characters"):
            if said.get(name) != getattr(self, name):
                yield f"The index lists {said.get(name)} {name} but has {getattr(self, name)}. {_MEND}"

    def _document(self, document_id: str | None, held: list[tuple[str, str]]) -> Iterator[str]:
        if document_id is None:
            return
        text = "".join(shown for shown, _ in held)
        self.documents += 1
        self.sections += len(held)
        self.characters += len(text)
        read = self._read.pop(document_id, None)
        if read is None:
            yield _wrong(document_id, "no source contains it")
            return
        if (len(held), len(text)) != (read.sections, read.characters):
            yield _wrong(
                document_id,
                f"it has {len(held)} sections and {len(text)} characters; "
                f"{read.sections} and {read.characters} were read",
            )
        elif text_hash(reduce(text)) != read.text_hash:
            yield _wrong(document_id, "its text differs from the one that was read")
        else:
            yield from self._sampled(document_id, [reduced for _, reduced in held])

    def _sampled(self, document_id: str, reduced: list[str]) -> Iterator[str]:
        keys = self._engine.find_document(document_id)
        if len(keys) != len(reduced):
            yield _wrong(document_id, "it cannot be found by its id")
            return
        filled = [i for i, text in enumerate(reduced) if text]
        for _ in range(self._wanted if filled else 0):
            i = self._random.choice(filled)
            size = min(self._random.randint(*_PHRASE), len(reduced[i]))
            start = self._random.randint(0, len(reduced[i]) - size)
            # only the text between two borders can be searched for
            phrase = max(reduced[i][start : start + size].split(BORDER), key=len)
            if not phrase:
                continue
            self.phrases += 1
            answer = self._engine.search(Request(Contains(phrase), limit=None, sort="document"))
            if all(hit.key != keys[i] for hit in answer.hits):
                yield _wrong(f"{document_id}#{i + 1}", f"a search for its '{phrase}' does not find it")


_MEND = "Repair the index with: policysearch check --repair"


def _wrong(what: str, why: str) -> str:
    return f"'{what}' is wrong in the index: {why}. {_MEND}"
