"""How a typed filter becomes a condition that an index answers."""

from __future__ import annotations

import re
import sqlite3
from itertools import product
from typing import Any

from . import sqlite

_FEW = 1_000
_TRIGRAM = 3
_UNSEARCHABLE = re.compile("[\x00\ud800-\udfff]")
_LAST = "\U0010ffff"


def clean(needle: str) -> str:
    """``needle`` without outer blanks; what SQLite could not take is replaced by a character that matches nothing."""
    return _UNSEARCHABLE.sub("\ufffd", needle).strip()


def condition(link: sqlite3.Connection, table: str, prefix: str, needle: str) -> tuple[str, list[Any]]:
    """The condition for the rows of ``table`` that ``needle`` finds now, and its values.

    Up to two characters are looked up as the beginning of the column ``prefix``, more anywhere in the searched ones;
    upper and lower case are the same.
    """
    if len(needle) < _TRIGRAM:
        return _beginning(link, table, prefix, needle)
    search = f"SELECT rowid FROM {table}_search WHERE {table}_search MATCH ?"
    phrase = sqlite.phrase(needle)
    hits = link.execute(f"{search} LIMIT {_FEW + 1}", (phrase,)).fetchall()
    if len(hits) <= _FEW:
        return f"{table}.id IN ({','.join(str(int(hit[0])) for hit in hits)})", []
    if not needle.isascii():
        # SQLite's lower() knows ASCII alone; the index folds every letter.
        return f"{table}.id IN ({search})", [phrase]
    # Many match, so walking the list in its order finds a screenful soonest.
    columns = sqlite.SEARCHED[table]
    anywhere = " OR ".join(f"instr(lower({table}.{name}), ?)" for name in columns)
    return f"({anywhere})", [needle.lower()] * len(columns)


def _beginning(link: sqlite3.Connection, table: str, prefix: str, needle: str) -> tuple[str, list[Any]]:
    """Ranges of the index, one for each way of writing the letters that any row has: a single one keeps its order."""
    column = f"{table}.{prefix}"
    each = f"{column} >= ? AND {column} < ?"
    spelled = [{letter, *(way for way in (letter.lower(), letter.upper()) if len(way) == 1)} for letter in needle]
    ranges = [(begin, begin + _LAST) for begin in sorted(map("".join, product(*spelled)))]
    probe = f"SELECT 1 FROM {table} WHERE {each} LIMIT 1"
    found = [bounds for bounds in ranges if link.execute(probe, bounds).fetchone()] or ranges[:1]
    return "(" + " OR ".join([f"({each})"] * len(found)) + ")", [bound for bounds in found for bound in bounds]
