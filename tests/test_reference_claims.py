"""References of a draft: numbers that stand with a title, and which title or number they really belong to."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import build_index

import policysearch

NOTICE = """云麓省人民政府{title}

{number}

各市人民政府：

一、总体要求

{text}

云麓省人民政府
2024年{month}月2日
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> policysearch.Index:
    sources = tmp_path_factory.mktemp("sources")
    for name, title, number, text, month in (
        ("旅游", "关于促进湿地旅游健康发展的通知", "云政发〔2024〕6号", "统筹推进湿地旅游健康有序发展。", 4),
        ("渔业", "关于加强渔业资源养护的通知", "云政发〔2024〕5号", "科学划定禁渔区和禁渔期。", 3),
        ("公园", "关于印发湿地公园管理办法的通知", "云政发〔2024〕7号", "现将办法印发给你们。", 5),
        ("无号", "关于做好鸟类环志工作的通知", "", "认真做好环志数据报送。", 6),
    ):
        text = NOTICE.format(title=title, number=number, text=text, month=month)
        (sources / f"{name}.txt").write_text(text, encoding="utf-8")
    return policysearch.open_index(build_index(sources, tmp_path_factory.mktemp("index")))


TOURISM, FISHING = "关于促进湿地旅游健康发展的通知", "云麓省人民政府关于加强渔业资源养护的通知"
BOTH = ("云政发〔2024〕5号 → 云政发〔2024〕6号", f"{TOURISM} → {FISHING}")


@pytest.mark.parametrize(
    ("draft", "notable"),
    [
        pytest.param(f"《{TOURISM}》（云政发〔2024〕5号）", BOTH, id="the number of another document"),
        pytest.param(f"《{TOURISM}》(云政发[2024]5号)", BOTH, id="other marks"),
        pytest.param(f"《{TOURISM}》云政发〔2024〕5号", BOTH, id="without brackets"),
        pytest.param(f"云政发〔2024〕5号《{TOURISM}》", BOTH, id="the number first"),
        pytest.param(f"云政发〔2024〕5号文件（《{TOURISM}》）", BOTH, id="the title in brackets"),
        pytest.param(f"《{TOURISM}》（以下简称《通知》，云政发〔2024〕5号）", BOTH, id="after a short name"),
        pytest.param(f"《{TOURISM}》（2024年4月2日，云政发〔2024〕5号）", BOTH, id="after a date"),
        pytest.param(f"《{TOURISM}》（云政发〔2024〕5号）第一条", BOTH, id="with a number of a section"),
        pytest.param(
            f"《{TOURISM}》（云政发〔2024〕9号）",
            ("云政发〔2024〕9号 → 云政发〔2024〕6号",),
            id="the number of no document",
        ),
        pytest.param(
            "《关于促进湿地公园建设的通知》（云政发〔2024〕5号）",
            (f"关于促进湿地公园建设的通知 → {FISHING}",),
            id="a title of no document",
        ),
        pytest.param(
            "《关于做好鸟类环志工作的通知》（云政发〔2024〕5号）",
            (f"关于做好鸟类环志工作的通知 → {FISHING}",),
            id="a document without a number",
        ),
    ],
)
def test_a_number_with_another_title_is_told(index: policysearch.Index, draft: str, notable: tuple[str, ...]) -> None:
    (claim,) = (claim for claim in index.verify(draft) if claim.kind == "document_number")
    assert (claim.verdict, claim.notable) == ("not_found", notable)
    assert claim.raises()


@pytest.mark.parametrize(
    ("draft", "verdict"),
    [
        pytest.param(f"《{TOURISM}》（云政发〔2024〕6号）", "found", id="right"),
        pytest.param(f"云政发〔2024〕6号《云麓省人民政府{TOURISM}》", "found", id="right, the number first"),
        pytest.param("《湿地旅游通知》（云政发〔2024〕6号）", "found", id="a short title"),
        pytest.param("《湿地公园管理办法》（云政发〔2024〕7号）", "found", id="what a notice issues"),
        pytest.param("《关于做好鸟类环志工作的通知》（云政发〔2024〕8号）", "not_in_collection", id="nothing known"),
        pytest.param(
            f"《关于加强渔业资源养护的通知》（云政发〔2024〕5号）和《{TOURISM}》", "found", id="before another"
        ),
        pytest.param(f"《{TOURISM}》和云政发〔2024〕5号", "found", id="two documents"),
        pytest.param(f"《{TOURISM}》、云政发〔2024〕5号《关于加强渔业资源养护的通知》", "found", id="a list"),
        pytest.param(f"《{TOURISM}》已经印发。云政发〔2024〕5号另有要求", "found", id="two sentences"),
    ],
)
def test_a_number_of_its_title_or_alone_is_found(index: policysearch.Index, draft: str, verdict: str) -> None:
    (claim,) = (claim for claim in index.verify(draft) if claim.kind == "document_number")
    assert (claim.verdict, claim.notable) == (verdict, ())


@pytest.mark.parametrize(
    ("draft", "verdict"),
    [
        ("《松岑市城市管理办法》（市政府令第31号）", "found"),
        ("市政府令第31号《松岑市城市管理办法》", "found"),
        ("《松岑市城市管理办法》（市人民政府令第31号）", "found"),
        ("《松岑市城市管理办法》（松岑市政府令第31号）", "found"),
        ("《松岑市城市管理办法》（市政府令第32号）", "not_found"),
        ("《松岑市城市管理办法》（省政府令第31号）", "not_found"),
        ("《松岑市停车管理办法》（市政府令第31号）", "not_in_collection"),
        ("《松岑市春季植树方案》（市政办〔2024〕3号）", "found"),
    ],
)
def test_an_order_with_a_shortened_issuer_is_that_of_its_title(tmp_path: Path, draft: str, verdict: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "令.txt").write_text(
        "松岑市城市管理办法\n\n（2022年8月10日松岑市人民政府令第31号公布）\n\n第一条　为了加强管理，制定本办法。\n",
        encoding="utf-8",
    )
    (tmp_path / "a" / "方案.txt").write_text(
        "松岑市人民政府办公室关于印发松岑市春季植树方案的通知\n\n松政办〔2024〕3号\n\n各乡镇人民政府：\n\n现将方案印发给你们。\n\n"
        "松岑市人民政府办公室\n2024年2月1日\n",
        encoding="utf-8",
    )
    with policysearch.open_index(build_index(tmp_path / "a", tmp_path / "index")) as index:
        claims = index.verify(f"按照{draft}的规定执行。").claims
        assert [one.verdict for one in claims if one.kind == "document_number"] == [verdict]


def test_numbers_in_a_row_are_those_of_the_titles_in_a_row(index: policysearch.Index) -> None:
    titles = f"《关于加强渔业资源养护的通知》和《{TOURISM}》"
    for numbers, verdicts in (
        ("云政发〔2024〕5号、云政发〔2024〕6号", ["found", "found"]),
        ("云政发〔2024〕5号、云政发〔2024〕9号", ["found", "not_found"]),
        ("云政发〔2024〕7号、云政发〔2024〕6号", ["not_found", "found"]),
    ):
        claims = [claim for claim in index.verify(f"{titles}（{numbers}）") if claim.kind == "document_number"]
        assert [claim.verdict for claim in claims] == verdicts
    (_, wrong) = (
        c for c in index.verify(f"《{TOURISM}》（云政发〔2024〕6号、云政发〔2024〕5号）") if c.kind != "title"
    )
    assert (wrong.verdict, wrong.notable) == ("not_found", BOTH)


def test_a_number_alone_is_of_the_statute_before_it(tmp_path: Path) -> None:
    statute = (
        "松岑县植树条例\n\n第一条　植树应当选用本地树苗并登记。\n\n第二条　浇水应当每月两次并登记。\n\n"
        "浇水人员应当接受植树培训两天。\n"
    )
    (tmp_path / "a.txt").write_text(statute, encoding="utf-8")
    with policysearch.open_index(build_index(tmp_path, tmp_path / "index")) as index:

        def told(draft: str) -> list[tuple[str, str]]:
            return [(one.claim, one.verdict) for one in index.verify(draft)]

        first = "《松岑县植树条例》第一条规定：“植树应当选用本地树苗并登记。”"
        assert told(f"{first}第二条规定：“浇水应当每月两次并登记。”")[2:] == [
            ("第二条", "found"),
            ("浇水应当每月两次并登记。", "verbatim"),
        ]
        assert told(f"{first}第九条规定：“浇水应当每月两次并登记。”")[2:] == [
            ("第九条", "not_found"),
            ("浇水应当每月两次并登记。", "elsewhere"),
        ]
        second = "《松岑县植树条例》第二条第一款规定了次数。"
        assert told(f"{second}第二款规定：“浇水人员应当接受植树培训两天。”")[1:] == [
            ("第二款", "found"),
            ("浇水人员应当接受植树培训两天。", "verbatim"),
        ]
        assert told(f"{second}该条第一款规定：“浇水人员应当接受植树培训两天。”")[2][1] == "elsewhere"
        # of something else: another paragraph, another name, a contract
        for other in (
            "\n第二条讲浇水。",
            "双方合同第二条讲浇水。",
            "《某某办法》第二条讲浇水。",
            "“办法”第二条讲浇水。",
        ):
            assert "第二条" not in dict(told(second + other))
