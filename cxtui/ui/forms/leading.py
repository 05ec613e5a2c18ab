"""Going on from a form to what is known of its row elsewhere: its rewrite rules, its audit (S-005, W-027)."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from cxtui.services.subjects import Subject
from cxtui.ui.commands import Command, bindings
from cxtui.ui.forms import messages
from cxtui.ui.forms.kinds import Draft, FormKind

REWRITE = Command("form.rewrite", "f7", "Rewrite", "Open this row's rewrite rules", "lead('rewrite')", footer=False)
AUDIT = Command("form.audit", "f8", "Audit", "Open the audit log of this row", "lead('audit')", footer=False)
COMMANDS = (REWRITE, AUDIT)


class LeadingForm(Widget):
    """A form of a row that other tabs know something about."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)
    form: FormKind
    draft: Draft

    def leads(self, where: object) -> bool:
        """Whether there is such a place for this row."""
        row = self.draft.row if self.form.told else None
        return row is not None and (where == "audit" or Subject.of(row) is not None)

    def action_lead(self, where: str) -> None:
        """Ask to go there."""
        self.post_message(messages.Leading(self, where))
