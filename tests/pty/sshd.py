"""A real sshd on loopback with throwaway keys, for the user who runs the tests."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.edge.clients import ports
from tests.pty.terminal import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/client.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
"""


class Sshd:
    """The server; entering the context starts it and waits until it greets, leaving it ends it and burns the keys."""

    def __init__(self) -> None:
        """Nothing is started yet."""
        self.port = 0

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="cxtui-sshd-")
        self._folder = Path(self._temporary.name)
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
        assert program, "sshd is not installed: the package is openssh-server"
        for name in ("host", "client"):
            argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(self._folder / name)]
            subprocess.run(argv, check=True)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # its privilege separation wants that folder as root
        self.port = ports.free()
        config = self._folder / "sshd_config"
        config.write_text(_CONFIG.format(port=self.port, folder=self._folder))
        host_key = " ".join((self._folder / "host.pub").read_text().split()[:2])
        (self._folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {host_key}\n")
        self._log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen([program, "-D", "-e", "-f", str(config)], stderr=self._log)
        wait_until(self._greets, "sshd's greeting")

    def _greets(self) -> bool:
        assert self._process.poll() is None, f"sshd ended: {(self._folder / 'log').read_text()}"
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def __exit__(self, *_: object) -> None:
        """End the server; sessions that are still open end with their clients."""
        if process := getattr(self, "_process", None):
            process.terminate()
            process.wait()
            self._log.close()
        self._temporary.cleanup()

    def command(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None, tty: bool = True) -> list[str]:
        """The ssh command line that runs `argv` on the server, with variables `env` set there."""
        variables = [f"{name}={value}" for name, value in (env or {}).items()]
        remote = shlex.join(["env", *variables, *argv])
        options = ["BatchMode=yes", "StrictHostKeyChecking=yes", f"UserKnownHostsFile={self._folder / 'known_hosts'}"]
        return [
            *("ssh", "-F", "/dev/null", "-q", "-e", "none", "-i", str(self._folder / "client")),
            *(word for option in options for word in ("-o", option)),
            *("-tt" if tty else "-T", "-p", str(self.port), f"{getpass.getuser()}@127.0.0.1", remote),
        ]
