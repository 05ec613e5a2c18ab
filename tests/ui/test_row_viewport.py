"""The moving view of a long list, against a list that changes while windows are on their way."""

from __future__ import annotations

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from cxtui.ui.widgets.row_spots import Span
from cxtui.ui.widgets.row_viewport import Viewport
from cxtui.ui.widgets.rows import Row, Window


class Source:
    """A list of keys that answers spans, one answer after another."""

    def __init__(self, keys: list[int]) -> None:
        self.keys = keys
        self.fresh = -1
        self.asked: deque[Span] = deque()
        self.reads = 0

    def window(self, span: Span) -> Window:
        self.reads += 1
        return Window(span.offset, [Row(key, {}) for key in self.keys[span.offset : span.end]], len(self.keys))

    def ask(self, view: Viewport) -> None:
        if span := view.need():
            self.asked.append(span)

    def answer(self, view: Viewport) -> None:
        if self.asked:
            view.deliver(self.window(self.asked.popleft()))
            self.ask(view)

    def insert(self, count: int) -> None:
        self.keys[:0] = range(self.fresh - count + 1, self.fresh + 1)
        self.fresh -= count

    def remove(self, index: int, count: int) -> None:
        del self.keys[index : index + count]


def opened(length: int, page: int = 10) -> tuple[Viewport, Source]:
    view, source = Viewport(), Source(list(range(length)))
    view.resize(page)
    source.ask(view)
    source.answer(view)
    return view, source


def key_at(view: Viewport, index: int) -> int:
    row = view.row(index)
    assert row is not None
    return row.key


def settle(view: Viewport, source: Source) -> None:
    source.ask(view)
    while source.asked:
        source.answer(view)
        assert source.reads < 200, "asks for ever"


moves = st.one_of(
    st.tuples(st.just("step"), st.integers(-40, 40)),
    st.tuples(st.just("leap"), st.integers(-40, 40)),
    st.tuples(st.just("scroll"), st.integers(-40, 40)),
    st.tuples(st.just("to"), st.integers(-5, 400)),
    st.tuples(st.just("resize"), st.integers(1, 30)),
    st.tuples(st.just("insert"), st.integers(1, 60)),
    st.tuples(st.just("remove"), st.integers(0, 400)),
    st.tuples(st.just("reload"), st.just(0)),
    st.tuples(st.just("reset"), st.just(0)),
    st.tuples(st.just("answer"), st.just(0)),
)


@given(st.integers(0, 400), st.lists(moves, max_size=25), st.integers(1, 5))
def test_whatever_happens_the_view_comes_to_rest_on_rows_that_exist(length: int, script, scroll_step: int):
    view, source = opened(length)
    view.scroll_step = scroll_step
    for name, number in script:
        if name == "insert":
            source.insert(number)
        elif name == "remove":
            source.remove(number, 70)
        elif name == "reload":
            view.wanted = view.span()
            source.asked.append(view.wanted)
        elif name == "reset":
            view.reset()
        elif name == "answer":
            source.answer(view)
        else:
            getattr(view, name)(number)
        if name not in {"insert", "remove"}:
            source.ask(view)
        assert view.spot.top <= view.spot.cursor < view.spot.top + view.page
        assert view.row(view.spot.cursor) is not None or not view.total
    settle(view, source)
    view.wanted = view.span()
    source.asked.append(view.wanted)
    settle(view, source)
    first, end = view.visible
    assert view.total == len(source.keys)
    assert [key_at(view, index) for index in range(first, end)] == source.keys[first:end]
    assert view.pending is None
    assert not source.keys or first <= view.spot.cursor < end


def test_a_page_down_is_served_from_what_is_buffered():
    view, source = opened(1000)
    for _ in range(20):
        before = view.spot
        view.leap(10)
        assert view.pending is None
        assert view.spot.cursor == before.cursor + 10
        settle(view, source)


def test_a_larger_scroll_step_moves_the_view_less_often():
    view, _ = opened(1000)
    view.scroll_step = 4
    tops = []
    for _ in range(14):
        view.step(1)
        tops.append(view.spot.top)
    assert tops == [0] * 9 + [4] * 4 + [8]
    view.step(-7)
    assert view.spot == (7, 4)


def test_keys_pressed_before_the_rows_arrive_add_up():
    view, source = opened(1000)
    view.to(999)
    source.ask(view)
    view.leap(-10)
    view.step(-1)
    assert view.spot == (0, 0)
    source.ask(view)
    settle(view, source)
    assert view.spot.cursor == 988
    assert key_at(view, 988) == 988


def test_keys_pressed_before_a_new_list_is_here_hold_for_the_new_list():
    view, source = opened(1000)
    view.to(500)
    settle(view, source)
    source.keys = list(range(5000, 5300))
    view.reset()
    assert view.current is None
    view.leap(10)
    view.step(2)
    settle(view, source)
    assert (view.spot.cursor, key_at(view, 12)) == (12, 5012)
    view.reset()
    view.to_end()
    settle(view, source)
    assert (view.spot.cursor, key_at(view, 299)) == (299, 5299)


def test_a_window_that_comes_too_late_is_dropped():
    view, source = opened(1000)
    view.to(999)
    source.ask(view)
    view.to(0)
    settle(view, source)
    assert view.spot == (0, 0)
    assert key_at(view, 0) == 0


def test_the_row_under_the_cursor_keeps_its_line_when_rows_arrive_above():
    view, source = opened(1000)
    view.to(25)
    view.step(-3)
    settle(view, source)
    line, key = view.spot.cursor - view.spot.top, key_at(view, view.spot.cursor)
    source.insert(4)
    view.deliver(source.window(view.span()))
    assert key_at(view, view.spot.cursor) == key
    assert view.spot.cursor - view.spot.top == line


def refresh(view: Viewport, source: Source) -> None:
    """The list is read again, as after a commit."""
    view.wanted = view.span()
    source.asked.append(view.wanted)
    settle(view, source)


def test_an_untouched_view_shows_the_newest_rows_and_its_cursor_stays_on_its_row():
    view, source = opened(1000)
    source.insert(3)
    refresh(view, source)
    assert view.spot == (3, 0)
    assert (key_at(view, 0), key_at(view, 3)) == (-3, 0)
    assert view.following
    assert not view.newer


def test_a_view_whose_cursor_is_pushed_to_the_end_of_the_page_stays_with_it():
    view, source = opened(1000)
    for count, spot, newer in ((9, (9, 0), False), (3, (12, 3), True), (2, (14, 5), True)):
        source.insert(count)
        refresh(view, source)
        assert (view.spot, view.newer, view.following) == (spot, newer, not newer)
        assert key_at(view, view.spot.cursor) == 0
    view.scroll(-5)
    assert not view.newer
    view.to_start()
    source.insert(1)
    refresh(view, source)
    assert (view.spot, view.newer, view.following) == ((1, 0), False, True)
    assert key_at(view, 0) == -15


def test_a_smaller_page_keeps_its_row_and_a_larger_one_shows_the_newest_again():
    view, source = opened(1000)
    source.insert(6)
    refresh(view, source)
    view.resize(8)
    assert (view.spot, view.following) == ((6, 0), True)
    view.resize(4)
    assert (view.spot, view.following) == ((6, 3), False)


def test_a_row_that_was_sought_far_below_is_what_the_cursor_stays_on():
    view, source = opened(1000)
    view.step(2)
    source.insert(500)
    view.wanted = view.span()
    view.deliver(source.window(Span(490, 40)), sought=True)
    settle(view, source)
    assert (view.spot, key_at(view, 502), view.newer) == ((502, 500), 2, True)
    assert view.swap is None


happenings = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.integers(1, 15)),
        st.tuples(st.just("remove"), st.integers(0, 60)),
        st.tuples(st.just("step"), st.integers(-12, 12)),
        st.tuples(st.just("home"), st.just(0)),
        st.tuples(st.just("resize"), st.integers(4, 20)),
    ),
    max_size=30,
)


@given(st.integers(0, 100), happenings)
def test_no_other_row_comes_under_the_cursor_by_itself_without_its_being_known(length: int, script):
    view, source = opened(length)
    for name, number in script:
        if name == "home":
            view.to_start()
        elif name in {"step", "resize"}:
            getattr(view, name)(number)
        settle(view, source)
        view.swap = None
        seen = view.current
        if name == "insert":
            source.insert(number)
        elif name == "remove":
            source.remove(number, 4)
        refresh(view, source)
        assert view.meant == (seen if view.current is not None else None)
        assert (view.swap is None) == (view.current == seen or view.current is None)
        assert not view.following or view.spot.top == 0


def test_the_cursor_stays_where_it_is_when_its_row_is_gone():
    view, source = opened(30)
    view.to(29)
    settle(view, source)
    source.remove(25, 5)
    view.deliver(source.window(view.span()))
    settle(view, source)
    assert view.spot.cursor == 24
    assert key_at(view, view.spot.cursor) == 24


def test_a_capped_count_grows_as_rows_beyond_it_are_seen():
    view = Viewport()
    view.resize(10)
    span = view.span()
    view.deliver(Window(0, [Row(key, {}) for key in range(span.limit)], 20, capped=True))
    assert view.total == span.limit
    assert view.capped
