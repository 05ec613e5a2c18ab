"""A widget that hears of every size it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size

if TYPE_CHECKING:
    from textual.widget import Widget as _Widget
else:
    # A widget among the bases would hand down its own defaults, that it takes no focus for one.
    _Widget = object


class Sized(_Widget):
    """Calls `on_resize` for each new size, at times twice; it stands first among the bases of a widget."""

    def on_resize(self) -> None:
        """Fit to another size."""

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        # On a busy machine Textual can work out a first size ahead of the layout, and then never tells of it.
        before = self._size
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if self._size != before:
            self.call_next(self.on_resize)
        return changed
