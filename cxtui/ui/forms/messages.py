"""What a form tells its tab; the names are also attributes of `FormPanel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from cxtui.services.outcome import Change, Conflict, NeedsConfirmation

if TYPE_CHECKING:
    from cxtui.services.bulk.plan import Plan
    from cxtui.ui.forms.leading import LeadingForm
    from cxtui.ui.forms.panel import FormPanel
    from cxtui.ui.forms.saving import SavingForm


class Saved(Message, namespace="form_panel"):
    """The row is stored, or waits to be; with ``stay`` the form goes on."""

    def __init__(self, panel: SavingForm, change: Change, new: bool, stay: bool = False) -> None:
        super().__init__()
        self.panel, self.change, self.new, self.stay = panel, change, new, stay


class Judged(Message, namespace="form_panel"):
    """The rules have spoken of what stands in the form."""

    def __init__(self, panel: FormPanel, typed: dict[str, str]) -> None:
        super().__init__()
        self.panel, self.typed = panel, typed


class Leading(Message, namespace="form_panel"):
    """The operator goes on to a tab that knows more about the row: "rewrite" or "audit"."""

    def __init__(self, panel: LeadingForm, where: str) -> None:
        super().__init__()
        self.panel, self.where = panel, where


class Planned(Message, namespace="form_panel"):
    """The form is about many rows, and what it would do with them is worked out."""

    def __init__(self, panel: SavingForm, plan: Plan) -> None:
        super().__init__()
        self.panel, self.plan = panel, plan


class Closed(Message, namespace="form_panel"):
    """The operator leaves the form; ``dirty`` when something typed would be lost."""

    def __init__(self, panel: FormPanel, dirty: bool) -> None:
        super().__init__()
        self.panel, self.dirty = panel, dirty


class Clashed(Message, namespace="form_panel"):
    """Somebody else saved the row first."""

    def __init__(self, panel: SavingForm, conflict: Conflict) -> None:
        super().__init__()
        self.panel, self.conflict = panel, conflict


class Unconfirmed(Message, namespace="form_panel"):
    """A word has to be typed before this may be saved."""

    def __init__(self, panel: SavingForm, needs: NeedsConfirmation) -> None:
        super().__init__()
        self.panel, self.needs = panel, needs


class Failed(Message, namespace="form_panel"):
    """The form could not be read or saved, for a reason that is no field's."""

    def __init__(self, problem: Exception) -> None:
        super().__init__()
        self.problem = problem
