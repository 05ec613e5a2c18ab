"""NAT/SIP Ping: a real switch pings the devices that it is to ping, and what does not answer is told, or ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, time

import pytest

from cxtui.models.registration import Registration
from cxtui.models.sip_user import SipUser
from cxtui.services import edge_jobs, registrations, sip_users
from cxtui.store.rows import all_where
from tests.edge.bench import Bench
from tests.edge.clients.baresip import Phone
from tests.edge.clients.messages import Message
from tests.edge.devices import Device, status
from tests.edge.standing import admit, standing
from tests.support import PASSWORD, REALM

INTERVAL = 1
MISSED = 3
ENOUGH = 9.0
"""Seconds in which a silent device is removed: late, and missed twice more."""


@pytest.fixture(scope="module")
def edge(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """An edge that pings every second."""
    folder = tmp_path_factory.mktemp("pings")
    with standing(template, folder, ping_interval=INTERVAL, missed_pings=MISSED) as edge:
        yield edge


def row(edge: Bench, username: str) -> Registration | None:
    """The one contact of a user, None while there is none."""
    with edge.context.database.reading() as link:
        found = all_where(link, Registration, "username = ?", (username,))
    assert len(found) <= 1
    return found[0] if found else None


def saved(edge: Bench, user: SipUser, nat_ping: str) -> SipUser:
    (stored,) = sip_users.save(edge.context, user, {"nat_ping": nat_ping}).rows
    assert isinstance(stored, SipUser)
    return stored


def answering(device: Device, until: Callable[[], object], *, register: float = 0.0) -> list[Message]:
    """Answer the pings of a device until something holds; it registers anew every so many seconds. The pings."""
    pings: list[Message] = []
    deadline, again = monotonic() + ENOUGH, monotonic() + register
    while not until():
        assert monotonic() < deadline, f"not within {ENOUGH:g} s, after {len(pings)} pings"
        if register and monotonic() >= again:
            assert status(device.register()) == 200
            again = monotonic() + register
        if (heard := device.hears(0.02)) is not None and heard.method == "OPTIONS" and not heard.status:
            pings.append(heard)
            device.agree(heard)
    return pings


def pinged(edge: Bench, username: str, times: int) -> bool:
    """Whether a user's contact has answered so many pings, as it is written down."""
    found = row(edge, username)
    return found is not None and len([trip for _, trip in registrations.pings(found) if trip]) >= times


def test_only_devices_whose_user_wants_it_are_pinged_and_the_round_trip_is_told(edge: Bench) -> None:
    """S-099, S-100, S-101, W-020."""
    admit(edge.context, "1400", nat_ping="enabled")
    admit(edge.context, "1401")
    with (
        Phone("1400", PASSWORD, edge.address, domain=REALM, address="127.0.0.60") as pinged_phone,
        Phone("1401", PASSWORD, edge.address, domain=REALM, address="127.0.0.67") as other,
    ):
        pinged_phone.registered()
        other.registered()
        edge.until(lambda: pinged(edge, "1400", 2), "two round trips", ENOUGH)
        found, left = row(edge, "1400"), row(edge, "1401")
        assert found
        assert left
        assert pinged_phone.requests("OPTIONS")
        assert other.requests("OPTIONS") == []
    assert 0 < (found.round_trip or 0) < 500_000
    assert abs(time() - (found.last_ping_at or 0)) < 5
    assert found.missed == 0
    assert (left.pings, left.round_trip, left.last_ping_at, left.missed) == ("", None, None, 0)


def test_a_device_behind_a_nat_is_pinged_where_it_sends_from(edge: Bench) -> None:
    """S-099, W-018, W-020."""
    admit(edge.context, "1402", nat_ping="enabled")
    with Device(edge.address, "1402", source="127.0.0.91") as device:
        assert status(device.register(contact="sip:1402@192.168.1.20:5060")) == 200
        pings = answering(device, lambda: pinged(edge, "1402", 1))
    assert {ping.uri for ping in pings} == {"sip:1402@192.168.1.20:5060"}


def test_a_device_that_registers_more_often_than_it_is_pinged_has_a_latency_too(edge: Bench) -> None:
    """S-101: many phones behind a NAT register every thirty seconds."""
    admit(edge.context, "1403", nat_ping="timeout")
    with Device(edge.address, "1403", source="127.0.0.92") as device:
        assert status(device.register()) == 200
        answering(device, lambda: pinged(edge, "1403", 2), register=INTERVAL / 3)
        found = row(edge, "1403")
        assert found
        assert found.missed == 0
        assert status(device.register(expires=0)) == 200


def test_silence_ends_a_registration_in_the_one_mode_and_is_told_in_the_other(edge: Bench) -> None:
    """S-101, S-102, W-018, C-03; the change from one mode to the other counts at once."""
    patient = admit(edge.context, "1404", nat_ping="enabled")
    admit(edge.context, "1405", nat_ping="timeout")
    with (
        Device(edge.address, "1404", source="127.0.0.93") as one,
        Device(edge.address, "1405", source="127.0.0.94") as other,
    ):
        assert status(one.register()) == 200
        assert status(other.register()) == 200
        edge.until(lambda: row(edge, "1405"), "it is listed", 5)
        seen: set[int] = set()

        def removed() -> bool:
            found = row(edge, "1405")
            seen.update({found.missed} if found else set())
            return found is None

        edge.until(removed, "it is removed", ENOUGH)
        assert seen >= {*range(MISSED)}, "one packet that got lost must not take a phone out of service"
        kept = edge.until(lambda: (found := row(edge, "1404")) and found.missed >= MISSED and found, "missed", ENOUGH)
        assert "AOR not found" in _refusal(edge, "1405")
        assert kept.round_trip is None
        assert registrations.history(kept).lost >= MISSED
        assert registrations.standing([kept], time(), {}).word == "timeout"
        saved(edge, patient, "timeout")
        edge.until(lambda: not row(edge, "1404"), "it is removed too", ENOUGH)
        assert status(other.register()) == 200
        answering(other, lambda: pinged(edge, "1405", 1))


def test_a_change_of_the_mode_counts_from_the_next_registration_and_a_ping_by_hand_at_once(edge: Bench) -> None:
    """S-099…S-102: the switch marks a contact as it registers."""
    user = admit(edge.context, "1406")
    with Device(edge.address, "1406", source="127.0.0.95") as device:
        assert status(device.register()) == 200
        edge.until(lambda: row(edge, "1406"), "it is listed", 5)
        user = saved(edge, user, "enabled")
        (job,) = edge_jobs.ping(edge.context, [user])
        by_hand = answering(device, lambda: edge_jobs.outcomes(edge.context, [job.id])[0].round_trip)
        assert [ping.header("From").startswith(f"<sip:noc@{REALM}>") for ping in by_hand] == [True]
        assert pinged(edge, "1406", 1)
        assert status(device.register()) == 200
        answering(device, lambda: pinged(edge, "1406", 2))
        saved(edge, user, "disabled")
        assert status(device.register()) == 200
        edge.until(lambda: (found := row(edge, "1406")) and not found.missed, "nothing is missed any more", ENOUGH)
        flags = edge.rpc("ul.lookup", "location", "1406")["Contacts"][0]["Contact"]["CFlags"]
        assert flags == 0


def _refusal(edge: Bench, username: str) -> str:
    """Why the switch has nothing to say of a user's registrations."""
    from cxtui.edge.control import Refused

    try:
        return str(edge.rpc("ul.lookup", "location", username))
    except Refused as refusal:
        return refusal.said
