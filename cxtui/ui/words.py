"""Sentences on their way to the screen."""

from __future__ import annotations

from cxtui.services.outcome import is_sentence
from cxtui.ui.text import clean


def sentence(text: str) -> str:
    """A text as one harmless paragraph."""
    return clean(text)


def problem_words(problem: Exception) -> str:
    """What went wrong: the sentence of a service, or the kind of what nobody foresaw, without what it may hold."""
    return str(problem) if is_sentence(problem) else f"Something unexpected: {type(problem).__name__}."
