"""Another process at work on the benchmark's database: `attack` plays 5000 sightings a second, `commits` one a line."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cxtui.config import load  # noqa: E402
from cxtui.demo.attack import Play  # noqa: E402
from cxtui.services import edges  # noqa: E402
from cxtui.services.context import Context, who  # noqa: E402
from cxtui.services.edges import Sighting  # noqa: E402
from cxtui.store.database import Database  # noqa: E402

RATE = 5_000
_TOP = "SELECT address, hits FROM block WHERE lifted_at IS NULL ORDER BY ours DESC, since DESC, id DESC LIMIT 1"


def main() -> None:
    """Work until the other end closes or ends this."""
    database, settings = Database(Path(sys.argv[1])), load(os.environ, {})
    if sys.argv[2] == "attack":
        play = Play(database, settings, rate=RATE)
        play.start()
        sys.stdin.read()
        play.stop()
        return
    context = Context(database, who(os.environ, "bench", settings), settings)
    for _ in sys.stdin:
        with database.reading() as link:
            address, hits = link.execute(_TOP).fetchone()
        edges.record(context, [Sighting(address, time.time(), 1, "bench")])
        print(hits + 1, time.perf_counter(), flush=True)


if __name__ == "__main__":
    main()
