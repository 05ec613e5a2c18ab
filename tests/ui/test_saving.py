"""Save and Stay, Delay and Save: the portal's split button in the console's forms (W-025)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from cxtui.rules.roles import Role
from cxtui.services import companies, delayed_saves, ip_auth
from cxtui.services.context import Context
from cxtui.services.moments import moment_words
from cxtui.services.subjects import Subject
from cxtui.services.wishes import Wish
from cxtui.store.errors import StoreError
from cxtui.ui.forms.panel import FormPanel
from cxtui.ui.screens.ask_when import AskWhen
from cxtui.ui.screens.password import PasswordScreen
from tests.support import DAY, NOON, Clock, audit, operator, query
from tests.ui.console import NARROW, WIDE, Console, console
from tests.ui.test_forms import ACME, edit, new


async def stayed(opened: Console, title: str) -> None:
    """Wait until the form goes on, under a title."""
    await opened.sees(title)
    await opened.until(lambda: not opened.form._saving)
    await opened.judged()
    assert not opened.form.dirty


def waiting(context: Context) -> list[tuple[Any, ...]]:
    """What waits, or did."""
    return query(context.database, "SELECT what, title, state FROM delayed_save ORDER BY id")


async def delay(opened: Console, after: str) -> None:
    """Press the key, say when, and wait for what comes of it."""
    await opened.press("f12")
    await opened.until(lambda: isinstance(opened.app.screen, AskWhen))
    await opened.type(after)
    await opened.press("enter")
    await opened.quiet()


async def test_a_stored_row_is_gone_on_with_as_it_is_stored_then(town_context: Context) -> None:
    """W-025: what somebody else saved of it meanwhile stands in the fields too."""
    bob = operator(town_context.database, "bob", Clock())
    async with console(town_context, WIDE) as opened:
        await edit(opened, "2", "203.0.113.77")
        ip_auth.save(bob, opened.form.draft.row, {"flow_speed": "44"})
        await opened.fill(channels=" 31 ")
        await opened.press("f3")
        await opened.hears("Saved IP entry 203.0.113.77 (they send).")
        await stayed(opened, "IP entry 203.0.113.77 (they send) · v3")
        assert (opened.form.typed["channels"], opened.form.typed["flow_speed"]) == ("31", "44")
        await opened.fill(channels="32")
        await opened.press("f3")
        await stayed(opened, "· v4")
        await opened.press("escape")
        await opened.until(lambda: not opened.app.query(FormPanel))
    stored = query(
        town_context.database, "SELECT channels, flow_speed, version FROM ip_auth WHERE address = '203.0.113.77'"
    )
    assert stored == [(32, 44, 4)]


async def test_several_entries_are_added_one_after_the_other(town_context: Context) -> None:
    """W-025: the next one has all but the address, which is the cursor's place."""
    async with console(town_context, NARROW) as opened:
        await new(opened, "2")
        await opened.fill(address="11.0.0.1", channels="30", protocol="tls", manufacturer="Asterisk")
        await opened.press("f6")
        await opened.sees("Manufacturer")
        await opened.press("f3")
        await opened.hears("Added IP entry 11.0.0.1 (they send).")
        await stayed(opened, "new IP entry")
        await opened.until(lambda: opened.form._pages.rows["address"].has_focus_within)
        await opened.misses("is required")
        await opened.type("11.0.0.2\n11.0.0.3")
        await opened.press("f3")
        await opened.hears("Added 2 IP entries.")
        await stayed(opened, "new IP entry")
        assert opened.form.typed["address"] == ""
        await opened.press("f3")
        await opened.sees("an address is required")
        await opened.press("escape")
        await opened.until(lambda: not opened.app.query(FormPanel))
    columns = "address, channels, protocol, port, manufacturer"
    stored = query(town_context.database, f"SELECT {columns} FROM ip_auth WHERE address LIKE '11.%'")
    assert stored == [(f"11.0.0.{last}", 30, "tls", 5061, "Asterisk") for last in (1, 2, 3)]


@pytest.mark.parametrize("scope", ["Acme Telecom", ""])
async def test_a_new_user_gets_a_password_and_the_next_one_the_next_free_username(
    town_context: Context, scope: str
) -> None:
    """W-025, S-092: nobody's voice mail goes to the one before."""
    async with console(town_context) as opened:
        await new(opened, "3", scope)
        own = {} if scope else {"company": "acme", "username": "1000"}
        await opened.fill(channels="3", voicemail_email="ann@acme.example", **own)
        await opened.press("f3")
        await opened.sees("New password for 1000")
        assert isinstance(opened.app.screen, PasswordScreen)
        await opened.press("enter")
        await opened.sees("✔ set")
        await opened.press("enter")
        await stayed(opened, "new SIP user")
        assert opened.form.typed["username"] == "1005"
        assert opened.form.typed.get("company", "acme") == "acme"
        assert (opened.form.typed["channels"], opened.form.typed["voicemail_email"]) == ("3", "")
        await opened.until(lambda: opened.form._pages.rows["username"].has_focus_within)
        await opened.press("f3")
        await opened.sees("New password for 1005")
        await opened.press("escape")
        await stayed(opened, "new SIP user")
        assert opened.form.typed["username"] == "1006"
    stored = query(
        town_context.database,
        "SELECT username, company_id, channels, password_set_at IS NULL FROM sip_user"
        " WHERE username IN ('1000', '1005') ORDER BY username",
    )
    assert stored == [("1000", ACME, 3, 0), ("1005", ACME, 3, 1)]


async def test_the_next_company_is_offered_the_next_free_block(town_context: Context) -> None:
    """W-025, W-070"""
    async with console(town_context) as opened:
        await opened.open("c")
        await opened.press("a")
        await opened.until(lambda: opened.form.typed)
        await opened.fill(name="Delta", kind="carrier", number_block_start="2000", number_block_size="1000")
        await opened.press("f3")
        await opened.hears("Added carrier Delta.")
        await stayed(opened, "new company")
        typed = opened.form.typed
        assert (typed["name"], typed["kind"], typed["number_block_start"]) == ("", "carrier", "0")
        opened.form._pages.rows["number_block_start"].widget.focus()
        await opened.sees("F4 takes the next free block, 3000")
        await opened.press("f4")
        await opened.until(lambda: opened.form.typed["number_block_start"] == "3000")


async def test_a_rewrite_rule_after_the_other(town_context: Context) -> None:
    """W-025, S-062"""
    async with console(town_context) as opened:
        opened.app.show_tab("rewrite", Subject("ip_auth", 1))
        await opened.quiet()
        await opened.press("a")
        await opened.until(lambda: opened.form.typed)
        await opened.fill(current="00", new="", parameter="cli")
        await opened.press("f3")
        await opened.hears("Added rewrite rule 00")
        await stayed(opened, "new rewrite rule")
        assert (opened.form.typed["current"], opened.form.typed["parameter"]) == ("", "cli")
        await opened.type("0")
        await opened.press("f3")
        await opened.hears("Added rewrite rule 0 ")
        await stayed(opened, "new rewrite rule")
    rules = query(town_context.database, "SELECT position, current, parameter FROM rewrite_rule ORDER BY position")
    assert rules == [(1, "00", "cli"), (2, "0", "cli")]


async def test_a_conflict_is_resolved_and_the_form_stays_all_the_same(town_context: Context) -> None:
    """W-025"""
    bob = operator(town_context.database, "bob", Clock())
    async with console(town_context) as opened:
        await edit(opened, "2", "203.0.113.77")
        ip_auth.save(bob, opened.form.draft.row, {"channels": "77"})
        await opened.fill(channels="44")
        await opened.press("f3")
        await opened.sees("bob changed this row while you were editing")
        await opened.press("right", "enter")
        await opened.hears("Saved IP entry 203.0.113.77 (they send).")
        await stayed(opened, "· v3")
        assert opened.form.typed["channels"] == "44"


async def test_each_save_of_a_form_that_stays_asks_for_its_own_reason(town_context: Context) -> None:
    """W-025, W-027"""
    context = replace(town_context, settings=replace(town_context.settings, ask_reason=True))
    async with console(context) as opened:
        await edit(opened, "2", "203.0.113.77")
        for number in ("31", "32"):
            await opened.fill(channels=number)
            await opened.press("f3")
            await opened.sees("Why is this changed?")
            await opened.type(f"ticket {number}")
            await opened.press("enter")
            await stayed(opened, f"· v{int(number) - 29}")
    assert [entry.reason for entry in audit(context.database)[-2:]] == ["ticket 31", "ticket 32"]


async def test_forms_that_end_in_a_plan_have_only_the_one_way(town_context: Context) -> None:
    async with console(town_context) as opened:
        await opened.open("3")
        await opened.press("b")
        await opened.until(lambda: opened.form.typed)
        assert opened.form.check_action("save", ()) is True
        assert not opened.form.check_action("save_stay", ())
        await opened.press("f12", "f3")
        await opened.quiet()
        assert opened.app.query(FormPanel)
        assert not isinstance(opened.app.screen, AskWhen)


async def test_a_viewer_saves_in_no_way(town_context: Context) -> None:
    """W-028"""
    viewer = replace(town_context, actor=replace(town_context.actor, role=Role.VIEWER))
    async with console(viewer) as opened:
        await opened.open("3")
        await opened.press("e")
        await opened.until(lambda: opened.form.typed)
        await opened.press("f3", "f12")
        await opened.quiet()
        assert not isinstance(opened.app.screen, AskWhen)


async def test_what_is_delayed_waits_and_is_carried_out_at_its_time(town_context: Context) -> None:
    """W-025: by the tick of an open console, through the same services; whoever asked for it is told."""
    clock = Clock()
    context = replace(town_context, now=clock)
    async with console(context) as opened:
        await edit(opened, "2", "203.0.113.77")
        await opened.fill(channels="31")
        await delay(opened, "15min")
        await opened.hears("IP entry 203.0.113.77 (they send) will be saved", "cxtui later run")
        await opened.until(lambda: not opened.app.query(FormPanel))
        assert waiting(context) == [("ip_auth", "IP entry 203.0.113.77 (they send)", "waiting")]
        opened.app.tick()
        await opened.quiet()
        assert channels(context) == 30
        clock.forward(900)
        opened.app.tick()
        await opened.hears("Delayed save of IP entry 203.0.113.77 (they send): Saved IP entry 203.0.113.77")
        assert channels(context) == 31
        said = len(opened.toasts)
        opened.app.tick()
        await opened.quiet()
        assert len(opened.toasts) == said
        await opened.press("z")
        await opened.hears("Undone: update of IP entry 203.0.113.77")
    assert channels(context) == 30


def channels(context: Context) -> int:
    """The channels of Acme's first entry."""
    ((found,),) = query(context.database, "SELECT channels FROM ip_auth WHERE address = '203.0.113.77'")
    return int(found)


async def test_the_question_says_what_is_meant_and_lets_nothing_else_pass(town_context: Context) -> None:
    """W-025"""
    async with console(town_context) as opened:
        await edit(opened, "2", "203.0.113.77")
        await opened.fill(channels="31")
        await opened.press("f12")
        await opened.sees("Save after how long?", "Somebody has to be there then")
        await opened.type("soon")
        await opened.press("enter")
        await opened.sees("write a span such as 90 s")
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, AskWhen))
        assert opened.form.typed["channels"] == "31"
        await opened.press("f12")
        await opened.sees("Save after how long?")
        await opened.type("3d")
        await opened.sees(moment_words(NOON + 3 * DAY, NOON))
        await opened.press("escape")
    assert waiting(town_context) == []


async def test_what_would_be_refused_now_is_refused_now_beside_its_field(town_context: Context) -> None:
    """W-025"""
    async with console(town_context) as opened:
        await new(opened, "3", "Gamma Carrier")
        await opened.fill(username="office")
        await delay(opened, "2h")
        await opened.sees("✖ Duplicate User Detected")
        assert opened.form.typed["username"] == "office"
        assert waiting(town_context) == []
        await opened.fill(username="clerk")
        await delay(opened, "2h")
        await opened.hears("New SIP user clerk will be saved", "It has no password then")
        await opened.until(lambda: not opened.app.query(FormPanel))
        assert not isinstance(opened.app.screen, PasswordScreen)
    assert waiting(town_context) == [("sip_users", "new SIP user clerk", "waiting")]


async def test_what_has_to_be_confirmed_is_confirmed_before_it_waits(town_context: Context) -> None:
    """W-025, W-030"""
    clock = Clock()
    context = replace(town_context, now=clock)
    async with console(context) as opened:
        await opened.open("7")
        await opened.press("b")
        await opened.until(lambda: opened.form.typed)
        await opened.fill(address="192.0.2.8")
        await delay(opened, "1h")
        await opened.sees("belongs to Gamma Carrier", "Type 192.0.2.8 to go on")
        await opened.type("192.0.2.8")
        await opened.press("enter")
        await opened.hears("New block of 192.0.2.8 will be saved")
        clock.forward(3600)
        opened.app.tick()
        await opened.hears("Delayed save of new block of 192.0.2.8: Blocked 192.0.2.8")


async def test_a_conflict_is_resolved_and_then_it_waits(town_context: Context) -> None:
    """W-025"""
    bob = operator(town_context.database, "bob", Clock())
    async with console(town_context) as opened:
        await edit(opened, "2", "203.0.113.77")
        ip_auth.save(bob, opened.form.draft.row, {"channels": "77"})
        await opened.fill(channels="44")
        await delay(opened, "1h")
        await opened.sees("bob changed this row while you were editing")
        await opened.press("right", "enter")
        await opened.hears("will be saved")
        await opened.until(lambda: not opened.app.query(FormPanel))
    assert channels(town_context) == 77
    assert len(waiting(town_context)) == 1


async def test_what_was_refused_while_no_console_was_open_is_told_when_one_is(town_context: Context) -> None:
    """W-025: a console looks soon after it was opened, not only at its first tick."""
    clock = Clock()
    context = replace(town_context, now=clock)
    row = _company(context)
    delayed_saves.delay(context, Wish("companies", {"channels": "150"}, row=row), "1h")
    companies.save(operator(context.database, "bob", clock), row, {"channels": "120"})
    clock.forward(4 * 3600)
    async with console(operator(context.database, "bob", clock)) as opened:
        opened.app.tick()
        await opened.until(lambda: waiting(context)[0][2] == "refused")
        await opened.quiet()
        assert not any("Delayed save" in toast for toast in opened.toasts)
    async with console(context) as opened:
        await opened.hears(
            "Delayed save of customer Acme Telecom: bob changed Channels in the meantime. Nothing was saved."
        )


def _company(context: Context) -> Any:
    found = companies.find_by_name(context, "Acme Telecom")
    assert found is not None
    return found


async def test_a_console_that_may_not_write_leaves_it_to_the_others(town_context: Context) -> None:
    """W-025, W-028"""
    clock = Clock()
    context = replace(town_context, now=clock)
    delayed_saves.delay(context, Wish("profiles", {"name": "night"}), "1h")
    clock.forward(3600)
    viewer = replace(context, actor=replace(context.actor, role=Role.VIEWER))
    async with console(viewer) as opened:
        opened.app.tick()
        await opened.quiet()
    assert waiting(context)[0][2] == "waiting"


async def test_a_database_that_cannot_be_written_is_complained_of_once_and_tried_again(
    town_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-025"""

    def locked(context: Context) -> Sequence[object]:
        raise StoreError("The database is locked by another program; nothing was changed. Try again.")

    async with console(town_context) as opened:
        with monkeypatch.context() as patch:
            patch.setattr(delayed_saves, "carry_out_due", locked)
            for _ in range(3):
                opened.app.tick()
                await opened.quiet()
        await opened.hears("A delayed save could not be carried out yet", "locked")
        assert sum("could not be carried out" in toast for toast in opened.toasts) == 1
        opened.app.tick()
        await opened.quiet()
        assert not opened.app._looking
