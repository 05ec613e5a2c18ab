"""What every client can carry as a name and a password."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[\w.~+=-]+", re.ASCII)


def refuse_odd(*words: str) -> None:
    """ValueError, without the words, unless all are letters, digits and . ~ + = _ - alone.

    Scenarios of sipp and the accounts of baresip have no way to write the others.
    """
    __tracebackhide__ = True
    if not all(map(_PLAIN.fullmatch, words)):
        raise ValueError("a name or password for these clients has only letters, digits and . ~ + = _ -")
