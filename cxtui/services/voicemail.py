"""Voicemail of SIP users: what is in a mailbox, marked, exported, and its password (S-110…S-113, W-060, W-061).

The messages are the voicemail server's and change without a word to us. Whatever concerns a mailbox raises
``ServiceError`` where the settings name no store, and ``VoicemailError`` where the store did not do its part.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import localtime, strftime

from cxtui.models.findings import errors
from cxtui.models.sip_user import SipUser
from cxtui.models.voicemail import Message
from cxtui.rules.printable import clean
from cxtui.rules.roles import Role
from cxtui.rules.voicemail import check_password
from cxtui.voicemail.errors import VoicemailError
from cxtui.voicemail.freeswitch import FreeSwitchStore

from .context import Context
from .credentials import realm_of
from .labels import label
from .outcome import Change, Refused, ServiceError, refuse
from .subjects import Described, Subject, describe
from .writing import Writer, require, writing

NO_MAILBOX = "Voicemail belongs to SIP users, not to IP entries."
_ODD = re.compile(r"[^A-Za-z0-9._+-]")
_LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A subject and what is in its mailbox, newest first; ``problem`` says why that cannot be told, empty if it can."""

    about: Described
    messages: tuple[Message, ...] = ()
    has_password: bool = False
    problem: str = ""

    @property
    def new(self) -> int:
        """How many messages nobody has listened to."""
        return sum(1 for message in self.messages if message.read is None)


def store_of(context: Context) -> FreeSwitchStore:
    """The voicemail store of the settings. Raises ``ServiceError`` naming the settings that are missing."""
    settings = context.settings
    if settings.voicemail_db is None or settings.voicemail_storage is None:
        named = {"voicemail_db": settings.voicemail_db, "voicemail_storage": settings.voicemail_storage}
        missing = " and ".join(name for name, path in named.items() if path is None)
        raise ServiceError(f"No voicemail server is known here: set {missing} in the settings file.")
    return FreeSwitchStore(settings.voicemail_db, settings.voicemail_storage, settings.voicemail_profile)


def domain_of(context: Context) -> str:
    """The domain that the mailboxes are in."""
    return context.settings.voicemail_domain or realm_of(context)


def mailbox(context: Context, subject: Subject) -> Mailbox:
    """What is in the mailbox of a subject. Raises ``Gone``; whatever else stands in the way is its ``problem``."""
    about = describe(context, subject)
    if not isinstance(about.row, SipUser):
        return Mailbox(about, problem=NO_MAILBOX)
    try:
        store, domain = store_of(context), domain_of(context)
        found = store.messages(domain, about.row.username)
        return Mailbox(about, found, store.has_password(domain, about.row.username))
    except (VoicemailError, ServiceError) as problem:
        return Mailbox(about, problem=str(problem))


def messages(context: Context, user: SipUser) -> tuple[Message, ...]:
    """The messages of a SIP user, newest first."""
    return store_of(context).messages(domain_of(context), user.username)


def unread(context: Context, users: Iterable[str]) -> dict[str, int]:
    """How many messages nobody has listened to, of each of the usernames."""
    found = store_of(context).counts(domain_of(context), users)
    return {user: new for user, (new, _) in found.items()}


def mark_read(context: Context, user: SipUser, uuids: Sequence[str], *, reason: str = "") -> Change:
    """Take new messages as heard now; those heard before keep their time. Undo does not change it back."""
    store = store_of(context)
    with writing(context, reason=reason) as writer:
        stored = writer.fresh(user)
        changed = store.mark_read(domain_of(context), stored.username, uuids, writer.now)
        return _marked(writer, stored, "read", len(changed))


def mark_unread(context: Context, user: SipUser, uuids: Sequence[str], *, reason: str = "") -> Change:
    """Take messages as new again. Undo does not change it back."""
    store = store_of(context)
    with writing(context, reason=reason) as writer:
        stored = writer.fresh(user)
        changed = store.mark_unread(domain_of(context), stored.username, uuids)
        return _marked(writer, stored, "unread", len(changed))


def _marked(writer: Writer, user: SipUser, how: str, count: int) -> Change:
    if count == 0:
        return writer.change(f"Nothing was changed: it is marked {how} already.", user)
    words = f"{counted(count)} of {label(user)} marked {how}"
    writer.note(how.upper(), user, f"{words} (no undo)")
    return writer.change(f"{words}.", user)


def export(context: Context, user: SipUser, uuid: str, target: str, *, reason: str = "") -> Change:
    """Copy a recording to a file of the operator's, or into a folder under a name of its own.

    ``target`` may begin with ~; a file that is there already is never replaced. Raises ``Refused`` for no path at all.
    """
    require(context, Role.OPERATOR)
    store, domain = store_of(context), domain_of(context)
    message = next((found for found in store.messages(domain, user.username) if found.uuid == uuid), None)
    if message is None:
        raise VoicemailError("The mailbox does not hold this message any more; nothing was exported.")
    path = _file_for(message, target)
    store.export(domain, user.username, uuid, path)
    try:
        with writing(context, reason=reason) as writer:
            stored = writer.fresh(user)
            words = f"voicemail of {label(stored)} from {caller(message)} exported to {clean(str(path))}"
            writer.note("EXPORT", stored, words[:_LONGEST_WORDS])
            return writer.change(f"Exported to {clean(str(path))}, {size_words(message.bytes or 0)}.", stored)
    except BaseException:
        # What the audit does not know of must not lie around.
        path.unlink(missing_ok=True)
        raise


def _file_for(message: Message, target: str) -> Path:
    if not target.strip() or "\0" in target:
        raise refuse("file", "name the file to write")
    try:
        path = Path(target.strip()).expanduser().absolute()
    except RuntimeError:
        raise refuse("file", f"there is no such home folder: {clean(target)}") from None
    # Unlike Path.is_dir it raises nowhere.
    return path / file_name(message) if os.path.isdir(path) else path  # noqa: PTH112


def file_name(message: Message) -> str:
    """A name for the file of a recording: whose it is, and when it was left in local time."""
    when = strftime("%Y%m%d-%H%M%S", localtime(message.created)) if message.created else message.uuid[:8]
    suffix = message.path.suffix if message.path else ".wav"
    return _ODD.sub("_", f"voicemail-{message.username}-{when}{suffix}")


def set_password(context: Context, user: SipUser, password: str, *, reason: str = "") -> Change:
    """Set what is typed on the telephone to listen (S-112); nothing ever shows it again. Raises ``Refused``."""
    findings = check_password(password, user.username)
    if errors(findings):
        raise Refused(findings)
    store, domain = store_of(context), domain_of(context)
    with writing(context, reason=reason) as writer:
        stored = writer.fresh(user)
        words = f"Voicemail password of {label(stored)} set"
        writer.note("PASSWORD", stored, f"{words[0].lower()}{words[1:]} (no undo)")
        store.set_password(domain, stored.username, password)
        return writer.change(f"{words}.", stored, warnings=tuple(findings))


def counted(count: int) -> str:
    """So many voicemail messages, in words."""
    return f"{count} voicemail message{'' if count == 1 else 's'}"


def caller(message: Message) -> str:
    """Who left a message: name and number, as far as they are known."""
    return " ".join(dict.fromkeys(filter(None, (message.caller_name, message.caller_number)))) or "nobody known"


def size_words(size: int) -> str:
    """A number of bytes as an operator reads it."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
