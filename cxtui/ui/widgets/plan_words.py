"""What is said under the rows of a bulk plan: what stands against it, what follows from it, what was written."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content

from cxtui.models.findings import Severity
from cxtui.services.bulk.plan import Applied, Plan
from cxtui.ui.text import clip, plain, styled

_MOST_FAULTS = 4


def counted(plan: Plan, shown: str) -> list[Content]:
    """How many rows there are of each kind, which of them are ``shown``, and what is wrong with the whole."""
    lines = [plain(f"{plan.sentence}.  Shown: {shown}.")]
    for fault in plan.faults[:_MOST_FAULTS]:
        tone = "$text-error" if fault.severity is Severity.ERROR else "$text-warning"
        lines.append(styled(clip(fault.text, 200), tone))
    return lines


def prospect(plan: Plan, handover: Path | None) -> list[Content]:
    """What follows if it is written now; ``handover`` is the file that the passwords of new users go to."""
    if not plan.ok:
        return [styled("Nothing can be written while something is wrong.", "$text-error")]
    if handover is not None:
        return [plain(f"Their passwords will stand in {_short(handover)}, for your eyes alone.")]
    return [plain("The new users get no passwords yet.")] if plan.new_users else []


def written(applied: Applied, ok: str) -> list[Content]:
    """What was written, with the sign ``ok`` before it, and where the passwords are."""
    lines = [styled(f"{ok} {applied.change.sentence}", "$text-success")]
    if applied.handover is not None:
        lines.append(plain(f"Passwords: {_short(applied.handover)}"))
        lines.append(plain("Only you can read it. They are nowhere else: hand them over, then delete it."))
    return [*lines, plain("z takes all of it back.")]


def _short(path: Path) -> str:
    """A path as the operator writes it."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
