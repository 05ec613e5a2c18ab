"""The Codecs tab: which codecs an entry or user may use, and the two lists in which they are restricted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.codecs import CODECS
from cxtui.rules.roles import Role
from cxtui.services import ip_auth, sip_users
from cxtui.services.codecs import FIELD
from cxtui.services.context import Context
from cxtui.services.subjects import Subject
from cxtui.store.rows import by_id
from cxtui.ui.panes.codecs import CodecsPane
from tests.support import execute, operator, query
from tests.ui.console import NARROW, WIDE, Console, console

ENTRY, USER = Subject("ip_auth", 1), Subject("sip_user", 1)
SIZES = pytest.mark.parametrize("size", [NARROW, WIDE])
SUBJECTS = pytest.mark.parametrize(
    ("subject", "title"),
    [(ENTRY, "IP entry 203.0.113.77 (they send) · Acme Telecom"), (USER, "SIP user 1001 · Acme Telecom")],
    ids=["entry", "user"],
)


@asynccontextmanager
async def codecs(context: Context, size: tuple[int, int] = WIDE, subject: Subject = ENTRY) -> AsyncIterator[Console]:
    """The console on the codecs of a subject, with what there is read."""
    async with console(context, size) as opened:
        opened.app.show_tab("codecs", subject)
        await opened.until(lambda: pane(opened).about is not None and pane(opened).settled)
        await opened.quiet()
        yield opened


def pane(opened: Console) -> CodecsPane:
    """The tab, which has to be shown."""
    found = opened.app.pane
    assert isinstance(found, CodecsPane)
    return found


def restricted(context: Context, subject: Subject) -> str:
    """What is stored."""
    ((stored,),) = query(
        context.database, f"SELECT restricted_codecs FROM {subject.owner} WHERE id = ?", (subject.owner_id,)
    )
    return str(stored)


def restrict(context: Context, subject: Subject, names: str) -> None:
    """Another operator restricts codecs."""
    with context.database.reading() as link:
        entry, user = by_id(link, IpAuth, subject.owner_id), by_id(link, SipUser, subject.owner_id)
    if subject.owner == "ip_auth" and entry is not None:
        ip_auth.save(context, entry, {FIELD: names})
    elif user is not None:
        sip_users.save(context, user, {FIELD: names})


async def lists(opened: Console) -> None:
    """Open the two lists."""
    await opened.press("e")
    await opened.until(lambda: opened.form.typed)
    await opened.judged()


@SUBJECTS
@SIZES
async def test_every_codec_stands_there_with_its_state(
    town_context: Context, size: tuple[int, int], subject: Subject, title: str
) -> None:
    """S-050, S-051, C-08"""
    async with codecs(town_context, size, subject) as opened:
        await opened.sees(title, "All Codecs are enabled.", "✔ enabled", "G.711 A-law, 64 kbit/s")
        assert opened.picture.count("✔ enabled") == len(CODECS)
        restrict(operator(town_context.database, "bob", town_context.now), subject, "PCMA,G729")
        await opened.sees("17 of 19 enabled", "✖ restricted   G729", "✖ restricted   PCMA")


@SUBJECTS
@SIZES
async def test_codecs_are_restricted_in_the_two_lists_and_taken_back(
    town_context: Context, size: tuple[int, int], subject: Subject, title: str
) -> None:
    """W-051, S-050, S-051, C-08"""
    async with codecs(town_context, size, subject) as opened:
        await lists(opened)
        await opened.sees("All Codecs are enabled when the Restricted list is empty.", "Restricted 0/19")
        await opened.press("p", "c", "m", "u", "enter")
        await opened.sees("Restricted 1/19")
        await opened.press("ctrl+s")
        await opened.hears("Saved ")
        await opened.sees(title, "18 of 19 enabled", "✖ restricted   PCMU")
        assert restricted(town_context, subject) == "PCMU"
        await opened.until(lambda: pane(opened).table.has_focus)
        await opened.press("z")
        await opened.sees("All Codecs are enabled.")
        assert restricted(town_context, subject) == ""


async def test_what_was_moved_is_not_lost_by_escape_without_a_question(town_context: Context) -> None:
    async with codecs(town_context) as opened:
        await lists(opened)
        await opened.press("enter", "escape")
        await opened.sees("Leave without saving what you typed?")
        await opened.press("enter")
        await opened.sees("Restricted 1/19")
        await opened.press("escape", "y")
        await opened.sees("All Codecs are enabled.")
    assert restricted(town_context, ENTRY) == ""


async def test_enter_on_a_codec_opens_the_lists(town_context: Context) -> None:
    async with codecs(town_context) as opened:
        await opened.press("enter")
        await opened.sees("Restricted 0/19")


async def test_to_restrict_every_codec_is_warned_of(town_context: Context) -> None:
    """C-08"""
    async with codecs(town_context) as opened:
        await lists(opened)
        await opened.press("f2")
        await opened.sees("Restricted 19/19", "! no codec is left: every call ends with 488")
        await opened.press("ctrl+s")
        await opened.sees("(they send) · Acme Telecom   no codec is left: every call ends with 488")
    assert len(restricted(town_context, ENTRY).split(",")) == len(CODECS)


async def test_a_restricted_codec_that_the_settings_no_longer_name_is_shown(town_context: Context) -> None:
    """C-08"""
    execute(town_context.database, "UPDATE ip_auth SET restricted_codecs = 'EVS,pcma' WHERE id = 1")
    async with codecs(town_context) as opened:
        await opened.sees("EVS", "not among the codecs of this installation", "✖ restricted   PCMA", "18 of 20 enabled")


async def test_two_operators_choose_which_restriction_stands(town_context: Context) -> None:
    async with codecs(town_context) as opened:
        await lists(opened)
        await opened.press("o", "p", "u", "s", "enter")
        restrict(operator(town_context.database, "bob", town_context.now), ENTRY, "PCMU")
        await opened.press("ctrl+s")
        await opened.sees("bob changed this row while you were editing", "theirs: PCMU", "yours: opus")
        await opened.press("right", "ctrl+s")
        await opened.hears("Saved IP entry 203.0.113.77 (they send).")
    assert restricted(town_context, ENTRY) == "opus"


@SIZES
async def test_a_viewer_looks_and_restricts_nothing(town_context: Context, size: tuple[int, int]) -> None:
    """W-028"""
    restrict(town_context, ENTRY, "PCMA")
    viewer = replace(town_context, actor=replace(town_context.actor, role=Role.VIEWER))
    async with codecs(viewer, size) as opened:
        await opened.sees("✖ restricted   PCMA")
        await opened.press("e")
        await opened.until(lambda: opened.form.typed)
        await opened.judged()
        await opened.press("f2", "enter", "ctrl+s")
        await opened.quiet()
        assert not opened.form.dirty
        await opened.press("escape")
        await opened.sees("18 of 19 enabled")
    assert restricted(town_context, ENTRY) == "PCMA"


async def test_a_subject_that_somebody_deletes_leaves_no_codecs_behind(town_context: Context) -> None:
    bob = operator(town_context.database, "bob", town_context.now)
    async with codecs(town_context) as opened:
        with bob.database.reading() as link:
            row = by_id(link, IpAuth, ENTRY.owner_id)
        assert row is not None
        ip_auth.delete(bob, [row])
        await opened.sees("It was deleted in the meantime.", "Choose an IP entry or a SIP user: s.")
        await opened.misses("enabled")
        await opened.press("e", "enter", "h")
        await opened.quiet()
        assert not opened.app.query("FormPanel")


async def test_hostile_codecs_of_another_program_are_shown_and_obeyed_by_nothing(town_context: Context) -> None:
    hostile = "[/b],\x1b]52;c;eA==\x07,[red]PCMA"
    execute(town_context.database, "UPDATE ip_auth SET restricted_codecs = ? WHERE id = 1", (hostile,))
    for size in (NARROW, WIDE):
        async with codecs(operator(town_context.database, "alice", town_context.now), size) as opened:
            await opened.press("end")
            await opened.sees("[/b]", "␛]52")
            await lists(opened)
            assert all(letter.isprintable() for letter in opened.picture.replace("\n", ""))
