"""What an IP authentication entry must satisfy by itself (S-020…S-045, W-003, C-02)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxtui.models.findings import Finding, error, warning
from cxtui.models.protocols import usual_port

from .addresses import AddressError, parse_fqdn, parse_network

EGRESS = "egress"


def check_entry(values: Mapping[str, Any]) -> list[Finding]:
    """The findings of the fields against each other; fields that are missing are not judged."""
    return [*_port(values), *_outbound(values), *_nat(values), *_proxy(values)]


def _port(values: Mapping[str, Any]) -> list[Finding]:
    protocol, port = values.get("protocol"), values.get("port")
    if protocol is None or port is None:
        return []
    usual = usual_port(protocol)
    if port == usual or port not in (5060, 5061):
        return []
    return [warning("port", f"{usual} is usual for this protocol, not {port}", code="S-037", fix="usual_port")]


def _outbound(values: Mapping[str, Any]) -> list[Finding]:
    if not values.get("uac_username"):
        return []
    if values.get("direction") == EGRESS:
        words = "they send to us here, so we never log in: set the username on the entry where they receive"
        return [error("uac_username", words, code="C-02")]
    found = [
        error(name, 'a digest header cannot carry " \\ or, in a username, a colon', code="C-02")
        for name, bad in (("uac_username", '":\\'), ("uac_realm", '"\\'))
        if set(str(values.get(name, ""))) & set(bad)
    ]
    found += [warning("uac_username", "Rarely needed: only for a very specialised system.", code="S-040")]
    if not values.get("uac_realm"):
        found.append(
            error("uac_realm", "the password is bound to their realm: write it as their 407 names it", code="C-02")
        )
    return found


def _nat(values: Mapping[str, Any]) -> list[Finding]:
    found: list[Finding] = []
    if values.get("force_nat") and values.get("disable_nat"):
        found.append(error("disable_nat", "Force NAT and Disable NAT exclude each other", code="W-006"))
    if values.get("intercept_reinvite"):
        words = "Only for equipment that does not support re-INVITEs."
        found.append(warning("intercept_reinvite", words, code="S-042"))
    return found


def _proxy(values: Mapping[str, Any]) -> list[Finding]:
    proxy = values.get("outbound_proxy")
    if not proxy:
        return []
    try:
        if not parse_network(proxy).is_host:
            return [error("outbound_proxy", "a single address is needed, not a network", code="S-043")]
    except AddressError as problem:
        try:
            parse_fqdn(proxy)
        except AddressError:
            return [error("outbound_proxy", str(problem), code="S-043")]
    return []
