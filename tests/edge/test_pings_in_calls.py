"""OPTIONS within a call: answered, the call goes on; unanswered, it ends on both sides."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.clients.messages import Message
from tests.edge.devices import Device
from tests.edge.ground import Ground

FIRST_PING = 60.0
"""The switch pings a call every 30 seconds, which is the shortest that it can."""


@pytest.fixture
def ground(template: Path, tmp_path: Path) -> Iterator[Ground]:
    """An edge with users whose calls are pinged, and one whose are not."""
    ground = Ground(template, tmp_path)
    for name, mode in (("1001", "timeout"), ("1002", "timeout"), ("1003", "disabled")):
        ground.user(ground.acme, name, nat_ping=mode)
    with ground:
        yield ground


def connected(device: Device, number: str) -> None:
    """Call, be answered, and acknowledge by the way the edge has recorded."""
    final = device.call(number)
    while final is not None and final.status < 200:
        final = device.hears(3)
    assert final is not None
    assert final.status == 200
    target = re.findall(r"<([^>]+)>", final.header("contact"))[0]
    routes = [f"Route: {route}" for route in reversed(final.all("record-route"))]
    ack = device.request("ACK", target, "", routes)
    kept = {"From": final.header("from"), "To": final.header("to"), "CSeq": final.header("cseq").split()[0] + " ACK"}
    for name, value in kept.items():
        line = f"{name}: {value}".replace("\\", r"\\")
        ack = re.sub(rf"^{name}: .*$", line, ack, flags=re.MULTILINE)
    device.send(ack.replace("\n", "\r\n").replace("\r\r\n", "\r\n"))


def spoken_to(devices: dict[str, Device], answering: set[str], until: float, enough: int) -> dict[str, list[Message]]:
    """What each device heard; those that answer OPTIONS do."""
    heard: dict[str, list[Message]] = {name: [] for name in devices}
    while time.monotonic() < until and sum(any(one.method == "BYE" for one in got) for got in heard.values()) < enough:
        for name, device in devices.items():
            message = device.hears(0.05)
            if message is None or message.status:
                continue
            heard[name].append(message)
            if name in answering or message.method == "BYE":
                device.agree(message)
    return heard


@pytest.mark.timeout(90)
def test_a_call_whose_pings_are_not_answered_is_ended_and_the_others_go_on(ground: Ground) -> None:
    """S-130, S-131, S-102."""
    devices = {
        name: Device(ground.edge, name, source=f"127.0.0.{41 + place}").__enter__()
        for place, name in enumerate(("1001", "1002", "1003"))
    }
    try:
        for place, (name, device) in enumerate(devices.items()):
            connected(device, f"0207946000{place}")
            assert ground.core.wait_for("ACK", place + 1), name
        heard = spoken_to(devices, {"1001"}, time.monotonic() + FIRST_PING, enough=1)
        methods = {name: [message.method for message in got] for name, got in heard.items()}
        assert set(methods["1001"]) == {"OPTIONS"}
        assert "OPTIONS" in methods["1002"]
        assert methods["1002"][-1] == "BYE"
        assert methods["1003"] == []
        (ended,) = ground.core.wait_for("BYE", 1)
        assert ended.header("call-id") == heard["1002"][-1].header("call-id")
    finally:
        for device in devices.values():
            device.__exit__()
