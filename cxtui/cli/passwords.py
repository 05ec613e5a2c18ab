"""Passwords from the shell: generated and printed once, or read from standard input; never an argument."""

from __future__ import annotations

import secrets

from cxtui.rules.passwords import PROFILES, generate
from cxtui.services import credentials
from cxtui.services.outcome import Change, ServiceError

from .call import Call
from .grammar import Parser


def sip(parser: Parser) -> None:
    """The options of ``sip password``."""
    parser.add_argument("which", metavar="USER", help="a username, or id:N")
    parser.add_argument("--company", metavar="NAME", help="only if it is this company's")
    parser.add_argument("--stdin", action="store_true", help="read it from standard input instead of generating one")
    parser.add_argument("--reason", metavar="TEXT", help="why, for the audit")
    parser.set_defaults(act=_set_sip)


def ip(parser: Parser) -> None:
    """The options of ``ip password``."""
    parser.add_argument("which", metavar="ENTRY", help="an address, network or host name, or an id")
    parser.add_argument("--company", metavar="NAME", help="the entry of this company")
    parser.add_argument("--stdin", action="store_true", help="read it from standard input; it always is")
    parser.add_argument("--reason", metavar="TEXT", help="why, for the audit")
    parser.set_defaults(act=_set_outbound)


def _set_sip(call: Call) -> int:
    from .nouns import SIP

    user = SIP.pick(call, call.given("which"))
    reason = call.reason
    if call.given("stdin"):
        return call.changed(credentials.set_password(call.context, user, call.secret("New password"), reason=reason))
    password = generate(PROFILES[call.settings.password_profile], secrets.choice, user.username)
    change = credentials.set_password(call.context, user, password, reason=reason)
    try:
        _hand_over(call, change, user.username, password)
    except OSError as problem:
        call.output.abandon()
        # The operator must not believe that the old one still works.
        raise ServiceError("The password was set but could not be written out: set another one.") from problem
    return 0


def _hand_over(call: Call, change: Change, username: str, password: str) -> None:
    """Print the password, the only time it can be."""
    if call.output.as_json:
        realm = credentials.realm_of(call.context)
        call.changed(change, username=username, realm=realm, password=password)
        return
    call.output.secret(password)
    call.output.warn(change.warnings)
    call.output.note(f"{change.sentence} It cannot be shown again.")


def _set_outbound(call: Call) -> int:
    from .nouns import IP

    entry = IP.pick(call, call.given("which"))
    reason = call.reason
    return call.changed(
        credentials.set_outbound_password(call.context, entry, call.secret("Their password"), reason=reason)
    )
