"""The manifest of a run: program, index and options, as a file."""

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
        help="Write a manifest of the run (versions, index, options) to FILE; equal manifests mean identical output.",
    )(function)


def write_manifest(path: Path, index: Index, options: Mapping[str, Any], **more: Any) -> None:
    """Write the manifest of a run.

    Args:
        path: The file to write.
        index: The index used.
        options: The options of the run, as JSON values.
        more: Further parts, by name, as JSON values.
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
