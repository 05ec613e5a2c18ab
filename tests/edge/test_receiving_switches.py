"""Calls to the switches of customers that receive: how they are reached, and with whose credentials (S-024…S-043)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cxtui.services import credentials, lookup
from tests.edge.clients import ports
from tests.edge.clients.answerer import Answerer, Challenge
from tests.edge.clients.raw import Datagrams
from tests.edge.dialling import Line, response
from tests.edge.ground import Ground
from tests.edge.tls_switch import TlsSwitch

UP = (200, "OK")
NOWHERE = (503, "Destination Not Reachable")
SECRET, OTHER = "Xk7pQm2vRt4-wZ9h", "Hn3bYc8sLd5-fJ6g"
HERE = ports.free()
PROXY = f"127.{HERE >> 8}.{HERE & 255}.6"
"""An address for the usual port, which no other run of the tests has."""


class Switches:
    """What stands at each address."""

    def __init__(self, stack: ExitStack) -> None:
        def stands(address: str, port: int = 0, **given: object) -> Answerer:
            return stack.enter_context(Answerer(address, port, **given))  # type: ignore[arg-type]

        self.udp, self.tcp, self.six = stands("127.6.1.1"), stands("127.6.1.2", transport="t1"), stands("::1")
        self.proxy = stands(PROXY, 5060)
        self.asks = {status: stands(f"127.6.2.{status - 400}", challenge=challenge(status)) for status in (401, 407)}
        self.wrong, self.realm = (stands(f"127.6.3.{last}", challenge=challenge(401)) for last in (1, 2))
        self.changed = stands("127.6.3.3", challenge=challenge(401))
        self.busy = stands("127.6.4.1", status=486)
        self.ringing = stack.enter_context(Datagrams("127.6.4.3"))


def challenge(status: int) -> Challenge:
    return Challenge("trunk", SECRET, status=401 if status == 401 else 407)


@pytest.fixture(scope="module")
def switches() -> Iterator[Switches]:
    with ExitStack() as stack:
        yield Switches(stack)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsSwitch]:
    with TlsSwitch("127.6.1.4", tmp_path_factory.mktemp("tls")) as tls:
        yield tls


@pytest.fixture(scope="module")
def ground(
    template: Path, tmp_path_factory: pytest.TempPathFactory, switches: Switches, tls: TlsSwitch
) -> Iterator[Ground]:
    # One worker, so that nothing overtakes.
    ground = Ground(template, tmp_path_factory.mktemp("receiving"), tls=True, children=1)

    def receives(address: str, port: int = 5060, **fields: str) -> int:
        return ground.entry(ground.beta, address, **{"direction": "ingress", "port": str(port), **fields}).id

    def logs_in(endpoint: str, password: str, realm: str) -> None:
        key = receives(*ports.split(endpoint), uac_username="trunk", uac_realm=realm, channels="1")
        credentials.set_outbound_password(ground.noc, ground.stored(key), password)

    for far in (switches.udp, switches.six):
        receives(far.address, far.port)
    receives(switches.tcp.address, switches.tcp.port, protocol="tcp")
    receives("sip.carrier.example", outbound_proxy=PROXY)
    receives("127.6.1.9", 5099, outbound_proxy=PROXY)
    receives("sip.nowhere.example", channels="1")
    receives("127.6.1.10", enabled="")
    for asking in switches.asks.values():
        logs_in(asking.endpoint, SECRET, "far.test")
    for far in (switches.wrong, switches.changed):
        logs_in(far.endpoint, OTHER, "far.test")
    logs_in(switches.realm.endpoint, SECRET, "another.test")
    receives("127.6.4.1", switches.busy.port, channels="1")
    logs_in(switches.ringing.endpoint, SECRET, "far.test")
    receives("127.6.1.4", tls.port, protocol="tls")
    with ground:
        yield ground


@pytest.fixture
def core(ground: Ground) -> Iterator[Line]:
    with ground.from_core() as core:
        yield core


def test_a_switch_is_reached_by_its_address_and_port(core: Line, switches: Switches) -> None:
    """S-024, S-032, W-003."""
    assert core.call("4477", host="127.6.1.1").said == UP
    assert switches.udp.invites[-1].uri == "sip:4477@127.6.1.1"
    assert core.call("4477", host="[::1]").said == UP
    assert switches.six.invites[-1].uri == "sip:4477@[::1]"


def test_a_switch_is_reached_over_tcp(core: Line, switches: Switches) -> None:
    """S-033."""
    assert core.call("4477", host="127.6.1.2").said == UP
    assert switches.tcp.invites[-1].header("via").startswith("SIP/2.0/TCP")


def test_a_switch_is_reached_over_tls_though_the_core_speaks_in_the_clear(core: Line, tls: TlsSwitch) -> None:
    """S-034."""
    call = core.call("4477", host="127.6.1.4")
    assert call.said == UP
    assert call.bye() == UP
    assert [asked.method for asked in tls.requests] == ["INVITE", "ACK", "BYE"]
    assert tls.requests[0].header("via").startswith("SIP/2.0/TLS")


@pytest.mark.parametrize("host", ["sip.carrier.example", "SIP.Carrier.example", "127.6.1.9"])
def test_calls_pass_the_outbound_proxy_whatever_the_name_resolves_to(core: Line, switches: Switches, host: str) -> None:
    """S-021, S-043."""
    assert core.call("4477", host=host).said == UP
    assert switches.proxy.invites[-1].uri == f"sip:4477@{host}"


def test_a_name_without_an_address_fails_the_call_at_once_and_nothing_else(core: Line) -> None:
    """S-021: a worker that waits for a name server takes no other call."""
    assert core.call("4477", host="sip.nowhere.example").said == NOWHERE


@pytest.mark.parametrize("host", ["127.6.1.10", "127.6.1.11", "unheard.example"])
def test_a_switch_that_is_disabled_or_unknown_is_not_called(core: Line, host: str) -> None:
    """S-024."""
    assert core.call("4477", host=host).said == (404, "Unknown User")


@pytest.mark.parametrize("status", [401, 407])
def test_the_edge_logs_in_with_what_is_kept_of_the_password(core: Line, switches: Switches, status: int) -> None:
    """S-040, C-02; the second INVITE has a new CSeq (RFC 3261 §22.2), and so has what follows."""
    far = switches.asks[status]
    call = core.call("4477", host=far.address)
    assert call.said == UP
    assert [challenge(status).proven_by(invite) for invite in far.invites] == [False, True]
    assert [invite.sequence for invite in far.invites] == [1, 2]
    assert call.bye() == UP
    assert far.requests("BYE")[-1].sequence == 3
    assert {found.sequence for found in call.responses} == {1, 2}


def test_a_wrong_password_fails_the_call_after_one_attempt(ground: Ground, core: Line, switches: Switches) -> None:
    """S-040."""
    far = switches.wrong
    assert [core.call("4477", host=far.address).said[0] for _ in range(2)] == [403, 403]
    assert len(far.invites) == 4
    assert OTHER not in ground.bench.log()


def test_a_password_that_was_changed_is_used_from_its_commit_on(ground: Ground, core: Line, switches: Switches) -> None:
    """S-040: and the one before it never again."""
    far = switches.changed
    assert core.call("4477", host=far.address).said[0] == 403
    (entry,) = lookup.ip_entries(ground.noc, far.address)
    credentials.set_outbound_password(ground.noc, entry, SECRET)
    assert core.call("4477", host=far.address).said == UP


def test_a_switch_that_asks_again_and_again_is_answered_once(ground: Ground, core: Line, switches: Switches) -> None:
    """S-040."""
    far = switches.ringing
    call = core.invite("4477", host="127.6.4.3")
    shown = []
    for _ in range(2):
        asked = far.receive()
        assert asked
        shown.append(asked.has("authorization"))
        far.send(response(asked, "401 Unauthorized", [challenge(401).header()]), ground.edge)
        assert [getattr(far.receive(), "method", "")] == ["ACK"]
    assert core.settled(call) == (401, "Unauthorized")
    assert shown == [False, True]
    assert far.receive(0.05) is None


def test_a_realm_that_is_not_theirs_is_not_answered(core: Line, switches: Switches) -> None:
    """C-02: the HA1 is bound to a realm."""
    assert core.call("4477", host=switches.realm.address).said[0] == 401
    assert [invite.has("authorization") for invite in switches.realm.invites] == [False]


def test_calls_that_come_to_nothing_hold_no_channel(ground: Ground, core: Line, switches: Switches) -> None:
    """S-026: refused, not deliverable, cancelled; each of these switches has one channel."""
    ringing = switches.ringing
    assert [core.call("1", host="127.6.4.1").said[0] for _ in range(3)] == [486] * 3
    assert [core.call("1", host="sip.nowhere.example").said for _ in range(3)] == [NOWHERE] * 3
    for _ in range(3):
        call = core.invite("1", host="127.6.4.3")
        asked = ringing.receive()
        assert asked
        ringing.send(response(asked, "180 Ringing"), ground.edge)
        while not any(found.status == 180 for found in call.responses):
            assert core.listen()
        call.cancel()
        cancelled = ringing.receive()
        assert cancelled
        assert cancelled.method == "CANCEL"
        ringing.send(response(cancelled, "200 OK"), ground.edge)
        ringing.send(response(asked, "487 Request Terminated"), ground.edge)
        assert core.settled(call) == (487, "Request Terminated")
        assert [getattr(ringing.receive(), "method", "")] == ["ACK"]
