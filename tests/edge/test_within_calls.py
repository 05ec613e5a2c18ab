"""What a customer may say within a call: to the other side, and nothing that frees a channel while the call goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from cxtui.services import lookup
from tests.edge.clients.messages import Message
from tests.edge.clients.raw import Datagrams, request
from tests.edge.devices import Device, status
from tests.edge.dialling import Dialog, Line
from tests.edge.ground import Ground
from tests.edge.scripted_core import Core, branch
from tests.support import REALM

UP, GONE = (200, "OK"), (481, "Call/Transaction Does Not Exist")
SOURCE, STRANGER, ELSEWHERE, SECOND_NODE = "127.8.2.1", "127.8.2.2", "127.8.2.3", "127.8.2.4"


@pytest.fixture(scope="module")
def core() -> Iterator[Core]:
    with Core() as core:
        yield core


@pytest.fixture(scope="module")
def ground(template: Path, tmp_path_factory: pytest.TempPathFactory, core: Core) -> Iterator[Ground]:
    ground = Ground(template, tmp_path_factory.mktemp("within"), core=f"sip:{core.endpoint}", children=1)
    ground.entry(ground.beta, SOURCE, channels="1")
    ground.user(ground.beta, "one", channels="1")
    core.edge = ground.edge
    with ground:
        yield ground


@pytest.fixture
def line(ground: Ground, core: Core) -> Iterator[Line]:
    while core.hears(0.001):
        pass
    with ground.line(SOURCE) as line:
        yield line
        line.dialogs.clear()
    ground.until_quiet(ground.beta)


@pytest.fixture
def elsewhere() -> Iterator[Datagrams]:
    """A host that is no part of any call."""
    with Datagrams(ELSEWHERE) as host:
        yield host


def up(line: Line, core: Core) -> tuple[Dialog, Message]:
    """A call with the core."""
    call = line.invite("100")
    asked = core.asked("INVITE")
    core.says(asked, "200 OK")
    assert line.settled(call) == UP
    core.asked("ACK")
    return call, asked


def asks(call: Dialog, method: str, uri: str, sequence: int = 2, headers: Sequence[str] = ()) -> None:
    """Send a request within a call to a Request-URI of one's own."""
    assert call.answer
    routes = [f"Route: {route}" for route in reversed(call.answer.all("record-route"))]
    start = [f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/UDP {call.line.endpoint};{branch()}", *routes, *headers]
    call._send(start, call.answer.header("to"), f"{sequence} {method}")


def told(call: Dialog, line: Line, sequence: int = 2) -> tuple[int, str]:
    """What a request within a call was answered."""
    while not (found := [one for one in call.responses if one.header("cseq").startswith(f"{sequence} ")]):
        assert line.listen(), "no answer"
    return found[-1].status, found[-1].start.split(" ", 2)[2]


def agrees_to_end(core: Core) -> Message:
    """Let the core agree to the end of a call."""
    asked = core.asked("BYE")
    core.says(asked, "200 OK")
    return asked


ENDS: dict[str, Callable[[Dialog, str, str], None]] = {
    "at another host": lambda call, _, other: asks(call, "BYE", f"sip:core@{other}"),
    "at another port": lambda call, uri, _: asks(call, "BYE", uri.rpartition(":")[0] + ":9"),
    "with an old number": lambda call, uri, _: asks(call, "BYE", uri, 0),
    "with what the core cannot do": lambda call, uri, _: asks(call, "BYE", uri, headers=["Require: x"]),
    "with a body nobody reads": lambda call, uri, _: asks(call, "BYE", uri, headers=["Content-Encoding: x"]),
}


@pytest.mark.parametrize("how", ENDS)
def test_the_core_hears_of_every_end_that_frees_a_channel(
    ground: Ground, line: Line, core: Core, elsewhere: Datagrams, how: str
) -> None:
    """S-026, S-095: else a call would go on that is not counted."""
    call, _ = up(line, core)
    assert call.answer
    (uri,) = re.findall("<([^>]+)>", call.answer.header("contact"))
    ENDS[how](call, uri, elsewhere.endpoint)
    said = agrees_to_end(core)
    assert (said.start, said.header("require")) == (f"BYE {uri} SIP/2.0", "")
    assert told(call, line, 0 if "old" in how else 2) == UP
    ground.until_quiet(ground.beta)
    assert elsewhere.receive(0.05) is None


def test_a_caller_that_hangs_up_in_the_cores_name_hangs_up(ground: Ground, line: Line, core: Core) -> None:
    call, _ = up(line, core)
    assert call.answer
    swapped = [
        f"BYE sip:441782550100@{line.endpoint} SIP/2.0",
        f"Via: SIP/2.0/UDP {line.endpoint};{branch()}",
        f"Route: {call.answer.header('record-route')}",
        f"From: {call.answer.header('to')}",
        f"To: {call.invite.header('from')}",
        f"Call-ID: {call.invite.header('call-id')}",
        "CSeq: 77 BYE",
        "Max-Forwards: 70",
        "Content-Length: 0",
    ]
    line.send("\r\n".join([*swapped, "", ""]))
    agrees_to_end(core)
    ground.until_quiet(ground.beta)


def test_an_end_that_is_sent_again_ends_one_call(
    ground: Ground, line: Line, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, _ = up(line, core)
    sent: list[str] = []
    monkeypatch.setattr(line, "send", sent.append)
    asks(call, "BYE", "sip:anybody@127.0.0.9")
    monkeypatch.undo()
    for _ in range(2):
        line.send(sent[0])
    agrees_to_end(core)
    ground.until_quiet(ground.beta)
    line.send(sent[0])
    assert told(call, line) == UP
    assert core.hears(0.3) is None


def test_who_has_hung_up_may_call_again_at_once(ground: Ground, line: Line, core: Core) -> None:
    """S-026, W-012: however long the core takes to agree."""
    (entry,) = lookup.ip_entries(ground.noc, SOURCE)
    for _ in range(20):
        call, _ = up(line, core)
        asks(call, "BYE", "sip:anybody@127.0.0.9")
        assert told(call, line) == UP
        assert [ground.size(row) for row in (entry, ground.beta)] == [0, 0]
        agrees_to_end(core)


def taken(device: Device, core: Core) -> Message:
    """The answer to a call of a user that the core takes."""
    assert status(device.ask("INVITE")) == 407
    uri = f"sip:02079460000@{REALM}"
    headers = [f"Contact: <sip:one@{device.endpoint}>", f"Proxy-Authorization: {device.credentials('INVITE', uri)}"]
    device.send(device.request("INVITE", uri, "one", headers))
    core.says(core.asked("INVITE"), "200 OK")
    while final := device.hears():
        if final.status == 200:
            return final
    raise AssertionError("no answer")


def test_a_user_that_has_hung_up_may_call_again_at_once(ground: Ground, core: Core) -> None:
    """S-095, W-012."""
    user = lookup.sip_user(ground.noc, "one")
    assert user is not None
    with Device(ground.edge, "one") as device:
        for _ in range(2):
            final = taken(device, core)
            device.within(final, "ACK")
            core.asked("ACK")
            assert [ground.size(row) for row in (user, ground.beta)] == [1, 1]
            device.within(final, "BYE")
            assert status(device.hears()) == 200
            assert [ground.size(row) for row in (user, ground.beta)] == [0, 0]
            agrees_to_end(core)


def test_another_host_of_the_core_can_hang_up(ground: Ground, line: Line, core: Core) -> None:
    """A core of several hosts ends a call from any of them: its first one is told, and so is the customer."""
    _, asked = up(line, core)
    with Datagrams(SECOND_NODE) as node:
        node.send(core.inside(asked, "BYE", 1), ground.edge)
        while "BYE" not in (received := [one.method for one in line.requests]):
            assert line.listen(), received
        agrees_to_end(core)


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "MESSAGE", "REFER", "INFO", "SUBSCRIBE", "PUBLISH", "ODD"])
def test_within_a_call_nobody_but_the_other_side_is_asked(
    line: Line, core: Core, elsewhere: Datagrams, method: str
) -> None:
    """Behind the edge nobody asks for a password, and nobody counts."""
    call, _ = up(line, core)
    asks(call, method, f"sip:100@{elsewhere.endpoint}")
    assert told(call, line) == GONE
    asks(call, method, f"sip:00900123@{core.endpoint}", 3)
    assert told(call, line, 3) == GONE
    asks(call, method, f"sip:core@{core.endpoint};alias={ELSEWHERE}~{elsewhere.endpoint.rpartition(':')[2]}~1", 4)
    assert told(call, line, 4) == GONE
    assert elsewhere.receive(0.05) is None
    asks(call, "BYE", f"sip:core@{core.endpoint}", 5)
    agrees_to_end(core)


def test_the_other_side_is_asked_where_it_said_last(line: Line, core: Core) -> None:
    """RFC 3261 §12.2.1.2: the target of a call may change while it is up."""
    call, asked = up(line, core)
    moved = core.inside(asked, "UPDATE", 1).replace("<sip:core@", "<sip:moved@")
    core.send(moved)
    while not [one for one in line.requests if one.method == "UPDATE"]:
        assert line.listen()
    asks(call, "INFO", f"sip:moved@{core.endpoint}")
    core.says(core.asked("INFO"), "200 OK")
    assert told(call, line) == UP
    asks(call, "BYE", f"sip:moved@{core.endpoint}", 3)
    agrees_to_end(core)


def test_a_target_may_be_written_in_another_way(line: Line, core: Core) -> None:
    """RFC 3261 §19.1.4: hosts in any case, 5060 or no port."""
    call, asked = up(line, core)
    core.send(core.inside(asked, "UPDATE", 1).replace(f"<sip:core@{core.endpoint}>", "<sip:core@LocalHost>"))
    while not [one for one in line.requests if one.method == "UPDATE"]:
        assert line.listen()
    asks(call, "INFO", "sip:core@localhost:5060")
    assert told(call, line) != GONE
    asks(call, "INFO", "sip:core@localhost:5061", 3)
    assert told(call, line, 3) == GONE
    asks(call, "BYE", f"sip:core@{core.endpoint}", 4)
    agrees_to_end(core)


@pytest.mark.parametrize("method", ["BYE", "ACK", "INFO"])
@pytest.mark.parametrize("route", ["<sip:{edge};lr>", "<sip:{edge};lr;core=none;seal=0>", "{route}"])
def test_what_belongs_to_no_call_goes_nowhere(
    ground: Ground, line: Line, core: Core, elsewhere: Datagrams, method: str, route: str
) -> None:
    """An edge that sent on whatever has a tag and a Route could be made to reach, or to wait for, any host."""
    call, _ = up(line, core)
    assert call.answer
    way = route.format(edge=ground.edge, route=call.answer.header("record-route"))
    text = request(method, STRANGER + ":5060", uri=f"sip:x@{elsewhere.endpoint}", headers=[f"Route: {way}"])
    with Datagrams(STRANGER) as stranger:
        answer = stranger.ask(text.replace("\r\nCall-ID", ";tag=up\r\nCall-ID", 1), ground.edge, 0.3)
    assert (answer.status if answer else None) == (None if method == "ACK" else 481)
    assert elsewhere.receive(0.05) is None
    asks(call, "BYE", f"sip:core@{core.endpoint}")
    agrees_to_end(core)


def test_a_number_after_which_no_end_could_follow_is_refused(line: Line, core: Core) -> None:
    """RFC 3261 §8.1.1.5: it is below 2³¹."""
    call, _ = up(line, core)
    asks(call, "INFO", f"sip:core@{core.endpoint}", 2**31 - 1)
    assert told(call, line, 2**31 - 1) == (400, "Bad CSeq")
    asks(call, "BYE", f"sip:core@{core.endpoint}", 2)
    agrees_to_end(core)
