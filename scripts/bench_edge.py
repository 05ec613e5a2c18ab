"""Speed of a real edge on loopback: how soon what is saved is proven, and what its agent costs.

    make bench-edge                          60 changes, 20 000 IP entries, 1 000 registrations, 5 s of attack
    make bench-edge ARGS=--full              200 changes, 100 000 IP entries, 5 000 registrations, 10 s of attack

Printed beside the bare round trip of an RPC. Nothing is asserted: a shared machine is slow when it likes to be.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cxtui.config import load  # noqa: E402
from cxtui.demo.scale import fill  # noqa: E402
from cxtui.edge.control import Control  # noqa: E402
from cxtui.edge.site import Site  # noqa: E402
from cxtui.edge.trial import Trial  # noqa: E402
from cxtui.models.sip_user import SipUser  # noqa: E402
from cxtui.rules.challenge import answer, choose, parse_challenges  # noqa: E402
from cxtui.rules.digest import Ha1, ha1  # noqa: E402
from cxtui.services import companies, ip_auth  # noqa: E402
from cxtui.services.context import Actor, Context  # noqa: E402
from cxtui.services.grids import Grid  # noqa: E402
from cxtui.sip.message import parse  # noqa: E402
from cxtui.store.database import Database  # noqa: E402

REALM = "sip.example.net"
SECRET = "a-secret-of-the-bench-01"
ATTACKERS = 50
RATE = 2_000
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Sizes:
    """How much is measured."""

    changes: int
    entries: int
    registrations: int
    attack: float


def main() -> int:
    """Start an edge, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="the sizes that the targets name")
    sizes = Sizes(200, 100_000, 5_000, 10.0) if parser.parse_args().full else Sizes(60, 20_000, 1_000, 5.0)
    with tempfile.TemporaryDirectory(prefix="cxtui-bench-") as folder, edge(Path(folder)) as bench:
        bench.rpc_floor()
        bench.idle()
        bench.saves(sizes.changes)
        bench.large(sizes.entries)
        bench.registrations(sizes.registrations)
        bench.attack(sizes.attack)
    return 0


class Bench:
    """One edge under measurement."""

    def __init__(self, context: Context, site: Site, agent: int, loop: asyncio.AbstractEventLoop) -> None:
        self.context, self.site, self.agent, self._loop = context, site, agent, loop
        self.port = int(site.listens[0].rpartition(":")[2])
        self._link = sqlite3.connect(context.database.path)
        self._company: Any = companies.add(context, {"name": "Bench Ltd"}).rows[0]

    def rpc_floor(self) -> None:
        """The bare round trip, beside which everything else is to be read."""

        async def ask() -> list[float]:
            control = Control(lambda event: None)
            await control.connect("127.0.0.1", self.site.control_port, SECRET)
            took = []
            for _ in range(1000):
                began = time.perf_counter()
                await control.call("core.version")
                took.append(time.perf_counter() - began)
            await control.close()
            return took

        took = asyncio.run_coroutine_threadsafe(ask(), self._loop).result(60)
        show("bare RPC round trip", spread(took, 1e6, "µs"))

    def idle(self) -> None:
        """What the agent costs while nothing happens."""
        time.sleep(2)
        cpu, began = cpu_of(self.agent), time.monotonic()
        time.sleep(20)
        percent = 100 * (cpu_of(self.agent) - cpu) / (time.monotonic() - began)
        show("agent idle", f"{percent:.2f} % CPU, {memory_of(self.agent):.0f} MB resident")

    def saves(self, count: int) -> None:
        """Saves with a pause before each, as an operator makes them: commit to read-back, and to the row that tells."""
        entry: Any = ip_auth.add(self.context, self._company.id, {"address": "203.0.113.10"}).rows[0]
        seen = []
        for number in range(count):
            time.sleep(random.uniform(1.05, 1.25))
            entry = ip_auth.save(self.context, entry, {"channels": str(1 + number % 90)}).rows[0]
            began = time.perf_counter()
            self._until_current()
            seen.append(time.perf_counter() - began)
        show(f"idle save → verified, {count} saves", spread(self._propagation(count), 1e3, "ms"))
        show("  … and seen in the database", spread(seen, 1e3, "ms"))

    def large(self, count: int) -> None:
        """The same with very many entries."""
        fill(self.context.database, 10, count, 10)
        entry: Any = ip_auth.add(self.context, self._company.id, {"address": "203.0.113.11"}).rows[0]
        self._until_current()
        for number in range(3):
            time.sleep(1.5)
            entry = ip_auth.save(self.context, entry, {"channels": str(1 + number)}).rows[0]
            self._until_current()
        show(f"save → verified with {count:,} entries", spread(self._propagation(3), 1, "s"))

    def registrations(self, count: int) -> None:
        """Very many phones that register at once."""
        keys = self._users(count)
        cpu, began = cpu_of(self.agent), time.monotonic()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            link.bind(("127.0.0.77", 0))
            link.settimeout(5)
            link.connect(("127.0.0.1", self.port))
            challenge = self._challenge(link)
            for name, key in keys.items():
                link.send(
                    register(name, link, answer(challenge, name, key, "REGISTER", f"sip:{REALM}", "c0ffee").header())
                )
                link.recv(4096)
        self._until(lambda: self._one("SELECT count(*) FROM registration") >= count)
        took = time.monotonic() - began
        percent = 100 * (cpu_of(self.agent) - cpu) / took
        show(f"{count:,} registrations", f"all in the console after {took:.1f} s, agent {percent:.0f} % CPU meanwhile")
        grid, times = Grid(self.context, "sip_users"), []
        for _ in range(30):
            began = time.perf_counter()
            grid.read(0, 60)
            times.append(time.perf_counter() - began)
        show("  … a screen of the SIP tab", spread(times, 1e3, "ms"))

    def attack(self, seconds: float) -> None:
        """Wrong passwords from many sources; when each stands in the list after its last allowed attempt."""
        sources = [f"127.66.{number // 250}.{number % 250 + 1}" for number in range(ATTACKERS)]
        listed: dict[str, float] = {}
        done = threading.Event()
        watcher = threading.Thread(target=self._list, args=(listed, done))
        watcher.start()
        due, sent = self._flood(sources, seconds)
        self._until(lambda: len(listed) == ATTACKERS, 5)
        done.set()
        watcher.join()
        lags = [listed[source] - due[source] for source in sources if source in listed and source in due]
        show(
            f"attack, {sent / seconds:,.0f} REGISTER/s for {seconds:g} s",
            f"{len(listed)} of {ATTACKERS} attackers listed",
        )
        show("  … after the attempt that was too much", spread(lags, 1e3, "ms"))

    def _flood(self, sources: list[str], seconds: float) -> tuple[dict[str, float], int]:
        links, headers, due, sent = [], [], {}, 0
        wrong = ha1("1000001", REALM, "wrong")
        for source in sources:
            link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            link.bind((source, 0))
            link.settimeout(5)
            link.connect(("127.0.0.1", self.port))
            links.append(link)
            # A nonce is good for the address that asked for it.
            proof = answer(self._challenge(link), "1000001", wrong, "REGISTER", f"sip:{REALM}", "c0ffee")
            headers.append(proof.header())
        counts = dict.fromkeys(sources, 0)
        began = time.monotonic()
        while (gone := time.monotonic() - began) < seconds:
            while sent < gone * RATE:
                place = sent % len(sources)
                links[place].send(register("1000001", links[place], headers[place]))
                counts[sources[place]] += 1
                if counts[sources[place]] == self.site.max_failures:
                    due[sources[place]] = time.time()
                sent += 1
            time.sleep(0.002)
        for link in links:
            link.close()
        return due, sent

    def _list(self, listed: dict[str, float], done: threading.Event) -> None:
        link = sqlite3.connect(self.context.database.path)
        while not done.wait(0.01):
            rows = link.execute("SELECT address FROM block WHERE address LIKE '127.66.%' AND lifted_at IS NULL")
            now = time.time()
            for (address,) in rows.fetchall():
                listed.setdefault(address, now)
        link.close()

    def _users(self, count: int) -> dict[str, Ha1]:
        keys = {f"{1_000_000 + number}": ha1(f"{1_000_000 + number}", REALM, "x") for number in range(count)}
        with self.context.database.bulk() as link:
            top = link.execute("SELECT coalesce(max(id), 0) FROM sip_user").fetchone()[0]
            first: Any = SipUser(company_id=self._company.id, nat_ping="enabled")
            names = [name for name in first.__dataclass_fields__ if name not in ("id", "username")]
            columns, marks = ", ".join(names), ", ".join("?" * len(names))
            values = [getattr(first, name) for name in names]
            taken = {row[0] for row in link.execute("SELECT username FROM sip_user")}
            keys = {name: key for name, key in keys.items() if name not in taken}
            for place, (name, key) in enumerate(keys.items(), start=top + 1):
                link.execute(
                    f"INSERT INTO sip_user(id, username, {columns}) VALUES (?, ?, {marks})", (place, name, *values)
                )
                link.execute(
                    "INSERT INTO credential(version, owner, owner_id, realm, ha1_md5, ha1_sha256, set_at, retired_by)"
                    " VALUES (1, 'sip_user', ?, ?, ?, ?, 0, '')",
                    (place, REALM, key.md5, key.sha256),
                )
        return keys

    def _challenge(self, link: socket.socket) -> Any:
        link.send(register("nobody", link, ""))
        return choose(parse_challenges(parse(link.recv(4096)).every("WWW-Authenticate")))

    def _propagation(self, count: int) -> list[float]:
        found = self._link.execute(
            "SELECT verified_at - committed_at FROM propagation ORDER BY id DESC LIMIT ?", (count,)
        )
        return [row[0] for row in found]

    def _until_current(self) -> None:
        wanted = "SELECT account.generation = edge.generation FROM account, edge"
        self._until(lambda: self._one(wanted) == 1, 30)

    def _until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.001)

    def _one(self, statement: str) -> Any:
        row = self._link.execute(statement).fetchone()
        return row[0] if row else 0


def register(user: str, link: socket.socket, authorization: str) -> bytes:
    """A REGISTER as bytes, with credentials where there are any."""
    host, port = link.getsockname()
    lines = [
        f"REGISTER sip:{REALM} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{random.getrandbits(48):x};rport",
        f"From: <sip:{user}@{REALM}>;tag={random.getrandbits(32):x}",
        f"To: <sip:{user}@{REALM}>",
        f"Call-ID: {random.getrandbits(64):x}",
        "CSeq: 1 REGISTER",
        f"Contact: <sip:{user}@{host}:{port}>;expires=600",
        "User-Agent: bench",
        *([f"Authorization: {authorization}"] if authorization else []),
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@contextmanager
def edge(folder: Path) -> Iterator[Bench]:
    """A switch in this process's care, and an agent as a process of its own."""
    database = Database(folder / "cxtui.db")
    database.create_or_upgrade(REALM)
    settings = load({"XDG_CONFIG_HOME": "/nonexistent"}, {})
    context = Context(database, Actor("bench", "local", "bench"), settings)
    port, control = free(), free()
    site = Site(
        name="bench", realm=REALM, database=str(database.path), run=folder / "run", secret=SECRET,
        listens=(f"udp:127.0.0.1:{port}",), control=f"127.0.0.1:{control}",
    )  # fmt: skip
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    trial = Trial(site)
    asyncio.run_coroutine_threadsafe(trial.start(), loop).result(20)
    secret = folder / "secret"
    secret.touch(mode=0o600)
    secret.write_text(SECRET)
    words = ["--db", str(database.path), "agent", "--name", "bench", "--control", site.control]
    agent = subprocess.Popen([sys.executable, "-m", "cxtui", *words, "--secret-file", str(secret)], cwd=ROOT)
    try:
        yield Bench(context, site, agent.pid, loop)
    finally:
        agent.terminate()
        agent.wait(10)
        asyncio.run_coroutine_threadsafe(trial.stop(), loop).result(20)
        database.close()


def free() -> int:
    """A port that is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as link:
        link.bind(("127.0.0.1", 0))
        port: int = link.getsockname()[1]
        return port


def cpu_of(process: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_of(process: int) -> float:
    """MB that a process has resident."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def spread(values: list[float], factor: float, unit: str) -> str:
    """Median, 99th percentile and the worst."""
    if not values:
        return "nothing was seen"
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, round(0.99 * (len(ordered) - 1)))]
    figures = (median(ordered), p99, ordered[-1])
    return "p50 {} · p99 {} · max {}".format(*(f"{value * factor:.3g} {unit}" for value in figures))


def show(what: str, figures: str) -> None:
    """A line of the table, as soon as it is known."""
    print(f"{what:48} {figures}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
