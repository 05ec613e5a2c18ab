"""The services of an installed edge, as systemd reads them: Kamailio, and the agent beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cxtui import __version__

from .site import Site
from .trial import MEMORY

SWITCH_USER = "kamailio"
RUN = Path("/run/kamailio")
STATE = Path("/var/lib/kamailio")
LOCATIONS = STATE / "locations"
SWITCH = "/usr/sbin/kamailio"
CONFIG_FILE, SECRET_FILE, LOCATIONS_FOLDER = "kamailio.cfg", "agent.secret", "locations"

_PLAIN = re.compile(r"[A-Za-z0-9_./:,=@+-]+\Z")
_HOMES = ("/home/", "/root/", "/run/user/")
_TEMPORARY = ("/tmp/", "/var/tmp/")
_RESERVED = 1024
"""Ports below need a capability."""

_HARDENING = """\
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome={home}
PrivateTmp={tmp}
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
CapabilityBoundingSet={capabilities}
UMask=0027
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One installed edge: its site, and what only this machine knows.

    ``folder`` holds the files that ``cxtui edge config`` writes. ``database`` is cxtui's file, whose ``owner`` the
    agent runs as; ``program`` are the words that start cxtui. ``log`` is where Kamailio's messages go.
    """

    site: Site
    folder: Path
    database: Path
    owner: str
    program: tuple[str, ...]
    log: Path


def switch_unit(installed: Installation) -> str:
    """Kamailio as a service: it runs as its own user, and may write nowhere but to its run and state folders."""
    site, folder = installed.site, installed.folder
    places = ("-P", str(RUN / "kamailio.pid"), "-Y", str(RUN), "-w", str(RUN))
    begin = [SWITCH, "-f", str(folder / CONFIG_FILE), "-DD", "-E", *MEMORY, *places]
    capabilities = "CAP_NET_BIND_SERVICE" if any(_port(listen) < _RESERVED for listen in site.listens) else ""
    paths = (folder, installed.database, Path(site.tls_certificate), Path(site.tls_key))
    lines = [
        *_head(site, f"SIP edge {site.name}: Kamailio"),
        "After=network-online.target",
        "Wants=network-online.target",
        *_SERVICE,
        f"User={SWITCH_USER}",
        f"Group={SWITCH_USER}",
        f"RuntimeDirectory={RUN.name}",
        "RuntimeDirectoryMode=0750",
        f"StateDirectory={STATE.name}",
        "StateDirectoryMode=0700",
        # Empty tables, where there are none yet; what is registered stays.
        f"ExecStartPre=-/bin/cp -r --no-clobber {_words([str(folder / LOCATIONS_FOLDER), str(STATE)])}",
        *_companions(installed),
        f"ExecStart={_words(begin)}",
        *_RESTART,
        # A switch that is told to end while it starts may spin instead, and fill its log with it.
        "TimeoutStopSec=10",
        f"StandardError=append:{_specifiers(str(installed.log))}",
        "LimitNOFILE=65536",
        *([f"AmbientCapabilities={capabilities}"] if capabilities else []),
        *_hardening(paths, capabilities),
        *_INSTALL,
    ]
    return "\n".join(lines)


def agent_unit(installed: Installation) -> str:
    """The agent as a service: it runs as the owner of the database, and may write nowhere but beside it."""
    site, folder = installed.site, installed.folder
    options = {
        "name": site.name,
        "control": site.control,
        "secret-file": str(folder / SECRET_FILE),
        "ping-interval": str(site.ping_interval),
        "missed-pings": str(site.missed_pings),
        "block-seconds": str(site.block_seconds),
        "listens": " ".join(site.listens),
        "switch-log": str(installed.log),
    }
    given = [word for name, value in options.items() for word in (f"--{name}", value)]
    begin = [*installed.program, "--db", str(installed.database), "agent", *given]
    paths = (folder, installed.database, *(Path(word) for word in installed.program))
    lines = [
        *_head(site, f"cxtui agent of the SIP edge {site.name}"),
        "After=kamailio.service",
        *_SERVICE,
        f"User={installed.owner}",
        f"ExecStart={_words(begin)}",
        *_RESTART,
        f"ReadWritePaths={_words([str(installed.database.parent)])}",
        *_hardening(paths, ""),
        *_INSTALL,
    ]
    return "\n".join(lines)


def logrotate(installed: Installation) -> str:
    """How the log is kept short; Kamailio holds it open, so it is copied and cut."""
    rules = ("daily", "rotate 14", "maxsize 100M", "compress", "missingok", "notifempty", "copytruncate")
    inner = "\n".join(f"  {rule}" for rule in rules)
    return f'{mark(installed.site)}\n"{installed.log}" {{\n{inner}\n}}\n'


def mark(site: Site) -> str:
    """The line by which cxtui knows a file that it wrote."""
    return f'# Written by cxtui {__version__} for the edge "{site.name}".'


_SERVICE = ("StartLimitIntervalSec=0", "", "[Service]", "Type=simple")
_RESTART = ("Restart=always", "RestartSec=1")
_INSTALL = ("", "[Install]", "WantedBy=multi-user.target", "")


def _head(site: Site, description: str) -> Iterable[str]:
    change = "# Change the options of `cxtui edge config` and write it anew."
    return (mark(site), change, "[Unit]", f"Description={description}")


def _companions(installed: Installation) -> list[str]:
    """The two files beside a database in WAL mode, made for its owner where there are none.

    Kamailio may not make them and cannot read without them: so it starts even while nobody else has the database open.
    """
    if installed.site.database != str(installed.database):
        return []
    make = 'touch "$$file" && chmod --reference="$$1" "$$file" && chown --reference="$$1" "$$file"'
    loop = f'for file in "$$1-wal" "$$1-shm"; do [ -e "$$file" ] || {{ {make}; }}; done'
    return [f"ExecStartPre=+/bin/sh -c '{loop}' sh {_words([str(installed.database)])}"]


def _hardening(paths: Sequence[Path], capabilities: str) -> list[str]:
    """What the service may not do; folders that hold what it needs are left to it."""
    names = [str(path) for path in paths]
    home = "read-only" if any(name.startswith(_HOMES) for name in names) else "yes"
    tmp = "no" if any(name.startswith(_TEMPORARY) for name in names) else "yes"
    return _HARDENING.format(home=home, tmp=tmp, capabilities=capabilities).splitlines()


def _words(words: Iterable[str]) -> str:
    """Words as systemd takes them apart (systemd.service(5), command lines)."""
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    if _PLAIN.match(word):
        return word
    quoted = word.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{_specifiers(quoted)}"'


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _port(listen: str) -> int:
    return int(listen.rpartition(":")[2])
