"""The pictures of the README: the console on the demo's customers, at a moment that never passes."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cxtui.config import Settings  # noqa: E402
from cxtui.demo import customers, mailboxes  # noqa: E402
from cxtui.demo.swarm import Swarm  # noqa: E402
from cxtui.models.registration import Registration  # noqa: E402
from cxtui.models.sip_user import SipUser  # noqa: E402
from cxtui.services import companies, edge_reports, edges  # noqa: E402
from cxtui.services.context import Actor, Context  # noqa: E402
from cxtui.services.grids import Grid  # noqa: E402
from cxtui.store.database import Database  # noqa: E402
from cxtui.ui.themes import LIGHT  # noqa: E402
from scripts import readme, screenshots_edge  # noqa: E402
from scripts.stage import Hands, Scene, draw  # noqa: E402

FOLDER = ROOT / "screenshots"
NOON = 1_772_452_800.0
"""Monday 2 March 2026, 12:00 UTC."""

EXAMPLES = """01782 550100 -> 441782550100
+441782550100 -> 441782550100
0044 1782 550 100 -> 441782550100
2001 -> 2001"""
CALLERS = """442079460018
441614960123
15550100"""
ADDRESSES = "203.0.113.180\n203.0.113.192/27, 203.0.113.300"
"""What a customer mailed: three in two lines, one of them mistyped."""


async def auth(hands: Hands) -> None:
    await hands.choose("Acme Telecom")
    await hands.press("down", "down")


async def ip_form(hands: Hands) -> None:
    await hands.choose("Acme Telecom")
    await hands.press("2", "a")
    await hands.paste(ADDRESSES)


async def network(hands: Hands) -> None:
    await hands.choose("Acme Telecom")
    await hands.press("2", *["down"] * 3, "e")


async def sip(hands: Hands) -> None:
    await hands.choose("Acme Telecom")
    await hands.press("3", *["down"] * 6)


async def password(hands: Hands) -> None:
    await hands.press("slash")
    await hands.paste("1003")
    await hands.press("enter", "p", "enter", "y")


async def codecs(hands: Hands) -> None:
    await hands.press("slash")
    await hands.paste("203.0.113.96/28")
    await hands.press("enter", "4", "e")


async def rewrite(hands: Hands) -> None:
    """The tester with a number typed into it."""
    await hands.press("slash")
    await hands.paste("203.0.113.10")
    await hands.press("enter", "5", "t")
    await hands.paste("0016135550100\n02079460018")


async def voicemail(hands: Hands) -> None:
    """The messages of a user, in a store made for the picture."""
    await hands.press("slash")
    await hands.paste("1001")
    await hands.press("enter", "6", "down")


async def examples(hands: Hands) -> None:
    await hands.choose("Beta Ltd")
    await hands.press("2", "5", "x")
    await hands.paste(EXAMPLES)


async def share(hands: Hands) -> None:
    """Two companies on one address, and whose some calls would be."""
    await hands.press("slash")
    await hands.paste("198.51.100.24")
    await hands.press("enter", "s", "tab", "tab")
    await hands.paste(CALLERS)


async def user_range(hands: Hands) -> None:
    """The plan of some new users."""
    await hands.choose("Beta Ltd")
    await hands.press("3", "b")
    await hands.paste("2100-2119")
    await hands.press("ctrl+s")


async def firewall(hands: Hands) -> None:
    await hands.press("7")


async def search(hands: Hands) -> None:
    await hands.press("slash")
    await hands.paste("203.0.113.77")


async def company_list(hands: Hands) -> None:
    await hands.press("c")


async def audit(hands: Hands) -> None:
    """The channels of Beta Ltd are changed, then the log is read."""
    row = companies.find_by_name(hands.context, "Beta Ltd")
    assert row is not None
    companies.save(hands.context, row, {"channels": "75", "notes": "More lines from May."}, reason="ticket 4711")
    await hands.press("9")


async def help_of_firewall(hands: Hands) -> None:
    await hands.press("7", "question_mark")


async def conflict(hands: Hands) -> None:
    """Alice and Bob change the channels of Beta Ltd at once; only Bob changes the notes."""
    await hands.press("c", "down", "down", "e", "down", "down", "down")
    await hands.pilot.press("ctrl+u")
    await hands.paste("90")
    bob = replace(hands.context, actor=Actor("bob", "198.51.100.21", "console"))
    row = companies.find_by_name(bob, "Beta Ltd")
    assert row is not None
    companies.save(bob, row, {"channels": "75", "notes": "Moves to new premises in May."})
    await hands.press("ctrl+s")


PLAYED = (
    Scene("auth", "Both kinds of authentication of a customer, one address blocked", auth, (120, 40)),
    Scene("ip-form", "Several addresses pasted, each judged on its own", ip_form, (120, 24)),
    Scene("network", "A network as it is typed: first and last address, count, mask, bits", network),
    Scene("sip", "The SIP users of a customer", sip, (120, 30)),
    Scene("password", "A password that was just set, masked", password),
    Scene("codecs", "What a switch may not use", codecs),
    Scene("rewrite", "Rules, saved tests, and every step of a number", rewrite, (120, 24)),
    Scene("rewrite-narrow", "The same on 80 columns", rewrite),
    Scene("examples", "A rule from examples", examples, (120, 30)),
    Scene("voicemail", "The messages of a SIP user", voicemail, (120, 24)),
    Scene("share", "Two companies on one address, told apart by the caller's number", share, (120, 24)),
    Scene("plan", "A range of users before it is written", user_range, (120, 30)),
    Scene("firewall", "The firewall on 80 columns", firewall),
    Scene("firewall-wide", "The firewall on 120 columns", firewall, (120, 40)),
    Scene("search", "What is known of an address", search),
    Scene("companies", "Customers and carriers", company_list),
    Scene("audit", "Every change: who, when, why, and what it changed", audit, (120, 30)),
    Scene("conflict", "Two operators changed one row", conflict),
    Scene("help", "The keys of a place and the ids that change them", help_of_firewall, (120, 40)),
    Scene("light", "The light theme", auth, (120, 30), LIGHT.name),
    Scene("ascii", "Plain ASCII in the terminal's own sixteen colours", firewall, theme="ansi-dark", ascii=True),
)
SCENES = (*PLAYED, *screenshots_edge.SCENES)


def main(names: list[str]) -> int:
    """Draw the scenes named, or all, and bring the tables of the README up to date."""
    # What the screen says must not depend on where it is drawn.
    for name in ("TMUX", "STY", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "NO_COLOR"):
        os.environ.pop(name, None)
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", TZ="UTC", HOME="/home/alice")
    time.tzset()
    FOLDER.mkdir(exist_ok=True)
    for scene in wanted(PLAYED, names):
        with moment() as context:
            save(scene, context)
    if on_edges := wanted(screenshots_edge.SCENES, names):
        with screenshots_edge.running() as context:
            for scene in on_edges:
                save(scene, context)
    readme.write()
    return 0


def wanted(scenes: Iterable[Scene], names: list[str]) -> list[Scene]:
    """The scenes that are named, all where none is."""
    return [scene for scene in scenes if not names or scene.name in names]


def save(scene: Scene, context: Context) -> None:
    """Write the picture of a scene."""
    (FOLDER / f"{scene.name}.svg").write_text(asyncio.run(draw(scene, context)), encoding="utf-8")


@contextmanager
def moment() -> Iterator[Context]:
    """Alice before a database of her own with the demo's customers, two edges in step and an attack."""
    with tempfile.TemporaryDirectory(prefix="cxtui-screenshots-") as folder:
        settings = mailboxes.served(Settings(db=Path(folder) / "cxtui.db"))
        database = Database(settings.db)
        database.create_or_upgrade(settings.realm)
        context = Context(database, Actor("alice", "198.51.100.20", "console"), settings, lambda: NOON)
        try:
            customers.add(context)
            mailboxes.add(context)
            edges.record(context, Swarm(seed=0).history(NOON))
            attach(context)
            yield context
        finally:
            database.close()


def attach(context: Context) -> None:
    """Two edges that hold every block, at one of which phones are registered."""
    with context.database.reading() as link:
        generation = link.execute("SELECT generation FROM account WHERE id = 1").fetchone()[0]
    for name in ("edge1", "edge2"):
        edge = edges.beat(context, name, generation)
        with context.database.reading() as link:
            to_hold, _ = edges.work(link, edge, now=context.now())
        held = [(key, layer, None) for key, _ in to_hold for layer in ("nftables", "table")]
        edges.report(context, edge, held, [])
        if name == "edge1":
            edge_reports.registered(context, phones(context, edge), ())


def phones(context: Context, edge: int) -> Iterator[Registration]:
    """Most SIP users are registered, each company's from behind one address; some of them are pinged."""
    chance = random.Random(3)
    for shown in Grid(context, "sip_users").read(0, 200).rows:
        user = cast(SipUser, shown.row)
        if not user.enabled or user.password_set_at is None or user.allow_list or chance.random() < 0.25:
            continue
        answer = chance.randint(11_000, 48_000) if user.nat_ping != "disabled" else None
        yield Registration(
            edge_id=edge,
            username=user.username,
            ruid=f"uloc-{user.id}",
            contact=f"sip:{user.username}@192.168.1.{user.id % 200 + 20}:5060",
            received=f"198.51.100.{150 + user.company_id}:{20_000 + 7 * user.id}",
            transport="tls" if user.protocol.startswith("tls") else "udp",
            user_agent=chance.choice(("Yealink SIP-T46U 108.86.0.20", "Grandstream GXP2170 1.0.11.79", "snom D785")),
            nat=True,
            registered_at=NOON - (ago := chance.randint(20, 3000)),
            expires_at=NOON + 3600 - ago,
            last_ping_at=NOON - 20 if answer else None,
            round_trip=answer,
            pings=f"{NOON - 20:.0f}:{answer}" if answer else "",
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
