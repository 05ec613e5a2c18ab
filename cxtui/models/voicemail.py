"""Voicemail: a message in a mailbox, and the mail server that tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

MAIL_SECURITY = ("none", "starttls", "tls")
"""How a connection to a mail server is encrypted: not at all, after the greeting, or from its first byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One voicemail message as the voicemail server keeps it, made safe to be shown (S-113, W-060).

    ``created`` and ``read`` are seconds since 1970; ``created`` is 0 where it is unreadable, ``read`` is None for a new
    message. ``duration`` counts seconds. ``path`` is the recording, None where it must not or cannot be opened;
    ``bytes`` its size. ``problem`` says in words what is wrong with the row or the file, empty when nothing is.
    """

    uuid: str
    username: str
    domain: str
    created: int
    read: int | None
    duration: int
    caller_name: str
    caller_number: str
    folder: str
    urgent: bool = False
    path: Path | None = None
    bytes: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server that takes mail by SMTP, and the address the mail is from (S-111).

    ``security`` is one of ``MAIL_SECURITY``. Without a ``username`` nobody logs in.
    """

    host: str
    port: int
    security: str = "none"
    sender: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
