"""Real phones for the demo: baresip without a sound device, which registers, answers, and can be told to call."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

from cxtui.edge.lifeline import mortal
from cxtui.edge.netstring import frame

PACKAGE = "baresip-core"

_PORT, _CONTROL = 5060, 4444
_EXPIRES = 60
_GRACE = 1.5
_ASK = 1.0

# It wants an address for an interface; a bridge instead of a sound card returns what it hears.
_CONFIG = """\
poll_method epoll
net_interface {address}
sip_listen {address}:{port}
call_max_calls 4
audio_player aubridge,none
audio_source aubridge,none
audio_alert aubridge,none
ctrl_tcp_listen {address}:{control}
module_path {modules}
module g711.so
module uuid.so
module aubridge.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
"""
_ACCOUNT = (
    "<sip:{user}@{realm};transport=udp>;auth_user={user};auth_pass={password};regint={expires};"
    'outbound="sip:{edge};transport=udp";answermode=auto\n'
)
_MODULES = ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules")


class Phone:
    """One phone with an account at the edge ("address:port"), at a loopback address of its own.

    Its files, the password among them, are in ``folder``, which is made for it and goes with it.
    """

    def __init__(self, folder: Path, user: str, password: str, *, realm: str, edge: str, address: str) -> None:
        self.user = user
        self.address = address
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, mode=0o700)
        modules = next((path for path in _MODULES if Path(path).is_dir()), _MODULES[0])
        config = _CONFIG.format(address=address, port=_PORT, control=_CONTROL, modules=modules)
        (folder / "config").write_text(config, encoding="ascii")
        (folder / "contacts").touch()
        (folder / "accounts").touch(mode=0o600)
        account = _ACCOUNT.format(user=user, realm=realm, password=password, expires=_EXPIRES, edge=edge)
        (folder / "accounts").write_text(account, encoding="ascii")

    def __repr__(self) -> str:
        """Who it is."""
        return f"Phone({self.user} at {self.address})"

    @property
    def pid(self) -> int:
        """Its process, 0 while it is off."""
        return self._process.pid if self._process is not None and self._process.poll() is None else 0

    def switch_on(self) -> None:
        """Start it; it registers by itself. It ends with the process that calls this."""
        if self.pid:
            return
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                mortal([program(), "-f", str(self._folder)]),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env={"PATH": os.environ.get("PATH", ""), "HOME": str(self._folder), "TERM": "dumb", "LC_ALL": "C"},
                start_new_session=True,
            )

    def lose_power(self) -> None:
        """End it without a word to the edge."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
            self._process = None

    def dial(self, uri: str) -> None:
        """Call somebody."""
        self._tell("dial", uri)

    def hang_up(self) -> None:
        """End the call."""
        self._tell("hangup", "")

    def switch_off(self) -> None:
        """End it politely, so that it deregisters, and remove its files."""
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
            self.lose_power()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _tell(self, command: str, params: str) -> None:
        with suppress(OSError), socket.create_connection((self.address, _CONTROL), _ASK) as link:
            link.sendall(frame(json.dumps({"command": command, "params": params}).encode()))
            # It hangs up on whoever does not wait for its answer, before it has done anything.
            link.settimeout(_ASK)
            link.recv(4096)


def program() -> str:
    """The path of baresip, "" where it is not installed."""
    return shutil.which("baresip") or ""
