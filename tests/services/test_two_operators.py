"""Two operators on the same row: nothing is lost, and a conflict says what and who."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.services import blocks, companies, credentials, ip_auth, sip_users
from cxtui.services.context import Context
from cxtui.services.outcome import Change, Conflict, Gone, Refused
from tests.support import PASSWORD, audit, dump, generation


def first(change: Change):
    return change.rows[0]


def test_different_fields_are_merged(context: Context, bob: Context, acme: Company) -> None:
    companies.save(bob, acme, {"notes": "bob was here"})
    merged = first(companies.save(context, acme, {"flow_speed": "7"}))
    assert (merged.notes, merged.flow_speed, merged.version) == ("bob was here", 7, acme.version + 2)
    assert audit(context.database)[-1].before == {"flow_speed": 0}


def test_the_same_value_twice_is_no_conflict(context: Context, bob: Context, acme: Company) -> None:
    companies.save(bob, acme, {"flow_speed": "7"})
    assert first(companies.save(context, acme, {"flow_speed": "7"})).flow_speed == 7


def test_a_form_that_sends_every_field_only_writes_what_was_changed(
    context: Context, bob: Context, acme: Company
) -> None:
    companies.save(bob, acme, {"notes": "bob was here"})
    whole = {"name": acme.name, "channels": "100", "flow_speed": "9", "notes": "", "number_block_start": "1000"}
    saved = first(companies.save(context, acme, whole))
    assert (saved.notes, saved.flow_speed) == ("bob was here", 9)


def test_the_same_field_is_a_conflict_that_names_field_and_operator(
    context: Context, bob: Context, acme: Company
) -> None:
    theirs = first(companies.save(bob, acme, {"channels": "120", "flow_speed": "5"}))
    before, counted = dump(context.database), generation(context.database)
    with pytest.raises(Conflict, match="bob changed channels while you were editing") as conflict:
        companies.save(context, acme, {"channels": "130", "notes": "mine"})
    assert conflict.value.fields == ("channels",)
    assert conflict.value.by == "bob"
    assert conflict.value.base == acme
    assert conflict.value.theirs == theirs
    assert conflict.value.mine == {"channels": 130, "notes": "mine"}
    assert (dump(context.database), generation(context.database)) == (before, counted)
    resolved = first(companies.save(context, theirs, {"channels": "130", "notes": "mine"}))
    assert (resolved.channels, resolved.flow_speed, resolved.notes) == (130, 5, "mine")


def test_a_row_that_was_deleted_is_gone(context: Context, bob: Context, acme: Company) -> None:
    user = first(sip_users.add(context, acme.id, {"username": "1001"}))
    entry = first(ip_auth.add(context, acme.id, {"address": "203.0.113.9"}))
    sip_users.delete(bob, [user])
    ip_auth.delete(bob, [entry])
    for verb in (
        lambda: sip_users.save(context, user, {"channels": "2"}),
        lambda: sip_users.delete(context, [user]),
        lambda: credentials.set_password(context, user, PASSWORD),
        lambda: ip_auth.save(context, entry, {"channels": "2"}),
    ):
        with pytest.raises(Gone, match="was deleted in the meantime"):
            verb()


def test_a_conflict_about_an_address_names_the_address_alone(context: Context, bob: Context, acme: Company) -> None:
    entry = first(ip_auth.add(context, acme.id, {"address": "203.0.113.9"}))
    ip_auth.save(bob, entry, {"address": "203.0.113.10"})
    with pytest.raises(Conflict, match="bob changed address while") as conflict:
        ip_auth.save(context, entry, {"address": "203.0.113.11", "channels": "3"})
    assert conflict.value.fields == ("address",)
    assert conflict.value.mine == {"address": "203.0.113.11", "channels": 3}


def test_what_both_wrote_is_judged_together(context: Context, bob: Context, beta: Company) -> None:
    """Each change is good by itself; together they would block nothing (W-070)."""
    companies.save(bob, beta, {"number_block_start": "5000", "number_block_size": "10"})
    user = first(sip_users.add(context, beta.id, {"username": "5001"}))
    with pytest.raises(Refused):
        companies.save(context, beta, {"number_block_start": "0", "number_block_size": "20"})
    entry = first(ip_auth.add(context, beta.id, {"address": "203.0.113.9", "direction": "ingress"}))
    ip_auth.save(bob, entry, {"uac_username": "us", "uac_realm": "them"})
    with pytest.raises(Refused, match="uac_username"):
        ip_auth.save(context, entry, {"direction": "egress"})
    assert user.username == "5001"


def test_a_stale_row_never_overwrites_an_entry_of_the_allow_list(context: Context, bob: Context, acme: Company) -> None:
    user = first(sip_users.add(context, acme.id, {"username": "1001"}))
    sip_users.save(bob, user, {"allow_list": "192.0.2.1"})
    with pytest.raises(Conflict):
        sip_users.save(context, user, {"allow_list": "192.0.2.2"})
    sip_users.save(context, user, {"channels": "2"})
    with context.database.reading() as link:
        assert link.execute("SELECT address FROM allowed_range").fetchall() == [("192.0.2.1",)]


def test_unblocking_twice_says_that_it_is_over(context: Context, bob: Context) -> None:
    block = first(blocks.block(context, {"address": "192.0.2.66"}))
    blocks.unblock(bob, [block])
    with pytest.raises(Exception, match="not in force any more"):
        blocks.unblock(context, [block])


def test_an_outbound_password_is_not_bound_to_a_login_nobody_looked_at(
    context: Context, bob: Context, acme: Company
) -> None:
    """C-02: the HA1 would be made for another username than the operator saw."""
    typed = {"address": "203.0.113.9", "direction": "ingress", "uac_username": "us", "uac_realm": "them"}
    entry = first(ip_auth.add(context, acme.id, typed))
    ip_auth.save(bob, entry, {"uac_username": "other"})
    with pytest.raises(Refused, match="changed in the meantime"):
        credentials.set_outbound_password(context, entry, "theirs")


def test_a_row_that_somebody_changed_since_is_not_deleted_unseen(context: Context, bob: Context, acme: Company) -> None:
    companies.save(bob, acme, {"notes": "bob needs this one"})
    before = dump(context.database)
    with pytest.raises(Gone, match="look at it again"):
        companies.delete(context, [acme])
    assert dump(context.database) == before
