"""SIP users: usernames, channels, allow lists."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.models.sip_user import SipUser
from cxtui.services import companies, credentials, sip_profiles, sip_users
from cxtui.services.context import Context
from cxtui.services.outcome import Change, Refused, ServiceError
from tests.support import PASSWORD, codes, one, query, said


def row(change: Change) -> SipUser:
    (row,) = change.rows
    assert isinstance(row, SipUser)
    return row


def add(context: Context, company: Company, username: str, **more: object) -> SipUser:
    return row(sip_users.add(context, company.id, {"username": username, **more}))


def test_a_user_begins_without_a_password(context: Context, acme: Company) -> None:
    """S-094: it cannot register yet."""
    user = add(context, acme, "1001")
    assert (user.company_id, user.password_set_at, user.channels, user.enabled) == (acme.id, None, 1, True)


@pytest.mark.parametrize("username", ["999", "2000", "01001", "agent", "1001a", "10011001"])
def test_with_a_number_block_only_its_extensions_can_be_chosen(context: Context, acme: Company, username: str) -> None:
    """S-092, W-070."""
    with pytest.raises(Refused, match="outside this company's number block: only 1000–1999") as refusal:
        add(context, acme, username)
    assert codes(refusal.value.findings) == [("error", "username", "S-092")]
    user = add(context, acme, "1000")
    with pytest.raises(Refused, match="number block"):
        sip_users.save(context, user, {"username": username})


def test_without_a_number_block_any_username_can_be_chosen(context: Context, beta: Company) -> None:
    """W-070."""
    for username in ("agent.smith", "7", "1500", "A_b+c-d"):
        assert add(context, beta, username).username == username


@pytest.mark.parametrize("username", ["", " ", "a b", "a:b", 'a"b', "ä", "a@b", "x" * 65, "a\x00", "\udcff"])
def test_a_username_that_no_device_can_send_is_refused(context: Context, beta: Company, username: str) -> None:
    """S-091."""
    with pytest.raises(Refused, match="username"):
        add(context, beta, username)
    assert one(context.database, "SELECT count(*) FROM sip_user") == 0


def test_a_username_is_unique_on_the_whole_account(context: Context, acme: Company, beta: Company) -> None:
    """S-093: the words of the portal, across companies, on adding and on renaming."""
    add(context, beta, "1001")
    for company in (acme, beta):
        with pytest.raises(Refused) as refusal:
            add(context, company, "1001")
        assert said(refusal.value.findings, "username") == "Duplicate User Detected"
        assert codes(refusal.value.findings) == [("error", "username", "S-093")]
    other = add(context, acme, "1002")
    with pytest.raises(Refused, match="Duplicate User Detected"):
        sip_users.save(context, other, {"username": "1001"})
    assert "Duplicate User Detected" in said(
        sip_users.check(context, acme.id, {"username": "1001"}, other).findings, "username"
    )


def test_the_sum_of_channels_stays_within_the_account(context: Context, acme: Company) -> None:
    """W-011, S-095: account 100, users 50 + 50, a third one with 1 fails, in the portal's words."""
    add(context, acme, "1001", channels="50")
    second = add(context, acme, "1002", channels="50")
    with pytest.raises(Refused) as refusal:
        add(context, acme, "1003", channels="1")
    assert codes(refusal.value.findings) == [("error", "channels", "W-011")]
    assert said(refusal.value.findings, "channels").startswith("No channel capacity available for your account.")
    with pytest.raises(Refused, match=r"No channel capacity available for your account\."):
        sip_users.save(context, second, {"channels": "51"})
    sip_users.save(context, second, {"channels": "49"})
    add(context, acme, "1003", channels="1")


def test_unlimited_channels_do_not_fit_into_a_limited_account(context: Context, acme: Company, beta: Company) -> None:
    """W-011."""
    with pytest.raises(Refused, match="0 means unlimited"):
        add(context, acme, "1001", channels="0")
    user = add(context, acme, "1001", channels="1")
    with pytest.raises(Refused, match="0 means unlimited"):
        sip_users.save(context, user, {"channels": "0"})
    add(context, beta, "free", channels="0")
    add(context, beta, "free2", channels="100000")


def test_an_account_that_was_cut_does_not_stand_in_the_way_of_other_changes(context: Context, acme: Company) -> None:
    """W-011: giving channels back, disabling and renaming need no capacity."""
    first = add(context, acme, "1001", channels="50")
    second = add(context, acme, "1002", channels="50")
    change = companies.save(context, acme, {"channels": "40"})
    assert codes(change.warnings) == [("warning", "channels", "W-011")]
    first = row(sip_users.save(context, first, {"enabled": "no", "username": "1009", "flow_speed": "2"}))
    first = row(sip_users.save(context, first, {"channels": "45"}))
    with pytest.raises(Refused, match="No channel capacity"):
        sip_users.save(context, first, {"channels": "46"})
    with pytest.raises(Refused, match="No channel capacity"):
        add(context, acme, "1003", channels="1")
    sip_users.delete(context, [second])
    with pytest.raises(Refused, match="No channel capacity"):
        sip_users.save(context, first, {"channels": "46"})


def test_the_next_free_extension_is_offered(context: Context, acme: Company, beta: Company) -> None:
    """S-092: whoever on the account has taken one."""
    assert sip_users.next_username(context, acme.id) == "1000"
    for username in ("1000", "1001", "1003"):
        add(context, acme, username, channels="1")
    add(context, beta, "1002")
    assert sip_users.next_username(context, acme.id) == "1004"


def test_the_next_free_extension_is_found_behind_thousands_of_others(
    context: Context, acme: Company, beta: Company
) -> None:
    """S-092."""
    with context.database.bulk() as link:
        link.executemany(
            "INSERT INTO sip_user(version, company_id, username, channels, flow_speed, protocol, allow_list, nat_ping,"
            " retain_did, smart_extension, enabled) VALUES (1, ?, ?, 0, 0, 'udp', '', 'disabled', 0, 0, 1)",
            [(beta.id if number % 3 else acme.id, str(number)) for number in range(1000, 1999)],
        )
    assert sip_users.next_username(context, acme.id) == "1999"
    add(context, acme, "1999")
    assert sip_users.next_username(context, acme.id) == ""


def test_without_a_number_block_no_extension_is_offered(context: Context, beta: Company) -> None:
    """S-092."""
    assert sip_users.next_username(context, beta.id) == ""
    assert sip_users.next_username(context, 999) == ""


def test_an_allow_list_holds_addresses_and_networks_one_a_line(context: Context, acme: Company) -> None:
    """S-098, W-015."""
    user = add(context, acme, "1001", allow_list="192.0.2.1, 2001:DB8::/32;192.0.2.1\n 198.51.100.0/24")
    assert user.allow_list == "192.0.2.1\n2001:db8::/32\n198.51.100.0/24"
    ranges = query(context.database, "SELECT address FROM allowed_range WHERE sip_user_id = ? ORDER BY id", (user.id,))
    assert [address for (address,) in ranges] == user.allow_list.split("\n")
    user = row(sip_users.save(context, user, {"allow_list": ""}))
    assert user.allow_list == ""
    assert one(context.database, "SELECT count(*) FROM allowed_range") == 0


def test_each_wrong_line_of_an_allow_list_is_named(context: Context, acme: Company) -> None:
    """S-098: no host names, no ranges."""
    with pytest.raises(Refused) as refusal:
        add(context, acme, "1001", allow_list="192.0.2.1\npbx.example.net\n192.0.2.1-9\n" + "z" * 300)
    assert len(refusal.value.findings) == 3
    assert max(len(finding.text) for finding in refusal.value.findings) < 200


def test_a_renamed_user_needs_a_new_password(context: Context, acme: Company) -> None:
    """C-05: HA1 is bound to the username, so the old one is taken out of use."""
    user = row(credentials.set_password(context, add(context, acme, "1001"), PASSWORD))
    judged = sip_users.check(context, acme.id, {"username": "1002"}, user)
    assert codes(judged.findings) == [("warning", "username", "C-05")]
    change = sip_users.save(context, user, {"username": "1002"})
    assert codes(change.warnings) == [("warning", "username", "C-05")]
    assert row(change).password_set_at is None
    assert one(context.database, "SELECT count(*) FROM credential WHERE retired_by = ''") == 0


def test_a_save_that_keeps_the_name_keeps_the_password(context: Context, acme: Company) -> None:
    user = row(credentials.set_password(context, add(context, acme, "1001"), PASSWORD))
    saved = row(sip_users.save(context, user, {"username": "1001", "channels": "2"}))
    assert saved.password_set_at == user.password_set_at
    assert one(context.database, "SELECT count(*) FROM credential WHERE retired_by = ''") == 1


def test_a_deleted_users_password_stops_working(context: Context, acme: Company) -> None:
    """S-126."""
    user = row(credentials.set_password(context, add(context, acme, "1001"), PASSWORD))
    sip_users.delete(context, [user])
    assert one(context.database, "SELECT count(*) FROM credential WHERE retired_by = ''") == 0


def test_a_profile_is_one_of_those_there_are(context: Context, acme: Company) -> None:
    """S-090."""
    (profile,) = sip_profiles.add(context, {"name": "agents"}).rows
    assert add(context, acme, "1001", profile_id=str(profile.id)).profile_id == profile.id
    for wrong in ("999", "agents", "9" * 30, "-1", "9" * 5000):
        with pytest.raises(Refused, match="profile_id: there is no"):
            add(context, acme, "1002", profile_id=wrong)


def test_the_fields_of_the_basic_tab_are_taken_as_they_are_labelled(context: Context, acme: Company) -> None:
    """S-097, S-099…S-103."""
    typed = {
        "protocol": "TLS & SRTP",
        "nat_ping": "Enabled (Timeout)",
        "retain_did": "yes",
        "flow_speed": "0",
        "channels": "2",
    }
    user = add(context, acme, "1001", **typed)
    assert (user.protocol, user.nat_ping, user.retain_did) == ("tls_srtp", "timeout", True)
    with pytest.raises(Refused, match="SMPP is not currently supported"):
        add(context, acme, "1002", protocol="SMPP")


def test_smart_extension_is_advised_against(context: Context, acme: Company) -> None:
    """S-104."""
    change = sip_users.add(context, acme.id, {"username": "1001", "smart_extension": "yes"})
    assert "Alpha and is not recommended" in said(change.warnings, "smart_extension")


def test_a_user_needs_its_company(context: Context) -> None:
    with pytest.raises(ServiceError, match="Choose a company first"):
        sip_users.add(context, 999, {"username": "1001"})
    with pytest.raises(ServiceError, match="Choose a company first"):
        sip_users.add(context, 0, {})


def test_no_form_can_set_what_is_kept_by_the_services(context: Context, acme: Company) -> None:
    """S-122: password_set_at and company are no fields of the form."""
    user = add(context, acme, "1001")
    for field in ("password_set_at", "company_id", "id", "version", "password"):
        with pytest.raises(Refused, match=f"there is no field {field}"):
            sip_users.save(context, user, {field: "1"})
