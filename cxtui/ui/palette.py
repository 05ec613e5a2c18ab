"""The command palette: the commands of this place, by their names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from cxtui.ui.commands import Command
from cxtui.ui.text import plain


class Commands(Provider):
    """Offers what the keys do."""

    async def discover(self) -> Hits:
        """All commands of this place."""
        for key, command in self._here():
            title = _title(key, command)
            yield DiscoveryHit(plain(title), partial(self._run, command), text=title, help=command.help)

    async def search(self, query: str) -> AsyncIterator[Hit]:
        """The commands whose title or help match."""
        matcher = self.matcher(query)
        for key, command in self._here():
            score = max(matcher.match(command.title), matcher.match(command.help))
            if score > 0:
                title = _title(key, command)
                yield Hit(score, plain(title), partial(self._run, command), text=title, help=command.help)

    def _here(self) -> Iterator[tuple[str, Command]]:
        here = getattr(self.app, "commands_here", list)
        yield from (entry for _, group in here() for entry in group)

    async def _run(self, command: Command) -> None:
        await self.app.run_action(command.action, getattr(self.app, "command_place", lambda _: self.app)(command))


def _title(key: str, command: Command) -> str:
    return f"{command.title}  ({key})"
