"""Calls that end in an odd way, or whose messages overtake one another: each gives its channel back (S-026, S-095)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import pytest

from tests.edge.clients.messages import Message
from tests.edge.clients.sdp import PCMA, PCMU
from tests.edge.dialling import PATIENCE, Dialog, Line, described
from tests.edge.ground import Ground
from tests.edge.scripted_core import ADDRESS, Core, branch

UP = (200, "OK")
SOURCE, INTERCEPTED = "127.8.1.1", "127.8.1.2"
T1 = 0.5
"""Seconds after which a request is sent again (RFC 3261 §17.1.1.1)."""


@pytest.fixture(scope="module")
def core() -> Iterator[Core]:
    with Core() as core:
        yield core


@pytest.fixture(scope="module")
def ground(template: Path, tmp_path_factory: pytest.TempPathFactory, core: Core) -> Iterator[Ground]:
    # One worker: a test says what overtakes what.
    ground = Ground(template, tmp_path_factory.mktemp("endings"), core=f"sip:{core.endpoint}", children=1)
    ground.entry(ground.beta, SOURCE)
    ground.entry(ground.beta, INTERCEPTED, intercept_reinvite="1", restricted_codecs="PCMU")
    core.edge = ground.edge
    with ground:
        yield ground


@pytest.fixture
def line(ground: Ground) -> Iterator[Line]:
    with ground.line(SOURCE) as line:
        yield line


@pytest.fixture
def counted(ground: Ground, core: Core) -> Iterator[Callable[[], int]]:
    """How many calls of the company are counted; it fails a test after which one still is."""
    while core.hears(0.001):
        pass
    yield lambda: ground.size(ground.beta)
    ground.until_quiet(ground.beta)


def until(line: Line, call: Dialog, status: int) -> Message:
    """Wait until a call has been told a status."""
    while not (found := [told for told in call.responses if told.status == status and told.method == "INVITE"]):
        assert line.listen(), [told.start for told in call.responses]
    return found[-1]


def ringing(line: Line, core: Core) -> tuple[Dialog, Message]:
    """A call that rings."""
    call = line.invite("1")
    asked = core.asked("INVITE")
    core.says(asked, "180 Ringing")
    until(line, call, 180)
    return call, asked


def told(line: Line, method: str = "BYE") -> Message:
    """Wait until the other side has asked something of a caller; calls that it ended are over."""
    while not (found := [asked for asked in line.requests if asked.method == method]):
        assert line.listen(), [asked.start for asked in line.requests]
    if method == "BYE":
        line.dialogs.clear()
    return found[-1]


def ended(line: Line, core: Core, call: Dialog) -> tuple[int, str]:
    """Hang up, and let the core agree."""
    call.sequence += 1
    call._inside("BYE")
    core.says(core.asked("BYE"), "200 OK")
    return line.settled(call)


def test_an_end_that_overtakes_its_answer_waits_for_it(line: Line, core: Core, counted: Callable[[], int]) -> None:
    """Two processes of the switch may take up the 200 and the BYE of the called side in the other order."""
    call, asked = ringing(line, core)
    bye = core.inside(asked, "BYE", 1)
    core.send(bye)
    core.says(asked, "200 OK")
    assert line.settled(call) == UP
    assert not line.requests
    core.asked("ACK")
    assert counted() == 1
    core.send(bye)
    told(line)


def test_an_end_that_its_answer_crosses_ends_the_call_for_both(
    line: Line, core: Core, counted: Callable[[], int]
) -> None:
    """RFC 3261 §15: a caller may send BYE while it rings."""
    call, asked = ringing(line, core)
    rang = until(line, call, 180)
    routes = [f"Route: {route}" for route in rang.all("record-route")]
    start = [f"BYE sip:core@{core.endpoint} SIP/2.0", f"Via: SIP/2.0/UDP {line.endpoint};{branch()}", *routes]
    call._send(start, rang.header("to"), "2 BYE")
    core.says(core.asked("BYE"), "200 OK")
    core.says(asked, "200 OK")
    until(line, call, 200)
    core.asked("ACK")
    assert counted() == 1
    core.says(core.asked("BYE"), "200 OK")
    told(line)


def test_an_answer_that_crosses_its_cancel_is_a_call(line: Line, core: Core, counted: Callable[[], int]) -> None:
    """RFC 3261 §9.1."""
    call, asked = ringing(line, core)
    call.cancel()
    core.asked("CANCEL")
    core.says(asked, "200 OK")
    assert line.settled(call) == UP
    core.asked("ACK")
    assert counted() == 1
    assert ended(line, core, call) == UP


def test_two_calls_of_the_same_names_are_two(line: Line, core: Core, counted: Callable[[], int]) -> None:
    """W-012: else the second is uncounted once the first has ended."""
    call, first = ringing(line, core)
    own = call.invite.header("via").partition("branch=")[2]
    line.send(call.invite.text.replace(own, f"{own}x"))
    core.says(core.asked("INVITE"), "200 OK")
    until(line, call, 200)
    core.says(first, "486 Busy Here")
    until(line, call, 486)
    assert counted() == 1
    assert ended(line, core, call) == UP


@pytest.mark.usefixtures("counted")
def test_a_later_offer_that_the_edge_answers_is_answered_once(ground: Ground, core: Core) -> None:
    """S-042, RFC 3261 §13.3.1.4: the ACK ends the repetition of the 200."""
    with ground.line(INTERCEPTED) as line:
        call = line.invite("1")
        asked = core.asked("INVITE")
        core.says(asked, "200 OK")
        assert line.settled(call) == UP
        call.offer(described(INTERCEPTED, [PCMA]))
        assert line.settled(call) == UP
        assert line.listen(1.2 * T1) is None
        assert ended(line, core, call) == UP


@pytest.mark.usefixtures("counted")
def test_an_offer_that_the_edge_has_no_answer_to_passes_as_any_other(ground: Ground, core: Core) -> None:
    """S-042, S-050: the caller made no offer of its own."""
    with ground.line(INTERCEPTED) as line:
        call = line.invite("1", offer="")
        asked = core.asked("INVITE")
        core.says(asked, "200 OK")
        assert line.settled(call) == UP
        core.send(core.inside(asked, "INVITE", 1, described(ADDRESS, [PCMA, PCMU])))
        offered = told(line, "INVITE")
        assert offered.codecs == [PCMA]
        assert ended(line, core, call) == UP


@pytest.mark.usefixtures("counted")
def test_a_route_that_a_caller_names_is_not_passed_on(line: Line, core: Core) -> None:
    """RFC 3261 §16.4: a core that is a proxy would follow it."""
    call = line.invite("1", headers=[f"Route: <sip:{core.edge};lr>", "Route: <sip:127.0.0.77:5099;lr>"])
    asked = core.asked("INVITE")
    assert not asked.has("route")
    core.says(asked, "486 Busy Here")
    assert line.settled(call) == (486, "Busy Here")


def test_calls_that_are_cancelled_while_they_are_looked_at_are_cancelled(template: Path, tmp_path: Path) -> None:
    """RFC 3261 §9.2: none is told that its destination cannot be reached."""
    with ExitStack() as stack:
        core = stack.enter_context(Core())
        ground = Ground(template, tmp_path, core=f"sip:{core.endpoint}", children=4)
        ground.entry(ground.beta, SOURCE)
        core.edge = stack.enter_context(ground).edge
        line = stack.enter_context(ground.line(SOURCE))
        calls = []
        for _ in range(60):
            calls.append(call := line.invite("1"))
            call.cancel()
        deadline, again = monotonic() + 3 * PATIENCE, monotonic() + T1
        while monotonic() < deadline and (left := [call for call in calls if not call.final]):
            core.gives_up()
            line.drain()
            if monotonic() < again:
                continue
            again += T1
            for call in left:
                # Nothing but the INVITE itself asks again for a final answer that was lost (RFC 3261 §17.1.1.2).
                if not any(told.method == "INVITE" for told in call.responses):
                    line.send(call.invite.text)
                call.cancel()
        assert Counter(call.said[0] for call in calls) == {487: len(calls)}
        ground.until_quiet(ground.beta)
