"""The list of names that changed, held against the reports of the reference corpus."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from policysearch.documents.document import Document, read_documents
from policysearch.gazetteer.names import Name, all_names, not_inside

# national reports of six years, and reports of eight provinces of two
FOLDERS = ("gwr-national-utf8", "gwr-docx", "gwr-csv")

# (old, new, year): why the report does not follow the row
EXCEPTIONS = {
    ("国家教育委员会", "教育部", 1955): "the ministry had this name until 1985 too",
    ("机械电子工业部", "机械工业部", 1955): "inside 第一机械工业部 and 第二机械工业部",
    ("国家经济委员会", "国家计划委员会", 1955): "the later body is the older one, and took the other in",
    ("食品工业部", "轻工业部", 1955): "the later body is the older one, and took the other in",
    ("电机制造工业部", "第一机械工业部", 1955): "the later body is the older one, and took the other in",
    ("四个全面", "全面建设社会主义现代化国家、全面深化改革、全面依法治国、全面从严治党", 2016): "the first reading",
    ("四个全面", "全面建设社会主义现代化国家、全面深化改革、全面依法治国、全面从严治党", 2018): "the first reading",
    ("市场主体", "经营主体", 2016): "新型农业经营主体 is another thing",
}


@pytest.fixture(scope="module")
def reports(reference: Path) -> dict[int, str]:
    """Texts by year, without white space."""
    texts: dict[int, list[str]] = defaultdict(list)
    for folder in FOLDERS:
        for path in sorted((reference / "corpus" / folder).iterdir()):
            year = re.search("(?:19|20)[0-9]{2}", path.name)
            for one in read_documents(path) if year else ():
                if year and isinstance(one, Document):
                    texts[int(year[0])].append("".join(one.text.split()))
    return {year: "\n".join(found) for year, found in texts.items()}


def occurrences(text: str, name: str, law: bool, *longer: str) -> int:
    """How often the name stands in the text, but not inside longer names."""
    written = (f"《{name}》", f"中华人民共和国{name}") if law else (name,)
    inside = sum(text.count(one) for one in longer if name in one and name != one)
    return sum(text.count(one) for one in written) - inside


def against(row: Name, year: int, text: str) -> bool:
    """Whether the report of a year speaks against the row.

    A former name must not be the usual one after the year of the row, nor the later name before it; a short name must
    not stand before the year of the full one.
    """
    law, of_row = row.kind == "法规", int(row.date[:4])
    old = occurrences(text, row.old, law, row.new, *not_inside(row.old))
    if row.kind in ("简称", "外文"):
        return year < of_row and old > 0
    new = occurrences(text, row.new, law, *not_inside(row.new))
    return (year > of_row and old > new) or (year < of_row and new > old)


def test_the_reports_use_the_names_as_the_list_dates_them(reports: dict[int, str]) -> None:
    assert set(reports) == {1955, 1988, 2005, 2013, 2016, 2018, 2025, 2026}
    found = {
        (row.old, row.new, year) for row in all_names() for year, text in reports.items() if against(row, year, text)
    }
    assert found == set(EXCEPTIONS)


def test_a_wrong_date_would_be_seen(reports: dict[int, str]) -> None:
    """Each of these is right in the list, and moved to a wrong year here."""
    for kind, old, new, date in (
        ("提法", "社会管理", "社会治理", "2001"),
        ("提法", "五年计划", "五年规划", "1950"),
        ("提法", "全面建设小康社会", "全面建成小康社会", "2017"),
        ("指标", "农村居民人均纯收入", "农村居民人均可支配收入", "2003"),
        ("提法", "市场主体", "经营主体", "2027"),
        ("简称", "营改增", "营业税改征增值税", "2017"),
    ):
        row = Name(kind, old, new, date, "wrong on purpose")
        assert any(against(row, year, text) for year, text in reports.items()), row
