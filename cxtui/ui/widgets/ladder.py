"""What each rule did to a number, one under the other (C-10)."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from cxtui.rules.rewrite import Step, StepKind
from cxtui.services.trying import Run
from cxtui.ui.text import clip, plain, styled

MOST_LINES = 8
_WIDEST = 40


class Ladder(Static):
    """The steps of one number; where they do not all fit, those that changed nothing are counted instead."""

    DEFAULT_CSS = """
    Ladder { height: auto; min-height: 1; max-height: 8; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    _height = 0

    def show(self, run: Run | None, room: int = MOST_LINES) -> None:
        """Draw the steps of a number that was run, in at most ``room`` lines."""
        lines = [plain("")] if run is None else _lines(run, max(1, min(room, MOST_LINES)))
        content = Content("\n").join(lines)
        if content != self.content:
            # A layout costs more than all else that a key does here.
            self.update(content, layout=len(lines) != self._height)
            self._height = len(lines)


def _lines(run: Run, room: int) -> list[Content]:
    steps = run.outcome.steps
    if not steps:
        return [styled("No rule is for this kind of number: it stays as it is.", "$foreground-muted")]
    wanted = clip(run.trial.expected or "nothing", _WIDEST) if run.failed else ""
    end = [styled(f"has to become {wanted}", "$text-error")] if wanted and room > 1 else []
    room -= len(end)
    if len(steps) <= room:
        return [*map(_line, steps), *end]
    telling = [step for step in steps if step.kind is not StepKind.NO_MATCH]
    shown = telling[: max(room - 1, 1 if telling else 0)]
    lines = [_line(step) for step in shown]
    if len(lines) < room:
        lines.append(
            styled(_rest(len(telling) - len(shown), len(steps) - len(telling), bool(shown)), "$foreground-muted")
        )
    return [*lines, *end]


def _line(step: Step) -> Content:
    number = f"rule {step.rule + 1:<3}"
    match step.kind:
        case StepKind.NO_MATCH:
            return styled(f"{number} no match", "$foreground-muted")
        case StepKind.FAULT:
            return styled(f"{number} {step.reason}", "$text-error")
    end = "  stop" if step.kind is StepKind.STOPPED else ""
    before, after = (clip(text, _WIDEST) or "(nothing)" for text in (step.before, step.after))
    return plain(number) + styled(f" {before} → ", "$foreground-muted") + styled(after, "bold") + plain(end)


def _rest(more: int, quiet: int, others: bool) -> str:
    """What is said of the steps that are not shown: of those that matched, and of those that did not."""
    matched = f"{more} more did" if more else ""
    rules = f"{quiet}{' other' if others else ''} {'rule' if quiet == 1 else 'rules'}"
    return ", ".join(part for part in (matched, f"{rules} did not change it" if quiet else "") if part)
