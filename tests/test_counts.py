"""Counts are what a plain scan of the texts gives: in total, in every group, by the longest term."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, Write, build_index
from hypothesis import given
from hypothesis import strategies as st

import policysearch
from policysearch.corpus import counting
from policysearch.corpus.counting import count
from policysearch.corpus.counts import Counts
from policysearch.corpus.term_dictionary import read_terms
from policysearch.engines.protocol import DocumentTexts
from policysearch.engines.tree import MatchAll, Node
from policysearch.errors import InputError
from policysearch.index import Index
from policysearch.text.folding import reduce, reduce_text


class Texts:
    """Stands for an engine that has these documents."""

    def __init__(self, *documents: tuple[dict[str, Any], Sequence[tuple[str, str]]]) -> None:
        self._documents = documents

    def texts(self, node: Node) -> Iterator[DocumentTexts]:
        for at, (fields, sections) in enumerate(self._documents):
            known = {"document_id": f"d{at}", "region": None, "year": None, "duplicate_of": None, **fields}
            yield DocumentTexts(known, tuple(part for part, _ in sections), tuple(reduce_text(t) for _, t in sections))


def counted(documents: Texts, terms: Any, **options: Any) -> Counts:
    return count(documents, MatchAll(), terms, **options)  # type: ignore[arg-type]


def one_text(*sections: str) -> Texts:
    return Texts(({}, [("body", text) for text in sections]))


def occurrences(counts: Counts) -> list[int | None]:
    return [one.occurrences for one in counts]


# by definition


@pytest.mark.parametrize(
    ("texts", "term", "expected"),
    [
        pytest.param(["人人人人人"], "人人", 2, id="places do not overlap"),
        pytest.param(["一二一二一二一"], "一二一", 2, id="the one on the left counts"),
        pytest.param(["营商", "环境"], "营商环境", 0, id="never across two sections"),
        pytest.param(["營商環境，营商 环\n境"], "营商环境", 2, id="folded, white space ignored"),
        pytest.param(["ＧＤＰ增长8.1％"], "8.1%", 1, id="half width"),
        pytest.param(["gdp per capita"], "GDP  per", 1, id="a space between letters counts"),
        pytest.param(["𠮷祥𠮷祥"], "𠮷祥", 2, id="beyond the first plane"),
        pytest.param([""], "无", 0, id="an empty section"),
    ],
)
def test_a_term_is_counted_by_the_text(texts: list[str], term: str, expected: int) -> None:
    assert occurrences(counted(one_text(*texts), [term])) == [expected]


words = st.text("一二三", min_size=1, max_size=4)


@given(
    st.lists(st.text("一二三四", max_size=30), min_size=1, max_size=6),
    st.lists(words, min_size=1, max_size=8, unique=True),
)
def test_every_term_counts_as_if_it_were_alone(texts: list[str], terms: list[str]) -> None:
    rows = list(counted(one_text(*texts), terms))
    assert [row.term for row in rows] == terms
    assert [row.occurrences for row in rows] == [sum(text.count(term) for text in texts) for term in terms]
    assert [row.sections for row in rows] == [sum(term in text for text in texts) for term in terms]
    assert [row.documents for row in rows] == [int(any(term in text for text in texts)) for term in terms]


@given(
    st.lists(st.text("一二三四", max_size=30), min_size=1, max_size=6),
    st.lists(words, min_size=1, max_size=8, unique=True),
)
def test_longest_is_leftmost_longest(texts: list[str], terms: list[str]) -> None:
    pattern = re.compile("|".join(sorted(terms, key=len, reverse=True)))
    found = [place for text in texts for place in pattern.findall(text)]
    assert occurrences(counted(one_text(*texts), terms, longest=True)) == [found.count(term) for term in terms]


@given(
    st.lists(st.text("一二三四", max_size=30), min_size=1, max_size=6),
    st.lists(words, min_size=1, max_size=8, unique=True),
)
def test_tables_and_sorting_give_the_same(texts: list[str], terms: list[str]) -> None:
    usual = counted(one_text(*texts), terms).to_dict()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_MOST_TALLIES", 0)
        assert counted(one_text(*texts), terms).to_dict() == usual


def test_a_country_is_not_counted_inside_another_with_longest() -> None:
    text = one_text("印度尼西亚与印度，印度尼西亚")
    assert occurrences(counted(text, ["印度", "印度尼西亚"])) == [3, 2]
    assert occurrences(counted(text, ["印度", "印度尼西亚"], longest=True)) == [1, 2]


def test_a_concept_sums_its_terms_and_counts_a_section_once() -> None:
    counts = counted(one_text("碳达峰、碳中和", "碳中和", "绿色"), {"双碳": ["碳达峰", "碳中和"], "绿": ["绿色"]})
    assert [(c.term, c.occurrences, c.sections, c.documents) for c in counts] == [("双碳", 3, 2, 1), ("绿", 1, 1, 1)]


# groups

PANEL = Texts(
    ({"region": "甲市", "year": 2023}, [("review", "改革改革"), ("plan", "开放")]),
    ({"region": "甲市", "year": 2024}, [("plan", "开放ABC")]),
    ({"region": "乙市", "year": 2024}, [("plan", "改革")]),
    ({"region": None, "year": 2024, "duplicate_of": "d1"}, [("plan", "改革")]),
)


def rows(counts: Counts) -> list[tuple[Any, ...]]:
    return [(*c.group, c.occurrences, c.documents_in_group, c.characters) for c in counts]


def test_groups_with_documents_and_no_match_are_zero_and_null_is_a_group() -> None:
    assert rows(counted(PANEL, ["改革"], by=["region"])) == [("乙市", 1, 1, 2), ("甲市", 2, 2, 8), (None, 1, 1, 2)]
    assert rows(counted(PANEL, ["改革"], by=["region", "year"])) == [
        ("乙市", 2024, 1, 1, 2),
        ("甲市", 2023, 2, 1, 6),
        ("甲市", 2024, 0, 1, 2),
        (None, 2024, 1, 1, 2),
    ]


def test_filled_combinations_without_documents_are_not_zero() -> None:
    filled = {(c.group): c for c in counted(PANEL, ["改革"], by=["region", "year"], fill=True)}
    assert len(filled) == 6
    assert (filled["乙市", 2023].occurrences, filled["乙市", 2023].documents_in_group) == (None, 0)
    assert filled["甲市", 2024].occurrences == 0


def test_a_document_is_in_the_group_of_each_of_its_parts() -> None:
    assert rows(counted(PANEL, ["改革"], by=["part"])) == [("review", 2, 1, 4), ("plan", 2, 4, 8)]


def test_reposts_can_be_left_out_and_are_told_of() -> None:
    with_all, without = counted(PANEL, ["改革"]), counted(PANEL, ["改革"], duplicates=False)
    assert (occurrences(with_all), with_all.duplicates, with_all.left_out) == ([4], 1, False)
    assert (occurrences(without), without.duplicates, without.left_out) == ([3], 1, True)
    assert (with_all.documents, without.documents) == (4, 3)


def test_a_rate_is_for_ten_thousand_han_characters() -> None:
    (row,) = counted(one_text("改革AB1，。" + "开" * 8), ["改革"])
    assert (row.characters, row.per_10000) == (10, 1000.0)
    (nothing,) = counted(one_text("ABC"), ["改革"])
    assert (nothing.characters, nothing.per_10000) == (0, None)


@pytest.mark.parametrize(
    ("terms", "options", "said"),
    [
        pytest.param([], {}, "No term", id="none"),
        pytest.param([" \n"], {}, "empty", id="white space"),
        pytest.param(["\udc80"], {}, "UTF-8", id="a byte that is no text"),
        pytest.param(["改革"], {"by": ["place"]}, "group 'place'", id="unknown group"),
        pytest.param(["改革"], {"by": ["year", "year"]}, "twice", id="a group twice"),
        pytest.param(
            {"甲": ["改革"], "乙": ["改革"]}, {"longest": True}, "both have the term", id="two concepts, one place"
        ),
    ],
)
def test_what_cannot_be_counted_is_an_error(terms: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        counted(one_text("改革"), terms, **options)


# the file of terms


def test_terms_are_read_with_or_without_concepts() -> None:
    lines = io.BytesIO("\ufeff改革\r\n\r\n双碳\t碳达峰\r\n双碳\t碳中和\n".encode())
    assert read_terms(lines, "terms.txt") == {"改革": ["改革"], "双碳": ["碳达峰", "碳中和"]}


@pytest.mark.parametrize("line", ["双碳\t", "\t碳中和", "a\tb\tc"])
def test_a_line_that_is_no_term_is_named(line: str) -> None:
    with pytest.raises(InputError, match=r"'terms.txt', line 2: "):
        read_terms(io.BytesIO(f"改革\n{line}\n".encode()), "terms.txt")


def test_terms_in_another_encoding_are_named() -> None:
    with pytest.raises(InputError, match=r"line 1: not UTF-8"):
        read_terms(io.BytesIO("改革\n".encode("gb18030")), "terms.txt")


# truth

GROUPINGS = ((), ("region",), ("year",), ("type",), ("part",), ("document",), ("region", "year"), ("province", "level"))


def some_terms(texts: Sequence[str], number: int) -> list[str]:
    """Return random substrings, as the texts have them, and some that overlap themselves."""
    chance = random.Random(5)
    terms = {"人人", "一一", "的", "，", "2024年", "不存在的词"}
    while len(terms) < number:
        text = chance.choice(texts)
        at = chance.randrange(max(1, len(text)))
        terms.add(text[at : at + chance.randint(1, 7)].strip())
        terms = {term for term in terms if reduce(term)}
    return sorted(terms)


def plain_count(index: Index, terms: Sequence[str], by: Sequence[str]) -> dict[tuple[Any, ...], tuple[int, int, int]]:
    """Return occurrences, sections and documents by scanning what ``show`` gives."""
    tally: dict[tuple[Any, ...], list[Any]] = {}
    wanted = [(term, reduce(term)) for term in terms]
    for listed in index.documents(duplicates="show"):
        shown = index.show(listed.document_id)
        assert shown is not None
        fields = {**shown.document, "document": listed.document_id}
        for section in shown.sections:
            group = tuple(section["part"] if name == "part" else fields[name] for name in by)
            text = reduce_text(section["text"])
            for term, reduced in wanted:
                own = tally.setdefault((*group, term), [0, 0, set()])
                times = text.count(reduced)
                own[0] += times
                own[1] += times > 0
                own[2] |= {listed.document_id} if times else set()
    return {key: (times, sections, len(documents)) for key, (times, sections, documents) in tally.items()}


def assert_true(folder: Path) -> None:
    with policysearch.open_index(folder) as index:
        shown = [index.show(one.document_id) for one in index.documents(duplicates="show")]
        texts = [section["text"] for view in shown if view is not None for section in view.sections]
        terms = some_terms(texts, 300)
        totals = {one.term: one.occurrences for one in index.count(terms)}
        for by in GROUPINGS:
            counts = index.count(terms, by=by)
            found = {(*c.group, c.term): (c.occurrences, c.sections, c.documents) for c in counts}
            assert found == plain_count(index, terms, by), by
            for term in terms:
                assert sum(times for (*_, one), (times, *_) in found.items() if one == term) == totals[term]  # type: ignore[misc]
        for term in terms[::10]:
            every = index.kwic(term, duplicates="show")
            assert index.kwic(term).total == totals[term] == len(every.lines)


def test_counts_of_the_samples_are_true(samples_index: Path) -> None:
    assert_true(samples_index)


def test_counts_of_real_reports_are_true(reports_index: Path) -> None:
    assert_true(reports_index)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"by": ("region", "year")},
        {"by": ("document", "part")},
        {"by": "month", "where": "经济"},
        {"by": "type", "filters": {"year": "2023..2024"}, "duplicates": "hide"},
        {"by": "year", "word": True, "longest": True},
        {"by": "level", "fill": True, "document": ["政府*"]},
    ],
)
def test_a_later_count_in_the_same_sections_is_as_a_first_one(samples_index: Path, options: dict[str, Any]) -> None:
    with policysearch.open_index(samples_index) as index:
        index.count("改革", **options)  # what it found out of the groups is known from here on
        for terms in ("经济", ["营商环境", "环境", "5G", "2023"], {"说": ["要", "将"]}, "魑魅魍魉"):
            with policysearch.open_index(samples_index) as other:
                first = other.count(terms, **options)
            later = index.count(terms, **options)
            assert list(later) == list(first)
            assert later.to_dict() == first.to_dict()


def counted_twice(monkeypatch: pytest.MonkeyPatch, index: Index, terms: Any, options: dict[str, Any]) -> list[Any]:
    """Return a count from the tables of sections, and one that reads the texts: all that they tell, in order."""
    found = []
    for tables in (True, False):
        with monkeypatch.context() as patch:
            if not tables:
                patch.setattr(counting, "CountsInSections", str)  # no engine is one
            counts = count(index.engine, index.selection(**options.get("selected", {})), terms, **options["counted"])
            found.append((counts, list(counts.groups), counts.to_dict()))
    return found


@pytest.mark.parametrize(
    "options",
    [
        {"counted": {}},
        *({"counted": {"by": by}} for by in GROUPINGS),
        {"counted": {"by": ("document", "part")}},
        {"counted": {"by": ("part", "region", "month")}, "selected": {"where": "经济 | 1"}},
        {"counted": {"by": ("city", "issuer", "status"), "duplicates": False, "fill": True}},
        {"counted": {"by": "type", "accepts": lambda document: "2" in document["document_id"]}},
        {"counted": {"by": "part", "duplicates": False}, "selected": {"filters": {"part": "body"}}},
    ],
    ids=lambda options: re.sub(" at 0x[0-9a-f]+", "", str(options)),  # the same in every worker
)
def test_tables_of_sections_give_the_counts_of_the_texts(
    monkeypatch: pytest.MonkeyPatch, samples_index: Path, options: dict[str, Any]
) -> None:
    weighted = {"说": {"要": 0.1, "将": 0.2}, "写": {"要求": 1.5}}
    with policysearch.open_index(samples_index) as index:
        for terms in (
            "的",
            "改革",
            ["营商环境", "人人", "，"],
            {"说": ["要", "将"], "做": ["推进", "要"]},
            weighted,
            "魑魅",
        ):
            one, other = counted_twice(monkeypatch, index, terms, options)
            assert one == other


def test_tables_count_repeats_rare_characters_and_only_what_was_not_removed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chance = random.Random(11)
    folder = tmp_path / "texts"
    folder.mkdir()

    def write(name: str) -> None:
        lines = ["".join(chance.choices("人一二甲𠮷，", k=chance.randint(1, 80))) for _ in range(3)]
        (folder / f"{name}.txt").write_text("\n\n".join(lines), encoding="utf-8")

    for name in range(40):
        write(str(name))
    (folder / "copy.txt").write_bytes((folder / "3.txt").read_bytes())
    build_index(folder, tmp_path / "index")
    for name in range(0, 40, 7):
        (folder / f"{name}.txt").unlink()
    write("9")
    build_index(folder, tmp_path / "index")
    with policysearch.open_index(tmp_path / "index") as index:
        terms = ["".join(chance.choices("人一二甲𠮷，", k=size)) for size in (1, 2, 3, 4) for _ in range(8)]
        for by in ((), ("document",)):
            one, other = counted_twice(monkeypatch, index, [*dict.fromkeys(terms)], {"counted": {"by": by}})
            assert one == other
            assert sum(row["occurrences"] for row in one[2]["rows"])


def test_more_places_than_the_postings_can_tell_are_counted(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "long.txt").write_text("人民" * 70_000 + "人" * 3, encoding="utf-8")
    build_index(tmp_path / "texts", tmp_path / "index")
    with policysearch.open_index(tmp_path / "index") as index:
        found = [row.occurrences for row in index.count(["人", "人民", "人民人", "人人"])]
    assert found == [70_003, 70_000, 35_000, 1]


def test_where_and_filters_select_the_sections(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        found = index.search("养老", limit=None, match="all", filters={"year": ["2024"]})
        (row,) = index.count(["服务"], where="养老", filters={"year": ["2024"]})
        shown = [index.show(hit.section_id) for hit in found.hits]
        texts = [reduce_text(one.sections[0]["text"]) for one in shown if one is not None]
        assert found.total
        assert row.occurrences == sum(text.count("服务") for text in texts)
        assert row.documents_in_group == len({hit.document_id for hit in found.hits})


def test_filters_narrow_a_selection_by_the_same_field(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        years = index.count(["服务"], by="year", where="year:2023 OR year:2024").groups
        assert {key[0] for key in years} == {2023, 2024}
        for where, year, left in (
            ("year:2024", "2023", set()),
            ("year:2024", "2023..2024", {2024}),
            ("服务 year:2024", "2023..2024", {2024}),
            ("-year:2024", "2023..2024", {2023}),
        ):
            options: dict[str, Any] = {"where": where, "filters": {"year": [year]}}
            assert {key[0] for key in index.count(["服务"], by="year", **options).groups} == left
            assert {line.year for line in index.kwic(["服务"], **options).lines} == left
        assert not index.kwic(where="year:2024 服务", filters={"year": "2023"}).lines


def test_one_text_stands_for_several(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        name = sorted(one.document_id for one in index.documents())[0]
        assert index.count("的", document=name) == index.count("的", document=[name])
        assert index.count("的", document=name).documents == 1
        assert index.words(document=name) == index.words(document=(name,))
        assert "服务" not in {one.term for one in index.words(stop="服务", limit=None)}


# the command


def test_the_table_has_the_columns_promised(run: Run, samples_index: Path) -> None:
    done = run("count", "营商环境", "改革", "--by", "region,year", "--format", "csv", "-i", samples_index)
    table = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(table[0]) == [
        *("region", "year", "term", "occurrences", "sections", "documents"),
        *("documents_in_group", "characters", "per_10000", "region_code", "level"),
    ]
    assert done.returncode == 0
    assert {row["term"] for row in table} == {"营商环境", "改革"}


def test_formats_agree(run: Run, samples_index: Path) -> None:
    command = ("count", "营商环境", "--by", "year", "-i", samples_index, "--format")
    whole = json.loads(run(*command, "json").stdout)
    lines = [json.loads(line) for line in run(*command, "jsonl").stdout.splitlines()]
    assert whole["rows"] == lines
    table = list(csv.DictReader(io.StringIO(run(*command, "tsv").stdout), delimiter="\t"))
    assert [row["occurrences"] for row in table] == [str(row["occurrences"]) for row in lines]


def test_na_is_written_in_tables_and_null_in_json(run: Run, samples_index: Path) -> None:
    command = ("count", "改革", "--by", "region,year", "--fill", "-i", samples_index, "--format")
    table = list(csv.DictReader(io.StringIO(run(*command, "csv").stdout)))
    missing = [row for row in table if row["documents_in_group"] == "0"]
    assert missing
    assert all(row["occurrences"] == row["per_10000"] == "NA" for row in missing)
    regions, years = ({row[name] for row in table} for name in ("region", "year"))
    assert len(table) == len(regions) * len(years)
    rows = json.loads(run(*command, "json").stdout)["rows"]
    assert [row["occurrences"] is None for row in rows] == [row["occurrences"] == "NA" for row in table]


def test_terms_come_from_a_file_and_the_output_goes_to_one(run: Run, write: Write, samples_index: Path) -> None:
    terms = write("terms.txt", "营商\t营商环境\n营商\t投资\n")
    done = run("count", "改革", "--terms", terms, "-o", "out.csv", "-i", samples_index)
    written = terms.with_name("out.csv").read_text(encoding="utf-8")
    assert (done.returncode, done.stdout) == (0, "")
    assert [row["term"] for row in csv.DictReader(io.StringIO(written))] == ["改革", "营商"]


def test_text_fits_the_screen_and_has_bars(run: Run, samples_index: Path) -> None:
    from policysearch.text.width import width

    done = run("count", "营商环境", "--by", "document,year", "-i", samples_index)
    assert max(map(width, done.stdout.splitlines())) <= 80
    assert "█" in run("count", "营商环境", "改革", "-i", samples_index).stdout
    assert "\x1b" not in done.stdout


def test_reposts_are_told_of_on_stderr(run: Run, samples_index: Path) -> None:
    assert "--no-duplicates" in run("count", "水库", "-i", samples_index).stderr
    assert "excluded" in run("count", "水库", "--no-duplicates", "-i", samples_index).stderr


def test_a_term_is_literal(run: Run, samples_index: Path) -> None:
    done = run("count", '"改革" OR 开放', "-改革", "--format", "jsonl", "-i", samples_index)
    assert [json.loads(line)["term"] for line in done.stdout.splitlines()] == ['"改革" OR 开放', "-改革"]


def test_an_unknown_group_is_named(run: Run, samples_index: Path) -> None:
    done = run("count", "改革", "--by", "years", "-i", samples_index)
    assert done.returncode == 2
    assert "Unknown group 'years'; expected one of: region" in done.stderr


# from Python


def test_counts_become_a_frame(samples_index: Path) -> None:
    pytest.importorskip("pandas")
    with policysearch.open_index(samples_index) as index:
        counts = index.count(["改革"], by=["region", "year"])
        frame = counts.to_frame()
    assert list(frame.columns) == list(counts.columns)
    assert int(frame["occurrences"].sum()) == sum(one.occurrences or 0 for one in counts)
    assert "<td>改革</td>" in counts._repr_html_()


@pytest.mark.parametrize(
    "finer",
    [("region", "year"), ("type", "province", "year"), ("document", "region"), ("part", "year"), ("city", "province")],
)
def test_groups_by_fewer_fields_are_those_that_are_counted_anew(samples_index: Path, finer: tuple[str, ...]) -> None:
    coarser = (
        (),
        ("year",),
        ("year", "region"),
        ("province",),
        ("city",),
        ("document",),
        ("region",),
        ("type", "year"),
    )
    with policysearch.open_index(samples_index) as index:
        index.count("魑", by=finer)
        found = [index.count(["经济", "环境"], by=by) for by in coarser]
    for by, counts in zip(coarser, found, strict=True):
        with policysearch.open_index(samples_index) as index:
            anew = index.count(["经济", "环境"], by=by)
        assert list(counts.rows()) == list(anew.rows())
        assert counts.to_dict() == anew.to_dict()
