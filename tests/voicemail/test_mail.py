"""The test mail: it arrives at a real server, or a sentence says why not."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from cxtui.models.voicemail import MailServer
from cxtui.voicemail import mail
from cxtui.voicemail.errors import VoicemailError
from tests.voicemail.mailbox import DOMAIN, NOW, USER
from tests.voicemail.mailhost import HOST, Mailbox, answering, certificate, deserted_port, serving

TO = "noc@acme.example"
SENDER = "voicemail@sip.example.net"
Talk = Callable[[socket.socket], object]
SECRET = "Xk7pQm2vRt4_wZ9h"


def at(port: int, **fields: str) -> MailServer:
    return replace(MailServer(HOST, port, sender=SENDER), **fields)  # type: ignore[arg-type]


def refused(server: MailServer, words: str, to: str = TO) -> str:
    with pytest.raises(VoicemailError, match=words) as refusal:
        mail.send_test(server, to, DOMAIN, USER, NOW)
    said = str(refusal.value)
    assert said.endswith(".")
    assert said.isprintable()
    assert len(said) < 400
    assert SECRET not in said
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    return said


def test_a_test_mail_arrives_with_sender_recipient_and_mailbox() -> None:
    """S-111."""
    mailbox = Mailbox()
    with serving(mailbox) as port:
        said = mail.send_test(at(port), TO, DOMAIN, USER, NOW)
    assert said == f"mail server {HOST}:{port} took the test mail for {TO}; whether it arrives is seen in the mailbox."
    [envelope] = mailbox.taken
    assert envelope.mail_from == SENDER
    assert envelope.rcpt_tos == [TO]
    assert isinstance(envelope.content, bytes)
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert message["Subject"] == "cxtui: voicemail of 1003 will arrive here"
    assert message["From"] == SENDER
    assert message["To"] == TO
    assert message["Date"] == "Tue, 14 Nov 2023 22:13:20 -0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@sip.example.net>")
    assert "1003@sip.example.net" in message.get_content()
    assert [session.host_name for session in mailbox.sessions] == [f"[{HOST}]"]


@pytest.mark.parametrize("user", ["10\r\nBcc: eve@example.org", "\x1b[2J", "José", "x" * 300, "\ud800"])
def test_the_name_of_a_mailbox_cannot_add_a_header(user: str) -> None:
    """S-111."""
    mailbox = Mailbox()
    with serving(mailbox) as port:
        mail.send_test(at(port), TO, f"a\r\n.\r\n{DOMAIN}", user, NOW)
    [envelope] = mailbox.taken
    assert envelope.rcpt_tos == [TO]
    assert isinstance(envelope.content, bytes)
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert "Bcc" not in message
    assert len(message.keys()) == 9


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        (
            {"RCPT": "550 5.1.1 no such user"},
            "does not take mail for noc@acme.example: 550 5.1.1 no such user; no mail",
        ),
        ({"RCPT": "450 4.7.1 greylisted"}, "does not take mail for noc@acme.example: 450 4.7.1 greylisted"),
        ({"MAIL": "553 not yours"}, "takes no mail from voicemail@sip.example.net: 553 not yours"),
        ({"DATA": "554 5.7.1 spam"}, "refused: 554 5.7.1 spam"),
        ({"RCPT": "550 \x1b[2J" + "x" * 400}, "550 ␛.*…; no mail was sent"),
    ],
)
def test_what_the_server_refuses_is_said_in_its_words(replies: dict[str, str], words: str) -> None:
    """S-111."""
    mailbox = Mailbox(**replies)
    with serving(mailbox) as port:
        refused(at(port), words)
    assert mailbox.taken == []


def test_a_port_at_which_nobody_listens_is_a_sentence() -> None:
    """S-111."""
    refused(at(deserted_port()), "Nothing takes mail at mail server .*connection was refused; no mail was sent")


def says(*words: bytes) -> Talk:
    """Says one thing after the other, waiting for a line each time."""

    def talk(caller: socket.socket) -> None:
        for word in words:
            caller.sendall(word)
            if not caller.recv(4096):
                return

    return talk


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (lambda caller: None, "hung up"),
        (says(b"220 hello\r\n"), "hung up"),
        (says(b"220 hello\r\n", b"250 hello\r\n"), "hung up"),
        (says(b"220 hello\r\n", b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n"), "hung up"),
        (lambda caller: caller.sendall(b"HTTP/1.1 400 Bad Request\r\n"), "is no mail server: "),
        (lambda caller: caller.sendall(b"\xff\xfe\0\x1b[2J\r\n"), "is no mail server: "),
        (lambda caller: caller.sendall(b"\r\n"), "is no mail server: nothing that can be read"),
        (lambda caller: caller.sendall(b"554 go away\r\n"), "refused: 554 go away"),
        (lambda caller: caller.sendall(b"220 " + b"x" * 20_000 + b"\r\n"), "refused: 500 Line too long"),
        (says(b"220 hello\r\n", b"500 what\r\n", b"500 what\r\n"), "refused: 500 what|hung up"),
    ],
)
def test_what_is_no_mail_server_or_hangs_up_is_a_sentence(talk: Talk, words: str) -> None:
    """S-111."""
    with answering(talk) as port:
        refused(at(port), words)


def test_a_server_that_keeps_silent_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """S-111."""
    assert mail.TIMEOUT_S == 10
    monkeypatch.setattr(mail, "TIMEOUT_S", 0.05)
    with answering(lambda caller: caller.recv(1)) as port:
        refused(at(port), "did not answer within 0 seconds")


def test_a_server_that_never_stops_talking_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """S-111: a reply of endless lines never runs into the timeout of one line."""
    monkeypatch.setattr(mail, "LONGEST_S", 0.2)

    def chatter(caller: socket.socket) -> None:
        for line in repeat(b"220-and another thing\r\n"):
            caller.sendall(line)

    with answering(chatter) as port:
        refused(at(port), "hung up, or took longer than")


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (MailServer("", 25, sender=SENDER), "No mail server is set"),
        (MailServer("  ", 25, sender=SENDER), "No mail server is set"),
        (MailServer("nowhere.invalid", 25, sender=SENDER), "name of mail server nowhere.invalid:25 cannot be found"),
        (MailServer("a..b", 25, sender=SENDER), "name of mail server a..b:25 cannot be found"),
        (MailServer("x" * 300, 25, sender=SENDER), "cannot be found"),
        (MailServer("a\0b", 25, sender=SENDER), "no name of a mail server|cannot be found"),
        (MailServer("\x1b[2J\n", 25, sender=SENDER), "cannot be found"),
        (MailServer("::1", 0, sender=SENDER), "1–65535, not 0"),
        (MailServer(HOST, 70_000, sender=SENDER), "1–65535, not 70000"),
        (MailServer(HOST, 25, "ssl", SENDER), "one of none, starttls, tls"),
        (MailServer(HOST, 25), "The sender cannot be used: write an e-mail address"),
        (MailServer(HOST, 25, sender="a@b.example\nBcc: x@y.example"), "The sender cannot be used"),
        (MailServer("192.0.2.1", 25, "none", SENDER, "noc", SECRET), "in the clear: set starttls or tls"),
        (MailServer("mail.example.net", 25, "none", SENDER, "noc", SECRET), "in the clear: set starttls or tls"),
        (MailServer(HOST, 25, "tls", SENDER, "noc", "schlüssel" + SECRET), "must be plain ASCII"),
    ],
)
def test_a_server_that_cannot_be_used_is_a_sentence(server: MailServer, words: str) -> None:
    """S-111."""
    refused(server, words)


@pytest.mark.parametrize(
    "to", ["", "noc", "a@b.example, c@d.example", "a@b.example\r\nBcc: x@y.example", "\x1b@x.example"]
)
def test_what_is_no_address_gets_no_mail(to: str) -> None:
    """S-111."""
    mailbox = Mailbox()
    with serving(mailbox) as port:
        refused(at(port), "The mail cannot be sent: ", to)
    assert mailbox.sessions == []


# --- encryption ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def throwaway(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this machine."""
    return certificate(tmp_path_factory.mktemp("certificate"))


def encrypted(security: str, context: ssl.SSLContext) -> dict[str, Any]:
    """What makes a server take encrypted mail only."""
    return {"tls": context} if security == "tls" else {"tls_context": context, "require_starttls": True}


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_is_sent_encrypted(
    throwaway: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    """S-111."""
    signed, context = throwaway
    monkeypatch.setenv("SSL_CERT_FILE", str(signed))
    mailbox = Mailbox()
    with serving(mailbox, **encrypted(security, context)) as port:
        mail.send_test(at(port, security=security), TO, DOMAIN, USER, NOW)
    assert len(mailbox.taken) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_a_sentence(
    throwaway: tuple[Path, ssl.SSLContext], security: str
) -> None:
    """S-111."""
    mailbox = Mailbox()
    with serving(mailbox, **encrypted(security, throwaway[1])) as port:
        refused(at(port, security=security, username="noc", password=SECRET), "cannot be trusted: self.signed")
    assert mailbox.taken == []


def test_a_certificate_for_another_name_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S-111."""
    signed, context = certificate(tmp_path, "DNS:mail.example.net")
    monkeypatch.setenv("SSL_CERT_FILE", str(signed))
    with serving(Mailbox(), tls_context=context) as port:
        refused(at(port, security="starttls"), "cannot be trusted: IP address mismatch")


def test_a_server_without_encryption_is_a_sentence() -> None:
    """S-111."""
    mailbox = Mailbox()
    with serving(mailbox) as port:
        refused(at(port, security="starttls"), "does not offer STARTTLS")
        refused(at(port, security="tls"), "No encrypted connection .*check its port and security")
    assert mailbox.taken == []


# --- login --------------------------------------------------------------------------------------


def knows(server: object, session: object, envelope: object, mechanism: str, login: LoginPassword) -> AuthResult:
    """Whoever has the right password."""
    return AuthResult(success=login.password == SECRET.encode(), handled=False)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_login_is_used_when_it_is_set() -> None:
    """S-111."""
    mailbox = Mailbox()
    with serving(mailbox, authenticator=knows, auth_required=True, auth_require_tls=False) as port:
        refused(at(port), "530")
        mail.send_test(at(port, username="noc", password=SECRET), TO, DOMAIN, USER, NOW)
        said = refused(at(port, username="noc", password=f"{SECRET}x"), "refused the username or the password: 535")
    assert len(mailbox.taken) == 1
    assert "noc" not in said


def test_a_server_without_login_is_a_sentence() -> None:
    """S-111."""
    with serving(Mailbox()) as port:
        refused(at(port, username="noc", password=SECRET), "offers no login: leave the username empty")


def test_a_login_that_is_not_known_here_is_a_sentence() -> None:
    """S-111."""
    with answering(says(b"220 hello\r\n", b"250-hello\r\n250 AUTH GSSAPI\r\n")) as port:
        refused(at(port, username="noc", password=SECRET), "no way to log in that is known here")


@pytest.mark.parametrize("echo", [SECRET.encode(), b"AG5vYwBYazdwUW0ydlJ0NF93Wjlo", b"WGs3cFFtMnZSdDRfd1o5aA=="])
def test_a_server_that_repeats_the_password_is_not_quoted(echo: bytes) -> None:
    """S-111."""
    replies = says(b"220 hello\r\n", b"250-hello\r\n250 AUTH PLAIN\r\n", b"535 I do not know " + echo + b"\r\n")
    with answering(replies) as port:
        said = refused(at(port, username="noc", password=SECRET), "535 its words hold the password and are not shown")
    assert echo.decode() not in said


def test_a_mail_server_shows_no_password_of_its_own() -> None:
    assert SECRET not in repr(MailServer(HOST, 25, "tls", SENDER, "noc", SECRET))
