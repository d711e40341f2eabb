"""serve: serve pages in the browser and an HTTP API."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policysearch.cli.options import Integers, index_option, note, quiet_option
from policysearch.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from policysearch.serving.app import Addition
    from policysearch.serving.site import Site

__all__ = ["command", "serve_pages", "serving_options"]


F = TypeVar("F", bound="Callable[..., Any]")


def serving_options(function: F) -> F:
    """Add the options of a server over HTTP: see ``serve_pages``."""
    for option in reversed(
        (
            click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
            click.option(
                "--port", type=Integers(0, 65535), default=8765, show_default=True, help="Port; 0: any free one."
            ),
            click.option(
                "--allow-host",
                "allowed",
                multiple=True,
                metavar="NAME",
                help="Also accept requests for this host name, as behind a proxy. Repeatable.",
            ),
            click.option("--root-path", default="", metavar="/PREFIX", help="Prefix of all addresses, behind a proxy."),
        )
    ):
        function = option(function)
    return function


@click.command()
@serving_options
@click.option("--open", "open_browser", is_flag=True, help="Open the page in a browser.")
@index_option
@quiet_option
def command(open_browser: bool, **options: Any) -> int:
    """Serve pages in the browser and an HTTP API, on this machine.

    Nothing is loaded from the network. Needs the extra web.
    """
    serve_pages(open_browser=open_browser, **options)
    return 0


def serve_pages(
    *,
    host: str,
    port: int,
    allowed: tuple[str, ...],
    root_path: str,
    index_folder: str,
    quiet: bool,
    open_browser: bool = False,
    add: Callable[[Site], Addition] | None = None,
) -> None:
    """Serve until the process is told to end; ``add`` returns further paths, which are printed."""
    import policysearch
    from policysearch.cli.command_line import CommandLine

    try:
        from policysearch.serving.app import application
        from policysearch.serving.served import Served
        from policysearch.serving.server import bound, serve
        from policysearch.serving.site import Site
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] == "policysearch":
            raise
        raise InputError(
            f"The page needs the package {error.name}. Install it with: pip install 'policysearch[web]'"
        ) from None
    if root_path and not root_path.startswith("/"):
        raise click.BadParameter(f"'{root_path}' does not begin with a slash.", param_hint="--root-path")
    served = Served(index_folder)
    site = Site(served, CommandLine(), policysearch.__version__, root_path)
    more = add(site) if add else None
    app = application(site, host=host, allowed=allowed, more=more)
    listening = bound(host, port)
    named = f"[{host}]" if ":" in host else host
    address = f"http://{named}:{listening.getsockname()[1]}{root_path.rstrip('/')}/"
    if not _is_loopback(host):
        note("Anyone who reaches this address can read the index: there is no login. See docs/serving.md.", quiet)
    note(f"Serving at {address}  (Ctrl-C to stop)", quiet)
    for path in more.paths if more else ():
        note(f"For agents: {address}{path[1:]}", quiet)
    serve(app, listening, _opener(address) if open_browser else lambda: None)


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
