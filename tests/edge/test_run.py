"""An edge in the foreground, and the agent alone, as processes of their own: how they begin, go on and end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from cxtui.edge.foreground import Foreground, runs_in
from cxtui.edge.site import EdgeError
from cxtui.edge.sites import trial_site
from cxtui.edge.telling import Teller
from cxtui.edge.trial import Trial
from cxtui.models.company import Company
from cxtui.services import edges, ip_auth
from cxtui.services.context import Context
from cxtui.store.database import Database
from tests.edge.clients import ports
from tests.edge.clients.waiting import wait_until
from tests.support import operator, query

ROOT = Path(__file__).parents[2]
PATIENCE = 25.0
IDLE_MEMORY = 60_000
"""kB of the agent, with all that it loads."""


class Program:
    """cxtui as a process on a database; its lines are read as they come."""

    def __init__(self, database: Database, folder: Path, *words: str) -> None:
        self.database = database
        self._said = folder / f"said-{len(list(folder.glob('said-*')))}"
        environ = {**os.environ, "CXTUI_DB": str(database.path), "XDG_CONFIG_HOME": "/nonexistent"}
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cxtui", *words], stdout=said, stderr=said, stdin=-3, cwd=ROOT, env=environ
            )

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def said(self) -> str:
        """Everything it wrote so far."""
        return self._said.read_text()

    def until(self, words: str, count: int = 1) -> None:
        """Wait until it has said something so many times."""
        deadline = monotonic() + PATIENCE
        while self.said.count(words) < count:
            assert self._process.poll() is None, self.said
            assert monotonic() < deadline, self.said
            sleep(0.01)

    def switch(self) -> int:
        """The process of its switch, as it was said last."""
        return int(re.findall(r"process (\d+)", self.said)[-1])

    def signalled(self, number: int) -> int:
        """Send it a signal; its exit code."""
        self._process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Wait for its end; its exit code."""
        return self._process.wait(PATIENCE)

    def close(self) -> None:
        """Leave nothing of it behind."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


@pytest.fixture
def start(database: Database, tmp_path: Path) -> Iterator[Any]:
    """Starts programs that end with the test."""
    started: list[Program] = []

    def begin(*words: str) -> Program:
        started.append(Program(database, tmp_path, *words))
        return started[-1]

    yield begin
    for program in started:
        program.close()


@pytest.fixture
def listen() -> str:
    """Where an edge can listen."""
    return f"udp:127.0.0.1:{ports.free()}"


def lives(pid: int) -> bool:
    """Whether a process is there that is more than a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_trial_says_how_it_stands_and_leaves_nothing_behind(start: Any, listen: str, database: Database) -> None:
    """S-014, W-034."""
    program = start("edge", "run", "--listen", listen)
    program.until("edge1 is proven to run generation")
    switch = program.switch()
    assert lives(switch)
    assert listen in program.said
    assert query(database, "SELECT listens FROM edge") == [(listen,)]
    assert program.signalled(signal.SIGTERM) == 0
    assert not lives(switch)
    assert query(database, "SELECT count(*) FROM edge") == [(0,)]
    assert "Traceback" not in program.said


def test_a_switch_that_is_killed_is_started_again_and_proven_again(start: Any, listen: str) -> None:
    program = start("edge", "run", "--listen", listen)
    program.until("is proven to run generation")
    first = program.switch()
    os.kill(first, signal.SIGKILL)
    program.until("is proven to run generation", 2)
    assert "Kamailio ended (SIGKILL); it is started again in 0.5 s." in program.said
    assert program.switch() != first
    assert program.signalled(signal.SIGINT) == 0


def test_a_switch_does_not_outlive_a_trial_that_is_killed(start: Any, listen: str) -> None:
    program = start("edge", "run", "--listen", listen)
    program.until("Kamailio is ready")
    switch = program.switch()
    program.signalled(signal.SIGKILL)
    wait_until(lambda: not lives(switch), "the end of the switch", PATIENCE)


def test_a_second_trial_of_the_same_name_is_refused(start: Any, listen: str, tmp_path: Path) -> None:
    first = start("edge", "run", "--listen", listen)
    first.until("is proven to run generation")
    second = start("edge", "run", "--listen", listen)
    assert second.ended() == 1
    assert "edge1 runs already in" in second.said
    assert runs_in(tmp_path / "edge" / "edge1")
    elsewhere = start("edge", "run", "--listen", listen, "--run", str(tmp_path / "elsewhere"))
    assert elsewhere.ended() == 1
    assert "An agent speaks for edge1 already" in elsewhere.said


def test_the_agent_alone_tells_each_change_once_and_ends_at_a_word(
    start: Any, noc: Context, tmp_path: Path, database: Database
) -> None:
    secret = tmp_path / "agent.secret"
    secret.touch(mode=0o600)
    secret.write_text("a-secret-of-the-tests-0123")
    place = f"127.0.0.1:{ports.free()}"
    program = start("agent", "--name", "edge9", "--secret-file", str(secret), "--control", place)
    program.until(f"edge9: the control connection to {place} is refused: is Kamailio running?")
    beaten = query(database, "SELECT heartbeat_at FROM edge")
    wait_until(lambda: query(database, "SELECT heartbeat_at FROM edge") != beaten, "another heartbeat", PATIENCE)
    assert program.said.count("\n") == 1, program.said
    status = Path(f"/proc/{program.pid}/status").read_text()
    assert int(re.search(r"VmRSS:\s+(\d+)", status)[1]) < IDLE_MEMORY  # type: ignore[index]
    assert program.signalled(signal.SIGTERM) == 0
    assert query(database, "SELECT name FROM edge") == [("edge9",)], "it will be back"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("agent", "--name", "edge1", "--secret-file", "/nonexistent"), 2, "cannot be read from /nonexistent"),
        (("agent", "--name", "Edge 1", "--secret-file", "x"), 2, "named with small letters"),
        (("edge", "run", "--listen", "udp:localhost:5060"), 2, "an edge listens on udp:ADDRESS:PORT"),
        (("edge", "run", "--listen", "udp:192.0.2.77:5060"), 1, "cannot listen on udp:192.0.2.77:5060: Cannot assign"),
        (("edge", "run", "--name", "../x"), 2, "named with small letters"),
    ],
)
def test_what_cannot_be_begun_is_a_sentence(start: Any, words: tuple[str, ...], code: int, said: str) -> None:
    program = start(*words)
    assert program.ended() == code
    assert said in program.said
    assert program.said.count("\n") <= 2


def foreground(context: Context, run: Path, listen: str, said: list[str]) -> Foreground:
    """An edge in this process."""
    return Foreground(context, trial_site(context, run, "edge1", (listen,)), said.append)


async def test_a_port_that_is_in_use_is_named(noc: Context, tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        listen = f"udp:127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(EdgeError, match=f"{listen} is in use by another program"):
            await foreground(noc, tmp_path / "run", listen, []).run()
    assert not runs_in(tmp_path / "run")


async def test_without_kamailio_the_packages_are_named(
    noc: Context, tmp_path: Path, listen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxtui.edge.trial.switch_program", lambda: "")
    with pytest.raises(EdgeError, match="apt-get install kamailio kamailio-sqlite-modules"):
        await foreground(noc, tmp_path / "run", listen, []).run()


async def test_without_a_module_the_packages_are_named(noc: Context, tmp_path: Path, listen: str) -> None:
    site = trial_site(noc, tmp_path / "run", "edge1", (listen,), modules=tmp_path)
    with pytest.raises(EdgeError, match="modules are missing: apt-get install kamailio"):
        await Trial(site).start()


async def test_a_folder_whose_path_is_too_long_for_sockets_is_refused(
    noc: Context, tmp_path: Path, listen: str
) -> None:
    with pytest.raises(EdgeError, match="too long a path"):
        await foreground(noc, tmp_path / ("x" * 90), listen, []).run()


async def test_a_folder_that_others_can_write_to_is_refused(noc: Context, tmp_path: Path, listen: str) -> None:
    run = tmp_path / "run"
    run.mkdir()
    run.chmod(0o777)
    with pytest.raises(EdgeError, match="not yours alone"):
        await foreground(noc, run, listen, []).run()


async def test_an_edge_that_went_silent_a_moment_ago_is_waited_for_and_taken_over(
    noc: Context, tmp_path: Path, listen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxtui.edge.foreground._A_BEAT", 0.3)
    edges.beat(noc, "edge1", 0)
    said: list[str] = []

    def hear(line: str) -> None:
        said.append(line)
        if "proven" in line:
            edge.stop()

    edge = Foreground(noc, trial_site(noc, tmp_path / "run", "edge1", (listen,)), hear)
    await edge.run()
    assert said[0] == "edge1 spoke a moment ago: looking whether its agent still lives …"
    assert said[-1] == "edge1 has ended and left the list of edges."


def test_the_secret_is_in_no_argument_of_any_process(start: Any, listen: str, tmp_path: Path) -> None:
    program = start("edge", "run", "--listen", listen)
    program.until("is proven to run generation")
    config = tmp_path / "edge" / "edge1" / "kamailio.cfg"
    assert config.stat().st_mode & 0o777 == 0o600
    found = re.search(r'\$evapi\(msg\) != "([^"]{20,})"', config.read_text())
    assert found is not None
    for pid in (program.pid, program.switch()):
        assert found[1].encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()


def _wanted(database: Database) -> int:
    return int(query(database, "SELECT generation FROM account")[0][0])


class TestTeller:
    """One line for each change."""

    @pytest.fixture
    def said(self) -> list[str]:
        """What was told."""
        return []

    @pytest.fixture
    def teller(self, context: Context, said: list[str]) -> Teller:
        """A teller of edge1."""
        return Teller(context, "edge1", said.append)

    def test_what_was_said_before_it_began_is_not_told(
        self, database: Database, context: Context, clock: Any, said: list[str]
    ) -> None:
        edges.beat(context, "edge1", 0, trouble="long ago")
        clock.forward(1)
        Teller(context, "edge1", said.append).look()
        assert said == []

    def test_trouble_and_its_end_are_told_once(self, context: Context, teller: Teller, said: list[str]) -> None:
        wanted = _wanted(context.database)
        for proof in (1.0, 2.0):
            edges.beat(context, "edge1", wanted, trouble="")
            teller.look()
            edges.beat(context, "edge1", wanted, reloaded_at=proof)
            for trouble in ("", "", "the \x1b[31mswitch is gone", "the \x1b[31mswitch is gone"):
                edges.beat(context, "edge1", wanted, trouble=trouble)
                teller.look()
        proven, gone = f"edge1 is proven to run generation {wanted}.", "edge1: the ␛[31mswitch is gone"
        assert said == [proven, gone, "edge1: the switch is reached again.", proven, gone]

    def test_a_switch_that_was_gone_between_two_looks_is_told_as_proven_again_and_a_change_is_not(
        self, context: Context, acme: Company, teller: Teller, said: list[str], database: Database
    ) -> None:
        for proof in (1.0, 2.0):
            edges.beat(context, "edge1", _wanted(database), reloaded_at=proof)
            teller.look()
        proven = f"edge1 is proven to run generation {_wanted(database)}."
        assert said == [proven, proven]
        ip_auth.add(operator(database, "alice", context.now), acme.id, {"address": "203.0.113.10"})
        edges.beat(context, "edge1", _wanted(database), reloaded_at=3.0)
        teller.look()
        assert said == [proven, proven]

    def test_a_refused_reload_is_told(
        self, context: Context, acme: Company, teller: Teller, said: list[str], database: Database
    ) -> None:
        ip_auth.add(operator(database, "alice", context.now), acme.id, {"address": "203.0.113.10"})
        edges.beat(context, "edge1", 1, refusal="Reload failed.")
        teller.look()
        edges.beat(context, "edge1", 10**6, refusal="")
        teller.look()
        assert said == ["edge1: reload refused: Reload failed.", "edge1: a reload was taken again."]

    def test_a_database_that_cannot_be_read_is_told_and_its_return(
        self, database: Database, context: Context, teller: Teller, said: list[str]
    ) -> None:
        hidden = database.path.rename(database.path.with_name("hidden"))
        teller.look()
        teller.look()
        hidden.rename(database.path)
        edges.beat(context, "edge1", 0)
        teller.look()
        assert said[0].startswith("edge1: There is no database at")
        assert said[1] == "edge1: the database can be read again."
