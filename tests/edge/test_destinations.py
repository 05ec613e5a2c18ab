"""Where a call goes at a real switch: colleagues, the core, mailboxes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cxtui.edge import switch_config
from tests.edge.clients.answerer import Answerer
from tests.edge.clients.raw import Datagrams
from tests.edge.clients.sdp import PCMA, PCMU
from tests.edge.clients.sipp import Caller
from tests.edge.dialling import Line, described, response
from tests.edge.ground import Ground
from tests.support import PASSWORD

UP = (200, "OK")
OFFLINE = (480, "Offline")
DID = "+441782550123"


@pytest.fixture(scope="module")
def phone() -> Iterator[Answerer]:
    with Answerer("127.0.0.60") as phone:
        yield phone


@pytest.fixture(scope="module")
def busy() -> Iterator[Answerer]:
    with Answerer("127.0.0.61", status=486) as busy:
        yield busy


@pytest.fixture(scope="module")
def desk() -> Iterator[Datagrams]:
    """A phone whose answers a test gives."""
    with Datagrams("127.0.0.62") as desk:
        yield desk


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Answerer]:
    """The voicemail server."""
    with Answerer("127.0.0.8") as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def ground(
    template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    phone: Answerer,
    busy: Answerer,
    desk: Datagrams,
    mailbox: Answerer,
) -> Iterator[Ground]:
    site: dict[str, Any] = {"voicemail": f"sip:{mailbox.endpoint}", "reply_timeout": 1500}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(switch_config, "RINGING", 1500)
        ground = Ground(template, tmp_path_factory.mktemp("destinations"), **site)
        ground.entry(ground.beta, "127.4.1.1")
        for name in ("caller", "phone", "offline", "busy", "desk"):
            ground.user(ground.beta, name, channels="0")
        for name in ("off.mail", "busy.mail", "desk.mail"):
            ground.user(ground.beta, name, channels="0", voicemail_enabled="1", restricted_codecs="PCMU")
        for name in ("keeps", "pair"):
            ground.user(ground.beta, name, channels="0", retain_did="1")
        ground.user(ground.beta, "keeps.mail", channels="0", retain_did="1", voicemail_enabled="1")
        ground.user(ground.beta, "gone", channels="0", enabled="")
        ground.user(ground.company("Gamma"), "stranger", channels="0")
        with ground:
            for name in ("phone", "keeps", "stranger"):
                ground.registered(name, phone.endpoint)
            for name in ("busy", "busy.mail", "keeps.mail"):
                ground.registered(name, busy.endpoint)
            for name in ("desk", "desk.mail"):
                ground.registered(name, desk.endpoint)
            yield ground


@pytest.fixture
def line(ground: Ground) -> Iterator[Line]:
    """A switch of the company."""
    with ground.line("127.4.1.1") as line:
        yield line


def test_a_user_reaches_a_colleagues_phone_and_hangs_up(ground: Ground, phone: Answerer) -> None:
    """S-080, S-095."""
    calls, ends = len(phone.invites), len(phone.requests("BYE"))
    outcome = Caller(ground.edge).call("phone", user="caller", password=PASSWORD, expect=200)
    assert outcome.challenged
    invite = phone.wait_for("INVITE", calls + 1)[-1]
    assert invite.uri == f"sip:phone@{phone.endpoint}"
    assert not invite.has("proxy-authorization")
    phone.wait_for("BYE", ends + 1)
    assert not ground.arrived(outcome)


def test_a_switch_reaches_a_phone_of_its_own_company(line: Line, phone: Answerer) -> None:
    """S-020."""
    calls = len(phone.invites)
    assert line.call("phone").said == UP
    assert len(phone.invites) == calls + 1


@pytest.mark.parametrize("number", ["stranger", "gone", "441782550199", "PHONE", "phone%20"])
def test_everything_else_goes_to_the_core_and_to_nobodys_phone(
    ground: Ground, line: Line, phone: Answerer, number: str
) -> None:
    """S-003: another company's user, a disabled one, a number of the world."""
    calls = len(phone.invites)
    call = line.call(number)
    assert call.said == UP
    assert [invite.number for invite in ground.arrived(call)] == [number]
    assert len(phone.invites) == calls


def test_a_colleague_who_is_not_registered_is_offline(ground: Ground, line: Line) -> None:
    """S-095."""
    call = line.call("offline")
    assert call.said == OFFLINE
    assert not ground.arrived(call)


def test_cancel_ack_and_bye_pass(ground: Ground, line: Line, desk: Datagrams) -> None:
    """RFC 3261 §9, §15."""
    call = line.invite("desk")
    asked = desk.receive()
    assert asked
    desk.send(response(asked, "180 Ringing"), ground.edge)
    while not any(found.status == 180 for found in call.responses):
        assert line.listen()
    call.cancel()
    cancelled = desk.receive()
    assert cancelled
    assert cancelled.method == "CANCEL"
    desk.send(response(cancelled, "200 OK"), ground.edge)
    desk.send(response(asked, "487 Request Terminated"), ground.edge)
    assert line.settled(call) == (487, "Request Terminated")
    assert [getattr(desk.receive(), "method", "")] == ["ACK"]
    call = line.invite("desk")
    asked = desk.receive()
    assert asked
    # The contact of a switch that hides its own is longer than any number.
    desk.send(response(asked, "200 OK", [f"Contact: <sip:{'x' * 100}@{desk.endpoint}>"]), ground.edge)
    assert line.settled(call) == UP
    assert [getattr(desk.receive(), "method", "")] == ["ACK"]
    call.sequence += 1
    call._inside("BYE")
    ended = desk.receive()
    assert ended
    assert ended.method == "BYE"
    desk.send(response(ended, "200 OK"), ground.edge)
    assert line.settled(call) == UP


def test_the_core_reaches_a_user_and_is_told_who_is_none(ground: Ground, phone: Answerer) -> None:
    """W-103."""
    with ground.from_core() as core:
        assert core.call("stranger", host="sip.example.net").said == UP
        assert phone.invites[-1].uri == f"sip:stranger@{phone.endpoint}"
        for name in ("nobody", "gone", "441782550199"):
            assert core.call(name, host="sip.example.net").said == (404, "Unknown User")
        assert core.call("offline", host="sip.example.net").said == OFFLINE


@pytest.mark.parametrize(("name", "number"), [("keeps", DID), ("phone", "phone")])
def test_the_device_gets_the_number_that_was_dialled_where_it_retains_the_did(
    ground: Ground, phone: Answerer, name: str, number: str
) -> None:
    """S-103, W-016."""
    dialled = (f"To: <sip:{name}@sip.example.net>", f"To: <sip:{DID}@sip.example.net>")
    with ground.from_core() as core:
        assert core.call(name, host="sip.example.net", change=dialled).said == UP
    assert phone.invites[-1].uri == f"sip:{number}@{phone.endpoint}"


def test_each_of_several_devices_gets_the_number_that_was_dialled(ground: Ground, phone: Answerer) -> None:
    """S-103, W-016."""
    dialled = ("To: <sip:pair@sip.example.net>", f"To: <sip:{DID}@sip.example.net>")
    with Datagrams("127.0.0.64") as other, ground.from_core() as core:
        for endpoint in (phone.endpoint, other.endpoint):
            ground.registered("pair", endpoint)
        assert core.call("pair", host="sip.example.net", change=dialled).said == UP
        asked = other.receive()
        assert asked
        assert (asked.uri, phone.invites[-1].number) == (f"sip:{DID}@{other.endpoint}", DID)


def test_a_mailbox_is_that_of_a_user_whatever_number_its_device_gets(ground: Ground, mailbox: Answerer) -> None:
    """S-103, S-110."""
    dialled = ("To: <sip:keeps.mail@sip.example.net>", f"To: <sip:{DID}@sip.example.net>")
    with ground.from_core() as core:
        assert core.call("keeps.mail", host="sip.example.net", change=dialled).said == UP
    assert mailbox.invites[-1].uri == "sip:keeps.mail@sip.example.net"


def test_a_user_that_dials_the_mailbox_number_is_known_to_the_voicemail_server(
    ground: Ground, mailbox: Answerer
) -> None:
    """W-060: who it is says the edge, never the caller."""
    caller = Caller(ground.edge)
    outcome = caller.call(
        "*1", cli="phone", user="caller", password=PASSWORD, headers=["X-Voicemail-User: phone"], expect=200
    )
    invite = mailbox.invites[-1]
    assert invite.header("call-id") == outcome.messages[0].header("call-id")
    assert (invite.number, invite.all("x-voicemail-user")) == ("*1", ["caller"])


def test_a_switch_has_no_mailbox_and_its_call_goes_to_the_core(ground: Ground, line: Line, mailbox: Answerer) -> None:
    """S-110: only SIP users have one."""
    calls = len(mailbox.invites)
    call = line.call("*1", headers=["X-Voicemail-User: phone"])
    assert call.said == UP
    (invite,) = ground.arrived(call)
    assert not invite.has("x-voicemail-user")
    assert len(mailbox.invites) == calls


@pytest.mark.parametrize("name", ["off.mail", "busy.mail", "desk.mail"])
def test_a_call_that_nobody_answers_goes_to_the_mailbox(
    ground: Ground, line: Line, mailbox: Answerer, name: str
) -> None:
    """S-110, W-060: not registered, busy, or silent."""
    calls = len(mailbox.invites)
    assert line.call(name, headers=["X-Voicemail-User: phone"]).said == UP
    assert [invite.uri for invite in mailbox.invites[calls:]] == [f"sip:{name}@sip.example.net"]
    assert not mailbox.invites[-1].has("x-voicemail-user")


@pytest.mark.parametrize("name", ["off.mail", "busy.mail"])
def test_what_is_restricted_is_restricted_in_a_later_offer_to_the_mailbox_too(
    line: Line, mailbox: Answerer, name: str
) -> None:
    """S-051."""
    calls = len(mailbox.invites)
    call = line.call(name)
    assert call.said == UP
    call.offer(described("127.4.1.1", [PCMA, PCMU]))
    assert [invite.codecs for invite in mailbox.wait_for("INVITE", calls + 2)[calls:]] == [[PCMA], [PCMA]]
    line.dialogs.clear()


def test_a_phone_that_rings_too_long_is_cancelled_and_the_mailbox_answers(
    ground: Ground, mailbox: Answerer, desk: Datagrams
) -> None:
    """S-110."""
    while desk.receive(0.01):
        pass
    with ground.from_core() as core:
        call = core.invite("desk.mail", host="sip.example.net")
        asked = desk.receive()
        assert asked
        desk.send(response(asked, "180 Ringing"), ground.edge)
        assert core.settled(call) == UP
    assert mailbox.invites[-1].uri == "sip:desk.mail@sip.example.net"
    cancelled = desk.receive()
    assert cancelled
    assert cancelled.method == "CANCEL"


def test_who_has_no_mailbox_is_told_the_truth(line: Line) -> None:
    """S-110."""
    assert line.call("busy").said == (486, "Busy Here")


def test_without_core_and_voicemail_server_there_is_no_route(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """W-060, W-103."""
    ground = Ground(template, tmp_path_factory.mktemp("bare"), core="")
    ground.entry(ground.beta, "127.4.1.1")
    ground.user(ground.beta, "caller", voicemail_enabled="1")
    with ground, ground.line("127.4.1.1") as line:
        assert line.call("441782550199").said == (580, "No Route Available")
        assert line.call("caller").said == OFFLINE
        outcome = Caller(ground.edge).call("*1", user="caller", password=PASSWORD)
        assert outcome.reasons == ("Voicemail Not Configured",)
