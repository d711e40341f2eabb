from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metadata_of import metadata_of

from policysearch.documents.metadata.types import normal_status
from policysearch.sources.readers.reading import HeadingLine

OPENING = "各位代表:\n现在,我代表市人民政府向大会报告工作,请予审议。\n"


@pytest.mark.parametrize(
    ("block", "date", "region", "speaker"),
    [
        pytest.param(
            "政府工作报告\n——2023年1月6日在松岑市第三届人民代表大会第二次会议上\n松岑市人民政府市长 李四明",
            "2023-01-06",
            "松岑市",
            "李四明",
            id="usual",
        ),
        pytest.param(
            "政府工作报告\n(2023年1月6日在松岑市第三届人民代表大会第二次会议上)\n松岑市代市长 李　四",
            "2023-01-06",
            "松岑市",
            "李四",
            id="brackets, acting, name spaced out",
        ),
        pytest.param(
            "政府工作报告\n松岑市人民政府市长\n李四明\n(2023年1月6日)",
            "2023-01-06",
            "松岑市",
            "李四明",
            id="office and name on two lines, date alone",
        ),
        pytest.param(
            "松岑市政府工作报告\n二〇二三年一月六日在市三届人大二次会议上\n市长:欧阳明日",
            "2023-01-06",
            "松岑市",
            "欧阳明日",
            id="Chinese numerals, 人大",
        ),
        pytest.param(
            "—1—政府工作报告—2023年1月6日在松岑市第三届人民代表大会第二次会议上市人民政府市长买合·艾力",
            "2023-01-06",
            "松岑市",
            "买合·艾力",
            id="glued, page mark, name with a dot",
        ),
        pytest.param(
            "2023年1月6日李四明市长在松岑市第三届人民代表大会第二次会议上的政府工作报告",
            "2023-01-06",
            "松岑市",
            "李四明",
            id="name before office",
        ),
        pytest.param(
            "来源:松岑日报 时间:2023-02-01\n政府工作报告\n"
            "2023年1月6日在松岑市第三届人民代表大会第二次会议上\n"
            "市委副书记、市长 李四明\n市长李四明作政府工作报告。本报记者 王五摄",
            "2023-01-06",
            "松岑市",
            "李四明",
            id="the day of the page and a caption",
        ),
        pytest.param("市长信箱 市长热线\n松岑市政府工作报告", None, "松岑市", None, id="navigation is no speaker"),
    ],
)
def test_title_block_of_a_report(block: str, date: str | None, region: str, speaker: str | None) -> None:
    found = metadata_of(f"{block}\n{OPENING}一、2022年工作回顾\n过去一年成绩很大。")
    assert (found.type, found.date, found.region, found.speaker) == ("政府工作报告", date, region, speaker)
    assert found.year == 2023
    assert found.issuer == "松岑市人民政府"


def test_a_region_of_the_table_brings_what_is_above_it() -> None:
    text = f"政府工作报告\n——2023年1月6日在海勃湾区第三届人民代表大会第二次会议上\n区长 李四明\n{OPENING}"
    found = metadata_of(text.replace("代表市人民", "代表区人民"))
    assert (found.region, found.region_code, found.city, found.province, found.level) == (
        "海勃湾区",
        "150302",
        "乌海市",
        "内蒙古自治区",
        "县级",
    )
    assert found.title == "2023年海勃湾区政府工作报告"
    assert found.inferred == ("title", "issuer", "region_code", "city", "province", "level")


def test_namesakes_are_told_apart_by_what_stands_around() -> None:
    text = "政府工作报告\n——2023年1月6日在朝阳区第三届人民代表大会第二次会议上\n各位代表:\n"
    text += "我代表区人民政府向大会报告工作。"
    alone = metadata_of(text)
    assert (alone.region, alone.region_code, alone.province, alone.level) == ("朝阳区", None, None, "县级")
    placed = metadata_of(text + "\n长春市各区中我们排名第一,位居长春前列。")
    assert (placed.region_code, placed.province) == ("220104", "吉林省")


def test_a_report_without_title_is_of_the_place_it_speaks_of_most() -> None:
    text = OPENING + "一、2022年工作回顾\n我市经济增长。乌海新城建成。乌海湖治理。"
    text += "鄂托克前旗来访。阿拉善盟合作。全区第一。"
    found = metadata_of(text)
    assert (found.region, found.province, found.year) == ("乌海市", "内蒙古自治区", 2023)
    assert found.title == "2023年乌海市政府工作报告"
    assert {"title", "type", "region", "province"} <= set(found.inferred)


def test_a_report_of_a_town_is_of_no_place_above_it() -> None:
    text = "政府工作报告\n——2023年1月6日在枫林镇第三届人民代表大会第二次会议上\n各位代表:\n"
    text += "我代表镇人民政府向大会报告工作。\n"
    assert metadata_of(text + "乌海市乌海市乌海市全市我市。").region is None


def test_report_without_any_clue_stays_empty() -> None:
    found = metadata_of("各位代表:\n现在,我代表人民政府向大会报告工作。\n过去一年很好。")
    assert (found.region, found.year, found.date, found.speaker, found.level) == (
        None,
        None,
        None,
        None,
        None,
    )


def test_national_report() -> None:
    text = "政府工作报告——2016年3月5日在第十二届全国人民代表大会第四次会议上\n国务院总理 李四明\n"
    text += "各位代表:\n我代表国务院,向大会报告政府工作。"
    found = metadata_of(text)
    assert (found.region, found.level, found.issuer, found.province) == ("全国", "国家", "国务院", None)


NOTICE = (
    "松岑市人民政府办公室文件\n松政办发［2023］第07号\n松岑市人民政府办公室\n关于做好防汛工作的通知\n"
    "各区人民政府,市政府各部门:\n为做好防汛工作,按照国发〔2022〕1号要求,通知如下。\n一、高度重视\n加强值守。\n"
    "松岑市人民政府办公室\n2023年5月8日\n(此件公开发布)\n"
)


def test_notice() -> None:
    found = metadata_of(NOTICE)
    assert found.title == "松岑市人民政府办公室关于做好防汛工作的通知"
    assert (found.type, found.issuer, found.region) == ("通知", "松岑市人民政府办公室", "松岑市")
    assert (found.document_number, found.date, found.year) == ("松政办发〔2023〕7号", "2023-05-08", 2023)


def test_notice_with_all_its_lines_joined() -> None:
    found = metadata_of(" ".join(NOTICE.split()) + "。" * 200)
    assert found.title == "松岑市人民政府办公室关于做好防汛工作的通知"
    assert (found.document_number, found.date) == ("松政办发〔2023〕7号", "2023-05-08")


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        pytest.param("国务院关于加强节能工作的意见", "意见", id="opinion"),
        pytest.param("国务院关于同意设立某试验区的批复", "批复", id="reply"),
        pytest.param("国务院关于修改部分行政法规的决定", "决定", id="decision"),
        pytest.param("国务院关于印发某规划的通知", "通知", id="notice that carries a plan"),
        pytest.param("松岑省国民经济和社会发展第十四个五年规划和二〇三五年远景目标纲要", "规划", id="plan"),
        pytest.param("松岑省国民经济和社会发展统计公报", "公报", id="bulletin"),
        pytest.param("国务院关于落实《政府工作报告》重点工作分工的意见", "意见", id="about a report"),
        pytest.param("国务院关于某事的通知（2020年修订）", "通知", id="bracket after it"),
        pytest.param("中华人民共和国松树保护法", "法律", id="law"),
        pytest.param("中华人民共和国松树保护法第十二条", "法律", id="article of a law"),
        pytest.param("最高人民法院关于审理某类案件的规定", "司法解释", id="interpretation"),
        pytest.param("国务院办公厅关于某事的复函", "函", id="letter"),
        pytest.param("松岑市松树局关于免税的公告", "公告", id="announcement"),
        pytest.param("松岑市公安局关于封路的通告", "通告", id="public notice"),
        pytest.param("松岑市人民政府关于表扬先进单位的通报", "通报", id="circular"),
        pytest.param("松岑市松树保护工作实施方案（试行）", "方案", id="scheme"),
        pytest.param("松岑市松树保护情况调研报告", "报告", id="report"),
        pytest.param("松岑市人民政府令（第18号）", "令", id="order"),
        pytest.param("市防指下达动员令", "其他", id="动员令 is no order of a body"),
        pytest.param("致全体市民的公开信函", "其他", id="信函 is no letter between bodies"),
        pytest.param("四部门联合下发意见", "其他", id="headline"),
        pytest.param("松树种植方法", "其他", id="方法 is no 法"),
    ],
)
def test_type_by_title(title: str, kind: str) -> None:
    assert metadata_of(f"{title}\n正文在这里。").type == kind


def test_statute_below_the_order_that_promulgates_it() -> None:
    text = (
        "松岑省人民政府令\n第195号\n《松岑省松树管理办法》已经2015年1月1日省人民政府第55次常务会议通过,现予公布,"
        "自2015年3月1日起施行。\n省长 李四明\n2015年1月15日\n松岑省松树管理办法\n第一条 为了保护松树,制定本办法。\n"
    )
    found = metadata_of(text)
    assert (found.title, found.type, found.date) == ("松岑省松树管理办法", "规章", "2015-01-15")
    assert (found.document_number, found.issuer) == ("松岑省人民政府令第195号", "松岑省人民政府")


def test_public_notice_whose_number_is_a_line_of_its_own() -> None:
    found = metadata_of("国家松树总局公告\n2020年第3号\n关于松树税收的公告\n松树免税。\n国家松树总局\n2020年2月10日")
    assert (found.title, found.document_number) == ("关于松树税收的公告", "国家松树总局公告2020年第3号")
    assert (found.issuer, found.date, found.region) == ("国家松树总局", "2020-02-10", "全国")


def test_title_on_two_lines() -> None:
    found = metadata_of(
        "乌海市国民经济和社会发展第十四个五年规划和二〇三五年\n远景目标纲要\n2021年3月\n目 录\n第一章 环境"
    )
    assert found.title == "乌海市国民经济和社会发展第十四个五年规划和二〇三五年远景目标纲要"
    assert (found.type, found.region) == ("规划", "乌海市")


def test_labels_in_plain_text() -> None:
    text = (
        "当前位置:首页>政务公开>通知\n发文机关:乌海市人民政府\n成文日期:2022年05月06日\n发布日期:2022年05月10日\n"
        "发文字号:乌海政发〔2022〕12号\n乌海市人民政府关于防汛的通知\n各区人民政府:\n略。\n"
    )
    found = metadata_of(text)
    assert (found.title, found.date) == ("乌海市人民政府关于防汛的通知", "2022-05-06")
    assert found.document_number == "乌海政发〔2022〕12号"


def test_traditional_characters() -> None:
    text = (
        "烏海市人民政府關於加強水源保護的通知\n烏海政發〔2024〕2號\n各區人民政府:\n略。\n烏海市人民政府\n2024年3月15日"
    )
    found = metadata_of(text)
    assert (found.title, found.type) == ("烏海市人民政府關於加強水源保護的通知", "通知")
    assert (found.issuer, found.region) == ("烏海市人民政府", "乌海市")
    assert (found.document_number, found.date) == ("烏海政發〔2024〕2号", "2024-03-15")


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("松岑市修渠热点问答", "松岑市修渠热点问答"),
        ("修渠便民，“网上办、就近办”", "修渠便民，“网上办、就近办”"),
        ("第三十七条　市人民政府组织修建水渠的办法", None),
        ("水渠通了，松岑农户“省心”用水，今年可多种水稻万亩", "水渠通了，松岑农户“省心”用水，今年可多种水稻万亩"),
        ("水渠建成后，由村民委员会管理，农户使用，费用自付", None),
        ("水渠建成以后由各有关的村民委员会负责管理和日常维修，农户依照先后次序使用，有关费用由农户自付", None),
        ("村民委员会应当管理水渠", None),
        ("修建水渠。村民委员会管理", None),
        ("，水渠由村民委员会管理", None),
        ("修建水渠（由市水利局负责、各县", None),
    ],
)
def test_a_first_line_is_a_title_if_it_is_no_part_of_a_text(line: str, title: str | None) -> None:
    assert metadata_of(f"{line}\n水渠由村民委员会管理。\n").title == title


def test_breadcrumbs_are_no_title() -> None:
    found = metadata_of(f"当前位置 首页>公开>政府工作报告\n2021年乌海市政府工作报告\n{OPENING}")
    assert (found.title, found.year) == ("2021年乌海市政府工作报告", 2021)


def test_joint_issuers() -> None:
    found = metadata_of("财政部 农业农村部\n关于支持种粮的通知\n各省:\n请执行。\n财政部 农业农村部\n2023年5月8日\n")
    assert (found.issuer, found.date, found.region) == ("财政部、农业农村部", "2023-05-08", "全国")


def test_issuer_and_date_from_the_signature_alone() -> None:
    found = metadata_of("关于做好防汛工作的通知\n各单位:\n请执行。\n松 岑 省 水 利 厅\n二〇二三年五月八日\n")
    assert (found.issuer, found.date, found.region, found.level) == (
        "松岑省水利厅",
        "2023-05-08",
        "松岑省",
        "省级",
    )


def test_header_table_comes_after_title_block_and_signature() -> None:
    fields = {
        "date": "2023年05月09日",
        "document_number": "别政发〔2020〕1号",
        "publish_date": "2023年6月1日",
    }
    found = metadata_of(NOTICE, fields, source="a.html")
    assert (found.date, found.document_number) == ("2023-05-08", "松政办发〔2023〕7号")
    unsigned = metadata_of(NOTICE.replace("2023年5月8日", ""), fields, source="a.html")
    assert (unsigned.date, unsigned.inferred) == ("2023-05-09", ("level",) if unsigned.level else ())


def test_front_matter_comes_after_the_signature() -> None:
    assert metadata_of(NOTICE, {"date": "2023-05-09"}, source="a.md").date == "2023-05-08"


def test_columns_fill_what_nothing_else_states() -> None:
    fields = {
        "title": "某人谈防汛",
        "region": "乌海",
        "status": "现行有效",
        "url": "https://example.org/1",
        "year": "2021",
    }
    found = metadata_of("防汛要早作准备。", fields, source="a.csv#7", record="7")
    assert (found.title, found.region, found.status, found.url) == (
        "某人谈防汛",
        "乌海市",
        "有效",
        "https://example.org/1",
    )
    assert (found.year, found.type) == (2021, "其他")


def test_file_name_is_a_last_resort_and_marked() -> None:
    found = metadata_of("各位代表:\n现在,我代表人民政府向大会报告工作。", source="报告/2021年乌海市政府工作报告.txt")
    assert (found.region, found.year) == ("乌海市", 2021)
    assert {"region", "year", "title"} <= set(found.inferred)


def test_statute_in_markdown() -> None:
    text = "松岑市防汛条例\n\n2019年7月1日 松岑市第三届人民代表大会第二次会议通过\n\n"
    text += "第一条 为了防汛,制定本条例。\n"
    found = metadata_of(text, source="a.md", headings=(HeadingLine(0, 1),))
    assert (found.title, found.type, found.date) == ("松岑市防汛条例", "地方性法规", "2019-07-01")
    assert (found.issuer, found.region, found.year) == ("松岑市人民代表大会", "松岑市", 2019)


def test_address_and_status_are_read_where_stated() -> None:
    found = metadata_of(
        "关于防汛的通知\n【是否有效】 全文有效\n请执行。",
        removed_tail=("转载链接:http://example.org/a.html",),
    )
    assert (found.url, found.status) == ("http://example.org/a.html", "有效")
    assert metadata_of("请登录网站http://example.org办理").url is None


@pytest.mark.parametrize("text", ["", "\n\n", "abc", "今天天气很好。", "1.\n2.\n3.", "乌海新闻:我市新增绿地。"])
def test_nothing_known_is_nothing_said(text: str) -> None:
    found = metadata_of(text)
    assert (found.issuer, found.document_number, found.region, found.year, found.date, found.speaker) == (None,) * 6
    assert (found.type, found.inferred) == ("其他", ())


def test_status_words() -> None:
    words = ["现行有效", "已被修改", "已废止", "失效", "尚未施行", "未知"]
    assert [normal_status(word) for word in words] == ["有效", "已修改", "已废止", "已废止", "尚未生效", None]


PIECES = st.sampled_from(
    [
        "政府工作报告",
        "各位代表:",
        "2023年1月6日",
        "在乌海市第三届人民代表大会",
        "市长 ",
        "李四",
        "关于",
        "通知",
        "国发〔2023〕1号",
        "我代表市人民政府向大会报告工作",
        "国务院",
        "第一条",
        "全市",
        "乌海",
        "令第",
        *"号\n 。—(）〔",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_any_text_has_metadata(text: str) -> None:
    found = metadata_of(text)
    assert all(getattr(found, name) is not None for name in found.inferred)
    assert found.title is None or found.title.strip()
    assert metadata_of(text) == found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("乌海市" * 700_000, id="one line"),
        pytest.param("\n" * 2_000_000, id="empty lines"),
        pytest.param("2023年" * 400_000, id="years"),
        pytest.param("国务院 2023年1月" * 200_000, id="almost signatures"),
        pytest.param("国 " * 700_000 + "2023年1月6日", id="characters spaced out"),
        pytest.param("各位代表:我代表人民政府向大会报告工作。\n" + "　" * 2_000_000, id="report of spaces"),
        pytest.param("人" * 2_000_000, id="one character"),
        pytest.param("关于" * 700_000, id="words of titles"),
    ],
)
def test_time_is_linear(text: str) -> None:
    start = time.process_time()
    metadata_of(text)
    assert time.process_time() - start < 5
