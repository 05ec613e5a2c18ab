"""What an operator asks an edge to do once is done to real devices, and how it ended is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from cxtui.models.edge import Edge
from cxtui.models.edge_job import EdgeJob, JobState, Task
from cxtui.models.registration import Registration
from cxtui.services import blocks, edge_jobs, edge_orders, ip_auth, registrations, rewrites
from cxtui.services.outcome import ServiceError
from cxtui.services.subjects import Subject
from cxtui.sip.ladder import Ladder, load
from cxtui.sip.trace import Proof
from cxtui.store import many
from cxtui.store.rows import by_id
from tests.edge.bench import Bench
from tests.edge.clients import sipsak
from tests.edge.clients.baresip import Phone
from tests.edge.clients.messages import Message
from tests.edge.clients.sipp import Caller
from tests.edge.devices import Device, status
from tests.edge.standing import admit, company, known, standing
from tests.support import OTHER_PASSWORD, PASSWORD, REALM, execute, query

TEXT = 'Backups at 3 – “quiet” please: $rU $(ru) %s \\n {"event":"failed"} 100 %'


@pytest.fixture(scope="module")
def edge(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One edge for those of these tests that have users of their own."""
    with standing(template, tmp_path_factory.mktemp("jobs"), reply_timeout=1500) as edge:
        yield edge


def ended(edge: Bench, job: EdgeJob, seconds: float = 5.0) -> EdgeJob:
    """A job once it has ended."""

    def found() -> EdgeJob | None:
        (stored,) = edge_jobs.outcomes(edge.context, [job.id])
        return stored if stored.state in (JobState.DONE, JobState.FAILED) else None

    stored = edge.until(found, f"the end of {job.task}", seconds)
    assert isinstance(stored, EdgeJob)
    return stored


def contact(edge: Bench, username: str) -> Registration:
    """The one contact of a user, once it is listed."""
    user = known(edge.context, username)
    edge.until(lambda: registrations.of_user(edge.context, user), "it is listed", 2)
    (row,) = registrations.of_user(edge.context, user)
    return row


def asked(device: Device, method: str) -> Message:
    """The next request of a method that a device gets."""
    for _ in range(20):
        heard = device.hears(0.5)
        if heard and heard.start.startswith(f"{method} "):
            return heard
    raise AssertionError(f"no {method} came")


def began(edge: Bench, job: EdgeJob) -> None:
    """Wait until the switch tells of what it hears."""
    edge.until(lambda: edge.rpc("htable.dump", "watched"), "the watch has begun", 2)
    edge.until(lambda: edge_jobs.outcomes(edge.context, [job.id])[0].state == JobState.RUNNING, "it runs", 2)


def order(edge: Bench, give: Callable[..., Any]) -> EdgeJob:
    """Give an order to the whole edge, and wait for its end."""
    with edge.context.database.reading() as link:
        row = by_id(link, Edge, edge.row()["id"])
    change = give(edge.context, row)
    return ended(edge, change.rows[-1], 10)


def drift(edge: Bench) -> set[tuple[str, str, str]]:
    """What differs between the switch and the database, as it is written down."""
    return {*query(edge.context.database, "SELECT part, key, side FROM drift")}


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_phone_answers_a_ping_and_shows_a_message(edge: Bench, transport: Any) -> None:
    """S-127, W-020, W-022: whatever the text looks like to a switch."""
    user = admit(edge.context, f"{transport}-1600")
    with Phone(user.username, PASSWORD, edge.address, domain=REALM, transport=transport) as phone:
        phone.registered()
        contact(edge, user.username)
        (ping,) = edge_jobs.ping(edge.context, [user])
        ping = ended(edge, ping)
        assert (ping.state, ping.status) == (JobState.DONE, 200)
        assert 0 < (ping.round_trip or 0) < 500_000
        assert ping.result == f"Answered 200 in {(ping.round_trip or 0) / 1000:.1f} ms."
        assert len(phone.requests("OPTIONS")) == 1
        assert contact(edge, user.username).pings.endswith(f":{ping.round_trip}")
        (sent,) = edge_jobs.message(edge.context, [user], TEXT).jobs
        assert (ended(edge, sent).state, ended(edge, sent).status) == (JobState.DONE, 200)
        assert phone.received_messages() == [TEXT]
        (message,) = phone.requests("MESSAGE")
        assert message.header("From").startswith(f"<sip:noc@{REALM}>;tag=")


def test_a_device_that_does_not_answer_is_told_as_silent(edge: Bench) -> None:
    user = admit(edge.context, "1601")
    with Device(edge.address, "1601", source="127.0.0.151") as device:
        assert status(device.register()) == 200
        contact(edge, "1601")
        (ping,) = edge_jobs.ping(edge.context, [user])
        (sent,) = edge_jobs.message(edge.context, [user], "hello").jobs
        assert (ended(edge, ping).state, ended(edge, ping).round_trip) == (JobState.FAILED, None)
        assert (ended(edge, sent).state, ended(edge, sent).status) == (JobState.FAILED, 0)
        assert ended(edge, ping).result.startswith("No answer in ")
        assert contact(edge, "1601").pings.endswith(":-")


def test_a_message_that_a_device_refuses_has_failed(edge: Bench) -> None:
    user = admit(edge.context, "1602")
    with Device(edge.address, "1602", source="127.0.0.152") as device:
        assert status(device.register(contact="sip:1602@192.168.1.20:5060")) == 200
        contact(edge, "1602")
        (sent,) = edge_jobs.message(edge.context, [user], "hello").jobs
        message = asked(device, "MESSAGE")
        assert message.uri == "sip:1602@192.168.1.20:5060"
        device.agree(message, "488 Not Acceptable Here")
        assert (ended(edge, sent).state, ended(edge, sent).status) == (JobState.FAILED, 488)


def test_what_left_the_switch_in_the_meantime_is_told(edge: Bench) -> None:
    """W-022: the list is a moment old."""
    user = admit(edge.context, "1603")
    with pytest.raises(ServiceError, match="1603 is not registered"):
        edge_jobs.message(edge.context, [user], "hello")
    with Device(edge.address, "1603", source="127.0.0.153") as device:
        assert status(device.register()) == 200
        contact(edge, "1603")
        edge.rpc("ul.rm", "location", "1603")
        (sent,) = edge_jobs.message(edge.context, [user], "hello").jobs
        assert ended(edge, sent).state == JobState.FAILED
        assert ended(edge, sent).result == "It is not registered any more."


def test_a_registration_is_removed_and_may_come_again(edge: Bench) -> None:
    """W-022."""
    user = admit(edge.context, "1604")
    with (
        Device(edge.address, "1604", source="127.0.0.154", agent="desk") as desk,
        Device(edge.address, "1604", source="127.0.0.155", agent="mobile") as mobile,
    ):
        assert status(desk.register()) == 200
        first = contact(edge, "1604")
        assert status(mobile.register()) == 200
        edge.until(lambda: len(registrations.of_user(edge.context, user)) == 2, "both", 2)
        (job,) = edge_jobs.remove(edge.context, [first]).jobs
        assert (ended(edge, job).state, ended(edge, job).result) == (JobState.DONE, "Removed.")
        assert [row.user_agent for row in registrations.of_user(edge.context, user)] == ["mobile"]
        held = edge.rpc("ul.lookup", "location", "1604")["Contacts"]
        assert [one["Contact"]["User-Agent"] for one in held] == ["mobile"]
        assert status(desk.register()) == 200
        edge.until(lambda: len(registrations.of_user(edge.context, user)) == 2, "it is back", 2)


def test_a_watched_registration_is_a_ladder(edge: Bench) -> None:
    """S-081, S-082, S-083, W-101: of a client that others wrote, with the right and with a wrong password."""
    user = admit(edge.context, "1605")
    for password, answers, proof in (
        (PASSWORD, [401, 200], Proof.MATCH),
        (OTHER_PASSWORD, [401, 401], Proof.DIFFERS),
    ):
        (job,) = edge_jobs.watch(edge.context, user, 20)
        began(edge, job)
        # Whoever else registers meanwhile is not in it.
        with Device(edge.address, "x1605", source="127.0.0.156") as other:
            other.register()
        sipsak.register("1605", password, edge.address, domain=REALM, source="127.0.0.157")
        job = ended(edge, job, 4)
        assert job.state == JobState.DONE, job.result
        trace = load(job.ladder)
        assert _answers(trace.messages) == answers
        assert proof in {message.proof for message in trace.messages}
        assert "127.0.0.156" not in job.ladder
        ladder = Ladder.of(trace)
        assert ladder.names == ("phone", "edge")
        assert ladder.parties[1] == edge.address
    assert edge.rpc("sipdump.enable", 0)["oldval"] == 0, "it costs nothing once it is over"


def test_a_watched_call_is_a_ladder(edge: Bench) -> None:
    """S-081, S-082."""
    user = admit(edge.context, "a.b+1")
    (job,) = edge_jobs.watch(edge.context, user, 20)
    began(edge, job)
    with Device(edge.address, "axb+1", source="127.0.0.158") as other:
        other.register()
    Caller(edge.address, "127.0.0.159").call("02079460000", user="a.b+1", password=PASSWORD, expect=580)
    job = ended(edge, job, 4)
    trace = load(job.ladder)
    assert _answers(trace.messages) == [407, 580]
    assert {message.proof for message in trace.messages} == {Proof.NONE, Proof.MATCH}
    assert {message.source.partition(":")[0] for message in trace.messages} == {"127.0.0.159", "127.0.0.1"}
    assert (job.state, job.result) == (JobState.DONE, ""), "nobody else tried anything"


def test_a_watch_over_ipv6_writes_addresses_as_everybody_does(edge: Bench) -> None:
    user = admit(edge.context, "1606")
    (job,) = edge_jobs.watch(edge.context, user, 20)
    began(edge, job)
    with Device(edge.address6, "1606", source="::1") as device:
        assert status(device.register()) == 200
        trace = load(ended(edge, job, 4).ladder)
        assert {trace.messages[0].source, trace.messages[0].destination} == {device.endpoint, edge.address6}


def test_an_order_that_the_agent_does_not_know_has_failed(edge: Bench) -> None:
    strange = EdgeJob(edge_id=edge.row()["id"], task="dance", created_at=edge.context.now())
    with edge.context.database.bulk() as link:
        strange = EdgeJob(**{**_fields(strange), "id": many.next_id(link, EdgeJob)})
        many.insert(link, EdgeJob, [strange])
    job = ended(edge, strange)
    assert (job.state, job.result) == (JobState.FAILED, "The agent of this edge is older and does not know how.")


def test_a_watch_of_nobody_ends_and_two_at_once_are_refused(edge: Bench) -> None:
    user = admit(edge.context, "1607")
    short = EdgeJob(
        edge_id=edge.row()["id"], task=Task.WATCH.value, username="1607", body="3", created_at=edge.context.now()
    )
    with edge.context.database.bulk() as link:
        short = EdgeJob(**{**_fields(short), "id": many.next_id(link, EdgeJob)})
        many.insert(link, EdgeJob, [short])
    began(edge, short)
    (second,) = edge_jobs.watch(edge.context, user, 20)
    assert "Another user is being watched" in ended(edge, second).result
    assert re.fullmatch(r"1607 sent nothing in \d+ s\.", ended(edge, short).result)
    assert edge.rpc("htable.dump", "watched") == []


def test_what_was_changed_by_hand_is_found_and_put_right(edge: Bench) -> None:
    """W-034: at the switch, and in the database past every service."""
    context = edge.context
    typed = {"address": "203.0.113.10", "direction": "egress", "channels": "7"}
    (entry,) = ip_auth.add(context, company(context).id, typed).rows
    (rule,) = rewrites.add(context, Subject("ip_auth", entry.id), {"current": "00", "new": "+"}).rows
    blocks.block(context, {"address": "198.51.100.8"})
    edge.until_proven()
    edge.until(lambda: query(context.database, "SELECT 1 FROM hold"), "it is held")
    assert order(edge, edge_orders.compare).result == "No difference."
    edge.rpc("htable.sets", "blocked", "198.51.100.7", "by hand")
    edge.rpc("htable.sets", "blocked", "2001:DB8::7", "by hand")
    edge.rpc("htable.delete", "blocked", "198.51.100.8")
    execute(context.database, "UPDATE ip_auth SET channels = 9 WHERE id = ?", (entry.id,))
    execute(context.database, "UPDATE rewrite_rule SET repl_exp = ? WHERE id = ?", (r"0\1", rule.id))
    assert order(edge, edge_orders.compare).result == "7 differences."
    found = drift(edge)
    assert {("block", "198.51.100.7", "edge"), ("block", "2001:DB8::7", "edge")} <= found
    assert ("block", "198.51.100.8", "database") in found
    assert {(part, side) for part, _, side in found if part != "block"} == {
        ("address", "edge"),
        ("address", "database"),
        ("rewrite", "edge"),
        ("rewrite", "database"),
    }
    said = order(edge, edge_orders.reconcile).result
    assert said.startswith("7 differences put right: ")
    assert "block 198.51.100.7 (only on the edge)" in said
    assert drift(edge) == set()
    table = {entry["name"] for slot in edge.rpc("htable.dump", "blocked") for entry in slot["slot"]}
    assert table == {"198.51.100.8"}
    assert ";ch=9;" in edge.rpc("cxtui.address", "2", "203.0.113.10", "5060")["tag"]
    plan = str(1_000_000_000 + 4 * entry.id)
    assert edge.rpc("cxtui.rewrite", plan, "0044") == {"number": "044"}


def _answers(messages: Sequence[Any]) -> list[int]:
    """The statuses that came, in their order."""
    found = [Message.parse(message.text).status for message in messages]
    return [status for status in found if status >= 200]


def _fields(job: EdgeJob) -> dict[str, Any]:
    return {name: getattr(job, name) for name in job.__dataclass_fields__}
