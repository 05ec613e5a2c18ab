"""The commands that work everywhere."""

from __future__ import annotations

from dataclasses import replace

from cxtui.ui.commands import Command
from cxtui.ui.panes.tabs import TABS

FIND = Command("app.find", "slash", "Find", "Find an IP, network, SIP user or company and go there", "find")
COMPANY = Command("app.company", "c", "Company", "Choose a company", "tab('companies')")
ALL_COMPANIES = Command("app.all", "0", "All companies", "Show all companies", "all_companies", footer=False)
UNDO = Command("app.undo", "z", "Undo", "Take back your last change", "undo", writes=True)
HELP = Command("app.help", "question_mark,f1", "Keys", "The keys of this place", "help")
KEYS = replace(HELP, action="app.help")
"""The same for a window over the console, past which no key reaches the app."""

REFRESH = Command("app.refresh", "ctrl+r", "Refresh", "Read everything again", "refresh", footer=False)
LATER = Command(
    "app.later", "w", "Delayed saves", "What waits to be saved, and what became of it", "later", footer=False
)
THEME = Command("app.theme", "ctrl+t", "Theme", "Other colours: dark, light, the terminal's own", "theme", footer=False)
QUIT = Command("app.quit", "q,ctrl+q", "Quit", "Leave the console", "quit", footer=False)
GO = tuple(
    Command(
        f"app.tab-{tab.name}",
        tab.key,
        tab.title,
        f"Show the {tab.title} tab",
        f"tab('{tab.name}')",
        footer=False,
    )
    for tab in TABS
    if tab.name != "companies"
)
COMMANDS = (FIND, UNDO, COMPANY, HELP, ALL_COMPANIES, REFRESH, LATER, THEME, QUIT, *GO)

# While something is being typed in a form, these could throw it away.
NOT_IN_A_FORM = frozenset({"find", "tab", "all_companies", "undo", "quit", "refresh", "later"})
