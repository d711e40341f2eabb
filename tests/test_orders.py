"""Orders that promulgate several statutes: the name of the whole, and each statute with its own articles."""

from __future__ import annotations

from pathlib import Path

import pytest

from policysearch.documents.document import Document, read_documents

HEAD = "青石市人民政府令\n第45号\n"
BOTH = (
    "《青石市照明管理办法》《青石市窨井管理规定》已经2021年3月2日市人民政府第70次常务会议通过，"
    "现予公布，自2021年5月1日起施行。"
)
SIGNED = "市长　林清\n2021年3月10日\n"
FIRST = (
    "青石市照明管理办法\n第一条　为了加强照明管理，制定本办法。\n第二条　照明设施应当完好。\n"
    "第三条　本办法自2021年5月1日起施行。\n"
)
SECOND = (
    "青石市窨井管理规定\n第一条　为了保障窨井安全，制定本规定。\n第二条　产权单位负责养护。\n"
    "第三条　本规定自2021年5月1日起施行。\n"
)


def read(folder: Path, text: str) -> Document:
    path = folder / "a.txt"
    path.write_text(text, encoding="utf-8")
    (document,) = read_documents(path)
    assert isinstance(document, Document)
    return document


@pytest.mark.parametrize(
    "between",
    [
        pytest.param("", id="one below the other"),
        pytest.param("附件：1.青石市照明管理办法\n2.青石市窨井管理规定\n", id="listed below the signature"),
    ],
)
def test_two_statutes_stand_apart_below_the_order(tmp_path: Path, between: str) -> None:
    found = read(tmp_path, HEAD + BOTH + "\n" + SIGNED + between + FIRST + SECOND)
    assert found.title == "青石市人民政府令第45号"
    assert (found.type, found.document_number) == ("规章", "青石市人民政府令第45号")
    assert (found.date, found.issuer, found.effective) == ("2021-03-10", "青石市人民政府", "2021-05-01")
    named = [(s.number or s.heading, s.level) for s in found.sections if s.number or s.heading]
    articles = [("第一条", 2), ("第二条", 2), ("第三条", 2)]
    assert named == [("青石市照明管理办法", 1), *articles, ("青石市窨井管理规定", 1), *articles]
    held = next(s for s in found.sections if "产权单位" in s.text)
    assert held.path == ("青石市窨井管理规定", "第二条")


def test_the_number_of_each_enclosure_is_kept(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + BOTH + "\n" + SIGNED + "附件1\n" + FIRST + "附件2\n" + SECOND)
    assert [s.number for s in found.sections if s.level == 1 and s.number] == ["附件1", "附件2"]


def test_an_order_of_one_statute_is_called_by_it(tmp_path: Path) -> None:
    one = "《青石市照明管理办法》已经通过，现予公布，《青石市道路照明规定》同时废止。"
    found = read(tmp_path, HEAD + one + "\n" + SIGNED + FIRST)
    assert found.title == "青石市照明管理办法"
