"""Delay and Save: carried out once, by the rules of then, or not at all and said so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cxtui.models.company import Company
from cxtui.models.delayed_save import DelayedSave
from cxtui.models.rewrite import Parameter
from cxtui.models.sip_user import SipUser
from cxtui.rules.roles import Role
from cxtui.services import (
    blocks,
    companies,
    credentials,
    delayed_saves,
    rewrites,
    sip_users,
    undo,
    wishes,
)
from cxtui.services.audit import verify
from cxtui.services.context import Context
from cxtui.services.outcome import Conflict, Denied, Gone, NeedsConfirmation, Refused, ServiceError
from cxtui.services.rewrite_tests import keep_tests
from cxtui.services.subjects import Subject
from cxtui.services.wishes import Wish
from cxtui.store.database import Database
from cxtui.store.errors import StoreError
from tests.services.stock import Stock, only, only_row
from tests.support import DAY, Clock, audit, dump, execute, generation, one, query

ROOT = Path(__file__).parents[2]
DIES_BEFORE_THE_COMMIT = """
import os, sys
from dataclasses import replace
from pathlib import Path
from cxtui.services import delayed_saves
from cxtui.services.writing import Writer
from cxtui.store.database import Database
from tests.support import NOON, Clock, operator
Writer.finish = lambda self: os._exit(9)
delayed_saves.carry_out_due(operator(Database(Path(sys.argv[1])), "doomed", Clock(NOON + 3600)))
"""

Made = Callable[[Stock, Context], Wish]


def sip(stock: Stock) -> Subject:
    return Subject("sip_user", stock.user.id)


def rule(stock: Stock, context: Context) -> Wish:
    stored = only(rewrites.add(context, sip(stock), {"current": "00", "new": ""}))
    return Wish("rewrites", {"current": "000"}, row=stored, subject=sip(stock))


WISHES: dict[str, Made] = {
    "new IP entries": lambda s, c: Wish(
        "ip_auth", {"address": "11.0.0.1, 11.0.0.2", "direction": "egress,ingress"}, s.acme.id
    ),
    "a shared IP entry": lambda s, c: Wish("ip_auth", {"address": "203.0.113.10"}, s.beta.id, share=True),
    "an IP entry": lambda s, c: Wish("ip_auth", {"channels": "7", "enabled": "no"}, s.acme.id, s.pair[0]),
    "an authorised block": lambda s, c: Wish("ip_auth", {"address": s.block.address}, s.acme.id, block=s.block),
    "a new SIP user": lambda s, c: Wish("sip_users", {"username": "1002", "allow_list": "11.0.0.1"}, s.acme.id),
    "a SIP user": lambda s, c: Wish("sip_users", {"channels": "2", "profile_id": ""}, s.acme.id, s.user),
    "a new company": lambda s, c: Wish("companies", {"name": "Gamma", "kind": "carrier"}),
    "a company": lambda s, c: Wish("companies", {"notes": "one\ntwo", "cli_allow_list": "441782550100"}, row=s.acme),
    "a new profile": lambda s, c: Wish("profiles", {"name": "night"}),
    "a profile": lambda s, c: Wish("profiles", {"capacity": "40"}, row=s.profile),
    "a block": lambda s, c: Wish("blocks", {"address": "185.243.5.19", "notes": "n", "expires": "2 h"}),
    "a block of a company's address": lambda s, c: Wish(
        "blocks", {"address": "203.0.113.11"}, confirmed="203.0.113.11"
    ),
    "a new rewrite rule": lambda s, c: Wish(
        "rewrites", {"current": "0", "new": "44"}, subject=sip(s), examples={"01782550100": "441782550100"}
    ),
    "a rewrite rule": rule,
}


def delayed(context: Context, wish: Wish, after: str = "1h") -> DelayedSave:
    """A wish that waits."""
    row = only(delayed_saves.delay(context, wish, after))
    assert isinstance(row, DelayedSave)
    return row


def ended(context: Context, row: DelayedSave) -> tuple[str, str]:
    """What became of it: state and outcome."""
    stored = only_row(context, DelayedSave, row.id)
    return stored.state, stored.outcome


def channels(context: Context, acme: Company) -> Wish:
    """More channels for Acme's account, and nothing else."""
    return Wish("companies", {"channels": "150"}, row=acme)


def rules_and_tests(database: Database) -> list[list[tuple[object, ...]]]:
    return [query(database, f"SELECT * FROM {table}") for table in ("rewrite_rule", "rewrite_test")]


@pytest.mark.parametrize("name", WISHES)
def test_what_a_delayed_save_leaves_is_what_the_save_itself_would_have_left(
    context: Context, stock: Stock, clock: Clock, tmp_path: Path, name: str
) -> None:
    """W-025"""
    wish = WISHES[name](stock, context)
    twin = Database(Path(shutil.copy(context.database.path, tmp_path / "twin.db")))
    shutil.copy(f"{context.database.path}-wal", f"{twin.path}-wal")
    before = dump(context.database)
    row = delayed(context, wish)
    assert dump(context.database) == before
    assert (row.title, row.state, row.operator) == (wish.title, "waiting", "alice")
    clock.forward(3600)
    (after,) = delayed_saves.carry_out_due(context)
    assert (after.state, after.operator) == ("done", "alice"), after.outcome
    wishes.save(replace(context, database=twin), wish)
    assert dump(context.database) == dump(twin) != before or rules_and_tests(twin) != [[], []]
    assert rules_and_tests(context.database) == rules_and_tests(twin)
    twin.close()


def test_nothing_happens_before_its_time_and_all_of_it_once_then(context: Context, acme: Company, clock: Clock) -> None:
    """W-025"""
    row = delayed(context, channels(context, acme), "15min")
    clock.forward(899)
    assert delayed_saves.carry_out_due(context) == []
    clock.forward(1)
    (after,) = delayed_saves.carry_out_due(context)
    assert after.outcome == "Saved customer Acme Telecom."
    assert delayed_saves.carry_out_due(context) == []
    assert one(context.database, "SELECT channels FROM company WHERE id = ?", (acme.id,)) == 150
    assert after.change_id == audit(context.database)[-1].change_id
    assert (after.finished_at, row.due_at) == (clock.now, clock.now)


def test_the_audit_names_who_asked_and_that_it_was_delayed(
    context: Context, bob: Context, acme: Company, clock: Clock
) -> None:
    """W-025, W-027"""
    asked = replace(context, reason="ticket 4711")
    before = generation(context.database)
    row = delayed(asked, channels(asked, acme))
    entry = audit(context.database)[-1]
    assert (entry.action, entry.entity, entry.entity_id, entry.reason) == (
        "DELAY",
        "delayed_save",
        row.id,
        "ticket 4711",
    )
    assert entry.label.startswith("delayed save of customer Acme Telecom, due ")
    assert json.loads(entry.after["typed"]) == {"channels": "150"}
    assert generation(context.database) == before
    clock.forward(3600)
    delayed_saves.carry_out_due(bob)
    entry = audit(context.database)[-1]
    assert (entry.operator, entry.origin, entry.program) == ("alice", "198.51.100.200", "delayed")
    assert (entry.action, entry.reason, entry.after) == (
        "UPDATE",
        f"delayed save {row.id}: ticket 4711",
        {"channels": 150},
    )
    assert generation(context.database) == before + 1
    assert not verify(context).broken


@pytest.mark.parametrize(
    ("wish", "raised"),
    [
        (lambda s: Wish("sip_users", {"username": "1001"}, s.acme.id), Refused),
        (lambda s: Wish("sip_users", {"channels": "x"}, s.acme.id, s.user), Refused),
        (lambda s: Wish("blocks", {"address": "203.0.113.11"}), NeedsConfirmation),
        (lambda s: Wish("sip_users", {"channels": "3"}, s.acme.id, replace(s.user, id=4711)), Gone),
        (lambda s: Wish("sip_users", {"channels": "3"}, s.acme.id, replace(s.user, channels=7)), Conflict),
    ],
)
def test_what_would_be_refused_now_is_refused_now_and_nothing_waits(
    context: Context, stock: Stock, wish: Callable[[Stock], Wish], raised: type[Exception]
) -> None:
    """W-025"""
    before = dump(context.database), audit(context.database)
    with pytest.raises(raised):
        delayed_saves.delay(context, wish(stock), "1h")
    assert (dump(context.database), audit(context.database)) == before
    assert delayed_saves.listed(context) == []


def test_a_moment_that_cannot_be_read_is_refused_beside_its_field(context: Context, acme: Company) -> None:
    """W-025"""
    with pytest.raises(Refused) as refused:
        delayed_saves.delay(context, channels(context, acme), "soon")
    assert refused.value.findings[0].field == "after"


@pytest.mark.parametrize("rounds", range(3))
def test_of_two_that_race_one_carries_it_out(
    context: Context, bob: Context, clock: Clock, stock: Stock, rounds: int
) -> None:
    """W-025"""
    rows = [delayed(context, Wish("sip_users", {"username": f"150{number}"}, stock.acme.id)) for number in range(5)]
    rows.append(delayed(context, Wish("sip_users", {"channels": str(3 + rounds)}, stock.acme.id, stock.user)))
    clock.forward(3600)
    start = threading.Barrier(2)
    carried: list[list[DelayedSave]] = []

    def race(console: Context) -> None:
        own = Database(console.database.path)
        start.wait()
        carried.append(delayed_saves.carry_out_due(replace(console, database=own)))
        own.close()

    threads = [threading.Thread(target=race, args=(console,)) for console in (context, bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row.id for rows in carried for row in rows) == [row.id for row in rows]
    assert {row.state for rows in carried for row in rows} == {"done"}
    assert one(context.database, "SELECT count(*) FROM sip_user WHERE username LIKE '150_'") == 5
    assert sum(entry.program == "delayed" for entry in audit(context.database)) == 6


def test_who_dies_while_carrying_it_out_leaves_it_waiting(context: Context, acme: Company, clock: Clock) -> None:
    """W-025"""
    row = delayed(context, channels(context, acme))
    done = subprocess.run(
        [sys.executable, "-c", DIES_BEFORE_THE_COMMIT, str(context.database.path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 9
    assert ended(context, row) == ("waiting", "")
    assert one(context.database, "SELECT channels FROM company WHERE id = ?", (acme.id,)) == 100
    clock.forward(3600)
    assert len(delayed_saves.carry_out_due(context)) == 1
    assert not verify(context).broken


def test_another_change_of_the_same_field_is_a_conflict_that_is_told(
    context: Context, bob: Context, acme: Company, clock: Clock
) -> None:
    """W-025"""
    row = delayed(context, Wish("companies", {"channels": "150", "flow_speed": "9"}, row=acme))
    companies.save(bob, acme, {"channels": "120", "notes": "bob's"})
    clock.forward(3600)
    delayed_saves.carry_out_due(bob)
    assert ended(context, row) == ("refused", "bob changed Channels in the meantime.")
    assert query(context.database, "SELECT channels, flow_speed FROM company WHERE id = ?", (acme.id,)) == [(120, 0)]
    entry = audit(context.database)[-1]
    assert (entry.action, entry.operator, entry.program) == ("REFUSE", "alice", "delayed")
    assert entry.label == "delayed save of customer Acme Telecom: bob changed Channels in the meantime."
    assert delayed_saves.carry_out_due(bob) == []


def test_another_change_of_other_fields_is_merged(context: Context, bob: Context, acme: Company, clock: Clock) -> None:
    """W-025"""
    row = delayed(context, channels(context, acme))
    companies.save(bob, acme, {"notes": "bob's"})
    clock.forward(3600)
    delayed_saves.carry_out_due(context)
    assert ended(context, row)[0] == "done"
    stored = query(context.database, "SELECT channels, notes FROM company WHERE id = ?", (acme.id,))
    assert stored == [(150, "bob's")]


def test_a_row_that_is_gone_by_then_is_told(context: Context, bob: Context, stock: Stock, clock: Clock) -> None:
    """W-025"""
    user = delayed(context, Wish("sip_users", {"channels": "3"}, stock.acme.id, stock.user))
    rewrite = delayed(context, Wish("rewrites", {"current": "0"}, subject=sip(stock)))
    authorised = delayed(context, WISHES["an authorised block"](stock, context))
    entry = delayed(context, Wish("ip_auth", {"address": "11.0.0.1"}, stock.empty.id))
    companies.delete(bob, [stock.empty])
    sip_users.delete(bob, [stock.user])
    blocks.unblock(bob, [stock.block])
    clock.forward(3600)
    delayed_saves.carry_out_due(bob)
    assert ended(context, user) == ("refused", "SIP user 1001 was deleted in the meantime.")
    assert ended(context, rewrite) == ("refused", "It was deleted in the meantime.")
    assert ended(context, entry) == ("refused", "The company was deleted in the meantime.")
    assert ended(context, authorised) == ("refused", "block of 198.51.100.66 is not in force any more.")
    execute(bob.database, "UPDATE delayed_save SET state = 'waiting'")
    execute(bob.database, "DELETE FROM block WHERE id = ?", (stock.block.id,))
    delayed_saves.carry_out_due(bob)
    assert ended(context, authorised) == ("refused", "The block was deleted in the meantime.")


def test_a_rule_that_forbids_it_by_then_refuses_it(context: Context, bob: Context, stock: Stock, clock: Clock) -> None:
    """W-025"""
    name = delayed(context, Wish("sip_users", {"username": "1002"}, stock.acme.id))
    capacity = delayed(context, Wish("sip_users", {"username": "1003", "channels": "50"}, stock.acme.id))
    rewrite = delayed(context, Wish("rewrites", {"current": "0", "new": "44"}, subject=sip(stock)))
    sip_users.add(bob, stock.acme.id, {"username": "1002", "channels": "1"})
    keep_tests(bob, sip(stock), Parameter.DESTINATION, {"0123": None})
    clock.forward(3600)
    delayed_saves.carry_out_due(context)
    assert ended(context, name) == ("refused", "username: Duplicate User Detected")
    assert ended(context, capacity)[0] == "refused"
    assert "No channel capacity available" in ended(context, capacity)[1]
    assert ended(context, rewrite)[0] == "refused"
    assert "breaks a test" in ended(context, rewrite)[1]


def test_what_nobody_foresaw_stands_against_one_and_not_against_the_next(
    context: Context, acme: Company, clock: Clock
) -> None:
    """W-025"""
    broken = delayed(context, Wish("profiles", {"name": "night"}))
    good = delayed(context, channels(context, acme))
    execute(context.database, "UPDATE delayed_save SET typed = '{' WHERE id = ?", (broken.id,))
    clock.forward(3600)
    assert len(delayed_saves.carry_out_due(context)) == 2
    assert ended(context, broken) == ("refused", "Something unexpected stood against it.")
    assert ended(context, good)[0] == "done"


def test_what_the_database_refuses_stays_waiting_and_does_not_hold_up_the_next(
    context: Context, acme: Company, clock: Clock
) -> None:
    """W-025"""
    first = delayed(context, Wish("profiles", {"name": "night"}))
    second = delayed(context, channels(context, acme))
    refuses = (
        "CREATE TRIGGER full BEFORE INSERT ON sip_profile BEGIN SELECT raise(ABORT, 'database or disk is full'); END"
    )
    execute(context.database, refuses)
    clock.forward(3600)
    with pytest.raises(StoreError, match="full"):
        delayed_saves.carry_out_due(context)
    assert (ended(context, first)[0], ended(context, second)[0]) == ("waiting", "done")
    execute(context.database, "DROP TRIGGER full")
    assert [row.id for row in delayed_saves.carry_out_due(context)] == [first.id]


def test_a_role_that_was_lowered_since_does_not_matter_and_is_recorded(
    context: Context, bob: Context, acme: Company, clock: Clock
) -> None:
    """W-025, W-028: what counts is the role of whoever asked, when they asked; it takes none to be an admin then."""
    row = delayed(context, channels(context, acme))
    assert row.role == "admin"
    clock.forward(3600)
    delayed_saves.carry_out_due(replace(bob, actor=replace(bob.actor, role=Role.OPERATOR)))
    assert ended(context, row)[0] == "done"
    assert audit(context.database)[-2].after["role"] == "admin"


def test_the_role_of_who_is_there_then_gives_nobody_more_than_they_had(
    context: Context, acme: Company, clock: Clock
) -> None:
    """W-025, W-028"""
    asked = replace(context, actor=replace(context.actor, role=Role.OPERATOR))
    with pytest.raises(Denied):
        delayed_saves.delay(asked, channels(asked, acme), "1h")
    row = delayed(asked, Wish("companies", {"cli_allow_list": "441782550100"}, row=acme))
    execute(context.database, 'UPDATE delayed_save SET typed = \'{"channels": "150"}\'')
    clock.forward(3600)
    delayed_saves.carry_out_due(context)
    assert ended(context, row) == ("refused", "Access Denied: this needs the role admin, and yours is operator.")


def test_a_viewer_neither_delays_nor_carries_out_nor_cancels(context: Context, acme: Company, clock: Clock) -> None:
    """W-028"""
    viewer = replace(context, actor=replace(context.actor, role=Role.VIEWER))
    row = delayed(context, channels(context, acme))
    clock.forward(3600)
    for verb in (
        lambda: delayed_saves.delay(viewer, channels(viewer, acme), "1h"),
        lambda: delayed_saves.carry_out_due(viewer),
        lambda: delayed_saves.cancel(viewer, row.id),
    ):
        with pytest.raises(Denied):
            verb()
    assert ended(context, row) == ("waiting", "")


@pytest.mark.parametrize(("jump", "carried"), [(-3 * DAY, 0), (3599.0, 0), (3 * DAY, 1)])
def test_a_clock_that_jumps_carries_nothing_out_twice(
    context: Context, acme: Company, clock: Clock, jump: float, carried: int
) -> None:
    """W-025"""
    start = clock.now
    row = delayed(context, channels(context, acme))
    clock.forward(jump)
    assert len(delayed_saves.carry_out_due(context)) == carried
    clock.now = start + 3600
    assert len(delayed_saves.carry_out_due(context)) == 1 - carried
    clock.now = start - DAY
    assert delayed_saves.carry_out_due(context) == []
    clock.now = start + 9 * DAY
    assert delayed_saves.carry_out_due(context) == []
    assert ended(context, row)[0] == "done"
    assert sum(entry.program == "delayed" for entry in audit(context.database)) == 1


def test_what_was_missed_is_carried_out_later_and_says_how_late(context: Context, acme: Company, clock: Clock) -> None:
    """W-025"""
    row = delayed(context, channels(context, acme))
    clock.forward(3600 + 3 * 3600)
    delayed_saves.carry_out_due(context)
    assert ended(context, row) == ("done", "Saved customer Acme Telecom. 3 h late: nobody was there to do it.")


def test_undo_never_takes_back_what_is_still_to_be_done_and_then_all_of_it(
    context: Context, acme: Company, clock: Clock
) -> None:
    """W-025"""
    companies.save(context, acme, {"notes": "first"})
    row = delayed(context, channels(context, only_row(context, Company, acme.id)))
    assert undo.last(context) == audit(context.database)[-2].change_id
    with pytest.raises(ServiceError, match="cannot be taken back"):
        undo.undo(context, audit(context.database)[-1].change_id)
    assert ended(context, row) == ("waiting", "")
    clock.forward(3600)
    delayed_saves.carry_out_due(context)
    undo.undo(context)
    stored = query(context.database, "SELECT channels, notes FROM company WHERE id = ?", (acme.id,))
    assert stored == [(100, "first")]
    assert delayed_saves.carry_out_due(context) == []


def test_ones_own_is_cancelled_and_somebody_elses_only_by_an_admin(
    context: Context, bob: Context, acme: Company, clock: Clock
) -> None:
    """W-025, W-028"""
    lesser = replace(bob, actor=replace(bob.actor, role=Role.OPERATOR))
    own = delayed(lesser, Wish("companies", {"cli_allow_list": "441782550100"}, row=acme))
    others = delayed(context, channels(context, acme))
    with pytest.raises(Denied, match="alice's"):
        delayed_saves.cancel(lesser, others.id)
    assert delayed_saves.cancel(lesser, own.id).sentence == "Cancelled: delayed save of customer Acme Telecom."
    delayed_saves.cancel(bob, others.id)
    entry = audit(context.database)[-1]
    assert (entry.action, entry.operator, entry.entity_id) == ("CANCEL", "bob", others.id)
    assert ended(context, others) == ("cancelled", "Cancelled by bob.")
    with pytest.raises(ServiceError, match="It is cancelled already: Cancelled by bob"):
        delayed_saves.cancel(bob, others.id)
    with pytest.raises(Gone):
        delayed_saves.cancel(bob, 4711)
    clock.forward(3600)
    assert delayed_saves.carry_out_due(context) == []
    assert [row.id for row in delayed_saves.news(context)] == [others.id]
    assert delayed_saves.news(lesser) == []


def test_its_operator_is_told_once_how_it_ended(context: Context, bob: Context, acme: Company, clock: Clock) -> None:
    """W-025"""
    row = delayed(context, channels(context, acme))
    assert delayed_saves.news(context) == []
    clock.forward(3600)
    delayed_saves.carry_out_due(bob)
    assert delayed_saves.news(bob) == []
    assert [told.id for told in delayed_saves.news(context)] == [row.id]
    assert delayed_saves.news(context) == []


def test_what_waits_is_listed_first_then_what_ended_of_late(context: Context, acme: Company, clock: Clock) -> None:
    """W-025"""
    old = delayed(context, Wish("profiles", {"name": "old"}), "1h")
    clock.forward(3600)
    delayed_saves.carry_out_due(context)
    clock.forward(8 * DAY)
    done = delayed(context, Wish("profiles", {"name": "done"}), "1min")
    clock.forward(60)
    delayed_saves.carry_out_due(context)
    later = delayed(context, Wish("profiles", {"name": "later"}), "3d")
    soon = delayed(context, Wish("profiles", {"name": "soon"}), "2d")
    assert [row.id for row in delayed_saves.listed(context)] == [soon.id, later.id, done.id]
    assert [row.id for row in delayed_saves.listed(context, everything=True)] == [soon.id, later.id, done.id, old.id]


def test_what_is_promised_says_that_somebody_has_to_be_there(context: Context, acme: Company) -> None:
    """W-025"""
    change = delayed_saves.delay(context, Wish("sip_users", {"username": "1002"}, acme.id), "90s")
    assert change.sentence.startswith("New SIP user 1002 will be saved at ")
    assert "by any console that is open then, or by cxtui later run" in change.sentence
    assert change.sentence.endswith("It has no password then: set one afterwards.")


def test_a_password_set_in_between_does_not_stand_against_it(context: Context, stock: Stock, clock: Clock) -> None:
    """W-025"""
    row = delayed(context, Wish("sip_users", {"channels": "3"}, stock.acme.id, stock.user))
    credentials.set_password(context, only_row(context, SipUser, stock.user.id), "Xk7pQm2vRt4_wZ9h")
    clock.forward(3600)
    delayed_saves.carry_out_due(context)
    assert ended(context, row)[0] == "done"


def test_two_that_wait_for_the_same_row_meet_as_two_operators_would(
    context: Context, stock: Stock, clock: Clock
) -> None:
    """W-025"""
    first = delayed(context, Wish("ip_auth", {"channels": "7"}, stock.acme.id, stock.pair[0]), "1h")
    second = delayed(context, Wish("ip_auth", {"channels": "8"}, stock.acme.id, stock.pair[0]), "2h")
    third = delayed(context, Wish("ip_auth", {"flow_speed": "8"}, stock.acme.id, stock.pair[0]), "3h")
    clock.forward(3 * 3600)
    delayed_saves.carry_out_due(context)
    assert ended(context, first)[0] == "done"
    assert ended(context, second) == ("refused", "alice changed Channels in the meantime.")
    assert ended(context, third)[0] == "done"


def test_a_row_of_the_table_that_another_program_wrote_comes_out_harmless(context: Context, acme: Company) -> None:
    row = delayed(replace(context, reason="\x1b]52;c;ZXZpbA==\x07"), channels(context, acme))
    assert "\x1b" not in row.reason + row.title + row.outcome
