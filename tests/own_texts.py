"""Documents of invented contents, for tests that need many: work reports, laws, notices, measures.

Sentences are put together by chance out of the words of such documents, so
that words are as frequent and as rare as there, stand beside each other in
many ways, and make sections of one line and of many.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

PLACES = (
    *("上海市", "广东省", "四川省", "新疆维吾尔自治区", "江苏省", "广州市", "成都市", "乌海市", "苏州市"),
    *("佛山市", "宁波市", "昆山市", "正定县", "长兴县", "安吉县"),
)

_WHO = (
    *(
        "各级人民政府",
        "县级以上地方人民政府",
        "有关部门",
        "企业",
        "个体工商户",
        "学校",
        "医疗卫生机构",
        "市场监督管理部门",
    ),
    *("乡镇人民政府", "国务院教育行政部门", "行业协会", "申请人", "用人单位", "金融机构", "科研院所", "农民专业合作社"),
)
_HOW = (
    *("应当", "不得", "可以", "依法", "全面", "着力", "持续", "加快", "深入", "扎实", "统筹", "切实", "有序", "大力"),
    *("积极稳妥地", "因地制宜地", "按照国家有关规定", "在各自职责范围内", "自受理之日起二十日内", "会同有关部门"),
)
_DO = (
    *("优化", "推进", "保护", "建立", "完善", "发展", "支持", "规范", "落实", "加强", "公开", "办理", "保障", "扩大"),
    *("改善", "培育", "深化", "实施", "打造", "鼓励", "限制", "监督", "登记", "审查", "提升", "促进"),
)
_WHAT = (
    *("营商环境", "营商环境改革", "乡村振兴", "科技创新", "生态环境", "数字经济", "高质量发展", "碳达峰", "碳中和"),
    *("疫情防控", "安全生产", "教育公平", "教育", "医疗", "医疗保障", "农村公路", "农业农村现代化", "行政处罚"),
    *("营业执照", "申请材料和手续", "就业", "创业培训", "就业服务", "企业和市场", "土地承包", "土地", "灾害防治"),
    *("未成年人的安全", "债务清偿", "公平竞争审查制度", "知识产权保护", "公共卫生服务", "养老服务", "GDP 增长"),
    *("重点产业链", "基础设施", "科技成果转化", "法律责任", "环境", "经济发展", "城市更新", "水利工程", "粮食产能"),
    *("社会信用体系", "应急预案", "档案管理制度", "职业技能等级认定", "老旧小区改造", "新型储能", "低空经济"),
)
_TO_WHAT_END = (
    *("，使群众得到实惠", "，承担相应的责任", "，并向社会公布", "，防止弄虚作假", "，增强内生动力", "，逐步缩小差距"),
    *("，减轻基层负担", "，造福一方百姓", "，接受社会监督", "，形成长效机制", "；情节严重的，吊销许可证件", ""),
)
_FIGURES = ("增长{}.{}%", "达到{}{}万亿元", "新增{}{}万人", "建成{}{}个", "下降{}.{}个百分点", "投资{}{}亿元")
_REPORT_PARTS = ("过去一年工作回顾", "今年工作的总体要求和主要预期目标", "今年重点工作", "加强政府自身建设")
_CHAPTERS = ("总则", "优化营商环境", "教育与医疗保障", "科技创新", "监督管理", "法律责任", "附则")
_LAWS = ("优化营商环境条例", "科技创新促进条例", "公司登记管理法", "未成年人保护条例", "土地承包法", "医疗保障条例")
_NOTICES = ("数字经济发展", "安全生产", "碳达峰行动", "就业创业", "医疗教育资源共享", "疫情防控和应急预案")
_CHINESE = "零一二三四五六七八九十"


def write_documents(folder: Path, documents: int = 260, seed: int = 1) -> Path:
    """Write so many documents, the same for the same seed; return the folder."""
    draw = random.Random(seed)
    for number in range(documents):
        name, lines = draw.choice((_report, _law, _notice, _law, _measures))(draw)
        path = folder / f"{number:04d}-{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _sentence(draw: random.Random) -> str:
    parts = [draw.choice(_WHO) if draw.random() < 0.6 else "", draw.choice(_HOW), draw.choice(_DO), draw.choice(_WHAT)]
    if draw.random() < 0.4:
        parts += ["，", draw.choice(_DO), draw.choice(_WHAT), draw.choice(("的", "和", "与")), draw.choice(_WHAT)]
    if draw.random() < 0.2:
        parts += ["，", draw.choice(_FIGURES).format(draw.randrange(1, 10), draw.randrange(10))]
    # a rare character here and there, as in names
    if draw.random() < 0.3:
        parts += ["，重点是", "".join(chr(draw.randrange(0x4E00, 0x9000)) for _ in range(draw.randrange(2, 4))), "一带"]
    return "".join(parts) + draw.choice(_TO_WHAT_END) + "。"


def _paragraph(draw: random.Random, least: int = 1, most: int = 5) -> str:
    return "".join(_sentence(draw) for _ in range(draw.randint(least, most)))


def _report(draw: random.Random) -> tuple[str, list[str]]:
    place, year = draw.choice(PLACES), draw.randint(2008, 2026)
    lines = [f"{year}年{place}政府工作报告", "", "各位代表：", ""]
    lines.append(f"现在，我代表{place}人民政府，向大会报告政府工作，请予审议。")
    for number, heading in enumerate(_REPORT_PARTS, 1):
        said = heading.replace("过去一年", f"{year - 1}年").replace("今年", f"{year}年")
        lines += ["", f"{_CHINESE[number]}、{said}", "", _paragraph(draw)]
        for inner in range(1, draw.randint(3, 6)):
            lines += [f"（{_CHINESE[inner]}）{draw.choice(_HOW[3:12])}{draw.choice(_DO)}{draw.choice(_WHAT)}"]
            lines += [_paragraph(draw, 2, 6)]
    return f"{year}年{place}政府工作报告", lines


def _law(draw: random.Random) -> tuple[str, list[str]]:
    name, year = draw.choice(_LAWS), draw.randint(2003, 2026)
    national = name.endswith("法")
    place = "中华人民共和国" if national else draw.choice(PLACES)
    body = "全国人民代表大会常务委员会" if national else f"{place}人民代表大会常务委员会"
    day = f"{year}年{draw.randint(1, 12)}月{draw.randint(1, 28)}日"
    lines = [
        f"{place}{name}",
        f"（{day}{body}第十次会议通过）",
        f"时效性：{draw.choice(('有效', '有效', '已废止'))}",
        "",
    ]
    article = 0
    for number, chapter in enumerate(draw.sample(_CHAPTERS[1:-2], 3), 2):
        chapters = [("第一章", "总则")] if number == 2 else []
        chapters += [(f"第{_CHINESE[number]}章", chapter)]
        chapters += [("第五章", "法律责任"), ("第六章", "附则")] if number == 4 else []
        for ordinal, heading in chapters:
            lines += [f"{ordinal} {heading}", ""]
            for _ in range(draw.randint(2, 5)):
                article += 1
                # now and then one that is longer than what a search takes at once
                said = _paragraph(draw, 25, 35) if draw.random() < 0.02 else _paragraph(draw, 1, 3)
                lines += [f"第{_number(article)}条 {said}", ""]
    return f"{place}{name}", lines


def _notice(draw: random.Random) -> tuple[str, list[str]]:
    year, what = draw.randint(2010, 2026), draw.choice(_NOTICES)
    place = draw.choice(("国务院", *(f"{place}人民政府" for place in PLACES)))
    mark = "国发" if place == "国务院" else f"{place[0]}政发"
    number = 1 if draw.random() < 0.4 else draw.randint(2, 60)
    year = 2023 if number == 1 else year
    lines = [
        f"{place}关于做好{what}工作的通知",
        "",
        f"{mark}〔{year}〕{number}号",
        "",
        "各有关单位：",
        "",
        _paragraph(draw),
    ]
    for at in range(1, draw.randint(4, 8)):
        lines += ["", f"{_CHINESE[at]}、{draw.choice(_DO)}{draw.choice(_WHAT)}工作", *_several(draw)]
    lines += ["", place, f"{year}年{draw.randint(1, 12)}月{draw.randint(1, 28)}日"]
    return f"{what}的通知", lines


def _measures(draw: random.Random) -> tuple[str, list[str]]:
    place, what, year = draw.choice(PLACES), draw.choice(_WHAT), draw.randint(2012, 2026)
    lines = [f"{place}{what}管理办法", "", f"（{year}年{draw.randint(1, 12)}月1日起施行）", ""]
    for article in range(1, draw.randint(12, 30)):
        lines += [f"第{_number(article)}条 {_paragraph(draw, 1, 2)}"]
    return f"{place}{what}管理办法", lines


def _several(draw: random.Random) -> Sequence[str]:
    return [f"{n}．{_paragraph(draw, 1, 3)}" for n in range(1, draw.randint(2, 5))]


def _number(number: int) -> str:
    return "".join(_digits(number))


def _digits(number: int) -> Iterator[str]:
    """Yield a number below a hundred as it is written in articles."""
    tens, ones = divmod(number, 10)
    if tens > 1:
        yield _CHINESE[tens]
    if tens:
        yield "十"
    if ones:
        yield _CHINESE[ones]


def broken_by_chance(line: str, chance: random.Random, least: int, most: int) -> list[str]:
    """Return a line in pieces of ``least`` to ``most`` characters; the last may have fewer."""
    pieces = []
    while len(line) > most:
        size = chance.randint(least, most)
        pieces.append(line[:size])
        line = line[size:]
    return [*pieces, line]
