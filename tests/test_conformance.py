"""One suite over both engines: the same sources, the same questions, the same answers.

The server is that of ``POLICYSEARCH_OPENSEARCH`` (as
``opensearch+http://127.0.0.1:9200/name``), or else a cluster that is started
for the tests. Scores of Lucene are 32-bit numbers: orders are the same
wherever scores differ by more than 1e-5 of their size.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import ALL, FIGURES, REFERENCE, SOURCES, command_environment, has_reference
from own_texts import write_documents
from test_one_figure import TERMS, assert_one_figure, drawn_terms

import policysearch
from policysearch import vocabulary
from policysearch.engines.opening import open_store
from policysearch.engines.protocol import Request, section_id
from policysearch.engines.tree import Contains, MatchAll
from policysearch.errors import IndexClosedError, IndexUnusableError, PolicySearchError, QueryError
from policysearch.frozen import replace
from policysearch.index import Index
from policysearch.indexing.refresh import refresh
from policysearch.search.hits import Hit, Hits
from policysearch.search.options import SearchOptions
from policysearch.vocabulary import DUPLICATES, FACET_FIELDS, SORTS

pytest.importorskip("opensearchpy", reason="the extra opensearch is not installed")
pytestmark = pytest.mark.no_cover

QUERIES = 2_000 if ALL else 50
NEAR = 1e-5
WORDS = (
    *("营商环境", "优化", "发展", "教育", "乡村振兴", "科技创新", "安全", "生态", "企业", "碳达峰", "疫情防控"),
    *("法律责任", "的", "2023", "gdp", "人民政府", "行政处罚", "高质量发展", "农业农村现代化", "没有这个词"),
)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> str:
    """The address of an index that these tests may make, and others beside it."""
    given = os.environ.get("POLICYSEARCH_OPENSEARCH")
    if given:
        return given.rstrip("/")
    url: str = request.getfixturevalue("cluster").urls[0]
    return f"opensearch+{url}/conformance"


@pytest.fixture(scope="module")
def addresses(server: str) -> Iterator[Any]:
    """Return a function that gives addresses of indices, which are deleted in the end."""
    given: list[str] = []

    def address(name: str) -> str:
        given.append(f"{server}-{os.getpid()}-{name}")
        return given[-1]

    yield address
    for one in given:
        remove(one)


def remove(address: str) -> None:
    from policysearch.engines.opensearch.address import parse_address
    from policysearch.engines.opensearch.cluster import Cluster

    cluster = Cluster(parse_address(address))
    cluster.request("DELETE", f"/{cluster.name}-g*,{cluster.name}-lock", expand_wildcards="all")
    cluster.close()


@dataclass
class Both:
    """The two engines' indexes of the same sources.

    Attributes:
        folder: Of the embedded one.
        address: Of the other.
        texts: Every section's id, in order, and its reduced text.
    """

    folder: Path
    address: str
    whoosh: Index
    opensearch: Index
    texts: Sequence[tuple[str, str]]


@dataclass
class Sources:
    """The indexed documents: of the reference corpus where there is one, else documents of the tests' own.

    Attributes:
        roots: All of it.
        pool: Single documents of some length, in plain text.
    """

    roots: Sequence[Path]
    pool: Sequence[Path]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    if has_reference():
        corpus = REFERENCE / "corpus" if ALL else some_of_each(tmp_path_factory.mktemp("corpus"))
        return Sources([REFERENCE / "reports", corpus], sorted((REFERENCE / "reports").glob("*.txt")))
    folder = write_documents(tmp_path_factory.mktemp("own") / "documents")
    return Sources([folder, SOURCES], sorted(folder.glob("*工作报告.txt"))[:5])


def some_of_each(to: Path) -> Path:
    """Copy a tenth of the reference corpus: short sources of every folder, records of collections, and versions."""
    for folder in sorted({path.parent for path in (REFERENCE / "corpus").rglob("*") if path.is_file()}):
        copied = to / folder.relative_to(REFERENCE / "corpus")
        copied.mkdir(parents=True)
        names: dict[str, list[Path]] = {}
        for path in sorted(path for path in folder.iterdir() if path.is_file()):
            if path.suffix != ".jsonl" and path.stat().st_size > 200_000:
                continue
            names.setdefault(path.name.partition("(")[0], []).append(path)
        for number, paths in enumerate(names.values()):
            for path in paths[:4] if number < 2 or (len(paths) > 1 and number < 12) else ():
                with path.open("rb") as source:
                    lines = itertools.islice(source, 40 if path.suffix == ".jsonl" else None)
                    (copied / path.name).write_bytes(b"".join(lines))
    return to


@pytest.fixture(scope="module")
def both(collection: Sources, addresses: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder, address = tmp_path_factory.mktemp("both"), addresses("both")
    roots = collection.roots
    began = time.process_time(), time.monotonic()
    said = [refresh(open_store(place), roots, jobs=2) for place in (folder, address)]
    assert said[0].to_dict() == said[1].to_dict()
    FIGURES.append(f"{said[0].sections} sections in both engines, {time.monotonic() - began[1]:.0f} seconds")
    with policysearch.open_index(folder) as whoosh, policysearch.open_index(address) as opensearch:
        texts = [(s.section_id, s.reduced) for s in whoosh.engine.stream(MatchAll())]
        yield Both(folder, address, whoosh, opensearch, texts)


# what is the same


def near(one: float, other: float) -> bool:
    return abs(one - other) <= NEAR * max(abs(one), abs(other))


def asked(index: Index, query: str, options: Mapping[str, Any]) -> Hits | str:
    try:
        return index.search(query, **options)
    except QueryError as error:
        return f"{error} at {error.position}"


def plain(hit: Hit) -> dict[str, Any]:
    """The fields of a hit except its rank, which near scores may change."""
    return {name: value for name, value in hit.to_dict().items() if name not in ("rank", "score")}


def assert_same(both: Both, query: str, **options: Any) -> Hits | None:
    """Ask both, and hold the answers the same; return the answer, None for an error that was the same."""
    one, other = asked(both.whoosh, query, options), asked(both.opensearch, query, options)
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return None
    said = f"{query!r} {options}"
    heads = [
        (f.query, f.match, f.relaxed, f.total, f.total_exact, f.distinct, f.suggestion, len(f.hits))
        for f in (one, other)
    ]
    assert heads[0] == heads[1], said
    known = {hit.section_id: hit for hit in one.hits}
    for place, (hit, theirs) in enumerate(zip(one.hits, other.hits, strict=True)):
        # at each place stands the hit that stands there, or one that scores as much
        assert near(hit.score, theirs.score), f"{said}: {place}"
        assert hit.rank == theirs.rank
        if theirs.section_id in known:
            assert near(known[theirs.section_id].score, theirs.score), f"{said}: {place}"
            assert plain(known[theirs.section_id]) == plain(theirs), f"{said}: {place}"
        else:  # below the last place a hit as good was left out
            assert near(theirs.score, one.hits[-1].score), f"{said}: {place}"
    if options.get("sort", "score") != "score":
        assert [hit.section_id for hit in one.hits] == [hit.section_id for hit in other.hits], said
    if options.get("limit", 10) is None and options.get("group") != "document":
        assert set(known) == {hit.section_id for hit in other.hits}, said
    return one


# questions


def test_word_queries(both: Both) -> None:
    draw = random.Random(1)
    found = 0
    for number in range(QUERIES):
        _, text = draw.choice(both.texts)
        start = draw.randrange(len(text)) if text else 0
        typed = "".join(c for c in text[start : start + draw.choice((2, 4, 8, 15, 30))] if c.isalnum())
        words = draw.sample(WORDS, draw.randint(0, 3))
        query = " ".join([*words, typed] if number % 3 else words) or "发展"
        options: dict[str, Any] = {"limit": draw.choice((1, 10, 10, 50)), "offset": draw.choice((0, 0, 5, 60))}
        options["match"] = draw.choice(("auto", "auto", "all", "any"))
        options["group"] = draw.choice(("section", "section", "document"))
        one = assert_same(both, query, **options)
        found += one is not None and one.total > 0
    FIGURES.append(f"{QUERIES} word queries, {found} of which find something, are answered the same")
    assert found > QUERIES * 0.75


def test_exact_phrases(both: Both) -> None:
    draw = random.Random(2)
    sizes = (1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12, 20, 40, 200)
    for _ in range(QUERIES):
        _, text = draw.choice(both.texts)
        size = draw.choice(sizes)
        start = draw.randrange(max(1, len(text) - size + 1))
        phrase = text[start : start + size]
        if not phrase.strip() or phrase != phrase.strip():
            continue
        truth = [name for name, other in both.texts if phrase in other]
        answer = both.opensearch.engine.search(Request(Contains(phrase), limit=None, sort="document"))
        keys = [section_id(hit.key.document_id, hit.key.ordinal) for hit in answer.hits]
        assert answer.total == len(truth), phrase
        assert keys == truth, phrase
        assert_same(both, phrase, exact=True, limit=20)
    FIGURES.append(f"{QUERIES} exact phrases are found in OpenSearch where a scan finds them, and nowhere else")


def test_a_search_and_a_count_give_one_figure(both: Both) -> None:
    terms = [term for term in drawn_terms(both.whoosh, 4, TERMS if ALL else 60) if len(term) > 1 or ALL]
    assert_one_figure(both.opensearch, terms)
    FIGURES.append(f"{len(terms)} terms have one figure in OpenSearch's search and count")


OPERATORS = (
    *("优化 营商环境", "优化 AND 营商环境", "碳达峰 OR 碳中和", "教育 | 医疗", "-疫情 防控", "NOT 疫情", "发展 -经济"),
    *('"营商环境"', "“优化营商环境”", "「高质量发展」", "『人民政府』 教育", '"第一条"', '"一"', '"GDP 增长"', '"a"'),
    *("(教育 OR 医疗) 农村", "发展 (安全 | 生态) -(疫情 OR 灾害)", "heading:发展", "heading:工作", 'heading:"一"'),
    *("heading:第三条", "heading:第3条", "heading:三、", 'heading:"（一）"', "-heading:第十条 heading:条"),
    *("云麓省优化营商环境条例第3条", "公务员法第三十九条 考核", "云麓省优化营商环境条例第二章", "公务员法第三百条"),
    *("title:工作报告", "title:条例 责任", "title:省", 'title:"政府工作报告" 教育', "heading:总则 OR title:上海"),
    *(
        "句(优化 营商环境)",
        "段(教育 医疗)",
        "句(发展 -经济)",
        "段(就业 (创业 OR 培训))",
        "优化 ~10 环境",
        "教育 ~3 医疗",
    ),
    *('"优化*环境"', '"第?条"', '"增长*%"', r'"\*"', "-句(发展 经济) year:2026", "句(发展 经济) OR heading:总则"),
    *("(句(优化 环境) OR 企业) -教育", '"优化*环境" 段(企业 市场)', "NOT (句(发展 经济) OR 企业)", "土地 土地 土地"),
    *("量(生产总值 >=5.5%)", "量(新增就业 50..70万人)", "量(增长 <0)", "-量(的 >1%) 发展", "量((企业 OR 项目) >=10个)"),
    *("region:上海", "region:上海 教育", "province:广东 -教育", "city:广州", "level:省级 创新", "level:县级"),
    *("year:2026", "year:2020..2024 责任", "year:..2015", "year:2025.. 数字经济", "type:政府工作报告 安全"),
    *(
        "type:地方性法规",
        "issuer:国务院",
        "number:国发〔2023〕1号",
        "part:plan 就业",
        "part:preamble",
        "status:有效 责任",
    ),
    *(
        "region:没有的地方",
        "region:上海 OR region:四川",
        "year:2026 region:广东 part:plan 科技",
        "上海 2026",
        "优化营商环境 改革",
    ),
    *("如何申请办理营业执照需要哪些材料和手续", "个体工商户的债务由谁承担责任", "学校应当如何保护未成年人的安全"),
    *("(优化", "年:2020", "year:abc", '"没有结尾', "~3 教育", "AND", "句()", ""),
)


@pytest.mark.parametrize("query", OPERATORS)
def test_operators_and_filters(both: Both, query: str) -> None:
    asked: list[dict[str, Any]] = [{"match": match} for match in ("auto", "all", "any", "exact")]
    asked += [{"group": "document"}, {"group": "document", "sort": "-date", "limit": 30}]
    asked.append({"sort": "document", "limit": 200})
    # the quick tier asks each query in two ways, and each way of some queries
    for options in asked if ALL else random.Random(query).sample(asked, 2):
        assert_same(both, query, **options)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("group", ["section", "document"])
def test_sorts_groups_and_pages(both: Both, sort: str, group: str) -> None:
    queries = ("教育 OR 医疗 OR 安全", "段(教育 医疗)", "发展", "优化 营商环境", "province:广东")
    for query in queries if ALL else queries[:2]:
        assert_same(both, query, sort=sort, group=group, limit=60)
        whole = both.opensearch.search(query, sort=sort, group=group, limit=60)
        for offset in (0, 7, 53):
            page = both.opensearch.search(query, sort=sort, group=group, limit=7, offset=offset)
            assert [h.section_id for h in page.hits] == [h.section_id for h in whole.hits[offset : offset + 7]]
            assert page.total == whole.total


def test_facets(both: Both) -> None:
    for query in ("发展", "province:广东 教育", "year:2020.. part:plan", "段(教育 医疗)", "发展 -教育"):
        one, other = (index.search(query, limit=1, facets=FACET_FIELDS) for index in (both.whoosh, both.opensearch))
        assert one.facets is not None
        assert one.facets.values["part"]
        assert one.facets == other.facets, query


def test_answers_without_limit(both: Both) -> None:
    for query in ("营商环境", "数字经济 OR 乡村振兴", "-的", "句(发展 经济)"):
        for group in ("section", "document"):
            assert_same(both, query, limit=None, group=group)


COPIED = ("发展", "水库 OR 教育", "heading:发展", "-的", "year:2020..2026", "句(发展 经济)", '"高质量*发展"')


@pytest.mark.parametrize("group", ["section", "document"])
@pytest.mark.parametrize("duplicates", DUPLICATES)
def test_texts_that_stand_twice(twice: Both, duplicates: str, group: str) -> None:
    folded = 0
    for query in COPIED:
        for sort in ("score", "-date", "document") if ALL else ("score", "-date"):
            whole = assert_same(twice, query, duplicates=duplicates, group=group, sort=sort, limit=None)
            assert whole is not None
            assert whole.distinct is not None
            assert len(whole) == whole.distinct <= whole.total
            folded += whole.total - whole.distinct
            for offset in (0, whole.distinct - 1, whole.distinct):
                assert_same(twice, query, duplicates=duplicates, group=group, sort=sort, limit=3, offset=max(0, offset))
        shown = (index.documents(duplicates=duplicates) for index in (twice.whoosh, twice.opensearch))
        one, other = shown
        assert one == other
        one_lines, other_lines = (
            index.kwic("发展", where=query, duplicates=duplicates) for index in (twice.whoosh, twice.opensearch)
        )
        assert one_lines == other_lines
    assert bool(folded) == (duplicates == "fold")


@pytest.fixture(scope="module")
def twice(collection: Sources, addresses: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Some sources beside copies: under other names, in another year, as records with equal and with other titles."""
    sources = tmp_path_factory.mktemp("twice") / "sources"
    shutil.copytree(SOURCES, sources / "samples")
    with zipfile.ZipFile(sources / "all.zip", "w") as archive:
        for path in (*sorted(SOURCES.rglob("*.txt")), *collection.pool[:2]):
            archive.write(path, f"{path.parent.name}/{path.name}")
    corrections = ["document_id,year"]
    for number, path in enumerate(collection.pool[:2]):
        for copy in range(3):
            name = f"{number}-{copy}.txt"
            shutil.copy2(path, sources / name)
            corrections.append(f"{name},{2019 + 3 * copy}")
    (sources / "metadata.csv").write_text("\n".join(corrections) + "\n", encoding="utf-8")
    records = [
        {"id": str(n), "title": title, "text": "第一条 促进发展。\n第二条 本条例自公布之日起施行。"}
        for n, title in enumerate(("甲条例", "乙条例", "甲条例"))
    ]
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (sources / "laws.jsonl").write_text(lines, encoding="utf-8")
    folder, address = tmp_path_factory.mktemp("both-twice"), addresses("twice")
    said = [refresh(open_store(place), [sources]) for place in (folder, address)]
    assert said[0].to_dict() == said[1].to_dict()
    with policysearch.open_index(folder) as whoosh, policysearch.open_index(address) as opensearch:
        assert whoosh.engine.duplicates == opensearch.engine.duplicates
        yield Both(folder, address, whoosh, opensearch, ())


WHOLE = ("5", "5%", "2023", "gdp", "0", "12.5", "2023年 发展", '"20*年"', "句(5 增长)", "-1", "heading:1", "title:2023")


@pytest.mark.parametrize("query", WHOLE)
def test_whole_words_and_numbers(both: Both, query: str) -> None:
    for match in ("auto", "any", "exact"):
        assert_same(both, query, word=True, match=match)
    assert_same(both, query, word=True, group="document", limit=20)
    for word in (False, True):
        ours, theirs = (
            (index.kwic("5", where=query, word=word), index.count(["5", "20", "gdp"], where=query, word=word))
            for index in (both.whoosh, both.opensearch)
        )
        assert ours == theirs


DICTIONARY = policysearch.Dictionary(
    (
        policysearch.Entry("经济", "市场主体", 1.0, since="2020"),
        policysearch.Entry("经济", "发展", 0.25, without=("发展改革", "发展中")),
        policysearch.Entry("社会", "优化*环境", pattern=True),
        policysearch.Entry("社会", "教?", pattern=True),
    )
)
PLACES: dict[str, Callable[[Index], Any]] = {
    "count of a dictionary": lambda index: index.count(DICTIONARY, by=["year", "region"], fill=True).to_dict(),
    "count with dispersion": lambda index: index.count(DICTIONARY, by="year", dispersion=True).to_dict(),
    "count of other names": lambda index: index.count(["GDP", "经营主体", "农业农村部"], expand=True).to_dict(),
    "kwic of a dictionary": lambda index: index.kwic(DICTIONARY, sentence=True, sort="-date", sample=300),
    "kwic of a query": lambda index: index.kwic(where="句(教育 发展)", sample=200),
    "names in a query": lambda index: index.kwic(where="names:经营主体 -names:GDP", duplicates="show"),
    "trend": lambda index: index.trend(DICTIONARY).to_dict(),
    "matrix": lambda index: index.matrix(DICTIONARY, value="weighted", by=["type", "year"]).to_dict(),
}
WORDS_ASKED: dict[str, Callable[[Index], Any]] = {
    "words": lambda index: index.words(limit=300, min_documents=2),
    "words of a selection": lambda index: index.words(where="教育 OR 发展", filters={"year": "2020.."}, limit=50),
    "n-grams": lambda index: index.words(unit="ngram", limit=50),
    "keywords": lambda index: index.keywords(where="type:政府工作报告"),
    "keywords by documents": lambda index: index.keywords(
        filters={"type": "政府工作报告"}, by="documents", unit="ngram"
    ),
    "collocates": lambda index: index.collocates("发展"),
    "collocates in a window": lambda index: index.collocates("发展", window=8, where="经济", jobs=2),
}


@pytest.mark.parametrize("asked", PLACES)
def test_places_of_terms_and_their_figures(both: Both, asked: str) -> None:
    one, other = (PLACES[asked](index) for index in (both.whoosh, both.opensearch))
    assert one == other


@pytest.mark.parametrize("asked", WORDS_ASKED)
def test_statistics_of_words(twice: Both, asked: str) -> None:
    """One engine keeps frequencies of words, the other has its texts cut again."""
    one, other = (WORDS_ASKED[asked](index) for index in (twice.whoosh, twice.opensearch))
    assert one == other
    assert len(one) > 0


def test_queries_longer_than_one_search_takes(both: Both) -> None:
    """OpenSearch takes a thousand clauses at once."""
    draw = random.Random(4)
    long = [text for _, text in both.texts if len(text) > 700 and not set(text) & set('()"*?|~-')]
    for text in draw.sample(long, 3 if ALL else 1):
        assert_same(both, text[:700])
        assert_same(both, text[:700], match="any")
    text = draw.choice(long)
    groups = [text[at : at + 3] for at in range(0, 180, 3)]
    assert_same(both, " ".join(groups), match="any")
    assert_same(both, " ".join(groups[:12]))
    assert_same(both, " ".join(groups[:12]), group="document", limit=5)
    parts = (other[9:12] for _, other in draw.sample(both.texts, 3_000))
    words = sorted({part for part in parts if part.isalpha()})
    assert len(words) > 500
    assert_same(both, " OR ".join(words[:660]), limit=5)


FILTERS: dict[str, tuple[str, ...]] = {
    "region": ("上海", "广东省", "无处"),
    "city": ("广州", "乌海"),
    "province": ("广东", "新疆"),
    "level": ("省级", "国家"),
    "year": ("2026", "2010..2020"),
    "since": ("2024", "2023-05", "2023-01-31"),
    "until": ("2010", "2020-12"),
    "type": ("政府工作报告", "法律"),
    "issuer": ("国务院",),
    "number": ("国发〔2023〕1号",),
    "part": ("plan", "body"),
    "status": ("有效", "已废止"),
    "latest": ("true", "false"),
    "as-of": ("2012", "2020-06-30"),
    "document": ("*.txt", "*2*", "无处/*"),
}


@pytest.mark.parametrize("name", [one.name for one in vocabulary.FILTERS])
def test_filter_options(both: Both, name: str) -> None:
    values = FILTERS[name]
    for one in (*((value,) for value in values), values):
        assert_same(both, "发展", filters={name: one})
        assert_same(both, "发展", filters={name: one}, group="document", sort="date")
        assert both.whoosh.documents(filters={name: one}) == both.opensearch.documents(filters={name: one})


def test_drafts_are_verified_alike(both: Both) -> None:
    draw = random.Random(5)
    quoted = [
        text[at : at + 24] for _, text in draw.sample(both.texts, 12) if (at := draw.randrange(max(1, len(text))))
    ]
    damaged = [text[:9] + "甲乙" + text[11:] for text in quoted if len(text) == 24]
    titles = [one.title for one in both.whoosh.documents()[:400:40] if one.title]
    draft = "\n\n".join(
        [
            *(f"文件指出“{text}”。" for text in (*quoted, *damaged)),
            *(f"根据《{title}》第二条的规定办理。" for title in titles),
        ]
    )
    one, other = both.whoosh.verify(draft), both.opensearch.verify(draft)
    assert len(one) > 20
    assert one.to_dict() | {"generation": 0} == other.to_dict() | {"generation": 0}
    text = quoted[0]
    assert both.whoosh.verify_quote(text).claims == both.opensearch.verify_quote(text).claims


def test_texts_are_compared_alike(both: Both) -> None:
    names = [one.document_id for one in both.whoosh.documents() if 5 < one.sections < 60][:6]
    for a, b in itertools.pairwise(names):
        assert both.whoosh.compare(a, b) == both.opensearch.compare(a, b)
    section = f"{names[0]}#2"
    assert both.whoosh.compare(section, names[0]) == both.opensearch.compare(section, names[0])


def test_versions_are_the_same(both: Both) -> None:
    groups = both.whoosh.engine.description["versions"]
    assert groups == both.opensearch.engine.description["versions"]
    for group in groups[:5]:
        shown = [index.show(group[0][0]) for index in (both.whoosh, both.opensearch)]
        assert shown[0] is not None
        assert shown[0].versions == (shown[1] and shown[1].versions)
        assert [one.document_id for one in shown[0].versions] == [name for name, _, _ in group]


def test_who_cites_whom_is_the_same(both: Both) -> None:
    filters: Sequence[dict[str, str | tuple[str, ...]]] = (
        {"type": ("通知", "意见")},
        {"type": "地方性法规"},
        {"type": "法律", "latest": "true"},
    )
    for chosen in filters:
        one, other = (index.citations(filters=chosen) for index in (both.whoosh, both.opensearch))
        assert one == other
    document = next(iter(both.whoosh.documents(filters={"type": ("通知", "法律")}))).document_id
    assert both.whoosh.citations(of=document) == both.opensearch.citations(of=document)
    for to in ("宪法", document):
        assert both.whoosh.citations(to=to, filters={"level": "国家"}) == both.opensearch.citations(
            to=to, filters={"level": "国家"}
        )


def test_explanations_add_up(both: Both) -> None:
    for query in ("优化 营商环境", "学校应当如何保护未成年人的安全", "“高质量发展” 教育", "year:2026"):
        for group in ("section", "document"):
            one, other = (i.search(query, explain=True, group=group) for i in (both.whoosh, both.opensearch))
            assert one.explanation is not None
            assert other.explanation is not None
            assert one.explanation.terms == other.explanation.terms
            assert one.explanation.words == other.explanation.words
            for hit, theirs in zip(other.hits, other.explanation.hits, strict=True):
                assert near(hit.score, theirs.score)
            known = {told.section_id: told for told in one.explanation.hits}
            for told in other.explanation.hits:
                if told.section_id in known:
                    same = known[told.section_id]
                    assert (told.exact, told.exact_boost) == (same.exact, same.exact_boost)
                    assert [p for p in told.parts if p.frequency] == [p for p in same.parts if p.frequency]


def test_whole_texts_and_fields(both: Both) -> None:
    ours, theirs = both.whoosh.engine, both.opensearch.engine
    for one, other in zip(ours.stream(MatchAll()), theirs.stream(MatchAll()), strict=True):
        assert one == other
    for one_of, other_of in zip(ours.texts(Contains("责任")), theirs.texts(Contains("责任")), strict=True):
        assert list(map(list, one_of.line_breaks())) == list(map(list, other_of.line_breaks()))
        assert replace(one_of, line_breaks=tuple) == replace(other_of, line_breaks=tuple)
    assert list(ours.documents(MatchAll())) == list(theirs.documents(MatchAll()))
    for field in ("type", "issuer", "document_number", "region", "city", "province", "level", "year", "status"):
        assert set(ours.values(field)) == set(theirs.values(field))
    names = random.Random(3).sample(both.texts, 50)
    for name, _ in names:
        for asked in (name, name.rpartition("#")[0]):
            shown, same = both.whoosh.show(asked), both.opensearch.show(asked)
            assert shown is not None
            assert same is not None
            assert shown.to_dict() == same.to_dict()
    assert both.opensearch.show("no such document") is None


# the real command


TOPICS = (
    *(
        "优化 营商环境",
        "碳达峰 OR 碳中和",
        '"第一条" 公司',
        "「高质量发展」",
        "没有这个词",
        "heading:总则",
        "title:上海 教育",
    ),
    *(
        "句(优化 营商环境)",
        "量(增长 >=8%)",
        "教育 ~3 医疗",
        '"优化*环境"',
        "year:2026 科技 -农业",
        "number:国发〔2023〕1号",
        "part:plan 就业",
    ),
)

EXPORTS: tuple[tuple[str, ...], ...] = (
    ("search", "教育", "--sort", "document", "-n", "100000", "--format", "jsonl"),
    ("search", "安全 OR 生态", "--sort", "document", "-n", "100000", "--format", "csv"),
    ("search", "企业", "--sort", "document", "--group", "document", "-n", "100000", "--format", "json"),
    ("batch", "TOPICS", "--sort", "document", "-n", "100000", "--format", "jsonl"),
    ("batch", "TOPICS", "--sort", "document", "-n", "100000", "--format", "csv", "--jobs", "2"),
    ("batch", "TOPICS", "--sort", "-date", "--group", "document", "-n", "50", "--format", "tsv"),
    ("count", "营商环境", "的", "发展", "--by", "region,year", "--format", "csv"),
    ("count", "责任", "--by", "document,part", "--where", "title:条例", "--format", "csv"),
    ("kwic", "高质量发展", "--format", "csv"),
    ("kwic", "责任", "--sort", "right", "--sample", "200", "--seed", "7", "--format", "csv"),
    ("kwic", "一", "--where", "year:2026 教育", "--format", "jsonl"),
    ("list", "--format", "csv"),
    ("list", "--by", "region", "--format", "csv"),
    ("list", "--by", "part", "--type", "法律", "--format", "json"),
)


@pytest.mark.parametrize("arguments", EXPORTS, ids=" ".join)
def test_exports_are_the_same_bytes(both: Both, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    topics = tmp_path / "topics.tsv"
    lines = [f"{n}\t{query}" for n, query in enumerate(TOPICS)]
    topics.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [str(topics) if argument == "TOPICS" else argument for argument in arguments]
    ours, theirs = (output(place, *command) for place in (str(both.folder), both.address))
    assert ours
    assert ours == theirs


def output(index: str, *arguments: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "policysearch", *arguments, "-i", index],
        env=command_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_check_finds_nothing_to_mend(both: Both) -> None:
    assert open_store(both.address).damage() == ()


# updates


def test_after_any_updates_answers_are_those_of_a_fresh_build(
    addresses: Any, collection: Sources, tmp_path: Path
) -> None:
    draw = random.Random(5)
    pool = [path.read_bytes() for path in collection.pool]
    sources, address = tmp_path / "sources", addresses("updated")
    sources.mkdir()
    for number in range(12):
        write(sources / f"{number:02d}.txt", draw.choice(pool), draw)
    refresh(open_store(address), [sources])
    for turn in range(12 if ALL else 1):
        for path in draw.sample(sorted(sources.iterdir()), 3):
            path.unlink()
        for number in draw.sample(range(20), 3):
            write(sources / f"{number:02d}.txt", draw.choice(pool), draw)
        account = refresh(open_store(address))
        fresh = tmp_path / f"fresh-{turn}"
        told = refresh(open_store(fresh), [sources])
        assert (account.documents, account.sections) == (told.documents, told.sections)
        with policysearch.open_index(fresh) as whoosh, policysearch.open_index(address) as opensearch:
            same = Both(fresh, address, whoosh, opensearch, ())
            for query in (*OPERATORS[: 30 if ALL else 8], "的", "营商环境 创新", "没有这个词 教育"):
                assert_same(same, query, limit=None)
                assert_same(same, query, group="document")
            streams = (index.engine.stream(MatchAll()) for index in (whoosh, opensearch))
            for one, other in zip(*streams, strict=True):
                assert one == other
        assert open_store(address).damage() == ()


def test_an_open_index_stays_as_it_is_until_it_is_gone(addresses: Any, collection: Sources, tmp_path: Path) -> None:
    sources, address = tmp_path / "sources", addresses("open")
    sources.mkdir()
    pool = collection.pool
    for number, path in enumerate(pool[:2]):
        (sources / f"{number}.txt").write_bytes(path.read_bytes())
    store = open_store(address)
    assert not store.exists()
    with pytest.raises(IndexUnusableError, match="No index"):
        policysearch.open_index(address)
    refresh(store, [sources])
    with policysearch.open_index(address) as index:
        before = index.search("发展", limit=None)
        (sources / "0.txt").unlink()
        refresh(open_store(address))
        assert index.search("发展", limit=None) == before
        assert index.info["generation"] == 1
        (sources / "2.txt").write_bytes(pool[2].read_bytes())
        refresh(open_store(address))
        with pytest.raises(IndexUnusableError, match="Open it again"):
            index.search("教育")
        with pytest.raises(IndexUnusableError, match="Open it again"):
            list(index.documents())
    with policysearch.open_index(address) as index:
        assert index.info["generation"] == 3
        assert index.search("发展", limit=None) != before


def test_who_comes_late_does_not_publish(addresses: Any, collection: Sources, tmp_path: Path) -> None:
    """As when a machine slept while it built, and another one took over in the meantime."""
    sources, address = tmp_path / "sources", addresses("late")
    sources.mkdir()
    (sources / "a.txt").write_bytes(collection.pool[0].read_bytes())
    refresh(open_store(address), [sources])
    asleep = open_store(address)
    current = asleep.current()
    assert current is not None
    asleep.sink(1, fresh=False)
    (sources / "b.txt").write_text("一、新的一节\n新的内容。\n", encoding="utf-8")
    refresh(open_store(address))
    with pytest.raises(PolicySearchError):
        asleep.publish([], [], current[0], {}, lambda _: current[1], fresh=False)
    with policysearch.open_index(address) as index:
        assert (index.info["generation"], index.info["documents"]) == (2, 2)
        assert index.search("新的内容").total == 1
    assert open_store(address).damage() == ()


def test_a_closed_index_says_so(both: Both) -> None:
    for place in (both.folder, both.address):
        index = policysearch.open_index(place)
        total = index.search("发展").total
        _, hits = index.search_lazily("发展", SearchOptions(limit=None, sort="document"))
        answered: list[int] = []

        def ask(index: Index = index, answered: list[int] = answered) -> None:
            while True:
                answered.append(index.search("发展").total)

        with ThreadPoolExecutor(4) as threads:
            asked = [threads.submit(ask) for _ in range(4)]
            time.sleep(0.2)
            index.close()
            for one in asked:
                with pytest.raises(IndexClosedError):
                    one.result()
        assert set(answered) <= {total}
        with pytest.raises(IndexClosedError):
            list(hits)
        for use in (Index.prepare, Index.documents, lambda closed: closed.info, lambda closed: closed.search("没有")):
            with pytest.raises(IndexClosedError):
                use(index)


def test_damage_is_found_and_mended(addresses: Any, collection: Sources, tmp_path: Path) -> None:
    from policysearch.engines.opensearch.address import parse_address
    from policysearch.engines.opensearch.cluster import Cluster
    from policysearch.engines.opensearch.mapping import section_key

    sources, address = tmp_path / "sources", addresses("corrupt")
    sources.mkdir()
    (sources / "a.txt").write_bytes(collection.pool[0].read_bytes())
    refresh(open_store(address), [sources])
    cluster = Cluster(parse_address(address))
    index = f"{cluster.name}-g1-sections"
    cluster.request("PUT", f"/{index}/_settings", {"index.blocks.write": False})
    place = f"/{index}/_doc/{section_key('a.txt', 2)}"
    kept = cluster.request("GET", place)["_source"]
    kept["section"]["text"] += "不是原文"
    cluster.request("PUT", place, {**kept, "document_id": "a.txt", "ordinal": 2}, refresh=True)
    assert any("entries of 'a.txt' do not match their checksum" in message for message in open_store(address).damage())
    with policysearch.open_index(address) as opened, pytest.raises(IndexUnusableError, match=r"a\.txt"):
        opened.engine.verify()
    cluster.request("DELETE", place, refresh=True)
    assert any("sections instead of" in said for said in open_store(address).damage())
    cluster.close()
    refresh(open_store(address), rebuild=True)
    assert open_store(address).damage() == ()


@pytest.mark.parametrize("lost", ["documents", "meta"] if ALL else ["documents"])
def test_an_index_that_is_missing_is_named(addresses: Any, tmp_path: Path, lost: str) -> None:
    """As when somebody removed it by hand: that is no update, and nothing can be added to what is left."""
    from policysearch.engines.opensearch.address import parse_address
    from policysearch.engines.opensearch.cluster import Cluster

    sources, address = tmp_path / "sources", addresses(f"missing-{lost}")
    sources.mkdir()
    (sources / "a.txt").write_text("一、总则\n优化营商环境。\n\n二、附则\n自公布之日起施行。\n", encoding="utf-8")
    refresh(open_store(address), [sources])
    cluster = Cluster(parse_address(address))
    missing = f"{cluster.name}-g1-{lost}"
    said = f"'{missing}' is corrupt: missing on the cluster"
    with policysearch.open_index(address) as opened:
        cluster.request("DELETE", f"/{missing}")
        if lost == "documents":
            with pytest.raises(IndexUnusableError, match=said):
                opened.search("营商环境", group="document")
            with pytest.raises(IndexUnusableError, match=said):
                opened.show("a.txt")
        with pytest.raises(IndexUnusableError, match=said):
            opened.engine.verify()
    for change in (None, "新的内容。\n"):
        if change:
            (sources / "b.txt").write_text(change, encoding="utf-8")
        with pytest.raises(IndexUnusableError, match=said):
            refresh(open_store(address))
    assert any(said in one for one in open_store(address).damage())
    done = subprocess.run(
        [sys.executable, "-m", "policysearch", "index", "-q", "-i", address],
        env=command_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "--rebuild" in done.stderr
    assert len(cluster.request("GET", f"/{cluster.name}-g1-*/_alias")) == 2, "what is left was touched"
    cluster.close()
    # the roots can be known where the index that names them is there
    refresh(open_store(address), [] if lost == "documents" else [sources], rebuild=True)
    assert open_store(address).damage() == ()


def write(path: Path, report: bytes, draw: random.Random) -> None:
    """Write a part of a report: other sections each time, and often the same document as another one's."""
    lines = report.decode("utf-8", "ignore").splitlines(keepends=True)
    first = draw.choice((0, 0, len(lines) // 3))
    path.write_text("".join(lines[:1] + lines[max(1, first) : draw.choice((len(lines), len(lines) * 2 // 3))]), "utf-8")
