"""An export is the whole list, and an import takes it for no change at all."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxtui.models.company import Company
from cxtui.models.fields import Kind, form_specs
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services import companies, ip_auth, sip_users
from cxtui.services.bulk import exporting
from cxtui.services.bulk.apply import apply
from cxtui.services.bulk.exporting import export
from cxtui.services.bulk.importing import plan_import
from cxtui.services.bulk.plan import KINDS, Plan
from cxtui.services.context import Context
from cxtui.services.outcome import Refused, ServiceError
from cxtui.store.database import Database
from tests.services.bulk.files import counts, wrong
from tests.services.stock import Stock
from tests.support import PASSWORD, dump, execute, operator, query

SHARED = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


def exported(context: Context, kind: str, company: Company | None = None) -> bytes:
    target = io.BytesIO()
    count = export(context, kind, company.id if company else None, target)
    assert count == len(plan_again(context, kind, target.getvalue()).rows)
    return target.getvalue()


def plan_again(context: Context, kind: str, data: bytes) -> Plan:
    return plan_import(context, kind, data)


def test_an_export_is_every_field_of_every_row_in_order(context: Context, stock: Stock, beta: Company) -> None:
    sip_users.add(context, beta.id, {"username": "+44 1"[:3] + "9", "allow_list": "192.0.2.64 192.0.2.65"})
    users = exported(context, "sip_users").decode().splitlines()
    assert users[0].split(",")[:4] == ["company", "username", "profile", "channels"]
    assert users[1:] == [
        "Beta Ltd,'+449,,1,0,udp,192.0.2.64 192.0.2.65,disabled,no,no,yes,,no,",
        "Acme Telecom,1001,agents,50,0,udp,192.0.2.0/30,disabled,no,no,yes,,no,",
    ]
    entries = exported(context, "ip_auth").decode().splitlines()
    assert [line.split(",")[:3] for line in entries[1:]] == [
        ["Acme Telecom", "203.0.113.10", "egress"],
        ["Acme Telecom", "203.0.113.10", "ingress"],
        ["Acme Telecom", "203.0.113.11", "ingress"],
    ]
    for kind, lines in (("sip_users", users), ("ip_auth", entries)):
        names = {name.removesuffix("_id") for name in form_specs(KINDS[kind])}
        assert {*lines[0].split(",")} == {"company", *names}
    assert exported(context, "sip_users", beta).decode().splitlines() == users[:2]


def test_no_password_and_no_hash_is_exported(context: Context, stock: Stock) -> None:
    """S-124."""
    text = (exported(context, "sip_users") + exported(context, "ip_auth")).decode()
    hashes = [word for row in query(context.database, "SELECT ha1_md5, ha1_sha256 FROM credential") for word in row]
    assert hashes
    assert not any(secret in text for secret in (PASSWORD, "theirs", *hashes))
    assert "password" not in text


def test_an_import_of_an_export_changes_nothing(context: Context, stock: Stock) -> None:
    """W-090."""
    for kind, rows in (("sip_users", 1), ("ip_auth", 3)):
        plan = plan_again(context, kind, exported(context, kind))
        assert (counts(plan), plan.faults) == ((0, 0, rows, 0), ())


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
TYPED: dict[Kind, Any] = {
    Kind.TEXT: st.one_of(words, st.sampled_from(["=1+1", "'=x", "+4", "-", "@", "a,b", 'a"b', "'", "''+", ";", "007"])),
    Kind.INTEGER: st.integers(0, 32).map(str),
    Kind.BOOLEAN: st.sampled_from(["yes", "no"]),
    Kind.CODECS: st.sampled_from(["", "PCMA", "PCMU,G729"]),
    Kind.NETWORKS: st.lists(st.sampled_from(["192.0.2.64", "2001:db8::/32", "198.51.100.0/24"]), max_size=3).map(
        " ".join
    ),
}


def typed_for(entity: type[Any]) -> Any:
    """Anything that the form of an entity might be given."""
    fields: dict[str, Any] = {name: TYPED[spec.kind] for name, spec in form_specs(entity).items() if spec.kind in TYPED}
    for name, spec in form_specs(entity).items():
        if spec.kind is Kind.CHOICE:
            fields[name] = st.sampled_from([choice.value for choice in spec.choices if choice.selectable])
    fields.pop("username", None)
    return st.fixed_dictionaries({}, optional=fields)


@SHARED
@given(
    name=st.text("0123456789+-._aA", min_size=1, max_size=12),
    typed=typed_for(SipUser),
    company=words.filter(str.strip),
)
def test_every_value_a_user_can_have_comes_back(
    context: Context, template: Path, tmp_path: Path, name: str, typed: dict[str, str], company: str
) -> None:
    """W-090: export and import are inverse, for every value that can be stored."""
    with fresh(context, template, tmp_path) as console:
        try:
            owner = companies.add(console, {"name": company}).rows[0].id
            sip_users.add(console, owner, {"username": name, **typed})
        except Refused:
            return
        assert_comes_back(console, template, tmp_path, "sip_users")


@SHARED
@given(address=st.sampled_from(["10.0.0.1", "10.0.0.0/8", "2001:db8::/32"]), typed=typed_for(IpAuth))
def test_every_value_an_entry_can_have_comes_back(
    context: Context, template: Path, tmp_path: Path, address: str, typed: dict[str, str]
) -> None:
    with fresh(context, template, tmp_path) as console:
        try:
            ip_auth.add(console, 1, {"address": address, **typed})
        except Refused:
            return
        assert_comes_back(console, template, tmp_path, "ip_auth")


class fresh:
    """A console on a database of its own, for one example."""

    def __init__(self, context: Context, template: Path, folder: Path) -> None:
        self._database = Database(Path(shutil.copy(template, folder / "example.db")))
        self._console = operator(self._database, "alice", context.now)

    def __enter__(self) -> Context:
        return self._console

    def __exit__(self, *_: object) -> None:
        self._database.close()
        for left in self._database.path.parent.glob("example.db-*"):
            left.unlink()


def assert_comes_back(console: Context, template: Path, folder: Path, kind: str) -> None:
    """An import changes nothing here, and makes the same rows elsewhere."""
    data = exported(console, kind)
    assert counts(plan_again(console, kind, data)) == (0, 0, 1, 0)
    other = Database(Path(shutil.copy(template, folder / "other.db")))
    elsewhere = operator(other, "bob", console.now)
    names = query(console.database, "SELECT name FROM company WHERE id > 2")
    for (name,) in names:
        companies.add(elsewhere, {"name": name})
    plan = plan_again(elsewhere, kind, data)
    assert plan.ok, wrong(plan)
    apply(elsewhere, plan)
    table = "sip_user" if kind == "sip_users" else kind
    assert dump(other)[table] == dump(console.database)[table]
    other.close()
    for left in folder.glob("other.db-*"):
        left.unlink()


def test_what_no_form_lets_through_comes_back_unchanged_all_the_same(context: Context, stock: Stock) -> None:
    """Another program may have stored anything; an export and an import must not trip over it."""
    execute(
        context.database, "UPDATE sip_user SET channels = -5, protocol = 'smoke', allow_list = 'x y', username = ' = '"
    )
    execute(
        context.database,
        "UPDATE ip_auth SET address = '10.0.0.01', port = 0, manufacturer = char(27) || '[2J' WHERE id = 3",
    )
    for kind, rows in (("sip_users", 1), ("ip_auth", 3)):
        assert counts(plan_again(context, kind, exported(context, kind))) == (0, 0, rows, 0)


def test_alike_entries_of_one_address_come_back(context: Context, acme: Company) -> None:
    for enabled, channels in (("no", "1"), ("yes", "2"), ("no", "3")):
        ip_auth.add(context, acme.id, {"address": "10.0.0.1", "enabled": enabled, "channels": channels})
    ip_auth.add(context, acme.id, {"address": "10.0.0.1", "port": "5080"})
    assert counts(plan_again(context, "ip_auth", exported(context, "ip_auth"))) == (0, 0, 4, 0)


def test_a_long_list_is_read_in_parts(context: Context, beta: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_AT_ONCE", 3)
    for number in range(9):
        sip_users.add(context, beta.id, {"username": f"u{number}"})
        ip_auth.add(context, beta.id, {"address": f"10.0.0.{number}"})
        for kind in KINDS:
            lines = exported(context, kind).decode().splitlines()
            assert len(lines) == number + 2
            assert len({*lines}) == len(lines)


def test_a_file_is_whole_and_for_its_owner_alone(context: Context, stock: Stock, tmp_path: Path) -> None:
    target = tmp_path / "users.csv"
    target.write_text("old")
    target.chmod(0o644)
    assert export(context, "sip_users", None, target) == 1
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.read_bytes() == exported(context, "sip_users")
    assert [path.name for path in tmp_path.glob("*users*")] == ["users.csv"]


def test_a_failure_leaves_the_old_file_as_it_was(
    context: Context, stock: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "users.csv"
    target.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ServiceError, match=r"users\.csv cannot be written: No space left on device"):
        export(context, "sip_users", None, target)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.glob("*users*")] == ["users.csv"]


def test_only_a_file_is_replaced(context: Context, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in (tmp_path, tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(ServiceError, match="is no file"):
            export(context, "sip_users", None, name)
    with pytest.raises(ServiceError, match="No such file"):
        export(context, "sip_users", None, tmp_path / "none" / "x.csv")


def test_progress_is_told(context: Context, stock: Stock) -> None:
    told: list[int] = []
    export(context, "ip_auth", None, io.BytesIO(), lambda done, total: told.append(done))
    assert told == [0]
