"""What the tests of the console start with: a database with customers, users and an attack, all at fixed times."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual._styles_cache import StylesCache

from cxtui.services import companies, credentials, edges, ip_auth, sip_profiles, sip_users
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.store.database import Database
from tests.support import NOON, PASSWORD, Clock, migrated, operator

SCANNER = Sighting(
    "185.243.5.19", NOON - 120, 4310, "scanner friendly-scanner", user_agent="friendly-scanner", source="fail2ban"
)
GUESSER = Sighting(
    "45.134.144.9", NOON - 600, 118, "unknown user", usernames="100, 101, 102", user_agent="sipvicious", source="pike"
)
OLD_SWITCH = Sighting(
    "203.0.113.77",
    NOON - 240,
    212,
    "INVITE not authorised",
    usernames="4420",
    user_agent="Asterisk PBX 18",
    source="fail2ban",
)
OLD_PHONE = Sighting(
    "198.51.100.23", NOON - 3600, 871, "wrong password", usernames="1001", user_agent="Yealink T46", source="fail2ban"
)


@pytest.fixture(autouse=True)
def _forget_screens() -> Iterator[None]:
    """A cache of Textual's keeps the lines of widgets that are gone, in hundreds of thousands of objects."""
    yield
    StylesCache.get_inner_outer.cache_clear()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two customers and a carrier; a customer's new switch and a customer's office are blocked."""
    database = migrated(tmp_path_factory.mktemp("town") / "cxtui.db")
    setup = operator(database, "setup", Clock(NOON - 3600))
    _add_customers(setup)
    edges.record(operator(database, "agent", Clock(NOON - 60)), [SCANNER, GUESSER, OLD_SWITCH, OLD_PHONE])
    database.close()
    return database.path


def _add_customers(setup: Context) -> None:
    block = {"number_block_start": "1000", "number_block_size": "1000"}
    acme = companies.add(setup, {"name": "Acme Telecom", "channels": "100", **block}).rows[0].id
    beta = companies.add(setup, {"name": "Beta Ltd"}).rows[0].id
    carrier = {"name": "Gamma Carrier", "kind": "carrier", "channels": "500", "notes": "Invoice by the 5th\ncall Ann"}
    gamma = companies.add(setup, carrier).rows[0].id
    companies.add(setup, {"name": "Dormant", "status": "inactive"})
    agents = sip_profiles.add(setup, {"name": "agents", "capacity": "40"}).rows[0].id
    sip_profiles.add(setup, {"name": "supervisors"})
    ip_auth.add(setup, acme, {"address": "203.0.113.77", "channels": "30", "flow_speed": "10"})
    ip_auth.add(setup, acme, {"address": "203.0.113.64/29", "channels": "100", "manufacturer": "Asterisk"})
    ip_auth.add(setup, acme, {"address": "pbx.acme.example", "direction": "ingress", "protocol": "tls", "port": "5061"})
    shared = {"address": "198.51.100.4", "cli_authentication": "yes"}
    ip_auth.add(setup, acme, shared)
    ip_auth.add(setup, beta, shared)
    ip_auth.add(setup, gamma, {"address": "192.0.2.8", "channels": "200"})
    ip_auth.add(setup, gamma, {"address": "192.0.2.9", "enabled": "no"})
    for name, more in (
        ("1001", {"profile_id": str(agents), "channels": "2"}),
        ("1002", {"profile_id": str(agents), "channels": "40", "nat_ping": "timeout"}),
        ("1003", {"enabled": "no"}),
    ):
        credentials.set_password(setup, sip_users.add(setup, acme, {"username": name, **more}).rows[0], PASSWORD)  # type: ignore[arg-type]
    sip_users.add(setup, acme, {"username": "1004"})
    office = sip_users.add(setup, beta, {"username": "office", "allow_list": "198.51.100.23"}).rows[0]
    credentials.set_password(setup, office, PASSWORD)  # type: ignore[arg-type]


@pytest.fixture
def town_context(town: Path, tmp_path: Path) -> Iterator[Context]:
    """The operator alice before a copy of the town."""
    database = Database(Path(shutil.copy(town, tmp_path / "town.db")))
    yield operator(database, "alice", Clock())
    database.close()
