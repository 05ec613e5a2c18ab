"""What is saved is at the switch a moment later, and that is proven by asking it."""

from __future__ import annotations

from cxtui.models.company import Company
from cxtui.services import ip_auth
from cxtui.services.context import Context
from tests.edge.bench import Bench
from tests.support import query


def test_a_saved_entry_is_read_back_from_the_switch(edge: Bench, noc: Context, acme: Company) -> None:
    """S-020, W-034."""
    assert edge.rpc("cxtui.address", "2", "203.0.113.10", "5060") == {"tag": ""}
    ip_auth.add(noc, acme.id, {"address": "203.0.113.10", "direction": "egress", "channels": "7"})
    generation = edge.until_proven()
    assert ";ch=7;" in edge.rpc("cxtui.address", "2", "203.0.113.10", "5060")["tag"]
    way = query(noc.database, "SELECT verified_at - committed_at FROM propagation WHERE generation = ?", (generation,))
    assert 0 <= way[0][0] < 5
