"""The pages in a real browser: a reader's way, by mouse, without script, by keyboard alone; and axe-core."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import build_index
from serving import running_server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LAW = "法规/云麓省优化营商环境条例.md"
DRAFT = "《云麓省优化营商环境条例》第三条规定“优化营商环境应当坚持市场化、法治化的原则”，第九十九条另有规定。"
PAGES = (
    "/",
    "/?q=营商环境&year=2024",
    "/?q=(",
    "/?q=魑魅魍魉",
    f"/show?id={LAW.replace('#', '%23')}%234&q=营商环境",
    "/count?term=经济&term=营商环境",
    "/trend?term=经济&term=乡村",
    "/kwic?phrase=营商环境",
    "/targets",
    "/keywords?year=2024",
    f"/citations?of={LAW}",
    f"/citations?to={LAW}",
    "/reuse?of=政府工作报告/2024年澜泽市政府工作报告.txt",
    f"/compare?a={LAW}%232&b={LAW}%233",
    "/list",
    "/about",
    "/nothing",
)


def find_browser() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = find_browser()
    if found is None:
        if os.environ.get("POLICYSEARCH_BROWSER_REQUIRED"):
            raise AssertionError("no chromium was found")
        pytest.skip("no chromium was found (on Debian and Ubuntu: apt install chromium fonts-noto-cjk)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(samples_index: Path) -> Iterator[str]:
    with running_server(samples_index) as address:
        yield address.rstrip("/")


Open = Callable[..., Any]


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Open]:
    """Open a page; in the end, no other machine was asked and the console has no messages."""
    contexts: list[Any] = []
    told: list[str] = []
    asked: list[str] = []

    def open_page(path: str = "/", **options: Any) -> Any:
        context = browser.new_context(**{"locale": "zh-CN", "viewport": {"width": 1000, "height": 800}, **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("dialog", lambda dialog: told.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [one for one in asked if not one.startswith(address + "/")] == []
    # a page that was not there, or a query that breaks, is reported as such
    assert [one for one in told if "status of 40" not in one] == []


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def test_a_way_through_the_pages(opened: Open, tmp_path: Path) -> None:
    page = opened("/")
    page.fill("#q", "营商环境")
    page.press("#q", "Enter")
    page.wait_for_selector(".hit")
    everything = int(page.get_attribute(".summary", "data-total"))
    facet = page.locator(".facets a", has_text="2024").first
    figure = number(facet.locator("b").inner_text())
    facet.click()
    page.wait_for_selector(".chips")
    assert int(page.get_attribute(".summary", "data-total")) == figure < everything
    title = page.locator(".hit h2").first.inner_text()
    page.locator(".hit h2 a").first.click()
    page.wait_for_selector("mark.at")
    assert page.locator(".head h1").inner_text() == title
    assert page.locator(".section.target").count() == 1
    before = page.get_attribute("mark.at", "id")
    page.click(".matches .next")
    page.wait_for_function("before => document.querySelector('mark.at').id !== before", arg=before)
    assert page.locator("mark.at").is_visible()
    assert f"at={number(page.get_attribute('mark.at', 'id'))}" in page.url
    page.go_back()
    page.wait_for_selector(".chips")
    page.click("nav.pages a[href='/count']")
    page.fill("textarea[name=terms]", "营商环境\n数字经济")
    page.click(".form button")
    page.wait_for_selector(".shades")
    assert page.locator("svg.chart.wide polyline").count() == 2
    cell = page.locator("td[class^=shade] a").first
    wanted = number(cell.inner_text())
    with page.expect_download() as download:
        page.click(".downloads a[href*='count.csv']")
    table = Path(download.value.path()).read_text(encoding="utf-8")
    assert table.startswith("region,year,term,occurrences")
    cell.click()
    page.wait_for_selector("table.kwic")
    assert page.locator("table.kwic mark").count() == min(50, wanted)
    page.locator("table.kwic .from a").first.click()
    page.wait_for_selector("mark.at")
    page.go_back()
    page.go_back()
    page.wait_for_selector(".shades")


def test_everything_works_without_script(opened: Open) -> None:
    page = opened("/?q=营商环境", java_script_enabled=False)
    page.locator(".facets a", has_text="政府工作报告").first.click()
    page.locator(".hit h2 a").first.click()
    first = page.locator("mark.at").get_attribute("id")
    page.click(".matches .next")
    second = page.locator("mark.at").get_attribute("id")
    assert number(second) == number(first) + 1
    page.click(".matches .previous")
    assert page.locator("mark.at").get_attribute("id") == first
    page.locator(".outline a").nth(1).click()
    assert "#s" in page.url
    page.click(".language")
    assert page.locator("html").get_attribute("lang") == "en"
    page.click("nav.pages a[href='/verify']")
    page.fill("textarea[name=draft]", DRAFT)
    page.click(".form .buttons button")
    page.wait_for_selector(".claim.bad")


def test_everything_works_by_keyboard(opened: Open) -> None:
    page = opened("/?q=营商环境")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("j n ?")  # in a field these are letters
    assert page.input_value("#q") == "j n ?"
    page.keyboard.press("Control+a")
    page.keyboard.type("经济")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=%E7%BB%8F%E6%B5%8E*")
    page.locator("h1").first.wait_for(state="attached")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.locator(".hit.here").get_attribute("value") == "1"
    page.keyboard.press("Enter")
    page.wait_for_selector("mark.at")
    first = number(page.locator("mark.at").get_attribute("id"))
    page.keyboard.press("n")
    page.wait_for_function("n => document.querySelector('mark.at')?.id === 'm' + (n + 1)", arg=first)
    page.keyboard.press("p")
    page.wait_for_function("n => document.querySelector('mark.at')?.id === 'm' + n", arg=first)
    composing = "new KeyboardEvent('keydown', {key: 'n', isComposing: true, bubbles: true})"
    page.evaluate(f"document.body.dispatchEvent({composing})")
    assert number(page.locator("mark.at").get_attribute("id")) == first
    page.keyboard.press("o")
    assert page.evaluate("document.activeElement.closest('.outline') !== null")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened: Open, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    dark = {"type": "rule", "values": ["color-contrast"]}  # only colours differ
    options = {"runOnly": dark if scheme == "dark" else {"type": "tag", "values": tags}}

    def violations() -> list[tuple[str, str, str]]:
        found = axe.run(page, options=options).response["violations"]
        return [(page.url, one["id"], one["nodes"][0]["html"][:200]) for one in found]

    page = opened("/", color_scheme=scheme)
    origin = page.url.rstrip("/")
    broken = []
    for path in PAGES:
        page.goto(origin + path)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        broken += violations()
    page.goto(origin + "/verify")
    page.fill("textarea[name=draft]", DRAFT)
    page.click(".form .buttons button")
    page.wait_for_selector(".claim")
    broken += violations()
    assert broken == []


@pytest.mark.parametrize("width", [320, 1600])
def test_no_page_is_wider_than_the_screen(opened: Open, width: int) -> None:
    page = opened("/", viewport={"width": width, "height": 800})
    origin = page.url.rstrip("/")
    for path in PAGES:
        page.goto(origin + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_documents_run_nothing(browser: Any, tmp_path: Path) -> None:
    root = tmp_path / "texts"
    root.mkdir()
    bad = '<script>window.ran=1</script><img src=x onerror="window.ran=1"><svg/onload=window.ran=1>'
    (root / f"a{bad[:8]}.txt").write_text(f"{bad}\n一、{bad}\n营商环境{bad}\n格\t{bad}\n", encoding="utf-8")
    with running_server(build_index(root, tmp_path / "index")) as address:
        context = browser.new_context()
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for path in ("?q=营商环境", f"?q={bad}", f"kwic?phrase={bad}", f"count?term={bad}", "list"):
            page.goto(address + path)
            assert page.evaluate("window.ran === undefined"), path
        page.locator(".documents a").first.click()
        page.wait_for_selector(".section")
        assert page.evaluate("window.ran === undefined")
        assert bad in page.inner_text(".text")
        assert [one for one in asked if not one.startswith(address)] == []
        context.close()


def test_the_outline_says_where_one_is_after_a_click(opened: Open) -> None:
    page = opened(f"/show?id={LAW}", viewport={"width": 1200, "height": 500})
    links = page.locator(".outline a[href^='#s']")
    assert links.count() > 5
    for at in (3, links.count() // 2, links.count() - 1, 1):
        links.nth(at).click()
        page.wait_for_timeout(150)
        assert page.locator(".outline a[aria-current]").get_attribute("href") == links.nth(at).get_attribute("href")


def test_a_wide_table_fits_a_sheet(opened: Open) -> None:
    named = [f"term={one}{other}" for one in "东西南北上下" for other in "部方面边"]
    few, many = "&".join(named[:14]), "&".join(["term=发展", *named, "term=环境"])
    for path in (f"/count?{few}&by=type", f"/count?{many}&by=region", "/targets", "/words"):
        page = opened(path)
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 700, "height": 990})  # A4 within its margins
        assert page.evaluate("document.querySelector('.table').getBoundingClientRect().right") <= 700
        cells = "[...document.querySelectorAll('.table :is(td, th)')]"
        lost = f"{cells}.filter((one) => one.scrollWidth > one.clientWidth + 1).length"
        assert page.evaluate(lost) == 0, path
