"""Numbers and rewrite rules from the shell: tested, kept as tests, forgotten, and made into rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from cxtui.models.findings import error
from cxtui.models.rewrite import Parameter
from cxtui.rules.rewrite import Step, StepKind, bare_number
from cxtui.services import rewrite_tests
from cxtui.services.outcome import Refused
from cxtui.services.rewrites import Rewriting
from cxtui.services.trying import Run, Trial, run

from . import subjects
from .call import Call
from .entities import reason_option
from .grammar import Parser, UsageError
from .rewrites import answer, loaded, owner_of, subject_of, type_option
from .tables import Column, table


def furnish(add: Callable[..., Parser]) -> None:
    """Give ``rewrite`` its verbs about numbers."""
    words = "what becomes of numbers, or of the saved tests, step by step; exit code 1 if a saved test fails"
    add("test", _test, help=words, usage="SUBJECT [NUMBER…] [--type TYPE]")
    words = "keep numbers as tests, with what has to come out, or what comes out now"
    add("keep", _keep, help=words, usage="SUBJECT NUMBER[=EXPECTED]… [--type TYPE]")
    add("forget", _forget, help="delete saved tests", usage="SUBJECT NUMBER… [--type TYPE]")
    words = "rules that do all of the examples; exit code 1 if there is none"
    add("suggest", _suggest, help=words, usage="GOT=WANT… [--type TYPE]")


def _test(parser: Parser) -> None:
    subjects.options(parser)
    parser.add_argument("numbers", metavar="NUMBER", nargs="*", help="numbers as they come in")
    type_option(parser, default=None)
    parser.set_defaults(act=_tested)


def _tested(call: Call) -> int:
    found = loaded(call)
    runs = run([rewrite_tests.plain(rule) for rule in found.rules], _trials(call, found))
    failed = sum(1 for each in runs if each.failed)
    if call.output.as_json:
        call.output.records(map(_record, runs))
        return 1 if failed else 0
    for each in runs:
        call.output.lines(_told(each))
    if not runs:
        call.output.note(f"{found.about.title} has no saved tests; cxtui rewrite keep adds some.")
    if failed:
        call.output.note(f"{failed} of {sum(1 for each in runs if each.trial.test_id)} saved tests fail")
    return 1 if failed else 0


def _trials(call: Call, found: Rewriting) -> list[Trial]:
    """The numbers that were given, those that are saved tests as such; without any, the saved tests of the type."""
    kind = call.given("type")
    tests = [
        Trial(Parameter(tried.test.parameter), tried.test.number, tried.test.expected, tried.test.id)
        for tried in found.tests
        if kind in (None, tried.test.parameter)
    ]
    if not call.given("numbers"):
        return tests
    wanted = Parameter(kind or Parameter.DESTINATION)
    saved = {test.number: test for test in tests if test.parameter == wanted}
    numbers = map(bare_number, call.given("numbers"))
    return [saved.get(number) or Trial(wanted, number) for number in numbers]


def _told(each: Run) -> Iterator[str]:
    ok, word = each.verdict
    verdict = f"E.164, {word}" if ok else f"not E.164: {word}"
    yield f"{each.trial.number or 'nothing'} becomes {each.outcome.result or 'nothing'}  ({verdict})"
    if each.failed:
        yield f"  the test fails: it has to become {each.trial.expected or 'nothing'}"
    yield from (f"  rule {step.rule + 1}  {_did(step)}" for step in each.outcome.steps)


def _did(step: Step) -> str:
    match step.kind:
        case StepKind.NO_MATCH:
            return "no match"
        case StepKind.FAULT:
            return step.reason
    end = ", stop" if step.kind is StepKind.STOPPED else ""
    return f"{step.before or 'nothing'} becomes {step.after or 'nothing'}{end}"


def _record(each: Run) -> dict[str, Any]:
    return {
        "type": each.trial.parameter,
        "number": each.trial.number,
        "result": each.outcome.result,
        "e164": each.verdict.ok,
        "verdict": each.verdict.word,
        "expected": each.trial.expected,
        "passed": None if each.trial.expected is None else not each.failed,
        "steps": [
            {"place": step.rule + 1, "what": step.kind, "before": step.before, "after": step.after, "why": step.reason}
            for step in each.outcome.steps
        ],
    }


def _keep(parser: Parser) -> None:
    subjects.options(parser)
    words = "a number as it comes in; behind = what has to come out"
    parser.add_argument("numbers", metavar="NUMBER[=EXPECTED]", nargs="+", help=words)
    type_option(parser)
    reason_option(parser)
    parser.set_defaults(act=_kept)


def _kept(call: Call) -> int:
    subject, kind = subject_of(call), Parameter(call.given("type"))
    pairs = [text.partition("=") for text in call.given("numbers")]
    numbers = {number: expected if sign else None for number, sign, expected in pairs}
    return answer(call, subject, partial(rewrite_tests.keep_tests, call.context, subject, kind, numbers))


def _forget(parser: Parser) -> None:
    subjects.options(parser)
    parser.add_argument("numbers", metavar="NUMBER", nargs="+", help="numbers that are saved tests")
    type_option(parser)
    reason_option(parser)
    parser.set_defaults(act=_forgotten)


def _forgotten(call: Call) -> int:
    found = loaded(call)
    there = {tried.test.number: tried.test for tried in found.tests if tried.test.parameter == call.given("type")}
    wanted = dict.fromkeys(map(bare_number, call.given("numbers")))
    missing = [number for number in wanted if number not in there]
    if missing:
        raise Refused([error("number", f"{number} is no saved test of {found.about.title}") for number in missing])
    rows = [there[number] for number in wanted]
    return answer(call, owner_of(rows[0]), partial(rewrite_tests.forget_tests, call.context, rows))


def _suggest(parser: Parser) -> None:
    words = "what came in, =, and what it should be; two equal ones mean that it stays"
    parser.add_argument("pairs", metavar="GOT=WANT", nargs="+", help=words)
    type_option(parser)
    parser.set_defaults(act=_suggested)


def _suggested(call: Call) -> int:
    from cxtui.rules.rewrite_examples import suggest
    from cxtui.rules.rewrite_families import Pair

    pairs = [text.partition("=") for text in call.given("pairs")]
    for got, sign, _ in pairs:
        if not sign or not bare_number(got):
            raise UsageError(f"{got or 'an empty number'}: write what came in, = and what it should be")
    kind = Parameter(call.given("type"))
    found = suggest([Pair(bare_number(got), bare_number(want)) for got, _, want in pairs], kind)
    offered = [(each.rule.mode, each.rule.current, each.rule.new, each.why) for each in found.rules]
    heads = ("mode", "current", "new", "why")
    if call.output.as_json:
        together = [{"mode": rule.mode, "current": rule.current, "new": rule.new} for rule in found.together]
        rules = [dict(zip(heads, each, strict=True)) for each in offered]
        call.output.record({"rules": rules, "reason": found.reason, "together": together})
    elif offered:
        call.output.lines(table([Column(head.title(), least=12) for head in heads], offered, call.output.room))
    else:
        call.output.note(found.reason)
    return 0 if offered else 1
