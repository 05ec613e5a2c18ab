"""A restricted codec gets through a real switch in no disguise, and what is ordinary is left as it is (S-050, C-08)."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.clients.messages import Message
from tests.edge.dialling import Dialog, Line
from tests.edge.ground import Ground

SOURCE = "127.9.1.1"
UP = (200, "OK")
REFUSED = (488, "Restricted codec")
SDP, MIXED = "Content-Type: application/sdp", "Content-Type: multipart/mixed;boundary=x"
HEAD = f"v=0\r\no=- 1 1 IN IP4 {SOURCE}\r\ns=-\r\nc=IN IP4 {SOURCE}\r\nt=0 0\r\n"


@pytest.fixture(scope="module")
def ground(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    ground = Ground(template, tmp_path_factory.mktemp("tricks"))
    ground.entry(ground.beta, SOURCE, restricted_codecs="G729,PCMU", channels="0")
    with ground:
        yield ground


@pytest.fixture
def line(ground: Ground) -> Iterator[Line]:
    """A switch that may use neither G729 nor PCMU."""
    with ground.line(SOURCE) as line:
        yield line


def media(*lines: str) -> str:
    """A description with these lines of media."""
    return HEAD + "".join(f"{line}\r\n" for line in lines)


def parts(*bodies: str, boundary: str = "x", kind: str = "Content-Type: application/sdp") -> str:
    """A multipart body."""
    found = "".join(f"--{boundary}\r\n{kind}\r\n\r\n{body.rstrip()}\r\n" for body in bodies)
    return f"{found}--{boundary}--\r\n"


A = "m=audio 6000 RTP/AVP "
HIDDEN = media(f"{A}8 18")
ALLOWED = f"--x\r\n{SDP}\r\n\r\n{media(A + '8')}"
NAMED = "a=rtpmap:99 G729/8000"
DISGUISES: dict[str, tuple[str, str]] = {
    "leading zero": (media(f"{A}8 018"), SDP),
    "leading zeros": (media(f"{A}8 00018 101", "a=rtpmap:101 telephone-event/8000"), SDP),
    "zero first": (media(f"{A}018 8"), SDP),
    "00": (media(f"{A}8 00"), SDP),
    "zero and name": (media(f"{A}8 018", "a=rtpmap:018 G729/8000"), SDP),
    "zero and other name": (media(f"{A}8 018", "a=rtpmap:18 G729/8000"), SDP),
    "plus": (media(f"{A}8 +18"), SDP),
    "tab": (media(f"{A}8\t18"), SDP),
    "hexadecimal": (media(f"{A}8 0x12"), SDP),
    "comma": (media(f"{A}8,18"), SDP),
    "two blanks": (media(f"{A}8  18"), SDP),
    "blanks first": (media(f"{A}  18 8"), SDP),
    "blanks before the port": (media("m=audio  6000 RTP/AVP 8 018"), SDP),
    "blanks before the profile": (media("m=audio 6000  RTP/AVP 8 018"), SDP),
    "tab before the profile": (media("m=audio 6000\tRTP/AVP 8 018"), SDP),
    "blank after m=": (media("m= audio 6000 RTP/AVP 8 18"), SDP),
    "blank before m=": (media(" m=audio 6000 RTP/AVP 8 18"), SDP),
    "blank within m=": (media("m =audio 6000 RTP/AVP 8 18"), SDP),
    "port with a sign": (media("m=audio +6000 RTP/AVP 8 018"), SDP),
    "upper case": (media("M=AUDIO 6000 RTP/AVP 8 18"), SDP),
    "upper case media": (media("m=AUDIO 6000 RTP/AVP 8 18", "a=rtpmap:18 G729/8000"), SDP),
    "other profile": (media("m=audio 6000 RTP/SAVPF 8 018"), SDP),
    "dtls": (media("m=audio 6000 UDP/TLS/RTP/SAVPF 8 018"), SDP),
    "lower case profile": (media("m=audio 6000 rtp/avp 8 018"), SDP),
    "unknown profile": (media("m=audio 6000 RTP/AVPX 8 018"), SDP),
    "rtpmap with a blank": (media(f"{A}8 99", "a=rtpmap: 99 G729/8000"), SDP),
    "rtpmap with blanks": (media(f"{A}8 99", "a=rtpmap:99   G729/8000"), SDP),
    "rtpmap with a tab": (media(f"{A}8 99", "a=rtpmap:99\tG729/8000"), SDP),
    "attribute with a blank": (media(f"{A}8 99", "a= rtpmap:99 G729/8000"), SDP),
    "blank before the colon": (media(f"{A}8 99", "a=rtpmap :99 G729/8000"), SDP),
    "rtpmap in upper case": (media(f"{A}8 99", "A=RTPMAP:99 g729/8000"), SDP),
    "rtpmap of a zero": (media(f"{A}8 099", "a=rtpmap:99 G729/8000"), SDP),
    "rtpmap with a sign": (media(f"{A}8 99", "a=rtpmap:+99 G729/8000"), SDP),
    "capability": (media(f"{A}8", "a=rmcap:1 G729/8000", "a=pcfg:1 m=1"), SDP),
    "second stream": (media(f"{A}8", "m=audio 6002 RTP/AVP 18"), SDP),
    "second stream, zero": (media(f"{A}8", "m=audio 6002 RTP/AVP 018"), SDP),
    "as text": (media(f"{A}8", "m=text 6002 RTP/AVP 99", NAMED), SDP),
    "line feeds": (media(f"{A}8 99", NAMED).replace("\r\n", "\n"), SDP),
    "carriage returns": (HIDDEN.replace("\r\n", "\r"), SDP),
    "no type": (HIDDEN, "X: y"),
    "upper case type": (HIDDEN, SDP.upper()),
    "compact type": (HIDDEN, "c: application/sdp;charset=utf-8"),
    "blanks in the type": (HIDDEN, "Content-Type : application / sdp"),
    "folded type": (HIDDEN, "Content-Type:\r\n application/sdp"),
    "two types": (HIDDEN, f"Content-Type: text/plain\r\n{SDP}"),
    "two types turned": (HIDDEN, f"{SDP}\r\nContent-Type: text/plain"),
    "unknown type": (HIDDEN, "Content-Type: application/foo"),
    "two descriptions": (parts(media(f"{A}8"), HIDDEN), MIXED),
    "two descriptions, zero": (parts(media(f"{A}8"), media(f"{A}018")), MIXED),
    "two descriptions, video": (parts(media("m=video 6000 RTP/AVP 31"), HIDDEN), MIXED),
    "nested": (parts(parts(HIDDEN, boundary="y"), kind="Content-Type: multipart/mixed;boundary=y"), MIXED),
    "nested, folded": (parts(parts(HIDDEN, boundary="y"), kind="Content-Type:\r\n multipart/mixed;boundary=y"), MIXED),
    "part without a type": (parts(HIDDEN, kind="X: y"), MIXED),
    "second part without a type": (f"{ALLOWED}{parts(HIDDEN, kind='X: y')}", MIXED),
    "second part nested": (
        f"{ALLOWED}{parts(parts(HIDDEN, boundary='y'), kind='Content-Type: multipart/mixed;boundary=y')}",
        MIXED,
    ),
    "first part without a type": (f"--x\r\n\r\n{HIDDEN}{ALLOWED}--x--\r\n", MIXED),
    "related": (parts(HIDDEN, kind="CONTENT-TYPE: Application/SDP"), "Content-Type: Multipart/Related;boundary=x"),
}
ENCODED = base64.b64encode(HIDDEN.encode()).decode()
PACKED = gzip.compress(HIDDEN.encode()).decode("latin-1")
UNREADABLE: dict[str, tuple[str, str]] = {
    "base64": (parts(ENCODED, kind=f"{SDP}\r\nContent-Transfer-Encoding: base64"), MIXED),
    "base64, beside another": (
        f"--x\r\n{SDP}\r\nContent-Transfer-Encoding:\r\n BASE64\r\n\r\n{ENCODED}\r\n{parts(media(f'{A}8'))}",
        MIXED,
    ),
    "quoted-printable": (parts("v=3D0", kind=f"{SDP}\r\nContent-Transfer-Encoding: quoted-printable"), MIXED),
    "too long to be read": (media(f"{A}8", *["a=x:" + "y" * 100] * 76), SDP),
    "gzip": (PACKED, f"{SDP}\r\nContent-Encoding: gzip"),
    "compact gzip": (PACKED, f"{SDP}\r\ne: gzip"),
    "deflate": (PACKED, f"{SDP}\r\nContent-Encoding : deflate"),
}
ORDINARY: dict[str, tuple[str, str]] = {
    "sipp": (media("m=audio 4000 RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "a=sendrecv"), SDP),
    "numbers alone": (media(f"{A}8 9 3 101 13"), SDP),
    "names of dynamic numbers": (
        media(f"{A}8 96 101", "a=rtpmap:96 opus/48000/2", "a=fmtp:96 cbr=1", "a=rtpmap:101 telephone-event/8000"),
        SDP,
    ),
    "number 100 and 10": (media(f"{A}100 10 8", "a=rtpmap:100 iLBC/8000"), SDP),
    "blank at the end": (media(f"{A}8 101 ", "a=rtpmap:101 telephone-event/8000"), SDP),
    "video": (
        media(f"{A}8", "m=video 6002 RTP/AVPF 96 97", "a=rtpmap:96 H264/90000", "a=rtcp-fb:* nack"),
        SDP,
    ),
    "video without a name": (media(f"{A}8", "m=video 6002 RTP/AVP 31 34"), SDP),
    "fax": (media("m=image 6000 udptl t38", "a=T38FaxVersion:0", "a=T38MaxBitRate:14400"), SDP),
    "fax in upper case": (media(f"{A}8", "m=image 6000 UDPTL t38", "a=T38FaxUdpEC:t38UDPRedundancy"), SDP),
    "savp": (media("m=audio 6000 RTP/SAVP 8", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3"), SDP),
    "dtls": (media("m=audio 9 UDP/TLS/RTP/SAVPF 111 8", "a=rtpmap:111 opus/48000/2", "a=mid:0"), SDP),
    "several ports": (media("m=audio 6000/2 RTP/AVP 8"), SDP),
    "refused stream": (media(f"{A}8", "m=video 0 RTP/AVP 0"), SDP),
    "refused stream beside a fax": (media("m=audio 0 RTP/AVP 0", "m=image 6000 udptl t38"), SDP),
    "stream of its own": (media(f"{A}8", "m=application 6002 UDP/DTLS/SCTP webrtc-datachannel"), SDP),
    "text over tcp": (media(f"{A}8", "m=message 2855 TCP/MSRP *", "a=path:msrp://a:2855/x;tcp"), SDP),
    "floor control": (media(f"{A}8", "m=application 6004 TCP/BFCP *"), SDP),
    "redundant text": (media(f"{A}8", "m=text 6002 RTP/AVP 98", "a=rtpmap:98 t140/1000"), SDP),
    "fmtp of names": (media(f"{A}8 96", "a=rtpmap:96 iLBC/8000", "a=fmtp:96 mode=20;annexb=no"), SDP),
    "session name": (media(f"{A}8").replace("s=-", "s=G729 PCMU m=audio 018"), SDP),
    "line feeds": (media(f"{A}8").replace("\r\n", "\n"), SDP),
    "long": (media(f"{A}8", *["a=candidate:1 1 UDP 1 192.0.2.1 9 typ host" + " " * 100] * 50), SDP),
    "no body": ("", "Supported: 100rel"),
    "another body": ("hello, m=audio 6000 RTP/AVP 18", "Content-Type: text/plain"),
    "isup": (
        f"--x\r\n{SDP}\r\n\r\n{media(A + '8')}\r\n--x\r\nContent-Type: application/ISUP;version=itu-t92+\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\n\x01\x02\x03\r\n--x--\r\n",
        MIXED,
    ),
}  # fmt: skip
LEFT = re.compile(r"(?i)\b0*18\b|\b00\b|AVP[^\r\n]* 0\b|G729|0x12|rmcap")
"""What none of the disguises may leave in a body that passes."""


def arrived(ground: Ground, call: Dialog) -> Message | None:
    """The INVITE of a call as the core has it."""
    return next(iter(ground.arrived(call)), None)


@pytest.mark.parametrize(("body", "kind"), DISGUISES.values(), ids=DISGUISES)
def test_no_disguise_gets_a_restricted_codec_through(ground: Ground, line: Line, body: str, kind: str) -> None:
    """It is removed, or the call is refused."""
    call = line.call("1", offer=body, change=(SDP, kind))
    invite = arrived(ground, call)
    assert (call.said[0], invite is None) in ((200, False), (488, True))
    if invite:
        assert not LEFT.search(invite.body), invite.body
        assert re.search(r"m=audio 6000 \S+ 8\b", invite.body), "what is allowed is left"


@pytest.mark.parametrize(("body", "kind"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_description_that_cannot_be_read_is_refused(ground: Ground, line: Line, body: str, kind: str) -> None:
    """RFC 3261 §20.12, RFC 5621 §3.2: whoever is called might read it."""
    call = line.call("1", offer=body, change=(SDP, kind))
    assert call.said == REFUSED
    assert not arrived(ground, call)


@pytest.mark.parametrize(("body", "kind"), ORDINARY.values(), ids=ORDINARY)
def test_what_has_nothing_restricted_passes_untouched(ground: Ground, line: Line, body: str, kind: str) -> None:
    call = line.call("1", offer=body, change=(SDP, kind)) if body else line.call("1", offer="", headers=[kind])
    assert call.said == UP
    invite = arrived(ground, call)
    assert invite
    assert invite.body == call.invite.body
