"""What is saved is at the switch a moment later, and that is proven by asking it."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.services import ip_auth, sip_users
from cxtui.services.context import Context
from tests.edge.bench import Bench
from tests.support import one, query


def test_a_saved_entry_is_read_back_from_the_switch(edge: Bench, noc: Context, acme: Company) -> None:
    """S-020, W-034."""
    assert edge.rpc("cxtui.address", "2", "203.0.113.10", "5060") == {"tag": ""}
    ip_auth.add(noc, acme.id, {"address": "203.0.113.10", "direction": "egress", "channels": "7"})
    generation = edge.until_proven()
    assert ";ch=7;" in edge.rpc("cxtui.address", "2", "203.0.113.10", "5060")["tag"]
    way = query(noc.database, "SELECT verified_at - committed_at FROM propagation WHERE generation = ?", (generation,))
    assert 0 <= way[0][0] < 5


def test_more_networks_than_kamailio_takes_of_itself_are_all_in_force(edge: Bench, noc: Context, acme: Company) -> None:
    """S-020: unless it is told otherwise it drops those beyond 512, and says that the reload went well."""
    places = [f"198.18.{number // 64}.{number % 64 * 4}/30" for number in range(600)]
    for start in range(0, 600, 200):
        ip_auth.add(noc, acme.id, {"address": "\n".join(places[start : start + 200]), "direction": "egress"})
    edge.until_proven()
    shown = [edge.rpc("cxtui.address", "2", place.partition("/")[0], "5060")["tag"] for place in places[::7]]
    assert all(shown), shown.count("")


def test_the_agent_is_woken_by_commits_and_not_by_its_own_looks(
    edge: Bench, noc: Context, acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-034: it looks once an hour here, and still brings what is saved."""
    edge.stop_agent()
    monkeypatch.setattr("cxtui.edge.agent._LOOK", 3600.0)
    monkeypatch.setattr("cxtui.edge.agent._BEAT", 3600.0)
    edge.start_agent()
    noticed = "SELECT count(*) FROM propagation WHERE verified_at > ?"
    began = noc.now()
    for last in range(1, 7):
        # It looks once as it begins; and what is heard of a moment before it can be seen is brought with the next.
        before = one(noc.database, noticed, (began,))
        sip_users.add(noc, acme.id, {"username": f"100{last}"})
        deadline = noc.now() + 1
        edge.until(lambda: one(noc.database, noticed, (began,)) > before or noc.now() > deadline)  # noqa: B023
    assert one(noc.database, noticed, (began,)) > 1
