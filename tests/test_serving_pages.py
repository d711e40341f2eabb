"""The pages as they are sent: figures of the command line, safety, languages, size."""

from __future__ import annotations

import gzip
import io
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import SOURCES, build_index, command_environment
from serving import Answered, Client, client_of

from policysearch.serving.language import WORDS, language_of
from policysearch.vocabulary import (
    COUNT_FIELDS,
    DOCUMENT_SORTS,
    DUPLICATES,
    FACET_FIELDS,
    FILTERS,
    GROUPS,
    MATCH_MODES,
    PARTS,
    SORTS,
)

LAW = "法规/云麓省优化营商环境条例.md"
PAGES = (
    "/",
    "/?q=营商环境",
    "/?q=营商环境&group=document&sort=-date",
    "/?q=没有 这样 的 一句 话 在 这里",
    f"/show?id={LAW}%234&q=营商环境",
    f"/show?id={LAW}",
    "/count?term=经济&term=营商环境",
    "/count?term=经济&by=year",
    "/count?term=经济&by=document",
    "/count?term=经济&by=level,type,year",
    "/trend?term=经济",
    "/kwic?phrase=经济",
    "/kwic?phrase=经济&sort=left",
    "/kwic?phrase=魑魅魍魉",
    "/targets",
    "/keywords?year=2024",
    "/collocates?phrase=经济",
    "/words",
    "/list",
    "/list?year=2024",
    f"/citations?of={LAW}",
    f"/citations?to={LAW}",
    "/reuse?of=政府工作报告/2024年澜泽市政府工作报告.txt",
    f"/compare?a={LAW}%232&b={LAW}%233",
    "/verify?quote=优化营商环境应当坚持市场化",
    "/about",
)


class Found(HTMLParser):
    """The references of a page, and its forbidden elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.active: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in ("href", "src", "action", "formaction"):
            if given.get(name) is not None:
                (self.links if tag == "a" else self.loaded).append(str(given[name]))
        self.active += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        self.active += [tag] if tag == "style" or (tag == "script" and "src" not in given) else []
        self.ids += [str(given["id"])] if given.get("id") else []


@pytest.mark.parametrize("language", ["zh-CN,zh;q=0.9", "en-GB"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_whole_and_hold_nothing_active(client: Client, path: str, language: str) -> None:
    answered = client.get(path, headers={"accept-language": language})
    assert answered.status_code == 200, answered.text
    found = Found(answered.text)
    assert found.active == []
    assert len(found.ids) == len(set(found.ids))
    for link in [*found.links, *found.loaded]:
        assert link.startswith(("/", "#")), link
    assert str(SOURCES.parent) not in answered.text
    policy = answered.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answered.headers["x-content-type-options"] == "nosniff"


def test_every_link_of_the_pages_leads_somewhere(client: Client) -> None:
    links: set[str] = set()
    for path in PAGES:
        links |= {link for link in Found(client.get(path).text).links if link.startswith("/")}
    kinds: dict[tuple[str, ...], str] = {}  # one of each kind
    for link in sorted(links):
        parts = urlsplit(link)
        kinds.setdefault((parts.path, *sorted({one.partition("=")[0] for one in parts.query.split("&")})), link)
    for link in kinds.values():
        assert client.ask("GET", link.partition("#")[0]).status_code == 200, link


def total_of(answered: Answered, name: str = "total") -> int:
    found = re.search(rf'data-{name}="(\d+)"', answered.text)
    assert found, answered.text
    return int(found[1])


TYPED = """
import io, json, sys
from policysearch.cli.main import main
answers = []
for index, query in json.load(sys.stdin):
    got = []
    for chosen in ("csv", "json"):
        sys.stdout = io.TextIOWrapper(io.BytesIO())
        main(["search", "-i", index, "--format", chosen, "--", query])
        got.append(sys.stdout.buffer.getvalue().decode())
    answers.append(got)
sys.__stdout__.write(json.dumps(answers))
"""


def test_figures_and_tables_are_those_of_the_command_line(client: Client, samples_index: Path) -> None:
    said = "经济 营商环境 数字 教育 医疗 养老 企业 改革 创新 绿色 乡村 就业 投资 服务 生态 安全 交通 水库 条例 报告"
    words = re.findall(r"\S+", said)
    queries = [*words, *map(" ".join, pairwise(words)), *(f'"{one}发展"' for one in words)]
    queries += [f"{one} year:{year}" for one in words for year in (2022, 2023, 2024)]
    queries += [f"{a} OR {b}" for a, b in zip(words, words[2:], strict=False)]
    queries += (
        [f"{one} -企业" for one in words] + [f"heading:{one}" for one in words] + [f"{one} 发展" for one in words]
    )
    queries += ["营商环境 经济 企业", "量(地区生产总值 >=5%)", "句(优化 环境)"]
    assert len(queries) >= 200
    done = subprocess.run(
        [sys.executable, "-c", TYPED],
        input=json.dumps([(str(samples_index), query) for query in queries]),
        env=command_environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=300,
    )
    for query, (table, answer) in zip(queries, json.loads(done.stdout), strict=True):
        assert client.get("/search.csv", params={"q": query}).text == table, query
        page = client.get("/", params={"q": query})
        wanted = json.loads(answer)
        assert (total_of(page), total_of(page, "total-exact")) == (wanted["total"], wanted["total_exact"]), query


def test_a_cell_opens_as_many_lines_as_it_says(client: Client) -> None:
    page = client.get("/count", params={"term": "营商环境", "by": "region,year"})
    cells = re.findall(r'<td class="shade-[1-5]"><a href="([^"]+)">([\d,]+)</a>', page.text)
    assert len(cells) >= 6
    for link, figure in cells:
        lines = client.ask("GET", link.replace("&amp;", "&"))
        assert total_of(lines) == int(figure.replace(",", ""))
        assert lines.text.count('<td role="cell" class="m">') == min(50, int(figure))


def test_the_reader_marks_as_many_matches_as_the_search_counts(client: Client) -> None:
    hits = client.get("/api/v1/search", params={"q": "优化 环境", "limit": 500}).json()["hits"]
    matches: dict[str, int] = {}
    for hit in hits:
        matches[hit["document_id"]] = matches.get(hit["document_id"], 0) + hit["matches"]
    for name, number in list(matches.items())[:8]:
        page = client.get("/show", params={"id": name, "q": "优化 环境"})
        assert total_of(page) == number
        assert len(set(re.findall(r'<mark id="m(\d+)"', page.text))) == number


def test_the_text_of_a_page_is_the_text_of_the_document(client: Client) -> None:
    shown = client.get("/api/v1/show", params={"id": LAW}).json()
    page = client.get("/show", params={"id": LAW, "q": "营商环境"}).text
    written = re.sub(r'<a class="anchor".*?</a>', "", page.partition("</header>\n")[2].partition("</article>")[0])
    written = page[page.index('<section id="s1"') : page.index("</article>")]
    written = re.sub(r'<a class="anchor".*?</a>|<[^>]+>|\s', "", written)
    assert written == re.sub(r"\s", "", "".join(section["text"] for section in shown["sections"]))


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>",
    "{{ 7 * 7 }}{% raw %}",
    "</textarea></title></style><!--",
    "javascript:alert(4)",
    "\x1b[31m红\u202e逆\u2066转\u200f",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("hostile")
    root = folder / "来源 <b>\"'&"
    root.mkdir()
    for number, text in enumerate(HOSTILE):
        lines = [f"{text}标题", f"一、{text}", f"营商环境{text}", f"表\t{text}\t格", "（一）二级", text, ""]
        (root / f"{number} <i>{text[:9].replace('/', '_')}.txt").write_text("\n".join(lines), encoding="utf-8")
    (root / "meta.md").write_text(
        f"---\ntitle: '{HOSTILE[2]}'\nurl: 'javascript:alert(5)'\n---\n# x\n\n营商环境\n", encoding="utf-8"
    )
    with client_of(build_index(root, folder / "index")) as client:
        yield client


def test_documents_cannot_do_anything(hostile: Client) -> None:
    names = [one["document_id"] for one in hostile.get("/api/v1/list").json()]
    assert len(names) == len(HOSTILE) + 1
    asked: list[tuple[str, dict[str, Any]]] = [("/", {"q": one}) for one in ("营商环境", "表", *HOSTILE)]
    asked += [("/show", {"id": name, "q": "营商环境 表"}) for name in names]
    asked += [(path, {"phrase": one}) for path in ("/kwic", "/collocates") for one in ("营商环境", *HOSTILE)]
    asked += [(path, {"term": one}) for path in ("/count", "/trend") for one in ("营商环境", *HOSTILE)]
    asked += [
        ("/compare", {"a": names[0], "b": names[1]}),
        ("/list", {}),
        ("/about", {}),
        ("/verify", {"quote": HOSTILE[0]}),
    ]
    asked += [("/", {"q": "x", HOSTILE[0]: HOSTILE[1]}), ("/show", {"id": HOSTILE[0]}), (f"/{HOSTILE[0]}", {})]
    for path, parameters in asked:
        answered = hostile.get(path, params=parameters)
        assert answered.status_code in (200, 400, 404), (path, parameters, answered.text)
        found = Found(answered.text)
        assert found.active == [], (path, parameters)
        assert not [link for link in [*found.links, *found.loaded] if not link.startswith(("/", "#"))]
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", answered.text)
        assert "49" not in re.findall(r">\s*(\d+)标题", answered.text)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:1234", 200),
        ("localhost:8765", 200),
        ("LOCALHOST", 200),
        ("[::1]:8765", 200),
        ("policy.example:80", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
        ("192.168.0.7", 421),
        ("[::1].evil.example", 421),
        ("[127.0.0.1", 421),
        ("localhost:evil.example", 421),
        ("127.0.0.1:80:80", 421),
        ("127.0.0.1@evil.example", 421),
    ],
)
def test_only_known_hosts_are_served(samples_index: Path, host: str, status: int) -> None:
    with client_of(samples_index, allowed=("policy.example",)) as client:
        assert client.ask("GET", "/about", headers={"Host": host}).status_code == status


def test_an_address_of_every_interface_is_served_by_its_numbers(samples_index: Path) -> None:
    with client_of(samples_index, host="0.0.0.0") as client:
        assert client.ask("GET", "/", headers={"Host": "192.168.0.7:8765"}).status_code == 200
        assert client.ask("GET", "/", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_can_be_changed(client: Client, method: str) -> None:
    for path in ("/", "/count", "/api/v1/search", "/static/style.css"):
        answered = client.ask(method, path)
        assert answered.status_code == 405
        assert answered.headers["allow"] == "GET, HEAD"
    for path in ("/verify", "/api/v1/verify") if method != "POST" else ():
        answered = client.ask(method, path)
        assert answered.status_code == 405
        assert answered.headers["allow"] == "GET, HEAD, POST"


def test_drafts_are_taken_from_this_page_only_and_are_limited(samples_index: Path) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with client_of(samples_index, draft=10_000) as client:
        assert client.post("/verify", b"draft=x", form).status_code == 200
        for more in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            assert client.post("/verify", b"draft=x", {**form, **more}).status_code == 403
        assert client.post("/verify", b"draft=" + b"x" * 20_000, form).status_code == 413
        chunked = client.ask("POST", "/verify", iter([b"x" * 6000] * 3), form)
        assert chunked.status_code == 413


def test_addresses_are_limited_and_a_body_that_never_comes_is_not_waited_for(
    samples_index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with client_of(samples_index, seconds=0.3) as client:
        for path in ("/?q=", "/api/v1/search?q="):
            answered = client.ask("GET", path + "a" * 300_000)
            assert (answered.status_code, len(answered.content) < 300) == (414, True)
        head = b"POST /verify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab"
        with socket.create_connection(("127.0.0.1", client.port), timeout=10) as waiting:
            waiting.sendall(head)
            assert waiting.recv(100).startswith(b"HTTP/1.1 503 ")
        with socket.create_connection(("127.0.0.1", client.port)) as going:
            going.sendall(head)
        assert client.get("/about").status_code == 200
    assert "Traceback" not in caplog.text


def test_years_without_documents_have_no_column_and_characters_are_not_called_han(tmp_path: Path) -> None:
    root = tmp_path / "sources"
    root.mkdir()
    for year in (1988, 2024):
        (root / f"{year}.txt").write_text(f"{year}年松岑县政府工作报告\n\n各位代表：GDP增长5%。\n", encoding="utf-8")
    index = build_index(root, tmp_path / "index")
    with client_of(index) as client:
        assert re.findall(r"<th[^>]*>(\d{4})</th>", client.get("/trend?term=增长").text) == ["1988", "2024"]
        about = client.get("/about").text
        characters = client.get("/api/v1/info").json()["characters"]
    assert f"<dt>字符数</dt><dd>{characters}</dd>" in about
    assert "汉字" not in about


def test_one_is_in_the_singular(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "a.txt").write_text("优化营商环境，营商环境。\n", encoding="utf-8")
    index = build_index(tmp_path / "sources", tmp_path / "index")
    with client_of(index) as client:
        said = (("/", "Search 1 document, 1 section."), ("/?q=优化", "1 section"), ("/?q=优化", "1 match"))
        for path, words in (*said, ("/list", "1 document"), ("/?q=营商环境", "2 matches")):
            assert re.search(rf"{re.escape(words)}(?!\w)", client.get(path, headers={"cookie": "lang=en"}).text), words


def test_a_page_is_small(client: Client, tmp_path: Path) -> None:
    root = tmp_path / "long"
    root.mkdir()
    lines = [f"第{n}段，营商环境与数字经济的长文。" * 5 for n in range(700)]
    (root / "long.txt").write_text("一、很长的一节\n" + "\n".join(lines), encoding="utf-8")
    (root / "laws.txt").write_text(
        "某条例\n" + "\n".join(f"第{n}条　各级机关应当优化服务。" for n in range(1, 1300)), encoding="utf-8"
    )
    with client_of(build_index(root, tmp_path / "index")) as long:
        always = sum(len(long.get(f"/static/{name}").content) for name in ("style.css", "script.js", "icon.svg"))
        for path in (
            "/show?id=long.txt&q=营商环境",
            "/show?id=laws.txt&q=服务",
            "/kwic?phrase=营商环境",
            "/?q=服务&limit=50",
        ):
            answered = long.get(path)
            assert answered.status_code == 200, path
            assert len(gzip.compress(answered.content)) + always < 150_000
        page = long.get("/show?id=long.txt&q=营商环境").text
        seen = set(re.findall(r'<mark id="m(\d+)"', page))
        while following := re.search(r'<a href="([^"]+)">[^<]*下一部分', page):
            page = long.ask("GET", following[1].replace("&amp;", "&").partition("#")[0]).text
            more = set(re.findall(r'<mark id="m(\d+)"', page))
            assert more
            assert not seen & more
            seen |= more
        assert seen == {str(n) for n in range(1, 3501)}
        at = long.get("/show?id=long.txt&q=营商环境&at=3000").text
        assert 'id="m3000" class="at"' in at


def test_the_original_is_handed_out_as_a_download_only_while_it_is_what_was_read(tmp_path: Path) -> None:
    root = tmp_path / "texts"
    root.mkdir()
    text = "一、营商环境\n<script>alert(1)</script>\n".encode()
    (root / "a b.txt").write_bytes(text)
    (tmp_path / "secret.txt").write_text("密", encoding="utf-8")
    with client_of(build_index(root, tmp_path / "index")) as client:
        answered = client.get("/original", params={"id": "a%20b.txt"})
        assert (answered.status_code, answered.content) == (200, text)
        assert answered.headers["content-disposition"].startswith("attachment; filename*=UTF-8''a%20b.txt")
        assert answered.headers["content-type"] == "application/octet-stream"
        for name in ("../secret.txt", "/etc/passwd", "secret.txt", ""):
            assert client.get("/original", params={"id": name}).status_code == 404
        (root / "a b.txt").write_text("别的", encoding="utf-8")
        assert client.get("/original", params={"id": "a%20b.txt"}).status_code == 404


def test_a_prefix_is_before_every_address(samples_index: Path) -> None:
    with client_of(samples_index, root="/policy") as client:
        for path in ("/policy/?q=营商环境", "/?q=营商环境"):  # a proxy keeps the prefix, or takes it off
            found = Found(client.get(path).text)
            assert all(link.startswith(("/policy/", "#")) for link in [*found.links, *found.loaded])
        assert client.get("/policy").status_code == 200
        assert client.get("/policy/static/style.css").status_code == 200


def test_the_language_is_chinese_unless_the_reader_wants_another(client: Client) -> None:
    assert language_of(None, None, "") == "zh"
    assert language_of(None, None, "de-DE,de;q=0.9,en;q=0.8") == "en"
    assert language_of(None, None, "en;q=0.5, zh;q=0.9") == "zh"
    assert language_of("zh", None, "en") == "zh"
    assert language_of("fr", "zh", "en") == "zh"
    answered = client.get("/?lang=en")
    assert '<html lang="en">' in answered.text
    assert "lang=en" in answered.headers["set-cookie"]
    assert '<html lang="en">' in client.get("/", headers={"cookie": "lang=en"}).text


def test_every_value_of_the_vocabulary_has_wordings() -> None:
    names = [*(one.name for one in FILTERS), *COUNT_FIELDS, *FACET_FIELDS]
    for kind, values in (
        ("match", MATCH_MODES),
        ("sort", (*SORTS, *DOCUMENT_SORTS)),
        ("group", GROUPS),
        ("duplicates", DUPLICATES),
        ("part", PARTS),
    ):
        names += [f"{kind}_{value}" for value in values]
    assert [name for name in names if name not in WORDS] == []
    for name, (chinese, english) in WORDS.items():
        fields = [sorted(re.findall(r"\{(\w+)\}", said)) for said in (chinese, english)]
        assert fields[0] == fields[1], name


def test_the_page_says_where_a_query_breaks(client: Client) -> None:
    answered = client.get("/", params={"q": "优化 (环境"})
    assert answered.status_code == 400
    assert '<pre class="caret" lang="zh-CN">优化 <b>(</b>环境</pre>' in answered.text
    assert "plain=1" in answered.text
    assert client.get("/", params={"q": "优化 (环境", "plain": "1"}).status_code == 200
    assert client.get("/?q=x&utm_source=y").status_code == 400


def test_an_index_that_goes_away_still_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policysearch.serving.served._PATIENCE", 0.0)
    root = tmp_path / "texts"
    root.mkdir()
    (root / "a.txt").write_text("一、营商环境\n优化。\n", encoding="utf-8")
    index = build_index(root, tmp_path / "index")
    with client_of(index) as client:
        assert client.get("/?q=营商环境").status_code == 200
        index.rename(tmp_path / "elsewhere")
        assert client.get("/?q=营商环境").status_code == 200


def test_answers_are_compressed(client: Client) -> None:
    answered = client.get("/?q=营商环境", headers={"accept-encoding": "gzip"})
    assert answered.headers["content-encoding"] == "gzip"
    assert "营商环境" in gzip.GzipFile(fileobj=io.BytesIO(answered.content)).read().decode()


def test_the_page_offers_what_the_command_line_does(client: Client, samples_index: Path) -> None:
    """Each link to another query leads to as many hits as the page says, and so does each to another value."""
    offered = {
        "region:松岺县 养老服务": ["region:松岑县 养老服务"],
        "松岑县 养老服务": ["region:松岑县 养老服务"],
        "营商环境 city:松岑县": [],
        "末来产业": [],
        "2024年松岑县养老服务的目标是多少": ["year:2024 region:松岑县 养老服务的目标"],
        "关于印发飞艇管理办法的通知": [],
    }
    for query, queries in offered.items():
        page = client.get("/", params={"q": query}).text
        links = re.findall(r'<a href="([^"]+)" lang="zh-CN">([^<]+)</a> <span class="quiet">([0-9,]+)</span>', page)
        for link, _, many in links:
            assert f'data-total="{many.replace(",", "")}"' in client.ask("GET", unescape(link), None, {}).text
        assert set(queries) <= {parse_qs(urlsplit(unescape(link)).query)["q"][0] for link, *_ in links}, query
    page = client.get("/", params={"q": "养老服务", "region": "松岺县"}).text
    (link,) = re.findall(r'<a href="([^"]+)" lang="zh-CN">松岑县</a> <span class="quiet">', page)
    assert parse_qs(urlsplit(unescape(link)).query)["region"] == ["松岑县"]


@pytest.mark.parametrize(
    ("query", "chinese", "english"),
    [
        ("云麓省优化营商环境条例", "该文件在最前", "comes first"),
        ("乌海市2023年政府工作报告", "没有名为“乌海市2023年政府工作报告”的文件", "No document is called"),
        ("region:松岺县 养老服务", "相近的有", "Near it:"),
        ("松岑县 养老服务", "是否要找", "Did you mean:"),
    ],
)
def test_notices_are_in_both_languages(client: Client, query: str, chinese: str, english: str) -> None:
    assert chinese in client.get("/", params={"q": query}).text
    assert english in client.get("/", params={"q": query, "lang": "en"}).text
