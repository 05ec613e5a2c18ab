"""The line on top: whose data this is, how the edges stand, how many are being blocked, and who is at the keys."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from cxtui.rules.roles import Role
from cxtui.services.context import Actor
from cxtui.services.status import Status
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.scope import Scope
from cxtui.ui.text import mix, styled
from cxtui.ui.widgets.sparkline import bars

_BARS = 8


class StatusLine(Static):
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

    def show(self, scope: Scope, status: Status, paused: bool) -> None:
        """Say how things stand; an unchanged line is not painted again."""
        company = status.company
        parts = [(9, mix("[b]$name[/b]", name=company.name if company else scope.name))]
        if company is not None:
            parts.append((2, mix("$kind · $status", kind=company.kind, status=company.status.replace("_", " "))))
            if company.channels:
                parts.append((4, mix("$used/$all channels", used=status.channels, all=company.channels)))
        parts.append((7, self._edges(status)))
        rate = f"blocks {status.blocks[-1]}/min {bars(status.blocks, _BARS, self._glyphs)}"
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
        if not status.edges:
            return mix("no edge attached")
        speaking = [edge for edge in status.edges if not edge.silent]
        current = sum(1 for edge in speaking if not edge.behind)
        if not speaking:
            return styled(f"edge {self._glyphs.warning} silent", "$text-warning")
        sign = self._glyphs.ok if current == len(status.edges) else self._glyphs.pending
        return mix(
            "edge $sign $current/$all · gen $gen",
            sign=sign,
            current=current,
            all=len(status.edges),
            gen=status.generation,
        )


def _joined(parts: Sequence[tuple[int, Content]]) -> Content:
    return Content("  ").join(part for _, part in parts)
