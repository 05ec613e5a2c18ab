"""The OPTIONS ping: is a SIP server there, and how far away (RFC 3261 §11)."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from cxtui.rules.printable import clean

from .requests import Caller, Token
from .trace import Message
from .transactions import Transactions
from .wire import Clock, Target, Wire, WireError, place

_LONGEST_REASON = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong:
    """What a ping found: the round trip in seconds, None without an answer, and the status that came (0 for none).

    The round trip counts from the first copy that was sent. `sentence` says it in words.
    """

    seconds: float | None
    status: int
    reason: str
    sentence: str
    messages: tuple[Message, ...]


def ping(
    target: Target,
    timeout: float = 2.0,
    *,
    bind: str = "",
    clock: Clock = time.monotonic,
    now: Clock = time.time,
    token: Token = secrets.token_hex,
) -> Pong:
    """Send OPTIONS and wait for any final answer: whatever its status, somebody is there.

    `timeout` is in seconds and bounds all but the lookup of a name. Never raises for what the network does.
    """
    messages: list[Message] = []
    until = clock() + timeout
    try:
        with Wire(target, messages, clock, now).open(until, bind) as wire:
            uri = f"sip:{place(target.host, target.port)}"
            caller = Caller.on(wire, user="ping", domain=wire.local, to=uri, token=token)
            request = caller.request("OPTIONS", uri, 1, headers=["Accept: application/sdp"])
            began = clock()
            answer = Transactions(wire, clock).run(request, until)
            seconds = clock() - began
            garbage = wire.garbage
    except WireError as problem:
        return Pong(seconds=None, status=0, reason="", sentence=str(problem), messages=tuple(messages))
    if answer is None:
        missing = "answers, but not in SIP" if garbage else f"did not answer within {timeout:g} s"
        return Pong(seconds=None, status=0, reason="", sentence=f"{target} {missing}.", messages=tuple(messages))
    reason = clean(answer.reason[:_LONGEST_REASON])
    return Pong(
        seconds=seconds,
        status=answer.status,
        reason=reason,
        sentence=f"{target} answered {answer.status} {reason}".rstrip() + f" after {seconds * 1000:.1f} ms.",
        messages=tuple(messages),
    )
