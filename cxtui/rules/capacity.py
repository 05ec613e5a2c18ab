"""The channels of an account, shared out among its SIP users (W-011)."""

from __future__ import annotations

from cxtui.models.findings import Finding, error, warning

NO_CAPACITY = "No channel capacity available for your account."


def capacity_text(account_channels: int, used_by_others: int) -> str:
    """The sums in words: "96 of 100 in use by other SIP users, 4 left"."""
    if account_channels <= 0:
        return f"{used_by_others} in use by other SIP users, the account is unlimited"
    left = max(account_channels - used_by_others, 0)
    return f"{used_by_others} of {account_channels} in use by other SIP users, {left} left"


def check_capacity(account_channels: int, used_by_others: int, wanted: int) -> list[Finding]:
    """Whether `wanted` channels still fit beside what other SIP users have; 0 means unlimited on both sides."""
    if wanted < 0:
        return [error("channels", "channels cannot be negative", "W-011")]
    if account_channels <= 0:
        return []
    sums = capacity_text(account_channels, used_by_others)
    if wanted == 0:
        words = (
            f"0 means unlimited, which an account of {account_channels} channels cannot give: enter a number. {sums}."
        )
        return [error("channels", words, "W-011")]
    if used_by_others + wanted > account_channels:
        words = f"{NO_CAPACITY} {sums}. Lower another user's channels or raise the account's."
        return [error("channels", words, "W-011")]
    return []


def check_sum(account_channels: int, used: int) -> list[Finding]:
    """Whether what the SIP users of an account have together fits into it: it may be cut below that (W-011)."""
    if not 0 < account_channels < used:
        return []
    words = f"its SIP users have {used} channels together; nobody can be added until that fits"
    return [warning("channels", words, "W-011")]
