"""Labels of verdicts and changes in Chinese and English: those of the server's pages that ``output`` prints too."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LABELS", "labelled"]

LABELS: Mapping[str, tuple[str, str]] = {
    "verify": ("核对", "Verify"),
    "compare": ("比较", "Compare"),
    "draft": ("稿件", "Draft"),
    "text": ("原文", "Text"),
    "claims": ("共核对 {n} 处，其中 {raised} 处需要复核。", "{n} {n:claim|claims}, {raised} to look at."),
    "no_claims": (
        "稿件中没有可以核对的引文、条文、文号或标题。",
        "The draft has no quotation, article, number or title to check.",
    ),
    "not_compared": ("另有 {n} 处未比对。", "{n} not compared."),
    "over": ("核对范围：{documents} 份文件。", "Checked against {documents} {documents:document|documents}."),
    "unread": ("{failed} 个来源未能读取。", "{failed} {failed:source|sources} could not be read."),
    "left_out": ("与稿件相同或几乎相同，未作为依据：", "The draft itself, or nearly; not used as evidence:"),
    "attributed_to": ("稿件称引自", "attributed to"),
    "attribution_right": ("出处正确", "in that source"),
    "attribution_other": ("不在所称的出处中", "not in that source"),
    "similarity": ("最相近的段落，相似度", "most similar passage, similarity"),
    "superseded_by": ("取代它的版本", "superseded by"),
    "accepted": ("已接受", "accepted"),
    "notable": ("主要改动", "notable changes"),
    "identical": ("两份文本相同。", "The two texts are the same."),
    "verdict_verbatim": ("逐字相符", "verbatim"),
    "verdict_folded": ("仅写法不同", "same except for character forms"),
    "verdict_differs": ("有出入", "differs"),
    "verdict_elsewhere": ("出自别处", "elsewhere"),
    "verdict_found": ("存在", "found"),
    "verdict_ambiguous": ("指向不明", "ambiguous"),
    "verdict_not_found": ("没有找到", "not found"),
    "verdict_not_in_collection": ("不在文库中", "not in the collection"),
    "verdict_not_compared": ("未比对", "not compared"),
    "verdict_superseded": ("已被取代", "superseded"),
    "kind_quote": ("引文", "quotation"),
    "kind_figure": ("数字", "figure"),
    "kind_article": ("条文", "article"),
    "kind_title": ("标题", "title"),
    "kind_document_number": ("文号", "document number"),
    "state_same": ("相同", "same"),
    "state_changed": ("改动", "changed"),
    "state_reference_only": ("仅改条文号", "only references changed"),
    "state_moved": ("移动", "moved"),
    "state_split": ("拆分", "split"),
    "state_merged": ("合并", "merged"),
    "state_new": ("新增", "new"),
    "state_gone": ("删去", "gone"),
}
"""Every label: in Chinese, in English."""


def labelled(kind: str, value: str) -> str:
    """Return the Chinese label of a value of a field, followed by the value itself.

    >>> labelled("verdict", "verbatim"), labelled("state", "gone")
    ('逐字相符 verbatim', '删去 gone')
    """
    return f"{LABELS[f'{kind}_{value}'][0]} {value}"
