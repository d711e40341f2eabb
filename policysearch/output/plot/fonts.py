"""Fonts with Chinese characters, and matplotlib without settings of the current folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from policysearch.errors import InputError

__all__ = ["FAMILIES", "away_from_here", "chinese_font", "named_font", "without_font_warnings"]

# Families with Chinese characters on common systems; an SVG uses the viewer's own.
FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Serif CJK SC",
    "Songti SC",
    "SimSun",
    "AR PL UMing CN",
    "Droid Sans Fallback",
)
_ENOUGH = "政府工作报告营商环境"
_INSTALL = (
    "Install one, for example Noto Sans CJK: apt install fonts-noto-cjk (Debian, Ubuntu), dnf install "
    "google-noto-sans-cjk-fonts (Fedora), brew install --cask font-noto-sans-cjk-sc (macOS)"
)


@contextmanager
def away_from_here() -> Iterator[None]:
    """Import matplotlib from another folder, since it reads a ``matplotlibrc`` in the current one."""
    if "matplotlib" in sys.modules:
        yield
        return
    for name in ("MATPLOTLIBRC", "MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        if os.environ.get(name):  # settings that the user chose
            os.environ[name] = os.path.abspath(os.environ[name])
    here = os.open(".", getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC)
    try:
        os.chdir(os.path.dirname(os.path.abspath(__file__)))
        yield
    finally:
        os.fchdir(here)
        os.close(here)


def without_font_warnings() -> Any:
    """Suppress warnings about fonts: an SVG is drawn with the viewer's fonts."""
    import logging
    import warnings
    from contextlib import ExitStack

    stack = ExitStack()
    stack.enter_context(warnings.catch_warnings())
    warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
    for name in ("matplotlib.font_manager", "fontTools.subset", "matplotlib.backends.backend_pdf"):
        logger = logging.getLogger(name)
        stack.callback(logger.setLevel, logger.level)
        logger.setLevel(logging.CRITICAL)
    return stack


@lru_cache(maxsize=1)
def chinese_font() -> str:
    """Return the name of an installed font with Chinese characters.

    Raises ``InputError``, with the packages to install, when there is none.
    """
    from matplotlib import font_manager

    manager = font_manager.fontManager
    known = {name: at for at, name in enumerate(FAMILIES)}
    for font in sorted(manager.ttflist, key=lambda f: (known.get(f.name, len(known)), f.name, f.fname)):
        if font.name in known or _has_chinese(font.fname):
            return str(font.name)
    found = next((path for path in _not_listed() if _has_chinese(path)), None)
    if found is None:
        raise InputError(
            f"No font with Chinese characters was found on this machine. {_INSTALL}; or plot to a file that ends "
            "in .svg."
        )
    manager.addfont(found)
    return str(font_manager.FontProperties(fname=found).get_name())


def named_font(name: str) -> str:
    """Return the name of an installed font as matplotlib spells it.

    Raises ``InputError`` when it is not installed or has no Chinese characters.
    """
    from matplotlib import font_manager

    manager = font_manager.fontManager
    for path in () if any(font.name.lower() == name.lower() for font in manager.ttflist) else _not_listed():
        manager.addfont(path)
    found = [font for font in manager.ttflist if font.name.lower() == name.lower()]
    if not found:
        known = sorted({font.name for font in manager.ttflist} & set(FAMILIES))
        others = f" Installed fonts with Chinese characters: {', '.join(known)}." if known else f" {_INSTALL}."
        raise InputError(f"There is no font '{name}' on this machine.{others}")
    if not any(_has_chinese(font.fname) for font in found):
        raise InputError(f"The font '{name}' has no Chinese characters; choose another, or leave --font out.")
    return str(found[0].name)


def _not_listed() -> list[str]:
    """Return the fonts that were installed since the library cached its list."""
    from matplotlib import font_manager

    listed = {font.fname for font in font_manager.fontManager.ttflist}
    return sorted(set(font_manager.findSystemFonts()) - listed)


def _has_chinese(path: str) -> bool:
    from matplotlib.ft2font import FT2Font

    try:
        characters = FT2Font(path).get_charmap()
    except (OSError, RuntimeError):
        return False
    # a last-resort font has one glyph for all characters
    return len({characters.get(ord(character), 0) for character in _ENOUGH} - {0}) == len(set(_ENOUGH))
