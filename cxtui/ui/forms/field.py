"""One field of a form: label, widget, and what the rules say of it right beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from cxtui.models.fields import Choice, FieldSpec, Kind
from cxtui.models.findings import Finding, Severity
from cxtui.rules.values import as_typed, show
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.text import plain, styled
from cxtui.ui.widgets.choices import Choices
from cxtui.ui.widgets.entry import Entry
from cxtui.ui.widgets.fixed import Fixed

if TYPE_CHECKING:
    from cxtui.ui.widgets.transfer import Transfer

_YES_NO = (Choice("yes", "yes"), Choice("no", "no"))
_MOST_FINDINGS = 6


class FieldRow(Vertical):
    """A field of the entity as the operator edits it."""

    DEFAULT_CSS = """
    FieldRow { height: auto; }
    FieldRow > .field-line { height: auto; layout: horizontal; }
    FieldRow .field-label { width: 22; color: $text-muted; }
    FieldRow .field-unit { width: auto; padding: 0 0 0 1; color: $text-muted; }
    FieldRow Entry { width: 1fr; }
    FieldRow Lines { height: auto; min-height: 1; max-height: 6; width: 1fr; padding: 0; }
    FieldRow .field-findings { display: none; height: auto; margin: 0 0 0 22; }
    FieldRow.-found > .field-findings { display: block; }
    FieldRow.-whole .field-label { display: none; }
    FieldRow.-whole > .field-findings { margin: 0; }
    FieldRow:focus-within { height: auto; }
    FieldRow:focus-within .field-label { color: $text-accent; text-style: bold; }
    """

    class Changed(Message):
        """The operator changed a field."""

        def __init__(self, row: FieldRow) -> None:
            super().__init__()
            self.row = row

    def __init__(
        self,
        spec: FieldSpec,
        value: object,
        glyphs: Glyphs,
        *,
        choices: Sequence[Choice] | None = None,
        several: bool = False,
        many_lines: bool = False,
        fixed: bool = False,
    ) -> None:
        super().__init__()
        self.spec = spec
        self._glyphs = glyphs
        self._several = several
        self._many_lines = many_lines or spec.kind in (Kind.MULTILINE, Kind.NETWORKS, Kind.CLIS)
        self._choices = choices
        self._findings = Static(classes="field-findings")
        self._transfer: Transfer | None = None
        self._awaits_focus = False
        self.widget = self._fixed(value) if fixed else self._make("" if value is None else value)

    def compose(self) -> ComposeResult:
        """Label, widget and unit on a line, the findings under it."""
        with Widget(classes="field-line"):
            yield Static(plain(self.spec.label + (" *" if self.spec.required else "")), classes="field-label")
            yield self.widget
            if self.spec.unit:
                yield Static(plain(self.spec.unit), classes="field-unit")
        yield self._findings

    def on_mount(self) -> None:
        """The widget is there."""
        if self._awaits_focus:
            self.widget.focus()

    def take_focus(self) -> None:
        """Put the cursor into the field: at once, or as soon as its widget is there."""
        if self.widget.is_attached:
            self.widget.focus()
        else:
            self._awaits_focus = True

    @property
    def value(self) -> str:
        """What stands in the field, as typed."""
        if self._transfer is not None:
            return self._transfer.value
        if isinstance(self.widget, Choices | Entry | Fixed):
            return self.widget.value
        return str(getattr(self.widget, "text", ""))

    @property
    def help(self) -> str:
        """What the field is for, and what its chosen value means."""
        if self._transfer is not None:
            return self._transfer.help
        said = self.widget.help if isinstance(self.widget, Choices) else ""
        return " ".join(part for part in (self.spec.help, said) if part)

    def set_value(self, value: str) -> None:
        """Put a value in from outside, such as an offered remedy."""
        if self._transfer is not None:
            self._transfer.choose(value)
        elif isinstance(self.widget, Choices):
            self.widget.choose(value)
        elif isinstance(self.widget, Entry):
            self.widget.value = value
        else:
            from cxtui.ui.widgets.lines import Lines

            if isinstance(self.widget, Lines):
                self.widget.text = value
        self.post_message(self.Changed(self))

    def show(self, findings: Sequence[Finding]) -> None:
        """Show what the rules say of this field."""
        lines = []
        worst_first = sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)
        for finding in worst_first[:_MOST_FINDINGS]:
            serious = finding.severity is Severity.ERROR
            sign = self._glyphs.blocked if serious else self._glyphs.warning
            lines.append(styled(f"{sign} {finding.text}", "$text-error" if serious else "$text-warning"))
        if len(findings) > _MOST_FINDINGS:
            lines.append(plain(f"and {len(findings) - _MOST_FINDINGS} more"))
        self.set_class(bool(lines), "-found")
        self._findings.update(Content("\n").join(lines))

    def _fixed(self, value: object) -> Fixed:
        typed = as_typed(value)
        label = next((choice.label for choice in self._choices or () if choice.value == typed), "")
        return Fixed(typed, label or show(self.spec, value))

    def _make(self, value: object) -> Widget:
        if self.spec.kind is Kind.CODECS:
            from cxtui.rules.codecs import CODECS
            from cxtui.ui.widgets.transfer import Transfer

            self.add_class("-whole")
            self._transfer = Transfer(self._choices or CODECS, str(value), ascii=self._glyphs.ok == "+")
            return self._transfer
        if self._choices is not None or self.spec.kind is Kind.CHOICE:
            options = self.spec.choices if self._choices is None else self._choices
            return Choices(options, str(value), several=self._several, ascii=self._glyphs.ok == "+")
        if self.spec.kind is Kind.BOOLEAN:
            return Choices(_YES_NO, "yes" if value is True or value == "yes" else "no", ascii=self._glyphs.ok == "+")
        if self._many_lines:
            from cxtui.ui.widgets.lines import Lines

            return Lines(str(value))
        return Entry(str(value))

    @on(Entry.Changed)
    @on(Choices.Changed)
    def _on_change(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed(self))

    def on_transfer_changed(self, event: Message) -> None:
        """A codec was moved."""
        event.stop()
        self.post_message(self.Changed(self))

    def on_text_area_changed(self, event: Message) -> None:
        """A line was typed."""
        event.stop()
        self.post_message(self.Changed(self))
