"""The SIP clients of the edge's tests, against a small Kamailio and against each other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

import pytest

from tests.edge.clients import ports, sdp, sipsak
from tests.edge.clients.answerer import Answerer, Challenge
from tests.edge.clients.baresip import Phone
from tests.edge.clients.messages import Message
from tests.edge.clients.proxy import Proxy
from tests.edge.clients.raw import Datagrams, flood, request
from tests.edge.clients.sipp import Caller
from tests.edge.clients.waiting import wait_until

PASSWORD = "Xk7pQm2vRt4_wZ9h"
OTHER = "Hn3bYc8sLd5-fJ6g"


@pytest.fixture(scope="module")
def far() -> Iterator[Answerer]:
    """The switch that the proxy relays to."""
    with Answerer() as far:
        yield far


@pytest.fixture(scope="module")
def proxy(far: Answerer) -> Iterator[Proxy]:
    """Something to register at and to call through; alice and bob have the same password."""
    with Proxy(far.endpoint) as proxy:
        proxy.admit("alice", PASSWORD)
        proxy.admit("bob", PASSWORD)
        yield proxy


def status(message: Message | None) -> int:
    """The status of an answer, 0 if there is none."""
    return message.status if message else 0


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_sipsak_registers_with_the_right_password_alone(proxy: Proxy, transport: str) -> None:
    assert sipsak.register("alice", PASSWORD, proxy.edge, transport=transport) == 200
    assert sipsak.register("alice", OTHER, proxy.edge, transport=transport) == 401
    assert sipsak.register("nobody", PASSWORD, proxy.edge, transport=transport) == 401


def test_sipsak_pings_and_notices_silence(proxy: Proxy) -> None:
    reply = sipsak.options(proxy.edge, source="127.0.0.32")
    assert reply.status == 200
    assert reply.rtt > 0
    with Datagrams("127.0.0.33") as silent:
        assert sipsak.options(silent.endpoint, patience=0.25).status == 0
        received = silent.receive()
    assert received
    assert received.method == "OPTIONS"


@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_a_call_with_the_right_password_is_answered(
    proxy: Proxy, far: Answerer, transport: Literal["u1", "t1"]
) -> None:
    before = len(far.invites)
    outcome = Caller(proxy.edge).call("02079460000", user="alice", password=PASSWORD, transport=transport, expect=200)
    assert (outcome.answered, outcome.reasons, outcome.challenged) == (1, ("OK",), True)
    assert len(far.invites) == before + 1


def test_a_call_with_a_wrong_password_stays_challenged(proxy: Proxy, far: Answerer) -> None:
    before = len(far.invites)
    outcome = Caller(proxy.edge).call("02079460000", user="alice", password=OTHER)
    assert outcome.statuses == {407: 1}
    assert len([message for message in outcome.received("INVITE") if message.status == 407]) == 2
    assert Caller(proxy.edge).call("02079460000").statuses == {407: 1}
    assert len(far.invites) == before


def test_what_is_not_as_expected_fails(far: Answerer) -> None:
    with pytest.raises(AssertionError, match="instead of 486"):
        Caller(far.endpoint).call("1", expect=486)


def test_every_refusal_is_counted_though_sipp_is_content() -> None:
    with Answerer(status=503) as far:
        direct = Caller(far.endpoint).call("1", calls=10, rate=200)
        assert direct.statuses == {503: 10}
        assert direct.reasons == ("Service Unavailable",) * 10
        assert len(far.invites) == 10


def test_a_refusal_comes_through_a_proxy() -> None:
    with Answerer(status=486, reason="In a Meeting") as busy, Proxy(busy.endpoint) as proxy:
        proxy.admit("alice", PASSWORD)
        outcome = Caller(proxy.edge).call("1", user="alice", password=PASSWORD)
    assert (outcome.statuses, outcome.reasons) == ({486: 1}, ("In a Meeting",))


def test_a_call_that_nobody_answers_has_no_status() -> None:
    with Datagrams("127.0.0.33") as silent:
        assert Caller(silent.endpoint).call("1", patience=0.2).statuses == {0: 1}


def test_sipp_that_cannot_start_is_no_outcome() -> None:
    with Datagrams("127.0.0.21") as taken, pytest.raises(AssertionError, match="sipp ended"):
        Caller("127.0.0.1:9", port=ports.split(taken.endpoint)[1]).call("1")
    with Datagrams("127.0.0.9") as taken, pytest.raises(AssertionError, match="sipp ended"):
        Answerer("127.0.0.9", ports.split(taken.endpoint)[1]).__enter__()


def test_the_called_side_keeps_what_it_received(far: Answerer) -> None:
    offer = [sdp.G729, sdp.PCMA, (96, "opus/48000/2"), sdp.EVENTS]
    Caller(far.endpoint, "127.0.0.22").call("+44[1]\\x41", cli="0207", codecs=offer, headers=["X-Tag: [call_id]"])
    invite = far.invites[-1]
    assert (invite.number, invite.header("X-Tag")) == ("+44[1]\\x41", "[call_id]")
    assert invite.header("From").startswith("<sip:0207@127.0.0.22>")
    assert invite.codecs == offer
    Caller(far.endpoint).call("1", codecs=())
    assert not far.invites[-1].body


@pytest.mark.parametrize("address", ["::1", "127.0.0.9"])
def test_the_answer_has_the_codecs_it_was_told(address: str) -> None:
    with Answerer(address, codecs=[sdp.G722]) as far:
        source = "::1" if ":" in address else "127.0.0.21"
        outcome = Caller(far.endpoint, source).call("1", expect=200)
    assert [message.codecs for message in outcome.received("INVITE") if message.status == 200] == [[sdp.G722]]


@pytest.mark.parametrize(("status", "wrong"), [(401, 403), (407, 200)])
def test_the_called_side_can_want_credentials(status: Literal[401, 407], wrong: int) -> None:
    challenge = Challenge("trunk", PASSWORD, status=status)
    with Answerer(challenge=challenge) as far:
        caller = Caller(far.endpoint)
        assert caller.call("1", user="trunk", password=PASSWORD).statuses == {200: 1}
        assert [challenge.proven_by(invite) for invite in far.invites] == [False, True]
        assert caller.call("1", user="trunk", password=OTHER).statuses == {wrong: 1}
        assert not challenge.proven_by(far.invites[-1])
        assert caller.call("1").statuses == {status: 1}


@pytest.mark.parametrize("inside", ["INVITE", "OPTIONS"])
def test_the_called_side_asks_inside_the_call(inside: Literal["INVITE", "OPTIONS"]) -> None:
    with Answerer(inside=inside, hang_up_after=0.05) as far, Proxy(far.endpoint) as proxy:
        proxy.admit("alice", PASSWORD)
        outcome = Caller(proxy.edge).call("1", user="alice", password=PASSWORD, hold=5, expect=200)
        assert [(answer.status, answer.method) for answer in far.wait_for_answers(2)] == [(200, inside), (200, "BYE")]
    assert outcome.hung_up_on == 1


def test_the_calling_side_hangs_up(far: Answerer) -> None:
    before = len(far.requests("BYE"))
    assert Caller(far.endpoint).call("1", hold=0.05, expect=200).hung_up_on == 0
    assert len(far.wait_for("BYE", before + 1)) == before + 1


def test_the_called_side_hangs_up() -> None:
    with Answerer(hang_up_after=0.1) as far:
        outcome = Caller(far.endpoint).call("1", calls=2, rate=100, hold=5, expect=200)
        far.wait_for_answers(2)
    assert outcome.hung_up_on == 2
    sent = [message.start for message in far.messages if message.sent]
    assert len(sent) == 2 * len(["180", "200", "BYE"])


def test_a_phone_registers_answers_and_takes_messages(proxy: Proxy) -> None:
    with Phone("bob", PASSWORD, proxy.edge) as phone, Datagrams() as noc:
        phone.registered()
        plain = ["Content-Type: text/plain"]
        text = request("MESSAGE", noc.endpoint, uri="sip:bob@sip.test", headers=plain, body="Backups\nat 3")
        assert status(noc.ask(text, proxy.edge)) == 200
        assert phone.received_messages() == ["Backups\nat 3"]
        Caller(proxy.edge).call("bob", user="alice", password=PASSWORD, calls=3, rate=100, hold=0.1, expect=200)
        assert phone.wait_for("INVITE", 3)[0].codecs == [sdp.PCMA, sdp.PCMU]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_phone_takes_its_new_password_after_a_restart(proxy: Proxy, transport: Literal["udp", "tcp"]) -> None:
    proxy.admit("dave", PASSWORD)
    with Phone("dave", PASSWORD, proxy.edge, transport=transport) as phone:
        phone.registered()
        proxy.admit("dave", OTHER)
        phone.restart()
        assert phone.refused() == 401
        phone.restart(OTHER)
        phone.registered()


def test_a_phone_that_quits_is_gone_and_one_that_vanishes_is_missed(proxy: Proxy) -> None:
    proxy.admit("carol", PASSWORD)
    with Phone("carol", PASSWORD, proxy.edge) as phone, Datagrams() as noc:
        phone.registered()
        phone.quit()
        assert status(noc.ask(request("MESSAGE", noc.endpoint, uri="sip:carol@sip.test"), proxy.edge)) == 404
        phone.restart()
        phone.registered()
        phone.vanish()
        assert noc.ask(request("MESSAGE", noc.endpoint, uri="sip:carol@sip.test"), proxy.edge, 0.2) is None


def test_one_process_is_several_phones(proxy: Proxy) -> None:
    with Phone("alice", PASSWORD, proxy.edge, more=[("bob", PASSWORD)]) as phones:
        phones.registered()
    with Phone("alice", PASSWORD, proxy.edge, more=[("bob", OTHER)]) as phones:
        wait_until(lambda: (phones.registration(), phones.registration("bob")) == (200, 401), "both are decided")
        with pytest.raises(AssertionError, match="registration of alice, bob"):
            phones.registered(0.3)


def test_a_flood_is_paced_and_counted_by_source(proxy: Proxy) -> None:
    started = time.monotonic()
    found = flood(proxy.edge, ["127.0.0.41", "127.0.0.42"], rate=200, seconds=0.5, linger=5)
    assert time.monotonic() - started > 0.49
    assert found.sent == {"127.0.0.41": 50, "127.0.0.42": 50}
    assert found.answers == {"127.0.0.41": {200: 50}, "127.0.0.42": {200: 50}}
    with pytest.raises(ValueError, match="more than"):
        flood(proxy.edge, ["127.0.0.41"], rate=1e6, seconds=1)


def test_a_flood_to_nobody_ends() -> None:
    with Datagrams("127.0.0.33") as silent:
        found = flood(silent.endpoint, ["127.0.0.41"], rate=100, seconds=0.1, linger=0.05)
        assert (found.sent.total(), found.statuses.total()) == (10, 0)
        assert silent.receive()
