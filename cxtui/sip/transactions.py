"""Client transactions over one wire: retransmission, provisional and final answers (RFC 3261 §17.1)."""

from __future__ import annotations

from .message import SipMessage
from .requests import Request
from .wire import Clock, Wire

T1 = 0.5
"""Seconds: the estimate of a round trip, first interval between retransmissions."""

T2 = 4.0
"""Seconds: the longest interval between retransmissions of anything but an INVITE."""


class Transactions:
    """Requests sent one after the other, and the answers that belong to them."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        """Over an open wire; `clock` is the one the wire goes by."""
        self._wire = wire
        self._clock = clock
        self._open: set[tuple[str, str]] = set()
        self._provisional: dict[tuple[str, str], SipMessage] = {}
        self._final: dict[tuple[str, str], SipMessage] = {}
        self._acks: dict[tuple[str, str], Request] = {}

    def run(self, request: Request, until: float) -> SipMessage | None:
        """Send a request, repeat it over UDP, and give its final answer; None when none came by `until`.

        Of an INVITE nothing is repeated once a provisional answer came. Raises WireError.
        """
        key = (request.branch, request.method)
        self._open.add(key)
        self._wire.send(request.text)
        interval = T1
        again = self._clock() + interval
        while key not in self._final:
            if self._clock() >= until:
                return None
            settled = self._wire.reliable or (request.method == "INVITE" and key in self._provisional)
            if not settled and self._clock() >= again:
                self._wire.send(request.text)
                interval = 2 * interval if request.method == "INVITE" else min(2 * interval, T2)
                again = self._clock() + interval
            self._take(self._wire.receive(until if settled else min(until, again)))
        return self._final[key]

    def wait(self, request: Request, until: float) -> SipMessage | None:
        """The final answer of a request sent earlier, None when it does not come by `until`. Raises WireError."""
        key = (request.branch, request.method)
        while key not in self._final and self._clock() < until:
            self._take(self._wire.receive(until))
        return self._final.get(key)

    def provisional(self, request: Request) -> SipMessage | None:
        """The last answer below 200 to a request."""
        return self._provisional.get((request.branch, request.method))

    def acknowledge(self, request: Request, ack: Request) -> None:
        """Send the ACK for the final answer of an INVITE, and again for each copy of the answer. Raises WireError."""
        self._acks[request.branch, request.method] = ack
        self._wire.send(ack.text)

    def _take(self, message: SipMessage | None) -> None:
        """Put an answer where it belongs; what answers nothing that was asked is passed over (§17.1.3)."""
        if message is None or message.is_request:
            return
        key = (message.branch, message.cseq[1])
        if key not in self._open:
            return
        if message.status < 200:
            self._provisional[key] = message
        elif key not in self._final:
            self._final[key] = message
        elif key in self._acks:
            self._wire.send(self._acks[key].text)
