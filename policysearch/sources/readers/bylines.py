"""Metadata in the line near a page's title: 发布时间：… 来源：…."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from policysearch.sources.readers.fields import field_name
from policysearch.sources.readers.reading import StatedField
from policysearch.text.patterns import lazy_pattern

__all__ = ["byline_statements"]

_DAY = r"(?:19|20)\d\d(?:[-/.年] ?\d{1,2} ?[-/.月] ?\d{1,2}日?|\d{4}(?!\d))(?:[ T]{1,2}\d{1,2}:\d{2}(?::\d{2})?)?"
_DATED = lazy_pattern(
    r"(?P<label>(?:发布|发表|上传|公开|生成|成文|签发|印发|实施|施行|生效)(?:日期|时间)"
    rf"|(?<![\u4e00-\u9fff])(?:日期|时间))[ \u3000]*[：:][ \u3000\n]*(?P<value>{_DAY})"
)
_ORIGIN = lazy_pattern(
    r"(?:来源|稿源)[ \u3000]*[：:][ \u3000]*(?P<value>[^\s：:|｜)）】\]]{2,40})(?![^\s|]{0,40}[：:])"
)
_BARE_DAY = lazy_pattern(rf"(?<!\d){_DAY}")
_TIMED = lazy_pattern(r"\d:\d\d")
# Not the name of a body: buttons that follow an empty 来源：
_BUTTON = lazy_pattern(r"[【\[]|打印|分享|字[体号]|浏览|点击|发布|责任|编辑|作者|http", re.I)


def byline_statements(pieces: Iterable[str]) -> Iterator[StatedField]:
    """Yield the publication date and the origin of a page, as stated in lines around the text.

    Days of issue and of coming into force (成文日期：…, 施行日期：…) are included.

    A day without a label is the page's own if it is alone on its line and has a time of day, or if the line names the
    origin too.

    >>> [(one.name, one.value) for one in byline_statements(["2023-05-01 来源：县政府办"])]
    [('content_source', '县政府办'), ('publish_date', '2023-05-01')]
    """
    for piece in pieces:
        dated = False
        for stated in _DATED.finditer(piece):
            name = "publish_date" if len(stated["label"]) == 2 else field_name(stated["label"])
            dated |= name == "publish_date"
            yield StatedField(name or stated["label"], stated["value"], "byline")
        for line in piece.split("\n"):
            origins = [found["value"] for found in _ORIGIN.finditer(line) if not _BUTTON.search(found["value"])]
            for origin in origins:
                yield StatedField("content_source", origin, "byline")
            if dated or not (day := _BARE_DAY.search(line)):
                continue
            if origins or (_TIMED.search(day[0]) and day[0] == line.strip()):
                yield StatedField("publish_date", day[0], "byline")
