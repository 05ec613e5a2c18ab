"""What the manual says that an edge does unless it is told otherwise."""

from __future__ import annotations

from pathlib import Path

from cxtui.edge.site import Site
from cxtui.edge.station import Post
from cxtui.edge.switch_config import write_config


def test_an_edge_pings_and_blocks_as_the_manual_says() -> None:
    """S-101, S-102, W-031: 60 s, three lost pings; 20 wrong logins or 60 calls a minute, for an hour."""
    listens = ("udp:127.0.0.1:5060",)
    known = {"name": "edge1", "realm": "sip.example.net", "database": "/x.db", "secret": "s" * 20}
    site = Site(**known, run=Path("/run/x"), listens=listens)  # type: ignore[arg-type]
    assert (site.ping_interval, site.missed_pings) == (60, 3)
    assert (site.max_failures, site.max_unasked, site.block_seconds) == (20, 60, 3600)
    post = Post(name="edge1", port=1, secret="s")
    assert (post.ping_interval, post.missed_pings, post.block_seconds) == (60, 3, 3600)
    text = write_config(site)
    assert 'modparam("usrloc", "timer_interval", 60)' in text
    assert '"failures=>size=12;autoexpire=60;' in text
    assert '"unasked=>size=12;autoexpire=60;' in text
    assert "$var(n) >= 20" in text
    assert "$var(n) >= 60" in text
