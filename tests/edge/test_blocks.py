"""Whoever guesses passwords gets silence from a real switch; the console knows why, and lets through what it lifts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import time

import pytest

from cxtui.models.block import Block, Hold
from cxtui.rules.printable import clean
from cxtui.services import blocks
from cxtui.services.context import Context
from cxtui.store.rows import all_where, by_id
from tests.edge.bench import Bench
from tests.edge.clients import sipsak
from tests.edge.clients.raw import Datagrams, options
from tests.edge.clients.sipp import Caller
from tests.edge.devices import PATIENT, QUICK, Device, said, status
from tests.edge.standing import admit, known, standing
from tests.support import OTHER_PASSWORD, PASSWORD, REALM

FAILURES, UNASKED = 4, 6
TRUSTED = "127.0.0.201"
AT_ONCE = 5.0
"""Seconds in which a block is in force and told of."""


@pytest.fixture(scope="module")
def edge(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One edge for those of these tests that have sources of their own."""
    site = {"max_failures": FAILURES, "max_unasked": UNASKED, "trusted": (f"{TRUSTED}/32", "fd00::/8", "2001:db8::/32")}
    with standing(template, tmp_path_factory.mktemp("blocks"), **site) as edge:
        known(edge.context, "1500")
        yield edge


def gets_through(edge: Bench, source: str, patience: float = PATIENT) -> bool:
    """Whether the switch answers a source."""
    with Datagrams(source) as line:
        return line.ask(options(line.endpoint), edge.address6 if ":" in source else edge.address, patience) is not None


def gets_silence(edge: Bench, source: str) -> bool:
    """Whether the switch does not answer a source."""
    return not gets_through(edge, source, QUICK)


def guess(edge: Bench, source: str, times: int, *, user: str = "1500", agent: str = "scanner") -> int:
    """Try wrong passwords; how many were answered."""
    where = edge.address6 if ":" in source else edge.address
    with Device(where, user, OTHER_PASSWORD, source=source, agent=agent) as device:
        answers = [status(device.register()) for _ in range(times)]
    assert {*answers} <= {401, 0}
    return answers.count(401)


def live(context: Context, source: str) -> Block | None:
    """The block of a source."""
    return blocks.find_live(context, source)


def holds(context: Context, block: Block) -> list[tuple[int, str]]:
    """Which edges hold a block, in which layer."""
    with context.database.reading() as link:
        return sorted((hold.edge_id, hold.layer) for hold in all_where(link, Hold, "block_id = ?", (block.id,)))


def stored(context: Context, block: Block) -> Block:
    """A block as it is stored now."""
    with context.database.reading() as link:
        found = by_id(link, Block, block.id)
    assert found
    return found


def held(edge: Bench, source: str, seconds: float = AT_ONCE) -> Block:
    """The block of a source, once the edge has read back that it holds it."""

    def found() -> Block | None:
        block = live(edge.context, source)
        return block if block and (edge.row()["id"], "table") in holds(edge.context, block) else None

    block = edge.until(found, f"{source} is held", seconds)
    assert isinstance(block, Block)
    return block


def blocked_by_hand(context: Context, source: str, expires: str = "") -> Block:
    (block,) = blocks.block(context, {"address": source, "expires": expires}).rows
    assert isinstance(block, Block)
    return block


def table(edge: Bench) -> set[str]:
    """The addresses that the switch has in its table."""
    return {entry["name"] for slot in edge.rpc("htable.dump", "blocked") for entry in slot["slot"]}


def knock(edge: Bench, source: str, times: int) -> None:
    """Send so many packets that are dropped."""
    with Datagrams(source) as line:
        for _ in range(times):
            line.send(options(line.endpoint), edge.address)


def tell_of_drops(edge: Bench, source: str, *counts: int) -> None:
    """Have the agent hear of dropped packets, one after the other, and look at them."""
    agent = edge.agent
    assert agent

    async def told() -> None:
        for count in counts:
            agent._hear({"event": "dropped", "source": source, "count": count})

    edge._do(told())
    edge.until(lambda: not agent._blocking._drops, "it was looked at", 2)


def kill_agent(edge: Bench) -> None:
    """End the agent in the middle of whatever it does."""
    agent, working = edge.agent, edge._working
    assert agent
    assert working
    edge._working = edge.agent = None
    working.cancel()
    edge.until(lambda: not agent._control.open, "its connection is closed")


@pytest.mark.parametrize("source", ["127.0.0.101", "::1"])
def test_whoever_guesses_passwords_is_blocked_with_evidence(edge: Bench, source: str) -> None:
    """S-011, S-012, W-030, W-031, W-032."""
    began = time()
    for user in ("1500", "100", "admin"):
        assert guess(edge, source, 1, user=user) == 1
    assert live(edge.context, source) is None
    assert guess(edge, source, 1, user="root") == 1
    block = held(edge, source)
    assert block.usernames.split() == ["1500", "100", "admin", "root"]
    assert (block.user_agent, block.hits) == ("scanner", FAILURES)
    assert block.reason == "wrong password ×1, unknown user ×3"
    assert (block.source, block.ours, block.wanted) == ("table", 0, "blocked")
    assert began <= block.last_seen <= time()
    assert abs((block.expires_at or 0) - began - edge.site.block_seconds) < 3
    assert gets_silence(edge, source)
    blocks.unblock(edge.context, [block])
    edge.until(lambda: stored(edge.context, block).lifted_at, "it is lifted", AT_ONCE)
    assert gets_through(edge, source)


def test_an_unblocked_source_begins_anew(edge: Bench) -> None:
    """S-013, S-014: let through within a second, read back, and nothing is left of what was counted."""
    source = "127.0.0.102"
    guess(edge, source, FAILURES)
    block = held(edge, source)
    blocks.unblock(edge.context, [block])
    edge.until(lambda: stored(edge.context, block).lifted_at, "it is lifted", AT_ONCE)
    assert holds(edge.context, block) == []
    assert gets_through(edge, source)
    assert guess(edge, source, FAILURES - 1) == FAILURES - 1
    assert live(edge.context, source) is None
    assert guess(edge, source, 1) == 1
    again = held(edge, source)
    assert (again.id == block.id, again.hits, again.usernames) == (False, FAILURES, "1500")


def test_what_is_no_guess_is_not_counted(edge: Bench) -> None:
    """W-031: no credentials, right ones, and right ones of a disabled user."""
    source = "127.0.0.103"
    admit(edge.context, "1501", enabled="no")
    for user, answer in (("1500", 200), ("1501", 403)):
        with Device(edge.address, user, source=source) as device:
            for _ in range(2 * FAILURES):
                assert status(device.ask("REGISTER")) == 401
                assert status(device.register()) == answer
    assert gets_through(edge, source)
    assert live(edge.context, source) is None


def test_a_mistake_now_and_then_is_forgotten_after_a_minute(edge: Bench) -> None:
    """W-031: one phone with an old password must not block all that is behind the same address."""
    source = "127.0.0.109"

    def forgotten_at() -> str:
        return str(edge.rpc("htable.get", "failures", source)["item"]["expire"])

    began = time()
    guess(edge, source, 1)
    first = forgotten_at()
    edge.until(lambda: int(time()) > int(began) + 1, "the next second")
    guess(edge, source, 1)
    assert edge.rpc("htable.get", "failures", source)["item"]["value"] == 2
    assert forgotten_at() == first


def test_calls_that_nobody_authorised_are_blocked(edge: Bench) -> None:
    """S-011, S-012: a new switch that sends calls before its address was added, and has no password to send."""
    source = "127.0.0.104"
    with Device(edge.address, "1500", source=source, agent="PBX 7") as device:
        for _ in range(UNASKED):
            answer = device.ask("INVITE")
            assert answer
            assert said(answer) == (407, "Proxy Authentication Required")
            assert "IP Not Authorised" in answer.header("Warning")
        block = held(edge, source)
        assert (block.reason, block.hits, block.user_agent) == ("INVITE not authorised", UNASKED, "PBX 7")
        assert device.ask("INVITE", patience=QUICK) is None


def test_a_switch_that_is_unblocked_may_call_again_and_its_count_begins_anew(edge: Bench) -> None:
    """S-011, S-012, S-013: the reported scenario, where its address is only authorised a moment later."""
    source = "127.0.0.141"
    with Device(edge.address, "1500", source=source) as device:
        for _ in range(UNASKED):
            assert status(device.ask("INVITE")) == 407
        block = held(edge, source)
        blocks.unblock(edge.context, [block])
        edge.until(lambda: stored(edge.context, block).lifted_at, "it is lifted", AT_ONCE)
        for _ in range(UNASKED - 1):
            assert status(device.ask("INVITE")) == 407
        assert live(edge.context, source) is None
        assert status(device.ask("INVITE")) == 407
        assert held(edge, source).hits == UNASKED


def test_clients_that_others_wrote_are_blocked_and_let_through_again(edge: Bench) -> None:
    """S-012, S-013, W-031: sipsak guesses, and SIPp calls without a password."""
    guesser, caller = "127.0.0.142", "127.0.0.143"
    for _ in range(FAILURES):
        assert sipsak.register("1500", OTHER_PASSWORD, edge.address, domain=REALM, source=guesser) == 401
    Caller(edge.address, caller).call("1", calls=UNASKED, rate=500)
    found = [held(edge, guesser), held(edge, caller)]
    assert [block.reason for block in found] == ["wrong password 1500", "INVITE not authorised"]
    assert gets_silence(edge, guesser)
    blocks.unblock(edge.context, found)
    edge.until(lambda: all(stored(edge.context, block).lifted_at for block in found), "both are lifted", AT_ONCE)
    assert sipsak.register("1500", PASSWORD, edge.address, domain=REALM, source=guesser) == 200
    assert Caller(edge.address, caller).call("1").statuses == {407: 1}


def test_calls_with_a_password_behind_them_are_never_too_many(edge: Bench) -> None:
    """S-080: each begins without credentials, and that is no fault of the caller."""
    with Device(edge.address, "1500", source="127.0.0.105") as device:
        for _ in range(2 * UNASKED):
            assert status(device.call("*1")) == 480
    assert live(edge.context, "127.0.0.105") is None


@pytest.mark.parametrize("source", ["127.0.0.106", "::1"])
def test_a_block_by_hand_is_in_force_within_a_second(edge: Bench, source: str) -> None:
    """W-030."""
    assert gets_through(edge, source)
    block = blocked_by_hand(edge.context, source)
    edge.until(lambda: holds(edge.context, block), "it is held", AT_ONCE)
    assert gets_silence(edge, source)
    blocks.unblock(edge.context, [block])
    edge.until(lambda: stored(edge.context, block).lifted_at, "it is lifted", AT_ONCE)
    assert gets_through(edge, source)


def test_a_block_with_an_end_ends_by_itself(edge: Bench) -> None:
    """W-030: and its row says so."""
    source = "127.0.0.107"
    block = blocked_by_hand(edge.context, source, "4 s")
    assert block.expires_at
    edge.until(lambda: holds(edge.context, block), "it is held", AT_ONCE)
    assert gets_silence(edge, source)
    edge.until(lambda: stored(edge.context, block).lifted_at, "it is over", 12)
    assert block.expires_at <= (stored(edge.context, block).lifted_at or 0) < block.expires_at + 4
    assert gets_through(edge, source)
    assert live(edge.context, source) is None


def test_a_block_that_the_switch_let_go_of_too_early_is_put_in_force_again(edge: Bench) -> None:
    """W-030: its clock was set, for example."""
    source = "198.51.100.8"
    block = blocked_by_hand(edge.context, source)
    edge.until(lambda: holds(edge.context, block), "it is held", AT_ONCE)
    edge.rpc("htable.setxs", "blocked", source, "wanted", 1)
    edge.until(lambda: source not in table(edge), "the switch lets go", 5)
    edge.until(lambda: source in table(edge), "it is held again", 5)
    edge.until(lambda: holds(edge.context, block), "and that is written down", AT_ONCE)


def test_what_is_trusted_is_never_blocked(edge: Bench) -> None:
    """W-031: neither for its failures nor by hand."""
    assert guess(edge, TRUSTED, 2 * FAILURES) == 2 * FAILURES
    with Device(edge.address, "1500", source=TRUSTED) as device:
        for _ in range(2 * UNASKED):
            assert status(device.ask("INVITE")) == 407
    assert live(edge.context, TRUSTED) is None
    block = blocked_by_hand(edge.context, TRUSTED)
    edge.until(lambda: holds(edge.context, block), "it is held", AT_ONCE)
    assert gets_through(edge, TRUSTED)
    blocks.unblock(edge.context, [block])


def test_what_knocks_on_is_counted(edge: Bench) -> None:
    """W-030, W-032: packets are dropped before anything is logged, so they are counted at least."""
    source = "127.0.0.108"
    guess(edge, source, FAILURES)
    before = held(edge, source)
    knock(edge, source, 40)
    edge.until(lambda: stored(edge.context, before).hits == before.hits + 40, "40 more", AT_ONCE)
    after = stored(edge.context, before)
    assert after.last_seen > before.last_seen
    assert (after.reason, after.usernames) == (before.reason, before.usernames)


def test_what_is_told_out_of_order_is_counted_once(edge: Bench) -> None:
    """W-030, W-032: several processes of the switch tell of what they dropped, each in its own time."""
    block = blocked_by_hand(edge.context, "198.51.100.12")
    edge.until(lambda: holds(edge.context, block), "it is held", AT_ONCE)
    for counts in ((300, 200), (200,), (500, 400)):
        tell_of_drops(edge, block.address, *counts)
    edge.until(lambda: stored(edge.context, block).hits > 300, "all are counted", AT_ONCE)
    assert stored(edge.context, block).hits == 500


def test_a_packet_that_is_told_of_after_the_unblock_begins_no_block(edge: Bench) -> None:
    """S-013: the switch dropped it a moment before it let go."""
    block, later = blocked_by_hand(edge.context, "198.51.100.9"), "198.51.100.11"
    edge.until(lambda: holds(edge.context, block), "it is held", AT_ONCE)
    blocks.unblock(edge.context, [block])
    edge.until(lambda: stored(edge.context, block).lifted_at, "it is lifted", AT_ONCE)
    tell_of_drops(edge, block.address, 3)
    blocked_by_hand(edge.context, later)
    edge.until(lambda: later in table(edge), "what came later is in force", AT_ONCE)
    assert block.address not in table(edge)
    assert live(edge.context, block.address) is None


HOSTILE = [
    'evil"},{"event"="failed","source"="10.0.0.1',
    "'; DROP TABLE block; --",
    "\x1b[2J\x1b]52;c;Zm9v\x07",
    "[bold red]markup[/]",
    "\u202eevil\u2066",
    "$au $(ru) %s%n",
    "x" * 300,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_an_attacker_writes_is_evidence_and_nothing_else(edge: Bench, text: str) -> None:
    """W-032: and the agent lives on."""
    source = f"127.0.0.{110 + HOSTILE.index(text)}"
    name = text.replace('"', "").replace("\\", "")
    with Device(edge.address, "1500", OTHER_PASSWORD, source=source, agent=text) as device:
        for _ in range(FAILURES):
            assert status(device.register(change=lambda header: header.replace("1500", name, 1))) == 401
    block = held(edge, source)
    assert block.user_agent == clean(text)
    assert block.usernames == clean(name[:64])
    assert [clean(said) for said in (block.user_agent, block.usernames, block.reason)] == [
        block.user_agent,
        block.usernames,
        block.reason,
    ]


@pytest.mark.parametrize("raw", [b"caf\xe9\xff", b"\xc3(", b"nul\x00byte", b"\xed\xa0\x80"])
def test_bytes_that_are_no_text_are_evidence_too(edge: Bench, raw: bytes) -> None:
    source = f"127.0.0.{120 + len(raw)}"
    with Device(edge.address, "1500", OTHER_PASSWORD, source=source, agent="AGENT") as device:
        for _ in range(FAILURES):
            device.ask("REGISTER")
            uri = "sip:sip.example.net"
            proof = f"Authorization: {device.credentials('REGISTER', uri)}"
            device.send(device.request("REGISTER", uri, "1500", [proof]).encode().replace(b"AGENT", raw))
            device.hears(QUICK)
    block = held(edge, source)
    assert block.hits == FAILURES
    assert clean(block.user_agent) == block.user_agent
    assert gets_through(edge, "127.0.0.140")


def test_a_block_made_at_one_edge_is_in_force_at_the_other(edges: Callable[..., Bench], noc: Context) -> None:
    """W-031: system-wide, and so is its end."""
    one, two = edges(max_failures=FAILURES), edges(max_failures=FAILURES)
    source = "127.0.0.131"
    guess(one, source, FAILURES)
    block = held(two, source)
    assert holds(noc, block) == [(one.row()["id"], "table"), (two.row()["id"], "table")]
    assert gets_silence(two, source)
    blocks.unblock(noc, [block])
    two.until(lambda: stored(noc, block).lifted_at, "it is lifted at both", AT_ONCE)
    assert gets_through(one, source)
    assert gets_through(two, source)


def test_blocks_and_their_counts_outlive_a_switch_that_is_killed(edges: Callable[..., Bench], noc: Context) -> None:
    """W-030, W-032: the new one counts from one again, which takes nothing off."""
    edge = edges(max_failures=FAILURES)
    guess(edge, "127.0.0.132", FAILURES)
    mine, over = held(edge, "127.0.0.132"), blocked_by_hand(noc, "127.0.0.133")
    knock(edge, "127.0.0.132", 9)
    edge.until(lambda: stored(noc, mine).hits == FAILURES + 9, "nine more", AT_ONCE)
    short = blocked_by_hand(noc, "127.0.0.134", "4 s")
    edge.until(lambda: holds(noc, over) and holds(noc, short), "all are held", AT_ONCE)
    edge.kill_switch()
    blocks.unblock(noc, [over])
    edge.until(lambda: time() > (short.expires_at or 0), "the short one is over", 8)
    edge.start_switch()
    edge.until(lambda: stored(noc, over).lifted_at and stored(noc, short).lifted_at, "two are over")
    edge.until(lambda: edge.agent and edge.agent._control.open, "the agent is back")
    edge.until(lambda: "127.0.0.132" in table(edge), "the first is in force again")
    knock(edge, "127.0.0.132", 2)
    edge.until(lambda: stored(noc, mine).hits == FAILURES + 11, "two more", AT_ONCE)
    assert stored(noc, mine).lifted_at is None
    assert gets_through(edge, "127.0.0.133")
    assert gets_through(edge, "127.0.0.134")


def test_an_agent_that_was_away_learns_of_what_happened_meanwhile(edges: Callable[..., Bench], noc: Context) -> None:
    """S-013, W-030: blocks of the switch itself, of an operator, those that were lifted, and one that was put in force
    and that the agent died over before it wrote that down.
    """
    edge = edges(max_failures=FAILURES)
    known(noc, "1500")
    guess(edge, "127.0.0.135", FAILURES)
    lifted = held(edge, "127.0.0.135")
    edge.rpc("htable.setxs", "blocked", "127.0.0.139", "wanted", 100_000)
    kill_agent(edge)
    guess(edge, "127.0.0.136", FAILURES)
    assert gets_silence(edge, "127.0.0.136")
    blocks.unblock(noc, [lifted])
    added = blocked_by_hand(noc, "127.0.0.137")
    assert gets_through(edge, "127.0.0.137")
    edge.start_agent()
    found = held(edge, "127.0.0.136", 5)
    assert (found.reason, found.source) == ("too many wrong credentials", "table")
    assert abs((found.expires_at or 0) - time() - edge.site.block_seconds) < 5
    edge.until(lambda: holds(noc, added), "the new one is held", AT_ONCE)
    edge.until(lambda: stored(noc, lifted).lifted_at, "the old one is lifted", AT_ONCE)
    assert gets_through(edge, "127.0.0.135")
    assert gets_silence(edge, "127.0.0.137")
    assert gets_through(edge, "127.0.0.139")


def test_blocking_and_unblocking_in_haste_ends_as_it_was_wanted_last(edge: Bench) -> None:
    """Whatever order things reach the switch in."""
    source = "127.0.0.138"
    for _ in range(5):
        block = blocked_by_hand(edge.context, source)
        blocks.unblock(edge.context, [block])
    edge.until(lambda: gets_through(edge, source, QUICK) and not live(edge.context, source), "nothing is left", 3)
    for _ in range(5):
        block = blocked_by_hand(edge.context, source)
        blocks.unblock(edge.context, [block])
    block = blocked_by_hand(edge.context, source)
    edge.until(lambda: gets_silence(edge, source) and holds(edge.context, block), "it is held", 3)
    assert stored(edge.context, block).lifted_at is None
