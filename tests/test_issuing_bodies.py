"""Bodies that sign, and the places that they belong to."""

from __future__ import annotations

import pytest
from metadata_of import metadata_of

from policysearch.documents.metadata.regions import makes_rules, region_of_body


@pytest.mark.parametrize(
    ("body", "place", "level"),
    [
        ("国家税务总局松岑县税务局", "松岑县", "县级"),
        ("国家金融监督管理总局浙江监管局", "浙江省", "省级"),
        ("国家金融监督管理总局松岑监管分局", None, None),
        ("国家矿山安全监察局山西局", "山西省", "省级"),
        ("中国证监会浙江监管局", "浙江省", "省级"),
        ("中国人民银行松岑省分行", "松岑省", "省级"),
        ("中国人民银行上海总部", "上海市", "省级"),
        ("财政部驻浙江省财政监察专员办事处", "浙江省", "省级"),
        ("审计署驻上海特派员办事处", "上海市", "省级"),
        ("海关总署广东分署", "广东省", "省级"),
        ("杭州海关", "杭州市", "地级"),
        ("松岑海关", None, None),
        ("中华人民共和国浙江海事局", "浙江省", "省级"),
        ("国家税务总局松岑经济技术开发区税务局", None, None),
        ("松岑县防汛抗旱指挥部", "松岑县", "县级"),
        ("共青团松岑县委", "松岑县", "县级"),
        ("松岑市住房公积金管理中心", "松岑市", None),
        # these are of the state, or of no place
        ("国家税务总局稽查局", "全国", "国家"),
        ("中国人民银行金融消费权益保护局", "全国", "国家"),
        ("财政部办公厅", "全国", "国家"),
        ("水利部黄河水利委员会", "全国", "国家"),
        ("自然资源部东海局", "全国", "国家"),
        ("国家能源局华中监管局", "全国", "国家"),
        ("市场监管总局", "全国", "国家"),
        ("松岑高新区管委会", None, None),
        ("灯塔产业联盟办公室", None, None),
        ("长三角区域合作办公室", None, None),
        ("西部地区开发办公室", None, None),
        ("松岑城市管理局", None, None),
    ],
)
def test_a_branch_belongs_to_its_place(body: str, place: str | None, level: str | None) -> None:
    region = region_of_body(body)
    assert (region and region.name, region and region.level) == (place, level)


def test_a_branch_makes_no_rules() -> None:
    assert [makes_rules(body) for body in ("国家税务总局", "国家税务总局松岑县税务局", "杭州海关")] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("signed", "issuer"),
    [
        ("松岑市 教育局　　　　松岑市 财政局", "松岑市教育局、松岑市财政局"),
        (
            "松岑市教育局　　　松岑市财政局\n国家税务总局松岑市税务局",
            "松岑市教育局、松岑市财政局、国家税务总局松岑市税务局",
        ),
        ("松 岑 县 数 据 局　　松 岑 县 财 政 局", "松岑县数据局、松岑县财政局"),
        ("国家税务总局\n松岑县税务局", "国家税务总局松岑县税务局"),
        ("中国人民银行　松岑市分行", "中国人民银行松岑市分行"),
        ("松岑县人民政府\n办公室", "松岑县人民政府办公室"),
        ("松岑县数据局（盖章）", "松岑县数据局"),
        ("松岑县安全生产委员会办公室（松岑县应急管理局代章）", "松岑县安全生产委员会办公室"),
        ("国家统计局松岑调查队", "国家统计局松岑调查队"),
        ("松岑市消防救援支队", "松岑市消防救援支队"),
        ("松岑县云台街道办事处", "松岑县云台街道办事处"),
        ("松岑县乡村振兴工作专班", "松岑县乡村振兴工作专班"),
        ("中共松岑县委　松岑县人民政府", "中共松岑县委、松岑县人民政府"),
        ("国家税务总局　海关总署", "国家税务总局、海关总署"),
    ],
)
def test_signers_in_columns_and_with_spaces(signed: str, issuer: str) -> None:
    text = f"关于开展灯塔普查的通知\n各有关单位：\n请按照要求认真做好灯塔普查工作。\n{signed}\n2024年7月9日"
    found = metadata_of(text)
    assert (found.issuer, found.date) == (issuer, "2024-07-09")
