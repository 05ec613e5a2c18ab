"""Voicemail from the shell: what is in a mailbox, marked, deleted, exported; its password, and a test mail."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cxtui.models.sip_user import SipUser
from cxtui.models.voicemail import Message
from cxtui.services import voicemail
from cxtui.services.labels import label
from cxtui.services.outcome import refuse

from . import picking
from .call import Call
from .entities import reason_option
from .grammar import Parser, UsageError
from .shapes import moment
from .tables import Column, table

_SHORTEST = 4
_SHOWN = 8


def furnish(parser: Parser) -> None:
    """Give ``voicemail`` its verbs."""
    add = parser.verbs()
    add("list", _list, help="the messages of a SIP user, newest first", usage="USER")
    add("read", _read, help="mark messages read, or new again", usage="USER ID… [--new]")
    add("delete", _delete, help="delete messages (undo brings them back)", usage="USER ID… [--yes]")
    add("export", _export, help="save a recording in a new file", usage="USER ID FILE")
    add("password", _password, help="set what is typed on the telephone to listen", usage="USER [--stdin]")
    add("send-test", _send_test, help="send a test mail to the user's Email", usage="USER")


def _user(parser: Parser) -> None:
    parser.add_argument("which", metavar="USER", help="a username, or id:N")


def _ids(parser: Parser) -> None:
    words = f"as the list shows it; its first {_SHORTEST} characters or more, where no other message begins so"
    parser.add_argument("ids", metavar="ID", nargs="+", help=words)


def _list(parser: Parser) -> None:
    _user(parser)
    parser.set_defaults(act=_listed)


def _listed(call: Call) -> int:
    found = voicemail.messages(call.context, _picked(call))
    if call.output.as_json:
        call.output.records(_record(message) for message in found)
        return 0
    heads = ("ID", "Created", "Read", "Duration", "Name", "Number", "Note")
    columns = [Column(head, right=head == "Duration", least=16 if head == "Created" else 8) for head in heads]
    call.output.lines(table(columns, map(_cells, found), call.output.room))
    if not found:
        call.output.note("No messages.")
    return 0


def _read(parser: Parser) -> None:
    _user(parser)
    _ids(parser)
    parser.add_argument("--new", action="store_true", help="mark them new again")
    reason_option(parser)
    parser.set_defaults(act=_marked)


def _marked(call: Call) -> int:
    user = _picked(call)
    uuids = [message.uuid for message in _meant(call, user, call.given("ids"))]
    mark = voicemail.mark_unread if call.given("new") else voicemail.mark_read
    return call.changed(mark(call.context, user, uuids, reason=call.reason))


def _delete(parser: Parser) -> None:
    _user(parser)
    _ids(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    reason_option(parser)
    parser.set_defaults(act=_deleted)


def _deleted(call: Call) -> int:
    from cxtui.services import voicemail_trash

    user = _picked(call)
    uuids = [message.uuid for message in _meant(call, user, call.given("ids"))]
    if not call.confirm(f"Delete {voicemail.counted(len(uuids))} of {label(user)}"):
        return 1
    return call.changed(voicemail_trash.delete(call.context, user, uuids, reason=call.reason))


def _export(parser: Parser) -> None:
    _user(parser)
    parser.add_argument("id", metavar="ID", help="as the list shows it")
    parser.add_argument("file", metavar="FILE", help="a file that is not there yet, or a folder")
    reason_option(parser)
    parser.set_defaults(act=_exported)


def _exported(call: Call) -> int:
    user = _picked(call)
    (message,) = _meant(call, user, [call.given("id")])
    return call.changed(voicemail.export(call.context, user, message.uuid, call.given("file"), reason=call.reason))


def _password(parser: Parser) -> None:
    _user(parser)
    parser.add_argument("--stdin", action="store_true", help="read it from standard input instead of asking for it")
    reason_option(parser)
    parser.set_defaults(act=_password_set)


def _password_set(call: Call) -> int:
    user, reason = _picked(call), call.reason
    if not (call.given("stdin") or sys.stdin.isatty()):
        raise UsageError("nobody is here to type the password: give it on standard input and add --stdin")
    password = call.secret("New voicemail password")
    return call.changed(voicemail.set_password(call.context, user, password, reason=reason))


def _send_test(parser: Parser) -> None:
    _user(parser)
    reason_option(parser)
    parser.set_defaults(act=_test_sent)


def _test_sent(call: Call) -> int:
    from cxtui.services.voicemail_mail import send_test

    return call.changed(send_test(call.context, _picked(call), reason=call.reason))


def _picked(call: Call) -> SipUser:
    return picking.sip_user(call.context, call.given("which"))


def _meant(call: Call, user: SipUser, texts: Sequence[str]) -> list[Message]:
    """The messages that are meant, each once. Raises ``Refused`` for one that is none, or may be several."""
    there = voicemail.messages(call.context, user)
    meant: dict[str, Message] = {}
    for text in texts:
        found = [message for message in there if message.uuid == text]
        if not found and len(text) >= _SHORTEST:
            found = [message for message in there if message.uuid.startswith(text)]
        if not found:
            raise refuse("id", f"there is no message {text} in the mailbox of {label(user)}")
        if len({message.uuid for message in found}) > 1:
            raise refuse("id", f"{text} may be several messages: write more of it")
        meant[found[0].uuid] = found[0]
    return list(meant.values())


def _cells(message: Message) -> list[str]:
    read = "new" if message.read is None else _local(message.read)
    minutes, seconds = divmod(message.duration, 60)
    note = message.problem or ("urgent" if message.urgent else "")
    name, number = message.caller_name, message.caller_number
    return [message.uuid[:_SHOWN], _local(message.created), read, f"{minutes}:{seconds:02}", name, number, note]


def _record(message: Message) -> dict[str, Any]:
    return {
        "id": message.uuid,
        "user": message.username,
        "domain": message.domain,
        "created": moment(message.created),
        "read": moment(message.read),
        "duration": message.duration,
        "name": message.caller_name,
        "number": message.caller_number,
        "folder": message.folder,
        "urgent": message.urgent,
        "file": str(message.path) if message.path else None,
        "bytes": message.bytes,
        "problem": message.problem or None,
    }


def _local(at: int) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M") if at else "unknown"
