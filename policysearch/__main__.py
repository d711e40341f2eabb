"""``python -m policysearch`` is the command."""

from policysearch.cli import main

main(prog_name="policysearch")
