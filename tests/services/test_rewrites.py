"""Rewrite rules of a subject: stored all or nothing, in order, true at the edge, and never past their tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxtui.models.company import Company
from cxtui.models.ip_auth import IpAuth
from cxtui.models.rewrite import Mode, Parameter, RewriteRule, RewriteTest
from cxtui.rules.dialplan import EdgeForm, edge_form, run_edge_form
from cxtui.rules.rewrite import apply_rules, default_mode
from cxtui.rules.roles import Role
from cxtui.services import companies, ip_auth, rewrite_tests, rewrites, sip_users, undo
from cxtui.services.context import Context
from cxtui.services.outcome import Change, Conflict, Denied, Gone, Refused, ServiceError
from cxtui.services.rewrites import BROKEN, BreaksTests
from cxtui.services.subjects import Subject
from cxtui.store.database import Database
from tests.services.stock import only, only_row
from tests.support import Clock, audit, execute, generation, operator, query, said

DESTINATION, CLI = Parameter.DESTINATION, Parameter.CLI
NUMBERS = ("00441782550100", "01782550100", "+441782550100", "1001", "#1#44", "0")


@pytest.fixture
def entry(bob: Context, acme: Company) -> IpAuth:
    """An IP entry without rules, made by bob."""
    made: IpAuth = only(ip_auth.add(bob, acme.id, {"address": "203.0.113.10"}))
    return made


@pytest.fixture
def subject(entry: IpAuth) -> Subject:
    """The entry as whose rules are looked at."""
    return Subject("ip_auth", entry.id)


def add(context: Context, subject: Subject, current: str, new: str = "", **more: str) -> RewriteRule:
    """A rule, added whatever it breaks."""
    added: RewriteRule = only(
        rewrites.add(context, subject, {"current": current, "new": new, **more}, confirmed=BROKEN)
    )
    return added


def keep(context: Context, subject: Subject, kind: Parameter = DESTINATION, **numbers: str | None) -> list[RewriteTest]:
    """Tests of numbers that are written with an n in front: keywords do not begin with a digit."""
    kept = rewrite_tests.keep_tests(context, subject, kind, {name[1:]: want for name, want in numbers.items()})
    return [*kept.rows]  # type: ignore[list-item]


def rules(context: Context, subject: Subject) -> list[RewriteRule]:
    return [*rewrites.load(context, subject).rules]


def currents(context: Context, subject: Subject) -> list[str]:
    return [one.current for one in rules(context, subject)]


def result(context: Context, subject: Subject, number: str, kind: Parameter = DESTINATION) -> str:
    return apply_rules([rewrite_tests.plain(one) for one in rules(context, subject)], kind, number).result


def written(database: Database) -> list[list[tuple[Any, ...]]]:
    """All rules and tests, without what every change moves."""
    fields = "owner, owner_id, position, parameter, mode, current, new, stop, match_exp, subst_exp, repl_exp"
    return [
        query(database, f"SELECT id, {fields} FROM rewrite_rule ORDER BY id"),
        query(database, "SELECT id, owner, owner_id, parameter, number, expected FROM rewrite_test ORDER BY id"),
    ]


def is_true_at_the_edge(one: RewriteRule) -> None:
    """The stored row of the edge is the rule's own, and does what the rule does."""
    form = EdgeForm(one.match_exp, one.subst_exp, one.repl_exp)
    plain = rewrite_tests.plain(one)
    assert form == edge_form(plain)
    for number in NUMBERS:
        got = run_edge_form(form, number)
        assert (number if got is None else got) == apply_rules([plain], plain.parameter, number).result


def nothing_is_written(context: Context, error: type[Exception], words: str, verb: Callable[[], Change]) -> Any:
    """The verb is refused in words, and the database is as it was."""
    before = written(context.database), generation(context.database), len(audit(context.database))
    with pytest.raises(error, match=words) as raised:
        verb()
    assert (written(context.database), generation(context.database), len(audit(context.database))) == before
    return raised.value


# What is stored


def test_a_rule_is_added_behind_the_others_saved_and_deleted(context: Context, subject: Subject) -> None:
    """S-062…S-064, S-066, S-068"""
    first, second = add(context, subject, "00"), add(context, subject, "0", "44")
    assert rules(context, subject) == [first, second]
    assert [one.position for one in (first, second)] == [1, 2]
    saved = rewrites.save(context, second, {"current": "01", "stop": "yes"})
    assert saved.sentence == "Saved rewrite rule 01 → 44."
    assert (only(saved).current, only(saved).new, only(saved).stop) == ("01", "44", True)
    assert rewrites.delete(context, [first, only(saved)]).sentence == "Deleted 2 rewrite rules."
    assert rules(context, subject) == []


@pytest.mark.parametrize(
    ("typed", "mode"),
    [
        ({"current": "00"}, "prefix"),
        ({"current": "+44"}, "prefix"),
        ({"current": "+"}, "prefix"),
        ({"current": "^0"}, "regex"),
        ({"current": "0*"}, "regex"),
        ({"current": "0*", "mode": "prefix"}, "prefix"),
        ({"current": "00", "mode": "regex"}, "regex"),
        ({"current": "00", "mode": ""}, "prefix"),
    ],
)
def test_digits_and_plus_alone_are_a_prefix_unless_the_mode_is_given(
    context: Context, subject: Subject, typed: dict[str, str], mode: str
) -> None:
    """C-09"""
    assert only(rewrites.add(context, subject, typed)).mode == mode


def test_a_saved_rule_keeps_its_mode_whatever_its_current_becomes(context: Context, subject: Subject) -> None:
    """C-09"""
    one = add(context, subject, "00")
    assert only(rewrites.save(context, one, {"current": "0*"})).mode == "prefix"


@pytest.mark.parametrize("new", ["44$1", r"44\1", "44${1}"])
def test_a_replacement_is_stored_in_one_form(context: Context, subject: Subject, new: str) -> None:
    """C-14"""
    one = add(context, subject, "^0([1-9]+)$", new)
    assert one.new == r"44\1"
    assert only(rewrites.save(context, add(context, subject, "^(0)"), {"new": new})).new == r"44\1"


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"current": ""}, "current", "required"),
        ({"new": "44"}, "current", "required"),
        ({"current": "(a+)+$", "new": ""}, "current", "too slow"),
        ({"current": "^(0", "new": ""}, "current", "never closed"),
        ({"current": "^0", "new": "$1"}, "new", "no group"),
        ({"current": "00", "new": "$1"}, "new", "choose regex"),
        ({"current": "00", "new": "\x1b[2J"}, "new", "control character"),
        ({"current": "00\x00"}, "current", "control character"),
        ({"current": "00", "new": "a@b"}, "new", "cannot stand"),
        ({"current": "1" * 256}, "current", "at most 255"),
        ({"current": "00", "mode": "glob"}, "mode", "choose one of"),
        ({"current": "00", "parameter": "caller"}, "parameter", "choose one of"),
        ({"current": "00", "position": "1"}, "position", "no field"),
        ({"current": "00", "match_exp": "x"}, "match_exp", "no field"),
    ],
)
def test_what_a_rule_may_not_be_is_refused_beside_its_field(
    context: Context, subject: Subject, typed: dict[str, str], field: str, words: str
) -> None:
    """W-041, C-09, C-14"""
    one = add(context, subject, "7")
    refused = nothing_is_written(context, Refused, words, lambda: rewrites.add(context, subject, typed))
    assert words in said(refused.findings, field)
    if "current" in typed:
        mode = default_mode(typed["current"]).value
        nothing_is_written(context, Refused, words, lambda: rewrites.save(context, one, {"mode": mode, **typed}))


def test_rules_run_one_after_the_other_until_one_stops(context: Context, subject: Subject) -> None:
    """C-10, S-061, W-042"""
    add(context, subject, "+")
    add(context, subject, "00", stop="yes")
    add(context, subject, "0", "44")
    add(context, subject, "^(44)", "$1", parameter="cli")
    assert result(context, subject, "+01782") == "441782"
    assert result(context, subject, "0001782") == "01782"
    assert result(context, subject, "0001782", CLI) == "0001782"


# The edge's form


@pytest.mark.parametrize(
    ("current", "new"),
    [("00", ""), ("0", "44"), ("+", "00"), (r"\+", "44"), ("^(.*)", "1234$1"), ("^", "#1#"), ("^0([1-9]+)$", r"44\1")],
)
def test_what_is_stored_for_the_edge_does_what_the_rule_does(
    context: Context, subject: Subject, current: str, new: str
) -> None:
    """S-070, W-042, W-046"""
    is_true_at_the_edge(add(context, subject, current, new))
    for typed in ({"new": "5"}, {"current": "^9(9)?$"}, {"current": "(44)", "new": "$1$1"}, {"stop": "yes"}):
        mode = {"mode": "regex"} if "^" in typed.get("current", "(") else {}
        is_true_at_the_edge(only(rewrites.save(context, rules(context, subject)[0], {**typed, **mode})))


def test_the_edge_form_is_true_again_after_an_undo(context: Context, subject: Subject) -> None:
    one = add(context, subject, "44", "1")
    before = written(context.database)
    rewrites.save(context, one, {"mode": "regex", "current": "^(44)", "new": "$1$1"})
    undo.undo(context)
    assert written(context.database) == before
    is_true_at_the_edge(rules(context, subject)[0])


def test_an_undo_beside_the_change_of_another_field_leaves_a_form_that_is_true(
    context: Context, bob: Context, subject: Subject
) -> None:
    """What the edge reads follows from both operators' fields, and neither of them wrote it."""
    one = add(bob, subject, "44", "1")
    mine = rewrites.save(context, one, {"mode": "regex"})
    rewrites.save(bob, only(mine), {"new": "2"})
    undo.undo(context, mine.id)
    (left,) = rules(context, subject)
    assert (left.mode, left.current, left.new) == ("prefix", "44", "2")
    is_true_at_the_edge(left)


def test_an_undo_that_would_leave_a_rule_that_no_edge_takes_is_refused(
    context: Context, bob: Context, subject: Subject
) -> None:
    one = add(bob, subject, "44", "1")
    mine = rewrites.save(context, one, {"mode": "regex", "current": "(44)"})
    rewrites.save(bob, only(mine), {"new": "$1"})
    nothing_is_written(context, ServiceError, "a prefix has no groups", lambda: undo.undo(context, mine.id))


# Tests


def test_numbers_are_kept_with_what_comes_out_or_what_has_to(context: Context, subject: Subject) -> None:
    """S-067"""
    add(context, subject, "00")
    kept = rewrite_tests.keep_tests(context, subject, DESTINATION, {"0044 1782/550-100": None, "(01782)": "441782"})
    assert kept.sentence == "Kept 2 test numbers."
    found = rewrites.load(context, subject).tests
    assert [(one.test.number, one.test.expected, one.passed) for one in found] == [
        ("00441782550100", "441782550100", True),
        ("01782", "441782", False),
    ]
    assert found[1].sentence == "01782 becomes 01782, not 441782"
    rewrite_tests.forget_tests(context, [found[0].test])
    assert [one.test.number for one in rewrites.load(context, subject).tests] == ["01782"]
    nothing_is_written(
        context, Gone, "deleted in the meantime", lambda: rewrite_tests.forget_tests(context, [found[0].test])
    )


def test_a_number_is_kept_once_for_each_type(context: Context, subject: Subject) -> None:
    keep(context, subject, n0044=None)
    twice = {"00 44": None, "0044": "1", "0044 1": None, "(0044) 1": "2"}
    assert [one.number for one in rewrite_tests.keep_tests(context, subject, DESTINATION, twice).rows] == ["00441"]  # type: ignore[attr-defined]
    assert len(keep(context, subject, CLI, n0044=None)) == 1
    for numbers in ({"0044": None}, {"": None}, {" - ": "1"}, {}):
        verb = partial(rewrite_tests.keep_tests, context, subject, DESTINATION, numbers)
        nothing_is_written(context, Refused, "nothing to keep", verb)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"1" * 127: None}, "longer than any number"),
        ({"1": "1" * 127}, "longer than any number"),
        ({"é" * 64: None}, "longer than any number"),
        ({"é1": None}, "half a character"),
        ({f"{number:05}": None for number in range(1001)}, "at most 1000"),
    ],
)
def test_what_cannot_be_a_test_is_refused_in_words(
    context: Context, subject: Subject, numbers: dict[str, str | None], words: str
) -> None:
    add(context, subject, "^[^0-9]")
    nothing_is_written(
        context, Refused, words, lambda: rewrite_tests.keep_tests(context, subject, DESTINATION, numbers)
    )


BREAKING: dict[str, Callable[[Context, list[RewriteRule], str], Change]] = {
    "0044 becomes 44044, not 44": lambda c, made, word: rewrites.delete(c, made[:1], confirmed=word),
    "0044 becomes 4, not 44": lambda c, made, word: rewrites.save(c, made[0], {"current": "004"}, confirmed=word),
    "0044 becomes 44044, not 44.": lambda c, made, word: rewrites.move(c, made[0], 1, confirmed=word),
    "7 becomes 8, not 7": lambda c, made, word: rewrites.add(
        c, Subject(made[0].owner, made[0].owner_id), {"current": "7", "new": "8"}, confirmed=word
    ),
    "01782 becomes 5, not 441782, and 1 more": lambda c, made, word: rewrites.save(
        c, made[1], {"mode": "regex", "current": "^0.*|7", "new": "5"}, confirmed=word
    ),
}


@pytest.mark.parametrize("words", BREAKING)
def test_a_change_that_breaks_a_test_is_written_only_when_it_is_confirmed(
    context: Context, subject: Subject, words: str
) -> None:
    """S-067"""
    made = [add(context, subject, "00"), add(context, subject, "0", "44")]
    keep(context, subject, n0044=None, n01782=None, n7="7")
    before = written(context.database)
    for word in ("", "yes"):
        verb = partial(BREAKING[words], context, made, word)
        refused = nothing_is_written(context, BreaksTests, "This breaks a test: ", verb)
        assert str(refused) == f"This breaks a test: {words.removesuffix('.')}."
        assert (refused.word, refused.typed) == (BROKEN, False)
    BREAKING[words](context, made, BROKEN)
    assert written(context.database) != before


def test_a_test_that_failed_before_does_not_stand_in_the_way(context: Context, subject: Subject) -> None:
    """S-067"""
    keep(context, subject, n0044="44", n7="7")
    one = only(rewrites.add(context, subject, {"current": "0", "new": "1"}))
    one = only(rewrites.save(context, one, {"current": "00", "new": ""}))
    assert [tried.passed for tried in rewrites.load(context, subject).tests] == [True, True]
    nothing_is_written(context, BreaksTests, "0044", lambda: rewrites.delete(context, [one]))


def test_a_rule_of_another_type_breaks_no_test(context: Context, subject: Subject) -> None:
    keep(context, subject, CLI, n0044="0044")
    assert only(rewrites.add(context, subject, {"current": "00"})).parameter == "destination"
    nothing_is_written(
        context,
        BreaksTests,
        "0044",
        lambda: rewrites.add(context, subject, {"current": "00", "parameter": "cli"}),
    )


def test_examples_become_tests_in_the_same_change(context: Context, subject: Subject) -> None:
    """C-15, S-065"""
    typed = {"current": "0", "new": "44"}
    change = rewrites.add(context, subject, typed, examples={"01782 550": "44 1782550", "01783": "441783", "7": "7"})
    assert len(change.rows) == 1
    found = rewrites.load(context, subject).tests
    assert [(one.test.number, one.test.expected, one.passed) for one in found] == [
        ("01782550", "441782550", True),
        ("01783", "441783", True),
        ("7", "7", True),
    ]
    assert {one.change_id for one in audit(context.database)[-4:]} == {change.id}
    undo.undo(context)
    assert written(context.database) == [[], []]


def test_a_refused_rule_keeps_no_example(context: Context, subject: Subject) -> None:
    nothing_is_written(
        context, Refused, "never closed", lambda: rewrites.add(context, subject, {"current": "("}, examples={"0": "1"})
    )
    nothing_is_written(
        context, Refused, "longer", lambda: rewrites.add(context, subject, {"current": "0"}, examples={"0": "1" * 200})
    )


def test_an_example_that_the_other_rules_spoil_is_said_before_it_is_kept(context: Context, subject: Subject) -> None:
    """The rule does its examples alone, and yet not behind the others."""
    add(context, subject, "0", "1")
    typed = {"current": "0", "new": "44"}
    refused = nothing_is_written(
        context,
        BreaksTests,
        "With the other rules an example does not come out: 01782 becomes 11782, not 441782.",
        lambda: rewrites.add(context, subject, typed, examples={"01782": "441782"}),
    )
    rewrites.add(context, subject, typed, examples={"01782": "441782"}, confirmed=refused.word)
    assert [one.passed for one in rewrites.load(context, subject).tests] == [False]


# The order


def test_a_rule_is_moved_and_its_effect_with_it(context: Context, subject: Subject) -> None:
    """C-10"""
    add(context, subject, "00")
    add(context, subject, "0", "44")
    last = add(context, subject, "+")
    assert result(context, subject, "+01782") == "01782"
    assert rewrites.move(context, last, -1).sentence == "Moved rewrite rule + → nothing to place 2."
    assert currents(context, subject) == ["00", "+", "0"]
    assert result(context, subject, "+01782") == "441782"
    rewrites.move(context, rules(context, subject)[1], -9)
    assert currents(context, subject) == ["+", "00", "0"]


def test_at_the_end_of_the_list_nothing_moves_and_nothing_is_counted(context: Context, subject: Subject) -> None:
    first, last = add(context, subject, "00"), add(context, subject, "0")
    counted = generation(context.database)
    for one, places, word in ((first, -1, "first"), (last, 1, "last"), (first, 0, "first")):
        told = rewrites.move(context, one, places)
        assert told.sentence == f"Nothing was moved: rewrite rule {one.current} → nothing is the {word} one."
        assert rules(context, subject) == [first, last]
    assert generation(context.database) == counted


def test_a_move_touches_the_rules_between_and_no_others(context: Context, bob: Context, subject: Subject) -> None:
    """A gap that a deleted rule left is no reason to write rules that stay where they are."""
    made = [add(bob, subject, current) for current in "12345"]
    rewrites.delete(bob, [made[1]])
    added = rewrites.add(context, subject, {"current": "6"})
    rewrites.move(bob, made[0], 1)
    assert currents(context, subject) == ["3", "1", "4", "5", "6"]
    undo.undo(context, added.id)
    assert currents(context, subject) == ["3", "1", "4", "5"]


def test_rules_that_another_program_gave_one_position_are_told_apart_by_a_move(
    context: Context, subject: Subject
) -> None:
    made = [add(context, subject, current) for current in "123"]
    execute(context.database, "UPDATE rewrite_rule SET position = 7")
    assert currents(context, subject) == ["1", "2", "3"]
    rewrites.move(context, made[0], 1)
    assert [(one.current, one.position) for one in rules(context, subject)] == [("2", 1), ("1", 2), ("3", 3)]


def test_rules_that_come_back_stand_before_those_that_took_their_places(
    context: Context, bob: Context, subject: Subject
) -> None:
    made = [add(context, subject, current) for current in "123"]
    deleted = rewrites.delete(context, made[1:])
    add(bob, subject, "8")
    add(bob, subject, "9")
    undo.undo(context, deleted.id)
    order = currents(context, subject)
    assert sorted(order) == ["1", "2", "3", "8", "9"]
    assert order.index("2") < order.index("8")
    assert order.index("2") < order.index("3") < order.index("9")
    assert [one.position for one in rules(context, subject)] == [1, 2, 3, 4, 5]


# Two operators


def test_two_operators_on_one_rule_are_merged_or_told(context: Context, bob: Context, subject: Subject) -> None:
    one = add(context, subject, "00", "1")
    rewrites.save(bob, one, {"stop": "yes"})
    merged = only(rewrites.save(context, one, {"new": "2"}))
    assert (merged.new, merged.stop) == ("2", True)
    rewrites.save(bob, merged, {"new": "3"})
    clash = nothing_is_written(
        context, Conflict, "bob changed new", lambda: rewrites.save(context, merged, {"new": "4", "stop": "no"})
    )
    assert clash.fields == ("new",)


def test_what_two_operators_make_together_has_to_be_a_rule(context: Context, bob: Context, subject: Subject) -> None:
    """A form sends every field, those of bob as alice saw them."""
    one = add(context, subject, "^(0)", "44")
    rewrites.save(bob, one, {"new": r"44\1"})
    typed = {"parameter": "destination", "mode": "regex", "current": "^0", "new": "44", "stop": "no"}
    nothing_is_written(context, Refused, "no group", lambda: rewrites.save(context, one, typed))
    nothing_is_written(context, Refused, "no groups", lambda: rewrites.save(context, one, {"mode": "prefix"}))


def test_what_two_operators_make_together_must_not_break_a_test(
    context: Context, bob: Context, subject: Subject
) -> None:
    one = add(context, subject, "00", "")
    keep(bob, subject, n0044="44", n11="11")
    rewrites.save(bob, one, {"current": "11"}, confirmed=BROKEN)
    rewrite_tests.forget_tests(bob, [tried.test for tried in rewrites.load(bob, subject).tests])
    keep(bob, subject, n1155=None)
    nothing_is_written(
        context, BreaksTests, "1155 becomes 655, not 55", lambda: rewrites.save(context, one, {"new": "6"})
    )


def test_a_rule_that_somebody_deleted_is_gone(context: Context, bob: Context, subject: Subject) -> None:
    one, other = add(context, subject, "00"), add(context, subject, "0")
    rewrites.delete(bob, [one])
    verbs: tuple[Callable[[], Change], ...] = (
        lambda: rewrites.save(context, one, {"new": "1"}),
        lambda: rewrites.move(context, one, 1),
        lambda: rewrites.delete(context, [other, one]),
    )
    for verb in verbs:
        nothing_is_written(context, Gone, "rewrite rule 00 → nothing was deleted in the meantime", verb)


def test_a_rule_that_somebody_changed_is_not_deleted_unseen(context: Context, bob: Context, subject: Subject) -> None:
    one = add(context, subject, "00")
    rewrites.save(bob, one, {"new": "44"})
    nothing_is_written(context, Gone, "was changed in the meantime", lambda: rewrites.delete(context, [one]))


def test_nothing_is_added_to_a_subject_that_is_gone(context: Context, bob: Context, subject: Subject) -> None:
    ip_auth.delete(bob, [only_row(bob, IpAuth, subject.owner_id)])
    verbs: tuple[Callable[[], Change], ...] = (
        lambda: rewrites.add(context, subject, {"current": "0"}),
        lambda: rewrite_tests.keep_tests(context, subject, DESTINATION, {"1": None}),
    )
    for verb in verbs:
        nothing_is_written(context, Gone, "deleted in the meantime", verb)
    with pytest.raises(Gone):
        rewrites.load(context, subject)


def test_subjects_do_not_see_each_others_rules_and_tests(context: Context, acme: Company, subject: Subject) -> None:
    """An IP entry and a SIP user of the same id are two subjects as well."""
    other = Subject("ip_auth", only(ip_auth.add(context, acme.id, {"address": "203.0.113.11"})).id)
    user = Subject("sip_user", only(sip_users.add(context, acme.id, {"username": "1001"})).id)
    assert user.owner_id == subject.owner_id
    for place, whose in enumerate((subject, other, user)):
        add(context, whose, f"0{place}")
        rewrite_tests.keep_tests(context, whose, DESTINATION, {f"{place}": None})
    for place, whose in enumerate((subject, other, user)):
        found = rewrites.load(context, whose)
        assert [one.current for one in found.rules] == [f"0{place}"]
        assert [one.position for one in found.rules] == [1]
        assert [one.test.number for one in found.tests] == [f"{place}"]
    rewrites.move(context, rules(context, subject)[0], 5)
    rewrites.delete(context, rules(context, other))
    assert currents(context, user) == ["02"]


# What becomes of them with their subject


@pytest.mark.parametrize("owner", ["ip_auth", "sip_user"])
def test_rules_and_tests_go_with_their_subject_and_one_undo_brings_all_of_it_back(
    context: Context, acme: Company, owner: str
) -> None:
    if owner == "ip_auth":
        row = only(ip_auth.add(context, acme.id, {"address": "203.0.113.20"}))
    else:
        row = only(sip_users.add(context, acme.id, {"username": "1020"}))
    subject = Subject(owner, row.id)
    rewrites.add(context, subject, {"current": "0", "new": "44"}, examples={"01782": "441782"})
    add(context, subject, "00")
    before = written(context.database)
    deleted: Any = (ip_auth if owner == "ip_auth" else sip_users).delete(context, [row])
    assert written(context.database) == [[], []]
    assert {one.change_id for one in audit(context.database) if one.action == "DELETE"} == {deleted.id}
    undo.undo(context)
    assert written(context.database) == before
    assert [one.passed for one in rewrites.load(context, subject).tests] == [True]


def test_the_making_of_an_entry_that_has_rules_or_tests_is_not_taken_back(context: Context, acme: Company) -> None:
    made = ip_auth.add(context, acme.id, {"address": "203.0.113.20"})
    subject = Subject("ip_auth", only(made).id)
    rewrites.add(context, subject, {"current": "0"})
    words = "has rewrite rules or test numbers now; it cannot be taken away"
    nothing_is_written(context, ServiceError, words, lambda: undo.undo(context, made.id))
    undo.undo(context)
    keep(context, subject, n1=None)
    nothing_is_written(context, ServiceError, words, lambda: undo.undo(context, made.id))


def test_what_belongs_to_an_entry_that_is_gone_does_not_come_back_alone(
    context: Context, entry: IpAuth, subject: Subject
) -> None:
    one = add(context, subject, "00")
    keep(context, subject, n0044=None)
    forgotten = rewrite_tests.forget_tests(context, [rewrites.load(context, subject).tests[0].test])
    deleted = rewrites.delete(context, [one])
    gone = ip_auth.delete(context, [entry])
    for change in (forgotten, deleted):
        verb = partial(undo.undo, context, change.id)
        nothing_is_written(context, ServiceError, "belongs to was deleted since", verb)
    undo.undo(context, gone.id)
    undo.undo(context, deleted.id)
    assert rules(context, subject)[0].current == "00"


def test_a_test_that_was_kept_again_since_does_not_come_back_twice(context: Context, subject: Subject) -> None:
    (one,) = keep(context, subject, n0044="1")
    forgotten = rewrite_tests.forget_tests(context, [one])
    keep(context, subject, n0044="2")
    nothing_is_written(context, ServiceError, "kept again since", lambda: undo.undo(context, forgotten.id))


def test_each_verb_is_taken_back_by_one_undo(context: Context, bob: Context, subject: Subject) -> None:
    """S-126"""
    made = [add(bob, subject, current, "4") for current in ("00", "0", "+")]
    keep(bob, subject, n0044=None, n7=None)
    tests = [tried.test for tried in rewrites.load(bob, subject).tests]
    before = written(context.database)
    verbs: tuple[Callable[[], Change], ...] = (
        lambda: rewrites.add(context, subject, {"current": "9"}, examples={"98": "8"}),
        lambda: rewrites.save(
            context, only_row(context, RewriteRule, made[0].id), {"mode": "regex", "new": ""}, confirmed=BROKEN
        ),
        lambda: rewrites.delete(context, [only_row(context, RewriteRule, one.id) for one in made], confirmed=BROKEN),
        lambda: rewrites.move(context, made[2], -2, confirmed=BROKEN),
        lambda: rewrite_tests.keep_tests(context, subject, CLI, {"1": None, "2": "3"}),
        lambda: rewrite_tests.forget_tests(context, [only_row(context, RewriteTest, one.id) for one in tests]),
    )
    for verb in verbs:
        verb()
        assert written(context.database) != before
        assert undo.undo(context).sentence.startswith("Undone: ")
        assert written(context.database) == before


# Who may, and what is told of it


def test_who_may_only_look_writes_nothing(context: Context, bob: Context, subject: Subject) -> None:
    """W-028"""
    one = add(bob, subject, "00")
    (test,) = keep(bob, subject, n0044=None)
    viewer = replace(context, actor=replace(context.actor, role=Role.VIEWER))
    verbs: tuple[Callable[[], Change], ...] = (
        lambda: rewrites.add(viewer, subject, {"current": "0"}),
        lambda: rewrites.save(viewer, one, {"new": "1"}),
        lambda: rewrites.delete(viewer, [one]),
        lambda: rewrites.move(viewer, one, 1),
        lambda: rewrite_tests.keep_tests(viewer, subject, DESTINATION, {"1": None}),
        lambda: rewrite_tests.forget_tests(viewer, [test]),
    )
    for verb in verbs:
        nothing_is_written(context, Denied, "Access Denied", verb)
    assert len(rewrites.load(viewer, subject).rules) == 1
    assert rewrites.check(viewer, subject, {"current": "00"}).row.mode == Mode.PREFIX
    add(replace(context, actor=replace(context.actor, role=Role.OPERATOR)), subject, "1")


def test_the_audit_names_rules_and_tests_and_holds_no_control_character(context: Context, subject: Subject) -> None:
    """W-027"""
    mark = len(audit(context.database))
    rewrites.add(context, subject, {"current": "^0", "new": "44"}, reason="ticket\x1b[2J 7")
    hostile = "0\x1b]52;c;eA==\x07\u202e[/b]"
    rewrite_tests.keep_tests(context, subject, DESTINATION, {hostile: None}, reason="x")
    rewrites.move(context, add(context, subject, "[b]"), -1)
    rewrites.delete(context, rules(context, subject)[:1])
    told = audit(context.database)[mark:]
    assert [one.label for one in told[:2]] == ["rewrite rule ^0 → 44", "test number 0␛]52;c;eA==␇�[b]"]
    assert {one.entity for one in told} == {"rewrite_rule", "rewrite_test"}
    assert all(text.isprintable() for one in told for text in (one.label, one.reason))
    assert {one.operator for one in told} == {"alice"}


# Before it is saved


def test_a_typed_rule_is_judged_without_writing(context: Context, subject: Subject) -> None:
    """S-067: what refuses it, which tests it breaks, what is doubtful."""
    one = add(context, subject, "00")
    keep(context, subject, n0044=None)
    before = written(context.database)
    broken = rewrites.check(context, subject, {"current": "004"}, one)
    assert "breaks a test: 0044 becomes 4, not 44" in said(broken.findings, "current")
    assert not any(finding.severity == "error" for finding in broken.findings)
    refused = rewrites.check(context, subject, {"current": "(", "mode": "regex"}, one)
    assert [finding.field for finding in refused.findings] == ["current"]
    doubtful = rewrites.check(context, subject, {"current": "001", "new": "1"})
    assert "never runs" in said(doubtful.findings, "current")
    assert written(context.database) == before


def test_remarks_name_their_rule_once(context: Context, subject: Subject) -> None:
    add(context, subject, "00")
    add(context, subject, "0044", "44")
    add(context, subject, "^0", "1", mode="prefix")
    texts = [finding.text for finding in rewrites.lint(rules(context, subject), [])]
    assert any(text.startswith("rule 2 never runs") for text in texts)
    assert any(text.startswith("rule 3: ^0 looks like a regular expression") for text in texts)


@pytest.mark.parametrize(
    "typed", [{"current": ""}, {"current": "\x00"}, {"new": "$"}, {"mode": "x"}, {"nonsense": "1"}]
)
def test_what_could_not_run_is_no_draft(typed: dict[str, str]) -> None:
    assert rewrites.read_draft({"current": "0", "new": "", **typed}, None) is None


def test_a_draft_stands_in_the_place_of_the_rule_it_changes(context: Context, subject: Subject) -> None:
    made = [add(context, subject, current) for current in "12"]
    changed = rewrites.read_draft({"current": "9", "new": "$1"}, made[0])
    added = rewrites.read_draft({"current": "9"}, None)
    assert changed is not None
    assert added is not None
    assert changed.new == r"\1"
    assert [one.current for one in rewrites.drafted(made, changed)] == ["9", "2"]
    assert [one.current for one in rewrites.drafted(made, added)] == ["1", "2", "9"]


def test_what_was_not_changed_is_not_run_again(context: Context, bob: Context, acme: Company, subject: Subject) -> None:
    """A list that is read again after each commit must not run all its tests each time."""
    add(context, subject, "00")
    keep(context, subject, n0044=None)
    known = rewrites.load(context, subject)
    companies.save(bob, acme, {"notes": "x"})
    assert rewrites.load(context, subject, known) is known
    for verb in (
        lambda: add(bob, subject, "1"),
        lambda: keep(bob, subject, n8=None),
        lambda: companies.save(bob, only_row(bob, Company, acme.id), {"name": "Acme"}),
    ):
        verb()
        again = rewrites.load(context, subject, known)
        assert again is not known
        known = again


# Any sequence


class Desk:
    """Two operators at the rules of one entry."""

    def __init__(self, database: Database) -> None:
        clock = Clock()
        self.operators = [operator(database, name, clock) for name in ("alice", "bob")]
        setup = operator(database, "setup", clock)
        company = companies.find_by_name(setup, "Acme Telecom")
        assert company is not None
        self.subject = Subject("ip_auth", only(ip_auth.add(setup, company.id, {"address": "203.0.113.10"})).id)
        self.changes: list[str] = []
        for current in ("00", "0", "+"):
            add(setup, self.subject, current)

    def act(self, who: Context, deed: str, place: int, current: str, new: str) -> None:
        """Do something; what is refused changes nothing and is passed over."""
        found = rewrites.load(who, self.subject)
        verbs: dict[str, Callable[[], Change]] = {
            "add": lambda: rewrites.add(who, self.subject, {"current": current, "new": new}, confirmed=BROKEN),
            "save": lambda: rewrites.save(who, found.rules[place], {"mode": "regex", "new": new}, confirmed=BROKEN),
            "change": lambda: rewrites.save(who, found.rules[place], {"current": current}, confirmed=BROKEN),
            "delete": lambda: rewrites.delete(who, found.rules[place : place + 2], confirmed=BROKEN),
            "delete the last": lambda: rewrites.delete(who, found.rules[-1:], confirmed=BROKEN),
            "move": lambda: rewrites.move(who, found.rules[place], place - 2, confirmed=BROKEN),
            "keep": lambda: rewrite_tests.keep_tests(who, self.subject, DESTINATION, {current: None}),
            "forget": lambda: rewrite_tests.forget_tests(who, [tried.test for tried in found.tests[:1]]),
            "undo": lambda: undo.undo(who),
            "undo another": lambda: undo.undo(who, self.changes[-place - 1]),
        }
        with suppress(ServiceError, IndexError):
            self.changes.append(verbs[deed]().id)

    def is_whole(self) -> None:
        """Each rule has a place of its own and is true at the edge; each number is a test once."""
        found = rewrites.load(self.operators[0], self.subject)
        positions = [one.position for one in found.rules]
        assert positions == sorted({*positions})
        for one in found.rules:
            assert EdgeForm(one.match_exp, one.subst_exp, one.repl_exp) == edge_form(rewrite_tests.plain(one))
        assert len({(one.test.parameter, one.test.number) for one in found.tests}) == len(found.tests)


STEPS = st.tuples(
    st.integers(0, 1),
    st.sampled_from(
        ["add", "save", "change", "delete", "delete the last", "move", "keep", "forget", "undo", "undo another"]
    ),
    st.integers(0, 3),
    st.sampled_from(["00", "0", "+", "^(0+)", r"\+(4)", "44", "(4)(4)?"]),
    st.sampled_from(["", "44", "$1", "#", r"\0"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
@given(steps=st.lists(STEPS, min_size=20, max_size=40))
def test_rules_stay_in_order_and_true_after_any_sequence_of_changes(
    template: Path, tmp_path: Path, steps: list[tuple[int, str, int, str, str]]
) -> None:
    """C-10"""
    database = Database(Path(shutil.copy(template, tmp_path / f"{uuid4().hex}.db")))
    desk = Desk(database)
    for who, deed, place, current, new in steps:
        desk.act(desk.operators[who], deed, place, current, new)
        desk.is_whole()
    database.close()
