"""Who may call without a password: addresses and networks as they were saved, at a real switch."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxtui.models.ip_auth import IpAuth
from cxtui.services import companies, ip_auth, lookup
from tests.edge.clients import ports
from tests.edge.clients.raw import request
from tests.edge.clients.sipp import Caller
from tests.edge.ground import Ground
from tests.support import execute, one

BOUND = ports.free()
SPOILT = {
    "127.0.4.1": "127.0.4.1/33",
    "127.0.4.2": "127.0.4.300",
    "127.0.4.3": "sip.example.org",
    "127.0.4.4": "127.0.4.4/0",
    "127.0.4.5": "",
    "127.0.4.6": "127.0.4.6/32/24",
    "2001:db8::1": "2001:db8::1/200",
    "2001:db8::2": ":::2",
    "2001:db8::3": "2001:db8::3' OR '1'='1",
}
"""Addresses that were saved, and what another program writes in their stead."""


@pytest.fixture(scope="module")
def ground(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    ground = Ground(template, tmp_path_factory.mktemp("ip"), tls=True)
    acme, beta = ground.acme, ground.beta
    for address in ("127.0.1.1", "127.0.2.0/24", "127.0.2.16/28", "127.0.2.17", "127.0.2.0/30", "::1"):
        ground.entry(acme, address)
    ground.entry(beta, "127.0.3.1", port=str(BOUND))
    ground.entry(beta, "127.0.3.2", port="5060")
    ground.entry(beta, "127.0.3.3", direction="ingress")
    ground.entry(beta, "127.0.3.4", enabled="")
    ground.entry(beta, "127.0.3.5", protocol="tls", port="5061")
    ground.entry(ground.company("Gone plc", status="inactive"), "127.0.3.6")
    ground.entry(beta, "127.0.3.7", port=str(BOUND))
    ground.entry(acme, "127.0.3.7")
    ground.entry(ground.company("Late Ltd"), "127.0.5.2")
    for address in ("127.0.5.1", *SPOILT):
        ground.entry(beta, address)
    with ground:
        yield ground


def entry(ground: Ground, address: str) -> IpAuth:
    """The saved entry of an address, the newest if there are several."""
    key = one(ground.database, "SELECT max(id) FROM ip_auth WHERE address = ?", (address,))
    return IpAuth(id=key, company_id=0, address=address)


def test_a_saved_source_calls_without_a_password_and_the_call_is_counted_on_its_entry(ground: Ground) -> None:
    """S-010, S-020, S-025."""
    outcome = Caller(ground.edge, "127.0.1.1").call("441782550199", expect=200)
    assert (outcome.challenged, len(ground.arrived(outcome))) == (False, 1)
    with ground.line("127.0.1.1") as line:
        assert line.call("441782550199").said == (200, "OK")
        assert ground.size(entry(ground, "127.0.1.1")) == 1
    ground.until_quiet(entry(ground, "127.0.1.1"))


def test_an_unknown_source_is_challenged_and_told_that_it_is_not_authorised(ground: Ground) -> None:
    """S-012, S-080, W-103."""
    with ground.line("127.0.9.9") as line:
        stranger = line.call("441782550199")
    assert stranger.said == (407, "Proxy Authentication Required")
    assert stranger.final
    assert stranger.final.header("warning") == '399 sip.example.net "IP Not Authorised"'
    assert 'realm="sip.example.net"' in stranger.final.header("proxy-authenticate")
    assert not ground.arrived(stranger)


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        ("127.0.2.200", "127.0.2.0/24"),
        ("127.0.2.18", "127.0.2.16/28"),
        ("127.0.2.17", "127.0.2.17"),
        ("127.0.2.3", "127.0.2.0/30"),
        ("::1", "::1"),
    ],
)
def test_the_longest_prefix_takes_a_call(ground: Ground, source: str, taken: str) -> None:
    """S-020."""
    with ground.line(source) as line:
        assert line.call("441782550199").said == (200, "OK")
        counted = {network: ground.size(entry(ground, network)) for network in ("127.0.2.0/24", taken)}
    assert counted == {"127.0.2.0/24": 0, taken: 1}
    ground.until_quiet(entry(ground, taken))


def test_a_neighbour_of_a_network_is_a_stranger(ground: Ground) -> None:
    """S-020."""
    for source in ("127.0.1.2", "127.0.1.255", "127.0.3.0"):
        with ground.line(source) as line:
            assert line.call("441782550199").said[0] == 407


def test_an_entry_with_a_port_of_its_own_takes_calls_from_that_port_alone(ground: Ground) -> None:
    """W-003: any source port is let in by an entry of 5060, because equipment behind NAT seldom keeps its own."""
    with ground.line("127.0.3.1", BOUND) as bound, ground.line("127.0.3.1") as other, ground.line("127.0.3.2") as any_:
        assert [line.call("1").said[0] for line in (bound, other, any_)] == [200, 407, 200]


def test_an_entry_with_the_source_port_goes_before_one_for_any_port(ground: Ground) -> None:
    """W-003."""
    with ground.line("127.0.3.7", BOUND) as bound, ground.line("127.0.3.7") as other:
        for line, company in ((bound, ground.beta), (other, ground.acme)):
            assert line.call("1").said == (200, "OK")
            assert ground.size(company) == 1
            line.hang_up()
            ground.until_quiet(ground.acme, ground.beta)


@pytest.mark.parametrize(
    ("source", "why"), [("127.0.3.3", "receives only"), ("127.0.3.4", "disabled"), ("127.0.3.6", "company inactive")]
)
def test_an_entry_that_may_not_send_is_like_none(ground: Ground, source: str, why: str) -> None:
    """S-024, W-105."""
    with ground.line(source) as line:
        assert line.call("1").said[0] == 407, why


def test_a_tls_entry_is_refused_in_the_clear_and_let_in_over_tls(ground: Ground) -> None:
    """S-034."""
    with ground.line("127.0.3.5") as line:
        assert line.call("1").said == (403, "TLS Required")
    assert Caller(ground.edge, "127.0.3.5").call("1", transport="t1").reasons == ("TLS Required",)
    assert over_tls(ground.address_tls, "127.0.3.5") == 200


def over_tls(edge: str, source: str) -> int:
    """The status by which an INVITE over TLS ends."""
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection(ports.split(edge), 3, source_address=(source, 0))
    with trusting.wrap_socket(plain) as link:
        text = request("INVITE", ports.join(*link.getsockname()), uri=f"sip:1@{edge};transport=tls")
        link.sendall(text.replace("SIP/2.0/UDP", "SIP/2.0/TLS").encode())
        received = ""
        while not (final := re.search(r"^SIP/2\.0 ([2-6]\d\d)", received, re.MULTILINE)):
            received += link.recv(4096).decode()
    return int(final[1])


def test_an_entry_that_was_removed_is_refused_once_that_is_proven(ground: Ground) -> None:
    """S-020, W-034."""
    assert let_in(ground, "127.0.5.1") == 200
    ip_auth.delete(ground.noc, lookup.ip_entries(ground.noc, "127.0.5.1"))
    ground.bench.until_proven()
    assert let_in(ground, "127.0.5.1") == 407


def test_a_company_that_is_made_inactive_calls_no_more(ground: Ground) -> None:
    """W-105."""
    assert let_in(ground, "127.0.5.2") == 200
    companies.save(ground.noc, ground.company("Late Ltd"), {"status": "inactive"})
    ground.bench.until_proven()
    assert let_in(ground, "127.0.5.2") == 407


@pytest.fixture(scope="module")
def spoilt(ground: Ground) -> Ground:
    """The edge, after another program wrote what no service would."""
    for address, text in SPOILT.items():
        execute(ground.database, "UPDATE ip_auth SET address = ? WHERE address = ?", (text, address))
    execute(ground.database, "UPDATE account SET generation = generation + 1, addresses_at = generation + 1")
    ground.bench.until_proven()
    return ground


def test_rows_that_another_program_spoilt_stop_no_reload_and_no_start(spoilt: Ground) -> None:
    """S-020, W-034."""
    assert spoilt.bench.row()["refusal"] == ""
    assert let_in(spoilt, "127.0.1.1") == 200
    spoilt.bench.stop_switch()
    spoilt.bench.start_switch()
    assert let_in(spoilt, "127.0.1.1") == 200


@pytest.mark.parametrize("source", ["127.0.4.1", "127.0.4.4", "127.0.4.9", "127.0.5.44"])
def test_a_spoilt_row_lets_nobody_in(spoilt: Ground, source: str) -> None:
    """S-020: 127.0.4.300 is no 127.0.5.44, and a mask of 33 is no host."""
    assert let_in(spoilt, source) == 407


@pytest.mark.parametrize("source", ["127.0.4.2", "127.0.4.3", "127.0.4.5", "127.0.4.6"])
def test_a_row_whose_text_is_not_its_packed_address_lets_nobody_in(spoilt: Ground, source: str) -> None:
    """S-020."""
    assert let_in(spoilt, source) == 407


def let_in(ground: Ground, source: str) -> int:
    """The status by which a call from an address ends."""
    with ground.line(source) as line:
        return line.call("1").said[0]
