"""No phrase goes over a border: an empty line between blocks, a tab between cells."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import lxml.etree
import lxml.html
import pytest
from conftest import ALL, FIGURES
from hypothesis import given, settings
from hypothesis import strategies as st

from policysearch import open_index
from policysearch.documents.document import Document, documents_in
from policysearch.engines.opening import open_store
from policysearch.index import Index
from policysearch.indexing.refresh import refresh
from policysearch.output.rendering import Rendering
from policysearch.output.search import write_hits
from policysearch.sources.readers.borders import stands_between
from policysearch.text.folding import BORDER, offsets_of, reduce, reduce_text, reduce_with_offsets

BODY = "为了规范农业和银行的管理，促进县域经济发展，根据有关法律，制定本办法。"
TEXTS = st.lists(st.sampled_from(["农", "业", "银行", "。", " ", "\n", "\n\n", "\t", "a", "7"]), max_size=40).map(
    "".join
)


def blocks(text: str) -> list[str]:
    return list(map(reduce, re.split(r"\n\s*\n|\t", text)))


def text_of(name: str, data: str | bytes) -> str:
    (document,) = documents_in(data.encode() if isinstance(data, str) else data, name, name, "0" * 64)
    assert isinstance(document, Document)
    assert "".join(section.text for section in document.sections) == document.text
    return document.text


def page(body: str) -> str:
    return text_of("a.html", f"<html><body><div><p>{BODY}</p>{body}<p>{BODY}</p></div></body></html>")


def word(*paragraphs: str) -> bytes:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "word/document.xml", f"<w:document {space}><w:body>{''.join(paragraphs)}</w:body></w:document>"
        )
    return buffer.getvalue()


def p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


# a text and its reduced form


@given(TEXTS)
def test_a_border_stands_between_characters_only_and_once(text: str) -> None:
    reduced = reduce_text(text)
    assert reduced.split(BORDER) == [block for block in blocks(text) if block] or not reduced
    compared = reduce_with_offsets(text)
    assert compared.text == reduced
    again = offsets_of(text, reduced)
    for i, character in enumerate(reduced):
        ((start, end),) = compared.spans([(i, i + 1)])
        if character not in (" ", BORDER):
            assert again.spans([(i, i + 1)]) == [(start, end)]
        assert reduce(text[start:end]) == ("" if character in (" ", BORDER) else character)


@given(TEXTS)
def test_a_reduced_phrase_holds_no_border(text: str) -> None:
    assert BORDER not in reduce(text)


# the readers


@pytest.mark.parametrize(
    "body",
    [
        "<ul><li>加强农业</li><li>银行监管</li></ul>",
        "<table><tr><td>加强农业</td><td>银行监管</td></tr></table>",
        "<table><tr><td>加强农业</td></tr><tr><td>银行监管</td></tr></table>",
        "<table><tr><th>一</th><th>二</th></tr><tr><td>1</td><td>加强农业</td></tr><tr><td>银行监管</td></tr></table>",
        "<table><tr><td>1</td><td><ul><li>加强农业</li><li>银行监管</li></ul></td></tr></table>",
        "<h2>加强农业</h2><p>银行监管。</p>",
        "<p>银行</p><h3>加强农业</h3><div>银行监管</div>",
        "<dl><dt>加强农业</dt><dd>银行监管</dd></dl>",
    ],
)
def test_no_phrase_runs_over_blocks_of_a_page(body: str) -> None:
    text = page(body)
    assert not any("农业银行" in block for block in blocks(text))
    assert "加强农业" in text
    assert "银行监管" in text


def test_a_sentence_goes_on_over_paragraphs_of_a_page_with_one_for_each_line() -> None:
    text = page("<p>要加强农业</p><p>银行监管，防范</p><p>风险。</p><p>下一段</p><p>“引文。”</p><p>的精神</p><br>另行")
    assert any("加强农业银行监管,防范风险。" in block for block in blocks(text))
    assert "风险。\n\n下一段" in text
    assert "”\n的精神\n另行" in text


def test_word_files_have_borders_at_headings_rows_cells_and_finished_paragraphs() -> None:
    row = f"<w:tr><w:tc>{p('加强农业')}</w:tc><w:tc>{p('银行监管')}</w:tc></w:tr>"
    heading = "<w:p><w:pPr><w:outlineLvl w:val='0'/></w:pPr><w:r><w:t>总则</w:t></w:r></w:p>"
    text = text_of(
        "a.docx", word(heading, p(BODY), p("没有结"), p("束的话。"), f"<w:tbl>{row}{row}</w:tbl>", p("完。"))
    )
    rows = "加强农业\t银行监管"
    assert text == f"总则\n\n{BODY}\n\n没有结\n束的话。\n\n{rows}\n\n{rows}\n\n完。"


def test_markdown_has_borders_at_headings_items_rows_and_finished_paragraphs() -> None:
    source = (
        f"# 总则\n{BODY}\n\n- 加强农业\n- 银行监管\n  另起\n\n后文没有\n\n结束\t的话。\n\n| 甲 | 乙 |\n|--|--|\n"
        "| 丙 | 丁 |\n\n<table><tr><td>戊</td><td>己</td></tr>\n<tr><td>庚</td></tr></table>"
    )
    assert text_of("a.md", source) == (
        f"总则\n\n{BODY}\n\n- 加强农业\n\n- 银行监管\n另起\n\n后文没有\n结束 的话。\n\n甲\t乙\n\n丙\t丁\n\n戊\t己\n\n庚"
    )


def test_plain_text_has_none() -> None:
    text = text_of("a.txt", f"{BODY}\n\n第二段\t话。\n\n\n{BODY}")
    assert text == f"{BODY}\n第二段 话。\n{BODY}"


@pytest.mark.parametrize(
    ("before", "after", "stands"),
    [
        ("发展经济。", "第二段", True),
        ("发展经济；", "第二段", True),
        ("“发展经济。”", "第二段", True),
        ("发展经济。[1]", "第二段", True),
        ("“发展经济。”", "的号召", False),
        ("发展经济", "。第二段", False),
        ("发展经济。", "”第二段", False),
        ("发展，", "经济", False),
        ("目标是：", "经济", False),
    ],
)
def test_a_paragraph_has_ended(before: str, after: str, stands: bool) -> None:
    assert stands_between(before, after) is stands


# real documents


LEAVES = ("p", "li", "td", "th", "h1", "h2", "h3", "h4", "dd", "dt")
HOLDERS = {"p", "li", "td", "div", "table", "br"}
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def blocks_of(path: Path) -> list[str]:
    """Return the blocks that the source marks, read without any reader of the program."""
    if path.suffix == ".html":
        tree = lxml.html.fromstring(path.read_bytes())
        leaves = [leaf for leaf in tree.iter(*LEAVES) if not any(one.tag in HOLDERS for one in leaf.iterdescendants())]
        return [leaf.text_content() for leaf in leaves]
    if path.suffix == ".docx":
        body = lxml.etree.fromstring(zipfile.ZipFile(path).read("word/document.xml"))
        return ["".join(run.text or "" for run in one.iter(f"{WORD}t")) for one in body.iter(f"{WORD}p")]
    return path.read_text(encoding="utf-8").splitlines()


def test_no_sentence_of_the_reference_corpus_is_cut_by_a_border(reference: Path) -> None:
    """A sentence inside a block, or begun in one that ends with a comma, stands whole: so does every phrase in it."""
    paths = [path for kind in ("html", "docx", "md") for path in sorted((reference / "corpus").rglob(f"*.{kind}"))]
    held = 0
    for number, path in enumerate(path for path in paths if path.name != "README.md"):
        if path.suffix == ".md" and number % 10 and not ALL:
            continue
        read = documents_in(path.read_bytes(), path.name, path.name, "0" * 64)
        sections = [one.text for document in read if isinstance(document, Document) for one in document.sections]
        bordered = "\0".join(map(reduce_text, sections))
        whole = bordered.replace(BORDER, "")
        marked = blocks_of(path)
        open_ends = [a.strip()[-30:] + b.strip()[:30] for a, b in pairwise(marked) if a.strip().endswith(("，", "、"))]
        for sentence in (one for block in [*marked, *open_ends] for one in re.split("[。！？；\n]", block)):
            reduced = reduce(sentence)
            if len(reduced) >= 4 and reduced in whole:
                held += 1
                assert reduced in bordered, f"{path.name}: {sentence.strip()}"
    assert held > 3_000
    FIGURES.append(f"sentences of real pages that no border cuts: {held}")


# the index


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("borders")
    (folder / "pages").mkdir()
    items = ("加强农业", "银行监管", "GDP", "增长", "中国", "农业银行", "农", "业", "行 5", "7 银")
    for number in range(12):
        listed = items[number % 4 :] + items[: number % 4]
        cells = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in zip(listed[::2], listed[1::2], strict=True))
        lines = "".join(f"<li>{one}</li>" for one in listed[number % 3 :])
        text = f"<html><body><p>{BODY}</p><ul>{lines}</ul><table>{cells}</table><p>{BODY}</p></body></html>"
        (folder / "pages" / f"{number}.html").write_text(text, encoding="utf-8")
    refresh(open_store(folder / "index"), [folder / "pages"])
    with open_index(folder / "index") as opened:
        yield opened


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*"农业银行监管增长中国", "gdp", "5", "7"]), min_size=1, max_size=5).map("".join))
def test_a_phrase_is_found_exactly_when_a_scan_finds_it(index: Index, phrase: str) -> None:
    scanned = {}
    for document in index.documents():
        shown = index.show(document.document_id)
        assert shown is not None
        for section in shown.to_dict()["sections"]:
            if times := sum(block.count(reduce(phrase)) for block in blocks(section["text"])):
                scanned[section["section_id"]] = times
    found = index.search(phrase, exact=True, limit=None, duplicates="show")
    assert {hit.section_id: hit.matches for hit in found.hits} == scanned
    (counted,) = index.count([phrase])
    assert (counted.sections, counted.occurrences) == (len(scanned), sum(scanned.values()))
    assert index.kwic(phrase).total == sum(scanned.values())


def test_a_wildcard_does_not_cross_a_border_either(index: Index) -> None:
    for query in ('"监管*GDP"', '"加强农业?行监管"'):
        assert index.search(query).total == 0, query
    assert index.search('"加*农业"').total > 0


def test_text_shows_a_border_as_one_space(index: Index) -> None:
    shown = io.StringIO()
    write_hits(index.search("加强农业"), shown, Rendering(color=True))
    lines = [re.sub("\x1b\\[[0-9;]*m", "", line).strip() for line in shown.getvalue().splitlines()]
    assert any("加强农业 银行监管" in line for line in lines)
    assert not any("  " in line for line in lines if "加强农业" in line)
    assert re.search("\x1b\\[[0-9;]+m加强农业\x1b", shown.getvalue())
