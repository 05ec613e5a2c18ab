"""The test mail of a SIP user's voicemail, to a real mail server (S-111)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.models.sip_user import SipUser
from cxtui.rules.roles import Role
from cxtui.services import sip_users, undo, voicemail_mail
from cxtui.services.context import Context
from cxtui.services.outcome import Denied, Gone, Refused, ServiceError
from cxtui.voicemail.errors import VoicemailError
from tests.services.stock import only
from tests.support import audit, codes
from tests.voicemail.mailhost import HOST, Mailbox, deserted_port, serving

SECRET = "vErY-secret-7"


def mailing(context: Context, **settings: Any) -> Context:
    named = {"smtp_sender": "cxtui@noc.example", **settings}
    return replace(context, settings=replace(context.settings, **named))


@pytest.fixture
def user(context: Context, acme: Company) -> SipUser:
    found: SipUser = only(sip_users.add(context, acme.id, {"username": "1003", "voicemail_email": "ann@acme.example"}))
    return found


def test_a_test_mail_reaches_the_address_and_is_noted(context: Context, user: SipUser) -> None:
    """S-111."""
    mailbox = Mailbox()
    with serving(mailbox) as port:
        change = voicemail_mail.send_test(mailing(context, smtp_server=f"{HOST}:{port}"), user)
    assert change.sentence.startswith(f"Mail server {HOST}:{port} took the test mail for ann@acme.example")
    (taken,) = mailbox.taken
    assert (taken.mail_from, taken.rcpt_tos) == ("cxtui@noc.example", ["ann@acme.example"])
    assert isinstance(taken.content, bytes)
    assert b"1003@sip.example.net" in taken.content
    told = audit(context.database)[-1]
    assert (told.action, told.entity, told.entity_id) == ("SEND", "sip_user", user.id)
    assert told.label == "test mail for the voicemail of SIP user 1003 sent to ann@acme.example"
    assert undo.undo(context).sentence == "Undone: create of SIP user 1003."


def test_a_mail_server_that_is_down_or_refuses_is_told_of_and_nothing_is_noted(context: Context, user: SipUser) -> None:
    """S-111."""
    mark = len(audit(context.database))
    with pytest.raises(VoicemailError, match=r"Nothing takes mail at .* refused; no mail was sent"):
        voicemail_mail.send_test(mailing(context, smtp_server=f"{HOST}:{deserted_port()}"), user)
    with (
        serving(Mailbox(RCPT="550 no such mailbox")) as port,
        pytest.raises(VoicemailError, match=r"does not take mail for ann@acme\.example: 550 no such mailbox"),
    ):
        voicemail_mail.send_test(mailing(context, smtp_server=f"{HOST}:{port}"), user)
    assert len(audit(context.database)) == mark


def test_the_mail_goes_to_the_address_that_is_stored_now(context: Context, user: SipUser) -> None:
    sip_users.save(context, user, {"voicemail_email": "bob@acme.example"})
    mailbox = Mailbox()
    with serving(mailbox) as port:
        voicemail_mail.send_test(mailing(context, smtp_server=f"{HOST}:{port}"), user)
    assert mailbox.taken[0].rcpt_tos == ["bob@acme.example"]


def test_without_an_address_a_user_or_a_role_nothing_is_sent(context: Context, user: SipUser) -> None:
    here = mailing(context, smtp_server=f"{HOST}:{deserted_port()}")
    with pytest.raises(Denied):
        voicemail_mail.send_test(replace(here, actor=replace(here.actor, role=Role.VIEWER)), user)
    bare = only(sip_users.save(context, user, {"voicemail_email": ""}))
    with pytest.raises(ServiceError, match="SIP user 1003 has no Email for voicemail"):
        voicemail_mail.send_test(here, bare)
    sip_users.delete(context, [bare])
    with pytest.raises(Gone):
        voicemail_mail.send_test(here, bare)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "set smtp_server in the settings file"),
        ({"smtp_server": "mx:0"}, "smtp_server in the settings is mx:0: after the colon comes a port, 1–65535"),
        ({"smtp_server": "mx:99999"}, "after the colon comes a port"),
        ({"smtp_server": "mx:x"}, "after the colon comes a port"),
        ({"smtp_server": "[::1]x"}, "after the colon comes a port"),
        ({"smtp_server": "mx", "smtp_sender": "cxtui@localhost"}, "smtp_sender in the settings is cxtui@localhost"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(context: Context, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ServiceError, match=words):
        voicemail_mail.mail_server(mailing(context, **settings))


@pytest.mark.parametrize(
    ("text", "security", "place"),
    [
        ("mx.example", "none", ("mx.example", 25)),
        ("mx.example", "starttls", ("mx.example", 587)),
        ("mx.example:2525", "tls", ("mx.example", 2525)),
        ("mx.example:", "tls", ("mx.example", 465)),
        ("[2001:db8::1]:26", "none", ("2001:db8::1", 26)),
        ("[2001:db8::1]", "none", ("2001:db8::1", 25)),
        ("2001:db8::1", "none", ("2001:db8::1", 25)),
    ],
)
def test_host_and_port_are_told_apart(context: Context, text: str, security: str, place: tuple[str, int]) -> None:
    server = voicemail_mail.mail_server(mailing(context, smtp_server=text, smtp_security=security))
    assert (server.host, server.port) == place


def test_the_password_is_read_from_its_file_and_never_said(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "smtp"
    path.write_text(f"{SECRET}\n")
    here = mailing(context, smtp_server="mx", smtp_username="us", smtp_password_file=path)
    server = voicemail_mail.mail_server(here)
    assert (server.username, server.password) == ("us", SECRET)
    assert SECRET not in repr(server)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (None, "No such file"),
        (b"", "must hold one line"),
        (b"\n", "must hold one line"),
        (SECRET.encode() + b"\nmore\n", "must hold one line"),
        (SECRET.encode() * 200, "must hold one line"),
        (SECRET.encode() + b"\xff", "not UTF-8"),
    ],
)
def test_a_password_file_that_cannot_be_used_is_named_without_what_it_holds(
    context: Context, tmp_path: Path, held: bytes | None, words: str
) -> None:
    path = tmp_path / "smtp"
    if held is not None:
        path.write_bytes(held)
    with pytest.raises(ServiceError, match=f"smtp_password_file in the settings is .*{words}") as refusal:
        voicemail_mail.mail_server(mailing(context, smtp_server="mx", smtp_password_file=path))
    assert SECRET not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize("typed", ["ann", "ann@", "ann@acme", "a b@acme.example", "ann@acme.example, bob@acme.example"])
def test_an_address_that_no_mail_reaches_is_refused_beside_its_field(
    context: Context, user: SipUser, acme: Company, typed: str
) -> None:
    """S-111."""
    for verb in (
        lambda: sip_users.save(context, user, {"voicemail_email": typed}),
        lambda: sip_users.add(context, acme.id, {"username": "1004", "voicemail_email": typed}),
    ):
        with pytest.raises(Refused) as refusal:
            verb()
        assert codes(refusal.value.findings) == [("error", "voicemail_email", "S-111")]


def test_an_address_is_stored_as_mail_servers_know_it_and_may_be_taken_away(context: Context, user: SipUser) -> None:
    """S-110, S-111."""
    saved = only(sip_users.save(context, user, {"voicemail_enabled": "yes", "voicemail_email": " Bob@ACME.Example "}))
    assert (saved.voicemail_enabled, saved.voicemail_email) == (True, "Bob@acme.example")
    assert only(sip_users.save(context, saved, {"voicemail_email": ""})).voicemail_email == ""


def test_an_address_that_was_stored_before_does_not_stand_in_the_way_of_other_fields(
    context: Context, user: SipUser
) -> None:
    from tests.support import execute

    execute(context.database, "UPDATE sip_user SET voicemail_email = 'old@localhost'")
    old = replace(user, voicemail_email="old@localhost")
    assert only(sip_users.save(context, old, {"channels": "3"})).channels == 3
