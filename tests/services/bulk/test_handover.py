"""Passwords in bulk: HA1s in the database, the passwords in one file, and nowhere else."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.rules.passwords import check_typed
from cxtui.services import credentials
from cxtui.services.bulk.apply import apply
from cxtui.services.bulk.importing import plan_import
from cxtui.services.bulk.user_ranges import plan_range
from cxtui.services.context import Context
from cxtui.services.outcome import Refused, ServiceError
from cxtui.store.database import Database
from tests.services.bulk.files import counts, wrong
from tests.services.bulk.files import csv as file_of
from tests.services.stock import Stock, take_back
from tests.support import OTHER_PASSWORD, PASSWORD, REALM, audit, bytes_of, dump, query

SIP = "sip_users"
ACTIVE = "SELECT username, realm, ha1_md5, ha1_sha256 FROM credential JOIN sip_user ON sip_user.id = owner_id"
ACTIVE += " WHERE owner = 'sip_user' AND retired_by = '' ORDER BY username"
SENTINEL = "Sent1nel-Qx7Zp4"


def sheet(path: Path) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))]


def hashed(username: str, password: str) -> tuple[str, str]:
    secret = f"{username}:{REALM}:{password}".encode()
    return hashlib.md5(secret, usedforsecurity=False).hexdigest(), hashlib.sha256(secret).hexdigest()


def test_every_new_user_gets_a_password_of_its_own(context: Context, acme: Company, tmp_path: Path) -> None:
    """S-125: unique passwords, handed over in a file for the operator's eyes only."""
    path = tmp_path / "acme.csv"
    applied = apply(context, plan_range(context, acme.id, "1000-1019", {"channels": "1"}), handover=path)
    assert applied.handover == path
    assert path.stat().st_mode & 0o777 == 0o600
    rows = sheet(path)
    assert [(row["company"], row["username"], row["realm"]) for row in rows] == [
        ("Acme Telecom", str(number), REALM) for number in range(1000, 1020)
    ]
    assert len({row["password"] for row in rows}) == 20
    assert all(check_typed(row["password"], row["username"]) == [] for row in rows)
    stored = [(row["username"], REALM, *hashed(row["username"], row["password"])) for row in rows]
    assert query(context.database, ACTIVE) == stored
    assert query(context.database, "SELECT DISTINCT password_set_at FROM sip_user") == [(context.now(),)]


def test_without_a_file_no_passwords_are_made(context: Context, acme: Company) -> None:
    assert apply(context, plan_range(context, acme.id, "1000-1001", {})).handover is None
    assert query(context.database, ACTIVE) == []


def test_no_file_is_made_where_nobody_gets_a_password(
    context: Context, stock: Stock, acme: Company, tmp_path: Path
) -> None:
    plan = plan_import(context, SIP, file_of([["username", "channels"], ["1001", "3"]]), company_id=acme.id)
    assert apply(context, plan, handover=tmp_path / "none.csv").handover is None
    assert [*tmp_path.glob("*.csv")] == []


def test_passwords_of_the_file_are_checked_and_set(
    context: Context, stock: Stock, acme: Company, tmp_path: Path
) -> None:
    """S-094, S-124, W-013: for new users and for those who are there; an empty cell leaves it to the generator."""
    rows = [["username", "password"], ["1001", OTHER_PASSWORD], ["1002", SENTINEL], ["1003", ""]]
    plan = plan_import(context, SIP, file_of(rows), company_id=acme.id)
    assert counts(plan) == (2, 1, 0, 0)
    assert [[item.after for item in row.differences if item.label == "Password"] for row in plan.rows] == [
        ["set"],
        ["set"],
        [],
    ]
    path = tmp_path / "sheet.csv"
    apply(context, plan, handover=path)
    given = {row["username"]: row["password"] for row in sheet(path)}
    assert (given["1001"], given["1002"], len(given["1003"])) == (OTHER_PASSWORD, SENTINEL, 16)
    assert query(context.database, ACTIVE) == [
        (name, REALM, *hashed(name, word)) for name, word in sorted(given.items())
    ]


def test_given_passwords_are_set_without_a_file_too(context: Context, acme: Company) -> None:
    rows = [["username", "password"], ["1002", SENTINEL], ["1003", ""]]
    apply(context, plan_import(context, SIP, file_of(rows), company_id=acme.id))
    assert query(context.database, ACTIVE) == [("1002", REALM, *hashed("1002", SENTINEL))]


def test_a_password_that_a_user_has_already_is_no_change(context: Context, stock: Stock, acme: Company) -> None:
    """A file can be imported twice."""
    rows = [["username", "password"], ["1001", PASSWORD]]
    plan = plan_import(context, SIP, file_of(rows), company_id=acme.id)
    assert counts(plan) == (0, 0, 1, 0)
    assert plan.rows[0].differences == ()


@pytest.mark.parametrize("password", ["short", "1002-Abcdefgh", "nouppercase1_", "Passwörter1_", "Tab\tTab1_Abc"])
def test_a_password_that_cannot_be_used_is_refused_without_being_repeated(
    context: Context, acme: Company, password: str
) -> None:
    """W-013."""
    plan = plan_import(context, SIP, file_of([["username", "password"], ["1002", password]]), company_id=acme.id)
    assert {(line, field) for line, field, _ in wrong(plan)} == {(2, "password")}
    with pytest.raises(Refused) as refusal:
        apply(context, plan)
    assert password not in repr(plan) + str(refusal.value) + repr(refusal.value.findings) + repr(plan.batch)


def test_a_password_that_a_spreadsheet_takes_for_a_formula_is_remarked_on(
    context: Context, acme: Company, tmp_path: Path
) -> None:
    password = "=Hn3bYc8sLd5-fJ6g"
    data = f"username,password\n1002,{password}\n".encode()
    plan = plan_import(context, SIP, data, company_id=acme.id)
    assert any("formula" in finding.text for finding in plan.rows[0].findings)
    apply(context, plan, handover=tmp_path / "sheet.csv")
    assert sheet(tmp_path / "sheet.csv")[0]["password"] == password


def test_ip_entries_have_no_password_column(context: Context, acme: Company) -> None:
    data = file_of([["address", "direction", "password"], ["10.0.0.1", "egress", SENTINEL]])
    assert "there is no column password" in wrong(plan_import(context, "ip_auth", data, company_id=acme.id))[0][2]


def test_no_plaintext_is_left_anywhere_but_in_the_file(
    context: Context, stock: Stock, acme: Company, tmp_path: Path
) -> None:
    """S-122, S-124: not in the database, the write-ahead log, the audit, a plan or an outcome."""
    rows = [
        ["username", "password", "channels"],
        ["1002", SENTINEL, "1"],
        ["1001", OTHER_PASSWORD, "2"],
        ["1003", "", "1"],
    ]
    plan = plan_import(context, SIP, file_of(rows), company_id=acme.id)
    applied = apply(context, plan, handover=tmp_path / "sheet.csv", reason="many")
    generated = sheet(tmp_path / "sheet.csv")[-1]["password"]
    undone = take_back(context)
    said = repr([plan, plan.rows, plan.batch, applied, undone]) + str(plan.batch.passwords)
    said += repr([row.differences for row in plan.rows]) + repr(audit(context.database))
    content = bytes_of(context.database)
    assert b"many" in content
    for secret in (SENTINEL, OTHER_PASSWORD, generated):
        assert secret not in said
        for spelling in (secret, secret[::-1], secret.encode().hex()):
            assert spelling.encode() not in content
    for digest in (*hashed("1002", SENTINEL), *hashed("1003", generated)):
        assert digest not in repr(audit(context.database))


def test_an_error_does_not_carry_a_password(
    context: Context, acme: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_import(context, SIP, file_of([["username", "password"], ["1002", SENTINEL]]), company_id=acme.id)
    with context.database.bulk() as link:
        link.execute("UPDATE account SET realm = 'a\"b'")
    with pytest.raises(ServiceError) as failure:
        apply(context, plan, handover=tmp_path / "sheet.csv")
    problem: BaseException | None = failure.value
    chain = ""
    while problem is not None:
        chain += repr(problem) + str(problem)
        problem = problem.__cause__ or problem.__context__
    assert SENTINEL not in chain
    assert [*tmp_path.glob("*.csv")] == []


def test_the_file_is_new(context: Context, acme: Company, tmp_path: Path) -> None:
    """Nothing is ever overwritten, not even through a link that leads nowhere."""
    path = tmp_path / "kept.csv"
    path.write_text("kept")
    (tmp_path / "link.csv").symlink_to(tmp_path / "nowhere.csv")
    plan = plan_range(context, acme.id, "1000", {})
    for name, words in (
        ("kept.csv", "is there already"),
        ("link.csv", "is there already"),
        ("none/x.csv", "No such file"),
    ):
        with pytest.raises(Refused, match=words) as refusal:
            apply(context, plan, handover=tmp_path / name)
        assert [finding.field for finding in refusal.value.findings] == ["handover"]
    assert path.read_text() == "kept"
    assert not (tmp_path / "nowhere.csv").exists()
    assert query(context.database, "SELECT * FROM sip_user") == []


def test_a_failing_commit_leaves_neither_rows_nor_file(
    context: Context, acme: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads the file may believe it: it stands only where the passwords are set."""
    from sqlalchemy.engine import Connection

    before = dump(context.database)
    path = tmp_path / "sheet.csv"
    there: list[bool] = []

    def failing(self: Connection) -> None:
        there.append(path.exists() and len(sheet(path)) == 2)
        raise KeyboardInterrupt

    monkeypatch.setattr(Connection, "_commit_impl", failing)
    with pytest.raises(KeyboardInterrupt):
        apply(context, plan_range(context, acme.id, "1000-1001", {}), handover=path)
    monkeypatch.undo()
    assert there == [True], "the file is whole before the commit"
    assert not path.exists()
    assert dump(Database(context.database.path)) == before


def test_a_full_disk_is_said_and_nothing_is_written(
    context: Context, acme: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    before = dump(context.database)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(
        ServiceError, match=r"sheet\.csv cannot be written: No space left on device; nothing was changed"
    ):
        apply(context, plan_range(context, acme.id, "1000-1001", {}), handover=tmp_path / "sheet.csv")
    monkeypatch.undo()
    assert dump(context.database) == before
    assert not (tmp_path / "sheet.csv").exists()


def test_the_policy_of_the_settings_is_used(context: Context, acme: Company, tmp_path: Path) -> None:
    """C-06."""
    from tests.support import operator

    plain = operator(context.database, "alice", context.now, password_profile="legacy")
    apply(plain, plan_range(plain, acme.id, "1000-1004", {}), handover=tmp_path / "sheet.csv")
    assert {len(row["password"]) for row in sheet(tmp_path / "sheet.csv")} == {12}


def test_a_password_set_in_bulk_is_reset_and_undone_like_any_other(
    context: Context, stock: Stock, acme: Company, tmp_path: Path
) -> None:
    """S-126: what a user had before is in use again."""
    before = query(context.database, ACTIVE)
    rows = [["username", "password"], ["1001", OTHER_PASSWORD]]
    apply(context, plan_import(context, SIP, file_of(rows), company_id=acme.id))
    assert query(context.database, ACTIVE) == [("1001", REALM, *hashed("1001", OTHER_PASSWORD))]
    assert audit(context.database)[-1].label == "password of SIP user 1001 set"
    take_back(context)
    assert query(context.database, ACTIVE) == before
    assert credentials.realm_of(context) == REALM


def test_an_interrupt_behind_the_commit_does_not_take_the_passwords_away(
    context: Context, acme: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-125: the old ones are void by then, and nothing else knows the new ones."""
    whole = Database.transaction

    @contextmanager
    def interrupted(self: Database) -> Iterator[Any]:
        with whole(self) as session:
            yield session
        raise KeyboardInterrupt

    monkeypatch.setattr(Database, "transaction", interrupted)
    path = tmp_path / "acme.csv"
    with pytest.raises(KeyboardInterrupt):
        apply(context, plan_range(context, acme.id, "1000-1001", {}), handover=path)
    assert [row["username"] for row in sheet(path)] == ["1000", "1001"]
    assert len(query(context.database, ACTIVE)) == 2
