"""Advice when nothing is found: nearest values, fewer filters, other spellings."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import Run, build_index

import policysearch
from policysearch.gazetteer.organs import full_names_of_organ
from policysearch.search.options import SearchOptions
from policysearch.text.similar import similar_shape, sounds

pytestmark = pytest.mark.one_python

_REPORT = "{}政府工作报告\n\n各位代表：\n\n一、{}\n\n{}\n"
_NOTICE = (
    "国务院办公厅关于做好防汛工作的通知\n\n国办发〔2021〕12号\n\n各省人民政府：\n\n一、压实责任\n\n落实防汛责任。\n\n"
)
TEXTS = {
    "粤/2024.txt": _REPORT.format("2024年广东省", "优化营商环境", "持续优化营商环境，发展低空经济。"),
    "粤/2025.txt": _REPORT.format("2025年广东省", "扩大开放", "未来产业加快布局，营商环境持续改善。"),
    "京/2023.txt": _REPORT.format("2023年北京市", "城市更新", "推进民事诉讼服务，城市更新提速。"),
    "通知/国办.txt": _NOTICE + "国务院办公厅\n2021年6月1日\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = tmp_path_factory.mktemp("advice") / "documents"
    for name, text in TEXTS.items():
        (sources / name).parent.mkdir(parents=True, exist_ok=True)
        (sources / name).write_text(text, encoding="utf-8")
    return build_index(sources, sources.parent / "index")


ABSENT = [
    (("--region", "深圳"), "no document has region 深圳市; 广东省 has 2 sections"),
    (("--region", "广冬"), "no document has region 广冬; 广东省 has 2 sections"),
    (("--region", "北京市朝阳"), "no document has region 朝阳区"),  # where the term does not occur
    (("--city", "深圳"), "no document has city 深圳市; province:广东省 has 2 sections"),
    (("--province", "江苏"), "no document has province 江苏省"),
    (("--issuer", "国办"), "no document has issuer 国办"),
    (("--year", "2031"), "no document has year 2031; 2025 has 1 section"),
    (("--year", "2022"), "no document has year 2022; 2024 has 1 section"),
    (("--type", "公报"), "no document has type 公报; 政府工作报告 has 2 sections"),
    (("--since", "2030"), "no document has a date since 2030; the latest is 2025"),
    (("--number", "国办发〔2021〕13号"), "no document has number 国办发〔2021〕13号"),
    (("--document", "粵/*"), "no document has an id or path like 粵/*; the nearest: 粤/*"),
    (("--document", "*2026*"), "no document has an id or path like *2026*"),
]


@pytest.mark.parametrize(("filters", "said"), ABSENT)
def test_a_value_that_no_document_has_is_named_with_those_that_have_hits(
    run: Run, folder: Path, filters: tuple[str, ...], said: str
) -> None:
    done = run("search", "营商环境", "-i", folder, *filters)
    assert f"Nothing found: {said}.\n" in done.stderr
    assert "no document" not in run("search", "-q", "营商环境", "-i", folder, *filters).stderr.lower()


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (("--region", "深圳"), "no document has region 深圳市; 广东省 has 2 documents"),
        (("--region", "北京市朝阳"), "no document has region 朝阳区; 北京市 has 1 document"),
        (("--issuer", "国办"), "no document has issuer 国办; 国务院办公厅 has 1 document"),
        (("--year", "2022"), "no document has year 2022; 2021 has 1 document, 2023 has 1 document"),
        (("--type", "公报"), "no document has type 公报; 政府工作报告 has 3 documents, 通知 has 1 document"),
        (
            ("--number", "国办发〔2021〕13号"),
            "no document has number 国办发〔2021〕13号; 国办发〔2021〕12号 has 1 document",
        ),
    ],
)
def test_other_commands_count_the_documents_with_a_value(
    run: Run, folder: Path, filters: tuple[str, ...], said: str
) -> None:
    for command in (("count", "营商环境"), ("list",), ("search", "--group", "document")):
        done = run(*command, "-i", folder, *filters)
        assert said in done.stderr.replace("No document", "no document"), command
        assert "no document" not in run(*command, "-q", "-i", folder, *filters).stderr.lower()


@pytest.mark.parametrize(
    "query",
    [
        "region:广冬 营商环境",
        "地区：广冬 营商环境",
        "营商环境 region:广冬",
        "营商环境 year:2022",
        "营商环境 province:北京",
        "city:深圳 低空经济",
        "末来产业",
        "城市更新 末来产业",
        "末来产业 type:公报",
        "广东省 未来产业",
        "2024年广东省低空经济",
        "广东省2025年星际旅行",
        "北京市营商环境",
    ],
)
def test_every_suggestion_has_as_many_hits_as_it_says(run: Run, folder: Path, query: str) -> None:
    said = run("search", "-i", folder, query).stderr
    for many, unit, suggestion in re.findall(r"Did you mean \(([0-9,]+) (sections?)\): (.*)", said):
        done = run("search", "-i", folder, "--format", "json", suggestion)
        answer = json.loads(done.stdout)
        assert (answer["total"], unit) == (int(many), "section" if many == "1" else "sections")
        assert int(many) > 0
    for near, many in re.findall(r"[;,] (\S+) has ([0-9]+) sections?", said):
        (field, value) = re.findall(r"(\w+)[:：](\S+)", query)[-1]
        instead = near if ":" in near else f"{field}:{near}"
        assert json.loads(
            run(
                "search",
                "-i",
                folder,
                "--format",
                "json",
                query.replace(f"{field}:{value}", instead).replace(f"{field}：{value}", instead),
            ).stdout
        )["total"] == int(many)
    with policysearch.open_index(folder, prepare=False) as index:
        advice = index.advise(query)
        assert [index.search(one).total for one in advice.suggestions] == list(advice.totals)


def test_the_nearest_value_of_a_typed_filter_is_a_query(run: Run, folder: Path) -> None:
    said = run("search", "-i", folder, "region:广冬 营商环境").stderr
    assert "Did you mean (2 sections): region:广东省 营商环境\n" in said
    assert (
        "Did you mean (1 section): province:广东省 低空经济\n"
        in run("search", "-i", folder, "city:深圳 低空经济").stderr
    )


def test_short_names_of_places_are_compared_without_their_sound(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "pypinyin.py").write_text("raise ImportError('not here')\n", encoding="utf-8")
    path = f"{tmp_path}:{Path(policysearch.__file__).parent.parent}"
    said = run("search", "-i", folder, "region:广柬 营商环境", PYTHONPATH=path).stderr
    assert "广东省 has 2 sections" in said


@pytest.mark.parametrize(("typed", "name"), [("Beijing", "北京市"), ("guangdong province", "广东省")])
def test_places_in_latin_letters(run: Run, folder: Path, typed: str, name: str) -> None:
    pytest.importorskip("pypinyin")
    assert f"no document has region {typed}; {name} has" in run("search", "-i", folder, "--region", typed).stderr


def test_a_value_among_others_is_named_too(run: Run, folder: Path) -> None:
    done = run("search", "-i", folder, "营商环境", "--region", "广东", "--region", "深圳")
    assert done.returncode == 0
    assert done.stderr == "No document has region 深圳市; 广东省 has 2 sections.\n"
    assert run("search", "-i", folder, "营商环境", "--region", "广东").stderr == ""
    assert "region 深圳市" in run("search", "-i", folder, "region:深圳 营商环境").stderr


def test_a_status_that_no_document_states_is_answered_with_the_versions_in_force(run: Run, folder: Path) -> None:
    done = run("search", "-i", folder, "营商环境", "--status", "有效")
    assert done.stderr.startswith("Nothing found: no document has status 有效; none states one. Versions in force are")


def test_the_filter_that_would_have_to_go_is_named(run: Run, folder: Path) -> None:
    done = run("search", "-i", folder, "低空经济", "--year", "2025", "--region", "广东")
    assert done.returncode == 1
    assert "Nothing found; without --year: 1 section.\n" in done.stderr
    done = run("search", "-i", folder, "低空经济 year:2025")
    assert "Nothing found; without the filter year: 1 section.\n" in done.stderr
    done = run("search", "-i", folder, "低空经济", "--year", "2023", "--part", "附件", "--group", "document")
    assert "Without any filter: 1 document" in done.stderr
    assert "without" not in run("search", "-i", folder, "宇航员", "--year", "2023").stderr


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("民事拆讼", "民事诉讼"),
        ("末来产业", "未来产业"),
        ("营商环琥", "营商环境"),
        ("营环商境", "营商环境"),
        ("营商环喵境持续", "营商环境持续"),
        ("城市更新 末来产业", "城市更新 未来产业"),
        ("“末来产业” -防汛", "“未来产业” -防汛"),
    ],
)
def test_another_spelling_is_suggested(run: Run, folder: Path, query: str, suggestion: str) -> None:
    done = run("search", "-i", folder, query)
    assert re.search(rf"Did you mean \([0-9]+ sections?\): {suggestion}\n", done.stderr)
    with policysearch.open_index(folder, prepare=False) as index:
        assert index.advise(query).suggestions[0] == suggestion
        # it is never applied by itself
        assert query == index.search(query).query


def test_spellings_of_the_same_sound_are_suggested(folder: Path) -> None:
    pytest.importorskip("pypinyin")
    with policysearch.open_index(folder, prepare=False) as index:
        for query, suggestion in (("赢商环境", "营商环境"), ("环竟", "环境"), ("低空京济", "低空经济")):
            assert index.advise(query).suggestions[:1] == (suggestion,)


@pytest.mark.parametrize(
    "query", ["北京市", "长颈鹿", "量子纠缠", "王海涛", "深圳市", "营商环境", "广东省 营商环境", "x", "宇"]
)
def test_right_words_are_not_corrected(folder: Path, query: str) -> None:
    with policysearch.open_index(folder, prepare=False) as index:
        assert index.advise(query).suggestions == ()


def test_suggestions_do_without_pypinyin(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "pypinyin.py").write_text("raise ImportError('not here')\n", encoding="utf-8")
    found = run(
        "search", "-i", folder, "末来产业", PYTHONPATH=f"{tmp_path}:{Path(policysearch.__file__).parent.parent}"
    )
    assert "Did you mean (1 section): 未来产业\n" in found.stderr


def test_the_extra_is_named_where_only_it_could_help(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pypinyin'] = None\n", encoding="utf-8")
    path = f"{tmp_path}:{Path(policysearch.__file__).parent.parent}"
    stderr = run("search", "-i", folder, "宇航员", PYTHONPATH=path).stderr
    assert stderr.startswith("Nothing found. ")
    assert "policysearch[suggest]" in stderr
    for query in (("营商环境", "--year", "2031"), ("低空经济", "--year", "2025"), ("末来产业",)):
        assert "policysearch[suggest]" not in run("search", "-i", folder, *query, PYTHONPATH=path).stderr, query


def test_it_is_said_once_that_no_section_has_all_words(run: Run, folder: Path) -> None:
    done = run("search", "-i", folder, "低空经济 城市更新 宇航员")
    assert "No section has all of these words; these have some of them." in done.stderr
    assert "some of its words" not in done.stdout
    assert "have some of its words" in run("search", "--match", "any", "-i", folder, "低空经济 城市更新").stdout


def test_nothing_more_is_loaded_where_there_are_hits(folder: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from policysearch.cli.main import main; "
        f"main(['search', '营商环境', '-i', {str(folder)!r}]); "
        "print([name for name in sys.modules if 'pypinyin' in name or name.endswith(('advice', 'spelling'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_characters_that_are_taken_for_each_other() -> None:
    assert all(similar_shape(*pair) and similar_shape(*pair[::-1]) for pair in ("末未", "己已", "日曰", "候侯", "拔拨"))
    assert not any(similar_shape(*pair) for pair in ("末政", "营商", "一国"))
    pytest.importorskip("pypinyin")
    assert sounds("营") & sounds("赢")
    assert not sounds("营") & sounds("商")


def test_short_names_of_organs() -> None:
    assert full_names_of_organ("国办") == ("国务院办公厅",)
    assert "国家发展和改革委员会" in full_names_of_organ("国家发改委")
    assert "上海市人力资源和社会保障局" in full_names_of_organ("上海市人社局")
    assert full_names_of_organ("国务院") == ()


def test_advice_follows_the_options(folder: Path) -> None:
    with policysearch.open_index(folder, prepare=False) as index:
        options = SearchOptions(filters={"year": 2023}, exact=True)
        assert index.advise("优化营商环境", options).without == (("year", 1),)
        assert index.advise("营商环境", options).without == (("year", 2),)
        assert index.advise("优化营商环境", SearchOptions(filters={"year": 2024})).without == ()


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [("營商環琥", "營商環境"), ("城市更新 末來產業", "城市更新 未來產業"), ("２０２４年廣東省低空經濟", None)],
)
def test_suggestions_keep_the_characters_as_typed(folder: Path, query: str, suggestion: str | None) -> None:
    with policysearch.open_index(folder, prepare=False) as index:
        if suggestion is None:
            assert index.search(query).suggestion == "year:2024 region:廣東省 低空經濟"
        else:
            assert index.advise(query).suggestions[0] == suggestion
