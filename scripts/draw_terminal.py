"""Draw the picture of a search in the terminal that the README shows, from what the program prints.

    python scripts/draw_terminal.py

The command runs on an index of sources/, 80 columns wide; rich turns its output
into a page, and Chromium (playwright, a development dependency) draws that.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "pictures" / "terminal.png"
COLUMNS = 80
COMMAND = ("search", "营商环境", "year:2024", "-n", "2")

_GREY = (90, 96, 104)
_COLOURS = [_GREY, (200, 40, 40), (17, 99, 41), (128, 86, 0), (9, 105, 218), (130, 80, 223), (27, 124, 131), _GREY]
_LIGHT = TerminalTheme((252, 252, 250), (36, 41, 47), _COLOURS)
_PAGE = """<meta charset="utf-8"><style>
{stylesheet}
body {{ margin: 0; background: {background}; color: {foreground} }}
pre {{ display: inline-block; margin: 0; padding: 20px 24px; font: 15px/1.5 "Noto Sans Mono CJK SC", monospace }}
</style><pre>{code}</pre>"""


def printed() -> str:
    """Return the output of the command on a terminal."""
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    environment.pop("NO_COLOR", None)
    program = [sys.executable, "-m", "policysearch"]
    with tempfile.TemporaryDirectory() as folder:
        index = ["-i", f"{folder}/index"]
        subprocess.run([*program, "index", "-q", *index, "sources"], cwd=ROOT, env=environment, check=True)
        searching = [*program, *COMMAND, *index, "--color", "always"]
        done = subprocess.run(searching, cwd=ROOT, env=environment, check=True, capture_output=True, encoding="utf-8")
    return done.stdout.rstrip()


def page() -> str:
    """Return a page that shows the command and its output."""
    console = Console(record=True, width=200, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text(f"$ policysearch {' '.join(COMMAND)}\n", style="bold"))
    console.print(Text.from_ansi(printed()))
    return console.export_html(theme=_LIGHT, code_format=_PAGE)


def main() -> None:
    """Write the picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        shown = browser.new_page(device_scale_factor=1.5)
        shown.set_content(page())
        shown.locator("pre").screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
