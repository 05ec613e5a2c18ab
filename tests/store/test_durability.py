"""A confirmed write survives the death of the program that made it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from cxtui.store.database import Database
from tests.support import generation, query

ROOT = Path(__file__).parents[2]
WRITES_UNTIL_KILLED = """
import itertools, sys
from pathlib import Path
from cxtui.services import companies
from cxtui.store.database import Database
from tests.support import Clock, operator
context = operator(Database(Path(sys.argv[1])), "doomed", Clock())
for number in itertools.count():
    companies.add(context, {"name": f"Company {number}"})
    print(f"Company {number}", flush=True)
"""


def test_kill_9_loses_no_confirmed_write_and_leaves_none_half_done(database: Database) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITES_UNTIL_KILLED, str(database.path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    confirmed = [process.stdout.readline().strip() for _ in range(15)]
    process.send_signal(signal.SIGKILL)
    confirmed += process.stdout.read().split("\n")[:-1]
    process.wait()
    stored = {row[0] for row in query(database, "SELECT name FROM company WHERE name LIKE 'Company %'")}
    assert set(confirmed) <= stored
    assert len(stored) - len(confirmed) <= 1
    audited = query(database, "SELECT label FROM audit WHERE operator = 'doomed'")
    assert {label.removeprefix("customer ") for (label,) in audited} == stored
    assert generation(database) == 2 + len(stored)
    assert query(database, "PRAGMA integrity_check") == [("ok",)]
