"""Speed and memory of the console on a large database, as ratios to an empty Textual app measured in the same minute.

    make bench                      100 000 SIP users and blocks, 20 000 IP entries
    make bench ARGS=--full          a million, two hundred thousand
    make bench ARGS="--rounds 9"    for figures to rely on

Nothing is asserted: a shared machine is slow when it likes to be. The ratios repeat to about a tenth.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from scripts.bench_table import Figures, table  # noqa: E402
from scripts.bench_terminal import Effect, Watched  # noqa: E402

FLOOR = [sys.executable, str(Path(__file__).with_name("bench_floor.py"))]
FEED = str(Path(__file__).with_name("bench_feed.py"))
FIRST_ROW = r"▸ .*20\.0\.0\.0/29 "
NEEDLES = (("3", "1000012"), ("2", "20.0.1.60"), ("7", "scanner"))
COMMITS = 20


def main() -> int:
    """Make the database, measure in turns, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, default=100_000, help="SIP users and blocks; a fifth of IP entries")
    parser.add_argument("--full", action="store_true", help="a million of them")
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured")
    parser.add_argument("--db", type=Path, help="a database that was filled before, or is to be kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cxtui-bench-") as folder:
        db: Path = options.db or Path(folder) / "bench.db"
        if not db.exists():
            size = 1_000_000 if options.full else options.size
            console = [sys.executable, "-m", "cxtui", "--db", str(db)]
            subprocess.run([*console, "demo", "--scale", str(size), "--no-console"], check=True, cwd=ROOT)
        rounds: dict[str, list[Figures]] = defaultdict(list)
        for turn in range(options.rounds):
            sys.stderr.write(f"\rround {turn + 1} of {options.rounds} ")
            # The other way round every other time, so that neither always finds the machine warm.
            for program in ("floor", "console")[:: -1 if turn % 2 else 1]:
                rounds[program].append(_floor() if program == "floor" else _console(db))
        sys.stderr.write("\r                \r")
        live = _live(db)
    print(table(rounds["floor"], rounds["console"], live))
    return 0


def _floor() -> Figures:
    with Watched(FLOOR) as terminal:
        figures = _start(terminal, "pressed 0")
        figures.update(_keys("cursor key", [terminal.press("x") for _ in range(40)]))
        load = terminal.watch(3)
        figures.update({"idle bytes/s": load.bytes, "idle CPU %": load.cpu, "idle wake-ups/s": load.wakeups})
        figures["memory MB"] = terminal.memory()
    return figures


def _console(db: Path) -> Figures:
    with _open(db) as terminal:
        figures = _start(terminal, FIRST_ROW)
        figures.update(_keys("cursor key", [terminal.press("down") for _ in range(25)]))
        figures.update(_keys("other list", [terminal.press("tab") for _ in range(6)]))
        figures.update(_keys("page", [terminal.press("pagedown") for _ in range(10)]))
        figures.update(_keys("End", [terminal.press("end")]) | _keys("Home", [terminal.press("home")]))
        load = terminal.watch(3)
        figures.update({"idle bytes/s": load.bytes, "idle CPU %": load.cpu, "idle wake-ups/s": load.wakeups})
        figures["memory MB"] = terminal.memory()
        figures.update(_last("new tab", [terminal.press(key, rest=0.3) for key in "234"]))
        figures.update(_last("known tab", [terminal.press(key, rest=0.3) for key in "123"]))
        figures.update(_last("form", [terminal.press("e", rest=0.3)]))
        terminal.press("esc", rest=0.3)
        figures.update(_last("dialog", [terminal.press("?", rest=0.3)]))
        terminal.press("esc", rest=0.3)
        figures.update(_filter(terminal))
    return figures


def _start(terminal: Watched, pattern: str) -> Figures:
    figures = {"first rows ms": terminal.ready(pattern)}
    terminal.rest(0.6)
    return figures | {"start CPU ms": terminal.cpu(), "start bytes": float(len(terminal.raw))}


def _keys(name: str, effects: list[Effect]) -> Figures:
    times = sorted(effect.first for effect in effects)
    figures = {f"{name} ms": median(times), f"{name} bytes": float(median(effect.bytes for effect in effects))}
    return figures | ({f"{name} p95 ms": times[int(0.95 * len(times))]} if len(times) >= 20 else {})


def _last(name: str, effects: list[Effect]) -> Figures:
    """As `_keys`, to the moment when all stands there."""
    return {
        f"{name} ms": median(effect.last for effect in effects),
        f"{name} bytes": float(median(effect.bytes for effect in effects)),
    }


def _filter(terminal: Watched) -> Figures:
    times: list[float] = []
    for tab, needle in NEEDLES:
        terminal.press(tab, rest=0.3)
        terminal.press("f", rest=0.2)
        for end in range(1, len(needle) + 1):
            shown = f" match(es)? {needle[:end].replace('.', '[.]')} "
            times.append(terminal.press(needle[end - 1], until=shown).last)
        terminal.press("esc", rest=0.3)
    return {"filter key ms": median(times), "filter key worst ms": max(times)}


def _live(db: Path) -> Figures:
    """The Firewall tab while another process plays an attack, then how soon its commits are on the screen."""
    with _open(db) as terminal:
        terminal.ready(FIRST_ROW)
        terminal.press("7", until="Firewall  [0-9]", rest=0.5)
        calm = sorted(terminal.press(key).first for key in ("down", "up") * 15)
        with _feed(db, "attack"):
            terminal.watch(1.5)
            load = terminal.watch(4)
            busy = []
            for key in ("down", "up") * 15:
                busy.append(terminal.press(key, rest=0.005).first)
                terminal.watch(0.1)
        figures = {"attack bytes/s": load.bytes, "attack CPU %": load.cpu}
        figures["attack key p95 x idle"] = sorted(busy)[28] / calm[28]
        terminal.press("home", rest=0.5)
        with _feed(db, "commits") as feed:
            times = [_commit(feed, terminal, turn) for turn in range(COMMITS)]
    return figures | {"commit ms": median(times), "commit worst ms": max(times)}


def _commit(feed: subprocess.Popen[str], terminal: Watched, turn: int) -> float:
    """Milliseconds from a commit of another process to the screen; the turns meet the console at all its moments."""
    assert feed.stdin is not None
    assert feed.stdout is not None
    feed.stdin.write("\n")
    feed.stdin.flush()
    hits, at = feed.stdout.readline().split()
    seen = terminal.shown(f": {hits} × ")
    terminal.rest(0.1)
    time.sleep(0.037 * (turn % 6))
    return (seen - float(at)) * 1000


def _open(db: Path) -> Watched:
    return Watched([sys.executable, "-m", "cxtui", "--db", str(db)])


@contextmanager
def _feed(db: Path, what: str) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, FEED, str(db), what], stdin=pipe, stdout=pipe, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


if __name__ == "__main__":
    sys.exit(main())
