"""Workflows (a) and (b) by keys alone, on 80x24 in tmux, over a real sshd."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.pty.console import (
    CUSTOMER,
    READY,
    STRANGER,
    argv,
    console,
    context,
    family,
    pasted,
    prepared,
    query,
    variables,
    wait_until_gone,
)
from tests.pty.sshd import Sshd
from tests.pty.terminal import Terminal, wait_until
from tests.pty.tmux import Tmux

OSC_52 = re.compile(rb"\x1b\]52;[^;]*;([A-Za-z0-9+/=]+)")
PASSWORD_LINE = re.compile(r"│  (\S{16}) +│")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database of the test."""
    return prepared(tmp_path)


@contextmanager
def over_ssh(path: Path) -> Iterator[tuple[Terminal, Tmux]]:
    """The operator's terminal, and on the server a tmux in which the console runs: ssh, then tmux, then cxtui."""
    with ExitStack() as stack:
        sshd = stack.enter_context(Sshd())
        env = {**variables(path), "CXTUI_REVEAL_SECONDS": "1", "SSH_CONNECTION": "192.0.2.10 50000 192.0.2.1 22"}
        tmux = stack.enter_context(Tmux(argv(path), env=env, set_clipboard="on"))
        attach = sshd.command(tmux.argv("attach"), env={**tmux.env, "LANG": "C.UTF-8"})
        outer = stack.enter_context(Terminal(attach, cols=80, rows=24))
        outer.wait_for(READY)
        yield outer, tmux


def test_a_blocked_address_of_a_customer_is_found_explained_and_unblocked_in_three_keys(path: Path) -> None:
    """S-011, S-012, S-013, S-014: the row says BLOCKED at once, says why, and without an edge claims no more."""
    with over_ssh(path) as (outer, _):
        outer.send("/", pasted(CUSTOMER), "enter")
        outer.wait_for("✖ BLOCKED")
        outer.wait_for(re.compile(r"was blocked \d+ min ago: 212 × INVITE not authorised"))
        outer.wait_for("u Unblock")
        outer.send("u")
        outer.wait_for(f"Unblocked {CUSTOMER}: recorded, no edge attached.")
        wait_until_gone(outer, "BLOCKED")
    ((wanted, lifted),) = query(path, "SELECT wanted, lifted_at FROM block WHERE address = ?", CUSTOMER)
    assert wanted == "unblocked"
    assert lifted is not None
    (origin,) = query(path, "SELECT origin FROM audit WHERE action = 'UNBLOCK'")
    assert origin == ("192.0.2.10",)


def test_with_an_edge_an_unblocked_address_is_on_its_way_until_the_edge_lets_go(path: Path) -> None:
    """S-013, S-014: the change counts as done when the edge has read it back, not before."""
    from cxtui.services import edges

    played = context(path, "agent")
    ((block_id,),) = query(path, "SELECT id FROM block WHERE address = ?", CUSTOMER)

    def generation() -> int:
        return int(query(path, "SELECT generation FROM account")[0][0])

    edge = edges.beat(played, "edge1", generation())
    edges.report(played, edge, [(block_id, "table", None)], [])
    with console(path) as terminal:
        terminal.wait_for("edge ✔ 1/1")
        terminal.send("/", CUSTOMER, "enter", "u")
        terminal.wait_for(f"Unblocked {CUSTOMER}: on its way to 1 edge.")
        terminal.wait_for(f"{CUSTOMER} is being unblocked.")
        edges.report(played, edge, [], [(block_id, "table")])
        edges.beat(played, "edge1", generation())
        terminal.wait_for("Active on 1 of 1 edges.")
    played.database.close()


def test_an_unknown_blocked_address_is_authorised_and_unblocked_from_the_firewall(path: Path) -> None:
    """S-011…S-013: `A` makes the blocked address an entry of the company that is named, and lifts the block."""
    with over_ssh(path) as (outer, _):
        outer.send("/", pasted(STRANGER), "enter")
        outer.wait_for(f"{STRANGER}: 4310 × scanner, tried 100, 200")
        outer.send("A")
        outer.wait_for("new IP entry")
        outer.send("Acme Telecom", "ctrl+s")
        outer.wait_for(f"Authorised IP entry {STRANGER}")
        outer.wait_for("no edge attached")
        wait_until_gone(outer, "friendly-scanner")
    (entry,) = query(path, "SELECT direction, company_id FROM ip_auth WHERE address = ?", STRANGER)
    assert entry == ("egress", 1)
    assert query(path, "SELECT wanted FROM block WHERE address = ?", STRANGER) == [("unblocked",)]


def test_a_password_is_handed_over_by_osc_52_revealed_hidden_and_found_nowhere_afterwards(path: Path) -> None:
    """S-120…S-126: reset from the row, generated, copied once, revealed for a while, and never retrievable after."""
    with over_ssh(path) as (outer, tmux):
        outer.send("/", "1002", "enter", "p")
        outer.wait_for("New password for 1002 · Acme Telecom")
        outer.wait_for("••••••••••••••••")
        assert query(path, "SELECT count(*) FROM credential WHERE retired_by <> ''") == [(0,)]
        outer.send("enter")
        outer.wait_for("It cannot be shown again after this window.")
        outer.send("y")
        outer.wait_for("through tmux")
        wait_until(lambda: outer.text() and OSC_52.search(outer.raw), "OSC 52 in the outer terminal")
        found = OSC_52.search(outer.raw)
        assert found is not None
        password = base64.b64decode(found.group(1)).decode()
        assert len(password) == 16
        assert password not in outer.text()
        outer.send("r")
        outer.wait_for(PASSWORD_LINE)
        outer.wait_for(password)
        wait_until_gone(outer, password)
        outer.wait_for("••••••••••••••••")
        outer.send("n")
        outer.wait_for("capital")
        wait_until_gone(outer, "capital")
        in_use = process_traces(outer, tmux)
        outer.send("enter")
        wait_until_gone(outer, "New password for")
        outer.wait_for("Password of SIP user 1002 set")
        assert password not in outer.text()
        assert password.encode() not in in_use + process_traces(outer, tmux)
        assert password not in tmux.run("capture-pane", "-p", "-S", "-", "-E", "-")
        assert password not in tmux.run("capture-pane", "-p", "-a", "-q", "-S", "-")
        assert_nowhere(path, password)
    assert_nowhere(path, password)


def process_traces(outer: Terminal, tmux: Tmux) -> bytes:
    """What every process that takes part shows to the others on the machine: its arguments and its environment."""
    server = int(tmux.run("display-message", "-p", "#{pid}"))
    pane = int(tmux.run("list-panes", "-F", "#{pane_pid}"))
    pids = {*family(outer.pid), *family(server), *family(pane)}
    return b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for pid in pids for name in ("cmdline", "environ"))


def assert_nowhere(path: Path, password: str) -> None:
    """Neither in the database, its log and index, nor in any other file of the operator's, nor half of it."""
    files = [file for file in path.parent.rglob("*") if file.is_file()]
    assert path in files
    for file in files:
        try:
            held = file.read_bytes()
        except FileNotFoundError:
            # The log of the database goes with the last console, which may be closing just now.
            continue
        assert password.encode() not in held, file
        assert password.encode("utf-16-le") not in held, file
        assert base64.b64encode(password.encode()) not in held, file


def test_what_is_stored_of_a_password_is_ha1_for_the_realm_alone(path: Path) -> None:
    """S-122, S-124: HA1 by MD5 and by SHA-256 of what was handed over, and the audit says that, not what."""
    import hashlib

    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("/", "1003", "enter", "p", "enter", "y")
        terminal.wait_for_bytes(b"\x1b]52;")
        terminal.wait_for("Sent to your terminal's clipboard")
        found = OSC_52.search(terminal.raw)
        assert found is not None
        password = base64.b64decode(found.group(1))
    secret = b"1003:sip.example.net:" + password
    hashes = (hashlib.md5(secret).hexdigest(), hashlib.sha256(secret).hexdigest())
    stored = "SELECT ha1_md5, ha1_sha256 FROM credential WHERE retired_by = '' AND owner = 'sip_user' AND owner_id = 3"
    assert query(path, stored) == [hashes]
    ((said,),) = query(path, "SELECT label || before || after FROM audit ORDER BY id DESC LIMIT 1")
    assert "1003" in said
    assert password.decode() not in said
    assert hashes[0] not in said


def test_an_undone_password_reset_brings_the_old_one_back(path: Path) -> None:
    """S-120: `z` is offered for it as for every change."""
    before = query(path, "SELECT ha1_md5 FROM credential WHERE owner = 'sip_user' AND owner_id = 1")
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("/", "1001", "enter", "p", "enter", "enter")
        terminal.wait_for("Password of SIP user 1001 set")
        terminal.send("z")
        terminal.wait_for("Put back the earlier password of SIP user 1001?")
        terminal.send("y")
        terminal.wait_for("Undone: the earlier")
    live = "SELECT ha1_md5 FROM credential WHERE retired_by = '' AND owner = 'sip_user' AND owner_id = 1"
    assert query(path, live) == before


def test_keys_typed_ahead_reach_what_they_were_meant_for(path: Path) -> None:
    """A line that stalls brings many keys at once: none of a search's letters may act on the list under it."""
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("/", "zud", "backspace", "backspace", "backspace", "1003", "enter", "p", "enter", "enter")
        terminal.wait_for("Password of SIP user 1003 set")
        terminal.send("2", "f", "64/28", "enter", "e", "tab", "tab", "77", "ctrl+s", "z")
        terminal.wait_for("Undone")
    assert query(path, "SELECT count(*) FROM audit WHERE action = 'UPDATE' AND entity = 'ip_auth'") == [(2,)]
    assert query(path, "SELECT count(*) FROM block WHERE lifted_at IS NULL") == [(2,)]
