"""Two texts article by article: what became of each, and that both come back whole."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import ROOT, Run, Write, build_index
from hypothesis import given
from hypothesis import strategies as st

import policysearch
from policysearch import Comparison, InputError, compare_files
from policysearch.quoting.alignment import comparable, steps_between
from policysearch.quoting.comparison import compare, units_of

HEAD = "云麓省渡口管理条例\n\n（{year}年3月28日云麓省第十一届人民代表大会常务委员会第三十次会议通过）\n\n"

OLD = [
    "为了加强渡口管理，保障人民群众生命财产安全，制定本条例。",
    "渡船载客定额由登记机关核定，不得超过二十人。",
    "渡口经营者应当每季度检查一次救生设备，并作出记录。记录保存两年以上，随时接受检查。",
    "渡工应当经过培训，持证上岗。",
    "恶劣天气禁止开航，具体标准由交通运输主管部门规定。",
    "违反本条例第二条规定的，处五百元以上二千元以下罚款。",
    "渡口的设置应当符合规划，并与防洪要求相适应。",
    "本条例自公布之日起施行，原有规定同时废止。",
]


def statute(articles: list[str], year: int = 2012) -> str:
    numerals = "一二三四五六七八九十"
    return HEAD.format(year=year) + "\n\n".join(f"第{numerals[i]}条　{text}" for i, text in enumerate(articles)) + "\n"


def compared(tmp_path: Path, a: str, b: str) -> Comparison:
    (tmp_path / "a.txt").write_text(a, encoding="utf-8")
    (tmp_path / "b.txt").write_text(b, encoding="utf-8")
    return compare_files(tmp_path / "a.txt", tmp_path / "b.txt")


def states(found: Comparison) -> list[tuple[str, str | None, str | None]]:
    return [(one.state, one.a_number, one.b_number) for one in found if one.a_number or one.b_number]


def test_each_state_is_told(tmp_path: Path) -> None:
    new = [
        OLD[0],  # same
        "经营性渡口实行许可制度，许可证有效期为五年，期满应当重新申请。",  # new
        OLD[1],  # same, another number
        "渡口经营者应当每季度检查一次救生设备，并作出记录。",  # split
        "记录保存两年以上，随时接受检查。",
        OLD[6],  # moved
        OLD[3].replace("培训", "专门培训"),  # changed
        OLD[5].replace("第二条", "第三条"),  # reference_only
        OLD[7],  # same; 恶劣天气 is gone
    ]
    found = compared(tmp_path, statute(OLD), statute(new))
    assert states(found) == [
        ("same", "第一条", "第一条"),
        ("new", None, "第二条"),
        ("same", "第二条", "第三条"),
        ("split", "第三条", "第四条"),
        ("split", "第三条", "第五条"),
        ("moved", "第七条", "第六条"),
        ("changed", "第四条", "第七条"),
        ("gone", "第五条", None),
        ("reference_only", "第六条", "第八条"),
        ("same", "第八条", "第九条"),
    ]
    assert not found.same


def test_articles_that_were_merged(tmp_path: Path) -> None:
    new = [*OLD[:3], OLD[3] + OLD[4], *OLD[5:]]
    found = compared(tmp_path, statute(OLD), statute(new))
    assert [one for one in states(found) if one[0] != "same"] == [
        ("merged", "第四条", "第四条"),
        ("merged", "第五条", "第四条"),
    ]


def test_a_text_is_the_same_as_itself(tmp_path: Path) -> None:
    found = compared(tmp_path, statute(OLD), statute(OLD))
    assert found.same
    assert all(change.op == "equal" for one in found for change in one.changes)


@pytest.mark.parametrize(
    ("number", "status"),
    [("第五条", 1), ("第四条之一", 1), ("第4条", 0), ("第　四　条", 0), ("第４条", 0), ("第四條", 0)],
)
def test_another_number_makes_another_text(run: Run, tmp_path: Path, number: str, status: int) -> None:
    for name, text in (("a.txt", statute(OLD[:4])), ("b.txt", statute(OLD[:4]).replace("第四条", number))):
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = run("compare", tmp_path / "a.txt", tmp_path / "b.txt", "--format", "json")
    assert {one["state"] for one in json.loads(done.stdout)["changes"]} == {"same"}
    assert done.returncode == status


def test_a_text_without_articles_is_compared_by_paragraphs(tmp_path: Path) -> None:
    old = "关于渡口安全的几点说明\n\n今年全省渡口运行平稳有序。\n\n下一步继续排查隐患，确保安全。\n"
    found = compared(tmp_path, old, old.replace("平稳有序", "总体平稳"))
    assert [one.state for one in found] == ["same", "changed", "same"]


ARTICLES = st.lists(st.text(alphabet="甲乙丙丁子丑寅卯第三四条，。\n 　12", max_size=30), max_size=8)


@given(ARTICLES, ARTICLES, st.booleans())
def test_both_texts_come_back(a: list[str], b: list[str], numbered: bool) -> None:
    sides = []
    for name, texts in (("a", a), ("b", b)):
        sections = [
            (f"{name}#{i}", f"第{i}条", f"第{i}条　{text}\n") if numbered else (f"{name}#{i}", None, text + "\n")
            for i, text in enumerate(texts, 1)
        ]
        sides.append(("".join(text for _, _, text in sections), units_of(sections)))
    (a_text, a_units), (b_text, b_units) = sides
    found = compare(a_units, b_units)
    assert "".join(step.b for one in found for step in one.changes if one.b_section_id) == b_text or any(
        one.state in ("gone", "merged") for one in found
    )
    for side, text in (("a", a_text), ("b", b_text)):
        rows = [one for one in found if getattr(one, f"{side}_section_id")]
        joined = "".join(getattr(step, side) for one in rows for step in one.changes)
        assert sorted(joined) == sorted(text)
    of_a = [one for one in found if one.a_section_id]
    if numbered and len({one.a_section_id for one in of_a}) == len(of_a):  # pieces of a split one are in b's order
        rows = sorted(of_a, key=lambda one: int((one.a_section_id or "")[2:]))
        assert "".join(step.a for one in rows for step in one.changes) == a_text


def test_what_was_removed_at_a_place_stands_beside_what_was_added(tmp_path: Path) -> None:
    a = "第一条　为了预防渡口事故，维护航运秩序，遏制违章行为及相关行为，制定本法。\n"
    b = "第一条　为了预防渡口事故，维护航运秩序、社会公共利益和人身安全，根据宪法，制定本法。\n"
    (row,) = compared(tmp_path, a, b)
    assert [(one.op, one.a, one.b) for one in row.changes if one.op != "equal"] == [
        ("replace", "，遏制违章行为及相关行为", "、社会公共利益和人身安全，根据宪法")
    ]


@given(st.text("渡口船长，。", max_size=30), st.text("渡口船长，。", max_size=30))
def test_two_differences_never_touch(a: str, b: str) -> None:
    steps = steps_between(a, comparable(a), b, comparable(b))
    assert ("".join(one.a for one in steps), "".join(one.b for one in steps)) == (a, b)
    assert not any("equal" not in (one.op, after.op) for one, after in pairwise(steps))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = tmp_path_factory.mktemp("sources")
    (sources / "2012.txt").write_text(statute(OLD), encoding="utf-8")
    (sources / "2021.txt").write_text(
        statute([*OLD[:1], OLD[1].replace("二十", "十二"), *OLD[2:]], 2021), encoding="utf-8"
    )
    return build_index(sources, tmp_path_factory.mktemp("index"))


def test_documents_of_an_index_by_id_citation_and_version(folder: Path) -> None:
    with policysearch.open_index(folder) as index:
        by_id = index.compare("2012.txt", "2021.txt")
        (by_name,) = index.compare_versions("云麓省渡口管理条例")
        assert states(by_id) == states(by_name)
        assert [one[1] for one in states(by_id) if one[0] == "changed"] == ["第二条"]
        articles = index.compare("2012.txt#3", "《云麓省渡口管理条例》第二条")
        assert [(one.state, one.b_section_id) for one in articles] == [("changed", "2021.txt#3")]
        for wrong in ("无此文件", "云麓省渡口管理条例第九十条"):
            with pytest.raises(InputError, match=wrong):
                index.compare("2012.txt", wrong)


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = tmp_path_factory.mktemp("renamed")
    (sources / "渡口管理条例(2012-03-28).txt").write_text(statute(OLD), encoding="utf-8")
    (sources / "渡口管理条例(2021-03-28).txt").write_text(statute(OLD[:-1], 2021), encoding="utf-8")
    for year in (2022, 2023):
        (sources / f"报告{year}.txt").write_text(
            f"云麓省政府工作报告\n——{year}年1月8日在云麓省人民代表大会上\n\n一、工作安排\n建设渡口{year}座。\n",
            encoding="utf-8",
        )
    return build_index(sources, tmp_path_factory.mktemp("index"))


@pytest.mark.parametrize(
    ("old", "number"),
    [
        ("渡口管理条例(2012-03-28)", ""),
        ("渡口管理条例(2012-03-28).txt", ""),
        ("2012年云麓省渡口管理条例", ""),
        ("云麓省渡口管理条例（2012）", ""),
        ("云麓省渡口管理条例（2012年）", ""),
        ("云麓省渡口管理条例（2012）", "第三条"),
        ("《云麓省渡口管理条例》2012年", "第三条"),
    ],
)
def test_both_sides_are_the_versions_that_were_named(renamed: Path, old: str, number: str) -> None:
    with policysearch.open_index(renamed) as index:
        found = index.compare(f"{old}{number}", f"云麓省渡口管理条例{number}")
    section = "#4" if number else ""
    names = [f"渡口管理条例({year}-03-28).txt{section}" for year in (2012, 2021)]
    assert [found.a, found.b] == names
    assert found.same == bool(number)


def test_names_of_several_texts_are_refused(renamed: Path) -> None:
    with policysearch.open_index(renamed) as index:
        for several in ("云麓省政府工作报告", "报告20"):
            with pytest.raises(InputError, match=f"'{several}' fits several .*报告2022.txt.*报告2023.txt"):
                index.compare(several, "云麓省渡口管理条例")
        chosen = index.compare("云麓省政府工作报告", "渡口管理条例(2021-03-28).txt", filters={"year": 2022})
        assert [chosen.a, chosen.b] == ["报告2022.txt", "渡口管理条例(2021-03-28).txt"]


def test_commands_on_one_document_read_its_name_in_the_same_way(renamed: Path) -> None:
    document_id = "渡口管理条例(2012-03-28).txt"
    with policysearch.open_index(renamed) as index:
        passages = index.reuse(document_id)
        assert passages
        for name in ("渡口管理条例(2012-03-28)", "云麓省渡口管理条例（2012）"):
            assert index.reuse(name) == passages
            assert tuple(index.citations(of=name)) == tuple(index.citations(of=document_id))
        assert index.reuse("云麓省渡口管理条例") != passages
        (versions,) = index.compare_versions("云麓省渡口管理条例")
        for name in (document_id, "渡口管理条例(2012-03-28)", "云麓省渡口管理条例（2012）"):
            assert index.compare_versions(name) == (versions,)
        for ask in (index.reuse, index.citations):
            with pytest.raises(InputError, match="There is no section or document '没有'"):
                ask("没有")
            with pytest.raises(InputError, match="'云麓省政府工作报告' fits several documents"):
                ask("云麓省政府工作报告")


def test_a_text_compared_with_itself_is_named(run: Run, renamed: Path) -> None:
    done = run("compare", "云麓省渡口管理条例", "云麓省渡口管理条例（2021年）", "-i", renamed)
    assert done.returncode == 0
    assert "Both names mean '渡口管理条例(2021-03-28).txt'" in done.stderr


def test_the_command(run: Run, write: Write, folder: Path) -> None:
    write("a.txt", statute(OLD))
    write("b.txt", statute([*OLD[:1], OLD[1].replace("二十", "十二"), *OLD[2:]]))
    files = ("compare", "a.txt", "b.txt")
    assert run("compare", "a.txt", "a.txt").returncode == 0
    done = run(*files, "--format", "json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert (found["a"], found["b"]) == ("a.txt", "b.txt")
    assert [one["a_number"] for one in found["changes"] if one["state"] == "changed"] == ["第二条"]
    rows = list(csv.DictReader(io.StringIO(run(*files, "--format", "csv").stdout)))
    assert [row["state"] for row in rows] == [one["state"] for one in found["changes"]]
    text = run(*files).stdout
    assert "changed  第二条" in text
    page = run(*files, "--format", "html").stdout
    assert "改动 changed 1，相同 same" in page
    assert '<tr class="changed"><td>改动 changed</td><td class="text">' in page
    assert "<del>" in page
    assert "两份文本相同。" in run("compare", "a.txt", "a.txt", "--format", "html").stdout
    assert run("compare", "--versions", "云麓省渡口管理条例", "-i", folder).returncode == 1
    for wrong in (["a.txt"], ["a.txt", "missing.txt", "-i", folder], ["a.txt", "b.txt", "--versions", "法"]):
        assert run("compare", *wrong).returncode == 2


def test_amended_laws_are_told_as_the_decision_says(reference: Path) -> None:
    if not (reference / "corpus" / "laws-md").is_dir():
        pytest.skip("no laws in the reference corpus")
    spec = importlib.util.spec_from_file_location("score_comparison", ROOT / "scripts" / "score_comparison.py")
    assert spec is not None
    assert spec.loader is not None
    scoring = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = scoring
    spec.loader.exec_module(scoring)
    found = scoring.score(reference)
    assert found.share >= 0.98, found.misses
    assert all(found.untouched)
    assert found.seconds < 1  # ten times the usual
