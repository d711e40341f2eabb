"""Dictionaries: what is read from files, what counts, other names of terms, and the commands that take them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import ROOT, Run, Write, build_index
from hypothesis import given
from hypothesis import strategies as st

from policysearch import Dictionary, Entry, dictionary_of, open_index, other_names, read_dictionary
from policysearch.corpus.counting import count
from policysearch.corpus.lexicon import Lexicon
from policysearch.engines.protocol import DocumentTexts
from policysearch.engines.tree import MatchAll, Node
from policysearch.errors import InputError, QueryError
from policysearch.gazetteer.names import all_names
from policysearch.index import Index
from policysearch.text.folding import reduce


def read(text: str, name: str = "terms.tsv") -> Dictionary:
    return read_dictionary(io.BytesIO(text.encode()), name)


# files


def test_tsv_has_comments_concepts_and_weights() -> None:
    found = read("\ufeff# 说明\r\n改革\t# 旁注\r\n\r\n双碳\t碳达峰\r\n双碳\t碳中和\t2.5\t# 旁注\r\n\\#1\r\n")
    assert found.entries == (
        Entry("改革", "改革"),
        Entry("双碳", "碳达峰"),
        Entry("双碳", "碳中和", 2.5),
        Entry("#1", "#1"),
    )
    assert found.weighted


def test_a_first_line_names_columns_in_any_order() -> None:
    found = read("term\tconcept\tnot\tuntil\n印度\t国家\t印度尼西亚|印度洋\n市场主体\t\t\t2022-10\n")
    assert found.entries == (
        Entry("国家", "印度", None, ("印度尼西亚", "印度洋")),
        Entry("市场主体", "市场主体", until="2022-10"),
    )


def test_dates_are_written_as_for_the_filters() -> None:
    (found,) = read("term\tsince\tuntil\n改革\t2022年3月\t20240229\n").entries
    assert (found.since, found.until) == ("2022-03", "2024-02-29")


def test_the_names_of_columns_have_any_letter_case() -> None:
    found = read("Concept\tTERM\tWeight\n甲\t市场\t2\n")
    assert found.entries == (Entry("甲", "市场", 2.0),)


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ('"甲"\t"市场"\t"2"', Entry("甲", "市场", 2.0)),
        ('"甲, 乙"\t市场', Entry("甲, 乙", "市场")),
        ('甲\t"""市场"""', Entry("甲", '"市场"')),
        ('甲\t"市\t场"', Entry("甲", "市\t场")),
        ('甲\t"市场" \t"# 旁注, 旁注"', Entry("甲", "市场")),
        ("甲\t“市场”", Entry("甲", "“市场”")),
        ('甲\t"市场"主体', Entry("甲", '"市场"主体')),
        ('甲\t市"场', Entry("甲", '市"场')),
        ('"市场', Entry('"市场', '"市场')),
    ],
)
def test_quoted_cells_are_read_as_spreadsheet_programs_write_them(line: str, entry: Entry) -> None:
    assert read(f'# 说明\n"# 说明, 说明"\n{line}\n').entries == (entry,)


@given(st.lists(st.text('甲"“#, \\', min_size=1, max_size=6), min_size=2, max_size=2))
def test_what_a_spreadsheet_program_writes_comes_back(cells: list[str]) -> None:
    cells = ["甲" + cell + "甲" for cell in cells]
    out = io.StringIO()
    csv.writer(out, delimiter="\t").writerow(cells)
    (entry,) = read(out.getvalue()).entries
    assert [entry.concept, entry.term] == cells


YAML = """
# 说明
经济:
  增长: [经济增长, 发展速度]
  外贸:
    - 外贸
    - {term: 印度, not: [印度尼西亚], weight: 2}
    - 协定: [RCEP, 2022]
环境: 绿水青山
主体: {term: 市场主体, since: 2014, until: 2022-10-31}
"""


def test_yaml_has_a_hierarchy_as_quanteda() -> None:
    pytest.importorskip("yaml")
    found = read(YAML, "topics.yml")
    assert found.entries == (
        Entry("经济.增长", "经济增长", levels=("经济", "增长")),
        Entry("经济.增长", "发展速度", levels=("经济", "增长")),
        Entry("经济.外贸", "外贸", levels=("经济", "外贸")),
        Entry("经济.外贸", "印度", 2.0, ("印度尼西亚",), levels=("经济", "外贸")),
        Entry("经济.外贸.协定", "RCEP", levels=("经济", "外贸", "协定")),
        Entry("经济.外贸.协定", "2022", levels=("经济", "外贸", "协定")),
        Entry("环境", "绿水青山"),
        Entry("主体", "市场主体", since="2014", until="2022-10-31"),
    )
    assert found.to_depth(1).concepts == ("经济", "环境", "主体")
    assert found.to_depth(2).concepts == ("经济.增长", "经济.外贸", "环境", "主体")
    assert found.to_depth(2).to_depth(1).concepts == found.to_depth(1).concepts


def test_a_point_in_a_name_is_no_level() -> None:
    pytest.importorskip("yaml")
    found = read("5.5%增长: [改革]\n5.0%增长: {目标.一: [创新]}\n", "a.yaml").to_depth(1)
    assert found.concepts == ("5.5%增长", "5.0%增长")
    assert read("a.b\t改革\n", "a.tsv").to_depth(1).concepts == ("a.b",)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.tsv", "改革\n双碳\t\n", "line 2: expected a concept"),
        ("a.tsv", "改革\na\tb\tmany\n", "line 2: expected a number as weight"),
        ("a.tsv", "a\tb\tnan\n", "line 1: expected a number"),
        ("a.tsv", "a\tb\t1\tc\n", "line 1: .*name the columns"),
        ("a.tsv", "term\tconcept\tcolour\n", "column 'colour'"),
        ("a.tsv", "term\tnot\n印度\t中国\n", "line 2: '中国' .* excludes nothing"),
        ("a.tsv", "term\tuntil\n改革\t10/2022\n", "line 2: .*expected a date"),
        (
            "a.tsv",
            "term\tsince\n改革\t2022-10-32\n",
            "line 2: '2022-10-32' cannot be the value of since: 2022-10 has 31 days",
        ),
        ("a.tsv", "term\tsince\n改革\t2022-13\n", "line 2: '2022-13' .*no month 13"),
        ("a.tsv", "term\tuntil\n改革\t2022-02-31\n", "line 2: '2022-02-31' .*2022-02 has 28 days"),
        ("a.yaml", "a: {term: b, until: 2023-02-29}\n", "line 1: .*2023-02 has 28 days"),
        ("a.tsv", "term\tsince\tuntil\n改革\t2023\t2022-10\n", "line 2: .*earlier"),
        ("a.yaml", "a:\n  - [b]\n", "line 2: expected a term"),
        ("a.yaml", "a: []\n", "line 1: 'a' has no terms"),
        ("a.yaml", "a:\n", "line 1: expected a term"),
        ("a.yaml", "a:\n  - {term: b, colour: red}\n", "line 2: unknown key 'colour'"),
        ("a.yaml", "a: b\na: c\n", "line 2: 'a' occurs twice"),
        ("a.yaml", "a: [b\n", "is not YAML"),
        ("a.yaml", "a: &x\n  b: *x\n", "nested|not YAML"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(name: str, text: str, said: str) -> None:
    pytest.importorskip("yaml")
    with pytest.raises(InputError, match=f"'{name}'.*{said}|{said}"):
        read(text, name)


def test_a_file_of_aliases_is_not_expanded_without_end() -> None:
    pytest.importorskip("yaml")
    levels = "".join(f"l{i}: &l{i} [{', '.join(f'{{c{j}: *l{i - 1}}}' for j in range(9))}]\n" for i in range(1, 9))
    with pytest.raises(InputError, match="at most"):
        read(f"l0: &l0 [甲, 乙]\n{levels}", "a.yaml")


# counting


class Texts:
    """Stands for an engine that has documents with these dates and sections."""

    def __init__(self, *documents: tuple[str | None, list[str]]) -> None:
        self._documents = documents

    def texts(self, node: Node) -> Iterator[DocumentTexts]:
        for at, (date, sections) in enumerate(self._documents):
            known = {"document_id": f"d{at}", "date": date, "year": date and int(date[:4]), "duplicate_of": None}
            numbers = tuple(range(1, len(sections) + 1))
            yield DocumentTexts(known, ("body",) * len(sections), tuple(map(reduce, sections)), numbers)

    def stream(self, node: Node) -> Iterator[Any]:
        for at, (_, sections) in enumerate(self._documents):
            for number, text in enumerate(sections, 1):
                yield Section({"document_id": f"d{at}"}, number, text)


class Section(NamedTuple):
    """Stands for a stored section."""

    document: dict[str, str]
    ordinal: int
    text: str


def counted(documents: Texts, dictionary: Any, **options: Any) -> dict[str, tuple[Any, ...]]:
    rows = count(documents, MatchAll(), dictionary, **options)  # type: ignore[arg-type]
    return {row.term: (row.occurrences, row.sections, row.documents, row.weighted) for row in rows}


def test_a_longer_string_excludes_only_the_places_inside_it() -> None:
    texts = Texts(("2023", ["印度和印度尼西亚，印度洋在印度尼西亚"]))
    entry = Entry("印度", "印度", without=("印度尼西亚", "印度洋"))
    assert counted(texts, Dictionary((entry,))) == {"印度": (1, 1, 1, None)}
    assert counted(texts, ["印度"]) == {"印度": (4, 1, 1, None)}


@pytest.mark.parametrize("longer", ["印\u200b度洋", "印度洋\u200b", "印\u00ad度洋", "印 度洋"])
def test_exclusions_are_normalized_as_terms_are(longer: str) -> None:
    texts = Texts(("2023", ["印度和印度洋"]))
    assert counted(texts, Dictionary((Entry("印度", "印度", without=(longer,)),)))["印度"][0] == 1
    assert counted(texts, read(f"term\tnot\n印\u200b度\t{longer}\n"))["印\u200b度"][0] == 1
    with pytest.raises(InputError, match="excludes nothing"):
        read("term\tnot\n印度\t印\u200b度\n")


def test_a_term_counts_while_it_is_valid() -> None:
    texts = Texts(
        *((date, ["市场主体和经营主体"]) for date in ("2022-10-31", "2022-11-01", "2022", "2023-01-01", None))
    )
    entries = (Entry("主体", "市场主体", until="2022-10"), Entry("主体", "经营主体", since="2022-11"))
    found = count(texts, MatchAll(), Dictionary(entries))  # type: ignore[arg-type]
    assert [(row.occurrences, row.documents) for row in found] == [(4, 4)]
    assert found.undated == 1


@pytest.mark.parametrize(
    ("until", "since"),
    [("2022-12", "2023-01"), ("2022-12-31", "2023-01-01"), ("2023-06-30", "2023-07-01"), ("2022", "2023-01-01")],
)
def test_adjoining_periods_have_each_document_once_as_filters_do(index: Index, until: str, since: str) -> None:
    for written in ("2022", "2023", "2023-01", "2023-07", "2022-12-31", "2023-01-01", "2023-06-30", "2023-07-02"):
        texts = Texts((written, ["就业"]))
        before, after = (
            counted(texts, Dictionary((entry,)))["就业"][0]
            for entry in (Entry("就业", "就业", until=until), Entry("就业", "就业", since=since))
        )
        assert before + after == 1, written
    both = Dictionary((Entry("主体", "市场主体", until="2023-12"), Entry("主体", "市场主体", since="2024-01")))
    whole, kept = index.count(["市场主体"], by="document"), index.count(both, by="document")
    undated = sum(row.occurrences or 0 for row in index.count(["市场主体"], document=["通知*"]))
    assert sum(row.occurrences or 0 for row in kept) == sum(row.occurrences or 0 for row in whole) - undated
    for entry, filters in zip(both.entries, ({"until": "2023-12"}, {"since": "2024-01"}), strict=True):
        (of_entry,) = index.count(Dictionary((entry,)))
        (of_filter,) = index.count(["市场主体"], filters=filters)
        assert (of_entry.occurrences, of_entry.documents) == (of_filter.occurrences, of_filter.documents)


def test_weights_sum_up_exactly_and_zero_and_below_are_weights() -> None:
    texts = Texts(("2023", ["好好好坏坏中"]), ("2024", ["好"]))
    entries = (Entry("调", "好", 0.1), Entry("调", "坏", -2.0), Entry("调", "中", 0.0), Entry("无", "中"))
    assert counted(texts, Dictionary(entries)) == {"调": (7, 2, 2, -3.6), "无": (1, 1, 1, 1.0)}


def test_patterns_stay_in_a_sentence_and_in_a_line() -> None:
    texts = Texts(("2023", ["人工智能，人工和智能。人工。智能", "人工\n智能。人工的智能"]))
    assert counted(texts, dictionary_of(["人工*智能"], patterns=True)) == {"人工*智能": (3, 2, 1, None)}
    assert counted(texts, dictionary_of([r"人工\*智能"], patterns=True)) == {r"人工\*智能": (0, 0, 0, None)}
    assert counted(texts, dictionary_of(["人工?智能", "*智能*"], patterns=True))["*智能*"][0] == 5
    assert counted(texts, ["人工*智能"]) == {"人工*智能": (0, 0, 0, None)}


def test_what_would_count_twice_is_an_error() -> None:
    twice = (Entry("主体", "市场主体", until="2022"), Entry("主体", "市场主体", since="2022-06"))
    with pytest.raises(InputError, match="twice"):
        Lexicon(Dictionary(twice))
    apart = (Entry("主体", "市场主体", until="2022"), Entry("主体", "市场主体", since="2023"))
    assert len(Lexicon(Dictionary(apart)).rules) == 2
    with pytest.raises(InputError, match="two weights"):
        Lexicon(Dictionary((Entry("调", "好", 1.0), Entry("调", "好", 2.0))))


LETTERS = "甲乙丙。"
SHORT = st.text(LETTERS[:3], min_size=1, max_size=3)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    term = draw(SHORT)
    longer = tuple(
        draw(st.text(LETTERS, max_size=2)) + term + draw(st.text(LETTERS, min_size=1, max_size=1)) for _ in "ab"
    )
    if draw(st.booleans()):
        term = draw(SHORT) + draw(st.sampled_from("*?")) + term
    without = longer if draw(st.booleans()) else ()
    since = draw(st.sampled_from([None, "2022", "2023-02"]))
    return Entry(draw(st.sampled_from("abc")), term, None, without, since, None, pattern="*" in term or "?" in term)


@given(st.lists(st.lists(st.text(LETTERS, max_size=12), min_size=1, max_size=3), min_size=1, max_size=3), st.data())
def test_a_count_is_that_of_the_places_one_by_one(documents: list[list[str]], data: st.DataObject) -> None:
    dates = ["2021-12", "2022-07", "2023-02-01"]
    chosen = data.draw(st.lists(entries(), min_size=1, max_size=4, unique_by=lambda one: one.term))
    dictionary = Dictionary(tuple(chosen))
    lexicon = Lexicon(dictionary)
    expected = dict.fromkeys(dictionary.concepts, 0)
    for date, sections in zip(dates, documents, strict=False):
        about = {"date": date, "year": int(date[:4])}
        for text in sections:
            for _, _, rule in lexicon.spans(reduce(text), lambda text=text: text, about):  # type: ignore[misc]
                for concept, _ in lexicon.owners[rule]:
                    expected[lexicon.concepts[concept]] += 1
    found = counted(Texts(*zip(dates, documents, strict=False)), dictionary)
    assert {concept: row[0] for concept, row in found.items()} == expected


@given(st.text(LETTERS, max_size=40), SHORT, st.text(LETTERS, max_size=1), st.text(LETTERS, min_size=1, max_size=2))
def test_excluded_places_are_those_inside_a_longer_string(text: str, term: str, before: str, behind: str) -> None:
    longer = before + term + behind
    around = [range(at, at + len(longer)) for at in range(len(text)) if text.startswith(longer, at)]
    places: list[int] = []
    for at in range(len(text)):
        inside = any(at in one and at + len(term) - 1 in one for one in around)
        if text.startswith(term, at) and not inside and (not places or at >= places[-1] + len(term)):
            places.append(at)
    entry = Entry("x", term, without=(longer,))
    assert counted(Texts(("2023", [text])), Dictionary((entry,)))["x"][0] == len(places)


# names


def test_the_list_of_names_is_whole() -> None:
    rows = all_names()
    assert len(rows) >= 400
    assert len({(row.old, row.new) for row in rows}) == len(rows)
    for row in rows:
        assert re.fullmatch("[12][0-9]{3}(-[0-9]{2}){0,2}", row.date), row
        assert re.fullmatch("[^【】]+(【文本】|【网页】|【日期】)?(【报告】)?|[^【】]+【未核】", row.source), row
        assert row.source == row.source.strip(), row
        assert reduce(row.old) != reduce(row.new), row
        assert row.kind in ("机构", "法规", "规划", "指标", "制度", "提法", "简称", "外文"), row


def test_the_page_counts_the_marks_of_the_list() -> None:
    page = (ROOT / "docs" / "dictionaries.md").read_text(encoding="utf-8")
    stated = {mark: int(rows) for mark, rows in re.findall(r"^\| (【..】) \|.*\| ([0-9]+) \|$", page, re.MULTILINE)}
    sources = [row.source for row in all_names()]
    assert stated == {mark: sum(mark in one for one in sources) for mark in stated}
    assert len(stated) == 5
    assert f"All {len(sources)} rows" in page


def test_a_name_does_not_end_before_it_begins() -> None:
    lasting = [row for row in all_names() if row.kind not in ("简称", "外文")]
    began: dict[str, str] = {}
    for row in lasting:
        began[row.new] = min(row.date, began.get(row.new, row.date))
    for row in lasting:
        first = began.get(row.old, "0")
        assert row.date[: len(first)] >= first[: len(row.date)], row


@pytest.mark.parametrize(
    ("name", "there", "absent"),
    [
        ("GDP", {"国内生产总值", "地区生产总值"}, set()),
        ("地区生产总值", {"GDP"}, {"国内生产总值"}),
        ("经营主体", {"市场主体"}, set()),
        ("工商总局", {"国家市场监督管理总局", "国家工商行政管理总局"}, {"质检总局", "国家质量监督检验检疫总局"}),
        ("国家市场监督管理总局", {"工商总局", "质检总局"}, set()),
        ("国家发展和改革委员会", {"国家计划委员会", "国家发展改革委"}, set()),
        ("《合同法》", {"中华人民共和国民法典", "《民法典》"}, {"《物权法》", "合同法"}),
        ("没有这个名称", set(), set()),
    ],
)
def test_other_names_are_those_of_the_same_thing(name: str, there: set[str], absent: set[str]) -> None:
    found = {one.name for one in other_names(name)}
    assert there <= found
    assert not absent & found
    assert name not in found


def test_an_expanded_term_counts_no_place_twice_and_no_department() -> None:
    found = dictionary_of(["国家金融监督管理总局", "农业农村部"], expand=True)
    texts = Texts(("2023", ["银保监会与保监会，农业部门、农业部、农业农村部门"]))
    assert counted(texts, found) == {"国家金融监督管理总局": (2, 1, 1, None), "农业农村部": (1, 1, 1, None)}
    assert set(found.expanded) == {"国家金融监督管理总局", "农业农村部"}


def test_a_name_that_a_concept_has_itself_keeps_its_weight_and_conditions() -> None:
    texts = Texts(("2021", ["经营主体，市场主体，市场主体"]), ("2024", ["经营主体，市场主体"]))
    for order in (1, -1):
        weights = (Entry("体", "经营主体", 2.0), Entry("体", "市场主体", 1.0))[::order]
        assert counted(texts, dictionary_of(Dictionary(weights), expand=True)) == {"体": (5, 2, 2, 7.0)}
        periods = (Entry("体", "经营主体"), Entry("体", "市场主体", until="2022-10"))[::order]
        assert counted(texts, dictionary_of(Dictionary(periods), expand=True)) == {"体": (4, 2, 2, None)}
        # where neither counts as it is written, the other name still does
        apart = (Entry("体", "经营主体", since="2022-11"), Entry("体", "市场主体", until="2022-10"))[::order]
        assert counted(texts, dictionary_of(Dictionary(apart), expand=True)) == {"体": (5, 2, 2, None)}
    third = (Entry("值", "国内生产总值", 1.0), Entry("值", "地区生产总值", 3.0))  # both have GDP as another name
    assert counted(Texts(("2024", ["GDP"])), dictionary_of(Dictionary(third), expand=True))["值"][3] == 1.0


# indexes and commands

DOCUMENTS = {
    "2021年云岭省政府工作报告.txt": (
        "2021年云岭省政府工作报告\n\n一、改革\n\n激发市场主体活力。地区生产总值增长7%。农业部门共12家。\n"
    ),
    "2024年云岭省政府工作报告.txt": (
        "2024年云岭省政府工作报告\n\n一、改革\n\n服务经营主体。GDP增长5%。人工智能赋能。市场主体\n准入。\n"
    ),
    "通知.txt": "关于市场主体的通知\n\n各市场主体：经营主体、市场主体请登记。农业部备案。\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dictionaries")
    for name, text in DOCUMENTS.items():
        (root / name).write_text(text, encoding="utf-8")
    return build_index(root, tmp_path_factory.mktemp("dictionaries-index"))


@pytest.fixture
def index(folder: Path) -> Iterator[Index]:
    with open_index(folder) as opened:
        yield opened


@pytest.mark.parametrize(
    "dictionary",
    [
        dictionary_of(["经营主体", "GDP"], expand=True),
        dictionary_of(["市场*活力", "市场??"], patterns=True),
        Dictionary((Entry("主体", "市场主体", until="2022"), Entry("主体", "经营主体", since="2023"))),
        Dictionary((Entry("市场", "市场", without=("市场主体准入",)), Entry("增长", "增长", 2.0))),
    ],
)
def test_kwic_shows_what_count_counts(index: Index, dictionary: Dictionary) -> None:
    lines = index.kwic(dictionary, duplicates="show").lines
    for row in index.count(dictionary):
        assert sum(line.term == row.term for line in lines) == row.occurrences
    assert [line.id for line in lines] == [line.id for line in index.kwic_lines(dictionary, duplicates="show")]
    for line in lines:
        section, _, span = line.id.rpartition("@")
        shown = index.show(section)
        assert shown is not None
        start, end = map(int, span.split("-"))
        assert shown.sections[0]["text"][start:end] == line.match


def test_a_pattern_counts_what_a_search_for_it_matches(index: Index) -> None:
    for pattern in ("市场*登记", "经营*", "增长?%"):
        (row,) = index.count([pattern], patterns=True)
        hits = index.search(f'"{pattern.strip("*")}"', limit=None, duplicates="show")
        assert (row.sections, row.occurrences) == (hits.total, sum(hit.matches for hit in hits))


def test_names_in_a_query_are_all_names_of_the_thing(index: Index) -> None:
    found = index.search("names:经营主体", limit=None)
    both = index.search("“经营主体” OR “市场主体”", limit=None)
    assert {hit.section_id for hit in found} == {hit.section_id for hit in both}
    assert [hit.matches for hit in found.hits] == [hit.matches for hit in both.hits]
    assert found.to_dict()["expanded"] == {"经营主体": ["市场主体"]}
    assert "expanded" not in both.to_dict()
    assert index.search("names:农业农村部").total == 1
    assert index.search("句(names:GDP 增长)").total == 2
    assert index.search("NOT names:GDP year:2021..").total >= 1
    assert index.search("names:没有这个名称").to_dict()["expanded"] == {"没有这个名称": []}
    with pytest.raises(QueryError, match="Wildcards"):
        index.search('names:"经营*"')


def test_trend_knows_patterns_and_validity(index: Index) -> None:
    (row,) = (row for row in index.trend(["人工?能"], patterns=True) if row.first.first_sentence)
    assert (row.year, row.first.first_sentence) == (2024, "人工智能赋能。")
    later = Dictionary((Entry("市场主体", "市场主体", since="2022"),))
    (row,) = (row for row in index.trend(later) if row.first.first_sentence)
    assert row.year == 2024


def test_a_matrix_has_weights(index: Index) -> None:
    dictionary = Dictionary((Entry("增长", "增长", 0.5),))
    assert [row["增长"] for row in index.matrix(dictionary, value="weighted").rows()] == [0.5, 0.5, 0.0]
    with pytest.raises(InputError, match="no weights"):
        index.matrix(["增长"], value="weighted")


def test_the_command_says_which_names_it_took(run: Run, folder: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    done = run("count", "GDP", "--expand", "--format", "csv", "--manifest", manifest, "-i", folder)
    assert done.stderr == "GDP: also 国内生产总值, 地区生产总值\n"
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert (row["term"], row["occurrences"], row["expanded"]) == ("GDP", "2", "国内生产总值 地区生产总值")
    assert json.loads(manifest.read_text(encoding="utf-8"))["options"]["terms"] == {
        "GDP": ["GDP", "国内生产总值", "地区生产总值"]
    }
    plain = run("count", "GDP", "--format", "csv", "-i", folder)
    assert (plain.stderr, "expanded" in plain.stdout) == ("", False)
    done = run("search", "names:经营主体", "-i", folder)
    assert done.stderr == "经营主体: also 市场主体\n"


def test_the_row_of_a_concept_has_the_names_added_to_its_terms(run: Run, write: Write, folder: Path) -> None:
    file = write(
        "names.tsv", "主体\t市场主体\n主体\t改革\n总值\tGDP\n总值\t国内生产总值\n两者\t经营主体\n两者\t市场主体\n"
    )
    done = run("count", "--terms", file, "改革", "--expand", "--format", "csv", "-i", folder)
    rows = {row["term"]: row["expanded"] for row in csv.DictReader(io.StringIO(done.stdout))}
    # a concept that has both names itself got none
    assert rows == {"改革": "", "主体": "经营主体", "总值": "地区生产总值", "两者": ""}
    found = json.loads(run("count", "--terms", file, "--expand", "--format", "json", "-i", folder).stdout)
    assert found["expanded"]["市场主体"] == ["经营主体"]
    assert [row["expanded"] for row in found["rows"]] == ["经营主体", "地区生产总值", ""]


def test_names_of_deeper_concepts_are_in_the_row_of_their_sum(folder: Path, index: Index) -> None:
    pytest.importorskip("yaml")
    topics = read("主体: {旧: 市场主体, 新: [人工智能]}\n总值: GDP\n", "a.yaml").with_other_names()
    rows = {row["term"]: row["expanded"] for row in index.count(topics.to_depth(1)).rows()}
    assert rows == {"主体": "经营主体 AI", "总值": "国内生产总值 地区生产总值"}


@pytest.mark.parametrize("command", ["count", "matrix", "trend", "kwic"])
def test_equal_manifests_mean_equal_output(run: Run, write: Write, folder: Path, tmp_path: Path, command: str) -> None:
    def made(*arguments: Any) -> tuple[str, str]:
        done = run(command, *arguments, "--format", "json", "--manifest", tmp_path / "m.json", "-i", folder)
        assert done.returncode == 0
        return (tmp_path / "m.json").read_text(encoding="utf-8"), done.stdout

    def of(name: str, text: str) -> tuple[Any, ...]:
        return "--terms", write(name, text)

    runs = [
        made("市场主体", "经营主体"),
        made("经营主体", "市场主体"),
        made(*of("a.tsv", "甲\t市场主体\n乙\tGDP\n")),
        made(*of("b.tsv", "乙\tGDP\n甲\t市场主体\n")),
        made(*of("c.tsv", "经营主体\t经营主体\n经营主体\t市场主体\n")),
        made("经营主体", "--expand"),
        made(*of("d.tsv", "甲\t经营主体\n乙\t市场主体\n"), "--expand"),
        made(*of("e.tsv", "甲\t经营主体\n甲\t市场主体\n乙\t市场主体\n"), "--expand"),
    ]
    assert len({manifest for manifest, _ in runs}) == len(runs)
    assert made("市场主体", "经营主体") == runs[0]


def test_the_command_takes_yaml_with_depth_and_reads_patterns_when_asked(run: Run, write: Write, folder: Path) -> None:
    pytest.importorskip("yaml")
    terms = write("topics.yaml", "a:\n  b: [市场*活力]\n  c: [{term: 增长, weight: 2}]\n")
    done = run("count", "--terms", terms, "--patterns", "--depth", "1", "--format", "json", "-i", folder)
    (row,) = json.loads(done.stdout)["rows"]
    assert (row["term"], row["occurrences"], row["weighted"]) == ("a", 3, 5.0)
    done = run("count", "--terms", terms, "-i", folder)
    assert "--patterns" in done.stderr


def test_terms_of_kwic_stand_for_themselves_and_a_phrase_of_them_is_told(run: Run, folder: Path) -> None:
    done = run("kwic", "市场", "主体", "--format", "csv", "-i", folder)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["term"] for row in rows} == {"市场", "主体"}
    places = sum(row["match"] == "市场" for row in rows)
    said = f"Read as 2 terms. As one phrase they occur at {places} places: policysearch kwic -i {folder} '市场 主体'\n"
    assert done.stderr == said
    assert run("kwic", "市场", "农业", "--quiet", "-i", folder).stderr == ""


def test_kwic_has_columns_codes_sentences_and_dates(run: Run, folder: Path) -> None:
    columns = "id,title,province,level,year,sentence"
    arguments = ("主体", "--sentence", "--sort=-date", "--columns", columns, "--code", "立场,备注", "--format", "csv")
    table = list(csv.DictReader(io.StringIO(run("kwic", *arguments, "-i", folder).stdout)))
    assert list(table[0]) == [*columns.split(","), "立场", "备注"]
    assert [row["year"] for row in table] == sorted((row["year"] for row in table), reverse=True)
    assert table[0]["sentence"] == "服务经营主体。"
    assert len({row["id"] for row in table}) == len(table)
    for wrong in (
        ("--columns", "place"),
        ("--columns", "id,sentence"),
        ("--code", "id"),
        ("--code", "a", "--format", "json"),
    ):
        assert run("kwic", "主体", *wrong, "-i", folder).returncode == 2


def test_kwic_shows_the_matches_of_a_query(run: Run, folder: Path, index: Index) -> None:
    done = run("kwic", "--where", "句(服务 主体)", "--format", "csv", "-i", folder)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["match"] for row in rows] == ["服务", "主体"]
    assert {row["term"] for row in rows} == {"句(服务 主体)"}
    assert run("kwic", "-i", folder).returncode == 2
    with pytest.raises(InputError, match="no words"):
        index.kwic(where="year:2021")


def test_lines_name_the_document_where_place_and_year_do_not(run: Run, folder: Path) -> None:
    lines = run("kwic", "市场主体", "-i", folder).stdout.splitlines()
    assert any(line.startswith("云岭省 2021 ") for line in lines)
    assert any(line.startswith("关于市场主体的通知 ") for line in lines)
