"""The five verbs for companies, IP entries, SIP users and profiles, from adding to deleting."""

from __future__ import annotations

import pytest

from cxtui.models.audit import AuditEntry
from cxtui.models.fields import Kind, form_specs, specs
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services import sip_users
from cxtui.store.rows import all_where


def test_a_sip_user_goes_round_from_add_to_delete(shell):
    added = shell.json("sip", "add", "Acme Telecom", "1001", "--channels", "5", "--allow-list", "198.51.100.7")
    assert added["done"] == "Added SIP user 1001."
    row = added["rows"][0]
    assert (row["username"], row["channels"], row["company"], row["state"]) == (
        "1001",
        5,
        "Acme Telecom",
        "no password",
    )
    assert shell.json("sip", "list") == [row]
    assert shell.json("sip", "show", "1001") == row
    saved = shell.json("sip", "set", "1001", "--channels", "7", "--retain-did", "yes")["rows"][0]
    assert saved == row | {"version": row["version"] + 1, "channels": 7, "retain_did": True}
    assert shell.json("sip", "delete", "1001", "--yes")["rows"] == []
    assert shell.json("sip", "list") == []


def test_an_ip_entry_goes_round_from_add_to_delete(shell):
    row = shell.json("ip", "add", "Acme Telecom", "192.0.2.0/28", "--channels", "30", "--force-nat", "yes")["rows"][0]
    assert (row["address"], row["direction"], row["channels"], row["force_nat"]) == ("192.0.2.0/28", "egress", 30, True)
    assert shell.json("ip", "list", "--company", "Acme Telecom") == [row]
    assert shell.json("ip", "set", "192.0.2.0/28", "--enabled", "no")["rows"][0]["state"] == "disabled"
    assert shell.json("ip", "show", f"id:{row['id']}")["enabled"] is False
    shell.ok("ip", "delete", "192.0.2.0/28", "--yes")
    assert shell("ip", "show", "192.0.2.0/28").code == 1


def test_companies_and_profiles_go_round_from_add_to_delete(shell):
    for noun, field in (("company", "channels"), ("profile", "capacity")):
        shell.ok(noun, "add", "other")
        shell.ok(noun, "set", "other", f"--{field}", "30")
        assert shell.json(noun, "show", "other")[field] == 30
        shell.ok(noun, "delete", "other", "--yes")
        assert [row["name"] for row in shell.json(noun, "list") if row["name"] == "other"] == []


@pytest.mark.parametrize("noun", ["company", "ip", "sip", "profile"])
def test_every_field_of_the_form_is_an_option_of_set(shell, noun):
    """The options are made of the fields, which are defined once."""
    from cxtui.cli import nouns
    from cxtui.cli.grammar import option

    help_text = shell.ok(noun, "set", "--help").out
    entity = getattr(nouns, noun.upper()).entity
    assert [name for name in form_specs(entity) if f"{option(name)} " not in help_text] == []


def test_help_lists_the_values_of_a_choice(shell):
    help_text = shell.ok("sip", "add", "--help").out
    assert "tls_srtp:" in help_text
    assert "smpp" not in help_text


def test_json_has_every_field_but_the_packed_bytes(shell):
    row = shell.json("ip", "add", "Acme Telecom", "192.0.2.1")["rows"][0]
    wanted = {name for name, spec in specs(IpAuth).items() if spec.kind is not Kind.BYTES}
    assert row.keys() == wanted | {"id", "version", "company", "state", "why"}


def test_several_addresses_become_an_entry_each_or_none(shell):
    """W-001"""
    assert shell("ip", "add", "Acme Telecom", "192.0.2.1", "192.0.2.300").code == 1
    assert shell.json("ip", "list") == []
    assert len(shell.json("ip", "add", "Acme Telecom", "192.0.2.1", "192.0.2.2,192.0.2.3")["rows"]) == 3


def test_both_directions_become_two_linked_entries(shell):
    """C-01"""
    one, two = shell.json("ip", "add", "Acme Telecom", "192.0.2.1", "--direction", "both")["rows"]
    assert {one["direction"], two["direction"]} == {"egress", "ingress"}
    assert (one["linked_id"], two["linked_id"]) == (two["id"], one["id"])


def test_the_port_follows_the_protocol_unless_it_is_given(shell):
    """S-037"""
    assert shell.json("ip", "add", "Acme Telecom", "192.0.2.1", "--protocol", "tls")["rows"][0]["port"] == 5061
    assert shell.json("ip", "set", "192.0.2.1", "--protocol", "udp")["rows"][0]["port"] == 5060
    answer = shell.json("ip", "set", "192.0.2.1", "--protocol", "tls", "--port", "5060")
    assert answer["rows"][0]["port"] == 5060
    assert "S-037" in [warning["code"] for warning in answer["warnings"]]


def test_sharing_is_refused_with_the_option_that_allows_it(shell):
    """C-12"""
    shell.ok("company", "add", "Beta")
    shell.ok("ip", "add", "Acme Telecom", "192.0.2.1")
    refused = shell("ip", "add", "Beta", "192.0.2.1")
    assert (refused.code, "--share" in refused.err) == (1, True)
    shell.ok("ip", "add", "Beta", "192.0.2.1", "--share")
    assert {row["cli_authentication"] for row in shell.json("ip", "list")} == {True}


def test_an_address_that_means_several_entries_is_refused_with_their_ids(shell):
    shell.ok("ip", "add", "Acme Telecom", "192.0.2.1", "--direction", "both")
    ids = [row["id"] for row in shell.json("ip", "list")]
    refused = shell("ip", "set", "192.0.2.1", "--channels", "3")
    assert refused.code == 1
    assert all(f"id:{key} is IP entry 192.0.2.1" in refused.err for key in ids)
    shell.ok("ip", "set", f"id:{ids[0]}", "--channels", "3")


def test_a_company_tells_entries_of_one_address_apart(shell):
    shell.ok("company", "add", "Beta")
    shell.ok("ip", "add", "Acme Telecom", "192.0.2.1")
    shell.ok("ip", "add", "Beta", "192.0.2.1", "--share")
    assert shell.json("ip", "show", "192.0.2.1", "--company", "Beta")["company"] == "Beta"
    shell.ok("company", "add", "Gamma")
    assert "not of Gamma" in shell("ip", "show", "192.0.2.1", "--company", "Gamma").err


def test_a_number_is_a_username_and_never_by_accident_an_id(shell):
    row = shell.json("sip", "add", "Acme Telecom", "1001")["rows"][0]
    refused = shell("sip", "delete", str(row["id"]), "--yes")
    assert refused.code == 1
    assert f"id:{row['id']} is SIP user 1001" in refused.err
    shell.ok("sip", "delete", f"id:{row['id']}", "--yes")


@pytest.mark.parametrize("words", [("ip", "show"), ("sip", "show"), ("company", "show"), ("profile", "show")])
@pytest.mark.parametrize("text", ["99", "id:99", "9" * 40, "id:" + "9" * 18, "id:", "-", ""])
def test_what_is_not_there_is_said_in_one_line(shell, words, text):
    answer = shell(*words, "--", text)
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1
    assert shell(*words, "--json", "--", text).json["findings"]


def test_a_duplicate_username_is_refused_across_the_account(shell):
    """S-093"""
    shell.ok("company", "add", "Beta")
    shell.ok("sip", "add", "Acme Telecom", "1001")
    refused = shell("sip", "add", "Beta", "1001")
    assert (refused.code, refused.err) == (1, "username: Duplicate User Detected\n")
    finding = shell("sip", "add", "Beta", "1001", "--json").json["findings"][0]
    assert (finding["field"], finding["text"], finding["code"]) == ("username", "Duplicate User Detected", "S-093")


def test_channels_that_do_not_fit_the_account_are_refused(shell):
    """W-011"""
    assert (
        "No channel capacity available for your account."
        in shell("sip", "add", "Acme Telecom", "--channels", "101").err
    )


def test_without_a_username_the_next_free_extension_is_taken(shell):
    """S-092"""
    assert [shell.json("sip", "add", "Acme Telecom")["rows"][0]["username"] for _ in range(2)] == ["1000", "1001"]
    shell.ok("company", "add", "Beta")
    assert "username:" in shell("sip", "add", "Beta").err


def test_a_profile_is_given_by_name_and_taken_away_by_nothing(shell):
    """S-090"""
    shell.ok("profile", "add", "mobile")
    assert shell.json("sip", "add", "Acme Telecom", "1001", "--profile", "mobile")["rows"][0]["profile"] == "mobile"
    assert shell.json("sip", "set", "1001", "--profile", "")["rows"][0]["profile_id"] is None
    assert "there is no SIP profile desk" in shell("sip", "set", "1001", "--profile", "desk").err


def test_set_without_a_field_is_not_understood(shell):
    shell.ok("sip", "add", "Acme Telecom", "1001")
    assert shell("sip", "set", "1001").code == 2


def test_deleting_without_a_terminal_needs_yes(shell):
    shell.ok("sip", "add", "Acme Telecom", "1001")
    refused = shell("sip", "delete", "1001")
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert len(shell.json("sip", "list")) == 1


def test_several_are_deleted_together_or_none(shell):
    for name in ("1001", "1002"):
        shell.ok("sip", "add", "Acme Telecom", name)
    assert shell("sip", "delete", "1001", "1003", "--yes").code == 1
    assert len(shell.json("sip", "list")) == 2
    shell.ok("sip", "delete", "1001", "1002", "1001", "--yes")
    assert shell.json("sip", "list") == []


def test_the_reason_and_the_program_are_in_the_audit(shell, context):
    shell.ok("sip", "add", "Acme Telecom", "1001", "--reason", "ticket 4711")
    with context.database.reading() as link:
        entry = all_where(link, AuditEntry, "entity = 'sip_user'")[0]
    assert (entry.reason, entry.program) == ("ticket 4711", "shell")


def test_undo_takes_the_last_change_back_or_the_one_that_is_named(shell):
    first = shell.json("sip", "add", "Acme Telecom", "1001")["change"]
    shell.ok("sip", "add", "Acme Telecom", "1002")
    shell.ok("undo", first)
    assert [row["username"] for row in shell.json("sip", "list")] == ["1002"]
    shell.ok("undo")
    assert shell.json("sip", "list") == []


def test_somebody_elses_change_of_the_same_field_is_a_conflict(shell, context, monkeypatch):
    """The exit code tells a script that it may look and try again."""
    from cxtui.services import lookup

    shell.ok("sip", "add", "Acme Telecom", "1001")
    seen = lookup.sip_user

    def overtaken(*given):
        user = seen(*given)
        assert isinstance(user, SipUser)
        sip_users.save(context, user, {"channels": "9"})
        return user

    monkeypatch.setattr(lookup, "sip_user", overtaken)
    answer = shell("sip", "set", "1001", "--channels", "5", "--json")
    assert answer.code == 4
    assert (answer.json["fields"], answer.json["by"]) == (["channels"], "bob")
    monkeypatch.undo()
    assert shell.json("sip", "show", "1001")["channels"] == 9
