"""The command line: one module a command, loaded when it is called."""

from __future__ import annotations

import importlib

import click

import policysearch

__all__ = ["main"]

COMMANDS = {
    "outline": "the structure and metadata found in a source, without any index",
}


class CommandGroup(click.Group):
    """A group that imports a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"policysearch.cli.{name}")
        command: click.Command = module.command
        return command


@click.group(cls=CommandGroup)
@click.version_option(policysearch.__version__, prog_name="policysearch")
def main() -> None:
    """Search Chinese policy documents by section."""
