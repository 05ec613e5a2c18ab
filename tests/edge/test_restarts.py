"""Registrations outlive a restart of the switch, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cxtui.models.company import Company
from cxtui.services import credentials, sip_users
from cxtui.services.context import Context
from tests.edge.bench import Bench
from tests.edge.clients.sipsak import register
from tests.support import PASSWORD, query


def test_a_registration_outlives_a_restart_of_the_switch(
    edges: Callable[..., Bench], noc: Context, acme: Company, tmp_path: Path
) -> None:
    """W-023."""
    user: Any = sip_users.add(noc, acme.id, {"username": "1001", "nat_ping": "enabled"}).rows[0]
    credentials.set_password(noc, user, PASSWORD)
    edge = edges(locations=str(tmp_path / "locations"))
    assert register("1001", PASSWORD, edge.address, domain="sip.example.net") == 200
    edge.until(lambda: query(noc.database, "SELECT count(*) FROM registration") == [(1,)], "it is seen")
    before = query(noc.database, "SELECT contact, received FROM registration")
    edge.stop_switch()
    edge.start_switch()
    edge.until_proven()
    found = edge.rpc("ul.lookup", "location", "1001")["Contacts"][0]["Contact"]
    assert found["CFlags"] == 64
    edge.until(lambda: query(noc.database, "SELECT count(*) FROM registration") == [(1,)], "it is still seen")
    assert query(noc.database, "SELECT contact, received FROM registration") == before
