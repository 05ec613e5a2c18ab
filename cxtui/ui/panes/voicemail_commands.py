"""The commands of the Voicemail tab."""

from __future__ import annotations

from cxtui.ui.commands import Command
from cxtui.ui.panes.list_commands import MARK
from cxtui.ui.panes.subject_pane import HISTORY, OTHER

SETTINGS = Command(
    "voicemail.settings", "e", "Settings", "Enable voicemail, and say where it is mailed to", "settings", needs_row=True
)
PASSWORD = Command(
    "voicemail.password", "p", "Password", "Set the voicemail password", "password", needs_row=True, writes=True
)
DELETE = Command(
    "voicemail.delete", "d,delete", "Delete", "Delete the marked messages", "delete", needs_row=True, writes=True
)
READ = Command(
    "voicemail.read", "m", "Read/new", "Mark messages read, or new again", "read", needs_row=True, writes=True
)
EXPORT = Command(
    "voicemail.export", "x", "Export", "Save the recording in a file", "export", needs_row=True, writes=True
)
TEST = Command(
    "voicemail.test",
    "T,shift+t",
    "Test mail",
    "Send a test mail to the user's Email",
    "send_test",
    needs_row=True,
    writes=True,
)
CLOSE = Command(
    "voicemail.close", "escape", "Close", "Close what Enter opened, or clear the marks", "leave", footer=False
)
COMMANDS = (SETTINGS, DELETE, READ, EXPORT, PASSWORD, TEST, MARK, OTHER, HISTORY, CLOSE)
