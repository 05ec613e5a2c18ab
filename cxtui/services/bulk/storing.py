"""The rows of a plan, written: with their audit, the ranges of allow lists, passwords, and whose blocks are."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from cxtui.models.fields import Entity
from cxtui.models.ip_auth import Direction, IpAuth
from cxtui.models.sip_user import AllowedRange, Credential, SipUser
from cxtui.rules.digest import ha1
from cxtui.rules.passwords import PROFILES, generate
from cxtui.services import many
from cxtui.services.credentials import retire
from cxtui.services.labels import label
from cxtui.services.ownership import refresh_owners
from cxtui.services.ranges import allow_networks
from cxtui.services.writing import Writer
from cxtui.store import many as stored_many

from .handover import Sheet
from .passwords import realm_of
from .plan import Action, Plan, PlannedRow, Progress

T = TypeVar("T")

_AT_ONCE = 2_000
_BLOCKED = "SELECT 1 FROM block WHERE lifted_at IS NULL LIMIT 1"
_RANGES = "SELECT first, last FROM allowed_range WHERE sip_user_id IN (SELECT value FROM json_each(?))"
_FORGET = "DELETE FROM allowed_range WHERE sip_user_id IN (SELECT value FROM json_each(?))"


def store(writer: Writer, plan: Plan, sheet: Sheet | None, progress: Progress | None) -> list[Entity]:
    """Write every row that is new or changes; returns them as they are stored. ``sheet`` takes the passwords."""
    if plan.kind == "ip_auth":
        return [*_entries(writer, plan, progress)]
    return [*_users(writer, plan, sheet, progress)]


def _entries(writer: Writer, plan: Plan, progress: Progress | None) -> Iterator[IpAuth]:
    new: list[IpAuth] = [row.row for row in _of(plan, Action.CREATE) if isinstance(row.row, IpAuth)]
    first = stored_many.next_id(writer.link, IpAuth)
    for part in _parts(_linked(new, first), len(plan.rows), progress):
        yield from many.add(writer, part)
    changed = [(row.base, row.changed) for row in _of(plan, Action.CHANGE) if isinstance(row.base, IpAuth)]
    yield from many.update(writer, changed)
    for base, wanted in changed:
        if {"uac_username", "uac_realm"} & wanted.keys():
            retire(writer, "ip_auth", base.id)
    own_again(writer, [(entry.first, entry.last) for entry in new])


def _linked(entries: Sequence[IpAuth], first_id: int) -> list[IpAuth]:
    """The entries, those for the two ways of one address linked with each other (C-01); their ids begin at a first."""
    ways: dict[tuple[int, str], dict[str, list[int]]] = {}
    for place, entry in enumerate(entries):
        ways.setdefault((entry.company_id, entry.address), {}).setdefault(entry.direction, []).append(place)
    linked = list(entries)
    for places in ways.values():
        if len(places) == len(Direction) and all(len(several) == 1 for several in places.values()):
            one, two = (several[0] for several in places.values())
            linked[one] = replace(linked[one], linked_id=first_id + two)
            linked[two] = replace(linked[two], linked_id=first_id + one)
    return linked


def _users(writer: Writer, plan: Plan, sheet: Sheet | None, progress: Progress | None) -> Iterator[SipUser]:
    passwords = _passwords(writer, plan, generated=sheet is not None)
    new = {place: row.row for place, row in _placed(plan, Action.CREATE) if isinstance(row.row, SipUser)}
    rows = [replace(row, password_set_at=writer.now) if place in passwords else row for place, row in new.items()]
    added: list[SipUser] = []
    for part in _parts(rows, len(plan.rows), progress):
        added += many.add(writer, part)
    changing = {place: row for place, row in _placed(plan, Action.CHANGE) if isinstance(row.base, SipUser)}
    updates = [(row.base, row.changed) for row in changing.values() if isinstance(row.base, SipUser)]
    changed = dict(zip(changing, many.update(writer, updates), strict=True))
    store_ranges(
        writer,
        [row for row in added if row.allow_list],
        [row for row, (_, wanted) in zip(changed.values(), updates, strict=True) if "allow_list" in wanted],
    )
    changed |= _reset(writer, {place: row for place, row in changed.items() if place in passwords})
    owners = dict(zip(new, added, strict=True)) | changed
    _store_passwords(writer, owners, passwords)
    if sheet is not None:
        realm = realm_of(writer.link)
        sheet.fill((plan.rows[place].company, owners[place].username, passwords[place], realm) for place in passwords)
    yield from owners.values()


def _passwords(writer: Writer, plan: Plan, *, generated: bool) -> dict[int, str]:
    """The passwords to set by the place of their row: those of the file and, where wanted, new ones for new users."""
    policy = PROFILES[writer.context.settings.password_profile]
    found = {place: plan.batch.passwords[place] for place, row in enumerate(plan.rows) if row.password}
    if generated:
        for place, row in _placed(plan, Action.CREATE):
            if place not in found and isinstance(row.row, SipUser):
                found[place] = generate(policy, secrets.choice, row.row.username)
    return found


def _reset(writer: Writer, users: Mapping[int, SipUser]) -> dict[int, SipUser]:
    """Note that existing users get other passwords, and take the old ones out of use."""
    for user in users.values():
        retire(writer, "sip_user", user.id)
    now = [(user, {"password_set_at": writer.now}) for user in users.values()]
    rows = many.update(writer, now, audited=False)
    many.note(writer, "GENERATE", ((row, f"password of {label(row)} set") for row in rows))
    return dict(zip(users, rows, strict=True))


def _store_passwords(writer: Writer, users: Mapping[int, SipUser], passwords: Mapping[int, str]) -> None:
    realm = realm_of(writer.link)
    rows = []
    for place, password in passwords.items():
        hashes = ha1(users[place].username, realm, password)
        rows.append(
            Credential(
                owner="sip_user",
                owner_id=users[place].id,
                realm=realm,
                ha1_md5=hashes.md5,
                ha1_sha256=hashes.sha256,
                set_at=writer.now,
            )
        )
    many.add(writer, rows, audited=False)


def store_ranges(writer: Writer, added: Sequence[SipUser], changed: Sequence[SipUser]) -> None:
    """Store the packed ranges of allow lists, of ``changed`` ones anew."""
    ids = json.dumps([user.id for user in changed])
    touched = writer.link.execute(_RANGES, (ids,)).fetchall() if changed else []
    if changed:
        writer.past_the_orm().execute(_FORGET, (ids,))
    ranges = [
        AllowedRange(sip_user_id=user.id, address=network.text, first=network.first, last=network.last)
        for user in (*added, *changed)
        for network in allow_networks(user.allow_list)
    ]
    many.add(writer, ranges, audited=False)
    own_again(writer, [*touched, *((item.first, item.last) for item in ranges)])


def own_again(writer: Writer, ranges: Iterable[tuple[bytes, bytes]]) -> None:
    """Say anew whose the blocked addresses of the ranges are."""
    if writer.link.execute(_BLOCKED).fetchone():
        for first, last in dict.fromkeys(ranges):
            refresh_owners(writer.link, first, last)


def _of(plan: Plan, action: Action) -> Iterator[PlannedRow]:
    return (row for row in plan.rows if row.action is action)


def _placed(plan: Plan, action: Action) -> Iterator[tuple[int, PlannedRow]]:
    return ((place, row) for place, row in enumerate(plan.rows) if row.action is action)


def _parts(rows: Sequence[T], total: int, progress: Progress | None) -> Iterator[Sequence[T]]:
    """The rows in parts, the second half of the work on ``total`` rows, of which judging was the first."""
    for place in range(0, len(rows), _AT_ONCE):
        if progress is not None:
            progress(total + place, 2 * total)
        yield rows[place : place + _AT_ONCE]
