"""Rewrite rules from the shell: listed, added, changed, deleted, put in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from cxtui.models.fields import Entity
from cxtui.models.rewrite import MODES, PARAMETERS, RewriteRule
from cxtui.services import rewrites
from cxtui.services.labels import several
from cxtui.services.outcome import Change, NeedsConfirmation, refuse
from cxtui.services.rewrites import Rewriting
from cxtui.services.subjects import Subject

from . import subjects
from .call import Call
from .entities import reason_option
from .grammar import FIELD, Parser, UsageError, typed, whole_number
from .output import finding_record
from .tables import Column, table


def furnish(parser: Parser) -> None:
    """Give ``rewrite`` its verbs."""
    from . import rewrite_numbers

    add = parser.verbs()
    add("list", _list, help="the rules in the order in which they run", usage="SUBJECT")
    add("add", _add, help="add a rule behind the others", usage="SUBJECT CURRENT [NEW] [options]")
    add("set", _set, help="change the given fields of a rule, and no others", usage="SUBJECT PLACE [options]")
    add("delete", _delete, help="delete rules (undo brings them back)", usage="SUBJECT PLACE… [--yes]")
    add("move", _move, help="let a rule run earlier or later", usage="SUBJECT PLACE TO")
    rewrite_numbers.furnish(add)


def type_option(parser: Parser, name: str = "type", default: str | None = PARAMETERS[0].value) -> None:
    """Which number of a call is meant."""
    words = "; ".join(f"{choice.value}: {choice.help.rstrip('.')}" for choice in PARAMETERS)
    names = [choice.value for choice in PARAMETERS]
    parser.add_argument("--type", dest=name, choices=names, default=default, help=words)


def subject_of(call: Call) -> Subject:
    """Whose rules are meant. Raises ``Refused``."""
    return subjects.subject_of(subjects.row_of(call))


def loaded(call: Call) -> Rewriting:
    """The rules and tests that are meant. Raises ``Refused``."""
    return rewrites.load(call.context, subject_of(call))


def owner_of(row: Any) -> Subject:
    """Whose a rule or test is."""
    return Subject(row.owner, row.owner_id)


def answer(call: Call, subject: Subject, verb: Callable[..., Change]) -> int:
    """Carry out a change of rules or tests and answer with it; rules are shown as they are then."""
    change = verb(reason=call.reason)
    found = rewrites.load(call.context, subject)
    if call.output.as_json:
        rows = [_record(found.rules, row) for row in change.rows]
        warnings = [finding_record(finding) for finding in change.warnings]
        call.output.record({"change": change.id, "done": change.sentence, "rows": rows, "warnings": warnings})
        return 0
    call.output.warn(change.warnings)
    call.output.line(f"{found.about.title} of {found.about.company}: {change.sentence}")
    if any(isinstance(row, RewriteRule) for row in change.rows):
        _show(call, found.rules)
    return 0


def _answer_unless_broken(call: Call, subject: Subject, verb: Callable[..., Change]) -> int:
    """As ``answer``; a change that breaks a test wants to be confirmed."""
    confirmed = call.given("confirm")
    try:
        return answer(call, subject, partial(verb, confirmed=confirmed))
    except NeedsConfirmation as needed:
        if confirmed or not call.interactive:
            raise
        call.output.note(str(needed))
        if call.ask("All the same? [y/N] ").lower() in ("y", "yes"):
            return answer(call, subject, partial(verb, confirmed=needed.word))
        call.output.note("Nothing was changed.")
        return 1


def _list(parser: Parser) -> None:
    subjects.options(parser)
    parser.set_defaults(act=_listed)


def _listed(call: Call) -> int:
    found = loaded(call)
    if call.output.as_json:
        call.output.records(_record(found.rules, rule) for rule in found.rules)
        return 0
    _show(call, found.rules)
    for finding in rewrites.lint(found.rules, [tried.test for tried in found.tests]):
        call.output.note(f"warning: {finding.text}")
    if not found.rules:
        call.output.note(f"{found.about.title} has no rules: numbers stay as they come in.")
    return 0


def _add(parser: Parser) -> None:
    subjects.options(parser)
    parser.add_argument(FIELD + "current", metavar="CURRENT", help="what is replaced: a prefix, or a regex in quotes")
    words = "what stands there instead, in quotes where $1 is the first group; without it what matches is removed"
    parser.add_argument(FIELD + "new", metavar="NEW", nargs="?", default="", help=words)
    _rule_options(parser)
    parser.set_defaults(act=_added)


def _added(call: Call) -> int:
    subject = subject_of(call)
    return _answer_unless_broken(call, subject, partial(rewrites.add, call.context, subject, typed(call.arguments)))


def _set(parser: Parser) -> None:
    subjects.options(parser)
    _place_option(parser)
    parser.add_argument("--current", dest=FIELD + "current", metavar="TEXT", help="what is replaced")
    words = 'what stands there instead; "" removes what matches'
    parser.add_argument("--new", dest=FIELD + "new", metavar="TEXT", help=words)
    _rule_options(parser)
    parser.set_defaults(act=_saved)


def _saved(call: Call) -> int:
    fields = typed(call.arguments)
    if not fields:
        raise UsageError("name a field to set, such as --new 44", "All of them: cxtui rewrite set --help")
    rule = _at(loaded(call), call.given("place"))
    return _answer_unless_broken(call, owner_of(rule), partial(rewrites.save, call.context, rule, fields))


def _delete(parser: Parser) -> None:
    subjects.options(parser)
    _place_option(parser, many=True)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    _writing_options(parser)
    parser.set_defaults(act=_deleted)


def _deleted(call: Call) -> int:
    found = loaded(call)
    rows = [_at(found, place) for place in dict.fromkeys(call.given("place"))]
    if not call.confirm(f"Delete {several(rows)} of {found.about.title}"):
        return 1
    return _answer_unless_broken(call, owner_of(rows[0]), partial(rewrites.delete, call.context, rows))


def _move(parser: Parser) -> None:
    subjects.options(parser)
    _place_option(parser)
    parser.add_argument("to", metavar="TO", type=whole_number, help="the place it has then")
    _writing_options(parser)
    parser.set_defaults(act=_moved)


def _moved(call: Call) -> int:
    found = loaded(call)
    place, to = call.given("place"), call.given("to")
    rule, _ = _at(found, place), _at(found, to)
    return _answer_unless_broken(call, owner_of(rule), partial(rewrites.move, call.context, rule, to - place))


def _place_option(parser: Parser, *, many: bool = False) -> None:
    words = "the place of a rule as the list shows it"
    parser.add_argument("place", metavar="PLACE", type=whole_number, nargs="+" if many else None, help=words)


def _rule_options(parser: Parser) -> None:
    type_option(parser, FIELD + "parameter", default=None)
    words = "; ".join(f"{choice.value}: {choice.help.rstrip('.')}" for choice in MODES)
    words += "; a new rule whose Current is digits and + alone is usually a prefix"
    parser.add_argument("--mode", dest=FIELD + "mode", choices=[choice.value for choice in MODES], help=words)
    for option, value, words in (
        ("--stop", "yes", "no later rule of this type runs once it has matched"),
        ("--no-stop", "no", "later rules run all the same"),
    ):
        parser.add_argument(option, dest=FIELD + "stop", action="store_const", const=value, help=words)
    _writing_options(parser)


def _writing_options(parser: Parser) -> None:
    words = f"{rewrites.BROKEN}: even where a saved test fails then"
    parser.add_argument("--confirm", metavar="WORD", default="", help=words)
    reason_option(parser)


def _at(found: Rewriting, place: int) -> RewriteRule:
    if place > len(found.rules):
        raise refuse("place", f"{found.about.title} has no rule {place} but {len(found.rules) or 'none'}")
    return found.rules[place - 1]


def _show(call: Call, rules: Sequence[RewriteRule]) -> None:
    columns = [Column("Place", right=True), *map(Column, ("Type", "Mode", "Current", "New", "Stop"))]
    rows = (
        [str(place), rule.parameter, rule.mode, rule.current, rule.new, "stop" if rule.stop else ""]
        for place, rule in enumerate(rules, start=1)
    )
    call.output.lines(table(columns, rows, call.output.room))


def _record(rules: Sequence[RewriteRule], row: Entity) -> dict[str, Any]:
    known: Any = row
    if not isinstance(row, RewriteRule):
        return {"id": row.id, "type": known.parameter, "number": known.number, "expected": known.expected}
    return {
        "id": row.id,
        "version": row.version,
        "place": next((place for place, rule in enumerate(rules, start=1) if rule.id == row.id), None),
        "type": row.parameter,
        "mode": row.mode,
        "current": row.current,
        "new": row.new,
        "stop": row.stop,
    }
