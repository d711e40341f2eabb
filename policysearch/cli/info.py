"""info: show versions, roots and counts of the index."""

from __future__ import annotations

import click

from policysearch.cli.options import index_option, open_index, quiet_option, screen

__all__ = ["command"]


@click.command()
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
def command(output_format: str, index_folder: str, quiet: bool) -> int:
    """Show generation, roots, counts, sizes and fingerprints of the index."""
    from policysearch.output.json import dump
    from policysearch.output.terminal import printable

    with open_index(index_folder) as index:
        info = index.info
    out, _, _ = screen("never")
    if output_format == "json":
        out.write(dump(info) + "\n")
        return 0
    for name, value in info.items():
        if isinstance(value, dict):
            value = "; ".join(f"{key} {part}" for key, part in value.items() if part not in ([], {}))
        elif isinstance(value, list):
            value = ", ".join(map(str, value))
        out.write(printable(f"{name:<12} {value}\n"))
    return 0
