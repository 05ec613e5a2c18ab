"""Sentences on their way to the screen."""

from __future__ import annotations

from cxtui.ui.text import clean


def sentence(text: str) -> str:
    """A text as one harmless paragraph."""
    return clean(text)
