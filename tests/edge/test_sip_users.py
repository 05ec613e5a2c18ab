"""What is saved of a SIP user is what a real switch asks of its device."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cxtui.models.sip_user import SipUser
from cxtui.services import companies, sip_users
from cxtui.sip.probe import probe
from cxtui.sip.verdicts import Outcome
from cxtui.sip.wire import Target
from cxtui.store import sqlite
from tests.edge.bench import Bench
from tests.edge.clients import ports, sipsak
from tests.edge.clients.answerer import Answerer
from tests.edge.clients.baresip import Phone
from tests.edge.clients.messages import Message
from tests.edge.clients.sipp import Caller
from tests.edge.devices import Device, said, status
from tests.edge.standing import admit, company, known, proven, standing
from tests.support import OTHER_PASSWORD, PASSWORD, REALM, bytes_of, execute, one, query

REFUSED = (401, "Unauthorized")
FEW = 5


@pytest.fixture(scope="module")
def core() -> Iterator[Answerer]:
    """Our own switch behind the edge."""
    with Answerer() as core:
        yield core


@pytest.fixture(scope="module")
def edge(template: Path, tmp_path_factory: pytest.TempPathFactory, core: Answerer) -> Iterator[Bench]:
    """One edge for all of these tests, which have users and sources of their own."""
    with standing(
        template, tmp_path_factory.mktemp("users"), core=f"sip:{core.endpoint}", max_failures=FEW * 10
    ) as edge:
        admit(edge.context, "1100")
        yield edge


def failures(edge: Bench, source: str) -> int:
    """How many failed attempts the switch has counted of a source."""
    rows = [entry for slot in edge.rpc("htable.dump", "failures") for entry in slot["slot"]]
    return next((int(row["value"]) for row in rows if row["name"] == source), 0)


def test_a_call_is_asked_for_a_password_by_407_and_a_registration_by_401(edge: Bench, core: Answerer) -> None:
    """S-080, S-081, S-082."""
    with Device(edge.address, "1100", source="127.0.0.41") as device:
        asked = device.ask("INVITE")
        assert (status(asked), asked and asked.reason) == (407, "Proxy Authentication Required")
        assert device.challenge
        assert (device.challenge.realm, device.challenge.qop) == (REALM, ("auth",))
        assert said(device.ask("REGISTER")) == REFUSED
    before = len(core.invites)
    call = Caller(edge.address, "127.0.0.42").call("02079460001", user="1100", password=PASSWORD, expect=200)
    assert call.challenged
    assert len(core.invites) == before + 1
    assert not core.invites[-1].has("Proxy-Authorization"), "nobody behind the edge needs the digest"
    call = Caller(edge.address, "127.0.0.42").call("02079460001", user="1100", password=OTHER_PASSWORD, expect=407)
    assert len(core.invites) == before + 1


def test_a_password_is_nowhere_but_in_its_hash(edge: Bench) -> None:
    """S-122, S-124."""
    admit(edge.context, "1101")
    assert sipsak.register("1101", PASSWORD, edge.address, source="127.0.0.43") == 200
    kept = bytes_of(edge.context.database) + edge.log().encode()
    kept += b"".join(path.read_bytes() for path in edge.site.run.iterdir() if path.is_file())
    assert b"1101" in kept
    assert PASSWORD.encode() not in kept


def test_a_new_password_counts_from_its_commit_on(edge: Bench) -> None:
    """S-120, S-126: without any reload."""
    user = admit(edge.context, "1102")
    edge.until_proven()
    reloaded = edge.row()["reloaded_at"]
    with Phone("1102", PASSWORD, edge.address, domain=REALM) as phone:
        phone.registered()
        proven(edge.context, user, OTHER_PASSWORD)
        with Device(edge.address, "1102", source="127.0.0.44") as old:
            assert said(old.register()) == REFUSED
        with Device(edge.address, "1102", OTHER_PASSWORD, source="127.0.0.44") as new:
            assert status(new.register()) == 200
        phone.restart(OTHER_PASSWORD)
        phone.registered()
    edge.until_proven()
    assert edge.row()["reloaded_at"] == reloaded


@pytest.mark.parametrize(
    ("allowed", "source", "answer"),
    [
        ("", "127.0.0.45", 200),
        ("127.0.0.45", "127.0.0.45", 200),
        ("127.0.0.45", "127.0.0.46", 403),
        ("127.0.0.40/29", "127.0.0.47", 200),
        ("127.0.0.40/29", "127.0.0.48", 403),
        ("10.0.0.0/8\n2001:db8::/32\n127.0.0.45", "127.0.0.45", 200),
        ("10.0.0.0/8\n2001:db8::/32", "127.0.0.45", 403),
        ("::1", "::1", 200),
        ("::/120\n127.0.0.1", "::1", 200),
        ("2001:db8::/32\n::2\n127.0.0.1", "::1", 403),
    ],
)
def test_a_user_sends_only_from_the_allow_list(edge: Bench, allowed: str, source: str, answer: int) -> None:
    """S-098, W-015: right credentials from elsewhere are refused, and held against nobody."""
    user = known(edge.context, "1103")
    sip_users.save(edge.context, user, {"allow_list": allowed})
    with Device(edge.address6 if ":" in source else edge.address, "1103", source=source) as device:
        assert said(device.register()) == ((200, "OK") if answer == 200 else (403, "IP Not Authorised"))
        assert said(device.call("*1")) == (
            (480, "Voicemail Not Configured") if answer == 200 else (403, "IP Not Authorised")
        )
    assert failures(edge, source) == 0


@pytest.mark.parametrize("last", ["127.0.0.49", "::1", ""])
def test_an_allow_list_may_have_two_hundred_lines(edge: Bench, last: str) -> None:
    """S-098: of 43 characters each, more than the switch takes for one value unless it is told to."""
    lines = [f"2001:db8:{0x1000 + number:x}:1111:2222:3333:4444:5550/124" for number in range(199)]
    user = known(edge.context, "1104")
    sip_users.save(edge.context, user, {"allow_list": "\n".join([*lines, last])})
    source = last or "127.0.0.49"
    with Device(edge.address6 if ":" in source else edge.address, "1104", source=source) as device:
        assert status(device.register()) == (200 if last else 403)


def test_a_disabled_user_is_told_so_and_it_is_no_failure(edge: Bench) -> None:
    """W-031: only wrong credentials count."""
    user = admit(edge.context, "1105")
    user = _saved(edge, user, enabled="no")
    with Device(edge.address, "1105", source="127.0.0.50") as device:
        for _ in range(FEW):
            assert said(device.register()) == (403, "User Disabled")
        assert said(device.call()) == (403, "User Disabled")
        assert failures(edge, "127.0.0.50") == 0
        _saved(edge, user, enabled="yes")
        assert status(device.register()) == 200


def test_the_users_of_an_inactive_company_are_disabled(edge: Bench) -> None:
    admit(edge.context, "1106")
    with Device(edge.address, "1106", source="127.0.0.51") as device:
        stopped = companies.save(edge.context, company(edge.context), {"status": "inactive"}).rows[0]
        try:
            assert said(device.register()) == (403, "User Disabled")
        finally:
            companies.save(edge.context, stopped, {"status": "active"})  # type: ignore[arg-type]
        assert status(device.register()) == 200


def test_nobody_learns_from_an_answer_which_names_exist(edge: Bench) -> None:
    """S-083: an unknown name and a wrong password are answered alike, and counted alike."""
    admit(edge.context, "1107")
    admit(edge.context, "1108", password="")
    answers = []
    for user, source in (("1107", "127.0.0.52"), ("1108", "127.0.0.53"), ("nobody", "127.0.0.54")):
        with Device(edge.address, user, OTHER_PASSWORD, source=source) as device:
            answer = device.register()
        assert answer
        answers.append((said(answer), [name for name, _ in answer.headers]))
        assert failures(edge, source) == 1
    assert answers[0][0] == REFUSED
    assert answers[0] == answers[1] == answers[2]


def test_a_user_registers_under_its_own_name_alone(edge: Bench) -> None:
    """S-091."""
    admit(edge.context, "1109")
    admit(edge.context, "1110")
    with Device(edge.address, "1109", source="127.0.0.55") as device:
        assert said(device.register(to="1110")) == (403, "Not your own user")
    assert _refused(edge, "1110")
    assert failures(edge, "127.0.0.55") == 0


@pytest.mark.parametrize("protocol", ["tls", "tls_srtp"])
def test_a_user_of_tls_is_refused_in_clear(edge: Bench, protocol: str) -> None:
    """S-097."""
    admit(edge.context, f"{protocol}-1", protocol=protocol)
    with Device(edge.address, f"{protocol}-1", source="127.0.0.56") as device:
        assert said(device.register()) == (403, "TLS Required")
        assert said(device.call()) == (403, "TLS Required")
    assert _refused(edge, f"{protocol}-1")


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.replace('response="', 'response="ab'),
        lambda header: header.replace('realm="', 'realm="x'),
        lambda header: header.replace("nonce=", "nonse="),
        lambda header: "Basic MTEwOTp4",
    ],
    ids=["a digest of another length", "another realm", "no nonce", "another scheme"],
)
def test_credentials_that_cannot_be_checked_are_asked_for_again(edge: Bench, change: Callable[[str], str]) -> None:
    """S-083: they are neither our own trouble nor a guess at a password."""
    with Device(edge.address, "1100", source="127.0.0.57") as device:
        answer = device.register(change=change)
    assert answer
    assert said(answer) == REFUSED
    assert answer.has("WWW-Authenticate")
    assert failures(edge, "127.0.0.57") == 0


@pytest.mark.parametrize("name", ["1100@elsewhere", "1100'; DROP TABLE sip_user; --", "$au", "\x1b[31m"])
def test_a_name_of_another_kind_is_an_unknown_user(edge: Bench, name: str) -> None:
    with Device(edge.address, "1100", source="127.0.0.58") as device:
        before = failures(edge, "127.0.0.58")
        change = lambda header: header.replace('username="1100"', f'username="{name}"')  # noqa: E731
        assert said(device.register(change=change)) == REFUSED
        assert failures(edge, "127.0.0.58") == before + 1


def test_a_nonce_that_is_too_old_is_asked_for_again_as_stale(edge: Bench) -> None:
    """S-082: so that no phone asks its owner for a password; it is held against nobody."""
    old = base64.b64encode(bytes(24)).decode()
    with Device(edge.address, "1100", source="127.0.0.59") as device:
        answer = device.register(nonce=old)
        assert answer
        assert said(answer) == REFUSED
        assert "stale=true" in answer.header("WWW-Authenticate")
        assert device.challenge
        assert device.challenge.nonce != old
        assert status(device.register()) == 200
    assert failures(edge, "127.0.0.59") == 0


def test_the_nonce_of_another_edge_is_asked_for_again(edge: Bench, tmp_path: Path) -> None:
    """S-082: a phone that goes over to the second edge keeps the nonce of the first for a while."""
    other = Bench(edge.context, tmp_path, name="edge2")
    try:
        other.start_switch()
        with Device(other.address, "1100", source="127.0.0.61") as device:
            device.ask()
            assert device.challenge
            nonce = device.challenge.nonce
    finally:
        other.close()
    with Device(edge.address, "1100", source="127.0.0.61") as device:
        answer = device.register(nonce=nonce)
        assert answer
        assert said(answer) == REFUSED
        assert status(device.register()) == 200
    assert failures(edge, "127.0.0.61") == 0


def test_trouble_with_the_database_is_held_against_nobody(edge: Bench) -> None:
    """W-031: a broken view refuses everybody with 500; what is right again is accepted at once."""
    view = one(edge.context.database, "SELECT sql FROM sqlite_master WHERE name = 'switch_subscriber'")
    with Device(edge.address, "1100", source="127.0.0.62") as device:
        execute(edge.context.database, "DROP VIEW switch_subscriber")
        try:
            for _ in range(FEW):
                assert said(device.register()) == (500, "Authentication Not Available")
            assert said(device.call()) == (500, "Authentication Not Available")
        finally:
            execute(edge.context.database, view)
        assert failures(edge, "127.0.0.62") == 0
        assert status(device.register()) == 200
    assert query(edge.context.database, "SELECT address FROM block WHERE address = '127.0.0.62'") == []


def test_a_program_that_keeps_the_database_for_itself_keeps_nobody_out(edge: Bench) -> None:
    """Readers and the one writer do not wait for each other."""
    link = sqlite.connect(edge.context.database.path, write=True)
    try:
        link.execute("BEGIN EXCLUSIVE")
        with Device(edge.address, "1100", source="127.0.0.63") as device:
            assert status(device.register()) == 200
    finally:
        link.close()


def test_an_edge_of_sha256_takes_that_and_nothing_else(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """C-05: both hashes are kept, the edge has to choose one."""
    with standing(template, tmp_path_factory.mktemp("sha256"), sha256=True, max_failures=5) as edge:
        admit(edge.context, "1100")
        target = Target("127.0.0.1", edge.port)
        right = probe(target, "1100", REALM, PASSWORD, "REGISTER", bind="127.0.0.64")
        assert right.outcome is Outcome.ACCEPTED, right.verdict
        assert any("algorithm=SHA-256" in message.text for message in right.messages)
        assert probe(target, "1100", REALM, PASSWORD, bind="127.0.0.64").outcome is Outcome.ACCEPTED
        wrong = probe(target, "1100", REALM, OTHER_PASSWORD, "REGISTER", bind="127.0.0.64")
        assert wrong.outcome is Outcome.REFUSED
        assert failures(edge, "127.0.0.64") == 1
        with Device(edge.address, "1100", source="127.0.0.65") as device:
            device.ask()
            half = lambda header: re.sub(r'(response="[0-9a-f]{32})[0-9a-f]{32}', r"\1", header)  # noqa: E731
            assert said(device.register(change=half)) == REFUSED, "as an answer in MD5 would be"
        assert failures(edge, "127.0.0.65") == 0


def test_a_user_of_tls_registers_over_tls(template: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """S-097."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "edge.pem", folder / "edge.key"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
    files = ["-subj", "/CN=edge", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made, *files], check=True, capture_output=True)
    listen = f"tls:127.0.0.1:{ports.free()}"
    with standing(template, folder, listens=(listen,), tls_certificate=str(certificate), tls_key=str(key)) as edge:
        admit(edge.context, "1100", protocol="tls")
        with Device("127.0.0.1:9", "1100", source="127.0.0.66") as device:
            trust = ssl.create_default_context(cafile=str(certificate))
            trust.check_hostname = False
            with (
                socket.create_connection(ports.split(listen.removeprefix("tls:"))) as bare,
                trust.wrap_socket(bare) as line,
            ):
                assert _over(line, device).status == 401
                assert _over(line, device, device.credentials("REGISTER", f"sip:{REALM}")).status == 200


def _over(line: ssl.SSLSocket, device: Device, credentials: str = "") -> Message:
    """A REGISTER over TLS; what it is answered."""
    headers = [f"Contact: <sip:1100@{device.endpoint};transport=tls>"]
    headers += [f"Authorization: {credentials}"] if credentials else []
    line.sendall(device.request("REGISTER", f"sip:{REALM}", "1100", headers).replace("/UDP", "/TLS").encode())
    heard = Message.parse(line.recv(65_535).decode())
    device.learn(heard)
    return heard


def _saved(edge: Bench, user: SipUser, **typed: str) -> SipUser:
    (stored,) = sip_users.save(edge.context, user, typed).rows
    assert isinstance(stored, SipUser)
    return stored


def _refused(edge: Bench, username: str) -> bool:
    """Whether nobody is registered under a name at the switch."""
    contacts = edge.rpc("ul.dump")["Domains"][0]["Domain"]["AoRs"]
    return username not in {record["Info"]["AoR"] for record in contacts}
