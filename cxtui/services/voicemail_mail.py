"""The test mail: whether what the voicemail server mails would reach the address of a SIP user (S-111)."""

from __future__ import annotations

from cxtui.models.sip_user import SipUser
from cxtui.models.voicemail import MailServer
from cxtui.rules.printable import clean
from cxtui.rules.roles import Role
from cxtui.rules.voicemail import EmailError, parse_email
from cxtui.store.rows import by_id

from .context import Context
from .labels import label
from .outcome import Change, Gone, ServiceError
from .voicemail import domain_of
from .writing import require, writing

_USUAL_PORTS = {"none": 25, "starttls": 587, "tls": 465}
_LONGEST_PASSWORD = 1024


def send_test(context: Context, user: SipUser, *, reason: str = "") -> Change:
    """Mail a test to the address that receives a SIP user's messages. It may take half a minute.

    Raises ``ServiceError`` where a setting or the address is missing, ``VoicemailError`` with what the server said.
    """
    require(context, Role.OPERATOR)
    server = mail_server(context)
    with context.database.reading() as link:
        stored = by_id(link, SipUser, user.id)
    if stored is None:
        raise Gone(f"{label(user)} was deleted in the meantime.")
    if not stored.voicemail_email:
        raise ServiceError(f"{label(stored)} has no Email for voicemail: set one first.")
    from cxtui.voicemail.mail import send_test as send

    # Before the transaction: a mail server may take its time, and nobody could write meanwhile.
    sentence = send(server, stored.voicemail_email, domain_of(context), stored.username, context.now())
    with writing(context, reason=reason) as writer:
        writer.note("SEND", stored, f"test mail for the voicemail of {label(stored)} sent to {stored.voicemail_email}")
        return writer.change(sentence[0].upper() + sentence[1:], stored)


def mail_server(context: Context) -> MailServer:
    """The mail server of the settings. Raises ``ServiceError`` naming the setting that cannot be used."""
    settings = context.settings
    if not settings.smtp_server:
        raise ServiceError("No mail server is known here: set smtp_server in the settings file.")
    if not settings.smtp_sender:
        raise ServiceError("Test mails need a sender: set smtp_sender in the settings file.")
    host, port = _place(settings.smtp_server, _USUAL_PORTS[settings.smtp_security])
    try:
        sender = parse_email(settings.smtp_sender)
    except EmailError as problem:
        raise ServiceError(f"smtp_sender in the settings is {settings.smtp_sender}: {clean(str(problem))}.") from None
    return MailServer(host, port, settings.smtp_security, sender, settings.smtp_username, _password(context))


def _place(text: str, usual: int) -> tuple[str, int]:
    """Host and port of "host", "host:port", "[address]:port" or an IPv6 address alone."""
    host, port = text, ""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not port:
        return host, usual
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65_535):
        raise ServiceError(f"smtp_server in the settings is {clean(text)}: after the colon comes a port, 1–65535.")
    return host, int(port)


def _password(context: Context) -> str:
    path = context.settings.smtp_password_file
    if path is None:
        return ""
    shown = clean(str(path))
    try:
        with path.open("rb") as file:
            read = file.read(_LONGEST_PASSWORD + 1)
        password = read.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except OSError as problem:
        raise ServiceError(f"smtp_password_file in the settings is {shown}: {problem.strerror}.") from None
    except UnicodeDecodeError:
        # The error itself carries the bytes.
        raise ServiceError(f"smtp_password_file in the settings is {shown}: it is not UTF-8 text.") from None
    if not password or len(read) > _LONGEST_PASSWORD or "\n" in password:
        raise ServiceError(f"smtp_password_file in the settings is {shown}: it must hold one line, the password.")
    return password
