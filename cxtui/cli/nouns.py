"""What the verbs list, show, add, set and delete: each kind of thing with its words and its services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cxtui.models.company import Company
from cxtui.models.fields import Entity
from cxtui.models.ip_auth import IpAuth
from cxtui.models.protocols import usual_port
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser
from cxtui.services import companies, ip_auth, sip_profiles, sip_users
from cxtui.services.outcome import Change

from . import picking
from .call import Call


@dataclass(frozen=True, slots=True)
class Noun:
    """A kind of thing. ``key`` is the field that names one; ``owned`` says that each belongs to a company.

    ``pick`` finds the row that was meant; ``add``, ``save`` and ``delete`` are its services with what the call gave.
    """

    entity: type[Entity]
    word: str
    plural: str
    metavar: str
    key: str
    owned: bool
    pick: Callable[[Call, str], Any]
    add: Callable[[Call, dict[str, Any]], Change]
    save: Callable[[Call, Any, dict[str, Any]], Change]
    delete: Callable[..., Change]


def owner(call: Call) -> Company | None:
    """The company that ``--company`` names, None where it was not given."""
    text = call.given("company")
    return picking.company(call.context, text) if text is not None else None


def _add_ip(call: Call, typed: dict[str, Any]) -> Change:
    company = picking.company(call.context, call.given("owner"))
    if typed.get("direction") == "both":
        typed["direction"] = ip_auth.BOTH
    typed["address"] = "\n".join(call.given("names"))
    _follow_protocol(typed, None)
    return ip_auth.add(call.context, company.id, typed, share=call.given("share"), reason=call.reason)


def _save_ip(call: Call, row: IpAuth, typed: dict[str, Any]) -> Change:
    _follow_protocol(typed, row)
    return ip_auth.save(call.context, row, typed, share=call.given("share"), reason=call.reason)


def _follow_protocol(typed: dict[str, Any], row: IpAuth | None) -> None:
    """The usual port of a new protocol, unless a port was given or an unusual one was in use (S-037)."""
    protocol = str(typed.get("protocol", "")).strip().lower()
    if protocol and "port" not in typed and (row is None or row.port == usual_port(row.protocol)):
        typed["port"] = str(usual_port(protocol))


def _add_sip(call: Call, typed: dict[str, Any]) -> Change:
    company = picking.company(call.context, call.given("owner"))
    name = call.given("name")
    typed["username"] = sip_users.next_username(call.context, company.id) if name is None else name
    return sip_users.add(call.context, company.id, _with_profile(call, typed), reason=call.reason)


def _save_sip(call: Call, row: SipUser, typed: dict[str, Any]) -> Change:
    return sip_users.save(call.context, row, _with_profile(call, typed), reason=call.reason)


def _with_profile(call: Call, typed: dict[str, Any]) -> dict[str, Any]:
    """The profile as its id; an empty name takes it away."""
    name = typed.get("profile_id")
    return typed | {"profile_id": picking.profile(call.context, name).id} if name else typed


def _add_company(call: Call, typed: dict[str, Any]) -> Change:
    return companies.add(call.context, {**typed, "name": call.given("name")}, reason=call.reason)


def _add_profile(call: Call, typed: dict[str, Any]) -> Change:
    return sip_profiles.add(call.context, {**typed, "name": call.given("name")}, reason=call.reason)


def _saver(save: Callable[..., Change]) -> Callable[[Call, Any, dict[str, Any]], Change]:
    return lambda call, row, typed: save(call.context, row, typed, reason=call.reason)


COMPANY = Noun(
    entity=Company,
    word="company",
    plural="companies",
    metavar="COMPANY",
    key="name",
    owned=False,
    pick=lambda call, text: picking.company(call.context, text),
    add=_add_company,
    save=_saver(companies.save),
    delete=companies.delete,
)
IP = Noun(
    entity=IpAuth,
    word="ip",
    plural="IP entries",
    metavar="ENTRY",
    key="address",
    owned=True,
    pick=lambda call, text: picking.ip_entry(call.context, text, owner(call)),
    add=_add_ip,
    save=_save_ip,
    delete=ip_auth.delete,
)
SIP = Noun(
    entity=SipUser,
    word="sip",
    plural="SIP users",
    metavar="USER",
    key="username",
    owned=True,
    pick=lambda call, text: picking.sip_user(call.context, text, owner(call)),
    add=_add_sip,
    save=_save_sip,
    delete=sip_users.delete,
)
PROFILE = Noun(
    entity=SipProfile,
    word="profile",
    plural="SIP profiles",
    metavar="PROFILE",
    key="name",
    owned=False,
    pick=lambda call, text: picking.profile(call.context, text),
    add=_add_profile,
    save=_saver(sip_profiles.save),
    delete=sip_profiles.delete,
)
