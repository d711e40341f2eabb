"""Measure how often a misspelled term is corrected, and how often a right one is "corrected".

    python scripts/measure_suggestions.py INDEX [--terms N] [--half 0|1|all] [--misses]

Terms are taken from INDEX by a fixed chance, in equal shares: words of jieba's dictionary in five sections or more,
headings of sections, and strings of three characters or more that repeat, without pieces of one character. One
character of a term is replaced, so that it does not occur: by one of the same sound, one of similar shape (pairs
written down here, not those of the table that suggestions use), or any of the 3,755 most common. Right terms are words,
names of people, places and things that stand in no document.

Half 0 was used to choose the numbers of policysearch/search/spelling.py; figures of half 1 are those to report.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from pypinyin import Style, phrases_dict, pinyin

import policysearch
from policysearch.gazetteer.places import all_places
from policysearch.index import Index
from policysearch.search.spelling import Speller
from policysearch.text.analyzer import QueryAnalyzer
from policysearch.text.dictionary import load_dictionary
from policysearch.text.folding import reduce

_HAN = re.compile("[\u4e00-\u9fff]{2,8}")

PAIRS = [
    word
    for line in (
        "末未 己已 人入 土士 日曰 千干 大太 天夭 侯候 拔拨 治冶 折拆 析折 贷货 住往 竞竟 辩辨 境镜 睛晴 清请",
        "暑署 历厉 栽裁 载裁 戴载 侍待 持待 特持 推堆 准淮 令今 午牛 由甲 甲申 由田 目自 白自 百白 王玉 主王",
        "旦且 且具 具真 兵乒 洋详 详祥 样祥 孤弧 抓爪 瓜爪 乌鸟 活话 适话 测侧 厕侧 城诚 植值 殖植 副幅 福幅",
        "板版 扳板 政玫 改政 攻改 功攻 劝权 欢观 仅权 汉权 农衣 表农 环坏 怀坏 增赠 僧增 层屋 届居 导异 寻导",
        "半丰 平半 年午 严产 业亚 并井 升开 发友 反友 拉位 报服 极级 圾级 检捡 险检 验险 抢枪 苍仓 伦沦 论伦",
        "轮论 准难 摊难 推椎 维推 唯维 技枝 支技 快块 决快 没设 役没 投没 般船 航船 抗航 项顶 顺项 预顶 领须",
        "场扬 杨扬 村材 林村 枚牧 杜林 社杜 状壮 收牧 败收 教敖 敢教 散撒 撤撒 徽微 佳住 作昨 料科 种科 秩秧",
        "租祖 粗租 助肋 协胁 为办 力办 边历 过边 达边 迁达 还达 远还 近远 进近 仰迎 柳抑 印卯 却脚 去法 县去",
        "贝见 现观 规现 党堂 常堂 赏常 偿尝 掌赏 挡档 赔陪 部陪 郎朗 都郡 群都 郊效 校郊 较校 绞校 络给 格络",
        "客各 容客 溶容",
    )
    for word in line.split()
]

_SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁"
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文志海燕春梅鹏宇欣怡子涵雨轩浩然思远家豪俊晓东庆生福贵"
)
_THINGS = [
    word
    for line in (
        "元宇宙 比特币 以太坊 智能合约 量子纠缠 薛定谔方程 卷积神经网络 梯度下降 支持向量机 贝叶斯定理",
        "黎曼猜想 费马大定理 引力波 暗物质 玻色子 中微子 石墨烯 钙钛矿电池 阿司匹林 布洛芬 对乙酰氨基酚",
        "阿莫西林 二甲双胍 阿尔茨海默病 帕金森病 红斑狼疮 莫扎特 贝多芬 柴可夫斯基 毕加索 米开朗基罗",
        "莎士比亚 托尔斯泰 马尔克斯 村上春树 哈利波特 福尔摩斯 蜘蛛侠 奥特曼 猪八戒 林黛玉 司马懿 武则天",
        "朱元璋 慈禧太后 罗纳尔多 费德勒 俯卧撑 仰卧起坐 瑜伽垫 螺蛳粉 酸辣粉 麻辣烫 小龙虾 肉夹馍 佛跳墙",
        "宫保鸡丁 鱼香肉丝 麻婆豆腐 糖醋排骨 提拉米苏 卡布奇诺 威士忌 伏特加 长颈鹿 北极熊 变色龙 霸王龙",
        "三叶虫 仙人掌 向日葵 薰衣草 蒲公英 曼陀罗 猪笼草 拼多多 字节跳动 小红书 哔哩哔哩 蔚来汽车 泡泡玛特",
        "瑞幸咖啡 海底捞 霸王茶姬 蜜雪冰城 胖东来 盒马鲜生 滴滴出行 高德地图 百度网盘 腾讯会议 绝地求生",
        "王者荣耀 黑神话悟空 流浪地球 甄嬛传 琅琊榜 聊斋志异 儒林外史 骆驼祥子 平凡的世界 朝花夕拾",
    )
    for word in line.split()
]


class Terms:
    """Draws the terms of a measurement from one index, always the same."""

    def __init__(self, index: Index, count: int) -> None:
        self.draw = random.Random(19)
        self.count = count
        analysis = index.info["analysis"]
        self.analyzer = QueryAnalyzer(analysis["fingerprint"])
        self.speller = Speller(index.engine, self.analyzer)
        self.dictionary = sorted(word for word in load_dictionary().frequencies if _HAN.fullmatch(word))
        self.draw.shuffle(self.dictionary)
        self.index = index

    def right(self) -> list[str]:
        """Return terms that stand in the index, mixed of three kinds."""
        headings = {reduce(hit.heading or "") for hit in self.index.search("", filters={"year": "1900.."}, limit=None)}
        strings = [str(row["term"]) for row in self.index.words(unit="ngram", limit=4_000).rows()]
        kinds: list[list[str]] = [[], [], []]
        for kind, pool in zip(kinds, (self.dictionary, sorted(headings), sorted(strings)), strict=True):
            self.draw.shuffle(pool)
            for one in pool:
                if len(kind) == self.count or not _HAN.fullmatch(one) or (kind is kinds[2] and len(one) < 3):
                    continue
                whole = all(len(word) > 1 for word in self.analyzer.cut(one))
                if whole and (kind is not kinds[0] or self.index.search(f'"{one}"', limit=0).total >= 5):
                    kind.append(one)
        mixed = [one for together in zip_longest(*kinds) for one in together if one]
        return list(dict.fromkeys(mixed))

    def misspelled(self, terms: Sequence[str], others: Callable[[str], Sequence[str]]) -> Iterator[tuple[str, str]]:
        """Yield misspellings of terms, which do not occur, and the terms."""
        many = 0
        for term in terms:
            for at in self.draw.sample(range(len(term)), len(term)):
                pool = [one for one in others(term[at]) if one != term[at]]
                tried = (term[:at] + self.draw.choice(pool) + term[at + 1 :] for _ in range(5 if pool else 0))
                wrong = next((one for one in tried if not self.speller.stands(one)), None)
                if wrong:
                    yield wrong, term
                    many += 1
                    break
            if many == self.count:
                return

    def absent(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the kinds of right terms that do not occur."""
        each = max(1, self.count * 3 // 5)
        names = [self.draw.choice(_SURNAMES) + "".join(self.draw.sample(_GIVEN, 2)) for _ in range(each * 2)]
        rare = sorted(w for w in phrases_dict.phrases_dict if _HAN.fullmatch(w) and not self.analyzer.knows(w))
        for kind, pool in (
            ("words of the dictionary", self.dictionary),
            ("words of another dictionary", rare),
            ("names of people", names),
            ("names of places", [place.name for place in all_places()]),
            ("names of things", list(_THINGS)),
        ):
            self.draw.shuffle(pool)
            chosen: list[str] = []
            for one in pool:
                if len(chosen) < each and _HAN.fullmatch(one) and not self.speller.stands(one):
                    chosen.append(one)
            yield kind, chosen


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("index", type=Path)
    parser.add_argument("--terms", type=int, default=200, help="of each kind, before they are halved")
    parser.add_argument("--half", choices=["0", "1", "all"], default="1")
    parser.add_argument("--misses", action="store_true", help="print what was not corrected, or wrongly")
    chosen = parser.parse_args()
    part = slice(None) if chosen.half == "all" else slice(int(chosen.half), None, 2)
    common = [b.decode("gb2312") for b in (bytes((0xA0 + r, 0xA0 + c)) for r in range(16, 55) for c in range(1, 95))]
    sounding: dict[str, list[str]] = defaultdict(list)
    alike: dict[str, list[str]] = defaultdict(list)
    for one in common:
        sounding[pinyin(one, style=Style.NORMAL)[0][0]].append(one)
    for pair in PAIRS:
        alike[pair[0]].append(pair[1])
        alike[pair[1]].append(pair[0])
    others: dict[str, Callable[[str], Sequence[str]]] = {
        "by sound": lambda character: sounding[pinyin(character, style=Style.NORMAL)[0][0]],
        "by shape": lambda character: alike[character],
        "by chance": lambda _: common,
    }
    with policysearch.open_index(chosen.index) as index:
        terms = Terms(index, chosen.terms)
        right = terms.right()
        began, asked = time.process_time(), 0
        for kind, pool in others.items():
            some = list(terms.misspelled(right, pool))[part]
            found = [(wrong, term, terms.speller.corrections(wrong)) for wrong, term in some]
            good = sum(term in corrections for _, term, corrections in found)
            asked += len(some)
            print(f"{kind}: {good} of {len(some)} right among three ({good / len(some):.1%})")
            if chosen.misses:
                print(*(f"    {one}" for one in found if one[1] not in one[2]), sep="\n")
        every = bad = 0
        for kind, absent in terms.absent():
            wrongly = [(one, corrections) for one in absent[part] if (corrections := terms.speller.corrections(one))]
            every, bad, asked = every + len(absent[part]), bad + len(wrongly), asked + len(absent[part])
            print(f"{kind}: {len(wrongly)} of {len(absent[part])} with a suggestion")
            if chosen.misses:
                print(*(f"    {one}" for one in wrongly), sep="\n")
        print(f"right terms: {bad} of {every} with a suggestion ({bad / every:.1%})")
        print(f"{(time.process_time() - began) / asked * 1000:.0f} ms of processor time for each term")


if __name__ == "__main__":
    main()
