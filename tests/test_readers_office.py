"""Old Office documents: what LibreOffice makes of them is read, kept and told; without it they are named."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run, Write

from policysearch.errors import SourceError
from policysearch.sources.reader import read_bytes
from policysearch.sources.readers import office
from policysearch.sources.readers.reading import Reading

REAL = shutil.which("soffice")
MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RTF = (
    r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}}{\stylesheet{\s1 heading 1;}}"
    r"\pard\s1 \u20851?\u20110?\u30002?\u30340?\u36890?\u30693?\par\pard \'b8\'f7\'b5\'a5\'ce\'bb\'a3\'ba\par"
    r"\trowd\cellx3000\cellx6000\intbl \u30002?\cell \u20057?\cell\row\pard\par}"
)


def word(text: str) -> bytes:
    body = f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
    with zipfile.ZipFile(out := io.BytesIO(), "w") as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{MAIN}"><w:body>{body}</w:body></w:document>')
        archive.writestr("word/media/image1.png", b"\x89PNG" + bytes(10_000))
    return out.getvalue()


def old_word(text: str) -> bytes:
    """Return a file that begins and is listed as an old Word document, with a text that the stand-in finds."""
    entry = "WordDocument\0".encode("utf-16-le")
    directory = entry.ljust(64, b"\0") + len(entry).to_bytes(2, "little")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + directory.ljust(128, b"\0") + text.encode()


STAND_IN = f"""#!{sys.executable} -I
import os, sys, time
sys.path[:] = {sys.path!r}
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_readers_office import word
arguments = sys.argv[1:]
out = Path(arguments[arguments.index("--outdir") + 1])
files = [Path(one) for one in arguments[arguments.index("--outdir") + 2 :]]
with open({{log!r}}, "a") as log:
    log.write(f"{{{{len(files)}}}}\\n")
for file in files:
    text = file.read_bytes()[640:].decode()
    if text == "hangs":
        (out / f"{{{{file.stem}}}}.docx.tmp").write_bytes(b"x")
        os.spawnv(os.P_WAIT, "/bin/sleep", ["sleep", "1000"])
    if text == "breaks down":
        (out / f"{{{{file.stem}}}}.docx").write_bytes(word("x")[:100])
        os.abort()
    if text != "has a password":
        (out / f"{{{{file.stem}}}}.docx").write_bytes(word(text))
"""


class StandIn:
    """A program in the place of LibreOffice, which counts how often it is started, and with how many files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.log = folder / "log"
        self.log.touch()
        self.path = folder
        program = folder / "soffice"
        program.write_text(STAND_IN.format(log=str(self.log)), encoding="utf-8")
        program.chmod(0o755)

    @property
    def starts(self) -> list[int]:
        """How many files each start was given."""
        return [int(line) for line in self.log.read_text().split()]


def forget() -> None:
    for known in (office._soffice, office._version, office._without_network):
        known.cache_clear()
    office._made.clear()


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    program = StandIn(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{program.path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    forget()
    yield program
    forget()


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("PATH", str(tmp_path))
    forget()
    yield
    forget()


def one(data: bytes, name: str) -> Reading:
    (reading,) = read_bytes(data, name)
    assert isinstance(reading, Reading)
    return reading


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize(
    ("data", "name"), [(old_word("x"), "a.doc"), (old_word("x"), "a.wps"), (RTF.encode(), "a.rtf"), (RTF.encode(), "a")]
)
def test_without_libreoffice_they_are_named_with_what_to_do(data: bytes, name: str) -> None:
    with pytest.raises(SourceError, match=r"Install LibreOffice.*soffice --headless --convert-to docx FILE"):
        one(data, name)


def test_what_was_converted_is_read_marked_and_kept_without_pictures(stand_in: StandIn, tmp_path: Path) -> None:
    for _ in range(2):
        reading = one(old_word("各单位："), "a.doc")
        assert reading.text == "各单位：\n"
        assert [(note.kind, note.text) for note in reading.notes] == [
            ("converted", "Converted from .doc by LibreOffice.")
        ]
    assert stand_in.starts == [1]
    (kept,) = (tmp_path / "cache/policysearch/converted").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.stat().st_size < 2_000


def test_several_files_are_converted_at_a_start_and_an_update_converts_what_is_new(
    stand_in: StandIn, run: Run, write: Write, tmp_path: Path
) -> None:
    environment = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]}
    for number in range(6):
        write(f"docs/{number}.{'doc' if number % 2 else 'wps'}", old_word(f"第{number}号通知。"))
    done = run("index", "docs", "--format", "json", "--jobs", "1", **environment)
    assert done.returncode == 0, done.stderr
    sources = json.loads(done.stdout)["sources"]
    assert [[note["kind"] for note in one["notes"]] for one in sources] == [["converted"]] * 6
    assert stand_in.starts == [6]
    write("docs/new.doc", old_word("新的通知。"))
    assert "converted by LibreOffice: 1 source\n" in run("index", "docs", "--jobs", "1", **environment).stdout
    assert stand_in.starts == [6, 1]
    # a rebuild takes what was kept
    said = run("index", "--rebuild", "--jobs", "1", **environment).stdout
    assert "converted by LibreOffice: 7 sources\n" in said
    assert stand_in.starts == [6, 1]
    assert run("search", "--exact", "新的通知", **environment).returncode == 0


def test_members_of_an_archive_are_converted_together(stand_in: StandIn) -> None:
    with zipfile.ZipFile(out := io.BytesIO(), "w") as archive:
        for number in range(4):
            archive.writestr(f"{number}.doc", old_word(f"第{number}号通知。"))
        archive.writestr("a.txt", "各单位：")
    found = list(read_bytes(out.getvalue(), "a.zip"))
    assert [isinstance(one, Reading) and one.text.strip() for one in found] == [
        *(f"第{number}号通知。" for number in range(4)),
        "各单位：",
    ]
    assert stand_in.starts == [4]


@pytest.mark.parametrize("cache", ["corrupt", "not writable", "a file"])
def test_a_cache_that_fails_costs_time_only(stand_in: StandIn, tmp_path: Path, cache: str) -> None:
    folder = tmp_path / "cache/policysearch/converted"
    assert one(old_word("各单位："), "a.doc").text == "各单位：\n"
    if cache == "corrupt":
        for kept in folder.iterdir():
            kept.write_bytes(kept.read_bytes()[:-20] + b"x" * 20)
    else:
        shutil.rmtree(folder)
        if cache == "a file":
            folder.write_bytes(b"")
        else:
            folder.mkdir()
            folder.chmod(0o777)
    assert one(old_word("各单位："), "a.doc").text == "各单位：\n"
    assert stand_in.starts == [1, 1]


def test_one_that_hangs_breaks_down_or_cannot_be_opened_costs_no_other(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "_FILE_SECONDS", 3)
    texts = ["甲", "hangs", "乙", "breaks down", "has a password", "丙"]
    made = office._convert({text: (old_word(text), ".doc") for text in texts})
    assert [isinstance(made[text], bytes) for text in texts] == [True, False, True, False, False, True]
    assert "takes longer than 3 seconds" in str(made["hangs"])
    assert "crashes" in str(made["breaks down"])
    assert "a password" in str(made["has a password"])
    assert stand_in.starts == [6, 4, 2]
    time.sleep(0.2)
    assert "sleep\0001000\0" not in {
        path.read_text(errors="replace") for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()
    }


def test_what_is_no_document_is_not_taken_for_plain_text() -> None:
    if REAL is None:
        pytest.skip("needs LibreOffice: soffice is not on the PATH")
    forget()
    with pytest.raises(SourceError, match=r"cannot open it|crashes|no text"):
        one(old_word("各单位要落实。" * 100), "a.doc")


def test_a_program_that_never_works_is_given_up(stand_in: StandIn) -> None:
    texts = ["breaks down", *(f"{n}" for n in range(9))]
    (stand_in.path / "soffice").write_text("#!/bin/sh\nexit 77\n")
    made = office._convert({text: (old_word(text), ".doc") for text in texts})
    assert all(isinstance(one, str) for one in made.values())
    assert "does not work here" in str(made["8"])


def test_the_profile_forbids_macros_links_and_the_network(tmp_path: Path) -> None:
    office._write_profile(tmp_path / "user")
    settings = (tmp_path / "user/registrymodifications.xcu").read_text()
    for name in ("DisableMacrosExecution", "BlockUntrustedRefererLinks", "ooInetHTTPProxyName"):
        assert name in settings


def test_the_cache_is_cut_where_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(office, "_CACHE_LIMIT", 5_000)
    monkeypatch.setattr(office, "_CACHE_CUT", 2_500)
    for number in range(8):
        office._keep({f"{number:064d}"[::-1]: bytes(1_000)})
        time.sleep(0.01)
    names = sorted(path.name for path in (tmp_path / "policysearch/converted").iterdir())
    assert 2 <= len(names) <= 4
    assert names[-1].startswith("7")


@pytest.mark.skipif(REAL is None, reason="needs LibreOffice: soffice is not on the PATH")
class TestLibreOffice:
    @pytest.fixture(autouse=True)
    def _fresh(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        forget()
        yield
        forget()

    def test_rtf_keeps_headings_tables_and_gbk(self) -> None:
        reading = one(RTF.encode(), "a.rtf")
        assert reading.text.rstrip("\n") == "关于甲的通知\n各单位：\n甲\t乙"
        assert [heading.level for heading in reading.headings] == [1]

    def test_old_word_and_opendocument_are_read_as_the_docx_they_were(
        self, write: Write, run: Run, tmp_path: Path
    ) -> None:
        source = write("a.rtf", RTF)
        for ending in ("doc", "odt"):
            profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
            made = [str(REAL), profile, "--headless", "--convert-to", ending, "--outdir", str(tmp_path / "docs")]
            subprocess.run([*made, str(source)], check=True, capture_output=True, timeout=120)
        write("docs/broken.doc", (tmp_path / "docs/a.doc").read_bytes()[:3000])
        done = run("index", "docs", "--format", "json", XDG_CACHE_HOME=os.environ["XDG_CACHE_HOME"])
        states = {one["source"]: (one["state"], one["reason"]) for one in json.loads(done.stdout)["sources"]}
        assert states["a.doc"] == states["a.odt"] == ("added", None)
        assert states["broken.doc"][0] == "failed"
        assert "corrupt" in str(states["broken.doc"][1])
        for name in ("a.doc", "a.odt"):
            assert "甲\t乙" in json.loads(run("show", name, "--format", "json").stdout)["sections"][-1]["text"]
