"""Mapping of the names that sites and data sets give to metadata to those of ``Document``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from policysearch.sources.readers.reading import StatedField

__all__ = ["field_name", "field_statements", "named_fields", "plain_label"]

_SPELLINGS = {
    "title": (
        "title name 标题 题目 题名 名称 文件名称 文件标题 信息名称 法规名称 法规标题 法規名稱"
        " 文章标题 政策名称 政策标题 公文标题 报告标题 articletitle dc.title dcterms.title"
    ),
    "type": "type 文种 公文种类 文件类型 体裁 doc_type 效力级别 效力位阶 效力等级 法规性质 法規性質",
    "issuer": (
        "issuer 发文机关 发文单位 发文机构 发文部门 发布机关 发布单位 发布机构 发布部门"
        " 制定机关 制定部门 制定单位 制发机关 颁布机关 颁布单位 颁布机构 颁布部门 颁发机关 颁发部门 公布机关"
        " 印发机关 印发单位 发布主体 发文主体"
    ),
    "document_number": "document_number doc_number 发文字号 发文文号 文号 文件编号 公文文号 文件号",
    "date": (
        "date 成文日期 成文时间 签发日期 发文日期 发文时间 印发日期 制定日期 公布日期 颁布日期 颁布时间 通过日期 日期"
        " 修正日期 修订日期 最新异动日期 最新異動日期"
    ),
    "publish_date": (
        "publish_date pubdate published publishdate publish-date publish_time publishtime publishedtime published_time"
        " publisheddate published_date date_published pub_time datepublished articlepublished_time dc.date"
        " dcterms.issued firstpublishedtime 发布日期 发布时间 发表时间 发表日期 公开日期 公开时间 生成日期 上传时间"
    ),
    "effective_date": "effective_date 施行日期 实施日期 生效日期 生效时间",
    "expiry_date": "expiry_date expires 失效日期 失效时间 废止日期 有效期至",
    "region": "region 地区 区域 行政区 行政区划 所属地区 所在地区 发布地区",
    "region_code": "region_code 行政区划代码 区划代码 地区代码",
    "province": "province 省 省份 省级行政区 所属省份 所属省 所在省份 所在省",
    "city": "city 市 城市 地市 地级市 市州 地市州 所属城市 所属市 所在城市 所在市",
    "county": "county district 县 区 区县 县区 旗县 县市区 区县市 所属区县 所在区县 所属区 所属县",
    "level": "level 级别 行政级别 层级",
    "year": "year 年份 年度",
    "speaker": "speaker 报告人 作报告人",
    "status": "status 有效性 时效性 时效 时效状态 效力状态 是否有效 状态",
    "url": (
        "url link source_url urlsource 法规网址 法規網址 网址 链接 原文链接 来源链接 来源网址 地址链接 网页地址"
        " 网页链接 页面地址 详情链接"
    ),
    "content_source": "content_source contentsource 来源 信息来源 文章来源 稿件来源 新闻来源 稿源",
    "index_number": "index_number 索引号 索取号 信息索引号",
    "subject": "subject 主题分类 信息分类 主题类别",
    "keywords": "keywords 主题词 关键词 关键字",
}
_JOINED = str.maketrans("", "", "_-")  # pub_date, pub-date, pubdate
_NAMES = {spelling.translate(_JOINED): name for name, spellings in _SPELLINGS.items() for spelling in spellings.split()}
_IGNORED = re.compile(r"[\s：:﹕*【】\[\]]+")


@lru_cache(maxsize=1024)  # records of a collection have the same columns
def field_name(written: str) -> str | None:
    """Return the name that a label or a column means, or None.

    >>> field_name("发 文 字 号："), field_name("PubDate"), field_name("备注")
    ('document_number', 'publish_date', None)
    """
    if len(written) > 40:
        return None
    return _NAMES.get(plain_label(written).translate(_JOINED))


def plain_label(written: str) -> str:
    """Return a label in lower case, without white space, colons and brackets."""
    return _IGNORED.sub("", written).lower()


def named_fields(columns: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the columns that are not empty, under the names of ``Document``.

    A column without such a name keeps its own; of two with the same meaning, the one that already has the name takes
    it, else the first. The other keeps its own name.

    >>> named_fields([("标题", "甲"), ("title", "乙"), ("页数", "3"), ("文号", "")])
    {'title': '乙', '标题': '甲', '页数': '3'}
    """
    filled = [(column.strip(), value.strip()) for column, value in columns if value.strip()]
    fields: dict[str, str] = {}
    for column, value in sorted(filled, key=lambda pair: field_name(pair[0]) != pair[0]):
        name = field_name(column) or column
        fields.setdefault(column if name in fields else name, value)
    return fields


def field_statements(columns: Iterable[tuple[str, str]], place: str) -> Iterator[StatedField]:
    """Yield the statements of labels or columns and their values, in order, without empty ones.

    A ``source`` is the address of the document if it is a URL, else its origin.

    >>> stated = field_statements([("PubDate", "2023-05-01"), ("source", "https://a.cn/1")], "meta")
    >>> [(one.name, one.value) for one in stated]
    [('publish_date', '2023-05-01'), ('url', 'https://a.cn/1')]
    """
    for column, value in columns:
        label, value = column.strip(), value.strip()
        if value:
            name = field_name(label) or label
            if name.lower() == "source":
                name = "url" if value.startswith(("http://", "https://")) else "content_source"
            yield StatedField(name, value, place)
