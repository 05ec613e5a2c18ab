"""What can be edited in a form: the entity, its fields, and the services that check and save it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cxtui.models.block import Block
from cxtui.models.company import Company
from cxtui.models.fields import BASIC, Entity, FieldSpec, Kind, form_specs
from cxtui.models.findings import Finding
from cxtui.models.ip_auth import IpAuth
from cxtui.models.rewrite import RewriteRule
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser
from cxtui.rules.roles import Role
from cxtui.services import blocks, companies, ip_auth, rewrites, sip_profiles, sip_users, wishes
from cxtui.services.context import Actor, Context
from cxtui.services.outcome import Change
from cxtui.services.subjects import Subject
from cxtui.services.wishes import Wish

if TYPE_CHECKING:
    from cxtui.services.bulk.plan import Plan

EXPIRES = FieldSpec(
    "Expires", Kind.TEXT, name="expires", default="", tab=BASIC, help="90 s, 15 min, 2 h, 3 d, 1 w; empty = never."
)
COMPANY = FieldSpec(
    "Company", Kind.TEXT, name="company", default="", tab=BASIC, required=True, help="Whose it is; type its name."
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form is about: a new row of a company, or ``row`` as the operator saw it.

    ``typed`` is what stands in the fields at first. ``share`` sets CLI Authentication on every sharer.
    ``block`` is the block that goes with a new IP entry which authorises it. ``subject`` is whose rewrite rule it is,
    ``examples`` are the numbers it was made from, each with what it has to become.
    """

    company_id: int
    row: Any = None
    typed: Mapping[str, str] | None = None
    share: bool = False
    block: Block | None = None
    confirmed: str = ""
    subject: Subject | None = None
    examples: Mapping[str, str] | None = None

    def with_(self, **changes: Any) -> Draft:
        """The draft with other values."""
        return replace(self, **changes)

    def wish(self, what: str, typed: Mapping[str, str]) -> Wish:
        """What is to be saved, once ``typed`` stands in the fields of a form of the kind ``what``."""
        return Wish(
            what,
            typed,
            self.company_id,
            self.row,
            share=self.share,
            block=self.block,
            confirmed=self.confirmed,
            subject=self.subject,
            examples=self.examples,
        )


@dataclass(frozen=True, slots=True)
class FormKind:
    """A kind of row that a form edits.

    ``needs`` is the role that it takes; ``operators`` names fields that operators may set all the same. One that
    ``keeps`` leaves what is not set as it is; one that is ``told`` has pages about the row's rewriting and its audit.
    """

    kind: str
    noun: str
    fields: Mapping[str, FieldSpec]
    check: Callable[[Context, Draft, Mapping[str, str]], Sequence[Finding]]
    save: Callable[[Context, Draft, Mapping[str, str]], Change | Plan]
    delete: Callable[[Context, Sequence[Any]], Change] | None = None
    of_company: bool = False
    needs: Role = Role.OPERATOR
    operators: frozenset[str] = frozenset()
    keeps: bool = False
    told: bool = False

    def fixed(self, actor: Actor) -> frozenset[str]:
        """The names of the fields that this operator may only look at."""
        if actor.may(self.needs):
            return frozenset()
        return frozenset(self.fields) - (self.operators if actor.may(Role.OPERATOR) else frozenset())


def initial(form: FormKind, draft: Draft) -> dict[str, Any]:
    """The values that stand in the fields at first."""
    values = {
        name: getattr(draft.row, name) if draft.row is not None and hasattr(draft.row, name) else spec.default
        for name, spec in form.fields.items()
    }
    return {**values, **(draft.typed or {})}


def _check_ip(context: Context, draft: Draft, typed: Mapping[str, str]) -> Sequence[Finding]:
    return ip_auth.check(context, draft.company_id, typed, draft.row, share=draft.share).findings


def _check_sip(context: Context, draft: Draft, typed: Mapping[str, str]) -> Sequence[Finding]:
    return sip_users.check(context, draft.company_id, typed, draft.row).findings


def _check_company(context: Context, draft: Draft, typed: Mapping[str, str]) -> Sequence[Finding]:
    return companies.check(context, typed, draft.row).findings


def _check_profile(context: Context, draft: Draft, typed: Mapping[str, str]) -> Sequence[Finding]:
    return sip_profiles.check(context, typed, draft.row).findings


def _check_block(context: Context, draft: Draft, typed: Mapping[str, str]) -> Sequence[Finding]:
    return blocks.check(context, typed)


def _check_rewrite(context: Context, draft: Draft, typed: Mapping[str, str]) -> Sequence[Finding]:
    return rewrites.check(context, _subject(draft), typed, draft.row).findings


def _saving(what: str) -> Callable[[Context, Draft, Mapping[str, str]], Change]:
    return lambda context, draft, typed: wishes.save(context, draft.wish(what, typed))


def _subject(draft: Draft) -> Subject:
    assert draft.subject is not None
    return draft.subject


def _fields(entity: type[Entity]) -> Mapping[str, FieldSpec]:
    return form_specs(entity)


IP_AUTH = FormKind(
    "ip_auth", "IP entry", _fields(IpAuth), _check_ip, _saving("ip_auth"), ip_auth.delete, of_company=True, told=True
)
SIP_USERS = FormKind(
    "sip_users",
    "SIP user",
    _fields(SipUser),
    _check_sip,
    _saving("sip_users"),
    sip_users.delete,
    of_company=True,
    told=True,
)
COMPANIES = FormKind(
    "companies",
    "company",
    _fields(Company),
    _check_company,
    _saving("companies"),
    companies.delete,
    needs=Role.ADMIN,
    operators=frozenset({"cli_allow_list"}),
    told=True,
)
PROFILES = FormKind(
    "profiles",
    "SIP profile",
    _fields(SipProfile),
    _check_profile,
    _saving("profiles"),
    sip_profiles.delete,
    needs=Role.ADMIN,
)
BLOCKS = FormKind("blocks", "block", {**_fields(Block), "expires": EXPIRES}, _check_block, _saving("blocks"))
REWRITE = FormKind(
    "rewrites", "rewrite rule", _fields(RewriteRule), _check_rewrite, _saving("rewrites"), rewrites.delete
)
FORM_KINDS = {form.kind: form for form in (IP_AUTH, SIP_USERS, COMPANIES, PROFILES, BLOCKS)}
