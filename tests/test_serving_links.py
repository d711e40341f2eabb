"""Where the links and forms of the pages lead: to the same selection, with the figures that they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from serving import Client, client_of


LAW = "法规/云麓省优化营商环境条例.md"


@pytest.fixture(scope="module")
def client(samples_index: Path) -> Iterator[Client]:
    with client_of(samples_index) as client:
        yield client


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
