"""The NAT doctor: what it judges by, the OPTIONS that it sends, the fix that it offers and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.models.edge_job import JobState, Task
from cxtui.models.findings import Severity
from cxtui.models.registration import Registration
from cxtui.models.sip_user import Ping, SipUser
from cxtui.rules.nat import Result
from cxtui.rules.nat_due import KEEP_ALIVE
from cxtui.rules.roles import Role
from cxtui.services import blocks, companies, edges, nat_doctor, nat_report, sip_users, undo
from cxtui.services.context import Actor, Context
from cxtui.services.edge_states import SILENT_AFTER
from cxtui.services.edges import Sighting
from cxtui.services.nat_doctor import Examination, again, ask, examine, fix, situation
from cxtui.services.nat_options import PATIENCE
from cxtui.services.outcome import Conflict, Denied, Gone, ServiceError
from tests.services.test_registrations import attach, give, register
from tests.support import NOON, Clock, audit, execute, generation, query

BEHIND_NAT: dict[str, Any] = {
    "contact": "sip:1001@192.168.1.20:5060",
    "via": "SIP/2.0/UDP 192.168.1.20:5060;rport;branch=z9hG4bK1",
    "registered_at": NOON - 900,
    "expires_at": NOON + 2700,
}


@pytest.fixture
def user(context: Context, acme: Company) -> SipUser:
    """A SIP user that nothing pings."""
    return give(context, acme, "1001")


@pytest.fixture
def contact(context: Context, user: SipUser) -> Registration:
    """Its device, behind a NAT."""
    return register(context, user, attach(context), **BEHIND_NAT)


def end(context: Context, examination: Examination, **fields: Any) -> Examination:
    """The agent carries out what was asked for; the user is judged again."""
    named = {"state": JobState.DONE.value, "finished_at": NOON, **fields}
    sets = ", ".join(f"{name} = ?" for name in named)
    statement = f"UPDATE edge_job SET {sets} WHERE state IN ('waiting', 'running')"
    execute(context.database, statement, named.values())
    return again(context, examination)


def lose(context: Context, examination: Examination) -> Examination:
    """The device does not answer."""
    return end(context, examination, state=JobState.FAILED.value, result="No answer in 5 s.")


def by_name(examination: Examination) -> dict[str, tuple[str, str]]:
    return {one.test: (one.result.value, one.text) for one in examination.diagnosis.evidence}


def viewer(context: Context) -> Context:
    return replace(context, actor=Actor("vera", "local", "tests", Role.VIEWER))


def test_the_situation_is_that_of_the_user_its_contacts_and_their_edge(context: Context, acme: Company) -> None:
    """S-132, W-100."""
    user = give(context, acme, "1001", allow_list="198.51.100.0/24", retain_did="yes", nat_ping="timeout")
    register(context, user, attach(context), **BEHIND_NAT, pings="1699999990:12000 1699999999:-")
    register(context, user, attach(context, "edge2"), registered_at=NOON - 4000, expires_at=NOON - 400)
    found = situation(context, user)
    assert (found.username, found.now, found.enabled, found.has_password) == ("1001", NOON, True, True)
    assert (found.nat_ping, found.allow_list, found.retain_did) == (Ping.TIMEOUT, "198.51.100.0/24", True)
    assert (found.options_now, found.no_edge, found.edge_silent) == (None, False, False)
    newest, expired = found.contacts
    assert (newest.received, newest.received_port, newest.via, newest.via_port) == (
        *("198.51.100.7", 61344),
        *("192.168.1.20", 5060),
    )
    assert newest.pings == ((1699999990.0, 12000), (1699999999.0, None))
    assert expired.expires_at == NOON - 400


def test_an_examination_sends_an_options_to_the_newest_live_contact_and_says_so(
    context: Context, user: SipUser, contact: Registration
) -> None:
    """S-132, W-020."""
    register(context, user, contact.edge_id, registered_at=NOON - 2000)
    before, told = generation(context.database), len(audit(context.database))
    found = examine(context, user)
    jobs = query(context.database, "SELECT id, task, registration_id FROM edge_job")
    assert jobs == [(found.jobs[0], Task.PING.value, contact.id)]
    assert found.contact == contact
    assert found.pending
    assert by_name(found)["OPTIONS now"] == ("unknown", "sent, waiting for the answer")
    assert found.diagnosis.verdict.startswith("The NAT binding has expired or soon will:")
    assert (generation(context.database), len(audit(context.database))) == (before, told)


def test_a_device_that_does_not_answer_is_told_with_all_that_explains_it(
    context: Context, user: SipUser, contact: Registration
) -> None:
    """S-132, S-137, W-018, W-100."""
    found = lose(context, examine(context, user))
    assert not found.pending
    assert found.diagnosis.severity is Severity.ERROR
    assert found.diagnosis.verdict == (
        "The NAT binding has expired: contact 192.168.1.20:5060 received from 198.51.100.7:61344, "
        "last ping never, OPTIONS lost 1/1."
    )
    assert by_name(found)["private Contact"][0] == by_name(found)["private Via"][0] == "bad"
    assert found.diagnosis.fix is not None
    change = nat_doctor.difference(found.user, found.diagnosis.fix)
    assert (change.label, change.before, change.after) == ("NAT/SIP Ping", "Disabled", "Enabled")


def test_each_options_more_counts_until_one_is_answered(context: Context, user: SipUser, contact: Registration) -> None:
    """W-020."""
    found = lose(context, examine(context, user))
    waiting = ask(context, found)
    assert by_name(waiting)["OPTIONS now"] == ("bad", "lost 1/1"), "the last outcome stands until there is another"
    assert ask(context, waiting).jobs == waiting.jobs, "one is on its way already"
    found = lose(context, waiting)
    assert by_name(found)["OPTIONS now"] == ("bad", "lost 2/2")
    found = end(context, ask(context, found), status=200, round_trip=12_345)
    assert by_name(found)["OPTIONS now"] == ("ok", "answered in 12.3 ms")
    assert found.diagnosis.verdict.startswith("The way in is open now (OPTIONS answered in 12.3 ms)")


def test_an_options_that_never_left_is_not_held_against_the_device(
    context: Context, user: SipUser, contact: Registration, clock: Clock
) -> None:
    found = end(context, examine(context, user), state=JobState.FAILED.value, result="The switch did not do it: no.")
    assert by_name(found)["OPTIONS now"] == ("unknown", "no outcome: The switch did not do it: no")
    assert found.situation.options_now is None
    found = ask(context, found)
    clock.forward(PATIENCE - 5)
    assert by_name(again(context, found))["OPTIONS now"] == ("unknown", "no outcome: No agent took it within 30 s")
    execute(context.database, "UPDATE edge_job SET state = 'running'")
    assert again(context, found).pending
    clock.forward(6)
    assert not again(context, found).pending
    assert by_name(again(context, found))["OPTIONS now"] == ("unknown", "no outcome in 40 s")


def test_a_register_opens_the_way_again_so_an_earlier_options_says_nothing_more(
    context: Context, user: SipUser, contact: Registration
) -> None:
    """S-134."""
    lost = lose(context, examine(context, user))
    execute(context.database, "UPDATE registration SET registered_at = registered_at + 0.7")
    assert again(context, lost).jobs == lost.jobs, "the same REGISTER, its time told more exactly"
    execute(context.database, "UPDATE registration SET registered_at = ?", (NOON,))
    found = again(context, lost)
    assert (found.jobs, found.situation.options_now, found.unasked) == ((), None, True)
    assert ask(context, found).pending


def test_the_fix_is_one_audited_change_and_what_follows_waits_for_the_next_register(
    context: Context, user: SipUser, contact: Registration, clock: Clock
) -> None:
    """S-101, S-132, S-137, W-018: the switch pings a contact from its next REGISTER on."""
    found = lose(context, examine(context, user))
    before = generation(context.database)
    assert found.diagnosis.fix is not None
    change = fix(context, found.user, found.diagnosis.fix)
    assert change.generation == generation(context.database) == before + 1
    entry = audit(context.database)[-1]
    assert (entry.action, entry.before, entry.after) == ("UPDATE", {"nat_ping": "disabled"}, {"nat_ping": "enabled"})
    assert entry.reason == "NAT doctor"

    found = lose(context, examine(context, user))
    assert (found.due, found.user.nat_ping, found.diagnosis.fix) == (True, "enabled", None)
    assert found.diagnosis.severity is Severity.ERROR
    assert found.diagnosis.verdict == (
        "Contact 192.168.1.20:5060 received from 198.51.100.7:61344: the switch pings 1001 from its next REGISTER on, "
        "in 45 min at the latest. Until then the way in is closed (OPTIONS lost 1/1)."
    )
    assert by_name(found)[KEEP_ALIVE] == (
        "note",
        "NAT/SIP Ping is Enabled since its last REGISTER; the switch pings 1001 from its next REGISTER on, "
        "in 45 min at the latest",
    )
    assert "register again" in found.diagnosis.next

    clock.forward(5)
    execute(context.database, "UPDATE registration SET registered_at = ?, expires_at = ?", (NOON + 4, NOON + 3604))
    attach(context)
    found = end(context, ask(context, again(context, found)), status=200, round_trip=12_000)
    assert (found.due, found.diagnosis.severity) == (False, None)
    assert found.diagnosis.verdict.startswith("The path is open: contact 192.168.1.20:5060")


def test_an_answer_before_the_switch_pings_is_said_to_be_for_now(
    context: Context, user: SipUser, contact: Registration
) -> None:
    """W-018."""
    sip_users.save(context, user, {"nat_ping": "timeout"})
    found = examine(context, user)
    assert found.diagnosis.verdict.endswith("Until then nothing keeps the way in open.")
    assert found.diagnosis.severity is Severity.WARNING
    found = end(context, found, status=200, round_trip=900)
    assert found.diagnosis.verdict.endswith(
        "The way in is open now (OPTIONS answered in 0.9 ms), but closes when it is idle."
    )
    assert "Enabled (Timeout)" in by_name(found)[KEEP_ALIVE][1]


def test_only_the_change_from_disabled_starts_the_wait(
    context: Context, acme: Company, contact: Registration, clock: Clock
) -> None:
    """S-101, S-102: from Enabled to Enabled (Timeout) the switch goes on pinging."""
    always = give(context, acme, "1002", nat_ping="enabled")
    clock.forward(100)
    register(context, always, contact.edge_id)
    clock.forward(100)
    attach(context)
    (always,) = sip_users.save(context, always, {"nat_ping": "timeout"}).rows  # type: ignore[assignment]
    assert not examine(context, always).due
    (off,) = sip_users.save(context, always, {"nat_ping": "disabled"}).rows
    assert not examine(context, always).due
    assert isinstance(off, SipUser)
    sip_users.save(context, off, {"nat_ping": "enabled"})
    assert examine(context, always).due


def test_what_is_wrong_besides_is_still_said_while_the_pings_are_to_come(
    context: Context, user: SipUser, contact: Registration
) -> None:
    """S-132, W-015."""
    (user,) = sip_users.save(context, user, {"nat_ping": "enabled", "allow_list": "203.0.113.0/24"}).rows  # type: ignore[assignment]
    found = examine(context, user)
    assert found.due
    assert "excludes 198.51.100.7" in found.diagnosis.verdict
    assert by_name(found)[KEEP_ALIVE][0] == "note"


def test_the_operators_reason_stands_behind_the_doctors(context: Context, user: SipUser, contact: Registration) -> None:
    """W-027."""
    remedy = examine(context, user).diagnosis.fix
    assert remedy is not None
    fix(replace(context, reason="ticket 7"), user, remedy)
    assert audit(context.database)[-1].reason == "NAT doctor: ticket 7"
    undo.undo(context)
    assert query(context.database, "SELECT nat_ping FROM sip_user WHERE id = ?", (user.id,)) == [("disabled",)]


def test_a_fix_does_not_overwrite_what_somebody_else_decided(
    context: Context, bob: Context, user: SipUser, contact: Registration
) -> None:
    remedy = examine(context, user).diagnosis.fix
    assert remedy is not None
    sip_users.save(bob, user, {"nat_ping": "timeout"})
    with pytest.raises(Conflict, match="bob changed nat_ping"):
        fix(context, user, remedy)


def test_who_may_only_look_gets_the_verdict_and_sends_nothing(
    context: Context, user: SipUser, contact: Registration
) -> None:
    """W-028."""
    vera = viewer(context)
    found = examine(vera, user)
    assert (found.jobs, found.unasked, found.pending) == ((), False, False)
    assert by_name(found)["OPTIONS now"] == ("unknown", "not sent: only an operator can send one")
    assert again(vera, found).unsent == found.unsent
    assert found.diagnosis.fix is not None
    with pytest.raises(Denied):
        fix(vera, user, found.diagnosis.fix)
    assert query(context.database, "SELECT count(*) FROM edge_job") == [(0,)]


def test_without_an_edge_or_a_registration_the_verdict_says_what_is_known(
    context: Context, user: SipUser, clock: Clock
) -> None:
    """S-014, S-132."""
    found = examine(context, user)
    assert found.diagnosis.verdict.startswith("No edge is attached")
    assert (found.contact, found.jobs, found.unasked) == (None, (), False)
    edge = attach(context)
    found = again(context, found)
    assert found.diagnosis.verdict.startswith("1001 is not registered now")
    register(context, user, edge, **BEHIND_NAT)
    found = again(context, found)
    assert found.unasked
    assert ask(context, found).pending
    clock.forward(SILENT_AFTER + 1)
    found = again(context, examine(context, user))
    assert found.jobs == ()
    assert by_name(found)["OPTIONS now"] == ("unknown", "not sent: edge1 is silent")
    assert found.diagnosis.verdict.endswith("but the edge is silent and these facts are old.")
    attach(context)
    assert again(context, found).unasked, "it can be sent now"
    execute(context.database, "UPDATE edge SET trouble = 'is Kamailio running?'")
    found = examine(context, user)
    assert by_name(found)["OPTIONS now"] == ("unknown", "not sent: edge1 does not reach its switch")
    assert found.diagnosis.severity is not None


def test_a_user_that_was_deleted_is_gone(context: Context, user: SipUser, contact: Registration) -> None:
    found = examine(context, user)
    sip_users.delete(context, [user])
    for deed in (lambda: again(context, found), lambda: examine(context, user), lambda: situation(context, user)):
        with pytest.raises(Gone, match="SIP user 1001 was deleted"):
            deed()


def test_a_contact_that_ends_meanwhile_is_told_as_that(context: Context, user: SipUser, contact: Registration) -> None:
    found = lose(context, examine(context, user))
    execute(context.database, "DELETE FROM registration")
    found = ask(context, found)
    assert found.unsent == "The registration of 1001 from 198.51.100.7:61344 has ended."
    assert found.diagnosis.verdict.startswith("1001 is not registered now")


def test_the_report_is_a_text_for_a_ticket_and_harmless(context: Context, user: SipUser, contact: Registration) -> None:
    """S-132, W-100."""
    register(context, user, contact.edge_id, user_agent="\x1b]52;c;x\x07[/b]", received="203.0.113.9:5060")
    found = lose(context, examine(context, user))
    told = list(nat_report.lines(found, "Acme\x1b Telecom"))
    assert told[0] == "NAT doctor: 1001 (Acme␛ Telecom), 2023-11-14 22:13 UTC"
    assert told[1].startswith("ERROR: ")
    assert any(line.startswith("  BAD      private Contact: the Contact says 192.168.1.20") for line in told)
    assert any(line.endswith("(W-100)") for line in told)
    assert any(line.startswith("Fix: NAT/SIP Ping Disabled → Enabled. An OPTIONS every 60 s") for line in told)
    assert told[-1].startswith("Next: ")
    assert all(line.isprintable() for line in told)


def test_what_was_found_wrong_comes_first(context: Context, user: SipUser, contact: Registration) -> None:
    order = [one.result for one in nat_report.weightiest_first(examine(context, user).diagnosis)]
    assert order == sorted(order, key=[Result.BAD, Result.NOTE, Result.UNKNOWN, Result.OK].index)
    assert {Result.BAD, Result.OK} <= {*order}


def test_a_block_of_the_device_s_address_is_the_verdict_and_unblocking_it_the_fix(
    context: Context, user: SipUser, contact: Registration
) -> None:
    """S-011, S-013, S-132: by the contact's own address, as the doctor's, and seen until every edge has let go."""
    row = Sighting("198.51.100.7", NOON - 720, 40, "wrong password 1001", "1001 x", "Yealink T46", "table")
    edges.record(context, [row])
    ((key,),) = query(context.database, "SELECT id FROM block")
    edges.report(context, contact.edge_id, [(key, "table", None)], [])
    found = examine(context, user)
    assert by_name(found)["firewall"] == (
        "bad",
        "198.51.100.7, where it is registered from, was blocked 12 min ago (40 × wrong password 1001), held by edge1",
    )
    remedy = found.diagnosis.fix
    assert remedy is not None
    change = nat_doctor.difference(user, remedy)
    assert (change.label, change.before, change.after) == ("Block of 198.51.100.7", "in force", "lifted")
    assert "Fix: Block of 198.51.100.7 in force → lifted." in "\n".join(nat_report.lines(found, "Acme Telecom"))
    fix(context, user, remedy)
    assert (audit(context.database)[-1].action, audit(context.database)[-1].reason) == ("UNBLOCK", "NAT doctor")
    assert by_name(again(context, found))["firewall"][1].endswith("is being unblocked: edge1 still holds it")
    edges.report(context, contact.edge_id, [], [(key, "table")])
    assert by_name(again(context, found))["firewall"] == ("ok", "198.51.100.7 is not blocked")
    with pytest.raises(ServiceError, match=r"198\.51\.100\.7 is not blocked any more"):
        fix(context, user, remedy)


def test_a_user_that_cannot_register_is_looked_for_by_its_allow_list_and_its_name(
    context: Context, acme: Company
) -> None:
    """S-011, S-132: whoever uses its name may be anybody, so nothing is offered for those."""
    attach(context)
    user = give(context, acme, "1001", allow_list="198.51.100.0/30")
    seen = [Sighting(address, NOON, 9, "wrong password", "1001 2002") for address in ("203.0.113.9", "203.0.113.10")]
    edges.record(context, [*seen, Sighting("203.0.113.11", NOON, 9, "wrong password", "11001")])
    found = examine(context, user)
    assert (situation(context, user).tried, found.diagnosis.fix) == (("203.0.113.9", "203.0.113.10"), None)
    assert by_name(found)["firewall"][1].startswith("203.0.113.9 and 203.0.113.10 used its name")
    edges.record(context, [Sighting("198.51.100.2", NOON, 9, "wrong password", "1001")])
    found = examine(context, user)
    assert found.diagnosis.fix is not None
    assert found.diagnosis.fix.value == "198.51.100.2"
    blocks.unblock(context, blocks.inside(context, blocks.ranges_of(user)))
    blocks.block(context, {"address": "198.51.100.1"}, confirmed="198.51.100.1")
    told = "198.51.100.1, on its IP Allow list, is blocked (by hand, alice), so no REGISTER from there is answered."
    assert examine(context, user).diagnosis.verdict.endswith(told)


@pytest.mark.usefixtures("contact")
def test_the_status_of_the_company_is_the_verdict_and_nothing_that_cannot_help_is_offered(
    context: Context, acme: Company, user: SipUser
) -> None:
    """W-105, S-132: the device may answer every OPTIONS; no call is let through to it."""
    companies.save(context, acme, {"status": "penalty"})
    found = end(context, examine(context, user), status=200, round_trip=12_345)
    assert found.diagnosis.severity is Severity.ERROR
    assert found.diagnosis.verdict == (
        "Acme Telecom is Penalty, so the edge refuses the registrations of 1001, and calls from and to it."
    )
    assert by_name(found)["company"][0] == "bad"
    assert found.diagnosis.fix is None
    told = list(nat_report.lines(found, "Acme Telecom"))
    refused = "registrations of its users are refused, and calls from and to them (W-105)"
    assert f"  BAD      company: Acme Telecom is Penalty: {refused}" in told
    assert told[-1].startswith("Next: Once it may call again, set its company's Status to Active")
    companies.save(context, companies.find_by_name(context, "Acme Telecom") or acme, {"status": "dialing"})
    now = again(context, found)
    assert "company" not in by_name(now)
    assert now.diagnosis.verdict.startswith("The way in is open now")
