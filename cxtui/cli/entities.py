"""list, show, add, set, delete: the same five verbs for companies, IP entries, SIP users and SIP profiles."""

from __future__ import annotations

from functools import partial

from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services.grids import show as shown
from cxtui.services.labels import several

from . import listing, passwords, shapes
from .call import Call
from .grammar import FIELD, Parser, UsageError, field_options, typed
from .nouns import Noun
from .tables import table


def furnish(noun: Noun, parser: Parser) -> None:
    """Give a noun's parser its verbs."""
    add = parser.verbs()
    one = f"{noun.metavar} [options]"
    add("list", partial(_list, noun), help=f"the {noun.plural}, each with its state", usage="[options]")
    add("show", partial(_show, noun), help="everything about one", usage=one)
    add("add", partial(_add, noun), help="add to the " + noun.plural, usage=_add_usage(noun))
    add("set", partial(_set, noun), help="change the given fields of one, and no others", usage=one)
    add(
        "delete", partial(_delete, noun), help="delete for good (undo brings it back)", usage=f"{noun.metavar}… [--yes]"
    )
    if noun.entity is SipUser:
        add("password", passwords.sip, help="give a SIP user a new password", usage="USER [--stdin]")
        add("range", _range, help="add many at once: the plan, or all of it", usage="COMPANY SPAN [options] [--apply]")
        words = "log in at the edges as the user would, and show what was said; exit code 1 if one does not accept it"
        add("probe", _probe, help=words, usage="USER [--edge NAME] [--password-stdin]")
        words = "show what is said when the user logs in next; exit code 1 if it is refused, or nothing comes"
        add("watch", _watch, help=words, usage="USER [--seconds N]")
        words = "why calls do not reach a user that can register, and the fix; exit code 1 for an error left as it is"
        add("doctor", _doctor, help=words, usage="USER [--fix] [--wait N]")
    if noun.entity is IpAuth:
        add("password", passwords.ip, help="the password we log in to their switch with", usage="ENTRY < file")


def _range(parser: Parser) -> None:
    from . import bulk

    bulk.range_options(parser)


def _doctor(parser: Parser) -> None:
    from . import doctor

    doctor.options(parser)


def _probe(parser: Parser) -> None:
    from . import ladder

    ladder.probe_options(parser)


def _watch(parser: Parser) -> None:
    from . import ladder

    ladder.watch_options(parser)


def reason_option(parser: Parser) -> None:
    """Why, for the audit."""
    parser.add_argument("--reason", metavar="TEXT", help="why, for the audit: a ticket, a name")


def which_options(parser: Parser, noun: Noun, *, many: bool = False) -> None:
    """How an existing row is named."""
    how = {"ip": "an address, network or host name, or an id", "sip": "a username, or id:N"}.get(
        noun.word, "a name, or an id"
    )
    parser.add_argument("which", metavar=noun.metavar, nargs="+" if many else None, help=how)
    if noun.owned:
        parser.add_argument("--company", metavar="NAME", help="the one of this company")


def _add_usage(noun: Noun) -> str:
    if noun.entity is IpAuth:
        return "COMPANY ADDRESS… [options]"
    return "COMPANY [USERNAME] [options]" if noun.entity is SipUser else "NAME [options]"


def _list(noun: Noun, parser: Parser) -> None:
    listing.options(parser, owned=noun.owned)
    parser.set_defaults(act=lambda call: listing.write(call, noun.entity, noun.plural))


def _show(noun: Noun, parser: Parser) -> None:
    which_options(parser, noun)
    parser.set_defaults(act=partial(_shown, noun))


def _add(noun: Noun, parser: Parser) -> None:
    if noun.owned:
        parser.add_argument("owner", metavar="COMPANY", help="whose it is: a name or an id")
    if noun.entity is IpAuth:
        parser.add_argument(
            "names", metavar="ADDRESS", nargs="+", help="addresses, networks, host names; one entry each"
        )
    elif noun.entity is SipUser:
        words = "without one the next free extension of the company's number block"
        parser.add_argument("name", metavar="USERNAME", nargs="?", help=words)
    else:
        parser.add_argument("name", metavar="NAME", help="what it is called")
    _fields(noun, parser, adding=True)
    parser.set_defaults(act=partial(_added, noun))


def _set(noun: Noun, parser: Parser) -> None:
    which_options(parser, noun)
    _fields(noun, parser, adding=False)
    parser.set_defaults(act=partial(_saved, noun))


def _delete(noun: Noun, parser: Parser) -> None:
    which_options(parser, noun, many=True)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    reason_option(parser)
    parser.set_defaults(act=partial(_deleted, noun))


def _fields(noun: Noun, parser: Parser, *, adding: bool) -> None:
    if noun.entity is IpAuth:
        ways = ("egress", "ingress", "both") if adding else ("egress", "ingress")
        words = "egress: they send calls to us; ingress: they receive calls from us"
        more = "; both: one entry for each way" if adding else ""
        parser.add_argument("--direction", dest=FIELD + "direction", choices=ways, help=words + more)
        parser.add_argument("--share", action="store_true", help="set CLI Authentication on all that share the address")
    reason_option(parser)
    without = {"direction"} if noun.entity is IpAuth else set()
    field_options(parser, noun.entity, without=without | ({noun.key} if adding else set()))


def _shown(noun: Noun, call: Call) -> int:
    row = noun.pick(call, call.given("which"))
    item = shown(call.context, shapes.GRID_OF[noun.entity], [row])[0]
    if call.output.as_json:
        call.output.record(shapes.record(item))
    else:
        call.output.lines(shapes.sheet(item))
    return 0


def _added(noun: Noun, call: Call) -> int:
    change = noun.add(call, typed(call.arguments))
    code = call.changed(change)
    if not call.output.as_json:
        items = shown(call.context, shapes.GRID_OF[noun.entity], change.rows)
        call.output.lines(table(shapes.columns(noun.entity), map(shapes.cells, items), call.output.room))
    return code


def _saved(noun: Noun, call: Call) -> int:
    fields = typed(call.arguments)
    if not fields and not call.given("share"):
        raise UsageError("name a field to set, such as --channels 30", f"All of them: cxtui {noun.word} set --help")
    return call.changed(noun.save(call, noun.pick(call, call.given("which")), fields))


def _deleted(noun: Noun, call: Call) -> int:
    rows = list({row.id: row for row in (noun.pick(call, text) for text in call.given("which"))}.values())
    if not call.confirm(f"Delete {several(rows)}"):
        return 1
    return call.changed(noun.delete(call.context, rows, reason=call.reason))
