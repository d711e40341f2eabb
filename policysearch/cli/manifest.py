"""The manifest of a run: program, index and options, as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policysearch.cli.destination import WRITTEN, Destination, written_whole

if TYPE_CHECKING:
    from policysearch.index import Index

__all__ = ["keep_manifest", "manifest_of", "manifest_option", "write_manifest"]

F = TypeVar("F", bound=Callable[..., Any])


def manifest_option(function: F) -> F:
    """Add ``--manifest``."""
    return click.option(
        "--manifest",
        metavar="FILE",
        type=WRITTEN,
        help="Write a manifest of the run (versions, index, options) to FILE; equal manifests mean identical output.",
    )(function)


def keep_manifest(to: Destination, path: Path | None, index: Index, options: Mapping[str, Any], **more: Any) -> None:
    """Write the manifest of a run to a file, if requested, and into the workbook, if there is one.

    Args:
        to: The destination of the output, whose rendering is added to the options.
        path: The file to write, or None.
        index: The index used.
        options: The options of the run, as JSON values.
        more: Further parts, by name, as JSON values.
    """
    if path is None and to.workbook is None:
        return
    written = {"format": to.format if to.workbook is None else "xlsx", "raw": to.rendering.raw, "bom": to.rendering.bom}
    made_of = manifest_of(index, {**options, **written}, **more)
    if to.workbook is not None:
        to.workbook.describe(made_of)
    if path is not None:
        write_manifest(path, made_of)


def manifest_of(index: Index, options: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return the manifest of a run; see ``keep_manifest``."""
    import policysearch
    from policysearch.search.batch import corpus_hash

    info = index.info
    names: Iterable[str] = ("generation", "documents", "sections", "characters", "analysis", "made_by")
    return {
        "program": {"name": "policysearch", "version": policysearch.__version__},
        "index": {**{name: info[name] for name in names}, "corpus_sha256": corpus_hash(index)},
        "options": dict(options),
        **more,
    }


def write_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest to a file."""
    import json

    from policysearch.output.json import escaped

    with written_whole(path) as stream:
        stream.write(escaped(json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)) + "\n")
