"""The channels that a company's SIP users have together (W-011)."""

from __future__ import annotations

import sqlite3


def channels_in_use(link: sqlite3.Connection, company_id: int, without: int = 0) -> int:
    """The channels of the company's SIP users together, leaving out the user ``without``."""
    found = link.execute(
        "SELECT coalesce(sum(channels), 0) FROM sip_user WHERE company_id = ? AND id <> ?", (company_id, without)
    ).fetchone()
    return int(found[0])
