"""The Kamailio configuration of one edge, made of the parts in ``switch/`` and of its site."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from pathlib import Path

from cxtui import __version__
from cxtui.rules.codecs import CODECS, removed_from_sdp

from .site import EdgeError, Site

PROBE = "cxtui-probe"
"""The number that the edge answers itself, for whoever proves a password."""

PACKAGES = (
    "kamailio",
    "kamailio-sqlite-modules",
    "kamailio-extra-modules",
    "kamailio-json-modules",
    "kamailio-utils-modules",
    "kamailio-tls-modules",
)
_POSTGRES = "kamailio-postgres-modules"
_PARTS = Path(__file__).parent / "switch"
_PLACE = re.compile(r"@([A-Z][A-Z0-9_]*)@")
_NOWHERE = "192.0.2.254"
"""An address of TEST-NET-1, where no call comes from (RFC 5737)."""

RINGING = 25_000
"""Milliseconds that a phone rings before its mailbox answers."""


def write_config(site: Site) -> str:
    """The whole configuration as text. Raises ``EdgeError`` where a part has a place that the site does not fill."""
    places = _places(site)
    template = "".join(part.read_text(encoding="utf-8") for part in sorted(_PARTS.glob("*.cfg")))

    def fill(found: re.Match[str]) -> str:
        return places[found[1]]

    return _PLACE.sub(fill, template)


def packages(site: Site) -> tuple[str, ...]:
    """The Debian packages that the configuration needs."""
    return (*PACKAGES, _POSTGRES) if _is_postgres(site) else PACKAGES


def _places(site: Site) -> dict[str, str]:
    postgres = _is_postgres(site)
    return {
        "VERSION": __version__,
        "NAME": site.name,
        "DB_URL": site.database if postgres else f"sqlite:///{site.database}",
        "DB_MODULE": "db_postgres.so" if postgres else "db_sqlite.so",
        "READ_ONLY": "" if postgres else f'modparam("db_sqlite", "db_set_readonly", "{site.database}")',
        "REALM": site.realm,
        "DEFINES": "\n".join(f"#!define {name}" for name in _defines(site)),
        "LOG_STDERR": "yes",
        "CHILDREN": str(site.children),
        "LISTENS": "\n".join(f"listen={listen}" for listen in site.listens),
        "MODULES": f"{site.modules}/",
        "TLS_CERTIFICATE": site.tls_certificate,
        "TLS_KEY": site.tls_key,
        "RUN": str(site.run),
        "CONTROL": site.control,
        "SECRET": site.secret,
        "LOCATIONS": site.locations,
        "PING_INTERVAL": str(site.ping_interval),
        "REPLY_TIMEOUT": str(site.reply_timeout),
        "BLOCK_SECONDS": str(site.block_seconds),
        "MAX_FAILURES": str(site.max_failures),
        "MAX_UNASKED": str(site.max_unasked),
        "TRUSTED": ",".join(_trusted(site)),
        "CORE": site.core,
        "CORE_HOST": _core_address(site) or _NOWHERE,
        "VOICEMAIL": site.voicemail,
        "VOICEMAIL_NUMBER": site.voicemail_number,
        "PROBE": PROBE,
        "HEXES": bytes(range(256)).hex(),
        "CODEC_FAMILIES": _families(site),
        "RINGING": str(RINGING),
    }


def _defines(site: Site) -> list[str]:
    wanted = {
        "WITH_CORE": site.core,
        "WITH_VOICEMAIL": site.voicemail,
        "WITH_SHA256": site.sha256,
        "WITH_TLS": site.tls_certificate,
        "WITH_LOCATIONS": site.locations,
    }
    return [name for name, value in wanted.items() if value]


def _core_address(site: Site) -> str:
    host = site.core_host
    if not host:
        return ""
    try:
        return str(ip_address(host))
    except ValueError:
        raise EdgeError(f"{host}: the core is named by its address, because its calls are known by it.") from None


def _trusted(site: Site) -> list[str]:
    """Networks that are never blocked, the narrowest first: the switch cuts an IPv6 address down to each in turn."""
    networks = (_core_address(site) or _NOWHERE, *site.trusted)
    return sorted(networks, key=lambda text: -ip_network(text, strict=False).prefixlen)


def _known(site: Site) -> str:
    return ",".join(site.codecs or (codec.value for codec in CODECS))


def _families(site: Site) -> str:
    """A line for each codec with variants: restricting it restricts them (C-08)."""
    lines = []
    for name in _known(site).split(","):
        leaving = removed_from_sdp(name)
        if len(leaving) > 1:
            pattern = re.escape(name).replace("\\-", "-")
            more = ",".join(leaving[1:])
            lines.append(f'  if ($avp(codecs) =~ "(^|,){pattern}(,|$)") {{ $var(gone) = $var(gone) + ",{more}"; }}')
    return "\n".join(lines)


def _is_postgres(site: Site) -> bool:
    return site.database.startswith("postgres://")
