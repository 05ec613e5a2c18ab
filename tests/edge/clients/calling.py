"""The scenario of a call that sipp makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.edge.clients import sdp
from tests.edge.clients.scenario import (
    PROVISIONAL,
    answer,
    credentials,
    label,
    literal,
    request,
    response,
    scenario,
    send,
)

_CHALLENGED, _UP, _HOLD, _REINVITED, _HANG_UP, _HUNG_UP, _END = range(1, 8)
_REFUSED, _ANSWERED = (0, 11, 12), (0, 21, 22)
"""Where the response to the first and to the second INVITE goes on."""
_VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]"


@dataclass(frozen=True, slots=True)
class Call:
    """What is called through which edge, by whom and from where, with what; `hold` in seconds."""

    edge: str
    source: str
    number: str
    cli: str
    user: str
    password: str = field(repr=False)
    hold: float
    codecs: Sequence[sdp.Codec]
    transport: str
    headers: Sequence[str]

    def scenario(self) -> str:
        """INVITE, once more with credentials if asked, ACK, wait, BYE; any final status ends it in good order."""
        return scenario(
            "call",
            *self._attempt(1, challenged=_CHALLENGED if self.user else 0),
            label(_CHALLENGED),
            self._acknowledge_refusal(1),
            *self._attempt(2, credentials(self.user, self.password) if self.user else ""),
            label(_UP),
            *(self._holding() if self.hold else ()),
            label(_HANG_UP),
            self._inside("BYE", 3),
            response(200, optional=False, then=_END),
            label(_HUNG_UP),
            answer("200 OK"),
            label(_END),
        )

    @property
    def _uri(self) -> str:
        return literal(f"sip:{self.number}@{self.edge}")

    @property
    def _contact(self) -> str:
        return f"Contact: <sip:{literal(self.cli)}@[local_ip]:[local_port];transport={self.transport}>"

    @property
    def _from(self) -> str:
        host = f"[{self.source}]" if ":" in self.source else self.source
        return f"From: <sip:{literal(self.cli)}@{literal(host)}>;tag=[pid]c[call_number]"

    @property
    def _body(self) -> str:
        return sdp.body(self.source, self.codecs) if self.codecs else ""

    def _attempt(self, sequence: int, proof: str = "", challenged: int = 0) -> list[str]:
        """An INVITE, any response to it, and the ACK of a final one."""
        return [
            self._invite(sequence, proof),
            *_any_response(_ANSWERED[sequence], _REFUSED[sequence], challenged),
            label(_REFUSED[sequence]),
            self._acknowledge_refusal(sequence, then=_END),
            label(_ANSWERED[sequence]),
            self._inside("ACK", sequence, then=_UP),
        ]

    def _invite(self, sequence: int, proof: str) -> str:
        to = f"To: <{self._uri}>"
        headers = [_VIA, self._from, to, "Call-ID: [call_id]", f"CSeq: {sequence} INVITE", self._contact, proof]
        own = map(literal, self.headers)
        return send(f"INVITE {self._uri} SIP/2.0", [*headers, *own, "Max-Forwards: 70"], self._body, retransmit=True)

    def _acknowledge_refusal(self, sequence: int, then: int = 0) -> str:
        """The ACK of a refusal belongs to the INVITE's own transaction (RFC 3261 §17.1.1.3)."""
        copied = ["[last_Via:]", "[last_From:]", "[last_To:]", "Call-ID: [call_id]"]
        return send(f"ACK {self._uri} SIP/2.0", [*copied, f"CSeq: {sequence} ACK", "Max-Forwards: 70"], then=then)

    def _inside(self, method: str, sequence: int, then: int = 0) -> str:
        """A request inside the dialog, by the route and to the address that the answer named."""
        copied = [_VIA, "[routes]", self._from, "[last_To:]", "Call-ID: [call_id]"]
        lines = [*copied, f"CSeq: {sequence} {method}", "Max-Forwards: 70"]
        return send(f"{method} [next_url] SIP/2.0", lines, retransmit=method != "ACK", then=then)

    def _holding(self) -> list[str]:
        """Wait, and answer what comes meanwhile: a new offer begins the wait again, BYE ends it."""
        wait = max(1, round(self.hold * 1000))
        return [
            label(_HOLD),
            request("INVITE", optional=True, then=_REINVITED, wait=wait, late=_HANG_UP),
            request("BYE", then=_HUNG_UP, wait=wait, late=_HANG_UP),
            label(_REINVITED),
            answer("200 OK", request="INVITE", headers=[self._contact], body=self._body),
            request("ACK", then=_HOLD),
        ]


def _any_response(answered: int, refused: int, challenged: int) -> list[str]:
    """Every response there is, each with where to go on; the list ends with the one that must come if no other does."""
    challenges = (401, 407) if challenged else ()
    return [
        *(response(status) for status in PROVISIONAL),
        *(response(status, then=challenged, challenge=True) for status in challenges),
        *(response(status, then=refused) for status in range(300, 700) if status not in challenges),
        response(200, optional=False, then=answered),
    ]
