"""Many write at once: all succeed or are refused in words, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from cxtui.models.company import Company
from cxtui.models.sip_user import SipUser
from cxtui.services import companies, ip_auth, sip_users
from cxtui.services.context import Context
from cxtui.services.outcome import Conflict, Refused
from cxtui.store.database import Database
from tests.support import Clock, generation, one, operator, query

ROOT = Path(__file__).parents[2]
WRITERS = 4
APPENDS = """
import sys
from pathlib import Path
from cxtui.services import companies
from cxtui.services.outcome import Conflict
from cxtui.store.database import Database
from tests.support import Clock, operator
context = operator(Database(Path(sys.argv[1])), sys.argv[2], Clock())
for number in range(10):
    while True:
        row = companies.find_by_name(context, "Acme Telecom")
        try:
            companies.save(context, row, {"notes": f"{row.notes} {sys.argv[2]}-{number}"})
            break
        except Conflict:
            pass
"""


def at_once(*verbs: Callable[[], object]) -> list[object]:
    """What each verb gave or raised, all begun together."""
    results: list[object] = [None] * len(verbs)
    gate = threading.Barrier(len(verbs))

    def run(number: int, verb: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[number] = verb()
        except Exception as problem:
            results[number] = problem

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def consoles(database: Database) -> list[Context]:
    return [operator(Database(database.path), f"operator{number}", Clock()) for number in range(WRITERS)]


def test_processes_that_add_to_one_field_lose_no_word(database: Database) -> None:
    """Ten words each: one that another process overwrote would be missing at the end."""
    before = generation(database)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    processes = [
        subprocess.Popen([sys.executable, "-c", APPENDS, str(database.path), f"p{number}"], env=environment)
        for number in range(WRITERS)
    ]
    assert [process.wait() for process in processes] == [0] * WRITERS
    words = one(database, "SELECT notes FROM company WHERE name = 'Acme Telecom'").split()
    assert sorted(words) == sorted(f"p{process}-{number}" for process in range(WRITERS) for number in range(10))
    assert one(database, "SELECT version FROM company WHERE name = 'Acme Telecom'") == 1 + 10 * WRITERS
    assert generation(database) == before + 10 * WRITERS
    assert one(database, "SELECT count(*) FROM audit WHERE entity = 'company' AND action = 'UPDATE'") == 10 * WRITERS


def test_of_writers_of_one_field_one_succeeds_and_the_others_are_told(database: Database, acme: Company) -> None:
    results = at_once(
        *(
            lambda context=context, number=number: companies.save(context, acme, {"channels": str(200 + number)})
            for number, context in enumerate(consoles(database))
        )
    )
    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == WRITERS - 1


def test_writers_of_different_fields_all_succeed(database: Database, acme: Company) -> None:
    fields = [{"channels": "7"}, {"flow_speed": "8"}, {"notes": "nine"}, {"status": "penalty"}]
    results = at_once(
        *(
            lambda context=context, typed=typed: companies.save(context, acme, typed)
            for context, typed in zip(consoles(database), fields, strict=True)
        )
    )
    assert [result for result in results if isinstance(result, Exception)] == []
    row = query(database, "SELECT channels, flow_speed, notes, status, version FROM company WHERE id = ?", (acme.id,))
    assert row == [(7, 8, "nine", "penalty", 1 + WRITERS)]


def test_a_username_is_given_once(database: Database, acme: Company, beta: Company) -> None:
    """S-093."""
    results = at_once(
        *(
            lambda context=context, company=company: sip_users.add(context, company.id, {"username": "1001"})
            for context, company in zip(consoles(database), [acme, beta] * 2, strict=True)
        )
    )
    refusals = [result for result in results if isinstance(result, Refused)]
    assert len(refusals) == WRITERS - 1
    assert all("Duplicate User Detected" in str(refusal) for refusal in refusals)


def test_channels_are_not_given_away_twice(database: Database, acme: Company) -> None:
    """W-011: each of four would fit, together they would not."""
    results = at_once(
        *(
            lambda context=context, number=number: sip_users.add(
                context, acme.id, {"username": str(1000 + number), "channels": "40"}
            )
            for number, context in enumerate(consoles(database))
        )
    )
    assert sum(isinstance(result, Refused) for result in results) == 2
    assert one(database, "SELECT sum(channels) FROM sip_user") == 80


def test_an_address_is_claimed_by_one_company(database: Database, acme: Company, beta: Company) -> None:
    """C-12, C-13: the checks and the write are one transaction."""

    def claim(context: Context, company: Company) -> object:
        return ip_auth.add(context, company.id, {"address": "203.0.113.0/24"})

    def allow(context: Context, username: str) -> object:
        return sip_users.add(context, acme.id, {"username": username, "allow_list": "203.0.113.7"})

    one_, two, three, four = consoles(database)
    results = at_once(
        lambda: claim(one_, acme), lambda: claim(two, beta), lambda: allow(three, "1001"), lambda: allow(four, "1002")
    )
    assert all(not isinstance(result, Exception) or isinstance(result, Refused) for result in results)
    entries = one(database, "SELECT count(*) FROM ip_auth")
    users = one(database, "SELECT count(*) FROM sip_user")
    assert (entries, users) in {(1, 0), (0, 2), (0, 1)}


def test_one_context_serves_many_threads(context: Context, acme: Company) -> None:
    def work(number: int) -> object:
        (user,) = sip_users.add(context, acme.id, {"username": str(1000 + number)}).rows
        assert isinstance(user, SipUser)
        return sip_users.save(context, user, {"channels": "2"})

    results = at_once(*(lambda number=number: work(number) for number in range(8)))
    assert [result for result in results if isinstance(result, Exception)] == []
    assert one(context.database, "SELECT sum(channels) FROM sip_user") == 16
