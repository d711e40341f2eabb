"""outline: the structure and metadata found in a source."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import click

__all__ = ["command"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--removed", is_flag=True)
def command(file: Path, output_format: str, removed: bool) -> None:
    """Show the structure and metadata found in FILE, without any index."""
    from policysearch.documents import read_documents

    out = open(sys.stdout.fileno(), "w", encoding="utf-8", closefd=False)
    for document in read_documents(file, file.name):
        if output_format == "json":
            fields = {k: v for k, v in dataclasses.asdict(document).items() if k not in ("text", "sections", "removed")}
            print(json.dumps({"document": fields, "sections": [dataclasses.asdict(s) for s in document.sections]}, ensure_ascii=False), file=out)
        else:
            for s in document.sections:
                print("  " * s.level, s.number or "", s.heading or "-", f"[{s.part} {len(s.text)}]", file=out)
            if removed:
                for r in document.removed:
                    print(r.reason, repr(r.text[:60]), file=out)
