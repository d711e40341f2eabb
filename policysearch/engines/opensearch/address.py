"""What ``--index opensearch+https://host:9200/name`` says, and who asks: hosts, name, user and password, certificates.

A password is never part of an address, because addresses stand in shell
histories and process lists. It comes from the environment, or from a file that
only its owner can read.
"""

from __future__ import annotations

import ipaddress
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from policysearch.errors import InputError
from policysearch.frozen import frozen

__all__ = ["CA", "CREDENTIALS", "PASSWORD", "SHARDS", "USER", "Address", "credentials", "parse_address"]

USER = "POLICYSEARCH_OPENSEARCH_USER"
PASSWORD = "POLICYSEARCH_OPENSEARCH_PASSWORD"
CREDENTIALS = "POLICYSEARCH_OPENSEARCH_CREDENTIALS"
"""Names a file whose first line is ``user:password``."""
CA = "POLICYSEARCH_OPENSEARCH_CA"
"""Names a file of certificates that are trusted instead of the system's."""
SHARDS = "POLICYSEARCH_OPENSEARCH_SHARDS"
"""How many shards a fresh generation has; without it, one for each node that holds data."""

_EXPECTED = "expected opensearch+https://HOST:9200/NAME"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")
_OURS = re.compile(r"-(?:g[0-9]+-(?:draft-)?(?:sections|documents|meta)|lock)$")


@frozen
class Address:
    """Where an index is.

    Attributes:
        hosts: Each as ``https://host:port``; all of one cluster.
        name: The index's name, an alias there.
    """

    hosts: tuple[str, ...]
    name: str

    def __str__(self) -> str:
        scheme = self.hosts[0].partition("://")[0]
        return f"opensearch+{scheme}://{','.join(h.partition('://')[2] for h in self.hosts)}/{self.name}"


def parse_address(text: str) -> Address:
    """Return what an address says.

    Raises ``InputError`` when it is none, when it has a password, and when it
    would send texts over a network in the open.
    """
    scheme, found, rest = text.removeprefix("opensearch+").partition("://")
    netloc, slash, name = rest.partition("/")
    if "@" in netloc or "@" in name:
        raise InputError(
            f"The address of the index holds a user or a password, which others can see there. Leave them out, and "
            f"set {USER} and {PASSWORD}, or {CREDENTIALS} to a file that holds user:password."
        )
    if not found or scheme not in ("http", "https") or not netloc or not slash:
        raise InputError(f"'{text}' is no address of an index: {_EXPECTED}.")
    name = name.removesuffix("/")
    if not _NAME.fullmatch(name) or _OURS.search(name):
        raise InputError(
            f"'{name}' cannot be the name of an index: expected small letters, digits, '.', '_' and '-', beginning "
            "with a letter or digit, and not the name of one generation."
        )
    return Address(tuple(_host(text, scheme, one) for one in netloc.split(",")), name)


def _host(text: str, scheme: str, netloc: str) -> str:
    try:
        parts = urlsplit(f"{scheme}://{netloc}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or any(c.isspace() for c in netloc):
        raise InputError(f"'{text}' is no address of an index: {_EXPECTED}.")
    if scheme == "http" and not _is_loopback(host):
        raise InputError(
            f"'{text}' would send texts and passwords to '{host}' unencrypted. Use opensearch+https://; plain http is "
            "for this machine itself (127.0.0.1, localhost)."
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port or 9200}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def credentials(environment: Mapping[str, str] = os.environ) -> tuple[str, str] | None:
    """Return user and password, None when there are none.

    Raises ``InputError`` for half of them, and for a file of them that others can read.
    """
    user, password = environment.get(USER), environment.get(PASSWORD)
    if user or password:
        if not (user and password):
            raise InputError(f"Only one of {USER} and {PASSWORD} is set. Set both, or neither.")
        return user, password
    path = environment.get(CREDENTIALS)
    return _credentials_in(Path(path)) if path else None


def _credentials_in(path: Path) -> tuple[str, str]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(handle, encoding="utf-8") as file:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise InputError(f"'{path}', which {CREDENTIALS} names, is no file.")
            if about.st_uid != os.geteuid() or about.st_mode & 0o077:
                raise InputError(
                    f"Others than you can read or change '{path}', which holds a password. "
                    f"Make it yours alone with: chmod 600 '{path}'"
                )
            user, colon, password = file.readline().rstrip("\r\n").partition(":")
    except OSError as error:
        raise InputError(f"'{path}', which {CREDENTIALS} names, cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError:
        user = colon = password = ""
    if not (user and colon and password):
        raise InputError(f"Expected user:password as the first line of '{path}', which {CREDENTIALS} names.")
    return user, password
