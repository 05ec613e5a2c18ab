"""Opening the console: is there a terminal, is there a database, then run."""

from __future__ import annotations

import gc
import locale
import os
import sys

from cxtui.config import Settings
from cxtui.services.context import Context, who
from cxtui.services.opening import Opened, open_database
from cxtui.services.outcome import Denied
from cxtui.ui import terminal
from cxtui.ui.app import CxtuiApp
from cxtui.ui.desk import Desk
from cxtui.ui.glyphs import glyphs_for
from cxtui.ui.themes import theme_name

_SSH_SCROLL_STEP = 8
_SWITCH_SECONDS = 0.0005


def run(settings: Settings) -> int:
    """Run the console until the operator leaves it; returns the exit code."""
    refusal = terminal.refusal(os.environ, sys.stdin.isatty(), sys.stdout.isatty())
    if refusal:
        sys.stderr.write(refusal + "\n")
        return 2
    opened = open_database(settings, _ask)
    if not isinstance(opened, Opened):
        sys.stderr.write(opened + "\n")
        return 3
    # The start makes many objects that live as long as the console: nothing of them is worth collecting.
    gc.disable()
    # A thread that reads rows asks for the interpreter at every row; at the usual 5 ms it would wait for the screen
    # each time, and the first rows would come a tenth of a second late.
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        actor = who(os.environ, "console", settings)
    except Denied as problem:
        sys.stderr.write(f"{problem}\n")
        return 3
    app = make_app(Context(opened.database, actor, settings))
    app.call_later(_settle)
    with terminal.restored():
        app.run()
    return app.return_code or 0


def make_app(context: Context) -> CxtuiApp:
    """The console for this terminal."""
    encoding = locale.getpreferredencoding(False)
    wanted = context.settings.ascii
    ascii_only = wanted == "yes" or (wanted == "auto" and terminal.wants_ascii(os.environ, encoding))
    desk = Desk(
        context,
        glyphs_for("ascii" if ascii_only else "utf-8", ascii_only),
        _SSH_SCROLL_STEP if "SSH_CONNECTION" in os.environ else 1,
    )
    return CxtuiApp(desk, theme_name(context.settings.theme, terminal.wants_ansi_theme(os.environ)))


def _settle() -> None:
    gc.freeze()
    gc.enable()


def _ask(question: str) -> bool:
    sys.stdout.write(f"{question} [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
