"""Rewrite rules from the shell: whose they are, what is done with them, and what becomes of numbers."""

from __future__ import annotations

import pytest

from cxtui.models.audit import AuditEntry
from cxtui.services import lookup, rewrites
from cxtui.services.subjects import Subject
from cxtui.store.rows import all_where

HERE = "203.0.113.77"


@pytest.fixture
def entry(shell):
    """A shell in whose database Acme Telecom has an IP entry and the SIP user 1001."""
    shell.ok("ip", "add", "Acme Telecom", HERE)
    shell.ok("sip", "add", "Acme Telecom", "1001")
    return shell


@pytest.fixture
def ruled(entry):
    """The same with two rules, of which the second one puts the country code in front."""
    entry.ok("rewrite", "add", HERE, "00")
    entry.ok("rewrite", "add", HERE, "0", "44")
    return entry


def currents(shell, subject=HERE):
    return [rule["current"] for rule in shell.json("rewrite", "list", subject)]


def on_a_terminal(monkeypatch, answer):
    """Somebody is there to ask, and answers."""
    monkeypatch.setattr("cxtui.cli.call.Call.interactive", True)
    monkeypatch.setattr("cxtui.cli.call.Call.ask", lambda self, question: answer)


# Rules


def test_rules_go_round_from_add_to_delete(entry):
    """S-062…S-064, S-066, S-068, C-09, C-14"""
    added = entry.json("rewrite", "add", HERE, "^0([1-9]+)$", "44$1", "--stop", "--reason", "ticket 7")
    assert added["done"] == r"Added rewrite rule ^0([1-9]+)$ → 44\1."
    (row,) = added["rows"]
    assert row == {
        "id": 1,
        "version": 1,
        "place": 1,
        "type": "destination",
        "mode": "regex",
        "current": "^0([1-9]+)$",
        "new": r"44\1",
        "stop": True,
    }
    assert entry.json("rewrite", "list", HERE) == [row]
    (saved,) = entry.json("rewrite", "set", HERE, "1", "--new", "", "--no-stop", "--type", "cli")["rows"]
    assert saved == row | {"version": 2, "new": "", "stop": False, "type": "cli"}
    assert entry.json("rewrite", "delete", HERE, "1", "--yes")["done"].startswith("Deleted rewrite rule ")
    assert entry.json("rewrite", "list", HERE) == []


def test_a_change_is_told_with_whose_it_is_and_the_rules_as_they_are_then(ruled):
    """C-10"""
    answer = ruled.ok("rewrite", "move", HERE, "2", "1")
    assert answer.out.splitlines() == [
        f"IP entry {HERE} (they send) of Acme Telecom: Moved rewrite rule 0 → 44 to place 1.",
        "Place  Type         Mode    Current  New  Stop",
        "    1  destination  prefix  0        44",
        "    2  destination  prefix  00",
    ]
    assert "Nothing was moved" in ruled.ok("rewrite", "move", HERE, "2", "2").out
    assert "warning: rule 2 never runs for numbers that rule 1 changed" in ruled.ok("rewrite", "list", HERE).err
    ruled.ok("undo")
    assert currents(ruled) == ["00", "0"]


def test_a_list_without_rules_says_so(entry):
    answer = entry.ok("rewrite", "list", "1001")
    assert answer.err == "SIP user 1001 has no rules: numbers stay as they come in.\n"


def test_what_a_rule_may_not_be_is_refused_beside_its_field(ruled):
    """W-041, C-09, C-14"""
    for words, field in (
        (("add", HERE, ""), "current"),
        (("add", HERE, "(a+)+$"), "current"),
        (("add", HERE, "^0", "$1"), "new"),
        (("set", HERE, "1", "--current", "("), "current"),
    ):
        mode = ("--mode", "regex") if "set" in words else ()
        refused = ruled("rewrite", *words, *mode)
        assert refused.code == 1
        assert refused.err.startswith(f"{field}: ")
        assert ruled("rewrite", *words, *mode, "--json").json["findings"][0]["field"] == field
    assert currents(ruled) == ["00", "0"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("set", HERE, "1"), 2),
        (("set", HERE, "0", "--new", "1"), 2),
        (("set", HERE, "x", "--new", "1"), 2),
        (("set", HERE, "1", "--mode", "glob"), 2),
        (("add", HERE, "0", "--type", "caller"), 2),
        (("add", HERE), 2),
        (("move", HERE, "1"), 2),
        (("delete", HERE, "1"), 2),
        (("set", HERE, "3", "--new", "1"), 1),
        (("move", HERE, "1", "3"), 1),
        (("delete", HERE, "1", "3", "--yes"), 1),
        (("delete", "1001", "1", "--yes"), 1),
    ],
)
def test_what_is_not_in_the_grammar_or_not_there_changes_nothing(ruled, words, code):
    answer = ruled("rewrite", *words)
    assert answer.code == code
    assert answer.err
    assert currents(ruled) == ["00", "0"]
    if code == 1:
        assert "has no rule" in answer.err


def test_several_rules_are_deleted_together_and_one_undo_brings_them_back(ruled):
    assert ruled.json("rewrite", "delete", HERE, "1", "2", "1", "--yes")["done"] == "Deleted 2 rewrite rules."
    ruled.ok("undo")
    assert currents(ruled) == ["00", "0"]


def test_a_change_that_breaks_a_test_wants_to_be_confirmed(ruled):
    """S-067"""
    ruled.ok("rewrite", "keep", HERE, "0044")
    for words in (
        ("move", HERE, "1", "2"),
        ("set", HERE, "1", "--current", "004"),
        ("delete", HERE, "1", "--yes"),
        ("add", HERE, "44", "1"),
    ):
        refused = ruled("rewrite", *words)
        assert refused.code == 1
        assert "This breaks a test: 0044 becomes " in refused.err
        assert "--confirm broken-tests" in refused.err
        assert ruled("rewrite", *words, "--confirm", "yes").code == 1
        assert ruled("rewrite", *words, "--json").json["confirm"] == "broken-tests"
        ruled.ok("rewrite", *words, "--confirm", "broken-tests")
        ruled.ok("undo")
    assert currents(ruled) == ["00", "0"]


def test_on_a_terminal_it_is_asked_for(ruled, monkeypatch):
    """S-067"""
    ruled.ok("rewrite", "keep", HERE, "0044")
    on_a_terminal(monkeypatch, "n")
    answer = ruled("rewrite", "move", HERE, "1", "2")
    assert (answer.code, "Nothing was changed." in answer.err) == (1, True)
    assert ruled("rewrite", "delete", HERE, "1").code == 1
    on_a_terminal(monkeypatch, "y")
    ruled.ok("rewrite", "move", HERE, "1", "2")
    assert currents(ruled) == ["0", "00"]


def test_the_reason_and_the_program_are_in_the_audit(entry, context):
    entry.ok("rewrite", "add", HERE, "0", "--reason", "ticket 4711")
    entry.ok("rewrite", "keep", HERE, "01", "--reason", "ticket 4712")
    with context.database.reading() as link:
        told = all_where(link, AuditEntry, "entity LIKE 'rewrite%' ORDER BY id")
    assert [(one.label, one.reason, one.program) for one in told] == [
        ("rewrite rule 0 → nothing", "ticket 4711", "shell"),
        ("test number 01", "ticket 4712", "shell"),
    ]


def test_who_may_only_look_may_test_and_not_change(ruled):
    """W-028"""
    for words in (("add", HERE, "7"), ("set", HERE, "1", "--new", "1"), ("move", HERE, "1", "2"), ("keep", HERE, "7")):
        answer = ruled("rewrite", *words, "--readonly")
        assert (answer.code, "Access Denied" in answer.err) == (1, True)
    assert ruled.ok("rewrite", "test", HERE, "0044", "--readonly").out
    assert ruled.ok("rewrite", "list", HERE, "--readonly").out


def test_somebody_elses_change_of_the_same_field_is_a_conflict(ruled, context, monkeypatch):
    load = rewrites.load

    def overtaken(*given):
        found = load(*given)
        monkeypatch.setattr(rewrites, "load", load)
        rewrites.save(context, found.rules[0], {"new": "9"})
        return found

    monkeypatch.setattr(rewrites, "load", overtaken)
    answer = ruled("rewrite", "set", HERE, "1", "--new", "5", "--json")
    assert answer.code == 4
    assert (answer.json["fields"], answer.json["by"]) == (["new"], "bob")


def test_a_rule_that_somebody_deleted_meanwhile_is_a_conflict(ruled, context, monkeypatch):
    load = rewrites.load

    def overtaken(*given):
        found = load(*given)
        monkeypatch.setattr(rewrites, "load", load)
        rewrites.delete(context, found.rules[:1])
        return found

    monkeypatch.setattr(rewrites, "load", overtaken)
    answer = ruled("rewrite", "set", HERE, "1", "--new", "5")
    assert (answer.code, "deleted in the meantime" in answer.err) == (4, True)


# Numbers


def test_numbers_are_tested_step_by_step(ruled):
    """S-067, S-069, S-061, C-10"""
    answer = ruled.ok("rewrite", "test", HERE, "0044 1782 550 100", "+1")
    assert answer.out.splitlines() == [
        "00441782550100 becomes 441782550100  (E.164, GB)",
        "  rule 1  00441782550100 becomes 441782550100",
        "  rule 2  no match",
        "+1 becomes +1  (not E.164: has +)",
        "  rule 1  no match",
        "  rule 2  no match",
    ]
    (told,) = ruled.json("rewrite", "test", HERE, "01782550100")
    assert told == {
        "type": "destination",
        "number": "01782550100",
        "result": "441782550100",
        "e164": True,
        "verdict": "GB",
        "expected": None,
        "passed": None,
        "steps": [
            {"place": 1, "what": "no match", "before": "01782550100", "after": "01782550100", "why": ""},
            {"place": 2, "what": "replaced", "before": "01782550100", "after": "441782550100", "why": ""},
        ],
    }
    ruled.ok("rewrite", "set", HERE, "1", "--stop")
    assert "  rule 1  00 becomes nothing, stop" in ruled.ok("rewrite", "test", HERE, "00").out


def test_numbers_of_callers_are_tested_by_their_own_rules(ruled):
    """S-061, W-041"""
    ruled.ok("rewrite", "add", HERE, "^", "#1#", "--type", "cli")
    assert ruled.json("rewrite", "test", HERE, "44", "--type", "cli")[0]["result"] == "#1#44"
    assert ruled.json("rewrite", "test", HERE, "44")[0]["result"] == "44"


def test_saved_tests_are_run_and_a_failing_one_is_an_exit_code(ruled):
    """S-067"""
    nothing = ruled.ok("rewrite", "test", HERE)
    assert (nothing.out, "has no saved tests" in nothing.err) == ("", True)
    kept = ruled.json("rewrite", "keep", HERE, "01782550100", "(999)=112", "0044")
    assert [(row["number"], row["expected"]) for row in kept["rows"]] == [
        ("01782550100", "441782550100"),
        ("999", "112"),
        ("0044", "44"),
    ]
    failing = ruled("rewrite", "test", HERE)
    assert failing.code == 1
    assert "  the test fails: it has to become 112" in failing.out
    assert failing.err == "1 of 3 saved tests fail\n"
    assert [row["passed"] for row in ruled("rewrite", "test", HERE, "--json").json] == [True, False, True]
    assert ruled("rewrite", "test", HERE, "999").code == 1
    assert ruled("rewrite", "test", HERE, "0044", "7").code == 0
    assert ruled("rewrite", "test", HERE, "--type", "cli").code == 0
    forgotten = ruled.ok("rewrite", "forget", HERE, "999", "999")
    assert forgotten.out == f"IP entry {HERE} (they send) of Acme Telecom: Deleted test number 999.\n"
    assert ruled("rewrite", "test", HERE).code == 0


def test_what_is_no_test_or_one_already_is_said(ruled):
    ruled.ok("rewrite", "keep", HERE, "1")
    again = ruled("rewrite", "keep", HERE, "1")
    assert (again.code, "nothing to keep" in again.err) == (1, True)
    for numbers in (("2",), ("1", "2")):
        refused = ruled("rewrite", "forget", HERE, *numbers)
        assert (refused.code, refused.err) == (1, f"number: 2 is no saved test of IP entry {HERE} (they send)\n")
    assert ruled("rewrite", "forget", HERE, "1", "--type", "cli").code == 1
    assert len(ruled.json("rewrite", "test", HERE)) == 1


def test_a_rule_is_suggested_from_examples_without_a_database(bare):
    """C-15, S-065"""
    answer = bare.ok("rewrite", "suggest", "01782550100=441782550100", "(01783) 550101=441783550101")
    assert answer.out.splitlines()[1].split()[:3] == ["prefix", "0", "44"]
    found = bare.json("rewrite", "suggest", "01782=441782")
    assert found["rules"][0] | {"why": ""} == {"mode": "prefix", "current": "0", "new": "44", "why": ""}
    assert found["reason"] == ""
    assert not bare.path.exists()


def test_where_no_rule_does_all_examples_it_is_said_why(bare):
    """C-15"""
    answer = bare("rewrite", "suggest", "1=2", "1=3")
    assert (answer.code, answer.out) == (1, "")
    assert "contradict each other" in answer.err
    several = bare("rewrite", "suggest", "0178=44178", "9=112", "--json")
    assert several.code in (0, 1)
    assert bare("rewrite", "suggest", "1=1").code == 1
    for pairs in (("1",), ("=1",), ("-=1",), ()):
        assert bare("rewrite", "suggest", *pairs).code == 2


def test_hostile_numbers_are_shown_and_obeyed_by_nothing(ruled):
    hostile = "0\x1b]52;c;eA==\x07[/b]"
    for answer in (
        ruled("rewrite", "test", HERE, hostile),
        ruled("rewrite", "keep", HERE, hostile),
        ruled("rewrite", "test", HERE),
        ruled("rewrite", "test", HERE, "--json"),
        ruled("rewrite", "add", HERE, hostile),
        ruled("rewrite", "list", hostile),
        ruled("rewrite", "suggest", f"{hostile}={hostile}1"),
    ):
        assert not {"\x1b", "\x07"} & {*answer.out, *answer.err}
    assert ruled("rewrite", "add", HERE, hostile).code == 1


# Whose


def test_an_entry_and_a_user_are_named_as_elsewhere(entry, context):
    entry.ok("ip", "add", "Acme Telecom", "pbx.acme.example", "--direction", "ingress")
    entry.ok("ip", "add", "Acme Telecom", "203.0.113.64/29")
    for place, name in enumerate((HERE, "1001", "pbx.acme.example", "203.0.113.64/29")):
        entry.ok("rewrite", "add", name, f"9{place}")
    assert currents(entry, HERE) == ["90"]
    assert currents(entry, "pbx.acme.example") == ["92"]
    assert currents(entry, "2") == ["92"]
    assert currents(entry, "id:3") == ["93"]
    user = lookup.sip_user(context, "1001")
    assert user is not None
    assert [rule.current for rule in rewrites.load(context, Subject("sip_user", user.id)).rules] == ["91"]


def test_a_name_that_may_be_an_entry_and_a_user_is_refused_with_both(entry):
    """Neither an id nor a username is taken by accident."""
    refused = entry("rewrite", "add", "id:1", "7")
    assert refused.code == 1
    assert refused.err.splitlines() == [
        "subject: id:1 may be several:",
        f"subject: --ip id:1 is IP entry {HERE} (they send)",
        "subject: --sip id:1 is SIP user 1001",
    ]
    entry.ok("rewrite", "add", "id:1", "7", "--ip")
    entry.ok("rewrite", "add", "id:1", "8", "--sip")
    assert currents(entry) == ["7"]
    assert currents(entry, "1001") == ["8"]
    assert entry("rewrite", "list", "id:1", "--sip", "--ip").code == 2


def test_an_address_with_several_entries_is_refused_with_their_ids(entry):
    entry.ok("ip", "add", "Acme Telecom", "192.0.2.1", "--direction", "both")
    refused = entry("rewrite", "list", "192.0.2.1")
    assert refused.code == 1
    assert "entry: id:2 is IP entry 192.0.2.1 (they send) of Acme Telecom" in refused.err
    assert "entry: id:3 is IP entry 192.0.2.1 (they receive) of Acme Telecom" in refused.err
    entry.ok("rewrite", "list", "id:2")


def test_a_company_tells_subjects_of_one_address_apart(entry):
    entry.ok("company", "add", "Beta")
    entry.ok("ip", "add", "Beta", HERE, "--share")
    assert "2 entries are meant" in entry("rewrite", "list", HERE).err
    entry.ok("rewrite", "add", HERE, "7", "--company", "Beta")
    assert [rule["current"] for rule in entry.json("rewrite", "list", HERE, "--company", "Beta")] == ["7"]
    assert entry.json("rewrite", "list", HERE, "--company", "Acme Telecom") == []
    assert entry("rewrite", "list", HERE, "--company", "Gamma").code == 1


@pytest.mark.parametrize("name", ["1002", "99", "id:99", "192.0.2.99", "nobody.example", "", "not a name!", "9" * 40])
@pytest.mark.parametrize("kind", [(), ("--ip",), ("--sip",)])
def test_nobody_by_that_name_is_said(entry, name, kind):
    answer = entry("rewrite", "list", *kind, "--", name)
    assert answer.code == 1
    assert 1 <= len(answer.err.splitlines()) <= 2
    assert entry("rewrite", "list", "--json", *kind, "--", name).json["findings"]


def test_every_verb_has_help_of_its_own_without_a_database(bare):
    for verb in ("list", "add", "set", "delete", "move", "test", "keep", "forget", "suggest"):
        assert bare.ok("rewrite", verb, "--help").out.startswith(f"usage: cxtui rewrite {verb} ")
    assert "destination: The number that is called" in bare.ok("rewrite", "add", "--help").out


def test_an_undo_of_a_rule_answers_in_json(ruled):
    ruled.ok("rewrite", "delete", HERE, "1", "--yes")
    answer = ruled.json("undo")
    assert [row["current"] for row in answer["rows"]] == ["00"]
