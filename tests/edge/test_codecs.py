"""Restricted codecs leave the SDP at a real switch, and nothing else does (S-050, S-051, C-08)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.edge.clients import sdp
from tests.edge.clients.answerer import Answerer
from tests.edge.clients.messages import Message
from tests.edge.clients.sdp import EVENTS, G722, G729, PCMA, PCMU
from tests.edge.clients.sipp import Caller
from tests.edge.dialling import Line, described
from tests.edge.ground import Ground
from tests.support import PASSWORD

OPUS, SPEEX, G726, H264 = (96, "opus/48000/2"), (97, "speex/16000"), (98, "G726-32"), (99, "H264/90000")
REFUSED = (488, "Restricted codec")
NONE_LEFT = (488, "Not Acceptable Here")
UP = (200, "OK")


@pytest.fixture(scope="module")
def phone() -> Iterator[Answerer]:
    """A phone, and a switch that receives."""
    with Answerer("127.0.0.60") as phone:
        yield phone


@pytest.fixture(scope="module")
def ground(template: Path, tmp_path_factory: pytest.TempPathFactory, phone: Answerer) -> Iterator[Ground]:
    ground = Ground(template, tmp_path_factory.mktemp("codecs"))
    ground.entry(ground.beta, "127.3.1.1")
    ground.entry(ground.beta, "127.3.1.2", restricted_codecs="PCMU, G729, G726, opus, speex, L16")
    ground.user(ground.beta, "alice", restricted_codecs="PCMU")
    ground.user(ground.beta, "bob", restricted_codecs="PCMA")
    ground.entry(ground.beta, phone.address, direction="ingress", port=str(phone.port), restricted_codecs="G729,PCMA")
    with ground:
        ground.registered("bob", phone.endpoint)
        yield ground


@pytest.fixture
def line(ground: Ground) -> Iterator[Line]:
    """A switch whose entry restricts half a dozen codecs."""
    with ground.line("127.3.1.2") as line:
        yield line


def offered(ground: Ground, line: Line, codecs: Sequence[sdp.Codec]) -> list[sdp.Codec]:
    """What the core sees of an offer that is not refused."""
    call = line.call("1", codecs=codecs)
    assert call.said == UP
    (invite,) = ground.arrived(call)
    return invite.codecs


def test_without_a_restriction_every_codec_passes(ground: Ground) -> None:
    """S-050."""
    codecs = [PCMU, PCMA, G722, G729, OPUS, SPEEX, G726, EVENTS]
    outcome = Caller(ground.edge, "127.3.1.1").call("1", codecs=codecs, expect=200)
    assert [invite.codecs for invite in ground.arrived(outcome)] == [codecs]


def test_the_restricted_codecs_of_an_entry_leave_the_offer(ground: Ground) -> None:
    """S-050, C-08: the others stay in their order, and so does telephone-event."""
    codecs = [PCMU, PCMA, G722, G729, OPUS, SPEEX, (100, "iLBC"), EVENTS]
    outcome = Caller(ground.edge, "127.3.1.2").call("1", codecs=codecs, expect=200)
    (invite,) = ground.arrived(outcome)
    assert invite.codecs == [PCMA, G722, (100, "iLBC"), EVENTS]
    for name in ("PCMU", "G729", "opus", "speex"):
        assert name not in invite.body


@pytest.mark.parametrize(
    "name", [*(f"{kind}G726-{rate}" for kind in ("", "AAL2-") for rate in (16, 24, 32, 40)), "G726", "G721", "g726-32"]
)
def test_a_family_leaves_with_all_its_variants(ground: Ground, line: Line, name: str) -> None:
    """C-08."""
    assert offered(ground, line, [(98, name), PCMA, EVENTS]) == [PCMA, EVENTS]


@pytest.mark.parametrize("codec", [(96, "OPUS/48000/2"), (97, "Speex/8000"), (0, "pcmu"), (18, "g729")])
def test_names_are_compared_without_regard_to_case(ground: Ground, line: Line, codec: sdp.Codec) -> None:
    """C-08."""
    assert offered(ground, line, [codec, PCMA]) == [PCMA]


@pytest.mark.parametrize("codec", [(102, "G7221/16000"), (102, "EVS/16000"), (102, "L16-x"), (102, "opus2/48000")])
def test_a_codec_that_only_resembles_a_restricted_one_or_is_unknown_to_us_passes(
    ground: Ground, line: Line, codec: sdp.Codec
) -> None:
    """S-050."""
    assert offered(ground, line, [codec, G729]) == [codec]


@pytest.mark.parametrize("numbers", ["0 8 18", "8 2 10 11", "18 8 0"])
def test_static_numbers_need_no_name_to_leave(ground: Ground, line: Line, numbers: str) -> None:
    """C-08: RFC 3551 §6, and 2 for G721 as RFC 1890 had it."""
    call = line.call("1", offer=described("127.3.1.2", [PCMA]).replace("RTP/AVP 8", f"RTP/AVP {numbers}"))
    assert call.said == UP
    assert [invite.codecs for invite in ground.arrived(call)] == [[PCMA]]


@pytest.mark.parametrize("codecs", [[G729], [PCMU, G729, OPUS], [G729, EVENTS], [G729, (13, "CN"), EVENTS], [G726]])
def test_a_call_with_no_codec_left_is_refused(ground: Ground, line: Line, codecs: list[sdp.Codec]) -> None:
    """C-08: keypresses and comfort noise are no speech."""
    call = line.call("1", codecs=codecs)
    assert call.said == NONE_LEFT
    assert not ground.arrived(call)


def test_sipp_is_refused_as_the_reply_says(ground: Ground) -> None:
    """C-08."""
    outcome = Caller(ground.edge, "127.3.1.2").call("1", codecs=[G729, EVENTS], calls=5, rate=500)
    assert outcome.statuses == {488: 5}
    assert not ground.arrived(outcome)


@pytest.mark.parametrize(
    "codecs",
    [
        [(96, "G729"), PCMA],
        [(96, "PCMU"), PCMA],
        [G729, PCMA, G729],
        [*((number, "speex") for number in range(96, 113)), PCMA],
        [*((number, "opus/48000/2") for number in range(96, 128)), PCMA],
    ],
    ids=["static on dynamic", "PCMU on dynamic", "twice", "17 times", "32 times"],
)
def test_an_offer_that_hides_a_restricted_codec_is_refused_whole(
    ground: Ground, line: Line, codecs: list[sdp.Codec]
) -> None:
    """C-08."""
    call = line.call("1", codecs=codecs)
    assert call.said == REFUSED
    assert not ground.arrived(call)


def test_a_long_offer_loses_only_what_is_restricted(ground: Ground, line: Line) -> None:
    """C-08."""
    many = [(number, f"X{number}") for number in range(98, 126)]
    assert offered(ground, line, [G729, *many, OPUS, SPEEX, PCMA]) == [*many, PCMA]


def test_a_number_that_is_another_codecs_in_the_video_stays_there(ground: Ground, line: Line) -> None:
    """C-08: phones number each stream from 96."""
    video = ["m=video 6002 RTP/AVP 96", "a=rtpmap:96 VP8/90000"]
    call = line.call("1", offer=described("127.3.1.2", [OPUS, PCMA], *video))
    assert call.said == UP
    (invite,) = ground.arrived(call)
    assert invite.codecs == [PCMA]
    assert "\n".join(video) in invite.body


@pytest.mark.parametrize("rtpmap", ["a=rtpmap:96 opus", "a=rtpmap:96 \topus/48000/2", "a=rtpmap:96   OPUS/48000"])
def test_an_odd_line_hides_no_codec(ground: Ground, line: Line, rtpmap: str) -> None:
    """C-08."""
    call = line.call("1", offer=described("127.3.1.2", [OPUS, PCMA]).replace("a=rtpmap:96 opus/48000/2", rtpmap))
    assert call.said == REFUSED or [invite.codecs for invite in ground.arrived(call)] == [[PCMA]]


def test_an_offer_beside_other_things_is_restricted_too(ground: Ground, line: Line) -> None:
    """C-08: RFC 5621."""
    parts = ["--x", "Content-Type: application/sdp", "", described("127.3.1.2", [G729, PCMA]).rstrip()]
    body = "\r\n".join([*parts, "--x", "Content-Type: text/plain", "", "hello", "--x--", ""])
    wrapped = ("Content-Type: application/sdp", "Content-Type: multipart/mixed;boundary=x")
    call = line.call("1", offer=body, change=wrapped)
    assert call.said == UP
    (invite,) = ground.arrived(call)
    assert invite.codecs == [PCMA]
    assert "hello" in invite.body


def test_a_call_without_speech_passes(ground: Ground, line: Line) -> None:
    """S-050: a fax by T.38."""
    fax = described("127.3.1.2", [PCMA]).partition("m=audio")[0] + "m=image 6000 udptl t38\r\n"
    assert line.call("1", offer=fax).said == UP


def test_a_call_without_an_offer_passes(ground: Ground, line: Line) -> None:
    """C-08: the other side offers then."""
    call = line.call("1", offer="")
    assert call.said == UP
    assert [invite.body for invite in ground.arrived(call)] == [""]


def test_the_offer_of_the_other_side_loses_the_restricted_codecs(ground: Ground) -> None:
    """C-08: RFC 3264 §4."""
    with ground.line("127.3.1.2") as line:
        call = line.call("1", offer="")
    assert call.answer
    assert call.answer.codecs == [PCMA]


@pytest.mark.parametrize(("codecs", "left"), [([PCMA, PCMU, EVENTS], [PCMA, EVENTS]), ([PCMU], None)])
def test_the_restricted_codecs_of_a_user_leave_the_offer(
    ground: Ground, codecs: list[sdp.Codec], left: list[sdp.Codec] | None
) -> None:
    """S-051."""
    outcome = Caller(ground.edge, "127.3.2.1").call("1", user="alice", password=PASSWORD, codecs=codecs)
    assert outcome.statuses == {200 if left else 488: 1}
    assert [invite.codecs for invite in ground.arrived(outcome)] == ([left] if left else [])


@pytest.mark.parametrize(("caller", "left"), [("entry", [PCMU, G722]), ("alice", [G722]), ("core", [PCMU, G722])])
def test_whoever_calls_a_user_its_restricted_codecs_leave_the_offer(
    ground: Ground, phone: Answerer, caller: str, left: list[sdp.Codec]
) -> None:
    """S-051: a colleague's own restrictions hold besides."""
    before = len(phone.invites)
    codecs = [PCMA, PCMU, G722]
    if caller == "alice":
        Caller(ground.edge, "127.3.2.2").call("bob", user="alice", password=PASSWORD, codecs=codecs, expect=200)
    else:
        with ground.from_core() if caller == "core" else ground.line("127.3.1.1") as line:
            assert line.call("bob", codecs=codecs).said == UP
    assert [invite.codecs for invite in phone.invites[before:]] == [left]


def test_the_restricted_codecs_of_a_switch_that_receives_leave_the_offer(ground: Ground, phone: Answerer) -> None:
    """S-050."""
    before = len(phone.invites)
    with ground.from_core() as core:
        assert core.call("1", host=phone.address, codecs=[PCMA, G729, PCMU]).said == UP
        assert core.call("1", host=phone.address, codecs=[PCMA, G729]).said == NONE_LEFT
    assert [invite.codecs for invite in phone.invites[before:]] == [[PCMU]]


def test_a_later_offer_in_the_call_is_restricted_like_the_first(ground: Ground, line: Line) -> None:
    """S-050."""
    call = line.call("1", codecs=[PCMA])
    call.offer(described("127.3.1.2", [G729, G729, PCMA]))
    assert line.settled(call) == REFUSED
    before = len(ground.core.invites)
    call.offer(described("127.3.1.2", [G729, PCMA]))
    again: Message = ground.core.wait_for("INVITE", before + 1)[-1]
    assert again.codecs == [PCMA]
