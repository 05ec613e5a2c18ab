"""The lists of the console, and what stands in the status line."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.services import companies, edges, ip_auth, sip_profiles, sip_users
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.services.grids import GRIDS, Grid
from cxtui.services.status import StatusReader
from tests.support import NOON, execute


@pytest.fixture(autouse=True)
def stock(context: Context, acme: Company, beta: Company) -> None:
    (profile,) = sip_profiles.add(context, {"name": "agents"}).rows
    ip_auth.add(context, acme.id, {"address": "203.0.113.1 203.0.113.2"})
    ip_auth.add(context, beta.id, {"address": "203.0.113.3"})
    sip_users.add(context, acme.id, {"username": "1001", "channels": "7", "profile_id": str(profile.id)})
    sip_users.add(context, beta.id, {"username": "agent"})
    seen = [Sighting(f"192.0.2.{number}", NOON + number, 1, "scan") for number in (1, 2)]
    edges.record(context, [*seen, Sighting("203.0.113.1", NOON, 1, "scan")])


def names(context: Context, kind: str, company: int | None = None, needle: str = "") -> list[str]:
    rows = [shown.row for shown in Grid(context, kind, company, needle).read(0, 50).rows]
    fields = ("address", "username", "name")
    return [next(getattr(row, field) for field in fields if hasattr(row, field)) for row in rows]


def test_all_shows_the_rows_of_every_company_and_a_company_its_own(context: Context, acme: Company) -> None:
    """S-002, S-003."""
    assert names(context, "ip_auth") == ["203.0.113.1", "203.0.113.2", "203.0.113.3"]
    assert names(context, "ip_auth", acme.id) == ["203.0.113.1", "203.0.113.2"]
    assert names(context, "sip_users") == ["1001", "agent"]
    assert names(context, "sip_users", acme.id) == ["1001"]
    assert names(context, "companies", acme.id) == ["Acme Telecom", "Beta Ltd"], "companies are never narrowed"
    assert names(context, "profiles", acme.id) == ["agents"]


def test_blocks_stand_newest_first_and_those_of_customers_on_top(context: Context, acme: Company) -> None:
    """S-011."""
    assert names(context, "blocks") == ["203.0.113.1", "192.0.2.2", "192.0.2.1"]
    assert names(context, "blocks", acme.id) == ["203.0.113.1"]


def test_a_row_says_whose_it_is_and_which_profile_it_has(context: Context) -> None:
    shown = {item.row.username: (item.company, item.more) for item in Grid(context, "sip_users").read(0, 9).rows}
    assert shown == {"1001": ("Acme Telecom", "agents"), "agent": ("Beta Ltd", "")}


def test_a_grid_counts_when_it_is_asked_to(context: Context, acme: Company) -> None:
    grid = Grid(context, "sip_users")
    assert grid.read(0, 1).total == 2
    sip_users.add(context, acme.id, {"username": "1002"})
    assert grid.read(0, 1).total == 2
    assert grid.read(0, 1, recount=True).total == 3


def test_a_filter_narrows_a_grid(context: Context) -> None:
    assert names(context, "ip_auth", needle="113.2") == ["203.0.113.2"]
    assert names(context, "sip_users", needle="AG") == ["agent"]
    assert names(context, "companies", needle="telecom") == ["Acme Telecom"]
    assert names(context, "blocks", needle="scan") == ["203.0.113.1", "192.0.2.2", "192.0.2.1"]


@pytest.mark.parametrize("kind", GRIDS)
def test_a_grid_can_be_gone_through_to_its_end(context: Context, kind: str) -> None:
    grid = Grid(context, kind)
    whole = [shown.row for shown in grid.read(0, 50).rows]
    seen = []
    last = None
    while rows := grid.after(last, 1):
        seen += [shown.row for shown in rows]
        last = rows[-1]
    assert seen == whole


def test_the_status_has_the_channels_in_use_and_both_kinds_of_authentication(context: Context, acme: Company) -> None:
    """S-084, W-011: the standing note needs to know."""
    status = StatusReader(context).read(acme.id)
    assert (status.company, status.channels, status.has_ip, status.has_sip) == (acme, 7, True, True)
    (empty,) = companies.add(context, {"name": "Empty"}).rows
    status = StatusReader(context).read(empty.id)
    assert (status.channels, status.has_ip, status.has_sip) == (0, False, False)
    whole = StatusReader(context).read(None)
    assert (whole.company, whole.channels, whole.has_ip, whole.has_sip) == (None, 0, False, False)


def test_a_row_that_another_program_damaged_says_so_and_hides_no_other(context: Context) -> None:
    execute(context.database, "UPDATE sip_user SET password_set_at = 1, enabled = 1")
    execute(context.database, "UPDATE sip_user SET allow_list = 'no address' WHERE username = '1001'")
    execute(context.database, "UPDATE ip_auth SET direction = 'sideways'")
    words = {shown.row.username: shown.state.word for shown in Grid(context, "sip_users").read(0, 9).rows}
    assert words == {"1001": "damaged", "agent": "recorded"}
    assert {shown.row.direction for shown in Grid(context, "ip_auth").read(0, 9).rows} == {"sideways"}
