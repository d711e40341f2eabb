"""serve: the program in the browser, and as an HTTP API."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import click

from policysearch.cli.options import index_option, note, quiet_option
from policysearch.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["command"]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port; 0: any free one.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in a browser.")
@click.option(
    "--allow-host",
    "allowed",
    multiple=True,
    metavar="NAME",
    help="A name under which the page may be asked for, besides that of --host. Repeat for several.",
)
@click.option("--root-path", default="", metavar="/PREFIX", help="Prefix of every address, behind a proxy.")
@index_option
@quiet_option
def command(
    host: str, port: int, open_browser: bool, allowed: tuple[str, ...], root_path: str, index_folder: str, quiet: bool
) -> int:
    """Serve pages in the browser and an HTTP API, on this machine.

    Nothing is loaded from the network. Needs the extra web.
    """
    import policysearch
    from policysearch.cli.asking import CommandLine

    try:
        from policysearch.serving.app import application
        from policysearch.serving.served import Served
        from policysearch.serving.server import bound, serve
        from policysearch.serving.site import Site
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] == "policysearch":
            raise
        raise InputError(
            f"The page needs the package {error.name}. Install what it needs with: pip install 'policysearch[web]'"
        ) from None
    if root_path and not root_path.startswith("/"):
        raise click.BadParameter(f"'{root_path}' does not begin with a slash.", param_hint="--root-path")
    served = Served(index_folder)
    site = Site(served, CommandLine(), policysearch.__version__, root_path)
    app = application(site, host=host, allowed=allowed)
    listening = bound(host, port)
    named = f"[{host}]" if ":" in host else host
    address = f"http://{named}:{listening.getsockname()[1]}{root_path.rstrip('/')}/"
    if not _is_loopback(host):
        note("Anyone who reaches this address can read the index: there is no login. See docs/serving.md.", quiet)
    note(f"Serving at {address}  (Ctrl-C ends it)", quiet)
    serve(app, listening, _opener(address) if open_browser else lambda: None)
    return 0


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _opener(address: str) -> Callable[[], None]:
    def opened() -> None:
        import threading
        import webbrowser

        threading.Timer(0.3, webbrowser.open, [address]).start()

    return opened
