"""Numbers, titles and days of standards, public notices, joint orders and statutes of special regions."""

from __future__ import annotations

import pytest
from metadata_of import metadata_of

from policysearch.documents.metadata.document_numbers import normal_number, number_in_line

ARTICLES = "第一条　为了保护灯塔，制定本办法。\n第二条　灯塔保护适用本办法。\n第三条　违反规定的，予以处罚。"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("松政发﹝2024﹞16号", "松政发〔2024〕16号"),
        ("松政发〖2024〗16号", "松政发〔2024〕16号"),
        ("松政发［２０２４］１６号", "松政发〔2024〕16号"),
        ("交通运输部令2024年第12号", "交通运输部令2024年第12号"),
        ("松岑市自然资源局公告第12号", "松岑市自然资源局公告第12号"),
        ("公告2024年第12号", "公告2024年第12号"),
        ("第12/2024號行政法規", "第12/2024号行政法规"),
        ("第2/2024号法律", "第2/2024号法律"),
        ("第34/2024號行政長官批示", "第34/2024号行政长官批示"),
        ("第599C章", "第599C章"),
        ("第599章", "第599章"),
        ("第一章", None),
        ("第12章", None),
        ("第12/2024号楼", None),
        ("松岑市财政局关于灯塔税的公告松岑市财政局公告2024年第3号", None),
    ],
)
def test_numbers_of_other_kinds(written: str, number: str | None) -> None:
    assert normal_number(written) == number
    assert number_in_line(written) == number


@pytest.mark.parametrize(
    ("head", "number", "issuer"),
    [
        ("商务部 海关总署令2024年第5号", "商务部海关总署令2024年第5号", "商务部、海关总署"),
        ("交通运输部令\n2024年第12号", "交通运输部令2024年第12号", "交通运输部"),
        ("农业农村部令第1号 市场监管总局令第2号", "农业农村部令第1号", "农业农村部、市场监管总局"),
        ("农业农村部令第1号\n市场监管总局令第2号", "农业农村部令第1号", "农业农村部、市场监管总局"),
    ],
)
def test_joint_orders(head: str, number: str, issuer: str) -> None:
    order = "《灯塔管理办法》已经审议通过，现予公布，自2024年9月1日起施行。\n2024年7月12日"
    text = f"{head}\n{order}\n灯塔管理办法\n{ARTICLES}"
    found = metadata_of(text)
    assert (found.title, found.document_number, found.issuer) == ("灯塔管理办法", number, issuer)
    assert (found.date, found.effective, found.level) == ("2024-07-12", "2024-09-01", "国家")


def test_public_notices_with_a_year_and_without_a_body() -> None:
    joint = metadata_of(
        "财政部 税务总局关于灯塔税优惠的公告\n财政部 税务总局公告2024年第3号\n现公告如下：\n一、免征增值税。\n"
        "二、本公告执行至2027年12月31日。\n财政部 税务总局\n2024年1月18日"
    )
    assert (joint.title, joint.document_number) == (
        "财政部 税务总局关于灯塔税优惠的公告",
        "财政部税务总局公告2024年第3号",
    )
    assert (joint.issuer, joint.expires) == ("财政部、税务总局", "2027-12-31")
    bare = metadata_of("公告\n2024年第12号\n现公告第一批灯塔企业名单。\n商务部\n2024年4月8日")
    assert (bare.title, bare.document_number, bare.type) == ("商务部公告2024年第12号", "商务部公告2024年第12号", "公告")


def test_a_number_below_the_title_of_a_notice_is_of_its_issuers() -> None:
    found = metadata_of(
        "国家税务总局松岑省税务局　松岑省财政厅\n关于灯塔税收优惠的公告\n2024年第4号\n现公告如下：\n一、免征房产税。\n"
        "国家税务总局松岑省税务局　　松岑省财政厅\n2024年3月28日"
    )
    assert found.document_number == "国家税务总局松岑省税务局松岑省财政厅公告2024年第4号"
    assert (found.region, found.level) == ("松岑省", "省级")
    ministries = metadata_of(
        "中华人民共和国工业和信息化部\n中华人民共和国公安部\n中华人民共和国交通运输部　公告\n2024年 第15号\n"
        "关于灯塔汽车准入的公告\n现公告如下：\n一、准入条件。\n2024年6月3日"
    )
    assert ministries.document_number == "工业和信息化部公安部交通运输部公告2024年第15号"
    assert ministries.issuer == "工业和信息化部、公安部、交通运输部"


def test_a_cover_with_labels_and_a_title_on_two_lines() -> None:
    found = metadata_of(
        "中华人民共和国交通运输行业标准\nJT/T 1234—2023\n代替 JT/T 1234—2010\n灯塔养护工程\n质量检验评定标准\n"
        "Inspection\n发布日期：2023-11-24　实施日期：2024-03-01\n"
        "中华人民共和国交通运输部　发布\n1　范围\n本文件规定了要求。"
    )
    assert (found.title, found.issuer) == ("灯塔养护工程质量检验评定标准", "交通运输部")
    assert (found.date, found.effective) == ("2023-11-24", "2024-03-01")


def test_the_cover_of_a_standard() -> None:
    found = metadata_of(
        "DB11\n北京市地方标准\nDB11/T 1234—2020\n灯塔养护技术规程\nTechnical specification\n"
        "2020-06-24发布　　2020-10-01实施\n北京市市场监督管理局　发布\n1　范围\n本文件规定了灯塔养护的技术要求。"
    )
    assert (found.title, found.document_number, found.issuer) == (
        "灯塔养护技术规程",
        "DB11/T 1234—2020",
        "北京市市场监督管理局",
    )
    assert (found.date, found.effective, found.region) == ("2020-06-24", "2020-10-01", "北京市")
    state = metadata_of(
        "中华人民共和国国家标准\nGB/T 12345—2007\n代替 GB/T 12345—2002\n灯塔代码\n2007-11-14发布\n2008-02-01实施\n"
        "前言\n本标准代替GB/T 12345—2002。"
    )
    assert (state.title, state.document_number, state.level) == ("灯塔代码", "GB/T 12345—2007", "国家")


def test_a_notice_about_a_standard_is_none() -> None:
    found = metadata_of(
        "关于执行GB/T 1234—2020标准的通知\n各单位：\n请执行GB/T 1234—2020。\n松岑市市监局\n2024年5月2日"
    )
    assert (found.title, found.document_number) == ("关于执行GB/T 1234—2020标准的通知", None)


def test_statutes_of_special_regions() -> None:
    macao = metadata_of(
        "第12/2024號行政法規\n燈塔保護規章\n行政長官制定本獨立行政法規。\n第一條\n標的\n本行政法規訂定燈塔保護的規則。\n"
        "第二條\n生效\n本行政法規自公佈翌日起生效。\n二零二四年三月二十一日制定。\n行政長官　賀某某"
    )
    assert (macao.title, macao.type, macao.region) == ("燈塔保護規章", "行政法规", "澳门特别行政区")
    assert (macao.date, macao.effective) == ("2024-03-21", "2024-03-22")
    hong_kong = metadata_of(
        "第599C章\n《預防疾病(燈塔)規例》\n第1條　釋義\n燈塔指航標。\n第2條　罪行\n任何人違反本規例，即屬犯罪。"
    )
    assert (hong_kong.title, hong_kong.document_number) == ("預防疾病(燈塔)規例", "第599C章")
    assert hong_kong.region == "香港特别行政区"
    chapter = metadata_of(
        "第374章《道路交通條例》\n第1條　簡稱\n本條例可引稱為《道路交通條例》。\n第2條　釋義\n道路指公路。"
    )
    assert (chapter.title, chapter.document_number) == ("道路交通條例", "第374章")
    changing = metadata_of("第12/2024號法律\n修改第5/2011號法律《燈塔制度》\n立法會制定本法律。\n第一條\n修改如下。")
    assert (changing.title, changing.type) == ("修改第5/2011號法律《燈塔制度》", "法律")


def test_an_interpretation_of_two_courts_is_of_the_later_day() -> None:
    found = metadata_of(
        "最高人民法院 最高人民检察院关于办理灯塔案件的解释\n（2023年3月6日最高人民法院审判委员会第1880次会议、"
        "2023年2月27日最高人民检察院第十三届检察委员会第一百一十三次会议通过，自2023年8月15日起施行）\n法释〔2023〕5号\n"
        "第一条　破坏灯塔的，依法处罚。"
    )
    assert (found.date, found.effective, found.document_number) == ("2023-03-06", "2023-08-15", "法释〔2023〕5号")


@pytest.mark.parametrize("stage", ["（试行）", "（征求意见稿）", "（2024年修订）"])
def test_a_stage_below_the_title_belongs_to_it(stage: str) -> None:
    found = metadata_of(f"松岑市灯塔保护管理办法\n{stage}\n{ARTICLES}")
    assert found.title == f"松岑市灯塔保护管理办法{stage}"
    assert found.version == ("2024年修订" if "修订" in stage else None)


def test_an_explanation_is_of_the_day_it_was_given() -> None:
    found = metadata_of(
        "关于《松岑市灯塔保护条例（草案）》的说明\n——2024年5月20日在松岑市第八届人民代表大会常务委员会第十次会议上\n"
        "松岑市灯塔局局长　李某某\n主任、各位副主任、秘书长、各位委员：\n现作如下说明。"
    )
    assert found.date == "2024-05-20"
