"""An undo that puts a password out of use is asked about first: whoever logs in with it is locked out at once."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.services import audit, companies, credentials, ip_auth, sip_users, undo
from cxtui.services.bulk.apply import apply
from cxtui.services.bulk.importing import plan_import
from cxtui.services.context import Context
from cxtui.services.moments import moment_words
from cxtui.services.outcome import NeedsConfirmation, ServiceError
from tests.services.bulk.files import csv
from tests.services.stock import Stock, only
from tests.support import NOON, OTHER_PASSWORD, PASSWORD, Clock, dump, query
from tests.support import audit as audited

THIRD = PASSWORD[::-1] + "Aa1"


def question(context: Context, change_id: str = "") -> NeedsConfirmation:
    """What is asked before a change is taken back; until then nothing is written."""
    before = dump(context.database), len(audited(context.database))
    with pytest.raises(NeedsConfirmation) as asked:
        undo.undo(context, change_id)
    assert (dump(context.database), len(audited(context.database))) == before
    assert not asked.value.typed
    return asked.value


def test_an_earlier_password_is_put_back_only_once_that_was_agreed_to(
    context: Context, stock: Stock, clock: Clock
) -> None:
    """S-126: the question names whose password it is, and which one stops working."""
    before = dump(context.database)
    clock.forward(60)
    change = credentials.set_password(context, stock.user, OTHER_PASSWORD)
    clock.forward(3600)
    asked = question(context)
    since = moment_words(NOON + 60, clock())
    assert str(asked) == (
        f"Put back the earlier password of SIP user 1001? The one set {since} by you stops working at once."
    )
    assert asked.word == change.id[:8]
    done = undo.undo(context, confirmed=asked.word)
    assert done.sentence == "Undone: the earlier password of SIP user 1001 is in use again."
    assert dump(context.database) == before


def test_a_first_password_is_taken_away_only_once_that_was_agreed_to(context: Context, acme: Company) -> None:
    user = only(sip_users.add(context, acme.id, {"username": "1001"}))
    credentials.set_password(context, user, PASSWORD)
    asked = question(context)
    assert str(asked).startswith("Take away the password of SIP user 1001? It had none before: the one set ")
    done = undo.undo(context, confirmed=asked.word)
    assert done.sentence == "Undone: SIP user 1001 has no password, as before."


def test_somebody_else_who_set_it_is_named(context: Context, bob: Context, stock: Stock) -> None:
    change = credentials.set_outbound_password(bob, stock.uac, "new")
    words = str(question(context, change.id))
    assert words.startswith("Put back the earlier outbound password of IP entry 203.0.113.11 (they receive)? The one")
    assert words.endswith(" by bob stops working at once.")


def test_a_yes_to_another_change_takes_nothing_back(context: Context, stock: Stock) -> None:
    """What the operator changed between question and answer is not what the yes was for."""
    credentials.set_password(context, stock.user, OTHER_PASSWORD)
    asked = question(context)
    companies.save(context, stock.acme, {"notes": "x"})
    before = dump(context.database)
    with pytest.raises(ServiceError, match="not the change that was asked about; nothing was taken back"):
        undo.undo(context, confirmed=asked.word)
    assert dump(context.database) == before


def test_what_is_refused_is_not_asked_about(context: Context, bob: Context, stock: Stock, clock: Clock) -> None:
    """S-126: two resets; only the newer one can be taken back."""
    older = credentials.set_password(context, stock.user, OTHER_PASSWORD)
    clock.forward(1)
    credentials.set_password(bob, stock.user, THIRD)
    with pytest.raises(ServiceError, match="changed again since") as refused:
        undo.undo(context, older.id)
    assert not isinstance(refused.value, NeedsConfirmation)


def test_a_former_login_does_not_bring_its_password_back_over_a_newer_one_unasked(
    context: Context, stock: Stock, clock: Clock
) -> None:
    """C-05: a password is bound to its login, so the one set for the new login stops working."""
    change = ip_auth.save(context, stock.uac, {"uac_username": "them"})
    clock.forward(60)
    credentials.set_outbound_password(context, only(change), "new")
    assert str(question(context, change.id)).startswith("Put back the earlier outbound password of IP entry ")


def test_nothing_is_asked_where_no_password_stops_working(context: Context, stock: Stock) -> None:
    """A user that was renamed, or an entry deleted, by mistake gets its password back with one key."""
    before = dump(context.database)
    sip_users.save(context, stock.user, {"username": "1009"})
    ip_auth.delete(context, [stock.uac])
    undo.undo(context)
    undo.undo(context)
    assert dump(context.database) == before


def test_the_passwords_of_many_are_asked_about_together(context: Context, stock: Stock, clock: Clock) -> None:
    """S-126, W-090: with how many had none before, and what else is taken back."""
    for username in ("1002", "1003"):
        sip_users.add(context, stock.acme.id, {"username": username})
    before = dump(context.database)
    clock.forward(60)
    rows = [["username", "password", "channels"], ["1001", OTHER_PASSWORD, "50"], ["1002", THIRD, "9"]]
    plan = plan_import(context, "sip_users", csv(rows), company_id=stock.acme.id)
    apply(context, plan)
    clock.forward(3600)
    asked = question(context)
    since = moment_words(NOON + 60, clock())
    assert str(asked) == (
        f"Take back the passwords of 2 SIP users? Those set {since} by you stop working at once;"
        " 1 of them had none before. 1 other row is taken back with it."
    )
    undo.undo(context, confirmed=asked.word)
    assert dump(context.database) == before
    assert audit.verify(context).broken == 0
    assert query(context.database, "PRAGMA foreign_key_check") == []
