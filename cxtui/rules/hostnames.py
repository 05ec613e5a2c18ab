"""Host names of switches that receive calls (S-021, S-024)."""

from __future__ import annotations

from cxtui.rules.networks import AddressError, clip, read_typed

_LONGEST_NAME = 253
_LONGEST_LABEL = 63


def parse_fqdn(text: str) -> str:
    """A full host name, lower case, without the trailing dot (RFC 1123, IDNA A-labels). Raises AddressError."""
    typed = read_typed(text, "host name")
    name = typed.removesuffix(".").lower()
    if ":" in name:
        raise AddressError(f"{clip(typed)}: put the port in its own field")
    if not name.isascii():
        raise AddressError(f"{clip(typed)}: write international names in their xn-- form")
    if len(name) > _LONGEST_NAME:
        raise AddressError(f"a host name has at most {_LONGEST_NAME} characters, this one has {len(name)}")
    labels = name.split(".")
    for label in labels:
        _refuse_label(label, typed)
    if labels[-1].isdigit():
        raise AddressError(f"{clip(typed)} ends in a number: a host name ends in letters, an address has 4 octets")
    if len(labels) < 2:
        raise AddressError(f"{clip(typed)} has no domain: write the full name, such as {clip(name)}.example.com")
    return name


def _refuse_label(label: str, typed: str) -> None:
    if not label:
        raise AddressError(f"{clip(typed)}: an empty part between two dots")
    if len(label) > _LONGEST_LABEL:
        raise AddressError(f"{clip(label, 20)}: a part of a host name has at most {_LONGEST_LABEL} characters")
    if label[0] == "-" or label[-1] == "-":
        raise AddressError(f"{clip(label)}: a part of a host name cannot begin or end with “-”")
    for character in label:
        if not (character.isalnum() or character == "-"):
            raise AddressError(f"“{character}” is not allowed in a host name")
