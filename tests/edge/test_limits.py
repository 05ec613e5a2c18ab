"""Channels and calls per second of entries, users and companies, exactly, under bursts (S-026, S-027, S-095, S-096)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time

import pytest

from cxtui.models.company import Company
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services import lookup
from tests.edge.clients.answerer import Answerer
from tests.edge.clients.sipp import Caller
from tests.edge.dialling import Dialog
from tests.edge.ground import Ground
from tests.support import PASSWORD, REALM

FULL = (503, "Server at max channels")
FAST = (503, "Server at max cps")
UP = (200, "OK")


@pytest.fixture(scope="module")
def phone() -> Iterator[Answerer]:
    """A phone, and a switch that receives."""
    with Answerer("127.0.0.60") as phone:
        yield phone


@pytest.fixture(scope="module")
def ground(template: Path, tmp_path_factory: pytest.TempPathFactory, phone: Answerer) -> Iterator[Ground]:
    ground = Ground(template, tmp_path_factory.mktemp("limits"))
    ground.entry(ground.beta, "127.2.1.1", channels="2")
    ground.entry(ground.beta, "127.2.1.2", channels="0")
    for address in ("127.2.1.3", "127.2.1.4"):
        ground.entry(ground.beta, address, flow_speed="5")
    small = ground.company("Small", channels="3")
    ground.entry(small, "127.2.2.1", channels="100")
    ground.entry(small, "127.2.2.2")
    ground.user(small, "small", channels="2")
    slow = ground.company("Slow", flow_speed="4")
    ground.entry(slow, "127.2.2.3", flow_speed="100")
    ground.entry(slow, "127.2.2.4")
    ground.user(ground.beta, "two", channels="2")
    ground.user(ground.beta, "five", channels="100", flow_speed="5")
    ground.user(ground.beta, "called", channels="1")
    ground.entry(ground.beta, phone.address, direction="ingress", port=str(phone.port), channels="2")
    narrow, calm = ground.company("Narrow", channels="3"), ground.company("Calm", flow_speed="4")
    ground.entry(narrow, "127.2.2.5")
    ground.user(narrow, "narrow", channels="3")
    for name in ("calm1", "calm2"):
        ground.user(calm, name, channels="0")
    ground.user(ground.beta, "slow", channels="0", flow_speed="5")
    with ground:
        for name in ("called", "narrow", "calm1", "calm2", "slow"):
            ground.registered(name, phone.endpoint)
        yield ground


def entry(ground: Ground, address: str) -> IpAuth:
    (row,) = lookup.ip_entries(ground.noc, address)
    return row


def user(ground: Ground, name: str) -> SipUser:
    row = lookup.sip_user(ground.noc, name)
    assert row is not None
    return row


def said(calls: list[Dialog]) -> Counter[tuple[int, str]]:
    return Counter(call.said for call in calls)


def seconds(work: Callable[[], object]) -> int:
    """How many seconds of the clock on the wall some work touches."""
    began = int(time())
    work()
    return int(time()) - began + 1


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_of_a_burst_exactly_the_channels_of_the_entry_are_admitted(ground: Ground, attempt: int) -> None:
    """S-026, W-012."""
    row = entry(ground, "127.2.1.1")
    with ground.line("127.2.1.1") as line:
        calls = [line.invite("441782550199") for _ in range(60)]
        line.settled()
        assert said(calls) == {UP: 2, FULL: 58}, attempt
        assert ground.size(row) == 2
        assert sum(len(ground.arrived(call)) for call in calls) == 2
    ground.until_quiet(row)


def test_sipp_at_2000_calls_a_second_gets_the_channels_and_no_more(ground: Ground) -> None:
    """S-026, W-012."""
    outcome = Caller(ground.edge, "127.2.1.1").call("1", calls=60, rate=2000, hold=2)
    assert Counter(outcome.reasons) == {"OK": 2, FULL[1]: 58}
    assert len(ground.arrived(outcome)) == 2
    ground.until_quiet(entry(ground, "127.2.1.1"))


def test_0_is_unlimited(ground: Ground) -> None:
    """S-026, S-027."""
    row = entry(ground, "127.2.1.2")
    with ground.line("127.2.1.2") as line:
        calls = [line.invite("1") for _ in range(60)]
        line.settled()
        assert said(calls) == {UP: 60}
        assert ground.size(row) == 60
    ground.until_quiet(row)


def test_a_call_whose_invite_arrives_twice_at_once_takes_one_channel_and_gives_it_back(ground: Ground) -> None:
    """S-026, RFC 3261 §17.1.1.2: two processes of the switch may hold the request and its retransmission at once."""
    row = entry(ground, "127.2.1.2")
    with ground.line("127.2.1.2") as line:
        calls = []
        for _ in range(20):
            calls.append(call := line.invite("1"))
            for _ in range(3):
                line.send(call.invite.text)
        line.settled()
        assert said(calls) == {UP: 20}
        assert ground.size(row) == 20
    ground.until_quiet(row)


def test_a_call_that_ends_gives_its_channel_back(ground: Ground) -> None:
    """S-026."""
    with ground.line("127.2.1.1") as line:
        first, _ = line.call("1"), line.call("1")
        assert line.call("1").said == FULL
        first.bye()
        assert line.call("1").said == UP
        assert line.call("1").said == FULL


def test_a_user_gets_its_channels_and_no_more(ground: Ground) -> None:
    """S-095, W-012."""
    caller = Caller(ground.edge, "127.2.3.1")
    outcome = caller.call("1", user="two", password=PASSWORD, calls=40, rate=2000, hold=2)
    assert Counter(outcome.reasons) == {"OK": 2, FULL[1]: 38}
    assert len(ground.arrived(outcome)) == 2
    ground.until_quiet(user(ground, "two"))


def test_the_entries_and_users_of_a_company_share_its_channels(ground: Ground) -> None:
    """W-012."""
    small = ground.company("Small")
    with ground.line("127.2.2.1") as one, ground.line("127.2.2.2") as other:
        calls = [line.invite("1") for _ in range(20) for line in (one, other)]
        one.settled()
        other.settled()
        assert said(calls) == {UP: 3, FULL: 37}
        assert ground.size(small) == 3
        outcome = Caller(ground.edge, "127.2.3.2").call("1", user="small", password=PASSWORD)
        assert outcome.reasons == (FULL[1],)
        one.hang_up()
        other.hang_up()
        ground.until_quiet(small)
        Caller(ground.edge, "127.2.3.2").call("1", user="small", password=PASSWORD, expect=200)


def test_never_more_calls_in_a_second_than_the_entry_may_make(ground: Ground) -> None:
    """S-027, W-012."""
    with ground.line("127.2.1.3") as line:
        calls: list[Dialog] = []

        def burst() -> None:
            calls.extend(line.invite("1") for _ in range(40))
            line.settled()

        most = 5 * seconds(burst)
    assert set(said(calls)) == {UP, FAST}
    assert 5 <= said(calls)[UP] <= most
    assert sum(len(ground.arrived(call)) for call in calls) == said(calls)[UP]


def test_every_second_admits_the_flow_speed_anew(ground: Ground) -> None:
    """S-027: 25 calls a second are made, for two seconds."""
    outcomes = []
    caller = Caller(ground.edge, "127.2.1.4")
    spanned = seconds(lambda: outcomes.append(caller.call("1", calls=50, rate=25)))
    (outcome,) = outcomes
    assert set(outcome.reasons) == {"OK", FAST[1]}
    assert 5 < len(ground.arrived(outcome)) <= 5 * spanned


def test_the_flow_speed_of_a_user_is_kept(ground: Ground) -> None:
    """S-096, W-012."""
    outcomes = []
    caller = Caller(ground.edge, "127.2.3.3")
    spanned = seconds(lambda: outcomes.append(caller.call("1", user="five", password=PASSWORD, calls=40, rate=500)))
    (outcome,) = outcomes
    assert set(outcome.reasons) == {"OK", FAST[1]}
    assert 5 <= len(ground.arrived(outcome)) <= 5 * spanned


def test_the_entries_of_a_company_share_its_flow_speed(ground: Ground) -> None:
    """W-012."""
    with ground.line("127.2.2.3") as one, ground.line("127.2.2.4") as other:
        calls: list[Dialog] = []

        def burst() -> None:
            calls.extend(line.invite("1") for _ in range(10) for line in (one, other))
            one.settled()
            other.settled()

        most = 4 * seconds(burst)
    assert set(said(calls)) == {UP, FAST}
    assert 4 <= said(calls)[UP] <= most


def test_a_colleague_is_not_called_beyond_its_own_channels(ground: Ground, phone: Answerer) -> None:
    """S-095: the phone has one channel, whoever of the company calls it."""
    before = len(phone.invites)
    with ground.line("127.2.1.2") as line:
        assert [line.call("called").said for _ in range(3)] == [UP, FULL, FULL]
        assert ground.size(user(ground, "called")) == 1
    ground.until_quiet(user(ground, "called"))
    assert len(phone.invites) == before + 1


@pytest.mark.parametrize(("number", "host", "most"), [("called", REALM, 1), ("4477", "127.0.0.60", 2)])
def test_calls_that_the_core_sends_are_limited_where_they_go(
    ground: Ground, phone: Answerer, number: str, host: str, most: int
) -> None:
    """S-026, S-095: a user, and a switch that receives."""
    before = len(phone.invites)
    counted: Company | IpAuth | SipUser = user(ground, number) if most == 1 else entry(ground, host)
    with ground.from_core() as core:
        calls = [core.invite(number, host=host) for _ in range(20)]
        core.settled()
        assert said(calls) == {UP: most, FULL: 20 - most}
        assert ground.size(counted) == most
    ground.until_quiet(counted)
    assert len(phone.invites) == before + most


def test_calls_that_the_core_sends_share_the_channels_of_the_company(ground: Ground) -> None:
    """W-012: with what its switch has up already; the user has room enough of its own."""
    narrow = ground.company("Narrow")
    with ground.line("127.2.2.5") as line, ground.from_core() as core:
        assert [line.call("1").said for _ in range(2)] == [UP, UP]
        assert [core.call("narrow", host=REALM).said for _ in range(3)] == [UP, FULL, FULL]
        assert ground.size(narrow) == 3
    ground.until_quiet(narrow)


@pytest.mark.parametrize(("names", "most"), [(("slow",), 5), (("calm1", "calm2"), 4)])
def test_calls_that_the_core_sends_keep_to_the_flow_speed(ground: Ground, names: tuple[str, ...], most: int) -> None:
    """S-096, W-012: of a user, and of a company."""
    with ground.from_core() as core:
        calls: list[Dialog] = []

        def burst() -> None:
            calls.extend(core.invite(name, host=REALM) for _ in range(20) for name in names)
            core.settled()

        allowed = most * seconds(burst)
    assert set(said(calls)) == {UP, FAST}
    assert most <= said(calls)[UP] <= allowed
