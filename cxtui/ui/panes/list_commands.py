"""The commands that every list has."""

from __future__ import annotations

from cxtui.ui.commands import Command

ADD = Command("list.add", "a", "Add", "Add a row", "add", writes=True)
EDIT = Command("list.edit", "e", "Edit", "Edit the row under the cursor, or look at it", "edit", needs_row=True)
DELETE = Command("list.delete", "d,delete", "Delete", "Delete the marked rows", "delete", needs_row=True, writes=True)
FILTER = Command("list.filter", "f", "Filter", "Show only rows that contain what you type", "filter", footer=False)
LEAVE = Command("list.leave", "escape", "Clear", "Clear the filter and the marks", "leave", footer=False)
MARK = Command("list.mark", "space", "Mark", "Mark the row and go on", "mark", footer=False)
COPY = Command("list.copy", "y", "Copy", "Copy the address or name of the row", "copy", footer=False, needs_row=True)
HISTORY = Command(
    "list.history", "h", "History", "Who changed this row, when and what", "history", footer=False, needs_row=True
)
COMMANDS = (ADD, EDIT, DELETE, FILTER, MARK, COPY, HISTORY, LEAVE)
