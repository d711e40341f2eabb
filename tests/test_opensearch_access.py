"""Who may ask a cluster, and what travels to it: passwords, certificates, and plain connections."""

from __future__ import annotations

import os
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trustme
from conftest import ALL, FIGURES, SOURCES, Run
from opensearch_cluster import Cluster
from proxies import Asked, Meddle, Pass, Proxy, Reply

from policysearch import IndexClosedError
from policysearch.engines.opensearch.address import parse_address
from policysearch.engines.opensearch.cluster import Cluster as Connections

pytest.importorskip("opensearchpy", reason="the extra opensearch is not installed")

USER, PASSWORD = "POLICYSEARCH_OPENSEARCH_USER", "POLICYSEARCH_OPENSEARCH_PASSWORD"
CREDENTIALS, CA = "POLICYSEARCH_OPENSEARCH_CREDENTIALS", "POLICYSEARCH_OPENSEARCH_CA"
SECRET = "Gänse:füße 密码"


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (USER, PASSWORD, CREDENTIALS, CA):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    return server_context(authority.issue_cert("localhost"))


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def guarded(asked: Asked, forward: Pass) -> Reply:
    """Let pass who has the password, as OpenSearch's own security does."""
    right = b64encode(f"analyst:{SECRET}".encode()).decode()
    if asked.authorization == f"Basic {right}":
        return forward()
    return Reply(401, b"Unauthorized", {"Content-Type": "text/plain", "WWW-Authenticate": "Basic"})


def never(asked: Asked, forward: Pass) -> Reply:
    raise AssertionError("this must not be asked")


@pytest.fixture
def secure(cluster: Cluster, tls: ssl.SSLContext) -> Iterator[Proxy]:
    """A cluster behind TLS and a password."""
    with Proxy(cluster.nodes[0].url, guarded, tls) as proxy:
        yield proxy
        cluster.ask("/access*?expand_wildcards=all&ignore_unavailable=true", "DELETE")


def address(proxy: Proxy) -> str:
    return f"opensearch+{proxy.url}/access"


def assert_error(run: Run, index: str, *said: str, **environment: str) -> None:
    """Assert that both a reader and a writer are told, in words, and no password is."""
    for arguments in (("search", "优化"), ("index", "-q", str(SOURCES))):
        done = run(*arguments, "-i", index, **environment)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert done.stderr.startswith("Error: ")
        assert "Traceback" not in done.stderr
        for piece in said:
            assert piece in done.stderr
        assert SECRET not in done.stderr


def test_with_password_and_certificate_it_works(secure: Proxy, run: Run, ca_file: Path, tmp_path: Path) -> None:
    known = {CA: str(ca_file), USER: "analyst", PASSWORD: SECRET}
    built = run("index", "-q", SOURCES, "-i", address(secure), **known)
    assert (built.returncode, built.stderr) == (0, "")
    file = tmp_path / "credentials"
    file.write_text(f"analyst:{SECRET}\n", encoding="utf-8")
    file.chmod(0o600)
    done = run("search", "营商环境", "-i", address(secure), **{CA: str(ca_file), CREDENTIALS: str(file)})
    assert (done.returncode, done.stderr) == (0, "")
    assert "营商环境" in done.stdout


def test_a_wrong_password_is_refused(secure: Proxy, run: Run, ca_file: Path) -> None:
    assert_error(run, address(secure), "denied access", **{CA: str(ca_file)})
    known = {CA: str(ca_file), USER: "analyst", PASSWORD: f"{SECRET}!"}
    assert_error(run, address(secure), "denied access", CREDENTIALS, **known)
    assert len(secure.asked) < 10, "a wrong password is tried again and again"


def test_a_certificate_that_nobody_vouches_for_is_refused(tls: ssl.SSLContext, run: Run, tmp_path: Path) -> None:
    known = {USER: "analyst", PASSWORD: SECRET}
    with Proxy("http://127.0.0.1:9", never, tls) as proxy:
        assert_error(run, address(proxy), "certificate", CA, **known)
        other = tmp_path / "other.pem"
        trustme.CA().cert_pem.write_to_path(str(other))
        assert_error(run, address(proxy), "certificate", CA, **known, **{CA: str(other)})
        assert_error(run, address(proxy), str(tmp_path / "none.pem"), CA, **known, **{CA: str(tmp_path / "none.pem")})
        assert proxy.asked == []


def test_a_certificate_for_another_host_is_refused(authority: trustme.CA, run: Run, ca_file: Path) -> None:
    elsewhere = server_context(authority.issue_cert("elsewhere.example"))
    with Proxy("http://127.0.0.1:9", never, elsewhere) as proxy:
        assert_error(run, address(proxy), "certificate", **{CA: str(ca_file), USER: "analyst", PASSWORD: SECRET})
        assert proxy.asked == []


def test_plain_http_is_for_this_machine_only(run: Run) -> None:
    for host in ("search.example", "10.0.0.1", "localhost.example", "127.0.0.1.example", "127.1.example", "0.0.0.0"):
        assert_error(
            run, f"opensearch+http://{host}:9200/access", "opensearch+https://", **{USER: "a", PASSWORD: SECRET}
        )
    # the second of two hosts counts as well
    assert_error(run, "opensearch+http://127.0.0.1:9,search.example:9/access", "opensearch+https://")


def test_a_server_without_tls_is_told_nothing(run: Run) -> None:
    with Proxy("http://127.0.0.1:9", never) as proxy:
        index = address(proxy).replace("+http:", "+https:")
        assert_error(run, index, "TLS", **{USER: "analyst", PASSWORD: SECRET})
        assert proxy.asked == []


def test_a_redirect_is_not_followed(run: Run, secure: Proxy) -> None:
    elsewhere: list[Asked] = []

    def note(asked: Asked, forward: Pass) -> Reply:
        elsewhere.append(asked)
        return Reply()

    with Proxy("http://127.0.0.1:9", note) as other:
        moved: Meddle = lambda asked, forward: Reply(307, b"{}", {"Location": f"{other.url}{asked.path}"})  # noqa: E731
        with Proxy("http://127.0.0.1:9", moved) as proxy:
            assert_error(run, address(proxy), **{USER: "analyst", PASSWORD: SECRET})
    assert elsewhere == []


def test_a_password_in_the_address_is_refused(run: Run) -> None:
    assert_error(run, f"opensearch+https://analyst:{SECRET}@localhost:9/access", PASSWORD, CREDENTIALS)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o660])
def test_credentials_that_others_can_read_are_refused(run: Run, tmp_path: Path, mode: int) -> None:
    file = tmp_path / "credentials"
    file.write_text(f"analyst:{SECRET}\n", encoding="utf-8")
    file.chmod(mode)
    with Proxy("http://127.0.0.1:9", never) as proxy:
        assert_error(run, address(proxy), str(file), "chmod 600", **{CREDENTIALS: str(file)})
        assert proxy.asked == []


def test_credentials_that_are_none_are_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    with Proxy("http://127.0.0.1:9", never) as proxy:
        assert_error(run, address(proxy), str(file), **{CREDENTIALS: str(file)})
        for content in (b"", b"analyst\n", b":\n", b"analyst:\n", b":word\n", b"\xff:\xfe\n"):
            file.write_bytes(content)
            file.chmod(0o600)
            assert_error(run, address(proxy), "user:password", **{CREDENTIALS: str(file)})
        assert_error(run, address(proxy), USER, **{USER: "analyst"})
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe, 0o600)
        assert_error(run, address(proxy), str(pipe), **{CREDENTIALS: str(pipe)})
        assert proxy.asked == []


def test_connections_that_were_let_go_of_say_so() -> None:
    """Whatever a thread is doing with a connection when another one closes all of them."""

    def slow(asked: Asked, forward: Pass) -> Reply:
        time.sleep(0.002 * (asked.number % 5))
        return Reply(200, b'{"took": 1}') if asked.number % 3 else Reply(503, b"{}")

    tries = 100 if ALL else 8
    with Proxy("http://nowhere", slow) as proxy:
        for number in range(tries):
            connections = Connections(parse_address(address(proxy)))
            answered: list[Any] = []

            def ask(connections: Connections = connections, answered: list[Any] = answered) -> None:
                while True:
                    answered.append(connections.request("GET", "/something"))

            with ThreadPoolExecutor(6) as threads:
                asked = [threads.submit(ask) for _ in range(6)]
                time.sleep(0.01 * (number % 4))
                connections.close()
                for one in asked:
                    with pytest.raises(IndexClosedError):
                        one.result()
            connections.close()
            with pytest.raises(IndexClosedError):
                connections.request("GET", "/something")
            assert all(one == {"took": 1} for one in answered)
    FIGURES.append(f"connections closed while six threads ask: {tries}")
