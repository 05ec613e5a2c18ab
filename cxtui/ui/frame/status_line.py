"""The line on top: whose data this is, how the edges stand, how many are being blocked, and who is at the keys."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from cxtui.rules.roles import Role
from cxtui.services.context import Actor
from cxtui.services.edge_states import EdgeState, Way, span
from cxtui.services.status import MINUTES, Status
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.scope import Scope
from cxtui.ui.text import clip, mix, styled
from cxtui.ui.widgets.sized import Sized
from cxtui.ui.widgets.sparkline import bars

_NAME = 16
"""Cells for the name of an edge that complains."""


class StatusLine(Sized, Static):
    """One line; what does not fit is left out, the least important first."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, actor: Actor, glyphs: Glyphs) -> None:
        super().__init__()
        self._actor = actor
        self._glyphs = glyphs
        self._parts: list[tuple[int, Content]] = []
        self._last: Content | None = None

    def show(self, scope: Scope, status: Status, paused: bool, way: Way | None = None) -> None:
        """Say how things stand; an unchanged line is not painted again.

        While ``way`` is given, that of the operator's last change stands in place of the edges.
        """
        company = status.company
        parts = [(9, mix("[b]$name[/b]", name=company.name if company else scope.name))]
        if company is not None:
            parts.append((2, mix("$kind · $status", kind=company.kind, status=company.status.replace("_", " "))))
            if company.channels:
                parts.append((4, mix("$used/$all channels", used=status.channels, all=company.channels)))
        parts.append((7, self._edges(status) if way is None else self._way(way, status.edges)))
        rate = f"blocks {status.blocks[-1]}/min {bars(status.blocks, MINUTES, self._glyphs)}"
        parts.append((6, mix("$rate", rate=rate)))
        parts.append((8, styled("PAUSED" if paused else "LIVE", "$text-warning" if paused else "")))
        parts.append((3, mix("$who@$origin", who=self._actor.operator, origin=self._actor.origin)))
        if self._actor.role is not Role.ADMIN:
            parts.append((8, mix("$role", role=self._actor.role.word)))
        self._parts = parts
        self._paint()

    def on_resize(self) -> None:
        """Another width has room for other parts."""
        self._paint()

    def _paint(self) -> None:
        parts = list(self._parts)
        line = _joined(parts)
        while len(parts) > 1 and line.cell_length > self.content_size.width:
            parts.remove(min(parts, key=lambda part: part[0]))
            line = _joined(parts)
        if parts and line != self._last:
            self._last = line
            self.update(line, layout=False)

    def _edges(self, status: Status) -> Content:
        edges, glyphs = status.edges, self._glyphs
        if not edges:
            return mix("no edge attached")
        if all(edge.silent for edge in edges):
            return styled(f"edge {glyphs.warning} silent", "$text-warning")
        current = f"{sum(edge.current for edge in edges)}/{len(edges)}"
        complaint = _complaint(edges)
        if complaint:
            return styled(f"edge {glyphs.warning} {current} · {complaint}", "$text-warning")
        sign = glyphs.ok if all(edge.current for edge in edges) else glyphs.pending
        return mix("edge $sign $current · gen $gen", sign=sign, current=current, gen=status.generation)

    def _way(self, way: Way, edges: Sequence[EdgeState]) -> Content:
        glyphs, active = self._glyphs, f"{way.verified}/{way.all}"
        if way.verified == way.all:
            took = "" if way.seconds is None else f" ({span(way.seconds)})"
            return styled(f"edge {glyphs.ok} {active} · gen {way.generation}{took}", "$text-success")
        complaint = _complaint(edges)
        if way.waiting and not way.refused:
            words = (f"edge {glyphs.pending} gen {way.generation} reloading {active}", complaint)
            return styled(" · ".join(filter(None, words)), "$text-accent")
        words = (f"edge {glyphs.warning} {active} · gen {way.generation}", complaint)
        return styled(" · ".join(filter(None, words)), "$text-warning")


def _complaint(edges: Sequence[EdgeState]) -> str:
    """What the first edge with which something is wrong suffers from, and how many more there are."""
    found = [edge for edge in edges if edge.complaint]
    if not found:
        return ""
    more = f" +{len(found) - 1}" if len(found) > 1 else ""
    return f"{clip(found[0].edge.name, _NAME)}: {found[0].complaint}{more}"


def _joined(parts: Sequence[tuple[int, Content]]) -> Content:
    return Content("  ").join(part for _, part in parts)
