"""The state of a row in a word, why it is so, and the verb that mends it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from cxtui.models.audit import AuditEntry
from cxtui.models.block import BY_HAND, Block, Wanted
from cxtui.models.company import Company
from cxtui.models.fields import Entity
from cxtui.models.ip_auth import Direction, IpAuth
from cxtui.models.registration import Registration
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser
from cxtui.rules.durations import since
from cxtui.store.neighbours import Neighbours
from cxtui.store.rows import all_where

from .company_states import company_off, company_state, turned_off_among
from .edge_states import states
from .ranges import allow_networks, covering
from .registrations import live, of_users, standing
from .usual_state import State, doubt, usual_state

_IN_FORCE = (
    "lifted_at IS NULL AND packed BETWEEN ? AND ? AND (expires_at IS NULL OR expires_at > ?"
    " OR EXISTS (SELECT 1 FROM hold WHERE block_id = block.id))"
)


class Judge:
    """Judges ``rows``, those of one window; what they have in common is asked once."""

    def __init__(self, link: sqlite3.Connection, now: float, rows: Sequence[Entity]) -> None:
        self._link = link
        self._now = now
        self.edges = states(link, now)
        self._usual = usual_state(self.edges)
        self._off = turned_off_among(link, rows)
        self._doubt = doubt(self.edges) if self._off else ""
        self._unheard = {state.edge.id: state.complaint for state in self.edges if not state.well}
        users = [row.id for row in rows if isinstance(row, SipUser)] if self.edges else []
        self.contacts = of_users(link, users)
        self._any_blocks = self._exists("SELECT 1 FROM block WHERE lifted_at IS NULL LIMIT 1")
        self._any_lists = self._exists("SELECT 1 FROM allowed_range LIMIT 1")
        self._near = Neighbours(link, [(row.first, row.last) for row in rows if isinstance(row, IpAuth)])
        self._holds = self._held([row.id for row in rows if isinstance(row, Block)] if self.edges else [])

    def ip_auth(self, entry: IpAuth) -> State:
        """Disabled, else company off, else blocked before conflict: what hurts most is said (S-011, C-11, C-12).

        To an edge the calls of a company that is off are a stranger's and may get it blocked: its status comes first.
        """
        if not entry.enabled:
            return State("disabled", "offline", "muted", "Disabled: it neither sends nor receives.", "edit")
        place = (entry.first, entry.last)
        blocked = self._blocked(*place, entry.address) if self._near.blocked(place) else None
        if entry.company_id in self._off:
            return company_off(self._off[entry.company_id], self._doubt, blocked)
        if blocked is not None:
            return blocked
        if entry.direction == Direction.INGRESS:
            return self._usual
        conflict = self._shared(entry) if self._near.shared(place) else None
        conflict = conflict or (self._met_by_list(entry) if self._near.listed(place) else None)
        return conflict or self._usual

    def sip_user(self, user: SipUser) -> State:
        """The same for a SIP user, whose addresses are those of its allow list and of its devices."""
        if not user.enabled:
            return State("disabled", "offline", "muted", "Disabled: it can neither register nor call.", "edit")
        if user.company_id in self._off:
            return company_off(self._off[user.company_id], self._doubt, self._blocked_user(user))
        if user.password_set_at is None:
            return State("no password", "warning", "warning", "It has no password yet and cannot register.", "password")
        blocked = self._blocked_user(user)
        if blocked is not None:
            return blocked
        for network in allow_networks(user.allow_list) if user.allow_list else ():
            if self._sends_from(network.text, network.first, network.last):
                why = (
                    f"{network.text} of its allow list is under IP authentication, so it is never asked for a password."
                )
                return State("conflict", "timeout", "danger", why, "edit")
        # What no edge has confirmed yet says nothing of whether the device is there.
        if self._usual.tone != "success":
            return self._usual
        return State(*standing(self.contacts.get(user.id, ()), self._now, self._unheard))

    def registration(self, contact: Registration) -> State:
        """Whether the device behind one contact is there, and whether that is of any use to it."""
        found = State(*standing((contact,), self._now, self._unheard))
        off = self._off.get(contact.company_id or 0)
        return replace(found, why=f"{found.why} {off}") if off else found

    def block(self, block: Block) -> State:
        """Where the edges stand with a block: held, on its way, or recorded alone."""
        speaking = {state.edge.id for state in self.edges if not state.silent}
        layers = self._holds.get(block.id, [])
        held = {row[0] for row in layers}
        by = f"Held by {', '.join(f'{name} {layer}' for _, name, layer in layers)}." if layers else ""
        if block.expires_at is not None and block.expires_at <= self._now and not held:
            return State("expired", "offline", "muted", "Its time is over.", "unblock")
        if not self.edges:
            return State("recorded", "", "muted", "Recorded; no edge attached.", "unblock")
        if not speaking:
            return State("edge silent", "warning", "warning", "No edge has reported for a while.", "unblock")
        if block.wanted == Wanted.UNBLOCKED:
            return State(f"unblocking {len(held)}", "pending", "accent", f"Being unblocked. {by}")
        if speaking - held:
            word = f"adding {len(speaking & held)}/{len(speaking)}"
            return State(word, "pending", "warning", f"Not on every edge yet. {by}", "unblock")
        return State(f"in {len(held)}", "blocked", "danger", by, "unblock")

    def company(self, company: Company) -> State:
        """What the status of a company means for its calls."""
        return company_state(company)

    def audit(self, entry: AuditEntry) -> State:
        """Whether the change was taken back; what it was otherwise."""
        word = entry.action.lower()
        if self._exists("SELECT 1 FROM audit WHERE undoes = ? LIMIT 1", (entry.change_id,)):
            return State(word, "offline", "muted", "This change was taken back.")
        return State(word, "", "", f"{entry.reason}." if entry.reason else "")

    def profile(self, profile: SipProfile) -> State:
        """How many SIP users have the profile."""
        used = self._link.execute("SELECT count(*) FROM sip_user WHERE profile_id = ?", (profile.id,)).fetchone()[0]
        return State(f"{used} users" if used else "unused", "", "" if used else "muted")

    def _held(self, blocks: Sequence[int | None]) -> dict[int | None, list[tuple[int, str, str]]]:
        """Which edges hold each of the blocks, and in which layer, as (edge id, name, layer)."""
        found: dict[int | None, list[tuple[int, str, str]]] = {}
        statement = (
            "SELECT block_id, edge_id, name, layer FROM hold JOIN edge ON edge.id = edge_id"  # noqa: S608
            f" WHERE block_id IN ({','.join('?' * len(blocks))}) ORDER BY name, layer"
        )
        for block_id, *layer in self._link.execute(statement, blocks) if blocks else ():
            found.setdefault(block_id, []).append((layer[0], layer[1], layer[2]))
        return found

    def _blocked(self, first: bytes, last: bytes, address: str) -> State | None:
        if not self._any_blocks:
            return None
        found = all_where(
            self._link,
            Block,
            f"{_IN_FORCE} ORDER BY packed LIMIT 4",
            (first, last, self._now),
        )
        if not found:
            return None
        if first == last:
            return _blocked_host(found[0], self._now)
        count = self._link.execute(
            f"SELECT count(*) FROM block WHERE {_IN_FORCE}",  # noqa: S608
            (first, last, self._now),
        ).fetchone()[0]
        size = int.from_bytes(last) - int.from_bytes(first) + 1
        which = ", ".join(block.address for block in found[:3]) + (" …" if count > 3 else "")
        why = f"{count} of {size} addresses of {address} are blocked: {which}."
        return State(f"{count} BLOCKED", "blocked", "danger", why, "unblock")

    def _blocked_user(self, user: SipUser) -> State | None:
        """The first block of its allow list, else of where it is registered from."""
        if not self._any_blocks:
            return None
        listed = allow_networks(user.allow_list) if user.allow_list else ()
        found = (self._blocked(network.first, network.last, network.text) for network in listed)
        known = (row.packed for row in self.contacts.get(user.id, ()) if live(row, self._now))
        registered = (self._blocked(packed, packed, "") for packed in known)
        return next((state for state in chain(found, registered) if state is not None), None)

    def _shared(self, entry: IpAuth) -> State | None:
        probes = covering(entry.address, entry.first)
        columns = "id, company_id, address, first, last, cli_authentication"
        same = "direction = 'egress' AND enabled AND port = ? AND id <> ?"
        inside = self._link.execute(
            f"SELECT {columns} FROM ip_auth WHERE first BETWEEN ? AND ? AND {same} LIMIT 20",  # noqa: S608
            (entry.first, entry.last, entry.port, entry.id),
        ).fetchall()
        marks = ",".join("?" * len(probes))
        around = self._link.execute(
            f"SELECT {columns} FROM ip_auth WHERE first IN ({marks}) AND last >= ? AND {same} LIMIT 20",  # noqa: S608
            (*probes, entry.last, entry.port, entry.id),
        ).fetchall()
        others = {row[0]: row for row in (*inside, *around)}.values()
        foreign = [row for row in others if row[1] != entry.company_id]
        if any(row[1] == entry.company_id and (row[3], row[4]) == (entry.first, entry.last) for row in others):
            return State(
                "duplicate", "warning", "warning", f"{entry.address} is entered twice for this company.", "delete"
            )
        if not foreign:
            return None
        whose = self._company_names(row[1] for row in foreign)
        if not (entry.cli_authentication and all(row[5] for row in foreign)):
            why = f"{entry.address} overlaps {foreign[0][2]} of {whose}, and not every sharer has CLI authentication."
            return State("conflict", "timeout", "danger", why, "share")
        unlisted = self._company_names((entry.company_id, *(row[1] for row in foreign)), "cli_allow_list = ''")
        if unlisted:
            why = f"Shared with {whose}. No CLI list: {unlisted}."
            return State("shared", "warning", "warning", why, "share")
        why = f"Shared with {whose}; CLI authentication tells them apart."
        return State("shared", "warning", "accent", why, "share")

    def _company_names(self, ids: Iterable[int], where: str = "1") -> str:
        wanted = sorted(set(ids))
        marks = ",".join("?" * len(wanted))
        statement = f"SELECT name FROM company WHERE id IN ({marks}) AND {where} LIMIT 3"  # noqa: S608
        found = self._link.execute(statement, wanted)
        return ", ".join(row[0] for row in found)

    def _met_by_list(self, entry: IpAuth) -> State | None:
        if not self._any_lists:
            return None
        probes = covering(entry.address, entry.first)
        marks = ",".join("?" * len(probes))
        user = "SELECT username FROM allowed_range JOIN sip_user ON sip_user.id = sip_user_id WHERE sip_user.enabled"
        inside = self._link.execute(f"{user} AND first BETWEEN ? AND ? LIMIT 1", (entry.first, entry.last)).fetchone()
        around = f"{user} AND first IN ({marks}) AND last >= ? LIMIT 1"
        found = inside or self._link.execute(around, (*probes, entry.last)).fetchone()
        if found is None:
            return None
        why = f"It meets the allow list of SIP user {found[0]}, who is then never asked for a password."
        return State("conflict", "timeout", "danger", why, "edit")

    def _sends_from(self, address: str, first: bytes, last: bytes) -> bool:
        probes = covering(address, first)
        marks = ",".join("?" * len(probes))
        statement = (
            f"SELECT 1 FROM ip_auth WHERE (first IN ({marks}) AND last >= ? OR first BETWEEN ? AND ?)"  # noqa: S608
            " AND direction = 'egress' AND enabled LIMIT 1"
        )
        return self._exists(statement, (*probes, last, first, last))

    def _exists(self, statement: str, values: Sequence[object] = ()) -> bool:
        return self._link.execute(statement, values).fetchone() is not None


def _blocked_host(block: Block, now: float) -> State:
    if block.wanted == Wanted.UNBLOCKED:
        return State("unblocking", "pending", "accent", f"{block.address} is being unblocked.")
    counted = f"{block.hits} × {block.reason}" if block.hits else block.reason
    evidence = f"by hand, {block.source}" if block.reason == BY_HAND else counted
    agent = f', User-Agent "{block.user_agent}"' if block.user_agent else ""
    why = f"{block.address} was blocked {since(now - block.since)}: {evidence}{agent}."
    return State("BLOCKED", "blocked", "danger", why, "unblock")
