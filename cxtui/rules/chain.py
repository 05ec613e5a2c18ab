"""A chain over the audit log: each row's hash covers the row before it, so nothing can be altered unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping


def link(previous: str, fields: Mapping[str, object]) -> str:
    """The hash (SHA-256, hex) of a row after one whose hash is ``previous``; the first row follows the empty text."""
    whole = json.dumps([previous, dict(sorted(fields.items()))], separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(whole.encode()).hexdigest()
