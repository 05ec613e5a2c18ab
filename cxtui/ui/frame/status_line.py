"""The line on top: whose data this is, how the edges stand, how many are being blocked, and who is at the keys."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from cxtui.services.context import Actor
from cxtui.services.status import Status
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.scope import Scope
from cxtui.ui.text import mix, styled
from cxtui.ui.widgets.sparkline import bars

_BARS = 8


class StatusLine(Static):
    """One line; what does not fit is left out from the right."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, actor: Actor, glyphs: Glyphs) -> None:
        super().__init__()
        self._actor = actor
        self._glyphs = glyphs
        self._last: Content | None = None

    def show(self, scope: Scope, status: Status, paused: bool) -> None:
        """Say how things stand; an unchanged line is not painted again."""
        company = status.company
        parts = [mix("[b]$name[/b]", name=company.name if company else scope.name)]
        if company is not None:
            parts.append(mix("$kind · $status", kind=company.kind, status=company.status))
            if company.channels:
                parts.append(mix("$used/$all channels", used=status.channels, all=company.channels))
        parts.append(self._edges(status))
        rate = f"blocks {status.blocks[-1]}/min {bars(status.blocks, _BARS, self._glyphs)}"
        parts.append(mix("$rate", rate=rate))
        parts.append(styled("PAUSED" if paused else "LIVE", "$text-warning" if paused else ""))
        parts.append(mix("$who@$origin", who=self._actor.operator, origin=self._actor.origin))
        line = Content("   ").join(parts)
        if line != self._last:
            self._last = line
            self.update(line)

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
