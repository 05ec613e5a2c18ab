"""The drawing half of the row table: it knows which lines are on screen and repaints those that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from cxtui.ui.glyphs import Glyphs
from cxtui.ui.widgets.row_painter import Cursor, Line, Look, RowPainter
from cxtui.ui.widgets.row_viewport import Viewport
from cxtui.ui.widgets.rows import Column, Tone

TONES: tuple[Tone, ...] = ("muted", "accent", "success", "warning", "danger", "bold")


class RowCanvas(ScrollView, can_focus=True, inherit_bindings=False):
    """Draws titles, rows, cursor, marks and divider from a `Viewport`; it does not move or fetch anything."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row-table--header",
        "row-table--line",
        "row-table--note",
        "row-table--cursor",
        "row-table--cursor-blurred",
        "row-table--divider",
        *(f"row-table--{tone}" for tone in TONES),
    }
    DEFAULT_CSS = """
    RowCanvas {
        height: 1fr;
        overflow: hidden hidden;
        scrollbar-size: 0 0;
        & > .row-table--header { color: $text-muted; text-style: bold; }
        & > .row-table--note { color: $text-muted; }
        & > .row-table--cursor {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: $block-cursor-text-style;
        }
        & > .row-table--cursor-blurred {
            color: $block-cursor-blurred-foreground;
            background: $block-cursor-blurred-background;
            text-style: $block-cursor-blurred-text-style;
        }
        & > .row-table--divider { text-style: underline; }
        & > .row-table--muted { color: $text-muted; }
        & > .row-table--accent { color: $text-accent; }
        & > .row-table--success { color: $text-success; }
        & > .row-table--warning { color: $text-warning; }
        & > .row-table--danger { color: $text-error; text-style: bold; }
        & > .row-table--bold { text-style: bold; }
    }
    """

    def __init__(
        self,
        columns: Sequence[Column],
        empty_text: str,
        glyphs: Glyphs,
        *,
        name: str | None,
        id: str | None,
        classes: str | None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._columns = tuple(columns)
        self._empty_text = empty_text
        self._glyphs = glyphs
        self._view = Viewport()
        self._marked: frozenset[int] = frozenset()
        self._divider_after: int | None = None
        self._painter: RowPainter | None = None
        self._picture: list[Line] = []

    @property
    def columns_shown(self) -> tuple[str, ...]:
        """Keys of the columns that found room."""
        return tuple(slot.column.key for slot in self._paint().slots)

    @property
    def empty_text(self) -> str:
        """What an empty list says."""
        return self._empty_text

    @empty_text.setter
    def empty_text(self, text: str) -> None:
        self._empty_text = text
        self._settle()

    @property
    def divider_after(self) -> int | None:
        """Index of the row below which a line is drawn."""
        return self._divider_after

    @divider_after.setter
    def divider_after(self, index: int | None) -> None:
        self._divider_after = index
        self._settle()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns of the same rows."""
        self._columns = tuple(columns)
        self._painter = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Drop what was painted in the old styles."""
        super().notify_style_update()
        self._painter = None

    def render_line(self, y: int) -> Strip:
        """Give the titles for line 0 and a row, the empty text or blanks for the others."""
        return self._paint().line(self._line(y - 1)) if y else self._paint().header()

    def _line(self, y: int) -> Line:
        """Give what stands on a line below the titles."""
        view = self._view
        index = view.spot.top + y
        row = view.row(index) if index < view.total else None
        if row is None:
            return Line(None, note=self._empty_text if view.loaded and not view.total and not y else "")
        cursor = Cursor.OFF
        if index == view.spot.cursor:
            cursor = Cursor.FOCUSED if self.has_focus else Cursor.BLURRED
        divided = index == self._divider_after and index < view.total - 1
        return Line(row, cursor, row.key in self._marked, divided)

    def _settle(self) -> None:
        """Bring the screen in line with the view; every change ends here."""
        view = self._view
        size = Size(self.size.width, max(1, view.total) + 1)
        if self.styles.is_auto_height:
            self.virtual_size = size
        else:
            # Only an automatic height depends on the length of the list: no layout for the others.
            self.set_reactive(Widget.virtual_size, size)
        self.set_scroll(None, view.spot.top)
        self.set_reactive(Widget.scroll_target_y, float(view.spot.top))
        self._repaint()

    def _repaint(self) -> None:
        """Refresh the lines that differ from what was painted, as far to the right as they differ."""
        if not self.size:
            return
        paint = self._paint()
        picture = [self._line(y) for y in range(self._view.page)]
        # The lines that a page has grown by were painted before it knew of them: as blanks, or as rows of long ago.
        grown = [paint.width for _ in picture[len(self._picture) :]]
        widths = [paint.changed_width(old, new) for old, new in zip(self._picture, picture, strict=False)] + grown
        self._picture = picture
        regions = [Region(0, y, width, 1) for y, width in enumerate(widths, 1) if width]
        if regions:
            self.refresh(*regions)

    def _paint(self) -> RowPainter:
        if self._painter is None or self._painter.width != self.size.width:
            self._painter = RowPainter(self._columns, self.size.width, self._look(), self._glyphs)
        return self._painter

    def _look(self) -> Look:
        def style(part: str) -> Style:
            return self.get_component_rich_style(f"row-table--{part}")

        def ink(part: str) -> Style:
            whole = style(part)
            return Style(color=whole.color, bold=whole.bold, italic=whole.italic, underline=whole.underline)

        return Look(
            header=style("header"),
            note=style("note"),
            lines={
                Cursor.OFF: style("line"),
                Cursor.BLURRED: style("cursor-blurred"),
                Cursor.FOCUSED: style("cursor"),
            },
            divider=Style(underline=True) if style("divider").underline else ink("divider"),
            tones={tone: ink(tone) for tone in TONES},
        )
