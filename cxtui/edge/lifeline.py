"""Processes that do not outlive whoever started them, however that one ends."""

from __future__ import annotations

from collections.abc import Sequence

GRACE = 3.0
"""Seconds from the polite end to the other: a switch that is told to end while it starts may never do so."""

_KEEPER = """
exec 3<&0 </dev/null
( { trap '' TERM INT HUP; read -r _ <&3; kill -s TERM $$; sleep "$0"; kill -s KILL -- -$$; } & )
exec 3<&-
exec "$@"
"""


def mortal(words: Sequence[str], grace: float = GRACE) -> list[str]:
    """A command that ends, with all of its process group, when its standard input does.

    Start it in a session of its own, with the read end of a pipe as standard input, and hold the other end: the system
    closes that with its holder. The command itself reads /dev/null. It is asked to end with SIGTERM; what is left
    after ``grace`` seconds is killed. The one that waits for this belongs to the group, so killing the group ends it.
    """
    return ["/bin/sh", "-c", _KEEPER, f"{grace:g}", *words]
