"""The commands of the Rewrite tab."""

from __future__ import annotations

from cxtui.ui.commands import Command
from cxtui.ui.panes.subject_pane import HISTORY, OTHER

ADD = Command("rewrite.add", "a", "Add", "Add a rule behind the others", "add", needs_row=True, writes=True)
EDIT = Command("rewrite.edit", "e", "Edit", "Edit the rule under the cursor, or look at it", "edit", needs_row=True)
DELETE = Command(
    "rewrite.delete", "d,delete", "Delete", "Delete the marked rules", "delete", needs_row=True, writes=True
)
EARLIER = Command(
    "rewrite.earlier", "K,shift+k", "Earlier", "Run the rule one place earlier", "move(-1)", needs_row=True, writes=True
)
LATER = Command(
    "rewrite.later", "J,shift+j", "Later", "Run the rule one place later", "move(1)", needs_row=True, writes=True
)
EXAMPLES = Command(
    "rewrite.examples",
    "x",
    "From examples",
    "Get a rule from examples: what came in, and what it should be",
    "examples",
    needs_row=True,
    writes=True,
)
TEST = Command("rewrite.test", "t", "Test", "Type numbers into the tester", "test", needs_row=True)
COMMANDS = (ADD, EDIT, DELETE, TEST, EXAMPLES, EARLIER, LATER, OTHER, HISTORY)
