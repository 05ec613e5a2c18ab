"""A socket that speaks SIP to one target and keeps what was said (RFC 3261 §18)."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from cxtui.models.errors import SentenceError
from cxtui.models.protocols import DEFAULT_PORT
from cxtui.rules.printable import clean

from .framing import Frames, FramingError
from .judging import Secrets, judged
from .message import MAX_LENGTH, MessageError, SipMessage, parse
from .trace import Message

TRANSPORTS = ("udp", "tcp")

MOST_MESSAGES = 200
"""Messages that one conversation may have; beyond that the other side is not a SIP server but a flood."""

Clock = Callable[[], float]

_REASONS = {
    errno.ECONNREFUSED: "nothing listens there",
    errno.ECONNRESET: "the connection was broken off",
    errno.EPIPE: "the connection was broken off",
    errno.ENETUNREACH: "no route leads there",
    errno.EHOSTUNREACH: "the machine cannot be reached",
    errno.ETIMEDOUT: "no connection was made in time",
    errno.EADDRNOTAVAIL: "this machine has no such address to send from",
    errno.EACCES: "this machine does not allow it",
    errno.EPERM: "a firewall of this machine does not allow it",
}


class WireError(SentenceError):
    """The network did not carry it."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send: `host` is an address or a name, `transport` one of `TRANSPORTS`."""

    host: str
    port: int = DEFAULT_PORT
    transport: str = "udp"

    def __str__(self) -> str:
        """As an operator reads it."""
        return f"{self.transport} {place(clean(self.host[:100]), self.port)}"


def place(host: str, port: int) -> str:
    """An address with its port, as in a SIP URI: IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def own_address(target: Target) -> str:
    """The address that this machine would send to the target from, "" when no route leads there; nothing is sent."""
    try:
        family, _kind, _protocol, _name, address = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)[
            0
        ]
        with socket.socket(family, socket.SOCK_DGRAM) as trying:
            trying.connect(address)
            return str(trying.getsockname()[0]).partition("%")[0]
    except (OSError, ValueError):
        return ""


class Wire:
    """A connected socket; what is sent and received is appended to `messages`, masked.

    Only the target is heard. All waiting ends at a moment of `clock` (monotonic seconds); `now` gives the seconds since
    1970 of the first message. Every method but `close` raises WireError when the network fails.
    """

    def __init__(
        self,
        target: Target,
        messages: list[Message],
        clock: Clock,
        now: Clock = time.time,
        known: Secrets | None = None,
    ) -> None:
        """Of a wire not yet opened; with `known` the proofs of the credentials that go over it are kept."""
        self.target = target
        self.messages = messages
        self.garbage = 0
        self.local = ""
        self.remote = ""
        self._clock = clock
        self._known = known
        self._ahead = now() - clock()
        self._until = 0.0
        self._frames = Frames()
        self._socket: socket.socket | None = None

    @property
    def reliable(self) -> bool:
        """Whether the transport itself sees to it that nothing is lost."""
        return self.target.transport == "tcp"

    def open(self, until: float, bind: str = "") -> Self:
        """Connect from the address `bind`, any when empty. A name is looked up first, which `until` does not bound."""
        if self.target.transport not in TRANSPORTS or not 1 <= self.target.port <= 65_535:
            raise WireError(f"{self.target} cannot be reached: it takes {' or '.join(TRANSPORTS)} and a port 1–65535.")
        kind = socket.SOCK_STREAM if self.reliable else socket.SOCK_DGRAM
        self._until = until
        try:
            family, address = self._resolve(kind, bind)
            self._socket = socket.socket(family, kind)
            if bind:
                self._socket.bind((bind, 0))
            self._socket.settimeout(self._remaining())
            self._socket.connect(address)
            if self.reliable:
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.local, self.remote = (place(*end[:2]) for end in (self._socket.getsockname(), address))
        except (OSError, ValueError) as problem:
            self.close()
            raise self._failure(problem) from None
        return self

    def send(self, text: str) -> None:
        """Send one message."""
        try:
            self._opened.settimeout(self._remaining())
            self._opened.sendall(text.encode("utf-8", "replace"))
        except OSError as problem:
            raise self._failure(problem) from None
        self._keep(self.local, self.remote, text)

    def receive(self, until: float) -> SipMessage | None:
        """The next message that is SIP; None when there is none by `until`."""
        while True:
            if self.reliable and (frame := self._next_frame()) is not None:
                data = frame
            else:
                remaining = until - self._clock()
                if remaining <= 0:
                    return None
                received = self._read(remaining)
                if received is None:
                    return None
                if self.reliable:
                    self._frames.feed(received)
                    continue
                data = received
            text = data.decode("utf-8", "replace")
            self._keep(self.remote, self.local, text)
            try:
                return parse(text)
            except MessageError:
                self.garbage += bool(text.strip("\r\n\0 "))

    def close(self) -> None:
        """Close the socket; nothing fails."""
        if self._socket:
            with suppress(OSError):
                self._socket.close()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    @property
    def _opened(self) -> socket.socket:
        if self._socket is None:
            raise WireError("The connection is not open.")
        return self._socket

    def _remaining(self) -> float:
        return max(self._until - self._clock(), 0.05)

    def _resolve(self, kind: socket.SocketKind, bind: str) -> tuple[socket.AddressFamily, tuple[object, ...]]:
        """The first address of the target in the family of `bind`."""
        wanted = socket.AF_UNSPEC if not bind else socket.AF_INET6 if ":" in bind else socket.AF_INET
        found = socket.getaddrinfo(self.target.host, self.target.port, wanted, kind)
        family, _kind, _protocol, _name, address = found[0]
        return family, tuple(address)

    def _read(self, remaining: float) -> bytes | None:
        try:
            self._opened.settimeout(remaining)
            data = self._opened.recv(MAX_LENGTH)
        except (TimeoutError, InterruptedError):
            return None
        except OSError as problem:
            raise self._failure(problem) from None
        if self.reliable and not data:
            raise WireError(f"{self.target} closed the connection.")
        return data

    def _next_frame(self) -> bytes | None:
        try:
            return self._frames.take()
        except FramingError as problem:
            raise WireError(f"{self.target}: {problem}") from None

    def _keep(self, source: str, destination: str, text: str) -> None:
        if len(self.messages) >= MOST_MESSAGES:
            raise WireError(f"{self.target} sends without end; {MOST_MESSAGES} messages were enough.")
        message = Message(self._clock() + self._ahead, source, destination, text)
        self.messages.append(judged(message, self._known))

    def _failure(self, problem: Exception) -> WireError:
        if isinstance(problem, socket.gaierror):
            return WireError(f"{self.target} cannot be reached: the name or address was not found.")
        if isinstance(problem, TimeoutError):
            return WireError(f"{self.target} cannot be reached: no connection was made in time.")
        number = problem.errno if isinstance(problem, OSError) else None
        words = _REASONS.get(number or 0) or clean(getattr(problem, "strerror", None) or "the address cannot be used")
        return WireError(f"{self.target} cannot be reached: {words}.")
