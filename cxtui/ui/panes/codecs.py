"""The Codecs tab: which codecs a subject may use; a restricted one leaves its calls (S-050, S-051, C-08)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widget import Widget

from cxtui.models.fields import Choice
from cxtui.rules.codecs import NONE_LEFT, remaining, split
from cxtui.services.codecs import FIELD, known_codecs
from cxtui.services.outcome import Change
from cxtui.services.subjects import Described, Subject, describe
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.subject_pane import HISTORY, OTHER, SubjectPane
from cxtui.ui.widgets.row_list import RowList
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rows import Cell, Column, Row

CHANGE = Command(
    "codecs.change", "e,enter", "Restrict", "Restrict codecs, or enable them again", "change", needs_row=True
)
COMMANDS = (CHANGE, OTHER, HISTORY)
_COLUMNS = (
    Column("state", "State", 13, priority=9),
    Column("codec", "Codec", 12, priority=10),
    Column("note", "What it is", 24, priority=5, flex=1),
)


@dataclass(frozen=True, slots=True)
class _Found:
    about: Described
    known: tuple[Choice, ...]


class CodecsPane(SubjectPane):
    """Every codec with its state; a form moves them between *All Codecs* and *Restricted*."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.table = RowList(_COLUMNS, empty_text=self.none, glyphs=desk.glyphs, id="codecs-list")
        self.table.scroll_step = desk.scroll_step

    def compose(self) -> ComposeResult:
        """Whose codecs, and the codecs."""
        yield self._head
        with Container():
            yield self.table

    @property
    def list_widget(self) -> Widget:
        """The codecs."""
        return self.table

    def load(self, subject: Subject) -> _Found:
        """The subject and the codecs there are."""
        return _Found(describe(self.desk.context, subject), tuple(known_codecs(self.desk.context)[FIELD]))

    def show(self, found: _Found) -> None:
        """Show each codec with its state; one that is restricted and no longer known stands at the end."""
        stored = split(found.about.row.restricted_codecs)
        restricted = {name.lower() for name in stored}
        known = {choice.value.lower() for choice in found.known}
        lost = [Choice(name, name, "not among the codecs of this installation") for name in stored]
        order = [*found.known, *(choice for choice in lost if choice.value.lower() not in known)]
        left = remaining(",".join(stored), order)
        facts = f"{len(left)} of {len(order)} enabled" if left else NONE_LEFT
        self.title(found.about, facts=facts if stored else "All Codecs are enabled.")
        self.table.show(
            [self._row(index, codec, codec.value.lower() in restricted) for index, codec in enumerate(order)]
        )

    def show_nothing(self) -> None:
        """No codecs."""
        self.table.show(())

    def action_change(self) -> None:
        """Open the two lists."""
        if self.about is None:
            return
        from cxtui.ui.forms.kinds import FORM_KINDS, Draft
        from cxtui.ui.forms.panel import FormPanel

        whole = FORM_KINDS[Subject(self.subject.owner, 0).grid] if self.subject else FORM_KINDS["ip_auth"]
        form = replace(whole, fields={FIELD: whole.fields[FIELD]}, told=False)
        self.open_form(FormPanel(self.desk, form, Draft(self.about.row.company_id, self.about.row)))

    def saved(self, change: Change, *, new: bool) -> None:
        """Show what is stored now."""
        super().saved(change, new=new)
        self.refresh_rows()

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        event.stop()
        self.action_change()

    @on(RowTable.CursorMoved)
    def _moved(self, event: RowTable.CursorMoved) -> None:
        event.stop()

    def _row(self, index: int, codec: Choice, restricted: bool) -> Row:
        glyphs = self.desk.glyphs
        state = (
            Cell(f"{glyphs.blocked} restricted", "warning") if restricted else Cell(f"{glyphs.ok} enabled", "success")
        )
        return Row(index, {"state": state, "codec": Cell(codec.value, "bold"), "note": codec.help})
