"""The command palette: the commands of this place, by their names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from cxtui.ui.commands import Command, shown_key


class Commands(Provider):
    """Offers what the keys do."""

    async def discover(self) -> Hits:
        """All commands of this place."""
        for command in self._here():
            yield DiscoveryHit(self._title(command), partial(self._run, command), help=command.help)

    async def search(self, query: str) -> AsyncIterator[Hit]:
        """The commands whose title or help match."""
        matcher = self.matcher(query)
        for command in self._here():
            score = max(matcher.match(command.title), matcher.match(command.help))
            if score > 0:
                yield Hit(score, self._title(command), partial(self._run, command), help=command.help)

    def _here(self) -> Iterator[Command]:
        here = getattr(self.app, "commands_here", list)
        yield from (command for _, group in here() for _, command in group)

    def _title(self, command: Command) -> str:
        return f"{command.title}  ({shown_key(command.key)})"

    async def _run(self, command: Command) -> None:
        await self.app.run_action(command.action, getattr(self.app, "command_place", lambda _: self.app)(command))
