"""Build the package, and try it in fresh environments: without extras, with each alone, and with all together.

    python scripts/try_extras.py [--python PYTHON] [EXTRA …]

The source archive is built from this folder and the wheel from the archive. In each environment the wheel is installed
with one extra; the samples are indexed and searched; what the extra is for is done, and what other extras are for says
how to install them. "none" stands for no extra; without EXTRA all are tried. Needs the network, and uv or pip.
"""

from __future__ import annotations

import argparse
import configparser
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHAT_GOES_IN = ("policysearch", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")


class TrialError(Exception):
    """Something does not do what it should."""


def ran(*command: str | Path, cwd: Path | None = None, status: int = 0, **environment: str) -> str:
    """Run a command, which must end with a status, and return its output, errors included."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=900,
    )
    if done.returncode != status:
        raise TrialError(f"{' '.join(map(str, command))}: status {done.returncode}, not {status}\n{done.stdout}")
    return done.stdout


def extras() -> list[str]:
    """Return the names of the extras for users; ``all`` is the last."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    named = [name for name in setup["options.extras_require"] if name not in ("all", "dev")]
    return [*named, "all"]


def build(folder: Path, python: str) -> tuple[Path, Path]:
    """Build the source archive from a copy of the repository, and the wheel from what is in the archive."""
    copy = folder / "copy"
    for name in WHAT_GOES_IN:
        of = ROOT / name
        if of.is_dir():
            shutil.copytree(of, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(of, copy / name)
    builder = environment(folder / "builder", python)
    install(builder, "setuptools>=77", "wheel")
    made = "import setuptools.build_meta as b, sys; print(getattr(b, 'build_' + sys.argv[1])(sys.argv[2]))"
    archive = folder / ran(builder, "-c", made, "sdist", folder, cwd=copy).splitlines()[-1]
    with tarfile.open(archive) as opened:
        opened.extractall(folder / "archive", filter="data")
    (unpacked,) = (folder / "archive").iterdir()
    wheel = folder / ran(builder, "-c", made, "wheel", folder, cwd=unpacked).splitlines()[-1]
    return archive, wheel


def environment(folder: Path, python: str) -> Path:
    """Make an environment, and return its Python."""
    ran(python, "-I", "-m", "venv", *(["--without-pip"] if shutil.which("uv") else []), folder)
    return folder / "bin" / "python"


def install(python: Path, *what: str) -> None:
    """Install packages; uv links what it has, which takes a tenth of pip's time."""
    if shutil.which("uv"):
        ran("uv", "pip", "install", "--quiet", "--python", python, *what)
    else:
        ran(python, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what)


SAMPLE = "青禾县人民政府关于优化营商环境的通知\n青政发〔2024〕3号\n一、总体要求\n优化营商环境。\n2024年3月5日\n"

Try = Callable[..., str]
"""Runs the installed command: its arguments, and as ``status`` how it must end."""


def try_yaml(run: Try, place: Path) -> None:
    (place / "documents" / "metadata.yaml").write_text('"a.txt": {title: 青禾通知}\n', encoding="utf-8")
    run("index", "documents")
    assert_in("青禾通知", run("list"))


def try_pdf(run: Try, place: Path) -> None:
    text = b"BT /F1 24 Tf 72 700 Td (Notice on the business environment) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = b"%PDF-1.4\n" + b"".join(b"%d 0 obj%s\nendobj\n" % (i, one) for i, one in enumerate(objects, 1))
    path = place / "notice.pdf"
    path.write_bytes(body + b"trailer<</Root 1 0 R/Size 6>>\n%%EOF\n")
    assert_in("business environment", run("outline", "notice.pdf"))


def try_plot(run: Try, place: Path) -> None:
    run("count", "营商环境", "--by", "year", "--plot", "chart.svg")
    assert_in("<svg", (place / "chart.svg").read_text(encoding="utf-8"))


def try_xlsx(run: Try, place: Path) -> None:
    run("count", "营商环境", "--by", "year", "-o", "table.xlsx")
    assert (place / "table.xlsx").read_bytes().startswith(b"PK")


def try_parquet(run: Try, place: Path) -> None:
    run("export", "--parquet", "tables")
    assert (place / "tables" / "sections.parquet").read_bytes().startswith(b"PAR1")


def try_tables(run: Try, place: Path) -> None:
    run("outline", write_workbook(place))


def write_workbook(place: Path) -> str:
    """Write a workbook of one sheet with one row below its head, and return its name."""
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheets = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    packages = 'xmlns="http://schemas.openxmlformats.org/package/2006'

    def row(*cells: str) -> str:
        return "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"

    def link(of: str, to: str) -> str:
        one = f'<Relationship Id="r" Type="{links}/{of}" Target="{to}"/>'
        return f'<Relationships {packages}/relationships">{one}</Relationships>'

    rows = row("title", "text") + row("关于就业的通知", "稳定就业，优化服务。")
    parts = {
        "[Content_Types].xml": f'<Types {packages}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sheet1.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
        "_rels/.rels": link("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook {sheets} xmlns:r="{links}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="r"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": link("worksheet", "sheet1.xml"),
        "xl/sheet1.xml": f"<worksheet {sheets}><sheetData>{rows}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(place / "read.xlsx", "w") as written:
        for name, text in parts.items():
            written.writestr(name, text)
    return "read.xlsx"


def try_opensearch(run: Try, place: Path) -> None:
    said = run("search", "营商环境", "-i", "opensearch+http://127.0.0.1:9/none", status=2)
    assert "pip install" not in said, said  # it gets as far as the connection


def try_web(run: Try, place: Path) -> None:
    said = run("serve", "--host", "192.0.2.1", status=2)
    assert_in("Cannot listen on 192.0.2.1", said)  # everything is loaded before


def try_mcp(run: Try, place: Path) -> None:
    run("mcp")  # stdin is closed: it answers nobody, and ends


TRIED: dict[str, tuple[Callable[[Try, Path], None], Sequence[str] | None]] = {
    "yaml": (try_yaml, None),
    "pdf": (try_pdf, None),
    "plot": (try_plot, ("count", "营商环境", "--by", "year", "--plot", "chart.svg")),
    "xlsx": (try_xlsx, ("count", "营商环境", "--by", "year", "-o", "table.xlsx")),
    "parquet": (try_parquet, ("export", "--parquet", "tables")),
    "tables": (try_tables, ("outline", "read.xlsx")),
    "opensearch": (try_opensearch, ("search", "营商环境", "-i", "opensearch+http://127.0.0.1:9/none")),
    "web": (try_web, ("serve", "--host", "192.0.2.1")),
    "mcp": (try_mcp, ("mcp",)),
}
"""For extras that do something to be seen: how to try it, and a command that names the extra where it is missing."""


def assert_in(what: str, text: str) -> None:
    if what not in text:
        raise TrialError(f"'{what}' is not in:\n{text}")


def try_extra(extra: str, wheel: Path, folder: Path, python: str) -> None:
    """Install the wheel with an extra into a fresh environment, and use it."""
    own = environment(folder / "environment", python)
    install(own, str(wheel) if extra == "none" else f"policysearch[{extra}] @ {wheel.as_uri()}")
    place = folder / "place"
    (place / "documents").mkdir(parents=True)
    (place / "documents" / "a.txt").write_text(SAMPLE, encoding="utf-8")

    def run(*arguments: str, status: int = 0) -> str:
        return ran(
            own.parent / "policysearch", *arguments, cwd=place, status=status, XDG_CACHE_HOME=str(folder / "cache")
        )

    write_workbook(place)
    run("index", "documents")
    assert_in("优化营商环境", run("search", "营商环境"))
    assert_in("policysearch, version", ran(own, "-I", "-m", "policysearch", "--version", cwd=place))
    assert_in("name: policysearch", run("mcp", "--skill"))
    run("export", "--sqlite", "tables.db")
    run("check")
    for name, (tried, command) in TRIED.items():
        if extra in (name, "all"):
            tried(run, place)
        elif command is not None and extra == "none":
            assert_in("pip install 'policysearch[", run(*command, status=2))


@contextmanager
def temporary() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="policysearch-extras-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("extras", nargs="*", metavar="EXTRA")
    parser.add_argument("--python", default=sys.executable, help="Python to make the environments with")
    given = parser.parse_args()
    failed = 0
    with temporary() as folder:
        archive, wheel = build(folder, given.python)
        print(f"{archive.name}  {archive.stat().st_size} bytes\n{wheel.name}  {wheel.stat().st_size} bytes")
        for extra in given.extras or ["none", *extras()]:
            try:
                try_extra(extra, wheel, folder / extra, given.python)
                print(f"{extra:12} works", flush=True)
            except (TrialError, AssertionError, subprocess.TimeoutExpired) as error:
                failed += 1
                print(f"{extra:12} FAILED: {error}", flush=True)
            shutil.rmtree(folder / extra, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
