"""SIP users judged by the rules of their form, all rows of a batch together (S-090…S-098, W-011, C-13)."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from cxtui.models.findings import Finding, error
from cxtui.models.sip_user import SipUser
from cxtui.rules.capacity import NO_CAPACITY, check_capacity
from cxtui.rules.conflicts import AllowClaim, check_allow_against_ips
from cxtui.rules.usernames import DUPLICATE_USER, check_username
from cxtui.rules.voicemail import check_email, parse_email
from cxtui.services.codecs import known_codecs
from cxtui.services.context import Context
from cxtui.services.ranges import allow_networks
from cxtui.services.registered import any_registered, shut_out
from cxtui.services.sip_users import grew

from . import facts
from .columns import COMPANY
from .drafts import Companies, Draft, Reader, missing_company, ticked
from .facts import Names, Owner
from .overlaps import with_stored
from .passwords import judge_passwords
from .plan import Batch, Mode, Progress

UserDraft: TypeAlias = Draft[SipUser]


def judge(
    context: Context, link: sqlite3.Connection, batch: Batch, names: Names, progress: Progress | None
) -> tuple[list[UserDraft], list[Finding]]:
    """Every row of a batch with what the rules say of it, and what they say of all together."""
    reading = _Reading(context, link, batch, names)
    rows = ticked(range(len(batch.rows)), len(batch.rows), progress)
    drafts = [reading.edited(place) if batch.mode is Mode.EDIT else reading.named(place) for place in rows]
    _refuse_repeated(drafts, batch)
    faults = together(link, drafts, names)
    judge_passwords(context, link, batch, drafts)
    return drafts, faults


def together(link: sqlite3.Connection, drafts: Sequence[UserDraft], names: Names) -> list[Finding]:
    """Add to each draft what all rows, stored and drafted, have against it; gives what is to be said of all of them."""
    for draft in drafts:
        if draft.touched and draft.row.profile_id is not None and draft.row.profile_id not in names.profiles:
            draft.findings.append(error("profile_id", "there is no such profile", code="S-090"))
    faults = _share_channels(link, drafts, names)
    _judge_allow_lists(link, drafts, names)
    return faults


class _Reading:
    """Takes the rows one by one."""

    def __init__(self, context: Context, link: sqlite3.Connection, batch: Batch, names: Names) -> None:
        self._batch = batch
        self._names = names
        self._reader = Reader(batch, names, known_codecs(context))
        self._companies = Companies(batch, names)
        self._by_id = facts.by_ids(link, SipUser, batch.ids)
        wanted = (name for _, cells in batch.rows if (name := self._reader.cell("username", cells)) is not None)
        spelled = (text for name in wanted for text in (name, name.strip()))
        self._by_name = {row.username: row for row in facts.having(link, SipUser, facts.USERNAME, spelled)}

    def edited(self, place: int) -> UserDraft:
        """A row that is meant by its id."""
        line, cells = self._batch.rows[place]
        base = self._by_id.get(self._batch.ids[place])
        if base is None:
            gone = error("username", "was deleted in the meantime")
            return Draft(line, SipUser(), findings=[gone], known=False)
        return self._over(line, cells, base)

    def named(self, place: int) -> UserDraft:
        """A row that is meant by its username."""
        line, cells = self._batch.rows[place]
        if line in self._batch.problems:
            return Draft(line, SipUser(), findings=[self._batch.problems[line]], known=False)
        company, said = self._companies.of(self._reader.cell(COMPANY, cells))
        name = self._reader.cell("username", cells) or ""
        base = self._by_name.get(name) or self._by_name.get(name.strip())
        if base is None:
            return self._new(line, cells, company, said)
        if self._batch.mode is Mode.CREATE:
            taken = error("username", DUPLICATE_USER, code="S-093")
            return Draft(line, replace(base, id=0, company_id=company or 0), findings=[taken], known=False)
        if said or company not in (None, base.company_id):
            whose = error("username", f"{DUPLICATE_USER}: it is of {self._names.name_of(base.company_id)}", "S-093")
            return Draft(line, base, findings=[*said, *([] if said else [whose])], known=False)
        return self._over(line, cells, base)

    def _over(self, line: int, cells: Sequence[str], base: SipUser) -> UserDraft:
        values, findings = self._reader.read(cells, base)
        user, wrong = _mailed(replace(base, **values) if values else base, base)
        return Draft(line, user, base, [*findings, *wrong])

    def _new(self, line: int, cells: Sequence[str], company: int | None, said: Sequence[Finding]) -> UserDraft:
        values, findings = self._reader.read(cells, None)
        name, spelled = self._reader.one("username", self._reader.cell("username", cells) or "")
        user, wrong = _mailed(SipUser(company_id=company or 0, **values, **name), None)
        owner = self._names.owners.get(user.company_id)
        findings = [*said, *spelled, *findings, *wrong]
        if not said and owner is None:
            findings.append(missing_company())
        if owner is not None and name:
            findings += check_username(user.username, owner.block)
        return Draft(line, user, findings=findings, known=owner is not None)


def _mailed(user: SipUser, base: SipUser | None) -> tuple[SipUser, list[Finding]]:
    """The user with the address for messages as it is stored, and what is wrong with it (S-111)."""
    if not user.voicemail_email or (base is not None and base.voicemail_email == user.voicemail_email):
        return user, []
    wrong = check_email(user.voicemail_email)
    return (user if wrong else replace(user, voicemail_email=parse_email(user.voicemail_email))), wrong


def _refuse_repeated(drafts: Sequence[UserDraft], batch: Batch) -> None:
    """Refuse each row of a name that several rows have, and say which they are."""
    if batch.mode is Mode.EDIT:
        return
    counts = Counter(draft.row.username for draft in drafts)
    rows: defaultdict[str, list[UserDraft]] = defaultdict(list)
    for draft in drafts:
        if counts[draft.row.username] > 1 and draft.row.username:
            rows[draft.row.username].append(draft)
    for name, several in rows.items():
        words = f"{DUPLICATE_USER}: {name} stands on the {facts.lines([draft.line for draft in several])}"
        for draft in several:
            draft.findings.append(error("username", words, "S-093"))
            draft.known = False


def _share_channels(link: sqlite3.Connection, drafts: Sequence[UserDraft], names: Names) -> list[Finding]:
    """Say where the channels of a company run out, row by row and then as a whole (W-011).

    Rows that give channels back come first, whatever their place; the others take theirs in their order.
    """
    growing = [draft for draft in drafts if draft.touched and _grows(draft)]
    used = facts.channels_of(link, {draft.row.company_id for draft in growing})
    for draft in drafts:
        if draft.touched and draft.base is not None and draft.row.company_id in used and not _grows(draft):
            used[draft.row.company_id] += draft.row.channels - draft.base.channels
    before = dict(used)
    for draft in growing:
        company, had = draft.row.company_id, draft.base.channels if draft.base else 0
        limit = names.owners[company].channels
        draft.findings += check_capacity(limit, used[company] - had, draft.row.channels)
        used[company] += draft.row.channels - had
    owners = (names.owners[company] for company in used)
    return [
        _too_many(owner, before[owner.id], used[owner.id]) for owner in owners if 0 < owner.channels < used[owner.id]
    ]


def _grows(draft: UserDraft) -> bool:
    return draft.base is None or grew(draft.row.channels, draft.base.channels)


def _too_many(owner: Owner, before: int, after: int) -> Finding:
    left = max(owner.channels - before, 0)
    words = f"{owner.name}: {after - before} more are wanted, {left} of {owner.channels} are left."
    return error("channels", f"{NO_CAPACITY} {words}", "W-011")


def _judge_allow_lists(link: sqlite3.Connection, drafts: Sequence[UserDraft], names: Names) -> None:
    """Find the sending IP entries that would let users in without their password (C-13, S-084)."""
    listed = [
        (draft, network)
        for draft in drafts
        if draft.touched and draft.row.enabled and draft.row.allow_list
        for network in allow_networks(draft.row.allow_list)
    ]
    if any_registered(link):
        for draft in drafts:
            if draft.touched and draft.row.enabled:
                draft.findings += shut_out(link, draft.row)
    met = with_stored(link, "ip_auth", [(network.first, network.last) for _, network in listed])
    entries = facts.claims(link, (key for keys in met.values() for key in keys), names)
    for place in sorted(met):
        draft, network = listed[place]
        user, whose = draft.row, names.name_of(draft.row.company_id)
        mine = AllowClaim(
            user.id or None, user.company_id, whose, user.username, network.text, network.first, network.last
        )
        draft.findings += check_allow_against_ips([mine], [entries[key] for key in met[place]])
