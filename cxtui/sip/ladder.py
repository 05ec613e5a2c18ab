"""The ladder of an exchange: who said what to whom, when, and what it means (S-081, S-082, S-083, C-04, W-101)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cxtui.rules.printable import clean

from .drawing import NARROWEST, Line, clip, draw, in_ascii, line_in_ascii
from .explaining import explain
from .judging import Secrets
from .steps import Note, Seen, Step, Tone, is_keep_alive, label_of, see
from .trace import LATEST, Message, Proof, Trace, dump, load, mask

__all__ = ["Ladder", "Line", "Message", "Note", "Proof", "Secrets", "Step", "Tone", "Trace", "dump", "load", "mask"]

MOST_MESSAGES = 500
"""Messages that are drawn; more are counted."""

EXPORT_WIDTH = 80

_LONGEST_LABEL = 100
_LONGEST_ADDRESS = 60
_LONGEST_CALL_ID = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The steps of an exchange; every text in it is cleaned, and no secret of the messages is in it.

    `parties` are addresses in the order of their appearance and `names` what they are called. `started` is in seconds
    since 1970. `hidden` counts messages left out because they are OPTIONS or keep-alives, `unread` those beyond
    `MOST_MESSAGES`, `others` conversations that are not drawn.
    """

    parties: tuple[str, ...]
    names: tuple[str, ...]
    steps: tuple[Step, ...]
    call_id: str
    started: float
    hidden: int = 0
    unread: int = 0
    others: int = 0

    @classmethod
    def of(
        cls,
        messages: Iterable[Message] | Trace,
        *,
        known: Secrets | None = None,
        names: Mapping[str, str] | None = None,
        options: bool = False,
    ) -> Ladder:
        """Read messages, whole or masked, in any order.

        With the proofs in them, or with `known`, which gives the HA1 of the users of the edge, a wrong password is told
        from an unknown user. `names` calls parties by their addresses. OPTIONS and keep-alives are left out unless
        `options`, or there is nothing else.
        """
        stored = messages if isinstance(messages, Trace) else Trace(tuple(messages))
        given = list(stored.messages)
        trace = see(given, MOST_MESSAGES, known)
        hidden = [] if options else [seen for seen in trace if _is_chatter(seen)]
        if len(hidden) < len(trace):
            left_out = {seen.index for seen in hidden}
            trace = [seen for seen in trace if seen.index not in left_out]
        else:
            hidden = []
        parties = list(
            dict.fromkeys(place for seen in trace for place in (seen.message.source, seen.message.destination))
        )
        return cls(
            parties=tuple(clean(party[:_LONGEST_ADDRESS]) for party in parties),
            names=_names(trace, parties, names or {}),
            steps=_steps(trace, parties),
            call_id=_call_id(trace),
            started=trace[0].message.at if trace else 0.0,
            hidden=sum(seen.times for seen in hidden),
            unread=max(0, len(given) - MOST_MESSAGES) + stored.unread,
            others=stored.others,
        )

    @property
    def verdict(self) -> tuple[Note, ...]:
        """What is said, for good or bad, beneath the last step of which anything of that kind is said."""
        told = [[note for note in step.notes if note.tone in (Tone.GOOD, Tone.BAD)] for step in self.steps]
        return tuple(next((notes for notes in reversed(told) if notes), ()))

    def drawn(self, width: int, ascii: bool = False) -> list[Line]:
        """The ladder drawn in lines of at most `width` cells (40 at least), in Unicode or ASCII, with their tones."""
        counted = [f"OPTIONS and keep-alives are hidden: {self.hidden}"] if self.hidden else []
        counted += [f"more messages, not shown: {self.unread}"] if self.unread else []
        counted += [f"other conversations in this time, not shown: {self.others}"] if self.others else []
        drawn = draw(self.names, self.parties, self.steps, width)
        lines = [*drawn, *(Line(clip(text, max(width, NARROWEST)), Tone.PLAIN) for text in counted)]
        return [line_in_ascii(line) for line in lines] if ascii else lines

    def lines(self, width: int, ascii: bool = False) -> list[str]:
        """The text of the lines that are drawn."""
        return [line.text for line in self.drawn(width, ascii)]

    def text(self, ascii: bool = False) -> str:
        """The ladder to paste or save: a header with Call-ID and start, then lines of `EXPORT_WIDTH` cells."""
        began = datetime.fromtimestamp(min(max(self.started, 0.0), LATEST), UTC).isoformat(timespec="milliseconds")
        head = [clip(f"SIP ladder · Call-ID {self.call_id or 'none'}", EXPORT_WIDTH), f"started {began}"]
        head = [in_ascii(line) for line in head] if ascii else head
        return "\n".join([*head, *self.lines(EXPORT_WIDTH, ascii)]) + "\n"


def _is_chatter(seen: Seen) -> bool:
    return is_keep_alive(seen) or bool(seen.parsed and seen.parsed.cseq[1] == "OPTIONS")


def _steps(trace: list[Seen], parties: list[str]) -> tuple[Step, ...]:
    notes = explain(trace)
    return tuple(
        Step(
            index=seen.index,
            at=(seen.message.at - trace[0].message.at) * 1000,
            source=parties.index(seen.message.source),
            destination=parties.index(seen.message.destination),
            label=clip(clean(label_of(seen)[: 2 * _LONGEST_LABEL]), _LONGEST_LABEL),
            times=seen.times,
            notes=tuple(notes.get(seen.index, ())),
        )
        for seen in trace
    )


def _call_id(trace: list[Seen]) -> str:
    """The Call-ID of the first message that has one, and how many others there are."""
    found = dict.fromkeys(seen.parsed.call_id for seen in trace if seen.parsed and seen.parsed.call_id)
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return clean(next(iter(found), "")[:_LONGEST_CALL_ID]) + more


def _names(trace: list[Seen], parties: list[str], given: Mapping[str, str]) -> tuple[str, ...]:
    """The edge is who challenges, or else who is asked first; the phone is who asks the edge."""
    edge = _edge(trace)
    roles: dict[str, str] = {}
    for place in parties:
        if place == edge:
            roles[place] = "edge"
        elif "phone" not in roles.values():
            roles[place] = "phone"
        else:
            count = sum(name.startswith("next hop") for name in roles.values())
            roles[place] = "next hop" if not count else f"next hop {count + 1}"
    return tuple(clean(given.get(place, roles[place])[:_LONGEST_ADDRESS]) for place in parties)


def _edge(trace: list[Seen]) -> str:
    for seen in trace:
        if seen.parsed and seen.parsed.status in (401, 407):
            return seen.message.source
    for seen in trace:
        if seen.parsed:
            return seen.message.destination if seen.parsed.is_request else seen.message.source
    return ""
