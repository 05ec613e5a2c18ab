"""News of the database, as messages to the console."""

from __future__ import annotations

from textual.message import Message


class Committed(Message):
    """Somebody has committed: this console, another one, a verb, an agent."""

    def can_replace(self, message: Message) -> bool:
        """One is enough."""
        return isinstance(message, Committed)


class Unreadable(Message):
    """The database can no longer be read."""

    def __init__(self, problem: str) -> None:
        super().__init__()
        self.problem = problem
