"""The files of an installed edge: Kamailio and systemd take them, and nobody else's files are lost."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cxtui.edge.control import Control
from cxtui.edge.installation import check_config, doubts, next_steps, read_secret, write_files
from cxtui.edge.site import EdgeError, Site
from cxtui.edge.trial import MEMORY, switch_program
from cxtui.edge.units import LOCATIONS, RUN, Installation, agent_unit, switch_unit
from cxtui.services import companies
from tests.edge.clients import ports
from tests.edge.clients.process import Child
from tests.edge.clients.waiting import wait_until
from tests.support import migrated, operator, query

SECRET = "a-secret-of-the-tests-0123"


def installation(folder: Path, database: Path, **site: Any) -> Installation:
    """An edge to be installed."""
    known = {"name": "edge1", "realm": "sip.example.net", "database": str(database), "run": RUN, "secret": SECRET}
    listens = ("udp:127.0.0.1:5060", "tcp:127.0.0.1:5060")
    return Installation(
        site=Site(**{**known, "listens": listens, "locations": str(LOCATIONS), **site}),
        folder=folder,
        database=database,
        owner=pwd.getpwuid(os.getuid()).pw_name,
        program=("/usr/bin/cxtui",),
        log=Path("/var/log/cxtui-edge1.log"),
    )


def options(unit: str) -> dict[str, str]:
    """The last value of each option of a unit."""
    return dict(line.split("=", 1) for line in unit.splitlines() if "=" in line and not line.startswith("#"))


@pytest.fixture
def installed(tmp_path: Path) -> Installation:
    """An edge whose files are not written yet."""
    return installation(tmp_path / "edge1", tmp_path / "cxtui.db")


@pytest.mark.parametrize(
    "site",
    [
        {},
        {"core": "sip:192.0.2.20:5060", "voicemail": "sip:vm.example.net:5080;transport=tcp", "sha256": True},
        {"listens": ("tls:127.0.0.1:5061",), "tls_certificate": "/etc/ssl/c.pem", "tls_key": "/etc/ssl/k.pem"},
        {"listens": ("udp:[::1]:5060",), "trusted": ("192.0.2.0/24", "2001:db8::/32"), "max_failures": 1},
    ],
)
def test_kamailio_takes_the_configuration(tmp_path: Path, site: dict[str, Any]) -> None:
    written = installation(tmp_path / "edge1", tmp_path / "cxtui.db", **site)
    assert "kamailio.cfg" in write_files(written)
    assert check_config(written.folder / "kamailio.cfg") == (True, "config file ok")


def test_what_kamailio_says_against_a_configuration_is_told(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.cfg"
    wrong.write_text('loadmodule "nowhere.so"\n')
    checked = check_config(wrong)
    assert checked is not None
    assert not checked[0]
    assert "could not find module <nowhere>" in checked[1]


def test_no_file_but_the_configuration_and_the_secret_says_the_secret(installed: Installation) -> None:
    names = write_files(installed)
    files = [path for path in installed.folder.rglob("*") if path.is_file()]
    assert {path.name for path in files if SECRET in path.read_text()} == {"kamailio.cfg", "agent.secret"}
    assert not [step for step in next_steps(installed) if SECRET in step]
    assert SECRET not in repr(installed)
    modes = {name: (installed.folder / name).stat().st_mode & 0o777 for name in names if name != "locations"}
    assert modes.pop("agent.secret") == 0o600
    assert set(modes.values()) == {0o640}


def test_files_of_others_are_left_alone_unless_it_is_forced(installed: Installation) -> None:
    installed.folder.mkdir()
    other = installed.folder / "kamailio.service"
    other.write_text("[Unit]\n")
    with pytest.raises(EdgeError, match=r"kamailio\.service was not written by cxtui"):
        write_files(installed)
    assert [path.name for path in installed.folder.iterdir()] == ["kamailio.service"]
    write_files(installed, force=True)
    assert other.read_text().startswith("# Written by cxtui")


def test_written_again_the_secret_stays_and_so_does_who_may_read(installed: Installation) -> None:
    write_files(installed)
    config, secret = installed.folder / "kamailio.cfg", installed.folder / "agent.secret"
    secret.write_text("another-secret-of-the-tests\n")
    inode = config.stat().st_ino
    assert set(write_files(installed)) == {path.name for path in installed.folder.iterdir()}
    assert read_secret(secret) == "another-secret-of-the-tests"
    assert config.stat().st_ino == inode, "a group that was given to it would be lost"


@pytest.mark.parametrize("text", ["", "short", "with a blank in it and more", "ä" * 20, "x" * 200])
def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "agent.secret"
    path.touch(mode=0o600)
    path.write_text(text)
    with pytest.raises(EdgeError, match="holds no secret"):
        read_secret(path)


def test_a_secret_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "agent.secret"
    path.write_text(SECRET)
    path.chmod(0o644)
    with pytest.raises(EdgeError, match="can be read by everybody"):
        read_secret(path)
    with pytest.raises(EdgeError, match="No such file"):
        read_secret(tmp_path / "nowhere")


def test_kamailio_runs_as_its_own_user_and_is_started_again(installed: Installation) -> None:
    unit = switch_unit(installed)
    found = options(unit)
    assert (found["User"], found["Restart"], found["RuntimeDirectory"]) == ("kamailio", "always", "kamailio")
    assert found["ExecStart"].startswith(f"/usr/sbin/kamailio -f {installed.folder}/kamailio.cfg -DD -E ")
    assert found["StandardError"] == "append:/var/log/cxtui-edge1.log"
    assert found["NoNewPrivileges"] == "yes"
    assert "ReadWritePaths" not in found, "it has its run and its state folder"
    assert found["CapabilityBoundingSet"] == ""


def test_the_agent_runs_as_the_owner_of_the_database_and_writes_there_alone(installed: Installation) -> None:
    found = options(agent_unit(installed))
    assert found["User"] == installed.owner
    assert found["ReadWritePaths"] == str(installed.database.parent)
    assert found["After"] == "kamailio.service"
    assert "Requires" not in found, "a switch that is down is what it has to tell"
    command = f"/usr/bin/cxtui --db {installed.database} agent --name edge1 --control 127.0.0.1:5448 --secret-file "
    assert found["ExecStart"].startswith(command)
    assert '--listens "udp:127.0.0.1:5060 tcp:127.0.0.1:5060"' in found["ExecStart"]


def test_a_reserved_port_needs_its_capability_and_a_home_its_door(tmp_path: Path) -> None:
    written = installation(Path("/home/noc/edge1"), Path("/home/noc/cxtui.db"), listens=("udp:192.0.2.1:506",))
    found = options(switch_unit(written))
    assert found["AmbientCapabilities"] == found["CapabilityBoundingSet"] == "CAP_NET_BIND_SERVICE"
    assert found["ProtectHome"] == "read-only"
    assert options(agent_unit(written))["ProtectHome"] == "read-only"


def test_paths_with_odd_characters_reach_the_programs_as_they_are() -> None:
    folder = Path("/etc/cx tui/100%/$HOME")
    found = options(switch_unit(installation(folder, Path("/var/lib/cxtui/cxtui.db"))))
    assert '-f "/etc/cx tui/100%%/$$HOME/kamailio.cfg" -DD' in found["ExecStart"]


def test_a_database_that_kamailio_cannot_reach_is_told_beforehand(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "cxtui").mkdir(parents=True)
    home.chmod(0o700)
    (home / "cxtui").chmod(0o777)
    said = doubts(installation(tmp_path / "edge1", home / "cxtui" / "cxtui.db"))
    assert f"The user kamailio cannot pass {home}: keep the database under /var/lib/cxtui." in said
    assert [line for line in said if line.startswith(f"Everybody may write to {home}/cxtui")]


def test_systemd_takes_the_services(installed: Installation) -> None:
    write_files(installed)
    units = [installed.folder / name for name in ("kamailio.service", "cxtui-agent.service")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    wrong = [line for line in done.stderr.splitlines() if "is not executable" not in line]
    assert wrong == []


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that other users can pass, unlike those of the tests."""
    folder = Path(tempfile.mkdtemp(prefix="cxtui-units-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
async def test_the_steps_that_are_left_let_another_user_read_and_nothing_more(public: Path) -> None:
    """The database is open to nobody else when Kamailio starts; what is changed later is seen all the same."""
    home, run = public / "db", public / "run"
    home.mkdir(mode=0o700)
    run.mkdir()
    shutil.chown(run, "kamailio")
    migrated(home / "cxtui.db").close()
    control = ports.free()
    more = {"control": f"127.0.0.1:{control}", "run": run, "listens": (f"udp:127.0.0.1:{ports.free()}",)}
    written = installation(public / "edge1", home / "cxtui.db", locations="", **more)
    write_files(written)
    for step in next_steps(written):
        if step.startswith(("chgrp", "chmod")):
            subprocess.run(step, shell=True, check=True)  # noqa: S602
    (companions,) = [line for line in switch_unit(written).splitlines() if line.startswith("ExecStartPre=+")]
    subprocess.run(companions.removeprefix("ExecStartPre=+").replace("$$", "$"), shell=True, check=True)  # noqa: S602
    as_other = ("setpriv", "--reuid=kamailio", "--regid=kamailio", "--clear-groups")
    words = [switch_program(), "-f", str(written.folder / "kamailio.cfg"), "-DD", "-E", *MEMORY, "-Y", str(run)]
    child = Child([*as_other, *words, "-P", str(run / "pid")], public / "log")
    try:
        wait_until(lambda: child.ended or listens(control), "the control connection")
        assert not child.ended, child.tail()
        database = migrated(home / "cxtui.db")
        companies.add(operator(database, "alice", lambda: 0.0), {"name": "Acme"})
        wanted = query(database, "SELECT generation FROM account")[0][0]
        database.close()
        link = Control(lambda event: None)
        await link.connect("127.0.0.1", control, SECRET)
        assert (await link.call("cxtui.generation"))["database"] == str(wanted)
        await link.close()
        assert subprocess.run(
            [*as_other, "sh", "-c", f": >>{home}/cxtui.db"], check=False, stderr=subprocess.DEVNULL
        ).returncode
    finally:
        child.stop()
