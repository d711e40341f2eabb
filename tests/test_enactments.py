from __future__ import annotations

import pytest

from policysearch.documents.metadata.enactments import read_enactment


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            ["（2009年12月26日第十一届全国人民代表大会常务委员会第十二次会议通过）"],
            ("2009-12-26", "全国人民代表大会常务委员会", None, "法律"),
            id="law",
        ),
        pytest.param(
            [
                "2007年3月16日 第十届全国人民代表大会第五次会议通过",
                "2018年12月29日 第十三届全国人民代表大会常务委员会第七次会议《关于修改某法的决定》修正",
            ],
            ("2018-12-29", "全国人民代表大会", None, "法律"),
            id="amended law keeps its first maker",
        ),
        pytest.param(
            [
                "2011年8月24日 国务院第169次常务会议通过",
                "2011年9月7日 中华人民共和国国务院令第604号公布",
                "2011年11月1日 施行",
            ],
            ("2011-09-07", "国务院", "国务院令第604号", "行政法规"),
            id="regulation: not the day it comes into force",
        ),
        pytest.param(
            [
                "2021年6月23日松岑市第十六届人民代表大会常务委员会第三十四次会议通过 "
                "2021年7月29日云麓省第十三届人民代表大会常务委员会第二十九次会议批准"
            ],
            ("2021-07-29", "松岑市人民代表大会常务委员会", None, "地方性法规"),
            id="passed by the city, approved by the province, on one line",
        ),
        pytest.param(
            ["2021年8月2日 国家粮食总局令第46号公布", "2022年1月1日 起施行"],
            ("2021-08-02", "国家粮食总局", "国家粮食总局令第46号", "规章"),
            id="ministry's order",
        ),
        pytest.param(
            ["2013年12月16日 最高人民法院审判委员会第1600次会议通过", "2013年12月19日 最高人民法院公告公布"],
            ("2013-12-19", "最高人民法院", None, "司法解释"),
            id="judicial interpretation",
        ),
        pytest.param(
            ["1989年9月26日 国务院批准", "1989年10月17日 能源部令第1号发布"],
            ("1989-10-17", "能源部", "能源部令第1号", "行政法规"),
            id="approved by the State Council",
        ),
        pytest.param(
            [
                "2014年12月26日 松岑市十四届人大常委会第二十次会议通过",
                "2015年3月27日 省十二届人大常委会第十八次会议批准",
            ],
            ("2015-03-27", "松岑市人民代表大会常务委员会", None, "地方性法规"),
            id="congresses by their short names",
        ),
        pytest.param(
            ["2022年6月6日 中华人民共和国松树安全部令〔2022〕第2号公布"],
            ("2022-06-06", "松树安全部", "松树安全部令〔2022〕第2号", "规章"),
            id="order numbered by year, of a ministry whose name ends in 全部",
        ),
        pytest.param(
            ["1984年1月7日 国务院中央军委发布"],
            ("1984-01-07", "国务院、中央军委", None, "行政法规"),
            id="two bodies glued together",
        ),
        pytest.param(
            ["2023年5月6日 松岑市松树局第3次局务会议通过"],
            ("2023-05-06", "松岑市松树局", None, "规范性文件"),
            id="a body that may make no rules",
        ),
    ],
)
def test_read_enactment(lines: list[str], expected: tuple[str, str, str | None, str]) -> None:
    found = read_enactment(lines)
    assert found is not None
    assert tuple(found)[:4] == expected


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        (["2009年12月26日 第十一届全国人民代表大会常务委员会第十二次会议通过"], None),
        (["2007年6月29日通过", "2012年12月28日《关于修改〈河道采砂法〉的决定》修正"], "2012年修正"),
        (["2001年2月3日公布", "2010年10月28日国务院第5次会议修订通过", "2010年11月9日国务院令第5号公布"], "2010年修订"),
        (["（2001年2月3日公布 根据2010年1月8日《决定》第一次修正 根据2019年3月2日《决定》第二次修正）"], "2019年修正"),
        (["2001年2月3日国务院令第5号公布", "2010年1月8日《关于修订某条例的决定》通过"], None),
    ],
)
def test_the_latest_change_is_the_version(lines: list[str], version: str | None) -> None:
    found = read_enactment(lines)
    assert found is not None
    assert found.version == version


def test_a_repeal_is_no_enactment() -> None:
    last = "本条例自公布之日起施行。2001年6月13日国务院公布的《河道采砂条例》同时废止。"
    assert read_enactment([last]) is None
    note = "（2005年3月1日松树部令第3号公布 自2005年4月1日起施行 2001年5月1日发布的《松树规定》同时废止）"
    found = read_enactment([note])
    assert found is not None
    assert found.number == "松树部令第3号"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["某某规定"],
        ["2023年1月1日"],
        ["自2023年1月1日起施行"],
        ["2023年1月1日 起施行"],
        ["对2015年11月1日以后审理的案件，适用修正后的法"],
    ],
)
def test_nothing_passed_is_no_enactment(lines: list[str]) -> None:
    assert read_enactment(lines) is None
