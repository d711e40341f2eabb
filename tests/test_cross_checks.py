"""The checks of documents that need no marks: each sees what it is for, and nothing where all is right."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Write

from policysearch.frozen import replace

PROSE = "各单位要提高认识，加强领导，抓好落实，确保各项工作任务按期完成。"


@pytest.fixture
def checks() -> Iterator[Any]:
    sys.path.insert(0, str(ROOT / "scripts"))
    import cross_checks

    yield cross_checks
    sys.path.remove(str(ROOT / "scripts"))
    sys.modules.pop("cross_checks", None)


def sums(checks: Any, folder: Path) -> dict[str, tuple[int, int]]:
    kinds = checks.compare(checks.documents_below([folder]))
    return {
        name: (sum(one[name].hit for one in kinds.values()), sum(one[name].whole for one in kinds.values()))
        for name in (*checks.CHECKS, "")
    }


def test_a_folder_that_is_read_well_passes_every_check(checks: Any, write: Write, tmp_path: Path) -> None:
    articles = "".join(f"第{n}条 {PROSE}\n" for n in "一二三四五")
    write("docs/青石县松果保护条例(2023-05-01).txt", f"青石县松果保护条例\n（2023年5月1日通过）\n{articles}")
    write(
        "docs/notice.html",
        f"""<html><head><meta name="ArticleTitle" content="青石县人民政府关于甲的通知">
<meta name="Url" content="https://example.cn/1"></head><body><div><p>青石县人民政府关于甲的通知</p><p>各单位：</p>
<p>{PROSE}</p><p>一、总体要求</p><p>{PROSE}</p></div></body></html>""",
    )
    write("docs/picture.png", b"\x89PNG")
    write("docs/broken.pdf", b"%PDF-1.7")
    found = sums(checks, tmp_path / "docs")
    assert found["article lines found"] == (5, 5)
    assert found["articles without a line"] == (0, 5)
    assert found["sections over 5,000 characters"][0] == 0
    assert found["date of the file's name"] == (1, 1)
    assert found["stated title"] == found["stated address"] == (1, 1)
    assert found[""] == (2, 2)
    failed = Counter[str]()
    assert len(list(checks.documents_below([tmp_path / "docs"], failed))) == 2
    assert failed == {"skipped": 1, "failed": 1}


def test_what_is_read_badly_is_seen(checks: Any, write: Write, tmp_path: Path) -> None:
    write("docs/a(2022-02-02).md", f"---\ntitle: 另一个标题\nurl: https://example.cn/1\n---\n{PROSE}\n{PROSE}\n")
    (read,) = checks.documents_below([tmp_path / "docs"])
    assert read.stated["url"] == ["https://example.cn/1"]
    document, sections = read.document, read.document.sections

    def with_sections(*texts: tuple[str | None, str | None, str]) -> Any:
        made = [replace(sections[0], number=number, heading=heading, text=text) for number, heading, text in texts]
        return read._replace(document=replace(document, sections=tuple(made), text="".join(t for _, _, t in texts)))

    swallowed = with_sections(("第一条", None, "第一条 甲。\n第二条 乙。\n第三条 丙。\n"))
    assert checks.articles(swallowed) == (1, 3)
    cited = with_sections(("第九条", None, "依照第九条办理。\n"))
    assert checks.made_up_articles(cited) == (1, 1)
    piece = with_sections(
        (None, None, f"{PROSE}\n要进一步加强组织领导和统筹协调推动各\n"), (None, "项工作落实", "项工作落实\n")
    )
    assert checks.headings_after_open_lines(piece) == (1, 1)
    assert checks.long_sections(with_sections((None, None, "甲" * 5_001), (None, None, "乙"))) == (1, 2)
    assert checks.dates_of_names(read._replace(document=replace(document, date="2022-02-03"))) == (0, 1)
    assert checks.stated_addresses(read._replace(document=replace(document, url=None))) == (0, 1)
    assert checks.stated_titles(read._replace(document=replace(document, title="别的"))) == (0, 1)


def test_the_script_prints_a_row_for_each_kind_and_refuses_no_folder(write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", f"青石县人民政府关于甲的通知\n各单位：\n{PROSE}\n")
    script = [sys.executable, str(ROOT / "scripts/score_structure.py"), "--unmarked"]
    done = subprocess.run([*script, str(tmp_path / "docs")], capture_output=True, encoding="utf-8", check=True)
    assert [line.split("|")[1].strip() for line in done.stdout.splitlines()] == ["kind", "---", "通知", "**all**"]
    assert subprocess.run(script, capture_output=True, encoding="utf-8").returncode == 1
