"""Codecs from the shell: which there are, which of them an entry or user may use, and restricting them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cxtui.models.fields import Choice
from cxtui.models.findings import error
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.codecs import CodecError, canonical, none_left, split
from cxtui.services import ip_auth, sip_users
from cxtui.services.codecs import FIELD, known_codecs
from cxtui.services.labels import label
from cxtui.services.outcome import Change, Refused

from . import subjects
from .call import Call
from .entities import reason_option
from .grammar import Parser, UsageError
from .tables import Column, table


def furnish(parser: Parser) -> None:
    """Give ``codec`` its verbs."""
    add = parser.verbs()
    add("list", _list, help="the codecs there are, or what an entry or user may use of them", usage="[SUBJECT]")
    add("restrict", _restrict, help="take codecs out of the calls of an entry or user", usage="SUBJECT NAME…")
    add("enable", _enable, help="let restricted codecs through again", usage="SUBJECT NAME… | SUBJECT --all")


def _list(parser: Parser) -> None:
    subjects.options(parser, optional=True)
    parser.set_defaults(act=_listed)


def _listed(call: Call) -> int:
    row = subjects.row_of(call) if call.given("subject") is not None else None
    stored = split(row.restricted_codecs) if row is not None else ()
    restricted = {name.lower() for name in stored}
    there = _known(call, stored)
    if call.output.as_json:
        call.output.records(_record(codec, row, codec.value.lower() in restricted) for codec in there)
        return 0
    states = ["restricted" if codec.value.lower() in restricted else "enabled" for codec in there]
    columns = [Column("Codec"), *([Column("State")] if row is not None else []), Column("What it is")]
    rows = (
        [codec.value, *([state] if row is not None else []), codec.help]
        for codec, state in zip(there, states, strict=True)
    )
    call.output.lines(table(columns, rows, call.output.room))
    nothing = none_left(FIELD, ",".join(stored), there)
    if nothing is not None:
        call.output.note(nothing.text)
    elif row is not None and not stored:
        call.output.note(f"All codecs of {label(row)} are enabled.")
    return 0


def _record(codec: Choice, row: IpAuth | SipUser | None, restricted: bool) -> dict[str, Any]:
    named: dict[str, Any] = {"codec": codec.value, "note": codec.help}
    return named if row is None else {**named, "restricted": restricted}


def _restrict(parser: Parser) -> None:
    subjects.options(parser)
    parser.add_argument(
        "names", metavar="NAME", nargs="+", help="codecs as the list names them; commas may stand between"
    )
    reason_option(parser)
    parser.set_defaults(act=_restricted)


def _restricted(call: Call) -> int:
    row = subjects.row_of(call)
    wanted = _named(call, _known(call))
    return call.changed(_save(call, row, [*split(row.restricted_codecs), *wanted]))


def _enable(parser: Parser) -> None:
    subjects.options(parser)
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="codecs as the list names them; commas may stand between"
    )
    parser.add_argument("--all", action="store_true", help="every codec")
    reason_option(parser)
    parser.set_defaults(act=_enabled)


def _enabled(call: Call) -> int:
    if bool(call.given("names")) is bool(call.given("all")):
        raise UsageError("name the codecs to enable, or all of them with --all")
    row = subjects.row_of(call)
    stored = split(row.restricted_codecs)
    if call.given("all"):
        return call.changed(_save(call, row, ()))
    enabled = {name.lower() for name in _named(call, _known(call, stored))}
    return call.changed(_save(call, row, [name for name in stored if name.lower() not in enabled]))


def _known(call: Call, stored: Sequence[str] = ()) -> list[Choice]:
    """The codecs of the settings, and behind them what else is restricted."""
    known = [*known_codecs(call.context)[FIELD]]
    names = {codec.value.lower() for codec in known}
    return known + [
        Choice(name, name, "not among the codecs of this installation") for name in stored if name.lower() not in names
    ]


def _named(call: Call, known: Sequence[Choice]) -> tuple[str, ...]:
    """The codecs that were given, as they are spelled here. Raises ``Refused``."""
    try:
        return split(canonical(",".join(call.given("names")), known))
    except CodecError as refused:
        raise Refused([error("codec", problem, code="C-08") for problem in refused.problems]) from None


def _save(call: Call, row: IpAuth | SipUser, names: Sequence[str]) -> Change:
    typed = {FIELD: ",".join(names)}
    if isinstance(row, IpAuth):
        return ip_auth.save(call.context, row, typed, reason=call.reason)
    return sip_users.save(call.context, row, typed, reason=call.reason)
