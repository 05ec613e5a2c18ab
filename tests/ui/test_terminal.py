from __future__ import annotations

import contextlib
import os

import pytest
from textual.app import App

from cxtui.ui import terminal
from cxtui.ui.terminal import colour_depth, refusal, wants_ansi_theme, wants_ascii

XTERM = {"TERM": "xterm-256color"}


@pytest.mark.parametrize(
    ("environ", "stdin_tty", "stdout_tty", "reason"),
    [
        (XTERM, False, True, "standard input is not one"),
        (XTERM, True, False, "standard output is not one"),
        ({"TERM": "dumb"}, True, True, "TERM=dumb"),
        ({"TERM": ""}, True, True, "TERM is not set"),
        ({}, True, True, "TERM is not set"),
    ],
)
def test_where_the_console_cannot_run_it_says_why_and_names_the_verbs(
    environ: dict[str, str], stdin_tty: bool, stdout_tty: bool, reason: str
) -> None:
    sentence = refusal(environ, stdin_tty, stdout_tty)
    assert sentence
    assert reason in sentence
    assert "`cxtui ip list`" in sentence


def test_a_terminal_is_not_refused() -> None:
    assert refusal(XTERM, True, True) is None


@pytest.mark.parametrize(
    ("environ", "colours"),
    [
        ({"TERM": "linux"}, 16),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, 16),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, 1 << 24),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, 1 << 24),
        ({"TERM": "xterm-direct"}, 1 << 24),
        ({"TERM": "screen-256color"}, 256),
        ({"TERM": "vt220"}, 8),
    ],
)
def test_the_colour_depth_is_what_the_terminal_says_of_itself(environ: dict[str, str], colours: int) -> None:
    assert colour_depth(environ, lambda _: 8) == colours


def test_few_colours_or_no_color_want_the_terminals_own_palette() -> None:
    assert wants_ansi_theme({"TERM": "linux"})
    assert wants_ansi_theme({"TERM": "xterm"}, lambda _: 8)
    assert wants_ansi_theme({"TERM": "xterm-16color"}, lambda _: 16)
    assert wants_ansi_theme(XTERM | {"NO_COLOR": "1"})
    assert not wants_ansi_theme(XTERM | {"NO_COLOR": ""})
    assert not wants_ansi_theme({"TERM": "alacritty"}, lambda _: 256)


@pytest.mark.parametrize(
    ("environ", "encoding", "ascii_only"),
    [
        ({"LANG": "en_GB.UTF-8"}, "UTF-8", False),
        ({"LANG": "en_GB.UTF-8"}, "utf8", False),
        ({"LANG": "de_DE.ISO-8859-1"}, "ISO-8859-1", True),
        ({"LANG": "C"}, "ANSI_X3.4-1968", True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "UTF-8", True),
        ({"LC_ALL": "POSIX", "LANG": "en_GB.UTF-8"}, "utf-8", True),
        ({"LC_CTYPE": "C.UTF-8"}, "UTF-8", False),
        ({"LANG": "C", "LC_ALL": "C.UTF-8"}, "UTF-8", False),
        ({"LANG": "en_GB.UTF-8", "TERM": "linux"}, "UTF-8", True),
    ],
)
def test_ascii_is_drawn_where_the_locale_or_the_font_has_no_more(
    environ: dict[str, str], encoding: str, ascii_only: bool
) -> None:
    assert wants_ascii(environ, encoding) is ascii_only


async def test_an_app_without_a_terminal_is_left_alone() -> None:
    left: list[bool] = []
    app: App[None] = App()
    async with app.run_test():
        terminal.guard(app, lambda: left.append(True))
    assert left == []


def test_a_terminal_that_is_gone_or_never_was_one_is_restored_without_complaint() -> None:
    reader, writer = os.pipe()
    try:
        with contextlib.suppress(RuntimeError), terminal.restored(writer):
            raise RuntimeError("the console broke")
    finally:
        os.close(writer)
        assert os.read(reader, 100) == b""
        os.close(reader)


def test_a_terminal_in_its_own_modes_is_written_nothing() -> None:
    master, slave = os.openpty()
    os.set_blocking(master, False)
    with terminal.restored(slave):
        pass
    with pytest.raises(BlockingIOError):
        os.read(master, 100)
    os.close(slave)
    os.close(master)
