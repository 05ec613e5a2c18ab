"""The frame of the console: status line, tabs, scope, footer and focus."""

from __future__ import annotations

from cxtui.services import edges, ip_auth
from cxtui.services.context import Context
from cxtui.ui.main_screen import MainScreen
from cxtui.ui.widgets.row_table import RowTable
from tests.support import Clock, audit, operator, query
from tests.ui.console import HUGE, NARROW, WIDE, Console, console, lines_with


async def choose(opened: Console, company: str) -> None:
    """Choose a company on the Companies tab."""
    await opened.open("c")
    await opened.sees("Gamma Carrier")
    while opened.pane.shown is None or opened.pane.shown.row.name != company:
        await opened.press("j")
    await opened.press("enter")
    await opened.until(lambda: company in opened.status)
    await opened.quiet()


async def test_the_status_line_says_whose_data_it_is_and_that_no_edge_is_attached(town_context: Context) -> None:
    async with console(town_context) as opened:
        assert opened.status.startswith(" All companies  no edge attached  blocks 0/min")
        assert "LIVE" in opened.status
        assert "alice@198.51.100.200" in opened.status


async def test_the_status_line_names_kind_status_and_channels_of_the_company(town_context: Context) -> None:
    """S-001, W-105, W-011"""
    async with console(town_context) as opened:
        await choose(opened, "Acme Telecom")
        assert " Acme Telecom  customer · active  44/100 channels" in opened.status


async def test_the_status_line_keeps_what_matters_most_where_it_is_narrow(town_context: Context) -> None:
    async with console(town_context, NARROW) as opened:
        await choose(opened, "Acme Telecom")
        assert "44/100 channels  no edge attached  blocks 0/min" in opened.status
        assert opened.status.rstrip().endswith("LIVE")


async def test_an_edge_that_is_behind_or_silent_is_said_to_be(town_context: Context) -> None:
    clock = town_context.now
    assert isinstance(clock, Clock)
    generation = query(town_context.database, "SELECT generation FROM account")[0][0]
    async with console(town_context) as opened:
        edges.beat(town_context, "edge1", generation)
        await opened.sees(f"edge ✔ 1/1 · gen {generation}", "✔ active")
        edges.beat(town_context, "edge1", generation - 1)
        await opened.sees("edge … 0/1", "… pending")
        clock.forward(60)
        await opened.press("ctrl+r")
        await opened.sees("edge ! silent", "! edge silent")


async def test_a_tab_is_shown_by_its_digit_and_by_a_click(town_context: Context) -> None:
    """S-001, S-002"""
    async with console(town_context) as opened:
        await opened.open("7")
        await opened.sees("185.243.5.19")
        await opened.pilot.click("TabBar", offset=(12, 0))
        await opened.sees("IP authentication  7")
        assert opened.app.focused is opened.pane.view.table


async def test_a_pane_is_made_when_it_is_first_visited_and_kept(town_context: Context) -> None:
    async with console(town_context) as opened:
        assert [type(pane).__name__ for pane in opened.app._host._panes.values()] == ["AuthPane"]
        await opened.open("7")
        first = opened.pane
        await opened.open("1")
        await opened.open("7")
        assert opened.pane is first


async def test_the_all_view_lists_customers_and_carriers_together(town_context: Context) -> None:
    """S-003"""
    async with console(town_context) as opened:
        await opened.open("2")
        await opened.sees("Acme Telecom", "Beta Ltd", "Gamma Carrier", "192.0.2.8", "203.0.113.77")
        await choose(opened, "Gamma Carrier")
        await opened.open("2")
        await opened.misses("203.0.113.77", "Acme Telecom")
        assert "192.0.2.8" in opened.picture
        await opened.press("0")
        await opened.sees("All companies", "203.0.113.77")


async def test_a_company_is_chosen_with_enter_and_found_with_the_search(town_context: Context) -> None:
    """S-001: customer list, customer, Auth."""
    async with console(town_context) as opened:
        await choose(opened, "Beta Ltd")
        await opened.sees("IP authentication  1", "SIP user authentication  1", "office")
        await opened.press("slash")
        await opened.type("acme tel")
        await opened.sees("customer, active")
        await opened.press("enter")
        await opened.until(lambda: "Acme Telecom" in opened.status)
        await opened.sees("203.0.113.77", "1002")


async def test_the_footer_offers_only_what_can_be_done(town_context: Context) -> None:
    async with console(town_context) as opened:
        assert "a Add" in opened.footer
        await opened.open("3")
        await opened.press("slash")
        await opened.sees("Enter goes there")
        assert "Add" not in opened.footer
        assert "Find" not in opened.footer
        await opened.press("escape")
        await opened.press("a")
        await opened.sees("Retain DID")
        assert opened.footer.split() == ["^s", "Save", "esc", "Back", "f6", "Other", "tab", "f1", "Keys"]


async def test_nothing_that_could_lose_a_half_filled_form_works_while_it_is_open(town_context: Context) -> None:
    async with console(town_context) as opened:
        await opened.open("3")
        await opened.press("a")
        await opened.sees("Retain DID")
        await opened.type("halfway")
        form = opened.form
        for action in ("find", "tab('ip_auth')", "all_companies", "undo", "refresh", "quit"):
            await opened.app.run_action(action)
        await opened.pilot.click("TabBar", offset=(2, 0))
        await opened.hears("Save the form or leave it first")
        assert opened.form is form
        assert form.typed["company"] == "halfway"
        assert opened.app.is_running
        await opened.press("escape")
        await opened.sees("Leave without saving what you typed?")
        await opened.press("enter")
        await opened.misses("Leave without saving")
        assert opened.form.typed["company"] == "halfway"


async def test_a_list_beside_an_open_form_does_not_take_the_focus(town_context: Context) -> None:
    async with console(town_context) as opened:
        await opened.open("7")
        await opened.press("b")
        await opened.sees("Expires")
        await opened.press("tab", "tab")
        await opened.press("tab")
        assert opened.has_focus_in(opened.form)
        await opened.press("escape")
        await opened.until(lambda: opened.pane.view.table.has_focus)


async def test_the_focus_is_never_lost(town_context: Context) -> None:
    async with console(town_context, NARROW) as opened:
        await opened.pilot.click("StatusLine")
        await opened.until(lambda: isinstance(opened.app.focused, RowTable))
        await opened.pilot.click("Explain")
        await opened.until(lambda: isinstance(opened.app.focused, RowTable))
        await opened.open("2")
        await opened.until(lambda: opened.pane.view.table.has_focus)
        await opened.press("a")
        await opened.sees("Switch Direction")
        await opened.press("tab")
        was = opened.app.focused
        await opened.pilot.click(".form-title")
        await opened.until(lambda: opened.app.focused is was)
        await opened.press("escape")
        await opened.until(lambda: opened.pane.view.table.has_focus)
        await opened.press("question_mark")
        await opened.sees("Everywhere")
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen) and opened.pane.view.table.has_focus)


async def test_z_takes_back_the_last_change_of_this_operator_only(town_context: Context) -> None:
    """S-027: a limit is changed and set back."""
    database = town_context.database
    bob = operator(database, "bob", Clock())
    async with console(town_context) as opened:
        await opened.press("z")
        await opened.hears("There is nothing to undo.")
        await opened.open("2")
        await opened.press("e")
        await opened.fill(flow_speed="77")
        await opened.press("ctrl+s")
        await opened.hears("Saved IP entry 192.0.2.8 (they send).")
        gamma = opened.pane.shown
        assert gamma is not None
        ip_auth.save(bob, gamma.row, {"channels": "5"})
        await opened.press("z")
        await opened.hears("Undone: update of IP entry 192.0.2.8 (they send).")
    assert query(database, "SELECT channels, flow_speed FROM ip_auth WHERE address = '192.0.2.8'") == [(5, 0)]
    assert [(entry.operator, bool(entry.undoes)) for entry in audit(database)[-3:]] == [
        ("alice", False),
        ("bob", False),
        ("alice", True),
    ]


async def test_a_commit_of_another_operator_comes_onto_the_screen_by_itself(town_context: Context) -> None:
    bob = operator(town_context.database, "bob", Clock())
    async with console(town_context) as opened:
        await opened.open("7")
        acme = query(town_context.database, "SELECT id FROM company WHERE name = 'Acme Telecom'")[0][0]
        await opened.press("slash")
        await opened.sees("Enter goes there")
        ip_auth.add(bob, acme, {"address": "185.243.5.19"})
        await opened.press("escape")
        await opened.until(lambda: "Acme Telecom" in next(lines_with(opened.picture, "185.243.5.19")))


async def test_a_name_is_never_read_as_markup(town_context: Context) -> None:
    hostile = "[/foo] [red]x[/red] [@click=app.quit]q[/] $name"
    async with console(town_context, HUGE) as opened:
        await opened.open("c")
        await opened.press("a")
        await opened.fill(name=hostile, notes=hostile)
        await opened.press("ctrl+s")
        await opened.hears(f"Added customer {hostile}.")
        await opened.sees(hostile)
        await choose(opened, hostile)
        assert hostile in opened.status
        await opened.open("c")
        await opened.press("d")
        await opened.sees(f"Delete customer {hostile}?")
        await opened.press("escape")
        await opened.press("slash")
        await opened.type(hostile)
        await opened.sees("customer, active")


async def test_what_goes_wrong_is_said_in_a_toast_and_harms_nothing(town_context: Context) -> None:
    async with console(town_context, WIDE) as opened:
        await opened.open("c")
        await opened.press("d")
        await opened.sees("Delete customer Acme Telecom?")
        await opened.press("y")
        await opened.hears("customer Acme Telecom still has 4 IP entries and 4 SIP users: delete those first")
        await opened.sees("Acme Telecom", "Beta Ltd")


async def test_what_lies_under_a_window_is_seen_however_often_the_window_is_rendered(town_context: Context) -> None:
    async with console(town_context) as opened:
        await opened.press("question_mark")
        await opened.sees("Everywhere")
        assert {type(opened.app.screen.render()).__name__ for _ in range(3)} == {"BackgroundScreen"}
        assert "All companies" in opened.picture
