"""A switch in the foreground, beside its agent, on chosen addresses: to try an edge without installing one."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from errno import EADDRINUSE
from pathlib import Path
from typing import IO

from cxtui.rules.printable import clean

from .lifeline import GRACE, mortal
from .locations import make_folder
from .site import EdgeError, Site
from .switch_config import packages, write_config

_START = 10.0
_LOOK = 0.05
_RELEASE = 2.0
"""Seconds that the system may take to free the ports of processes that were just killed."""

_SHARED_MEMORY = "256"
_PRIVATE_MEMORY = "64"
MEMORY = ("-m", _SHARED_MEMORY, "-M", _PRIVATE_MEMORY)
"""Kamailio's memory in MB: what all its processes share, and what each has. 64 carry 50 000 addresses."""

_LONGEST_FOLDER = 107 - len("/kamailio_rpc.sock")
"""Bytes of the path of a folder in which Unix sockets can be made (unix(7))."""

_LAST_LINES = 3
_LOG_TAIL = 65_536
_LONGEST_LOG = 32 << 20
_NO_MODULE = "could not find module"


class Trial:
    """Kamailio as a child process, with all its files in the folder of the site; it runs as whoever runs this."""

    def __init__(self, site: Site, program: str = "") -> None:
        self.site = site
        self._program = program or switch_program()
        self._process: asyncio.subprocess.Process | None = None
        self._lifeline: IO[bytes] | None = None
        self._logged = 0

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
            raise EdgeError(f"Kamailio is not installed: apt-get install {' '.join(packages(self.site))}")
        if len(os.fsencode(self.site.run)) > _LONGEST_FOLDER:
            raise EdgeError(f"{self.site.run} is too long a path for sockets: name another folder with --run.")
        config = self._write()
        self._end_old(config)
        await self._until_free()
        places = ("-P", str(self.site.run / "kamailio.pid"), "-Y", str(self.site.run), "-w", str(self.site.run))
        self._logged = self._trim_log()
        ends_with, self._lifeline = _pipe()
        with ends_with, self.log.open("ab") as log, self._held_open():
            self._process = await asyncio.create_subprocess_exec(
                *mortal([self._program, "-f", str(config), "-DD", "-E", *MEMORY, *places]),
                stdin=ends_with, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
            try:
                await self._until_ready()
            except BaseException:
                await self.stop()
                raise

    @contextmanager
    def _held_open(self) -> Iterator[None]:
        """Keep the database in use: its first users at once, as the switch's processes are, would find it locked."""
        path = Path(self.site.database)
        if not path.is_file():
            yield
            return
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as link:
            with suppress(sqlite3.Error):
                link.execute("SELECT 1 FROM switch_state").fetchone()
            yield

    async def wait(self) -> int:
        """Wait until the switch has ended; its exit code. Processes that it left behind are ended."""
        process = self._process
        if process is None:
            return 0
        code = await process.wait()
        _end_group(process.pid)
        if self._lifeline is not None:
            self._lifeline.close()
        return code

    async def stop(self) -> None:
        """End the switch: politely, then not."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(asyncio.shield(process.wait()), GRACE)
            except TimeoutError:
                _end_group(process.pid)
        await self.wait()
        self._process = None

    def _write(self) -> Path:
        self.site.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        config = self.site.run / "kamailio.cfg"
        config.touch(mode=0o600)
        config.write_text(write_config(self.site), encoding="utf-8")
        if self.site.locations:
            make_folder(Path(self.site.locations))
        return config

    def _end_old(self, config: Path) -> None:
        """A switch that outlived its console still has the ports; it is known by the configuration it was given."""
        wanted = os.fsencode(config)
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if wanted in words and words[0].endswith(b"kamailio"):
                    os.kill(int(folder.name), signal.SIGKILL)

    async def _until_free(self) -> None:
        """Raise ``EdgeError`` for an address that cannot be listened on."""
        deadline = asyncio.get_running_loop().time() + _RELEASE
        for listen in (*self.site.listens, f"tcp:{self.site.control}"):
            while problem := unusable(listen):
                if problem.errno != EADDRINUSE:
                    raise EdgeError(f"The edge cannot listen on {listen}: {problem.strerror}.")
                if asyncio.get_running_loop().time() > deadline:
                    raise EdgeError(f"{listen} is in use by another program: choose another address or port.")
                await asyncio.sleep(_LOOK)

    async def _until_ready(self) -> None:
        deadline = asyncio.get_running_loop().time() + _START
        while asyncio.get_running_loop().time() < deadline:
            if self._process is not None and self._process.returncode is not None:
                raise EdgeError(f"Kamailio ended at once: {self.last_words()}")
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.site.control_port)
                writer.close()
                return
            await asyncio.sleep(_LOOK)
        raise EdgeError(f"Kamailio was not ready after {_START:g} s: {self.last_words()}")

    def _trim_log(self) -> int:
        """The length of the log so far; one that has grown too long begins anew."""
        size = self.log.stat().st_size if self.log.exists() else 0
        if size > _LONGEST_LOG:
            self.log.unlink()
            size = 0
        return size

    def last_words(self) -> str:
        """The last errors since the start, cleaned, in one line."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(self._logged, self.log.stat().st_size - _LOG_TAIL))
                lines = log.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return "it left no log"
        errors = [line for line in lines if "ERROR" in line or "CRITICAL" in line]
        if any(_NO_MODULE in line for line in errors):
            return f"modules are missing: apt-get install {' '.join(packages(self.site))}"
        return clean("; ".join(errors[-_LAST_LINES:]))[:600] or "it said nothing"


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    """The read and the write end of a new pipe."""
    read, write = os.pipe()
    return os.fdopen(read, "rb", 0), os.fdopen(write, "wb", 0)


def switch_program() -> str:
    """The path of Kamailio, "" where it is not installed; /usr/sbin is not on every PATH."""
    return shutil.which("kamailio") or shutil.which("kamailio", path="/usr/sbin") or ""


def _end_group(pid: int) -> None:
    """Kill what is left of a switch; the number is that of its group as long as one of it lives."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def unusable(listen: str) -> OSError | None:
    """Why nobody can listen there ("udp:ADDRESS:PORT"), None where one can."""
    transport, _, place = listen.partition(":")
    host, _, port = place.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    try:
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:
                # Connections that were closed a moment ago do not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), int(port)))
    except OSError as problem:
        return problem
    return None
