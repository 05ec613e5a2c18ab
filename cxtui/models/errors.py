"""What every room's own errors have in common."""

from __future__ import annotations


class SentenceError(Exception):
    """Something was not done; the message is a sentence for the operator and holds no secret."""
