"""The agent from the shell: the long-running process beside a switch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .call import Call
from .grammar import Parser, UsageError, whole_number

if TYPE_CHECKING:
    from cxtui.edge.station import Post
    from cxtui.services.context import Context

CONTROL = "127.0.0.1:5448"
PING_INTERVAL, MISSED_PINGS, BLOCK_SECONDS = 60, 3, 3600
PROGRAM = "agent"


def furnish(parser: Parser) -> None:
    """The options of ``agent``."""
    parser.add_argument("--name", metavar="NAME", required=True, help="the name of the edge")
    words = "the file that holds the agent's secret, as `cxtui edge config` wrote it"
    parser.add_argument("--secret-file", metavar="FILE", required=True, help=words)
    words = f"where the switch takes the agent's connection (usually {CONTROL})"
    parser.add_argument("--control", metavar="ADDRESS:PORT", default=CONTROL, help=words)
    timing_options(parser)
    parser.add_argument("--listens", metavar="TEXT", default="", help="where the switch listens, to be shown")
    words = "the switch's log, for what it says when it refuses a reload"
    parser.add_argument("--switch-log", metavar="FILE", help=words)
    parser.set_defaults(act=_run)


def timing_options(parser: Parser) -> None:
    """What the switch and its agent have to agree on."""

    def add(name: str, usual: int, words: str) -> None:
        parser.add_argument(name, metavar="N", type=whole_number, default=usual, help=f"{words} (usually {usual})")

    add("--ping-interval", PING_INTERVAL, "seconds between two pings of a phone with NAT/SIP Ping")
    add("--missed-pings", MISSED_PINGS, "pings without an answer after which Enabled (Timeout) ends a registration")
    add("--block-seconds", BLOCK_SECONDS, "how long the switch blocks an address that failed too often")


@contextmanager
def usable() -> Iterator[None]:
    """Turn what an edge says of its options into ``UsageError``: nothing was refused, the words cannot be used."""
    from cxtui.edge.site import EdgeError

    try:
        yield
    except EdgeError as problem:
        raise UsageError(str(problem)) from None


def _run(call: Call) -> int:
    from cxtui.edge.installation import read_secret
    from cxtui.edge.site import NAME
    from cxtui.edge.station import Post
    from cxtui.services.context import Actor, Context
    from cxtui.store.database import Database

    name = call.given("name")
    if not NAME.match(name):
        raise UsageError(f"{name}: an edge is named with small letters, digits, . _ and -")
    host, port = _place(call.given("control"))
    log = call.given("switch_log")
    with usable():
        secret = read_secret(Path(call.given("secret_file")))
    post = Post(
        name=name,
        host=host,
        port=port,
        secret=secret,
        ping_interval=call.given("ping_interval"),
        missed_pings=call.given("missed_pings"),
        block_seconds=call.given("block_seconds"),
        listens=call.given("listens"),
        log=Path(log) if log else None,
    )
    database = Database(call.settings.db)
    database.check()
    # Not an operator: roles are for people.
    context = Context(database, Actor(name, "local", PROGRAM), call.settings)
    try:
        _work(call, context, post)
    finally:
        database.close()
    return 0


def _work(call: Call, context: Context, post: Post) -> None:
    import asyncio

    from cxtui.edge.foreground import attend, until_signalled

    stopped = asyncio.Event()

    def tell(line: str) -> None:
        # Whoever read the lines may have gone away; the agent stays.
        with suppress(OSError):
            call.output.note(line)

    until_signalled(lambda: attend(context, post, tell, stopped.wait()), stopped.set)


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise UsageError(f"{text}: write ADDRESS:PORT, such as {CONTROL}")
    return host, int(port)
