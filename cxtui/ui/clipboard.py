"""Copying: the terminal's clipboard by OSC 52, the desktop's where there is one, and an honest report of both.

No terminal acknowledges OSC 52, so nothing here claims that a copy arrived. What is copied may be a password: it is in
no report and no exception.
"""

from __future__ import annotations

import base64
import contextlib
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LIMIT = 74_000
"""The most base64 bytes sent: what the xterm family accepts in one OSC 52."""

SCREEN_CHUNK = 250
"""Bytes in one DCS string for GNU screen, which drops longer ones in its older versions."""

DESKTOP_SECONDS = 1.0
"""How long the desktop's clipboard program may take; probing for one can hang for many seconds."""

_CAUTION = "Terminals may ignore that: check by pasting"
_INSTEAD = " Reveal and select it instead."


@dataclass(frozen=True, kw_only=True)
class CopyReport:
    """What a copy did: the ways it was `sent` ("osc52", "tmux", "screen", "desktop"), and that in a sentence."""

    sent: tuple[str, ...]
    sentence: str


def copy(
    text: str,
    *,
    write: Callable[[str], None],
    environ: Mapping[str, str],
    pyperclip_copy: Callable[[str], object] | None = None,
    platform: str = sys.platform,
    masked: bool = True,
) -> CopyReport:
    """Send `text` to every clipboard that may be the operator's; takes up to DESKTOP_SECONDS and never raises.

    `write` takes escape sequences to the terminal (the driver's own write, so they do not cut into a frame).
    `pyperclip_copy` replaces pyperclip's copy. What is `masked` on the screen can be revealed there and selected.
    """
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    if not encoded:
        return CopyReport(sent=(), sentence="There is nothing to copy.")
    if len(encoded) > LIMIT:
        size = f"{len(encoded):,} bytes encoded, of at most {LIMIT:,}".replace(",", " ")
        return CopyReport(
            sent=(), sentence=f"Not copied: too long for a terminal's clipboard ({size}).{_INSTEAD if masked else ''}"
        )
    sent = _to_terminal(encoded, write, environ)
    if _has_desktop(environ, platform) and _to_desktop(text, pyperclip_copy):
        sent += ("desktop",)
    return CopyReport(sent=sent, sentence=_sentence(sent, masked=masked))


def _to_terminal(encoded: str, write: Callable[[str], None], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Write OSC 52 in each form the way to the terminal may need; the names of the forms written."""
    if environ.get("TERM") == "linux":
        return ()  # older kernels print an OSC instead of ignoring it, and this may be a password
    sequence = f"\x1b]52;c;{encoded}\a"
    forms = {"osc52": sequence}
    term = environ.get("TERM", "")
    # Bare, it reaches tmux itself (set-clipboard on); wrapped, it passes tmux (allow-passthrough on). Neither answers.
    if environ.get("TMUX") or term.startswith("tmux"):
        forms["tmux"] = "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    elif environ.get("STY") or term.startswith("screen"):
        chunks = (sequence[start : start + SCREEN_CHUNK] for start in range(0, len(sequence), SCREEN_CHUNK))
        forms["screen"] = "".join(f"\x1bP{chunk}\x1b\\" for chunk in chunks)
        # TERM=screen without STY may as well be a tmux before ssh. A long bare one, GNU screen would print in part.
        if environ.get("STY") or len(sequence) > SCREEN_CHUNK:
            del forms["osc52"]
    try:
        write("".join(forms.values()))
    except Exception:
        return ()
    return tuple(forms)


def _has_desktop(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a desktop of the operator's is reached from here: X or Wayland (also forwarded), or a local Mac."""
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return True
    return platform == "darwin" and not environ.get("SSH_CONNECTION")


def _to_desktop(text: str, pyperclip_copy: Callable[[str], object] | None) -> bool:
    """Hand `text` to the desktop's clipboard program; False when that failed or took too long."""
    done = threading.Event()

    def hand_over() -> None:
        # Nothing is kept of a failure: its message may quote the text.
        with contextlib.suppress(Exception):
            if pyperclip_copy is not None:
                pyperclip_copy(text)
            else:
                import pyperclip

                pyperclip.copy(text)
            done.set()

    threading.Thread(target=hand_over, name="cxtui-clipboard", daemon=True).start()
    return done.wait(DESKTOP_SECONDS)


def _sentence(sent: tuple[str, ...], *, masked: bool) -> str:
    """What was done, claiming no more than is known."""
    desktop = "desktop" in sent
    if sent in ((), ("desktop",)):
        if desktop:
            return "Handed to the desktop's clipboard; this terminal has none of its own. Check by pasting."
        return f"Not copied: this terminal has no clipboard to send to.{_INSTEAD if masked else ''}"
    through = ", through tmux" if "tmux" in sent else ", through screen" if "screen" in sent else ""
    also = " and handed to the desktop's clipboard" if desktop else ""
    caution = f"{_CAUTION}, or reveal and select." if masked else f"{_CAUTION}."
    return f"Sent to your terminal's clipboard (OSC 52{through}){also}. {caution}"
