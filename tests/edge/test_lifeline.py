"""A process that ends with whoever started it: politely, then not, and with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from cxtui.edge.lifeline import mortal
from tests.edge.clients.waiting import wait_until

STUBBORN = "trap '' TERM; sleep 60 & echo $$ $! > {said}.part; mv {said}.part {said}; while :; do sleep 60; done"
POLITE = "trap 'echo ended > {said}; kill $!; exit' TERM; sleep 60 & echo $$ $! > {said}; wait"


def started(script: str, said: Path, grace: float) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A process that started a shell with this script; the shell and its child, by number."""
    command = mortal(["/bin/sh", "-c", script.format(said=said)], grace)
    starter = f"import subprocess; p = subprocess.Popen({command!r}, stdin=-1, start_new_session=True); p.wait()"
    process = subprocess.Popen([sys.executable, "-c", starter])
    wait_until(lambda: said.exists() and len(said.read_text().split()) == 2, "the shell")
    return process, [int(word) for word in said.read_text().split()]


def status(stat: Path) -> list[str]:
    """State, parent and group of a process, and more (proc(5)); nothing once it is gone."""
    try:
        return stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def gone(pid: int) -> bool:
    """Whether a process is no more than a zombie."""
    return status(Path(f"/proc/{pid}/stat"))[:1] in ([], ["Z"])


def test_a_process_that_takes_no_end_is_killed_with_its_children_when_its_starter_is(tmp_path: Path) -> None:
    starter, pids = started(STUBBORN, tmp_path / "said", 0.2)
    assert not any(gone(pid) for pid in pids)
    starter.kill()
    starter.wait()
    wait_until(lambda: all(map(gone, pids)), "the end of all")


def test_a_process_is_asked_to_end_before_it_is_killed(tmp_path: Path) -> None:
    starter, pids = started(POLITE, tmp_path / "said", 30)
    starter.kill()
    starter.wait()
    wait_until(lambda: (tmp_path / "said").read_text() == "ended\n", "the polite end")
    wait_until(lambda: all(map(gone, pids)), "the end of all")


def test_nothing_waits_any_longer_once_the_group_is_killed(tmp_path: Path) -> None:
    starter, (leader, _) = started(STUBBORN, tmp_path / "said", 0.2)
    os.killpg(leader, signal.SIGKILL)
    assert starter.wait(10) == 0

    def members() -> list[Path]:
        found = Path("/proc").glob("[0-9]*/stat")
        return [stat for stat in found if status(stat)[:1] != ["Z"] and status(stat)[2:3] == [str(leader)]]

    wait_until(lambda: not members(), "the end of all")
