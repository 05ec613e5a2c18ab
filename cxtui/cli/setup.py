"""Verbs about the installation: making the database, the settings, the demonstration."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from .call import Call

DEMO_FILE = "demo.db"


def init(call: Call) -> int:
    """Make the database or bring it up to date, and say which."""
    from cxtui.services.credentials import realm_of
    from cxtui.services.outcome import refuse
    from cxtui.store.database import Database
    from cxtui.store.schema import REVISIONS

    path = call.settings.db
    fresh = not path.exists() or path.stat().st_size == 0
    database = Database(path)
    changed = database.create_or_upgrade(call.settings.realm, call.settings.numbers)
    database.close()
    realm = realm_of(call.context)
    done = "made" if fresh else "migrated" if changed else "nothing"
    if not fresh and call.given("realm") and call.given("realm") != realm:
        raise refuse("realm", f"{path} has the realm {realm}, and every password in it is bound to that")
    if call.output.as_json:
        call.output.record({"done": done, "database": str(path), "realm": realm, "schema": REVISIONS[-1]})
        return 0
    sentence = {
        "made": f"Made the database {path}.",
        "migrated": f"Brought the database {path} up to date.",
        "nothing": f"The database {path} is up to date; nothing was done.",
    }
    call.output.line(sentence[done])
    call.output.line(f"Realm {realm}, schema {REVISIONS[-1]}.")
    return 0


def config(call: Call) -> int:
    """The settings in effect, as a settings file could say them; or the sample file."""
    from cxtui.config import config_path
    from cxtui.config.reading import home_path
    from cxtui.config.samples import sample

    if call.given("sample"):
        if call.output.as_json:
            call.output.record({"sample": sample()})
        else:
            call.output.lines(sample().splitlines())
        return 0
    named = call.given("config")
    path = home_path(named, "flag --config") if named else config_path(os.environ)
    values = {item.name: _plain(getattr(call.settings, item.name)) for item in fields(call.settings)}
    if call.output.as_json:
        call.output.record({"file": str(path), "file_exists": path.exists(), "settings": values})
        return 0
    call.output.line(f"# Settings file: {path}{'' if path.exists() else ' (there is none)'}")
    tables = {name: value for name, value in values.items() if isinstance(value, dict)}
    plain = {name: value for name, value in values.items() if value is not None and name not in tables}
    call.output.lines(f"{name} = {_toml(value)}" for name, value in plain.items())
    for table, entries in tables.items():
        if entries:
            call.output.lines(["", f"[{table}]"])
            call.output.lines(f"{_toml(name)} = {_toml(value)}" for name, value in entries.items())
    return 0


def demo(call: Call) -> int:
    """Start the demonstration, in a database of its own unless one is named on the command line.

    The usual one, and the one of the environment, hold real customers.
    """
    from cxtui.demo.start import demo as play

    settings = call.settings
    if not call.given("db"):
        settings = replace(settings, db=settings.db.with_name(DEMO_FILE))
    code: int = play(settings, call.given("scale"), call.given("attack"), call.given("console"), call.given("edge"))
    return code


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return value if isinstance(value, bool | int | str | None) else dict(value)


def _toml(value: Any) -> str:
    """A value as TOML; its basic strings are those of JSON."""
    from .output import dumps

    return dumps(value)
