"""The documents of an index, and the values that their fields have."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from conftest import Run

import policysearch
from policysearch.errors import InputError
from policysearch.text.width import width
from policysearch.vocabulary import LIST_FIELDS


def test_all_documents_are_listed_in_order(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        listed = index.documents(duplicates="show")
        assert len(listed) == index.info["documents"]
        assert sum(one.sections for one in listed) == index.info["sections"]
        assert [one.document_id for one in listed] == sorted(one.document_id for one in listed)


def test_filters_select_documents(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        some = index.documents(filters={"type": ["政府工作报告"], "year": ["2024"]})
        assert some
        assert all((one.type, one.year) == ("政府工作报告", 2024) for one in some)


def test_a_filter_by_part_counts_its_sections(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        plans = index.documents(filters={"part": ["plan"]})
        parts = {one.value: one for one in index.values("part")}
        assert len(plans) == parts["plan"].documents
        assert sum(one.sections for one in plans) == parts["plan"].sections


@pytest.mark.parametrize("field", LIST_FIELDS)
def test_values_account_for_every_section(samples_index: Path, field: str) -> None:
    with policysearch.open_index(samples_index) as index:
        values = index.values(field)
        assert sum(one.sections for one in values) == index.info["sections"]
        if field != "part":
            assert sum(one.documents for one in values) == index.info["documents"]
        assert [one.value for one in values].index(values[-1].value) == len(values) - 1


def test_years_come_in_order_and_others_by_number(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        years = [one.value for one in index.values("year") if one.value is not None]
        assert years == sorted(years)
        types = [one.documents for one in index.values("type") if one.value is not None]
        assert types == sorted(types, reverse=True)


def test_an_unknown_field_is_an_error(samples_index: Path) -> None:
    with (
        policysearch.open_index(samples_index) as index,
        pytest.raises(InputError, match="by 'text'; expected one of: region"),
    ):
        index.values("text")


def test_formats_agree(run: Run, samples_index: Path) -> None:
    whole = json.loads(run("list", "--format", "json", "-i", samples_index).stdout)
    assert whole == [
        json.loads(line) for line in run("list", "--format", "jsonl", "-i", samples_index).stdout.splitlines()
    ]
    table = list(
        csv.DictReader(io.StringIO(run("list", "--format", "csv", "--duplicates", "fold", "-i", samples_index).stdout))
    )
    assert [row["document_id"] for row in table] == [one["document_id"] for one in whole]
    assert list(table[0]) == list(whole[0])


def test_values_are_written_under_the_name_of_the_field(run: Run, samples_index: Path) -> None:
    table = run("list", "--by", "year", "--format", "csv", "-i", samples_index).stdout.splitlines()
    assert table[0] == "year,documents,sections"
    assert "松岑县" in run("list", "--by", "region", "-i", samples_index).stdout


def test_text_fits_the_screen(run: Run, samples_index: Path) -> None:
    done = run("list", "-i", samples_index)
    assert max(map(width, done.stdout.splitlines())) <= 80
    assert done.stdout.splitlines()[-1].endswith("sections")
