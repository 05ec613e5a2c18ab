"""Pictures of the console: three sizes, both themes and both sets of signs, compared with those that were looked at."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from cxtui.models.rewrite import Parameter
from cxtui.services import ip_auth, rewrites
from cxtui.services.context import Context
from cxtui.services.rewrite_tests import keep_tests
from cxtui.sip.ladder import dump
from cxtui.ui.forms.panel import FormPanel
from cxtui.ui.glyphs import ASCII, UTF8
from cxtui.ui.themes import DARK, LIGHT
from tests.services.test_edge_states import attach, prove
from tests.services.test_registrations import register
from tests.support import DAY, NOON, Clock, execute, generation, operator
from tests.ui import test_ladder_screen as ladders
from tests.ui import test_nat_doctor as doctor
from tests.ui.console import HUGE, NARROW, WIDE, Console, make
from tests.ui.test_app import choose
from tests.ui.test_forms import edit, new
from tests.ui.test_panes_edge import differ
from tests.ui.test_registrations import PINGS, carry_out, jobs, sip, user

SIZES = (NARROW, WIDE)
Compare = Callable[..., bool]


@pytest.fixture(autouse=True)
def one_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times of day are shown in the operator's zone; here everybody is in London, in winter, and lives in one home."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("HOME", "/home/alice")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


async def auth(opened: Console) -> None:
    """Both lists of a company, and the standing note."""
    await choose(opened, "Acme Telecom")
    await opened.sees("Both kinds are in use")


async def ip_list(opened: Console) -> None:
    """The IP entries of all companies, two of them marked, the cursor on the blocked one."""
    await opened.open("2")
    await opened.press("space", "space", "j", "j", "j")
    await opened.sees("INVITE not authorised")


async def ip_form(opened: Console) -> None:
    """The form of a new IP entry with something wrong on every line."""
    await new(opened, "2", "Beta Ltd")
    await opened.type("11.0.0.300\n10.0.0.0/24, 203.0.113.77")
    await opened.sees("300 is not an octet")
    await opened.judged()


async def ip_form_advanced(opened: Console) -> None:
    """The other tab of the same form."""
    await ip_form(opened)
    await opened.press("f6")
    await opened.sees("Manufacturer")
    await opened.fill(protocol="tls", tech_prefix="99", force_nat="yes", disable_nat="yes")
    await opened.sees("Do NOT use this field")


async def sip_form(opened: Console) -> None:
    """The form of a new SIP user that breaks most rules."""
    await new(opened, "3")
    await opened.fill(username="1001", channels="90", smart_extension="yes", allow_list="203.0.113.77")
    await opened.sees("Duplicate User Detected", "never challenged")
    await opened.judged()


async def firewall(opened: Console) -> None:
    """The blocks, customers first."""
    await opened.open("7")
    await opened.sees("45.134.144.9")


async def companies(opened: Console) -> None:
    """Customers and carriers."""
    await opened.open("c")
    await opened.sees("Gamma Carrier")


async def search(opened: Console) -> None:
    """An address that is both an entry and a block."""
    await opened.press("slash")
    await opened.sees("Enter goes there")
    await opened.type("203.0.113.77")
    await opened.sees("BLOCKED")


async def password(opened: Console) -> None:
    """A password that has just been set."""
    await opened.open("3")
    await opened.press("p")
    await opened.sees("realm sip.example.net")
    await opened.press("enter")
    await opened.sees("set 22:13:20")


async def codecs(opened: Console) -> None:
    """The two lists of codecs of a switch, some restricted."""
    await opened.open("2")
    await opened.press("4", "e")
    await opened.until(lambda: opened.form.typed)
    await opened.press("enter", "enter", "down")
    await opened.judged()


async def rewrite(opened: Console) -> None:
    """Rules with a remark, a saved test, and the steps of a typed number."""
    await opened.open("2")
    context = opened.app.desk.context
    subject = opened.app.pane.subject if opened.app.pane else None
    assert subject is not None
    for typed in ({"current": "00"}, {"current": "0", "new": "44"}, {"current": "44", "mode": "regex", "new": "1"}):
        rewrites.add(context, subject, typed)
    keep_tests(context, subject, Parameter.DESTINATION, {"00441782550100": None})
    await opened.press("5")
    await opened.sees("00441782550100")
    await opened.press("t")
    await opened.type("01782550100")
    await opened.sees("01782550100 → 441782550100")


async def rule_form(opened: Console) -> None:
    """The form of a rule that is refused, with the tester beside it."""
    await opened.open("2")
    await opened.press("5", "a")
    await opened.until(lambda: opened.app.query_one(FormPanel).typed)
    await opened.type("(a+)+$")
    await opened.sees("too slow")
    await opened.judged()


async def share(opened: Console) -> None:
    """Whose call it is on an address of two companies."""
    await opened.open("2")
    await opened.press("s")
    await opened.sees("Whose call")


async def plan(opened: Console) -> None:
    """A range of users of whom some are there already."""
    await choose(opened, "Acme Telecom")
    await opened.open("3")
    await opened.press("b")
    await opened.until(lambda: opened.form.typed)
    await opened.type("1003-1006")
    await opened.judged()
    await opened.press("ctrl+s")
    await opened.sees("2 wrong")


async def confirm(opened: Console) -> None:
    """Two blocks at once."""
    await firewall(opened)
    await opened.press("space", "space", "u")
    await opened.sees("Unblock 2 addresses?")


async def conflict(opened: Console) -> None:
    """Two operators on one entry."""
    await edit(opened, "2", "203.0.113.77")
    bob = operator(opened.app.desk.context.database, "bob", Clock())
    ip_auth.save(bob, opened.form.draft.row, {"channels": "77", "flow_speed": "5"})
    await opened.until(lambda: opened.pane.shown is not None and opened.pane.shown.row.channels == 77)
    await opened.fill(channels="44", flow_speed="9")
    await opened.press("ctrl+s")
    await opened.sees("bob changed this row")


async def help(opened: Console) -> None:
    """The keys of the IP tab."""
    await opened.open("2")
    await opened.press("question_mark")
    await opened.sees("list.add")


async def empty(opened: Console) -> None:
    """A filter that finds nothing."""
    await opened.open("2")
    await opened.press("f")
    await opened.type("nothing like it")
    await opened.sees("0 match")


async def edges(opened: Console) -> None:
    """Two edges, the cursor on the one that refused a reload and differs from the database."""
    context = opened.app.desk.context
    before = generation(context.database) - 1
    edge = attach(context, "edge2", generation=before, refusal="bad mask 33", retry_at=NOON + 4)
    differ(context, edge, "address", "203.0.113.5/32", "edge", "group 2, nobody entered it")
    differ(context, edge, "block", "185.243.5.19", "database", "wanted since 22:11:20")
    await opened.open("8")
    await opened.press("j")
    await opened.sees("bad mask 33", "nobody ent", "wanted since")


async def edge_details(opened: Console) -> None:
    """All that is known of the edge that is well."""
    await opened.open("8")
    await opened.press("enter")
    await opened.sees("worst 73 ms")


async def sip_list(opened: Console) -> None:
    """SIP users who are registered, who do not answer any more, and who are not; the pings of one below."""
    await sip(opened, "1002")
    await opened.sees("✔ online", "‼ timeout", "3 of 4 lost")


async def registrations(opened: Console) -> None:
    """Both contacts of a user, and all that is known of the first."""
    await sip(opened)
    await opened.press("v")
    await opened.sees("Registrations of 1001", "1 of 3 lost")


async def nat_doctor(opened: Console) -> None:
    """A user behind a NAT that has forgotten it."""
    await doctor.examine(opened)
    await jobs(opened, 1)
    doctor.carry_out(opened.app.desk.context, **doctor.LOST)
    await opened.sees("OPTIONS lost 1/1")


async def ladder(opened: Console) -> None:
    """A login that was watched, of the phone itself, with a wrong password."""
    execute(opened.app.desk.context.database, "UPDATE registration SET received = '192.0.2.10:61344'")
    await sip(opened)
    await opened.press("t", "w")
    await jobs(opened, 2)
    ladders.end(opened.app.desk.context, "edge_id = 1", ladder=dump(ladders.tape()))
    await opened.sees("wrong password: the hashes differ")


async def send_message(opened: Console) -> None:
    """A line to three users, of whom one took it, one did not, and one is not registered."""
    await sip(opened)
    await opened.press("space", "space", "space", "m")
    await opened.sees("Message to 3 SIP users")
    await opened.type("Maintenance at 22:00")
    await opened.press("enter")
    await jobs(opened, 3)
    context = opened.app.desk.context
    carry_out(context, "username = '1001'", status=200, result="200 OK")
    carry_out(context, "username = '1002'", status=404, result="404 Not Found")
    await opened.sees("✔ 200 OK", "✖ 404 Not Found")


SCENES = (
    auth,
    ip_list,
    ip_form,
    ip_form_advanced,
    sip_form,
    firewall,
    companies,
    search,
    password,
    codecs,
    rewrite,
    rule_form,
    share,
    plan,
    confirm,
    conflict,
    help,
    empty,
)

ATTACHED = (edges, edge_details, sip_list, registrations, nat_doctor, ladder, send_message)
"""Scenes with edges."""


@pytest.fixture
def attached(town_context: Context) -> Context:
    """The same with two edges that run the newest configuration, and with users who are registered."""
    now = generation(town_context.database)
    usual: dict[str, Any] = {"listens": "udp:203.0.113.1:5060", "software": "kamailio 5.6.3", "checked_at": NOON - 70}
    for back in range(8, -1, -1):
        prove(town_context, "edge1", now - back, NOON - 60 * back - 1, 0.009 + back * back / 1000)
    more: dict[str, Any] = {"up_since": NOON - 12 * DAY, "reloaded_at": NOON - 41, "calls": 212, "registered": 1481}
    first = attach(town_context, "edge1", **usual, **more, round_trip=410)
    more |= {"up_since": NOON - 3 * 3600, "reloaded_at": NOON - 9, "calls": 198, "registered": 1480}
    second = attach(town_context, "edge2", **usual, **more, generation=now, round_trip=1310)
    register(town_context, user(town_context, "1001"), first, **doctor.BEHIND_NAT, pings=PINGS)
    inside: dict[str, Any] = {"received": "[2001:db8::7]:5061", "transport": "tls", "nat": False}
    register(town_context, user(town_context, "1001"), second, **inside, registered_at=NOON - 3000)
    lost = "1699999820:9000 1699999880:- 1699999940:- 1700000000:-"
    register(
        town_context, user(town_context, "1002"), first,
        received="203.0.113.200:5060", round_trip=None, missed=3, pings=lost,
    )  # fmt: skip
    return town_context


def matches(
    compare: Compare,
    context: Context,
    scene: Callable[[Console], Awaitable[None]],
    size: tuple[int, int],
    **look: Any,
) -> bool:
    """Whether a scene looks as it did when it was last looked at."""
    app = make(context, **look)

    async def play(pilot: Pilot[int]) -> None:
        opened = Console(app)
        opened.pilot = pilot
        await opened.sees("edge")
        await opened.quiet()
        await scene(opened)
        app.action_refresh()  # what the scene wrote is in the list behind, whenever the watch comes round to it
        await opened.quiet()

    return compare(app, terminal_size=size, run_before=play)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_the_console_looks_as_it_did(snap_compare: Compare, town_context: Context, scene: Any, size: Any) -> None:
    assert matches(snap_compare, town_context, scene, size)


@pytest.mark.parametrize("scene", [auth, rewrite], ids=lambda scene: scene.__name__)
def test_it_fills_a_huge_terminal_as_it_did(snap_compare: Compare, town_context: Context, scene: Any) -> None:
    assert matches(snap_compare, town_context, scene, HUGE)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", ATTACHED, ids=lambda scene: scene.__name__)
def test_it_looks_as_it_did_with_edges(snap_compare: Compare, attached: Context, scene: Any, size: Any) -> None:
    assert matches(snap_compare, attached, scene, size)


@pytest.mark.parametrize("look", ["light", "ascii"])
@pytest.mark.parametrize("scene", [auth, ip_form, firewall, conflict], ids=lambda scene: scene.__name__)
def test_it_looks_as_it_did_in_the_light_and_in_ascii(
    snap_compare: Compare, town_context: Context, scene: Any, look: str
) -> None:
    theme = LIGHT if look == "light" else DARK
    assert matches(
        snap_compare, town_context, scene, NARROW, glyphs=ASCII if look == "ascii" else UTF8, theme=theme.name
    )
