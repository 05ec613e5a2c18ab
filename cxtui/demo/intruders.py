"""Attackers for a real edge on loopback: they guess at logins from 127.66.0.0/16 until they are blocked."""

from __future__ import annotations

import asyncio
import random
import re
from contextlib import suppress
from dataclasses import dataclass

_MOST = 3
_ARRIVAL = (4.0, 14.0)
_BETWEEN = (0.3, 1.2)
_KNOCKS = (3, 12)
_BETWEEN_KNOCKS = (2.0, 8.0)
_PATIENCE = 1.0
_GUESSES = 60
_LONGEST = 65_535
_NONCE = re.compile(rb'nonce="([^"\r\n]{1,200})"')
_REGISTER = (
    "REGISTER sip:{realm} SIP/2.0\r\n"
    "Via: SIP/2.0/UDP {source};branch=z9hG4bK{mark:x};rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:{user}@{realm}>;tag={mark:x}\r\n"
    "To: <sip:{user}@{realm}>\r\n"
    "Call-ID: {call:x}@{source}\r\n"
    "CSeq: {number} REGISTER\r\n"
    "Contact: <sip:{user}@{source}>\r\n"
    "User-Agent: {agent}\r\n"
    "Expires: 300\r\n"
    "{authorization}Content-Length: 0\r\n\r\n"
)
_AUTHORIZATION = (
    'Authorization: Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="sip:{realm}", response="{wrong}",'
    ' algorithm=MD5, cnonce="0a4f113b", qop=auth, nc=00000001\r\n'
)


@dataclass(frozen=True, slots=True)
class _Manner:
    """What an intruder says it is, and the names it guesses at."""

    agent: str
    users: tuple[str, ...]


_MANNERS = (
    _Manner("friendly-scanner", ("100", "101", "102", "200", "1000")),
    _Manner("sipvicious", ("admin", "sip", "test", "root")),
    _Manner("pplsip", ("1007",)),
    _Manner("Z 3.9.32144 r32121", ("1001", "1002", "1003", "1004")),
    # What a terminal must never carry out.
    _Manner("\x1b]52;c;ZXZpbA==\x07", ("1001", "reception")),
    _Manner("[/b]evil[link=http://attacker.example]", ("5001", "concierge")),
)


async def besiege(edge: tuple[str, int], realm: str, seed: int = 1) -> None:
    """Attack an edge with at most ``_MOST`` intruders at a time, a few requests a second, until it is cancelled."""
    rng = random.Random(seed)
    at_work: set[asyncio.Task[None]] = set()
    try:
        while True:
            if len(at_work) < _MOST:
                task = asyncio.create_task(_intrude(edge, realm, random.Random(rng.random())))
                at_work.add(task)
                task.add_done_callback(at_work.discard)
            await asyncio.sleep(rng.uniform(*_ARRIVAL))
    finally:
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)


class _Line(asyncio.DatagramProtocol):
    """A socket of one intruder."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[bytes] = asyncio.Queue(16)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Keep an answer; what nobody waits for is lost."""
        with suppress(asyncio.QueueFull):
            self.answers.put_nowait(data)


async def _intrude(edge: tuple[str, int], realm: str, rng: random.Random) -> None:
    """One intruder: it guesses until nobody answers, knocks a few times more, and gives up."""
    address = f"127.66.{rng.randrange(256)}.{rng.randrange(1, 255)}"
    loop = asyncio.get_running_loop()
    try:
        transport, line = await loop.create_datagram_endpoint(_Line, local_addr=(address, 0), remote_addr=edge)
    except OSError:
        return
    try:
        intruder = _Intruder(transport, line, realm, rng)
        for _ in range(_GUESSES):
            if not await intruder.guess():
                break
            await asyncio.sleep(rng.uniform(*_BETWEEN))
        for _ in range(rng.randint(*_KNOCKS)):
            await asyncio.sleep(rng.uniform(*_BETWEEN_KNOCKS))
            await intruder.guess()
    finally:
        transport.close()


class _Intruder:
    def __init__(self, transport: asyncio.DatagramTransport, line: _Line, realm: str, rng: random.Random) -> None:
        host, port = transport.get_extra_info("sockname")[:2]
        self._source = f"{host}:{port}"
        self._transport, self._line, self._realm, self._rng = transport, line, realm, rng
        self._manner = rng.choice(_MANNERS)
        self._call = rng.getrandbits(64)
        self._number = 0

    async def guess(self) -> bool:
        """Try to log in as somebody; whether the edge answered."""
        user = self._rng.choice(self._manner.users)
        challenge = await self._send(user, "")
        found = _NONCE.search(challenge) if challenge else None
        if found is None:
            return bool(challenge)
        words = {"user": user, "realm": self._realm, "nonce": found[1].decode("ascii", "replace"), "wrong": "0" * 32}
        return bool(await self._send(user, _AUTHORIZATION.format(**words)))

    async def _send(self, user: str, authorization: str) -> bytes:
        self._number += 1
        request = _REGISTER.format(
            realm=self._realm,
            source=self._source,
            mark=self._rng.getrandbits(64),
            user=user,
            call=self._call,
            number=self._number,
            agent=self._manner.agent,
            authorization=authorization,
        )
        while not self._line.answers.empty():
            self._line.answers.get_nowait()
        self._transport.sendto(request.encode()[:_LONGEST])
        try:
            return await asyncio.wait_for(self._line.answers.get(), _PATIENCE)
        except TimeoutError:
            return b""
