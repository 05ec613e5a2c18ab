"""Calls by sipp, and how each of them ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Literal

from tests.edge.clients import ports, sdp
from tests.edge.clients.calling import Call
from tests.edge.clients.messages import Message
from tests.edge.clients.sipp_run import SippRun

CLI = "441782550100"
_SLACK = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of calls ended."""

    statuses: Counter[int]
    """How many calls ended with which final status; 0 is a call without one."""
    reasons: tuple[str, ...]
    """The reason phrase of each call's final status, in the order of the calls."""
    messages: tuple[Message, ...] = field(repr=False)
    """Everything that was sent and received."""

    @classmethod
    def of(cls, messages: Sequence[Message], calls: int) -> Outcome:
        """Read it from the messages of that many calls."""
        finals: dict[str, tuple[int, int, str]] = {}
        for message in messages:
            if message.method == "INVITE":
                own = message.sent and not message.status
                final = not message.sent and message.status >= 200
                if own or final:
                    found = (message.sequence, message.status, message.reason)
                    call = message.header("call-id")
                    finals[call] = max(finals.get(call, found), found)
        ended = [*finals.values(), *[(0, 0, "")] * (calls - len(finals))]
        return cls(Counter(status for _, status, _ in ended), tuple(reason for *_, reason in ended), tuple(messages))

    @property
    def answered(self) -> int:
        """How many calls were answered."""
        return self.statuses[200]

    @property
    def challenged(self) -> bool:
        """Whether any call was asked for credentials."""
        return any(message.status in (401, 407) for message in self.received("INVITE"))

    @property
    def hung_up_on(self) -> int:
        """How many calls the other side ended."""
        return len({message.header("call-id") for message in self.received("BYE") if not message.status})

    def received(self, method: str) -> list[Message]:
        """The requests of a method that came in, and the responses to those that went out."""
        return [message for message in self.messages if not message.sent and message.method == method]


@dataclass(frozen=True, slots=True)
class Caller:
    """A switch or phone that calls through the edge ("address:port") from a loopback address.

    With port 0 every run has a free port of its own.
    """

    edge: str
    source: str = "127.0.0.21"
    port: int = 0

    def call(
        self,
        number: str,
        *,
        cli: str = "",
        user: str = "",
        password: str = "",
        calls: int = 1,
        rate: int = 10,
        hold: float = 0.0,
        codecs: Sequence[sdp.Codec] = (sdp.PCMA, sdp.PCMU),
        transport: Literal["u1", "t1"] = "u1",
        headers: Sequence[str] = (),
        patience: float = 5.0,
        expect: int | None = None,
    ) -> Outcome:
        """Call `number` so many times, at `rate` calls a second, and hold each answered call for `hold` seconds.

        `cli` is the user in From and Contact: the account `user` where there is one, else `CLI`. The password stands in
        a file that only this user may read. Without codecs there is no offer. `patience` is how many seconds without
        any answer end a call. AssertionError if a call ends otherwise than `expect`, or if sipp itself fails.
        """
        __tracebackhide__ = True  # pytest would show the password among the arguments
        uri_transport = "tcp" if transport == "t1" else "udp"
        who = cli or user or CLI
        call = Call(self.edge, self.source, number, who, user, password, hold, codecs, uri_transport, headers)
        # Its own limit of calls at once would slow down a burst that is meant to exceed a limit of the edge.
        amount = ["-m", str(calls), "-r", str(rate), "-l", str(calls)]
        timing = ["-recv_timeout", str(round(patience * 1000)), "-auth_uri", f"{number}@{self.edge}"]
        local = ports.join(self.source, self.port or ports.free())
        run = SippRun(call.scenario(), local, *amount, *timing, self.edge, transport=transport)
        with closing(run):
            code = run.child.wait(patience + hold + calls / rate + _SLACK)
            outcome = Outcome.of(run.messages(), calls)
            # 0 and 1 are for calls that ended well or badly; 1 is also for a scenario that it does not understand.
            finished = code in {0, 1} and bool(outcome.messages)
            assert finished, f"sipp ended with {code}: {run.complaint()}"
        assert expect is None or outcome.statuses == {expect: calls}, f"instead of {expect}: {outcome}"
        return outcome
