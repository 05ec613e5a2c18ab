"""The messages of a watched user, as the ladder keeps them."""

from __future__ import annotations

from typing import Any

from cxtui.sip import ladder
from cxtui.sip.ladder import Message

from .control import Event


def ladder_of(events: list[Event]) -> str:
    """What was seen, as text that ``sip.ladder`` reads again; digest responses are cut in it."""
    return ladder.dump([_message(event) for event in events])


def is_verdict(events: list[Event]) -> bool:
    """Whether the last message is the final answer to a request that carried credentials."""
    last = str(events[-1].get("text", ""))
    if not last.startswith("SIP/2.0 ") or last[8:9] in ("1", ""):
        return False
    cseq = _header(last, "cseq")
    asked = (str(event.get("text", "")) for event in events[:-1])
    return any(_header(text, "cseq") == cseq and "uthorization:" in text for text in asked if text[:4] != "SIP/")


def _header(text: str, name: str) -> str:
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip().lower() == name:
            return value.strip()
    return ""


def _message(event: Event) -> Message:
    return Message(_moment(event), str(event.get("source", "")), str(event.get("destination", "")), _text(event))


def _moment(event: dict[str, Any]) -> float:
    try:
        return float(event.get("at", 0))
    except (TypeError, ValueError):
        return 0.0


def _text(event: dict[str, Any]) -> str:
    return str(event.get("text", ""))
