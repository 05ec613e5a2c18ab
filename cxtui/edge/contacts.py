"""The contacts of registered users, as a switch tells them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

Contact = Mapping[str, Any]
"""A contact as the switch tells it."""


def ruid(contact: Contact) -> str:
    """What names the record of a contact at its switch."""
    return str(contact.get("Ruid", ""))[:64]


def contacts(said: Any) -> Iterator[tuple[str, Contact]]:
    """Each contact of a whole table with its user."""
    for domain in _list(said, "Domains"):
        for record in _list(domain.get("Domain", {}), "AoRs"):
            yield from of_record(record.get("Info", {}))


def of_record(record: Any) -> Iterator[tuple[str, Contact]]:
    """The contacts in force: one that has expired stays with the switch until its next round."""
    username = str(record.get("AoR", "")) if isinstance(record, dict) else ""
    for one in _list(record, "Contacts"):
        contact = one.get("Contact")
        if isinstance(contact, dict) and username and isinstance(contact.get("Expires"), int):
            yield username[:64], contact


def _list(said: Any, name: str) -> Collection[dict[str, Any]]:
    found = said.get(name) if isinstance(said, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
