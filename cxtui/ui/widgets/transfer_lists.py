"""What stands in which of two lists, what is searched and where the cursors are: `Transfer` without its paint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxtui.models.fields import Choice

ALL, RESTRICTED = 0, 1
LONGEST_SEARCH = 32


@dataclass(slots=True)
class _View:
    """One list as it is looked at: the search, the index under the cursor and the first that is shown."""

    sought: str = ""
    at: int = 0
    top: int = 0


class TransferLists:
    """Every option is in one of two lists, in the order of the options; one of the lists has the cursor."""

    def __init__(self, options: Sequence[Choice], value: str) -> None:
        self.options = tuple(options)
        self._restricted: frozenset[str] = frozenset()
        self._before: frozenset[str] | None = None
        self._views = (_View(), _View())
        self._side = ALL
        self._rows = 1
        self.choose(value)

    @property
    def value(self) -> str:
        """The names in the second list, separated by commas."""
        return ",".join(option.value for option in self.members(RESTRICTED))

    @property
    def side(self) -> int:
        """The list that has the cursor."""
        return self._side

    @side.setter
    def side(self, side: int) -> None:
        self._side = side
        self._fit()

    @property
    def at(self) -> int:
        """The index of the cursor among what is found in its list."""
        return self._views[self._side].at

    @property
    def current(self) -> Choice | None:
        """The option under the cursor; none in an empty list."""
        found = self.found(self._side)
        return found[self.at] if found else None

    @property
    def sought(self) -> str:
        """What is searched in the list that has the cursor."""
        return self._views[self._side].sought

    @sought.setter
    def sought(self, text: str) -> None:
        view, was = self._views[self._side], self.current
        view.sought, view.at = text[:LONGEST_SEARCH], 0
        self._point_at(self._side, was)

    def sought_in(self, side: int) -> str:
        """What is searched in a list."""
        return self._views[side].sought

    def top(self, side: int) -> int:
        """The index of the first option of a list that is shown."""
        return self._views[side].top

    def members(self, side: int) -> tuple[Choice, ...]:
        """The options of a list, searched or not."""
        return tuple(option for option in self.options if (option.value in self._restricted) is (side == RESTRICTED))

    def found(self, side: int) -> tuple[Choice, ...]:
        """The options of a list whose name holds what is searched; where no name at all does, those whose help does."""
        members, wanted = self.members(side), _bare(self._views[side].sought)
        if not wanted:
            return members
        if any(wanted in _bare(option.label) for option in self.options):
            return tuple(option for option in members if wanted in _bare(option.label))
        return tuple(option for option in members if wanted in _bare(option.help))

    @property
    def can_take_back(self) -> bool:
        """Whether the last thing that was done was to move all."""
        return self._before is not None

    def choose(self, value: str) -> None:
        """Put these names, separated by commas, into the second list; one that is no option any more becomes one."""
        names = dict.fromkeys(name for name in value.split(",") if name)
        known = {option.value for option in self.options}
        strange = (Choice(name, name, "not in the list of codecs any more") for name in names if name not in known)
        self.options += tuple(strange)
        self._set(frozenset(names))
        self._fit()

    def show(self, rows: int) -> None:
        """Take the number of options that there is room for."""
        self._rows = max(1, rows)
        self._fit()

    def step(self, rows: int) -> bool:
        """Move the cursor, at most to the end; False if it is there already."""
        view = self._views[self._side]
        at = view.at
        view.at += rows
        self._fit()
        return view.at != at

    def point(self, side: int, row: int) -> bool:
        """Put the cursor on a line of a list; False where no option is."""
        self._side = side
        view = self._views[side]
        hit = 0 <= row < min(self._rows, len(self.found(side)) - view.top)
        if hit:
            view.at = view.top + row
        self._fit()
        return hit

    def scroll(self, side: int, rows: int) -> bool:
        """Move what is shown of a list, and its cursor with it; False if all of it is shown."""
        view, last = self._views[side], len(self.found(side)) - self._rows
        if last <= 0:
            return False
        view.top = min(max(view.top + rows, 0), last)
        view.at = min(max(view.at, view.top), view.top + self._rows - 1)
        return True

    def move(self) -> None:
        """Put the option under the cursor into the other list, with the other cursor on it."""
        option, side = self.current, self._side
        view = self._views[side]
        if option is None:
            return
        place = self.members(side).index(option)
        self._set(self._restricted ^ {option.value})
        if not self.found(side):
            # The search has led to what it was for: the next one begins anew.
            view.sought, view.at = "", place
        self._point_at(1 - side, option)

    def move_all(self) -> None:
        """Empty the list that has the cursor into the other, or take just that back."""
        before = self._restricted
        if self._before is not None:
            self._set(self._before)
        elif self.members(self._side):
            self._set(frozenset(option.value for option in self.options if self._side == ALL))
            self._before = before
        for view in self._views:
            view.sought = ""
        self._fit()

    def _set(self, restricted: frozenset[str]) -> None:
        self._restricted = restricted
        self._before = None

    def _point_at(self, side: int, option: Choice | None) -> None:
        """Put a cursor on an option if it is found in its list."""
        found = self.found(side)
        if option in found:
            self._views[side].at = found.index(option)
        self._fit()

    def _fit(self) -> None:
        """Keep the cursors in their lists, and in view."""
        for side, view in enumerate(self._views):
            last = len(self.found(side)) - 1
            view.at = max(0, min(view.at, last))
            if not view.top <= view.at < view.top + self._rows:
                # Half a page at once, because every move of the view repaints all of it.
                view.top = view.at - self._rows // 2
            view.top = max(0, min(view.top, last - self._rows + 1))


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
