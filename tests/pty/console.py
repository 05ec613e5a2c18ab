"""The whole console on a real terminal, with a small database of its own to work on."""

from __future__ import annotations

import functools
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.pty.terminal import TIMEOUT, Terminal, wait_until

ROOT = Path(__file__).parents[2]
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"
READY = "SIP user authentication"
"""What the console shows once it is there."""

CUSTOMER = "203.0.113.77"
"""An address of Acme Telecom that was blocked before it was added (S-011, S-012)."""

STRANGER = "185.243.5.19"
"""A blocked address that belongs to nobody."""


def context(path: Path, operator: str = "setup") -> Any:
    """Another program that works on the database, as ``operator``; the caller closes its ``database``."""
    from cxtui.config import load
    from cxtui.services.context import Actor, Context
    from cxtui.store.database import Database

    settings = load({"XDG_CONFIG_HOME": "/nonexistent"}, {})
    return Context(Database(path), Actor(operator, "192.0.2.9", "tests"), settings)


@functools.cache
def _template() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    """Two customers, a profile, four entries, three users and two blocks; made once, because it takes a second."""
    from cxtui.models.sip_user import SipUser
    from cxtui.services import companies, credentials, edges, ip_auth, sip_profiles, sip_users

    folder = tempfile.TemporaryDirectory(prefix="cxtui-console-")
    made = context(Path(folder.name) / "template.db")
    made.database.create_or_upgrade("sip.example.net")
    now = time.time()
    sighting = edges.Sighting
    edges.record(
        made,
        [
            sighting(CUSTOMER, now - 240, 212, "INVITE not authorised", "", "Asterisk PBX 18", "table"),
            sighting(STRANGER, now - 2, 4310, "scanner", "100, 200", "friendly-scanner", "fail2ban"),
        ],
    )
    block = {"number_block_start": "1000", "number_block_size": "1000"}
    acme = companies.add(made, {"name": "Acme Telecom", "channels": "100", **block}).rows[0].id
    companies.add(made, {"name": "Beta Ltd", "notes": "calls before nine"})
    profile = sip_profiles.add(made, {"name": "agents"}).rows[0].id
    for address in ("203.0.113.10", CUSTOMER, "203.0.113.64/28"):
        ip_auth.add(made, acme, {"address": address, "direction": "egress", "channels": "30"}, share=True)
    login = {"uac_username": "cx", "uac_realm": "pbx"}
    ip_auth.add(made, acme, {"address": "pbx.acme.example", "direction": "ingress", **login})
    for name in ("1001", "1002", "1003"):
        user = sip_users.add(made, acme, {"username": name, "channels": "2", "profile_id": str(profile)}).rows[0]
        assert isinstance(user, SipUser)
        credentials.set_password(made, user, f"Xk7pQm2vRt4_wZ9{name[-1]}")
    made.database.close()
    _fold_wal(made.database.path)
    return folder, made.database.path


def _fold_wal(path: Path) -> None:
    link = sqlite3.connect(path)
    link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    link.close()


def prepared(folder: Path) -> Path:
    """A database file of the test's own, in a folder of its own."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return Path(shutil.copy(_template()[1], home / "cx.db"))


def argv(path: Path) -> list[str]:
    """The command line of the console on a database."""
    return [sys.executable, "-m", "cxtui", "--db", str(path)]


def variables(path: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the console sees of its surroundings: its folders are where the database is."""
    home = str(path.parent)
    folders = {"HOME": home, "XDG_CONFIG_HOME": f"{home}/config", "XDG_STATE_HOME": f"{home}/state"}
    return {"PYTHONPATH": str(ROOT), **folders, **(more or {})}


def console(
    path: Path,
    *,
    cols: int = 80,
    rows: int = 24,
    env: Mapping[str, str] | None = None,
    ignore_hup: bool = False,
    start: Iterable[str] = (),
) -> Terminal:
    """The console on a database, in a terminal; ``start`` are words of a command line that starts it."""
    command = [*start, *argv(path)]
    return Terminal(command, cols=cols, rows=rows, env=variables(path, env), ignore_hup=ignore_hup)


def pasted(text: str) -> str:
    """A text as terminals send it when it is pasted."""
    return f"\x1b[200~{text}\x1b[201~"


def clicked(column: int, row: int) -> str:
    """A click of the left button, in cells from 1."""
    return f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"


def place_of(terminal: Terminal, text: str) -> tuple[int, int]:
    """The column and row, from 1, at which a text begins on the screen."""
    for number, line in enumerate(terminal.screen(), start=1):
        if (column := line.find(text)) >= 0:
            return column + 1, number
    raise AssertionError(f"{text!r} is not on the screen:\n{terminal.text()}")


def words_on(terminal: Terminal) -> str:
    """All words of the screen with single blanks, so that a sentence is found however it is wrapped."""
    return " ".join(terminal.text().replace("▌", " ").replace("│", " ").split())


def wait_for_words(terminal: Terminal, what: str, timeout: float = TIMEOUT) -> None:
    """Return once the screen shows a sentence, on one line or on several."""
    try:
        wait_until(lambda: what in words_on(terminal), repr(what), timeout)
    except AssertionError as problem:
        raise AssertionError(f"{problem}; the screen:\n{terminal.text()}") from None


def wait_until_gone(terminal: Terminal, text: str) -> None:
    """Return once the screen no longer shows a text."""
    wait_until(lambda: text not in terminal.text(), f"the end of {text!r} on the screen")


def wait_until_at_rest(terminal: Terminal, seconds: float = 0.4) -> None:
    """Return once nothing has been written for some time."""
    written = [0, time.monotonic()]

    def at_rest() -> bool:
        terminal.screen()
        if len(terminal.raw) != written[0]:
            written[:] = [len(terminal.raw), time.monotonic()]
        return time.monotonic() - written[1] > seconds

    wait_until(at_rest, "a screen at rest")


def query(path: Path, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """What another program reads from the file."""
    link = sqlite3.connect(path)
    try:
        return link.execute(statement, values).fetchall()
    finally:
        link.close()


def execute(path: Path, statement: str, *values: Any) -> None:
    """Another program changes the file behind everybody's back."""
    link = sqlite3.connect(path, timeout=20)
    try:
        with link:
            link.execute(statement, values)
    finally:
        link.close()


def family(pid: int) -> list[int]:
    """A process and all that it started and that still lives."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def ticks(pid: int) -> int:
    """The processor time a process has used, in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def alive(pid: int) -> bool:
    """Whether there is such a process, not only its remains."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
