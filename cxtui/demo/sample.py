"""Who the sample customers are, as an operator would have typed them.

The addresses are those that documentation may use (RFC 5737, RFC 3849) and the names end in ``example`` (RFC 2606).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class User:
    """A SIP user: its fields, the name of its profile, and whether it was given a password."""

    fields: Typed
    profile: str = ""
    password: bool = True


@dataclass(frozen=True, slots=True)
class Rewriting:
    """The rewrite rules of an IP entry, in order, and what they are tested with: numbers and what each becomes."""

    address: str
    rules: Sequence[Typed]
    tests: Typed


@dataclass(frozen=True, slots=True)
class Customer:
    """A company with its IP entries and SIP users."""

    company: Typed
    trunks: Sequence[Typed] = ()
    users: Sequence[User] = field(default=())
    rewriting: Rewriting | None = None


BOTH = "egress,ingress"
PROFILES: tuple[Typed, ...] = (
    {"name": "agents", "capacity": "40", "flags": "record"},
    {"name": "supervisors", "capacity": "10", "flags": "record,barge", "barge_group": "floor"},
    {"name": "front_desk", "capacity": "5"},
    {"name": "wards", "capacity": "20", "flags": "srtp"},
)


def extensions(start: int, count: int, profile: str = "", **fields: str) -> list[User]:
    """``count`` users with successive numbers and the same fields."""
    return [User({"username": str(start + place), **fields}, profile) for place in range(count)]


def _acme_users() -> list[User]:
    special: dict[int, dict[str, str]] = {
        1007: {"allow_list": "198.51.100.107", "nat_ping": "enabled"},
        1012: {"smart_extension": "yes"},
        1030: {"enabled": "no"},
        1041: {"allow_list": "198.51.100.112/29\n2001:db8:ac7::/64", "protocol": "tls"},
        1047: {"retain_did": "yes", "nat_ping": "timeout"},
    }
    return [
        User(
            {"username": str(number), "channels": "2", **special.get(number, {})},
            "agents" if number <= 1040 else "supervisors",
            password=number != 1048,
        )
        for number in range(1001, 1049)
    ]


NEW_ENTRY: Typed = {
    "address": "203.0.113.77",
    "channels": "30",
    "manufacturer": "Asterisk",
    "switch_version": "18",
}
"""The switch that Acme moved to another address; it is added last, to the first customer."""

CUSTOMERS: tuple[Customer, ...] = (
    Customer(
        {
            "name": "Acme Telecom",
            "channels": "100",
            "flow_speed": "20",
            "number_block_start": "1000",
            "number_block_size": "1000",
            "notes": "Telephone support round the clock. Moving their switch to 203.0.113.77 this week.",
        },
        (
            {"address": "203.0.113.10", "direction": BOTH, "channels": "60", "flow_speed": "20"}
            | {"manufacturer": "Cisco", "switch_version": "CUBE 14.6"},
            {"address": "203.0.113.96/28", "channels": "30", "manufacturer": "Asterisk", "switch_version": "16"}
            | {"restricted_codecs": "G729,GSM"},
            {"address": "2001:db8:ac::/48", "protocol": "tls", "port": "5061", "channels": "30"},
            {"address": "pbx.acme.example", "direction": "ingress", "protocol": "tls", "port": "5061"},
        ),
        _acme_users(),
        Rewriting(
            "203.0.113.10",
            (
                {"current": "00", "new": ""},
                {"current": "0", "new": "44"},
                {"current": r"^\+", "new": "", "stop": "yes"},
                {"parameter": "cli", "current": r"^(\d{6})$", "new": "441782$1"},
            ),
            {
                "0044 1782 550 100": "441782550100",
                "01782 550100": "441782550100",
                "+441782550100": "441782550100",
                "2001": "2001",
            },
        ),
    ),
    Customer(
        {"name": "Beta Ltd", "channels": "60", "number_block_start": "2000", "number_block_size": "1000"}
        | {"notes": "Shares 198.51.100.24 with Delta Calls: both need CLI Authentication."}
        | {"cli_allow_list": "442079460018\n442079460019\n^44207946002[0-9]$"},
        (
            {"address": "198.51.100.24", "cli_authentication": "yes", "channels": "20"},
            {"address": "203.0.113.130", "direction": BOTH, "manufacturer": "AudioCodes", "switch_version": "7.4"},
        ),
        extensions(2001, 12, "agents", channels="2", nat_ping="enabled"),
    ),
    Customer(
        {"name": "Northwind Contact Centre", "channels": "150", "flow_speed": "30"}
        | {"number_block_start": "3000", "number_block_size": "1000", "status": "dialing"},
        (
            {"address": "203.0.113.144/28", "channels": "90", "manufacturer": "Genesys", "switch_version": "8.5"},
            {"address": "198.51.100.200", "direction": "ingress", "channels": "60"},
        ),
        [
            *extensions(3001, 30, "agents", channels="3"),
            *extensions(3101, 4, "supervisors", channels="4", protocol="tls", nat_ping="timeout"),
        ],
    ),
    Customer(
        {"name": "Hotel Bellevue", "channels": "30", "notes": "Only telephones, no switch of their own."},
        (),
        [
            User({"username": "reception", "channels": "4", "nat_ping": "timeout"}, "front_desk"),
            User({"username": "concierge", "channels": "2", "nat_ping": "timeout"}, "front_desk"),
            User({"username": "spa", "enabled": "no"}),
            *(User({"username": f"room-{floor}0{door}"}) for floor in (1, 2, 3) for door in (1, 2, 3)),
        ],
    ),
    Customer(
        {"name": "St Anne Hospital", "channels": "80", "number_block_start": "5000", "number_block_size": "1000"},
        (
            {"address": "192.0.2.10", "protocol": "tls_srtp", "port": "5061", "channels": "40"},
            {"address": "sbc.st-anne.example", "direction": "ingress", "protocol": "tls_srtp", "port": "5061"},
        ),
        extensions(5001, 16, "wards", channels="2", protocol="tls_srtp", allow_list="192.0.2.64/27"),
    ),
    Customer(
        {"name": "Delta Calls", "channels": "500", "flow_speed": "80", "notes": "Sells on; IP authentication only."}
        | {"cli_allow_list": r"^441614960\d{3}$"},
        (
            {"address": "198.51.100.24", "cli_authentication": "yes", "channels": "200"},
            {"address": "198.51.100.32/28", "channels": "300", "flow_speed": "80", "manufacturer": "Sansay"},
            {"address": "198.51.100.33", "direction": "ingress", "port": "5080"},
        ),
    ),
    Customer(
        {"name": "Kestrel Logistics", "channels": "40", "number_block_start": "7000", "number_block_size": "1000"},
        (
            {"address": "2001:db8:7e::/64", "channels": "20", "manufacturer": "3CX", "switch_version": "20"},
            {"address": "2001:db8:7e::5", "direction": "ingress"},
        ),
        extensions(7001, 8, channels="2", allow_list="2001:db8:7f::/64"),
    ),
    Customer(
        {"name": "City of Westhaven", "channels": "120", "number_block_start": "8000", "number_block_size": "2000"},
        (
            {"address": "192.0.2.32/28", "channels": "90", "manufacturer": "Mitel", "switch_version": "MX-ONE 7.5"},
            {"address": "192.0.2.48", "direction": BOTH, "enabled": "no", "manufacturer": "Innovaphone"},
        ),
        extensions(8001, 20, "front_desk", channels="1", retain_did="yes"),
    ),
    Customer(
        {"name": "Pico Taxi", "channels": "10", "number_block_start": "10000", "number_block_size": "100"}
        | {"status": "penalty", "notes": "Invoice overdue since March."},
        (),
        extensions(10001, 5, channels="2", nat_ping="enabled"),
    ),
    Customer(
        {"name": "Lumen Solicitors", "channels": "20", "number_block_start": "11000", "number_block_size": "100"}
        | {"status": "pending_approval"},
    ),
    Customer(
        {"name": "Atlantic Transit", "kind": "carrier", "channels": "2000", "flow_speed": "200"},
        (
            {"address": "sbc1.atlantic.example", "direction": "ingress", "channels": "1000"}
            | {"uac_username": "cxtui", "uac_realm": "atlantic.example", "outbound_proxy": "192.0.2.193"},
            {"address": "sbc2.atlantic.example", "direction": "ingress", "channels": "1000"},
            {"address": "192.0.2.200/29", "channels": "1000", "manufacturer": "Ribbon", "switch_version": "SBC 7000"},
        ),
    ),
    Customer(
        {"name": "BlueWave Wholesale", "kind": "carrier", "channels": "1000", "flow_speed": "100"},
        (
            {"address": "2001:db8:b1::10", "direction": BOTH, "protocol": "tls", "port": "5061"},
            {"address": "192.0.2.208/28", "tech_prefix": "7788", "manufacturer": "Oracle", "switch_version": "8.4"},
            {"address": "192.0.2.225", "direction": "ingress", "intercept_reinvite": "yes", "force_nat": "yes"},
        ),
    ),
    Customer(
        {"name": "Meridian Termination", "kind": "carrier", "status": "inactive", "channels": "300"},
        ({"address": "192.0.2.240/30", "enabled": "no", "bandwidth": "100"},),
    ),
)
