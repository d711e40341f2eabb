"""Take pictures of every page: three widths, light and dark, with hard cases; three of them stand in the docs.

    scripts/take_screenshots.py FOLDER           all pictures, to be looked at
    scripts/take_screenshots.py --docs           the three of the docs, in docs/pictures

Indexes the samples together with texts made for it: a section of 50,000 characters, a title of 200, a document that
states nothing about itself, a wide table, two versions of a law. Says which pages are wider than the screen; --whole
takes them to their end. Needs Chromium, and a Chinese font.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

LAW = "法规/云麓省优化营商环境条例.md"
REPORT = "政府工作报告/2024年澜泽市政府工作报告.txt"
LONG = "云麓省人民政府办公厅关于" + "进一步优化营商环境激发市场活力和社会创造力" * 9 + "的通知"
DRAFT = (
    "《云麓省优化营商环境条例》第三条规定，“优化营商环境应当坚持市场化、法治化、国际化原则，以市场主体需求为导向”。"
    "“本条例所称营商环境，是指市场主体在设立、经营、变更、注销等活动中所面对的体制机制性因素和条件。”该条例第九十九条另有规定。"
)
Picture = tuple[str, int, int, str, Path]
"""A page, the size of the screen, colours, and the file of the picture."""

Addresses = Callable[[str], str]

PAGES = {
    "home": "/",
    "options": "/?q=&open=1",
    "none": "/?q=魑魅魍魉",
    "one": "/?q=竹榭水库饮用水水源保护范围",
    "many": "/?q=的&limit=50",
    "results": "/?q=营商环境",
    "filtered": "/?q=营商环境&year=2024&type=政府工作报告",
    "question": "/?q=澜泽市怎样推进养老服务高质量发展呢",
    "broken": "/?q=营商 (环境",
    "long-title": f"/?q={LONG[12:40]}",
    "grouped": "/?q=营商环境&group=document&sort=-date",
    "nothing-left": "/?q=营商环境&year=2019",
    "law": f"/show?id={LAW}#4&q=营商环境#s4",
    "report": f"/show?id={REPORT}&q=营商环境",
    "section": f"/show?id={REPORT}#9&only=1",
    "long-section": "/show?id=made/long.txt&q=营商环境",
    "title-200": "/show?id=made/title.md",
    "nothing-known": "/show?id=made/bare.txt",
    "table": "/show?id=made/table.md",
    "one-version": "/show?id=made/青禾市绿化条例（2023年修订）.txt",
    "count": "/count?term=营商环境&term=数字经济",
    "count-year": "/count?term=营商环境&term=数字经济&by=year&value=per_10000",
    "count-document": "/count?term=营商环境&by=document",
    "count-many": "/count?term=营商环境&by=level,type,year",
    "count-form": "/count",
    "trend": "/trend?term=营商环境&term=数字经济&term=低空经济",
    "kwic": "/kwic?phrase=营商环境",
    "kwic-none": "/kwic?phrase=魑魅魍魉",
    "targets": "/targets",
    "keywords-form": "/keywords",
    "keywords": "/keywords?year=2024",
    "collocates": "/collocates?phrase=营商环境&min-together=2",
    "words": "/words",
    "compare-form": "/compare",
    "compare": f"/compare?a={REPORT}#3&b=政府工作报告/2023年澜泽市政府工作报告.md#3",
    "versions": "/compare?versions=青禾市绿化条例",
    "citations": f"/citations?to={LAW}",
    "cites": "/citations?of=意见/澜泽市人民政府关于推进养老服务高质量发展的实施意见.txt",
    "reuse": f"/reuse?of={REPORT}",
    "verify-form": "/verify",
    "verify": "/verify?draft=" + DRAFT,
    "list": "/list",
    "about": "/about",
    "missing": "/nothing",
    "invalid": "/count?term=营商环境&by=planet",
    "waiting": "/words?limit=30",
    "english": "/?q=营商环境&lang=en",
    "keys": "/?q=营商环境",
}
"""The pages by the names of their pictures."""

PRESSED = {"keys": "?"}
"""The keys that are pressed on a page before its picture is taken."""

SHOWN = {
    "search": ("results", 1000, 680, "light"),
    "reader": ("law", 1000, 680, "light"),
    "count": ("count-year", 1000, 860, "dark"),
}
"""The pictures in the docs: page, width, height, colours."""


def made_texts(folder: Path) -> None:
    """Write the texts of the hard cases."""
    folder.mkdir(parents=True)
    sentence = "要持续优化营商环境，把方便留给群众，把麻烦留给机关。"
    lines = [f"第{n}条线索：{sentence * 4}" for n in range(450)]
    (folder / "long.txt").write_text("一、很长的一节\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (folder / "title.md").write_text(f"---\ntitle: {LONG}\n---\n\n# 一、总体要求\n\n{sentence}\n", encoding="utf-8")
    (folder / "bare.txt").write_text("今天下雨。\n明天也许放晴。\n", encoding="utf-8")
    head = "| 指标 | " + " | ".join(f"{year}年" for year in range(2010, 2025)) + " |\n|" + " --- |" * 16
    rows = "\n".join(f"| 第{n}项指标（亿元） | " + " | ".join([f"{n * 1234.5:,}"] * 15) + " |" for n in range(1, 9))
    (folder / "table.md").write_text(f"# 青禾市主要指标\n\n{sentence}\n\n{head}\n{rows}\n", encoding="utf-8")
    for year, many in ((2019, "百分之三十"), (2023, "百分之三十五，并应当逐年提高")):
        articles = ("为了绿化城市，制定本条例。", f"新建区域的绿地率不得低于{many}。", "本条例自公布之日起施行。")
        lines = [f"第{number}条　{one}" for number, one in zip("一二三", articles, strict=True)]
        passed = f"（{year}年5月8日青禾市第三届人民代表大会常务委员会第九次会议通过）"
        text = "\n".join(["青禾市绿化条例", passed, *lines, ""])
        (folder / f"青禾市绿化条例（{year}年修订）.txt").write_text(text, encoding="utf-8")


def address_of(path: str) -> str:
    """Return a path with its text encoded; a hash before a number is that of a section's id."""
    path, _, fragment = path.partition("#s")
    return quote(path, safe="/?&=+") + (f"#s{fragment}" if fragment else "")


def pictures(browser: Any, addresses: Addresses, wanted: Iterator[Picture], whole: bool = False) -> None:
    """Take the pictures."""
    for name, width, height, scheme, path in wanted:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale="zh-CN", reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(addresses(name) + address_of(PAGES[name]))
        page.wait_for_timeout(100)
        for key in PRESSED.get(name, ""):
            page.keyboard.press(key)
        page.screenshot(path=str(path), full_page=whole)
        room = page.evaluate("document.documentElement.scrollWidth")
        print(path, f"is {room} pixels wide" if room > width else "")
        context.close()


def reduce_colors(path: Path) -> None:
    """Make a picture small: text needs few colours."""
    from PIL import Image

    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(96, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def main() -> int:
    """Index, serve, and take the pictures."""
    from playwright.sync_api import sync_playwright
    from serving import client_of, running_server

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--whole", action="store_true", help="to the end of a page, not of the screen")
    parser.add_argument("--only", action="append", choices=list(PAGES), help="a page; repeat for several")
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None or (given.folder is None) == (not given.docs):
        parser.error("Chromium is needed, and a folder or --docs.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "sources", folder / "texts")
        if not given.docs:
            made_texts(folder / "texts" / "made")
        index = folder / "index"
        command = [sys.executable, "-m", "policysearch", "index", "-q", "-i", str(index), str(folder / "texts")]
        subprocess.run(command, check=True, cwd=ROOT)
        with contextlib.ExitStack() as stack:
            address = stack.enter_context(running_server(index)).rstrip("/")
            # where every statistic is said to take long
            hurried = f"http://127.0.0.1:{stack.enter_context(client_of(index, patience=0.0)).port}"
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            if given.docs:
                target = ROOT / "docs" / "pictures"
                target.mkdir(exist_ok=True)
                wanted = ((*SHOWN[one], target / f"{one}.png") for one in SHOWN)
            else:
                given.folder.mkdir(parents=True, exist_ok=True)
                wanted = (
                    (one, width, 900, scheme, given.folder / f"{one}-{width}-{scheme}.png")
                    for one in given.only or PAGES
                    for width in (360, 1000, 1600)
                    for scheme in ("light", "dark")
                )
            pictures(browser, lambda name: hurried if name == "waiting" else address, wanted, given.whole)
            if given.docs:
                for one in SHOWN:
                    reduce_colors(target / f"{one}.png")
            browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
