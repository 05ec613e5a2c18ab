"""What is stored, as far as a bulk change has to do with it: asked in few statements for all of its rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from cxtui.models.fields import Entity
from cxtui.rules.companies import block_of
from cxtui.rules.conflicts import AllowClaim, Claim
from cxtui.rules.usernames import NumberBlock
from cxtui.store.rows import all_where

E = TypeVar("E", bound=Entity)
T = TypeVar("T")

_AT_ONCE = 5_000
USERNAME = "username IN (SELECT value FROM json_each(?))"
ADDRESS = "address IN (SELECT value FROM json_each(?))"
_ID = "id IN (SELECT value FROM json_each(?))"
_CLAIM = (
    "SELECT id, company_id, address, first, last, direction, port, cli_authentication, enabled FROM ip_auth"
    " WHERE id IN (SELECT value FROM json_each(?))"
)
_ALLOWED = (
    "SELECT allowed_range.id, sip_user.id, company_id, username, address, first, last FROM allowed_range"
    " JOIN sip_user ON sip_user.id = sip_user_id"
    " WHERE enabled AND allowed_range.id IN (SELECT value FROM json_each(?))"
)
_CHANNELS = (
    "SELECT company_id, coalesce(sum(channels), 0) FROM sip_user"
    " WHERE company_id IN (SELECT value FROM json_each(?)) GROUP BY company_id"
)


class Owner(NamedTuple):
    """A company as far as its IP entries and SIP users depend on it."""

    id: int
    name: str
    channels: int
    start: int
    size: int

    @property
    def block(self) -> NumberBlock | None:
        """Its Internal Number Block."""
        return block_of({"number_block_start": self.start, "number_block_size": self.size})


class Names:
    """All companies and SIP profiles, by what an operator calls them."""

    def __init__(self, link: sqlite3.Connection) -> None:
        found = link.execute(
            "SELECT id, name, channels, number_block_start, number_block_size FROM company ORDER BY id"
        )
        self.owners = {row[0]: Owner(*row) for row in found}
        self._company = {owner.name: key for key, owner in self.owners.items()}
        self._lower: dict[str, int] = {}
        for name, key in self._company.items():
            self._lower.setdefault(name.lower(), key)
        self.profiles: dict[int, str] = dict(link.execute("SELECT id, name FROM sip_profile").fetchall())
        self._profile = {name: key for key, name in self.profiles.items()}
        self.words: Mapping[tuple[str, int], str] = {
            **{("company", key): owner.name for key, owner in self.owners.items()},
            **{("sip_profile", key): name for key, name in self.profiles.items()},
        }
        """The names by table and id."""

    def company(self, text: str) -> int | None:
        """The id of the company with this name or id, upper and lower case alike."""
        found = self._company.get(text) or self._lower.get(text.lower())
        return found or _number(text, self.owners)

    def name_of(self, company_id: int) -> str:
        """The name of a company, empty where there is none."""
        owner = self.owners.get(company_id)
        return owner.name if owner else ""

    def profile(self, text: str) -> int | None:
        """The id of the SIP profile with this name or id."""
        found = self._profile.get(text)
        return found or _number(text, self.profiles)

    def near(self, text: str) -> str:
        """The company whose name is most like ``text``, empty where none is."""
        from difflib import get_close_matches

        found = get_close_matches(text.lower(), self._lower, n=1)
        return self.owners[self._lower[found[0]]].name if found else ""


def by_ids(link: sqlite3.Connection, entity: type[E], ids: Iterable[int]) -> dict[int, E]:
    """The rows with these ids, by id; those that are gone are left out."""
    return {row.id: row for part in chunks(ids) for row in all_where(link, entity, _ID, (json.dumps(part),))}


def having(link: sqlite3.Connection, entity: type[E], condition: str, texts: Iterable[str]) -> Iterator[E]:
    """The rows whose ``USERNAME`` or ``ADDRESS`` is one of these texts."""
    for part in chunks(texts):
        yield from all_where(link, entity, condition, (json.dumps(part),))


def channels_of(link: sqlite3.Connection, companies: Iterable[int]) -> dict[int, int]:
    """The channels that each company's SIP users have together."""
    found = dict.fromkeys(companies, 0)
    found.update(link.execute(_CHANNELS, (json.dumps([*found]),)).fetchall())
    return found


def claims(link: sqlite3.Connection, ids: Iterable[int], names: Names) -> dict[int, Claim]:
    """IP entries as the conflict rules compare them."""
    found = {}
    for part in chunks(ids):
        for key, company, address, first, last, way, port, cli, enabled in link.execute(_CLAIM, (json.dumps(part),)):
            whose = names.name_of(company)
            found[key] = Claim(key, company, whose, address, first, last, way, port, bool(cli), bool(enabled))
    return found


def allowed(link: sqlite3.Connection, ids: Iterable[int], names: Names) -> dict[int, AllowClaim]:
    """Networks of the allow lists of SIP users that are enabled, by their own id."""
    found = {}
    for part in chunks(ids):
        for key, user, company, username, address, first, last in link.execute(_ALLOWED, (json.dumps(part),)):
            found[key] = AllowClaim(user, company, names.name_of(company), username, address, first, last)
    return found


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """The distinct ``items``, some thousand at a time."""
    rest = iter(dict.fromkeys(items))
    while part := list(islice(rest, _AT_ONCE)):
        yield part


def lines(numbers: Sequence[int]) -> str:
    """Lines in words: "lines 4, 9 and 12"; of many the first ones."""
    shown = [str(number) for number in numbers[:5]]
    last = f"{len(numbers) - 5} more" if len(numbers) > 5 else shown.pop()
    return f"lines {', '.join(shown)} and {last}"


def _number(text: str, known: Mapping[int, object]) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return int(text) if int(text) in known else None
