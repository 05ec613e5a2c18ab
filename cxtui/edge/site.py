"""What one edge is told that the database does not say: where it listens, where calls go, how its agent reaches it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path

from cxtui.models.errors import SentenceError

LISTEN = re.compile(r"(udp|tcp|tls):(\[[0-9a-fA-F:]+\]|[0-9.]+):([0-9]{1,5})\Z")
URI = re.compile(r"sip:[A-Za-z0-9.\-\[\]:]+(;transport=(udp|tcp|tls))?\Z")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}\Z")
REALM = re.compile(r"[A-Za-z0-9.-]{1,128}\Z")
NUMBER = re.compile(r"[A-Za-z0-9*#+._-]{1,32}\Z")
NETWORK = re.compile(r"[0-9a-fA-F.:]+(/[0-9]{1,3})?\Z")
_MODULES = "kamailio/modules"


class EdgeError(SentenceError):
    """An edge cannot be configured, started or reached; the message says why and what to do."""


def modules_folder() -> Path:
    """Where Debian keeps Kamailio's modules on this machine, or would."""
    found = sorted(Path("/usr/lib").glob(f"*-linux-gnu*/{_MODULES}"))
    return found[0] if found else Path(f"/usr/lib/{os.uname().machine}-linux-gnu", _MODULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The options of one edge.

    ``database`` is the path of the SQLite file or a ``postgres://`` URL, which may hold a password. ``locations`` is a
    folder for registrations, "" to forget them at each restart. ``listens`` are ``udp:ADDRESS:PORT`` and the
    like; ``control`` is where the agent's connection is taken, on loopback alone. ``core`` and ``voicemail`` are SIP
    URIs, "" for none. ``trusted`` are networks that are never blocked. ``ping_interval`` and ``block_seconds`` count
    seconds, ``reply_timeout`` milliseconds. Raises ``EdgeError`` for what Kamailio would refuse or misread.
    """

    name: str
    realm: str
    database: str = field(repr=False)
    run: Path
    listens: tuple[str, ...]
    control: str = "127.0.0.1:5448"
    secret: str = field(default="", repr=False)
    core: str = ""
    voicemail: str = ""
    voicemail_number: str = "*1"
    trusted: tuple[str, ...] = ()
    ping_interval: int = 60
    missed_pings: int = 3
    max_failures: int = 20
    max_unasked: int = 60
    block_seconds: int = 3600
    reply_timeout: int = 5000
    children: int = 4
    sha256: bool = False
    tls_certificate: str = ""
    tls_key: str = ""
    log: str = ""
    locations: str = ""
    modules: Path = field(default_factory=modules_folder)
    codecs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what Kamailio would misread."""
        _check(NAME.match(self.name), f"{self.name!r}: an edge is named with small letters, digits, . _ and -.")
        _check(REALM.match(self.realm), f"{self.realm!r}: a realm for the edge has letters, digits, . and - alone.")
        _check(self.listens, "Say where the edge listens, such as udp:203.0.113.1:5060.")
        for listen in self.listens:
            _check(_is_listen(listen), f"{listen!r}: an edge listens on udp:ADDRESS:PORT, tcp: or tls:.")
        host, _, port = self.control.rpartition(":")
        _check(host == "127.0.0.1" and _is_port(port), "The control connection stays on 127.0.0.1:PORT.")
        _check(re.fullmatch(r"[A-Za-z0-9_-]{16,128}", self.secret), "The secret of the agent has 16 to 128 characters.")
        for uri in (self.core, self.voicemail):
            _check(
                not uri or URI.match(uri), f"{uri!r}: a SIP address is sip:HOST:PORT, with ;transport=tcp if need be."
            )
        number = self.voicemail_number
        _check(NUMBER.match(number), f"{number!r}: the number of the voicemail has digits, letters and * # + . _ -.")
        for text in self.trusted:
            _check(_is_network(text), f"{text!r}: what is trusted is an address or a network.")
        if any(listen.startswith("tls:") for listen in self.listens):
            _check(self.tls_certificate and self.tls_key, "To listen on TLS, name the certificate and its key.")
        own = (self.database, str(self.run), self.tls_certificate, self.tls_key, self.log, self.locations)
        for path in (*own, str(self.modules)):
            _check(not set(path) & set("\"'!\n\r\\"), f"{path!r}: Kamailio's configuration cannot hold this path.")

    @property
    def control_port(self) -> int:
        """The port of the control connection."""
        return int(self.control.rpartition(":")[2])

    @property
    def core_host(self) -> str:
        """The host of the core, "" for none."""
        return host_of(self.core)


def host_of(uri: str) -> str:
    """The host in a SIP URI, without brackets."""
    rest = uri.removeprefix("sip:").split(";")[0]
    if rest.startswith("["):
        return rest[1:].split("]")[0]
    return rest.rpartition(":")[0] or rest


def _check(good: object, sentence: str) -> None:
    if not good:
        raise EdgeError(sentence)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535


def _is_listen(text: str) -> bool:
    found = LISTEN.match(text)
    if found is None or not _is_port(found[3]):
        return False
    try:
        ip_address(found[2].strip("[]"))
    except ValueError:
        return False
    return True


def _is_network(text: str) -> bool:
    if not NETWORK.match(text):
        return False
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
