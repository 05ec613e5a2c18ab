"""Codecs: which there are, how a list of restricted ones is read, and what has to leave the SDP (S-050, S-051, C-08).

A restriction is a deny-list of RTP payload names (RFC 3551, IANA); an empty one enables all. It is stored as the edge
reads it: in the order of the list, separated by commas and nothing else, because Kamailio skips a name with a blank.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cxtui.models.fields import Choice
from cxtui.models.findings import Finding, warning
from cxtui.rules.printable import clean

NONE_LEFT = "no codec is left: every call ends with 488"
NEVER_REMOVED = "telephone-event"
_KEPT = f"{NEVER_REMOVED} is never removed: it carries the keypresses (DTMF) of every codec"

_NOTES = {
    "AMR": "3GPP, 4.75-12.2 kbit/s",
    "AMR-WB": "G.722.2, 6.6-24 kbit/s",
    "G718": "wideband, 8-32 kbit/s",
    "G722": "wideband, 64 kbit/s",
    "G723": "5.3 or 6.3 kbit/s",
    "G726": "ADPCM, 16-40 kbit/s",
    "G728": "LD-CELP, 16 kbit/s",
    "G729": "8 kbit/s, all annexes",
    "GSM": "full rate, 13 kbit/s",
    "GSM-EFR": "enhanced, 12.2 kbit/s",
    "GSM-HR-08": "half rate, 5.6 kbit/s",
    "iLBC": "13.3 or 15.2 kbit/s",
    "L16": "uncompressed, 16 bit",
    "LPC": "vocoder, 5.6 kbit/s",
    "opus": "RFC 6716, 6-510 kbit/s",
    "PCMA": "G.711 A-law, 64 kbit/s",
    "PCMU": "G.711 u-law, 64 kbit/s",
    "SILK": "Skype, 6-40 kbit/s",
    "speex": "2-44 kbit/s",
}
CODECS = tuple(Choice(name, name, note) for name, note in _NOTES.items())
"""The codecs of a new account."""

_RATES = (16, 24, 32, 40)
# G726: RFC 3551 §4.5.4, with the AAL2 packing it names and G721, RFC 1890's name for 32 kbit/s. G729: §4.5.6 D and E,
# and what phones write for annexes A and B. G7221, G7291, AMR-WB+ and PCMA-WB are codecs of their own.
_FAMILIES = {
    "G723": ("G7231",),
    "G726": ("G721", *(f"G726-{rate}" for rate in _RATES), *(f"AAL2-G726-{rate}" for rate in _RATES)),
    "G729": ("G729A", "G729B", "G729AB", "G729D", "G729E"),
}
_SPOKEN = {
    "g711": "PCMA or PCMU",
    **dict.fromkeys(("g711a", "alaw"), "PCMA"),
    **dict.fromkeys(("g711u", "ulaw", "mulaw"), "PCMU"),
    "g7222": "AMR-WB",
}
_SEPARATORS = re.compile(r"[\s,;]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,31}\Z")
_NEAR = 0.6
_QUOTED = 40


class CodecError(ValueError):
    """A list of codecs that cannot be used; each of ``problems`` is a sentence about one name."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def codecs_of(names: Sequence[str]) -> tuple[Choice, ...]:
    """The codecs a setting names, in its order, in our spelling where we know them; those of C-08 when it names none.

    Raises CodecError for what is no RTP payload name and for telephone-event, which is no codec.
    """
    ours = _by_name(CODECS)
    chosen: dict[str, Choice] = {}
    problems = []
    for name in names:
        if name.lower() == NEVER_REMOVED:
            problems.append(_KEPT)
        elif not _NAME.match(name):
            problems.append(f"{_quoted(name)}: not the name of an RTP payload")
        else:
            chosen.setdefault(name.lower(), ours.get(name.lower(), Choice(name, name)))
    if problems:
        raise CodecError(problems)
    return tuple(chosen.values()) or CODECS


def split(text: str) -> tuple[str, ...]:
    """The names in a list that was typed, pasted or stored; blanks, commas, semicolons and new lines separate them."""
    return tuple(name for name in _SEPARATORS.split(text) if name)


def canonical(text: str, known: Sequence[Choice] = CODECS) -> str:
    """The list as it is stored: names as ``known`` spells and orders them, each once, with commas between them.

    Raises CodecError that names every unknown codec with the one probably meant.
    """
    wanted: dict[str, str] = {}
    for name in split(text):
        wanted.setdefault(name.lower(), name)
    names = _by_name(known)
    problems = [_refusal(typed, names) for name, typed in wanted.items() if name not in names]
    if problems:
        raise CodecError(problems)
    return ",".join(codec.value for name, codec in names.items() if name in wanted)


def remaining(restricted: str, known: Sequence[Choice] = CODECS) -> tuple[str, ...]:
    """The names of ``known`` that a restriction leaves, in order."""
    gone = {name.lower() for name in split(restricted)}
    return tuple(codec.value for codec in known if codec.value.lower() not in gone)


def none_left(field: str, restricted: str, known: Sequence[Choice] = CODECS) -> Finding | None:
    """A warning beside ``field`` if every codec is restricted."""
    return None if remaining(restricted, known) else warning(field, NONE_LEFT, code="C-08")


def removed_from_sdp(restricted: str, known: Sequence[Choice] = CODECS) -> tuple[str, ...]:
    """The payload names that leave the SDP: those of a restriction, each with its variants (C-08).

    A variant that ``known`` lists is a choice of its own. Names that no SDP can hold are left out, and so is
    telephone-event: without it keypresses (DTMF) are lost.
    """
    own = _by_name(known)
    names: dict[str, str] = {}
    for name in split(restricted):
        variants = (variant for variant in _variants(name) if variant.lower() not in own)
        for leaving in (name, *variants):
            if _NAME.match(leaving) and leaving.lower() != NEVER_REMOVED:
                names.setdefault(leaving.lower(), leaving)
    return tuple(names.values())


def _variants(name: str) -> tuple[str, ...]:
    return next((variants for family, variants in _FAMILIES.items() if family.lower() == name.lower()), ())


def _by_name(codecs: Sequence[Choice]) -> dict[str, Choice]:
    return {codec.value.lower(): codec for codec in codecs}


def _refusal(name: str, known: dict[str, Choice]) -> str:
    if name.lower() == NEVER_REMOVED:
        return _KEPT
    meant = _meant(name.lower(), known)
    return f"{_quoted(name)}: there is no such codec" + (f"; did you mean {meant}?" if meant else "")


def _meant(name: str, known: dict[str, Choice]) -> str:
    """The codec that was probably meant: by a variant, by what it is called elsewhere, or by a similar spelling."""
    for codec in known.values():
        if name in (variant.lower() for variant in _variants(codec.value)):
            return codec.value
    bare = re.sub(r"[^a-z0-9]", "", name)
    spoken = _SPOKEN.get(bare, "")
    if spoken and all(part.lower() in known for part in spoken.split(" or ")):
        return spoken
    if len(name) > _QUOTED:
        return ""
    from difflib import get_close_matches

    plain = {re.sub(r"[^a-z0-9]", "", codec): codec for codec in known}
    near = get_close_matches(bare, plain, n=1, cutoff=_NEAR)
    return known[plain[near[0]]].value if near else ""


def _quoted(name: str) -> str:
    return clean(name if len(name) <= _QUOTED else name[: _QUOTED - 1] + "…")
