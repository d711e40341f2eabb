"""References: what is read of them in a text, and what they mean in an index."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Write, build_index
from hypothesis import given
from hypothesis import strategies as st

import policysearch
from policysearch.citation.catalogue import Catalogue, catalogue_of
from policysearch.citation.queries import Citation, QueryReader
from policysearch.citation.references import read_references
from policysearch.citation.resolving import ReferenceResolver
from policysearch.citation.section_marks import SectionMark, chain_marks, leading_mark, written
from policysearch.citation.versions import sentence_hashes, share_in_common

LAW = """中华人民共和国{name}法

（{date}第九届全国人民代表大会常务委员会第五次会议{passed}）

第一章　总则

第一条　为了规范{name}活动，保护各方的权益，制定本法。

第二条　在中华人民共和国境内从事{name}活动，适用本法。

第三条　从事{name}活动应当诚实守信，不得损害公共利益。

第二章　监督

第一节　检查

第四条　有下列情形之一的，应当报告：

（一）发生重大事故的；

（二）停业三个月以上的。

情况紧急的，可以先口头报告。

第四条之一　报告不得迟于二十四小时。

{more}"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = tmp_path_factory.mktemp("laws")

    def write(name: str, text: str) -> None:
        (sources / name).write_text(text, encoding="utf-8")

    first = LAW.format(
        name="河道采砂",
        date="2004年3月5日",
        passed="通过",
        more="第五条　罚款五千元以下。\n\n第六条　本法自公布之日起施行。\n",
    )
    later = LAW.format(name="河道采砂", date="2019年6月1日", passed="修订", more="第五条　罚款两万元以下。\n")
    write("采砂法2004.txt", first)
    write("采砂法2019.txt", later)
    write(
        "渡口法.txt",
        LAW.format(name="渡口管理", date="2010年1月8日", passed="通过", more="第五条　本法自公布之日起施行。\n"),
    )
    write(
        "通知.txt",
        "云麓省人民政府办公厅关于印发云麓省渡口安全评定办法的通知\n\n云政办发〔2021〕12号\n\n各市人民政府：\n\n"
        "现将《云麓省渡口安全评定办法》印发给你们，请认真执行。\n\n云麓省人民政府办公厅\n2021年5月6日\n\n"
        "云麓省渡口安全评定办法\n\n第一条　为了规范评定工作，制定本办法。\n\n第二条　评定每年一次。\n\n"
        "第三条　评定不收费。\n",
    )
    write(
        "意见.txt",
        "云麓省人民政府关于加快内河航运发展的意见\n\n云政发〔2020〕7号\n\n各市人民政府：\n\n"
        "一、总体要求\n\n（一）指导思想。坚持水运优先。\n\n（二）主要目标。到2025年货运量翻一番。\n\n"
        "二、重点任务\n\n（一）疏浚航道。整治碍航滩险。\n\n（二）建设港口。新建泊位二十个。\n\n"
        "云麓省人民政府\n2020年2月3日\n",
    )
    write(
        "规定.txt",
        "云麓省河道禁采区管理规定（2024年本）\n\n（2023年12月27日云麓省人民政府令第61号公布）\n\n"
        "第一条　渡口上下游各一千米禁止采砂。\n\n第二条　汛期禁止采砂。\n",
    )
    return build_index(sources, tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def opened(index: Path) -> policysearch.Index:
    return policysearch.open_index(index)


@pytest.fixture(scope="module")
def catalogue(opened: policysearch.Index) -> Catalogue:
    return catalogue_of(opened.engine)


@pytest.mark.parametrize(
    ("reference", "document", "label"),
    [
        pytest.param("《中华人民共和国渡口管理法》第三条", "渡口法.txt", "第三条", id="full title"),
        pytest.param("渡口管理法第3条", "渡口法.txt", "第三条", id="short name, Arabic, no marks"),
        pytest.param("《渡口管理法》第 3 條", "渡口法.txt", "第三条", id="spaces, traditional"),
        pytest.param("依照渡口管理法第四条之一", "渡口法.txt", "第四条之一", id="inserted article"),
        pytest.param("渡口管理法第4条第2款", "渡口法.txt", "第四条", id="paragraph"),
        pytest.param("《渡口管理法》第四条第一款第（二）项", "渡口法.txt", "第四条", id="item"),
        pytest.param("渡口管理法第4条(二)", "渡口法.txt", "第四条", id="item in brackets alone"),
        pytest.param("渡口管理法第二章", "渡口法.txt", "第二章", id="chapter"),
        pytest.param("渡口管理法第二章第一节", "渡口法.txt", "第一节", id="section of a chapter"),
        pytest.param("河道采砂法第五条", "采砂法2019.txt", "第五条", id="latest version"),
        pytest.param("《云麓省渡口安全评定办法》第二条", "通知.txt", "第二条", id="what a notice issues"),
        pytest.param("《云麓省河道禁采区管理规定（2024年本）》第二条", "规定.txt", "第二条", id="issued a year before"),
        pytest.param("云政办发[2021]12号第三条", "通知.txt", "第三条", id="by document number"),
        pytest.param("《云麓省人民政府关于加快内河航运发展的意见》二、（一）", "意见.txt", "（一）", id="list numbers"),
        pytest.param(
            "《关于加快内河航运发展的意见》（云政发〔2020〕7号）一、（二）", "意见.txt", "（二）", id="no issuer"
        ),
    ],
)
def test_a_reference_finds_its_section(
    opened: policysearch.Index, catalogue: Catalogue, reference: str, document: str, label: str
) -> None:
    (one,) = (r for r in read_references(reference, catalogue) if r.kind == "article")
    resolution = ReferenceResolver(opened.engine, catalogue).resolve(one)
    assert resolution.verdict == "found"
    assert resolution.section is not None
    assert (resolution.section.document["document_id"], resolution.section.number) == (document, label)
    # a query has no time for all titles of a large index
    cited = QueryReader(opened.engine).read(reference.split())
    assert isinstance(cited, Citation)
    assert cited.sections == (resolution.section,)


@pytest.mark.parametrize(
    ("reference", "verdict"),
    [
        pytest.param("渡口管理法第六条", "not_found", id="one article too many"),
        pytest.param("渡口管理法第三条之一", "not_found", id="no such inserted article"),
        pytest.param("渡口管理法第四条第三款", "not_found", id="no such paragraph"),
        pytest.param("渡口管理法第四条第（三）项", "not_found", id="no such item"),
        pytest.param("河道采砂法第六条", "superseded", id="gone from the latest version"),
        pytest.param("《河道采砂法》（2004年）第五条", "superseded", id="an old version is named"),
        pytest.param("《河道采砂法（2004-03-05）》第五条", "superseded", id="a day within the marks"),
        pytest.param("《河道采砂法（2011-03-05）》第五条", "not_in_collection", id="another day within the marks"),
        pytest.param("《河道采砂法》（2019年修订）第五条", "found", id="the latest version is named"),
        pytest.param("内河交通法第三条", "not_in_collection", id="another law"),
        pytest.param("水渡口管理法第三条", "not_in_collection", id="a name that only ends alike"),
        pytest.param("《河道采砂法》（2011年）第五条", "not_in_collection", id="a version that is not here"),
    ],
)
def test_a_reference_that_is_not_simply_found(
    opened: policysearch.Index, catalogue: Catalogue, reference: str, verdict: str
) -> None:
    (one,) = (r for r in read_references(reference, catalogue) if r.kind == "article")
    assert ReferenceResolver(opened.engine, catalogue).resolve(one).verdict == verdict


def read(text: str, catalogue: Catalogue) -> list[tuple[str, str | None, list[str]]]:
    return [
        (one.kind, one.name or one.number, list(map(written, one.marks))) for one in read_references(text, catalogue)
    ]


def test_numbers_in_a_row_have_one_name(catalogue: Catalogue) -> None:
    assert read("违反《渡口管理法》第三条、第四条第一款、第二款和第5条的", catalogue) == [
        ("article", "渡口管理法", ["第三条"]),
        ("article", "渡口管理法", ["第四条", "第一款"]),
        ("article", "渡口管理法", ["第四条", "第二款"]),
        ("article", "渡口管理法", ["第五条"]),
    ]


def test_a_pronoun_means_the_name_before_where_that_is_certain(catalogue: Catalogue) -> None:
    text = "《渡口管理法》已经施行。该法第三条要求诚实守信。"
    assert read(text, catalogue)[1] == ("article", "渡口管理法", ["第三条"])
    assert [one[0] for one in read("《渡口管理法》和《河道采砂法》都已施行，该法第三条", catalogue)] == [
        "title",
        "title",
    ]
    assert read("该法第三条", catalogue) == []


def test_a_short_name_that_the_text_defines(catalogue: Catalogue) -> None:
    text = "《云麓省渡口安全评定办法》（以下简称《办法》）公布。《办法》第二条规定每年一次。"
    assert read(text, catalogue)[-1] == ("article", "云麓省渡口安全评定办法", ["第二条"])


@pytest.mark.parametrize(
    "number",
    ["云政发〔2020〕7号", "云政发[2020]7号", "云政发（2020）7 号", "云政发2020年7号", "雲政發【２０２０】第7號"],
)
def test_a_document_number_in_any_spelling(opened: policysearch.Index, catalogue: Catalogue, number: str) -> None:
    (one,) = read_references(f"根据{number}文件", catalogue)
    assert (one.kind, one.text) == ("document_number", number)
    resolution = ReferenceResolver(opened.engine, catalogue).resolve(one)
    assert resolution.verdict == "found"
    assert resolution.document_ids == {"意见.txt"}


def test_a_day_is_no_document_number(catalogue: Catalogue) -> None:
    assert read_references("会议于2018年12号召开，见中山大道20012号。", catalogue) == []


def test_reports_by_place_and_year(write: Write, tmp_path: Path) -> None:
    for year in (2023, 2024):
        write(
            f"sources/广州{year}.txt",
            f"{year}年广州市政府工作报告\n\n——{year}年1月8日在广州市第十六届人民代表大会第三次会议上\n\n"
            "各位代表：\n\n现在，我代表市人民政府向大会报告工作，请予审议。\n\n一、工作回顾\n\n道路更加畅通。\n",
        )
    with policysearch.open_index(build_index(tmp_path / "sources", tmp_path / "index")) as index:
        catalogue = catalogue_of(index.engine)
        for text in (
            "2024年广州市政府工作报告",
            "广州市2024年《政府工作报告》",
            "广州2024年度政府工作报告",
            "《二〇二四年广州市人民政府工作报告》",
        ):
            (one,) = read_references(f"根据{text}，", catalogue)
            assert (one.kind, one.year) == ("report", 2024), text
            assert ReferenceResolver(index.engine, catalogue).resolve(one).document_ids == {"广州2024.txt"}, text


@given(st.builds(SectionMark, st.just("条"), st.integers(1, 1500), st.integers(0, 12)))
def test_a_number_is_read_as_it_is_written(mark: SectionMark) -> None:
    assert chain_marks(written(mark)) == (mark,)
    assert leading_mark(written(mark)) == mark


@given(st.text(alphabet="《》第一二三条款项（）()法律渡口管理0123456789年号、 的该本附件\n", max_size=200))
def test_references_lie_in_their_text_and_in_order(text: str) -> None:
    found = read_references(text, Catalogue(()))
    assert all(text[one.start : one.end] == one.text for one in found)
    assert found == sorted(found, key=lambda one: (one.start, one.end))


def test_what_two_texts_have_in_common() -> None:
    old = ["从事采砂活动应当取得许可证。许可证每年核发一次。逾期不办的责令停业。"]
    new = ["从事河道采砂活动应当取得许可证。许可证每两年核发一次。禁止转让。"]
    assert share_in_common(sentence_hashes(old), sentence_hashes(new)) == 0.5  # 禁止转让 is too short to tell
    assert share_in_common(sentence_hashes(old), sentence_hashes(["今年粮食产量再创新高。居民收入稳步增长。"])) == 0


def test_every_article_of_the_corpus_in_four_spellings(reference: Path, tmp_path: Path) -> None:
    laws = reference / "corpus" / "laws-md" / "社会法"
    if not laws.is_dir():
        pytest.skip("no laws in the reference corpus")
    with policysearch.open_index(build_index(laws, tmp_path / "index")) as index:
        catalogue = catalogue_of(index.engine)
        resolver = ReferenceResolver(index.engine, catalogue)
        for document in index.documents():
            assert document.title
            short = document.title.replace("中华人民共和国", "")
            last = SectionMark("条", 0)
            for section in resolver.sections({"document_id": document.document_id}):
                mark = leading_mark(section.number) if section.number else None
                if mark is None or mark.unit != "条":
                    continue
                last = max(last, mark)
                digits = f"{mark.value}条" + (written(mark).partition("条")[2])
                number = written(mark)
                for spelling in (
                    f"《{document.title}》{number}",
                    f"{short}{number}",
                    f"《{short}》第 {digits}",
                    f"依照{short}第{digits}",
                ):
                    (one,) = read_references(spelling, catalogue)
                    assert resolver.resolve(one).section == section, spelling
            (one,) = read_references(f"{short}第{last.value + 1}条", catalogue)
            assert resolver.resolve(one).verdict == "not_found"
