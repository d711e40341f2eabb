"""Parsing of ``--index opensearch+https://host:9200/name``, and the credentials and certificates for it.

A password is never part of an address, because addresses appear in shell
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
"""Environment variable: path of a file whose first line is ``user:password``."""
CA = "POLICYSEARCH_OPENSEARCH_CA"
"""Environment variable: path of a file of certificates to trust instead of the system's."""
SHARDS = "POLICYSEARCH_OPENSEARCH_SHARDS"
"""Environment variable: number of shards of a new generation; the default is one per data node."""

_EXPECTED = "expected opensearch+https://HOST:9200/NAME"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")
_OURS = re.compile(r"-(?:g[0-9]+-(?:draft-)?(?:sections|documents|meta)|lock)$")


@frozen
class Address:
    """The address of an index.

    Attributes:
        hosts: Hosts of one cluster, each as ``https://host:port``.
        name: The index's name, an alias on the cluster.
    """

    hosts: tuple[str, ...]
    name: str

    def __str__(self) -> str:
        scheme = self.hosts[0].partition("://")[0]
        return f"opensearch+{scheme}://{','.join(h.partition('://')[2] for h in self.hosts)}/{self.name}"


def parse_address(text: str) -> Address:
    """Parse an address.

    Raises ``InputError`` when it is malformed, when it contains a password, and
    when it would send texts over a network unencrypted.
    """
    scheme, found, rest = text.removeprefix("opensearch+").partition("://")
    netloc, slash, name = rest.partition("/")
    if "@" in netloc or "@" in name:
        raise InputError(
            f"The address of the index contains a user or a password, where others can see it. Leave them out, and "
            f"set {USER} and {PASSWORD}, or set {CREDENTIALS} to a file that contains user:password."
        )
    if not found or scheme not in ("http", "https") or not netloc or not slash:
        raise InputError(*f"'{text}' is not the address of an index: {_EXPECTED}.")
    name = name.removesuffix("/")
    if not _NAME.fullmatch(name) or _OURS.search(name):
        raise InputError(
            f"'{name}' is not a valid index name: expected lower-case letters, digits, '.', '_' and '-', starting "
            "with a letter or digit, and not the name of a generation."
        )
    return Address(tuple(_host(text, scheme, one) for one in netloc.split(",")), name)


def _host(text: str, scheme: str, netloc: str) -> str:
    try:
        parts = urlsplit(f"{scheme}://{netloc}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or any(c.isspace() for c in netloc):
        raise InputError(*f"'{text}' is not the address of an index: {_EXPECTED}.")
    if scheme == "http" and not _is_loopback(host):
        raise InputError(
            f"'{text}' would send texts and passwords to '{host}' unencrypted. Use opensearch+https://; plain http is "
            "allowed only for this machine itself (127.0.0.1, localhost)."
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
    """Return user and password, or None when none are set.

    Raises ``InputError`` when only one of them is set, and for a credentials file that others can read.
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
                raise InputError(f"'{path}', set in {CREDENTIALS}, is not a file.")
            if about.st_uid != os.geteuid() or about.st_mode & 0o077:
                raise InputError(
                    f"'{path}' contains a password and can be read or changed by other users. "
                    f"Restrict it with: chmod 600 '{path}'"
                )
            user, colon, password = file.readline().rstrip("\r\n").partition(":")
    except OSError as error:
        raise InputError(f"'{path}', set in {CREDENTIALS}, cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError:
        user = colon = password = ""
    if not (user and colon and password):
        raise InputError(f"Expected user:password as the first line of '{path}', set in {CREDENTIALS}.")
    return user, password
