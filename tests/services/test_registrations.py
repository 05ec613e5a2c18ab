"""Where SIP users are registered, and what that makes of their state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.company import Company
from cxtui.models.registration import MOST_PINGS, Registration
from cxtui.models.sip_user import SipUser
from cxtui.services import companies, credentials, edges, ip_auth, registrations, sip_users
from cxtui.services.context import Context
from cxtui.services.edge_states import SILENT_AFTER
from cxtui.services.edges import Sighting
from cxtui.services.grids import Grid, Shown
from cxtui.services.registrations import count, history, latency, of_user, of_users, pings
from cxtui.store import many
from tests.support import NOON, PASSWORD, Clock, generation


def attach(context: Context, name: str = "edge1") -> int:
    """An edge that runs what was last committed; its id."""
    return edges.beat(context, name, generation(context.database))


def register(context: Context, user: SipUser, edge_id: int, **fields: Any) -> Registration:
    """A contact of a user, as an agent would report it."""
    with context.database.bulk() as link:
        key = many.next_id(link, Registration)
        row = Registration(
            id=key,
            edge_id=edge_id,
            sip_user_id=user.id,
            company_id=user.company_id,
            username=user.username,
            **{
                "ruid": f"uloc-{key}",
                "contact": f"sip:{user.username}@192.168.1.20:5060",
                "received": "198.51.100.7:61344",
                "transport": "udp",
                "user_agent": "Yealink T46",
                "nat": True,
                "registered_at": context.now() - 60,
                "expires_at": context.now() + 3540,
                "round_trip": 12_300,
                **fields,
            },
        )
        many.insert(link, Registration, [row])
    return row


def give(context: Context, company: Company, username: str, **typed: str) -> SipUser:
    """A SIP user with a password."""
    (user,) = sip_users.add(context, company.id, {"username": username, **typed}).rows
    (user,) = credentials.set_password(context, user, PASSWORD).rows  # type: ignore[arg-type]
    assert isinstance(user, SipUser)
    return user


def shown(context: Context, username: str) -> Shown:
    """The row of a user as its list shows it."""
    return next(row for row in Grid(context, "sip_users").read(0, 50).rows if row.row.username == username)


@pytest.fixture
def user(context: Context, acme: Company) -> SipUser:
    """A SIP user with a password."""
    return give(context, acme, "1001")


def test_a_registered_user_is_online_and_says_from_where(context: Context, user: SipUser) -> None:
    """S-101, W-020, W-023."""
    register(context, user, attach(context))
    found = shown(context, "1001")
    assert (found.state.word, found.state.glyph, found.state.tone) == ("online", "ok", "success")
    assert found.state.why == "Registered from 198.51.100.7:61344 by “Yealink T46”, 12 ms."
    assert [row.contact for row in found.contacts] == ["sip:1001@192.168.1.20:5060"]


def test_a_user_that_is_not_registered_is_offline(context: Context, user: SipUser, clock: Clock) -> None:
    edge = attach(context)
    assert (shown(context, "1001").state.word, shown(context, "1001").state.why) == ("offline", "Not registered.")
    register(context, user, edge, expires_at=NOON + 100)
    clock.forward(3700)
    attach(context)
    found = shown(context, "1001").state
    assert (found.word, found.tone) == ("offline", "muted")
    assert found.why == "Not registered. The last registration ended 1 h ago."


@pytest.mark.parametrize(("missed", "words"), [(1, "the last ping was"), (3, "the last 3 pings were")])
def test_a_registered_user_that_misses_its_pings_has_a_timeout(
    context: Context, user: SipUser, missed: int, words: str
) -> None:
    """S-102: it is still registered."""
    register(context, user, attach(context), missed=missed)
    found = shown(context, "1001").state
    assert (found.word, found.glyph, found.tone) == ("timeout", "timeout", "warning")
    assert found.why.endswith(f"but {words} not answered.")


def test_a_ping_by_hand_that_got_lost_counts_until_the_device_is_heard_of_again(
    context: Context, user: SipUser
) -> None:
    """W-020: the agent counts only its own rounds."""
    lost = f"{NOON - 120:.0f}:9000 {NOON - 10:.0f}:- {NOON - 5:.0f}:-"
    row = register(context, user, attach(context), pings=lost, round_trip=None, registered_at=NOON - 60)
    assert shown(context, "1001").state.why.endswith("but the last 2 pings were not answered.")
    assert registrations.lost(replace(row, registered_at=NOON - 7)) == 1
    assert registrations.lost(replace(row, registered_at=NOON)) == 0
    assert registrations.lost(replace(row, pings=f"{lost} {NOON:.0f}:8000")) == 0
    assert registrations.lost(replace(row, missed=5)) == 5


def test_one_contact_that_answers_is_enough_and_speaks_for_all(context: Context, user: SipUser) -> None:
    edge = attach(context)
    register(context, user, edge, received="192.0.2.1:5060", registered_at=NOON - 500)
    register(context, user, edge, received="192.0.2.2:5060", missed=4)
    found = shown(context, "1001").state
    assert found.word == "online"
    assert "192.0.2.1:5060" in found.why
    assert found.why.endswith(" 2 contacts.")


def test_what_is_wrong_goes_before_whether_the_device_is_there(context: Context, acme: Company, clock: Clock) -> None:
    """S-011, S-120."""
    plain = give(context, acme, "1001")
    off = give(context, acme, "1002", enabled="no")
    listed = give(context, acme, "1003", allow_list="198.51.100.7")
    (bare,) = sip_users.add(context, acme.id, {"username": "1004"}).rows
    edges.record(context, [Sighting("198.51.100.7", NOON, 5, "scan")])
    edge = attach(context)
    for row in (plain, off, listed, bare):
        register(context, row, edge)  # type: ignore[arg-type]
    words = {row.row.username: row.state.word for row in Grid(context, "sip_users").read(0, 9).rows}
    assert words == {"1001": "online", "1002": "disabled", "1003": "BLOCKED", "1004": "no password"}
    companies.save(context, acme, {"notes": "x"})
    assert shown(context, "1001").state.word == "pending"
    clock.forward(SILENT_AFTER + 1)
    assert shown(context, "1001").state.word == "edge silent"


def test_a_conflict_with_ip_authentication_goes_before_online(context: Context, acme: Company) -> None:
    """S-084."""
    ip_auth.add(context, acme.id, {"address": "198.51.100.0/24", "enabled": "no"})
    listed = give(context, acme, "1003", allow_list="198.51.100.7")
    with context.database.bulk() as link:
        link.execute("UPDATE ip_auth SET enabled = 1")
    register(context, listed, attach(context))
    assert shown(context, "1003").state.word == "conflict"


def test_without_an_edge_a_user_is_recorded(context: Context, user: SipUser) -> None:
    """S-014."""
    assert shown(context, "1001").state.word == "recorded"
    assert shown(context, "1001").contacts == ()


def test_a_registration_that_only_a_silent_edge_knows_is_not_vouched_for(
    context: Context, user: SipUser, clock: Clock
) -> None:
    register(context, user, attach(context, "edge1"))
    clock.forward(SILENT_AFTER + 1)
    second = attach(context, "edge2")
    found = shown(context, "1001").state
    assert (found.word, found.why) == ("edge silent", "The edge that holds the registration: silent.")
    register(context, user, second)
    assert shown(context, "1001").state.word == "online"


def test_the_contacts_of_a_window_are_read_at_once_and_stand_newest_first(context: Context, acme: Company) -> None:
    edge = attach(context)
    users = [give(context, acme, name) for name in ("1001", "1002", "1003")]
    old = register(context, users[0], edge, registered_at=NOON - 900)
    new = register(context, users[0], edge, registered_at=NOON - 9)
    other = register(context, users[2], edge)
    with context.database.reading() as link:
        asked: list[str] = []
        link.set_trace_callback(asked.append)
        found = of_users(link, [user.id for user in users])
        link.set_trace_callback(None)
        assert len(asked) == 1
        assert of_users(link, []) == {}
        assert count(link, NOON) == count(link, NOON, acme.id) == 3
        assert count(link, NOON, acme.id + 1) == count(link, NOON + 9999) == 0
    assert found == {users[0].id: (new, old), users[2].id: (other,)}
    assert of_user(context, users[0]) == (new, old)


def test_pings_are_read_with_their_round_trips_and_losses(context: Context, user: SipUser) -> None:
    """W-020."""
    row = register(context, user, attach(context), pings="1700000000:9000 1700000060:- 1700000120.5:88000")
    assert pings(row) == ((1700000000.0, 9000), (1700000060.0, None), (1700000120.5, 88000))
    known = history(row)
    assert (known.lost, known.least, known.median, known.most) == (1, 9000, 88000, 88000)
    silent = history(replace(row, pings="1700000000:-"))
    assert (silent.lost, silent.median) == (1, None)


@given(st.text(alphabet="0123456789:-. enaif_x\x00é", max_size=400))
def test_no_text_in_the_place_of_pings_does_harm(text: str) -> None:
    found = pings(Registration(pings=text))
    assert len(found) <= MOST_PINGS
    assert all(at > 0 and (trip is None or 0 <= trip <= 2**31) for at, trip in found)
    history(Registration(pings=text))


def test_a_strangers_text_is_clipped_and_harmless_in_the_sentence(context: Context, user: SipUser) -> None:
    hostile = "\x1b]52;c;x\x07\u202e" + "A" * 290
    register(context, user, attach(context), user_agent=hostile, received="")
    why = shown(context, "1001").state.why
    assert len(why) < 160
    assert why.isprintable()
    assert "sip:1001@192.168.1.20:5060" in why


@pytest.mark.parametrize(
    ("micros", "words"),
    [(312, "0.3 ms"), (9_949, "9.9 ms"), (12_300, "12 ms"), (999_400, "999 ms"), (1_234_000, "1.2 s")],
)
def test_a_round_trip_is_said_in_few_cells(micros: int, words: str) -> None:
    assert latency(micros) == words


def test_the_whole_list_is_of_a_company_or_of_all_and_can_be_filtered(
    context: Context, acme: Company, beta: Company
) -> None:
    """W-022, W-023."""
    edge = attach(context)
    register(context, give(context, acme, "1001"), edge)
    register(context, give(context, beta, "office"), edge, user_agent="Gigaset 'N510", received="203.0.113.9:5060")

    def names(company: int | None = None, needle: str = "") -> list[str]:
        part = Grid(context, "registrations", company, needle).read(0, 10)
        assert part.total == len(part.rows)
        return [item.row.username for item in part.rows]

    assert names() == ["1001", "office"]
    assert names(beta.id) == ["office"]
    assert names(needle="YEALINK 198.51") == ["1001"]
    assert names(needle="t 'n5") == ["office"]
    assert names(needle="%") == names(needle="\x00\ud800") == []
    (item,) = Grid(context, "registrations", acme.id).read(0, 10).rows
    assert (item.company, item.more, item.state.word) == ("Acme Telecom", "edge1", "online")


def test_a_registration_of_nobody_we_know_is_listed_too(context: Context, user: SipUser) -> None:
    edge = attach(context)
    row = register(context, replace(user, username="ghost"), edge)
    with context.database.bulk() as link:
        link.execute("UPDATE registration SET sip_user_id = NULL, company_id = NULL WHERE id = ?", (row.id,))
    (item,) = Grid(context, "registrations").read(0, 10).rows
    assert (item.row.username, item.company) == ("ghost", "")
    assert shown(context, "1001").state.word == "offline"
