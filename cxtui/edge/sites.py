"""Sites as a database and this machine decide them: the realm, the codecs, a secret, a free port."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from typing import Any

from cxtui.services.codecs import FIELD, known_codecs
from cxtui.services.context import Context
from cxtui.services.credentials import realm_of

from .site import Site
from .station import Post


def trial_site(context: Context, run: Path, name: str, listens: tuple[str, ...], **more: Any) -> Site:
    """A site for the foreground: its files in ``run``, a secret and a control port of this run alone.

    ``more`` are other options of ``Site``. Raises ``EdgeError``.
    """
    known = {
        "realm": realm_of(context),
        "database": str(context.database.path),
        "control": f"127.0.0.1:{free_port()}",
        "secret": new_secret(),
        "codecs": codec_names(context),
    }
    return Site(**{**known, "name": name, "run": run, "listens": listens, **more})


def new_secret() -> str:
    """A secret for an agent that nobody can guess."""
    return secrets.token_urlsafe(32)


def codec_names(context: Context) -> tuple[str, ...]:
    """The codecs of this installation, which the switch has to know to remove them."""
    return tuple(choice.value for choice in known_codecs(context)[FIELD])


def post_of(site: Site, log: Path | None) -> Post:
    """Where the agent of a site stands."""
    return Post(
        name=site.name,
        port=site.control_port,
        secret=site.secret,
        ping_interval=site.ping_interval,
        missed_pings=site.missed_pings,
        block_seconds=site.block_seconds,
        listens=" ".join(site.listens),
        log=log,
    )


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on now."""
    with socket.create_server((host, 0)) as taken:
        return int(taken.getsockname()[1])
