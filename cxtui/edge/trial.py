"""A switch in the foreground, beside its agent, on chosen addresses: to try an edge without installing one."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

from .site import EdgeError, Site
from .switch_config import write_config

_START = 10.0
_STOP = 5.0
_LOOK = 0.05
_SHARED_MEMORY = "256"
_PRIVATE_MEMORY = "64"
_LAST_LINES = 3


class Trial:
    """Kamailio as a child process, with all its files in the folder of the site."""

    def __init__(self, site: Site, program: str = "") -> None:
        self.site = site
        self._program = program or shutil.which("kamailio") or shutil.which("kamailio", path="/usr/sbin") or ""
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> Path:
        """Where Kamailio writes what it says."""
        return self.site.run / "kamailio.log"

    @property
    def pid(self) -> int:
        """The process id of the running switch, 0 where there is none."""
        return self._process.pid if self._process is not None and self._process.returncode is None else 0

    async def start(self) -> None:
        """Start the switch and wait until it takes the agent's connection. Raises ``EdgeError``."""
        if not self._program:
            raise EdgeError(
                "Kamailio is not installed: apt-get install kamailio and its modules (cxtui edge packages)."
            )
        config = self._write()
        self._end_old()
        memory = ("-m", _SHARED_MEMORY, "-M", _PRIVATE_MEMORY)
        places = ("-P", str(self._pid_file), "-Y", str(self.site.run), "-w", str(self.site.run))
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                self._program, "-f", str(config), "-DD", "-E", *memory, *places,
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        await self._until_ready()

    async def wait(self) -> int:
        """Wait until the switch has ended; its exit code."""
        return await self._process.wait() if self._process is not None else 0

    async def stop(self) -> None:
        """End the switch: politely, then not."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    @property
    def _pid_file(self) -> Path:
        return self.site.run / "kamailio.pid"

    def _write(self) -> Path:
        self.site.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        config = self.site.run / "kamailio.cfg"
        config.touch(mode=0o600)
        config.write_text(write_config(self.site), encoding="utf-8")
        return config

    def _end_old(self) -> None:
        """A switch that outlived its console still has the ports; it is known by the folder it was started with."""
        try:
            pid = int(self._pid_file.read_text())
            mine = str(self.site.run).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        if mine:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(os.getpgid(pid), signal.SIGKILL)

    async def _until_ready(self) -> None:
        deadline = asyncio.get_running_loop().time() + _START
        while asyncio.get_running_loop().time() < deadline:
            if self._process is not None and self._process.returncode is not None:
                raise EdgeError(f"Kamailio ended at once: {self._last_words()}")
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.site.control_port)
                writer.close()
                return
            await asyncio.sleep(_LOOK)
        raise EdgeError(f"Kamailio was not ready after {_START:g} s: {self._last_words()}")

    def _last_words(self) -> str:
        from cxtui.rules.printable import clean

        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "it left no log"
        errors = [line for line in lines if "ERROR" in line or "CRITICAL" in line]
        return clean("; ".join(errors[-_LAST_LINES:]))[:600] or "it said nothing"
