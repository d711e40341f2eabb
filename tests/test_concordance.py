"""A concordance shows every place that a count counts, as it stands in the text."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from conftest import Run, Write, build_index

import policysearch
from policysearch.corpus.concordance_page import concordance_page
from policysearch.errors import InputError
from policysearch.text.folding import reduce
from policysearch.text.width import width


@pytest.mark.parametrize("phrase", ["营商环境", "改革", "的", "2024年", "，"])
def test_lines_are_the_places_that_count_counts(samples_index: Path, phrase: str) -> None:
    with policysearch.open_index(samples_index) as index:
        found = index.kwic(phrase, duplicates="show")
        (row,) = index.count([phrase])
        assert len(found.lines) == found.total == row.occurrences
        assert len({line.document_id for line in found.lines}) == row.documents
        for line in found.lines:
            shown = index.show(line.section_id)
            assert shown is not None
            text = shown.sections[0]["text"]
            at = line.start - len(line.left)
            assert text[at:].startswith(line.left + line.match + line.right)
            assert reduce(line.match) == reduce(phrase)
            assert max(width(line.left), width(line.right)) <= 60


@pytest.mark.parametrize("phrase", ["营商环境", "的", "，", "2024", "一网通办", "魑魅魍魉"])
@pytest.mark.parametrize(("where", "filters"), [(None, None), ("改革", {"year": [2023, 2024]})])
def test_a_page_is_a_piece_of_the_whole(
    samples_index: Path, phrase: str, where: str | None, filters: dict[str, list[int]] | None
) -> None:
    with policysearch.open_index(samples_index) as index:
        whole = index.kwic(phrase, where=where, filters=filters, width=20)
        for offset, limit in ((0, 5), (3, 40), (len(whole.lines) - 1, 5), (len(whole.lines) + 9, 5)):
            asked = {"width": 20, "where": where, "filters": filters, "offset": max(0, offset), "limit": limit}
            page = concordance_page(index, phrase, **asked)  # type: ignore[arg-type]
            assert page.lines == whole.lines[max(0, offset) :][:limit]
            assert (page.total, page.distinct) == (whole.total, whole.distinct)


def test_places_of_a_page_do_not_overlap_and_copies_are_left_out(tmp_path: Path, write: Write) -> None:
    for name in "ab":
        write(f"sources/{name}.txt", "松岑县通告\n\n一、哈哈哈哈哈，𠮷哈哈。\n哈\n哈\n")
    write("sources/c.txt", "哈哈\n")
    with policysearch.open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        whole = index.kwic("哈哈")
        page = concordance_page(index, "哈哈", width=60, where=None, filters=None, offset=1, limit=3)
    assert page.lines == whole.lines[1:4]
    assert (page.total, page.distinct) == (whole.total, whole.distinct)
    assert page.distinct < page.total


def test_a_match_is_shown_as_it_is_written(tmp_path: Path, write: Write) -> None:
    write("sources/a.txt", "松岑县通告\n\n一、优化營商 环\n境，再优化营商环境。\n")
    with policysearch.open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        lines = index.kwic("营商环境", width=6).lines
    assert [line.match for line in lines] == ["營商 环\n境", "营商环境"]
    assert lines[1].left.endswith("再优化")
    assert lines[1].right.startswith("。")


def test_order_is_by_position_or_by_context_read_from_the_match(tmp_path: Path, write: Write) -> None:
    write("sources/a.txt", "甲二改革丙\n")
    write("sources/b.txt", "乙一改革乙\n")
    write("sources/c.txt", "丙三改革甲\n")
    with policysearch.open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        orders = {
            sort: [line.left[-1] for line in index.kwic("改革", sort=sort).lines] for sort in ("position", "left")
        }
        right = [line.right[0] for line in index.kwic("改革", sort="right").lines]
    assert orders == {"position": ["二", "一", "三"], "left": sorted("二一三")}
    assert right == sorted("丙乙甲")


def test_a_sample_repeats_and_is_part_of_the_whole(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        whole = index.kwic("发展")
        some = index.kwic("发展", sample=7, seed=1)
        assert some == index.kwic("发展", sample=7, seed=1)
        assert some.lines != index.kwic("发展", sample=7, seed=2).lines
        assert (len(some.lines), some.total) == (7, whole.total)
        places = [whole.lines.index(line) for line in some.lines]
        assert places == sorted(places)
        assert index.kwic("发展", sample=10**6).lines == whole.lines


def test_every_place_is_drawn_about_as_often(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        whole = index.kwic("营商环境")
        drawn = [line for seed in range(200) for line in index.kwic("营商环境", sample=10, seed=seed).lines]
        expected = 200 * 10 / whole.total
        assert all(expected / 3 < drawn.count(line) < expected * 3 for line in whole.lines)


def test_where_selects_the_sections(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        lines = index.kwic("服务", where="heading:养老", filters={"type": ["意见"]}).lines
        assert lines
        for line in lines:
            shown = index.show(line.section_id)
            assert shown is not None
            assert "养老" in (shown.sections[0]["heading"] or "")
            assert line.type == "意见"


def test_an_empty_phrase_is_an_error(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index, pytest.raises(InputError, match="empty"):
        index.kwic(" ")


# the command


def test_a_table_has_one_line_a_place(run: Run, samples_index: Path) -> None:
    total = json.loads(run("kwic", "营商环境", "--format", "json", "-i", samples_index).stdout)["total"]
    done = run("kwic", "营商环境", "--format", "csv", "-i", samples_index)
    table = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(table) == total == len(done.stdout.splitlines()) - 1
    assert list(table[0])[:9] == [
        *("document_id", "section_id", "title", "region", "year", "start", "left", "match", "right")
    ]


def test_text_is_aligned_and_fits_the_screen(run: Run, samples_index: Path) -> None:
    lines = run("kwic", "营商环境", "-i", samples_index).stdout.splitlines()[:-1]
    assert max(map(width, lines)) <= 80
    assert len({width(line[: line.index(" 营商环境 ")]) for line in lines if " 营商环境 " in line}) == 1


def test_a_label_keeps_its_year_whole(run: Run, tmp_path: Path, write: Write) -> None:
    places = ("新疆维吾尔自治区", "恩施土家族苗族自治州", "积石山保安族东乡族撒拉族自治县")
    for place in places:
        write(f"sources/{place}.txt", f"2023年{place}政府工作报告\n\n各位代表：\n\n持续优化营商环境。\n")
    lines = run("kwic", "-i", build_index(tmp_path / "sources", tmp_path / "index"), "营商环境").stdout
    assert "新疆维吾尔自治区 2023 #" in lines
    assert "恩施土家族苗族自治州 2023 #" in lines
    assert "积石山保安族东乡族撒… 2023 #" in lines


def test_nothing_found_is_status_1(run: Run, samples_index: Path) -> None:
    done = run("kwic", "此语不存在", "-i", samples_index)
    assert (done.returncode, done.stdout) == (1, "")


def test_a_phrase_is_literal(run: Run, samples_index: Path) -> None:
    assert run("kwic", '"营商环境"', "-i", samples_index).returncode == 1
