"""Requests as a user agent writes them (RFC 3261 §8.1.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from .message import SipMessage
from .wire import Target, Wire, place

USER_AGENT = "cxtui"

_UNESCAPED = "-_.!~*'()&=+$,;?/"
_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII
)
_URI = re.compile(r"sips?:[^\s<>\"]{1,256}", re.IGNORECASE)
_ROUTE = re.compile(r"<(sips?:[^\s<>\"]{1,256})>", re.IGNORECASE)
_MOST_ROUTES = 8
_LONGEST_TO = 1024

Token = Callable[[int], str]
"""Gives that many random bytes in hex, as `secrets.token_hex` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request ready to be sent; `branch` and `method` name its transaction."""

    method: str
    branch: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What all requests of one conversation share: who calls whom, from where, and by which Call-ID."""

    user: str
    domain: str
    to: str
    local: str
    transport: str
    call_id: str
    tag: str
    token: Token

    @classmethod
    def on(cls, wire: Wire, *, user: str, domain: str, to: str, token: Token) -> Caller:
        """A caller on an open wire, with a Call-ID and a tag of its own."""
        return cls(
            user=user,
            domain=domain,
            to=to,
            local=wire.local,
            transport=wire.target.transport,
            call_id=token(12),
            tag=token(6),
            token=token,
        )

    def request(
        self,
        method: str,
        uri: str,
        cseq: int,
        *,
        to: str = "",
        branch: str = "",
        headers: Sequence[str] = (),
        body: str = "",
    ) -> Request:
        """A request; `to` is the whole To header once the other side has put its tag in it."""
        branch = branch or f"z9hG4bK{self.token(12)}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{self.transport.upper()} {self.local};rport;branch={branch}",
            "Max-Forwards: 70",
            f"From: <{sip_uri(self.user, self.domain)}>;tag={self.tag}",
            f"To: {to or f'<{self.to}>'}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            *headers,
            f"User-Agent: {USER_AGENT}",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body.encode())}",
        ]
        return Request(method=method, branch=branch, text="\r\n".join([*lines, "", body]))

    def ack_of_failure(self, uri: str, cseq: int, branch: str, answer: SipMessage) -> Request:
        """The ACK for an answer of 300 or above: same transaction, same URI (§17.1.1.3)."""
        return self.request("ACK", uri, cseq, to=_to(answer), branch=branch)

    def in_dialog(self, method: str, uri: str, cseq: int, answer: SipMessage) -> Request:
        """ACK or BYE after a 2xx: to the Contact of the answer, along its recorded route (§12.2.1.1)."""
        contact = _ROUTE.search(answer.header("contact")) or _URI.search(answer.header("contact"))
        uri = contact[contact.lastindex or 0] if contact else uri
        routes = [route for value in answer.every("record-route") for route in _ROUTE.findall(value)]
        headers = [f"Route: <{route}>" for route in reversed(routes[:_MOST_ROUTES])]
        return self.request(method, uri, cseq, to=_to(answer), headers=headers)

    def cancel(self, uri: str, cseq: int, branch: str) -> Request:
        """The CANCEL of an INVITE that still rings (§9.1)."""
        return self.request("CANCEL", uri, cseq, branch=branch)

    def contact(self) -> str:
        """The Contact header that an INVITE must have."""
        transport = "" if self.transport == "udp" else f";transport={self.transport}"
        return f"Contact: <{sip_uri(self.user, self.local)}{transport}>"


def offer(local: str) -> str:
    """The least SDP that is valid: one audio stream that asks for no media, on the discard port (RFC 3264 §5)."""
    host = local.rpartition(":")[0].strip("[]")
    address = f"IN {'IP6' if ':' in host else 'IP4'} {host}"
    lines = ["v=0", f"o=- 1 1 {address}", "s=cxtui", f"c={address}", "t=0 0", "m=audio 9 RTP/AVP 8 0"]
    return "\r\n".join([*lines, "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000", "a=inactive", ""])


def sip_uri(user: str, host: str) -> str:
    """A SIP URI with what cannot stand in a user part escaped (§19.1.2)."""
    return f"sip:{quote(user, safe=_UNESCAPED)}@{host}" if user else f"sip:{host}"


def domain_of(wanted: str, realm: str, target: Target) -> str:
    """The host part for users of a realm: `wanted`, else the realm, else the target when the realm is no host name.

    Raises ValueError when `wanted` cannot stand in a URI.
    """
    if wanted and not _HOST.fullmatch(wanted):
        raise ValueError("the domain is not a host name or address")
    return wanted or (realm if _HOST.fullmatch(realm) else place(target.host, target.port))


def _to(answer: SipMessage) -> str:
    return answer.header("to")[:_LONGEST_TO]
