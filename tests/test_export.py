"""Exports: tables say what the commands say, other programs read them, and files are written whole or not at all."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

import policysearch
from policysearch.errors import InputError
from policysearch.output.export.schema import TABLES, Column, ExportTable
from policysearch.output.export.sqlite import SqliteSink

QUERY = "优化 营商环境"


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        return base.execute(query).fetchall()


@pytest.fixture(scope="module")
def exported(samples_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``a.db`` and, where pyarrow is installed, ``tables/``."""
    pytest.importorskip("pyarrow")
    folder = tmp_path_factory.mktemp("exported")
    with policysearch.open_index(samples_index) as index:
        written = policysearch.export_tables(
            index,
            sqlite=folder / "a.db",
            parquet=folder / "tables",
            queries=[QUERY, "“营商*境”"],
            manifest={"a": {"b": 1}},
        )
    assert set(written) == {one.name for one in TABLES}
    assert all(written.values()), written
    assert written["manifest"] == 1
    return folder


def test_documents_and_sections_are_those_of_the_index(samples_index: Path, exported: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        listed = [one.to_dict() for one in index.documents(duplicates="show")]
        shown = [section for one in listed for section in index.show(one["document_id"]).sections]  # type: ignore[union-attr]
    names = [column.name for column in TABLES[0].columns]
    documents = [dict(zip(names, row, strict=True)) for row in rows(exported / "a.db", "SELECT * FROM documents")]
    for one in listed:
        del one["duplicates"]
        one["inferred"] = json.dumps(one["inferred"])
    assert sorted(documents, key=lambda one: str(one["document_id"])) == sorted(
        listed, key=lambda one: one["document_id"]
    )
    fields = list(shown[0])
    columns = ", ".join(f'"{name}"' for name in fields)
    sections = rows(exported / "a.db", f"SELECT {columns} FROM sections ORDER BY rowid")
    assert sections == [
        tuple(json.dumps(one[name], ensure_ascii=False) if name == "path" else one[name] for name in fields)
        for one in shown
    ]


def test_figures_are_those_of_the_commands(samples_index: Path, exported: Path) -> None:
    base = exported / "a.db"
    with policysearch.open_index(samples_index) as index:
        counts = {one.group[0]: one.characters for one in index.count("营商环境", by="year")}
        hits = index.search(QUERY, match="all", limit=None, duplicates="show")
        targets = [one.to_dict() for one in index.targets(kinds=("target", "actual"))]
    by_year = "SELECT year, sum(characters) FROM sections JOIN documents USING (document_id) GROUP BY year"
    assert dict(rows(base, by_year)) == counts
    assert rows(base, f"SELECT section_id, score, matches FROM hits WHERE query = '{QUERY}' ORDER BY rank") == [
        (hit.section_id, hit.score, hit.matches) for hit in hits
    ]
    assert rows(base, "SELECT section_id, start, sentence, value, also FROM targets") == [
        (one["section_id"], one["start"], one["sentence"], one["value"], json.dumps(one["also"], ensure_ascii=False))
        for one in targets
    ]


def test_matches_stand_where_they_are_said_to(exported: Path) -> None:
    base = exported / "a.db"
    joined = "SELECT m.start, m.end, m.text, s.text FROM matches m JOIN sections s USING (section_id)"
    found = rows(base, joined)
    assert found
    assert all(text[start:end] == match for start, end, match, text in found)
    counted = rows(base, "SELECT query, section_id, count(*) FROM matches GROUP BY 1, 2 ORDER BY 1, 2")
    assert counted == rows(base, "SELECT query, section_id, matches FROM hits WHERE matches ORDER BY 1, 2")
    assert rows(base, "PRAGMA foreign_key_check") == []
    assert rows(base, "PRAGMA integrity_check") == [("ok",)]


def test_parquet_has_the_same_rows_for_duckdb(exported: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    with closing(duckdb.connect()) as base:
        for table in TABLES:
            columns = ", ".join(f'"{one.name}"' for one in table.columns)
            there = base.execute(f"SELECT {columns} FROM '{exported}/tables/{table.name}.parquet'").fetchall()
            here = rows(exported / "a.db", f"SELECT {columns} FROM {table.name} ORDER BY rowid")
            lists = [at for at, one in enumerate(table.columns) if one.kind == "texts"]
            for row, other in zip(there, here, strict=True):
                plain = [json.loads(cell) if at in lists else cell for at, cell in enumerate(other)]
                assert list(row) == plain
        per_year = base.execute(
            f"SELECT year, count(*) FROM '{exported}/tables/matches.parquet' "
            f"JOIN '{exported}/tables/documents.parquet' USING (document_id) GROUP BY ALL ORDER BY year NULLS FIRST"
        ).fetchall()
    assert per_year == rows(
        exported / "a.db", "SELECT year, count(*) FROM matches JOIN documents USING (document_id) GROUP BY 1 ORDER BY 1"
    )


def test_a_selection_is_exported_whole(samples_index: Path, tmp_path: Path, run: Run) -> None:
    arguments = ["export", "-i", str(samples_index), "--sqlite", "a.db", "--query", QUERY, "--where", "优化", "--year"]
    done = run(*arguments, "2024", "--document", "*报告*", "--manifest", "m.json")
    assert (done.returncode, done.stdout) == (0, "")
    base = tmp_path / "a.db"
    with policysearch.open_index(samples_index) as index:
        wanted = index.search("优化", match="all", limit=None, duplicates="show", filters={"year": 2024})
        expected = {hit.section_id for hit in wanted if "报告" in hit.document_id}
    assert {name for (name,) in rows(base, "SELECT section_id FROM sections")} == expected
    assert f"{len(expected)} sections" in done.stderr
    assert rows(base, "SELECT DISTINCT year FROM documents") == [(2024,)]
    assert rows(base, "PRAGMA foreign_key_check") == []
    ranks = [rank for (rank,) in rows(base, "SELECT rank FROM hits ORDER BY score DESC, rank")]
    assert ranks == list(range(1, len(ranks) + 1))
    assert ranks
    manifest = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    inside = dict(rows(base, "SELECT name, value FROM manifest"))
    assert inside["options.where"] == manifest["options"]["where"] == "优化"
    assert inside["index.corpus_sha256"] == manifest["index"]["corpus_sha256"]
    before = base.read_bytes()
    assert run(*arguments, "2024", "--document", "*报告*", "-q").stderr == ""
    assert base.read_bytes() == before


def test_a_failure_leaves_the_file_as_it_was(samples_index: Path, tmp_path: Path, run: Run) -> None:
    export = ["export", "-i", str(samples_index)]
    (tmp_path / "a.db").write_bytes(b"mine")
    broken = run(*export, "--sqlite", "a.db", "--query", "(营商")
    assert broken.returncode == 2
    assert "^" in broken.stderr
    assert (tmp_path / "a.db").read_bytes() == b"mine"
    assert run(*export).returncode == 2
    assert "--sqlite FILE" in run(*export).stderr
    missing = run(*export, "--sqlite", "no/where/a.db")
    assert missing.returncode == 2
    assert "'no/where/a.db' cannot be written: No such file or directory." in missing.stderr
    os.mkfifo(tmp_path / "pipe")
    pipe = run(*export, "--sqlite", "pipe")
    assert (pipe.returncode, "not a regular file" in pipe.stderr) == (2, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db", "pipe"]


def test_parquet_names_what_is_missing(samples_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with policysearch.open_index(samples_index) as index, pytest.raises(InputError, match=r"policysearch\[parquet\]"):
        policysearch.export_tables(index, parquet=tmp_path / "tables")
    assert not (tmp_path / "tables").exists()


def test_what_utf8_cannot_encode_is_refused_as_in_queries(samples_index: Path, tmp_path: Path, run: Run) -> None:
    done = run("export", "-i", samples_index, "--sqlite", "a.db", "--document", os.fsdecode(b"\x80*"))
    assert (done.returncode, "not valid UTF-8" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.tuples(st.text(), st.none() | st.floats(allow_nan=False), st.integers(), st.lists(st.text()))))
def test_any_value_comes_back(tmp_path_factory: pytest.TempPathFactory, values: list[tuple[Any, ...]]) -> None:
    columns = (Column("a"), Column("b", "number"), Column("c", "integer"), Column("d", "texts"))
    path = tmp_path_factory.getbasetemp() / "any.db"
    with SqliteSink(path, [ExportTable("x", columns)]) as sink:
        sink.write("x", values)
    assert [
        (a, b, float(c) if abs(c) >= 2**63 else c, json.loads(d)) for a, b, c, d in rows(path, "SELECT * FROM x")
    ] == [(a, b, float(c) if abs(c) >= 2**63 else c, d) for a, b, c, d in values]
