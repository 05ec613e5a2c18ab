"""How a typed filter becomes a condition that an index answers."""

from __future__ import annotations

import re
import sqlite3
from itertools import product
from typing import Any, NamedTuple

from . import sqlite

_FEW = 1_000
"""So many ids are given to SQLite by name."""
_SOME = 30_000
"""So many rows are looked up and sorted within some hundredths of a second; of more, a walk soon finds a screenful."""
_TRIGRAM = 3
_UNSEARCHABLE = re.compile("[\x00\ud800-\udfff]")
_LAST = "\U0010ffff"


def clean(needle: str) -> str:
    """``needle`` without outer blanks; what SQLite could not take is replaced by a character that matches nothing."""
    return _UNSEARCHABLE.sub("\ufffd", needle).strip()


class Filter(NamedTuple):
    """What a needle finds, as conditions with their values: one to read rows in order, and one to tell their number.

    ``more`` says that the latter leaves some of the rows out, because there are very many.
    """

    reading: str
    reading_values: list[Any]
    counting: str
    counting_values: list[Any]
    more: bool = False


def condition(link: sqlite3.Connection, table: str, prefix: str, needle: str, *, whole: bool, sorted_by: str) -> Filter:
    """The conditions for the rows of ``table`` that ``needle`` finds now.

    Up to two characters are looked up as the beginning of the column ``prefix``, more anywhere in the searched ones;
    upper and lower case are the same. ``whole`` says that no company narrows the list, ``sorted_by`` which column comes
    first in its order.
    """
    if len(needle) < _TRIGRAM:
        return _beginning(link, table, prefix, needle, ordered=prefix == sorted_by)
    search = f"SELECT rowid FROM {table}_search WHERE {table}_search MATCH ?"
    phrase = sqlite.phrase(needle)
    hits = link.execute(f"{search} LIMIT {_FEW + 1}", (phrase,)).fetchall()
    if len(hits) <= _FEW:
        found = f"{table}.id IN ({','.join(str(int(hit[0])) for hit in hits)})"
        return Filter(found, [], found, [])
    found = f"{table}.id IN ({search})"
    # SQLite's lower() knows ASCII alone; the index folds every letter.
    if not needle.isascii() or _at_most(link, f"{search} LIMIT {_SOME + 1}", [phrase]):
        return Filter(found, [phrase], found, [phrase])
    # Many match, so walking the list in its order finds a screenful soonest.
    columns = sqlite.SEARCHED[table]
    walk = "(" + " OR ".join(f"instr(lower({table}.{name}), ?)" for name in columns) + ")"
    values = [needle.lower()] * len(columns)
    if not whole:
        return Filter(walk, values, walk, values)
    newest = f"{table}.id IN ({search} ORDER BY rowid DESC LIMIT {_SOME // 2})"
    return Filter(walk, values, newest, [phrase], more=True)


def _beginning(link: sqlite3.Connection, table: str, prefix: str, needle: str, *, ordered: bool) -> Filter:
    """Ranges of the index, one for each way of writing the letters that any row has: a single one keeps its order."""
    column = f"{table}.{prefix}"
    each = f"{column} >= ? AND {column} < ?"
    spelled = [{letter, *(way for way in (letter.lower(), letter.upper()) if len(way) == 1)} for letter in needle]
    ranges = [(begin, begin + _LAST) for begin in sorted(map("".join, product(*spelled)))]
    probe = f"SELECT 1 FROM {table} WHERE {each} LIMIT 1"
    found = [bounds for bounds in ranges if link.execute(probe, bounds).fetchone()] or ranges[:1]
    any_of = "(" + " OR ".join([f"({each})"] * len(found)) + ")"
    values = [bound for bounds in found for bound in bounds]
    if ordered and len(found) == 1:
        return Filter(any_of, values, any_of, values)
    matching = f"SELECT id FROM {table} WHERE {any_of}"
    if _at_most(link, f"{matching} LIMIT {_SOME + 1}", values):
        return Filter(f"{table}.id IN ({matching})", values, any_of, values)
    # A plus keeps SQLite from sorting all that the index finds.
    walk = any_of.replace(column, f"+{column}")
    if ordered:
        return Filter(f"({each} AND {walk})", [values[0], values[-1], *values], any_of, values)
    return Filter(walk, values, any_of, values)


def _at_most(link: sqlite3.Connection, statement: str, values: list[Any]) -> bool:
    """Whether ``statement``, which stops at one row more, finds no more rows than ``_SOME``."""
    found: int = link.execute(f"SELECT count(*) FROM ({statement})", values).fetchone()[0]
    return found <= _SOME
