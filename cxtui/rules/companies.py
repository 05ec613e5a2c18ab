"""What a company and a SIP profile must satisfy by themselves."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from cxtui.models.company import MAY_CALL, Company
from cxtui.models.fields import form_specs
from cxtui.models.findings import Finding, error

from .printable import clean
from .usernames import NumberBlock
from .values import show

_LONGEST_PROFILE = 40
_PROFILE = re.compile(r"[a-z_0-9]+\Z")


def check_company(values: Mapping[str, Any]) -> list[Finding]:
    """A number block needs a start and a size (W-070)."""
    start, size = values.get("number_block_start"), values.get("number_block_size")
    if start and not size:
        return [error("number_block_size", "how many extensions does the block hold?", code="W-070")]
    if size and not start:
        return [error("number_block_start", "where does the block begin?", code="W-070")]
    return []


def block_of(values: Mapping[str, Any]) -> NumberBlock | None:
    """The Internal Number Block in the values of a company, None where it has none."""
    start, size = values.get("number_block_start"), values.get("number_block_size")
    return NumberBlock(start, size) if start and size else None


def turned_off(name: str, status: str) -> str:
    """Why no edge takes the calls of a company, as a clause: "Beta Ltd is Penalty"; "" where it may call (W-105)."""
    if status in MAY_CALL:
        return ""
    return f"{clean(name)} is {clean(show(form_specs(Company)['status'], status))}"


def check_profile(values: Mapping[str, Any]) -> list[Finding]:
    """A profile's name holds lower-case letters, digits and underscores only; the error offers one that does (C-07)."""
    name = values.get("name")
    if not name or _PROFILE.match(name):
        return []
    return [error("name", f"only a–z, 0–9 and _: {slug(name)}?", code="C-07", fix="slug")]


def slug(name: str) -> str:
    """``name`` as a profile name: "Call Agents (new)" → "call_agents_new"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:_LONGEST_PROFILE].strip("_") or "profile"
