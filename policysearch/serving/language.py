"""The two languages of the pages: the choice for a request, and every wording in both."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from policysearch.output.labels import LABELS

__all__ = ["LANGUAGES", "WORDS", "Wording", "language_of"]

LANGUAGES = {"zh": "zh-CN", "en": "en"}
"""The languages, with the language tags of pages."""


def language_of(switch: str | None, kept: str | None, accepted: str) -> str:
    """Return the language of a page: as requested, as stored in the cookie, as the browser prefers, else Chinese."""
    for one in (switch, kept):
        if one in LANGUAGES:
            return str(one)
    preferred: list[tuple[float, str]] = []
    for part in accepted.split(","):
        name, _, weight = part.strip().lower().partition(";q=")
        language = name.partition("-")[0]
        if language in LANGUAGES:
            try:
                preferred.append((-float(weight or 1), language))
            except ValueError:
                continue
    return min(preferred, key=lambda one: one[0])[1] if preferred else "zh"


class _Counting(Formatter):
    """Inserts values; ``{n:section|sections}`` is the word that agrees with a number, as inserted elsewhere."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, divided, several = format_spec.partition("|")
        if divided:
            return one if str(value) == "1" else several
        return str(super().format_field(value, format_spec))


_COUNTING = _Counting()


class Wording:
    """The wordings of one language, by name."""

    def __init__(self, language: str) -> None:
        self._at = list(LANGUAGES).index(language)

    def __call__(self, name: str, /, **values: object) -> str:
        """Return a wording with its values inserted; for a name without one, such as a new filter, the name."""
        found = WORDS.get(name)
        said = name if found is None else found[self._at]
        return _COUNTING.format(said, **values) if values else said

    def labelled(self, command: str, name: str) -> str:
        """Return the label of a field; a command may have its own."""
        return self(f"{command}.{name}" if f"{command}.{name}" in WORDS else name)

    def column(self, name: str) -> str:
        """Return the heading of a column of a table; its name without a wording."""
        found = WORDS.get(f"column_{name}") or WORDS.get(name)
        return name.replace("_", " ") if found is None else found[self._at]

    def of(self, kind: str, value: object) -> str:
        """Return the label of a value of a fixed set; the value itself without a wording."""
        found = WORDS.get(f"{kind}_{value}")
        return str(value) if found is None else found[self._at]


WORDS: Mapping[str, tuple[str, str]] = {
    **LABELS,
    "name": ("政策检索", "policysearch"),
    "skip": ("跳到正文", "Skip to content"),
    "other_language": ("English", "中文"),
    "pages": ("页面", "Pages"),
    # pages
    "search": ("检索", "Search"),
    "count": ("计数", "Counts"),
    "trend": ("趋势", "Trends"),
    "kwic": ("语境", "Concordance"),
    "targets": ("目标", "Targets"),
    "keywords": ("关键词", "Key words"),
    "collocates": ("搭配", "Collocates"),
    "words": ("词频", "Word frequencies"),
    "matrix": ("词表矩阵", "Matrix"),
    "list": ("文件", "Documents"),
    "about": ("关于", "About"),
    "more_pages": ("更多", "More"),
    # the query
    "query": ("检索式", "Query"),
    "query_hint": ("词语或“完整短语”", "words or “a phrase”"),
    "go": ("检索", "Search"),
    "show_it": ("显示", "Show"),
    "options": ("筛选与排列", "Filters and order"),
    "clear": ("清除", "Clear"),
    "clear_all": ("全部清除", "Clear all"),
    "any_value": ("不限", "any"),
    "examples": ("试一试", "Try"),
    "lead": (
        "在 {documents} 份文件、{sections} 节正文中检索。",
        "Search {documents} {documents:document|documents}, {sections} {sections:section|sections}.",
    ),
    "lead_how": (
        "一节须含有全部词语；加引号的文字按原样查找。每条结果是一节，点击即可在原文中查看。",
        "All words must occur; quotes find a phrase as it stands. Every result is a section of a document.",
    ),
    # fields
    "region": ("地区", "Region"),
    "city": ("城市", "City"),
    "province": ("省份", "Province"),
    "level": ("级别", "Level"),
    "year": ("年份", "Year"),
    "since": ("起始日期", "Since"),
    "until": ("截止日期", "Until"),
    "type": ("类型", "Type"),
    "issuer": ("发文机关", "Issuer"),
    "number": ("发文字号", "Document number"),
    "document_number": ("发文字号", "Document number"),
    "part": ("部分", "Part"),
    "status": ("状态", "Status"),
    "latest": ("最新版本", "Latest version"),
    "latest_true": ("只看最新", "latest only"),
    "latest_false": ("只看旧版", "superseded only"),
    "as-of": ("施行于（日期）", "In force on"),
    "title": ("标题", "Title"),
    "date": ("日期", "Date"),
    "speaker": ("报告人", "Speaker"),
    "url": ("网址", "Address"),
    "source": ("来源文件", "Source"),
    "encoding": ("编码", "Encoding"),
    "region_code": ("区划代码", "Region code"),
    "document": ("文件", "Document"),
    "documents": ("文件数", "Documents"),
    "sections": ("节数", "Sections"),
    "occurrences": ("次数", "Occurrences"),
    "per_10000": ("每万字", "Per 10,000"),
    "characters": ("汉字数", "Han characters"),
    "all_characters": ("字符数", "Characters"),
    "documents_in_group": ("组内文件数", "Documents in group"),
    "term": ("词语", "Term"),
    "unknown": ("不详", "unknown"),
    "month": ("月份", "Month"),
    # options
    "match": ("匹配", "Match"),
    "match_auto": ("自动", "automatic"),
    "match_all": ("全部词语", "all words"),
    "match_any": ("任一词语", "any word"),
    "match_exact": ("按原样", "exact"),
    "sort": ("排序", "Sort"),
    "sort_score": ("相关度", "relevance"),
    "sort_date": ("日期，从早到晚", "date, oldest first"),
    "sort_-date": ("日期，从晚到早", "date, latest first"),
    "sort_year": ("年份，从早到晚", "year, oldest first"),
    "sort_-year": ("年份，从晚到早", "year, latest first"),
    "sort_document": ("文件编号", "document"),
    "sort_title": ("标题", "title"),
    "sort_-sections": ("节数，从多到少", "sections, most first"),
    "sort_position": ("原文顺序", "position"),
    "sort_left": ("左侧文字", "left context"),
    "sort_right": ("右侧文字", "right context"),
    "group": ("单位", "Unit"),
    "group_section": ("节", "section"),
    "group_document": ("文件", "document"),
    "duplicates": ("相同文件", "Duplicates"),
    "duplicates_fold": ("合并显示", "folded"),
    "duplicates_show": ("全部显示", "shown"),
    "duplicates_hide": ("不计副本", "left out"),
    "limit": ("每页", "Per page"),
    "exact": ("作为一个短语查找", "literally"),
    "word": ("英文和数字按整词匹配", "whole words and numbers"),
    "plain": ("不用运算符", "no operators"),
    "where": ("范围（检索式）", "Within (query)"),
    "part_preamble": ("前言", "preamble"),
    "part_review": ("回顾", "review"),
    "part_plan": ("工作安排", "plan"),
    "part_targets": ("目标", "targets"),
    "part_self_building": ("自身建设", "self-building"),
    "part_glossary": ("名词解释", "glossary"),
    "part_body": ("正文", "body"),
    "part_attachment": ("附件", "attachment"),
    # results
    "results": ("结果", "Results"),
    "total_section": ("共 {total} 节", "{total} {total:section|sections}"),
    "total_document": ("共 {total} 份文件", "{total} {total:document|documents}"),
    "downloaded_first": ("下载的文件只含前 {n} 条。", "The files have the first {n} hits."),
    "documents_with_copies": ("计入重复文件则为 {total} 份", "{total} with copies"),
    "exact_section": ("其中 {exact} 节按原样含有{typed}", "{exact} {exact:has|have} {typed} as typed"),
    "exact_document": ("其中 {exact} 份按原样含有{typed}", "{exact} {exact:has|have} {typed} as typed"),
    "exact_all": ("均按原样含有{typed}", "all have {typed} as typed"),
    "the_query": ("所输入的词语", "it"),
    "copies": ("合并相同的节后为 {distinct} 条", "{distinct} with equal ones folded"),
    "range": ("第 {first}–{last} 条", "{first}–{last}"),
    "question": (
        "已按问句检索：含有任一词语的节均为命中，最相关的在前；其中 {count} 节含有全部词语。",
        "Read as a question, answered by any of its words, best first; "
        "{count} {count:section has|sections have} all of them.",
    ),
    "relaxed": (
        "没有一节含有全部词语；以下各节含有其中一部分。",
        "No section has all of these words; these have some of them.",
    ),
    "citation_read": ("已按引用检索：所引文件或条文在最前。", "Read as a citation: the cited passage comes first."),
    "document_read": (
        "检索式是文件的标题或文号：该文件在最前。",
        "Read as the title or number of a document, which comes first.",
    ),
    "did_you_mean": ("是否要找：", "Did you mean:"),
    "absent": ("没有文件的{field}是“{value}”。", "No document has {field} {value}."),
    "absent_near": ("没有文件的{field}是“{value}”。相近的有：", "No document has {field} {value}. Near it:"),
    "found_without": ("去掉一项筛选后有结果：", "Found without a filter:"),
    "without_filter": ("不限{field}", "any {field}"),
    "without_filters": ("不加筛选", "no filters"),
    "when": ("日期", "date"),
    "nothing": ("没有找到。", "Nothing found."),
    "nothing_next": (
        "可以去掉一些筛选条件、减少词语，或查看全部文件：",
        "Remove filters, use fewer words, or see the list of documents.",
    ),
    "matches": ("{n} 处", "{n} {n:match|matches}"),
    "sections_in": ("{n} 节命中", "{n} {n:section|sections}"),
    "same_as": ("另有 {n} 份文件含有相同的节", "{n} more {n:document has|documents have} an equal section"),
    "cited_self": ("所引条文", "cited passage"),
    "cited_version": ("其他版本", "another version"),
    "cited_citing": ("引用它", "refers to it"),
    "newer": ("有更新的版本", "there is a newer version"),
    "facet": ("筛选", "facet"),
    "facets": ("按类筛选", "Narrow down"),
    "facet_more": ("其余 {n} 项", "{n} more"),
    "remove_filter": ("去掉筛选：{name} {value}", "Remove filter: {name} {value}"),
    "active": ("已选筛选", "Filters"),
    "previous_page": ("上一页", "Previous page"),
    "next_page": ("下一页", "Next page"),
    "paging": ("翻页", "Pages of results"),
    "download": ("下载", "Download"),
    "as_table": ("本页为表格", "this page as a table"),
    # reader
    "outline": ("目录", "Outline"),
    "beginning": ("开头", "Beginning"),
    "metadata": ("文件信息", "About this document"),
    "inferred": ("推断", "inferred"),
    "inferred_note": ("原文没有写明，由程序推断", "not stated in the text, inferred by the program"),
    "no_metadata": ("文中没有写明任何信息。", "The text states no metadata."),
    "citation": ("引用", "Citation"),
    "copy": ("复制", "Copy"),
    "copied": ("已复制", "Copied"),
    "original": ("下载原文件", "Original file"),
    "page_n": ("原文第 {n} 页", "page {n}"),
    "match_of": ("第 {at} / {n} 处", "match {at} of {n}"),
    "n_matches": ("{n} 处命中", "{n} {n:match|matches}"),
    "no_matches": ("本文没有命中。", "No matches in this document."),
    "previous_match": ("上一处", "Previous match"),
    "next_match": ("下一处", "Next match"),
    "back_to_results": ("回到结果", "Back to results"),
    "part_of_document": ("第 {at} / {n} 部分", "part {at} of {n}"),
    "previous_part": ("上一部分", "Previous part"),
    "next_part": ("下一部分", "Next part"),
    "only_section": ("只看本节", "This section only"),
    "whole_document": ("看全文", "Whole document"),
    "compare_with": ("与另一版本比较", "Compare with another version"),
    "link_here": ("本节链接", "Link to this section"),
    "search_within": ("在本文中标出", "Mark in this document"),
    # tables
    "terms": ("词语，每行一个", "Terms, one per line"),
    "terms_hint": ("营商环境\n数字经济", "营商环境\n数字经济"),
    "phrase": ("短语", "Phrase"),
    "by": ("分组", "Group by"),
    "value": ("显示", "Show"),
    "each": ("每 {field}", "by {field}"),
    "by_region_year": ("地区 × 年份", "region × year"),
    "by_province_year": ("省份 × 年份", "province × year"),
    "by_level_year": ("级别 × 年份", "level × year"),
    "by_type_year": ("类型 × 年份", "type × year"),
    "by_part_year": ("部分 × 年份", "part × year"),
    "nothing_here": ("没有数据。", "No data."),
    "cell_note": (
        "颜色越深，数值越大；点击单元格，可查看其中每一处的语境。",
        "Darker is more. A cell opens its concordance.",
    ),
    "missing_note": ("空白单元格：该组当年没有文件。", "Empty: no documents of that group and year."),
    "documents_counted": (
        "{documents} 份文件，{characters} 个汉字。",
        "{documents} {documents:document|documents}, {characters} Han {characters:character|characters}.",
    ),
    "chart_rate": ("每万字次数，按年份", "Occurrences per 10,000 characters, by year"),
    "chart_share": ("各年有文件的地区中，用到该词语的地区所占比例", "Share of places that use it, by year"),
    "first_said": ("最早出现", "First used"),
    "share": ("占比", "Share"),
    "places": ("地区数", "Places"),
    "places_in_year": ("当年地区数", "Places in year"),
    "left": ("左", "Left"),
    "right": ("右", "Right"),
    "total_places": ("共 {total} 处", "{total} {total:place|places}"),
    "places_with_copies": ("计入重复文件则为 {total} 处", "{total} with copies"),
    "places_listed": ("列出 {shown} 处", "{shown} listed"),
    "sample": ("随机抽取", "Sample"),
    "rows_of": (
        "显示前 {shown} 行，共 {total} 行；下载的表格含全部行。",
        "First {shown} of {total} rows; the download has all.",
    ),
    # draft
    "draft_hint": ("把要核对的稿件粘贴在这里", "Paste the draft to be checked"),
    "draft_note": (
        "稿件只在本机核对，不保存。其中的引文、条文、文号和标题逐一与文件比对。",
        "The draft is checked on this machine and not kept. Every quotation, article, number and title is compared.",
    ),
    "check_it": ("核对", "Check"),
    "line_n": ("第 {n} 行", "line {n}"),
    # comparison
    "side_a": ("甲：文件编号、名称或条文", "A: an id or a citation"),
    "side_b": ("乙：文件编号、名称或条文", "B: an id or a citation"),
    "versions": ("或：比较一份文件的各个版本", "Or: compare the versions of a document"),
    # citations and shared passages
    "citations": ("引用关系", "Citations"),
    "reuse": ("相同段落", "Shared passages"),
    "citations.to": ("引用了哪份文件或哪一条（编号、名称或条文）", "Citing this document or article"),
    "citations.of": ("哪份文件或哪一节所作的引用（编号）", "Cited by this document or section (id)"),
    "citations.where": ("范围（检索式）", "Within (query)"),
    "reuse.of": ("哪份文件的段落（编号）", "Passages of this document (id)"),
    "reuse.in": ("在哪些文件中找（编号，可用 *）", "Searched in (ids, * allowed)"),
    "reuse.min-length": ("至少字数", "Minimum characters"),
    "citations_note": (
        "填写文件的编号，或“劳动合同法第三十九条”这样的条文名称，可查看谁引用了它；也可查看一份文件引用了什么。",
        "Give an id, or a citation such as 劳动合同法第三十九条, to see who cites it; or see what a document cites.",
    ),
    "reuse_note": (
        "填写文件的编号，可查看它的哪些段落逐字出现在其他文件中。",
        "Give the id of a document to see which of its passages occur word for word in others.",
    ),
    "total_citations": ("共 {total} 处引用", "{total} {total:citation|citations}"),
    "total_reuse": ("共 {total} 段", "{total} {total:passage|passages}"),
    "not_in_index": ("不在文库中", "not in the collection"),
    "more_documents": ("另有 {n} 份文件", "{n} more {n:document|documents}"),
    "characters_n": ("{n} 字", "{n} {n:character|characters}"),
    "cites_this_article": ("谁引用了本条", "Who cites this article"),
    "cites_this": ("谁引用了本文件", "Who cites this document"),
    "cited_here": ("本文件引用了什么", "What it cites"),
    "shared_passages": ("与其他文件相同的段落", "Passages shared with others"),
    "compare_previous": ("与前一版本比较", "Compare with the previous version"),
    "versions_of": ("版本：", "Versions:"),
    # targets
    "indicator": ("指标", "Indicator"),
    "kind": ("种类", "Kind"),
    "kind_target": ("目标", "target"),
    "kind_actual": ("完成情况", "result"),
    "horizon": ("时限", "Horizon"),
    "sentence": ("原句", "Sentence"),
    "figure": ("数值", "Figure"),
    "place": ("地区", "Place"),
    # statistics
    "against": ("对照（检索式）", "Against (query)"),
    "unit": ("单位", "Unit"),
    "unit_word": ("词", "words"),
    "unit_ngram": ("字串", "n-grams"),
    "window": ("窗口（字数，默认为句）", "Window (characters; default: sentence)"),
    "min-documents": ("至少文件数", "Minimum documents"),
    "min-together": ("至少共现次数", "Minimum co-occurrences"),
    "negative": ("出现较少的词语", "terms that are less frequent"),
    "longest": ("重叠时只计最长的", "count only the longest"),
    "n_sections": ("{n} 节", "{n} {n:section|sections}"),
    "keywords.by": ("比较", "Compare"),
    "keywords.limit": ("行数", "Rows"),
    "collocates.limit": ("行数", "Rows"),
    "words.limit": ("行数", "Rows"),
    "list.title": ("标题含", "Title has"),
    "column_reference_sections": ("对照节数", "Reference sections"),
    "column_reference_characters": ("对照汉字数", "Reference characters"),
    "everywhere": ("不限于目标段落", "outside the targets passage too"),
    "by_occurrences": ("出现次数", "occurrences"),
    "by_documents": ("文件数", "documents"),
    "column_word": ("词", "Word"),
    "column_reference": ("对照次数", "Reference"),
    "column_reference_documents": ("对照文件数", "Reference documents"),
    "column_log_likelihood": ("对数似然", "Log likelihood"),
    "column_log_dice": ("logDice", "logDice"),
    "column_mi": ("互信息", "MI"),
    "column_log_ratio": ("对数比", "Log ratio"),
    "column_log_ratio_conservative": ("保守对数比", "Log ratio, conservative"),
    "column_together": ("共现次数", "Together"),
    "column_expected": ("期望频数", "Expected"),
    "column_left": ("左侧次数", "Left"),
    "column_right": ("右侧次数", "Right"),
    "column_overlap": ("重叠节数", "Overlap"),
    "column_window_characters": ("窗口汉字数", "Window characters"),
    # about
    "about_lead": (
        "网页由本机的程序提供，不从网络加载任何内容。",
        "This page is served by this machine and loads nothing from the network.",
    ),
    "made_of": ("索引的内容", "Contents of the index"),
    "generation": ("版次", "Generation"),
    "bytes": ("大小", "Size"),
    "roots": ("来源文件夹", "Roots"),
    "analysis": ("分词", "Analysis"),
    "failed": ("读取失败的来源文件", "Sources that failed"),
    "skipped": ("跳过的来源文件", "Sources that were skipped"),
    "none_failed": ("来源文件已全部读取。", "Every source was read."),
    "reason": ("原因", "Reason"),
    "version": ("程序版本", "Version"),
    "api": ("程序接口", "API"),
    "api_note": ("程序可从以下地址取得同样的结果：", "Programs read the same answers:"),
    "keys": ("按键", "Keyboard"),
    "key_query": ("输入检索式", "query"),
    "key_hits": ("下一条、上一条结果", "next and previous hit"),
    "key_open": ("打开选中的结果", "open the chosen hit"),
    "key_matches": ("下一处、上一处命中", "next and previous match"),
    "key_outline": ("目录", "outline"),
    "key_help": ("按键说明", "this help"),
    "close": ("关闭", "Close"),
    "values_of": ("按{field}", "By {field}"),
    # errors
    "error": ("出错了", "Error"),
    "error_query": ("检索式有误", "The query cannot be understood"),
    "error_input": ("参数有误", "Invalid parameter"),
    "error_not-found": ("没有这一页", "Not found"),
    "error_time-limit": ("用时过长", "Time limit"),
    "error_busy": ("服务器正忙", "Busy"),
    "error_waiting": ("正在统计", "In progress"),
    "ask_again": ("重新查看", "Check again"),
    "error_answer-too-large": ("结果过大", "Answer too large"),
    "error_too-large": ("稿件过长", "Draft too large"),
    "error_unread-kind": ("不能读取的格式", "Kind of body not read"),
    "error_index": ("索引无法使用", "The index cannot be used"),
    "error_internal": ("程序出错", "Internal error"),
    "error_method-not-allowed": ("不支持这种请求", "Method not allowed"),
    "said_in_english": ("程序的信息（英文）：", "Message of the program:"),
    "plain_offer": ("不用运算符，按普通文字检索", "Search for these characters without operators"),
}
"""Every wording: in Chinese, in English."""
