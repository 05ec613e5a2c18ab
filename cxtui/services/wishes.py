"""What a form wants saved: carried out now by the service of its kind, or kept as text for later (W-025)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cxtui.models.block import Block
from cxtui.models.company import Company
from cxtui.models.delayed_save import DelayedSave
from cxtui.models.fields import Entity, values
from cxtui.models.ip_auth import IpAuth
from cxtui.models.rewrite import RewriteRule
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser
from cxtui.rules.printable import clean
from cxtui.store.rows import by_id

from . import blocks, companies, ip_auth, rewrites, sip_profiles, sip_users
from .audit_trail import image, restore
from .context import Context
from .labels import label
from .outcome import Change, Gone
from .subjects import Subject

_LONGEST_NAME = 60
_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Wish:
    """A row to add, or ``typed`` fields to write over ``row``, which is as the operator saw it.

    ``what`` is the kind of form, one of ``KINDS``. ``share`` sets CLI Authentication on every sharer, ``block`` is the
    block that goes with a new IP entry, ``confirmed`` the word that was typed. ``subject`` is whose rewrite rule it is,
    ``examples`` are the numbers it was made from.
    """

    what: str
    typed: Mapping[str, str]
    company_id: int = 0
    row: Any = None
    share: bool = False
    block: Block | None = None
    confirmed: str = ""
    subject: Subject | None = None
    examples: Mapping[str, str] | None = None

    @property
    def title(self) -> str:
        """What the row is called: "SIP user 1001", "new SIP user 1001"."""
        if self.row is not None:
            return label(self.row)
        kind = KINDS[self.what]
        typed = self.typed.get(kind.named_by, "").strip()
        names = _BETWEEN.split(typed) if kind.named_by == "address" else [typed]
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return f"new {kind.noun} {clean(names[0])[:_LONGEST_NAME]}{others}".strip()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of form: the entity, what a row of it is called, by which field, and the service that saves a wish."""

    entity: type[Entity]
    noun: str
    named_by: str
    save: Callable[[Context, Wish], Change]


def save(context: Context, wish: Wish) -> Change:
    """Carry a wish out. Raises what the service of its kind raises."""
    return KINDS[wish.what].save(context, wish)


def kept(wish: Wish) -> dict[str, Any]:
    """The fields of a ``DelayedSave`` that hold a wish."""
    more: dict[str, Any] = {"share": wish.share, "confirmed": wish.confirmed, "examples": dict(wish.examples or {})}
    if wish.block is not None:
        more["block"] = wish.block.id
    row = wish.row
    return {
        "what": wish.what,
        "company_id": wish.company_id,
        "owner": wish.subject.owner if wish.subject else "",
        "owner_id": wish.subject.owner_id if wish.subject else 0,
        "entity_id": row.id if row is not None else 0,
        "title": wish.title,
        "base": image({**values(row), "version": row.version}) if row is not None else "",
        "typed": json.dumps(dict(wish.typed)),
        "more": json.dumps({name: value for name, value in more.items() if value}),
    }


def found_again(context: Context, row: DelayedSave) -> Wish:
    """The wish that a ``DelayedSave`` holds. Raises ``Gone`` where its company or block is not there any more."""
    more = json.loads(row.more)
    with context.database.reading() as link:
        if row.company_id and by_id(link, Company, row.company_id) is None:
            raise Gone("The company was deleted in the meantime.")
        block = by_id(link, Block, more["block"]) if "block" in more else None
    if block is None and "block" in more:
        raise Gone("The block was deleted in the meantime.")
    return Wish(
        what=row.what,
        typed=json.loads(row.typed),
        company_id=row.company_id,
        row=_seen(row),
        share=more.get("share", False),
        block=block,
        confirmed=more.get("confirmed", ""),
        subject=Subject(row.owner, row.owner_id) if row.owner else None,
        examples=more.get("examples"),
    )


def _seen(row: DelayedSave) -> Entity | None:
    if not row.entity_id:
        return None
    entity = KINDS[row.what].entity
    return entity(id=row.entity_id, version=json.loads(row.base)["version"], **restore(entity, row.base))


def _save_ip(context: Context, wish: Wish) -> Change:
    if wish.row is not None:
        return ip_auth.save(context, wish.row, wish.typed, share=wish.share)
    if wish.block is not None:
        return blocks.authorise(context, wish.block, wish.company_id, wish.typed, share=wish.share)
    return ip_auth.add(context, wish.company_id, wish.typed, share=wish.share)


def _save_sip(context: Context, wish: Wish) -> Change:
    if wish.row is not None:
        return sip_users.save(context, wish.row, wish.typed)
    return sip_users.add(context, wish.company_id, wish.typed)


def _save_company(context: Context, wish: Wish) -> Change:
    return companies.save(context, wish.row, wish.typed) if wish.row is not None else companies.add(context, wish.typed)


def _save_profile(context: Context, wish: Wish) -> Change:
    if wish.row is not None:
        return sip_profiles.save(context, wish.row, wish.typed)
    return sip_profiles.add(context, wish.typed)


def _save_block(context: Context, wish: Wish) -> Change:
    return blocks.block(context, wish.typed, confirmed=wish.confirmed)


def _save_rewrite(context: Context, wish: Wish) -> Change:
    if wish.row is not None:
        return rewrites.save(context, wish.row, wish.typed, confirmed=wish.confirmed)
    assert wish.subject is not None
    return rewrites.add(context, wish.subject, wish.typed, examples=wish.examples, confirmed=wish.confirmed)


KINDS: Mapping[str, Kind] = {
    "ip_auth": Kind(IpAuth, "IP entry", "address", _save_ip),
    "sip_users": Kind(SipUser, "SIP user", "username", _save_sip),
    "companies": Kind(Company, "company", "name", _save_company),
    "profiles": Kind(SipProfile, "SIP profile", "name", _save_profile),
    "blocks": Kind(Block, "block of", "address", _save_block),
    "rewrites": Kind(RewriteRule, "rewrite rule", "current", _save_rewrite),
}
