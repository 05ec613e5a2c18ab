"""The conflicts overview from the shell: everything stored, judged by the rules of the forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .call import Call
from .grammar import Parser
from .meter import Meter

if TYPE_CHECKING:
    from cxtui.services.lint import Problem

_NOBODYS = "No company"
_INDENT = "    "
_CODE = 12
_NARROWEST = 24


def options(parser: Parser) -> None:
    """The options of ``lint``."""
    parser.add_argument("--company", metavar="NAME", help="only this company's")
    parser.add_argument("--errors", action="store_true", help="only errors, no warnings")
    parser.set_defaults(act=_linted)


def _linted(call: Call) -> int:
    from .nouns import owner

    company = owner(call)
    counted: Counter[str] = Counter()
    with Meter() as meter:
        found = _counting(_found(call, company.id if company else None, meter), counted)
        if call.output.as_json:
            call.output.records(_record(problem) for problem in found)
        else:
            for line in _lines(found, call.output.room):
                meter.clear()
                call.output.line(line)
    if not call.output.as_json:
        call.output.note(_summary(counted, only_errors=call.given("errors")))
    return 1 if counted else 0


def _found(call: Call, company_id: int | None, meter: Meter) -> Iterator[Problem]:
    from cxtui.services.lint import lint

    problems = lint(call.context, company_id, meter)
    if call.given("errors"):
        return (problem for problem in problems if problem.severity == "error")
    return problems


def _counting(problems: Iterator[Problem], counted: Counter[str]) -> Iterator[Problem]:
    for problem in problems:
        counted[problem.severity.value] += 1
        yield problem


def _lines(problems: Iterator[Problem], room: int | None) -> Iterator[str]:
    """A heading for each company, then a line for each problem; on a terminal what is said of it stands below."""
    company: str | None = None
    for problem in problems:
        if problem.company != company:
            if company is not None:
                yield ""
            company = problem.company
            yield company or _NOBODYS
        head = f"  {problem.severity.value:8}{problem.code:{_CODE}}  {problem.label}"
        if room is None:
            yield f"{head}: {problem.text}"
        else:
            yield head
            yield from _wrapped(problem.text, room)


def _wrapped(text: str, room: int) -> list[str]:
    from textwrap import wrap

    return wrap(text, max(room, _NARROWEST), initial_indent=_INDENT, subsequent_indent=_INDENT)


def _summary(counted: Counter[str], *, only_errors: bool) -> str:
    if not counted:
        return "No errors." if only_errors else "Nothing is wrong."
    return ", ".join(f"{count:,} {word}{'s' if count > 1 else ''}" for word, count in sorted(counted.items())) + "."


def _record(problem: Problem) -> dict[str, Any]:
    """A problem for a program; ``table`` and ``row`` name what it is about, as in the audit."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "table": problem.entity,
        "row": problem.entity_id,
        "company": problem.company or None,
        "label": problem.label,
        "text": problem.text,
        "field": problem.field,
        "fix": problem.fix,
    }
