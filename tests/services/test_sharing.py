"""Companies on one address: who shares it, whose a call is, and one save for all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxtui.models.company import Company
from cxtui.models.findings import errors
from cxtui.models.ip_auth import IpAuth
from cxtui.rules.cli_lists import RESTRICTED
from cxtui.rules.roles import Role
from cxtui.services import companies, ip_auth, sharing
from cxtui.services.context import Context
from cxtui.services.grids import show
from cxtui.services.outcome import Conflict, Denied, Gone, Refused, ServiceError
from cxtui.services.sharing import MOST_SHARERS, Sharing
from cxtui.services.undo import undo
from cxtui.services.writing import Writer
from tests.services.stock import only, only_row
from tests.support import audit, dump, execute, generation, query

HERE = "203.0.113.77"


@pytest.fixture
def entry(context: Context, acme: Company, beta: Company) -> IpAuth:
    """Acme's entry on an address that Beta shares; both have the flag and no list."""
    mine: IpAuth = only(ip_auth.add(context, acme.id, {"address": HERE, "cli_authentication": "yes"}))
    ip_auth.add(context, beta.id, {"address": HERE, "cli_authentication": "yes"})
    return mine


@pytest.fixture
def shared(context: Context, entry: IpAuth) -> Sharing:
    """Who is there, as the operator sees it."""
    return sharing.sharers(context, entry)


def flagless(context: Context) -> None:
    """What only another program can leave behind: sharers that are not told apart."""
    execute(context.database, "UPDATE ip_auth SET cli_authentication = 0")


def flags(context: Context) -> list[bool]:
    return [bool(flag) for (flag,) in query(context.database, "SELECT cli_authentication FROM ip_auth ORDER BY id")]


def stored(context: Context) -> dict[str, str]:
    return dict(query(context.database, "SELECT name, cli_allow_list FROM company"))


def named(found: Sharing) -> list[str]:
    return [sharer.company.name for sharer in found.sharers]


def words(context: Context, found: Sharing, lists: dict[int, str]) -> list[str]:
    return [f"{finding.field}: {finding.text}" for finding in errors(sharing.check(context, found, lists))]


def test_the_sharers_are_all_who_send_from_the_same_addresses_on_the_same_port(
    context: Context, acme: Company, beta: Company, entry: IpAuth
) -> None:
    """W-008"""
    gamma = only(companies.add(context, {"name": "Gamma"}))
    other = only(companies.add(context, {"name": "Other"}))
    on = {"cli_authentication": "yes"}
    ip_auth.add(context, gamma.id, {"address": "203.0.113.0/24", **on})
    ip_auth.add(context, other.id, {"address": HERE, "port": "5080"})
    ip_auth.add(context, other.id, {"address": HERE, "direction": "ingress"})
    ip_auth.add(context, other.id, {"address": HERE, "enabled": "no"})
    ip_auth.add(context, other.id, {"address": "203.0.113.78", **on})
    found = sharing.sharers(context, entry)
    assert named(found) == ["Acme Telecom", "Beta Ltd", "Gamma"]
    assert found.lacking == ()
    assert found.pairs == (("Acme Telecom", "Beta Ltd"), ("Acme Telecom", "Gamma"), ("Beta Ltd", "Gamma"))
    assert named(sharing.at(context, HERE, 5060)) == named(found)
    assert named(sharing.at(context, HERE, 5080)) == ["Other"]
    wide = sharing.at(context, "203.0.113.0/24", 5060)
    assert named(wide) == ["Acme Telecom", "Beta Ltd", "Gamma", "Other"]
    assert ("Beta Ltd", "Other") not in wide.pairs


@pytest.mark.parametrize(
    ("address", "port", "words"),
    [
        ("203.0.113", None, "octets"),
        ("pbx.example.net", None, "pbx.example.net"),
        ("192.0.2.1", None, "no enabled entry"),
        (HERE, 5090, "no enabled entry says that anybody sends from 203.0.113.77 on port 5090"),
        (HERE, None, "5060, 5080"),
    ],
)
def test_an_address_that_names_nobody_or_several_ports_is_refused(
    context: Context, acme: Company, entry: IpAuth, address: str, port: int | None, words: str
) -> None:
    ip_auth.add(context, acme.id, {"address": HERE, "port": "5080"})
    with pytest.raises(Refused, match=words):
        sharing.at(context, address, port)


def test_more_companies_than_a_screen_holds_are_looked_at_by_narrower_entries(context: Context, acme: Company) -> None:
    wide = only(ip_auth.add(context, acme.id, {"address": "10.0.0.0/8", "cli_authentication": "yes"}))
    for number in range(MOST_SHARERS):
        company = only(companies.add(context, {"name": f"c{number}"}))
        ip_auth.add(context, company.id, {"address": f"10.0.0.{number}", "cli_authentication": "yes"})
    with pytest.raises(ServiceError, match="21 companies send"):
        sharing.sharers(context, wide)


def test_the_example_of_the_seed(context: Context, acme: Company, beta: Company, shared: Sharing) -> None:
    """S-044, S-045, W-007: 1234567 of one customer and 1234578 of the other."""
    change = sharing.save(context, shared, {acme.id: "1234567", beta.id: "1234578"})
    assert change.sentence == "Saved CLI authentication on 203.0.113.77: 2 companies."
    found = sharing.at(context, HERE)
    told = sharing.explained(found, ["1234567", "1234578", "1234579"])
    assert [row.words for row in told] == ["Acme Telecom", "Beta Ltd", RESTRICTED]
    assert [row.why for row in told] == ["1234567", "1234578", ""]
    assert [row.settled for row in told] == [True, True, False]


def test_saving_sets_the_flag_on_every_entry_of_every_sharer(
    context: Context, acme: Company, beta: Company, entry: IpAuth
) -> None:
    """W-008"""
    ip_auth.add(context, acme.id, {"address": "203.0.113.0/24", "cli_authentication": "yes"})
    ip_auth.add(context, acme.id, {"address": "198.51.100.1"})
    flagless(context)
    found = sharing.sharers(context, entry)
    assert found.deed == "Saving sets CLI Authentication on 3 entries of 2 companies, and their lists."
    sharing.save(context, found, {acme.id: "1234567", beta.id: "1234578"})
    assert flags(context) == [True, True, True, False]


def test_all_of_it_is_one_change_that_one_undo_takes_back(
    context: Context, acme: Company, beta: Company, shared: Sharing
) -> None:
    """W-008, workflow (g)."""
    before, count, seen = dump(context.database), generation(context.database), len(audit(context.database))
    change = sharing.save(context, shared, {acme.id: "1234567\n^44", beta.id: "1234578"}, reason="ticket 7")
    rows = audit(context.database)[seen:]
    assert {row.change_id for row in rows} == {change.id}
    assert {row.reason for row in rows} == {"ticket 7"}
    assert generation(context.database) == count + 1
    assert stored(context) == {"Acme Telecom": "1234567\n^44", "Beta Ltd": "1234578"}
    undo(context)
    assert dump(context.database) == before


def test_a_failure_in_the_second_company_leaves_the_first_unchanged(
    context: Context, acme: Company, beta: Company, entry: IpAuth, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-008: one transaction for both."""
    flagless(context)
    found = sharing.sharers(context, entry)
    before, seen = dump(context.database), len(audit(context.database))
    update = Writer.update

    def failing(writer: Writer, row, wanted, **more):
        if row.id == beta.id and isinstance(row, Company):
            raise RuntimeError("the disk is gone")
        return update(writer, row, wanted, **more)

    monkeypatch.setattr(Writer, "update", failing)
    with pytest.raises(RuntimeError):
        sharing.save(context, found, {acme.id: "1234567", beta.id: "1234578"})
    assert dump(context.database) == before
    assert len(audit(context.database)) == seen


def test_lists_that_do_not_keep_the_calls_apart_are_refused_and_nothing_is_written(
    context: Context, acme: Company, beta: Company, shared: Sharing
) -> None:
    """W-007, W-009"""
    before = dump(context.database)
    for lists, names in (
        ({acme.id: "1234567", beta.id: "1234567"}, {"Acme Telecom", "Beta Ltd"}),
        ({acme.id: "1234567"}, {"Beta Ltd"}),
        ({}, {"Acme Telecom", "Beta Ltd"}),
        ({acme.id: "^44", beta.id: "^4412"}, {"Acme Telecom", "Beta Ltd"}),
        ({acme.id: "(", beta.id: "1"}, {"Acme Telecom"}),
        ({acme.id: "1" * 20_001, beta.id: "1"}, {"Acme Telecom"}),
    ):
        with pytest.raises(Refused) as refusal:
            sharing.save(context, shared, lists)
        assert {finding.field for finding in errors(refusal.value.findings)} == names
    assert dump(context.database) == before


def test_a_list_is_held_against_those_of_other_addresses_too(
    context: Context, acme: Company, beta: Company, shared: Sharing
) -> None:
    """W-007: Acme shares another address with Gamma."""
    gamma = only(companies.add(context, {"name": "Gamma", "cli_allow_list": "777"}))
    for company in (acme, gamma):
        ip_auth.add(context, company.id, {"address": "198.51.100.1", "cli_authentication": "yes"})
    lists = {acme.id: "777\n1234567", beta.id: "1234578"}
    assert words(context, shared, lists) == ["Acme Telecom: 777 also stands on the list of Gamma"]
    assert words(context, shared, {**lists, acme.id: "1234567"}) == []


def test_companies_in_a_network_that_do_not_meet_may_have_the_same_numbers(context: Context, acme: Company) -> None:
    """W-007, W-008"""
    on = {"cli_authentication": "yes"}
    wide = only(ip_auth.add(context, acme.id, {"address": "10.0.0.0/24", **on}))
    for name, address in (("One", "10.0.0.1"), ("Two", "10.0.0.2")):
        company = only(companies.add(context, {"name": name, "cli_allow_list": "22"}))
        ip_auth.add(context, company.id, {"address": address, **on})
    found = sharing.sharers(context, wide)
    sharing.save(context, found, {acme.id: "11"})
    told = sharing.explained(sharing.sharers(context, wide), ["11", "22", "33"])
    assert [row.words for row in told] == ["Acme Telecom", "by address: One, Two", RESTRICTED]


def test_the_preview_tells_whose_each_call_would_be_with_the_lists_as_typed(
    acme: Company, beta: Company, shared: Sharing
) -> None:
    """W-007, W-009"""
    lists = {acme.id: "1234567\n^44", beta.id: "1234578\n4412\n("}
    rows = sharing.preview(shared, lists, "1234567, 1234578;4412\n+44 999 1234567")
    assert [(row.cli, row.words) for row in rows] == [
        ("1234567", "Acme Telecom"),
        ("1234578", "Beta Ltd"),
        ("4412", "2: Acme Telecom, Beta Ltd"),
        ("+44", RESTRICTED),
        ("999", RESTRICTED),
    ]
    assert sharing.preview(shared, {acme.id: "(", beta.id: "1"}, "5")[0].words == RESTRICTED
    assert sharing.preview(shared, lists, " \n") == ()


def test_a_company_that_is_off_is_given_no_call(context: Context, beta: Company, entry: IpAuth) -> None:
    """W-105: the edge does not ask its list."""
    lists = {beta.id: "441782550100"}

    def given() -> tuple[str, ...]:
        return sharing.preview(sharing.sharers(context, entry), lists, "441782550100")[0].companies

    assert given() == ("Acme Telecom", beta.name)
    companies.save(context, beta, {"status": "penalty"})
    assert given() == ("Acme Telecom",)


def test_without_the_flag_no_call_is_told_apart(
    context: Context, acme: Company, beta: Company, shared: Sharing, entry: IpAuth
) -> None:
    """W-008"""
    sharing.save(context, shared, {acme.id: "1234567", beta.id: "1234578"})
    assert sharing.explain(context, entry, "1234567").words == "Acme Telecom"
    execute(context.database, "UPDATE ip_auth SET cli_authentication = 0 WHERE company_id = ?", (beta.id,))
    told = sharing.explain(context, entry, "1234567")
    assert (told.words, told.settled) == ("not told apart: CLI Authentication is missing on Beta Ltd", False)


def test_the_flag_is_not_taken_off_one_sharer_while_others_keep_it(context: Context, entry: IpAuth) -> None:
    """C-12, W-008"""
    with pytest.raises(Refused, match="Set CLI Authentication on: this entry"):
        ip_auth.save(context, entry, {"cli_authentication": "no"})


def test_a_company_alone_may_have_a_list_and_needs_no_flag(context: Context, acme: Company) -> None:
    """W-009"""
    mine = only(ip_auth.add(context, acme.id, {"address": HERE}))
    found = sharing.sharers(context, mine)
    assert found.deed == "Only Acme Telecom sends from 203.0.113.77; saving writes its CLI allow list."
    sharing.save(context, found, {acme.id: "1234567"})
    assert flags(context) == [False]
    assert [row.words for row in sharing.explained(sharing.at(context, HERE), ["1234567", "1"])] == [
        "Acme Telecom",
        RESTRICTED,
    ]


def test_a_list_that_somebody_changed_meanwhile_is_a_conflict_and_nothing_is_written(
    context: Context, bob: Context, acme: Company, beta: Company, shared: Sharing
) -> None:
    companies.save(bob, acme, {"cli_allow_list": "1111111"})
    before = dump(context.database)
    with pytest.raises(Conflict) as conflict:
        sharing.save(context, shared, {acme.id: "1234567", beta.id: "1234578"})
    assert (conflict.value.by, conflict.value.fields) == ("bob", ("cli_allow_list",))
    assert dump(context.database) == before
    sharing.save(context, shared, {beta.id: "1234578"})
    assert stored(context) == {"Acme Telecom": "1111111", "Beta Ltd": "1234578"}


def test_what_somebody_else_saved_meanwhile_is_judged_with_what_is_typed(
    context: Context, bob: Context, acme: Company, beta: Company, shared: Sharing
) -> None:
    """W-007: each alone is right, both together are not."""
    companies.save(bob, acme, {"cli_allow_list": "1234578"})
    with pytest.raises(Refused, match="1234578 also stands on the list"):
        sharing.save(context, shared, {beta.id: "1234578"})


def test_other_sharers_than_the_operator_saw_are_not_written_over(
    context: Context, bob: Context, acme: Company, beta: Company, shared: Sharing
) -> None:
    gamma = only(companies.add(bob, {"name": "Gamma", "cli_allow_list": "3"}))
    added = only(ip_auth.add(bob, gamma.id, {"address": HERE, "cli_authentication": "yes"}))
    lists = {acme.id: "1234567", beta.id: "1234578"}
    with pytest.raises(Gone, match=r"Gamma sends from 203\.0\.113\.77 now as well"):
        sharing.save(context, shared, lists)
    again = sharing.at(context, HERE)
    ip_auth.delete(bob, [added])
    with pytest.raises(Gone, match=r"Gamma does not send from 203\.0\.113\.77 any more"):
        sharing.save(context, again, lists)
    assert stored(context)["Acme Telecom"] == ""


def test_saving_what_is_so_already_changes_nothing(
    context: Context, acme: Company, beta: Company, shared: Sharing
) -> None:
    lists = {acme.id: "1234567", beta.id: "1234578"}
    sharing.save(context, shared, lists)
    count = generation(context.database)
    change = sharing.save(context, sharing.at(context, HERE), {acme.id: " 1234567\n\n", beta.id: "1234578"})
    assert change.sentence == "There was nothing to change."
    assert generation(context.database) == count


def test_an_operator_may_and_a_viewer_may_not(context: Context, acme: Company, beta: Company, shared: Sharing) -> None:
    """W-028"""
    lists = {acme.id: "1234567", beta.id: "1234578"}
    viewer = replace(context, actor=replace(context.actor, role=Role.VIEWER))
    with pytest.raises(Denied):
        sharing.save(viewer, shared, lists)
    assert sharing.check(viewer, shared, lists) == ()
    sharing.save(replace(context, actor=replace(context.actor, role=Role.OPERATOR)), shared, lists)


def test_the_row_says_what_is_wrong_with_a_shared_address_and_which_key_mends_it(
    context: Context, acme: Company, beta: Company, entry: IpAuth, shared: Sharing
) -> None:
    """W-008, W-009, C-12"""

    def state() -> tuple[str, str, str]:
        found = show(context, "ip_auth", [only_row(context, IpAuth, entry.id)])[0].state
        return found.word, found.remedy, found.why

    assert state()[:2] == ("shared", "share")
    assert state()[2] == "Shared with Beta Ltd. No CLI list: Acme Telecom, Beta Ltd."
    sharing.save(context, shared, {acme.id: "1234567", beta.id: "1234578"})
    assert state() == ("shared", "share", "Shared with Beta Ltd; CLI authentication tells them apart.")
    flagless(context)
    assert state()[:2] == ("conflict", "share")
