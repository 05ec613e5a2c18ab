"""The ladder of a login at a real switch: tried by a console, or seen as a device does it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cxtui.models.edge_job import EdgeJob
from cxtui.models.sip_user import SipUser
from cxtui.services import blocks, edge_jobs, ip_auth, ladders, probing, registrations, sip_users
from cxtui.services.ladders import Exchange
from cxtui.store import many
from tests.edge.bench import Bench
from tests.edge.clients import sipsak
from tests.edge.clients.answerer import Answerer
from tests.edge.clients.sipp import Caller
from tests.edge.devices import QUICK, Device, status
from tests.edge.standing import admit, company, known, standing
from tests.support import OTHER_PASSWORD, PASSWORD, REALM, bytes_of, one, query

FAR = "127.0.0.9"


@pytest.fixture(scope="module")
def far() -> Iterator[Answerer]:
    """The core behind the edge."""
    with Answerer(FAR) as far:
        yield far


@pytest.fixture(scope="module")
def edge(template: Path, tmp_path_factory: pytest.TempPathFactory, far: Answerer) -> Iterator[Bench]:
    """One edge for all of these tests; each has users of its own."""
    with standing(template, tmp_path_factory.mktemp("ladder"), core=f"sip:{far.endpoint}") as edge:
        yield edge


def tried(edge: Bench, user: SipUser, password: str | None = None) -> Exchange:
    (found,) = probing.probe(edge.context, user, password)
    return found


def labels(exchange: Exchange) -> list[str]:
    return [step.label for step in exchange.ladder().steps]


def notes(exchange: Exchange) -> list[str]:
    return [note.text for step in exchange.ladder().steps for note in step.notes]


@contextmanager
def watching(edge: Bench, user: SipUser) -> Iterator[list[Exchange]]:
    """Watch a user for what happens within; afterwards the list has what was seen."""
    found: list[Exchange] = []
    job = begun(edge, user)
    yield found
    edge.until(lambda: edge_jobs.ended(now(edge, job)), "the end of the watch")
    found += ladders.watched(edge.context, [now(edge, job)])


def begun(edge: Bench, user: SipUser, seconds: int = 20) -> EdgeJob:
    """A watch that the switch has begun."""
    job = EdgeJob(
        edge_id=edge.row()["id"], task="watch", username=user.username, body=str(seconds), created_at=edge.context.now()
    )
    with edge.context.database.bulk() as link:
        job = replace(job, id=many.next_id(link, EdgeJob))
        many.insert(link, EdgeJob, [job])
    edge.until(lambda: user.username in str(edge.rpc("htable.dump", "watched")), "the switch watches")
    edge.until(lambda: edge.rpc("sipdump.enable")["newval"], "the switch tells what it sees")
    return job


def now(edge: Bench, job: EdgeJob) -> EdgeJob:
    return edge_jobs.outcomes(edge.context, [job.id])[0]


@pytest.mark.parametrize("password", [PASSWORD, None], ids=["given", "stored"])
def test_a_probe_shows_the_call_of_the_manual_and_calls_nobody(
    edge: Bench, far: Answerer, password: str | None
) -> None:
    """S-080, S-081, S-082, S-083, C-04."""
    before = len(far.invites)
    found = tried(edge, known(edge.context, "probed"), password)
    assert labels(found) == [
        "INVITE sip:cxtui-probe@… CSeq 1",
        "407 Proxy Authentication Required",
        "ACK",
        "INVITE sip:cxtui-probe@… CSeq 2 +auth",
        "200 OK",
        "ACK",
        "BYE",
        "200 OK (BYE)",
    ]
    assert found.right is True
    assert found.sentence.startswith("edge1 accepts it (407 → 200 in ")
    told = notes(found)
    assert told[0].startswith(f"realm “{REALM}” · MD5 · qop auth · nonce ")
    assert "hashes match: the edge computed the same response" in told
    assert len(far.invites) == before
    assert edge.rpc("dlg.stats_active")["all"] == 0


def test_a_wrong_password_is_said_to_be_wrong(edge: Bench) -> None:
    """S-083."""
    found = tried(edge, known(edge.context, "mistaken"), OTHER_PASSWORD)
    assert found.right is False
    assert "another password is stored for mistaken" in found.sentence
    assert labels(found).count("407 Proxy Authentication Required") == 2
    assert "wrong password: the hashes differ" in notes(found)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"allow_list": "192.0.2.1"}, "the allow list of {} does not have this console's address 127.0.0.1."),
        ({"enabled": "no"}, "{} or its company is disabled."),
        ({"protocol": "tls"}, "{} may only come over TLS, which the probe does not speak."),
    ],
)
def test_what_stands_behind_the_password_is_told_apart_from_it(edge: Bench, typed: dict[str, str], words: str) -> None:
    """S-083, S-096."""
    name = f"behind-{next(iter(typed))}"
    found = tried(edge, admit(edge.context, name, **typed), PASSWORD)
    assert found.right is True
    assert found.sentence.startswith("edge1 found the password right (407 → 403 in ")
    assert found.sentence.endswith(words.format(name))
    assert "hashes match: the password is right" in notes(found)
    assert tried(edge, known(edge.context, name), OTHER_PASSWORD).right is False, "the password is looked at first"


def test_a_console_that_is_authorised_by_ip_makes_no_call_either(edge: Bench, far: Answerer) -> None:
    """S-084."""
    before = len(far.invites)
    user = known(edge.context, "beside")
    (entry, *_) = ip_auth.add(edge.context, company(edge.context).id, {"address": "127.0.0.1"}).rows
    edge.until_proven()
    try:
        found = tried(edge, user)
    finally:
        ip_auth.delete(edge.context, [entry])  # type: ignore[list-item]
        edge.until_proven()
    assert found.sentence.startswith("edge1 accepts it (401 → 200 in ")
    assert labels(found)[1] == "401 Unauthorized (REGISTER)"
    assert len(far.invites) == before
    assert query(edge.context.database, "SELECT 1 FROM registration WHERE username = 'beside'") == []


def test_a_registration_that_is_watched_gives_a_ladder_with_its_verdict(edge: Bench) -> None:
    """S-083, C-04, W-101."""
    with watching(edge, admit(edge.context, "watched")) as found:
        assert sipsak.register("watched", PASSWORD, edge.address, domain=REALM) == 200
    (seen,) = found
    assert labels(seen) == [
        f"REGISTER sip:{REALM} CSeq 1",
        "401 Unauthorized (REGISTER)",
        f"REGISTER sip:{REALM} CSeq 2 +auth",
        "200 OK (REGISTER)",
    ]
    assert seen.right is True
    assert seen.sentence.startswith("edge1 heard watched from 127.0.0.31:")
    assert seen.ladder().names == ("phone", "edge1")


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [("guessed", OTHER_PASSWORD, "wrong password: the hashes differ"), ("gone", PASSWORD, "unknown user")],
    ids=["wrong", "unknown"],
)
def test_a_registration_that_is_refused_says_why_and_keeps_saying_it(
    edge: Bench, name: str, password: str, words: str
) -> None:
    """S-083, W-101."""
    user = admit(edge.context, name)
    if name == "gone":
        sip_users.delete(edge.context, [user])
    with watching(edge, user) as found:
        assert sipsak.register(name, password, edge.address, domain=REALM) == 401
    (seen,) = found
    assert seen.right is False
    assert words in seen.sentence
    assert words in "; ".join(notes(seen))


def test_a_call_that_is_watched_has_its_challenge_its_ack_and_its_way_on(edge: Bench, far: Answerer) -> None:
    """S-080, S-081, S-082, C-04."""
    with watching(edge, admit(edge.context, "caller")) as found:
        outcome = Caller(edge.address).call("442079460000", user="caller", password=PASSWORD, expect=200)
    assert outcome.challenged
    (seen,) = found
    assert labels(seen)[:4] == [
        "INVITE sip:442079460000@… CSeq 1",
        "407 Proxy Authentication Required",
        "ACK",
        "INVITE sip:442079460000@… CSeq 2 +auth",
    ]
    assert seen.right is True
    ladder = seen.ladder()
    assert ladder.names == ("phone", "edge1", "next hop")
    assert ladder.parties[2] == far.endpoint
    assert "200 OK" in labels(seen)


def seen(edge: Bench, job: EdgeJob) -> Exchange:
    """What a watch saw, once it has ended."""
    edge.until(lambda: edge_jobs.ended(now(edge, job)), "the end of the watch")
    (found,) = ladders.watched(edge.context, [now(edge, job)])
    return found


def fail(edge: Bench, user: SipUser, source: str, times: int = 1) -> None:
    """Try wrong passwords."""
    with Device(edge.address, user.username, OTHER_PASSWORD, source=source) as device:
        for _ in range(times):
            assert status(device.register()) == 401


@contextmanager
def at_home(edge: Bench, user: SipUser, source: str) -> Iterator[Device]:
    """The phone of a user, registered."""
    with Device(edge.address, user.username, source=source) as phone:
        assert status(phone.register()) == 200
        edge.until(lambda: registrations.of_user(edge.context, user), "it is registered")
        yield phone


def test_a_stranger_who_uses_the_name_is_counted_and_the_registered_phone_is_waited_for(edge: Bench) -> None:
    """S-083, W-101."""
    user = admit(edge.context, "reception")
    with at_home(edge, user, "127.0.0.61") as phone:
        job = begun(edge, user)
        fail(edge, user, "127.0.0.66", 2)
        edge.until(lambda: "2 attempts" in now(edge, job).result, "the stranger is told of")
        assert now(edge, job).result == "2 attempts from elsewhere, last 127.0.0.66: wrong password."
        assert not edge_jobs.ended(now(edge, job))
        phone.register()
        found = seen(edge, job)
    assert (found.right, found.stranger) == (True, False)
    assert found.ladder().parties[0] == phone.endpoint
    assert found.ladder().names == ("phone", "edge1")
    assert found.sentence.startswith(f"edge1 heard reception from {phone.endpoint}; hashes match")
    assert found.sentence.endswith(" 2 attempts from elsewhere, last 127.0.0.66: wrong password.")


def test_a_phone_with_a_wrong_password_ends_the_wait_where_it_is_registered_from(edge: Bench) -> None:
    """S-083."""
    user = admit(edge.context, "typist")
    with at_home(edge, user, "127.0.0.62"):
        job = begun(edge, user)
        fail(edge, user, "127.0.0.62")
        found = seen(edge, job)
    assert (found.right, found.stranger, found.ladder().names[0]) == (False, False, "phone")
    assert "wrong password: the hashes differ" in found.sentence


def test_when_the_time_is_over_the_stranger_is_shown_as_what_he_is(edge: Bench) -> None:
    """S-083, W-101."""
    user = admit(edge.context, "awaited")
    with at_home(edge, user, "127.0.0.63"):
        job = begun(edge, user, 4)
        fail(edge, user, "127.0.0.68", 3)
        found = seen(edge, job)
    assert (found.right, found.stranger) == (None, True)
    assert found.ladder().names == ("sender", "edge1")
    assert ", not where awaited is registered (127.0.0.63); wrong password: the hashes differ." in found.sentence
    assert found.sentence.startswith("edge1 heard awaited from 127.0.0.68:")
    assert found.sentence.endswith(". 3 attempts from elsewhere, last 127.0.0.68: wrong password.")
    assert "the phone of awaited sent nothing in this time" in found.basis


def test_a_phone_that_has_moved_ends_the_wait_by_its_right_password(edge: Bench) -> None:
    """S-083."""
    user = admit(edge.context, "moved")
    with at_home(edge, user, "127.0.0.64"):
        job = begun(edge, user)
        Caller(edge.address, "127.0.0.69").call("442079460000", user="moved", password=PASSWORD, expect=200)
        found = seen(edge, job)
    assert (found.right, found.stranger, found.ladder().names[0]) == (True, False, "phone")
    assert found.sentence.startswith("edge1 heard moved from 127.0.0.69:")
    assert ", not where moved is registered (127.0.0.64); hashes match" in found.sentence


def test_who_is_blocked_is_passed_over_and_told_of_when_nobody_else_came(edge: Bench) -> None:
    """S-011, S-083."""
    user = admit(edge.context, "unheard")
    blocks.block(edge.context, {"address": "127.0.0.70"})
    edge.until(lambda: "127.0.0.70" in str(edge.rpc("htable.dump", "blocked")), "it is blocked")
    job = begun(edge, user, 2)
    with Device(edge.address, "unheard", OTHER_PASSWORD, source="127.0.0.70") as device:
        assert device.ask(patience=QUICK) is None
        edge.until(lambda: edge_jobs.ended(now(edge, job)), "the end of the watch")
    told = r"unheard sent nothing in \d+ s\. Passed over, because blocked: 127\.0\.0\.70\."
    assert re.fullmatch(told, now(edge, job).result)
    job = begun(edge, user)
    with Device(edge.address, "unheard", OTHER_PASSWORD, source="127.0.0.70") as device:
        assert device.ask(patience=QUICK) is None
        fail(edge, user, "127.0.0.71")
        found = seen(edge, job)
    assert found.sentence.startswith("edge1 heard unheard from 127.0.0.71:")
    assert (found.right, found.ladder().names[0]) == (False, "sender")
    assert "of the device or of somebody else" in found.basis


def test_the_probe_of_a_console_is_no_real_attempt(edge: Bench) -> None:
    """S-080, S-083."""
    user = admit(edge.context, "asked")
    job = begun(edge, user, 2)
    assert tried(edge, user).right is True
    edge.until(lambda: edge_jobs.ended(now(edge, job)), "the end of the watch")
    assert re.fullmatch(r"asked sent nothing in \d+ s\.", now(edge, job).result)


def test_who_stops_waiting_frees_the_switch_at_once(edge: Bench) -> None:
    ladders.stop(edge.context, [begun(edge, known(edge.context, "patient"))])
    with watching(edge, known(edge.context, "hasty")) as found:
        sipsak.register("hasty", PASSWORD, edge.address, domain=REALM)
    assert found[0].right is True


def test_no_password_and_nothing_that_one_could_be_guessed_from_is_kept(edge: Bench) -> None:
    """S-083, S-122: in the database, in what is given back, in the log of the switch."""
    user = admit(edge.context, "secret")
    told = [tried(edge, user, password) for password in (PASSWORD, OTHER_PASSWORD, None)]
    with watching(edge, user) as found:
        outcome = Caller(edge.address).call("1", user="secret", password=PASSWORD)
    (sent,) = {message.header("proxy-authorization") for message in outcome.messages if message.sent} - {""}
    parts = {part.partition("=")[0].strip(): part.partition("=")[2].strip('" ') for part in sent[7:].split(",")}
    shown = repr([*told, *found]) + "".join(exchange.text() for exchange in [*told, *found])
    kept = bytes_of(edge.context.database).decode("latin-1") + shown + edge.log()
    assert parts["response"][:8] in kept, "the ladder shows where it was"
    for secret in (PASSWORD, OTHER_PASSWORD, parts["response"], parts["cnonce"], parts["nonce"]):
        assert secret not in kept
    tries = "SELECT count(*) FROM audit WHERE action = 'PROBE' AND entity_id = ?"
    assert one(edge.context.database, tries, [user.id]) == 3
