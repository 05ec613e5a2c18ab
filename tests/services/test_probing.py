"""A password is tried through the edges: where they are, what they say, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from cxtui.models.company import Company
from cxtui.models.sip_user import SipUser
from cxtui.rules.digest import ha1
from cxtui.rules.roles import Role
from cxtui.services import blocks, ip_auth, ladders, probing, sip_users, undo
from cxtui.services.context import Actor, Context
from cxtui.services.edge_states import SILENT_AFTER
from cxtui.services.ladders import Exchange
from cxtui.services.outcome import Denied, Gone, Refused, ServiceError
from cxtui.sip.message import SipMessage
from tests.services.test_edge_states import attach
from tests.services.test_registrations import give
from tests.sip.uas import Script, Server, edge, reply, server
from tests.support import OTHER_PASSWORD, PASSWORD, REALM, Clock, audit, bytes_of, execute, generation

SECRET = ha1("1003", REALM, PASSWORD)
WHERE = "udp:127.0.0.1:{0} tcp:127.0.0.1:{0} udp:[::1]:{0}"


@pytest.fixture
def user(context: Context, acme: Company) -> SipUser:
    """1003, who has a password."""
    return give(context, acme, "1003")


@contextmanager
def edge_at(context: Context, script: Script, name: str = "edge1", listens: str = WHERE) -> Iterator[Server]:
    """Something that answers by a script, as an agent reports it."""
    with server(script) as running:
        attach(context, name, listens=listens.format(running.target.port))
        yield running


def ours(then: Script | None = None) -> Script:
    return edge(SECRET, then, realm=REALM)


def refusing(status: int, reason: str) -> Script:
    return ours(lambda request, _place: [reply(request, status, reason)])


def tried(context: Context, user: SipUser, password: str | None = None) -> Exchange:
    (found,) = probing.probe(context, user, password, seconds=2)
    return found


@pytest.mark.parametrize(
    ("listens", "target"),
    [
        ("tcp:192.0.2.1:5060 udp:192.0.2.1:5061", "udp 192.0.2.1:5061"),
        ("udp:0.0.0.0:5060 udp:[2001:db8::1]:5062", "udp [2001:db8::1]:5062"),
        ("tls:192.0.2.1:5061 tcp:192.0.2.1:5060", "tcp 192.0.2.1:5060"),
        ("udp:0.0.0.0:5060 tcp:[::]:5060", "edge1 listens on every address of its machine"),
        ("tls:192.0.2.1:5061", "edge1 takes TLS alone"),
        ("", "edge1 does not say where it listens."),
        ("udp:edge.example:5060 udp:1.2.3:x nonsense udp:: udp:192.0.2.1:99999", "edge1 does not say where it listens"),
    ],
)
def test_where_an_edge_is_reached_is_what_it_reports_udp_first(context: Context, listens: str, target: str) -> None:
    attach(context, "edge1", listens=listens)
    (found,) = probing.targets(context)
    assert str(found.target or found.obstacle).startswith(target)


def test_edges_that_are_silent_or_without_their_switch_are_not_tried(
    context: Context, user: SipUser, clock: Clock
) -> None:
    with pytest.raises(ServiceError, match="No edge reports and reaches its switch"):
        probing.probe(context, user)
    attach(context, "edge1", at=clock.now - SILENT_AFTER - 1, listens="udp:127.0.0.1:5060")
    attach(context, "edge2", trouble="refused", listens="udp:127.0.0.1:5060")
    assert probing.targets(context) == ()
    attach(context, "edge3", listens="tls:127.0.0.1:5061")
    (found,) = probing.probe(context, user)
    assert (found.edge, found.right) == ("edge3", None)
    assert "TLS alone" in found.sentence
    assert not [row for row in audit(context.database) if row.action == "PROBE"], "nothing was tried"
    with pytest.raises(ServiceError, match="No edge edge1 reports and reaches its switch; edge3 do"):
        probing.probe(context, user, edge="edge1")


def test_the_password_is_tried_as_a_phone_would_and_nobody_is_called(context: Context, user: SipUser) -> None:
    """S-080, S-082, S-083."""
    with edge_at(context, ours()) as running:
        found = tried(context, user, PASSWORD)
    assert (found.edge, found.username, found.right) == ("edge1", "1003", True)
    assert found.sentence.startswith("edge1 accepts it (407 → 200 in ")
    assert "the password itself" in found.basis
    assert running.methods == ["INVITE", "ACK", "INVITE", "ACK", "BYE"]
    assert {request.uri for request in running.received[:3]} == {f"sip:cxtui-probe@{REALM}"}
    assert found.ladder().names == ("this console", "edge1")
    text = found.text()
    assert text.startswith("1003 at edge1\nedge1 accepts it (407 → 200 in ")
    assert "407 Proxy Authentication Required" in text
    assert found.text(ascii=True).isascii()


def test_later_the_stored_ha1_is_tried_and_it_is_said_what_that_proves(context: Context, user: SipUser) -> None:
    """S-122."""
    with edge_at(context, ours()):
        found = tried(context, user)
    assert found.right is True
    assert "not what the phone has" in found.basis


@pytest.mark.parametrize(
    ("script", "password", "right", "words"),
    [
        (ours(), OTHER_PASSWORD, False, "another password is stored for 1003"),
        (edge(ha1("1003", REALM, OTHER_PASSWORD), realm=REALM), None, False, "although it is stored: the edge goes by"),
        (
            refusing(403, "IP Not Authorised"),
            PASSWORD,
            True,
            "found the password right (407 → 403 in {}), but the allow list of 1003 does not have this console's"
            " address 127.0.0.1.",
        ),
        (refusing(403, "User Disabled"), PASSWORD, True, "but 1003 or its company is disabled."),
        (refusing(403, "TLS Required"), PASSWORD, True, "but 1003 may only come over TLS"),
        (refusing(403, "Something Else"), PASSWORD, None, "after the credentials were sent"),
        (refusing(480, "Voicemail Not Configured"), PASSWORD, True, "The password is right; then came 480"),
        (edge(SECRET, realm="other.example"), PASSWORD, None, "asks for realm “other.example”"),
        (lambda _request, _place: [], PASSWORD, None, "gave no answer to the request"),
        (lambda _request, _place: [b"\xff\xfe"], PASSWORD, None, "answers, but not in SIP"),
    ],
    ids=range(10),
)
def test_what_the_edge_says_is_told_in_words(
    context: Context, user: SipUser, script: Script, password: str | None, right: bool | None, words: str
) -> None:
    """S-083."""
    with edge_at(context, script):
        (found,) = probing.probe(context, user, password, seconds=0.4)
    assert found.right is right
    before, _, after = words.partition("{}")
    assert before in found.sentence
    assert after in found.sentence
    assert found.sentence.startswith("edge1")
    assert found.trace.messages


def test_a_port_where_nothing_listens_is_told(context: Context, user: SipUser) -> None:
    with edge_at(context, ours()):
        pass
    found = tried(context, user)
    assert found.right is None
    assert "nothing listens there" in found.sentence


def test_a_console_that_is_authorised_by_ip_registers_in_place_of_a_call(
    context: Context, acme: Company, user: SipUser
) -> None:
    """S-084: its call would not be asked for a password, but sent on."""
    ip_auth.add(context, acme.id, {"address": "127.0.0.0/30", "direction": "egress"})
    with edge_at(context, ours()) as running:
        found = tried(context, user)
    assert running.methods == ["REGISTER", "REGISTER"]
    assert [request.header("contact") for request in running.received] == ["", ""]
    assert found.sentence.startswith("edge1 accepts it (401 → 200 in ")
    assert "127.0.0.1 is authorised by IP: tried with REGISTER" in found.basis


def test_a_console_under_a_disabled_entry_is_asked_for_its_password_and_calls(
    context: Context, acme: Company, user: SipUser
) -> None:
    """S-084: nothing lets it in without one."""
    ip_auth.add(context, acme.id, {"address": "127.0.0.1", "direction": "egress", "enabled": "no"})
    with edge_at(context, ours()) as running:
        found = tried(context, user)
    assert running.methods[0] == "INVITE"
    assert "authorised by IP" not in found.basis


def test_a_refusal_before_any_password_was_asked_for_says_nothing_of_it(context: Context, user: SipUser) -> None:
    """S-083: under an entry of TLS that holds this console, for example."""
    with edge_at(context, lambda request, _place: [reply(request, 403, "TLS Required")]):
        found = tried(context, user)
    assert found.right is None
    assert "found the password right" not in found.sentence


def test_a_console_that_is_blocked_is_told_why_nobody_answers(context: Context, user: SipUser) -> None:
    blocks.block(context, {"address": "127.0.0.1"})
    with edge_at(context, lambda _request, _place: []):
        (found,) = probing.probe(context, user, seconds=0.3)
    assert found.sentence.endswith("This console's address 127.0.0.1 is blocked.")


def test_every_edge_is_tried_at_the_same_time_or_the_one_that_is_named(context: Context, user: SipUser) -> None:
    with ExitStack() as stack:
        for name in ("edge1", "edge2", "edge3"):
            script = ours() if name != "edge2" else refusing(403, "User Disabled")
            stack.enter_context(edge_at(context, script, name))
        found = probing.probe(context, user)
        assert [(one.edge, one.right) for one in found] == [("edge1", True), ("edge2", True), ("edge3", True)]
        (one,) = probing.probe(context, user, edge="edge2")
        assert "disabled" in one.sentence
    labels = [row.label for row in audit(context.database) if row.action == "PROBE"]
    assert labels == [
        "password of SIP user 1003 tried at edge1, edge2, edge3",
        "password of SIP user 1003 tried at edge2",
    ]


def test_a_probe_is_audited_and_changes_nothing(context: Context, user: SipUser) -> None:
    """W-027."""
    before, told = generation(context.database), audit(context.database)[-1].id
    with edge_at(context, ours()):
        tried(context, user, PASSWORD)
    (entry,) = audit(context.database, told)
    assert (entry.action, entry.entity, entry.entity_id) == ("PROBE", "sip_user", user.id)
    assert (entry.before, entry.after) == ({}, {})
    assert generation(context.database) == before
    assert undo.last(context) != entry.change_id


@pytest.mark.parametrize("password", [PASSWORD, OTHER_PASSWORD, None], ids=["right", "wrong", "stored"])
def test_no_secret_is_in_what_is_given_back_or_kept(context: Context, user: SipUser, password: str | None) -> None:
    """S-083, S-122."""
    responses: list[str] = []

    def script(request: SipMessage, place: int) -> list[str | bytes]:
        responses.append(request.header("proxy-authorization").partition('response="')[2][:32])
        return ours()(request, place)

    with edge_at(context, script):
        found = tried(context, user, password)
    (response,) = filter(None, responses)
    shown = repr(found) + found.text() + "".join(message.text for message in found.trace.messages)
    secrets = [PASSWORD, OTHER_PASSWORD, SECRET.md5, SECRET.sha256]
    for secret in [*secrets, response[:9]]:
        assert secret not in shown
    stored = bytes_of(context.database)
    for secret in [PASSWORD, OTHER_PASSWORD, response[:8]]:
        assert secret.encode() not in stored


def test_who_has_no_password_or_is_gone_is_not_tried(context: Context, acme: Company, user: SipUser) -> None:
    attach(context, "edge1", listens="udp:127.0.0.1:9")
    (bare,) = sip_users.add(context, acme.id, {"username": "1004"}).rows
    assert isinstance(bare, SipUser)
    with pytest.raises(ServiceError, match=r"1004 has no password for the realm sip\.example\.net: set one first"):
        probing.probe(context, bare)
    execute(context.database, "UPDATE account SET realm = 'new.example'")
    with pytest.raises(ServiceError, match=r"has no password for the realm new\.example"):
        probing.probe(context, user)
    with pytest.raises(Refused, match="the password is empty"):
        probing.probe(context, user, "")
    sip_users.delete(context, [user])
    with pytest.raises(Gone):
        probing.probe(context, user)
    assert not [row for row in audit(context.database) if row.action == "PROBE"]


def test_only_operators_try_passwords(context: Context, user: SipUser) -> None:
    """W-028."""
    vera = Context(context.database, Actor("vera", "local", "tests", Role.VIEWER), context.settings, context.now)
    with edge_at(context, ours()) as running, pytest.raises(Denied):
        probing.probe(vera, user, PASSWORD)
    assert running.received == []
    with pytest.raises(Denied):
        ladders.stop(vera, ())
