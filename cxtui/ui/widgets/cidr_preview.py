"""The network that is being typed, drawn: first and last address, mask and bits (S-071)."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from cxtui.rules.addresses import split_many
from cxtui.rules.cidr import preview
from cxtui.ui.text import mix, plain


class CidrPreview(Static):
    """Shows the last address or network in a text; nothing where there is none."""

    DEFAULT_CSS = """
    CidrPreview { height: auto; margin: 0 0 0 22; color: $text-muted; }
    """

    def show(self, text: str) -> None:
        """Draw the last line of ``text``."""
        words = text.replace(",", " ").replace(";", " ").split()
        view = preview(words[-1]) if words else None
        if view is None:
            self.update("")
            self.display = False
            return
        self.display = True
        more = self._several(text) if len(words) > 1 else ""
        bounds = view.first if view.count == 1 else f"{view.first} – {view.last}"
        size = "1 address" if view.count == 1 else f"{view.count:,} addresses".replace(",", " ")
        if view.count > 2**40:
            size = f"2^{view.count.bit_length() - 1} addresses"
        first = mix("[b]$network[/b]  $size$more", network=view.network, size=size, more=more)
        second = mix("$bounds  mask $mask", bounds=bounds, mask=view.mask or f"/{view.prefix}")
        self.update(Content("\n").join((first, second, plain(view.bits))))

    def _several(self, text: str) -> str:
        lines = split_many(text, names_allowed=True)
        good = sum(1 for line in lines if line.network or line.fqdn)
        return f"  {good} of {len(lines)} good"
