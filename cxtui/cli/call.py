"""One call of a verb: what it was given, on which database it acts, and how it asks and answers."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .grammar import UsageError
from .output import Output, finding_record

if TYPE_CHECKING:
    from cxtui.config import Settings
    from cxtui.services.context import Context
    from cxtui.services.outcome import Change

PROGRAM = "shell"
"""How the audit names changes made by a verb."""

LONGEST_SECRET = 1024


class Call:
    """The parsed words of one call with everything a verb needs; the database is opened when it is first used."""

    def __init__(self, arguments: argparse.Namespace, output: Output) -> None:
        self.arguments = arguments
        self.output = output

    def __enter__(self) -> Call:
        """Begin the call."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the database, if it was opened."""
        if "context" in self.__dict__:
            self.context.database.close()

    def given(self, name: str, default: Any = None) -> Any:
        """What an argument was set to."""
        return getattr(self.arguments, name, default)

    @cached_property
    def settings(self) -> Settings:
        """The settings of this run. Raises ``ConfigError``."""
        from cxtui.config import load

        flags = {name: self.given(name) for name in ("db", "config", "realm", "readonly")}
        settings = load(os.environ, flags)
        return replace(settings, db=settings.db.absolute())

    @cached_property
    def context(self) -> Context:
        """The database, checked, and who acts on it. Raises ``StoreError``."""
        from cxtui.services.context import Context, who
        from cxtui.store.database import Database

        database = Database(self.settings.db)
        database.check()
        return Context(database, who(os.environ, PROGRAM, self.settings), self.settings)

    @property
    def interactive(self) -> bool:
        """Whether there is somebody to ask."""
        return not self.output.as_json and sys.stdin.isatty() and sys.stderr.isatty()

    @cached_property
    def reason(self) -> str:
        """The reason for the audit: as given, or asked for where the settings want one."""
        given: str | None = self.given("reason")
        if given is None and self.settings.ask_reason and self.interactive:
            return self.ask("Reason or ticket: ")
        return given or ""

    def ask(self, question: str) -> str:
        """One line from the operator; the question is not part of the answer on standard output."""
        self._prompt(question)
        return sys.stdin.readline(LONGEST_SECRET).strip()

    def confirm(self, deed: str) -> bool:
        """Whether to go on with ``deed``, such as "Delete SIP user 1001". Raises ``UsageError`` with nobody to ask."""
        if self.given("yes"):
            return True
        if not self.interactive:
            raise UsageError(f"{deed}? Nobody is here to ask: add --yes")
        if self.ask(f"{deed}? [y/N] ").lower() in ("y", "yes"):
            return True
        self.output.note("Nothing was changed.")
        return False

    def secret(self, what: str) -> str:
        """A secret, unseen from the terminal or else the one line on standard input. Raises ``UsageError``."""
        if sys.stdin.isatty():
            from getpass import getpass

            secret = getpass(f"{what}: ")
            if getpass("Once more: ") != secret:
                raise UsageError("the two were not the same; nothing was changed")
            return secret
        line = sys.stdin.buffer.readline(LONGEST_SECRET + 2)
        if sys.stdin.buffer.read(1):
            raise UsageError(f"standard input holds more than one line of at most {LONGEST_SECRET} characters")
        try:
            return line.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            # The error itself carries the bytes.
            raise UsageError("standard input is not UTF-8 text") from None

    def changed(self, change: Change, **more: Any) -> int:
        """Answer with what was done."""
        from .shapes import records

        if self.output.as_json:
            warnings = [finding_record(finding) for finding in change.warnings]
            rows = records(self.context, change.rows)
            self.output.record(
                {"change": change.id, "done": change.sentence, "rows": rows, "warnings": warnings} | more
            )
            return 0
        self.output.warn(change.warnings)
        self.output.line(change.sentence)
        return 0

    def _prompt(self, question: str) -> None:
        from cxtui.rules.printable import clean

        sys.stdout.flush()
        sys.stderr.write(clean(question))
        sys.stderr.flush()
