"""``python -m policysearch`` is the command."""

import sys

from policysearch.cli import main

if __name__ == "__main__":
    sys.exit(main())
