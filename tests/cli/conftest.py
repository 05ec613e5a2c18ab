"""A shell for the tests: a database of its own, and verbs called as the program calls them."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cxtui.__main__ import main
from cxtui.config import load
from cxtui.services.context import Actor, Context
from cxtui.store.database import Database

REALM = "sip.example.net"


@dataclass(frozen=True)
class Answer:
    """What a call printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer as the one JSON value that it must be."""
        return json.loads(self.out)


class Shell:
    """Calls verbs in this process."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = path
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *words: str, stdin: bytes = b"") -> Answer:
        """Call a verb on the database of this test."""
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self._capsys.readouterr()
        code = main(["--db", str(self.path), *words])
        out, err = self._capsys.readouterr()
        return Answer(code, out, err)

    def ok(self, *words: str, stdin: bytes = b"") -> Answer:
        """Call a verb that must go well."""
        answer = self(*words, stdin=stdin)
        assert answer.code == 0, answer.err
        return answer

    def json(self, *words: str) -> Any:
        """What a verb that must go well answers in JSON."""
        return self.ok(*words, "--json").json


@pytest.fixture(autouse=True)
def _nobodys_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in ("CXTUI_DB", "CXTUI_CONFIG", "CXTUI_DEBUG", "CXTUI_ASK_REASON"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def bare(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell whose database is not made yet."""
    return Shell(tmp_path / "cx.db", capsys, monkeypatch)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An empty database as bytes: making one takes longer than all else that a test does."""
    path = tmp_path_factory.mktemp("made") / "cx.db"
    database = Database(path)
    database.create_or_upgrade(REALM)
    with database.bulk() as link:
        link.execute("COMMIT")
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        link.execute("BEGIN")
    database.close()
    return path.read_bytes()


@pytest.fixture
def shell(bare: Shell, made: bytes) -> Shell:
    """A shell with a database and the customer Acme in it, who has the extensions 1000–1999 and 100 channels."""
    bare.path.write_bytes(made)
    block = ("--number-block-start", "1000", "--number-block-size", "1000")
    bare.ok("company", "add", "Acme Telecom", "--channels", "100", *block)
    return bare


@pytest.fixture
def context(shell: Shell) -> Iterator[Context]:
    """The same database, for what no verb can do."""
    database = Database(shell.path)
    yield Context(database, Actor("bob", "192.0.2.1", "test"), load({}, {"db": str(shell.path)}))
    database.close()
