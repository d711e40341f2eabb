"""Panels: counts by place and year that merge with other tables: codes, order, shapes, NA."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, build_index

from policysearch import Dictionary, Entry, open_index
from policysearch.corpus.counting import count
from policysearch.corpus.counts import Counts
from policysearch.corpus.panels import panel
from policysearch.engines.protocol import DocumentTexts
from policysearch.engines.tree import MatchAll, Node
from policysearch.errors import InputError
from policysearch.frozen import replace
from policysearch.index import Index
from policysearch.text.folding import reduce


class Texts:
    """Stands for an engine that has these documents: the metadata and the text of each."""

    def __init__(self, *documents: tuple[dict[str, Any], str]) -> None:
        self._documents = documents

    def texts(self, node: Node) -> Iterator[DocumentTexts]:
        for at, (fields, text) in enumerate(self._documents):
            known: dict[str, Any] = dict.fromkeys(
                ("region", "province", "city", "region_code", "level", "year", "title")
            )
            known.update({"document_id": f"d{at}", "duplicate_of": None, **fields})
            yield DocumentTexts(known, ("body",), (reduce(text),))


def place(region: str, province: str | None, code: str | None, level: str, city: str | None = None) -> dict[str, Any]:
    return {"region": region, "province": province, "region_code": code, "level": level, "city": city}


DOCUMENTS = Texts(
    ({**place("四川省", "四川省", "510000", "省级"), "year": 2024}, "改革，改革"),
    ({**place("成都市", "四川省", "510100", "地级", "成都市"), "year": 2023}, "发展"),
    ({**place("朝阳区", "北京市", "110105", "县级"), "year": 2024}, "改革"),
    ({**place("朝阳区", "吉林省", "220104", "县级", "长春市"), "year": 2024}, "改革发展"),
    ({"level": "国家", "year": 2024}, "改革开放"),
    ({"year": None}, "开放"),
    ({**place("云岭省", "云岭省", None, "省级"), "year": 2024}, "改革"),
)


def counted(by: Sequence[str], **options: Any) -> Counts:
    return count(DOCUMENTS, MatchAll(), ["改革"], by=by, **options)  # type: ignore[arg-type]


def groups(counts: Counts) -> list[tuple[Any, ...]]:
    return [(*one.group, one.region_code, one.level, one.occurrences) for one in counts]


def test_provinces_come_in_the_order_of_their_codes_the_nation_first_the_unknown_last() -> None:
    assert groups(counted(["province"])) == [
        ("全国", None, "国家", 1),
        ("北京市", "110000", "省级", 1),
        ("吉林省", "220000", "省级", 1),
        ("四川省", "510000", "省级", 2),
        ("云岭省", None, "省级", 1),
        (None, None, None, 0),
    ]


def test_provinces_keep_their_order_where_a_narrower_place_is_unknown() -> None:
    assert [one.group for one in counted(["province", "city"])] == [
        ("全国", "全国"),
        ("北京市", None),
        ("吉林省", "长春市"),
        ("四川省", "成都市"),
        ("四川省", None),
        ("云岭省", None),
        (None, None),
    ]
    unknown = Texts(
        ({**place("安岭县", "四川省", None, "县级"), "year": 2024}, "改革"),
        ({**place("和平区", "天津市", "120101", "县级"), "year": 2024}, "改革"),
    )
    found = count(unknown, MatchAll(), ["改革"], by=["province", "region"])  # type: ignore[arg-type]
    assert [one.group[0] for one in found] == ["天津市", "四川省"]


def test_two_places_of_one_name_are_two_groups() -> None:
    found = [group for group in groups(counted(["region"])) if group[0] == "朝阳区"]
    assert found == [("朝阳区", "110105", "县级", 1), ("朝阳区", "220104", "县级", 1)]


def test_a_city_has_its_own_code_and_a_provinces_documents_have_no_city() -> None:
    found = groups(counted(["city"]))
    assert found[0] == ("全国", None, "国家", 1)
    assert ("长春市", "220100", "地级", 1) in found
    assert ("成都市", "510100", "地级", 0) in found
    assert found[-1] == (None, None, None, 4)


def test_columns_tell_of_places_and_titles_where_they_are_asked_for() -> None:
    assert counted(["year"]).columns[-1] == "per_10000"
    assert counted(["region", "level"]).columns[-2:] == ("per_10000", "region_code")
    assert counted(["document"]).columns[-1] == "title"
    assert counted(["document", "region"]).columns[-3:] == ("region_code", "level", "title")


def test_filling_makes_no_place_that_is_not_there() -> None:
    rows = list(counted(["region", "year"], fill=True))
    # the places, each with its code, times the two years and the unknown one
    assert len(rows) == 7 * 3
    assert {one.occurrences for one in rows if one.documents_in_group == 0} == {None}
    assert all(one.region_code == "510000" for one in rows if one.group[0] == "四川省")
    assert len(list(counted(["province", "region"], fill=True))) == len(list(counted(["province", "region"])))


def test_a_renamed_place_has_one_row_for_each_year() -> None:
    documents = Texts(
        ({**place("襄樊市", "湖北省", "420600", "地级", "襄樊市"), "year": 2009}, "改革"),
        ({**place("襄阳市", "湖北省", "420600", "地级", "襄阳市"), "year": 2012}, "改革"),
        ({**place("成都市", "四川省", "510100", "地级", "成都市"), "year": 2021}, "改革"),
    )
    for by in (["region", "year"], ["city", "year"], ["year", "region", "province"]):
        rows = list(count(documents, MatchAll(), ["改革"], by=by, fill=True))  # type: ignore[arg-type]
        year = by.index("year")
        found = [(one.region_code, one.group[year]) for one in rows]
        assert len(found) == len(set(found)) == 6
        assert sum(one.occurrences or 0 for one in rows) == 3


@pytest.mark.parametrize("by", [["province", "city"], ["city", "province", "year"]])
def test_a_row_without_a_city_has_the_code_of_its_province(by: list[str]) -> None:
    rows = {
        (one.group[by.index("province")], one.group[by.index("city")]): (one.region_code, one.level)
        for one in counted(by)
    }
    assert rows == {
        ("全国", "全国"): (None, "国家"),
        ("四川省", None): ("510000", "省级"),
        ("四川省", "成都市"): ("510100", "地级"),
        ("北京市", None): ("110000", "省级"),
        ("吉林省", "长春市"): ("220100", "地级"),
        ("云岭省", None): (None, "省级"),
        (None, None): (None, None),
    }
    filled = {one.group for one in counted(by, fill=True)}
    assert {one.group for one in counted(by)} <= filled


RENAMED = Texts(
    ({**place("襄樊市", "湖北省", "420600", "地级", "襄樊市"), "year": 2009}, "改革"),
    ({**place("襄樊市", "湖北省", "420600", "地级", "襄樊市"), "year": 2010}, "改革，改革"),
    ({**place("襄阳市", "湖北省", "420600", "地级", "襄阳市"), "year": 2010}, "改革"),
    ({**place("襄阳市", "湖北省", "420600", "地级", "襄阳市"), "year": 2012}, "开放"),
    ({**place("成都市", "四川省", "510100", "地级", "成都市"), "year": 2010}, "改革"),
)


@pytest.mark.parametrize("by", [["region", "year"], ["year", "city"], ["province", "city", "year"]])
def test_a_renamed_place_has_one_row_in_a_wide_table(by: list[str]) -> None:
    counts = count(RENAMED, MatchAll(), ["改革"], by=by)  # type: ignore[arg-type]
    name = next(name for name in by if name in ("region", "city"))
    assert {"襄樊市", "襄阳市"} <= {one.group[by.index(name)] for one in counts}  # as the documents have it
    shown = {"occurrences": (1, 3, 0), "documents": (1, 2, 0), "per_10000": (5000.0, 5000.0, 0.0)}
    for value, expected in shown.items():
        rows = list(panel(counts, wide="year", value=value).rows())
        assert [row["region_code"] for row in rows] == ["420600", "510100"]
        assert tuple(rows[0][year] for year in ("2009", "2010", "2012")) == expected
        assert rows[0][name] == "襄樊市"  # as a row without documents
    filled = count(RENAMED, MatchAll(), ["改革"], by=by, fill=True)  # type: ignore[arg-type]
    assert len(list(panel(filled, wide="year").rows())) == 2
    by_place = [name for name in by if name != "year"]
    (first, _) = panel(count(RENAMED, MatchAll(), ["改革"], by=by_place), wide="term").rows()  # type: ignore[arg-type]
    assert (first["改革"], first["documents_in_group"], first["characters"]) == (4, 4, 10)


def test_values_of_a_fixed_set_are_in_its_order() -> None:
    highest_first = ["国家", "省级", "地级", "县级"]
    assert [one.group[0] for one in counted(["level"])] == [*highest_first, None]
    rows = panel(counted(["level"]), sort="-level").rows()
    assert [row["level"] for row in rows] == [*reversed(highest_first), None]


def test_zeros_are_left_out_but_not_what_is_missing() -> None:
    counts = replace(counted(["region", "year"], fill=True), nonzero=True)
    assert {one.occurrences for one in counts} == {None, 1, 2}


def test_a_wide_table_has_a_column_for_each_year_and_na_for_what_is_missing() -> None:
    found = panel(counted(["province", "year"]), wide="year")
    assert found.columns == ("province", "term", "region_code", "level", "2023", "2024", "year unknown")
    rows = {row["province"]: row for row in found.rows()}
    assert (rows["四川省"]["2023"], rows["四川省"]["2024"]) == (0, 2)
    assert rows["北京市"]["2023"] is None
    assert "2023" in found.measured
    assert [row["province"] for row in found.rows()][:3] == ["全国", "北京市", "吉林省"]


def test_leaving_out_zeros_leaves_out_lines_of_a_wide_table_and_no_cell() -> None:
    found = panel(replace(counted(["province", "year"]), nonzero=True), wide="year")
    assert {row["province"]: row["2023"] for row in found.rows()}["四川省"] == 0
    assert None not in {row["province"] for row in found.rows()}


def test_a_line_of_weights_that_cancel_is_not_left_out() -> None:
    entries = (Entry("调", "改革", 1.0), Entry("调", "开放", -1.0))
    counts = count(DOCUMENTS, MatchAll(), Dictionary(entries), by=["region", "year"])  # type: ignore[arg-type]
    kept = panel(replace(counts, nonzero=True), wide="year", value="weighted")
    assert {(row["region"], row["2024"]) for row in kept.rows()} >= {("全国", 0.0), ("四川省", 2.0)}
    assert "成都市" not in {row["region"] for row in kept.rows()}
    assert {row["region"] for row in kept.rows()} == {one.group[0] for one in replace(counts, nonzero=True)}


def test_a_wide_table_of_terms_has_the_values_asked_for() -> None:
    counts = count(DOCUMENTS, MatchAll(), ["改革", "开放"], by="level")  # type: ignore[arg-type]
    found = panel(counts, wide="term", value="documents")
    assert found.columns == ("level", "documents_in_group", "characters", "改革", "开放")
    assert {row["level"]: (row["改革"], row["开放"]) for row in found.rows()}["国家"] == (1, 1)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("occurrences", [0, 1, 1, 1, 1, 2]), ("-occurrences", [2, 1, 1, 1, 1, 0])],
)
def test_rows_are_sorted_and_equal_ones_stay_in_order(sort: str, expected: list[int]) -> None:
    rows = list(panel(counted(["province"]), sort=sort).rows())
    assert [row["occurrences"] for row in rows] == expected
    tied = [row["province"] for row in rows if row["occurrences"] == 1]
    assert tied == ["全国", "北京市", "吉林省", "云岭省"]


@pytest.mark.parametrize("by", ["region", "province", "city"])
def test_places_are_sorted_as_without_sorting(by: str) -> None:
    for fields in ([by], [by, "year"], ["province", "city", "region"]):
        counts = counted(fields)
        at = fields.index(by)
        plain = [one.group[at] for one in counts]
        if at == 0:
            assert [row[by] for row in panel(counts, sort=by).rows()] == plain
        ordered = list(dict.fromkeys(name for name in [one.group[0] for one in counted([by])] if name is not None))
        falling = [row[by] for row in panel(counts, sort=f"-{by}").rows() if row[by] is not None]
        assert list(dict.fromkeys(falling)) == [*reversed(ordered)]
        assert sorted(map(str, falling)) == sorted(str(name) for name in plain if name is not None)
    wide = panel(counted([by, "year"]), wide="year", sort=by)
    assert [row[by] for row in wide.rows()] == [row[by] for row in panel(counted([by, "year"]), wide="year").rows()]
    assert next(wide.rows())[by] == "全国"
    terms = count(DOCUMENTS, MatchAll(), [by, "改革"], by="year")  # type: ignore[arg-type]
    assert len(list(panel(terms, wide="term", sort=by).rows())) == 3  # a column of a term, not of places


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"sort": "colour"}, "colour", id="a column that is none"),
        pytest.param({"wide": "year"}, "by year", id="years that are not counted by"),
        pytest.param({"wide": "place"}, "place", id="columns of places"),
        pytest.param({"wide": "term", "value": "share"}, "share", id="a value that is none"),
    ],
)
def test_a_shape_that_cannot_be_is_an_error(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        panel(counted(["province"]), **options)


# the command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("panel")
    for place_name, year, text in (
        ("四川省", 2023, "深化改革。"),
        ("四川省", 2025, "改革，改革。"),
        ("上海市", 2025, "扩大开放。"),
    ):
        title = f"{year}年{place_name}政府工作报告"
        (root / f"{title}.txt").write_text(f"{title}\n\n一、工作\n\n{text}\n", encoding="utf-8")
    return build_index(root, tmp_path_factory.mktemp("panel-index"))


@pytest.fixture
def index(folder: Path) -> Iterator[Index]:
    with open_index(folder) as opened:
        yield opened


def test_the_command_writes_a_panel(folder: Path, run: Run) -> None:
    done = run("count", "改革", "--by", "region,year", "--fill", "--wide", "year", "-i", folder, "--format", "csv")
    assert list(csv.reader(io.StringIO(done.stdout))) == [
        ["region", "term", "region_code", "level", "2023", "2025"],
        ["上海市", "改革", "310000", "省级", "NA", "0"],
        ["四川省", "改革", "510000", "省级", "1", "2"],
    ]
    wrong = run("count", "改革", "--by", "region", "--sort", "year", "-i", folder)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "region_code" in wrong.stderr


def test_documents_have_their_titles(index: Index) -> None:
    rows = list(index.count("改革", by="document", nonzero=True).rows())
    assert [row["title"] for row in rows] == ["2023年四川省政府工作报告", "2025年四川省政府工作报告"]


def test_a_minus_is_stdout_for_the_output_and_no_file_beside_it(
    run: Run, samples_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["count", "改革", "--by", "year", "-i", str(samples_index), "--format", "csv"]
    assert run(*asked, "-o", "-").stdout == run(*asked).stdout
    for option in ("--manifest", "--plot"):
        done = run(*asked, option, "-")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"'{option}': It is written to a file; give the name of one instead of '-'." in done.stderr
    done = run("export", "--sqlite", "-", "-i", str(samples_index))
    assert done.returncode == 2
    assert not list(tmp_path.iterdir())


def test_two_outputs_are_not_written_to_one_file(run: Run, samples_index: Path, tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    (tmp_path / "b.csv").symlink_to(table)
    for other in (["--manifest", str(table)], ["--manifest", str(tmp_path / "b.csv")], ["--plot", str(table)]):
        done = run("count", "改革", "-i", str(samples_index), "-o", str(table), *other)
        assert done.returncode == 2
        assert f"--output and {other[0]} name the same file." in done.stderr
        assert not table.exists()


def test_without_documents_there_is_no_count() -> None:
    (row,) = count(Texts(), MatchAll(), ["改革"]).rows()  # type: ignore[arg-type]
    names = ("occurrences", "sections", "documents", "per_10000")
    assert [row[name] for name in names] == [None] * 4
    assert (row["documents_in_group"], row["characters"]) == (0, 0)
    (row,) = count(Texts(({"year": 2020}, "植树。")), MatchAll(), ["改革"]).rows()  # type: ignore[arg-type]
    assert [row[name] for name in names] == [0, 0, 0, 0.0]
