"""The fields of a form, laid out on the pages of its tabs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from textual.containers import Vertical, VerticalScroll
from textual.content import Content

from cxtui.models.fields import FieldSpec
from cxtui.models.findings import Finding
from cxtui.models.protocols import usual_port
from cxtui.rules.companies import slug
from cxtui.rules.values import as_typed
from cxtui.ui.forms.field import FieldRow
from cxtui.ui.forms.kinds import FormKind
from cxtui.ui.forms.prepare import Prepared
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.text import mix
from cxtui.ui.widgets.cidr_preview import CidrPreview
from cxtui.ui.widgets.fixed import Fixed

_ORDER = ("Basic", "Advanced", "CLI", "Codecs", "Parameter Rewrite", "Voice Mail", "Audit")


class FormPages(VerticalScroll, can_focus=False):
    """Holds every field; a page is mounted when its tab is first shown."""

    DEFAULT_CSS = """
    FormPages { height: 1fr; scrollbar-size-vertical: 1; }
    FormPages > .form-page { height: auto; }
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self.rows: dict[str, FieldRow] = {}
        self._offers: Mapping[str, Mapping[str, str]] = {}
        self._glyphs = glyphs
        self._pages: dict[str, Vertical] = {}
        self._tab = ""
        self._network = CidrPreview()
        self._draws_network = False
        self._followed = ""
        self._notes: dict[str, Fixed] = {}

    @property
    def tabs(self) -> tuple[str, ...]:
        """The tabs, in order."""
        return tuple(self._pages)

    @property
    def focused(self) -> FieldRow | None:
        """The field that has the focus."""
        return next((row for row in self.rows.values() if row.has_focus_within), None)

    def fill(self, prepared: Prepared, form: FormKind, fixed: Collection[str], *, new: bool) -> None:
        """Make the fields, those in ``fixed`` only to look at; a new IP entry takes several addresses and both ways."""
        several = new and form.kind == "ip_auth"
        self._draws_network = "address" in prepared.fields and form.kind == "ip_auth"
        self._offers = prepared.offers
        self._followed = str(prepared.values.get("mode", ""))
        for name, spec in prepared.fields.items():
            self.rows[name] = self._row(spec, prepared, several, name in fixed)
        self._notes = {tab: Fixed(text, text) for tab, text in prepared.notes.items()}
        for tab in _in_order(dict.fromkeys([*(spec.tab for spec in prepared.fields.values()), *self._notes])):
            self._pages[tab] = Vertical(classes="form-page")

    def refill(self, prepared: Prepared) -> None:
        """Put other values into the same fields."""
        self._offers = prepared.offers
        self._followed = str(prepared.values.get("mode", ""))
        for name, row in self.rows.items():
            row.spec = prepared.fields[name]
            value = as_typed(prepared.values[name])
            if row.value != value:
                row.set_value(value)
        for tab, note in self._notes.items():
            note.show(prepared.notes[tab], prepared.notes[tab])

    def turn_to_field(self, name: str) -> None:
        """Show the tab of a field, or the first one."""
        self._turn(self.rows[name].spec.tab if name in self.rows else self.tabs[0])

    def step(self, tabs: int) -> None:
        """Show the next tab, or the one before."""
        if self.tabs:
            self._turn(self.tabs[(self.tabs.index(self._tab) + tabs) % len(self.tabs)])

    def focus_field(self, name: str = "") -> None:
        """Put the cursor into a field, or into the first one of the tab that is shown."""
        row = self.rows.get(name) or next((row for row in self.rows.values() if row.spec.tab == self._tab), None)
        if row is not None:
            row.take_focus()
        elif self._tab in self._notes:
            self._notes[self._tab].focus()

    def show(self, findings: Sequence[Finding]) -> None:
        """Put each finding beside its field."""
        for name, row in self.rows.items():
            row.show([finding for finding in findings if finding.field == name])

    def names(self, errors: Sequence[Finding]) -> Content:
        """The names of the tabs; one with an error on it says so."""
        bad = {self.rows[found.field].spec.tab for found in errors if found.field in self.rows}
        return Content("   ").join(
            mix("[b]$tab[/b]$bad" if tab == self._tab else "$tab$bad", tab=tab, bad=" !" if tab in bad else "")
            for tab in self.tabs
        )

    @property
    def offer(self) -> Mapping[str, str]:
        """The values that can be taken over in the field that has the focus."""
        return self._offers.get(self.focused.spec.name, {}) if self.focused else {}

    def take_offer(self) -> None:
        """Take over the values that are offered."""
        for name, value in self.offer.items():
            self.rows[name].set_value(value)

    def remedy(self, fix: str) -> None:
        """Carry out what a finding offers: the usual port of the protocol, or a name that is allowed."""
        match fix:
            case "usual_port":
                self.rows["port"].set_value(str(usual_port(self.rows["protocol"].value)))
            case "slug":
                self.rows["name"].set_value(slug(self.rows["name"].value))

    def follow(self, changed: str, *, new: bool) -> None:
        """Let other fields follow the one that was changed, as long as the operator leaves them alone."""
        if changed == "protocol":
            self._let_port_follow()
        elif changed == "current" and new and self.rows["mode"].value == self._followed:
            from cxtui.rules.rewrite import default_mode

            self._followed = default_mode(self.rows["current"].value).value
            if self.rows["mode"].value != self._followed:
                self.rows["mode"].set_value(self._followed)

    def _let_port_follow(self) -> None:
        """Set the usual port of the protocol, unless an unusual one was typed (S-037)."""
        if "port" in self.rows and self.rows["port"].value in ("5060", "5061"):
            usual = str(usual_port(self.rows["protocol"].value))
            if self.rows["port"].value != usual:
                self.rows["port"].set_value(usual)

    def draw_network(self) -> None:
        """Draw the network that is being typed (S-071)."""
        if self._draws_network:
            self._network.show(self.rows["address"].value)

    def _row(self, spec: FieldSpec, prepared: Prepared, several: bool, fixed: bool) -> FieldRow:
        return FieldRow(
            spec,
            prepared.values[spec.name],
            self._glyphs,
            choices=prepared.choices.get(spec.name),
            several=spec.name == "direction" and several,
            many_lines=spec.name == "address" and several,
            fixed=fixed,
        )

    def _turn(self, tab: str) -> None:
        page = self._pages[tab]
        if not page.is_attached:
            rows = [row for row in self.rows.values() if row.spec.tab == tab]
            self.mount(page)
            page.mount(*rows, *([self._notes[tab]] if tab in self._notes else []))
            if self._draws_network and self.rows["address"] in rows:
                page.mount(self._network, after=self.rows["address"])
        for name, other in self._pages.items():
            other.display = name == tab
        self._tab = tab


def _in_order(tabs: Iterable[str]) -> list[str]:
    """The tabs in the order of the portal; others behind them."""
    return sorted(tabs, key=lambda tab: _ORDER.index(tab) if tab in _ORDER else len(_ORDER))
