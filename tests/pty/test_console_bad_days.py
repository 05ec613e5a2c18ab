"""What the console does when the terminal, the process, the database or the disk fails it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pty.console import (
    LEAVES_ALTERNATE_SCREEN,
    READY,
    alive,
    argv,
    console,
    execute,
    family,
    prepared,
    query,
    ticks,
    variables,
    wait_for_words,
    wait_until_at_rest,
    words_on,
)
from tests.pty.sshd import Sshd
from tests.pty.terminal import Terminal, environment, wait_until

SHOWS_CURSOR = b"\x1b[?25h"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database of the test."""
    return prepared(tmp_path)


def add_company(terminal: Terminal, name: str) -> None:
    """Press the keys that add a company."""
    terminal.send("c", "a", name, "ctrl+s")


def assert_no_traceback(terminal: Terminal) -> None:
    """Nothing of what was ever written is a traceback."""
    assert b"Traceback" not in terminal.raw
    assert b".py" not in terminal.raw


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_the_console_with_its_code_and_the_terminal_as_it_was(
    path: Path, number: signal.Signals, code: int
) -> None:
    with console(path) as terminal:
        before = terminal.modes()
        terminal.wait_for(READY)
        terminal.send("2", "a")
        terminal.wait_for("new IP entry")
        started = family(terminal.pid)
        terminal.signal(number)
        assert terminal.wait_exit() == code
        assert terminal.modes() == before
        assert not [pid for pid in started if alive(pid)]
        assert LEAVES_ALTERNATE_SCREEN in terminal.raw
        assert SHOWS_CURSOR in terminal.raw
        assert_no_traceback(terminal)
    assert not path.with_name("cx.db-wal").exists() or query(path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("ignore_hup", [False, True], ids=["hup handled", "hup ignored"])
def test_a_console_whose_terminal_vanished_is_gone(path: Path, ignore_hup: bool) -> None:
    with console(path, ignore_hup=ignore_hup) as terminal:
        terminal.wait_for(READY)
        terminal.send("7")
        terminal.wait_for("Firewall  2")
        started = family(terminal.pid)
        terminal.hang_up()
        assert terminal.wait_exit() == 129
        wait_until(lambda: not [pid for pid in started if alive(pid)], "the end of every process")


def test_a_lost_ssh_connection_leaves_no_console_behind(path: Path) -> None:
    with Sshd() as sshd:
        marker = {"CXTUI_TEST_MARK": str(path)}
        with Terminal(sshd.command(argv(path), env={**environment(), **variables(path, marker)})) as terminal:
            terminal.wait_for(READY)
            (pid,) = processes_with(path)
            terminal.signal(signal.SIGKILL)
            wait_until(lambda: not alive(pid), "the end of the console on the server")


def processes_with(path: Path) -> list[int]:
    """The consoles that run on a database."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if b"cxtui" in words and str(path).encode() in words and b"-m" in words and b"ssh" not in words[0]:
            found.append(int(folder.name))
    return [pid for pid in found if b"python" in Path(f"/proc/{pid}/comm").read_bytes()]


def test_a_console_that_is_left_alone_uses_no_processor_time(path: Path) -> None:
    with console(path) as terminal:
        terminal.wait_for(READY)
        wait_until_at_rest(terminal, 1.5)
        before = ticks(terminal.pid)
        wait_until_at_rest(terminal, 2.0)
        assert ticks(terminal.pid) - before <= 0.05 * 2.0 * os.sysconf("SC_CLK_TCK")


def test_a_kill_right_after_the_confirmation_loses_nothing(path: Path) -> None:
    for number in range(2):
        with console(path) as terminal:
            terminal.wait_for(READY)
            add_company(terminal, f"Killed {number}")
            terminal.wait_for(f"Added customer Killed {number}")
            terminal.signal(signal.SIGKILL)
            assert terminal.wait_exit() == 137
    assert query(path, "SELECT count(*) FROM company WHERE name LIKE 'Killed %'") == [(2,)]
    assert query(path, "SELECT count(*) FROM audit WHERE label LIKE '%Killed %'") == [(2,)]
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_save_into_a_locked_database_is_refused_in_words_and_works_later(path: Path) -> None:
    """What was typed is still there when the lock is gone."""
    other = sqlite3.connect(path, isolation_level=None)
    with console(path) as terminal:
        terminal.wait_for(READY)
        other.execute("BEGIN IMMEDIATE")
        add_company(terminal, "Patient Ltd")
        wait_for_words(terminal, "is locked by another program; nothing was changed.", timeout=40)
        assert "Patient Ltd" in terminal.text()
        assert "new company" in terminal.text()
        other.execute("ROLLBACK")
        terminal.send("ctrl+s")
        terminal.wait_for("Added customer Patient Ltd")
        assert_no_traceback(terminal)
    other.close()
    assert query(path, "SELECT count(*) FROM company WHERE name = 'Patient Ltd'") == [(1,)]


def test_the_lists_go_on_while_another_program_writes(path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    with console(path) as terminal:
        terminal.wait_for(READY)
        other.execute("BEGIN IMMEDIATE")
        terminal.send("2")
        terminal.wait_for("pbx.acme.example")
        terminal.send("c")
        terminal.wait_for("Beta Ltd")
        other.execute("ROLLBACK")
    other.close()


def test_a_file_that_may_not_be_written_is_shown_and_a_save_is_refused_in_words(path: Path) -> None:
    # Root may write any file, unless it gives that up.
    plain = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    path.chmod(0o400)
    with console(path, start=plain) as terminal:
        terminal.wait_for("pbx.acme.example")
        add_company(terminal, "Nobody")
        wait_for_words(terminal, "is read-only for you; nothing was changed.")
        assert "new company" in terminal.text()
        assert "Nobody" in terminal.text()
        for file in path.parent.glob("cx.db*"):
            file.chmod(0o600)
        terminal.send("ctrl+s")
        wait_for_words(terminal, "Added customer Nobody")
        assert_no_traceback(terminal)


def test_a_write_that_the_database_refuses_leaves_the_form_as_it_was(path: Path) -> None:
    execute(path, "CREATE TRIGGER stop BEFORE INSERT ON company BEGIN SELECT raise(ABORT, 'x'); END")
    with console(path) as terminal:
        terminal.wait_for(READY)
        add_company(terminal, "Nobody")
        wait_for_words(terminal, "nothing was changed.")
        assert "Nobody" in terminal.text()
        execute(path, "DROP TRIGGER stop")
        terminal.send("ctrl+s")
        wait_for_words(terminal, "Added customer Nobody")
        assert_no_traceback(terminal)


def test_a_full_disk_refuses_a_save_in_words_and_what_was_typed_stays(path: Path) -> None:
    """A limit on the size of files stands for the disk: to the program, both are a write that fails."""
    link = sqlite3.connect(path)
    link.execute("PRAGMA journal_mode=WAL")
    link.close()
    blocks = (path.stat().st_size + 4096) // 512 + 8
    limit = ["sh", "-c", f'trap "" XFSZ; ulimit -f {blocks}; exec "$@"', "sh"]
    with console(path, start=limit) as terminal:
        terminal.wait_for(READY)
        terminal.send("c", "a", "Big0", "tab", "tab", "tab", "tab", "tab", "tab", "tab")
        terminal.send("x" * 200)
        refusals = ("reports an error; nothing was changed.", "is full; nothing was changed.")
        for number in range(40):
            terminal.send("ctrl+s")
            saved = f"Added customer Big{number}."
            wait_until(lambda: any(said in words_on(terminal) for said in (*refusals, saved)), "an answer")  # noqa: B023
            if saved not in words_on(terminal):
                break
            terminal.send("a", f"Big{number + 1}")
        terminal.wait_for("new company")
        assert_no_traceback(terminal)
        terminal.send("esc")
        terminal.wait_for("Leave without saving")
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


def refused(path: Path, *words: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """How the console ends and all it says where it cannot run."""
    with console(path, env=env) as terminal:
        for word in words:
            terminal.wait_for(word)
        code = terminal.wait_exit()
        assert_no_traceback(terminal)
        assert LEAVES_ALTERNATE_SCREEN not in terminal.raw
        return code, " ".join(terminal.text().split())


def test_a_file_that_is_no_database_is_said_to_be_none(path: Path) -> None:
    path.write_bytes(b"not a database, by any means\n" * 100)
    code, said = refused(path)
    assert code == 3
    assert "is not a cxtui database" in said


def test_a_damaged_file_is_a_sentence_wherever_the_damage_is_met(path: Path) -> None:
    held = bytearray(path.read_bytes())
    for page in range(4096, len(held), 4096):
        held[page : page + 100] = b"\xff" * 100
    path.write_bytes(held)
    with console(path) as terminal:
        wait_for_words(terminal, "is damaged. Restore a backup")
        assert_no_traceback(terminal)


def test_a_newer_file_is_refused(path: Path) -> None:
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    code, said = refused(path)
    assert code == 3
    assert "newer" in said


def test_a_missing_database_is_offered_and_made(path: Path) -> None:
    new = path.with_name("new.db")
    with console(new) as terminal:
        terminal.wait_for("[y/N]")
        terminal.send("n", "enter")
        assert terminal.wait_exit() == 3
    assert not new.exists()
    with console(new) as terminal:
        terminal.wait_for("[y/N]")
        terminal.send("y", "enter")
        terminal.wait_for("No IP entries. a adds one.")
        terminal.send("q")
        assert terminal.wait_exit() == 0
    assert new.stat().st_mode & 0o777 == 0o600


def test_a_dumb_terminal_is_refused_with_a_pointer_to_the_verbs(path: Path) -> None:
    code, said = refused(path, env={"TERM": "dumb"})
    assert code == 2
    assert "cxtui ip list" in said


@pytest.mark.parametrize("closed", ["stdin", "stdout"])
def test_without_a_terminal_the_console_is_refused_in_a_sentence(path: Path, closed: str) -> None:
    streams = {"stdin": subprocess.DEVNULL} if closed == "stdin" else {"stdin": None}
    done = subprocess.run(
        argv(path), env=environment(variables(path)), capture_output=True, text=True, check=False, **streams
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "needs a terminal" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_database_that_is_removed_is_told_once_and_the_console_lives_on(path: Path) -> None:
    kept = path.with_name("kept.db")
    with console(path) as terminal:
        terminal.wait_for(READY)
        wait_until_at_rest(terminal)
        fold(path)
        path.rename(kept)
        terminal.wait_for("There is no database at")
        terminal.send("c")
        terminal.wait_for("Companies")
        kept.rename(path)
        terminal.send("ctrl+r")
        terminal.wait_for("Acme Telecom")
        assert_no_traceback(terminal)
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_a_database_that_is_replaced_by_another_is_shown(path: Path) -> None:
    restored = Path(shutil.copy(path, path.with_name("restored.db")))
    execute(restored, "UPDATE company SET name = 'Restored Ltd' WHERE id = 2")
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("c")
        terminal.wait_for("Beta Ltd")
        fold(path)
        restored.rename(path)
        terminal.wait_for("Restored Ltd")
        add_company(terminal, "After")
        terminal.wait_for("Added customer After")
    assert query(path, "SELECT count(*) FROM company WHERE name IN ('Restored Ltd', 'After')") == [(2,)]


def fold(path: Path) -> None:
    """Bring what stands in the write-ahead log into the file."""
    link = sqlite3.connect(path)
    link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    link.close()


MISTAKE = """
import sys
from cxtui.ui.panes.editing import EditingPane

def mistaken(pane):
    password = "hunter2-" + "x" * 4
    raise KeyError(password)

EditingPane.action_copy = mistaken
from cxtui.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_mistake_in_the_console_ends_it_with_a_sentence_that_shows_no_values(path: Path, debug: str) -> None:
    """S-122: a variable of the place that failed may be a password."""
    words = [sys.executable, "-c", MISTAKE, "--db", str(path)]
    with Terminal(words, env=variables(path, {"CXTUI_DEBUG": debug})) as terminal:
        terminal.wait_for(READY)
        terminal.send("2", "y")
        assert terminal.wait_exit() == 1
        assert "Something went wrong inside cxtui (KeyError)" in words_on(terminal)
        assert ("mistaken" in terminal.text()) == bool(debug)
        assert b"hunter2-xxxx" not in terminal.raw or debug
        assert LEAVES_ALTERNATE_SCREEN in terminal.raw
