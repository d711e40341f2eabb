"""Hostile input cannot run code, steer a terminal or a spreadsheet, write elsewhere, or stop the rest."""

from __future__ import annotations

import ast
import contextlib
import csv
import io
import json
import os
import pickle
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import ALL, ROOT, Run, Write, command_environment
from crashes import environment_of, wait_for_strays

from policysearch import IndexUnusableError, open_index
from policysearch.engines.opening import open_store
from policysearch.indexing.checking import check
from policysearch.indexing.refresh import refresh
from policysearch.output.json import dump

pytestmark = pytest.mark.one_python

PACKAGE = ROOT / "policysearch"
REPORT = "2024年竹榭市政府工作报告\n\n一、优化营商环境\n深化“放管服”改革。\n二、推进乡村振兴\n修建农村公路12公里。\n"


# an index runs no code


class Malicious:
    """A pickle that makes a file when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.mark),)


def test_the_malicious_pickle_works(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Malicious(tmp_path / "mark")))
    assert (tmp_path / "mark").is_dir()


@pytest.mark.parametrize("where", ["whole", "at the beginning", "at the end", "every region"])
def test_a_pickle_in_place_of_any_file_is_not_loaded(write: Write, tmp_path: Path, where: str) -> None:
    write("docs/a.txt", REPORT)
    folder, mark = tmp_path / "index", tmp_path / "mark"
    refresh(open_store(folder), [tmp_path / "docs"])
    evil = pickle.dumps(Malicious(mark), protocol=0)
    names = {path.name: path.read_bytes() for path in folder.iterdir()}
    extra = [] if where == "every region" else ["_MAIN_1.toc", "MAIN_abc.seg", "MAIN_WRITELOCK", "jieba.cache"]
    for name in (*names, *extra):
        path, good = folder / name, names.get(name, b"")
        if where == "whole":
            contents = [evil]
        elif where == "at the beginning":
            contents = [evil + good, evil + good[len(evil) :]]
        elif where == "at the end":
            contents = [good + evil, good[: -len(evil)] + evil]
        else:
            contents = [good[:at] + evil + good[at + len(evil) :] for at in range(0, len(good), 97)]
        for data in contents:
            path.write_bytes(data)
            try:
                with open_index(folder) as index:
                    index.search("营商环境 公路")
                    index.show("a.txt")
                    index.documents()
                check(open_store(folder), lambda: open_index(folder).engine)
            except IndexUnusableError:
                pass
            assert not mark.exists(), name
        if name in names:
            path.write_bytes(good)
        else:
            path.unlink()


NEVER = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "runpy", "code"}


def test_no_module_loads_code_from_data() -> None:
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found += [f"{path.name} imports {a.name}" for a in node.names if a.name.split(".")[0] in NEVER]
            elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in NEVER:
                found.append(f"{path.name} imports {node.module}")
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}:
                found.append(f"{path.name} calls {node.func.id}")
            elif isinstance(node, ast.Attribute) and node.attr in {"unsafe_load", "full_load", "allow_pickle"}:
                found.append(f"{path.name} uses {node.attr}")
            elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                found.append(f"{path.name} uses allow_pickle")
    # which makes an __init__ of the names that stand in a class of this package
    assert found == ["frozen.py calls exec"]


AUDITED = """
import sys
seen = []
def hook(event, arguments):
    if event == "pickle.find_class":
        seen.append(arguments)
sys.addaudithook(hook)
from policysearch.cli.main import main
status = main(sys.argv[1:])
assert not seen, seen
sys.exit(status)
"""


@pytest.mark.parametrize(
    "command", [["search", "优化 环境"], ["list"], ["check"], ["count", "环境"], ["kwic", "环境"], ["info"]]
)
def test_no_command_unpickles(samples_index: Path, command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AUDITED, *command, "-i", str(samples_index)],
        env=command_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


# caches are the user's own


def test_jiebas_cache_is_never_used(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    shared = tmp_path / "shared"
    shared.mkdir()
    evil = pickle.dumps(Malicious(tmp_path / "mark"))
    (shared / "jieba.cache").write_bytes(evil)
    for command in (["index", "docs"], ["search", "营商环境"], ["check"], ["outline", "docs/a.txt"]):
        assert run(*command, TMPDIR=str(shared), XDG_CACHE_HOME=str(tmp_path / "own")).returncode == 0
    assert [(path.name, path.read_bytes()) for path in shared.iterdir()] == [("jieba.cache", evil)]
    assert not (tmp_path / "mark").exists()
    own = tmp_path / "own/policysearch"
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert [stat.S_IMODE(words.stat().st_mode) for words in own.iterdir()] == [0o600, 0o600]


def test_a_cache_that_others_may_write_is_not_used(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    folder = tmp_path / "own/policysearch"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    assert run("index", "docs", XDG_CACHE_HOME=str(tmp_path / "own")).returncode == 0
    assert run("search", "营商环境", XDG_CACHE_HOME=str(tmp_path / "own")).returncode == 0
    assert list(folder.iterdir()) == []


# terminals

ESCAPES = "\x1b[31m\x1b]0;title\x07\x9b1m\u202etxt.exe\u2066\u200f\x00\x08\x7f\x85"
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def test_nothing_steers_a_terminal(run: Run, write: Write, tmp_path: Path) -> None:
    name = "报告\x1b[2J\u202e\x07.txt"
    text = f"2024年竹榭市政府工作报告{ESCAPES}\n\n一、优化营商{ESCAPES}环境{ESCAPES}\n深化{ESCAPES}改革。\n"
    write("docs/binary.txt", text)
    write(f"docs/{name}", text.replace(ESCAPES, "\x1b[31m\u202e\u2066"))
    write("docs/失败\x1b]0;\x07\u202e.txt", "")
    record = {"id": f"x{ESCAPES}", "title": ESCAPES, "text": f"深化{ESCAPES}改革。"}
    write("docs/b.jsonl", json.dumps(record) + "\n{}\n")
    (tmp_path / "docs/link\x1b[1m").symlink_to(f"/nowhere/{ESCAPES.replace(chr(0), '')}")
    said = [run("index", "docs")]
    assert said[0].returncode == 2, said[0].stderr
    documents = [one["document_id"] for one in json.loads(run("list", "--format", "json").stdout)]
    assert len(documents) == 2, said[0].stderr
    topics = write("topics.txt", f"{ESCAPES}\t改革\nb\t{ESCAPES}(\n".replace("\0", ""))
    query = ESCAPES.replace("\0", "")
    commands: list[list[str]] = [
        *(["search", "改革", "--format", one] for one in ("text", "json", "jsonl", "csv", "tsv", "trec")),
        *(["search", "改革", "--group", "document", "--format", one] for one in ("csv", "trec")),
        *(["search", "改革", "--explain", "--format", one] for one in ("text", "json")),
        ["search", "改革", "--format", "trec", "--tag", query],
        ["search", f"改革 OR “{query}”"],
        ["search", f"({query}"],
        ["search", f"year:{query}"],
        ["search", f"region:{query}", "--explain"],
        ["search", "改革", "--region", query],
        ["search", query, "--explain"],
        *(["batch", str(topics), "--format", one] for one in ("text", "json", "jsonl", "csv", "tsv", "trec")),
        ["batch", str(topics), "--format", "text", "--explain", "--jobs", "2"],
        ["batch", query],
        *(["count", "改革", query, "--by", "document", "--format", one] for one in TABLES),
        *(["count", "--terms", str(topics), "--format", one] for one in TABLES),
        ["count", "改革", "--by", query],
        *(["kwic", "改革", "--format", one] for one in TABLES),
        ["kwic", query],
        ["kwic", "改革", "--where", f"({query}"],
        *(["list", "--format", one] for one in TABLES),
        *(["list", "--by", "type", "--format", one] for one in TABLES),
        ["list", "--by", query],
        *(["show", one, "--format", "json"] for one in documents),
        *(["show", one] for one in documents),
        ["show", query],
        *(["outline", f"docs/{name}", "--removed", "--format", one] for one in ("text", "json")),
        ["outline", "docs/b.jsonl"],
        ["outline", query],
        *(["info", "--format", one] for one in ("text", "json")),
        *(["check", "--format", one] for one in ("text", "json")),
        ["check", "-i", query],
        ["check", "--seed", query],
        ["search", "改革", "-i", query],
        ["search", "改革", "-o", query],
        ["kwic", "改革", "-o", f"{query}.dat"],
        ["index", query],
        ["index", "--format", "json"],
        ["index", "--remove", query],
        ["index", "--encoding", query],
        ["index", "--dictionary", query],
        [query],
        ["search", f"--{query}", "x"],
    ]
    said += [run(*command) for command in (commands if ALL else commands[::5])]
    for one in said:
        assert "Traceback" not in one.stderr, (one.args, one.stderr)
        for stream in (one.stdout, one.stderr):
            assert not STEERING.search(stream), (one.args, stream)


TABLES = ("text", "json", "jsonl", "csv", "tsv")


def test_json_with_escapes_says_the_same() -> None:
    value = {"a": f"{ESCAPES}\ud800\U000e0041\u3000中", "b": [1.5, None]}
    written = dump(value)
    assert json.loads(written) == value
    written.encode()
    assert not STEERING.search(written)
    assert "中" in written


@pytest.mark.parametrize("output_format", ["text", "json", "jsonl", "csv", "tsv", "trec"])
@pytest.mark.parametrize("raw", [[], ["--raw"]], ids=["", "raw"])
def test_what_utf_8_cannot_say_is_written_somehow(
    run: Run, write: Write, samples_index: Path, output_format: str, raw: list[str]
) -> None:
    write("topics.jsonl", '{"id": "\\ud800\\udfff\\udc80", "query": "改革"}\n{"id": "b", "query": "\\ud800"}\n')
    done = run("batch", "topics.jsonl", "-i", samples_index, "--format", output_format, *raw)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert "line 2: The query is not valid UTF-8 here." in done.stderr
    done.stdout.encode()


def test_a_drawing_is_well_formed_whatever_its_words(run: Run, samples_index: Path, tmp_path: Path) -> None:
    words = ["<script>alert(1)</script>", "&amp;", "$x^2$ $", "]]>", "\x1b[31m改革\u202e", "%s", "\\frac"]
    for name, by in (
        ("bars.svg", []),
        ("lines.svg", ["--by", "year"]),
        ("bars.png", []),
        ("lines.png", ["--by", "year"]),
    ):
        done = run("count", *words, "改革", *by, "--plot", name, "-i", samples_index)
        if name.endswith("png") and "No font with Chinese characters" in done.stderr:
            continue
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
        if name.endswith("svg"):
            assert_harmless(tmp_path / name)


def assert_harmless(drawing: Path) -> None:
    root = ElementTree.parse(drawing).getroot()
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
    assert "<script>alert(1)</script>" in {"".join(text.itertext()) for text in root.iter()}


def test_no_table_begins_a_formula(run: Run, write: Write) -> None:
    rows = [
        {"id": f"{c}1", "title": f'{c}HYPERLINK("x")', "issuer": f"{c}cmd", "text": f"{c}优化营商环境。"}
        for c in "=+-@\t＝＋－＠"
    ]
    write("topics.tsv", "".join(f"{c}{i}\t营商环境\n" for i, c in enumerate("=+-@＝＋")))
    write("docs/a.jsonl", "\n".join(json.dumps(row) for row in rows))
    assert run("index", "docs").returncode == 0
    for command in (
        ["search", "营商环境"],
        ["search", "营商环境", "--group", "document"],
        ["list"],
        ["kwic", "优化营商环境"],
        ["count", "=营商环境", "--by", "document"],
        ["matrix", "=营商环境", "-优化", "--by", "document"],
        ["batch", "topics.tsv"],
    ):
        for output_format, delimiter in (("csv", ","), ("tsv", "\t")):
            out = run(*command, "--format", output_format).stdout
            cells = [cell for row in csv.reader(io.StringIO(out), delimiter=delimiter) for cell in row]
            assert [c for c in cells if re.match(r"[=+\-@\t\r＝＋－＠]", c) and not re.fullmatch(r"-?[0-9.]+", c)] == []
            raw = run(*command, "--format", output_format, "--raw").stdout
            assert re.search(r'(^|[,\t"])=', raw)


# sources


def test_one_bad_source_never_ends_the_run(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/good.txt", REPORT)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../outside.txt", REPORT)
        archive.writestr("/absolute.txt", REPORT)
        archive.writestr("inside.txt", REPORT)
    write("docs/a.zip", packed.getvalue())
    with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"0" * 40_000_000)
    write("docs/bomb.zip", packed.getvalue())
    write("docs/deep.html", "<div>" * 100_000 + "正文" + "</div>" * 100_000)
    write("docs/deep.json", "[" * 100_000 + "]" * 100_000)
    write("docs/deep.jsonl", '{"text": ' + "[" * 100_000 + "]" * 100_000 + "}\n")
    write(
        "docs/broken.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 1 0 R >>\nendobj\ntrailer << /Root 1 0 R >>\n"
    )
    write("docs/broken.docx", b"PK\x03\x04" + os.urandom(500))
    write("docs/wide.csv", "text," * 50_000 + "\n" + "x," * 50_000 + "\n")
    done = run("index", "docs", "--format", "json")
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    states = {one["source"]: one["state"] for one in json.loads(done.stdout)["sources"]}
    assert states["good.txt"] == "added"
    assert states["a.zip"] == "added"
    assert "bomb.zip#bomb.txt: It is packed like a decompression bomb" in done.stderr
    assert "Its name points outside the archive" in done.stderr
    assert {states[name] for name in ("broken.pdf", "broken.docx", "deep.json", "bomb.zip")} == {"failed"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs", "index"]
    assert run("search", "放管服").returncode == 0


def packed(members: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def word(body: str, head: str = "") -> bytes:
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return packed(
        {"word/document.xml": f'{head}<w:document xmlns:w="{main}"><w:body>{body}</w:body></w:document>'.encode()}
    )


def pdf(stream: bytes) -> bytes:
    """Return a PDF whose one page draws what is packed in ``stream``."""
    return (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n" % len(stream)
        + stream + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n"
    )  # fmt: skip


LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
DOCTYPE = f'<!DOCTYPE x [<!ENTITY e0 "一">{LAUGHS}]>'
BOMBS = {
    "nested.zip": lambda: packed({f"{i}.zip": packed({"a.txt": b"0" * 10_000_000}) for i in range(100)}),
    "deeper.zip": lambda: packed({"a.zip": packed({"b.zip": packed({"c.zip": packed({"d.txt": b"0"})})})}),
    "many.zip": lambda: packed({f"{i}.txt": b"0" * 1_000_000 for i in range(1000)}),
    "spaces.docx": lambda: packed({"word/document.xml": b" " * 200_000_000}),
    "laughs.docx": lambda: word("&e11;", DOCTYPE),
    "deep.docx": lambda: word("<w:tbl>" * 50_000),
    "zeros.pdf": lambda: pdf(zlib.compress(b" " * 500_000_000, 1)),
    "zeros-twice.pdf": lambda: pdf(zlib.compress(zlib.compress(b"0" * 500_000_000, 9), 9)),
}
HEAVY = {
    "laughs.html": lambda: f"{DOCTYPE}<html><body><p>正文&e11;</p></body></html>".encode(),
    "headings.html": lambda: b"<h2>\xe4\xb8\x80</h2><p>x</p>" * 100_000,
    "headings.docx": lambda: word(
        '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>一节</w:t></w:r></w:p>' * 100_000
    ),
    "headings.md": lambda: "## 二\n文\n".encode() * 100_000,
    "headings.txt": lambda: "第一条 正文\n".encode() * 100_000,
    "line.txt": lambda: "推动高质量发展".encode() * 1_000_000,
    "line.csv": lambda: b'text\n"' + "推动高质量发展".encode() * 1_000_000 + b'"\n',
}


@pytest.mark.parametrize("name", [*BOMBS, *HEAVY])
def test_what_is_large_or_packed_is_read_or_refused_in_bounded_memory(write: Write, tmp_path: Path, name: str) -> None:
    if not ALL and name not in ("nested.zip", "laughs.docx", "headings.docx", "zeros.pdf"):
        pytest.skip("only with scripts/test --all")
    write(f"docs/{name}", (BOMBS | HEAVY)[name]())
    write("docs/good.txt", REPORT)
    gigabytes = 3  # of addresses, of which numpy and the dictionary take one
    done = subprocess.run(
        [sys.executable, "-m", "policysearch", "index", "docs", "--format", "json", "--jobs", "1"],
        cwd=tmp_path,
        env=command_environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (gigabytes * 2**30,) * 2),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    states = {one["source"]: one["state"] for one in json.loads(done.stdout)["sources"]}
    reasons = {one["source"]: one["reason"] for one in json.loads(done.stdout)["sources"]}
    assert states["good.txt"] == "added"
    if name in ("headings.html", "headings.docx"):
        # else they would be lost in an index that counts the sections of a document in 16 bits
        assert re.search(r"It has \d{6} sections; a document may have at most 65536. Split it.", reasons[name] or "")
    elif name in HEAVY:
        assert (states[name], reasons[name]) == ("added", None)
    else:
        assert reasons[name], states


def test_a_process_that_reads_a_pdf_ends_with_the_others(write: Write, tmp_path: Path) -> None:
    loops = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>endobj\n"
        b"4 0 obj<</Length 5>>stream\n/X Do\nendstream endobj\n"
        b"5 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 1 1]/Length 11>>stream\n/X Do /X Do\nendstream endobj\n"
        b"trailer<</Root 1 0 R>>\n"
    )
    write("docs/loops.pdf", loops)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        index = tmp_path / f"index-{number}"
        started = subprocess.Popen(
            [sys.executable, "-m", "policysearch", "index", "docs", "-q", "-i", str(index)],
            cwd=tmp_path,
            env=command_environment(MARK=str(index)),
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        while not any(b"policysearch.sources.readers.pdf\0extract" in command for command in commands_with(str(index))):
            assert started.poll() is None
            time.sleep(0.01)
        started.send_signal(number)
        started.wait()
        wait_for_strays(index)  # sooner than the page is given up


def commands_with(mark: str) -> list[bytes]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        if mark in environment_of(process):
            with contextlib.suppress(OSError):
                found.append((process / "cmdline").read_bytes())
    return found


def test_links_out_of_a_root_are_not_followed_unless_asked(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    write("private/secret.txt", "机密文件\n\n一、保密内容\n")
    (tmp_path / "docs/file.txt").symlink_to(tmp_path / "private/secret.txt")
    (tmp_path / "docs/folder").symlink_to(tmp_path / "private")
    done = run("index", "docs")
    assert done.returncode == 2
    assert done.stderr.count("It is a link out of the folder") == 2
    assert run("search", "--exact", "保密内容").returncode == 1
    assert run("index", "docs", "--follow-links").returncode == 0
    assert run("search", "--exact", "保密内容").returncode == 0


def test_a_circle_of_links_ends(run: Run, write: Write, tmp_path: Path) -> None:
    write("docs/a.txt", REPORT)
    (tmp_path / "docs/again").symlink_to(tmp_path / "docs")
    (tmp_path / "docs/self").symlink_to(tmp_path / "docs/self")
    done = run("index", "docs", "--follow-links", "--format", "json")
    assert json.loads(done.stdout)["documents"] == 1
    shutil.rmtree(tmp_path / "docs")
