"""The subject of codecs and rewrite rules as it is named in the shell: an IP entry or a SIP user."""

from __future__ import annotations

from collections.abc import Sequence

from cxtui.models.findings import Finding, error
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services.labels import label
from cxtui.services.outcome import Refused
from cxtui.services.subjects import Subject

from . import picking
from .call import Call
from .grammar import Parser
from .nouns import owner

_OPTIONS = {IpAuth: "--ip", SipUser: "--sip"}


def options(parser: Parser, *, optional: bool = False) -> None:
    """How a subject is named."""
    words = "an address, network, host name or id of an IP entry; a username, or id:N, of a SIP user"
    parser.add_argument("subject", metavar="SUBJECT", nargs="?" if optional else None, help=words)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--ip", dest="kind", action="store_const", const=IpAuth, help="it is an IP entry")
    kind.add_argument("--sip", dest="kind", action="store_const", const=SipUser, help="it is a SIP user")
    parser.add_argument("--company", metavar="NAME", help="the one of this company")


def row_of(call: Call) -> IpAuth | SipUser:
    """The entry or user that is meant. Raises ``Refused`` where it is none, or may be several."""
    found: list[IpAuth | SipUser] = []
    problems: list[Sequence[Finding]] = []
    company = owner(call)
    for kind, pick in ((IpAuth, picking.ip_entry), (SipUser, picking.sip_user)):
        if call.given("kind") not in (None, kind):
            continue
        try:
            found.append(pick(call.context, call.given("subject"), company))
        except Refused as refused:
            problems.append(refused.findings)
    several = [finding for findings in problems if len(findings) > 1 for finding in findings]
    if len(found) == 1 and not several:
        return found[0]
    if found:
        listed = [error("subject", f"{_OPTIONS[type(row)]} id:{row.id} is {label(row)}") for row in found]
        raise Refused([error("subject", f"{call.given('subject')} may be several:"), *listed, *several])
    raise Refused(several or [finding for findings in problems for finding in findings])


def subject_of(row: IpAuth | SipUser) -> Subject:
    """The row as whose rules or codecs are meant."""
    subject = Subject.of(row)
    assert subject is not None
    return subject
