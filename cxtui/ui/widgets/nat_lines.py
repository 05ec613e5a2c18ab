"""What the NAT doctor found: the verdict, each test, the pings, and the fix with what became of it (S-132)."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from time import localtime, strftime

from textual.content import Content

from cxtui.models.findings import Severity
from cxtui.models.registration import Registration
from cxtui.rules.durations import ago
from cxtui.rules.nat import Diagnosis, Evidence, Fix, Result
from cxtui.rules.nat_facts import UNBLOCK
from cxtui.rules.nat_pings import round_trips
from cxtui.services.edge_jobs import outcome_words
from cxtui.services.edge_states import Way
from cxtui.services.nat_doctor import Examination, difference
from cxtui.services.nat_report import weightiest_first
from cxtui.services.registrations import latency, pings
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.text import clip, mix, plain, styled
from cxtui.ui.widgets.registration_lines import asked_words, course

_NAME = 8
_TEST = 29
_BARS = 30
_LONGEST = 400
_COLUMNS = 100
"""Cells from which on the tests stand in a column of their own."""

_TONES = {Result.BAD: "$text-error", Result.NOTE: "$text-warning", Result.UNKNOWN: "$text-muted", Result.OK: ""}


def verdict_lines(diagnosis: Diagnosis, glyphs: Glyphs, room: int) -> Iterator[Content]:
    """The verdict with its sign, in lines of at most ``room`` characters."""
    sign, tone = {
        None: (glyphs.ok, "$text-success"),
        Severity.ERROR: (glyphs.blocked, "$text-error"),
        Severity.WARNING: (glyphs.warning, "$text-warning"),
    }[diagnosis.severity]
    for line in _wrapped(diagnosis.verdict, room - 2, "", ""):
        yield styled(f"{sign} {line}", f"bold {tone}")
        sign = " "


def evidence_lines(diagnosis: Diagnosis, glyphs: Glyphs, room: int) -> Iterator[Content]:
    """Each test with how it came out, what was found wrong first, in lines of at most ``room`` characters."""
    for one in weightiest_first(diagnosis):
        yield from _test(one, glyphs, room)


def ping_line(contact: Registration | None, glyphs: Glyphs) -> Content:
    """The pings of the contact: their course, the last one, and what they have in common (W-020)."""
    if contact is None:
        return plain(f"{'Pings':{_NAME}}not registered, so nothing can be pinged")
    known = pings(contact)
    if not known:
        return plain(f"{'Pings':{_NAME}}never pinged")
    trips, (at, trip) = round_trips(known), known[-1]
    last = f"last {'no answer' if trip is None else latency(trip)} at {strftime('%H:%M:%S', localtime(at))}"
    median = f" · median {latency(round(trips.middle))}" if trips.middle is not None else ""
    bars = course(known, _BARS, glyphs)
    return plain(f"{'Pings':{_NAME}}{bars}  {last}{median} · {trips.lost} of {trips.sent} lost")


def next_lines(diagnosis: Diagnosis, room: int) -> Iterator[Content]:
    """What to do, in lines of at most ``room`` characters, as all that follows."""
    return _labelled("Next", diagnosis.next, room)


def fix_lines(examination: Examination, may_write: bool, room: int) -> Iterator[Content]:
    """The change that is offered, and when it begins to work; nothing where none is."""
    remedy = examination.diagnosis.fix
    if remedy is None:
        return
    yield _change(examination, remedy)
    yield from _labelled("", f"{remedy.reason}.", room)
    if not may_write:
        yield from _labelled("", "Only an operator can save it.", room)
    elif examination.contact is not None and remedy.field != UNBLOCK:
        yield from _labelled(
            "", f"The switch pings this contact from its next REGISTER on{_within(examination)}.", room
        )


def saved_lines(
    examination: Examination, applied: Fix, way: Way | None, glyphs: Glyphs, room: int
) -> Iterator[Content]:
    """What became of the fix: how far it is, the OPTIONS sent after it, and when it helps (S-014, S-137, W-034)."""
    parts = [styled(f"{glyphs.ok} saved", "$text-success")]
    if way is not None:
        done = bool(way.all) and way.verified == way.all
        parts.append(styled(way.words, "$text-success" if done else "$text-warning"))
    if examination.options is not None:
        told = plain("OPTIONS ") + asked_words(examination.options, glyphs)
        parts.append(told if examination.pending else _outcome(examination, glyphs))
    lines = [Content(" · ").join(parts)]
    if lines[0].cell_length > room - _NAME:
        lines = [Content(" · ").join(parts[:-1]), parts[-1]]
    yield plain(f"{'Fix':{_NAME}}") + lines[0]
    yield from (plain(" " * _NAME) + line for line in lines[1:])
    effect = _let_through(examination, applied) if applied.field == UNBLOCK else _effect(examination)
    yield from _labelled("", effect, room)


def _test(one: Evidence, glyphs: Glyphs, room: int) -> Iterator[Content]:
    sign = {Result.BAD: glyphs.blocked, Result.OK: glyphs.ok, Result.NOTE: glyphs.warning}.get(one.result, "?")
    tone = _TONES[one.result]
    wide = room >= _COLUMNS
    name = one.test.ljust(_TEST) if wide else f"{one.test}: "
    later = " " * _TEST if wide else ""
    lines = _wrapped(clip(one.text, _LONGEST), room - 2, " " * len(name), later)
    yield styled(f"{sign} {name}", f"bold {tone}".strip()) + styled(lines[0][len(name) :], tone)
    for line in lines[1:]:
        yield styled(f"  {line}", tone)


def _labelled(name: str, text: str, room: int) -> Iterator[Content]:
    for line in _wrapped(text, room - _NAME, "", ""):
        yield plain(f"{name:{_NAME}}{line}")
        name = ""


def _wrapped(text: str, room: int, first: str, later: str) -> list[str]:
    width = max(room, len(first) + 20)
    return wrap(text, width, initial_indent=first, subsequent_indent=later, break_on_hyphens=False) or [first]


def _change(examination: Examination, remedy: Fix) -> Content:
    change = difference(examination.user, remedy)
    template = "$fix$label  $before → [b]$after[/b]"
    return mix(template, fix=f"{'Fix':{_NAME}}", label=change.label, before=change.before, after=change.after)


def _outcome(examination: Examination, glyphs: Glyphs) -> Content:
    assert examination.options is not None
    words = outcome_words(examination.options)
    if examination.options.round_trip is not None:
        return styled(f"OPTIONS {words}", "$text-success")
    return styled(f"{glyphs.timeout} OPTIONS: {words[:1].lower()}{words[1:]}", "$text-warning")


def _let_through(examination: Examination, applied: Fix) -> str:
    """How far the edges are with letting an address through again: what they hold is read back from them."""
    held = next((one.held for one in examination.situation.blocked if one.address == applied.value), ())
    if held:
        return f"{applied.value} is still held by {', '.join(clip(name, 40) for name in held)}."
    return (
        f"No edge holds {applied.value} any more: what {clip(examination.user.username, 64)} sends is answered again."
    )


def _effect(examination: Examination) -> str:
    name = clip(examination.user.username, 64)
    if examination.contact is None:
        return f"{name} is not registered now; it is pinged from its next REGISTER on."
    if examination.due:
        return f"Takes effect with the next REGISTER of {name}{_within(examination)}: then it is pinged."
    return f"{name} registered again: the switch pings this contact from now on."


def _within(examination: Examination) -> str:
    contact = examination.contact
    return f", in {ago(max(1.0, contact.expires_at - examination.at))} at the latest" if contact is not None else ""
