"""The probe against a server that behaves, one that does not, and one that is not there."""

from __future__ import annotations

import socket
import time

import pytest

from cxtui.rules.digest import Ha1, ha1
from cxtui.sip.ladder import Ladder
from cxtui.sip.message import SipMessage, parse
from cxtui.sip.probe import Result, probe
from cxtui.sip.trace import Proof
from cxtui.sip.transactions import T1
from cxtui.sip.verdicts import Outcome
from cxtui.sip.wire import Target, own_address
from tests.sip.uas import REALM, challenge, edge, reply, server

PASSWORD = "right-password"
SECRET = ha1("1001", REALM, PASSWORD)


def login(target: Target, method: str = "INVITE", password: str = PASSWORD, timeout: float = 5.0) -> Result:
    return probe(target, "1001", REALM, password, method, timeout=timeout)


def ringing(request: SipMessage, _place: int) -> list[str | bytes]:
    contact = "Contact: <sip:callee@192.0.2.9:5090;x=1>"
    routes = "Record-Route: <sip:192.0.2.1;lr>, <sip:192.0.2.2;lr>"
    progress = [reply(request, 100, "Trying"), reply(request, 183, "Session Progress")]
    return [*progress, reply(request, 200, "OK", contact, routes)]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_the_right_password_is_accepted_and_the_call_ended_again(host: str, transport: str, algorithm: str) -> None:
    """S-080, S-082, C-04."""
    with server(edge(SECRET, ringing, algorithm), transport, host) as running:
        result = login(running.target)
    assert (result.outcome, result.status, result.reason) == (Outcome.ACCEPTED, 200, "OK")
    assert "The password is right" in result.verdict
    assert running.methods == ["INVITE", "ACK", "INVITE", "ACK", "BYE"]
    first, failure_ack, second, ack, bye = running.received
    assert first.header("proxy-authorization") == ""
    assert [entry.cseq[0] for entry in running.received] == [1, 1, 2, 2, 3]
    assert (failure_ack.branch, failure_ack.tag("to"), failure_ack.uri) == (first.branch, "uas", first.uri)
    assert second.branch not in (first.branch, ack.branch)
    assert (ack.uri, bye.uri) == ("sip:callee@192.0.2.9:5090;x=1",) * 2
    assert bye.every("route") == ["<sip:192.0.2.2;lr>", "<sip:192.0.2.1;lr>"]
    assert bye.tag("to") == "uas"
    assert {entry.call_id for entry in running.received} == {first.call_id}


def test_an_invite_is_complete_and_asks_for_no_media() -> None:
    """RFC 3261 §8.1.1."""
    with server(edge(SECRET)) as running:
        login(running.target)
    invite = running.received[0]
    assert invite.uri == "sip:cxtui-probe@sip.test"
    assert (invite.header("max-forwards"), invite.header("user-agent")) == ("70", "cxtui")
    assert ";rport" in invite.header("via")
    assert invite.branch.startswith("z9hG4bK")
    assert invite.tag("from")
    assert invite.header("contact").startswith("<sip:1001@127.0.0.1:")
    assert invite.header("content-length") == str(len(invite.body))
    assert "m=audio 9 " in invite.body
    assert "a=inactive\r\n" in invite.body


def test_a_register_is_challenged_with_401_and_changes_nothing() -> None:
    """C-04; RFC 3261 §10.2.3."""
    with server(edge(SECRET)) as running:
        result = login(running.target, "REGISTER")
    assert (result.outcome, result.status) == (Outcome.ACCEPTED, 200)
    assert running.methods == ["REGISTER", "REGISTER"]
    assert running.received[1].header("contact") == ""
    assert running.received[1].header("authorization")
    assert (running.received[1].uri, running.received[1].header("to")) == ("sip:sip.test", "<sip:1001@sip.test>")
    assert any("401 Unauthorized" in step.label for step in Ladder.of(result.messages).steps)


@pytest.mark.parametrize("method", ["INVITE", "REGISTER"])
def test_a_wrong_password_is_refused_after_one_try(method: str) -> None:
    """S-083."""
    with server(edge(SECRET)) as running:
        result = login(running.target, method, "wrong-password")
    assert result.outcome is Outcome.REFUSED
    assert "wrong password or unknown user" in result.verdict
    assert running.methods.count(method) == 2
    assert running.methods[-1] == ("ACK" if method == "INVITE" else "REGISTER")


def test_an_ha1_does_in_place_of_the_password() -> None:
    """S-122."""
    with server(edge(SECRET)) as running:
        assert probe(running.target, "1001", REALM, SECRET).outcome is Outcome.ACCEPTED


def test_neither_password_nor_a_whole_response_is_in_the_result() -> None:
    """S-083."""
    with server(edge(SECRET)) as running:
        result = login(running.target)
    response = running.received[2].header("proxy-authorization").partition('response="')[2][:32]
    assert len(response) == 32
    kept = "".join(message.text for message in result.messages)
    assert response[:8] in kept
    for secret in (PASSWORD, SECRET.md5, SECRET.sha256, response[:9]):
        assert secret not in kept + repr(result)


@pytest.mark.parametrize(
    ("kept", "password", "proof", "statuses"),
    [
        (SECRET, PASSWORD, Proof.MATCH, (407, 200)),
        (SECRET, "wrong-password", Proof.DIFFERS, (407, 407)),
        (None, "wrong-password", Proof.UNKNOWN, (407, 407)),
    ],
    ids=["right", "wrong", "unknown"],
)
def test_what_the_kept_hashes_say_stands_beside_each_message_with_credentials(
    kept: Ha1 | None, password: str, proof: Proof, statuses: tuple[int, ...]
) -> None:
    """S-083."""
    with server(edge(SECRET)) as running:
        result = probe(running.target, "1001", REALM, password, known=lambda _username, _realm: kept)
    assert result.statuses == statuses
    told = [message.proof for message in result.messages if "Proxy-Authorization" in message.text]
    assert told == [proof]
    assert {message.proof for message in result.messages} == {Proof.NONE, proof}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_is_known_before_which_address_would_be_seen(host: str) -> None:
    with server(edge(SECRET), host=host) as running:
        result = login(running.target)
    assert result.messages[0].source.rpartition(":")[0].strip("[]") == own_address(running.target) == host
    assert own_address(Target("no such host.invalid")) == own_address(Target("a\x00b")) == ""


def test_a_stale_nonce_is_asked_for_again_and_answered() -> None:
    """RFC 7616 §3.3."""

    def script(request: SipMessage, place: int) -> list[str | bytes]:
        stale = challenge(request, "nonce-1", more=", stale=true")
        return [stale] if place == 3 else edge(SECRET)(request, place)

    with server(script) as running:
        result = login(running.target)
    assert result.outcome is Outcome.ACCEPTED
    assert running.methods.count("INVITE") == 3


def test_an_edge_that_calls_every_nonce_stale_is_left_alone() -> None:
    with server(lambda request, _place: [challenge(request, more=", stale=true")]) as running:
        result = login(running.target, "REGISTER")
    assert "stale again and again" in result.verdict
    assert running.methods.count("REGISTER") == 4


def test_another_realm_is_not_answered_because_the_hash_cannot_fit() -> None:
    """C-05."""
    with server(lambda request, _place: [challenge(request, realm="other.test")]) as running:
        result = login(running.target)
    assert result.outcome is Outcome.OTHER_REALM
    assert "“other.test”" in result.verdict
    assert "“sip.test”" in result.verdict
    assert running.methods == ["INVITE"] or running.methods == ["INVITE", "ACK"]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ('Proxy-Authenticate: Digest realm="sip.test", nonce="n", algorithm=SHA-512-256', "SHA-512-256"),
        ('Proxy-Authenticate: Basic realm="sip.test"', "without a Digest challenge"),
        ("X-Nothing: x", "without a Digest challenge"),
    ],
)
def test_a_challenge_that_cannot_be_answered_is_named(header: str, words: str) -> None:
    with server(lambda request, _place: [reply(request, 407, "Auth", header)]) as running:
        result = login(running.target)
    assert result.outcome is Outcome.UNANSWERABLE
    assert words in result.verdict


def test_of_two_challenges_that_of_our_realm_is_answered() -> None:
    def script(request: SipMessage, place: int) -> list[str | bytes]:
        other = 'Proxy-Authenticate: Digest realm="other.test", nonce="x"\r\nProxy-Authenticate'
        return [str(entry).replace("Proxy-Authenticate", other, 1) for entry in edge(SECRET)(request, place)]

    with server(script) as running:
        assert login(running.target).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("status", "reason", "outcome", "words"),
    [
        (486, "Busy Here", Outcome.ACCEPTED, "The password is right; then came 486 Busy Here: busy"),
        (404, "Not Found", Outcome.ACCEPTED, "not known there"),
        (503, "Channel limit", Outcome.ACCEPTED, "a limit of channels"),
        (503, "Unknown User", Outcome.REFUSED, "knows no such user"),
        (403, "IP not allowed", Outcome.FORBIDDEN, "allow list"),
    ],
)
def test_what_comes_after_the_credentials_is_explained(status: int, reason: str, outcome: Outcome, words: str) -> None:
    """W-103."""
    with server(edge(SECRET, lambda request, _place: [reply(request, status, reason)])) as running:
        result = login(running.target)
    assert (result.outcome, result.status, result.reason) == (outcome, status, reason)
    assert words in result.verdict


def test_an_address_that_is_authorised_by_ip_is_not_asked() -> None:
    """S-084."""
    with server(lambda request, _place: [] if request.method == "ACK" else [reply(request, 200, "OK")]) as running:
        result = login(running.target, password="no matter")
    assert result.outcome is Outcome.NOT_ASKED
    assert "authorised by IP" in result.verdict
    assert running.methods == ["INVITE", "ACK", "BYE"]


def test_a_call_that_rings_on_is_cancelled() -> None:
    def script(request: SipMessage, _place: int) -> list[str | bytes]:
        if request.method == "CANCEL":
            [invite] = [entry for entry in running.received if entry.method == "INVITE" and entry.cseq[0] == 2]
            return [reply(request, 200, "OK"), reply(invite, 487, "Request Terminated")]
        return edge(SECRET, lambda asked, _place: [reply(asked, 180, "Ringing")])(request, 0)

    with server(script) as running:
        result = login(running.target, timeout=2)
    assert result.outcome is Outcome.ACCEPTED
    assert "rang until it was cancelled" in result.verdict
    assert running.methods == ["INVITE", "ACK", "INVITE", "CANCEL", "ACK"]
    cancel, invite = running.received[3], running.received[2]
    assert (cancel.branch, cancel.cseq, cancel.tag("to")) == (invite.branch, (2, "CANCEL"), "")


def test_an_answer_in_the_time_kept_for_the_end_still_counts() -> None:
    def script(request: SipMessage, place: int) -> list[str | bytes]:
        if place == 1:
            time.sleep(3.1)
        return [reply(request, 404, "Not Found")]

    with server(script) as running:
        result = login(running.target, timeout=4)
    assert (result.outcome, result.status) == (Outcome.NOT_ASKED, 404)
    assert result.seconds >= 3.1


def test_over_udp_a_request_is_repeated_until_something_comes_back() -> None:
    """RFC 3261 §17.1.1.2."""

    def script(request: SipMessage, place: int) -> list[str | bytes]:
        return [] if place == 1 else edge(SECRET)(request, place)

    with server(script) as running:
        result = login(running.target)
    assert result.outcome is Outcome.ACCEPTED
    assert running.methods == ["INVITE", "INVITE", "ACK", "INVITE", "ACK", "BYE"]
    assert T1 <= result.seconds < 3
    assert Ladder.of(result.messages).steps[0].times == 2


def test_an_answer_that_is_repeated_is_acknowledged_again() -> None:
    """RFC 3261 §13.2.2.4, §17.1.1.2."""

    def script(request: SipMessage, place: int) -> list[str | bytes]:
        answers = edge(SECRET)(request, place)
        return answers * 2 if request.method == "INVITE" else answers

    with server(script) as running:
        assert login(running.target).outcome is Outcome.ACCEPTED
    assert running.methods.count("ACK") == 4


@pytest.mark.parametrize("method", ["INVITE", "REGISTER"])
def test_no_answer_is_said_within_the_time_given(method: str) -> None:
    with server(lambda _request, _place: []) as running:
        result = login(running.target, method, timeout=0.3)
    assert result.outcome is Outcome.NO_ANSWER
    assert (result.status, result.reason) == (0, "")
    assert "no answer to the request within 0.3 s" in result.verdict
    assert 0.2 < result.seconds < 3


def test_silence_after_the_credentials_is_told_from_silence_before() -> None:
    with server(edge(SECRET, lambda _request, _place: [])) as running:
        result = login(running.target, timeout=2)
    assert "no answer to the credentials" in result.verdict


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_port_where_nothing_listens_is_said(transport: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = login(Target("127.0.0.1", port, transport))
    assert result.outcome is Outcome.UNREACHABLE
    assert "nothing listens there" in result.verdict


@pytest.mark.parametrize(
    ("target", "bind", "words"),
    [
        (Target("no such host.invalid"), "", "not found"),
        (Target(""), "192.0.2.200", "cannot be reached"),
        (Target("127.0.0.1"), "192.0.2.200", "no such address to send from"),
        (Target("127.0.0.1"), "::1", "not found"),
        (Target("127.0.0.1"), "nonsense here", "not found"),
        (Target("a\x00b"), "", "cannot be"),
        (Target("x" * 300), "", "cannot be"),
        (Target("127.0.0.1", 0), "", "a port 1–65535"),
        (Target("127.0.0.1", 70_000), "", "a port 1–65535"),
        (Target("127.0.0.1", 5060, "tls"), "", "udp or tcp"),
    ],
)
def test_what_cannot_be_reached_is_said_in_words(target: Target, bind: str, words: str) -> None:
    result = probe(target, "1001", REALM, PASSWORD, bind=bind, timeout=1)
    assert result.outcome is Outcome.UNREACHABLE
    assert words in result.verdict
    assert result.messages == ()


def test_the_source_address_can_be_given() -> None:
    with server(edge(SECRET)) as running:
        result = probe(running.target, "1001", REALM, PASSWORD, bind="127.0.0.9")
    assert result.outcome is Outcome.ACCEPTED
    assert result.messages[0].source.startswith("127.0.0.9:")
    assert "127.0.0.9" in running.received[0].header("via")


GARBAGE = [
    pytest.param(b"\x16\x03\x01\x02", id="tls"),
    pytest.param(b"HTTP/1.1 400 Bad\r\n\r\n", id="http"),
    pytest.param(b"\xff" * 2000, id="bytes"),
    pytest.param(b"SIP/2.0 999999 x\r\n\r\n", id="status"),
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_said_to_be_no_sip(garbage: bytes) -> None:
    with server(lambda _request, _place: [garbage]) as running:
        result = login(running.target, timeout=1)
    assert result.outcome is Outcome.NOT_SIP
    assert "not in SIP" in result.verdict


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_before_the_answer_is_passed_over(garbage: bytes) -> None:
    with server(lambda request, place: [garbage, *edge(SECRET)(request, place)]) as running:
        assert login(running.target).outcome is Outcome.ACCEPTED


def test_answers_to_others_are_passed_over() -> None:
    def script(request: SipMessage, place: int) -> list[str | bytes]:
        others = reply(request, 200, "OK").replace(request.branch, "z9hG4bKother")
        other_method = reply(request, 200, "OK").replace(" INVITE", " OPTIONS")
        no_via = "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n"
        asking = "OPTIONS sip:a SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n"
        return [others, other_method, no_via, asking, "\r\n\r\n", *edge(SECRET)(request, place)]

    with server(script) as running:
        assert login(running.target, password="wrong").outcome is Outcome.REFUSED


def test_a_flood_is_broken_off() -> None:
    with server(lambda _request, _place: ["\r\n\r\n"] * 1000) as running:
        result = login(running.target)
    assert "sends without end" in result.verdict
    assert len(result.messages) <= 200


def test_answers_cannot_put_headers_into_our_requests() -> None:
    evil = "Contact: <sip:a@b>\rX-Evil: 1\r\nRecord-Route: <sip:a\x0bX-Evil: 2>, <javascript:x>, <sip:ok;lr>"
    with server(edge(SECRET, lambda request, _place: [reply(request, 200, "O\x1b[2JK", evil)])) as running:
        result = login(running.target)
    bye = running.received[-1]
    assert (bye.method, bye.uri, bye.every("route")) == ("BYE", "sip:a@b", ["<sip:ok;lr>"])
    assert all("x-evil" not in dict(message.headers) for message in running.received)
    assert "\x1b" not in result.verdict + result.reason + Ladder.of(result.messages).text()


@pytest.mark.parametrize(
    ("piece", "words"),
    [
        (b"", "closed the connection"),
        (b"SIP/2.0 200 OK\r\nContent-Length: 99999999\r\n\r\n", "longer than any message"),
        (b"x" * 70_000, "not SIP"),
    ],
)
def test_a_stream_that_breaks_or_swells_is_left(piece: bytes, words: str) -> None:
    with server(lambda _request, _place: [piece], "tcp") as running:
        result = login(running.target)
    assert result.outcome is Outcome.UNREACHABLE
    assert words in result.verdict


def test_a_stream_may_come_in_any_pieces() -> None:
    def script(request: SipMessage, place: int) -> list[str | bytes]:
        whole = b"".join(str(entry).encode() for entry in edge(SECRET, ringing)(request, place))
        return [whole[start : start + 7] for start in range(0, len(whole), 7)]

    with server(script, "tcp") as running:
        assert login(running.target).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("username", "password", "domain", "method", "words"),
    [
        ("10:01", "p", "", "INVITE", "cannot be used"),
        ("1001", "", "", "INVITE", "the password is empty"),
        ("1001", "p", "a b", "INVITE", "not a host name"),
        ("1001", "p", "a\r\nX: y", "INVITE", "not a host name"),
        ("1001", "p", "", "NOTIFY", "INVITE, REGISTER"),
    ],
)
def test_what_cannot_be_sent_is_not_tried(username: str, password: str, domain: str, method: str, words: str) -> None:
    result = probe(Target("127.0.0.1"), username, REALM, password, method, domain=domain)
    assert result.outcome is Outcome.NOT_TRIED
    assert words in result.verdict


def test_a_username_that_no_uri_can_hold_is_escaped() -> None:
    secret = ha1("anna b@x", REALM, PASSWORD)
    with server(edge(secret)) as running:
        assert probe(running.target, "anna b@x", REALM, PASSWORD, "REGISTER").outcome is Outcome.ACCEPTED
    assert running.received[0].header("to") == "<sip:anna%20b%40x@sip.test>"


def test_a_realm_that_is_no_host_name_gives_way_to_the_target_in_the_uri() -> None:
    secret = ha1("1001", "Our Realm", PASSWORD)

    def script(request: SipMessage, place: int) -> list[str | bytes]:
        return [str(entry).replace(REALM, "Our Realm") for entry in edge(secret)(request, place)]

    with server(script) as running:
        assert probe(running.target, "1001", "Our Realm", PASSWORD, "REGISTER").outcome is Outcome.ACCEPTED
    assert running.received[0].uri == f"sip:127.0.0.1:{running.target.port}"


def test_no_answer_however_odd_makes_the_probe_raise() -> None:
    def script(request: SipMessage, _place: int) -> list[str | bytes]:
        odd = 'Proxy-Authenticate: Digest realm="\\", nonce='
        cut = ["SIP/2.0 407 x\r\n\r\n", "SIP/2.0 100", "\x00", "SIP/2.0 200 OK\r\nVia: ;branch=\r\nCSeq: x\r\n\r\n"]
        return [*cut, reply(request, 407, "x", odd, "To: \x00")]

    with server(script) as running:
        result = login(running.target, timeout=2)
    assert result.outcome is Outcome.UNANSWERABLE
    assert result.seconds < 2


def test_the_clock_that_is_passed_in_decides() -> None:
    ticks = iter(range(0, 10_000, 3))
    with server(lambda _request, _place: []) as running:
        result = probe(running.target, "1001", REALM, PASSWORD, clock=lambda: next(ticks), now=lambda: 1_700_000_000.0)
    assert result.outcome is Outcome.NO_ANSWER
    assert result.seconds % 3 == 0
    assert parse(result.messages[0].text).method == "INVITE"
    assert 1_700_000_000 <= result.messages[0].at < 1_700_000_060
