"""Which answers belong to which request, and what never came (RFC 3261 §17)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .judging import credentials_headers
from .steps import Seen


@dataclass(slots=True)
class Exchange:
    """One transaction on one hop: a request, if it was seen, and its answers in their order."""

    method: str
    request: Seen | None = None
    answers: list[Seen] = field(default_factory=list)
    acknowledged: bool = False

    @property
    def final(self) -> Seen | None:
        """The first answer of 200 or above."""
        return next((seen for seen in self.answers if seen.parsed and seen.parsed.status >= 200), None)

    @property
    def challenge(self) -> Seen | None:
        """The 401 or 407 that ended it, if one did."""
        final = self.final
        return final if final and final.parsed and final.parsed.status in (401, 407) else None

    @property
    def has_credentials(self) -> bool:
        """Whether the request carries an Authorization or Proxy-Authorization header."""
        return bool(self.request and self.request.parsed and credentials_headers(self.request.parsed))


def exchanges_of(trace: Iterable[Seen]) -> list[Exchange]:
    """Sort messages into exchanges, in the order of their first messages."""
    found: dict[tuple[object, ...], Exchange] = {}
    acks: list[tuple[frozenset[str], str, int]] = []
    for seen in trace:
        if not seen.parsed:
            continue
        number, method = seen.parsed.cseq
        if seen.parsed.is_request:
            method = seen.parsed.method
        if method == "ACK":
            acks.append((seen.hop, seen.parsed.call_id, number))
            continue
        key = (seen.hop, seen.parsed.call_id, seen.parsed.branch or number, method)
        exchange = found.setdefault(key, Exchange(method))
        if not seen.parsed.is_request:
            exchange.answers.append(seen)
        elif exchange.request is None:
            exchange.request = seen
    for exchange in found.values():
        exchange.acknowledged = _is_acknowledged(exchange, acks)
    return list(found.values())


def _is_acknowledged(exchange: Exchange, acks: list[tuple[frozenset[str], str, int]]) -> bool:
    """An ACK for a failure goes hop by hop; that for a 2xx goes from end to end, maybe past the edge (§17.1.1.3)."""
    final = exchange.final
    if exchange.method != "INVITE" or not final or not final.parsed:
        return True
    number, call_id = final.parsed.cseq[0], final.parsed.call_id
    any_hop = final.parsed.status < 300
    return any(
        (ack_call, ack_number) == (call_id, number) and (any_hop or hop == final.hop)
        for hop, ack_call, ack_number in acks
    )
