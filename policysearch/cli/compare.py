"""compare: compare two texts article by article."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import click

from policysearch.cli.destination import OutputOptions, output_options
from policysearch.cli.manifest import keep_manifest, manifest_option
from policysearch.cli.once import where_option
from policysearch.cli.options import filter_options, filters_of, index_option, note, opened_index, quiet_option
from policysearch.cli.session import SESSION
from policysearch.cli.waiting import waiting
from policysearch.output.compare import FORMATS
from policysearch.text.shell import pasted

__all__ = ["command"]


@click.command()
@click.argument("sides", nargs=-1, metavar="[A B]")
@click.option("--versions", metavar="NAME", help="Compare each version of the document NAME with the next one.")
@click.option("--encoding", metavar="E", help="Character encoding of the files.  [default: detected]")
@where_option("Use only documents with sections that match QUERY.")
@manifest_option
@output_options(*FORMATS)
@filter_options
@index_option
@quiet_option
def command(
    sides: tuple[str, ...],
    versions: str | None,
    encoding: str | None,
    where: str | None,
    document: tuple[str, ...],
    manifest: Path | None,
    output: OutputOptions,
    index_folder: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Compare A with B, article by article or paragraph by paragraph.

    Each is a file, or the name of a document or a section as show reads it.
    The exit status is 0 when they are the same, 1 when they differ.
    """
    from policysearch.output.compare import write_comparisons
    from policysearch.quoting.sides import compare_files

    if (len(sides) == 2) == (versions is not None) or len(sides) not in (0, 2):
        raise click.UsageError("Give two files, ids or citations, or --versions NAME.")
    selected: dict[str, Any] = {"where": where, "document": list(document), "filters": filters_of(options)}
    with contextlib.ExitStack() as stack:
        to = stack.enter_context(output.opened())
        may_be_files = SESSION.get() is None
        named_files = may_be_files and bool(sides) and all(Path(side).is_file() for side in sides)
        if named_files:
            if manifest is not None:
                raise click.UsageError("--manifest describes a run on an index; leave it out to compare two files.")
            found = [compare_files(*sides, encoding=encoding)]
        else:
            index = stack.enter_context(opened_index(index_folder))
            with waiting("Comparing", quiet):
                if versions is not None:
                    found = list(index.compare_versions(versions, **selected))
                else:
                    found = [index.compare(*sides, encoding=encoding, files=may_be_files, **selected)]
            keep_manifest(to, manifest, index, {**selected, "sides": list(sides), "versions": versions})
        for one in found:
            if one.a == one.b and not named_files:
                note(f"Both names mean {pasted(one.a)}. Name a version by its id or its year: 2012年…", quiet)
        write_comparisons(found, to.stream, to.rendering)
    return 0 if all(one.same for one in found) else 1
