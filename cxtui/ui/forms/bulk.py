"""Forms over many rows at once: a range of new users, the same fields of all marked rows. They end in a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cxtui.models.fields import BASIC, Choice, Entity, FieldSpec, Kind, form_specs
from cxtui.models.findings import Finding, errors
from cxtui.models.sip_user import SipUser
from cxtui.rules.values import read
from cxtui.services.bulk.bulk_edit import plan_edit
from cxtui.services.bulk.plan import KINDS, Plan
from cxtui.services.bulk.user_ranges import SPAN, plan_range, usernames
from cxtui.services.context import Context
from cxtui.services.outcome import Refused
from cxtui.ui.forms.kinds import Draft, FormKind
from cxtui.ui.forms.prepare import KEEP

_SPAN = FieldSpec(
    "Usernames",
    Kind.TEXT,
    name=SPAN,
    default="",
    tab=BASIC,
    required=True,
    help="A range, or several: 1000-1199, 1300. Leading zeros are kept.",
)
_OF_RANGE = ("profile_id", "channels", "flow_speed", "protocol", "nat_ping", "retain_did", "enabled")
_OF_MANY: dict[str, tuple[str, ...]] = {
    "sip_users": _OF_RANGE,
    "ip_auth": (
        "channels",
        "flow_speed",
        "enabled",
        "cli_authentication",
        "protocol",
        "port",
        "force_nat",
        "disable_nat",
        "intercept_reinvite",
        "manufacturer",
        "switch_version",
    ),
}
_YES_NO = (KEEP, Choice("yes", "yes"), Choice("no", "no"))


def new_range() -> FormKind:
    """The form of a range of new SIP users (W-092)."""
    known = form_specs(SipUser)
    fields = {SPAN: _SPAN, **{name: replace(known[name], tab=BASIC) for name in _OF_RANGE}}
    return FormKind("sip_range", "range of SIP users", fields, _check_range, _plan_range, of_company=True)


def edit_many(kind: str, rows: Sequence[Any]) -> FormKind:
    """The form of the fields that all ``rows`` can get at once; what is left as it is stays as it is (W-091)."""
    known = form_specs(KINDS[kind])
    fields = {name: _optional(known[name]) for name in _OF_MANY[kind]}
    noun = f"values of {len(rows)} {'IP entries' if kind == 'ip_auth' else 'SIP users'}"
    return FormKind(
        f"{kind}_many", noun, fields, partial(_check_many, KINDS[kind]), partial(_plan_many, kind, rows), keeps=True
    )


def _optional(spec: FieldSpec) -> FieldSpec:
    spec = replace(spec, tab=BASIC, default="", required=False, advice="")
    if spec.kind is Kind.BOOLEAN:
        return replace(spec, kind=Kind.CHOICE, choices=_YES_NO)
    if spec.kind is Kind.CHOICE:
        return replace(spec, choices=(KEEP, *spec.choices))
    return replace(spec, help=f"{spec.help} Empty = as they are.".strip())


def _check_range(context: Context, draft: Draft, typed: Mapping[str, str]) -> Sequence[Finding]:
    _, findings = usernames(typed.get(SPAN, ""))
    return [*findings, *read(SipUser, _rest(typed)).findings]


def _plan_range(context: Context, draft: Draft, typed: Mapping[str, str]) -> Plan:
    return _usable(plan_range(context, draft.company_id, typed.get(SPAN, ""), _rest(typed)))


def _check_many(entity: type[Entity], context: Context, draft: Draft, typed: Mapping[str, str]) -> Sequence[Finding]:
    return read(entity, _given(typed)).findings


def _plan_many(kind: str, rows: Sequence[Any], context: Context, draft: Draft, typed: Mapping[str, str]) -> Plan:
    return _usable(plan_edit(context, kind, rows, _given(typed)))


def _usable(plan: Plan) -> Plan:
    """A plan that there is something to look at in. Raises ``Refused`` with what is wrong with the fields."""
    if errors(plan.faults) and not plan.rows:
        raise Refused(plan.faults)
    return plan


def _rest(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in typed.items() if name != SPAN}


def _given(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in typed.items() if value.strip()}
