"""The channels of an account."""

from __future__ import annotations

import pytest

from cxtui.models.findings import Severity
from cxtui.rules.capacity import NO_CAPACITY, capacity_text, check_capacity, check_sum


@pytest.mark.parametrize(
    ("account", "used", "wanted", "fits"),
    [
        (100, 100, 1, False),
        (100, 50, 50, True),
        (100, 96, 4, True),
        (100, 96, 5, False),
        (100, 0, 100, True),
        (100, 120, 1, False),
        (0, 5000, 1000, True),
        (0, 5000, 0, True),
        (100, 0, 0, False),
        (100, 0, -1, False),
    ],
)
def test_the_sum_of_the_sip_users_channels_stays_within_the_account(account, used, wanted, fits):
    """W-011: account 100, users 50 + 50, a third user with 1 or more fails."""
    findings = check_capacity(account, used, wanted)
    assert (not findings) == fits
    assert all(finding.field == "channels" and finding.severity is Severity.ERROR for finding in findings)


def test_the_error_is_the_exact_sentence_followed_by_the_sums():
    """W-011."""
    assert NO_CAPACITY == "No channel capacity available for your account."
    (finding,) = check_capacity(100, 96, 5)
    assert finding.text.startswith(f"{NO_CAPACITY} 96 of 100 in use by other SIP users, 4 left.")
    assert finding.code == "W-011"


def test_unlimited_in_a_limited_account_is_explained():
    (finding,) = check_capacity(100, 96, 0)
    assert "0 means unlimited" in finding.text
    assert "4 left" in finding.text


def test_the_sums_never_go_below_nothing_left():
    assert capacity_text(100, 130) == "130 of 100 in use by other SIP users, 0 left"
    assert capacity_text(0, 7) == "7 in use by other SIP users, the account is unlimited"


@pytest.mark.parametrize(
    ("account", "used", "fits"), [(100, 100, True), (100, 101, False), (0, 5000, True), (0, 0, True)]
)
def test_an_account_that_was_cut_below_what_its_users_have_is_warned_of(account, used, fits):
    """W-011"""
    findings = check_sum(account, used)
    assert (not findings) is fits
    assert all((found.severity, found.code) == (Severity.WARNING, "W-011") for found in findings)
