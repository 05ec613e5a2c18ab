"""The subject: the entry or user whose codecs, rewrites or voicemail are shown."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.services import companies, ip_auth, sip_users
from cxtui.services.context import Context
from cxtui.services.outcome import Gone
from cxtui.services.subjects import Subject, describe, find
from tests.services.stock import Stock, only


def test_entries_and_users_are_subjects_and_nothing_else_is(stock: Stock) -> None:
    """S-050, S-051, S-060"""
    assert Subject.of(stock.uac) == Subject("ip_auth", stock.uac.id)
    assert Subject.of(stock.user) == Subject("sip_user", stock.user.id)
    for row in (stock.acme, stock.profile, stock.block, None):
        assert Subject.of(row) is None


@pytest.mark.parametrize(("grid", "owner"), [("ip_auth", "ip_auth"), ("sip_users", "sip_user")])
def test_a_hit_of_the_search_is_the_subject_of_its_list(grid: str, owner: str) -> None:
    subject = Subject.of_hit(grid, 7)
    assert subject == Subject(owner, 7)
    assert subject is not None
    assert subject.grid == grid


@pytest.mark.parametrize("grid", ["companies", "blocks", "profiles", "audit"])
def test_a_hit_in_another_list_is_no_subject(grid: str) -> None:
    assert Subject.of_hit(grid, 7) is None


def test_a_subject_is_described_as_it_is_now(context: Context, bob: Context, stock: Stock) -> None:
    subject = Subject.of(stock.user)
    assert subject is not None
    assert (describe(context, subject).title, describe(context, subject).company) == ("SIP user 1001", "Acme Telecom")
    companies.save(bob, stock.acme, {"name": "Acme"})
    renamed = only(sip_users.save(bob, stock.user, {"username": "1002"}))
    now = describe(context, subject)
    assert (now.title, now.company, now.row) == ("SIP user 1002", "Acme", renamed)
    entry = describe(context, Subject("ip_auth", stock.pair[1].id))
    assert (entry.title, entry.row) == ("IP entry 203.0.113.10 (they receive)", stock.pair[1])


def test_a_subject_that_was_deleted_is_gone(context: Context, bob: Context, acme: Company) -> None:
    row = only(ip_auth.add(bob, acme.id, {"address": "203.0.113.10"}))
    subject = Subject("ip_auth", row.id)
    ip_auth.delete(bob, [row])
    with pytest.raises(Gone, match="deleted in the meantime"):
        describe(context, subject)
    with context.database.reading() as link, pytest.raises(Gone):
        find(link, Subject("sip_user", 99))
