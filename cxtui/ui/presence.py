"""The title of a form: what it is about, and who else has that open. While the form is open, others are told of it."""

from __future__ import annotations

from functools import partial

from textual.timer import Timer
from textual.widgets import Static

from cxtui.models.fields import Entity
from cxtui.services import presence
from cxtui.services.presence import Who
from cxtui.ui.desk import Desk
from cxtui.ui.text import plain


class FormTitle(Static):
    """One line of words."""

    DEFAULT_CSS = """
    FormTitle { text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(classes="form-title")
        self._desk = desk
        self._words = ""
        self._place: tuple[str, int] | None = None
        self._editing = False
        self._others: tuple[Who, ...] = ()
        self._beat: Timer | None = None

    def show(self, words: str, row: Entity | None) -> None:
        """Say what the form is about: a stored row, or (None) one that nobody else can have open yet."""
        self._words = words
        place = presence.place(row) if row is not None else None
        if place != self._place:
            self._leave()
            self._place, self._editing, self._others = place, False, ()
            self._say()
        if self._beat is None:
            self._beat = self.set_interval(presence.REPEATED_EVERY, self._say)
        self._paint()
        self.look()

    def touched(self, dirty: bool) -> None:
        """Something was typed, or all of it taken back."""
        if dirty is not self._editing:
            self._editing = dirty
            self._say()

    def look(self) -> None:
        """See who else is there."""
        if self._place is not None:
            job = partial(presence.others, self._desk.context, self._desk.session, *self._place)
            self._desk.work.read(self, "presence", job, self._met, self._unheeded)

    def on_unmount(self) -> None:
        """The form is closed, or the console left."""
        self._leave()

    def _say(self) -> None:
        if self._place is not None:
            context, session = self._desk.context, self._desk.session
            self._desk.work.unheard(partial(presence.say, context, session, *self._place, editing=self._editing))

    def _leave(self) -> None:
        if self._place is not None:
            self._desk.work.unheard(partial(presence.leave, self._desk.context, self._desk.session))
            self._place = None

    def _met(self, others: tuple[Who, ...]) -> None:
        self._others = others
        self._paint()

    def _paint(self) -> None:
        context = self._desk.context
        there = presence.sentence(self._others, context.now(), context.actor)
        words = plain(f"{self._words} · {there}" if there else self._words)
        if words != self.content:
            self.update(words, layout=False)

    def _unheeded(self, _: Exception) -> None:
        """Whoever cannot be seen is not there."""
