"""check: verify index integrity and compare the index with its sources."""

from __future__ import annotations

import sys

import click

from policysearch.cli.hints import hinted
from policysearch.cli.options import AMOUNT, SEED, WAIT, index_option, note, quiet_option
from policysearch.cli.waiting import waiting

__all__ = ["command"]


@click.command()
@click.option(
    "--repair", is_flag=True, help="Repair the index: reread changed sources, or all of them if the index is corrupt."
)
@click.option("--removed", is_flag=True, help="List the text removed from each source, and why; reads all sources.")
@click.option(
    "--phrases",
    type=AMOUNT,
    default=3,
    show_default=True,
    metavar="N",
    help="Number of phrases to search for in each document.",
)
@click.option("--seed", type=SEED, default=0, show_default=True, metavar="S", help="Random seed of the phrases.")
@click.option(
    "--wait",
    "wait_seconds",
    type=WAIT,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a repair waits for the index lock.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
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
    """Verify index integrity and compare it with the sources.

    Reads every byte of the index and of its sources. Exit status: 0 no
    problems, 1 corruption or differences found, 2 the check failed. Sources
    that failed when the index was built and have not changed are only listed.
    With --repair the report and the status are those after the repair.
    """
    import policysearch
    from policysearch.output.check import write_check_report

    with waiting("Repairing" if repair else "Reading the index and its sources", quiet) as clear:

        def notice(said: str) -> None:
            clear()
            note(said, quiet)

        found = policysearch.check_index(
            index_folder,
            repair=repair,
            phrases=phrases,
            seed=seed,
            wait_seconds=wait_seconds,
            noticed=notice,
        )
    if not quiet or output_format == "json":
        removals = policysearch.removed_pieces(index_folder) if removed and not found.damage else None
        out = sys.stdout if output_format == "json" else hinted(sys.stdout)
        write_check_report(found, output_format, out, removals)
    return 0 if found.clean else 1
