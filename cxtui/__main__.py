"""The program: without a verb the console, with one a single answer on standard output."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cxtui import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out the words of the command line and return the exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    if words in (["--version"], ["-V"]):
        print(f"cxtui {__version__}")
        return 0
    from cxtui.cli.entry import run

    return run(words)


if __name__ == "__main__":
    sys.exit(main())
