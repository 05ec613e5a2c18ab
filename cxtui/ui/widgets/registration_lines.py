"""What is known of a SIP user's registrations, under the list: where, how long still, how its pings went (W-020)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import localtime, strftime

from textual.content import Content
from textual.widgets import Static

from cxtui.models.edge_job import EdgeJob
from cxtui.models.registration import Registration
from cxtui.rules.durations import ago
from cxtui.services.edge_jobs import ended, outcome_words, went_well
from cxtui.services.grids import Shown
from cxtui.services.registrations import Ping, history, latency, live, source
from cxtui.ui.desk import Desk
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.text import clip, plain, styled
from cxtui.ui.widgets.sparkline import bars

LINES = 2
_BARS = 16
_TOLD_SECONDS = 120.0
"""How long the outcome of a ping is news."""
_CONTACT = 44
_DEVICE = 20
_TELLING = frozenset({"online", "offline", "timeout"})
"""States that an edge vouches for; without one there is nothing that could be said here."""


class RegistrationLines(Static):
    """Two lines; they take up no room before an edge has told of any registration."""

    DEFAULT_CSS = """
    RegistrationLines {
        height: 2; padding: 0 1; color: $text-muted; display: none; text-wrap: nowrap; text-overflow: ellipsis;
    }
    RegistrationLines.-told { display: block; }
    RegistrationLines.-away { display: none; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def say(self, shown: Shown | None, asked: Mapping[int | None, EdgeJob]) -> None:
        """Tell of the row under the cursor; ``asked`` are the pings of this console by the contact they went to."""
        now = self._desk.context.now()
        known = [row for row in shown.contacts if live(row, now)] if shown is not None else []
        if known or (shown is not None and shown.state.word in _TELLING):
            self.add_class("-told")
        glyphs = self._desk.glyphs
        asked = {key: job for key, job in asked.items() if now - job.created_at < _TOLD_SECONDS}
        if len(known) == 1:
            row = known[0]
            lines = [plain(place_words(row, now)), ping_words(row, glyphs, asked.get(row.id))]
        else:
            lines = [contact_line(row, now, glyphs, asked.get(row.id)) for row in known[:LINES]]
            if len(known) > LINES:
                lines[-1] = plain(f"and {len(known) - LINES + 1} more: v shows all of them")
        words = Content("\n").join(lines)
        if words != self.content:
            self.update(words, layout=False)


def place_words(row: Registration, now: float) -> str:
    """Where a contact is and how long it will be registered."""
    nat = ", behind NAT" if row.nat else ""
    left = ago(max(0.0, row.expires_at - now))
    return f"{clip(row.contact, _CONTACT)} over {_transport(row)}{nat} · {left} left"


def ping_words(row: Registration, glyphs: Glyphs, asked: EdgeJob | None = None) -> Content:
    """How the pings of a contact went: the one just asked for, the last one, and their course."""
    told = [asked_words(asked, glyphs)] if asked is not None else []
    known = history(row)
    if not known.pings:
        return Content(" · ").join([*told, plain("never pinged")]) if not told else told[0]
    at, trip = known.pings[-1]
    last = "no answer" if trip is None else latency(trip)
    parts = [plain(f"ping {_time(at)} {last} {course(known.pings, _BARS, glyphs)}")]
    if known.median is not None:
        parts.append(plain(f"median {latency(known.median)}"))
    parts.append(plain(f"{known.lost} of {len(known.pings)} lost"))
    return Content(" · ").join([*told, *parts])


def contact_line(row: Registration, now: float, glyphs: Glyphs, asked: EdgeJob | None = None) -> Content:
    """One of several contacts on a line of its own."""
    told = asked_words(asked, glyphs) + plain(" · ") if asked is not None else plain("")
    nat = " NAT" if row.nat else ""
    device = f" “{clip(row.user_agent, _DEVICE)}”" if row.user_agent else ""
    facts = f"{source(row)} {_transport(row)}{nat}{device} · {ago(max(0.0, row.expires_at - now))} left"
    known = history(row)
    if not known.pings:
        return told + plain(facts)
    trip = known.pings[-1][1]
    last = "no answer" if trip is None else latency(trip)
    return told + plain(f"{facts} · {last} {course(known.pings, _BARS, glyphs)}")


def asked_words(job: EdgeJob, glyphs: Glyphs) -> Content:
    """How a job stands, with its sign."""
    if not ended(job):
        return styled(f"{glyphs.pending} {outcome_words(job)}", "$text-accent")
    if went_well(job):
        return styled(f"{glyphs.ok} {outcome_words(job)}", "$text-success")
    return styled(f"{glyphs.timeout} {outcome_words(job)}", "$text-warning")


def course(pings: Sequence[Ping], width: int, glyphs: Glyphs) -> str:
    """The last round trips as bars; where no answer came a cross stands, which no bar looks like."""
    shown = pings[-width:]
    line = bars([trip or 0 for _, trip in shown], width, glyphs)
    return "".join(glyphs.blocked if trip is None else bar for bar, (_, trip) in zip(line, shown, strict=True))


def _transport(row: Registration) -> str:
    return clip(row.transport.upper(), 8) or "UDP"


def _time(moment: float) -> str:
    return strftime("%H:%M:%S", localtime(moment))
