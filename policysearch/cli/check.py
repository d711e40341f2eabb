"""check: whether the index is whole, and still says what its sources say."""

from __future__ import annotations

import sys

import click

from policysearch.cli.options import AMOUNT, SEED, WAIT, index_option, note, quiet_option

__all__ = ["command"]


@click.command()
@click.option("--repair", is_flag=True, help="Mend what was found: read again what changed, or all where damage is.")
@click.option("--removed", is_flag=True, help="List what is left out of the sources' texts, and why; they are read.")
@click.option(
    "--phrases",
    type=AMOUNT,
    default=3,
    show_default=True,
    metavar="N",
    help="Phrases of every document that are looked for.",
)
@click.option("--seed", type=SEED, default=0, show_default=True, metavar="S", help="What the phrases are drawn by.")
@click.option(
    "--wait",
    "wait_seconds",
    type=WAIT,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a repair waits for another writer.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the account.",
)
@index_option
@quiet_option
def command(
    repair: bool,
    removed: bool,
    phrases: int,
    seed: int,
    wait_seconds: float,
    output_format: str,
    index_folder: str,
    quiet: bool,
) -> int:
    """Check that the index is whole and says what its sources say.

    Reads every byte of the index and of its sources. Exit status: 0 nothing
    to mend, 1 damage or differences were found, 2 it could not be checked.
    Sources that could not be read when the index was made, and are as they
    were, are listed only.
    With --repair the account and the status are those after the repair.
    """
    import policysearch
    from policysearch.output.check import write_check_report

    found = policysearch.check_index(
        index_folder,
        repair=repair,
        phrases=phrases,
        seed=seed,
        wait_seconds=wait_seconds,
        noticed=lambda said: note(said, quiet),
    )
    if not quiet or output_format == "json":
        removals = policysearch.removed_pieces(index_folder) if removed and not found.damage else None
        write_check_report(found, output_format, sys.stdout, removals)
    return 0 if found.clean else 1
