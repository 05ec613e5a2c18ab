"""Installing packages for the tests and the demo: what is missing is installed, and no service is started by it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from time import monotonic, sleep

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "apt-install.sh"
POLICY = "/usr/sbin/policy-rc.d"


def _heeds_interrupts() -> None:
    """Tests that are run in the background are started with interrupts ignored, and so would be what they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Machine:
    """A machine with an apt of our own: what is called is written down, with what stood in the way of services."""

    def __init__(self, folder: Path) -> None:
        self.policy = folder / "policy-rc.d"
        self.log = folder / "log"
        self.log.touch()
        self._bin = folder / "bin"
        self._bin.mkdir()
        text = SCRIPT.read_text()
        assert text.count(POLICY) == 1
        self._script = folder / "apt-install.sh"
        self._script.write_text(text.replace(POLICY, str(self.policy)))
        self.program("apt-get", f'echo "$1 $(cat {self.policy} 2>/dev/null | tail -1)" >>{self.log}')
        self.program("dpkg", "exit 1")
        self.program("sudo", 'exec "$@"')

    def program(self, name: str, body: str) -> None:
        """Put a program in front of all others."""
        path = self._bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def start(self, *packages: str) -> subprocess.Popen[str]:
        """Begin to install packages."""
        environ = {**os.environ, "PATH": f"{self._bin}:{os.environ['PATH']}"}
        return subprocess.Popen(
            ["bash", str(self._script), *packages],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_heeds_interrupts,
        )

    def install(self, *packages: str) -> int:
        """Install packages; the exit code."""
        process = self.start(*packages)
        process.communicate(timeout=20)
        return process.returncode


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine where everything is missing."""
    return Machine(tmp_path)


def test_no_service_may_start_while_packages_are_installed_and_any_may_afterwards(machine: Machine) -> None:
    assert machine.install("kamailio") == 0
    assert machine.log.read_text() == "update exit 101\ninstall exit 101\n"
    assert not machine.policy.exists()


def test_a_policy_of_the_machine_is_left_as_it_is(machine: Machine) -> None:
    machine.policy.write_text("exit 104")
    assert machine.install("kamailio") == 0
    assert machine.log.read_text() == "update exit 104\ninstall exit 104\n"
    assert machine.policy.read_text() == "exit 104"


def test_what_fails_takes_its_policy_away(machine: Machine) -> None:
    machine.program("apt-get", "exit 100")
    assert machine.install("kamailio") == 100
    assert not machine.policy.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_is_interrupted_takes_its_policy_away(machine: Machine, number: signal.Signals) -> None:
    machine.program("apt-get", f"echo begun >>{machine.log}; exec sleep 30")
    process = machine.start("kamailio")
    deadline = monotonic() + 10
    while not machine.log.read_text():
        assert monotonic() < deadline
        sleep(0.01)
    assert machine.policy.exists()
    os.killpg(process.pid, number)
    process.communicate(timeout=10)
    assert process.returncode != 0
    assert not machine.policy.exists()


def test_what_is_there_already_is_not_asked_for(machine: Machine) -> None:
    machine.program("dpkg", "echo Status: install ok installed")
    assert machine.install("kamailio", "baresip-core") == 0
    assert machine.log.read_text() == ""
