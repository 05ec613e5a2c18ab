"""Where a row table stands in its list: cursor, first visible row, the buffered window and what to fetch next.

Pure state without a screen. Nothing here is proportional to the length of the list.
"""

from __future__ import annotations

from cxtui.ui.widgets.row_spots import ENDLESS, Span, Spot, Swap
from cxtui.ui.widgets.rows import Row, Window


class Viewport:
    """The moving view. The cursor is always on a visible row, and stays on its row when others come or go.

    While `following`, the first rows are shown: rows that arrive above the cursor push it down, and once it would be
    pushed off the page the view stays with it; `newer` says that rows have arrived above the view.

    A move to rows that are not buffered is kept as `pending` and takes place when they are delivered: until then the
    old picture stands, and further moves start from the pending place.
    """

    def __init__(self) -> None:
        self.page = 0
        self.total = 0
        self.capped = False
        self.loaded = False
        self.following = True
        self.newer = False
        self.swap: Swap | None = None
        self.stale = False
        self.scroll_step = 1
        self.spot = Spot(0, 0)
        self.pending: Spot | None = None
        self.wanted: Span | None = None
        self._window = Window(0, (), 0)

    @property
    def current(self) -> Row | None:
        """The row under the cursor; none while the rows of another scope are awaited."""
        return None if self.stale else self.row(self.spot.cursor)

    @property
    def meant(self) -> Row | None:
        """The row that a key means: the one under the cursor, or the one that was seen there before a swap."""
        return self.swap.seen if self.swap is not None else self.current

    @property
    def visible(self) -> tuple[int, int]:
        """First visible index and the one after the last."""
        return self.spot.top, min(self.spot.top + self.page, self.total)

    @property
    def _unknown(self) -> bool:
        """Whether nothing is known of the list yet; moves are kept until its first rows are here."""
        return self.stale or not self.loaded

    @property
    def _length(self) -> int:
        return ENDLESS if self._unknown else self.total

    @property
    def _start(self) -> Spot:
        """Where the next move begins."""
        return self.pending or (Spot(0, 0) if self._unknown else self.spot)

    def row(self, index: int) -> Row | None:
        """Give the row at an index of the list, if it is buffered."""
        place = index - self._window.offset
        return self._window.rows[place] if 0 <= place < len(self._window.rows) else None

    def step(self, delta: int) -> None:
        """Move the cursor, and the view only as far as it must."""
        start = self._start
        cursor, top = max(0, min(start.cursor + delta, self._length - 1)), start.top
        lines = max(1, min(self.scroll_step, self.page))
        if cursor < top:
            top = cursor - lines + 1
        elif cursor >= top + self.page:
            top = cursor - self.page + lines
        self._go(Spot(cursor, top))

    def leap(self, delta: int) -> None:
        """Move the view and the cursor with it, so that the cursor keeps its line; at an end only the cursor moves."""
        self._go(Spot(self._start.cursor + delta, self._start.top + delta))

    def scroll(self, delta: int) -> None:
        """Move the view; the cursor moves only where it would leave it."""
        page = max(1, self.page)
        top = max(0, min(self._start.top + delta, self._length - page))
        self._go(Spot(min(max(self._start.cursor, top), top + page - 1), top))

    def to(self, index: int, top: int | None = None) -> None:
        """Move the cursor to an index, in the middle of the screen unless it is visible or `top` is given."""
        if top is None:
            top = self._start.top
            if not top <= index < top + self.page:
                top = index - self.page // 2
        self._go(Spot(index, top))

    def to_start(self) -> None:
        """Move the cursor to the first row, and show what arrives above it."""
        self.to(0)
        self.following = True

    def to_end(self) -> None:
        """Move the cursor to the last row, however many there will turn out to be."""
        self.to(self._length - 1)

    def resize(self, page: int) -> None:
        """Take another number of visible rows."""
        self.page = page
        if self.pending is not None:
            self.pending = self._clamped(self.pending)
        self._stand(self._clamped(Spot(self.spot.cursor, 0) if self.following else self.spot))

    def reset(self) -> None:
        """Start over at the first row of another list; the old rows stand until the new ones are delivered."""
        self.stale = True
        self.following = True
        self.newer, self.swap = False, None
        self.pending = None
        self.wanted = None

    def span(self) -> Span:
        """Give the part of the list that should be buffered for the place that is aimed at."""
        return Span.around(0 if self._unknown else self._start.top, self.page)

    def need(self) -> Span | None:
        """Give what must be fetched now, once: none if enough is buffered or already asked for."""
        if self.page <= 0:
            return None
        top = 0 if self._unknown else self._start.top
        end = top + self.page
        if self.wanted and self.wanted.offset <= top and end <= self.wanted.end:
            return None
        above = self._window.offset == 0 or top - self._window.offset >= self.page
        below = self._window.end >= self.total or self._window.end - end >= self.page
        if above and below and self._covers(top) and self.pending is None:
            return None
        self.wanted = self.span()
        return self.wanted

    def deliver(self, window: Window, *, sought: bool = False) -> bool:
        """Take a fetched part of the list; say whether it was of use.

        The cursor stays on its row by key. A window without the row that the cursor is on, or is about to be on, came
        too late and is dropped. One that was `sought` is another part than was asked for, around that row.
        """
        if sought:
            self.wanted = None
        total = self._true_total(window)
        asked, self.wanted = self.wanted, self._still_wanted(window)
        spot, arrived = self._destination(window, total)
        if total and not window.offset <= spot.cursor < window.end:
            if asked and not self.wanted and not self.stale:
                self._shrink(total)
            return False
        moving = self._unknown or (self.pending is not None and self.swap is None)
        before, seen, place = self.current, self.meant, self.spot.cursor
        self._window = window
        self.total, self.capped = total, window.capped
        self.loaded, self.stale = True, False
        self.pending = None if arrived or self.pending is None else self._clamped(self.pending)
        self._stand(spot)
        if not moving:
            self._compare(before, seen, spot.cursor - place)
        return True

    def _compare(self, before: Row | None, seen: Row | None, moved: int) -> None:
        """Note what has become of the row under the cursor, without a move."""
        after = self.current
        if after is not None and before is not None and after.key == before.key:
            self.newer = (self.newer or moved > 0) and self.spot.top > 0
        elif after is not None:
            self.swap = Swap(seen)
        if after is None or (seen is not None and seen.key == after.key):
            self.swap = None

    def _shrink(self, total: int) -> None:
        """Take the new length of the list and aim at rows that exist; the old picture stands until they are here."""
        self.total = total
        aim = self._clamped(self.pending or self.spot)
        if aim != self.spot:
            self.swap = self.swap if self.pending else Swap(self.meant)
            self.pending = aim

    def _destination(self, window: Window, total: int) -> tuple[Spot, bool]:
        """Give the spot that a window of a list of `total` rows leads to, and whether nothing is pending after it."""
        if self.pending is not None:
            aim = self._clamped(self.pending, total)
            if window.offset <= aim.top and min(aim.top + self.page, total) <= window.end:
                return aim, True
        spot = Spot(0, 0) if self._unknown else self._stuck(window, total)
        return spot, self.pending is None

    def _stuck(self, window: Window, total: int) -> Spot:
        """Give the spot that keeps the cursor on its row, and the row on its line unless the first rows are shown."""
        row = self.row(self.spot.cursor)
        index = None if row is None else window.find(row.key)
        if index is None:
            return self._clamped(self.spot, total)
        top = 0 if self.following and self.pending is None else self.spot.top + index - self.spot.cursor
        return self._clamped(Spot(index, top), total)

    def _true_total(self, window: Window) -> int:
        """Give the length of the list; a window shorter than was asked for ends it, whatever was counted before."""
        if not window.rows:
            return min(window.total, window.offset)
        if self.wanted and self.wanted.offset == window.offset and len(window.rows) < self.wanted.limit:
            return window.end
        known = self.total if window.capped and not self.stale else 0
        return max(window.total, window.end, known)

    def _still_wanted(self, window: Window) -> Span | None:
        """Give what remains to be waited for after this window."""
        if self.wanted is None or self.wanted.offset == window.offset:
            return None
        within = window.offset <= self.wanted.offset and min(self.wanted.end, window.total) <= window.end
        return None if within else self.wanted

    def _go(self, aim: Spot) -> None:
        """Go to a spot now, or as soon as its rows are there."""
        self.following, self.swap = False, None
        aim = self._clamped(aim)
        if self._covers(aim.top):
            self.pending = None
            self._stand(aim)
        else:
            self.pending = aim

    def _stand(self, spot: Spot) -> None:
        """Be at a spot."""
        self.spot = spot
        if self.page > 0 and self.pending is None:
            self.following = self.following and not spot.top
        self.newer = self.newer and spot.top > 0

    def _covers(self, top: int) -> bool:
        """Say whether every row of the screen that begins at `top` is buffered."""
        if self._unknown:
            return False
        return self._window.offset <= top and min(top + self.page, self.total) <= self._window.end

    def _clamped(self, spot: Spot, total: int | None = None) -> Spot:
        """Give the nearest spot that exists and shows its cursor."""
        total = self._length if total is None else total
        page = max(1, self.page)
        cursor = max(0, min(spot.cursor, total - 1))
        top = max(0, min(spot.top, total - page))
        return Spot(cursor, min(max(top, cursor - page + 1), cursor))
