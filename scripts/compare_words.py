"""Compare the words that rjieba and the plain analyzer find, over a folder of texts and texts made of them.

    python scripts/compare_words.py [FOLDER] [--megabytes 80]

FOLDER holds real documents, by default the reference corpus (as for ``benchmark.py``); more text than it has is made
of it (``benchmarking/corpus.py``). Prints what was compared and the CPU seconds of both; the exit status is 1 when any
text is cut in two ways, which is printed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from benchmarking.corpus import documents, originals
from benchmarking.processes import ROOT

from policysearch.text import fast_words
from policysearch.text.analyzer import Analyzer
from policysearch.text.dictionary import load_dictionary
from policysearch.text.folding import fold


def main() -> int:
    """Compare, and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reference = Path(os.environ.get("POLICYSEARCH_REFERENCE") or ROOT.parent / "shared") / "corpus"
    parser.add_argument("folder", nargs="?", type=Path, default=reference)
    parser.add_argument("--megabytes", type=float, default=80, help="10^6 bytes of text to compare")
    arguments = parser.parse_args()
    plain = Analyzer(load_dictionary(), fast=False)
    fast = fast_words.load_fast_words(plain.dictionary, plain._search_words, plain._unknown_words)
    if fast is None:
        print("rjieba is not used here.", file=sys.stderr)
        return 2
    analyzer = Analyzer(plain.dictionary)
    analyzer._fast = fast
    size = words = differing = 0
    seconds = [0.0, 0.0]
    for number, text in documents(originals(arguments.folder), seed=1):
        if size >= arguments.megabytes * 1e6:
            break
        folded = fold(text)
        size += len(text.encode("utf-8", "surrogatepass"))
        found = []
        for i, one in enumerate((plain, analyzer)):
            begun = time.process_time()
            found.append(one.words_of_folded(folded))
            seconds[i] += time.process_time() - begun
        words += len(found[0])
        if found[0] != found[1]:
            differing += 1
            at = next((i for i, pair in enumerate(zip(*found, strict=False)) if pair[0] != pair[1]), -1)
            print(f"document {number}: {found[0][at : at + 5]} and {found[1][at : at + 5]}")
    print(
        f"{size / 1e6:.1f} MB, {words:,} words: {differing} documents differ; CPU s a MB: "
        f"plain {seconds[0] / size * 1e6:.3f}, with rjieba {seconds[1] / size * 1e6:.3f}"
    )
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main())
