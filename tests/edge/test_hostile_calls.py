"""Calls that nobody means well with, at a real switch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.clients.answerer import Answerer
from tests.edge.clients.raw import Datagrams, request
from tests.edge.ground import Ground
from tests.support import one

UP = (200, "OK")


@pytest.fixture(scope="module")
def phone() -> Iterator[Answerer]:
    with Answerer("127.0.0.60") as phone:
        yield phone


@pytest.fixture(scope="module")
def ground(template: Path, tmp_path_factory: pytest.TempPathFactory, phone: Answerer) -> Iterator[Ground]:
    ground = Ground(template, tmp_path_factory.mktemp("hostile"))
    ground.entry(ground.beta, "127.5.1.1")
    ground.user(ground.beta, "phone", channels="0")
    with ground:
        ground.registered("phone", phone.endpoint)
        yield ground


def test_numbers_have_64_characters_at_most_and_longer_ones_harm_nobody(ground: Ground) -> None:
    """S-060: regular expressions run over them."""
    with ground.line("127.5.1.1") as line:
        assert line.call("7" * 64).said == UP
        for length, answer in ((65, (484, "Address Incomplete")), (9000, (513, "Message Too Large"))):
            assert line.call("7" * length).said == answer
            assert line.call("1", cli="7" * 2 * length).said == answer
        assert line.call("7").said == UP


HOSTILE = [
    "1'OR'1'='1",
    "phone'--",
    "phone';DROP TABLE sip_user;--",
    "%27%20OR%201=1",
    "$(rU)$sht(blocked=>127.5.1.1)",
    "x'||(SELECT+1)||'",
    '"phone"',
    "`id`",
    "{s.int}",
    "\\0\\1",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_number_is_asked_of_no_database(ground: Ground, phone: Answerer, text: str) -> None:
    """Every request is hostile until it is proven otherwise: in the number, the host, the caller's number."""
    users = one(ground.database, "SELECT count(*) FROM sip_user")
    calls, pid, logged = len(phone.invites), ground.bench.trial.pid, len(ground.bench.log())
    with ground.line("127.5.1.1") as line, ground.from_core() as core:
        sent = [line.invite(text), line.invite("1", host=text), line.invite("1", cli=text)]
        sent += [core.invite(text, host="sip.example.net"), core.invite("1", host=text), core.invite("phone", cli=text)]
        assert line.call("phone").said == UP
        assert {call.said[0] for call in sent} <= {0, 200, 400, 404, 478, 484, 503}
    assert len(phone.invites) <= calls + 2
    assert (ground.bench.trial.pid, one(ground.database, "SELECT count(*) FROM sip_user")) == (pid, users)
    assert "sqlite" not in ground.bench.log()[logged:]


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "MESSAGE", "REFER", "INFO", "OPTIONS"])
def test_nobody_gets_past_the_password_by_pretending_that_a_call_is_up(ground: Ground, method: str) -> None:
    """S-080: a To tag and a Route are written by anybody."""
    with Datagrams("127.0.9.9") as stranger:
        route = [f"Route: <sip:{ground.edge};lr>"]
        text = request(method, stranger.endpoint, uri=f"sip:900@{ground.core.endpoint}", headers=route)
        answer = stranger.ask(text.replace("\r\nCall-ID", ";tag=up\r\nCall-ID"), ground.edge)
    assert answer
    assert answer.status == 481
    # Calls of other tests may still be ending there.
    call = answer.header("call-id")
    assert call not in {found.header("call-id") for found in ground.core.messages}
