"""The wording is that of docs/glossary.md: docstrings, messages and help texts use none of the replaced words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [path for folder in ("policysearch", "tests", "scripts") for path in sorted((ROOT / folder).rglob("*.py"))]
FILES.remove(Path(__file__))  # which has them all

ANYWHERE = {
    "Return what": (r"\b(?:[Rr]eturns?|[Yy]ields?) what\b", "name the thing that is returned"),
    "makes no sense": (r"\bmakes? no sense\b", "corrupt, could not be decoded"),
    "damaged": (r"\bdamaged\b", "corrupt"),
    "mend": (r"\b[Mm]end(?:s|ed)?\b", "repair"),
    "anew": (r"\banew\b", "again"),
    "gone on with": (r"\b(?:go|goes|gone|going|went) on with\b", "resume, continue"),
    "let go of": (r"\blets? go of\b", "close, release"),
    "all told": (r"\ball told\b", "in total"),
    "fit for JSON": (r"\bfit for JSON\b", "as JSON values"),
    "as it was written": (r"\bnot (?:as|what) (?:it|they) (?:was|were) written\b", "corrupt"),
    "stands nowhere": (r"\bstands? nowhere\b", "does not occur"),
    "put right": (r"\bputs? right\b", "repair"),
    "is no such thing": (r"(?:\bIt|') is no (?!longer)[a-zA-Z]", "is not a …"),
    "no more what it was": (r"\bno more (?:what|as) it was\b", "has changed"),
    "marks round": (r"\b(?:marks|words|stands?) round\b", "around"),
    "for what is none": (r"\bfor (?:what|a value that|one that) is (?:none|neither)\b", "for anything else"),
    "what stands in": (r"\bWhat stands (?:in|there)\b", "the values in"),
    "is told by": (r"\b(?:is|are) told (?:by|as)\b", "is identified by, is reported as"),
    "to what": (r"\A(?:[A-Z][^.:]*|[A-Z][^.]*\)) to what \w+ (?:cites|means|says|quotes)\b", "name the result"),
    "there are:": (r"; there are: ", "Unknown X 'y'; expected one of: …"),
}
"""Pattern and better wording, for docstrings, messages and help texts."""

DOCSTRINGS = {
    "Tell whether": (r"\ATells? (?:whether|of|for)\b", "Return whether"),
    "What …": (r"\AWhat\b(?![^\n]*\?)", "start with the thing itself"),
}
"""The same for the starts of docstrings; a package's docstring asks the question that it answers."""

PACKAGE = {
    "behind, beside": (r"\b(?:behind|beside)\b", "after, next to, in addition to"),
    "How many": (r"(?:\A|: )How (?:many|much|often|far|long)\b(?![^\n]*\?)", "Number of …, Maximum time …"),
    "asked for": (r"\basked for\b", "requested"),
    "rising, falling": (r"\b(?:rising|falling)\b", "ascending, descending"),
    "at hand": (r"\bat hand\b", "cached, available"),
    "looked at": (r"\blook(?:s|ed)? at\b", "read, examined, compared"),
    "left aside": (r"\bleft aside\b", "ignored"),
    "but for": (r"\bbut for\b", "except"),
    "where there is none": (r"\bwhere (?:there (?:is|are) none|none (?:is|are))\b", "if there is none"),
}
"""The same for docstrings of the package, which are its reference."""


def texts(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Yield the line, the text and whether it is a docstring, for each string of a file that may be prose."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else ():
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                docstrings.add(statement.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(str(one.value) if isinstance(one, ast.Constant) else "…" for one in node.values),
                False,
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value, node in docstrings


def replaced(path: Path) -> Iterator[str]:
    of_docstrings = (DOCSTRINGS, PACKAGE) if path.is_relative_to(ROOT / "policysearch") else (DOCSTRINGS,)
    for line, text, is_docstring in texts(path):
        for patterns in (ANYWHERE, *of_docstrings) if is_docstring else (ANYWHERE,):
            for pattern, better in patterns.values():
                if found := re.search(pattern, text):
                    yield f"{path.relative_to(ROOT)}:{line}: {found[0]!r}: better: {better}"


def test_no_replaced_wording_is_used() -> None:
    found = [one for path in FILES for one in replaced(path)]
    assert not found, "see docs/glossary.md\n" + "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        '"""Return what is left."""',
        '"""What is left."""',
        'def f():\n    """Tell whether it is."""',
        'x = 1\n"""What it was made by."""',
        "raise ValueError(f'{x} is damaged')",
        "raise ValueError(f'{x} is no sort; there are: {y}')",
    ],
)
def test_the_search_finds_them(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "module.py").write_text(text, encoding="utf-8")
    assert list(replaced(tmp_path / "module.py"))
