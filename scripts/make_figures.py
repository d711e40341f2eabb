"""Draw the figures of docs/figures.md again, from reports that are made up here.

    python scripts/make_figures.py [FOLDER]    # docs/figures without FOLDER

The places do not exist, and the figures say nothing about any real ones. Fonts differ between machines, and so do the
pictures.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import policysearch
from policysearch.corpus.counts import Counts

ROOT = Path(__file__).resolve().parent.parent
YEARS = range(2013, 2025)
FIRST = "云松竹梅兰菊桂枫榆槐柏杉桐栎桦椿楠樟榕柳桑枣梨杏桃李"
SECOND = "岭泽源川"
TERMS = ("营商环境", "数字经济", "新质生产力", "乡村振兴")
FILLER = "我们坚持稳中求进，扎实做好各项工作，经济社会发展取得新的成绩，群众生活继续改善。"
SENTENCES = {
    "营商环境": "持续优化营商环境，让企业办事更方便。",
    "数字经济": "加快发展数字经济，建设一批重点项目。",
    "新质生产力": "因地制宜发展新质生产力。",
    "乡村振兴": "全面推进乡村振兴，促进农民增收。",
}
STARTS = {"营商环境": 2015, "数字经济": 2017, "新质生产力": 2023, "乡村振兴": 2018}


def write_reports(folder: Path) -> None:
    """Write a report for most places and years."""
    draw = random.Random(22)
    for at, first in enumerate(FIRST):
        place = f"{first}{SECOND[at % len(SECOND)]}{'省' if at < 6 else '市'}"
        keen = {term: draw.uniform(0.4, 1.6) for term in TERMS}
        for year in YEARS:
            if draw.random() < 0.06:
                continue  # a report that was not found
            said = [FILLER] * 30
            for term in TERMS:
                since = year - STARTS[term] + (at % 3 == 0)
                times = int(max(0, keen[term] * min(since, 5) * draw.uniform(0.6, 1.3)))
                said += [SENTENCES[term]] * times
            text = f"{year}年{place}政府工作报告\n\n一、{year}年工作安排\n\n{''.join(said)}\n"
            (folder / f"{year}年{place}政府工作报告.txt").write_text(text, encoding="utf-8")


def main(folder: str = str(ROOT / "docs" / "figures")) -> None:
    """Draw the figures."""
    place = Path(folder)
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        sources = Path(made) / "reports"
        sources.mkdir()
        write_reports(sources)
        policysearch.index_sources([sources], Path(made) / "index")
        with policysearch.open_index(Path(made) / "index") as index:
            provinces = {"level": "省级"}
            few = index.count(TERMS, by="year")
            some = index.count(TERMS[:2], by=["region", "year"], filters={"region": REGIONS})
            all_places = index.count("营商环境", by=["region", "year"])
            bars = index.count(TERMS[:3], by="region", filters=provinces)
    figures: dict[str, tuple[Counts, dict[str, str]]] = {
        "lines": (few, {"title": "四个提法的使用率"}),
        "multiples": (some, {"kind": "multiples"}),
        "heatmap": (all_places, {"kind": "heatmap"}),
        "bars": (bars, {}),
    }
    for name, (counts, options) in figures.items():
        drawn = policysearch.draw_counts(counts, ".png", dpi=150, **options)  # type: ignore[arg-type]
        (place / f"{name}.png").write_bytes(drawn)


REGIONS = [f"{first}{SECOND[at % len(SECOND)]}{'省' if at < 6 else '市'}" for at, first in enumerate(FIRST)][:12]


if __name__ == "__main__":
    main(*sys.argv[1:])
