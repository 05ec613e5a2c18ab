"""The Voicemail tab: messages seen, marked, exported, deleted and brought back; settings, password, test mail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from textual._compositor import Compositor, ReflowResult
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Button

from cxtui.rules.roles import Role
from cxtui.services import sip_users
from cxtui.services.context import Context
from cxtui.ui.panes.voicemail import VoicemailPane
from cxtui.ui.widgets.fixed import Fixed
from cxtui.voicemail.freeswitch import FreeSwitchStore
from tests.services.mailboxes import served, user_named, uuids
from tests.support import REALM, audit, query
from tests.ui.console import NARROW, WIDE, Console, console, lines_with
from tests.voicemail import mailbox
from tests.voicemail.mailbox import USER, everything, leave
from tests.voicemail.mailhost import HOST, Mailbox, answering, deserted_port, serving

PIN = "470815"
HOSTILE = "[/b] \x1b]52;c;ZXZpbA==\x07\x1b[2J\u202e$name"


@pytest.fixture
def desk(town_context: Context, tmp_path: Path) -> tuple[Context, FreeSwitchStore]:
    """The operator alice with a voicemail server; 1003 has voicemail, which is mailed to Ann."""
    setup = replace(town_context, actor=replace(town_context.actor, operator="setup"))
    fields = {"voicemail_enabled": "yes", "voicemail_email": "ann@acme.example"}
    sip_users.save(setup, user_named(setup), fields)
    return served(town_context, tmp_path, smtp_sender="cxtui@noc.example")


@pytest.fixture
def alice(desk: tuple[Context, FreeSwitchStore]) -> Context:
    return desk[0]


@pytest.fixture
def store(desk: tuple[Context, FreeSwitchStore]) -> FreeSwitchStore:
    return desk[1]


async def show(opened: Console, *, down: int = 2) -> VoicemailPane:
    """Show the mailbox of a SIP user, 1003 unless told otherwise."""
    await opened.open("3")
    await opened.press(*["j"] * down)
    await opened.open("6")
    pane = opened.app.pane
    assert isinstance(pane, VoicemailPane)
    await opened.until(lambda: pane.about is not None and pane.settled)
    return pane


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_mailbox_is_shown_with_what_is_to_be_known_at_once(alice: Context, size: tuple[int, int]) -> None:
    """S-110, S-111, S-113, W-060: the columns of the portal."""
    async with console(alice, size) as opened:
        await show(opened)
        await opened.sees("SIP user 1003 · Acme Telecom", "4 messages, 3 new · enabled")
        await opened.sees("ann@acme.example", "password set", "▸ 4 min", "12 d")
        titles = next(lines_with(opened.picture, "Created")).split()
        assert [title for title in titles if title not in ("Left", "at")] == [
            *("Created", "Read", "Duration", "Name", "Number", "Note")
        ]
        first = next(lines_with(opened.picture, "Nadia Rahman"))
        assert first.split() == [
            *("▸", "4", "min"),
            *(["2023-11-14", "22:09"] if size == WIDE else []),
            *("new", "0:04", "Nadia", "Rahman", "+442079460127", "urgent"),
        ]
        assert "11 d" in next(lines_with(opened.picture, "Harbour"))


async def test_enter_tells_all_about_a_message_and_escape_leaves_it(alice: Context, store: FreeSwitchStore) -> None:
    """S-113, W-061."""
    async with console(alice) as opened:
        await show(opened)
        await opened.press("enter")
        message = mailbox.one(store, uuids(alice, user_named(alice))[0])
        await opened.sees("Left 2023-11-14 22:09:20, urgent, in the folder inbox", "Heard not yet", "0:04, 64 kB")
        await opened.sees(f"Id {message.uuid}")
        assert str(message.path) in "".join(opened.picture.split())
        await opened.press("j")
        await opened.sees("From +12025550143")
        await opened.press("escape")
        await opened.sees("+12025550143 · 2023-11-14 20:08:20 · 0:03 · new", "Enter tells all about it.")
        await opened.misses(message.uuid)


async def test_a_message_with_a_problem_says_so_with_a_word(alice: Context, store: FreeSwitchStore) -> None:
    """S-113."""
    leave(store, "lost").unlink()
    leave(store, "empty", created_epoch=0).write_bytes(b"")
    async with console(alice, NARROW) as opened:
        await show(opened)
        await opened.sees("! no recording", "! damaged", "! Its file is missing:")
        await opened.press("x")
        await opened.hears("Its file is missing")
        await opened.press("end")
        await opened.sees("unknown", "! Its file is empty.")
        await opened.press("enter")
        await opened.sees("Problem Its file is empty. The row does not say when it was left.")


async def test_delete_asks_and_does_no_harm_by_enter_and_z_brings_all_back(
    alice: Context, store: FreeSwitchStore
) -> None:
    """S-113."""
    before = everything(store)
    async with console(alice) as opened:
        await show(opened)
        await opened.press("d")
        await opened.sees("Delete the message from Nadia Rahman +442079460127? Undo brings it back for 30 days.")
        assert isinstance(opened.app.focused, Button)
        assert opened.app.focused.id == "no"
        await opened.press("enter")
        await opened.misses("Undo brings it back")
        assert everything(store) == before
        await opened.press("space", "space", "d")
        await opened.sees("Delete 2 voicemail messages? Undo brings them back", "voicemail for 1003 from +12025550143")
        await opened.press("y")
        await opened.hears("Deleted 2 voicemail messages of SIP user 1003.")
        await opened.sees("2 messages, 1 new")
        await opened.misses("Nadia Rahman", "●")
        await opened.press("z")
        await opened.hears("Undone: delete of 2 voicemail messages of SIP user 1003.")
        await opened.sees("4 messages, 3 new", "Nadia Rahman")
    assert everything(store) == before


async def test_m_marks_read_and_new_again(alice: Context, store: FreeSwitchStore) -> None:
    """S-113."""
    async with console(alice) as opened:
        await show(opened)
        await opened.press("m")
        await opened.hears("1 voicemail message of SIP user 1003 marked read.")
        await opened.sees("4 messages, 2 new")
        await opened.sees("▸ 4 min 2023-11-14 22:09 now 0:04 Nadia Rahman")
        await opened.press("m")
        await opened.hears("1 voicemail message of SIP user 1003 marked unread.")
        await opened.press("space", "space", "space", "m")
        await opened.sees("4 messages, 0 new")


async def test_a_recording_is_exported_to_a_new_file(
    alice: Context, store: FreeSwitchStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-113, W-061."""
    monkeypatch.setenv("HOME", str(tmp_path))
    target = tmp_path / "voicemail-1003-20231114-220920.wav"
    target.write_bytes(b"mine")
    first = uuids(alice, user_named(alice))[0]
    async with console(alice) as opened:
        await show(opened)
        await opened.press("x")
        await opened.sees("Export the message from Nadia Rahman +442079460127", f"~/{target.name}", "64 kB")
        await opened.press("enter")
        await opened.sees("is there already; nothing was exported", "Choose another name.")
        await opened.press("home", "delete", "delete")
        await opened.type(f"{tmp_path}/new-")
        await opened.press("enter")
        await opened.hears(f"Exported to {tmp_path}/new-{target.name}, 64 kB.")
    assert (tmp_path / f"new-{target.name}").read_bytes() == store.audio(REALM, USER, first).read_bytes()
    assert target.read_bytes() == b"mine"


async def test_the_password_is_typed_unseen_twice_and_set(alice: Context, store: FreeSwitchStore) -> None:
    """S-112."""
    async with console(alice, NARROW) as opened:
        await show(opened)
        await opened.press("p")
        await opened.sees("Voicemail password of 1003 · Acme Telecom", "4–12 digits")
        await opened.press("a", "b", "1", "2", "enter")
        await opened.sees("digits only: it is typed on a telephone")
        await opened.type(PIN)
        await opened.press("enter", "1", "enter")
        await opened.sees("the two are not the same")
        assert PIN not in opened.picture
        await opened.press("enter")
        await opened.type(PIN)
        assert PIN not in opened.picture
        await opened.press("enter")
        await opened.hears("Voicemail password of SIP user 1003 set.")
        assert PIN not in "".join(opened.toasts)
    assert mailbox.query(store, "SELECT password FROM voicemail_prefs WHERE username = ?", (USER,)) == [(PIN.encode(),)]
    assert audit(alice.database)[-1].label == "voicemail password of SIP user 1003 set (no undo)"


async def test_a_password_that_is_guessed_at_once_takes_one_more_enter(alice: Context, store: FreeSwitchStore) -> None:
    """S-112."""
    async with console(alice) as opened:
        await show(opened)
        await opened.press("p")
        await opened.type("1003")
        await opened.press("enter")
        await opened.type("1003")
        await opened.press("enter")
        await opened.sees("is the number of the mailbox", "Enter once more sets it all the same.")
        await opened.press("enter")
        await opened.hears("Voicemail password of SIP user 1003 set.")


async def test_what_the_store_refuses_is_said_in_the_window_that_stays(alice: Context, store: FreeSwitchStore) -> None:
    """S-112."""
    async with console(alice) as opened:
        await show(opened)
        await opened.press("p")
        await opened.sees("Voicemail password of")
        store.database.rename(store.database.with_suffix(".away"))
        await opened.type(PIN)
        await opened.press("enter")
        await opened.type(PIN)
        await opened.press("enter")
        await opened.sees("There is no voicemail store")
        store.database.with_suffix(".away").rename(store.database)
        await opened.press("enter")
        await opened.hears("Voicemail password of SIP user 1003 set.")


async def test_the_two_fields_of_voicemail_are_edited_here(alice: Context) -> None:
    """S-110, S-111, S-114, W-060: how to listen is told there."""
    async with console(alice, NARROW) as opened:
        await show(opened)
        await opened.press("e")
        await opened.fill(voicemail_enabled="no", voicemail_email="bob")
        assert [*opened.form.typed] == ["voicemail_enabled", "voicemail_email"]
        await opened.sees("bob is not an e-mail address", "The user dials *1 to listen")
        await opened.press("ctrl+s")
        await opened.fill(voicemail_email="bob@acme.example")
        await opened.press("ctrl+s")
        await opened.sees("4 messages, 3 new · disabled", "bob@acme.example")
    stored = query(alice.database, "SELECT voicemail_enabled, voicemail_email FROM sip_user WHERE username = ?", [USER])
    assert stored == [(0, "bob@acme.example")]


async def test_a_test_mail_is_sent_and_a_server_that_is_down_is_told_of(alice: Context) -> None:
    """S-111."""
    for port, mails in ((deserted_port(), 0), (None, 1)):
        taking = Mailbox()
        with serving(taking) as listening:
            server = f"{HOST}:{port or listening}"
            here = replace(alice, settings=replace(alice.settings, smtp_server=server))
            async with console(replace(here, database=type(here.database)(here.database.path))) as opened:
                await show(opened)
                await opened.press("T")
                await opened.hears("Sending a test mail to ann@acme.example")
                await opened.hears("took the test mail for ann@acme.example" if mails else "the connection was refused")
                await opened.quiet()
        assert len(taking.taken) == mails


async def test_a_mail_server_that_keeps_silent_holds_up_nothing_else(alice: Context) -> None:
    """S-111."""
    ended = Event()

    with answering(lambda caller: ended.wait(30)) as port:
        here = replace(alice, settings=replace(alice.settings, smtp_server=f"{HOST}:{port}"))
        async with console(here) as opened:
            pane = await show(opened)
            await opened.press("T")
            await opened.hears("Sending")
            assert pane.check_action("send_test", ()) is None
            await opened.press("m")
            await opened.hears("marked read")
            await opened.press("z")
            await opened.hears("nothing to undo")
            ended.set()
            await opened.hears("no mail was sent")
            assert pane.check_action("send_test", ()) is True


async def test_without_an_address_no_test_mail_is_offered(alice: Context) -> None:
    async with console(alice) as opened:
        await show(opened, down=3)
        await opened.sees("SIP user 1004", "no Email")
        assert opened.app.pane is not None
        assert opened.app.pane.check_action("send_test", ()) is None
        await opened.press("T")
        await opened.quiet()
        assert opened.toasts == []


async def test_a_viewer_sees_the_messages_and_changes_nothing(alice: Context, store: FreeSwitchStore) -> None:
    """W-028."""
    viewer = replace(alice, actor=replace(alice.actor, role=Role.VIEWER))
    before, told = everything(store), query(alice.database, "SELECT count(*) FROM audit")
    async with console(viewer) as opened:
        await show(opened)
        await opened.sees("Nadia Rahman")
        for word in ("Delete", "Read/new", "Export", "Password", "Test mail"):
            assert word not in opened.footer
        for key in ("d", "delete", "m", "x", "p", "T"):
            await opened.press(key)
        await opened.quiet()
        assert type(opened.app.screen).__name__ == "MainScreen"
        await opened.press("e")
        await opened.until(lambda: opened.form.typed)
        assert all(isinstance(row.widget, Fixed) for row in opened.form._pages.rows.values())
    assert everything(store) == before
    assert query(alice.database, "SELECT count(*) FROM audit") == told


async def test_an_ip_entry_has_no_mailbox_and_the_key_to_another_subject_is_named(alice: Context) -> None:
    """S-110."""
    async with console(alice, NARROW) as opened:
        await opened.open("2")
        await opened.open("6")
        await opened.sees("Voicemail belongs to SIP users, not to IP entries.", "Choose a SIP user: s.")
        for key in ("e", "d", "p", "x", "m", "T"):
            await opened.press(key)
        await opened.quiet()
        assert type(opened.app.screen).__name__ == "MainScreen"
        await opened.press("s")
        await opened.type("1003")
        await opened.sees("SIP user")
        await opened.press("enter")
        await opened.sees("4 messages, 3 new")


async def test_a_store_that_cannot_be_read_is_said_in_the_pane_and_never_in_a_toast(
    alice: Context, store: FreeSwitchStore
) -> None:
    async with console(alice, NARROW) as opened:
        await show(opened)
        await opened.sees("4 messages")
        store.database.rename(store.database.with_suffix(".away"))
        for _ in range(3):
            await opened.press("ctrl+r")
            await opened.quiet()
        await opened.sees("There is no voicemail store", "enabled · ann@acme.example")
        assert opened.toasts == []
        store.database.with_suffix(".away").rename(store.database)
        await opened.press("ctrl+r")
        await opened.sees("4 messages, 3 new")


async def test_without_a_voicemail_server_the_settings_are_named(town_context: Context) -> None:
    async with console(town_context, NARROW) as opened:
        await show(opened)
        await opened.sees("No voicemail server is known here: set voicemail_db and voicemail_storage")
        await opened.press("e")
        await opened.until(lambda: opened.form.typed)


async def test_a_message_that_arrives_is_there_at_the_next_reading_and_the_cursor_stays(
    alice: Context, store: FreeSwitchStore
) -> None:
    """S-113."""
    async with console(alice) as opened:
        pane = await show(opened)
        await opened.press("j", "space")
        leave(store, "fresh", cid_name="Latecomer")
        await opened.press("ctrl+r")
        await opened.sees("5 messages, 4 new", "Latecomer")
        assert [message.caller_name for message in pane.list.chosen] == [""]
        assert len(pane.list.chosen) == 1


async def test_the_list_knows_its_size_even_where_textual_does_not_tell_it(
    alice: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the compositor's map is now and then made anew between a mount and the layout after it."""
    usual = Compositor.reflow

    def reflow(compositor: Compositor, parent: Widget, size: Size) -> ReflowResult:
        compositor._full_map_invalidated = True
        assert compositor.full_map
        return usual(compositor, parent, size)

    async with console(alice) as opened:
        await opened.open("3")
        await opened.press("j", "j")
        monkeypatch.setattr(Compositor, "reflow", reflow)
        await opened.open("6")
        await opened.sees("▸ 4 min")
        await opened.press("m")
        await opened.sees("▸ 4 min 2023-11-14 22:09 now 0:04 Nadia Rahman")


async def test_what_was_marked_in_one_mailbox_is_not_marked_in_the_next(alice: Context) -> None:
    async with console(alice) as opened:
        pane = await show(opened)
        await opened.press("space")
        await opened.sees("●")
        await opened.press("s")
        await opened.type("1004")
        await opened.sees("SIP user")
        await opened.press("enter")
        await opened.sees("SIP user 1004")
        assert pane.list.table.marked == frozenset()


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_nothing_that_a_caller_calls_himself_reaches_the_terminal(
    alice: Context, store: FreeSwitchStore, size: tuple[int, int]
) -> None:
    leave(store, "evil\x1b[31m", cid_name=HOSTILE, cid_number=HOSTILE, in_folder=HOSTILE)
    leave(store, "evil2", cid_name=HOSTILE, file_path=f"/x/{HOSTILE}")
    async with console(alice, size) as opened:
        await show(opened)
        await opened.sees("6 messages")
        for keys in (("enter",), ("j",), ("d",), ("escape",), ("x",), ("escape",), ("k",), ("x",), ("escape",)):
            await opened.press(*keys)
            await opened.quiet()
            assert not set(opened.picture) & {*map(chr, range(10)), *"\x07\x1b\u202e"}
        assert "[/b]" in opened.picture
        await opened.press("m")
        await opened.hears("marked read")
        await opened.press("d", "y")
        await opened.hears("Deleted 1 voicemail message")
        assert not set("".join(opened.toasts)) & {"\x1b", "\x07"}


async def test_the_history_of_a_user_tells_of_its_voicemail(alice: Context) -> None:
    """W-027."""
    async with console(alice, WIDE) as opened:
        await show(opened)
        await opened.press("d", "y")
        await opened.hears("Deleted 1")
        await opened.quiet()
        await opened.press("h")
        await opened.sees("delete of 1 voicemail message of SIP user 1003")


async def test_the_reason_is_asked_for_where_the_settings_say_so(alice: Context, store: FreeSwitchStore) -> None:
    """W-027."""
    asking = replace(alice, settings=replace(alice.settings, ask_reason=True))
    async with console(asking) as opened:
        await show(opened)
        await opened.press("p")
        await opened.type(PIN)
        await opened.press("enter")
        await opened.type(PIN)
        await opened.press("enter")
        await opened.sees("Why is this changed?")
        await opened.type("ticket 7")
        await opened.press("enter")
        await opened.hears("Voicemail password of SIP user 1003 set.")
    assert audit(alice.database)[-1].reason == "ticket 7"
