"""One fact, one place: what the vocabulary declares is all that options, query language, tables and engines know."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

import pytest
from conftest import ROOT, SOURCES, command_environment

from policysearch import vocabulary
from policysearch.corpus.listing import DocumentRow
from policysearch.documents.document import Document
from policysearch.documents.metadata import types as document_types
from policysearch.documents.metadata.record import Metadata
from policysearch.documents.sections import Section
from policysearch.engines import scoring
from policysearch.engines.opensearch import mapping
from policysearch.search.hits import Hit

Command = Callable[..., subprocess.CompletedProcess[str]]

INVENTED = 'Filterable("told", "who gave the report", "value", "speaker", count_by=True),'


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Return the command of a copy of the program that has one more filter, and an index made by it."""
    folder = tmp_path_factory.mktemp("invented")
    package = folder / "program" / "policysearch"
    shutil.copytree(ROOT / "policysearch", package, ignore=shutil.ignore_patterns("__pycache__"))
    place = package / "vocabulary.py"
    declared = place.read_text(encoding="utf-8")
    assert declared.count("\nFILTERS = (\n") == 1
    place.write_text(declared.replace("\nFILTERS = (\n", f"\nFILTERS = (\n    {INVENTED}\n"), encoding="utf-8")

    def command(*arguments: str | Path, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "policysearch", *map(str, arguments)],
            cwd=folder,
            env={**command_environment(), "PYTHONPATH": str(package.parent)},
            input=typed,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    assert command("index", SOURCES / "政府工作报告", "--jobs", "1").returncode == 0
    return command


@pytest.fixture(scope="module")
def speaker(invented: Command) -> str:
    """Who gave one of the reports."""
    documents = json.loads(invented("list", "--format", "json").stdout)
    names = {one["speaker"] for one in documents} - {None}
    assert names
    return str(min(names))


def found(done: subprocess.CompletedProcess[str]) -> set[str]:
    assert done.returncode == 0, done.stderr
    return {json.loads(line)["document_id"] for line in done.stdout.splitlines()}


def test_an_invented_filter_is_an_option_and_a_field_of_the_query_language(invented: Command, speaker: str) -> None:
    documents = json.loads(invented("list", "--format", "json").stdout)
    wanted = {one["document_id"] for one in documents if one["speaker"] == speaker}
    assert wanted != {one["document_id"] for one in documents}
    assert found(invented("search", "--told", speaker, "--format", "jsonl", "-n", "500", "的")) == wanted
    assert found(invented("search", f"told:{speaker} 的", "--format", "jsonl", "-n", "500")) == wanted
    assert found(invented("list", "--told", speaker, "--format", "jsonl")) == wanted
    assert found(invented("kwic", "--told", speaker, "--format", "jsonl", "的")) == wanted


def test_an_invented_filter_is_known_to_topics(invented: Command, speaker: str) -> None:
    topic = json.dumps({"id": "1", "query": "的", "told": speaker}, ensure_ascii=False)
    done = invented("batch", "-", "--format", "json", "-n", "1000", "--duplicates", "fold", typed=topic)
    plain = invented("search", f"told:{speaker} 的", "--match", "all", "--format", "json", "-n", "1000")
    assert json.loads(done.stdout)[0]["hits"] == json.loads(plain.stdout)["hits"] != []


def test_documents_are_listed_and_terms_counted_by_an_invented_filter(invented: Command, speaker: str) -> None:
    listed = list(csv.DictReader(io.StringIO(invented("list", "--by", "speaker", "--format", "csv").stdout)))
    assert speaker in {row["speaker"] for row in listed}
    counted = list(csv.DictReader(io.StringIO(invented("count", "的", "--by", "speaker", "--format", "csv").stdout)))
    assert {row["speaker"] for row in counted} == {row["speaker"] for row in listed}
    (own,) = (row for row in counted if row["speaker"] == speaker)
    alone = invented("count", "的", "--told", speaker, "--format", "csv").stdout.splitlines()[1]
    assert own["occurrences"] == alone.split(",")[1]


@pytest.mark.parametrize("command", ["search", "batch", "count", "kwic", "list"])
def test_help_tells_of_an_invented_filter(invented: Command, command: str) -> None:
    said = " ".join(invented(command, "--help").stdout.split())
    assert "--told VALUE" in said
    assert "Filter by who gave the report." in said
    if command in ("list", "count"):
        assert "speaker" in said


def test_records_have_the_fields_that_are_declared() -> None:
    assert {*vocabulary.DOCUMENT_FIELDS, "sections", "duplicates"} == set(DocumentRow.__match_args__)
    assert set(vocabulary.DOCUMENT_FIELDS) <= set(Document.__match_args__)
    assert set(Metadata.__match_args__) <= set(vocabulary.DOCUMENT_FIELDS)


OF_HITS = {"rank", "score", "matches", "snippet", "exact", "duplicates", "cited", "superseded_by", "sections"}
"""The fields of a hit that neither its document nor its section has."""


def test_the_same_field_has_the_same_type_everywhere() -> None:
    document, section = get_type_hints(Document), get_type_hints(Section)
    for record in (Metadata, DocumentRow, Hit):
        for name, kind in get_type_hints(record, localns={"Snippet": object}).items():
            known = {**section, **document}.get(name)
            if record is Hit and name in ("number", "heading", "path", "page", "part", "section_id"):
                known = section[name]
            assert name in OF_HITS or kind == known, (record, name)


def test_filters_and_columns_are_of_fields_that_are_there() -> None:
    assert {one.field for one in vocabulary.FILTERS} <= {*vocabulary.DOCUMENT_FIELDS, "part", "when"}
    assert set(vocabulary.LIST_FIELDS) <= {*vocabulary.DOCUMENT_FIELDS, "part"}
    assert len({one.name for one in vocabulary.FILTERS}) == len(vocabulary.FILTERS)


def test_tables_of_metadata_hold_declared_values_only() -> None:
    statuses = [status for status, _ in document_types._STATUSES]
    kinds = [kind for table in (document_types.TYPE_ENDS, document_types.FOLDER_TYPES) for kind, _ in table]
    assert set(statuses) == set(vocabulary.STATUSES)
    assert set(kinds) <= set(vocabulary.TYPES)


def test_both_engines_score_with_the_same_constants() -> None:
    assert mapping.settings(1)["similarity"]["default"] == {"type": "BM25", "k1": scoring.K1, "b": scoring.B}
