"""The order of the flow: who may import whom, which library lives where, and what a search never loads."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT, command_environment

PACKAGE = ROOT / "policysearch"

ARCHITECTURE = ROOT / "ARCHITECTURE.md"


def written_order() -> list[list[str]]:
    """Return the stages as ARCHITECTURE.md has them, in order; those that stand side by side together."""
    (line,) = re.findall(r"^    (errors ‹ .*(?:\n    .*)*)", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    return [[name.strip() for name in stage.split("|")] for stage in line.split("‹")]


ORDER = written_order()
FLOW = [name for stage in ORDER for name in stage]
"""A module imports only from its left; inside a folder there are no circles."""

APART = [stage for stage in ORDER if len(stage) > 1]
"""Stages that stand side by side: neither imports the other."""

FACE = ("policysearch", "policysearch.__main__")
"""The package's public names: they come from everywhere, and only the command line goes in through them."""

FENCES = {
    "click": ("cli",),
    "jieba": ("text.dictionary", "text.analyzer"),
    "rjieba": ("text.fast_words",),
    "rapidfuzz": ("quoting.alignment",),
    "marisa_trie": ("text.dictionary",),
    "whoosh": ("engines.whoosh.whoosh_bridge",),
    "pyroaring": ("engines.whoosh",),
    "numpy": (
        "citation.versions",
        "engines.joined_texts",
        "engines.section_table",
        "engines.whoosh",
        "corpus.conditions",
        "corpus.counting",
        "corpus.grouped_sections",
        "corpus.inside",
        "corpus.statistics",
        "corpus.term_matcher",
        "indexing.near_duplicates",
        "sources.hash_set",
        "text.code_points",
        "text.folding",
    ),
    "ahocorasick_rs": ("corpus.term_matcher",),
    "pypinyin": ("text.similar",),
    "pandas": ("corpus", "indexing.account", "quoting", "search.hits"),
    "matplotlib": ("output.plot",),
    "lxml": ("sources.readers.html", "sources.readers.docx", "sources.readers.word_xml"),
    "pypdfium2": ("sources.readers.pdf",),
    "python_calamine": ("sources.readers.workbook",),
    "yaml": ("corpus.term_dictionary", "documents.metadata.corrections"),
    "opensearchpy": ("engines.opensearch",),
    "xlsxwriter": ("output.workbook",),
    "pyarrow": ("output.export.parquet",),
    "pathspec": ("sources.ignoring",),
    "starlette": ("serving",),
    "uvicorn": ("serving",),
    "jinja2": ("serving",),
    "markupsafe": ("serving",),
    "anyio": ("serving",),
    "mcp": ("serving.agents.tool_server",),
    "mcp_types": ("serving.agents.tool_server",),
    "jsonschema": ("serving.agents.tool_server",),
}
"""The only modules (and what is below them) that import each library; there are no other libraries."""

LATE = (
    "jieba",
    "rjieba",
    "marisa_trie",
    "rapidfuzz",
    "ahocorasick_rs",
    "numpy",
    "pandas",
    "matplotlib",
    "lxml",
    "pypdfium2",
    "python_calamine",
    "yaml",
    "opensearchpy",
    "pathspec",
    "xlsxwriter",
    "pyarrow",
    "pypinyin",
    "starlette",
    "uvicorn",
    "jinja2",
    "markupsafe",
    "anyio",
)
"""Libraries that take long to import: imported inside the functions that need them."""


@dataclass(frozen=True)
class Import:
    """One import: who, what (as absolute dotted name), where, and when."""

    importer: str
    imported: str
    line: int
    at_import: bool  # not inside a function and not for types only
    for_types: bool

    @property
    def library(self) -> str:
        return self.imported.partition(".")[0]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports_of(name: str) -> Iterator[Import]:
    """Yield every import in a module, wherever it stands."""

    def visit(node: ast.AST, at_import: bool, for_types: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, alias.name, node.lineno, at_import, for_types)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}:{node.lineno}: imports in this package are absolute"
            assert node.module
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield Import(name, full if full in MODULES else node.module, node.lineno, at_import, for_types)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            for statement in node.body:
                yield from visit(statement, at_import=False, for_types=True)
            for statement in node.orelse:
                yield from visit(statement, at_import, for_types)
        else:
            inside = at_import and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, ast.expr):  # which holds no import, and most nodes
                    yield from visit(child, inside, for_types)

    yield from visit(ast.parse(MODULES[name].read_text(encoding="utf-8")), at_import=True, for_types=False)


IMPORTS = [one for name in MODULES for one in imports_of(name) if one.imported != "__future__"]


def stage(module: str) -> str:
    """Return the part of the flow that a module belongs to: its first name below the package."""
    return module.split(".")[1]


def test_every_module_has_its_place_in_the_flow() -> None:
    assert {stage(name) for name in MODULES if name not in FACE} == set(FLOW)


def test_the_listing_is_short_and_files_are_small() -> None:
    listed = [path for path in PACKAGE.iterdir() if path.name != "__pycache__"]
    assert len(listed) <= 24
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES.values()}
    assert {name: lines for name, lines in lengths.items() if lines > 500} == {}


NAMED_FOR = (
    "cli",
    "output",
    "serving.pages",
    "engines.opensearch",
    "engines.whoosh",
    "engines.whoosh.whoosh_bridge",
)
"""Folders whose modules have the names of what they run, write, show or implement."""


def test_no_two_modules_have_one_name() -> None:
    homes: dict[str, list[str]] = {}
    for name, path in MODULES.items():
        room, _, stem = name.removeprefix("policysearch.").rpartition(".")
        named_for = any(f"{room}.".startswith(f"{folder}.") for folder in NAMED_FOR)
        if path.name != "__init__.py" and name not in FACE and not named_for:
            homes.setdefault(stem, []).append(name)
    assert {stem: names for stem, names in homes.items() if len(names) > 1} == {}


ENGINES = frozenset({"policysearch.engines.opensearch", "policysearch.engines.whoosh"})


def test_no_public_name_is_defined_twice() -> None:
    """Two engines may define it: they do the same by other means; and each command is the ``command`` of its module."""
    homes: dict[str, list[str]] = {}
    for name, path in MODULES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith(
                "_"
            ):
                homes.setdefault(node.name, []).append(name)
    twice = {}
    for public, names in homes.items():
        rooms = [name.rpartition(".")[0] for name in names]
        of_engines = len(set(rooms)) == len(rooms) and ENGINES.issuperset(rooms)
        of_commands = public == "command" and {*rooms} == {"policysearch.cli"}
        if len(set(names)) > 1 and not of_engines and not of_commands:
            twice[public] = names
    assert twice == {}


def test_every_folder_asks_its_question() -> None:
    told = ARCHITECTURE.read_text(encoding="utf-8")
    for name, path in MODULES.items():
        if path.name == "__init__.py" and name not in FACE:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            question = ast.get_docstring(tree) or ""
            assert question.endswith("?"), name
            assert len(tree.body) == 1 or name == "policysearch.engines.whoosh.whoosh_bridge", name
            if name.count(".") == 1:
                assert f"| `{stage(name)}/` | {question} |" in told, name


def test_imports_point_one_way() -> None:
    inner = [one for one in IMPORTS if one.importer not in FACE and one.imported.startswith("policysearch.")]
    backward = [
        f"{one.importer}:{one.line} imports {one.imported}"
        for one in inner
        if stage(one.importer) != stage(one.imported)
        and FLOW.index(stage(one.importer)) <= FLOW.index(stage(one.imported))
    ]
    assert backward == []


def test_stages_side_by_side_do_not_import_each_other() -> None:
    across = [
        f"{one.importer}:{one.line} imports {one.imported}"
        for one in IMPORTS
        if one.importer not in FACE and one.imported.startswith("policysearch.")
        for pair in APART
        if stage(one.importer) in pair and stage(one.imported) in pair and stage(one.importer) != stage(one.imported)
    ]
    assert across == []


def test_only_the_command_line_goes_through_the_public_face() -> None:
    assert [
        f"{one.importer}:{one.line}"
        for one in IMPORTS
        if one.imported in FACE and one.importer not in FACE and stage(one.importer) != "cli"
    ] == []


def test_no_folder_has_a_circle_of_imports() -> None:
    edges: dict[str, set[str]] = {name: set() for name in MODULES}
    for one in IMPORTS:
        if one.importer not in FACE and one.imported in MODULES and one.imported not in FACE:
            edges[one.importer].add(one.imported)
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail, name))
        if name not in done:
            for following in sorted(edges[name]):
                walk(following, (*trail, name))
            done.add(name)

    for name in MODULES:
        walk(name, ())


@pytest.mark.parametrize("library", [pytest.param(name, id=name) for name in FENCES])
def test_library_stays_behind_its_fence(library: str) -> None:
    allowed = tuple(f"policysearch.{name}" for name in FENCES[library])
    outside = [
        f"{one.importer}:{one.line}"
        for one in IMPORTS
        if one.library == library and not f"{one.importer}.".startswith(tuple(f"{name}." for name in allowed))
    ]
    assert outside == []


def test_every_library_has_a_fence() -> None:
    libraries = {one.library for one in IMPORTS if not one.for_types} - set(sys.stdlib_module_names) - {"policysearch"}
    assert libraries <= set(FENCES)


IMPORTED_LATE = {
    f"policysearch.engines.whoosh.{name}"
    for name in (
        "segment_writer",
        "merging",
        "ranking_numpy",
        "frequencies",
        "joining",
        "edited_lines",
        "section_tables",
    )
}
IMPORTED_LATE |= {
    f"policysearch.corpus.statistics.{name}"
    for name in (
        "key_tables",
        "neighbourhood",
        "ngrams",
        "posting_words",
        "string_counter",
        "string_figures",
        "strings",
        "tally",
        "window_text",
        "windows",
    )
}
IMPORTED_LATE |= {
    "policysearch.text.code_points",
    "policysearch.engines.joined_texts",
    "policysearch.engines.section_table",
    "policysearch.corpus.grouped_sections",
}
IMPORTED_LATE |= {name for name in MODULES if name.startswith("policysearch.engines.whoosh.whoosh_bridge")}
IMPORTED_LATE |= {
    name for name in MODULES if name.startswith("policysearch.serving.") and name != "policysearch.serving.commands"
}
"""Modules that are all numpy, or all of a server; they may import it at once, since nobody imports them at once."""


def test_heavy_libraries_are_imported_when_first_needed() -> None:
    assert [
        f"{one.importer}:{one.line} imports {one.imported} at once"
        for one in IMPORTS
        if one.at_import
        and one.importer not in IMPORTED_LATE
        and (one.imported in IMPORTED_LATE or one.library in LATE)
    ] == []


NEVER_IN_A_SEARCH = (
    "whoosh",
    "jieba",
    "rjieba",
    "pkg_resources",
    "numpy",
    "lxml",
    "pypdfium2",
    "yaml",
    "matplotlib",
    "opensearchpy",
    "multiprocessing",
    "policysearch.sources.finding",
    "policysearch.documents.document",
    "policysearch.indexing",
    "rapidfuzz",
    "policysearch.quoting",
    "policysearch.serving",
    "starlette",
    "uvicorn",
    "jinja2",
    "policysearch.citation.queries",
    "policysearch.citation.references",
    "policysearch.citation.cited_names",
    "shutil",
)

PROBE = """
import json, sys
from policysearch.cli.main import main
status = main(sys.argv[1:])
print("\\n" + json.dumps([status, sorted(sys.modules)]))
"""


def loaded_by(*arguments: str) -> set[str]:
    """Run a command that finds something in a fresh Python, and return the modules that it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        env={name: value for name, value in command_environment().items() if not name.startswith("COVERAGE")},
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=120,
    )
    status, modules = json.loads(done.stdout.splitlines()[-1])
    assert status == 0, done.stderr
    return set(modules)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(["--exact", "市场化法治化国际化营商环境"], id="exact"),
        pytest.param(["“放管服”改革"], id="quoted"),
        pytest.param(["经济发展 教育"], id="words of the dictionary"),
        pytest.param(["--format", "json", "乡村 -城市"], id="JSON"),
        pytest.param(["year:2024 优化"], id="filter"),
    ],
)
def test_a_cold_search_loads_nothing_heavy(samples_index: Path, query: list[str]) -> None:
    modules = loaded_by("search", "-i", str(samples_index), *query)
    assert modules & set(NEVER_IN_A_SEARCH) == set()
    if "year:2024 优化" not in query:  # whose values are looked up
        assert "policysearch.gazetteer" not in modules


def test_an_exact_search_needs_no_dictionary(samples_index: Path) -> None:
    assert "marisa_trie" not in loaded_by("search", "-i", str(samples_index), "--exact", "营商环境")


def test_a_search_looks_words_up_in_the_dictionarys_file(samples_index: Path) -> None:
    assert "marisa_trie" in loaded_by("search", "-i", str(samples_index), "经济发展")


def test_what_opens_an_index_on_any_engine_loads_nothing_that_reads_documents() -> None:
    names = ("engines.opensearch.engine", "engines.opensearch.store", "engines.whoosh.store", "indexing.unused")
    code = f"import sys; {'; '.join(f'import policysearch.{name}' for name in names)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=command_environment(), capture_output=True, check=True)
    loaded = done.stdout.decode().split()
    assert [name for name in loaded if name.startswith(("policysearch.documents.", "policysearch.sources."))] == []
