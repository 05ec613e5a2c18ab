from __future__ import annotations

import base64
import re
import threading

from hypothesis import given
from hypothesis import strategies as st

from cxtui.ui import clipboard
from cxtui.ui.clipboard import CopyReport, copy

SECRET = "correct-horse-battery"
ENCODED = base64.b64encode(SECRET.encode()).decode()
BARE = f"\x1b]52;c;{ENCODED}\a"
PLAIN = {"TERM": "xterm-256color"}


class Copied:
    """What a copy wrote to the terminal, handed to the desktop and reported."""

    def __init__(self, text: str = SECRET, platform: str = "linux", **environ: str) -> None:
        written: list[str] = []
        self.desktop: list[str] = []
        self.report: CopyReport = copy(
            text,
            write=written.append,
            environ=PLAIN | environ,
            pyperclip_copy=self.desktop.append,
            platform=platform,
        )
        self.written = "".join(written)


def test_a_plain_terminal_gets_osc_52_and_the_report_claims_no_more() -> None:
    copied = Copied()
    assert copied.written == BARE
    assert copied.report.sent == ("osc52",)
    assert copied.report.sentence == (
        "Sent to your terminal's clipboard (OSC 52). Terminals may ignore that: check by pasting, or reveal and select."
    )


def test_only_of_what_is_masked_it_is_said_that_it_can_be_revealed() -> None:
    for text, term in ((SECRET, "xterm"), (SECRET, "linux"), ("x" * clipboard.LIMIT, "xterm")):
        said = [
            copy(text, write=lambda _: None, environ={"TERM": term}, masked=masked, platform="linux").sentence
            for masked in (True, False)
        ]
        assert ["eveal" in words for words in said] == [True, False]
        assert said[1].endswith(".")


def test_tmux_gets_both_forms_for_either_of_its_settings() -> None:
    copied = Copied(TMUX="/tmp/tmux-0/default,1,0", TERM="screen-256color")
    assert copied.written == BARE + f"\x1bPtmux;\x1b\x1b]52;c;{ENCODED}\a\x1b\\"
    assert copied.report.sent == ("osc52", "tmux")
    assert "(OSC 52, through tmux)" in copied.report.sentence


def test_a_tmux_on_the_near_side_of_ssh_is_known_by_its_term() -> None:
    assert Copied(TERM="tmux-256color").report.sent == ("osc52", "tmux")


def test_gnu_screen_gets_pieces_that_add_up_and_nothing_it_would_print() -> None:
    copied = Copied("x" * 5000, STY="1.pts", TERM="screen")
    pieces = re.findall(r"\x1bP(.*?)\x1b\\", copied.written, re.S)
    assert "".join(f"\x1bP{piece}\x1b\\" for piece in pieces) == copied.written
    assert max(map(len, pieces)) <= clipboard.SCREEN_CHUNK
    assert base64.b64decode("".join(pieces)[len("\x1b]52;c;") : -1]) == b"x" * 5000
    assert "(OSC 52, through screen)" in copied.report.sentence


def test_term_screen_without_more_is_served_as_tmux_and_as_screen_while_that_is_safe() -> None:
    assert Copied(TERM="screen").report.sent == ("osc52", "screen")
    assert Copied("x" * 5000, TERM="screen").report.sent == ("screen",)


def test_the_linux_console_is_sent_nothing_because_it_might_print_it() -> None:
    copied = Copied(TERM="linux")
    assert copied.written == ""
    assert copied.report.sent == ()
    assert copied.report.sentence.startswith("Not copied")


def test_too_long_a_text_is_sent_nowhere_and_said_so() -> None:
    longest = clipboard.LIMIT // 4 * 3
    assert Copied("x" * longest).report.sent == ("osc52",)
    copied = Copied("x" * (longest + 1), DISPLAY=":0")
    assert (copied.written, copied.desktop, copied.report.sent) == ("", [], ())
    assert "too long" in copied.report.sentence
    assert "74 000" in copied.report.sentence


def test_nothing_is_not_copied_because_some_terminals_would_clear_their_clipboard() -> None:
    copied = Copied("")
    assert copied.written == ""
    assert copied.report.sentence == "There is nothing to copy."


def test_the_desktop_is_used_only_where_it_is_the_operators() -> None:
    assert Copied().desktop == []
    assert Copied(DISPLAY=":0").desktop == [SECRET]
    assert Copied(WAYLAND_DISPLAY="wayland-0").desktop == [SECRET]
    assert Copied(platform="darwin").desktop == [SECRET]
    assert Copied(platform="darwin", SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22").desktop == []
    assert Copied(DISPLAY=":0").report.sent == ("osc52", "desktop")
    assert "handed to the desktop's clipboard" in Copied(DISPLAY=":0").report.sentence


def test_a_desktop_that_fails_is_not_reported_as_sent() -> None:
    def fail(text: str) -> None:
        raise RuntimeError(f"no clipboard for {text}")

    report = copy(SECRET, write=lambda _: None, environ=PLAIN | {"DISPLAY": ":0"}, pyperclip_copy=fail)
    assert report.sent == ("osc52",)
    assert SECRET not in repr(report)


def test_a_desktop_that_hangs_is_left_behind() -> None:
    never = threading.Event()
    try:
        report = copy(
            SECRET, write=lambda _: None, environ=PLAIN | {"DISPLAY": ":0"}, pyperclip_copy=lambda _: never.wait()
        )
    finally:
        never.set()
    assert report.sent == ("osc52",)


def test_a_terminal_that_cannot_be_written_to_is_no_exception() -> None:
    def broken(data: str) -> None:
        raise OSError(f"cannot write {data}")

    report = copy(SECRET, write=broken, environ=PLAIN)
    assert report == CopyReport(sent=(), sentence=report.sentence)
    assert ENCODED not in report.sentence
    assert report.sentence.startswith("Not copied")


@given(text=st.text(min_size=1, max_size=300), tmux=st.booleans())
def test_what_is_sent_decodes_to_what_was_copied_and_holds_no_control_but_its_own(text: str, tmux: bool) -> None:
    copied = Copied(text, **({"TMUX": "x"} if tmux else {}))
    payload = re.match(r"\x1b\]52;c;([A-Za-z0-9+/=]+)\a", copied.written)
    assert payload
    assert base64.b64decode(payload[1]).decode() == text.encode("utf-8", "replace").decode()
