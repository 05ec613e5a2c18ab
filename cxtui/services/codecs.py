"""The codecs of this installation (C-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxtui.models.fields import Choice
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.codecs import CODECS, CodecError, codecs_of, split

from .context import Context

FIELD = "restricted_codecs"


def known_codecs(context: Context) -> dict[str, Sequence[Choice]]:
    """What the field of restricted codecs chooses from: the codecs of the settings, or else cxtui's own."""
    names = split(context.settings.codecs)
    try:
        return {FIELD: codecs_of(names) if names else CODECS}
    except CodecError:
        # A setting that names what no codec can be must not take the others away.
        return {FIELD: CODECS}


def without_kept_codecs(typed: Mapping[str, Any], row: IpAuth | SipUser | None) -> dict[str, Any]:
    """The typed fields, without the codecs where they are as they were: the settings may name others since."""
    kept = row is not None and typed.get(FIELD) == row.restricted_codecs
    return {name: value for name, value in typed.items() if not (kept and name == FIELD)}
