"""The closed classes of words around an indicator in a clause that states a target.

No word here is a concatenation of others, so that a text has one reading as a
sequence of them, and matching takes time linear in its length.
"""

from __future__ import annotations

import re

__all__ = ["BETWEEN", "LEAD", "LEAD_WORDS", "NOUN_TAIL", "WORDS_BETWEEN", "YEAR"]

YEAR = r"(?:\d{4}|[一二][〇零一二三四五六七八九]{3})年"

LEAD_WORDS = """
    全省 全市 全区 全县 全州 全盟 全旗 全国 全疆 全港 全自治区 全自治州 全自治县 我省 我市 我区 我县 我州
    我盟 我旗 我国 本省 本市 本区 本县 本州 本盟 本旗 地方 地方级 省级 市级 州级 区级 县级 盟级 本级 省本级
    市本级 区本级 州本级 县本级 盟本级 今年 明年 全年 本年 本年度 年内 当年 同时 其中 期间 时期 世纪末 五年
    预计 年均 平均 必须 需要 继续 基本 尽力 建议 我们 经济社会发展 发展 主要 预期 目标 指标 任务 分别 方面
    具体 约束性 项目 确保 力争 努力 争取 实现 推动 促进 保持 保证 稳定 做到 达到 完成 推进 力促 力保 带动
    计划 使 让 把 将 要 应 是 为 的 在 上 即 以 也 到 本 初步
""".split()  # noqa: SIM905 (the lines are easier to read)
"""Lead-in words: words that may precede an indicator."""

WORDS_BETWEEN = """
    总量 总额 总值 总规模 规模 增速 增幅 涨幅 升幅 降幅 上涨幅度 增长幅度 下降幅度 增长速度 增长率 总指数
    指数 总水平 水平 人数 人口 比重 占比 比例 比率 指标 目标 目标值 预期 总体 整体 累计 强度 增量 平均 每年
    全年 今年 力争 争取 努力 确保 预计 计划 安排 拟 设定 确定 预定 初步 定 同比 可比 同口径 可比口径 可比价
    可比价格 不变价 不变价格 现价 现行价格 按 名义 实际 超额 增长 增加 增产 上升 上涨 提高 提升 递增 增
    下降 降低 减少 回落 下滑 压减 翻 控制 保持 维持 稳 达 完成 实现 突破 超过 迈上 跨上 站上 跃上 登上 迈过
    冲击 冲刺 处于 位于 降 减 分别 均 都 各 再 新 也 将 要 必须 应 可 仍 继续 基本 平稳 稳步 进一步 合理
    合计 总共 我们 指导性 可持续 力保 稳住 工作中 执行中 为 是 在 到 至 于 以 有 的 了 从 由 区间 年 底 末
""".split()  # noqa: SIM905 (the lines are easier to read)
"""Link words: words that may be between an indicator and its quantity."""

_NOUNS = """
    增速 增幅 涨幅 升幅 降幅 指数 总水平 水平 人数 比重 占比 强度 增长率 增长速度 上涨幅度
""".split()  # noqa: SIM905 (the lines are easier to read)


def _any_of(words: list[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))


_MARKS = (
    r"[、和与及并且,]|\(?[一二三四五六七八九十]+(?:[、)]|要?是)|\d{1,2}[.、)]|[-·●■◆★*\"]|\([^()]*\)"
    rf"|{YEAR}(?:底|末|度)?|十[一-龥]五|(?:今后|未来)[一-龥\d]年"
)
LEAD = re.compile(
    rf"(?:.*(?:目标|指标)(?:初步|分别|建议|拟)?(?:安排|设定|确定|定)?(?:是|为|即|:))?(?:{_MARKS}|{_any_of(LEAD_WORDS)})*"
)
"""A pattern for the lead-in of an indicator, from the start of its clause."""

_COMPARED = (
    rf"[比较](?:上年同期|上年|上一年|去年|同期|{YEAR})|(?:扣除|剔除)[^,;。:]{{1,12}}?因素(?:影响)?(?:的影响)?后?,?"
    r"|按[^,;。:]{2,6}计算,?"
)
BETWEEN = rf'(?:{_any_of(WORDS_BETWEEN)}|{_COMPARED}|{YEAR}|[:"]|\([^()]{{0,20}}\))*'
"""A pattern for link words."""

NOUN_TAIL = rf"(?:{_any_of(_NOUNS)}|\([^()]{{0,20}}\))*"
"""A pattern for words that belong to an indicator's name without changing its meaning."""
