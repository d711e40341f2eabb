"""What a run was made of, as a file: the program, the index, the options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policysearch.cli.destination import written_whole

if TYPE_CHECKING:
    from policysearch.index import Index

__all__ = ["manifest_option", "write_manifest"]

F = TypeVar("F", bound=Callable[..., Any])


def manifest_option(function: F) -> F:
    """Add ``--manifest``."""
    return click.option(
        "--manifest",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write what the run was made of to FILE; what is made of the same has the same bytes.",
    )(function)


def write_manifest(path: Path, index: Index, options: Mapping[str, Any], **more: Any) -> None:
    """Write what a run was made of.

    Args:
        path: The file.
        index: What was asked.
        options: Those of the run, fit for JSON.
        more: Further parts, by name, fit for JSON.
    """
    import json

    import policysearch
    from policysearch.output.json import escaped
    from policysearch.search.batch import corpus_hash

    info = index.info
    names: Iterable[str] = ("generation", "documents", "sections", "characters", "analysis", "made_by")
    made_of = {
        "program": {"name": "policysearch", "version": policysearch.__version__},
        "index": {**{name: info[name] for name in names}, "corpus_sha256": corpus_hash(index)},
        "options": options,
        **more,
    }
    with written_whole(path) as stream:
        stream.write(escaped(json.dumps(made_of, ensure_ascii=False, indent=2, sort_keys=True)) + "\n")
