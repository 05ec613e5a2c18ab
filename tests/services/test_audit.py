"""The audit log: what it says of a change, how it is narrowed, and that tampering is noticed (W-027)."""

from __future__ import annotations

import pytest

from cxtui.models.audit import AuditEntry
from cxtui.models.company import Company
from cxtui.services import audit, companies, credentials, ip_auth, sip_users, undo
from cxtui.services.context import Context
from cxtui.services.grids import Grid
from tests.services.stock import take_back
from tests.support import DAY, PASSWORD, Clock, execute


def newest(context: Context, text: str = "") -> AuditEntry:
    return audit.entries(context, text, 1)[0]


def test_a_change_is_told_field_by_field_in_the_words_of_the_form(context: Context, acme: Company) -> None:
    companies.save(context, acme, {"status": "penalty", "channels": "120"})
    told = {item.label: (item.before, item.after) for item in audit.differences(newest(context))}
    assert told == {"Status": ("Active", "Penalty"), "Channels": ("100", "120")}


def test_of_a_new_row_only_what_was_filled_in_is_told(context: Context, acme: Company) -> None:
    ip_auth.add(context, acme.id, {"address": "198.18.4.1", "channels": "30"})
    told = {item.label: item.after for item in audit.differences(newest(context))}
    assert told == {"Company": str(acme.id), "IP/CIDR": "198.18.4.1", "Channels": "30"}


def test_the_log_is_narrowed_by_word_day_span_and_row(context: Context, clock: Clock, acme: Company) -> None:
    old = ip_auth.add(context, acme.id, {"address": "198.18.4.1"}).rows[0]
    clock.forward(3 * DAY)
    user = sip_users.add(context, acme.id, {"username": "1001"}).rows[0]
    assert [entry.entity for entry in audit.entries(context, "2h", 9)] == ["sip_user"]
    assert newest(context, "198.18.4").entity_id == old.id
    assert newest(context, audit.object_filter_of(user)).label == "SIP user 1001"
    assert audit.entries(context, "2h 198.18.4", 9) == []
    assert audit.entries(context, "2001-01-01", 9) == []
    assert audit.entries(context, "2001-99-99", 9) == []


@pytest.mark.parametrize(
    "typed",
    ["0h", "10000000h", "\u0663h", "9999-12-31", "0001-01-01", "2026-13-45", "#sip_user/" + "9" * 5000, "#no/1", "'"],
)
def test_what_is_no_day_span_or_row_is_looked_for_as_a_word(context: Context, typed: str) -> None:
    assert audit.entries(context, typed, 9) == []
    assert Grid(context, "audit", None, typed).read(0, 9).total == 0


def test_a_change_is_not_meant_by_next_to_nothing(context: Context, acme: Company) -> None:
    change = companies.save(context, acme, {"notes": "x"})
    assert [audit.of_change(context, text) for text in ("", change.id[:3], "%%%%", "____", "\ud800\ud800")] == [[]] * 5
    assert audit.of_change(context, change.id[:8])[0].change_id == change.id


def test_the_list_shows_what_was_taken_back(context: Context, acme: Company) -> None:
    companies.save(context, acme, {"notes": "x"})
    undo.undo(context)
    states = {
        shown.row.undoes or shown.row.change_id: shown.state.why for shown in Grid(context, "audit").read(0, 2).rows
    }
    assert list(states.values())[-1] == "This change was taken back."


def test_an_untouched_log_is_whole(context: Context, acme: Company) -> None:
    user = sip_users.add(context, acme.id, {"username": "1001"}).rows[0]
    credentials.set_password(context, user, PASSWORD)  # type: ignore[arg-type]
    take_back(context)
    verdict = audit.verify(context)
    assert (verdict.broken, verdict.rows) == (0, len(audit.entries(context, "", 100)))


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit SET operator = 'eve' WHERE id = 3",
        "UPDATE audit SET after = '{}' WHERE id = 3",
        "UPDATE audit SET at = at - 1 WHERE id = 3",
        "DELETE FROM audit WHERE id = 3",
        "UPDATE audit SET id = 99 WHERE id = 3",
    ],
)
def test_a_row_that_is_altered_or_taken_out_is_noticed(context: Context, acme: Company, tampering: str) -> None:
    for notes in ("a", "b", "c"):
        acme = companies.save(context, acme, {"notes": notes}).rows[0]  # type: ignore[assignment]
    execute(context.database, tampering)
    verdict = audit.verify(context)
    assert verdict.broken in (3, 4)
    assert "altered" in verdict.sentence


def test_rows_missing_at_the_end_are_noticed(context: Context, acme: Company) -> None:
    companies.save(context, acme, {"notes": "the evidence"})
    execute(context.database, "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)")
    assert "missing at the end" in audit.verify(context).sentence


def test_a_refused_change_leaves_the_chain_as_it_was(context: Context, acme: Company) -> None:
    with pytest.raises(Exception, match="a company of this name"):
        companies.add(context, {"name": acme.name})
    assert audit.verify(context).broken == 0


@pytest.mark.parametrize("after", ["no json", "[1]", '{"channels": {"x": 1}}', '{"first": {"hex": "zz"}}'])
def test_a_row_that_another_program_wrote_tells_nothing_and_breaks_nothing(
    context: Context, acme: Company, after: str
) -> None:
    ip_auth.add(context, acme.id, {"address": "198.18.4.1"})
    execute(context.database, "UPDATE audit SET after = ? WHERE id = (SELECT max(id) FROM audit)", (after,))
    assert audit.differences(newest(context)) == []
    assert audit.verify(context).broken


def test_a_filter_may_name_what_was_done(context: Context) -> None:
    """W-027: by operator, object, time and action."""
    made = companies.add(context, {"name": "Delete Ltd"}).rows[0]
    assert isinstance(made, Company)
    companies.save(context, made, {"notes": "x"})
    assert [entry.action for entry in audit.entries(context, "update Delete", 10)] == []
    assert [entry.action for entry in audit.entries(context, "update Ltd", 10)] == ["UPDATE"]
    assert {entry.action for entry in audit.entries(context, "CREATE", 10)} == {"CREATE"}
