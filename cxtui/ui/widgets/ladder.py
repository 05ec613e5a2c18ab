"""What each rule did to a number, one under the other (C-10)."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from cxtui.rules.rewrite import Step, StepKind
from cxtui.services.trying import Run
from cxtui.ui.text import clip, plain, styled

_WIDEST = 40


class Ladder(Static):
    """The steps of one number; where they do not all fit, those that changed nothing are counted instead."""

    DEFAULT_CSS = """
    Ladder { height: auto; min-height: 1; max-height: 8; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def show(self, run: Run | None) -> None:
        """Draw the steps of a number that was run."""
        content = plain("") if run is None else Content("\n").join(self._lines(run))
        if content != self.content:
            self.update(content)

    def _lines(self, run: Run) -> list[Content]:
        steps = run.outcome.steps
        if not steps:
            return [styled("No rule is for this kind of number: it stays as it is.", "$foreground-muted")]
        telling = [step for step in steps if step.kind is not StepKind.NO_MATCH]
        shown = steps if len(steps) <= 6 else telling[:6]
        lines = [_line(step) for step in shown]
        if quiet := len(steps) - len(shown):
            lines.append(styled(f"{_count(quiet, shown)} did not change it", "$foreground-muted"))
        if run.failed:
            lines.append(styled(f"has to become {clip(run.trial.expected or 'nothing', _WIDEST)}", "$text-error"))
        return lines


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


def _count(quiet: int, shown: Sequence[Step]) -> str:
    other = " other" if shown else ""
    return f"{quiet}{other} {'rule' if quiet == 1 else 'rules'}"
