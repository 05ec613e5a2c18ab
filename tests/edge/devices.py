"""Devices by hand over UDP: REGISTER and INVITE with the digest that a test wants (RFC 3261 §22, RFC 7616)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Self

from cxtui.rules.challenge import Challenge, answer, parse_challenges
from cxtui.rules.digest import ha1
from tests.edge.clients.messages import Message
from tests.edge.clients.raw import Datagrams
from tests.support import PASSWORD, REALM

PATIENT = 3.0
"""Seconds in which an answer on loopback has come, however busy the machine is."""

QUICK = 0.4
"""Seconds after which silence is taken for silence."""


class Device:
    """One device with a user's name and password at a source; a context manager that closes its socket."""

    def __init__(
        self, edge: str, user: str, password: str = PASSWORD, *, source: str = "127.0.0.41", agent: str = "device"
    ) -> None:
        """Say who it is and where the edge ("address:port") is."""
        __tracebackhide__ = True
        self._edge = edge
        self._user = user
        self._password = password
        self._socket = Datagrams(source)
        self._agent = agent
        self._call = secrets.token_hex(8)
        self._sequence = 0
        self.endpoint = self._socket.endpoint
        self.challenge: Challenge | None = None
        """What it was asked last."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the socket."""
        self._socket.__exit__()

    def register(
        self,
        *,
        to: str = "",
        contact: str = "",
        expires: int = 60,
        nonce: str = "",
        change: Callable[[str], str] = str,
    ) -> Message | None:
        """Register, once more with credentials if asked; the final response, None for silence.

        ``to`` is another user's name, ``nonce`` one to answer with instead of what was asked, ``change`` what is done
        to the credentials. Without ``expires`` the contact is taken back.
        """
        where = contact or f"sip:{self._user}@{self.endpoint}"
        headers = [f"Contact: <{where}>;expires={expires}"]
        return self._proven("REGISTER", f"sip:{REALM}", to or self._user, headers, nonce, change)

    def call(self, number: str = "02079460000") -> Message | None:
        """Call, once more with credentials if asked; the final response, acknowledged, None for silence."""
        headers = [f"Contact: <sip:{self._user}@{self.endpoint}>"]
        return self._proven("INVITE", f"sip:{number}@{REALM}", self._user, headers, "", str)

    def ask(self, method: str = "REGISTER", *headers: str, patience: float = PATIENT) -> Message | None:
        """One request without credentials, or with those in ``headers``."""
        uri = f"sip:{REALM}" if method == "REGISTER" else f"sip:02079460000@{REALM}"
        return self._once(method, uri, self._user, headers, patience)

    def send(self, payload: bytes | str) -> None:
        """Send a datagram as it is."""
        self._socket.send(payload, self._edge)

    def hears(self, patience: float = PATIENT) -> Message | None:
        """The next message from anybody."""
        return self._socket.receive(patience)

    def agree(self, asked: Message, answer: str = "200 OK") -> None:
        """Answer a request."""
        copied = [f"{name}: {value}" for name in ("Via", "From", "To", "Call-ID", "CSeq") for value in asked.all(name)]
        self.send("\r\n".join([f"SIP/2.0 {answer}", *copied, "Content-Length: 0", "", ""]))

    def request(self, method: str, uri: str, user: str, headers: Sequence[str]) -> str:
        """A request of this device, the next of its sequence."""
        self._sequence += 1
        address = f"<sip:{user}@{REALM}>"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.endpoint};rport;branch=z9hG4bK{secrets.token_hex(8)}",
            "Max-Forwards: 70",
            f"From: {address};tag={self._call[:6]}",
            f"To: {address if method == 'REGISTER' else f'<{uri}>'}",
            f"Call-ID: {self._call}",
            f"CSeq: {self._sequence} {method}",
            f"User-Agent: {self._agent}",
            *headers,
        ]
        return "\r\n".join([*lines, "Content-Length: 0", "", ""])

    def within(self, final: Message, method: str) -> None:
        """Send a request of the call that was answered with ``final``, by the way that the edge has recorded."""
        (target,) = re.findall(r"<([^>]+)>", final.header("contact"))
        number = int(final.header("cseq").split()[0]) + (method != "ACK")
        lines = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.endpoint};rport;branch=z9hG4bK{secrets.token_hex(8)}",
            *(f"Route: {route}" for route in reversed(final.all("record-route"))),
            f"From: {final.header('from')}",
            f"To: {final.header('to')}",
            f"Call-ID: {self._call}",
            f"CSeq: {number} {method}",
            "Max-Forwards: 70",
        ]
        self.send("\r\n".join([*lines, "Content-Length: 0", "", ""]))

    def credentials(self, method: str, uri: str) -> str:
        """What answers the last challenge."""
        __tracebackhide__ = True
        assert self.challenge is not None
        secret = ha1(self._user, REALM, self._password)
        return answer(self.challenge, self._user, secret, method, uri, secrets.token_hex(8)).header()

    def learn(self, response: Message) -> None:
        """Remember what a response asks for."""
        name = "www-authenticate" if response.status == 401 else "proxy-authenticate"
        self.challenge = next(iter(parse_challenges(response.all(name))), self.challenge)

    def _proven(
        self, method: str, uri: str, user: str, headers: Sequence[str], nonce: str, change: Callable[[str], str]
    ) -> Message | None:
        __tracebackhide__ = True
        first = self._once(method, uri, user, headers)
        if first is None or first.status not in (401, 407):
            return first
        self.challenge = replace(self.challenge, nonce=nonce) if nonce and self.challenge else self.challenge
        name = "Authorization" if first.status == 401 else "Proxy-Authorization"
        return self._once(method, uri, user, [*headers, f"{name}: {change(self.credentials(method, uri))}"])

    def _once(
        self, method: str, uri: str, user: str, headers: Sequence[str], patience: float = PATIENT
    ) -> Message | None:
        asked = self.request(method, uri, user, headers)
        heard = self._socket.ask(asked, self._edge, patience)
        while heard is not None and heard.sequence != self._sequence:
            heard = self._socket.receive(patience)
        if heard is None:
            return None
        if method == "INVITE":
            kept = Message.parse(asked)
            lines = [asked.split("\r\n")[0].replace("INVITE", "ACK"), f"Via: {kept.header('via')}"]
            lines += [f"From: {kept.header('from')}", f"To: {heard.header('to')}", f"Call-ID: {self._call}"]
            self.send("\r\n".join([*lines, f"CSeq: {self._sequence} ACK", "Content-Length: 0", "", ""]))
        self.learn(heard)
        return heard


def status(message: Message | None) -> int:
    """The status of a response, 0 for silence."""
    return message.status if message else 0


def said(message: Message | None) -> tuple[int, str]:
    """Status and reason of a response, (0, "") for silence."""
    return (message.status, message.reason) if message else (0, "")
