"""Prints the requirements of the parts there are, each with the tests that prove it: `python -m tests.requirements`."""

from __future__ import annotations

from tests.requirements.proofs import proofs, wanted


def main() -> None:
    """Print the table."""
    proven = proofs()
    for key in wanted():
        tests = proven.get(key, ["NOT PROVEN"])
        print(f"{key:<6} {tests[0]}")
        for test in tests[1:]:
            print(f"{'':<6} {test}")


main()
