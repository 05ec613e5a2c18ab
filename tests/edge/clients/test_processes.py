"""What every client needs: ports of its own, an end with its test, and silence about passwords."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.edge.clients import ports
from tests.edge.clients.answerer import Answerer, Challenge
from tests.edge.clients.baresip import Phone
from tests.edge.clients.process import Child
from tests.edge.clients.raw import Datagrams
from tests.edge.clients.sipp import Caller
from tests.edge.clients.waiting import wait_until

PASSWORD = "Xk7pQm2vRt4_wZ9h"


def gone(pid: int) -> bool:
    """Whether a process has ended, be it collected or not."""
    stat = Path("/proc", str(pid), "stat")
    return not stat.exists() or ") Z " in stat.read_text()


def test_another_process_is_given_other_ports() -> None:
    code = "from tests.edge.clients import ports; print(*(ports.free() for _ in range(20)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": "."}
    )
    own = {ports.free() for _ in range(20)}
    assert len(own) == 20
    assert own.isdisjoint(map(int, done.stdout.split()))


def test_a_port_in_use_is_not_free() -> None:
    with Datagrams("127.0.0.77", ports.free()) as taken:
        assert ports.split(taken.endpoint)[1] not in {ports.free() for _ in range(300)}


def test_nothing_outlives_a_test_that_fails() -> None:
    groups: list[int] = []

    def fail() -> None:
        with Answerer() as far, Phone("bob", PASSWORD, "127.0.0.1:9") as phone:
            groups.extend([far.pid, phone.pid])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(groups) == 2
    for group in groups:
        with pytest.raises(ProcessLookupError):
            os.killpg(group, 0)


def test_descendants_end_with_their_program(tmp_path: Path) -> None:
    child = Child(["sh", "-c", "trap '' TERM; sleep 60 & echo $!"], tmp_path / "log")
    assert child.wait(2) == 0
    wait_until(lambda: gone(int(child.log.read_text())), "the end of a descendant")


def test_a_password_is_in_no_command_line_and_in_no_complaint() -> None:
    with Answerer(challenge=Challenge("trunk", PASSWORD)) as far, Phone("bob", PASSWORD, far.endpoint) as phone:
        for pid in (far.pid, phone.pid):
            assert PASSWORD.encode() not in Path("/proc", str(pid), "cmdline").read_bytes()
        phone.vanish()
    odd = f"{PASSWORD};"
    for refused in (
        lambda: Phone("bob", odd, "127.0.0.1:9"),
        lambda: Caller("127.0.0.1:9").call("1", user="bob", password=odd),
        lambda: Answerer(challenge=Challenge("bob", odd)).__enter__(),
    ):
        with pytest.raises(ValueError, match="has only letters") as caught:
            refused()
        assert PASSWORD not in str(caught.value)
