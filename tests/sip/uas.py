"""A SIP server of a few lines on loopback, that answers by script and can misbehave as told."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

from cxtui.rules.challenge import Algorithm, matches, parse_credentials
from cxtui.rules.digest import Ha1
from cxtui.sip.framing import Frames
from cxtui.sip.message import SipMessage, parse
from cxtui.sip.wire import Target

REALM = "sip.test"

Script = Callable[[SipMessage, int], list[str | bytes]]
"""Gives what is sent back for a request and its place among all that were received, from 1."""


@dataclass
class Server:
    """Where it listens and what it received."""

    target: Target
    received: list[SipMessage] = field(default_factory=list)

    @property
    def methods(self) -> list[str]:
        """The methods in the order they came."""
        return [message.method for message in self.received]


def reply(request: SipMessage, status: int, reason: str = "Reason", *headers: str, tag: str = "uas") -> str:
    """A response to a request."""
    lines = [f"SIP/2.0 {status} {reason}"]
    lines += [f"Via: {value}" for value in request.every("via")]
    to = request.header("to") if request.tag("to") or status == 100 else f"{request.header('to')};tag={tag}"
    lines += [f"From: {request.header('from')}", f"To: {to}", f"Call-ID: {request.call_id}"]
    lines += [f"CSeq: {request.header('cseq')}", *headers, "Content-Length: 0"]
    return "\r\n".join([*lines, "", ""])


def challenge(
    request: SipMessage, nonce: str = "nonce-1", realm: str = REALM, algorithm: str = "MD5", more: str = ""
) -> str:
    """A 401 for a REGISTER, a 407 for anything else."""
    value = f'Digest realm="{realm}", nonce="{nonce}", qop="auth", algorithm={algorithm}{more}'
    if request.method == "REGISTER":
        return reply(request, 401, "Unauthorized", f"WWW-Authenticate: {value}")
    return reply(request, 407, "Proxy Authentication Required", f"Proxy-Authenticate: {value}")


def passes(request: SipMessage, secret: Ha1, nonce: str = "nonce-1") -> bool:
    """Whether a request carries the right answer to the challenge with this nonce."""
    header = request.header("authorization") or request.header("proxy-authorization")
    credentials = parse_credentials(header)
    return bool(credentials and credentials.nonce == nonce and matches(credentials, secret, request.method))


def edge(secret: Ha1, then: Script | None = None, algorithm: str = Algorithm.MD5, realm: str = REALM) -> Script:
    """A script that challenges everything and gives `then`, a plain 200 by default, once the answer is right."""

    def script(request: SipMessage, place: int) -> list[str | bytes]:
        if request.method == "ACK":
            return []
        if request.method in ("BYE", "CANCEL"):
            return [reply(request, 200, "OK")]
        if not passes(request, secret):
            return [challenge(request, algorithm=algorithm, realm=realm)]
        return then(request, place) if then else [reply(request, 200, "OK")]

    return script


@contextmanager
def server(script: Script, transport: str = "udp", host: str = "127.0.0.1") -> Iterator[Server]:
    """Run a script until the block ends."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM) as listening:
        listening.bind((host, 0))
        running = Server(Target(host, listening.getsockname()[1], transport))
        serve = _serve_tcp if transport == "tcp" else _serve_udp
        if transport == "tcp":
            listening.listen()
        thread = Thread(target=serve, args=(listening, running, script))
        thread.start()
        try:
            yield running
        finally:
            _wake(listening, running.target, family)
            thread.join()


def _wake(listening: socket.socket, target: Target, family: socket.AddressFamily) -> None:
    """Make a server that waits see that it is over: an empty datagram, or the end of listening."""
    if target.transport == "tcp":
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
    else:
        with socket.socket(family, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (target.host, target.port))


def _serve_udp(listening: socket.socket, running: Server, script: Script) -> None:
    while True:
        data, sender = listening.recvfrom(65_535)
        if not data:
            return
        for answer in _answers(data, running, script):
            listening.sendto(answer, sender)


def _serve_tcp(listening: socket.socket, running: Server, script: Script) -> None:
    with suppress(OSError):
        while True:
            peer, _address = listening.accept()
            with peer, suppress(OSError):
                _talk(peer, running, script)


def _talk(peer: socket.socket, running: Server, script: Script) -> None:
    frames = Frames()
    while data := peer.recv(65_535):
        frames.feed(data)
        while (frame := frames.take()) is not None:
            for answer in _answers(frame, running, script):
                if not answer:
                    return
                peer.sendall(answer)


def _answers(data: bytes, running: Server, script: Script) -> list[bytes]:
    request = parse(data)
    running.received.append(request)
    given = script(request, len(running.received))
    return [answer if isinstance(answer, bytes) else answer.encode() for answer in given]
