"""Figures: what is drawn of which counts, names that do not collide, series that survive grey, and the command."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run

import policysearch
from policysearch.corpus.counts import About, Counted, Counts
from policysearch.errors import InputError
from policysearch.frozen import replace

pytest.importorskip("matplotlib")

import itertools

from matplotlib import rc_context

from policysearch.output.plot import fonts
from policysearch.output.plot.charts import draw
from policysearch.output.plot.drawing import draw_counts

TERMS = ("营商环境", "数字经济", "新质生产力", "乡村振兴", "共同富裕", "统一大市场", "低空经济")


def counted(times: Iterable[int]) -> Counted:
    own = array("q", times)
    return Counted(1, 1, 10_000, own, own, own)


def counts_of(by: Iterable[str], terms: Iterable[str], cells: Mapping[tuple[Any, ...], Iterable[int]]) -> Counts:
    """Return counts of these occurrences, in groups of 10,000 Han characters."""
    groups = {}
    for key, times in cells.items():
        code = f"{len(str(key[0])):02}0000" if "region" in tuple(by) else None
        group = (*key, About(code))
        groups[group] = counted(times)
    return Counts(tuple(by), tuple(terms), groups, len(groups), 0, False, False)


def by_year(terms: int = 1) -> Counts:
    return counts_of(["year"], TERMS[:terms], {(year,): range(terms) for year in (2021, 2022, 2024)})


def by_place(places: int, terms: int = 1) -> Counts:
    cells = {(f"第{at}市", year): [at + year % 7] * terms for at in range(places) for year in range(2020, 2024)}
    return counts_of(["region", "year"], TERMS[:terms], cells)


def drawn(counts: Counts, **options: Any) -> str:
    return draw_counts(counts, ".svg", **options).decode()


def test_words_stay_text_and_equal_counts_give_equal_bytes(samples_index: Path) -> None:
    with policysearch.open_index(samples_index) as index:
        lines = draw_counts(index.count(["营商环境", "改革"], by=["year"]), ".svg")
        bars = draw_counts(index.count(["营商环境"], by=["region"]), ".svg")
        assert lines == draw_counts(index.count(["营商环境", "改革"], by=["year"]), ".svg")
    for word in ("营商环境", "2023", "年份", "每万字次数"):
        assert f"{word}</text>" in lines.decode()
    assert "澜泽市</text>" in bars.decode()


@pytest.mark.parametrize("ending", [".pdf", ".png"])
def test_files_repeat_or_say_which_package_has_a_font(ending: str) -> None:
    try:
        found = draw_counts(by_year(2), ending, dpi=50)
    except InputError as error:
        assert "fonts-noto-cjk" in str(error)  # noqa: PT017 (either is right, by the machine)
        return
    assert found == draw_counts(by_year(2), ending, dpi=50)
    assert found.startswith({".pdf": b"%PDF", ".png": b"\x89PNG"}[ending])


def test_a_missing_font_is_said_with_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FAMILIES", ())
    monkeypatch.setattr(fonts, "_has_chinese", lambda path: False)
    fonts.chinese_font.cache_clear()
    try:
        with pytest.raises(InputError, match="apt install fonts-noto-cjk"):
            draw_counts(by_year(), ".png")
    finally:
        fonts.chinese_font.cache_clear()
    with pytest.raises(InputError, match="no font 'No Such Font'"):
        draw_counts(by_year(), ".pdf", font="No Such Font")
    assert "No Such Font" in drawn(by_year(), font="No Such Font")


def test_the_kind_follows_the_number_of_groups() -> None:
    assert len(draw(by_year(7), None, None, None).axes) == 1
    assert len(draw(by_place(5), None, None, None).axes) == 1
    assert len(draw(by_place(12), None, None, None).axes) == 12
    heat = draw(by_place(30), None, None, None)
    assert len(heat.axes) == 2  # the map, and its scale
    assert [label.get_text() for label in heat.axes[0].get_yticklabels()] == [f"第{at}市" for at in range(30)]
    assert len(draw(by_place(3, terms=2), "heatmap", None, None).axes) == 3


def test_many_lines_differ_in_style_and_marker() -> None:
    axes = draw(by_place(12), "lines", None, None).axes[0]
    lines = [line for line in axes.lines if len(line.get_xdata()) > 2]
    assert len({(str(line.get_linestyle()), line.get_marker(), line.get_color()) for line in lines}) == 12
    assert len({line.get_marker() for line in lines}) == 12


@pytest.mark.parametrize("ends", [[5] * 7, [0, 0, 0, 1, 9, 9, 9], [9] * 7, list(range(7))])
def test_names_at_the_ends_of_lines_do_not_collide(ends: list[int]) -> None:
    counts = counts_of(["year"], TERMS, {(2023,): [3] * 7, (2024,): ends})
    figure = draw(counts, "lines", (6.0, 3.0), None)
    (axes,) = figure.axes
    inches = axes.get_position().height * figure.get_figheight() / axes.get_ylim()[1]
    places = sorted(text.get_position()[1] * inches for text in axes.texts)
    assert len(places) == 7
    assert all(after - before > 9 / 72 for before, after in itertools.pairwise(places))


def test_a_year_without_documents_is_a_gap_and_no_zero() -> None:
    (axes,) = draw(by_year(), "lines", None, None).axes
    values = dict(zip(axes.lines[0].get_xdata(), axes.lines[0].get_ydata(), strict=True))
    assert values[2023] != values[2023]
    assert values[2022] == 0
    cells = {("甲市", 2020): [1], ("甲市", 2021): [2], ("乙市", 2021): [3]}
    heat = draw(counts_of(["region", "year"], TERMS[:1], cells), "heatmap", None, None)
    assert any("无文件" in text.get_text() for text in heat.texts)


def test_years_are_whole_and_as_many_as_have_room() -> None:
    counts = counts_of(["year"], TERMS[:1], {(year,): [year % 5] for year in range(1990, 2025)})
    (axes,) = draw(counts, None, (3.0, 2.0), None).axes
    ticks = [label.get_text() for label in axes.get_xticklabels()]
    assert ticks[-1] == "2024"
    assert 2 <= len(ticks) <= 6


def test_places_of_one_name_are_two_lines() -> None:
    groups = {
        ("朝阳区", 2020 + at % 2, About(code)): counted([at])
        for at, code in enumerate(["110105", "110105", "220104", "220104"])
    }
    counts = Counts(("region", "year"), TERMS[:1], groups, 4, 0, False, False)
    found = drawn(counts)
    assert "朝阳区 110105" in found
    assert "朝阳区 220104" in found


def texts_in(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_a_bar_of_what_is_missing_is_told_from_one_of_zero() -> None:
    groups = {
        ("省级", "通知", About()): counted([3]),
        ("省级", "公报", About()): counted([0]),
        ("县级", "通知", About()): Counted(1, 1, 0, array("q", [0]), array("q", [0]), array("q", [0])),
    }
    counts = Counts(("level", "type"), TERMS[:1], groups, 3, 0, False, True)
    (axes,) = draw(counts, None, None, None).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert len(names) == 4
    told = {(round(text.get_position()[1]), text.get_text()) for text in axes.texts}
    assert (names.index("县级 公报"), "无文件") in told
    assert (names.index("县级 通知"), "无汉字") in told
    assert "0" in texts_in(axes)
    assert axes.get_xlim()[0] == 0


def test_leaving_out_zeros_makes_no_gap() -> None:
    cells = {("通知",): [1, 0], ("公报",): [0, 0], ("意见",): [0, 2]}
    counts = replace(counts_of(["type"], TERMS[:2], cells), nonzero=True)
    (axes,) = draw(counts, None, None, None).axes
    assert len(axes.patches) == 4
    assert "公报" not in [label.get_text() for label in axes.get_yticklabels()]
    years = replace(counts_of(["year"], TERMS[:1], {(2020,): [0], (2021,): [2], (2022,): [0]}), nonzero=True)
    (axes,) = draw(years, None, None, None).axes
    assert list(axes.lines[0].get_ydata()) == [0, 2, 0]


def test_places_of_one_name_are_two_bars() -> None:
    groups = {("朝阳区", About("110105")): counted([1]), ("朝阳区", About("220104")): counted([2])}
    (axes,) = draw(Counts(("region",), TERMS[:1], groups, 2, 0, False, False), None, None, None).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["朝阳区 110105", "朝阳区 220104"]
    assert [patch.get_width() for patch in axes.patches] == [1, 2]


@pytest.mark.parametrize("by", [["level"], ["level", "year"]])
def test_legend_and_title_have_room(by: list[str]) -> None:
    terms = [f"economy.{'very ' * 4}long name of {term}" for term in TERMS[:5]]
    cells = {(f"{at}级", 2020 + at)[: len(by)]: [1] * 5 for at in range(8)}
    with fonts.without_font_warnings(), rc_context({"font.family": ["DejaVu Sans"], "font.size": 8}):
        figure = draw(counts_of(by, terms, cells), "multiples" if "year" in by else None, None, "a long title " * 12)
        figure.canvas.draw()
        legend = figure.legends[0] if figure.legends else figure.axes[0].get_legend()
        box, whole = legend.get_window_extent(), figure.bbox
        assert whole.x0 <= box.x0 <= box.x1 <= whole.x1
        assert box.y1 <= whole.y1
        assert len(legend.get_texts()) == 5
        title = next(text for text in figure.texts if "long title" in text.get_text()).get_window_extent()
        assert title.x1 <= whole.x1
        assert title.y0 >= box.y1
        for axes in figure.axes:
            assert axes.get_tightbbox().y1 <= box.y0 or axes.get_legend() is legend


@pytest.mark.parametrize(
    ("counts", "options", "said"),
    [
        (by_place(13), {"kind": "lines"}, "13 lines"),
        (by_year(), {"kind": "bars"}, "without years"),
        (by_year(), {"kind": "pie"}, "Unknown kind"),
        (counts_of(["type"], TERMS[:1], {("通知",): [1]}), {"kind": "lines"}, "add year"),
        (by_year(), {"size": (0.1, 5)}, "from 1 to 200"),
        (counts_of(["year"], TERMS[:1], {(None,): [1]}), {}, "no document has a year"),
    ],
)
def test_what_cannot_be_drawn_is_an_error(counts: Counts, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        drawn(counts, **options)


@pytest.mark.parametrize(
    "counts", [by_year(), by_place(3), by_place(9), counts_of(["type"], TERMS[:1], {("通知",): [1]})]
)
def test_a_size_without_room_is_an_error_that_says_what_is_needed(counts: Counts) -> None:
    kinds = (None, "lines", "multiples", "heatmap") if "year" in counts.by else (None,)
    for kind in kinds:
        size = (1.0, 1.0)
        for side, name in enumerate(("width", "height")):
            with pytest.raises(InputError, match=f"A size of .*; give a {name} of at least [0-9]+ cm") as raised:
                drawn(counts, kind=kind, size=size)
            least = float(str(raised.value).split()[-2])
            size = (least, 1.0) if side == 0 else (size[0], least)
        figure = draw(counts, kind, (size[0] / 2.54, size[1] / 2.54), None)
        for axes in figure.axes:
            box = axes.get_position()
            assert 0 <= box.x0 < box.x1 <= 1
            assert 0 <= box.y0 < box.y1 <= 1


def test_the_command_takes_size_title_and_kind(run: Run, samples_index: Path, tmp_path: Path) -> None:
    file = tmp_path / "figure.svg"
    arguments = ("--size", "12x6", "--title", "三地$比较", "--chart", "multiples", "--plot", file, "-i", samples_index)
    done = run("count", "改革", "--by", "region,year", "--quiet", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    text = file.read_text(encoding="utf-8")
    assert "三地$比较</text>" in text
    assert 'width="340' in text  # points
    told = "without a year" in run("count", "改革", "--by", "year", "--plot", file, "-i", samples_index).stderr
    assert told == (None in [row.group[0] for row in policysearch.open_index(samples_index).count("改革", by="year")])
    for wrong in (("--plot", "figure.gif"), ("--plot", file, "--size", "big")):
        done = run("count", "改革", "--by", "year", *wrong, "-i", samples_index)
        assert done.returncode == 2
        assert ".svg, .pdf or .png" in done.stderr or "16x9" in done.stderr


def test_the_manifest_has_the_options_of_the_plot(run: Run, samples_index: Path, tmp_path: Path) -> None:
    def made(*arguments: Any) -> dict[str, Any]:
        manifest = tmp_path / "m.json"
        done = run("count", "改革", "--by", "year", "--manifest", manifest, *arguments, "-i", samples_index)
        assert done.returncode == 0
        options: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))["options"]
        return options

    plot = ("--plot", tmp_path / "a.svg")
    assert "plot" not in made()
    assert made(*plot)["plot"] == {"format": ".svg", **dict.fromkeys(("chart", "size", "title", "font")), "dpi": 300}
    others = (("--chart", "heatmap"), ("--size", "12x6"), ("--dpi", "100"), ("--title", "甲"), ("--font", "Foo"))
    plots = [str(made(*plot, *other)["plot"]) for other in ((), *others)]
    assert len(set(plots)) == len(plots)


def test_the_figures_of_the_docs_are_there() -> None:
    page = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    for name in ("lines", "multiples", "heatmap", "bars"):
        assert f"figures/{name}.png" in page
        assert (ROOT / "docs" / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
