"""What a SIP user and its registrations say before any packet is looked at: who, from where, by what, how many."""

from __future__ import annotations

from collections.abc import Sequence

from cxtui.rules.addresses import split_many
from cxtui.rules.companies import turned_off
from cxtui.rules.nat_claims import excluded
from cxtui.rules.nat_endpoints import shown
from cxtui.rules.nat_facts import Contact, Evidence, Situation, bad, note, ok, unknown
from cxtui.rules.nat_paths import Path, live, read_path, since, span
from cxtui.rules.nat_pings import LOST_IN_A_ROW, round_trips

MOST_NAMED = 3
"""Contacts that a sentence names; the rest are counted."""


def edge_tests(situation: Situation) -> list[Evidence]:
    """Whether what follows is known at all, and still true; nothing for an edge that is heard."""
    if situation.no_edge:
        return [unknown("edge", "no edge is attached: nobody knows what is registered")]
    if situation.edge_silent:
        return [unknown("edge", "the edge is silent: what follows is what it last said")]
    return []


def user_tests(situation: Situation) -> list[Evidence]:
    """Whether the user may register at all (S-090…S-094, W-105)."""
    tests = [ok("user", "enabled") if situation.enabled else bad("user", "disabled: its registrations are refused")]
    off = company_off(situation)
    if off:
        words = f"{off}: registrations of its users are refused, and calls from and to them"
        tests.append(bad("company", words, "W-105"))
    if not situation.has_password:
        tests.append(bad("password", "none is set: its registrations are refused", "S-094"))
    return tests


def company_off(situation: Situation) -> str:
    """Why the user's company may not call, as a clause; "" where it may (W-105)."""
    return shown(turned_off(shown(situation.company, 80) or "its company", situation.company_status), 120)


def registered_test(situation: Situation) -> Evidence:
    """Whether a contact is registered now, and if not, since when (S-132)."""
    test, code, now = "registered", "S-132", situation.now
    current = live(situation.contacts, now)
    if current:
        path = read_path(current[0])
        when = since(current[0].registered_at, now) if current[0].registered_at > 0 else "at an unknown time"
        left = "never expires" if current[0].expires_at is None else f"expires in {span(current[0].expires_at - now)}"
        return ok(test, f"{path.where}, registered {when}, {left}", code)
    if situation.no_edge:
        return unknown(test, "not known without an edge", code)
    return bad(test, f"no: {last_seen(situation)}", code)


def last_seen(situation: Situation) -> str:
    """When the last registration ended, of a user that has none now."""
    ended = max((contact.expires_at for contact in situation.contacts if contact.expires_at is not None), default=None)
    return "no registration is known" if ended is None else f"the last one expired {since(ended, situation.now)}"


def transport_test(path: Path) -> Evidence:
    """Whether the transport keeps a firewall's state alive by itself (S-135, S-136)."""
    if path.stream:
        return ok("transport", f"{path.name}: the device keeps its connection open, calls come in by it", "S-135")
    if path.transport == "udp":
        return note("transport", "UDP: nothing is sent between registrations unless somebody pings", "S-136")
    return unknown("transport", "not known", "S-136")


def allow_list_test(situation: Situation, current: Sequence[Contact]) -> Evidence:
    """Whether the IP Allow list lets in the addresses that are registered (C-13, W-015)."""
    test = "allow list"
    lines = split_many(situation.allow_list)
    if not lines:
        return ok(test, "empty: any address may register", "W-015")
    judged = [(read_path(contact).source, excluded(lines, contact.received)) for contact in current]
    out = sorted({str(source) for source, is_out in judged if is_out})
    if out:
        named = ", ".join(out[:MOST_NAMED]) + (f" and {len(out) - MOST_NAMED} more" if len(out) > MOST_NAMED else "")
        return bad(test, f"excludes {named}: registrations and calls from there are refused", "C-13")
    if any(is_out is None for _, is_out in judged):
        return unknown(test, "the source of the REGISTER or a line of the list cannot be read", "C-13")
    return ok(test, "holds every address that is registered", "C-13")


def contacts_test(situation: Situation, current: Sequence[Contact]) -> Evidence:
    """Whether calls may go to a contact that is left over (workflow of S-132)."""
    test, code = "contacts", "S-132"
    if len(current) < 2:
        return ok(test, "one", code)
    left = left_over(current)
    if not left:
        return note(test, f"{len(current)}, calls may ring at any: {_named(situation, current)}", code)
    return bad(test, f"{len(left)} of {len(current)} seem left over: {_named(situation, left)}", code)


def retain_did_test(situation: Situation) -> Evidence:
    """What number the device is called by (S-103)."""
    name = shown(situation.username, 64)
    if situation.retain_did:
        words = f"on: calls arrive for the DID, not for {name}; a device that takes only its own name answers 404"
        return note("Retain DID", words, "S-103")
    return ok("Retain DID", f"off: calls arrive for {name}", "S-103")


def left_over(current: Sequence[Contact]) -> list[Contact]:
    """The older ones of ``current``, newest first, that the newest has replaced or that answer no ping.

    Replaced: the same source address and the same product in its User-Agent, whatever the version.
    """
    if not current:
        return []
    newest = current[0]
    return [
        contact
        for contact in current[1:]
        if _same_device(newest, contact) or round_trips(contact.pings).in_a_row >= LOST_IN_A_ROW
    ]


def _same_device(newest: Contact, older: Contact) -> bool:
    if older.registered_at >= newest.registered_at:
        return False
    source = read_path(newest).source
    return source is not None and source == read_path(older).source and _product(newest) == _product(older)


def _product(contact: Contact) -> str:
    return contact.user_agent[:300].partition("/")[0].partition(" ")[0].strip().lower()


def _named(situation: Situation, contacts: Sequence[Contact]) -> str:
    words = [
        f"{read_path(contact).where} by {shown(contact.user_agent, 40) or 'an unnamed device'}, "
        f"registered {since(contact.registered_at, situation.now)}"
        for contact in contacts[:MOST_NAMED]
    ]
    more = [f"{len(contacts) - MOST_NAMED} more"] if len(contacts) > MOST_NAMED else []
    return "; ".join(words + more)
