"""The ladder of a login on the screen: probed, waited for, tried right after a password was set."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from cxtui.models.edge_job import EdgeJob, JobState
from cxtui.models.sip_user import SipUser
from cxtui.rules.digest import ha1
from cxtui.rules.roles import Role
from cxtui.services import edge_jobs
from cxtui.services.context import Actor, Context
from cxtui.sip.ladder import Message, Proof, Trace, dump
from cxtui.ui.glyphs import ASCII
from cxtui.ui.main_screen import MainScreen
from cxtui.ui.screens.ask_ladder import AskLadder
from cxtui.ui.screens.ladder import LadderScreen
from cxtui.ui.screens.password import PasswordScreen
from tests.services.test_edge_states import attach
from tests.services.test_registrations import register
from tests.sip.uas import Script, edge, reply, server
from tests.support import PASSWORD, REALM, execute, query
from tests.ui.console import NARROW, PATIENCE, WIDE, Console, console
from tests.ui.test_password_screen import holders_of
from tests.ui.test_registrations import jobs, sip, user

SECRET = ha1("1001", REALM, PASSWORD)


@pytest.fixture(autouse=True)
def no_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the terminal can be copied to, a plain one."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "STY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def edges(town_context: Context) -> Iterator[Any]:
    """Makes things that answer as edges, as agents report them."""
    with ExitStack() as stack:

        def make(*scripts: Script) -> None:
            for place, script in enumerate(scripts, start=1):
                running = stack.enter_context(server(script))
                attach(town_context, f"edge{place}", listens=f"udp:127.0.0.1:{running.target.port}")

        yield make


def ours(status: int = 200, reason: str = "OK") -> Script:
    return edge(SECRET, lambda request, _place: [reply(request, status, reason)], realm=REALM)


async def probe(opened: Console) -> None:
    """Open the ladder of 1001 by a probe."""
    await sip(opened)
    await opened.press("t")
    await opened.sees("Ladder of 1001", "the stored HA1", "for the next real attempt of 1001")
    await opened.press("p")
    await opened.until(lambda: isinstance(opened.app.screen, LadderScreen))


def tape(proof: Proof = Proof.DIFFERS, user: str = "1001", agent: str = "") -> Trace:
    """A registration that was refused, with an OPTIONS before it."""
    phone, switch = "192.0.2.10:5060", "198.51.100.1:5060"

    def said(at: float, up: bool, line: str, cseq: str, *headers: str) -> Message:
        text = "\r\n".join([line, "Call-ID: a", f"CSeq: {cseq}", f"Via: x;branch=z9hG4bK{cseq}", *headers, "", ""])
        ends = (phone, switch) if up else (switch, phone)
        return Message(at, *ends, text, proof if "Authorization" in text else Proof.NONE)

    challenge = f'WWW-Authenticate: Digest realm="{REALM}", nonce="n"'
    credentials = f'Authorization: Digest username="{user}", realm="{REALM}", nonce="n", uri="sip:x", response="0"'
    return Trace(
        (
            said(1.0, False, f"OPTIONS sip:{user}@x SIP/2.0", "9 OPTIONS"),
            said(1.1, True, "REGISTER sip:x SIP/2.0", "1 REGISTER", f"User-Agent: {agent}"),
            said(1.2, False, f"SIP/2.0 401 Unauthorized{agent}", "1 REGISTER", challenge),
            said(1.3, True, "REGISTER sip:x SIP/2.0", "2 REGISTER", credentials),
            said(1.4, False, "SIP/2.0 401 Unauthorized", "2 REGISTER", challenge),
        )
    )


def end(context: Context, where: str = "1", **fields: Any) -> None:
    """The agents end the watches."""
    named = {"state": JobState.DONE.value, **fields}
    sets = ", ".join(f"{name} = ?" for name in named)
    execute(context.database, f"UPDATE edge_job SET {sets} WHERE state = 'waiting' AND {where}", named.values())


def states(context: Context) -> list[tuple[Any, ...]]:
    return query(context.database, "SELECT state, result FROM edge_job ORDER BY id")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_t_probes_and_draws_who_said_what(town_context: Context, edges: Any, size: tuple[int, int]) -> None:
    """S-080, S-081, S-082, S-083."""
    edges(ours())
    async with console(town_context, size) as opened:
        await probe(opened)
        await opened.sees(
            "Ladder of 1001 · Acme Telecom · edge1",
            "✔ edge1 accepts it (407 → 200 in ",
            "not what the phone has",
            "this console",
            "─ INVITE sip:cxtui-probe@… CSeq 1 ─",
            "←─────────── 407 Proxy Authentication Required",
            f"realm “{REALM}” · MD5 · qop auth · nonce",
            "username 1001 travels in clear, the password only hashed",
        )
        await opened.press("G", "end")
        await opened.sees("✔ hashes match: the edge computed the same response", "200 OK (BYE)")
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))


async def test_it_is_drawn_anew_for_another_width_and_in_ascii(town_context: Context, edges: Any) -> None:
    edges(ours())
    async with console(town_context, WIDE, glyphs=ASCII) as opened:
        await probe(opened)
        await opened.sees("+ edge1 accepts it", "|<----------- 407 Proxy Authentication Required")
        await opened.pilot.resize_terminal(80, 24)
        await opened.sees("|<----------- 407 Proxy Authentication Required")
        assert opened.picture.isascii()
        assert max(map(len, opened.picture.split("\n"))) <= 80


async def test_d_explains_how_it_works(town_context: Context, edges: Any) -> None:
    """C-05."""
    edges(ours())
    async with console(town_context, NARROW) as opened:
        await probe(opened)
        for key in ("d",):
            await opened.press(key)
            await opened.sees("So the password never travels.", "a new password has to be set.")
            await opened.press("escape")
            await opened.misses("So the password never travels.")
        assert isinstance(opened.app.screen, LadderScreen)


async def test_y_copies_and_s_saves_the_text(
    town_context: Context, edges: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-101."""
    edges(ours(403, "User Disabled"))
    copied: list[str] = []
    async with console(town_context, NARROW) as opened:
        monkeypatch.setattr(opened.app, "copy_to_clipboard", copied.append)
        await probe(opened)
        await opened.press("y")
        await opened.until(lambda: copied)
        await opened.press("s")
        await opened.sees("There is no password in it", "~/ladder-1001-")
        await opened.press("ctrl+u")
        await opened.type(str(tmp_path / "ladder.txt"))
        await opened.press("enter")
        await opened.hears("The ladder is in ", "ladder.txt")
        await opened.press("s")
        await opened.sees("~/ladder-1001-")
        await opened.press("ctrl+u")
        await opened.type(str(tmp_path / "ladder.txt"))
        await opened.press("enter")
        await opened.sees("is there already: name a new file.")
        await opened.type("2")
        await opened.misses("is there already")
        await opened.press("enter")
        await opened.hears("The ladder is in ", "ladder.txt2")
    written = (tmp_path / "ladder.txt").read_text(encoding="utf-8")
    assert copied == [written]
    assert written.startswith("1001 at edge1\nedge1 found the password right (407 → 403 in ")
    assert "✖ user or company is disabled, which is looked at after the password" in written
    assert max(map(len, written.split("\n"))) <= 80


async def test_of_several_edges_the_one_with_trouble_is_shown_first(town_context: Context, edges: Any) -> None:
    edges(ours(), edge(ha1("1001", REALM, "other"), realm=REALM))
    async with console(town_context, NARROW) as opened:
        await probe(opened)
        await opened.sees("· edge2, 2 of 2", "✖ edge2 refuses it (407 → 407 in ", "although it is stored")
        assert "Other edge" in opened.footer
        await opened.press("e")
        await opened.sees("· edge1, 1 of 2", "✔ edge1 accepts it")


async def test_w_waits_for_the_next_real_attempt(town_context: Context) -> None:
    """S-083, W-101."""
    home = {"received": "192.0.2.10:61344"}
    register(town_context, user(town_context, "1001"), attach(town_context, "edge1"), **home)
    attach(town_context, "edge2")
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.press("t", "w")
        await opened.sees("… waiting for 1001: 60 s. Let the phone register or call now.")
        await jobs(opened, 2)
        end(town_context, "edge_id = 1", ladder=dump(tape()))
        await opened.sees(
            "✖ edge1 heard 1001 from 192.0.2.10:5060; wrong password: the hashes differ.",
            "Seen at the edge, as the device really did it.",
            "phone",
        )
        await opened.until(lambda: states(town_context)[1] == ("failed", "Stopped."))


async def test_strangers_are_counted_while_it_waits_and_shown_as_such_when_the_phone_did_not_come(
    town_context: Context,
) -> None:
    """S-083, W-101."""
    register(town_context, user(town_context, "1001"), attach(town_context, "edge1"))
    words = "3 attempts from elsewhere, last 192.0.2.10: wrong password."
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.press("t", "w")
        await jobs(opened, 1)
        execute(town_context.database, "UPDATE edge_job SET state = 'running', result = ?", [words])
        await opened.sees("… waiting for 1001: 60 s. Let the phone register or call now.", words)
        execute(town_context.database, "UPDATE edge_job SET state = 'waiting'")
        end(town_context, ladder=dump(tape()))
        await opened.sees(
            "! edge1 heard 1001 from 192.0.2.10:5060, not where 1001 is registered (198.51.100.7); wrong password: the"
            f" hashes differ. {words}",
            "Seen at the edge, of somebody who used the name; the phone of 1001 sent nothing in this time.",
            "sender",
        )
        assert "phone 192" not in opened.flow


async def test_the_keys_of_both_windows_are_told(town_context: Context) -> None:
    """W-001."""
    attach(town_context, "edge1")
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.press("t")
        await opened.sees("Ladder of 1001", "? Keys")
        await opened.press("question_mark")
        await opened.sees("In this window", "Wait for the next real attempt")
        await opened.press("escape", "w")
        await jobs(opened, 1)
        end(town_context, ladder=dump(tape()))
        await opened.sees("edge1 heard 1001", "? Keys")
        await opened.press("f1")
        await opened.sees("In this window", "How digest authentication works")
        await opened.press("f1")
        await opened.until(lambda: isinstance(opened.app.screen, LadderScreen))


async def test_h_shows_the_options_that_are_hidden(town_context: Context) -> None:
    """C-03."""
    attach(town_context, "edge1")
    async with console(town_context, WIDE) as opened:
        await sip(opened)
        await opened.press("t", "w")
        await jobs(opened, 1)
        end(town_context, ladder=dump(tape()))
        await opened.sees("OPTIONS and keep-alives are hidden: 1")
        await opened.press("h")
        await opened.sees("─ OPTIONS sip:1001@… CSeq 9 ─")
        await opened.press("h")
        await opened.sees("OPTIONS and keep-alives are hidden: 1")


async def test_escape_stops_waiting_and_then_closes(town_context: Context) -> None:
    attach(town_context, "edge1")
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.press("t", "w")
        await jobs(opened, 1)
        await opened.press("escape")
        await opened.sees("Stopped waiting.")
        await opened.until(lambda: states(town_context) == [("failed", "Stopped.")])
        await opened.press("w")
        await opened.sees("waiting for 1001")
        await jobs(opened, 1)
        await opened.press("escape", "escape")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
        await opened.until(lambda: {state for state, _ in states(town_context)} == {"failed"})


async def test_a_wait_in_vain_says_so_and_can_be_begun_anew(town_context: Context) -> None:
    attach(town_context, "edge1")
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.press("t", "w")
        await jobs(opened, 1)
        end(town_context, state=JobState.FAILED.value, result="1001 sent nothing in 60 s.")
        await opened.sees("1001 sent nothing in 60 s.")
        await opened.press("w")
        await opened.sees("… waiting for 1001")


async def test_without_an_edge_or_a_password_it_is_said_what_is_missing(town_context: Context, edges: Any) -> None:
    """S-014."""
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.press("t", "p")
        await opened.sees("No edge reports and reaches its switch: nothing can be tried.")
        await opened.press("w")
        await opened.sees("nothing can be watched.")
        await opened.press("escape")
        edges(ours())
        await sip(opened, "1004")
        await opened.press("t", "p")
        await opened.sees("1004 has no password for the realm sip.example.net: set one first.")
        assert isinstance(opened.app.screen, AskLadder)


async def test_what_strangers_wrote_cannot_steer_the_terminal(town_context: Context) -> None:
    attach(town_context, "edge1")
    async with console(town_context, WIDE) as opened:
        await sip(opened)
        await opened.press("t", "w")
        await jobs(opened, 1)
        end(town_context, ladder=dump(tape(user="[/b]\u202e", agent=" [red]\x1b[2J[/foo]")))
        await opened.sees("401 Unauthorized [red]␛[2J[/foo]", "username [/b]\N{REPLACEMENT CHARACTER} travels")
        assert "\x1b" not in opened.picture


async def test_who_may_only_look_is_not_offered_it(town_context: Context, edges: Any) -> None:
    """W-028."""
    edges(ours())
    actor = Actor("vera", "local", "tests", Role.VIEWER)
    viewer = Context(town_context.database, actor, town_context.settings, town_context.now)
    async with console(viewer, WIDE) as opened:
        await sip(opened)
        assert "Ladder" not in opened.footer
        await opened.press("t")
        await opened.quiet()
        assert isinstance(opened.app.screen, MainScreen)


async def set_password(opened: Console) -> PasswordScreen:
    """Set a password of 1001, so that it is known in its window."""
    await sip(opened)
    await opened.press("p")
    await opened.sees("Not set yet")
    screen = opened.app.screen
    assert isinstance(screen, PasswordScreen)
    assert "Try" not in opened.footer
    await opened.press("enter")
    await opened.sees("✔ set")
    assert "Try" in opened.footer
    return screen


def learning() -> tuple[Script, list[str]]:
    """An edge that takes the password which is put into the list."""
    known: list[str] = []

    def script(request: Any, place: int) -> Any:
        return edge(ha1("1001", REALM, known[0]), realm=REALM)(request, place)

    return script, known


async def test_t_tries_the_password_that_was_just_set_and_then_shows_the_ladder(
    town_context: Context, edges: Any
) -> None:
    """S-080, S-120, S-122."""
    script, known = learning()
    edges(script, edge(SECRET, realm=REALM))
    async with console(town_context, NARROW) as opened:
        screen = await set_password(opened)
        known.append(screen._password)
        await opened.press("t")
        await opened.sees("✔ edge1 accepts it (407 → 200 in ", "✖ edge2 refuses it", "t shows what was said.")
        assert screen._password == known[0], "it can still be handed over"
        await opened.press("t")
        await opened.sees("Ladder of 1001 · Acme Telecom · edge2, 2 of 2", "Tried with the password itself")
        await opened.press("escape")
        await opened.until(lambda: opened.app.screen is screen)
        await opened.press("enter")
        await opened.hears("Password of SIP user 1001 set.")
        await opened.quiet()
    (labels,) = query(town_context.database, "SELECT label FROM audit WHERE action = 'PROBE'")
    assert labels == ("password of SIP user 1001 tried at edge1, edge2",)


async def test_a_password_that_was_tried_is_forgotten_like_any_other(town_context: Context, edges: Any) -> None:
    """S-122, S-124."""
    edges(ours())
    async with console(town_context, NARROW) as opened:
        reverse = (await set_password(opened))._password[::-1]
        await opened.press("t")
        await opened.sees("t shows what was said.")
        await opened.press("t")
        await opened.until(lambda: isinstance(opened.app.screen, LadderScreen))
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, PasswordScreen))
        await opened.press("enter")
        await opened.hears("Password of SIP user 1001 set.")
        await opened.quiet()
        for _ in range(3):
            await asyncio.sleep(0.05)
        assert holders_of(reverse) == []


async def test_without_an_edge_the_password_is_set_and_it_is_said_that_it_was_not_tried(town_context: Context) -> None:
    """S-014."""
    async with console(town_context, NARROW) as opened:
        await set_password(opened)
        await opened.press("t")
        await opened.sees("No edge reports and reaches its switch: nothing can be tried.")
        await opened.press("enter")
        await opened.hears("Password of SIP user 1001 set.")


async def test_our_login_at_anothers_switch_is_not_tried(town_context: Context) -> None:
    """S-040."""
    from cxtui.services import ip_auth

    login = {"direction": "ingress", "uac_username": "us", "uac_realm": "their.example"}
    ip_auth.add(town_context, 2, {"address": "11.7.7.7", **login})
    async with console(town_context, NARROW) as opened:
        await opened.open("2")
        await opened.sees("11.7.7.7")
        await opened.press("p")
        await opened.sees("New password for us at 11.7.7.7")
        await opened.type("x")
        await opened.press("enter")
        await opened.sees("✔ set")
        assert "Try" not in opened.footer


async def test_no_edge_goes_on_watching_when_the_window_is_closed_before_the_order_was_confirmed(
    town_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach(town_context, "edge1")
    goes_on = Event()
    watch = edge_jobs.watch

    def late(context: Context, user: SipUser, seconds: int) -> tuple[EdgeJob, ...]:
        found = watch(context, user, seconds)
        goes_on.wait(PATIENCE)
        return found

    monkeypatch.setattr(edge_jobs, "watch", late)
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.press("t", "w")
        await jobs(opened, 1)
        await opened.press("escape", "escape")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
        goes_on.set()
        await opened.until(lambda: states(town_context) == [("failed", "Stopped.")])
