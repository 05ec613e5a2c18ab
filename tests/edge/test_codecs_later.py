"""What is restricted in the offer of a call is so in all that is offered and answered later in it (S-050, C-08)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.clients.messages import Message
from tests.edge.clients.sdp import G729, PCMA
from tests.edge.dialling import Dialog, described, response
from tests.edge.ground import Ground
from tests.edge.scripted_core import Core, branch

SOURCE = "127.9.2.1"
UP = (200, "OK")
SDP = "Content-Type: application/sdp"


@pytest.fixture(scope="module")
def core() -> Iterator[Core]:
    """A core that offers what it is not asked for."""
    with Core() as core:
        yield core


@pytest.fixture(scope="module")
def ground(template: Path, tmp_path_factory: pytest.TempPathFactory, core: Core) -> Iterator[Ground]:
    ground = Ground(template, tmp_path_factory.mktemp("offering"), core=f"sip:{core.endpoint}")
    core.edge = ground.edge
    ground.entry(ground.beta, SOURCE, restricted_codecs="G729,PCMU", channels="0")
    with ground:
        yield ground


BOTH = described(SOURCE, [G729, PCMA])


def sends(call: Dialog, answered: Message, method: str, sequence: int, body: str) -> None:
    """A request of the caller in a call that is up or rings, with a body."""
    target = answered.header("contact").strip("<>")
    start = [f"{method} {target} SIP/2.0", f"Via: SIP/2.0/UDP {call.line.endpoint};{branch()}"]
    routes = [f"Route: {route}" for route in reversed(answered.all("record-route"))]
    more = [f"Contact: <sip:a@{call.line.endpoint}>", *(["RAck: 1 1 INVITE"] if method == "PRACK" else [])]
    call._send([*start, *routes, *more, SDP], answered.header("to"), f"{sequence} {method}", body)


def test_an_offer_or_answer_while_it_rings_is_restricted_too(ground: Ground, core: Core) -> None:
    """RFC 3262 §5, RFC 3311: in PRACK and UPDATE."""
    with ground.line(SOURCE) as line:
        call = line.invite("1", offer="", headers=["Supported: 100rel"])
        asked = core.asked("INVITE")
        reliable = [f"Contact: <sip:core@{core.endpoint}>", "Require: 100rel", "RSeq: 1"]
        core.send(response(asked, "183 Session Progress", reliable, BOTH))
        while (progress := line.listen()) and progress.status != 183:
            continue
        assert progress
        assert progress.codecs == [PCMA]
        for sequence, method in ((2, "PRACK"), (3, "UPDATE")):
            sends(call, progress, method, sequence, BOTH)
            heard = core.asked(method)
            assert heard.codecs == [PCMA]
            core.says(heard, "200 OK")
        core.says(asked, "486 Busy Here")
        assert line.settled(call)


@pytest.mark.parametrize(("body", "left"), [(BOTH, [PCMA]), (BOTH.replace("AVP 18 8", "AVP 018 8"), [])])
def test_the_answer_in_an_ack_is_restricted_too(
    ground: Ground, core: Core, body: str, left: list[tuple[int, str]]
) -> None:
    """RFC 3264 §4, RFC 3261 §13.2.1: nobody is left to refuse a disguised one to, so that there is none."""
    with ground.line(SOURCE) as line:
        call = line.invite("1", offer="")
        core.says(core.asked("INVITE"), "200 OK")
        call.take = call.responses.append  # type: ignore[method-assign,assignment]
        assert line.settled(call) == UP
        assert call.answer
        sends(call, call.answer, "ACK", 1, body)
        acknowledged = core.asked("ACK")
        assert acknowledged.codecs == left
        assert bool(acknowledged.body) == bool(left)
        line.dialogs.clear()
