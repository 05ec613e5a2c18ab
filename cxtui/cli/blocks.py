"""Blocks from the shell: list, add, and let through again."""

from __future__ import annotations

from typing import Any

from cxtui.models.block import Block
from cxtui.models.findings import Finding
from cxtui.services import blocks
from cxtui.services.outcome import Change, NeedsConfirmation, Refused, refuse

from . import listing
from .call import Call
from .entities import reason_option
from .grammar import FIELD, Parser, typed


def furnish(parser: Parser) -> None:
    """Give ``block`` its verbs."""
    add = parser.verbs()
    add("list", _list, help="what is blocked: customers first, then the newest", usage="[options]")
    add("add", _add, help="block an address", usage="ADDRESS [options]")


def unblock_options(parser: Parser) -> None:
    """The options of ``unblock``."""
    parser.add_argument("addresses", metavar="ADDRESS", nargs="+", help="blocked addresses; all are unblocked, or none")
    reason_option(parser)
    parser.set_defaults(act=_unblocked)


def _list(parser: Parser) -> None:
    listing.options(parser, owned=True)
    parser.set_defaults(act=lambda call: listing.write(call, Block, "blocked addresses"))


def _add(parser: Parser) -> None:
    parser.add_argument(FIELD + "address", metavar="ADDRESS", help="one address, not a network")
    parser.add_argument("--notes", dest=FIELD + "notes", metavar="TEXT", help="for whoever looks at the block later")
    words = "after a span such as 90s, 15min, 2h, 3d or 1w; otherwise never"
    parser.add_argument("--expires", dest=FIELD + "expires", metavar="SPAN", help=words)
    words = "the address once more: needed where it belongs to a company, whose calls will stop"
    parser.add_argument("--confirm", metavar="ADDRESS", default="", help=words)
    reason_option(parser)
    parser.set_defaults(act=_added)


def _added(call: Call) -> int:
    fields = typed(call.arguments)
    try:
        change = _block(call, fields, call.given("confirm"))
    except NeedsConfirmation as needed:
        if not call.interactive or call.given("confirm"):
            raise
        call.output.note(str(needed))
        change = _block(call, fields, call.ask(f"Type {needed.word} to block it: "))
    return call.changed(change)


def _block(call: Call, fields: dict[str, Any], confirmed: str) -> Change:
    return blocks.block(call.context, fields, confirmed=confirmed, reason=call.reason)


def _unblocked(call: Call) -> int:
    found: dict[int, Block] = {}
    missing: list[Finding] = []
    for address in call.given("addresses"):
        try:
            row = blocks.find_live(call.context, address)
            if row is None:
                raise refuse("address", f"{address} is not blocked")
            found[row.id] = row
        except Refused as problem:
            missing += problem.findings
    if missing:
        raise Refused(missing)
    return call.changed(blocks.unblock(call.context, list(found.values()), reason=call.reason))
