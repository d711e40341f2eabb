"""Where the links and forms of the pages lead: to the same selection, with the figures that they show."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from conftest import build_index
from serving import Client, client_of

LAW = "法规/云麓省优化营商环境条例.md"


class Form(HTMLParser):
    """The parameters that the forms of a page send as they are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self._add(given.get("name"), given.get("value"))
        elif tag == "select":
            self._select = given["name"] or ""
        elif tag == "option" and "selected" in given:
            self._add(self._select, given.get("value"))

    def _add(self, name: str | None, value: str | None) -> None:
        if name and value:
            self.sent.setdefault(name, []).append(value)


def chips_of(page: str) -> list[str]:
    found = re.search(r'<ul class="chips".*?</ul>', page, re.DOTALL)
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', found[0])] if found else []


@pytest.mark.parametrize(
    "asked",
    [
        ("/", {"q": ["营商环境"], "year": ["2023", "2024"]}),
        ("/", {"q": ["营商环境"], "type": ["政府工作报告", "地方性法规"]}),
        ("/", {"q": ["营商环境"], "type": ["工作报告"]}),  # no value of the list
        ("/kwic", {"phrase": ["营商环境"], "year": ["2023", "2024"]}),
        ("/count", {"terms": ["经济"], "type": ["政府工作报告", "地方性法规"]}),
        ("/targets", {"indicator": ["地区生产总值", "城镇新增就业"]}),
        ("/verify", {"quote": ["优化营商环境"], "year": ["2023", "2024"]}),
    ],
)
def test_a_form_sends_all_chosen_values_again(client: Client, asked: tuple[str, dict[str, list[str]]]) -> None:
    path, given = asked
    page = client.get(path, params=given).text
    sent = Form(page).sent
    several = {name: values for name, values in given.items() if name not in ("q", "phrase", "terms", "quote")}
    for name, values in several.items():
        assert sorted(sent[name]) == sorted(values)
        chips = chips_of(page)
        if len(values) > 1:
            assert [parse_qs(urlsplit(one).query)[name] for one in chips] == [values[1:], values[:1]]


def test_a_document_has_one_chip(client: Client) -> None:
    page = client.get("/", params={"q": "环境", "document": "法规/*"}).text
    assert len(chips_of(page)) == 1


def test_no_link_has_the_draft(client: Client) -> None:
    body = urlencode({"draft": "第三条规定“优化营商环境应当坚持市场化”。", "year": ["2023", "2024"]}, doseq=True)
    sent = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    answered = client.post("/verify", body.encode(), sent)
    assert answered.status_code == 200
    assert "优化营商环境应当坚持市场化" in answered.text
    links = re.findall(r'(?:href|action)="([^"]*)"', answered.text)
    assert any("lang=en" in link for link in links)
    assert not [link for link in links if "draft=" in link]


def test_a_draft_keeps_its_first_empty_line(client: Client) -> None:
    body = urlencode({"draft": "\r\n第三条规定“优化营商环境应当坚持市场化”。"})
    sent = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    page = client.post("/verify", body.encode(), sent).text
    assert re.search(r"<textarea[^>]*>\n\n第三条", page)  # a parser drops the first line break


def ids_of(page: str) -> list[str]:
    hits = re.findall(r'<li class="hit".*?<h2><a href="([^"]+)"', page, re.DOTALL)
    return [parse_qs(urlsplit(unescape(link)).query)["id"][0] for link in hits]


@pytest.mark.parametrize(
    "given",
    [
        {"q": "营商环境", "year": ["2023", "2024"], "sort": "-date", "offset": "2", "limit": "3"},
        {"q": "环境", "part": "body", "type": "地方性法规", "group": "document", "match": "all"},
        {"q": "魑魅魍魉 营商环境 100%&+"},  # no section has all words, so any are found
        {"year": "2024", "where": ""},
    ],
)
def test_the_way_back_from_a_document_leads_to_the_same_hits(client: Client, given: dict[str, str]) -> None:
    page = client.get("/", params=given).text
    wanted = ids_of(page)
    assert wanted
    links = re.findall(r'<h2><a href="(/show[^"]+)"', page)
    read = client.ask("GET", unescape(links[-1]).partition("#")[0]).text
    for link in re.findall(r'<a class="next" href="(/show[^"]+)"', read)[:1]:  # and after a step to the next match
        read = client.ask("GET", unescape(link).partition("#")[0]).text
    back = re.findall(r'<a href="([^"]+)" rel="up">', read)
    assert ids_of(client.ask("GET", unescape(back[0])).text) == wanted


def test_any_way_back_is_a_link_to_the_search_page(client: Client) -> None:
    for given in ("path=//elsewhere", "//elsewhere", "fragment=x&path=y", "q=other&year=%ff"):
        read = client.get("/show", params={"id": LAW, "q": "环境", "from": given})
        assert read.status_code == 200
        (back,) = re.findall(r'<a href="([^"]+)" rel="up">', read.text)
        assert back.startswith("/?")


def total_of(page: str) -> int:
    found = re.search(r'data-total="(\d+)"', page)
    assert found, page
    return int(found[1])


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/words", {"unit": "ngram", "year": ["2023", "2024"], "where": "经济"}),
        ("/words", {"unit": "ngram", "duplicates": "hide"}),
        ("/keywords", {"unit": "ngram", "where": "经济", "against": "环境", "year": "2024"}),
        ("/keywords", {"unit": "ngram", "document": "政府工作报告/*"}),
    ],
)
def test_a_term_of_a_statistic_opens_its_places_in_the_selection(client: Client, path: str, given: Any) -> None:
    answer = client.get(f"/api/v1{path}", params=given).json()["rows"]
    figures = {row["term"]: row["occurrences"] for row in answer}
    page = client.get(path, params=given).text
    links = [unescape(one) for one in re.findall(r'<td><a href="(/kwic[^"]+)"', page)]
    assert len(links) == len(figures)
    for link in links[:12]:
        (term,) = parse_qs(urlsplit(link).query)["phrase"]
        assert total_of(client.ask("GET", link).text) == figures[term], link


@pytest.mark.parametrize("window", ["sentence", "20"])
def test_a_collocate_opens_the_sections_that_have_both(client: Client, window: str) -> None:
    given = {"phrase": "营商环境", "window": window, "min-together": "1", "where": "优化 OR 改革", "year": "2024"}
    page = client.get("/collocates", params=given).text
    links = [unescape(one) for one in re.findall(r'<td><a href="(/\?[^"]+)"', page)]
    assert links
    for link in links[:8]:
        found = client.ask("GET", link)
        assert found.status_code == 200
        assert total_of(found.text) > 0, link
        assert parse_qs(urlsplit(link).query)["year"] == ["2024"]


@pytest.mark.parametrize(
    "given",
    [
        {"term": ["环?", "经济"], "patterns": "1", "by": "region,year"},
        {"term": "GDP", "expand": "1", "by": "year"},
        {"term": "营商环境", "longest": "1", "by": "year"},
        {"term": "营商环境", "no-duplicates": "1", "by": "year"},
        {"term": "营商环境", "duplicates": "fold", "by": "type"},
        {"term": "环?", "patterns": "1", "by": "document"},
        {"term": "环境", "where": "heading:环境", "by": "document"},
        {"term": "环境", "word": "1", "by": "document"},
    ],
)
def test_a_cell_opens_the_places_that_were_counted(client: Client, given: dict[str, str]) -> None:
    page = client.get("/count", params=given).text
    cells = re.findall(r'<td class="shade-[1-5]"><a href="([^"]+)">([\d,]+)</a>', page)
    assert cells
    for link, figure in cells[:12]:
        opened = client.ask("GET", unescape(link).partition("#")[0]).text
        assert total_of(opened) == int(figure.replace(",", "")), link


def test_a_count_of_the_longest_terms_opens_no_other_places(client: Client) -> None:
    page = client.get("/count", params={"term": ["环境", "营商环境"], "longest": "1", "by": "year"}).text
    assert '<td class="shade-5">' in page
    assert 'href="/kwic?' not in page


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of an index of three documents, two of which are equal."""
    folder = tmp_path_factory.mktemp("copied")
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text("关于经济的通知\n经济要发展，GDP 和经济要增长。\n", "utf-8")
    (folder / "c.txt").write_text("关于市场的通知\n市场经济要发展。\n", "utf-8")
    with client_of(build_index(folder, folder / "index")) as client:
        yield client


@pytest.mark.parametrize(
    "more",
    [
        {"phrase": "经济"},
        {"phrase": "经济", "word": "1"},
        {"phrase": "经济", "duplicates": "show"},
        {"phrase": "经济", "duplicates": "hide"},
        {"phrase": "经济", "sort": "left"},
        {"phrase": ["经济", "发展"]},
        {"phrase": ["经济", "GDP"], "q": "市场"},
        {"phrase": "经?", "patterns": "1"},
    ],
)
def test_the_total_of_a_concordance_fits_its_lines(copied: Client, more: dict[str, Any]) -> None:
    answer = copied.get("/api/v1/kwic", params=more).json()
    answered = copied.get("/kwic", params=more, headers={"accept-language": "en"})
    assert total_of(answered.text) == answer["distinct"] == answered.text.count('<td role="cell" class="m">')
    said = re.search(r'<p class="summary"[^>]*>([^<]*)', answered.text)
    assert said
    copies = f"; {answer['total']} with copies" if answer["total"] > answer["distinct"] else ""
    assert said[1] == f"{answer['distinct']} places{copies}"


def test_the_options_of_a_concordance_are_those_of_the_command(copied: Client) -> None:
    for more in ({"limit": "2"}, {"limit": "2", "sort": "right"}, {"sample": "2"}):
        page = copied.get("/kwic", params={"phrase": "经济", **more}, headers={"accept-language": "en"}).text
        assert page.count('<td role="cell" class="m">') == 2
        assert "; 2 listed" in page
    for more in ({"sentence": "1"}, {"columns": "region,match"}, {"code": "mine"}, {"width": "10"}, {"seed": "3"}):
        answered = copied.get("/kwic", params={"phrase": "经济", **more})
        assert answered.status_code == 200, answered.text
    assert copied.get("/kwic", params={"phrase": "经济", "colour": "red"}).status_code == 400


def test_the_total_of_documents_fits_the_list(copied: Client) -> None:
    page = copied.get("/list", headers={"accept-language": "en"}).text
    assert total_of(page) == page.count("<li><a href=") == 2
    assert "2 documents; 3 with copies" in page


@pytest.mark.parametrize(
    "given",
    [
        {"q": "经济"},
        {"q": "经济", "limit": "1", "offset": "1"},
        {"q": "经济", "duplicates": "show"},
        {"q": "经济", "group": "document"},
    ],
)
def test_a_file_of_hits_has_those_of_all_pages(copied: Client, given: dict[str, str]) -> None:
    page = copied.get("/", params=given).text
    whole = ids_of(copied.get("/", params={**given, "limit": "50", "offset": "0"}).text)
    (link,) = (unescape(one) for one in re.findall(r'<a href="(/search\.csv[^"]+)" download', page))
    rows = list(csv.DictReader(io.StringIO(copied.ask("GET", link).content.decode("utf-8-sig"))))
    assert len(rows) == len(whole) > 1
    assert [row["document_id"] for row in rows] == [one.partition("#")[0] for one in whole]


def test_the_outline_has_all_matches(client: Client, tmp_path: Path) -> None:
    lines = ["云麓省若干规定", "为了优化环境，制定本规定。"]
    for chapter in range(1, 31):
        lines += [f"第{chapter}章 环境"]
        lines += [f"第{10 * chapter + one}条 {'各部门应当优化环境，保护环境。' * 12}" for one in range(10)]
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "laws.txt").write_text("\n".join(lines), "utf-8")
    with client_of(build_index(tmp_path / "texts", tmp_path / "index")) as long:
        pages = [long.get("/show", params={"id": "laws.txt", "q": "环境"}).text]
    assert pages[0].count('<li class="level-') < 300  # the articles of other pages are not listed
    for hit in client.get("/api/v1/search", params={"q": "环境", "group": "document"}).json()["hits"]:
        pages.append(client.get("/show", params={"id": hit["document_id"], "q": "环境"}).text)
    assert len(pages) > 3
    for page in pages:
        outline = re.search(r'<nav class="outline".*?</nav>', page, re.DOTALL)
        if outline:
            assert sum(map(int, re.findall(r"<b>(\d+)</b>", outline[0]))) == total_of(page)
