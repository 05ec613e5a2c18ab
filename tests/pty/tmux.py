"""A tmux server of a test's own: private socket, no user configuration, gone with the test."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from typing import TYPE_CHECKING, Self

from tests.pty.terminal import environment, wait_until

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence

_SOCKET = "cxtui-test"


class Tmux:
    """One session running one program; `set_clipboard` is "on", "external" (tmux's default) or "off"."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cols: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        set_clipboard: str = "external",
        allow_passthrough: bool = False,
    ) -> None:
        """Say what to run, with `env` on top of `environment()`; entering the context starts it."""
        self._folder = tempfile.TemporaryDirectory(prefix="cxtui-tmux-")
        self._env = {**environment(env), "TMUX_TMPDIR": self._folder.name}
        # One call, so that the options hold before the program starts.
        self._start = [
            *("start-server", ";", "set", "-g", "set-clipboard", set_clipboard, ";"),
            *("set", "-g", "allow-passthrough", "on" if allow_passthrough else "off", ";"),
            *("set", "-g", "escape-time", "0", ";"),
            *("new-session", "-d", "-x", str(cols), "-y", str(rows), shlex.join(argv)),
        ]

    def __enter__(self) -> Self:
        try:
            self.run(*self._start)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End the server with all it runs."""
        subprocess.run(self.argv("kill-server"), env=self._env, capture_output=True, check=False)
        self._folder.cleanup()

    def argv(self, *command: str) -> list[str]:
        """The command line for a tmux command on this server, such as `attach` in an outer terminal."""
        return ["tmux", "-L", _SOCKET, "-f", "/dev/null", *command]

    @property
    def env(self) -> dict[str, str]:
        """The variables a client of this server needs."""
        return {"TMUX_TMPDIR": self._folder.name}

    def run(self, *command: str) -> str:
        """Run a tmux command; its output. Fails with tmux's own words."""
        done = subprocess.run(self.argv(*command), env=self._env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"tmux {command[0]}: {done.stderr.strip()}"
        return done.stdout

    def send_keys(self, *keys: str) -> None:
        """Press keys by tmux's names (Enter, Escape, C-p, a)."""
        self.run("send-keys", *keys)

    def capture(self) -> list[str]:
        """The pane's lines."""
        return self.run("capture-pane", "-p").splitlines()

    def wait_for(self, what: str | re.Pattern[str]) -> None:
        """Return once the pane shows a text, or something a pattern finds."""
        if isinstance(what, str):
            wait_until(lambda: what in "\n".join(self.capture()), repr(what))
        else:
            wait_until(lambda: what.search("\n".join(self.capture())), what.pattern)

    def buffers(self) -> list[str]:
        """The text of every paste buffer, newest first."""
        names = self.run("list-buffers", "-F", "#{buffer_name}").split()
        return [self.run("show-buffer", "-b", name) for name in names]

    def resize(self, cols: int, rows: int) -> None:
        """Change the window's size."""
        self.run("resize-window", "-x", str(cols), "-y", str(rows))
