"""Edges from the shell: how they stand, what differs, orders, and the files of a new one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxtui.models.edge import Drift
from cxtui.models.edge_job import JobState
from cxtui.services import edge_reports, edges
from tests.support import execute, query

LISTEN = "udp:192.0.2.1:5060"


@pytest.fixture
def edge(shell, context) -> int:
    """edge1, which is current, was measured twice, and differs in one place."""
    wanted = query(context.database, "SELECT generation FROM account")[0][0]
    now = context.now()
    facts = {"listens": f"{LISTEN} tcp:192.0.2.1:5060", "calls": 3, "registered": 2, "round_trip": 150}
    key = edges.beat(context, "edge1", wanted, up_since=now - 90, checked_at=now - 5, **facts)
    for generation, seconds in ((wanted - 1, 0.02), (wanted, 0.5)):
        edge_reports.published(context, key, generation, now - 60, now - 60 + seconds)
    strange = Drift(edge_id=key, part="block", key="198.51.100.9", side="edge", detail="put there by hand", seen_at=now)
    edge_reports.drifted(context, key, [strange])
    return key


@pytest.fixture
def agent(context, edge) -> Iterator[None]:
    """Something that carries every order out as soon as it stands there."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.01):
            execute(context.database, "UPDATE edge_job SET state=?, result='1 difference.'", (JobState.DONE.value,))

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


def silence(context) -> None:
    """Nothing was heard of any edge for long."""
    execute(context.database, "UPDATE edge SET heartbeat_at = 1")


def test_the_list_has_every_edge_with_what_it_last_said(shell, edge):
    """W-034"""
    (row,) = shell.json("edge", "list")
    assert (row["name"], row["state"], row["generation"]) == ("edge1", "current", row["wanted"])
    assert (row["calls"], row["registered"], row["round_trip"], row["drift"]) == (3, 2, 150, 1)
    assert row["listens"] == [LISTEN, "tcp:192.0.2.1:5060"]
    assert (row["p50"], row["p99"], row["measured"]) == (0.02, 0.5, 2)
    heads, cells = shell.ok("edge", "list").out.splitlines()
    assert heads.split()[:3] == ["Edge", "State", "Generation"]
    for cell in ("edge1", "current", f"{row['wanted']}/{row['wanted']}", "1 min", "0.1 ms", "20 ms", "0.5 s"):
        assert cell in cells


def test_trouble_is_named_and_cleaned(shell, context, edge):
    edges.beat(context, "edge1", 0, trouble="the \x1b[31mswitch is gone")
    answer = shell.ok("edge", "list")
    assert "switch not reachable" in answer.out
    assert "the ␛[31mswitch is gone" in answer.out
    silence(context)
    assert shell.json("edge", "list")[0]["state"] == "silent"


def test_without_an_edge_the_list_says_what_that_means(shell):
    assert shell.ok("edge", "list").err.startswith("No edge is attached")
    assert shell.json("edge", "list") == []


def test_the_history_says_how_long_the_last_changes_took(shell, edge):
    """S-014, W-034."""
    answer = shell.ok("edge", "history", "edge1")
    assert [line.split()[-2:] for line in answer.out.splitlines()[1:]] == [["0.5", "s"], ["20", "ms"]]
    assert answer.err == "edge1: half within 20 ms, 99 % within 0.5 s, worst 0.5 s; the last 2 changes.\n"
    (told,) = shell.json("edge", "history")
    assert [row["seconds"] for row in told["history"]] == [0.5, 0.02]
    assert told["worst"] == 0.5


def test_an_edge_that_was_never_measured_says_so(shell, context):
    edges.beat(context, "edge2", 0)
    assert shell.ok("edge", "history").err == "edge2: no change was measured yet.\n"
    assert shell.ok("edge", "drift").err == "edge2 has not been compared yet.\n"


def test_the_drift_says_what_is_only_at_one_side(shell, edge):
    """W-034"""
    answer = shell.ok("edge", "drift", "edge1")
    assert answer.out.splitlines()[1].split() == [
        "edge1",
        "block",
        "198.51.100.9",
        "edge",
        "put",
        "there",
        "by",
        "hand",
    ]
    assert answer.err == "edge1: 1 difference, compared 5 s ago.\n"
    (row,) = shell.json("edge", "drift")
    assert (row["edge"], row["part"], row["key"], row["side"]) == ("edge1", "block", "198.51.100.9", "edge")


@pytest.mark.parametrize("verb", ["compare", "reconcile"])
def test_an_order_is_waited_for_and_audited(shell, edge, agent, verb):
    """W-034"""
    told = shell.json("edge", verb, "edge1")
    assert (told["ok"], told["result"]) == (True, "1 difference.")
    (entry,) = [row for row in shell.json("audit", "list") if row.get("change_id", row.get("change")) == told["change"]]
    assert entry["action"] == verb.upper()


def test_an_order_that_nobody_carries_out_is_not_waited_for_for_ever(shell, edge):
    answer = shell("edge", "reconcile", "edge1", "--wait", "1")
    assert (answer.code, answer.out.splitlines()[-1]) == (1, "Not ended after 1 s.")
    again = shell("edge", "reconcile", "edge1")
    assert (again.code, "has that order already" in again.err) == (1, True)


def test_an_edge_that_is_not_there_is_refused_with_those_that_are(shell, edge):
    for words in (("history", "edge7"), ("drift", "edge7"), ("compare", "edge7"), ("forget", "edge7", "--yes")):
        answer = shell("edge", *words)
        assert (answer.code, answer.err) == (1, "edge: there is no edge edge7 (edge1)\n")


def test_an_edge_is_forgotten_once_it_is_silent_and_only_after_asking(shell, context, edge):
    answer = shell("edge", "forget", "edge1", "--yes")
    assert (answer.code, answer.err) == (1, "cxtui: edge1 spoke now: end its agent first.\n")
    silence(context)
    assert shell("edge", "forget", "edge1").code == 2, "nobody is here to ask"
    assert shell.ok("edge", "forget", "edge1", "--yes", "--reason", "moved").out == "edge1 is forgotten.\n"
    assert query(context.database, "SELECT count(*) FROM edge") == [(0,)]
    assert query(context.database, "SELECT count(*) FROM drift") == [(0,)]
    assert query(context.database, "SELECT action, label, reason FROM audit ORDER BY id DESC LIMIT 1") == [
        ("FORGET", "edge edge1 taken out of the list", "moved")
    ]


def test_a_viewer_forgets_nothing(shell, context, edge):
    silence(context)
    answer = shell("--readonly", "edge", "forget", "edge1", "--yes")
    assert answer.code == 1
    assert shell("--readonly", "edge", "run").code == 1
    assert query(context.database, "SELECT count(*) FROM edge") == [(1,)]


def test_the_packages_are_words_for_apt(bare):
    words = bare.ok("edge", "packages").out.split()
    assert words[:2] == ["kamailio", "kamailio-sqlite-modules"]
    assert bare.json("edge", "packages") == words


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files of a new edge go."""
    return tmp_path / "edge1"


def test_the_files_of_an_edge_are_written_for_this_database(shell, folder):
    told = shell.json("edge", "config", "--out", str(folder), "--listen", LISTEN, "--core", "sip:192.0.2.20")
    assert told["realm"] == "sip.example.net"
    assert {path.name for path in folder.iterdir()} == set(told["files"])
    config = (folder / "kamailio.cfg").read_text()
    for part in (f"sqlite:///{shell.path}", f"listen={LISTEN}", "sip:192.0.2.20", 'edge "edge1"'):
        assert part in config
    assert any(step.startswith("apt-get install kamailio ") for step in told["next"])
    assert f"--db {shell.path} agent --name edge1" in (folder / "cxtui-agent.service").read_text()


def test_what_was_written_is_told_with_what_is_left_to_do(shell, folder):
    first = shell.ok("edge", "config", "--out", str(folder), "--listen", LISTEN)
    assert first.out.startswith(f"Written to {folder}: kamailio.cfg, ")
    assert "Kamailio says: config file ok" in first.out
    assert "  systemctl restart kamailio cxtui-agent\n" in first.out
    secret = (folder / "agent.secret").read_text()
    assert secret.strip() not in first.out + first.err
    shell.ok("edge", "config", "--out", str(folder), "--listen", LISTEN, "--max-failures", "5")
    assert (folder / "agent.secret").read_text() == secret
    assert secret.strip() in (folder / "kamailio.cfg").read_text()


def test_a_database_of_postgresql_is_named_by_its_url(shell, folder):
    url = "postgres://kamailio:Xk7pQm2vRt4_wZ9h@192.0.2.5/cxtui"
    answer = shell("edge", "config", "--out", str(folder), "--listen", LISTEN, "--database", url)
    assert url in (folder / "kamailio.cfg").read_text()
    assert "kamailio-postgres-modules" in (folder / "packages.txt").read_text().split()
    assert "Xk7pQm2vRt4_wZ9h" not in answer.out + answer.err
    assert "ExecStartPre=+" not in (folder / "kamailio.service").read_text(), "there is no file to read"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--listen", "5060"), "an edge listens on udp:ADDRESS:PORT"),
        (("--listen", LISTEN, "--name", "Edge 1"), "named with small letters"),
        (("--listen", "tls:192.0.2.1:5061"), "name the certificate and its key"),
        (("--listen", LISTEN, "--core", "sip:core.example.net"), "the core is named by its address"),
        (("--listen", LISTEN, "--core", 'sip:x"; exit'), "a SIP address is"),
        (("--listen", LISTEN, "--trusted", "10.0.0.0/255.0.0.0"), "an address or a network"),
        (("--listen", LISTEN, "--voicemail-number", '*1" || 1'), "the number of the voicemail"),
        (("--listen", LISTEN, "--control", "0.0.0.0:5448"), "stays on 127.0.0.1"),
        (("--listen", LISTEN, "--database", "mysql://x/y"), "begins with postgres://"),
    ],
)
def test_what_kamailio_would_misread_is_refused_and_nothing_is_written(shell, folder, words, said):
    answer = shell("edge", "config", "--out", str(folder), *words)
    assert answer.code == 2
    assert said in answer.err
    assert not folder.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("edge", "run", "--listen", "foo"),
        ("edge", "run", "--core", "nonsense"),
        ("edge", "run", "--core", "sip:core.example.net"),
        ("edge", "run", "--trusted", "nonsense"),
        ("agent", "--name", "edge1", "--secret-file", "/nonexistent"),
    ],
)
def test_an_option_that_no_edge_can_use_is_a_mistake_of_the_words(shell, words):
    """Exit code 3 would tell a script that the database is missing or locked, and to try again."""
    answer = shell(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("cxtui: ")


def test_a_configuration_of_somebody_else_is_left_alone(shell, folder):
    folder.mkdir()
    (folder / "kamailio.cfg").write_text("# mine\n")
    answer = shell("edge", "config", "--out", str(folder), "--listen", LISTEN)
    assert (answer.code, "was not written by cxtui" in answer.err) == (1, True)
    assert [path.name for path in folder.iterdir()] == ["kamailio.cfg"]
    shell.ok("edge", "config", "--out", str(folder), "--listen", LISTEN, "--force")
    assert "# mine" not in (folder / "kamailio.cfg").read_text()


def test_without_a_database_there_is_no_edge(bare, folder):
    for words in (("list",), ("run",), ("config", "--out", str(folder), "--listen", LISTEN)):
        answer = bare("edge", *words)
        assert answer.code == 3
        assert "There is no database" in answer.err
