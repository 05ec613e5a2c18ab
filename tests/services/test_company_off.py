"""A company whose status no edge takes calls of: said of each of its rows, as the switch reads them (W-105)."""

from __future__ import annotations

import pytest

from cxtui.models.company import STATUSES, Company
from cxtui.models.ip_auth import IpAuth
from cxtui.services import companies, edges, ip_auth, sip_users
from cxtui.services.context import Context
from cxtui.services.edge_states import SILENT_AFTER
from cxtui.services.edges import Sighting
from cxtui.services.grids import Grid
from cxtui.services.states import Judge
from cxtui.services.usual_state import State
from cxtui.store.rows import all_where
from tests.services.test_registrations import attach, give, register
from tests.services.test_states import state
from tests.support import NOON, Clock, execute, generation, one

ADDRESS = "203.0.113.130"
PENALTY = "Beta Ltd is Penalty: no edge takes its calls or sends it any."
STORED = [choice.value for choice in STATUSES]


@pytest.fixture
def entries(context: Context, beta: Company) -> list[IpAuth]:
    """Beta's switch, which sends calls and takes them."""
    rows = ip_auth.add(context, beta.id, {"address": ADDRESS, "direction": "egress,ingress"}).rows
    return [row for row in rows if isinstance(row, IpAuth)]


def make(context: Context, company: Company, status: str = "penalty") -> None:
    companies.save(context, company, {"status": status})


def of_entries(context: Context) -> list[State]:
    return [shown.state for shown in Grid(context, "ip_auth").read(0, 100).rows]


def beat(context: Context, name: str = "edge1", behind: int = 0) -> None:
    edges.beat(context, name, generation(context.database) - behind)


@pytest.mark.parametrize("status", [*STORED, "Active", "unheard-of"])
def test_a_row_says_company_off_exactly_where_the_switch_is_not_shown_it(
    context: Context, beta: Company, status: str
) -> None:
    """W-105, S-014: the views keep their own list of statuses."""
    shared = {"address": "203.0.113.131", "cli_authentication": "yes"}
    ip_auth.add(context, beta.id, {"address": ADDRESS, "direction": "egress,ingress"})
    companies.save(context, beta, {"cli_allow_list": "441614960123"})
    ip_auth.add(context, beta.id, shared, share=True)
    register(context, give(context, beta, "2001"), attach(context))
    execute(context.database, "UPDATE company SET status = ? WHERE id = ?", (status, beta.id))
    beat(context)

    views = {
        "switch_address": "id > 0",
        "switch_shared": "1",
        "switch_target": "1",
        "cli_line": "1",
        "switch_subscriber": "enabled",
    }
    selected = {
        view: one(context.database, f"SELECT count(*) > 0 FROM {view} WHERE {where}") for view, where in views.items()
    }
    said = {found.word for found in (*of_entries(context), state(context, "sip_users", "2001"))}
    assert said == ({"active", "online"} if any(selected.values()) else {"company off"})
    assert len(set(selected.values())) == 1, selected
    assert (state(context, "companies", "Beta Ltd").glyph == "ok") == all(selected.values())


def test_every_list_says_whose_status_it_is_and_where_it_is_changed(
    context: Context, beta: Company, entries: list[IpAuth]
) -> None:
    """W-105, W-024: of entries in both directions, of a user that is registered, and of its contact."""
    register(context, give(context, beta, "2001"), attach(context))
    make(context, beta)
    beat(context)
    found = [*of_entries(context), state(context, "sip_users", "2001")]
    assert found == [State("company off", "offline", "warning", PENALTY, "company")] * 3
    assert entries[0].company_id == beta.id
    contact = state(context, "registrations", "2001")
    assert (contact.word, contact.tone) == ("online", "success"), "the device is there, which helps it nothing"
    assert contact.why.endswith(f". {PENALTY}")


@pytest.mark.usefixtures("entries")
def test_what_an_edge_has_not_confirmed_is_not_said_of_it(context: Context, beta: Company, clock: Clock) -> None:
    """S-014: until it has loaded the addresses anew, an edge goes on taking the calls."""
    make(context, beta)
    assert of_entries(context)[0].why == f"{PENALTY} Recorded; no edge is attached, so nothing enforces it yet."
    beat(context, behind=1)
    assert of_entries(context)[0].why == f"{PENALTY} On its way to 1 of 1 edges."
    clock.forward(SILENT_AFTER + 1)
    assert of_entries(context)[0].why.startswith(f"{PENALTY} No edge has reported for a while")
    beat(context, "edge2")
    assert of_entries(context)[0].why == f"{PENALTY} edge1: silent."


@pytest.mark.usefixtures("entries")
def test_a_company_that_may_call_again_waits_for_the_edges(context: Context, beta: Company) -> None:
    """S-014."""
    make(context, beta)
    beat(context)
    make(context, companies.find_by_name(context, "Beta Ltd") or beta, "dialing")
    assert {found.word for found in of_entries(context)} == {"pending"}


def test_only_what_the_row_says_itself_goes_before_its_company(
    context: Context, acme: Company, beta: Company, entries: list[IpAuth]
) -> None:
    """S-011, C-12: a company that is off, a password, a block or a neighbour changes nothing about that."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.0/24", "cli_authentication": "yes"}, share=True)
    sip_users.add(context, beta.id, {"username": "new"})
    sip_users.add(context, beta.id, {"username": "gone", "enabled": "no"})
    make(context, beta)
    beat(context)
    assert [found.word for found in of_entries(context)] == ["shared", "company off", "company off"]
    assert state(context, "sip_users", "new").word == "company off"
    assert state(context, "sip_users", "gone").word == "disabled"
    execute(context.database, "UPDATE ip_auth SET enabled = 0 WHERE id = ?", (entries[0].id,))
    assert [found.word for found in of_entries(context)] == ["active", "disabled", "company off"]


@pytest.mark.usefixtures("entries")
def test_a_block_is_told_besides_since_it_outlasts_the_status(context: Context, beta: Company) -> None:
    """S-011, S-012: whoever knocks on as a stranger is blocked sooner or later; of users by either address."""
    register(context, give(context, beta, "2001"), attach(context))
    give(context, beta, "2002", allow_list="198.51.100.8")
    edges.record(context, [Sighting(ip, NOON - 240, 60, "no login") for ip in (ADDRESS, "198.51.100.8")])
    execute(
        context.database, "UPDATE registration SET packed = (SELECT packed FROM block WHERE address = ?)", [ADDRESS]
    )
    make(context, beta)
    beat(context)
    told = f"{PENALTY} {ADDRESS} was blocked 4 min ago: 60 × no login."
    found = [*of_entries(context), state(context, "sip_users", "2001")]
    assert [(one.word, one.why) for one in found] == [("company off", told)] * 3
    assert state(context, "sip_users", "2002").why == told.replace(ADDRESS, "198.51.100.8")


def test_the_statuses_are_asked_for_once_for_all_rows_of_a_window(context: Context) -> None:
    """What is asked for each row would be asked a hundred times with each repaint."""
    for number in range(30):
        status = {"status": "pending" if number % 2 else "active"}
        company = companies.add(context, {"name": f"Company {number}", **status}).rows[0]
        ip_auth.add(context, company.id, {"address": f"203.0.113.{number}"})
    asked: list[str] = []
    with context.database.reading() as link:
        rows = all_where(link, IpAuth, "1 ORDER BY id")
        link.set_trace_callback(asked.append)
        judge = Judge(link, NOON, rows)
        words = [judge.ip_auth(row).word for row in rows]
        link.set_trace_callback(None)
    assert words == ["recorded", "company off"] * 15
    assert len([statement for statement in asked if "company" in statement]) == 1


@pytest.mark.parametrize(
    ("status", "glyph", "why"),
    [
        ("active", "ok", ""),
        ("dialing", "ok", "Its status is Dialing: it may call."),
        ("penalty", "offline", "Its status is Penalty: no edge takes its calls or sends it any."),
    ],
)
def test_a_company_says_what_its_status_means(
    context: Context, beta: Company, status: str, glyph: str, why: str
) -> None:
    """W-105."""
    make(context, beta, status)
    found = state(context, "companies", "Beta Ltd")
    assert (found.word, found.glyph, found.why) == (status, glyph, why)
