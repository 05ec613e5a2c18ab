"""SIP profiles."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.models.sip_profile import SipProfile
from cxtui.services import sip_profiles, sip_users
from cxtui.services.context import Context
from cxtui.services.outcome import Change, Refused, ServiceError


def row(change: Change) -> SipProfile:
    (row,) = change.rows
    assert isinstance(row, SipProfile)
    return row


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Call Agents", "call_agents"),
        ("Büro-1", "buro_1"),
        ("  UPPER  ", "upper"),
        ("日本", "profile"),
        ("㋿" * 40, ""),
    ],
)
def test_a_name_outside_the_pattern_is_refused_with_one_that_fits(context: Context, name: str, slug: str) -> None:
    """C-07, W-071."""
    with pytest.raises(Refused) as refusal:
        sip_profiles.add(context, {"name": name})
    (finding,) = refusal.value.findings
    assert (finding.code, finding.fix) == ("C-07", "slug")
    offered = finding.text.partition(": ")[2].removesuffix("?")
    assert offered == slug or not slug
    sip_profiles.add(context, {"name": offered})


def test_a_profile_has_a_unique_name_and_ten_calls_to_begin_with(context: Context) -> None:
    """W-071, S-090."""
    profile = row(sip_profiles.add(context, {"name": "agents_1", "flags": "barge", "barge_group": "g1"}))
    assert (profile.capacity, profile.flags, profile.barge_group) == (10, "barge", "g1")
    with pytest.raises(Refused, match="a profile of this name already"):
        sip_profiles.add(context, {"name": "agents_1"})
    with pytest.raises(Refused, match="Name is required"):
        sip_profiles.add(context, {})
    assert row(sip_profiles.save(context, profile, {"name": "agents_1", "capacity": "20"})).capacity == 20


def test_a_profile_in_use_is_not_deleted(context: Context, acme: Company) -> None:
    """S-090."""
    profile = row(sip_profiles.add(context, {"name": "agents"}))
    unused = row(sip_profiles.add(context, {"name": "unused"}))
    sip_users.add(context, acme.id, {"username": "1001", "profile_id": str(profile.id)})
    with pytest.raises(ServiceError, match="is used by 1 SIP users"):
        sip_profiles.delete(context, [unused, profile])
    assert [item.name for item in sip_profiles.choices(context)] == ["agents", "unused"]
    sip_profiles.delete(context, [unused])
    assert [item.name for item in sip_profiles.choices(context)] == ["agents"]


def test_checking_writes_nothing(context: Context) -> None:
    assert sip_profiles.check(context, {"name": "agents"}).findings == ()
    assert sip_profiles.check(context, {"name": "A"}).findings != ()
    assert sip_profiles.choices(context) == []
