"""The row that an operator means by what was typed: a name, an address, a username or an id.

A username is made of digits as often as not, so that an id of a SIP user is always written ``id:12``; elsewhere a bare
number that is nobody's name is taken for an id too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from cxtui.models.company import Company
from cxtui.models.fields import Entity
from cxtui.models.findings import error
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser
from cxtui.services import companies, lookup
from cxtui.services.context import Context
from cxtui.services.find import find
from cxtui.services.labels import label
from cxtui.services.outcome import Refused, refuse

E = TypeVar("E", bound=Entity)

ID = "id:"


def company(context: Context, text: str, field: str = "company") -> Company:
    """The company of this name or id. Raises ``Refused``."""
    found = _by_id(context, Company, text, bare=False) or companies.find_by_name(context, text)
    if found is None:
        near = [hit.title for hit in find(context, text) if hit.grid == "companies"][:3]
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise refuse(field, f"there is no company {text}{hint}")
    return found


def profile(context: Context, text: str, field: str = "profile") -> SipProfile:
    """The SIP profile of this name or id. Raises ``Refused``."""
    found = _by_id(context, SipProfile, text, bare=False) or lookup.profile(context, text)
    found = found or _by_id(context, SipProfile, text, bare=True)
    if found is None:
        raise refuse(field, f"there is no SIP profile {text}")
    return found


def sip_user(context: Context, text: str, owner: Company | None = None) -> SipUser:
    """The SIP user of this name, or of this id written ``id:12``. Raises ``Refused``."""
    found = _by_id(context, SipUser, text, bare=False) or lookup.sip_user(context, text)
    if found is None:
        other = _by_id(context, SipUser, text, bare=True)
        hint = f"; {ID}{other.id} is {label(other)}" if other else ""
        raise refuse("user", f"there is no SIP user {text}{hint}")
    return _one("user", [found], owner, context)


def ip_entry(context: Context, text: str, owner: Company | None = None) -> IpAuth:
    """The only entry of this address, or the one of this id. Raises ``Refused``, which lists several."""
    found = _by_id(context, IpAuth, text, bare=True)
    if found is not None:
        return _one("entry", [found], owner, context)
    entries = [] if text.startswith(ID) or text.isdigit() else lookup.ip_entries(context, text)
    if not entries:
        raise refuse("entry", f"there is no IP entry {text}")
    return _one("entry", entries, owner, context)


def _one(field: str, found: Sequence[E], owner: Company | None, context: Context) -> E:
    """The only one of ``found`` that is the owner's."""
    mine = [row for row in found if owner is None or getattr(row, "company_id", None) == owner.id]
    if len(mine) == 1:
        return mine[0]
    names = companies.names(context, (getattr(row, "company_id", None) for row in found))
    if not mine and owner is not None:
        raise refuse(field, f"{label(found[0])} is not of {owner.name} but of {_whose(found[0], names)}")
    raise Refused(
        [
            error(field, f"{len(mine)} entries are meant; name one by its id:"),
            *(error(field, f"{ID}{row.id} is {label(row)} of {_whose(row, names)}") for row in mine),
        ]
    )


def _whose(row: Any, names: dict[int, str]) -> str:
    return names.get(row.company_id, "no company")


def _by_id(context: Context, entity: type[E], text: str, *, bare: bool) -> E | None:
    """The row of an id written with its prefix, or of a bare number where that is allowed."""
    number = text.removeprefix(ID)
    if not (text.startswith(ID) or bare) or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return lookup.row(context, entity, int(number))
