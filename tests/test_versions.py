"""Versions of documents: which ones are, which one is in force, and what hits and show say of it."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from conftest import Run, Write, build_index
from hypothesis import given
from hypothesis import strategies as st

import policysearch
from policysearch.citation import versions
from policysearch.citation.versions import (
    VersionRecord,
    Versions,
    sentence_hashes,
    version_groups,
    version_groups_after,
)

BODY = """第一条　为了规范渡口管理，保障乘客安全，制定本条例。
第二条　渡口的设置应当经县级人民政府批准，未经批准不得摆渡。
第三条　渡工应当经考核合格，{years}年复核一次。
第四条　遇六级以上大风、浓雾或者洪水，应当停止摆渡。
第五条　本条例自{since}起施行。
"""
FIRST = "（2005年3月1日云麓省第十届人民代表大会常务委员会第十四次会议通过）"
LATER = "（2019年7月25日云麓省第十三届人民代表大会常务委员会第十二次会议修订）"
OTHER = """第一条　本条例所称河道，包括湖泊、水库和人工水道。
第二条　采砂船舶应当在指定地点集中停放，夜间不得作业。
第三条　堆砂场地由水行政主管部门统一规划并公告位置。
"""


def regulation(note: str, name: str = "云麓省渡口管理条例", years: str = "两", since: str = "2005年5月1日") -> str:
    return f"{name}\n{note}\n{BODY.format(years=years, since=since)}"


OLD, NEW = regulation(FIRST), regulation(LATER, years="三", since="2019年10月1日")


def made(write: Write, tmp_path: Path, **texts: str) -> policysearch.Index:
    for name, text in texts.items():
        write(f"sources/{name}.txt", text)
    return policysearch.open_index(build_index(tmp_path / "sources", tmp_path / "index"))


def latest_of(index: policysearch.Index) -> dict[str, tuple[bool | None, str | None]]:
    hits = index.search("type:地方性法规 OR NOT type:地方性法规", group="document", limit=None)
    return {hit.document_id.removesuffix(".txt"): (hit.latest, hit.superseded_by) for hit in hits}


def test_an_old_version_says_what_superseded_it(write: Write, tmp_path: Path) -> None:
    with made(write, tmp_path, old=OLD, new=NEW) as index:
        assert latest_of(index) == {"new": (True, None), "old": (False, "new.txt")}
        old = next(hit for hit in index.search("停止摆渡") if hit.document_id == "old.txt")
        assert old.citation == "《云麓省渡口管理条例》（2005年）第四条"
        shown = index.show(old.section_id)
        assert shown is not None
        assert [one.document_id for one in shown.versions] == ["old.txt", "new.txt"]
        assert [(one.since, one.until, one.inferred) for one in shown.versions] == [
            ("2005-05-01", "2019-10-01", ("until", "latest")),
            ("2019-10-01", None, ("latest",)),
        ]
        assert (shown.latest, shown.superseded_by) == (False, "new.txt")
        assert shown.citation == old.citation
        assert index.info["versions"] == 2


@pytest.mark.parametrize(
    ("other", "latest"),
    [
        pytest.param({"other": regulation(LATER, name="云麓省渡船管理条例")}, True, id="another name"),
        pytest.param({"other": f"云麓省渡口管理条例\n{LATER}\n{OTHER}"}, True, id="another text"),
        pytest.param({"other": regulation("")}, None, id="no date"),
        pytest.param({"other": NEW.replace("云麓省第", "青屏省第").replace("云麓", "青屏")}, True, id="another place"),
        pytest.param({"other": regulation(FIRST, years="四")}, True, id="the same date"),
    ],
)
def test_what_are_no_versions(write: Write, tmp_path: Path, other: dict[str, str], latest: bool | None) -> None:
    with made(write, tmp_path, old=OLD, **other) as index:
        assert latest_of(index) == {"old": (True, None), "other": (latest, None)}
        shown = index.show("old.txt")
        assert shown is not None
        assert shown.versions == ()


def test_notices_and_reports_have_no_versions(write: Write, tmp_path: Path) -> None:
    notice = (
        "云麓省交通厅关于做好渡口安全工作的通知\n云交发〔{0}〕5号\n各市：\n一、要求\n遇六级以上大风停航，加强值守。\n"
        "二、检查\n逐一登记渡船，建立台账。\n云麓省交通厅\n{0}年4月2日\n"
    )
    with made(write, tmp_path, a=notice.format(2021), b=notice.format(2022)) as index:
        assert latest_of(index) == {"a": (None, None), "b": (None, None)}


@pytest.mark.parametrize(
    ("statuses", "latest"),
    [
        ({"old": "有效"}, {"old": (True, None), "new": (True, None)}),
        ({"new": "尚未生效"}, {"old": (True, None), "new": (True, None)}),
        ({"new": "已废止"}, {"old": (False, "new.txt"), "new": (False, None)}),
        ({"old": "已修改"}, {"old": (False, "new.txt"), "new": (True, None)}),
    ],
)
def test_what_is_stated_counts_first(
    write: Write, tmp_path: Path, statuses: dict[str, str], latest: dict[str, Any]
) -> None:
    rows = "".join(f"{name}.txt,{status}\n" for name, status in statuses.items())
    write("sources/metadata.csv", f"source,status\n{rows}")
    with made(write, tmp_path, old=OLD, new=NEW) as index:
        assert latest_of(index) == latest


def test_copies_are_no_versions_of_one_another(write: Write, tmp_path: Path) -> None:
    with made(write, tmp_path, old=OLD, new=NEW, new2=NEW.replace("三年", "四年")) as index:
        assert latest_of(index) == {"new": (True, None), "new2": (True, None), "old": (False, "new.txt")}
        assert len(index.compare_versions("云麓省渡口管理条例")) == 1
        assert index.versions("old.txt")[0] == "old.txt"
        with pytest.raises(policysearch.InputError, match=r"There is no document 'gone\.txt'"):
            index.versions("gone.txt")


def test_the_history_of_an_index_does_not_matter(write: Write, tmp_path: Path) -> None:
    with made(write, tmp_path, new=NEW) as index:
        assert latest_of(index)["new"] == (True, None)
    with made(write, tmp_path, old=OLD, middle=regulation(FIRST.replace("2005", "2011"))) as index:
        later = index.engine.description["versions"]
    build_index(tmp_path / "sources", tmp_path / "fresh")
    with policysearch.open_index(tmp_path / "fresh") as index:
        assert index.engine.description["versions"] == later
        assert [one[0] for one in later[0]] == ["old.txt", "middle.txt", "new.txt"]
    (tmp_path / "sources" / "new.txt").unlink()
    with policysearch.open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        assert latest_of(index) == {"old": (False, "middle.txt"), "middle": (True, None)}


def test_text_and_json_say_it(run: Run, write: Write, tmp_path: Path) -> None:
    made(write, tmp_path, old=OLD, new=NEW).close()
    found = run("search", "停止摆渡", "-i", "index")
    assert found.stdout.count("superseded by new.txt") == 1
    hits = json.loads(run("search", "停止摆渡", "-i", "index", "--format", "json").stdout)["hits"]
    assert {hit["document_id"]: hit["latest"] for hit in hits} == {"new.txt": True, "old.txt": False}
    shown = json.loads(run("show", "new.txt", "-i", "index", "--format", "json").stdout)
    assert [one["latest"] for one in shown["versions"]] == [False, True]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--latest",), {"new.txt", "report.txt"}),
        (("latest:false",), {"old.txt"}),
        (("--as-of", "2004"), set()),
        (("--as-of", "2005-04-30"), set()),
        (("--as-of", "2005-05"), {"old.txt"}),
        (("--as-of", "2019-09-30"), {"old.txt"}),
        (("--as-of", "2019-10-01"), {"new.txt"}),
        (("--as-of", "2023-02-28"), {"new.txt", "report.txt", "term.txt"}),
        (("--as-of", "2025-02-28"), {"new.txt", "report.txt"}),
        (("--as-of", "2020", "--type", "地方性法规"), {"new.txt"}),
    ],
)
def test_filters_by_validity(run: Run, validity: Path, arguments: tuple[str, ...], found: set[str]) -> None:
    listed = run(
        "search",
        *(("渡口",) if "latest:false" not in arguments else ()),
        *arguments,
        "-i",
        validity,
        "--group",
        "document",
        "--format",
        "jsonl",
        "-n",
        "50",
    )
    assert {json.loads(line)["document_id"] for line in listed.stdout.splitlines()} - (
        {"term.txt"} if "--latest" in arguments else set()
    ) == found
    if arguments[0].startswith("--"):
        counted = run("list", *arguments, "-i", validity, "--format", "csv")
        assert {line.split(",")[0] for line in counted.stdout.splitlines()[1:]} == found | (
            {"term.txt"} if "--latest" in arguments else set()
        )


@pytest.fixture(scope="module")
def validity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = tmp_path_factory.mktemp("validity")
    term = (
        "云麓省交通厅关于渡口补助的通知\n云交发〔2022〕5号\n各市：\n渡口补助按月发放。"
        "本通知自2022年3月1日起施行，有效期2年。\n云麓省交通厅\n2022年2月2日\n"
    )
    report = (
        "2020年澜泽市政府工作报告\n——2020年1月10日在澜泽市第九届人民代表大会第四次会议上\n各位代表：\n"
        "现在，我代表市人民政府，向大会报告工作，请予审议。\n一、工作回顾\n改造渡口三处。\n"
    )
    for name, text in {"old": OLD, "new": NEW, "term": term, "report": report}.items():
        (sources / f"{name}.txt").write_text(text, encoding="utf-8")
    return build_index(sources, tmp_path_factory.mktemp("index"))


def test_python_takes_the_filters_too(validity: Path) -> None:
    with policysearch.open_index(validity) as index:
        assert index.documents(filters={"latest": True}) == index.documents(filters={"latest": "true"})
        assert len(index.documents(filters={"latest": True, "as_of": "2019-01-01"})) == 0
        with pytest.raises(policysearch.QueryError, match="as-of"):
            index.documents(filters={"as-of": "soon"})


RECORDS = st.builds(
    VersionRecord,
    st.sampled_from("甲乙"),
    st.sampled_from(("2001-01-01", "2002-01-01", "2003-01-01")),
    st.just("2001-01-01"),
    st.sampled_from((None, "甲省", "乙省")),
    st.sampled_from((None, "甲局")),
    st.sampled_from((None, "有效", "已废止", "尚未生效")),
    st.sampled_from([sentence_hashes([text]) for text in (OLD, NEW, OTHER, OTHER + OLD)]),
)


@given(st.lists(RECORDS, max_size=8), st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order(records: list[VersionRecord], chance: random.Random) -> None:
    named = [(f"{number}.txt", record) for number, record in enumerate(records)]
    mixed = chance.sample(named, len(named))
    groups = version_groups(named)
    assert groups == version_groups(mixed) == json.loads(json.dumps(groups))
    known = Versions(groups)
    date = {name: record.date for name, record in named}
    for name, later in known.superseded().items():
        assert date[later] > date[name]
        assert known.are_versions(name, later)


DOCUMENTS = st.dictionaries(st.sampled_from("abcdefgh"), RECORDS)


@given(DOCUMENTS, DOCUMENTS, st.sets(st.sampled_from("甲乙")))
def test_only_the_groups_of_changed_names_are_found_again(
    before: dict[str, VersionRecord], after: dict[str, VersionRecord], more: set[str]
) -> None:
    changed = {record.name for _, record in set(before.items()) ^ set(after.items())} | more
    groups = version_groups_after(version_groups(before.items()), changed, after.items())
    assert groups == version_groups(after.items())


def test_an_update_without_laws_compares_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources, index = tmp_path / "sources", tmp_path / "index"
    sources.mkdir()
    for name, text in {"old": OLD, "new": NEW}.items():
        (sources / f"{name}.txt").write_text(text, encoding="utf-8")
    policysearch.index_sources(sources, index, jobs=1)
    with policysearch.open_index(index) as before:
        groups = before.engine.description["versions"]
    assert len(groups) == 1

    def refused(*_: Any) -> Any:
        raise AssertionError("compared again")

    with monkeypatch.context() as counting:
        counting.setattr(versions, "share_in_common", refused)
        policysearch.index_sources(index=index, jobs=1)
        (sources / "notice.txt").write_text("关于放假的通知\n\n放假三天。\n", encoding="utf-8")
        policysearch.index_sources(index=index, jobs=1)
    with policysearch.open_index(index) as after:
        assert after.engine.description["versions"] == groups
        assert after.info["documents"] == 3
    (sources / "old.txt").unlink()
    policysearch.index_sources(index=index, jobs=1, allow_removals=True)
    with policysearch.open_index(index) as without:
        assert without.engine.description["versions"] == []
    assert policysearch.check_index(index).clean


@given(st.lists(st.text("渡口船。;!𠀀a", max_size=60), max_size=4))
def test_hashes_are_those_of_crc_32(texts: list[str]) -> None:
    lowest = set()
    for sentence in re.split("[。;!]", "".join(texts)):
        runs = [sentence[at : at + 4].encode("utf-32-le") for at in range(len(sentence) - 3)]
        if len(sentence) >= 8:
            three = sorted({crc32(run) & 0xFFFFFF for run in runs})[:3]
            lowest.add((*three, *three[-1:] * (3 - len(three))))
    assert sentence_hashes(texts) == "".join(f"{one:06x}" for three in sorted(lowest)[:64] for one in three)
    for way in (versions._told_of_short, versions._told_of_long):
        assert set(way("".join(texts))) == lowest


def test_a_name_of_hundreds_of_documents_tells_nothing() -> None:
    record = VersionRecord("甲办法", "", "2001-01-01", None, None, None, sentence_hashes([OLD]))
    named = [(f"{number}.txt", record._replace(date=str(1000 + number))) for number in range(201)]
    assert version_groups(named) == []
    assert [len(group) for group in version_groups(named[1:])] == [200]
