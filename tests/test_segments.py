"""The compact encodings of a segment (texts, numbers, byte strings, metadata) decode to the values they encode."""

from __future__ import annotations

import gc
import hashlib
import json
import random
import tempfile
from array import array
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from policysearch import open_index
from policysearch.engines.opening import open_store
from policysearch.engines.whoosh.encoded_texts import encode_text, stands_in
from policysearch.engines.whoosh.engine import WhooshEngine
from policysearch.engines.whoosh.pieces import Pieces, PiecesWriter
from policysearch.engines.whoosh.region_file import RegionFile, RegionWriter
from policysearch.indexing.refresh import refresh
from policysearch.text.folding import reduce

CHARACTERS = st.sampled_from("一乎乎彎乎𠀀𠮷aN ")  # U+4E00, U+4E4E, U+5F4E: encoded, many contain others at odd places


@given(st.text(CHARACTERS), st.text(CHARACTERS, min_size=1))
def test_an_encoded_text_contains_what_the_text_does(text: str, wanted: str) -> None:
    assert stands_in(encode_text(text), encode_text(wanted)) is (wanted in text)


def test_halves_of_characters_are_no_match(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "a.txt").write_text("一乎乎彎。又一乎乎乎彎。\n" * 3, encoding="utf-8")
    (papers / "b.txt").write_text("一乎乎彎。\n", encoding="utf-8")
    refresh(open_store(tmp_path / "index"), [papers])
    with open_index(tmp_path / "index") as index:
        assert [hit.document_id for hit in index.search('"乎乎乎"')] == ["a.txt"]
        assert [row["occurrences"] for row in index.count("乎乎乎").rows()] == [3]


@given(
    st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 255)),
    st.lists(st.just(b"") | st.binary(max_size=9)),
)
def test_numbers_and_pieces_come_back(numbers: list[int], pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "regions"
        with RegionWriter(path) as out:
            out.numbers("numbers", array("I", numbers))
            writer = PiecesWriter()
            for piece in pieces:
                writer.add(piece)
            writer.write(out, "pieces")
            size, seal = out.finish({})
        file = RegionFile(path, size, seal)
        assert file.numbers("numbers", len(numbers)).tolist() == numbers
        found = Pieces(file, "pieces", len(pieces))
        assert [bytes(found[i]) for i in range(len(pieces))] == pieces
        offsets = found.offsets.tolist()
        assert [bytes(found.joined[a:b]) for a, b in pairwise(offsets)] == pieces
        holding = {i for i, piece in enumerate(pieces) if piece}
        assert holding <= set(found.among(BitMap(range(len(pieces)))))


def test_records_without_metadata_take_little_more_than_their_texts(tmp_path: Path) -> None:
    chance = random.Random(1)
    clauses = ["加强水利建设", "推进乡村振兴", "发展养老服务", "保护耕地", "修建公路", "完善制度", "落实责任"]
    texts = {f"r{i:05}": "，".join(chance.choices(clauses, k=8)) + f"第{i}。" for i in range(4000)}
    papers = tmp_path / "papers"
    papers.mkdir()
    lines = [json.dumps({"id": name, "text": text}, ensure_ascii=False) for name, text in texts.items()]
    (papers / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    refresh(open_store(tmp_path / "index"), [papers])
    engine = WhooshEngine(tmp_path / "index")
    (live,) = engine.segments
    spans = {name: end - start for name in live.data.file.regions for start, end in [live.data.file.span(name)]}
    inverted = sum(size for name, size in spans.items() if name.split(".")[0] in ("text", "words", "grams"))
    assert sum(spans.values()) - inverted <= 40 * len(texts)
    with open_index(tmp_path / "index") as index:
        for document in index.documents():
            text = texts[document.document_id.partition("#")[2]]
            assert document.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_titles_that_texts_begin_with_are_stored_as_lengths(tmp_path: Path) -> None:
    text = "关于加强水利建设　　工作的通知，瞭解計畫AI 与 GDP 的增长"
    titles = {
        "whole": (text.replace("　　", " "), True),
        "beginning": ("关于加强水利建设 工作的通知", True),
        "inside": ("加强水利建设", False),
        "another": ("推进乡村振兴", False),
    }
    records = [{"id": name, "title": title, "text": text} for name, (title, _) in titles.items()]
    records.append({"id": "none", "text": text})
    records.append({"id": "half a word", "title": "推进AI", "text": "推进AIGC产业发展"})
    records.append({"id": "two cells", "title": "修建 公路", "text": "修建\t公路"})
    records.append(
        {"id": "two articles", "title": "第一条 本法", "text": "第一条 本法。\n\n第二条 依法。\n\n第三条 守法。"}
    )
    papers = tmp_path / "papers"
    papers.mkdir()
    store = open_store(tmp_path / "index")
    for name, some in (("a.jsonl", records), ("b.jsonl", records[::-1])):  # the second run merges
        written = "\n".join(json.dumps(record, ensure_ascii=False) for record in some)
        (papers / name).write_text(written, encoding="utf-8")
        refresh(store, [papers])
    (live,) = WhooshEngine(tmp_path / "index").segments
    values, codes = live.data.stored_titles
    with open_index(tmp_path / "index") as index:
        documents = list(index.documents(duplicates="show"))
        stored = {one.document_id: values[code] for one, code in zip(documents, codes, strict=True)}
        for one in documents:
            assert stored[one.document_id] in (one.title, len(one.title or ""))
        titles["none"] = titles["whole"]
        for name, (title, as_length) in titles.items():
            assert isinstance(stored[f"a.jsonl#{name}"], int) is as_length
            assert [one.title for one in documents if one.document_id == f"b.jsonl#{name}"] == [title]
        for wanted in (
            "水利",
            "水利建设工作",
            "通知",
            "了解计划",
            "振兴",
            "推进ai",
            "AIGC",
            "修建公路",
            "本法",
            "依法",
        ):
            having = [one.document_id for one in documents if reduce(wanted) in reduce(one.title or "")]
            found = index.documents(where=f"title:{wanted}", duplicates="show")
            assert [one.document_id for one in found] == having


def test_a_written_segment_leaves_nothing_to_the_garbage_collector(tmp_path: Path) -> None:
    """Memory of a worker stays the same for any number of segments: no reference cycle holds what one was made of."""
    papers = tmp_path / "papers"
    papers.mkdir()
    words = ["营商环境", "乡村振兴", "公共服务", "基础设施", "财政收入", "科技创新"]
    (papers / "a.txt").write_text("。\n".join(f"加强{a}和{b}建设" for a in words for b in words), encoding="utf-8")
    refresh(open_store(tmp_path / "first"), [papers])  # loads and caches all that stays
    gc.collect()
    kept, gc.garbage[:] = gc.garbage[:], []
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        refresh(open_store(tmp_path / "second"), [papers])
        gc.collect()
        large = [one for one in gc.garbage if isinstance(one, dict | list | set) and len(one) > 8]
    finally:
        gc.set_debug(0)
        gc.garbage[:] = kept
        gc.enable()
    assert not large
