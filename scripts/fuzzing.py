"""Change good inputs at random and hold what must hold for any input.

    python scripts/fuzzing.py [--seconds N] [--seed S]
    python scripts/fuzzing.py --guided [--seconds N]

Guided: atheris changes inputs so that they reach new branches of our own
code; half of the time goes to sources, half to queries.

Inputs are the files of sources/ and queries made of their words and the marks
of the query language. What breaks a law is kept in tests/data/found/. Prints
how many inputs of each kind were tried; exit status 1 when a law was broken.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import pkgutil
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

FOUND = ROOT / "tests/data/found"
SLOW = 20.0  # seconds; an input of this size takes well under one

_MARKS = 'AND OR NOT - ( ) （ ） " “ ” 「 」 『 』 heading: title: year:2020..2024 year: region: 句( 段( ~10 ~ * ? \\ |'
_TOKENS = [
    *_MARKS.split(" "),
    "优化",
    "营商环境",
    " ",
    "\n",
    "\0",
    "\ud800",
    "\u202e",
    "１２",
    "ﬁ",
    "A",
    "2023",
    "一、",
    "第三条",
    "\U00020000",
]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return bytes changed in a few places: flipped, cut, doubled, filled or joined with others of them."""
    out = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        if not out:
            break
        at = chance.randrange(len(out))
        size = min(chance.choice([1, 2, 8, 64, 1024]), len(out) - at)
        match chance.randrange(6):
            case 0:
                out[at] ^= 1 << chance.randrange(8)
            case 1:
                del out[at : at + size]
            case 2:
                out[at:at] = out[at : at + size] * chance.choice([1, 2, 50])
            case 3:
                out[at : at + size] = bytes([chance.randrange(256)]) * size
            case 4:
                out[at:at] = chance.choice(_TOKENS).encode("utf-8", "surrogatepass")
            case 5:
                other = chance.randrange(len(out))
                out[at : at + size] = out[other : other + size]
    return bytes(out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--guided", action="store_true")
    parser.add_argument("--guide", choices=["source", "query"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.guide:
        guide(options.guide, int(options.seconds))
    if options.guided:
        return guided(options.seconds)
    from laws import LAWS  # beside the tests that hold the same laws

    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    pool = [(path.suffix, path.read_bytes()) for path in sorted((ROOT / "sources").rglob("*")) if path.is_file()]
    tried: Counter[str] = Counter()
    broken = 0
    end = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            kind = chance.choice(["source", "source", "query", "index"])
            if kind == "query":
                data = "".join(chance.choices(_TOKENS, k=chance.randint(1, 12))).encode("utf-8", "surrogatepass")
                ending = ""
            else:
                ending, data = chance.choice(pool)
                data = mutated(data, chance) if kind == "source" else chance.randbytes(64)
            tried[kind] += 1
            broken += not holds(LAWS[kind], kind, ending, data, Path(folder))
    print(
        ", ".join(f"{count} of {kind}" for kind, count in sorted(tried.items()))
        + f" tried, seed {seed}; {broken} broke"
    )
    return 1 if broken else 0


ENDINGS = (".txt", ".md", ".html", ".csv", ".tsv", ".json", ".jsonl", ".docx", ".zip")


def guided(seconds: float) -> int:
    """Guide sources and queries by coverage, each in a process of its own, which the library never lets end well."""
    before = set(FOUND.glob("*"))
    for kind in ("source", "query"):
        command = [sys.executable, __file__, "--guide", kind, "--seconds", str(max(1, int(seconds / 2)))]
        done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", errors="replace")
        tried = re.search(r"number_of_executed_units: (\d+)", done.stderr)
        if done.returncode or tried is None:
            print(f"{kind}: the process broke down\n{done.stderr[-2000:]}")
            return 1
        print(f"{done.stdout}{tried[1]} of {kind} tried, guided")
    return 1 if set(FOUND.glob("*")) - before else 0


def guide(kind: str, seconds: int) -> NoReturn:
    """Let atheris look for inputs of a kind; what breaks a law is kept."""
    import atheris

    with atheris.instrument_imports(include=["policysearch"]):
        import policysearch

        for module in pkgutil.walk_packages(policysearch.__path__, "policysearch."):
            if "opensearch" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    from laws import LAWS

    law = LAWS[kind]
    corpus = tempfile.TemporaryDirectory()
    folder = tempfile.TemporaryDirectory()
    for number, (ending, data) in enumerate(seeds(kind)):
        (Path(corpus.name) / str(number)).write_bytes(bytes([ending]) + data)

    def one(data: bytes) -> None:
        ending = ENDINGS[data[0] % len(ENDINGS)] if data and kind == "source" else ""
        if kind == "query":
            # the library makes bytes, the law takes what decodes
            data = b"." + data[1:].decode("utf-8", "ignore").encode()
        holds(law, kind, ending, data[1:], Path(folder.name))

    atheris.Setup(
        [
            sys.argv[0],
            corpus.name,
            f"-max_total_time={seconds}",
            "-max_len=20000",
            "-verbosity=0",
            "-print_final_stats=1",
        ],
        one,
    )
    atheris.Fuzz()
    sys.exit(0)


def seeds(kind: str) -> Iterator[tuple[int, bytes]]:
    """Yield (number of its ending, contents) of good inputs."""
    if kind == "query":
        for token in _TOKENS:
            yield 0, token.encode("utf-8", "ignore")
        return
    for path in sorted((ROOT / "sources").rglob("*")):
        if path.suffix in ENDINGS and path.stat().st_size < 20_000:
            yield ENDINGS.index(path.suffix), path.read_bytes()


def holds(law: Callable[[str, bytes, Path], None], kind: str, ending: str, data: bytes, folder: Path) -> bool:
    """Hold a law for an input; keep the input when it breaks it."""
    began = time.monotonic()
    try:
        law(ending, data, folder)
        why = f"it took {time.monotonic() - began:.0f} seconds" if time.monotonic() - began > SLOW else ""
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
    if not why:
        return True
    FOUND.mkdir(parents=True, exist_ok=True)
    kept = FOUND / f"{kind}-{hashlib.sha256(data).hexdigest()[:16]}{ending}"
    kept.write_bytes(data)
    print(f"{kept.relative_to(ROOT)}: {why[:300]}", flush=True)
    return False


if __name__ == "__main__":
    sys.exit(main())
