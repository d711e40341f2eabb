"""Pages to read and to pass on: self-contained, without scripts, fonts or pictures."""

from __future__ import annotations

from html import escape

from policysearch.output.terminal import printable

__all__ = ["as_html", "html_page"]

_STYLE = """
body { font: 16px/1.7 sans-serif; margin: 2em auto; padding: 0 1em; color: #222; background: #fff; }
.about { color: #555; } del { background: #ffd9d6; } ins { background: #d9f2dc; }
"""


def html_page(title: str, style: str, body: str) -> str:
    """Return a page in Chinese; ``style`` is added to the style that all pages have."""
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{as_html(title)}</title>\n'
        f"<style>{_STYLE.rstrip()}{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def as_html(text: str) -> str:
    """Return a text as HTML, with control characters made visible."""
    return escape(printable(text))
