"""A probe that logs in at an edge as a SIP user would, and tells what came of it (S-080, S-082, S-083)."""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass

from cxtui.rules.challenge import Challenge, ChallengeError, answer, choose
from cxtui.rules.digest import Ha1, ha1
from cxtui.rules.printable import clean

from .explaining import challenges_of
from .judging import Secrets
from .message import SipMessage
from .requests import Caller, Request, Token, domain_of, offer, sip_uri
from .trace import Message
from .transactions import Transactions
from .verdicts import Outcome, Verdict, after_credentials, refused, silent, unusable, without_challenge
from .wire import Clock, Target, Wire, WireError

METHODS = ("INVITE", "REGISTER")

TIMEOUT_S = 8.0

_MOST_ANSWERS = 3
_LONGEST_REASON = 80
_TIME_TO_END_S = 1.0


@dataclass(frozen=True, slots=True)
class Result:
    """What an attempt showed: `verdict` in words, the last final answer (0 and "" for none), and the time it took.

    `messages` are what went over the wire, masked; `statuses` the final answers to the attempts, in their order.
    """

    messages: tuple[Message, ...]
    outcome: Outcome
    verdict: str
    status: int
    reason: str
    seconds: float
    statuses: tuple[int, ...] = ()


def probe(
    target: Target,
    username: str,
    realm: str,
    password: str | Ha1,
    method: str = "INVITE",
    *,
    timeout: float = TIMEOUT_S,
    to_user: str = "cxtui-probe",
    domain: str = "",
    bind: str = "",
    known: Secrets | None = None,
    clock: Clock = time.monotonic,
    now: Clock = time.time,
    token: Token = secrets.token_hex,
) -> Result:
    """Send INVITE or REGISTER without credentials, answer the challenge, and see the call to its end.

    The REGISTER has no Contact and so changes nothing (RFC 3261 §10.2.3); a call that is answered is ended at once, one
    that still rings when `timeout` (seconds, for all but the lookup of a name) is near is cancelled. `domain` stands in
    the URIs of both users, the realm when empty. `known` are the HA1s that the edge should go by. Never raises for what
    the network or the edge does.
    """
    began = clock()
    messages: list[Message] = []
    finals: list[SipMessage] = []
    try:
        if method not in METHODS:
            raise ValueError(f"the method is one of {', '.join(METHODS)}")
        secret = password if isinstance(password, Ha1) else ha1(username, realm, password)
        domain = domain_of(domain, realm, target)
        to = sip_uri(to_user if method == "INVITE" else username, domain)
        with Wire(target, messages, clock, now, known).open(began + timeout, bind) as wire:
            caller = Caller.on(wire, user=username, domain=domain, to=to, token=token)
            verdict = _Login(wire, caller, secret, realm, method, timeout, clock, finals).run()
    except WireError as problem:
        verdict = Verdict(Outcome.UNREACHABLE, str(problem))
    except ValueError as problem:
        verdict = Verdict(Outcome.NOT_TRIED, f"Not tried: {problem}.")
    status, reason = (finals[-1].status, clean(finals[-1].reason[:_LONGEST_REASON])) if finals else (0, "")
    statuses = tuple(final.status for final in finals)
    return Result(tuple(messages), verdict.outcome, verdict.sentence, status, reason, clock() - began, statuses)


class _Login:
    """One attempt over an open wire; the final answers are added to `finals`."""

    def __init__(
        self,
        wire: Wire,
        caller: Caller,
        secret: Ha1,
        realm: str,
        method: str,
        timeout: float,
        clock: Clock,
        finals: list[SipMessage],
    ) -> None:
        self._finals = finals
        self._wire = wire
        self._caller = caller
        self._secret = secret
        self._realm = realm
        self._method = method
        self._timeout = timeout
        self._until = clock() + timeout
        self._transactions = Transactions(wire, clock)
        self._uri = caller.to if method == "INVITE" else sip_uri("", caller.domain)
        self._cseq = 0
        self._answered = 0

    def run(self) -> Verdict:
        """Ask, answer the challenge, and end the call. Raises WireError."""
        request, final = self._ask([])
        while final and final.status in (401, 407):
            challenges = challenges_of(final)
            if verdict := unusable(challenges, self._realm, final):
                return verdict
            stale = any(challenge.stale for challenge in challenges)
            if self._answered and (not stale or self._answered == _MOST_ANSWERS):
                return refused(final, stale)
            request, final = self._ask([self._credentials(final, challenges)])
        if not final:
            provisional = self._transactions.provisional(request)
            return silent(self._wire.target, self._timeout, provisional, self._wire.garbage, self._answered > 0)
        if self._method == "INVITE" and final.status < 300:
            # That the edge is lost now changes nothing of what is known.
            with suppress(WireError):
                self._hang_up(request, final)
        return after_credentials(final, self._method) if self._answered else without_challenge(final)

    def _ask(self, credentials: list[str]) -> tuple[Request, SipMessage | None]:
        """Send the request; one that still rings near the end is cancelled, and a failure acknowledged."""
        self._cseq += 1
        if self._method == "REGISTER":
            request = self._caller.request("REGISTER", self._uri, self._cseq, headers=credentials)
            return request, self._noted(self._transactions.run(request, self._until))
        headers = [self._caller.contact(), "Allow: INVITE, ACK, BYE, CANCEL", *credentials]
        body = offer(self._wire.local)
        request = self._caller.request("INVITE", self._uri, self._cseq, headers=headers, body=body)
        final = self._transactions.run(request, self._until - min(_TIME_TO_END_S, self._timeout / 4))
        if final is None and not self._transactions.provisional(request):
            final = self._transactions.wait(request, self._until)
        if final is None and self._transactions.provisional(request):
            self._transactions.run(self._caller.cancel(self._uri, self._cseq, request.branch), self._until)
            final = self._transactions.wait(request, self._until)
        if final and final.status >= 300:
            ack = self._caller.ack_of_failure(self._uri, self._cseq, request.branch, final)
            self._transactions.acknowledge(request, ack)
        return request, self._noted(final)

    def _noted(self, final: SipMessage | None) -> SipMessage | None:
        self._finals += [final] if final else []
        return final

    def _credentials(self, final: SipMessage, challenges: list[Challenge]) -> str:
        """The header that answers the topmost challenge of the realm that can be answered (RFC 8760 §2.4)."""
        challenge = choose(challenge for challenge in challenges if challenge.realm == self._realm)
        if challenge is None:
            raise ChallengeError("no challenge can be answered")
        self._answered += 1
        name = "Proxy-Authorization" if final.status == 407 else "Authorization"
        cnonce = self._caller.token(16)
        made = answer(challenge, self._caller.user, self._secret, self._method, self._uri, cnonce)
        return f"{name}: {made.header()}"

    def _hang_up(self, request: Request, final: SipMessage) -> None:
        ack = self._caller.in_dialog("ACK", self._uri, self._cseq, final)
        self._transactions.acknowledge(request, ack)
        self._transactions.run(self._caller.in_dialog("BYE", self._uri, self._cseq + 1, final), self._until)
