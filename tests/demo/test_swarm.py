from __future__ import annotations

from cxtui.demo.swarm import WAVE, Swarm
from cxtui.rules.addresses import parse_host
from cxtui.services.edges import Sighting

NOON = 1_700_000_000.0


def played(seed: int, seconds: int, known: tuple[str, ...] = ()) -> list[list[Sighting]]:
    """What a swarm does, second by second."""
    swarm = Swarm(seed, known)
    return [swarm.step(second, NOON + second) for second in range(seconds)]


def test_the_same_seed_plays_the_same_attack() -> None:
    assert played(7, 300) == played(7, 300)
    assert played(7, 300) != played(8, 300)


def test_newcomers_are_a_few_a_minute_between_the_waves_and_dozens_at_their_height() -> None:
    seconds = played(1, WAVE * 20)
    known: set[str] = set()
    height = calm = 0
    for second, seen in enumerate(seconds):
        new = {one.address for one in seen} - known
        known |= new
        phase = second % WAVE
        height += len(new) if WAVE // 4 - 10 <= phase < WAVE // 4 + 10 else 0
        calm += len(new) if phase >= WAVE // 2 else 0
    assert 24 <= height / 20 * 3 <= 60
    assert 1 <= calm / 20 / (WAVE / 2) * 60 <= 10


def test_addresses_are_single_and_canonical_and_the_words_are_hostile() -> None:
    seen = [one for second in played(2, 3000) for one in second]
    assert all(parse_host(one.address).text == one.address for one in seen)
    agents = "".join(one.user_agent for one in seen)
    assert "\x1b]52;c;" in agents
    assert "[/b]evil" in agents
    assert "\u202e" in agents
    assert max(len(one.user_agent) for one in seen) == 300
    assert {"table", "fail2ban", "nftables"} == {one.source for one in seen}


def test_known_addresses_knock_on_until_they_are_known_no_more() -> None:
    swarm = Swarm(1, ["203.0.113.77"])
    assert any(one.address == "203.0.113.77" for second in range(60) for one in swarm.step(second, NOON + second))
    swarm.known = []
    assert not any(one.address == "203.0.113.77" for second in range(60) for one in swarm.step(second, NOON + second))


def test_an_attacker_gives_up_when_it_is_let_through() -> None:
    swarm = Swarm(1)
    (first,) = {one.address for one in swarm.history(NOON, count=1)}
    assert any(one.address == first for one in swarm.step(0, NOON) + swarm.step(0, NOON) + swarm.step(0, NOON))
    swarm.forget(first)
    assert not any(one.address == first for second in range(60) for one in swarm.step(second, NOON + second))


def test_attackers_give_up_when_their_time_is_over() -> None:
    swarm = Swarm(1)
    swarm.history(NOON)
    assert swarm.step(0, NOON + 7200) == []


def test_the_history_is_in_order_and_in_the_past() -> None:
    seen = Swarm(1).history(NOON, count=40, minutes=10)
    begun = [one.at for one in seen[:40]]
    assert begun == sorted(begun)
    assert begun[0] >= NOON - 600
    assert all(one.at <= NOON for one in seen)
    assert all(again.at >= first.at for first, again in zip(seen[:40], seen[40:], strict=True))
    assert {one.address for one in seen[40:]} == {one.address for one in seen[:40]}
