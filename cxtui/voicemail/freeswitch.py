"""The voicemail store of FreeSWITCH: the SQLite file of mod_voicemail and the recordings beside it.

A message is a row of ``voicemail_msgs`` and a file that the row names. FreeSWITCH takes a message as new while its
``read_epoch`` is 0, its menus while ``flags`` is empty; it marks what was heard with a time and ``save``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from cxtui.models.findings import errors
from cxtui.models.voicemail import Message
from cxtui.rules.printable import clean
from cxtui.rules.voicemail import check_password

from . import rows, sqlite
from .errors import VoicemailError, files_in_words
from .files import TRASH, copy_out, find, is_same, open_plain
from .rows import LAST_SECOND, Row
from .trash import Deletion, Kept, Trash


class FreeSwitchStore:
    """The messages of all mailboxes in one profile of mod_voicemail (S-110…S-113, W-060, W-061).

    ``database`` is the SQLite file, ``storage`` FreeSWITCH's storage folder; nothing outside of it is ever opened.
    Nothing is kept open between calls. Everything that fails raises ``VoicemailError``.
    """

    def __init__(self, database: Path, storage: Path, profile: str = "default") -> None:
        self.database = database
        self.storage = storage.absolute()
        self._trash = Trash(self.storage, self.storage / "voicemail" / profile / TRASH)

    def messages(self, domain: str, user: str) -> tuple[Message, ...]:
        """The messages in a mailbox, newest first."""
        with sqlite.reading(self.database) as link:
            found = rows.listed(link, domain, user)
        return tuple(rows.message(row, self.storage) for row in found)

    def counts(self, domain: str, users: Iterable[str]) -> dict[str, tuple[int, int]]:
        """How many messages each of ``users`` has: new ones and all."""
        with sqlite.reading(self.database) as link:
            return rows.counts(link, domain, users)

    def mark_read(self, domain: str, user: str, uuids: Sequence[str], at: float) -> tuple[str, ...]:
        """Take new messages as heard at a moment; those heard before keep their time. Gives those that changed."""
        if not 1 <= at <= LAST_SECOND:
            raise VoicemailError("That is no time at which a message was heard; nothing was changed.")
        return self._mark(domain, user, uuids, int(at), "save")

    def mark_unread(self, domain: str, user: str, uuids: Sequence[str]) -> tuple[str, ...]:
        """Take messages as new again. Gives those that changed."""
        return self._mark(domain, user, uuids, 0, "")

    def delete(
        self, domain: str, user: str, uuids: Sequence[str], trash_id: str, at: float | None = None
    ) -> tuple[Message, ...]:
        """Move messages into the trash under an id that was never used; gives those that were still there.

        Killed at any moment, either the message is listed as before or ``put_back`` brings it back. ``at`` is now,
        in seconds since 1970.
        """
        deletion: Deletion | None = None
        try:
            with sqlite.writing(self.database) as link:
                chosen = _chosen(rows.listed(link, domain, user), uuids)
                messages = tuple(rows.message(row, self.storage) for row in chosen)
                now, shared = time.time() if at is None else at, rows.shared(link, chosen)
                rows.remove(link, chosen)
                deletion = self._trash.keep(trash_id, domain, user, now, chosen, shared)
        except BaseException:
            # Whether the commit was carried out is not known when it failed: the table knows.
            if deletion:
                with suppress(VoicemailError):
                    self.put_back(trash_id)
            raise
        self._trash.finish(deletion)
        return messages

    def put_back(self, trash_id: str) -> tuple[Message, ...]:
        """Bring back what was deleted under an id, rows and recordings as they were; gives the messages.

        Raises ``VoicemailError`` when one of them is in its mailbox again, or another file is in its place.
        """
        undone = "nothing was put back"
        with sqlite.writing(self.database) as link, files_in_words(self._trash.folder / trash_id, undone):
            deletion = self._trash.read(trash_id)
            returning = _returning(deletion, rows.stored(link, deletion.domain, deletion.user)) if deletion else []
            if deletion and returning:
                self._trash.reopen(deletion)
                # The trash keeps its own names for the recordings until the rows are back.
                self._trash.replace(returning)
                for kept in returning:
                    rows.insert(link, kept.row)
        # A folder that cannot be removed now gives nothing back a second time.
        with suppress(OSError):
            self._trash.discard(self._trash.folder / trash_id)
        return tuple(rows.message(kept.row, self.storage) for kept in (deletion.kept if deletion else ()))

    def orphans(self, before: float | None = None) -> tuple[str, ...]:
        """The ids of all deletions in the trash, or of those made before a moment.

        A crash between ``delete`` and its caller's own record leaves one that the caller does not know. One that is
        being made right now is not known yet either, so ask for those of some minutes ago.
        """
        return tuple(self._trash.ids(before))

    def purge(self, older_than_epoch: float, prefix: str = "") -> tuple[str, ...]:
        """Forget for good what was deleted before a moment, of the ids that begin with ``prefix``; gives the ids.

        What cannot be read stays in the trash.
        """
        purged = []
        for trash_id in self._trash.ids():
            if not trash_id.startswith(prefix):
                continue
            with suppress(VoicemailError):
                deletion = self._trash.read(trash_id)
                if deletion is None or deletion.at < older_than_epoch:
                    self._purge(trash_id)
                    purged.append(trash_id)
        return tuple(purged)

    def audio(self, domain: str, user: str, uuid: str) -> Path:
        """The recording of a message, an ordinary file inside the storage folder that may be read."""
        with sqlite.reading(self.database) as link:
            row = _chosen(rows.listed(link, domain, user), [uuid])[0]
        recording = find(self.storage, row.columns.get("file_path"))
        if recording.path is None or recording.problem:
            raise VoicemailError(recording.problem)
        return recording.path

    def export(self, domain: str, user: str, uuid: str, target: Path) -> None:
        """Copy the recording of a message to a file that does not exist yet and that only its owner may read."""
        source = self.audio(domain, user, uuid)
        with files_in_words(source, "nothing was exported"):
            recording = open_plain(source)
        with recording, files_in_words(target, "nothing was exported"):
            copy_out(recording, target)

    def set_password(self, domain: str, user: str, password: str) -> None:
        """Set what is typed on the telephone to listen (S-112); it is never read again.

        FreeSWITCH takes it beside the ``vm-password`` of its directory, or alone with ``db-password-override``.
        """
        for finding in errors(check_password(password, user)):
            raise VoicemailError(f"The voicemail password was not changed: {finding.text}.")
        with sqlite.writing(self.database) as link:
            mailbox = (user, domain)
            changed = link.execute(
                "UPDATE voicemail_prefs SET password = ? WHERE username = ? AND domain = ?", (password, *mailbox)
            )
            if changed.rowcount == 0:
                link.execute(
                    "INSERT INTO voicemail_prefs (username, domain, name_path, greeting_path, password)"
                    " VALUES (?, ?, '', '', ?)",
                    (*mailbox, password),
                )

    def has_password(self, domain: str, user: str) -> bool:
        """Whether a mailbox has a password of its own."""
        with sqlite.reading(self.database) as link:
            found = link.execute(
                "SELECT 1 FROM voicemail_prefs WHERE username = ? AND domain = ? AND password <> ''", (user, domain)
            )
            return found.fetchone() is not None

    def _mark(self, domain: str, user: str, uuids: Sequence[str], read: int, flags: str) -> tuple[str, ...]:
        with sqlite.writing(self.database) as link:
            chosen = _chosen(rows.listed(link, domain, user), uuids)
            changing = [row for row in chosen if row.is_new == bool(read)]
            link.executemany(
                "UPDATE voicemail_msgs SET read_epoch = ?, flags = ? WHERE rowid = ?",
                [(read, flags, row.number) for row in changing],
            )
        return tuple(row.uuid for row in changing)

    def _purge(self, trash_id: str) -> None:
        with sqlite.writing(self.database) as link, files_in_words(self._trash.folder / trash_id):
            deletion = self._trash.read(trash_id)
            if deletion is None:
                self._trash.discard(self._trash.folder / trash_id)
            else:
                present = {row.uuid for row in rows.stored(link, deletion.domain, deletion.user)}
                self._trash.purge(deletion, present)


def _returning(deletion: Deletion, present: Sequence[Row]) -> list[Kept]:
    """What of a deletion is missing from its mailbox and can return."""
    by_uuid: dict[str, list[Row]] = {}
    for row in present:
        by_uuid.setdefault(row.uuid, []).append(row)
    returning = []
    for kept in deletion.kept:
        there = by_uuid.get(kept.row.uuid, [])
        # Where the rows may never have left the table, finding them is no surprise.
        if not there:
            _check_return(kept)
            returning.append(kept)
        elif deletion.is_gone or not any(kept.row.is_message(row) for row in there):
            raise VoicemailError(f"Message {kept.row.uuid} is in the mailbox again; nothing was put back.")
    return returning


def _check_return(kept: Kept) -> None:
    """Refuse to put a message back whose recording is lost, or whose place is another's."""
    if not (kept.place and kept.copy):
        return
    if not kept.copy.exists():
        raise VoicemailError(f"The recording {clean(str(kept.copy))} is missing; nothing was put back.")
    if os.path.lexists(kept.place) and not is_same(kept.copy, kept.place):
        raise VoicemailError(f"Another file took the place {clean(str(kept.place))}; nothing was put back.")


def _chosen(listed: Iterable[Row], uuids: Sequence[str]) -> list[Row]:
    """Those of the rows that are called for; that some have left in the meantime is no reason to keep the others."""
    wanted = set(uuids)
    chosen = [row for row in listed if row.uuid in wanted]
    if not chosen:
        raise VoicemailError("The mailbox does not hold this message any more; nothing was changed.")
    return chosen
