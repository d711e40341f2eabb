from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysearch.errors import InputError, SourceError
from policysearch.sources.encodings import decode

REFERENCE = Path(os.environ.get("POLICYSEARCH_REFERENCE", Path(__file__).parents[2] / "shared"))

SIMPLIFIED = (
    "青石县人民政府关于进一步优化营商环境的若干意见\n各乡镇人民政府，县直各部门：\n一、总体要求。坚持问题导向，"
    "深化“放管服”改革，加强监督检查，保护市场主体的合法权益，推动经济社会高质量发展。\n"
)
TRADITIONAL = (
    "青石縣人民政府關於進一步優化營商環境的若干意見\n各鄉鎮人民政府，縣直各部門：\n一、總體要求。堅持問題導向，"
    "深化改革，加強監督檢查，保護市場主體的合法權益，推動經濟社會高質量發展。\n"
)


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        pytest.param(SIMPLIFIED, "utf-8", "utf-8", id="utf-8"),
        pytest.param(SIMPLIFIED, "utf-8-sig", "utf-8", id="utf-8 with a mark"),
        pytest.param(SIMPLIFIED, "utf-16", "utf-16-le", id="utf-16 with a mark"),
        pytest.param(SIMPLIFIED, "utf-16-le", "utf-16-le", id="utf-16 little endian without a mark"),
        pytest.param(SIMPLIFIED, "utf-16-be", "utf-16-be", id="utf-16 big endian without a mark"),
        pytest.param(SIMPLIFIED, "utf-32", "utf-32-le", id="utf-32"),
        pytest.param(SIMPLIFIED, "gb2312", "gb2312", id="gb2312"),
        pytest.param(SIMPLIFIED + "朱镕基", "gbk", "gbk", id="gbk, for one character"),
        pytest.param(SIMPLIFIED + "㐀", "gb18030", "gb18030", id="gb18030, for one character"),
        pytest.param(TRADITIONAL, "gbk", "gbk", id="traditional characters in gbk"),
        pytest.param(TRADITIONAL, "big5", "big5", id="big5"),
        pytest.param("plain ASCII\n", "ascii", "utf-8", id="ascii"),
    ],
)
def test_each_encoding_is_found(text: str, codec: str, name: str) -> None:
    decoded = decode(text.encode(codec))
    assert (decoded.text, decoded.encoding, decoded.broken) == (text, name, ())
    assert decoded.confidence > 0.9


@pytest.mark.parametrize(
    "text", ["通知", "关于", "联通", "政府工作报告", "一、", "2023年工作回顾", "县政府", "意见如下："]
)
def test_short_gbk_texts_are_not_mistaken(text: str) -> None:
    decoded = decode(text.encode("gbk"))
    assert decoded.text == text
    assert 0.4 < decoded.confidence <= 1


def test_confidence_grows_with_the_text() -> None:
    sizes = [decode(SIMPLIFIED[:size].encode("gbk")).confidence for size in (2, 10, 40, 90)]
    assert sizes == sorted(sizes)
    assert sizes[0] < 0.9


def test_drawn_tables_in_gbk_are_read() -> None:
    table = "┌──┬──┐\n│指标│数值│\n├──┼──┤\n│粮食│３２│\n└──┴──┘\n"
    assert decode(table.encode("gbk")).text == table


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5"])
def test_a_character_cut_off_at_the_end_is_named(codec: str) -> None:
    text = TRADITIONAL
    decoded = decode((text + "業").encode(codec)[:-1])
    assert decoded.text.startswith(text)
    assert decoded.text.endswith("\ufffd")
    assert len(decoded.broken) == 1


def test_a_short_text_cut_off_is_still_read() -> None:
    assert decode("通知".encode()[:-1]).text == "通\ufffd"


def test_a_few_broken_bytes_are_replaced_and_named() -> None:
    data = bytearray((SIMPLIFIED * 50).encode("gbk"))
    at = data.index("改革".encode("gbk"))
    data[at : at + 1] = b"\xff"
    decoded = decode(bytes(data))
    assert decoded.encoding == "gb18030"
    assert decoded.text.count("\ufffd") >= 1
    assert decoded.broken
    assert "\ufffd" in decoded.broken[0].text


def test_characters_that_say_replacement_in_the_source_are_not_broken() -> None:
    assert decode("一\ufffd二".encode()).broken == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(bytes(range(256)) * 40, "binary", id="every byte"),
        pytest.param(b"\0" * 1000, "binary", id="zeros"),
        pytest.param(os.urandom(20_000), "binary|not recognised", id="random"),
        pytest.param((SIMPLIFIED * 9).encode() + (SIMPLIFIED * 9).encode("gbk"), "mix", id="utf-8, then gbk"),
        pytest.param((SIMPLIFIED * 90).encode("gbk") + (SIMPLIFIED * 90).encode(), "mix", id="gbk, then utf-8"),
        pytest.param("Économie, été, forêt; où ça?".encode("latin-1") * 9, "not recognised", id="latin-1"),
    ],
)
def test_what_is_no_text_or_a_mixture_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        decode(data)


def test_the_refusal_names_the_remedy() -> None:
    with pytest.raises(SourceError, match="--encoding gb18030"):
        decode("日本語のテキストです。".encode("shift_jis"))


def test_a_stray_zero_byte_does_not_make_a_text_binary() -> None:
    assert decode((SIMPLIFIED + "\0").encode()).text == SIMPLIFIED + "\0"


def test_an_encoding_that_is_given_is_obeyed() -> None:
    decoded = decode("十勝".encode("shift_jis"), "shift_jis")
    assert (decoded.text, decoded.encoding, decoded.confidence) == ("十勝", "shift_jis", 1.0)
    assert decode("一".encode("utf-8-sig"), "utf-8").text == "一"
    assert decode("一".encode("utf-16"), "utf-16").text == "一"
    assert decode("㐀".encode("gb18030"), "gb2312").text == "㐀"
    with pytest.raises(SourceError, match="cannot be read as utf-8"):
        decode(SIMPLIFIED.encode("gbk"), "utf-8")


@pytest.mark.parametrize("name", ["klingon", "base64", "rot13", "", "a\0b"])
def test_an_unknown_encoding_is_an_input_error(name: str) -> None:
    with pytest.raises(InputError, match="Unknown encoding"):
        decode(b"x", name)


def test_a_declared_encoding_is_believed_only_where_nothing_else_convinces() -> None:
    assert decode(SIMPLIFIED.encode(), declared="gb2312").encoding == "utf-8"
    assert decode(SIMPLIFIED.encode("gbk"), declared="utf-8").text == SIMPLIFIED
    assert decode("日本語のテキストです。".encode("shift_jis"), declared="shift_jis").encoding == "shift_jis"


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\ufeff\x00", exclude_categories=["Cc"])))
def test_utf8_is_always_read_as_it_is(text: str) -> None:
    decoded = decode(("一丁" + text).encode())
    assert (decoded.text, decoded.encoding) == ("一丁" + text, "utf-8")


@given(st.binary(max_size=2000))
def test_any_bytes_are_text_or_a_source_error(data: bytes) -> None:
    try:
        decoded = decode(data)
    except SourceError:
        return
    assert 0 <= decoded.confidence <= 1


def test_utf8_is_fast() -> None:
    data = (SIMPLIFIED * 80_000).encode()
    start = time.process_time()
    decode(data)
    assert len(data) / (time.process_time() - start) > 50e6


@pytest.mark.skipif(not REFERENCE.is_dir(), reason=f"no reference corpus at {REFERENCE}")
def test_every_gbk_file_of_the_reference_corpus_is_read() -> None:
    paths = sorted(REFERENCE.glob("corpus/gwr-*-gbk-raw/*.txt"))
    assert len(paths) == 8
    for path in paths:
        data = path.read_bytes()
        decoded = decode(data)
        assert (decoded.text, decoded.encoding, decoded.broken) == (data.decode("gb18030"), "gb2312", ())
        assert decoded.confidence > 0.95


@pytest.mark.parametrize(
    "name", ["punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "hex", "rot13"]
)
def test_an_encoding_that_no_file_has_is_none(name: str) -> None:
    with pytest.raises(InputError, match="Unknown encoding"):
        decode("深化改革。".encode(), name)


def test_places_are_named_by_line_and_offset() -> None:
    data = bytearray((SIMPLIFIED * 4).encode())
    where = [data.index("改革".encode()), data.rindex("一、".encode())]
    for at in where:
        data[at] = 0xFF
    decoded = decode(bytes(data))
    assert [(one.line, one.offset) for one in decoded.broken] == [(3, where[0]), (12, where[1])]
    assert decoded.places == 2
    assert all("\ufffd" in one.text for one in decoded.broken)


@pytest.mark.parametrize("codec", ["utf-8", "gbk"])
def test_a_short_text_with_a_few_damaged_bytes_is_read(codec: str) -> None:
    text = "各乡镇人民政府，县直各部门：\n深化改革，加强监督检查。\n保护合法权益。\n"
    data = bytearray(text.encode(codec))
    data[data.index("改".encode(codec))] = 0xFF
    decoded = decode(bytes(data))
    assert decoded.places == 1
    assert decoded.broken[0].line == 2
    assert decoded.text.startswith("各乡镇人民政府，县直各部门：\n深化\ufffd")
    assert decoded.text.endswith("，加强监督检查。\n保护合法权益。\n")


@pytest.mark.parametrize("change", ["lost", "added"])
def test_a_byte_too_few_or_many_puts_no_line_out_of_step(change: str) -> None:
    data = SIMPLIFIED.encode("gbk")
    at = data.index("监督".encode("gbk")) + 1
    damaged = data[:at] + data[at + 1 :] if change == "lost" else data[:at] + b"\xff" + data[at:]
    decoded = decode(damaged)
    assert decoded.places == 1
    assert "加强" in decoded.text
    assert decoded.text.endswith("保护市场主体的合法权益，推动经济社会高质量发展。\n")
    assert decoded.broken[0].line == 3
    assert abs(decoded.broken[0].offset - at) <= 2


def test_many_damaged_bytes_are_refused() -> None:
    data = bytearray((SIMPLIFIED * 20).encode())
    data[::40] = b"\xff" * len(data[::40])
    with pytest.raises(SourceError, match=r"cannot be decoded|not recognised"):
        decode(bytes(data))


@pytest.mark.no_cover
def test_damage_in_each_line_takes_time_in_proportion() -> None:
    line = SIMPLIFIED.replace("\n", "").encode("gbk")
    decoded = decode((line * 3 + b"\xff\n") * 3_000)
    assert decoded.places == 3_000
    assert len(decoded.broken) == 20
