"""Who is registered at a real switch stands in the database a moment later, and leaves it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest

from cxtui.edge.station import Station
from cxtui.models.registration import Registration
from cxtui.models.sip_user import Credential, SipUser
from cxtui.rules.challenge import answer, parse_challenges
from cxtui.rules.digest import Ha1, ha1
from cxtui.services import many, registrations
from cxtui.services.writing import writing
from cxtui.store.rows import all_where
from tests.edge.bench import Bench
from tests.edge.clients import sipsak
from tests.edge.clients.baresip import Phone
from tests.edge.clients.raw import Datagrams, request
from tests.edge.devices import Device, status
from tests.edge.standing import admit, company, known, standing
from tests.support import PASSWORD, REALM, one

CROWD = 200


@pytest.fixture(scope="module")
def edge(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One edge for those of these tests that have users of their own; its contacts expire within a second."""
    with standing(template, tmp_path_factory.mktemp("registrations"), ping_interval=1) as edge:
        yield edge


def rows(edge: Bench, username: str) -> list[Registration]:
    """What is written down of a user."""
    with edge.context.database.reading() as link:
        return all_where(link, Registration, "username = ? ORDER BY id", (username,))


def the_row(edge: Bench, username: str) -> Registration:
    """The one contact of a user, once it is written down."""
    edge.until(lambda: len(rows(edge, username)) == 1, f"one contact of {username}", 5)
    return rows(edge, username)[0]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_phone_is_listed_with_all_that_is_known_of_it_until_it_leaves(edge: Bench, transport: Any) -> None:
    """W-023."""
    user = admit(edge.context, f"{transport}-phone")
    began = time()
    with Phone(user.username, PASSWORD, edge.address, domain=REALM, transport=transport, expires=90) as phone:
        phone.registered()
        row = the_row(edge, user.username)
        assert (row.sip_user_id, row.company_id) == (user.id, user.company_id)
        assert user.username in row.contact
        assert row.transport == transport
        assert row.socket == f"{transport}:{edge.address}"
        assert row.user_agent.startswith("baresip")
        assert f"/{transport.upper()} {phone.address}:" in row.via
        assert began - 1 <= row.registered_at <= time()
        assert 85 < row.expires_at - time() <= 91
        if transport == "udp":
            assert (row.received, row.nat) == (f"{phone.address}:{phone.port}", False)
        phone.quit()
        edge.until(lambda: not rows(edge, user.username), "it is gone", 5)


def test_a_device_of_sipsak_is_listed(edge: Bench) -> None:
    user = admit(edge.context, "1300")
    assert sipsak.register("1300", PASSWORD, edge.address, domain=REALM, source="127.0.0.81") == 200
    row = the_row(edge, user.username)
    assert row.received.startswith("127.0.0.81:")
    assert row.user_agent.startswith("sipsak")
    assert registrations.of_user(edge.context, user) == (row,)


def test_a_device_behind_a_nat_is_known_by_where_it_sends_from(edge: Bench) -> None:
    """W-023: Contact and Via have an address that nobody else reaches."""
    admit(edge.context, "1301")
    with Device(edge.address, "1301", source="127.0.0.82") as device:
        assert status(device.register(contact="sip:1301@192.168.1.20:5060")) == 200
        row = the_row(edge, "1301")
        assert row.nat
        assert (row.contact, row.received) == ("sip:1301@192.168.1.20:5060", device.endpoint)
        with Device(edge.address, "1301", source="127.0.0.83") as moved:
            assert status(moved.register(contact="sip:1301@192.168.1.20:5060")) == 200
            edge.until(lambda: the_row(edge, "1301").received == moved.endpoint, "its new address", 5)
    assert the_row(edge, "1301").ruid == row.ruid


@pytest.mark.parametrize("inside", ["203.0.113.7:5060", "127.0.0.79:9"], ids=["address", "port"])
def test_a_device_that_names_another_public_place_is_reached_where_it_sends_from(edge: Bench, inside: str) -> None:
    """W-100, W-023: source ≠ Via by address or by port, as with STUN or a SIP ALG on the way."""
    user = f"1310-{inside[-1]}"
    admit(edge.context, user, nat_ping="enabled")
    with Device(edge.address, user, source="127.0.0.79") as device:
        outside, device.endpoint = device.endpoint, inside
        assert status(device.register()) == 200
        row = the_row(edge, user)
        assert (row.contact, row.received, row.nat) == (f"sip:{user}@{inside}", outside, True)
        ping = device.hears(3)
        assert ping
        assert ping.method == "OPTIONS"


def test_an_ipv6_device_is_listed_in_brackets(edge: Bench) -> None:
    admit(edge.context, "1302")
    with Device(edge.address6, "1302", source="::1") as device:
        assert status(device.register()) == 200
        assert the_row(edge, "1302").received == device.endpoint
        assert device.endpoint.startswith("[::1]:")


def test_several_devices_of_a_user_are_several_rows_and_leave_one_by_one(edge: Bench) -> None:
    admit(edge.context, "1303")
    with (
        Device(edge.address, "1303", source="127.0.0.84", agent="desk") as desk,
        Device(edge.address, "1303", source="127.0.0.85", agent="mobile") as mobile,
    ):
        assert status(desk.register()) == 200
        assert status(mobile.register()) == 200
        edge.until(lambda: [row.user_agent for row in rows(edge, "1303")] == ["desk", "mobile"], "both", 5)
        assert status(desk.register(expires=0)) == 200
        edge.until(lambda: [row.user_agent for row in rows(edge, "1303")] == ["mobile"], "the other one", 5)
        assert status(mobile.register()) == 200
        assert [row.user_agent for row in rows(edge, "1303")] == ["mobile"]


def test_what_expires_is_gone(edge: Bench) -> None:
    admit(edge.context, "1304")
    with Device(edge.address, "1304", source="127.0.0.86") as device:
        # Devices get a minute at the least.
        assert status(device.register(expires=1)) == 200
        row = the_row(edge, "1304")
        assert 58 < row.expires_at - row.registered_at < 62
        edge.rpc("ul.rm", "location", "1304")
        edge.rpc("ul.add", "location", "1304", "sip:1304@127.0.0.86:9", 4, "1.0", "0", 0, 0, 0)
        edge.until(lambda: [row.contact for row in rows(edge, "1304")] == ["sip:1304@127.0.0.86:9"], "the short one", 6)
        edge.until(lambda: not rows(edge, "1304"), "it is gone", 12)


@pytest.mark.parametrize(
    "agent",
    ['evil"},{"event":"registered', "\x1b[2J\x1b]0;x\x07", "nul\x00byte", "caf\u00e9 \u202e", "x" * 250, "$au %s", ""],
)
def test_a_hostile_device_is_data(edge: Bench, agent: str) -> None:
    known(edge.context, "1305")
    with Device(edge.address, "1305", source="127.0.0.87", agent=agent) as device:
        assert status(device.register()) == 200
        row = the_row(edge, "1305")
        assert row.user_agent == agent.partition("\x00")[0]
        assert status(device.register(expires=0)) == 200
        edge.until(lambda: not rows(edge, "1305"), "it is gone", 5)


@pytest.mark.parametrize("raw", [b"caf\xe9\xff", b"\xc3(", b"\xed\xa0\x80", b'"\\'])
def test_bytes_that_are_no_text_keep_nobody_out_of_the_list(edge: Bench, raw: bytes) -> None:
    known(edge.context, "1309")
    uri = f"sip:{REALM}"
    with Device(edge.address, "1309", source="127.0.0.80", agent="AGENT") as device:
        device.ask("REGISTER")
        headers = [f"Contact: <sip:1309@{device.endpoint}>", f"Authorization: {device.credentials('REGISTER', uri)}"]
        device.send(device.request("REGISTER", uri, "1309", headers).encode().replace(b"AGENT", raw))
        assert status(device.hears()) == 200
        assert the_row(edge, "1309").user_agent == raw.decode("utf-8", "replace")
        assert status(device.register(expires=0)) == 200
        edge.until(lambda: not rows(edge, "1309"), "it is gone", 5)


def test_a_name_of_a_device_that_is_too_long_is_left_out(edge: Bench) -> None:
    known(edge.context, "1308")
    with Device(edge.address, "1308", source="127.0.0.90", agent="x" * 2000) as device:
        assert status(device.register()) == 200
        assert the_row(edge, "1308").user_agent == ""


def test_a_restart_of_the_switch_forgets_everybody_until_they_register_again(edges: Callable[..., Bench]) -> None:
    """W-023: and an agent that was away learns what it missed."""
    edge = edges()
    admit(edge.context, "1306")
    with Device(edge.address, "1306", source="127.0.0.88") as device:
        assert status(device.register()) == 200
        first = the_row(edge, "1306")
        edge.kill_switch()
        edge.start_switch()
        edge.until(lambda: not rows(edge, "1306"), "nobody is registered")
        assert status(device.register()) == 200
        second = the_row(edge, "1306")
        assert (second.received, second.ruid == first.ruid) == (first.received, False)
        edge.stop_agent()
        assert status(device.register(expires=0)) == 200
        assert status(device.register(contact="sip:1306@192.168.1.20:5060")) == 200
        edge.start_agent()
        edge.until(lambda: [row.ruid for row in rows(edge, "1306")] not in ([], [second.ruid]), "the new contact")
        third = the_row(edge, "1306")
        assert (third.received, third.nat) == (device.endpoint, True)


def test_a_crowd_that_registers_at_once_is_listed_whole(edge: Bench) -> None:
    """After a power cut, for example."""
    secrets = crowd(edge, CROWD)
    with Datagrams("127.0.0.89") as line:
        asked = line.ask(request("REGISTER", line.endpoint, uri=f"sip:{REALM}"), edge.address)
        assert asked
        (challenge,) = parse_challenges(asked.all("WWW-Authenticate"))
        answers = []
        for number, (user, secret) in enumerate(secrets.items()):
            proof = answer(challenge, user, secret, "REGISTER", f"sip:{REALM}", "5a1b3c7d").header()
            headers = [f"Authorization: {proof}", "Expires: 60"]
            text = request("REGISTER", line.endpoint, uri=f"sip:{REALM}", user=user, domain=REALM, headers=headers)
            line.send(text, edge.address)
            # More at once could overflow the socket of the switch.
            if number >= 30:
                answers.append(status(line.receive()))
        answers += [status(line.receive()) for _ in range(len(secrets) - len(answers))]
    assert answers == [200] * CROWD
    listed = "SELECT count(DISTINCT username) FROM registration WHERE username LIKE 'crowd%' AND sip_user_id NOT NULL"
    edge.until(lambda: one(edge.context.database, listed) == CROWD, "all of them", 3)


def test_a_crowd_larger_than_is_asked_for_one_by_one_is_listed_with_all_that_is_known(
    edge: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-023: all are read at once; what only the REGISTER tells is not lost."""
    monkeypatch.setattr("cxtui.edge.registrations._FEW", 0)
    admit(edge.context, "1320")
    with Device(edge.address, "1320", source="127.0.0.97") as device:
        assert status(device.register(contact="sip:1320@192.168.1.20:5060")) == 200
        row = the_row(edge, "1320")
        assert (row.received, row.nat, row.transport) == (device.endpoint, True, "udp")
        assert device.endpoint in row.via


def test_what_happens_while_all_is_read_is_neither_undone_nor_lost(
    edge: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-023: a switch with thousands of contacts takes its time to tell them all."""
    users = ("1323", "1324", "1325")
    for name in users:
        admit(edge.context, name)
    ask, begun, over = Station.ask, threading.Event(), threading.Event()

    async def slowly(self: Station, method: str, *given: Any, timeout: float = 10.0) -> Any:
        answer = await ask(self, method, *given, timeout=timeout)
        if method == "ul.dump" and not begun.is_set():
            begun.set()
            assert await asyncio.to_thread(over.wait, 5)
        return answer

    with (
        Device(edge.address, "1323", source="127.0.0.76") as coming,
        Device(edge.address, "1324", source="127.0.0.77") as leaving,
        Device(edge.address, "1325", source="127.0.0.78") as moving,
    ):
        assert status(leaving.register()) == 200
        assert status(moving.register(contact="sip:1325@192.168.1.20:5060")) == 200
        assert the_row(edge, "1325").received == moving.endpoint
        the_row(edge, "1324")
        monkeypatch.setattr(Station, "ask", slowly)
        edge.until(begun.is_set, "all is being read", 3)
        assert status(coming.register()) == 200
        assert status(leaving.register(expires=0)) == 200
        with Device(edge.address, "1325", source="127.0.0.75") as moved:
            assert status(moved.register(contact="sip:1325@192.168.1.20:5060")) == 200
            edge.until(lambda: rows(edge, "1325")[0].received == moved.endpoint, "its new address", 2)
            edge.until(lambda: not rows(edge, "1324"), "it left", 2)
            edge.until(lambda: rows(edge, "1323"), "it came", 2)
            over.set()
            edge.until(lambda: not reading(edge), "all was read", 2)
            found = [(row.username, row.received) for name in users for row in rows(edge, name)]
            assert found == [("1323", coming.endpoint), ("1325", moved.endpoint)]


def reading(edge: Bench) -> bool:
    """Whether the agent is reading all."""
    return edge.agent is not None and edge.agent._registrations._reading.locked()


def crowd(edge: Bench, size: int) -> dict[str, Ha1]:
    """So many users in one change, with what their passwords leave behind."""
    secrets = {f"crowd{number}": ha1(f"crowd{number}", REALM, PASSWORD) for number in range(size)}
    company_id = company(edge.context).id
    with writing(edge.context) as writer:
        users = many.add(writer, [SipUser(company_id=company_id, username=name) for name in secrets])
        kept = zip(users, secrets.values(), strict=True)
        credentials = [
            Credential(
                owner="sip_user",
                owner_id=user.id,
                realm=REALM,
                ha1_md5=secret.md5,
                ha1_sha256=secret.sha256,
                set_at=writer.now,
            )
            for user, secret in kept
        ]
        many.add(writer, credentials, audited=False)
    return secrets
