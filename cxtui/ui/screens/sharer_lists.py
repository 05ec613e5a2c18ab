"""The companies on a shared address, each with its CLI allow list."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from cxtui.models.company import Company
from cxtui.models.fields import form_specs
from cxtui.models.findings import Finding
from cxtui.rules.cli_lists import FIELD
from cxtui.services.sharing import Sharer, Sharing
from cxtui.ui.forms.field import FieldRow
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.text import clip, mix

_MOST_NAMED = 3


class SharerRow(Vertical):
    """The company's name and whether its entries have the flag, above its list; ``typed`` replaces the stored list."""

    DEFAULT_CSS = """
    SharerRow { height: auto; margin: 0 0 1 0; }
    SharerRow .sharer-title { height: auto; }
    SharerRow FieldRow { padding: 0 0 0 2; }
    SharerRow:focus-within { height: auto; }
    SharerRow:focus-within .sharer-title { color: $text-accent; }
    """

    def __init__(self, sharer: Sharer, typed: str | None, glyphs: Glyphs, *, alone: bool, fixed: bool) -> None:
        super().__init__()
        self.company = sharer.company.name
        self._sharer = sharer
        self._glyphs = glyphs
        self._alone = alone
        text = sharer.company.cli_allow_list if typed is None else typed
        self.field = FieldRow(form_specs(Company)[FIELD], text, glyphs)
        self.field.add_class("-whole")
        if fixed:
            # Several lines are to be read, and scrolled, as they are.
            self.field.widget.read_only = True  # type: ignore[attr-defined]

    def compose(self) -> ComposeResult:
        """The title and the field."""
        entries = self._sharer.entries
        where = ", ".join(entry.address for entry in entries[:_MOST_NAMED])
        more = f" and {len(entries) - _MOST_NAMED} more" if len(entries) > _MOST_NAMED else ""
        flag = f"{self._glyphs.ok} CLI Authentication"
        if self._sharer.lacking:
            sign = self._glyphs.none if self._alone else self._glyphs.warning
            flag = f"{sign} CLI Authentication is not set"
        name = clip(self.company, 40)
        yield Static(
            mix("[b]$name[/b]  $where$more  $flag", name=name, where=where, more=more, flag=flag),
            classes="sharer-title",
        )
        yield self.field

    def focus_list(self) -> None:
        """Put the cursor into the list."""
        self.field.take_focus()


class SharerLists(VerticalScroll, can_focus=False):
    """The fields of all companies, one below the other."""

    DEFAULT_CSS = """
    SharerLists { height: 1fr; scrollbar-size-vertical: 1; }
    """

    def __init__(self, glyphs: Glyphs, *, fixed: bool) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._fixed = fixed
        self._rows: dict[int, SharerRow] = {}

    @property
    def typed(self) -> dict[int, str]:
        """The lists as they stand in the fields, by company id."""
        return {key: row.field.value for key, row in self._rows.items()}

    def fill(self, found: Sharing, kept: Mapping[int, str]) -> None:
        """Show the lists of ``found``, or what is ``kept`` of those that were typed."""
        make = partial(SharerRow, glyphs=self._glyphs, alone=not found.shared, fixed=self._fixed)
        self._rows = {s.company.id: make(s, kept.get(s.company.id)) for s in found.sharers}
        self.remove_children()
        self.mount(*self._rows.values())

    def put(self, company: Company) -> None:
        """Put the stored list of a company into its field."""
        self._rows[company.id].field.set_value(company.cli_allow_list)

    def show(self, findings: Sequence[Finding]) -> None:
        """Put each finding beside its company's list."""
        for row in self._rows.values():
            row.field.show([finding for finding in findings if finding.field == row.company])

    def focus_list(self, names: Collection[str] | None = None) -> list[str]:
        """Put the cursor into the first list, of those ``names`` if given; the names of all that are here."""
        rows = [row for row in self._rows.values() if names is None or row.company in names]
        if rows:
            rows[0].focus_list()
        return [row.company for row in rows]
