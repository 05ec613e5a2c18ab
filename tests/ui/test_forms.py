"""Forms: judged while typing, saved all or nothing, and nothing typed is lost."""

from __future__ import annotations

import asyncio

import pytest

from cxtui.services import ip_auth, sip_users
from cxtui.services.context import Context
from cxtui.ui.forms.field import FieldRow
from cxtui.ui.screens.conflict import ConflictScreen
from cxtui.ui.widgets.choices import Choices
from tests.support import Clock, operator, query
from tests.ui.console import NARROW, WIDE, Console, console

ACME, BETA, GAMMA = 1, 2, 3


async def new(opened: Console, tab: str, company: str = "Acme Telecom") -> None:
    """Open the form of a new row on a tab, for a company or, with an empty name, in the view of all."""
    if company:
        opened.app.set_scope(_scope(opened, company))
        await opened.until(lambda: company in opened.status)
    await opened.open(tab)
    await opened.press("a")
    await opened.until(lambda: opened.form.typed)
    await opened.quiet()


def _scope(opened: Console, company: str):
    from cxtui.services.companies import find_by_name
    from cxtui.ui.scope import Scope

    found = find_by_name(opened.app.desk.context, company)
    assert found is not None
    return Scope(found.id, found.name)


async def edit(opened: Console, tab: str, name: str) -> None:
    """Open the form of a row that is there."""
    await opened.open(tab)
    await opened.sees(name)
    await opened.press("home")
    while opened.pane.shown is None or name not in vars_of(opened):
        await opened.press("j")
    await opened.press("e")
    await opened.until(lambda: opened.form.typed)
    await opened.quiet()


def vars_of(opened: Console) -> str:
    """The address or name of the row under the cursor."""
    assert opened.pane.shown is not None
    row = opened.pane.shown.row
    return str(getattr(row, "address", "") or getattr(row, "username", "") or row.name)


def entries(context: Context) -> list[tuple[str, str, int | None]]:
    """The IP entries of Acme beyond those that were there."""
    return query(
        context.database,
        "SELECT address, direction, linked_id FROM ip_auth WHERE id > 7 ORDER BY id",
    )


async def test_several_addresses_are_pasted_with_any_separators_and_each_is_judged(town_context: Context) -> None:
    """W-001, S-020"""
    async with console(town_context, NARROW) as opened:
        await new(opened, "2")
        await opened.type("11.0.0.1, 11.0.0.2;11.0.0.0/24\n11.0.0.300\t11.0.0.1")
        await opened.sees("✖ 11.0.0.300: 300 is not an octet", "! 11.0.0.1 stands twice; it is added once")
        await opened.press("ctrl+s")
        await opened.quiet()
        assert "11.0.0.1, 11.0.0.2;11.0.0.0/24" in opened.form.typed["address"]
        assert entries(town_context) == []
        await opened.fill(address="11.0.0.1, 11.0.0.2;11.2.0.0/24")
        await opened.press("ctrl+s")
        await opened.hears("Added 3 IP entries.")
    assert [address for address, _, _ in entries(town_context)] == ["11.0.0.1", "11.0.0.2", "11.2.0.0/24"]


async def test_the_network_being_typed_is_drawn(town_context: Context) -> None:
    """S-071"""
    async with console(town_context) as opened:
        await new(opened, "2")
        await opened.type("11.0.0.96/27")
        await opened.sees("11.0.0.96/27", "32 addresses", "11.0.0.96 – 11.0.0.127", "mask 255.255.255.224")
        assert "00001011.00000000.00000000.011▏00000" in opened.picture
        await opened.type("\n2001:db8::/48")
        await opened.sees("2^80 addresses", "2 of 2 good", "mask /48")


async def test_both_directions_make_two_linked_entries(town_context: Context) -> None:
    """C-01, S-022…S-025, W-002"""
    async with console(town_context) as opened:
        await new(opened, "2")
        await opened.sees("☒ they send to us (egress)", "☐ they receive from us (ingress)")
        await opened.type("11.0.0.1")
        await opened.press("tab", "right")
        await opened.sees("This switch receives calls from us. A host name may be used.")
        await opened.press("space", "ctrl+s")
        await opened.hears("Added 2 IP entries.")
        await opened.sees("they receive")
    (one, two) = query(town_context.database, "SELECT id, linked_id, direction FROM ip_auth WHERE address = '11.0.0.1'")
    assert (one[1], two[1]) == (two[0], one[0])
    assert {one[2], two[2]} == {"egress", "ingress"}


async def test_a_host_name_is_taken_only_where_they_receive(town_context: Context) -> None:
    """S-021, S-024"""
    async with console(town_context) as opened:
        await new(opened, "2")
        await opened.fill(address="pbx.beta.example")
        await opened.sees("✖ pbx.beta.example:")
        await opened.fill(direction="ingress")
        await opened.misses("pbx.beta.example:")
        await opened.press("ctrl+s")
        await opened.hears("Added IP entry pbx.beta.example (they receive).")


async def test_the_port_follows_the_protocol_unless_it_was_changed(town_context: Context) -> None:
    """S-031, S-032, S-033, S-034, S-035, S-037, W-003"""
    async with console(town_context) as opened:
        await new(opened, "2")
        await opened.fill(address="11.0.0.1")
        await opened.press("f6")
        await opened.sees("Manufacturer")
        protocol = opened.form._pages.rows["protocol"].widget
        protocol.focus()
        await opened.sees("SIP and RTP are unencrypted and transported over UDP.")
        await opened.press("right")
        await opened.sees("SIP is sent over TCP, RTP over UDP.")
        assert opened.form.typed["port"] == "5060"
        await opened.press("right")
        await opened.sees("SIP is sent over TLS (TCP), RTP over UDP.")
        await opened.until(lambda: opened.form.typed["port"] == "5061")
        await opened.press("left")
        await opened.until(lambda: opened.form.typed["port"] == "5060")
        await opened.fill(port="5080")
        await opened.press("right", "right")
        await opened.until(lambda: opened.form.typed["protocol"] == "tls_srtp")
        await opened.sees("SIP is sent over TLS (over TCP), RTP is encrypted with SRTP.")
        assert opened.form.typed["port"] == "5080"
        await opened.fill(port="5060")
        await opened.sees("5061 is usual for this protocol, not 5060", "f4 Take the offer")
        await opened.press("f4")
        await opened.until(lambda: opened.form.typed["port"] == "5061")


async def test_smpp_is_shown_and_cannot_be_chosen(town_context: Context) -> None:
    """S-036, S-097"""
    async with console(town_context) as opened:
        await new(opened, "3")
        await opened.sees("SMPP")
        field = opened.form._pages.rows["protocol"].widget
        assert isinstance(field, Choices)
        field.focus()
        await opened.press("left")
        await opened.until(lambda: opened.form.typed["protocol"] == "tls_srtp")
        place = opened.picture.split("\n")[field.region.y].index("SMPP") - field.region.x
        await opened.pilot.click(field, offset=(place, 0))
        assert opened.form.typed["protocol"] == "tls_srtp"


@pytest.mark.parametrize("name", ["cli_prefix", "tech_prefix", "strip_digits", "force_from"])
async def test_a_field_that_should_not_be_used_leads_to_parameter_rewrite(town_context: Context, name: str) -> None:
    """S-039, W-004"""
    found = ip_auth.check(town_context, ACME, {"address": "11.0.0.1", name: "7"}).findings
    assert [finding.text for finding in found if finding.field == name] == [
        "Do NOT use this field: modify numbers with Parameter Rewrite (F7)."
    ]


async def test_the_advanced_tab_holds_every_field_and_what_is_said_of_it(town_context: Context) -> None:
    """S-005, S-030, S-038, S-039, S-041, S-042, S-043, W-004, W-005, W-006"""
    async with console(town_context) as opened:
        await new(opened, "2")
        await opened.press("f6")
        labels = ("Manufacturer", "Version", "Protocol", "Port", "Dial Pattern", "CLI Prefix", "Tech Prefix")
        more = ("Strip Digits", "Force From", "Bandwidth", "Username", "Force NAT", "Disable NAT", "Intercept Reinvite")
        await opened.sees(*labels, *more, "Outbound Proxy", "◉ E164", "For information only.")
        for name, words in (
            ("dial_pattern", "The industry standard"),
            ("force_nat", "Use the address the traffic was received from, not the one in the SIP packet."),
            ("disable_nat", "Never apply NAT handling to this switch."),
            ("intercept_reinvite", "We answer re-INVITEs ourselves."),
            ("outbound_proxy", "The address calls pass before the carrier; it stands in Via."),
        ):
            opened.form._pages.rows[name].widget.focus()
            await opened.sees(words)
        await opened.fill(tech_prefix="99", force_nat="yes", disable_nat="yes", intercept_reinvite="yes")
        await opened.sees("Do NOT use this field", "exclude each other", "does not support re-INVITEs")


async def test_our_login_is_refused_on_an_entry_where_they_send(town_context: Context) -> None:
    """S-040, C-02"""
    async with console(town_context) as opened:
        await new(opened, "2")
        await opened.press("f6")
        await opened.sees("Manufacturer")
        await opened.fill(address="11.0.0.1", uac_username="us", uac_realm="their.example")
        await opened.sees("they send to us here, so we never log in")
        await opened.fill(direction="ingress")
        await opened.misses("they send to us here")
        await opened.sees("Rarely needed: only for a very specialised system.")


async def test_f4_sets_cli_authentication_on_every_sharer(town_context: Context) -> None:
    """C-12, W-007, W-008, W-010, S-044"""
    async with console(town_context) as opened:
        await new(opened, "2", "Beta Ltd")
        await opened.fill(address="203.0.113.77")
        await opened.sees("203.0.113.77 is also claimed as Acme Telecom", "f4 Take the offer")
        await opened.press("ctrl+s")
        await opened.quiet()
        assert entries(town_context) == []
        await opened.press("f4")
        await opened.misses("calls could be taken for the wrong company's")
        await opened.sees("! 203.0.113.77 is also claimed as")
        assert opened.form.typed["cli_authentication"] == "yes"
        await opened.press("ctrl+s")
        await opened.hears("Added IP entry 203.0.113.77 (they send).")
    flags = query(
        town_context.database,
        "SELECT company_id, cli_authentication FROM ip_auth WHERE address IN ('203.0.113.77', '203.0.113.64/29')",
    )
    assert sorted(flags) == [(ACME, 0), (ACME, 1), (BETA, 1)]


def tab_of_cursor(opened: Console) -> str:
    """The tab of the field that has the focus, "" where none has."""
    field = opened.form._pages.focused
    return field.spec.tab if field else ""


async def test_fields_that_come_late_get_the_focus_all_the_same(
    town_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-012."""
    at_once = FieldRow._compose

    async def late(row: FieldRow) -> None:
        await asyncio.sleep(0.2)
        await at_once(row)

    monkeypatch.setattr(FieldRow, "_compose", late)
    async with console(town_context) as opened:
        await opened.open("ip")
        await opened.press("a")
        await opened.until(lambda: tab_of_cursor(opened) == "Basic")
        await opened.press("pagedown")
        await opened.until(lambda: tab_of_cursor(opened) == "Advanced")
        await opened.press("escape")
        await opened.until(lambda: opened.pane.list_widget.has_focus_within)


async def test_an_error_stands_beside_its_field_and_takes_the_focus_there(town_context: Context) -> None:
    async with console(town_context, NARROW) as opened:
        await new(opened, "2")
        await opened.fill(address="11.0.0.1", channels="many", port="70000")
        await opened.press("f6")
        await opened.sees("70000 is outside 1–65535", "Basic !   Advanced !")
        await opened.press("ctrl+s")
        await opened.sees("write a whole number, in digits only")
        await opened.until(lambda: opened.form._pages.rows["channels"].has_focus_within)
        assert opened.form.typed["channels"] == "many"
        assert opened.form.typed["port"] == "70000"


async def test_errors_are_never_hidden_behind_warnings(town_context: Context) -> None:
    async with console(town_context, WIDE) as opened:
        await new(opened, "2")
        private = "\n".join(f"10.0.0.{last}" for last in range(1, 9))
        await opened.fill(address=f"{private}\n203.0.113.77")
        await opened.sees("✖ 203.0.113.77 is already entered", "and ")


async def test_the_company_is_asked_for_in_the_view_of_all(town_context: Context) -> None:
    """S-003, S-004"""
    async with console(town_context) as opened:
        await new(opened, "2", "")
        await opened.sees("Company *")
        await opened.fill(address="11.0.0.1")
        await opened.sees("whose is it? Type the company's name")
        await opened.fill(company="nobody")
        await opened.sees("there is no company nobody")
        await opened.fill(company="beta ltd")
        await opened.press("ctrl+s")
        await opened.hears("Added IP entry 11.0.0.1 (they send).")
    assert query(town_context.database, "SELECT company_id FROM ip_auth WHERE address = '11.0.0.1'") == [(BETA,)]


async def test_two_operators_on_one_row_choose_field_by_field(town_context: Context) -> None:
    bob = operator(town_context.database, "bob", Clock())
    async with console(town_context) as opened:
        await edit(opened, "2", "203.0.113.77")
        ip_auth.save(bob, opened.form.draft.row, {"channels": "77", "flow_speed": "5", "manufacturer": "bobs"})
        await opened.fill(channels="44", flow_speed="9", switch_version="mine")
        await opened.press("ctrl+s")
        await opened.sees("bob changed this row while you were editing", "Channels  was 30", "theirs: 77", "yours: 44")
        assert isinstance(opened.app.focused, Choices)
        await opened.press("right", "enter")
        await opened.hears("Saved IP entry 203.0.113.77 (they send).")
    stored = query(
        town_context.database,
        "SELECT channels, flow_speed, manufacturer, switch_version FROM ip_auth WHERE address = '203.0.113.77'",
    )
    assert stored == [(44, 5, "bobs", "mine")]


async def test_their_text_of_several_lines_stands_when_the_operator_chooses_it(town_context: Context) -> None:
    bob = operator(town_context.database, "bob", Clock())
    async with console(town_context) as opened:
        await edit(opened, "3", "1001")
        sip_users.save(bob, opened.form.draft.row, {"allow_list": "11.9.9.9"})
        await opened.fill(allow_list="11.8.8.8")
        await opened.press("ctrl+s")
        await opened.sees("theirs: 11.9.9.9")
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, ConflictScreen))
        assert opened.form.typed["allow_list"] == "11.8.8.8"
        await opened.press("ctrl+s")
        await opened.sees("theirs: 11.9.9.9")
        await opened.press("enter")
        await opened.hears("Saved SIP user 1001.")
    assert query(town_context.database, "SELECT allow_list FROM sip_user WHERE username = '1001'") == [("11.9.9.9",)]


async def test_the_arrow_keys_move_within_a_field_of_several_lines_and_leave_it_at_its_ends(
    town_context: Context,
) -> None:
    async with console(town_context) as opened:
        await new(opened, "2")
        await opened.type("11.0.0.1\n11.0.0.2")
        await opened.press("up")
        assert opened.form._pages.rows["address"].has_focus_within
        await opened.press("down", "down")
        await opened.until(lambda: opened.form._pages.rows["direction"].has_focus_within)


async def test_the_next_free_username_of_the_number_block_is_offered(town_context: Context) -> None:
    """S-092, W-070"""
    async with console(town_context) as opened:
        await new(opened, "3")
        assert opened.form.typed["username"] == "1000"
        await opened.fill(username="2000")
        await opened.sees("outside this company's number block: only 1000–1999")


async def test_a_username_of_the_account_is_a_duplicate_user(town_context: Context) -> None:
    """S-091, S-093"""
    async with console(town_context) as opened:
        await new(opened, "3", "Gamma Carrier")
        await opened.fill(username="office")
        await opened.sees("✖ Duplicate User Detected")
        await opened.press("ctrl+s")
        await opened.quiet()
        assert opened.form.typed["username"] == "office"


async def test_the_channels_of_the_account_cannot_be_exceeded(town_context: Context) -> None:
    """S-095, W-011"""
    async with console(town_context) as opened:
        await new(opened, "3")
        await opened.fill(channels="57")
        await opened.sees("No channel capacity available for your account.")
        await opened.fill(channels="56")
        await opened.misses("No channel capacity available")


async def test_an_allow_list_under_ip_authentication_is_refused(town_context: Context) -> None:
    """C-13, S-084"""
    async with console(town_context) as opened:
        await new(opened, "3")
        await opened.fill(allow_list="11.0.0.1\n203.0.113.64/28")
        await opened.sees("203.0.113.64/28 meets the IP authentication", "never challenged")
        await opened.press("ctrl+s")
        await opened.quiet()
        assert opened.form.typed["allow_list"] == "11.0.0.1\n203.0.113.64/28"
    assert query(town_context.database, "SELECT count(*) FROM sip_user") == [(5,)]


async def test_the_ping_modes_say_what_they_do(town_context: Context) -> None:
    """S-099, S-100, S-101, S-102, W-018"""
    async with console(town_context) as opened:
        await new(opened, "3")
        assert opened.form.typed["nat_ping"] == "disabled"
        opened.form._pages.rows["nat_ping"].widget.focus()
        await opened.sees("No pings are sent.")
        await opened.press("right")
        await opened.sees("OPTIONS every 60 seconds; keeps longer calls (1800 or 3600 s)")
        await opened.press("right")
        await opened.sees("OPTIONS every 60 seconds; unanswered pings terminate the registration.")


async def test_smart_extension_is_warned_about_and_retain_did_explained(town_context: Context) -> None:
    """S-098, S-103, S-104, W-015, W-016, W-017"""
    async with console(town_context) as opened:
        await new(opened, "3")
        assert opened.form.typed["smart_extension"] == "no"
        await opened.fill(smart_extension="yes")
        await opened.sees("Smart Extension is in Alpha and is not recommended.")
        opened.form._pages.rows["retain_did"].widget.focus()
        await opened.sees("Inbound calls keep the destination number (DID) instead of the SIP username.")
        opened.form._pages.rows["allow_list"].widget.focus()
        await opened.sees("The user may only send from these addresses. Empty = from any address.")


async def test_an_entry_and_a_user_have_limits_of_their_own(town_context: Context) -> None:
    """S-026, S-027, S-095, S-096, W-012"""
    async with console(town_context) as opened:
        await new(opened, "2")
        opened.form._pages.rows["channels"].widget.focus()
        await opened.sees("Concurrent calls of this switch. 0 = unlimited.")
        await opened.fill(address="11.0.0.1", channels="30", flow_speed="10")
        await opened.press("ctrl+s")
        await opened.hears("Added IP entry 11.0.0.1 (they send).")
        await new(opened, "3")
        opened.form._pages.rows["flow_speed"].widget.focus()
        await opened.sees("0 = unlimited.")
        await opened.fill(channels="3", flow_speed="2")
        await opened.press("ctrl+s")
        await opened.sees("New password for 1000")
    database = town_context.database
    assert query(database, "SELECT channels, flow_speed FROM ip_auth WHERE address = '11.0.0.1'") == [(30, 10)]
    assert query(database, "SELECT channels, flow_speed FROM sip_user WHERE username = '1000'") == [(3, 2)]


async def test_a_carriers_switches_are_entered_together_with_our_login_there(town_context: Context) -> None:
    """W-080 as far as the form has its fields, C-02"""
    async with console(town_context) as opened:
        await new(opened, "2", "Gamma Carrier")
        await opened.fill(
            address="11.1.0.1 11.1.0.2", direction="ingress", uac_username="us", uac_realm="gamma.example"
        )
        await opened.press("ctrl+s")
        await opened.hears("Added 2 IP entries.")
    stored = query(town_context.database, "SELECT company_id, uac_username FROM ip_auth WHERE address LIKE '11.1.%'")
    assert stored == [(GAMMA, "us"), (GAMMA, "us")]


async def test_a_profile_is_chosen_from_those_there_are(town_context: Context) -> None:
    """S-090, W-071"""
    async with console(town_context) as opened:
        await new(opened, "3")
        await opened.sees("◉ none  ○ agents  ○ supervisors")
        opened.form._pages.rows["profile_id"].widget.focus()
        await opened.press("right", "ctrl+s")
        await opened.sees("New password for 1000")
    stored = query(town_context.database, "SELECT profile_id FROM sip_user WHERE username = '1000'")
    assert stored == query(town_context.database, "SELECT id FROM sip_profile WHERE name = 'agents'")


async def test_a_profile_name_that_breaks_the_pattern_is_offered_as_a_slug(town_context: Context) -> None:
    """C-07"""
    async with console(town_context) as opened:
        await opened.open("i")
        await opened.press("a")
        await opened.fill(name="Call Agents (new)")
        await opened.sees("only a–z, 0–9 and _: call_agents_new?")
        await opened.press("f4")
        await opened.until(lambda: opened.form.typed["name"] == "call_agents_new")
        await opened.press("ctrl+s")
        await opened.hears("Added SIP profile call_agents_new.")


async def test_a_choice_that_wraps_is_clicked_where_it_stands(town_context: Context) -> None:
    async with console(town_context) as opened:
        await new(opened, "2")
        field = opened.form._pages.rows["direction"].widget
        await opened.until(lambda: field.region.height == 2)
        await opened.pilot.click(field, offset=(3, 1))
        await opened.until(lambda: opened.form.typed["direction"] == "egress,ingress")
