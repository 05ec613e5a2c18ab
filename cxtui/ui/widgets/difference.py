"""What a change changed, field by field."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from cxtui.services.audit import Difference, differences
from cxtui.services.grids import Shown
from cxtui.ui.text import clip, mix

_LABEL = 22
_VALUE = 40
_ROOM = 6
"""Lines for fields: the height without the border and the headline."""


class DifferenceLines(Static):
    """Before and after of each field of an audit row, as many as there is room for."""

    DEFAULT_CSS = """
    DifferenceLines { height: 8; padding: 0 1; color: $text-muted; border-top: solid $panel; }
    """

    def say(self, shown: Shown | None) -> None:
        """Show a row of the log; nothing where there is none."""
        self.update(self._words(shown) if shown else "", layout=False)

    def _words(self, shown: Shown) -> Content:
        entry = shown.row
        head = mix("[b]$what[/b] of $object  $why", what=entry.action.lower(), object=entry.label, why=shown.state.why)
        found = differences(entry)
        lines = [_line(difference) for difference in found[:_ROOM]]
        if len(found) > _ROOM:
            lines[-1] = mix("and $more more fields", more=len(found) - _ROOM + 1)
        return Content("\n").join([head, *lines])


def _line(difference: Difference) -> Content:
    return mix(
        "$label$before → [b]$after[/b]",
        label=clip(difference.label, _LABEL).ljust(_LABEL),
        before=_value(difference.before),
        after=_value(difference.after),
    )


def _value(text: str) -> str:
    return clip(text.replace("\n", ", "), _VALUE) or "empty"
