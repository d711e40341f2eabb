from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from policysearch.documents.metadata.corrections import Sidecars, apply, load_sidecars
from policysearch.documents.metadata.record import Metadata

NOTHING: dict[str, Any] = {**dict.fromkeys(Metadata.__match_args__), "type": "其他"}
FOUND = Metadata(
    **{
        **NOTHING,
        "title": "政府工作报告",
        "region": "乌海市",
        "year": 2020,
        "date": "2020-01-08",
        "inferred": ("title", "region", "level"),
        "level": "地级",
    }
)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_csv_overrides_by_path_below_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "metadata.csv", "source,title,year\na.txt,甲,2021\nsub/b.txt,乙,\n")
    write(tmp_path / "sub" / "metadata.csv", "\ufeffsource,year\nb.txt,2022\nc.txt,2023\n")
    sidecars = load_sidecars(tmp_path)
    assert sidecars.for_document("a.txt") == {"title": "甲", "year": "2021"}
    assert sidecars.for_document("sub/b.txt") == {"title": "乙", "year": "2022"}
    assert sidecars.for_document("sub/c.txt") == {"year": "2023"}
    assert sidecars.for_document("c.txt") == {}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a.txt:\n  year: 2021\n  date: 2021-01-08\n  title: 甲\n", id="sources with fields"),
        pytest.param("- source: a.txt\n  year: 2021\n  date: 2021-01-08\n  title: 甲\n  status:\n", id="list"),
    ],
)
def test_yaml(tmp_path: Path, text: str) -> None:
    pytest.importorskip("yaml")
    write(tmp_path / "metadata.yaml", text)
    assert load_sidecars(tmp_path).for_document("a.txt") == {
        "year": "2021",
        "date": "2021-01-08",
        "title": "甲",
    }


def test_a_file_of_records_and_one_record(tmp_path: Path) -> None:
    write(tmp_path / "metadata.csv", "document_id,type,year\nall.csv,通知,\nall.csv#7,意见,2021\n")
    sidecars = load_sidecars(tmp_path)
    assert sidecars.for_document("all.csv#6") == {"type": "通知"}
    assert sidecars.for_document("all.csv#7") == {"type": "意见", "year": "2021"}


def test_fingerprint_changes_with_the_corrections_of_that_document_only(tmp_path: Path) -> None:
    path = write(tmp_path / "metadata.csv", "source,title\na.txt,甲\nb.txt,乙\n")
    before = load_sidecars(tmp_path)
    path.write_text("source,title\na.txt,丙\nb.txt,乙\n", encoding="utf-8")
    after = load_sidecars(tmp_path)
    assert before.fingerprint("a.txt") != after.fingerprint("a.txt")
    assert before.fingerprint("b.txt") == after.fingerprint("b.txt") != ""
    assert after.fingerprint("c.txt") == Sidecars().fingerprint("a.txt") == ""


@pytest.mark.parametrize(
    ("name", "text", "line", "word"),
    [
        pytest.param("metadata.csv", "source,year\na.txt,MMXX\n", 2, "year", id="year"),
        pytest.param("metadata.csv", "source,date\na.txt,2021-02-30\n", 2, "date", id="date"),
        pytest.param("metadata.csv", "source,type\na.txt,书信\n", 2, "type", id="type"),
        pytest.param("metadata.csv", "source,level\na.txt,市级\n", 2, "level", id="level"),
        pytest.param("metadata.csv", "source,status\na.txt,好\n", 2, "status", id="status"),
        pytest.param("metadata.csv", "source,region_code\na.txt,15\n", 2, "region_code", id="code"),
        pytest.param("metadata.csv", "source,colour\na.txt,red\n", 1, "colour", id="unknown column"),
        pytest.param("metadata.csv", "title\n甲\n", 1, "source", id="no source column"),
        pytest.param("metadata.csv", "source,title\na.txt,甲\n,乙\n", 3, "source", id="no source"),
        pytest.param("metadata.csv", "source,title\na.txt,甲,乙\n", 2, "columns", id="too many cells"),
        pytest.param("metadata.csv", "source,title\na.txt\n", 2, "columns", id="too few cells"),
        pytest.param("metadata.yaml", "a.txt:\n  year: 2021\nb.txt:\n  year: x\n", 4, "year", id="year in YAML"),
        pytest.param("metadata.yaml", "a.txt:\n  title: [甲]\n", 2, "title", id="list for a value"),
        pytest.param("metadata.yaml", "a.txt\n", 1, "fields", id="YAML of another shape"),
        pytest.param("metadata.yaml", "a: [\n", None, "YAML", id="no YAML"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, name: str, text: str, line: int | None, word: str) -> None:
    if name.endswith("yaml"):
        pytest.importorskip("yaml")
    path = write(tmp_path / name, text)
    ((failed, said),) = load_sidecars(tmp_path).failed.items()
    assert failed == name
    assert said.startswith(f"{path}, line {line}:" if line else f"{path}")
    assert word in said


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_bytes("source,title\na.txt,甲\n".encode("gb18030"))
    assert "UTF-8" in load_sidecars(tmp_path).failed["metadata.csv"]


def test_what_is_wrong_costs_only_itself(tmp_path: Path) -> None:
    write(tmp_path / "metadata.csv", "source,year\na.txt,2021\nb.txt,MMXX\n,2022\nc.txt\nd.txt,2023\n")
    write(tmp_path / "一 二/metadata.csv", "id,abstract\n" + "1,nothing\n" * 10_000)
    write(tmp_path / "sub/metadata.csv", "source,year\ne.txt,2024\n")
    sidecars = load_sidecars(tmp_path)
    assert {name: entry.values["year"] for name, entry in sidecars.entries.items()} == {
        "a.txt": "2021",
        "d.txt": "2023",
        "sub/e.txt": "2024",
    }
    assert set(sidecars.failed) == {"metadata.csv", "一%20二/metadata.csv"}
    assert [f"line {n}" in sidecars.failed["metadata.csv"] for n in range(1, 8)] == [
        n in (3, 4, 5) for n in range(1, 8)
    ]
    assert sidecars.failed["一%20二/metadata.csv"].count("line") == 1


def test_a_source_may_be_named_by_its_path(tmp_path: Path) -> None:
    for name in ("a#b.txt", "a b.txt", "50%.txt"):
        write(tmp_path / name, "植树。")
    write(tmp_path / "metadata.csv", "source,year\na#b.txt,2001\na b.txt,2002\n50%.txt,2003\nc.csv#1,2004\n")
    sidecars = load_sidecars(tmp_path)
    ids = ("a%23b.txt", "a%20b.txt", "50%25.txt", "c.csv#1")
    assert [sidecars.for_document(one).get("year") for one in ids] == ["2001", "2002", "2003", "2004"]


def test_a_wrong_value_costs_only_itself(tmp_path: Path) -> None:
    write(tmp_path / "metadata.csv", "source,title,date,status\na.txt,甲,2023年13月1日,失效\nb.txt,乙,20230506,有效\n")
    sidecars = load_sidecars(tmp_path)
    assert sidecars.for_document("a.txt") == {"title": "甲", "status": "已废止"}
    assert sidecars.for_document("b.txt") == {"title": "乙", "date": "2023-05-06", "status": "有效"}
    assert "line 2: date is" in sidecars.failed["metadata.csv"]


def test_a_file_of_wrong_entries_only_is_named_once(tmp_path: Path) -> None:
    write(tmp_path / "metadata.csv", "file,year\n" + "a.png,77\n" * 20_000)
    sidecars = load_sidecars(tmp_path)
    assert sidecars.entries == {}
    assert "1,000 more entries" in sidecars.failed["metadata.csv"]
    assert len(sidecars.failed["metadata.csv"]) < 1000
    write(tmp_path / "metadata.csv", "file,year\n" + "a.png,77\n" * 20)
    assert "And 15 more entries" in load_sidecars(tmp_path).failed["metadata.csv"]


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    path = write(tmp_path / "metadata.csv", "source,year\n")
    os.truncate(path, 10**11)
    assert "is larger than 50 MB" in load_sidecars(tmp_path).failed["metadata.csv"]


def test_corrections_are_looked_for_where_sources_are(tmp_path: Path) -> None:
    for folder in (".git", ".hidden/deep", "__MACOSX", "~$lock", "index", "index/below", "docs"):
        write(tmp_path / folder / "metadata.csv", "broken,\n")
    write(tmp_path / "index/CURRENT", "policysearch index 5 00000000\n")
    assert set(load_sidecars(tmp_path).failed) == {"docs/metadata.csv"}


@pytest.mark.parametrize("format", ["text", "json"])
def test_a_build_goes_on_without_corrections_that_cannot_be_used(run: Run, tmp_path: Path, format: str) -> None:
    write(tmp_path / "docs/a.txt", "关于植树的通知\n\n各镇：春天到了，请种树。\n")
    write(tmp_path / "docs/b.txt", "关于修路的通知\n\n各镇：路坏了，请修路。\n")
    write(tmp_path / "docs/metadata.csv", "source,year\na.txt,2021\n")
    assert run("index", "docs").returncode == 0
    assert run("search", "种树", "--year", "2021").returncode == 0
    write(tmp_path / "docs/metadata.csv", "source,year\na.txt,2021\nb.txt,MMXX\n")
    done = run("index", "--format", format)
    assert done.returncode == 2
    assert done.stderr.startswith("metadata.csv: ")
    assert "line 3: year is 'MMXX'" in done.stderr
    if format == "json":
        (unusable,) = json.loads(done.stdout)["unusable"]
        assert (unusable["source"], unusable["state"]) == ("metadata.csv", "failed")
    assert run("search", "种树", "--year", "2021").returncode == 0
    write(tmp_path / "docs/metadata.csv", "abstract\nnothing of ours\n")
    assert run("index").returncode == 2
    assert run("check").returncode == 0
    assert run("search", "种树", "--year", "2021").returncode == 1
    assert run("search", "种树").returncode == 0
    done = run("outline", "docs/a.txt")
    assert (done.returncode, "请种树" in done.stdout or "关于植树的通知" in done.stdout) == (2, True)
    assert "metadata.csv" in done.stderr
    (tmp_path / "docs/metadata.csv").unlink()
    assert run("index").returncode == 0


def test_entries_without_a_source_in_the_folder_are_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "metadata.csv", "source,title\na.txt,甲\nall.csv,乙\nlost.txt,丙\n")
    assert list(load_sidecars(tmp_path).unused({"a.txt", "all.csv#1"})) == [
        f"{path}, line 4: there is no source 'lost.txt'; correct the path or remove the entry"
    ]


def test_no_sidecar_changes_nothing(tmp_path: Path) -> None:
    assert apply(FOUND, load_sidecars(tmp_path).for_document("a.txt")) is FOUND


def test_a_correction_counts_as_stated() -> None:
    corrected = apply(FOUND, {"title": "2020年乌海市政府工作报告", "speaker": "李四"})
    assert (corrected.title, corrected.speaker) == ("2020年乌海市政府工作报告", "李四")
    assert corrected.inferred == ("region", "level")


def test_a_dash_takes_a_value_away() -> None:
    assert apply(FOUND, {"date": "-"}).date is None


def test_a_corrected_region_and_date_take_what_follows_with_them() -> None:
    corrected = apply(FOUND, {"region": "海勃湾区", "date": "2021-02-03"})
    assert (corrected.region_code, corrected.city, corrected.province) == ("150302", "乌海市", "内蒙古自治区")
    assert (corrected.level, corrected.year) == ("县级", 2021)
    assert apply(FOUND, {"date": "2021-02-03", "year": "2020"}).year == 2020


@pytest.mark.parametrize("name", ["乌海", "乌海市", "内蒙古自治区乌海市"])
def test_a_corrected_place_has_its_full_name_however_it_is_written(name: str) -> None:
    corrected = apply(FOUND, {"region": name})
    assert (corrected.region, corrected.region_code, corrected.level) == ("乌海市", "150300", "地级")
    assert apply(FOUND, {"region": "某岛"}).region == "某岛"


def test_values_are_normalised(tmp_path: Path) -> None:
    write(
        tmp_path / "metadata.csv",
        "source,document_number,date,status\na.txt,松政发[2021]第02号,2021年2月3日,现行有效\n",
    )
    assert load_sidecars(tmp_path).for_document("a.txt") == {
        "document_number": "松政发〔2021〕2号",
        "date": "2021-02-03",
        "status": "有效",
    }


def test_an_index_follows_its_sidecars(tmp_path: Path) -> None:
    from policysearch import open_index
    from policysearch.engines.opening import open_store
    from policysearch.indexing.refresh import refresh

    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "一 则.txt").write_text("关于植树的通知\n\n各镇：春天到了，请种树。\n", encoding="utf-8")
    (folder / "另一则.txt").write_text("关于修路的通知\n\n各镇：路坏了，请修路。\n", encoding="utf-8")
    store = open_store(tmp_path / "index")
    refresh(store, [folder])
    sidecar = folder / "metadata.csv"
    sidecar.write_text("source,issuer,year\n一 则.txt,某镇人民政府,2021\n没有.txt,某镇,2020\n", encoding="utf-8")
    account = refresh(store)
    assert [s.state for s in account.sources] == ["changed", "unchanged"]
    assert len(account.notes) == 1
    assert "没有.txt" in account.notes[0]
    found = open_index(tmp_path / "index").search("种树", filters={"year": ["2021"]})
    assert [hit.issuer for hit in found.hits] == ["某镇人民政府"]
    assert [s.state for s in refresh(store).sources] == ["unchanged", "unchanged"]
    sidecar.unlink()
    assert [s.state for s in refresh(store).sources] == ["changed", "unchanged"]
    assert open_index(tmp_path / "index").search("种树", filters={"year": ["2021"]}).total == 0


def test_a_link_out_of_the_folder_or_a_pipe_is_no_sidecar(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "private.csv").write_text("source,year\na.txt,2023\n")
    (root / "metadata.csv").symlink_to(tmp_path / "private.csv")
    assert "is a link out of the folder" in load_sidecars(root).failed["metadata.csv"]
    assert load_sidecars(root).entries == {}
    assert load_sidecars(root, follow_links=True).for_document("a.txt") == {"year": "2023"}
    (root / "metadata.csv").unlink()
    os.mkfifo(root / "metadata.csv")
    assert "is not a regular file" in load_sidecars(root).failed["metadata.csv"]


@pytest.mark.no_cover
def test_a_sidecar_that_doubles_itself_takes_no_time(tmp_path: Path) -> None:
    lines = ["a0: &a0 x"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    (tmp_path / "metadata.yaml").write_text("\n".join(lines))
    assert set(load_sidecars(tmp_path).failed) == {"metadata.yaml"}
    (tmp_path / "metadata.yaml").write_text("a: " + "[" * 50_000)
    assert set(load_sidecars(tmp_path).failed) == {"metadata.yaml"}
