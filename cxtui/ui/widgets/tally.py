"""How many of the saved tests fail by the rules, in the title of the tester (S-067)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual.widgets import Static

from cxtui.rules.rewrite import Rule
from cxtui.services.trying import Run, Trial, run
from cxtui.ui.desk import Desk
from cxtui.ui.text import mix
from cxtui.ui.work import Failed

_TITLE = mix("[b]Tester[/b]")


class Tally(Static):
    """Runs every test, once for other rules or tests, when it is told that there is time for it."""

    DEFAULT_CSS = """
    Tally { height: 1; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, desk: Desk, failed: Failed) -> None:
        super().__init__(_TITLE)
        self._desk = desk
        self._failed = failed
        self._rules: Sequence[Rule] = ()
        self._tests: Sequence[Trial] = ()
        self._counted = True

    def expect(self, rules: Sequence[Rule], tests: Sequence[Trial]) -> None:
        """Take other rules or tests, which are to be counted."""
        self._rules, self._tests = rules, tests
        self._counted = False

    def count(self) -> None:
        """Run every test, unless they were run by these rules."""
        if not self._counted:
            self._counted = True
            self._desk.work.read(self, "tests", partial(run, self._rules, self._tests), self._say, self._failed)

    def _say(self, tests: list[Run]) -> None:
        failed = sum(1 for found in tests if found.failed)
        glyphs = self._desk.glyphs
        if failed:
            facts = f"{failed} of {len(tests)} tests fail {glyphs.blocked}"
        else:
            facts = f"{len(tests)} {'test' if len(tests) == 1 else 'tests'} {glyphs.ok}" if tests else ""
        title = mix("[b]Tester[/b]  $facts", facts=facts) if facts else _TITLE
        if title != self.content:
            self.update(title, layout=False)
