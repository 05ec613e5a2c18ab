"""What the firewall does to a SIP user's device: from a blocked address the switch answers nothing (S-011, S-132)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from cxtui.rules.nat_endpoints import parse_address, shown
from cxtui.rules.nat_facts import UNBLOCK, Blocked, Contact, Evidence, Fix, Situation, bad, note, ok, unknown
from cxtui.rules.nat_paths import live, since, span

MOST_NAMED = 3
"""Addresses that a sentence names."""

_TEST, _CODE = "firewall", "S-011"
_WORDS = 80


@dataclass(frozen=True, slots=True)
class Barred:
    """The block that stands between the device and the switch; ``whose`` tells what the address is to the user."""

    block: Blocked
    whose: str


def barred(situation: Situation) -> Barred | None:
    """The block that keeps the newest live contact out; of a user without one, where it was, or may be.

    Without an edge nobody enforces a block, and it is none.
    """
    if situation.no_edge:
        return None
    current = live(situation.contacts, situation.now)
    if current:
        found = _of(situation, current[:1])
        return Barred(found[0], "where it is registered from") if found else None
    left = _of(situation, situation.contacts)
    if left:
        return Barred(left[0], "where it was registered from")
    return Barred(situation.blocked[0], "on its IP Allow list") if situation.blocked else None


def firewall_tests(situation: Situation) -> list[Evidence]:
    """Whether an address that the device is known by is blocked: why, since when, by which edge (S-011, S-132)."""
    if situation.no_edge:
        return []
    found = barred(situation)
    if found is None:
        return [_let_through(situation)]
    if found.block.lifting:
        return [
            note(_TEST, f"{found.block.address}, {found.whose}, is being unblocked: {_holders(found.block)}", _CODE)
        ]
    return [bad(_TEST, f"{found.block.address}, {found.whose}, {history(situation, found.block)}", _CODE)]


def _let_through(situation: Situation) -> Evidence:
    """Nothing that is known stands between the newest contact and the switch."""
    current = live(situation.contacts, situation.now)
    if current and situation.blocked:
        others = _named([block.address for block in situation.blocked])
        words = f"keeps out {others}, of its older contacts or its IP Allow list, not the newest contact"
        return note(_TEST, words, _CODE)
    if current:
        source = parse_address(current[0].received)
        if source is None:
            return unknown(_TEST, "the source of the REGISTER cannot be read", _CODE)
        return ok(_TEST, f"{source} is not blocked", _CODE)
    if situation.tried:
        words = f"{_named(situation.tried)} used its name and got blocked: it may be the device, or somebody else"
        return note(_TEST, words, _CODE)
    return unknown(_TEST, "where the device is, and whether that address is blocked, is not known", _CODE)


def history(situation: Situation, block: Blocked) -> str:
    """``was blocked 12 min ago (wrong password 1003), for 48 min more, held by edge1``."""
    left = f", for {span(block.expires_at - situation.now)} more" if block.expires_at is not None else ""
    return f"was blocked {since(block.since, situation.now)}{reason(block)}{left}, {_holders(block)}"


def reason(block: Blocked) -> str:
    """The evidence of a block, or who it was, printable and in brackets behind a blank; "" where nothing is known."""
    words = shown(f"by hand, {block.operator}" if block.operator else block.why, _WORDS)
    return f" ({words})" if words else ""


def before_unblocking(block: Blocked) -> str:
    """What to see to first, as a sentence: what got the address blocked may do so again."""
    if block.operator:
        return f"Ask {shown(block.operator, _WORDS)} what it was blocked for."
    return "Correct what it was blocked for, or it is blocked again."


def unblocking(block: Blocked) -> Fix:
    """The remedy: the block is lifted at every edge (S-013)."""
    words = "Every edge lets the address through again, until it gives cause to be blocked once more"
    return Fix(UNBLOCK, block.address, f"Unblock {block.address}", words)


def _of(situation: Situation, contacts: Sequence[Contact]) -> list[Blocked]:
    """The blocks of the addresses of these contacts, in the order of the contacts."""
    by_address = {parse_address(block.address): block for block in situation.blocked}
    sources = dict.fromkeys(parse_address(contact.received) for contact in contacts)
    return [by_address[source] for source in sources if source is not None and source in by_address]


def _holders(block: Blocked) -> str:
    if not block.held:
        return "held by no edge" if block.lifting else "held by no edge yet"
    names = _named([shown(name, 40) for name in block.held])
    return f"{names} still holds it" if block.lifting else f"held by {names}"


def _named(addresses: Sequence[str]) -> str:
    more = ("others",) if len(addresses) > MOST_NAMED else ()
    named = [*chain(addresses[:MOST_NAMED], more)]
    return " and ".join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else named[0]
