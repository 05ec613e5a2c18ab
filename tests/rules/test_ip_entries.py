"""What an IP entry must satisfy by itself."""

from __future__ import annotations

import pytest

from cxtui.models.findings import Finding
from cxtui.rules.ip_entries import check_entry

LOGIN = {"direction": "ingress", "uac_username": "us", "uac_realm": "their realm"}


def kinds(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(finding.severity.value, finding.field, finding.code) for finding in findings]


@pytest.mark.parametrize(
    ("protocol", "port", "warned"),
    [
        ("udp", 5060, False),
        ("tcp", 5060, False),
        ("tls", 5061, False),
        ("tls_srtp", 5061, False),
        ("tls", 5060, True),
        ("tls_srtp", 5060, True),
        ("udp", 5061, True),
        ("udp", 5080, False),
        ("tls", 15061, False),
        ("udp", 1, False),
    ],
)
def test_the_port_of_the_other_protocol_is_warned_about_and_never_forbidden(
    protocol: str, port: int, warned: bool
) -> None:
    """S-037, W-003: non-standard ports are allowed."""
    found = check_entry({"protocol": protocol, "port": port})
    assert kinds(found) == ([("warning", "port", "S-037")] if warned else [])
    assert [finding.fix for finding in found] == (["usual_port"] if warned else [])


def test_our_login_belongs_where_they_receive() -> None:
    """C-02: by S-025 egress means that they send to us, so we never log in there."""
    assert kinds(check_entry({**LOGIN, "direction": "egress"})) == [("error", "uac_username", "C-02")]
    assert kinds(check_entry(LOGIN)) == [("warning", "uac_username", "S-040")]


def test_our_login_needs_their_realm() -> None:
    """C-02, C-05: HA1 is bound to it."""
    found = check_entry({**LOGIN, "uac_realm": ""})
    assert ("error", "uac_realm", "C-02") in kinds(found)
    assert check_entry({"direction": "ingress", "uac_username": "", "uac_realm": "x"}) == []


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("uac_username", "a:b"),
        ("uac_username", 'a"b'),
        ("uac_username", "a\\b"),
        ("uac_realm", 'a"b'),
        ("uac_realm", "a\\b"),
    ],
)
def test_a_login_that_no_digest_header_carries_is_refused_before_a_password_is_asked(field: str, text: str) -> None:
    """C-05, RFC 7616 §3.4."""
    assert ("error", field, "C-02") in kinds(check_entry({**LOGIN, field: text}))
    assert kinds(check_entry({**LOGIN, "uac_realm": "host:5060"})) == [("warning", "uac_username", "S-040")]


def test_force_nat_and_disable_nat_exclude_each_other() -> None:
    """W-006, S-041."""
    assert kinds(check_entry({"force_nat": True, "disable_nat": True})) == [("error", "disable_nat", "W-006")]
    assert check_entry({"force_nat": True, "disable_nat": False}) == []


def test_intercept_reinvite_is_warned_about() -> None:
    """S-042."""
    assert kinds(check_entry({"intercept_reinvite": True})) == [("warning", "intercept_reinvite", "S-042")]


@pytest.mark.parametrize("proxy", ["", "192.0.2.1", "2001:db8::1", "proxy.example.net"])
def test_an_outbound_proxy_is_an_address_or_a_host_name(proxy: str) -> None:
    """S-043."""
    assert check_entry({"outbound_proxy": proxy}) == []


@pytest.mark.parametrize(
    "proxy", ["192.0.2.0/24", "192.0.2.300", "192.0.2.1:5060", "sip:proxy.example.net", "proxy", "a b"]
)
def test_anything_else_is_no_outbound_proxy(proxy: str) -> None:
    """S-043."""
    assert kinds(check_entry({"outbound_proxy": proxy})) == [("error", "outbound_proxy", "S-043")]


def test_fields_that_are_missing_are_not_judged() -> None:
    assert check_entry({}) == []
    assert check_entry({"protocol": "tls"}) == []
