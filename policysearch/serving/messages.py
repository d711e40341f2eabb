"""Chinese translations of the program's messages, for the pages; the API returns messages unchanged."""

from __future__ import annotations

import re
from functools import cache

from policysearch.serving.language import WORDS

__all__ = ["in_chinese"]

_SENTENCES = (
    # queries
    (
        "To search for the characters literally, use --plain (in Python plain=True).",
        "要查找这些字符本身，请勾选“不用运算符”。",
    ),
    ("The query has {n} characters; at most {most} are read.", "检索式有 {n} 个字符，最多 {most} 个。"),
    ("The query is empty; expected a word, a phrase or a filter.", "检索式为空，请输入词语、短语或筛选条件。"),
    ("The query is empty; expected a word.", "检索式为空，请输入词语。"),
    ("The query is empty; expected a phrase.", "检索式为空，请输入短语。"),
    ("The query is not valid UTF-8 here.", "检索式在此处不是有效的 UTF-8 文字。"),
    ("The phrase is empty; expected some text.", "短语为空，请输入文字。"),
    ("This bracket closes one that was not opened.", "这个右括号前面没有相应的左括号。"),
    ("Expected a closing bracket for the one here.", "这个左括号后面缺少右括号。"),
    ("Expected a closing {closing} for the {opening} here.", "这里的 {opening} 后面缺少 {closing}。"),
    ("This {mark} closes a quote that was not opened.", "这个 {mark} 前面没有相应的左引号。"),
    ("Expected text between the quotes.", "引号之间没有文字。"),
    ("Expected a character after the backslash.", "反斜线后面缺少字符。"),
    (
        "Expected a word or a phrase right after {mark} (to search for the mark itself: {typed}).",
        "{mark} 后面须紧跟词语或短语（要查找这个符号本身，请写 {typed}）。",
    ),
    ("Expected a number after ~, as in: 优化 ~10 环境", "~ 后面缺少数字，如：优化 ~10 环境"),
    ("Expected a word or a phrase in quotes on both sides of ~.", "~ 两旁须是词语或加引号的短语。"),
    ("Expected a word or a phrase here, not only white space.", "此处须有词语或短语，不能只有空格。"),
    ("Expected a word or a phrase before this bracket.", "这个右括号前面缺少词语或短语。"),
    ("Expected a word or a phrase before {what}.", "{what} 前面缺少词语或短语。"),
    ("Expected a word or a phrase after {what}.", "{what} 后面缺少词语或短语。"),
    ("Expected a word or a phrase.", "此处缺少词语或短语。"),
    (
        "Expected words here: a field is not allowed inside 句(…), 段(…) or 量(…).",
        "句(…)、段(…)、量(…) 之中只能用词语，不能用字段。",
    ),
    (
        "Expected a comparison after the word, as in: 量(地区生产总值 >=5.5%) or 量(新增就业 50..70万人)",
        "词语后面缺少数量条件，如：量(地区生产总值 >=5.5%) 或 量(新增就业 50..70万人)",
    ),
    (
        "At most {most} of these are allowed in one query, in total: ~N, 句(…), 段(…), 量(…), "
        "words inside 句(…), 段(…) and 量(…), heading:, title:, and * and ? in quotes.",
        "~N、句(…)、段(…)、量(…) 及其中的词语、heading:、title:、引号中的 * 和 ?，一个检索式里合计最多 {most} 处。",
    ),
    ("A query has at most {most} words, phrases and filters.", "一个检索式最多有 {most} 个词语、短语和筛选条件。"),
    ("Brackets are nested more than {most} levels deep.", "括号嵌套超过 {most} 层。"),
    (
        "Wildcards are not supported in {name}:; put a backslash before * and ?.",
        "{name}: 不支持通配符；请在 * 和 ? 前面加反斜线。",
    ),
    ("Expected a value after {name}:", "{name}: 后面缺少值。"),
    ("Expected a value right after {name}:", "{name}: 后面须紧跟值，中间不能有空格。"),
    ("Expected a value for the filter {field}.", "筛选“{field}”缺少值。"),
    ("Unknown group '{value}'; expected one of: {known}.", "不能按“{value}”分组；可用的有：{known}。"),
    ("Unknown filter '{value}'; expected one of: {known}.", "没有“{value}”这种筛选；可用的有：{known}。"),
    (
        "Unknown {field} '{value}'. Did you mean {near}? Expected one of: {known}.",
        "{field}没有“{value}”；是否为“{near}”？可用的有：{known}。",
    ),
    ("Unknown {field} '{value}'. Expected one of: {known}.", "{field}没有“{value}”；可用的有：{known}。"),
    (
        "since {low} is later than until {high}; give the earlier one to since.",
        "起始日期 {low} 晚于截止日期 {high}；请把较早的日期作为起始日期。",
    ),
    ("Expected a year before or after '..', as in 2020..2024.", "“..”之前或之后须有年份，如 2020..2024。"),
    ("Expected the earlier year first: {years}.", "请把较早的年份写在前面：{years}。"),
    (
        "Expected a year such as 2023, or years such as 2020..2024, not '{value}'.",
        "“{value}”不是年份；请写成 2023，或 2020..2024 这样的范围。",
    ),
    ("For months and days there are since and until.", "到月、到日请用起始日期（since）和截止日期（until）。"),
    (
        "'{value}' cannot be the value of {field}: {why}; expected a date such as 2023, 2023-01 or 2023-01-31.",
        "{field}不能是“{value}”：{why}；请写成 2023、2023-01 或 2023-01-31。",
    ),
    ("Expected a text to search for in titles.", "请输入标题中的文字。"),
    # parameters
    ("Too many parameters; at most {most} are read.", "参数太多，最多 {most} 个。"),
    ("Unknown parameter '{value}'; expected one of: {known}.", "没有“{value}”这个参数；可用的有：{known}。"),
    ("Invalid value for '{field}': {value} is not a number from 0.", "“{field}”须是不小于 0 的整数，不能是 {value}。"),
    (
        "Invalid value for '{field}': {value} is neither true nor false.",
        "“{field}”须是 true 或 false，不能是 {value}。",
    ),
    ("Invalid value for '{field}': {value} is not one of: {known}.", "“{field}”不能是 {value}；可用的有：{known}。"),
    ("Invalid value for '--{field}': {value} is not one of {known}.", "“{field}”不能是 {value}；可用的有：{known}。"),
    ("Invalid value for '--{field}': {value} is not a valid integer.", "“{field}”须是整数，不能是 {value}。"),
    ("Invalid value for '--{field}': {value} is not a valid {kind}.", "“{field}”不能是 {value}。"),
    (
        "Invalid value for '--{field}': {value} is not in the range {range}.",
        "“{field}”须在 {range} 之内，不能是 {value}。",
    ),
    ("Invalid value for '--{field}': {value}", "“{field}”的值有误：{value}"),
    ("--{field} was given twice. {instead}", "“{field}”只能填写一次。"),
    (
        "--value selects the values of a wide table; add --wide {across}.",
        "“value”是宽表中的数值，须同时填写 wide（year 或 term）。",
    ),
    (
        "--dispersion adds columns to rows, which a wide table does not have. Leave out one.",
        "宽表没有离散程度（dispersion）的列；二者只能选一项。",
    ),
    ("Missing parameter '{field}', the field whose values are listed.", "缺少参数“{field}”：要列出哪个字段的值。"),
    ("Missing argument '{field}'.", "缺少参数“{field}”。"),
    ("The {what} must be a number from 0, not {value}.", "{what} 须是不小于 0 的整数，不能是 {value}。"),
    ("Unknown {field} '{value}'; expected one of: {known}.", "{field}没有“{value}”；可用的有：{known}。"),
    ("Unknown {field} {value}; expected one of: {known}.", "{field}没有 {value}；可用的有：{known}。"),
    ("Documents cannot be listed by '{value}'; expected one of: {known}.", "不能按“{value}”列出；可用的有：{known}。"),
    ("A field to count by was given twice.", "分组的字段重复了。"),
    # terms and statistics
    ("No term to count. Give terms, or a file of terms.", "请输入要计数的词语。"),
    ("A term is empty.", "有一个词语为空。"),
    ("The term {value} is empty.", "词语 {value} 为空。"),
    ("The term {value} is not valid UTF-8.", "词语 {value} 不是有效的 UTF-8 文字。"),
    ("Give a term, a dictionary with --terms, or a query with --where.", "请输入短语或检索式。"),
    (
        "The query has no words whose matches could be shown; give a term as well.",
        "检索式没有可以显示的词语，请另加一个词语。",
    ),
    ("{where}: expected a concept, a tab and a term.", "{where}：每行应是概念、制表符、词语。"),
    (
        "'{both}' both have the term '{value}'; with longest, each place can count for only one concept.",
        "“{both}”都有词语“{value}”；选择“重叠时只计最长的”，一处只能计入一个概念。",
    ),
    (
        "Nothing to compare: give --where and --against, --where alone, or a filter.",
        "请指明比较的双方：填写“范围”和“对照”，或只填“范围”，或选择筛选条件。",
    ),
    (
        "A window is 'sentence' or a number of characters from 1, not {value}.",
        "窗口须是 sentence（句）或不小于 1 的字数，不能是 {value}。",
    ),
    ("'{value}' is neither 'sentence' nor a number of characters.", "“{value}”既不是 sentence（句），也不是字数。"),
    (
        "The selection has no sections. Check --where, --against and the filters with: policysearch list",
        "所选范围内没有任何节；请检查“范围”和筛选条件。",
    ),
    (
        "The reference has no sections. Check --where, --against and the filters with: policysearch list",
        "对照范围内没有任何节；请检查“对照”和筛选条件。",
    ),
    (
        "{what} has no sections. Check --where, --against and the filters with: policysearch list",
        "{what}内没有任何节；请检查“范围”“对照”和筛选条件。",
    ),
    ("Unknown indicator '{value}'; expected one of: {known}.", "没有“{value}”这个指标；可用的有：{known}。"),
    # documents and citations
    (
        "There is no section or document '{value}'. List the documents with: policysearch list",
        "没有编号为“{value}”的文件或节；可在“文件”一页查找。",
    ),
    ("There is no section or document '{value}'.", "没有编号为“{value}”的文件或节。"),
    (
        "There is no document '{value}'. List the documents with: policysearch list",
        "没有编号为“{value}”的文件；可在“文件”一页查找。",
    ),
    ("'{value}' fits several ids: {known}.", "“{value}”可指多个编号：{known}。"),
    (
        "'{value}' fits several documents; give the id of one: {known}.",
        "“{value}”可指多份文件，请给出其中一份的编号：{known}。",
    ),
    ("'{value}' is not an id, name or number of a document.", "“{value}”既不是编号，也不是文件的名称或文号。"),
    (
        "'{value}' is not a file, nor an id or a citation of a document of the index.",
        "“{value}”不是文库中文件的编号、名称或条文。",
    ),
    ("'{value}': the document is in the index, but it has no such number.", "“{value}”：文件在文库中，但没有这一条。"),
    (
        "The section '{value}' has no number that could be cited; give the document's id.",
        "“{value}”这一节没有可以引用的序号，请给出文件的编号。",
    ),
    ("No document of the index has the name '{value}'.", "文库中没有名为“{value}”的文件。"),
    ("The index has only one version of '{value}': {known}.", "“{value}”在文库中只有一个版本：{known}。"),
    ("Give two files, ids or citations, or --versions NAME.", "请填写甲、乙两项，或只填要比较各版本的文件名称。"),
    ("A passage has at least {least} characters, not {value}.", "段落至少为 {least} 个字，不能是 {value} 个。"),
    ("Give a draft, - for stdin, or --quote TEXT.", "请粘贴稿件。"),
    ("The quotation is empty; expected some text after --quote.", "引文为空，请输入文字。"),
    ("The facets count only the sections that have all of its words.", "按类筛选的数目只计含有全部词语的节。"),
    ("{n} match is inside longer words or numbers; leave out with -w.", "有 {n} 处在更长的词或数中；选“整词”可排除。"),
    (
        "{n} matches are inside longer words or numbers; leave out with -w.",
        "有 {n} 处在更长的词或数中；选“整词”可排除。",
    ),
    ("{name}: also {known}", "{name}：同时检索 {known}"),
    ("{name}: no other name is known.", "{name}：没有其他名称。"),
    ("The query is the name of a document. To show it: policysearch show {value}", "检索式是一份文件的编号：{value}。"),
    ("No document is called '{value}'; read as words.", "没有名为“{value}”的文件；已按词语检索。"),
    ("No document has the number {value}; read as words.", "没有文号为 {value} 的文件；已按词语检索。"),
    ("{value}, the latest version, has no {number}.", "最新版本 {value} 没有{number}。"),
    (
        "The parts of '{value}' in the index have no {number}; read as words.",
        "文库中“{value}”的各编没有{number}；已按词语检索。",
    ),
    ("{value} has no {number}; read as words.", "{value} 没有{number}；已按词语检索。"),
    ("{value} has no {number}.", "{value} 没有{number}。"),
    ("The filters leave out {value}.", "筛选条件排除了 {value}。"),
    (
        "'{value}' fits {n} documents; taken as {taken}. Also: {known}",
        "“{value}”可指 {n} 份文件，取其中的 {taken}；另有：{known}",
    ),
    (
        "Read literally, and not found: {value}. "
        "Quotation marks, commas and operators are ordinary characters in terms; separate terms by spaces.",
        "已逐字查找，没有找到：{value}。词语中的引号、逗号和运算符按普通文字处理；几个词语请分开填写。",
    ),
    ("Read as text, not as an operator: {value}", "已按文字而不按运算符检索：{value}"),
    ("{n} documents repeat the text of another: {what}.", "{n} 份文件与另一份文字相同：{what}。"),
    # the request
    ("There is nothing at this address.", "这个地址没有内容。可以从首页检索，或查看有哪些文件。"),
    ("This machine does not have the file of this document.", "本机没有这份文件的原文件。"),
    ("The file is too large to be sent.", "文件太大，不能下载。"),
    ("The file has changed since it was indexed.", "原文件在建立索引以后有改动，因此不提供下载。请更新索引。"),
    ("The draft is too large; send it in parts.", "稿件太长，请分段核对。"),
    (
        "Send the draft as it is with Content-Type: text/plain, or as the field draft of a form (urlencoded).",
        "请以 text/plain 直接发送稿件，或以表单（urlencoded）的 draft 字段发送。",
    ),
    ("The address is too long. Use fewer or shorter parameters.", "网址太长，请减少或缩短参数。"),
    ("The answer is too large. Use a smaller limit, or more filters.", "结果太大。请减少条数，或增加筛选条件。"),
    ("The answer takes too long. Use a smaller limit, or more filters.", "用时超过限制。请缩小范围，或增加筛选条件。"),
    ("Too many requests are waiting. Try again in a few seconds.", "同时的请求太多，请过几秒钟再试。"),
    (
        "This answer takes longer than most; such answers are computed one at a time. Try again in a few seconds.",
        "这项统计用时较长，这类请求依次处理；几秒钟后本页会自动刷新。",
    ),
    ("This is a bug in the program. Its log says more.", "这是程序的错误，运行日志中有详情。"),
    ("Only GET and HEAD are allowed here.", "这个地址只供读取。"),
    ("Only GET, HEAD and POST are allowed here.", "这个地址只接受 GET、HEAD 和 POST 请求。"),
    ("Drafts are accepted from pages of this server only.", "稿件只能从本服务的页面提交。"),
    (
        "This host is not served. Start with --allow-host NAME to allow a name.",
        "不接受这个主机名；启动时用 --allow-host 加上它。",
    ),
    # the index
    (
        "The index '{value}' has no documents. Add some with: policysearch index FOLDER",
        "索引“{value}”里没有文件；请用 policysearch index 文件夹 加入。",
    ),
    (
        "No index at '{value}'. Build one with: policysearch index FOLDER",
        "“{value}”处没有索引；请用 policysearch index 文件夹 建立。",
    ),
    (
        "The index file '{value}' is corrupt: {why}. Repair the index with: policysearch check --repair, "
        "or build it again with: policysearch index --rebuild",
        "索引文件“{value}”已损坏（{why}）。"
        "请用 policysearch check --repair 修复，或用 policysearch index --rebuild 重建。",
    ),
    (
        "'{value}' is corrupt: {why}. Build the index again with: policysearch index --rebuild FOLDER",
        "“{value}”已损坏（{why}）。请用 policysearch index --rebuild 重建索引。",
    ),
    ("The index is closed. Open it again with: policysearch.open_index", "索引已关闭，请重新载入本页。"),
    (
        "The index cannot be read at the moment. Try again later; the server's log says why.",
        "暂时无法读取索引。请稍后再试；原因见服务器的日志。",
    ),
)
"""Each sentence of the program's messages, with its values in braces, and in Chinese."""


_LONGEST = 2_000  # maximum length of a message in characters: a longer one is mostly a value


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    made = []
    for said, chinese in _SENTENCES:
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(said))
        for end in (r"(?:\s+|$)", "$"):  # a value ends where the sentence matches, or else where the message ends
            made.append((re.compile(pattern + end, re.DOTALL), chinese))
    return tuple(made)


def in_chinese(message: str) -> str | None:
    """Return a message of the program in Chinese; None if one of its sentences has no translation.

    >>> in_chinese("Expected a value after year:")
    'year: 后面缺少值。'
    >>> in_chinese("Something else.") is None
    True
    """
    return _from(message, 0) if len(message) <= _LONGEST else None


def _from(message: str, at: int) -> str | None:
    if at == len(message):
        return ""
    for pattern, chinese in _patterns():
        found = pattern.match(message, at)
        rest = None if found is None else _from(message, found.end())
        if found is not None and rest is not None:
            values = {name: _named(value) if name == "field" else value for name, value in found.groupdict().items()}
            return chinese.format(**values) + rest
    return None


def _named(field: str) -> str:
    """Return the Chinese name of a field, with its name in queries."""
    called = WORDS.get(field)
    return f"{called[0]}（{field}）" if called else field
