from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal, environment, wait_until
from tests.pty.tmux import Tmux


def osc_52_data(text: str) -> bytes:
    return b";" + base64.b64encode(text.encode())


def test_a_copy_reaches_the_buffer_of_a_tmux_with_set_clipboard_on(tiny: list[str], secret: str) -> None:
    with Tmux(tiny, set_clipboard="on", cols=120) as tmux:
        tmux.wait_for("ready")
        tmux.send_keys("c")
        tmux.wait_for("through tmux")
        wait_until(lambda: secret in tmux.buffers(), "the copy in tmux's buffer")


@pytest.mark.parametrize(
    ("set_clipboard", "allow_passthrough"),
    [("on", False), ("external", True), ("off", True)],
    ids=["set-clipboard on", "passthrough beside set-clipboard external", "passthrough beside set-clipboard off"],
)
def test_a_copy_reaches_the_terminal_outside_tmux(
    tiny: list[str], secret: str, set_clipboard: str, allow_passthrough: bool
) -> None:
    with (
        Tmux(tiny, set_clipboard=set_clipboard, allow_passthrough=allow_passthrough, cols=120) as tmux,
        Terminal(tmux.argv("attach"), env=tmux.env, cols=120) as outer,
    ):
        outer.wait_for("ready")
        outer.send("c")
        outer.wait_for("through tmux")
        outer.wait_for_bytes(osc_52_data(secret))
        assert outer.raw.count(b"\x1b]52;") == 1


def test_a_tmux_that_lets_nothing_through_shows_no_part_of_the_copy_either(tiny: list[str], secret: str) -> None:
    with (
        Tmux(tiny, set_clipboard="off", cols=120) as tmux,
        Terminal(tmux.argv("attach"), env=tmux.env, cols=120) as outer,
    ):
        outer.wait_for("ready")
        outer.send("c")
        outer.wait_for("Terminals may ignore that")
        assert osc_52_data(secret)[1:] not in outer.raw
        assert tmux.buffers() == []


@pytest.mark.parametrize("length", [20, 5000])
def test_a_copy_passes_gnu_screen_in_pieces_and_whole(tiny: list[str], tmp_path: Path, length: int) -> None:
    text = "x" * length
    folder = tmp_path / "sockets"
    folder.mkdir(mode=0o700)
    env = {"SCREENDIR": str(folder)}
    argv = ["screen", "-S", "cxtui-test", "-c", "/dev/null", "env"]
    with Terminal([*argv, *tiny[1:3], f"TINY_TEXT={text}", *tiny[3:]], env=env, cols=120) as outer:
        try:
            outer.wait_for("ready")
            outer.send("c")
            outer.wait_for("through screen")
            outer.wait_for_bytes(osc_52_data(text))
            assert not [line for line in outer.screen() if "eHh4" in line]
        finally:
            subprocess.run([*argv[:3], "-X", "quit"], env=environment(env), check=True)
