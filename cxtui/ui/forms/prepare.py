"""What a form has to ask the database before it can be shown or judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cxtui.models.fields import Choice, FieldSpec
from cxtui.models.findings import Finding, error, errors, warning
from cxtui.services import companies, sip_profiles, sip_users
from cxtui.services.codecs import FIELD, known_codecs
from cxtui.services.context import Context
from cxtui.services.outcome import Change, Refused
from cxtui.ui.forms.kinds import COMPANY, Draft, FormKind, initial
from cxtui.ui.forms.notes import notes_of

if TYPE_CHECKING:
    from cxtui.services.bulk.plan import Plan

OWN = frozenset(
    {
        *("address", "username", "name", "current", "new"),
        *("number_block_start", "number_block_size", "voicemail_email"),
    }
)
"""Fields that the next new row does not take over from the one before it."""

NO_PROFILE = Choice("", "none")
KEEP = Choice("", "as they are")


@dataclass(frozen=True, slots=True)
class Prepared:
    """The fields of a form with their first values, and the choices that the database knows.

    ``offers`` are values that can be taken over by a key: for a field, those of all the fields that go with it.
    ``notes`` are the pages that only tell, by their tab. ``own`` is the first field of a row's own, which no other has.
    """

    fields: Mapping[str, FieldSpec]
    values: Mapping[str, object]
    choices: Mapping[str, Sequence[Choice]]
    offers: Mapping[str, Mapping[str, str]]
    notes: Mapping[str, str]
    own: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The draft with its company found, and what the rules say of what was typed."""

    draft: Draft
    findings: tuple[Finding, ...]


def prepare(context: Context, form: FormKind, draft: Draft) -> Prepared:
    """Read what a form needs."""
    fields = dict(form.fields)
    values = initial(form, draft)
    choices: dict[str, Sequence[Choice]] = {}
    if "profile_id" in fields:
        known = [Choice(str(profile.id), profile.name) for profile in sip_profiles.choices(context)]
        choices["profile_id"] = (KEEP if form.keeps else NO_PROFILE, *known)
    if FIELD in fields:
        choices |= known_codecs(context)
    if asks_company(form, draft):
        fields = {"company": COMPANY, **fields}
        values.setdefault("company", "")
    elif form.kind == "sip_users" and draft.row is None and not values["username"]:
        values["username"] = sip_users.next_username(context, draft.company_id)
    offers = _next_block(context, fields, values) if form.kind == "companies" else {}
    own = next((name for name in fields if name in OWN), "")
    return Prepared(fields, values, choices, offers, notes_of(context, draft.row) if form.told else {}, own)


def _next_block(
    context: Context, fields: dict[str, FieldSpec], values: Mapping[str, object]
) -> dict[str, Mapping[str, str]]:
    """Offer a company without a number block the next free one (W-070)."""
    if values["number_block_start"]:
        return {}
    block = companies.free_block(context)
    spec = fields["number_block_start"]
    fields["number_block_start"] = replace(spec, help=f"F4 takes the next free block, {block}. {spec.help}")
    taken = {"number_block_start": str(block.start), "number_block_size": str(block.size)}
    return dict.fromkeys(taken, taken)


def asks_company(form: FormKind, draft: Draft) -> bool:
    """Whether the form has to ask whose the new row is."""
    return form.of_company and draft.row is None and not draft.company_id


def judge(context: Context, form: FormKind, draft: Draft, typed: Mapping[str, str]) -> Verdict:
    """What the rules say of what was typed; nothing is written."""
    found, rest, findings = find_company(context, form, draft, typed)
    return Verdict(found, (*findings, *form.check(context, found, rest)))


def store(
    context: Context, form: FormKind, draft: Draft, first: Mapping[str, str], typed: Mapping[str, str]
) -> Change | Plan:
    """Save what was typed; of a row that is there only what differs from what stood in the fields at ``first``.

    Raises ``Refused`` and what the service raises.
    """
    return form.save(context, *_wanted(context, form, draft, first, typed))


def delay(
    context: Context, form: FormKind, draft: Draft, first: Mapping[str, str], typed: Mapping[str, str], after: str
) -> Change:
    """As ``store``, but ``after`` a span or at a time of day; what would be refused now is raised now."""
    from cxtui.services import delayed_saves

    whole, rest = _wanted(context, form, draft, first, typed)
    return delayed_saves.delay(context, whole.wish(form.kind, rest), after)


def go_on(
    context: Context, form: FormKind, draft: Draft, typed: Mapping[str, str], saved: Change
) -> tuple[Draft, Prepared]:
    """What a form goes on with: the row as it is stored now, or the next new one with all that is not a row's own."""
    row: Any = saved.rows[0]
    if draft.row is not None:
        following = draft.with_(row=row, typed=None, share=False, confirmed="")
    else:
        kept = {name: value for name, value in typed.items() if name not in OWN}
        if form.kind == "sip_users":
            kept["username"] = sip_users.next_username(context, row.company_id)
        following = Draft(draft.company_id, typed=kept, subject=draft.subject)
    return following, prepare(context, form, following)


def _wanted(
    context: Context, form: FormKind, draft: Draft, first: Mapping[str, str], typed: Mapping[str, str]
) -> tuple[Draft, dict[str, str]]:
    whole, rest, findings = find_company(context, form, draft, typed)
    if errors(findings):
        raise Refused(findings)
    if draft.row is not None:
        rest = {name: value for name, value in rest.items() if value != first.get(name)}
    return whole, rest


def find_company(
    context: Context, form: FormKind, draft: Draft, typed: Mapping[str, str]
) -> tuple[Draft, dict[str, str], tuple[Finding, ...]]:
    """The draft with the id of the company that was typed, the other fields, and what is wrong with the name."""
    rest = {name: value for name, value in typed.items() if name != "company"}
    if not asks_company(form, draft):
        return draft, rest, ()
    name = typed.get("company", "").strip()
    company = companies.meant_by(context, name) if name else None
    if company is None:
        words = f"there is no company {name}, or several" if name else "whose is it? Type the company's name"
        return draft, rest, (error("company", words),)
    taken = () if company.name == name else (warning("company", f"taken as {company.name}"),)
    return draft.with_(company_id=company.id), rest, taken
