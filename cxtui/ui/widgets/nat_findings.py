"""The picture of an examination by the NAT doctor: whose, the verdict, why, the pings, and what to do (S-132)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cxtui.models.sip_user import SipUser
from cxtui.rules.nat import Fix
from cxtui.rules.roles import Role
from cxtui.services.edge_states import Way
from cxtui.services.nat_doctor import Examination
from cxtui.ui.desk import Desk
from cxtui.ui.text import mix, plain, styled
from cxtui.ui.widgets.nat_lines import evidence_lines, fix_lines, next_lines, ping_line, saved_lines, verdict_lines

_LOW = 30
"""Lines of the terminal below which blank lines are left out."""

_BESIDES, _BESIDES_LOW = 9, 6
"""Lines for the keys, the border, the title, the pings, and the blank lines between."""

_FEWEST = 3


class Told(Static):
    """Lines of words; the same once more repaint nothing."""

    DEFAULT_CSS = """
    Told { height: auto; }
    """

    def say(self, words: Iterable[Content]) -> None:
        """Show other lines."""
        text = Content("\n").join(words)
        if text != self.content:
            self.update(text)


class EvidenceScroll(VerticalScroll):
    """The tests; more than there is room for are scrolled to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
    ]


class NatFindings(Vertical):
    """All that was found, as high as it needs to be; only the tests are scrolled where there is less room."""

    DEFAULT_CSS = """
    NatFindings EvidenceScroll { height: 1; margin: 1 0; scrollbar-size-vertical: 1; }
    NatFindings #doctor-remedy { margin: 1 0 0 0; }
    NatFindings.-low .dialog-title { margin: 0; }
    NatFindings.-low EvidenceScroll { margin: 1 0 0 0; }
    NatFindings.-low #doctor-remedy { margin: 0; }
    """

    def __init__(self, desk: Desk, user: SipUser, company: str) -> None:
        super().__init__()
        self._desk = desk
        self._user = user
        self._company = company
        self._title = Told(classes="dialog-title")
        self._verdict = Told()
        self._evidence = Told()
        self._scroll = EvidenceScroll()
        self._pings = Told()
        self._remedy = Told(id="doctor-remedy")

    def compose(self) -> ComposeResult:
        """From whose it is down to what to do."""
        yield self._title
        yield self._verdict
        with self._scroll:
            yield self._evidence
        yield self._pings
        yield self._remedy

    def on_mount(self) -> None:
        """The keys scroll the tests."""
        self._title.say([self._heading(None)])
        self._verdict.say([plain(f"Examining {self._user.username} {self._desk.glyphs.ellipsis}")])
        self._scroll.focus()

    def lose(self, wrong: str) -> None:
        """Nothing is known any more, for this reason."""
        for line in (self._evidence, self._pings, self._remedy):
            line.say([])
        self._verdict.say([styled(wrong, "$text-error")])

    def tell(self, seen: Examination, way: Way | None, *, applied: Fix | None, wrong: str) -> None:
        """Show an examination; once a fix is ``applied``, its ``way`` to the edges. ``wrong`` is what went amiss."""
        glyphs, low = self._desk.glyphs, self.screen.size.height < _LOW
        room = self._remedy.size.width or self.screen.size.width
        verdict = [*verdict_lines(seen.diagnosis, glyphs, room)]
        evidence = [*evidence_lines(seen.diagnosis, glyphs, room - 1)]
        if applied is not None:
            remedy = [*saved_lines(seen, applied, way, glyphs, room)]
        else:
            remedy = [*fix_lines(seen, self._desk.context.actor.may(Role.OPERATOR), room)]
        remedy += [*next_lines(seen.diagnosis, room), *([styled(wrong, "$text-error")] if wrong else [])]
        self._title.say([self._heading(seen)])
        self._verdict.say(verdict)
        self._evidence.say(evidence)
        self._pings.say([ping_line(seen.contact, glyphs)])
        self._remedy.say(remedy)
        self.set_class(low, "-low")
        besides = len(verdict) + len(remedy) + (_BESIDES_LOW if low else _BESIDES)
        self._scroll.styles.height = min(len(evidence), max(self.screen.size.height - besides, _FEWEST))

    def _heading(self, seen: Examination | None) -> Content:
        title = mix("NAT doctor · $who · $company", who=self._user.username, company=self._company)
        if seen is None or seen.edge is None:
            return title
        return title + mix(" · at $edge $complaint", edge=seen.edge.edge.name, complaint=seen.edge.complaint)
