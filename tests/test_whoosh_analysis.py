"""The program's analysis as analyzers of Whoosh: the index's own tokens, at their places, in any other index too."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.index import create_in, open_dir
from whoosh.qparser import QueryParser

from policysearch import open_whoosh
from policysearch.engines.opening import open_store
from policysearch.engines.whoosh.whoosh_bridge import GramAnalyzer, WordAnalyzer
from policysearch.indexing.refresh import refresh
from policysearch.text.analyzer import Analyzer
from policysearch.text.dictionary import load_dictionary, read_user_words
from policysearch.text.folding import reduce, reduce_text


@pytest.fixture(scope="module")
def index(samples_index: Path) -> Any:
    return open_whoosh(samples_index)


@pytest.fixture(scope="module")
def own_analyzer() -> Analyzer:
    return Analyzer(load_dictionary())


TEXTS = st.text(
    st.sampled_from("社會主義和谐社会优化营商环境改革开放的、。 \n\tabcGDP２０23％.-+〔〕—")
    | st.characters(codec="utf-8"),
    max_size=60,
)


@given(text=TEXTS)
def test_its_tokens_are_the_indexs_and_stand_where_they_say(own_analyzer: Analyzer, text: str) -> None:
    tokens = [
        (token.text, token.pos, token.startchar, token.endchar, token.original)
        for token in WordAnalyzer()(text, positions=True, chars=True, keeporiginal=True, mode="index")
    ]
    assert Counter(token[0] for token in tokens) == Counter(own_analyzer.words(text))
    assert [token[1] for token in tokens] == sorted(token[1] for token in tokens)
    for word, _, start, end, original in tokens:
        assert text[start:end] == original
        assert reduce(original) == word
    longest = [next(t for t in tokens if t[1] == position) for position in sorted({t[1] for t in tokens})]
    for (_, _, _, end, _), (_, _, start, _, _) in pairwise(longest):
        assert end <= start
    whole = [token.text for token in WordAnalyzer()(text, mode="query")]
    assert not Counter(whole) - Counter(token[0] for token in tokens) or "\n" in text


@given(text=TEXTS)
def test_pairs_are_those_of_the_reduced_text(text: str) -> None:
    reduced = reduce_text(text)
    assert [token.text for token in GramAnalyzer()(text)] == [reduced[i : i + 2] for i in range(len(reduced))]


def test_it_works_in_any_other_index(index: Any, tmp_path: Path) -> None:
    analyzer = index.schema["text"].analyzer
    other = create_in(
        str(tmp_path), Schema(name=ID(stored=True), text=TEXT(analyzer=analyzer, chars=True, stored=True))
    )
    with other.writer() as writer:
        writer.add_document(name="1", text="持續優化營商環境，２０２３年")
        writer.add_document(name="2", text="优化环境")
    again = open_dir(str(tmp_path))  # its schema was pickled
    assert again.schema["text"].analyzer == analyzer
    with again.searcher() as searcher:
        parser = QueryParser("text", again.schema)
        for typed, names in (("营商环境", ["1"]), ("优化", ["2", "1"]), ('"优化环境"', ["2"]), ("2023 年", ["1"])):
            found = searcher.search(parser.parse(typed))
            assert [hit["name"] for hit in found] == names, typed
        (hit,) = searcher.search(parser.parse("营商"))
        assert hit.highlights("text") == '持續優化<b class="match term0">營商</b>環境，２０２３年'


def test_a_whole_schema_works_in_another_index(index: Any) -> None:
    other = RamStorage().create_index(index.schema)
    with other.writer() as writer, index.reader() as reader:
        for docnum in range(30):
            writer.add_document(**reader.stored_fields(docnum))
    with other.searcher() as searcher:
        assert len(searcher.search(QueryParser("text", other.schema).parse("发展"))) > 0
        assert searcher.document(section_id=index.reader().stored_fields(7)["section_id"])["start"] >= 0


def test_words_of_a_users_dictionary_are_words(tmp_path: Path) -> None:
    sources = tmp_path / "papers"
    sources.mkdir()
    (sources / "1.txt").write_text("持续擦亮松岑县好办品牌。\n", encoding="utf-8")
    words = tmp_path / "words.txt"
    words.write_text("松岑县好办\n", encoding="utf-8")
    refresh(open_store(tmp_path / "index"), [sources], user_words=read_user_words(words))
    index = open_whoosh(tmp_path / "index")
    with index.reader() as reader:
        assert ("text", "松岑县好办") in reader
    assert str(QueryParser("text", index.schema).parse("松岑县好办")) == "text:松岑县好办"
