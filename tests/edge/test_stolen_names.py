"""A device is whoever it has proven to be at a real switch: nobody else's name, mailbox, registration or number."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.edge.clients.answerer import Answerer
from tests.edge.clients.messages import Message
from tests.edge.devices import Device, said, status
from tests.edge.dialling import response
from tests.edge.ground import Ground
from tests.support import REALM, one, query

THROUGH = (486, "Busy Here")
"""What a call is told that reaches the core or a mailbox."""

NOT_OWN = (403, "Not your own user")
ASKED = (407, "Proxy Authentication Required")
FEW = 5
IDENTITIES = {
    "P-Asserted-Identity": "<sip:ceo@bank.example>",
    "P-Preferred-Identity": "<sip:ceo@bank.example>",
    "Remote-Party-ID": "<sip:ceo@bank.example>;party=calling;screen=yes",
    "P-Charge-Info": "<sip:bank@bank.example>",
}


@pytest.fixture(scope="module")
def core() -> Iterator[Answerer]:
    """Our own switch, where everybody is busy."""
    with Answerer("127.0.0.9", status=486) as core:
        yield core


@pytest.fixture(scope="module")
def mailboxes() -> Iterator[Answerer]:
    with Answerer("127.0.0.10", status=486) as mailboxes:
        yield mailboxes


@pytest.fixture(scope="module")
def ground(
    template: Path, tmp_path_factory: pytest.TempPathFactory, core: Answerer, mailboxes: Answerer
) -> Iterator[Ground]:
    site: dict[str, Any] = {"core": f"sip:{core.endpoint}", "voicemail": f"sip:{mailboxes.endpoint}"}
    ground = Ground(template, tmp_path_factory.mktemp("names"), **site, max_failures=FEW, max_unasked=FEW)
    ground.entry(ground.beta, "127.7.1.1")
    for name in ("alice", "eve", "phone"):
        ground.user(ground.beta, name, channels="0")
    ground.user(ground.company("Gamma"), "Phone", channels="0")
    with ground:
        yield ground


def calls(device: Device, number: str, *headers: str) -> Message | None:
    """The final response to an INVITE with these headers; what it asks for is remembered."""
    asked = device.request("INVITE", f"sip:{number}@{REALM}", "anybody", [*headers, "Contact: <sip:a@127.0.0.1>"])
    device.send(asked.replace("Call-ID: ", f"Call-ID: {secrets.token_hex(4)}"))
    sequence = Message.parse(asked).sequence
    while (heard := device.hears()) and (heard.status < 200 or heard.sequence != sequence):
        continue
    if heard:
        device.learn(heard)
    return heard


def proof(device: Device, number: str) -> str:
    """The header that answers what was asked last, in an INVITE to a number."""
    return f"Proxy-Authorization: {device.credentials('INVITE', f'sip:{number}@{REALM}')}"


def proven(device: Device, number: str, *headers: str) -> Message | None:
    """The final response to an INVITE that was asked for a password before."""
    assert said(calls(device, number)) == ASKED
    return calls(device, number, proof(device, number), *headers)


def as_eve(proof: str) -> str:
    """What a device of alice has proven, in the name of eve and for a realm that nobody checks."""
    return proof.replace('username="alice"', 'username="eve"').replace(f'realm="{REALM}"', 'realm="elsewhere"')


FORGERIES: list[Callable[[str], str]] = [
    lambda proof: f"{as_eve(proof)}\r\nAuthorization: {proof}",
    lambda proof: f"{proof}\r\nAuthorization: {as_eve(proof)}",
    lambda proof: f"{as_eve(proof)}\r\nProxy-Authorization: {proof}",
    lambda proof: f"{proof}\r\nProxy-Authorization: {as_eve(proof)}",
]


@pytest.mark.parametrize("forge", FORGERIES)
def test_nobody_registers_in_a_name_that_stands_beside_the_proven_one(
    ground: Ground, forge: Callable[[str], str]
) -> None:
    """S-080: of two headers the one for our realm is checked, and no other one is believed."""
    with Device(ground.edge, "alice", source="127.0.0.41") as thief:
        assert status(thief.register(to="eve", change=forge)) in (401, 403)
    assert not query(ground.database, "SELECT 1 FROM registration WHERE username = 'eve'")
    with ground.from_core() as line:
        assert line.call("eve").said == (480, "Offline")


@pytest.mark.parametrize("order", [1, -1])
def test_a_mailbox_is_that_of_the_proven_name(ground: Ground, mailboxes: Answerer, order: int) -> None:
    before = len(mailboxes.invites)
    with Device(ground.edge, "alice", source="127.0.0.42") as thief:
        calls(thief, "*1")
        good = proof(thief, "*1")
        assert said(calls(thief, "*1", *[as_eve(good), good][::order])) == THROUGH
    assert [invite.all("x-voicemail-user") for invite in mailboxes.invites[before:]] == [["alice"]]


@pytest.mark.parametrize("name", ["phone", "Phone"])
def test_names_that_differ_in_case_alone_are_two_phones(ground: Ground, name: str) -> None:
    """S-081: each is a user of its own company, registered, called and listed as itself."""
    with (
        Device(ground.edge, "phone", source="127.0.0.43") as small,
        Device(ground.edge, "Phone", source="127.0.0.44") as large,
    ):
        assert (status(small.register()), status(large.register())) == (200, 200)
        meant, other = (small, large) if name == "phone" else (large, small)
        with ground.from_core() as line:
            call = line.invite(name, host=REALM)
            meant.send(response(called(meant), "486 Busy Here"))
            assert line.settled(call) == THROUGH
        listed = (
            "SELECT received FROM registration JOIN sip_user ON sip_user.id = sip_user_id"
            " WHERE registration.company_id = sip_user.company_id AND sip_user.username = ?"
        )
        ground.bench.until(lambda: query(ground.database, listed, [name]) == [(meant.endpoint,)], "it is listed", 2)
        assert status(other.register(expires=0)) == 200, "and it stays when the other one leaves"
        with ground.from_core() as line:
            call = line.invite(name, host=REALM)
            meant.send(response(called(meant), "486 Busy Here"))
            assert line.settled(call) == THROUGH


def called(device: Device) -> Message:
    """The call that comes."""
    while (asked := device.hears()) and asked.method != "INVITE":
        continue
    assert asked
    return asked


def test_a_proof_that_was_overheard_is_worth_nothing_elsewhere(ground: Ground, core: Answerer) -> None:
    """RFC 7616 §5.5: it is asked for anew, and that is no failed attempt of anybody."""
    with (
        Device(ground.edge, "alice", source="127.0.0.45") as phone,
        Device(ground.edge, "alice", source="127.0.99.1") as thief,
    ):
        assert said(proven(phone, "100")) == THROUGH
        before = len(core.invites)
        overheard = proof(phone, "100")
        assert said(calls(phone, "100", overheard)) == THROUGH, "it is still good for the same"
        for device, number in ((thief, "100"), (thief, "900"), (phone, "900")):
            for _ in range(FEW):
                assert said(calls(device, number, overheard)) == ASKED
            assert device.challenge
            assert device.challenge.stale
        assert len(core.invites) == before + 1
        phone.ask("REGISTER")
        overheard = f"Authorization: {phone.credentials('REGISTER', f'sip:{REALM}')}"
        assert status(thief.ask("REGISTER", f"Contact: <sip:t@{thief.endpoint}>", overheard)) == 401
        assert status(phone.ask("REGISTER", f"Contact: <sip:a@{phone.endpoint};x=1>;expires=0", overheard)) == 200
        overheard = f"Proxy-Authorization: {phone.credentials('REGISTER', f'sip:{REALM}')}"
        assert said(calls(thief, "900", overheard)) == ASKED
    assert not counted(ground, "failures")
    assert not query(ground.database, "SELECT 1 FROM registration WHERE username = 'alice'")


def test_a_phone_may_answer_with_a_nonce_that_it_has_used(ground: Ground) -> None:
    """RFC 7616 §3.3, W-031: stale, and counted as no failure however often."""
    with Device(ground.edge, "alice", source="127.0.0.46") as phone:
        calls(phone, "100")
        first = phone.challenge
        for number in range(200, 215):
            for known in (first, phone.challenge):
                phone.challenge = known
                assert said(calls(phone, f"{number}", proof(phone, f"{number}"))) == ASKED
                assert phone.challenge
                assert phone.challenge.stale
                assert said(calls(phone, f"{number}", proof(phone, f"{number}"))) == THROUGH
    assert not counted(ground, "failures")
    assert not counted(ground, "blocked")
    assert one(ground.database, "SELECT count(*) FROM block") == 0


def counted(ground: Ground, table: str) -> list[str]:
    """The sources in a table of the switch."""
    return [row["name"] for slot in ground.bench.rpc("htable.dump", table) for row in slot["slot"]]


@pytest.mark.parametrize("written", ["{}: ", "{}:", "{} : ", "{}:\r\n "])
def test_who_a_device_says_it_is_nobody_hears(ground: Ground, core: Answerer, written: str) -> None:
    """RFC 3325 §5: what is asserted by whom nobody trusts is removed; that it wants privacy is its own to say."""
    said_so = [written.format(name.lower()) + value for name, value in IDENTITIES.items()]
    with Device(ground.edge, "alice", source="127.0.0.47") as device:
        assert said(proven(device, "101", *said_so, *said_so, "Privacy: id")) == THROUGH
    invite = core.invites[-1]
    assert (invite.number, invite.header("privacy")) == ("101", "id")
    assert not [name for name in IDENTITIES if invite.has(name)]
    assert "bank" not in invite.text


def test_nor_what_it_says_of_itself_when_it_is_called(ground: Ground) -> None:
    """RFC 3325 §5, RFC 5876: in its answer, and later in the call."""
    told = [f"{name}: {value}" for name, value in IDENTITIES.items()]
    with Device(ground.edge, "eve", source="127.0.0.48") as device, ground.from_core() as line:
        assert status(device.register()) == 200
        call = line.invite("eve", host=REALM)
        asked = called(device)
        contact = f"Contact: <sip:eve@{device.endpoint}>"
        device.send(response(asked, "200 OK", [contact, *told]))
        assert line.settled(call) == (200, "OK")
        answer = call.answer
        assert answer
        later = [
            f"UPDATE {asked.header('contact').strip('<>')} SIP/2.0",
            f"Via: SIP/2.0/UDP {device.endpoint};rport;branch=z9hG4bK{secrets.token_hex(8)}",
            *(f"Route: {route}" for route in asked.all("record-route")),
            f"From: {answer.header('to')}",
            f"To: {asked.header('from')}",
            f"Call-ID: {asked.header('call-id')}",
            *("CSeq: 1 UPDATE", "Max-Forwards: 70", contact, *told, "Content-Length: 0", "", ""),
        ]
        device.send("\r\n".join(later))
        while not line.requests:
            assert line.listen()
        (update,) = line.requests
        line.dialogs.clear()
    assert "bank" not in answer.text + update.text


def test_a_switch_is_trusted_with_whom_it_asserts(ground: Ground, core: Answerer) -> None:
    """RFC 3325 §4."""
    with ground.line("127.7.1.1") as line:
        call = line.call("102", headers=[f"{name}: {value}" for name, value in IDENTITIES.items()])
        assert call.said == THROUGH
    invite = core.invites[-1]
    assert {name: invite.header(name) for name in IDENTITIES} == IDENTITIES
