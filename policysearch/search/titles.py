"""Queries that are titles: the documents that a typed title or usual name means.

Most searches are no titles, and one from the shell waits for all that is imported here; so titles are compared without
the machinery of citations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from policysearch.engines.protocol import Engine
from policysearch.engines.tree import And, Contains, Node, Or, Range, ValueIn
from policysearch.query.resolution import Resolver
from policysearch.text.chinese import read_numeral
from policysearch.text.folding import reduce
from policysearch.vocabulary import NATION, NATIONAL_LEADS, TYPES

__all__ = ["documents_titled"]

_ISSUING = ("印发", "转发", "批转", "发布", "公布", "下发")
_VERSION = (
    "年",
    "试行",
    "暂行",
    "修正",
    "修订",
    "修改",
    "版",
    "草案",
    "失效",
    "废止",
    "节选",
    "摘要",
    "征求意见",
    "全文",
)
_KINDS = ("通知", "意见", "决定", "公告", "通告", "批复", "函", "复函", "令", "报告", "通报", "建议", "请示")
_CERTAIN = ("条例", "办法", "细则", "法典", "规划", "纲要", "章程", "准则", "方案", "公报", "若干规定", "若干措施")
_NO_LAWS = tuple(f"{character}法" for character in "执司普立守违方做看用说书想合非依无")
_PLACE_ENDS = tuple("省市县区州盟旗")
_REPORT = "政府工作报告"
_REPORT_BY_YEAR = r"(?:人民)?政府((?:19|20)\d\d年?)(?:政府)?工作报告$|政府工作报告\(?((?:19|20)\d\d)年?\)?$"
_OF_YEAR = r"\(((?:19|20)\d\d)[^()]*\)$"
_MARKS = dict.fromkeys(map(ord, '《》〈〉<>"'))
_YEAR = r"(?:19|20)\d\d(?!\d)|[一二][〇零九][〇零一二三四五六七八九]{2}"
_FIVE_YEARS = (
    r"(?P<place>.*?)(?:国民经济和社会发展|经济社会发展)?(?:(?P<short>十?[一二三四五六七八九])五|第(?P<long>十?[一二三四五六七八九]|十)个五年)"
    r"(?:发展)?(?:规划|计划)(?:和.{4,6}远景目标)?(?:纲要)?"
)
_GENERAL = "国民经济和社会发展"

_SHORTEST = 6  # minimum length of a part of a title, in characters, without the words around the subject
_COVERED = 0.6  # a part of a title has more than this share of its subject
_MOST_READ = 1_000  # maximum number of documents whose titles are compared
_MOST = 10  # maximum number of documents that a title means

Documents = Sequence[Mapping[str, Any]]


def documents_titled(engine: Engine, resolver: Resolver, text: str, *, whole: bool) -> Documents | None:
    """Return the documents whose title a query of the form of a title is, the most likely first.

    They are the documents with exactly this title, the name of the state and a version in brackets left out; else those
    that issue a text of this title, or have it without their issuer; else those that have it without their place; else
    those of whose subject it is a part. Work reports are found by place and year, general plans by their usual names
    (十四五规划). Of documents that fit equally, the latest is first.

    Args:
        text: The query, without filters.
        whole: Whether only whole titles are accepted, and no parts of titles.

    Returns None for a query that is no title or fits too many documents, an empty sequence if it certainly is a title
    that the index lacks.
    """
    named = reduce(text).translate(_MARKS).removesuffix("全文")
    wanted = _plain(re.sub(_REPORT_BY_YEAR, lambda year: f"{year[1] or year[2]}{_REPORT}", named))
    if len(wanted) < 2 or wanted in TYPES:
        return None
    if wanted.endswith(_REPORT):
        found = _reports(engine, resolver, wanted)
        return _named(engine, resolver, wanted) if found == () else found
    found = _plans(engine, resolver, wanted) or _named(engine, resolver, wanted)
    if found == () and (full := _full_form(wanted)):
        found = _named(engine, resolver, full)
    if found == () and not whole:
        found = _with_subject(engine, resolver, wanted)
    if found and (version := re.search(_OF_YEAR, named)):
        found = sorted(found, key=lambda one: version[1] not in (str(one["year"]), (one["date"] or "")[:4]))
    return found if found or _is_certain(text, wanted) else None


def _full_form(wanted: str) -> str | None:
    """Return a name with the full form of the law that it abbreviates: 刑事诉讼法解释 for 刑诉法解释."""
    law, of, rest = wanted.partition("法")
    if not of or len(law) > 5:
        return None
    from policysearch.citation.cited_names import SHORT_FORMS

    full = SHORT_FORMS.get(law + of)
    return full and full + rest


def _is_certain(text: str, wanted: str) -> bool:
    """Return whether a text can only be a title: many words at the end of titles end ordinary queries too."""
    if wanted.endswith("法"):
        return len(wanted) > 2 and not wanted.endswith(_NO_LAWS)
    head, of, kind = wanted.rpartition("的")
    return "《" in text or wanted.endswith(_CERTAIN) or (len(head) > 2 and bool(of) and kind in _KINDS)


def _plain(title: str) -> str:
    """Return a title folded, without marks, the state's name, and a version in brackets."""
    key = reduce(title).translate(_MARKS).replace("中华人民共和国", "").removesuffix("全文").removesuffix("原文")
    while key.endswith(")"):
        head, _, version = key.rpartition("(")
        if not head or not any(word in version for word in _VERSION):
            break
        key = head
    return key


def _documents(engine: Engine, node: Node) -> Iterator[Mapping[str, Any]]:
    for document, _ in islice(engine.documents(node), _MOST_READ):
        yield document


def _best(found: Iterator[tuple[int, Mapping[str, Any]]]) -> Documents | None:
    """Return the documents of the lowest class, latest first, then by id; None if there are too many."""
    classes: dict[int, list[Mapping[str, Any]]] = {}
    for number, document in found:
        classes.setdefault(number, []).append(document)
    if not classes:
        return ()
    of_class = sorted(classes[min(classes)], key=lambda one: str(one["document_id"]))
    of_class.sort(key=lambda one: one["date"] or str(one["year"] or ""), reverse=True)
    return of_class if len(of_class) <= _MOST else None


# titles


def _named(engine: Engine, resolver: Resolver, wanted: str) -> Documents | None:
    """Return the documents with a title, with or without what precedes its subject."""

    def classified(node: Node) -> Iterator[tuple[int, Mapping[str, Any]]]:
        for document in _documents(engine, node):
            title = _plain(document["title"])
            if title == wanted:
                yield 0, document
            elif wanted in _names(title) or _interprets(title, wanted):
                yield 1, document
            elif any(_only_place(name.removesuffix(wanted), document) for name in _names(title) if name != wanted):
                yield 2, document

    found = _best(classified(Contains(wanted, "title")))
    words = dict.fromkeys(word for word in resolver.cut(wanted) if len(word) > 1)
    if found == () and len(words) > 1:  # titles may have marks and the state's name within
        found = _best(classified(And(tuple(Contains(word, "title") for word in words))))
    return found


def _interprets(title: str, wanted: str) -> bool:
    """Return whether a title is that of an interpretation with the usual name: 刑事诉讼法解释."""
    if not ("解释" in wanted and "关于" in title):
        return False
    from policysearch.citation.cited_names import exact_names

    return any(key == wanted for key, _ in exact_names(title))


def _names(title: str) -> Iterator[str]:
    """Yield a plain title, the title from 关于 on, and that of the text that it issues."""
    yield title
    at = title.find("关于")
    if at > 0:
        yield title[at:]
    for word in _ISSUING:
        at = title.find(word)
        issued, of, kind = title[at + len(word) :].rpartition("的")
        if at >= 0 and of and kind in _KINDS:
            yield issued


def _only_place(prefix: str, document: Mapping[str, Any]) -> bool:
    """Return whether the beginning of a title is the name of a place."""
    region = document["region"] or ""
    return 1 < len(prefix) <= 12 and (prefix.endswith(_PLACE_ENDS) or reduce(region).startswith(prefix))


def _with_subject(engine: Engine, resolver: Resolver, wanted: str) -> Documents | None:
    """Return the documents of whose subject a text has most words, in order."""
    subject = _subject(wanted)
    words = [word for word in resolver.cut(subject) if len(word) > 1]
    size = sum(map(len, words))
    if len(subject) < _SHORTEST or not words:
        return ()

    def fitting() -> Iterator[tuple[int, Mapping[str, Any]]]:
        for document in _documents(engine, And(tuple(Contains(word, "title") for word in dict.fromkeys(words)))):
            title = _subject(_plain(document["title"])).removeprefix(reduce(document["region"] or ""))
            if size > _COVERED * len(title) and _in_order(words, title):
                yield 0, document

    return _best(fitting())


def _subject(title: str) -> str:
    """Return the subject of a plain title: without issuer, 关于, 印发 and the kind of document at its end."""
    at = title.find("关于")
    if at >= 0:
        title = title[at + 2 :]
    for word in _ISSUING:
        at = title.find(word)
        if at == 0 or title[:at].endswith(("府", "厅", "室", "局", "委", "部", "会")):
            title = title[at + len(word) :]
    head, of, kind = title.rpartition("的")
    return head if of and kind in _KINDS else title


def _in_order(words: Sequence[str], title: str) -> bool:
    at = 0
    for word in words:
        at = title.find(word, at)
        if at < 0:
            return False
        at += len(word)
    return True


# usual names


def _reports(engine: Engine, resolver: Resolver, wanted: str) -> Documents | None:
    """Return the work reports of a place and a year; of the nation where only a year is named."""
    lead = wanted[: -len(_REPORT)].removesuffix("人民")
    found = re.search(_YEAR, lead)
    year = read_numeral(found[0]) if found else None
    if found:
        lead = lead[: found.start()] + re.sub("^年?度?", "", lead[found.end() :])
    place = lead.strip("的").removesuffix("人民政府")
    if year is None and not place:
        return None
    of_type: tuple[Node, ...] = (ValueIn("type", frozenset((_REPORT,))),)
    if year is not None:
        of_type = (*of_type, Range("year", year, year))
    nodes = []
    if place in NATIONAL_LEADS:
        nodes.append(And((*of_type, ValueIn("region", frozenset((NATION,))))))
        nodes += [And(of_type)] * (not place)
    elif regions := resolver.filter_values("region", place):
        nodes.append(And((*of_type, ValueIn("region", regions))))
    elif not (place.endswith(_PLACE_ENDS) or _is_place(place)):
        return None
    for node in nodes:
        if (documents := _best((0, one) for one in _documents(engine, node))) != ():
            return documents
    return ()


def _is_place(name: str) -> bool:
    from policysearch.gazetteer.places import names_for_filter

    return bool(names_for_filter(name))


def _plans(engine: Engine, resolver: Resolver, wanted: str) -> Documents | None:
    """Return the general plan of five years of a place, by its usual name; without a place, that of the nation."""
    if "五" not in wanted:
        return ()
    found = re.fullmatch(_FIVE_YEARS, wanted)
    if not found:
        return ()
    place, ordinal = found["place"].strip("的"), found["short"] or found["long"]
    regions = resolver.filter_values("region", place) if place else frozenset()
    written = Contains(f"第{ordinal}个五年", "title")
    node = Or((written, And((Contains(f"{ordinal}五", "title"), Contains(_GENERAL, "title")))))

    def classified() -> Iterator[tuple[int, Mapping[str, Any]]]:
        for document in _documents(engine, node):
            before, of, _ = _plain(document["title"]).partition(_GENERAL)
            if of and place in NATIONAL_LEADS:
                yield int(bool(before) and document["region"] != NATION), document
            elif of and (before.startswith(place) or document["region"] in regions):
                yield 0, document

    return _best(classified())
