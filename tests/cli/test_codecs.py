"""Codecs from the shell: which there are, and which of them an entry or user may use."""

from __future__ import annotations

import pytest

from cxtui.models.audit import AuditEntry
from cxtui.rules.codecs import CODECS
from cxtui.store.rows import all_where
from tests.support import execute

HERE = "203.0.113.77"
BOTH = pytest.mark.parametrize("subject", [HERE, "1001"])


@pytest.fixture
def entry(shell):
    """A shell in whose database Acme Telecom has an IP entry and the SIP user 1001."""
    shell.ok("ip", "add", "Acme Telecom", HERE)
    shell.ok("sip", "add", "Acme Telecom", "1001")
    return shell


def restricted(shell, subject):
    return [row["codec"] for row in shell.json("codec", "list", subject) if row["restricted"]]


def test_the_codecs_there_are(entry, monkeypatch):
    """C-08, W-050"""
    assert [row["codec"] for row in entry.json("codec", "list")] == [choice.value for choice in CODECS]
    assert entry.ok("codec", "list").out.startswith("Codec      What it is\nAMR        3GPP, 4.75-12.2 kbit/s\n")
    monkeypatch.setenv("CXTUI_CODECS", "EVS,pcma")
    assert entry.json("codec", "list") == [
        {"codec": "EVS", "note": ""},
        {"codec": "PCMA", "note": "G.711 A-law, 64 kbit/s"},
    ]


@BOTH
def test_codecs_are_restricted_and_enabled_again(entry, subject):
    """S-050, S-051, C-08"""
    nothing = entry.ok("codec", "list", subject)
    assert "are enabled." in nothing.err
    assert "restricted" not in nothing.out
    assert entry.ok("codec", "restrict", subject, "opus", "g729,PCMA").out.startswith("Saved ")
    assert restricted(entry, subject) == ["G729", "opus", "PCMA"]
    entry.ok("codec", "restrict", subject, "PCMA", "pcmu")
    assert restricted(entry, subject) == ["G729", "opus", "PCMA", "PCMU"]
    assert "PCMA       restricted  G.711 A-law, 64 kbit/s" in entry.ok("codec", "list", subject).out
    entry.ok("codec", "enable", subject, "g729", "opus")
    assert restricted(entry, subject) == ["PCMA", "PCMU"]
    entry.ok("codec", "enable", subject, "--all")
    assert restricted(entry, subject) == []
    entry.ok("undo")
    assert restricted(entry, subject) == ["PCMA", "PCMU"]


@BOTH
def test_an_unknown_codec_is_refused_with_the_one_that_was_meant(entry, subject):
    """C-08"""
    for verb in ("restrict", "enable"):
        refused = entry("codec", verb, subject, "PCMA", "G729A")
        assert (refused.code, refused.err) == (1, "codec: G729A: there is no such codec; did you mean G729?\n")
        assert entry("codec", verb, subject, "telephone-event", "--json").json["findings"][0]["code"] == "C-08"
    assert restricted(entry, subject) == []


def test_to_restrict_every_codec_is_warned_of(entry):
    """C-08"""
    answer = entry.ok("codec", "restrict", HERE, *(choice.value for choice in CODECS))
    assert "warning: restricted_codecs: no codec is left: every call ends with 488" in answer.err
    assert "no codec is left" in entry.ok("codec", "list", HERE).err


def test_a_codec_that_the_settings_no_longer_name_is_listed_and_can_be_enabled(entry, context):
    """C-08"""
    execute(context.database, "UPDATE ip_auth SET restricted_codecs = 'EVS,pcma'")
    assert restricted(entry, HERE) == ["PCMA", "EVS"]
    refused = entry("codec", "restrict", HERE, "PCMU")
    assert (refused.code, "EVS: there is no such codec" in refused.err) == (1, True)
    entry.ok("codec", "enable", HERE, "evs")
    entry.ok("codec", "restrict", HERE, "PCMU")
    assert restricted(entry, HERE) == ["PCMA", "PCMU"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("restrict", HERE), 2),
        (("enable", HERE), 2),
        (("enable", HERE, "PCMA", "--all"), 2),
        (("restrict", "nobody", "PCMA"), 1),
        (("list", "nobody"), 1),
        (("restrict", HERE, "PCMA", "--readonly"), 1),
    ],
)
def test_what_is_not_in_the_grammar_or_not_there_changes_nothing(entry, words, code):
    assert entry("codec", *words).code == code
    assert restricted(entry, HERE) == []


def test_the_reason_and_the_program_are_in_the_audit(entry, context):
    entry.ok("codec", "restrict", HERE, "PCMA", "--reason", "ticket 4711")
    with context.database.reading() as link:
        told = all_where(link, AuditEntry, "entity = 'ip_auth' ORDER BY id")[-1]
    assert (told.reason, told.program) == ("ticket 4711", "shell")


def test_hostile_codecs_of_another_program_are_shown_and_obeyed_by_nothing(entry, context):
    execute(context.database, "UPDATE ip_auth SET restricted_codecs = ?", ("\x1b]52;c;eA==\x07,[/b]",))
    answer = entry.ok("codec", "list", HERE)
    assert not {"\x1b", "\x07"} & {*answer.out}
    assert "[/b]" in answer.out
    entry.ok("codec", "enable", HERE, "--all")


def test_every_verb_has_help_of_its_own_without_a_database(bare):
    for verb in ("list", "restrict", "enable"):
        assert bare.ok("codec", verb, "--help").out.startswith(f"usage: cxtui codec {verb} ")
