"""Who attacks in the demo, how often and with which words; the same for the same seed."""

from __future__ import annotations

import ipaddress
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass

from cxtui.services.edges import Sighting

WAVE = 150
"""Seconds from one wave to the next."""

_MOST = 400
_NETWORKS = tuple(ipaddress.ip_network(text) for text in ("45.0.0.0/8", "91.192.0.0/10", "103.0.0.0/9", "185.0.0.0/8"))
_V6 = ipaddress.ip_network("2a0e:8f02::/32")


@dataclass(frozen=True, slots=True)
class _Manner:
    """A kind of attacker: why it is blocked, what it says it is, the user names it tries, and who caught it."""

    reason: str
    agents: tuple[str, ...]
    usernames: tuple[str, ...] = ("",)
    source: str = "table"
    minutes: tuple[int, ...] = (5, 10, 30)


_MANNERS = (
    _Manner("scanner friendly-scanner", ("friendly-scanner",)),
    _Manner("scanner sipvicious", ("sipvicious", "sundayddr")),
    _Manner("unknown user ×96", ("Z 3.9.32144 r32121", "eyeBeam release 3006o"), ("100 101 102 200 1000", "admin sip")),
    _Manner("wrong password 1007", ("pplsip", "Cisco-SIPGateway/IOS-12.x"), ("1007",), "fail2ban", (10, 60)),
    _Manner("INVITE not authorised", ("Asterisk PBX 18", "FPBX-16.0.40", "")),
    _Manner("flood: 900 requests a minute", ("SIPp", ""), source="nftables", minutes=(2, 5)),
    _Manner(
        "malformed message",
        (
            "\x1b]52;c;ZXZpbA==\x07",
            "[/b]evil[link=http://attacker.example]",
            "\x1b[2J\x1b[1;1Hall calm",
            "\u202egnihton\u202c",
            "A" * 300,
        ),
        ("\x1b[31m1001", "' OR 1=1 --"),
    ),
)
_OFTEN = (30, 15, 20, 10, 12, 5, 4)


@dataclass(slots=True)
class _Attacker:
    first: Sighting
    until: float


class Swarm:
    """Attackers that come in waves and knock again until the firewall lets go of them.

    ``seed`` decides everything but the time. ``known`` are addresses that are blocked already and knock on.
    """

    def __init__(self, seed: int, known: Iterable[str] = ()) -> None:
        self._rng = random.Random(seed)
        self._attackers: dict[str, _Attacker] = {}
        self.known = list(known)

    def history(self, now: float, count: int = 60, minutes: int = 25) -> list[Sighting]:
        """``count`` blocks that began in the last minutes, the oldest first."""
        moments = sorted(now - 60 * minutes * self._rng.random() for _ in range(count))
        found = [self._arrive(moment, ends=now + 60 * self._rng.uniform(2, 30)) for moment in moments]
        return [*found, *(self._again(seen, max(seen.at, now - 5 * self._rng.random())) for seen in found)]

    def step(self, second: int, now: float) -> list[Sighting]:
        """What the edges see in the next second: a few newcomers a minute, dozens at the height of a wave."""
        a_minute = 4 + 50 * max(0.0, math.sin(2 * math.pi * second / WAVE)) ** 6
        self._attackers = {name: one for name, one in self._attackers.items() if one.until > now}
        seen = []
        if len(self._attackers) < _MOST and self._rng.random() < a_minute / 60:
            seen.append(self._arrive(now))
        firsts = [one.first for one in self._attackers.values()]
        if firsts:
            seen += [self._again(self._rng.choice(firsts), now) for _ in range(self._rng.randint(0, 3))]
        if self.known and self._rng.random() < 0.3:
            seen.append(Sighting(self._rng.choice(self.known), now, self._rng.randint(1, 3), "INVITE not authorised"))
        return seen

    def forget(self, address: str) -> None:
        """The address gives up, such as when an operator let it through."""
        self._attackers.pop(address, None)

    def _arrive(self, now: float, ends: float | None = None) -> Sighting:
        manner = self._rng.choices(_MANNERS, _OFTEN)[0]
        until = ends if ends is not None else now + 60 * self._rng.choice(manner.minutes)
        seen = Sighting(
            self._address(),
            now,
            self._rng.randint(1, 40),
            manner.reason,
            self._rng.choice(manner.usernames),
            self._rng.choice(manner.agents),
            manner.source,
            until,
        )
        self._attackers[seen.address] = _Attacker(seen, until)
        return seen

    def _again(self, seen: Sighting, now: float) -> Sighting:
        hits = self._rng.randint(1, 25)
        return Sighting(seen.address, now, hits, seen.reason, source=seen.source, expires_at=seen.expires_at)

    def _address(self) -> str:
        network = _V6 if self._rng.random() < 0.06 else self._rng.choice(_NETWORKS)
        return str(network[self._rng.randrange(1, network.num_addresses - 1)])
