"""Lists: every row there is or the first ones, written while they are read, so that a million are no burden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from cxtui.models.fields import Entity
from cxtui.services.grids import Grid, Shown

from . import shapes
from .call import Call
from .grammar import Parser, whole_number
from .nouns import owner
from .tables import table

WINDOW = 500
ON_A_SCREEN = 50
_SEARCHED_HERE = {"profiles": ("name", "flags", "barge_group")}
"""Lists that the database has no search for; they are short."""


def options(parser: Parser, *, owned: bool) -> None:
    """The options of every list."""
    if owned:
        parser.add_argument("--company", metavar="NAME", help="only this company's")
    parser.add_argument("--filter", metavar="TEXT", default="", help="only what contains TEXT (two letters: begins so)")
    many = parser.add_mutually_exclusive_group()
    many.add_argument("--limit", metavar="N", type=whole_number, help=f"at most N; on a terminal usually {ON_A_SCREEN}")
    many.add_argument("--all", action="store_true", help="every one, on a terminal too")


def write(call: Call, entity: type[Entity], plural: str) -> int:
    """List the rows of an entity."""
    grid = shapes.GRID_OF[entity]
    company = owner(call)
    limit = call.given("limit")
    room = call.output.room
    if limit is None and room is not None and not call.given("all"):
        limit = ON_A_SCREEN
    needle = call.given("filter").strip()
    found = _found(call, grid, company.id if company else None, needle)
    if call.output.as_json:
        call.output.records(shapes.record(item) for item in islice(found, limit))
        return 0
    counted = _Counted(islice(found, limit))
    call.output.lines(table(shapes.columns(entity), map(shapes.cells, counted), room))
    if not counted.count:
        call.output.note(f"No {plural}{' like that' if needle or company else ' yet'}.")
    elif limit == counted.count and next(found, None) is not None:
        call.output.note(f"The first {limit}; --all lists every one.")
    return 0


def _found(call: Call, grid: str, company_id: int | None, needle: str) -> Iterator[Shown]:
    here = _SEARCHED_HERE.get(grid)
    reader = Grid(call.context, grid, company_id, "" if here else needle)
    last = None
    while window := reader.after(last, WINDOW):
        last = window[-1]
        yield from filter(_containing(here, needle), window) if here and needle else window
        if len(window) < WINDOW:
            return


def _containing(fields: tuple[str, ...], needle: str) -> Callable[[Shown], bool]:
    wanted = needle.lower()
    return lambda item: any(wanted in getattr(item.row, field).lower() for field in fields)


class _Counted(Iterator[Shown]):
    """Passes rows on and counts them."""

    def __init__(self, items: Iterator[Shown]) -> None:
        self._items = items
        self.count = 0

    def __next__(self) -> Shown:
        item = next(self._items)
        self.count += 1
        return item
