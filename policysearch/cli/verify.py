"""verify: check the quotations and references of a draft against the documents."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from policysearch.cli.destination import OutputOptions, output_options, written_whole
from policysearch.cli.manifest import keep_manifest, manifest_option
from policysearch.cli.once import where_option
from policysearch.cli.options import (
    AMOUNT,
    filter_options,
    filters_of,
    index_option,
    note,
    opened_index,
    quiet_option,
)
from policysearch.cli.session import SESSION
from policysearch.cli.waiting import waiting
from policysearch.output.verify import FORMATS

if TYPE_CHECKING:
    from policysearch.index import Index
    from policysearch.quoting.verification import Verification

__all__ = ["command"]


@click.command()
@click.argument("drafts", nargs=-1, metavar="[DRAFT]...")
@click.option("--quote", metavar="TEXT", help="Check one quotation, of any length, instead of a draft.")
@click.option("--of", metavar="REFERENCE", help="With --quote: its source, such as 劳动合同法第39条.")
@click.option(
    "--min-length",
    type=AMOUNT,
    default=8,
    show_default=True,
    help="Minimum length of a quotation, in characters; shorter texts in quotation marks are not checked.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 also for claims whose source is not in the collection.")
@click.option(
    "--accept",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Accept the claims listed in FILE, as long as they and their sources do not change.",
)
@click.option("--write-accept", is_flag=True, help="Write the claims that need attention to the FILE of --accept.")
@click.option("--encoding", metavar="E", help="Character encoding of the drafts.  [default: detected]")
@where_option("Search only in sections that match QUERY.")
@manifest_option
@output_options(*FORMATS)
@filter_options
@index_option
@quiet_option
def command(
    drafts: tuple[str, ...],
    quote: str | None,
    of: str | None,
    min_length: int,
    strict: bool,
    accept: Path | None,
    write_accept: bool,
    encoding: str | None,
    where: str | None,
    document: tuple[str, ...],
    manifest: Path | None,
    output: OutputOptions,
    index_folder: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Check each quotation, article, document number and title of a DRAFT against the documents.

    A DRAFT is Markdown, text, DOCX, HTML or PDF; - is stdin. The exit status
    is 1 if a quotation is not word for word in the document that the draft
    names, or if a reference leads nowhere.
    """
    from policysearch.output.verify import write_verifications
    from policysearch.quoting.acceptance import acceptance_of, accepting, read_acceptance

    if bool(drafts) == (quote is not None):
        raise click.UsageError("Give a draft, - for stdin, or --quote TEXT.")
    if quote is not None and not quote.strip():
        raise click.UsageError("The quotation is empty; expected some text after --quote.")
    if of is not None and quote is None:
        raise click.UsageError("--of names the source of a quotation; give the quotation with --quote TEXT.")
    if write_accept and accept in (None, Path("-")):
        raise click.UsageError("--write-accept writes the file that --accept names; give both.")
    selected: dict[str, Any] = {"where": where, "document": list(document), "filters": filters_of(options)}
    accepted: frozenset[tuple[Any, ...]] = frozenset()
    if accept is not None and (accept.exists() or not write_accept):
        accepted = read_acceptance(_read(str(accept)).decode("utf-8", "replace"), str(accept))
    read = [(name, _read(name)) for name in drafts]
    with opened_index(index_folder) as index:
        with waiting("Searching for the quotations", quiet):
            if quote is not None:
                found = [index.verify_quote(quote, of, **selected)]
            else:
                found = [_verified(index, name, data, encoding, min_length, selected) for name, data in read]
        found = [accepting(one, accepted) for one in found]
        if write_accept and accept is not None:
            made = acceptance_of(found, strict)
            with written_whole(accept) as stream:
                stream.write(made)
            found = [accepting(one, read_acceptance(made, str(accept))) for one in found]
        with output.opened() as to:
            write_verifications(found, to.stream, to.rendering, strict=strict)
            asked = {**selected, "quote": quote, "of": of, "min_length": min_length, "strict": strict}
            named = [{"draft": name, "sha256": hashlib.sha256(data).hexdigest()} for name, data in read]
            keep_manifest(to, manifest, index, asked, drafts=named)
    for one in found:
        for document_id in one.left_out:
            note(
                f"'{document_id}' of the index is the draft itself, or nearly; it is not used as evidence.",
                quiet,
            )
    return 1 if any(one.raised(strict) for one in found) else 0


def _verified(
    index: Index, name: str, data: bytes, encoding: str | None, min_length: int, selected: dict[str, Any]
) -> Verification:
    from policysearch.quoting.draft import read_draft

    draft = read_draft(data, name, encoding=encoding)
    return index.verify(draft.text, name=name, min_length=min_length, **selected)


def _read(name: str) -> bytes:
    from policysearch.errors import InputError
    from policysearch.files.regular import open_regular

    session = SESSION.get()
    if session is not None:
        return session.given
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        with open_regular(name) as file:
            data: bytes = file.read()
            return data
    except FileNotFoundError as error:
        raise InputError(f"There is no file '{name}'. A quotation is checked with --quote TEXT.") from error
    except OSError as error:
        if Path(name).is_dir():
            raise InputError(f"'{name}' is a folder. Give the files in it that are drafts.") from error
        raise InputError(f"'{name}' cannot be read: {error.strerror}.") from error
