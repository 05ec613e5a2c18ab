"""The contacts of a SIP user: a row for each, and all that is known of one (W-020, W-023)."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from time import localtime, strftime

from textual.content import Content

from cxtui.models.edge_job import EdgeJob
from cxtui.models.registration import Registration
from cxtui.rules.durations import ago, since
from cxtui.services.grids import Shown
from cxtui.services.registrations import History, history, latency, live, lost, pings, source
from cxtui.ui.cells import trip_cell
from cxtui.ui.columns import state_cell
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.text import clip, plain
from cxtui.ui.widgets.registration_lines import asked_words, course
from cxtui.ui.widgets.rows import Cell, Column, Row

COLUMNS = (
    Column("state", "State", 11, priority=10),
    Column("received", "Received", 21, priority=9, flex=1),
    Column("contact", "Contact", 22, priority=6, flex=2),
    Column("transport", "Over", 4, priority=4),
    Column("nat", "NAT", 3, priority=5),
    Column("trip", "Ping", 7, priority=8, align="right"),
    Column("expires", "Expires", 7, priority=7, align="right"),
    Column("agent", "Agent", 14, priority=3, flex=1),
    Column("edge", "Edge", 8, priority=2),
)
_NAME = 12
_LONGEST = 160
"""Cells that a stranger's text gets in the lines about a contact."""
_BARS = 30


def contact_row(shown: Shown, now: float, glyphs: Glyphs) -> Row:
    """One contact as a row of the table."""
    row: Registration = shown.row
    cells: dict[str, Cell | str] = {
        "state": state_cell(shown.state, glyphs),
        "received": source(row),
        "contact": row.contact,
        "transport": row.transport.lower(),
        "nat": "yes" if row.nat else Cell("no", "muted"),
        "trip": trip_cell(row, glyphs),
        "expires": ago(row.expires_at - now) if live(row, now) else Cell("over", "muted"),
        "agent": row.user_agent or Cell(glyphs.none, "muted"),
        "edge": shown.more,
    }
    return Row(row.id, cells, shown)


def facts(shown: Shown, now: float, glyphs: Glyphs, asked: EdgeJob | None, room: int) -> Iterator[Content]:
    """All that is known of a contact, in lines of at most ``room`` characters."""
    for name, words in _facts(shown, now):
        for line in wrap(words, max(room - _NAME, _NAME), break_on_hyphens=False) or [""]:
            yield plain(f"{name:{_NAME}}{line}")
            name = ""
    known = pings(shown.row)
    if known:
        yield plain(" " * _NAME + course(known, _BARS, glyphs))
    if asked is not None:
        yield plain(f"{'Now':{_NAME}}") + asked_words(asked, glyphs)


def _facts(shown: Shown, now: float) -> Iterator[tuple[str, str]]:
    row: Registration = shown.row
    nat = "behind NAT" if row.nat else "not behind NAT"
    claimed = f", Via says {clip(row.via.rpartition(' ')[2].partition(';')[0], _LONGEST)}" if row.via else ""
    yield "Contact", clip(row.contact, _LONGEST)
    yield "Received", f"{source(row)} over {clip(row.transport.upper(), 8) or 'UDP'}, {nat}{claimed}"
    yield "Device", clip(row.user_agent, _LONGEST) or "did not say what it is"
    yield "Edge", f"{shown.more}, {clip(row.socket, _LONGEST)}" if row.socket else shown.more
    left = f"for {ago(row.expires_at - now)} more" if live(row, now) else "no more"
    registered = f"{_moment(row.registered_at)}, {since(now - row.registered_at)}"
    yield "Registered", f"{registered}; {left}, until {_moment(row.expires_at)}"
    yield "Pings", _pings(history(row), row)


def _pings(known: History, row: Registration) -> str:
    if not known.pings:
        return "none so far"
    at, trip = known.pings[-1]
    last = f"last {_moment(at)}: {'no answer' if trip is None else latency(trip)}"
    none = f"{known.lost} of {len(known.pings)} lost"
    if known.least is None or known.median is None or known.most is None:
        return f"{last} · {none}"
    spread = f"{latency(known.least)} to {latency(known.most)}, median {latency(known.median)}"
    missed = f", {lost(row)} in a row" if lost(row) > 1 else ""
    return f"{last} · {spread} · {none}{missed}"


def _moment(at: float) -> str:
    return strftime("%H:%M:%S", localtime(at))
