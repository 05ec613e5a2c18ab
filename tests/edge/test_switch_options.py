"""Force NAT, Disable NAT and Intercept Reinvite of an entry, at a real switch (S-041, S-042, W-006, W-100)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.clients import ports
from tests.edge.clients.answerer import Answerer
from tests.edge.clients.messages import Message
from tests.edge.clients.raw import Datagrams
from tests.edge.clients.sdp import PCMA
from tests.edge.dialling import Dialog, Line, described, response
from tests.edge.ground import Ground

UP = (200, "OK")
PRIVATE, INSIDE = "10.1.2.3", "192.168.7.7"
"""Where equipment behind NAT says that it is: its contact, and its media."""

FORCED, NEVER, SEEN = "127.7.1.1", "127.7.1.2", "127.7.1.3"


@pytest.fixture(scope="module")
def far() -> Iterator[dict[str, Datagrams]]:
    """Switches that receive, whose answers a test gives, by what their entries say."""
    with Datagrams("127.7.2.1") as forced, Datagrams("127.7.2.2") as never, Datagrams("127.7.2.3") as seen:
        yield {"force_nat": forced, "disable_nat": never, "": seen}


@pytest.fixture(scope="module")
def hanging() -> Iterator[Answerer]:
    """A phone that hangs up soon."""
    with Answerer("127.0.0.63", hang_up_after=0.05) as hanging:
        yield hanging


@pytest.fixture(scope="module")
def asking() -> Iterator[Answerer]:
    """A phone that offers anew in each call."""
    with Answerer("127.0.0.64", inside="INVITE") as asking:
        yield asking


@pytest.fixture(scope="module")
def ground(
    template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    far: dict[str, Datagrams],
    hanging: Answerer,
    asking: Answerer,
) -> Iterator[Ground]:
    # One worker, so that nothing overtakes.
    ground = Ground(template, tmp_path_factory.mktemp("options"), children=1)
    ground.entry(ground.beta, FORCED, force_nat="1")
    ground.entry(ground.beta, NEVER, disable_nat="1")
    ground.entry(ground.beta, SEEN)
    ground.entry(ground.beta, "127.7.1.4", intercept_reinvite="1")
    for option, switch in far.items():
        address, port = ports.split(switch.endpoint)
        options = {option: "1"} if option else {}
        ground.entry(ground.beta, address, direction="ingress", port=str(port), intercept_reinvite="1", **options)
    for name in ("hanging", "asking"):
        ground.user(ground.beta, name, channels="0")
    with ground:
        ground.registered("hanging", hanging.endpoint)
        ground.registered("asking", asking.endpoint)
        yield ground


def hidden(line: Line, number: str) -> Dialog:
    """A call whose contact and media are behind NAT."""
    address = ports.split(line.endpoint)[0]
    contact = (f"Contact: <sip:441782550100@{address}:", f"Contact: <sip:441782550100@{PRIVATE}:")
    return line.call(number, offer=described(INSIDE, [PCMA]), change=contact)


def media(message: Message) -> str:
    """Where a message wants the media."""
    return next(line for line in message.body.splitlines() if line.startswith("c="))


@pytest.mark.parametrize(
    ("source", "aliased", "at"), [(FORCED, True, FORCED), (NEVER, False, INSIDE), (SEEN, True, INSIDE)]
)
def test_where_answers_and_media_go(ground: Ground, source: str, aliased: bool, at: str) -> None:
    """S-041, W-006, W-100: forced, never, and where a private contact gives it away."""
    with ground.line(source) as line:
        call = hidden(line, "441782550199")
        assert call.said == UP
        (invite,) = ground.arrived(call)
        port = ports.split(line.endpoint)[1]
    alias = f";alias={source}~{port}~1" if aliased else ""
    assert invite.header("contact") == f"<sip:441782550100@{PRIVATE}:{port}{alias}>"
    assert media(invite) == f"c=IN IP4 {at}"
    assert "oldmediaip" not in invite.body


def test_forced_equipment_with_a_public_contact_is_answered_where_it_sent_from(ground: Ground) -> None:
    """S-041: no detection would find this one."""
    with ground.line(FORCED) as line:
        elsewhere = (f"Contact: <sip:441782550100@{FORCED}:", "Contact: <sip:441782550100@203.0.113.7:")
        call = line.call("441782550199", change=elsewhere)
        (invite,) = ground.arrived(call)
        assert invite.header("contact").endswith(f";alias={FORCED}~{ports.split(line.endpoint)[1]}~1>")


def test_what_the_other_side_sends_reaches_equipment_behind_nat(ground: Ground, hanging: Answerer) -> None:
    """S-041: the BYE of the called side."""
    with ground.line(FORCED) as line:
        assert hidden(line, "hanging").said == UP
        while "BYE" not in (received := [asked.method for asked in line.requests]):
            assert line.listen(), received
        answer = hanging.wait_for_answers()[-1]
        line.dialogs.clear()
    assert (answer.status, answer.method) == (200, "BYE")


def test_a_later_offer_of_forced_equipment_is_set_right_too(ground: Ground) -> None:
    """S-041."""
    with ground.line(FORCED) as line:
        call = hidden(line, "441782550199")
        before = len(ground.core.invites)
        call.offer(described("192.168.9.9", [PCMA]))
        again = ground.core.wait_for("INVITE", before + 1)[-1]
        assert media(again) == f"c=IN IP4 {FORCED}"
        assert ";alias=" in again.header("contact")
        line.dialogs.clear()


@pytest.mark.parametrize(("option", "aliased"), [("force_nat", True), ("disable_nat", False), ("", True)])
def test_a_switch_that_receives_has_the_option_for_its_answers(
    ground: Ground, far: dict[str, Datagrams], option: str, aliased: bool
) -> None:
    """S-041, W-006; and what Intercept Reinvite answers in its stead is set right as well."""
    switch = far[option]
    address, port = ports.split(switch.endpoint)
    with ground.from_core() as core:
        call = core.invite("1", host=address)
        asked = switch.receive()
        assert asked
        contact = f"Contact: <sip:far@{PRIVATE}:{port}>"
        switch.send(response(asked, "200 OK", [contact], described(INSIDE, [PCMA])), ground.edge)
        assert core.settled(call) == UP
        assert call.answer
        alias = f";alias={address}~{port}~1" if aliased else ""
        assert call.answer.header("contact") == f"<sip:far@{PRIVATE}:{port}{alias}>"
        assert media(call.answer) == f"c=IN IP4 {address if option == 'force_nat' else INSIDE}"
        call.offer(described("127.0.0.9", [PCMA]))
        assert core.settled(call) == UP
        assert call.final
        assert media(call.final) == media(call.answer)
        core.dialogs.clear()
    assert getattr(switch.receive(0.05 if not aliased else 2), "method", "") == ("ACK" if aliased else "")


def test_the_edge_answers_a_later_offer_of_the_caller_itself(ground: Ground) -> None:
    """S-042."""
    with ground.line("127.7.1.4") as line:
        call = line.call("441782550199", offer=described("127.7.1.4", [PCMA]))
        (invite,) = ground.arrived(call)
        call.offer(described("127.7.1.5", [PCMA]))
        assert line.settled(call) == UP
        assert call.final
        assert call.answer
        assert call.final.body == call.answer.body
        assert call.final.header("contact") == call.answer.header("contact")
        assert call.bye() == UP

    def heard(method: str) -> int:
        asked = ground.core.requests(method)
        return sum(message.header("call-id") == invite.header("call-id") for message in asked)

    ground.bench.until(lambda: heard("BYE"), "the core hears of the end")
    assert [heard(method) for method in ("INVITE", "ACK", "BYE")] == [1, 1, 1]


def test_the_edge_answers_a_later_offer_of_the_called_side_itself(ground: Ground, asking: Answerer) -> None:
    """S-042."""
    with ground.line("127.7.1.4") as line:
        call = line.call("asking", offer=described("127.7.1.4", [PCMA]))
        answer = asking.wait_for_answers()[-1]
        assert (answer.status, answer.method) == (200, "INVITE")
        assert media(answer) == "c=IN IP4 127.7.1.4"
        assert call.bye() == UP
        assert not line.requests


def test_without_the_option_a_later_offer_passes(ground: Ground, asking: Answerer) -> None:
    """S-042."""
    seen = len(asking.answers)
    with ground.line(SEEN) as line:
        call = line.call("asking")
        while "ACK" not in (received := [asked.method for asked in line.requests]):
            assert line.listen(), received
        assert received == ["INVITE", "ACK"]
        assert asking.wait_for_answers(seen + 1)[-1].status == 200
        assert call.bye() == UP
