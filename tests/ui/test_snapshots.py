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
from cxtui.ui.forms.panel import FormPanel
from cxtui.ui.glyphs import ASCII, UTF8
from cxtui.ui.themes import DARK, LIGHT
from tests.support import Clock, operator
from tests.ui.console import HUGE, NARROW, WIDE, Console, make
from tests.ui.test_app import choose
from tests.ui.test_forms import edit, new

SIZES = (NARROW, WIDE, HUGE)
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
    await opened.sees("441782550100")


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


@pytest.mark.parametrize("look", ["light", "ascii"])
@pytest.mark.parametrize("scene", [auth, ip_form, firewall, conflict], ids=lambda scene: scene.__name__)
def test_it_looks_as_it_did_in_the_light_and_in_ascii(
    snap_compare: Compare, town_context: Context, scene: Any, look: str
) -> None:
    theme = LIGHT if look == "light" else DARK
    assert matches(
        snap_compare, town_context, scene, NARROW, glyphs=ASCII if look == "ascii" else UTF8, theme=theme.name
    )
