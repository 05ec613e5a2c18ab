"""A core whose answers a test gives, one by one: for what happens when messages overtake one another."""

from __future__ import annotations

import re
import secrets
from typing import Self

from tests.edge.clients.messages import Message
from tests.edge.clients.raw import Datagrams
from tests.edge.clients.sdp import PCMA
from tests.edge.dialling import described, response

ADDRESS = "127.0.0.9"


class Core:
    """A core whose answers a test gives."""

    def __init__(self) -> None:
        self._socket = Datagrams(ADDRESS)
        self.endpoint = self._socket.endpoint
        self.edge = ""
        self._ringing: dict[str, Message] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.__exit__()

    def asked(self, method: str, patience: float = 3.0) -> Message:
        """The next request of a method; all else that comes before it is left aside."""
        while found := self._socket.receive(patience):
            if not found.status and found.method == method:
                return found
        raise AssertionError(f"no {method} at the core")

    def hears(self, patience: float) -> Message | None:
        """The next message, if one comes within `patience` seconds."""
        return self._socket.receive(patience)

    def says(self, asked: Message, status: str) -> None:
        """Answer a request; a call that is taken gets an audio stream."""
        body = described(ADDRESS, [PCMA]) if status == "200 OK" and asked.method == "INVITE" else ""
        self.send(response(asked, status, [f"Contact: <sip:core@{self.endpoint}>"], body))

    def gives_up(self) -> None:
        """Ring, and end what is cancelled, of all that has come."""
        while found := self.hears(0.001):
            if found.status == 0 and found.method == "INVITE":
                self._ringing[found.header("call-id")] = found
                self.says(found, "180 Ringing")
            elif found.status == 0 and found.method == "CANCEL":
                self.says(found, "200 OK")
                self.says(self._ringing[found.header("call-id")], "487 Request Terminated")

    def inside(self, asked: Message, method: str, sequence: int, body: str = "") -> str:
        """A request of the core in the call that an INVITE made."""
        (target,) = re.findall("<([^>]+)>", asked.header("contact"))
        lines = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.endpoint};{branch()}",
            *(f"Route: {route}" for route in asked.all("record-route")),
            f"From: {asked.header('to')};tag={asked.header('call-id')[:8]}",
            f"To: {asked.header('from')}",
            f"Call-ID: {asked.header('call-id')}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:core@{self.endpoint}>",
            *(["Content-Type: application/sdp"] if body else []),
        ]
        return "\r\n".join([*lines, "Max-Forwards: 70", f"Content-Length: {len(body)}", "", body])

    def send(self, text: str) -> None:
        """Send a message to the edge."""
        self._socket.send(text, self.edge)


def branch() -> str:
    """The end of a Via of its own."""
    return f"rport;branch=z9hG4bK{secrets.token_hex(8)}"
