"""%30 is 0 to rules, lists and users of a real switch, as it is to whoever dials it (RFC 3261 §19.1.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxtui.services import rewrites
from cxtui.services.subjects import Subject
from tests.edge.clients.answerer import Answerer
from tests.edge.clients.messages import Message
from tests.edge.dialling import Line
from tests.edge.ground import Ground

BUSY = (486, "Busy Here")
RESTRICTED = (403, "CLI restriction in effect")
URI = re.compile(r"sip:((?:[A-Za-z0-9_.!~*'()&=+$,;?/-]|%[0-9A-Fa-f]{2})+)@[0-9a-z.:]+\Z")
"""RFC 3261 §25.1."""

CLI = "441782550100"


@pytest.fixture(scope="module")
def core() -> Iterator[Answerer]:
    """Our own switch, where everybody is busy."""
    with Answerer("127.0.0.9", status=486) as core:
        yield core


@pytest.fixture(scope="module")
def ground(template: Path, tmp_path_factory: pytest.TempPathFactory, core: Answerer) -> Iterator[Ground]:
    site = {"core": f"sip:{core.endpoint}"}
    ground = Ground(template, tmp_path_factory.mktemp("escaped"), **site)  # type: ignore[arg-type]
    entry = ground.entry(ground.beta, "127.8.1.1", channels="0")
    for parameter, current, new in (
        ("destination", "^00900", "111"),
        ("destination", "^#31#", "222"),
        ("destination", "^7", "#7"),
        ("destination", "+39", "00"),
        ("cli", "^44", "0"),
        ("cli", "^#", "5"),
    ):
        rewrites.add(ground.noc, Subject("ip_auth", entry.id), {"parameter": parameter, "current": current, "new": new})
    ground.user(ground.beta, "desk", channels="0")
    listing = ground.company("Delta", cli_allow_list=CLI)
    other = ground.company("Epsilon", cli_allow_list="4417825501")
    for company in (listing, other):
        ground.entry(company, "127.8.1.2", cli_authentication="1")
    with ground:
        yield ground


@pytest.fixture
def line(ground: Ground) -> Iterator[Line]:
    """A switch whose numbers are rewritten."""
    with ground.line("127.8.1.1") as line:
        yield line


def heard(core: Answerer, line: Line, number: str, cli: str = "1") -> Message:
    """What the core hears of a call."""
    call = line.call(number, cli=cli)
    assert call.said == BUSY
    invite = core.invites[-1]
    assert invite.header("call-id") == call.invite.header("call-id")
    return invite


def caller(invite: Message) -> str:
    """Who calls, as From has it."""
    found = URI.match(invite.header("from").partition("<")[2].partition(">")[0])
    assert found, invite.header("from")
    return found[1]


@pytest.mark.parametrize(
    ("dialled", "called"),
    [
        ("00900123", "111123"),
        ("%300900123", "111123"),
        ("00%3900123", "111123"),
        ("%30%30%39%30%30%31%32%33", "111123"),
        ("%300900%20", "111%20"),
        ("%300900%C3%a9", "111%C3%a9"),
        ("%300900%40x", "111%40x"),
        ("%300900%00", "111%00"),
        ("%2B3912", "0012"),
        ("%2b3912", "0012"),
        ("%23%33%31%23123", "222123"),
        ("%2331#123", "222123"),
        ("712", "%23712"),
        ("%2321", "%2321"),
        ("%2A21%23", "*21%23"),
        ("%61%5f%7E%2d%2E%21", "a_~-.!"),
    ],
)
def test_rules_see_what_is_dialled_and_the_far_side_gets_a_uri(
    core: Answerer, line: Line, dialled: str, called: str
) -> None:
    """S-060."""
    invite = heard(core, line, dialled)
    assert invite.number == called
    assert URI.match(invite.uri)


@pytest.mark.parametrize(
    "dialled", ["%20", "%22", "%25", "%2530", "1%3B2", "1%40evil", "%0d%0aX", "%ff", "%2f", "a%00b"]
)
def test_what_no_number_has_stays_escaped(core: Answerer, line: Line, dialled: str) -> None:
    """RFC 3261 §19.1.4: it would mean something else, or nothing."""
    assert heard(core, line, dialled).number == dialled


@pytest.mark.parametrize("dialled", ["1%", "1%3", "1%3x", "1%x3", "%%30"])
def test_half_an_escape_is_refused(ground: Ground, line: Line, dialled: str) -> None:
    """RFC 3261 §25.1."""
    call = line.call(dialled)
    assert call.said == (400, "Bad Request-URI")
    assert not ground.arrived(call)


@pytest.mark.parametrize(
    ("cli", "shown"),
    [
        (CLI, "01782550100"),
        ("%3441782550100", "01782550100"),
        ("%34%341%20", "01%20"),
        ("%231", "51"),
        ("9%23", "9%23"),
        ("9#", "9%23"),
        ("J%C3%BCrgen", "J%C3%BCrgen"),
        ("a%40b", "a%40b"),
    ],
)
def test_rules_see_who_calls(core: Answerer, line: Line, cli: str, shown: str) -> None:
    """S-060."""
    assert caller(heard(core, line, "1", cli)) == shown


@pytest.mark.parametrize("cli", [CLI, "%3441782550100", "".join(f"%3{digit}" for digit in CLI)])
def test_a_number_on_a_list_is_on_it_however_it_is_written(ground: Ground, core: Answerer, cli: str) -> None:
    """W-007."""
    with ground.line("127.8.1.2") as line:
        heard(core, line, "1", cli)
        assert line.call("1", cli=f"{cli}%20").said == RESTRICTED
        assert line.call("1", cli=f"{cli}%").said == RESTRICTED


@pytest.mark.parametrize("number", ["desk", "d%65sk", "%64%65%73%6b", "%64%65%73%6B"])
def test_a_user_is_one_however_it_is_written(ground: Ground, line: Line, number: str) -> None:
    """RFC 3261 §19.1.4: a colleague and the core find it."""
    assert line.call(number).said == (480, "Offline")
    with ground.from_core() as core:
        assert core.call(number).said == (480, "Offline")
