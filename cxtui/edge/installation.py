"""Writing the files of an installed edge, and saying what is left to do for whoever is root."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from cxtui.rules.printable import clean

from .locations import make_folder
from .site import EdgeError
from .switch_config import packages, write_config
from .trial import switch_program
from .units import (
    CONFIG_FILE,
    LOCATIONS_FOLDER,
    SECRET_FILE,
    SWITCH_USER,
    Installation,
    agent_unit,
    logrotate,
    mark,
    switch_unit,
)

PACKAGES_FILE, ROTATION_FILE = "packages.txt", "logrotate.conf"
SWITCH_UNIT, AGENT_UNIT = "kamailio.service", "cxtui-agent.service"
SERVICES = f"{SWITCH_UNIT.removesuffix('.service')} {AGENT_UNIT.removesuffix('.service')}"

_OURS = "# Written by cxtui "
_FIRST_LINES = 400
_CHECK_SECONDS = 20
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}\Z")
_MOST_SECRET = 4096


def read_secret(path: Path) -> str:
    """The secret that a file holds. Raises ``EdgeError`` for a file that others may read, or that holds none."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o007:
                raise EdgeError(f"{path} can be read by everybody: chmod 600 {path}")
            secret = file.read(_MOST_SECRET).decode("ascii", "replace").strip()
    except OSError as problem:
        raise EdgeError(f"The secret of the agent cannot be read from {path}: {problem.strerror}.") from None
    if not _SECRET.match(secret):
        raise EdgeError(f"{path} holds no secret of an agent: remove it and run `cxtui edge config` again.")
    return secret


def write_files(installed: Installation, *, force: bool = False) -> list[str]:
    """Write everything into the folder; returns the names of the files.

    The secret is written where there is none. Raises ``EdgeError`` for a file that cxtui did not write, unless
    ``force``; nothing is written then.
    """
    folder, files = installed.folder, _files(installed)
    for name in files:
        if not force and not _is_ours(folder / name):
            raise EdgeError(f"{folder / name} was not written by cxtui: choose another folder, or --force.")
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            # Kamailio and the agent are two users; the files keep their own secrets.
            folder.chmod(0o755)
        for name, text in files.items():
            _write(folder / name, text, 0o640)
        if not (folder / SECRET_FILE).exists():
            _write(folder / SECRET_FILE, f"{installed.site.secret}\n", 0o600)
        make_folder(folder / LOCATIONS_FOLDER)
        (folder / LOCATIONS_FOLDER).chmod(0o755)
        for table in (folder / LOCATIONS_FOLDER).iterdir():
            table.chmod(0o644)
    except OSError as problem:
        raise EdgeError(f"{problem.filename or folder} cannot be written: {problem.strerror}.") from None
    return [*files, SECRET_FILE, LOCATIONS_FOLDER]


def check_config(path: Path) -> tuple[bool, str] | None:
    """Whether Kamailio takes a configuration, and what it says; None where it is not installed."""
    program = switch_program()
    if not program:
        return None
    try:
        done = subprocess.run(
            [program, "-c", "-f", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_CHECK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False, "it could not be asked"
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    wrong = [line.partition("]: ")[2] or line for line in lines if "ERROR" in line or "CRITICAL" in line]
    if done.returncode == 0:
        return True, "config file ok"
    return False, clean("; ".join(wrong[:3]))[:600] or f"exit code {done.returncode}"


def next_steps(installed: Installation) -> list[str]:
    """The commands that are left for root, in their order."""
    folder, site = installed.folder, installed.site
    home, database = quote(str(installed.database.parent)), quote(str(installed.database))
    keys = [quote(path) for path in (site.tls_certificate, site.tls_key) if path]

    def own(*names: str) -> str:
        return " ".join(quote(str(folder / name)) for name in names)

    return [
        f"apt-get install {' '.join(packages(site))}",
        # New files of SQLite beside the database take its mode, and the group of a folder with the setgid bit.
        f"chgrp {SWITCH_USER} {home} {database}*",
        f"chmod 2750 {home}",
        f"chmod 0640 {database}*",
        f"chgrp {SWITCH_USER} {' '.join([own(CONFIG_FILE), *keys])}",
        *([f"chmod g+r {' '.join(keys)}"] if keys else []),
        f"chown {installed.owner} {own(SECRET_FILE)}",
        f"install -m 0640 -o {installed.owner} -g {SWITCH_USER} /dev/null {quote(str(installed.log))}",
        f"install -m 0644 {own(ROTATION_FILE)} /etc/logrotate.d/cxtui-{site.name}",
        f"install -m 0644 -t /etc/systemd/system {own(SWITCH_UNIT, AGENT_UNIT)}",
        "systemctl daemon-reload",
        f"systemctl enable {SERVICES}",
        f"systemctl restart {SERVICES}",
    ]


def doubts(installed: Installation) -> list[str]:
    """What will keep the edge from working, as sentences."""
    found = [
        f"The user {SWITCH_USER} cannot pass {parent}: keep the database under /var/lib/cxtui."
        for parent in installed.database.parents[1:]
        if not parent.stat().st_mode & 0o001
    ]
    if installed.database.parent.stat().st_mode & 0o002:
        found.append(f"Everybody may write to {installed.database.parent}: give the database a folder of its own.")
    return found


def _files(installed: Installation) -> Mapping[str, str]:
    listed = "\n".join((mark(installed.site), *packages(installed.site), ""))
    return {
        CONFIG_FILE: write_config(installed.site),
        SWITCH_UNIT: switch_unit(installed),
        AGENT_UNIT: agent_unit(installed),
        ROTATION_FILE: logrotate(installed),
        PACKAGES_FILE: listed,
    }


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _OURS.encode() in file.read(_FIRST_LINES)
    except FileNotFoundError:
        return True
    except OSError as problem:
        raise EdgeError(f"{path} cannot be read: {problem.strerror}.") from None


def _write(path: Path, text: str, mode: int) -> None:
    """Write in place: an owner and a group that were given to the file stay."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
