"""The program as a process of its own: what it loads, how it ends when nobody reads, and what a terminal is asked."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("textual", "rich", "sqlmodel", "sqlalchemy", "pydantic", "alembic", "platformdirs", "netaddr", "pyperclip")
PROBE = """
import json, sys
from cxtui.__main__ import main
code = main(json.loads(sys.argv[1]))
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


@pytest.fixture
def environ(shell):
    """What a process of ours is started with."""
    return {**os.environ, "CXTUI_DB": str(shell.path), "PYTHONPATH": str(ROOT), "TERM": "xterm"}


def start(words, environ, **more):
    """Start the program."""
    return subprocess.Popen([sys.executable, "-m", "cxtui", *words], env=environ, **more)


def loaded(words, environ):
    """The modules that a call has loaded by its end."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(words)], env=environ, capture_output=True, text=True, check=True
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0
    return set(modules)


def test_the_version_is_printed_before_anything_is_loaded(environ):
    modules = loaded(["--version"], environ)
    assert {name for name in modules if name.startswith("cxtui")} == {"cxtui", "cxtui.__main__"}
    assert not modules & {"argparse", "dataclasses", "sqlite3", *HEAVY}


@pytest.mark.parametrize("words", [["--help"], ["sip", "add", "--help"]])
def test_help_loads_nothing_heavy(environ, words):
    assert not loaded(words, environ) & set(HEAVY)


def test_the_manual_loads_neither_fields_nor_database(environ):
    assert not {name for name in loaded(["--help"], environ) if name.startswith(("cxtui.models", "cxtui.s", "sqlite3"))}


def test_reading_loads_nothing_that_only_writing_needs(environ):
    assert not loaded(["sip", "list"], environ) & set(HEAVY)


def test_a_reader_that_goes_away_is_no_event(shell, context, environ):
    with context.database.bulk() as link:
        link.executemany(
            "INSERT INTO sip_user(version, company_id, username, channels, flow_speed, protocol, allow_list, nat_ping,"
            " retain_did, smart_extension, enabled) VALUES (1, 1, ?, 1, 0, 'udp', '', 'disabled', 0, 0, 1)",
            ((f"user{number:06}",) for number in range(5000)),
        )
    for words in (["sip", "list"], ["sip", "list", "--json"]):
        process = start(words, environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert process.wait() == 141
        process.stderr.close()


def test_a_full_disk_behind_the_output_is_a_sentence(environ):
    with Path("/dev/full").open("w") as full:
        process = start(["company", "list"], environ, stdout=full, stderr=subprocess.PIPE, text=True)
        _, said = process.communicate()
    assert (process.returncode, said.count("\n")) == (70, 1)
    assert "No space left" in said


def test_closed_streams_are_no_traceback(environ):
    command = f'"{sys.executable}" -m cxtui company list <&- >&- 2>&-'
    assert subprocess.run(["sh", "-c", command], env=environ, check=False).returncode == 0


def test_a_locale_without_our_signs_is_no_traceback(environ):
    latin = {**environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([sys.executable, "-m", "cxtui", "--help"], env=latin, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_password_is_in_no_file_and_no_argument(shell, environ):
    """S-122"""
    shell.ok("sip", "add", "Acme Telecom", "1001")
    done = subprocess.run(
        [sys.executable, "-m", "cxtui", "sip", "password", "1001"], env=environ, capture_output=True, check=True
    )
    password = done.stdout.strip()
    assert len(password) == 16
    assert password not in done.stderr
    assert [path for path in shell.path.parent.rglob("*") if path.is_file() and password in path.read_bytes()] == []


class Dialog:
    """The program on a terminal of its own."""

    def __init__(self, words, environ):
        self.pid, self._terminal = pty.fork()
        if not self.pid:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a suite in the background is started with it ignored
            os.execve(sys.executable, [sys.executable, "-m", "cxtui", *words], environ)
        self._seen = b""

    def expect(self, text):
        """Read until the program has written a text; return what it wrote."""
        while text not in self._seen:
            self._seen += os.read(self._terminal, 4096)
        seen, self._seen = self._seen, b""
        return seen

    def type(self, text):
        """Type a text."""
        os.write(self._terminal, text)

    def interrupt(self):
        """Press Ctrl+C, and again while nothing comes of it: one just before the read begins wakes nobody."""
        os.kill(self.pid, signal.SIGINT)
        while not select.select([self._terminal], [], [], 0.5)[0]:
            os.kill(self.pid, signal.SIGINT)

    def end(self):
        """Read to the end; return the rest and the exit code."""
        rest = self._seen
        try:
            while part := os.read(self._terminal, 4096):
                rest += part
        except OSError:
            pass
        os.close(self._terminal)
        return rest, os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_on_a_terminal_deleting_is_asked_and_no_is_the_default(shell, environ):
    shell.ok("sip", "add", "Acme Telecom", "1001")
    dialog = Dialog(["sip", "delete", "1001"], environ)
    dialog.expect(b"Delete SIP user 1001? [y/N]")
    dialog.type(b"\n")
    assert dialog.end()[1] == 1
    dialog = Dialog(["sip", "delete", "1001"], environ)
    dialog.expect(b"[y/N]")
    dialog.type(b"y\n")
    assert dialog.end()[1] == 0
    assert shell.json("sip", "list") == []


def test_on_a_terminal_a_customers_address_is_typed_to_block_it(shell, environ):
    shell.ok("ip", "add", "Acme Telecom", "198.51.100.9")
    dialog = Dialog(["block", "add", "198.51.100.9"], environ)
    assert b"Acme Telecom" in dialog.expect(b"Type 198.51.100.9 to block it:")
    dialog.type(b"198.51.100.9\n")
    assert dialog.end()[1] == 0


def test_on_a_terminal_a_password_is_typed_unseen_and_twice(shell, environ):
    shell.ok("sip", "add", "Acme Telecom", "1001")
    dialog = Dialog(["sip", "password", "1001", "--stdin"], environ)
    dialog.expect(b"New password: ")
    dialog.type(b"Xk7pQm2vRt4_wZ9h\n")
    dialog.expect(b"Once more: ")
    dialog.type(b"Xk7pQm2vRt4_wZ9h\n")
    rest, code = dialog.end()
    assert code == 0
    assert b"Xk7pQm2vRt4_wZ9h" not in rest


def test_on_a_terminal_the_reason_is_asked_for_where_the_settings_want_one(shell, environ, context):
    dialog = Dialog(["company", "set", "Acme Telecom", "--channels", "9"], {**environ, "CXTUI_ASK_REASON": "yes"})
    dialog.expect(b"Reason or ticket:")
    dialog.type(b"ticket 4711\n")
    assert dialog.end()[1] == 0
    with context.database.reading() as link:
        assert link.execute("SELECT reason FROM audit ORDER BY id DESC LIMIT 1").fetchone() == ("ticket 4711",)


def test_ctrl_c_at_a_question_is_silent(shell, environ):
    shell.ok("sip", "add", "Acme Telecom", "1001")
    dialog = Dialog(["sip", "delete", "1001"], environ)
    dialog.expect(b"[y/N]")
    dialog.interrupt()
    rest, code = dialog.end()
    assert code == 130
    assert b"Traceback" not in rest
    assert len(shell.json("sip", "list")) == 1
