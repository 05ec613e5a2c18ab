"""A switch or phone that is called: sipp, answering as a test wants."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

from tests.edge.clients import ports, sdp
from tests.edge.clients.accounts import refuse_odd
from tests.edge.clients.messages import Message, requests
from tests.edge.clients.scenario import (
    PROVISIONAL,
    answer,
    label,
    literal,
    request,
    response,
    scenario,
    send,
)
from tests.edge.clients.sipp_run import SippRun
from tests.edge.clients.waiting import TIMEOUT, wait_until

_ACCEPTED, _OTHER, _DECLINED, _UP, _HANG_UP, _END = range(1, 7)
_VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]"
_CONTACT = "Contact: <sip:[local_ip]:[local_port];transport=[transport]>"
_SEQUENCE = {"INVITE": 101, "OPTIONS": 101, "ACK": 101, "BYE": 102}
_REASONS = {
    403: "Forbidden",
    404: "Not Found",
    480: "Temporarily Unavailable",
    486: "Busy Here",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}
_SIDES = "".join(
    f'<ereg regexp=".*" search_in="hdr" header="{header}:" check_it="true" assign_to="{name}"/>'
    for header, name in (("From", "peer"), ("To", "self"))
)
_NONCE = "5a1b3c7d9e0f2468"


@dataclass(frozen=True, slots=True)
class Challenge:
    """The credentials a caller must show, asked for by 401 or 407 (MD5, RFC 2617).

    sipp checks what answers a 401, and refuses by 403. It cannot read what answers a 407: there any proof is let
    through, and `proven_by` tells.
    """

    user: str
    password: str = field(repr=False)
    realm: str = "far.test"
    status: Literal[401, 407] = 401

    def header(self) -> str:
        """What asks for them; the nonce is the same for everyone."""
        name = "WWW-Authenticate" if self.status == 401 else "Proxy-Authenticate"
        return f'{name}: Digest realm="{literal(self.realm)}", nonce="{_NONCE}", algorithm=MD5, qop="auth"'

    def check(self) -> str:
        """What sipp does with the answer."""
        if self.status == 407:
            header = "Proxy-Authorization:"
            return f'<ereg regexp="Digest" search_in="hdr" header="{header}" assign_to="valid"/>'
        refuse_odd(self.user, self.password)
        return f'<verifyauth assign_to="valid" username="{self.user}" password="{self.password}"/>'

    def proven_by(self, request: Message) -> bool:
        """Whether a request has the right digest for this challenge."""
        shown = request.header("authorization" if self.status == 401 else "proxy-authorization")
        said = dict(re.findall(r'(\w+)="?([^",]*)"?', shown))
        known = _md5(f"{self.user}:{self.realm}:{self.password}")
        asked = _md5(f"{request.method}:{said.get('uri', '')}")
        counted = [said[name] for name in ("nc", "cnonce", "qop") if name in said]
        return said.get("response") == _md5(":".join([known, _NONCE, *counted, asked]))


@dataclass(slots=True)
class Answerer:
    """Rings and answers every call until BYE, or refuses with `status`; OPTIONS, MESSAGE and REGISTER always get 200.

    `inside` is a request that it sends in each call once that is up; the answers are in `answers`. After
    `hang_up_after` seconds, if that is not 0, it ends the call itself. As a context manager it listens from the entry
    on, at a free port if it is given none.
    """

    address: str = "127.0.0.9"
    port: int = 0
    status: int = 200
    reason: str = ""
    codecs: Sequence[sdp.Codec] = (sdp.PCMA, sdp.PCMU)
    challenge: Challenge | None = None
    inside: Literal["", "INVITE", "OPTIONS"] = ""
    hang_up_after: float = 0.0
    transport: Literal["u1", "t1"] = "u1"
    _run: SippRun | None = field(default=None, init=False, repr=False)

    def __enter__(self) -> Self:
        """Start, and return once it is bound."""
        self.port = self.port or ports.free()
        # The remote address is where it would call; it only answers.
        self._run = SippRun(self._scenario(), self.endpoint, ports.join(self.address, 9), transport=self.transport)
        try:
            wait_until(self._is_bound, f"sipp at {self.endpoint}")
        except BaseException:
            self._run.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End it; what it has received stays readable."""
        assert self._run is not None
        self._run.close()

    @property
    def endpoint(self) -> str:
        """Where it listens, "address:port"."""
        return ports.join(self.address, self.port)

    @property
    def pid(self) -> int:
        """sipp's process."""
        assert self._run is not None
        return self._run.child.pid

    @property
    def messages(self) -> Sequence[Message]:
        """Everything so far, sent and received."""
        return self._run.messages() if self._run else ()

    @property
    def invites(self) -> list[Message]:
        """Each INVITE received, as it came, without retransmissions."""
        return self.requests("INVITE")

    @property
    def answers(self) -> list[Message]:
        """The final responses to its own requests, `inside` and BYE."""
        return [message for message in self.messages if not message.sent and message.status >= 200]

    def requests(self, method: str) -> list[Message]:
        """Each request of a method received, without retransmissions."""
        return requests(self.messages, method)

    def wait_for(self, method: str, count: int = 1, timeout: float = TIMEOUT) -> list[Message]:
        """The requests of a method, once there are `count` of them."""
        wait_until(lambda: len(self.requests(method)) >= count, f"{count} × {method} at {self.endpoint}", timeout)
        return self.requests(method)

    def wait_for_answers(self, count: int = 1, timeout: float = TIMEOUT) -> list[Message]:
        """The final responses to its own requests, once there are `count` of them."""
        wait_until(lambda: len(self.answers) >= count, f"{count} answers at {self.endpoint}", timeout)
        return self.answers

    def _is_bound(self) -> bool:
        assert self._run is not None
        assert not self._run.child.ended, f"sipp ended: {self._run.complaint()}"
        transport: Literal["udp", "tcp"] = "tcp" if self.transport == "t1" else "udp"
        return ports.has_bound(self.pid, self.address, self.port, transport)

    def _scenario(self) -> str:
        others = [request(method, optional=True, then=_OTHER) for method in ("OPTIONS", "MESSAGE", "REGISTER")]
        asked = self._asked() if self.challenge else [request("INVITE", actions=_SIDES)]
        last = [label(_OTHER), answer("200 OK", tag=True), label(_END)]
        # sipp refuses a variable that is set and never looked at.
        named = '<Reference variables="peer,self"/>'
        return scenario("answer", *others, *asked, *self._served(), *last, named)

    def _asked(self) -> list[str]:
        """The INVITE without credentials, and the one with them."""
        assert self.challenge is not None
        status = f"{self.challenge.status} Authenticate"
        return [
            request("INVITE"),
            answer(status, request="INVITE", tag=True, headers=[self.challenge.header()]),
            request("ACK"),
            request("INVITE", actions=_SIDES + self.challenge.check(), then=_ACCEPTED, test="valid"),
            *_refusal("403 Forbidden"),
            label(_ACCEPTED),
        ]

    def _served(self) -> list[str]:
        """What a call gets."""
        if self.status != 200:
            return _refusal(f"{self.status} {literal(self.reason or _REASONS.get(self.status, 'Refused'))}")
        body = sdp.body(self.address, self.codecs)
        return [
            answer("180 Ringing", tag=True, headers=[_CONTACT]),
            answer("200 OK", request="INVITE", tag=True, headers=[_CONTACT], body=body),
            request("ACK"),
            *(self._asking(body) if self.inside else ()),
            label(_UP),
            request("BYE", wait=round(self.hang_up_after * 1000), late=_HANG_UP if self.hang_up_after else 0),
            answer("200 OK", then=_END),
            *(
                (label(_HANG_UP), _inside("BYE"), response(200, optional=False, then=_END))
                if self.hang_up_after
                else ()
            ),
        ]

    def _asking(self, body: str) -> list[str]:
        """The request inside the call, and the ACKs of a new offer: that of a refusal belongs to the INVITE itself."""
        offers = self.inside == "INVITE"
        return [
            _inside(self.inside, [_CONTACT], body if offers else ""),
            *(response(status) for status in PROVISIONAL),
            *(response(status, then=_DECLINED) for status in range(300, 700)),
            response(200, optional=False, then=0 if offers else _UP),
            *([_inside("ACK", then=_UP)] if offers else ()),
            label(_DECLINED),
            *([_inside("ACK", via="[last_Via:]")] if offers else ()),
        ]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _refusal(status: str) -> list[str]:
    return [answer(status, request="INVITE", tag=True), request("ACK", then=_END)]


def _inside(method: str, headers: Sequence[str] = (), body: str = "", *, via: str = _VIA, then: int = 0) -> str:
    """A request of the called side: the names of the two sides change places."""
    names = [
        "From: [$self];tag=[pid]s[call_number]",
        "To: [$peer]",
        "Call-ID: [call_id]",
        f"CSeq: {_SEQUENCE[method]} {method}",
    ]
    lines = [via, "[routes]", *names, *headers, "Max-Forwards: 70"]
    return send(f"{method} [next_url] SIP/2.0", lines, body, retransmit=method != "ACK", then=then)
