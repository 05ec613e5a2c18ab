"""The test mail that shows whether voicemail would reach its address (S-111)."""

from __future__ import annotations

import base64
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from threading import Timer
from typing import Any

from cxtui.models.voicemail import MAIL_SECURITY, MailServer
from cxtui.rules.printable import clean
from cxtui.rules.voicemail import EmailError, parse_email

from .errors import VoicemailError

TIMEOUT_S = 10.0
"""How long a mail server may keep silent."""

LONGEST_S = 30.0
"""How long all of it may take: a server that keeps talking never runs into a timeout."""

_LONGEST_REPLY = 160


def send_test(server: MailServer, to: str, domain: str, user: str, now: float) -> str:
    """Send a test mail for the mailbox ``user`` to its address and say in a sentence that it was taken.

    ``now`` is in seconds since 1970. Everything that fails raises ``VoicemailError`` with what the server said.
    """
    _refuse_unusable(server)
    recipient = _address(to, "The mail cannot be sent")
    message = _compose(_address(server.sender, "The sender cannot be used"), recipient, domain, user, now)
    with _in_words(server, recipient):
        _send(server, recipient, message)
    return f"{_name(server)} took the test mail for {recipient}; whether it arrives is seen in the mailbox."


def _refuse_unusable(server: MailServer) -> None:
    if not server.host.strip():
        raise VoicemailError("No mail server is set, so nothing was sent.")
    if not 1 <= server.port <= 65_535:
        raise VoicemailError(f"The port of the mail server is 1–65535, not {server.port}; nothing was sent.")
    if server.security not in MAIL_SECURITY:
        raise VoicemailError(f"The security of the mail server is one of {', '.join(MAIL_SECURITY)}; nothing was sent.")
    if not (server.username + server.password).isascii():
        raise VoicemailError("The username and password of the mail server must be plain ASCII; nothing was sent.")
    if server.username and server.security == "none" and not _is_this_machine(server.host):
        raise VoicemailError(
            "The password would cross the network in the clear: set starttls or tls; nothing was sent."
        )


def _is_this_machine(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _address(text: str, undone: str) -> str:
    try:
        return parse_email(text)
    except EmailError as problem:
        raise VoicemailError(f"{undone}: {clean(str(problem))}.") from None


def _compose(sender: str, recipient: str, domain: str, user: str, now: float) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = f"cxtui: voicemail of {clean(user)} will arrive here"
    message["Date"] = formatdate(now)
    message["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"This is a test from cxtui. New messages in the mailbox {clean(user)}@{clean(domain)} will be sent\n"
        "to this address. Nothing needs to be done.\n"
    )
    return message


class _Session(smtplib.SMTP):
    """A conversation with a mail server that ends after ``LONGEST_S``, whoever is talking."""

    def connect(self, *place: Any, **more: Any) -> tuple[int, bytes]:
        """Connect and read the greeting."""
        self._limit = Timer(LONGEST_S, self._hang_up)
        self._limit.daemon = True
        self._limit.start()
        try:
            return super().connect(*place, **more)
        except BaseException:
            self._limit.cancel()
            raise

    def close(self) -> None:
        """Close the connection."""
        self._limit.cancel()
        super().close()

    def _hang_up(self) -> None:
        with suppress(OSError):
            if self.sock:
                self.sock.shutdown(socket.SHUT_RDWR)


class _EncryptedSession(_Session, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


def _send(server: MailServer, recipient: str, message: EmailMessage) -> None:
    context = ssl.create_default_context()
    # Without a name of its own smtplib asks the DNS for one, which may take longer than the mail.
    at, name = (server.host, server.port), "localhost"
    link = (
        _EncryptedSession(*at, local_hostname=name, timeout=TIMEOUT_S, context=context)
        if server.security == "tls"
        else _Session(*at, local_hostname=name, timeout=TIMEOUT_S)
    )
    try:
        link.local_hostname = _literal(link)
        if server.security == "starttls":
            link.starttls(context=context)
        if server.username:
            _log_in(link, server)
        link.send_message(message, to_addrs=[recipient])
        with suppress(OSError):
            link.quit()
    finally:
        link.close()


def _log_in(link: smtplib.SMTP, server: MailServer) -> None:
    """Log in in one way: smtplib would try every way it knows, and a wrong password would count as several attempts."""
    link.ehlo_or_helo_if_needed()
    ways: dict[str, Any] = {"PLAIN": link.auth_plain, "LOGIN": link.auth_login, "CRAM-MD5": link.auth_cram_md5}
    if not link.has_extn("auth"):
        raise smtplib.SMTPNotSupportedError
    offered = link.esmtp_features["auth"].upper().split()
    way = next((name for name in ways if name in offered), "")
    if not way:
        raise smtplib.SMTPException
    link.user, link.password = server.username, server.password
    link.auth(way, ways[way])


def _literal(link: smtplib.SMTP) -> str:
    """How we greet: by the address we come from (RFC 5321, 4.1.3)."""
    address = link.sock.getsockname()[0] if link.sock else "127.0.0.1"
    return f"[IPv6:{address.partition('%')[0]}]" if ":" in address else f"[{address}]"


@contextmanager
def _in_words(server: MailServer, recipient: str) -> Iterator[None]:
    """Turn what goes wrong with a mail server into ``VoicemailError``."""
    try:
        yield
    except (OSError, ValueError) as problem:
        words = _refusal(problem, server, recipient) or _failure(problem, server)
        raise VoicemailError(f"{words}; no mail was sent.") from None


def _refusal(problem: Exception, server: MailServer, recipient: str) -> str:
    """What the server said, empty where it said nothing."""
    name = _name(server)
    match problem:
        case smtplib.SMTPRecipientsRefused():
            code, reply = problem.recipients.get(recipient, (0, b""))
            return f"{name} does not take mail for {recipient}: {_said(code, reply, server)}"
        case smtplib.SMTPSenderRefused():
            return f"{name} takes no mail from {server.sender}: {_said(problem.smtp_code, problem.smtp_error, server)}"
        case smtplib.SMTPAuthenticationError():
            said = _said(problem.smtp_code, problem.smtp_error, server)
            return f"{name} refused the username or the password: {said}"
        case smtplib.SMTPConnectError(smtp_code=-1):
            return f"What answers at {name} is no mail server: {_said(0, problem.smtp_error, server)}"
        case smtplib.SMTPResponseException():
            return f"{name} refused: {_said(problem.smtp_code, problem.smtp_error, server)}"
    return ""


def _failure(problem: Exception, server: MailServer) -> str:
    """Why no answer came, or none that could be trusted."""
    name = _name(server)
    match problem:
        case smtplib.SMTPServerDisconnected(__context__=TimeoutError()) | TimeoutError():
            return f"{name} did not answer within {TIMEOUT_S:.0f} seconds"
        case smtplib.SMTPServerDisconnected():
            return f"{name} hung up, or took longer than {LONGEST_S:.0f} seconds"
        case smtplib.SMTPNotSupportedError() if server.security == "starttls":
            return f"{name} does not offer STARTTLS, or no login after it"
        case smtplib.SMTPNotSupportedError():
            return f"{name} offers no login: leave the username empty"
        case smtplib.SMTPException():
            return f"{name} offers no way to log in that is known here"
        case ssl.SSLCertVerificationError():
            return f"The certificate of {name} cannot be trusted: {clean(problem.verify_message)[:_LONGEST_REPLY]}"
        case ssl.SSLError():
            return f"No encrypted connection to {name} came about: check its port and security"
        case socket.gaierror() | UnicodeError():
            return f"The name of {name} cannot be found"
        case ConnectionRefusedError():
            return f"Nothing takes mail at {name}: the connection was refused"
        case OSError():
            return f"{name} cannot be reached: {problem.strerror or type(problem).__name__}"
    return f"{name} is no name of a mail server"


def _name(server: MailServer) -> str:
    host = clean(server.host)[:80]
    return f"mail server [{host}]:{server.port}" if ":" in host else f"mail server {host}:{server.port}"


def _said(code: int, reply: bytes | str, server: MailServer) -> str:
    """A reply as one short line, without anything that was secret."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    words = clean(" ".join(text.split()))
    if any(secret in words for secret in _secrets(server)):
        words = "its words hold the password and are not shown"
    words = words if len(words) <= _LONGEST_REPLY else f"{words[: _LONGEST_REPLY - 1]}…"
    return f"{code} {words}".strip() if code > 0 else words or "nothing that can be read"


def _secrets(server: MailServer) -> list[str]:
    """The password in every form in which it crosses the network."""
    if not server.password:
        return []
    password, username = server.password.encode(), server.username.encode()
    coded = [password, b"\0%b\0%b" % (username, password), b"%b\0%b\0%b" % (username, username, password)]
    return [server.password, *(base64.b64encode(secret).decode("ascii") for secret in coded)]
