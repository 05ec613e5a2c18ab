"""Calls by hand over UDP: what a test wants to see of a call at a moment of its own, and bursts (RFC 3261 §12, §17)."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence
from typing import Self

from tests.edge.clients import ports, sdp
from tests.edge.clients.messages import Message
from tests.edge.clients.raw import Datagrams, request
from tests.edge.clients.sipp import CLI

PATIENCE = 3.0
_URI = re.compile(r"<([^>]+)>")


class Dialog:
    """One call as its caller sees it; what it has been answered is in `responses`, ACKs are sent at once."""

    def __init__(self, line: Line, invite: str) -> None:
        """Of an INVITE that is about to be sent."""
        self.line = line
        self.invite = Message.parse(invite, sent=True)
        self.sequence = 1
        self.responses: list[Message] = []

    @property
    def final(self) -> Message | None:
        """The final response to the newest request of the call, None while there is none."""
        newest = [found for found in self.responses if found.sequence == self.sequence and found.method != "CANCEL"]
        own = [found for found in newest if found.status >= 200]
        return own[-1] if own else None

    @property
    def answer(self) -> Message | None:
        """The response that made the call, None where there is none."""
        made = (found for found in self.responses if found.status // 100 == 2 and found.sequence == 1)
        return next((found for found in made if found.method == "INVITE"), None)

    @property
    def said(self) -> tuple[int, str]:
        """Status and reason of the final response to the newest request, 0 where there is none."""
        return (self.final.status, self.final.reason) if self.final else (0, "")

    def cancel(self) -> None:
        """Give up before it is answered, and do not wait."""
        kept = [self.invite.start.replace("INVITE", "CANCEL"), f"Via: {self.invite.header('via')}"]
        self._send(kept, self.invite.header("to"), "1 CANCEL")

    def offer(self, body: str) -> None:
        """Send a re-INVITE and do not wait."""
        self.sequence += 1
        self._inside("INVITE", [f"Contact: {self.invite.header('contact')}", "Content-Type: application/sdp"], body)

    def bye(self) -> tuple[int, str]:
        """Hang up; how that ends."""
        self.sequence += 1
        self._inside("BYE")
        return self.line.settled(self)

    def take(self, response: Message) -> None:
        """Keep a response, and acknowledge a final one to an INVITE."""
        self.responses.append(response)
        if response.method != "INVITE" or response.status < 200:
            return
        if response.status < 300:
            self._inside("ACK", sequence=response.sequence)
        else:
            kept = [self.invite.start.replace("INVITE", "ACK"), f"Via: {response.header('via')}"]
            self._send(kept, response.header("to"), f"{response.sequence} ACK")

    def _inside(self, method: str, headers: Sequence[str] = (), body: str = "", sequence: int = 0) -> None:
        """A request inside the dialog, by the route and to the address that the answer named."""
        assert self.answer is not None, f"{method} in a call that was not answered"
        found = _URI.search(self.answer.header("contact"))
        target = found[1] if found else ""
        routes = [f"Route: {route}" for route in reversed(self.answer.all("record-route"))]
        via = f"Via: SIP/2.0/UDP {self.line.endpoint};rport;branch=z9hG4bK{secrets.token_hex(8)}"
        start = [f"{method} {target} SIP/2.0", via, *routes, *headers]
        self._send(start, self.answer.header("to"), f"{sequence or self.sequence} {method}", body)

    def _send(self, start: Sequence[str], to: str, cseq: str, body: str = "") -> None:
        names = [f"From: {self.invite.header('from')}", f"To: {to}", f"Call-ID: {self.invite.header('call-id')}"]
        lines = [*start, *names, f"CSeq: {cseq}", "Max-Forwards: 70", f"Content-Length: {len(body.encode())}", "", body]
        self.line.send("\r\n".join(lines))


class Line:
    """A switch or phone at an address of loopback that calls through the edge ("address:port").

    As a context manager it hangs up what is still up when it ends. Requests of the other side are kept in `requests`
    and answered with 200.
    """

    def __init__(self, edge: str, source: str = "127.0.0.21", port: int = 0) -> None:
        """Bind it at once."""
        self._edge = edge
        self._socket = Datagrams(source, port)
        self.endpoint = self._socket.endpoint
        self.dialogs: dict[str, Dialog] = {}
        self.requests: list[Message] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up and close."""
        try:
            self.hang_up()
        finally:
            self._socket.__exit__()

    def invite(
        self,
        number: str,
        *,
        cli: str = CLI,
        codecs: Sequence[sdp.Codec] = (sdp.PCMA, sdp.PCMU),
        offer: str | None = None,
        host: str = "",
        headers: Sequence[str] = (),
        change: tuple[str, str] = ("", ""),
    ) -> Dialog:
        """Send an INVITE to `number`, at the edge or at `host`, and do not wait.

        `offer` is a body of one's own, "" for none; `change` what to replace in the finished request, once.
        """
        body = described(ports.split(self.endpoint)[0], codecs) if offer is None else offer
        kind = ["Content-Type: application/sdp"] if body else []
        where = host or self._edge
        uri = f"sip:{number}@{where}" if number else f"sip:{where}"
        text = request("INVITE", self.endpoint, uri=uri, user=cli, headers=[*kind, *headers], body=body)
        assert change[0] in text, change
        text = text.replace(*change, 1) if change[0] else text
        dialog = Dialog(self, text)
        self.dialogs[dialog.invite.header("call-id")] = dialog
        self.send(text)
        return dialog

    def call(self, number: str, **given: object) -> Dialog:
        """Send an INVITE as `invite` does, and wait for its final response."""
        dialog = self.invite(number, **given)  # type: ignore[arg-type]
        self.settled(dialog)
        return dialog

    def settled(self, *dialogs: Dialog) -> tuple[int, str]:
        """Wait until the newest request of each of these calls, or of all, is answered; what the first one was told."""
        wanted = dialogs or tuple(self.dialogs.values())
        deadline = time.monotonic() + PATIENCE
        while any(dialog.final is None for dialog in wanted) and time.monotonic() < deadline:
            self.listen(deadline - time.monotonic())
        return wanted[0].said if wanted else (0, "")

    def listen(self, patience: float = PATIENCE) -> Message | None:
        """Take the next message, if one comes within `patience` seconds."""
        message = self._socket.receive(patience)
        if message is None:
            return None
        if message.status:
            if dialog := self.dialogs.get(message.header("call-id")):
                dialog.take(message)
        elif message.method:
            self.requests.append(message)
            if message.method != "ACK":
                self.send(response(message, "200 OK"))
        return message

    def drain(self) -> None:
        """Take all that has come: a socket keeps but a few hundred messages."""
        while self.listen(0.001):
            continue

    def hang_up(self) -> None:
        """End every call that is up."""
        for dialog in self.dialogs.values():
            if dialog.answer and not (dialog.final and dialog.final.method == "BYE"):
                dialog.bye()

    def send(self, text: str) -> None:
        """Send a message to the edge."""
        self._socket.send(text, self._edge)


def response(asked: Message, status: str, headers: Sequence[str] = (), body: str = "") -> str:
    """A response to a request, with a tag of its own on the side that answers."""
    copied = [f"{name}: {value}" for name in ("Via", "From", "Call-ID", "CSeq") for value in asked.all(name)]
    to = asked.header("to")
    tagged = to if ";tag=" in to else f"{to};tag={asked.header('call-id')[:8]}"
    routes = [f"Record-Route: {route}" for route in asked.all("record-route")]
    kind = ["Content-Type: application/sdp"] if body else []
    lines = [f"SIP/2.0 {status}", *copied, f"To: {tagged}", *routes, *headers, *kind]
    return "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body])


def described(address: str, codecs: Sequence[sdp.Codec], *more: str) -> str:
    """An audio stream at an address with the line ends that stand in a datagram, and `more` lines after it."""
    return "\r\n".join([*sdp.body(address, codecs).splitlines(), *more, ""])
