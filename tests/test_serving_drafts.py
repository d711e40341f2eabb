"""Drafts that are sent to the server, in any encoding and kind of body, and answers that are not JSON or not text."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import quote
from zipfile import ZipFile

import pytest
from serving import Client

DRAFT = "《云麓省优化营商环境条例》第三条规定“优化营商环境应当坚持”。\n"
LAW = "法规/云麓省优化营商环境条例.md"


def sent(client: Client, body: bytes, kind: str) -> tuple[int, list[tuple[str, str]]]:
    """Return the status and the kinds and verdicts of the claims of a draft."""
    answer = client.post("/api/v1/verify", content=body, headers={"content-type": kind})
    claims = answer.json().get("claims", ())
    return answer.status_code, [(one["kind"], one["verdict"]) for one in claims]


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(f"draft={quote(DRAFT)}".encode(), FORM, id="a form"),
        pytest.param(f"draft={DRAFT}".encode(), FORM, id="a form that is not percent-encoded"),
        pytest.param(DRAFT.encode(), FORM, id="a text that is called a form"),
        pytest.param(DRAFT.encode("gb18030"), "text/plain", id="GB18030"),
        pytest.param(DRAFT.encode("utf-16"), "text/plain", id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf" + DRAFT.encode(), "application/octet-stream", id="a mark of the byte order"),
    ],
)
def test_a_draft_is_read_as_it_is_sent(client: Client, body: bytes, kind: str) -> None:
    expected = sent(client, DRAFT.encode(), "text/plain; charset=utf-8")
    assert expected[0] == 200
    assert expected[1]
    assert sent(client, body, kind) == expected


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
def test_kinds_of_bodies_that_are_not_read_are_refused(client: Client, kind: str) -> None:
    answer = client.post("/api/v1/verify", content=b'{"draft": "x"}', headers={"content-type": kind})
    assert answer.status_code == 415
    assert "text/plain" in answer.json()["detail"]


def test_a_citation_is_text(client: Client) -> None:
    answer = client.get("/api/v1/show", params={"id": LAW, "cite": "true"})
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith("《")
    assert client.get("/api/v1/show", params={"id": LAW}).headers["content-type"] == "application/json"


def test_a_workbook_has_no_path_of_the_machine(samples_index: Path, client: Client) -> None:
    answer = client.get("/api/v1/list", params={"format": "xlsx"})
    with ZipFile(io.BytesIO(answer.content)) as workbook:
        parts = b"".join(workbook.read(part) for part in workbook.namelist())
    assert LAW.encode() in parts
    assert str(samples_index.parent).encode() not in parts
    assert str(Path.cwd()).encode() not in parts


def test_a_tag_is_that_of_one_address(client: Client) -> None:
    first = client.get("/api/v1/search", params={"q": "营商环境"})
    had = {"if-none-match": first.headers["etag"]}
    again = client.get("/api/v1/search", params={"q": "营商环境"}, headers=had)
    assert (again.status_code, again.headers.get("content-type")) == (304, None)
    assert client.get("/api/v1/search", params={"q": "数字经济"}, headers=had).status_code == 200
    assert client.get("/api/v1/search", params={"q": '"营商'}, headers=had).status_code == 400
    assert client.get("/nothing", headers=had).status_code == 404
