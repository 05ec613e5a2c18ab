"""What the lists show: their columns, and a row's cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cxtui.services.grids import Shown
from cxtui.services.usual_state import State
from cxtui.ui import cells
from cxtui.ui.cells import Cells
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.widgets.rows import Cell, Column, Tone

_COMPANY = Column("company", "Company", 16, priority=8, flex=1)
_STATE = Column("state", "State", 13, priority=10)


@dataclass(frozen=True, slots=True)
class ListLook:
    """How one list looks. ``company`` columns stand only in the view of all companies."""

    kind: str
    title: str
    columns: tuple[Column, ...]
    fill: Callable[[Any, float, Glyphs], Cells]
    empty: str
    hint: str = ""
    scoped: bool = True

    def nothing(self, may_write: bool) -> str:
        """What an empty list says: that it is empty and, to whoever may, which key fills it."""
        return f"{self.empty} {self.hint}".strip() if may_write else self.empty

    def columns_for(self, company_id: int | None) -> tuple[Column, ...]:
        """The columns for a company, or for all."""
        keep = company_id is None or not self.scoped
        return tuple(column for column in self.columns if keep or column.key != "company")

    def row_cells(self, shown: Shown, now: float, glyphs: Glyphs) -> Cells:
        """The cells of a row, its state and company among them."""
        return {
            "state": state_cell(shown.state, glyphs),
            "company": shown.company,
            **self.fill(shown, now, glyphs),
        }


def state_cell(state: State, glyphs: Glyphs) -> Cell:
    """A state as a word with its sign."""
    sign = getattr(glyphs, state.glyph) + " " if state.glyph else ""
    return Cell(f"{sign}{state.word}", _tone(state.tone))


def _tone(tone: str) -> Tone:
    known: dict[str, Tone] = {
        "muted": "muted",
        "accent": "accent",
        "success": "success",
        "warning": "warning",
        "danger": "danger",
    }
    return known.get(tone, "")


IP_AUTH = ListLook(
    "ip_auth",
    "IP authentication",
    (
        _STATE,
        Column("address", "Address", 18, priority=9, flex=1),
        _COMPANY,
        Column("direction", "Direction", 12, priority=8),
        Column("channels", "Ch", 5, priority=7, align="right"),
        Column("cps", "CPS", 4, priority=5, align="right"),
        Column("protocol", "Protocol", 10, priority=3),
        Column("port", "Port", 5, priority=4, align="right"),
        Column("cli", "CLI auth", 8, priority=2),
        Column("switch", "Switch", 18, priority=1),
    ),
    cells.ip_auth,
    "No IP entries.",
    hint="a adds one.",
)
SIP_USERS = ListLook(
    "sip_users",
    "SIP user authentication",
    (
        _STATE,
        Column("username", "Username", 14, priority=9, flex=1),
        _COMPANY,
        Column("profile", "Profile", 11, priority=7),
        Column("channels", "Ch", 5, priority=8, align="right"),
        Column("cps", "CPS", 4, priority=5, align="right"),
        Column("trip", "Ping", 7, priority=6, align="right"),
        Column("seen", "Seen", 6, priority=5, align="right"),
        Column("received", "Received", 22, priority=4),
        Column("agent", "Agent", 16, priority=3, flex=1),
        Column("contact", "Contact", 24, priority=1),
        Column("expires", "Expires", 7, priority=2, align="right"),
        Column("ping", "NAT/SIP Ping", 17, priority=4),
        Column("protocol", "Protocol", 10, priority=2),
        Column("password", "Password", 8, priority=3, align="right"),
        Column("allow", "Allow list", 10, priority=1, align="right"),
    ),
    cells.sip_users,
    "No SIP users.",
    hint="a adds one.",
)
COMPANIES = ListLook(
    "companies",
    "Companies",
    (
        _STATE,
        Column("name", "Name", 20, priority=9, flex=2),
        Column("kind", "Kind", 8, priority=8),
        Column("channels", "Channels", 8, priority=7, align="right"),
        Column("cps", "CPS", 5, priority=6, align="right"),
        Column("block", "Number block", 13, priority=5),
        Column("notes", "Notes", 20, priority=1, flex=1),
    ),
    cells.companies,
    "No companies.",
    hint="a adds the first one.",
    scoped=False,
)
PROFILES = ListLook(
    "profiles",
    "SIP profiles",
    (
        Column("name", "Name", 24, priority=9, flex=1),
        Column("state", "Used by", 12, priority=8),
        Column("capacity", "Capacity", 8, priority=7, align="right"),
        Column("barge", "Barge group", 14, priority=5),
        Column("flags", "Flags", 20, priority=3),
    ),
    cells.profiles,
    "No SIP profiles.",
    hint="a adds one.",
    scoped=False,
)
BLOCKS = ListLook(
    "blocks",
    "Firewall",
    (
        Column("address", "Address", 15, priority=10, flex=1),
        Column("since", "Since", 6, priority=9, align="right"),
        Column("seen", "Seen", 6, priority=2, align="right"),
        Column("hits", "Hits", 6, priority=8, align="right"),
        Column("reason", "Why", 14, priority=7, flex=4),
        Column("company", "Whose", 11, priority=6, flex=1),
        Column("state", "State", 14, priority=9),
        Column("users", "Tried", 16, priority=1),
        Column("agent", "User-Agent", 18, priority=3),
        Column("source", "Source", 10, priority=1),
        Column("expires", "Expires", 7, priority=5, align="right"),
        Column("notes", "Notes", 14, priority=0),
    ),
    cells.blocks,
    "Nothing is blocked.",
    hint="b blocks an address.",
    scoped=False,
)
AUDIT = ListLook(
    "audit",
    "Audit",
    (
        Column("at", "When", 19, priority=10),
        Column("operator", "Who", 12, priority=9),
        Column("state", "What", 10, priority=8),
        Column("object", "Object", 24, priority=7, flex=2),
        Column("origin", "From", 15, priority=5),
        Column("reason", "Reason", 12, priority=6, flex=1),
        Column("program", "By", 8, priority=3),
        Column("change", "Change", 8, priority=2),
    ),
    cells.audit,
    "Nothing was changed yet.",
    scoped=False,
)
