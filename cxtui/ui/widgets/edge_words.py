"""What is to be known of one edge, in lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from textwrap import wrap
from time import localtime, strftime

from textual.content import Content

from cxtui.models.edge import SIDES, Drift, Edge, Propagation
from cxtui.models.edge_job import Task
from cxtui.services.edge_jobs import outcome_words
from cxtui.services.edge_overview import EdgeView, took
from cxtui.services.edge_states import EdgeState, span
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.text import clip, fit, mix, plain, styled
from cxtui.ui.widgets.edge_rows import age, grouped, round_trip, rows_word
from cxtui.ui.widgets.sparkline import bars

NONE = (
    "What is saved here is recorded, and nothing enforces it.",
    "For a trial: cxtui edge run. For a real one: cxtui edge config.",
)
"""What is said, and what can be done, where there is no edge."""

_BARS = 60
_DAY = 86_400.0
_PORTAL = "(portal: up to 15 min)"
_PART, _KEY, _SIDE = 8, 20, 20
"""Cells of the columns of a difference, the key at its narrowest."""

_LONGEST_KEY = 40
_DETAIL = 18


def state_lines(view: EdgeView, now: float, glyphs: Glyphs) -> list[Content]:
    """How the edge stands: what is wrong first, and what is still in force then."""
    state, edge = view.state, view.state.edge
    lines: list[Content] = []
    if state.silent:
        words = f"{edge.name} is silent since {age(now, edge.heartbeat_at)}: what stands here is what it last said."
        lines.append(styled(f"{glyphs.warning} {words}", "$text-warning"))
    if edge.trouble:
        lines.append(styled(f"{glyphs.timeout} Its switch cannot be reached: {edge.trouble}", "$text-error"))
    if edge.refusal:
        lines.append(styled(f"{glyphs.blocked} {edge.name} refused the reload: “{edge.refusal}”", "$text-error"))
        lines.append(styled(f"Still in force: {_in_force(view, now)}{_retry(edge, now)}", "$text-warning"))
    elif state.behind:
        known = "Generation $old is in force" if state.well else "Generation $old ran when it was last proven"
        lines.append(mix(known, old=edge.generation) + mix(", $new is on its way.", new=view.wanted))
    lines += [plain(" · ".join(facts)) for facts in _facts(state, now) if facts]
    return lines + _order_lines(view, now)


def pace_lines(view: EdgeView, glyphs: Glyphs, room: int) -> list[Content]:
    """How long changes took to reach the edge, beside what the portal promises (S-014, W-034)."""
    figures = view.figures
    if figures is None:
        return [mix("[b]commit → verified[/b]  nothing was measured yet  $portal", portal=_PORTAL)]
    line = mix(
        "[b]commit → verified[/b]  p50 $p50  p99 $p99  last $count  $portal",
        p50=span(figures.p50),
        p99=span(figures.p99),
        count=figures.count,
        portal=_PORTAL,
    )
    worst = f"  worst {span(figures.worst)}"
    return [line, plain(bars(_peaks(figures.recent, room - len(worst)), _BARS, glyphs) + worst)]


def drift_lines(view: EdgeView, now: float, room: int, *, whole: bool) -> list[Content]:
    """What the edge holds and the database does not, and the reverse; ``whole``: with all that is said of each."""
    edge = view.state.edge
    compared = "" if edge.checked_at is None else f", compared at {moment(edge.checked_at, now)}"
    if not view.drift_count:
        return [mix("[b]Drift[/b]  $what", what=f"none{compared}" if compared else "never compared yet")]
    lines = [mix("[b]Drift[/b]  $what", what=f"{rows_word(view.drift_count)}{compared}")]
    for drift in view.drift:
        lines += _drift(drift, room, whole=whole)
    if view.drift_count > len(view.drift):
        lines.append(plain(f"and {grouped(view.drift_count - len(view.drift))} more"))
    return lines


def history_lines(view: EdgeView, now: float) -> list[Content]:
    """The last generations that the edge was seen to run."""
    if not view.history:
        return []
    return [styled("Last generations", "bold"), *(plain(_history(row, now)) for row in view.history)]


def moment(at: float | None, now: float, *, other: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A moment of the last day as its time, another one as ``other`` says."""
    try:
        how = "%H:%M:%S" if at is not None and abs(now - at) < _DAY else other
        return "unknown" if at is None else strftime(how, localtime(at))
    except (OverflowError, ValueError, OSError):
        return "unknown"


def _peaks(seconds: Sequence[float], room: int) -> list[float]:
    """All of a course within so many values at most, each the highest of those that it stands for."""
    each = ceil(len(seconds) / max(1, min(_BARS, room)))
    return [max(seconds[start : start + each]) for start in range(0, len(seconds), each)]


def _in_force(view: EdgeView, now: float) -> str:
    """The generation that an edge runs, and since when where that was seen."""
    edge, newest = view.state.edge, next(iter(view.history), None)
    if newest is None or newest.generation != edge.generation:
        return f"generation {edge.generation}"
    return f"generation {edge.generation}, since {moment(newest.verified_at, now)}"


def _retry(edge: Edge, now: float) -> str:
    if edge.retry_at is None:
        return ""
    left = f" in {age(edge.retry_at, now)}" if edge.retry_at - now >= 1 else " now"
    return f" · retry{left}, at {moment(edge.retry_at, now)}"


def _facts(state: EdgeState, now: float) -> Iterator[list[str]]:
    edge = state.edge
    since = "" if edge.up_since is None else f"up since {moment(edge.up_since, now)}"
    heard = "" if state.silent else f"heard {_ago(now, edge.heartbeat_at)}"
    trip = round_trip(edge.round_trip)
    last = "" if edge.reloaded_at is None else f"last reload taken at {moment(edge.reloaded_at, now)}"
    yield [fact for fact in (edge.software.strip(), since) if fact]
    yield [fact for fact in (heard, trip and f"RPC {trip}", last) if fact]
    yield [f"listens on {edge.listens}"] if edge.listens else []


def _ago(now: float, then: float) -> str:
    words = age(now, then)
    return words if words == "now" else f"{words} ago"


def _order_lines(view: EdgeView, now: float) -> list[Content]:
    order = view.order
    if order is None:
        return []
    what = "Reconciliation" if order.task == Task.RECONCILE else "Comparison"
    asked = f"{what}, asked for at {moment(order.created_at, now)} by {order.operator}"
    return [plain(f"{asked}: {outcome_words(order)}.")]


def _drift(drift: Drift, room: int, *, whole: bool) -> Iterator[Content]:
    side = SIDES.get(drift.side, drift.side)
    head = (
        f"  {fit(clip(drift.part, _PART), _PART)}  {fit(clip(drift.key, _KEY), _KEY)}  {fit(clip(side, _SIDE), _SIDE)}"
    )
    if not whole:
        detail = clip(drift.detail, max(0, room - len(head) - 2))
        yield plain(f"{head}  {detail}".rstrip())
        return
    yield plain(f"  {drift.part}  {drift.key}  {side}")
    for line in wrap(clip(drift.detail, 300), max(20, room - 6)):
        yield styled(f"      {line}", "$foreground-muted")


def _history(row: Propagation, now: float) -> str:
    return f"  {row.generation:>8}  {moment(row.verified_at, now, other='%Y-%m-%d'):10}  {span(took(row)):>7}"
