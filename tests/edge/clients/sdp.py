"""Session descriptions of one audio stream (RFC 8866; offer and answer: RFC 3264)."""

from __future__ import annotations

from collections.abc import Iterable

Codec = tuple[int, str]
"""A payload type and an encoding name, "PCMA" or with its clock rate, "opus/48000/2"."""

PCMU: Codec = (0, "PCMU")
PCMA: Codec = (8, "PCMA")
G722: Codec = (9, "G722")
G729: Codec = (18, "G729")
EVENTS: Codec = (101, "telephone-event")

_CLOCK = "/8000"
_STATIC = {0: "PCMU", 3: "GSM", 4: "G723", 8: "PCMA", 9: "G722", 18: "G729"}


def body(address: str, codecs: Iterable[Codec], port: int = 6000) -> str:
    """A description that offers `codecs` in that order at `address`; nothing listens on `port`."""
    listed = list(codecs)
    family = "IP6" if ":" in address else "IP4"
    lines = [
        *("v=0", f"o=- 1 1 IN {family} {address}", "s=-", f"c=IN {family} {address}", "t=0 0"),
        f"m=audio {port} RTP/AVP {' '.join(str(payload) for payload, _ in listed)}",
        *(f"a=rtpmap:{payload} {name if '/' in name else name + _CLOCK}" for payload, name in listed),
        "a=sendrecv",
    ]
    return "\n".join(lines)


def codecs(description: str) -> list[Codec]:
    """The codecs of the first audio stream in the order of its m= line; unnamed dynamic payloads have the name ""."""
    payloads: list[int] = []
    names: dict[int, str] = {}
    for line in description.splitlines():
        if line.startswith("m=audio ") and not payloads:
            payloads = [int(word) for word in line.split()[3:] if word.isdecimal()]
        elif line.startswith("a=rtpmap:"):
            payload, _, name = line.removeprefix("a=rtpmap:").partition(" ")
            if payload.isdecimal():
                names.setdefault(int(payload), name.removesuffix(_CLOCK))
    return [(payload, names.get(payload, _STATIC.get(payload, ""))) for payload in payloads]
