"""OPTIONS within a call: answered, the call goes on; unanswered, it ends on both sides."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.edge.clients.messages import Message
from tests.edge.clients.raw import Datagrams
from tests.edge.clients.sdp import PCMA
from tests.edge.devices import Device
from tests.edge.dialling import Line, described, response
from tests.edge.ground import Ground

FIRST_PING = 60.0
"""The switch pings a call every 30 seconds, which is the shortest that it can."""


@pytest.fixture
def called() -> Iterator[Datagrams]:
    """A phone that is called, and answers no ping."""
    with Datagrams("127.0.0.47") as phone:
        yield phone


@pytest.fixture
def ground(template: Path, tmp_path: Path, called: Datagrams) -> Iterator[Ground]:
    """An edge with users whose calls are pinged, and one whose are not."""
    ground = Ground(template, tmp_path)
    for name, mode in (("1001", "timeout"), ("1002", "timeout"), ("1003", "disabled"), ("1004", "timeout")):
        ground.user(ground.acme, name, nat_ping=mode)
    with ground:
        ground.registered("1004", called.endpoint)
        yield ground


def connected(device: Device, number: str) -> None:
    """Call, be answered, and acknowledge by the way the edge has recorded."""
    final = device.call(number)
    while final is not None and final.status < 200:
        final = device.hears(3)
    assert final is not None
    assert final.status == 200
    device.within(final, "ACK")


def picked_up(ground: Ground, core: Line, phone: Datagrams) -> None:
    """The core calls a user, whose phone answers."""
    call = core.invite("1004", host="sip.example.net")
    asked = phone.receive(3)
    assert asked is not None
    contact = [f"Contact: <sip:1004@{phone.endpoint}>"]
    phone.send(response(asked, "200 OK", contact, described("127.0.0.47", [PCMA])), ground.edge)
    assert core.settled(call) == (200, "OK")


def until_both_end(devices: dict[str, Device], core: Line, called: Datagrams) -> dict[str, list[Message]]:
    """What each device heard until a caller was hung up on and a called phone's caller was; 1001 answers OPTIONS."""
    heard: dict[str, list[Message]] = {name: [] for name in (*devices, "1004")}
    until = time.monotonic() + FIRST_PING
    while time.monotonic() < until and not (_ended(heard["1002"]) and _ended(core.requests)):
        for name, device in devices.items():
            message = device.hears(0.05)
            if message is None or message.status:
                continue
            heard[name].append(message)
            if name == "1001" or message.method == "BYE":
                device.agree(message)
        core.listen(0.05)
        if (message := called.receive(0.01)) is not None:
            heard["1004"].append(message)
    return heard


def _ended(heard: list[Message]) -> bool:
    return any(message.method == "BYE" for message in heard)


@pytest.mark.timeout(90)
def test_a_call_whose_pings_are_not_answered_is_ended_and_the_others_go_on(ground: Ground, called: Datagrams) -> None:
    """S-130, S-131, S-102: whether the phone that vanished had called or was called."""
    with ExitStack() as stack:
        devices = {
            name: stack.enter_context(Device(ground.edge, name, source=f"127.0.0.{41 + place}"))
            for place, name in enumerate(("1001", "1002", "1003"))
        }
        for place, (name, device) in enumerate(devices.items()):
            connected(device, f"0207946000{place}")
            assert ground.core.wait_for("ACK", place + 1), name
        core = stack.enter_context(ground.from_core())
        picked_up(ground, core, called)
        heard = until_both_end(devices, core, called)
        methods = {name: [message.method for message in got] for name, got in heard.items()}
        assert set(methods["1001"]) == {"OPTIONS"}
        assert "OPTIONS" in methods["1002"]
        assert methods["1002"][-1] == "BYE"
        assert methods["1003"] == []
        assert "OPTIONS" in methods["1004"]
        (ended,) = ground.core.wait_for("BYE", 1)
        assert ended.header("call-id") == heard["1002"][-1].header("call-id")
        assert [message.method for message in core.requests] == ["BYE"]
        # The core has yet to agree to the end of the first one when it says so to the other.
        ground.bench.until(lambda: ground.bench.rpc("dlg.stats_active")["all"] == 2, "two calls are left")
        core.dialogs.clear()
