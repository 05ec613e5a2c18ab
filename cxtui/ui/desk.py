"""What every part of the screen needs at hand."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cxtui.services.context import Context
from cxtui.ui.glyphs import UTF8, Glyphs
from cxtui.ui.work import Work


@dataclass(frozen=True, slots=True)
class Desk:
    """The operator's context, the signs of this terminal, and the door to the worker threads.

    ``scroll_step`` is how many rows a list moves when the cursor leaves it: a larger step repaints a slow line less.
    ``session`` names this console before the others.
    """

    context: Context
    glyphs: Glyphs = UTF8
    scroll_step: int = 1
    work: Work = field(default_factory=Work)
    session: str = field(default_factory=lambda: os.urandom(16).hex())
