"""Calls by hand over UDP: what a test wants to see of a call at a moment of its own, and bursts (RFC 3261 §12, §17)."""

from __future__ import annotations

import hashlib
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
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


class Dialog:
    """One call as its caller sees it; what it has been answered is in `final`."""

    def __init__(self, line: Line, invite: str) -> None:
        """Of an INVITE that is about to be sent."""
        self.line = line
        self.invite = Message.parse(invite, sent=True)
        self.sequence = 1
        self.responses: list[Message] = []

    @property
    def final(self) -> Message | None:
        """The final response to the newest request of the call, None while there is none."""
        own = [found for found in self.responses if found.status >= 200 and found.sequence == self.sequence]
        return own[-1] if own else None

    @property
    def answer(self) -> Message | None:
        """The response that made the call, None where there is none."""
        return next((found for found in self.responses if found.status // 100 == 2 and found.sequence == 1), None)

    @property
    def said(self) -> tuple[int, str]:
        """Status and reason of the final response, 0 where there is none."""
        return (self.final.status, self.final.reason) if self.final else (0, "")

    def cancel(self) -> tuple[int, str]:
        """Give up before it is answered; how the INVITE ends then."""
        kept = [self.invite.start.replace("INVITE", "CANCEL"), f"Via: {self.invite.header('via')}"]
        self._send(kept, self.invite.header("to"), "1 CANCEL")
        return self.line.settled(self)

    def again(self, body: str) -> Message | None:
        """Offer anew inside the call; the final response, which is acknowledged."""
        self.sequence += 1
        kind = [f"Contact: {self.invite.header('contact')}", "Content-Type: application/sdp"]
        self._inside("INVITE", kind, body)
        self.line.settled(self)
        return self.final

    def bye(self) -> Message | None:
        """Hang up; the final response."""
        self.sequence += 1
        self._inside("BYE")
        self.line.settled(self)
        return self.final

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

    As a context manager it hangs up what is still up when it ends. Requests from the other side it answers with 200.
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
        """Send an INVITE to `number` and do not wait; `offer` is a body of one's own, "" for none.

        `change` is a piece of the finished request and what stands there instead.
        """
        body = (
            sdp.body(ports.split(self.endpoint)[0], codecs).replace("\n", "\r\n") + "\r\n" if offer is None else offer
        )
        kind = ["Content-Type: application/sdp"] if body else []
        uri = f"sip:{number}@{host or self._edge}" if number else f"sip:{host or self._edge}"
        text = request("INVITE", self.endpoint, uri=uri, user=cli, headers=[*headers, *kind], body=body)
        text = text.replace(*change) if change[0] else text
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

    def listen(self, patience: float) -> Message | None:
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
                self.send(_agreement(message))
        return message

    def hang_up(self) -> None:
        """End every call that is up."""
        answered = [dialog for dialog in self.dialogs.values() if dialog.answer and dialog.final]
        for dialog in answered:
            if dialog.final and dialog.final.method != "BYE":
                dialog.bye()

    def send(self, text: str) -> None:
        """Send a message to the edge."""
        self._socket.send(text, self._edge)


def _agreement(asked: Message) -> str:
    """200 to a request of the other side."""
    copied = [f"{name}: {value}" for name in ("Via", "From", "To", "Call-ID", "CSeq") for value in asked.all(name)]
    return "\r\n".join(["SIP/2.0 200 OK", *copied, "Content-Length: 0", "", ""])


def register(edge: str, user: str, password: str, contact: str) -> None:
    """Register `user` at the edge with any `contact` ("address:port"), from an address without NAT."""
    __tracebackhide__ = True
    uri = "sip:sip.test"
    with Datagrams("127.0.0.31") as phone:
        text = request("REGISTER", phone.endpoint, uri=uri, user=user).replace(
            f"Contact: <sip:{user}@{phone.endpoint}>", f"Contact: <sip:{user}@{contact}>"
        )
        asked = phone.ask(text, edge)
        assert asked is not None, "no answer"
        proof = _proof(dict(_PARAMETER.findall(asked.header("www-authenticate"))), user, password, uri)
        again = text.replace("CSeq: 1 ", "CSeq: 2 ").replace("\r\nCall-ID", f"\r\nAuthorization: {proof}\r\nCall-ID")
        answer = phone.ask(again.replace("branch=z9hG4bK", "branch=z9hG4bKagain"), edge)
        assert answer is not None, "no answer"
        assert answer.status == 200, answer.start


def _proof(asked: dict[str, str], user: str, password: str, uri: str) -> str:
    """What answers a challenge to a REGISTER (MD5, RFC 2617)."""
    __tracebackhide__ = True
    nonce, cnonce = asked["nonce"], secrets.token_hex(4)
    known, about = _md5(f"{user}:{asked['realm']}:{password}"), _md5(f"REGISTER:{uri}")
    response = _md5(f"{known}:{nonce}:00000001:{cnonce}:auth:{about}")
    told = f'username="{user}", realm="{asked["realm"]}", nonce="{nonce}", uri="{uri}", response="{response}"'
    return f'Digest {told}, qop=auth, nc=00000001, cnonce="{cnonce}", algorithm=MD5'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
